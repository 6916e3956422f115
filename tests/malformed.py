"""Host lists that are wrong somewhere: made by hand, and by mutating good ones with a seed."""

from __future__ import annotations

import random

GOOD = (
    b"127.0.0.1:22,80,8000-8100 open\n[::1]:443\n127.0.0.0/30 # a network\n",
    b"localhost:http*\n127.0.0,1.1-20:1\nfe80::1%eth0\n",
    b"\xef\xbb\xbf127.0.0.1:5432 open <50ms\r\n127.0.0.2:3306 closed|filtered\r\n",
    b"127.0.0.1:[1-1024]\n\n   # note\n\t127.0.0.3:- closed\n",
)
BY_HAND = {
    "a control character": b"127.0.0.1\x07\n",
    "an escape sequence": b"\x1b]0;title\x07127.0.0.1\n",
    "a lone carriage return": b"127.0.0.1\r127.0.0.2\n",
    "NUL": b"127.0.0.1\n\x00\n",
    "only NUL": b"\x00" * 5000,
    "a huge port": b"127.0.0.1:" + b"9" * 60_000 + b"\n",
    "a huge octet": b"127.0.0." + b"9" * 60_000 + b"\n",
    "a huge prefix": b"127.0.0.0/" + b"9" * 60_000 + b"\n",
    "a huge latency": b"127.0.0.1:1 open <" + b"9" * 60_000 + b"\n",
    "a port below none": b"127.0.0.1:-1-2\n",
    "ranges in ranges": b"127.0.0.1-2-3-4-5-6\n",
    "deep ports": b"127.0.0.1:" + b"1-2," * 10_000 + b"x\n",
    "deep octets": b"127.0.0." + b"1-2," * 10_000 + b"x\n",
    "deep brackets": b"[" * 30_000 + b"::1" + b"]" * 30_000 + b"\n",
    "a bracket that stays open": b"[::1\n",
    "a bracket that was not open": b"::1]:80\n",
    "brackets the wrong way": b"]::1[:80\n",
    "a port bracket that stays open": b"127.0.0.1:[1-1024\n",
    "invalid UTF-8": b"127.0.0.1\n\xff\xfe\xfa\n",
    "UTF-8 cut short": b"127.0.0.1\nh\xc3\n",
    "a surrogate in UTF-8": b"\xed\xa0\x80\n",
    "over-long UTF-8": b"\xc0\xaf\n",
    "UTF-16": "127.0.0.1\n".encode("utf-16"),
    "a line without end": b"x" * 200_000,
    "a line of blanks without end": b" " * 200_000,
    "a line of targets without end": b"127.0.0.1 " * 20_000 + b"\n",
    "a label without end": b"a" * 64 + b"\n",
    "a name without end": b"a." * 127 + b"a\n",
    "dots": b"..........\n",
    "commas": b",,,,,,,,,,\n",
    "colons": b"::::::::::\n",
    "slashes": b"//////////\n",
    "stars": b"*.*.*.*.*\n",
    "a hyphen": b"-\n",
    "a colon": b":\n",
    "a per cent sign": b"%\n",
    "a zone without end": b"fe80::1%" + b"z" * 5000 + b"\n",
    "two zones": b"fe80::1%a%b\n",
    "a wide IPv6 network": b"2001:db8::/16\n",
    "eight groups and one": b"1:2:3:4:5:6:7:8:9\n",
    "two gaps": b"1::2::3\n",
    "a URL": b"https://user:password@127.0.0.1:443/path?query#fragment\n",
    "a path": b"/etc/passwd\n",
    "a shell command": b"$(reboot)\n`reboot`\n;reboot\n",
    "JSON": b'{"hosts": ["127.0.0.1"]}\n',
    "YAML": b"hosts:\n  - 127.0.0.1\n",
    "CSV with quotes": b'"127.0.0.1";"22"\n',
    "an expectation first": b"<50ms 127.0.0.1\n",
    "two expectations": b"127.0.0.1:1 open closed\n",
    "a latency of what is closed": b"127.0.0.1:1 closed <5ms\n",
    "a latency without a unit": b"127.0.0.1:1 open <5\n",
    "a full-width digit": "127.0.0.\uff11\n".encode(),
    "a soft hyphen": "local\u00adhost\n".encode(),
    "right to left": "\u202e1.0.0.721\n".encode(),
    "an emoji": "\U0001f4a9\n".encode(),
    "a no-break space": "127.0.0.1\u00a022\n".encode(),
    "another line separator": "127.0.0.1\u2028127.0.0.2\n".encode(),
    "a second byte order mark": "\ufeff\ufeff127.0.0.1\n".encode(),
    "many bad lines": b"bad!host\n" * 20_000,
}
_PIECES = (
    b":", b"::", b"[", b"]", b"-", b",", b".", b"/", b"%", b"*", b"<", b"|", b"#", b"\x00", b"\x7f",
    b"\r", b"\xff", b"\xc3", b"\xe2\x80\xae", b"99999999999999999999", b"-1", b"1-", b"/999", b"://",
    b"open", b"T:", b"U:1", b"!", b"'", b"\\", b"\x1b[2J", b"=", b"@",
)  # fmt: skip


def mutants(count: int, seed: int) -> dict[str, bytes]:
    """Good lists with some changes each; not all of them are wrong."""
    chance = random.Random(seed)
    return {f"mutant {number}": _mutant(chance) for number in range(count)}


def _mutant(chance: random.Random) -> bytes:
    text = bytearray(chance.choice(GOOD))
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(text) + 1)
        piece = chance.choice(_PIECES)
        match chance.randrange(5):
            case 0 | 1:
                text[place:place] = piece
            case 2:
                text[place : place + chance.randint(1, 6)] = b""
            case 3:
                text[place : place + 1] = piece * chance.choice((1, 1, 2, 300))
            case _:
                text[place:place] = text[:place][-chance.randint(1, 40) :]
    return bytes(text)

"""Archives and encodings: what they come to with each engine, and that both agree."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import shutil
import subprocess
import tarfile
import threading
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from code_ops import _engine
from code_ops.errors import EngineError
from code_ops.logs import LogAnalyzer

LINE = "2026-11-20T10:00:00Z ERROR [a] café {}\n"
# The last has no end of line, the second is empty, and the fourth has a byte order mark.
FILES = {
    "logs/a.log": LINE.format(1) * 3,
    "logs/empty.log": "",
    "logs/b.log": LINE.format(2) + LINE.format(3).rstrip("\n"),
    "c.log": "\ufeff" + LINE.format(4) * 2,
    "d.log": LINE.format(5).rstrip("\n"),
}
ERRORS = 8
has_native = pytest.mark.skipif(
    _engine.native_error() is not None, reason="the rust engine does not import"
)


class Unseekable(io.RawIOBase):
    """A pipe to an archive's writer: sizes are then told behind the files."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.data += data
        return len(data)


def zipped(
    files: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED, **options: Any
) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.mkdir("folder")
        for name, text in files.items():
            with archive.open(zipfile.ZipInfo(name), "w", **options) as member:
                data = text.encode() if isinstance(text, str) else text
                member.write(data)
    return buffer.getvalue()


def deflated(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def piped_zip(files: dict[str, str]) -> bytes:
    pipe = Unseekable()
    with zipfile.ZipFile(cast("Any", pipe), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return bytes(pipe.data)


def tarred(files: dict[str, Any], form: int = tarfile.PAX_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        folder = tarfile.TarInfo("logs")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        link = tarfile.TarInfo("latest.log")
        link.type, link.linkname = tarfile.SYMTYPE, "a.log"
        archive.addfile(link)
        for name, text in files.items():
            data = text.encode() if isinstance(text, str) else text
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


LONG = {f"{'x' * 90}/{'y' * 90}/{index}-ü.log": text for index, text in enumerate(FILES.values())}
MAC = {"__MACOSX/logs/._a.log": "\0\5\x16\7", "._c.log": "\0\5", **FILES}
ARCHIVES = {
    "zip": lambda: zipped(FILES),
    "zip, deflated": lambda: deflated(FILES),
    "zip, stored": lambda: zipped(FILES, zipfile.ZIP_STORED),
    "zip from a pipe": lambda: piped_zip(FILES),
    "zip64": lambda: zipped(FILES, force_zip64=True),
    "zip of macOS": lambda: deflated(MAC),
    "zip with long names": lambda: deflated(LONG),
    "tar of POSIX": lambda: tarred(FILES, tarfile.USTAR_FORMAT),
    "tar of GNU": lambda: tarred(LONG, tarfile.GNU_FORMAT),
    "tar of pax": lambda: tarred(LONG, tarfile.PAX_FORMAT),
    "tar of macOS": lambda: tarred(MAC),
    "tar in gzip": lambda: gzip.compress(tarred(FILES)),
    "tar in xz": lambda: lzma.compress(tarred(FILES)),
    "gzip in tar": lambda: tarred({n: gzip.compress(t.encode()) for n, t in FILES.items()}),
    "bzip2 in zip": lambda: zipped({n: bz2.compress(t.encode()) for n, t in FILES.items()}),
    "tar in gzip in zip": lambda: zipped({"logs.tar.gz": gzip.compress(tarred(FILES))}),
    "zip in tar": lambda: tarred({"logs.zip": zipped(FILES)}),
    "UTF-16 in zip": lambda: zipped(
        {n: t.lstrip("\ufeff").encode("utf-16") for n, t in FILES.items()}
    ),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_archives(engine: str, name: str, tmp_path: Path) -> None:
    data = ARCHIVES[name]()
    analyzer = LogAnalyzer(engine=engine)
    summary = analyzer.summarize(data)
    found = summary.report()
    assert (summary.problem, found["total"], found["errors"], found["lines"]) == (None, 8, 8, 8)
    assert found["messages"][0]["example"] == "café 1"
    assert found["bytes"] == 8 * len(LINE.format(1).encode())
    path = tmp_path / "some.name"
    path.write_bytes(data)
    assert analyzer.summarize_file(path).report()["errors"] == ERRORS
    assert analyzer.analyze_logs(piped(data, tmp_path))["errors"] == ERRORS


def piped(data: bytes, folder: Path) -> Path:
    """A pipe that gives the data, in small parts."""
    pipe = folder / "pipe"
    os.mkfifo(pipe)

    def give() -> None:
        with pipe.open("wb", buffering=0) as stream:
            for start in range(0, len(data), 1000):
                stream.write(data[start : start + 1000])

    threading.Thread(target=give, daemon=True).start()
    return pipe


@pytest.mark.skipif(not shutil.which("zip"), reason="no zip here")
@pytest.mark.parametrize("options", [["-q"], ["-q", "-0"], ["-q", "-fz"], ["-q", "-fd"]])
def test_archives_of_zip(engine: str, options: list[str], tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    command = ["zip", *options, "-r", "out.zip", *sorted(FILES)]
    subprocess.run(command, cwd=tmp_path, check=True)
    assert LogAnalyzer(engine=engine).analyze_logs(tmp_path / "out.zip")["errors"] == ERRORS


@pytest.mark.skipif(not shutil.which("tar"), reason="no tar here")
@pytest.mark.parametrize("form", ["gnu", "posix", "ustar"])
def test_archives_of_tar(engine: str, form: str, tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    os.symlink("c.log", tmp_path / "link.log")
    os.mkfifo(tmp_path / "pipe")
    command = ["tar", f"--format={form}", "-czf", "out.tgz", *sorted(FILES), "link.log", "pipe"]
    subprocess.run(command, cwd=tmp_path, check=True)
    assert LogAnalyzer(engine=engine).analyze_logs(tmp_path / "out.tgz")["errors"] == ERRORS


def test_no_files(engine: str) -> None:
    for data in (zipped({}), deflated({}), tarred({})):
        summary = LogAnalyzer(engine=engine).summarize(data)
        assert (summary.problem, summary.report()["lines"]) == (None, 0)


def patched(data: bytes, old: bytes, at: int, new: bytes) -> bytes:
    """The data with other bytes at a distance from the last place of some."""
    start = data.rindex(old) + at
    return data[:start] + new + data[start + len(new) :]


ONE = {"a.log": LINE.format(1) * 2, "b.log": LINE.format(2), "c.log": LINE.format(3)}
LOCAL = b"PK\x03\x04"
SIZE = len(LINE.format(1).encode())
ZIP, TAR = deflated(ONE), tarred(ONE)
STORED = zipped(ONE, zipfile.ZIP_STORED)
WRONG_SUM = gzip.compress(LINE.format(2).encode())[:-8] + bytes(8)
NO_HEADER = "damaged tar data: no header where one should be"
ZIP_CUT, TAR_CUT = "damaged zip data: unexpected end", "damaged tar data: unexpected end"
NOT_RIGHT = "damaged zip data: c.log is not what its checksum is of"
NO_SIZE = b"\x08\0\0\0" + STORED[STORED.rindex(LOCAL) + 10 :][:8] + bytes(8)


def sparse_tar() -> bytes:
    member = tarfile.TarInfo("b.log")
    member.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.name": "b.log"}
    member.size = 5
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(member, io.BytesIO(b"1\n0\n5"))
        member = tarfile.TarInfo("c.log")
        member.size = SIZE
        archive.addfile(member, io.BytesIO(LINE.format(3).encode()))
    return buffer.getvalue()


# The data, how many events there are, and the start of the problem.
FAULTY: dict[str, tuple[bytes, int, str]] = {
    "an encrypted file, the last": (
        patched(ZIP, LOCAL, 6, b"\1\0"), 3, "c.log in the zip is encrypted: unpack it first"),
    "encrypted files": (
        STORED.replace(LOCAL + b"\x14\0\0\0", LOCAL + b"\x14\0\1\0"), 0,
        "a.log in the zip is encrypted: unpack it first"),
    "a method": (
        patched(ZIP, LOCAL, 8, b"\x5d\0"), 3, "c.log in the zip is packed with zstd: unpack it"),
    "a method without a name": (
        patched(ZIP, LOCAL, 8, b"\x22\1"), 3, "c.log in the zip is packed with method 290"),
    "a wrong checksum": (
        patched(ZIP, LOCAL, 14, b"1234"), 4, NOT_RIGHT),
    "a wrong size": (
        patched(ZIP, LOCAL, 22, b"\1\0\0\0"), 4, NOT_RIGHT),
    "a packed size too small": (
        patched(ZIP, LOCAL, 18, b"\7\0\0\0"), 3, "damaged zip data: c.log ends too early"),
    "no directory": (ZIP[: ZIP.index(b"PK\1\2")], 4, ZIP_CUT),
    "an end in a file": (STORED[: STORED.rindex(LOCAL) + 60], 4, ZIP_CUT),
    "an end in a header": (ZIP[: ZIP.rindex(LOCAL) + 20], 3, ZIP_CUT),
    "something between": (
        ZIP[: ZIP.rindex(LOCAL)] + b"something, and some more of it" + ZIP[ZIP.rindex(LOCAL) :],
        3, "damaged zip data: no header where one should be"),
    "no data of deflate": (
        patched(ZIP, LOCAL, 35, b"\7"), 3, "damaged zip data: "),
    "stored without a size": (
        patched(STORED, LOCAL, 6, NO_SIZE),
        3, "c.log in the zip is stored without its size: unpack it first"),
    "a tar that ends in a file": (TAR[: TAR.index(b"c.log") + 560], 4, TAR_CUT),
    "a tar without its end": (TAR[: TAR.index(b"c.log") + 1024], 4, TAR_CUT),
    "a header of tar": (patched(TAR, b"c.log", 0, b"d"), 3, NO_HEADER),
    "a sparse file": (sparse_tar(), 1, "b.log in the tar is sparse: unpack it first"),
    "a damaged file in a tar": (
        tarred({"a.log": LINE.format(1), "b.gz": WRONG_SUM, "c": LINE}),
        3, "damaged gzip data: "),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTY)
def test_faulty_archives(engine: str, name: str) -> None:
    data, events, problem = FAULTY[name]
    analyzer = LogAnalyzer(engine=engine)
    if events == 0:
        with pytest.raises(OSError, match=problem):
            analyzer.summarize(data)
        return
    summary = analyzer.summarize(data)
    assert summary.report()["total"] == events
    assert (summary.problem or "").startswith(problem)


def test_names_in_problems_are_text(engine: str) -> None:
    data = patched(zipped({"a\x01\x1b[2J.log": "x"}, zipfile.ZIP_STORED), LOCAL, 6, b"\1\0")
    with pytest.raises(OSError, match=r"^a\ufffd\ufffd\[2J.log in the zip is encrypted"):
        LogAnalyzer(engine=engine).summarize(data)


def test_packed_without_end(engine: str) -> None:
    data = LINE.encode()
    for _ in range(4):
        data = gzip.compress(data)
    assert LogAnalyzer(engine=engine).summarize(data).report()["errors"] == 1
    for again in (gzip.compress(data), tarred({"a": data}), zipped({"a": data})):
        with pytest.raises(OSError, match="packed more than 4 times: unpack it first"):
            LogAnalyzer(engine=engine).summarize(again)


def test_a_text_is_a_text_whatever_it_begins_with(engine: str) -> None:
    for text in ("PK\x03\x04 x", "BZh91 x", "x" * 257 + "ustar x", "E\0R\0R\0O\0R\0:\0 \0x\0"):
        found = LogAnalyzer(engine=engine).analyze_logs(text)
        assert (found["lines"], found["bytes"]) == (1, len(text))


def both(data: bytes, **options: Any) -> list[tuple[str | None, Any]]:
    """The report or the error with each engine, and the problem."""
    found: list[tuple[str | None, Any]] = []
    for name in ("rust", "python"):
        try:
            summary = LogAnalyzer(engine=name, **options).summarize(data)
        except OSError as error:
            found.append((str(error), None))
        else:
            found.append((summary.problem, json.dumps(summary.report())))
    return found


CUTS = st.tuples(st.integers(0, 3000), st.binary(max_size=4), st.integers(0, 8))


@has_native
@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([ZIP, STORED, TAR, piped_zip(ONE), zipped(ONE, force_zip64=True)]),
    st.lists(CUTS, max_size=3),
)
def test_the_engines_agree_on_damaged_archives(
    data: bytes, cuts: list[tuple[int, bytes, int]]
) -> None:
    for at, new, length in cuts:
        data = data[: at % len(data)] + new + data[at % len(data) + length :]
    native, fallback = both(data)
    assert native[1] == fallback[1]
    # Decoders have their own words for damage.
    assert (native[0] is None) == (fallback[0] is None)


WIDE = "2026-11-20T10:00:00Z ERROR [a] it failed \N{GRINNING FACE} \N{EN DASH} é\r\n"
WIDE += "2026-11-20T10:00:01Z WARN [a] x\r\n"
# The encoding that is asked for, and bytes in it.
ENCODED: list[tuple[str, bytes]] = [
    ("auto", WIDE.encode()),
    ("auto", b"\xef\xbb\xbf" + WIDE.encode()),
    ("utf-8", b"\xef\xbb\xbf" + WIDE.encode()),
    ("auto", b"\xff\xfe" + WIDE.encode("utf-16-le")),
    ("auto", b"\xfe\xff" + WIDE.encode("utf-16-be")),
    ("auto", WIDE.encode("utf-16-le")),
    ("auto", WIDE.encode("utf-16-be")),
    ("utf-16", WIDE.encode("utf-16-le")),
    ("UTF-16", b"\xfe\xff" + WIDE.encode("utf-16-be")),
    ("utf-16le", WIDE.encode("utf-16-le")),
    ("utf-16le", b"\xff\xfe" + WIDE.encode("utf-16-le")),
    ("utf-16be", WIDE.encode("utf-16-be")),
]


@pytest.mark.parametrize("row", range(len(ENCODED)))
def test_encodings(engine: str, row: int, tmp_path: Path) -> None:
    encoding, data = ENCODED[row]
    analyzer = LogAnalyzer(engine=engine, encoding=encoding)
    expected = LogAnalyzer(engine=engine).analyze_logs(WIDE)
    assert (expected["errors"], expected["warnings"], expected["lines"]) == (1, 1, 2)
    assert analyzer.analyze_logs(data) == expected
    path = tmp_path / "a.log"
    for content in (data, gzip.compress(data), zipped({"x": data})):
        path.write_bytes(content)
        assert analyzer.analyze_logs(path) == expected
    # Past a block, and the places of a file that is sampled.
    many = LogAnalyzer(engine=engine).analyze_logs(WIDE * 12_000)
    text = data.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").removeprefix(b"\xef\xbb\xbf")
    path.write_bytes(data[: len(data) - len(text)] + text * 12_000)
    assert analyzer.analyze_logs(path) == many
    assert (many["errors"], many["invalid_utf8_lines"]) == (12_000, 0)


NOT_WIDE = [b"\0\0\n\0", b"E\0R\0R\0", b"E\0R\0R\0O\0R\0:\0\0\0 \0x\0", b"E\0R\0R\0O\0\1\0:\0" * 3]


@pytest.mark.parametrize("data", NOT_WIDE)
def test_nul_alone_is_no_utf_16(engine: str, data: bytes) -> None:
    assert LogAnalyzer(engine=engine).analyze_logs(data)["bytes"] == len(data)


SINGLE = [
    "latin-1", "latin1", "iso-8859-2", "iso-8859-15", "koi8-r", "koi8-u", "ibm866", "windows-1250",
    "windows-1251", "windows-1252", "windows-1253", "windows-1255", "windows-1257", "windows-1258",
]  # fmt: skip


@pytest.mark.parametrize("encoding", SINGLE)
def test_bytes_that_are_characters(engine: str, encoding: str) -> None:
    """Expected from Python's own tables, for all bytes that these have."""
    analyzer = LogAnalyzer(engine=engine, encoding=encoding)
    for byte in range(0xA0, 0x100):
        character = bytes([byte]).decode(encoding, "replace")
        if character.isalpha() and (encoding, byte) != ("koi8-u", 0xAE):
            found = analyzer.analyze_logs(b"ERROR: x%cy" % byte)
            assert found["messages"][0]["example"] == f"x{character}y"
            assert found["invalid_utf8_lines"] == 0


@has_native
@pytest.mark.parametrize(
    "encoding",
    [*SINGLE, *(f"windows-125{n}" for n in range(9)), "iso-8859-7", "iso-8859-8", "iso-8859-16"],
)
def test_the_engines_agree_on_every_byte(encoding: str) -> None:
    for byte in range(0x80, 0x100):
        native, fallback = both(b"ERROR: x%cy" % byte, encoding=encoding)
        assert native == fallback, byte


UNITS = st.sampled_from(["x", "é", "\n", "\ufeff", "\ud83d", "\ude00", "\N{GRINNING FACE}", "\0"])


@has_native
@settings(max_examples=300, deadline=None)
@given(st.lists(UNITS), st.sampled_from(["le", "be"]), st.binary(max_size=1))
@example(["x", "\ud83d"], "le", b"x")
@example(["\ude00", "\ud83d", "\ud83d"], "be", b"")
def test_surrogates_alone_are_replaced(units: list[str], order: str, end: bytes) -> None:
    data = "".join(units).encode(f"utf-16-{order}", "surrogatepass") + end
    native, fallback = both(data, encoding=f"utf-16{order}")
    assert native == fallback


def test_half_a_pair(engine: str) -> None:
    rows = [("x\ud83dy", "x\ufffdy"), ("x\ude00y", "x\ufffdy"), ("x\ud83d", "x\ufffd")]
    for units, shown in rows:
        data = f"ERROR: {units}".encode("utf-16-le", "surrogatepass")
        found = LogAnalyzer(engine=engine, encoding="utf-16le").analyze_logs(data)
        assert found["messages"][0]["example"] == shown


def test_names_of_encodings(engine: str) -> None:
    for name in ("", "utf-7x", "x-user-defined", "klingon", "hex"):
        with pytest.raises((ValueError, EngineError)):
            LogAnalyzer(engine=engine, encoding=name)
    with pytest.raises(ValueError, match="encoding 'klingon' is not known"):
        LogAnalyzer(engine=engine, encoding="klingon")


@has_native
@pytest.mark.parametrize("encoding", ["shift_jis", "gb18030", "euc-kr", "big5", "euc-jp"])
def test_more_than_a_byte_a_character(encoding: str) -> None:
    text = {"euc-kr": "오류"}.get(encoding, "日本")
    data = f"ERROR: {text}\n".encode(encoding)
    found = LogAnalyzer(engine="rust", encoding=encoding).analyze_logs(data)
    assert found["messages"][0]["example"] == text
    with pytest.raises(EngineError, match="needs the rust engine"):
        LogAnalyzer(engine="python", encoding=encoding)


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_returns_at_the_ends_of_blocks(engine: str, end: str, tmp_path: Path) -> None:
    """Lines of every length up to the end of a block of 1 MiB and behind."""
    path = tmp_path / "a.log"
    start = f"2026-11-20T10:00:00Z ERROR [a] x{end}"
    count = (1 << 20) // len(start) - 1
    for shift in range(len(start) + 2):
        filler = f"2026-11-20T10:00:00Z INFO [a] {'y' * shift}{end}"
        path.write_bytes((filler + start * (count + 3)).encode())
        found = LogAnalyzer(engine=engine).analyze_logs(path)
        assert (found["errors"], found["total"]) == (count + 3, count + 4)
        assert found["messages"][0]["example"] == "x"
        if engine == "python":
            # It has no blocks.
            break

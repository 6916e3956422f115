"""Ours beside yamllint on generated and mutated YAML, run by hand.

    pip install yamllint==1.38.0
    cargo build -p config --example lint
    python crates/config/tests/lint_against_yamllint.py target/debug/examples/lint [SEED] [COUNT] [FILE...]

Prints the texts on which the two differ, after the differences that are meant.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from yamllint import linter
from yamllint.config import YamlLintConfig

CONFIGURATIONS = [
    "extends: default\n",
    "extends: relaxed\n",
    """rules:
  anchors: {forbid-duplicated-anchors: true, forbid-unused-anchors: true}
  braces: {min-spaces-inside: 1, max-spaces-inside: 2, min-spaces-inside-empty: 0}
  brackets: {forbid: non-empty}
  colons: {max-spaces-before: 1, max-spaces-after: 2}
  commas: {max-spaces-before: 1, min-spaces-after: 0, max-spaces-after: 2}
  comments: {min-spaces-from-content: 3, ignore-shebangs: false}
  comments-indentation: enable
  document-end: enable
  document-start: {present: false}
  empty-lines: {max: 1, max-start: 1, max-end: 1}
  empty-values: enable
  float-values: {require-numeral-before-decimal: true, forbid-scientific-notation: true, \
forbid-nan: true, forbid-inf: true}
  hyphens: {max-spaces-after: 2}
  indentation: {spaces: 2, indent-sequences: whatever, check-multi-line-strings: true}
  key-duplicates: {forbid-duplicated-merge-keys: true}
  key-ordering: {ignored-keys: ["^b"]}
  line-length: {max: 12, allow-non-breakable-words: false}
  new-lines: {type: dos}
  octal-values: enable
  quoted-strings: {required: only-when-needed, quote-type: double, check-keys: true}
  truthy: {allowed-values: ["yes"], check-keys: false}
""",
    """extends: default
rules:
  document-end: {present: false}
  indentation: {indent-sequences: false, check-multi-line-strings: true}
  line-length: {max: 10, allow-non-breakable-inline-mappings: true}
  quoted-strings: {quote-type: consistent, required: false, extra-required: ["^a"]}
  empty-values: enable
""",
    """extends: default
rules:
  indentation: {spaces: 4, indent-sequences: consistent}
  quoted-strings: {quote-type: single, allow-quoted-quotes: true}
  braces: {forbid: true}
  octal-values: enable
""",
]

PIECES = [
    "a", "b", "c d", "key", "yes", "No", "on", "010", "0o7", ".5", "1e3", "~", "'a'", '"b"', "''", '"x\'y"', "é",
    ": ", ":  ", " : ", ":\n", "- ", "-  ", "-\n", ", ", ",", " ,", "[", "]", "{", "}", "[ ", " }", "{}", "[]",
    "\n", "\n", "\n", "\n  ", "\n  ", "\n    ", "\n ", "\n\n", "\n- ", "\n  - ", "\nb: ", "\n  b: ", "\na: ",
    " # c", "  # c", "  #c", "\n# c\n", "\n  # c\n", "\n #d\n", "|\n", ">-\n", "|\n  x\n  y\n", "'x\n  y'", "&x ",
    "*x", "!!str ", "!t ", "? ", "---\n", "---\n", "...\n", " ", "  ", "\r\n", "<<: ", "# yamllint disable-line\n",
    "# yamllint disable rule:colons\n", "# yamllint enable\n", "aaaaaaaaaaaaaaaa", "\t",
]  # fmt: skip


OPTIONS = {
    "anchors": {"forbid-undeclared-aliases": "b", "forbid-duplicated-anchors": "b", "forbid-unused-anchors": "b"},
    "braces": {"forbid": ["false", "false", "non-empty", "true"], "min-spaces-inside": "n", "max-spaces-inside": "n",
               "min-spaces-inside-empty": "n", "max-spaces-inside-empty": "n"},
    "brackets": {"forbid": ["false", "false", "non-empty", "true"], "min-spaces-inside": "n", "max-spaces-inside": "n",
                 "min-spaces-inside-empty": "n", "max-spaces-inside-empty": "n"},
    "colons": {"max-spaces-before": "n", "max-spaces-after": "n"},
    "commas": {"max-spaces-before": "n", "min-spaces-after": "n", "max-spaces-after": "n"},
    "comments": {"require-starting-space": "b", "ignore-shebangs": "b", "min-spaces-from-content": "n"},
    "comments-indentation": {},
    "document-end": {"present": "b"},
    "document-start": {"present": "b"},
    "empty-lines": {"max": ["0", "1", "2"], "max-start": ["0", "1", "2"], "max-end": ["0", "1", "2"]},
    "empty-values": {"forbid-in-block-mappings": "b", "forbid-in-flow-mappings": "b", "forbid-in-block-sequences": "b"},
    "float-values": {"require-numeral-before-decimal": "b", "forbid-scientific-notation": "b", "forbid-nan": "b", "forbid-inf": "b"},
    "hyphens": {"max-spaces-after": "n"},
    "indentation": {"spaces": ["consistent", "2", "4", "1"], "indent-sequences": ["true", "false", "whatever", "consistent"],
                    "check-multi-line-strings": "b"},
    "key-duplicates": {"forbid-duplicated-merge-keys": "b"},
    "key-ordering": {"ignored-keys": ["[]", "[a]", "['^y']"]},
    "line-length": {"max": ["5", "8", "15", "80"], "allow-non-breakable-words": "b", "allow-non-breakable-inline-mappings": "b"},
    "new-line-at-end-of-file": {},
    "new-lines": {"type": ["unix", "dos", "platform"]},
    "octal-values": {"forbid-implicit-octal": "b", "forbid-explicit-octal": "b"},
    "quoted-strings": {"quote-type": ["any", "single", "double", "consistent"], "required": ["false", "only-when-needed"],
                       "extra-required": ["[]", "[^a]"], "extra-allowed": ["[]", "[^a]"], "allow-quoted-quotes": "b", "check-keys": "b"},
    "trailing-spaces": {},
    "truthy": {"allowed-values": ["[]", "['yes', 'true']"], "check-keys": "b"},
}  # fmt: skip


def any_configuration(rng: random.Random) -> str:
    lines = ["rules:"]
    for rule, options in OPTIONS.items():
        kinds = {"b": ["true", "false"], "n": ["-1", "0", "1", "2", "3"]}
        chosen = [f"{name}: {rng.choice(kinds[kind] if isinstance(kind, str) else kind)}" for name, kind in options.items() if rng.random() < 0.7]
        if rule == "quoted-strings" and not any(option.startswith("required") for option in chosen):
            chosen.append("required: false")
        if rule == "quoted-strings" and "required: false" in chosen:
            chosen = [option for option in chosen if not option.startswith("extra-allowed")]
        chosen.append(f"level: {rng.choice(['error', 'warning'])}")
        lines.append(f"  {rule}: {{{', '.join(chosen)}}}")
    return "\n".join(lines) + "\n"


def soup(rng: random.Random) -> str:
    return "".join(rng.choice(PIECES) for _ in range(rng.randrange(1, 22)))


def node(rng: random.Random, indent: int, depth: int) -> str:
    """A block node that starts on a new line, or text that goes on a line."""
    pad = " " * indent
    kind = rng.randrange(9) if depth else 8
    step = rng.choice([2, 2, 2, 4, 1])
    blank = lambda: rng.choice(["", "", "", "", " ", "\n", pad + "# c\n", "  # d\n"])  # noqa: E731
    line_end = lambda: rng.choice(["\n"] * 8 + [" # c\n", "  # c\n", " \n", "\n\n", "\r\n"])  # noqa: E731
    if kind < 4:
        text = rng.choice(["", "", "", " &x", " !!map"]) + "\n"
        own = indent + (0 if rng.random() < 0.05 else step)
        for _ in range(rng.randrange(1, 4)):
            extra = blank()
            key = rng.choice(["a", "b", "c", "'d'", "yes", "k e y", "? e\n" + " " * own])
            colon = rng.choice([":", ":", ":", ":", " :"])
            text += (extra if extra.endswith("\n") else "") + " " * own + key + colon
            text += value(rng, own, depth - 1, line_end)
        return text
    if kind < 7:
        text = "\n"
        own = indent + rng.choice([0, step, step])
        for _ in range(rng.randrange(1, 4)):
            extra = blank()
            text += (extra if extra.endswith("\n") else "") + " " * own + "-"
            text += value(rng, own, depth - 1, line_end)
        return text
    return value(rng, indent, 0, line_end)


def value(rng: random.Random, indent: int, depth: int, line_end) -> str:
    choice = rng.randrange(12)
    pad = "\n" + " " * (indent + rng.choice([2, 2, 4, 1]))
    space = rng.choice([" ", " ", " ", " ", "  ", pad])
    if depth > 0 and choice < 6:
        return node(rng, indent, depth)
    if choice == 6:
        return space + "|" + pad + "text" + pad + " more" * rng.randrange(2) + "\n"
    if choice == 7:
        return space + "[" + rng.choice(["", " ", pad]) + "a, b" + rng.choice([",", " ,", ", "]) + "c" + rng.choice(["", " ", pad]) + "]" + line_end()
    if choice == 8:
        return space + "{a: b," + rng.choice([" ", pad]) + "c: [d," + pad + "e]" + rng.choice(["", pad]) + "}" + line_end()
    if choice == 9:
        return space + rng.choice(["'x", "x", '"x']) .replace("'x", "'x" + pad + "y'").replace('"x', '"x' + pad + 'y"') + line_end()
    if choice == 10:
        return line_end()
    return space + rng.choice(["a", "yes", "010", "'q'", '"q"', "*x", "&x v", "!!str v", "1.5e3", "long text here"]) + line_end()


def mutate(rng: random.Random, text: str) -> str:
    for _ in range(rng.randrange(3)):
        at = rng.randrange(len(text) + 1)
        text = rng.choice([text[:at] + rng.choice([" ", "\n", "  ", "#", "-", ":"]) + text[at:], text[:at] + text[at + 1 :]])
    return text


def theirs(text: bytes, configuration: YamlLintConfig) -> list[tuple] | None:
    try:
        return [
            (p.line, p.column, p.level, p.rule or "syntax", p.desc.replace("\\", "\\\\").replace("\n", "\\n"))
            for p in linter.run(text, configuration, "x.yaml")
        ]
    except Exception:  # noqa: BLE001 - it fails on characters that are no YAML
        return None


def explain(text: str, ours: set, others: set) -> str | None:
    """Why the two may differ."""
    if "\r" in text.replace("\r\n", ""):
        return "a lone carriage return"
    both = ours ^ others
    last = text.count("\n") + 1
    if not text.endswith("\n") and all(f[3].startswith("comments") for f in both):
        return "yamllint judges comments by where a file without last line break ends, or overlooks one in the last line"
    if all(f[3] == "document-end" and f[0] <= 1 for f in both):
        return "yamllint gives line 0 for a text of one line without break"
    if all(f[3] in ("document-end", "anchors") for f in both) and ("&" in text or "disable-line" in text) and last <= 4:
        return "an anchor without a node as the whole document; disable-line in the last line beside document-end"
    if "\r\n" in text and all(f[3] in ("indentation", "empty-lines") for f in both) and not ours - others:
        return "yamllint does not take a line of spaces with CR LF, or mixed breaks, for blank"
    if text.startswith("|") and all(f[3] == "indentation" for f in both):
        return "YAML 1.2 lets the text of a block scalar at the root stand in the first column"
    return None


def main() -> None:
    program, seed, count = sys.argv[1], int((sys.argv[2:3] or ["1"])[0]), int((sys.argv[3:4] or ["500"])[0])
    rng = random.Random(seed)
    files = [Path(name).read_bytes() for name in sys.argv[4:] if name != "-v"]
    texts = files or [
        (soup(rng) if n % 3 == 0 else mutate(rng, "---" * (rng.random() < 0.5) + node(rng, -2, 4).lstrip(" "))).encode()
        for n in range(count)
    ]
    tally: Counter[str] = Counter()
    for number, text_of_configuration in enumerate([*CONFIGURATIONS, *(any_configuration(rng) for _ in range(8))]):
        with tempfile.TemporaryDirectory() as folder:
            for n, text in enumerate(texts):
                (Path(folder) / str(n)).write_bytes(text)
            settings = Path(folder).with_suffix(".conf")
            settings.write_text(text_of_configuration)
            lines = subprocess.run([program, "--folder", folder, str(settings)], capture_output=True, check=True, text=True).stdout
            settings.unlink()
        ours: dict[int, list[tuple]] = {}
        for line in lines.splitlines():
            name, row, column, level, rule, message = line.split("\t", 5)
            ours.setdefault(int(name), []).append((int(row), int(column), level, rule, message))
        configuration = YamlLintConfig(text_of_configuration)
        for n, raw in enumerate(texts):
            other = theirs(raw, configuration)
            own = ours.get(n, [])
            if other is None:
                tally["yamllint fails"] += 1
                continue
            stop_theirs = min((f[0] for f in other if f[3] == "syntax"), default=10**9)
            stop_ours = min((f[0] for f in own if f[3] == "syntax" or "undeclared" in f[4]), default=10**9)
            if stop_theirs < 10**9 and stop_ours == 10**9:
                tally["YAML 1.2 that PyYAML refuses"] += 1
            elif stop_ours < 10**9 and stop_theirs == 10**9 and not any("undeclared" in f[4] for f in other):
                tally["ours refuses"] += 1
                if "-v" in sys.argv:
                    print("REFUSED", repr(raw), own[-1])
            stop = min(stop_ours, stop_theirs)
            # yamllint looks some tokens ahead, and is silent about those before an error.
            left = {f for f in own if f[0] < stop - 8}
            right = {f for f in other if f[0] < stop - 8}
            if stop < 10**9:
                drop = {"document-end", "anchors", "comments-indentation", "document-start"}
                left = {f for f in left if f[3] not in drop}
                right = {f for f in right if f[3] not in drop}
            if left == right:
                tally["same"] += 1
            elif reason := explain(raw.decode(errors="replace"), left, right):
                tally[reason] += 1
            else:
                for f in (left ^ right):
                    tally["DIFFERENT " + f[3]] += 1
                if tally["shown"] < 400:
                    tally["shown"] += 1
                    print(f"""--- configuration {number}: {text_of_configuration if number >= len(CONFIGURATIONS) else ''}\n{raw.decode(errors='replace')}\n    ours only: {sorted(left - right)}\n  theirs only: {sorted(right - left)}\n    {raw!r}"""[:4000])
    print(tally)


if __name__ == "__main__":
    main()

"""A resolution as a file: YAML that a review can read, and that gives back every character.

Texts are literal blocks wherever YAML allows that, else one quoted line for each line. A file whose texts are not
UTF-8 says `encoding: latin-1`: there each character stands for one byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

from syncfork.resolve.lines import lines_of
from syncfork.resolve.resolution import HEAD, Joined, Kind, Resolution
from syncfork.rules.load import parse_yaml

_TEXTS = ("base", "ours", "theirs", "result")

Commit = Annotated[str, Meta(pattern=r"^[0-9a-f]{40,64}$")]
Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]


class WrittenResolution(Struct, frozen=True, kw_only=True):
    """What a file of a resolution says."""

    path: Annotated[str, Meta(min_length=1)]
    kind: Kind
    key: Digest
    fork: Commit
    upstream: Commit
    author: str
    date: date
    reason: str = ""
    seal: Digest
    encoding: Literal["utf-8", "latin-1"] = "utf-8"
    base: str | None = None
    ours: str | None = None
    theirs: str | None = None
    result: str | None = None

    def __post_init__(self) -> None:
        given = [name for name in _TEXTS if getattr(self, name) is not None]
        if self.kind == "clash" and len(given) < len(_TEXTS):
            missing = ", ".join(name for name in _TEXTS if name not in given)
            raise ValueError(f"a clash has the texts base, ours, theirs and result; missing: {missing}")
        if self.kind == "path" and given:
            raise ValueError(f"a path that stays deleted has no texts; given: {', '.join(given)}")
        try:
            for name in ("path", *given):
                _decoded(getattr(self, name), self.encoding)
        except UnicodeError:
            raise ValueError("a text has characters that Latin-1 has not") from None


def read_resolution(name: str, content: bytes) -> Resolution | list[str]:
    """The resolution in a file, or the file's mistakes, each as `file:line: key: what was expected`."""
    found = parse_yaml(name, content, WrittenResolution, "path, kind, key", empty=False)
    return found if isinstance(found, list) else _plain(found)


def _plain(written: WrittenResolution) -> Resolution:
    texts = [getattr(written, name) for name in ("path", *_TEXTS)]
    path, base, ours, theirs, result = (
        None if text is None else _decoded(text, written.encoding) for text in texts
    )
    merge = Joined(written.fork, written.upstream)
    return Resolution(
        path or "", written.kind, base, ours, theirs, result,
        written.key, merge, written.author, written.date, written.reason, written.seal,
    )  # fmt: skip


def _decoded(text: str, encoding: str) -> str:
    return text if encoding == "utf-8" else text.encode("latin-1").decode("utf-8", "surrogateescape")


def write_resolution(resolution: Resolution) -> str:
    """The text of a resolution's file."""
    texts = {name: getattr(resolution, name) for name in _TEXTS if resolution.kind == "clash"}
    foreign = any(_SURROGATE.search(text) for text in (resolution.path, *texts.values()))

    def shown(text: str) -> str:
        return text.encode("utf-8", "surrogateescape").decode("latin-1") if foreign else text

    facts = {
        "path": _quoted(shown(resolution.path)),
        "kind": resolution.kind,
        "fork": f'"{resolution.merge.fork}"',
        "upstream": f'"{resolution.merge.upstream}"',
        "author": _quoted(resolution.author),
        "date": resolution.date.isoformat(),
        **({"reason": _quoted(resolution.reason)} if resolution.reason else {}),
        "key": f'"{resolution.key}"',
        "seal": f'"{resolution.seal}"',
        **({"encoding": "latin-1"} if foreign else {}),
        **{name: _block(shown(text)) for name, text in texts.items()},
    }
    return HEAD + "".join(f"{name}: {value}\n" for name, value in facts.items())


_SURROGATE = re.compile("[\ud800-\udfff]")
# What a literal block cannot hold: other line breaks than line feeds, and what YAML does not print.
_NOT_LITERAL = re.compile(
    "[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_INDENT = "  "


def _block(text: str) -> str:
    """A text of lines as a YAML value, its own last line end left to what comes after it."""
    if not text.strip("\n") or _NOT_LITERAL.search(text):
        return _quoted(text)
    # Without the number the first line would tell the indentation.
    number = str(len(_INDENT)) if text[0] in " \t\n" else ""
    chomped = "" if text.endswith("\n") and not text.endswith("\n\n") else "+" if text.endswith("\n") else "-"
    lines = (f"{_INDENT}{line}" if line else "" for line in text.removesuffix("\n").split("\n"))
    return "\n".join((f"|{number}{chomped}", *lines))


def _quoted(text: str) -> str:
    """A text between quotes, on a line of the file for each line that it has."""
    lines = ["".join(_escaped(line)) for line in lines_of(text)]
    # What begins with a blank would lose it to the indentation.
    led = [f"\\{line}" if number and line.startswith(" ") else line for number, line in enumerate(lines)]
    return '"' + f"\\\n{_INDENT}".join(led) + '"'


def _escaped(line: str) -> Iterator[str]:
    known = {"\n": r"\n", "\r": r"\r", "\t": r"\t", '"': r"\"", "\\": r"\\"}
    for character in line:
        if character in known:
            yield known[character]
        elif _NOT_LITERAL.match(character):
            code = ord(character)
            yield f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
        else:
            yield character

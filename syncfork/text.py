"""Texts, spans and edits: what every rule works on.

A file's bytes become a `Document` and back without loss: UTF-8 where the bytes are, else Latin-1, which maps
every byte to one character; a file that uses CRLF throughout is seen with LF and gets its CRLF back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, field

# A line of so few characters says nothing.
_SHORT = 5
_LETTER = re.compile(r"[^\W\d_]")
_WORD_OR_SIGN = re.compile(r"\w+|[^\S\n]+|\n|[^\w\s]")


class Match(Struct, frozen=True):
    """A half-open span of characters that a selector found, with the named texts captured on the way.

    `aliased` is true where an alias of YAML led there: the span is that of the anchor's value. `among` numbers the
    list or mapping that a key path found it in.
    """

    start: int
    end: int
    groups: Mapping[str, str] = field(default_factory=dict)
    aliased: bool = False
    among: int = 0

    def text(self, document: Document) -> str:
        """The characters of the span."""
        return document.text[self.start : self.end]

    def inside(self, outer: Match) -> bool:
        """True where this span lies within `outer`."""
        return outer.start <= self.start and self.end <= outer.end


class Edit(Struct, frozen=True):
    """Replace the characters from `start` to `end` by `text`; start equals end for an insertion."""

    start: int
    end: int
    text: str


class Document(Struct, frozen=True):
    """A file's text with the path it is known by (the language is inferred from the name)."""

    path: str
    text: str

    def line(self, number: int) -> str:
        """Line `number`, counted from 1, without the newline that ends it. Raises IndexError."""
        return self.text.split("\n")[number - 1]

    def line_of(self, offset: int) -> int:
        """The line number, counted from 1, of the character at `offset`."""
        return self.text.count("\n", 0, offset) + 1

    def line_start(self, offset: int) -> int:
        """Where the line of `offset` begins."""
        return self.text.rfind("\n", 0, offset) + 1

    def line_end(self, offset: int) -> int:
        """Where the line of `offset` ends, its newline included."""
        found = self.text.find("\n", offset)
        return len(self.text) if found < 0 else found + 1

    def whole_lines(self, span: Match) -> Match | None:
        """`span` widened to whole lines, or None where other text shares its first or last line."""
        start, last = self.line_start(span.start), max(span.start, span.end)
        end = last if last > span.start and self.text[last - 1 : last] == "\n" else self.line_end(last)
        if self.text[start : span.start].strip() or self.text[span.end : end].strip():
            return None
        return Match(start, end, span.groups)


def line_ends_of(document: Document, edit: Edit) -> Edit:
    """`edit` with the line ends of the place that it is made at: in a text in which they are mixed, CRLF or LF. It cuts
    no CRLF in two, though a selector's `.` finds the first half."""
    text = document.text
    edit = Edit(_before_line_end(text, edit.start), _before_line_end(text, edit.end), edit.text)
    new = edit.text.replace("\r\n", "\n")
    if "\r\n" in text and "\n" in new:
        # What is put behind a line's end, or at the text's, is written as the line above.
        behind = edit.start == edit.end and text[edit.start - 1 : edit.start] == "\n"
        end = text.find("\n", edit.start) if not behind else edit.start - 1
        end = end if end >= 0 else text.rfind("\n")
        new = new.replace("\n", "\r\n") if text[:end].endswith("\r") else new
    return edit if new == edit.text else Edit(edit.start, edit.end, new)


def _before_line_end(text: str, place: int) -> int:
    return place - 1 if place and text[place - 1 : place + 1] == "\r\n" else place


def any_line_ends(text: str) -> str:
    """The regular expression that finds `text` as it stands, however its lines end."""
    return re.escape(text.replace("\r\n", "\n")).replace("\\\n", "\r?\n")


def same_lines(one: str, other: str) -> bool:
    """Whether two texts differ at most in how their lines end."""
    return one == other or _with_lf(one) == _with_lf(other)


def _with_lf(text: str) -> str:
    return text.replace("\r\n", "\n").removesuffix("\r")


class OverlappingEditsError(Exception):
    """Two edits of one plan touch the same characters; the rule's selector needs narrowing."""


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return `text` with all `edits` made; characters outside their spans stay as they are.

    Raises OverlappingEditsError where two edits share a character or insert at the same place.
    """
    pieces: list[str] = []
    position = 0
    previous: Edit | None = None
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if previous and (
            edit.start < previous.end or (edit.start, edit.end) == (previous.start, previous.end)
        ):
            raise OverlappingEditsError
        pieces += (text[position : edit.start], edit.text)
        position, previous = edit.end, edit
    pieces.append(text[position:])
    return "".join(pieces)


# What one word or option may go on with: `--lock` is not there where `--locked` or `--lock-file` is.
_GOES_ON = re.compile(r"(?<=[\w-])(?=[\w-])")


def token_edge(text: str, place: int) -> bool:
    """Whether no word or option reaches over `place`."""
    return not _GOES_ON.match(text, place)


class Encoding(Struct, frozen=True):
    """How a document's text was read from bytes, to write it back the same way."""

    codec: str
    crlf: bool

    def holds(self, text: str) -> bool:
        """True where the file's codec has every character of `text`."""
        return self.codec == "utf-8" or all(character <= "\xff" for character in text)

    def encode(self, text: str) -> bytes:
        """The bytes of `text`; raises UnicodeEncodeError where the file's codec has no such character."""
        return (text.replace("\n", "\r\n") if self.crlf else text).encode(self.codec)


def decode_document(path: str, content: bytes) -> tuple[Document, Encoding] | None:
    """Read a file's bytes; None for binary content (a NUL byte), which no rule may edit."""
    if b"\0" in content:
        return None
    try:
        text, codec = content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        text, codec = content.decode("latin-1"), "latin-1"
    crlf = "\r\n" in text and text.count("\n") == text.count("\r\n") and not re.search("\r(?!\n)", text)
    return Document(path, text.replace("\r\n", "\n") if crlf else text), Encoding(codec, crlf)


def apart(text: Sequence[str], other: Sequence[str]) -> tuple[int, int]:
    """Where `text` begins and ends to differ from `other`, in characters (or tokens): their common beginning and end
    left out."""
    start = _alike(text, other)
    return start, len(text) - _alike(text[start:][::-1], other[start:][::-1])


def _alike(text: Sequence[str], other: Sequence[str]) -> int:
    """How many characters (or tokens) the two begin with alike."""
    at = min(len(text), len(other))
    return next((n for n in range(at) if text[n] != other[n]), at)


def words_and_signs(text: str) -> list[str]:
    """Its words, runs of blanks, line breaks and single signs; joined they are `text` again."""
    return _WORD_OR_SIGN.findall(text)


def telling_lines(text: str) -> list[str]:
    """The lines of a text that say something, stripped: a lone bracket or a short word stands in any file."""
    stripped = map(str.strip, text.split("\n"))
    return [line for line in stripped if len(line) > _SHORT and _LETTER.search(line)]

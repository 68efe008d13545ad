"""A structured file on all sides of a merge: which ones are audited by key, and their lines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from msgspec import Struct

from syncfork.detect.base import File
from syncfork.detect.keytree import BASE, MERGED, THEIRS
from syncfork.detect.lines import beyond
from syncfork.errors import CannotReadError
from syncfork.parsing.structured import format_of, read
from syncfork.parsing.values import Entry, Format, SeveralDocumentsError, Value
from syncfork.report import Place
from syncfork.text import Document

# Beyond this many characters a file is a program's, not a person's.
_LARGEST = 200_000
_LOCK = re.compile(r"(?:\.lock|(?:package|packages|pnpm|conda|composer)[-.]lock\.\w+|-shrinkwrap\.json)$")


class Four(Struct, frozen=True):
    """A file that both sides changed, whole on all sides."""

    form: Format
    documents: tuple[Document, ...]

    @property
    def merged(self) -> Document:
        """The file as it came out."""
        return self.documents[MERGED]

    @property
    def upstream(self) -> Document:
        """The file as upstream has it."""
        return self.documents[THEIRS]

    @property
    def come(self) -> list[str]:
        """Upstream's lines that the merge base has nowhere."""
        return list(beyond(self.upstream.text, self.documents[BASE].text).values())


def four_of(file: File, governed: bool) -> Four | None:
    """`file` where a merge by key may tell something; None where it cannot."""
    sides = (file.base, file.ours, file.theirs, file.merged)
    documents = tuple(document for document in sides if document)
    if file.conflicted or len(documents) < len(sides):
        return None
    merged = documents[MERGED]
    base, ours, theirs, whole = (document.text for document in documents)
    # What one side alone changed, or a rule made one side's as it is, has nothing in a wrong place.
    if base in (ours, theirs) or ours == theirs or (governed and whole in (ours, theirs)):
        return None
    if _LOCK.search(PurePosixPath(merged.path).name) or max(map(len, (ours, theirs, whole))) > _LARGEST:
        return None
    try:
        return Four(format_of(merged), documents)
    except CannotReadError:
        return None


def root_of(document: Document, form: Format) -> Value | str | None:
    """The root value; the complaint of the parser; None where there is more than one document."""
    try:
        return read(document.text, form)
    except SeveralDocumentsError:
        return None
    except CannotReadError as error:
        return str(error)


def place_of(document: Document, lines: Iterable[str]) -> Place:
    """Where the first of `lines` stands."""
    texts = document.text.split("\n")
    return Place(document.path, next((texts.index(line) + 1 for line in lines if line in texts), 1))


def lines_of(text: str, entry: Entry | None) -> list[str]:
    """The whole lines in which `entry` stands."""
    if entry is None:
        return []
    start = text.rfind("\n", 0, entry.start) + 1
    end = text.find("\n", entry.end)
    return [line for line in text[start : end if end >= 0 else None].split("\n") if line.strip()]


def cut(text: str) -> str:
    """A text for a message: no more of it than its beginning."""
    return text[:60] + (" ..." if text[60:] else "")

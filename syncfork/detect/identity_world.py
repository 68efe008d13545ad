"""What identities look at: the files that name anything, and which names each side of the merge has."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property

from msgspec import Struct

from syncfork.detect.base import File, Found
from syncfork.detect.identity_mentions import mentions
from syncfork.detect.identity_names import Mention
from syncfork.detect.identity_pairs import renamed_pairs
from syncfork.detect.pipelines import matters
from syncfork.report import FindingClass, Place
from syncfork.text import Document

Identity = tuple[str, str]
Spot = tuple[File, Mention]

# What somebody has to set up before it works, and which nobody else's repository can offer.
SET_UP = ("secret", "environment", "variable group", "service connection")
# What lives in somebody's settings.
OWNED = (*SET_UP, "configuration variable", "context", "feed", "signing name")


def named(document: Document | None) -> tuple[Mention, ...]:
    """What one side of a file names."""
    return mentions(document) if document else ()


def folded(kind: str, name: str) -> Identity:
    """Two names that differ in case, or in the version of a machine or an address, are one identity."""
    name = name.casefold()
    if kind == "host":
        name = ".".join(name.split(".")[-2:])
    return kind, re.sub(r"\d+(?:[._-]\d+)*", "#", name) if kind in ("runner", "host", "registry") else name


class World(Struct, frozen=True, dict=True):
    """The files that name anything."""

    files: tuple[File, ...]

    @cached_property
    def known(self) -> frozenset[Identity]:
        """What either the merge base or the fork names. An organisation is known from any place."""
        return self._identities(lambda file: (*named(file.base), *named(file.ours)))

    @cached_property
    def in_base(self) -> frozenset[Identity]:
        """What the merge base names."""
        return self._identities(lambda file: named(file.base))

    @cached_property
    def in_theirs(self) -> frozenset[Identity]:
        """What upstream names."""
        return self._identities(lambda file: named(file.theirs))

    def _identities(self, which: Callable[[File], Iterable[Mention]]) -> frozenset[Identity]:
        return frozenset(folded(item.kind, item.name) for file in self.files for item in which(file))

    @cached_property
    def brought(self) -> list[Spot]:
        """Upstream's mentions in merged lines that the fork did not have in that file."""
        return [
            (file, mention)
            for file in self.files
            if file.merged and file.changed_by_theirs and file.theirs and matters(file.path)
            for mention in _brought(file, file.merged)
        ]

    @cached_property
    def renamed_by_theirs(self) -> dict[Identity, set[str]]:
        """By identity of the merge base: what upstream put in its place."""
        found: dict[Identity, set[str]] = defaultdict(set)
        for file in self.files:
            if file.changed_by_theirs and file.base and file.theirs:
                for pair in renamed_pairs(file.base, file.theirs):
                    found[pair.kind, pair.old].add(pair.new)
        return found


def _brought(file: File, merged: Document) -> Iterator[Mention]:
    for mention in named(merged):
        if mention.line in file.new_lines and mention.line not in file.fork_lines:
            yield mention


def places(number: int) -> str:
    """How many places, in words."""
    return "one place" if number == 1 else f"{number} places"


def found_at(cls: FindingClass, spots: Sequence[Spot], message: str, fix: str) -> Found:
    """A finding at the first of upstream's lines."""
    file, mention = spots[0]
    assert file.merged is not None and file.theirs is not None  # only such are looked at
    text = file.merged.line(mention.line)
    theirs = [line.strip() for line in file.theirs.text.split("\n")]
    place = Place(file.theirs.path, theirs.index(text.strip()) + 1)
    return Found(
        cls,
        file.path,
        mention.line,
        message,
        fix,
        place,
        added=(text,),
        names=(mention.name,),
        key=f"{mention.kind}:{mention.name}",
    )

"""What a resolver is: proposals for a clash or a path, each of a class that can earn its place by itself."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from msgspec import Struct

from syncfork.resolve.base import Answer, Clash, Disputed
from syncfork.resolve.scopes import EVERYWHERE, is_path

# A text is made of a clash with no more characters than this on its sides: nobody reads a longer one on trust.
LONGEST = 30_000


class Bar(Struct, frozen=True):
    """What a class of proposals about whole paths has to show before it is trusted: that it was right in so many past merges
    in a row, up to the last one. `reach` is where that may make it trusted."""

    merges: int
    reach: Literal["all files", "like files", "the file"] = "like files"


# Where forks differ little: a file that the fork deleted stays so in 96 of 100 conflicts of any fork. Where they do not
# differ much. And where nothing but people's habit speaks for it.
GIVEN, REASON, HABIT = Bar(4, "all files"), Bar(8), Bar(20, "the file")
# Chosen on eleven public forks, calibrated on what lies before and tried on the merges after.

# For a resolver that takes a side as it is.
ANY_LENGTH = sys.maxsize


class Proposal(Struct, frozen=True):
    """A text that may be the right one (None: the path goes), and in a few words what speaks for it.

    `sort` names a class of proposals: it is counted, and switched on, apart from the resolver's other ones. `doubt`
    says what speaks against it.
    """

    text: str | None
    sort: str
    doubt: str = ""


def _class(resolver: str, sort: str) -> str:
    """How answers name the class that they are of: in their `by`, and in the stored table."""
    return f"{resolver}: {sort}"


def parts_of(by: str) -> tuple[str, str]:
    """The resolver and the sort that a class's name is made of."""
    resolver, _, sort = by.partition(": ")
    return resolver, sort


def _silent(*_: object) -> Iterable[Proposal]:
    return ()


class Resolver(Struct, frozen=True):
    """A `Source` with a name, a reason in one sentence, and its proposals: `of_clash` for a clash of a file,
    `of_whole` for the path as a whole. Several proposals of one resolver are of different sorts.

    `sorts` of those about paths have something else to show than a habit before they are trusted. `longest` is how many
    characters a clash may have on its sides.
    """

    name: str
    why: str
    of_clash: Callable[[Disputed, Clash], Iterable[Proposal]] = _silent
    of_whole: Callable[[Disputed], Iterable[Proposal]] = _silent
    sorts: Mapping[str, Bar] = {}
    longest: int = LONGEST

    def needs(self, by: str) -> Bar:
        """What a class of answers about paths, named by its `by`, has to show."""
        return self.sorts.get(parts_of(by)[1], HABIT)

    def may_be_on(self, by: str, scope: str) -> bool:
        """Whether a class of answers about paths may be switched on for a scope: for all files where forks differ little in
        it, and for a single file where it is a mere habit."""
        reach = self.needs(by).reach
        return is_path(scope) if reach == "the file" else reach == "all files" or scope != EVERYWHERE

    def answers(self, file: Disputed, number: int | None) -> tuple[Answer, ...]:
        """Every proposal for clash `number`, or for the whole path (None); `by` is the name and the sort."""
        if number is None:
            found = self.of_whole(file)
        else:
            clash = file.clashes[number]
            if len(clash.base) + len(clash.ours) + len(clash.theirs) > self.longest:
                return ()
            found = self.of_clash(file, clash)
        return tuple(Answer(each.text, _class(self.name, each.sort), self.why, each.doubt) for each in found)

    def whole(self, file: Disputed) -> Answer | None:
        """The first proposal for the path."""
        return next(iter(self.answers(file, None)), None)

    def clash(self, file: Disputed, number: int) -> Answer | None:
        """The first proposal for a clash."""
        return next(iter(self.answers(file, number)), None)

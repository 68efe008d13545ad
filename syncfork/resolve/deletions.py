"""What one side deleted and the other went on changing: a file, or a region of one."""

from __future__ import annotations

from collections.abc import Iterator

from syncfork.resolve.base import Clash, Disputed
from syncfork.resolve.diff3 import changes
from syncfork.resolve.lines import lines_of
from syncfork.resolve.resolver import ANY_LENGTH, GIVEN, LONGEST, REASON, Proposal, Resolver

_STAYS_DELETED = "a file that ours deleted stays deleted"
_GOES = "a file that theirs deleted goes"


def propose(_: Disputed, clash: Clash) -> Iterator[Proposal]:
    """The deletion, or the other side's lines, where one side has no line left of what the base had."""
    if clash.base and not clash.ours:
        yield Proposal("", "lines that ours deleted stay deleted")
        yield Proposal(clash.theirs, "theirs comes where ours deleted lines")
    elif clash.base and not clash.theirs:
        beside = "".join(_beside(clash))
        if not beside.strip():
            yield Proposal("", "lines that theirs deleted go")
        else:
            yield Proposal("", "lines that theirs deleted go, ours beside them too")
        if beside.strip() and len(clash.base) + len(clash.ours) <= LONGEST:
            yield Proposal(beside, "lines that theirs deleted go, ours beside them stay")
        yield Proposal(clash.ours, "ours stays where theirs deleted lines")


def _beside(clash: Clash) -> list[str]:
    """The lines that ours added, where it left those of the base as they were; else nothing."""
    made = changes(base := lines_of(clash.base), lines_of(clash.ours))
    return (
        [line for each in made for line in each.new]
        if all(each.start == each.end for each in made) and base
        else []
    )


def propose_whole(file: Disputed) -> Iterator[Proposal]:
    """The deletion, or the other side's file, where the merge base has the file and one side has not."""
    if file.base is None or (file.ours is None) == (file.theirs is None):
        return
    if file.ours is None:
        yield Proposal(None, _STAYS_DELETED)
        yield Proposal(file.theirs, "a file that ours deleted comes back")
    else:
        yield Proposal(None, _GOES)
        yield Proposal(file.ours, "a file that theirs deleted stays")


RESOLVER = Resolver(
    "deletions",
    "one side deleted what the other changed, and here that is always settled alike",
    propose,
    propose_whole,
    sorts={_STAYS_DELETED: GIVEN, _GOES: REASON},
    longest=ANY_LENGTH,
)

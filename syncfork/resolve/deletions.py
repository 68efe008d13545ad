"""What one side deleted and the other went on changing: a file, or a region of one."""

from __future__ import annotations

from collections.abc import Iterator

from syncfork.resolve.base import Clash, Disputed
from syncfork.resolve.resolver import Proposal, Resolver


def propose(_: Disputed, clash: Clash) -> Iterator[Proposal]:
    """The deletion, or the other side's lines, where one side has no line left of what the base had."""
    if clash.base and not clash.ours:
        yield Proposal("", "lines that ours deleted stay deleted")
        yield Proposal(clash.theirs, "lines that ours deleted come back")
    elif clash.base and not clash.theirs:
        yield Proposal("", "lines that theirs deleted go")
        yield Proposal(clash.ours, "lines that theirs deleted stay")


def propose_whole(file: Disputed) -> Iterator[Proposal]:
    """The deletion, or the other side's file, where the merge base has the file and one side has not."""
    if file.base is None or (file.ours is None) == (file.theirs is None):
        return
    if file.ours is None:
        yield Proposal(None, "a file that ours deleted stays deleted")
        yield Proposal(file.theirs, "a file that ours deleted comes back")
    else:
        yield Proposal(None, "a file that theirs deleted goes")
        yield Proposal(file.ours, "a file that theirs deleted stays")


RESOLVER = Resolver(
    "deletions",
    "one side deleted what the other changed, and here that is always settled alike",
    propose,
    propose_whole,
)

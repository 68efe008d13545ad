"""One side as it is: the habit of a file, a folder or a fork."""

from __future__ import annotations

from collections.abc import Iterator

from syncfork.resolve.base import Clash, Disputed
from syncfork.resolve.resolver import ANY_LENGTH, Proposal, Resolver


def propose(_: Disputed, clash: Clash) -> Iterator[Proposal]:
    """Ours, or theirs, for a clash in which both sides have lines."""
    if clash.ours and clash.theirs:
        form = "changed" if clash.base else "added"
        yield Proposal(clash.ours, f"ours where both {form}")
        yield Proposal(clash.theirs, f"theirs where both {form}")


def propose_whole(file: Disputed) -> Iterator[Proposal]:
    """The whole file as ours has it, or as theirs has it: what the other side changed apart from the conflicts goes
    with it, where it changed anything there."""
    if file.ours is None or file.theirs is None:
        return
    for side, whole, taken in (
        ("ours", file.ours, file.taking("ours")),
        ("theirs", file.theirs, file.taking("theirs")),
    ):
        more = "" if taken == whole else ", and nothing of the other's"
        yield Proposal(whole, f"the file of {side}{more}")


RESOLVER = Resolver(
    "sides",
    "conflicts here are always settled by the same side",
    propose,
    propose_whole,
    longest=ANY_LENGTH,
)

"""Which of a fork's past merges are evidence of what its people decide."""

from __future__ import annotations

from msgspec.structs import replace

from syncfork.commands.replay import Opened
from syncfork.commands.waiting import last_report


def reviewed(opened: Opened) -> Opened:
    """The fork without the merge that syncfork made last, where one is on the branch that it was made on: what it came to is
    a proposal, made of suggestions perhaps that nobody has reviewed."""
    last = last_report(opened.repository)
    made = last.result.commit if last else None
    syncs = opened.found.syncs
    if not last or not made or opened.repository.branch != last.result.branch:
        return opened
    left = tuple(sync for sync in syncs if sync.commit != made)
    if left == syncs:
        return opened
    where = last.fork.ref if last.fork else "the fork's branch"
    told = f"the merge {made[:9]} on this branch is not counted: it is evidence once it is in {where}"
    return replace(opened, found=replace(opened.found, syncs=left), warnings=(*opened.warnings, told))

"""Versions that both sides moved: clashes that are the same text but for version numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from syncfork.resolve.base import Clash, Disputed
from syncfork.resolve.resolver import Proposal, Resolver

_VERSION = re.compile(r"(?<![\w.])v?[0-9]{1,9}(?:\.[0-9]{1,9})+(?:[-.+]?[A-Za-z]\w*(?:\.\d+)*)?(?![\w.])")


def propose(_: Disputed, clash: Clash) -> Iterator[Proposal]:
    """The higher version of each pin; or all of ours, or all of theirs.

    Where one side left a pin alone the other's counts.
    """
    frames = {_VERSION.sub("\0", text) for text in (clash.base, clash.ours, clash.theirs)}
    if len(frames) != 1 or "\0" in clash.base or "\0" not in (frame := frames.pop()):
        return
    rows = list(
        zip(*(_VERSION.findall(text) for text in (clash.base, clash.ours, clash.theirs)), strict=True)
    )
    if not any(len(set(row)) == 3 for row in rows):
        return
    yield Proposal(
        _filled(frame, [_moved(*row) or max(row[1:], key=_order) for row in rows]), "the higher version"
    )
    yield Proposal(_filled(frame, [_moved(*row) or row[1] for row in rows]), "our version")
    yield Proposal(_filled(frame, [_moved(*row) or row[2] for row in rows]), "their version")


def _moved(base: str, ours: str, theirs: str) -> str | None:
    """The version where at most one side moved it, or both to the same; None where that is the question."""
    return theirs if ours in (base, theirs) else ours if theirs == base else None


def _order(version: str) -> tuple[tuple[int, ...], bool, str]:
    """A release is higher than its previews; `1.10` than `1.9`."""
    numbers = re.match(r"v?([0-9]+(?:\.[0-9]+)*)(.*)", version)
    assert numbers  # as _VERSION finds them
    return tuple(map(int, numbers[1].split("."))), not numbers[2], numbers[2]


def _filled(frame: str, versions: list[str]) -> str:
    rest = iter(versions)
    return re.sub("\0", lambda _: next(rest), frame)


RESOLVER = Resolver("pins", "both sides moved the same version", propose)

"""Versions that both sides moved: clashes that are the same text but for version numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from syncfork.resolve.base import Clash, Disputed
from syncfork.resolve.resolver import Proposal, Resolver

_VERSION = re.compile(r"(?<![\w.])v?[0-9]{1,9}(?:\.[0-9]{1,9})+(?:[-.+]?[A-Za-z]\w*(?:\.\d+)*)?(?![\w.])")


# A value of two parts that is all there is behind a name may be a ratio; `tool=1.27` and `"1.27"` are versions.
_RATIO = re.compile(r"[\w\])]\s*(?:=\s|:\s)\s*[0-9]+\.[0-9]+\s*[,;]?\s*$", re.MULTILINE)


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
    higher = [_moved(*row) or _higher(*row[1:]) for row in rows]
    if all(higher):
        ratio = any(map(_RATIO.search, (clash.base, clash.ours, clash.theirs)))
        sort = "the higher of values like 1.2" if ratio else "the higher version"
        yield Proposal(_filled(frame, [version or "" for version in higher]), sort)
    yield Proposal(_filled(frame, [_moved(*row) or row[1] for row in rows]), "our version")
    yield Proposal(_filled(frame, [_moved(*row) or row[2] for row in rows]), "their version")


def _moved(base: str, ours: str, theirs: str) -> str | None:
    """The version where at most one side moved it, or both to the same; None where that is the question."""
    return theirs if ours in (base, theirs) else ours if theirs == base else None


def _higher(ours: str, theirs: str) -> str | None:
    """The higher of two versions; None where it is open which that is."""
    one, other = _order(ours), _order(theirs)
    return None if one is None or other is None or one == other else ours if one > other else theirs


# What comes before a release, in its order, and what after.
_STAGES = {
    "dev": -5,
    "a": -4,
    "alpha": -4,
    "b": -3,
    "beta": -3,
    "pre": -2,
    "preview": -2,
    "c": -1,
    "rc": -1,
    "": 0,
    "post": 1,
}
_SUFFIX = re.compile(r"[-.]?([A-Za-z]*)[-.]?(\d*)")


def _order(version: str) -> tuple[tuple[int, ...], int, int] | None:
    """A release is higher than its previews, `rc.10` than `rc.9`, `1.10` than `1.9`. None for what has another suffix,
    and for an address."""
    found = re.match(r"v?([0-9]+(?:\.[0-9]+)*)(.*)", version)
    assert found  # as _VERSION finds them
    numbers = tuple(map(int, found[1].split(".")))
    suffix = _SUFFIX.fullmatch(found[2])
    if suffix is None or suffix[1].lower() not in _STAGES or (len(numbers) == 4 and max(numbers) < 256):
        return None
    while numbers[-1:] == (0,):
        numbers = numbers[:-1]
    return numbers, _STAGES[suffix[1].lower()], int(suffix[2] or 0)


def _filled(frame: str, versions: list[str]) -> str:
    rest = iter(versions)
    return re.sub("\0", lambda _: next(rest), frame)


RESOLVER = Resolver("pins", "both sides moved the same version", propose)

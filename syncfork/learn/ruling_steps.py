"""The rewriting steps that may lead from upstream's text of a conflict to the one that was chosen. Pure.

Each function tries one kind of rule and hands out candidates, those that ask for least first. Whether one really
does it is found out by applying it: see `ruling`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Any

from msgspec import Struct

from syncfork.learn.pairs import Edit, Pair, pairs_of, patterns
from syncfork.resolve.base import Side
from syncfork.resolve.ground import Ground
from syncfork.resolve.lines import lines_of
from syncfork.text import words_and_signs
from syncfork.words import count

# So many lines beside a place are tried to find it by.
_BESIDE = 4
# So many words beside a value are tried to find it by.
_WORDS = 6
# A literal is of no use once upstream has changed it, and who is asked whether to write it is to know.
_WHILE = ", as long as upstream has just that"


class Steps(Struct, frozen=True):
    """Steps of a rule as plain data, and what they do in a few words. `everywhere` tells that they are meant for other
    places of upstream's too, `carries` that they take text from the fork's file."""

    steps: tuple[dict[str, Any], ...]
    about: str
    everywhere: bool = False
    carries: bool = False


def values(ground: Ground) -> Iterator[Steps]:
    """Where ours is the merge base with other values, and the chosen text is upstream's with the same: the values
    rewritten wherever upstream uses them. A literal where words end as it does, else a regular expression."""
    groups: dict[tuple[Edit, ...], list[Pair]] = {}
    for pair in pairs_of(ground.clash.base, ground.clash.ours):
        if any(edit.old.strip() != edit.new.strip() for edit in pair.edits):
            groups.setdefault(pair.edits, []).append(pair)
    if not groups:
        return
    found = [[*_literal_values(pairs, ground), *_regex_values(pairs)] for pairs in groups.values()]
    if not all(found):
        return
    shown = ", ".join(becomes(edit.old, edit.new) for edits in groups for edit in edits)
    for size in range(max(map(len, found))):
        chosen = tuple(steps[min(size, len(steps) - 1)] for steps in found)
        yield Steps(chosen, f"wherever upstream has it: {shown}", everywhere=True)


def _literal_values(pairs: Sequence[Pair], ground: Ground) -> Iterator[dict[str, Any]]:
    """One literal for pairs of one edit, with as many words around it as all have in common."""
    if any(len(pair.edits) != 1 for pair in pairs):
        return
    edit = pairs[0].edits[0]
    lefts = [words_and_signs(pair.gaps[0])[::-1] for pair in pairs]
    rights = [words_and_signs(pair.gaps[-1]) for pair in pairs]
    for size in range(_WORDS + 1):
        left, right = _common(lefts, size)[::-1], _common(rights, size)
        old = "".join((*left, edit.old, *right))
        new = "".join((*left, edit.new, *right))
        if re.search(r"\w{3}", old) and old not in new and _stands_alone(old, ground.text("theirs")):
            yield {"replace": {"literal": old}, "with": new, "expect": "any"}


def _common(texts: Sequence[Sequence[str]], most: int) -> list[str]:
    alike = takewhile(lambda words: len(set(words)) == 1, zip(*texts, strict=False))
    return [words[0] for words in alike][:most]


def _stands_alone(old: str, text: str) -> bool:
    """Whether the literal is nowhere a part of longer words."""
    start = r"(?<!\w)" if re.match(r"\w", old) else ""
    end = r"(?!\w)" if re.search(r"\w\Z", old) else ""
    return len(re.findall(f"{start}{re.escape(old)}{end}", text)) == text.count(old)


def _regex_values(pairs: Sequence[Pair]) -> Iterator[dict[str, Any]]:
    for pattern in patterns(pairs):
        yield {"replace": {"regex": pattern.regex}, "with": pattern.template, "expect": "any"}


def added(ground: Ground) -> Iterator[Steps]:
    """Where the chosen text is upstream's with lines added in one place: these lines beside a line of upstream's, as
    the fork has them where it does."""
    change = _one_change(ground.clash.theirs, ground.chosen)
    if change is None or change.old or not "".join(change.new).strip():
        return
    theirs = [
        *ground.above("theirs", _BESIDE),
        *lines_of(ground.clash.theirs),
        *ground.below("theirs", _BESIDE),
    ]
    at = len(ground.above("theirs", _BESIDE)) + change.start
    region = _region("".join(change.new), ground.text("ours"))
    for side, anchors in (
        ("after", _anchors(theirs[:at], last=True)),
        ("before", _anchors(theirs[at:], last=False)),
    ):
        for anchor in anchors:
            find = {"literal": anchor}
            about = f"the fork's lines go {side} the line {anchor.strip()!r}"
            if region:
                yield Steps(({"carry": region, side: find, "comments": False},), about, carries=True)
            text = "".join(change.new)
            inserted = f"\n{text}".removesuffix("\n") if side == "after" else text
            yield Steps(({"insert": inserted, side: find},), about)


def _anchors(lines: Sequence[str], *, last: bool) -> Iterator[str]:
    """The nearest lines as literals without the last line's end, fewest first."""
    for size in range(1, min(_BESIDE, len(lines)) + 1):
        chosen = "".join(lines[-size:] if last else lines[:size]).removesuffix("\n")
        if re.search(r"\w", chosen):
            yield chosen


def _region(block: str, text: str) -> dict[str, str] | None:
    """A selector for the fork's block, by its first and last line, so that what is between may change."""
    lines = lines_of(block)
    filled = [number for number, line in enumerate(lines) if line.strip()]
    core = lines[filled[0] : filled[-1] + 1]
    if len(core) == 1:
        return {"literal": core[0].strip()} if text.count(core[0].strip()) == 1 else None
    regex = "^" + _escaped(core[0]) + r"(?:.*\n)*?" + _escaped(core[-1])
    found = [match[0] for match in re.finditer(regex, text, re.MULTILINE)]
    return {"regex": regex} if found == ["".join(core)] else None


def _escaped(text: str) -> str:
    """A regular expression for the text, on one line of the rule file, with no more escapes than it needs."""
    return re.sub(r"([.^$*+?{}\[\]\\|()])", r"\\\1", text).replace("\n", r"\n")


def removed(ground: Ground) -> Iterator[Steps]:
    """Where the chosen text is upstream's without lines that stand together: these lines go, and if need be those in
    whose place they came, which ours took out."""
    change = _one_change(ground.clash.theirs, ground.chosen)
    if change is None or not change.old or change.new:
        return
    text = "".join(change.old)
    steps, about = (_remove(text),), f"upstream's {_shown(text)} goes"
    yield Steps(steps, about)
    former = _one_change(ground.clash.base, ground.clash.ours)
    if former and former.old and not former.new and former.old != change.old:
        # Upstream has these no more; that they are not found there is no reason to withhold the rule.
        yield Steps(({**_remove("".join(former.old)), "expect": "any"}, *steps), about)


def _remove(text: str) -> dict[str, Any]:
    return {"remove": {"literal": text}, "comments": False}


def kept(ground: Ground) -> Iterator[Steps]:
    """Where ours was chosen as it stands: what is between the lines around it stays the fork's."""
    if ground.chosen != ground.clash.ours:
        return
    for size in range(1, _BESIDE + 1):
        above, below = ground.above("theirs", size), ground.below("theirs", size)
        start = _escaped("".join(above))
        regex = (rf"(?<=^{start})" if start else r"\A") + r"(?:.*\n)*?"
        regex += f"(?={_escaped(''.join(below))})" if below else r"(?=\Z)"
        find = {"regex": regex}
        if not above and not below:
            # The whole file: that is no region of it.
            return
        first = next((repr(line.strip()) for line in reversed(above) if line.strip()), "a blank line")
        last = next((repr(line.strip()) for line in below if line.strip()), "a blank line")
        first, last = first if above else "the file's beginning", last if below else "its end"
        about = f"what stands between {first} and {last} stays the fork's, whatever upstream makes of it"
        yield Steps(({"replace": find, "with": {"carry": find}},), about, carries=True)


def literals(ground: Ground) -> Iterator[Steps]:
    """Upstream's text as it stands becomes the chosen one, by as little of it as is found once; where the chosen text
    is not ours either, so does ours."""
    theirs = _replacements(ground, "theirs")
    if ground.chosen == ground.clash.ours:
        for old, new in theirs:
            yield Steps((_replace(old, new),), f"{becomes(old, new)}{_WHILE}")
        return
    ours = [({**_replace(old, new), "expect": "any"}) for old, new in _replacements(ground, "ours")]
    for old, new in theirs:
        for own in ours:
            yield Steps((own, _replace(old, new)), f"{becomes(old, new)}{_WHILE}")


def _replace(old: str, new: str) -> dict[str, Any]:
    return {"replace": {"literal": old}, "with": new}


def becomes(old: str, new: str) -> str:
    """What an edit does, in words."""
    if not old.strip():
        return f"{_shown(new)} is put in"
    return f"{_shown(old)} becomes {_shown(new)}" if new.strip() else f"{_shown(old)} is taken out"


def _shown(text: str) -> str:
    lines = text.strip().split("\n")
    return repr(lines[0]) + (f" and {count(len(lines) - 1, 'more line')}" if len(lines) > 1 else "")


def _replacements(ground: Ground, side: Side) -> Iterator[tuple[str, str]]:
    """Texts of a side with what is to stand there instead, the shortest first; each is found once on that side."""
    change = _one_change(getattr(ground.clash, side), ground.chosen)
    if change is None:
        return
    whole = ground.text(side)
    candidates = list(_within_line(change)) if len(change.old) == len(change.new) == 1 else []
    lines = lines_of(getattr(ground.clash, side))
    before = [*ground.above(side, _BESIDE), *lines[: change.start]]
    after = [*lines[change.start + len(change.old) :], *ground.below(side, _BESIDE)]
    for size in range(_BESIDE + 1):
        for above, below in dict.fromkeys(((size, size), (size, 0), (0, size))):
            head, tail = "".join(before[max(0, len(before) - above) :]), "".join(after[:below])
            candidates.append((head + "".join(change.old) + tail, head + "".join(change.new) + tail))
    for old, new in candidates:
        if old.strip() and new.strip() and old not in new and whole.count(old) == 1:
            yield old, new


def _within_line(change: _Change) -> Iterator[tuple[str, str]]:
    """The words of a line that differ, with more and more of the words around them."""
    old, new = words_and_signs(change.old[0]), words_and_signs(change.new[0])
    words = _differing(old, new)
    for size in range(_WORDS + 1):
        start = max(0, words.start - size)
        tail = old[words.start + len(words.old) :][:size]
        head = old[start : words.start]
        found = "".join((*head, *words.old, *tail))
        if re.search(r"\w{3}", found):
            yield found, "".join((*head, *words.new, *tail))


class _Change(Struct, frozen=True):
    """From place `start` on `old` became `new`."""

    start: int
    old: tuple[str, ...]
    new: tuple[str, ...]


def _one_change(old: str, new: str) -> _Change | None:
    """What leads from one text to the other, as one change of lines; None where they are equal."""
    return None if old == new else _differing(lines_of(old), lines_of(new))


def _differing(old: Sequence[str], new: Sequence[str]) -> _Change:
    """What is between the common beginning and the common end."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[len(old) - 1 - end] == new[len(new) - 1 - end]:
        end += 1
    return _Change(start, tuple(old[start : len(old) - end]), tuple(new[start : len(new) - end]))

"""Lines that the fork changed, as pairs with the words that became others, and what such pairs have in common."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from msgspec import Struct

from syncfork.resolve.lines import aligned, lines_of
from syncfork.text import words_and_signs

# Lines that share less than this part of their words are not one line that was changed.
_ALIKE = 0.5
# More than this was rewritten, not changed.
_MOST_EDITS = 3
_LONGEST_LINE = 400
# So many words beside what changes are context; more would be the place, not the value.
_CONTEXT = 4


class Edit(Struct, frozen=True):
    """In a line: `old` words that became `new`."""

    old: str
    new: str


class Pair(Struct, frozen=True):
    """A line of the merge base and what the fork made of it: its edits, in order, and the texts around them that
    stay (one more than edits)."""

    edits: tuple[Edit, ...]
    gaps: tuple[str, ...]


def pairs_of(base: str, ours: str) -> Iterator[Pair]:
    """The lines of `base` that `ours` has changed a little, in places where no line came or went."""
    old, new = lines_of(base), lines_of(ours)
    for i, j, k, m in changed_blocks(old, new):
        if j - i == m - k:
            for was, now in zip(old[i:j], new[k:m], strict=True):
                if was != now and (pair := _pair(was.rstrip("\n"), now.rstrip("\n"))):
                    yield pair


def changed_blocks(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """Where `old` and `new` differ: half-open ranges of both."""
    i = k = 0
    for at, place in [*enumerate(aligned(old, new)), (len(old), len(new))]:
        if place is None:
            continue
        if i < at or k < place:
            yield i, at, k, place
        i, k = at + 1, place + 1


def _pair(was: str, now: str) -> Pair | None:
    if len(was) > _LONGEST_LINE or len(now) > _LONGEST_LINE:
        return None
    old, new = words_and_signs(was), words_and_signs(now)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return None
    edits: list[Edit] = []
    gaps: list[str] = [""]
    for tag, i, j, k, m in matcher.get_opcodes():
        before, after = "".join(old[i:j]), "".join(new[k:m])
        if tag == "equal":
            gaps[-1] += before
        else:
            edits.append(Edit(before, after))
            gaps.append("")
    return Pair(tuple(edits), tuple(gaps)) if 0 < len(edits) <= _MOST_EDITS else None


class Pattern(Struct, frozen=True):
    """A regular expression that finds what a group of pairs has in common, and what each match becomes."""

    regex: str
    template: str


def patterns(pairs: Sequence[Pair]) -> Iterator[Pattern]:
    """Patterns for pairs of the same edits, the most general first: what differs between the pairs is left open, and
    of what they share at most a few words are context."""
    edits = pairs[0].edits
    left = _shared([pair.gaps[0] for pair in pairs], end=True)
    right = _shared([pair.gaps[-1] for pair in pairs], end=False)
    ends = all(not pair.gaps[-1] for pair in pairs)
    middles = [{pair.gaps[number] for pair in pairs} for number in range(1, len(edits))]
    seen = set()
    for size in range(_CONTEXT + 1):
        for before, after in ((size, size), (size + 1, size), (size, size + 1)):
            pattern = _pattern(edits, middles, left[max(0, len(left) - before) :], right[:after], ends)
            if pattern and pattern.regex not in seen:
                seen.add(pattern.regex)
                yield pattern


def _shared(texts: Sequence[str], *, end: bool) -> list[str]:
    """The words that all texts begin with (or end with)."""
    split = [words_and_signs(text)[:: -1 if end else 1] for text in texts]
    found: list[str] = []
    for words in zip(*split, strict=False):
        if len(set(words)) > 1 or len(found) > _CONTEXT:
            break
        found.append(words[0])
    return found[::-1] if end else found


def _pattern(
    edits: Sequence[Edit], middles: Sequence[set[str]], left: Sequence[str], right: Sequence[str], ends: bool
) -> Pattern | None:
    first, last = edits[0], edits[-1]
    before, after = "".join(left), "".join(right)
    # An insertion is found by what stands on both sides of it, a value by itself or by what stands beside it.
    if not (first.old or before) or not (last.old or after or ends):
        return None
    regex, template, groups = re.escape(first.old), _plain(first.new), 0
    for edit, gaps in zip(edits[1:], middles, strict=True):
        if len(gaps) == 1:
            [gap] = gaps
            regex, template = regex + re.escape(gap), template + _plain(gap)
        else:
            groups += 1
            regex, template = regex + r"(.*?)", template + rf"\g<{groups}>"
        regex, template = regex + re.escape(edit.old), template + _plain(edit.new)
    if not any(len(word) > 2 for word in re.findall(r"\w+", before + after + "".join(e.old for e in edits))):
        return None
    whole = before + first.old if first.old or before else ""
    start = r"\b" if whole[:1].isalnum() or whole[:1] == "_" else ""
    tail = last.old + after
    stop = r"\b" if tail[-1:].isalnum() or tail[-1:] == "_" else ""
    look = f"(?<={start}{re.escape(before)})" if before else start
    ahead = f"(?={re.escape(after)}{stop})" if after else ("$" if ends and not last.old else stop)
    return Pattern(look + regex + ahead, template) if "\0" not in template else None


def _plain(text: str) -> str:
    """`text` for a rule's `with:`, which has no way to write a reference as plain text; \\0 marks what cannot be."""
    return "\0" if re.search(r"\\(\d|g<)", text) else text

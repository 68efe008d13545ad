"""Blocks of the fork's own that upstream keeps colliding with: lines it added, which go beside a line of upstream's, and
stretches that people keep as they are, whatever upstream makes of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import dropwhile
from typing import Any

from syncfork.globs import exactly
from syncfork.learn.base import Dispute, Ledger, OwnChange, Past, Proposal
from syncfork.resolve.base import Clash
from syncfork.resolve.lines import lines_of
from syncfork.resolve.past import outcomes
from syncfork.rules.naming import identifier

# People kept the same lines so often, and a stretch never otherwise. Measured on the history of one fork: of the blocks
# that were kept once or twice, the rules asked later for a person in 40 merges that git does cleanly, and resolved none.
_LEAST = 3
# So many lines beside a block are tried to find its place by; and so long it may be.
_MOST_BESIDE = 4
_LONGEST = 60
_CONTEXT = 4
# A line of no more characters stands in any file.
_SHORT = 5


def learn(past: Past) -> Iterator[Proposal]:
    """Carried additions and kept stretches, of blocks that the fork still has. Which of several places for a block is
    the right one, and whether it is one at all, the past conflicts tell: see `select`."""
    for path, disputes in past.disputes.items():
        change = past.own.get(path)
        if change is None or change.ours is None or change.base is None:
            continue
        for block, met in _blocks(disputes).items():
            found = _place(block, change.ours)
            if found is None:
                continue
            before, after = found
            ledger = Ledger(past.merges)
            for merge, agrees in met:
                ledger.add(merge, path, agrees)
            if len(ledger.bearing) < _LEAST or ledger.withdrawn:
                continue
            if block not in change.base and all(_adds(clash) for clash in _clashes(disputes, block)):
                yield from _carried(path, block, (before, after), change, ledger)
            elif not ledger.against:
                most = _most_lines(_clashes(disputes, block))
                yield from _kept(path, block, (before, after), change, ledger, most)


def _clashes(disputes: Sequence[Dispute], block: str) -> Iterator[Clash]:
    for dispute in disputes:
        yield from (clash for clash in dispute.file.clashes if block in clash.ours)


def _most_lines(clashes: Iterable[Clash]) -> int:
    """How many lines either side had there at the most. Of a longer stretch nobody has decided anything yet."""
    return max(len(lines_of(side)) for clash in clashes for side in (clash.base, clash.ours, clash.theirs))


def _blocks(disputes: Sequence[Dispute]) -> dict[str, list[tuple[int, bool]]]:
    """The fork's lines in past clashes, and for each clash whether people kept them: what was added, else the side as a
    whole."""
    found: dict[str, list[tuple[int, bool]]] = {}
    for dispute in disputes:
        if dispute.committed is None:
            continue
        made = outcomes(dispute.file, dispute.committed)
        for clash, outcome in zip(dispute.file.clashes, made, strict=True):
            added = _added(clash)
            block = added or clash.ours
            if outcome is None or not _tells(block) or block.count("\n") > _LONGEST:
                continue
            agrees = added in outcome if added else outcome == clash.ours
            found.setdefault(block, []).append((dispute.merge, agrees))
    return found


def _tells(block: str) -> bool:
    """Whether a line says what it is for: an argument such as `0,` or `nil,` has its place by counting, which a line
    of upstream's beside it does not tell."""
    lines = (line.strip() for line in block.split("\n"))
    return any(len(line) > _SHORT and any(map(str.isalpha, line)) for line in lines)


def _adds(clash: Clash) -> bool:
    return bool(_added(clash))


def _added(clash: Clash) -> str:
    """The lines that ours has more than the base, where that is all that ours did and they stand together."""
    base, ours = lines_of(clash.base), lines_of(clash.ours)
    more = len(ours) - len(base)
    if more <= 0:
        return ""
    start = next((n for n, line in enumerate(base) if ours[n] != line), len(base))
    return "".join(ours[start : start + more]) if ours[:start] + ours[start + more :] == base else ""


def _place(block: str, ours: str) -> tuple[list[str], list[str]] | None:
    """The lines before and after the block in the fork's text, nearest first; None where it is not there just once."""
    at = ours.find(block)
    if at < 0 or ours.find(block, at + 1) >= 0 or (at and ours[at - 1] != "\n"):
        return None
    before = lines_of(ours[:at])[::-1][:_MOST_BESIDE]
    after = lines_of(ours[at + len(block) :])[:_MOST_BESIDE]
    return before, after


def _anchor(lines: Sequence[str], text: str, *, above: bool) -> str | None:
    """A regular expression for as few of the lines as are found once in `text`."""
    for size in range(1, len(lines) + 1):
        chosen = list(lines[:size])
        stretch = "".join(chosen[::-1] if above else chosen)
        if stretch.endswith("\n") and f"\n{text}".count(f"\n{stretch}") == 1 and re.search(r"\w", stretch):
            return "^" + re.escape(stretch)
    return None


def _region(block: str, text: str) -> str | None:
    """A regular expression for the block by its first and last line, so that what is between may change."""
    lines = lines_of(block)
    regex = "^" + re.escape(lines[0])
    if len(lines) > 1:
        regex += r"(?:.*\n)*?" + re.escape(lines[-1])
    found = [match[0] for match in re.finditer(regex, text, re.MULTILINE)]
    return regex if found == [block] else None


def _carried(
    path: str, block: str, beside: tuple[list[str], list[str]], change: OwnChange, ledger: Ledger
) -> Iterator[Proposal]:
    ours = change.ours or ""
    region = _region(_core(block), ours)
    if region is None:
        return
    for side, beside_it in (("after", beside[0]), ("before", beside[1])):
        # The step itself sees to blank lines between the region and its anchor.
        lines = list(dropwhile(lambda line: not line.strip(), beside_it))
        anchor = _anchor(lines, ours, above=side == "after")
        if anchor is None or not re.search(anchor, change.base or "", re.MULTILINE):
            continue
        context = "".join(beside[0][:_CONTEXT][::-1]), "".join(beside[1][:_CONTEXT])
        rule = {
            "id": identifier("carry", f"{path} {_title(block)}", block, side, anchor),
            "why": f"The fork adds lines of its own here, which upstream's changes keep running into: {_title(block)}",
            "files": [exactly(path)],
            "rewrite": [{"carry": {"regex": region}, side: {"regex": anchor}, "comments": False}],
            "cases": _cases(path, context[0] + context[1], context[0] + block + context[1]),
        }
        yield Proposal("blocks", rule, (path,), ledger.evidence(), choice=f"{path}\0{block}")


def _kept(
    path: str, block: str, beside: tuple[list[str], list[str]], change: OwnChange, ledger: Ledger, most: int
) -> Iterator[Proposal]:
    ours = change.ours or ""
    above, below = _anchor(beside[0], ours, above=True), _anchor(beside[1], ours, above=False)
    if above is None or below is None:
        return
    regex = f"(?<={above})(?:.*\\n){{0,{most}}}?(?={below})"
    if [match[0] for match in re.finditer(regex, ours, re.MULTILINE)] != [block]:
        return
    find: dict[str, Any] = {"regex": regex}
    context = "".join(beside[0][::-1]), "".join(beside[1])
    rule = {
        "id": identifier("keep", f"{path} {_title(block)}", block),
        "why": f"These lines are the fork's own, whatever upstream makes of them: {_title(block)}",
        "files": [exactly(path)],
        "rewrite": [{"replace": find, "with": {"carry": find}}],
        "cases": _cases(path, context[0] + "upstream's\n" + context[1], context[0] + block + context[1]),
    }
    yield Proposal("blocks", rule, (path,), ledger.evidence(), choice=f"{path}\0{block}")


def _cases(path: str, before: str, after: str) -> list[dict[str, str]]:
    return [
        {"name": "the fork's lines go in", "path": path, "fork": after, "before": before, "after": after},
        {"name": "the fork's own form", "path": path, "fork": after, "unchanged": after},
    ]


def _core(block: str) -> str:
    """The block without the blank lines at its ends."""
    lines = lines_of(block)
    filled = [number for number, line in enumerate(lines) if line.strip()]
    return "".join(lines[filled[0] : filled[-1] + 1])


def _title(block: str) -> str:
    """The first line that says something."""
    lines = [line.strip() for line in block.split("\n") if re.search(r"\w", line)]
    return lines[0][:60] if lines else "blank lines"

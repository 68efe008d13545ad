"""Value rewrites: the fork has another value in a line of upstream's (an owner, a suffix, a marker), wherever
upstream uses it, and people put it into upstream's new lines as well."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from syncfork.globs import exactly
from syncfork.learn.base import Dispute, Ledger, OwnChange, Past, Proposal
from syncfork.learn.pairs import Edit, Pair, Pattern, pairs_of, patterns
from syncfork.resolve.base import Clash
from syncfork.resolve.past import outcomes
from syncfork.rewrite.replace import expand
from syncfork.rules.naming import identifier
from syncfork.selectors.regex import captured
from syncfork.text import Match

# Beyond this many pairs in a file it was rewritten, and its lines tell no values.
_MOST_PAIRS = 400
_WORD = re.compile(r"\w")
# What people did so often, wherever it was called for, is a decision.
_LEAST = 2


class Value(Struct, frozen=True):
    """A pattern with what it becomes, compiled, and the files in which the fork's state bears it out."""

    pattern: Pattern
    compiled: re.Pattern[str]
    files: tuple[str, ...]

    def made(self, text: str) -> str:
        """`text` with the fork's value."""
        return _made(self.compiled, self.pattern.template, text)


def learn(past: Past) -> Iterator[Proposal]:
    """Values that every use in a file of the fork has, and that people gave to upstream's new uses."""
    told = {path: _Told.of(found) for path, found in past.disputes.items() if path in past.own}
    for edits, group in _groups(past.own).items():
        for value in _values(group, past.own):
            files = [path for path in value.files if path in told]
            ledger = Ledger(past.merges)
            for path in files:
                for item in told[path]:
                    item.weigh(value, ledger)
            if len(ledger.bearing) >= _LEAST and not ledger.withdrawn:
                yield _proposal(value, edits, group, ledger)


def _proposal(
    value: Value, edits: Sequence[Edit], group: Mapping[str, list[Pair]], ledger: Ledger
) -> Proposal:
    shown = ", ".join(f"{edit.old.strip() or 'nothing'!r} to {edit.new.strip()!r}" for edit in edits)
    sample = next(pair for path in value.files for pair in group[path])
    before = _line(sample, old=True)
    after = value.made(before)
    path = next(path for path in value.files if sample in group[path])
    rule = {
        "id": identifier("value", " ".join(edit.new for edit in edits), value.pattern.regex, *value.files),
        "why": f"The fork has a value of its own here, wherever upstream uses its own: {shown}.",
        "files": [exactly(path) for path in value.files],
        "rewrite": [
            {
                "replace": {"regex": value.pattern.regex},
                "with": value.pattern.template,
                "expect": "any",
            }
        ],
        "cases": [
            {"name": "upstream's value becomes the fork's", "path": path, "before": before, "after": after},
            {"name": "the fork's own form", "path": path, "unchanged": after},
        ],
    }
    return Proposal("values", rule, value.files, ledger.evidence())


def _line(pair: Pair, *, old: bool) -> str:
    parts = [pair.gaps[0]]
    for edit, gap in zip(pair.edits, pair.gaps[1:], strict=True):
        parts += [edit.old if old else edit.new, gap]
    return "".join(parts) + "\n"


def _groups(own: Mapping[str, OwnChange]) -> dict[tuple[Edit, ...], dict[str, list[Pair]]]:
    """The pairs of all files that the fork changed, by their edits and by path."""
    groups: dict[tuple[Edit, ...], dict[str, list[Pair]]] = defaultdict(lambda: defaultdict(list))
    for path, change in own.items():
        if change.base is None or change.ours is None:
            continue
        pairs = list(pairs_of(change.base, change.ours))
        for pair in pairs if len(pairs) <= _MOST_PAIRS else ():
            # Words that are only taken out are no value.
            if all(_WORD.search(edit.new) or not _WORD.search(edit.old) for edit in pair.edits) and any(
                edit.old.strip() != edit.new.strip() for edit in pair.edits
            ):
                groups[pair.edits][path].append(pair)
    return groups


def _values(group: Mapping[str, list[Pair]], own: Mapping[str, OwnChange]) -> Iterator[Value]:
    """For pairs of the same edits the most general pattern that most files bear out; files that do not are tried
    among themselves, until none is left."""
    left = dict(group)
    while left:
        best: Value | None = None
        for pattern in patterns([pair for pairs in left.values() for pair in pairs]):
            compiled = re.compile(pattern.regex, re.MULTILINE)
            files = tuple(path for path in left if _consistent(compiled, pattern.template, own[path]))
            if len(files) > (len(best.files) if best else 0):
                best = Value(pattern, compiled, files)
        if best is None and len(left) == 1:
            return
        if best is None:
            # Each by itself.
            for path, pairs in left.items():
                yield from _values({path: pairs}, own)
            return
        yield best
        left = {path: pairs for path, pairs in left.items() if path not in best.files}


def _consistent(compiled: re.Pattern[str], template: str, change: OwnChange) -> bool:
    """Whether the fork has its value at every place of the file where the pattern finds upstream's."""
    base, ours = change.base or "", change.ours or ""
    if compiled.search(ours):
        return False
    found = [base.count("\n", 0, match.start()) for match in compiled.finditer(base)]
    lines, kept = base.split("\n"), set(ours.split("\n"))
    met = 0
    for number in set(found):
        made = _made(compiled, template, lines[number])
        if made == lines[number] or compiled.search(made):
            return False
        met += made in kept
    # A line that the fork dropped, or changed elsewhere too, says nothing.
    return met > 0


def _made(compiled: re.Pattern[str], template: str, text: str) -> str:
    return compiled.sub(lambda m: expand(template, Match(m.start(), m.end(), captured(m))), text)


class _Told(Struct, frozen=True):
    """A dispute with what people made of each of its clashes."""

    dispute: Dispute
    committed: str
    outcomes: tuple[str | None, ...]

    @classmethod
    def of(cls, disputes: Sequence[Dispute]) -> list[_Told]:
        return [
            cls(dispute, dispute.committed, outcomes(dispute.file, dispute.committed))
            for dispute in disputes
            if dispute.committed is not None and dispute.file.clashes
        ]

    def weigh(self, value: Value, ledger: Ledger) -> None:
        """Note whether people gave upstream's text the value, where that was called for."""
        file, find = self.dispute.file, value.compiled
        if find.search(file.ours or ""):
            return  # the fork did not have the value everywhere then
        agrees: bool | None = None
        if len(find.findall(file.theirs or "")) > len(find.findall(file.base or "")):
            agrees = True
        for clash, outcome in zip(file.clashes, self.outcomes, strict=True):
            made = merged(clash, value)
            if made is not None and outcome is not None:
                agrees = (agrees is not False) and made == outcome
        if find.search(self.committed):
            agrees = False
        if agrees is not None:
            ledger.add(self.dispute.merge, file.path, agrees)


def merged(clash: Clash, value: Value) -> str | None:
    """What the clash comes to with the value on all its sides; None where it stays one, or the value is not in it."""
    base, ours, theirs = (value.made(text) for text in (clash.base, clash.ours, clash.theirs))
    if (base, theirs) == (clash.base, clash.theirs):
        return None
    if ours in (base, theirs):
        return theirs
    return ours if theirs == base else None

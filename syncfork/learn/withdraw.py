"""Learned rules that the past no longer bears out (people did otherwise since, or the fork changed), and those that it
has borne out again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from syncfork.evidence import HOLDS
from syncfork.globs import exactly
from syncfork.learn.base import Proposal
from syncfork.own.registry import AnyOwn, DerivedFrom, folders_of
from syncfork.rules.convert import convert
from syncfork.rules.load import parse_rule
from syncfork.rules.written import WrittenRule


def withdrawn(known: Iterable[WrittenRule], proposed: Sequence[Proposal]) -> list[WrittenRule]:
    """Those of the `known` rules that were learned once, and that no learner would propose today."""
    return [rule for rule in known if rule.learned and not _borne_out(rule, proposed)]


class Renewed(Struct, frozen=True):
    """A learned rule that merges since have borne out: what it rests on holds `until` a later day than its `file` says,
    the `last` of them was on that day."""

    id: str
    file: str
    last: date
    until: date


def renewed(known: Iterable[tuple[WrittenRule, str]], proposed: Sequence[Proposal]) -> list[Renewed]:
    """Those of the `known` rules, each with its file, that wanted review earlier than they would if proposed today."""
    found: list[Renewed] = []
    for rule, file in known:
        last = _last(rule, proposed) if rule.learned and rule.review else None
        if last and rule.review and rule.review < last + HOLDS:
            found.append(Renewed(rule.id, file, last, last + HOLDS))
    return found


def again(text: str, rule: Renewed) -> str | None:
    """The rule file `text`, renewed; None where it is another rule by now, no learned one, or says its days in a way that
    only a person can change."""
    made = _LAST.sub(rf"\g<1>{rule.last.isoformat()}", text, count=1)
    made = _REVIEW.sub(f"review: {rule.until.isoformat()}", made, count=1)
    before, after = (parse_rule(rule.file, content.encode()) for content in (text, made))
    if isinstance(before, list) or isinstance(after, list) or before.learned is None or before.id != rule.id:
        return None
    wanted = replace(before, review=rule.until, learned=replace(before.learned, last=rule.last))
    return made if after == wanted else None


_REVIEW = re.compile(r"^review: *[0-9-]+", re.MULTILINE)
# Within the lines of `learned`, which are indented.
_LAST = re.compile(r"(^learned: *\r?\n(?: .*\n)*? +last: *)[0-9-]+", re.MULTILINE)


def _last(rule: WrittenRule, proposed: Sequence[Proposal]) -> date | None:
    """The day of the last merge that bears out all of a rule; None where there is none for a part of it."""
    if rule.own is None:
        return next((proposal.evidence.last for proposal in proposed if proposal.id == rule.id), None)
    days: dict[str, date] = {}
    for proposal in _owning_alike(rule, proposed):
        for file in _covered(proposal):
            days[file] = max(days.get(file, proposal.evidence.last), proposal.evidence.last)
    return min(map(days.__getitem__, rule.files)) if days.keys() >= set(rule.files) else None


def _owning_alike(rule: WrittenRule, proposed: Sequence[Proposal]) -> list[Proposal]:
    return [proposal for proposal in proposed if "own" in proposal.rule and _says(proposal, rule)]


def _says(proposal: Proposal, rule: WrittenRule) -> bool:
    """Whether a proposal says of what it governs what the rule says of its files; one for a folder of copies speaks for
    each of them."""
    own = convert(proposal.rule["own"], AnyOwn)
    if isinstance(own, DerivedFrom) and isinstance(rule.own, DerivedFrom) and own != rule.own:
        folders = folders_of(own, proposal.files)
        derived = rule.own.derived
        return folders is not None and any(
            path == folders[0] + derived[len(folders[1]) :]
            for path in proposal.paths
            if exactly(path) in rule.files
        )
    return bool(own == rule.own)


def _covered(proposal: Proposal) -> tuple[str, ...]:
    """The patterns of a rule that a proposal speaks for: a rule that names files stands where one for their whole folder
    is proposed now."""
    return (*proposal.files, *map(exactly, proposal.paths))


def _borne_out(rule: WrittenRule, proposed: Sequence[Proposal]) -> bool:
    if rule.own is None:
        return any(proposal.id == rule.id for proposal in proposed)
    return set(rule.files) <= {file for p in _owning_alike(rule, proposed) for file in _covered(p)}

"""Learned rules that the past no longer bears out: people did otherwise since, or the fork changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from syncfork.learn.base import Proposal
from syncfork.own.registry import AnyOwn
from syncfork.rules.convert import convert
from syncfork.rules.files import exactly
from syncfork.rules.written import WrittenRule


def withdrawn(known: Iterable[WrittenRule], proposed: Sequence[Proposal]) -> list[WrittenRule]:
    """Those of the `known` rules that were learned once, and that no learner would propose today."""
    return [rule for rule in known if rule.learned and not _borne_out(rule, proposed)]


def _borne_out(rule: WrittenRule, proposed: Sequence[Proposal]) -> bool:
    if rule.own is None:
        return any(proposal.id == rule.id for proposal in proposed)
    owning = (proposal for proposal in proposed if "own" in proposal.rule)
    alike = [proposal for proposal in owning if convert(proposal.rule["own"], AnyOwn) == rule.own]
    # A rule that names files stands where one for their whole folder is proposed now.
    return set(rule.files) <= {
        file for proposal in alike for file in (*proposal.files, *map(exactly, proposal.paths))
    }

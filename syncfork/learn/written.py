"""A proposal as a rule file."""

from __future__ import annotations

from typing import Any

import yaml

from syncfork.errors import RuleError
from syncfork.learn.base import Proposal, Reference
from syncfork.rules.dump import rule_text
from syncfork.rules.load import load_rules
from syncfork.rules.model import Rule

# So many merges are named in a rule file; the rest are counted.
_MOST_NAMED = 5


def as_yaml(proposal: Proposal) -> str:
    """The rule file's text, with what the rule rests on."""
    data = {**proposal.rule, "learned": _learned(proposal)}
    data["review"] = proposal.evidence.until
    cases = data.pop("cases", None)
    if cases:
        data["cases"] = cases
    return rule_text(data)


def compiled(proposal: Proposal) -> Rule | None:
    """The rule as it is read from its file; None where a text of it cannot be written into one."""
    try:
        [rule] = load_rules([(f"{proposal.id}.yml", as_yaml(proposal).encode())])
    except (RuleError, UnicodeEncodeError, yaml.YAMLError):
        return None
    return rule


def _learned(proposal: Proposal) -> dict[str, Any]:
    evidence = proposal.evidence
    found: dict[str, Any] = {
        "by": proposal.learner,
        "bearing": len(evidence.bearing),
        "against": len(evidence.against),
        "last": evidence.last,
        "cases": _named(evidence.bearing),
    }
    if evidence.against:
        found["exceptions"] = _named(evidence.against)
    if proposal.score:
        score = proposal.score
        found["replay"] = {"same": score.same, "different": score.different, "left": score.left}
    return found


def _named(references: tuple[Reference, ...]) -> list[str]:
    return [str(reference) for reference in references[:_MOST_NAMED]]

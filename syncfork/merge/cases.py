"""Run the cases of a rule: what no case shows, a rule cannot claim."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

from msgspec import Struct

from syncfork.git.objects import Entry
from syncfork.hold.base import Trees
from syncfork.hold.made_from import MadeFromHold, made_anew
from syncfork.merge.holds import LoadedTree, one_file, origin_of
from syncfork.merge.lift import Governed, lift
from syncfork.own.base import THEIRS
from syncfork.rewrite.base import Fork, Problem
from syncfork.rules.model import Rule
from syncfork.rules.written import Case
from syncfork.text import Document
from syncfork.words import listed


class CaseResult(Struct, frozen=True):
    """How one case went; `failure` is empty where the rule bore it out, else it says what happened instead."""

    rule: str
    source: str
    name: str
    failure: str = ""


def run_cases(rules: Sequence[Rule]) -> Iterator[CaseResult]:
    """Run every case of every rule, in order."""
    for rule in rules:
        for number, case in enumerate(rule.cases, start=1):
            yield CaseResult(rule.id, rule.source, case.name or f"case {number}", _failure(rule, case))


def _failure(rule: Rule, case: Case) -> str:
    if case.changed:
        return _asking_failure(rule, case)
    path = case.path or next((p for p in rule.files.patterns if p in rule.files.literal), None)
    if path is None:
        return "`path` is missing: the rule's `files` name no single path"
    if not rule.files.match(path):
        return f"the rule does not govern {path}"
    if case.holds is not None or case.violates is not None:
        return _hold_failure(
            rule, Document(path, case.holds if case.holds is not None else case.violates or ""), case
        )
    text = case.unchanged if case.unchanged is not None else case.before or ""
    return _rewrite_failure(rule, Document(path, text), case)


def _rewrite_failure(rule: Rule, document: Document, case: Case) -> str:
    if not rule.steps:
        return "the rule rewrites nothing: this form of case has no meaning here"
    path = document.path
    siblings = (Document(_sibling_path(rule, path), case.sibling),) if case.sibling is not None else ()
    fork = Fork(Document(path, case.fork) if case.fork is not None else None, siblings)
    lifted = lift(Governed({THEIRS: document}, (rule,), {rule.id: fork}))
    problem = lifted.effects[0].problem
    if case.withheld is not None:
        if isinstance(problem, Problem):
            said = f"{problem.outcome}: {problem.detail}"
            return "" if problem.outcome == case.withheld else f"expected {case.withheld}, but {said}"
        return f"expected {case.withheld}, but the rule was {lifted.effects[0].outcome}"
    if problem:
        return f"withheld, {problem.outcome}: {problem.detail}"
    wanted = document.text if case.unchanged is not None else case.after or ""
    return _diff(wanted, lifted.texts[THEIRS])


def _hold_failure(rule: Rule, document: Document, case: Case) -> str:
    if not rule.holds:
        return "the rule has no invariant: this form of case has no meaning here"
    tree = one_file(document)
    found = [v for hold in rule.holds for v in hold.check(rule.files, Trees(tree))]
    if case.violates is not None:
        return "" if found else "no invariant is violated"
    return "\n".join(f"line {v.line}: {v.message}" for v in found)


def _asking_failure(rule: Rule, case: Case) -> str:
    """Whether the rule asks for its files where a merge changed these: made from others, they may have to be made anew."""
    holds = [hold for hold in rule.holds if isinstance(hold, MadeFromHold)]
    if not holds:
        return "the rule has no `made-from`: this form of case has no meaning here"
    ours = {path: Entry("100644", "before") for path in case.changed}
    here = LoadedTree({}, listed={path: Entry("100644", "after") for path in case.changed})
    origin = origin_of(ours, None)
    changed = (
        []
        if made_anew(rule.files, here, origin)
        else [path for hold in holds for path in hold.changed(rule.files, here, origin)]
    )
    if case.asks:
        return "" if changed else "it does not ask where these change"
    return f"it asks: {listed(changed)}" if changed else ""


def _sibling_path(rule: Rule, path: str) -> str:
    return next((p for p in sorted(rule.files.literal) if p != path), f"{path}.sibling")


def _diff(wanted: str, got: str) -> str:
    if wanted == got:
        return ""
    lines = difflib.unified_diff(wanted.splitlines(), got.splitlines(), "expected", "got", lineterm="")
    return "\n".join(lines) or "only the newline at the end differs"

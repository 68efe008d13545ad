"""Lifting: apply the fork's rules to a file on every side at once. Pure; knows texts, not git.

A rule is all or nothing per file. Where it cannot be applied to ours or theirs it is withheld on every side,
so that the merge below it is git's plain one, and the file needs a person. R(R(x)) = R(x) is checked for each
rule and for all rules of a file together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from syncfork.own.base import BASE, OURS, THEIRS, Side
from syncfork.rewrite.base import Fork, Plan, Problem, Step
from syncfork.rules.model import Applied, Rule
from syncfork.text import Document, Encoding

Outcome = Literal["applied", "satisfied", "absent", "ambiguous", "refused"]


class Governed(Struct, frozen=True):
    """One file with its name on each side (a rename by either side keeps it one file), and its rules."""

    documents: Mapping[Side, Document]
    rules: tuple[Rule, ...]
    forks: Mapping[str, Fork]
    unreadable: Mapping[Side, str] = field(default_factory=dict)
    names: Mapping[Side, str] = field(default_factory=dict)
    encodings: Mapping[Side, Encoding] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The name to report it under: the one it will have after the merge, where git can merge it."""
        names = self.names or {side: document.path for side, document in self.documents.items()}
        first = next(iter(names.values()), "")
        ours, theirs = names.get(OURS, first), names.get(THEIRS, first)
        renamed_by_ours = BASE in names and ours != names[BASE]
        return ours if renamed_by_ours or THEIRS not in names else theirs


class Effect(Struct, frozen=True):
    """What one rule did to one file. `applied` tells it by side; `problem` why it was withheld."""

    rule: Rule
    path: str
    applied: Mapping[Side, Applied]
    problem: Problem | None = None
    problem_side: Side | None = None
    skipped: Mapping[Side, Problem] = field(default_factory=dict)
    fork: Fork = field(default_factory=Fork)

    @property
    def outcome(self) -> Outcome:
        """The effect in a word."""
        if self.problem:
            return self.problem.outcome
        return "applied" if any(result.todo for result in self.applied.values()) else "satisfied"

    @property
    def side(self) -> Side:
        """The side that decided the outcome: theirs where the rule changed upstream's text."""
        if self.problem_side:
            return self.problem_side
        changed = [side for side, result in self.applied.items() if result.todo]
        return next((side for side in (THEIRS, OURS) if side in changed), next(iter(changed), THEIRS))

    @property
    def mends_ours(self) -> bool:
        """True where the fork itself was not as the rule wants it, and the merge puts that right."""
        return self.problem is None and OURS in self.applied and self.applied[OURS].todo > 0

    @property
    def doubts(self) -> tuple[str, ...]:
        """Steps that did something in the base, and of which one cannot tell whether upstream adopted the intent, so a
        person has to; each with what was seen in theirs."""
        settled = any(hold.settles for hold in self.rule.holds)
        told = (
            (step.verb, _doubt(plan, base) or ("" if settled else _fewer(step, plan, base)))
            for step, plan, base in self._met()
        )
        return tuple(f"{verb}: {doubt}" for verb, doubt in told if doubt)

    @property
    def idle(self) -> tuple[str, ...]:
        """Steps that may find any number of sites, found some in the base, and none any more in theirs."""
        return tuple(s.verb for s, plan, _ in self._met() if plan.met_nothing and s.expected.most is None)

    @property
    def fewer(self) -> tuple[str, ...]:
        """Steps that may find any number of sites, and find some of those in the base no more; how many are left."""
        return tuple(
            f"{plan.sites} of {base.todo} for {step.verb}"
            for step, plan, base in self._met()
            if 0 < plan.sites < base.todo and step.expected.most is None
        )

    def _met(self) -> list[tuple[Step, Plan, Plan]]:
        """The steps that changed sites in a merge base, each with its plans for theirs and for that base."""
        theirs = self.applied.get(THEIRS)
        bases = [result for side, result in self.applied.items() if side not in (OURS, THEIRS)]
        if self.problem or theirs is None or not bases:
            return []
        found = []
        for number, (step, plan) in enumerate(zip(self.rule.steps, theirs.plans, strict=True)):
            base = max((base.plans[number] for base in bases), key=lambda plan: plan.todo)
            if base.todo:
                found.append((step, plan, base))
        return found

    @property
    def retirable(self) -> bool:
        """True where upstream's text now is as the rule wants it, though the merge base's was not."""
        theirs = self.applied.get(THEIRS)
        bases = [result for side, result in self.applied.items() if side not in (OURS, THEIRS)]
        return bool(
            self.problem is None
            and not self.rule.reforms
            and theirs
            and not theirs.todo
            and not any(plan.met_nothing for plan in theirs.plans)
            and not self.doubts
            and not self.idle
            and any(base.todo for base in bases)
        )


def _doubt(plan: Plan, base: Plan) -> str:
    """Why the plan for theirs may not come to what the step did in the base: the new text is at none of its places, or
    has come up elsewhere as sites went; the sites are in comments now; or upstream changed what goes for the fork's."""
    if (not plan.todo and plan.done == plan.guessed > 0) or (
        plan.guessed > base.guessed and plan.certain < base.certain
    ):
        return "upstream has the new text, but not where the old one was"
    in_code, before = plan.certain - plan.commented, base.certain - base.commented
    if plan.commented > base.commented and in_code < before:
        return "upstream has what this changes in a comment now"
    if plan.replaced and base.replaced and plan.replaced != base.replaced:
        return "upstream changed what this puts the fork's own text in the place of"
    return ""


def _fewer(step: Step, plan: Plan, base: Plan) -> str:
    """Why a step that takes out so many by number may not have found them all in theirs; empty where it has."""
    gone = _wanted(step, base) - plan.sites
    if plan.met_nothing or gone <= 0:
        return ""
    return (
        f"upstream no longer has {gone} of the {base.todo} places that this takes out, or has it in another form; "
        f"where upstream took {'one' if gone == 1 else gone} out, write `expect: {plan.sites}`"
    )


def _wanted(step: Step, base: Plan) -> int:
    """How many of the sites that it changed in the base a step by number is to find in theirs; 0 of any number."""
    return min(base.todo, step.expected.most) if step.expected.most is not None else 0


class Lifted(Struct, frozen=True):
    """A file after lifting: its text by side, and each rule's effect on it."""

    texts: Mapping[Side, str]
    effects: tuple[Effect, ...]


class _Results:
    """What the rules of one file make of a text, each asked once: sides are often alike, and so are results."""

    def __init__(self, file: Governed) -> None:
        self.forks = file.forks
        self.known: dict[tuple[str, Document], Applied | Problem] = {}

    def of(self, rule: Rule, document: Document) -> Applied | Problem:
        key = rule.id, document
        if key not in self.known:
            self.known[key] = rule.apply(document, self.forks.get(rule.id, Fork()))
        return self.known[key]


def lift(file: Governed) -> Lifted:
    """Apply the file's rules to all its sides, in order."""
    barred: dict[str, Problem] = {}
    results = _Results(file)
    while True:
        lifted = _lift(file, barred, results)
        restless = _restless(file, lifted, results)
        if restless is None:
            return lifted
        # Without the rule that would change its own result, the rest stands.
        barred[restless.rule.id] = Problem("refused", _why_restless(restless, file, lifted))


def _lift(file: Governed, barred: Mapping[str, Problem], results: _Results) -> Lifted:
    documents = dict(file.documents)
    effects: list[Effect] = []
    for rule in file.rules:
        if rule.id in barred:
            effects.append(Effect(rule, file.path, {}, barred[rule.id], THEIRS))
            continue
        effect = _effect(rule, file, documents, results)
        effects.append(effect)
        if effect.problem is None:
            for side, result in effect.applied.items():
                documents[side] = Document(documents[side].path, result.text)
    return Lifted({side: document.text for side, document in documents.items()}, tuple(effects))


def _effect(rule: Rule, file: Governed, documents: Mapping[Side, Document], results: _Results) -> Effect:
    """`rule` on every side of `file`, as the earlier rules left it."""
    fork = file.forks.get(rule.id, Fork())
    applied: dict[Side, Applied] = {}
    problems: dict[Side, Problem] = {side: Problem("refused", why) for side, why in file.unreadable.items()}
    for side, document in documents.items():
        result = results.of(rule, document)
        if isinstance(result, Problem):
            problems[side] = result
        elif side in file.encodings and not file.encodings[side].holds(result.text):
            problems[side] = Problem(
                "refused", "the file is not UTF-8, and what the rule writes is not Latin-1"
            )
        else:
            applied[side] = result
    vanished = _vanished(rule, applied)
    if vanished and THEIRS not in problems:
        problems[THEIRS] = vanished
    # The merge base is only what both sides are compared with; that a rule cannot be applied there alone
    # leaves the intent in the result, and git to merge the rest.
    for side in (THEIRS, OURS):
        if side in problems:
            return Effect(rule, file.path, {}, problems[side], side, fork=fork)
    return Effect(rule, file.path, applied, skipped=problems, fork=fork)


def _vanished(rule: Rule, applied: Mapping[Side, Applied]) -> Problem | None:
    """A step by number that finds nothing in theirs, though the base had it: adopted, or moved away? Where it finds some
    of it, that is a doubt. Of a learned rule any step is asked: nobody said that the fork's value may go with
    upstream's line, and of three paths on which it went so people committed one like that.

    A rule with an invariant that says what is to stand there answers that question itself, on the merged tree.
    """
    theirs = applied.get(THEIRS)
    if theirs is None or any(hold.settles for hold in rule.holds):
        return None
    bases = [result for side, result in applied.items() if side not in (OURS, THEIRS)]

    def has(number: int) -> bool:
        # Where the fork took it out as well, there is nothing of its own.
        return OURS in applied and not applied[OURS].plans[number].met_nothing

    for number, (step, plan) in enumerate(zip(rule.steps, theirs.plans, strict=True)):
        if not plan.met_nothing:
            continue
        if any(_wanted(step, base.plans[number]) for base in bases):
            gone = "upstream no longer has what this takes out, or has it in another form"
        elif rule.learned and has(number) and any(base.plans[number].todo for base in bases):
            gone = "upstream no longer has what this changes; what becomes of the fork's own then was not learned"
        else:
            continue
        return Problem("absent", f"{step.verb}: {gone}")
    return None


def _restless(file: Governed, lifted: Lifted, results: _Results) -> Effect | None:
    """The first rule that, run on the final texts, would still change something: R(R(x)) must be R(x)."""
    for effect in lifted.effects:
        sides = effect.applied if effect.problem is None else ()
        for document in {replace(file.documents[side], text=lifted.texts[side]) for side in sides}:
            again = results.of(effect.rule, document)
            if isinstance(again, Problem) or again.text != document.text:
                return effect
    return None


def _why_restless(effect: Effect, file: Governed, lifted: Lifted) -> str:
    """Whether a rule is at odds with itself, or with others of the file."""
    for document in file.documents.values():
        once = effect.rule.apply(document, effect.fork)
        if isinstance(once, Problem):
            continue
        twice = effect.rule.apply(replace(document, text=once.text), effect.fork)
        if isinstance(twice, Problem):
            return f"not idempotent: on its own result, {twice.detail}"
        if twice.text != once.text:
            return "not idempotent: it changes its own result again"
    others = [
        e.rule.id for e in lifted.effects if e is not effect and any(a.todo for a in e.applied.values())
    ]
    return f"what {' and '.join(others)} does makes it change its own result again"


def unheld(effect: Effect, merged: Document) -> str:
    """Why the merged text does not carry a rule's intent any more; empty where it does."""
    result = effect.rule.apply(merged, effect.fork)
    if isinstance(result, Problem):
        return result.detail
    return otherwise(effect.rule, result) if result.text != merged.text else ""


def otherwise(rule: Rule, result: Applied) -> str:
    """What is said of a text that `rule` would write anew, and that is to be as it wants it."""
    if rule.reforms:
        return "it has another form"
    return f"{result.todo} of its sites are not as the rule wants them"


def governed_rules(rules: Sequence[Rule], names: Sequence[str]) -> tuple[Rule, ...]:
    """The rewriting rules that govern a file known by any of `names`; first those that give it a form, in which the others
    then find it on all sides."""
    found = [rule for rule in rules if rule.steps and any(rule.files.match(name) for name in names)]
    return tuple(sorted(found, key=lambda rule: not rule.reforms))

"""What every rewriting action shares: plans, problems, where carried text comes from, how many sites count."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Protocol, Self

from msgspec import Meta, Struct
from msgspec.structs import replace

from syncfork.errors import CannotReadError
from syncfork.selectors.base import Selector, Written
from syncfork.selectors.registry import AnySelector
from syncfork.text import Document, Edit, Match, line_ends_of

Reason = Literal["absent", "ambiguous", "refused"]


class Problem(Struct, frozen=True):
    """Why an action cannot be done: its target is absent, ambiguous, or the action is refused."""

    outcome: Reason
    detail: str


class Plan(Struct, frozen=True):
    """What an action would do to a text.

    `todo` counts the sites it changes, `done` those that are already as wanted. `dropped` and `kept` name
    list items. `guessed` counts those of `done` that were seen by the new text alone, not at the old one's
    place, and `commented` the sites that are in comment lines. `replaced` are texts in whose place something goes that
    does not come of them. `nowhere` says where the way to a site ends, where there is none.
    """

    edits: tuple[Edit, ...] = ()
    todo: int = 0
    done: int = 0
    dropped: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    guessed: int = 0
    commented: int = 0
    replaced: tuple[str, ...] = ()
    nowhere: str = ""

    @property
    def sites(self) -> int:
        """How many the step found, to do or done."""
        return self.todo + self.done

    @property
    def met_nothing(self) -> bool:
        """True where the step found no site at all."""
        return not self.sites

    @property
    def certain(self) -> int:
        """The sites that were found at their place."""
        return self.sites - self.guessed


class Fork(Struct, frozen=True):
    """Where carried text comes from: the fork's version of the same file, and of the rule's other files. `base` is the
    merge base's version, which tells what is new."""

    own: Document | None = None
    siblings: tuple[Document, ...] = ()
    base: Document | None = None

    def carried(self, selector: Selector) -> tuple[Document, Match] | Problem:
        """The one place in the fork that `selector` finds: in this file, else in a sibling.

        Siblings serve files the fork does not have (a new version of a script); they must agree.
        """
        if self.own is not None:
            found = selector.find(self.own)
            if len(found) == 1:
                return self.own, found[0]
            if found:
                return Problem(
                    "ambiguous", f"the fork's {self.own.path} holds {len(found)} of {selector.label}"
                )
        places = [(document, match) for document in self.siblings for match in _readable(selector, document)]
        if not places:
            where = self.own.path if self.own else "any of the rule's files in the fork"
            return Problem("absent", f"nothing to carry: {selector.label} is not in {where}")
        if len({match.text(document) for document, match in places}) > 1:
            names = ", ".join(sorted({document.path for document, _ in places}))
            return Problem("ambiguous", f"the fork's {names} differ in {selector.label}")
        return places[0]


def _readable(selector: Selector, document: Document) -> list[Match]:
    try:
        return selector.find(document)
    except CannotReadError:
        return []


def editable(document: Document, match: Match) -> Match:
    """`match` itself. Raises CannotReadError where only an alias leads there: it stands for other places too."""
    if match.aliased:
        raise CannotReadError(
            f"line {document.line_of(match.start)}: an alias leads to this value, which is also another's: "
            "it cannot be changed for one alone"
        )
    return match


class Action(Protocol):
    """A compiled action."""

    def plan(self, document: Document, fork: Fork) -> Plan | Problem:
        """The edits that bring `document` to the wanted state. May raise CannotReadError."""
        ...


class Expected(Struct, frozen=True):
    """How many sites an action may meet."""

    least: int
    most: int | None

    def __contains__(self, count: int) -> bool:
        return self.least <= count and (self.most is None or count <= self.most)

    def __str__(self) -> str:
        if self.most is not None:
            return f"exactly {self.most}" if self.least == self.most else f"at most {self.most}"
        return f"at least {self.least}" if self.least else "any number"


class Step(Struct, frozen=True):
    """A compiled step of a rule: an action with its conditions."""

    action: Action
    verb: str
    expected: Expected
    unless: Selector | None

    def plan(self, document: Document, fork: Fork) -> Plan | Problem:
        """The action's plan, checked against the expected number of sites; never raises."""
        try:
            if self.unless is not None and (held := self.unless.find(document)):
                return Plan(done=len(held))
            plan = self.action.plan(document, fork)
        except CannotReadError as error:
            return Problem("refused", str(error))
        if isinstance(plan, Problem):
            return replace(plan, detail=f"{self.verb}: {plan.detail}")
        if plan.sites in self.expected:
            return replace(plan, edits=tuple(line_ends_of(document, edit) for edit in plan.edits))
        count = plan.sites
        outcome: Reason = "absent" if count < self.expected.least else "ambiguous"
        already = f" ({plan.done} as the rule wants it already)" if plan.done else ""
        found = f"{count or 'no'} site{'s' * (count != 1)}{already}"
        where = f": {plan.nowhere}" if plan.nowhere and not count else ""
        return Problem(outcome, f"{self.verb}: found {found}, expected {self.expected}{where}")


class WrittenStep(Written, kw_only=True, frozen=True):
    """One step of a rewrite, as written in a rule file."""

    called: ClassVar[str] = "a step: a mapping"

    expect: Annotated[
        Annotated[int, Meta(ge=0)] | Literal["any", "some"],
        Meta(
            description="How many sites there must be: a number, `some` (one or more) or `any` (zero or more)."
        ),
    ] = 1
    unless: Annotated[
        AnySelector | None, Meta(description="The step counts as done where this is found.")
    ] = None

    def action(self) -> Action:
        """The compiled action."""
        raise TypeError(f"{type(self).__name__} has no action")

    def compile(self, verb: str) -> Step:
        """The step ready for use; `verb` is its name in messages."""
        least, most = {"any": (0, None), "some": (1, None)}.get(str(self.expect), (self.expect, self.expect))
        unless = self.unless.compile() if self.unless else None
        return Step(self.action(), verb, Expected(int(least), None if most is None else int(most)), unless)


class Carried(Written, frozen=True):
    """A text taken from the fork instead of being written in the rule."""

    carry: Annotated[AnySelector, Meta(description="Finds the text in the fork's version of the file.")]


Source = str | Carried


class TextSource(Struct, frozen=True):
    """A compiled text: fixed, or carried from the fork."""

    fixed: str | None
    selector: Selector | None = None

    @classmethod
    def compile(cls, written: Source) -> Self:
        """From the written form."""
        return cls(None, written.carry.compile()) if isinstance(written, Carried) else cls(written)

    def text(self, fork: Fork) -> str | Problem:
        """The text itself."""
        if self.selector is None:
            return self.fixed or ""
        found = fork.carried(self.selector)
        return found if isinstance(found, Problem) else found[1].text(found[0])

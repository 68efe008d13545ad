"""A rule as its author writes it; the JSON Schema for editors comes from these models."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from syncfork.hold.registry import AnyHold
from syncfork.own.registry import AnyOwn
from syncfork.rewrite.registry import AnyStep
from syncfork.rules.accepting import Accept
from syncfork.selectors.base import Written

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]*$")]
Sentence = Annotated[str, StringConstraints(min_length=10, strip_whitespace=True)]


class Case(Written):
    """An example that the rule must bear out; `syncfork rules test` runs it.

    `before` with `after`: the rewrite leads from the one to the other. `unchanged`: left alone and satisfied.
    `before` with `withheld`: the rule must not apply, for this reason. `holds` and `violates`: the
    invariants. `fork` is the fork's version of the file, where the rule carries text from it.
    """

    name: str = Field("", description="What the example shows.")
    path: str | None = Field(
        None, description="The file's path; by default the first one of `files` without globs."
    )
    fork: str | None = None
    sibling: str | None = Field(None, description="Another governed file of the fork, for a file it lacks.")
    before: str | None = None
    after: str | None = None
    unchanged: str | None = None
    withheld: Literal["absent", "ambiguous", "refused"] | None = None
    holds: str | None = None
    violates: str | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        forms = (
            self.before is not None and (self.after is not None) != (self.withheld is not None),
            self.unchanged is not None,
            self.holds is not None,
            self.violates is not None,
        )
        parts = sum(part is not None for part in (self.before, self.unchanged, self.holds, self.violates))
        if sum(forms) != 1 or parts != 1:
            raise ValueError(
                "give `before` with `after`, `before` with `withheld`, `unchanged`, `holds` or `violates`"
            )
        return self


class Replayed(Written):
    """How the paths in conflict of past merges came out with a rule: as people committed them, otherwise, or left."""

    same: int = 0
    different: int = 0
    left: int = 0


class Learned(Written):
    """What a rule rests on that `syncfork learn` proposed; `review` says until when without another look."""

    by: str = Field(description="The learner that proposed it.")
    bearing: int = Field(description="In how many places of past merges people did what it says.")
    against: int = Field(0, description="In how many they did not.")
    last: date | None = Field(None, description="The day of the last merge that bears it out.")
    cases: tuple[str, ...] = Field((), description="Places that bear it out, as COMMIT:PATH, newest first.")
    exceptions: tuple[str, ...] = Field((), description="Places that do not.")
    replay: Replayed | None = Field(None, description="What a replay of the past merges said of it.")


class WrittenRule(Written):
    """One intent of the fork: what is to be so, in which files, and why."""

    id: Identifier = Field(description="A short name, unique among the fork's rules.")
    why: Sentence = Field(description="The reason, printed wherever the rule acts.")
    files: tuple[str, ...] = Field(
        min_length=1, description="Globs from the repository's root; `!` for exceptions."
    )
    rewrite: tuple[AnyStep, ...] = Field(
        (), description="Edits, made in order; all or nothing for each file."
    )
    own: AnyOwn | None = Field(
        None, description="Whose file it is: ours, theirs, absent, union, derived, ..."
    )
    hold: tuple[AnyHold, ...] = Field((), description="What must hold on the merged tree.")
    cases: tuple[Case, ...] = Field((), description="Examples that the rule must bear out.")
    accept: tuple[Accept, ...] = Field((), description="Findings about this intent that the fork lives with.")
    owner: str | None = Field(None, description="Who answers for this rule.")
    link: str | None = Field(None, description="Where the reason is told at length.")
    review: date | None = Field(None, description="After this day the rule wants to be looked at again.")
    learned: Learned | None = Field(None, description="What it rests on, where it was learned.")

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not (self.rewrite or self.own or self.hold or self.accept):
            raise ValueError("a rule needs at least one of `rewrite`, `own`, `hold` and `accept`")
        if all(pattern.startswith("!") for pattern in self.files):
            raise ValueError("`files` holds exceptions only")
        return self

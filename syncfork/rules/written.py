"""A rule as its author writes it; the JSON Schema for editors comes from these models."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta

from syncfork.globs import Glob
from syncfork.hold.registry import AnyHold
from syncfork.own.registry import AnyOwn, DerivedFrom, folders_of
from syncfork.rewrite.reformat import Reformat
from syncfork.rewrite.registry import AnyStep
from syncfork.rules.accepting import Accept, Sentence
from syncfork.rules.convert import AtKeysError
from syncfork.selectors.base import Written

Identifier = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]*$")]


class Case(Written, frozen=True):
    """An example that the rule must bear out; `syncfork rules test` runs it.

    `before` with `after`: the rewrite leads from the one to the other. `unchanged`: left alone and satisfied.
    `before` with `withheld`: the rule must not apply, for this reason. `holds` and `violates`: the
    invariants. `changed` with `asks`: whether `made-from` asks where a merge changed these paths. `fork` is the fork's version of the file, where the rule carries text from it.
    """

    name: Annotated[str, Meta(description="What the example shows.")] = ""
    path: Annotated[
        str | None, Meta(description="The file's path; by default the first one of `files` without globs.")
    ] = None
    fork: str | None = None
    sibling: Annotated[
        str | None, Meta(description="Another governed file of the fork, for a file it lacks.")
    ] = None
    before: str | None = None
    after: str | None = None
    unchanged: str | None = None
    withheld: Literal["absent", "ambiguous", "refused"] | None = None
    holds: str | None = None
    violates: str | None = None
    changed: Annotated[tuple[str, ...], Meta(description="Paths that changed, for `made-from`.")] = ()
    asks: bool | None = None

    def __post_init__(self) -> None:
        forms = (
            self.before is not None and (self.after is not None) != (self.withheld is not None),
            self.unchanged is not None,
            self.holds is not None,
            self.violates is not None,
            bool(self.changed) and self.asks is not None,
        )
        parts = sum(part is not None for part in (self.before, self.unchanged, self.holds, self.violates))
        parts += bool(self.changed) or self.asks is not None
        if sum(forms) != 1 or parts != 1:
            raise ValueError(
                "give `before` with `after`, `before` with `withheld`, `unchanged`, `holds`, `violates`, or "
                "`changed` with `asks`"
            )


class Replayed(Written, frozen=True):
    """How the paths in conflict of past merges came out with a rule: as people committed them, otherwise, or left."""

    same: int = 0
    different: int = 0
    left: int = 0


class Learned(Written, frozen=True):
    """What a rule rests on that `syncfork learn` proposed; `review` says until when without another look."""

    by: Annotated[str, Meta(description="The learner that proposed it.")]
    bearing: Annotated[int, Meta(description="In how many places of past merges people did what it says.")]
    against: Annotated[int, Meta(description="In how many they did not.")] = 0
    last: Annotated[date | None, Meta(description="The day of the last merge that bears it out.")] = None
    cases: Annotated[
        tuple[str, ...], Meta(description="Places that bear it out, as COMMIT:PATH, newest first.")
    ] = ()
    exceptions: Annotated[tuple[str, ...], Meta(description="Places that do not.")] = ()
    replay: Annotated[Replayed | None, Meta(description="What a replay of the past merges said of it.")] = (
        None
    )


class WrittenRule(Written, frozen=True):
    """One intent of the fork: what is to be so, in which files, and why."""

    id: Annotated[Identifier, Meta(description="A short name, unique among the fork's rules.")]
    why: Annotated[Sentence, Meta(description="The reason, printed wherever the rule acts.")]
    files: Annotated[
        tuple[Glob, ...],
        Meta(min_length=1, description="Globs from the repository's root; `!` for exceptions."),
    ]
    rewrite: Annotated[
        tuple[AnyStep, ...], Meta(description="Edits, made in order; all or nothing for each file.")
    ] = ()
    own: Annotated[
        AnyOwn | None, Meta(description="Whose file it is: ours, theirs, absent, union, derived, ...")
    ] = None
    hold: Annotated[tuple[AnyHold, ...], Meta(description="What must hold on the merged tree.")] = ()
    cases: Annotated[tuple[Case, ...], Meta(description="Examples that the rule must bear out.")] = ()
    accept: Annotated[
        tuple[Accept, ...], Meta(description="Findings about this intent that the fork lives with.")
    ] = ()
    owner: Annotated[str | None, Meta(description="Who answers for this rule.")] = None
    link: Annotated[str | None, Meta(description="Where the reason is told at length.")] = None
    review: Annotated[
        date | None, Meta(description="After this day the rule wants to be looked at again.")
    ] = None
    learned: Annotated[Learned | None, Meta(description="What it rests on, where it was learned.")] = None

    def __post_init__(self) -> None:
        if not (self.rewrite or self.own or self.hold or self.accept):
            raise ValueError("a rule needs at least one of `rewrite`, `own`, `hold` and `accept`")
        forms = [step for step in self.rewrite if isinstance(step, Reformat)]
        if forms and len(forms) < len(self.rewrite):
            raise ValueError("what gives files a form is a rule of its own: put `reformat` into another file")
        if all(pattern.startswith("!") for pattern in self.files):
            raise ValueError("`files` holds exceptions only")
        if isinstance(self.own, DerivedFrom):
            try:
                folders_of(self.own, self.files)
            except ValueError as error:
                raise AtKeysError(("own", "derived"), str(error)) from error

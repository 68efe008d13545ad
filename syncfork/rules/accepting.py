"""Findings that people looked at and live with: written down with a reason, in a rule or in `syncfork.toml`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated, Self

from msgspec import Struct
from msgspec.structs import replace
from pydantic import Field, StringConstraints, model_validator

from syncfork.report import Finding
from syncfork.rules.files import Globs
from syncfork.selectors.base import Written


class Accept(Written):
    """A finding, or a kind of finding at some paths, that is accepted. It stays visible, but nobody has to act."""

    finding: str | None = Field(None, description="The finding's id, as the report prints it.")
    detector: str | None = Field(None, description="Every finding of this detector, at `files`.")
    files: tuple[str, ...] = Field((), description="Globs of the paths where `detector` is accepted.")
    reason: Annotated[str, StringConstraints(min_length=10, strip_whitespace=True)] = Field(
        description="Why this is accepted; printed with the finding."
    )
    until: date | None = Field(None, description="The last day on which it is accepted.")

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if (self.finding is None) == (self.detector is None):
            raise ValueError("give either `finding` (an id) or `detector` with `files`")
        if self.detector is not None and not self.files:
            raise ValueError("`detector` needs `files`: globs of the paths where it is accepted")
        return self

    def covers(self, finding: Finding) -> bool:
        """Whether this names the finding."""
        if self.finding is not None:
            return finding.id == self.finding
        return finding.detector == self.detector and Globs(self.files).match(finding.path)


class Acceptance(Struct, frozen=True):
    """An `Accept` with the file it stands in, for messages."""

    accept: Accept
    source: str


def accepted(findings: Sequence[Finding], known: Sequence[Acceptance], today: date) -> list[Finding]:
    """`findings`, those that an acceptance covers marked with its reason; and a note for each that has run out."""
    marked = [_marked(finding, known, today) for finding in findings]
    return [*marked, *_expired(findings, known, today)]


def _marked(finding: Finding, known: Iterable[Acceptance], today: date) -> Finding:
    for item in known:
        if item.accept.covers(finding) and (item.accept.until is None or today <= item.accept.until):
            return replace(finding, accepted=" ".join(item.accept.reason.split()))
    return finding


def _expired(findings: Sequence[Finding], known: Iterable[Acceptance], today: date) -> Iterable[Finding]:
    for item in known:
        until = item.accept.until
        if until is None or today <= until:
            continue
        for finding in findings:
            if item.accept.covers(finding):
                yield Finding(
                    id=f"acceptance-{finding.id}",
                    cls="note",
                    detector="acceptance",
                    rule=None,
                    path=item.source,
                    line=1,
                    message=f"{finding.id} was accepted until {until}, and counts again: {item.accept.reason}",
                )

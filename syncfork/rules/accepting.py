"""Findings that people looked at and live with: written down with a reason, in a rule or in `syncfork.toml`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from syncfork.globs import Glob, Globs
from syncfork.report import Finding
from syncfork.selectors.base import Written

_SHORTEST = 10
# What this tells without a line is about a folder, and all that is below it.
_OF_FOLDERS = "copies"


def _sentence(text: str) -> str:
    text = text.strip()
    if len(text) < _SHORTEST:
        raise ValueError(
            f"expected a text of at least {_SHORTEST} characters, not counting the blanks around it"
        )
    return text


Sentence = Annotated[str, Meta(min_length=_SHORTEST), _sentence]


class Accept(Written, kw_only=True, frozen=True):
    """A finding, or a kind of finding at some paths, that is accepted. It stays visible, but nobody has to act."""

    finding: Annotated[str | None, Meta(description="The finding's id, as the report prints it.")] = None
    detector: Annotated[str | None, Meta(description="Every finding of this detector, at `files`.")] = None
    files: Annotated[
        tuple[Glob, ...], Meta(description="Globs of the paths where `detector` is accepted.")
    ] = ()
    reason: Annotated[Sentence, Meta(description="Why this is accepted; printed with the finding.")]
    until: Annotated[date | None, Meta(description="The last day on which it is accepted.")] = None

    def __post_init__(self) -> None:
        if (self.finding is None) == (self.detector is None):
            raise ValueError("give either `finding` (an id) or `detector` with `files`")
        if self.detector is not None and not self.files:
            raise ValueError("`detector` needs `files`: globs of the paths where it is accepted")

    def covers(self, finding: Finding) -> bool:
        """Whether this names the finding."""
        if self.finding is not None:
            return finding.id == self.finding
        if finding.detector != self.detector:
            return False
        globs = Globs(self.files)
        if finding.files:
            # Its path are globs, which match much that is written like them.
            return all(map(globs.match, finding.files))
        if finding.detector == _OF_FOLDERS and finding.line == 0:
            return globs.match_below(finding.path)
        return globs.match(finding.path)


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

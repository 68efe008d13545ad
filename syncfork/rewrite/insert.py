"""`insert:` adds a text next to what a selector finds: a flag to a command, a line after a line."""

from __future__ import annotations

from typing import Self

from msgspec import Struct
from pydantic import Field, model_validator

from syncfork.rewrite.base import Action, Fork, Plan, Problem, Source, TextSource, WrittenStep
from syncfork.selectors.base import Selector
from syncfork.selectors.registry import AnySelector
from syncfork.text import Document, Edit


class Insert(WrittenStep):
    """Every anchor gets the text on the given side; an anchor that has it there already counts as done."""

    insert: Source = Field(description="The text to insert, as it stands.")
    after: AnySelector | None = Field(None, description="Insert right after each match.")
    before: AnySelector | None = Field(None, description="Insert right before each match.")

    @model_validator(mode="after")
    def _one_anchor(self) -> Self:
        if (self.after is None) == (self.before is None):
            raise ValueError("give exactly one of `after` and `before`")
        return self

    def action(self) -> Action:
        """See the base class."""
        anchor = self.after or self.before
        assert anchor is not None  # the validator above saw to it
        return InsertAction(TextSource.compile(self.insert), anchor.compile(), self.after is not None)


class InsertAction(Struct, frozen=True):
    """The compiled form of `Insert`."""

    source: TextSource
    anchor: Selector
    after: bool

    def plan(self, document: Document, fork: Fork) -> Plan | Problem:
        """See `Action`."""
        new = self.source.text(fork)
        if isinstance(new, Problem):
            return new
        edits, done = [], 0
        for match in self.anchor.find(document):
            place = match.end if self.after else match.start
            start = place if self.after else place - len(new)
            if start >= 0 and document.text.startswith(new, start):
                done += 1
            else:
                edits.append(Edit(place, place, new))
        return Plan(tuple(edits), todo=len(edits), done=done)

"""`insert:` adds a text next to what a selector finds: a flag to a command, a line after a line."""

from __future__ import annotations

import re
from typing import Annotated

from msgspec import Meta, Struct

from syncfork.rewrite.base import Action, Fork, Plan, Problem, Source, TextSource, WrittenStep, editable
from syncfork.rewrite.comments import commented_out, trailing
from syncfork.selectors.base import Selector
from syncfork.selectors.registry import AnySelector
from syncfork.text import Document, Edit, Match, any_line_ends, token_edge


class Insert(WrittenStep, frozen=True):
    """Every anchor gets the text on the given side; an anchor that has it there already counts as done."""

    insert: Annotated[Source, Meta(description="The text to insert, as it stands.")]
    after: Annotated[AnySelector | None, Meta(description="Insert right after each match.")] = None
    before: Annotated[AnySelector | None, Meta(description="Insert right before each match.")] = None

    def __post_init__(self) -> None:
        if (self.after is None) == (self.before is None):
            raise ValueError("give exactly one of `after` and `before`")

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
        anchors = self.anchor.find(document)
        for match in anchors:
            if self._is_there(document, match, new):
                done += 1
            else:
                editable(document, match)
                place = match.end if self.after else match.start
                edits.append(Edit(place, place, new))
        return Plan(tuple(edits), todo=len(edits), done=done, commented=commented_out(document, anchors))

    def _is_there(self, document: Document, anchor: Match, new: str) -> bool:
        """Whether `new` stands beside the anchor, and is all there is on its outer side, not a part of something else:
        a longer word, or a line that is commented out or goes on. A comment behind its last line is nothing else."""
        text, form = document.text, any_line_ends(new)
        code = new.removesuffix("\n").removesuffix("\r")
        whole = new.endswith("\n") or (self.after and new.startswith(("\n", "\r\n")))
        if whole and code[-1:].strip():
            end = r"\n" if new.endswith("\n") else r"(?=\n|\Z)"
            form = any_line_ends(code) + trailing(document) + end
        if self.after:
            found = re.compile(form).match(text, anchor.end)
            return found is not None and token_edge(text, found.end())
        last = document.line_start(anchor.start - 1) if whole and anchor.start else anchor.start
        longest = last - len(new) - new.count("\n")
        found = re.compile(form + r"\Z").search(text, max(0, longest), anchor.start)
        if found is None or not token_edge(text, found.start()):
            return False
        return not whole or not text[document.line_start(found.start()) : found.start()].strip()

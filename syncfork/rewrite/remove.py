"""`remove:` takes out what a selector finds."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from syncfork.rewrite.base import Action, Expected, Fork, Plan, Problem, Step, WrittenStep
from syncfork.rewrite.comments import commented_out
from syncfork.rewrite.removal import taken_out
from syncfork.selectors.base import Selector
from syncfork.selectors.registry import AnySelector
from syncfork.text import Document


class Remove(WrittenStep, frozen=True):
    """Each match goes, with its line where it fills one, and the comment lines directly above it."""

    remove: Annotated[AnySelector, Meta(description="What to remove.")]
    comments: Annotated[bool, Meta(description="Remove the comment lines directly above a match too.")] = True

    def compile(self, verb: str) -> Step:
        """See the base class. Nothing left to remove is the wanted state, so no number is too small."""
        step = super().compile(verb)
        return replace(step, expected=Expected(0, step.expected.most))

    def action(self) -> Action:
        """See the base class."""
        return RemoveAction(self.remove.compile(), self.comments)


class RemoveAction(Struct, frozen=True):
    """The compiled form of `Remove`."""

    target: Selector
    comments: bool

    def plan(self, document: Document, fork: Fork) -> Plan | Problem:
        """See `Action`."""
        found = self.target.find(document)
        edits = taken_out(document, self.target, found, self.comments, fork.base)
        return Plan(edits, todo=len(found), commented=commented_out(document, found))

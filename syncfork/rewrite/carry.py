"""`carry:` brings a statement of the fork's own along, as the fork has it, to an anchor in the file."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from msgspec import Meta, Struct

from syncfork.errors import CannotReadError
from syncfork.rewrite.base import Action, Fork, Plan, Problem, WrittenStep, editable
from syncfork.rewrite.comments import with_comments
from syncfork.rewrite.removal import list_item
from syncfork.selectors.base import Selector
from syncfork.selectors.key import KeyFinder
from syncfork.selectors.registry import AnySelector
from syncfork.text import Document, Edit, Match, apply_edits, same_lines

Side = Literal["after", "before", "instead-of"]


class Carry(WrittenStep, frozen=True):
    """The region that `carry` finds in the fork, with its comment lines, goes to the anchor.

    Blank lines between the region and the anchor's side are those of the fork. A text that holds the same
    region already is left alone; one that holds a different one is refused: a person decides.
    """

    carry: Annotated[
        AnySelector, Meta(description="Finds the region in the fork's file, and tells whether a text has it.")
    ]
    after: Annotated[AnySelector | None, Meta(description="Put it after this anchor.")] = None
    before: Annotated[AnySelector | None, Meta(description="Put it before this anchor.")] = None
    instead_of: Annotated[AnySelector | None, Meta(description="Put it in the place of this.")] = None
    comments: Annotated[bool, Meta(description="Carry the comment lines directly above the region too.")] = (
        True
    )

    def __post_init__(self) -> None:
        if sum(anchor is not None for anchor in (self.after, self.before, self.instead_of)) != 1:
            raise ValueError("give exactly one of `after`, `before` and `instead-of`")

    def action(self) -> Action:
        """See the base class."""
        anchors: dict[Side, AnySelector | None] = {
            "after": self.after,
            "before": self.before,
            "instead-of": self.instead_of,
        }
        side, anchor = next((side, anchor) for side, anchor in anchors.items() if anchor is not None)
        return CarryAction(self.carry.compile(), side, anchor.compile(), self.comments)


class CarryAction(Struct, frozen=True):
    """The compiled form of `Carry`."""

    region: Selector
    side: Side
    anchor: Selector
    comments: bool

    def plan(self, document: Document, fork: Fork) -> Plan | Problem:
        """See `Action`."""
        source = fork.carried(self.region)
        if isinstance(source, Problem):
            # Without an anchor there is nothing to do either: the expected number decides.
            return source if self.anchor.find(document) else Plan()
        home, wanted = source
        present = self.region.find(document)
        if len(present) > 1:
            return Problem("ambiguous", f"{document.path} holds {self.region.label} {len(present)} times")
        if present:
            if same_lines(present[0].text(document), wanted.text(home)):
                return Plan(done=1)
            line = document.line_of(present[0].start)
            return Problem(
                "refused", f"line {line} holds {self.region.label} in a form that is not the fork's"
            )
        anchors = self.anchor.find(document)
        if len(anchors) != 1:
            # The anchors are this step's sites: none or too many is said against the expected number.
            return Plan(todo=len(anchors))
        edit = self._edit(document, editable(document, anchors[0]), home, wanted)
        self._refuse_unreadable(document, edit)
        replaced = (anchors[0].text(document),) if self.side == "instead-of" else ()
        return Plan((edit,), todo=1, replaced=replaced)

    def _edit(self, document: Document, anchor: Match, home: Document, wanted: Match) -> Edit:
        region, place = _lines(home, wanted, self.region), _lines(document, anchor, self.anchor)
        if region is None or place is None:
            return self._inline(anchor, wanted.text(home))
        if self.comments:
            region = with_comments(home, region)
            place = with_comments(document, place) if self.side != "after" else place
        text = region.text(home) if region.text(home).endswith("\n") else region.text(home) + "\n"
        if self.side == "instead-of":
            return Edit(place.start, place.end, text)
        if self.side == "before":
            blank = re.compile(r"(?:[ \t]*\n)*").match(home.text, region.end)
            return Edit(place.start, place.start, text + (blank[0] if blank else ""))
        lead = "" if document.text[: place.end].endswith("\n") else "\n"
        return Edit(place.end, place.end, lead + _blank_above(home, region.start) + text)

    def _refuse_unreadable(self, document: Document, edit: Edit) -> None:
        """Raises CannotReadError where a region that goes by a key would leave a text in which no key can be found."""
        if not isinstance(self.region.finder, KeyFinder):
            return
        try:
            self.region.finder.root(Document(document.path, apply_edits(document.text, [edit])))
        except CannotReadError as error:
            raise CannotReadError(f"after this the file could not be read: {error}") from error

    def _inline(self, anchor: Match, text: str) -> Edit:
        if self.side == "instead-of":
            return Edit(anchor.start, anchor.end, text)
        place = anchor.end if self.side == "after" else anchor.start
        return Edit(place, place, text)


def _lines(document: Document, match: Match, selector: Selector) -> Match | None:
    """The whole lines of what `selector` found; of a list's item that goes by a key, its dash is a part."""
    whole = document.whole_lines(match)
    return list_item(document, match) if whole is None and isinstance(selector.finder, KeyFinder) else whole


def _blank_above(document: Document, start: int) -> str:
    """The blank lines above the line that begins at `start`, of which the first is not the text's first."""
    first = start
    while first and (line := document.line_start(first - 1)) and not document.text[line:first].strip(" \t\n"):
        first = line
    return document.text[first:start]

"""`keep:` reduces a list of like things to the named ones; upstream may go on adding to the list."""

from __future__ import annotations

import re
from typing import Annotated

from msgspec import Meta, Struct

from syncfork.rewrite.base import Action, Fork, Plan, Problem, WrittenStep
from syncfork.rewrite.removal import taken_out
from syncfork.selectors.base import Regex, Selector
from syncfork.selectors.registry import AnySelector
from syncfork.text import Document, Match

_QUOTED = re.compile(r"""\A[a-zA-Z]{0,2}(#*)(["'`])(.*)\2\1\Z""", re.DOTALL)


class Keep(WrittenStep, frozen=True):
    """Of the matched items only those named in `only` stay, and all of those must be there.

    An item's name is the capture `name` (or meta variable $NAME), else the key or value of a key selector,
    else what `named` finds in it, else its text; quotes around it do not count. The list as a whole is one
    site, and so are all lists together that a key path such as `jobs.*.os[*]` leads to; each must hold all that
    stays.
    """

    keep: Annotated[AnySelector, Meta(description="Finds the items of the list.")]
    only: Annotated[tuple[str, ...], Meta(min_length=1, description="The names of the items that stay.")]
    named: Annotated[
        Regex | None, Meta(description="Where in the item its name is: group 1, or the whole match.")
    ] = None
    comments: Annotated[
        bool, Meta(description="Remove the comment lines directly above a dropped item too.")
    ] = True

    def action(self) -> Action:
        """See the base class."""
        named = re.compile(self.named, re.MULTILINE) if self.named else None
        return KeepAction(self.keep.compile(), self.only, named, self.comments)


class KeepAction(Struct, frozen=True):
    """The compiled form of `Keep`."""

    items: Selector
    only: tuple[str, ...]
    named: re.Pattern[str] | None
    comments: bool

    def plan(self, document: Document, fork: Fork) -> Plan | Problem:
        """See `Action`."""
        items = [(self.name(document, match), match) for match in self.items.find(document)]
        if not items:
            return Plan()
        lists = {
            match.among: [other for other in items if other[1].among == match.among] for _, match in items
        }
        for held in lists.values():
            if missing := [name for name in self.only if name not in {name for name, _ in held}]:
                found = f"of the {len(held)} found" if len(held) > 1 else "of the one found"
                which = f"the list at line {document.line_of(held[0][1].start)} does not hold"
                which = which if len(lists) > 1 else "the list no longer holds"
                return Problem("absent", f"{which} {', '.join(missing)}: no item {found} has this name")
        dropped = [(name, match) for name, match in items if name not in self.only]
        return Plan(
            edits=taken_out(document, self.items, [match for _, match in dropped], self.comments, fork.base),
            todo=1 if dropped else 0,
            done=0 if dropped else 1,
            dropped=tuple(name for name, _ in dropped),
            kept=tuple(name for name, _ in items if name in self.only),
        )

    def name(self, document: Document, item: Match) -> str:
        """The item's name, unquoted."""
        text = next(
            (item.groups[group] for group in ("name", "NAME", "value", "key") if group in item.groups), None
        )
        if self.named and (found := self.named.search(item.text(document))):
            text = found[1] if self.named.groups else found[0]
        text = item.text(document) if text is None else text
        quoted = _QUOTED.match(text.strip())
        return quoted[3] if quoted else text.strip()

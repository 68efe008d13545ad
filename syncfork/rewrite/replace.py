"""`replace:` puts another text in the place of what a selector finds."""

from __future__ import annotations

import re
from typing import Annotated

from msgspec import Meta, Struct

from syncfork.errors import CannotReadError
from syncfork.rewrite.base import Action, Fork, Plan, Problem, Source, TextSource, WrittenStep, editable
from syncfork.rewrite.comments import commented_out
from syncfork.selectors.base import Selector
from syncfork.selectors.registry import AnySelector
from syncfork.text import Document, Edit, Match, any_line_ends, same_lines, token_edge

_REFERENCE = re.compile(r"\\(\d+)|\\g<(\w+)>")


class Replace(WrittenStep, frozen=True):
    """Each match becomes `with`, in which \\1, \\g<name> stand for what the selector captured.

    Sites that hold the new text already count as done: matches that would not change, and, where the selector
    goes by what stands there, the occurrences of a fixed text. A text to be carried need not be in the fork where nothing is to be replaced.
    """

    replace: Annotated[AnySelector, Meta(description="What to replace.")]
    with_: Annotated[Source, Meta(description="The new text; \\1 and \\g<name> stand for captured texts.")]

    def action(self) -> Action:
        """See the base class."""
        return ReplaceAction(self.replace.compile(), TextSource.compile(self.with_))


class ReplaceAction(Struct, frozen=True):
    """The compiled form of `Replace`."""

    target: Selector
    source: TextSource

    def plan(self, document: Document, fork: Fork) -> Plan | Problem:
        """See `Action`."""
        found = self.target.find(document)
        template = self.source.text(fork)
        if isinstance(template, Problem):
            return template if found else Plan()
        edits, done = [], 0
        for match in found:
            new = template if self.source.selector else expand(template, match)
            if same_lines(new, match.text(document)):
                done += 1
            else:
                edits.append(Edit(editable(document, match).start, match.end, new))
        guessed = 0
        if not self.target.by_place and (self.source.selector or not _REFERENCE.search(template)):
            guessed = self._already(document, template, found, fork.base)
        commented = commented_out(document, found)
        return Plan(tuple(edits), todo=len(edits), done=done + guessed, guessed=guessed, commented=commented)

    def _already(self, document: Document, text: str, found: list[Match], base: Document | None) -> int:
        """Occurrences of the new text where the old one could have stood, apart from `found`: where those are whole
        words, or, where there are none, those of the merge base, a part of a longer one is none of them."""
        if not text:
            return 0
        home, old = (document, found) if found or base is None else (base, self._in_base(base))
        words = bool(old) and all(_is_word(home, match) for match in old)
        scopes = self.target.within.find(document) if self.target.within else [Match(0, len(document.text))]
        places = [Match(*hit.span()) for hit in re.finditer(any_line_ends(text), document.text)]
        return sum(
            any(place.inside(scope) for scope in scopes)
            and not any(_touch(place, match) for match in found)
            and (not words or _is_word(document, place))
            for place in places
        )

    def _in_base(self, base: Document) -> list[Match]:
        try:
            return self.target.find(base)
        except CannotReadError:
            return []


def _is_word(document: Document, match: Match) -> bool:
    return token_edge(document.text, match.start) and token_edge(document.text, match.end)


def _touch(one: Match, other: Match) -> bool:
    return one.start < other.end and other.start < one.end


def expand(template: str, match: Match) -> str:
    """`template` with its references replaced by the match's captures; an unknown one stays as it is."""

    def value(reference: re.Match[str]) -> str:
        return match.groups.get(reference[1] or reference[2], reference[0])

    return _REFERENCE.sub(value, template)

"""What every rewriting action shares: plans, problems, where carried text comes from, how many sites count."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, Protocol, Self

from msgspec import Meta, Struct
from msgspec.structs import replace

from syncfork.rewrite.comments import with_known_comments
from syncfork.rewrite.others import refuse_others
from syncfork.selectors.base import CannotReadError, Selector, Written
from syncfork.selectors.key import KeyFinder
from syncfork.selectors.registry import AnySelector
from syncfork.text import Document, Edit, Match, line_ends_of

Reason = Literal["absent", "ambiguous", "refused"]


class Problem(Struct, frozen=True):
    """Why an action cannot be done: its target is absent, ambiguous, or the action is refused."""

    outcome: Reason
    detail: str


class Plan(Struct, frozen=True):
    """What an action would do to a text.

    `todo` counts the sites it changes, `done` those that are already as wanted. `dropped` and `kept` name
    list items. `guessed` counts those of `done` that were seen by the new text alone, not at the old one's
    place.
    """

    edits: tuple[Edit, ...] = ()
    todo: int = 0
    done: int = 0
    dropped: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    guessed: int = 0

    @property
    def sites(self) -> int:
        """How many the step found, to do or done."""
        return self.todo + self.done

    @property
    def met_nothing(self) -> bool:
        """True where the step found no site at all."""
        return not self.sites

    @property
    def certain(self) -> int:
        """The sites that were found at their place."""
        return self.todo + self.done - self.guessed


class Fork(Struct, frozen=True):
    """Where carried text comes from: the fork's version of the same file, and of the rule's other files. `base` is the
    merge base's version, which tells what is new."""

    own: Document | None = None
    siblings: tuple[Document, ...] = ()
    base: Document | None = None

    def carried(self, selector: Selector) -> tuple[Document, Match] | Problem:
        """The one place in the fork that `selector` finds: in this file, else in a sibling.

        Siblings serve files the fork does not have (a new version of a script); they must agree.
        """
        if self.own is not None:
            found = selector.find(self.own)
            if len(found) == 1:
                return self.own, found[0]
            if found:
                return Problem(
                    "ambiguous", f"the fork's {self.own.path} holds {len(found)} of {selector.label}"
                )
        places = [(document, match) for document in self.siblings for match in _readable(selector, document)]
        if not places:
            where = self.own.path if self.own else "any of the rule's files in the fork"
            return Problem("absent", f"nothing to carry: {selector.label} is not in {where}")
        if len({match.text(document) for document, match in places}) > 1:
            names = ", ".join(sorted({document.path for document, _ in places}))
            return Problem("ambiguous", f"the fork's {names} differ in {selector.label}")
        return places[0]


def _readable(selector: Selector, document: Document) -> list[Match]:
    try:
        return selector.find(document)
    except CannotReadError:
        return []


def editable(document: Document, match: Match) -> Match:
    """`match` itself. Raises CannotReadError where only an alias leads there: it stands for other places too."""
    if match.aliased:
        raise CannotReadError(
            f"line {document.line_of(match.start)}: an alias leads to this value, which is also another's: "
            "it cannot be changed for one alone"
        )
    return match


class Action(Protocol):
    """A compiled action."""

    def plan(self, document: Document, fork: Fork) -> Plan | Problem:
        """The edits that bring `document` to the wanted state. May raise CannotReadError."""
        ...


class Expected(Struct, frozen=True):
    """How many sites an action may meet."""

    least: int
    most: int | None

    def __contains__(self, count: int) -> bool:
        return self.least <= count and (self.most is None or count <= self.most)

    def __str__(self) -> str:
        if self.most is not None:
            return f"exactly {self.most}" if self.least == self.most else f"at most {self.most}"
        return f"at least {self.least}" if self.least else "any number"


class Step(Struct, frozen=True):
    """A compiled step of a rule: an action with its conditions."""

    action: Action
    verb: str
    expected: Expected
    unless: Selector | None

    def plan(self, document: Document, fork: Fork) -> Plan | Problem:
        """The action's plan, checked against the expected number of sites; never raises."""
        try:
            if self.unless is not None and (held := self.unless.find(document)):
                return Plan(done=len(held))
            plan = self.action.plan(document, fork)
        except CannotReadError as error:
            return Problem("refused", str(error))
        if isinstance(plan, Problem):
            return replace(plan, detail=f"{self.verb}: {plan.detail}")
        if plan.sites in self.expected:
            return replace(plan, edits=tuple(line_ends_of(document, edit) for edit in plan.edits))
        count = plan.sites
        outcome: Reason = "absent" if count < self.expected.least else "ambiguous"
        already = f" ({plan.done} as the rule wants it already)" if plan.done else ""
        found = f"{count or 'no'} site{'s' * (count != 1)}{already}"
        return Problem(outcome, f"{self.verb}: found {found}, expected {self.expected}")


class WrittenStep(Written, kw_only=True, frozen=True):
    """One step of a rewrite, as written in a rule file."""

    called: ClassVar[str] = "a step: a mapping"

    expect: Annotated[
        Annotated[int, Meta(ge=0)] | Literal["any", "some"],
        Meta(
            description="How many sites there must be: a number, `some` (one or more) or `any` (zero or more)."
        ),
    ] = 1
    unless: Annotated[
        AnySelector | None, Meta(description="The step counts as done where this is found.")
    ] = None

    def action(self) -> Action:
        """The compiled action."""
        raise TypeError(f"{type(self).__name__} has no action")

    def compile(self, verb: str) -> Step:
        """The step ready for use; `verb` is its name in messages."""
        least, most = {"any": (0, None), "some": (1, None)}.get(str(self.expect), (self.expect, self.expect))
        unless = self.unless.compile() if self.unless else None
        return Step(self.action(), verb, Expected(int(least), None if most is None else int(most)), unless)


class Carried(Written, frozen=True):
    """A text taken from the fork instead of being written in the rule."""

    carry: Annotated[AnySelector, Meta(description="Finds the text in the fork's version of the file.")]


Source = str | Carried


class TextSource(Struct, frozen=True):
    """A compiled text: fixed, or carried from the fork."""

    fixed: str | None
    selector: Selector | None = None

    @classmethod
    def compile(cls, written: Source) -> Self:
        """From the written form."""
        return cls(None, written.carry.compile()) if isinstance(written, Carried) else cls(written)

    def text(self, fork: Fork) -> str | Problem:
        """The text itself."""
        if self.selector is None:
            return self.fixed or ""
        found = fork.carried(self.selector)
        return found if isinstance(found, Problem) else found[1].text(found[0])


def removals(
    document: Document, spans: Sequence[Match], comments: bool, base: Document | None = None
) -> tuple[Edit, ...]:
    """The edits that take `spans` (in order) out and leave the surroundings tidy.

    Where one fills whole lines these go, with the comment lines that belong to it (`comments`; but for those that are
    new since `base`) and the blank
    line that would meet another, open a block or end the file; inside a line, a neighbouring separator (`,` or
    `|`) goes too. Neighbours go together, with what stands between them.
    """
    edits: list[Edit] = []
    lines: Match | None = None
    inline: Match | None = None
    for span in spans:
        whole = _with_punctuation(document, span)
        if whole is not None:
            whole = with_known_comments(document, whole, base) if comments else whole
            if lines and not document.text[lines.end : whole.start].strip():
                lines = Match(lines.start, max(lines.end, whole.end))
                continue
            edits += _line_removal(document, lines) if lines else []
            lines = whole
        elif inline and _SEPARATOR.fullmatch(document.text, inline.end, span.start):
            inline = Match(inline.start, span.end)
        else:
            edits += [_inline_removal(document, inline)] if inline else []
            inline = span
    edits += _line_removal(document, lines) if lines else []
    edits += [_inline_removal(document, inline)] if inline else []
    return tuple(edits)


def taken_out(
    document: Document, selector: Selector, matches: Sequence[Match], comments: bool, base: Document | None
) -> tuple[Edit, ...]:
    """The `removals` of what `selector` found. Raises CannotReadError where an alias leads there, and where a value at
    another key would change with it: not for whole `lines`, which are to go whatever is in them."""
    edits = removals(document, [editable(document, match) for match in matches], comments, base)
    finder = selector.finder
    if isinstance(finder, KeyFinder) and not selector.lines:
        refuse_others(document, edits, finder.format_of(document), finder.entries(document, matches))
    return edits


# Never half of `||`, `|&` or `>|`.
_SEPARATOR = re.compile(r"\s*(?:,|(?<![|>])\|(?![|&]))\s*")
_OPERATOR = r"(?:\|\||&&|\|&)"
_OPERATOR_BEFORE = re.compile(rf"{_OPERATOR}\s*\Z")
_OPERATOR_BEHIND = re.compile(rf"\s*{_OPERATOR}")
# Where an item begins and where one ends: what stands beside it is no other part of the same item.
_BEGINS = re.compile(r"""(?:(?:\A|[(\[{<=:;,|&])\s*|["'`])\Z""")
_ENDS = re.compile(r"""["'`]|\s*(?:\Z|[)\]}>;,|&#])""")
_PART_BEHIND = re.compile(r"""[ \t]+["'\w$(\[{@-]""")


def _with_punctuation(document: Document, span: Match) -> Match | None:
    """The whole lines that `span` fills, alone or with the `;` or `,` behind it; None where there is more."""
    whole = document.whole_lines(span)
    if whole is None and (mark := re.compile(r"[;,]").match(document.text, span.end)):
        whole = document.whole_lines(Match(span.start, mark.end(), span.groups))
    return whole or _list_item(document, span)


_DASH = re.compile(r"([ \t]*)- +")
_NEXT_LINE = re.compile(r"(?:[ \t]*(?:#.*)?\n)*([ \t]*)(?=\S)")


def _list_item(document: Document, span: Match) -> Match | None:
    """The lines of a YAML list's item that `span` is all of: its dash goes too, or an empty item would stay."""
    start, end = document.line_start(span.start), document.line_end(max(span.start, span.end - 1))
    dash = _DASH.fullmatch(document.text, start, span.start)
    if not dash or document.text[span.end : end].strip():
        return None
    following = _NEXT_LINE.match(document.text, end)
    more = following is not None and len(following[1]) > len(dash[1])
    return None if more else Match(start, end, span.groups)


def _line_removal(document: Document, whole: Match) -> list[Edit]:
    """The edit that takes whole lines out; where they end a list without a comma behind it, one more."""
    text = document.text
    out = _lines_out(document, whole)
    removed = text[whole.start : whole.end].rstrip()
    if not _CLOSING.match(text, whole.end) or not removed or removed.endswith(","):
        return [out]
    left = text[: whole.start].rstrip()
    if left.endswith(",") and "\n" in text[len(left) : whole.start]:
        return [Edit(len(left) - 1, len(left), ""), out]
    return [out]


_CLOSING = re.compile(r"\s*[\]}]")
_BLANK = re.compile(r"[ \t]*\n")


def _lines_out(document: Document, whole: Match) -> Edit:
    text = document.text
    start = document.line_start(max(0, whole.start - 1))
    above = text[start : whole.start].rstrip(" \t\n")
    if not above and start < whole.start and not text[whole.end :].strip():
        return Edit(start, len(text), "")
    blank = _BLANK.match(text, whole.end)
    opening = not above or above[-1] in ":({["
    return Edit(whole.start, blank.end() if blank and opening else whole.end, "")


def _inline_removal(document: Document, span: Match) -> Edit:
    """The edit that takes a part of a line out, with one separator where the part is a whole item of a list.

    Raises CannotReadError where it is all that an operator such as `||` has on one side: what that then means,
    nobody can say.
    """
    text = document.text
    before = text[document.line_start(span.start) : span.start]
    behind = text[span.end : document.line_end(max(span.start, span.end - 1))]
    begins, ends = _BEGINS.search(before), _ENDS.match(behind)
    if (_OPERATOR_BEFORE.search(before) and ends) or (_OPERATOR_BEHIND.match(behind) and begins):
        found = _OPERATOR_BEFORE.search(before) or _OPERATOR_BEHIND.match(behind)
        assert found is not None  # one of the two was there
        raise CannotReadError(
            f"line {document.line_of(span.start)}: `{found[0].strip()}` would have nothing on one side"
        )
    after = _SEPARATOR.match(text, span.end)
    # `a BAD | b` is one item and another: the separator is not that of BAD. A word before a comma is often a
    # keyword: `import BAD, b`.
    if after and (begins or "," in after[0]):
        return Edit(span.start, after.end(), "")
    left = text[: span.start].rstrip()
    separator = re.search(r"(?:,|(?<![|>])\|)\Z", left)
    if separator and not _PART_BEHIND.match(behind):
        return Edit(len(left[:-1].rstrip()), span.end, "")
    return Edit(span.start, span.end, "")

"""Taking places out of a text so that what is around them stays tidy: lines, comments, separators, list items."""

from __future__ import annotations

import re
from collections.abc import Sequence

from syncfork.errors import CannotReadError
from syncfork.rewrite.base import editable
from syncfork.rewrite.comments import without_new_comments
from syncfork.rewrite.others import refuse_others
from syncfork.selectors.base import Selector
from syncfork.selectors.key import KeyFinder
from syncfork.text import Document, Edit, Match


def removals(
    document: Document, spans: Sequence[Match], comments: bool, base: Document | None = None
) -> tuple[Edit, ...]:
    """The edits that take `spans` (in order) out and leave the surroundings tidy.

    Where one fills whole lines these go, with the comment lines that belong to it (`comments`; but for those that are
    new since `base`) and the blank line that would meet another, open a block or end the file; inside a line, a
    neighbouring separator (`,` or `|`) goes too. Neighbours go together, with what stands between them.
    """
    edits: list[Edit] = []
    lines: Match | None = None
    inline: Match | None = None
    for span in spans:
        whole = _with_punctuation(document, span)
        if whole is not None:
            for piece in without_new_comments(document, whole, base) if comments else [whole]:
                if lines and not document.text[lines.end : piece.start].strip():
                    lines = Match(lines.start, max(lines.end, piece.end))
                    continue
                edits += _line_removal(document, lines) if lines else []
                lines = piece
        elif inline and _BETWEEN.fullmatch(document.text, inline.end, span.start):
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
_BETWEEN = re.compile(rf"{_SEPARATOR.pattern}|[ \t]*")
_OPERATOR = r"(?:\|\||&&|\|&)"
# A command goes on in the next line behind a `\`.
_GAP = r"(?:[ \t]|\\\r?\n)*"
_OPERATOR_BEFORE = re.compile(rf"{_OPERATOR}\s*\Z")
_OPERATOR_BEHIND = re.compile(rf"{_GAP}({_OPERATOR})")
# Where an item begins and where one ends: what stands beside it is no other part of the same item.
_WORDS_BEFORE = (
    r"(?<![\w$.-])(?:return|if|while|elif|and|or|not|when|case|else|then|do|until|unless|assert|yield)"
)
_BEGINS = re.compile(
    rf"""(?:(?:\A(?:\s*-(?=\s))?|[(\[{{<=:;,|&]|[-=]>|(?<=\s)\?|{_WORDS_BEFORE}(?=\s))\s*|["'`])\Z"""
)
_ENDS = re.compile(
    rf"""["'`]|{_GAP}(?:\r?\n|\Z|[)\]}}>;,|&#]|:(?!:)|=>|(?<=\s)[={{?]|->|//|/\*|\b(?:then|do|if|else)\b)"""
)
# What is seen to be another part of the same item.
_PART_BEFORE = re.compile(r"""(?:[\w)\]}]/?|\s\.{1,2}/?|\s--|\$[^\w\s]|["'`](?=\s))\s*\Z""")
_PART_BEHIND = re.compile(rf"""\w|(?:(?<=\s)|(?=\s|\\\r?\n){_GAP})(?:["'`\w$(\[{{@-]|(?!//|/\*)[./~]\S)""")


def _with_punctuation(document: Document, span: Match) -> Match | None:
    """The whole lines that `span` fills, alone or with the `;` or `,` behind it; None where there is more."""
    whole = document.whole_lines(span)
    if whole is None and (mark := re.compile(r"[;,]").match(document.text, span.end)):
        whole = document.whole_lines(Match(span.start, mark.end(), span.groups))
    return whole or list_item(document, span)


_DASH = re.compile(r"([ \t]*)- +")
_NEXT_LINE = re.compile(r"(?:[ \t]*(?:#.*)?\n)*([ \t]*)(?=\S)")


def list_item(document: Document, span: Match) -> Match | None:
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

    Raises CannotReadError where it is all that `|` or an operator such as `||` has on one side, or may be: what that
    then means, nobody can say.
    """
    text = document.text
    before = text[document.line_start(span.start) : span.start]
    begins, ends = bool(_BEGINS.search(before)), bool(_ENDS.match(text, span.end))
    stays_before = not begins and bool(_PART_BEFORE.search(before))
    stays_behind = not ends and bool(_PART_BEHIND.match(text, span.end))
    if (operator := _OPERATOR_BEFORE.search(before)) and not stays_behind:
        raise _one_sided(document, span, operator[0].strip())
    if (operator := _OPERATOR_BEHIND.match(text, span.end)) and not stays_before:
        raise _one_sided(document, span, operator[1])
    after = _SEPARATOR.match(text, span.end)
    # `a BAD | b` is one item and another: the separator is not that of BAD. A word before a comma is often a
    # keyword: `import BAD, b`.
    if after and (begins or "," in after[0]):
        return Edit(span.start, after.end(), "")
    if after and not stays_before:
        raise _one_sided(document, span, "|")
    left = text[: span.start].rstrip()
    separator = re.search(r"(?:,|(?<![|>])\|)\Z", left)
    bar = separator is not None and separator[0] == "|"
    if bar and not ends and not stays_behind:
        raise _one_sided(document, span, "|")
    if separator and (ends if bar else not _PART_BEHIND.match(text, span.end)):
        return Edit(len(left[:-1].rstrip()), span.end, "")
    return _without_doubled_blanks(document, span)


def _one_sided(document: Document, span: Match, operator: str) -> CannotReadError:
    line = document.line_of(span.start)
    return CannotReadError(f"line {line}: `{operator}` would have nothing on one side")


def _without_doubled_blanks(document: Document, span: Match) -> Edit:
    """The edit that takes `span` out; of the blanks on both sides the shorter go too, and those of a line's beginning
    stay."""
    text = document.text
    first = len(text[: span.start].rstrip(" \t"))
    last = re.compile(r"[ \t]*").match(text, span.end)
    behind = last.end() if last else span.end
    if first == span.start or behind == span.end:
        return Edit(span.start, span.end, "")
    if first > document.line_start(span.start) and span.start - first < behind - span.end:
        return Edit(first, span.end, "")
    return Edit(span.start, behind, "")

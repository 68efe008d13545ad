"""The page's texts: the three sides of a conflict, and the lines around a finding."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from syncfork.render.html_parts import block, culprits, path
from syncfork.render.markup import Markup, element, fragment
from syncfork.report import ConflictItem, ConflictText, Excerpt
from syncfork.words import one_line, plain

_LONGEST = 5000


def sides(item: ConflictItem) -> Markup:
    """Every conflict of a path with its commits and its three texts; the path's commits where it has no texts."""
    if not item.texts:
        return culprits(item.culprits) or element("p", "The commit behind it is not known.", class_="quiet")
    return fragment(_conflict(text) for text in item.texts)


def _conflict(text: ConflictText) -> Markup:
    names = ("The fork", "Merge base", "Upstream")
    panes = zip(names, _dedented((text.ours, text.base, text.theirs)), strict=True)
    nothing = element("p", "nothing", class_="quiet")
    shown = [element("div", element("h4", name), block(words) if words else nothing) for name, words in panes]
    return element(
        "div",
        element("p", f"Line {text.line} of the fork's file", class_="quiet"),
        culprits(text.culprits),
        element("div", shown, class_="sides"),
        class_="conflict",
    )


def _dedented(texts: Sequence[str]) -> list[str]:
    """The texts without the indentation that all lines of all of them share: there is little room beside each other."""
    shown = [plain(text)[:_LONGEST] for text in texts]
    lines = [line for text in shown for line in text.split("\n") if line.strip()]
    indents = [line[: len(line) - len(line.lstrip(" \t"))] for line in lines]
    shared = os.path.commonprefix(indents)  # noqa: RUF071 - by characters is what is wanted
    return ["\n".join(line.removeprefix(shared) for line in text.split("\n")) for text in shown]


def excerpts(found: Sequence[Excerpt]) -> Markup | None:
    """The lines around each place, numbered, the one in question marked; None where there are none."""
    if not found:
        return None
    return fragment(
        element(
            "div",
            element("p", f"{one_line(item.title)}: ", path(item.path)),
            block(_lines(item)),
        )
        for item in found
    )


def _lines(item: Excerpt) -> Iterable[Markup]:
    for number, line in enumerate(item.lines, start=item.first):
        words = fragment(f"{number:>5}  ", plain(line).replace("\n", " ")[:_LONGEST], "\n")
        yield element("mark", words) if number == item.marked else words

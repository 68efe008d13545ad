"""The page's texts: the three sides of a conflict, and the lines around a finding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from syncfork.render.html_parts import culprits, path
from syncfork.render.markup import Markup, element, fragment
from syncfork.render.text import one_line, plain
from syncfork.report import ConflictItem, ConflictText, Excerpt

_LONGEST = 5000


def sides(item: ConflictItem) -> Markup:
    """Every conflict of a path with its commits and its three texts; the path's commits where it has no texts."""
    if not item.texts:
        return culprits(item.culprits) or element("p", "The commit behind it is not known.", class_="quiet")
    return fragment(_conflict(text) for text in item.texts)


def _conflict(text: ConflictText) -> Markup:
    panes = (("The fork", text.ours), ("Merge base", text.base), ("Upstream", text.theirs))
    shown = [element("div", element("h4", name), _pre(words)) for name, words in panes]
    return element(
        "div",
        element("p", f"Line {text.line}", class_="quiet"),
        culprits(text.culprits),
        element("div", shown, class_="sides"),
        class_="conflict",
    )


def _pre(words: str) -> Markup:
    if not words:
        return element("p", "nothing", class_="quiet")
    shown = plain(words)[:_LONGEST]
    # An HTML parser drops a line break that a <pre> begins with.
    return element("pre", "\n" * shown.startswith("\n"), shown, tabindex=0)


def excerpts(found: Sequence[Excerpt]) -> Markup | None:
    """The lines around each place, numbered, the one in question marked; None where there are none."""
    if not found:
        return None
    return fragment(
        element(
            "div",
            element("p", f"{one_line(item.title)}: ", path(item.path)),
            element("pre", _lines(item), tabindex=0),
        )
        for item in found
    )


def _lines(item: Excerpt) -> Iterable[Markup]:
    for number, line in enumerate(item.lines, start=item.first):
        words = fragment(f"{number:>5}  ", plain(line).replace("\n", " ")[:_LONGEST], "\n")
        yield element("mark", words) if number == item.marked else words

"""The page's small parts: paths, commits, prose, sections."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from importlib.resources import files

from syncfork.render.links import web_link
from syncfork.render.markup import Child, Markup, element, fragment
from syncfork.report import Culprit
from syncfork.words import one_line, place

MARKS = {"good": "✓", "warn": "?", "bad": "✗", "unknown": "…", "note": "·"}


def section(title: str, *children: Child, number: int | None = None) -> Markup:
    """A part of the page under its heading; nothing where `number` says that there is nothing in it."""
    if number == 0:
        return fragment()
    told = element("span", str(number), class_="number") if number else None
    return element("section", element("h2", title, " ", told), *children)


def path(name: str, line: int = 0, tree: str = "") -> Markup:
    """A path with its line, where that is known."""
    return fragment(
        element("code", place(name, line), class_="path"), " (before the change)" if tree == "base" else None
    )


def block(words: Child) -> Markup:
    """Lines of code. What is too wide is moved inside of it, with the keyboard too."""
    shown = fragment(words)
    # An HTML parser drops a line break that a <pre> begins with.
    return element("pre", "\n" * shown.startswith("\n"), shown, tabindex=0)


def after(words: Child) -> Markup:
    """What stands beside the name in a summary."""
    return element("span", words, class_="beside")


def prose(text: str, longest: int = 600) -> Markup:
    """A line of text in which what stands between backticks is code, as everywhere in the report."""
    parts = one_line(text, longest).split("`")
    if len(parts) % 2 == 0:
        parts[-2:] = ["`".join(parts[-2:])]
    return fragment(element("code", part) if number % 2 else part for number, part in enumerate(parts))


def commit(culprit: Culprit) -> Markup:
    """A commit with its subject, author and date; a link where its address is one."""
    name = element("code", one_line(culprit.commit[:9]))
    address = web_link(culprit.url)
    told = culprit.pr is None or f"#{culprit.pr}" in culprit.subject
    label = fragment(name, None if told else f" #{culprit.pr}")
    linked = element("a", label, href=address, rel="noopener noreferrer") if address else label
    who = element("span", f"{one_line(culprit.author, 60)}, {one_line(culprit.date[:10])}", class_="quiet")
    return element("span", linked, " ", one_line(culprit.subject, 200), " ", who, class_="commit")


def culprits(found: Sequence[Culprit], most: int = 5) -> Markup | None:
    """A list of commits; None where there is none."""
    if not found:
        return None
    items = [element("li", commit(item)) for item in found[:most]]
    if len(found) > most:
        items.append(element("li", f"and {len(found) - most} more", class_="quiet"))
    return element("ul", items, class_="commits")


def name_list(title: str, names: Sequence[str]) -> Markup:
    """`Kept a, b, c`."""
    if not names:
        return fragment()
    told = [
        fragment(", " if number else None, element("code", one_line(name)))
        for number, name in enumerate(names)
    ]
    return element("p", element("span", f"{title} ", class_="quiet"), told)


def document(title: str, body: Markup, more_style: str = "") -> str:
    """A whole page that needs no network and runs no script: its policy allows its own style sheet, by hash."""
    # What the browser hashes is what stands between the tags, so the sheet must not be changed by escaping.
    sheet = files("syncfork.render").joinpath("page.css").read_text("utf-8") + more_style
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
        Markup(f"<style>{sheet}</style>"),
    )
    return f"<!doctype html>\n{element('html', head, body, lang='en')}\n"

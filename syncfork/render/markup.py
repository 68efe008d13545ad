"""HTML by construction: elements are built, and whatever is not an element is escaped text."""

from __future__ import annotations

import html
from collections.abc import Iterable

from syncfork.words import plain

# Elements that have no end tag in HTML.
_VOID = frozenset({"br", "hr", "meta", "link", "wbr"})


class Markup(str):
    """Text that is HTML already. Made by `element` and from constants of this package, never from data."""

    __slots__ = ()


Child = str | Markup | None | Iterable["Child"]


def element(name: str, /, *children: Child, **attributes: str | int | float | bool | None) -> Markup:
    """An element. `class_` is the attribute class, `aria_label` is aria-label; None and False leave one out."""
    head = "".join(_attribute(key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items())
    if name in _VOID:
        return Markup(f"<{name}{head}>")
    return Markup(f"<{name}{head}>{fragment(*children)}</{name}>")


def fragment(*children: Child) -> Markup:
    """Several children as one: elements as they are, all other text escaped."""
    return Markup("".join(_text(child) for child in children))


def _text(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Markup):
        return child
    if isinstance(child, str):
        return html.escape(plain(child), quote=True)
    return fragment(*child)


def _attribute(name: str, value: str | float | bool | None) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return f" {name}"
    return f' {name}="{html.escape(plain(str(value)), quote=True)}"'

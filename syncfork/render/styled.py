"""A line for a terminal, out of plain and styled pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.text import Text


def styled(*parts: str | tuple[str, str]) -> Text:
    """One line of these pieces: text, or text with its style. A word too long for the line is folded, not cut."""
    from rich.text import Text

    return Text.assemble(*parts, overflow="fold")

"""The differences of two texts on a terminal."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from syncfork.render.shortened import shortened
from syncfork.render.styled import styled
from syncfork.text import apart
from syncfork.words import count, plain

if TYPE_CHECKING:
    from rich.text import Text

# By a line's first character.
STYLES = {"+": "green", "-": "red", "@": "cyan"}


def difference(
    old: str, new: str, most: int | None, *, around: int = 1, hint: str = "v shows all"
) -> Iterator[Text]:
    """What makes `new` of `old`, with so many lines `around` each change: `most` lines of it, None for all.

    Long lines are cut unless all is shown; `hint` says how to see what is left out.
    """
    found = difflib.unified_diff(plain(old).splitlines(), plain(new).splitlines(), lineterm="", n=around)
    # The first two name the files.
    lines = list(found)[2:]
    places = _places(lines)
    for number, line in enumerate(lines[:most]):
        shown = styled((line, STYLES.get(line[:1], "")))
        if most is not None:
            shown = shortened(shown, [places[number]] if number in places else [], hint)
        yield styled("    ") + shown
    if most is not None and len(lines) > most:
        yield styled((f"    … {count(len(lines) - most, 'more line')}: {hint}", "dim"))


def _places(lines: Sequence[str]) -> dict[int, tuple[int, int]]:
    """Where the lines of a difference are other than those they stand for, by number: the first that went is taken for
    the first that came."""
    groups = [(sign, list(group)) for sign, group in groupby(enumerate(lines), key=lambda line: line[1][:1])]
    found = {}
    for (one, gone), (other, came) in pairwise(groups):
        if (one, other) == ("-", "+"):
            for (before, old), (after, new) in zip(gone, came, strict=False):
                found[before], found[after] = apart(old, f"-{new[1:]}"), apart(new, f"+{old[1:]}")
    return found

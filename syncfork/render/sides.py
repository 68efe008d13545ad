"""The sides of a conflict as texts with syntax highlighting, in columns or one below the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import accumulate
from typing import TYPE_CHECKING

from syncfork.render.shortened import shortened
from syncfork.render.styled import styled
from syncfork.resolve.diff3 import changes
from syncfork.resolve.lines import aligned, lines_of
from syncfork.text import apart, words_and_signs
from syncfork.words import count, one_line, plain

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

_TAB = 4
# Beyond this many characters colours, and beyond this many pairs of equal words the search for those that differ,
# would take longer than the person who waits for them.
_LONGEST = 20_000
_MOST_MATCHES = 100_000
# A column's mark and what is between two of them; and of so many lines one may be folded.
_BESIDE = 4
_FOLDED = 5
# What differs from the merge base: seen without colours, too.
_DIFFERS = "bold underline"


def side_by_side(
    texts: Mapping[str, str], path: str, most: int | None, *, based: bool = True
) -> Iterator[RenderableType]:
    """One column for each text, by its title; the first is the merge base's, if `based`."""
    from rich.table import Table

    table = Table.grid(padding=(0, 2), expand=True)
    for _ in texts:
        table.add_column(ratio=1, overflow="fold")
    table.add_row(*(styled((one_line(title, 60), "bold")) for title in texts))
    columns = [_marked(number, texts, path, most, based) for number in range(len(texts))]
    for row in range(max(map(len, columns))):
        table.add_row(*(column[row] if row < len(column) else "" for column in columns))
    yield table


def fits(texts: Collection[str], width: int) -> bool:
    """Whether in columns on a terminal of that width nearly all lines stay in one row: folded ones are hard to compare."""
    room = width // len(texts) - _BESIDE
    long = [len(line.expandtabs(_TAB)) > room for text in texts for line in text.splitlines() if line.strip()]
    return sum(long) * _FOLDED <= len(long)


def stacked(
    texts: Mapping[str, str], path: str, most: int | None, *, based: bool = True
) -> Iterator[RenderableType]:
    """The texts one below the other, each under its title."""
    for number, title in enumerate(texts):
        yield styled((one_line(title, 60), "bold"))
        yield from _marked(number, texts, path, most, based)


def _marked(number: int, texts: Mapping[str, str], path: str, most: int | None, based: bool) -> list[Text]:
    """A text's lines with a mark before each: `+` for one that the merge base does not have, `-` for one of the merge
    base's that a side does not have."""
    all_texts = [_clean(text) for text in texts.values()]
    text, others = all_texts[number], all_texts[1:] if number == 0 else all_texts[:1]
    lines = _coloured(text, path)
    differing = _differing(lines, text, others if based else [])
    lines_here = lines_of(text)
    places = [aligned(lines_here, lines_of(other)) for other in others] if based else []
    sign, style = ("-", "red") if number == 0 else ("+", "green")
    made = []
    for at, line in enumerate(lines[:most]):
        differs = any(found[at] is None for found in places)
        for start, end in differing[at]:
            line.stylize(_DIFFERS, start, end)
        shown = line if most is None else shortened(line, differing[at])
        made.append(styled((f"{sign} " if differs else "  ", style)) + shown)
    if most is not None and len(lines) > most:
        made.append(styled((f"  … {count(len(lines) - most, 'more line')}: v shows all", "dim")))
    return made or [styled(("  (nothing between the lines around it)", "dim"))]


def _clean(text: str) -> str:
    """The text as it is shown, so that what is marked in it stands where it is seen."""
    return "".join(line.expandtabs(_TAB) for line in plain(text).splitlines(keepends=True))


def _coloured(text: str, path: str) -> list[Text]:
    """The lines, coloured by the language that the path's name tells."""
    from rich.text import Text

    body = text.removesuffix("\n")
    if not body and not text:
        return []
    whole = Text(body)
    if len(body) <= _LONGEST:
        from rich.syntax import Syntax

        lexer = Syntax.guess_lexer(one_line(path))
        found = Syntax("", lexer, theme="ansi_dark", tab_size=_TAB).highlight(body)
        found.right_crop(max(0, len(found.plain) - len(body)))
        whole = found if found.plain == body else whole
    return list(whole.split("\n", allow_blank=True))


def _differing(lines: Sequence[Text], text: str, others: Sequence[str]) -> list[list[tuple[int, int]]]:
    """Where in each line the words stand that another text does not have in their place."""
    offsets = [0]
    for written in lines_of(text):
        offsets.append(offsets[-1] + len(written))
    found: list[list[tuple[int, int]]] = [[] for _ in lines]
    for other in others:
        for first, last in _other_words(text, other):
            for number, line in enumerate(lines):
                start, end = first - offsets[number], last - offsets[number]
                if end >= 0 and start <= len(line):
                    found[number].append((max(0, start), min(end, len(line))))
    return found


def _other_words(text: str, other: str) -> Iterator[tuple[int, int]]:
    """Where in `text` the words stand that `other` does not have in their place, within the lines that differ; where to
    find that out would take too long, all from the first to the last of such lines."""
    here = lines_of(text)
    starts = list(accumulate(map(len, here), initial=0))
    for change in changes(here, lines_of(other)):
        at = starts[change.start]
        for start, end in _words_apart("".join(here[change.start : change.end]), "".join(change.new)):
            yield at + start, at + end


def _words_apart(text: str, other: str) -> Iterator[tuple[int, int]]:
    tokens, others = words_and_signs(text), words_and_signs(other)
    starts = list(accumulate(map(len, tokens), initial=0))
    (first, last), (begin, end) = apart(tokens, others), apart(others, tokens)
    here, there = tokens[first:last], others[begin:end]
    matches = Counter(there)
    if sum(matches[token] for token in here) > _MOST_MATCHES:
        yield starts[first], starts[last]
        return
    for tag, i, j, _, _ in SequenceMatcher(None, here, there, autojunk=False).get_opcodes():
        if tag != "equal":
            yield starts[first + i], starts[first + j]

"""The tokens of a text: words, single signs, runs of blanks, line feeds; together they are the text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

# A version is one token: half of one and half of another make a third.
_TOKEN = re.compile(r"v?\d+(?:\.\d+)+(?:[-+.]?\w+)*|\w+|[^\S\n]+|\n|[^\w\s]")
# Stands for any word in the form of a text; no token is like it.
WORD = "a word"
# Runs of up to so many tokens are compared: enough for `x, benefit` or `/* x`.
_RUN = 3


def tokens_of(text: str) -> list[str]:
    """The tokens of `text`; joined they are `text` again."""
    return _TOKEN.findall(text)


def words(tokens: Iterable[str]) -> set[str]:
    """Those tokens that are words or numbers."""
    return {token for token in tokens if is_word(token)}


def is_word(token: str) -> bool:
    """True for a word, a number or a version."""
    return token[0].isalnum() or token[0] == "_"


def runs(tokens: Sequence[str]) -> set[tuple[str, ...]]:
    """Every run of one to three tokens, once as they stand and once without the blanks between them."""
    return {
        run for each in (tokens, [token for token in tokens if not token.isspace()]) for run in _runs(each)
    }


def _runs(tokens: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for size in range(1, _RUN + 1):
        for start in range(len(tokens) - size + 1):
            run = tuple(tokens[start : start + size])
            if not "".join(run).isspace():
                yield run


def form(text: str) -> list[str]:
    """The tokens of `text` without its blanks, WORD in the place of each word."""
    return [WORD if is_word(token) else token for token in tokens_of(text) if not token.isspace()]

"""Searches over whole texts that skip what cannot match.

`re` skips to the next place where a pattern may begin only where the pattern begins with a letter, or with a choice
of such: with `\\b`, a look behind or an optional part in front it tries every character, which takes ten times as
long.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable

# Characters: `.png`.
_ENDING = 4
_WORD = re.compile(r"\w+")


def anchored(before: str, *words: str) -> str:
    """The pattern `before` (of no width, such as `\\b`) and then one of `words`, which begin with a plain letter."""
    return "|".join(f"{word[0]}(?<={before}{word[0]}){word[1:]}" for word in words)


def lines_with(form: re.Pattern[str], text: str) -> list[int]:
    """The numbers (from 1) of the lines in which `form`, which matches within a line, is found."""
    found: list[int] = []
    number, position = 1, 0
    while match := form.search(text, position):
        number += text.count("\n", position, match.start())
        found.append(number)
        position = text.find("\n", match.start()) + 1
        if not position:
            break
        number += 1
    return found


def has_any(words: Iterable[str]) -> Callable[[str], bool]:
    """A function that tells whether a text has any of the words. Thousands of file names have few endings: where an
    ending is not in a text, none of its words is looked for."""
    ending: dict[str, list[str]] = defaultdict(list)
    for word in words:
        ending[word[-_ENDING:]].append(word)
    return lambda text: any(
        end in text and any(word in text for word in alike) for end, alike in ending.items()
    )


def words_of(text: str) -> frozenset[str]:
    """The words of a text, each as far as letters, digits and underscores go."""
    return frozenset(_WORD.findall(text))


def longest_word(text: str) -> str:
    """The word by which to look a text up among the words of others: where that does not stand as a whole one, the text does
    not. Empty where it has none."""
    return max(_WORD.findall(text), key=len, default="")


def line_numbers(text: str) -> Callable[[int], int]:
    """A function that tells the number (from 1) of a character's line: for a text of which it is asked often."""
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    return lambda offset: bisect_right(starts, offset)

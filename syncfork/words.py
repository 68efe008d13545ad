"""Words that messages share: lists that are cut short, places that are named in passing."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence


def listed(words: Sequence[str], most: int = 3) -> str:
    """The first words, and how many more there are: `a, b, c and 2 more`."""
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return f"{', '.join(words[:most])}{more}"


def also(places: Iterable[str]) -> str:
    """Other places of the same finding, in brackets; nothing where there are none."""
    distinct = list(dict.fromkeys(places))
    return f" (also {listed(distinct)})" if distinct else ""


def shell_words(paths: Iterable[str]) -> str:
    """The paths as a POSIX shell reads them, whatever their names; bash's `$'...'` where a name cannot be printed."""
    return " ".join(map(_shell_word, paths))


def _shell_word(path: str) -> str:
    if path.isprintable():
        return shlex.quote(path)
    made = ""
    for character in path:
        if character.isprintable() and character not in "\\'":
            made += character
        else:
            made += "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogateescape"))
    return f"$'{made}'"

"""Words that messages share, and foreign text made harmless: what upstream wrote may hold escapes, or commands of a CI
system."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence

# Control characters but tab and newline; marks that reorder or hide text.
_UNSEEN = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\u00ad\u061c\ufeff\U000e0000-\U000e007f"
_CONTROL = re.compile(f"[{_UNSEEN}]")
# What a CI system obeys in a log: GitHub at a line's start, Azure anywhere.
_COMMAND = re.compile(r"^([^\S\n]*:)(?=:)|(#)(?=#(?:vso)?\[)", re.MULTILINE)
# What a path is quoted for: all of the above, bytes that are not UTF-8, and what the quoting itself uses.
_QUOTED = re.compile(rf'["\\\t\n{_UNSEEN}\udc80-\udcff]|^[^\S\n]*:(?=:)|#(?=#(?:vso)?\[)')
_LETTERS = {"\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r", '"': '"', "\\": "\\"}
LONGEST = 300


def plain(text: str) -> str:
    """`text` that a terminal or CI shows and does not obey; line breaks stay, undecodable bytes become marks."""
    seen = _CONTROL.sub("", text.encode("utf-8", "replace").decode("utf-8"))
    return _COMMAND.sub(r"\1\2 ", seen)


def harmless(text: str) -> str:
    """`text` of several lines, none of which a CI system takes for a command of its own."""
    return re.sub(r"^(\s*)::", r"\1: :", plain(text), flags=re.MULTILINE)


def one_line(text: str, longest: int = LONGEST) -> str:
    """`text` as one harmless line of at most `longest` characters."""
    line = " ".join(plain(text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def place(path: str, line: int = 0) -> str:
    """A path as one harmless line, with the line (from 1) in it; what is about a file as a whole has none (0).

    A name with control characters or the like is quoted as git and C quote it, so that it reads as no other name.
    """
    name = path if len(path) <= LONGEST else path[: LONGEST - 1] + "…"
    quoted = _QUOTED.sub(_escape, name)
    shown = plain(name if quoted == name else f'"{quoted}"')
    return f"{shown}:{line}" if line > 0 else shown


def _escape(found: re.Match[str]) -> str:
    if letter := _LETTERS.get(found[0]):
        return f"\\{letter}"
    return "".join(rf"\{byte:03o}" for byte in found[0].encode("utf-8", "surrogateescape"))


def count(number: int, one: str, many: str = "") -> str:
    """`3 files`, `1 file`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


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

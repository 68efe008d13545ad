"""Making foreign text harmless: what upstream wrote may hold escapes, markup, or commands of a CI system."""

from __future__ import annotations

import re

# Control characters but tab and newline; marks that reorder or hide text.
_UNSEEN = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\u00ad\u061c\ufeff\U000e0000-\U000e007f"
_CONTROL = re.compile(f"[{_UNSEEN}]")
# What a CI system obeys in a log: GitHub at a line's start, Azure anywhere.
_COMMAND = re.compile(r"^([^\S\n]*:)(?=:)|(#)(?=#(?:vso)?\[)", re.MULTILINE)
# What a path is quoted for: all of the above, bytes that are not UTF-8, and what the quoting itself uses.
_QUOTED = re.compile(rf'["\\\t\n{_UNSEEN}\udc80-\udcff]|^[^\S\n]*:(?=:)|#(?=#(?:vso)?\[)')
_LETTERS = {"\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r", '"': '"', "\\": "\\"}
_LONGEST = 300


def plain(text: str) -> str:
    """`text` that a terminal or CI shows and does not obey; line breaks stay, undecodable bytes become marks."""
    seen = _CONTROL.sub("", text.encode("utf-8", "replace").decode("utf-8"))
    return _COMMAND.sub(r"\1\2 ", seen)


def harmless(text: str) -> str:
    """`text` of several lines, none of which a CI system takes for a command of its own."""
    return re.sub(r"^(\s*)::", r"\1: :", plain(text), flags=re.MULTILINE)


def one_line(text: str, longest: int = _LONGEST) -> str:
    """`text` as one harmless line of at most `longest` characters."""
    line = " ".join(plain(text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def place(path: str, line: int = 0) -> str:
    """A path as one harmless line, with the line (from 1) in it; what is about a file as a whole has none (0).

    A name with control characters or the like is quoted as git and C quote it, so that it reads as no other name.
    """
    name = path if len(path) <= _LONGEST else path[: _LONGEST - 1] + "…"
    quoted = _QUOTED.sub(_escape, name)
    shown = plain(name if quoted == name else f'"{quoted}"')
    return f"{shown}:{line}" if line > 0 else shown


def _escape(found: re.Match[str]) -> str:
    if letter := _LETTERS.get(found[0]):
        return f"\\{letter}"
    return "".join(rf"\{byte:03o}" for byte in found[0].encode("utf-8", "surrogateescape"))


def code(text: str, longest: int = _LONGEST) -> str:
    """`text` as a Markdown code span: nothing in it is markup, a mention, a reference or HTML."""
    return span(one_line(text, longest))


def span(line: str) -> str:
    """A harmless line, such as a `place`, as a Markdown code span, blanks and all."""
    fence = "`" * (max((len(run) for run in re.findall("`+", line)), default=0) + 1)
    # One blank on each side is no part of what the span holds.
    pad = " " if not line or line[0] in "` " or line[-1] in "` " else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def escaped(text: str, longest: int = _LONGEST) -> str:
    """`text` as Markdown prose in which every character stands for itself; for text of the fork's own rules."""
    return _escaped(one_line(text, longest))


def _escaped(line: str) -> str:
    line = re.sub(r"([\\`*_{}\[\]<>#+!|~$])", r"\\\1", line.replace("&", "&amp;"))
    # GitHub looks for mentions, references and addresses in what is shown, where a character that was written
    # as an entity is itself again: a space of no width is what takes their power.
    line = re.sub(r"@|#(?=\d)|\b(?:GH-(?=\d)|www(?=\\?\.))", r"\g<0>&#8203;", line, flags=re.IGNORECASE)
    return line.replace("://", ":&#8203;//").replace("::", ":&#58;")


def sentence(text: str, longest: int = _LONGEST) -> str:
    """`text` as Markdown prose in which what stands between backticks is a code span, and nothing else is markup."""
    parts = one_line(text, longest).split("`")
    if len(parts) % 2 == 0:
        # A backtick without a partner: it stands for itself.
        parts[-2:] = ["`".join(parts[-2:])]
    return "".join(code(part) if number % 2 else _escaped(part) for number, part in enumerate(parts))


def count(number: int, one: str, many: str = "") -> str:
    """`3 files`, `1 file`."""
    return f"{number} {one if number == 1 else many or one + 's'}"

"""Markdown in which nothing of a foreign text is markup, a mention or a reference."""

from __future__ import annotations

import re

from syncfork.words import LONGEST, one_line


def code(text: str, longest: int = LONGEST) -> str:
    """`text` as a Markdown code span: nothing in it is markup, a mention, a reference or HTML."""
    return span(one_line(text, longest))


def span(line: str) -> str:
    """A harmless line, such as a `place`, as a Markdown code span, blanks and all."""
    fence = "`" * (max((len(run) for run in re.findall("`+", line)), default=0) + 1)
    # One blank on each side is no part of what the span holds.
    pad = " " if not line or line[0] in "` " or line[-1] in "` " else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def escaped(text: str, longest: int = LONGEST) -> str:
    """`text` as Markdown prose in which every character stands for itself; for text of the fork's own rules."""
    return _escaped(one_line(text, longest))


def _escaped(line: str) -> str:
    line = re.sub(r"([\\`*_{}\[\]<>#+!|~$])", r"\\\1", line.replace("&", "&amp;"))
    # GitHub looks for mentions, references and addresses in what is shown, where a character that was written
    # as an entity is itself again: a space of no width is what takes their power.
    line = re.sub(r"@|#(?=\d)|\b(?:GH-(?=\d)|www(?=\\?\.))", r"\g<0>&#8203;", line, flags=re.IGNORECASE)
    return line.replace("://", ":&#8203;//").replace("::", ":&#58;")


def sentence(text: str, longest: int = LONGEST) -> str:
    """`text` as Markdown prose in which what stands between backticks is a code span, and nothing else is markup."""
    parts = one_line(text, longest).split("`")
    if len(parts) % 2 == 0:
        # A backtick without a partner: it stands for itself.
        parts[-2:] = ["`".join(parts[-2:])]
    return "".join(code(part) if number % 2 else _escaped(part) for number, part in enumerate(parts))

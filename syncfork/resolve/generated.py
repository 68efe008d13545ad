"""Whether a text says of itself that a program wrote it. Pure."""

from __future__ import annotations

import re

# Behind the sign of a remark: Go's own form, that of protocol buffers, and the word that many tools and viewers know.
_SAYS = re.compile(
    r"(?i)^\s*(?://+|#+|--|;+|/?\*+|<!--|%)\s*"
    r"(?:@generated\b|(?!.*\b(?:not\s+generated|by hand)\b).{0,200}\bgenerated\b.{0,200}\bdo not (?:edit|modify|change)\b)"
)
_END = re.compile(r"\s*(?:\*/|-->)?\s*$")
# It stands in the first lines, behind a licence at the most.
_FIRST = 40


def says_generated(text: str) -> str:
    """The line in which a text says that it was generated and is not to be edited, without the signs of a remark; empty
    where it says no such thing."""
    for line in text.split("\n", _FIRST)[:_FIRST]:
        if len(line) <= 500 and _SAYS.match(line):
            return _END.sub("", line).lstrip("/*#;-<!> \t")
    return ""

"""Which words of a text of Rust's may be crates: not all that stand before `::`. Pure."""

from __future__ import annotations

import re

# A whole statement: what leads it may be a crate, and nothing else in it.
_USE = re.compile(r"^([ \t]*(?:pub(?:\([^)\n]*+\))?[ \t]+)?use[ \t]+(?:::)?\w*+)([^;]*+;)", re.MULTILINE)
_BROUGHT = re.compile(r"(?:::|[{,]|\bas\b)\s*+(\w++)\s*+(?=[,};]|::\s*+\{[^{}]*\bself\b)")
_LED = re.compile(r"(?<![\w:$])([a-z_]\w*+)::")


def crates_alone(text: str) -> str:
    """The text, line by line, without the words before `::` that are no crates: those within a `use`, and those that a `use`
    brings from elsewhere."""
    brought: set[str] = set()

    def led(found: re.Match[str]) -> str:
        brought.update(_BROUGHT.findall(found[2]))
        return found[1] + ";" + "\n" * found[2].count("\n")

    # Behind the last end no statement has one, and each would be looked through in vain.
    last = text.rfind(";") + 1
    text = _USE.sub(led, text[:last]) + text[last:]
    return _LED.sub(lambda found: "::" if found[1] in brought else found[0], text) if brought else text

"""Sides that differ in blanks and line breaks only: from each other, or one of them from the merge base."""

from __future__ import annotations

import re
from collections.abc import Iterator

from syncfork.resolve.base import Clash, Disputed
from syncfork.resolve.resolver import Proposal, Resolver
from syncfork.resolve.tokens import tokens_of

# Where blanks at a line's start, or two at its end, say something.
_INDENTED = re.compile(
    r"(?:.*/)?(?:makefile|gnumakefile|justfile|.*\.(?:pyi?|ya?ml|mk|md|markdown|rst|nim|pug|haml|sass|coffee|hs|fs))",
    re.IGNORECASE,
)
_QUOTED = re.compile(r""""[^"\n]*"|'[^'\n]*'|`[^`\n]*`""")


def propose(file: Disputed, clash: Clash) -> Iterator[Proposal]:
    """The side that says something new; where both say the same, either."""
    base, ours, theirs = (_said(file.path, text) for text in (clash.base, clash.ours, clash.theirs))
    if not base and not ours and not theirs:
        return
    if ours == theirs:
        yield Proposal(clash.theirs, "both say the same, spaced as theirs")
        yield Proposal(clash.ours, "both say the same, spaced as ours")
    elif ours == base:
        yield Proposal(clash.theirs, "ours changed nothing but the spacing")
    elif theirs == base:
        yield Proposal(clash.ours, "theirs changed nothing but the spacing")


def _said(path: str, text: str) -> list[str]:
    """What a text says whatever its blanks are: its words and signs, what it quotes, and in files in which indentation
    says something that, too."""
    tokens = [token for token in tokens_of(text) if not token.isspace()]
    told = [*tokens, *_QUOTED.findall(text)]
    if tokens and _INDENTED.fullmatch(path):
        lines = [line.removesuffix("\r") for line in text.split("\n") if line.strip()]
        told += [f"{line[: len(line) - len(line.lstrip())]}|{'  ' * line.endswith('  ')}" for line in lines]
    return told


RESOLVER = Resolver("spacing", "the sides differ in blanks and line breaks only", propose)

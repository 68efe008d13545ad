"""Which paths a rule governs: globs from the repository's root, `!` for exceptions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

_SPECIAL = re.compile(r"[*?\[\\]")


@dataclass(frozen=True)
class Globs:
    """gitignore-style patterns, each read from the repository's root; of several that match the last counts."""

    patterns: tuple[str, ...]

    def match(self, path: str) -> bool:
        """True where `path` (from the root, slashes) is governed."""
        if path in self.literal:
            return self._spec is None or bool(self._spec.match_file(path))
        return self._spec is not None and bool(self._spec.match_file(path))

    @cached_property
    def literal(self) -> frozenset[str]:
        """The patterns that name one path."""
        return frozenset(
            p.lstrip("/") for p in self.patterns if not p.startswith("!") and not _SPECIAL.search(p)
        )

    @cached_property
    def prefixes(self) -> tuple[str, ...]:
        """Paths and directories under which every match lies; the empty text stands for the whole tree."""
        positive = [p.lstrip("/") for p in self.patterns if not p.startswith("!")]
        return tuple(p if p in self.literal else _SPECIAL.split(p)[0].rpartition("/")[0] for p in positive)

    @cached_property
    def _spec(self) -> _Spec | None:
        if len(self.literal) == len(self.patterns):
            return None
        return _Spec(self.patterns)

    def __str__(self) -> str:
        return ", ".join(self.patterns)


class _Spec:
    """pathspec's gitignore matching, anchored at the root; its import waits until a glob is really used."""

    def __init__(self, patterns: Iterable[str]) -> None:
        from pathspec import GitIgnoreSpec

        self._spec = GitIgnoreSpec.from_lines(_anchored(pattern) for pattern in patterns)

    def match_file(self, path: str) -> bool:
        return bool(self._spec.match_file(path))


def any_of(globs: Iterable[Globs], paths: Iterable[str] = ()) -> Callable[[str], bool]:
    """A fast first sieve over many paths: true for `paths` and whatever one of `globs` could match.

    Exceptions are left out of account, so a path it lets through is still to be matched.
    """
    literal = set(paths)
    patterns: list[str] = []
    for files in globs:
        literal |= files.literal
        patterns += [
            _anchored(p)
            for p in files.patterns
            if not p.startswith("!") and p.lstrip("/") not in files.literal
        ]
    if not patterns:
        return literal.__contains__
    from pathspec import GitIgnoreSpec

    spec = GitIgnoreSpec.from_lines(dict.fromkeys(patterns))
    # Group names repeat from pattern to pattern; joined they would clash.
    sources = [re.sub(r"\?P<\w+>", "?:", pattern.regex.pattern) for pattern in spec.patterns if pattern.regex]
    joined = re.compile("|".join(f"(?:{source})" for source in sources))
    return lambda path: path in literal or joined.match(path) is not None


def _anchored(pattern: str) -> str:
    bang, body = ("!", pattern[1:]) if pattern.startswith("!") else ("", pattern)
    return f"{bang}/{body.lstrip('/')}"

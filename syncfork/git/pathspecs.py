"""What git is asked about: its pathspecs, from the repository's root."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_LITERAL = ":(top,literal)"
_MOST = 500


def literal(path: str) -> str:
    """The pathspec of one path, or of a directory with all below it."""
    return f"{_LITERAL}{path}"


def paths_named(pathspecs: Sequence[str]) -> list[str] | None:
    """The paths that `pathspecs` name; None where one of them may match what it does not name."""
    names = [spec.removeprefix(_LITERAL) for spec in pathspecs if spec.startswith(_LITERAL)]
    return names if len(names) == len(pathspecs) else None


def not_too_many(pathspecs: Iterable[str]) -> list[str]:
    """What git is asked for instead of `pathspecs`, each once: everything where they are very many, since it tries each for
    each path, and a command line has an end. Callers match again."""
    wanted = sorted(set(pathspecs))
    return wanted if len(wanted) <= _MOST else [":(top)"]

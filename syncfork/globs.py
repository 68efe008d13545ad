"""Which paths a rule governs: globs from the repository's root, `!` for exceptions."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from posixpath import normpath
from typing import Annotated

from msgspec import Struct

from syncfork.git.pathspecs import literal

_SPECIAL = re.compile(r"[*?\[\\]")
# What ends a pattern that means all that is in a folder.
_ALL_BELOW = re.compile(r"(?:/\*\*)*(?:/\*\*?)?$")
_BRACES = re.compile(r"(?<![\\\[])\{[^{}]*(?:,|\.\.)[^{}]*\}")


def from_root(pattern: str) -> str:
    """A path or glob as it is written from the root: without `.`, `..` and doubled slashes, which no path of git's has."""
    return normpath(f"/{pattern.lstrip('/')}").strip("/")


def _glob(pattern: str) -> str:
    bang = "!" if pattern.startswith("!") else ""
    body = pattern.removeprefix("!").strip("/")
    if body and from_root(body) != body:
        raise ValueError(
            f"{pattern!r} matches nothing: write it from the root, as {bang + from_root(body)!r}"
        )
    if found := _BRACES.search(pattern):
        raise ValueError(
            f"{found[0]!r} means nothing in a glob: list each pattern of its own (and write a brace in a name as [{{])"
        )
    return pattern


Glob = Annotated[str, _glob]


class Globs(Struct, frozen=True, dict=True):
    """gitignore-style patterns, each read from the repository's root; of several that match the last counts."""

    patterns: tuple[str, ...]

    def match(self, path: str) -> bool:
        """True where `path` (from the root, slashes) is governed."""
        if self._spec is not None:
            return self._spec.match_file(path)
        return path in self.literal or path.startswith(self._below)

    def among(self, paths: Sequence[str]) -> list[str]:
        """Those of `paths`, which are sorted, that are governed. Patterns that name paths cost by themselves, not by how
        many paths there are."""
        if self._spec is not None:
            return [path for path in paths if self.match(path)]
        found: set[str] = set()
        for name in self.literal:
            at = bisect_left(paths, name)
            if at < len(paths) and paths[at] == name:
                found.add(name)
            # "0" is the character that comes after "/".
            found.update(paths[bisect_left(paths, f"{name}/") : bisect_left(paths, f"{name}0")])
        return sorted(found)

    def excepts(self, path: str) -> bool:
        """True where an exception names `path`, and it is not governed for that."""
        return self._exceptions.match(path) and not self.match(path)

    def match_below(self, folder: str) -> bool:
        """True where everything below `folder`, whatever it is called, is governed: never where an exception may be there."""
        governed = False
        for pattern in self.patterns:
            if pattern.startswith("!"):
                governed = governed and not _may_reach(pattern[1:].strip("/"), folder)
            else:
                body = _ALL_BELOW.sub("", f"/{pattern.strip('/')}")
                governed = governed or not body or Globs((body,)).match(folder)
        return governed

    @cached_property
    def _exceptions(self) -> Globs:
        return Globs(tuple(pattern[1:] for pattern in self.patterns if pattern.startswith("!")))

    @cached_property
    def _below(self) -> tuple[str, ...]:
        return tuple(f"{name}/" for name in self.literal)

    @cached_property
    def literal(self) -> frozenset[str]:
        """The patterns that name one path; that of a directory means everything below it."""
        return frozenset(
            p.strip("/") for p in self.patterns if not p.startswith("!") and not _SPECIAL.search(p)
        )

    @cached_property
    def pathspecs(self) -> tuple[str, ...]:
        """git pathspecs that let through every governed path, and few others: exceptions are left out."""
        found: list[str] = []
        for pattern in (p.strip("/") for p in self.patterns if not p.startswith("!")):
            # A pattern may name a directory, and then means everything below.
            found += (
                [literal(pattern)]
                if pattern in self.literal
                else [f":(top,glob){pattern}", f":(top,glob){pattern}/**"]
            )
        return tuple(found)

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


def _may_reach(pattern: str, folder: str) -> bool:
    """Whether a pattern may match a folder, one that it is in, or something below it."""
    for part, name in zip(pattern.split("/"), folder.split("/"), strict=False):
        if part == "**":
            return True
        if not Globs((part,)).match(name):
            return False
    return True


def folders_above(path: str) -> Iterator[str]:
    """The folders that hold a path, the nearest first, without the top one."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def in_glob(part: str) -> str:
    """A part of a path as git's glob takes it literally."""
    return re.sub(r"[][?*\\]", r"\\\g<0>", part)


def exactly(path: str) -> str:
    """The pattern that matches this path alone; a folder's with everything below it."""
    escaped = _BRACES.sub(r"\\\g<0>", _SPECIAL.sub(r"\\\g<0>", path))
    return f"/{escaped}" if escaped.startswith("!") else escaped


def all_but(folder: str, kept: Iterable[str], *, files: bool) -> list[str]:
    """The patterns of what is below a folder, but for the folders `kept` in it, and without the `files` right in it
    unless they are meant too."""
    below = f"{exactly(folder)}/**" if files else f"{exactly(folder)}/*/**"
    return [below, *(f"!{exactly(f'{folder}/{name}')}/**" for name in kept)]


def _anchored(pattern: str) -> str:
    bang, body = ("!", pattern[1:]) if pattern.startswith("!") else ("", pattern)
    return f"{bang}/{body.lstrip('/')}"

"""Whether a fork has a formatter that upstream has not, by the files that configure one."""

from __future__ import annotations

import re

from msgspec import Struct

from syncfork.git.repository import Repository


class Formatter(Struct, frozen=True):
    """A program as a `reformat:` step runs it, and the file that configures it."""

    command: str
    path: str


_BLACK, _RUFF = "[black, --quiet]", "[ruff, format, --quiet]"
# What configures a formatter: a file, what has to be in it, and how the formatter is run.
_KNOWN = (
    ("pyproject.toml", r"^\[tool\.black\]", _BLACK),
    ("pyproject.toml", r"^\[tool\.ruff\.format\]", _RUFF),
    ("ruff.toml", r"^\[format\]", _RUFF),
    (".ruff.toml", r"^\[format\]", _RUFF),
    *((f".prettierrc{ending}", "", "[prettier, --write]") for ending in ("", ".json", ".yaml", ".yml", ".toml")),
    ("biome.json", "", "[biome, format, --write]"),
    (".clang-format", "", "[clang-format, -i]"),
)  # fmt: skip


def own_formatters(repository: Repository, fork: str, upstream: str) -> list[Formatter]:
    """The formatters that are configured in the commit `fork`, and not in the commit `upstream`."""
    names = {f"{commit}:{path}" for commit in (fork, upstream) for path, _, _ in _KNOWN}
    blobs = repository.blobs(sorted(names))

    def has(commit: str, path: str, mark: str) -> bool:
        content = blobs[f"{commit}:{path}"]
        return content is not None and bool(re.search(mark.encode(), content, re.MULTILINE))

    found = [
        Formatter(command, path)
        for path, mark, command in _KNOWN
        if has(fork, path, mark) and not has(upstream, path, mark)
    ]
    return list({each.command: each for each in reversed(found)}.values())[::-1]

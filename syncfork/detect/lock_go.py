"""Go: go.mod, and vendor/modules.txt or go.sum. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from syncfork.detect.lock_base import Gap, Kind, Pair


class _GoMod(Struct, frozen=True):
    """What a go.mod requires, by path, and what it replaces (path, version) with (path, version)."""

    language: tuple[int, ...]
    requires: Mapping[str, str]
    replaces: Mapping[tuple[str, str], tuple[str, str]]


def _go_mod(text: str) -> _GoMod:
    language: tuple[int, ...] = ()
    requires: dict[str, str] = {}
    replaces: dict[tuple[str, str], tuple[str, str]] = {}
    verb = ""
    for line in text.split("\n"):
        words = line.partition("//")[0].replace("(", " ( ").split()
        if not words:
            continue
        if words[-1] == "(" and len(words) == 2:
            verb = words[0]
            continue
        if words == [")"]:
            verb = ""
            continue
        what, rest = (verb, words) if verb else (words[0], words[1:])
        rest = [word.strip('"`') for word in rest]
        if what == "go" and rest:
            language = tuple(map(int, re.findall(r"\d+", rest[0])[:2]))
        elif what == "require" and len(rest) == 2:
            requires[rest[0]] = rest[1]
        elif what == "replace" and "=>" in rest[1:-1]:
            at = rest.index("=>")
            replaces[_versioned(rest[:at])] = _versioned(rest[at + 1 :])
    return _GoMod(language, requires, replaces)


def _versioned(words: list[str]) -> tuple[str, str]:
    return words[0], words[1] if len(words) > 1 else ""


class _Vendored(Struct, frozen=True):
    """What a vendor/modules.txt has as required, by path, and as replaced."""

    explicit: Mapping[str, str]
    replaced: Mapping[tuple[str, str], tuple[str, str]]


def _modules_txt(text: str) -> _Vendored:
    explicit: dict[str, str] = {}
    replaced: dict[tuple[str, str], tuple[str, str]] = {}
    latest: tuple[str, str] = "", ""
    for line in text.split("\n"):
        words = line.split()
        if line.startswith("## workspace"):
            return _Vendored({}, {})
        if line.startswith("## ") and re.match(r"## (?:.*;\s*)?explicit\b", line):
            explicit[latest[0]] = latest[1]
        elif line.startswith("# ") and len(words) > 1:
            at = words.index("=>") if "=>" in words[2:-1] else len(words)
            latest = _versioned(words[1:at])
            if at < len(words):
                replaced[latest] = _versioned(words[at + 1 :])
    return _Vendored(explicit, replaced)


def _go_vendor(pair: Pair) -> Iterator[Gap]:
    """What `go build -mod=vendor` calls inconsistent vendoring, which is what it does by itself from go 1.14 on."""
    mod: _GoMod = pair.manifest
    explicit, replaced = pair.lock.explicit, pair.lock.replaced
    if not explicit or mod.language < (1, 14):
        return
    for path, version in mod.requires.items():
        if path not in explicit:
            yield Gap(path, f"is required at {version} and not vendored")
        elif explicit[path] != version:
            yield Gap(path, f"is required at {version}, vendored at {explicit[path]}")
    for path in sorted(explicit.keys() - mod.requires.keys()):
        yield Gap(path, "is vendored as required, and not required")
    for old, new in mod.replaces.items():
        if replaced.get(old) != new:
            had = _at(replaced[old]) if old in replaced else "nothing"
            yield Gap(old[0], f"is replaced with {_at(new)}, in what is vendored with {had}")


def _sums(text: str) -> set[tuple[str, ...]]:
    return {tuple(line.split()[:2]) for line in text.split("\n")}


def _at(module: tuple[str, str]) -> str:
    return " ".join(filter(None, module))


def _go_sum(pair: Pair) -> Iterator[Gap]:
    """Modules without the checksum that `go build` asks for."""
    mod: _GoMod = pair.manifest
    for path, version in mod.requires.items():
        new = mod.replaces.get((path, version)) or mod.replaces.get((path, ""))
        # A folder has none.
        at = (path, version) if new is None else new
        if at[1] and (at[0], f"{at[1]}/go.mod") not in pair.lock:
            yield Gap(path, f"is required at {version}, without a checksum")


VENDORED = Kind("go.mod", "vendor/modules.txt", "go mod vendor", _go_mod, _modules_txt, _go_vendor)
SUMS = Kind("go.mod", "go.sum", "go mod tidy", _go_mod, _sums, _go_sum)

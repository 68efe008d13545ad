"""Go: go.mod or go.work, and vendor/modules.txt or go.sum. Pure.

What Go holds against each other where it builds from what is vendored: each required module in just the version that is
asked for, also where several modules of a workspace ask for several; each replacement; and the other way round what is
recorded as required, if a package of it is there, and as replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from posixpath import join, normpath

from msgspec import Struct

from syncfork.detect.lock_base import Gap, Kind, Pair

# A module's path and its version, empty for any.
_Module = tuple[str, str]
_Replaces = Mapping[_Module, _Module]


class _GoMod(Struct, frozen=True):
    """What a go.mod requires and replaces, or which folders a go.work uses, and what it replaces."""

    module: str
    language: tuple[int, ...]
    requires: Sequence[_Module]
    replaces: _Replaces
    uses: Sequence[str]


def _go_mod(text: str) -> _GoMod:
    module = ""
    language: tuple[int, ...] = ()
    requires: dict[_Module, None] = {}
    replaces: dict[_Module, _Module] = {}
    uses: dict[str, None] = {}
    for what, rest in directives(text):
        if what == "module" and rest:
            module = rest[0]
        elif what == "go" and rest:
            language = tuple(map(int, re.findall(r"\d+", rest[0])[:2]))
        elif what == "require" and len(rest) == 2:
            requires[rest[0], rest[1]] = None
        elif what == "use" and len(rest) == 1:
            uses[normpath(rest[0])] = None
        elif what == "replace" and "=>" in rest[1:-1]:
            at = rest.index("=>")
            replaces[_versioned(rest[:at])] = _versioned(rest[at + 1 :])
    return _GoMod(module, language, tuple(requires), replaces, tuple(uses))


def directives(text: str) -> Iterator[tuple[str, list[str]]]:
    """What each line of a go.mod or go.work tells, in a block or by itself: the name of the directive, and the words after it."""
    verb = ""
    for line in text.split("\n"):
        words = line.partition("//")[0].replace("(", " ( ").split()
        if not words:
            continue
        if words[-1] == "(" and len(words) == 2:
            verb = words[0]
        elif words == [")"]:
            verb = ""
        else:
            what, rest = (verb, words) if verb else (words[0], words[1:])
            yield what, [word.strip('"`') for word in rest]


def _versioned(words: list[str]) -> _Module:
    return words[0], words[1] if len(words) > 1 else ""


class _Vendored(Struct, frozen=True):
    """What a vendor/modules.txt has: whether it is a workspace's, what is marked as required, of which modules there are
    packages, and what is replaced."""

    workspace: bool
    explicit: Mapping[_Module, None]
    filled: frozenset[_Module]
    replaced: _Replaces


def _modules_txt(text: str) -> _Vendored:
    explicit: dict[_Module, None] = {}
    filled: set[_Module] = set()
    replaced: dict[_Module, _Module] = {}
    latest: _Module = "", ""
    for line in text.split("\n"):
        words = line.split()
        if line.startswith("## "):
            if re.match(r"## (?:.*;\s*)?explicit\b", line):
                explicit[latest] = None
        elif line.startswith("# ") and len(words) > 1:
            at = words.index("=>") if "=>" in words[2:-1] else len(words)
            latest = _versioned(words[1:at])
            if at < len(words):
                replaced[latest] = _versioned(words[at + 1 :])
        elif len(words) == 1:
            filled.add(latest)
    return _Vendored(text.startswith("## workspace"), explicit, frozenset(filled), replaced)


def _go_vendor(pair: Pair) -> Iterator[Gap]:
    """What `go build -mod=vendor` calls inconsistent vendoring, which is what it does by itself from go 1.14 on."""
    mod: _GoMod = pair.manifest
    if not pair.lock.workspace and pair.lock.explicit and mod.language >= (1, 14):
        yield from _once(_inconsistent((mod,), (mod.replaces,), pair.lock))


def _go_work_vendor(pair: Pair) -> Iterator[Gap]:
    """The same of all modules of a workspace together."""
    if not pair.lock.workspace or not pair.parts or None in pair.parts.values():
        return
    mods: Mapping[str, _GoMod] = pair.parts
    # Of a replacement in several the workspace's counts. A folder is told from where the go.work is.
    tables: list[_Replaces] = [pair.manifest.replaces]
    tables += [{old: _from(folder, new) for old, new in mod.replaces.items()} for folder, mod in mods.items()]
    yield from _once(_inconsistent(tuple(mods.values()), tables, pair.lock))


def _inconsistent(mods: Sequence[_GoMod], tables: Sequence[_Replaces], vendored: _Vendored) -> Iterator[Gap]:
    requires = {module: None for mod in mods for module in mod.requires}
    own = {mod.module for mod in mods}
    for old, there in vendored.replaced.items():
        if (old[1] or old[0] not in own) and _replacement(old, tables, own) is None:
            yield Gap(old[0], f"is vendored as replaced with {_at(there)}, and not replaced", lost=True)
    had: dict[str, list[str]] = {}
    for path, version in vendored.explicit:
        had.setdefault(path, []).append(version)
    for path, version in requires:
        if path not in had:
            yield Gap(path, f"is required at {version} and not vendored")
        elif version not in had[path]:
            yield Gap(path, f"is required at {version}, vendored at {' and '.join(had[path])}")
    for module in vendored.explicit:
        if module in vendored.filled and module not in requires:
            yield Gap(module[0], "is vendored as required, and not required")
    for old in {old: None for table in tables for old in table}:
        new, had_new = _replacement(old, tables, own), vendored.replaced.get(old)
        if new and (had_new is None or _from("", had_new) != _from("", new)):
            told = _at(had_new) if had_new else "nothing"
            yield Gap(old[0], f"is replaced with {_at(new)}, in what is vendored with {told}")


def _replacement(module: _Module, tables: Sequence[_Replaces], own: set[str]) -> _Module | None:
    """What stands in for a module: its own version's comes before that for any. The modules at hand are not replaced."""
    if not module[1] and module[0] in own:
        return None
    found = (table.get(module) or table.get((module[0], "")) for table in tables)
    return next(filter(None, found), None)


def _from(folder: str, new: _Module) -> _Module:
    """A replacement by a folder, told from the one that `folder` is in."""
    path, version = new
    return new if version or path.startswith("/") else (normpath(join(folder, path)), "")


def _once(gaps: Iterator[Gap]) -> Iterator[Gap]:
    """The first of each name."""
    seen: dict[str, Gap] = {}
    for gap in gaps:
        seen.setdefault(gap.name, gap)
    yield from seen.values()


def _sums(text: str) -> set[tuple[str, ...]]:
    return {tuple(line.split()[:2]) for line in text.split("\n")}


def _at(module: _Module) -> str:
    return " ".join(filter(None, module))


def _go_sum(pair: Pair) -> Iterator[Gap]:
    """Modules without the checksum that `go build` asks for."""
    mod: _GoMod = pair.manifest
    for path, version in dict(mod.requires).items():
        new = mod.replaces.get((path, version)) or mod.replaces.get((path, ""))
        # A folder has none.
        at = (path, version) if new is None else new
        if at[1] and (at[0], f"{at[1]}/go.mod") not in pair.lock:
            yield Gap(path, f"is required at {version}, without a checksum")


def _uses(work: _GoMod) -> Sequence[str]:
    return work.uses


VENDORED = Kind("go.mod", "vendor/modules.txt", "go mod vendor", _go_mod, _modules_txt, _go_vendor)
WORKSPACE = Kind(
    "go.work",
    "vendor/modules.txt",
    "go work vendor",
    _go_mod,
    _modules_txt,
    _go_work_vendor,
    parts=_uses,
    part="go.mod",
    read_part=_go_mod,
)
SUMS = Kind("go.mod", "go.sum", "go mod tidy", _go_mod, _sums, _go_sum)

"""What the tools that read manifests and lock files refuse: by kind of lock file, where the two do not go together. Pure.

As the tools' documentation has it: Go's vendoring and module references, npm's package-lock.json, The Cargo Book, uv's
docs on locking. Each says nothing of what it cannot be sure of, such as a version range of an unusual form.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct


class Pair(Struct, frozen=True):
    """A manifest and a lock file, as they were read; `top` is the manifest beside the lock file, None where there is none to
    be read, `folder` where the other one is from there (empty: beside it, too)."""

    manifest: Any
    lock: Any
    top: Any
    folder: str


class Gap(Struct, frozen=True):
    """Something of the manifest, by name, and in words what the lock file has instead."""

    name: str
    words: str


class Kind(Struct, frozen=True):
    """A manifest's name, the lock file's path from its folder, the command that writes it, how either is read, and what
    does not go together. `member` tells whether the lock file is made from the manifest, where that of a folder above
    may be. What reads raises ValueError or RecursionError for a text that is none of its form."""

    manifest: str
    lock: str
    command: str
    read: Callable[[str], Any]
    read_lock: Callable[[str], Any]
    gaps: Callable[[Pair], Iterator[Gap]]
    member: Callable[[Pair], bool] | None = None


# -- Go


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


# -- npm


def _npm_member(pair: Pair) -> bool:
    # What is installed has a manifest, too.
    return pair.folder in pair.lock.get("packages", {}) and "node_modules" not in pair.folder.split("/")


# Of a package in several the last one counts.
_NPM_TABLES = ("devDependencies", "dependencies", "optionalDependencies")


def _npm(pair: Pair) -> Iterator[Gap]:
    """What `npm ci` refuses: packages that the lock file lacks, or has in a version that is not asked for."""
    packages = pair.lock["packages"]
    around = [f"{pair.folder}/node_modules", "node_modules"] if pair.folder else ["node_modules"]
    asked = {name: spec for table in _NPM_TABLES for name, spec in pair.manifest.get(table, {}).items()}
    for name, wanted in asked.items():
        found = next((packages[key] for folder in around if (key := f"{folder}/{name}") in packages), None)
        if found is None:
            yield Gap(name, f"is required at {wanted} and not locked")
        elif satisfied(found.get("version", ""), wanted, bare="exact") is False:
            yield Gap(name, f"is required at {wanted}, locked at {found['version']}")


# -- Cargo


class _CargoLock(Struct, frozen=True):
    """The packages of a Cargo.lock: those of the workspace by name, and the versions there are of each."""

    own: Mapping[str, Mapping[str, Any]]
    versions: Mapping[str, frozenset[str]]


def _cargo_lock(text: str) -> _CargoLock:
    packages = tomllib.loads(text).get("package", [])
    versions: dict[str, set[str]] = {}
    for package in packages:
        versions.setdefault(package["name"], set()).add(package["version"])
    own = {package["name"]: package for package in packages if "source" not in package}
    return _CargoLock(own, {name: frozenset(found) for name, found in versions.items()})


def _cargo_member(pair: Pair) -> bool:
    return pair.manifest.get("package", {}).get("name") in pair.lock.own


def _cargo(pair: Pair) -> Iterator[Gap]:
    """What `cargo build --locked` refuses."""
    manifest, own = pair.manifest, pair.lock.own[pair.manifest["package"]["name"]]
    if isinstance(version := manifest["package"].get("version"), str) and version != own["version"]:
        yield Gap(own["name"], f"is version {version}, locked as {own['version']}")
    locked: dict[str, set[str]] = {}
    for entry in own.get("dependencies", []):
        name, _, version = entry.partition(" ")
        known = {version.split(" ")[0]} if version else pair.lock.versions.get(name, frozenset())
        locked.setdefault(name, set()).update(known)
    wanted: set[str] = set()
    workspace = (pair.top or {}).get("workspace", {})
    shared, unknown = workspace.get("dependencies", {}), False
    for key, spec in _cargo_wanted(manifest, outside=_excluded(pair.folder, workspace)):
        entry = spec if isinstance(spec, Mapping) else {"version": spec}
        if entry.get("workspace"):
            if key not in shared:
                # The workspace's manifest is in conflict, or else cannot be read.
                unknown = True
                continue
            common = shared[key]
            entry = common if isinstance(common, Mapping) else {"version": common}
        name = entry.get("package", key)
        wanted.add(name)
        if name not in locked:
            yield Gap(name, "is required and not locked")
        elif not _may_be(locked[name], entry.get("version")):
            versions = " and ".join(sorted(locked[name]))
            yield Gap(name, f"is required at {entry['version']}, locked at {versions}")
    for name in sorted(locked.keys() - wanted) if not unknown else ():
        yield Gap(name, "is locked, and not required any more")


def _excluded(folder: str, workspace: Mapping[str, Any]) -> bool:
    """Whether a package below a workspace is none of its members: then its own tests are nobody's to lock."""
    return any(f"{folder}/".startswith(f"{each.rstrip('/')}/") for each in workspace.get("exclude", []))


def _may_be(versions: Iterable[str], wanted: object) -> bool:
    """False where none of the versions is one that is asked for."""
    return not isinstance(wanted, str) or any(
        satisfied(v, wanted, bare="caret") is not False for v in versions
    )


_CARGO_TABLES = ("dependencies", "build-dependencies", "dev-dependencies")


def _cargo_wanted(manifest: Mapping[str, Any], *, outside: bool) -> Iterator[tuple[str, Any]]:
    for table in (manifest, *manifest.get("target", {}).values()):
        for name in _CARGO_TABLES[:2] if outside else _CARGO_TABLES:
            yield from table.get(name, {}).items()


# -- uv


_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*([^;@]*)")
# What an entry of a lock file has where nothing but the manifest's line speaks of it.
_PLAIN = {"name", "specifier", "marker", "extras"}


def _uv_lock(text: str) -> Mapping[str, Mapping[str, Any]]:
    """The entries of a uv.lock for projects of the workspace, by their folder."""
    packages = tomllib.loads(text).get("package", [])
    sources = ((each, each.get("source", {})) for each in packages)
    return {at: each for each, source in sources if (at := source.get("editable") or source.get("virtual"))}


def _uv_member(pair: Pair) -> bool:
    return (pair.folder or ".") in pair.lock


def _uv(pair: Pair) -> Iterator[Gap]:
    """What `uv sync --locked` refuses: requirements of the project that the lock file was not made with."""
    own, project = pair.lock[pair.folder or "."], pair.manifest.get("project", {})
    extras = [line for lines in project.get("optional-dependencies", {}).values() for line in lines]
    wanted: dict[str, set[str]] = {}
    for line in (*project.get("dependencies", []), *extras):
        if found := _REQUIREMENT.match(line):
            wanted.setdefault(_normal(found[1]), set()).add(_specifier(found[2]))
    locked: dict[str, set[str]] = {}
    unsure: set[str] = set()
    for entry in own.get("metadata", {}).get("requires-dist", []):
        locked.setdefault(_normal(entry["name"]), set()).add(_specifier(entry.get("specifier", "")))
        unsure |= set() if entry.keys() <= _PLAIN else {_normal(entry["name"])}
    for name in wanted:
        if name not in locked:
            yield Gap(name, "is required and not locked")
        elif name not in unsure and wanted[name] != locked[name]:
            yield Gap(name, f"is required {_told(wanted[name])}, locked for {_told(locked[name])}")
    for name in sorted(locked.keys() - wanted.keys()):
        yield Gap(name, "is locked, and not required any more")


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _specifier(text: str) -> str:
    return ",".join(sorted(filter(None, re.sub(r"\s", "", text.strip("() ")).split(","))))


def _told(specifiers: set[str]) -> str:
    return " and ".join(sorted(filter(None, specifiers))) or "in any version"


# -- versions


_RANGE = re.compile(r"([\^~=]?)\s*v?(\d+(?:\.\d+){0,2})")


def satisfied(version: str, wanted: str, bare: str) -> bool | None:
    """Whether a semantic version is in a range: `^1.2`, `~1.2`, `=1.2.3`, or without a sign as `bare` says ("caret" or
    "exact"). None where either is of another form."""
    found, release = _RANGE.fullmatch(wanted.strip()), re.fullmatch(r"(\d+)\.(\d+)\.(\d+)(?:\+.*)?", version)
    if not found or not release:
        return None
    sign = found[1] or {"caret": "^", "exact": "="}[bare]
    asked, had = [int(n) for n in found[2].split(".")], [int(n) for n in release.groups()]
    if sign == "=":
        return had[: len(asked)] == asked
    if had < asked + [0] * (3 - len(asked)):
        return False
    if sign == "~":
        kept = min(2, len(asked))
    else:
        # Up to the first number that is not zero.
        kept = next((at for at, number in enumerate(asked, start=1) if number), len(asked))
    return had[:kept] == asked[:kept]


KINDS = (
    Kind("go.mod", "vendor/modules.txt", "go mod vendor", _go_mod, _modules_txt, _go_vendor),
    Kind("go.mod", "go.sum", "go mod tidy", _go_mod, _sums, _go_sum),
    Kind(
        "package.json",
        "package-lock.json",
        "npm install --package-lock-only",
        json.loads,
        json.loads,
        _npm,
        _npm_member,
    ),
    Kind(
        "Cargo.toml",
        "Cargo.lock",
        "cargo update --workspace",
        tomllib.loads,
        _cargo_lock,
        _cargo,
        _cargo_member,
    ),
    Kind("pyproject.toml", "uv.lock", "uv lock", tomllib.loads, _uv_lock, _uv, _uv_member),
)
BY_MANIFEST: Mapping[str, tuple[Kind, ...]] = {
    name: tuple(kind for kind in KINDS if kind.manifest == name) for name in {kind.manifest for kind in KINDS}
}

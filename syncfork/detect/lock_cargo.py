"""Cargo: Cargo.toml and Cargo.lock. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from syncfork.detect.lock_base import Gap, Kind, Pair, satisfied


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
        entry = _told(spec)
        if entry.get("workspace"):
            if key not in shared:
                # The workspace's manifest is in conflict, or else cannot be read.
                unknown = True
                continue
            entry = _told(shared[key])
        name = entry.get("package", key)
        wanted.add(name)
        if name not in locked:
            yield Gap(name, "is required and not locked")
        elif not _may_be(locked[name], entry.get("version")):
            versions = " and ".join(sorted(locked[name]))
            yield Gap(name, f"is required at {entry['version']}, locked at {versions}")
    for name in sorted(locked.keys() - wanted) if not unknown else ():
        yield Gap(name, "is locked, and not required any more")


def _told(spec: Any) -> Mapping[str, Any]:
    """What is asked of a dependency, of which the version alone may be told."""
    return spec if isinstance(spec, Mapping) else {"version": spec}


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


CARGO = Kind(
    "Cargo.toml", "Cargo.lock", "cargo update --workspace", tomllib.loads, _cargo_lock, _cargo, _cargo_member
)

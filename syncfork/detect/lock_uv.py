"""uv: pyproject.toml and uv.lock. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from syncfork.detect.lock_base import Gap, Kind, Pair

# A requirement (PEP 508): its name, and the versions.
REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*([^;@]*)")
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
        if found := REQUIREMENT.match(line):
            wanted.setdefault(normal(found[1]), set()).add(_specifier(found[2]))
    locked: dict[str, set[str]] = {}
    unsure: set[str] = set()
    for entry in own.get("metadata", {}).get("requires-dist", []):
        locked.setdefault(normal(entry["name"]), set()).add(_specifier(entry.get("specifier", "")))
        unsure |= set() if entry.keys() <= _PLAIN else {normal(entry["name"])}
    for name in wanted:
        if name not in locked:
            yield Gap(name, "is required and not locked")
        elif name not in unsure and wanted[name] != locked[name]:
            yield Gap(name, f"is required {_told(wanted[name])}, locked for {_told(locked[name])}")
    for name in sorted(locked.keys() - wanted.keys()):
        yield Gap(name, "is locked, and not required any more")


def normal(name: str) -> str:
    """A package's name in the form that is compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _specifier(text: str) -> str:
    return ",".join(sorted(filter(None, re.sub(r"\s", "", text.strip("() ")).split(","))))


def _told(specifiers: set[str]) -> str:
    return " and ".join(sorted(filter(None, specifiers))) or "in any version"


UV = Kind("pyproject.toml", "uv.lock", "uv lock", tomllib.loads, _uv_lock, _uv, _uv_member)

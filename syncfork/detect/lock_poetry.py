"""Poetry: pyproject.toml and poetry.lock. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from syncfork.detect.lock_base import Gap, Kind, Pair, satisfied
from syncfork.detect.lock_uv import REQUIREMENT, normal


def _read_lock(text: str) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = {}
    for package in tomllib.loads(text).get("package", []):
        found.setdefault(normal(package["name"]), set()).add(package["version"])
    return found


def _wanted(manifest: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each requirement by name, with what is said of it."""
    poetry, project = manifest.get("tool", {}).get("poetry", {}), manifest.get("project", {})
    groups = poetry.get("group", {}).values()
    tables = (poetry, {"dependencies": poetry.get("dev-dependencies", {})}, *groups)
    for table in tables:
        yield from table.get("dependencies", {}).items()
    for line in project.get("dependencies", []):
        if found := REQUIREMENT.match(line):
            yield found[1], None


def _gaps(pair: Pair) -> Iterator[Gap]:
    """What Poetry cannot install: packages that the lock file lacks, or has in a version that is not asked for."""
    for name, spec in _wanted(pair.manifest):
        wanted = spec.get("version") if isinstance(spec, Mapping) else spec
        locked = pair.lock.get(normal(name), set())
        if name.lower() == "python":
            continue
        if not locked:
            yield Gap(name, f"is required{f' at {wanted}' if wanted else ''} and not locked")
        elif isinstance(wanted, str) and all(satisfied(v, wanted, bare="exact") is False for v in locked):
            yield Gap(name, f"is required at {wanted}, locked at {' and '.join(sorted(locked))}")


POETRY = Kind("pyproject.toml", "poetry.lock", "poetry lock", tomllib.loads, _read_lock, _gaps)

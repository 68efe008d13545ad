"""npm: package.json and package-lock.json. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from syncfork.detect.lock_base import Gap, Kind, Pair, satisfied


def _npm_member(pair: Pair) -> bool:
    # What is installed has a manifest, too.
    return pair.folder in pair.lock.get("packages", {}) and "node_modules" not in pair.folder.split("/")


# Of a package in several the last one counts.
_NPM_TABLES = ("devDependencies", "dependencies", "optionalDependencies")


def asked(manifest: Mapping[str, Any]) -> dict[str, str]:
    """What a package.json requires, by package."""
    return {name: spec for table in _NPM_TABLES for name, spec in manifest.get(table, {}).items()}


def recorded(
    wanted: Mapping[str, str],
    locked: Mapping[str, str],
    known: Collection[str] = (),
    form: Callable[[str], str] = str,
) -> Iterator[Gap]:
    """What is `wanted` and not, or otherwise, what a lock file says was asked for when it was made; and what it says
    beyond that and what else is `known`. Requirements of one `form` are the same."""
    for name, spec in wanted.items():
        if name not in locked:
            yield Gap(name, f"is required at {spec} and not locked")
        elif form(locked[name]) != form(spec):
            yield Gap(name, f"is required at {spec}, locked for {form(locked[name])}")
    for name in sorted(locked.keys() - wanted.keys() - set(known)):
        yield Gap(name, "is locked, and not required any more")


def _npm(pair: Pair) -> Iterator[Gap]:
    """What `npm ci` refuses: packages that the lock file lacks, or has in a version that is not asked for."""
    packages = pair.lock["packages"]
    around = [f"{pair.folder}/node_modules", "node_modules"] if pair.folder else ["node_modules"]
    for name, wanted in asked(pair.manifest).items():
        found = next((packages[key] for folder in around if (key := f"{folder}/{name}") in packages), None)
        if found is None:
            yield Gap(name, f"is required at {wanted} and not locked")
        elif satisfied(found.get("version", ""), wanted, bare="exact") is False:
            yield Gap(name, f"is required at {wanted}, locked at {found['version']}")


NPM = Kind(
    "package.json",
    "package-lock.json",
    "npm install --package-lock-only",
    json.loads,
    json.loads,
    _npm,
    _npm_member,
)

"""pnpm: package.json and pnpm-lock.yaml. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from syncfork.detect.lock_base import Gap, Kind, Pair
from syncfork.detect.lock_npm import asked, recorded

# Of a large file only these parts say what it was made from.
_PARTS = re.compile(
    r"^(?:lockfileVersion|overrides|importers|specifiers|(?:dev|optional)?[dD]ependencies):.*\n(?:[ \t].*\n|\n)*",
    re.MULTILINE,
)
_TABLES = ("dependencies", "devDependencies", "optionalDependencies")


def _read(text: str) -> Mapping[str, Any]:
    import yaml

    parts = "".join(part[0] for part in _PARTS.finditer(f"{text}\n".replace("\r\n", "\n")))
    try:
        # Every value as it is written.
        found = yaml.load(parts, getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    except yaml.YAMLError as error:
        raise ValueError("no pnpm-lock.yaml") from error
    if not isinstance(found, dict) or "lockfileVersion" not in found:
        raise ValueError("no pnpm-lock.yaml")
    # A project without a workspace is told without its folder in some versions.
    projects = found.get("importers") or {".": found}
    return {
        "projects": {folder: _locked(project or {}) for folder, project in projects.items()},
        "forced": {_name(each) for each in found.get("overrides") or {}},
    }


def _locked(project: Mapping[str, Any]) -> Mapping[str, str]:
    """What was asked for when a project was locked, by package."""
    if "specifiers" in project:
        return project["specifiers"] or {}
    tables = [project.get(table) or {} for table in _TABLES]
    return {name: entry["specifier"] for table in tables for name, entry in table.items()}


def _name(override: str) -> str:
    """The package that an override is of: `a`, `a@1`, `b>a`."""
    last = override.rpartition(">")[2]
    return last[:1] + last[1:].partition("@")[0]


def _member(pair: Pair) -> bool:
    return (pair.folder or ".") in pair.lock["projects"]


def _gaps(pair: Pair) -> Iterator[Gap]:
    """What `pnpm install --frozen-lockfile` refuses: requirements that the lock file was not made with."""
    locked, forced = pair.lock["projects"][pair.folder or "."], pair.lock["forced"]
    wanted = {name: spec for name, spec in asked(pair.manifest).items() if name not in forced}
    # What another package is to bring along is locked too, where it is installed by itself.
    yield from recorded(wanted, locked, forced | pair.manifest.get("peerDependencies", {}).keys())


PNPM = Kind(
    "package.json", "pnpm-lock.yaml", "pnpm install --lockfile-only", json.loads, _read, _gaps, _member
)

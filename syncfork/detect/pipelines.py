"""What kind of pipeline a YAML file is, and its values with the keys above them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Literal

from syncfork.errors import CannotReadError
from syncfork.parsing.structured import read
from syncfork.parsing.values import Value
from syncfork.text import Document

Flavour = Literal["github", "azure", "gitlab", "circle"]

# What may stand at the root of an Azure pipeline or of a template for one.
_AZURE_ROOT = frozenset(
    [
        "name",
        "appendCommitMessageToRunName",
        "trigger",
        "pr",
        "schedules",
        "resources",
        "variables",
        "parameters",
        "pool",
        "stages",
        "jobs",
        "steps",
        "extends",
        "lockBehavior",
        "strategy",
        "container",
        "services",
        "workspace",
    ]
)
_AZURE_BODY = frozenset(["stages", "jobs", "steps", "extends", "variables"])
_ROOT_KEY = re.compile(r"^([^\s#\-][^:\n]*?)\s*:(?=\s|$)", re.MULTILINE)
_MATTERLESS = re.compile(
    r"(?:^|/)(?:tests?|testing|testdata|fixtures?|docs?|documentation|examples?|vendor|third_party|node_modules)/"
    r"|\.lock$|-lock\.ya?ml$",
    re.IGNORECASE,
)


def matters(path: str) -> bool:
    """False for tests, documents, examples, lock files and what others wrote."""
    return _MATTERLESS.search(path) is None


@lru_cache(maxsize=1024)
def flavour_of(document: Document) -> Flavour | None:
    """Whose pipeline the file is, by its name, or for Azure by the keys at its root; None for any other."""
    if not document.path.lower().endswith((".yml", ".yaml")):
        return None
    path = PurePosixPath(document.path)
    parts = path.parts
    if path.stem == "action" or ("workflows" in parts and {".github", ".gitea", ".forgejo"} & set(parts)):
        return "github"
    if path.stem.endswith(".gitlab-ci") or path.stem == "gitlab-ci" or ".gitlab" in parts:
        return "gitlab"
    if ".circleci" in parts:
        return "circle"
    keys = {key.strip("\"'") for key in _ROOT_KEY.findall(document.text)}
    known = {key for key in keys if not key.startswith("${{")}
    return "azure" if known and known <= _AZURE_ROOT and known & _AZURE_BODY else None


def root_of(document: Document) -> Value | None:
    """The root of a YAML file, None where it does not parse."""
    try:
        return read(document.text, "yaml")
    except CannotReadError:
        return None


def scalars(value: Value, keys: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Value]]:
    """Every scalar with the keys above it. List items and template conditions add no key of their own.

    What an alias stands for is found where its anchor is.
    """
    if value.alias:
        return
    if value.kind == "scalar":
        yield keys, value
    for entry in value.entries:
        named = value.kind == "map" and not entry.key.startswith("${{")
        yield from scalars(entry.value, (*keys, entry.key) if named else keys)

"""The stages, jobs, templates and whole files of a pipeline, each with its settings: what a fork manages alike."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from syncfork.detect.pipelines import Flavour, flavour_of, root_of
from syncfork.parsing.values import Entry, Value
from syncfork.text import Document

Settings = Mapping[str, frozenset[str]]


class Instance(Struct, frozen=True, eq=False, dict=True):
    """One of several like things. `settings` are its values by key path, `above` what it stands in, `text` all of it
    and `called` what people call it.

    `number` tells apart those of one name, as in the branches of a condition.
    """

    kind: str
    name: str
    number: int
    line: int
    settings: Settings
    above: tuple[Instance, ...]
    called: str
    text: str

    @property
    def key(self) -> tuple[str, str, int]:
        """What makes it the same one in another version of the file."""
        return self.kind, self.name, self.number

    @cached_property
    def delivers(self) -> bool:
        """Whether it signs, publishes or deploys, as far as its name and text show."""
        return delivers(self.called, self.text)

    def has(self, path: str, value: str) -> bool:
        """Whether it, or what it stands in, is set so."""
        return any(value in one.settings.get(path, ()) for one in (self, *self.above))


@lru_cache(maxsize=512)
def instances(document: Document) -> tuple[Instance, ...]:
    """The file itself first, then what is in it; nothing where it is no pipeline."""
    flavour = flavour_of(document)
    root = root_of(document) if flavour else None
    if flavour is None or root is None or root.kind != "map":
        return ()
    try:
        return tuple(_Reader(document, flavour, Counter()).all(root))
    except RecursionError:
        # Nested as no pipeline is.
        return ()


# What is made of other instances or of commands, and what only names or describes.
_NO_SETTINGS = frozenset(["jobs", "stages", "steps", "script", "run", "before_script", "after_script"])
_DESCRIBES = frozenset(["name", "displayname", "description"])
_AZURE_KINDS = ("stage", "job", "deployment", "template")
_DEEPEST = 4


class _Reader(Struct, frozen=True):
    document: Document
    flavour: Flavour
    seen: Counter[tuple[str, str]]

    def all(self, root: Value) -> Iterator[Instance]:
        whole = self._instance("file", "", root, 0, ())
        yield whole
        if self.flavour == "azure":
            yield from self._azure(root, (whole,))
            return
        jobs = [root] if self.flavour == "gitlab" else [e.value for e in root.entries if e.key == "jobs"]
        for entry in (entry for value in jobs for entry in value.entries):
            keys = {inner.key for inner in entry.value.entries} if entry.value.kind == "map" else set()
            if keys & {"script", "trigger", "run"} or (self.flavour != "gitlab" and keys):
                yield self._instance("job", entry.key, entry.value, entry.start, (whole,))

    def _azure(self, value: Value, above: tuple[Instance, ...]) -> Iterator[Instance]:
        if value.alias:
            return
        if value.kind == "map":
            for entry in value.entries:
                if entry.key in _AZURE_KINDS and isinstance(entry.value.scalar, str):
                    name = entry.value.scalar
                    kind = f"template {PurePosixPath(name).name}" if entry.key == "template" else entry.key
                    found = self._instance(kind, name, value, entry.start, above)
                    yield found
                    above = (found, *above)
                    break
        for entry in value.entries:
            yield from self._azure(entry.value, above)

    def _instance(
        self, kind: str, name: str, value: Value, start: int, above: tuple[Instance, ...]
    ) -> Instance:
        settings: dict[str, set[str]] = {}
        for path, told in self._settings(value, "", _DEEPEST):
            settings.setdefault(path, set()).add(told)
        number = self.seen[kind, name]
        self.seen[kind, name] += 1
        frozen = MappingProxyType({path: frozenset(values) for path, values in settings.items()})
        text = self.document.text[value.start : value.end]
        called = PurePosixPath(self.document.path).stem if kind == "file" else name
        line = self.document.line_of(start)
        return Instance(kind, name, number, line, frozen, above, called, text)

    def _settings(self, value: Value, path: str, depth: int) -> Iterator[tuple[str, str]]:
        """Every value at its key path. A template condition is no key: its branches count together."""
        if path:
            yield path, json.dumps(_plain(value), sort_keys=True, default=str)
        if not depth or value.alias:
            return
        for entry in value.entries:
            if value.kind == "seq":
                # `on: [push]` says what `on: {push:}` says.
                at = f"on.{entry.value.scalar}" if path == "on" else f"{path}[]"
                yield from self._settings(entry.value, at, depth - 1)
            elif entry.key.startswith("${{"):
                yield from self._settings(entry.value, path, depth)
            elif not self._is_other(entry, path):
                inside = f"{path}.{entry.key}" if path else entry.key
                yield from self._settings(entry.value, inside, depth - 1)
        if value.kind == "scalar" and value.scalar and path in ("on", "environment"):
            # The short form of one trigger, and of an environment without an address.
            at, short = (
                ("on." + str(value.scalar), "null")
                if path == "on"
                else ("environment.name", json.dumps(value.scalar, default=str))
            )
            yield at, short

    def _is_other(self, entry: Entry, path: str) -> bool:
        """Whether the key holds other instances or commands, or only names what has it."""
        key = entry.key.lower()
        job = self.flavour == "gitlab" and any(
            inner.key in ("script", "trigger", "extends") for inner in entry.value.entries
        )
        return key in _NO_SETTINGS or (not path and (key in _DESCRIBES or job))


def _plain(value: Value) -> Any:
    """The value as plain data. An alias stays one: a text may hold aliases of aliases without end."""
    if value.alias or value.kind == "scalar":
        return value.scalar if value.kind == "scalar" else "*"
    if value.kind == "seq":
        return [_plain(entry.value) for entry in value.entries]
    return {entry.key: _plain(entry.value) for entry in value.entries}


# Signing and publishing, as far as it leaves the pipeline.
_NAMED = re.compile(
    r"(?:(?<![A-Za-z])sign|[a-z_-]Sign|[Cc]ode[Ss]ign|SIGN|(?<![A-Za-z])Sign)(?!al|ific|[iI]n(?![a-z])|[uU]p(?![a-z]))"
    r"|[Pp]ublish|[Nn]otari[sz]e|(?<![A-Za-z])release|Release|[Dd]eploy"
)
# In lower case.
_INTERNAL = re.compile(
    r"publish(?:pipelineartifact|buildartifacts?|testresults|codecoverage\w*)|dotnet publish|-\s*publish:"
)
_DELIVERS = re.compile(
    r"\b(?:signtool|codesign|productsign|jarsigner|notarytool|cosign|esrp\w*|twine upload|docker push|nuget push"
    r"|gh release (?:create|upload|edit)|(?:npm|yarn|pnpm|cargo|poetry|flit|uv|hatch|vsce|pdm) publish|gpg\b[^\n]{0,200}--detach-sign)"
    r"|(?:task|uses):\s*[\"']?[^\s\"'@]{0,200}(?:sign|publish|release|deploy)"
    r"|-\s*template:\s*[\"']?\S{0,200}(?:(?<![a-z])sign|publish|release|deploy)"
)


def delivers(name: str, text: str) -> bool:
    """Whether what is called `name` signs, publishes or deploys, as far as its text shows."""
    return bool(_NAMED.search(name) or _DELIVERS.search(_INTERNAL.sub("", text.lower())))

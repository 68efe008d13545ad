"""Rule files and `syncfork.toml`, read and validated: every mistake at once, each with file, line and key."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import TypeVar

from syncfork.errors import CannotReadError, RuleError
from syncfork.parsing.structured import read
from syncfork.rules.convert import MistakesError, convert
from syncfork.rules.mistakes import mistakes, repeated, unreadable
from syncfork.rules.model import Rule, compile_rule
from syncfork.rules.written import WrittenRule

Parsed = TypeVar("Parsed")


def load_rules(files: Iterable[tuple[str, bytes]]) -> tuple[Rule, ...]:
    """Compile rule files, given as name and content. Raises RuleError that lists all mistakes of all files."""
    return tuple(rule for _, rule in read_rules(files))


def read_rules(files: Iterable[tuple[str, bytes]]) -> tuple[tuple[WrittenRule, Rule], ...]:
    """Each rule as written and compiled. Raises RuleError that lists all mistakes of all files."""
    rules: list[tuple[WrittenRule, Rule]] = []
    mistakes: list[str] = []
    for name, content in files:
        found = parse_rule(name, content)
        if isinstance(found, list):
            mistakes += found
        else:
            rules.append((found, compile_rule(found, name)))
    by_id: dict[str, str] = {}
    for _, rule in rules:
        if rule.id in by_id:
            mistakes.append(f"{rule.source}: id: {rule.id!r} is taken by {by_id[rule.id]}")
        by_id.setdefault(rule.id, rule.source)
    if mistakes:
        raise RuleError("\n".join(mistakes), "correct these places, then run `syncfork rules test`")
    return tuple(rules)


def parse_rule(name: str, content: bytes) -> WrittenRule | list[str]:
    """One rule file, or its mistakes, each as `file:line: key: what was expected`."""
    return parse_yaml(name, content, WrittenRule, "id, why, files")


def parse_yaml(
    name: str, content: bytes, kind: type[Parsed], keys: str, *, empty: bool = True
) -> Parsed | list[str]:
    """A YAML file as a `kind`, or its mistakes, each as `file:line: key: what was expected`.

    `keys` are named where the file is no mapping, nor (unless it may be `empty`) has any entry.
    """
    try:
        text = content.decode("utf-8")
        root = read(text, "yaml")
    except UnicodeDecodeError:
        return [f"{name}:1: not UTF-8"]
    except CannotReadError as error:
        return [unreadable(name, text, str(error))]
    if root.kind != "map" or not (empty or root.entries):
        return [f"{name}:1: expected a mapping with the keys {keys}, ..."]
    found = repeated(name, text, root)
    try:
        parsed: Parsed = convert(root.plain(), kind)
    except MistakesError as error:
        return [*found, *mistakes(name, text, root, error.found)]
    return found or parsed


def pack_names() -> list[str]:
    """The names of the rule packs that ship with the tool."""
    return sorted(entry.name for entry in _packs().iterdir() if entry.is_dir())


def pack_files(name: str) -> list[tuple[str, bytes]]:
    """The rule files of a shipped pack, by name, or of a pack in a folder (a name with a slash in it)."""
    folder = Path(name) if "/" in name or "\\" in name else _packs() / name
    if not folder.is_dir():
        known = ", ".join(pack_names()) or "none"
        raise RuleError(
            f"there is no rule pack {name!r}", f"shipped packs: {known}; or give a folder as ./FOLDER"
        )
    entries = sorted((entry for entry in folder.iterdir() if is_rule_file(entry.name)), key=lambda e: e.name)
    return [(f"{name}/{entry.name}", entry.read_bytes()) for entry in entries]


def rule_files(path: Path, name: str = "") -> list[tuple[str, bytes]]:
    """The rule file at `path`, or all those in the folder `path`, called by their paths below `name`."""
    name = name or path.as_posix()
    if path.is_file():
        return [(name, path.read_bytes())]
    found = sorted(entry for entry in path.rglob("*") if is_rule_file(entry.name) and entry.is_file())
    return [(f"{name}/{entry.relative_to(path).as_posix()}", entry.read_bytes()) for entry in found]


def is_rule_file(path: str) -> bool:
    """True for the names that rule files have."""
    return path.endswith((".yml", ".yaml"))


def _packs() -> Path:
    """The packs beside the package: in the wheel `syncfork/packs`, in a checkout the top-level `rules`."""
    inside = Path(str(resources.files("syncfork"))) / "packs"
    return inside if inside.is_dir() else inside.parent.parent / "rules"


def parse_toml(name: str, content: bytes, kind: type[Parsed]) -> Parsed:
    """A TOML file as a `kind`. Raises RuleError that lists all mistakes with file, line and key."""
    try:
        text = content.decode("utf-8")
        parsed: Parsed = convert(tomllib.loads(text), kind)
    except UnicodeDecodeError as error:
        raise RuleError(f"{name}:1: not UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise RuleError(unreadable(name, text, str(error))) from error
    except MistakesError as error:
        raise RuleError("\n".join(mistakes(name, text, read(text, "toml"), error.found))) from error
    return parsed

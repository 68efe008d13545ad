"""The names by which a source text's program is called: its file, its module, and what its manifest says."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from syncfork.detect.base import View
from syncfork.detect.declarations import declared, kind_of
from syncfork.errors import CannotReadError
from syncfork.parsing.structured import read
from syncfork.text import Document


def programs(view: View, source: Document) -> frozenset[str]:
    """Every name of the program that `source` is, or is part of."""
    path = PurePosixPath(source.path)
    names = {declared(source).program}
    if kind_of(source) == "rust":
        names |= _of_cargo(_manifest(view, path, "Cargo.toml"))
        # https://doc.rust-lang.org/cargo/guide/project-layout.html
        if "bin" in path.parts[:-1]:
            names.add(path.parent.name if path.stem == "main" else path.stem)
    elif kind_of(source) == "python":
        module = path.with_suffix("").parts
        module = module[:-1] if module[-1:] in (("__main__",), ("__init__",)) else module
        dotted = {".".join(module[start:]) for start in range(len(module))}
        names |= {path.name, *dotted} | _of_scripts(_manifest(view, path, "pyproject.toml"), dotted)
    else:
        names.add(path.name)
    return frozenset(name for name in names if name)


def _manifest(view: View, path: PurePosixPath, name: str) -> dict[str, Any]:
    """The nearest manifest at or above a file."""
    candidates = [str(folder / name) for folder in path.parents]
    found = view.trees.read("merged", candidates)
    for candidate in candidates:
        if candidate in found:
            try:
                plain = read(found[candidate].text, "toml").plain()
            except CannotReadError:
                return {}
            return plain if isinstance(plain, dict) else {}
    return {}


def _table(value: object, *keys: str) -> dict[str, Any]:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _of_cargo(manifest: dict[str, Any]) -> set[str]:
    bins = manifest.get("bin")
    listed = [_table(manifest, "package"), *(bins if isinstance(bins, list) else [])]
    return {str(table["name"]) for table in listed if isinstance(table, dict) and table.get("name")}


def _of_scripts(manifest: dict[str, Any], modules: set[str]) -> set[str]:
    scripts = {**_table(manifest, "tool", "poetry", "scripts"), **_table(manifest, "project", "scripts")}
    return {name for name, target in scripts.items() if str(target).partition(":")[0].strip() in modules}

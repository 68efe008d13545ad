"""The package's layers are what docs/design.md says, and nothing in it imports what imports it."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parent.parent
DESIGN = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
LAYERS = [
    line.split()
    for line in DESIGN.split("## Layers")[1].split("\n## ")[0].splitlines()
    if line.startswith("    ")
]
# The package's own front doors: they may ask anything.
DOORS = {"__main__", "__init__"}


def modules() -> dict[str, Path]:
    found = {}
    for path in (ROOT / "syncfork").rglob("*.py"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imported(path: Path) -> set[str]:
    """The modules of the package that a file imports, wherever in it, but for its type checker's eyes."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("syncfork"):
            whole = {f"{node.module}.{name.name}" for name in node.names} & MODULES.keys()
            found |= (whole or {str(node.module)}) if node not in typing else set()
    return found


def layer(module: str) -> int:
    part = module.split(".")[1]
    return next(number for number, names in enumerate(LAYERS) if part in names)


IMPORTS = {name: imported(path) for name, path in MODULES.items()}


def test_what_a_layer_imports_is_below_it():
    names = {
        path.stem
        for path in (ROOT / "syncfork").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert {name for line in LAYERS for name in line} == names - DOORS

    upwards = [
        f"{name} imports {other}"
        for name, others in IMPORTS.items()
        if "." in name and name.split(".")[1] not in DOORS
        for other in others
        if "." in other and other.split(".")[1] != name.split(".")[1] and layer(other) <= layer(name)
    ]
    assert upwards == []


def test_no_two_modules_import_each_other():
    # Raises CycleError, which names them.
    assert list(TopologicalSorter(IMPORTS).static_order())

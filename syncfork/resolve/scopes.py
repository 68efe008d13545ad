"""Where a case of a resolver counts: scopes that lie in one another, from all files to the one. Pure."""

from __future__ import annotations

# All files.
EVERYWHERE = "*"


def scopes_of(path: str) -> tuple[str, ...]:
    """The scopes that `path` is in, the widest first: everywhere, the files of its ending (`*.py`), those of each folder
    (`src/*.py`; `src/` for files without an ending), and the path. Of a scope, those around it and itself.

    What was right in texts of one kind says nothing of another kind, so a folder is one of files with the same ending.
    """
    *folders, name = path.split("/")
    _, dot, ending = name.rpartition(".")
    like = f"*.{ending}" if dot and ending.isalnum() else ""
    # A path that cannot be written down has no scope of its own.
    named = [f"{'/'.join(folders[:depth])}/{like}" for depth in range(1, len(folders) + 1)] + [path]
    return tuple(
        dict.fromkeys((EVERYWHERE, *([like] if like else []), *(named if path.isprintable() else [])))
    )


def is_path(scope: str) -> bool:
    """Whether a scope is a single path."""
    return not scope.endswith("/") and not scope.rpartition("/")[2].startswith("*")

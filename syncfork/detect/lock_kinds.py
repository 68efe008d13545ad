"""Every kind of lock file: a new one is its module, and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from syncfork.detect.base import vendored
from syncfork.detect.lock_base import Kind
from syncfork.detect.lock_bundler import BUNDLER
from syncfork.detect.lock_cargo import CARGO
from syncfork.detect.lock_composer import COMPOSER
from syncfork.detect.lock_go import SUMS, VENDORED, WORKSPACE
from syncfork.detect.lock_npm import NPM
from syncfork.detect.lock_pnpm import PNPM
from syncfork.detect.lock_poetry import POETRY
from syncfork.detect.lock_uv import UV
from syncfork.detect.lock_yarn import YARN

# Of a manifest in several the first one counts whose file is there.
KINDS = (VENDORED, WORKSPACE, SUMS, NPM, YARN, PNPM, CARGO, UV, POETRY, BUNDLER, COMPOSER)
BY_MANIFEST: Mapping[str, tuple[Kind, ...]] = {
    name: tuple(kind for kind in KINDS if kind.manifest == name) for name in {kind.manifest for kind in KINDS}
}
# By the path of a lock file from its folder, what writes it; one of them is held against nothing.
_COMMANDS: Mapping[str, tuple[str, ...]] = {
    name: tuple(kind.command for kind in KINDS if kind.lock == name) for name in {kind.lock for kind in KINDS}
} | {"flake.lock": ("nix flake lock",)}


def is_judged(path: str) -> bool:
    """Whether a lock file is one that is held against what it is made from."""
    return any(f"/{path}".endswith(f"/{kind.lock}") for kind in KINDS)


def remade_by(path: str) -> tuple[str, ...]:
    """The commands of which one writes the file at `path` anew; none where it is no lock file, or one of somebody else's
    that a package manager put there."""
    return _COMMANDS.get(_name(path), ())


def remade_in(path: str) -> str:
    """The folder in which these commands are run; empty for the root."""
    return path.removesuffix(_name(path)).rstrip("/")


def _name(path: str) -> str:
    """The path of a lock file from its folder; empty for any other file."""
    names = (name for name in _COMMANDS if f"/{path}".endswith(f"/{name}"))
    return next((name for name in names if not vendored(path.removesuffix(name))), "")

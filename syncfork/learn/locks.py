"""Lock files: a tool writes them, and people let it write them anew instead of choosing a side."""

from __future__ import annotations

from collections.abc import Iterator

from syncfork.globs import exactly
from syncfork.learn.base import Ledger, Past, Proposal
from syncfork.rules.naming import identifier

# The command that brings a lock file up to its manifest and leaves alone what need not change, as its tool's
# documentation has it. They run in the top folder, so only files there are looked at.
COMMANDS: dict[str, tuple[str, ...]] = {
    "Cargo.lock": ("cargo", "update", "--workspace"),
    "Gemfile.lock": ("bundle", "lock"),
    "composer.lock": ("composer", "update", "--lock"),
    "flake.lock": ("nix", "flake", "lock"),
    "go.sum": ("go", "mod", "tidy"),
    "package-lock.json": ("npm", "install", "--package-lock-only", "--ignore-scripts"),
    "pnpm-lock.yaml": ("pnpm", "install", "--lockfile-only", "--ignore-scripts"),
    "poetry.lock": ("poetry", "lock"),
    "uv.lock": ("uv", "lock"),
}
_LEAST = 2


def learn(past: Past) -> Iterator[Proposal]:
    """`own: {regenerate: COMMAND}` where the conflicts of a lock file came out as neither side had it."""
    for path, command in COMMANDS.items():
        ledger = Ledger(past.merges)
        for passage in past.passages.get(path, ()):
            if passage.kind:
                ledger.add(passage.merge, path, passage.took == "merged")
        if len(ledger.bearing) < _LEAST or ledger.withdrawn or path not in past.upstream:
            continue
        rule = {
            "id": identifier("lock", path),
            "why": f"`{command[0]}` writes this file: in conflicts people had it made anew.",
            "files": [exactly(path)],
            "own": {"regenerate": list(command)},
        }
        yield Proposal("locks", rule, (path,), ledger.evidence())

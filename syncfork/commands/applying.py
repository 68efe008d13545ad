"""`syncfork rules apply`: the rules' edits in the files of the worktree, as a merge would make them."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from syncfork.commands.rules import rules_on_disk
from syncfork.errors import ExitCode, UsageError
from syncfork.git.door import decode
from syncfork.git.repository import Repository
from syncfork.merge.lift import Governed, governed_rules, lift
from syncfork.own.base import OURS
from syncfork.rewrite.base import Fork
from syncfork.rewrite.reformat import made_ready
from syncfork.rules.model import Rule
from syncfork.text import Document, Encoding, decode_document
from syncfork.writing import write_bytes


class Left(Struct, frozen=True):
    """A rule that could not be applied to a file, and why; `rule` is empty where the file itself stands against it."""

    path: str
    rule: str
    problem: str


class Made(Struct, frozen=True):
    """What rules did in the worktree: the paths that were `written`, each with the rules that changed it; what is `left`
    for a person; how many `files` the rules govern."""

    written: tuple[tuple[str, tuple[str, ...]], ...]
    left: tuple[Left, ...]
    files: int
    dry_run: bool = False

    @property
    def exit_code(self) -> ExitCode:
        """Needs a person where anything is left."""
        return ExitCode.NEEDS_HUMAN if self.left else ExitCode.OK


class _Read(Struct, frozen=True):
    document: Document
    encoding: Encoding
    rules: tuple[Rule, ...]


def apply_rules(
    directory: Path,
    packs: Sequence[str],
    ids: Collection[str],
    paths: Sequence[Path],
    *,
    dry_run: bool = False,
) -> Made:
    """Apply the rewriting rules as they lie on disk (those of `ids`, else all) to the tracked files that they govern, at
    `paths` or all; a rule is all or nothing per file. What is carried comes from HEAD. Files in conflict are left alone.
    Raises UsageError, RuleError, SyncforkError."""
    repository = Repository.open(directory)
    root = repository.work_tree
    if root is None:
        raise UsageError("this is a bare repository: there are no files to write", "run it in a clone")
    rules = rules_on_disk(root, packs)
    if unknown := sorted(set(ids) - {rule.id for rule in rules}):
        raise UsageError(f"there is no rule {unknown[0]!r} here", "`syncfork rules list` names them")
    chosen = [rule for rule in rules if rule.steps and (not ids or rule.id in ids)]
    listed, torn = _tracked(repository, root, [directory.absolute() / path for path in paths])
    governed = {path: governed_rules(chosen, [path]) for path in listed}
    governed = {path: ruling for path, ruling in governed.items() if ruling}
    left = [Left(path, "", "in conflict: resolve it first") for path in governed if path in torn]
    read = {path: item for path in governed.keys() - torn if (item := _read(root, path, governed[path]))}
    left += [
        Left(path, "", "not a text file")
        for path in governed.keys() - torn - read.keys()
        if (root / path).exists()
    ]
    made_ready((step, item.document) for item in read.values() for rule in item.rules for step in rule.steps)
    forks = _forks(repository, chosen, read)
    written = []
    for path, item in sorted(read.items()):
        file = {OURS: item.document}
        lifted = lift(Governed(file, item.rules, forks[path], encodings={OURS: item.encoding}))
        left += [Left(path, e.rule.id, e.problem.detail) for e in lifted.effects if e.problem]
        text = lifted.texts[OURS]
        if text != item.document.text:
            acted = tuple(e.rule.id for e in lifted.effects if any(a.todo for a in e.applied.values()))
            written.append((path, acted))
            if not dry_run:
                write_bytes(root / path, item.encoding.encode(text))
    left.sort(key=lambda one: (one.path, one.rule))
    return Made(tuple(written), tuple(left), len(governed), dry_run)


def _tracked(repository: Repository, root: Path, paths: Sequence[Path]) -> tuple[list[str], set[str]]:
    """The tracked files at `paths`, or all, and those of them that are in conflict."""
    top = root.resolve()
    asked = [Path(os.path.normpath(path)) for path in paths]
    for path in asked:
        if not path.is_relative_to(top) and not path.is_relative_to(root):
            raise UsageError(f"{path} is not in this repository", "name files or folders of it")
        if not path.exists():
            raise UsageError(f"{path} does not exist", "name files or folders of the worktree")
    wanted = [path.relative_to(top if path.is_relative_to(top) else root).as_posix() for path in asked]
    out = decode(repository.git.run("ls-files", "--stage", "-z", "--full-name", ":/"))
    entries = [item.partition("\t") for item in out.split("\0") if item]
    stages = {path: head.split(" ")[2] for head, _, path in entries}

    def is_wanted(path: str) -> bool:
        return not wanted or any(w in (".", path) or path.startswith(f"{w}/") for w in wanted)

    found = [path for path in stages if is_wanted(path)]
    return found, {path for path in found if stages[path] != "0"}


def _read(root: Path, path: str, rules: tuple[Rule, ...]) -> _Read | None:
    file = root / path
    # A link leads anywhere, be it in place of a folder; a submodule is a folder.
    if file.is_symlink() or not file.is_file() or not file.resolve().is_relative_to(root.resolve()):
        return None
    read = decode_document(path, file.read_bytes())
    return _Read(*read, rules) if read else None


def _forks(
    repository: Repository, rules: Sequence[Rule], read: Mapping[str, _Read]
) -> dict[str, dict[str, Fork]]:
    """Where carried text comes from, by path and rule: HEAD."""
    head = repository.entries("HEAD", [spec for rule in rules for spec in rule.files.pathspecs])
    blobs = repository.blobs([entry.oid for entry in head.values() if entry.is_file])
    texts = {
        path: found[0]
        for path, entry in head.items()
        if entry.is_file and (found := decode_document(path, blobs[entry.oid] or b""))
    }
    siblings = {
        rule.id: tuple(text for path, text in sorted(texts.items()) if rule.files.match(path))
        for rule in rules
    }
    return {
        path: {rule.id: Fork(texts.get(path), siblings[rule.id], texts.get(path)) for rule in item.rules}
        for path, item in read.items()
    }

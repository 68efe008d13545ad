"""Paths of a merge in progress: what the worktree has of them, and what was decided put into index and worktree.

git keeps the three sides of a path that was resolved in the index: `git checkout --merge -- PATH` brings it back, where
both sides have it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from syncfork.errors import GitError
from syncfork.git.door import decode, encode
from syncfork.git.objects import SUBMODULE_MODE, Entry
from syncfork.git.pathspecs import literal
from syncfork.git.repository import Repository
from syncfork.merge.undisturbed import undisturbed
from syncfork.resolve.walk import Choice, Pending
from syncfork.state import note_added
from syncfork.words import listed, place


def unmerged(repository: Repository) -> dict[str, dict[int, Entry]]:
    """The unmerged paths of the index, each with its stages (1 base, 2 ours, 3 theirs)."""
    out = decode(repository.git.run("ls-files", "--unmerged", "-z", "--full-name", ":/"))
    found: dict[str, dict[int, Entry]] = {}
    for record in out.split("\0"):
        head, tab, path = record.partition("\t")
        if tab:
            mode, oid, stage = head.split(" ")
            found.setdefault(path, {})[int(stage)] = Entry(mode, oid)
    return found


def differing(repository: Repository, *command: str) -> list[str]:
    """The paths that one of git's commands for differences lists, such as `diff-files`."""
    verb, *rest = command
    return decode(repository.git.run(verb, "--name-only", "-z", *rest)).split("\0")[:-1]


def is_sparse(repository: Repository) -> bool:
    """Whether only a part of the files is checked out here."""
    return repository.is_set("core.sparseCheckout")


def in_worktree(repository: Repository, paths: Iterable[str]) -> dict[str, str]:
    """The ids of the regular files among `paths`, as git would store their contents now; they are stored."""
    root = repository.work_tree
    there = [path for path in paths if root and (root / path).is_file() and not (root / path).is_symlink()]
    if not there:
        return {}
    stdin = encode("".join(f"{_quoted(path)}\n" for path in there))
    out = repository.git.as_user().run("hash-object", "-w", "--stdin-paths", stdin=stdin)
    return dict(zip(there, decode(out).split(), strict=True))


def _quoted(path: str) -> str:
    """A path for a list of lines, in quotes where git would take it for something else."""
    if not path.startswith('"') and "\n" not in path:
        return path
    escapes: Mapping[str, str] = {"\\": r"\\", '"': r"\"", "\n": r"\n"}
    return '"' + "".join(escapes.get(character, character) for character in path) + '"'


def add_own(repository: Repository, paths: Iterable[str]) -> None:
    """Add files that syncfork wrote to the index. Raises GitError."""
    specs = [literal(path) for path in paths]
    git = repository.git.as_user()
    git.run("add", "--force", "--sparse", "--", *specs)
    listed = decode(git.run("ls-files", "--stage", "-z", "--full-name", "--", *specs)).split("\0")
    entries = (record.partition("\t") for record in listed if record)
    note_added(repository.git_dir, {path: head.split(" ")[1] for head, _, path in entries})


def staged(repository: Repository, commit: str) -> dict[str, Entry]:
    """The paths at which the index is other than a commit, with what it has there; zeros where it has nothing."""
    out = decode(repository.git.run("diff-index", "--cached", "--no-renames", "--raw", "-z", commit))
    fields = out.split("\0")
    heads = ((path, head.split(" ")) for head, path in zip(fields[::2], fields[1::2], strict=False))
    return {path: Entry(head[1], head[3]) for path, head in heads}


def stage(repository: Repository, made: Iterable[tuple[Pending, Choice]]) -> None:
    """Make each path what was chosen for it, in index and worktree. Raises GitError where git cannot."""
    undisturbed(lambda: _stage(repository, tuple(made)))


def _stage(repository: Repository, made: Sequence[tuple[Pending, Choice]]) -> None:
    """A few commands for all of them: each one writes the whole index anew."""
    git, root = repository.git.as_user(), repository.work_tree
    kept: list[str] = []
    gone: list[str] = []
    modules: dict[str, Path] = {}
    entries: dict[str, Entry] = {}
    for pending, choice in made:
        path = pending.path
        if choice.take in ("absent", "worktree"):
            at = root / path if root else None
            if choice.take == "worktree" and at and os.path.lexists(at):
                kept.append(path)
            elif at and SUBMODULE_MODE in {entry.mode for entry in pending.stages.values()}:
                modules[path] = at
            else:
                gone.append(path)
        elif choice.take == "text":
            content = encode(choice.text)
            oid = (
                git.run("hash-object", "-w", "--no-filters", "--stdin", stdin=content).decode("ascii").strip()
            )
            entries[path] = Entry(pending.mode, oid)
        else:
            entries[path] = pending.stages[2 if choice.take == "ours" else 3]
    given = ("--pathspec-from-file=-", "--pathspec-file-nul")
    if kept:
        git.run("add", "--force", "--sparse", *given, stdin=_ended(map(literal, kept)))
    if modules:
        # What is checked out in one may be work that is kept nowhere else: as a merge does, git leaves it there. `git rm`
        # would write into .gitmodules too, which may be in conflict itself, and then fails.
        git.run("update-index", "--force-remove", "-z", "--stdin", stdin=_ended(modules))
    for at in modules.values():
        with contextlib.suppress(OSError):
            # One side may have a file there, which `git rm` would take for a submodule's folder.
            if at.is_symlink() or at.is_file():
                at.unlink()
                at = at.parent
            os.removedirs(at)
    if gone:
        git.run("rm", "--quiet", "--force", "--sparse", *given, stdin=_ended(map(literal, gone)))
    # Once it has removed one file, git passes over those that it cannot.
    still = [path for path in (*modules, *gone) if root and (root / path).is_file()]
    if still:
        raise GitError(f"git could not remove {_named(still)}")
    if entries:
        records = (f"{entry.mode} {entry.oid} 0\t{path}" for path, entry in entries.items())
        git.run("update-index", "-z", "--index-info", stdin=_ended(records))
        # The index has to know the file as it is written: `git reset --merge` would not undo it else.
        arguments = ("--force", "--index", "--quiet", "-z", "--stdin")
        done = git.call("checkout-index", *arguments, stdin=_ended(entries))
        if done.code:
            # Else a file that was not written would pass for resolved, and `git add` of what is there undo the decision.
            again = [
                record for pending, _ in made if pending.path in entries for record in _unmerged(pending)
            ]
            git.run("update-index", "-z", "--index-info", stdin=_ended(again))
            raise GitError(f"git could not write {_named(entries)}: {done.err.strip()}", code=done.code)


def _unmerged(pending: Pending) -> Iterator[str]:
    """The records that make a path what it was in the index."""
    for number, (stage, entry) in enumerate(sorted(pending.stages.items())):
        if not number:
            yield f"0 {entry.oid} 0\t{pending.path}"
        yield f"{entry.mode} {entry.oid} {stage}\t{pending.path}"


def _ended(records: Iterable[str]) -> bytes:
    """The records as git reads them with -z."""
    return encode("".join(f"{record}\0" for record in records))


def _named(paths: Iterable[str]) -> str:
    return listed([place(path) for path in paths], 3)

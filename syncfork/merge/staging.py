"""Paths of a merge in progress: what the worktree has of them, and what was decided put into index and worktree.

git keeps the three sides of a path that was resolved in the index: `git checkout --merge -- PATH` brings it back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from syncfork.errors import GitError
from syncfork.git.door import decode, encode
from syncfork.git.objects import Entry
from syncfork.git.repository import Repository
from syncfork.merge.undisturbed import undisturbed
from syncfork.resolve.walk import Choice, Pending
from syncfork.rules.files import literal
from syncfork.state import note_added


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
    return repository.git.text("config", "--type=bool", "--default=false", "core.sparseCheckout") == "true"


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


def stage(repository: Repository, pending: Pending, choice: Choice) -> None:
    """Make a path what was chosen, in index and worktree. Raises GitError where git cannot."""
    undisturbed(lambda: _stage(repository, pending, choice))


def _stage(repository: Repository, pending: Pending, choice: Choice) -> None:
    git, path = repository.git.as_user(), pending.path
    if choice.take == "worktree" and repository.work_tree and (repository.work_tree / path).exists():
        git.run("add", "--force", "--sparse", "--", literal(path))
        return
    if choice.take in ("absent", "worktree"):
        git.run("rm", "--quiet", "--force", "--sparse", "--", literal(path))
        return
    if choice.take == "text":
        content = encode(choice.text)
        oid = git.run("hash-object", "-w", "--no-filters", "--stdin", stdin=content).decode("ascii").strip()
        entry = Entry(pending.mode, oid)
    else:
        entry = pending.stages[2 if choice.take == "ours" else 3]
    git.run("update-index", "-z", "--index-info", stdin=encode(f"{entry.mode} {entry.oid} 0\t{path}\0"))
    # The index has to know the file as it is written: `git reset --merge` would not undo it else.
    arguments = ("--force", "--index", "--quiet", "-z", "--stdin")
    done = git.call("checkout-index", *arguments, stdin=encode(f"{path}\0"))
    if done.code:
        raise GitError(f"git could not write {path}: {done.err.strip()}", code=done.code)

"""A repository's facts: revisions, trees, blobs, differences. Reads only; few processes, batched."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path

from msgspec import Struct, field

from syncfork.errors import GitError, SyncforkError, UsageError
from syncfork.git.changes import Change, Known, differing, parse_raw
from syncfork.git.door import Asked, Git, begun, decode, encode
from syncfork.git.objects import Tree, directory_name, is_id, parse_tree
from syncfork.git.pathspecs import literal, not_too_many, paths_named
from syncfork.git.promised import bring, is_partial
from syncfork.git.reading import contents, object_ids

# The settings that are asked for, as git writes their names.
_SETTINGS = r"^(remote\..*\.(url|promisor)|extensions\.partialclone|core\.sparsecheckout|commit\.gpgsign|syncfork\.runprograms)$"

# Its seconds since 1970, in the head of a commit.
_COMMITTED = re.compile(rb"^committer .*> (\d+) [-+]\d+$", re.MULTILINE)

# The year 9000, in seconds.
_LATEST = 221_845_392_000

# git knows the empty tree without having it stored.
_EMPTY_TREES = {
    "sha1": "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "sha256": "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}


def utc_day(seconds: str) -> date:
    """The day of a commit's time, in seconds since 1970. What is no such time, and what is before or in a far future, is
    the nearest day that is one: old imports have any."""
    known = int(seconds) if seconds.isdecimal() else 0
    return datetime.fromtimestamp(min(known, _LATEST), UTC).date()


class Repository(Struct, frozen=True, dict=True):
    """An opened repository."""

    git: Git
    git_dir: Path
    common_dir: Path
    work_tree: Path | None
    shallow: bool
    algorithm: str
    head_ref: str
    known: Known = field(default_factory=Known)

    @classmethod
    def open(cls, directory: Path) -> Repository:
        """The repository that holds `directory`. Raises SyncforkError that says what is missing."""
        if not directory.is_dir():
            raise UsageError(f"{directory} is not a directory")
        named = {name: os.environ[name] for name in ("GIT_DIR", "GIT_WORK_TREE") if os.environ.get(name)}
        git = Git(directory)
        facts = ("--is-bare-repository", "--is-shallow-repository", "--show-object-format")
        places = ("--path-format=absolute", "--git-dir", "--git-common-dir")
        head = ("--symbolic-full-name", "HEAD")
        done = git.call("rev-parse", *places, *facts, "--show-toplevel", *head)
        lines = decode(done.out).split("\n")[:-1]
        if len(lines) < 5:
            raise _not_usable(directory, done.err)
        git_dir, common, bare, shallow, algorithm, *rest = lines
        if bare == "true" or not rest:
            # git stopped where it was asked for the worktree.
            rest = ["", *decode(git.call("rev-parse", *head).out).splitlines()]
        # HEAD names a branch without a commit where git says nothing of it.
        top, head_ref = [*rest, "HEAD"][:2]
        work_tree = Path(top) if top else None
        _expect_here(named, {"GIT_DIR": Path(git_dir), "GIT_WORK_TREE": work_tree})
        return cls(
            Git(work_tree or Path(git_dir)),
            Path(git_dir),
            Path(common),
            work_tree,
            shallow == "true",
            algorithm,
            head_ref,
        )

    @property
    def branch(self) -> str:
        """The checked-out branch's short name, or HEAD where none is."""
        return self.head_ref.removeprefix("refs/heads/")

    @property
    def hash_size(self) -> int:
        """How many bytes an object id has."""
        return 32 if self.algorithm == "sha256" else 20

    @cached_property
    def remotes(self) -> Mapping[str, str]:
        """Remote names with their addresses."""
        found: dict[str, str] = {}
        for key, value in self._settings:
            if key.startswith("remote.") and key.endswith(".url"):
                found.setdefault(key.removeprefix("remote.").removesuffix(".url"), value)
        return found

    def remote_of(self, ref: str) -> str | None:
        """The remote that a revision REMOTE/BRANCH (or REMOTE alone) is named by; of remotes with a slash in their name the
        longest. None where it is named by none."""
        name = f"{ref.removeprefix('refs/remotes/')}/"
        return max((each for each in self.remotes if name.startswith(f"{each}/")), key=len, default=None)

    @cached_property
    def promisors(self) -> Sequence[str]:
        """The remotes that hold what a partial clone lacks; none for any other."""
        if not is_partial(self.common_dir):
            return ()
        # Of old clones one setting names the only one; of a newer one's name git keeps the capitals.
        old = [value for key, value in self._settings if key == "extensions.partialclone"]
        marked = [key for key, _ in self._settings if key.startswith("remote.") and key.endswith(".promisor")]
        named = [key.removeprefix("remote.").removesuffix(".promisor") for key in marked if self.is_set(key)]
        return [name for name in dict.fromkeys([*named, *old]) if name in self.remotes]

    def is_set(self, name: str) -> bool:
        """Whether the configuration says true to a setting that is looked for: `core.sparseCheckout`, `commit.gpgSign`."""
        if not any(key in (name, name.lower()) for key, _ in self._settings):
            return False
        # What is true is git's own to say.
        return self.git.as_user().text("config", "--type=bool", "--default=false", name) == "true"

    @cached_property
    def _settings(self) -> Sequence[tuple[str, str]]:
        """What is set of all that is asked for here, each with its value, in order; one process for all."""
        out = decode(self.git.run("config", "-z", "--get-regexp", _SETTINGS, ok=(0, 1)))
        pairs = [item.partition("\n") for item in out.split("\0") if item]
        return [(key, value) for key, _, value in pairs]

    def resolve(self, names: Iterable[str]) -> dict[str, str | None]:
        """Object ids of revision expressions, None for what does not resolve. One process for all."""
        found: dict[str, str | None] = dict.fromkeys(names)
        return {**found, **object_ids(self.git, [name for name in found if name and "\n" not in name])}

    def head(self) -> str:
        """The id of the commit that is checked out now. Raises GitError where there is none."""
        if found := self.resolve(["HEAD"])["HEAD"]:
            return found
        raise GitError("HEAD names no commit that is here", "make a first one, or check another branch out")

    def merge_bases(self, one: str, other: str) -> list[str]:
        """All best common ancestors, as git's merge would use them; empty for unrelated histories. git is asked once for
        commits that are named by their ids."""
        return self.known.merge_bases(self.git, one, other)

    def count(self, until: str, without: Iterable[str]) -> int:
        """How many commits `until` has that none of `without` has."""
        return int(self.git.text("rev-list", "--count", until, "--not", *without))

    def day(self, commit: str) -> date:
        """The day (UTC) on which the commit of that id was committed; git is asked once."""
        if commit not in self._days:
            stored = contents(self.git, [commit])[commit]
            if stored is None:
                raise GitError(f"the commit {commit} cannot be read", "fetch it again, then run again")
            found = _COMMITTED.search(stored.partition(b"\n\n")[0])
            self._days[commit] = utc_day(found[1].decode("ascii") if found else "")
        return self._days[commit]

    @cached_property
    def _days(self) -> dict[str, date]:
        return {}

    def ahead_behind(self, ours: str, theirs: str) -> tuple[int, int]:
        """How many commits `ours` has that `theirs` lacks, and the other way round."""
        ahead, behind = self.git.text("rev-list", "--left-right", "--count", f"{ours}...{theirs}").split()
        return int(ahead), int(behind)

    def changes(self, old: str, new: str, *, renames: bool = True) -> list[Change]:
        """The paths that differ between two trees or commits, renames found as git's merge finds them. git is asked once
        for trees that are named by their ids."""
        return self.known.changes(self.git, old, new, renames=renames)

    def changes_among(self, paths: Iterable[str], old: str, new: str) -> list[Change]:
        """The same among some paths alone: a rename from or to another one is none."""
        among = not_too_many([literal(path) for path in paths])
        return differing(self.git, old, new, renames=True, among=among)[0]

    def entries(self, tree: str, pathspecs: Sequence[str]) -> Tree:
        """The files of a tree (or commit) that `pathspecs` match; none at all where there is no pathspec.

        Of very many pathspecs (a command line has an end) the result is every file: callers match again.

        A difference to the empty tree, since git's tree listing knows no globs.
        """
        if not pathspecs or not self._may_have(tree, pathspecs):
            return {}
        listed = ("-r", "-z", "--raw", "--no-abbrev", _EMPTY_TREES[self.algorithm], tree)
        out = self.git.run("diff-tree", *listed, "--", *not_too_many(pathspecs))
        return {change.new_path: change.new for change in parse_raw(decode(out)) if change.new}

    def _may_have(self, tree: str, pathspecs: Sequence[str]) -> bool:
        """False where `pathspecs` name paths, and a tree has nothing by which one of them begins."""
        names = paths_named(pathspecs)
        # Read by a process that is there already. Where it cannot be read, git says so when it is asked for its files.
        content = self.blobs([f"{tree}^{{tree}}"]).popitem()[1] if names is not None else None
        if names is None or content is None:
            return True
        there = parse_tree(content, self.hash_size)
        return any(encode(name.split("/")[0]) in there for name in names)

    def blobs(self, oids: Iterable[str], git: Git | None = None) -> dict[str, bytes | None]:
        """Contents of objects by id (or any `REV:PATH` name); None for what is missing or unreadable."""
        names, git = [*oids], git or self.git
        self.bring(names, git)
        return contents(git, names)

    def bring(self, names: Iterable[str], git: Git | None = None) -> None:
        """Fetch at once what a partial clone lacks of the blobs `names` (ids, or `REV:PATH`); other clones are left alone."""
        if self.promisors:
            git, names = git or self.git, [*names]
            ids = [name for name in names if is_id(name)]
            if wanted := [*ids, *self._ids_at([name for name in names if ":" in name], git)]:
                bring(git, self.promisors, wanted)

    def _ids_at(self, names: Sequence[str], git: Git) -> Iterator[str]:
        """The ids of the blobs at `REV:PATH`, by the trees that hold them: asked for an id, git would fetch the blob."""
        split = [(rev, *path.rpartition("/")) for rev, _, path in (name.partition(":") for name in names)]
        placed = [(directory_name(rev, folder), last) for rev, folder, _, last in split]
        trees = contents(git, {folder for folder, _ in placed})
        known = {name: parse_tree(tree, self.hash_size) for name, tree in trees.items() if tree is not None}
        for folder, last in placed:
            entry = known.get(folder, {}).get(encode(last))
            if entry and entry.is_file:
                yield entry.oid


def opening(directory: Path) -> Asked[Repository]:
    """Begin `Repository.open`, beside other work, and the process that objects are read through."""

    def ask() -> Repository:
        repository = Repository.open(directory)
        # Whoever asks next gets the answer at once, or learns why there is none.
        with contextlib.suppress(SyncforkError):
            repository.resolve(["HEAD"])
        return repository

    return begun(ask)


def _expect_here(named: Mapping[str, str], found: Mapping[str, Path | None]) -> None:
    """Raise UsageError where the environment names another repository than the one that was found: git would take the
    named one, and here it is the directory that counts."""
    for name, place in named.items():
        there, meant = found[name], Path(place)
        if meant.is_file():
            # In a linked worktree `.git` is a file that says where the directory is.
            meant = meant.parent / meant.read_text("utf-8", "replace").removeprefix("gitdir:").strip(
                "\0\r\n "
            )
        if there is None or meant.resolve() != there.resolve():
            raise UsageError(
                f"{name} names {place}, and the directory is in {there or 'a bare repository'}",
                f"unset {name}: for syncfork it is the directory that counts, the current one or that of -C",
            )


def _not_usable(directory: Path, message: str) -> SyncforkError:
    if "dubious ownership" in message:
        hint = message.strip().splitlines()[-1].strip()
        return GitError(f"git refuses {directory}: it belongs to another user", f"run: {hint}")
    if "not a git repository" in message.lower():
        return SyncforkError(
            f"{directory} is not a git repository", "run syncfork in the fork, or give it with -C DIR"
        )
    if "unknown option" in message or "usage:" in message:
        return SyncforkError("git is too old", "install git 2.38 or newer")
    return GitError(f"git cannot read {directory}: {message.strip()}")

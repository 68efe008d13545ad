"""A temporary object directory over a repository: lifted trees and trial merges leave nothing behind."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from syncfork.errors import GitError
from syncfork.git.door import Git, decode, encode
from syncfork.git.objects import (
    TREE_MODE,
    Entry,
    ObjectStore,
    Tree,
    directory_name,
    edited_tree,
    parent_directories,
    parse_tree,
)
from syncfork.git.pathspecs import literal
from syncfork.git.repository import Repository
from syncfork.merge.mergetree import ATTRIBUTES
from syncfork.scratch import scratch

# Beyond this many objects one pack is made, as git's own fetch does.
_MOST_LOOSE = 100

# What to lay over a tree: entries by path; None takes the path out.
Overlay = Mapping[str, Entry | None]


class Workspace(Struct, frozen=True):
    """Objects go to `store`; `git` sees them and the repository's own."""

    repository: Repository
    store: ObjectStore
    door: Git
    attributes: Path

    @property
    def git(self) -> Git:
        """git with a view on everything that was stored so far."""
        self.store.pack()
        return self.door

    def markers(self, bases: Sequence[str]) -> Path | None:
        """The attributes by which git's merge makes conflict markers that nothing in a file is mistaken for; None for
        several merge bases: git makes one of them, markers included, and there they have to be of its own length."""
        return self.attributes if len(bases) == 1 else None

    def tree(self, root: str, overlay: Overlay) -> str:
        """The id of the tree `root` (any tree-ish) with `overlay` laid over it; None removes a path."""
        return self.trees([(root, overlay)])[0]

    def trees(self, wanted: Sequence[tuple[str, Overlay]]) -> list[str]:
        """Like `tree`, for several roots; what they hold is read by one process."""
        # What a root that git knows reaches is known to git too: no need to hand over what we made since.
        git = self.git if any(self.store.pending(root) for root, _ in wanted) else self.door
        names = [
            f"{root}:{decode(directory)}"
            for root, overlay in wanted
            for directory in parent_directories(map(encode, overlay))
            if overlay
        ]
        found = self.repository.blobs(names, git)
        bare = [f"{root}^{{tree}}" for root, overlay in wanted if not overlay]
        plain = replace(self.repository, git=git).resolve(bare) if bare else {}
        return [
            self._laid_over(root, overlay, found) if overlay else _there(root, plain[f"{root}^{{tree}}"])
            for root, overlay in wanted
        ]

    def _laid_over(self, root: str, overlay: Overlay, found: Mapping[str, bytes | None]) -> str:
        size = self.repository.hash_size
        changes: dict[bytes, dict[bytes, Entry | None]] = {}
        directories = parent_directories(map(encode, overlay))
        for path, entry in overlay.items():
            above, _, name = encode(path).rpartition(b"/")
            changes.setdefault(above, {})[name] = entry
        oid = ""
        for directory in directories:
            before = found[f"{root}:{decode(directory)}"] or b""
            content = edited_tree(before, changes.get(directory, {}), size)
            oid = self.store.write("tree", content) if content or not directory else ""
            above, _, name = directory.rpartition(b"/")
            if oid and directory:
                changes.setdefault(above, {})[name] = Entry(TREE_MODE, oid)
            elif directory:
                # A file may have taken its name.
                changes.setdefault(above, {}).setdefault(name, None)
        return oid

    def commit(self, tree: str, parents: tuple[str, ...], date: str) -> str:
        """A throw-away commit; `date` in git's raw form (seconds and zone), which orders merge bases."""
        lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
        who = f"syncfork <syncfork@localhost> {date}"
        text = "\n".join([*lines, f"author {who}", f"committer {who}", "", "lifted", ""])
        return self.store.write("commit", text.encode())

    def entries(self, tree: str, pathspecs: Sequence[str]) -> Tree:
        """`Repository.entries` for a tree that may lie in the workspace only."""
        return replace(self.repository, git=self.git).entries(tree, pathspecs)

    def files(self, tree: str, paths: Collection[str]) -> dict[str, tuple[Entry, bytes | None]]:
        """The entries at `paths` in a tree, with their contents; a path that is not there is left out."""
        if not paths:
            return {}
        above = {path: encode(path).rpartition(b"/") for path in paths}
        names = {directory: directory_name(tree, decode(directory)) for directory, _, _ in above.values()}
        found = self.repository.blobs(names.values(), self.git)
        listed = {
            directory: parse_tree(content, self.repository.hash_size)
            for directory, name in names.items()
            if (content := found[name]) is not None
        }
        # Is there no such directory, or can it not be read? git says.
        unlisted = [path for path, (directory, _, _) in above.items() if directory not in listed]
        there = self.entries(tree, [literal(path) for path in unlisted])
        entries = {path: there[path] for path in unlisted if path in there}
        entries |= {
            path: entry
            for path, (directory, _, name) in above.items()
            if directory in listed and (entry := listed[directory].get(name)) and entry.mode != TREE_MODE
        }
        blobs = self.repository.blobs((entry.oid for entry in entries.values()), self.git)
        return {path: (entry, blobs[entry.oid]) for path, entry in entries.items()}

    def keep(self, oid: str) -> None:
        """Move what `oid` reaches into the repository, children first, so that it is whole at any moment."""
        objects = self.repository.common_dir / "objects"
        names = self.store.reachable(oid)
        if len(names) > _MOST_LOOSE:
            self.repository.git.run("index-pack", "--stdin", stdin=self.store.packed(names))
            return
        for name in names:
            target = objects / name[:2] / name[2:]
            if target.exists():
                continue
            if not target.parent.exists():
                target.parent.mkdir(exist_ok=True)
                # Where a group shares the repository, others write into this folder too.
                shutil.copymode(objects, target.parent)
            descriptor, temporary = tempfile.mkstemp(prefix="tmp_obj_", dir=target.parent)
            with os.fdopen(descriptor, "wb") as file:
                file.write(self.store.loose(name))
            Path(temporary).chmod(0o444)
            Path(temporary).replace(target)


def _there(root: str, tree: str | None) -> str:
    if tree is None:
        raise GitError(f"the tree of {root} cannot be read")
    return tree


@contextlib.contextmanager
def workspace(repository: Repository) -> Iterator[Workspace]:
    """A workspace that is gone after the block."""
    # git makes a file of each object of a trial merge, and many small files are slow to make on a disk.
    with scratch(many_files=True) as folder:
        objects = folder / "objects"
        objects.mkdir()
        alternate = str(repository.common_dir / "objects")
        if os.pathsep in alternate or '"' in alternate:
            alternate = '"' + alternate.replace("\\", "\\\\").replace('"', '\\"') + '"'
        git = repository.git.with_environment(
            GIT_OBJECT_DIRECTORY=str(objects), GIT_ALTERNATE_OBJECT_DIRECTORIES=alternate
        )
        # No object here outlives this process: git need not wait for the disk.
        git = replace(git, settings=("core.fsync=none",))
        attributes = folder / "attributes"
        attributes.write_text(ATTRIBUTES)
        try:
            yield Workspace(repository, ObjectStore(objects, repository.algorithm), git, attributes)
        finally:
            git.end_begun()

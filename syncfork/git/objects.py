"""Git's object encoding: trees to and from bytes, object ids, loose object files.

Follows the format in git's documentation (gitformat-loose, gitcore "Git Objects"): an object is
`<type> <size>\\0<content>`, its id the hash of that, a loose object the same deflated. Writing lifted trees
ourselves saves one process per directory; nothing here touches a repository's own files.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

TREE_MODE = "40000"
SUBMODULE_MODE = "160000"
SYMLINK_MODE = "120000"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a path points to: mode (git's octal text) and object id (hexadecimal)."""

    mode: str
    oid: str

    @property
    def is_file(self) -> bool:
        """True for a regular file, whose blob is text a rule may see."""
        return self.mode.startswith("100")


Tree = dict[str, Entry]


def parse_tree(content: bytes, hash_size: int) -> dict[bytes, Entry]:
    """Read a tree object's content: names (bytes, as stored) to entries. `hash_size` in bytes, 20 or 32."""
    entries: dict[bytes, Entry] = {}
    position = 0
    while position < len(content):
        space = content.index(b" ", position)
        zero = content.index(b"\0", space)
        end = zero + 1 + hash_size
        mode = content[position:space].decode("ascii")
        entries[content[space + 1 : zero]] = Entry(mode, content[zero + 1 : end].hex())
        position = end
    return entries


def format_tree(entries: Mapping[bytes, Entry]) -> bytes:
    """Write a tree object's content, in git's order (a directory sorts as if its name ended in a slash)."""

    def key(item: tuple[bytes, Entry]) -> bytes:
        name, entry = item
        return name + b"/" if entry.mode == TREE_MODE else name

    return b"".join(
        entry.mode.encode("ascii") + b" " + name + b"\0" + bytes.fromhex(entry.oid)
        for name, entry in sorted(entries.items(), key=key)
    )


@dataclass
class ObjectStore:
    """Loose objects under `directory`, written by us; `algorithm` is the repository's object format."""

    directory: Path
    algorithm: str = "sha1"
    _known: set[str] = field(default_factory=set)

    def write(self, kind: str, content: bytes) -> str:
        """Store an object of `kind` (blob, tree, commit) and return its id."""
        raw = b"%s %d\0%s" % (kind.encode("ascii"), len(content), content)
        oid = hashlib.new(self.algorithm, raw, usedforsecurity=False).hexdigest()
        if oid not in self._known:
            path = self.path(oid)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(zlib.compress(raw, 1))
            self._known.add(oid)
        return oid

    def path(self, oid: str) -> Path:
        """Where the loose object `oid` lies, present or not."""
        return self.directory / oid[:2] / oid[2:]

    def read(self, oid: str) -> tuple[str, bytes] | None:
        """Kind and content of the loose object `oid`, None where it is not in this store."""
        try:
            raw = zlib.decompress(self.path(oid).read_bytes())
        except FileNotFoundError:
            return None
        header, _, content = raw.partition(b"\0")
        return header.split(b" ")[0].decode("ascii"), content

    def reachable(self, oid: str) -> list[str]:
        """The objects of this store that `oid` reaches, children before parents.

        Objects that are not in the store belong to the repository already, and so does all they reach.
        """
        order: list[str] = []
        seen: set[str] = set()

        def visit(current: str) -> None:
            if current in seen:
                return
            seen.add(current)
            found = self.read(current)
            if found is None:
                return
            kind, content = found
            if kind == "tree":
                for entry in parse_tree(content, len(current) // 2).values():
                    if entry.mode != SUBMODULE_MODE:
                        visit(entry.oid)
            order.append(current)

        visit(oid)
        return order


def parent_directories(paths: Iterable[bytes]) -> list[bytes]:
    """Every directory above `paths`, the root as b"", deepest first."""
    found: set[bytes] = {b""}
    for path in paths:
        while b"/" in path:
            path = path.rpartition(b"/")[0]
            found.add(path)
    return sorted(found, key=lambda directory: directory.count(b"/") + bool(directory), reverse=True)

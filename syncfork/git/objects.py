"""Git's object encoding: trees to and from bytes, object ids, loose objects and packs.

An object is `<type> <size>\\0<content>`, its id the hash of that, a loose object the same deflated. Writing
lifted trees ourselves saves one process per directory; nothing here touches a repository's own files.
"""

from __future__ import annotations

import hashlib
import os
import re
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from itertools import accumulate
from pathlib import Path

from msgspec import Struct, field

TREE_MODE = "40000"
SUBMODULE_MODE = "160000"
LINK_MODE = "120000"

_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class Entry(Struct, frozen=True):
    """What a path points to: mode (git's octal text) and object id (hexadecimal)."""

    mode: str
    oid: str

    @property
    def is_file(self) -> bool:
        """True for a regular file, whose blob is text a rule may see."""
        return self.mode.startswith("100")


Tree = dict[str, Entry]


def is_id(name: str) -> bool:
    """Whether a name is a whole object id, and means the same object for ever."""
    return bool(_ID.fullmatch(name))


def directory_name(revision: str, folder: str) -> str:
    """The name of a folder in a revision or tree; empty for the root. With the slash git reads nothing but a directory."""
    return f"{revision}:{folder}{'/' if folder else ''}"


def parse_tree(content: bytes, hash_size: int) -> dict[bytes, Entry]:
    """Read a tree object's content: names (bytes, as stored) to entries. `hash_size` in bytes, 20 or 32."""
    return {name: Entry(_mode(mode), oid.hex()) for mode, name, oid in _rows(content, hash_size)}


def _mode(stored: bytes) -> str:
    # Old trees tell more of a file's permissions than git, which sees in them whether it is executable.
    if not stored.startswith(b"100"):
        return stored.decode("ascii")
    return "100755" if int(stored, 8) & 0o100 else "100644"


def format_tree(entries: Mapping[bytes, Entry]) -> bytes:
    """Write a tree object's content, in git's order."""
    return edited_tree(b"", entries, 0)


def edited_tree(content: bytes, changes: Mapping[bytes, Entry | None], hash_size: int) -> bytes:
    """A tree object's content with some names set to other entries, or (None) taken out.

    What stays is not made into entries: most of a large tree does.
    """
    put = {
        name: (entry.mode.encode("ascii"), name, bytes.fromhex(entry.oid))
        for name, entry in changes.items()
        if entry
    }
    rows: list[_Row] = []
    in_order = True
    for row in _rows(content, hash_size):
        if row[1] not in changes:
            rows.append(row)
        elif changed := put.pop(row[1], None):
            rows.append(changed)
            in_order = in_order and _in_order(changed) == _in_order(row)
    if put or not in_order:
        rows = sorted([*rows, *put.values()], key=_in_order)
    return b"".join([b"%s %s\0%s" % row for row in rows])


# Mode, name and id of an entry, as stored.
_Row = tuple[bytes, bytes, bytes]


def _rows(content: bytes, hash_size: int) -> list[_Row]:
    return re.compile(rb"([0-7]+) ([^\0]+)\0(.{%d})" % hash_size, re.DOTALL).findall(content)


def _in_order(row: _Row) -> bytes:
    # A directory sorts as if its name ended in a slash.
    return row[1] + b"/" if row[0] == b"40000" else row[1]


_PACK_KINDS = {"commit": 1, "tree": 2, "blob": 3}


class ObjectStore(Struct):
    """Objects that we make, and those that git left loose under `directory`.

    Ours are held in memory and handed to git as packs: one file is made where loose objects would be
    hundreds. `algorithm` is the repository's object format.
    """

    directory: Path
    algorithm: str = "sha1"
    _made: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    _unpacked: dict[str, None] = field(default_factory=dict)

    def write(self, kind: str, content: bytes) -> str:
        """Add an object of `kind` (blob, tree, commit) and return its id."""
        oid = object_id(kind, content, self.algorithm)
        if oid not in self._made:
            self._made[oid] = (kind, content)
            self._unpacked[oid] = None
        return oid

    def pending(self, oid: str) -> bool:
        """Whether git has not been given this object yet."""
        return oid in self._unpacked

    def pack(self) -> None:
        """Hand git what was added since the last call: as a pack, and its index."""
        if not self._unpacked:
            return
        content, index = self._pack(self._unpacked)
        folder = self.directory / "pack"
        folder.mkdir(exist_ok=True)
        # By its index git finds a pack.
        for ending, data in ((".pack", content), (".idx", index)):
            # A forked process may write the same at the same time, and a git that has it mapped must not see it shrink.
            temporary = folder / f"tmp_{os.urandom(8).hex()}"
            temporary.write_bytes(data)
            temporary.replace(folder / f"pack-{content[-len(self._hash(b'')) :].hex()}{ending}")
        self._unpacked.clear()

    def packed(self, oids: Collection[str]) -> bytes:
        """Objects of this store as a pack. Raises KeyError where one is not in it."""
        return self._pack(oids)[0]

    def _pack(self, oids: Collection[str]) -> tuple[bytes, bytes]:
        """A pack of objects, and its index.

        Format: git's documentation, gitformat-pack, version 2, whole objects only. The index's table for places
        beyond 2 GiB is left out: so much is not held in memory.
        """
        packed = [
            _pack_header(kind, len(content)) + zlib.compress(content, 1)
            for kind, content in map(self._own, oids)
        ]
        head = b"PACK" + _four(2) + _four(len(packed))
        starts = accumulate(map(len, packed), initial=len(head))
        body = head + b"".join(packed)
        content = body + self._hash(body)
        rows = sorted(zip(map(bytes.fromhex, oids), map(zlib.crc32, packed), starts, strict=False))
        first = Counter(name[0] for name, _, _ in rows)
        index = b"\xfftOc" + _four(2) + b"".join(map(_four, accumulate(first[byte] for byte in range(256))))
        index += b"".join(name for name, _, _ in rows)
        index += b"".join(_four(check) for _, check, _ in rows) + b"".join(_four(at) for _, _, at in rows)
        index += content[len(body) :]
        return content, index + self._hash(index)

    def read(self, oid: str) -> tuple[str, bytes] | None:
        """Kind and content of an object, None where it is not in this store."""
        if oid in self._made:
            return self._made[oid]
        try:
            raw = zlib.decompress((self.directory / oid[:2] / oid[2:]).read_bytes())
        except FileNotFoundError:
            return None
        header, _, content = raw.partition(b"\0")
        return header.split(b" ")[0].decode("ascii"), content

    def loose(self, oid: str) -> bytes:
        """The object as the content of a loose object file. Raises KeyError where it is not in this store."""
        return zlib.compress(_raw(*self._own(oid)))

    def _own(self, oid: str) -> tuple[str, bytes]:
        found = self.read(oid)
        if found is None:
            raise KeyError(oid)
        return found

    def _hash(self, data: bytes) -> bytes:
        return hashlib.new(self.algorithm, data, usedforsecurity=False).digest()

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


def object_id(kind: str, content: bytes, algorithm: str = "sha1") -> str:
    """The id that git gives an object of `kind` (blob, tree, commit)."""
    return hashlib.new(algorithm, _raw(kind, content), usedforsecurity=False).hexdigest()


def _raw(kind: str, content: bytes) -> bytes:
    return b"%s %d\0%s" % (kind.encode("ascii"), len(content), content)


def _four(number: int) -> bytes:
    return number.to_bytes(4, "big")


def _pack_header(kind: str, size: int) -> bytes:
    """Type and size of a packed object: three bits of type, then the size in groups of four and seven bits."""
    byte, size = (_PACK_KINDS[kind] << 4) | (size & 15), size >> 4
    header = bytearray()
    while size:
        header.append(byte | 128)
        byte, size = size & 127, size >> 7
    header.append(byte)
    return bytes(header)


def parent_directories(paths: Iterable[bytes]) -> list[bytes]:
    """Every directory above `paths`, the root as b"", deepest first."""
    found: set[bytes] = {b""}
    for path in paths:
        while b"/" in path:
            path = path.rpartition(b"/")[0]
            found.add(path)
    return sorted(found, key=lambda directory: directory.count(b"/") + bool(directory), reverse=True)

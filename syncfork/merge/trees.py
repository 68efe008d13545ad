"""Whole trees, for those who need more of a merge than what differs."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from syncfork.git.door import Git, decode
from syncfork.git.pathspecs import literal
from syncfork.git.repository import Repository
from syncfork.globs import in_glob
from syncfork.own.base import OURS, THEIRS
from syncfork.text import Document, decode_document

# A file beyond this many bytes is data: no detector reads it.
_LARGEST = 2_000_000

# So many words are asked for at a time: a command line has an end.
_AT_ONCE = 500
# So many times in a row a file is followed to its next name; and so many files, since a command line has an end.
_MOST_MOVES, _MOST_PATHS = 3, 500
# At git's own half, files of one form (modules of a package, say) that go and come in one commit pass for one another.
_ALIKE = "70%"


def _place_of(path: str) -> tuple[str, str]:
    """A file's folder, with the slash behind it, and how its name ends; without a dot, it ends in any way."""
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}", name[name.rfind(".") :] if "." in name else ""


class WholeTrees(Struct, frozen=True):
    """The trees of a merge, by side, on request: `syncfork.detect.base.Trees` by git."""

    repository: Repository
    git: Git
    names: Mapping[str, str]

    def exists(self, side: str, paths: Collection[str]) -> set[str]:
        """See `syncfork.detect.base.Trees`."""
        tree = self.names[side]
        names = {f"{tree}:{path}": path for path in paths}
        found = replace(self.repository, git=self.git).resolve(names) if names else {}
        return {path for name, path in names.items() if found[name]}

    def inside(self, side: str, folders: Collection[str]) -> dict[str, bool]:
        """See `syncfork.detect.base.Trees`."""
        if not folders:
            return {}
        within = (f"{folder}/" for folder in sorted(folders))
        out = decode(self.git.run("ls-tree", "--full-tree", "-z", self.names[side], "--", *within))
        rows = (row.split("\t", 1) for row in out.split("\0") if row)
        return {path: entry.split()[1] == "tree" for entry, path in rows}

    def read(self, side: str, paths: Collection[str]) -> dict[str, Document]:
        """See `syncfork.detect.base.Trees`."""
        tree = self.names[side]
        blobs = self.repository.blobs([f"{tree}:{path}" for path in paths], self.git)
        read = {path: document_of(path, blobs[f"{tree}:{path}"]) for path in paths}
        return {path: document for path, document in read.items() if document}

    def beside(self, side: str, paths: Collection[str]) -> dict[str, Document]:
        """See `syncfork.detect.base.Trees`."""
        places = {_place_of(path) for path in paths}
        anything = {start for start, ends in places if not ends}
        near = replace(self.repository, git=self.git).entries(
            self.names[side], [f":(top,glob){in_glob(start)}*{in_glob(ends)}" for start, ends in places]
        )
        # Of very many pathspecs git told every file.
        found = {path: _place_of(path) for path in near}
        return self.read(
            side, [path for path, place in found.items() if place in places or place[0] in anything]
        )

    def matching(self, side: str, pathspecs: Sequence[str]) -> set[str]:
        """See `syncfork.detect.base.Trees`."""
        return set(replace(self.repository, git=self.git).entries(self.names[side], pathspecs))

    def holding(self, side: str, words: Collection[str], pathspecs: Sequence[str]) -> set[str]:
        """See `syncfork.detect.base.Trees`."""
        wanted = [word for word in words if word and "\n" not in word]
        if not wanted:
            return set()
        patterns = [part for word in wanted for part in ("-e", word)]
        out = self.git.run(
            "grep", "-I", "-h", "-o", "-F", *patterns, self.names[side], "--", *pathspecs, ok=(0, 1)
        )
        found = set(decode(out).split("\n")) & set(wanted)
        # Of words that begin at one place, and of one within another, git tells the longest alone.
        return {word for word in wanted if any(word in one for one in found)}

    def lines_with(self, side: str, words: Collection[str], pathspecs: Sequence[str]) -> list[str]:
        """See `syncfork.detect.base.Trees`."""
        found: list[str] = []
        asked = list(words)
        for start in range(0, len(asked), _AT_ONCE):
            patterns = [part for word in asked[start : start + _AT_ONCE] for part in ("-e", word)]
            grep = ("grep", "-I", "-h", "-w", "-F", *patterns, self.names[side], "--", *pathspecs)
            found += decode(self.git.run(*grep, ok=(0, 1))).split("\n")
        return found

    def moved(self, paths: Collection[str]) -> dict[str, str]:
        """See `syncfork.detect.base.Trees`."""
        found: dict[str, str] = {}
        now = {path: path for path in paths}
        for _ in range(_MOST_MOVES):
            renamed = self._renamed(set(now.values())) if now else {}
            now = {path: renamed[name] for path, name in now.items() if name in renamed}
            there = self.exists(OURS, now.values())
            found |= {path: name for path, name in now.items() if name in there}
            now = {path: name for path, name in now.items() if name not in there}
        return found

    def _renamed(self, paths: Collection[str]) -> dict[str, str]:
        """What commits of the fork's own renamed `paths` to, the newest of each. A missing object ends the log early."""
        done = self.git.call(
            "log", "--full-diff", f"-M{_ALIKE}", "--diff-filter=R", "--raw", "-z", "--no-abbrev", "--format=",
            f"{self.names[THEIRS]}..{self.names[OURS]}", "--", *map(literal, sorted(paths)[:_MOST_PATHS]),
        )  # fmt: skip
        renames = re.findall(r"[ ]R\d+\0([^\0]*)\0([^\0]*)", decode(done.out))
        return {old: new for old, new in reversed(renames) if old in paths}


def document_of(path: str, content: bytes | None) -> Document | None:
    """The text of a file; None where there is none, or it is data."""
    if content is None or len(content) > _LARGEST:
        return None
    read = decode_document(path, content)
    return read[0] if read else None

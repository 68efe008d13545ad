"""Run the rules' invariants on a merged tree, and on ours, to tell new breakage from old debts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache
from types import MappingProxyType

from msgspec import Struct, field

from syncfork.git.objects import Entry
from syncfork.globs import Globs
from syncfork.hold.base import Origin, Tree, Trees, Violation
from syncfork.rules.model import Rule
from syncfork.text import Document, decode_document


class LoadedTree(Struct, frozen=True):
    """The files of a tree that invariants look at, read beforehand.

    `former` maps renamed files to the names they had: a file is still governed under its new name.
    """

    files: Mapping[str, Document]
    former: Mapping[str, str] = field(default_factory=dict)
    listed: Mapping[str, Entry] = field(default_factory=dict)

    def entries(self, files: Globs) -> dict[str, Entry]:
        """See `syncfork.hold.base.Tree`."""
        return {path: entry for path, entry in self.listed.items() if self._governed(files, path)}

    def unreadable(self, files: Globs) -> list[str]:
        """See `syncfork.hold.base.Tree`."""
        # Most are texts: those few others are what is worth a match.
        return [
            path for path in sorted(self.listed.keys() - self.files.keys()) if self._governed(files, path)
        ]

    def differing(self, other: Tree, files: Globs) -> list[str]:
        """See `syncfork.hold.base.Tree`."""
        # What differs is little beside what is there, and a match is dear.
        mine, others = self.listed, other.listed
        changed = (path for path in mine.keys() | others.keys() if mine.get(path) != others.get(path))
        return sorted(path for path in changed if self._governed(files, path))

    def documents(self, files: Globs) -> list[Document]:
        """See `syncfork.hold.base.Tree`."""
        return [document for path, document in sorted(self.files.items()) if self._governed(files, path)]

    def _governed(self, files: Globs, path: str) -> bool:
        return files.match(path) or (path in self.former and files.match(self.former[path]))


def one_file(document: Document) -> LoadedTree:
    """A tree that holds one file."""
    return LoadedTree({document.path: document})


class Asked(Struct, frozen=True):
    """The globs that invariants ask for: those whose texts they `read`, and those of which they ask what is there alone."""

    read: tuple[Globs, ...]
    listed: tuple[Globs, ...]

    @property
    def all(self) -> tuple[Globs, ...]:
        """Both."""
        return (*self.read, *self.listed)


def looked_at(rules: Iterable[Rule]) -> Asked:
    """Every glob that an invariant of `rules` may ask for."""
    asked: dict[bool, dict[Globs, None]] = {True: {}, False: {}}
    for rule in rules:
        for hold in rule.holds:
            asked[hold.by_entry].update(dict.fromkeys((rule.files, *hold.reads)))
    return Asked(tuple(asked[False]), tuple(files for files in asked[True] if files not in asked[False]))


def load_trees(
    read: Callable[[Iterable[str]], Mapping[str, bytes | None]],
    trees: Mapping[str, Mapping[str, Entry]],
    asked: Asked,
    former: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, LoadedTree]:
    """Read what is `asked` for in each of `trees`, now or under the `former` name of a file; each blob once, by `read`."""

    def named(path: str, globs: Iterable[Globs]) -> bool:
        names = {path, former.get(path, path)}
        return any(files.match(name) for name in names for files in globs)

    # Most paths are those of several trees.
    @cache
    def to_read(path: str) -> bool:
        return named(path, asked.read)

    @cache
    def governed(path: str) -> bool:
        return to_read(path) or named(path, asked.listed)

    wanted = {
        name: {path: entry for path, entry in entries.items() if governed(path)}
        for name, entries in trees.items()
    }
    texts = {
        name: {path: entry for path, entry in entries.items() if entry.is_file and to_read(path)}
        for name, entries in wanted.items()
    }
    blobs = read(entry.oid for entries in texts.values() for entry in entries.values())
    loaded: dict[str, LoadedTree] = {}
    for name, entries in wanted.items():
        documents = {}
        for path, entry in texts[name].items():
            content = blobs[entry.oid]
            decoded = decode_document(path, content) if content is not None else None
            if decoded is not None:
                documents[path] = decoded[0]
        loaded[name] = LoadedTree(documents, former, entries)
    return loaded


def origin_of(
    ours: Mapping[str, Entry],
    theirs: Mapping[str, Entry] | None,
    former: Mapping[str, str] = MappingProxyType({}),
    conflicts: Collection[str] = (),
    left: Mapping[str, Entry] | None = None,
) -> Origin:
    """What a tree was made from, by the entries of the fork, of upstream and of what the merge of them `left`; of none a
    text is read."""
    upstream, merge = (
        None if entries is None else LoadedTree({}, former, entries) for entries in (theirs, left)
    )
    return Origin(LoadedTree({}, former, ours), upstream, conflicts, merge)


class Judged(Struct, frozen=True):
    """A violation, with the rule it breaks; `new` is false where the fork had it already. `text` is its line."""

    rule: Rule
    violation: Violation
    new: bool
    text: str = ""


def judge(
    rules: Iterable[Rule], trees: Trees, before: Trees | None, former: Mapping[str, str]
) -> list[Judged]:
    """Every violation in `trees`; those that `before` has as well are not new."""
    found: list[Judged] = []
    for rule in rules:
        for hold in rule.holds:
            old = hold.check(rule.files, before) if before else []
            for violation in hold.check(rule.files, trees):
                known = any(_known(violation, other, former) for other in old)
                found.append(Judged(rule, violation, not known))
    return found


def _known(violation: Violation, old: Violation, former: Mapping[str, str]) -> bool:
    """Whether `violation` is the `old` one, or a part of it: lines move, and files are renamed."""
    if former.get(violation.path, violation.path) != former.get(old.path, old.path):
        return False
    # How many there are is in the message: of fewer it says something else.
    return (
        Counter(violation.about) <= Counter(old.about)
        if violation.about
        else violation.message == old.message
    )

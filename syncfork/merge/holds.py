"""Run the rules' invariants on a merged tree, and on ours, to tell new breakage from old debts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from types import MappingProxyType

from msgspec import Struct, field

from syncfork.git.objects import Entry
from syncfork.hold.base import Trees, Violation
from syncfork.rules.files import Globs
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

    def documents(self, files: Globs) -> list[Document]:
        """See `syncfork.hold.base.Tree`."""
        return [document for path, document in sorted(self.files.items()) if self._governed(files, path)]

    def _governed(self, files: Globs, path: str) -> bool:
        return files.match(path) or (path in self.former and files.match(self.former[path]))


def looked_at(rules: Iterable[Rule]) -> list[Globs]:
    """Every glob that an invariant of `rules` may ask for."""
    asked = (
        files
        for rule in rules
        if rule.holds
        for files in (rule.files, *(r for h in rule.holds for r in h.reads))
    )
    return list(dict.fromkeys(asked))


def load_trees(
    read: Callable[[Iterable[str]], Mapping[str, bytes | None]],
    trees: Mapping[str, Mapping[str, Entry]],
    globs: Sequence[Globs],
    former: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, LoadedTree]:
    """Read what `globs` match in each of `trees`, now or under the `former` name of a file; each blob once, by `read`."""

    # Most paths are those of several trees.
    @cache
    def governed(path: str) -> bool:
        names = {path, former.get(path, path)}
        return any(files.match(name) for name in names for files in globs)

    wanted = {
        name: {path: entry for path, entry in entries.items() if governed(path)}
        for name, entries in trees.items()
    }
    files = (entry for entries in wanted.values() for entry in entries.values() if entry.is_file)
    blobs = read(entry.oid for entry in files)
    loaded: dict[str, LoadedTree] = {}
    for name, entries in wanted.items():
        documents = {}
        for path, entry in entries.items():
            content = blobs[entry.oid] if entry.is_file else None
            decoded = decode_document(path, content) if content is not None else None
            if decoded is not None:
                documents[path] = decoded[0]
        loaded[name] = LoadedTree(documents, former, entries)
    return loaded


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

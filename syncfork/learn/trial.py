"""What rules make of past conflicts: the three texts with the rules on each, merged by git, many files in one merge.

Each conflict becomes a file of three throw-away commits, so a few processes answer for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from syncfork.git.door import decode, encode
from syncfork.git.objects import Entry
from syncfork.git.repository import Repository
from syncfork.merge.lift import Governed, lift
from syncfork.merge.mergetree import merge_tree
from syncfork.merge.workspace import Workspace, workspace
from syncfork.own.base import BASE, OURS, THEIRS
from syncfork.resolve.base import Disputed
from syncfork.rewrite.base import Fork
from syncfork.rules.model import Rule
from syncfork.text import Document, decode_document

# So many characters of text are merged at a time.
_AT_ONCE = 40_000_000
_FILE = "100644"


class Case(Struct, frozen=True):
    """A conflict, and the rewriting rules to try on it."""

    file: Disputed
    rules: tuple[Rule, ...]


def try_rules(repository: Repository, cases: Sequence[Case]) -> list[str | None]:
    """Lift and merge each case: the merged texts, in order; None where a conflict is left, a rule was withheld or no rule
    changed anything. A case without all three texts is left to a person."""
    found: list[str | None] = []
    for batch in _batches(cases):
        with workspace(repository) as space:
            found += _merged(space, [_lifted(case) for case in batch])
    return found


def _batches(cases: Sequence[Case]) -> Iterator[Sequence[Case]]:
    start, size = 0, 0
    for number, case in enumerate(cases):
        size += sum(len(text) for text in (case.file.base, case.file.ours, case.file.theirs) if text)
        if size > _AT_ONCE:
            yield cases[start : number + 1]
            start, size = number + 1, 0
    if start < len(cases):
        yield cases[start:]


def _lifted(case: Case) -> dict[str, bytes] | None:
    """The case's texts by side as the rules make them; None where they cannot be applied, or change nothing."""
    file = case.file
    documents, encodings = {}, {}
    for side, text in ((BASE, file.base), (OURS, file.ours), (THEIRS, file.theirs)):
        read = decode_document(file.path, encode(text)) if text is not None else None
        if read is None:
            return None
        documents[side], encodings[side] = read
    forks = {rule.id: Fork(documents[OURS], (documents[OURS],)) for rule in case.rules}
    lifted = lift(Governed(documents, case.rules, forks, encodings=encodings))
    if any(effect.problem for effect in lifted.effects) or not _changed(documents, lifted.texts):
        return None
    return {side: encodings[side].encode(text) for side, text in lifted.texts.items()}


def _changed(documents: dict[str, Document], texts: object) -> bool:
    assert isinstance(texts, dict)
    return any(texts[side] != document.text for side, document in documents.items())


def _merged(space: Workspace, lifted: Sequence[dict[str, bytes] | None]) -> list[str | None]:
    names = {number: f"{number:06}" for number, texts in enumerate(lifted) if texts is not None}
    if not names:
        return [None] * len(lifted)
    trees = []
    root = space.store.write("tree", b"")
    for side in (BASE, OURS, THEIRS):
        overlay = {
            name: Entry(_FILE, space.store.write("blob", (lifted[number] or {})[side]))
            for number, name in names.items()
        }
        trees.append(space.tree(root, overlay))
    base = space.commit(trees[0], (), "0 +0000")
    ours, theirs = (space.commit(tree, (base,), "1 +0000") for tree in trees[1:])
    merged = merge_tree(space.git, ours, theirs, space.attributes)
    wanted = {
        number: f"{merged.tree}:{name}" for number, name in names.items() if name not in merged.conflicts
    }
    blobs = space.repository.blobs(wanted.values(), space.git)
    return [
        decode(content) if (content := blobs.get(wanted.get(number, ""))) is not None else None
        for number in range(len(lifted))
    ]

"""The key audit: YAML, TOML and JSON merged key by key, compared with what the merge by lines made of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from syncfork.detect.base import Found, View
from syncfork.detect.keydoubles import doubled_items, repeated_keys
from syncfork.detect.keyfiles import Four, four_of, place_of, root_of
from syncfork.detect.keylosses_told import altered_values, dropped, returned
from syncfork.detect.keymoves import moved
from syncfork.detect.keymoves_told import misplaced
from syncfork.detect.keyresources import doubled_resources
from syncfork.detect.keytree import MERGED, OURS, THEIRS, align
from syncfork.parsing.values import Value
from syncfork.text import Document


def find(view: View) -> Iterator[Found]:
    """What a merge by key would have left elsewhere, once, or in the file at all."""
    yield from doubled_resources(view)
    for file in view.files:
        governed = view.governed(file.path)
        four = four_of(file, governed)
        if four is None:
            continue
        roots = [root_of(document, four.form) for document in four.documents]
        if isinstance(roots[MERGED], str):
            yield from _unreadable(four, roots)
        # A list that is whole holds no more than values, which the type cannot tell.
        values = [root for root in roots if isinstance(root, Value)]
        kinds = {root.kind for root in values}
        if len(values) == len(roots) and (kinds == {"map"} or kinds == {"seq"}):
            yield from _audit(four, values, governed, _beside(view, four))


def _unreadable(four: Four, roots: list[Value | str | None]) -> Iterator[Found]:
    if not isinstance(roots[OURS], Value) or not isinstance(roots[THEIRS], Value):
        return
    where = re.search(r"\bline (\d+)", str(roots[MERGED]))
    line = int(where[1]) if where else 1
    new = four.come
    near = four.merged.text.split("\n")[max(0, line - 4) : line + 1]
    added = [text for text in new if text in near] or new
    yield Found(
        "breakage",
        four.merged.path,
        line,
        f"does not parse any more ({roots[MERGED]}), though the fork's file and upstream's both do",
        fix="mend the structure here so that both sides' keys are in it",
        upstream=place_of(four.upstream, added),
        added=tuple(added),
        key="unreadable",
    )


def _audit(four: Four, roots: list[Value], governed: bool, beside: Sequence[Document]) -> Iterator[Found]:
    if four.form != "toml":
        yield from repeated_keys(four, roots)
    aligned = align([document.text for document in four.documents], roots, four.form == "toml")
    groups = moved(aligned)
    for group in groups:
        yield misplaced(four, aligned, group, governed)
    told = {path for group in groups for pair in group.pairs for path in pair}
    yield from altered_values(four, aligned, told, governed)
    if not governed:
        # The copies of a doubled item are counted by content, which tells nothing more.
        twice = {path[:-1] for path, _, _ in aligned.doubles}
        told |= {path for path, leaf in aligned.leaves.items() if leaf.counted and path[:-1] in twice}
        yield from returned(four, aligned, told)
        # A result that is one side's as it is was chosen by a person: no news to them.
        if four.merged.text not in (four.documents[OURS].text, four.documents[THEIRS].text):
            yield from dropped(four, aligned, told, beside)
    yield from doubled_items(four, aligned)


def _beside(view: View, four: Four) -> list[Document]:
    """The files of the same folder and form that upstream added."""
    place = PurePosixPath(four.merged.path)
    return [
        file.merged
        for file in view.files
        if file.merged
        and file.theirs
        and not file.base
        and not file.ours
        and (PurePosixPath(file.path).parent, PurePosixPath(file.path).suffix) == (place.parent, place.suffix)
    ]

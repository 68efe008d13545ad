"""What path-level rules kept out of a file: of a copy that follows a source, all that git could not port, as one finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from posixpath import dirname

from msgspec import Struct
from msgspec.structs import replace

from syncfork.git.door import decode
from syncfork.git.objects import Entry
from syncfork.git.patches import Edit
from syncfork.merge.booking import differences
from syncfork.merge.culprits import History
from syncfork.merge.engine import LiftedMerge
from syncfork.merge.findings import make_finding, source_of
from syncfork.merge.settle import Unported
from syncfork.merge.workspace import Workspace
from syncfork.own.base import BASE, THEIRS
from syncfork.own.derived_folder import DerivedFolder
from syncfork.report import Excerpt, Finding, Place, Site
from syncfork.rules.model import Rule
from syncfork.text import telling_lines
from syncfork.words import also, count, listed, shell_words

# A copy shares this part of the shorter text's lines with its source.
_ALIKE = 0.4
# Of a file so many places are shown, and of each so many lines.
_MOST, _LINES = 6, 12


class _Spot(Struct, frozen=True):
    """A place of a copy with what stood there in the merge base: line numbers from 1, and lines, of the copy, of what
    upstream had and of what it has now."""

    line: int
    ours: Sequence[str]
    before_line: int
    before: Sequence[str]
    now_line: int
    now: Sequence[str]


def unported(space: Workspace, merge: LiftedMerge, upstream: History) -> Iterator[Finding]:
    """The changes of upstream's that path-level rules kept out: one finding a place where both sides' lines stay, else
    one a file."""
    groups: dict[str, list[Unported]] = {}
    for item in merge.unported:
        if item.settled == "union":
            yield _both_stay(item, upstream)
        else:
            groups.setdefault(item.path, []).append(item)
    sides = (
        merge.trees.get(BASE, merge.commits[BASE]),
        merge.trees.get(THEIRS, merge.commits[THEIRS]),
        merge.merged.tree,
    )
    found = [space.files(tree, groups) for tree in sides]
    texts = [{p: _lines(decode(content or b"")) for p, (_, content) in files.items()} for files in found]
    own = {path for path, items in groups.items() if _hardly_a_copy(path, items[0], texts)}
    for rule in dict.fromkeys(groups[path][0].rule for path in sorted(own)):
        yield _own_texts(rule, [path for path in own if groups[path][0].rule is rule], groups)
    kept = [path for path, items in groups.items() if path not in own and items[0].settled != "deleted"]
    led = dict(zip(kept, _led(space, kept, found), strict=True))
    for path, items in groups.items():
        if path in own:
            continue
        if items[0].settled == "deleted":
            yield _deleted(items[0], merge, upstream)
            continue
        base, theirs, merged = (there.get(path, []) for there in texts)
        spots = _spots(items, (merged, base, theirs), led[path])
        gone = [not item.hunk.ours.strip() for item in items]
        for lacking in (False, True):
            # Of lines that the copy does not have, nobody is asked; nor is of a file that came as a whole.
            here = [
                (item, spot)
                for item, spot, is_gone in zip(items, spots, gone, strict=True)
                if is_gone == lacking
            ]
            if here:
                yield _kept(here, upstream, note=lacking, added=path not in texts[0])


def _hardly_a_copy(path: str, item: Unported, texts: Sequence[Mapping[str, Sequence[str]]]) -> bool:
    """Whether a file of a copied folder has so little of its source that it follows it by name alone."""
    base, _, merged = (Counter(telling_lines("\n".join(there.get(path, ())))) for there in texts)
    alike = (base & merged).total() >= _ALIKE * max(1, min(base.total(), merged.total()))
    return (
        isinstance(item.rule.own, DerivedFolder) and item.settled == "ours" and path in texts[0] and not alike
    )


def _own_texts(rule: Rule, paths: Sequence[str], groups: Mapping[str, Sequence[Unported]]) -> Finding:
    """The files of a copied folder that are hardly copies, as one decision: what is to be said of each is the same."""
    first = min(paths)
    folders = sorted({dirname(path) for path in paths})
    excepted = listed(
        [f'"!{path}"' for path in sorted(paths)] if len(paths) < _MOST else [f'"!{f}/**"' for f in folders]
    )
    others = f" and {count(len(paths) - 1, 'more file')}" if len(paths) > 1 else ""
    has = "has" if len(paths) == 1 else "have"
    return make_finding(
        "decision", "derived", rule, first, 0,
        f"this file{others} {has} little in common with what the rule has them follow, and upstream changed that; "
        "where that was not ported ours stays" + also(sorted(paths)[1:]),
        upstream=Place(source_of(groups[first][0]), 0),
        fix=f"except what is no copy in `files` of {rule.source}: {excepted}",
        about=tuple(item.hunk.theirs for path in sorted(paths) for item in groups[path]),
        also=tuple(Site(path, 0) for path in sorted(paths)[1:]),
    )  # fmt: skip


def _both_stay(item: Unported, upstream: History) -> Finding:
    culprits = upstream.of_hunks(item.path, [item.hunk])
    message = "both sides' lines were kept"
    return make_finding("note", "union", item.rule, item.path, item.hunk.line, message, culprits=culprits)


def _deleted(item: Unported, merge: LiftedMerge, upstream: History) -> Finding:
    """A file of a copied folder whose source is gone, and that has something of the fork's."""
    source, own = source_of(item), item.rule.own
    new = merge.sides.renames.get(source, "")
    there = own.copy_of(new) if isinstance(own, DerivedFolder) else ""
    gone = f"renamed {source} to {new}, and the fork has {there} already" if there else f"deleted {source}"
    return make_finding(
        "decision", "derived-source-gone", item.rule, item.path, 0,
        f"upstream {gone}; this copy has text of the fork's own, and stays",
        culprits=upstream.of(source)[:1], upstream=Place(source, 1, "base"),
        fix=f"see whether anything still needs it: `git rm {shell_words([item.path])}`, or except it in {item.rule.source}",
    )  # fmt: skip


def _kept(here: Sequence[tuple[Unported, _Spot]], upstream: History, *, note: bool, added: bool) -> Finding:
    first, spots = here[0][0], [spot for _, spot in here]
    source, places = source_of(first), count(len(here), "place")
    lead = "does not have" if note else "adapted"
    message = f"upstream changed lines that this copy {lead}, in {places}; ours stays"
    if added:
        message = f"upstream added {source}, and the fork's own file here differs in {places}; ours stays"
    made = make_finding(
        "note" if note else "decision", "derived", first.rule, first.path, spots[0].line, message,
        upstream=Place(source, spots[0].now_line), culprits=upstream.of_hunks(source, [item.hunk for item, _ in here]),
        fix="" if note else "port by hand what applies of upstream's lines", code="" if note else _code(spots),
        about=tuple(item.hunk.theirs for item, _ in here),
    )  # fmt: skip
    return made if note else replace(made, excerpts=tuple(_excerpts(first.path, source, spots)))


def _lines(text: str) -> list[str]:
    """The lines as git counts them, without their ends."""
    return [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")] if text else []


# The edits that lead from the merged text to that of the merge base, and from there to upstream's.
_Led = tuple[Sequence[Edit], Sequence[Edit]]


def _led(
    space: Workspace, paths: Sequence[str], files: Sequence[Mapping[str, tuple[Entry, object]]]
) -> list[_Led]:
    """What leads from text to text, for each of `paths`; `files` are those of base, upstream and merge."""
    if not paths:
        return []
    nothing = space.store.write("blob", b"")
    base, theirs, merged = ([at[p][0].oid if p in at else nothing for p in paths] for at in files)
    ways = [list(zip(merged, base, strict=True)), list(zip(base, theirs, strict=True))]
    return list(zip(*differences(space, ways), strict=True))


def _spots(
    items: Sequence[Unported], texts: tuple[Sequence[str], Sequence[str], Sequence[str]], led: _Led
) -> list[_Spot]:
    """Where the hunks of one file are, in order, in the merge base and in upstream's text; `texts` are the merged one and
    these."""
    merged, base, _ = texts
    of_base, of_theirs = (list(_opcodes(*pair)) for pair in zip(led, (merged, base), strict=True))
    found = []
    for item in items:
        ours, now = _lines(item.hunk.ours), _lines(item.hunk.theirs)
        start, end = _across(of_base, item.hunk.line - 1, item.hunk.line - 1 + len(ours))
        there, _ = _across(of_theirs, start, end)
        found.append(_Spot(item.hunk.line, ours, start + 1, base[start:end], there + 1, now))
    return found


def _opcodes(edits: Iterable[Edit], text: Sequence[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """The edits of a text with what stays between them, as difflib tells of both."""
    at = there = 0
    for edit in edits:
        if at < edit.start:
            yield "equal", at, edit.start, there, edit.first
        yield "replace", edit.start, edit.end, edit.first, edit.last
        at, there = edit.end, edit.last
    if at < len(text):
        yield "equal", at, len(text), there, there + len(text) - at


def _across(opcodes: Iterable[tuple[str, int, int, int, int]], start: int, end: int) -> tuple[int, int]:
    """The lines of the other text (from 0) in the place of `start` to `end` of the one."""
    first, last = None, 0
    for tag, i, j, k, m in opcodes:
        if i <= end and start <= j and (i < end or start < j or tag != "equal"):
            low, high = (k + max(0, start - i), k + min(j, end) - i) if tag == "equal" else (k, m)
            first, last = low if first is None else first, max(last, high)
    return (first or 0), max(last, first or 0)


def _code(spots: Sequence[_Spot]) -> str:
    """What upstream did and what ours has in its place, place by place."""
    told: list[str] = []
    for spot in spots[:_MOST]:
        told += [f"@@ line {spot.now_line} of upstream's"]
        told += [f"-{line}" for line in _shown(spot.before)] + [f"+{line}" for line in _shown(spot.now)]
        told += [f"@@ ours stays, line {spot.line}", *(f" {line}" for line in _shown(spot.ours))]
    return "\n".join(
        [*told, *([f"... and {count(len(spots) - _MOST, 'more place')}"] if spots[_MOST:] else [])]
    )


def _shown(lines: Sequence[str]) -> list[str]:
    more = [f"... {count(len(lines) - _LINES, 'more line')}"] if len(lines) > _LINES else []
    return [*lines[:_LINES], *more]


def _excerpts(path: str, source: str, spots: Sequence[_Spot]) -> Iterator[Excerpt]:
    for spot in spots[:_MOST]:
        for title, where, line, lines in (
            ("ours, which stays", path, spot.line, spot.ours),
            ("upstream, before it changed this", source, spot.before_line, spot.before),
            ("upstream now", source, spot.now_line, spot.now),
        ):
            shown = tuple(one[:500] for one in _shown(lines))
            yield Excerpt(title, where, line, line if shown else 0, shown)

"""Copies: a file of the fork's own that began as a copy of upstream's, and what upstream changed in the source since.

Without any rule. A copy that a `derived` rule keeps is ported by the merge itself, and what cannot be ported is
reported there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from syncfork.detect.base import DOCUMENTS, File, Found, View
from syncfork.detect.copied_folders import Followed, followed
from syncfork.detect.copy_sources import copies, of_a_form, with_nearer
from syncfork.detect.lines import hunks
from syncfork.detect.porting import Hunk, changed_hunks, listing
from syncfork.globs import exactly
from syncfork.own.derived_folder import BELOW
from syncfork.report import Place, Site
from syncfork.rewrite.comments import style_of
from syncfork.rules.dump import in_flow, quoted
from syncfork.text import Document
from syncfork.words import count

# So few lines are between two changes that belong together, and so few that only go are what another left behind.
_CLOSE = 5
# So many copies of one source are told as one: they are made by a template, or kept by another tool.
_MANY = 4
# So many lines before a bracket tell which block it closes.
_ENDS = 3
# Of a folder so many files are shown with what changed in them.
_SHOWN = 5
_TELLING = re.compile(r"\w")


def find(view: View) -> Iterator[Found]:
    """One finding for each folder that follows one of upstream's, and for each other copy whose source changed in lines
    that the copy still has as they were; one for many of which the same is to be said."""
    pairs = list(copies(view))
    folders = followed(view, pairs)
    yield from (found for folder in folders if (found := _of_folder(folder)))
    groups: dict[tuple[str, str, tuple[str, ...]], list[Found]] = {}
    for found in _each(view, [pair for pair in pairs if not any(f.has(pair[0].path) for f in folders)]):
        groups.setdefault((found.key, found.message, found.added), []).append(found)
    for alike in groups.values():
        yield from alike if len(alike) < _MANY else [_together(alike)]


def _of_folder(folder: Followed) -> Found | None:
    """What is left to do in a folder, as one finding; None where nothing is."""
    left = [item for copy, source in folder.pairs if (item := _left(copy, source)).hunks]
    largest = sorted(left, key=lambda item: -item.missing)
    lines, gone = sum(item.missing for item in left), count(len(folder.deleted), "file")
    told = [
        *([f"{count(len(left), 'file')} to port ({count(lines, 'line')})"] if left else []),
        *([f"{count(len(folder.new), 'new file')} there"] if folder.new else []),
        *([f"{count(len(folder.renamed), 'file')} renamed there"] if folder.renamed else []),
        *(
            [f"{gone} deleted there that {'is' if len(folder.deleted) == 1 else 'are'} still here"]
            if folder.deleted
            else []
        ),
    ]
    if not told:
        return None
    # For each file: where upstream has it, or had it.
    beside = [
        *(item.source.theirs.path for item in largest if item.source.theirs),
        *(f"{folder.source}/{name}" for name in (*folder.new, *folder.renamed.values(), *folder.deleted)),
    ]
    only_notes = bool(left) and len(told) == 1 and all(item.comments for item in left)
    first = largest[0].hunks[0].new_line if largest else 1
    files, source = quoted(f"{exactly(folder.copy)}{BELOW}"), quoted(f"{folder.source}{BELOW}")
    return Found(
        "note" if only_notes else "decision",
        folder.copy,
        0,
        f"this folder follows {folder.source}: {', '.join(told)}",
        fix=f"make it a rule (`files: [{files}]` and `own: {{derived: {source}}}`), and merges port it; or port by hand, "
        "commit by commit",
        code=_of_files(folder, largest),
        upstream=Place(beside[0], first, "theirs" if left or folder.new else "base"),
        beside=tuple(dict.fromkeys(beside)),
        by_commit=folder.source,
        key=" ".join([folder.source, *(f"{item.copy.path}:{item.missing}" for item in left), *beside]),
    )


def _of_files(folder: Followed, largest: Sequence[_Left]) -> str:
    """The largest changes of a folder with their hunks, then the names of what came, moved and went."""
    shown = [
        f"@@ {item.copy.path}: {count(item.missing, 'line')}\n{listing(item.hunks)}"
        for item in largest[:_SHOWN]
    ]
    rest = [item.copy.path.removeprefix(f"{folder.copy}/") for item in largest[_SHOWN:]]
    named = (
        ("to port, too", rest),
        ("new there", folder.new),
        ("renamed there", [f"{old} to {new}" for old, new in folder.renamed.items()]),
        ("deleted there", folder.deleted),
    )
    return "\n".join([*shown, *(f"@@ {what}: {', '.join(names)}" for what, names in named if names)])


def _together(alike: Sequence[Found]) -> Found:
    first, *others = alike
    paths = [found.path for found in others]
    message = first.message.replace(
        "this is a copy", f"this and {count(len(others), 'more file')} are copies"
    )
    told = ", ".join(paths[:_MANY]) + (f" and {len(paths) - _MANY} more" if len(paths) > _MANY else "")
    return replace(
        first,
        message=f"{message}; the others are {told}",
        fix=f"{first.fix}; the same is left in the others",
        code="\n".join([first.code, *(f"@@ the same in {path}" for path in paths)]),
        also=tuple(Site(found.path, found.line) for found in others),
        # Who accepted one of them did not speak of the others.
        key=" ".join([first.key, *paths]),
    )


def _each(view: View, pairs: Sequence[tuple[File, File]]) -> list[Found]:
    told = [(copy, source, found) for copy, source in pairs if (found := _compare(copy, source))]
    # Asked last: it reads whole folders.
    pairs = [(copy, source) for copy, source, _ in told]
    other = of_a_form(pairs, view)
    other |= with_nearer([pair for pair in pairs if pair[0].path not in other], view)
    return [found for copy, _, found in told if copy.path not in other]


class _Copy(Struct, frozen=True):
    """A copy beside its source: `at` tells for the lines of the merge base where they are in the copy (from 1), `known`
    are those lines, and of `more` upstream's text has more than they are."""

    lines: frozenset[str]
    at: Mapping[int, int]
    source: tuple[str, ...]
    known: frozenset[str]
    more: frozenset[str]

    @classmethod
    def of(cls, source: Document, theirs: Document, copy: Document) -> _Copy:
        old, now, new = ("\n".join(map(str.strip, text.text.split("\n"))) for text in (source, theirs, copy))
        at: dict[int, int] = {}
        here, there = 0, 0
        for hunk in (*hunks(old, new), None):
            end = hunk.old_start if hunk else old.count("\n") + 1
            at.update((n + 1, there + n - here + 1) for n in range(here, end))
            if hunk:
                here, there = hunk.old_end, hunk.new_end
        lines = tuple(old.split("\n"))
        more = Counter(now.split("\n")) - Counter(lines)
        return cls(frozenset(new.split("\n")), at, lines, frozenset(lines), frozenset(more))

    def left(self, hunk: Hunk) -> int:
        """How many lines of a change the copy goes without, if the change applies to it; else 0."""
        gone, come = hunk.gone, hunk.come
        # What stands in the source anyhow does not tell whether the copy has the change.
        new = [text for text in come if text not in self.known]
        missing = sum(text not in self.lines for text in new)
        missing = missing and missing + len(come) - len(new)
        if not gone:
            return missing if self._between(hunk) else 0
        telling = [(n, text) for n, text in gone if len(text) > 5] or gone
        if not missing and all(n in self.at for n, _ in gone):
            # The copy has each old line in its place: there it lacks the new ones, whatever else has them.
            missing = sum(len(text) > 5 and text in self.more for text in come)
        still = sum(n in self.at or (len(text) > 5 and text in self.lines) for n, text in telling)
        if 2 * still < len(telling) or not (missing or not come):
            return 0
        return max(missing, sum(text in self.lines for _, text in gone))

    def _between(self, hunk: Hunk) -> bool:
        """Whether the copy has, one after the other, the lines between which upstream put new ones."""
        above = [n for n in range(hunk.line - 1, 0, -1) if self.source[n - 1]]
        below = next((n for n in range(hunk.line, len(self.source) + 1) if self.source[n - 1]), None)
        near = all(n in self.at for n in (*above[:1], *((below,) if below else ())))
        return near and (not above or self._closes_the_same(above))

    def _closes_the_same(self, above: Sequence[int]) -> bool:
        """Whether lines (the nearest first) tell where one is: a bracket alone closes any block, and the copy has to have
        something of this one."""
        telling = [n for n in above if _TELLING.search(self.source[n - 1])]
        return above[:1] == telling[:1] or not telling or any(n in self.at for n in telling[:_ENDS])

    def has(self, hunk: Hunk) -> bool:
        """Whether the copy is as the change makes it."""
        return self.lines.issuperset(hunk.come) and not any(n in self.at for n, _ in hunk.gone)

    def line_of(self, hunk: Hunk) -> int:
        """The line of the copy, from 1, that the change is about: its first, or the one it comes after."""
        within = range(hunk.line, hunk.line + len(hunk.before))
        before = range(hunk.line - 1, 0, -1)
        return next((self.at[n] for n in (*within, *before) if n in self.at), 1)


class _Left(Struct, frozen=True):
    """What upstream changed in a source, and a copy goes without: the hunks, where the first one belongs in the copy, and
    lines: those that are `missing`, those `ported` already, and those that meet the copy's `own`. Of `comments` alone it
    asks nobody for anything."""

    copy: File
    source: File
    hunks: Sequence[Hunk] = ()
    line: int = 1
    missing: int = 0
    ported: int = 0
    own: int = 0

    @property
    def comments(self) -> bool:
        merged = self.copy.merged
        return merged is not None and all(_only_comments(merged, hunk) for hunk in self.hunks)


def _left(file: File, source: File) -> _Left:
    assert file.merged and source.base and source.theirs
    copy = _Copy.of(source.base, source.theirs, file.merged)
    changes = _without_leavings(copy, [(hunk, copy.left(hunk)) for hunk in changed_hunks(source)])
    left = [hunk for hunk, lines in changes if lines]
    if not left or (len(left) < len(changes) and _only_imports(file.merged, left)):
        return _Left(file, source)
    missing = sum(lines for _, lines in changes)
    ported = sum(max(0, hunk.size - lines) for hunk, lines in changes if lines or copy.has(hunk))
    own = sum(hunk.size for hunk, _ in changes) - missing - ported
    return _Left(file, source, left, copy.line_of(left[0]), missing, ported, own)


def _compare(file: File, source: File) -> Found | None:
    item = _left(file, source)
    left, missing, ported, own = item.hunks, item.missing, item.ported, item.own
    if not left:
        return None
    return Found(
        "note" if item.comments else "decision",
        file.path,
        item.line,
        f"this is a copy of {source.path}, where upstream changed {count(missing + ported + own, 'line')}: "
        f"{missing} left to port in {count(len(left), 'place')}{_rest(ported, own)}",
        fix="port what applies, around the fork's own lines, or make it a rule (`own: {derived: "
        f"{in_flow(source.path)}}}`), and merges port it",
        code=listing(left),
        upstream=Place(source.path, left[0].new_line),
        added=tuple(line for hunk in left for line in hunk.after),
        removed=tuple(line for hunk in left for line in hunk.before),
        key=source.path,
    )


def _without_leavings(copy: _Copy, changes: Sequence[tuple[Hunk, int]]) -> list[tuple[Hunk, int]]:
    """Without the few lines that upstream only took out, close to others that it wrote anew where the copy has its own
    text: what the new ones do without, the copy's may need."""
    own = [hunk for hunk, lines in changes if not lines and hunk.come and not copy.has(hunk)]

    def goes_with(hunk: Hunk) -> bool:
        end = hunk.line + len(hunk.before)
        return (
            not hunk.come
            and len(hunk.gone) <= _CLOSE
            and any(
                other.line - end <= _CLOSE and hunk.line - (other.line + len(other.before)) <= _CLOSE
                for other in own
            )
        )

    return [(hunk, 0 if goes_with(hunk) else lines) for hunk, lines in changes]


_BRINGS_IN = re.compile(r"#\s*(?:include|import)\b|(?:import|from|use|using|require)\s")


def _only_imports(document: Document, left: Sequence[Hunk]) -> bool:
    """Whether changes are of includes and imports alone: they go with what else upstream changed."""
    return not document.path.endswith(DOCUMENTS) and all(
        _BRINGS_IN.match(text) for hunk in left for text in hunk.touched
    )


def _only_comments(document: Document, hunk: Hunk) -> bool:
    """Whether a change is of whole comment lines alone, as the copy's type writes them."""
    style = style_of(document).line
    return style is not None and all(map(style.match, hunk.touched))


def _rest(ported: int, own: int) -> str:
    told = f", {ported} ported" if ported else ""
    return told + (f", {own} where the copy has its own text" if own else "")

"""Copies: a file of the fork's own that began as a copy of upstream's, and what upstream changed in the source since.

Without any rule. A copy that a `derived` rule keeps is ported by the merge itself, and what cannot be ported is
reported there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from pathlib import PurePosixPath

from msgspec import Struct
from msgspec.structs import replace

from syncfork.detect.base import File, Found, View
from syncfork.detect.lines import hunks
from syncfork.render.text import count
from syncfork.report import Place
from syncfork.rewrite.comments import style_of
from syncfork.text import Document

# A copy shares at least this part of its lines with the source, and at least so many telling ones. Files of one name in
# different folders are often of one form, and no copies: there it is more.
_SHARE, _SHARE_ELSEWHERE = 0.4, 0.6
_LEAST = 12
# Less of the source than this is an excerpt: what upstream does elsewhere in the source is not about it.
_EXCERPT = 0.1
# So few lines are between two changes that belong together, and so few that only go are what another left behind.
_CLOSE = 5
_MOST_HUNKS = 6
_MOST_LINES = 8
# So many copies of one source are told as one: they are made by a template, or kept by another tool.
_MANY = 4


class Hunk(Struct, frozen=True):
    """Lines of the source that upstream changed: where they began in the merge base and in upstream's text (from
    1), and both texts."""

    line: int
    new_line: int
    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def gone(self) -> list[tuple[int, str]]:
        """The lines upstream took out, with their numbers in the merge base."""
        kept = set(map(str.strip, self.after))
        return [
            (n, text) for n, line in enumerate(self.before, self.line) if _new(text := line.strip(), kept)
        ]

    @property
    def come(self) -> list[str]:
        """The lines upstream put in."""
        kept = set(map(str.strip, self.before))
        return [text for line in self.after if _new(text := line.strip(), kept)]

    @property
    def size(self) -> int:
        """How many lines upstream changed: one that became another counts once."""
        return max(len(self.gone), len(self.come))


def _new(text: str, kept: set[str]) -> bool:
    return bool(text) and text not in kept


def find(view: View) -> Iterator[Found]:
    """One finding for each copy whose source changed in lines that the copy still has as they were; one for many of
    which the same is to be said."""
    groups: dict[tuple[str, str, tuple[str, ...]], list[Found]] = {}
    for found in _each(view):
        groups.setdefault((found.key, found.message, found.added), []).append(found)
    for alike in groups.values():
        yield from alike if len(alike) < _MANY else [_together(alike)]


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
        # Who accepted one of them did not speak of the others.
        key=" ".join([first.key, *paths]),
    )


def _each(view: View) -> Iterator[Found]:
    told = list(_left(view))
    nearer = _nearer([(file, source) for file, source, _ in told], view)
    for file, _, left in told:
        if file.path not in nearer:
            yield from left


def _left(view: View) -> Iterator[tuple[File, File, list[Found]]]:
    """Each copy that has something left to port, with its source among the files that upstream changed."""
    own = [file for file in view.files if file.ours_alone and file.merged and not view.owned(file.path)]
    sources: dict[str, list[File]] = {}
    for file in view.files if own else ():
        if file.base and file.theirs and file.changed_by_theirs:
            sources.setdefault(PurePosixPath(file.path).suffix, []).append(file)
    for file in own:
        near = sources.get(PurePosixPath(file.path).suffix, [])
        if not near or not file.ours:
            continue
        source = _source_of(file.ours, [source for source in near if _alike(file.path, source.path)])
        left = list(_compare(file, source)) if source else []
        if source and left:
            yield file, source, left


def _alike(one: str, other: str) -> bool:
    """Whether one file could be a copy of the other, by folder or name."""
    folder, _, name = one.rpartition("/")
    near, _, like = other.rpartition("/")
    return folder == near or name == like or like.partition(".")[0] in name


def _source_of(copy: Document, sources: Sequence[File]) -> File | None:
    """The file that `copy` shares most of its lines with, if that is enough to call it a copy."""
    lines = _counted(copy) if sources else Counter[str]()
    total = lines.total()

    def shared(file: File) -> int:
        return (lines & _counted(file.base)).total() if file.base else 0

    best = max(sources, key=shared, default=None)
    if best is None or total == 0:
        return None
    count = shared(best)
    beside = PurePosixPath(copy.path).parent == PurePosixPath(best.path).parent
    like = count >= _LEAST and count / total >= (_SHARE if beside else _SHARE_ELSEWHERE)
    return best if like and count >= _EXCERPT * _counted(best.base).total() else None


def _nearer(pairs: Sequence[tuple[File, File]], view: View) -> set[str]:
    """The copies, of `pairs` with their sources, that are rather ones of a file beside them that upstream has not
    changed. Each folder is read once, and only where a copy has a line that its source lacks: a nearer file has one."""
    folders: dict[tuple[str, str], list[tuple[File, File, frozenset[str]]]] = {}
    for copy, source in pairs:
        if beyond := _counted(copy.ours).keys() - _counted(source.base).keys():
            folder, _, name = copy.path.rpartition("/")
            kind = (folder, name[name.rfind(".") :] if "." in name else "")
            folders.setdefault(kind, []).append((copy, source, frozenset(beyond)))
    changed = {file.base.path for file in view.files if file.base and file.changed_by_theirs}
    found: set[str] = set()
    for copies in folders.values():
        read = view.trees.beside("base", copies[0][0].path)
        others = {path: document for path, document in read.items() if path not in changed}
        having = _having(frozenset().union(*(lines for _, _, lines in copies)), others)
        # Counted once, and only where a copy asks for it.
        counted: dict[str, Counter[str]] = {}
        for copy, source, lines in copies:
            mine = _counted(copy.ours)
            least = (mine & _counted(source.base)).total()
            for near in {path for line in lines for path in having.get(line, ())} - {copy.path}:
                if near not in counted:
                    counted[near] = Counter(_telling(others[near]))
                if (mine & counted[near]).total() > least:
                    found.add(copy.path)
                    break
    return found


def _having(lines: frozenset[str], documents: Mapping[str, Document]) -> dict[str, list[str]]:
    """Those of `lines` that stand in any of the documents, each with the paths of these."""
    found: dict[str, list[str]] = {}
    for path, document in documents.items():
        for line in lines.intersection(map(str.strip, document.text.split("\n"))):
            found.setdefault(line, []).append(path)
    return found


@lru_cache(maxsize=256)
def _counted(document: Document | None) -> Counter[str]:
    return Counter(_telling(document))


def _telling(document: Document | None) -> list[str]:
    """The lines that say something: a lone bracket or a short word stands in any file."""
    stripped = (line.strip() for line in document.text.split("\n")) if document else ()
    return [line for line in stripped if len(line) > 5 and any(character.isalpha() for character in line)]


def changed_hunks(source: File) -> list[Hunk]:
    """What upstream did to the source, hunk by hunk, but for changes of blanks alone."""
    assert source.base is not None
    assert source.theirs is not None
    old, new = source.base.text.split("\n"), source.theirs.text.split("\n")
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return [
        Hunk(i + 1, k + 1, tuple(old[i:j]), tuple(new[k:m]))
        for tag, i, j, k, m in matcher.get_opcodes()
        if tag != "equal" and _unspaced(old[i:j]) != _unspaced(new[k:m])
    ]


def _unspaced(lines: Sequence[str]) -> list[str]:
    return [text for line in lines if (text := "".join(line.split()))]


class _Copy(Struct, frozen=True):
    """A copy beside its source: `at` tells for the lines of the merge base where they are in the copy (from 1)."""

    lines: frozenset[str]
    at: Mapping[int, int]
    source: tuple[str, ...]
    known: frozenset[str]

    @classmethod
    def of(cls, source: Document, copy: Document) -> _Copy:
        old, new = ("\n".join(map(str.strip, text.text.split("\n"))) for text in (source, copy))
        at: dict[int, int] = {}
        here, there = 0, 0
        for hunk in (*hunks(old, new), None):
            end = hunk.old_start if hunk else old.count("\n") + 1
            at.update((n + 1, there + n - here + 1) for n in range(here, end))
            if hunk:
                here, there = hunk.old_end, hunk.new_end
        lines = tuple(old.split("\n"))
        return cls(frozenset(new.split("\n")), at, lines, frozenset(lines))

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
        still = sum(n in self.at or (len(text) > 5 and text in self.lines) for n, text in telling)
        if 2 * still < len(telling) or not (missing or not come):
            return 0
        return max(missing, sum(text in self.lines for _, text in gone))

    def _between(self, hunk: Hunk) -> bool:
        """Whether the copy has, one after the other, the lines between which upstream put new ones."""
        above = next((n for n in range(hunk.line - 1, 0, -1) if self.source[n - 1]), None)
        below = next((n for n in range(hunk.line, len(self.source) + 1) if self.source[n - 1]), None)
        return all(n is None or n in self.at for n in (above, below))

    def line_of(self, hunk: Hunk) -> int:
        """The line of the copy, from 1, that the change is about: its first, or the one it comes after."""
        within = range(hunk.line, hunk.line + len(hunk.before))
        before = range(hunk.line - 1, 0, -1)
        return next((self.at[n] for n in (*within, *before) if n in self.at), 1)


def _compare(file: File, source: File) -> Iterator[Found]:
    assert file.merged is not None and source.base is not None
    copy = _Copy.of(source.base, file.merged)
    changes = _without_leavings(copy, [(hunk, copy.left(hunk)) for hunk in changed_hunks(source)])
    left = [hunk for hunk, lines in changes if lines]
    if not left or (len(left) < len(changes) and _only_imports(file.merged, left)):
        return
    missing = sum(lines for _, lines in changes)
    ported = sum(max(0, hunk.size - lines) for hunk, lines in changes if lines or _has(copy, hunk))
    own = sum(hunk.size for hunk, _ in changes) - missing - ported
    first = left[0]
    yield Found(
        "note" if all(_only_comments(file.merged, hunk) for hunk in left) else "decision",
        file.path,
        copy.line_of(first),
        f"this is a copy of {source.path}, where upstream changed {count(missing + ported + own, 'line')}: "
        f"{missing} left to port in {count(len(left), 'place')}{_rest(ported, own)}",
        fix="port what applies, around the fork's own lines, or make it a rule (`own: {derived: "
        f"{source.path}}}`), and merges port it",
        code=listing(left),
        upstream=Place(source.path, first.new_line),
        added=tuple(line for hunk in left for line in hunk.after),
        removed=tuple(line for hunk in left for line in hunk.before),
        key=source.path,
    )


def _without_leavings(copy: _Copy, changes: Sequence[tuple[Hunk, int]]) -> list[tuple[Hunk, int]]:
    """Without the few lines that upstream only took out, close to others that it wrote anew where the copy has its own
    text: what the new ones do without, the copy's may need."""
    own = [hunk for hunk, lines in changes if not lines and hunk.come and not _has(copy, hunk)]

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


_DOCUMENTS = (".md", ".markdown", ".rst", ".txt", ".adoc")
_BRINGS_IN = re.compile(r"#\s*(?:include|import)\b|(?:import|from|use|using|require)\s")


def _only_imports(document: Document, left: Sequence[Hunk]) -> bool:
    """Whether changes are of includes and imports alone: they go with what else upstream changed."""
    return not document.path.endswith(_DOCUMENTS) and all(
        _BRINGS_IN.match(text) for hunk in left for text in _touched(hunk)
    )


def _touched(hunk: Hunk) -> list[str]:
    return [*(text for _, text in hunk.gone), *hunk.come]


def _only_comments(document: Document, hunk: Hunk) -> bool:
    """Whether a change is of whole comment lines alone, as the copy's type writes them."""
    style = style_of(document).line
    return style is not None and all(map(style.match, _touched(hunk)))


def _has(copy: _Copy, hunk: Hunk) -> bool:
    """Whether the copy is as the change makes it."""
    return copy.lines.issuperset(hunk.come) and not any(n in copy.at for n, _ in hunk.gone)


def _rest(ported: int, own: int) -> str:
    told = f", {ported} ported" if ported else ""
    return told + (f", {own} where the copy has its own text" if own else "")


def listing(left: Sequence[Hunk]) -> str:
    """The largest changes, in the order they stand."""
    chosen = sorted(left, key=lambda hunk: -hunk.size)[:_MOST_HUNKS]
    shown = [_shown(hunk) for hunk in left if hunk in chosen]
    rest = len(left) - len(chosen)
    return "\n".join([*shown, f"... and {count(rest, 'smaller place')}"] if rest else shown)


def _shown(hunk: Hunk) -> str:
    told = [f"@@ line {hunk.new_line}"]
    for sign, lines in (("-", hunk.before), ("+", hunk.after)):
        told += [f"{sign}{line}" for line in lines[:_MOST_LINES]]
        told += (
            [f"{sign}... {count(len(lines) - _MOST_LINES, 'more line')}"] if len(lines) > _MOST_LINES else []
        )
    return "\n".join(told)

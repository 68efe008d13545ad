"""Words that the fork put in the place of upstream's in files that are beside each other, such as the translations of an
app; and texts that upstream adds to one of them since, with its own words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from msgspec import Struct

from syncfork.detect.base import File, Found, View
from syncfork.detect.lines import hunks
from syncfork.globs import in_glob
from syncfork.report import Place, Site
from syncfork.text import apart, words_and_signs
from syncfork.words import also

# In two files it may be chance.
_LEAST = 3
_WORD = re.compile(r"[^\W\d_]{3}")
# More is a text of its own. A longer line is data.
_LONGEST = 60
_LONGEST_LINE = 2000

# The folder above those of the files, and the name they have in common.
_Family = tuple[str, str]


class Words(Struct, frozen=True):
    """What upstream says, and what the fork says instead."""

    theirs: str
    ours: str

    @property
    def found(self) -> re.Pattern[str]:
        """Finds upstream's words as whole words."""
        return re.compile(rf"(?<!\w){re.escape(self.theirs)}(?!\w)")


class _Site(Struct, frozen=True):
    """A line (from 1) that upstream added, in the merged file."""

    file: File
    line: int
    text: str


def find_texts(view: View) -> Iterator[Found]:
    """New texts of upstream's with words that the fork replaced in the files beside them, and has nowhere there."""
    families: dict[_Family, list[File]] = defaultdict(list)
    for file in view.files:
        if family := _family(file.path):
            families[family].append(file)
    for family, files in sorted(families.items()):
        own = sum(file.changed_by_ours for file in files)
        if own < _LEAST or not any(file.changed_by_theirs for file in files):
            continue
        added = [site for file in files if not view.governed(file.path) for site in _added(file)]
        hits = {
            words: (done, sites)
            for words, done in _replaced(files).items()
            if len(done) >= _LEAST and (sites := [site for site in added if words.found.search(site.text)])
        }
        kept = _elsewhere(view, family, list(hits))
        for words, (done, sites) in hits.items():
            if words.theirs not in kept:
                yield _told(words, done, sites)


def _family(path: str) -> _Family | None:
    above, name = PurePosixPath(path).parent, PurePosixPath(path).name
    return (str(above.parent), name) if above.name else None


def _replaced(files: Sequence[File]) -> Mapping[Words, list[File]]:
    """The words that the fork put in the place of others, and left the rest of the line, each with the files."""
    found: dict[Words, list[File]] = defaultdict(list)
    for file in files:
        if file.base and file.ours and file.changed_by_ours:
            for words in dict.fromkeys(_in_file(file.base.text, file.ours.text)):
                found[words].append(file)
    return found


def _in_file(base: str, ours: str) -> Iterator[Words]:
    old, new = base.split("\n"), ours.split("\n")
    for hunk in hunks(base, ours):
        if not hunk.grown:
            pairs = zip(old[hunk.old_start : hunk.old_end], new[hunk.new_start : hunk.new_end], strict=True)
            yield from (words for was, now in pairs if (words := words_of(was, now)))


def words_of(was: str, now: str) -> Words | None:
    """The words that became others in one place of a line of which the rest stays; None where that is not so."""
    if max(len(was), len(now)) > _LONGEST_LINE:
        return None
    old, new = words_and_signs(was), words_and_signs(now)
    (start, end), (_, last) = apart(old, new), apart(new, old)
    gone, come, stays = map("".join, (old[start:end], new[start:last], old[:start] + old[end:]))
    told = all(_WORD.search(text) for text in (gone, come, stays)) and len(gone) <= _LONGEST
    # Where the fork's words hold upstream's, its own lines read as if nothing had been replaced.
    return Words(gone, come) if told and gone not in come else None


def _added(file: File) -> Iterator[_Site]:
    """The lines that the merge brings to the fork from upstream."""
    if file.merged and file.theirs and file.changed_by_theirs:
        lines = file.merged.text.split("\n")
        for number in sorted(file.new_lines - file.fork_lines):
            if len(lines[number - 1]) <= _LONGEST_LINE:
                yield _Site(file, number, lines[number - 1])


def _elsewhere(view: View, family: _Family, words: Sequence[Words]) -> set[str]:
    """Those of upstream's words that the fork has left in some file of the family: it does not replace them everywhere."""
    above, name = map(in_glob, family)
    at = f"*/{name}" if above == "." else f"{above}/*/{name}"
    return view.trees.holding("ours", {one.theirs for one in words}, [f":(top,glob){at}"]) if words else set()


def _told(words: Words, done: Sequence[File], sites: Sequence[_Site]) -> Found:
    first = sites[0]
    assert first.file.theirs is not None  # it was looked for
    lines = first.file.theirs.text.split("\n")
    # A person may have indented it anew in the merge.
    at = [line.strip() for line in lines].index(first.text.strip())
    firsts = {site.file.path: site.line for site in reversed(sites)}
    others = tuple(Site(path, line) for path, line in sorted(firsts.items()) if path != first.file.path)
    places = also(site.told for site in others)
    many = "a new line" if len(sites) == 1 else f"{len(sites)} new lines"
    return Found(
        "decision",
        first.file.path,
        first.line,
        f"the fork put `{words.ours}` in the place of `{words.theirs}` in {len(done)} files beside this one, and left it "
        f"nowhere there; upstream has it in {many}{places}",
        f"write `{words.ours}` here too, or make it a rule (`replace`), or say why this text may stay",
        Place(first.file.theirs.path, at + 1),
        added=(lines[at],),
        key="\n".join(["text", words.theirs, words.ours, *(site.file.path for site in sites)]),
        also=others,
    )

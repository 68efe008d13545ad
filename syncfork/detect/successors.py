"""Successors: a file that upstream deleted and wrote anew under another name, and what the fork had changed in the old one.

To git the two have nothing to do with each other: the conflict ends with the old file deleted, and the new one arrives
with upstream's own values.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter, itemgetter
from pathlib import PurePosixPath

from msgspec import Struct

from syncfork.detect.base import File, Found, View, vendored
from syncfork.detect.identity_pairs import renamed_pairs
from syncfork.detect.kin import kin
from syncfork.detect.lock_kinds import KINDS
from syncfork.detect.porting import Hunk, listing
from syncfork.detect.replaced_values import Replaced, replaced_values
from syncfork.detect.searching import longest_word, words_of
from syncfork.report import Place
from syncfork.words import count

_NAME = re.compile(r"[A-Za-z]\w{2,}")
_LOCKS = frozenset(PurePosixPath(kind.lock).name for kind in KINDS)
# A fork that replaced more of one file has one of its own.
_MOST = 200
# So many of the fork's lines are shown.
_MOST_OWN = 5
# More files that are gone than this are not left out of a search: a command line has an end.
_HOLDING = 500


class _Site(Struct, frozen=True):
    """A line (from 1) that upstream's new file brings, with a value that the fork replaced elsewhere."""

    file: File
    line: int
    text: str
    value: Replaced

    @property
    def place(self) -> tuple[str, int]:
        """What tells the line from all others."""
        return self.file.path, self.line


def find(view: View) -> Iterator[Found]:
    """One finding for each deleted file and each new one with values of it."""
    gone = [file for file in view.files if _lost(file)]
    added = [file for file in view.files if _arrived(file)] if gone else []
    lost = [(file, values) for file in gone if added and (values := _values(file))]
    words = {longest_word(value.theirs) for _, values in lost for value in values}
    # Each text is looked through once, whatever the number of files that are gone.
    added = [file for file in added if file.merged and not words.isdisjoint(words_of(file.merged.text))]
    told: set[tuple[str, int]] = set()
    for file, values in lost:
        near = [other for other in added if file.base and kin(file.base.path, other.path)]
        sites = [site for other in near for site in _sites(file, values, other)]
        known = {site.value.theirs for site in sites}
        rest = [value for value in values if value.distinctive and value.theirs not in known]
        sites += _elsewhere(view, file, rest, [other for other in added if other not in near])
        sites = sorted(_longest(sites), key=lambda site: (site.file.path, site.line))
        for _, here in groupby(sites, key=lambda site: site.file.path):
            if new := [site for site in here if site.place not in told]:
                told |= {site.place for site in new}
                yield _found(file, new)


def _lost(file: File) -> bool:
    """Whether the file is one that upstream deleted and the fork had changed."""
    known = file.base and file.ours and not file.theirs and file.changed_by_ours
    return bool(known) and not vendored(file.path) and PurePosixPath(file.path).name not in _LOCKS


def _arrived(file: File) -> bool:
    """Whether the merge brings the file as one of upstream's."""
    new = file.theirs and not file.base and file.merged
    return bool(new) and not vendored(file.path) and PurePosixPath(file.path).name not in _LOCKS


def _values(file: File) -> list[Replaced]:
    assert file.base is not None
    assert file.ours is not None
    # Of these `identities` tells, in whatever file they come back.
    others = {pair.line for pair in renamed_pairs(file.base, file.ours)}
    values = [value for value in replaced_values(file.base, file.ours) if value.line not in others]
    return values if len(values) <= _MOST else []


def _sites(gone: File, values: Sequence[Replaced], file: File) -> Iterator[_Site]:
    """Where a new file has values that the fork replaced in the one that is gone."""
    assert file.merged is not None
    alike: dict[str, list[Replaced]] = defaultdict(list)
    for value in values:
        alike[value.theirs].append(value)
    there = [theirs for theirs in alike if theirs in file.merged.text]
    lines = file.merged.text.split("\n") if there else []
    brought = sorted(file.new_lines - file.fork_lines) if there else []
    for theirs in there:
        same = alike[theirs]
        form, kept = same[0].form, _kept(gone, same[0])
        for number in brought:
            line = lines[number - 1]
            if theirs in line and form.search(line):
                _, value = max(((_shared(one.text, line, theirs), one) for one in same), key=itemgetter(0))
                # What the fork let stand elsewhere in the file may be what stands here.
                left = max((_shared(text, line, theirs) for text in kept), default=-1)
                if _shared(value.text, line, theirs) > left and value.ours not in line.replace(theirs, ""):
                    yield _Site(file, number, line, value)


def _longest(sites: Sequence[_Site]) -> list[_Site]:
    """Without a value that is a part of another one in its line."""
    by_line: dict[tuple[str, int], list[str]] = defaultdict(list)
    for site in sites:
        by_line[site.place].append(site.value.theirs)
    return [
        site
        for site in sites
        if not any(site.value.theirs in other and site.value.theirs != other for other in by_line[site.place])
    ]


def _kept(gone: File, value: Replaced) -> list[str]:
    """The lines with the value that the fork left as they were."""
    assert gone.base is not None
    assert gone.ours is not None
    ours = set(map(str.strip, gone.ours.text.split("\n")))
    lines = (line for line in gone.base.text.split("\n") if value.theirs in line)
    return [line for line in lines if value.form.search(line) and line.strip() in ours]


def _shared(one: str, other: str, value: str) -> int:
    """How many names two lines with the value share beside it."""
    first, second = (set(_NAME.findall(line.replace(value, ""))) for line in (one, other))
    return len(first & second)


def _elsewhere(view: View, gone: File, values: Sequence[Replaced], added: Sequence[File]) -> list[_Site]:
    """Where another new file has values that the fork has left nowhere in its tree, but in what upstream deleted too. What is
    in several new files, upstream has not moved there."""
    sites = [site for file in added for site in _sites(gone, values, file)] if values else []
    deleted = [file for file in view.files if file.base and file.ours and not file.theirs] if sites else []
    sites = _once([site for site in sites if not _brought_along(site, deleted)])
    asked = {site.value.theirs for site in sites}
    holding = [file.path for file in deleted if file.ours and any(one in file.ours.text for one in asked)]
    if len(holding) > _HOLDING:
        return []
    pathspecs = [":/", *(f":(top,literal,exclude){path}" for path in holding)]
    left = view.trees.holding("ours", asked, pathspecs) if asked else set()
    return [site for site in sites if site.value.theirs not in left]


def _once(sites: Sequence[_Site]) -> list[_Site]:
    """Those whose value no other file has."""
    files: dict[str, set[str]] = defaultdict(set)
    for site in sites:
        files[site.value.theirs].add(site.file.path)
    return [site for site in sites if len(files[site.value.theirs]) == 1]


def _brought_along(site: _Site, deleted: Sequence[File]) -> bool:
    """Whether the new file has the value from another one that it goes on for."""
    return any(
        file.base and kin(file.base.path, site.file.path) and site.value.theirs in file.base.text
        for file in deleted
    )


def _found(gone: File, sites: Sequence[_Site]) -> Found:
    first = sites[0]
    assert gone.base is not None
    assert first.file.theirs is not None
    values: Mapping[str, Replaced] = {site.value.theirs: site.value for site in reversed(sites)}
    more = f", and so with {count(len(values) - 1, 'more value')}" if len(values) > 1 else ""
    there = enumerate(first.file.theirs.text.split("\n"), start=1)
    # A rule may have made something else of upstream's line.
    at = next((number for number, line in there if line.strip() == first.text.strip()), 1)
    return Found(
        "decision",
        first.file.path,
        first.line,
        f"upstream deleted {gone.base.path}, and has `{first.value.theirs}` of it in this new file; the fork had put "
        f"`{first.value.ours}` in its place there (line {first.value.line}){more}",
        fix="port the fork's change to this file, or say why upstream's may stay",
        code="\n".join([_ported(sites), *_more(gone.base.path, values.values())]),
        upstream=Place(first.file.theirs.path, at),
        added=tuple(site.text for site in sites),
        names=tuple(values),
        key="\n".join(
            [gone.base.path, *sorted(f"{value.theirs}\t{value.ours}" for value in values.values())]
        ),
    )


def _ported(sites: Sequence[_Site]) -> str:
    return listing([_port(list(here)) for _, here in groupby(sites, key=attrgetter("line"))])


def _more(path: str, values: Iterable[Replaced]) -> Iterator[str]:
    """The fork's lines that say more than these values: a version, which may stand elsewhere in the new file."""
    by_line: dict[int, list[Replaced]] = {}
    for value in values:
        by_line.setdefault(value.line, []).append(value)
    for line, here in sorted(by_line.items())[:_MOST_OWN]:
        mended = here[0].text
        for value in here:
            mended = value.put(mended)
        if mended.split() != here[0].own.split():
            yield f"@@ the fork's own line, in {path} (line {line} of the merge base)\n {here[0].own}"


def _port(sites: Sequence[_Site]) -> Hunk:
    """A line as it is, and with the fork's values."""
    mended = sites[0].text
    for site in sites:
        mended = site.value.put(mended)
    return Hunk(sites[0].line, sites[0].line, (sites[0].text,), (mended,))

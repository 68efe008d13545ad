"""What the fork's documents say of the tree, was true before the merge, and is not any more."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from msgspec import Struct

from syncfork.detect.base import DOCUMENTS, File, Found, View, vendored
from syncfork.detect.claims import Claim, claims
from syncfork.detect.lines import counterpart, short
from syncfork.detect.lists import Listing, line_of, shape, tokens
from syncfork.detect.searching import longest_word, words_of
from syncfork.errors import CannotReadError
from syncfork.report import Place
from syncfork.text import Document
from syncfork.words import listed

_STRUCTURED = (".yml", ".yaml", ".toml", ".json")
_KEY = re.compile(r"([\w-]++)[\"']?\s*+[:=]")
_FIX = "bring the document in line; or the list, where the fork does not want what upstream changed"


def find(view: View) -> Iterator[Found]:
    """Numbers and lists in the fork's own lines that matched a list or matrix of the fork's tree, and no longer do."""
    data = [f for f in view.files if _is_data(f)]
    moved = [f for f in data if _moved(f)]
    if not moved:
        return
    seeker = _Seeker()
    for file in view.files:
        if not (file.path.endswith(DOCUMENTS) and file.merged and file.changed_by_ours) or vendored(
            file.path
        ):
            continue
        told: set[tuple[int, str]] = set()
        for claim in claims(file.merged.text, _of_the_fork(file)):
            for found in _contradicted(file, claim, data, moved, seeker):
                if (found.line, found.key) not in told:
                    told.add((found.line, found.key))
                    yield found


def _is_data(file: File) -> bool:
    """A structured file that people write."""
    written = file.path.endswith(_STRUCTURED) and not file.path.endswith(("-lock.json", "-lock.yaml"))
    return bool(written and file.ours and file.merged)


def _moved(file: File) -> bool:
    """Whether the merge changed the file for the fork."""
    return bool(file.ours and file.merged and file.ours.text != file.merged.text)


def _of_the_fork(file: File) -> Collection[int]:
    assert file.merged
    if file.ours_alone:
        return range(1, file.merged.text.count("\n") + 2)
    return file.fork_lines


class _Seeker:
    """What stands in which of the fork's texts: claims name the same things over and over, and each is looked for once."""

    def __init__(self) -> None:
        self._words: dict[str, frozenset[str]] = {}
        self._keys: dict[str, frozenset[str]] = {}

    def has(self, file: File, value: str) -> bool:
        """Whether the text may have an entry that is `value`: whether its longest word stands there, as a whole one."""
        assert file.ours
        if file.path not in self._words:
            self._words[file.path] = words_of(file.ours.text)
        word = longest_word(value)
        return not word or word in self._words[file.path]

    def sets(self, file: File, words: Collection[str], *, part: bool) -> bool:
        """Whether one of the words, or with `part` what it is a part of, is set to something there; in either case, and
        whether there is one or several of it."""
        assert file.ours
        if file.path not in self._keys:
            self._keys[file.path] = frozenset(key.lower() for key in _KEY.findall(file.ours.text))
        keys = self._keys[file.path]
        if part:
            return any(word in key for word in words for key in keys)
        return any(word in keys or f"{word}s" in keys for word in words)


def _contradicted(
    document: File, claim: Claim, data: list[File], moved: list[File], seeker: _Seeker
) -> Iterator[Found]:
    # Most files did not move, and looking into one costs more than asking that.
    if any(True for _ in _judged(document, claim, _asked(claim, moved, seeker))):
        # The others may bear the claim out.
        yield from _judged(document, claim, _asked(claim, data, seeker))


def _asked(claim: Claim, data: list[File], seeker: _Seeker) -> list[File]:
    """The files that a claim may be about."""
    files = [f for f in data if not claim.files or any(_is(f.path, name) for name in claim.files)]
    return [f for f in files if _may_hold(f, claim, seeker)]


def _judged(document: File, claim: Claim, files: list[File]) -> Iterator[Found]:
    if claim.values:
        yield from _of_list(document, claim, files)
    elif claim.of_total:
        yield from _of_total(document, claim, files)
    else:
        yield from _of_number(document, claim, files)


def _is(path: str, name: str) -> bool:
    return path == name or path.endswith(f"/{name.lstrip('./')}")


def _may_hold(file: File, claim: Claim, seeker: _Seeker) -> bool:
    """Spares the reading of files in which the claim cannot have been true."""
    if claim.values:
        return all(seeker.has(file, value) for value in claim.values)
    if claim.of_total:
        return bool(file.ours and "matrix" in file.ours.text)
    return seeker.sets(file, claim.about, part=bool(claim.files))


class _Pair(Struct, frozen=True):
    """A list as the fork had it, and as the merge has it."""

    file: File
    before: Listing

    @property
    def after(self) -> Listing | None:
        """Reading the merged text is dear, and seldom wanted."""
        assert self.file.merged
        return shape(self.file.merged).lists.get(self.before.path)


def _pairs(files: list[File]) -> Iterator[_Pair]:
    """Every list of the fork's, those that the merge left alone first: where the claim is still true, that ends it."""
    for file in sorted(files, key=_moved):
        assert file.ours
        for listing in shape(file.ours).lists.values():
            yield _Pair(file, listing)


def _of_list(document: File, claim: Claim, files: list[File]) -> Iterator[Found]:
    """A list that was the very list of the tree. Where one such list still stands, it may be the one meant."""
    wanted = set(claim.values)
    if len(wanted) < (2 if claim.files else 3):
        return
    first: _Pair | None = None
    for pair in _pairs(files):
        if set(pair.before.values) == wanted and (claim.files or tokens(pair.before.key) & claim.about):
            if pair.after is None or set(pair.after.values) == wanted:
                return
            first = first or pair
    if first:
        yield _found(document, claim, first, _difference(first))


def _of_number(document: File, claim: Claim, files: list[File]) -> Iterator[Found]:
    """A number that was the length of the one list it can mean."""
    first: _Pair | None = None
    for pair in _pairs(files):
        key = tokens(pair.before.key)
        if not (key & claim.about if claim.files else key and key <= claim.about):
            continue
        size = len(set(pair.before.values))
        if size != claim.number or pair.after is None or len(set(pair.after.values)) == size:
            return
        if first and set(first.before.values) != set(pair.before.values):
            return
        first = first or pair
    if first and first.after:
        size = len(set(first.after.values))
        yield _found(document, claim, first, f"{size}: {_difference(first)}")


def _of_total(document: File, claim: Claim, files: list[File]) -> Iterator[Found]:
    """A number of builds, where it was that of the one matrix that made so many, in a file the section names."""
    if not claim.files:
        return
    made = []
    for file in files:
        assert file.ours and file.merged
        after = shape(file.merged).totals
        made += [
            (file, path, after.get(path))
            for path, total in shape(file.ours).totals.items()
            if total == claim.number
        ]
    if len(made) != 1:
        return
    file, path, total = made[0]
    if total and total != claim.number:
        name = ".".join(path)
        yield Found(
            "decision",
            document.path,
            claim.line,
            f"the document says `{short(claim.text)}`, which was true; after the merge the matrix `{name}` in "
            f"{file.path} makes {total}",
            fix=_FIX,
            key=claim.text,
        )


def _difference(pair: _Pair) -> str:
    assert pair.after
    new = [value for value in pair.after.values if value not in pair.before.values]
    gone = [value for value in pair.before.values if value not in pair.after.values]
    parts = [f"{_named(new)} new"] if new else []
    return " and ".join([*parts, f"{_named(gone)} gone"] if gone else parts)


def _named(values: list[str]) -> str:
    return f"{listed([f'`{short(value)}`' for value in values])} {'is' if len(values) == 1 else 'are'}"


def _found(document: File, claim: Claim, pair: _Pair, difference: str) -> Found:
    assert pair.after and pair.file.merged and pair.file.ours
    upstream, added = _cause(pair.file, pair.after)
    joint = " has " if difference[:1].isdigit() else ": "
    return Found(
        "decision",
        document.path,
        claim.line,
        f"the document says `{short(claim.text)}`, which was true; after the merge `{pair.after.key}` in "
        f"{pair.file.path}{joint}{difference}",
        fix=_FIX,
        upstream=upstream,
        added=added,
        key=claim.text,
    )


def _cause(file: File, listing: Listing) -> tuple[Place | None, tuple[str, ...]]:
    """Upstream's place of the list, and its lines there that the fork had not."""
    theirs: Document | None = file.theirs
    if not (theirs and file.merged and file.ours and file.changed_by_theirs):
        return None, ()
    try:
        line = line_of(file.merged, listing)
    except CannotReadError:
        return None, ()
    known = {line.strip() for line in file.ours.text.split("\n")}
    lines = file.merged.text.split("\n")
    near = range(line, min(len(lines), line + 2 * len(listing.values) + 1) + 1)
    added = tuple(lines[n - 1] for n in near if lines[n - 1].strip() not in known)
    return Place(theirs.path, counterpart(theirs.text, file.merged.text, line)), added

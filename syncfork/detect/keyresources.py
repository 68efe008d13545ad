"""Android's resources: names that stand twice in the merged files of a folder, where no side has them twice."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from msgspec import Struct

from syncfork.detect.base import File, Found, View
from syncfork.detect.searching import line_numbers
from syncfork.report import Place, Site
from syncfork.text import Document

# What is in these may repeat a name: `item` in a style, `attr` in what declares several.
_ELEMENT = re.compile(
    r"<(string|plurals|string-array|integer-array|array|color|dimen|bool|integer|drawable|style|fraction)\s([^<>]*)"
)
_NAME = re.compile(r"\bname\s*=\s*([\"'])(.*?)\1")
# The same text for another kind of device has the same name.
_PRODUCT = re.compile(r"\bproduct\s*=\s*([\"'])(.*?)\1")
_COMMENT = re.compile(r"<!--(?:.*?-->|.*)", re.DOTALL)

# The kind of a resource, its name and the product that it is for.
_Key = tuple[str, str, str]


class _Site(Struct, frozen=True):
    """Where a resource stands in the merged tree; its line counts from 1."""

    file: File
    line: int

    @property
    def come(self) -> bool:
        """Whether the merge brings it to the fork."""
        return self.line in self.file.new_lines


def doubled_resources(view: View) -> Iterator[Found]:
    """The files of a `values` folder are one list to the build, which refuses a name that is there twice."""
    folders: dict[str, list[File]] = defaultdict(list)
    for file in view.files:
        if is_of_values(file.path):
            folders[str(PurePosixPath(file.path).parent)].append(file)
    for files in folders.values():
        if any(file.changed_by_ours for file in files) and any(file.changed_by_theirs for file in files):
            yield from _doubled(files)


def is_of_values(path: str) -> bool:
    """Whether a file holds resources as values: texts, colours, sizes."""
    return path.endswith(".xml") and PurePosixPath(path).parent.name.partition("-")[0] == "values"


def _doubled(files: Sequence[File]) -> Iterator[Found]:
    merged = _sites(files)
    twice = {key: sites for key, sites in merged.items() if len(sites) > 1}
    known = [_names([getattr(file, side) for file in files]) for side in ("ours", "theirs")] if twice else []
    for key, sites in twice.items():
        if all(names[key] < 2 for names in known):
            yield _told(key, sites)


def _sites(files: Sequence[File]) -> Mapping[_Key, list[_Site]]:
    found: dict[_Key, list[_Site]] = defaultdict(list)
    for file in files:
        for key, line in elements(file.merged):
            found[key].append(_Site(file, line))
    return found


def _names(documents: Sequence[Document | None]) -> Counter[_Key]:
    return Counter(key for document in documents for key, _ in elements(document))


def elements(document: Document | None) -> Iterator[tuple[_Key, int]]:
    """The resources that a file of values has, in order: kind, name and product, and the line (from 1)."""
    if document is None or "<resources" not in document.text:
        return
    text = _COMMENT.sub(lambda comment: " " * len(comment[0]), document.text)
    line_of = line_numbers(document.text)
    for element in _ELEMENT.finditer(text):
        if name := _NAME.search(element[2]):
            product = _PRODUCT.search(element[2])
            yield (element[1], name[2], product[2] if product else ""), line_of(element.start())


def _told(key: _Key, sites: Sequence[_Site]) -> Found:
    site = next((site for site in sites if site.come), sites[-1])
    others = tuple(Site(other.file.path, other.line) for other in sites if other is not site)
    places = ", ".join(other.told for other in others)
    assert site.file.merged is not None  # it was read there
    text = site.file.merged.line(site.line)
    theirs = site.file.theirs
    lines = theirs.text.split("\n") if theirs else []
    return Found(
        "breakage",
        site.file.path,
        site.line,
        f"the {key[0]} `{key[1]}` now stands twice among the resources of this folder, here and in {places}",
        "keep one of the two, with what both sides meant it to say",
        Place(theirs.path, lines.index(text) + 1) if theirs and text in lines else None,
        added=(text,),
        also=others,
    )

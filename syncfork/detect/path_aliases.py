"""What the repository itself tells of the names by which its files import others: `@/a/b` leads below the folder to which
other imports that begin so lead, too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from posixpath import normpath

from msgspec import Struct

from syncfork.detect.base import File, View
from syncfork.detect.path_imports import FileImport, file_imports, within
from syncfork.globs import in_glob

# So many others are asked for each alias, in so many files.
_OTHERS, _FILES = 12, 300


_SIGNS = ("@", "~", "$")


class Alias(Struct, frozen=True):
    """How what is imported begins, and the folder that it stands for."""

    start: str
    root: str

    @property
    def signed(self) -> bool:
        """Whether it is no name of a folder."""
        return self.start[:1] in _SIGNS

    def inner(self, item: FileImport) -> tuple[str, ...]:
        """What an import may mean, from the folder; nothing where it begins otherwise."""
        if not item.alias or not item.written.startswith(self.start):
            return ()
        left = len(self.start) if self.signed else 0
        return tuple(normpath(path[left:]) for path in item.paths)

    def paths(self, item: FileImport) -> tuple[str, ...]:
        """The files of the repository that an import may mean; none where it begins otherwise, or leads out."""
        paths = (normpath(f"{self.root}{path}") for path in self.inner(item))
        return tuple(path for path in paths if within(path))


def possible(item: FileImport, endings: Mapping[str, Sequence[str]]) -> Iterator[Alias]:
    """The aliases by which an import would mean one of some paths; `endings` has these by their last part."""
    first = item.written.partition("/")[0]
    # The name of a folder stands for itself, or a sign or a scope for a folder.
    start = f"{first}/"
    for inner in Alias(start, "").inner(item):
        for path in endings.get(inner.rpartition("/")[2], ()):
            if f"/{path}".endswith(f"/{inner}"):
                yield Alias(start, path[: len(path) - len(inner)])


def borne_out(view: View, aliases: Iterable[Alias], side: str, like: Iterable[File]) -> set[Alias]:
    """Those of the aliases by which other imports, of the files `like` first, lead to files of that side's tree: to more than
    not."""
    asked = set(aliases)
    others: dict[Alias, dict[str, tuple[str, ...]]] = defaultdict(dict)
    starts = {alias.start for alias in asked}
    files = {file.path: file for file in (*like, *view.files)}.values()
    texts = (
        file.merged for file in files if file.merged and any(start in file.merged.text for start in starts)
    )
    for document in islice(texts, _FILES):
        for item in file_imports(document):
            for alias in asked:
                if (paths := alias.paths(item)) and len(others[alias]) < _OTHERS:
                    others[alias][item.written] = paths
        if all(len(others[alias]) == _OTHERS for alias in asked):
            break
    every = {path for each in others.values() for paths in each.values() for path in paths}
    there = view.trees.exists(side, every) if every else set()

    def leads(alias: Alias) -> bool:
        led = [not there.isdisjoint(paths) for paths in others[alias].values()]
        # The import in question is one of them.
        return sum(led) > 1 and 2 * sum(led) > len(led)

    return {alias for alias in asked if leads(alias)}


Use = tuple[File, FileImport, Alias]


def elsewhere(view: View, uses: Sequence[Use]) -> list[Use]:
    """Those of the imports by an alias that may as well mean a file of the merged tree in another folder: all but those by a
    sign, from within the folder that it stands for."""
    unsure = [use for use in uses if not use[2].signed or not use[0].path.startswith(use[2].root)]
    forms = {inner for _, item, alias in unsure for inner in alias.inner(item)}
    there = (
        view.trees.matching("merged", [f":(top,glob)**/{in_glob(form)}" for form in sorted(forms)])
        if forms
        else set()
    )
    return [
        use
        for use in unsure
        if any(f"/{path}".endswith(f"/{form}") for form in use[2].inner(use[1]) for path in there)
    ]

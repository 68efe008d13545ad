"""The fork's folder of remembered resolutions, read from a commit of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from syncfork.commands.shipped import shipped
from syncfork.config import Config
from syncfork.git.door import decode
from syncfork.git.pathspecs import literal
from syncfork.git.repository import Repository
from syncfork.resolve.memory import Filed, Judged, Memory, State, judge
from syncfork.resolve.resolution import ENDING
from syncfork.resolve.written import read_resolution
from syncfork.words import one_line

_MOST_NAMED = 5


class Folder(Struct, frozen=True):
    """What a fork's folder of resolutions holds; `mistakes` are of files that are none, each with file and line, and
    `shipped` are the files that upstream wrote, which are not read."""

    name: str
    judged: tuple[Judged, ...] = ()
    mistakes: tuple[str, ...] = ()
    shipped: tuple[str, ...] = ()

    @property
    def filed(self) -> tuple[Filed, ...]:
        """Every resolution that could be read, whatever it is worth."""
        return tuple(item.filed for item in self.judged)

    def of(self, state: State) -> list[Judged]:
        """The resolutions in that state."""
        return [item for item in self.judged if item.state == state]


def read_folder(repository: Repository, commit: str, config: Config, upstream: Sequence[str] = ()) -> Folder:
    """The folder as it is in `commit`, judged by that commit's files, without what the commits `upstream` have just so:
    a seal is no signature, and anyone can write one. Four git processes, however many there are."""
    contents = committed_files(repository, commit, config)
    theirs = shipped(repository, commit, contents, upstream)
    own = {path: content for path, content in contents.items() if path not in theirs}
    return replace(judged_folder(repository, commit, config.resolutions, own), shipped=tuple(sorted(theirs)))


def committed_files(repository: Repository, commit: str, config: Config) -> dict[str, bytes | None]:
    """The folder's files in `commit`; None for what is no regular file, or cannot be read."""
    folder = config.resolutions
    entries = repository.entries(commit, [literal(folder)]) if folder else {}
    named = {path: entry for path, entry in sorted(entries.items()) if path.endswith(ENDING)}
    blobs = repository.blobs(entry.oid for entry in named.values() if entry.is_file) if named else {}
    return {path: blobs.get(entry.oid) if entry.is_file else None for path, entry in named.items()}


def judged_folder(
    repository: Repository, commit: str, folder: str, contents: Mapping[str, bytes | None]
) -> Folder:
    """The files `contents`, judged by the fork's files in `commit`."""
    filed, mistakes = parse_all(contents)
    return Folder(folder, tuple(judge(filed, _texts(repository, commit, filed))), tuple(mistakes))


def parse_all(contents: Mapping[str, bytes | None]) -> tuple[list[Filed], list[str]]:
    """The resolutions in files, by path, and what is wrong in the others. None: there is no regular file to read."""
    filed: list[Filed] = []
    mistakes: list[str] = []
    for path, content in contents.items():
        found = (
            read_resolution(path, content) if content is not None else [f"{path}:1: expected a regular file"]
        )
        if isinstance(found, list):
            mistakes += found
        else:
            filed.append(Filed(path, found))
    return filed, mistakes


def _texts(repository: Repository, commit: str, filed: Sequence[Filed]) -> dict[str, str | None]:
    """The fork's files that resolutions are about; one process for all."""
    paths = list(dict.fromkeys(item.resolution.path for item in filed))
    blobs = repository.blobs(f"{commit}:{path}" for path in paths) if paths else {}
    found = {path: blobs[f"{commit}:{path}"] for path in paths}
    return {path: None if content is None else decode(content) for path, content in found.items()}


def load_memory(repository: Repository, commit: str, config: Config, upstream: Sequence[str] = ()) -> Memory:
    """The resolutions of `commit` that may be used; those that may not are in `warnings`, each with what to do. What the
    commits `upstream` have just so is upstream's."""
    folder = read_folder(repository, commit, config, upstream)
    expired = (item.filed.resolution for item in folder.of("expired"))
    back = frozenset(resolution.path for resolution in expired if resolution.kind == "path")
    return Memory(tuple(item.filed for item in folder.of("valid")), tuple(_warnings(folder)), back=back)


def _warnings(folder: Folder) -> Iterator[str]:
    for mistake in folder.mistakes:
        yield f"not used: {mistake}"
    if folder.shipped:
        yield (
            f"not used: upstream wrote {_listed(folder.shipped)}, and what upstream decided is no decision of the "
            "fork's; look at it, then: git rm FILE"
        )
    for item in folder.of("altered"):
        file = item.filed.file
        yield (
            f"not used: {file} was altered by hand since it was recorded; look at it, then: "
            f"syncfork resolutions seal {file}"
        )
    told: set[str] = set()
    for item in folder.of("contradicting"):
        if item.filed.file not in told:
            files = [item.filed.file, *item.others]
            told.update(files)
            yield f"not used: {' and '.join(files)} resolve the same conflict in different ways; delete all but one"
    if expired := [item.filed.file for item in folder.of("expired")]:
        yield f"not used: expired, their regions are gone: {_listed(expired)}; syncfork resolutions prune"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"{', '.join(one_line(name) for name in names[:_MOST_NAMED])}{more}"

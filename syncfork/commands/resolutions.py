"""`syncfork resolutions`: what a fork remembers, whether it may be used, and what it was worth in past merges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct, field

from syncfork.commands.memory import Folder, judged_folder, read_folder
from syncfork.commands.replay import ReplayOptions, Tick, open_fork
from syncfork.config import Config, committed_sources, worktree_sources
from syncfork.errors import ExitCode, RuleError, UsageError
from syncfork.git.repository import Repository
from syncfork.merge.trials import Trial, trials
from syncfork.resolve.base import Answer, Disputed
from syncfork.resolve.memory import Filed, Judged, Memory
from syncfork.resolve.past import outcomes
from syncfork.resolve.resolution import ENDING, Resolution, alike, key_of, seal
from syncfork.resolve.written import write_resolution


class Uses(Struct, frozen=True):
    """What replay told of a resolution. `again` is whether its own merge was committed as it says, None where that
    merge is not in the history; `right` and `wrong` are the uses in other merges, each as COMMIT:PATH."""

    again: bool | None = None
    right: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()


class Checked(Struct, frozen=True):
    """A folder, and by file what replay told of each resolution over `merges` merges."""

    folder: Folder
    uses: Mapping[str, Uses] = field(default_factory=dict)
    merges: int = 0
    warnings: tuple[str, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """1 where a resolution is not to be used, or replay speaks against it."""
        bad = self.folder.mistakes or any(item.state != "valid" for item in self.folder.judged)
        worse = any(uses.wrong or uses.again is False for uses in self.uses.values())
        return ExitCode.NEEDS_HUMAN if bad or worse else ExitCode.OK


def read_here(repository: Repository) -> Folder:
    """The folder as it lies in the worktree, committed or not, judged by the files of HEAD; HEAD's in a bare
    repository."""
    head = repository.resolve(["HEAD^{commit}"])["HEAD^{commit}"]
    if head is None:
        raise UsageError("the fork has no commit yet", "make the first commit")
    root = repository.work_tree
    if root is None:
        return read_folder(repository, head, committed_sources(repository, head).config)
    config = worktree_sources(root).config
    return judged_folder(repository, head, config.resolutions, _on_disk(root, config))


def _on_disk(root: Path, config: Config) -> dict[str, bytes | None]:
    folder = root / config.resolutions
    if not config.resolutions or not folder.is_dir():
        return {}
    files = sorted(path for path in folder.rglob(f"*{ENDING}") if path.is_file() or path.is_symlink())
    return {
        path.relative_to(root).as_posix(): None if path.is_symlink() else path.read_bytes() for path in files
    }


def list_resolutions(directory: Path) -> Folder:
    """All resolutions with their states."""
    return read_here(Repository.open(directory))


def show_resolution(directory: Path, name: str) -> Judged:
    """The resolution in the file `name`: its path, its name, or how the name begins. Raises UsageError."""
    return _named(list_resolutions(directory), name)


def _named(folder: Folder, name: str) -> Judged:
    path = name.removeprefix("./")
    exact = [item for item in folder.judged if path in (item.filed.file, item.filed.id)]
    found = exact or [item for item in folder.judged if item.filed.id.startswith(path)]
    wrong = [mistake for mistake in folder.mistakes if mistake.startswith(f"{path}:")]
    if wrong:
        raise RuleError("\n".join(wrong), "correct these places, then seal the file")
    if len(found) != 1:
        what = f"{len(found)} resolutions begin with" if found else "no resolution is called"
        raise UsageError(f"{what} {name!r}", "`syncfork resolutions list` has their names")
    return found[0]


def seal_resolution(directory: Path, name: str) -> Judged:
    """Accept what a resolution's file says now, by a new seal. Raises UsageError, or RuleError for its mistakes."""
    repository = Repository.open(directory)
    root = _worktree(repository)
    found = show_resolution(directory, name)
    path = root / found.filed.file
    path.write_bytes(write_resolution(seal(found.filed.resolution)).encode())
    return show_resolution(directory, found.filed.file)


def prune_resolutions(directory: Path) -> tuple[str, ...]:
    """Delete the files of expired resolutions from the worktree; returns their paths."""
    repository = Repository.open(directory)
    root = _worktree(repository)
    files = tuple(item.filed.file for item in read_here(repository).of("expired"))
    for file in files:
        (root / file).unlink()
    return files


def _worktree(repository: Repository) -> Path:
    if repository.work_tree is None:
        raise UsageError("this is a bare repository: there is no worktree with files to change")
    return repository.work_tree


def check_resolutions(
    directory: Path, upstream: str | None = None, last: int | None = None, tick: Tick = lambda _, __: None
) -> Checked:
    """Judge every resolution, and try it on the fork's past merges; `last` is a number of merges, None for all."""
    folder = list_resolutions(directory)
    if not folder.judged:
        return Checked(folder)
    opened = open_fork(ReplayOptions(directory, upstream=upstream, last=last))
    seen = _Seen(folder)
    for done, trial in enumerate(trials(opened.repository, opened.found.syncs, opened.setup.rules), start=1):
        seen.look(trial)
        tick(done, len(opened.found.syncs))
    return Checked(folder, seen.uses(), len(opened.found.syncs), opened.warnings)


class _Seen:
    """What past merges told of each resolution so far."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.again: dict[str, bool] = {}
        self.right: dict[str, list[str]] = {}
        self.wrong: dict[str, list[str]] = {}

    def uses(self) -> dict[str, Uses]:
        """By file."""
        return {
            item.file: Uses(
                self.again.get(item.file),
                tuple(self.right.get(item.file, ())),
                tuple(self.wrong.get(item.file, ())),
            )
            for item in self.folder.filed
        }

    def look(self, trial: Trial) -> None:
        """Hold the resolutions that were made in a merge against it, and use the others on it."""
        sync = trial.sync
        made = [item for item in self.folder.filed if item.resolution.merge == (sync.ours, sync.theirs)]
        others = tuple(item.filed for item in self.folder.of("valid") if item.filed not in made)
        memory = Memory(others)
        for file, committed in trial.paths:
            results = _results(file, committed)
            for item in made:
                self._same(item, file, results)
            for answer, result in _answers(memory, file, results):
                of = next(item for item in others if answer.by == f"memory {item.id}")
                kind = self.right if answer.text == result else self.wrong
                kind.setdefault(of.file, []).append(f"{sync.commit[:9]}:{file.path}")

    def _same(self, item: Filed, file: Disputed, results: Mapping[int | None, str | None]) -> None:
        known = item.resolution
        if known.kind == "path" and known.path == file.path and None in results:
            self.again[item.file] = results[None] is None
        for number, clash in enumerate(file.clashes):
            if number in results and (key_of(clash) == known.key and known.path == file.path):
                self.again[item.file] = self.again.get(item.file, True) and _like(known, results[number])


def _like(known: Resolution, result: str | None) -> bool:
    return alike(known.result or "") == alike(result or "")


def _results(file: Disputed, committed: str | None) -> dict[int | None, str | None]:
    """What people made of each clash that can be told, by number; of the path as a whole under None."""
    if file.ours is None or committed is None:
        return {None: committed}
    made = outcomes(file, committed) if file.parts else ()
    return {number: result for number, result in enumerate(made) if result is not None}


def _answers(
    memory: Memory, file: Disputed, results: Mapping[int | None, str | None]
) -> Iterator[tuple[Answer, str | None]]:
    for number, result in results.items():
        answer = memory.whole(file) if number is None else memory.clash(file, number)
        if answer:
            yield answer, result

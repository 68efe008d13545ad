"""What several verbs share: the opened fork, its upstream, and the checks before anything is done."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from syncfork.commands.answering import Answering
from syncfork.commands.upstream import Wanted, fetch_upstream, find_upstream, web_of
from syncfork.config import Setup, committed_sources, compiled, held
from syncfork.detect.registry import DETECTORS
from syncfork.errors import SyncforkError
from syncfork.git.door import Tick, begun
from syncfork.git.rangelog import RangeLog
from syncfork.git.repository import Repository
from syncfork.merge.beforehand import Beforehand
from syncfork.merge.engine import expect_related
from syncfork.merge.workspace import Workspace
from syncfork.report import Ref

# Files in the git directory that tell of an operation in progress, with the words for it and the way out.
_OPERATIONS = {
    "MERGE_HEAD": ("a merge", "finish it with `git commit`, or undo it with `git merge --abort`"),
    "rebase-merge": ("a rebase", "`git rebase --continue` or `git rebase --abort`"),
    "rebase-apply": ("a rebase", "`git rebase --continue` or `git rebase --abort`"),
    "CHERRY_PICK_HEAD": ("a cherry-pick", "`git cherry-pick --continue` or `git cherry-pick --abort`"),
    "REVERT_HEAD": ("a revert", "`git revert --continue` or `git revert --abort`"),
    "BISECT_LOG": ("a bisect", "`git bisect reset`"),
}


class Session(Struct, frozen=True):
    """An opened fork: its commit, its setup as it is `written` and as it counts for the upstream revision in question."""

    repository: Repository
    written: Setup
    setup: Setup
    fork: Ref
    upstream: Ref
    bases: tuple[str, ...]
    log: RangeLog
    answering: Answering
    beforehand: Beforehand | None = None

    def at(self, upstream: Ref) -> Session:
        """The same for another upstream commit."""
        repository, ours, theirs = self.repository, self.fork.commit, upstream.commit
        bases = tuple(repository.merge_bases(ours, theirs))
        return replace(
            self,
            setup=held(repository, self.written, ours, theirs, bases),
            upstream=upstream,
            bases=bases,
            log=RangeLog(repository, ours, theirs),
            beforehand=None,
        )

    def ahead(self) -> int:
        """How many commits the fork has for itself."""
        return self.repository.count(self.fork.commit, self.bases)

    def behind(self) -> int:
        """How many commits upstream has for itself."""
        return self.repository.count(self.upstream.commit, self.bases)

    @property
    def web(self) -> str | None:
        """Upstream's web address, from the remote that the revision belongs to."""
        return web_of(self.repository, self.upstream.ref)


def open_session(
    repository: Repository,
    upstream: str | None,
    packs: Sequence[str],
    *,
    fetch: Tick | None = None,
    space: Workspace | None = None,
    logged: bool = False,
) -> Session:
    """Read the fork's setup and find what is to be merged.

    `upstream` is any revision; by default what `syncfork.toml` says, else the remote `upstream`'s main branch. With
    `fetch` its remote is fetched first, and `fetch` told how far that is. `space` is
    given where the two are to be merged in it, and `logged` is true where upstream's log will be asked for in any case:
    what git alone can tell of that is begun at once.
    Raises SyncforkError (or a kind of it) that says what is wrong and what to do.
    """
    refuse_shallow(repository)
    head = repository.resolve(["HEAD^{commit}"])["HEAD^{commit}"]
    if head is None:
        raise SyncforkError(
            "the fork has no commit yet, or its last one cannot be read",
            "make the first commit, or run `git fsck`",
        )
    sources = committed_sources(repository, head, packs)
    wanted = Wanted.of(upstream, sources.config)
    told = fetch_upstream(repository, wanted, fetch) if fetch else ()
    found = find_upstream(repository, wanted)
    log = RangeLog(repository, head, found.commit)
    if logged:
        log.begin()
    bases = begun(lambda: tuple(repository.merge_bases(head, found.commit)))
    texts = bool(DETECTORS.keys() - set(sources.config.detectors_off))
    beforehand = Beforehand(space, head, found.commit, bases.result, texts=texts, log=log) if space else None
    # For whoever asks later.
    remotes = begun(lambda: repository.remotes)
    written = compiled(sources, repository, head)
    written = replace(written, warnings=(*written.warnings, *told))
    setup = held(repository, written, head, found.commit, bases.result())
    back = frozenset(path for item in setup.lapsed for path in item.back)
    answering = Answering(repository, head, sources.config, (found.commit, *bases.result()), back)
    remotes.result()
    fork = Ref(repository.branch, head)
    return Session(repository, written, setup, fork, found, bases.result(), log, answering, beforehand)


def refuse_shallow(repository: Repository, missing: str = "the merge base may be cut off") -> None:
    """Raise SyncforkError where the history may be cut off; `missing` says what would be wanted of it."""
    if repository.shallow:
        raise SyncforkError(
            f"this is a shallow clone: {missing}",
            "run `git fetch --unshallow` first; in a CI, check out with the whole history (`fetch-depth: 0`)",
        )


def refuse_operation(repository: Repository) -> None:
    """Raise SyncforkError where a merge, rebase or the like is in progress."""
    if found := operation(repository):
        what, way_out = found
        raise SyncforkError(f"{what} is in progress in this worktree", way_out)


def operation(repository: Repository) -> tuple[str, str] | None:
    """What is in progress in this worktree, a merge, rebase or the like, and the way out of it."""
    return next((told for name, told in _OPERATIONS.items() if (repository.git_dir / name).exists()), None)


def refusal(repository: Repository, bases: Sequence[str]) -> SyncforkError | None:
    """What a merge with these merge bases would be refused with, before it is tried; None where nothing is known."""
    try:
        if repository.work_tree is not None:
            refuse_operation(repository)
        expect_related(bases)
    except SyncforkError as error:
        return error
    return None

"""What several verbs share: the opened fork, its upstream, and the checks before anything is done."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from syncfork.commands.answering import Answering
from syncfork.config import FILE, Setup, committed_sources, compiled, held, worktree_config
from syncfork.detect.registry import DETECTORS
from syncfork.errors import RuleError, SyncforkError, UsageError
from syncfork.git.door import Tick, begun
from syncfork.git.rangelog import RangeLog
from syncfork.git.repository import Repository
from syncfork.merge.beforehand import Beforehand
from syncfork.merge.culprits import web_address
from syncfork.merge.engine import expect_related
from syncfork.merge.workspace import Workspace
from syncfork.render.text import count
from syncfork.report import Ref
from syncfork.words import shell_words

_DEFAULTS = ("refs/remotes/upstream/HEAD", "refs/remotes/upstream/main", "refs/remotes/upstream/master")

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


def web_of(repository: Repository, ref: str) -> str | None:
    """The web address of the remote that `ref` (REMOTE/BRANCH) belongs to, else of the remote `upstream`."""
    remotes = repository.remotes
    name = ref.removeprefix("refs/remotes/").split("/")[0]
    url = remotes.get(name) or remotes.get("upstream")
    return web_address(url) if url else None


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

    `upstream` is any revision; by default that of `syncfork.toml`, else the remote `upstream`'s main branch. With
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
    named = upstream or sources.config.upstream
    told = fetch_upstream(repository, named, fetch) if fetch else ()
    found = find_upstream(repository, named, given=bool(upstream))
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


def find_upstream(repository: Repository, name: str, *, given: bool = True) -> Ref:
    """The upstream revision `name`, by default the remote `upstream`'s main branch. `given` is false for the name that
    the fork's configuration has. Raises UsageError."""
    names = [name] if name else list(_DEFAULTS)
    found = repository.resolve(f"{candidate}^{{commit}}" for candidate in names)
    for candidate in names:
        if commit := found.get(f"{candidate}^{{commit}}"):
            return Ref(candidate.removeprefix("refs/remotes/"), commit)
    if name:
        raise UsageError(
            f"{name!r}{'' if given else f', which {FILE} names,'} is not a revision this repository knows",
            _instead(repository, name, given),
        )
    if _names_upstream(repository):
        raise UsageError(
            "syncfork.toml is not committed yet, so the upstream that it names is not known",
            "git add syncfork.toml && git commit",
        )
    raise UsageError(
        "no upstream is known",
        "name a revision, or add the remote: git remote add upstream URL && git fetch upstream",
    )


def _instead(repository: Repository, name: str, given: bool) -> str:
    """What to do about a revision that is not known; what the configuration names, not `given`, is changed there."""
    from difflib import get_close_matches

    branches = repository.git.text(
        "for-each-ref", "--format=%(refname:lstrip=2)", "refs/remotes", "refs/heads"
    )
    # The fork's own branch is never upstream's.
    known = [branch for branch in branches.split("\n") if branch not in ("", repository.branch)]
    meant = [branch for branch in known if branch.endswith(f"/{name}")] or get_close_matches(name, known, 1)
    ways = [f"did you mean {meant[0]}?"] if meant else []
    remotes = repository.remotes
    remote, slash, _ = name.removeprefix("refs/remotes/").partition("/")
    named = slash and remote not in remotes and remote != "refs" and not remote.startswith("-")
    if not given:
        ways = [f"{ways[0]} Then change `upstream` in {FILE}" if meant else f"change `upstream` in {FILE}"]
        if named:
            return f"{ways[0]}, or: {_adding(remote)}"
    if not meant:
        ways.append(
            f"fetch it first; remotes here: {', '.join(remotes)}"
            if remotes
            else f"add its remote: {_adding('upstream')}"
        )
    return ", or ".join(ways)


def _adding(remote: str) -> str:
    name = shell_words([remote])
    return f"git remote add {name} URL && git fetch {name}"


def _names_upstream(repository: Repository) -> bool:
    """Whether the configuration in the worktree, which is not what counts, names an upstream."""
    try:
        return bool(worktree_config(repository.work_tree).upstream)
    except (OSError, RuleError):
        return False


def fetch_upstream(repository: Repository, name: str, tick: Tick) -> tuple[str, ...]:
    """Fetch the remote that `name` (REMOTE/BRANCH) belongs to, as the user; a word where upstream was rewritten since
    the last fetch. Raises SyncforkError."""
    try:
        from syncfork.git.fetching import fetch
    except ImportError as error:
        # GitPython looks for git when it is loaded.
        raise SyncforkError(
            f"git is not usable: {str(error).strip().splitlines()[0]}", "install git 2.38 or newer"
        ) from error
    wanted = name.removeprefix("refs/remotes/").split("/")[0] if name else "upstream"
    remote = wanted if wanted in repository.remotes else "upstream"
    if remote not in repository.remotes:
        raise UsageError(
            f"there is no remote to fetch {name or 'upstream'} from", "git remote add upstream URL"
        )
    before = _tip(repository, name)
    done = fetch(repository.git, remote, tick)
    if done.code:
        raise SyncforkError(
            f"fetching {remote} failed: {done.err.strip()}", "nothing was changed; try again later"
        )
    after = _tip(repository, name)
    return rewritten(repository, before, after, "fetch") if before and after else ()


def _tip(repository: Repository, name: str) -> str | None:
    """The upstream commit that `name` stands for now; None where there is none yet."""
    try:
        return find_upstream(repository, name).commit
    except UsageError:
        return None


def rewritten(repository: Repository, before: str, now: str, last: str) -> tuple[str, ...]:
    """A word where upstream's tip no longer holds the commit that it was `before`, at the last fetch or run."""
    if before == now or repository.merge_bases(before, now) == [before]:
        return ()
    taken = repository.merge_bases("HEAD", before)
    gone = repository.count(taken[0], [now]) if taken else 0
    parts = [
        f"upstream was rewritten: {before[:9]}, where it stood at the last {last}, is not in it any more"
    ]
    if gone:
        parts.append(
            f"what the fork had merged of it ({count(gone, 'commit')}) counts as the fork's own now; look at "
            "`syncfork merge --dry-run` first. `git merge -s ours COMMIT`, with the new upstream commit that has the "
            "same files, joins the histories"
        )
    return ("; ".join(parts),)


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

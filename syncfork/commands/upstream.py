"""Which upstream revision is meant, and how it is fetched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from syncfork.config import FILE, Config, worktree_config
from syncfork.errors import RuleError, SyncforkError, UsageError
from syncfork.forge import web_address
from syncfork.git.door import Tick
from syncfork.git.objects import is_id
from syncfork.git.repository import Repository
from syncfork.git.tags import KEPT, forget_withdrawn, newest, newest_known, of_remote
from syncfork.report import Ref
from syncfork.words import count, shell_words

# So many tags are fetched until one is a commit's.
_MOST_TRIED = 5
_DEFAULTS = ("refs/remotes/upstream/HEAD", "refs/remotes/upstream/main", "refs/remotes/upstream/master")


class Wanted(Struct, frozen=True):
    """Which upstream revision is meant: the one that is `asked` for on the command line, else the newest tag of the form
    `tags` (a glob) where the fork follows tags, else `home`, the revision that its configuration names. Where that is
    empty, too, the main branch of the remote `upstream`."""

    asked: str = ""
    home: str = ""
    tags: str = ""

    @classmethod
    def of(cls, asked: str | None, config: Config) -> Wanted:
        """What is meant where `asked` is what the command line says."""
        return cls(asked or "", config.upstream, config.tags)

    @property
    def name(self) -> str:
        """The revision by its name; empty for the usual one."""
        return self.asked or self.home

    @property
    def form(self) -> str:
        """Of which form the tag is to be; empty where none is asked for."""
        return "" if self.asked else self.tags

    def remote(self, repository: Repository) -> str:
        """The remote that the revision belongs to: the one it is named by, else the configured one's, else `upstream`."""
        return repository.remote_of(self.asked) or repository.remote_of(self.home) or "upstream"

    def others(self, repository: Repository) -> list[str]:
        """What else of upstream's is known where the fork follows tags, as arguments of `git rev-list`: its branches, and
        all that was fetched of its tags."""
        remote = self.remote(repository)
        # A branch of the fork's own repository stands beside the fork's.
        alone = remote == "origin" or remote not in repository.remotes
        return [f"--glob={KEPT}{remote}", f"--remotes={remote}"] if self.form and not alone else []


def web_of(repository: Repository, ref: str) -> str | None:
    """The web address of the remote that `ref` (REMOTE/BRANCH) belongs to, else of the remote `upstream`."""
    url = repository.remotes.get(Wanted(ref).remote(repository))
    return web_address(url) if url else None


def find_upstream(repository: Repository, wanted: Wanted) -> Ref:
    """The upstream revision that is meant, a tag as REMOTE/TAG. Raises UsageError."""
    if wanted.form:
        return _newest(repository, wanted)
    name = wanted.name
    usual = {branch: branch.removeprefix("refs/remotes/") for branch in _DEFAULTS}
    if found := _named(repository, wanted) if name else _first(repository, usual):
        return found
    if name:
        raise UsageError(
            f"{name!r}{'' if wanted.asked else f', which {FILE} names,'} is not a revision this repository knows",
            _instead(repository, name, bool(wanted.asked)),
        )
    if _names_upstream(repository):
        raise UsageError(
            "syncfork.toml is not committed yet, so the upstream that it names is not known",
            "git add syncfork.toml && git commit",
        )
    raise UsageError(
        "no upstream is known",
        "`syncfork init` finds its main branch and writes it down; or name a revision"
        if any(remote != "origin" for remote in repository.remotes)
        else "name a revision, or add the remote: git remote add upstream URL && git fetch upstream",
    )


def _newest(repository: Repository, wanted: Wanted) -> Ref:
    """The newest of upstream's tags that are here. Raises UsageError where there is none."""
    remote = wanted.remote(repository)
    known = newest_known(repository, remote, wanted.form)
    if known and (found := _first(repository, dict([known]))):
        return found
    raise UsageError(
        f"no tag of {remote}'s is here that matches {wanted.form!r}, the `tags` of {FILE}",
        "`syncfork merge --fetch --dry-run` asks upstream for the newest, and gets it",
    )


def release_in(repository: Repository, wanted: Wanted, commit: str) -> str | None:
    """The newest release of upstream's in a commit's history, as a commit; None where no tag of the form is known there."""
    known = newest_known(repository, wanted.remote(repository), wanted.form, commit)
    found = _first(repository, dict([known])) if known else None
    return found.commit if found else None


def _first(repository: Repository, names: Mapping[str, str]) -> Ref | None:
    """The first of the names that stands for a commit, as it is shown."""
    commits = repository.resolve(f"{name}^{{commit}}" for name in names) if names else {}
    found = ((shown, commits[f"{name}^{{commit}}"]) for name, shown in names.items())
    return next((Ref(shown, commit) for shown, commit in found if commit), None)


def _named(repository: Repository, wanted: Wanted) -> Ref | None:
    """What a name stands for: a branch of a remote; a tag of upstream's, called by its name alone or as REMOTE/TAG; and only
    then what it is in this clone, which may have a tag of that name for itself."""
    name = wanted.name
    shown = name.removeprefix("refs/remotes/")
    if found := _first(repository, {f"refs/remotes/{shown}": shown}):
        return found
    remote = wanted.remote(repository)
    tag = name.removeprefix(f"{remote}/")
    as_tag = f"{remote}/{tag}"
    return _first(repository, {f"{KEPT}{as_tag}": as_tag, name: shown, f"refs/tags/{tag}": as_tag})


def _instead(repository: Repository, name: str, given: bool) -> str:
    """What to do about a revision that is not known; what the configuration names, not `given`, is changed there."""
    branches = repository.git.text(
        "for-each-ref", "--format=%(refname:lstrip=2)", "refs/remotes", "refs/heads"
    )
    # The fork's own branch is never upstream's.
    known = [branch for branch in branches.split("\n") if branch not in ("", repository.branch)]
    meant = [branch for branch in known if branch.endswith(f"/{name}")] or _alike(name, known, 1)
    ways = [f"did you mean {meant[0]}?"] if meant else []
    remotes = repository.remotes
    remote, slash, _ = name.removeprefix("refs/remotes/").partition("/")
    named = slash and remote not in remotes and remote != "refs" and not remote.startswith("-")
    if not given:
        ways = [f"{ways[0]} Then change `upstream` in {FILE}" if meant else f"change `upstream` in {FILE}"]
        if named:
            return f"{ways[0]}, or: {_adding(remote)}"
    a_tag = ", with --fetch where it is a tag of upstream's" if given else ""
    if not meant:
        ways.append(
            f"fetch it first{a_tag}; remotes here: {', '.join(remotes)}"
            if remotes
            else f"add its remote: {_adding('upstream')}"
        )
    return ", or ".join(ways)


def _alike(name: str, known: Iterable[str], most: int) -> list[str]:
    # Loaded for a mistake only.
    from difflib import get_close_matches

    return get_close_matches(name, list(known), most)


def _adding(remote: str) -> str:
    name = shell_words([remote])
    return f"git remote add {name} URL && git fetch {name}"


def _names_upstream(repository: Repository) -> bool:
    """Whether the configuration in the worktree, which is not what counts, names an upstream."""
    try:
        return bool(worktree_config(repository.work_tree).upstream)
    except (OSError, RuleError):
        return False


def fetch_upstream(repository: Repository, wanted: Wanted, tick: Tick) -> tuple[str, ...]:
    """Fetch the remote that the revision belongs to, as the user: its branches, and the tag that is meant. What comes out
    are words about what upstream changed of what it had published. Raises SyncforkError."""
    remote, name = wanted.remote(repository), wanted.name
    if remote not in repository.remotes:
        raise UsageError(
            f"there is no remote to fetch {name or 'upstream'} from", "git remote add upstream URL"
        )
    branch = replace(wanted, tags="")
    before = _tip(repository, branch)
    _fetch(repository, remote, tick)
    gone: list[str] = []
    if wanted.form or _may_be_a_tag(repository, name):
        there = of_remote(repository.git, remote)
        gone = [f"upstream withdrew its tag {tag}" for tag in forget_withdrawn(repository, remote, there)]
        known = bool(not wanted.form and _tip(repository, branch))
        for tag in _tags_meant(wanted, remote, there, known=known)[:_MOST_TRIED]:
            # One of a tree or a file is no release.
            if (told := _bring_tag(repository, remote, tag, there[tag], tick)) is not None:
                return (*gone, *told)
    after = _tip(repository, branch)
    return (*gone, *(rewritten(repository, before, after, "fetch") if before and after else ()))


def _may_be_a_tag(repository: Repository, name: str) -> bool:
    """Whether a name is none of a branch or a commit, so that upstream may have a tag of that name."""
    if not name or is_id(name):
        return False
    branches = [f"refs/remotes/{name.removeprefix('refs/remotes/')}", f"refs/heads/{name}"]
    return not any(repository.resolve(branches).values())


def _tags_meant(wanted: Wanted, remote: str, there: Mapping[str, str], *, known: bool) -> list[str]:
    """The tags that may be meant, of those that upstream has, the likeliest first; none for a name of something else that
    is `known` here. Raises UsageError."""
    if wanted.form:
        if names := newest(there, wanted.form):
            return names
        others = ", ".join(newest(there, "*")[:5])
        raise UsageError(
            f"no tag of {remote}'s matches {wanted.form!r}, the `tags` of {FILE}",
            f"its newest are {others}: correct `tags`" if others else "it has none",
        )
    tag = wanted.name.removeprefix(f"{remote}/")
    meant = newest(there, f"{tag}*")[:3] or _alike(tag, there, 3)
    if tag not in there and meant and not known:
        raise UsageError(
            f"{wanted.name!r} is neither a revision this repository knows nor a tag of {remote}'s",
            f"did you mean {' or '.join(meant)}?",
        )
    return [tag] if tag in there else []


def _bring_tag(
    repository: Repository, remote: str, name: str, oid: str, tick: Tick
) -> tuple[str, ...] | None:
    """Fetch a tag, where it is not here as it is there; a word where upstream has moved it since the last fetch. None where
    it is no commit's."""
    ref = f"{KEPT}{remote}/{name}"
    commit = f"{ref}^{{commit}}"
    stood = repository.resolve([ref, commit])
    if stood[ref] != oid:
        _fetch(repository, remote, tick, f"+refs/tags/{name}:{ref}")
    was, now = stood[commit], repository.resolve([commit])[commit]
    if now is None:
        return None
    return (
        (f"upstream moved its tag {name}, which stood at {was[:9]} at the last fetch",)
        if was not in (None, now)
        else ()
    )


def _fetch(repository: Repository, remote: str, tick: Tick, *refspecs: str) -> None:
    try:
        from syncfork.git.fetching import fetch
    except ImportError as error:
        # GitPython looks for git when it is loaded.
        raise SyncforkError(
            f"git is not usable: {str(error).strip().splitlines()[0]}", "install git 2.38 or newer"
        ) from error
    done = fetch(repository.git, remote, tick, *refspecs)
    if done.code:
        raise SyncforkError(
            f"fetching {remote} failed: {done.err.strip()}", "nothing was changed; try again later"
        )


def _tip(repository: Repository, wanted: Wanted) -> str | None:
    """The upstream commit that is meant, as it is known now; None where there is none yet."""
    try:
        return find_upstream(repository, wanted).commit
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

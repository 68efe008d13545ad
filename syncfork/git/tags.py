"""Upstream's release tags: which one of a form is the newest, and where those stand that were fetched.

Tags of two repositories share one folder in git, and a fork has tags of its own. What is fetched of upstream's is kept
apart, by remote; of the clone's own tags only those count that are in one of upstream's branches.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from fnmatch import fnmatchcase
from itertools import takewhile

from syncfork.git.door import Git, decode, encode
from syncfork.git.repository import Repository

# Where upstream's tags are kept, by remote and name.
KEPT = "refs/syncfork/tags/"

# What comes before a release, as a word of its own or behind a number: `-rc.1`, `b2`, `.dev3`; those of a kind by rank.
_RANKS = (
    "dev|nightly|snapshot|canary|unstable|testing|test|next|ea",
    r"alpha|a(?=\d)",
    r"beta|b(?=\d)|milestone|m(?=\d)",
    "pre|preview|prerelease",
    "rc|cr",
)
_EARLY = re.compile(f"(?i)(?<![a-z])(?:{'|'.join(f'({words})' for words in _RANKS)})(?![a-z])")
# What git lets a tag be called; the other side may say anything.
_NAME = re.compile(r"[^\x00-\x20~^:?*\[\\\x7f]+")
# So many of upstream's branches are looked into, those that changed last.
_MOST_BRANCHES = 200


def newest(names: Iterable[str], form: str) -> list[str]:
    """Those names that match the glob `form`, the newest version first: their numbers are compared one by one.

    What comes before a release (alpha, beta, rc, ...) is left out, unless the form says such a word or there is nothing
    else.
    """
    matching = sorted((name for name in names if fnmatchcase(name, form)), key=_version, reverse=True)
    releases = [name for name in matching if not _EARLY.search(name)]
    return matching if _EARLY.search(form) else releases or matching


def _version(name: str) -> tuple[tuple[int, ...], int, tuple[int, ...], str]:
    """The numbers of the version, how near to a release it is, and which one of those; what is none comes last."""
    early = _EARLY.search(name)
    before, after = (name[: early.start()], name[early.end() :]) if early else (name, "")
    rank = (early.lastindex or 0) - 1 if early else len(_RANKS)
    return _numbers(before), rank, _numbers(after), name


def _numbers(text: str) -> tuple[int, ...]:
    # Longer ones are no numbers of a version, and take int() long.
    return tuple(int(number[:100]) for number in re.findall(r"\d+", text))


def form_of(merged: Sequence[Collection[str]]) -> str:
    """The glob that has one tag of each of several commits in it, by what stands before the version; empty where these
    differ, or a commit has none."""
    starts = [
        {re.split(r"\d", name, maxsplit=1)[0] for name in filter(_is_name, names) if re.search(r"\d", name)}
        for names in merged
    ]
    common = set.intersection(*starts) if starts else set[str]()
    plainest = min(common, key=lambda each: (bool(_EARLY.search(each)), len(each), each), default=None)
    return "" if plainest is None else f"{plainest}[0-9]*"


def _is_name(name: str) -> bool:
    """Whether git lets a tag be called so, and `tags` in the configuration can begin so: a merge's subject may name
    anything."""
    return bool(_NAME.fullmatch(name)) and not name.startswith(("-", "refs/"))


def of_remote(git: Git, remote: str) -> dict[str, str]:
    """The tags that `remote` has, by name, with the ids of the objects that they name; asked of it as the user. Raises
    GitError."""
    found = {}
    for line in decode(git.as_user().run("ls-remote", "--tags", "--refs", "--", remote)).split("\n"):
        oid, _, name = line.partition("\trefs/tags/")
        if _NAME.fullmatch(name):
            found[name] = oid
    return found


def forget_withdrawn(repository: Repository, remote: str, there: Collection[str]) -> list[str]:
    """Forget the tags that were fetched from `remote` and are no longer among those that it has; their names."""
    kept = f"{KEPT}{remote}/"
    out = repository.git.text("for-each-ref", "--format=%(refname)", kept)
    gone = [ref for ref in out.split("\n") if ref and ref.removeprefix(kept) not in there]
    if gone:
        repository.git.run(
            "update-ref",
            "--no-deref",
            "--stdin",
            "-z",
            stdin=encode("".join(f"delete {ref}\0\0" for ref in gone)),
        )
    return [ref.removeprefix(kept) for ref in gone]


def newest_known(repository: Repository, remote: str, form: str, within: str = "") -> tuple[str, str] | None:
    """The ref of the newest of upstream's tags of a form that is here, and its name as REMOTE/TAG; of those in the history
    of the commit `within` alone, where one is given. None where there is none."""
    kept = f"{KEPT}{remote}/"
    inside = [f"--merged={within}"] if within else []
    facts = "--format=%(objecttype) %(*objecttype) %(refname)"
    out = repository.git.text("for-each-ref", *inside, facts, kept, "refs/tags/")
    lines = [line.split(" ", 2) for line in out.split("\n") if line]
    # One of a tree or a file is no release.
    refs = [ref for kind, names, ref in lines if "commit" in (kind, names)]
    fetched = {ref.removeprefix(kept): ref for ref in refs if ref.startswith(kept)}
    local = {ref.removeprefix("refs/tags/"): ref for ref in refs if ref.startswith("refs/tags/")}
    known = local | fetched
    names = newest(known, form)
    # Only what is newer than what is certainly upstream's has to be looked for.
    unsure = {local[name] for name in takewhile(lambda name: name not in fetched, names)}
    theirs = _in_branches(repository, remote, unsure) if unsure else set()
    for name in names:
        if name in fetched or local[name] in theirs:
            return known[name], f"{remote}/{name}"
    return None


def _in_branches(repository: Repository, remote: str, refs: Collection[str]) -> set[str]:
    """Those of the refs whose commits are in one of the remote's branches."""
    newest_first = ("--sort=-committerdate", f"--count={_MOST_BRANCHES}", "--format=%(objectname)")
    tips = repository.git.text("for-each-ref", *newest_first, f"refs/remotes/{remote}/").split()
    if not tips:
        return set()
    within = [f"--merged={tip}" for tip in dict.fromkeys(tips)]
    out = repository.git.text("for-each-ref", *within, "--format=%(refname)", "refs/tags/")
    return set(refs).intersection(out.split("\n"))

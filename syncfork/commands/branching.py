"""The name of the branch that a merge makes."""

from __future__ import annotations

import re
from datetime import date

from syncfork.commands.session import Session
from syncfork.errors import UsageError
from syncfork.git.repository import Repository


def branch_for(session: Session, asked: str | None, today: date) -> str:
    """The branch to make: the one `asked` for, or a free name by the fork's pattern. Raises UsageError."""
    repository = session.repository
    if asked:
        _check_name(repository, asked)
        if repository.resolve([f"refs/heads/{asked}"])[f"refs/heads/{asked}"]:
            raise UsageError(
                f"the branch {asked} exists already",
                "choose another name",
            )
        return asked
    name = _usual(session, today)
    _check_name(repository, name)
    candidates = [name, *(f"{name}-{number}" for number in range(2, 100))]
    above = name.rpartition("/")[0]
    taken = repository.resolve(f"refs/heads/{candidate}" for candidate in [*candidates, above])
    if taken.get(f"refs/heads/{above}"):
        raise UsageError(f"a branch {above} is in the way of {name}", "give another name with --branch")
    free = next((candidate for candidate in candidates if taken[f"refs/heads/{candidate}"] is None), None)
    if free is None:
        raise UsageError(
            f"{name} and 98 names after it are taken", "delete old sync branches, or give --branch"
        )
    return free


def before(session: Session, branch: str, today: date) -> str:
    """The branch that has merged upstream's commit already and for which `branch` got a number; empty for none."""
    name, theirs = _usual(session, today), session.upstream.commit
    if not branch.startswith(f"{name}-"):
        return ""
    # The name was made of the commit: one that holds it was a merge of it, perhaps with an older commit of the fork.
    refs = (f"refs/heads/{name}", f"refs/heads/{name}-*")
    listed = session.repository.git.text("for-each-ref", f"--contains={theirs}", "--format=%(refname)", *refs)
    return next(iter(listed.split()), "").removeprefix("refs/heads/")


def _usual(session: Session, today: date) -> str:
    """The name by the fork's pattern."""
    pattern = session.setup.config.branch
    return pattern.replace("{date}", today.isoformat()).replace("{upstream}", session.upstream.commit[:7])


def _check_name(repository: Repository, name: str) -> None:
    if re.search(r"\s", name) or not (_plain(name) or _allowed(repository, name)):
        raise UsageError(f"{name!r} cannot be the name of a branch", "choose another one with --branch")


def _plain(name: str) -> bool:
    """Whether it is told without asking git that this can be a branch."""
    words = name.split("/")
    return all(re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]*", word) for word in words) and name != "HEAD"


def _allowed(repository: Repository, name: str) -> bool:
    return repository.git.call("check-ref-format", "--branch", name).code == 0

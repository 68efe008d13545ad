"""`syncfork pr`: the pull request for the last merge, in the fork's repository and nowhere else."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from datetime import date
from pathlib import Path

from msgspec import Struct

from syncfork.commands.proposed import Proposed, proposed
from syncfork.config import FILE, Config
from syncfork.errors import SyncforkError, UsageError
from syncfork.forge import ForgeRepository, parse_name, repository_of, run_gh
from syncfork.git.door import decode
from syncfork.git.repository import Repository
from syncfork.report import Report
from syncfork.rules.load import parse_toml
from syncfork.state import folder
from syncfork.words import place


class PullRequestOptions(Struct, frozen=True):
    """What the command line asks of a pull request."""

    directory: Path
    today: date
    title: str | None = None
    base: str | None = None
    repository: str | None = None
    run: bool = False


class PullRequest(Struct, frozen=True):
    """A pull request that is ready to be opened, or was: then `url` holds what gh printed."""

    command: tuple[str, ...]
    body: str
    body_file: Path
    url: str = ""

    @property
    def shell(self) -> str:
        """The command for a shell."""
        return shlex.join(self.command)


def run_pull_request(options: PullRequestOptions, render: Callable[[Report, str], str]) -> PullRequest:
    """Write the body for the last merge's pull request, and open it where `options` say so.

    `render` makes the body of a report and the merge commit's message. Raises SyncforkError where there is no finished merge, where
    its branch is not pushed, and where the pull request would go to upstream: all that is missing at once, with where
    the body can be read all the same.
    """
    repository = Repository.open(options.directory)
    merge = proposed(repository, options.today)
    base = options.base or merge.base
    body = render(merge.report, _message(repository, merge.report))
    path = folder(repository.git_dir) / "pull-request.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(body, encoding="utf-8", newline="\n")
    target = _expect_ready(repository, merge, options.repository, base, path)
    title = options.title or _title(merge.report)
    where = ("--repo", str(target), "--base", base, "--head", merge.branch)
    arguments = ("pr", "create", *where, "--title", title, "--body-file", str(path))
    url = run_gh(arguments, repository.git.directory) if options.run else ""
    return PullRequest(("gh", *arguments), body, path, url)


def _message(repository: Repository, report: Report) -> str:
    """The message of the merge commit; empty where there is none yet."""
    commit = report.result.commit
    return repository.git.text("show", "-s", "--format=%B", commit) if commit else ""


def _expect_ready(
    repository: Repository, merge: Proposed, given: str | None, base: str, body: Path
) -> ForgeRepository:
    """The fork on its forge. Raises SyncforkError with everything that is missing for a pull request there."""
    target, missing = None, []
    try:
        target = _target(repository, merge, given)
    except SyncforkError as error:
        missing.append(error)
    if base in ("", merge.branch):
        why = "it is not known which branch the pull request is for"
        missing.append(UsageError(why, "name the pull request's base with --base BRANCH"))
    try:
        _refuse_unpushed(repository, target, merge.branch, merge.tip)
    except SyncforkError as error:
        missing.append(error)
    if target and not missing:
        return target
    hints = [*(error.hint for error in missing), f"its text can be read already, in {place(str(body))}"]
    raise type(missing[0])("; ".join(error.problem for error in missing), "; ".join(hints))


def _title(report: Report) -> str:
    upstream = report.upstream
    return f"Sync with {upstream.named}" if upstream else "Sync with upstream"


def _target(repository: Repository, merge: Proposed, given: str | None) -> ForgeRepository:
    """The fork on its forge: what was given, what syncfork.toml says, else origin. Never upstream."""
    config, report = _config(repository, merge.before), merge.report
    named = given or config.repository
    target = parse_name(named) if named else repository_of(repository.remotes.get("origin", ""))
    if named and target is None:
        raise UsageError(f"{named!r} is not the name of a repository", "write it as OWNER/NAME")
    if target is None:
        raise UsageError(
            "which repository is the fork's? origin does not lead to a forge",
            f"say it with --repo OWNER/NAME, or as `repository` in {FILE}, committed",
        )
    refs = ("upstream", config.upstream, report.upstream.ref if report.upstream else "")
    for name in {name for ref in refs if (name := repository.remote_of(ref))}:
        theirs = repository_of(repository.remotes[name])
        if theirs and theirs.same_as(target):
            raise SyncforkError(
                f"{target} is upstream's repository (the remote {name}): the pull request would go there",
                f"name the fork with --repo OWNER/NAME, or as `repository` in {FILE}, committed",
            )
    return target


def _config(repository: Repository, before: str) -> Config:
    """The configuration as the fork had it before the merge: upstream has no say in it."""
    name = f"{before}:{FILE}"
    content = repository.blobs([name])[name]
    found = parse_toml(FILE, content, Config) if content is not None else Config()
    assert isinstance(found, Config)
    return found


def _refuse_unpushed(repository: Repository, target: ForgeRepository | None, branch: str, tip: str) -> None:
    """Raise SyncforkError where `branch` is not in the fork's repository as it is here; without a `target` in origin."""
    remotes = repository.remotes
    known = {name: to for name, url in remotes.items() if (to := repository_of(url))}
    homes = [name for name, to in known.items() if target and to.same_as(target)]
    remote = "origin" if "origin" in homes or not homes else homes[0]
    tracking = f"refs/remotes/{remote}/{branch}"
    pushed = repository.resolve([tracking])[tracking]
    if pushed != tip and remote in remotes:
        # A clone of one branch only does not track the others.
        listed = repository.git.as_user().call(
            "ls-remote", remotes[remote], f"refs/heads/{branch}", timeout=30
        )
        pushed = decode(listed.out).split("\t")[0] or None
    if pushed == tip:
        return
    how = "is not pushed yet" if pushed is None else f"has commits that are not in {remote} yet"
    raise SyncforkError(
        f"the branch {branch} {how}", f"syncfork never pushes: git push -u {remote} {shlex.quote(branch)}"
    )

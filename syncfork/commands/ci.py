"""`syncfork ci`: a scheduled pipeline for the fork's CI, ready to be committed."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path
from typing import Literal

from msgspec import Struct

from syncfork import __version__
from syncfork.commands.fleet import load_fleet
from syncfork.config import FILE, Config, worktree_sources
from syncfork.errors import SyncforkError, UsageError
from syncfork.fleet import ADDRESS, has_secret
from syncfork.forge import ForgeRepository, parse_name, repository_of, web_address
from syncfork.git.repository import Repository
from syncfork.hold.base import Trees
from syncfork.merge.holds import one_file
from syncfork.rewrite.base import Fork, Problem
from syncfork.rules.load import load_rules, parse_toml
from syncfork.rules.model import Rule
from syncfork.rules.programs import bound_on_disk
from syncfork.text import Document

Provider = Literal["github", "azure"]
PATHS: dict[Provider, str] = {
    "github": ".github/workflows/syncfork.yml",
    "azure": "azure-pipelines-syncfork.yml",
}
SCHEDULE = "23 5 * * *"

# Each commit is the one that the named tag of the action's own repository stands for.
_ACTIONS = {
    "CHECKOUT": "actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2",
    "SETUP_PYTHON": "actions/setup-python@a309ff8b426b58ec0e2a45f0f869d46889d02405 # v6.2.0",
    "UPLOAD": "actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f # v7.0.0",
    "DOWNLOAD": "actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c # v8.0.1",
    "UPLOAD_SARIF": "github/codeql-action/upload-sarif@8aad20d150bbac5944a9f9d289da16a4b0d87c1e # v4.36.2",
}
_LIMITS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
_FIELD = re.compile(r"(?:\*|([0-9]+|[A-Z]{3})(?:-([0-9]+|[A-Z]{3}))?)(?:/([1-9][0-9]*))?", re.IGNORECASE)
# What may stand in a workflow's text as it is: nothing that YAML or the CI reads in another way.
_PLAIN = re.compile(r"[A-Za-z0-9._][A-Za-z0-9._/-]*")
_POOL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._ -]*[A-Za-z0-9._-])?")
_INDEX = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]+)?(?:/[A-Za-z0-9._~/%+-]*)?")
_FEED = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._ -]*/)?[A-Za-z0-9._-]+")
_AUTHENTICATE = """\
      - task: PipAuthenticate@1
        displayName: Let pip read the feed
        inputs:
          artifactFeeds: "{}"
"""


class CiOptions(Struct, frozen=True):
    """What the command line asks. `fork` is OWNER/NAME, `fleet` the path of a list of forks, `pool` where the jobs run,
    and `index` where syncfork is installed from: an address, or on Azure a feed of the organisation's."""

    directory: Path
    provider: Provider
    schedule: str = SCHEDULE
    fork: str | None = None
    upstream: str | None = None
    fleet: Path | None = None
    pool: str | None = None
    index: str | None = None


def pipeline(options: CiOptions) -> str:
    """The pipeline's YAML. Raises UsageError for what cannot be put there, SyncforkError for what is not known."""
    _expect_schedule(options.schedule)
    repository = Repository.open(options.directory)
    config = _config(repository)
    values = {"VERSION": __version__, "SCHEDULE": options.schedule, **_ACTIONS}
    values |= {"POOL": _pool(options), **_index(options)}
    fork = None
    if options.provider == "github":
        fork = _fork(repository, config, options)
        values["FORK"] = f"{fork.owner}/{fork.name}"
    else:
        values["BRANCH"] = _main_branch(repository)
    if options.fleet is not None:
        values["FLEET"] = _fleet(repository, options.fleet)
        return fill("github-fleet.yml", values)
    values["REMOTE"], values["UPSTREAM"] = _upstream(repository, config, options.upstream, fork)
    return fill(f"{options.provider}.yml", values)


def _pool(options: CiOptions) -> str:
    """Where the jobs run, as the pipeline's text."""
    name, azure = options.pool, options.provider == "azure"
    if name is None:
        return "vmImage: ubuntu-latest" if azure else "ubuntu-latest"
    if not _POOL.fullmatch(name):
        raise UsageError(f"{name!r} is no name of a pool or runner", "letters, digits, blanks, and . _ -")
    return f'name: "{name}"' if azure else f'"{name}"'


def _index(options: CiOptions) -> dict[str, str]:
    """Where pip installs from: an address in its environment, or a feed that a step before it gives leave for."""
    index = options.index
    if index is None:
        return {"INDEX": "", "FEED": ""}
    if has_secret(index):
        raise UsageError(
            "the index's address holds a password or token", "it would be committed: leave it out"
        )
    if _INDEX.fullmatch(index):
        return {"INDEX": f'\n          PIP_INDEX_URL: "{index}"', "FEED": ""}
    if options.provider == "azure" and _FEED.fullmatch(index):
        return {"INDEX": "", "FEED": _AUTHENTICATE.format(index)}
    also = ", or PROJECT/FEED" if options.provider == "azure" else ""
    raise UsageError(f"{index!r} is no package index", f"as https://example.org/simple/{also}")


class Written(Struct, frozen=True):
    """The pipeline's file, and what is to be known about it."""

    path: Path
    warnings: tuple[str, ...] = ()


def write_pipeline(options: CiOptions, output: Path | None, *, force: bool) -> Written:
    """Write the pipeline to `output`, by default where the CI looks for it in this worktree.

    Raises SyncforkError where the file is there already and `force` is not given, besides what `pipeline` does.
    """
    from syncfork.writing import write_atomically

    path = output or _root(options.directory) / PATHS[options.provider]
    text = pipeline(options)
    if path.exists() and not force:
        raise SyncforkError(f"{path} is there already", "look at it, then write it anew with --force")
    warnings = _ruled(Repository.open(options.directory), path, text)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, text)
    return Written(path, warnings)


def _ruled(repository: Repository, path: Path, text: str) -> tuple[str, ...]:
    """A word about each of the fork's rules that would not leave the pipeline's file as it is."""
    root = repository.work_tree
    if root is None or not path.resolve().is_relative_to(root.resolve()):
        return ()
    document = Document(path.resolve().relative_to(root.resolve()).as_posix(), text)
    rules = bound_on_disk(load_rules(worktree_sources(root).files), root)
    return tuple(
        f"the rule {rule.id} ({rule.source}) governs this file, and does not leave it as it is: "
        f'except it there under `files:`, with "!{document.path}"'
        for rule in rules
        if rule.files.match(document.path) and _changes(rule, document)
    )


def _changes(rule: Rule, document: Document) -> bool:
    """Whether a rule would write a file of the fork's anew, or object to it."""
    applied = rule.apply(document, Fork(document))
    return (
        (rule.own is not None and rule.own.name != "ours")
        or isinstance(applied, Problem)
        or applied.todo > 0
        or any(hold.check(rule.files, Trees(one_file(document))) for hold in rule.holds)
    )


def fill(name: str, values: dict[str, str]) -> str:
    """The template `name` with `@NAME@` replaced, and `@include FILE@` by the file, indented as it stands."""
    folder = resources.files("syncfork") / "ci"
    text = (folder / name).read_text("utf-8")

    def included(match: re.Match[str]) -> str:
        script = (folder / match[2]).read_text("utf-8").rstrip("\n")
        return "\n".join(f"{match[1]}{line}".rstrip() for line in script.split("\n"))

    text = re.sub(r"^( *)@include ([\w.-]+)@$", included, text, flags=re.MULTILINE)
    return re.sub(r"@([A-Z_]+)@", lambda match: values[match[1]], text)


def _root(directory: Path) -> Path:
    root = Repository.open(directory).work_tree
    if root is None:
        raise UsageError("this is a bare repository: there is no worktree to write to", "add --output FILE")
    return root


def _config(repository: Repository) -> Config:
    """What syncfork.toml says: the one that lies there, committed or not, else the committed one."""
    path = repository.work_tree / FILE if repository.work_tree else None
    if path and path.is_file():
        content: bytes | None = path.read_bytes()
    else:
        name = f"HEAD:{FILE}"
        content = repository.blobs([name])[name]
    found = parse_toml(FILE, content, Config) if content is not None else Config()
    assert isinstance(found, Config)
    return found


def _expect_schedule(schedule: str) -> None:
    fields = schedule.split(" ")
    good = len(fields) == len(_LIMITS) and all(map(_is_field, fields, _LIMITS))
    if not good:
        raise UsageError(
            f"--schedule {schedule!r} is no schedule",
            "five fields: minute, hour, day of the month, month, day of the week, as '23 5 * * 1-5'",
        )


def _is_field(field: str, limits: tuple[int, int]) -> bool:
    low, high = limits
    for part in field.split(","):
        found = _FIELD.fullmatch(part)
        if not found or any(n and n.isdigit() and not low <= int(n) <= high for n in found.group(1, 2)):
            return False
    return True


def _fork(repository: Repository, config: Config, options: CiOptions) -> ForgeRepository:
    """The repository in which the workflow is to run; never upstream's."""
    named = options.fork or config.repository
    found = parse_name(named) if named else repository_of(repository.remotes.get("origin", ""))
    if found is None or not _PLAIN.fullmatch(f"{found.owner}/{found.name}"):
        problem = f"{named!r} is not the name of a repository" if named else "which repository is the fork's?"
        raise UsageError(problem, f"say it with --fork OWNER/NAME, or as `repository` in {FILE}, committed")
    if options.fleet is None:
        _refuse_upstream(repository, config, found, named=bool(named))
    return found


def _refuse_upstream(repository: Repository, config: Config, fork: ForgeRepository, *, named: bool) -> None:
    remote = _remote(repository, config)
    theirs = repository_of(repository.remotes.get(remote, ""))
    # Upstream may be a branch of the fork's own repository; origin alone does not tell whose it is.
    if theirs and theirs.same_as(fork) and not (named and remote == "origin"):
        also = ", also where upstream is a branch of it" if remote == "origin" else ""
        raise UsageError(f"{fork} is upstream's repository", f"name the fork with --fork OWNER/NAME{also}")


def _remote(repository: Repository, config: Config) -> str:
    """The remote's name that `drift` looks for in a fresh clone. Raises UsageError where upstream is of no remote."""
    if not config.upstream:
        return "upstream"
    branch = config.upstream.removeprefix("refs/remotes/").removeprefix("refs/heads/")
    name, slash, _ = branch.partition("/")
    here, there = f"refs/heads/{branch}", f"refs/remotes/{branch}"
    known = repository.resolve([here, there])
    if not slash or not _PLAIN.fullmatch(name) or (known[here] and not known[there]):
        raise UsageError(
            f"upstream is {config.upstream!r} in {FILE}: a clone in the CI has branches of remotes only",
            'name one there as REMOTE/BRANCH; a branch of the fork\'s own, pushed, is upstream = "origin/BRANCH"',
        )
    return name


def _upstream(
    repository: Repository, config: Config, given: str | None, fork: ForgeRepository | None
) -> tuple[str, str]:
    """The remote's name and an address of upstream that the CI can fetch from without a key; an empty one where
    upstream is a branch of the fork's own, which the CI has checked out with all its branches."""
    remote = _remote(repository, config)
    url = repository.remotes.get(remote, "")
    if _is_own(remote, url if given is None else given, fork, given=given is not None):
        return remote, ""
    address = given if given is not None else web_address(url)
    if not address:
        problem = f"the remote {remote} leads to no forge: {url}" if url else f"there is no remote {remote}"
        raise UsageError(problem, "say where the CI fetches upstream from, with --upstream URL")
    if has_secret(address):
        raise UsageError(
            "upstream's address holds a password or token", "it would be committed: leave it out"
        )
    if not ADDRESS.fullmatch(address):
        raise UsageError(f"{address!r} is no address of a repository", "as https://example.org/owner/name")
    return remote, address


def _is_own(remote: str, url: str, fork: ForgeRepository | None, *, given: bool) -> bool:
    """Whether upstream's remote is the one that the CI's checkout makes. Azure names no fork: the pipeline runs where
    origin is."""
    if remote != "origin" or fork is None:
        return remote == "origin" and not given
    theirs = repository_of(url)
    return theirs is not None and theirs.same_as(fork)


def _main_branch(repository: Repository) -> str:
    """The branch that a schedule runs on: origin's main one where that is known, else the current one."""
    head = repository.git.text("symbolic-ref", "-q", "refs/remotes/origin/HEAD", ok=(0, 1, 128)).strip()
    name = head.removeprefix("refs/remotes/origin/") or repository.branch
    if not _PLAIN.fullmatch(name):
        raise UsageError(
            f"the branch {name!r} cannot stand in a pipeline", "check out the fork's main branch"
        )
    return name


def _fleet(repository: Repository, fleet: Path) -> str:
    """The path of the list of forks in its repository; the list is read, so that its mistakes show here."""
    load_fleet(fleet)
    root = repository.work_tree
    if root is None or not fleet.resolve().is_relative_to(root.resolve()):
        raise UsageError(
            f"{fleet} is not in this repository", "put the list where the workflow is, and commit it"
        )
    path = fleet.resolve().relative_to(root.resolve()).as_posix()
    if not _PLAIN.fullmatch(path):
        raise UsageError(f"{path!r} cannot stand in a workflow", "give the list a plain name, as fleet.toml")
    return path

"""`syncfork init`: look at a fork's remotes and write its `syncfork.toml`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

from msgspec import Struct

from syncfork.commands.formatters import own_formatters
from syncfork.commands.session import refuse_operation, refuse_shallow
from syncfork.commands.waiting import begun_here, gone_on
from syncfork.config import FILE, RULES, Config
from syncfork.errors import RuleError, SyncforkError, UsageError
from syncfork.forge import repository_of
from syncfork.git.door import decode
from syncfork.git.repository import Repository
from syncfork.git.tags import form_of
from syncfork.merge.engine import open_bases
from syncfork.rules.load import load_rules, pack_files, pack_names
from syncfork.rules.schema import descriptions

# So many merges tell what a fork follows.
_SYNCS = 3
# Of a merge that git was told a tag for, which git calls as it was told.
_TAG = re.compile(r"^Merge tag '(?:(?:refs/)?tags/)?([^']+)'")

# Names of a main branch, the likeliest first, for remotes that do not say which theirs is.
_MAIN = ("main", "master", "trunk", "develop")

_README = """\
# The fork's rules

One YAML file for each intent of this fork: what is to be so, in which files, and why. `syncfork merge`
applies them to both sides of a merge. `syncfork rules schema` prints the form of a rule for editors,
`syncfork rules test` runs the cases in the files here, `syncfork rules lint` looks for mistakes.
"""


class Started(Struct, frozen=True):
    """What was written, what else was seen, and what to do next."""

    written: tuple[str, ...]
    upstream: str
    repository: str
    pack: str = ""
    tags: str = ""
    warnings: tuple[str, ...] = ()
    next: tuple[str, ...] = ()


def run_init(directory: Path, upstream: str | None = None, *, force: bool = False) -> Started:
    """Write `syncfork.toml` and the rules folder into the worktree that holds `directory`.

    `upstream` is a revision; by default it is found among the remotes. Raises UsageError where that is not
    clear, SyncforkError where the file is there already and `force` is not given, or a merge is open.
    """
    repository = Repository.open(directory)
    root = repository.work_tree
    if root is None:
        raise UsageError("this is a bare repository: there is no worktree to write to", "run it in a clone")
    _refuse_open_merge(repository)
    if (root / FILE).exists() and not force:
        raise SyncforkError(f"{FILE} is there already", "edit it, or write it anew with --force")
    if upstream is None:
        upstream = _branch(repository, _remote(repository.remotes))
    found = repository.resolve([f"{upstream}^{{commit}}", "HEAD^{commit}"])
    commit, head = found[f"{upstream}^{{commit}}"], found["HEAD^{commit}"]
    if commit is None or head is None:
        raise UsageError(f"{upstream!r} is not a revision this repository knows", "fetch it first")
    own, warnings = _own(repository, upstream)
    error = _refusal(repository, head, commit)
    pack = _pack(repository, head)
    tags = _tags(repository, head, upstream)
    written = _write(root, Config(upstream=upstream, tags=tags, rules=RULES, repository=own), pack)
    steps = (
        f"look at {FILE}, then: git add {' '.join(written)} && git commit -m 'Set up syncfork'",
        *([error.hint] if error else []),
        *([f"syncfork merge --dry-run --pack {pack}"] if pack else ["syncfork merge --dry-run"]),
        *(
            f"a rule with `reformat: {own.command}` and `reads: [{own.path}]` gives upstream's lines the fork's form"
            for own in own_formatters(repository, head, commit)
        ),
        "syncfork learn    (rules that the fork's past merges bear out; after them, syncfork resolvers calibrate)",
        f"write the fork's other intents into {RULES}/ (`syncfork rules schema` tells how)",
    )
    warnings += (error.problem,) if error else ()
    return Started(written, upstream, own, pack, tags, warnings, steps)


def _refuse_open_merge(repository: Repository) -> None:
    """Raise SyncforkError where committing what is written would conclude a merge, or another operation, that is open."""
    stands = begun_here(repository)
    if stands == "in part":
        raise gone_on(stands)
    if stands == "waiting":
        raise SyncforkError(
            "a syncfork merge is in progress, and a commit would conclude it",
            "`syncfork continue` when it is resolved, or `syncfork abort`; then run this again",
        )
    refuse_operation(repository)


def _refusal(repository: Repository, head: str, upstream: str) -> SyncforkError | None:
    """What a merge would be refused with for the sake of the history; None where it could begin."""
    try:
        refuse_shallow(repository)
        open_bases(repository, head, upstream)
    except SyncforkError as error:
        return error
    return None


def _remote(remotes: Mapping[str, str]) -> str:
    """The remote that is upstream's. Raises UsageError that says what to do where it is not clear."""
    if "upstream" in remotes:
        return "upstream"
    others = [name for name in remotes if name != "origin"]
    if len(others) == 1:
        return others[0]
    if others:
        raise UsageError(
            f"which remote is upstream's? There are {', '.join(others)}",
            "say it with --upstream REMOTE/BRANCH",
        )
    origin = repository_of(remotes.get("origin", ""))
    where = f"on {origin.host}, {origin.name} says `forked from`: " if origin else ""
    raise UsageError(
        "no remote leads to upstream" + ("" if remotes else ": there are no remotes at all"),
        f"{where}git remote add upstream URL && git fetch upstream, then run this again; "
        "or, where a branch here holds upstream: syncfork init --upstream BRANCH",
    )


def _branch(repository: Repository, remote: str) -> str:
    """The remote's main branch as REMOTE/BRANCH: what it says itself, a usual name, or the only one."""
    start = f"refs/remotes/{remote}/"
    head = repository.git.text("symbolic-ref", "-q", f"{start}HEAD", ok=(0, 1, 128))
    refs = repository.git.text("for-each-ref", "--format=%(refname)", start).split()
    names = [ref.removeprefix(start) for ref in refs if ref != f"{start}HEAD"]
    if head.removeprefix(start) in names:
        return f"{remote}/{head.removeprefix(start)}"
    if not names:
        raise UsageError(f"nothing of {remote} is here yet", f"git fetch {remote}, then run this again")
    likely = [name for name in _MAIN if name in names] or (names if len(names) == 1 else [])
    if not likely:
        raise UsageError(
            f"which branch of {remote} is its main one?", f"say it with --upstream {remote}/BRANCH"
        )
    return f"{remote}/{likely[0]}"


def _tags(repository: Repository, head: str, upstream: str) -> str:
    """The form of the upstream tags that the fork follows: each of its last merges brought one, by the tags that are here or
    by git's own words for such a merge. Empty where that is not so."""
    git = repository.git
    remote = repository.remote_of(upstream)
    branches = [f"--remotes={remote}"] if remote else []
    told = ("--no-commit-header", "--format=%H %P%x09%s")
    own = git.text("rev-list", *told, head, "--not", upstream, *branches)
    lines = [line.partition("\t") for line in own.split("\n") if line]
    commits = {words[0]: (words[1:], subject) for ids, _, subject in lines if (words := ids.split())}
    merged = {
        parents[1]: _TAG.findall(subject)
        for parents, subject in commits.values()
        if len(parents) == 2 and parents[1] not in commits
    }
    merged = dict(islice(merged.items(), _SYNCS))
    if len(merged) < _SYNCS:
        return ""
    points = [f"--points-at={commit}" for commit in merged]
    done = git.call(
        "for-each-ref", *points, "--format=%(objectname) %(*objectname) %(refname:lstrip=2)", "refs/tags/"
    )
    # A tag that cannot be read is no reason to stop: this is a proposal.
    out = decode(done.out) if done.code == 0 else ""
    tagged = [line.rsplit(" ", 1) for line in out.split("\n") if line]
    return form_of(
        [
            [*named, *(name for oids, name in tagged if commit in oids.split())]
            for commit, named in merged.items()
        ]
    )


def _own(repository: Repository, upstream: str) -> tuple[str, tuple[str, ...]]:
    """OWNER/NAME of the fork by its origin, empty where that is no forge's or is upstream itself."""
    remotes = repository.remotes
    origin = repository_of(remotes.get("origin", ""))
    theirs = repository_of(remotes.get(repository.remote_of(upstream) or "", ""))
    if origin and theirs and origin.same_as(theirs):
        return "", (
            f"origin is upstream's own repository ({origin}): pull requests need `repository` set in {FILE}",
        )
    return (str(origin) if origin else ""), ()


def _pack(repository: Repository, head: str) -> str:
    """The shipped pack most of whose rules find their files in this fork; empty where there is none."""
    best, most = "", 0.5
    for name in pack_names():
        try:
            rules = load_rules(pack_files(name))
        except RuleError:
            continue
        paths = repository.entries(head, [spec for rule in rules for spec in rule.files.pathspecs])
        at_home = sum(any(rule.files.match(path) for path in paths) for rule in rules)
        if rules and at_home / len(rules) > most:
            best, most = name, at_home / len(rules)
    return best


def _write(root: Path, config: Config, pack: str) -> tuple[str, ...]:
    """Write the configuration and, where it is not there yet, the rules folder; the paths written."""
    (root / FILE).unlink(missing_ok=True)
    with (root / FILE).open("x", encoding="utf-8", newline="\n") as file:
        file.write(_toml(config, pack))
    folder = root / RULES
    if folder.exists() and any(folder.iterdir()):
        return (FILE,)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "README.md").write_text(_README, encoding="utf-8", newline="\n")
    return (FILE, f"{RULES}/README.md")


_EXAMPLES = {
    "tags": '"v[0-9]*"',
    "repository": '"OWNER/NAME"',
    "budgets": "{ days = 60, conflicts = 0 }",
    "accept": '[{ finding = "ID", reason = "why you can live with it", until = 2030-01-31 }]',
}


def _toml(config: Config, pack: str) -> str:
    """`syncfork.toml` with a comment for each key; what is not known stands there commented out."""
    lines = ["# How this fork is synced with its upstream; read by syncfork from the fork's commit.", ""]
    for name, about in descriptions(Config).items():
        value = getattr(config, name)
        lines += [f"# {about}"] if about else []
        if name == "packs" and pack:
            lines.append(
                f"# The pack {pack} fits most files of this fork: see `syncfork rules list --pack {pack}`."
            )
            lines.append(f"# packs = {json.dumps([pack])}")
        elif value != getattr(Config(), name):
            lines.append(f"{name} = {json.dumps(value, ensure_ascii=False)}")
        else:
            shown = list(value) if isinstance(value, tuple) else value
            lines.append(f"# {name} = {_EXAMPLES.get(name) or json.dumps(shown, ensure_ascii=False)}")
        lines.append("")
    return re.sub(r"\n+\Z", "\n", "\n".join(lines))

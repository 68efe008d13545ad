"""`syncfork.toml`, and the rules it names: read from the fork's commit, never from a tree being merged."""

from __future__ import annotations

import contextlib
import posixpath
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from syncfork.errors import RuleError
from syncfork.git.pathspecs import literal
from syncfork.git.repository import Repository
from syncfork.programs import SETTING
from syncfork.rules.accepting import Accept, Acceptance
from syncfork.rules.lapsed import Lapsed, in_force
from syncfork.rules.load import is_rule_file, load_rules, pack_files, parse_toml, rule_files
from syncfork.rules.model import Rule
from syncfork.rules.programs import with_programs
from syncfork.words import listed

FILE = "syncfork.toml"
# Where `syncfork init` has the fork's rules.
RULES = ".syncfork/rules"


def _inside(folder: str) -> str:
    """The folder as git names it."""
    if not folder.strip("/"):
        return ""
    found = posixpath.normpath(folder.strip("/"))
    if found.split("/")[0] in ("..", ".", ".git"):
        raise ValueError("expected a folder below the repository's root")
    return found


def _pattern(text: str) -> str:
    """A branch's name with what stands for the date and the commit. Raises ValueError."""
    unknown = [name for name in re.findall(r"\{([^}]*)\}", text) if name not in ("date", "upstream")]
    if unknown:
        raise ValueError(f"{{{unknown[0]}}} stands for nothing here; known are {{date}} and {{upstream}}")
    return text


def _form(text: str) -> str:
    """A glob for the names of tags. Raises ValueError."""
    if re.search(r"[\x00-\x20~^:\\\x7f]", text) or text.startswith(("refs/", "-")):
        raise ValueError("expected a glob for the names of tags, as v* or release-*")
    # Such a one would be taken as it stands, which no tag can be called.
    if text.rfind("[") > text.rfind("]"):
        raise ValueError("there is a [ without its ], as in v[0-9]*")
    return text


Natural = Annotated[int, Meta(ge=0)]


class Budgets(Struct, frozen=True):
    """Limits that a fork sets itself; `syncfork drift` says where one is passed, and exits with 1."""

    days: Annotated[Natural | None, Meta(description="Age of the merge base in days, while behind.")] = None
    behind: Annotated[Natural | None, Meta(description="Upstream commits that the fork lacks.")] = None
    conflicts: Annotated[Natural | None, Meta(description="Conflicts left by a trial merge.")] = None
    decisions: Annotated[Natural | None, Meta(description="Open decisions.")] = None
    unexplained: Annotated[Natural | None, Meta(description="The fork's hunks that no rule explains.")] = None


class Config(Struct, frozen=True):
    """What a fork says about itself."""

    upstream: Annotated[str, Meta(description="The upstream revision, usually REMOTE/BRANCH.")] = ""
    tags: Annotated[
        str, _form, Meta(description="Follow upstream's newest tag of this form, as v*, not its branch.")
    ] = ""
    rules: Annotated[str, Meta(description="The folder of the fork's own rule files.")] = ""
    packs: Annotated[tuple[str, ...], Meta(description="Rule packs that ship with syncfork.")] = ()
    branch: Annotated[str, _pattern, Meta(description="Name of the branch a merge makes.")] = (
        "sync/{date}-{upstream}"
    )
    repository: Annotated[str, Meta(description="OWNER/NAME of the fork, where pull requests go.")] = ""
    accept: Annotated[tuple[Accept, ...], Meta(description="Findings that the fork lives with.")] = ()
    budgets: Annotated[Budgets, Meta(description="Limits for `syncfork drift`.")] = Budgets()
    detectors_off: Annotated[tuple[str, ...], Meta(description="Detectors that are not to run.")] = ()
    resolvers: Annotated[
        str, _inside, Meta(description="The table of switched-on resolvers; empty for none.")
    ] = ".syncfork/resolvers.toml"
    resolutions: Annotated[
        str, _inside, Meta(description="The folder of remembered resolutions; empty for none.")
    ] = ".syncfork/resolutions"


def is_own_file(config: Config, path: str) -> bool:
    """Whether a path of the fork is one that syncfork itself reads there: its configuration, rules, resolutions."""
    folders = (config.rules.strip("/"), config.resolutions)
    in_folder = any(path.startswith(f"{folder}/") for folder in folders if folder)
    return in_folder or path in (FILE, config.resolvers)


class Setup(Struct, frozen=True):
    """A fork's configuration and compiled rules. `warnings` are worth a line in the report; `lapsed` tells of learned
    rules that are not applied everywhere any more, since their evidence has run out."""

    config: Config
    rules: tuple[Rule, ...]
    warnings: tuple[str, ...] = ()
    lapsed: tuple[Lapsed, ...] = ()

    @property
    def written(self) -> tuple[Rule, ...]:
        """Every rule of the fork's, lapsed or not; one that has lapsed in part stands as it was written."""
        old = {item.rule.id: item.rule for item in self.lapsed}
        return (*old.values(), *(rule for rule in self.rules if rule.id not in old))

    @property
    def acceptances(self) -> tuple[Acceptance, ...]:
        """Every accepted finding, of the configuration and of the rules."""
        own = tuple(Acceptance(accept, FILE) for accept in self.config.accept)
        return own + tuple(
            Acceptance(accept, rule.source) for rule in self.written for accept in rule.accepts
        )


class Sources(Struct, frozen=True):
    """A fork's configuration with its rule files, by name and content, not yet compiled."""

    config: Config
    files: tuple[tuple[str, bytes], ...]
    warnings: tuple[str, ...] = ()


def load_setup(repository: Repository, commit: str, packs: Sequence[str] = ()) -> Setup:
    """Read `syncfork.toml` and all rules as they are in `commit`; `packs` are tried in addition.

    Raises RuleError that lists every mistake.
    """
    return compiled(committed_sources(repository, commit, packs), repository, commit)


def held(
    repository: Repository, setup: Setup, ours: str, theirs: str, bases: Sequence[str] | None = None
) -> Setup:
    """`setup` as it counts where upstream's commit `theirs` is merged into `ours`. Raises GitError."""
    rules, lapsed = in_force(repository, setup.rules, ours, theirs, bases)
    return replace(setup, rules=rules, lapsed=lapsed) if lapsed else setup


class Added(Struct, frozen=True):
    """The rules and the acceptances of FILE that came with a resolution, and what of the fork's is still not read."""

    rules: tuple[Rule, ...] = ()
    warnings: tuple[str, ...] = ()
    accepts: tuple[Acceptance, ...] = ()


def load_added(repository: Repository, setup: Setup, sides: Sequence[str], tree: str) -> Added:
    """The rules and acceptances that whoever resolved a merge wrote on the way: in `tree`, which is to be committed, and
    in none of `sides`: the two commits, and the tree that the merge left. What upstream brings is no rule of the fork's,
    wherever git puts it. Raises RuleError that lists every mistake."""
    config = setup.config
    accepts = _accepts_added(repository, sides, tree)
    if not config.rules:
        return Added((), setup.warnings, accepts)
    folder = [literal(posixpath.normpath(config.rules.strip("/")))]
    there, *others = (repository.entries(commit, folder) for commit in (tree, *sides))
    known = {name for other in others for name in other}
    known |= {entry.oid for other in others for entry in other.values()}
    added = {
        path: entry.oid
        for path, entry in sorted(there.items())
        if is_rule_file(path)
        and entry.is_file
        and not {path, entry.oid} & known
        and not _remembered(config, path)
    }
    blobs = repository.blobs(added.values()) if added else {}
    rules = load_rules([(path, blobs[oid] or b"") for path, oid in added.items()])
    sources = {rule.id: rule.source for rule in setup.written}
    taken = [rule for rule in rules if rule.id in sources]
    if taken:
        raise RuleError(
            f"{taken[0].source}: id: {taken[0].id!r} is taken by {sources[taken[0].id]}",
            "give it another one",
        )
    root = repository.work_tree
    return Added(rules, _unread(root, config, there) if root and added else setup.warnings, accepts)


def _accepts_added(repository: Repository, sides: Sequence[str], tree: str) -> tuple[Acceptance, ...]:
    blobs = repository.blobs(f"{name}:{FILE}" for name in (tree, *sides))
    mine, *others = (blobs[f"{name}:{FILE}"] for name in (tree, *sides))
    if mine is None or mine in others:
        return ()
    known: list[Accept] = []
    for other in others:
        # An upstream's may be of another tool, and the merge's may hold markers.
        with contextlib.suppress(RuleError):
            known += parse_toml(FILE, other or b"", Config).accept
    return tuple(
        Acceptance(item, FILE) for item in parse_toml(FILE, mine, Config).accept if item not in known
    )


def compiled(found: Sources, repository: Repository, commit: str) -> Setup:
    """The setup that was read from `commit`. Raises RuleError that lists every mistake."""
    _expect_detectors(found.config)

    return Setup(found.config, bound(load_rules(found.files), repository, commit), found.warnings)


def bound(rules: Sequence[Rule], repository: Repository, commit: str) -> tuple[Rule, ...]:
    """The rules, where they run programs with what these read in `commit`. Raises RuleError where that is not there."""

    def read(paths: Sequence[str]) -> dict[str, bytes | None]:
        blobs = repository.blobs([f"{commit}:{path}" for path in paths])
        return {path: blobs[f"{commit}:{path}"] for path in paths}

    return with_programs(rules, lambda: repository.is_set(SETTING), read)


def _expect_detectors(config: Config) -> None:
    """Raise RuleError for a name in `detectors_off` that no detector has."""
    if not config.detectors_off:
        return
    from syncfork.detect.registry import DETECTORS

    unknown = sorted(set(config.detectors_off) - DETECTORS.keys())
    if unknown:
        raise RuleError(
            f"{FILE}: detectors_off: no detector is called {', '.join(unknown)}",
            f"one of: {', '.join(DETECTORS)}",
        )


def committed_config(repository: Repository, commit: str) -> Config:
    """The configuration alone, as it is in `commit`. Raises RuleError that lists every mistake."""
    content = _committed(repository, commit)
    return parse_toml(FILE, content, Config) if content is not None else Config()


def _committed(repository: Repository, commit: str) -> bytes | None:
    name = f"{commit}:{FILE}"
    return repository.blobs([name])[name]


def committed_sources(repository: Repository, commit: str, packs: Sequence[str] = ()) -> Sources:
    """The configuration and rule files as they are in `commit`, those of `packs` before the fork's own."""
    content = _committed(repository, commit)
    config = parse_toml(FILE, content, Config) if content is not None else Config()
    own = _own_files(repository, commit, config) if config.rules else []
    files = (*_of_packs(config, packs), *own)
    return Sources(config, files, _warnings(repository, commit, config if content is not None else None, own))


def worktree_config(root: Path | None) -> Config:
    """The configuration alone, as it lies on disk under `root`. Raises RuleError that lists every mistake."""
    path = root / FILE if root else None
    return parse_toml(FILE, path.read_bytes(), Config) if path and path.is_file() else Config()


def worktree_sources(root: Path | None, packs: Sequence[str] = ()) -> Sources:
    """The same as they lie on disk under `root`, committed or not: for the author of a rule.

    None for `root` stands for work outside a repository, on `packs` alone.
    """
    config = worktree_config(root)
    folder = root / config.rules if root and config.rules else None
    own = rule_files(folder, config.rules.strip("/")) if folder and folder.is_dir() else []
    ruling = [(name, content) for name, content in own if not _remembered(config, name)]
    return Sources(config, (*_of_packs(config, packs), *ruling))


def _of_packs(config: Config, packs: Sequence[str]) -> list[tuple[str, bytes]]:
    return [file for pack in dict.fromkeys([*config.packs, *packs]) for file in pack_files(pack)]


def _remembered(config: Config, path: str) -> bool:
    """Whether a file is in the folder of resolutions, which may lie in that of the rules."""
    return bool(config.resolutions) and path.startswith(f"{config.resolutions}/")


def _own_files(repository: Repository, commit: str, config: Config) -> list[tuple[str, bytes]]:
    named = config.rules
    folder = posixpath.normpath(named.strip("/"))
    found = {} if folder.startswith("..") else repository.entries(commit, [literal(folder)])
    if not found:
        raise RuleError(
            f"{FILE}: rules: the fork's commit has no folder {named!r}",
            "commit the folder, or correct its name",
        )
    entries = {
        path: entry for path, entry in found.items() if is_rule_file(path) and not _remembered(config, path)
    }
    odd = sorted(path for path, entry in entries.items() if not entry.is_file)
    if odd:
        raise RuleError(
            f"{odd[0]}: a rule file has to be a regular file, not a link", "put the file itself there"
        )
    blobs = repository.blobs(entry.oid for entry in entries.values())
    missing = sorted(path for path, entry in entries.items() if blobs[entry.oid] is None)
    if missing:
        raise RuleError(f"{missing[0]}: its content cannot be read", "run `git fsck`, then fetch again")
    return [(path, blobs[entry.oid] or b"") for path, entry in sorted(entries.items())]


def _warnings(
    repository: Repository, commit: str, config: Config | None, own: Sequence[tuple[str, bytes]]
) -> tuple[str, ...]:
    """What of the worktree's was not read; `config` is None where `commit` has no FILE."""
    root = repository.work_tree
    if root is None:
        return ()
    if config:
        known = [path for path, _ in own]
        # What another commit does not have may be committed all the same.
        if _unread(root, config, known) and repository.resolve(["HEAD"])["HEAD"] not in (None, commit):
            folder = posixpath.normpath((config.rules or RULES).strip("/"))
            known += repository.entries("HEAD", [literal(folder)])
        return _unread(root, config, known)
    if not (root / FILE).is_file():
        return ()
    if _committed(repository, "HEAD") is not None:
        return (f"commit {commit[:9]} has no {FILE}, so none of the fork's rules was read",)
    return (f"{FILE} is not committed yet, so it was not read: commit it first",)


def _unread(root: Path, config: Config, known: Iterable[str]) -> tuple[str, ...]:
    """A word about the rule files in the worktree that are not among those that are `known`."""
    folder = root / config.rules if config.rules else root / RULES
    on_disk = (
        {path.name for path in folder.iterdir() if is_rule_file(path.name)}
        if folder and folder.is_dir()
        else set()
    )
    new = sorted(on_disk - {posixpath.basename(path) for path in known})
    if new and not config.rules:
        return (
            f'{FILE} names no folder of `rules`, so {listed(new)} in {RULES} is not read: rules = "{RULES}"',
        )
    if new:
        return (f"not committed yet, so not read: {listed(new)} in {config.rules}",)
    return ()

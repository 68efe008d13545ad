"""`syncfork rules`: what a fork's rules are, whether their cases hold, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from msgspec import Struct

from syncfork.config import FILE, Sources, committed_sources, worktree_sources
from syncfork.errors import ExitCode, SyncforkError, UsageError
from syncfork.git.repository import Repository
from syncfork.merge.cases import CaseResult, run_cases
from syncfork.merge.holds import Asked, load_trees
from syncfork.merge.sides import pathspecs_of
from syncfork.report import Ref
from syncfork.rules.effects import LastEffect, last_effect
from syncfork.rules.lint import Remark, View, can_have_cases, lint
from syncfork.rules.load import read_rules, rule_files
from syncfork.rules.model import Rule
from syncfork.rules.programs import bound_on_disk
from syncfork.rules.words import families, steps_in_words
from syncfork.rules.written import WrittenRule
from syncfork.state import recall


class RuleLine(Struct, frozen=True):
    """A rule in a list."""

    id: str
    family: tuple[str, ...]
    files: tuple[str, ...]
    last: LastEffect
    why: str
    source: str


class Listing(Struct, frozen=True):
    """A fork's rules; `last` names the upstream revision of the last merge, empty where there was none."""

    rules: tuple[RuleLine, ...]
    last: str = ""
    warnings: tuple[str, ...] = ()


class Shown(Struct, frozen=True):
    """One rule in full. `governs` holds the paths in the fork's HEAD, None outside a repository."""

    line: RuleLine
    steps: tuple[str, ...]
    cases: tuple[str, ...]
    governs: tuple[str, ...] | None
    owner: str = ""
    link: str = ""
    review: date | None = None
    warnings: tuple[str, ...] = ()


class Tested(Struct, frozen=True):
    """How the cases of the `rules` went."""

    results: tuple[CaseResult, ...]
    rules: tuple[Rule, ...]

    @property
    def bare(self) -> tuple[Rule, ...]:
        """The rules that have no cases."""
        return tuple(rule for rule in self.rules if not rule.cases)

    @property
    def without(self) -> tuple[Rule, ...]:
        """Those of them that could have some."""
        return tuple(rule for rule in self.bare if can_have_cases(rule))

    @property
    def failed(self) -> tuple[CaseResult, ...]:
        """The cases that the rules did not bear out."""
        return tuple(result for result in self.results if result.failure)

    @property
    def exit_code(self) -> ExitCode:
        """Needs a person where a case failed."""
        return ExitCode.NEEDS_HUMAN if self.failed else ExitCode.OK


class Linted(Struct, frozen=True):
    """What there is to mend. `held_against` names the trees that the rules were held against."""

    remarks: tuple[Remark, ...]
    rules: int
    held_against: tuple[str, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """Needs a person where anything was found."""
        return ExitCode.NEEDS_HUMAN if self.remarks else ExitCode.OK


def list_rules(directory: Path, packs: Sequence[str]) -> Listing:
    """The rules of the fork's commit and of `packs`. Outside a repository, those of the packs alone."""
    _, _, sources, last = _committed(directory, packs)
    lines = tuple(_line(written, rule, last) for written, rule in read_rules(sources.files))
    return Listing(lines, _upstream_of(last), sources.warnings)


def show_rule(directory: Path, packs: Sequence[str], wanted: str) -> Shown:
    """The rule with the id `wanted`, as the fork's commit or a pack has it. Raises UsageError."""
    repository, head, sources, last = _committed(directory, packs)
    pairs = read_rules(sources.files)
    pair = next((pair for pair in pairs if pair[1].id == wanted), None)
    if pair is None:
        known = ", ".join(rule.id for _, rule in pairs) or "none"
        unread = "".join(f"{warning}; " for warning in sources.warnings)
        hint = f"{unread}rules here: {known}; more with --pack NAME"
        raise UsageError(f"there is no rule {wanted!r} here", hint)
    written, rule = pair
    governs = None
    if repository and head:
        paths = repository.entries(head, rule.files.pathspecs)
        governs = tuple(sorted(path for path in paths if rule.files.match(path)))
    names = tuple(case.name or f"case {number}" for number, case in enumerate(written.cases, start=1))
    return Shown(
        line=_line(written, rule, last),
        steps=steps_in_words(written),
        cases=names,
        governs=governs,
        owner=written.owner or "",
        link=written.link or "",
        review=written.review,
        warnings=sources.warnings,
    )


def check_cases(directory: Path, packs: Sequence[str], paths: Sequence[Path]) -> Tested:
    """Run the cases of the rules as they lie on disk: those at `paths`, else all of the fork."""
    rules = rules_on_disk(_root(directory), packs, paths)
    return Tested(tuple(run_cases(rules)), rules)


def lint_rules(directory: Path, packs: Sequence[str], paths: Sequence[Path], today: date) -> Linted:
    """Look for mistakes in the rules on disk, held against HEAD and upstream where there are any."""
    root = _root(directory)
    rules = rules_on_disk(root, packs, paths)
    fork, upstream = _views(Repository.open(directory), rules, packs) if _in_git(root) else (None, None)
    names = tuple(view.name for view in (fork, upstream) if view)
    return Linted(tuple(lint(rules, fork, upstream, today)), len(rules), names)


def _committed(
    directory: Path, packs: Sequence[str]
) -> tuple[Repository | None, str | None, Sources, dict[str, object] | None]:
    """The opened fork with its commit, rule files and last report; outside a repository only `packs`."""
    if packs and not _in_git(directory.absolute()):
        return None, None, worktree_sources(None, packs), None
    repository = Repository.open(directory)
    head = repository.resolve(["HEAD^{commit}"])["HEAD^{commit}"]
    if head is None:
        raise SyncforkError(
            "HEAD cannot be read: the fork's commit is missing", "run `git fsck`, then fetch again"
        )
    return repository, head, committed_sources(repository, head, packs), recall(repository.git_dir)


def _line(written: WrittenRule, rule: Rule, last: dict[str, object] | None) -> RuleLine:
    effect = last_effect(last, rule.id)
    return RuleLine(rule.id, families(written), rule.files.patterns, effect, rule.why, rule.source)


def _upstream_of(last: dict[str, object] | None) -> str:
    upstream = last.get("upstream") if last else None
    if not isinstance(upstream, dict):
        return ""
    return f"{upstream.get('ref')} {str(upstream.get('commit'))[:9]}"


def rules_on_disk(root: Path | None, packs: Sequence[str], paths: Sequence[Path] = ()) -> tuple[Rule, ...]:
    """The rules at `paths` and in `packs`; without paths, all that syncfork.toml names as well."""
    files: list[tuple[str, bytes]] = []
    for path in paths:
        found = rule_files(path)
        if not found:
            what = "holds no rule file (*.yml, *.yaml)" if path.is_dir() else "does not exist"
            raise UsageError(f"{path} {what}", "name rule files or folders of them")
        files += found
    files += worktree_sources(None if paths else root, packs).files
    if not files:
        there = root is not None and (root / FILE).exists()
        where = f"{FILE} names no rules that exist" if there else f"there is no {FILE}"
        hint = "name rule files or folders, or a pack with --pack; `syncfork init` writes the file"
        raise UsageError(f"no rules to work on: {where}", hint)
    return bound_on_disk(tuple(rule for _, rule in read_rules(dict(files).items())), root)


def _root(directory: Path) -> Path | None:
    """The fork's top folder, found without git: the nearest above that holds syncfork.toml or .git."""
    here = directory.absolute()
    return next((f for f in (here, *here.parents) if (f / FILE).is_file() or (f / ".git").exists()), None)


def _in_git(root: Path | None) -> bool:
    """Whether a repository is here or above, bare ones included: asking git would cost its start."""
    above = (root, *root.parents) if root else ()
    return any((f / ".git").exists() or ((f / "HEAD").is_file() and (f / "objects").is_dir()) for f in above)


def _views(
    repository: Repository, rules: Sequence[Rule], packs: Sequence[str]
) -> tuple[View | None, View | None]:
    """HEAD and upstream as the rules see them; None for upstream where none is known."""
    from syncfork.commands.upstream import Wanted, find_upstream

    head = repository.resolve(["HEAD^{commit}"])["HEAD^{commit}"]
    if head is None:
        return None, None
    refs = {"HEAD": Ref(repository.branch, head)}
    try:
        config = worktree_sources(repository.work_tree, packs).config
        refs["upstream"] = find_upstream(repository, Wanted.of(None, config))
    except UsageError:
        pass  # a repository without upstream: the fork alone has to do
    pathspecs = pathspecs_of(rules)
    entries = {name: repository.entries(ref.commit, pathspecs) for name, ref in refs.items()}
    reading = [rule for rule in rules if rule.steps or not all(hold.by_entry for hold in rule.holds)]
    loaded = load_trees(repository.blobs, entries, Asked(tuple(rule.files for rule in reading), ()))
    names = {"HEAD": "HEAD", "upstream": refs["upstream"].ref if "upstream" in refs else ""}
    views = {
        name: View(names[name], frozenset(paths), loaded[name].files, repository.day(refs[name].commit))
        for name, paths in entries.items()
    }
    return views["HEAD"], views.get("upstream")

"""A decision of `syncfork resolve` made a rule: tried on the merge itself, then written into the fork's folder."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from msgspec import Struct
from msgspec.structs import replace

from syncfork.commands.resolve import Opened
from syncfork.config import FILE, RULES, Config, bound, committed_sources, worktree_config
from syncfork.errors import RuleError, SyncforkError
from syncfork.git.door import decode, encode
from syncfork.git.pathspecs import literal
from syncfork.git.repository import Repository
from syncfork.learn.ruling import Proposed, clash_rules, whole_rule
from syncfork.merge.cases import run_cases
from syncfork.merge.engine import LiftedMerge, lifted_merge
from syncfork.merge.staging import add_own
from syncfork.merge.workspace import Workspace, workspace
from syncfork.own.base import OURS, THEIRS
from syncfork.resolve.ground import ground_of
from syncfork.resolve.past import outcomes
from syncfork.resolve.walk import Choice, Step
from syncfork.rules.lapsed import in_force
from syncfork.rules.load import load_rules, parse_toml
from syncfork.rules.model import Rule
from syncfork.words import one_line, place


class Written(Struct, frozen=True):
    """A rule's file, and what the person has still to do for it (empty: nothing)."""

    file: str
    todo: str = ""


def proposals(opened: Opened, steps: Sequence[Step], choice: Choice, why: str) -> Iterator[Proposed]:
    """Rules that may come to `choice` in one step, or in several about paths as a whole, of several kinds; none where
    there is no such rule."""
    step = steps[0]
    pending = opened.walk.pending(step.path)
    if step.marked is None or choice.take != "text":
        rule = whole_rule([each.path for each in steps], choice.take, why)
        if rule:
            yield rule
        return
    if pending.file is None or step.marked.number is None:
        return
    ground = ground_of(pending.file, step.marked.number, choice.text)
    if pending.file.ours == choice.text:
        # The conflict is all that is in the file.
        yield from filter(None, [whole_rule([step.path], "ours", why)])
    if ground:
        merge = f"the merge of {opened.state.theirs[:9]} into {opened.state.ours[:9]}"
        yield from clash_rules(ground, why, merge)


def edited_rule(text: str) -> Proposed:
    """A rule as a person edited it. Raises RuleError that lists every mistake."""
    [rule] = load_rules([("the rule", encode(text))])
    return Proposed(text, rule, "as you edited it")


def trouble_with(opened: Opened, steps: Sequence[Step], choice: Choice, proposed: Proposed) -> str:
    """Why the rule is not to be written: a case of it fails, or the merge in progress, made again with it in memory,
    does not come to what was chosen. Empty where it is right."""
    try:
        for result in run_cases(bound([proposed.rule], opened.repository, opened.state.ours)):
            if result.failure:
                return f"its case {result.name!r} fails: {result.failure}"
        rules = bound(load_rules(_with(opened, proposed)), opened.repository, opened.state.ours)
    except SyncforkError as error:
        return error.problem
    state = opened.state
    rules, _ = in_force(opened.repository, rules, state.ours, state.theirs, opened.bases)
    with workspace(opened.repository) as space:
        names = {OURS: state.fork_ref, THEIRS: state.upstream_ref}
        merge = lifted_merge(space, state.ours, state.theirs, opened.bases, rules, names)
        return _withheld(merge, proposed.rule) or _left(space, merge, opened, steps, choice)


def _with(opened: Opened, proposed: Proposed) -> list[tuple[str, bytes]]:
    """All rule files of the fork with the new ones, in the order in which the next merge will have them."""
    sources = committed_sources(opened.repository, opened.state.ours, opened.state.packs)
    folder = _folder(sources.config)
    own = {name: content for name, content in sources.files if name.startswith(f"{folder}/")}
    own |= dict(opened.rules) | {_file_of(proposed, sources.config): encode(proposed.text)}
    packs = [(name, content) for name, content in sources.files if name not in own]
    return [*packs, *sorted(own.items())]


def _folder(config: Config) -> str:
    return posixpath.normpath((config.rules or RULES).strip("/"))


def _file_of(proposed: Proposed, config: Config) -> str:
    return posixpath.normpath(f"{_folder(config)}/{proposed.id}.yml")


def _withheld(merge: LiftedMerge, rule: Rule) -> str:
    for effect in merge.effects:
        if effect.rule.id == rule.id and effect.problem:
            return f"it would be withheld in {place(effect.path)}: {effect.problem.detail}"
    lost = next((item for item in merge.unheld if item.rule.id == rule.id), None)
    return f"the merged {place(lost.path)} would not be as it says: {lost.detail}" if lost else ""


def _left(space: Workspace, merge: LiftedMerge, opened: Opened, steps: Sequence[Step], choice: Choice) -> str:
    """What is not as it was chosen in the merge with the rule."""
    # Rules come before memory and resolvers, which are not asked here.
    known = {*opened.state.conflicts, *opened.answered}
    more = [path for path in merge.merged.conflicts if path not in known]
    if more:
        return f"it would bring a conflict in {one_line(more[0])}"
    files = space.files(merge.merged.tree, [step.path for step in steps])
    for step in steps:
        entry, content = files.get(step.path, (None, None))
        pending = opened.walk.pending(step.path)
        if step.marked is None or choice.take != "text":
            wanted = {"ours": pending.stages.get(2), "theirs": pending.stages.get(3)}.get(choice.take)
            same = step.path not in merge.merged.conflicts and entry == wanted
        else:
            number = step.marked.number
            made = outcomes(pending.file, decode(content)) if pending.file and content is not None else ()
            same = number is not None and len(made) > number and made[number] == choice.text
        if not same:
            where = f" in {place(step.path)}" if len(steps) > 1 else ""
            return f"with it, the merge does not come to what you chose{where}"
    return ""


def write_rule(opened: Opened, proposed: Proposed) -> tuple[Opened, Written]:
    """Write the rule into the fork's folder of rules, and add it to the index: the merge commit will have it.

    Where the fork has no such folder yet, it gets one. Raises SyncforkError where the file cannot be written.
    """
    repository, root = opened.repository, opened.repository.work_tree
    if root is None:
        raise SyncforkError("this is a bare repository: there is no place for a rule")
    config = _config(root)
    name = _file_of(proposed, config or Config())
    todo = "" if config and config.rules else _configure(repository, root, readable=config is not None)
    path = _made(root, name)
    try:
        with path.open("xb") as file:
            file.write(encode(proposed.text))
        add_own(repository, [name])
    except FileExistsError:
        raise SyncforkError(f"{name} is there already", "give the rule another id") from None
    except SyncforkError:
        path.unlink(missing_ok=True)
        raise
    kept = (*opened.rules, (name, encode(proposed.text)))
    return replace(opened, rules=kept), Written(name, todo)


def _config(root: Path) -> Config | None:
    """The configuration as it lies in the worktree; None where it cannot be read, as within conflict markers."""
    try:
        return worktree_config(root)
    except RuleError:
        return None


def _made(root: Path, name: str) -> Path:
    """The file's path, its folders made. Raises SyncforkError where one of them is none, or a link out of the fork."""
    at = root
    for part in PurePosixPath(name).parts[:-1]:
        at /= part
        if at.is_symlink() or (at.exists() and not at.is_dir()):
            raise SyncforkError(
                f"{part} is not a folder", f"put a folder in its place, or name another one in {FILE}"
            )
    at.mkdir(parents=True, exist_ok=True)
    return root / name


def _configure(repository: Repository, root: Path, *, readable: bool) -> str:
    """Name the folder of rules in syncfork.toml; what the person has to do where that file is not ours to change."""
    line = f'rules = "{RULES}"\n'
    by_hand = f"put this at the top of {FILE}, and `git add` it: {line.strip()}"
    path, git = root / FILE, repository.git.as_user()
    listed = decode(git.run("ls-files", "--stage", "--", literal(FILE))).split()
    untouched = (
        len(listed) == 4
        and listed[2] == "0"
        and not git.call("diff-files", "--quiet", "--", literal(FILE)).code
    )
    if path.is_symlink() or not readable or ((path.exists() or listed) and not (path.exists() and untouched)):
        return by_hand
    # Above everything else it is in no table.
    text = line.encode() + (path.read_bytes() if path.exists() else b"")
    try:
        parse_toml(FILE, text, Config)
    except RuleError:
        return by_hand
    by_person = git.call("diff-index", "--cached", "--quiet", "HEAD", "--", literal(FILE)).code
    path.write_bytes(text)
    if by_person:
        # What they added to it is theirs, and stays when the merge is undone.
        git.run("add", "--force", "--sparse", "--", literal(FILE))
    else:
        add_own(repository, [FILE])
    return ""

"""What rules need that run a program: leave to do so, and the files that it reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from syncfork.errors import RuleError
from syncfork.git.repository import Repository
from syncfork.programs import SETTING, allow
from syncfork.rewrite.base import Step
from syncfork.rewrite.reformat import ReformatAction
from syncfork.rules.model import Rule


def with_programs(
    rules: Sequence[Rule],
    allowed: Callable[[], bool],
    read: Callable[[Sequence[str]], Mapping[str, bytes | None]],
) -> tuple[Rule, ...]:
    """The rules, those that run programs with the contents of what these read. `allowed` and `read` (contents of files by
    path) are asked where there are such. Raises RuleError for a file that is not there."""
    actions = [step.action for rule in rules for step in rule.steps]
    programs = [action for action in actions if isinstance(action, ReformatAction)]
    if not programs:
        return tuple(rules)
    allow(allowed=allowed())
    contents = read(sorted({path for action in programs for path in action.reads}))
    return tuple(
        replace(rule, steps=tuple(_with_contents(step, rule, contents) for step in rule.steps))
        for rule in rules
    )


def bound_on_disk(rules: Sequence[Rule], root: Path | None) -> tuple[Rule, ...]:
    """The rules, where they run programs with what these read under `root` as it lies on disk; None for no folder."""

    def read(paths: Sequence[str]) -> dict[str, bytes | None]:
        files = {path: root / path for path in paths} if root else {}
        return {
            path: files[path].read_bytes() if path in files and files[path].is_file() else None
            for path in paths
        }

    return with_programs(rules, lambda: root is not None and _is_allowed(root), read)


def _is_allowed(root: Path) -> bool:
    return (root / ".git").exists() and Repository.open(root).is_set(SETTING)


def _with_contents(step: Step, rule: Rule, contents: Mapping[str, bytes | None]) -> Step:
    if not isinstance(step.action, ReformatAction):
        return step
    found = [(path, contents.get(path)) for path in step.action.reads]
    for path, content in found:
        if content is None:
            raise RuleError(
                f"{rule.source}: {step.verb} reads {path}, and the fork has no such file", "correct `reads`"
            )
    beside = tuple((path, content) for path, content in found if content is not None)
    return replace(step, action=replace(step.action, beside=beside))

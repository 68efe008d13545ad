"""What detector tests share: a merge of real commits, seen by one detector."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from git_fixtures import Change, Repo, compile_rules

from syncfork.detect.base import Detector, Found
from syncfork.git.repository import Repository
from syncfork.merge.detecting import MERGED, Subject, make_view
from syncfork.merge.engine import lifted_merge
from syncfork.merge.workspace import workspace
from syncfork.own.base import BASE, OURS, THEIRS

Files = Mapping[str, str]


@dataclass(frozen=True)
class Scene:
    """A merge as files by path: the merge base whole, and what either side changed (None: deleted)."""

    base: Files
    ours: Mapping[str, Change]
    theirs: Mapping[str, Change]
    rules: tuple[str, ...] = ()


def seen(repo: Repo, scene: Scene, detector: Detector) -> list[Found]:
    """What `detector` finds in the real lifted merge of `scene`."""

    def changes(files: Mapping[str, Change]) -> dict[str | bytes, Change]:
        return dict(files.items())

    base = repo.commit(changes(scene.base))
    ours, theirs = repo.commit(changes(scene.ours), base), repo.commit(changes(scene.theirs), base)
    rules = compile_rules(*scene.rules)
    repository = Repository.open(repo.path)
    with workspace(repository) as space:
        names = {OURS: "ours", THEIRS: "theirs"}
        merge = lifted_merge(space, ours, theirs, [base], rules, names)
        trees = {BASE: base, OURS: ours, THEIRS: theirs, MERGED: merge.merged.tree}
        subject = Subject(trees, merge.sides.by_ours, merge.sides.by_theirs, merge.merged.conflicts)
        return list(detector(make_view(repository, space.git, subject, rules)))


def told(found: list[Found]) -> list[str]:
    """Findings in a line each, for a table: `class path:line message`."""
    return [f"{item.cls} {item.path}:{item.line} {item.message}" for item in found]

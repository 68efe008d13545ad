"""The design's ten properties, on generated and on hand-made histories, against git itself."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from generated import Drawn, Files, histories
from git_fixtures import Entry, Repo, compile_rules, unmarked
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncfork.merge.engine import LiftedMerge
from syncfork.rewrite.base import Fork
from syncfork.rules.model import Applied
from syncfork.text import decode_document

# A history is a lot of choices; what would be generated is small all the same.
examples = lambda n: settings(max_examples=n, suppress_health_check=list(HealthCheck))  # noqa: E731


@dataclass(frozen=True)
class Real:
    """What `git merge` left in a worktree: the tree (with markers in conflicted files), and the stages."""

    tree: str
    stages: dict[str, dict[int, Entry]]


def git_merge(repo: Repo, ours: str, theirs: str) -> Real:
    """Run `git merge` itself, in the repository's own worktree."""
    repo.checkout("main", ours)
    repo.branch("up", theirs)
    done = repo.call("merge", "--no-ff", "--no-edit", "up")
    if done.returncode == 0:
        return Real(repo.git("rev-parse", "HEAD^{tree}"), {})
    stages = repo.stages()
    assert done.returncode == 1 and stages, (done.stdout, done.stderr)
    return Real(repo.git("rev-parse", "AUTO_MERGE"), stages)


def same(repo: Repo, lifted: LiftedMerge, real: Real) -> None:
    """Assert that a lifted merge is what git made, labels of conflict markers apart."""
    stages = {path: dict(conflict.stages) for path, conflict in lifted.merged.conflicts.items()}
    assert stages == real.stages
    if not stages:
        assert lifted.merged.tree == real.tree
        return
    ours, gits = repo.files(lifted.merged.tree), repo.files(real.tree)
    assert ours.keys() == gits.keys()
    for path, (mode, content) in gits.items():
        assert ours[path][0] == mode, path
        if path in stages:
            assert unmarked(ours[path][1]) == unmarked(content), path
        else:
            assert ours[path][1] == content, path


def compare(history: Drawn) -> None:
    with tempfile.TemporaryDirectory() as folder:
        repo = Repo.create(Path(folder) / "r")
        ours, theirs = history.build(repo)
        same(repo, repo.lift(ours, theirs), git_merge(repo, ours, theirs))


@examples(150)
@given(histories())
def test_without_rules_it_is_git_merge(history: Drawn) -> None:
    compare(history)


@examples(60)
@given(histories(bases=2) | histories(bases=3))
def test_without_rules_it_is_git_merge_with_several_merge_bases(history: Drawn) -> None:
    compare(history)

"""The design's ten properties, on generated and on hand-made histories, against git itself."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from generated import Drawn, Files, Node, histories
from git_fixtures import FILE, SUBMODULE, Change, Entry, Repo, compile_rules, numbered, unmarked
from hypothesis import HealthCheck, given, settings

from syncfork.merge.engine import LiftedMerge
from syncfork.rewrite.base import Fork
from syncfork.rules.model import Applied
from syncfork.text import decode_document

# More of everything: SYNCFORK_EXAMPLES=20 HYPOTHESIS_PROFILE=search pytest tests/test_merge_properties.py
_TIMES = int(os.environ.get("SYNCFORK_EXAMPLES", "1"))


def examples(number: int) -> settings:
    """Try that many; a history is a lot of choices, though what is generated from them is small."""
    return settings(max_examples=number * _TIMES, suppress_health_check=list(HealthCheck))


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


def contents(repo: Repo, stages: dict[str, dict[int, Entry]]) -> dict[str, dict[int, tuple[str, bytes]]]:
    """Stages with contents for ids, labels of conflict markers apart: a stage may be a merge with conflicts."""
    return {
        path: {
            stage: (entry.mode, unmarked(repo.object(entry.oid)) if entry.mode != SUBMODULE else entry.oid)
            for stage, entry in found.items()
        }
        for path, found in stages.items()
    }


def same(repo: Repo, lifted: LiftedMerge, real: Real) -> None:
    """Assert that a lifted merge is what git made, labels of conflict markers apart."""
    stages = {path: dict(conflict.stages) for path, conflict in lifted.merged.conflicts.items()}
    assert contents(repo, stages) == contents(repo, real.stages)
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


@examples(36)
@given(histories())
def test_without_rules_it_is_git_merge(history: Drawn) -> None:
    compare(history)


@examples(15)
@given(histories(bases=2) | histories(bases=3))
def test_without_rules_it_is_git_merge_with_several_merge_bases(history: Drawn) -> None:
    compare(history)


def criss_cross(
    repo: Repo, one: dict[str | bytes, Change], other: dict[str | bytes, Change]
) -> tuple[str, str]:
    """Two sides of a file of 20 lines that have merged each other, with `one` and `other` before that."""
    root = repo.commit({"f": numbered(20)})
    left, right = repo.commit(one, root), repo.commit(other, root)
    return repo.commit({"f": numbered(20, {9: "x"})}, left, right), repo.commit(
        {"f": numbered(20, {9: "y"})}, right, left
    )


def test_a_conflict_between_the_merge_bases_themselves(repo: Repo) -> None:
    ours, theirs = criss_cross(repo, {"f": numbered(20, {9: "left"})}, {"f": numbered(20, {9: "right"})})
    real = git_merge(repo, ours, theirs)
    assert b"Temporary merge branch" in repo.object(real.stages["f"][1].oid)
    lifted = repo.lift(ours, theirs)
    same(repo, lifted, real)
    assert lifted.merged.conflicts["f"].stages == real.stages["f"], "git's own markers stand in the base"


def test_a_stage_that_is_a_conflict_itself_has_readable_labels(repo: Repo) -> None:
    base = repo.commit({"f": numbered(20)})
    ours = repo.commit({"f": None, "g": numbered(20, {9: "ours"})}, base)
    theirs = repo.commit({"f": numbered(20, {9: "theirs"}), "g": numbered(5, prefix="other")}, base)
    real = git_merge(repo, ours, theirs)
    assert b"<<<<<<< HEAD" in b"".join(repo.object(entry.oid) for entry in real.stages["g"].values())
    lifted = repo.lift(ours, theirs)
    same(repo, lifted, real)
    stages = [repo.object(entry.oid) for entry in lifted.merged.conflicts["g"].stages.values()]
    for text in (*stages, repo.read(lifted.merged.tree, "g")):
        assert ours.encode() not in text
        assert theirs.encode() not in text


# -- with rules

LOUD = """
id: loud
files: ["**"]
rewrite:
  - replace: {literal: alpha}
    with: ALPHA
    expect: any
  - insert: " kept"
    after: {regex: "^gamma"}
    expect: any
"""
QUIET = """
id: quiet
files: ["**"]
rewrite: [{replace: {regex: "^delta$"}, with: "deltas\\nof the fork", expect: any}]
"""


def rewritten(files: Files) -> Files:
    """The rules' effect on a tree, worked out file by file without the engine."""
    found = {}
    for name, (mode, content) in files.items():
        document, encoding = decode_document(name.decode("utf-8", "surrogateescape"), content) or (None, None)
        for rule in compile_rules(LOUD, QUIET) if document and mode.startswith("100") else ():
            applied = rule.apply(document, Fork())
            assert isinstance(applied, Applied)
            document = type(document)(document.path, applied.text)
            content = encoding.encode(applied.text)
        found[name] = (mode, content)
    return found


def lifted_twice(
    tmp_path: Path, nodes: list[tuple[dict[int, str], tuple[int, ...]]]
) -> tuple[Repo, LiftedMerge, Real]:
    """A file of 20 lines through a history, merged with a rule; and git's merge of the history lifted at each commit."""
    history = Drawn(
        tuple(Node({b"f": (FILE, numbered(20, {2: "alpha"} | lines))}, parents) for lines, parents in nodes)
    )
    real, lifted = Repo.create(tmp_path / "real"), Repo.create(tmp_path / "lifted")
    merge = real.lift(*history.build(real), LOUD)
    return real, merge, git_merge(lifted, *history.build(lifted, rewritten))


def test_merge_bases_are_merged_in_the_order_that_git_takes_them(tmp_path: Path) -> None:
    both = {9: "x"}, {9: "y"}
    nodes = [({}, ()), ({9: "left"}, (0,)), ({9: "right"}, (0,)), (both[0], (1, 2)), (both[1], (2, 1))]
    _, merge, expected = lifted_twice(tmp_path, nodes)
    assert merge.merged.conflicts["f"].stages == expected.stages["f"]


def test_merge_bases_of_merge_bases_are_needed_too(tmp_path: Path) -> None:
    low = {5: "l1", 12: "r1"}
    nodes = [
        ({}, ()),
        ({5: "l1"}, (0,)),
        ({12: "r1"}, (0,)),
        (low | {6: "l2"}, (1, 2)),
        (low | {11: "r2"}, (2, 1)),
    ]
    high = low | {6: "l2", 11: "r2"}
    nodes += [(high | {9: "ours"}, (3, 4)), (high | {18: "theirs"}, (4, 3))]
    repo, merge, expected = lifted_twice(tmp_path, nodes)
    assert not expected.stages
    assert merge.merged.tree == expected.tree
    assert b"ALPHA" in repo.read(merge.merged.tree, "f")


def test_a_merge_base_that_has_the_file_under_another_name_is_lifted_too(repo: Repo) -> None:
    old, new = numbered(9, {3: "alpha"}), numbered(9, {3: "ALPHA"})
    root = repo.commit({"a": old})
    left, right = repo.commit({"a": None, "b": old}, root), repo.commit({"x": "1\n"}, root)
    ours = repo.commit({"a": None, "b": old, "x": "1\n"}, left, right)
    theirs = repo.commit({"a": numbered(9, {3: "alpha", 7: "new"})}, right, left)
    repo.branch("main", ours)
    merge = repo.lift(ours, theirs, LOUD)
    assert not merge.merged.conflicts
    assert new.replace(b"line 7", b"new") in [
        content for _, content in repo.files(merge.merged.tree).values()
    ]


@examples(15)
@given(histories(odd=False) | histories(odd=False, bases=2) | histories(odd=False, bases=3))
def test_the_result_is_git_merge_of_a_history_lifted_at_every_commit(history: Drawn) -> None:
    with tempfile.TemporaryDirectory() as folder:
        real, lifted = Repo.create(Path(folder) / "real"), Repo.create(Path(folder) / "lifted")
        merge = real.lift(*history.build(real), LOUD, QUIET)
        expected = git_merge(lifted, *history.build(lifted, rewritten))
        stages = {path: dict(conflict.stages) for path, conflict in merge.merged.conflicts.items()}
        assert contents(real, stages) == contents(lifted, expected.stages)
        if not stages:
            assert merge.merged.tree == expected.tree
        assert not any(effect.problem for effect in merge.effects)


@examples(15)
@given(histories(odd=False))
def test_where_the_rules_explain_the_fork_the_result_is_upstream_lifted(history: Drawn) -> None:
    with tempfile.TemporaryDirectory() as folder:
        repo = Repo.create(Path(folder) / "r")
        base = repo.commit(dict(history.nodes[0].files), whole=True)
        ours = repo.commit(dict(rewritten(history.nodes[0].files)), base, whole=True)
        upstream = history.nodes[-1].files
        theirs = repo.commit(dict(upstream), base, whole=True)
        merge = repo.lift(ours, theirs, LOUD, QUIET)
        assert not merge.merged.conflicts
        wanted = repo.commit(dict(rewritten(upstream)), whole=True)
        assert merge.merged.tree == repo.git("rev-parse", f"{wanted}^{{tree}}")
        assert not merge.unheld

"""How far one can go alone, held against merging every upstream commit."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from git_fixtures import Repo, compile_rules, numbered
from hypothesis import given
from hypothesis import strategies as st
from test_merge_properties import examples

from syncfork.git.rangelog import RangeLog
from syncfork.git.repository import Repository
from syncfork.merge.engine import lifted_merge
from syncfork.merge.reach import Way, reach
from syncfork.merge.workspace import workspace
from syncfork.own.base import OURS, THEIRS
from syncfork.report import Reach

LINES = 12
PATHS = ("a", "d/b", "c")


def far(
    repo: Repo, ours: str, commits: list[str], base: str, *rules: str
) -> tuple[Reach, list[tuple[str, ...]]]:
    """What `reach` says, and what each upstream commit needs when it is merged for real."""
    repository = Repository.open(repo.path)
    compiled = compile_rules(*rules)
    with workspace(repository) as space:

        def lifted(commit: str) -> Any:
            return lifted_merge(space, ours, commit, [base], compiled, {OURS: "o", THEIRS: "t"})

        def needs(commit: str) -> tuple[str, ...]:
            merge = lifted(commit)
            conflicts = [f"conflict in {path}" for path in merge.merged.conflicts]
            withheld = [f"rule {e.rule.id} cannot be applied in {e.path}" for e in merge.effects if e.problem]
            return tuple(sorted([*conflicts, *withheld]))

        tip = lifted(commits[-1])
        found = reach(
            Way(space, tip, None, RangeLog(repository, base, commits[-1])),
            needs,
            needs(commits[-1]),
            rules=True,
        )
        return found, [needs(commit) for commit in commits]


def test_a_fork_of_a_commit_that_is_not_on_the_main_line(repo: Repo) -> None:
    """What the main line was, where the fork does not come from, is no reason that anything needs a person."""
    release = repo.commit({"a": text({}), "d/b": text({})})
    new = {3: "developed"}
    base = repo.commit({"a": text(new), "d/b": text(new)}, release)
    ours = repo.commit({"a": text({**new, 4: "ours"}), "d/b": text({**new, 4: "ours"})}, base)
    developed = repo.commit({"a": text({**new, 4: "theirs"})}, base)
    tip = repo.commit({"a": text({**new, 4: "theirs"}), "d/b": text(new)}, release, developed)
    found, needed = far(repo, ours, [tip], base)
    assert found.clean is None
    assert found.first and found.first.commit == tip
    assert found.needs == needed[0] == ("conflict in a",)


@pytest.mark.parametrize(("real", "expected"), [("conflict in a", None), ("", 0)])
def test_that_it_cannot_go_anywhere_is_believed_only_after_a_real_merge(
    repo: Repo, real: str, expected: int | None
) -> None:
    base = repo.commit({"a": text({})})
    ours = repo.commit({"a": text({3: "ours"})}, base)
    first = repo.commit({"a": text({3: "theirs"})}, base)
    commits = [first, repo.commit({"b": "1"}, first), repo.commit({"b": "2"}, first)]
    asked: list[str] = []

    def needs(commit: str) -> tuple[str, ...]:
        asked.append(commit)
        return tuple([real] if real else []) if commit == first else ("conflict in a",)

    repository = Repository.open(repo.path)
    with workspace(repository) as space:
        tip = lifted_merge(space, ours, commits[-1], [base], (), {OURS: "o", THEIRS: "t"})
        way = Way(space, tip, None, RangeLog(repository, base, commits[-1]))
        found = reach(way, needs, ("conflict in a",), rules=True)
    assert (found.clean and found.clean.commit) == (None if expected is None else commits[expected])
    assert first in asked


def text(changes: dict[int, str]) -> str:
    return numbered(LINES, changes).decode()


edits = st.dictionaries(st.integers(1, LINES), st.sampled_from(["x", "y", "z"]), max_size=2)
commits_drawn = st.lists(
    st.tuples(st.sampled_from(PATHS), st.one_of(st.none(), edits)), min_size=1, max_size=8
)


@examples(9)
@given(ours=st.dictionaries(st.sampled_from(PATHS), st.one_of(st.none(), edits)), theirs=commits_drawn)
def test_it_is_the_newest_commit_that_merges_by_itself(
    ours: dict[str, dict[int, str] | None], theirs: list[tuple[str, dict[int, str] | None]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        repo = Repo.create(Path(folder) / "r")
        base = repo.commit({path: text({}) for path in PATHS})
        mine = repo.commit(
            {p: None if e is None else text(e) for p, e in ours.items()} | {"mine": "1\n"}, base
        )
        commits, above = [], base
        for path, edit in theirs:
            above = repo.commit({path: None if edit is None else text(edit)}, above)
            commits.append(above)
        found, needs = far(repo, mine, commits, base)
        clean = [number for number, need in enumerate(needs) if not need]
        if not clean:
            assert (found.clean, found.commits) == (None, 0)
        else:
            assert found.clean and found.clean.commit == commits[clean[-1]]
            assert found.commits == clean[-1] + 1
        if clean and clean[-1] + 1 < len(commits):
            assert found.first and found.first.commit == commits[clean[-1] + 1]
            assert set(found.needs) <= set(needs[clean[-1] + 1])
            assert found.needs


RULE = "id: r\nfiles: ['a']\nrewrite: [{replace: {regex: '^line 6$'}, with: ours}]"


def test_rules_reach_further_than_git_until_one_is_withheld(repo: Repo) -> None:
    base = repo.commit({"a": numbered(9)})
    ours = repo.commit({"a": numbered(9, {6: "ours"})}, base)
    near = repo.commit({"a": numbered(9, {5: "better"})}, base)
    gone = repo.commit({"a": numbered(9, {5: "better", 6: "rewritten"})}, near)
    tip = repo.commit({"x": "x\n"}, gone)
    alone, _ = far(repo, ours, [near, gone, tip], base)
    assert (alone.clean, alone.first and alone.first.commit) == (None, near)
    ruled, needs = far(repo, ours, [near, gone, tip], base, RULE)
    assert ruled.clean and ruled.clean.commit == near
    assert ruled.first and ruled.first.commit == gone
    assert ruled.needs == ("rule r cannot be applied in a",)
    assert needs[0] == () and needs[1]


@pytest.mark.parametrize("after", [0, 1])
def test_a_file_that_upstream_renamed_on_the_way(repo: Repo, after: int) -> None:
    base = repo.commit({"a": numbered(30)})
    ours = repo.commit({"a": numbered(30, {20: "ours"})}, base)
    renamed = repo.commit({"a": None, "b": numbered(30, {2: "t"})}, base)
    torn = repo.commit({"b": numbered(30, {2: "t", 20: "theirs"})}, renamed)
    commits = [renamed, torn, repo.commit({"x": "x"}, torn)][: 2 + after]
    found, needs = far(repo, ours, commits, base)
    assert needs[0] == () and needs[1]
    assert found.clean and found.clean.commit == renamed
    assert found.first and found.first.commit == torn

"""Workflows that are started by `gh workflow run`: what upstream changed about them."""

from __future__ import annotations

import pytest
from detecting import Scene, seen, told
from git_fixtures import Repo

from syncfork.detect.dispatches import find

CI = """name: Build all
on:
  workflow_dispatch:
    inputs:
      level:
        type: choice
        options: [fast, full]
      tag:
        type: string
jobs:
  a:
    runs-on: x
    steps:
      - run: make one two three
      - run: make four five six
"""
PATH = ".github/workflows/ci.yml"
RUN = "gh workflow run ci.yml"


@pytest.mark.parametrize(
    ("call", "now", "expected"),
    [
        (f"{RUN} -f level=full", CI.replace("level:", "tier:"), "breakage go.sh:1 this gives `ci.yml` the input `level`, which upstream removed"),
        (f"{RUN} --field=level=full", CI.replace("level:", "tier:"), "breakage go.sh:1 this gives `ci.yml` the input `level`, which upstream removed"),
        (f"{RUN} --ref main -F level=full", CI.replace("full]", "all]"), "breakage go.sh:1 `level=full` is no choice of `ci.yml` any more: upstream's takes only fast, all"),
        ("gh workflow run 'Build all' -f level=full", CI.replace("full]", "all]"), "breakage go.sh:1 `level=full` is no choice of `Build all` any more: upstream's takes only fast, all"),
        ("gh workflow run 'Build all'", CI.replace("Build all", "Build"), "breakage go.sh:1 this starts the workflow `Build all`, which upstream renamed to `Build`"),
        (RUN, CI.replace("        type: string", "        required: true"), "breakage go.sh:1 this starts `ci.yml` without the input `tag`, which upstream now requires"),
        (RUN, CI.replace("workflow_dispatch", "workflow_call"), "breakage go.sh:1 this starts the workflow `ci.yml`, which upstream's .github/workflows/ci.yml no longer lets anyone start"),
        # Right still, or wrong before, or not to be told.
        (f"{RUN} -f level=fast", CI.replace("full]", "all]"), ""),
        (f"{RUN} -f level=$LEVEL", CI.replace("full]", "all]"), ""),
        (f"{RUN} -f level=odd", CI.replace("full]", "all]"), ""),
        (f"{RUN} -f other=1", CI.replace("level:", "tier:"), ""),
        (f"{RUN} -f tag=1", CI.replace("        type: string", "        required: true"), ""),
        (f"{RUN} -R some/other -f level=full", CI.replace("level:", "tier:"), ""),
        ("gh workflow view ci.yml -f level=full", CI.replace("level:", "tier:"), ""),
        ("gh workflow run $FILE -f level=full", CI.replace("level:", "tier:"), ""),
        (f"{RUN} -f level=full", CI.replace("one", "1"), ""),
        (f"{RUN} -f level=full", "jobs: [\n", ""),
    ],
)  # fmt: skip
def test_a_start(repo: Repo, call: str, now: str, expected: str) -> None:
    found = told(seen(repo, Scene({PATH: CI}, {"go.sh": f"{call}\n"}, {PATH: now}), find))
    assert found == ([expected] if expected else [])


def test_a_workflow_under_another_name(repo: Repo) -> None:
    theirs = {PATH: None, ".github/workflows/build.yml": CI}
    [found] = seen(repo, Scene({PATH: CI}, {"go.sh": f"{RUN} --ref main\n"}, theirs), find)
    assert found.message == "this starts the workflow `ci.yml`, which upstream renamed to `build.yml`"
    assert found.fix == "start `build.yml`"


def test_a_workflow_that_is_gone(repo: Repo) -> None:
    [found] = seen(repo, Scene({PATH: CI, "x": "x"}, {"go.sh": f"{RUN}\n"}, {PATH: None}), find)
    assert found.message == "this starts the workflow `ci.yml`, which upstream removed"


def test_upstreams_own_start_is_upstreams(repo: Repo) -> None:
    base = {PATH: CI, "go.sh": f"{RUN} -f level=full\n"}
    assert not seen(repo, Scene(base, {"x": "x"}, {PATH: CI.replace("level:", "tier:")}), find)

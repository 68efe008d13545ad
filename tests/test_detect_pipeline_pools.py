"""Pools of Azure's jobs: a job of the fork's that runs in another one, as upstream names it at another level."""

from __future__ import annotations

import pytest
from detecting import Scene, seen, told
from git_fixtures import Repo

from syncfork.detect.pipeline_names import find

STAGE = "stages:\n- stage: Build\n  displayName: B\n  jobs:\n  - template: jobs.yml\n"
POOLED = STAGE.replace("  jobs:", "  pool:\n    vmImage: one\n  jobs:")
JOBS = (
    "jobs:\n- job: make\n  displayName: M\n  steps:\n  - script: make\n  - script: test\n  - script: pack\n"
)
OWN = "- job: own\n  steps:\n  - script: own\n"
IN_JOB = JOBS.replace("  displayName: M\n", "  displayName: M\n  pool:\n    vmImage: one\n")
BRANCHES = "jobs:\n" + "".join(
    f"- ${{{{ {when} }}}}:\n  - job: make\n    displayName: M\n    steps:\n    - script: {when}\n"
    for when in ("if a", "else")
)
# The stage has the fork's own pool.
MINE = POOLED.replace("vmImage: one", "name: Mine")
# The pipeline has it.
ROOT = "pool:\n  vmImage: one\n\n\n" + STAGE
ROOT_MINE = ROOT.replace("vmImage: one", "name: Mine")


def merge(base: tuple[str, str], ours: dict[str, str], theirs: dict[str, str]) -> Scene:
    return Scene({"ci.yml": base[0], "jobs.yml": base[1]}, ours, theirs)


CASES: dict[str, tuple[Scene, list[str]]] = {
    "from the stage to its jobs": (
        merge((POOLED, JOBS), {"jobs.yml": JOBS + OWN}, {"ci.yml": STAGE, "jobs.yml": IN_JOB}),
        ["decision jobs.yml:10 the fork's job `own` ran in the pool `vmImage: one` of its stage, and now runs in the default pool"],
    ),
    "from the jobs to the stage": (
        merge((STAGE, IN_JOB), {"jobs.yml": IN_JOB + OWN}, {"ci.yml": POOLED, "jobs.yml": JOBS}),
        ["decision jobs.yml:8 the fork's job `own` ran in the default pool, and now runs in `vmImage: one`, which upstream names for its stage"],
    ),
    "upstream names one below the fork's": (
        merge((POOLED, JOBS), {"ci.yml": MINE}, {"jobs.yml": IN_JOB}),
        ["decision jobs.yml:2 the job `make` ran in the pool `name: Mine` of its stage, and now runs in `vmImage: one`, which upstream names for the job"],
    ),
    "for two jobs": (
        merge((ROOT, JOBS + OWN), {"ci.yml": ROOT_MINE}, {"ci.yml": POOLED.replace("stages:", ROOT[: ROOT.index("- stage")], 1)}),
        ["decision jobs.yml:2 the job `make` ran in the pool `name: Mine` of the pipeline, and now runs in `vmImage: one`, which upstream names for its stage (also `own`)"],
    ),
    "a job that stands in two branches": (
        merge((POOLED, BRANCHES), {"ci.yml": MINE}, {"jobs.yml": BRANCHES.replace("M\n", "M\n    pool: Far\n")}),
        ["decision jobs.yml:3 the job `make` ran in the pool `name: Mine` of its stage, and now runs in `name: Far`, which upstream names for the job"],
    ),
    "a pool by its name alone": (
        merge((STAGE, JOBS), {"jobs.yml": JOBS + OWN}, {"ci.yml": POOLED.replace("\n    vmImage: one", " Far")}),
        ["decision jobs.yml:8 the fork's job `own` ran in the default pool, and now runs in `name: Far`, which upstream names for its stage"],
    ),
}  # fmt: skip

QUIET: dict[str, Scene] = {
    "another image at the same level": merge(
        (POOLED, JOBS), {"jobs.yml": JOBS + OWN}, {"ci.yml": POOLED.replace("one", "two")}
    ),
    "the same pool for all of the pipeline": merge(
        (POOLED, JOBS), {"jobs.yml": JOBS + OWN}, {"ci.yml": "pool:\n  vmImage: one\n" + STAGE}
    ),
    "upstream's own jobs": merge(
        (POOLED, JOBS), {"jobs.yml": "# own\n" + JOBS}, {"ci.yml": STAGE, "jobs.yml": IN_JOB}
    ),
    "the fork's job names its own": merge(
        (STAGE, JOBS),
        {"jobs.yml": JOBS + OWN.replace("own\n", "own\n  pool: Mine\n", 1)},
        {"ci.yml": POOLED},
    ),
    # What an expression stands for is not known.
    "an expression": merge(
        (POOLED.replace("one", "${{ parameters.image }}"), JOBS),
        {"jobs.yml": JOBS + OWN},
        {"ci.yml": "pool:\n  vmImage: one\n" + STAGE},
    ),
    "one of two branches": merge(
        (POOLED, JOBS),
        {"jobs.yml": JOBS + OWN},
        {
            "ci.yml": "pool:\n  ${{ if a }}:\n    vmImage: one\n  ${{ else }}:\n    vmImage: two\n" + STAGE,
        },
    ),
    "a rule of the fork's names it": Scene(
        {"ci.yml": STAGE, "jobs.yml": JOBS},
        {"jobs.yml": JOBS + OWN},
        {"ci.yml": POOLED},
        (
            "id: own\nwhy: All jobs run on our agents.\nfiles: [ci.yml]\n"
            "rewrite: [{set: 'stages[*].pool.vmImage', to: own, expect: any}]\n",
        ),
    ),
    # Which of the two the fork had, no name tells.
    "another job of the same name": merge(
        (POOLED, JOBS.replace("make\n", "${{ parameters.name }}\n", 1)),
        {"ci.yml": MINE},
        {
            "ci.yml": POOLED + "  - template: more.yml\n",
            "more.yml": "jobs:\n- job: ${{ parameters.name }}\n  pool: Far\n  steps:\n  - script: more\n",
        },
    ),
    "a template of another repository": merge(
        (POOLED, JOBS), {"jobs.yml": JOBS + OWN}, {"ci.yml": STAGE + "- template: more.yml@other\n"}
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_told(repo: Repo, name: str) -> None:
    scene, expected = CASES[name]
    assert told(seen(repo, scene, find)) == expected


@pytest.mark.parametrize("name", QUIET)
def test_quiet(repo: Repo, name: str) -> None:
    assert told(seen(repo, QUIET[name], find)) == []


def test_what_upstream_did_and_what_to_do(repo: Repo) -> None:
    scene, _ = CASES["from the stage to its jobs"]
    [found] = seen(repo, scene, find)
    assert found.upstream and (found.upstream.path, found.upstream.line, found.upstream.tree) == (
        "ci.yml",
        5,
        "base",
    )
    assert found.removed == ("    vmImage: one",)
    assert found.fix == "see that it can run there, or name `vmImage: one` in the job itself"

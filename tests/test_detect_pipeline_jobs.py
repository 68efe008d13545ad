"""Variables of Azure's jobs: what each job that puts in a template has, and what is not told where it cannot be known."""

from __future__ import annotations

import time
from collections.abc import Collection

import pytest
from detecting import Scene, seen, told
from git_fixtures import Repo

from syncfork.detect.pipeline_names import find
from syncfork.detect.wiring_azure_scopes import scope_of
from syncfork.merge.trees import WholeTrees
from syncfork.text import Document

JOBS = """\
variables:
  Tag: v1
stages:
- stage: Build
  jobs:
  - job: plain
    strategy:
      matrix:
        x86:
          Arch: win32
        ${{ if eq(parameters.arm, true) }}:
          arm:
            Arch: arm64
    steps:
    - template: steps.yml
  - job: tuned
    variables:
      Arch: amd64
    steps:
    - template: steps.yml
"""
STEPS = """\
steps:
- script: make $(Arch)
- script: |
    echo "##vso[task.setvariable variable=Version]$(cat version)"
"""
OWN = "- script: own-scan $(Arch)\n"
OWN_TAG = "- script: own-sign $(Tag)\n"
# The template does without, so that the fork's step alone has a use of the name.
BARE = STEPS.replace("make $(Arch)", "make")
ROOT = "variables:\n  Tag: v1\nstages:\n- template: stages.yml\n"
STAGES = "stages:\n- stage: Build\n  jobs:\n  - job: plain\n    steps:\n    - template: steps.yml\n"
MORE = "    - script: make\n    - script: test\n    - script: pack\n"
OTHER = "- job: other\n    steps:\n    - template: steps.yml\n"


def jobs(own: str, *changes: tuple[str, str], steps: str = BARE) -> Scene:
    """The fork's step at the end of a template that two jobs put in, where upstream changes the jobs."""
    theirs = JOBS
    for old, new in changes:
        assert old in theirs
        theirs = theirs.replace(old, new)
    return Scene({"ci.yml": JOBS, "steps.yml": steps}, {"steps.yml": steps + own}, {"ci.yml": theirs})


TO_JOB = [("variables:\n  Tag: v1\n", ""), ("      Arch: amd64\n", "      Arch: amd64\n      Tag: v1\n")]
TO_STAGE = [
    ("variables:\n  Tag: v1\n", ""),
    ("- stage: Build\n", "- stage: Build\n  variables:\n    Tag: v1\n"),
]
USES = "breakage steps.yml:5 the fork's text uses the variable"
CASES: dict[str, tuple[Scene, list[str]]] = {
    "a job's own variable": (
        jobs(OWN, ("      Arch: amd64", "      Machine: amd64")),
        [f"{USES} `Arch`, which upstream renamed to `Machine` in the job `tuned` of `ci.yml`"],
    ),
    "a matrix": (
        jobs(OWN, ("Arch: win32", "Machine: win32"), ("Arch: arm64", "Machine: arm64")),
        [f"{USES} `Arch`, which upstream renamed to `Machine` in the job `plain` of `ci.yml`"],
    ),
    "every job": (
        jobs(OWN, ("Arch:", "Machine:")),
        [f"{USES} `Arch`, which upstream renamed to `Machine`"],
    ),
    "a matrix and the text that uses it": (
        Scene(
            {"ci.yml": JOBS, "steps.yml": STEPS},
            {"steps.yml": STEPS + OWN},
            {"ci.yml": JOBS.replace("Arch", "Machine"), "steps.yml": STEPS.replace("Arch", "Machine")},
        ),
        [f"{USES} `Arch`, which upstream renamed to `Machine`"],
    ),
    "a variable of the pipeline that is one job's now": (
        jobs(OWN_TAG, *TO_JOB),
        [f"{USES} `Tag`, which upstream took out in the job `plain` of `ci.yml`"],
    ),
    "what a step of the job set": (
        Scene(
            {"ci.yml": JOBS + MORE, "steps.yml": STEPS},
            {"ci.yml": JOBS + MORE + "    - script: own $(Version)\n"},
            {"ci.yml": JOBS.replace("amd64\n    steps:\n    - template: steps.yml\n", "amd64\n    steps:\n") + MORE},
        ),
        ["breakage ci.yml:23 the fork's text uses the variable `Version`, which upstream took out"],
    ),
    "a template between the two that nobody changed": (
        Scene(
            {"ci.yml": ROOT, "stages.yml": STAGES, "steps.yml": STEPS},
            {"steps.yml": STEPS + OWN_TAG},
            {"ci.yml": ROOT.replace("Tag:", "Label:")},
        ),
        [f"{USES} `Tag`, which upstream renamed to `Label`"],
    ),
    "a job that came": (
        jobs(OWN, ("  - job: tuned\n", f"  {OTHER}  - job: tuned\n")),
        [f"{USES} `Arch`, which the job `other` of `ci.yml` does not have"],
    ),
    "a group that another job has brings nothing": (
        jobs(OWN, ("variables:\n      Arch: amd64", "variables: {}"), ("plain\n", "plain\n    variables:\n    - group: g\n")),
        [f"{USES} `Arch`, which upstream took out in the job `tuned` of `ci.yml`"],
    ),
}  # fmt: skip

QUIET: dict[str, Scene] = {
    "a variable of the pipeline that is the stage's now": jobs(OWN_TAG, *TO_STAGE),
    "a variable of a group": jobs(
        OWN, ("    variables:\n      Arch: amd64\n", "    variables:\n    - group: g\n")
    ),
    "variables that an expression puts in": jobs(
        OWN, ("    variables:\n      Arch: amd64\n", "    variables: ${{ parameters.all }}\n")
    ),
    "a matrix that is made by a job": jobs(
        OWN,
        (JOBS[JOBS.index("        x86") : JOBS.index("    steps")], ""),
        ("matrix:\n", "matrix: $[ x ]\n"),
    ),
    "a template of another repository": jobs(
        OWN,
        ("    variables:\n      Arch: amd64\n    steps:\n", "    steps:\n    - template: set.yml@other\n"),
    ),
    # Upstream's other steps use it as ever: it is given when the run is queued.
    "a variable given elsewhere now": Scene(
        {"ci.yml": JOBS + "    - script: sign $(Tag)\n", "steps.yml": STEPS},
        {"steps.yml": STEPS + OWN_TAG},
        {"ci.yml": (JOBS + "    - script: sign $(Tag)\n").replace("variables:\n  Tag: v1\n", "")},
    ),
    "a job that came, where one of the others lacked it before": Scene(
        {"ci.yml": JOBS + f"  {OTHER}", "steps.yml": BARE},
        {"steps.yml": BARE + OWN},
        {"ci.yml": JOBS + f"  {OTHER}  {OTHER.replace('other', 'third')}"},
    ),
    "a pipeline that nobody changed has it": Scene(
        {
            "ci.yml": ROOT,
            "stages.yml": STAGES.replace("plain\n", "plain\n    variables:\n      Tag: v2\n"),
            "steps.yml": STEPS,
        },
        {"steps.yml": STEPS + OWN_TAG},
        {"stages.yml": STAGES},
    ),
    # Before, the file was no pipeline that can be read.
    "a file that is a pipeline now": Scene(
        {"ci.yml": "phases: []\n\n\n" + JOBS + MORE},
        {
            "ci.yml": ("phases: []\n\n\n" + JOBS + MORE).replace(
                "    - template", "    - script: x $(V)\n    - template", 1
            )
        },
        {
            "ci.yml": JOBS
            + MORE
            + '    - script: echo "##vso[task.setvariable variable=V]1"\n    - script: y $(V)\n'
        },
    ),
    "predefined": jobs("- script: own $(Build.BuildId) $(Agent.OS) $(System.JobName)\n", ("Tag", "Label")),
    "set in the job": jobs(
        OWN + '- script: echo "##vso[task.setvariable variable=Arch]x"\n', ("      Arch: amd64", "      M: a")
    ),
    "templates that put in one another": Scene(
        {"ci.yml": STAGES.replace("steps:\n    - template: steps.yml", "steps: []\n- template: ci.yml")},
        {"own.yml": "stages:\n- template: ci.yml\n"},
        {"ci.yml": "variables:\n  A: 1\n" + STAGES},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_told(repo: Repo, name: str) -> None:
    scene, expected = CASES[name]
    assert told(seen(repo, scene, find)) == expected


@pytest.mark.parametrize("name", QUIET)
def test_quiet(repo: Repo, name: str) -> None:
    assert told(seen(repo, QUIET[name], find)) == []


def test_the_line_of_the_job(repo: Repo) -> None:
    scene, _ = CASES["a job's own variable"]
    [found] = seen(repo, scene, find)
    assert found.upstream and (found.upstream.path, found.upstream.line) == ("ci.yml", 18)
    assert found.removed == ("      Arch: amd64",)


def chain(length: int) -> str:
    """Templates of two stages each, which put in the next: as upstream may write them, though none would run."""
    return "".join(f"- stage: s{n}\n  jobs:\n  - template: t{length}.yml\n" for n in range(2))


def test_stages_within_stages_do_not_multiply(repo: Repo) -> None:
    base = {f"t{n}.yml": f"stages:\n{chain(n + 1)}" for n in range(25)}
    base["t25.yml"] = "variables:\n  Tag: v1\njobs:\n- job: x\n  steps:\n  - script: $(Tag)\n"
    changed = {path: text.replace("v1", "v2") + "# c\n" for path, text in base.items()}
    start = time.process_time()
    assert told(seen(repo, Scene(base, {"t0.yml": base["t0.yml"] + "- stage: own\n"}, changed), find)) == []
    assert time.process_time() - start < 20


def test_thousands_of_jobs_in_one_file() -> None:
    text = "jobs:\n" + "".join(f"- job: j{n}\n  steps:\n  - script: x $(V{n})\n" for n in range(4000))
    start = time.process_time()
    scope = scope_of(Document("ci.yml", text))
    assert time.process_time() - start < 5
    assert [use.line for use in scope.inner[-1].facts.uses] == [text.count("\n")]


def test_all_folders_are_asked_for_at_once(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    beside = WholeTrees.beside

    def counting(trees: WholeTrees, side: str, paths: Collection[str]) -> dict[str, Document]:
        asked.append(side)
        return beside(trees, side, paths)

    monkeypatch.setattr(WholeTrees, "beside", counting)
    base = {f"sdk/{n}/ci.yml": ROOT.replace("v1", str(n)) for n in range(300)}
    base |= {f"sdk/{n}/stages.yml": STAGES for n in (7, 299)} | {"sdk/7/steps.yml": STEPS, "other.txt": "x"}
    theirs = {path: text.replace("Tag:", "Label:") for path, text in base.items() if path.endswith("ci.yml")}
    scene = Scene(base, {"sdk/7/steps.yml": STEPS + OWN_TAG}, theirs)
    assert told(seen(repo, scene, find)) == [
        f"breakage sdk/7/{USES.removeprefix('breakage ')} `Tag`, which upstream renamed to `Label`"
    ]
    assert sorted(asked) == ["base", "merged", "ours", "theirs"]

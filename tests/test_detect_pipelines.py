"""Names within and between pipelines that a merge leaves without a declaration: what is told, and what is not."""

from __future__ import annotations

import pytest
from detecting import Scene, seen, told
from git_fixtures import Repo

from syncfork.detect.pipeline_names import find

CI = ".github/workflows/ci.yml"
OWN = ".github/workflows/own.yml"
CALLED = ".github/workflows/called.yml"

GITHUB = """\
name: ci
on:
  push:
  workflow_dispatch:
    inputs:
      tag:
        type: string
env:
  LEVEL: high
jobs:
  build:
    runs-on: x
    strategy:
      matrix:
        arch: [a, b]
    outputs:
      version: ${{ steps.read.outputs.version }}
    steps:
      - id: read
        run: echo "version=1" >> "$GITHUB_OUTPUT"
      - uses: actions/upload-artifact@v4
        with:
          name: wheels
          path: dist
  middle:
    runs-on: x
    steps:
      - run: echo middle
"""

OWN_JOB = """\
  sign:
    needs: [build]
    runs-on: own
    steps:
      - uses: actions/download-artifact@v4
        with:
          name: wheels
      - run: sign ${{ needs.build.outputs.version }} ${{ inputs.tag }} "$LEVEL"
"""

REUSED = """\
on:
  workflow_call:
    inputs:
      target:
        type: string
      level:
        type: string
    secrets:
      SIGN_KEY:
        required: false
    outputs:
      image:
        value: ${{ jobs.a.outputs.image }}
jobs:
  a:
    runs-on: x
    outputs:
      image: one
    steps:
      - run: echo ${{ inputs.target }}
"""
CALLER = """\
on: [push]
jobs:
  use:
    uses: ./.github/workflows/called.yml
    with:
      target: x
    secrets:
      SIGN_KEY: ${{ secrets.OWN_KEY }}
  after:
    needs: use
    runs-on: own
    steps:
      - run: echo ${{ needs.use.outputs.image }}
"""

STAGES = """\
parameters:
- name: sign
  type: boolean
  default: false
variables:
- group: shared
- name: Flavor
  value: plain
- ${{ if eq(parameters.sign, true) }}:
  - name: Cert
    value: one
- ${{ else }}:
  - name: Cert
    value: two
stages:
- stage: Build
  jobs:
  - job: compile
    steps:
    - script: |
        echo "##vso[task.setvariable variable=Stamp;isOutput=true]1"
      name: stamp
    - publish: out
      artifact: drop
    # the end
    # of it
"""
OWN_STAGE = """\
- stage: Ship
  dependsOn: Build
  condition: eq(variables['Flavor'], 'plain')
  variables:
    Mark: $[ stageDependencies.Build.compile.outputs['stamp.Stamp'] ]
  jobs:
  - deployment: put
    steps:
    - download: current
      artifact: drop
    - script: echo $(Flavor) $(Build.BuildId) $(pwd)
"""
TEMPLATE = """\
parameters:
- name: kind
  type: string
- name: extra
  type: string
  default: ''
steps:
- script: build ${{ parameters.kind }} ${{ parameters.extra }}
"""
PASSES = """\
trigger: none
jobs:
- job: own
  steps:
  - template: /ci/build.yml
    parameters:
      kind: full
      ${{ if eq(variables['Build.Reason'], 'Manual') }}:
        extra: more
      ${{ else }}:
        extra: less
"""
VAULT = """\
steps:
- task: AzureKeyVault@2
  inputs:
    keyVaultName: v
    secretsFilter: 'SignCert,SignUser'
- script: echo build

"""
# A root that puts two templates together, the one with what the other downloads.
ROOT = """\
stages:
- stage: Pack
  displayName: P
  jobs:
  - template: pack.yml
- stage: Test
  jobs:
  - template: test.yml
"""
PACK = "jobs:\n- job: Pack\n  steps:\n  - publish: out\n    artifact: msi\n"
LOAD = "jobs:\n- job: Test\n  steps:\n  - download: current\n    artifact: msi\n"
USES_STEPS = "variables:\n  Arch: amd64\nsteps:\n- template: steps.yml\n"
TAGS = """\
parameters:
- name: TclSourceTag
  displayName: Tcl Source Tag
  type: string
- name: TkSourceTag
  displayName: Tk Source Tag
  type: string
- name: Certificate
  type: string
  default: none
name: tcltk$(TkSourceTag)
variables:
- name: Description
  value: Tcl for us (${{ parameters.TclSourceTag }})
- name: TclSourceTag
  value: ${{ parameters.TclSourceTag }}
- name: TkSourceTag
  value: ${{ parameters.TkSourceTag }}
steps:
- script: build $(TclSourceTag) $(TkSourceTag)
"""
# Each tag is a version with a prefix now, and one line names the other's.
VERSIONS = (
    TAGS.replace("- name: TclSourceTag\n  displayName: Tcl Source Tag", "- name: TclVersion\n  displayName: Tcl Version")
    .replace("- name: TkSourceTag\n  displayName: Tk Source Tag", "- name: TkVersion\n  displayName: Tk Version")
    .replace("- name: Certificate", "- name: TclTagPrefix\n  default: t\n- name: TkTagPrefix\n  default: k\n- name: Certificate")
    .replace("tcltk$(TkSourceTag)", "tcltk$(TkVersion)")
    .replace("us (${{ parameters.TclSourceTag", "us (${{ parameters.TkVersion")
    .replace("${{ parameters.TclSourceTag }}\n", "${{ parameters.TclTagPrefix }}${{ parameters.TclVersion }}\n")
    .replace("${{ parameters.TkSourceTag }}\n", "${{ parameters.TkTagPrefix }}${{ parameters.TkVersion }}\n")
)  # fmt: skip
# The same with the declarations in such an order that none stands in the place of another.
SHUFFLED = VERSIONS.replace("  displayName: Tcl Version\n", "").replace("  displayName: Tk Version\n", "")
OWN_TAGS = "extends:\n  template: tags.yml\n  parameters:\n    TclSourceTag: tcl-8\n    TkSourceTag: tk-8\n"
GITLAB = "stages: [one, two]\nbuild:\n  stage: one\n  script: make\n.base:\n  image: x\n"
GITLAB_OWN = "mine:\n  stage: two\n  extends: .base\n  needs: [build]\n  script: x\n"


def github(change: tuple[str, str]) -> Scene:
    """The fork's own job at the end of upstream's workflow, where upstream changes one thing."""
    old, new = change
    assert old in GITHUB
    return Scene({CI: GITHUB}, {CI: GITHUB + OWN_JOB}, {CI: GITHUB.replace(old, new)})


def azure(change: tuple[str, str]) -> Scene:
    old, new = change
    assert old in STAGES
    return Scene({"ci.yml": STAGES}, {"ci.yml": STAGES + OWN_STAGE}, {"ci.yml": STAGES.replace(old, new)})


def called(change: tuple[str, str]) -> Scene:
    old, new = change
    assert old in REUSED
    return Scene({CALLED: REUSED}, {OWN: CALLER}, {CALLED: REUSED.replace(old, new)})


def template(change: tuple[str, str]) -> Scene:
    old, new = change
    assert old in TEMPLATE
    return Scene(
        {"ci/build.yml": TEMPLATE}, {"own.yml": PASSES}, {"ci/build.yml": TEMPLATE.replace(old, new)}
    )


CASES: dict[str, tuple[Scene, list[str]]] = {
    "a job that the fork's job needs is renamed": (
        github(("  build:\n", "  compile:\n")),
        [
            f"breakage {CI}:30 the fork's text names the job `build`, which upstream took out",
        ],
    ),
    "an output of a job": (
        github(("      version: ${{ steps.read.outputs", "      number: ${{ steps.read.outputs")),
        [
            f"breakage {CI}:36 the fork's text uses the job output `version`, which upstream took out",
        ],
    ),
    "an artifact renamed on one side": (
        github(("          name: wheels", "          name: packages")),
        [
            f"breakage {CI}:35 the fork's text downloads the artifact `wheels`, which upstream renamed to `packages`",
        ],
    ),
    "an input of a workflow run by hand": (
        github(("      tag:\n", "      version:\n")),
        [
            f"breakage {CI}:36 the fork's text uses the input `tag`, which upstream took out",
        ],
    ),
    "a variable": (
        github(("  LEVEL: high\n", "  GRADE: high\n")),
        [
            f"breakage {CI}:36 the fork's text uses the variable `LEVEL`, which upstream renamed to `GRADE`",
        ],
    ),
    "a step's id and its output": (
        Scene(
            {CI: GITHUB},
            {CI: GITHUB.replace("          path: dist", "          path: ${{ steps.read.outputs.version }}")},
            {CI: GITHUB.replace("id: read", "id: look").replace("steps.read", "steps.look")},
        ),
        [f"breakage {CI}:24 the fork's text uses the step `read`, which upstream renamed to `look`"],
    ),
    "a workflow that the fork waits for": (
        Scene(
            {CI: GITHUB},
            {OWN: "on:\n  workflow_run:\n    workflows: [ci]\njobs: {}\n"},
            {CI: GITHUB.replace("name: ci\n", "name: checks\n")},
        ),
        [
            f"breakage {OWN}:3 the fork's file waits for the workflow `ci`, which upstream renamed to `checks`",
        ],
    ),
    "an input of a called workflow": (
        called(("      target:\n", "      triple:\n")),
        [f"breakage {OWN}:6 the fork's file passes the input `target`, which upstream took out"],
    ),
    "a renamed secret": (
        called(("      SIGN_KEY:\n", "      SIGNING_KEY:\n")),
        [
            f"breakage {OWN}:8 the fork's file passes the secret `SIGN_KEY`, which upstream took out",
        ],
    ),
    "an output of a called workflow": (
        called(("      image:\n        value", "      picture:\n        value")),
        [f"breakage {OWN}:13 the fork's file uses the output `image`, which upstream took out"],
    ),
    "an input that is now required": (
        called(
            (
                "      level:\n        type: string\n",
                "      level:\n        type: string\n        required: true\n",
            )
        ),
        [f"breakage {OWN}:4 this call of `{CALLED}` lacks the input `level`, which it now requires"],
    ),
    "an input of a local action is a decision": (
        Scene(
            {"act/action.yml": "inputs:\n  old:\n    default: x\nruns:\n  using: composite\n  steps: []\n"},
            {
                OWN: "on: push\njobs:\n  a:\n    steps:\n      - uses: ./act\n        with:\n          old: y\n"
            },
            {"act/action.yml": "inputs:\n  new:\n    default: x\nruns:\n  using: composite\n  steps: []\n"},
        ),
        [f"decision {OWN}:7 the fork's file passes the input `old`, which upstream took out"],
    ),
    "upstream's new job needs what the fork renamed": (
        Scene(
            {CI: GITHUB},
            {CI: GITHUB.replace("  build:\n", "  own-build:\n")},
            {CI: GITHUB + "  more:\n    needs: build\n    runs-on: x\n"},
        ),
        [
            f"breakage {CI}:30 upstream's new text names the job `build`, which the fork does not have",
        ],
    ),
    "Azure: a stage": (
        azure(("- stage: Build", "- stage: Compile")),
        [
            "breakage ci.yml:28 the fork's text depends on the stage `Build`, which upstream renamed to `Compile`",
        ],
    ),
    "Azure: a variable that is still compared may be in a group": (
        azure(("- name: Flavor", "- name: Taste")),
        [
            "decision ci.yml:29 the fork's text uses the variable `Flavor`, which upstream renamed to `Taste`, unless the variable group shared has it (also ci.yml:37)",
        ],
    ),
    "Azure: a variable that is still compared": (
        Scene(
            {"ci.yml": STAGES.replace("- group: shared\n", "")},
            {"ci.yml": STAGES.replace("- group: shared\n", "") + OWN_STAGE},
            {"ci.yml": STAGES.replace("- group: shared\n", "").replace("- name: Flavor", "- name: Taste")},
        ),
        [
            "breakage ci.yml:28 the fork's text uses the variable `Flavor`, which upstream renamed to `Taste` (also ci.yml:36)",
        ],
    ),
    "Azure: an artifact": (
        azure(("artifact: drop", "artifact: out")),
        [
            "breakage ci.yml:36 the fork's text downloads the artifact `drop`, which upstream renamed to `out`",
        ],
    ),
    "Azure: a job and a step whose output is read": (
        azure(("  - job: compile", "  - job: make")),
        [
            "breakage ci.yml:31 the fork's text reads results of the stage or job `compile`, which upstream renamed to `make`",
        ],
    ),
    "Azure: a parameter that the fork passes in both branches": (
        template(("- name: extra\n", "- name: more\n")),
        [
            "breakage own.yml:9 the fork's file passes the parameter `extra`, which upstream renamed to `more` (also own.yml:11)",
        ],
    ),
    "Azure: a parameter that is now required": (
        template(("- name: extra\n", "- name: pool\n  type: string\n- name: extra\n")),
        ["breakage own.yml:5 this call of `ci/build.yml` lacks the parameter `pool`, which it now requires"],
    ),
    "Azure: a secret of a key vault": (
        Scene(
            {"ci.yml": VAULT},
            {"ci.yml": VAULT + "- script: sign $(SignCert)\n"},
            {"ci.yml": VAULT.replace("SignCert", "SigningCert")},
        ),
        [
            "breakage ci.yml:8 the fork's text uses the variable `SignCert`, which upstream renamed to `SigningCert`",
        ],
    ),
    "a secret of the settings": (
        Scene(
            {CI: GITHUB.replace("echo middle", "echo ${{ secrets.SIGN_KEY }}")},
            {OWN: "on: push\njobs:\n  a:\n    steps:\n      - run: sign ${{ secrets.SIGN_KEY }}\n"},
            {CI: GITHUB.replace("echo middle", "echo ${{ secrets.SIGNING_KEY }}")},
        ),
        [
            f"decision {OWN}:5 the fork uses `secrets.SIGN_KEY`, for which upstream now writes `secrets.SIGNING_KEY`"
        ],
    ),
    "Azure: a secret of a variable group": (
        Scene(
            {"ci.yml": "variables:\n- group: g\nsteps:\n- script: sign $(SignKey)\n"},
            {"own.yml": "variables:\n- group: g\nsteps:\n- script: own-sign $(SignKey)\n"},
            {"ci.yml": "variables:\n- group: g\nsteps:\n- script: sign $(SigningKey)\n"},
        ),
        ["decision own.yml:4 the fork uses `$(SignKey)`, for which upstream now writes `$(SigningKey)`"],
    ),
    "Azure: a stage that another pipeline with the same templates has too": (
        Scene(
            {"ci.yml": ROOT, "pack.yml": PACK, "test.yml": LOAD},
            {
                "ci.yml": ROOT + "- stage: Feed\n  dependsOn: Test\n",
                "nightly.yml": ROOT.replace("  - template: test.yml\n", "  - job: Own\n"),
            },
            {"ci.yml": ROOT.replace("stage: Test", "stage: Verify")},
        ),
        [
            "breakage ci.yml:10 the fork's text depends on the stage `Test`, which upstream renamed to `Verify`"
        ],
    ),
    "Azure: a variable that a template uses now, and of the pipelines with it one has": (
        Scene(
            {"ci.yml": USES_STEPS, "steps.yml": "steps:\n- script: build $(Arch)\n"},
            {"own.yml": USES_STEPS.replace("amd64", "arm64")},
            {
                "ci.yml": USES_STEPS.replace("  Arch: amd64\n", "  Arch: amd64\n  Folder: x\n"),
                "steps.yml": "steps:\n- script: build $(Folder)\n",
            },
        ),
        [
            "breakage steps.yml:2 upstream's new text uses the variable `Folder`, which the pipeline `own.yml` does not have"
        ],
    ),
    "Azure: a variable that a template uses now, and that the group of the fork's pipeline may have": (
        Scene(
            {"ci.yml": USES_STEPS, "steps.yml": "steps:\n- script: build $(Arch)\n"},
            {
                "own.yml": USES_STEPS.replace(
                    "  Arch: amd64\n", "- group: own\n- name: Arch\n  value: arm64\n"
                )
            },
            {
                "ci.yml": USES_STEPS.replace("  Arch: amd64\n", "  Arch: amd64\n  Folder: x\n"),
                "steps.yml": "steps:\n- script: build $(Folder)\n",
            },
        ),
        [
            "decision steps.yml:2 upstream's new text uses the variable `Folder`, which the pipeline `own.yml` does not have, unless the variable group own has it"
        ],
    ),
    "GitLab: a job, a hidden job and a stage": (
        Scene(
            {".gitlab-ci.yml": GITLAB},
            {".gitlab-ci.yml": GITLAB + GITLAB_OWN},
            {
                ".gitlab-ci.yml": GITLAB.replace("two", "last")
                .replace("build:", "make:")
                .replace(".base:", ".main:")
            },
        ),
        [
            "breakage .gitlab-ci.yml:10 the fork's text names the job `build`, which upstream took out",
            "breakage .gitlab-ci.yml:9 the fork's text names the job `.base`, which upstream took out",
            "breakage .gitlab-ci.yml:8 the fork's text depends on the stage `two`, which upstream renamed to `last`",
        ],
    ),
}

QUIET: dict[str, Scene] = {
    "upstream renamed and uses it itself, the fork does not": Scene(
        {CI: GITHUB + OWN_JOB},
        {CI: "# own\n" + GITHUB + OWN_JOB},
        {CI: (GITHUB + OWN_JOB).replace("build", "make")},
    ),
    "an artifact named by an expression": Scene(
        {CI: GITHUB.replace("name: wheels", "name: wheels-${{ matrix.arch }}")},
        {
            CI: GITHUB.replace("name: wheels", "name: wheels-${{ matrix.arch }}")
            + OWN_JOB.replace("wheels", "wheels-a")
        },
        {CI: GITHUB.replace("name: wheels", "name: wheels-${{ matrix.cpu }}")},
    ),
    "a variable moved into a template": Scene(
        {"ci.yml": STAGES, "vars.yml": "variables:\n  Other: 1\n"},
        {"ci.yml": STAGES + OWN_STAGE},
        {
            "ci.yml": STAGES.replace("- name: Flavor\n  value: plain\n", "- template: vars.yml\n"),
            "vars.yml": "variables:\n  Other: 1\n  Flavor: plain\n",
        },
    ),
    "a variable moved into a template that nobody changed": Scene(
        {"ci.yml": STAGES, "vars.yml": "variables:\n  Flavor: plain\n"},
        {"ci.yml": STAGES + OWN_STAGE},
        {"ci.yml": STAGES.replace("- name: Flavor\n  value: plain\n", "- template: vars.yml\n")},
    ),
    "a variable moved into a group": Scene(
        {"ci.yml": STAGES},
        {"ci.yml": STAGES + OWN_STAGE},
        {"ci.yml": STAGES.replace("- name: Flavor\n  value: plain\n", "- group: more\n")},
    ),
    "one of two branches is left": azure(
        ("  - name: Cert\n    value: two\n", "  - name: Other\n    value: two\n")
    ),
    "another repository's template": Scene(
        {"ci.yml": "steps:\n- template: a.yml@x\n  parameters:\n    k: v\n"},
        {"ci.yml": "steps:\n- template: a.yml@x\n  parameters:\n    k: v\n    own: v\n"},
        {"ci.yml": "# more\nsteps:\n- template: a.yml@x\n  parameters:\n    k: v\n"},
    ),
    "a secret that upstream still uses": Scene(
        {CI: GITHUB.replace("echo middle", "echo ${{ secrets.SIGN_KEY }}")},
        {OWN: "on: push\njobs:\n  a:\n    steps:\n      - run: sign ${{ secrets.SIGN_KEY }}\n"},
        {
            CI: GITHUB.replace("echo middle", "echo ${{ secrets.OTHER }}"),
            "act/action.yml": "runs:\n  using: composite\n  steps:\n    - run: echo ${{ secrets.SIGN_KEY }}\n",
        },
    ),
    "an output that a script may set now": Scene(
        {CI: GITHUB},
        {CI: GITHUB.replace("          path: dist", "          path: ${{ steps.read.outputs.version }}")},
        {
            CI: GITHUB.replace('run: echo "version=1" >> "$GITHUB_OUTPUT"', "run: ./read.sh").replace(
                "      version: ${{ steps.read.outputs.version }}", "      version: one"
            )
        },
    ),
    "each pipeline that a template is in has the name, from upstream or of its own": Scene(
        {"ci.yml": USES_STEPS, "steps.yml": "steps:\n- script: build $(Arch)\n"},
        {"own.yml": USES_STEPS.replace("Arch: amd64", "Arch: amd64\n  Folder: y")},
        {
            "ci.yml": USES_STEPS.replace("Arch: amd64", "Arch: amd64\n  Folder: x"),
            "steps.yml": "steps:\n- script: build $(Folder)\n",
        },
    ),
    "one pipeline lacked the name before": Scene(
        {"ci.yml": USES_STEPS, "steps.yml": "steps:\n- script: build $(Arch)\n"},
        {"own.yml": USES_STEPS.replace("Arch: amd64", "Other: x")},
        {"ci.yml": "# a\n" + USES_STEPS, "steps.yml": "steps:\n- script: build it $(Arch)\n"},
    ),
    "two secrets of the settings for which there is one now": Scene(
        {"ci.yml": "steps:\n- script: sign $(KeyOne)\n- script: sign $(KeyTwo)\n"},
        {"own.yml": "steps:\n- script: own-sign $(KeyOne)\n- script: own-sign $(KeyTwo)\n"},
        {"ci.yml": "steps:\n- script: sign $(Key)\n"},
    ),
    "what links the two is in conflict": Scene(
        {"ci.yml": ROOT, "pack.yml": PACK, "test.yml": LOAD},
        {"ci.yml": ROOT.replace("Name: P", "Name: Ours")},
        {
            "ci.yml": ROOT.replace("Name: P", "Name: Theirs"),
            "pack.yml": PACK + "    displayName: q\n",
            "test.yml": LOAD + "    displayName: p\n",
        },
    ),
    "not parseable": Scene({CI: GITHUB}, {CI: GITHUB + OWN_JOB}, {CI: "a: [\n" + GITHUB}),
}


@pytest.mark.parametrize("name", CASES)
def test_told(repo: Repo, name: str) -> None:
    scene, expected = CASES[name]
    assert told(seen(repo, scene, find)) == expected


@pytest.mark.parametrize("name", QUIET)
def test_quiet(repo: Repo, name: str) -> None:
    assert told(seen(repo, QUIET[name], find)) == []


@pytest.mark.parametrize("name", CASES)
def test_untouched_twin(repo: Repo, name: str) -> None:
    scene, _ = CASES[name]
    # Upstream changes something else in each of its pipelines.
    theirs = {path: text + "# a comment\n" for path, text in scene.base.items()}
    theirs = theirs if "upstream's new" not in name else {"x.txt": "x\n"}
    assert told(seen(repo, Scene(scene.base, scene.ours, theirs), find)) == []


def test_an_artifact_that_got_a_suffix_is_downloaded_by_pattern(repo: Repo) -> None:
    theirs = GITHUB.replace("name: wheels", "name: wheels-${{ matrix.os }}-${{ github.sha }}")
    [found] = seen(repo, Scene({CI: GITHUB}, {CI: GITHUB + OWN_JOB}, {CI: theirs}), find)
    assert found.cls == "breakage"
    assert "by `pattern: wheels-*-*`, as `name:` takes no star" in found.fix


def test_what_another_kind_of_pipeline_declares_is_no_replacement(repo: Repo) -> None:
    other = GITHUB.replace("wheels", "drop")
    base = {"ci.yml": STAGES, CI: other}
    theirs = {"ci.yml": STAGES.replace("    artifact: drop\n", ""), CI: other.replace("drop", "ios")}
    [found] = seen(repo, Scene(base, {"ci.yml": STAGES + OWN_STAGE}, theirs), find)
    assert found.message == "the fork's text downloads the artifact `drop`, which upstream took out"
    assert "ios" not in found.fix


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        # What stands in the place of the declaration, not what one line says: and that both do say is certain.
        (VERSIONS, [("TclSourceTag", "perhaps renamed to `TclVersion`"), ("TkSourceTag", "renamed to `TkVersion`")]),
        # Two names of which one line each has the same new one.
        (SHUFFLED, [("TclSourceTag", "took out"), ("TkSourceTag", "took out")]),
        # One line alone.
        (
            SHUFFLED.replace("parameters.TkVersion }})", "parameters.TclVersion }})"),
            [("TclSourceTag", "perhaps renamed to `TclVersion`"), ("TkSourceTag", "perhaps renamed to `TkVersion`")],
        ),
    ],
)  # fmt: skip
def test_what_took_the_place_of_a_name(repo: Repo, theirs: str, expected: list[tuple[str, str]]) -> None:
    found = seen(repo, Scene({"tags.yml": TAGS}, {"own.yml": OWN_TAGS}, {"tags.yml": theirs}), find)
    assert [item.message for item in found if "passes the" in item.message] == [
        f"the fork's file passes the parameter `{old}`, which upstream {new}" for old, new in expected
    ]
    assert ("see what upstream's" in found[0].fix) == ("perhaps" in found[0].message)


BROKEN = GITHUB.replace("  build:\n", "  other:\n")
FEED = "stages:\n- stage: Feed\n  dependsOn: Test\n  jobs:\n  - job: x\n"
WHOLE = {"ci.yml": ROOT, "pack.yml": PACK, "test.yml": LOAD}
DEBTS: dict[str, tuple[Scene, list[str]]] = {
    "a job": (
        Scene({CI: BROKEN}, {CI: BROKEN + OWN_JOB}, {CI: BROKEN.replace("  other:\n", "  third:\n")}),
        [f"breakage {CI}:30 the fork's text names the job `build`, which its file does not have"],
    ),
    "a stage": (
        Scene(WHOLE, {"ci.yml": ROOT + FEED[8:].replace("Test", "Tests")}, {"ci.yml": "# a\n" + ROOT}),
        ["breakage ci.yml:11 the fork's text depends on the stage `Tests`, which its pipeline does not have"],
    ),
    "a parameter passed, and one that is required": (
        Scene({"tags.yml": VERSIONS}, {"own.yml": OWN_TAGS}, {"tags.yml": VERSIONS + "# more\n"}),
        [
            "breakage own.yml:4 the fork's text passes the parameter `TclSourceTag`, which `tags.yml` does not have",
            "breakage own.yml:5 the fork's text passes the parameter `TkSourceTag`, which `tags.yml` does not have",
            "breakage own.yml:2 this call of `tags.yml` lacks the parameter `TclVersion`, which it requires",
            "breakage own.yml:2 this call of `tags.yml` lacks the parameter `TkVersion`, which it requires",
        ],
    ),
    # What no side has changed may put it in, and have the stage.
    "a template": (
        Scene(
            {"ci.yml": ROOT, "all.yml": "stages:\n- stage: Test\n- template: feed.yml\n", "feed.yml": "stages: []\n"},
            {"feed.yml": FEED},
            {"ci.yml": "# a\n" + ROOT},
        ),
        [],
    ),
    "a variable may be in the settings": (
        Scene(WHOLE, {"own.yml": "steps:\n- script: x $(Own)\n"}, {"ci.yml": "# a\n" + ROOT}),
        [],
    ),
    "upstream has it so": (
        Scene(WHOLE, {"ci.yml": "# x\n" + ROOT}, {"ci.yml": ROOT + FEED[8:].replace("Test", "Tests")}),
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DEBTS)
def test_an_older_debt(repo: Repo, name: str) -> None:
    scene, expected = DEBTS[name]
    found = seen(repo, scene, find)
    assert told(found) == expected
    assert not any(item.new for item in found)


def test_names_keep_their_letters(repo: Repo) -> None:
    base = """\
jobs:
  - job: A
    steps:
      - script: echo "##vso[task.setvariable variable=tag;isOutput=true]v1"
        name: setTag
      - script: other
      - script: more
      - script: last
"""
    own = """\
  - job: Own
    dependsOn: A
    variables:
      t: $[ dependencies.A.outputs['setTag.tag'] ]
    steps:
      - script: own $(t)
"""
    theirs = base.replace("variable=tag;", "variable=theVersion;")
    [found] = seen(repo, Scene({"ci.yml": base}, {"ci.yml": base + own}, {"ci.yml": theirs}), find)
    assert found.message == "the fork's text uses the variable `tag`, which upstream renamed to `theVersion`"
    template = "parameters:\n  - name: first\n    default: x\nsteps:\n  - script: a ${{ parameters.first }}\n"
    call = "steps:\n  - template: t.yml\n    parameters:\n      first: 1\n"
    needs = template.replace("steps:", "  - name: theSecond\nsteps:")
    [found] = seen(repo, Scene({"t.yml": template}, {"own.yml": call}, {"t.yml": needs}), find)
    assert found.message == "this call of `t.yml` lacks the parameter `theSecond`, which it now requires"

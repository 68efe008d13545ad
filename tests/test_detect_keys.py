"""The key audit: edits that a merge by lines put on another key, doubled, brought back, dropped or broke."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pytest
import yaml
from detecting import Scene, seen, told
from git_fixtures import Repo
from hypothesis import given, settings
from hypothesis import strategies as st

from syncfork.detect.base import File, Found, Trees, View
from syncfork.detect.keys import find
from syncfork.text import Document

PIPELINE = """\
parameters:
- name: pool
  type: string
  default: windows-2022
- name: sign
  displayName: Sign the binaries
  type: boolean
  default: false
- name: targets
  type: object
  default: [amd64, arm64]

variables:
- group: release
- ${{ if eq(parameters.sign, true) }}:
  - name: certificate
    value: official
- ${{ else }}:
  - name: certificate
    value: test

stages:
- ${{ each target in parameters.targets }}:
  - stage: build_${{ target }}
    jobs:
    - job: build
      pool:
        ${{ if eq(target, 'arm64') }}:
          vmImage: arm
        ${{ else }}:
          vmImage: ${{ parameters.pool }}
      variables:
        ${{ if parameters.sign }}:
          level: 2
        ${{ else }}:
          level: 1
      steps:
      - checkout: self
      - script: python build.py
        displayName: Build
      - script: python test.py
      - template: steps/pack.yml
        parameters:
          kind: zip
- stage: publish
  condition: and(succeeded(), ${{ parameters.sign }})
  jobs:
  - deployment: publish
    environment: store
    pool:
      vmImage: ubuntu-latest
"""

POOL = "- name: pool\n  type: string\n  default: windows-2022\n"
# Upstream put a parameter of the same shape where `pool` was, and moved `pool` to the end of the list.
MOVED = PIPELINE.replace(POOL, POOL.replace("pool", "image"), 1).replace(
    "\nvariables:\n- group", f"{POOL}\nvariables:\n- group", 1
)
OTHERWISE = PIPELINE.replace("environment: store", "environment: fork-store")

WORKFLOW = """\
on: push
jobs:
  lint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - name: Install
        run: |
          pip install tox
          tox --notest
  unit:
    runs-on: ubuntu-latest
    needs: lint
    steps:
      - uses: actions/checkout@v4
      - name: Install
        run: |
          pip install nox
          nox --install-only
  docs:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: make docs
"""

TOML = """\
[tool.lint]
line = 100
level = "all"

[tool.types]
strict = true

[tool.cover]
fail = 90
"""
LINT = '[tool.lint]\nline = 100\nlevel = "all"\n'

JSON = """\
{
  "name": "thing",
  "scripts": {
    "build": "make",
    "test": "make test"
  },
  "engines": {
    "node": "20"
  },
  "files": [
    "dist"
  ]
}
"""


def merged(tmp_path: Path, path: str, base: str, ours: str, theirs: str, *rules: str) -> list[str]:
    repo = Repo.create(tmp_path / "fork")
    return told(seen(repo, Scene({path: base}, {path: ours}, {path: theirs}, rules), find))


@pytest.mark.parametrize(
    ("ours", "found"),
    [
        (
            PIPELINE.replace("default: windows-2022", "default: our-pool"),
            [
                "breakage azure-pipelines.yml:4 the fork's `default: our-pool` of parameters[name=pool] "
                "now stands on parameters[name=image]"
            ],
        ),
        (
            PIPELINE.replace("  default: windows-2022\n", ""),
            [
                "breakage azure-pipelines.yml:2 the fork took `default: windows-2022` out of "
                "parameters[name=pool]; the merge took it out of parameters[name=image] instead"
            ],
        ),
        (
            PIPELINE.replace("  default: windows-2022\n", "  default: windows-2022\n  values: [a]\n"),
            [
                "breakage azure-pipelines.yml:5 the fork's `values: [a]` of parameters[name=pool] "
                "now stands on parameters[name=image]"
            ],
        ),
        (OTHERWISE, []),
        (PIPELINE.replace("level: 1", "level: 7"), []),
        (PIPELINE.replace("vmImage: arm\n", "vmImage: our-arm\n").replace("value: test", "value: ours"), []),
        (PIPELINE.replace("default: false", "default: true"), []),
        (PIPELINE.replace("- script: python test.py", "- script: python test.py --slow"), []),
        (PIPELINE.replace("kind: zip", "kind: tar"), []),
    ],
)
def test_an_edit_lands_on_a_new_parameter_of_the_same_shape(
    tmp_path: Path, ours: str, found: list[str]
) -> None:
    assert merged(tmp_path, "azure-pipelines.yml", PIPELINE, ours, MOVED) == found


@pytest.mark.parametrize(
    "theirs",
    [
        # The twin: the same parameter put before or behind the old one, which stays where it was.
        PIPELINE.replace(POOL, POOL.replace("pool", "image") + POOL, 1),
        PIPELINE.replace(POOL, POOL + POOL.replace("pool", "image"), 1),
        # Renamed: the edit belongs where it landed.
        PIPELINE.replace("name: pool", "name: image"),
        PIPELINE.replace("value: official", "value: newer"),
        # More branches of the same condition.
        PIPELINE.replace("          level: 2\n", "          level: 2\n          more: 1\n"),
        PIPELINE.replace("- stage: publish", "- stage: ship"),
    ],
)
@pytest.mark.parametrize(
    "ours",
    [
        PIPELINE.replace("default: windows-2022", "default: our-pool"),
        PIPELINE.replace("  default: windows-2022\n", "  default: windows-2022\n  values: [a]\n"),
        OTHERWISE,
        PIPELINE.replace("value: test", "value: ours").replace("level: 1", "level: 9"),
        PIPELINE.replace("      - checkout: self\n", "      - checkout: self\n      - script: ours.sh\n"),
    ],
)
def test_nothing_is_found_where_the_lines_merge_as_the_keys_do(
    tmp_path: Path, ours: str, theirs: str
) -> None:
    assert merged(tmp_path, "azure-pipelines.yml", PIPELINE, ours, theirs) == []


def test_an_edit_of_upstreams_lands_on_what_the_fork_put_there(tmp_path: Path) -> None:
    theirs = PIPELINE.replace("default: windows-2022", "default: windows-2025")
    repo = Repo.create(tmp_path / "fork")
    scene = Scene({"a.yml": PIPELINE}, {"a.yml": MOVED}, {"a.yml": theirs})
    [found] = seen(repo, scene, find)
    assert told([found]) == [
        "breakage a.yml:4 upstream's `default: windows-2025` of parameters[name=pool] "
        "now stands on parameters[name=image]"
    ]
    assert found.upstream and found.upstream.line == 4
    assert found.added == ("  default: windows-2025",)
    assert found.fix == (
        "put `default: windows-2025` back on parameters[name=pool], and leave parameters[name=image] "
        "as the fork has it"
    )


# Comments keep git's hunks apart: without them these are conflicts.
TEST = "- name: doTest\n  displayName: Test\n  type: boolean\n  # Why,\n  # and when.\n  default: false\n"
BEFORE = "parameters:\n- name: doSign\n  type: boolean\n  default: false\n"
AFTER = "\nsteps:\n- script: echo\n"
OF_TEST = "of parameters[name=doTest] now stands on parameters[name=doNew]"
# Upstream's new parameter has taken over the line of the default: the old one has another, or none any more.
TAKEN = {
    "none": TEST.replace("  # Why", "- name: doNew\n  type: boolean\n  # Why"),
    "its own": TEST.replace("  # Why", "  default: false\n- name: doNew\n  type: boolean\n  # Why"),
    "more": TEST.replace(
        "  # Why", "  values: [1]\n- name: doNew\n  displayName: New\n  type: boolean\n  # Why"
    ),
    "early": TEST.replace("  # Why", "- name: doNew\n  # Why"),
}


@pytest.mark.parametrize("taken", TAKEN)
@pytest.mark.parametrize(
    ("ours", "found"),
    [
        (
            TEST.replace("default: false", "default: true"),
            [f"breakage p.yml:* the fork's `default: true` {OF_TEST}"],
        ),
        (TEST + "  values: [true]\n", [f"breakage p.yml:* the fork's `values: [true]` {OF_TEST}"]),
        (
            TEST.replace("default: false", "default: true\n  values: [true]"),
            [f"breakage p.yml:* the fork's `default: true` and 1 more {OF_TEST}".replace("stands", "stand")],
        ),
    ],
)
def test_a_default_whose_line_a_new_parameter_took_over(
    tmp_path: Path, taken: str, ours: str, found: list[str]
) -> None:
    texts = [BEFORE + text + AFTER for text in (TEST, ours, TAKEN[taken])]
    told_ = merged(tmp_path, "p.yml", *texts)
    assert [re.sub(r"yml:\d+", "yml:*", line) for line in told_] == found


@pytest.mark.parametrize(
    "theirs",
    [
        # The twin: the new parameter stands before or behind the old one.
        TEST + "- name: doNew\n  type: boolean\n  default: false\n",
        "- name: doNew\n  type: boolean\n  default: true\n" + TEST,
        TEST.replace("doTest", "doNew"),
        TEST.replace("Test\n  type", "Tests\n  type"),
    ],
)
@pytest.mark.parametrize(
    "ours", [TEST.replace("default: false", "default: true"), TEST + "  values: [true]\n"]
)
def test_a_new_parameter_that_took_nothing_over(tmp_path: Path, theirs: str, ours: str) -> None:
    texts = [BEFORE + text + AFTER for text in (TEST, ours, theirs)]
    assert not merged(tmp_path, "p.yml", *texts)


def flags(*named: str) -> str:
    """A list of parameters of one shape, each written `name=default`."""
    pairs = (name.split("=") for name in named)
    return "parameters:\n" + "".join(
        f"- name: {name}\n  displayName: {name}\n  type: boolean\n  default: {default}\n"
        for name, default in pairs
    )


FLAGS = ("doLayout=true", "doStore=true", "doNuget=true", "doInstaller=true", "doManager=true", "other=true")
FLAGS_OURS = ("doLayout=true", "doStore=false", *FLAGS[2:])
SWAPPED_FLAGS = ("doLayout=true", "doManager=true", "doNuget=true", "doInstaller=true")


@pytest.mark.parametrize(
    ("theirs", "rules", "found"),
    [
        # Both sides set the flag; upstream moved it, and another stands in its place.
        (
            (*SWAPPED_FLAGS, "doStore=false", "other=true"),
            (),
            [
                "breakage p.yml:9 parameters[name=doManager].default is `false` now, though the merge base, "
                "the fork and upstream all have `true`"
            ],
        ),
        (
            (*SWAPPED_FLAGS, "doStore=false", "other=true"),
            ("id: a\nfiles: [p.yml]\nrewrite:\n- replace: {literal: 'other'}\n  with: 'others'\n",),
            [
                "decision p.yml:9 parameters[name=doManager].default is `false` now, though the merge base, "
                "the fork and upstream all have `true`"
            ],
        ),
        # What the rule sets is no line of a side's.
        (
            (*FLAGS_OURS[:5], "other=false"),
            (
                "id: a\nfiles: [p.yml]\nrewrite:\n- set: parameters[name=doNuget].displayName\n  to: Packages\n",
            ),
            [],
        ),
        # The twin, in which only the fork set it, is told once.
        (
            (*SWAPPED_FLAGS, "doStore=true", "other=true"),
            (),
            [
                "breakage p.yml:9 the fork's `default: false` of parameters[name=doStore] "
                "now stands on parameters[name=doManager]"
            ],
        ),
        # Nothing moved.
        ((*FLAGS_OURS[:5], "other=false"), (), []),
    ],
)
def test_a_value_that_no_side_has_there(
    tmp_path: Path, theirs: tuple[str, ...], rules: tuple[str, ...], found: list[str]
) -> None:
    texts = (flags(*FLAGS), flags(*FLAGS_OURS), flags(*theirs))
    assert merged(tmp_path, "p.yml", *texts, *rules) == found


CONDITION = "- ${{ if eq(parameters.sign, true) }}:\n"
SIGNED = f"""\
steps:
{CONDITION}  - script: sign one
    env:
      CERT: $(Cert)

# ---
# publishing
# ---
{CONDITION}  - script: publish
    env:

      CERT: $(Cert)
"""
TAIL = "  - script: publish\n    env:\n"


@pytest.mark.parametrize(
    ("theirs", "found"),
    [
        (
            SIGNED.replace(TAIL, f"{TAIL}      CERT: $(Cert)\n  - script: verify\n    env:\n"),
            [
                "breakage p.yml:17 the fork's `CERT: $(Own)` of "
                "steps[${{ if eq(parameters.sign, true) }}][script=publish][script=publish].env now stands on "
                "steps[${{ if eq(parameters.sign, true) }}][script=publish][script=verify].env"
            ],
        ),
        (SIGNED.replace("sign one", "sign two"), []),
        (SIGNED + "  - script: verify\n    env:\n      CERT: $(Cert)\n", []),
    ],
)
def test_steps_that_nothing_names_under_one_condition(tmp_path: Path, theirs: str, found: list[str]) -> None:
    ours = SIGNED.replace("\n\n      CERT: $(Cert)", "\n\n      CERT: $(Own)")
    assert merged(tmp_path, "p.yml", SIGNED, ours, theirs) == found


def test_upstreams_new_lines_are_the_culprit(tmp_path: Path) -> None:
    ours = PIPELINE.replace("default: windows-2022", "default: our-pool")
    scene = Scene({"a.yml": PIPELINE}, {"a.yml": ours}, {"a.yml": MOVED})
    [found] = seen(Repo.create(tmp_path / "fork"), scene, find)
    assert found.upstream and found.upstream.line == 2
    assert found.added == ("- name: image",)


def test_a_governed_file_asks_a_person(tmp_path: Path) -> None:
    rule = "id: a\nfiles: [a.yml]\nrewrite:\n- replace: {literal: 'arm64]'}\n  with: 'arm64, x86]'\n"
    ours = PIPELINE.replace("default: windows-2022", "default: our-pool")
    [found] = merged(tmp_path, "a.yml", PIPELINE, ours, MOVED, rule)
    assert found.startswith("decision a.yml:4 the fork's `default: our-pool`")


def replaced(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


UNIT = WORKFLOW[WORKFLOW.index("  unit:") : WORKFLOW.index("  docs:")]
LINT_JOB = WORKFLOW[WORKFLOW.index("  lint:") : WORKFLOW.index("  unit:")]
SWAPPED = replaced(WORKFLOW, (LINT_JOB, ""), ("  docs:", LINT_JOB + "  docs:"))


@pytest.mark.parametrize(
    ("path", "base", "ours", "theirs", "found"),
    [
        # Jobs in another order: nothing wrong with that.
        ("w.yml", WORKFLOW, replaced(WORKFLOW, ("nox --install-only", "nox --ours")), SWAPPED, []),
        # A job of the fork's taken out, moved by upstream.
        (
            "w.yml",
            WORKFLOW,
            replaced(WORKFLOW, ("  docs:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - run: make docs\n", "")),
            replaced(WORKFLOW, ("  docs:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - run: make docs\n", ""), ("jobs:\n", "jobs:\n  docs:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - run: make docs\n")),
            ["breakage w.yml:3 the fork took out jobs.docs; upstream moved it, and the merged file has it again"],
        ),
        # A word of a list, moved; the same word where the fork put another in its place; a line of a script.
        (
            "l.yml",
            "all:\n- a\n- b\n- c\n- d\n- e\n",
            "all:\n- a\n- b\n- c\n- d\n",
            "all:\n- e\n- a\n- b\n- c\n- d\n",
            ["breakage l.yml:2 the fork took out all['e']; upstream moved it, and the merged file has it again"],
        ),
        (
            "l.yml",
            "run: |\n  a\n  b\n  c\n  d\n  e\n",
            "run: |\n  a\n  b\n  c\n  d\n",
            "run: |\n  e\n  a\n  b\n  c\n  d\n",
            [],
        ),
        # A line of a script lands in another job's script.
        (
            "s.yml",
            "one:\n  run: |\n    set -e\n    make\n    make test\n    make install\ntwo:\n  a: 1\n  b: 2\n  c: 3\n",
            "one:\n  run: |\n    set -e\n    make\n    make test --ours\n    make install\ntwo:\n  a: 1\n  b: 2\n  c: 3\n",
            "new:\n  run: |\n    set -e\n    make\n    make test\n    make install\ntwo:\n  a: 1\n  b: 2\n  c: 3\n"
            "one:\n  run: |\n    set -e\n    make\n    make test\n    make install\n",
            ["breakage s.yml:2 the fork's `make test --ours` of one.run now stands on new.run"],
        ),
        # Both sides add a key, each at a place of its own.
        (
            "w.yml",
            WORKFLOW,
            replaced(WORKFLOW, ("on: push\n", "on: push\nenv: {A: 1}\n")),
            replaced(WORKFLOW, ("      - run: make docs\n", "      - run: make docs\nenv:\n  A: 2\n")),
            ["breakage w.yml:26 the key env now stands twice in one mapping, in lines 2 and 26"],
        ),
        # Both sides add the same hook, each at a place of its own.
        (
            "p.yml",
            "repos:\n- repo: a\n  rev: 1\n- repo: b\n  rev: 1\n- repo: c\n  rev: 1\n",
            "repos:\n- repo: new\n  rev: 3\n- repo: a\n  rev: 1\n- repo: b\n  rev: 1\n- repo: c\n  rev: 1\n",
            "repos:\n- repo: a\n  rev: 1\n- repo: b\n  rev: 1\n- repo: c\n  rev: 1\n- repo: new\n  rev: 3\n",
            ["decision p.yml:10 repos[repo=new] now stands twice: both sides added or moved it, each to a place of its own"],
        ),
        # Anchors, aliases and merge keys are ordinary.
        (
            "g.yml",
            ".a: &a\n  x: 1\n.b: &b\n  y: 1\none:\n  <<: *a\n  <<: *b\ntwo:\n  <<: *a\n  z: 1\nthree: 3\n",
            ".a: &a\n  x: 2\n.b: &b\n  y: 1\none:\n  <<: *a\n  <<: *b\ntwo:\n  <<: *a\n  z: 1\nthree: 3\n",
            ".a: &a\n  x: 1\n.b: &b\n  y: 1\none:\n  <<: *a\n  <<: *b\ntwo:\n  <<: *a\n  <<: *b\n  z: 1\nthree: 3\n",
            [],
        ),
        (
            "t.toml",
            TOML,
            replaced(TOML, ('"all"', '"some"')),
            replaced(TOML, (LINT, LINT.replace("lint", "form")), ("fail = 90\n", f"fail = 90\n\n{LINT}")),
            ['breakage t.toml:3 the fork\'s `level = "some"` of tool.lint now stands on tool.form'],
        ),
        ("t.toml", TOML, replaced(TOML, ("line = 100", "line = 79")), replaced(TOML, ("fail = 90", "fail = 95")), []),
        (
            "t.toml",
            "a = 1\nb = 2\nc = 3\nd = 4\ne = 5\n",
            "x = 0\na = 1\nb = 2\nc = 3\nd = 4\ne = 5\n",
            "a = 1\nb = 2\nc = 3\nd = 4\ne = 5\nx = 6\n",
            [
                "breakage t.toml:7 does not parse any more (not TOML: Cannot overwrite a value (at line 7, column 6)), "
                "though the fork's file and upstream's both do"
            ],
        ),
        (
            "p.json",
            JSON,
            replaced(JSON, ('  "name": "thing",\n', '  "name": "thing",\n  "private": true,\n')),
            replaced(JSON, ('    "dist"\n  ]\n', '    "dist"\n  ],\n  "private": false\n')),
            ["breakage p.json:14 the key private now stands twice in one mapping, in lines 3 and 14"],
        ),
        (
            "p.json",
            JSON,
            replaced(JSON, ('    "build": "make",\n', '    "build": "make ours",\n')),
            replaced(JSON, ('    "node": "20"\n', '    "node": "22"\n')),
            [],
        ),
        (
            "p.json",
            '{\n  "a": 1,\n  "b": [\n    1\n  ],\n  "c": 2,\n  "d": [\n    3\n  ],\n  "e": 5\n}\n',
            '{\n  "a": 1,\n  "b": [\n    1\n  ],\n  "c": 2,\n  "d": [\n    3\n  ]\n}\n',
            '{\n  "a": 1,\n  "b": [\n    1,\n    2\n  ],\n  "c": 2,\n  "d": [\n    3\n  ],\n  "e": 5\n}\n',
            [],
        ),
        # No structured file, no parser; a lock file.
        ("n.txt", PIPELINE, PIPELINE.replace("2022", "2023"), MOVED, []),
        ("pnpm-lock.yaml", PIPELINE, PIPELINE.replace("windows-2022", "ours"), MOVED, []),
        ("h.yaml", "{{ a }}: {{\n" + PIPELINE, "{{ a }}: {{\n" + OTHERWISE, "{{ a }}: {{\n" + MOVED, []),
    ],
)  # fmt: skip
def test_workflows_toml_and_json(
    tmp_path: Path, path: str, base: str, ours: str, theirs: str, found: list[str]
) -> None:
    assert merged(tmp_path, path, base, ours, theirs) == found


# Histories: a list of named parameters and a mapping, edited on both sides, merged by git line by line

Item = tuple[str, str, str]
Items = list[Item]
_NAMES = st.sampled_from(["a", "b", "c", "d", "e"])


@st.composite
def edited(draw: st.DrawFn, before: Items, who: str) -> Items:
    """The items with a value changed, or an item moved, added or taken out, once or twice."""
    items = list(before)
    for _ in range(draw(st.integers(1, 2))):
        action = draw(st.sampled_from("vmax")) if items else "a"
        if action == "a":
            items.insert(draw(st.integers(0, len(items))), (f"{who}{len(items)}", "s", "1"))
            continue
        item = items.pop(at := draw(st.integers(0, len(items) - 1)))
        if action == "v":
            items.insert(at, (item[0], item[1], who))
        elif action == "m":
            items.insert(draw(st.integers(0, len(items))), item)
    return items


@st.composite
def three(draw: st.DrawFn) -> tuple[Items, Items, Items]:
    names = draw(st.lists(_NAMES, min_size=2, max_size=5, unique=True))
    base = [(name, draw(st.sampled_from("sn")), draw(st.sampled_from("12"))) for name in names]
    return base, draw(edited(base, "ours")), draw(edited(base, "theirs"))


def as_list(items: Items) -> str:
    return "parameters:\n" + "".join(f"- name: {n}\n  type: {t}\n  default: {d}\n" for n, t, d in items)


def as_mapping(items: Items) -> str:
    return "jobs:\n" + "".join(f"  {n}:\n    type: {t}\n    default: {d}\n" for n, t, d in items)


def by_key(base: Items, ours: Items, theirs: Items) -> dict[str, dict[str, str]] | None:
    """The merge by key; None where both sides changed one thing."""

    def known(items: Items) -> dict[str, Item | None]:
        return {item[0]: item for item in items}

    merged: dict[str, dict[str, str]] = {}
    one, two, three = known(base), known(ours), known(theirs)
    for name in {**one, **two, **three}:
        b, o, t = one.get(name), two.get(name), three.get(name)
        if o != b and t != b and o != t:
            return None
        if kept := (t if o == b else o):
            merged[name] = {"type": kept[1], "default": kept[2]}
    return merged


def line_merged(texts: tuple[str, str, str]) -> str | None:
    """What git makes of base, ours and theirs; None where they conflict."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in zip(("base", "ours", "theirs"), texts, strict=True):
            (Path(folder) / name).write_text(text)
        command = ["git", "merge-file", "-p", "ours", "base", "theirs"]
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    return None if done.returncode else done.stdout.decode()


def audited(texts: tuple[str, str, str], merged: str) -> list[Found]:
    base, ours, theirs, result = (Document("a.yml", text) for text in (*texts, merged))

    class Nothing(Trees): ...

    view = View([File("a.yml", base, ours, theirs, result)], Nothing(), lambda _: False, lambda _: False)
    return list(find(view))


def plain(merged: str) -> Mapping[str, object] | None:
    """What is in the merged file by name; None where a name is there twice."""
    [value] = yaml.compose(merged).value
    if isinstance(value[1], yaml.MappingNode):
        names = [key.value for key, _ in value[1].value]
        pairs = [(key.value, {k.value: v.value for k, v in item.value}) for key, item in value[1].value]
    else:
        found = [{k.value: v.value for k, v in item.value} for item in value[1].value]
        pairs = [(item.pop("name"), item) for item in found]
        names = [name for name, _ in pairs]
    return dict(pairs) if len(set(names)) == len(names) else None


@pytest.mark.parametrize(
    ("base", "ours", "theirs"),
    [
        ("1.0\n", "1.1\n", "2.0\n"),
        ("a\n\n\nb\n", "a\n\n\nb\nc\n", "x\na\n\n\nb\n"),
        ("a\n", "a: 1\n", "- a\n"),
    ],
)
def test_a_file_that_is_no_mapping(base: str, ours: str, theirs: str) -> None:
    for merged in (base, ours, theirs, "zero\n", "k: 1\n"):
        assert not audited((base, ours, theirs), merged)


@settings(max_examples=150)
@given(three())
def test_found_exactly_where_the_merge_by_lines_is_not_the_merge_by_key(
    sides: tuple[Items, Items, Items],
) -> None:
    expected = by_key(*sides)
    if expected is None:
        return
    for write in (as_list, as_mapping):
        base, ours, theirs = (write(items) for items in sides)
        merged = line_merged((base, ours, theirs))
        if merged is not None:
            found = audited((base, ours, theirs), merged)
            assert bool(found) == (plain(merged) != expected), (merged, told(found))


JOBS = "jobs:\n  test:\n    run: a\n{}  last:\n    run: {}\n"
PUSH = "  push:\n    run: push\n"


@pytest.mark.parametrize(
    ("ours", "theirs", "whose"), [(PUSH, "", "the fork's "), ("", PUSH, "upstream's "), (PUSH, PUSH, "")]
)
@pytest.mark.parametrize("path", ["ci/push.yml", "other/push.yml"])
def test_what_a_person_left_out_is_told_but_where_upstream_has_a_new_file_with_it(
    ours: str, theirs: str, whose: str, path: str
) -> None:
    texts = (JOBS.format(text, n) for text, n in (("", 0), (ours, 1), (theirs, 2), ("", 3)))
    file = File("ci/a.yml", *(Document("ci/a.yml", text) for text in texts))
    added = Document(path, f"on: push\njobs:\n{PUSH}")
    new = File(path, None, None, added, added)
    found = told(list(find(View([file, new], cast(Trees, None), lambda _: False, lambda _: False))))
    message = "jobs.push is not in the merged file, though neither side took it out"
    assert found == ([] if path.startswith("ci/") else [f"decision ci/a.yml:1 {whose}{message}"])


# -- Android's resources


def resources(*names: str, more: str = "") -> str:
    told = "".join(f'    <string name="{name}">the {name}</string>\n' for name in names)
    return f"<resources>\n{told}{more}</resources>\n"


VALUES = "app/res/values/strings.xml"
MANY = tuple(f"text{number}" for number in range(12))
STYLE = '    <style name="{}">\n        <item name="color">red</item>\n    </style>\n'


@pytest.mark.parametrize(
    ("ours", "theirs", "place"),
    [
        ({VALUES: resources("new", *MANY)}, {VALUES: resources(*MANY, "new")}, f"15 {VALUES}:2"),
        # The files of a folder are one list.
        (
            {"app/res/values/own.xml": resources("new")},
            {VALUES: resources(*MANY, "new")},
            "14 app/res/values/own.xml:2",
        ),
        ({VALUES: resources("new", *MANY)}, {VALUES: resources(*MANY, "newer")}, None),
        ({"app/res/values-de/own.xml": resources("new")}, {VALUES: resources(*MANY, "new")}, None),
        # Of another kind, for another device, in a comment, or within an element.
        (
            {VALUES: resources("new", *MANY)},
            {VALUES: resources(*MANY, more='    <color name="new">red</color>\n')},
            None,
        ),
        (
            {VALUES: resources("new", *MANY)},
            {VALUES: resources(*MANY, more='    <string name="new" product="tv">t</string>\n')},
            None,
        ),
        (
            {VALUES: resources("new", *MANY)},
            {VALUES: resources(*MANY, more='    <!-- <string name="new">t</string> -->\n')},
            None,
        ),
        (
            {"app/res/values/own.xml": resources(more=STYLE.format("One"))},
            {VALUES: resources(*MANY, more=STYLE.format("Two"))},
            None,
        ),
        # It was there twice before.
        ({VALUES: resources("new", *MANY, "new")}, {"app/res/values/more.xml": resources("new")}, None),
    ],
)
def test_a_resource_that_both_sides_added(
    repo: Repo, ours: Mapping[str, str], theirs: Mapping[str, str], place: str | None
) -> None:
    found = told(seen(repo, Scene({VALUES: resources(*MANY)}, ours, theirs), find))
    line, _, other = (place or "").partition(" ")
    message = f"the string `new` now stands twice among the resources of this folder, here and in {other}"
    assert found == ([f"breakage {VALUES}:{line} {message}"] if place else [])

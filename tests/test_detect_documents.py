"""What the fork's documents say: true before the merge and not after it, or not to be judged."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from detecting import Scene, seen, told
from git_fixtures import Repo

from syncfork.detect.documents import find

CI = ".github/workflows/ci.yml"
MATRIX = """\
on: push
jobs:
  test:
    strategy:
      matrix:
        python:
          - "3.11"
          - "3.12"
          - "3.13"
        target_triple: [linux, macos]
    steps:
      - run: make
"""
MORE = MATRIX.replace('          - "3.13"\n', '          - "3.13"\n          - "3.14"\n')
OTHER = MATRIX.replace('"3.13"', '"3.14"')
SAME = MATRIX.replace("make", "make test")
DYNAMIC = MATRIX.replace("[linux, macos]", "${{ fromJson(needs.x.outputs.y) }}")
INCLUDE = MATRIX.replace(
    "    steps:",
    '        include:\n          - { python: "3.13", target_triple: windows }\n          - { python: "3.13", extra: yes }\n'
    '        exclude:\n          - { python: "3.11", target_triple: macos }\n    steps:',
)
INCLUDE_MORE = INCLUDE.replace('          - "3.13"\n', '          - "3.13"\n          - "3.14"\n')
CONFIG = "targets:\n  one:\n    a: 1\n  two:\n    a: 2\n"

LIST = "**Python versions:** 3.11, 3.12, 3.13\n"
ITEMS = "Python versions:\n\n- `3.11` (old)\n- `3.12`\n  - inner\n- `3.13`: new\n"
SECTION = "# Ours\n\n## ci.yml\n\n- 2 targets × 3 Python versions = 6 builds\n"

WAS = "which was true; after the merge"
FOUND = {
    "a list in a line": (
        MATRIX, MORE, LIST,
        [f"decision README.md:1 the document says `3.11, 3.12, 3.13`, {WAS} `python` in {CI}: `3.14` is new"],
    ),
    "a list of items": (
        MATRIX, OTHER, ITEMS,
        [f"decision README.md:3 the document says `3.11, 3.12, 3.13`, {WAS} `python` in {CI}: `3.14` is new and `3.13` "
         "is gone"],
    ),
    "a number": (
        MATRIX, MORE, "We test 3 Python versions.\n",
        [f"decision README.md:1 the document says `3 Python versions`, {WAS} `python` in {CI} has 4: `3.14` is new"],
    ),
    "numbers and a product under the file's heading": (
        MATRIX, MORE, SECTION,
        [f"decision README.md:5 the document says `3 Python versions`, {WAS} `python` in {CI} has 4: `3.14` is new",
         f"decision README.md:5 the document says `6 builds`, {WAS} the matrix `jobs.test.strategy.matrix` in {CI} makes 8"],
    ),
    "what is included and excluded counts": (
        INCLUDE, INCLUDE_MORE, "## ci.yml\n\nIn all 6 jobs.\n",
        [f"decision README.md:3 the document says `6 jobs`, {WAS} the matrix `jobs.test.strategy.matrix` in {CI} makes 8"],
    ),
}  # fmt: skip

SILENT = {
    "the list did not change": (MATRIX, SAME, LIST + SECTION),
    "an old debt": (MATRIX, MORE, "Python versions: 3.10, 3.11, 3.12\n\nWe test 5 Python versions.\n"),
    "another list": (MATRIX, MORE, "Perl versions: 3.11, 3.12, 3.13\n"),
    "code": (MATRIX, MORE, f"```\n{LIST}```\n"),
    "another file's section": (MATRIX, MORE, f"## other.yml\n\n{LIST}"),
    "a matrix computed when it runs": (DYNAMIC, DYNAMIC + "# more\n", "## ci.yml\n\n6 builds\n"),
    "a sentence with commas": (MATRIX, MORE, "It is fast, small and quick, for python.\n"),
    "no YAML": (MATRIX, "on: [\n", LIST),
}


@pytest.mark.parametrize("name", FOUND)
def test_found(tmp_path: Path, name: str) -> None:
    base, theirs, document, expected = FOUND[name]
    scene = Scene({CI: base}, {"README.md": document}, {CI: theirs})
    assert told(seen(Repo.create(tmp_path / "r"), scene, find)) == expected


@pytest.mark.parametrize("name", SILENT)
def test_silent(tmp_path: Path, name: str) -> None:
    base, theirs, document = SILENT[name]
    scene = Scene({CI: base}, {"README.md": document}, {CI: theirs})
    assert told(seen(Repo.create(tmp_path / "r"), scene, find)) == []


def test_names_of_entries_are_a_list(tmp_path: Path) -> None:
    scene = Scene(
        {"ci.yaml": CONFIG},
        {"NOTES.md": "There are 2 targets.\n"},
        {"ci.yaml": CONFIG + "  three:\n    a: 3\n"},
    )
    assert told(seen(Repo.create(tmp_path / "r"), scene, find)) == [
        f"decision NOTES.md:1 the document says `2 targets`, {WAS} `targets` in ci.yaml has 3: `three` is new"
    ]


def test_a_list_of_the_forks_own_that_still_stands_may_be_meant(tmp_path: Path) -> None:
    scene = Scene({CI: MATRIX}, {"README.md": LIST, "own.yml": MATRIX}, {CI: MORE})
    assert told(seen(Repo.create(tmp_path / "r"), scene, find)) == []


def test_upstreams_own_words_are_upstreams(tmp_path: Path) -> None:
    scene = Scene(
        {CI: MATRIX, "README.md": LIST + "\n\n\n\nEnd.\n"},
        {"README.md": LIST + "\n\n\n\nEnd of ours.\n"},
        {CI: MORE},
    )
    assert told(seen(Repo.create(tmp_path / "r"), scene, find)) == []


def test_the_place_and_the_line_lead_to_the_culprit(tmp_path: Path) -> None:
    scene = Scene({CI: MATRIX}, {"README.md": LIST}, {CI: MORE})
    (found,) = seen(Repo.create(tmp_path / "r"), scene, find)
    assert found.upstream and found.upstream.path == CI and found.added == ('          - "3.14"',)


def test_in_json_too_even_under_a_key_that_is_there_twice(tmp_path: Path) -> None:
    data = '{"x": {"a": 1},\n "x": {\n  "boards": [\n   "one",\n   "two",\n   "three"\n  ]\n }\n}\n'
    more = data.replace('"three"\n', '"three",\n   "four"\n')
    scene = Scene({"b.json": data}, {"README.md": "Boards: one, two, three\n"}, {"b.json": more})
    (found,) = seen(Repo.create(tmp_path / "r"), scene, find)
    assert found.message.endswith("`boards` in b.json: `four` is new")
    assert found.upstream and found.upstream.line == 3 and found.added == ('   "three",', '   "four"')


def test_thousands_of_claims_about_large_data_take_no_time(repo: Repo) -> None:
    """As documents have that are generated: the same names over and over, in files of thousands of lines."""
    rows = "".join(
        f"Kinds of field {n}: `alpha{n % 50}`, `beta`, `gamma{n}`\n\nThere are {n} widgets.\n\n"
        for n in range(2000)
    )
    data = {
        f"schema{n}.yml": "".join(f"key{n}x{m}: a text of some length\n" for m in range(4000))
        for n in range(20)
    }
    scene = Scene(data, {"API.md": rows}, {name: f"{text}more: 1\n" for name, text in data.items()})
    start = time.process_time()
    assert not seen(repo, scene, find)
    assert time.process_time() - start < 5

"""Sets of names that must agree across files: equal, subset, disjoint, what is left out and its status."""

from __future__ import annotations

import pytest
from git_fixtures import Repo, compile_rules

from syncfork.hold.base import Trees
from syncfork.merge.holds import LoadedTree
from syncfork.text import Document

RULE = """
id: r
files: [a.yml]
hold:
  - relate:
      left: {{ files: [a.yml], select: {{ key: "l[*]" }} }}
      is: {relation}
      right: {{ files: [b.yml], select: {{ key: "l[*]" }} }}
{more}"""
STATUS = """      left-out: ["4"]
      status: { files: [v.txt], select: { regex: '(?P<name>\\d)=(?P<status>\\w*)' } }
"""


def tree(**texts: str) -> LoadedTree:
    names = {name: f"{name}.txt" if name == "v" else f"{name}.yml" for name in texts}
    return LoadedTree({names[name]: Document(names[name], text) for name, text in texts.items()})


def violations(
    relation: str, subject: LoadedTree, more: str = "", base: LoadedTree | None = None
) -> list[str]:
    [rule] = compile_rules(RULE.format(relation=relation, more=more))
    [hold] = rule.holds
    return [f"{v.kind} {v.path}:{v.line} {v.message}" for v in hold.check(rule.files, Trees(subject, base))]


@pytest.mark.parametrize(
    ("relation", "left", "right", "found"),
    [
        ("equal to", "[1, 2]", "[2, 1]", []),
        ("equal to", "[1, 2]", "[1]", ["breakage a.yml:1 2 is missing in b.yml"]),
        ("equal to", "[1]", "[1, 2]", ["breakage b.yml:1 2 is missing in a.yml"]),
        ("subset of", "[1]", "[1, 2]", []),
        ("subset of", "[1, 3]", "[1, 2]", ["breakage a.yml:1 3 is missing in b.yml"]),
        ("disjoint from", "[1]", "[2]", []),
        ("disjoint from", "[1, 2]", "[2]", ["breakage a.yml:1 2 also stands in b.yml"]),
        ("equal to", "[]", "[1]", ["breakage a.yml:1 could not be compared: no element was found here"]),
    ],
)
def test_relations(relation: str, left: str, right: str, found: list[str]) -> None:
    assert violations(relation, tree(a=f"l: {left}\n", b=f"l: {right}\n")) == found


def test_a_text_that_cannot_be_read_is_no_agreement() -> None:
    assert "could not be compared: not YAML" in violations("equal to", tree(a="l: [1\n", b="l: [1]\n"))[0]


@pytest.mark.parametrize(
    ("before", "now", "found"),
    [
        ("3=a\n4=a\n", "3=rc\n4=a\n", []),
        ("4=a\n", "x\n4=rc\n", ['decision v.txt:2 4, left out on purpose, went from "a" to "rc"']),
        ("4=a\n", "4=\n", ['decision v.txt:1 4, left out on purpose, went from "a" to ""']),
        ("4=a\n", "3=a\n", []),
        ("3=a\n", "4=a\n", []),
    ],
)
def test_what_is_left_out_is_no_news_but_its_status_is(before: str, now: str, found: list[str]) -> None:
    sides = {"a": "l: [1, 2]\n", "b": "l: [1, 2, 4]\n"}
    assert violations("equal to", tree(**sides, v=now), STATUS, tree(v=before)) == found
    assert not violations("equal to", tree(**sides, v=now), STATUS)


def test_a_status_of_nothing_left_out_is_a_mistake(repo: Repo) -> None:
    rule = RULE.format(relation="equal to", more=STATUS.replace('      left-out: ["4"]\n', "")).replace(
        "id: r", "why: The tests want it to be so.\nid: r"
    )
    ours = repo.commit({"syncfork.toml": 'rules = "rules"\n', "rules/r.yml": rule})
    repo.checkout("main", ours)
    assert "list them" in repo.syncfork("check").err

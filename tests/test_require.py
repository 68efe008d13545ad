"""What `require:` says where the key is there, and not as it is wanted."""

from __future__ import annotations

import pytest
from git_fixtures import compile_rules

from syncfork.git.objects import Entry
from syncfork.globs import Globs
from syncfork.hold.base import Trees
from syncfork.merge.holds import LoadedTree, one_file
from syncfork.text import Document

ONLY = "{ key: 'on', only-keys: [a, b] }"


@pytest.mark.parametrize(
    ("require", "text", "said"),
    [
        (ONLY, "x: 1\non:\n  a:\n", ""),
        (ONLY, "x: 1\non: {a: 1, push: 2, b: 3, pull: 4}\n", "2 holds 'push', 'pull': it may only hold the keys 'a', 'b'"),
        (ONLY, "on: [push]\n", "1 is a list: it may only hold the keys 'a', 'b'"),
        (ONLY, "on: push\n", "1 is a single value: it may only hold the keys 'a', 'b'"),
        (ONLY, "x: 1\n", "1 is here 0 times, not exactly 1"),
        (ONLY, "on: {a: 1}\n'on': {b: 1}\n", "1 is here 2 times, not exactly 1"),
        ("{ key: 'on', keys: [a, b] }", "on: {b: 1}\n", "1 holds 'b': it has to hold exactly the keys 'a', 'b'"),
        ("{ key: 'on', keys: [a] }", "on: {}\n", "1 holds nothing: it has to hold exactly the keys 'a'"),
        ("{ key: 'on', equals: 3 }", "on: 4\n", "1 is not 3"),
        ("{ key: 'on', equals: 3, within: { key: x } }", "on: 4\n", "1 is here 0 times, not exactly 1"),
        ("{ key: 'on', equals: 3, lines: true }", "x: 1\non: 4\n", "2 is not 3"),
    ],
)  # fmt: skip
def test_says_what_is_there_and_should_not_be(require: str, text: str, said: str) -> None:
    [rule] = compile_rules(f"id: r\nfiles: [a.yml]\nhold:\n  - require: {require}\n    expect: 1\n")
    [hold] = rule.holds
    found = hold.check(rule.files, Trees(one_file(Document("a.yml", text))))
    assert [f"{v.line} {v.message}" for v in found] == (
        [f"{said.partition(' ')[0]} the key 'on' {said.partition(' ')[2]}"] if said else []
    )


def test_what_is_no_text_is_looked_for_among_what_was_not_read_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = Entry("100644", "0" * 40)
    listed = {"d/b": entry, "d/c": entry, "e/b": entry, "new": entry}
    tree = LoadedTree({"d/c": Document("d/c", "")}, {"new": "d/old"}, listed)
    asked: list[str] = []
    match = Globs.match
    monkeypatch.setattr(Globs, "match", lambda self, path: asked.append(path) or match(self, path))
    assert tree.unreadable(Globs(("d/*",))) == ["d/b", "new"]
    assert "d/c" not in asked

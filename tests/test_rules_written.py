"""Rule files as written: their mistakes, all at once with file, line and key; globs."""

from __future__ import annotations

from typing import Annotated

import pytest
from msgspec import Meta

from syncfork.config import Config
from syncfork.errors import RuleError
from syncfork.globs import Globs
from syncfork.rules.convert import convert
from syncfork.rules.load import load_rules, parse_rule, parse_toml

HEAD = "id: a\nwhy: A reason of some length.\nfiles: [x]\n"
STEP = "mapping with one of the keys replace, insert, remove, keep, set, carry, reformat"
SELECTOR = "mapping with one of the keys literal, regex, syntax, key"


def mistakes(text: str | bytes) -> list[str]:
    found = parse_rule("r.yml", text if isinstance(text, bytes) else text.encode())
    assert isinstance(found, list), found
    return [mistake.removeprefix("r.yml:") for mistake in found]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ["1: files: this key is missing", "1: id: this key is missing", "1: why: this key is missing"]),
        ("- a\n", ["1: expected a mapping with the keys id, why, files, ..."]),
        (b"id: \xff\n", ["1: not UTF-8"]),
        ("id: a\nwhy: [\n", ["3: not YAML: did not find expected node content"]),
        ("id: a\n---\nid: b\n", ["3: not YAML: but found another document"]),
        (
            "id: A b\nwhy: short\nfiles: []\nbogus: 1\n",
            [
                '1: id: expected a text of the form ^[a-z0-9][a-z0-9._-]*$, not "A b"',
                '2: why: expected a text of at least 10 characters, not "short"',
                "3: files: expected at least one item",
                "4: bogus: this key is not known here",
            ],
        ),
    ],
)
def test_mistakes_of_a_file(text: str | bytes, said: list[str]) -> None:
    assert mistakes(text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ["1: the file: a rule needs at least one of `rewrite`, `own`, `hold` and `accept`"]),
        ("own: ours\nown: theirs\n", ["5: own: this key is repeated"]),
        ("own: mine\n", ["4: own: expected 'ours', 'theirs', 'absent' or 'union', or a mapping with one of the keys derived, regenerate, not \"mine\""]),
        ("own: {foo: 1}\n", ["4: own: expected 'ours', 'theirs', 'absent' or 'union', or a mapping with one of the keys derived, regenerate"]),
        ("own: {derived: x, y: 1}\n", ["4: own.y: this key is not known here"]),
        ("own: {regenerate: []}\n", ["4: own.regenerate: expected at least one item"]),
        ("own: ours\nreview: soon\n", ['5: review: expected a date such as 2030-12-31, not "soon"']),
        ("own: &a [*a]\n", ["1: not usable YAML: an alias refers to a value that contains it"]),
        ("rewrite: {remove: {literal: a}}\n", ["4: rewrite: expected a list"]),
        ("rewrite: [{foo: 1}]\n", [f"4: rewrite.0: expected a step: a {STEP}"]),
        ("rewrite:\n  - remove: {literl: a}\n", [f"5: rewrite.0.remove: expected a selector: a {SELECTOR}; did you mean literal?"]),
        ("rewrite:\n  - remove: {literal: ''}\n", ['5: rewrite.0.remove.literal: expected a text of at least 1 characters, not ""']),
        ("rewrite:\n  - remove: {literal: a, regex: b}\n", ["5: rewrite.0.remove.regex: this key is not known here"]),
        ("rewrite:\n  - remove: {regex: a, group: 2}\n", ["5: rewrite.0.remove.regex: the expression has no group 2"]),
        ("rewrite:\n  - remove: {key: a..b}\n", ["5: rewrite.0.remove.key: not a key path: 'a..b', from '..b' on"]),
        ("rewrite:\n  - remove: {literal: a}\n    expect: -1\n", ["6: rewrite.0.expect: expected 0 or more, or 'any' or 'some', not -1"]),
        ("rewrite:\n  - insert: x\n", ["5: rewrite.0.insert: give exactly one of `after` and `before`"]),
        ("rewrite:\n  - set: a\n", ["5: rewrite.0.to: this key is missing"]),
        ("rewrite:\n  - keep: {literal: a}\n    only: b\n", ['6: rewrite.0.only: expected a list, not "b"']),
        ("rewrite:\n  - replace: {literal: a}\n    with: 2\n", ["6: rewrite.0.with: expected a text, or a mapping, not 2"]),
        ("rewrite:\n  - remove: {literal: a, lines: yes}\n    expect: '2'\n", ['5: rewrite.0.remove.lines: expected true or false, not "yes"', "6: rewrite.0.expect: expected a whole number, or 'any' or 'some', not \"2\""]),
        ("rewrite:\n  - remove: {key: a, only_keys: [b]}\n", ["5: rewrite.0.remove.only_keys: this key is not known here; did you mean only-keys?"]),
        ("rewrite:\n  - replace: {literal: a}\n    with: {carry: {literl: b}}\n", [f"6: rewrite.0.with.carry: expected a selector: a {SELECTOR}; did you mean literal?"]),
        ("hold: [{watch: {foo: 1}}]\n", [f"4: hold.0.watch: expected 'file', or a selector: a {SELECTOR}"]),
        ("own: ours\naccept: [{finding: x, reason: '  too short  '}]\n", ["5: accept.0.reason: expected a text of at least 10 characters, not counting the blanks around it"]),
        ("hold: [{require: {literal: x}, expect: any}]\n", ["4: hold.0.expect: expected a whole number, or 'some', not \"any\""]),
    ],
)  # fmt: skip
def test_mistakes_of_a_rule(text: str, said: list[str]) -> None:
    assert mistakes(HEAD + text) == said


def test_no_mistake_hides_another() -> None:
    steps = """rewrite:
  - replace: {literal: a}
    with: {carry: {regex: '('}}
    expext: 2
    expect: lots
  - remove: {literal: a, within: {regex: '['}, lines: perhaps}
  - remove: {syntax: x, language: klingon}
hold: [{requires: x}, {parses: elvish}]
cases:
  - {before: a}
  - {before: a, withheld: never}
"""
    assert [said.split(": ")[0:2] for said in mistakes(HEAD + steps)] == [
        ["6", "rewrite.0.with.carry.regex"],
        ["7", "rewrite.0.expext"],
        ["8", "rewrite.0.expect"],
        ["9", "rewrite.1.remove.within.regex"],
        ["9", "rewrite.1.remove.lines"],
        ["10", "rewrite.2.remove.syntax"],
        ["11", "hold.0"],
        ["11", "hold.1.parses"],
        ["13", "cases.0"],
        ["14", "cases.1.withheld"],
    ]


def test_a_pattern_is_of_the_whole_text() -> None:
    assert mistakes(HEAD.replace("id: a", 'id: "a\\n"') + "own: ours\n") == [
        '1: id: expected a text of the form ^[a-z0-9][a-z0-9._-]*$, not "a\\n"'
    ]


def test_a_limit_that_nothing_looks_at_is_no_limit_in_silence() -> None:
    with pytest.raises(TypeError, match="max_length"):
        convert("abc", Annotated[str, Meta(max_length=2)])


@pytest.mark.parametrize(
    "case",
    ["{before: a}", "{after: a}", "{before: a, after: b, withheld: absent}", "{unchanged: a, holds: b}", "{violates: a, after: b, before: c}"],
)  # fmt: skip
def test_a_case_has_one_form(case: str) -> None:
    assert "give `before` with `after`" in mistakes(f"{HEAD}own: ours\ncases: [{case}]\n")[0]


def test_mistakes_of_all_files_at_once() -> None:
    own = "own: ours\n"
    files = {"1.yml": HEAD, "2.yml": HEAD + own, "3.yml": HEAD + own, "4.yml": HEAD + "own: no\n"}
    with pytest.raises(RuleError) as caught:
        load_rules((name, text.encode()) for name, text in files.items())
    said = caught.value.problem.splitlines()
    assert [line.split(":")[0] for line in said] == ["1.yml", "4.yml", "3.yml"]
    assert "id: 'a' is taken by 2.yml" in said[2]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "rules = 3\n\nfoo = 1\n",
            ["1: rules: expected a text, not 3", "3: foo: this key is not known here"],
        ),
        ("a = 1\nb = \n", ["2: Invalid value"]),
        ("packs = []\n\nrules = [\n", ["3: Invalid value (at end of document)"]),
        ('upstrem = "x"\n', ["1: upstrem: this key is not known here; did you mean upstream?"]),
        (
            'branch = "sync/{dat}"\n',
            ["1: branch: {dat} stands for nothing here; known are {date} and {upstream}"],
        ),
        ("packs = [1]\n", ["1: packs.0: expected a text, not 1"]),
    ],
)
def test_mistakes_of_syncfork_toml(text: str, said: list[str]) -> None:
    with pytest.raises(RuleError) as caught:
        parse_toml("syncfork.toml", text.encode(), Config)
    assert [line.removeprefix("syncfork.toml:") for line in caught.value.problem.splitlines()] == said


def test_words_of_yaml_1_1_are_texts() -> None:
    rule = parse_rule("r.yml", (HEAD + "rewrite: [{set: on, to: {yes: on, no: true}}]\n").encode())
    assert not isinstance(rule, list)
    assert rule.rewrite[0].to == {"yes": "on", "no": True}  # type: ignore[union-attr]


def test_anchors_are_for_saying_a_thing_once() -> None:
    text = "rewrite:\n  - remove: &what {literal: a}\nhold:\n  - forbid: *what\n"
    rule = load_rules([("r.yml", (HEAD + text).encode())])[0]
    assert rule.steps
    assert rule.holds


# -- which files


@pytest.mark.parametrize(
    ("patterns", "matches", "others"),
    [
        (["a.txt"], ["a.txt"], ["b/a.txt", "a.txt2", "ba.txt"]),
        (["/a.txt"], ["a.txt"], ["b/a.txt"]),
        (["*.txt"], ["a.txt", ".txt"], ["b/a.txt", "a.txt2"]),
        (["**/*.txt"], ["a.txt", "b/c/a.txt"], ["a.md"]),
        (["src/**"], ["src/a", "src/b/c"], ["src", "srcs/a"]),
        (["src"], ["src", "src/a", "src/b/c"], ["srcs", "b/src"]),
        (["src/"], ["src/a", "src/b/c"], ["srcs/a"]),
        (["src/*"], ["src/a", "src/b/c"], ["a"]),
        (["src", "!src/a"], ["src/b"], ["src/a"]),
        (["*.txt", "!a.txt"], ["b.txt"], ["a.txt"]),
        (["*.txt", "!a*", "ab.txt"], ["ab.txt", "c.txt"], ["a.txt"]),
        (["!a.txt", "*.txt"], ["a.txt"], []),
        (["[ab].txt"], ["a.txt"], ["c.txt", "[ab].txt"]),
        (["a?.txt"], ["ab.txt"], ["a.txt", "a/.txt"]),
        (["\\*.txt"], ["*.txt"], ["a.txt"]),
        (["{a,b}.txt"], ["{a,b}.txt"], ["a.txt"]),
        (["a b.txt", "é/*.ü"], ["a b.txt", "é/x.ü"], ["a"]),
        (["#a", "#b*"], ["#a", "#bc"], ["a"]),
    ],
)
def test_globs(patterns: list[str], matches: list[str], others: list[str]) -> None:
    globs = Globs(tuple(patterns))
    assert [path for path in matches + others if globs.match(path)] == matches

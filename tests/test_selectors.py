"""Selectors, as tables: what each kind finds in a text."""

from __future__ import annotations

from typing import Any

import pytest

from syncfork.errors import CannotReadError
from syncfork.parsing.grammars import LANGUAGES, language_of, syntax_errors
from syncfork.rules.convert import convert
from syncfork.selectors.registry import AnySelector
from syncfork.text import Document

RUST = 'fn a() { f("x", 1); }\nfn b() { g(f("y", 2)); }\n'
YAML = "on: push\njobs:\n  a: {runs-on: x}\n  b:\n    runs-on: y\n"


def find(written: dict[str, Any], text: str, path: str = "a.txt") -> list[str]:
    document = Document(path, text)
    return [match.text(document) for match in convert(written, AnySelector).compile().find(document)]


@pytest.mark.parametrize(
    ("written", "text", "found"),
    [
        ({"literal": "a.b"}, "a.b axb a.b", ["a.b", "a.b"]),
        ({"literal": "aa"}, "aaaa a", ["aa", "aa"]),
        ({"literal": "x"}, "", []),
        ({"literal": "é\n😀"}, "é\n😀\n", ["é\n😀"]),
        ({"regex": "^a.$"}, "ab\nxab\nac\n", ["ab", "ac"]),
        ({"regex": "(a)(b)?", "group": 2}, "a ab", ["b"]),
        ({"regex": "(?P<n>a)b", "group": "n"}, "ab a", ["a"]),
        ({"regex": "a", "lines": True}, "xax\nb\na", ["xax\n", "a"]),
        ({"regex": "b\n", "lines": True}, "abc\nab\nd\n", ["ab\n"]),
        ({"regex": r"\w+", "mentions": "a"}, "ab bc ca", ["ab", "ca"]),
        ({"regex": r"\w+", "lacks": "a"}, "ab bc ca", ["bc"]),
        ({"regex": r"\w", "within": {"regex": r"\(.*?\)"}}, "a (b c) d (e)", ["b", "c", "e"]),
        ({"regex": r"\w", "within": {"regex": r"\(.*?\)", "mentions": "e"}}, "(b c) (e)", ["e"]),
    ],
)
def test_in_plain_text(written: dict[str, Any], text: str, found: list[str]) -> None:
    assert find(written, text) == found


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ({"syntax": "f($A, $B)"}, ['f("x", 1)', 'f("y", 2)']),
        ({"syntax": {"kind": "string_content"}}, ["x", "y"]),
        ({"syntax": {"kind": "integer_literal", "inside": {"pattern": "g($$$)", "stopBy": "end"}}}, ["2"]),
        ({"syntax": {"kind": "call_expression"}}, ['f("x", 1)', 'g(f("y", 2))', 'f("y", 2)']),
        ({"syntax": {"kind": "call_expression"}, "innermost": True}, ['f("x", 1)', 'f("y", 2)']),
        ({"syntax": "f($A, 2)", "lines": True}, ['fn b() { g(f("y", 2)); }\n']),
        ({"syntax": "h($$$)"}, []),
    ],
)
def test_in_a_syntax_tree(written: dict[str, Any], found: list[str]) -> None:
    assert find(written, RUST, "a.rs") == found


@pytest.mark.parametrize(
    ("path", "text", "pattern"),
    [
        ("a.rs", "fn a() { f(1); }\n", "f($A)"),
        ("a.py", "x = f(1)\n", "f($A)"),
        ("a.sh", "f 1\n", "f $A"),
        ("a.ts", "const x: number = f(1)\n", "f($A)"),
        ("a.go", "package a\n\nvar x = f(1)\n", "f($A)"),
        ("a.c", "int x = f(1);\n", "int x = f($A);"),
        ("a.json", '{"f": 1}\n', '{"f": $A}'),
        ("a.yml", "f: 1\n", "f: $A"),
    ],
)
def test_each_language_that_forks_are_written_in(path: str, text: str, pattern: str) -> None:
    document = Document(path, f"{text}")
    found = convert({"syntax": pattern}, AnySelector).compile().find(document)
    assert len(found) == 1
    assert found[0].groups["A"] == "1"


def test_offsets_are_characters() -> None:
    assert find({"syntax": "é($A)"}, "# 😀 ü\né('ß')\n", "a.py") == ["é('ß')"]


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ({"key": "on"}, ["push"]),
        ({"key": "on", "entry": True}, ["on: push"]),
        ({"key": "jobs.*.runs-on"}, ["x", "y"]),
        ({"key": "jobs.*", "keys": ["runs-on"]}, ["{runs-on: x}", "runs-on: y"]),
        ({"key": "jobs.*", "keys": ["runs-on", "needs"]}, []),
        ({"key": "jobs.*", "only-keys": ["runs-on", "needs"]}, ["{runs-on: x}", "runs-on: y"]),
        ({"key": "jobs.*.runs-on", "equals": "y"}, ["y"]),
        ({"key": "jobs.a", "equals": {"runs-on": "x"}}, ["{runs-on: x}"]),
        ({"key": "nothing"}, []),
    ],
)
def test_in_a_structured_file(written: dict[str, Any], found: list[str]) -> None:
    assert find(written, YAML, "a.yml") == found


def test_a_place_that_an_alias_leads_to_is_found_once() -> None:
    assert find({"key": "*.b"}, "a: &x {b: 1}\nc: *x\n", "a.yml") == ["1"]


@pytest.mark.parametrize(
    ("written", "path", "text"),
    [
        ({"key": "a"}, "a.txt", "a: 1\n"),
        ({"key": "a"}, "a.yml", "a: [\n"),
        ({"syntax": "f()"}, "a.txt", "f()\n"),
        ({"syntax": {"kind": "no_such_kind"}}, "a.py", "f()\n"),
        ({"syntax": {"no_such_rule": 1}}, "a.py", "f()\n"),
    ],
)
def test_what_cannot_be_read_is_said(written: dict[str, Any], path: str, text: str) -> None:
    with pytest.raises(CannotReadError):
        find(written, text, path)


@pytest.mark.parametrize("written", [{"key": "a", "format": "yaml"}, {"syntax": "a: $X", "language": "yaml"}])
def test_the_form_may_be_given(written: dict[str, Any]) -> None:
    assert find(written, "a: 1\n", "a.txt") != []


@pytest.mark.parametrize(
    ("path", "text", "language"),
    [
        ("a.RS", "", "rust"),
        ("run", "#!/bin/sh\n", "bash"),
        ("run", "#!/usr/bin/env python3.12\n", "python"),
        ("run", "#! /usr/bin/env -S node --x\n", "javascript"),
    ],
)
def test_the_language_of_a_file(path: str, text: str, language: str) -> None:
    assert language_of(Document(path, text)) == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_library_knows_every_language(language: str) -> None:
    assert syntax_errors(Document("x", ""), language) == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("rust", "fn f() { g(1; }"),
        ("rust", "fn f() {"),
        ("bash", "if true; then\n  echo\n"),
        ("python", "f(1\n"),
        ("typescript", "function f() { if (x) { y(); }"),
        ("go", "package a\nfunc f() {\n"),
        ("c", "int x = 1"),
        ("json", "[1"),
        ("yaml", "a: [1"),
    ],
)
def test_syntax_errors(language: str, text: str) -> None:
    assert syntax_errors(Document("x", text), language)

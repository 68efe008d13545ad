"""YAML, JSON and TOML as nodes with spans: what is found, and that every span holds what it says."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from syncfork.errors import CannotReadError
from syncfork.parsing.structured import format_of, read, same
from syncfork.parsing.structured_json import read_unplaced
from syncfork.parsing.values import Entry, Format, Value
from syncfork.selectors.key import entries_at, parse_path
from syncfork.text import Document


def at(text: str, path: str, form: Format = "yaml") -> list[str]:
    """The texts of the values at a key path."""
    return [text[e.value.start : e.value.end] for e in entries_at(read(text, form), parse_path(path))]


def entries(value: Value) -> Iterator[Entry]:
    for entry in value.entries:
        yield entry
        if not entry.value.alias:
            yield from entries(entry.value)


@pytest.mark.parametrize(
    ("text", "path", "found"),
    [
        ("a: 1\n", "a", ["1"]),
        ("on: push\n'yes': 2\n", "on", ["push"]),
        ("on: push\n'yes': 2\n", "yes", ["2"]),
        ("a:\n  b:\n    c: x  # no\n", "a.b.c", ["x"]),
        ("a: {b: [1, {c: 2}]}\n", "a.b[1].c", ["2"]),
        ("a:\n- x\n- y\n", "a[-1]", ["y"]),
        ("a:\n- x\n- y\n", "a[*]", ["x", "y"]),
        ("a:\n- x\n", "a[3]", []),
        ("a: {x: 1, y: 2}\n", "a.*", ["1", "2"]),
        ("s:\n- name: B c\n  run: x\n- {name: D, run: y}\n", "s[name=B c].run", ["x"]),
        ("s:\n- name: B c\n  run: x\n- {name: D, run: y}\n", "s[name=D].run", ["y"]),
        ('"a.b": 1\na: {b: 2}\n', '"a.b"', ["1"]),
        ("a: 1\na: 2\n", "a", ["1", "2"]),
        ("${{ if x }}:\n  a: 1\n${{ else }}:\n  a: 2\n", '"${{ else }}".a', ["2"]),
        ("a: &x {b: 1}\nc: *x\n", "c", ["*x"]),
        ("a: &x {b: 1}\nc: *x\n", "c.b", ["1"]),
        ("&k a: 1\nb: *k\n", "b", ["*k"]),
        ("a: |\n  x\n  y\n\nb: 1\n", "a", ["|\n  x\n  y"]),
        ("a: >-\n  x\n", "a", [">-\n  x"]),
        ("a:\nb: 1\n", "a", [""]),
        ("a: 'it''s'\n", "a", ["'it''s'"]),
        ("é: ü\n😀: {x: ß}\n", "😀.x", ["ß"]),
        ("\ufeffa: 1\nb: 2\n", "b", ["2"]),
        ("a: 1\r\nb: 2\r\n", "b", ["2"]),
        ("? a\n: 1\n", "a", ["1"]),
        ("---\na: 1\n...\n", "a", ["1"]),
        ("", "a", []),
        ("# nothing\n", "a", []),
    ],
)
def test_yaml_paths(text: str, path: str, found: list[str]) -> None:
    assert at(text, path) == found


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("- a\n-  b\n", ["- a", "-  b"]),
        ("- # x-y\n  k: v\n- z\n", ["- # x-y\n  k: v", "- z"]),
        ("- a # - b\n# - c\n- d\n", ["- a", "- d"]),
        ("- - 1\n  - 2\n-\n- 3\n", ["- - 1\n  - 2", "-", "- 3"]),
        ("&s\n- 'x - y'\n- &t z\n- *t\n", ["- 'x - y'", "- &t z", "- *t"]),
    ],
)
def test_a_list_item_begins_at_its_dash(text: str, items: list[str]) -> None:
    assert [text[entry.start : entry.end] for entry in read(text, "yaml").entries] == items


def test_yaml_values() -> None:
    text = "a: on\nb: true\nc: 0o7\nd: 1.5\ne:\nf: 2020-01-02\ng: !x 1\nh: '1'\ni: 010\n"
    plain = read(text, "yaml").plain()
    assert (plain["a"], plain["b"], plain["d"], plain["e"], plain["h"]) == ("on", True, 1.5, None, "1")
    assert str(plain["f"]) == "2020-01-02"
    assert plain["g"] == "1"


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("a: [", "yaml"),
        ("a: b: c\n", "yaml"),
        ("a: 1\n---\nb: 2\n", "yaml"),
        ("a: &a [*a]\n", "yaml"),
        ("a: *unknown\n", "yaml"),
        ("[1", "json"),
        ('{"a": 1,}', "json"),
        ('{"a" 1}', "json"),
        ('{"a": [1, {"b": 2}]', "json"),
        ("{} {}", "json"),
        ("", "json"),
        ("a = \n", "toml"),
        ("a = 1\na = 2\n", "toml"),
    ],
)
def test_what_does_not_parse_is_said(text: str, form: Format) -> None:
    with pytest.raises(CannotReadError):
        read(text, form)


def test_aliases_cost_nothing() -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
    start = time.monotonic()
    read(bomb, "yaml")
    assert time.monotonic() - start < 1


@pytest.mark.parametrize("form", ["yaml", "json", "toml"])
def test_deep_nesting_is_refused(form: Format) -> None:
    nested = "[" * 200_000 + "]" * 200_000
    with pytest.raises(CannotReadError):
        read(f"a = {nested}" if form == "toml" else nested, form)


@pytest.mark.parametrize(
    "text", ["- " * 200_000 + "a", "? " * 200_000 + "a", "{a: " * 200_000 + "1" + "}" * 200_000]
)
def test_deep_yaml_is_refused(text: str) -> None:
    with pytest.raises(CannotReadError):
        read(text, "yaml")


@pytest.mark.parametrize(
    ("text", "path", "found"),
    [
        ('{"a": {"b": [1, "x"]}}', "a.b[1]", ['"x"']),
        ('{"a": 1, "a": 2}', "a", ["1", "2"]),
        ('{"\\u0061": 1}', "a", ["1"]),
        ('// c\n{"é": "😀", "b": 2}', "b", ["2"]),
        ('\ufeff{"a": 1}', "a", ["1"]),
        ("[[1], [2, 3]]", "[1][0]", ["2"]),
    ],
)
def test_json_paths(text: str, path: str, found: list[str]) -> None:
    assert at(text, path, "json") == found


@pytest.mark.parametrize(
    ("text", "path", "found"),
    [
        ("a = 1\n[t]\nb = 2 # c\n", "a", ["1"]),
        ("a = 1\n[t]\nb = 2 # c\n", "t.b", ["2"]),
        ("t.u.v = 1\n", "t.u.v", ["1"]),
        ("[a.b]\nc = 1\n[a]\nd = 2\n", "a.b.c", ["1"]),
        ("[a.b]\nc = 1\n[a]\nd = 2\n", "a.d", ["2"]),
        ("[[p]]\nn = 1\n[[p]]\nn = 2\n", "p[1].n", ["2"]),
        ("[[p]]\nn = 1\n[[p]]\nn = 2\n", "p[n=1].n", ["1"]),
        ("[[p]]\n[p.q]\nn = 1\n[[p]]\n[p.q]\nn = 2\n", "p[*].q.n", ["1", "2"]),
        ("[[p]]\n[[p.q]]\nn = 1\n[[p.q]]\nn = 2\n", "p[0].q[1].n", ["2"]),
        ("t = {a = 1, 'b c' = [1, 2]}\n", 't."b c"[0]', ["1"]),
        ('"a.b" = """\nm\n"""\nc = "é😀"\nd = 1\n', "d", ["1"]),
        ('"a.b" = """\nm\n"""\n', '"a.b"', ['"""\nm\n"""']),
        ("[package]\nname = 'x'\n[dependencies]\nx = { version = '1' }\n", "dependencies.x.version", ["'1'"]),
    ],
)
def test_toml_paths(text: str, path: str, found: list[str]) -> None:
    assert at(text, path, "toml") == found


@pytest.mark.parametrize("path", ["", "a..b", "a[", "a[x", "[x]", "a]", '"a', ".", "a."])
def test_paths_that_are_none(path: str) -> None:
    with pytest.raises(ValueError, match="key path"):
        parse_path(path)


def test_the_format_is_in_the_name() -> None:
    assert [format_of(Document(name, "")) for name in ("a.YML", "b/c.json", "Cargo.lock")] == [
        "yaml",
        "json",
        "toml",
    ]
    with pytest.raises(CannotReadError):
        format_of(Document("Justfile", ""))


def test_true_is_not_one() -> None:
    assert same({"a": [1, None]}, {"a": [1.0, None]})
    assert not same({"a": [True]}, {"a": [1]})
    assert not same(False, 0)
    assert not same({"a": 1}, {"a": 1, "b": 2})


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("abé😀-:#& *", max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abkx:-", min_size=1, max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text("abkx-", min_size=1, max_size=3), plain, max_size=4), st.booleans())
def test_spans_of_any_yaml(data: dict[str, object], flow: bool) -> None:
    text = "# head\n" + yaml.safe_dump(data, default_flow_style=flow, allow_unicode=True)
    root = read(text, "yaml")
    assert same(root.plain(), data)
    for entry in entries(root):
        assert 0 <= entry.start <= entry.value.start <= entry.value.end <= len(text)
        assert entry.value.end <= entry.end
        if entry.value.kind == "scalar" and entry.value.start < entry.value.end:
            alone = yaml.safe_load(text[entry.value.start : entry.value.end])
            assert alone == entry.value.scalar


def as_written(value: Value, text: str) -> object:
    """What `value` holds, scalars other than strings as they are written."""
    if value.kind == "scalar":
        return value.scalar if isinstance(value.scalar, str) else text[value.start : value.end]
    return value.kind, [(entry.key, as_written(entry.value, text)) for entry in value.entries]


@given(plain, st.sampled_from([None, 1]))
def test_json_without_places_is_the_same(data: object, indent: int | None) -> None:
    text = json.dumps(data, indent=indent)
    unplaced = read_unplaced(text)
    assert unplaced
    assert as_written(unplaced, "") == as_written(read(text, "json"), text)


@pytest.mark.parametrize(
    "text",
    ['{"a": 3.10, "b": [1.0e2, true, null, -0]}', '{"a": {"x": 1}, "a": {"b": [1]}}', '{"a": "tab\tin it"}'],
)
def test_what_json_says_is_kept_as_written(text: str) -> None:
    unplaced = read_unplaced(text)
    assert unplaced
    assert as_written(unplaced, "") == as_written(read(text, "json"), text)


@pytest.mark.parametrize(
    "text", ["[1, NaN]", "// c\n[1]", "\ufeff[1]", "[1,", "", "[" * 100_000 + "]" * 100_000]
)
def test_what_is_more_or_less_than_json_is_left_to_the_grammar(text: str) -> None:
    assert read_unplaced(text) is None

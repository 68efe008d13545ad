"""Actions, as tables of before and after. Whatever an action makes, it must leave alone the second time, and
bytes that are not UTF-8, CRLF and a missing last newline come through it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from syncfork.rewrite.base import Fork, Plan, Problem
from syncfork.rewrite.registry import AnyStep
from syncfork.rules.convert import convert
from syncfork.text import Document, apply_edits, decode_document

A = {"literal": "a"}
WORDS = {"regex": "[a-z]+"}


def plan(written: dict[str, Any], text: str, path: str = "f.txt", fork: str | None = None) -> Plan | Problem:
    home = Fork(Document(path, fork) if fork is not None else None)
    found: Plan | Problem = convert(written, AnyStep).compile("step").plan(Document(path, text), home)
    return found


def run_since(base: str, written: dict[str, Any], text: str, path: str) -> str:
    """The new text where the merge base had `base`."""
    step = convert(written, AnyStep).compile("step")
    found = step.plan(Document(path, text), Fork(base=Document(path, base)))
    assert isinstance(found, Plan), found
    return apply_edits(text, found.edits)


def run(written: dict[str, Any], text: str, path: str = "f.txt", fork: str | None = None) -> str:
    """The new text, or the problem's outcome and detail. What is made is made once and for all."""
    found = plan(written, text, path, fork)
    if isinstance(found, Problem):
        return f"{found.outcome}: {found.detail}"
    new = apply_edits(text, found.edits)
    assert (found.todo > 0) == (new != text)
    again = plan(written, new, path, fork)
    assert isinstance(again, Plan), again
    assert not again.edits
    return new


# -- replace


@pytest.mark.parametrize(
    ("written", "text", "new"),
    [
        ({"replace": A, "with": "b"}, "x a y", "x b y"),
        ({"replace": A, "with": "b"}, "x b y", "x b y"),
        ({"replace": A, "with": "b"}, "x", "absent: step: found no sites, expected exactly 1"),
        ({"replace": A, "with": "b"}, "a a", "ambiguous: step: found 2 sites, expected exactly 1"),
        (
            {"replace": A, "with": "b"},
            "a b",
            "ambiguous: step: found 2 sites (1 as the rule wants it already), expected exactly 1",
        ),
        ({"replace": A, "with": "b", "expect": 2}, "a b", "b b"),
        (
            {"replace": A, "with": "b", "expect": 2},
            "a xb b-x",
            "absent: step: found 1 site, expected exactly 2",
        ),
        ({"replace": A, "with": "b", "expect": 2}, "xay xby", "xby xby"),
        ({"replace": A, "with": "b", "expect": 2}, "xby b", "xby b"),
        ({"replace": A, "with": "b", "expect": "some"}, "a a b", "b b b"),
        (
            {"replace": A, "with": "b", "expect": "some"},
            "x",
            "absent: step: found no sites, expected at least 1",
        ),
        ({"replace": A, "with": "b", "expect": "any"}, "x", "x"),
        ({"replace": {"regex": r"v(\d)"}, "with": r"w\1", "expect": "any"}, "v1 v2", "w1 w2"),
        ({"replace": {"regex": r"v(?P<n>\d)"}, "with": r"w\g<n>", "expect": "any"}, "v1", "w1"),
        ({"replace": {"regex": r"v\d"}, "with": r"w\7", "expect": "any"}, "v1", r"w\7"),
        ({"replace": {"regex": "^run (--all)$"}, "with": 'x "$1" ${0} $0'}, "run --all", 'x "$1" ${0} $0'),
        ({"replace": A, "with": "$1"}, "x $1 y", "x $1 y"),
        ({"replace": A, "with": "b", "unless": {"literal": "z"}}, "a z", "a z"),
        ({"replace": {"literal": "a", "within": {"regex": r"\(.*\)"}}, "with": "b"}, "a b (a)", "a b (b)"),
    ],
)
def test_replace(written: dict[str, Any], text: str, new: str) -> None:
    assert run(written, text) == new


@pytest.mark.parametrize(
    ("fork", "new"),
    [
        ("ours: 7", "at 7 x"),
        (
            None,
            "absent: step: nothing to carry: the expression 'ours: (.)' is not in any of the rule's files in the fork",
        ),
        ("", "absent: step: nothing to carry: the expression 'ours: (.)' is not in f.txt"),
        ("ours: 7 ours: 8", "ambiguous: step: the fork's f.txt holds 2 of the expression 'ours: (.)'"),
    ],
)
def test_replace_by_what_the_fork_has(fork: str | None, new: str) -> None:
    written = {"replace": {"regex": r"(?<=at )\d"}, "with": {"carry": {"regex": "ours: (.)", "group": 1}}}
    assert run(written, "at 1 x", fork=fork) == new


def test_carried_text_is_taken_as_it_is() -> None:
    written = {"replace": {"regex": "(?<=at ).+"}, "with": {"carry": {"regex": "(?<=at ).+"}}}
    assert run(written, "at 1", fork=r"at \1 $1 \g<0>") == r"at \1 $1 \g<0>"


@pytest.mark.parametrize(
    ("base", "text", "done"),
    [
        ("1.0", "12.05", None),
        ("1.0", "2.0", 1),
        ("1.05", "12.05", 1),
        ("x", "12.05", 1),
        (None, "12.05", 1),
    ],
)
def test_where_the_old_text_was_a_word_a_part_of_one_is_not_the_new(
    base: str | None, text: str, done: int | None
) -> None:
    step = convert({"replace": {"literal": "1.0"}, "with": "2.0"}, AnyStep).compile("step")
    found = step.plan(Document("f", text), Fork(base=Document("f", base) if base is not None else None))
    assert found == (
        Plan(done=done, guessed=done)
        if done
        else Problem("absent", "step: found no sites, expected exactly 1")
    )


# -- insert


@pytest.mark.parametrize(
    ("written", "text", "new"),
    [
        ({"insert": " -x", "after": {"literal": "cmd"}}, "cmd y\n", "cmd -x y\n"),
        ({"insert": " -x", "after": {"literal": "cmd"}}, "cmd -x y\n", "cmd -x y\n"),
        ({"insert": "x ", "before": {"literal": "cmd"}}, "cmd", "x cmd"),
        ({"insert": "x ", "before": {"literal": "cmd"}}, "x cmd", "x cmd"),
        (
            {"insert": "x", "before": {"literal": "cmd"}},
            "y",
            "absent: step: found no sites, expected exactly 1",
        ),
        ({"insert": "!", "after": A, "expect": 2}, "a! a", "a! a!"),
        ({"insert": "\nx", "after": {"regex": "^a$"}}, "a", "a\nx"),
        ({"insert": " -x", "after": {"literal": "cmd"}}, "cmd -xy\n", "cmd -x -xy\n"),
        ({"insert": " -x", "after": {"literal": "cmd"}}, "cmd -x-y\n", "cmd -x -x-y\n"),
        ({"insert": " -x", "after": {"literal": "cmd"}}, "(cmd -x)\n", "(cmd -x)\n"),
        ({"insert": "b ", "before": {"literal": "cmd"}}, "ab cmd", "ab b cmd"),
        ({"insert": "b ", "before": {"literal": "cmd"}}, "--b cmd", "--b b cmd"),
        ({"insert": "b ", "before": {"literal": "cmd"}}, "a=b cmd", "a=b cmd"),
        ({"insert": "x = 1\n", "before": {"regex": "^l"}}, "# x = 1\nl", "# x = 1\nx = 1\nl"),
        ({"insert": "x = 1\n", "before": {"regex": "^l"}}, "a\nx = 1\nl", "a\nx = 1\nl"),
        ({"insert": "x = 1\n", "before": {"regex": "^l"}}, "x = 1\nl", "x = 1\nl"),
        ({"insert": "x = 1\n", "before": {"regex": "^l"}}, "  x = 1\nl", "  x = 1\nl"),
        ({"insert": "x = 1\n", "after": {"regex": "^l\n"}}, "l\nx = 1\ny", "l\nx = 1\ny"),
        ({"insert": "x = 1\n", "after": {"regex": "^l\n"}}, "l\nx = 10\ny", "l\nx = 1\nx = 10\ny"),
        ({"insert": "\nx = 1", "after": {"regex": "^l$"}}, "l\nx = 1.5\n", "l\nx = 1\nx = 1.5\n"),
        ({"insert": "\nx = 1", "after": {"regex": "^l$"}}, "l\nx = 1 \ny", "l\nx = 1 \ny"),
        ({"insert": "\nx = 1\n", "after": {"regex": "^l$"}}, "l\nx = 1\n\ny", "l\nx = 1\n\ny"),
    ],
)
def test_insert(written: dict[str, Any], text: str, new: str) -> None:
    assert run(written, text) == new


@pytest.mark.parametrize(
    ("path", "new", "beside", "there"),
    [
        ("f.py", "\nfoo", "\nfoo  # why\n", True),
        ("f.py", "\nfoo", "\nfoo # why", True),
        ("f.py", "\nfoo", "\nfoo#why\n", False),
        ("f.py", "\nfoo", "\nfoo // 2\n", False),
        ("f.py", "\nfoo\n", "\nfoo  # why\n", True),
        ("f.py", "\n", "  # why\n", False),
        ("f.c", "\nfoo;", "\nfoo; // why\n", True),
        ("f.c", "\nfoo;", "\nfoo; /* why */\n", True),
        ("f.c", "\nfoo;", "\nfoo; /* why\n and more */\n", True),
        ("f.c", "\nfoo;", "\nfoo; /* a */ bar;\n", False),
        ("f.c", "\nfoo;", "\nfoo; # why\n", False),
        ("f.md", "\nfoo", "\nfoo <!-- why -->\n", True),
        (".gitignore", "\n*.o", "\n*.o\n", True),
    ],
)
def test_a_comment_behind_what_was_to_be_inserted_is_no_other_text(
    path: str, new: str, beside: str, there: bool
) -> None:
    wanted = f"x{beside}" if there else f"x{new}{beside}"
    assert run({"insert": new, "after": {"regex": r"\Ax"}}, f"x{beside}", path) == wanted


def test_a_comment_behind_what_was_to_be_inserted_before_is_no_other_text() -> None:
    written = {"insert": "foo = 1\n", "before": {"regex": "^x"}}
    assert run(written, "foo = 1  # a very long why\nx", "f.py") == "foo = 1  # a very long why\nx"
    assert run(written, "b # foo = 1\nx", "f.py") == "b # foo = 1\nfoo = 1\nx"


# -- remove


@pytest.mark.parametrize(
    ("written", "text", "new"),
    [
        ({}, "x\nBAD\ny\n", "x\ny\n"),
        ({}, "x\n# why\n// more\nBAD;\ny\n", "x\ny\n"),
        ({"comments": False}, "x\n# why\nBAD\ny\n", "x\n# why\ny\n"),
        ({}, "x\n\nBAD\n\ny\n", "x\n\ny\n"),
        ({}, "x\nBAD", "x\n"),
        ({}, "BAD", ""),
        ({}, "x\n", "x\n"),
        ({}, "x, BAD, y", "x, y"),
        ({}, "[x, BAD]", "[x]"),
        ({}, "[BAD]", "[]"),
        ({}, "x | BAD | y", "x | y"),
        ({}, "x BAD y", "x y"),
        ({}, "x  BAD y", "x  y"),
        ({}, "x BAD  # why", "x  # why"),
        ({}, "  BAD y", "  y"),
        ({}, "x BAD || y", "x || y"),
        ({}, "x BAD && y", "x && y"),
        ({}, "x || BAD y", "x || y"),
        ({}, "x |& BAD y", "x |& y"),
        ({}, "x BAD | y", "x | y"),
        ({}, "x | BAD y", "x | y"),
        ({}, "f(x, BAD y)", "f(x, y)"),
        ({}, "t = BAD | y", "t = y"),
        ({}, "x > BAD || y", "refused: line 1: `||` would have nothing on one side"),
        ({}, "x >| BAD", "x >| "),
        ({}, "import BAD, y", "import y"),
        ({}, "import y, BAD  # why", "import y  # why"),
        ({}, "x) BAD;;", "x) ;;"),
        ({}, "x || BAD", "refused: line 1: `||` would have nothing on one side"),
        ({}, "y\nx && BAD; z", "refused: line 2: `&&` would have nothing on one side"),
        ({}, "if (BAD && x)", "refused: line 1: `&&` would have nothing on one side"),
        ({}, "BAD || x", "refused: line 1: `||` would have nothing on one side"),
        ({}, "x |& BAD", "refused: line 1: `|&` would have nothing on one side"),
        ({}, 'c "x && BAD"', "refused: line 1: `&&` would have nothing on one side"),
        ({"expect": 2}, "x && BAD || BAD", "refused: line 1: `&&` would have nothing on one side"),
        ({"expect": 2}, "x && BAD BAD", "refused: line 1: `&&` would have nothing on one side"),
        ({"expect": 2}, "x\nBAD,\nBAD\ny\n", "x\ny\n"),
        ({"expect": 2}, "[BAD, BAD, y]", "[y]"),
        ({"expect": 2}, "[y, BAD, BAD]", "[y]"),
        ({}, "BAD\nBAD\n", "ambiguous: step: found 2 sites, expected at most 1"),
        ({}, "[\n  x,\n  BAD\n]\n", "[\n  x\n]\n"),
        ({}, "[\n  x,\n  BAD,\n]\n", "[\n  x,\n]\n"),
        ({}, "f(\n  x,\n  BAD\n)\n", "f(\n  x,\n)\n"),
        ({}, "l:\n  - x\n  - BAD\n  - y\n", "l:\n  - x\n  - y\n"),
        ({}, "l:\n  - x\n  - BAD\nm: 1\n", "l:\n  - x\nm: 1\n"),
    ],
)
def test_remove(written: dict[str, Any], text: str, new: str) -> None:
    assert run({"remove": {"literal": "BAD"}, **written}, text) == new


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("def f() -> BAD | Bar:", "def f() -> Bar:"),
        ("def f() -> Foo | BAD:", "def f() -> Foo:"),
        ("x: A | BAD = None", "x: A = None"),
        ("() => BAD | y", "() => y"),
        ("return BAD | y", "return y"),
        ("case A | BAD if x:", "case A if x:"),
        ("A | BAD -> x", "A -> x"),
        ("- BAD | y", "- y"),
        ("f(a, BAD rest)", "f(a, rest)"),
        ("f(a, BAD {b})", "f(a, {b})"),
        ("f(a, BAD if b else c)", "f(a, if b else c)"),
        ("x $? BAD || y", "x $? || y"),
        ("a --if BAD || y", "a --if || y"),
        ("x | BAD ./y", "x | ./y"),
        ("x . BAD | y", "x . | y"),
        ("x -- BAD | y", "x -- | y"),
        ("f(x, BAD // why", "f(x // why"),
        ("x | BAD \\\n  | y", "x \\\n  | y"),
        ("x | BAD \\\n  --y", "x | \\\n  --y"),
        ("x && BAD // why", "&&"),
        ("if a && BAD {", "&&"),
        ("if BAD && ok {", "&&"),
        ("if a && BAD; then", "&&"),
        ("while a && BAD do", "&&"),
        ("a || BAD ? x : y", "||"),
        ("return BAD || y;", "||"),
        ("A => BAD || y", "||"),
        ("then BAD || y", "||"),
        ("x && BAD.y()", "&&"),
        ("x && BAD(1)", "&&"),
        ("x && BAD + 1", "&&"),
        ("x && !BAD || y", "||"),
        ("x && a + BAD || y", "||"),
        ("x > BAD | y", "|"),
        ("x | BAD.y", "|"),
        ("x | BAD::y", "|"),
        ("x | BAD=1 y", "|"),
        ("(x|BAD{2})", "|"),
    ],
)
def test_what_an_operator_has_on_its_sides(text: str, new: str) -> None:
    refused = f"refused: line 1: `{new}` would have nothing on one side"
    assert run({"remove": {"literal": "BAD"}}, text) == (refused if new in ("|", "||", "&&") else new)


@pytest.mark.parametrize(
    ("gone", "text", "new"),
    [
        ("BAD=1 ", "x && BAD=1 y", "x && y"),
        (" && BAD", "x && BAD {", "x {"),
        ("BAD && ", "if BAD && ok {", "if ok {"),
        ("BAD", "x && BADly", "x && ly"),
    ],
)
def test_what_goes_with_its_operator_or_leaves_a_word(gone: str, text: str, new: str) -> None:
    assert run({"remove": {"literal": gone}}, text) == new


@pytest.mark.parametrize(
    ("path", "above", "comment"),
    [
        ("f.c", "#ifdef X\n", ""),
        ("f.c", "#endif\n", "// why\n"),
        ("f.c", "#include <security.h>\n", "/* why\n * and more\n */\n"),
        ("f.c", "* p = 1;\n", ""),
        ("f.c", "x(); /* one\n * two */\n", ""),
        ("f.c", "/* one */ x(); /* two */\n", ""),
        ("f.c", "/*\n * about\n * all\n", ""),
        ("f.rs", "#![no_std]\n", "/// why\n#[cfg(x)]\n"),
        ("f.php", "#[Attribute]\n", "# why\n// more\n"),
        (".gitignore", "*.pem\n", "# why\n"),
        ("f.sh", "#!/bin/bash\n", ""),
        ("f.sh", "curl \\\n  --retry 5 \\\n", ""),
        ("f.sh", "a ;\n; b\n", "#why\n"),
        ("run", "#!/bin/sh\n", "#why\n"),
        ("f.md", "* item\n", "<!-- why\n-->\n"),
        ("f.md", "# Title\n", ""),
        ("f.txt", "#define X\n", "# why\n#\n"),
        ("f.txt", "-- x\n; y\n* z\n#!x\n", "/* why */\n"),
        ("f.sql", "# x\n", "-- why\n"),
        ("f.hs", "", "-- why\n"),
        ("f.ini", "", "; why\n# more\n"),
        ("f.nix", "// { x = 1; }\n", "# why\n"),
        ("Makefile", "", "#why\n"),
        ("f.json", "{\n", "// why\n"),
        ("f.yml", "a: |\n  x\n  # y\n", "# why\n"),
        ("f.yml", "a: 'x\n  # y'\n", ""),
        ("f.yml", "a: 1\n---\nb: >\n  x\n  # y\n", "# why\n"),
        ("f.yml", "a: |\n  x\n", "  # why\n  "),
        ("f.yml", "a: [\n", ""),
        ("f.toml", "a = '''\n# x'''\n", "# why\n"),
    ],
)
def test_of_the_lines_above_only_comments_go_too(path: str, above: str, comment: str) -> None:
    gone = {"f.toml": "bad = 1", "f.yml": "bad: 1"}.get(path, "bad(1)")
    assert run({"remove": {"literal": gone}}, f"{above}{comment}{gone}\n", path) == above


@pytest.mark.parametrize(
    ("base", "text", "new"),
    [
        ("x\nBAD\n", "x\n# new\nBAD\n", "x\n# new\n"),
        ("x\n# a\nBAD\n", "x\n# new\n# a\nBAD\n", "x\n# new\n"),
        ("x\n# a\nBAD\n", "x\n# a\n# new\nBAD\n", "x\n# new\n"),
        ("x\n# a\n# b\nBAD\n", "x\n# a\n# new\n# b\n# more\nBAD\ny\n", "x\n# new\n# more\ny\n"),
        ("x\n# a\nBAD\n", "x\n# a, better\nBAD\n", "x\n"),
        ("x\n# a\nBAD\n", "x\nBAD\n", "x\n"),
        ("x\n", "x\n# new, and for this\nBAD\n", "x\n"),
    ],
)
def test_a_comment_that_came_up_since_the_merge_base_stays(base: str, text: str, new: str) -> None:
    assert run_since(base, {"remove": {"literal": "BAD"}}, text, "f.py") == new


@pytest.mark.parametrize(
    ("path", "base", "text", "new"),
    [
        ("f.c", "x\n/*\n * a\n */\nBAD\n", "x\n/*\n * a\n * new\n */\nBAD\n", "x\n"),
        ("f.c", "x\n/* a */\nBAD\n", "x\n/*\n * new\n */\n/* a */\nBAD\n", "x\n/*\n * new\n */\n"),
        ("f.md", "x\n<!-- a\n-->\nBAD\n", "x\n<!-- a\nnew\n-->\nBAD\n", "x\n"),
        ("f.rs", "#[test]\nBAD\n", "#[ignore]\n#[test]\nBAD\n", ""),
        ("f.rs", "#[test]\nBAD\n", "// new\n#[ignore]\n#[test]\n// more\nBAD\n", "// new\n// more\n"),
        ("f.rs", "/// a\nBAD\n", "// new\n/// b\n/// c\nBAD\n", "// new\n"),
        ("f.rs", "BAD\n", "//! a\n/** b */\nBAD\n", ""),
        ("f.js", "BAD\n", "/**\n * a\n */\nBAD\n", ""),
        ("f.js", "BAD\n", "//////\n/*** a ***/\nBAD\n", "//////\n/*** a ***/\n"),
        ("f.py", "BAD\n", "#[new]\nBAD\n", "#[new]\n"),
    ],
)
def test_a_block_is_one_comment_and_documentation_goes_with_its_item(
    path: str, base: str, text: str, new: str
) -> None:
    assert run_since(base, {"remove": {"literal": "BAD"}}, text, path) == new


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("- lock\n- a\n# why, better\n- lock\n- b\n", "- a\n- b\n"),
        ("- lock\n- a\n# why\n# new\n- lock\n- b\n", "- a\n# new\n- b\n"),
        ("# why\n- lock\n- a\n- lock\n- b\n", "- a\n- b\n"),
    ],
)
def test_the_comments_of_all_places_in_the_merge_base_are_known(text: str, new: str) -> None:
    base = "- lock\n- a\n# why\n- lock\n- b\n"
    assert run_since(base, {"remove": {"regex": "^- lock$"}, "expect": "any"}, text, "f.yml") == new


@pytest.mark.parametrize(
    ("path", "gone", "text", "new"),
    [
        ("f.py", "^#  Py.*\\n", "# a\n#  Py 2\nx\n", "# a\nx\n"),
        ("f.py", "^#  Py.*\\n\\n", "# a\n#  Py 2\n\nx\n", "# a\nx\n"),
        ("f.py", "^#  Py.*\\nBAD\\n", "# a\n#  Py 2\nBAD\nx\n", "x\n"),
        ("f.rs", "^#.ignore.$", "/// a\n#[ignore]\nfn x() {}\n", "/// a\nfn x() {}\n"),
        ("f.c", "^/[*] b\\n.*$", "// a\n/* b\n c */", "// a\n"),
    ],
)
def test_a_comment_has_no_comment_of_its_own(path: str, gone: str, text: str, new: str) -> None:
    assert run({"remove": {"regex": gone}}, text, path) == new


def test_where_no_comment_can_be_told_from_a_text_none_goes() -> None:
    assert run({"remove": {"literal": "bad: 1"}}, "{{ if }}\n# why\nbad: 1\n", "f.yml") == "{{ if }}\n# why\n"


def test_nothing_to_remove_is_the_wanted_state() -> None:
    assert plan({"remove": A}, "x") == Plan()


@pytest.mark.parametrize(
    ("key", "text", "new"),
    [
        ("l[name=x]", "l:\n- name: x\n  run: y\n- z\n", "l:\n- z\n"),
        ("l[k=y]", "l:\n  - x\n  # y's own\n  - k: y\n", "l:\n  - x\n"),
        ("a.b", "a:\n  b: 1\n  c: 2\n", "a:\n  c: 2\n"),
        ("a", "a:\n  b: 1\nc: 2\n", "c: 2\n"),
        ("a.b", "a:\n  b: 1\nc: 2\n", "a:\nc: 2\n"),
        ("a.b", "a: {b: 1}\n", "a: {}\n"),
        ("b", "a: |+\n  t\n\nb: 1\n", "refused: this would change a too"),
        (
            "a",
            "a: &x 1\nb: *x\n",
            "refused: after this the file could not be read: not YAML: line 1: found undefined alias",
        ),
    ],
)
def test_remove_an_entry(key: str, text: str, new: str) -> None:
    assert run({"remove": {"key": key, "entry": True}}, text, "f.yml") == new


# -- keep


@pytest.mark.parametrize(
    ("items", "only", "path", "text", "new"),
    [
        (WORDS, ["a", "c"], "f.txt", "a, b, c\n", "a, c\n"),
        (WORDS, ["a"], "f.txt", "a\n", "a\n"),
        (
            WORDS,
            ["a", "q"],
            "f.txt",
            "a, b\n",
            "absent: step: the list no longer holds q: no item of the 2 found has this name",
        ),
        (WORDS, ["a"], "f.txt", "", "absent: step: found no sites, expected exactly 1"),
        ({"regex": r"^add\((?P<name>\w+)\);$"}, ["y"], "f.c", "// x's\nadd(x);\nadd(y);\n", "add(y);\n"),
        ({"key": "l[*]"}, ["a"], "f.yml", 'l: [b, "a", c]\n', 'l: ["a"]\n'),
        ({"key": "l[*]"}, ["a"], "f.yml", "l:\n  - a\n  # b's\n  - b\n  - c\nm: 1\n", "l:\n  - a\nm: 1\n"),
        ({"key": "l[*]", "entry": True}, ["a"], "f.yml", "l:\n- b\n- a\n", "l:\n- a\n"),
        ({"key": "m.*", "entry": True}, ["a"], "f.yml", "m:\n  b: a\n  a: b\n", "m:\n  a: b\n"),
        ({"key": "l[*]"}, ["a"], "f.json", '{"l": [\n  "a",\n  "b"\n]}\n', '{"l": [\n  "a"\n]}\n'),
        ({"key": "l[*]"}, ["a"], "f.toml", 'l = [\n  "a",\n  "b",\n]\n', 'l = [\n  "a",\n]\n'),
        ({"key": "t.*", "entry": True}, ["a"], "f.toml", "[t]\na = 1\n# b's\nb = 2\n", "[t]\na = 1\n"),
        ({"key": "*.l[*]"}, ["a"], "f.yml", "x: {l: [a, b]}\ny: {l: [c, a]}\n", "x: {l: [a]}\ny: {l: [a]}\n"),
        ({"key": "*.l[*]"}, ["a"], "f.yml", "x: {l: [a, b]}\ny: {l: []}\n", "x: {l: [a]}\ny: {l: []}\n"),
        (
            {"key": "*.l[*]"},
            ["a"],
            "f.yml",
            "x: {l: [a, b]}\ny: {l: [b, c]}\n",
            "absent: step: the list at line 2 does not hold a: no item of the 2 found has this name",
        ),
        (
            {"key": "*.l[*]", "lines": True},
            ["a", "b"],
            "f.yml",
            "x:\n  l:\n  - a\n  - b\ny:\n  l:\n  - a\n",
            "absent: step: the list at line 7 does not hold b: no item of the one found has this name",
        ),
        (
            {"key": "*.*", "entry": True},
            ["a"],
            "f.toml",
            "[t]\na = 1\nb = 2\n[u]\na = 1\n",
            "[t]\na = 1\n[u]\na = 1\n",
        ),
        ({"syntax": "f($NAME)"}, ["x"], "f.py", "f('x')\nf(\"y\")\n", "f('x')\n"),
    ],
)
def test_keep(items: dict[str, Any], only: list[str], path: str, text: str, new: str) -> None:
    assert run({"keep": items, "only": only}, text, path) == new


def test_keep_tells_names() -> None:
    found = plan({"keep": {"regex": '"[^"]+"'}, "only": ["a"]}, '"a", "b", "c"')
    assert isinstance(found, Plan)
    assert (found.kept, found.dropped, found.todo) == (("a",), ("b", "c"), 1)


def test_keep_by_a_part_of_the_item() -> None:
    written = {"keep": {"regex": r"\S+\.yml"}, "only": ["a"], "named": r"(\w+)\.yml"}
    assert run(written, "x/a.yml, x/b.yml") == "x/a.yml"


# -- carry

REGION = {"carry": {"regex": "^OURS.*$"}}
AFTER, BEFORE = {**REGION, "after": {"regex": "^anchor$"}}, {**REGION, "before": {"regex": "^anchor$"}}
INSTEAD = {**REGION, "instead-of": {"regex": "^anchor$"}}


@pytest.mark.parametrize(
    ("written", "fork", "text", "new"),
    [
        (AFTER, "x\n# why\nOURS 1\n", "a\nanchor\nb\n", "a\nanchor\n# why\nOURS 1\nb\n"),
        (AFTER, "x\n\nOURS 1\n", "anchor\nb\n", "anchor\n\nOURS 1\nb\n"),
        (AFTER, "OURS 1", "anchor", "anchor\nOURS 1\n"),
        ({**AFTER, "comments": False}, "# why\nOURS 1\n", "anchor\n", "anchor\nOURS 1\n"),
        (BEFORE, "OURS 1\n\nx\n", "a\n# about\nanchor\n", "a\nOURS 1\n\n# about\nanchor\n"),
        (INSTEAD, "# why\nOURS 1\n", "# theirs\nanchor\nb\n", "# why\nOURS 1\nb\n"),
        (AFTER, "OURS 1\n", "anchor\nb\nOURS 1\n", "anchor\nb\nOURS 1\n"),
        (AFTER, "OURS 1\n", "OURS 2\nanchor\n", "refused: step: line 1 holds the expression '^OURS.*$' in a form that is not the fork's"),
        (AFTER, "OURS 1\n", "OURS 1\nOURS 1\n", "ambiguous: step: f.txt holds the expression '^OURS.*$' 2 times"),
        (AFTER, "OURS 1\n", "b\n", "absent: step: found no sites, expected exactly 1"),
        (AFTER, "OURS 1\n", "anchor\nanchor\n", "ambiguous: step: found 2 sites, expected exactly 1"),
        (AFTER, "", "anchor\n", "absent: step: nothing to carry: the expression '^OURS.*$' is not in f.txt"),
        (AFTER, "OURS 1\nOURS 2\n", "anchor\n", "ambiguous: step: the fork's f.txt holds 2 of the expression '^OURS.*$'"),
        ({"carry": {"regex": r"--org \S+"}, "after": {"literal": "cmd "}}, "cmd --org me x", "cmd  x", "cmd --org me x"),
    ],
)  # fmt: skip
def test_carry(written: dict[str, Any], fork: str, text: str, new: str) -> None:
    assert run(written, text, fork=fork) == new


OWN = "s:\n- n: A\n  r: 1\n# why\n- n: Own\n  r: 2\n- n: B\n"
WITHOUT = "s:\n- n: A\n  r: 1\n- n: B\n"


@pytest.mark.parametrize("entry", [True, False])
@pytest.mark.parametrize(
    ("side", "text", "new"),
    [
        ("after", WITHOUT, OWN),
        ("before", WITHOUT, "s:\n# why\n- n: Own\n  r: 2\n- n: A\n  r: 1\n- n: B\n"),
        ("instead-of", WITHOUT, "s:\n# why\n- n: Own\n  r: 2\n- n: B\n"),
        ("after", OWN, OWN),
    ],
)
def test_carry_takes_a_list_s_item_with_its_dash(entry: bool, side: str, text: str, new: str) -> None:
    written = {"carry": {"key": "s[n=Own]", "entry": entry}, side: {"key": "s[n=A]", "entry": entry}}
    assert run(written, text, "f.yml", OWN) == new


def test_carry_of_a_plain_item_takes_its_dash_too() -> None:
    written = {"carry": {"key": "l[1]"}, "after": {"literal": "- a", "lines": True}}
    assert run({**written, "unless": {"literal": "own"}}, "l:\n- a\n", "f.yml", "l:\n- a\n- own\n") == (
        "l:\n- a\n- own\n"
    )


def test_carry_by_a_key_leaves_no_file_that_cannot_be_read() -> None:
    written = {"carry": {"key": "s[n=Own]"}, "after": {"literal": "n: A"}}
    found = run(written, WITHOUT, "f.yml", OWN)
    assert found.startswith("refused: after this the file could not be read: not YAML: line 2")


def test_a_file_the_fork_lacks_takes_from_its_siblings() -> None:
    step = convert(AFTER, AnyStep).compile("step")
    new = Document("c", "anchor\n")
    one, same_, other = Document("a", "OURS 1\n"), Document("b", "x\nOURS 1\n"), Document("d", "OURS 2\n")
    found = step.plan(new, Fork(None, (one, same_)))
    assert apply_edits(new.text, found.edits) == "anchor\nOURS 1\n"
    assert step.plan(new, Fork(None, (one, other))).outcome == "ambiguous"
    assert step.plan(new, Fork(None, ())).outcome == "absent"


# -- aliases

ALIASED = "a: &a\n  t: 5\n  l: [x, y]\n  m: {n: 1}\nb: *a\n"
NOT_ALONE = "an alias leads to this value, which is also another's: it cannot be changed for one alone"


@pytest.mark.parametrize(
    ("written", "new"),
    [
        ({"set": "b.t", "to": 60}, f"refused: line 2: {NOT_ALONE}"),
        ({"set": "b.m.n", "to": 60}, f"refused: line 4: {NOT_ALONE}"),
        ({"set": "b.t", "to": 5}, ALIASED),
        ({"set": "b.m.new", "to": 1}, "refused: m is an alias of another value, or in one: new cannot be added to it alone"),
        ({"set": "a.t", "to": 60}, ALIASED.replace("5", "60")),
        ({"set": "*.t", "to": 60}, ALIASED.replace("5", "60")),
        ({"set": "b", "to": 60}, ALIASED.replace("*a", "60")),
        ({"remove": {"key": "b.t", "entry": True}}, f"refused: line 2: {NOT_ALONE}"),
        ({"remove": {"key": "*.t", "entry": True}}, ALIASED.replace("  t: 5\n", "")),
        ({"remove": {"key": "b", "entry": True}}, ALIASED.replace("b: *a\n", "")),
        ({"keep": {"key": "b.l[*]"}, "only": ["x"]}, f"refused: line 3: {NOT_ALONE}"),
        ({"keep": {"key": "b.l[*]"}, "only": ["x", "y"]}, ALIASED),
        ({"replace": {"key": "b.t"}, "with": "60"}, f"refused: line 2: {NOT_ALONE}"),
        ({"replace": {"key": "b.t", "lines": True}, "with": "60"}, f"refused: line 2: {NOT_ALONE}"),
        ({"insert": "0", "after": {"key": "b.t"}}, f"refused: line 2: {NOT_ALONE}"),
        ({"insert": " # c", "after": {"key": "a.t"}}, ALIASED.replace("5", "5 # c")),
        ({"remove": {"literal": "x", "within": {"key": "b.l"}}}, f"refused: line 3: {NOT_ALONE}"),
        ({"remove": {"literal": "x", "within": {"key": "*.l"}}}, ALIASED.replace("x, ", "")),
    ],
)  # fmt: skip
def test_what_an_alias_leads_to_is_not_edited(written: dict[str, Any], new: str) -> None:
    assert run(written, ALIASED, "f.yml") == new


# -- set

CONDITIONS = """\
variables:
  ${{ if eq(parameters.remote, '') }}:
    Remote: up
  ${{ else }}:
    Remote: ${{ parameters.remote }}
  Tag: v1
stages:
- ${{ if parameters.all }}:
  - stage: Build
    pool: up
  - ${{ if parameters.sign }}:
    - stage: Sign
- stage: Ship
  pool: up
"""


@pytest.mark.parametrize(
    ("written", "changed"),
    [
        ({"set": "variables.Remote", "to": "own", "expect": 2}, {3: "    Remote: own", 5: "    Remote: own"}),
        ({"set": "variables.${{ else }}.Remote", "to": "own"}, {5: "    Remote: own"}),
        ({"set": "variables.Tag", "to": "v2"}, {6: "  Tag: v2"}),
        ({"set": "variables.Own", "to": 1}, {6: "  Tag: v1\n  Own: 1"}),
        ({"set": "stages[stage=Build].pool", "to": "own"}, {10: "    pool: own"}),
        ({"set": "stages[stage=Sign].pool", "to": "own"}, {12: "    - stage: Sign\n      pool: own"}),
        # Of an item that is a condition, the items below it are meant.
        ({"set": "stages[*].pool", "to": "own", "expect": 3}, {10: "    pool: own", 12: "    - stage: Sign\n      pool: own", 14: "  pool: own"}),
        ({"set": "stages[0].*[stage=Build].pool", "to": "own"}, {10: "    pool: own"}),
        ({"set": "stages[*].Own", "to": 1, "expect": 3}, {10: "    pool: up\n    Own: 1", 12: "    - stage: Sign\n      Own: 1", 14: "  pool: up\n  Own: 1"}),
    ],
)  # fmt: skip
def test_a_key_below_the_conditions_of_a_pipeline(written: dict[str, Any], changed: dict[int, str]) -> None:
    lines = CONDITIONS.split("\n")
    new = "\n".join(changed.get(number, line) for number, line in enumerate(lines, start=1))
    assert run(written, CONDITIONS, "f.yml") == new


BRANCHES = """\
steps:
- ${{ if parameters.all }}:
    task: A
    inputs:
      x: 1
  ${{ else }}:
    task: B
    inputs:
      x: 2
- ${{ if parameters.sign }}:
  - task: C
  ${{ else }}:
    task: D
    inputs:
      x: 4
"""


@pytest.mark.parametrize(
    ("written", "changed"),
    [
        ({"set": "steps[task=A].inputs.x", "to": 9}, {5: "      x: 9"}),
        ({"set": "steps[task=A].own", "to": 9}, {5: "      x: 1\n    own: 9"}),
        ({"set": "steps[task=D].inputs.x", "to": 9}, {15: "      x: 9"}),
        ({"set": "steps[1].own", "to": 9, "expect": 2}, {11: "  - task: C\n    own: 9", 15: "      x: 4\n    own: 9"}),
        ({"remove": {"key": "steps[task=A]", "entry": True}}, {3: None, 4: None, 5: None}),
        ({"remove": {"key": "steps[task=B]"}}, {7: None, 8: None, 9: None}),
    ],
)  # fmt: skip
def test_each_branch_that_holds_an_item_is_one(
    written: dict[str, Any], changed: dict[int, str | None]
) -> None:
    lines = [changed.get(number, line) for number, line in enumerate(BRANCHES.split("\n"), start=1)]
    assert run({"expect": "any"} | written, BRANCHES, "f.yml") == "\n".join(
        line for line in lines if line is not None
    )


def test_a_condition_that_is_an_alias_is_not_edited_through_it() -> None:
    text = "a: &a\n  x: 1\nb:\n  ${{ if y }}: *a\n"
    assert run({"set": "b.x", "to": 2}, text, "f.yml") == f"refused: line 2: {NOT_ALONE}"
    # A key that is made by an expression has a value of its own.
    assert (
        run({"set": "b.x", "to": 2}, "b:\n  ${{ y }}:\n    x: 1\n", "f.yml")
        == "b:\n  ${{ y }}:\n    x: 1\n  x: 2\n"
    )


@pytest.mark.parametrize(
    ("key", "value", "text", "new"),
    [
        ("on", {"workflow_dispatch": None}, "on: push\njobs: x\n", "on:\n  workflow_dispatch:\njobs: x\n"),
        ("on", {"workflow_dispatch": None}, "'on':\n  push:\n    b: [m]\n\njobs: x\n", "'on':\n  workflow_dispatch:\n\njobs: x\n"),
        ("on", {"workflow_dispatch": None}, "on: [push] # c\n", "on: {workflow_dispatch: null} # c\n"),
        ("on", {"workflow_dispatch": None}, "on: {workflow_dispatch: }\n", "on: {workflow_dispatch: }\n"),
        ("on", {"workflow_dispatch": None}, "on: push", "on:\n  workflow_dispatch:"),
        ("a", 1, "a: 2 # c\nb: 3\n", "a: 1 # c\nb: 3\n"),
        ("a", 1, "a: 1 # c\n", "a: 1 # c\n"),
        ("a", 1, "a:\nb: 2\n", "a: 1\nb: 2\n"),
        ("a", 1, "a: true\n", "a: 1\n"),
        ("a", "true", "a: true\n", "a: 'true'\n"),
        ("a", "on", "a: off\n", "a: 'on'\n"),
        ("a", "x\ny", "b: {a: 1}\na: 1\n", 'b: {a: 1}\na: "x\\ny"\n'),
        ("a", {"k": "x: null"}, "a: 1\n", "a:\n  k: 'x: null'\n"),
        ("a", "s", "a:\n- x\n- y\nb: 1\n", "a: s\nb: 1\n"),
        ("a", [1, 2], "a:\n- x\nb: 1\n", "a:\n- 1\n- 2\nb: 1\n"),
        ("a", [1, 2], "a:\n    - x\nb: 1\n", "a:\n    - 1\n    - 2\nb: 1\n"),
        # What the value itself does not show, most of the file does: here 4 for what a key holds, 2 for a list.
        ("b", {"k": {"l": [1]}}, "a:\n    c:\n      - x\nb: 1\n", "a:\n    c:\n      - x\nb:\n    k:\n        l:\n          - 1\n"),
        ("a.d", {"k": [1]}, "a:\n    c:\n      - x\n", "a:\n    c:\n      - x\n    d:\n        k:\n          - 1\n"),
        ("a", [1], "a: x\nb:\n  - x\nc:\n  - x\nd:\n- x\n", "a:\n  - 1\nb:\n  - x\nc:\n  - x\nd:\n- x\n"),
        ("l[0].a", [1], "l:\n  - a: 0\n    b:\n    - x\n  - b:\n    - x\n", "l:\n  - a:\n    - 1\n    b:\n    - x\n  - b:\n    - x\n"),
        (
            "a",
            [{"k": None, "l": []}, [1, [2, {}]], {"m": {"on": "x\ny"}}, "- b", None],
            "a: 1\n",
            "a:\n- k:\n  l: []\n- - 1\n  - - 2\n    - {}\n- m:\n    'on': \"x\\ny\"\n- '- b'\n- null\n",
        ),
        ("b.d", {"k": {"l": 1}}, "? a\n: c: 1\n? b\n:\n  c: 1\n", "? a\n: c: 1\n? b\n:\n  c: 1\n  d:\n    k:\n      l: 1\n"),
        ("b.d", {"k": [1]}, "?   b\n:\n  c: [1]\n", "?   b\n:\n  c: [1]\n  d:\n    k:\n    - 1\n"),
        ("a", "x\ny\x85z\u2028", "a: 1\n", 'a: "x\\ny\\Nz\\L"\n'),
        ("a[1]", {"k": 1}, "a:\n- x\n- y\n", "a:\n- x\n- {k: 1}\n"),
        ("a[0]", 5, "a:\n-\n- y\n", "a:\n- 5\n- y\n"),
        ("a.b", {"c": 1}, "a: {\n  b: 1\n}\n", "a: {\n  b: {c: 1}\n}\n"),
        ('"k: k"', {"c": 1}, "'k: k': 1\n", "'k: k':\n  c: 1\n"),
        ("s[name=B].run", "y", "s:\n- name: A\n  run: x\n- name: B\n  run: x\n", "s:\n- name: A\n  run: x\n- name: B\n  run: y\n"),
        ("a", 1, "é: 😀\na: 0\n", "é: 😀\na: 1\n"),
        ("a", 1, "\ufeffa: 0\n", "\ufeffa: 1\n"),
    ],
)  # fmt: skip
def test_set_in_yaml(key: str, value: Any, text: str, new: str) -> None:
    assert run({"set": key, "to": value}, text, "f.yml") == new


@pytest.mark.parametrize(
    ("key", "text", "new"),
    [
        ("x.b", "x:\n  a: 1  # a's\ny: 2\n", "x:\n  a: 1  # a's\n  b: 9\ny: 2\n"),
        ("x.b", "x:\n  a: |\n    t\n\ny: 2\n", "x:\n  a: |\n    t\n  b: 9\n\ny: 2\n"),
        ("x.b", "x:\n  a: |+\n    t\n\n\ny: 2\n", "x:\n  a: |+\n    t\n\n\n  b: 9\ny: 2\n"),
        ("x.b", "x:\n  c:\n  - &k >1+\n   t\n\ny: 2\n", "x:\n  c:\n  - &k >1+\n   t\n\n  b: 9\ny: 2\n"),
        ("x.b", "x:\n  a: |+\n    t\n\n", "x:\n  a: |+\n    t\n\n  b: 9\n"),
        ("x.b", "x:\n  a: |+\n    t\ny: 2\n", "x:\n  a: |+\n    t\n  b: 9\ny: 2\n"),
        ("x.b", "x: {a: 1}\n", "x: {a: 1, b: 9}\n"),
        ("x.b", "x: {}\n", "x: {b: 9}\n"),
        ("b", "a: 1", "a: 1\nb: 9"),
        ("b", "\ufeffa: 1\n", "\ufeffa: 1\nb: 9\n"),
        ("b", "", "b: 9\n"),
        ("b", "# head\n", "# head\nb: 9\n"),
        ('x."on: y"', "x: {a: 1}\n", "x: {a: 1, 'on: y': 9}\n"),
        ("x.b", "x: 1\n", "absent: step: found no sites, expected exactly 1: nothing is at `x.b`"),
        ("x.*", "y: 1\n", "absent: step: found no sites, expected exactly 1: nothing is at `x`"),
        (
            'x[a=1]."c.d".e[0]',
            "x:\n- a: 1\n",
            'absent: step: found no sites, expected exactly 1: nothing is at `x[a=1]."c.d"`',
        ),
        (
            "x.b",
            "a: &k {c: 1}\nx: *k\n",
            "refused: x is an alias of another value, or in one: b cannot be added to it alone",
        ),
        ("a", "a: &k 1\nx: *k\n", "refused: line 1: this value is the anchor &k, which other places use"),
        ("a", "a: &k 1\n", "a: 9\n"),
        ("x.a", "x: {a}\n", "refused: this would change x.a9 too"),
        ("b", "? a\n: c: 1\n", "refused: this would change a.b too"),
        ("a", "a: [\n", "refused: not YAML: line 2: did not find expected node content"),
    ],
)
def test_set_adds_a_key(key: str, text: str, new: str) -> None:
    assert run({"set": key, "to": 9}, text, "f.yml") == new


@pytest.mark.parametrize(
    ("key", "value", "text", "new"),
    [
        ("a", 2, '{"a": 1, "b": 3}\n', '{"a": 2, "b": 3}\n'),
        ("b", 2, '{"a": 1}\n', '{"a": 1, "b": 2}\n'),
        ("b", 2, '{\n  "a": 1\n}\n', '{\n  "a": 1,\n  "b": 2\n}\n'),
        ("a.b", {"c": [1]}, '{"a": {}}', '{"a": {"b": {"c": [1]}}}'),
        ("a[0]", None, '{"a": [1, 2]}', '{"a": [null, 2]}'),
        ("é", "😀", '{"é": "x"}', '{"é": "😀"}'),
        ("a", 1, '{"a": "1"}', '{"a": 1}'),
        ("a", date(2030, 1, 2), '{"a": 1}', '{"a": "2030-01-02"}'),
    ],
)
def test_set_in_json(key: str, value: Any, text: str, new: str) -> None:
    assert run({"set": key, "to": value}, text, "f.json") == new


@pytest.mark.parametrize(
    ("key", "value", "text", "new"),
    [
        ("a", 2, "a = 1 # c\n", "a = 2 # c\n"),
        ("b", 2, "a = 1 # c\n\n[t]\nx = 1\n", "a = 1 # c\nb = 2\n\n[t]\nx = 1\n"),
        ("b", 2, "# head\n\n# t's\n[t]\nx = 1\n", "# head\n\nb = 2\n\n# t's\n[t]\nx = 1\n"),
        ("b", 2, "", "b = 2\n"),
        ("t.b", 2, "[t]\nx = 1 # c\n\n[u]\nx = 1\n", "[t]\nx = 1 # c\nb = 2\n\n[u]\nx = 1\n"),
        ("t.b", 2, "[t]\n[u]\nx = 1\n", "[t]\nb = 2\n[u]\nx = 1\n"),
        ("t[1].b", 2, "[[t]]\nx = 1\n[[t]]\nx = 2\n", "[[t]]\nx = 1\n[[t]]\nx = 2\nb = 2\n"),
        ("t.b", 2, "t = {x = 1}\n", "t = {x = 1, b = 2}\n"),
        ("t.b", 2, "[t.u]\nx = 1\n", "refused: t has no table of its own to add a key to"),
        ("t.b", 2, "t.x = 1\n", "refused: t has no table of its own to add a key to"),
        ("t.x", ["a", True, 1.5], "[t]\nx = [1, 2]\n", '[t]\nx = ["a", true, 1.5]\n'),
        ("t.x", date(2030, 1, 2), "[t]\nx = 2019-01-01\n", "[t]\nx = 2030-01-02\n"),
        (
            "t.x",
            2,
            "[t]\nx.y = 1\n",
            "refused: after this the file could not be read: not TOML: Expected '=' after a key in a key/value pair (at line 2, column 2)",
        ),
        ("t.x", {"a": 1}, "[t]\nx = 1\n", "refused: `set` writes scalars and lists into TOML, not tables"),
        ('"a b"', "é", "a = 1\n", 'a = 1\n"a b" = "é"\n'),
    ],
)
def test_set_in_toml(key: str, value: Any, text: str, new: str) -> None:
    assert run({"set": key, "to": value}, text, "f.toml") == new


def test_what_could_not_be_read_afterwards_is_not_done() -> None:
    found = run({"set": "t.x", "to": 2}, "[t]\nx.y = 1\n", "f.toml")
    assert found.startswith("refused: after this the file could not be read: not TOML")


# -- bytes

STEPS: list[tuple[dict[str, Any], bytes, bytes]] = [
    ({"replace": {"literal": "red"}, "with": "green"}, b"x\nred\ny\n", b"x\ngreen\ny\n"),
    ({"insert": "\nnew", "after": {"literal": "red"}}, b"x\nred\ny\n", b"x\nred\nnew\ny\n"),
    ({"remove": {"literal": "red"}}, b"x\nred\ny\n", b"x\ny\n"),
    ({"keep": {"regex": "^item.*$"}, "only": ["item 1"]}, b"x\nitem 1\nitem 2\ny\n", b"x\nitem 1\ny\n"),
    ({"carry": {"regex": "^OURS"}, "after": {"regex": "^red$"}}, b"x\nred\ny\n", b"x\nred\nOURS\ny\n"),
    (
        {"set": "red", "to": "green", "format": "yaml"},
        b"x: 1\nred: blue\ny: 1\n",
        b"x: 1\nred: green\ny: 1\n",
    ),
    ({"set": "new", "to": [1], "format": "yaml"}, b"x: 1\ny: 1 # c\n", b"x: 1\ny: 1 # c\nnew:\n- 1\n"),
]


@pytest.mark.parametrize(("written", "before", "after"), STEPS, ids=[next(iter(step[0])) for step in STEPS])
@pytest.mark.parametrize(
    "form",
    [
        lambda content: content,
        lambda content: content.replace(b"\n", b"\r\n"),
        lambda content: content.replace(b"x", b"x\xe9\xff"),
        lambda content: content.replace(b"x", b"x\xe9\xff").replace(b"\n", b"\r\n"),
        lambda content: content.replace(b"x", "xé😀".encode()),
        lambda content: content.removesuffix(b"\n"),
    ],
    ids=["plain", "crlf", "latin-1", "latin-1 crlf", "utf-8", "no last newline"],
)
def test_bytes_come_through(written: dict[str, Any], before: bytes, after: bytes, form: Any) -> None:
    read = decode_document("f", form(before))
    assert read is not None
    document, encoding = read
    found = convert(written, AnyStep).compile("step").plan(document, Fork(Document("f", "OURS\n")))
    assert isinstance(found, Plan), found
    assert encoding.encode(apply_edits(document.text, found.edits)) == form(after)


def test_binary_files_are_nobody_s() -> None:
    assert decode_document("f", b"a\0b") is None


MIXED = b"one\r\nanchor\r\nthree\r\nfour\n"


@pytest.mark.parametrize(
    ("written", "before", "after"),
    [
        ({"insert": "new\n", "after": {"literal": "anchor", "lines": True}}, MIXED, b"one\r\nanchor\r\nnew\r\nthree\r\nfour\n"),
        ({"insert": "\nnew", "after": {"literal": "anchor"}}, MIXED, b"one\r\nanchor\r\nnew\r\nthree\r\nfour\n"),
        ({"insert": "new\n", "before": {"literal": "anchor"}}, MIXED, b"one\r\nnew\r\nanchor\r\nthree\r\nfour\n"),
        ({"insert": "one\n", "before": {"literal": "anchor"}}, MIXED, MIXED),
        ({"insert": "three\nfour\n", "after": {"literal": "anchor", "lines": True}}, MIXED, MIXED),
        ({"insert": "\nthree", "after": {"literal": "anchor"}}, MIXED, MIXED),
        ({"insert": "new\n", "after": {"literal": "four", "lines": True}}, MIXED, MIXED + b"new\n"),
        ({"insert": "new\n", "after": {"literal": "z", "lines": True}}, b"x\ny\r\nz\r\n", b"x\ny\r\nz\r\nnew\r\n"),
        ({"replace": {"literal": "four"}, "with": "a\nb"}, MIXED, MIXED.replace(b"four", b"a\nb")),
        ({"replace": {"literal": "one"}, "with": "a\nb"}, MIXED, MIXED.replace(b"one", b"a\r\nb")),
        ({"replace": {"literal": "a"}, "with": "three\nfour"}, b"three\r\nfour\n", b"three\r\nfour\n"),
        ({"replace": {"regex": "^one.*$"}, "with": "new"}, MIXED, MIXED.replace(b"one", b"new")),
        ({"insert": "\nnew", "after": {"regex": "^anchor.*"}}, MIXED, MIXED.replace(b"three", b"new\r\nthree")),
        ({"carry": {"regex": "OURS.*\\n.*"}, "after": {"literal": "anchor"}}, MIXED, MIXED.replace(b"three", b"OURS 1\r\nend\r\nthree")),
        ({"carry": {"regex": "OURS[^z]*?end"}, "after": {"literal": "anchor"}}, b"OURS 1\r\nend\n", b"OURS 1\r\nend\n"),
        ({"set": "b", "to": 1, "format": "yaml"}, b"# c\na: 0 # c\r\n", b"# c\na: 0 # c\r\nb: 1\r\n"),
        ({"set": "m.b", "to": 1, "format": "yaml"}, b"# c\nm:\r\n  a: 0 # c\r\nx: 1\r\n", b"# c\nm:\r\n  a: 0 # c\r\n  b: 1\r\nx: 1\r\n"),
    ],
)  # fmt: skip
def test_what_is_written_into_mixed_line_ends_has_those_of_its_place(
    written: dict[str, Any], before: bytes, after: bytes
) -> None:
    read = decode_document("f", before)
    assert read is not None
    new = run(written, read[0].text, "f", "OURS 1\nend\n")
    assert read[1].encode(new) == after


def test_a_carried_text_takes_the_line_ends_of_the_file_it_goes_to() -> None:
    written = {"carry": {"regex": "^OURS.*"}, "after": {"regex": "^a$"}}
    assert run(written, "a\nb\n", fork="x\nOURS 1\r\n") == "a\nOURS 1\nb\n"


def test_mixed_line_ends_stay_mixed() -> None:
    read = decode_document("f", b"a\r\nred\nb\r\n")
    assert read is not None
    new = run({"replace": {"literal": "red"}, "with": "green"}, read[0].text)
    assert read[1].encode(new) == b"a\r\ngreen\nb\r\n"

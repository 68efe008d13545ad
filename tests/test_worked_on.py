"""Whether a side's change stands in what a person made of it: what might have undone it is never taken for more work."""

from __future__ import annotations

import pytest

from syncfork.merge.pieces import Piece
from syncfork.merge.worked_on import habits_of, worked_on
from syncfork.resolve.lines import lines_of

RENAMED = {("Acme", "Ours")}


def stands(before: str, made: str, now: str) -> bool:
    piece = Piece("theirs", tuple(lines_of(made)), tuple(lines_of(before)))
    return worked_on(piece, lines_of(now), RENAMED)


@pytest.mark.parametrize(
    ("before", "made", "now"),
    [
        ("Acme says what Acme does\n", "Acme says what Ours does\n", "Ours says what Ours does\n"),
        ("see it, and go\n", "see it all, and go\n", "look it all, and go\n"),
        ("", "Acme is new here\nand so is this\n", "Ours is new here\nand so is this\n"),
        ("x = f(1)\n", "y = 2\nx = f(1, y)\n", "y = 2\nx = g(1, y)\n"),
        ("", "r := m.work(params)\n", "r := m.work(params, witness)\n"),
        ("", "c := Context(header, nil, &base)\n", "c := Context(header, nil, &base, chain.config, state)\n"),
        ("", "func Make(evm *vm.EVM) *Receipt {\n", "func Make(evm *vm.EVM, nonce uint64) *Receipt {\n"),
    ],
    ids=[
        "a shared word",
        "another shared word",
        "the fork's habit",
        "a shared word of several lines",
        "one more argument",
        "two more",
        "one more parameter",
    ],
)
def test_stands(before: str, made: str, now: str) -> None:
    assert stands(before, made, now)


@pytest.mark.parametrize(
    ("before", "made", "now"),
    [
        ("if a != b:\n", "if a == b:\n", "if a != b:\n"),
        ("ok = a < b\n", "ok = a <= b\n", "ok = a < b\n"),
        ("[low, mid, high, top]\n", "[low, mid, high, top, top]\n", "[low, mid, high, top]\n"),
        ("[low, mid, high]\n", "[low, high, high]\n", "[low, mid, high]\n"),
        ("if (!ok) fail(a)\n", "if (ok) pass(a, b)\n", "if (!ok) pass(a, b)\n"),
        ("not_ok(!a, b, c)\n", "not_ok(a, b, c, d)\n", "not_ok(!a, b, c, d)\n"),
        ("a = true\nb = false\n", "a = false\nb = true\nc = new\n", "a = true\nb = false\nc = new\n"),
        ("verify = false\n", "verify = true\nlog = false\nmore\n", "verify = false\nlog = false\nmore\n"),
        ("", "check_signature(payload)\n", "# check_signature(payload)\n"),
        ("", "def f(verify=True):\n    go(verify)\n", "def f(verify=False):\n    go(verify)\n"),
        ("", "if not allowed then deny it\n", "if allowed then deny it\n"),
        ("", "one\ntwo\naudit\nfour\nfive\nsix\n", "one\ntwo\nfour\nfive\nsix\n"),
        ("", "a = 1\nb = 2\nlock\nread\n", "a = 2\nb = 1\nread\nlock\n"),
        ("a = f(x)\n", "        a = g(x, y)\n", "a = g(x, y)\n"),
        ("", "Acme is here\n", ""),
        ("", "check(a) and go\n", "check(a), not go\n"),
        ("", "check(a)\n", "check(a or True)\n"),
        ("", "check(a)\n", "check(a, !b)\n"),
        ("", "check(a)\n", "check(a, f(b))\n"),
        ("", "a, b = c\n", "a, b, d = c\n"),
        ("", "assert (is_safe(path))\n", "assert (is_safe(path), path)\n"),
        ("", "if (denied(user)) {\n", "if (denied(user), user) {\n"),
        ("", "denied(user)\n", "denied(user, never && x)\n"),
        ("", "while (next(it))\n", "while (False, next(it))\n"),
        ("", "run(cmd)\n", "run(echo, cmd)\n"),
        ("", "DELETE WHERE id IN (a)\n", "DELETE WHERE id IN (a, b)\n"),
        ("", "f(lambda x: x)\n", "f(lambda x: not y, x)\n"),
        ("", "say('smile :(')\nfoo = 1\n", "say('smile :(')\nfoo, bar = 1\n"),
        ("", "open(name)\n", "open(name, false)\n"),
        ("", "check(a)\n", "check(a, verify=False)\n"),
        ("", "Acme is here\n", "Ours is here, too\n"),
        ("a\nb\nc\n", "a\nc\n", "a\nb\nc\n"),
        ("a b c\n", "a c\n", "a b c\n"),
        ("", "all of it " * 2000 + "\n", "all of it " * 1999 + "all of that\n"),
    ],
)
def test_what_may_have_undone_it_does_not(before: str, made: str, now: str) -> None:
    assert not stands(before, made, now)


def test_a_habit_is_what_was_done_in_several_lines() -> None:
    base = [
        "Acme is one\n",
        "x = 1\n",
        "go to Acme\n",
        "say: here\n",
        "a b\n",
        "less of Acme\n",
        "b (1)\n",
        "b (2)\n",
    ]
    side = [
        "Ours is one\n",
        "x = 2\n",
        "go to Ours\n",
        "say: there\n",
        "b a\n",
        "none\n",
        "c [1]\n",
        "c [2]\n",
    ]
    assert habits_of(base, side) == {("Acme", "Ours")}

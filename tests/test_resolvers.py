"""Each resolver by before/after triples, those in which it has to keep silent too."""

from __future__ import annotations

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncfork.merge.disputes import split
from syncfork.resolve.base import Clash, Disputed, Resolved
from syncfork.resolve.diff3 import changes, merged
from syncfork.resolve.lines import lines_of
from syncfork.resolve.registry import resolvers
from syncfork.resolve.tokens import tokens_of


def disputed(base: str, ours: str, theirs: str) -> Disputed:
    whole = [f"top\n{text}end\n" for text in (base, ours, theirs)]
    return Disputed(
        "src/a.py", "contents", whole[0], whole[1], whole[2], ("top\n", Clash(base, ours, theirs), "end\n")
    )


def proposals(name: str, base: str, ours: str, theirs: str) -> dict[str, str | None]:
    """What a resolver proposes for a clash, by sort."""
    answers = resolvers()[name].answers(disputed(base, ours, theirs), 0)
    assert all(answer.by.startswith(f"{name}: ") for answer in answers)
    return {answer.by.partition(": ")[2]: answer.text for answer in answers}


def test_every_resolver_is_called_as_it_is_registered_and_says_why() -> None:
    for name, resolver in resolvers().items():
        assert resolver.name == name
        assert " " in resolver.why and not resolver.why.endswith(".")


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "wanted"),
    [
        ("a = load()\nb = 2\n", "a = load(path)\nb = 2\n", "a = load()\nb = count\n", "a = load(path)\nb = count\n"),
        ("run()\n", "if ours:\n    stop(1)\nrun()\n", "run(now)\n", "if ours:\n    stop(1)\nrun(now)\n"),
        ("one\ntwo\n", "one\n", "uno, one\ntwo\n", "uno, one\n"),
    ],
    ids=["changes", "an addition", "a deletion"],
)  # fmt: skip
def test_neighbours(base: str, ours: str, theirs: str, wanted: str) -> None:
    assert list(proposals("neighbours", base, ours, theirs).values()) == [wanted]
    assert list(proposals("neighbours", base, theirs, ours).values()) == [wanted]


@pytest.mark.parametrize(
    ("base", "ours", "theirs"),
    [("a\n", "b\n", "c\n"), ("", "b\n", "c\n")],
    ids=["same line", "same place"],
)
def test_neighbours_keeps_silent(base: str, ours: str, theirs: str) -> None:
    assert not proposals("neighbours", base, ours, theirs)


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "doubt"),
    [
        # Ours replaced `skip`; theirs adds another one.
        ('    skip("old")\nfoo(a)\n', '    xfail("old")\nfoo(a)\n', '    skip("old")\nfoo(a)\nskip("x")\n', "at odds"),
        # Theirs renamed what ours uses anew.
        ("event = cache[key]\n", "event = cache[key]\nuse(cache, 1)\n", "event = store[key]\n", "at odds"),
        # Theirs wrote anew what ours stands beside.
        ("fast_path(x)\n", "keep(y)\nfast_path(x)\n", "with lock:\n    return other(q, r, s)\n", "written anew"),
    ],
    ids=["another case", "renamed", "rewritten"],
)  # fmt: skip
def test_neighbours_that_may_not_go_together_are_of_a_sort_of_their_own(
    base: str, ours: str, theirs: str, doubt: str
) -> None:
    assert [sort.partition(",")[0] for sort in proposals("neighbours", base, ours, theirs)] == [doubt]
    (answer,) = resolvers()["neighbours"].answers(disputed(base, ours, theirs), 0)
    assert answer.doubt.startswith("but one side")


def test_words_of_the_same_line() -> None:
    found = proposals(
        "words",
        "from lib import is_cuda, is_hip, is_mi200\n",
        "from lib import is_cuda, is_hip, is_mi200, is_ours\n",
        "from lib import is_cuda, is_cdna, is_mi200\n",
    )
    assert list(found.values()) == ["from lib import is_cuda, is_cdna, is_mi200, is_ours\n"]
    assert [sort.partition(",")[0] for sort in found] == ["same line"]


def test_words_added_at_the_same_place_in_either_order() -> None:
    assert proposals("words", "use(a, b)\n", "use(a, b, mine)\n", "use(a, b, theirs)\n") == {
        "same place, ours first, long": "use(a, b, mine, theirs)\n",
        "same place, theirs first, long": "use(a, b, theirs, mine)\n",
    }


@pytest.mark.parametrize(
    ("base", "ours", "theirs"),
    [
        ("size = 1 + 2 + 3\n", "size = 1 + 7 + 3\n", "size = 1 + 8 + 3\n"),
        ('version = "3.5.0"\n', 'version = "3.5.1"\n', 'version = "3.6.0"\n'),
    ],
    ids=["same token", "half a version"],
)
def test_words_keeps_silent(base: str, ours: str, theirs: str) -> None:
    assert not proposals("words", base, ours, theirs)


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "wanted"),
    [
        (
            "use(a, b, c)\n",
            "use(a, ready, b, c)\n",
            "use(a, b, c, ready)\n",
            {"at odds": "use(a, ready, b, c, ready)\n"},
        ),
        ("go(a, b)\n", "go(a, b, c)\n", "go(a,  b)\n", {"at odds": "go(a,  b, c)\n"}),
        ("go(a, b)\n", "go(a, b, c)\n", "    go(a, b)\n", {"at odds": "    go(a, b, c)\n"}),
        ("go(a, b)\n", "go(a, b, c)\n", "go(a, b, old)\n", {
            "same place, ours first, long": "go(a, b, c, old)\n",
            "same place, theirs first, long": "go(a, b, old, c)\n",
        }),
        ("go(a, b)\n", "go(a, b, c, x)\n", "go(a, b, old, x)\n", {
            "same place, at odds, ours first": "go(a, b, c, x, old, x)\n",
            "same place, at odds, theirs first": "go(a, b, old, x, c, x)\n",
        }),
        ("- go(a, b)\n", "  go(a, b)\n", "- go(a, b, c)\n", {"indented anew": "  go(a, b, c)\n"}),
        (
            "one two three four five\n",
            "one two three four five six\n",
            "alpha beta gamma delta five\n",
            {"written anew": "alpha beta gamma delta five six\n"},
        ),
    ],
    ids=["both the same word", "blanks", "blanks before it", "one place", "one place and one word", "indentation", "rewritten"],
)  # fmt: skip
def test_words_that_may_not_go_together_are_of_sorts_of_their_own(
    base: str, ours: str, theirs: str, wanted: dict[str, str]
) -> None:
    assert proposals("words", base, ours, theirs) == wanted


def test_spacing() -> None:
    assert proposals("spacing", "f( a )\n", "f(a)\n", "f( a, b )\n") == {
        "ours changed nothing but the spacing": "f( a, b )\n"
    }
    assert proposals("spacing", "f( a )\n", "f( a, b )\n", "f(a)\n") == {
        "theirs changed nothing but the spacing": "f( a, b )\n"
    }
    both = proposals("spacing", "f( a )\n", "f(a,b)\n", "f(a, b)\n")
    assert list(both.values()) == ["f(a, b)\n", "f(a,b)\n"]
    assert not proposals("spacing", "a\n", "b\n", "c\n")


def test_additions_in_the_order_of_a_sorted_list() -> None:
    base = "import a\nimport d\nimport z\n"
    found = proposals(
        "additions", base, base.replace("d\n", "d\nimport f\n"), base.replace("d\n", "d\nimport e\n")
    )
    assert found == {"a sorted list": "import a\nimport d\nimport e\nimport f\nimport z\n"}


def test_additions_in_either_order_where_nothing_is_sorted() -> None:
    found = proposals("additions", "", "- z: ours\n- b: x\n", "- q: theirs\n- b: x\n")
    assert found == {
        "entries, ours first": "- z: ours\n- b: x\n- q: theirs\n",
        "entries, theirs first": "- q: theirs\n- z: ours\n- b: x\n",
    }


def clashes_of(folder: Path, base: str, ours: str, theirs: str) -> Disputed:
    """The file as git merges it."""
    for name, text in (("base", base), ("ours", ours), ("theirs", theirs)):
        (folder / name).write_bytes(text.encode())
    names = ["-L", "1111111", "-L", "base", "-L", "2222222", "ours", "base", "theirs"]
    command = ["git", "merge-file", "-p", "--zdiff3", *names]
    merged = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, check=False).stdout.decode()
    return Disputed("a.c", "contents", base, ours, theirs, tuple(split(merged, "1111111", "2222222")))


def added(folder: Path, base: str, ours: str, theirs: str) -> list[dict[str, str | None]]:
    """What `additions` proposes for each conflict that git finds in three texts, by sort."""
    file = clashes_of(folder, base, ours, theirs)
    found = []
    for number in range(len(file.clashes)):
        answers = resolvers()["additions"].answers(file, number)
        found.append({answer.by.partition(": ")[2]: answer.text for answer in answers})
    return found


EACH, ONCE = "blocks that begin or end alike", "blocks that begin or end alike, what is alike once"
CASES = "switch (x) {\ncase 1:\n    one();\n{}default:\n    none();\n}\n"
TWO, THREE = "case 2:\n    two(a);\n", "case 3:\n    three(b);\n"


@pytest.mark.parametrize(
    ("ends", "between"),
    [
        ("{}    break;\n", "    break;\n"),
        ("#if NEW\n{}#endif\n", "#endif\n#if NEW\n"),
        ("{}    {\n        stop();\n    }\n", "    {\n        stop();\n    }\n"),
    ],
    ids=["an end", "a beginning and an end", "an end of several lines"],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_added_blocks_each_get_what_git_leaves_out_of_the_conflict(
    tmp_path: Path, ends: str, between: str, ending: str
) -> None:
    two, three, base, ours, theirs, between = (
        text.replace("\n", ending)
        for text in (
            TWO, THREE, CASES.replace("{}", ""),
            CASES.replace("{}", ends.replace("{}", TWO)), CASES.replace("{}", ends.replace("{}", THREE)), between,
        )
    )  # fmt: skip
    assert added(tmp_path, base, ours, theirs) == [
        {
            f"{EACH}, ours first": two + between + three,
            f"{EACH}, theirs first": three + between + two,
            f"{ONCE}, ours first": two + three,
            f"{ONCE}, theirs first": three + two,
        }
    ]


@pytest.mark.parametrize(
    ("before", "after", "edit"),
    [
        ("#!/bin/sh\nset -e\n", "run one\nrun two\nrun three\n", ("run two", "run 2 --fast")),
        ("", "run one\nrun two\nrun three\n", ("run two", "run 2 --fast")),
        ("run one\nrun two\nrun three\n", "", ("run two", "run 2 --fast")),
        ("run one\nrun two\nrun three\n", "exit 0\n", ("run two", "run 2 --fast")),
    ],
    ids=["near the beginning", "at the beginning", "at the end", "near the end"],
)
def test_what_one_side_changed_near_by_is_nobodys_addition(
    tmp_path: Path, before: str, after: str, edit: tuple[str, str]
) -> None:
    base = before + after
    ours = before + "if a; then\n  b\nfi\n" + after
    theirs = (before + "for x; do\n  y\ndone\n" + after).replace(*edit)
    [found] = added(tmp_path, base, ours, theirs)
    assert found == {
        "blocks, ours first": "if a; then\n  b\nfi\nfor x; do\n  y\ndone\n",
        "blocks, theirs first": "for x; do\n  y\ndone\nif a; then\n  b\nfi\n",
    }


def test_added_blocks_at_the_end_of_a_file_without_a_last_line_end(tmp_path: Path) -> None:
    base = "x = 1\ny = 2\n"
    [found] = added(tmp_path, base, base + "foo {\n  a\n}", base + "bar {\n  b\n}")
    assert found[f"{EACH}, ours first"] == "foo {\n  a\n}\nbar {\n  b\n"
    assert [*proposals("additions", "", "foo {\n  a", "bar {\n  b").values()] == [
        "foo {\n  a\nbar {\n  b",
        "bar {\n  b\nfoo {\n  a",
    ]


def test_two_conflicts_with_other_ends_in_a_file_of_many_like_lines(tmp_path: Path) -> None:
    base = "x {\n  a;\n}\n" * 3 + "middle\n" * 4 + "last\n"
    ours = "h {\n  b;\n}\n" + base.replace("last\n", "one(1);\n  .go();\nlast\n")
    theirs = "k(i) {\n  c = 1;\n}\n" + base.replace("last\n", "two(2);\n  .go();\nlast\n")
    first, second = added(tmp_path, base, ours, theirs)
    assert first[f"{EACH}, ours first"] == "h {\n  b;\n}\nk(i) {\n  c = 1;\n"
    assert second[f"{EACH}, ours first"] == "one(1);\n  .go();\ntwo(2);\n"


def test_a_block_that_both_took_over_may_stay_one(tmp_path: Path) -> None:
    shared = "def shared(x):\n    return x\n"
    base = "import os\n\n\nmain()\n"
    ours, theirs = (
        base.replace("main()\n", own + shared + "main()\n")
        for own in ("def mine():\n    go(1)\n", "def other(y):\n    stop()\n")
    )
    [found] = added(tmp_path, base, ours, theirs)
    own = "def mine():\n    go(1)\n", "def other(y):\n    stop()\n"
    assert found[f"{ONCE}, ours first"] == "".join(own)
    assert found[f"{EACH}, ours first"] == own[0] + shared + own[1]


def test_an_entry_that_both_added_beside_others_stays_one(tmp_path: Path) -> None:
    base, ours, theirs = (
        f"LIST = [\n    one,\n{new}    last,\n]\n"
        for new in ("", "    ours,\n    both,\n", "    theirs,\n    both,\n")
    )
    assert added(tmp_path, base, ours, theirs) == [
        {
            "entries, ours first": "    ours,\n    theirs,\n",
            "entries, theirs first": "    theirs,\n    ours,\n",
        }
    ]


def test_a_line_that_both_blocks_have_is_of_both() -> None:
    found = proposals(
        "additions", "", "def f():\n    init()\n    return 1\n", "def g(x):\n    init()\n    yield x\n"
    )
    assert found["blocks, ours first"] == (
        "def f():\n    init()\n    return 1\ndef g(x):\n    init()\n    yield x\n"
    )


def test_added_blocks_with_an_end_each_may_have_lines_of_one_name_further_in(tmp_path: Path) -> None:
    def test(name: str, more: str) -> str:
        return f"  it {name} do\n    send(\n      to: user({more})\n    )\n    check {name}\n"

    base = "describe x do\n  it first do\n    run\n  end\nend\n"
    mine, other = test("mine", "1"), test("other", "1, 2")
    [found] = added(tmp_path, base, *(base.replace("end\nend", f"end\n{t}  end\nend") for t in (mine, other)))
    assert found == {
        f"{EACH}, ours first": f"{mine}  end\n{other}",
        f"{EACH}, theirs first": f"{other}  end\n{mine}",
    }
    # Without an end they may be two ways to say one thing, as where the blocks themselves have one name.
    assert not proposals("additions", "", mine, other)
    [found] = added(tmp_path, "x\n", "limit = few {\n  a = 1\n}\nx\n", "limit = few, more {\n  a = 2\n}\nx\n")
    assert not found


NAMES = st.lists(st.sampled_from("abcdefghijklmnopqrstuvw"), min_size=2, max_size=12, unique=True)
PART = st.lists(st.sampled_from(["{", "}", "    break;", "end", ""]), max_size=3)


@settings(max_examples=25)
@given(NAMES, PART, PART, st.data())
def test_each_block_is_whole_whatever_they_share(
    names: list[str], head: list[str], tail: list[str], data: st.DataObject
) -> None:
    base = [f"{name}()" for name in names]
    at = data.draw(st.integers(0, len(base)))
    edited = data.draw(st.sampled_from([None, *range(len(base))]))
    changed = [f"{line} # changed" if number == edited else line for number, line in enumerate(base)]
    mine, other = [*head, "mine(1)", "  with(me)", *tail], [*head, "other()", *tail]
    texts = ["".join(f"{line}\n" for line in each) for each in (
        base, [*base[:at], *mine, *base[at:]], [*changed[:at], *other, *changed[at:]],
        [*changed[:at], *mine, *other, *changed[at:]],
    )]  # fmt: skip
    with TemporaryDirectory() as folder:
        file = clashes_of(Path(folder), *texts[:3])
    # git may see one conflict with the edited line, which is no addition then.
    if [clash.base for clash in file.clashes] == [""]:
        answers = resolvers()["additions"].answers(file, 0)
        assert texts[3] in [Resolved(file, {0: answer}).text for answer in answers]


def test_additions_keep_silent_about_one_entry_with_two_values_and_about_changes() -> None:
    assert not proposals("additions", "", "size = 1\n", "size = 2\n")
    assert not proposals("additions", "a\n", "b\n", "a\nc\n")


def test_pins() -> None:
    found = proposals("pins", 'uses: x@v1.9.0 "2.0"\n', 'uses: x@v1.10.0 "2.0"\n', 'uses: x@v1.9.3 "2.1"\n')
    assert found == {
        "the higher version": 'uses: x@v1.10.0 "2.1"\n',
        "our version": 'uses: x@v1.10.0 "2.1"\n',
        "their version": 'uses: x@v1.9.3 "2.1"\n',
    }
    preview = proposals("pins", "v = 1.0.0\n", "v = 2.0.0-rc1\n", "v = 2.0.0\n")
    assert preview["the higher version"] == "v = 2.0.0\n"


def test_numbers_that_both_sides_moved_are_added_up() -> None:
    base = "  /* d */ 103,\n  /* n */ 277,\n"
    ours, theirs = "  /* d */ 103,\n  /* n */ 279,\n", "  /* d */ 105,\n  /* n */ 281,\n"
    assert proposals("numbers", base, ours, theirs) == {
        "both steps added up": "  /* d */ 105,\n  /* n */ 283,\n"
    }


def test_values_that_both_sides_counted_on_from_the_same_number() -> None:
    ours = "#ifdef MINE\n    , SWIPE_A = 107\n    , SWIPE_B = 108\n#endif\n"
    assert proposals("numbers", "", ours, "    , ESCAPE = 107\n") == {
        "our values counted on from theirs": "    , ESCAPE = 107\n"
        + ours.replace("108", "109").replace("107", "108")
    }
    with_length = proposals("numbers", "LEN 3\n", "MINE 3\nLEN 4\n", "ONE 3\nTWO 4\nLEN 5\n")
    assert with_length == {"our values counted on from theirs": "ONE 3\nTWO 4\nMINE 5\nLEN 6\n"}


@pytest.mark.parametrize(
    ("base", "ours", "theirs"),
    [
        ("wait 10\n", "wait 20 s\n", "wait 30\n"),
        ("mode 0644\n", "mode 0600\n", "mode 0640\n"),
        ("left 10\n", "left 3\n", "left 2\n"),
        ("", "if a.size() > 0:\n", "if b and c.size() > 0:\n"),
        ("", "a = 1\n", "b = 4\n"),
        ("", "\na = 1\n", "b = 1\n"),
        ("zero \0 1\n", "zero \0 2\n", "zero \0 3\n"),
    ],
    ids=["other words", "leading zeros", "below zero", "no list", "other start", "a blank line", "NUL"],
)
def test_numbers_keep_silent(base: str, ours: str, theirs: str) -> None:
    assert not proposals("numbers", base, ours, theirs)


@pytest.mark.parametrize(
    ("base", "ours", "theirs"),
    [
        ("a = 1.0\n", "a = 1.1\n", "b = 1.2\n"),
        ("a = 1.0\n", "a = 1.1\n", "a = 1.1\nb\n"),
        ("a = 1.0\nb = 1.0\n", "a = 1.1\nb = 1.0\n", "a = 1.0\nb = 1.1\n"),
        ("a = 1.0\n", "a = 1.1.x\n", "a = latest\n"),
    ],
)
def test_pins_keep_silent_where_more_than_one_version_was_moved(base: str, ours: str, theirs: str) -> None:
    assert not proposals("pins", base, ours, theirs)


def test_moved() -> None:
    base = "check(small)\nrun(1)\n"
    ours = "if mine:\n    check(small)\n    run(1)\n"
    found = proposals("moved", base, ours, "check(small)\nrun(1, limit=9)\n")
    assert found == {"a block that ours re-indented": "if mine:\n    check(small)\n    run(1, limit=9)\n"}
    mirror = proposals("moved", base, "check(small)\nrun(1, limit=9)\n", ours)
    assert mirror == {"a block that theirs re-indented": "if mine:\n    check(small)\n    run(1, limit=9)\n"}


def test_moved_by_tabs_and_spaces() -> None:
    sides = '\tfail("no menu")\n', 'if (mine)\n\t    fail("no menu")\n', '\tfail_at("no menu")\n'
    assert list(proposals("moved", *sides).values()) == ['if (mine)\n\t    fail_at("no menu")\n']


def test_moved_keeps_silent() -> None:
    assert not proposals("moved", "a(1)\n", "if x:\n    a(1)\n", "  a(1)\n  b(2)\n")
    assert not proposals("moved", "a(1)\n", "a(2)\n", "a(3)\n")
    # Before or behind the block that moved, or in it: it is open how deep an addition belongs.
    assert not proposals("moved", "a(1)\nb\n", "if x:\n    a(1)\nb\n", "a(1)\nz(2)\nb\n")


def test_deletions_of_a_region() -> None:
    assert proposals("deletions", "a\n", "", "b\n") == {
        "lines that ours deleted stay deleted": "",
        "theirs comes where ours deleted lines": "b\n",
    }
    assert proposals("deletions", "a\n", "b\n", "") == {
        "lines that theirs deleted go": "",
        "ours stays where theirs deleted lines": "b\n",
    }
    assert not proposals("deletions", "", "", "b\n")
    assert proposals("deletions", "a\n", "mine\na\n", "") == {
        "lines that theirs deleted go, ours beside them too": "",
        "lines that theirs deleted go, ours beside them stay": "mine\n",
        "ours stays where theirs deleted lines": "mine\na\n",
    }


def test_deletions_of_a_file() -> None:
    gone = Disputed("a.yml", "modify/delete", "x\n", None, "y\n")
    assert [answer.text for answer in resolvers()["deletions"].answers(gone, None)] == [None, "y\n"]
    new = Disputed("a.yml", "add/add", None, "x\n", "y\n")
    assert not resolvers()["deletions"].answers(new, None)


def test_substituted() -> None:
    assert proposals(
        "substituted", "import acme.log\nacme.log.go()\n", "import ours.log\nours.log.go()\n",
        "import acme.log, acme.net\nacme.log.go()\n",
    ) == {"our words in their text, also where they are new": "import ours.log, ours.net\nours.log.go()\n"}  # fmt: skip
    assert proposals("substituted", "go(w32)\n", "go(w32)\nhalt(mac)\n", "go(mswin)\n") == {
        "their words in our text": "go(mswin)\nhalt(mac)\n"
    }
    # What ours put for the version has no place in theirs: most of ours would be lost.
    assert proposals(
        "substituted", "'com.acme.Tool:Tool:v0.24.6'\n", "'com.ours:Gadget:d1f1257f5af5'\n", "'com.acme:Tool:v0.24.8'\n"
    ) == {"some of our words in their text": "'com.acme:Gadget:v0.24.8'\n"}  # fmt: skip


@pytest.mark.parametrize(
    ("base", "ours", "theirs"),
    [
        ("a(x)\na(x)\n", "b(x)\na(x)\n", "a(x)\na(x)\nc\n"),
        ("a(x)\n", "b(x)\n", "c(x)\n"),
        ("a(x)\n", "b(x)\nmore\n", "a(x)\nless\n"),
        ('"at": "2024-10-14",\n', '"at": "2024-43-14",\n', '"at": "2024-10-21",\n"on": 10\n'),
    ],
    ids=["not everywhere", "both", "not only", "a number"],
)
def test_substituted_keeps_silent(base: str, ours: str, theirs: str) -> None:
    assert not proposals("substituted", base, ours, theirs)


def test_contained() -> None:
    found = proposals("contained", "a\n", "a\nfix\n", "a\nfix\nand more\n")
    assert found["theirs has our lines and more"] == "a\nfix\nand more\n"
    assert not proposals("contained", "a\n", "a\nfix\n", "a\nother\n")
    assert not proposals("contained", "a\n", "a\n", "b\n")


def test_a_line_that_one_side_took_out_is_not_contained_in_what_the_other_wrote_anew() -> None:
    base, ours, theirs = "a = f( 'x' )\nb = g( 'y' )\n", 'a = f("x")\nb = g("y")\n', "a = f( 'x' )\n"
    assert not proposals("contained", base, ours, theirs)
    # Where the other took it out as well, and more, it is.
    assert proposals("contained", "a\nb\nc\n", "c\n", "b\nc\n")["ours has their lines and more"] == "c\n"


def test_sides() -> None:
    assert proposals("sides", "a\n", "b\n", "c\n") == {
        "ours where both changed": "b\n",
        "theirs where both changed": "c\n",
    }
    whole = resolvers()["sides"].answers(disputed("a\n", "b\n", "c\n"), None)
    assert [answer.text for answer in whole] == ["top\nb\nend\n", "top\nc\nend\n"]


def test_of_a_clash_that_nobody_can_read_a_side_is_taken_as_it_is_or_nothing() -> None:
    long = "word\n" * 20_000
    made = {name: list(proposals(name, long, long + "a\n", long + "b\n").values()) for name in resolvers()}
    assert made.pop("sides") == [long + "a\n", long + "b\n"]
    assert proposals("deletions", long, "", long + "b\n") == {
        "lines that ours deleted stay deleted": "",
        "theirs comes where ours deleted lines": long + "b\n",
    }
    assert not any(made.values())


LINE = st.sampled_from(
    ["a = 1\n", "b = 2\n", "\n", "}\n", "    run(a, b)\n", "use c;\n", "v = 1.2.3\n", "\tx y\n"]
)
TEXT = st.lists(LINE, max_size=6).map("".join)
MERGING = ("neighbours", "words", "moved")


@given(TEXT, TEXT, TEXT)
def test_a_merge_keeps_every_line_that_both_sides_keep(base: str, ours: str, theirs: str) -> None:
    lines = [{*lines_of(text)} for text in (base, ours, theirs)]
    for name in MERGING:
        for text in proposals(name, base, ours, theirs).values():
            kept = {line.strip() for line in lines[0] & lines[1] & lines[2]}
            assert kept <= {line.strip() for line in lines_of(text or "")}


ODD = st.text(st.sampled_from("a1٣.v\0\n\r\t (\udcff"), max_size=12) | TEXT


@given(ODD, ODD, ODD)
def test_no_resolver_raises_and_each_is_a_function_of_its_input(base: str, ours: str, theirs: str) -> None:
    for name in resolvers():
        assert proposals(name, base, ours, theirs) == proposals(name, base, ours, theirs)


@given(TEXT, st.sampled_from(["x1", "x2"]), st.sampled_from(["y1", "y2"]), TEXT)
def test_a_token_that_both_changed_differently_is_never_merged(
    before: str, mine: str, other: str, after: str
) -> None:
    sides = [f"{before}key: {value}\n{after}" for value in ("x0", mine, other)]
    for name in MERGING:
        assert not proposals(name, *sides)


@given(st.text())
def test_the_tokens_are_the_text(text: str) -> None:
    assert "".join(tokens_of(text)) == text


@given(
    st.lists(st.sampled_from("abcd")), st.lists(st.sampled_from("abcd")), st.lists(st.sampled_from("abcd"))
)
def test_a_three_way_merge_does_the_same_from_either_side(
    base: list[str], ours: list[str], theirs: list[str]
) -> None:
    mine, other = changes(base, ours), changes(base, theirs)
    assert merged(base, mine, other) == merged(base, other, mine)
    assert merged(base, mine, []) == ours
    assert merged(base, mine, mine) == ours


@pytest.mark.parametrize(
    ("ours", "theirs", "higher"),
    [
        ("2.0.0-rc.9", "2.0.0-rc.10", "2.0.0-rc.10"),
        ("2.0.0-beta2", "2.0.0-rc1", "2.0.0-rc1"),
        ("2.0.0.post1", "2.0.0", "2.0.0.post1"),
        ("2.0.0-acme", "2.0.1-acme", None),
        ("10.0.0.7", "10.0.0.9", None),
    ],
)
def test_the_higher_version_is_that_of_numbers_and_known_stages(
    ours: str, theirs: str, higher: str | None
) -> None:
    found = proposals("pins", "v = 1.0.0\n", f"v = {ours}\n", f"v = {theirs}\n")
    assert found.get("the higher version") == (f"v = {higher}\n" if higher else None)


def test_a_number_like_a_ratio_is_of_another_sort_than_a_version() -> None:
    found = proposals("pins", "ratio = 0.5\n", "ratio = 0.25\n", "ratio = 0.75\n")
    assert "the higher version" not in found and "the higher of values like 1.2" in found
    pinned = proposals("pins", "- tool=1.25\n", "- tool=1.26\n", "- tool=1.27\n")
    assert pinned["the higher version"] == "- tool=1.27\n"


@pytest.mark.parametrize(
    ("base", "ours", "theirs"),
    [
        ("port: 8080\n", "port: 9090\n", "port: 8081\n"),
        ("(c) 2019-2023\n", "(c) 2019-2024\n", "(c) 2019-2025\n"),
        ("since 2023\n", "since 2024\n", "since 2025\n"),
    ],
)
def test_what_counts_nothing_is_not_added_up(base: str, ours: str, theirs: str) -> None:
    assert "both steps added up" not in proposals("numbers", base, ours, theirs)


def test_entries_without_a_last_line_end_stay_entries() -> None:
    ours, theirs = "aa\nbb\ncc\nee", "aa\nbb\ndd\nff"
    found = proposals("additions", "", ours, theirs)
    assert all("eeff" not in text and "eedd" not in text and "ffcc" not in text for text in found.values())
    assert found


@pytest.mark.parametrize(
    ("path", "theirs", "alike"),
    [("a.c", "  save(1)\n", True), ("a.py", "  save(1)\n", False), ("a.c", "sa ve(1)\n", False)],
)
def test_blanks_that_say_something_are_no_spacing(path: str, theirs: str, alike: bool) -> None:
    clash = Clash("    save(1)\n", "    save(2)\n", theirs)
    file = Disputed(path, "contents", clash.base, clash.ours, clash.theirs, ("", clash, ""))
    found = {a.by for a in resolvers()["spacing"].answers(file, 0)}
    assert ("spacing: theirs changed nothing but the spacing" in found) == alike


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_two_blanks_at_a_line_s_end_break_it_however_lines_end(end: str) -> None:
    clash = Clash(f"one{end}two{end}", f"one{end}too{end}", f"one  {end}two{end}")
    file = Disputed("a.md", "contents", clash.base, clash.ours, clash.theirs, ("", clash, ""))
    assert not [*resolvers()["spacing"].answers(file, 0)]


def test_a_whole_side_that_costs_the_other_s_changes_is_of_another_sort() -> None:
    clash = Clash("1\n", "2\n", "3\n")
    parts = ("mine\n", clash, "end\n")
    file = Disputed("f", "contents", "1\nend\n", "mine\n2\nend\n", "3\nend\n", parts)
    found = {answer.by: answer.text for answer in resolvers()["sides"].answers(file, None)}
    assert found == {
        "sides: the file of ours": file.ours,
        "sides: the file of theirs, and nothing of the other's": file.theirs,
    }

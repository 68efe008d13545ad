"""What people made of a clash, read off what they committed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from syncfork.resolve.base import Clash, Disputed
from syncfork.resolve.lines import aligned
from syncfork.resolve.past import outcomes

TOP = "use one;\nuse two;\nuse three;\n"
END = "fn a() {\n    run();\n}\n"
CLASH = Clash("version 1\n", "version 1-fork\n", "version 2\n")


def disputed(*parts: str | Clash) -> Disputed:
    def side(name: str) -> str:
        return "".join(part if isinstance(part, str) else getattr(part, name) for part in parts)

    return Disputed("src/a.rs", "contents", side("base"), side("ours"), side("theirs"), parts)


def test_the_lines_between_the_settled_ones() -> None:
    file = disputed(TOP, CLASH, END)
    assert outcomes(file, f"{TOP}version 2-fork\n{END}") == ("version 2-fork\n",)
    assert outcomes(file, TOP + END) == ("",)


def test_a_clash_at_either_end_of_the_file() -> None:
    assert outcomes(disputed(CLASH, END), f"version 2\n{END}") == ("version 2\n",)
    assert outcomes(disputed(TOP, CLASH), f"{TOP}version 2") == ("version 2",)
    assert outcomes(disputed(CLASH), "anything\nat all\n") == ("anything\nat all\n",)


def test_an_edit_far_away_does_not_matter() -> None:
    file = disputed("licence\n", TOP, CLASH, END, "fn b() {}\n")
    assert outcomes(file, f"other licence\n{TOP}version 2\n{END}fn b() {{ 3 }}\nfn c() {{}}\n") == (
        "version 2\n",
    )


def test_edited_surroundings_tell_nothing() -> None:
    file = disputed(TOP, CLASH, END, Clash("a\n", "b\n", "c\n"), "last\n")
    edited = TOP.replace("three", "four")
    assert outcomes(file, f"{edited}version 2\n{END}c\nlast\n") == (None, "c\n")


def test_a_line_put_between_settled_ones_makes_no_context() -> None:
    file = disputed(TOP, CLASH, END)
    assert outcomes(file, TOP.replace("use three", "use new;\nuse three") + "version 2\n" + END) == (None,)


def test_only_a_brace_between_two_clashes_is_no_landmark() -> None:
    file = disputed(TOP, CLASH, "}\n", Clash("x\n", "y\n", "z\n"), END)
    assert outcomes(file, f"{TOP}version 2\n}}\ny\n{END}") == (None, None)


def test_the_text_of_a_side_throughout_leaves_no_doubt() -> None:
    file = disputed(TOP, CLASH, "}\n", Clash("x\n", "y\n", "z\n"), END)
    assert outcomes(file, f"{TOP}version 1-fork\n}}\ny\n{END}") == ("version 1-fork\n", "y\n")
    assert outcomes(file, f"{TOP}version 2\n}}\nz\n{END}") == ("version 2\n", "z\n")


def test_a_word_between_two_clashes_is_one() -> None:
    file = disputed(TOP, CLASH, "middle\n", Clash("x\n", "y\n", "z\n"), END)
    assert outcomes(file, f"{TOP}version 2\nmiddle\nz\n{END}") == ("version 2\n", "z\n")


LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "d\n", "}\n", "\n"]), max_size=8)


@given(LINES, LINES)
def test_an_alignment_pairs_equal_lines_in_ascending_order(old: list[str], new: list[str]) -> None:
    places = aligned(old, new)
    found = [(at, place) for at, place in enumerate(places) if place is not None]
    assert all(old[at] == new[place] for at, place in found)
    assert [place for _, place in found] == sorted({place for _, place in found})
    assert aligned(old, old) == list(range(len(old)))


@given(LINES, LINES)
def test_with_words_around_the_outcome_is_exact(first: list[str], second: list[str]) -> None:
    middle = "one middle\ntwo middle\nthree middle\n"
    file = disputed(TOP, CLASH, middle, CLASH, "end\n")
    assert outcomes(file, f"{TOP}{''.join(first)}{middle}{''.join(second)}end\n") == (
        "".join(first),
        "".join(second),
    )

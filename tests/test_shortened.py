"""Long lines on a terminal: what differs in them stays, the rest is told by its number."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_resolve import written

from syncfork.render.shortened import LONGEST, shortened
from syncfork.render.sides import stacked
from syncfork.render.styled import styled
from syncfork.text import apart


def shown(texts: dict[str, str], most: int | None = 60, **how: Any) -> str:
    return "".join(written(stacked(texts, "a.json", most, **how), 1_000_000))


@pytest.mark.parametrize("length", [1_000, 30_000])
def test_what_differs_in_a_long_line_is_seen(length: int) -> None:
    before, after = "a, " * length, "b, " * length
    texts = {"base": f"{before}old{after}\n", "ours": f"{before}{after}\n", "theirs": f"{before}new{after}\n"}
    cut = shown(texts)
    assert "old" in cut and "new" in cut
    assert len(cut) < 2_000
    assert f"{3 * length - 60} characters" in cut and "v shows all" in cut
    # Nothing of ours differs from the base but what is missing: the place is shown all the same.
    assert "a, a, b, b, " in cut.split("ours")[1].split("theirs")[0]
    whole = shown(texts, None)
    assert all(text.rstrip() in whole for text in texts.values())


def test_many_differences_in_a_line_are_shown_from_the_first_as_far_as_there_is_room() -> None:
    texts = {"base": "x" * 900 + "\n", "ours": " ".join("word" for _ in range(900)) + "\n"}
    ours = shown(texts).split("ours")[1]
    assert ours.count("word") == LONGEST // 5
    assert "more characters: v shows all" in ours


@given(st.text("ab", max_size=12), st.text("ab", max_size=12))
def test_apart(text: str, other: str) -> None:
    start, end = apart(text, other)
    assert 0 <= start <= end <= len(text)
    assert other.startswith(text[:start]) and other.endswith(text[end:])
    assert start + len(text) - end <= len(other)
    if text != other and start < end < len(text):
        assert text[: start + 1] != other[: start + 1]


@given(
    st.integers(0, 3 * LONGEST),
    st.lists(st.tuples(st.integers(0, 3 * LONGEST), st.integers(0, 50)), max_size=9),
)
def test_nothing_is_cut_untold(length: int, found: list[tuple[int, int]]) -> None:
    """What is shown and the numbers of what is not make up the line."""
    import re

    line = "".join(chr(0x4E00 + n) for n in range(length))
    places = [(min(at, length), min(at + more, length)) for at, more in found]
    cut = shortened(styled(line), places).plain
    left_out = [int(number) for number in re.findall(r"(\d+) (?:more )?character", cut)]
    kept = re.sub(r" ?… \d+ (?:more )?characters?(?: … |: v shows all)", "|", cut)
    assert sum(left_out) + len(kept.replace("|", "")) == length
    assert all(part in line for part in kept.split("|"))
    assert length > LONGEST or cut == line
    assert len(kept.replace("|", "")) <= LONGEST

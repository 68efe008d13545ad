"""A search that skips what cannot match finds what a plain one finds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from syncfork.detect.searching import has_any

WORDS = st.text("ab.", max_size=7)


@given(st.lists(WORDS), WORDS)
def test_any_of_many_words_as_each_by_itself(words: list[str], text: str) -> None:
    assert has_any(words)(text) == any(word in text for word in words)

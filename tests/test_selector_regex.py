"""A regular expression finds the same in the form in which it is searched for."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncfork.selectors.regex import RegexSelector
from syncfork.text import Document

LINES = st.text("ab#/ \n", max_size=40)


@pytest.mark.parametrize(
    "regex",
    [
        "^a",
        "^a(b*)",
        "^#.*",
        "^a+b",
        "^a?b",
        "^a|b",
        "^(?:a|b)",
        "^a$",
        "^/(?=/)",
        "^ab",
        "^b\n#",
        "^a{2}",
        "a",
        "^[ab]",
        "^",
    ],
)
@given(text=LINES)
def test_every_match_is_where_it_was(regex: str, text: str) -> None:
    found = RegexSelector(regex).compile().find(Document("f", text))
    assert [(match.start, match.end) for match in found] == [
        m.span() for m in re.finditer(regex, text, re.MULTILINE)
    ]

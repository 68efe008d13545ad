"""Remarks and quoted texts that go over several lines. Pure."""

from __future__ import annotations

import re

from msgspec import Struct


class Remark(Struct, frozen=True):
    """A form of remarks, the last characters of which are `end`."""

    form: re.Pattern[str]
    end: str

    def cleared(self, text: str) -> str:
        """The text without such remarks: of each, the ends of its lines are left. One that never ends is none."""
        # Behind the last end each beginning would look in vain to the end of the text: the square of its length.
        last = text.rfind(self.end) + len(self.end) if self.end in text else 0
        return self.form.sub(_lines, text[:last]) + text[last:]


def _lines(found: re.Match[str]) -> str:
    return "\n" * found[0].count("\n")


BLOCKS = Remark(re.compile(r"/\*(?:[^*]|\*(?!/))*+\*/"), "*/")
DOCSTRINGS = Remark(re.compile(r'"""(?:[^"]|"(?!""))*+"""'), '"""')
MARKUP = Remark(re.compile(r"<!--(?:[^-]|-(?!->))*+-->"), "-->")

# With those in quotes, which may hold the sign that opens one.
_TEXTS = re.compile(r"""'(?:[^'\\\n]|\\.)*+'|"(?:[^"\\\n]|\\.)*+"|`(?:[^`\\]|\\[\s\S])*+`""")
_RAW = re.compile(r"""'(?:[^'\\\n]|\\.)*+'|"(?:[^"\\\n]|\\.)*+"|`[^`]*+`""")


def templates_cleared(text: str, *, raw: bool = False) -> str:
    """The text without what stands in backticks, but for the ends of its lines; `raw` where nothing in them escapes."""
    last = text.rfind("`") + 1
    form = _RAW if raw else _TEXTS
    return form.sub(_template, text[:last]) + text[last:] if last else text


def _template(found: re.Match[str]) -> str:
    return f"`{_lines(found)}`" if found[0][0] == "`" else found[0]

"""What a conflict marker is: how it is written, and which lines are ones that were left in a text. Pure.

How much counts as one depends on what the text can be held against: what its sides have anyhow is none.
"""

from __future__ import annotations

import re

from syncfork.resolve.base import Clash
from syncfork.resolve.lines import ended

# Longer where a repository's attributes say so; without a name behind the sign where an editor cut that off. A text may
# have such lines of its own: this is for where the sides are known.
_MARKER = r"^(?:<{7,}|>{7,}|\|{7,})(?: [^\n]*|\r?$)"

# In a file: a line that begins or ends a side of a conflict, and the line between the sides, with nothing behind it.
MARKER = re.compile(_MARKER.encode(), re.MULTILINE)
SEPARATOR = re.compile(rb"^={7}(?=\r?$)", re.MULTILINE)

# What a person makes of one conflict is asked for again, or not remembered: the line between may have a name here.
_LEFT = re.compile(rf"{_MARKER}|^={{7}}(?: [^\n]*|\r?$)", re.MULTILINE)
# Nothing is known of the sides: only what hardly any text has by chance, and in a whole file that is enough.
_COMMITTED = re.compile(rb"^(?:<{7,}|>{7,}) [^\s]", re.MULTILINE)


def with_markers(clash: Clash, ours: str = "ours", theirs: str = "theirs", base: str = "merge base") -> str:
    """A clash between git's markers, by what its sides are called; without the merge base if that is called nothing."""
    end = "\r\n" if "\r\n" in clash.ours + clash.theirs else "\n"
    middle = [f"||||||| {base}{end}", ended(clash.base, end)] if base else []
    first = [f"<<<<<<< {ours}{end}", ended(clash.ours, end), *middle]
    return "".join([*first, f"======={end}", ended(clash.theirs, end), f">>>>>>> {theirs}{end}"])


def marker_left(text: str, clash: Clash) -> bool:
    """Whether a conflict marker is left in a text that a person made of a clash. A line that one of its texts has too is
    none: a heading may be underlined so."""
    sides = (clash.base, clash.ours, clash.theirs)
    known = {line.rstrip("\r\n") for side in sides for line in side.split("\n")}
    return any(found[0].rstrip("\r") not in known for found in _LEFT.finditer(text))


def marker_committed(content: bytes | None) -> bool:
    """Whether a conflict marker is in a file that people committed."""
    return content is not None and _COMMITTED.search(content) is not None

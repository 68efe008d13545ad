"""Values that the fork put in the place of upstream's: quoted texts, addresses, what a key is set to. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct

from syncfork.detect.lines import hunks
from syncfork.detect.name_forms import language_of
from syncfork.text import Document

# A longer line is data.
_LONGEST = 1000
_QUOTED = r"\"([^\"\n]*)\"|'([^'\n]*)'|`([^`\n]*)`"
_ADDRESS = r"(https?://[^\s\"'`<>()]+|(?<![\w.+-])[\w.+-]++@[\w-]+(?:\.[\w-]+)+)"
_SET = r"(?<=[:=])[ \t]*([^\s\"'`#,;]+)(?=[ \t]*(?:[#,;]|$))"
_IN_CODE = re.compile(f"{_QUOTED}|{_ADDRESS}")
_IN_DATA = re.compile(f"{_QUOTED}|{_ADDRESS}|{_SET}")
_VERSION = re.compile(r"(?:[:@]|={1,3})(?:[\^~]?v?\d[\w.+-]*|[0-9a-f]{7,64}|latest)$")
# A number, or what a program has reckoned, is not searched for.
_WORD = re.compile(r"[A-Za-z]{3}")
_HASH = re.compile(r"[0-9A-Fa-f]{16}|sha\d+[-:]\S{16}")
_SHORTEST = 5
# An address, a name with dots, a package of one or a sentence means the same wherever it stands.
_DISTINCTIVE = re.compile(
    r".*://.+\..*|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|[A-Za-z][\w-]+(?:\.[A-Za-z][\w-]+){2,}|[\w-]+\.[\w.-]+[:/][\w./:-]+|(?=.{16}).*\w \w+ \w.*"
)


class Replaced(Struct, frozen=True):
    """In a line (from 1) of the merge base, `text`: the value `theirs` that became `ours`, and the fork's line."""

    theirs: str
    ours: str
    line: int
    text: str
    own: str

    @property
    def distinctive(self) -> bool:
        """Whether upstream's value can be told in any file."""
        return bool(_DISTINCTIVE.fullmatch(self.theirs))

    @property
    def form(self) -> re.Pattern[str]:
        """Finds upstream's value as a whole one; one that is not distinctive where a quoted text begins."""
        return _form(self.theirs)

    def put(self, line: str) -> str:
        """A line that has upstream's value, with the fork's."""
        return self.form.sub(lambda found: found[0].replace(self.theirs, self.ours), line)


@lru_cache(maxsize=1024)
def _form(value: str) -> re.Pattern[str]:
    if _DISTINCTIVE.fullmatch(value):
        return re.compile(rf"(?<![\w.@/-]){re.escape(value)}(?![\w@-]|[./]\w)")
    return re.compile(rf"[\"'`][ \t]*{re.escape(value)}(?![\w-])")


def replaced_values(base: Document, ours: Document) -> Iterator[Replaced]:
    """The values that became others from `base` to `ours`, in lines that differ in nothing else; without versions,
    which are no news in a later text."""
    form = _IN_CODE if language_of(base.path) else _IN_DATA
    then, now = base.text.split("\n"), ours.text.split("\n")
    for hunk in hunks(base.text, ours.text):
        waiting: dict[str, list[int]] = defaultdict(list)
        for number in range(hunk.new_start, hunk.new_end):
            waiting[_masked(form, now[number])].append(number)
        for number in range(hunk.old_start, hunk.old_end):
            masked = _masked(form, then[number])
            others = waiting.get(masked, [])
            if not _WORD.search(masked):
                # A value alone on its line may be any other's that is alone there.
                at = hunk.new_start + number - hunk.old_start
                others = [at] if others == [at] and not hunk.grown else []
            if others:
                yield from _pairs(form, then[number], now[others.pop(0)], number + 1)


def _masked(form: re.Pattern[str], line: str) -> str:
    """The line without its values; how they are quoted is no difference. Of data nothing is left."""
    return form.sub("\0", line.strip()) if len(line) <= _LONGEST else ""


def _pairs(form: re.Pattern[str], was: str, now: str, line: int) -> Iterator[Replaced]:
    for old, new in zip(form.finditer(was), form.finditer(now), strict=False):
        theirs, ours = (_VERSION.sub("", found[found.lastindex or 0].strip()) for found in (old, new))
        telling = len(theirs) >= _SHORTEST and _WORD.search(theirs) and not _HASH.search(theirs)
        if telling and ours and theirs != ours:
            yield Replaced(theirs, ours, line, was, now)

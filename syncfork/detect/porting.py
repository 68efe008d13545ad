"""What upstream changed in a file, hunk by hunk, where another file of the fork's should have it too: a copy of it, or
the one that it became."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from msgspec import Struct

from syncfork.detect.base import File
from syncfork.words import count

_MOST_HUNKS = 6
_MOST_LINES = 8


class Hunk(Struct, frozen=True):
    """Lines of the source that upstream changed: where they began in the merge base and in upstream's text (from
    1), and both texts."""

    line: int
    new_line: int
    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def gone(self) -> list[tuple[int, str]]:
        """The lines upstream took out, with their numbers in the merge base."""
        kept = set(map(str.strip, self.after))
        return [
            (n, text) for n, line in enumerate(self.before, self.line) if _new(text := line.strip(), kept)
        ]

    @property
    def come(self) -> list[str]:
        """The lines upstream put in."""
        kept = set(map(str.strip, self.before))
        return [text for line in self.after if _new(text := line.strip(), kept)]

    @property
    def size(self) -> int:
        """How many lines upstream changed: one that became another counts once."""
        return max(len(self.gone), len(self.come))

    @property
    def touched(self) -> list[str]:
        """All lines that upstream took out or put in."""
        return [*(text for _, text in self.gone), *self.come]


def _new(text: str, kept: set[str]) -> bool:
    return bool(text) and text not in kept


def changed_hunks(source: File) -> list[Hunk]:
    """What upstream did to the source, hunk by hunk, but for changes of blanks alone."""
    assert source.base is not None
    assert source.theirs is not None
    old, new = source.base.text.split("\n"), source.theirs.text.split("\n")
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return [
        Hunk(i + 1, k + 1, tuple(old[i:j]), tuple(new[k:m]))
        for tag, i, j, k, m in matcher.get_opcodes()
        if tag != "equal" and _unspaced(old[i:j]) != _unspaced(new[k:m])
    ]


def _unspaced(lines: Sequence[str]) -> list[str]:
    return [text for line in lines if (text := "".join(line.split()))]


def listing(left: Sequence[Hunk]) -> str:
    """The largest changes, in the order they stand."""
    chosen = sorted(left, key=lambda hunk: -hunk.size)[:_MOST_HUNKS]
    shown = [_shown(hunk) for hunk in left if hunk in chosen]
    rest = len(left) - len(chosen)
    return "\n".join([*shown, f"... and {count(rest, 'smaller place')}"] if rest else shown)


def _shown(hunk: Hunk) -> str:
    told = [f"@@ line {hunk.new_line}"]
    for sign, lines in (("-", hunk.before), ("+", hunk.after)):
        told += [f"{sign}{line}" for line in lines[:_MOST_LINES]]
        told += (
            [f"{sign}... {count(len(lines) - _MOST_LINES, 'more line')}"] if len(lines) > _MOST_LINES else []
        )
    return "\n".join(told)

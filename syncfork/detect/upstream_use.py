"""How upstream's own callers did without something it removed or changed: what to port to the fork's text."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher

from syncfork.detect.base import File, View
from syncfork.detect.blocks import Block, blocks
from syncfork.detect.calls import Call, assignments, calls, variables
from syncfork.detect.workflows import steps
from syncfork.text import Document


def now_does(
    view: View, file: File, ours: Block, used: Callable[[Call], bool], word: str
) -> tuple[str, str] | None:
    """Where upstream put something else for one of its own calls that `used` tells and that lost `word`, in words that
    end a piece of advice, with the variables that the step of `ours`, a block of `file`, would lack; and the lines
    that are there now. None where no such call is known. Of several the one in the file that is most like ours by
    its name."""
    changed = [(f, old, new) for f, old, new in changed_blocks(view, used, word) if added_lines(old, new)]
    if not changed:
        return None
    other, before, after = max(
        changed, key=lambda item: SequenceMatcher(None, item[0].path, file.path).ratio()
    )
    whole = _shown(after)
    text = "\n".join(whole if len(whole) <= _MOST_LINES else added_lines(before, after))
    lacks = lacking(file.merged, ours, other.theirs, after, text)
    return f"as upstream now does in {other.path}:{after.line}{lacks}", text


def lacking(document: Document | None, block: Block, theirs: Document | None, their: Block, text: str) -> str:
    """The variables that `text`, taken from upstream's block, uses and upstream's workflow sets for it, and the
    step of `block` does not have: words that end a piece of advice, or nothing."""
    step = steps(theirs).get(their.line) if theirs else None
    if step is None or document is None:
        return ""
    own = steps(document).get(block.line)
    known = {*(own.env_lines if own else ()), *(name for name, _, _ in assignments(block))}
    names = dict.fromkeys(name for name in variables(text) if name in step.env and name not in known)
    given = ", ".join(f"`{name}: {step.env[name]}`" for name in names)
    return f", and give the step upstream's {given}" if given else ""


_MOST_LINES = 20


def _shown(block: Block) -> list[str]:
    """The lines of a block without what YAML puts above them, and without blank ones."""
    lines = [
        line for line in block.text.split("\n") if line.strip() and line.strip() not in ("|", "|-", ">", ">-")
    ]
    return textwrap.dedent("\n".join(lines)).split("\n")


def changed_blocks(
    view: View, used: Callable[[Call], bool], word: str
) -> Iterator[tuple[File, Block, Block]]:
    """Blocks of upstream's own files that held such a call in the merge base, each with what it is now."""
    for file in view.files:
        if not (file.base and file.theirs and file.changed_by_theirs and word in file.base.text):
            continue
        olds = {call.block for call in calls(file.base) if used(call) and not call.block.documented}
        for old in sorted(olds, key=lambda block: block.line):
            news = blocks(file.theirs)
            best = max(news, key=lambda block: _alike(old, block), default=None)
            if best is not None and _alike(old, best) > 0.3:
                yield file, old, best


def _alike(old: Block, new: Block) -> float:
    """Between 0 and 1, by the lines that two blocks share."""
    ours, theirs = _lines(old), _lines(new)
    return SequenceMatcher(None, ours, theirs, autojunk=False).ratio() if set(ours) & set(theirs) else 0.0


def _lines(block: Block) -> list[str]:
    return [line.strip() for line in block.text.split("\n") if line.strip()]


def added_lines(before: Block, after: Block) -> list[str]:
    """The lines that `after` has and `before` has not, without their common indentation, comments left out."""
    known = set(_lines(before))
    lines = [line.rstrip() for line in after.text.split("\n")]
    added = [
        line
        for line in lines
        if line.strip() and line.strip() not in known and not line.strip().startswith("#")
    ]
    return textwrap.dedent("\n".join(added)).split("\n")[:_MOST_LINES] if added else []

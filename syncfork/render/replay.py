"""What `syncfork replay` says: on a terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import to_builtins

from syncfork.merge.replay import Redone, Replay, worst_first
from syncfork.render.difference import difference
from syncfork.render.json import as_text
from syncfork.render.styled import styled
from syncfork.words import count, harmless, one_line, place, plain

if TYPE_CHECKING:
    from rich.text import Text

    from syncfork.commands.replay import Texts

# As `worst_first` puts them.
_ORDER = "worst first: most different, then most that only the rules leave to a person, then most left, most by hand"
_MOST_MERGES = 20
_MOST_PATHS = 20
_MOST_LINES = 80
# The versions of a file are shown as they are where none of them has more lines.
_WHOLE = 40


def as_json(replay: Replay) -> str:
    """One JSON object."""
    return as_text(to_builtins(replay))


def shown(replay: Replay) -> Iterable[Text]:
    """The lines for a terminal: the merges worst first, the wrong paths, the totals."""
    upstream = plain(replay.upstream.ref) if replay.upstream else "upstream not known"
    rules = "the rules of that day" if replay.as_of else count(replay.rules, "rule")
    yield styled((upstream, "bold"), " → ", (plain(replay.fork.ref), "bold"), f"   with {rules}")
    for warning in replay.warnings:
        yield styled(("warning: ", "yellow"), one_line(warning, 500))
    worst = [merge for merge in worst_first(replay.merges) if _telling(merge)]
    if worst:
        yield styled()
        if len(worst) > 1:
            yield styled((_ORDER, "dim"))
        yield styled(("merge      date        conflicts  same  different  left  by hand  subject", "bold"))
    for merge in worst[:_MOST_MERGES]:
        yield _row(merge)
    if len(worst) > _MOST_MERGES:
        yield styled((f"… and {len(worst) - _MOST_MERGES} more: see --format json", "dim"))
    yield from _wrong(replay)
    yield styled()
    yield from _sums(replay)


def _telling(merge: Redone) -> bool:
    return bool(merge.paths or merge.by_hand_count or merge.added or not merge.redone)


def _row(merge: Redone) -> Text:
    subject = one_line(merge.subject, 60)
    head = f"{merge.commit[:9]}  {one_line(merge.date[:10]):<10}  "
    if not merge.redone:
        why = one_line(merge.detail or merge.state, 60)
        return styled((head, "dim"), (f"{merge.state:<10} ", "yellow"), f"{why}  ", (subject, "dim"))
    wrong = merge.count("different")
    return styled(
        (head, "dim"),
        f"{len(merge.paths):>9}  ",
        (f"{merge.count('same'):>4}  ", "green" if merge.count("same") else ""),
        (f"{wrong:>9}  ", "bold red" if wrong else ""),
        f"{merge.count('left'):>4}  {merge.by_hand_count:>7}  ",
        (subject, "dim"),
    )


def _wrong(replay: Replay) -> Iterable[Text]:
    """The paths in which rules made something else than people, each with how to look at it."""
    wrong = [(m, path) for m in replay.merges for path in m.paths if path.outcome == "different"]
    added = [(m, path) for m in replay.merges for path in m.added]
    if wrong:
        yield styled()
        yield styled(("Not what people committed", "bold red"))
    for merge, path in wrong[:_MOST_PATHS]:
        by = f"  by {', '.join(path.rules)}" if path.rules else ""
        told = f"  people: {path.people}"
        yield styled(f"  {merge.commit[:9]}:{place(path.path)}", (by + told, "dim"))
    if len(wrong) > _MOST_PATHS:
        yield styled((f"  … and {len(wrong) - _MOST_PATHS} more: see --format json", "dim"))
    if wrong:
        yield styled(("  look at one with: syncfork replay --explain MERGE:PATH", "dim"))
    if added:
        yield styled()
        yield styled(("A person is needed only because of the rules", "bold yellow"))
    for merge, name in added[:_MOST_PATHS]:
        yield styled(f"  {merge.commit[:9]}:{one_line(name)}")


def _sums(replay: Replay) -> Iterable[Text]:
    sums, aside = replay.totals, replay.apart
    yield styled(
        (f"{count(sums.merges, 'merge')}", "bold"),
        f": {sums.clean} clean for git, {sums.with_conflicts} with conflicts in {count(sums.conflicted, 'path')}",
    )
    if sums.conflicted:
        yield styled(
            "  as people committed it ", (str(sums.same), "green"), ", different ",
            (str(sums.different), "bold red" if sums.different else ""), f", left to a person {sums.left}",
        )  # fmt: skip
    again = {
        "octopus": aside.octopus,
        "unrelated histories": aside.unrelated,
        "missing objects": aside.missing,
    }
    if sums.markers or any(again.values()):
        yield styled((f"  {not_counted(sums.markers, again)}", "dim"))
    if sums.clean_edited:
        asked = any(edit.detected is not None for merge in replay.merges for edit in merge.by_hand)
        told = f", detectors told of {sums.edited_detected}" if asked else ""
        ruled = f", rules do the same in {sums.edited_same}" if sums.edited_same else ""
        where = f"{count(sums.clean_edited, 'clean merge')}: {count(sums.edited, 'path')}{ruled}{told}"
        yield styled(f"  changed by hand in {where}")
    names = {
        "changed outside conflicts": aside.evil, "several merge bases": aside.criss_cross,
        "took nothing from upstream": aside.took_nothing, "joined histories only": aside.joins,
        "merges that hold one of these": aside.holders,
    }  # fmt: skip
    if any(names.values()):
        yield styled((f"  apart: {_numbered(names)}", "dim"))


def not_counted(markers: int, again: Mapping[str, int] | None = None) -> str:
    """What of the past is in no sum: paths committed with `markers`, and merges that could not be made again, by why."""
    told = [f"{count(markers, 'path')} committed with conflict markers"] if markers else []
    why = _numbered(again or {})
    return (
        f"not counted: {'; '.join(told + ([f'merges that could not be made again: {why}'] if why else []))}"
    )


def _numbered(names: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in names.items() if number)


def explained(texts: Texts) -> Iterable[Text]:
    """The texts of one path, one below the other; of a long file what differs."""
    merge = texts.merge
    yield styled((merge.commit[:9], "bold"), f"  {place(texts.path)}  ", (one_line(merge.subject, 90), "dim"))
    mine = next((path for path in merge.paths if path.path == texts.path), None)
    edit = next((edit for edit in merge.by_hand if edit.path == texts.path), None)
    if mine:
        by = f" by {', '.join(mine.rules)}" if mine.rules else ""
        yield styled(f"{one_line(mine.kind)}: {mine.outcome}{by}; people committed: {mine.people}")
    elif edit:
        yield styled(f"no conflict for git, {edit.change} by hand; rules: {edit.outcome}")
    versions = {
        "base": texts.base, "ours": texts.ours, "theirs": texts.theirs, "syncfork": texts.tool,
        "committed": texts.committed,
    }  # fmt: skip
    whole = max(len((text or "").splitlines()) for text in versions.values()) <= _WHOLE
    if whole:
        for title, text in versions.items():
            yield from _titled(title, "" if text is not None else "no such file")
            yield from map(styled, harmless(text or "").splitlines())
        return
    yield from _apart("committed", texts.committed, "syncfork", texts.tool)
    yield from _apart("ours", texts.ours, "the merge base", texts.base)
    yield from _apart("theirs", texts.theirs, "the merge base", texts.base)


def _titled(title: str, words: str) -> Iterable[Text]:
    yield styled()
    yield styled((f"── {title} ", "bold cyan"), (words, "dim"))


def _apart(title: str, text: str | None, name: str, other: str | None) -> Iterable[Text]:
    """How a version of a long file differs from another."""
    if text is None or other is None:
        here = "no such file" if text is None else count(len(text.splitlines()), "line")
        yield from _titled(title, f"{here}; {name} has {'no such file' if other is None else 'it'}")
    elif text == other:
        yield from _titled(title, f"as {name} has it")
    else:
        yield from _titled(title, f"what differs from {name}:")
        yield from difference(other, text, _MOST_LINES, around=3, hint="`--format json` has all")


def explained_data(texts: Texts) -> dict[str, Any]:
    """The same as plain data."""
    data: dict[str, Any] = to_builtins(texts)
    return data

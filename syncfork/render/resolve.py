"""A conflict on a terminal: its three sides, who caused it, what may be the answer, and the keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from syncfork.alike import folder_of
from syncfork.detect.lock_kinds import remade_by, remade_in
from syncfork.git.door import encode
from syncfork.git.objects import SUBMODULE_MODE
from syncfork.learn.ruling import Proposed
from syncfork.render.difference import difference
from syncfork.render.shortened import shortened
from syncfork.render.sides import fits, side_by_side, stacked
from syncfork.render.styled import styled
from syncfork.report import Culprit, MovedLines
from syncfork.resolve.base import Clash, Disputed, Side
from syncfork.resolve.choosing import dropped, ends_between, same_as
from syncfork.resolve.generated import says_generated
from syncfork.resolve.suggest import Suggestion
from syncfork.resolve.walk import Choice, Pending, Step
from syncfork.words import count, one_line, place, plain

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

# From so many columns on there is room for three texts side by side.
WIDE = 120
_MOST_LINES = 60
_AROUND = 3
_PREVIEW = 14
# As git calls it where it moved a new file along with its folder.
_TAKEN_ALONG = "directory rename suggested"


class View(Struct, frozen=True):
    """A step as it is shown: the how-manieth of how many, in which path, who caused it, where its lines are if one side
    `moved` them, and what may be done; `alike` counts it and those that can be decided on with it."""

    step: Step
    pending: Pending
    position: tuple[int, int]
    names: Mapping[str, str]
    culprits: tuple[Culprit, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    moved: MovedLines | None = None
    choices: Mapping[str, Choice] | None = None
    alike: int = 1
    remember: bool = True


def counted(steps: int, told: int) -> Text:
    """How many conflicts there are to decide on, where the merge `told` of another number."""
    words = f"{count(steps, 'conflict')} to decide on, one by one; the merge counted {told}, as git's markers join them"
    return styled((words, "dim"))


def shown(view: View, width: int, *, full: bool = False) -> Iterator[RenderableType]:
    """The conflict; `full` for every line of long ones. `width` is the terminal's, in columns."""
    number, total = view.position
    where = place(view.step.path, view.step.line if view.step.marked else 0)
    kind = "" if view.pending.kind == "contents" else f"  {one_line(view.pending.kind)}"
    yield styled("")
    yield styled((f"[{number}/{total}] ", "bold cyan"), (where, "bold"), (kind, "yellow"))
    yield from _blame(view.culprits)
    yield from _tool(view)
    if view.moved:
        yield styled((_sentence(one_line(view.moved.told(view.step.path), 500)), "yellow"))
    if view.step.marked:
        yield from _clash(view, width, None if full else _MOST_LINES)
    else:
        yield from _whole(view, None if full else _MOST_LINES)
    yield from _suggestions(view)
    yield keys(view)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


def _blame(culprits: Sequence[Culprit]) -> Iterator[Text]:
    for culprit in culprits[:3]:
        # The subject often has it already.
        pull = f", #{culprit.pr}" if culprit.pr and f"#{culprit.pr}" not in culprit.subject else ""
        who = f"  {one_line(culprit.author, 40)}, {one_line(culprit.date[:10])}{pull}"
        yield styled(
            ("upstream's commit ", "dim"), (f"{one_line(culprit.commit[:9])} ", "cyan"),
            one_line(culprit.subject, 90), (who, "dim"),
        )  # fmt: skip
        if culprit.url:
            yield styled((f"  {one_line(culprit.url)}", "dim"))
    if len(culprits) > 3:
        yield styled((f"and {len(culprits) - 3} more commits of upstream's", "dim"))


def _tool(view: View) -> Iterator[Text]:
    """Of a file that a tool writes: that its lines are not to be chosen from, and what is to be done instead."""
    if view.pending.settled or not {2, 3} <= view.pending.stages.keys():
        return
    commands = remade_by(view.step.path)
    key = "t*" if view.step.marked and view.alike > 1 else "t"
    file = view.pending.file
    if file and not commands and (said := says_generated(file.theirs or "")):
        yield styled(
            f"Generated, it says of itself (“{one_line(said, 100)}”): resolve first what it is made from, take theirs ({key}) "
            "here, and when all is resolved generate it anew."
        )
    if commands:
        folder = remade_in(view.step.path)
        where = f" in {place(folder)}" if folder else ""
        told = " or ".join(f"`{command}`" for command in commands)
        yield styled(
            f"A tool writes this file: take theirs ({key}), then run {told}{where}, and `git add` it."
        )


def _clash(view: View, width: int, most: int | None) -> Iterator[RenderableType]:
    marked = view.step.marked
    assert marked is not None
    known = marked.number is not None
    titles = {
        "base": "merge base",
        "ours": f"ours ({view.names['ours']})",
        "theirs": f"theirs ({view.names['theirs']})",
    }
    if known and 1 not in view.pending.stages:
        yield from _added_twice(titles, marked.clash, most)
        return
    texts = {"base": marked.clash.base, "ours": marked.clash.ours, "theirs": marked.clash.theirs}
    if not known and not marked.clash.base:
        # Something between the markers was edited, so it is not known what was there before.
        del texts["base"]
    before, after = _around(view)
    yield from (_beside(line, most) for line in before)
    columns = side_by_side if width >= WIDE and fits(texts.values(), width) else stacked
    yield from columns(
        {titles[side]: text for side, text in texts.items()}, view.step.path, most, based=known
    )
    yield from (_beside(line, most) for line in after)


def _added_twice(titles: Mapping[str, str], clash: Clash, most: int | None) -> Iterator[Text]:
    """What each side added under one name, or gave that name: whole texts that are often much the same."""
    yield styled(
        "Each side has its own file of this name, without a merge base: ",
        ("- ", "red"),
        titles["ours"],
        ("  + ", "green"),
        titles["theirs"],
    )
    yield from difference(clash.ours, clash.theirs, most)


def _beside(line: str, most: int | None) -> Text:
    """A settled line beside a conflict."""
    shown = styled((line, "dim"))
    return styled("  ") + (shown if most is None else shortened(shown, []))


def _around(view: View) -> tuple[list[str], list[str]]:
    """A few settled lines before and after the conflict."""
    parts = view.pending.parts
    at = next(number for number, part in enumerate(parts) if part is view.step.marked)
    before, after = (
        plain(part).splitlines() if isinstance(part, str) else [] for part in (parts[at - 1], parts[at + 1])
    )
    return before[-_AROUND:], after[:_AROUND]


def _whole(view: View, most: int | None) -> Iterator[Text]:
    pending, file = view.pending, view.pending.file
    if pending.settled:
        yield styled("You have taken every conflict marker out of it: is it right as it is now?")
        return
    for number, side in ((2, "ours"), (3, "theirs")):
        yield styled((f"{side} ({one_line(view.names[side])}) ", "bold"), _has(pending, number))
        if file:
            yield from _changes(file.base, file.ours if side == "ours" else file.theirs, most)
    if pending.successor and not view.moved:
        yield styled(
            f"Upstream may have gone on in {place(pending.successor)}: what the fork changed may belong there."
        )
    if pending.kind == _TAKEN_ALONG:
        yield styled(
            "git put it here because one side renamed its folder; where else it belongs, `git mv` it there."
        )
    if pending.edited:
        yield styled("You changed it since the merge was begun.")


def _has(pending: Pending, number: int) -> str:
    """Whether a side has the path, and as what where that is no text."""
    entry = pending.stages.get(number)
    if entry is None:
        return "has deleted it" if 1 in pending.stages else "does not have it"
    if entry.mode == SUBMODULE_MODE:
        return f"has it, a submodule at commit {entry.oid[:9]}"
    if number in pending.links:
        return f"has it, a link to {one_line(pending.links[number])}"
    if pending.links:
        return "has it, a file"
    text = None if pending.file is None else pending.file.ours if number == 2 else pending.file.theirs
    if text is not None and "\0" in text:
        return f"has it, {count(len(encode(text)), 'byte')} of data: git show {entry.oid[:9]}"
    return "has it"


def _changes(base: str | None, new: str | None, most: int | None) -> Iterator[Text]:
    """What a side that has the file made of it."""
    if base is None or new is None or base == new or "\0" in base + new:
        return
    yield styled(("  what it changed since the merge base:", "dim"))
    yield from difference(base, new, most)


def _suggestions(view: View) -> Iterator[Text]:
    for number, suggestion in enumerate(view.suggestions, start=1):
        clash = view.step.marked.clash if view.step.marked and not suggestion.whole else None
        known = same_as(suggestion.text, clash) if clash else _same_path(suggestion.text, view.pending.file)
        if suggestion.whole:
            known = _whole_file(view, "O" if known == "ours" else "T")
        line = styled((f" {number} ", "bold cyan"), (one_line(suggestion.by, 80), "bold"))
        line.append(f"  = {known}" if known else "")
        line.append(_dropped(known, clash) if clash else "", "yellow")
        yield line
        others = f"so say {', '.join(suggestion.others)}" if suggestion.others else ""
        words = (suggestion.evidence, suggestion.why, suggestion.doubt, others)
        told = [one_line(each, 300) for each in words if each]
        if told:
            yield styled((f"    {'; '.join(told)}", "dim"))
        if not known and suggestion.text is not None and clash:
            yield from difference(clash.ours, suggestion.text, _PREVIEW)


def _dropped(known: str, clash: Clash) -> str:
    who = {"ours": "upstream", "theirs": "we"}.get(known)
    lost = dropped(clash, "ours" if known == "ours" else "theirs") if who else 0
    return f"  drops {count(lost, 'line')} that {who} added" if lost else ""


def _same_path(text: str | None, file: Disputed | None) -> str:
    if text is None:
        return "the path goes"
    return {file.ours: "ours", file.theirs: "theirs"}.get(text, "") if file else ""


def _whole_file(view: View, key: str) -> str:
    """What `O` or `T` takes: who takes it is to know before what else goes with it."""
    side, name, whose = _WHOLE[key]
    pending = view.pending
    # Where nothing but deletions of the other side's is undone, no line goes.
    lost = pending.lines_beside[side]
    what = count(lost, "line") if lost else count(pending.beside[side], "change")
    return f"{name} (drops {what} of {whose} elsewhere)" if pending.beside[side] else name


_WHOLE: Mapping[str, tuple[Side, str, str]] = {
    "O": ("ours", "all of our file", "upstream's"),
    "T": ("theirs", "all of theirs", "ours"),
}


def _both(view: View) -> str:
    ends = ends_between(view.pending, view.step.marked) if view.step.marked else ""
    return f"both, with `{one_line(' '.join(ends.split()), 20)}` between" if ends else "both"


def keys(view: View) -> Text:
    """The line of keys: those that do something here."""
    choices = view.choices or {}
    whole = {key: _whole_file(view, key) for key in _WHOLE if key in choices}
    names = {
        "o": "ours", "t": "theirs", "b": _both(view), "B": "theirs first", **whole, "d": "delete", "a": "as it is now",
    }  # fmt: skip
    found = [(key, name) for key, name in names.items() if key in choices]
    if view.suggestions:
        found.append(("1" if len(view.suggestions) == 1 else f"1-{len(view.suggestions)}", "suggestion"))
    if view.step.marked:
        found.append(("e", "edit"))
    if view.alike > 1 and view.step.marked:
        found.append(("o* t* b*", f"so in all {view.alike} left in this file"))
    elif view.alike > 1:
        found.append(("o* t* d*", f"so with all {view.alike} like it in {place(folder_of(view.step.path))}"))
    remembered = "do not remember" if view.remember else "remember after all"
    found += [("s", "skip"), ("r", "rule"), ("n", remembered), ("?", "help"), ("q", "quit")]
    line = styled()
    for key, name in found:
        line.append(f"{key} ", style="bold cyan")
        line.append(f"{name}  ", style="dim")
    return line


def help_lines() -> Iterator[Text]:
    """What every key does."""
    for key, words in _HELP.items():
        yield styled((f"  {key:<5}", "bold cyan"), words)
    yield styled("A reason may follow a key: `o we keep our own port`. It is remembered with the decision.")


_HELP = {
    "o t": "take our text, or upstream's; of a path that is deleted there, the deletion",
    "b B": "take both texts: ours then theirs, or theirs then ours; an end that both share and each needs is put between",
    "1-9": "take a suggestion; below it stands what it changes in ours",
    "O T": "take the whole file as we have it, or as upstream has it, without the other side's changes elsewhere in it",
    "d": "delete the path",
    "o*": "with a star, `o`, `t`, `b` and `B` are for all conflicts left in the file; of a path as a whole, `o`, `t` and `d` "
    "for all such paths in its folder, and so is the rule of `r d*`",
    "a": "take the file as it is in the worktree now",
    "e": "edit the conflict in your editor; with a marker left in, nothing is taken",
    "s": "pass this one over; a later `syncfork resolve` asks about it again",
    "r": "make a choice a rule, so that later merges come to it without you: `r o`, `r 1`, `r e`",
    "n": "do not remember what you decide here (or, once more, do)",
    "v": "show all lines of a long conflict",
    "q": "stop here; what you decided is kept",
}


def rule_lines(proposed: Proposed) -> Iterator[Text]:
    """A proposed rule with what was found out about it."""
    yield styled("")
    yield styled((f"Rule {one_line(proposed.id)}: ", "bold"), one_line(proposed.about, 300))
    for line in plain(proposed.text).rstrip("\n").split("\n"):
        yield styled((f"    {line}", "dim"))
    held = count(len(proposed.rule.cases), "case")
    told = f"its {held} hold{'s' if held == '1 case' else ''}; " if proposed.rule.cases else ""
    yield styled(("✓ ", "green"), f"{told}with it this merge comes to what you chose")
    if proposed.elsewhere:
        yield styled(
            ("! ", "yellow"),
            f"it changes {count(proposed.elsewhere, 'more line')} of upstream's in this file",
        )


def note(words: str) -> Text:
    """A line about what was done."""
    return styled((one_line(words, 1000), "green"))


def doubt(words: str) -> Text:
    """A line about what was not done, and why; its line breaks stay."""
    return styled((plain(words), "yellow"))


def closing(left: int, files: int, next_steps: Iterable[str]) -> Iterator[Text]:
    """Where one stands at the end, and what to type next."""
    yield styled("")
    if left:
        yield styled(
            (
                f"{count(left, 'conflict')} in {count(files, 'file')} left; what you decided is kept.",
                "bold yellow",
            )
        )
    else:
        yield styled(("No conflict is left.", "bold green"))
    for number, step in enumerate(next_steps):
        yield styled(("next: " if number == 0 else "      ", "dim"), plain(step))

"""The conversation of `syncfork resolve`: a conflict is shown, a key is read, a decision is taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct
from msgspec.structs import replace

from syncfork.commands.resolve import Opened, culprits_of, decide, moved_of, suggested
from syncfork.commands.ruling import edited_rule, proposals, trouble_with, write_rule
from syncfork.errors import SyncforkError
from syncfork.learn.ruling import Proposed
from syncfork.render import resolve as render
from syncfork.resolve.choosing import Typed, choices, for_all, typed
from syncfork.resolve.markers import marker_left, with_markers
from syncfork.resolve.walk import Choice, Step

if TYPE_CHECKING:
    from rich.console import RenderableType

# A rule's reason is a sentence; rule files want so many characters of it.
_SHORTEST = 10


class Talk(Protocol):
    """The person at the other end."""

    @property
    def width(self) -> int:
        """Columns of the terminal."""
        ...

    def ask(self, words: str) -> str | None:
        """A line that the person types; None where the input ends."""
        ...

    def say(self, lines: Iterable[RenderableType]) -> None:
        """Show these."""
        ...

    def edit(self, text: str, name: str) -> str:
        """`text` after the person edited it. Raises SyncforkError."""
        ...


class _At(Struct, frozen=True):
    """A step as it stands in the conversation."""

    opened: Opened
    view: render.View
    talk: Talk
    # The steps that a decision is for: the one that is asked about, or all that are like it.
    steps: tuple[Step, ...]

    @property
    def step(self) -> Step:
        return self.view.step

    def everywhere(self) -> _At:
        """The same, where the decision is for all steps like this one."""
        return replace(self, steps=self.opened.walk.like(self.step))


def walk_through(opened: Opened, talk: Talk) -> Opened:
    """Ask about every conflict that is left, until there is none, or the person stops."""
    steps = len(opened.walk.steps)
    # One who goes on has been told.
    if opened.told not in (0, steps) and not opened.walk.choices:
        talk.say([render.counted(steps, opened.told)])
    while step := opened.walk.current:
        at = _At(opened, _view(opened, step), talk, (step,))
        talk.say(render.shown(at.view, talk.width))
        answered = _answered(at)
        if answered is None:
            return opened
        opened = answered
    return opened


def _view(opened: Opened, step: Step) -> render.View:
    pending, found = opened.walk.pending(step.path), suggested(opened, step)
    return render.View(
        step=step,
        pending=pending,
        position=opened.walk.position,
        names={"ours": opened.state.fork_ref, "theirs": opened.state.upstream_ref},
        culprits=culprits_of(opened, step),
        suggestions=found,
        moved=moved_of(opened, step),
        choices=choices(step, pending, found),
        alike=len(opened.walk.like(step)),
    )


def _answered(at: _At) -> Opened | None:
    """Ask about one step until something comes of it; None where the person stops."""
    while True:
        line = at.talk.ask("> ")
        answer = typed(line) if line is not None else Typed("q")
        if answer is None:
            at.talk.say([render.doubt("one key, then perhaps a reason: ? tells the keys")] if line else [])
        elif answer.everywhere and answer.key in ("q", "s", "n", *_SHOWING):
            _nothing(at, answer)
        elif answer.key == "q":
            return None
        elif answer.key == "s":
            return replace(at.opened, walk=at.opened.walk.skip(at.step))
        elif answer.key == "n":
            at = replace(at, view=replace(at.view, remember=not at.view.remember))
            words = "will be remembered" if at.view.remember else "will not be remembered"
            at.talk.say([render.note(f"what you decide here {words}"), render.keys(at.view)])
        elif answer.key in _SHOWING:
            at.talk.say(_SHOWING[answer.key](at))
        elif decided := _ruled(at, answer) if answer.key == "r" else _decided(at, answer):
            return decided


_SHOWING: dict[str, Callable[[_At], Iterable[RenderableType]]] = {
    "?": lambda at: (*render.help_lines(), render.keys(at.view)),
    "v": lambda at: render.shown(at.view, at.talk.width, full=True),
}


def _decided(at: _At, answer: Typed) -> Opened | None:
    """The merge with a decision more; None where it came to none, and that was said."""
    at, choice = _choice(at, answer)
    if choice is None:
        return None
    return _taken(at, replace(choice, reason=answer.rest, remember=at.view.remember))


def _taken(at: _At, choice: Choice) -> Opened:
    opened, said = decide(at.opened, at.steps, choice)
    at.talk.say([*map(render.note, said.notes), *map(render.doubt, said.faults)])
    return opened


def _choice(at: _At, answer: Typed) -> tuple[_At, Choice | None]:
    """The decision that a key stands for, and what it is for; None where it stands for none, and that was said."""
    choice = (at.view.choices or {}).get(answer.key)
    # A star on the last conflict of a file is as good as none; on a lone path it is a mistake.
    several = at.step.marked or at.view.alike > 1
    if answer.everywhere and not (choice and several and for_all(at.step, choice)):
        _nothing(at, answer)
        return at, None
    if choice:
        return at.everywhere() if answer.everywhere else at, choice
    if answer.key != "e" or not at.step.marked:
        _nothing(at, answer)
        return at, None
    return at, _edited(at)


def _nothing(at: _At, answer: Typed) -> None:
    star = "*" if answer.everywhere else ""
    at.talk.say([render.doubt(f"{answer.key}{star} does nothing here: ? tells the keys")])


def _edited(at: _At) -> Choice | None:
    """The conflict as the person edited it; None where that is no answer."""
    assert at.step.marked is not None
    clash = at.step.marked.clash
    before = with_markers(clash)
    try:
        text = at.talk.edit(before, at.step.path)
    except SyncforkError as error:
        at.talk.say([render.doubt(f"{error.problem}; {error.hint}" if error.hint else error.problem)])
        return None
    if marker_left(text, clash):
        at.talk.say([render.doubt("a conflict marker was left in, so nothing was taken")])
        return None
    ends = all(not side or side.endswith("\n") for side in (clash.ours, clash.theirs))
    return Choice("text", text + "\n" if text and ends and not text.endswith("\n") else text, "edited")


def _ruled(at: _At, answer: Typed) -> Opened | None:
    """Make a choice a rule: the rule is tried, shown and, if the person wants it, written; None where it was not."""
    asked = answer.rest or (at.talk.ask("Which choice is to be a rule? (q: none) ") or "q").strip()
    wanted = typed(asked) or Typed(asked)
    if wanted.key in ("", "q"):
        _no_rule(at)
        return None
    if answer.everywhere:
        at.talk.say(
            [
                render.doubt(
                    "r has no star of its own: for a rule about all of them it stands behind the choice, as in `r o*`"
                )
            ]
        )
        return None
    at, choice = _choice(at, wanted)
    if choice is None:
        return None
    if at.step.marked and len(at.steps) > 1:
        at.talk.say([render.doubt("a rule is made of one conflict, or of the whole file: `r o`, `r O`")])
        return None
    if not any(True for _ in proposals(at.opened, at.steps, choice, "looked for before it is asked")):
        at.talk.say([render.doubt("no rule, of the kinds that are made here, comes to this choice")])
        return None
    why = _reason(at, wanted.rest)
    if not why:
        _no_rule(at)
        return None
    for proposed in proposals(at.opened, at.steps, choice, why):
        trouble = trouble_with(at.opened, at.steps, choice, proposed)
        if trouble:
            at.talk.say([render.doubt(f"not {proposed.id} ({proposed.about}): {trouble}")])
            continue
        chosen = _wanted(at, choice, proposed)
        if isinstance(chosen, Proposed):
            return _written(at, choice, chosen, why)
        if not chosen:
            _no_rule(at)
            return None
    at.talk.say(
        [render.doubt("there is no other rule, of the kinds that are made here, that comes to this choice")]
    )
    return None


def _reason(at: _At, said: str = "") -> str:
    """Why a rule is to be: what was `said` with the key, or is asked for; empty where the person wants none."""
    question = (
        f"Why? A sentence of {_SHORTEST} characters or more, printed wherever the rule acts (q: no rule): "
    )
    why = said.strip()
    while len(why) < _SHORTEST:
        if why:
            at.talk.say([render.doubt(f"a rule wants a reason of {_SHORTEST} characters or more")])
        why = (at.talk.ask(question) or "q").strip()
        if why in ("", "q"):
            return ""
    return why


def _no_rule(at: _At) -> None:
    at.talk.say([render.note("no rule was written; this conflict is still to be decided")])


def _wanted(at: _At, choice: Choice, proposed: Proposed) -> Proposed | bool:
    """The rule that the person wants to have written; true where another one is wanted, false where none is."""
    at.talk.say(render.rule_lines(proposed))
    while True:
        answer = (at.talk.ask("w writes it, e edits it, a shows another one, q leaves it: ") or "q").strip()
        if answer == "w":
            return proposed
        if answer in ("a", "q", ""):
            return answer == "a"
        if answer != "e":
            # The reason was typed already: a slip of the finger does not cost it.
            at.talk.say([render.doubt("w, e, a or q alone: nothing was written yet")])
            continue
        try:
            changed = edited_rule(at.talk.edit(proposed.text, f"{proposed.id}.yml"))
        except SyncforkError as error:
            at.talk.say([render.doubt(error.problem)])
            continue
        trouble = trouble_with(at.opened, at.steps, choice, changed)
        if trouble:
            at.talk.say([render.doubt(f"not so: {trouble}")])
            continue
        proposed = changed
        at.talk.say(render.rule_lines(proposed))


def _written(at: _At, choice: Choice, proposed: Proposed, why: str) -> Opened | None:
    try:
        opened, written = write_rule(at.opened, proposed)
    except SyncforkError as error:
        at.talk.say([render.doubt(f"{error.problem}; {error.hint}" if error.hint else error.problem)])
        return None
    at.talk.say([render.note(f"rule written: {written.file}, part of the merge commit")])
    if written.todo:
        at.talk.say([render.doubt(f"for the rule to be read: {written.todo}")])
    # What a rule says needs no memory beside it.
    ruled = replace(choice, by=f"rule {proposed.id}", reason=why, remember=False, rule=written.file)
    return _taken(replace(at, opened=opened), ruled)

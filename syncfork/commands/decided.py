"""What a person decided in `syncfork resolve`, kept in the git directory until the merge is over.

A run that was left goes on where it stopped, and `syncfork continue` learns the reasons, and what it is not to
remember.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct, ValidationError, convert, field, to_builtins
from msgspec.structs import replace

from syncfork.git.pathspecs import literal
from syncfork.git.repository import Repository
from syncfork.resolve.base import Answer, Clash, Disputed
from syncfork.resolve.resolution import key_of, keys_of, path_key
from syncfork.resolve.walk import Choice, Pending, Place, steady_keys
from syncfork.state import DECIDED, State, folder
from syncfork.writing import write_atomically


class Decided(Struct, frozen=True):
    """The decisions of a merge: those whose files are not done yet, and those whose files are (`landed`). `seen` has by
    path the id of the content that the worktree's file had when the former were made."""

    choices: Mapping[Place, Choice] = field(default_factory=dict)
    landed: Mapping[Place, Choice] = field(default_factory=dict)
    seen: Mapping[str, str] = field(default_factory=dict)

    @property
    def made(self) -> dict[Place, Choice]:
        """Every decision."""
        return {**self.landed, **self.choices}

    def wanted(self, path: str, clash: Clash | None, result: str | None, key: str = "") -> bool:
        """Whether it is to be remembered that this clash of a path (None: the path as a whole) became `result`. `key`
        tells the clash from others that are like it."""
        choice = self._of(path, clash, result, key)
        return choice is None or choice.remember

    def reason(self, path: str, clash: Clash | None, result: str | None, key: str = "") -> str:
        """Why it became that, as the person said; empty where they said nothing."""
        choice = self._of(path, clash, result, key)
        return choice.reason if choice else ""

    def as_a_whole(self, path: str) -> Choice | None:
        """The decision on a path as a whole, if there was one."""
        return self.made.get((path, path_key(path)))

    def going_on(self, files: Sequence[Pending]) -> Decided:
        """The decisions that still hold where `files` are left, as they are now: where one was edited since, no longer
        those of which it cannot be told which of several like conflicts they were about."""
        seen = {pending.path: pending.seen for pending in files}
        edited = {p.path: steady_keys(p) for p in files if self.seen.get(p.path) != p.seen}
        choices = {
            (path, key): choice
            for (path, key), choice in self.choices.items()
            if path not in edited or key in edited[path]
        }
        return replace(self, choices=choices, seen=seen)

    def results(self, file: Disputed) -> tuple[str | None, ...]:
        """What each clash of a path became here, in the order of the text; None for one that was not decided on."""
        made = self.made
        choices = (made.get((file.path, key)) for key in keys_of(file.clashes))
        return tuple(choice.text if choice and choice.take == "text" else None for choice in choices)

    def _of(self, path: str, clash: Clash | None, result: str | None, key: str) -> Choice | None:
        """The decision on it. Where a person made something else of the clash since, there is none."""
        made = self.made
        if clash is None:
            return self.as_a_whole(path)
        like = f"{key_of(clash)}-"
        found = {
            name: choice
            for (where, name), choice in made.items()
            if where == path and name.startswith(like) and choice.text == result
        }
        # A file that was edited by hand may number them otherwise: then one that may be remembered speaks for all.
        return found.get(key) or max(found.values(), key=lambda choice: choice.remember, default=None)


def taken_whole(repository: Repository, decided: Decided, tree: str) -> dict[str, Choice]:
    """The files with conflicts in them that a person chose to take from a side, where `tree` has them so still."""
    chosen = {path: choice for (path, _), choice in decided.landed.items() if choice.oid}
    now = repository.entries(tree, [literal(path) for path in chosen])
    return {p: choice for p, choice in chosen.items() if p in now and now[p].oid == choice.oid}


class Elsewhere(Struct, frozen=True):
    """A `Source`: what the person decided on the same conflict before, in this merge."""

    decided: Decided

    def whole(self, file: Disputed) -> Answer | None:
        """Nothing: no other path is the same."""

    def clash(self, file: Disputed, number: int) -> Answer | None:
        """The latest decision on a clash with the same texts."""
        clash = file.clashes[number]
        key, crlf = f"{key_of(clash)}-", "\r\n" in clash.ours + clash.theirs
        why = "the same conflict, decided before in this merge"
        for (path, other), choice in reversed(self.decided.made.items()):
            # The key is the same where only the line ends differ.
            fits = not choice.text or crlf == ("\r\n" in choice.text)
            if other.startswith(key) and choice.take == "text" and fits:
                reason = f"{why}: {choice.reason}" if choice.reason else why
                return Answer(choice.text, f"you, in {path}", reason)
        return None


def read_decided(git_dir: Path, state: State) -> Decided:
    """What was decided in the merge of `state`; nothing where it cannot be read, or is of another merge."""
    try:
        data = json.loads((folder(git_dir) / DECIDED).read_text("utf-8"))
        if data["tree"] != state.tree or data["ours"] != state.ours or data["theirs"] != state.theirs:
            return Decided()
        choices, landed = (
            {(p, k): convert(c, Choice) for p, k, c in data[name]} for name in ("choices", "landed")
        )
        return Decided(choices, landed, convert(data.get("seen", {}), dict[str, str]))
    except (OSError, ValueError, TypeError, KeyError, ValidationError):
        return Decided()


def write_decided(git_dir: Path, state: State, decided: Decided) -> None:
    """Keep what was decided. Raises SyncforkError."""
    data = {
        "tree": state.tree,
        "ours": state.ours,
        "theirs": state.theirs,
        **{
            name: [[*place, to_builtins(choice)] for place, choice in getattr(decided, name).items()]
            for name in ("choices", "landed")
        },
        "seen": dict(decided.seen),
    }
    # Text of files may hold bytes that are not UTF-8: as escapes they come through.
    write_atomically(folder(git_dir) / DECIDED, json.dumps(data, ensure_ascii=True, indent=1))

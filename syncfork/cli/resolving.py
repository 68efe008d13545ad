"""The verb that goes through what a merge left: resolve."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import typer

from syncfork.cli.app import app, directory_of
from syncfork.errors import ExitCode

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from syncfork.git.repository import Repository


@app.command()
def resolve(context: typer.Context) -> None:
    """Go through the conflicts of the merge in progress: take a side or a suggestion, edit, or make it a rule.

    Exit code 0: no conflict is left; 1: some are; 2: usage; 3: environment or git.
    """
    # git processes of ours do not see it, so it is read before there is one.
    editor = os.environ.get("GIT_EDITOR")
    from rich.console import Console

    from syncfork.cli.walking import walk_through
    from syncfork.commands.resolve import open_resolve, waiting
    from syncfork.errors import UsageError
    from syncfork.git.repository import Repository
    from syncfork.render.resolve import closing
    from syncfork.state import lock

    repository = Repository.open(directory_of(context))
    with lock(repository.git_dir):
        state = waiting(repository)
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise UsageError(
                "resolve asks questions, and there is no terminal to answer them in",
                "edit the files and `git add` them, then `syncfork continue`",
            )
        if isinstance(sys.stdin, io.TextIOWrapper):
            # A key press that is no text is a wrong key, not the end of the walk.
            sys.stdin.reconfigure(errors="replace")
        terminal = _Terminal(Console(highlight=False, markup=False, emoji=False), repository, editor)
        opened = walk_through(open_resolve(repository, state), terminal)
    left = len(opened.walk.left)
    steps = (
        ["syncfork resolve    (to go on)", "syncfork abort    (to put everything back)"]
        if left
        else ["syncfork continue"]
    )
    terminal.say(closing(left, len({step.path for step in opened.walk.left}), steps))
    raise typer.Exit(ExitCode.NEEDS_HUMAN if left else ExitCode.OK)


class _Terminal(NamedTuple):
    """The person at the terminal."""

    console: Console
    repository: Repository
    editor: str | None

    @property
    def width(self) -> int:
        return self.console.width

    def ask(self, words: str) -> str | None:
        try:
            return self.console.input(words)
        except EOFError:
            return None

    def say(self, lines: Iterable[RenderableType]) -> None:
        for line in lines:
            self.console.print(line)

    def edit(self, text: str, name: str) -> str:
        from syncfork.commands.editing import edited, editor_of
        from syncfork.state import folder

        return edited(editor_of(self.repository, self.editor), text, name, folder(self.repository.git_dir))

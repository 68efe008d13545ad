"""The verbs to begin with: init and demo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from syncfork.cli.app import app, directory_of


@app.command()
def init(
    context: typer.Context,
    upstream: Annotated[
        str | None, typer.Option("--upstream", metavar="REV", help="Upstream's revision, as REMOTE/BRANCH.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write syncfork.toml anew.")] = False,
) -> None:
    """Look at the remotes, write syncfork.toml and make the folder for rules."""
    from syncfork.cli.rules import say
    from syncfork.commands.init import run_init
    from syncfork.render.starting import started

    say(started(run_init(directory_of(context), upstream, force=force)))


@app.command()
def demo(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="FOLDER", help="Where to build it; by default a temporary folder."),
    ] = None,
) -> None:
    """See it work: a small upstream and fork, what plain git does, and the real merge.

    Exit code 0: the merge was made, though something may be left to decide; 1: a conflict was left.
    """
    from datetime import date

    from rich.console import Console

    from syncfork.cli.rules import say
    from syncfork.commands.demo import run_demo
    from syncfork.render import terminal
    from syncfork.render.starting import after_demo, before_demo

    found = run_demo(folder, date.today())
    say(before_demo(found))
    terminal.show(found.report, Console(highlight=False, markup=False, emoji=False))
    say(after_demo(found))
    raise typer.Exit(found.exit_code)

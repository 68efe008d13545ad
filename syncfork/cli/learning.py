"""The verb that proposes rules from the fork's past: learn."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from syncfork.cli.app import PackOption, UpstreamOption, app, directory_of, write
from syncfork.cli.rules import say


class LearnFormat(StrEnum):
    """How the proposals are written."""

    TERMINAL = "terminal"
    JSON = "json"
    YAML = "yaml"


@app.command()
def learn(
    context: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Option("--write", metavar="FOLDER", help="Write the proposed rule files to this folder."),
    ] = None,
    upstream: UpstreamOption = None,
    last: Annotated[int | None, typer.Option("--last", metavar="N", help="Only the newest N merges.")] = None,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="DAY|REV", help="Learn from the fork as it was then (YYYY-MM-DD)."),
    ] = None,
    pack: PackOption = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also tell what is not proposed, and why.")
    ] = False,
    form: Annotated[
        LearnFormat, typer.Option("--format", help="How the proposals are written.")
    ] = LearnFormat.TERMINAL,
) -> None:
    """Propose rules that the fork's own changes and its past merges bear out, each with the evidence.

    Changes nothing, but for the rule files that --write asks for. Exit code 0: whatever was found; 2: usage; 3:
    environment or git.
    """
    from datetime import date

    from syncfork.commands.learn import LearnOptions, run_learn
    from syncfork.render import learn as render

    options = LearnOptions(
        directory=directory_of(context),
        until=until,
        upstream=upstream,
        packs=tuple(pack or ()),
        last=last,
        folder=folder,
        # Of a past day all is asked that was known then.
        today=None if until else date.today(),
    )
    with _progress(form) as tick:
        found = run_learn(options, tick)
    if form is LearnFormat.JSON:
        write(render.as_json(found))
    elif form is LearnFormat.YAML:
        write(render.as_yaml(found))
    else:
        say(render.shown(found, everything=everything))
    raise typer.Exit(found.exit_code)


@contextlib.contextmanager
def _progress(form: LearnFormat) -> Iterator[Callable[[str, int, int], None]]:
    """A bar on a terminal's stderr; silent in CI and for machines."""
    if form is not LearnFormat.TERMINAL or not sys.stderr.isatty() or os.environ.get("CI"):
        yield lambda _, __, ___: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Reading merges", total=None)
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total)

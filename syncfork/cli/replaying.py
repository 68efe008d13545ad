"""The verb that makes the fork's past merges again: replay."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import Annotated

import typer

from syncfork.cli.app import PackOption, Shape, ShapeOption, UpstreamOption, app, directory_of, write
from syncfork.cli.rules import say


@app.command()
def replay(
    context: typer.Context,
    history: Annotated[
        str, typer.Argument(metavar="RANGE", help="The history to look at: a revision, or A..B.")
    ] = "HEAD",
    upstream: UpstreamOption = None,
    pack: PackOption = None,
    last: Annotated[int | None, typer.Option("--last", metavar="N", help="Only the newest N merges.")] = None,
    as_of: Annotated[
        bool, typer.Option("--as-of", help="Each merge with the rules the fork had before it, not today's.")
    ] = False,
    detectors: Annotated[
        bool, typer.Option("--detectors", help="Ask the detectors about clean merges that people changed.")
    ] = False,
    explain: Annotated[
        str | None,
        typer.Option("--explain", metavar="MERGE:PATH", help="Show the texts of one path of one merge."),
    ] = None,
    form: ShapeOption = Shape.TERMINAL,
) -> None:
    """Make the fork's past merges of upstream again, and compare with what people committed. Changes nothing.

    Exit code 0: it was measured, whatever came of it; 2: usage; 3: environment or git.
    """
    from syncfork.commands.replay import ReplayOptions, run_explain_merge, run_replay
    from syncfork.render import replay as render
    from syncfork.render.rules import as_json

    options = ReplayOptions(
        directory=directory_of(context),
        range=history,
        upstream=upstream,
        packs=tuple(pack or ()),
        as_of=as_of,
        detectors=detectors,
        last=last,
    )
    if explain is not None:
        texts = run_explain_merge(options, explain)
        if form is Shape.JSON:
            write(as_json("replay", 0, **render.explained_data(texts)))
        else:
            say(render.explained(texts))
        return
    with progress(form) as tick:
        found = run_replay(options, tick)
    if form is Shape.JSON:
        write(render.as_json(found))
    else:
        say(render.shown(found))
    raise typer.Exit(found.exit_code)


@contextlib.contextmanager
def progress(form: Shape) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal's stderr; silent in CI and for machines."""
    if form is not Shape.TERMINAL or not sys.stderr.isatty() or os.environ.get("CI"):
        yield lambda _, __: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("Replaying merges"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("merges", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)

"""The verbs about resolvers: resolvers show, calibrate."""

from __future__ import annotations

from typing import Annotated

import typer

from syncfork.cli.app import PackOption, Shape, ShapeOption, UpstreamOption, app, directory_of, write
from syncfork.cli.rules import say

resolvers = typer.Typer(
    name="resolvers",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Switch resolvers on where this fork's past merges show that they are right.",
)
app.add_typer(resolvers)


@resolvers.command("show")
def show_command(context: typer.Context, form: ShapeOption = Shape.TERMINAL) -> None:
    """The table that decides which resolvers may answer, with what each got right and wrong."""
    from syncfork.commands.resolvers import show_resolvers
    from syncfork.render import resolvers as render
    from syncfork.render.rules import as_json

    table = show_resolvers(directory_of(context))
    if form is Shape.JSON:
        write(as_json("resolvers show", 0, table=table))
    else:
        say(render.shown(table))


@resolvers.command("calibrate")
def calibrate_command(
    context: typer.Context,
    upstream: UpstreamOption = None,
    pack: PackOption = None,
    last: Annotated[
        int | None, typer.Option("--last", min=1, metavar="N", help="Only the newest N merges.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write no table.")] = False,
    form: ShapeOption = Shape.TERMINAL,
) -> None:
    """Try every resolver on the fork's past merges and write the table of what it got right.

    Commit the table: merges read it from the fork's commit.

    Exit code 0: it was measured, whatever came of it; 2: usage; 3: environment or git.
    """
    from datetime import date

    from syncfork.cli.replaying import progress
    from syncfork.commands.replay import ReplayOptions
    from syncfork.commands.resolvers import calibrate_resolvers
    from syncfork.render import resolvers as render
    from syncfork.render.rules import as_json, warned

    options = ReplayOptions(directory_of(context), upstream=upstream, packs=tuple(pack or ()), last=last)
    with progress(form) as tick:
        found = calibrate_resolvers(options, date.today(), tick, write=not dry_run)
    if form is Shape.JSON:
        told = {"file": found.file, "warnings": list(found.warnings)}
        write(as_json("resolvers calibrate", 0, table=found.table, **told))
        return
    say(warned(found.warnings), to_stderr=True)
    say(render.shown(found.table))
    say(render.afterwards(found.file, waits=found.waits), to_stderr=True)

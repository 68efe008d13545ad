"""The verbs about remembered resolutions: resolutions list, show, check, seal, prune."""

from __future__ import annotations

from typing import Annotated

import typer

from syncfork.cli.app import Shape, ShapeOption, UpstreamOption, app, directory_of, write
from syncfork.cli.rules import say

resolutions = typer.Typer(
    name="resolutions",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="See and check how conflicts were resolved, as `syncfork continue` remembered it.",
)
app.add_typer(resolutions)

NameArgument = Annotated[
    str, typer.Argument(metavar="FILE", help="The file, its name, or how the name begins.")
]


@resolutions.command("list")
def list_command(context: typer.Context, form: ShapeOption = Shape.TERMINAL) -> None:
    """One line a resolution: whether it is used, its file, where, when, in which merge and by whom."""
    from syncfork.commands.resolutions import list_resolutions
    from syncfork.render import resolutions as render
    from syncfork.render.rules import as_json

    found = list_resolutions(directory_of(context))
    if form is Shape.JSON:
        write(as_json("resolutions list", 0, **render.folder_data(found)))
        return
    say(render.listing(found))
    say(render.notes(found), to_stderr=True)


@resolutions.command("show")
def show_command(context: typer.Context, name: NameArgument, form: ShapeOption = Shape.TERMINAL) -> None:
    """A resolution in full: the conflict's three texts and what was made of them."""
    from syncfork.commands.resolutions import show_resolution
    from syncfork.render import resolutions as render
    from syncfork.render.rules import as_json

    found = show_resolution(directory_of(context), name)
    if form is Shape.JSON:
        write(as_json("resolutions show", 0, resolution=render.judged_data(found, texts=True)))
    else:
        say(render.shown(found))


@resolutions.command("check")
def check_command(
    context: typer.Context,
    upstream: UpstreamOption = None,
    last: Annotated[
        int | None, typer.Option("--last", min=1, metavar="N", help="Only the newest N merges.")
    ] = None,
    form: ShapeOption = Shape.TERMINAL,
) -> None:
    """Find resolutions that are altered, expired, contradicting or invalid, and try all on the fork's past merges.

    Exit code 0: all are sound; 1: some are not, or were wrong in a past merge; 2: usage; 3: environment or git.
    """
    from syncfork.cli.replaying import progress
    from syncfork.commands.resolutions import check_resolutions
    from syncfork.render import resolutions as render
    from syncfork.render.rules import as_json

    with progress(form) as tick:
        found = check_resolutions(directory_of(context), upstream, last, tick)
    if form is Shape.JSON:
        write(as_json("resolutions check", int(found.exit_code), **render.checked_data(found)))
    else:
        say(render.checked(found))
    raise typer.Exit(found.exit_code)


@resolutions.command("seal")
def seal_command(context: typer.Context, name: NameArgument, form: ShapeOption = Shape.TERMINAL) -> None:
    """Accept what was changed in a resolution's file by hand, once it is reviewed."""
    from syncfork.commands.resolutions import seal_resolution
    from syncfork.render import resolutions as render
    from syncfork.render.rules import as_json

    found = seal_resolution(directory_of(context), name)
    if form is Shape.JSON:
        write(as_json("resolutions seal", 0, resolution=render.judged_data(found, texts=False)))
    else:
        say(render.sealed(found))


@resolutions.command("prune")
def prune_command(context: typer.Context, form: ShapeOption = Shape.TERMINAL) -> None:
    """Delete the files of expired resolutions from the worktree; to be committed like any change."""
    from syncfork.commands.resolutions import prune_resolutions
    from syncfork.render import resolutions as render
    from syncfork.render.rules import as_json

    files = prune_resolutions(directory_of(context))
    if form is Shape.JSON:
        write(as_json("resolutions prune", 0, removed=list(files)))
    else:
        say(render.pruned(files))

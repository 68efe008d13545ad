"""The verbs for many forks: fleet, fleet report."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from syncfork.cli.app import app, write


class _Fleet(TyperGroup):
    """`fleet FILE` is `fleet matrix FILE`: whatever is no verb of this group is the list."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the default verb in front of arguments that name none. `ctx` is typer's own kind of context."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["matrix", *args]
        return super().parse_args(ctx, args)


class MatrixFormat(StrEnum):
    """Whose matrix it is."""

    TERMINAL = "terminal"
    JSON = "json"
    GITHUB = "github"
    AZURE = "azure"


class FleetFormat(StrEnum):
    """How the joined reports are written."""

    TERMINAL = "terminal"
    MARKDOWN = "markdown"
    HTML = "html"
    JSON = "json"


fleet = typer.Typer(
    cls=_Fleet,
    no_args_is_help=True,
    options_metavar="",
    subcommand_metavar="FILE [--format github|azure|json|terminal] | report FILES...",
    help="Many forks: `fleet FILE` reads a list and gives the CI's matrix, `fleet report` joins what came of it.",
)
app.add_typer(fleet, name="fleet")


@fleet.command(hidden=True)
def matrix(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The list of forks, as TOML.")],
    form: Annotated[MatrixFormat, typer.Option("--format", help="Whose matrix.")] = MatrixFormat.TERMINAL,
) -> None:
    """Read a list of forks, and print the matrix of a CI: one job for each fork."""
    from syncfork.commands.fleet import azure, github, load_fleet
    from syncfork.commands.fleet import matrix as jobs_of
    from syncfork.render.rules import as_json

    jobs = jobs_of(file, load_fleet(file))
    if form is MatrixFormat.GITHUB:
        write(github(jobs))
    elif form is MatrixFormat.AZURE:
        write(azure(jobs))
    elif form is MatrixFormat.JSON:
        write(as_json("fleet", 0, forks=jobs))
    else:
        from syncfork.render.fleet import listed

        write(listed(jobs))


@fleet.command()
def report(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="FILES_OR_FOLDERS...", help="JSON reports of drift, or folders of them."),
    ],
    listed: Annotated[
        Path | None,
        typer.Option("--fleet", metavar="FILE", help="The list: a fork of it without a report is missing."),
    ] = None,
    form: Annotated[FleetFormat, typer.Option("--format", help="How it is written.")] = FleetFormat.TERMINAL,
    output: Annotated[
        list[str] | None,
        typer.Option(
            "--output",
            metavar="[FORMAT:]FILE",
            help="Write it to a file too, in the format of its ending (.json .md .html) or the one named.",
        ),
    ] = None,
) -> None:
    """Join the reports of many forks into one table, worst first.

    Exit code 0: nothing to do anywhere; 1: something needs a person; 3: of some fork nothing is proven.
    """
    from syncfork.commands.fleet import run_fleet_report
    from syncfork.render.fleet import parse_outputs, renderer
    from syncfork.writing import write_atomically

    files = parse_outputs(output or ())
    found = run_fleet_report(paths, listed)
    for kind, path in files:
        write_atomically(path, renderer(kind)(found.rows, found.exit_code))
    write(renderer(form.value)(found.rows, found.exit_code))
    raise typer.Exit(found.exit_code)

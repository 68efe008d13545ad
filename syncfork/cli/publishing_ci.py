"""The verbs that write the fork's own pipeline: ci github, ci azure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from syncfork.cli.app import app, directory_of, write

if TYPE_CHECKING:
    from syncfork.commands.ci import CiOptions

ci = typer.Typer(no_args_is_help=True, help="Write a scheduled pipeline that runs `syncfork drift`.")
app.add_typer(ci, name="ci")

OutputOption = Annotated[
    str | None, typer.Option("--output", metavar="FILE", help="Where to write it; - prints it.")
]
ScheduleOption = Annotated[
    str, typer.Option("--schedule", metavar="CRON", help="When it runs: five fields, in UTC.")
]
UpstreamOption = Annotated[
    str | None,
    typer.Option(
        "--upstream", metavar="URL", help="Where the CI fetches upstream from; by default the remote's."
    ),
]
IndexOption = Annotated[
    str | None,
    typer.Option("--index", metavar="URL", help="The package index that syncfork is installed from."),
]
ForceOption = Annotated[bool, typer.Option("--force", help="Write over a file that is there.")]


@ci.command()
def github(
    context: typer.Context,
    output: OutputOption = None,
    schedule: ScheduleOption = "23 5 * * *",
    fork: Annotated[
        str | None,
        typer.Option(
            "--fork", metavar="OWNER/NAME", help="Where it runs; by default by syncfork.toml or origin."
        ),
    ] = None,
    upstream: UpstreamOption = None,
    fleet: Annotated[
        Path | None,
        typer.Option("--fleet", metavar="FILE", help="A list of forks: one job for each, one that joins."),
    ] = None,
    runs_on: Annotated[
        str | None,
        typer.Option("--runs-on", metavar="LABEL", help="The runner; by default ubuntu-latest."),
    ] = None,
    index: IndexOption = None,
    force: ForceOption = False,
) -> None:
    """Write a GitHub workflow: summary, artifacts, code scanning, and one tracking issue kept up to date."""
    from syncfork.commands.ci import CiOptions

    options = CiOptions(directory_of(context), "github", schedule, fork, upstream, fleet, runs_on, index)
    _write(options, output, force)


@ci.command()
def azure(
    context: typer.Context,
    output: OutputOption = None,
    schedule: ScheduleOption = "23 5 * * *",
    upstream: UpstreamOption = None,
    pool: Annotated[
        str | None,
        typer.Option("--pool", metavar="NAME", help="The agents; by default the hosted image ubuntu-latest."),
    ] = None,
    index: Annotated[
        str | None,
        typer.Option(
            "--index",
            metavar="URL|FEED",
            help="The package index that syncfork is installed from, or a feed: FEED or PROJECT/FEED.",
        ),
    ] = None,
    force: ForceOption = False,
) -> None:
    """Write an Azure pipeline: summary, artifacts, and annotations."""
    from syncfork.commands.ci import CiOptions

    options = CiOptions(directory_of(context), "azure", schedule, None, upstream, pool=pool, index=index)
    _write(options, output, force)


def _write(options: CiOptions, output: str | None, force: bool) -> None:
    from syncfork.commands.ci import pipeline, write_pipeline
    from syncfork.words import plain

    if output == "-":
        write(pipeline(options))
        return
    written = write_pipeline(options, Path(output) if output else None, force=force)
    for warning in written.warnings:
        typer.echo(f"warning: {plain(warning)}", err=True)
    typer.echo(f"wrote {plain(str(written.path))}\nnext: look at it, commit it, and run it once by hand")

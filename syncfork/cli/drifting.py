"""The scheduled report: drift."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from syncfork.cli.app import (
    OutputOption,
    PackOption,
    ReportFormat,
    ReportFormatOption,
    UpstreamArgument,
    app,
    directory_of,
    working,
    write,
)


@app.command()
def drift(
    context: typer.Context,
    upstream: UpstreamArgument = None,
    pack: PackOption = None,
    fetch: Annotated[
        bool, typer.Option("--fetch", help="Fetch upstream's remote first, and the tag that is meant.")
    ] = False,
    form: ReportFormatOption = ReportFormat.TERMINAL,
    output: OutputOption = None,
    history: Annotated[
        Path | None,
        typer.Option("--history", metavar="FILE", help="Append this run to FILE, and show the trend."),
    ] = None,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-on",
            metavar="CLASS",
            help="Exit with 1 only for: conflict, breakage, decision, unexplained, budget, behind; or never.",
        ),
    ] = None,
) -> None:
    """Report how far upstream has moved, what a merge would need, what it would break, and whether it gets worse.

    Touches nothing but the files that are named. Exit code 0: nothing to do; 1: something needs a person;
    3: something could not be found out.
    """
    from datetime import date

    from syncfork.commands.drift import DriftOptions, run_drift
    from syncfork.render.outputs import emit, parse_outputs

    files = parse_outputs(output or ())
    options = DriftOptions(
        directory=directory_of(context),
        today=date.today(),
        upstream=upstream,
        packs=tuple(pack or ()),
        fetch=fetch,
        history=history,
        fail_on=tuple(fail_on or ()),
    )
    with working("Fetching and comparing with upstream" if fetch else "Comparing with upstream") as tick:
        report = run_drift(options, tick)
    emit(report, form.value, files, write)
    raise typer.Exit(report.exit_code)

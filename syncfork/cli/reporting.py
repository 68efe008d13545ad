"""The verb that renders a saved report again: report."""

from __future__ import annotations

from typing import Annotated

import typer

from syncfork.cli.app import OutputOption, ReportFormat, ReportFormatOption, app, directory_of, write


@app.command()
def report(
    context: typer.Context,
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="[FILE]",
            help="A report saved as JSON; - is standard input. By default that of the last merge, continue or check.",
        ),
    ] = None,
    form: ReportFormatOption = ReportFormat.TERMINAL,
    output: OutputOption = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of a report instead.")
    ] = False,
) -> None:
    """Render the last report, or a saved one, again: in any format.

    Exit code 0: it was rendered, whatever it says; 2: it is no report.
    """
    if schema:
        import json

        from syncfork.render.json import schema as published

        write(json.dumps(published(), indent=2))
        return
    from syncfork.commands.reporting import last_report, load_report
    from syncfork.render.outputs import emit, parse_outputs

    outputs = parse_outputs(output or ())
    found = load_report(file) if file else last_report(directory_of(context))
    emit(found, form.value, outputs, write)

"""The verb that renders a saved report again: report."""

from __future__ import annotations

from typing import Annotated

import typer

from syncfork.cli.app import OutputOption, ReportFormat, ReportFormatOption, app, write


@app.command()
def report(
    file: Annotated[
        str | None, typer.Argument(metavar="FILE", help="A report saved as JSON; - is standard input.")
    ] = None,
    form: ReportFormatOption = ReportFormat.TERMINAL,
    output: OutputOption = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of a report instead.")
    ] = False,
) -> None:
    """Render a saved JSON report again, in any format.

    Exit code 0: it was rendered, whatever it says; 2: it is no report.
    """
    if schema:
        import json

        from syncfork.render.json import schema as published

        write(json.dumps(published(), indent=2))
        return
    from syncfork.commands.reporting import load_report
    from syncfork.errors import UsageError
    from syncfork.render.outputs import emit, parse_outputs

    if file is None:
        raise UsageError("no report is named", "syncfork report FILE, or --schema")
    outputs = parse_outputs(output or ())
    emit(load_report(file), form.value, outputs, write)

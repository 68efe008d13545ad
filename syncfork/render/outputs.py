"""A report out: to standard output in one format, and to files in as many as are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from syncfork.errors import UsageError
from syncfork.render.registry import Output, parse_output, renderer
from syncfork.report import Report
from syncfork.writing import write_atomically


def parse_outputs(texts: Iterable[str]) -> tuple[Output, ...]:
    """All of `--output [FORMAT:]FILE`. Raises UsageError, before any work is done, for what cannot be written."""
    found = tuple(parse_output(text) for text in texts)
    seen: set[str] = set()
    for output in found:
        name = str(output.path)
        if name in seen:
            raise UsageError(f"--output: {name} is named twice", "give each format a file of its own")
        seen.add(name)
        if output.path.is_dir():
            raise UsageError(f"--output: {name} is a folder", "name a file in it")
        if not output.path.parent.is_dir():
            raise UsageError(f"--output: there is no folder {output.path.parent}", "make it first")
    return found


def emit(report: Report, form: str, outputs: Sequence[Output], write: Callable[[str], None]) -> None:
    """Write the report to every file, then in `form` to standard output: through `write`, or as a terminal.

    Files go first: where one cannot be written, the error is all that stands on standard output. Raises
    SyncforkError.
    """
    for output in outputs:
        write_atomically(output.path, renderer(output.form)(report))
    if form != "terminal":
        write(renderer(form)(report))
        return
    from rich.console import Console

    from syncfork.render import terminal

    terminal.show(report, Console(highlight=False, markup=False, emoji=False))

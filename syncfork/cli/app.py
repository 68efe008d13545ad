"""The typer application and what its verbs share."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="syncfork",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Merge upstream into a long-lived fork: the fork's intents as rules, a true merge commit, "
    "and a report of what is left for a person.",
)


class Shape(StrEnum):
    """How an answer is written that is no report."""

    TERMINAL = "terminal"
    JSON = "json"


class Format(StrEnum):
    """How an answer is written that others read too."""

    TERMINAL = "terminal"
    JSON = "json"
    MARKDOWN = "markdown"


class ReportFormat(StrEnum):
    """How a report is written: the names of `syncfork.render.registry`."""

    TERMINAL = "terminal"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"
    SARIF = "sarif"
    GITHUB = "github"
    AZURE = "azure"
    BADGE = "badge"


ShapeOption = Annotated[Shape, typer.Option("--format", help="How the answer is written.")]
FormatOption = Annotated[Format, typer.Option("--format", help="How the answer is written.")]
ReportFormatOption = Annotated[ReportFormat, typer.Option("--format", help="How the report is written.")]
OutputOption = Annotated[
    list[str] | None,
    typer.Option(
        "--output",
        metavar="[FORMAT:]FILE",
        help="Write the report to a file too, in the format of its ending (.json .md .html .sarif) or the one "
        "named. May be repeated.",
    ),
]
PackOption = Annotated[
    list[str] | None,
    typer.Option(
        "--pack", help="A rule pack to try: a shipped one's name, or a folder as ./FOLDER. May be repeated."
    ),
]
UpstreamOption = Annotated[
    str | None,
    typer.Option("--upstream", metavar="REV", help="By default syncfork.toml's, else the remote's."),
]
UpstreamArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="UPSTREAM", help="Any revision; by default syncfork.toml's, else the remote upstream's."
    ),
]


def _version(wanted: bool) -> None:
    if wanted:
        from syncfork import __version__

        typer.echo(f"syncfork {__version__}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    directory: Annotated[Path, typer.Option("-C", metavar="DIR", help="Work in this directory.")] = Path(),
    version: Annotated[  # noqa: ARG001 - its callback acts
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Options before the verb."""
    context.obj = directory


def directory_of(context: typer.Context) -> Path:
    """The directory given with -C."""
    found: Path = context.obj
    return found


@contextlib.contextmanager
def working(words: str) -> Iterator[Callable[[int], None]]:
    """Show on a terminal's stderr that something is going on; silent everywhere else.

    What is yielded may be told how many percent of a fetch are done.
    """
    if not sys.stderr.isatty() or os.environ.get("CI"):
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status(words) as status:
        yield lambda percent: status.update(f"{words}: {percent}% received" if percent < 100 else words)


def write(text: str) -> None:
    """Print a machine-readable text as UTF-8, whatever the terminal's encoding."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    sys.stdout.buffer.write(b"" if text.endswith("\n") else b"\n")
    sys.stdout.buffer.flush()

"""The verbs around a merge: merge, continue, abort, status, check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from syncfork.cli.app import (
    PackOption,
    ReportFormat,
    ReportFormatOption,
    Shape,
    ShapeOption,
    UpstreamArgument,
    app,
    directory_of,
    working,
    write,
)

if TYPE_CHECKING:
    from syncfork.report import Report


def emit(report: Report, form: ReportFormat) -> None:
    """Write the report to standard output in the chosen format, and end with its exit code."""
    from syncfork.render import outputs

    outputs.emit(report, form.value, (), write)
    raise typer.Exit(report.exit_code)


@app.command()
def merge(
    context: typer.Context,
    upstream: UpstreamArgument = None,
    pack: PackOption = None,
    branch: Annotated[str | None, typer.Option(metavar="NAME", help="Name of the branch to make.")] = None,
    no_checkout: Annotated[
        bool, typer.Option("--no-checkout", help="Leave HEAD and the worktree alone.")
    ] = False,
    fetch: Annotated[
        bool, typer.Option("--fetch", help="Fetch upstream's remote first, and the tag that is meant.")
    ] = False,
    as_far_as_clean: Annotated[
        bool,
        typer.Option(
            "--as-far-as-clean",
            help="Merge the newest upstream commit that has no conflict and keeps every rule; what is left to mend or decide is told.",
        ),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="The whole report, but no ref moves.")] = False,
    message: Annotated[
        str | None, typer.Option("-m", "--message", help="The merge commit's message.")
    ] = None,
    regenerate: Annotated[
        bool, typer.Option("--regenerate", help="Run the commands of the fork's `regenerate` rules.")
    ] = False,
    form: ReportFormatOption = ReportFormat.TERMINAL,
) -> None:
    """Merge upstream with the fork's rules, on a branch of its own.

    Exit code 0: nothing is left to do; 1: something needs a person; 2: usage; 3: environment or git.
    """
    from datetime import date

    from syncfork.git.repository import opening

    # git answers while what comes next is loaded.
    repository = opening(directory_of(context))

    from syncfork.commands.merge import MergeOptions, run_merge

    options = MergeOptions(
        today=date.today(),
        upstream=upstream,
        packs=tuple(pack or ()),
        branch=branch,
        checkout=not no_checkout,
        fetch=fetch,
        as_far_as_clean=as_far_as_clean,
        dry_run=dry_run,
        message=message,
        regenerate=regenerate,
    )
    with working("Fetching and merging upstream" if fetch else "Merging upstream") as tick:
        report = run_merge(repository.result(), options, tick)
    emit(report, form)


@app.command(name="continue")
def continue_(
    context: typer.Context,
    accept: Annotated[
        list[str] | None,
        typer.Option(
            "--accept",
            metavar="WHAT",
            help="A finding, rule or path that is right as it is. May be repeated.",
        ),
    ] = None,
    reason: Annotated[
        str,
        typer.Option(
            "--reason",
            help="Why: of what is accepted, for the merge message; else of how conflicts were resolved.",
        ),
    ] = "",
    no_remember: Annotated[
        bool, typer.Option("--no-remember", help="Do not write down how the conflicts were resolved.")
    ] = False,
    form: ReportFormatOption = ReportFormat.TERMINAL,
) -> None:
    """Re-check rules and invariants on what you resolved, and commit the merge.

    How you resolved each conflict is remembered in a file of the commit, and used where the conflict returns.
    """
    from datetime import date

    from syncfork.commands.resume import ContinueOptions, run_continue

    options = ContinueOptions(
        directory_of(context), date.today(), tuple(accept or ()), reason, not no_remember
    )
    emit(run_continue(options), form)


@app.command()
def abort(context: typer.Context, form: ReportFormatOption = ReportFormat.TERMINAL) -> None:
    """Put everything back as it was before the merge in progress."""
    from syncfork.commands.abort import run_abort

    emit(run_abort(directory_of(context)), form)


@app.command()
def status(context: typer.Context, form: ReportFormatOption = ReportFormat.TERMINAL) -> None:
    """Say where you stand: a merge in progress, or how far upstream is."""
    from syncfork.commands.status import run_status

    emit(run_status(directory_of(context)), form)


@app.command()
def explain(
    context: typer.Context,
    finding: Annotated[str, typer.Argument(metavar="FINDING", help="A finding's id, or how it begins.")],
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE", help="A saved JSON report; by default the last run's."),
    ] = None,
    form: ShapeOption = Shape.TERMINAL,
) -> None:
    """Show what a finding is about: both texts, upstream's commit, and the way out."""
    from syncfork.cli.rules import say
    from syncfork.commands.explain import ExplainOptions, run_explain
    from syncfork.render.explain import as_data, explained
    from syncfork.render.rules import as_json

    found = run_explain(ExplainOptions(directory_of(context), finding, report))
    if form is Shape.JSON:
        write(as_json("explain", 0, **as_data(found)))
    else:
        say(explained(found))


@app.command()
def check(
    context: typer.Context,
    revision: Annotated[str, typer.Argument(metavar="REV", help="The commit to check.")] = "HEAD",
    pack: PackOption = None,
    base: Annotated[
        str | None, typer.Option("--base", metavar="REV", help="What is violated there already is not new.")
    ] = None,
    form: ReportFormatOption = ReportFormat.TERMINAL,
) -> None:
    """Check rules and invariants on a commit: does this change break an intent of the fork?

    Where the commit brings a merge of upstream, what that silently broke is looked for as well.
    """
    from datetime import date

    from syncfork.commands.check import CheckOptions, run_check

    options = CheckOptions(directory_of(context), date.today(), revision, tuple(pack or ()), base)
    emit(run_check(options), form)

"""The verb that brings a merge to others: pr."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from syncfork.cli.app import Format, FormatOption, app, directory_of, write


@app.command()
def pr(
    context: typer.Context,
    run: Annotated[bool, typer.Option("--run", help="Run gh instead of printing the command.")] = False,
    title: Annotated[str | None, typer.Option("--title", help="The pull request's title.")] = None,
    base: Annotated[
        str | None,
        typer.Option("--base", metavar="BRANCH", help="Where it goes; by default where the merge began."),
    ] = None,
    repo: Annotated[
        str | None,
        typer.Option("--repo", metavar="OWNER/NAME", help="The fork; by default by syncfork.toml or origin."),
    ] = None,
    form: FormatOption = Format.TERMINAL,
) -> None:
    """Write the pull request for the last merge, and print (or run) the command that opens it.

    It tells the merge as its branch is now: what was mended there since is told as mended.
    It goes to the fork's own repository, never to upstream's. syncfork never pushes.
    """
    from syncfork.commands.pull_request import PullRequestOptions, run_pull_request
    from syncfork.render.pull_request import render
    from syncfork.render.rules import as_json
    from syncfork.words import plain

    options = PullRequestOptions(directory_of(context), date.today(), title, base, repo, run)
    found = run_pull_request(options, render)
    if form is Format.JSON:
        values = {"command": list(found.command), "body_file": str(found.body_file), "url": found.url}
        write(as_json("pr", 0, **values))
    elif form is Format.MARKDOWN:
        write(found.body)
    else:
        write(plain(found.url if run else found.shell))

"""The verbs about the rules themselves: rules list, show, test, lint, apply, schema."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from syncfork.cli.app import PackOption, Shape, ShapeOption, app, directory_of, write

if TYPE_CHECKING:
    from rich.text import Text

rules = typer.Typer(
    name="rules",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="See, test and check the fork's rules.",
)
app.add_typer(rules)


PathsArgument = Annotated[
    list[Path] | None,
    typer.Argument(metavar="PATH...", help="Rule files or folders of them; by default all of the fork's."),
]


def say(lines: Iterable[Text], *, to_stderr: bool = False) -> None:
    """Print lines as they are: no wrapping, so that each can be searched for and cut."""
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False, stderr=to_stderr)
    for line in lines:
        console.print(line, soft_wrap=True)


@rules.command("list")
def list_command(context: typer.Context, pack: PackOption = None, form: ShapeOption = Shape.TERMINAL) -> None:
    """One line a rule: id, family, files, and what it did in the last merge."""
    from syncfork.commands.rules import list_rules
    from syncfork.render import rules as render

    found = list_rules(directory_of(context), tuple(pack or ()))
    if form is Shape.JSON:
        lines = [render.line_data(line) for line in found.rules]
        write(render.as_json("rules list", 0, rules=lines, last=found.last, warnings=list(found.warnings)))
        return
    say(render.listing(found))
    say(render.notes(found), to_stderr=True)


@rules.command("show")
def show_command(
    context: typer.Context,
    rule: Annotated[str, typer.Argument(metavar="ID", help="The rule's id.")],
    pack: PackOption = None,
    form: ShapeOption = Shape.TERMINAL,
) -> None:
    """A rule in full: why, what it does, its cases, and which files of HEAD it governs."""
    from syncfork.commands.rules import show_rule
    from syncfork.render import rules as render

    found = show_rule(directory_of(context), tuple(pack or ()), rule)
    if form is Shape.JSON:
        write(render.as_json("rules show", 0, rule=render.shown_data(found)))
        return
    say(render.shown(found))
    say(render.warned(found.warnings), to_stderr=True)


@rules.command("test")
def cases_command(
    context: typer.Context,
    paths: PathsArgument = None,
    pack: PackOption = None,
    form: ShapeOption = Shape.TERMINAL,
) -> None:
    """Run the rules' cases, as the rule files are on disk now.

    Exit code 0: all passed; 1: some failed; 3: a rule file is not valid.
    """
    from syncfork.commands.rules import check_cases
    from syncfork.render import rules as render

    found = check_cases(directory_of(context), tuple(pack or ()), tuple(paths or ()))
    if form is Shape.JSON:
        write(render.as_json("rules test", int(found.exit_code), **render.tested_data(found)))
    else:
        say(render.tested(found))
    raise typer.Exit(found.exit_code)


@rules.command("lint")
def lint_command(
    context: typer.Context,
    paths: PathsArgument = None,
    pack: PackOption = None,
    form: ShapeOption = Shape.TERMINAL,
) -> None:
    """Find rules that overlap, match no file, lack cases or a review, as they are on disk now.

    Exit code 0: nothing found; 1: something to mend; 3: a rule file is not valid.
    """
    from datetime import date

    from syncfork.commands.rules import lint_rules
    from syncfork.render import rules as render

    found = lint_rules(directory_of(context), tuple(pack or ()), tuple(paths or ()), date.today())
    if form is Shape.JSON:
        write(render.as_json("rules lint", int(found.exit_code), **render.linted_data(found)))
    else:
        say(render.linted(found))
    raise typer.Exit(found.exit_code)


@rules.command("apply")
def apply_command(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH...", help="Files or folders; by default all files that rules govern."),
    ] = None,
    rule: Annotated[
        list[str] | None, typer.Option("--rule", metavar="ID", help="This rule alone. May be repeated.")
    ] = None,
    pack: PackOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing.")] = False,
    form: ShapeOption = Shape.TERMINAL,
) -> None:
    """Make the rewriting rules' edits in the files of the worktree, as a merge would; commit nothing.

    Exit code 0: all are as the rules want them; 1: a rule could not be applied to a file; 3: a rule file is not valid.
    """
    from syncfork.commands.applying import apply_rules
    from syncfork.render import rules as render

    found = apply_rules(
        directory_of(context), tuple(pack or ()), tuple(rule or ()), tuple(paths or ()), dry_run=dry_run
    )
    if form is Shape.JSON:
        write(render.as_json("rules apply", int(found.exit_code), **render.made_data(found)))
    else:
        say(render.made(found))
    raise typer.Exit(found.exit_code)


@rules.command("schema")
def schema_command() -> None:
    """Print the JSON Schema of a rule file, for editors."""
    import json

    from syncfork.rules.schema import schema

    write(json.dumps(schema(), indent=2))

"""The joined reports of many forks as a table: for a terminal, as Markdown and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from syncfork.errors import ExitCode, UsageError
from syncfork.fleet import Row, counts
from syncfork.render.fleet_html import page
from syncfork.render.fleet_rows import HEAD, MARKS, cells, left, summary
from syncfork.render.rules import as_json
from syncfork.render.spans import code, escaped, span
from syncfork.words import count, one_line, plain

Renderer = Callable[[Sequence[Row], ExitCode], str]

_ENDINGS = {".json": "json", ".md": "markdown", ".html": "html"}


def renderer(form: str) -> Renderer:
    """The function that turns rows into text of this format: terminal, markdown, html or json."""
    if form == "html":
        return page
    return {"terminal": terminal, "markdown": markdown, "json": as_data}[form]


def parse_outputs(texts: Iterable[str]) -> list[tuple[str, Path]]:
    """What each `[FORMAT:]FILE` asks for. Raises UsageError, before any work is done."""
    found: list[tuple[str, Path]] = []
    for text in texts:
        form, colon, rest = text.partition(":")
        if not (colon and rest and form in _ENDINGS.values()):
            form, rest = _ENDINGS.get(Path(text).suffix.casefold(), ""), text
        if not form:
            raise UsageError(
                f"--output {text}: the name does not tell the format",
                "end it in .json, .md or .html, or write json:FILE, markdown:FILE, html:FILE",
            )
        found.append((form, Path(rest)))
    return found


def terminal(rows: Sequence[Row], exit_code: ExitCode) -> str:  # noqa: ARG001 - as all renderers
    """Aligned columns; under a row what keeps it from being known."""
    table = [
        HEAD,
        *((one_line(row.name, 40), f"{MARKS[row.state]} {row.state}", *cells(row)) for row in rows),
    ]
    widths = [max(len(line[column]) for line in table) for column in range(len(HEAD))]
    lines = [_aligned(table[0], widths)]
    for row, line in zip(rows, table[1:], strict=True):
        lines.append(_aligned(line, widths))
        if row.detail:
            lines.append(f"    {one_line(row.detail)}")
    return "\n".join([summary(rows), "", *lines]) + "\n"


def _aligned(line: Sequence[str], widths: Sequence[int]) -> str:
    # Words to the left, numbers to the right.
    texts = [
        text.ljust(width) if column in (0, 1) else text.rjust(width)
        for column, (text, width) in enumerate(zip(line, widths, strict=True))
    ]
    return "  ".join(texts).rstrip()


def markdown(rows: Sequence[Row], exit_code: ExitCode) -> str:  # noqa: ARG001 - as all renderers
    """A job summary, or the text of an issue."""
    head = " | ".join(HEAD)
    rule = " | ".join(["---", "---", *["--:"] * (len(HEAD) - 2)])
    lines = ["## Forks and their upstreams", "", f"{summary(rows)}.", "", f"| {head} |", f"| {rule} |"]
    lines += [
        f"| {' | '.join((_cell(row.name), f'{MARKS[row.state]} {row.state}', *cells(row)))} |" for row in rows
    ]
    told = [row for row in rows if row.detail]
    if told:
        lines += ["", "### Why", ""]
        lines += [f"- {code(row.name, 64)}, {row.state}: {escaped(row.detail)}" for row in told]
    for row in rows:
        lines += _left(row)
    return "\n".join(lines) + "\n"


def _cell(name: str) -> str:
    """A name in a table: a bar would end the cell, even in a code span."""
    return code(name, 64).replace("|", "\\|")


def _left(row: Row) -> list[str]:
    """What is left for a person in one fork, folded."""
    items = left(row)
    if not items:
        return []
    lines = [
        f"- {kind} in {span(where)}{f': {code(words)}' if words else ''}" for kind, where, words in items
    ]
    # The name stands in HTML here, where only these signs mean anything.
    name = one_line(row.name, 64).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return [
        "",
        f"<details><summary>{name}: {count(len(items), 'item')}</summary>",
        "",
        *lines,
        "",
        "</details>",
    ]


def as_data(rows: Sequence[Row], exit_code: ExitCode) -> str:
    """One JSON object: the table, with null where nothing is known."""
    text = as_json("fleet report", int(exit_code), forks=[_data(row) for row in rows])
    # What Azure obeys anywhere in a line.
    return text.replace("##[", "#\\u0023[").replace("##vso[", "#\\u0023vso[")


def _data(row: Row) -> Mapping[str, Any]:
    found = counts(row.report) if row.report else None
    return {
        "name": row.name,
        "state": row.state,
        "detail": row.detail,
        "conflicts": found.conflicts if found else None,
        "conflicts_alone": found.alone if found else None,
        "breakages": found.breakages if found else None,
        "decisions": found.decisions if found else None,
        "behind": found.behind if found else None,
        "days": found.days if found else None,
        "date": found.date if found else None,
        "page": row.page,
    }


def listed(jobs: Sequence[Mapping[str, str]]) -> str:
    """The list of forks for a person."""
    lines = [count(len(jobs), "fork")]
    for job in jobs:
        packs = f"  with {job['packs']}" if job["packs"] else ""
        lines += [
            job["name"],
            f"    {job['url']}",
            f"    from {job['upstream']} {job['revision']}".rstrip() + packs,
        ]
    return plain("\n".join(lines) + "\n")

"""The formats of a report by their names, and the format of a file by its name's ending."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from syncfork.errors import UsageError
from syncfork.report import Report

Renderer = Callable[[Report], str]

# The longest ending comes first: .sarif.json is what some tools want SARIF to be called.
_ENDINGS = {".sarif.json": "sarif", ".sarif": "sarif", ".json": "json", ".md": "markdown", ".html": "html"}


class Output(Struct, frozen=True):
    """A file to be written, and in which format."""

    form: str
    path: Path


def renderer(form: str) -> Renderer:
    """The function that turns a report into text of this format. Raises UsageError for a name that is none."""
    try:
        return _LOADERS[form]()
    except KeyError:
        raise UsageError(f"no format is called {form!r}", f"one of: {', '.join(_LOADERS)}") from None


def parse_output(text: str) -> Output:
    """What `[FORMAT:]FILE` asks for. Raises UsageError where the format cannot be told."""
    form, colon, rest = text.partition(":")
    if colon and form in _LOADERS:
        if not rest:
            raise UsageError(f"--output {text}: no file is named", f"write {form}:FILE")
        return Output(form, Path(rest))
    name = text.casefold()
    found = next((form for ending, form in _ENDINGS.items() if name.endswith(ending)), None)
    if found is None:
        raise UsageError(
            f"--output {text}: the name does not tell the format",
            f"end it in .json, .md, .html or .sarif, or write FORMAT:FILE with one of: {', '.join(_LOADERS)}",
        )
    return Output(found, Path(text))


def _terminal() -> Renderer:
    from syncfork.render.terminal import render

    return render


def _json() -> Renderer:
    from syncfork.render.json import render

    return render


def _markdown() -> Renderer:
    from syncfork.render.markdown import render

    return render


def _html() -> Renderer:
    from syncfork.render.html import render

    return render


def _sarif() -> Renderer:
    from syncfork.render.sarif import render

    return render


def _github() -> Renderer:
    from syncfork.render.annotations import github

    return github


def _azure() -> Renderer:
    from syncfork.render.annotations import azure

    return azure


def _badge() -> Renderer:
    from syncfork.render.badge import render

    return render


# Each is imported when it is asked for: nobody pays for a format that is not written.
_LOADERS: dict[str, Callable[[], Renderer]] = {
    "terminal": _terminal,
    "json": _json,
    "markdown": _markdown,
    "html": _html,
    "sarif": _sarif,
    "github": _github,
    "azure": _azure,
    "badge": _badge,
}
FORMATS = tuple(_LOADERS)

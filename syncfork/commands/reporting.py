"""Reading a saved report."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path

from syncfork.errors import UsageError
from syncfork.git.repository import Repository
from syncfork.report import Report, from_json
from syncfork.state import last_findings

_AGAIN = "save one with `--format json` or `--output FILE.json`"


def kept_reports(repository: Repository) -> list[Report]:
    """The reports of the last merge, continue and check, newest first, as far as this version can read them."""
    found: list[Report] = []
    for data in last_findings(repository.git_dir):
        with contextlib.suppress(ValueError):
            found.append(from_json(data))
    return found


def last_report(directory: Path) -> Report:
    """The newest of them in the fork's repository. Raises UsageError."""
    kept = kept_reports(Repository.open(directory))
    if not kept:
        raise UsageError(
            "no report is named, and no run is on record here", "syncfork report FILE, or --schema"
        )
    return kept[0]


def load_report(name: str) -> Report:
    """The report saved in the file `name`; `-` is standard input. Raises UsageError."""
    shown = "standard input" if name == "-" else name
    try:
        raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"{shown} cannot be read: {error.strerror or error}", _AGAIN) from error
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{shown} is not JSON: {error}", _AGAIN) from error
    if not isinstance(data, dict):
        raise UsageError(f"{shown} is not a report: it holds no JSON object", _AGAIN)
    if isinstance(data.get("error"), dict):
        raise UsageError(f"{shown} tells of a run that failed: {data['error'].get('problem')}", _AGAIN)
    try:
        return from_json(data)
    except ValueError as error:
        raise UsageError(f"{shown} is not a report: {error}", _AGAIN) from error

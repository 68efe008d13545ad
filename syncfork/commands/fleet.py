"""`syncfork fleet`: a list of forks as the CI's own matrix, and their reports joined, worst first."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from syncfork.errors import ExitCode, RuleError, SyncforkError, UsageError
from syncfork.fleet import Fleet, Row, worst_first
from syncfork.parsing.structured import read
from syncfork.parsing.values import Value
from syncfork.report import Report, from_json
from syncfork.rules.load import parse_toml

# GitHub starts no more jobs than this from one matrix.
_MOST = 256
_LARGEST = 100_000_000
_ERRORS = ".errors.txt"


class FleetReport(Struct, frozen=True):
    """The joined reports, worst first. `exit_code` is 3 where anything is unknown, 1 where a person is needed."""

    rows: tuple[Row, ...]
    exit_code: ExitCode


def load_fleet(path: Path) -> Fleet:
    """Read a list of forks. Raises RuleError that lists every mistake with file, line and key."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror or error}", "name a list of forks"
        ) from error
    found = parse_toml(str(path), content, Fleet)
    assert isinstance(found, Fleet)
    wrong = list(_mistakes(path, found, read(content.decode("utf-8"), "toml"), content.decode("utf-8")))
    if wrong:
        raise RuleError("\n".join(wrong), "correct these places")
    return found


def _mistakes(path: Path, fleet: Fleet, root: Value, text: str) -> Iterator[str]:
    """What a single key cannot tell: names that are taken, folders that are not there, too many forks."""
    names: dict[str, int] = {}
    for number, fork in enumerate(fleet.fork):
        # Names become file names and, for Azure, names of jobs, which have no other signs than this.
        plain = re.sub(r"\W", "_", fork.name).casefold()
        line = _line(root, text, number, "name")
        if plain in names:
            yield f"{path}:{line}: fork.{number}.name: expected a name that differs by letters and digits from line {names[plain]}'s"
        names.setdefault(plain, line)
        if fork.rules and not (path.parent / fork.rules).is_dir():
            yield f"{path}:{_line(root, text, number, 'rules')}: fork.{number}.rules: expected a folder beside the list"
    if len(fleet.fork) > _MOST:
        yield f"{path}:{_line(root, text, _MOST, 'name')}: fork: expected at most {_MOST} forks: a matrix has no more jobs"


def _line(root: Value, text: str, number: int, key: str) -> int:
    """The line of a key of the fork `number`; of its beginning where the key cannot be found."""
    value, start = root, 0
    for name in ("fork", str(number), key):
        entry = next((entry for entry in value.entries if entry.key == name), None)
        if entry is None:
            break
        value, start = entry.value, entry.start
    return text.count("\n", 0, start) + 1


def matrix(path: Path, fleet: Fleet) -> list[dict[str, str]]:
    """The variables of each fork's job, all of them texts; `packs` is a list with spaces between."""
    folder = path.parent.as_posix()
    return [
        {
            "name": fork.name,
            "url": fork.url,
            "upstream": fork.upstream,
            "remote": fork.remote,
            "revision": fork.revision,
            "packs": " ".join(fork.all_packs(folder)),
        }
        for fork in fleet.fork
    ]


def github(jobs: Sequence[dict[str, str]]) -> str:
    """The matrix on one line, for `fromJSON`."""
    return json.dumps({"include": list(jobs)})


def azure(jobs: Sequence[dict[str, str]]) -> str:
    """The matrix on one line, for a job's `strategy: matrix`: variables by the name of the job."""
    return json.dumps({_azure_name(job["name"]): job for job in jobs})


def _azure_name(name: str) -> str:
    plain = re.sub(r"\W", "_", name, flags=re.ASCII)
    return plain if plain[0].isalpha() else f"_{plain}"


def run_fleet_report(paths: Sequence[Path], fleet: Path | None = None) -> FleetReport:
    """Join the JSON reports in files and folders; `fleet` is a list whose forks all ought to have one.

    A report that is missing or cannot be read is a row that says so. Raises UsageError where a path is not there.
    """
    names = [fork.name for fork in load_fleet(fleet).fork] if fleet else []
    rows: dict[str, Row] = {}
    for path in _files(paths):
        row = _row(path)
        if row.name in rows:
            raise UsageError(
                f"two reports are of {row.name}: {path} is the second", "give each fork one file"
            )
        rows[row.name] = row
    reasons = {name: words for path in paths for name, words in _reasons(path)}
    for name in dict.fromkeys([*names, *reasons]):
        rows.setdefault(name, Row(name, "missing", reasons.get(name) or "there is no report of this fork"))
    if not rows:
        raise SyncforkError("there is no report", "name JSON files of `syncfork drift`, or a folder of them")
    ordered = worst_first(rows.values())
    return FleetReport(ordered, _exit_code(ordered))


def _exit_code(rows: Iterable[Row]) -> ExitCode:
    states = [(row.unknown, row.state) for row in rows]
    if any(unknown for unknown, _ in states):
        return ExitCode.ENVIRONMENT
    return ExitCode.NEEDS_HUMAN if any(state != "clear" for _, state in states) else ExitCode.OK


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files named, and those in folders: NAME.json, or NAME/report.json."""
    for path in paths:
        if path.is_dir():
            yield from sorted({*path.glob("*.json"), *path.glob("*/report.json")} - {path / "fleet.json"})
        elif path.exists():
            yield path
        else:
            raise UsageError(f"there is no file {path}", "name JSON reports, or a folder of them")


def _row(path: Path) -> Row:
    name = path.resolve().parent.name if path.name == "report.json" else path.name.removesuffix(".json")
    try:
        data = _json(path)
        error_told = data.get("error")
        if isinstance(error_told, dict):
            # What a run leaves that could not even begin.
            return Row(name, "inconclusive", str(error_told.get("problem") or "it ended with an error"))
        report = from_json(data)
    except (ValueError, OSError, RecursionError) as error:
        return Row(name, "unreadable", f"the report cannot be read: {_first(error)}")
    if report.verb != "drift" or report.drift is None:
        return Row(name, "unreadable", f"this is a report of `{report.verb}`, not of `drift`")
    page = path.with_suffix(".html")
    return _of_report(name, report, page.name if page.is_file() else "")


def _of_report(name: str, report: Report, page: str) -> Row:
    reasons = report.drift.inconclusive if report.drift else ()
    if reasons or report.exit_code not in (ExitCode.OK, ExitCode.NEEDS_HUMAN):
        words = "; ".join(reasons) or f"the run ended with exit code {report.exit_code}"
        return Row(name, "inconclusive", words, report, page)
    over = (
        [f"{b.name} {b.value}, allowed {b.limit}" for b in report.drift.budgets if b.over]
        if report.drift
        else []
    )
    detail = f"over budget: {'; '.join(over)}" if over else ""
    return Row(name, "clear" if report.exit_code == ExitCode.OK else "needs a person", detail, report, page)


def _json(path: Path) -> dict[str, object]:
    if path.stat().st_size > _LARGEST:
        raise ValueError(f"it is larger than {_LARGEST} bytes")
    found = json.loads(path.read_bytes())
    if not isinstance(found, dict):
        raise ValueError("it is not a JSON object")
    return found


def _first(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _reasons(path: Path) -> Iterator[tuple[str, str]]:
    """Why forks have no report: NAME.errors.txt in a folder, which a run leaves behind whatever happens."""
    if not path.is_dir():
        return
    for file in sorted(path.glob(f"*{_ERRORS}")):
        lines = [
            line.strip() for line in file.read_bytes().decode("utf-8", "replace").splitlines() if line.strip()
        ]
        told = [line for line in lines if line.startswith(("error:", "fatal:"))]
        yield file.name.removesuffix(_ERRORS), "; ".join(told[:2] or lines[-1:])

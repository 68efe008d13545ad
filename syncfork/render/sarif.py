"""The report as SARIF 2.1.0, for code scanning and every viewer that reads it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from syncfork.render import remarks
from syncfork.render.json import as_text
from syncfork.report import ConflictItem, Finding, Place, Report, Site, Unexplained
from syncfork.words import one_line

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"breakage": "error", "decision": "warning", "note": "note"}
# What is left for a person without being a finding has rules of its own.
_OWN_RULES = {
    "conflict": "A conflict that the rules did not resolve",
    "unexplained": "A hunk of the result that nothing accounts for",
    "dropped": "A change of one side that a person took out of the merge",
    "by-hand": "A change to the merge that no conflict asked for",
}


def render(report: Report) -> str:
    """One SARIF log with one run, ASCII only. Results of earlier debts are notes, accepted ones suppressed."""
    results = list(_results(report))
    used = dict.fromkeys(result["ruleId"] for result in results)
    index = {name: number for number, name in enumerate(used)}
    for result in results:
        result["ruleIndex"] = index[result["ruleId"]]
    driver = {
        "name": "syncfork",
        "version": one_line(report.tool_version) or "0",
        "rules": [_rule(name) for name in used],
    }
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"syncfork/{quote(one_line(report.verb), safe='')}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report)],
        "results": results,
    }
    return as_text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(name: str) -> dict[str, Any]:
    words = _OWN_RULES.get(name, f"What syncfork's detector {name} finds")
    return {"id": name, "name": name, "shortDescription": {"text": _escaped(words)}}


def _results(report: Report) -> Iterable[dict[str, Any]]:
    for conflict in report.conflicts:
        yield _conflict(conflict)
    for item in report.ledger.unexplained:
        yield _unexplained(item)
    for finding in report.findings:
        yield _finding(finding)


def _conflict(item: ConflictItem) -> dict[str, Any]:
    mark = _hash("conflict", item.path, item.kind)
    return _result("conflict", "error", remarks.of_conflict(item), _location(item.path, item.line), mark)


def _unexplained(item: Unexplained) -> dict[str, Any]:
    mark = _hash("unexplained", item.path, item.against, item.text)
    return _result(
        "unexplained", "error", remarks.of_unexplained(item), _location(item.path, item.line), mark
    )


def _finding(item: Finding) -> dict[str, Any]:
    level = _LEVELS[item.cls] if item.new else "note"
    words = remarks.of_finding(item)
    made = _result(
        one_line(item.detector, 100), level, words, _location(item.path, item.line), one_line(item.id)
    )
    if related := [*_related(item)]:
        made["relatedLocations"] = related
    if item.accepted:
        made["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": one_line(item.accepted, 1000)}
        ]
    made["baselineState"] = "new" if item.new else "unchanged"
    made["properties"] = {"class": item.cls, **({"rule": one_line(item.rule)} if item.rule else {})}
    return made


def _result(rule: str, level: str, words: str, location: dict[str, Any], mark: str) -> dict[str, Any]:
    return {
        "ruleId": rule,
        "level": level,
        "message": {"text": _escaped(words)},
        "locations": [location],
        "partialFingerprints": {"syncfork/v1": mark},
        "baselineState": "new",
    }


def _related(item: Finding) -> Iterable[dict[str, Any]]:
    """The place in upstream that caused it, and where it shows besides."""
    told: list[tuple[Place | Site, str]] = [(site, "here, too") for site in item.also]
    if item.upstream:
        before = item.upstream.tree == "base"
        told.insert(0, (item.upstream, "in upstream, before it changed this" if before else "in upstream"))
    for number, (place, words) in enumerate(told, start=1):
        yield {"id": number, **_location(place.path, place.line), "message": {"text": words}}


def _location(path: str, line: int) -> dict[str, Any]:
    # Bytes as they are in git, so that a name which is not UTF-8 leads to its file too. A name that begins
    # with a slash would be read as a place outside the repository.
    uri = re.sub("^/", "%2F", quote(path.encode("utf-8", "surrogateescape"), safe="/"))
    place: dict[str, Any] = {"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}}
    if line > 0:
        place["region"] = {"startLine": line}
    return {"physicalLocation": place}


def _invocation(report: Report) -> dict[str, Any]:
    unknown = report.drift.inconclusive if report.drift else ()
    told = [("error", words) for words in unknown] + [("warning", words) for words in report.warnings]
    notes = [{"level": level, "message": {"text": _escaped(one_line(words, 1000))}} for level, words in told]
    return {
        "executionSuccessful": report.exit_code in (0, 1) and not unknown,
        "exitCode": report.exit_code,
        **({"toolExecutionNotifications": notes} if notes else {}),
    }


def _escaped(text: str) -> str:
    """`text` in which a viewer sees no link (`[words](target)`) and no placeholder (`{0}`) of SARIF's."""
    line = one_line(text, 4000).replace("](", "\\](")
    return re.sub(r"\{(\d+)\}", r"{{\1}}", line)


def _hash(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]

"""Formats for machines: SARIF against the official schema, JSON against ours, CI commands, the badge."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import jsonschema
import pytest
from msgspec.structs import replace
from rendering import HOSTILE, LONG, hostile, life

from syncfork.render import json as our_json
from syncfork.render.annotations import azure, github
from syncfork.render.badge import render as badge
from syncfork.render.sarif import render as sarif
from syncfork.report import ConflictItem, Finding, Ledger, Report, from_json

REPORTS = pytest.mark.parametrize("report", [life(), hostile()], ids=["life", "hostile"])
_OFFICIAL = json.loads((Path(__file__).parent / "data" / "sarif-schema-2.1.0.json").read_text("utf-8"))


def run_of(report: Report) -> dict[str, Any]:
    log = json.loads(sarif(report))
    # jsonschema's formats would want more packages; `uri-reference` is looked at below.
    jsonschema.Draft4Validator(_OFFICIAL).validate(log)
    (run,) = log["runs"]
    return dict(run)


def with_path(path: str, line: int = 1) -> Report:
    return Report("0.1.0", "drift", findings=(Finding("id-1", "breakage", "paths", None, path, line, "m"),))


# -- SARIF


@REPORTS
def test_sarif_follows_the_official_schema(report: Report) -> None:
    run = run_of(report)
    assert len(run["results"]) == len(report.findings) + len(report.conflicts) + len(
        report.ledger.unexplained
    )
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(ids) == len(set(ids))
    assert not any("helpUri" in rule for rule in run["tool"]["driver"]["rules"])
    for result in run["results"]:
        assert ids[result["ruleIndex"]] == result["ruleId"]
    assert run["invocations"][0]["exitCode"] == 1


def test_the_schema_would_have_said_so() -> None:
    log = json.loads(sarif(life()))
    log["runs"][0]["results"][0]["level"] = "fatal"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft4Validator(_OFFICIAL).validate(log)


def test_sarif_levels_places_and_suppressions() -> None:
    found = {result["partialFingerprints"]["syncfork/v1"]: result for result in run_of(life())["results"]}
    breakage = found["options-3f2a"]
    assert breakage["level"] == "error" and breakage["ruleId"] == "options"
    place = breakage["locations"][0]["physicalLocation"]
    assert place == {
        "artifactLocation": {"uri": ".github/workflows/vlinux.yml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 51},
    }
    related = breakage["relatedLocations"][0]
    assert related["physicalLocation"]["artifactLocation"]["uri"] == "src/validation.rs"
    assert "1b2c3d4e5 Drop --run from the validator" in breakage["message"]["text"]
    assert found["managed-0012"]["level"] == "warning"
    assert found["managed-0012"]["properties"] == {"class": "decision", "rule": "our-targets"}
    assert "region" not in found["values-9a11"]["relatedLocations"][0]["physicalLocation"]
    assert found["identities-4d4d"]["level"] == "note"
    assert (found["documents-1111"]["level"], found["documents-1111"]["baselineState"]) == (
        "note",
        "unchanged",
    )
    assert found["pins-5e5e"]["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "the runner is ours, see the wiki"}
    ]
    conflicts = [result for result in found.values() if result["ruleId"] == "conflict"]
    assert [result["level"] for result in conflicts] == ["error", "error"]


def test_sarif_fingerprints_do_not_move_with_the_run() -> None:
    def marks(report: Report) -> list[str]:
        return [result["partialFingerprints"]["syncfork/v1"] for result in run_of(report)["results"]]

    later = replace(
        life(), tool_version="9", behind=200,
        conflicts=tuple(replace(item, hunks=7, culprits=()) for item in life().conflicts),
        findings=tuple(replace(item, line=item.line + 5, culprits=()) for item in life().findings),
    )  # fmt: skip
    assert marks(later) == marks(life())
    assert len(set(marks(life()))) == len(marks(life()))


@pytest.mark.parametrize(
    "path", ["a b/ü%41:c.txt", "\udc80\udcff", "/etc/passwd", "//host/x", HOSTILE, "a#b?c", "x:y"]
)
def test_sarif_paths_lead_back_to_the_bytes(path: str) -> None:
    location = run_of(with_path(path))["results"][0]["locations"][0]["physicalLocation"]
    uri = location["artifactLocation"]["uri"]
    assert re.fullmatch(r"[A-Za-z0-9%/._~-]+", uri)
    assert not uri.startswith("/")
    assert unquote_to_bytes(uri) == path.encode("utf-8", "surrogateescape")


@pytest.mark.parametrize("line", [0, -3])
def test_sarif_without_a_line(line: int) -> None:
    assert "region" not in run_of(with_path("a", line))["results"][0]["locations"][0]["physicalLocation"]


def test_sarif_messages_hold_no_link_and_no_placeholder() -> None:
    for result in run_of(hostile())["results"]:
        text = result["message"]["text"]
        assert not re.search(r"(?<!\\)\]\(", text)
        assert not re.search(r"(?<!\{)\{\d\}", text)


def test_sarif_says_what_could_not_be_found_out() -> None:
    blind = replace(life(), exit_code=3, drift=replace(life().drift, inconclusive=("x",)))
    told = run_of(blind)["invocations"][0]
    assert (told["executionSuccessful"], told["exitCode"]) == (False, 3)
    assert [note["level"] for note in told["toolExecutionNotifications"]] == ["error", "warning"]
    assert run_of(life())["invocations"][0]["executionSuccessful"] is True
    assert run_of(Report("0.1.0", "drift"))["results"] == []


# -- JSON


@REPORTS
def test_json_follows_our_schema_and_reads_back(report: Report) -> None:
    data = json.loads(our_json.render(report))
    schema = our_json.schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(data)
    assert from_json(data) == report


def test_our_schema_covers_drift() -> None:
    validator = jsonschema.Draft202012Validator(our_json.schema())
    for path in (("reach", "commits"), ("coverage", "hunks"), ("health", 0, "state"), ("trend", "points", 0, "behind"),
                 ("budgets", 0, "over"), ("inconclusive",), ("days",)):  # fmt: skip
        data = json.loads(our_json.render(life()))
        at = data["drift"]
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = {"not": "this"}
        assert not validator.is_valid(data), path


@pytest.mark.parametrize("render", [our_json.render, sarif, badge])
def test_no_machine_text_holds_a_command_or_an_escape(render: Any) -> None:
    text = render(hostile())
    assert text.isascii() and "\x1b" not in text
    assert "##[" not in text and "##vso[" not in text
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())


# -- CI commands

_GITHUB = re.compile(r"::(error|warning|notice) ((?:[a-z]+=[^:,\r\n]*,?)+)::(.*)")
_AZURE = re.compile(r"##vso\[task\.logissue ((?:[a-z]+=[^;\]]*;)+)\](.*)")


def unescaped(text: str, percent: str = "%25") -> str:
    for mark, character in (
        ("%0D", "\r"),
        ("%0A", "\n"),
        ("%3A", ":"),
        ("%2C", ","),
        ("%3B", ";"),
        ("%5D", "]"),
    ):
        text = text.replace(mark, character)
    return text.replace(percent, "%")


@REPORTS
def test_github_obeys_only_our_commands(report: Report) -> None:
    lines = github(report).split("\n")
    assert lines.pop() == ""
    for line in lines:
        found = _GITHUB.fullmatch(line)
        assert found, line
        properties = dict(pair.split("=", 1) for pair in found[2].split(","))
        assert set(properties) <= {"file", "line", "title"}
        assert unescaped(properties["title"]).startswith("syncfork")
        assert "##[" not in line and "##vso[" not in line and "\x1b" not in line
    assert len(lines) >= 7


@REPORTS
def test_azure_obeys_only_our_commands(report: Report) -> None:
    lines = azure(report).split("\n")
    assert lines.pop() == ""
    commands = [line for line in lines if line.startswith("##vso[")]
    assert len(commands) >= 6
    for line in lines:
        # The agent looks for a command anywhere in a line, and for its end at the first bracket.
        assert line.count("##vso[") == line.startswith("##vso[")
        assert "##[" not in line and not line.lstrip().startswith("::") and "\x1b" not in line
    for line in commands:
        found = _AZURE.fullmatch(line)
        assert found, line
        properties = dict(pair.split("=", 1) for pair in found[1].rstrip(";").split(";"))
        assert set(properties) <= {"type", "sourcepath", "linenumber"}
        assert properties["type"] in ("error", "warning")


def test_annotations_point_at_the_place() -> None:
    report = with_path("odd: 50%,a;b]c.txt", 7)
    assert github(report) == (
        "::error file=odd%3A 50%25%2Ca;b]c.txt,line=7,title=syncfork%3A breakage (paths)::m.\n"
    )
    assert azure(report) == (
        "##vso[task.logissue type=error;sourcepath=odd: 50%AZP25,a%3Bb%5Dc.txt;linenumber=7;]"
        "syncfork: breakage (paths): m.\n"
    )
    assert "line=" not in github(with_path("a", 0)) and "linenumber=" not in azure(with_path("a", 0))


def test_annotations_name_the_culprit_and_the_fix() -> None:
    told = github(life())
    assert (
        "which upstream removed. Upstream: 1b2c3d4e5 Drop --run from the validator (Jonas Petrov, 2025-09-02)"
        in told
    )
    assert "To do: take `--run` out here" in told
    assert "::warning title=syncfork%3A over budget::days behind: 82, the limit is 60" in told
    # What is accepted or was there before is nobody's work of today.
    assert "pinned by tag" not in told and "older debt" not in told


@pytest.mark.parametrize("render", [github, azure])
def test_annotations_end_at_fifty(render: Any) -> None:
    many = tuple(replace(life().findings[3], id=f"d-{n}") for n in range(70))
    lines = render(replace(life(), findings=(*many, *life().findings))).splitlines()
    assert len(lines) == 51
    assert lines[-1].endswith("more: see the report")
    # The breakage comes before the decisions, wherever it stood.
    assert any("vlinux.yml" in line for line in lines[:5])
    assert render(Report("0.1.0", "drift")) == ""


# -- the badge


@pytest.mark.parametrize(
    ("changes", "message", "color"),
    [
        ({}, "149 behind, 8 to do", "red"),
        ({"conflicts": (), "ledger": Ledger(), "findings": life().findings[2:4]}, "149 behind, 2 to do", "yellow"),
        ({"conflicts": (), "ledger": Ledger(), "findings": (), "drift": None}, "149 behind", "green"),
        ({"conflicts": (), "ledger": Ledger(), "findings": ()}, "149 behind", "yellow"),
        ({"conflicts": (), "ledger": Ledger(), "findings": (), "behind": 0, "drift": None}, "up to date", "brightgreen"),
        ({"conflicts": (ConflictItem(LONG, HOSTILE, 0),), "ledger": Ledger(), "findings": (), "behind": 1, "drift": None},
         "1 behind, 1 to do", "red"),
    ],
)  # fmt: skip
def test_badge(changes: dict[str, Any], message: str, color: str) -> None:
    made = json.loads(badge(replace(life(), **changes)))
    assert made == {"schemaVersion": 1, "label": "upstream", "message": message, "color": color}


def test_a_badge_of_an_inconclusive_run_is_not_green() -> None:
    drift = replace(life().drift, inconclusive=("x",), budgets=())
    made = json.loads(badge(Report("0.1.0", "drift", drift=drift)))
    assert (made["message"], made["color"]) == ("up to date, inconclusive", "lightgrey")

"""What the fork had before a merge is no news; what is new beside it is, and less of it is not."""

from __future__ import annotations

import pytest
from git_fixtures import Repo, numbered, rule_files
from test_merge_rules import sync

from syncfork.report import Report

BASH = b"#!/bin/bash\ncat <<A <<B\n1\nA\n2\nB\necho 1\n\n\n\nend\n"
PARSES = "id: h\nfiles: [f]\nhold: [{parses: auto}]\n"
FORBID = "id: h\nfiles: [f]\nhold: [{forbid: {literal: curl -k}}]\n"
TWO = "id: h\nfiles: [f]\nhold: [{require: {literal: fips}, expect: 2}]\n"
MANUAL = "id: h\nfiles: [f]\nhold: [{require: {key: on, only-keys: [dispatch], format: yaml}}]\n"


def new(report: Report) -> list[bool]:
    return [finding.new for finding in report.findings if finding.detector == "invariant"]


def having(**texts: str) -> bytes:
    return numbered(40, {int(name[1:]): text for name, text in texts.items()})


@pytest.mark.parametrize(
    ("rule", "base", "theirs", "found"),
    [
        (PARSES, BASH, BASH + b"if c; then x\n", [True]),
        (PARSES, BASH, BASH + b"echo more\n", [False]),
        (PARSES, BASH + b"if c; then x\n", b"#!/bin/bash\n\n" + BASH + b"echo 1\n", [False]),
        (FORBID, having(_3="curl -k A"), having(_30="curl -k B"), [True]),
        (FORBID, having(_3="curl -k A"), having(_30="curl -k A"), [False]),
        (FORBID, having(_3="curl -k A"), having(_3="curl -k A", _30="curl -k A"), [True]),
        (FORBID, having(_3="curl -k A", _30="curl -k B"), having(_3="  curl -k A"), [False]),
        (MANUAL, b"on: {push: }\n", b"on: {push: }\nx: 1\n", [False]),
        (MANUAL, b"on: {push: }\n", b"on: {schedule: }\n", [True]),
        (TWO, having(_3="fips a"), having(_3="fips a", _30="x"), [False]),
        (TWO, having(_3="fips a"), having(_30="fips b"), [True]),
        (TWO, having(_3="fips a"), having(), [True]),
        (TWO, having(_3="fips a", _9="fips b", _15="fips c"), having(_3="fips a"), [True]),
        (TWO, having(_3="fips a", _9="fips b", _15="fips c"), having(_3="fips a", _9="fips d", _15="fips c"), [True]),
    ],
)  # fmt: skip
def test_what_is_new_beside_an_old_debt(
    repo: Repo, rule: str, base: bytes, theirs: bytes, found: list[bool]
) -> None:
    report = sync(repo, {"f": base}, {"o": b""}, {"f": theirs}, rule)
    assert new(report) == found
    assert report.exit_code == int(any(found))


def test_check_and_continue_tell_what_is_new_as_merge_does(repo: Repo) -> None:
    two = having(_3="curl -k A", _30="curl -k B")
    root = repo.commit({"f": two, "c": b"1\n"})
    ours = repo.commit({"c": b"ours\n", **rule_files(FORBID)}, root)
    theirs = repo.commit({"c": b"theirs\n", "f": having(_3="curl -k A")}, root)
    repo.checkout("main", ours)
    repo.branch("up", theirs)
    waiting = repo.syncfork("merge", "up", "--format", "json").report
    assert [f["new"] for f in waiting["findings"] if f["detector"] == "invariant"] == [False]
    (repo.path / "c").write_bytes(b"both\n")
    repo.git("add", "c")
    done = repo.syncfork("continue", "--format", "json")
    assert (done.code, done.report["state"]) == (0, "merged")
    checked = repo.syncfork("check", "--base", ours, "--format", "json").report
    assert [f["new"] for f in checked["findings"] if f["detector"] == "invariant"] == [False]

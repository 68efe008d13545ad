"""Findings that people live with: named by id or by detector and files, for a time or for good, never hidden."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from git_fixtures import TODAY, Repo, rule_files

from syncfork.report import Finding
from syncfork.rules.accepting import Accept, Acceptance, accepted
from syncfork.rules.convert import MistakesError, convert

REASON = "we build it twice a day"
SCRIPT = "#!/bin/sh\n./configure\nmake\n"
VERSIONS = "libs:\n  libfoo-2:\n    version: 2.1.4\n"


def finding(name: str = "pins-1", detector: str = "pins", path: str = "lib/d.yml") -> Finding:
    return Finding(
        id=name, cls="decision", detector=detector, rule=None, path=path, line=3, message="it moved"
    )


def accept(**written: object) -> Acceptance:
    return Acceptance(convert({"reason": REASON, **written}, Accept), "syncfork.toml")


@pytest.mark.parametrize(
    ("written", "covered"),
    [
        ({"finding": "pins-1"}, True),
        ({"finding": "pins-2"}, False),
        ({"detector": "pins", "files": ["lib/*.yml"]}, True),
        ({"detector": "pins", "files": ["lib"]}, True),
        ({"detector": "pins", "files": ["*.yml", "!lib/d.yml"]}, False),
        ({"detector": "pins", "files": ["src/**"]}, False),
        ({"detector": "paths", "files": ["**"]}, False),
    ],
)
def test_what_it_covers(written: dict[str, object], covered: bool) -> None:
    (found,) = accepted([finding()], [accept(**written)], TODAY)
    assert found.accepted == (REASON if covered else "")
    assert found.id == "pins-1" and found.cls == "decision" and found.new


@pytest.mark.parametrize(
    "written",
    [
        {},
        {"finding": "pins-1", "detector": "pins", "files": ["a"]},
        {"detector": "pins"},
        {"finding": "pins-1", "reason": "because"},
    ],
)
def test_it_names_one_thing_and_a_reason(written: dict[str, object]) -> None:
    with pytest.raises(MistakesError):
        accept(**written)


def test_its_last_day_still_counts() -> None:
    known = [accept(finding="pins-1", until=TODAY)]
    assert [f.accepted for f in accepted([finding()], known, TODAY)] == [REASON]


def test_run_out_it_is_a_note_and_the_finding_counts_again() -> None:
    known = [accept(finding="pins-1", until=date(2026, 2, 28))]
    found, note = accepted([finding(), finding("pins-2")], known, TODAY)[::2]
    assert found.accepted == "" and found.id == "pins-1"
    assert (note.cls, note.path, note.detector) == ("note", "syncfork.toml", "acceptance")
    assert note.message == f"pins-1 was accepted until 2026-02-28, and counts again: {REASON}"


def test_of_two_the_one_that_lasts_counts() -> None:
    known = [
        accept(finding="pins-1", until=date(2026, 2, 28)),
        accept(detector="pins", files=["**"]),
    ]
    assert accepted([finding()], known, TODAY)[0].accepted == REASON


def test_nothing_to_accept_is_no_news() -> None:
    assert accepted([], [accept(finding="pins-9", until=date(2020, 1, 1))], TODAY) == []


# In a merge


@pytest.mark.parametrize(
    ("files", "covered"),
    [
        (["src/**"], True),
        (["src/a/x", "src/b/x"], True),
        (["src/**", "!src/a/**"], False),
        (["src/a/**"], False),
        (["src/??"], False),
    ],
)
def test_what_is_about_several_files_is_accepted_where_each_of_them_is(
    repo: Repo, files: list[str], covered: bool
) -> None:
    """The globs that are its path are no path: two letters match their two stars."""
    root = repo.commit({"src/a/x": b"1\n", "src/b/x": b"1\n"})
    rule = "id: seen\nwhy: Each of these is looked at.\nfiles: ['src/**']\nhold: [{watch: file}]\n"
    written = rule_files(rule)
    config = f"{written['syncfork.toml']}\n" + toml(detector='"invariant"', files=files)
    ours = repo.commit({**written, "syncfork.toml": config}, root)
    repo.branch("upstream", repo.commit({"src/a/x": b"2\n", "src/b/x": b"2\n"}, root))
    [found] = dry(repo, ours, code=0 if covered else 1)
    assert found["files"] == ["src/a/x", "src/b/x"]
    assert found["accepted"] == (REASON if covered else "")


@pytest.fixture
def moved(tmp_path: Path) -> tuple[Repo, str, str]:
    """A fork that changed how a library is built, and an upstream that moved the library: one decision."""
    repo = Repo.create(tmp_path / "r")
    base = repo.commit({"d.yml": VERSIONS, "build-libfoo-2.sh": SCRIPT})
    ours = repo.commit({"build-libfoo-2.sh": SCRIPT.replace("make", "make --ours")}, base)
    theirs = repo.commit({"d.yml": VERSIONS.replace("2.1.4", "2.1.7")}, base)
    repo.branch("upstream", theirs)
    return repo, ours, theirs


def dry(repo: Repo, ours: str, *, code: int) -> list[dict[str, object]]:
    """The findings of a dry run that ends with `code`."""
    repo.checkout("main", ours)
    done = repo.syncfork("merge", "upstream", "--dry-run", "--format", "json")
    assert done.code == code, done.out + done.err
    assert done.report["exit_code"] == code
    findings: list[dict[str, object]] = done.report["findings"]
    return findings


def test_a_merge_with_a_decision_tells_the_step_for_it(moved: tuple[Repo, str, str]) -> None:
    repo, ours, _ = moved
    repo.checkout("main", ours)
    done = repo.syncfork("merge", "upstream", "--as-far-as-clean", "--branch", "s", "--format", "json")
    assert (done.code, done.report["state"]) == (1, "merged")
    [decision] = done.report["findings"]
    assert (
        done.report["next"][0] == f"syncfork explain {decision['id']}    (how to decide it, or to accept it)"
    )
    assert repo.syncfork(*done.report["next"][0].split("    ")[0].split()[1:]).code == 0


def toml(**written: str) -> str:
    lines = "".join(f"{key} = {value}\n" for key, value in written.items())
    return f'[[accept]]\n{lines}reason = "{REASON}"\n'


def test_by_id_it_needs_nobody_and_stays_visible(moved: tuple[Repo, str, str]) -> None:
    repo, ours, _ = moved
    (before,) = dry(repo, ours, code=1)
    assert before["accepted"] == ""
    configured = repo.commit({"syncfork.toml": toml(finding=f'"{before["id"]}"')}, ours)
    (after,) = dry(repo, configured, code=0)
    assert after == {**before, "accepted": REASON}
    told = repo.syncfork("merge", "upstream", "--dry-run")
    assert told.code == 0 and "1 accepted" in told.out and f"because: {REASON}" in told.out


def test_by_detector_and_files(moved: tuple[Repo, str, str]) -> None:
    repo, ours, _ = moved
    elsewhere = repo.commit({"syncfork.toml": toml(detector='"pins"', files='["lib/**"]')}, ours)
    assert [f["accepted"] for f in dry(repo, elsewhere, code=1)] == [""]
    there = repo.commit({"syncfork.toml": toml(detector='"pins"', files='["*.yml"]')}, ours)
    assert [f["accepted"] for f in dry(repo, there, code=0)] == [REASON]


def test_run_out_it_needs_somebody_again(moved: tuple[Repo, str, str]) -> None:
    repo, ours, _ = moved
    known = toml(detector='"pins"', files='["*.yml"]', until="2020-01-31")
    findings = dry(repo, repo.commit({"syncfork.toml": known}, ours), code=1)
    assert [(f["class"], f["detector"], f["accepted"]) for f in findings] == [
        ("decision", "pins", ""),
        ("note", "acceptance", ""),
    ]


def test_a_rule_accepts_what_its_intent_brings(moved: tuple[Repo, str, str]) -> None:
    repo, ours, _ = moved
    rule = f"""
id: libfoo
why: Our libfoo is built with a flag of its own.
files: [d.yml]
accept:
  - detector: pins
    files: [d.yml]
    reason: {REASON}
"""
    (found,) = dry(repo, repo.commit(rule_files(rule), ours), code=0)
    assert found["accepted"] == REASON


def test_a_wrong_acceptance_is_refused_with_its_place(moved: tuple[Repo, str, str]) -> None:
    repo, ours, _ = moved
    repo.checkout("main", repo.commit({"syncfork.toml": toml(detector='"pins"')}, ours))
    done = repo.syncfork("merge", "upstream", "--dry-run")
    assert done.code == 3 and "Traceback" not in done.err
    assert "syncfork.toml" in done.err and "`detector` needs `files`" in done.err

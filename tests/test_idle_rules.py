"""A rule that governs nothing is told: by the loader, by lint, and by every merge."""

from __future__ import annotations

from typing import Any

import pytest
from git_fixtures import Repo, compile_rules, numbered, rule_files
from test_merge_rules import sync

from syncfork.errors import RuleError
from syncfork.git.door import Git
from syncfork.report import Report
from syncfork.rules.accepting import Accept
from syncfork.rules.convert import MistakesError, convert

REWRITING = "id: r\nfiles: ['{0}']\nrewrite: [{{replace: {{literal: a}}, with: b}}]\n"
HOLDING = "id: r\nfiles: ['{0}']\nhold: [{{forbid: {{literal: a}}}}]\n"
RELATING = """
id: r
files: ['{0}']
hold: [{{relate: {{left: {{files: [one], select: {{regex: .+}}}}, is: equal to, right: {{files: [one], select: {{regex: .+}}}}}}}}]
"""


def idle(report: Report) -> list[tuple[str, str]]:
    return [(f.cls, f.path) for f in report.findings if f.detector == "idle-rule"]


@pytest.mark.parametrize("pattern", ["*.{yml,yaml}", "!x/{a,b}", "x{1..3}"])
def test_a_brace_in_a_glob_is_refused(pattern: str) -> None:
    with pytest.raises(RuleError, match=r"files.*list each pattern"):
        compile_rules(REWRITING.format("f").replace("['f']", f"['f', '{pattern}']"))
    with pytest.raises(MistakesError, match="list each pattern"):
        convert({"detector": "pins", "files": [pattern], "reason": "it is long enough"}, Accept)


@pytest.mark.parametrize("pattern", ["{{cookiecutter.name}}/x", "a[{]b,c}", r"a\{b,c}"])
def test_a_brace_in_a_name_is_none(pattern: str) -> None:
    assert compile_rules(REWRITING.format(pattern))


@pytest.mark.parametrize("rule", [REWRITING, HOLDING, RELATING])
def test_a_rule_that_never_matched_is_a_note_at_least(repo: Repo, rule: str) -> None:
    base = {"f": b"x\n", "one": b"1\n"}
    report = sync(repo, base, {"o": b""}, {"f": b"y\n"}, rule.format("mistyped"))
    assert idle(report) == ([("note", ".syncfork/rule-1.yml")] if rule is REWRITING else [])
    assert report.exit_code == 0
    if rule is HOLDING:
        assert [f.message for f in report.findings] == ["no file of this name is left to check"]


@pytest.mark.parametrize("pattern", ["f", "f*", "dir", "ü b"])
def test_a_rule_whose_files_are_gone_is_a_decision(repo: Repo, pattern: str) -> None:
    report, ours = gone(repo, REWRITING.format(pattern))
    assert idle(report) == [("decision", ".syncfork/rule-1.yml")] and report.exit_code == 1
    [finding] = report.decisions()
    assert f"any more, since {ours[:9]}:" in finding.message and "`files`" in finding.fix


def test_an_invariant_whose_files_are_gone_is_told_once(repo: Repo) -> None:
    report, _ = gone(repo, HOLDING.format("f"))
    assert [(f.path, f.message) for f in report.findings] == [("f", "no file of this name is left to check")]


def gone(repo: Repo, rule: str) -> tuple[Report, str]:
    """A merge with `rule` after one in which both sides had deleted its files, and the commit that did so here."""
    root = repo.commit({"f": b"a\n", "dir/f": b"a\n", "ü b": b"a\n", "o": b""})
    ours = repo.commit({"f": None, "dir/f": None, "ü b": None, **rule_files(rule)}, root)
    upstream = repo.commit({"f": None, "dir/f": None, "ü b": None}, root)
    synced = repo.commit({}, ours, upstream)
    return repo.merge(synced, repo.commit({"o": b"1\n"}, upstream)), ours


def test_what_is_an_exception_never_matched(repo: Repo) -> None:
    rule = REWRITING.format("*.c").replace("['*.c']", "['*.c', '!x.c']")
    report = sync(repo, {"x.c": b"1\n"}, {"x.c": b"2\n"}, {"o": b""}, rule)
    assert idle(report) == [("note", ".syncfork/rule-1.yml")]


@pytest.mark.parametrize("side", ["base", "ours", "theirs"])
def test_one_side_with_such_a_file_is_enough(repo: Repo, side: str) -> None:
    files = {name: {"f": b"b\n"} if name == side else {"f": None} for name in ("base", "ours", "theirs")}
    report = sync(repo, {"o": b"", **({} if side != "base" else files["base"])}, files["ours"], files["theirs"], REWRITING.format("f"))  # fmt: skip
    assert idle(report) == []


def test_own_has_nothing_to_look_at(repo: Repo) -> None:
    report = sync(repo, {"f": numbered(3)}, {"o": b""}, {"f": b"y\n"}, "id: r\nfiles: [gone]\nown: absent\n")
    assert report.findings == ()


def test_the_history_is_walked_once_and_how_long_git_writes_a_hash_tells_no_finding_from_another(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = [REWRITING.format(name).replace("id: r", f"id: {name}") for name in ("f", "g", "never")]
    root = repo.commit({"f": b"a\n", "g": b"a\n", "o": b""})
    ours = repo.commit({"f": None, **rule_files(*rules)}, root)
    upstream = repo.commit({"f": None, "g": None}, root)
    synced = repo.commit({"g": None}, ours, upstream)
    theirs = repo.commit({"o": b"1\n"}, upstream)
    logs: list[tuple[str, ...]] = []
    text = Git.text

    def counting(git: Git, *arguments: str, **more: Any) -> str:
        logs.append(arguments)
        return text(git, *arguments, **more)

    monkeypatch.setattr(Git, "text", counting)
    report = repo.merge(synced, theirs)
    assert idle(report) == [
        (c, f".syncfork/rule-{n}.yml") for n, c in enumerate(["decision"] * 2 + ["note"], 1)
    ]
    assert [f.message.split("since ")[1][:10] for f in report.decisions()] == [
        f"{c[:9]}:" for c in (ours, synced)
    ]
    assert sum("--first-parent" in asked and "--name-only" in asked for asked in logs) == 1
    repo.git("config", "core.abbrev", "20")
    assert [f.id for f in repo.merge(synced, theirs).findings] == [f.id for f in report.findings]

"""`made-from:` asks for files to be made anew where what they are made from changed, and they did not."""

from __future__ import annotations

import pytest
from git_fixtures import Changes, Repo, compile_rules, numbered, rule_files
from test_merge_rules import sync
from test_rules_lint import problems, view

from syncfork.render.markdown import render as markdown
from syncfork.render.terminal import render
from syncfork.report import Report

WHY = "Our builds have no network."
RULE = f"""
id: vendored
why: {WHY}
files: ["vendor/**"]
hold: [{{made-from: [go.mod, "src/**"], by: go mod vendor}}]
"""
BASE: Changes = {"go.mod": numbered(9), "src/a": b"1\n", "src/b": b"1\n", "other": b"1\n"}
OURS: Changes = {"vendor/a": b"ours\n", "vendor/b": b"ours\n"}
ASKED = [("vendor/**", "made before go.mod changed: run `go mod vendor`")]


def asked(report: Report) -> list[tuple[str, str]]:
    return [(f.path, f.message) for f in report.decisions() if f.detector == "made-from"]


@pytest.mark.parametrize(
    ("theirs", "found"),
    [
        ({"go.mod": numbered(9, {2: "new"})}, ASKED),
        ({"go.mod": None}, ASKED),
        ({"other": b"2\n"}, []),
        (
            {"go.mod": numbered(9, {2: "new"}), "src/a": b"2\n", "src/b": b"2\n", "src/c": b"3\n"},
            [("vendor/**", "made before go.mod, src/a and 2 more changed: run `go mod vendor`")],
        ),
    ],
)
def test_a_merge_asks_once_for_all_that_is_made(
    repo: Repo, theirs: Changes, found: list[tuple[str, str]]
) -> None:
    report = sync(repo, BASE, OURS, theirs, RULE)
    assert asked(report) == found and report.exit_code == bool(found)
    assert report.state == "merged", "a decision keeps no merge from being made"


def test_it_names_the_command_the_why_and_the_newest_commits(repo: Repo) -> None:
    root = repo.commit(BASE)
    one = repo.commit({"go.mod": numbered(9, {2: "new"})}, root, message="require more")
    two = repo.commit({"other": b"2\n"}, one, message="elsewhere")
    three = repo.commit({"src/a": b"2\n"}, two, message="the newest of them")
    report = repo.merge(repo.commit({**OURS, **rule_files(RULE)}, root), three)
    [finding] = report.decisions()
    assert [c.subject for c in finding.culprits] == ["the newest of them", "require more"]
    assert (finding.fix, finding.files, finding.line) == (WHY, ("go.mod", "src/a"), 0)
    shown = render(report)
    assert f"why: {WHY}" in shown and "run `go mod vendor`" in shown
    assert "`go.mod`" in markdown(report) and WHY in markdown(report)


def test_a_source_in_conflict_has_changed(repo: Repo) -> None:
    ours = {**OURS, "go.mod": numbered(9, {2: "ours"})}
    report = sync(repo, BASE, ours, {"go.mod": numbered(9, {2: "theirs"})}, RULE)
    assert [c.path for c in report.conflicts] == ["go.mod"] and asked(report) == ASKED


def test_what_is_made_in_conflict_is_not_made_anew(repo: Repo) -> None:
    base = {**BASE, "vendor/a": b"1\n"}
    theirs = {"go.mod": numbered(9, {2: "new"}), "vendor/a": b"theirs\n"}
    report = sync(repo, base, OURS, theirs, RULE)
    assert [c.path for c in report.conflicts] == ["vendor/a"] and asked(report) == ASKED


@pytest.mark.parametrize(("ours", "found"), [({}, []), (OURS, ASKED)])
def test_upstream_may_have_made_all_of_it(repo: Repo, ours: Changes, found: list[tuple[str, str]]) -> None:
    """Where the fork has files of its own there, a file that upstream changed is not all of it."""
    theirs = {"go.mod": numbered(9, {2: "new"}), "vendor/readme": b"2\n"}
    report = sync(repo, {**BASE, "vendor/readme": b"1\n"}, {**ours, "mine": b""}, theirs, RULE)
    assert asked(report) == found


BOTH_BASE: Changes = {**BASE, "vendor/list": numbered(9)}
BOTH_OURS: Changes = {"vendor/list": numbered(9, {1: "ours"})}
BOTH_THEIRS: Changes = {"go.mod": numbered(9, {2: "new"}), "vendor/list": numbered(9, {8: "theirs"})}


def test_what_git_put_together_is_not_made_anew(repo: Repo) -> None:
    report = sync(repo, BOTH_BASE, BOTH_OURS, BOTH_THEIRS, RULE)
    assert report.state == "merged" and asked(report) == ASKED


def test_nor_is_what_a_rule_wrote(repo: Repo) -> None:
    text = "id: text\nfiles: [vendor/list]\nrewrite: [{replace: {literal: 'line 8'}, with: 'own'}]\n"
    theirs = {"go.mod": numbered(9, {2: "new"}), "vendor/list": numbered(9, {5: "theirs"})}
    report = sync(repo, BOTH_BASE, BOTH_OURS, theirs, RULE, text)
    assert [item.outcome for item in report.rules] == ["applied"] and asked(report) == ASKED


def test_what_its_command_wrote_in_the_merge_is_made_anew(repo: Repo) -> None:
    own = "own: {regenerate: [sh, -c, 'echo made > vendor/list']}\n"
    rule = RULE.replace("vendor/**", "vendor/list") + own
    report = sync(repo, BOTH_BASE, BOTH_OURS, BOTH_THEIRS, rule, regenerate=True)
    assert asked(report) == []


def test_a_rule_that_is_kept_governs_something(repo: Repo) -> None:
    report = sync(repo, BASE, OURS, {"other": b"2\n"}, RULE)
    assert not report.findings and "no rule had anything to do here" in render(report)


@pytest.mark.parametrize(("made", "asks"), [({}, True), ({"vendor/list": "made\n"}, False)])
def test_what_git_put_together_is_not_made_anew_in_continue_and_check_either(
    repo: Repo, made: dict[str, str | None], asks: bool
) -> None:
    root = repo.commit({**BOTH_BASE, "x": b"1\n"})
    upstream = repo.commit({**BOTH_THEIRS, "x": b"theirs\n"}, root)
    repo.branch("upstream", upstream)
    fork = repo.commit({**BOTH_OURS, "x": b"ours\n", **rule_files(RULE)}, root)
    repo.checkout("main", fork)
    assert repo.syncfork("merge", "upstream").code == 1
    expected = [("made-from", "vendor/**")] if asks else []
    assert told(finish(repo, made)) == expected
    checked = repo.syncfork("check", "--base", fork, "--format", "json").report
    assert told(checked) == expected


def test_check_asks_of_a_merge_of_git_s_alone_until_it_is_made(repo: Repo) -> None:
    root = repo.commit(BOTH_BASE)
    fork = repo.commit({**BOTH_OURS, **rule_files(RULE)}, root)
    repo.branch("upstream", repo.commit(BOTH_THEIRS, root))
    repo.checkout("main", fork)
    repo.git("merge", "-q", "--no-edit", "upstream")
    assert told(repo.syncfork("check", "--base", fork, "--format", "json").report) == [
        ("made-from", "vendor/**")
    ]
    (repo.path / "vendor/list").write_text("made\n")
    repo.git("commit", "-qam", "vendor: made anew")
    assert told(repo.syncfork("check", "--base", fork, "--format", "json").report) == []


def test_what_the_fork_changed_before_is_not_asked_about(repo: Repo) -> None:
    ours = {**OURS, "go.mod": numbered(9, {5: "ours"})}
    assert asked(sync(repo, BASE, ours, {"other": b"2\n"}, RULE)) == []


def test_governed_files_are_no_source_of_themselves(repo: Repo) -> None:
    rule = RULE.replace("go.mod, ", "").replace("src/**", "**").replace('"vendor/**"', '"vendor/**", other')
    report = sync(repo, BASE, OURS, {"other": b"2\n"}, rule)
    assert asked(report) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [(("go.mod, ", "gone, "), []), (("vendor/**", "gone/**"), ["of what is to be made"]), (('go.mod, "src/**"', "gone"), ["from which"])],
)  # fmt: skip
def test_what_it_cannot_look_at_is_not_green(repo: Repo, change: tuple[str, str], told: list[str]) -> None:
    report = sync(repo, BASE, OURS, {"src/a": b"2\n"}, RULE.replace(*change))
    found = [message for _, message in asked(report) if "could not be checked" in message]
    assert len(found) == len(told) and all(map(str.__contains__, found, told))


def waiting(repo: Repo) -> None:
    """A merge with a conflict elsewhere, in which go.mod changed."""
    root = repo.commit({**BASE, "vendor/old": b"1\n", "x": b"1\n"})
    repo.branch("upstream", repo.commit({"go.mod": numbered(9, {2: "new"}), "x": b"theirs\n"}, root))
    repo.checkout("main", repo.commit({**OURS, "vendor/c": b"1\n", "x": b"ours\n", **rule_files(RULE)}, root))
    assert repo.syncfork("merge", "upstream").code == 1


def finish(repo: Repo, changes: dict[str, str | None]) -> dict:  # type: ignore[type-arg]
    for path, content in {"x": "both\n", **changes}.items():
        if content is None:
            (repo.path / path).unlink()
        else:
            (repo.path / path).write_text(content)
    repo.git("add", "-A")
    return repo.syncfork("continue", "--format", "json").report


def told(report: dict) -> list[tuple[str, str]]:  # type: ignore[type-arg]
    return [(f["detector"], f["path"]) for f in report["findings"] if f["class"] != "note"]


def test_continue_is_satisfied_once_it_is_made_anew(repo: Repo) -> None:
    """What the command changed and took out is its doing: nobody has to confirm it."""
    waiting(repo)
    report = finish(
        repo,
        {"vendor/a": "new\n", "vendor/b": None, "vendor/c": None, "vendor/old": None, "vendor/d": "new\n"},
    )
    assert (report["state"], report["exit_code"], told(report)) == ("merged", 0, [])
    assert "go mod vendor" not in repo.git("log", "-1", "--format=%B")


def test_continue_asks_again_where_it_is_not(repo: Repo) -> None:
    waiting(repo)
    report = finish(repo, {})
    assert (report["state"], report["exit_code"]) == ("merged", 1)
    assert told(report) == [("made-from", "vendor/**")]
    assert [f["culprits"][0]["subject"] for f in report["findings"] if f["files"]] == ["a change"]
    assert "go mod vendor" in repo.git("log", "-1", "--format=%B")


def test_what_is_edited_where_nothing_is_to_be_made_is_told_as_ever(repo: Repo) -> None:
    root = repo.commit({**BASE, "x": b"1\n"})
    repo.branch("upstream", repo.commit({"x": b"theirs\n"}, root))
    repo.checkout("main", repo.commit({**OURS, "x": b"ours\n", **rule_files(RULE)}, root))
    assert repo.syncfork("merge", "upstream").code == 1
    assert told(finish(repo, {"vendor/a": "by hand\n"})) != []


def test_check_asks_until_a_later_commit_has_made_it(repo: Repo) -> None:
    root = repo.commit(BASE)
    theirs = repo.commit({"go.mod": numbered(9, {2: "new"})}, root)
    fork = repo.commit({**OURS, **rule_files(RULE)}, root)
    [made] = repo.merge(fork, theirs, branch="synced").decisions()
    first = repo.syncfork("check", "synced", "--base", "main", "--format", "json").report
    assert [f["id"] for f in first["findings"]] == [made.id], "it is the same finding"
    assert first["exit_code"] == 1 and len(first["findings"][0]["culprits"]) == 1
    repo.git("checkout", "-q", "synced")
    (repo.path / "vendor/a").write_text("new\n")
    repo.git("commit", "-qam", "vendor: made anew")
    for base in (["--base", "main"], []):
        assert repo.syncfork("check", "synced", *base, "--format", "json").report["findings"] == []


@pytest.mark.parametrize(
    ("changes", "found"), [({"go.mod": b"1\n"}, 1), ({"go.mod": b"1\n", "vendor/a": b"2\n"}, 0)]
)
def test_check_asks_where_a_pull_request_changes_a_source(repo: Repo, changes: Changes, found: int) -> None:
    root = repo.commit({**BASE, **OURS, **rule_files(RULE)})
    # What came to main since is no matter of the pull request.
    repo.checkout("main", repo.commit({"src/a": b"2\n", "vendor/b": b"2\n"}, root))
    repo.branch("mine", repo.commit(changes, root))
    report = repo.syncfork("check", "mine", "--base", "main", "--format", "json").report
    assert len(report["findings"]) == found == report["exit_code"]


def test_an_acceptance_stands_for_what_upstream_changed(repo: Repo) -> None:
    root = repo.commit(BASE)
    fork = repo.commit({**OURS, **rule_files(RULE)}, root)
    tips = [repo.commit({"go.mod": numbered(9, {2: word})}, root) for word in ("one", "other", "one")]
    first, other, again = [repo.merge(fork, tip, dry_run=True).decisions()[0].id for tip in tips]
    assert first == again != other


def test_cases_show_when_it_asks(repo: Repo) -> None:
    cases = """
cases:
  - {changed: [go.mod], asks: true}
  - {changed: [src/deep/x, other], asks: true}
  - {changed: [go.mod, vendor/modules.txt], asks: false}
  - {changed: [vendor/a], asks: false}
  - {changed: [other], asks: true}
  - {changed: [go.mod], asks: false}
"""
    repo.checkout("main", repo.commit({**BASE, **OURS, **rule_files(RULE + cases)}))
    ran = repo.syncfork("rules", "test")
    assert ran.code == 1 and "4 passed, 2 failed" in ran.out
    assert "it does not ask where these change" in ran.out and "it asks: go.mod" in ran.out
    assert "made from [go.mod, src/**]" in repo.syncfork("rules", "show", "vendored").out


def test_lint_tells_what_is_made_from_nothing_and_what_is_never_made() -> None:
    fork, upstream = view(**{"vendor": "", "go": ""}), view("up", go="")
    made = "id: v\nwhy: {}\nfiles: [vendor.txt]\nhold: [{{made-from: [{}], by: make}}]\n"
    again = "id: r\nwhy: It is made by a command.\nfiles: [{}]\nown: {{regenerate: [make]}}\n"
    assert compile_rules(made.format(WHY, "gone"))
    [line] = problems(made.format(WHY, "gone"), fork=fork, upstream=upstream)
    assert "matches gone, from which it says its files are made" in line
    assert problems(made.format(WHY, "go.txt"), fork=fork, upstream=upstream) == []
    [line] = problems(again.format("vendor.txt"), fork=fork, upstream=upstream)
    assert "up has none of its files" in line
    assert problems(again.format("go.txt"), fork=fork, upstream=upstream) == []

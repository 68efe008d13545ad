"""Ways in which an intent, or a file of the fork's own, could get lost while everything looks green."""

from __future__ import annotations

import pytest
from git_fixtures import Repo, lines, names, numbered, rule_files


def merged(repo: Repo, base: dict, ours: dict, theirs: dict, *rules: str) -> dict:  # type: ignore[type-arg]
    first = repo.commit(base)
    repo.branch("upstream", repo.commit(theirs, first))
    repo.checkout("main", repo.commit(ours | rule_files(*rules), first))
    return repo.syncfork(
        "merge", "upstream", "--no-checkout", "--branch", "synced", "--format", "json"
    ).report


def test_a_regenerated_file_that_upstream_left_alone_stays_the_forks(repo: Repo) -> None:
    rule = "id: lock\nfiles: [lock]\nown: {regenerate: [make, lock]}"
    report = merged(repo, {"lock": "1\n", "x": "1\n"}, {"lock": "1\nours\n"}, {"x": "2\n"}, rule)
    assert report["exit_code"] == 0
    assert repo.read("synced", "lock") == b"1\nours\n"


@pytest.mark.parametrize("ours", [None, "1\n", "1\nours\n"])
def test_a_file_to_be_made_anew_is_asked_about_where_the_fork_has_its_own(
    repo: Repo, ours: str | None
) -> None:
    rule = "id: lock\nfiles: [lock]\nown: {regenerate: [make, lock]}"
    base = {"lock": "1\n", "x": "1\n"}
    report = merged(repo, base, {"lock": ours} if ours != "1\n" else {"z": "1\n"}, {"lock": "2\n"}, rule)
    assert [f["detector"] for f in report["findings"]] == ([] if ours == "1\n" else ["regenerate"])
    assert repo.read("synced", "lock") == b"2\n"


def test_absent_does_not_reach_a_file_of_the_forks_own(repo: Repo) -> None:
    text = numbered(30)
    rule = "id: gone\nfiles: [a.yml]\nown: absent"
    report = merged(
        repo,
        {"a.yml": text, "x": "1\n"},
        {"a.yml": None, "b.yml": "mine\n"},
        {"a.yml": None, "b.yml": text},
        rule,
    )
    assert names(report["conflicts"]) == {"b.yml"}


def test_a_governed_file_that_is_gone_needs_a_person(repo: Repo) -> None:
    rule = "id: flag\nfiles: [release.txt]\nrewrite: [{replace: {literal: flag=on}, with: flag=off}]"
    report = merged(
        repo, {"release.txt": "flag=on\n", "x": "1\n"}, {"release.txt": "flag=off\n"},
        {"release.txt": None, "targets.txt": numbered(20, {5: "flag=on"})}, rule,
    )  # fmt: skip
    assert report["exit_code"] == 1
    assert [f["detector"] for f in report["findings"]] == ["intent-lost"]


def test_sites_that_vanish_are_not_called_adopted(repo: Repo) -> None:
    rule = "id: push\nfiles: [ci]\nrewrite: [{replace: {literal: run --push}, with: run, expect: any}]"
    report = merged(repo, {"ci": "run --push\n"}, {"ci": "run\n"}, {"ci": "run '--push'\n"}, rule)
    assert not any(rule["retirable"] for rule in report["rules"])
    assert report["findings"] != [] or report["conflicts"] != []


def test_the_new_text_somewhere_else_is_a_question(repo: Repo) -> None:
    rule = "id: push\nfiles: [ci]\nrewrite: [{replace: {literal: push = yes}, with: push = no}]"
    theirs = lines("a", "b", "push: yes  # was push = no before")
    report = merged(
        repo,
        {"ci": lines("a", "b", "push = yes")},
        {"ci": lines("a", "b", "push = no")},
        {"ci": theirs},
        rule,
    )
    assert report["exit_code"] == 1
    assert "doubtful-site" in {f["detector"] for f in report["findings"]}


@pytest.mark.parametrize(
    ("theirs", "doubtful"),
    [
        (lines("# once t: 60", "a", "t: 10", "b", "", "", "t: 15"), True),
        (lines("a", "t: 10", "b", "", "", "t: 60"), True),
        (lines("a", "t: 10", "b", "", "", "t: 10", "c"), False),
        (lines("c", "a", "t: 60", "b", "", "", "t: 60"), True),
    ],
)
def test_a_site_that_went_is_not_made_up_for_by_the_new_text_elsewhere(
    repo: Repo, theirs: bytes, doubtful: bool
) -> None:
    rule = "id: long\nfiles: [ci]\nrewrite: [{replace: {literal: 't: 10'}, with: 't: 60', expect: 2}]"
    base, ours = (lines("a", f"t: {t}", "b", "", "", f"t: {t}") for t in (10, 60))
    report = merged(repo, {"ci": base}, {"ci": ours}, {"ci": theirs}, rule)
    assert ("doubtful-site" in {f["detector"] for f in report["findings"]}) == doubtful
    assert report["exit_code"] == int(doubtful)


def test_derived_does_not_take_a_file_the_fork_lacks(repo: Repo) -> None:
    rule = 'id: copy\nfiles: ["v*.yml"]\nown: {derived: src.yml}'
    report = merged(repo, {"src.yml": "a\n"}, {"vsrc.yml": "a\n"}, {"vnew.yml": "new\n"}, rule)
    assert report["exit_code"] == 0
    assert repo.read("synced", "vnew.yml") == b"new\n"


def test_a_comment_that_upstream_adds_above_what_the_fork_took_out_stays(repo: Repo) -> None:
    rule = "id: quiet\nfiles: [a.py]\nrewrite: [{remove: {literal: log()}}]"
    report = merged(
        repo, {"a.py": lines("a", "# logs", "log()", "b")}, {"a.py": lines("a", "b")},
        {"a.py": lines("a", "# TODO: close the file", "# logs", "log()", "b")}, rule,
    )  # fmt: skip
    assert report["exit_code"] == 0
    assert repo.read("synced", "a.py") == lines("a", "# TODO: close the file", "b")

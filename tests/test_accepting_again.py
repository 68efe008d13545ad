"""An id stands for what was looked at: the same while that is, another one as soon as upstream changes it again."""

from __future__ import annotations

import pytest
from git_fixtures import Repo, numbered, rule_files

from syncfork.report import Report

WATCH = "id: w\nfiles: [f]\nhold: [{watch: {regex: '^two.*$'}}]\n"
WATCH_FILE = "id: w\nfiles: [f]\nhold: [{watch: file}]\n"
ONCE = "id: w\nfiles: [f]\nrewrite: [{replace: {literal: 'x: a'}, with: 'x: b'}]\n"
OLD, NEW = numbered(9, {2: "x: a"}), numbered(9, {2: "x: b"})
WORD = "id: w\nfiles: [f]\nrewrite: [{replace: {literal: word}, with: token}]\n"
MAKE = "id: w\nfiles: [f]\nown: {regenerate: ['true']}\n"


def first_id(report: Report) -> str:
    [finding] = [f for f in report.findings if f.rule == "w" and f.cls != "note"]
    return finding.id


def told(repo: Repo, rule: str, base: bytes, ours: bytes, *versions: bytes) -> list[str]:
    """The id of the rule's finding in a dry run against each of upstream's `versions`, one after the other."""
    root = repo.commit({"f": base})
    fork = repo.commit({"f": ours, **rule_files(rule)}, root)
    tip, found = root, []
    for content in versions:
        tip = repo.commit({"f": content, "other": content}, tip)
        found.append(first_id(repo.merge(fork, tip, dry_run=True)))
    return found


@pytest.mark.parametrize(
    ("rule", "base", "ours", "one", "other"),
    [
        (WATCH, b"two\n", b"two\n", b"two 2\n", b"two 3\n"),
        (WATCH_FILE, b"1\n", b"1\n", b"2\n", b"3\n"),
        (ONCE, OLD, NEW, numbered(9, {2: "x: new"}), numbered(9, {2: "x: newer"})),
        (ONCE, OLD, numbered(9, {2: "x: aa", 3: "x: a"}), OLD + b"a\n", OLD + b"b\n"),
        (ONCE, OLD, NEW, b"\0a", b"\0b"),
        # in doubt
        (ONCE, OLD, NEW, numbered(9, {2: "x", 8: "x: b"}), numbered(9, {2: "y", 8: "x: b"})),
        # lost in the merge
        (
            WORD,
            numbered(12, {6: "word"}),
            numbered(12, {1: "word"}),
            numbered(12, {12: "word"}),
            numbered(12, {9: "9", 12: "word"}),
        ),
        (MAKE, b"1\n", b"ours\n", b"2\n", b"3\n"),
    ],
)
def test_what_upstream_changed_again_is_another_finding(
    repo: Repo, rule: str, base: bytes, ours: bytes, one: bytes, other: bytes
) -> None:
    first, second, again = told(repo, rule, base, ours, one, other, one)
    assert first == again, "the same content is the same finding"
    assert first != second


def test_where_what_was_looked_at_stands_does_not_matter(repo: Repo) -> None:
    base = b"two\n" + numbered(9)
    one, other = b"two 2\n" + numbered(9), b"above\ntwo 2\n" + numbered(9, {5: "elsewhere"})
    first, second = told(repo, WATCH, base, base, one, other)
    assert first == second


def test_an_acceptance_stands_for_what_was_looked_at(repo: Repo) -> None:
    root = repo.commit({"f": b"1\n"})
    plain = repo.commit(rule_files(WATCH_FILE), root)
    two = repo.commit({"f": b"2\n"}, root)
    [found] = repo.merge(plain, two, dry_run=True).decisions()
    written = f'rules = ".syncfork"\n[[accept]]\nfinding = "{found.id}"\nreason = "looked at version 2"\n'
    fork = repo.commit({"syncfork.toml": written}, plain)
    assert repo.merge(fork, two, dry_run=True).exit_code == 0
    assert repo.merge(fork, repo.commit({"elsewhere": b""}, two), dry_run=True).exit_code == 0
    report = repo.merge(fork, repo.commit({"f": b"3\n"}, two), dry_run=True)
    assert report.exit_code == 1 and [f.detector for f in report.decisions()] == ["invariant"]

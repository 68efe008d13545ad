"""An intent that may be lost is never green: rules of all families on generated histories, through the command."""

from __future__ import annotations

import tempfile
from pathlib import Path

from generated import Drawn, histories
from git_fixtures import Repo, compile_rules, rule_files
from hypothesis import given
from test_merge_properties import examples

from syncfork.git.repository import Repository
from syncfork.report import Report
from syncfork.rewrite.base import Fork, Problem
from syncfork.text import decode_document

ONCE = """
id: once
files: ["dir/**"]
rewrite: [{replace: {literal: alpha}, with: ALPHA}]
"""
GONE = """
id: gone
files: ["*"]
rewrite: [{remove: {regex: "^beta$"}, expect: any}]
"""
MARK = """
id: mark
files: ["**", "!.syncfork/**", "!syncfork.toml"]
rewrite: [{insert: " kept", after: {regex: "^gamma"}, expect: any}]
"""
OWN = "id: {0}\nfiles: ['{1}']\nown: {0}\n"
RULES = (
    ONCE,
    GONE,
    MARK,
    OWN.format("absent", "with space"),
    OWN.format("ours", "dir/b"),
    OWN.format("theirs", "b.txt"),
)


def run(repo: Repo, history: Drawn) -> tuple[Report, str, str]:
    made: list[str] = []
    for number, node in enumerate(history.nodes):
        last = number == len(history.nodes) - 2
        files = {**node.files, **(rule_files(*RULES) if last else {})}
        made.append(repo.commit(files, *(made[parent] for parent in node.parents), whole=True))
    return repo.merge(made[-2], made[-1], dry_run=True), made[-2], made[-1]


def told(repo: Repo, report: Report, rule: str, ours: str, theirs: str) -> set[str]:
    """The paths about which the report does not let a person go: conflicts, and what is said of the rule. A
    file is told by any of its names."""
    paths = {c.path.split("~")[0] for c in report.conflicts}
    paths |= {f.path for f in (*report.breakages(), *report.decisions()) if f.rule == rule}
    opened = Repository.open(repo.path)
    changes = [c for side in (ours, theirs) for c in opened.changes(report.merge_base or "", side)]
    for _ in changes:
        paths |= {
            name for c in changes for name in (c.old_path, c.new_path) if {c.old_path, c.new_path} & paths
        }
    return paths


def check(history: Drawn) -> None:
    with tempfile.TemporaryDirectory() as folder:
        repo = Repo.create(Path(folder) / "r")
        report, ours, theirs = run(repo, history)
        if report.state == "up to date":
            return
        merged = repo.files(report.result.tree or "")
        fork, upstream = repo.files(ours), repo.files(theirs)
        for rule in compile_rules(ONCE, GONE, MARK):
            known = told(repo, report, rule.id, ours, theirs)
            for path, (mode, content) in merged.items():
                read = decode_document(path, content) if mode.startswith("100") else None
                if not rule.files.match(path) or path.split("~")[0] in known:
                    continue
                assert read, f"{rule.id} cannot read {path}, and nobody is told"
                applied = rule.apply(read[0], Fork())
                assert not isinstance(applied, Problem), f"{rule.id} fails in {path}, and nobody is told"
                assert applied.text == read[0].text, f"{rule.id} is not kept in {path}, and nobody is told"
        for rule, path, wanted in (
            ("absent", "with space", None),
            ("ours", "dir/b", fork.get("dir/b")),
            ("theirs", "b.txt", upstream.get("b.txt")),
        ):
            if path not in told(repo, report, rule, ours, theirs):
                assert without_edits(merged.get(path)) == without_edits(wanted), (
                    f"{rule} is not kept, and nobody is told"
                )
        assert bool(report.exit_code) == bool(
            report.conflicts or report.breakages() or report.decisions() or report.ledger.unexplained
        )


def without_edits(file: tuple[str, bytes] | None) -> tuple[str, bytes] | None:
    """A file as it would be if the rewriting rules had done nothing to it."""
    if file is None or not file[0].startswith("100"):
        return file
    content = file[1].replace(b"ALPHA", b"alpha").replace(b" kept", b"")
    return file[0], b"".join(
        line for line in content.splitlines(keepends=True) if line.strip() not in (b"", b"beta")
    )


@examples(15)
@given(histories())
def test_what_no_rule_keeps_is_told(history: Drawn) -> None:
    check(history)


@examples(7)
@given(histories(bases=2))
def test_what_no_rule_keeps_is_told_with_two_merge_bases(history: Drawn) -> None:
    check(history)

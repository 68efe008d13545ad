"""`syncfork rules`: on the worktree, on the commit, on packs alone; in process unless a process is the point."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import jsonschema
import pytest
import yaml
from git_fixtures import Repo, rule_files
from typer.testing import CliRunner, Result

from syncfork.cli.app import app
from syncfork.cli.verbs import load
from syncfork.errors import ExitCode, RuleError, SyncforkError, UsageError
from syncfork.report import Report, to_json
from syncfork.rules.load import pack_files, pack_names, parse_rule
from syncfork.state import remember

load()

COLOUR = """\
id: colour
why: The house paints everything green.
files: [src/*.txt]
rewrite:
  - replace: {literal: red}
    with: green
cases:
  - path: src/a.txt
    before: a red door
    after: a green door
"""
LICENCE = """\
id: licence
why: The licence is the fork's own.
files: [LICENSE]
own: ours
"""
PARSES = """\
id: parses
why: A configuration that does not parse stops every service.
files: [conf.json]
hold: [{parses: auto}]
owner: ops@example.org
link: https://example.org/why
review: 2030-01-01
cases:
  - holds: "{}"
  - name: a bare brace
    violates: "{"
"""


def run(directory: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["-C", str(directory), *arguments])


@pytest.fixture
def fork(repo: Repo) -> Repo:
    """A fork with three rules, on disk and in its commit."""
    files = {
        "src/a.txt": "a red door\n",
        "src/b.txt": "green, not blue\n",
        "LICENSE": "ours\n",
        "conf.json": "{}\n",
    }
    repo.checkout("main", repo.commit({**files, **rule_files(COLOUR, LICENCE, PARSES)}))
    return repo


def write(folder: Path, **rules: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in rules.items():
        (folder / f"{name}.yml").write_text(text)
    return folder


# -- list and show


def test_list_has_one_line_a_rule(fork: Repo) -> None:
    lines = run(fork.path, "rules", "list").stdout.splitlines()
    assert [line.split() for line in lines] == [
        ["colour", "rewrite", "src/*.txt", "never", "ran"],
        ["licence", "own", "LICENSE", "never", "ran"],
        ["parses", "hold", "conf.json", "never", "ran"],
    ]


def test_list_tells_the_last_effect(fork: Repo) -> None:
    def item(rule: str, path: str, outcome: str) -> dict[str, object]:
        return {"id": rule, "path": path, "outcome": outcome}

    report = to_json(Report(tool_version="0", verb="merge"))
    rules = [item("colour", "src/a.txt", "applied"), item("colour", "src/c.txt", "absent")]
    remember(
        fork.git_dir, {**report, "rules": rules, "findings": [{"rule": "parses", "detector": "invariant"}]}
    )
    found = json.loads(run(fork.path, "rules", "list", "--format", "json").stdout)
    told = {rule["id"]: rule["last"]["told"] for rule in found["rules"]}
    assert told == {
        "colour": "applied in 1 file, withheld in src/c.txt (absent)",
        "licence": "never ran",
        "parses": "1 finding",
    }
    assert found["verb"] == "rules list"
    assert (found["schema_version"], found["exit_code"]) == (1, 0)


@pytest.mark.parametrize("damage", ["{", "[]", '{"rules": 3}', '{"rules": [4]}', '{"upstream": 5}'])
def test_list_survives_a_damaged_record(fork: Repo, damage: str) -> None:
    remember(fork.git_dir, {})
    (fork.git_dir / "syncfork" / "last.json").write_text(damage)
    assert "never ran" in run(fork.path, "rules", "list").stdout


def test_list_reads_the_commit_not_the_worktree(fork: Repo) -> None:
    shutil.rmtree(fork.path / ".syncfork")
    assert "colour" in run(fork.path, "rules", "list").stdout


def test_list_after_a_real_merge(repo: Repo) -> None:
    base = repo.commit({"src/a.txt": "a door\n", **rule_files(COLOUR)})
    theirs = repo.commit({"src/a.txt": "a red door\n"}, base)
    ours = repo.commit({"own.txt": "ours\n"}, base)
    repo.checkout("main", ours)
    repo.branch("up", theirs)
    assert repo.syncfork("merge", "up", "--no-checkout").code in (0, 1)
    assert "colour" in (listed := repo.syncfork("rules", "list").out)
    assert "never ran" not in listed


def test_outside_a_repository_a_pack_is_enough(tmp_path: Path) -> None:
    pack = write(tmp_path / "pack", colour=COLOUR)
    outside = tmp_path / "outside"
    outside.mkdir()
    assert run(outside, "rules", "list", "--pack", f"{pack}/").stdout.split() == [
        "colour", "rewrite", "src/*.txt", "never", "ran",
    ]  # fmt: skip
    assert isinstance(run(outside, "rules", "list").exception, SyncforkError)


def test_show_tells_everything(fork: Repo) -> None:
    out = run(fork.path, "rules", "show", "parses").stdout
    for part in ("does not parse stops", "conf.json", "parses auto", "ops@example.org", "https://example.org/why",
                 "2030-01-01", "a bare brace", "never ran"):  # fmt: skip
        assert part in out
    found = json.loads(run(fork.path, "rules", "show", "colour", "--format", "json").stdout)["rule"]
    assert found["governs"] == ["src/a.txt", "src/b.txt"]
    assert found["steps"] == ["replace (literal red), with green"]
    assert found["cases"] == ["case 1"]


def test_show_names_the_rules_there_are(fork: Repo) -> None:
    error = run(fork.path, "rules", "show", "color").exception
    assert isinstance(error, UsageError)
    assert "colour, licence, parses" in error.hint


def test_show_says_what_is_not_committed_yet(fork: Repo) -> None:
    (fork.path / ".syncfork" / "new.yml").write_text(COLOUR.replace("id: colour", "id: color"))
    said = "not committed yet, so not read: new.yml in .syncfork"
    error = run(fork.path, "rules", "show", "color").exception
    assert isinstance(error, UsageError) and error.hint.startswith(f"{said}; rules here: colour")
    shown = run(fork.path, "rules", "show", "colour")
    assert f"warning: {said}" in shown.stderr and said not in shown.stdout


def test_rules_that_only_head_has_are_committed(fork: Repo) -> None:
    before = fork.git("rev-parse", "HEAD")
    (fork.path / ".syncfork" / "new.yml").write_text(COLOUR.replace("id: colour", "id: color"))
    said = "not committed yet, so not read: new.yml in .syncfork"
    assert fork.syncfork("check", before, "--format", "json").report["warnings"] == [said]
    fork.git("add", "-A")
    fork.git("commit", "-qm", "A rule")
    assert fork.syncfork("check", before, "--format", "json").report["warnings"] == []


def test_escapes_in_a_rule_are_not_obeyed(fork: Repo) -> None:
    hostile = COLOUR.replace("The house", '"The \\e[31mhouse').replace("green.\n", 'green."\n')
    commit = fork.commit(rule_files(hostile))
    fork.checkout("main", commit)
    shown = run(fork.path, "rules", "show", "colour").stdout
    assert "house" in shown
    assert "\x1b" not in shown


# -- test


def test_cases_pass(fork: Repo) -> None:
    result = run(fork.path, "rules", "test")
    assert (result.exit_code, result.stdout) == (0, "3 passed, 0 failed; 1 of 3 rules has no cases\n")


def test_worktree_counts_before_it_is_committed(fork: Repo) -> None:
    (fork.path / ".syncfork" / "rule-1.yml").write_text(COLOUR.replace("a green door", "a blue door"))
    result = run(fork.path, "rules", "test")
    assert result.exit_code == ExitCode.NEEDS_HUMAN
    assert result.stdout.splitlines() == [
        "FAILED colour  .syncfork/rule-1.yml  case 1",
        "    --- expected",
        "    +++ got",
        "    @@ -1 +1 @@",
        "    -a blue door",
        "    +a green door",
        "2 passed, 1 failed; 1 of 3 rules has no cases",
    ]


def test_paths_alone_need_no_repository(tmp_path: Path) -> None:
    folder = write(tmp_path / "rules" / "deep", colour=COLOUR, parses=PARSES)
    assert "3 passed" in run(tmp_path, "rules", "test", str(folder.parent)).stdout
    assert "1 passed" in run(tmp_path, "rules", "test", str(folder / "colour.yml")).stdout
    assert "3 passed" in run(tmp_path, "rules", "test", str(folder), str(folder / "colour.yml")).stdout


@pytest.mark.parametrize("arguments", [(), ("nowhere",), (".",)])
def test_nothing_to_test_is_a_usage_error(
    tmp_path: Path, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert isinstance(run(tmp_path, "rules", "test", *arguments).exception, UsageError)


def test_a_rule_without_cases_is_told_not_failed(tmp_path: Path) -> None:
    bare = COLOUR[: COLOUR.index("cases:")]
    result = run(tmp_path, "rules", "test", str(write(tmp_path / "r", bare=bare, licence=LICENCE)))
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0].startswith("no cases colour")
    assert "licence" not in result.stdout


def test_rules_that_were_learned_are_not_said_to_have_passed(tmp_path: Path) -> None:
    learned = LICENCE + "learned: {by: sides, bearing: 9, cases: [0123456789ab:LICENSE]}\n"
    folder = str(write(tmp_path / "r", licence=learned, other=LICENCE.replace("id: licence", "id: other")))
    result = run(tmp_path, "rules", "test", folder)
    assert (result.exit_code, result.stdout.splitlines()) == (
        0,
        [
            "0 passed, 0 failed; 2 of 2 rules have no cases",
            "1 of those without cases was learned: past merges bear it out (`learned.cases`), and `syncfork replay` makes those again",
        ],
    )
    found = json.loads(run(tmp_path, "rules", "test", folder, "--format", "json").stdout)
    assert (found["rules"], found["rules_without_cases"], found["without_cases"]) == (2, 2, [])


def test_all_mistakes_at_once_with_their_places(repo: Repo) -> None:
    folder = write(
        repo.path / "r", one=COLOUR.replace("files:", "fils:"), two=LICENCE.replace("ours\n", "mine\n")
    )
    repo.checkout("main", repo.commit({"a": "1\n"}))
    done = repo.syncfork("rules", "test", str(folder))
    assert done.code == ExitCode.ENVIRONMENT
    assert "one.yml:3: fils: " in done.err
    assert "one.yml:1: files: " in done.err
    assert "two.yml:4: own" in done.err


def test_case_results_as_json(fork: Repo) -> None:
    found = json.loads(run(fork.path, "rules", "test", "--format", "json").stdout)
    assert (found["passed"], found["failed"], found["exit_code"]) == (3, [], 0)


# -- lint


def test_lint_is_content(fork: Repo) -> None:
    result = run(fork.path, "rules", "lint")
    assert (result.exit_code, result.stdout) == (0, "no problem in 3 rules, held against HEAD\n")


def test_lint_looks_at_upstream_too(fork: Repo) -> None:
    head = fork.git("rev-parse", "HEAD")
    upstream = fork.commit({"src/a.txt": "a red house\n", "up.txt": "1\n"}, head)
    fork.git("update-ref", "refs/remotes/upstream/main", upstream)
    rule = COLOUR.replace("src/*", "src/a").replace("id: colour", "id: second").replace("paints", "wants")
    rule = rule.replace("green", "blue")
    (fork.path / ".syncfork" / "rule-4.yml").write_text(rule)
    only_upstream = (
        LICENCE.replace("licence", "up").replace("LICENSE", "up.txt").replace("is the", "of up is the")
    )
    (fork.path / ".syncfork" / "rule-5.yml").write_text(only_upstream)
    found = json.loads(run(fork.path, "rules", "lint", "--format", "json").stdout)
    assert found["held_against"] == ["HEAD", "upstream/main"]
    assert [(remark["rule"], remark["problem"]) for remark in found["remarks"]] == [
        ("second", "colour writes in the same place: src/a.txt:1 in HEAD")
    ]
    assert found["exit_code"] == ExitCode.NEEDS_HUMAN


def test_lint_outside_a_repository(tmp_path: Path) -> None:
    result = run(tmp_path, "rules", "lint", str(write(tmp_path / "r", colour=COLOUR, licence=LICENCE)))
    assert result.exit_code == 0
    assert "no tree" in result.stdout


# -- schema


def schema(*arguments: str) -> dict[str, object]:
    found = json.loads(CliRunner().invoke(app, ["rules", "schema", *arguments]).stdout)
    jsonschema.Draft202012Validator.check_schema(found)
    assert isinstance(found, dict)
    return found


def as_data(content: bytes) -> object:
    """A rule file as an editor's validator sees it: YAML 1.2, where a date is a text."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return json.loads(json.dumps(yaml.load(content, Loader=loader), default=str))


@pytest.mark.parametrize("pack", pack_names())
def test_shipped_rules_are_valid_by_the_schema(pack: str) -> None:
    validator = jsonschema.Draft202012Validator(schema())
    for name, content in pack_files(pack):
        errors = [error.message for error in validator.iter_errors(as_data(content))]
        assert not errors, (name, errors)


@pytest.mark.parametrize(
    "rule",
    [
        COLOUR.replace("why: The house paints everything green.\n", ""),
        COLOUR.replace("literal", "litteral"),
        COLOUR.replace("replace:", "exchange:"),
        COLOUR.replace("[src/*.txt]", "src/*.txt"),
        COLOUR + "more: 1\n",
        LICENCE.replace("ours\n", "mine\n"),
        PARSES.replace("parses: auto", "parsed: auto"),
        "- a list\n",
    ],
)
def test_the_schema_refuses_what_the_loader_refuses(rule: str) -> None:
    assert isinstance(parse_rule("r.yml", rule.encode()), list)
    assert list(jsonschema.Draft202012Validator(schema()).iter_errors(as_data(rule.encode())))


def test_a_report_is_valid_by_its_schema(fork: Repo) -> None:
    report = json.loads(json.dumps(to_json(Report(tool_version="0", verb="merge"))))
    published = json.loads(run(fork.path, "report", "--schema").stdout)
    jsonschema.validate(report, published)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**report, "exit_code": "none"}, published)


def test_no_packs_by_that_name(tmp_path: Path) -> None:
    assert isinstance(run(tmp_path, "rules", "list", "--pack", "no-such").exception, RuleError)

"""`syncfork ci`: the shell of what it generates does what it says, run for real."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from git_fixtures import Repo, numbered
from pipeline_runner import BASH, Forge

from syncfork import __version__

needs_bash = pytest.mark.skipif(
    BASH is None, reason="bash is not installed, and the workflow's steps are bash's"
)
LABEL = "syncfork"


def tool(name: str) -> str:
    """A checker's program, beside this Python or on PATH; the test is skipped where it is not installed."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed: what it would find stays unseen")
    return found


def generated(repo: Repo, *arguments: str) -> str:
    done = repo.syncfork("ci", *arguments, "--output", "-")
    assert done.code == 0, done.err
    return done.out


class World:
    """A fork on a forge, its upstream, and the workflow between them."""

    def __init__(self, folder: Path) -> None:
        self.up = Repo.create(folder / "up")
        self.base = self.up.commit({"a.txt": numbered(9)}, branch="main")
        self.fork = Repo.create(folder / "fork.git", bare=True)
        self.fork.commit({"a.txt": numbered(9)})
        self.ours = self.fork.commit({"a.txt": numbered(9, {5: "ours"})}, self.base, branch="main")
        self.theirs = self.base
        self.forge = Forge(folder / "forge", self.fork.path)
        self.address = f"file://{self.up.path}"
        self.workflow = generated(self.fork, "github", "--fork", "acme/fork", "--upstream", self.address)

    def upstream_says(self, text: str, line: int = 5) -> None:
        self.theirs = self.up.commit({"a.txt": numbered(9, {line: text})}, self.theirs, branch="main")

    def fork_merges(self) -> None:
        """A person merges upstream by hand and keeps the fork's side."""
        self.fork.git("fetch", "-q", str(self.up.path), "main")
        self.ours = self.fork.commit({}, self.ours, self.theirs, branch="main")

    def run(self) -> dict[str, str]:
        self.jobs = self.forge.run(self.workflow)
        return {name: job.result for name, job in self.jobs.items()}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@needs_bash
def test_one_issue_is_made_updated_closed_and_reopened(world: World) -> None:
    good = {"drift": "success", "code-scanning": "success", "issue": "success"}
    assert world.run() == good, world.jobs
    assert world.forge.issues == [], "nothing is left, so there is nothing to tell"

    world.upstream_says("theirs")
    assert world.run() == good, world.jobs
    (issue,) = world.forge.issues
    assert (issue["number"], issue["state"], issue["labels"]) == (7, "OPEN", [LABEL])
    assert "Something needs a person." in issue["body"]
    assert "`a.txt`" in issue["body"]
    assert "https://github.com/acme/fork/actions/runs/101" in issue["body"]

    world.upstream_says("theirs again")
    assert world.run() == good
    (issue,) = world.forge.issues
    assert (issue["number"], issue["state"], issue["log"]) == (7, "OPEN", [])
    assert "runs/102" in issue["body"]
    assert "2 behind" in issue["body"] or "2 commits" in issue["body"]

    world.fork_merges()
    assert world.run() == good
    (issue,) = world.forge.issues
    assert (issue["state"], [verb for verb, _ in issue["log"]]) == ("CLOSED", ["close"])
    assert "Nothing is left for a person." in issue["body"]

    world.upstream_says("theirs for good")
    assert world.run() == good
    (issue,) = world.forge.issues
    assert (issue["number"], issue["state"]) == (7, "OPEN")
    assert [verb for verb, _ in issue["log"]] == ["close", "reopen"]


@needs_bash
def test_upstream_in_the_forks_own_repository_is_taken_as_it_was_checked_out(tmp_path: Path) -> None:
    fork = Repo.create(tmp_path / "fork.git", bare=True)
    base = fork.commit({"a.txt": numbered(9)})
    fork.commit({"a.txt": numbered(9, {5: "theirs"})}, base, branch="TEMPLATE")
    changes = {"a.txt": numbered(9, {5: "ours"}), "syncfork.toml": 'upstream = "origin/TEMPLATE"\n'}
    fork.commit(changes, base, branch="main")
    # The forge's repository; where the workflow is written, origin leads to it.
    fork.git("remote", "add", "origin", "https://github.com/acme/fork")
    forge = Forge(tmp_path / "forge", fork.path)
    jobs = forge.run(generated(fork, "github", "--fork", "acme/fork"))
    assert {name: job.result for name, job in jobs.items()} == dict.fromkeys(jobs, "success"), jobs
    (issue,) = forge.issues
    assert "`a.txt`" in issue["body"]


@needs_bash
def test_inconclusive_run_says_so_and_fails(world: World) -> None:
    world.upstream_says("theirs")
    world.run()
    before = world.forge.issues[0]
    gone = world.up.path.rename(world.up.path.with_name("gone"))
    assert world.run() == {"drift": "failure", "code-scanning": "skipped", "issue": "success"}, world.jobs
    (issue,) = world.forge.issues
    assert (issue["state"], issue["log"]) == ("OPEN", [])
    assert "inconclusive" in issue["body"]
    assert "Nothing is left" not in issue["body"]
    assert "error:" in issue["body"], "why it failed"
    assert before["body"].partition("<!-- syncfork: report -->")[2].strip() in issue["body"].replace("\r", "")
    assert "could not" in world.jobs["drift"].summary
    assert "::error::This run was inconclusive" in world.jobs["drift"].log

    gone.rename(world.up.path)
    world.run()
    assert "inconclusive" not in world.forge.issues[0]["body"]
    assert "error:" not in world.forge.issues[0]["body"]


@needs_bash
def test_inconclusive_run_opens_nothing_and_closes_nothing(world: World) -> None:
    world.up.path.rename(world.up.path.with_name("gone"))
    assert world.run()["drift"] == "failure"
    assert world.forge.issues == []


@needs_bash
def test_failed_installation_is_inconclusive_too(world: World) -> None:
    world.upstream_says("theirs")
    world.run()
    (world.forge.home / "bin" / "pip").write_text("#!/bin/sh\nexit 1\n")
    assert world.run() == {"drift": "failure", "code-scanning": "skipped", "issue": "success"}, world.jobs
    (issue,) = world.forge.issues
    assert "inconclusive" in issue["body"]
    assert "`a.txt`" in issue["body"], "the last report that could be made stays"


@needs_bash
def test_history_goes_from_run_to_run(world: World) -> None:
    def kept(run: int) -> int:
        path = world.forge.home / "artifacts" / str(run) / "syncfork-history" / "history.jsonl"
        return len(path.read_text().splitlines())

    world.upstream_says("theirs")
    world.run()
    world.run()
    assert (kept(100), kept(101)) == (1, 2)
    # A run that broke off kept nothing, and what a pull request's run left is not looked at.
    ran = {"workflow": "syncfork.yml", "branch": "main"}
    more = [
        {"databaseId": 102, "event": "schedule", **ran},
        {"databaseId": 103, "event": "pull_request", **ran},
    ]
    world.forge.change(runs=[*world.forge.state["runs"], *more])
    forged = world.forge.home / "artifacts" / "103" / "syncfork-history"
    forged.mkdir(parents=True)
    (forged / "history.jsonl").write_text("{}\n" * 50)
    world.run()
    assert kept(104) == 3


@needs_bash
def test_history_that_cannot_be_read_is_not_begun_anew(world: World) -> None:
    world.run()
    world.forge.change(down=True)
    world.run()
    assert world.jobs["drift"].result == "success"
    assert world.jobs["drift"].uploaded == ["syncfork-report"]
    assert "::warning::The history" in world.jobs["drift"].log
    world.forge.change(down=False)
    world.run()
    kept = world.forge.home / "artifacts" / "102" / "syncfork-history" / "history.jsonl"
    assert len(kept.read_text().splitlines()) == 2


@needs_bash
def test_title_is_free_and_other_issues_are_left_alone(world: World) -> None:
    world.upstream_says("theirs")
    other = {
        "number": 3,
        "title": "Sync with upstream",
        "labels": [LABEL],
        "body": "mine",
        "state": "OPEN",
        "log": [],
    }
    world.forge.change(issues=[other], labels=[LABEL])
    world.run()
    mine, issue = world.forge.issues
    assert mine == other
    assert issue["number"] == 8
    world.forge.change(issues=[mine, {**issue, "title": "Our title"}])
    world.run()
    assert [(each["number"], each["title"]) for each in world.forge.issues] == [
        (3, "Sync with upstream"),
        (8, "Our title"),
    ]


@needs_bash
def test_long_reports_fit_into_an_issue(world: World) -> None:
    files = {f"äöü-{number:04}.txt": "base\n" for number in range(1500)}
    base = world.up.commit(files, world.base)
    world.theirs = world.up.commit(dict.fromkeys(files, "theirs\n"), base, branch="main")
    world.fork.git("fetch", "-q", str(world.up.path), "main")
    world.fork.trees[base] = world.up.trees[base]
    world.fork.commit(dict.fromkeys(files, "ours\n"), base, branch="main")
    world.run()
    (issue,) = world.forge.issues
    assert 40_000 < len(issue["body"]) <= 65_536
    assert "The report is cut here" in issue["body"]
    assert "�" not in issue["body"]


@needs_bash
def test_hostile_text_reaches_no_shell(world: World, tmp_path: Path) -> None:
    bad = f"$(touch {tmp_path}/pwned)`touch {tmp_path}/pwned`';\"${{{{ github.token }}}}\n::error::no\n##[error]no"
    world.theirs = world.up.commit({"a.txt": numbered(9, {5: "x"})}, world.theirs, message=bad, branch="main")
    world.run()
    assert world.jobs["issue"].result == "success"
    assert not (tmp_path / "pwned").exists()
    assert "secret" not in json.dumps(world.forge.issues)
    assert not re.search(r"^\s*::error::no", world.jobs["drift"].log, re.MULTILINE)


@needs_bash
def test_every_call_of_gh_names_the_fork(world: World) -> None:
    world.upstream_says("theirs")
    world.run()
    calls = [json.loads(line) for line in (world.forge.home / "calls").read_text().splitlines()]
    assert {tuple(call[:2]) for call in calls} >= {("issue", "list"), ("issue", "create"), ("run", "list")}
    assert all(call[call.index("--repo") + 1] == "acme/fork" for call in calls)
    assert (world.forge.home / "pip").read_text() == f"install syncfork=={__version__}\n"


@needs_bash
@pytest.mark.parametrize(("upstream", "result"), [("there", 0), ("conflict", 0), ("gone", 1)])
def test_azure_steps(world: World, tmp_path: Path, upstream: str, result: int) -> None:
    if upstream != "there":
        world.upstream_says("theirs")
    if upstream == "gone":
        world.up.path.rename(world.up.path.with_name("gone"))
    pipeline = yaml.safe_load(generated(world.fork, "azure", "--upstream", world.address))
    work, temp = tmp_path / "work", tmp_path / "temp"
    temp.mkdir()
    subprocess.run(["git", "clone", "-q", str(world.fork.path), str(work)], check=True)
    steps = [step for step in pipeline["jobs"][0]["steps"] if "bash" in step]
    variables: dict[str, str] = {}
    said = ""
    for step in steps:
        env = {name: variables.get(text, text) for name, text in step.get("env", {}).items()}
        path = f"{world.forge.home / 'bin'}:/usr/local/bin:/usr/bin:/bin"
        done = subprocess.run(
            [str(BASH), "--noprofile", "--norc", "-c", step["bash"]],
            cwd=work, env={"PATH": path, "AGENT_TEMPDIRECTORY": str(temp), **env}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        said += done.stdout
        for name, value in re.findall(r"##vso\[task\.setvariable variable=(\w+)](\w+)", done.stdout):
            variables[f"$({name})"] = value
    assert done.returncode == result, said
    assert ("SucceededWithIssues" in said) is (upstream == "conflict")
    assert ("uploadsummary" in said) is (upstream != "gone")
    assert (temp / "history" / "history.jsonl").exists()

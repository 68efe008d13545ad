"""`syncfork ci`: what is generated is valid and safe, and its shell does what it says, run for real."""

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
from syncfork.errors import ExitCode

needs_bash = pytest.mark.skipif(
    BASH is None, reason="bash is not installed, and the workflow's steps are bash's"
)
LABEL = "syncfork"


def tool(name: str) -> str:
    """A checker's program, beside this Python or on PATH; the test is skipped where it is not installed."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed (pip install {name})")
    return found


@pytest.fixture
def fork(repo: Repo) -> Repo:
    repo.checkout("main", repo.commit({"a.txt": numbered(9)}))
    repo.git("remote", "add", "origin", "https://github.com/acme/fork")
    repo.git("remote", "add", "upstream", "git@github.com:up/stream.git")
    return repo


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
    world.upstream_says("theirs")
    for runs in (1, 2, 3):
        world.run()
        kept = world.forge.home / "artifacts" / str(99 + runs) / "syncfork-history" / "history.jsonl"
        assert len(kept.read_text().splitlines()) == runs
        if runs == 2:
            # A run that broke off kept nothing; that of a pull request is not looked at.
            world.forge.change(runs=[*world.forge.state["runs"]])
    forged = world.forge.home / "artifacts" / "103" / "syncfork-history"
    forged.mkdir(parents=True)
    (forged / "history.jsonl").write_text("{}\n")
    runs_now = world.forge.state["runs"]
    world.forge.change(
        runs=[
            *runs_now,
            {"databaseId": 103, "event": "pull_request", "workflow": "syncfork.yml", "branch": "main"},
        ]
    )
    world.run()
    kept = world.forge.home / "artifacts" / "104" / "syncfork-history" / "history.jsonl"
    assert len(kept.read_text().splitlines()) == 4


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


# -- what is generated


def test_workflow_is_safe(fork: Repo) -> None:
    text = generated(fork, "github")
    found = yaml.safe_load(text)
    assert found[True]["schedule"] == [{"cron": "23 5 * * *"}]
    assert set(found[True]) == {"schedule", "workflow_dispatch"}
    assert found["permissions"] == {}
    assert {name: job["permissions"] for name, job in found["jobs"].items()} == {
        "drift": {"contents": "read", "actions": "read"},
        "code-scanning": {"actions": "read", "contents": "read", "security-events": "write"},
        "issue": {"issues": "write"},
    }
    for job in found["jobs"].values():
        for step in job["steps"]:
            assert "${{" not in step.get("run", "")
    assert re.search(r"@[A-Z_]+@|@include", text) is None
    for line in re.findall(r"uses: (.*)", text):
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line


def test_writes_where_the_ci_looks(fork: Repo) -> None:
    done = fork.syncfork("ci", "github")
    path = fork.path / ".github/workflows/syncfork.yml"
    assert (done.code, path.read_text()) == (0, generated(fork, "github"))
    path.write_text("mine\n")
    again = fork.syncfork("ci", "github")
    assert (again.code, path.read_text()) == (ExitCode.ENVIRONMENT, "mine\n")
    assert "--force" in again.err
    assert fork.syncfork("ci", "github", "--force").code == 0
    assert path.read_text() != "mine\n"
    assert fork.syncfork("ci", "azure").code == 0
    assert (fork.path / "azure-pipelines-syncfork.yml").exists()


def test_reads_syncfork_toml(fork: Repo) -> None:
    fork.git("remote", "rename", "upstream", "far")
    (fork.path / "syncfork.toml").write_text('upstream = "far/trunk"\nrepository = "Acme/Other"\n')
    text = generated(fork, "github", "--schedule", "0 3 * * MON-FRI")
    assert 'UPSTREAM_REMOTE: "far"' in text
    assert 'UPSTREAM_URL: "https://github.com/up/stream"' in text
    assert "github.repository == 'Acme/Other'" in text
    assert 'cron: "0 3 * * MON-FRI"' in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--schedule", "daily"), "is no schedule"),
        (("--schedule", "61 5 * * *"), "is no schedule"),
        (("--schedule", '1 5 * * *"\n'), "is no schedule"),
        (("--fork", "acme"), "not the name of a repository"),
        (("--fork", "acme/f'ork"), "not the name of a repository"),
        (("--fork", "Up/Stream"), "is upstream's repository"),
        (("--upstream", "https://me:secret@example.org/x"), "holds a password or token"),
        (("--upstream", "ext::sh -c id"), "is no address"),
        (("--upstream", "https://example.org/${{ secrets.X }}"), "is no address"),
        (("--upstream", "-upload-pack=x"), "is no address"),
    ],
)
def test_refuses_what_cannot_stand_in_a_workflow(fork: Repo, arguments: tuple[str, ...], said: str) -> None:
    done = fork.syncfork("ci", "github", *arguments)
    assert (done.code, said in done.err, "Traceback" in done.err) == (ExitCode.USAGE, True, False), done.err
    assert "secret@" not in done.err
    assert not (fork.path / ".github").exists()


def test_needs_an_address_of_upstream(fork: Repo, tmp_path: Path) -> None:
    fork.git("remote", "set-url", "upstream", str(tmp_path))
    done = fork.syncfork("ci", "github")
    assert done.code == ExitCode.USAGE
    assert "--upstream URL" in done.err


def test_azure(fork: Repo) -> None:
    found = yaml.safe_load(generated(fork, "azure"))
    assert (found["trigger"], found["pr"]) == ("none", "none")
    (job,) = found["jobs"]
    checkout, *steps = job["steps"]
    assert checkout == {"checkout": "self", "fetchDepth": "0", "persistCredentials": "false"}
    assert found["schedules"][0]["branches"] == {"include": ["main"]}
    scripts = "\n".join(step.get("bash", "") for step in steps)
    assert "task.uploadsummary" in scripts
    assert "task.logissue" in scripts
    # Azure would replace this in a script by a variable's value.
    assert not re.search(r"\$\([\w.]+\)|\$\{\{|\$\[", scripts)


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


# -- checked by others


def test_zizmor(fork: Repo) -> None:
    program = tool("zizmor")
    fork.syncfork("ci", "github")
    done = subprocess.run(
        [program, "--offline", str(fork.path / ".github")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No findings" in done.stdout


@pytest.mark.parametrize(
    ("provider", "schema"), [("github", "vendor.github-workflows"), ("azure", "vendor.azure-pipelines")]
)
def test_schema(fork: Repo, tmp_path: Path, provider: str, schema: str) -> None:
    program = tool("check-jsonschema")
    path = tmp_path / "pipeline.yml"
    path.write_text(generated(fork, provider))
    # One pattern of Azure's schema is none for the stricter kind of regular expressions.
    command = [program, "--regex-variant", "nonunicode", "--builtin-schema", schema, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_actionlint(fork: Repo) -> None:
    program = tool("actionlint")
    fork.syncfork("ci", "github")
    done = subprocess.run(
        [program, str(fork.path / ".github/workflows/syncfork.yml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("provider", ["github", "azure"])
def test_shellcheck(fork: Repo, provider: str) -> None:
    program = tool("shellcheck")
    found = yaml.safe_load(generated(fork, provider))
    jobs = found["jobs"].values() if isinstance(found["jobs"], dict) else found["jobs"]
    for job in jobs:
        for step in job["steps"]:
            script = step.get("run") or step.get("bash")
            if script:
                command = [program, "--shell=bash", "--severity=warning", "-"]
                done = subprocess.run(command, input=script, capture_output=True, text=True, check=False)
                assert done.returncode == 0, done.stdout

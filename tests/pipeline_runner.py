"""Runs a generated GitHub workflow for real: every `run:` with bash, in a real clone, as the runner does.

Actions are stood in for by what they do to files; `gh` by a program on PATH that keeps issues, labels, runs and
artifacts in a folder; `pip` by one that writes down what it is asked. `syncfork` is this checkout's.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from git_fixtures import environment

BASH = shutil.which("bash")
REPOSITORY = "acme/fork"

FAKE_GH = r'''#!{python}
"""Keeps issues in a JSON file. Knows what the workflow uses and refuses all else."""
import json, os, shutil, sys
from pathlib import Path

home = Path(os.environ["FAKE_GH"])
store = home / "gh.json"
state = json.loads(store.read_text())
words = sys.argv[1:]
with (home / "calls").open("a") as log:
    log.write(json.dumps(words) + "\n")
verb, words = tuple(words[:2]), words[2:]
flags, given, names = {{"--force"}}, {{}}, []
while words:
    word = words.pop(0)
    if word in flags:
        given[word] = True
    elif word.startswith("-"):
        given[word] = words.pop(0)
    else:
        names.append(word)

def die(message):
    sys.exit(f"gh: {{message}}")

if not os.environ.get("GH_TOKEN"):
    die("no token")
if given.pop("--repo", None) != "acme/fork":
    die("not the fork")
if state.get("down"):
    die("HTTP 502")
issues = state["issues"]

def issue():
    return next((each for each in issues if str(each["number"]) == names[0]), None) or die("no such issue")

def show(value):
    keys, query = given["--json"].split(","), given["--jq"]
    pick = lambda item, path: item[path] if path in keys else die(f"{{path}} was not asked for")
    lines = [pick(item, query[4:]) for item in value] if query.startswith(".[].") else [pick(value, query[1:])]
    for line in lines:
        print(line)

if verb == ("issue", "list"):
    assert given["--state"] == "all"
    found = [each for each in issues if given["--label"] in each["labels"]]
    show(found[::-1][: int(given["--limit"])])
elif verb == ("issue", "view"):
    show(issue())
elif verb == ("issue", "create"):
    if given["--label"] not in state["labels"]:
        die("no such label")
    number = 7 + len(issues)
    body = Path(given["--body-file"]).read_text()
    if len(body) > 65536:
        die("body is too long (maximum is 65536 characters)")
    issues.append(dict(number=number, title=given["--title"], labels=[given["--label"]], body=body, state="OPEN", log=[]))
    print(f"https://github.com/acme/fork/issues/{{number}}")
elif verb == ("issue", "edit"):
    body = Path(given["--body-file"]).read_text()
    if len(body) > 65536:
        die("body is too long (maximum is 65536 characters)")
    # A body that went through the web's form has these line ends.
    issue()["body"] = body.replace("\n", "\r\n")
elif verb in (("issue", "close"), ("issue", "reopen")):
    issue()["state"] = "CLOSED" if verb[1] == "close" else "OPEN"
    issue()["log"].append([verb[1], given["--comment"]])
elif verb == ("label", "create"):
    if names[0] in state["labels"]:
        die("the label exists already")
    state["labels"].append(names[0])
elif verb == ("run", "list"):
    found = [each for each in state["runs"] if each["event"] == given["--event"] and each["workflow"] == given["--workflow"]
             and each["branch"] == given["--branch"]]
    show(found[::-1])
elif verb == ("run", "download"):
    kept = home / "artifacts" / names[0] / given["--name"]
    if not kept.is_dir():
        die("no valid artifacts found to download")
    shutil.copytree(kept, given["--dir"], dirs_exist_ok=True)
else:
    die(f"unknown: {{verb}}")
store.write_text(json.dumps(state))
'''


@dataclass
class Job:
    """How a job went: success, failure or skipped; its outputs, summary and log."""

    result: str = "skipped"
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    log: str = ""
    uploaded: list[str] = field(default_factory=list)


@dataclass
class Forge:
    """What GitHub keeps between the runs of one repository."""

    home: Path
    repository: Path
    down: bool = False

    def __post_init__(self) -> None:
        (self.home / "bin").mkdir(parents=True)
        (self.home / "gh.json").write_text(json.dumps({"issues": [], "labels": [], "runs": []}))
        self._program("gh", FAKE_GH.format(python=sys.executable))
        self._program("pip", f'#!/bin/sh\necho "$@" >> "{self.home}/pip"\n')
        self._program("syncfork", f'#!/bin/sh\nexec "{sys.executable}" -m syncfork "$@"\n')

    def _program(self, name: str, text: str) -> None:
        path = self.home / "bin" / name
        path.write_text(text)
        path.chmod(0o755)

    @property
    def state(self) -> dict[str, Any]:
        found = json.loads((self.home / "gh.json").read_text())
        assert isinstance(found, dict)
        return found

    @property
    def issues(self) -> list[dict[str, Any]]:
        found = self.state["issues"]
        assert isinstance(found, list)
        return found

    def change(self, **values: Any) -> None:
        (self.home / "gh.json").write_text(json.dumps({**self.state, **values}))

    def run(self, workflow: str, *, event: str = "schedule", file: str = "syncfork.yml") -> dict[str, Job]:
        """One run of the workflow on the branch main."""
        runs = self.state["runs"]
        number = 100 + len(runs)
        self.change(runs=[*runs, {"databaseId": number, "event": event, "workflow": file, "branch": "main"}])
        return _Run(self, number, yaml.safe_load(workflow), file).all()


@dataclass
class _Run:
    forge: Forge
    number: int
    workflow: dict[Any, Any]
    file: str
    jobs: dict[str, Job] = field(default_factory=dict)

    def all(self) -> dict[str, Job]:
        for name, job in self.workflow["jobs"].items():
            needs = job.get("needs", [])
            needs = [needs] if isinstance(needs, str) else needs
            github = {"repository": REPOSITORY, "token": "secret"}
            context: dict[str, Any] = {
                "github": github,
                "needs": {
                    need: {"result": self.jobs[need].result, "outputs": self.jobs[need].outputs}
                    for need in needs
                },
            }
            good = all(self.jobs[need].result == "success" for need in needs)
            condition = job.get("if", "true")
            if not holds(condition, context) or not (good or "always()" in condition):
                self.jobs[name] = Job()
                continue
            self.jobs[name] = (
                self._matrix(name, job, context) if "strategy" in job else self._job(name, job, context)
            )
        return self.jobs

    def _matrix(self, name: str, job: Mapping[str, Any], context: Mapping[str, Any]) -> Job:
        text = job["strategy"]["matrix"]
        path = re.fullmatch(r"\$\{\{ fromJSON\((.*)\) }}", text)
        assert path, text
        done = [
            self._job(f"{name}-{n}", job, {**context, "matrix": values})
            for n, values in enumerate(json.loads(value(path[1], context))["include"])
        ]
        failed = any(each.result != "success" for each in done)
        return Job("failure" if failed else "success", {}, "", "\n".join(each.log for each in done))

    def _job(self, name: str, job: Mapping[str, Any], context: Mapping[str, Any]) -> Job:
        assert "write" not in str(job["permissions"].get("contents")), "a job may not write to the repository"
        folder = self.forge.home / "jobs" / f"{self.number}-{name}"
        (folder / "work").mkdir(parents=True)
        (folder / "temp").mkdir()
        done = Job("success")
        steps: dict[str, Any] = {}
        context = {**context, "steps": steps, "runner": {"temp": str(folder / "temp")}}
        for step in job["steps"]:
            condition = step.get("if", "true")
            if done.result != "success" and "always()" not in condition:
                continue
            if not holds(condition, context):
                continue
            if "uses" in step:
                self._action(step, context, folder, done)
                continue
            code, outputs = self._bash(step, context, folder, done)
            if "id" in step:
                steps[step["id"]] = {"outputs": outputs}
            if code:
                done.result = "failure"
        done.outputs = {key: filled(text, context) for key, text in job.get("outputs", {}).items()}
        return done

    def _action(self, step: Mapping[str, Any], context: Mapping[str, Any], folder: Path, done: Job) -> None:
        name, _, commit = step["uses"].partition("@")
        assert re.fullmatch(r"[0-9a-f]{40}", commit), step
        given = {key: filled(str(text), context) for key, text in step.get("with", {}).items()}
        kept = self.forge.home / "artifacts" / str(self.number)
        if name == "actions/checkout":
            assert given["persist-credentials"] == "False"
            done_git = subprocess.run(
                ["git", "clone", "-q", str(self.forge.repository), str(folder / "work")],
                env=environment(),
                check=False,
            )
            assert done_git.returncode == 0
        elif name == "actions/upload-artifact":
            source = Path(given["path"])
            if any(source.iterdir()):
                shutil.copytree(source, kept / given["name"])
                done.uploaded.append(given["name"])
            else:
                assert given.get("if-no-files-found") == "ignore"
        elif name == "actions/download-artifact":
            found = kept.glob(given.get("pattern", given.get("name", "")))
            for artifact in sorted(found) if kept.is_dir() else []:
                shutil.copytree(artifact, given["path"], dirs_exist_ok=True)
        elif name == "github/codeql-action/upload-sarif":
            assert json.loads(Path(given["sarif_file"]).read_text())["version"] == "2.1.0"
            done.uploaded.append("sarif")
        else:
            assert name == "actions/setup-python", name

    def _bash(
        self, step: Mapping[str, Any], context: Mapping[str, Any], folder: Path, done: Job
    ) -> tuple[int, dict[str, str]]:
        script, output, summary = folder / "script.sh", folder / "output", folder / "summary"
        assert "${{" not in step["run"], "nothing may be expanded into a script"
        script.write_text(step["run"])
        output.write_text("")
        summary.touch()
        own = {name: filled(text, context) for name, text in step.get("env", {}).items()}
        path = f"{self.forge.home / 'bin'}{os.pathsep}{os.environ['PATH']}"
        env = environment(
            CI="true", PATH=path, FAKE_GH=str(self.forge.home), RUNNER_TEMP=str(folder / "temp"),
            GITHUB_OUTPUT=str(output), GITHUB_STEP_SUMMARY=str(summary), GITHUB_REPOSITORY=REPOSITORY,
            GITHUB_SERVER_URL="https://github.com", GITHUB_RUN_ID=str(self.number), GITHUB_REF_NAME="main",
            GITHUB_WORKFLOW_REF=f"{REPOSITORY}/.github/workflows/{self.file}@refs/heads/main", **own,
        )  # fmt: skip
        ran = subprocess.run(
            [str(BASH), "--noprofile", "--norc", "-e", str(script)], cwd=folder / "work", env=env, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        done.log += f"## {step['name']}: {ran.returncode}\n{ran.stdout.decode()}\n"
        done.summary = summary.read_text()
        lines = [line.partition("=") for line in output.read_text().splitlines()]
        return ran.returncode, {key: text for key, _, text in lines}


def value(path: str, context: Any) -> str:
    """`needs.drift.outputs.code`; what is not there is empty, as on GitHub."""
    for part in path.strip().split("."):
        context = context.get(part, "") if isinstance(context, dict) else ""
    return str(context)


def filled(text: str, context: Mapping[str, Any]) -> str:
    """`text` with its expressions replaced."""
    return re.sub(r"\$\{\{ (.*?) }}", lambda found: value(found[1], context), str(text))


def holds(condition: str, context: Mapping[str, Any]) -> bool:
    """A condition of ||, &&, == and !=."""
    if "||" in condition:
        return any(holds(part, context) for part in condition.split("||"))
    if "&&" in condition:
        return all(holds(part, context) for part in condition.split("&&"))
    if condition.strip() in ("true", "always()"):
        return True
    found = re.fullmatch(r"\s*([\w.-]+) (==|!=) '(.*)'\s*", condition)
    assert found, condition
    return (value(found[1], context) == found[3]) is (found[2] == "==")

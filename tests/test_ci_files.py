"""`syncfork ci`: what is generated is valid, safe, and holds nothing that could mean something else."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml
from git_fixtures import Repo, numbered
from test_ci import generated, tool

from syncfork.errors import ExitCode


@pytest.fixture
def fork(repo: Repo) -> Repo:
    repo.checkout("main", repo.commit({"a.txt": numbered(9)}))
    repo.git("remote", "add", "origin", "https://github.com/acme/fork")
    repo.git("remote", "add", "upstream", "git@github.com:up/stream.git")
    return repo


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


@pytest.mark.parametrize("branch", ["up", "refs/heads/up", "vendor/up"])
@pytest.mark.parametrize("provider", ["github", "azure"])
def test_refuses_an_upstream_that_the_ci_will_not_have(fork: Repo, provider: str, branch: str) -> None:
    fork.branch(branch, fork.commit({}))
    (fork.path / "syncfork.toml").write_text(f'upstream = "{branch}"\n')
    done = fork.syncfork("ci", provider, "--upstream", "https://example.org/up/stream")
    assert done.code == ExitCode.USAGE
    assert f"upstream is '{branch}' in syncfork.toml" in done.err
    assert "name one there as REMOTE/BRANCH" in done.err


@pytest.mark.parametrize(
    ("arguments", "address"),
    [
        (("github", "--fork", "Acme/Fork"), ""),
        (("github", "--fork", "Acme/Fork", "--upstream", "https://github.com/acme/fork.git"), ""),
        (("github", "--fork", "acme/other"), "https://github.com/acme/fork"),
        (("azure",), ""),
        (("azure", "--upstream", "https://example.org/up/stream"), "https://example.org/up/stream"),
    ],
)
def test_an_upstream_in_the_forks_own_repository_has_no_address(
    fork: Repo, arguments: tuple[str, ...], address: str
) -> None:
    (fork.path / "syncfork.toml").write_text('upstream = "origin/TEMPLATE"\n')
    text = generated(fork, *arguments)
    assert 'UPSTREAM_REMOTE: "origin"' in text
    assert f'UPSTREAM_URL: "{address}"' in text


def test_whose_repository_origin_is_has_to_be_said(fork: Repo) -> None:
    (fork.path / "syncfork.toml").write_text('upstream = "origin/TEMPLATE"\n')
    done = fork.syncfork("ci", "github")
    assert done.code == ExitCode.USAGE
    assert "--fork OWNER/NAME, also where upstream is a branch of it" in done.err


def test_tells_of_rules_that_would_not_leave_the_file_as_it_is(fork: Repo) -> None:
    said = "governs this file, and does not leave it as it is: except it there under `files:`, with"
    rules = {
        "off": 'rewrite:\n  - set: "on"\n    to: {workflow_dispatch: null}\n',
        "held": "hold:\n  - forbid: {literal: schedule}\n",
        "theirs": "own: theirs\n",
        # These leave it as it is.
        "ours": "own: ours\n",
        "yaml": "hold:\n  - parses: yaml\n",
        "azure": "own: theirs\n",
    }
    folder = fork.path / "rules"
    folder.mkdir()
    for name, text in rules.items():
        files = "azure*" if name == "azure" else ".github/workflows/*"
        (folder / f"{name}.yml").write_text(
            f"id: {name}\nwhy: The tests want it so.\nfiles: ['{files}']\n{text}"
        )
    (fork.path / "syncfork.toml").write_text('rules = "rules"\n')
    done = fork.syncfork("ci", "github")
    told = [
        f'warning: the rule {name} (rules/{name}.yml) {said} "!.github/workflows/syncfork.yml"'
        for name in ("held", "off", "theirs")
    ]
    assert (done.code, done.err.splitlines()) == (0, told)
    assert "(rules/azure.yml)" in fork.syncfork("ci", "azure").err
    elsewhere = fork.syncfork("ci", "github", "--output", str(fork.path.parent / "elsewhere.yml"))
    assert (elsewhere.code, elsewhere.err) == (0, "")


def test_the_pack_leaves_the_workflow_alone(fork: Repo) -> None:
    (fork.path / "syncfork.toml").write_text('packs = ["python-build-standalone"]\n')
    for provider in ("github", "azure"):
        done = fork.syncfork("ci", provider)
        assert (done.code, done.err) == (0, "")


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


INDEX = "https://packages.example.org:8443/simple/"


def test_a_pool_and_an_index_of_ones_own(fork: Repo) -> None:
    [job] = yaml.safe_load(generated(fork, "azure", "--pool", "Own Linux", "--index", INDEX))["jobs"]
    assert job["pool"] == {"name": "Own Linux"}
    [install] = [step for step in job["steps"] if step.get("displayName") == "Install syncfork"]
    assert install["env"]["PIP_INDEX_URL"] == INDEX
    [job] = yaml.safe_load(generated(fork, "azure", "--index", "tools/python"))["jobs"]
    assert job["pool"] == {"vmImage": "ubuntu-latest"}
    tasks = [step.get("task") or step["displayName"] for step in job["steps"][1:4]]
    assert tasks == ["UsePythonVersion@0", "PipAuthenticate@1", "Install syncfork"]
    assert job["steps"][2]["inputs"] == {"artifactFeeds": "tools/python"}


@pytest.mark.parametrize("fleet", [False, True])
def test_a_runner_and_an_index_of_ones_own(fork: Repo, fleet: bool) -> None:
    (fork.path / "fleet.toml").write_text(
        '[[fork]]\nname = "a"\nurl = "https://e.org/a"\nupstream = "https://e.org/b"\n'
    )
    more = ("--fleet", str(fork.path / "fleet.toml")) if fleet else ()
    text = generated(fork, "github", "--runs-on", "own", "--index", INDEX, *more)
    jobs = yaml.safe_load(text)["jobs"].values()
    assert {job["runs-on"] for job in jobs} == {"own"}
    installs = [step for job in jobs for step in job["steps"] if "pip install" in step.get("run", "")]
    assert installs and all(step["env"]["PIP_INDEX_URL"] == INDEX for step in installs)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("azure", "--pool", "a$(b)"), "is no name of a pool or runner"),
        (("azure", "--pool", 'a"'), "is no name of a pool or runner"),
        (("azure", "--index", "https://me:secret@example.org/simple"), "holds a password or token"),
        (("azure", "--index", "https://example.org/$(x)"), "is no package index"),
        (("azure", "--index", "a/b/c"), "is no package index"),
        (("github", "--index", "tools/python"), "is no package index"),
        (("github", "--runs-on", "${{ x }}"), "is no name of a pool or runner"),
    ],
)
def test_refuses_what_is_no_pool_and_no_index(fork: Repo, arguments: tuple[str, ...], said: str) -> None:
    done = fork.syncfork("ci", *arguments)
    assert (done.code, said in done.err, "secret@" in done.err) == (ExitCode.USAGE, True, False), done.err


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
    ("provider", "more", "schema"),
    [
        ("github", (), "vendor.github-workflows"),
        ("github", ("--runs-on", "own", "--index", INDEX), "vendor.github-workflows"),
        ("azure", (), "vendor.azure-pipelines"),
        ("azure", ("--pool", "Own Linux", "--index", INDEX), "vendor.azure-pipelines"),
        ("azure", ("--index", "tools/python"), "vendor.azure-pipelines"),
    ],
)
def test_schema(fork: Repo, tmp_path: Path, provider: str, more: tuple[str, ...], schema: str) -> None:
    program = tool("check-jsonschema")
    path = tmp_path / "pipeline.yml"
    path.write_text(generated(fork, provider, *more))
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

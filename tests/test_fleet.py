"""`syncfork fleet`: the list with its mistakes, the matrix, the joined reports, and the workflow run for real."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from git_fixtures import Ran, Repo, environment, numbered
from pipeline_runner import BASH, Forge
from test_ci import tool

from syncfork.errors import ExitCode
from syncfork.fleet import Row, worst_first

needs_bash = pytest.mark.skipif(
    BASH is None, reason="bash is not installed, and the workflow's steps are bash's"
)
ENTRY = '[[fork]]\nname = "{}"\nurl = "https://example.org/{}"\nupstream = "https://example.org/up"\n'


def syncfork(folder: Path, *arguments: str) -> Ran:
    done = subprocess.run(
        [sys.executable, "-m", "syncfork", *arguments],
        cwd=folder, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    (tmp_path / "rules" / "two").mkdir(parents=True)
    path = tmp_path / "fleet.toml"
    path.write_text(
        ENTRY.format("one", "one")
        + ENTRY.format("two-2", "two")
        + 'packs = ["python-build-standalone"]\nrules = "rules/two"\nrevision = "far/trunk"\n'
    )
    return path


def reports(folder: Path) -> Path:
    """Real reports: `clear`, `conflicted`, and `broken`, whose fetch failed."""
    out = folder / "reports"
    out.mkdir()
    for name in ("clear", "conflicted", "broken"):
        repo = Repo.create(folder / name)
        base = repo.commit({"a.txt": numbered(9)})
        theirs = repo.commit({"a.txt": numbered(9, {5: "theirs"})}, base)
        line = 1 if name == "clear" else 5
        repo.checkout("main", repo.commit({"a.txt": numbered(9, {line: "ours"})}, base))
        repo.branch("refs/remotes/upstream/main", theirs)
        repo.git("remote", "add", "upstream", str(folder / "nowhere"))
        fetch = ["--fetch"] if name == "broken" else []
        done = repo.syncfork(
            "drift", *fetch, "--output", str(out / f"{name}.json"), "--output", str(out / f"{name}.html")
        )
        assert done.code == {"clear": 0, "conflicted": 1, "broken": 3}[name], done.err
    return out


# -- the list and the matrix


def test_matrix_for_github(listed: Path) -> None:
    done = syncfork(listed.parent, "fleet", "fleet.toml", "--format", "github")
    assert done.out.count("\n") == 1, "one line, for $GITHUB_OUTPUT"
    assert json.loads(done.out)["include"] == [
        {"name": "one", "url": "https://example.org/one", "upstream": "https://example.org/up",
         "remote": "upstream", "revision": "", "packs": ""},
        {"name": "two-2", "url": "https://example.org/two", "upstream": "https://example.org/up",
         "remote": "far", "revision": "far/trunk", "packs": "python-build-standalone ./rules/two"},
    ]  # fmt: skip


def test_matrix_for_azure(listed: Path) -> None:
    done = syncfork(listed.parent.parent, "fleet", "--format", "azure", f"{listed.parent.name}/fleet.toml")
    found = json.loads(done.out)
    assert list(found) == ["one", "two_2"]
    assert found["two_2"]["packs"] == f"python-build-standalone ./{listed.parent.name}/rules/two"
    assert all(isinstance(value, str) for job in found.values() for value in job.values())


def test_other_formats(listed: Path) -> None:
    shown = syncfork(listed.parent, "fleet", "fleet.toml").out
    assert shown.startswith("2 forks\n")
    assert [
        fork["name"]
        for fork in syncfork(listed.parent, "fleet", "fleet.toml", "--format", "json").report["forks"]
    ] == [
        "one",
        "two-2",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ENTRY.format("a b", "x"), ["fleet.toml:2: fork.0.name: expected a text of the form"]),
        (
            '[[fork]]\nname = "a"\n',
            ["fleet.toml:1: fork.0.url: this key is missing", "fork.0.upstream: this key"],
        ),
        (ENTRY.format("a", "x") + "pakcs = []\n", ["fleet.toml:5: fork.0.pakcs: this key is not known here"]),
        (ENTRY.format("a", "x") + "packs = 3\n", ["fleet.toml:5: fork.0.packs: expected a list"]),
        (
            ENTRY.format("a", "x") + 'packs = ["a b"]\n',
            ["fleet.toml:5: fork.0.packs.0: expected the name of a pack"],
        ),
        (
            ENTRY.format("a", "x") + 'pack = "--fetch"\n',
            ["fleet.toml:5: fork.0.pack: expected the name of a pack"],
        ),
        (ENTRY.format("a", "x") + 'rules = "nowhere"\n', ["fleet.toml:5: fork.0.rules: expected a folder"]),
        (ENTRY.format("a", "x") + 'revision = "-x/y"\n', ["fleet.toml:5: fork.0.revision: expected a text"]),
        (
            ENTRY.format("a-b", "x") + ENTRY.format("A_B", "y"),
            ["fleet.toml:6: fork.1.name: expected a name that differs"],
        ),
        (ENTRY.format("a", "x y"), ["fleet.toml:3: fork.0.url: expected an address"]),
        (
            ENTRY.format("a", "x").replace("https://", "https://me:pw@"),
            ["fork.0.url: expected an address without a pass"],
        ),
        (
            ENTRY.format("a", "x").replace("https://", "ext::sh -c "),
            ["fleet.toml:3: fork.0.url: expected an address"],
        ),
        ("fork = []\n", ["fleet.toml:1: fork: expected at least one item"]),
        ("[[fork]\n", ["fleet.toml:1:"]),
        ("", ["fleet.toml:1: fork: this key is missing"]),
    ],
)
def test_mistakes_have_file_line_and_key(tmp_path: Path, text: str, said: list[str]) -> None:
    (tmp_path / "fleet.toml").write_text(text)
    done = syncfork(tmp_path, "fleet", "fleet.toml", "--format", "github")
    assert (done.code, done.out) == (ExitCode.ENVIRONMENT, "")
    assert [words for words in said if words not in done.err] == [], done.err


def test_list_that_is_not_there(tmp_path: Path) -> None:
    done = syncfork(tmp_path, "fleet", "none.toml")
    assert (done.code, "none.toml cannot be read" in done.err) == (ExitCode.USAGE, True)


# -- the reports joined


def test_worst_first(tmp_path: Path) -> None:
    out = reports(tmp_path)
    (out / "damaged.json").write_text('{"schema_version": 1')
    (out / "deep.json").write_text("[" * 100_000)
    (tmp_path / "fleet.toml").write_text(
        "".join(ENTRY.format(n, n) for n in ("absent", "clear", "conflicted"))
    )
    done = syncfork(tmp_path, "fleet", "report", "reports", "--fleet", "fleet.toml", "--format", "json")
    assert done.code == ExitCode.ENVIRONMENT, done.err
    found = done.report
    assert [(row["name"], row["state"]) for row in found["forks"]] == [
        ("absent", "missing"), ("damaged", "unreadable"), ("deep", "unreadable"),
        ("broken", "inconclusive"), ("conflicted", "needs a person"), ("clear", "clear"),
    ]  # fmt: skip
    by_name = {row["name"]: row for row in found["forks"]}
    assert "could not be fetched" in by_name["broken"]["detail"]
    assert by_name["absent"]["conflicts"] is None
    assert (by_name["conflicted"]["conflicts"], by_name["conflicted"]["behind"]) == (1, 1)
    assert (by_name["clear"]["conflicts"], by_name["clear"]["page"]) == (0, "clear.html")


@pytest.mark.parametrize(
    ("names", "code"), [(["clear"], 0), (["clear", "conflicted"], 1), (["clear", "broken"], 3)]
)
def test_exit_codes(tmp_path: Path, names: list[str], code: int) -> None:
    out = reports(tmp_path)
    done = syncfork(tmp_path, "fleet", "report", *(str(out / f"{name}.json") for name in names))
    assert done.code == code, done.err
    assert done.out.startswith(f"{len(names)} fork{'s' if len(names) > 1 else ''}: ")


def test_three_forks_one_of_which_cannot_be_fetched(tmp_path: Path) -> None:
    out = reports(tmp_path)
    done = syncfork(
        tmp_path,
        "fleet",
        "report",
        "reports",
        "--output",
        "all.html",
        "--output",
        "markdown:all",
        "--output",
        "all.json",
    )
    assert done.code == ExitCode.ENVIRONMENT
    table = done.out.splitlines()
    assert table[0] == "3 forks: 1 not known, 1 needs a person, 1 clear"
    assert [line.split()[0] for line in table[3:] if not line.startswith(" ")] == [
        "broken",
        "conflicted",
        "clear",
    ]
    assert "inconclusive" in done.out
    marked = (tmp_path / "all").read_text()
    assert "| `conflicted` | ✗ needs a person | 1 | 1 | 0 | 0 | 1 |" in marked
    assert "`broken`, inconclusive: upstream could not be fetched" in marked
    assert "conflict in `a.txt`" in marked
    page = (tmp_path / "all.html").read_text()
    _Sound().feed(page)
    assert 'href="./clear.html"' in page
    assert "<script" not in page
    assert json.loads((tmp_path / "all.json").read_text())["exit_code"] == 3
    assert out.is_dir()


def test_hostile_reports(tmp_path: Path) -> None:
    out = reports(tmp_path)
    data = json.loads((out / "conflicted.json").read_text())
    bad = "<script>x</script>|`a`\x1b[31m\n::error::no ##vso[task.complete]\u202e @me"
    data["conflicts"][0]["path"] = bad
    data["drift"]["inconclusive"] = [bad]
    (out / "conflicted.json").write_text(json.dumps(data))
    (out / "clear.json").write_text(
        json.dumps({"schema_version": 1, "exit_code": 2, "error": {"problem": bad}})
    )
    shutil.copy(out / "broken.json", out / "<b>|`x`.json")
    for form in ("terminal", "markdown", "html", "json"):
        shown = syncfork(tmp_path, "fleet", "report", "reports", "--format", form)
        assert shown.code == ExitCode.ENVIRONMENT
        assert "Traceback" not in shown.err
        assert "\x1b" not in shown.out and "\u202e" not in shown.out
        assert "\n::error" not in shown.out and "##vso[" not in shown.out
        if form == "html":
            assert "<script" not in shown.out
        elif form == "markdown":
            # Escaped, or in a code span, quoted or after a space where it begins with a backtick.
            assert not re.search(r'(?<![\\` "])<script', shown.out)
            assert "@me" not in re.sub("``.*?``", "", shown.out)
    _Sound().feed(syncfork(tmp_path, "fleet", "report", "reports", "--format", "html").out)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[]", "not a JSON object"),
        ("\xff", "cannot be read"),
        ('{"schema_version": 9}', "schema_version is 9"),
        ('{"schema_version": 1, "findings": 3}', "cannot be read"),
    ],
)
def test_what_is_no_report(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "x.json").write_bytes(content.encode("latin-1"))
    done = syncfork(tmp_path, "fleet", "report", "x.json")
    assert (done.code, said in done.out, "unreadable" in done.out) == (ExitCode.ENVIRONMENT, True, True), (
        done.out
    )


def test_report_of_another_verb(repo: Repo, tmp_path: Path) -> None:
    base = repo.commit({"a.txt": "1\n"})
    repo.checkout("main", base)
    repo.branch("refs/remotes/upstream/main", repo.commit({"a.txt": "2\n"}, base))
    (tmp_path / "x.json").write_text(repo.syncfork("merge", "--dry-run", "--format", "json").out)
    assert "not of `drift`" in syncfork(tmp_path, "fleet", "report", "x.json").out


def test_usage(tmp_path: Path) -> None:
    assert syncfork(tmp_path, "fleet", "report", "none.json").code == ExitCode.USAGE
    assert syncfork(tmp_path, "fleet", "report", ".", "--output", "x.txt").code == ExitCode.USAGE
    assert syncfork(tmp_path, "fleet", "report", ".").code == ExitCode.ENVIRONMENT
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.json").write_text("{}")
    twice = syncfork(tmp_path, "fleet", "report", "a", "b")
    assert (twice.code, "two reports are of x" in twice.err) == (ExitCode.USAGE, True)


def test_order_of_rows() -> None:
    rows = [Row("c", "clear"), Row("b", "missing"), Row("a", "missing"), Row("d", "needs a person")]
    assert [row.name for row in worst_first(rows)] == ["a", "b", "c", "d"]


class _Sound(HTMLParser):
    """Fails for an element that is not closed in its turn."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        assert tag != "script"
        if tag not in ("meta", "br", "hr", "wbr", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


# -- the workflow


class World:
    """A repository with a list of three forks: one clear, one in conflict, one that is not there."""

    def __init__(self, folder: Path) -> None:
        self.up = Repo.create(folder / "up")
        base = self.up.commit({"a.txt": numbered(9)})
        self.up.commit({"a.txt": numbered(9, {5: "theirs"})}, base, branch="main")
        listed = ""
        for name, line in (("clear", 1), ("conflicted", 5), ("ruled", 5)):
            fork = Repo.create(folder / f"{name}.git", bare=True)
            fork.commit({"a.txt": numbered(9)})
            fork.commit({"a.txt": numbered(9, {line: "ours"})}, base, branch="main")
            listed += (
                f'[[fork]]\nname = "{name}"\nurl = "file://{fork.path}"\nupstream = "file://{self.up.path}"\n'
            )
        rule = "id: ours\nwhy: The tests want it.\nfiles: [a.txt]\nown: ours\n"
        listed += 'rules = "rules/ruled"\n'
        self.home = Repo.create(folder / "home")
        files = {"fleet.toml": listed, "rules/ruled/ours.yml": rule}
        self.home.checkout("main", self.home.commit(files))
        self.home.git("remote", "add", "origin", "https://github.com/acme/fork")
        done = self.home.syncfork(
            "ci", "github", "--fleet", str(self.home.path / "fleet.toml"), "--output", "-"
        )
        assert done.code == 0, done.err
        self.workflow = done.out
        self.forge = Forge(folder / "forge", self.home.path)

    def run(self) -> dict[str, str]:
        self.jobs = self.forge.run(self.workflow)
        return {name: job.result for name, job in self.jobs.items()}


@needs_bash
def test_workflow_of_three_forks(tmp_path: Path) -> None:
    world = World(tmp_path)
    good = {"list": "success", "drift": "success", "join": "success", "issue": "success"}
    assert world.run() == good, world.jobs
    (issue,) = world.forge.issues
    assert issue["state"] == "OPEN"
    assert "3 forks: 1 needs a person, 2 clear." in issue["body"]
    assert "3 forks" in world.jobs["join"].summary

    (tmp_path / "clear.git").rename(tmp_path / "gone.git")
    assert world.run() == {**good, "drift": "failure", "join": "failure"}, world.jobs
    (issue,) = world.forge.issues
    assert "inconclusive" in issue["body"]
    assert "3 forks: 1 not known, 1 needs a person, 1 clear." in issue["body"]
    assert "`clear`, missing: fatal: " in issue["body"]
    assert "conflict in `a.txt`" in issue["body"], "the others are complete"
    kept = world.forge.home / "artifacts" / "101"
    assert {path.name for path in (kept / "syncfork-fleet").iterdir()} >= {
        "fleet.html",
        "ruled.html",
        "conflicted.json",
    }
    assert len((kept / "syncfork-history-ruled" / "history.jsonl").read_text().splitlines()) == 2


def test_workflow_is_valid(tmp_path: Path) -> None:
    world = World(tmp_path)
    path = tmp_path / "fleet.yml"
    path.write_text(world.workflow)
    jobs = yaml.safe_load(world.workflow)["jobs"]
    assert jobs["drift"]["strategy"]["fail-fast"] is False
    assert [name for name, job in jobs.items() if "write" in job["permissions"].values()] == ["issue"]
    checks = [
        [tool("zizmor"), "--offline", str(path)],
        [tool("check-jsonschema"), "--builtin-schema", "vendor.github-workflows", str(path)],
    ]
    for command in checks:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_list_outside_the_repository(tmp_path: Path, listed: Path) -> None:
    repo = Repo.create(tmp_path / "repo")
    repo.checkout("main", repo.commit({"a": "1\n"}))
    done = repo.syncfork("ci", "github", "--fork", "a/b", "--fleet", str(listed))
    assert (done.code, "not in this repository" in done.err) == (ExitCode.USAGE, True)

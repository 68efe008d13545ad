"""The command line as a process: help, completion, colours, imports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from git_fixtures import environment
from typer.testing import CliRunner

from syncfork import __version__
from syncfork.cli.app import app
from syncfork.cli.verbs import MODULES, load
from syncfork.scratch import INTERRUPTED

load()


def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "syncfork", *arguments]
    return subprocess.run(command, env=environment(**more), capture_output=True, text=True, check=False)


def imported(*arguments: str) -> set[str]:
    """The top-level packages that a run imports."""
    command = [sys.executable, "-X", "importtime", "-m", "syncfork", *arguments]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = [
        line.split("|")[-1].strip() for line in done.stderr.splitlines() if line.startswith("import time:")
    ]
    return {name.split(".")[0] for name in lines}


def test_as_a_module() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"syncfork {__version__}\n")


@pytest.mark.parametrize("arguments", [(), ("rules",)])
def test_nothing_asked_prints_help(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert "Usage: syncfork" in done.stdout + done.stderr
    assert "Commands:" in done.stdout + done.stderr
    assert done.returncode in (0, 2)


def test_every_verb_has_help() -> None:
    for verb in ("merge", "continue", "abort", "status", "check", "init", "pr", "demo", "rules list", "rules show",
                 "rules test", "rules lint", "rules apply", "rules schema", "explain", "drift", "report", "ci github", "ci azure",
                 "fleet"):  # fmt: skip
        result = CliRunner().invoke(app, [*verb.split(), "--help"])
        assert result.exit_code == 0, verb
        assert "-h, --help" in result.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script(shell: str) -> None:
    # Which shell it is in, it would look for among the processes that it was started by.
    done = run("--show-completion", shell, _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    assert done.returncode == 0, done.stderr
    assert "_SYNCFORK_COMPLETE" in done.stdout


@pytest.mark.parametrize(
    ("words", "wanted"), [("syncfork ", "merge"), ("syncfork rules l", "lint"), ("syncfork de", "demo")]
)
def test_completion_completes(words: str, wanted: str) -> None:
    count = str(len(words.split(" ")) - 1)
    done = run(_SYNCFORK_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=count)
    assert wanted in done.stdout.split(), done.stderr


@pytest.mark.parametrize(
    "heavy", ["msgspec", "pydantic", "git", "yaml", "rich", "ast_grep_py", "pathspec", "unidiff"]
)
def test_version_imports_nothing_heavy(heavy: str) -> None:
    assert heavy not in imported("--version")


def test_an_interrupt_when_all_is_said_leaves_no_traceback() -> None:
    ending = "import os, signal; os.kill(os.getpid(), signal.SIGINT)"
    program = f"""
import sys
import syncfork.git.reading as reading
import syncfork.__main__ as program
def end_all():
    {ending}
reading.end_all = end_all
sys.argv = ["syncfork", "--version"]
program.entry()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("syncfork ")


def test_an_interrupt_before_the_command_line_is_read_leaves_no_traceback() -> None:
    program = """
import sys
import syncfork.scratch as scratch
import syncfork.__main__ as program
def clear_when_ended():
    raise KeyboardInterrupt
scratch.clear_when_ended = clear_when_ended
sys.argv = ["syncfork", "--version"]
program.entry()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", f"{INTERRUPTED}\n")


def test_testing_rules_does_not_start_git(tmp_path: Path) -> None:
    rule = "id: a\nwhy: A reason of some length.\nfiles: [x]\nrewrite: [{remove: {literal: y}}]\n"
    (tmp_path / "a.yml").write_text(rule + "cases: [{before: 'y', after: ''}]\n")
    names = imported("-C", str(tmp_path), "rules", "test", str(tmp_path))
    assert "syncfork" in names
    assert names.isdisjoint({"git", "unidiff", "ast_grep_py", "tree_sitter"})


def coloured(tmp_path: Path, **more: str) -> bool:
    rule = "id: a\nwhy: A reason of some length.\nfiles: [x]\nown: ours\n"
    (tmp_path / "a.yml").write_text(rule)
    done = run("-C", str(tmp_path), "rules", "test", str(tmp_path), **more)
    assert "0 passed" in done.stdout
    return "\x1b" in done.stdout


def test_no_colour_where_nobody_looks(tmp_path: Path) -> None:
    assert not coloured(tmp_path)


def test_no_color_is_honoured(tmp_path: Path) -> None:
    assert coloured(tmp_path, FORCE_COLOR="1", TERM="xterm")
    done = run(
        "-C", str(tmp_path), "rules", "test", str(tmp_path), FORCE_COLOR="1", TERM="xterm", NO_COLOR="1"
    )
    assert "\x1b[3" not in done.stdout.replace("\x1b[0m", "")


def test_an_error_is_one_place(tmp_path: Path) -> None:
    done = run("-C", str(tmp_path), "rules", "list", "--format", "json")
    assert done.returncode == 3
    assert done.stderr.startswith("error: ")
    assert '"problem"' in done.stdout


@pytest.mark.parametrize(
    "file", sorted((Path(__file__).parent.parent / "benchmarks").glob("*.py")), ids=lambda f: f.name
)
def test_every_benchmark_can_be_loaded(file: Path) -> None:
    code = f"import runpy; runpy.run_path({str(file)!r}, run_name='loaded')"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(PYTHONPATH=str(file.parent)),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_each_verb_is_in_the_module_that_is_loaded_for_it() -> None:
    listed = [
        line.split()[0]
        for line in run("--help").stdout.partition("Commands:")[2].splitlines()
        if line[2:3].strip()
    ]
    assert sorted(listed) == sorted(MODULES)
    for verb in MODULES:
        done = run("-C", ".", verb, "--help")
        assert done.returncode == 0 and f"syncfork {verb}" in done.stdout, verb


@pytest.mark.parametrize(
    ("arguments", "others"),
    [(["merge"], False), (["-C", "drift", "merge"], False), (["-Cx", "merge"], False), (["--version"], False),
     (["mrege"], True), ([], True), (["--help", "merge"], True), (["-C"], True)],
)  # fmt: skip
def test_a_verb_is_loaded_alone_where_it_is_plain_which(arguments: list[str], others: bool) -> None:
    code = f"import sys; from syncfork.cli.verbs import load; load({arguments!r}); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert ("syncfork.cli.replaying" in loaded) is others
    assert ("syncfork.cli.merging" in loaded) is (others or "merge" in arguments)

"""Options and sub-commands that upstream took away: what declares one, what uses one, what is no use of it."""

from __future__ import annotations

import pytest
from detecting import Scene, seen, told
from git_fixtures import Repo

from syncfork.detect.declarations import declared
from syncfork.detect.options import find
from syncfork.text import Document

CLAP = """fn main() {
    let app = Command::new("tool").subcommand(
        Command::new("validate-all")
            .arg(Arg::new("run").long("run"))
            .arg(Arg::new("sdk").long("sdk").value_parser(["a", "b"])),
    );
}
"""
GONE = CLAP.replace('            .arg(Arg::new("run").long("run"))\n', "")
ARGPARSE = """import argparse
parser = argparse.ArgumentParser()
parser.add_argument("-f", "--fast", action="store_true")
parser.add_argument("--kind", choices=["x", "y"])
sub = parser.add_subparsers()
pull = sub.add_parser("pull-all")
pull.add_argument("--deep")
"""
CLICK = """import click
@click.group()
def main(): ...
@main.command("send-all")
@click.option("--to", type=click.Choice(["a", "b"]))
@click.option("--yes/--no")
def send(to, yes): ...
@main.command()
def list_all(): ...
"""
TYPER = """import typer
from typing import Annotated
app = typer.Typer()
@app.command()
def send(to: Annotated[str, typer.Option("--to")], deep: bool = typer.Option(False, "--deep")): ...
"""
SHELL = """#!/bin/sh
while getopts "vo:" flag; do case $flag in v) v=1 ;; esac; done
case "$1" in
  --all|-a) all=1 ;;
  --out=*) out=1 ;;
esac
"""


@pytest.mark.parametrize(
    ("path", "text", "options", "commands"),
    [
        ("src/main.rs", CLAP, ["validate-all --run", "validate-all --sdk a b"], ["validate-all"]),
        ("t.py", ARGPARSE, ["t.py -f", "t.py --fast", "t.py --kind x y", "pull-all --deep"], ["pull-all"]),
        ("t.py", CLICK, ["send-all --to a b", "send-all --yes", "send-all --no"], ["send-all", "list-all"]),
        ("t.py", TYPER, ["send --to", "send --deep"], ["send"]),
        ("t.sh", SHELL, ["t.sh -v", "t.sh -o", "t.sh --all", "t.sh -a", "t.sh --out"], []),
        ("bin/t", SHELL, ["t -v", "t -o", "t --all", "t -a", "t --out"], []),
        # Nothing is declared by a mention, by a text that does not parse, or by a computed name.
        ("t.py", 'import argparse\nprint("add_argument", "--x")\n', [], []),
        ("t.py", "import click\ndef (\n", [], []),
        ("t.py", "import argparse\np.add_argument(f'--{name}')\n", [], []),
        ("t.rs", '// Arg::new("x")\nlet long = "y";\n', [], []),
        ("t.txt", ARGPARSE, [], []),
        ("t.py", "add_argument(" * 400 + "\n", [], []),
    ],
)
def test_what_a_text_declares(path: str, text: str, options: list[str], commands: list[str]) -> None:
    found = declared(Document(path, text))
    assert [" ".join((o.command, o.name, *o.choices)) for o in found.options] == options
    assert [name for name, _ in found.commands] == commands


def workflow(*run: str) -> str:
    body = "\n".join(f"          {line}" for line in run)
    return f"on: push\njobs:\n  a:\n    steps:\n      - name: Check\n        run: |\n{body}\n"


RUN = "tool validate-all --run dist/*"
PASSES = "passes `--run` of `validate-all`, which upstream removed"


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("ci.yml", workflow("make", RUN), [f"breakage ci.yml:8 this {PASSES}"]),
        (
            "ci.yml",
            workflow("tool validate-all \\", "  --sdk a \\", "  --run"),
            [f"breakage ci.yml:7 this {PASSES}"],
        ),
        (
            "ci.yml",
            workflow('if x; then EXTRA="-v --run"; fi', "tool validate-all ${EXTRA} dist/*"),
            [f"breakage ci.yml:7 this {PASSES}"],
        ),
        ("go.sh", f"cd x && {RUN}\n{RUN}\n", ["breakage go.sh:1 this passes `--run` of `validate-all` (and in 1 more lines), which upstream removed"]),
        ("NOTES.md", f"Then:\n\n```sh\n{RUN}\n```\n", ["decision NOTES.md:4 this names `--run` of `validate-all`, which upstream removed"]),
        # Another command's option, a comment, a variable of another command, running text.
        ("go.sh", "tool other --run\n", []),
        ("go.sh", "tool validate-all x; other --run\n", []),
        ("go.sh", f"# {RUN}\n", []),
        ("go.sh", 'EXTRA="--run"\ntool validate-all\nother $EXTRA\n', []),
        ("NOTES.md", "One could validate-all and --run it.\n", []),
        ("go.sh", "tool validate-all --runner x\n", []),
        ("go.sh", "tool validate-all --sdk a\n", []),
    ],
)  # fmt: skip
def test_an_option_that_is_gone(repo: Repo, path: str, text: str, expected: list[str]) -> None:
    scene = Scene({"src/main.rs": CLAP, "x": "x\n"}, {path: text}, {"src/main.rs": GONE})
    assert told(seen(repo, scene, find)) == expected
    untouched = Scene({"src/main.rs": CLAP, "x": "x\n"}, {path: text}, {"x": "y\n"})
    assert not seen(repo, untouched, find)


def test_upstreams_own_use_is_upstreams(repo: Repo) -> None:
    scene = Scene({"src/main.rs": CLAP, "go.sh": RUN + "\n"}, {"x": "x\n"}, {"src/main.rs": GONE})
    assert not seen(repo, scene, find)


def test_an_option_that_moved_to_another_file_is_not_gone(repo: Repo) -> None:
    scene = Scene({"a.rs": CLAP}, {"go.sh": RUN + "\n"}, {"a.rs": GONE, "b.rs": CLAP})
    assert not seen(repo, scene, find)


def test_a_command_that_is_gone(repo: Repo) -> None:
    scene = Scene(
        {"src/main.rs": CLAP}, {"go.sh": "tool validate-all x\n"}, {"src/main.rs": CLAP.replace("validate-all", "check")}
    )  # fmt: skip
    assert told(seen(repo, scene, find)) == [
        "breakage go.sh:1 this calls the command `validate-all`, which upstream removed"
    ]


def test_the_fix_is_what_upstreams_own_caller_does_now(repo: Repo) -> None:
    old = workflow("set -e", "echo one", RUN)
    new = workflow("set -e", "echo one", "tool validate-all dist/*", "./try.py dist/*")
    scene = Scene(
        {"src/main.rs": CLAP, "linux.yml": old},
        {"ours.yml": old, "linux.yml": old},
        {"src/main.rs": GONE, "linux.yml": new},
    )
    [found] = seen(repo, scene, find)
    assert found.path == "ours.yml"
    assert found.fix.endswith(
        "upstream's linux.yml:6 now has\nset -e\necho one\ntool validate-all dist/*\n./try.py dist/*"
    )
    assert found.removed == ('            .arg(Arg::new("run").long("run"))',)

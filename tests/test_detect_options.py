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
        ("go.sh", f"cd x && {RUN}\n{RUN}\n", ["breakage go.sh:1 this passes `--run` of `validate-all` (and in 1 more line), which upstream removed"]),
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
    assert found.fix == "take `--run` out here and keep what it did, as upstream now does in linux.yml:6"
    assert found.code == "set -e\necho one\ntool validate-all dist/*\n./try.py dist/*"
    assert found.removed == ('            .arg(Arg::new("run").long("run"))',)


def test_the_fix_says_what_the_step_lacks_before_the_code(repo: Repo) -> None:
    old = f"on: push\njobs:\n  a:\n    steps:\n      - run: |\n          {RUN}\n"
    env = "        env:\n          SHA: ${{ inputs.sha }}\n"
    new = old.replace(RUN, "tool validate-all dist/*\n          ./try.py $SHA") + env
    scene = Scene(
        {"src/main.rs": CLAP, "up.yml": old}, {"ours.yml": old}, {"src/main.rs": GONE, "up.yml": new}
    )
    found = {item.path: item for item in seen(repo, scene, find)}["ours.yml"]
    assert found.fix.endswith("does in up.yml:5, and give the step upstream's `SHA: ${{ inputs.sha }}`")
    assert found.code == "tool validate-all dist/*\n./try.py $SHA"


DERIVE = """#[derive(Parser)]
#[command(name = "tool")]
struct Cli {
    /// `#[arg(long)] not: this`
    #[arg(short, long, global = true)]
    quiet: bool,
    #[command(flatten)]
    log: Log,
    #[command(subcommand)]
    command: Commands,
}
#[derive(clap::Subcommand)]
enum Commands {
    #[command(alias = "send")]
    PushAll(PushArgs),
    Check { #[arg(long = "deep", alias = "full")] depth: Option<u8>, path: String },
    #[command(name = "ls", about = "long, {x}")]
    List,
}
#[derive(Args)]
struct PushArgs { #[arg(long, value_name = "long")] dry_run: bool, file: String }
#[derive(Args)]
struct Log { #[arg(long)] pub log_level: String }
#[derive(Debug)]
struct Other { #[serde(long)] x: u8 }
"""
IMPLICIT = """import typer
app = typer.Typer()
@app.callback()
def main(quiet: bool = False): ...
@app.command()
def send_all(to: str, ctx: typer.Context, dry_run: bool = False, tag: str = typer.Option(None),
             file: str = typer.Argument("x"), out: str = typer.Option("x", "--output", "-o"), *, deep: int = 1): ...
@app.command(name="ls")
def listing(path: Annotated[str, typer.Option()]): ...
"""
ALONE = "import typer\napp = typer.Typer()\n@app.command()\ndef go(out_dir: str = 'x'): ...\napp()\n"
ALIASES = """import argparse
s = argparse.ArgumentParser().add_subparsers()
p = s.add_parser("publish", aliases=["push"])
p.add_argument("--tag")
"""
GROUPS = """import click
@click.group()
@click.option("--quiet")
def cli(quiet): ...
@cli.group()
def db(): ...
@db.command(name="up")
def upgrade(): ...
@click.command()
@click.option("--tag")
def publish(tag): ...
cli.add_command(publish)
"""
LOOP = """#!/bin/sh
case $1 in
  "--a-b" | -a) ;;
  -o | --out | \\
  --output) ;; (--paren) ;; help|--help) ;;
  "--eq="*) ;;
esac
case $1 in -x) ;; esac
[ "$1" = "--all" ] && all=1
getopt -o q: --long one,two: -- "$@"
"""


@pytest.mark.parametrize(
    ("path", "text", "options", "commands"),
    [
        ("m.rs", DERIVE, ["tool --quiet", "tool --log-level", "push-all --dry-run", "send --dry-run", "check --deep", "check --full"], ["push-all", "send", "check", "ls"]),
        ("t.py", IMPLICIT, ["t.py --quiet", "t.py --no-quiet", "send-all --dry-run", "send-all --no-dry-run", "send-all --tag", "send-all --output", "send-all -o", "send-all --deep", "ls --path"], ["send-all", "ls"]),
        ("t.py", ALONE, ["t.py --out-dir"], []),
        ("t.py", "import typer\ndef main(a_b: int = 1): ...\ntyper.run(main)\n", ["t.py --a-b"], []),
        ("t.py", ALIASES, ["publish --tag", "push --tag"], ["publish", "push"]),
        ("t.py", GROUPS, ["t.py --quiet", "publish --tag"], ["db", "up", "publish"]),
        ("t.sh", LOOP, [f"t.sh {o}" for o in ("-q", "--one", "--two", "--a-b", "-a", "-o", "--out", "--output", "--paren", "--help", "--eq", "-x", "--all")], []),
    ],
)  # fmt: skip
def test_what_the_implicit_forms_declare(
    path: str, text: str, options: list[str], commands: list[str]
) -> None:
    found = declared(Document(path, text))
    assert [f"{o.command} {o.name}" for o in found.options] == options
    assert [name for name, _ in found.commands] == commands


P = "import argparse\np = argparse.ArgumentParser()\n"
B = P + 'p.add_argument("--out-dir")\np.add_argument("--jobs")\n'
SH = 'case "$1" in\n  --out-dir) x ;;\n  --jobs) y ;;\nesac\n'
NOT_SURE = (
    "decision go.sh:1 this passes `--out-dir` of `{}`, which upstream removed, or takes in another way now"
)
GONE_TOLD = "breakage go.sh:1 this passes `--out-dir` of `{}`, which upstream removed"
COMMON = 'def add(c):\n    c.add_argument("--out-dir")\n'


@pytest.mark.parametrize(
    ("script", "before", "after", "told_as"),
    [
        ("b.py", B, {"b.py": P + 'p.add_argument("--jobs")\n'}, GONE_TOLD),
        ("b.py", B, {"b.py": B.replace("out-dir", "output")}, GONE_TOLD),
        # Another file declares it, and this one names that file.
        ("b.py", B, {"b.py": "import common\n" + P, "common.py": COMMON}, ""),
        ("b.py", B, {"b.py": "import other\n" + P + 'p.add_argument("--jobs")\n', "common.py": COMMON}, NOT_SURE),
        # Forms that declare more than is read.
        ("b.py", B, {"b.py": "import argparse\np = argparse.ArgumentParser(parents=[x()])\np.add_argument('--jobs')\n"}, NOT_SURE),
        ("b.py", B, {"b.py": P + "for o in options:\n    p.add_argument(o)\n"}, NOT_SURE),
        ("b.py", B, {"b.py": P + "p.add_argument('--jobs')\nadd_common(parser)\n"}, NOT_SURE),
        ("b.py", B, {"b.py": P + "p.add_argument('--jobs')\np.parse_known_args()\n"}, NOT_SURE),
        ("b.py", B, {"b.py": "import fire\nfire.Fire(main)\n"}, NOT_SURE),
        ("b.py", B, {"b.py": "import click\nmatch ( 1\n"}, NOT_SURE),
        ("b.py", B, {"b.py": P + 'NAME = "--out-dir"\np.add_argument("--jobs")\n'}, ""),
        # argparse takes the beginning of a name, where it is just one's.
        ("b.py", B, {"b.py": B.replace("out-dir", "out-directory")}, ""),
        ("b.py", B, {"b.py": B.replace("out-dir", "out-dir-a") + 'p.add_argument("--out-dir-b")\n'}, GONE_TOLD),
        ("b.py", B, {"b.py": "import typer\ndef main(out_dir: str = 'x', jobs: int = 1): ...\ntyper.run(main)\n"}, ""),
        ("b.py", B, {"b.py": "import typer\ndef main(output: str = 'x', jobs: int = 1): ...\ntyper.run(main)\n"}, GONE_TOLD),
        ("b.sh", SH, {"b.sh": SH.replace("--out-dir", "--output")}, GONE_TOLD),
        ("b.sh", SH, {"b.sh": SH.replace("--out-dir)", '-o | \\\n  "--out-dir")')}, ""),
        ("b.sh", SH, {"b.sh": SH.replace("--out-dir) x", "--output) x") + 'exec real-tool "$@"\n'}, NOT_SURE),
        ("b.sh", SH, {"b.sh": 'getopt -o o --long out-dir:,jobs -- "$@"\n'}, ""),
    ],
)  # fmt: skip
def test_another_way_to_take_it(
    repo: Repo, script: str, before: str, after: dict[str, str], told_as: str
) -> None:
    scene = Scene({script: before}, {"go.sh": f"./{script} --out-dir x\n"}, after)
    assert told(seen(repo, scene, find)) == ([told_as.format(script)] if told_as else [])


SUB = """import argparse
s = argparse.ArgumentParser().add_subparsers()
p = s.add_parser("publish")
p.add_argument("--tag")
c = s.add_parser("clean")
c.add_argument("--tag")
"""
SCRIPTS = '[project.scripts]\ntool = "pkg.cli:main"\n'


@pytest.mark.parametrize(
    ("call", "count"),
    [
        ("python pkg/cli.py publish --tag v1", 1),
        ("python pkg/cli.py -v publish", 1),
        ("python -m pkg.cli publish", 1),
        ("tool publish", 1),
        # Another program's word, and an argument of another command of this one.
        ("npm publish --tag v1", 0),
        ("tool clean publish", 0),
        ("tool --x publish.txt", 0),
        ("echo publish", 0),
        ("publish", 0),
    ],
)
def test_a_short_command_follows_its_program(repo: Repo, call: str, count: int) -> None:
    scene = Scene(
        {"pkg/cli.py": SUB, "pyproject.toml": SCRIPTS},
        {"go.sh": f"{call}\n"},
        {"pkg/cli.py": SUB.replace("publish", "upload")},
    )
    assert len(seen(repo, scene, find)) == count
    less = SUB.replace('p.add_argument("--tag")\n', "")
    scene = Scene(scene.base, scene.ours, {"pkg/cli.py": less})
    assert len(seen(repo, scene, find)) == (count if "--tag" in call else 0)


@pytest.mark.parametrize(
    ("call", "count"),
    [
        ("cargo run --release -- check --deep 1", 1),
        ("./target/release/real-name check --deep 1", 1),
        ("tool check --deep 1", 1),
        ("cargo check --deep 1", 0),
        ("cargo run -- push-all check --deep 1", 0),
    ],
)
def test_clap_derive(repo: Repo, call: str, count: int) -> None:
    base = {"src/main.rs": DERIVE, "Cargo.toml": '[package]\nname = "real-name"\n'}
    now = DERIVE.replace('long = "deep", alias = "full"', 'long = "depth"')
    assert len(seen(repo, Scene(base, {"go.sh": f"{call}\n"}, {"src/main.rs": now}), find)) == count
    now = DERIVE.replace("Check {", "Verify {")
    assert len(seen(repo, Scene(base, {"go.sh": f"{call}\n"}, {"src/main.rs": now}), find)) == count


def test_another_script_of_the_same_name(repo: Repo) -> None:
    base = {"tools/b.py": B, "other/b.py": "x = 1\n"}
    scene = Scene(
        base, {"go.sh": "other/b.py --out-dir x\n"}, {"tools/b.py": P + 'p.add_argument("--jobs")\n'}
    )
    assert not seen(repo, scene, find)


def test_an_option_of_the_program_that_its_commands_have_too(repo: Repo) -> None:
    base = 'import argparse\nm = argparse.ArgumentParser()\nm.add_argument("--tag")\n' + SUB
    scene = Scene({"t.py": base}, {"go.sh": "./t.py publish --tag x\n./t.py --tag x\n"}, {"t.py": SUB})
    assert [found.line for found in seen(repo, scene, find)] == [2]

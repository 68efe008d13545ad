"""Variables that programs read no more: what reads one, what sets one for a program, what is no news."""

from __future__ import annotations

import pytest
from detecting import Scene, seen, told
from git_fixtures import Repo

from syncfork.detect.environment import find, reads
from syncfork.text import Document


@pytest.mark.parametrize(
    ("path", "text", "names"),
    [
        ("a.py", "os.environ['AAA'], os.environ.get(\"BBB\"), getenv('CCC'), 'DDD' in os.environ", "AAA BBB CCC DDD"),
        ("a.py", "os.environ[NAME], 'EEE', x['FFF']", ""),
        ("a.rs", 'std::env::var("AAA"); env::var_os("BBB"); option_env!("CCC"); var("DDD")', "AAA BBB CCC"),
        ("a.js", "process.env.AAA + process.env['BBB'] + process.environ.CCC", "AAA BBB"),
        ("a.sh", ': "${AAA:?}"\necho $BBB ${CCC-x} # $DDD\n', "AAA BBB CCC"),
        # Set before it is read; or set from itself.
        ("a.sh", "AAA=1\necho $AAA\nread -r BBB\necho $BBB\nfor CCC in x; do echo $CCC; done\n", ""),
        ("a.sh", 'AAA="${AAA:-x}"\necho $AAA\n: ${BBB:=1}\n', "AAA BBB"),
        ("a.txt", "$AAA", ""),
    ],
)  # fmt: skip
def test_what_a_text_reads(path: str, text: str, names: str) -> None:
    assert sorted(reads(Document(path, text))) == names.split()


SH = '#!/bin/sh\necho "$MY_ARCH"\necho "$MY_FLAG"\n'
RENAMED = SH.replace("MY_ARCH", "MY_TARGET")
DROPPED = SH.replace('echo "$MY_ARCH"\n', "")
TOLD = "breakage {} this sets `MY_ARCH` for build.sh, which upstream renamed to `MY_TARGET`"


def flow(
    run: str = "./build.sh", top: str = "", job: str = "", step: str = "", env: str = "MY_ARCH: arm"
) -> str:
    def at(depth: int, wanted: str) -> str:
        return f"{' ' * depth}env:\n{' ' * depth}  {env}\n" if wanted else ""

    return (
        f"on: push\n{at(0, top)}jobs:\n  a:\n{at(4, job)}    runs-on: x\n"
        f"    steps:\n      - run: {run}\n{at(8, step)}"
    )


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"ci.yml": flow(step="y")}, [TOLD.format("ci.yml:8")]),
        ({"ci.yml": flow(job="y")}, [TOLD.format("ci.yml:5")]),
        ({"ci.yml": flow(top="y")}, [TOLD.format("ci.yml:3")]),
        ({"go.sh": "MY_ARCH=arm ./build.sh\n"}, [TOLD.format("go.sh:1")]),
        ({"go.sh": "export MY_ARCH=arm\ncd x\n./build.sh\n"}, [TOLD.format("go.sh:1")]),
        # Not for that program, not seen by it, after it, the new one given as well, another variable.
        ({"ci.yml": flow(run="./other.sh", step="y")}, []),
        ({"ci.yml": flow(run="cat build.sh", step="y")}, []),
        ({"go.sh": "MY_ARCH=arm\n./build.sh\n"}, []),
        ({"go.sh": "./build.sh\nexport MY_ARCH=arm\n"}, []),
        ({"go.sh": "MY_ARCH=arm MY_TARGET=arm ./build.sh\n"}, []),
        ({"ci.yml": flow(step="y", env="MY_FLAG: x")}, []),
        # Something else reads it.
        ({"ci.yml": flow(step="y"), "more.sh": "echo $MY_ARCH\n", "ci2.yml": flow()}, [TOLD.format("ci.yml:8")]),
        ({"NOTES.md": "```sh\nMY_ARCH=arm ./build.sh\n```\n"}, []),
    ],
)  # fmt: skip
def test_a_variable_that_was_renamed(repo: Repo, files: dict[str, str], expected: list[str]) -> None:
    base = {"build.sh": SH, "x": "x\n"}
    assert told(seen(repo, Scene(base, files, {"build.sh": RENAMED}), find)) == expected
    assert not seen(repo, Scene(base, files, {"x": "y\n"}), find)


def test_a_variable_that_is_gone_is_a_decision(repo: Repo) -> None:
    [found] = seen(repo, Scene({"build.sh": SH}, {"ci.yml": flow(step="y")}, {"build.sh": DROPPED}), find)
    assert (found.cls, found.line) == ("decision", 8)
    assert found.message == "this sets `MY_ARCH` for build.sh, which upstream's build.sh reads no more"
    assert found.removed == ('echo "$MY_ARCH"',)


def test_a_variable_that_something_of_upstreams_still_reads(repo: Repo) -> None:
    base = {"build.sh": SH, "lib.py": "import os\nos.environ['MY_ARCH']\n"}
    assert not seen(repo, Scene(base, {"ci.yml": flow(step="y")}, {"build.sh": RENAMED}), find)


@pytest.mark.parametrize(
    "name", ["GITHUB_TOKEN", "RUNNER_OS", "PATH", "HOME", "CC", "CARGO_HOME", "PYTHONPATH"]
)
def test_what_others_read_too(repo: Repo, name: str) -> None:
    scene = Scene(
        {"build.sh": SH.replace("MY_ARCH", name)},
        {"go.sh": f"{name}=x ./build.sh\n"},
        {"build.sh": RENAMED},
    )
    assert not seen(repo, scene, find)


def test_a_python_program(repo: Repo) -> None:
    base = 'import os\nprint(os.environ["MY_ARCH"])\n'
    scene = Scene(
        {"build.py": base},
        {"ci.yml": flow(run="python build.py", step="y")},
        {"build.py": base.replace("MY_ARCH", "MY_TARGET")},
    )
    [found] = seen(repo, scene, find)
    assert found.fix == "set `MY_TARGET` here"

"""Files that one side took away and the other still names: what is told, and what is not."""

from __future__ import annotations

from datetime import date

import pytest
from detecting import Scene, seen, told
from git_fixtures import Repo
from msgspec.structs import replace

from syncfork.detect.paths import find
from syncfork.resolve.table import Row, Table, to_text

SCRIPT = "#!/usr/bin/env python3\nimport sys\nprint('build', sys.argv)\nprint('more')\n"
TOOL = {"build-linux.py": SCRIPT, "keep.txt": "kept\n"}
GONE = {"build-linux.py": None}


def workflow(*steps: str) -> str:
    lines = "".join(f"      - {step}\n" for step in steps)
    return f"name: own\non: [push]\njobs:\n  own:\n    runs-on: x\n    steps:\n{lines}"


OWN = ".github/workflows/own.yml"

DELETED = "which upstream deleted"

# Android's resources
RES = "app/src/main/res"
ICON = {
    f"{RES}/drawable/icon.xml": "<vector/>\n",
    f"{RES}/drawable-night/icon.xml": "<vector dark/>\n",
    "keep.txt": "kept\n",
}
NO_ICON = {f"{RES}/drawable/icon.xml": None, f"{RES}/drawable-night/icon.xml": None}
LAYOUT = f"{RES}/layout/main.xml"
FORKED_ICON = f"`{RES}/drawable-night/icon.xml`, which the fork deleted"

CASES: dict[str, tuple[Scene, list[str]]] = {
    "a workflow runs a deleted script": (
        Scene(TOOL, {OWN: workflow("run: ./build-linux.py --all")}, GONE),
        [f"breakage {OWN}:7 the fork's file runs `build-linux.py`, {DELETED}"],
    ),
    "through an interpreter, in several places, is one finding": (
        Scene(
            TOOL,
            {
                OWN: workflow("run: uv run build-linux.py", "run: python -u build-linux.py"),
                "README.md": "Run `./build-linux.py`.\n",
            },
            GONE,
        ),
        [
            f"breakage {OWN}:7 the fork's file runs `build-linux.py`, {DELETED} (also {OWN}:8, README.md:1)",
        ],
    ),
    "a document alone is a note": (
        Scene(TOOL, {"README.md": "Run\n\n```sh\n./build-linux.py\n```\n"}, GONE),
        [f"note README.md:4 the fork's file tells of `build-linux.py`, {DELETED}"],
    ),
    "moved": (
        Scene(TOOL, {OWN: workflow("run: python3 build-linux.py")}, {**GONE, "tools/build.py": SCRIPT}),
        [f"breakage {OWN}:7 the fork's file runs `build-linux.py`, which upstream moved to `tools/build.py`"],
    ),
    "the fork added a line to an upstream recipe": (
        Scene(
            {**TOOL, "Justfile": "a:\n  echo a\n\nb:\n  echo b\n"},
            {"Justfile": "a:\n  echo a\n\nb:\n  echo b\n\nmine:\n  ./build-linux.py\n"},
            GONE,
        ),
        [f"breakage Justfile:8 the fork's text runs `build-linux.py`, {DELETED}"],
    ),
    "a file given to a command, also a bare one": (
        Scene(
            {"requirements.txt": "a==1\n", "k": "1\n"},
            {OWN: workflow("run: pip install -r requirements.txt")},
            {"requirements.txt": None},
        ),
        [f"breakage {OWN}:7 the fork's file gives a command `requirements.txt`, {DELETED}"],
    ),
    "a local action": (
        Scene(
            {".github/actions/setup/action.yml": "name: s\nruns:\n  using: composite\n", "k": "1\n"},
            {OWN: workflow("uses: ./.github/actions/setup")},
            {".github/actions/setup/action.yml": None},
        ),
        [f"breakage {OWN}:7 the fork's file includes `.github/actions/setup`, {DELETED}"],
    ),
    "the definition of a local action": (
        Scene(
            {"act/action.yml": "name: s\nruns:\n  using: composite\n", "act/more.sh": "x\n"},
            {OWN: workflow("uses: ./act")},
            {"act/action.yml": None},
        ),
        [f"breakage {OWN}:7 the fork's file includes `act/action.yml`, {DELETED}"],
    ),
    "an Azure template, relative to its file and to the root": (
        Scene(
            {"ci/steps/build.yml": "steps: []\n", "k": "1\n"},
            {"ci/own.yml": "steps:\n- template: steps/build.yml\n- template: /ci/steps/build.yml@self\n"},
            {"ci/steps/build.yml": None},
        ),
        [
            f"breakage ci/own.yml:2 the fork's file includes `ci/steps/build.yml`, {DELETED} (also ci/own.yml:3)"
        ],
    ),
    "hashFiles and other keys are decisions": (
        Scene(
            {"a/lock.txt": "x\n1\n", "k": "1\n"},
            {OWN: workflow("uses: x/cache@v1\n        with:\n          key: ${{ hashFiles('a/lock.txt') }}")},
            {"a/lock.txt": None},
        ),
        [f"decision {OWN}:9 the fork's file names `a/lock.txt`, {DELETED}"],
    ),
    "Dockerfile, shell source, Rust and C includes, a Python import": (
        Scene(
            {
                "lib/a.sh": "a=1\nb\n",
                "lib/c.py": "c = 1\nd\n",
                "src/t.txt": "t\nu\n",
                "src/h.h": "int h;\nint i;\n",
            },
            {
                "Dockerfile": "FROM x\nCOPY lib/a.sh /a\n",
                "own.sh": "#!/bin/sh\nsource lib/a.sh\n",
                "src/own.rs": 'const T: &str = include_str!("t.txt");\n',
                "src/own.c": '#include "h.h"\n',
                "own.py": "from lib.c import c\n",
            },
            {"lib/a.sh": None, "lib/c.py": None, "src/t.txt": None, "src/h.h": None},
        ),
        [
            f"breakage own.sh:2 the fork's file runs `lib/a.sh`, {DELETED} (also Dockerfile:2)",
            f"breakage own.py:1 the fork's file includes `lib/c.py`, {DELETED}",
            f"breakage src/own.c:1 the fork's file includes `src/h.h`, {DELETED}",
            f"breakage src/own.rs:1 the fork's file includes `src/t.txt`, {DELETED}",
        ],
    ),
    "a folder that is gone": (
        Scene(
            {"tools/x/a.py": SCRIPT, "k": "1\n"},
            {OWN: workflow("run: cd tools/x && make")},
            {"tools/x/a.py": None},
        ),
        [f"breakage {OWN}:7 the fork's file works in `tools/x`, {DELETED}"],
    ),
    "the fork deleted what upstream's new line runs": (
        Scene(
            {**TOOL, "ci.sh": "#!/bin/sh\necho a\n"},
            {"build-linux.py": None},
            {"ci.sh": "#!/bin/sh\necho a\n./build-linux.py\n"},
        ),
        ["breakage ci.sh:3 upstream's new text runs `build-linux.py`, which the fork deleted"],
    ),
    "the fork moved what upstream's new file runs": (
        Scene(
            TOOL,
            {"build-linux.py": None, "own/b.py": SCRIPT},
            {"ci.sh": "#!/bin/sh\npython build-linux.py\n"},
        ),
        ["breakage ci.sh:2 upstream's new text runs `build-linux.py`, which the fork moved to `own/b.py`"],
    ),
}


CASES |= {
    "upstream uses a drawable that the fork deleted, in code": (
        Scene(ICON, NO_ICON, {"app/Note.kt": "import x.R\nval icon = load(R.drawable.icon)\n"}),
        [f"breakage app/Note.kt:2 upstream's new text uses {FORKED_ICON}"],
    ),
    "and in a layout": (
        Scene(ICON, NO_ICON, {LAYOUT: '<a\n  android:src="@drawable/icon" />\n', "A.java": "f(R.drawable.icon);\n"}),
        [f"breakage A.java:1 upstream's new text uses {FORKED_ICON} (also {LAYOUT}:2)"],
    ),
    "the fork uses a drawable that upstream deleted": (
        Scene(ICON, {"A.java": "f(R.drawable.icon);\n"}, NO_ICON),
        [f"breakage A.java:1 the fork's file uses `{RES}/drawable-night/icon.xml`, {DELETED}"],
    ),
    "an image": (
        Scene({f"{RES}/mipmap-hdpi/icon.png": "\0png", "k": "1\n"}, {f"{RES}/mipmap-hdpi/icon.png": None}, {LAYOUT: '<a icon="@mipmap/icon" />\n'}),
        [f"breakage {LAYOUT}:1 upstream's new text uses `{RES}/mipmap-hdpi/icon.png`, which the fork deleted"],
    ),
    "one that upstream renamed": (
        Scene({f"{RES}/menu/main.xml": SCRIPT}, {"A.java": "f(R.menu.main);\n"}, {f"{RES}/menu/main.xml": None, f"{RES}/menu/top.xml": SCRIPT}),
        [f"breakage A.java:1 the fork's file uses `{RES}/menu/main.xml`, which upstream moved to `{RES}/menu/top.xml`"],
    ),
}  # fmt: skip

QUIET: dict[str, Scene] = {
    "nothing deleted": Scene(TOOL, {OWN: workflow("run: ./build-linux.py")}, {"keep.txt": "more\n"}),
    "another path that ends alike": Scene(
        {**TOOL, "unix/build-linux.py": SCRIPT + "x\n"},
        {OWN: workflow("run: ./unix/build-linux.py", "run: x-build-linux.py", "run: cat build-linux.pyc")},
        GONE,
    ),
    "relative to the folder entered": Scene(
        {**TOOL, "unix/build-linux.py": SCRIPT + "x\n"},
        {OWN: workflow("run: cd unix && ./build-linux.py")},
        GONE,
    ),
    "a folder nobody knows": Scene(TOOL, {OWN: workflow('run: cd "$X" && ./build-linux.py')}, GONE),
    "a working directory": Scene(
        {**TOOL, "unix/build-linux.py": SCRIPT + "x\n"},
        {OWN: workflow("run: ./build-linux.py\n        working-directory: unix")},
        GONE,
    ),
    "made there, tested there, or removed there": Scene(
        {**TOOL, "requirements.txt": "a\n"},
        {
            OWN: workflow(
                "run: uv export > requirements.txt && pip install -r requirements.txt",
                "run: if [ -f build-linux.py ]; then ./build-linux.py; fi",
                "run: rm -f build-linux.py",
            )
        },
        {**GONE, "requirements.txt": None},
    ),
    "allowed to fail, commented out, or printed": Scene(
        TOOL,
        {
            OWN: workflow(
                "run: ./build-linux.py || true", "run: echo build-linux.py\n      # run: ./build-linux.py"
            )
        },
        GONE,
    ),
    "upstream's own text is upstream's": Scene(
        {**TOOL, "ci.sh": "#!/bin/sh\n./build-linux.py\n"}, {"keep.txt": "own\n"}, GONE
    ),
    "the fork keeps the file": Scene(
        TOOL, {"build-linux.py": SCRIPT + "own\n", OWN: workflow("run: ./build-linux.py")}, GONE
    ),
    "the fork deleted it, and used it still": Scene(
        {**TOOL, "ci.sh": "#!/bin/sh\n./build-linux.py\n"},
        {**GONE, "ci.sh": "#!/bin/sh\n./build-linux.py\necho own\n"},
        {"keep.txt": "x\n"},
    ),
    "another repository's template": Scene(
        {"t.yml": "steps: []\n", "k": "1\n"},
        {"own.yml": "steps:\n- template: t.yml@other\n"},
        {"t.yml": None},
    ),
    "a module that became a package": Scene(
        {"lib/c.py": "c = 1\nd = 2\n", "k": "1\n"},
        {"own.py": "from lib.c import c\n"},
        {"lib/c.py": None, "lib/c/__init__.py": "c = 1\nd = 2\n"},
    ),
    "a stage of a Dockerfile, a bare word, a program on the path": Scene(
        {"build": "x\ny\n", "docs/a.md": "a\n", "k": "1\n"},
        {"Dockerfile": "FROM x\nCOPY --from=b build /x\nRUN build && make docs build\n"},
        {"build": None, "docs/a.md": None},
    ),
}


def uses_icon(**more: str) -> Scene:
    """Upstream uses the drawable that the fork has deleted, and there is `more`."""
    kept = {f"{RES}/{name.replace('__', '/')}.xml": text for name, text in more.items()}
    return Scene({**ICON, **kept}, NO_ICON, {"app/Note.kt": "val icon = load(R.drawable.icon)\n"})


QUIET |= {
    "there for another device": Scene(ICON, {f"{RES}/drawable/icon.xml": None}, {"A.java": "f(R.drawable.icon);\n"}),
    "an image in its place": Scene(ICON, {**NO_ICON, f"{RES}/drawable-hdpi/icon.png": "png"}, {"A.java": "f(R.drawable.icon);\n"}),
    "defined among the values": uses_icon(values__colors='<resources>\n  <drawable name="icon">#fff</drawable>\n</resources>\n'),
    "an item among the values": uses_icon(values__items='<resources>\n  <item name="icon" type="drawable">@null</item>\n</resources>\n'),
    "defined among the values, on two lines": uses_icon(values__colors='<resources>\n  <drawable\n    name="icon">#fff</drawable>\n</resources>\n'),
    "in a remark of several lines, in a text, of another package, only for an editor": Scene(
        ICON,
        NO_ICON,
        {
            LAYOUT: '<View\n  tools:src = "@drawable/icon"\n  /><!-- old:\n  @drawable/icon\n-->\n',
            "A.java": 'f("R.drawable.icon", org.library.R.drawable.icon);\n',
        },
    ),
    "another name, type or owner, a remark, an editor's": Scene(
        ICON,
        NO_ICON,
        {
            "A.java": "f(R.drawable.icon_big, R.id.icon, android.R.drawable.icon);\n// R.drawable.icon\n",
            LAYOUT: '<a id="@+id/icon" b="@string/icon" c="@android:drawable/icon"\n  tools:src="@drawable/icon" />\n<!-- "@drawable/icon" -->\n',
        },
    ),
    "a drawable that the fork used already": Scene(
        {**ICON, "A.java": "f(R.drawable.icon);\n"}, NO_ICON, {"A.java": "f(1);\ng(R.drawable.icon);\n"}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_told(repo: Repo, name: str) -> None:
    scene, expected = CASES[name]
    assert told(seen(repo, scene, find)) == expected


@pytest.mark.parametrize("name", QUIET)
def test_quiet(repo: Repo, name: str) -> None:
    assert told(seen(repo, QUIET[name], find)) == []


@pytest.mark.parametrize("name", CASES)
def test_untouched_twin(repo: Repo, name: str) -> None:
    scene, _ = CASES[name]
    assert told(seen(repo, Scene(scene.base, scene.ours, {"unrelated.txt": "x\n"}), find)) == []


@pytest.mark.parametrize(
    ("build", "text", "number"),
    [
        ("Makefile", "CFLAGS = -O2 -I. -Isrc/include\n", 0),
        (
            "CMakeLists.txt",
            "target_include_directories(x PUBLIC . ${CMAKE_CURRENT_SOURCE_DIR}/src/include)\n",
            0,
        ),
        ("Makefile", "CFLAGS = -O2 -I.\n", 1),
        ("sub/Makefile", "CFLAGS = -Isrc/include\n", 1),
    ],
)
@pytest.mark.parametrize("changed", [True, False])
def test_headers_that_the_compiler_finds_elsewhere(
    repo: Repo, build: str, text: str, number: int, changed: bool
) -> None:
    header = "".join(f"int h{n};\n" for n in range(9))
    base = {"h.h": header, build: text if not changed else "all:\n"}
    theirs = {"h.h": None, "src/include/h.h": header, build: text}
    found = told(seen(repo, Scene(base, {"own.c": '#include "h.h"\n'}, theirs), find))
    assert len(found) == number


def test_what_upstream_calls_instead(repo: Repo) -> None:
    base = {**TOOL, "ci.sh": "#!/bin/sh\n./build-linux.py --target x\n", "build.py": "#!/bin/sh\nbuild\n"}
    theirs = {**GONE, "ci.sh": "#!/bin/sh\n./build.py --target x\n"}
    (found,) = seen(repo, Scene(base, {OWN: workflow("run: ./build-linux.py --own")}, theirs), find)
    assert (
        found.fix
        == "upstream calls `build.py` where it called `build-linux.py`: do the same, with the options it takes"
    )
    assert found.upstream and found.upstream.path == "build-linux.py"
    assert found.removed == ("#!/usr/bin/env python3",)


@pytest.mark.parametrize(
    "home",
    [
        "$(dirname $0)",
        '$(dirname "$0")',
        '$(dirname -- "${BASH_SOURCE[0]}")',
        '$(cd "$(dirname "$0")" && pwd)',
        '$(cd -- "$(dirname -- "${BASH_SOURCE}")" && pwd -P)',
        "${0%/*}",
    ],
)
def test_beside_the_script_itself(repo: Repo, home: str) -> None:
    base = {"ci/lib/common.sh": "f() { echo; }\n", "ci/lib/other.sh": "g() { echo; }\n"}
    own = {"ci/own.sh": f'#!/bin/sh\n. "{home}/lib/common.sh"\nf\n'}
    assert told(seen(repo, Scene(base, own, {"ci/lib/common.sh": None}), find)) == [
        "breakage ci/own.sh:2 the fork's file runs `ci/lib/common.sh`, which upstream deleted"
    ]
    assert not seen(repo, Scene(base, own, {"ci/lib/other.sh": None}), find)


def test_what_upstream_has_made_now(repo: Repo) -> None:
    template, maker = (
        {**GONE, "build-linux.py.in": SCRIPT},
        "#!/bin/sh\nsed s/a/b/ build-linux.py.in > build-linux.py\n",
    )
    own = {OWN: workflow("run: ./build-linux.py")}
    [found] = seen(repo, Scene(TOOL, own, {**template, "gen.sh": maker}), find)
    assert told([found]) == [
        f"decision {OWN}:7 the fork's file runs `build-linux.py`, which upstream now makes with `gen.sh`"
    ]
    assert found.fix == "see that it is made before this is run, as upstream does with `gen.sh`"
    [found] = seen(repo, Scene(TOOL, own, template), find)
    assert told([found])[0].endswith("which upstream now makes with `build-linux.py.in`")
    [found] = seen(repo, Scene(TOOL, own, {**GONE, "gen.sh": "#!/bin/sh\necho build-linux.py\n"}), find)
    assert found.cls == "breakage"


def test_what_syncfork_wrote_itself_names_no_files(repo: Repo) -> None:
    table = Table(measured=date(2026, 3, 1), head="1" * 40, syncfork="1", merges=3)
    counted = Row(
        by="sides: ours",
        scope="ci/build.py",
        cases=9,
        right=9,
        run=9,
        last=date(2026, 3, 1),
        on=True,
        why="right in all",
    )
    text = to_text(replace(table, rows=(counted,)))
    base, gone = {"ci/build.py": SCRIPT}, {"ci/build.py": None}
    assert not seen(repo, Scene(base, {".syncfork/resolvers.toml": text}, gone), find)
    assert seen(repo, Scene(base, {"own.toml": text.partition("\n")[2]}, gone), find)

"""Imports that led to a file which one side took away: what is told of them, and what is not."""

from __future__ import annotations

import time

import pytest
from detecting import Scene, seen, told
from git_fixtures import LINK, SUBMODULE, Repo

from syncfork.detect.path_imports import file_imports
from syncfork.detect.paths import find
from syncfork.text import Document

BODY = "".join(f"line{n}()\n" for n in range(9))
# No text: what was there is told by its name alone.
IMAGE = "\0image\n"


def without(path: str, **ours: str) -> Scene:
    """Upstream deletes `path`, and the fork has files of its own (`__` for a slash, `_dot_` for a dot)."""
    own = {name.replace("__", "/").replace("_dot_", "."): text for name, text in ours.items()}
    return Scene({path: BODY, "keep.txt": "kept\n"}, own, {path: None})


ICON = "app/js/icons/note.svg"
BESIDE = {"app/js/lib/one.ts": "1\n", "app/js/lib/two.ts": "2\n", "keep.txt": "kept\n"}
BY_ALIAS = (
    "import one from '@/lib/one'\nimport two from '@/lib/two'\nimport Note from '@/icons/note.svg?react'\n"
)
TOLD = f"the fork's file imports `{ICON}`, which upstream deleted"

CASES: dict[str, tuple[Scene, list[str]]] = {
    "a module beside it": (
        without("ui/modal.tsx", ui__own_dot_ts="import { open } from './modal'\nopen()\n"),
        ["breakage ui/own.ts:1 the fork's file imports `ui/modal.tsx`, which upstream deleted"],
    ),
    "in several places, and one names it besides": (
        without("ui/modal.js", ui__own_dot_ts="const { open } = require('./modal')\n", ui__a__b_dot_vue="<script>\nimport x from '../modal.js'\nimport y from '../modal.js'\n"),
        ["breakage ui/a/b.vue:2 the fork's file imports `ui/modal.js`, which upstream deleted (also ui/a/b.vue:3, ui/own.ts:1)"],
    ),
    "as it is called when it is compiled": (
        without("ui/modal.ts", ui__own_dot_ts="export * from './modal.js'\n"), ["breakage ui/own.ts:1 the fork's file imports `ui/modal.ts`, which upstream deleted"],
    ),
    "a folder": (without("ui/modal/index.tsx", ui__own_dot_ts="import './modal'\n"), ["breakage ui/own.ts:1 the fork's file imports `ui/modal/index.tsx`, which upstream deleted"]),
    "a file that moved": (
        Scene({"ui/modal.tsx": BODY, "k": "1\n"}, {"ui/own.ts": "import './modal'\n"}, {"ui/modal.tsx": None, "ui/MkModal.tsx": BODY}),
        ["breakage ui/own.ts:1 the fork's file imports `ui/modal.tsx`, which upstream moved to `ui/MkModal.tsx`"],
    ),
    "an alias that the repository tells": (
        Scene({**BESIDE, ICON: BODY}, {"app/js/a/own.tsx": BY_ALIAS}, {ICON: None}), [f"breakage app/js/a/own.tsx:3 {TOLD}"],
    ),
    "an alias that leads out of its folder, and out of the repository": (
        Scene({"one.ts": "1\n", "two.ts": "2\n", "gone.ts": BODY}, {"own.ts": "import '@/one'\nimport '@/../two'\nimport '@/two'\nimport '@/x/../gone'\nimport '@/gone'\n"}, {"gone.ts": None}),
        ["breakage own.ts:4 the fork's file imports `gone.ts`, which upstream deleted (also own.ts:5)"],
    ),
    "an image": (Scene({**BESIDE, ICON: IMAGE}, {"app/js/a/own.tsx": BY_ALIAS}, {ICON: None}), [f"breakage app/js/a/own.tsx:3 {TOLD}"]),
    "a name that stands for a folder": (
        Scene({**BESIDE, "app/js/lib/three.ts": BODY}, {"app/own.tsx": "import 'lib/one'\nimport 'lib/three'\n"}, {"app/js/lib/three.ts": None}),
        ["breakage app/own.tsx:2 the fork's file imports `app/js/lib/three.ts`, which upstream deleted"],
    ),
    "a style sheet": (
        without("css/_colors.scss", css__own_dot_scss="@use 'colors';\n"), ["breakage css/own.scss:1 the fork's file imports `css/_colors.scss`, which upstream deleted"],
    ),
    "of a package of Python's": (
        without("lib/a/util.py", lib__b__own_dot_py="from ..a.util import x\n", lib__own_dot_py="from .a import (\n    util,\n)\n"),
        ["breakage lib/b/own.py:1 the fork's file imports `lib/a/util.py`, which upstream deleted (also lib/own.py:1)"],
    ),
    "a module of a package": (without("lib/a/util.py", own_dot_py="from lib.a import util\n"), ["breakage own.py:1 the fork's file imports `lib/a/util.py`, which upstream deleted"]),
    "Ruby": (without("lib/a/util.rb", lib__own_dot_rb="require_relative 'a/util'\n"), ["breakage lib/own.rb:1 the fork's file imports `lib/a/util.rb`, which upstream deleted"]),
    "Rust": (
        Scene({"src/util.rs": BODY, "src/lib.rs": "mod a;\n", "src/a.rs": "\n"}, {"src/lib.rs": "mod a;\nmod util;\n"}, {"src/util.rs": None}),
        ["breakage src/lib.rs:2 the fork's text imports `src/util.rs`, which upstream deleted"],
    ),
    "what the fork deleted, and upstream's new text imports": (
        Scene({"ui/modal.ts": BODY, "ui/a.ts": "x()\n"}, {"ui/modal.ts": None}, {"ui/a.ts": "import './modal'\nx()\n"}),
        ["breakage ui/a.ts:1 upstream's new text imports `ui/modal.ts`, which the fork deleted"],
    ),
}  # fmt: skip

QUIET: dict[str, Scene] = {
    "upstream imports it itself": Scene({"ui/modal.ts": BODY, "ui/a.ts": "import './modal'\n1\n"}, {"ui/a.ts": "import './modal'\n1\n2\n"}, {"ui/modal.ts": None}),
    "another file takes its place": Scene({"ui/modal.js": BODY, "k": "1\n"}, {"ui/own.ts": "import './modal'\n"}, {"ui/modal.js": None, "ui/modal/index.tsx": "new\n"}),
    "a remark, and a text": without("ui/modal.ts", ui__own_dot_ts="// import './modal'\nconst x = 'import ./modal'\n"),
    "it may fail": without("ui/modal.ts", ui__own_dot_js="try { require('./modal') } catch {}\n"),
    "a test's fixture": without("ui/modal.ts", ui__fixtures__own_dot_ts="import '../modal'\n"),
    "nothing tells what the alias stands for": Scene({**BESIDE, ICON: BODY}, {"app/js/own.tsx": "import '@/icons/note.svg'\n"}, {ICON: None}),
    "the alias stands for another folder": Scene(
        {**BESIDE, ICON: BODY, "web/lib/one.ts": "1\n", "web/lib/two.ts": "2\n", "web/icons/note.svg": "own\n"}, {"web/own.tsx": BY_ALIAS}, {ICON: None},
    ),
    "a style sheet beside it": Scene(
        {"css/old/one.scss": "1\n", "css/old/two.scss": BODY, "k": "1\n"},
        {"own/old/one.scss": "1\n", "own/old/two.scss": "2\n", "own/a.scss": "@use 'old/one';\n@use 'old/two';\n"}, {"css/old/two.scss": None},
    ),
    "a package of that name": Scene({"app/lib/one.ts": BODY, "k": "1\n"}, {"own.ts": "import 'lib/one'\n"}, {"app/lib/one.ts": None}),
    "Python: the package has the name itself": Scene(
        {"lib/a/util.py": BODY, "lib/a/__init__.py": "\n"}, {"own.py": "from lib.a import util\n"}, {"lib/a/util.py": None, "lib/a/__init__.py": "from lib.b import util\n"},
    ),
    "Python: it may fail": without("lib/a/util.py", own_dot_py="try:\n    from lib.a import util\nexcept ImportError:\n    pass\n"),
    "Python: the package takes all of another module over": Scene(
        {"lib/a/util.py": BODY, "lib/a/__init__.py": "\n"}, {"own.py": "from lib.a import util\n"}, {"lib/a/util.py": None, "lib/a/__init__.py": "from ._impl import *\n"},
    ),
    "Python: the module is compiled now": Scene(
        {"a/fast.py": BODY, "k": "1\n"}, {"a/own.py": "from .fast import x\nfrom . import fast\n", "own.py": "from a.fast import x\n"}, {"a/fast.py": None, "a/fast.pyx": BODY},
    ),
    "a file for each platform": Scene({"ui/x.tsx": BODY, "k": "1\n"}, {"ui/own.ts": "import './x'\n"}, {"ui/x.tsx": None, "ui/x.ios.tsx": BODY, "ui/x.android.tsx": BODY + "1\n"}),
    "an image for each platform": Scene({"ui/x.png": IMAGE, "k": "1\n"}, {"ui/own.ts": "import './x.png'\n"}, {"ui/x.png": None, "ui/x.ios.png": "\0other\n"}),
    "the folder is a link now": Scene({"a/lib/x.ts": BODY, "b/x.ts": BODY + "1\n", "a/k": "1\n"}, {"own.ts": "import './a/lib/x'\n"}, {"a/lib/x.ts": None, "a/lib": (LINK, "../b")}),
    "the folder is another repository now": Scene(
        {"a/lib/x/y.ts": BODY, "a/k": "1\n"}, {"own.ts": "import './a/lib/x/y'\n", "own.sh": "cd a/lib/x\nsource a/lib/x/y.ts\n"}, {"a/lib/x/y.ts": None, "a/lib": (SUBMODULE, "a" * 40)},
    ),
    "a remark of a component's": without("ui/x.ts", ui__own_dot_vue='<template>\n<!-- <x\nsrc="./x.ts" --> </template>\n'),
    "Rust: for an option": Scene({"src/util.rs": BODY, "src/lib.rs": "\n"}, {"src/lib.rs": '#[path = "x.rs"]\nmod util;\n'}, {"src/util.rs": None}),
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
    ("path", "text", "paths"),
    [
        ("a/b.py", "from . import c\n", ["a/c.py", "a/c.pyi", "a/c/__init__.py"]),
        ("b.py", "from .. import c\n", []),
        ("a.py", "from . import (  # d\n    b as x,  # e\n\n    c\n)\n", ["b.py", "b.pyi", "b/__init__.py", "c.py", "c.pyi", "c/__init__.py"]),
        ("a.py", "from . import b, \\\n  c\n", ["b.py", "b.pyi", "b/__init__.py"]),
        ("a.py", "from . import (\n  b,\nx = c(\n  d,\n)\n", ["b.py", "b.pyi", "b/__init__.py"]),
        ("a/b.rb", "require_relative '../c'\n", ["c", "c.rb"]),
        ("src/a.rs", "pub mod b;\n", ["src/a/b.rs", "src/a/b/mod.rs", "src/b.rs", "src/b/mod.rs"]),
        ("a.ts", "import 'react'\nimport 'node:fs'\nimport '/x'\n", []),
    ],
)  # fmt: skip
def test_what_an_import_may_mean(path: str, text: str, paths: list[str]) -> None:
    assert [each for item in file_imports(Document(path, text)) for each in item.paths] == paths


def test_lists_of_names_that_never_end_cost_no_more_than_the_text_is_long() -> None:
    text = "from . import (\n" * 20_000 + "a,\n" * 20_000
    started = time.process_time()
    assert len(list(file_imports(Document("a.py", text)))) == 20_000
    assert time.process_time() - started < 7

"""Imports of packages that no manifest of the merged tree asks for any more, though one did before."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from detecting import Files, Scene, seen, told
from git_fixtures import Repo

from syncfork.detect.import_forms import code_lines, imports
from syncfork.detect.imports import find
from syncfork.report import Place
from syncfork.text import Document


def npm(*packages: str, table: str = "dependencies", **more: object) -> str:
    return json.dumps({"private": True, table: dict.fromkeys(packages, "^1.0.0"), **more}, indent=2) + "\n"


def cargo(*crates: str, table: str = "dependencies", head: str = '[package]\nname = "own"\n') -> str:
    return f"{head}\n[{table}]\n" + "".join(f'{crate} = "1"\n' for crate in crates)


def go(*modules: str, module: str = "acme.org/own") -> str:
    return f"module {module}\n\nrequire (\n" + "".join(f"\t{each} v1.0.0\n" for each in modules) + ")\n"


USING = "import React from 'react';\nimport Overlay from 'overlays/Overlay';\n"
OUT = "upstream took `overlays` out of package.json, and the fork's lines import it"
BOTH, ONE = {"package.json": npm("overlays", "react")}, {"package.json": npm("react")}
CRATES, FEWER = {"Cargo.toml": cargo("serde", "own-log")}, {"Cargo.toml": cargo("serde")}
CLOCKS = {"Cargo.toml": cargo("time", "tokio")}
MODULES, LESS = {"go.mod": go("acme.org/log", "acme.org/io")}, {"go.mod": go("acme.org/io")}
GO = 'package own\n\nimport (\n\t"fmt"\n\tlog "acme.org/log/v1/sub"\n)\n'
OPTION = "try:\n    import requests\nexcept ImportError:\n    requests = None\n"
UV = 'version = 1\n\n[[package]]\nname = "{}"\n'

FOUND: dict[str, tuple[Files, Files, Files, list[str]]] = {
    "a file of the fork's": (BOTH, {"own.tsx": USING}, ONE, [f"breakage own.tsx:2 {OUT}"]),
    "several": (
        BOTH, {"a.js": "const x = require('overlays')\n", "b.vue": "<script>\nimport {\n  x\n} from 'overlays'\n", "c.ts": "export * from 'overlays'\nimport type { X } from 'overlays/x'\n", "d.mjs": "await import('overlays')\n"}, ONE,
        ["breakage a.js:1 upstream took `overlays` out of package.json, and 4 files import it in the fork's lines: a.js:1, b.vue:4, c.ts:1 and 1 more"],
    ),
    "a line of the fork's in a file of upstream's": (
        {**BOTH, "a.ts": "x()\ny()\n"}, {"a.ts": "import x from 'overlays'\nx()\ny()\n"}, {**ONE, "a.ts": "x()\ny()\nz()\n"}, [f"breakage a.ts:1 {OUT}"],
    ),
    "with a scope": (
        {"package.json": npm("@acme/ui", "@acme/io")}, {"own.ts": "import '@acme/ui/button.css'\nimport x from '@acme/io'\n"}, {"package.json": npm("@acme/io")},
        ["breakage own.ts:1 upstream took `@acme/ui` out of package.json, and the fork's lines import it"],
    ),
    "by another name": (
        {"package.json": npm("react").replace("react", "r17").replace("^1.0.0", "npm:react@17")}, {"own.ts": "import 'r17'\n"}, {"package.json": npm()},
        ["breakage own.ts:1 upstream took `r17` out of package.json, and the fork's lines import it"],
    ),
    "types alone": (
        {"package.json": npm("@types/estree")}, {"own.ts": "import type { Node } from 'estree'\n"}, {"package.json": npm()},
        ["breakage own.ts:1 upstream took `@types/estree` out of package.json, and the fork's lines import it"],
    ),
    "types are left": (
        {"package.json": npm("estree", "@types/estree")}, {"own.ts": "import x from 'estree'\n"}, {"package.json": npm("@types/estree")},
        ["breakage own.ts:1 upstream took `estree` out of package.json, and the fork's lines import it"],
    ),
    "in one of several manifests": (
        {"ui/package.json": npm("overlays"), "api/package.json": npm("overlays"), "api/a.ts": "import 'overlays'\n", "package.json": npm(workspaces=["ui", "api"])},
        {"ui/src/own.ts": "import 'overlays'\n"}, {"ui/package.json": npm()},
        ["breakage ui/src/own.ts:1 upstream took `overlays` out of ui/package.json, and the fork's lines import it"],
    ),
    "another package brings it along": (
        BOTH, {"own.tsx": USING}, {**ONE, "yarn.lock": "other@^1:\n  dependencies:\n    overlays ^1\n\noverlays@^1:\n  version 1\n"},
        [f"decision own.tsx:2 {OUT}; another package may bring it along"],
    ),
    "another one has a copy of its own": (
        BOTH, {"own.tsx": USING}, {**ONE, "package-lock.json": '{"packages": {"node_modules/other/node_modules/overlays": {}}}\n'}, [f"breakage own.tsx:2 {OUT}"],
    ),
    "the fork took out what upstream's new lines import": (
        {**BOTH, "a.ts": "x()\n"}, ONE, {"a.ts": "x()\nrequire('overlays')\n", "b.md": "news\n"},
        ["breakage a.ts:2 the fork took `overlays` out of package.json, and upstream's new lines import it"],
    ),
    "Go": (MODULES, {"own.go": GO}, LESS, ["breakage own.go:5 upstream took `acme.org/log` out of go.mod, and the fork's lines import it"]),
    "Go, a new major version": (
        MODULES, {"own.go": 'package own\n\nimport "acme.org/log/sub"\n'}, {"go.mod": go("acme.org/log/v2", "acme.org/io")},
        ["breakage own.go:3 upstream took `acme.org/log` out of go.mod, and the fork's lines import it"],
    ),
    "Rust": (CRATES, {"src/own.rs": "fn x() {\n    own_log::init();\n}\n"}, FEWER, ["breakage src/own.rs:2 upstream took `own-log` out of Cargo.toml, and the fork's lines import it"]),
    "Rust, besides a module of another crate's": (
        CLOCKS, {"src/own.rs": "use tokio::time::sleep;\nuse std::{env};\nfn x() {\n    env::y();\n    time::z();\n}\n"}, {"Cargo.toml": cargo("tokio")},
        ["breakage src/own.rs:5 upstream took `time` out of Cargo.toml, and the fork's lines import it"],
    ),
    "what a workspace has for its members": (
        {"Cargo.toml": cargo("serde", "log", table="workspace.dependencies", head="[workspace]\n"), "a/Cargo.toml": cargo()}, {"b/Cargo.toml": cargo().replace("\n\n", "\n\n") + "log.workspace = true\nserde = { workspace = true }\n"},
        {"Cargo.toml": cargo("serde", table="workspace.dependencies", head="[workspace]\n")},
        ["breakage b/Cargo.toml:5 upstream took `log` out of Cargo.toml, and the fork's lines inherit it"],
    ),
    "Python": (
        {"pyproject.toml": '[project]\ndependencies = [\n  "requests>=2",\n  "six",\n]\n', "uv.lock": UV.format("requests")}, {"own.py": "from requests.auth import X\n"}, {"pyproject.toml": '[project]\ndependencies = [\n  "six",\n]\n', "uv.lock": UV.format("six")},
        ["breakage own.py:1 upstream took `requests` out of pyproject.toml, and the fork's lines import it"],
    ),
    "Python, without a lock file": (
        {"requirements.txt": "PyYAML==6\nsix\n"}, {"own.py": "import yaml\n"}, {"requirements.txt": "six\n"},
        ["decision own.py:1 upstream took `pyyaml` out of requirements.txt, and the fork's lines import it; another package may bring it along"],
    ),
}  # fmt: skip

# Manifests that no tool would take: what of them is none is passed over.
ODD: dict[str, tuple[Files, Files, Files, list[str]]] = {
    "a list with a number, and nothing": (
        {"package.json": '{"dependencies": ["overlays", 1, null]}\n'}, {"own.tsx": USING}, {"package.json": npm("react")}, [f"breakage own.tsx:2 {OUT}"],
    ),
    "lists of crates": (
        {"Cargo.toml": 'dependencies = [1, "log"]\n[package]\nname = "own"\n'}, {"own.rs": "use log::x;\n"}, {"Cargo.toml": '[package]\nname = "own"\n'},
        ["breakage own.rs:1 upstream took `log` out of Cargo.toml, and the fork's lines import it"],
    ),
    "a list of a workspace's": (
        {"Cargo.toml": '[workspace]\ndependencies = [1, "log"]\n'}, {"a/Cargo.toml": cargo() + "log.workspace = true\n"}, {"Cargo.toml": "[workspace]\n"},
        ["breakage a/Cargo.toml:5 upstream took `log` out of Cargo.toml, and the fork's lines inherit it"],
    ),
    "a requirement of nothing": (
        MODULES, {"own.go": GO}, {"go.mod": "module acme.org/own\n\nrequire\nrequire acme.org/io v1.0.0\n"},
        ["breakage own.go:5 upstream took `acme.org/log` out of go.mod, and the fork's lines import it"],
    ),
    "requirements that are no text": (
        {"pyproject.toml": '[project]\ndependencies = ["requests"]\n'}, {"own.py": "import requests\n"}, {"pyproject.toml": "[project]\ndependencies = [1]\n[tool.poetry]\ngroup = [1]\n"}, [],
    ),
}  # fmt: skip

SILENT: dict[str, tuple[Files, Files, Files]] = {
    "moved to another table": (BOTH, {"own.tsx": USING}, {"package.json": npm("overlays", "react", table="devDependencies")}),
    "the fork asks for it, too": (BOTH, {"own.tsx": USING, "package.json": npm("overlays", "react", "more")}, {"package.json": npm("react", "overlays")}),
    "a manifest above has it": ({"ui/package.json": npm("overlays"), "package.json": npm("overlays")}, {"ui/own.ts": "import 'overlays'\n"}, {"ui/package.json": npm()}),
    "a manifest of its own has it": (BOTH, {"ui/own.ts": "import 'overlays'\n", "ui/package.json": npm("overlays")}, ONE),
    "upstream imports it itself": ({**BOTH, "a.ts": "import 'overlays'\n"}, {"own.tsx": USING}, ONE),
    "upstream's own oversight": ({**BOTH, "a.ts": "import 'overlays'\nx\n"}, {"a.ts": "import 'overlays'\nx\ny\n"}, ONE),
    "built in": ({"package.json": npm("buffer", "fs")}, {"own.ts": "import { Buffer } from 'buffer'\nimport 'node:fs'\n"}, {"package.json": npm()}),
    "a package of the repository's own": ({**BOTH, "packages/o/package.json": '{\n  "name": "overlays"\n}\n'}, {"own.tsx": USING}, ONE),
    "the types are not needed any more": ({"package.json": npm("estree", "@types/estree")}, {"own.ts": "import 'estree'\n"}, {"package.json": npm("estree")}),
    "a remark": (BOTH, {"own.ts": "// import 'overlays'\n/* as\nimport 'overlays'\ndid */\nconst x = 'import overlays'\n"}, ONE),
    "what a file writes": (BOTH, {"own.ts": "const a = '`', b = `\nimport x from 'overlays'\n\\` ${ c(`it's`) }\nimport x from 'overlays'\n`\n"}, ONE),
    "Go, what a file writes": (MODULES, {"own.go": "package own\n\nvar x, y = '`', `\\`\nvar z = `\nimport \"acme.org/log\"\n`\n"}, LESS),
    "it may fail": (BOTH, {"own.js": "let x\ntry {\n  x = require('overlays')\n} catch {}\n"}, ONE),
    "another package's name begins so": (BOTH, {"own.ts": "import 'overlays-more'\nimport './overlays'\nimport '@/overlays'\n"}, ONE),
    "vendored": (BOTH, {"node_modules/x/own.ts": "import 'overlays'\n", "test/fixtures/a.js": "import 'overlays'\n"}, ONE),
    "the manifest in conflict": (BOTH, {"own.tsx": USING, "package.json": npm("overlays-fork", "react")}, ONE),
    "the manifest is no JSON": ({"package.json": npm("overlays") + "}"}, {"own.tsx": USING}, {"package.json": npm() + "}"}),
    "both took it out": (BOTH, {"own.tsx": USING, **ONE}, ONE),
    "Go, part of another module": (MODULES, {"own.go": GO}, {"go.mod": go("acme.org/io", "acme.org/log/v1")}),
    "Go, a module of its own": (MODULES, {"tool/own.go": GO, "tool/go.mod": go("acme.org/log", module="acme.org/tool")}, LESS),
    "Go, a module of the workspace": ({**MODULES, "log/go.mod": "module acme.org/log\n"}, {"own.go": GO}, LESS),
    "Rust, a module of its own": (CRATES, {"src/own.rs": "own_log::init();\n", "src/lib.rs": "mod own_log;\n"}, FEWER),
    "Rust, a module of another crate": (CLOCKS, {"src/own.rs": "use tokio::time;\nfn x() {\n    time::sleep();\n}\n"}, {"Cargo.toml": cargo("tokio")}),
    "Rust, a module of the standard library": (CLOCKS, {"src/own.rs": "use std::{\n    env,\n    time::{self, Instant}, // as it is;\n};\nfn x() {\n    time::Duration::new();\n}\n"}, {"Cargo.toml": cargo("tokio")}),
    "Rust, within a list of another crate's": (CLOCKS, {"src/own.rs": "use tokio::{\n    net,\n    time::sleep,\n};\nuse x::y as z;\n"}, {"Cargo.toml": cargo("tokio")}),
    "Rust, the package has the name now": (CRATES, {"src/bin/own.rs": "use own_log::x;\n"}, {"Cargo.toml": cargo("serde", head='[package]\nname = "own-log"\n')}),
    "Rust, its library has the name now": (CRATES, {"src/bin/own.rs": "use own_log::x;\n"}, {"Cargo.toml": cargo("serde") + '[lib]\nname = "own_log"\n'}),
    "Rust, for an option": (CRATES, {"src/own.rs": '#[cfg(feature = "log")]\nuse own_log::x;\n'}, FEWER),
    "Python, it may fail": ({"requirements.txt": "requests\nsix\n"}, {"own.py": OPTION}, {"requirements.txt": "six\n"}),
    "Python, another file names it": ({"requirements.txt": "requests\nsix\n"}, {"own.py": "import requests\n", "requirements-own.txt": "Requests>2\n"}, {"requirements.txt": "six\n"}),
    "Python, a module of the repository": ({"requirements.txt": "plotter\nsix\n"}, {"own.py": "import plotter\n", "lib/plotter.py": "x = 1\n"}, {"requirements.txt": "six\n"}),
    "Python, a module of its own": ({"requirements.txt": "dataclasses\nsix\n"}, {"own.py": "import dataclasses\n"}, {"requirements.txt": "six\n"}),
}  # fmt: skip


@pytest.mark.parametrize("name", [*FOUND, *ODD])
def test_found(tmp_path: Path, name: str) -> None:
    base, ours, theirs, expected = {**FOUND, **ODD}[name]
    assert told(seen(Repo.create(tmp_path / "r"), Scene(base, ours, theirs), find)) == expected


@pytest.mark.parametrize("name", SILENT)
def test_silent(tmp_path: Path, name: str) -> None:
    base, ours, theirs = SILENT[name]
    assert told(seen(Repo.create(tmp_path / "r"), Scene(base, ours, theirs), find)) == []


def test_what_a_rule_takes_from_upstream_goes_without_the_forks_packages(tmp_path: Path) -> None:
    rule = "id: theirs\nfiles: [package.json]\nown: theirs\n"
    ours = {"package.json": npm("overlays", "react"), "own.tsx": USING}
    scene = Scene({"package.json": npm("react")}, ours, {"package.json": npm("react", "more")}, (rule,))
    assert told(seen(Repo.create(tmp_path / "r"), scene, find)) == [
        "breakage own.tsx:2 package.json goes without `overlays`, and the fork's lines import it"
    ]


def test_the_culprit_and_what_upstream_uses_instead(repo: Repo) -> None:
    base = repo.commit({**BOTH, "a.ts": "import Overlay from 'overlays/Overlay';\nx()\n"})
    repo.checkout("main", repo.commit({"own.tsx": USING}, base))
    gone = {**ONE, "a.ts": "import Overlay from 'floating/Overlay';\nx()\n"}
    removed = repo.commit(gone, base, message="Replace overlays")
    repo.branch("upstream", repo.commit({"package.json": npm("react", "more")}, removed, message="More"))
    ran = repo.syncfork("merge", "upstream", "--dry-run", "--format", "json")
    [found] = [f for f in ran.report["findings"] if f["detector"] == "imports"]
    assert [culprit["subject"] for culprit in found["culprits"]] == ["Replace overlays"]
    assert found["upstream"] == {"path": "package.json", "line": 4, "tree": "base"}
    assert found["fix"].startswith("use `floating`, as upstream does")


@pytest.mark.parametrize(
    ("path", "there", "gone", "own", "using", "line"),
    [
        ("package.json", npm("left", "left-pad", "react"), npm("left", "react"), "own.js", "import 'left-pad'\n", 5),
        ("requirements.txt", "six\nOwn_Tool==1\n", "six\n", "own.py", "import own_tool\n", 2),
    ],
)  # fmt: skip
def test_where_a_hyphenated_name_was(
    tmp_path: Path, path: str, there: str, gone: str, own: str, using: str, line: int
) -> None:
    [found] = seen(Repo.create(tmp_path / "r"), Scene({path: there}, {own: using}, {path: gone}), find)
    assert found.upstream == Place(path, line, "base")
    assert found.removed == (there.split("\n")[line - 1],)


@pytest.mark.parametrize(
    ("path", "text", "what"),
    [
        ("a.ts", "import a, { b } from 'x'; // y\nimport'y'\nexport { z } from \"z\"\nexport const from = 'no'\nfoo('no')\n", "x y z"),
        ("a.ts", "import {\n  a,\n} from 'x' with { type: 'json' };\nconst b = await import(/* y */ 'y')\nx.require('no')\n", "x y"),
        ("a.ts", "const a = `\nimport 'no'\n`, b = \"`\"\nimport 'x'\nconst c = `${b}`\n// don`t\nimport 'y'\nconst d = '`'\nimport 'z'\n", "x y z"),
        ("a.tsx", "import x from '@/a.svg?react'\nimport y from '!!raw-loader!./b'\n", "@/a.svg ./b"),
        ("a.vue", '<img src="@/a.png">\n<img :src="no">\n@import "b";\n', "@/a.png b"),
        ("a.scss", "@use 'a' as b;\n@import url('c');\nx { background: url(./d.png) }\n// @use 'no'\n/*\n@use 'no'\n*/\n", "a c ./d.png"),
        ("a.py", "import a.b\nfrom ..c import d\nfrom . import e\n# import no\n", "a.b ..c ."),
        ("a.go", 'import "acme.org/a"\n\t_ "acme.org/b"\nx := "acme.org/no"\n', "acme.org/a acme.org/b"),
        ("a.rs", "use a::b;\npub(crate) use ::c;\nextern crate d;\nlet x = e::f::g();\n", "a c d e"),
        ("a.rb", "require_relative 'a/b'\nrequire 'no'\n", "a/b"),
    ],
)  # fmt: skip
def test_imports(path: str, text: str, what: str) -> None:
    assert " ".join(item.what for item in imports(Document(path, text))) == what


@pytest.mark.parametrize("path", ["a.css", "a.ts", "a.go", "a.vue", "a.rs"])
def test_remarks_that_never_end_cost_no_more_than_the_text_is_long(path: str) -> None:
    # The square of it would take a minute.
    started = time.process_time()
    assert len(code_lines(Document(path, "` \\`\n" * 20_000 + "'`\n" * 20_000))) == 40_001
    assert len(code_lines(Document(path, "/* " * 100_000 + "\n/* */\n" + "/* <!-- a\n" * 100_000))) == 100_003
    assert time.process_time() - started < 5


def test_a_remark_that_never_ends_is_none() -> None:
    assert code_lines(Document("a.css", "a /* b\nc */ d\n/* e")) == ["a ", " d", "/* e"]

"""Manifests and their lock files that each side had right, and that do not go together after the merge."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from detecting import Files, Scene, seen, told
from git_fixtures import Repo

from syncfork.detect.lock_base import satisfied
from syncfork.detect.locks import find

AFTER = "does not go with it after the merge"
WORKSPACE = "does not go with the modules of go.work after the merge"


def go_mod(one: str = "v1.0.0", *more: str, language: str = "1.21") -> str:
    lines = (
        f"module example.org/app\n\ngo {language}\n\nrequire (\n\texample.org/one {one} // a remark\n)\n",
        *more,
    )
    return "\n".join(lines)


def vendored(one: str = "v1.0.0", *more: str) -> str:
    head = f"# example.org/one {one}\n## explicit; go 1.17\nexample.org/one\n"
    return head + "".join(f"{line}\n" for line in more)


TWO = "require example.org/two v0.2.0"
TWO_VENDORED = ("# example.org/two v0.2.0", "## explicit", "example.org/two")
REPLACED = "replace example.org/one => example.org/fork v1.0.1"
REPLACED_VENDORED = """# example.org/one v1.0.0 => example.org/fork v1.0.1
## explicit; go 1.17
example.org/one
# example.org/one => example.org/fork v1.0.1
"""
SUMS = "example.org/one v1.0.0 h1:aa=\nexample.org/one v1.0.0/go.mod h1:bb=\n"


def tools(one: str, *more: str) -> str:
    lines = (
        "module example.org/app/tools\n\ngo 1.21\n",
        f"require example.org/one {one}",
        "require example.org/app v0.9.9",
    )
    return "\n".join([*lines, *more]) + "\n"


WORK = {
    "go.work": "go 1.25\n\nuse (\n\t.\n\t./tools\n)\n",
    "go.mod": go_mod(),
    "tools/go.mod": tools("v0.9.0"),
}
# As `go work vendor` writes it, for the versions of all modules of the workspace, itself included.
WORK_VENDORED = """## workspace
# example.org/app v0.9.9
## explicit; go 1.21
# example.org/one v0.9.0
## explicit; go 1.17
# example.org/one v1.0.0
## explicit; go 1.17
example.org/one
"""


def npm(**wanted: str) -> str:
    return json.dumps({"name": "app", "dependencies": wanted}, indent=2) + "\n"


def npm_lock(**locked: str) -> str:
    packages = {"": {"name": "app"}} | {f"node_modules/{name}": {"version": v} for name, v in locked.items()}
    return json.dumps({"lockfileVersion": 3, "packages": packages}, indent=2) + "\n"


def crate(*lines: str, name: str = "app") -> str:
    return "\n".join([f'[package]\nname = "{name}"\nversion = "0.1.0"\n\n[dependencies]', *lines]) + "\n"


def cargo_lock(name: str = "app", **locked: str) -> str:
    names = "".join(f' "{dependency}",\n' for dependency in locked)
    own = f'[[package]]\nname = "{name}"\nversion = "0.1.0"\ndependencies = [\n{names}]\n'
    source = 'source = "registry+https://github.com/rust-lang/crates.io-index"\n'
    others = "".join(f'\n[[package]]\nname = "{n}"\nversion = "{v}"\n{source}' for n, v in locked.items())
    return f"version = 4\n\n{own}{others}"


def project(*wanted: str) -> str:
    return f'[project]\nname = "app"\ndependencies = {json.dumps(wanted)}\n'


def uv_lock(**locked: str) -> str:
    listed = "".join(
        f'    {{ name = "{n}"' + (f', specifier = "{s}"' if s else "") + " },\n" for n, s in locked.items()
    )
    source = 'source = { editable = "." }'
    return f'version = 1\n\n[[package]]\nname = "app"\n{source}\n\n[package.metadata]\nrequires-dist = [\n{listed}]\n'


FOUND: dict[str, tuple[Files, Files, Files, list[str]]] = {
    "what only the fork vendors": (
        {"go.mod": go_mod()}, {"vendor/modules.txt": vendored()}, {"go.mod": go_mod("v1.1.0", TWO)},
        [f"breakage go.mod:6 vendor/modules.txt {AFTER}: `example.org/one` is required at v1.1.0, vendored at v1.0.0,"
         " `example.org/two` is required at v0.2.0 and not vendored"],
    ),
    "upstream requires no more what the fork vendors": (
        {"go.mod": go_mod("v1.0.0", TWO)}, {"vendor/modules.txt": vendored("v1.0.0", *TWO_VENDORED)}, {"go.mod": go_mod()},
        [f"breakage go.mod:1 vendor/modules.txt {AFTER}: `example.org/two` is vendored as required, and not required"],
    ),
    "a replacement that upstream vendors nowhere": (
        {"go.mod": go_mod()}, {"vendor/modules.txt": vendored()}, {"go.mod": go_mod("v1.0.0", REPLACED)},
        [f"breakage go.mod:6 vendor/modules.txt {AFTER}: `example.org/one` is replaced with example.org/fork v1.0.1, in what is"
         " vendored with nothing"],
    ),
    "a module of a workspace": (
        WORK, {"vendor/modules.txt": WORK_VENDORED}, {"go.mod": go_mod("v1.1.0"), "tools/go.mod": tools("v0.9.0", TWO)},
        [f"breakage go.mod:6 vendor/modules.txt {WORKSPACE}: `example.org/one` is required at v1.1.0, vendored at v0.9.0 and v1.0.0,"
         " `example.org/two` is required at v0.2.0 and not vendored"],
    ),
    "a module below in a workspace, and what the workspace replaces": (
        WORK, {"vendor/modules.txt": WORK_VENDORED},
        {"go.work": WORK["go.work"] + "\n" + REPLACED + "\n", "tools/go.mod": tools("v0.9.0", TWO)},
        [f"breakage tools/go.mod:7 vendor/modules.txt {WORKSPACE}: `example.org/two` is required at v0.2.0 and not vendored,"
         " `example.org/one` is replaced with example.org/fork v1.0.1, in what is vendored with nothing"],
    ),
    "another module of the workspace is no longer in the place of a version": (
        {**WORK, "tools/go.mod": tools("v0.9.0", "replace example.org/app => ../")},
        {"vendor/modules.txt": WORK_VENDORED.replace("v0.9.9", "v0.9.9 => ./")}, {"tools/go.mod": tools("v0.9.0")},
        [f"breakage go.mod:1 vendor/modules.txt {WORKSPACE}: `example.org/app` is vendored as replaced with ./, and not replaced"],
    ),
    "checksums that the fork alone keeps": (
        {"go.mod": go_mod()}, {"go.sum": SUMS}, {"go.mod": go_mod("v1.1.0")},
        [f"breakage go.mod:6 go.sum {AFTER}: `example.org/one` is required at v1.1.0, without a checksum"],
    ),
    "npm, a package that is not locked and one that is too old": (
        {"web/package.json": npm(one="^1.0.0")}, {"web/package-lock.json": npm_lock(one="1.0.5")},
        {"web/package.json": npm(one="^1.1.0", two="~2.0.1")},
        [f"breakage web/package.json:4 web/package-lock.json {AFTER}: `one` is required at ^1.1.0, locked at 1.0.5,"
         " `two` is required at ~2.0.1 and not locked"],
    ),
    "a crate of a workspace, which names what is shared": (
        {"Cargo.toml": '[workspace]\nmembers = ["app"]\n\n[workspace.dependencies]\nshared = { version = "1.2", package = "real-shared" }\n',
         "app/Cargo.toml": crate()},
        {"Cargo.lock": cargo_lock()}, {"app/Cargo.toml": crate("shared.workspace = true")},
        [f"breakage app/Cargo.toml:1 Cargo.lock {AFTER}: `real-shared` is required and not locked"],
    ),
    "a crate in a version that is not locked": (
        {"Cargo.toml": crate('rand = "0.8"')}, {"Cargo.lock": cargo_lock(rand="0.8.5")}, {"Cargo.toml": crate('rand = { version = "0.9", optional = true }')},
        [f"breakage Cargo.toml:6 Cargo.lock {AFTER}: `rand` is required at 0.9, locked at 0.8.5"],
    ),
    "uv": (
        {"pyproject.toml": project("Typing_Extensions>=4 ; python_version < '3.11'", "rich")},
        {"uv.lock": uv_lock(**{"typing-extensions": ">=4", "rich": ""})}, {"pyproject.toml": project("typing-extensions>=4.1, <5", "typer")},
        [f"breakage pyproject.toml:3 uv.lock {AFTER}: `typing-extensions` is required <5,>=4.1, locked for >=4,"
         " `typer` is required and not locked, `rich` is locked, and not required any more"],
    ),
    "a lock file that the merge broke": (
        {"package.json": npm(one="^1.0.0"), "package-lock.json": "{\n" + "\n" * 8 + "}\n"},
        {"package-lock.json": '{\n"packages": {}\n' + "\n" * 8 + "}\n"}, {"package-lock.json": "{\n" + "\n" * 8 + '"lockfileVersion": 3\n}\n'},
        [f"breakage package.json:1 package-lock.json {AFTER}: one of the two can no longer be read"],
    ),
}  # fmt: skip

SILENT: dict[str, tuple[Files, Files, Files]] = {
    "both sides vendor": (
        {"go.mod": go_mod(), "vendor/modules.txt": vendored()}, {"z": "z\n"},
        {"go.mod": go_mod("v1.1.0"), "vendor/modules.txt": vendored("v1.1.0")},
    ),
    "a fork that was so before": (
        {"go.mod": go_mod()}, {"vendor/modules.txt": vendored("v0.9.0")}, {"go.mod": go_mod() + "\n// a remark\n"},
    ),
    "upstream's own": (
        {"go.mod": go_mod(), "vendor/modules.txt": vendored()}, {"z": "z\n"}, {"go.mod": go_mod("v1.1.0")},
    ),
    "vendored for a workspace, of which there is no go.work": (
        {"go.mod": go_mod()}, {"vendor/modules.txt": "## workspace\n" + vendored()}, {"go.mod": go_mod("v1.1.0")},
    ),
    "marked as required, not required, and without a package": (
        {"go.mod": go_mod("v1.0.0", TWO)}, {"vendor/modules.txt": vendored("v1.0.0", *TWO_VENDORED[:2])}, {"go.mod": go_mod()},
    ),
    "of a workspace, each version that a module of it asks for": (
        WORK, {"vendor/modules.txt": WORK_VENDORED}, {"tools/go.mod": "// a remark\n" + tools("v0.9.0")},
    ),
    "a module of the workspace in the place of itself": (
        WORK, {"vendor/modules.txt": WORK_VENDORED}, {"tools/go.mod": tools("v0.9.0", "replace example.org/app => ../")},
    ),
    "another module of the workspace in the place of a version": (
        {**WORK, "tools/go.mod": tools("v0.9.0", "replace example.org/app => ../")},
        {"vendor/modules.txt": WORK_VENDORED.replace("v0.9.9", "v0.9.9 => ./")},
        {"tools/go.mod": tools("v0.9.0", "replace example.org/app => ./..")},
    ),
    "a folder that is told from its module, and from the workspace": (
        {**WORK, "tools/go.mod": tools("v0.9.0", "replace example.org/two => ../two")},
        {"vendor/modules.txt": WORK_VENDORED + "# example.org/two => ./two\n"},
        {"tools/go.mod": tools("v0.9.0", "replace example.org/two => ./../two")},
    ),
    "a module of the workspace that is not here": (
        {**WORK, "go.work": "go 1.25\n\nuse (\n\t.\n\t./tools\n\t../elsewhere\n\t/tmp\n)\n"}, {"vendor/modules.txt": WORK_VENDORED},
        {"go.mod": go_mod("v1.1.0")},
    ),
    "Go before 1.14 asks for nothing": (
        {"go.mod": go_mod(language="1.13")}, {"vendor/modules.txt": vendored()}, {"go.mod": go_mod("v1.1.0", language="1.13")},
    ),
    "a folder in the place of a module": (
        {"go.mod": go_mod()}, {"go.sum": SUMS}, {"go.mod": go_mod("v1.1.0", "replace example.org/one => ../one")},
    ),
    "a range that the locked version is in": (
        {"package.json": npm(one="^1.0.0")}, {"package-lock.json": npm_lock(one="1.4.0")}, {"package.json": npm(one="^1.2.0")},
    ),
    "a range of another form": (
        {"package.json": npm(one="^1.0.0")}, {"package-lock.json": npm_lock(one="1.4.0")}, {"package.json": npm(one=">=2 <3 || 4")},
    ),
    "a lock file of old": (
        {"package.json": npm(one="^1.0.0")}, {"package-lock.json": '{"lockfileVersion": 1}\n'}, {"package.json": npm(one="^2.0.0")},
    ),
    "a lock file of no known form": (
        {"Cargo.toml": crate()}, {"Cargo.lock": 'package = "none"\n'}, {"Cargo.toml": crate('rand = "0.9"')},
    ),
    "a lock file that a member of a workspace has of old": (
        {"Cargo.toml": "[workspace]\n", "Cargo.lock": cargo_lock(rand="0.9.1"), "app/Cargo.toml": crate('rand = "0.9"'),
         "app/Cargo.lock": cargo_lock(rand="0.9.1")},
        {"app/Cargo.lock": cargo_lock(rand="0.8.5")}, {"app/Cargo.toml": crate('rand = "0.9.1"')},
    ),
    "more of what was out of step before": (
        {"go.mod": go_mod()}, {"vendor/modules.txt": vendored("v0.9.0")}, {"go.mod": go_mod("v1.1.0")},
    ),
    "the workspace's manifest in conflict": (
        {"Cargo.toml": "[workspace]\nmembers = []\n", "app/Cargo.toml": crate()},
        {"Cargo.toml": "[workspace]\nmembers = ['a']\n", "Cargo.lock": cargo_lock()},
        {"Cargo.toml": "[workspace]\nmembers = ['b']\n", "app/Cargo.toml": crate("shared.workspace = true")},
    ),
    "tests of a crate that is no member": (
        {"Cargo.toml": '[workspace]\nexclude = ["app"]\n', "app/Cargo.toml": crate()}, {"Cargo.lock": cargo_lock()},
        {"app/Cargo.toml": crate() + '\n[dev-dependencies]\nrand = "0.9"\n'},
    ),
    "npm, what is optional counts": (
        {"package.json": npm(one="^1.0.0")}, {"package-lock.json": npm_lock(one="2.0.0")},
        {"package.json": json.dumps({"dependencies": {"one": "^1.0.0"}, "optionalDependencies": {"one": "^2.0.0"}})},
    ),
    "npm, what is installed": (
        {"node_modules/one/package.json": npm()}, {"package-lock.json": npm_lock(one="1.0.0")},
        {"node_modules/one/package.json": json.dumps({"devDependencies": {"two": "^1.0.0"}})},
    ),
    "npm, with a byte order mark": (
        {"package.json": npm(one="^1.0.0")}, {"package-lock.json": npm_lock(one="1.4.0")},
        {"package.json": "\ufeff" + npm(one="^1.1.0")},
    ),
    "Go without a blank": (
        {"go.mod": go_mod()}, {"vendor/modules.txt": vendored()}, {"go.mod": go_mod().replace("require (", "require(")},
    ),
    "uv, with a comma at the end": (
        {"pyproject.toml": project("rich>=1")}, {"uv.lock": uv_lock(rich=">=1")}, {"pyproject.toml": project("rich>=1,")},
    ),
    "a crate beside the workspace": (
        {"x/Cargo.toml": crate(name="x")}, {"Cargo.lock": cargo_lock()}, {"x/Cargo.toml": crate('rand = "0.9"', name="x")},
    ),
    "what is looked up elsewhere": (
        {"pyproject.toml": project("rich")},
        {"uv.lock": uv_lock(rich="").replace('name = "rich"', 'name = "rich", git = "https://example.org/rich"')},
        {"pyproject.toml": project("rich>=13")},
    ),
    "a lock file in conflict": (
        {"Cargo.toml": crate('rand = "0.8"'), "Cargo.lock": cargo_lock(rand="0.8.4")}, {"Cargo.lock": cargo_lock(rand="0.8.5")},
        {"Cargo.toml": crate('rand = "0.9"'), "Cargo.lock": cargo_lock(rand="0.9.0")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_found(tmp_path: Path, name: str) -> None:
    base, ours, theirs, expected = FOUND[name]
    assert told(seen(Repo.create(tmp_path / "r"), Scene(base, ours, theirs), find)) == expected


@pytest.mark.parametrize("name", SILENT)
def test_silent(tmp_path: Path, name: str) -> None:
    base, ours, theirs = SILENT[name]
    assert told(seen(Repo.create(tmp_path / "r"), Scene(base, ours, theirs), find)) == []


def test_the_fork_s_replacement_that_was_lost_in_a_conflict_is_to_be_put_back(tmp_path: Path) -> None:
    base = {"go.mod": go_mod()}
    ours = {"go.mod": go_mod("v1.0.0", REPLACED), "vendor/modules.txt": REPLACED_VENDORED}
    # As upstream has it: taken whole, the conflict cost the replacement.
    theirs = {"go.mod": go_mod("v1.1.0")}
    rule = "id: theirs\nfiles: [go.mod]\nown: theirs\n"
    [found] = seen(Repo.create(tmp_path / "r"), Scene(base, ours, theirs, (rule,)), find)
    assert found.message == (
        f"vendor/modules.txt {AFTER}: `example.org/one` is vendored as replaced with example.org/fork v1.0.1, and not replaced"
    )
    assert found.fix == (
        f"put back into go.mod what the fork had there, `{REPLACED}`; or have vendor/modules.txt written anew, where go.mod is: go mod vendor"
    )


def test_a_replacement_that_upstream_took_out_is_not_to_be_put_back(tmp_path: Path) -> None:
    base = {"go.mod": go_mod("v1.0.0", REPLACED)}
    ours = {"vendor/modules.txt": REPLACED_VENDORED}
    [found] = seen(Repo.create(tmp_path / "r"), Scene(base, ours, {"go.mod": go_mod()}), find)
    assert found.fix == "have it written anew, where go.mod is: go mod vendor"
    assert found.removed == (REPLACED,)


def test_a_workspace_with_a_module_less_in_a_folder(tmp_path: Path) -> None:
    base = {f"src/{path}": text for path, text in {**WORK, "tools/go.mod": tools("v0.9.0", TWO)}.items()}
    ours = {"src/vendor/modules.txt": WORK_VENDORED + "\n".join(TWO_VENDORED) + "\n"}
    theirs = {"src/go.work": "go 1.25\n\nuse .\n"}
    [found] = seen(Repo.create(tmp_path / "r"), Scene(base, ours, theirs), find)
    assert (found.path, found.cls) == ("src/go.mod", "breakage")
    assert found.message.endswith(": `example.org/two` is vendored as required, and not required")
    assert found.fix == "have it written anew, where src/go.work is: go work vendor"


def test_a_rule_that_has_the_lock_file_made_anew_is_asked_instead(tmp_path: Path) -> None:
    base, ours, theirs, expected = FOUND["a crate in a version that is not locked"]
    rule = "id: locked\nfiles: [Cargo.lock]\nown: ours\n"
    assert expected
    assert seen(Repo.create(tmp_path / "r"), Scene(base, ours, theirs, (rule,)), find) == []


def test_the_line_leads_to_upstream_s_commit_and_the_command_is_named(tmp_path: Path) -> None:
    base, ours, theirs, _ = FOUND["what only the fork vendors"]
    [found] = seen(Repo.create(tmp_path / "r"), Scene(base, ours, theirs), find)
    assert found.upstream and (found.upstream.path, found.upstream.line) == ("go.mod", 6)
    assert found.added == ("\texample.org/one v1.1.0 // a remark",)
    assert found.fix == "have it written anew, where go.mod is: go mod vendor"
    base, ours, theirs, _ = FOUND["upstream requires no more what the fork vendors"]
    [found] = seen(Repo.create(tmp_path / "s"), Scene(base, ours, theirs), find)
    assert found.removed == (TWO,) and not found.added


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("go.work", "use (\n\t:x\n\t\"\n\t.//\n\t../..\n\t*\n"), ("go.work", "use ../\nreplace => x\n"),
        ("go.mod", go_mod() + "replace => x\nreplace x =>\nreplace =>\nrequire (\n=>\n"),
        ("package.json", "[" * 200_000), ("package.json", "[]"), ("package.json", '{"dependencies": []}'),
        ("Cargo.toml", "a=" + "[" * 20_000), ("Cargo.toml", "package = 1\n"), ("pyproject.toml", "project = []\n"),
        ("vendor/modules.txt", "# => x\n# \n## explicit\n# x =>\n"), ("Cargo.lock", "package = [1]\n"),
        ("package-lock.json", "null"), ("uv.lock", "[[package]]\nsource = 1\n"),
    ],
)  # fmt: skip
def test_hostile_texts_stop_nothing(tmp_path: Path, path: str, text: str) -> None:
    base = {
        "go.mod": go_mod(), "package.json": npm(one="^1.0.0"), "Cargo.toml": crate(), "pyproject.toml": project("rich"),
        "web/package.json": npm(one="^1.0.0"),
    }  # fmt: skip
    ours = {
        "vendor/modules.txt": vendored(), "package-lock.json": npm_lock(one="1.0.0"), "Cargo.lock": cargo_lock(),
        "uv.lock": uv_lock(rich=""), "web/package-lock.json": npm_lock(one="1.0.0"),
    }  # fmt: skip
    theirs = {"web/package.json": npm(one="^2.0.0"), path: text}
    if path in ours:
        del ours[path]
        theirs |= {
            name: base[name] + "\n" for name in ("go.mod", "package.json", "Cargo.toml", "pyproject.toml")
        }
    found = seen(Repo.create(tmp_path / "r"), Scene(base, ours, theirs), find)
    assert [item.path for item in found if item.path.startswith("web/")] == ["web/package.json"]


def test_a_member_is_asked_where_the_lock_file_alone_came_from_upstream(tmp_path: Path) -> None:
    base = {"Cargo.toml": "[workspace]\n", "app/Cargo.toml": crate(), "Cargo.lock": cargo_lock()}
    ours = {"app/Cargo.toml": crate('extra = "1"')}
    theirs = {"Cargo.lock": "# written anew\n" + cargo_lock()}
    ours_locked = Scene({**base, "Cargo.lock": cargo_lock(extra="1.0.0")}, ours, theirs)
    [found] = seen(Repo.create(tmp_path / "r"), ours_locked, find)
    assert found.message.endswith("`extra` is required and not locked")


def test_a_name_within_another_is_not_it(tmp_path: Path) -> None:
    base, lock = {"package.json": npm(on="^1.0.0")}, npm_lock(json="1.0.0", on="1.0.0")
    wanted = npm(json="^1.0.0", on="^2.0.0")
    [found] = seen(
        Repo.create(tmp_path / "r"), Scene(base, {"package-lock.json": lock}, {"package.json": wanted}), find
    )
    assert '"on"' in wanted.split("\n")[found.line - 1] and '"on"' in found.added[0]


@pytest.mark.parametrize(
    ("version", "wanted", "is_in"),
    [
        ("1.4.0", "^1.2", True), ("2.0.0", "^1.2", False), ("1.1.9", "^1.2", False), ("0.3.1", "^0.3", True),
        ("0.4.0", "^0.3", False), ("0.0.4", "^0.0.3", False), ("1.2.9", "~1.2.3", True), ("1.3.0", "~1.2.3", False),
        ("1.3.0", "~1", True), ("1.2.3", "=1.2.3", True), ("1.2.4", "=1.2.3", False), ("1.2.3", "1.2.3", True),
        ("1.9.0", "1.2.3", True), ("1.2.3", "*", None), ("1.2.3", ">=1, <2", None), ("1.2.3-rc.1", "^1.2", None),
        ("0.5.0", "^0", True), ("1.0.0", "^0", False),
    ],
)  # fmt: skip
def test_versions_in_ranges(version: str, wanted: str, is_in: bool | None) -> None:
    assert satisfied(version, wanted, bare="caret") is is_in


def test_a_version_without_a_sign_is_that_one_for_npm() -> None:
    assert satisfied("1.9.0", "1.2.3", bare="exact") is False

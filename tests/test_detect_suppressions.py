"""The fork's skips and exemptions: what upstream has since put behind them, and what is no skip at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from detecting import Scene, seen, told
from git_fixtures import Repo

from syncfork.detect.suppressions import find
from syncfork.git.repository import Repository
from syncfork.merge.detecting import MERGED, Subject, make_view
from syncfork.own.base import BASE, OURS, THEIRS

RUST = """\
fn validate(entries: &[Entry]) -> Vec<String> {
    let mut errors = vec![];
    for entry in entries {
        let path = entry.path();
        let data = entry.read();

        errors.extend(check_object(&path, &data));
        errors.extend(check_name(&path));
    }
    errors
}

fn check_object(path: &Path, data: &[u8]) -> Vec<String> {
    let mut errors = vec![];
    if data.is_empty() {
        errors.push(format!("{} is empty", path));
    }
    errors
}
"""
RUST_FORK = RUST.replace(
    "        let data = entry.read();\n",
    '        if path.ends_with("module.so") {\n            continue;\n        }\n        let data = entry.read();\n',
)
BELOW = RUST.replace(
    "        errors.extend(check_name(&path));\n",
    "        errors.extend(check_name(&path));\n        if data.len() > LIMIT {\n"
    '            errors.push(format!("{} is too large", path));\n        }\n',
)
CALLED = RUST.replace(
    "    errors\n}\n\nfn check_object",
    "    errors\n}\n\nfn check_object",
).replace(
    '        errors.push(format!("{} is empty", path));\n    }\n',
    '        errors.push(format!("{} is empty", path));\n    }\n    if is_writable(data) {\n'
    '        errors.push(format!("{} has a writable segment", path));\n    }\n',
)
ABOVE = RUST.replace(
    "        let path = entry.path();\n",
    "        if entry.is_strange() {\n            errors.push(strange(entry));\n        }\n        let path = entry.path();\n",
)
SKIP_RS = '`path.ends_with("module.so")`'
CALL_RS = CALLED.replace("    if is_writable(data)", "    let more = data;\n    if is_writable(more)")

PY = """\
def check(paths):
    for path in paths:
        text = path.read_text()
        if "tab" in text:
            fail(path)
    return 0
"""
PY_FORK = PY.replace(
    "        text =", '        if path.name in ("ours.txt", "own.txt"):\n            continue\n        text ='
)
PY_GUARD = PY.replace("        text =", "        if path is None:\n            continue\n        text =")
PY_MORE = PY.replace(
    "            fail(path)\n",
    "            fail(path)\n        if path.stat().st_size > LIMIT:\n            too_large(path)\n",
)
PY_REWORDED = PY.replace('        if "tab" in text:\n', '        if "\\t" in text:\n')

GO = """\
package check

func Check(name string) error {
	if err := first(name); err != nil {
		return err
	}
	second(name)
	return nil
}
"""
GO_FORK = GO.replace(
    "\tif err := first", '\tif strings.HasPrefix(name, "vendor/") {\n\t\treturn nil\n\t}\n\tif err := first'
)
GO_MORE = GO.replace("\tsecond(name)\n", "\tsecond(name)\n\tthird(name)\n")
GO_ERROR = GO.replace(
    "\tsecond(name)\n", "\tif err := own(name); err != nil {\n\t\treturn nil\n\t}\n\tsecond(name)\n"
)

SH = """\
#!/bin/sh
for f in dist/*; do
    name=$(basename "$f")

    verify "$f"
done
"""
SH_FORK = SH.replace('basename "$f")\n', 'basename "$f")\n    [ "$name" = "own.tar" ] && continue\n')
SH_MORE = SH.replace('    verify "$f"\n', '    verify "$f"\n    scan "$f"\n')

C = """\
int check(const char *name)
{
    int bad = 0;

    bad += first(name);
    return bad;
}
"""
C_FORK = C.replace(
    "    int bad = 0;\n", '    int bad = 0;\n    if (strcmp(name, "own") == 0) {\n        return 0;\n    }\n'
)
C_MORE = C.replace("    bad += first(name);\n", "    bad += first(name);\n    bad += second(name);\n")

TS = """\
export function check(names: string[]): void {
  for (const name of names) {
    const text = read(name);

    lint(text);
  }
}
"""
TS_FORK = TS.replace(
    "    const text", '    if (name.startsWith("own/")) {\n      continue;\n    }\n    const text'
)
TS_MORE = TS.replace("    lint(text);\n", "    lint(text);\n    spell(text);\n")

LIST = """\
EXEMPT_LIBRARIES = [
    "libc.so",
    "libm.so",
]


def check(name):
    return name in EXEMPT_LIBRARIES
"""
LIST_FORK = LIST.replace('    "libm.so",\n', '    "libm.so",\n    "libown.so",\n')
LIST_MORE = LIST + "\n\ndef check_stack(name):\n    return name in EXEMPT_LIBRARIES or stack(name)\n"

STEP = """\
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: make test
  build:
    runs-on: ubuntu-latest
    steps:
      - run: make
"""
STEP_FORK = STEP.replace("  test:\n", "  test:\n    if: false\n")
STEP_OWN = STEP.replace("  test:\n", "  test:\n    if: github.ref == 'refs/heads/main'\n")
STEP_LENIENT = STEP.replace("  test:\n", "  test:\n    continue-on-error: true\n")
STEP_MORE = STEP.replace("      - run: make test\n", "      - run: make test\n      - run: make audit\n")
STEP_ELSE = STEP.replace("      - run: make\n", "      - run: make\n      - run: make docs\n")

HOOKS = """\
repos:
  - repo: local
    hooks:
      - id: tidy
"""
HOOKS_FORK = "exclude: ^own/\n" + HOOKS
HOOKS_MORE = HOOKS + "      - id: secrets\n"
RUFF = '[tool.ruff]\nline-length = 100\n\n[tool.ruff.lint]\nselect = [\n  "E",\n]\n'
RUFF_FORK = RUFF.replace("line-length = 100\n", 'line-length = 100\nextend-exclude = ["own"]\n')
RUFF_MORE = RUFF.replace('  "E",\n', '  "E",\n  "S",\n')

FOUND = {
    "a new check below the skip": (
        "v.rs", RUST, RUST_FORK, BELOW,
        [f"decision v.rs:6 the fork's skip ({SKIP_RS}) now also passes over 2 lines that upstream added below it: "
         '`errors.push(format!("{} is too large", path));`'],
    ),
    "a new check in a function called below the skip": (
        "v.rs", RUST, RUST_FORK, CALL_RS,
        [f"decision v.rs:6 the fork's skip ({SKIP_RS}) now also passes over 3 lines that upstream added in "
         '`check_object`, called below it: `errors.push(format!("{} has a writable segment", path));`'],
    ),
    "Python": (
        "check.py", PY, PY_FORK, PY_MORE,
        ['decision check.py:4 the fork\'s skip (`path.name in ("ours.txt", "own.txt")`) now also passes over 2 lines '
         "that upstream added below it: `if path.stat().st_size > LIMIT:`"],
    ),
    "Go": (
        "check.go", GO, GO_FORK, GO_MORE,
        ['decision check.go:5 the fork\'s skip (`strings.HasPrefix(name, "vendor/")`) now also passes over 1 line that '
         "upstream added below it: `third(name)`"],
    ),
    "shell": (
        "check.sh", SH, SH_FORK, SH_MORE,
        ['decision check.sh:4 the fork\'s skip (`[ "$name" = "own.tar" ] &&`) now also passes over 1 line that '
         'upstream added below it: `scan "$f"`'],
    ),
    "C": (
        "check.c", C, C_FORK, C_MORE,
        ['decision check.c:5 the fork\'s skip (`(strcmp(name, "own") == 0)`) now also passes over 1 line that '
         "upstream added below it: `bad += second(name);`"],
    ),
    "TypeScript": (
        "check.ts", TS, TS_FORK, TS_MORE,
        ['decision check.ts:4 the fork\'s skip (`(name.startsWith("own/"))`) now also passes over 1 line that '
         "upstream added below it: `spell(text);`"],
    ),
    "an entry of a list that a new check consults": (
        "lib.py", LIST, LIST_FORK, LIST_MORE,
        ["decision lib.py:4 the fork's entry `libown.so` of `EXEMPT_LIBRARIES` now also exempts from what upstream "
         "added: `return name in EXEMPT_LIBRARIES or stack(name)`"],
    ),
    "a job switched off": (
        ".github/workflows/ci.yml", STEP, STEP_FORK, STEP_MORE,
        ["decision .github/workflows/ci.yml:4 the fork's `if: false` now also leaves out 1 line that upstream added: "
         "`- run: make audit`"],
    ),
    "a job that may fail": (
        ".github/workflows/ci.yml", STEP, STEP_LENIENT, STEP_MORE,
        ["decision .github/workflows/ci.yml:4 the fork's `continue-on-error: true` now also lets fail 1 line that "
         "upstream added: `- run: make audit`"],
    ),
    "paths excluded from hooks": (
        ".pre-commit-config.yaml", HOOKS, HOOKS_FORK, HOOKS_MORE,
        ["decision .pre-commit-config.yaml:1 the fork's `exclude: ^own/` now also exempts from 1 line that upstream "
         "added: `- id: secrets`"],
    ),
    "paths excluded from rules": (
        "pyproject.toml", RUFF, RUFF_FORK, RUFF_MORE,
        ["decision pyproject.toml:3 the fork's `extend-exclude = [\"own\"]` now also exempts from 1 line that "
         'upstream added: `"S",`'],
    ),
}  # fmt: skip

SILENT = {
    "a check above the skip": ("v.rs", RUST, RUST_FORK, ABOVE),
    "a guard, no skip": ("check.py", PY, PY_GUARD, PY_MORE),
    "an error handed on": ("check.go", GO, GO_ERROR, GO_MORE.replace("third(name)\n", "third(name)\n\tfourth(name)\n")),
    "a line written anew": ("check.py", PY, PY_FORK, PY_REWORDED),
    "the same list, no new check": ("lib.py", LIST, LIST_FORK, LIST + "\n\ndef other():\n    return 1\n"),
    "another job": (".github/workflows/ci.yml", STEP, STEP_FORK, STEP_ELSE),
    "a condition that says when, not never": (".github/workflows/ci.yml", STEP, STEP_OWN, STEP_MORE),
    "upstream's own skip": ("check.py", PY, PY.replace("return 0", "return 1"), PY_FORK),
    "another hook's comment": (".pre-commit-config.yaml", HOOKS, HOOKS_FORK, HOOKS + "# more to come\n"),
    "not to be parsed": ("check.py", PY + "def (:\n", PY + "def (:\n    if 'own' in x: return\n", "import os\n" + PY + "def (:\n"),
    "not YAML": ("a.yml", "a: [\n\n\n\n\nb\n", "if: false\na: [\n\n\n\n\nb\n", "a: [\n\n\n\n\nb\nc\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_found(tmp_path: Path, name: str) -> None:
    path, base, ours, theirs, expected = FOUND[name]
    scene = Scene({path: base}, {path: ours}, {path: theirs})
    assert told(seen(Repo.create(tmp_path / "r"), scene, find)) == expected


@pytest.mark.parametrize("name", SILENT)
def test_silent(tmp_path: Path, name: str) -> None:
    path, base, ours, theirs = SILENT[name]
    scene = Scene({path: base}, {path: ours}, {path: theirs})
    assert told(seen(Repo.create(tmp_path / "r"), scene, find)) == []


def test_a_skip_that_the_merge_itself_made_is_no_old_one(repo: Repo) -> None:
    text = "import os\n\n\ndef first():\n    return os.sep\n"
    added = "\n\ndef check(path):\n    return read(path)\n"
    skip = added.replace("):\n", '):\n    if "own" in path:\n        return None\n')
    base = repo.commit({"v.py": text})
    ours, theirs = repo.commit({"v.py": f"# ours\n{text}"}, base), repo.commit({"v.py": text + added}, base)
    merged = repo.commit({"v.py": f"# ours\n{text}{skip}"}, ours, theirs)
    repository = Repository.open(repo.path)
    trees = {BASE: base, OURS: ours, THEIRS: theirs, MERGED: merged}
    subject = Subject(trees, repository.changes(base, ours), repository.changes(base, theirs))
    assert told(list(find(make_view(repository, repository.git, subject, ())))) == []


def test_the_place_and_the_lines_lead_to_the_culprit(tmp_path: Path) -> None:
    scene = Scene({"v.rs": RUST}, {"v.rs": RUST_FORK}, {"v.rs": BELOW})
    (found,) = seen(Repo.create(tmp_path / "r"), scene, find)
    assert found.upstream and BELOW.split("\n")[found.upstream.line - 1].strip() == (
        'errors.push(format!("{} is too large", path));'
    )
    assert set(found.added) <= set(BELOW.split("\n")) - set(RUST.split("\n"))


@pytest.mark.parametrize(
    ("name", "pattern", "new", "hidden"),
    [
        (".eslintignore", "gen/", "src/gen/a.js", True),
        (".dockerignore", "gen", "gen/a.js", True),
        (".dockerignore", "gen", "src/gen/a.js", False),
        (".gitignore", "gen/", "gen/a.js", False),
        (".eslintignore", "other/", "gen/a.js", False),
    ],
)
def test_ignore_files(tmp_path: Path, name: str, pattern: str, new: str, hidden: bool) -> None:
    scene = Scene({name: "node_modules\n"}, {name: f"node_modules\n{pattern}\n"}, {new: "x\n"})
    found = told(seen(Repo.create(tmp_path / "r"), scene, find))
    expected = f"decision {name}:2 the fork's `{pattern}` now also hides upstream's new {new}"
    assert found == ([expected] if hidden else [])


def test_lines_that_are_no_patterns_of_gitignore_s_stop_nothing(repo: Repo) -> None:
    """Some tools take regular expressions."""
    odd = "https?:\\/\\/[^.]+\\.zip\\[[^]]+]\nends with \\\n"
    scene = Scene({".linkignore": odd}, {".linkignore": f"{odd}gen/\n[^]]+\\\n"}, {"gen/a.js": "x\n"})
    assert told(seen(repo, scene, find)) == [
        "decision .linkignore:3 the fork's `gen/` now also hides upstream's new gen/a.js"
    ]


def test_what_is_nested_without_end_is_no_failure(tmp_path: Path) -> None:
    deep = "[" * 3000 + "]" * 3000
    script = TS + f"const deep = {deep};\n\n\n\n"
    pipeline = "a: " + "[" * 900 + "]" * 900 + "\n\n\n\nb: 1\n"
    scene = Scene(
        {"check.ts": script, "a.yml": pipeline},
        {
            "check.ts": TS_FORK + f"const deep = {deep};\n\n\n\n",
            "a.yml": pipeline.replace("b: 1", "b: 1\nif: false"),
        },
        {"check.ts": script + "check(deep);\n", "a.yml": "c: 1\n" + pipeline},
    )
    assert seen(Repo.create(tmp_path / "r"), scene, find) == []


RUFF = '[lint]\nselect = ["E", "F"]\n# one\n# two\nignore = ["E501"]\n'


@pytest.mark.parametrize(
    ("ours", "theirs", "found"),
    [
        ('"E501", "S"', '"F", "S"', "`S`"),
        ('"E501", "S101", "S102"', '"F", "S"', "`S101`, `S102`"),
        # Another rule than those it ignores; one that was asked for before; nothing asked for.
        ('"E501", "D100"', '"F", "S"', ""),
        ('"E501", "E502"', '"F", "S"', ""),
        ('"E501", "S"', '"F"', ""),
    ],
)
def test_a_linters_rules(repo: Repo, ours: str, theirs: str, found: str) -> None:
    files = [{"ruff.toml": RUFF.replace(old, new)} for old, new in (('"E501"', ours), ('"F"', theirs))]
    got = told(seen(repo, Scene({"ruff.toml": RUFF}, *files), find))
    message = f"decision ruff.toml:5 the fork ignores {found}, of the checks that upstream now asks for: "
    assert got == ([message + '`select = ["E", "F", "S"]`'] if found else [])


def test_paths_that_a_workflow_ignores(repo: Repo) -> None:
    flow = ".github/workflows/scan.yml"
    base = "on:\n  push:\n    paths-ignore:\n      - docs/**\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: scan\n"
    ours, theirs = (
        base.replace("docs/**\n", "docs/**\n      - own/**\n"),
        base + "      - run: scan --secrets\n",
    )
    scene = Scene({flow: base}, {flow: ours}, {flow: theirs})
    assert told(seen(repo, scene, find)) == [
        f"decision {flow}:5 the fork's `- own/**` now also keeps some changes from 1 line that upstream added: "
        "`- run: scan --secrets`"
    ]
    assert not seen(repo, Scene({flow: base}, {flow: base + "# ours\n"}, {flow: theirs}), find)
    assert not seen(repo, Scene({flow: base}, {flow: ours}, {flow: base.replace("name: x", "name: y")}), find)

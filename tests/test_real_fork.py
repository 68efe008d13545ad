"""The real fork and its upstream, merged for real. Needs SYNCFORK_REAL_FORK and SYNCFORK_REAL_UPSTREAM."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ast_grep_py import SgNode, SgRoot
from git_fixtures import Ran, Repo

FORK, UPSTREAM = "3d90741", "8a0c6dff"
TARGETS = {"aarch64-apple-darwin", "aarch64-unknown-linux-gnu", "x86_64-unknown-linux-gnu"}
WORKFLOWS = ".github/workflows"
CONFLICTED = {
    f"{WORKFLOWS}/linux.yml",
    f"{WORKFLOWS}/macos.yml",
    f"{WORKFLOWS}/windows.yml",
    "cpython-unix/build-cpython.sh",
    "cpython-unix/build-openssl-3.5.sh",
    "src/release.rs",
    "src/validation.rs",
}
DERIVED = {f"{WORKFLOWS}/vlinux.yml", f"{WORKFLOWS}/vmacos.yml", f"{WORKFLOWS}/vrelease.yml"}
PLACES = ("SYNCFORK_REAL_FORK", "SYNCFORK_REAL_UPSTREAM")

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        not all(os.environ.get(place) for place in PLACES),
        reason=f"the real fork was not merged: {' and '.join(PLACES)} do not name clones of it and its upstream",
    ),
]


@pytest.fixture
def fork(tmp_path: Path) -> Repo:
    """A clone of the fork at the commit this file speaks of, with upstream's as `upstream/main`."""
    path = tmp_path / "fork"
    subprocess.run(["git", "clone", "-q", os.environ[PLACES[0]], str(path)], check=True)
    repo = Repo(path)
    repo.git("checkout", "-q", "-B", "main", FORK)
    repo.git("remote", "add", "upstream", os.environ[PLACES[1]])
    repo.git("fetch", "-q", "upstream")
    repo.git("update-ref", "refs/remotes/upstream/main", repo.git("rev-parse", f"{UPSTREAM}^{{commit}}"))
    return repo


def merge(fork: Repo, upstream: str = "upstream/main") -> Ran:
    return fork.syncfork(
        "merge", upstream, "--pack", "python-build-standalone", "--no-checkout", "--branch", "synced", "--format", "json"
    )  # fmt: skip


def text(fork: Repo, path: str, revision: str = "synced") -> str:
    return fork.read(revision, path).decode()


def rust(source: str) -> SgNode:
    root = SgRoot(source, "rust").root()
    assert not root.find_all(kind="ERROR")
    return root


def released(source: str) -> dict[str, SgNode]:
    """The entries of RELEASE_TRIPLES, by target."""
    static = rust(source).find(kind="static_item", regex="RELEASE_TRIPLES")
    assert static is not None
    found = static.find_all(pattern="h.insert($NAME, $VALUE)")
    return {node["NAME"].text().strip('r#"'): node["VALUE"] for node in found}


def fields(value: SgNode) -> list[str]:
    return [
        name.text()
        for name in value.find_all(kind="field_identifier")
        if name.parent().kind() == "field_initializer"
    ]


# 2. The merge itself


def test_merges_without_a_conflict_and_leaves_the_rest_alone(fork: Repo) -> None:
    before = fork.snapshot()
    report = merge(fork).report
    after = fork.snapshot()
    assert report["conflicts"] == []
    assert {(c["path"], c["hunks"]) for c in report["git_alone"]["conflicts"]} == {
        (path, 4 if path == "src/release.rs" else 1) for path in CONFLICTED
    }
    assert (report["behind"], report["ahead"]) == (149, 13)
    parents = fork.git("rev-list", "--parents", "-n1", "synced").split()[1:]
    assert parents == [fork.git("rev-parse", "main"), fork.git("rev-parse", "upstream/main")]
    assert {key: value for key, value in before.items() if key != "refs"} == {
        key: value for key, value in after.items() if key != "refs"
    }
    assert fork.git("rev-parse", "--short=7", "main") == FORK


def test_every_other_path_is_as_git_alone_merges_it(fork: Repo) -> None:
    merge(fork)
    alone = fork.call("merge-tree", "--write-tree", "main", "upstream/main").stdout.decode().split("\n")[0]
    differing = fork.git("diff", "--name-only", alone, "synced").split("\n")
    assert set(differing) == CONFLICTED | DERIVED


def test_release_targets(fork: Repo) -> None:
    merge(fork)
    ours, theirs = text(fork, "src/release.rs"), text(fork, "src/release.rs", "upstream/main")
    kept, upstream = released(ours), released(theirs)
    assert set(kept) == TARGETS
    for target, value in kept.items():
        assert fields(value) == fields(upstream[target])
    static = rust(ours).find(kind="static_item", regex="RELEASE_TRIPLES")
    assert static is not None
    body = static.text()
    vectors = re.findall(r"vec!\[([^\]{]*)\]", body)
    assert {name for vector in vectors for name in re.findall(r'"([^"]+)"', vector)} == {
        "pgo+lto",
        "freethreaded+pgo+lto",
    }
    defined = set(re.findall(r"let (?:mut )?(\w+)", body))
    used = set(re.findall(r"\b(\w*suffixes\w*)\.clone\(\)", body))
    assert used and used <= defined
    assert not {name for name in defined if "suffixes" in name} - used


@pytest.mark.parametrize("name", ["linux.yml", "macos.yml", "windows.yml"])
def test_upstreams_workflows_run_by_hand_only(fork: Repo, name: str) -> None:
    merge(fork)
    path = f"{WORKFLOWS}/{name}"
    ours, theirs = text(fork, path), text(fork, path, "upstream/main")
    assert yaml.load(ours, yaml.BaseLoader)["on"] == {"workflow_dispatch": ""}
    block = re.compile(r"^on:\n(?:[ #].*\n)*", re.MULTILINE)
    assert block.sub("", ours) == block.sub("", theirs)


def test_openssl_is_built_with_fips(fork: Repo) -> None:
    merge(fork)
    script = text(fork, "cpython-unix/build-openssl-3.5.sh")
    musl = re.search(r'if \[ "\$\{CC\}" = "musl-clang" \]; then\n(.*?)\nelse\n(.*?)\nfi', script, re.DOTALL)
    assert musl is not None
    assert "enable-fips" in musl[2] and 'EXTRA_INSTALL_FLAGS="install_fips"' in musl[2]
    assert "fips" not in musl[1] and script.count("enable-fips") == 1
    assert (
        'make -j "${NUM_CPUS}" install_sw install_ssldirs ${EXTRA_INSTALL_FLAGS} DESTDIR="${ROOT}/out"'
        in script
    )
    assert 'tar -xf "openssl-${OPENSSL_3_5_VERSION}.tar.gz"' in script
    assert script.count("rh-allow-sha1-signatures") == 2
    parses_as_shell(fork, "cpython-unix/build-openssl-3.5.sh")


def test_python_ships_the_fips_module(fork: Repo) -> None:
    merge(fork)
    script = text(fork, "cpython-unix/build-cpython.sh")
    found = [line for line in script.splitlines() if line.startswith("find ") and "*.so*" in line]
    assert len(found) == 1
    assert found[0].startswith('find "${TOOLS_PATH}/deps"')
    assert all(f"! -name '{name}'" in found[0] for name in ("fips.so", "libtcl*.so*", "libtk*.so*"))
    assert script.count("if [ -f ${TOOLS_PATH}/deps/fipsmodule.cnf ]; then") == 1
    parses_as_shell(fork, "cpython-unix/build-cpython.sh")


def test_validation_has_both_checks_before_paths_are_recorded(fork: Repo) -> None:
    merge(fork)
    source = text(fork, "src/validation.rs")
    rust(source)
    static, fips = source.index("static distribution contains shared library"), source.index('"fips.dylib"')
    recorded = source.index("seen_paths.insert(path.clone());")
    assert static < recorded and fips < recorded
    assert source.count("fips.dylib") == 1


def test_derived_workflows_are_consistent(fork: Repo) -> None:
    merge(fork)
    for path in sorted(DERIVED):
        jobs = yaml.load(text(fork, path), yaml.BaseLoader)["jobs"]
        needed = {name for job in jobs.values() for name in _listed(job.get("needs", []))}
        assert needed <= set(jobs), path
    release = text(fork, f"{WORKFLOWS}/vrelease.yml")
    assert "MIRROR" not in release
    assert "just release-create ${GITHUB_EVENT_INPUTS_TAG} ${GITHUB_EVENT_INPUTS_SHA}" in release
    assert "--run" not in text(fork, f"{WORKFLOWS}/vlinux.yml")


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def parses_as_shell(fork: Repo, path: str) -> None:
    done = subprocess.run(["bash", "-n"], input=fork.read("synced", path), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


# 4. Upstream moves on


def moved(fork: Repo, change: Callable[[Path], None]) -> str:
    """A commit on top of upstream, made by editing its files."""
    tree = fork.path.parent / "upstream"
    fork.git("worktree", "add", "-q", "--detach", str(tree), "upstream/main")
    change(tree)
    work = Repo(tree)
    subprocess.run(["git", "add", "-A"], cwd=tree, check=True)
    work.git("commit", "-q", "-m", "Upstream moves on")
    return work.git("rev-parse", "HEAD")


def edit(path: Path, change: Callable[[str], str]) -> None:
    before = path.read_text("utf-8")
    after = change(before)
    assert after != before, path
    path.write_text(after, "utf-8")


def clean(fork: Repo, commit: str) -> list[dict[str, Any]]:
    """Merge `commit`, which git and the rules do alone; the findings."""
    report = merge(fork, commit).report
    assert report["conflicts"] == []
    # What no rule is about, and the merge breaks all the same: see test_real_detectors.py.
    assert {f["detector"] for f in report["findings"] if f["class"] == "breakage"} <= {"values"}
    assert {rule["outcome"] for rule in report["rules"]} <= {"applied", "satisfied"}
    assert report["result"]["branch"] == "synced"
    found: list[dict[str, Any]] = report["findings"]
    return found


def test_a_new_target(fork: Repo) -> None:
    def change(tree: Path) -> None:
        entry = re.compile(r'    h\.insert\(\n        "aarch64-unknown-linux-gnu",.*?\n    \);\n', re.DOTALL)
        edit(
            tree / "src/release.rs",
            lambda s: entry.sub(
                lambda m: m[0] + "\n" + m[0].replace("aarch64-unknown", "loongarch64-unknown"), s
            ),
        )

    clean(fork, moved(fork, change))
    assert set(released(text(fork, "src/release.rs"))) == TARGETS


def test_a_new_struct_field(fork: Repo) -> None:
    def change(tree: Path) -> None:
        def add(source: str) -> str:
            source = source.replace(
                "    pub install_only_suffix: &'static str,\n",
                "    pub install_only_suffix: &'static str,\n    pub tier: u8,\n",
            )
            return re.sub(
                r'(            install_only_suffix: "[^"]*",\n)', r"\1            tier: 1,\n", source
            )

        edit(tree / "src/release.rs", add)

    clean(fork, moved(fork, change))
    for value in released(text(fork, "src/release.rs")).values():
        assert "tier" in fields(value)


def test_every_string_requoted(fork: Repo) -> None:
    def change(tree: Path) -> None:
        def raw(source: str) -> str:
            start = source.index("pub static RELEASE_TRIPLES")
            end = source.index("\n});", start)
            return source[:start] + re.sub(r'"([^"\n]*)"', r'r"\1"', source[start:end]) + source[end:]

        edit(tree / "src/release.rs", raw)
        edit(
            tree / "cpython-unix/build-cpython.sh", lambda s: re.sub(r"-name '([^'$\"]*)'", r'-name "\1"', s)
        )
        edit(
            tree / "cpython-unix/build-openssl-3.5.sh",
            lambda s: re.sub(r'"(--openssldir=[^"$]*)"', r"'\1'", s),
        )
        for name in ("linux", "macos", "windows"):
            edit(
                tree / f"{WORKFLOWS}/{name}.yml",
                lambda s: s.replace("branches: [ main ]", "branches: ['main']"),
            )

    clean(fork, moved(fork, change))
    assert set(released(text(fork, "src/release.rs"))) == TARGETS
    script = text(fork, "cpython-unix/build-openssl-3.5.sh")
    assert "OPENSSL_DIR='" not in script.replace("OPENSSL_DIR='/", "") and "enable-fips" in script
    parses_as_shell(fork, "cpython-unix/build-openssl-3.5.sh")
    parses_as_shell(fork, "cpython-unix/build-cpython.sh")


def test_a_second_openssl_script(fork: Repo) -> None:
    def change(tree: Path) -> None:
        source = (tree / "cpython-unix/build-openssl-3.5.sh").read_text("utf-8")
        new = tree / "cpython-unix/build-openssl-4.0.sh"
        new.write_text(source.replace("3_5", "4_0"), "utf-8")
        new.chmod(0o755)

    clean(fork, moved(fork, change))
    script = text(fork, "cpython-unix/build-openssl-4.0.sh")
    assert (
        "OPENSSL_4_0_VERSION" in script
        and "enable-fips" in script
        and "${EXTRA_INSTALL_FLAGS} DESTDIR" in script
    )
    assert script.replace("4_0", "3_5") == text(fork, "cpython-unix/build-openssl-3.5.sh")


def test_a_new_workflow(fork: Repo) -> None:
    workflow = "name: freebsd\n\non:\n  push:\n    branches: [ main ]\n  pull_request:\n\njobs:\n  build:\n    steps: []\n"

    def change(tree: Path) -> None:
        (tree / f"{WORKFLOWS}/freebsd.yml").write_text(workflow, "utf-8")

    clean(fork, moved(fork, change))
    merged = yaml.load(text(fork, f"{WORKFLOWS}/freebsd.yml"), yaml.BaseLoader)
    assert merged["on"] == {"workflow_dispatch": ""}
    assert merged["jobs"] == {"build": {"steps": []}}


def test_release_renamed(fork: Repo) -> None:
    def change(tree: Path) -> None:
        (tree / "src/release.rs").rename(tree / "src/releases.rs")

    found = [f for f in clean(fork, moved(fork, change)) if f["detector"] == "renamed"]
    assert {(f["class"], f["path"]) for f in found} == {("decision", "src/releases.rs")}
    assert set(released(text(fork, "src/releases.rs"))) == TARGETS
    assert not fork.exists("synced", "src/release.rs")


def test_a_lost_anchor_needs_a_person_although_git_merges(fork: Repo) -> None:
    def change(tree: Path) -> None:
        edit(
            tree / "src/validation.rs",
            lambda s: s.replace("        seen_paths.insert(path.clone());\n\n", ""),
        )

    done = merge(fork, moved(fork, change))
    assert done.code == 1
    finding = next(f for f in done.report["findings"] if f["detector"] == "withheld-rule")
    assert (finding["path"], finding["class"]) == ("src/validation.rs", "breakage")
    assert finding["culprits"][0]["subject"] == "Upstream moves on"
    assert done.report["result"]["commit"] is None
    assert not fork.call("rev-parse", "--verify", "-q", "synced").stdout

"""Lock files in a merge that a person finishes: a tool wrote their lines, which nobody chooses, puts back or remembers."""

from __future__ import annotations

from typing import Any

import pytest
from git_fixtures import Changes, Repo, lines, rule_files
from test_resolve import conflict, talk

from syncfork.detect.lock_kinds import remade_by
from syncfork.resolve.generated import says_generated

_TOP = "module example.org/app\n\ngo 1.21\n\nrequire example.org/one {one}\n" + "// apart\n" * 5


def go_mod(one: str, *more: str) -> bytes:
    return (_TOP.format(one=one) + "".join(f"{line}\n" for line in more)).encode()


def sums(**versions: str) -> bytes:
    """A go.sum with both lines of each module, in order, and others between them."""
    found = [
        f"example.org/{name} {version}{suffix} h1:{name}{version}="
        for name, told in sorted(versions.items())
        for version in told.split()
        for suffix in ("", "/go.mod")
    ]
    return lines(*found)


OTHERS = {f"x{number}": "v1.0.0" for number in range(9)}
# What the fork has since long, and no module asks for any more.
STALE = {f"x{number}": "v1.0.0 v1.0.1" for number in range(9)}
OWN = "require example.org/own v0.1.0"


@pytest.fixture
def torn(repo: Repo) -> Repo:
    """A merge in progress: upstream raised one module and the fork required another, which go.sum has next to it; the fork
    has checksums elsewhere in the file that nothing asks for."""
    base = repo.commit({"go.mod": go_mod("v1.0.0"), "go.sum": sums(one="v1.0.0", **OTHERS)})
    ours: Changes = {"go.mod": go_mod("v1.0.0", OWN), "go.sum": sums(one="v1.0.0", own="v0.1.0", **STALE)}
    repo.branch(
        "upstream", repo.commit({"go.mod": go_mod("v1.1.0"), "go.sum": sums(one="v1.1.0", **OTHERS)}, base)
    )
    repo.checkout("main", repo.commit(ours, base))
    begun = repo.syncfork("merge", "upstream")
    assert begun.code == 1 and "1 conflict in 1 file " in begun.out
    return repo


def finish(repo: Repo, files: dict[str, bytes], *options: str) -> tuple[int, dict[str, Any]]:
    for name, content in files.items():
        (repo.path / name).write_bytes(content)
    repo.git("add", "-A")
    done = repo.syncfork("continue", "--format", "json", *options)
    return done.code, done.report


def told(report: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(f["class"], f["path"], f["message"]) for f in report["findings"]]


def test_a_lock_file_that_was_made_anew_is_one_note(torn: Repo) -> None:
    code, report = finish(torn, {"go.sum": sums(one="v1.1.0", own="v0.1.0", **OTHERS)})
    assert told(report) == [("note", "go.sum", "remade by hand, without 18 lines of the fork's")]
    assert report["findings"][0]["fix"] == "nothing, where `go mod tidy` wrote it"
    assert (code, report["state"]) == (0, "merged")
    assert "remade by hand, without 18 lines of the fork's" in torn.git("log", "-1", "--format=%B")


def test_a_lock_file_with_all_that_both_sides_have_is_nobody_s_business(torn: Repo) -> None:
    code, report = finish(torn, {"go.sum": sums(one="v1.0.0 v1.1.0", own="v0.1.0", **STALE)})
    assert (code, told(report)) == (0, [])


def test_a_lock_file_that_does_not_go_with_its_manifest_is_judged_by_its_lines(torn: Repo) -> None:
    code, report = finish(torn, {"go.sum": sums(one="v1.1.0", **OTHERS)})
    assert (code, report["state"]) == (1, "in progress")
    broken = [(path, message) for cls, path, message in told(report) if cls == "breakage"]
    assert (
        "go.mod",
        "go.sum does not go with it after the merge: `example.org/own` is required at v0.1.0, without a checksum",
    ) in broken
    assert any(
        path == "go.sum" and "where no conflict was: the fork's" in message for path, message in broken
    )


def test_another_file_of_the_same_lines_is_judged_by_them(repo: Repo) -> None:
    """A vendored module's own lock file is somebody else's text, as is any other."""
    for path in ("vendor/example.org/one/go.sum", "sums.txt"):
        base = repo.commit({path: sums(one="v1.0.0", **OTHERS)})
        repo.branch(f"up-{path[:4]}", repo.commit({path: sums(one="v1.1.0", **OTHERS)}, base))
        repo.checkout("main", repo.commit({path: sums(one="v1.0.0", own="v0.1.0", **STALE)}, base))
        assert repo.syncfork("merge", f"up-{path[:4]}").code == 1
        code, report = finish(repo, {path: sums(one="v1.1.0", own="v0.1.0", **OTHERS)})
        assert (code, report["state"]) == (1, "in progress"), path
        assert repo.syncfork("abort").code == 0


def test_a_lock_file_that_nobody_had_to_touch_is_told_where_it_was_made_anew(repo: Repo) -> None:
    def locked(*names: str) -> bytes:
        return lines("{", *(f'"{name}": 1,' for name in names), '"last": 1', "}")

    base = repo.commit({"story": "1\n", "web/package-lock.json": locked("a", "b")})
    repo.branch("upstream", repo.commit({"story": "2\n"}, base))
    repo.checkout("main", repo.commit({"story": "3\n"}, base))
    assert repo.syncfork("merge", "upstream").code == 1
    code, report = finish(repo, {"story": b"both\n", "web/package-lock.json": locked("a", "b", "c")})
    notes = [item for item in told(report) if item[1] != "story"]
    assert notes == [
        ("note", "web/package-lock.json", "remade by hand, with all lines that either side added")
    ]
    assert code == 0


def test_how_a_lock_file_was_resolved_is_not_remembered(torn: Repo) -> None:
    _, report = finish(torn, {"go.sum": sums(one="v1.1.0", own="v0.1.0", **OTHERS)})
    assert report["remembered"] == []
    assert report["warnings"] == ["not remembered: go.sum, which a tool makes anew each time"]
    assert not [path for path in torn.files("HEAD") if path.startswith(".syncfork")]


def test_beside_what_is_remembered_nothing_is_said_of_lock_files(repo: Repo) -> None:
    base = repo.commit({"go.sum": sums(one="v1.0.0"), "story": "1\n"})
    repo.branch("upstream", repo.commit({"go.sum": sums(one="v1.1.0"), "story": "2\n"}, base))
    repo.checkout("main", repo.commit({"go.sum": sums(one="v1.2.0"), "story": "3\n"}, base))
    assert repo.syncfork("merge", "upstream").code == 1
    _, report = finish(repo, {"go.sum": sums(one="v1.2.0 v1.1.0"), "story": b"both\n"})
    assert report["warnings"] == []
    assert [name.rpartition("/")[2].partition("-")[0] for name in report["remembered"]] == ["story"]


def test_that_a_lock_file_stays_deleted_is_remembered(repo: Repo) -> None:
    base = repo.commit({"yarn.lock": "# yarn lockfile v1\n", "z": "z\n"})
    repo.branch("upstream", repo.commit({"yarn.lock": "# yarn lockfile v1\n\na@1:\n"}, base))
    repo.checkout("main", repo.commit({"yarn.lock": None}, base))
    assert repo.syncfork("merge", "upstream").code == 1
    repo.git("rm", "-q", "yarn.lock")
    done = repo.syncfork("continue", "--format", "json")
    assert [name.rpartition("/")[2].partition("-")[0] for name in done.report["remembered"]] == ["yarn.lock"]


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        (
            "web/package-lock.json",
            "take theirs (t), then run `npm install --package-lock-only` in web, and `git add` it.",
        ),
        (
            "third_vendor/package-lock.json",
            "take theirs (t), then run `npm install --package-lock-only` in third_vendor, and `git add` it.",
        ),
        ("my vendor/Cargo.lock", " in my vendor, and `git add` it."),
        (
            "vendor/modules.txt",
            "take theirs (t), then run `go mod vendor` or `go work vendor`, and `git add` it.",
        ),
        ("go.sum", "take theirs (t), then run `go mod tidy`, and `git add` it."),
        (
            "src/vendor/modules.txt",
            "take theirs (t), then run `go mod vendor` or `go work vendor` in src, and `git add` it.",
        ),
        ("story.txt", ""),
    ],
)
def test_a_conflict_in_a_lock_file_says_what_to_do_instead(repo: Repo, path: str, hint: str) -> None:
    _, person = talk(conflict(repo, {path: "1\n"}, {path: "2\n"}, {path: "3\n"}), "q")
    shown = " ".join(person.text.split())
    assert (hint in shown) if hint else "A tool writes" not in shown


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("Cargo.lock", True), ("a/b/uv.lock", True), ("vendor/modules.txt", True), ("flake.lock", True),
        ("notgo.sum", False), ("modules.txt", False), ("node_modules/a/package-lock.json", False),
        ("vendor/a/vendor/modules.txt", False), ("go.sum/readme", False),
    ],
)  # fmt: skip
def test_which_files_are_lock_files(path: str, written: bool) -> None:
    assert bool(remade_by(path)) is written


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (
            "// Copyright\n\n// Code generated by github.com/some/gen. DO NOT EDIT.",
            "Code generated by github.com/some/gen. DO NOT EDIT.",
        ),
        (
            "# -*- coding: utf-8 -*-\n# Generated by the compiler.  DO NOT EDIT!",
            "Generated by the compiler.  DO NOT EDIT!",
        ),
        ("/* @generated SignedSource<<1>> */", "@generated SignedSource<<1>>"),
        ("<!-- Generated file, do not modify -->", "Generated file, do not modify"),
        ('\tfmt.Fprintln(w, "// Code generated by mygen. DO NOT EDIT.")', ""),
        ("# This file is NOT generated; do not change the order", ""),
        ("# The table below is generated by hand. Do not edit", ""),
        ("// skip files that say @generated", ""),
        ("// This explains what is generated, and how to edit it.", ""),
        ('const banner = "// Code generated by this. DO NOT EDIT."', ""),
        ("x\n" * 50 + "// Code generated by this. DO NOT EDIT.", ""),
        ("", ""),
    ],
)
def test_a_text_that_says_it_was_generated(head: str, said: str) -> None:
    assert says_generated(f"{head}\ncode\n") == said


def test_of_a_generated_file_resolve_says_that_it_is_to_be_made_anew(repo: Repo) -> None:
    head = "// Code generated by gen. DO NOT EDIT.\npackage a\n"
    sides = ({"gen_a.go": f"{head}{number}\n"} for number in range(3))
    _, person = talk(conflict(repo, *sides), "q")
    shown = " ".join(person.text.split())
    assert "Generated, it says of itself (“Code generated by gen. DO NOT EDIT.”): resolve first what" in shown
    assert "take theirs (t) here, and when all is resolved generate it anew." in shown


@pytest.mark.parametrize("remade", [False, True])
def test_a_lock_file_that_a_rule_has_made_anew_is_told_where_nobody_made_it(repo: Repo, remade: bool) -> None:
    rule = "id: sums\nfiles: [go.sum]\nown: {regenerate: [go, mod, tidy]}\n"
    base = repo.commit({"go.mod": go_mod("v1.0.0"), "go.sum": sums(one="v1.0.0", **OTHERS), "f": "1\n"})
    ours: Changes = {"go.mod": go_mod("v1.0.0", OWN), "go.sum": sums(one="v1.0.0", own="v0.1.0", **OTHERS)}
    theirs: Changes = {"go.mod": go_mod("v1.1.0"), "go.sum": sums(one="v1.1.0", **OTHERS), "f": "theirs\n"}
    repo.branch("upstream", repo.commit(theirs, base))
    repo.checkout("main", repo.commit({**ours, **rule_files(rule), "f": "ours\n"}, base))
    begun = repo.syncfork("merge", "upstream", "--format", "json").report
    assert [f["detector"] for f in begun["findings"]] == ["regenerate"]
    files = {"f": b"both\n"} | ({"go.sum": sums(one="v1.1.0", own="v0.1.0", **OTHERS)} if remade else {})
    _, report = finish(repo, files)
    expected = [] if remade else [("go.mod", "locks")]
    assert [(f["path"], f["detector"]) for f in report["findings"] if f["class"] == "breakage"] == expected
    checked = repo.syncfork("check", "--format", "json").report
    assert [(f["path"], f["detector"]) for f in checked["findings"] if f["class"] == "breakage"] == expected

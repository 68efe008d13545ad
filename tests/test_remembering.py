"""What `syncfork continue` remembers of a conflict that a person resolved, with real git from end to end."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

import pytest
from git_fixtures import TODAY, Change, Repo, lines, numbered, rule_files
from msgspec.structs import replace

from syncfork.commands.drift import DriftOptions, run_drift
from syncfork.commands.memory import load_memory
from syncfork.config import Config, load_setup
from syncfork.git.repository import Repository
from syncfork.merge.detecting import Subject, make_view
from syncfork.merge.engine import lifted_merge, open_bases
from syncfork.merge.workspace import workspace
from syncfork.resolve.base import Resolved
from syncfork.resolve.resolution import Resolution, seal
from syncfork.resolve.written import read_resolution, write_resolution

FOLDER = ".syncfork/resolutions"


@pytest.fixture
def torn(repo: Repo) -> Repo:
    """A fork that changed one line of a story and deleted a file; upstream changed both."""
    base = repo.commit({"story.txt": numbered(20), "old.txt": "old\n"})
    ours = repo.commit({"story.txt": numbered(20, {9: "ours"}), "old.txt": None}, base)
    theirs = repo.commit({"story.txt": numbered(20, {9: "theirs"}), "old.txt": "older\n"}, base)
    repo.branch("upstream", theirs)
    repo.checkout("main", ours)
    return repo


def begin(repo: Repo, upstream: str = "upstream") -> None:
    done = repo.syncfork("merge", upstream)
    assert done.code == 1, done.out + done.err


def resolve(repo: Repo, **files: bytes) -> None:
    """Resolve as a person does: `story` stands for story.txt."""
    for name, content in files.items():
        (repo.path / f"{name}.txt").write_bytes(content)
        repo.git("add", f"{name}.txt")


def remembered(repo: Repo, revision: str = "HEAD") -> dict[str, Resolution]:
    """The resolutions in a commit, by file."""
    found = {}
    for path, (_, content) in repo.files(revision).items():
        if path.startswith(f"{FOLDER}/"):
            resolution = read_resolution(path, content)
            assert isinstance(resolution, Resolution), resolution
            found[path] = resolution
    return found


def test_what_is_broken_in_it_is_not_remembered(repo: Repo) -> None:
    """Upstream takes an option away, which the resolution of one of two conflicts goes on to use."""
    program = "import argparse\np = argparse.ArgumentParser()\n{}p.parse_args()\n"
    old, new = 'p.add_argument("--old")\n', 'p.add_argument("--new")\n'

    def script(one: str, two: str) -> str:
        return f"#!/bin/sh\n{one}\n" + "echo\n" * 8 + f"{two}\n"

    base = repo.commit({"tool.py": program.format(old + new), "run.sh": script("one", "two")})
    repo.branch("upstream", repo.commit({"tool.py": program.format(new), "run.sh": script("up", "up")}, base))
    repo.checkout("main", repo.commit({"run.sh": script("python tool.py --old", "own")}, base))
    begin(repo)
    (repo.path / "run.sh").write_text(script("python tool.py --old -v", "both"))
    repo.git("add", "run.sh")
    done = repo.syncfork("continue")
    assert "not remembered: what is broken is in it, run.sh:2" in " ".join(done.out.split())
    assert [item.result for item in remembered(repo).values()] == ["both\n"]


def test_what_a_person_resolved_is_part_of_the_merge_commit(torn: Repo) -> None:
    fork, upstream = torn.git("rev-parse", "main"), torn.git("rev-parse", "upstream")
    begin(torn)
    resolve(torn, story=numbered(20, {9: "both"}))
    torn.git("rm", "-q", "old.txt")
    done = torn.syncfork("continue", "--reason", "The tale wants both.")
    assert done.code == 0, done.out + done.err
    assert f"remembered 2 resolutions in {FOLDER}\n" in done.out
    assert torn.git("rev-list", "--parents", "-n1", "HEAD").split()[1:] == [fork, upstream]
    assert torn.git("status", "--porcelain") == ""
    found = {item.kind: item for item in remembered(torn).values()}
    clash = found["clash"]
    assert (clash.path, clash.base, clash.ours, clash.theirs, clash.result) == (
        "story.txt", "line 9\n", "ours\n", "theirs\n", "both\n"
    )  # fmt: skip
    assert clash.merge == (fork, upstream)
    assert (clash.author, clash.reason) == ("Tess Ter", "The tale wants both.")
    assert clash.sealed
    message = torn.git("log", "-1", "--format=%B")
    assert message.count("The tale wants both.") == 2 and "done: by hand: The tale wants both." in message
    assert (found["path"].path, found["path"].result) == ("old.txt", None)


def test_a_reason_to_accept_something_is_none_for_a_conflict(torn: Repo) -> None:
    begin(torn)
    resolve(torn, story=numbered(20, {9: "both"}), extra=b"mine\n")
    torn.git("rm", "-q", "old.txt")
    done = torn.syncfork("continue", "--accept", "extra.txt", "--reason", "told apart")
    assert done.code in (0, 1), done.err
    assert {item.reason for item in remembered(torn).values()} == {""}
    assert "done: by hand\n" in torn.git("log", "-1", "--format=%B")


@pytest.fixture
def kept(torn: Repo) -> Repo:
    """The same fork after the merge: what was resolved is remembered on main."""
    begin(torn)
    resolve(torn, story=numbered(20, {9: "both"}))
    torn.git("rm", "-q", "old.txt")
    assert torn.syncfork("continue").code == 0
    torn.git("update-ref", "refs/heads/main", "HEAD")
    torn.git("checkout", "-q", "main")
    return torn


def files_of(repo: Repo) -> dict[str, bytes]:
    """The folder's files at main, the clash's first."""
    found = {
        path: content for path, (_, content) in repo.files("main").items() if path.startswith(f"{FOLDER}/")
    }
    return dict(sorted(found.items(), key=lambda item: not item[0].startswith(f"{FOLDER}/story")))


def another_line(repo: Repo, folder: Mapping[str, bytes]) -> str:
    """A commit of another line of the fork, which has not merged upstream yet, with these files in the folder."""
    changes: dict[str | bytes, Change] = {"release.txt": "1\n"}
    changes.update(folder.items())
    return repo.commit(changes, repo.git("rev-parse", "main^1"))


def merged(repo: Repo, ours: str) -> tuple[dict[str, Resolved], set[str], tuple[str, ...]]:
    """Merge upstream into `ours` with what it remembers: the answers by path, what is left, and the warnings."""
    repository = Repository.open(repo.path)
    memory = load_memory(repository, ours, load_setup(repository, ours).config)
    theirs = repo.git("rev-parse", "upstream")
    with workspace(repository) as space:
        bases = open_bases(repository, ours, theirs)
        names = {"ours": "fork", "theirs": "up"}
        found = lifted_merge(space, ours, theirs, bases, (), names, lambda: [memory])
        for item in found.resolved:
            space.keep(found.merged.tree)
            text = item.text
            shown = (
                None
                if text is None
                else repo.files(found.merged.tree)[item.file.path][1].decode("utf-8", "surrogateescape")
            )
            assert shown == text
    return {item.file.path: item for item in found.resolved}, set(found.merged.conflicts), memory.warnings


def test_where_the_conflict_returns_it_is_resolved_in_the_same_way(kept: Repo) -> None:
    answers, left, warnings = merged(kept, another_line(kept, files_of(kept)))
    assert (left, warnings) == (set(), ())
    assert answers["story.txt"].text == numbered(20, {9: "both"}).decode()
    assert answers["old.txt"].text is None
    told = next(iter(answers["story.txt"].answers.values()))
    assert told.by.startswith("memory story.txt-")
    assert told.why.startswith("as Tess Ter did on ")


def test_what_is_not_committed_is_not_used(kept: Repo) -> None:
    folder = files_of(kept)
    ours = another_line(kept, {})
    kept.checkout("release", ours)
    for path, content in folder.items():
        (kept.path / path).parent.mkdir(parents=True, exist_ok=True)
        (kept.path / path).write_bytes(content)
    answers, left, _ = merged(kept, ours)
    assert (answers, left) == ({}, {"story.txt", "old.txt"})


def test_one_altered_by_hand_is_not_used_until_it_is_sealed(kept: Repo) -> None:
    folder = files_of(kept)
    file = next(iter(folder))
    folder[file] = folder[file].replace(b"  both", b"  mine")
    ours = another_line(kept, folder)
    answers, left, [warning] = merged(kept, ours)
    assert left == {"story.txt"}
    assert "story.txt" not in answers
    assert warning.startswith(f"not used: {file} was altered by hand")
    assert warning.endswith(f"syncfork resolutions seal {file}")
    kept.checkout("release", ours)
    checked = kept.syncfork("resolutions", "check")
    assert checked.code == 1
    assert f"altered        {file}" in checked.out
    assert kept.syncfork("resolutions", "seal", file).code == 0
    assert kept.syncfork("resolutions", "check").code == 0
    sealed = (kept.path / file).read_bytes()
    answers, left, warnings = merged(kept, another_line(kept, {**folder, file: sealed}))
    assert (left, warnings) == (set(), ())
    assert answers["story.txt"].text == numbered(20, {9: "mine"}).decode()


def test_of_two_that_contradict_each_other_neither_is_used(kept: Repo) -> None:
    folder = files_of(kept)
    file, content = next(iter(folder.items()))
    known = read_resolution(file, content)
    assert isinstance(known, Resolution)
    other = f"{FOLDER}/other.yml"
    ours = another_line(
        kept, {**folder, other: write_resolution(seal(replace(known, result="mine\n"))).encode()}
    )
    answers, left, [warning] = merged(kept, ours)
    assert left == {"story.txt"}
    assert "story.txt" not in answers
    assert file in warning
    assert other in warning
    assert "in different ways" in warning
    kept.checkout("release", ours)
    checked = kept.syncfork("resolutions", "check", "--format", "json")
    assert checked.code == 1
    states = {item["file"]: item["state"] for item in checked.report["resolutions"]}
    assert states[file] == states[other] == "contradicting"
    # The person decides as one of them says: there is nothing new to write.
    begin(kept)
    resolve(kept, story=numbered(20, {9: "both"}))
    assert kept.syncfork("continue", "--format", "json").report["remembered"] == []


def test_an_expired_one_is_not_used_and_can_be_pruned(kept: Repo) -> None:
    (kept.path / "story.txt").write_bytes(numbered(20, {9: "a new tale"}))
    (kept.path / "old.txt").write_text("back\n")
    kept.git("add", ".")
    kept.git("commit", "-q", "-m", "Go on")
    ours = kept.git("rev-parse", "main")
    files = list(files_of(kept))
    repository = Repository.open(kept.path)
    memory = load_memory(repository, ours, Config())
    assert memory.filed == ()
    [warning] = memory.warnings
    assert "expired" in warning
    assert all(file in warning for file in files)
    assert kept.syncfork("resolutions", "check").code == 1
    pruned = kept.syncfork("resolutions", "prune", "--format", "json")
    assert sorted(pruned.report["removed"]) == sorted(files)
    assert kept.git("status", "--porcelain").split() == [
        word for file in sorted(files) for word in ("D", file)
    ]
    assert kept.syncfork("resolutions", "check").code == 0


def test_a_file_that_is_none_is_told_and_the_others_are_used(kept: Repo) -> None:
    bad = {f"{FOLDER}/bad.yml": b"path: a\nkind: crash\n"}
    answers, left, warnings = merged(kept, another_line(kept, {**files_of(kept), **bad}))
    assert left == set()
    assert len(answers) == 2
    assert any(warning.startswith(f"not used: {FOLDER}/bad.yml:2: kind: ") for warning in warnings)


def test_check_tries_them_on_past_merges(kept: Repo) -> None:
    done = kept.syncfork("resolutions", "check", "--upstream", "upstream", "--format", "json")
    assert done.code == 0, done.out + done.err
    assert done.report["merges"] == 1
    assert [item["replay"] for item in done.report["resolutions"]] == [
        {"again": True, "right": [], "wrong": []}
    ] * 2


def test_check_tells_a_resolution_that_a_later_merge_contradicts(kept: Repo) -> None:
    # Another line of the fork had the same conflict, and people resolved it in another way.
    ours = another_line(kept, {})
    theirs = kept.git("rev-parse", "upstream")
    sync = kept.commit({"story.txt": numbered(20, {9: "else"}), "old.txt": None}, ours, theirs)
    both = kept.git("commit-tree", "main^{tree}", "-p", "main", "-p", sync, "-m", "Take the release in")
    kept.checkout("main", both)
    done = kept.syncfork("resolutions", "check", "--upstream", "upstream", "--format", "json")
    assert done.code == 1, done.out + done.err
    told = {item["path"]: item["replay"] for item in done.report["resolutions"]}
    assert told["story.txt"]["wrong"] == [f"{sync[:9]}:story.txt"]
    assert told["old.txt"]["right"] == [f"{sync[:9]}:old.txt"]
    assert f"{sync[:9]}:story.txt" in kept.syncfork("resolutions", "check", "--upstream", "upstream").out


def test_list_and_show(kept: Repo) -> None:
    listed = kept.syncfork("resolutions", "list")
    assert listed.code == 0
    story, old = sorted(listed.out.splitlines(), reverse=True)
    assert story.startswith("valid  story.txt-")
    assert "Tess Ter" in story
    assert "old.txt" in old
    shown = kept.syncfork("resolutions", "show", "story")
    assert shown.code == 0
    for line in ("    line 9", "    ours", "    theirs", "    both"):
        assert f"{line}\n" in shown.out
    unknown = kept.syncfork("resolutions", "show", "nothing")
    assert unknown.code == 2
    assert "no resolution is called 'nothing'" in unknown.err


# What is written down, and what is not


def test_without_being_asked_for_nothing_is_remembered(torn: Repo) -> None:
    begin(torn)
    resolve(torn, story=numbered(20, {9: "both"}))
    torn.git("rm", "-q", "old.txt")
    done = torn.syncfork("continue", "--no-remember")
    assert done.code == 0, done.err
    assert "remembered" not in done.out
    assert remembered(torn) == {}


def test_a_fork_that_wants_no_folder_has_none(torn: Repo) -> None:
    ours = torn.commit({"syncfork.toml": 'resolutions = ""\n'}, torn.git("rev-parse", "main"))
    torn.checkout("main", ours)
    begin(torn)
    resolve(torn, story=numbered(20, {9: "both"}))
    torn.git("rm", "-q", "old.txt")
    assert torn.syncfork("continue").code == 0
    assert remembered(torn) == {}


def test_the_folder_may_lie_in_that_of_the_rules(torn: Repo) -> None:
    rule = "id: r\nfiles: [x.sh]\nrewrite: [{remove: {regex: x}, expect: any}]"
    torn.checkout("main", torn.commit(rule_files(rule), torn.git("rev-parse", "main")))
    begin(torn)
    resolve(torn, story=numbered(20, {9: "both"}))
    torn.git("rm", "-q", "old.txt")
    assert torn.syncfork("continue").code == 0
    assert len(remembered(torn)) == 2
    tested = torn.syncfork("rules", "list")
    assert tested.code == 0, tested.err
    assert len(tested.out.splitlines()) == 1


def test_where_the_surroundings_were_changed_too_nothing_is_written_and_it_says_so(torn: Repo) -> None:
    begin(torn)
    resolve(torn, story=numbered(20, {8: "new", 9: "both", 10: "new"}))
    torn.git("rm", "-q", "old.txt")
    done = torn.syncfork("continue", "--format", "json")
    assert done.code == 0, done.err
    assert [item.kind for item in remembered(torn).values()] == ["path"]
    assert any(
        "1 conflict in story.txt, whose surroundings you changed too" in w for w in done.report["warnings"]
    )


def test_what_stands_between_markers_is_no_answer_of_ours(repo: Repo) -> None:
    """git leaves one conflict where there are several, and ours stands between its markers as it would be taken."""

    def blocks(form: str) -> bytes:
        return lines(
            "begin", *(line for n in range(5) for line in (f"block {n} {{", form.format(n), "}")), "end"
        )

    base = repo.commit({"story.txt": blocks("    value = {}")})
    ours = repo.commit({"story.txt": blocks("    ours = {}")}, base)
    theirs = repo.commit({"story.txt": blocks("    value  = {}  // aligned")}, base)
    repo.branch("upstream", theirs)
    repo.checkout("main", ours)
    begin(repo)
    resolve(repo, story=blocks("    ours = {}"))
    assert "remembered 5 resolutions" in repo.syncfork("continue").out


def test_after_a_commit_by_hand_the_files_are_left_to_add(torn: Repo) -> None:
    begin(torn)
    resolve(torn, story=numbered(20, {9: "both"}))
    torn.git("rm", "-q", "old.txt")
    torn.git("commit", "-q", "-m", "By hand")
    head = torn.git("rev-parse", "HEAD")
    done = torn.syncfork("continue", "--format", "json")
    assert done.code == 0, done.err
    assert torn.git("rev-parse", "HEAD") == head
    assert len(done.report["remembered"]) == 2
    assert all((torn.path / file).is_file() for file in done.report["remembered"])
    assert any("`git add`" in warning for warning in done.report["warnings"])
    assert remembered(torn) == {}


def test_a_merge_uses_what_is_remembered_and_writes_nothing_again(kept: Repo) -> None:
    kept.checkout("main", another_line(kept, files_of(kept)))
    done = kept.syncfork("merge", "upstream", "--format", "json")
    assert done.code == 0, done.out + done.err
    told = {item["path"]: item for item in done.report["resolutions"]}
    assert told.keys() == {"story.txt", "old.txt"}
    assert told["story.txt"]["by"].startswith("memory story.txt-")
    assert kept.read("HEAD", "story.txt") == numbered(20, {9: "both"})
    assert not kept.exists("HEAD", "old.txt")
    assert set(remembered(kept)) == set(files_of(kept))


def test_a_merge_tells_what_it_does_not_use(kept: Repo) -> None:
    folder = files_of(kept)
    file = next(iter(folder))
    folder[file] = folder[file].replace(b"  both", b"  mine")
    kept.checkout("main", another_line(kept, folder))
    done = kept.syncfork("merge", "upstream", "--format", "json")
    assert done.code == 1
    assert [item["path"] for item in done.report["conflicts"]] == ["story.txt"]
    assert any(f"{file} was altered by hand" in warning for warning in done.report["warnings"])


def test_another_resolution_of_a_known_conflict_is_told(kept: Repo) -> None:
    folder = {file: content for file, content in files_of(kept).items() if "story" in file}
    kept.checkout("main", another_line(kept, folder))
    # What is remembered resolves the story; the person decides otherwise this time, which is told as such.
    begin(kept)
    resolve(kept, story=numbered(20, {9: "mine"}))
    kept.git("rm", "-q", "old.txt")
    done = kept.syncfork("continue", "--format", "json")
    assert done.report["state"] == "merged", done.err
    [file] = folder
    [warning] = [w for w in done.report["warnings"] if "contradict" in w]
    assert file in warning
    assert file.replace(".yml", "-2.yml") in warning
    message = " ".join(kept.git("log", "-1", "--format=%B").split())
    assert f"memory {file.rpartition('/')[2].removesuffix('.yml')}" in message
    assert message.count("edited by hand since") == 1


def test_an_answer_of_memory_that_stands_is_told_as_it_was(kept: Repo) -> None:
    kept.checkout("main", another_line(kept, {f: c for f, c in files_of(kept).items() if "story" in f}))
    begin(kept)
    kept.git("rm", "-q", "old.txt")
    assert kept.syncfork("continue").code == 0
    message = kept.git("log", "-1", "--format=%B")
    assert "done: memory story.txt-" in message
    assert "edited by hand since" not in message


def test_the_same_conflict_resolved_in_two_ways_is_not_remembered(repo: Repo) -> None:
    base = repo.commit({"a.txt": numbered(9), "b.txt": numbered(9)})
    ours = repo.commit({name: numbered(9, {5: "ours"}) for name in ("a.txt", "b.txt")}, base)
    theirs = repo.commit({name: numbered(9, {5: "theirs"}) for name in ("a.txt", "b.txt")}, base)
    repo.branch("upstream", theirs)
    repo.checkout("main", ours)
    begin(repo)
    resolve(repo, a=numbered(9, {5: "ours"}), b=numbered(9, {5: "theirs"}))
    done = repo.syncfork("continue", "--format", "json")
    assert done.code == 0, done.err
    assert remembered(repo) == {}
    assert any("the same conflict in different ways in a.txt and b.txt" in w for w in done.report["warnings"])


def test_text_that_is_not_utf_8_and_has_other_line_ends_comes_back_as_it_was(repo: Repo) -> None:
    def text(line: bytes) -> bytes:
        return numbered(9).replace(b"line 5", line).replace(b"\n", b"\r\n")

    base = repo.commit({"a.txt": text(b"five")})
    repo.branch("upstream", repo.commit({"a.txt": text(b"th\xe9irs")}, base))
    repo.checkout("main", repo.commit({"a.txt": text(b"o\xfcrs")}, base))
    begin(repo)
    resolve(repo, a=text(b"b\xf6th"))
    assert repo.syncfork("continue").code == 0
    repo.branch("main", repo.git("rev-parse", "HEAD"))
    [content] = files_of(repo).values()
    assert "  böth\n".encode() in content
    ours = another_line(repo, files_of(repo))
    answers, left, _ = merged_bytes(repo, ours)
    assert left == set()
    assert answers == {"a.txt": text(b"b\xf6th")}


def merged_bytes(repo: Repo, ours: str) -> tuple[dict[str, bytes], set[str], tuple[str, ...]]:
    answers, left, warnings = merged(repo, ours)
    return {p: (a.text or "").encode("utf-8", "surrogateescape") for p, a in answers.items()}, left, warnings


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links here")
def test_a_link_in_the_place_of_the_folder_is_not_followed(
    torn: Repo, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    theirs = torn.commit({".syncfork": ("120000", str(outside))}, torn.git("rev-parse", "upstream"))
    torn.branch("upstream", theirs)
    begin(torn)
    resolve(torn, story=numbered(20, {9: "both"}))
    torn.git("rm", "-q", "old.txt")
    done = torn.syncfork("continue", "--format", "json")
    assert done.code == 0, done.err
    assert list(outside.iterdir()) == []
    assert any("was not remembered" in warning for warning in done.report["warnings"])


@pytest.mark.parametrize("folder", ["../out", ".git/x", "."])
def test_the_folder_has_to_lie_in_the_fork(torn: Repo, folder: str) -> None:
    ours = torn.commit(
        {"syncfork.toml": f"resolutions = {json.dumps(folder)}\n"}, torn.git("rev-parse", "main")
    )
    torn.checkout("main", ours)
    done = torn.syncfork("merge", "upstream")
    assert done.code == 3
    assert "syncfork.toml:1: resolutions: expected a folder below the repository's root" in done.err


def test_detectors_do_not_take_a_resolution_for_a_use_of_what_it_speaks_of(kept: Repo) -> None:
    ours, theirs, base = (kept.git("rev-parse", name) for name in ("main", "upstream", "main^1^1"))
    repository = Repository.open(kept.path)
    trees = {"base": base, "ours": ours, "theirs": theirs, "merged": ours}
    subject = Subject(trees, repository.changes(base, ours), repository.changes(base, theirs))
    view = make_view(repository, repository.git, subject, ())
    assert {file.path for file in view.files} == {"story.txt", "old.txt"}


def test_drift_tells_of_what_is_left_in_a_file(kept: Repo) -> None:
    mine = {"story.txt": numbered(20, {9: "ours", 15: "mine"})}
    ours = kept.commit(mine | files_of(kept), another_line(kept, {}))
    theirs = kept.commit(
        {"story.txt": numbered(20, {9: "theirs", 15: "their own"})}, kept.git("rev-parse", "upstream")
    )
    kept.checkout("main", ours)
    kept.branch("refs/remotes/upstream/main", theirs)
    report = run_drift(DriftOptions(directory=kept.path, today=TODAY))
    texts = {item.path: [text.line for text in item.texts] for item in report.git_alone}
    assert texts == {"old.txt": [], "story.txt": [9, 15]}
    [item] = report.conflicts
    assert (item.path, item.hunks, [text.line for text in item.texts], item.line) == (
        "story.txt",
        1,
        [15],
        15,
    )

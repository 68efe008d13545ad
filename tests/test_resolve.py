"""The walk through a merge's conflicts on real repositories, without a terminal: decisions in, files out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from git_fixtures import EXE, LINK, SUBMODULE, TODAY, Change, Changes, Repo, lines, numbered, rule_files
from msgspec.structs import replace

from syncfork.cli.walking import walk_through
from syncfork.commands.abort import run_abort
from syncfork.commands.resolve import Opened, Said, decide, open_resolve, suggested, waiting
from syncfork.commands.resume import ContinueOptions, run_continue
from syncfork.errors import SyncforkError
from syncfork.git.door import Git
from syncfork.git.repository import Repository
from syncfork.learn.ruling_steps import becomes
from syncfork.render.resolve import View, keys, shown
from syncfork.resolve.base import Clash, Disputed
from syncfork.resolve.choosing import choices, dropped, ends_between
from syncfork.resolve.suggest import Suggestion, suggestions
from syncfork.resolve.table import FORM, Row, Table, to_text
from syncfork.resolve.walk import Choice, Step


def conflict(repo: Repo, base: Changes, ours: Changes, theirs: Changes) -> Repo:
    """A merge that waits: both sides changed `base`."""
    first = repo.commit(base)
    report = repo.merge(
        repo.commit(ours, first), repo.commit(theirs, first, message="Change it (#7)"), checkout=True
    )
    assert report.state == "in progress"
    return repo


def opened(repo: Repo) -> Opened:
    repository = Repository.open(repo.path)
    return open_resolve(repository, waiting(repository))


def keys_of(walk: Opened, step: Step) -> dict[str, Choice]:
    return choices(step, walk.walk.pending(step.path), suggested(walk, step))


def press(walk: Opened, *keys: str) -> Opened:
    """Decide on the next conflicts by their keys."""
    for key in keys:
        step = walk.walk.current
        assert step is not None
        walk, _ = decide(walk, [step], keys_of(walk, step)[key])
    return walk


def story(changes: dict[int, str] | None = None) -> bytes:
    return numbered(40, changes)


@pytest.fixture
def two(repo: Repo) -> Repo:
    """Two conflicts in one file."""
    return conflict(
        repo,
        {"story.txt": story()},
        {"story.txt": story({9: "our nine", 30: "our thirty"})},
        {"story.txt": story({9: "their nine", 30: "their thirty"})},
    )


@pytest.fixture
def twins(repo: Repo) -> Repo:
    """Two conflicts in one file that have the same three texts."""

    def both(value: int) -> bytes:
        return story({9: f"port {value}", 30: f"port {value}"})

    return conflict(repo, {"story.txt": both(1)}, {"story.txt": both(2)}, {"story.txt": both(3)})


def test_a_decision_does_not_pass_to_another_conflict_that_is_like_it(twins: Repo) -> None:
    press(opened(twins), "o")
    path = twins.path / "story.txt"
    text = path.read_text()
    start, end = text.index("<<<<<<<"), text.index("line 10\n")
    path.write_text(f"{text[:start]}port 77\n{text[end:]}")
    walk = opened(twins)
    assert len(walk.walk.left) == 1 and not walk.walk.choices
    press(walk, "t")
    assert path.read_bytes() == story({9: "port 77", 30: "port 3"})


def test_a_decision_stays_where_the_file_is_edited_elsewhere(two: Repo) -> None:
    press(opened(two), "o")
    path = two.path / "story.txt"
    path.write_text(path.read_text().replace("line 2\n", "edited\n"))
    press(opened(two), "t")
    assert path.read_bytes() == story({2: "edited", 9: "our nine", 30: "their thirty"})


def test_conflicts_that_are_alike_are_decided_one_by_one_in_two_runs(twins: Repo) -> None:
    press(opened(twins), "o")
    press(opened(twins), "t")
    assert (twins.path / "story.txt").read_bytes() == story({9: "port 2", 30: "port 3"})


# Which conflicts there are


def clashes(walk: Opened) -> list[tuple[str, str, str]]:
    found = [step.marked.clash for step in walk.walk.steps if step.marked]
    return [(clash.base, clash.ours, clash.theirs) for clash in found]


def test_each_conflict_is_a_step_with_its_merge_base(two: Repo) -> None:
    walk = opened(two)
    assert clashes(walk) == [
        ("line 9\n", "our nine\n", "their nine\n"),
        ("line 30\n", "our thirty\n", "their thirty\n"),
    ]
    text = (two.path / "story.txt").read_text().split("\n")
    assert [text[step.line - 1][:7] for step in walk.walk.steps] == ["<<<<<<<", "<<<<<<<"]


def test_conflicts_that_git_marks_as_one_are_two_where_the_base_tells_so(repo: Repo) -> None:
    conflict(
        repo,
        {"story.txt": story()},
        {"story.txt": story({9: "our 9", 12: "our 12"})},
        {"story.txt": story({9: "their 9", 12: "their 12"})},
    )
    assert (repo.path / "story.txt").read_text().count("<<<<<<<") == 1
    walk = opened(repo)
    assert clashes(walk) == [("line 9\n", "our 9\n", "their 9\n"), ("line 12\n", "our 12\n", "their 12\n")]
    _, person = talk(repo, "q")
    assert person.shown[0].startswith("2 conflicts to decide on, one by one; the merge counted 1,")
    press(walk, "o", "t")
    assert (repo.path / "story.txt").read_bytes() == story({9: "our 9", 12: "their 12"})


def test_conflicts_that_git_marks_as_several_are_one_where_the_base_tells_so(repo: Repo) -> None:
    same = [f"same {n}" for n in range(8)]
    conflict(
        repo,
        {"story.txt": lines("a", "b")},
        {"story.txt": lines("a", "ours 1", *same, "ours 2", "b")},
        {"story.txt": lines("a", "theirs 1", *same, "theirs 2", "b")},
    )
    assert (repo.path / "story.txt").read_text().count("<<<<<<<") == 2
    walk = opened(repo)
    assert len(clashes(walk)) == 1
    press(walk, "t")
    assert (repo.path / "story.txt").read_bytes() == lines("a", "theirs 1", *same, "theirs 2", "b")


def test_lines_that_look_like_markers_are_text(repo: Repo) -> None:
    example = ["<<<<<<< HEAD", "one", "=======", "two", ">>>>>>> branch"]
    head, tail = [f"head {n}" for n in range(9)], [f"tail {n}" for n in range(9)]

    def file(*title: str) -> bytes:
        return lines(*example, *head, *title, *tail, *example)

    conflict(
        repo,
        {"guide.rst": file("Guide", "=====")},
        {"guide.rst": file("Our one", "=======", "by us")},
        {"guide.rst": file("Their 1", "=======", "by them")},
    )
    walk = opened(repo)
    assert len(walk.walk.steps) == 1
    [clash] = clashes(walk)
    assert clash[1].startswith("Our one\n=======\n")
    press(walk, "o")
    assert (repo.path / "guide.rst").read_bytes() == file("Our one", "=======", "by us")


def test_what_a_person_edited_is_taken_as_it_is(two: Repo) -> None:
    path = two.path / "story.txt"
    edited = path.read_text().replace("line 2\n", "my own line\n")
    first, rest = edited.split("<<<<<<<", 1)
    path.write_text(first + "my nine\n" + rest.split(">>>>>>>", 1)[1].partition("\n")[2])
    walk = opened(two)
    assert clashes(walk) == [("line 30\n", "our thirty\n", "their thirty\n")]
    press(walk, "t")
    assert path.read_bytes() == story({2: "my own line", 9: "my nine", 30: "their thirty"})


def test_what_was_edited_between_the_markers_has_no_known_base(two: Repo) -> None:
    path = two.path / "story.txt"
    path.write_text(path.read_text().replace("our nine\n", "our nine, and more\n"))
    walk = opened(two)
    assert clashes(walk)[0] == ("", "our nine, and more\n", "their nine\n")
    step = walk.walk.steps[0]
    assert step.marked and step.marked.number is None
    assert suggested(walk, step) == ()
    press(walk, "o", "t")
    assert path.read_bytes() == story({9: "our nine, and more", 30: "their thirty"})


def test_a_file_without_markers_left_is_only_added(two: Repo) -> None:
    path = two.path / "story.txt"
    path.write_bytes(story({9: "mine", 30: "mine too"}))
    walk = opened(two)
    [step] = walk.walk.steps
    assert walk.walk.pending(step.path).settled
    press(walk, "a")
    assert two.stages() == {}
    assert two.git("show", ":story.txt").encode() + b"\n" == story({9: "mine", 30: "mine too"})


# What becomes of decisions


def test_a_file_is_made_only_when_all_of_it_is_decided(two: Repo) -> None:
    before, stages = (two.path / "story.txt").read_bytes(), two.stages()
    walk = press(opened(two), "o")
    assert (two.path / "story.txt").read_bytes() == before
    assert two.stages() == stages
    walk = press(walk, "t")
    assert two.stages() == {}
    assert (two.path / "story.txt").read_bytes() == story({9: "our nine", 30: "their thirty"})
    assert two.git("status", "--porcelain") == "M  story.txt"
    assert walk.walk.current is None


def test_a_second_run_goes_on_where_the_first_stopped(two: Repo) -> None:
    press(opened(two), "b")
    walk = opened(two)
    assert walk.walk.position == (2, 2)
    assert [step.marked.clash.ours for step in walk.walk.left if step.marked] == ["our thirty\n"]
    press(walk, "B")
    want = story({9: "our nine\ntheir nine", 30: "their thirty\nour thirty"})
    assert (two.path / "story.txt").read_bytes() == want


def test_what_is_changed_while_one_decides_is_not_overwritten(two: Repo) -> None:
    walk = press(opened(two), "o")
    path = two.path / "story.txt"
    path.write_text(path.read_text().replace("line 2\n", "typed meanwhile\n"))
    step = walk.walk.current
    assert step is not None
    walk, said = decide(walk, [step], keys_of(walk, step)["t"])
    assert any("changed meanwhile" in note for note in said.notes)
    assert path.read_bytes() == story({2: "typed meanwhile", 9: "our nine", 30: "their thirty"})


@pytest.mark.parametrize("key", ["d", "t"])
def test_many_paths_are_made_by_few_processes(repo: Repo, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    paths = [f"d{n % 2}/{name}" for n, name in enumerate(("a", "b c", "[a]", "é", "-x", "!x", "#", "z"))]
    base = dict.fromkeys(paths, b"1\n")
    conflict(repo, base, dict.fromkeys(paths), {path: path.encode() for path in paths})
    started: list[tuple[str, ...]] = []
    start = Git.start

    def counting(git: Git, *arguments: str, **more: Any) -> Any:
        started.append(arguments)
        return start(git, *arguments, **more)

    monkeypatch.setattr(Git, "start", counting)
    # What is done in a process of its own could not be counted.
    monkeypatch.setattr("syncfork.merge.staging.undisturbed", lambda steps: steps())
    for folder in ("d0", "d1"):
        walk = opened(repo)
        step = walk.walk.current
        assert step is not None and step.path.startswith(folder)
        started.clear()
        walk, said = decide(walk, walk.walk.like(step), keys_of(walk, step)[key])
        assert said.notes == (f"resolved: 4 files in {folder}/",)
        assert len(started) <= 4
    assert repo.stages() == {}
    there = {path: (repo.path / path).read_bytes() for path in paths if (repo.path / path).exists()}
    assert there == ({} if key == "d" else {path: path.encode() for path in paths})


@pytest.mark.parametrize("many", [False, True])
def test_a_path_that_is_changed_while_one_decides_is_asked_about_again(repo: Repo, many: bool) -> None:
    paths = [f"d/{n}" for n in range(3)]
    conflict(repo, dict.fromkeys(paths, b"1\n"), dict.fromkeys(paths), dict.fromkeys(paths, b"2\n"))
    walk = opened(repo)
    step = walk.walk.current
    assert step is not None and step.path == "d/0"
    for path in ("d/0", "d/2"):
        (repo.path / path).write_bytes(b"typed meanwhile\n")
    walk, said = decide(walk, walk.walk.like(step) if many else [step], keys_of(walk, step)["d"])
    assert said.notes[0] == "changed meanwhile, and read again: d/0"
    assert sorted(repo.stages()) == (["d/0", "d/2"] if many else paths)
    assert all((repo.path / path).read_bytes() == b"typed meanwhile\n" for path in ("d/0", "d/2"))
    # Seen as it is now, it may go; what another path has is still not seen.
    press(opened(repo), "d")
    assert not (repo.path / "d/0").exists() and (repo.path / "d/2").exists()


def test_a_link_that_a_person_put_there_stays_though_it_points_nowhere(repo: Repo) -> None:
    conflict(repo, {"a": b"1\n"}, {"a": None}, {"a": b"2\n"})
    (repo.path / "a").unlink()
    (repo.path / "a").symlink_to("made/by/the/build")
    press(opened(repo), "a")
    assert (repo.path / "a").is_symlink() and repo.git("ls-files", "--stage", "a").startswith("120000")


def test_what_a_person_made_of_a_file_is_not_decided_on_with_others(repo: Repo) -> None:
    paths = [f"d/{n}" for n in range(8)]
    conflict(repo, dict.fromkeys(paths, b"1\n"), dict.fromkeys(paths), dict.fromkeys(paths, b"2\n"))
    for path, content in (("d/2", b"mine\n"), ("d/3", b"other\n"), ("d/4", b"same\n"), ("d/5", b"same\n")):
        (repo.path / path).write_bytes(content)
    for path in ("d/6", "d/7"):
        (repo.path / path).unlink()
    walk = opened(repo).walk
    found = [[like.path[-1] for like in walk.like(step)] for step in walk.steps]
    assert found == [["0", "1"], ["1", "0"], ["2"], ["3"], ["4", "5"], ["5", "4"], ["6", "7"], ["7", "6"]]


def test_a_file_that_was_done_can_be_brought_back_and_decided_anew(two: Repo) -> None:
    press(opened(two), "o", "o")
    two.git("checkout", "--merge", "--", "story.txt")
    walk = opened(two)
    assert len(walk.walk.left) == 2
    press(walk, "t", "t")
    assert (two.path / "story.txt").read_bytes() == story({9: "their nine", 30: "their thirty"})


@pytest.mark.parametrize("pressed", [("o",), ("o", "t")])
def test_abort_puts_everything_back(repo: Repo, pressed: tuple[str, ...]) -> None:
    base = repo.commit({"story.txt": story()})
    ours = repo.commit({"story.txt": story({9: "our nine", 30: "our thirty"})}, base)
    theirs = repo.commit({"story.txt": story({9: "their nine", 30: "their thirty"})}, base)
    repo.checkout("main", ours)
    before = {name: part for name, part in repo.snapshot().items() if name in ("HEAD", "index", "worktree")}
    repo.merge(ours, theirs, checkout=True)
    press(opened(repo), *pressed)
    run_abort(repo.path)
    after = repo.snapshot()
    assert {name: after[name] for name in before} == before
    assert "no syncfork merge" in refused(repo)
    # The same merge begins anew, with nothing decided.
    repo.merge(ours, theirs, checkout=True)
    assert len(opened(repo).walk.left) == 2


def refused(repo: Repo) -> str:
    with pytest.raises(SyncforkError) as error:
        opened(repo)
    return error.value.problem


# Files of every kind


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "want"),
    [
        pytest.param(b"1\r\n2\r\n3\r\n", b"1\r\no\r\n3\r\n", b"1\r\nt\r\n3\r\n", b"1\r\no\r\nt\r\n3\r\n", id="crlf"),
        pytest.param(b"1\n2", b"1\no", b"1\nt", b"1\no\nt", id="no newline at the end"),
        pytest.param(b"1\r\n2", b"1\r\no", b"1\r\nt", b"1\r\no\r\nt", id="neither, in crlf"),
        pytest.param(b"\xff\n2\n", b"\xff\n\xfe\n", b"\xff\n\xfd\n", b"\xff\n\xfe\n\xfd\n", id="not UTF-8"),
        pytest.param(b"1\n2\n", b"1\no\x0co\n", b"1\nt\n", b"1\no\x0co\nt\n", id="form feed"),
    ],
)  # fmt: skip
def test_bytes_come_through(repo: Repo, base: bytes, ours: bytes, theirs: bytes, want: bytes) -> None:
    conflict(repo, {"f": base}, {"f": ours}, {"f": theirs})
    press(opened(repo), "b")
    assert (repo.path / "f").read_bytes() == want
    assert repo.call("cat-file", "blob", ":f").stdout == want


def test_line_ends_of_the_worktree_are_git_s_to_set(repo: Repo) -> None:
    (repo.git_dir / "info").mkdir(exist_ok=True)
    (repo.git_dir / "info" / "attributes").write_text("*.txt text eol=crlf\n")
    conflict(repo, {"f.txt": "1\n2\n"}, {"f.txt": "1\no\n"}, {"f.txt": "1\nt\n"})
    press(opened(repo), "t")
    assert (repo.path / "f.txt").read_bytes() == b"1\r\nt\r\n"
    assert repo.call("cat-file", "blob", ":f.txt").stdout == b"1\nt\n"
    assert repo.git("status", "--porcelain") == "M  f.txt"


def test_a_program_stays_one(repo: Repo) -> None:
    conflict(repo, {"run": (EXE, "1\n2\n")}, {"run": (EXE, "1\no\n")}, {"run": (EXE, "1\nt\n")})
    press(opened(repo), "o")
    assert (repo.path / "run").stat().st_mode & 0o111
    assert repo.git("ls-files", "-s", "run").startswith(EXE)


@pytest.mark.parametrize("path", ["a dir/ä b.txt", '"quoted".txt', "*.txt", "-f", "new\nline"])
def test_any_path_can_be_decided(repo: Repo, path: str) -> None:
    conflict(repo, {path: "1\n2\n", "b.txt": "b\n"}, {path: "1\no\n"}, {path: "1\nt\n"})
    press(opened(repo), "t")
    assert (repo.path / path).read_bytes() == b"1\nt\n"
    assert (repo.path / "b.txt").read_bytes() == b"b\n"
    assert repo.stages() == {}


@pytest.mark.parametrize(("key", "there"), [("o", False), ("t", True), ("d", False)])
def test_a_path_that_we_deleted(repo: Repo, key: str, there: bool) -> None:
    conflict(repo, {"old/f": "1\n", "g": "g\n"}, {"old/f": None}, {"old/f": "2\n"})
    press(opened(repo), key)
    assert (repo.path / "old" / "f").exists() is there
    assert repo.stages() == {}
    assert ("old/f" in repo.git("ls-files").split("\n")) is there


@pytest.mark.parametrize(("key", "want"), [("o", b"\0ours"), ("t", b"\0theirs"), ("d", None)])
def test_binary_files_are_a_side_s(repo: Repo, key: str, want: bytes | None) -> None:
    conflict(repo, {"a": "a\n"}, {"x.bin": b"\0ours"}, {"x.bin": b"\0theirs"})
    press(opened(repo), key)
    path = repo.path / "x.bin"
    assert (path.read_bytes() if path.exists() else None) == want
    assert repo.stages() == {}


def test_links_are_a_side_s(repo: Repo) -> None:
    conflict(repo, {"l": (LINK, "base")}, {"l": (LINK, "ours")}, {"l": (LINK, "theirs")})
    press(opened(repo), "t")
    assert str((repo.path / "l").readlink()) == "theirs"
    assert repo.git("status", "--porcelain") == "M  l"


# Suggestions


def test_what_is_remembered_and_may_not_be_used_alone_is_suggested(repo: Repo) -> None:
    base = repo.commit({"story.txt": story()})
    ours = repo.commit({"story.txt": story({9: "our nine"})}, base)
    theirs = repo.commit({"story.txt": story({9: "their nine"})}, base)
    memory: dict[str | bytes, Change] = {}
    for result in ("nine by both", "nine by none"):
        repo.merge(ours, theirs, checkout=True)
        walk = opened(repo)
        step = walk.walk.current
        assert step is not None
        decide(walk, [step], Choice("text", f"{result}\n", "edited", f"wanted {result}"))
        run_continue(ContinueOptions(repo.path, TODAY))
        [name] = repo.git("ls-files", ".syncfork/resolutions").split()
        memory[name.replace(".yml", f"-{len(memory)}.yml")] = repo.read("HEAD", name)
    repo.merge(repo.commit(memory, ours), theirs, checkout=True)
    walk = opened(repo)
    step = walk.walk.current
    assert step is not None
    found = suggested(walk, step)
    assert {item.text for item in found[:2]} == {"nine by both\n", "nine by none\n"}
    for item in found[:2]:
        assert item.by.startswith("memory story.txt-")
        assert f"wanted {str(item.text).strip()}" in item.why
        assert item.evidence.startswith("not used alone: contradicting .syncfork/resolutions/story.txt-")


def test_evidence_of_the_past_is_told_with_a_suggestion(repo: Repo) -> None:
    row = Row(
        by="sides: ours where both changed",
        scope="*",
        cases=9,
        right=8,
        run=2,
        last=TODAY,
        on=False,
        why="for a test",
    )
    table = Table(measured=TODAY, head="0" * 40, syncfork=_version(), merges=3, rows=(row,), form=FORM)
    conflict(
        repo,
        {"story.txt": story()},
        {"story.txt": story({9: "one thing"}), ".syncfork/resolvers.toml": to_text(table)},
        {"story.txt": story({9: "quite another"})},
    )
    walk = opened(repo)
    step = walk.walk.current
    assert step is not None
    found = {item.by: item for item in suggested(walk, step)}
    assert found[row.by].evidence == "right in 8 of 9 past cases on this fork"
    assert found[row.by].text == "one thing\n"
    # What nothing speaks for, and what `t` does anyway, is no suggestion.
    assert not any(item.text == "quite another\n" for item in found.values())


def test_a_side_s_whole_file_comes_first_where_that_is_likelier_than_its_conflicts_one_by_one(
    repo: Repo,
) -> None:
    def counted(by: str, right: int) -> Row:
        return Row(by=by, scope="*", cases=20, right=right, run=0, last=TODAY, on=False, why="for a test")

    whole, each = "sides: the file of ours, and nothing of the other's", "sides: ours where both changed"
    sides = (
        {3: "ours alone", 9: "our nine", 30: "our thirty"},
        {9: "their nine", 20: "theirs alone", 30: "their thirty"},
    )
    first = repo.commit({"story.txt": story()})
    theirs = repo.commit({"story.txt": story(sides[1])}, first)
    found = {}
    for often in (6, 15, 18):
        rows = (counted(whole, often), counted(each, 17))
        table = Table(measured=TODAY, head="0" * 40, syncfork=_version(), merges=30, rows=rows, form=FORM)
        files = {"story.txt": story(sides[0]), ".syncfork/resolvers.toml": to_text(table)}
        repo.merge(repo.commit(files, first), theirs, checkout=True)
        walk = opened(repo)
        assert walk.walk.current is not None
        found[often] = [(item.by, item.whole) for item in suggested(walk, walk.walk.current)]
        run_abort(repo.path)
    # 17 of 20 in each of two conflicts is 14 of 20 in both.
    assert found == {
        6: [(each, False)],
        15: [(whole, True), (each, False)],
        18: [(whole, True), (each, False)],
    }
    repo.merge(repo.commit(files, first), theirs, checkout=True)
    _, person = talk(repo, "2", "q")
    first_asked, _, then = " ".join(person.text.split()).partition("> ")
    assert (
        "and nothing of the other's = all of our file (drops 1 line of upstream's elsewhere)" in first_asked
    )
    assert "right in 18 of 20 past cases on this fork" in first_asked
    # Who decided on one conflict goes on one by one.
    assert "sides: ours where" in then and "the file of ours" not in then
    run_abort(repo.path)
    repo.merge(repo.commit(files, first), theirs, checkout=True)
    walk, _ = talk(repo, "1 we keep it")
    assert not walk.walk.left and (repo.path / "story.txt").read_bytes() == story(sides[0])
    report = run_continue(ContinueOptions(repo.path, TODAY))
    assert report.state == "merged" and "the whole file is the fork's (we keep it)" in repo.git(
        "log", "-1", "--format=%B"
    )


def test_a_habit_of_the_file_weighs_more_than_what_is_usual_on_the_fork(repo: Repo) -> None:
    def counted(by: str, scope: str, right: int) -> Row:
        return Row(by=by, scope=scope, cases=20, right=right, run=0, last=TODAY, on=False, why="for a test")

    ours, theirs = "sides: ours where both changed", "sides: theirs where both changed"
    rows = (
        counted(ours, "*", 6), counted(ours, "story.txt", 18),
        counted(theirs, "*", 14), counted(theirs, "story.txt", 4),
    )  # fmt: skip
    table = Table(measured=TODAY, head="0" * 40, syncfork=_version(), merges=30, rows=rows, form=FORM)
    texts = {
        path: [item.text for item in suggestions(clash_in(path), 0, (), table)[:2]]
        for path in ("story.txt", "other.txt")
    }
    assert texts == {"story.txt": ["ours\n", "theirs\n"], "other.txt": ["theirs\n", "ours\n"]}


def test_the_same_conflict_elsewhere_is_suggested_as_it_was_decided(repo: Repo) -> None:
    names = ("a.txt", "b.txt", "crlf.txt")
    conflict(
        repo,
        {name: ended(story(), name) for name in names},
        {name: ended(story({9: "ours"}), name) for name in names},
        {name: ended(story({9: "theirs"}), name) for name in names},
    )
    walk = opened(repo)
    assert walk.walk.current is not None and not suggested(walk, walk.walk.current)
    walk, _ = decide(walk, [walk.walk.current], Choice("text", "both\n", "edited", "it needs both"))
    # In another run, too; and only where the lines end alike.
    walk = opened(repo)
    assert walk.walk.current is not None
    [item] = suggested(walk, walk.walk.current)
    assert (item.text, item.by) == ("both\n", "you, in a.txt")
    assert item.why == "the same conflict, decided before in this merge: it needs both"
    walk = press(walk, "1")
    assert (repo.path / "b.txt").read_bytes() == story({9: "both"})
    assert walk.walk.current is not None and walk.walk.current.path == "crlf.txt"
    assert not suggested(walk, walk.walk.current)


def ended(content: bytes, name: str) -> bytes:
    return content.replace(b"\n", b"\r\n") if name.startswith("crlf") else content


def test_a_doubt_is_told_with_a_suggestion_however_often_it_was_right() -> None:
    clash = Clash("go(a, b)\n", "go(a, b, ready)\n", "go(ready, a, b)\n")
    file = Disputed("a.py", "contents", clash.base, clash.ours, clash.theirs, ("", clash, ""))
    row = Row(by="words: at odds", scope="*", cases=4, right=3, run=0, last=TODAY, on=False, why="for a test")
    table = Table(measured=TODAY, head="0" * 40, syncfork=_version(), merges=4, rows=(row,), form=FORM)
    [item] = [each for each in suggestions(file, 0, (), table) if each.by == row.by]
    assert (item.text, item.evidence) == (
        "go(ready, a, b, ready)\n",
        "right in 3 of 4 past cases on this fork",
    )
    assert item.doubt == "but one side's change may be meant for what the other wrote, too"
    # What is seldom right on any fork, or was seldom right on this one, is not worth reading.
    seldom = replace(table, rows=(replace(row, cases=40, right=4),))
    assert not any(each.by == row.by for known in (None, seldom) for each in suggestions(file, 0, (), known))


@pytest.mark.parametrize(
    ("ours", "theirs", "suggested"),
    [
        ("v = 1.3.0\n", "v = 1.4.0\n", [("v = 1.4.0\n", "pins: the higher version")]),
        ("v = 1.4.0\n", "v = 1.3.0\n", [("v = 1.4.0\n", "pins: the higher version")]),
        ("v =  1.2.0\n", "v = 2 * 3\n", [("v = 2 * 3\n", "spacing: ours changed nothing but the spacing")]),
        # That upstream only changed the spacing is less often all that there is to say.
        ("v = 2 * 3\n", "v =  1.2.0\n", []),
    ],
)
def test_a_side_is_suggested_on_a_fork_without_counts_where_that_is_likelier_right_than_wrong_on_others(
    ours: str, theirs: str, suggested: list[tuple[str, str]]
) -> None:
    clash = Clash("v = 1.2.0\n", ours, theirs)
    file = Disputed("a.ini", "contents", clash.base, clash.ours, clash.theirs, ("", clash, ""))
    sides = [(item.text, item.by) for item in suggestions(file, 0, ()) if item.text in (ours, theirs)]
    assert sides == suggested
    # Where it was counted and never right, it is none.
    row = Row(by="", scope="*", cases=9, right=0, run=0, last=TODAY, on=False, why="for a test")
    rows = tuple(replace(row, by=by) for _, by in suggested)
    table = Table(measured=TODAY, head="0" * 40, syncfork=_version(), merges=9, rows=rows, form=FORM)
    assert not [item for item in suggestions(file, 0, (), table) if (item.text, item.by) in suggested]


def clash_in(path: str) -> Disputed:
    clash = Clash("base\n", "ours\n", "theirs\n")
    return Disputed(path, "contents", "base\n", "ours\n", "theirs\n", ("", clash, ""))


def _version() -> str:
    from syncfork import __version__

    return __version__


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "lost"),
    [
        ("", "own\n", "a\nb\n", (2, 1)),
        ("", "a\n", "a\nb\n", (1, 0)),
        ("x\n", "ours\n", "theirs\n", (1, 1)),
        ("x\n", "x\nown\n", "y\n", (1, 1)),
        ("x\ny\n", "if a:\n  x\n\nz\n", "x2\ny\n", (1, 4)),
        ("x\n", "own\nboth\n", "both\nz\n", (1, 1)),
        ("x\ny\n", "", "x\ny\nz\n", (1, 0)),
        ("a\n", "a\na\n", "a\n", (0, 1)),
    ],
)
def test_what_a_side_alone_goes_without(base: str, ours: str, theirs: str, lost: tuple[int, int]) -> None:
    clash = Clash(base, ours, theirs)
    assert (dropped(clash, "ours"), dropped(clash, "theirs")) == lost


def test_a_suggestion_that_drops_what_the_fork_added_says_so(repo: Repo) -> None:
    conflict(
        repo,
        {"all.inc": "one\ntwo\n"},
        {"all.inc": "one\ntwo\nown\n"},
        {"all.inc": "one\ntwo\nthree\nfour\n"},
    )
    walk = opened(repo).walk
    assert walk.current and walk.current.marked
    theirs = Suggestion(walk.current.marked.clash.theirs, "sides", "")
    names = {"ours": "main", "theirs": "up"}
    view = View(walk.current, walk.files[0], (1, 1), names, suggestions=(theirs,))
    assert any("= theirs  drops 1 line that we added" in str(line) for line in shown(view, 100))


def test_of_a_file_that_both_sides_added_the_difference_is_shown(repo: Repo) -> None:
    conflict(repo, {"x": "1"}, {"new": numbered(40, {20: "ours"})}, {"new": numbered(40, {20: "theirs"})})
    walk = opened(repo).walk
    assert walk.current
    view = View(walk.current, walk.files[0], (1, 1), {"ours": "main", "theirs": "up"})
    told = [str(line) for line in shown(view, 200)]
    assert (
        "Each side has its own file of this name, without a merge base: - ours (main)  + theirs (up)" in told
    )
    assert "    -ours" in told and "    +theirs" in told and not any("line 5" in line for line in told)


def test_a_suggestion_is_taken_by_its_number(repo: Repo) -> None:
    conflict(
        repo,
        {"app.py": lines("import os", "port = 8080", "serve(port)")},
        {"app.py": lines("import os", "port = 9090", "serve(port)")},
        {"app.py": lines("import os", "port = 8080  # the default", "serve(port)")},
    )
    walk = press(opened(repo), "1")
    assert (repo.path / "app.py").read_bytes() == lines(
        "import os", "port = 9090  # the default", "serve(port)"
    )
    [choice] = walk.decided.landed.values()
    assert run_continue(ContinueOptions(repo.path, TODAY)).state == "merged"
    assert f"done: by hand: as suggested ({choice.by})\n" in repo.git("log", "-1", "--format=%B")


# The conversation, without a terminal


@dataclass
class Scripted:
    """A person whose answers are known; `shown` is what they saw, `edits` what comes out of their editor."""

    answers: list[str]
    edits: list[Any] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    width: int = 100

    def ask(self, words: str) -> str | None:
        self.shown.append(words)
        return self.answers.pop(0) if self.answers else None

    def say(self, lines: Iterable[Any]) -> None:
        self.shown += list(written(lines, self.width))

    def edit(self, text: str, name: str) -> str:
        self.shown.append(f"editor: {name}\n{text}")
        made = self.edits.pop(0)
        if isinstance(made, SyncforkError):
            raise made
        return str(made(text) if callable(made) else made)

    @property
    def text(self) -> str:
        return "\n".join(self.shown)


def written(found: Iterable[Any], width: int, **how: Any) -> Iterator[str]:
    import io

    from rich.console import Console

    for item in found:
        out = io.StringIO()
        Console(file=out, width=width, highlight=False, markup=False, emoji=False, **how).print(item)
        yield out.getvalue()


def talk(repo: Repo, *answers: str, edits: Iterable[Any] = (), width: int = 100) -> tuple[Opened, Scripted]:
    person = Scripted(list(answers), list(edits), width=width)
    return walk_through(opened(repo), person), person


def remembered(repo: Repo) -> dict[str, str]:
    """What the commit remembers: reasons by result."""
    from syncfork.resolve.resolution import Resolution
    from syncfork.resolve.written import read_resolution

    found = {}
    for path, (_, content) in repo.files("HEAD").items():
        if path.startswith(".syncfork/resolutions/"):
            resolution = read_resolution(path, content)
            assert isinstance(resolution, Resolution)
            found[resolution.result or ""] = resolution.reason
    return found


def test_reasons_are_remembered_with_decisions_and_some_decisions_are_not(two: Repo) -> None:
    _, person = talk(two, "o we count ourselves", "n", "t for this once")
    assert "will not be remembered" in person.text
    report = run_continue(ContinueOptions(two.path, TODAY, reason="for all others"))
    assert report.state == "merged"
    assert remembered(two) == {"our nine\n": "we count ourselves"}
    assert not any("not remembered" in warning for warning in report.warnings)


@pytest.mark.parametrize(
    "answers", [("n", "o a secret", "o in the open"), ("o in the open", "n", "o a secret")]
)
def test_of_two_conflicts_that_are_alike_one_can_be_remembered(twins: Repo, answers: tuple[str, ...]) -> None:
    talk(twins, *answers)
    run_continue(ContinueOptions(twins.path, TODAY, reason="for all others"))
    assert remembered(twins) == {"port 2\n": "in the open"}


def test_what_is_changed_after_it_was_decided_is_remembered_as_it_is(two: Repo) -> None:
    talk(two, "n", "o", "t for a reason")
    two.path.joinpath("story.txt").write_bytes(story({9: "our nine", 30: "changed my mind"}))
    two.git("add", "story.txt")
    run_continue(ContinueOptions(two.path, TODAY, reason="afterwards"))
    assert remembered(two) == {"changed my mind\n": "afterwards"}


@pytest.fixture
def more(repo: Repo) -> Repo:
    """Two conflicts in one file, in which both sides changed something else as well."""
    return conflict(
        repo,
        {"story.txt": story()},
        {"story.txt": story({3: "ours alone", 9: "our nine", 30: "our thirty"})},
        {"story.txt": story({9: "their nine", 20: "theirs alone", 30: "their thirty", 38: "theirs too"})},
    )


def test_a_star_decides_on_all_conflicts_of_the_file_each_with_its_own_text(more: Repo) -> None:
    walk, person = talk(more, "t* we follow them")
    assert "o* t* b* so in all 2 left in this file" in " ".join(person.text.split())
    want = {3: "ours alone", 9: "their nine", 20: "theirs alone", 30: "their thirty", 38: "theirs too"}
    assert (more.path / "story.txt").read_bytes() == story(want)
    assert {choice.reason for choice in walk.decided.landed.values()} == {"we follow them"}
    run_continue(ContinueOptions(more.path, TODAY))
    assert remembered(more) == {"their nine\n": "we follow them", "their thirty\n": "we follow them"}


def test_a_star_is_for_what_is_left_of_the_file(more: Repo) -> None:
    talk(more, "o", "s")
    _, person = talk(more, "b*")
    assert "left in this file" not in person.text.partition("> ")[0]
    assert b"our nine\nline 10" in (more.path / "story.txt").read_bytes()
    assert b"our thirty\ntheir thirty\n" in (more.path / "story.txt").read_bytes()


@pytest.mark.parametrize(
    ("key", "want", "gone", "told"),
    [
        ("O", {3: "ours alone", 9: "our nine", 30: "our thirty"}, "upstream's changes in 2 other places of story.txt go",
         "the whole file is the fork's (it is all the same to us); upstream's side in 2 conflicts and 2 changes beside, first `theirs alone`"),
        ("T", {9: "their nine", 20: "theirs alone", 30: "their thirty", 38: "theirs too"},
         "the fork's changes in 1 other place of story.txt go",
         "the whole file is upstream's (it is all the same to us); the fork's side in 2 conflicts and 1 change beside, first `ours alone`"),
    ],
)  # fmt: skip
def test_a_file_with_conflicts_is_taken_as_a_whole_and_what_goes_with_it_is_told(
    more: Repo, key: str, want: dict[int, str], gone: str, told: str
) -> None:
    walk, person = talk(more, f"{key} it is all the same to us")
    before = {
        "O": "O all of our file (drops 2 lines of upstream's elsewhere)",
        "T": "T all of theirs (drops 1 line of ours elsewhere)",
    }[key]
    assert before in " ".join(person.text.partition("> ")[0].split())
    assert gone in person.text and not walk.walk.left
    assert (more.path / "story.txt").read_bytes() == story(want)
    report = run_continue(ContinueOptions(more.path, TODAY))
    assert report.state == "merged"
    assert (
        told in more.git("log", "-1", "--format=%B")
        and more.git("log", "-1", "--format=%B").count("story.txt: dropped") == 1
    )
    assert [warning for warning in report.warnings if "story.txt, decided as a whole" in warning]
    assert remembered(more) == {}


@pytest.mark.parametrize(
    ("old", "new", "drops"),
    [
        (b"line 20\n", b"line 20\none\n\nthree\n", " (drops 3 lines of ours elsewhere)"),
        (b"line 20\nline 21\n", b"", " (drops 1 change of ours elsewhere)"),
        (b"line 20\n", b"line 20\n", ""),
    ],
)
def test_a_whole_file_says_how_many_lines_go_beside_its_conflicts(
    repo: Repo, old: bytes, new: bytes, drops: str
) -> None:
    ours = story({9: "our nine"}).replace(old, new)
    conflict(repo, {"a": story()}, {"a": ours}, {"a": story({9: "their nine"})})
    _, person = talk(repo, "q")
    shown = " ".join(person.text.split())
    assert f"O all of our file T all of theirs{drops} e edit" in shown


def test_a_file_taken_as_a_whole_and_edited_since_is_told_place_by_place(more: Repo) -> None:
    talk(more, "O")
    path = more.path / "story.txt"
    path.write_text(path.read_text().replace("line 15\n", "edited\n"))
    more.git("add", "story.txt")
    report = run_continue(ContinueOptions(more.path, TODAY))
    assert report.state == "in progress" and "theirs alone" in str([f.message for f in report.breakages()])


def test_a_whole_file_takes_the_place_of_what_was_decided_in_it(more: Repo) -> None:
    talk(more, "t", "q")
    talk(more, "O")
    assert (more.path / "story.txt").read_bytes() == story({3: "ours alone", 9: "our nine", 30: "our thirty"})


def test_a_file_that_a_person_edited_is_not_taken_as_a_whole(more: Repo) -> None:
    path = more.path / "story.txt"
    path.write_text(path.read_text().replace("line 15\n", "edited\n"))
    walk, person = talk(more, "O", "q")
    assert "O does nothing here" in person.text and "all of our file" not in person.text
    assert "edited" in path.read_text() and len(walk.walk.left) == 2


def test_a_whole_file_that_was_brought_back_and_resolved_by_hand_is_remembered_so(more: Repo) -> None:
    talk(more, "n", "O")
    more.git("checkout", "--merge", "--", "story.txt")
    made = story({3: "ours alone", 9: "by hand", 20: "theirs alone", 30: "their thirty", 38: "theirs too"})
    (more.path / "story.txt").write_bytes(made)
    more.git("add", "story.txt")
    report = run_continue(ContinueOptions(more.path, TODAY))
    assert report.state == "merged" and not [w for w in report.warnings if "as a whole" in w]
    assert sorted(remembered(more)) == ["by hand\n", "their thirty\n"]


def test_conflicts_taken_out_by_hand_and_taken_as_they_are_are_remembered(two: Repo) -> None:
    (two.path / "story.txt").write_bytes(story({9: "by hand", 30: "their thirty"}))
    talk(two, "a")
    report = run_continue(ContinueOptions(two.path, TODAY))
    assert sorted(remembered(two)) == ["by hand\n", "their thirty\n"] and not report.warnings


def test_a_whole_file_takes_back_what_was_decided_in_it_for_other_files_too(repo: Repo) -> None:
    ours, theirs = {9: "our nine", 30: "our thirty"}, {9: "their nine", 30: "their thirty"}
    base = {"a.txt": story(), "z.txt": story()}
    conflict(
        repo,
        base,
        {"a.txt": story(ours), "z.txt": story({9: "our nine"})},
        {"a.txt": story(theirs), "z.txt": story({9: "their nine"})},
    )
    talk(repo, "t", "q")
    walk, person = talk(repo, "O", "q")
    assert "you, in a.txt" not in person.text and len(walk.walk.left) == 1


def test_a_rule_can_be_made_where_memory_answered_in_another_file(repo: Repo) -> None:
    base, ours, theirs = (
        {name: story({9: f"{side} nine {name}"}) for name in ("a.txt", "z.txt")}
        for side in ("", "our", "their")
    )
    conflict(repo, base, ours, theirs)
    began = repo.git("rev-parse", "HEAD", "MERGE_HEAD").split()
    talk(repo, "o", "o")
    run_continue(ContinueOptions(repo.path, TODAY))
    kept = {p: c for p, (_, c) in repo.files("HEAD").items() if p.startswith(".syncfork/resolutions/a.txt")}
    assert len(kept) == 1
    repo.checkout("main", repo.commit(dict(kept), began[0]))
    assert repo.syncfork("merge", began[1]).code == 1
    walk, person = talk(repo, "r O", "z is ours, and we wrote it anew", "w")
    assert "would bring a conflict" not in person.text and not walk.walk.left
    assert run_continue(ContinueOptions(repo.path, TODAY)).state == "merged"


def test_what_memory_had_answered_in_a_file_that_is_taken_whole_is_not_told_as_done(two: Repo) -> None:
    began = two.git("rev-parse", "HEAD", "MERGE_HEAD").split()
    talk(two, "o", "o")
    run_continue(ContinueOptions(two.path, TODAY))
    kept = {
        p: c for p, (_, c) in two.files("HEAD").items() if p.startswith(".syncfork/") and b"our nine" in c
    }
    assert len(kept) == 1
    two.checkout("main", two.commit(dict(kept), began[0]))
    assert two.syncfork("merge", began[1]).code == 1
    assert "memory" in (two.path / ".git/MERGE_MSG").read_text()
    talk(two, "T we follow them here")
    assert run_continue(ContinueOptions(two.path, TODAY)).state == "merged"
    message = two.git("log", "-1", "--format=%B")
    assert "done: by hand" in message and "memory" not in message and "(we follow them here)" in message


def test_a_file_that_a_side_renamed_is_not_taken_as_a_whole(repo: Repo) -> None:
    ours = {"a.txt": None, "b.txt": story({3: "ours alone", 9: "our nine"})}
    conflict(repo, {"a.txt": story()}, ours, {"a.txt": story({9: "their nine"})})
    _, person = talk(repo, "T", "q")
    assert "T does nothing here" in person.text and "all of theirs" not in person.text


def test_a_whole_file_is_made_a_rule_and_one_conflict_of_many_is_not(more: Repo) -> None:
    why = "we wrote it anew and look at theirs by hand"
    walk, person = talk(more, "r o*", "r O", why, "w")
    assert "a rule is made of one conflict, or of the whole file" in person.text
    assert not walk.walk.left and "the path stays ours" in person.text
    report = run_continue(ContinueOptions(more.path, TODAY))
    assert report.state == "merged", report.findings
    [rule] = [path for path in more.files("HEAD") if path.startswith(".syncfork/rules/")]
    assert "own: ours" in more.read("HEAD", rule).decode()
    message = more.git("log", "-1", "--format=%B")
    assert "By hand, for the reviewer to confirm" not in message and "done: by hand" not in message
    assert "done: rule ours-story-txt" in message
    base = more.git("rev-parse", "HEAD^2")
    more.branch("upstream", more.commit({"story.txt": story({5: "again"})}, base))
    merged = more.syncfork("merge", "upstream")
    assert merged.code == 0 and why in more.git("log", "-1", "--format=%B"), merged.out
    assert more.read("HEAD", "story.txt") == story({3: "ours alone", 9: "our nine", 30: "our thirty"})


def test_the_editor_gets_all_three_sides_and_what_comes_out_is_taken(two: Repo) -> None:
    before = "<<<<<<< ours\nour nine\n||||||| merge base\nline 9\n=======\ntheir nine\n>>>>>>> theirs\n"
    walk, person = talk(two, "e we agreed", "o", edits=["nine, agreed"])
    assert f"editor: story.txt\n{before}" in person.text
    assert (two.path / "story.txt").read_bytes() == story({9: "nine, agreed", 30: "our thirty"})
    assert "we agreed" in {choice.reason for choice in walk.decided.landed.values()}


def test_what_the_editor_leaves_undone_is_not_taken(two: Repo) -> None:
    broken = SyncforkError("the editor ended with exit code 1", "nothing of it was taken")
    walk, person = talk(two, "e", "e", "q", edits=[lambda text: text, broken])
    assert "a conflict marker was left in" in person.text
    assert "the editor ended with exit code 1" in person.text
    assert len(walk.walk.left) == 2


def test_where_the_merge_counted_the_same_nothing_is_said_of_it(two: Repo) -> None:
    _, person = talk(two, "o", "q")
    assert "the merge counted" not in person.text
    _, person = talk(two, "q")
    assert "[2/2]" in person.text and "the merge counted" not in person.text


def test_skipped_ones_are_left_and_the_end_of_input_stops(two: Repo) -> None:
    walk, _ = talk(two, "s", "o")
    assert [step.marked.clash.ours for step in walk.walk.left if step.marked] == ["our nine\n"]
    walk, _ = talk(two)
    assert len(walk.walk.left) == 1


def test_other_keys_are_told_and_decide_nothing(two: Repo) -> None:
    walk, person = talk(two, "ours", "", "9", "d", "a", "x", "?", "q")
    assert "one key, then perhaps a reason" in person.text
    for key in "9dax":
        assert f"{key} does nothing here" in person.text
    assert "edit the conflict in your editor" in person.text
    assert len(walk.walk.left) == 2


def test_long_conflicts_are_cut_until_they_are_asked_for(repo: Repo) -> None:
    long = [f"theirs {n}" for n in range(200)]
    conflict(repo, {"f": lines("a", "b")}, {"f": lines("a", "ours")}, {"f": lines("a", *long)})
    _, person = talk(repo, "q")
    assert "theirs 199" not in person.text
    assert "more lines: v shows all" in person.text
    _, person = talk(repo, "v", "q")
    assert "theirs 199" in person.text


def test_what_has_no_markers_is_shown_with_what_each_side_made_of_it(repo: Repo) -> None:
    old = {f"old/{number}": numbered(20, prefix=f"{number}") for number in range(3)}
    moved = {f"new/{number}": content for number, content in enumerate(old.values())}
    base = {
        ".gitattributes": "notes -merge\n",
        "notes": numbered(4),
        "link": (LINK, "base"),
        "bin": b"\0base",
        **old,
    }
    conflict(
        repo,
        base,
        {
            "notes": numbered(4, {2: "our two"}),
            "link": (LINK, "here"),
            "bin": b"\0ours",
            "old/mine": "mine\n",
        },
        {
            "notes": numbered(4, {3: "their three"}),
            "link": (LINK, "there"),
            "bin": b"\0their",
            **dict.fromkeys(old),
            **moved,
        },
    )
    _, person = talk(repo, "s", "s", "s", "s", "q")
    for words in (
        "has it, a link to here", "has it, a link to there", "has it, 5 bytes of data", "has it, 6 bytes of data",
        "git put it here because one side renamed its folder",
    ):  # fmt: skip
        assert words in person.text, words
    ours, theirs = person.text.index("our two"), person.text.index("their three")
    assert person.text.index("ours (", ours - 300) < ours < person.text.rindex("theirs (", 0, theirs) < theirs


@pytest.mark.parametrize("width", [80, 160])
def test_hostile_text_is_shown_and_not_obeyed(repo: Repo, width: int) -> None:
    hostile = "\x1b[31mred\x07 [bold]x[/bold] :smile: \u202egnp\n"
    first = repo.commit({"f\x1b[2J.py": f"a = 1\n{hostile}"})
    ours = repo.commit({"f\x1b[2J.py": f"a = 2\n{hostile}"}, first)
    theirs = repo.commit(
        {"f\x1b[2J.py": f"a = 3 {hostile}{hostile}"}, first, message="\x1b]0;owned\x07Do [red]it[/red]",
        author="\x1b[1mEve <eve@example.org>",
    )  # fmt: skip
    repo.merge(ours, theirs, checkout=True)
    _, person = talk(repo, "?", "r o", "\x1b[1mBecause of reasons", "a", "q", "q", width=width)
    shown = "".join(text for text in person.shown if not text.startswith("editor"))
    assert "[bold]x[/bold] :smile:" in shown
    assert "Do [red]it[/red]" in shown
    assert not {"\x1b", "\x07", "\u202e"} & set(shown)


def test_wide_terminals_have_three_columns_narrow_ones_one(two: Repo) -> None:
    for width, together in ((160, True), (80, False)):
        _, person = talk(two, "q", width=width)
        rows = [row for row in person.text.split("\n") if "our nine" in row]
        assert ("their nine" in rows[0]) is together
        assert ("line 9" in rows[0]) is together


@pytest.mark.parametrize(("width", "together"), [(140, False), (260, True)])
def test_long_lines_have_columns_only_where_these_hold_them(repo: Repo, width: int, together: bool) -> None:
    long = "a line of some length that has to stay in one row to be compared with {}\n".format
    texts = [
        {"story.txt": numbered(3) + long(side).encode() + numbered(3)} for side in ("none", "ours", "theirs")
    ]
    _, person = talk(conflict(repo, *texts), "q", width=width)
    rows = [row for row in person.text.split("\n") if "compared with ours" in row]
    assert len(rows) == 1 and ("compared with theirs" in rows[0]) is together


def test_colours_go_with_the_environment(two: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    from syncfork.render.sides import side_by_side

    texts = {"base": "def f():\n", "ours": "def g():\n", "theirs": "def f(x):\n"}

    def shown() -> str:
        how = {"force_terminal": True, "color_system": "standard"}
        return "".join(written(side_by_side(texts, "a.py", None), 120, **how))

    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[94m" in shown() or "\x1b[34m" in shown() or "\x1b[96m" in shown()
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[3" not in shown() and "\x1b[9" not in shown()


# Rules


def rules_in(repo: Repo, revision: str = "") -> dict[str, str]:
    """The rule files of the index, by name."""
    names = [name for name in repo.git("ls-files", ".syncfork/rules").split("\n") if name.endswith(".yml")]
    return {name: repo.git("show", f"{revision}:{name}") for name in names}


WHY = "Because our readers expect it."


def next_sync(repo: Repo, theirs: str, changes: Changes) -> Any:
    """Upstream goes on, and the fork, which has finished the merge, merges it."""
    fork = repo.git("rev-parse", "HEAD")
    repo.trees[fork] = {
        name.encode(): (mode, repo.write("blob", content))
        for name, (mode, content) in repo.files(fork).items()
    }
    upstream = repo.commit(changes, theirs)
    return repo.merge(fork, upstream, checkout=True)


def test_a_conflict_that_is_the_whole_file_is_made_a_rule_of_the_file(repo: Repo) -> None:
    conflict(repo, {"quote.txt": "base\n"}, {"quote.txt": "ours\n"}, {"quote.txt": "theirs\n"})
    _, person = talk(repo, "r o", WHY, "w", "q")
    [(_, rule)] = rules_in(repo).items()
    assert "own: ours" in rule and "the path stays ours" in person.text


def test_a_blank_line_beside_a_region_is_named_as_such(repo: Repo) -> None:
    base = around("on:", "a", "")
    conflict(repo, {"f": base}, {"f": around("on:", "ours x", "")}, {"f": around("on:", "theirs y", "")})
    _, person = talk(repo, "r o", WHY, "q", "q")
    assert "what stands between 'on:' and a blank line stays" in " ".join(person.text.split())


@dataclass(frozen=True)
class Ruled:
    """A conflict, the key (or text) chosen, and upstream's next change with what the merge is to make of it."""

    base: bytes
    ours: bytes
    theirs: bytes
    key: str
    kind: str
    later: bytes
    merged: bytes
    edit: str = ""


HEAD, TAIL = [f"head {n}" for n in range(6)], [f"tail {n}" for n in range(6)]


def around(*middle: str) -> bytes:
    return lines(*HEAD, *middle, *TAIL)


CASES = {
    "a value": Ruled(
        around("port = 8080"), around("port = 9090"), around("port = 8080  # default"), "e", "value",
        around("port = 8080  # the default"), around("port = 9090  # the default"), "port = 9090  # default\n",
    ),
    "lines added": Ruled(
        around("use os", "use re"), around("use os", "use ours", "use re"), around("use os", "use theirs", "use re"),
        "b", "carry",
        around("use os", "use others", "use re"), around("use os", "use ours", "use others", "use re"),
    ),
    "lines taken out": Ruled(
        around("nag()"), around(), around("nag(twice)", "greet()"), "e", "without",
        around("nag(twice)", "greet(all)"), around("greet(all)"), "greet()\n",
    ),
    "another text": Ruled(
        around("colour = red"), around("colour = blue"), around("colour = pink"), "e", "replace",
        around("colour = pink", "size = 3"), around("colour = violet", "size = 3"), "colour = violet\n",
    ),
    "ours, whatever comes": Ruled(
        around("limit = 1"), around("limit = 5"), around("limit = 2"), "o", "keep",
        around("limit = 3"), around("limit = 5"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_rule_resolves_the_next_sync_alone_and_says_why(repo: Repo, name: str) -> None:
    case = CASES[name]
    known = rule_files("id: other\nfiles: [none.txt]\nown: ours", folder=".syncfork/rules")
    first = repo.commit({**known, "app.py": case.base})
    ours, theirs = repo.commit({"app.py": case.ours}, first), repo.commit({"app.py": case.theirs}, first)
    repo.merge(ours, theirs, checkout=True)
    edits = [case.edit] if case.edit else []
    _, person = talk(repo, f"r {case.key}", WHY, "w", edits=edits)
    assert "with it this merge comes to what you chose" in person.text
    [(file, text)] = [item for item in rules_in(repo).items() if "rule-1" not in item[0]]
    assert f"/{case.kind}-" in file
    assert "cases:" in text and "before:" in text and WHY in text
    assert repo.syncfork("rules", "test").code == 0
    report = run_continue(ContinueOptions(repo.path, TODAY))
    assert report.state == "merged", report
    told = repo.git("log", "-1", "--format=%B")
    assert f"  done: rule {case.kind}-" in told
    assert "by hand" not in told.lower()
    # What the rule says is not remembered beside it.
    assert report.remembered == ()
    later = next_sync(repo, theirs, {"app.py": case.later})
    assert later.state == "merged", (later.conflicts, later.findings)
    assert (repo.path / "app.py").read_bytes() == case.merged
    [item] = [item for item in later.rules if item.path == "app.py"]
    assert (item.outcome, item.why) == ("applied", WHY)
    assert WHY in " ".join(repo.git("log", "-1", "--format=%B").split())


@pytest.mark.parametrize(("key", "own", "there"), [("o", "absent", False), ("t", "theirs", True)])
def test_a_path_can_be_a_rule(repo: Repo, key: str, own: str, there: bool) -> None:
    first = repo.commit({"old[1].txt": "1\n", "old1.txt": "kept\n"})
    ours, theirs = repo.commit({"old[1].txt": None}, first), repo.commit({"old[1].txt": "2\n"}, first)
    repo.merge(ours, theirs, checkout=True)
    talk(repo, f"r {key}", WHY, "w")
    [text] = rules_in(repo).values()
    assert f"own: {own}" in text
    assert repo.git("show", ":syncfork.toml") == 'rules = ".syncfork/rules"'
    assert run_continue(ContinueOptions(repo.path, TODAY)).state == "merged"
    told = repo.git("log", "-1", "--format=%B")
    assert "  done: rule " in told and "by hand" not in told.lower()
    later = next_sync(repo, theirs, {"old[1].txt": "3\n"})
    assert later.state == "merged"
    assert (repo.path / "old[1].txt").exists() is there
    assert (repo.path / "old1.txt").read_text() == "kept\n"


def test_what_was_changed_after_the_rule_was_written_is_told_as_done_by_hand(repo: Repo) -> None:
    case = CASES["ours, whatever comes"]
    first = repo.commit({"app.py": case.base})
    ours, theirs = repo.commit({"app.py": case.ours}, first), repo.commit({"app.py": case.theirs}, first)
    repo.merge(ours, theirs, checkout=True)
    talk(repo, "r o", WHY, "w")
    (repo.path / "app.py").write_bytes(case.theirs)
    repo.git("add", "app.py")
    assert run_continue(ContinueOptions(repo.path, TODAY)).state == "merged"
    told = repo.git("log", "-1", "--format=%B")
    assert "  done: by hand\n" in told and "done: rule" not in told
    assert "dropped by hand: the fork's side" in told


@pytest.mark.parametrize(
    "answers", [("r", "q"), ("r", ""), ("r o", "q"), ("r o", WHY, "q"), ("r o", WHY, "")]
)
def test_q_leaves_a_rule_at_any_of_its_questions(two: Repo, answers: tuple[str, ...]) -> None:
    _, person = talk(two, *answers, "t", "q")
    assert "no rule was written; this conflict is still to be decided" in person.text
    assert "[2/2]" in person.text
    assert rules_in(two) == {}


@pytest.mark.parametrize(
    ("old", "new", "about"),
    [("port", "our_port", "'port' becomes 'our_port'"), ("a\nb\n", "c\n", "'a' and 1 more line becomes 'c'"), ("", ", run=False", "', run=False' is put in"),
     (" ", ", ", "',' is put in"), ("--fast", "", "'--fast' is taken out")],
)  # fmt: skip
def test_a_rule_is_told_in_words(old: str, new: str, about: str) -> None:
    assert becomes(old, new) == about


def test_a_rule_that_is_not_right_is_not_written_and_it_says_why(two: Repo) -> None:
    other = f"id: mine\nwhy: {WHY}\nfiles: [story.txt]\nrewrite: [{{replace: {{literal: their nine}}, with: WRONG}}]\n"
    fails = other.replace("WRONG", "our nine") + "cases: [{before: 'x', after: 'y'}]\n"
    elsewhere = other.replace("their nine", "their thirty").replace("WRONG", "our thirty")
    twice = other.replace("their nine", "no such text")
    _, person = talk(
        two, "r o", WHY, "e", "e", "e", "e", "e", "", "q",
        edits=[fails, other, elsewhere, twice, "id: mine\nfiles: 3\n"],
    )  # fmt: skip
    assert "its case 'case 1' fails" in person.text
    assert person.text.count("not so: ") == 4
    assert "with it, the merge does not come to what you chose" in person.text
    assert "it would be withheld in story.txt" in person.text
    assert "expected a list" in person.text
    assert rules_in(two) == {}
    assert len(two.stages()["story.txt"]) == 3


def test_an_edited_rule_is_written_as_edited(two: Repo) -> None:
    talk(
        two, "r o", WHY, "e", "w", "o",
        edits=[lambda text: text.replace("id: keep", "id: my-own-keep").replace("id: replace", "id: my-own-replace")],
    )  # fmt: skip
    [(name, text)] = rules_in(two).items()
    assert name.startswith(".syncfork/rules/my-own-")
    assert text.startswith("id: my-own-")


def test_abort_takes_a_rule_back_that_was_written_on_the_way(repo: Repo) -> None:
    first = repo.commit({"old.txt": "1\n", "f": "1\n"})
    ours = repo.commit({"old.txt": None, "f": "o\n"}, first)
    repo.merge(ours, repo.commit({"old.txt": "2\n", "f": "t\n"}, first), checkout=True)
    _, person = talk(repo, "s", "r o", WHY, "w")
    assert "rule written: " in person.text
    run_abort(repo.path)
    assert repo.git("status", "--porcelain", "--untracked-files=all") == ""
    assert repo.git("rev-parse", "HEAD") == ours
    assert not (repo.path / "syncfork.toml").exists()


def test_no_rule_for_what_is_no_text(repo: Repo) -> None:
    conflict(repo, {"f": b"\xff\n2\n"}, {"f": b"\xff\no\n"}, {"f": b"\xff\nt\n"})
    _, person = talk(repo, "r o", "q")
    assert "no rule, of the kinds that are made here, comes to this choice" in person.text
    assert "Why?" not in person.text


def test_a_reason_that_is_too_short_is_asked_for_again(two: Repo) -> None:
    _, person = talk(two, "r o", "mine", WHY, "w", "t")
    assert "a rule wants a reason of 10 characters or more" in person.text
    assert len(rules_in(two)) == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('branch = "x-{date}"\n\n[budgets]\ndays = 3\n', 'rules = ".syncfork/rules"\nbranch = "x-{date}"\n\n[budgets]\ndays = 3\n'),
        ('rules = ""\n', 'rules = ""\n'),
    ],
)  # fmt: skip
def test_the_folder_of_rules_is_named_in_the_configuration(repo: Repo, before: str, after: str) -> None:
    conflict(repo, {"a.txt": "1\n", "syncfork.toml": before}, {"a.txt": None}, {"a.txt": "2\n"})
    _, person = talk(repo, "r o", WHY, "w")
    assert (repo.path / "syncfork.toml").read_text() == after
    assert ("put this at the top of syncfork.toml" in person.text) is (before == after)


def test_a_configuration_that_was_changed_by_hand_is_left_to_the_person(repo: Repo) -> None:
    conflict(repo, {"a.txt": "1\n", "syncfork.toml": ""}, {"a.txt": None}, {"a.txt": "2\n"})
    (repo.path / "syncfork.toml").write_text('upstream = "x/y"\n')
    _, person = talk(repo, "r o", WHY, "w")
    assert (repo.path / "syncfork.toml").read_text() == 'upstream = "x/y"\n'
    assert "put this at the top of syncfork.toml" in person.text


def test_a_link_in_the_folder_s_place_does_not_lead_out_of_the_fork(repo: Repo) -> None:
    conflict(repo, {"a.txt": "1\n", ".syncfork": (LINK, "..")}, {"a.txt": None}, {"a.txt": "2\n"})
    walk, person = talk(repo, "r o", WHY, "w", "q")
    assert ".syncfork is not a folder" in person.text
    assert not (repo.path.parent / "rules").exists()
    assert len(walk.walk.left) == 1


# The verb


def test_without_a_merge_or_without_a_terminal_it_is_refused(repo: Repo) -> None:
    repo.checkout("main", repo.commit({"a": "a\n"}))
    done = repo.syncfork("resolve")
    assert done.code == 2
    assert "no syncfork merge is in progress" in done.err
    assert "syncfork merge" in done.err


def test_off_a_terminal_it_tells_the_other_way(two: Repo) -> None:
    before = two.stages()
    done = two.syncfork("resolve")
    assert done.code == 2
    assert "there is no terminal" in done.err
    assert "`git add` them, then `syncfork continue`" in done.err
    assert two.stages() == before


def test_after_a_commit_by_hand_there_is_nothing_to_resolve(two: Repo) -> None:
    two.git("checkout", "--ours", "story.txt")
    two.git("commit", "-qam", "By hand")
    assert "you went on without syncfork" in refused(two)


def test_what_cannot_be_read_of_earlier_decisions_is_forgotten(two: Repo) -> None:
    press(opened(two), "o")
    path = two.git_dir / "syncfork" / "resolve.json"
    data = json.loads(path.read_text())
    for damaged in ("{", json.dumps({**data, "choices": [["a"]]}), json.dumps({**data, "tree": "0" * 40})):
        path.write_text(damaged)
        assert len(opened(two).walk.left) == 2


def test_a_file_that_git_passes_over_when_it_removes_many_is_told(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [f"d/{n}" for n in range(3)]
    conflict(repo, dict.fromkeys(paths, b"1\n"), dict.fromkeys(paths), dict.fromkeys(paths, b"2\n"))
    run = Git.run

    def one_stays(git: Git, *arguments: str, **more: Any) -> bytes:
        out = run(git, *arguments, **more)
        if arguments[0] == "rm":
            (repo.path / "d").mkdir()
            (repo.path / "d/1").write_bytes(b"2\n")
        return out

    monkeypatch.setattr(Git, "run", one_stays)
    walk = opened(repo)
    [step, *others] = walk.walk.steps
    with pytest.raises(SyncforkError) as error:
        decide(walk, [step, *others], keys_of(walk, step)["d"])
    assert error.value.problem == "git could not remove d/1"


def test_what_is_checked_out_of_a_submodule_stays_when_it_is_deleted(repo: Repo) -> None:
    paths = [f"d/{n}" for n in range(3)]
    base, new = (dict.fromkeys(paths, (SUBMODULE, commit * 40)) for commit in "12")
    conflict(repo, {**base, "f": b"1\n"}, dict.fromkeys(paths), new)
    (repo.path / "d/1").mkdir(parents=True, exist_ok=True)
    (repo.path / "d/1/work").write_bytes(b"not committed\n")
    walk = opened(repo)
    [step, *_] = walk.walk.steps
    decide(walk, walk.walk.like(step), keys_of(walk, step)["d"])
    assert repo.stages() == {} and repo.git("ls-files") == "f"
    assert [path.name for path in (repo.path / "d").rglob("*")] == ["1", "work"]


@pytest.mark.parametrize("checked_out", [False, True])
@pytest.mark.parametrize("edited", [False, True])
def test_a_submodule_is_deleted_whatever_became_of_gitmodules(
    repo: Repo, checked_out: bool, edited: bool
) -> None:
    def modules(*names: str) -> str:
        return "".join(f'[submodule "{name}"]\n\tpath = {name}\n\turl = https://x/{name}\n' for name in names)

    base = {".gitmodules": modules("a", "b"), "b": (SUBMODULE, "1" * 40)}
    theirs = {".gitmodules": modules("a", "b").replace("/b", "/new"), "b": (SUBMODULE, "2" * 40)}
    conflict(repo, base, {".gitmodules": modules("a"), "b": None}, theirs)
    if checked_out:
        (repo.path / "b").mkdir(exist_ok=True)
    elif (repo.path / "b").exists():
        (repo.path / "b").rmdir()
    if edited:
        press(opened(repo), "t")
        (repo.path / ".gitmodules").write_text(modules("c"))
    walk = opened(repo)
    [step] = [step for step in walk.walk.steps if step.path == "b"]
    decide(walk, [step], keys_of(walk, step)["d"])
    assert list(repo.stages()) == ([] if edited else [".gitmodules"])
    assert not (repo.path / "b").exists()
    if not edited:
        press(opened(repo), "o")
        assert (repo.path / ".gitmodules").read_text() == modules("a")


@pytest.mark.parametrize("made", [b"a file\n", (LINK, b"nowhere")])
def test_a_file_or_link_that_upstream_made_of_a_submodule_is_deleted(repo: Repo, made: Change) -> None:
    base = {"d/b": (SUBMODULE, "1" * 40), "f": b"1\n"}
    conflict(repo, base, {"d/b": None}, {"d/b": made, "f": b"2\n"})
    press(opened(repo), "d")
    assert repo.stages() == {} and repo.git("ls-files") == "f" and not (repo.path / "d").exists()


def test_what_cannot_be_written_stays_a_conflict(repo: Repo) -> None:
    paths = ["a.bin", "b.bin"]
    base = {".gitattributes": "*.bin filter=far\n", **dict.fromkeys(paths, b"1\n")}
    conflict(repo, base, dict.fromkeys(paths), dict.fromkeys(paths, b"2\n"))
    for path in paths:
        (repo.path / path).write_bytes(b"mine\n")
    for name, value in (("clean", "cat"), ("smudge", "false"), ("required", "true")):
        repo.git("config", f"filter.far.{name}", value)
    stages = repo.stages()
    walk = opened(repo)
    [step, *others] = walk.walk.steps
    with pytest.raises(SyncforkError, match=r"git could not write a\.bin, b\.bin"):
        decide(walk, [step, *others], keys_of(walk, step)["t"])
    assert repo.stages() == stages
    repo.git("config", "filter.far.smudge", "cat")
    # git had removed the first one already; on the other the decision stands.
    assert [pending.path for pending in opened(repo).walk.files] == ["a.bin"]
    press(opened(repo), "t")
    assert repo.stages() == {} and [(repo.path / path).read_bytes() for path in paths] == [b"2\n"] * 2


def test_the_reasons_of_decisions_are_in_the_merge_message(repo: Repo) -> None:
    ours = {"a.txt": story({3: "our 3"}), "b.txt": story({9: "our 9"})}
    conflict(
        repo,
        {"a.txt": story(), "b.txt": story()},
        ours,
        {"a.txt": story({3: "their 3"}), "b.txt": None},
    )
    talk(repo, "o three is what we ship", "d upstream moved it", "w")
    assert run_continue(ContinueOptions(repo.path, TODAY, reason="a sync")).state == "merged"
    message = repo.git("log", "-1", "--format=%B")
    assert "  done: by hand: three is what we ship\n" in message
    assert "  done: by hand (modify/delete): upstream moved it\n" in message and "a sync" not in message


@pytest.mark.parametrize("stays", [True, False])
def test_the_reason_for_a_deletion_is_told_beside_what_was_decided_otherwise(repo: Repo, stays: bool) -> None:
    conflict(
        repo,
        {"a.txt": story()},
        {"a.txt": story({30: "our 30"}).replace(b"line 9\nline 10\n", b"")},
        {"a.txt": story({9: "their 9", 30: "their 30"})},
    )
    talk(repo, "o no nine for us", "t thirty as theirs", "w")
    if not stays:
        path = repo.path / "a.txt"
        path.write_bytes(path.read_bytes().replace(b"line 8\n", b"line 8\nanother 9\n"))
        repo.git("add", "-A")
    assert run_continue(ContinueOptions(repo.path, TODAY)).state == "merged"
    told = "no nine for us; thirty as theirs" if stays else "thirty as theirs"
    assert f"  done: by hand: {told}\n" in repo.git("log", "-1", "--format=%B")


@pytest.mark.parametrize("end", ["w", "q"])
def test_a_reason_for_what_is_not_so_any_more_is_not_told(two: Repo, end: str) -> None:
    talk(two, "o nine is ours for the license", *(["o"] if end == "w" else []), end)
    (two.path / "story.txt").write_bytes(story({9: "their nine", 30: "their thirty"}))
    two.git("add", "-A")
    assert run_continue(ContinueOptions(two.path, TODAY)).state == "merged"
    message = two.git("log", "-1", "--format=%B")
    assert "license" not in message and "  done: by hand\n" in message


def functions(*names: str, after: str = "last") -> str:
    """A Go file with a function of each name, with a condition of its own."""
    written = (f"func {name}() {{\n\tif {name}s {{\n\t\tgo{name}()\n\t}}\n}}\n" for name in (*names, after))
    return "package a\n\n" + "\n".join(written)


@pytest.mark.parametrize(("key", "expected"), [("b", ("one", "two")), ("B", ("two", "one"))])
def test_both_functions_get_the_end_that_git_left_out(
    repo: Repo, key: str, expected: tuple[str, str]
) -> None:
    sides = ({"a.go": functions(name)} for name in ("one", "two"))
    walk = opened(conflict(repo, {"a.go": functions()}, *sides))
    step = walk.walk.current
    assert step is not None and step.marked is not None
    pending = walk.walk.pending("a.go")
    assert ends_between(pending, step.marked) == "\t}\n}\n\n"
    view = View(step, pending, (1, 1), {"ours": "main", "theirs": "up"}, choices=keys_of(walk, step))
    assert "both, with `} }` between" in keys(view).plain
    _, said = decide(walk, [step], keys_of(walk, step)[key])
    assert said == Said(("resolved: a.go",))
    assert (repo.path / "a.go").read_text() == functions(*expected)


def test_both_texts_stay_as_they_are_where_nothing_is_missing(two: Repo) -> None:
    walk = opened(two)
    step = walk.walk.current
    assert step is not None and step.marked is not None
    assert ends_between(walk.walk.pending("story.txt"), step.marked) == ""
    assert keys_of(walk, step)["b"].text == "our nine\ntheir nine\n"


def test_a_file_that_does_not_parse_as_it_was_decided_is_told_at_once(repo: Repo) -> None:
    """Ours opens a block in one conflict and closes it in another; upstream has none."""
    body = "".join(f"\tgo{n}()\n" for n in range(9))

    def text(begin: str, end: str) -> str:
        return f"package a\n\nfunc f() {{\n{begin}{body}{end}}}\n"

    base = {"a b.go": text("\tbegin()\n", "\tend()\n")}
    ours = {"a b.go": text("\tif x {\n", "\t}\n")}
    walk = opened(conflict(repo, base, ours, {"a b.go": text("\tstart()\n", "\tstop()\n")}))
    walk = press(walk, "o")
    step = walk.walk.current
    assert step is not None
    walk, said = decide(walk, [step], keys_of(walk, step)["t"])
    [fault] = said.faults
    assert fault.startswith("a b.go:") and "1 `{` without its `}`" in fault
    assert "git checkout -m -- 'a b.go'" in fault
    # As it says: what was decided is asked about again.
    repo.git("checkout", "-m", "--", "a b.go")
    again = opened(repo)
    assert len(again.walk.steps) == 2
    press(again, "o", "t")
    done = repo.syncfork("continue")
    assert "not remembered: what is broken is in it, a b.go" in " ".join(done.out.split())
    assert not [path for path in repo.files("HEAD") if path.startswith(".syncfork/resolutions")]

"""The ledger on generated merges: a correct merge has nothing unexplained, any change to its result is reported."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from random import Random

import pytest
from generated import Drawn, histories
from git_fixtures import EXE, Change, Changes, Repo, compile_rules, numbered
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from test_merge_properties import LOUD, QUIET, examples

from syncfork.git.objects import Entry
from syncfork.git.repository import Repository
from syncfork.merge.engine import LiftedMerge, lifted_merge, open_bases
from syncfork.merge.ledger import keep_ledger
from syncfork.merge.mergetree import Merged
from syncfork.merge.workspace import Workspace, workspace
from syncfork.own.base import BASE, OURS, THEIRS
from syncfork.report import Ledger

Lines = list[bytes]


@dataclass(frozen=True)
class Made:
    """A merge with the workspace that its objects are in."""

    space: Workspace
    merge: LiftedMerge

    def files(self) -> dict[str, tuple[Entry, bytes]]:
        """The result's regular files that are not in conflict."""
        tree = self.merge.merged.tree
        listed = self.space.files(tree, self.space.entries(tree, [":(top)"]))
        return {
            path: (entry, content)
            for path, (entry, content) in listed.items()
            if entry.is_file and content is not None and path not in self.merge.merged.conflicts
        }

    def ledger(self, changes: dict[str, Entry | None] | None = None) -> Ledger:
        """The ledger of the result, with some entries changed."""
        tree = self.space.tree(self.merge.merged.tree, changes or {})
        merged = Merged(tree, self.merge.merged.conflicts)
        return keep_ledger(self.space, replace(self.merge, merged=merged))

    def blob(self, content: bytes, mode: str = "100644") -> Entry:
        return Entry(mode, self.space.store.write("blob", content))


@contextmanager
def merged(repo: Repo, ours: str, theirs: str, *rules: str) -> Iterator[Made]:
    repository = Repository.open(repo.path)
    with workspace(repository) as space:
        bases, names = open_bases(repository, ours, theirs), {OURS: "fork", THEIRS: "up"}
        yield Made(space, lifted_merge(space, ours, theirs, bases, compile_rules(*rules), names))


@contextmanager
def built(history: Drawn, *rules: str) -> Iterator[Made]:
    with tempfile.TemporaryDirectory() as folder:
        repo = Repo.create(Path(folder) / "r")
        with merged(repo, *history.build(repo), *rules) as made:
            yield made


# -- a correct merge


@examples(18)
@given(histories() | histories(bases=2) | histories(bases=3), st.booleans())
def test_a_correct_merge_has_nothing_unexplained(history: Drawn, ruled: bool) -> None:
    with built(history, *([LOUD, QUIET] if ruled else [])) as made:
        assert not made.ledger().unexplained


# -- texts in which much occurs twice, and blocks move


def block(random: Random, lines: Lines) -> tuple[int, int]:
    start = random.randrange(len(lines) + 1)
    return start, min(len(lines), start + random.randint(1, 4))


def move(random: Random, lines: Lines) -> Lines:
    start, end = block(random, lines)
    rest = lines[:start] + lines[end:]
    at = random.randrange(len(rest) + 1)
    return rest[:at] + lines[start:end] + rest[at:]


def copy(random: Random, lines: Lines) -> Lines:
    start, end = block(random, lines)
    at = random.randrange(len(lines) + 1)
    return lines[:at] + lines[start:end] + lines[at:]


def take_out(random: Random, lines: Lines) -> Lines:
    start, end = block(random, lines)
    return lines[:start] + lines[end:]


def put_in(random: Random, lines: Lines) -> Lines:
    at = random.randrange(len(lines) + 1)
    return lines[:at] + some(random, random.randint(1, 3)) + lines[at:]


def some(random: Random, count: int) -> Lines:
    common = [b"\n", b"}\n", b"x = 1\n", b"  return\n"]
    return [
        random.choice(common) if random.random() < 0.5 else b"line %d\n" % random.randrange(1000)
        for _ in range(count)
    ]


EDITS: Sequence[Callable[[Random, Lines], Lines]] = (move, copy, take_out, put_in)


def edited(random: Random, lines: Lines) -> Lines:
    for _ in range(random.randint(1, 2)):
        lines = random.choice(EDITS)(random, lines)
    return lines


def text(random: Random, lines: Lines) -> bytes:
    """The lines as a file; now and then with CRLF throughout, or without the last newline."""
    content = b"".join(lines)
    if random.random() < 0.1:
        content = content.replace(b"\n", b"\r\n")
    return content.removesuffix(b"\n") if random.random() < 0.1 else content


@contextmanager
def shuffled(random: Random, count: int = 12) -> Iterator[Made]:
    """A merge of files in which both sides moved, copied, deleted and added lines; some are renamed."""
    base: dict[str | bytes, Change] = {}
    ours: dict[str | bytes, Change] = {}
    theirs: dict[str | bytes, Change] = {}
    for number in range(count):
        name = f"d{number % 3}/f{number}"
        lines = some(random, random.randint(8, 40))
        base[name] = b"".join(lines)
        for side in (ours, theirs):
            renamed = random.random() < 0.1
            side[f"{name}.new" if renamed else name] = text(random, edited(random, lines))
    with tempfile.TemporaryDirectory() as folder:
        repo = Repo.create(Path(folder) / "r")
        root = repo.commit(base)
        with merged(repo, repo.commit(ours, root, whole=True), repo.commit(theirs, root, whole=True)) as made:
            yield made


randoms = st.randoms(use_true_random=False)


@examples(9)
@given(randoms)
def test_moves_and_duplicates_are_counted_right(random: Random) -> None:
    with shuffled(random) as made:
        assert not made.ledger().unexplained


# -- a damaged one


def dropped(random: Random, lines: Lines) -> Lines:
    at = random.randrange(len(lines))
    return lines[:at] + lines[at + 1 :]


def twice(random: Random, lines: Lines) -> Lines:
    at = random.randrange(len(lines))
    return [*lines[:at], lines[at], *lines[at:]]


def invented(random: Random, lines: Lines) -> Lines:
    at = random.randrange(len(lines) + 1)
    return [*lines[:at], b"nobody wrote this\n", *lines[at:]]


def swapped(random: Random, lines: Lines) -> Lines:
    at = random.randrange(len(lines))
    other = random.randrange(len(lines))
    lines = list(lines)
    lines[at], lines[other] = lines[other], lines[at]
    return lines


DAMAGES: Sequence[Callable[[Random, Lines], Lines]] = (dropped, twice, invented, swapped)


def taken_back(random: Random, lines: Lines, side: Lines) -> Lines:
    """The result without one of the hunks by which it departs from a side."""
    steps = SequenceMatcher(None, side, lines, autojunk=False).get_opcodes()
    hunks = [step for step in steps if step[0] != "equal"]
    if not hunks:
        return lines
    _, start, end, first, last = random.choice(hunks)
    return lines[:first] + side[start:end] + lines[last:]


def damaged(random: Random, made: Made) -> tuple[dict[str, Entry | None], dict[str, int]]:
    """Every file of the result with one thing wrong, and by path how many lines of it are right up to there."""
    entries: dict[str, Entry | None] = {}
    right: dict[str, int] = {}
    commits = made.merge.commits
    for path, (entry, content) in made.files().items():
        lines = content.splitlines(keepends=True) if b"\r" not in content.replace(b"\r\n", b"") else []
        if not lines or b"\0" in content:
            continue
        sides = [
            made.space.files(commits[side], [path]).get(path, (None, None))[1] for side in (OURS, THEIRS)
        ]
        whole = [side.splitlines(keepends=True) for side in sides if side is not None]
        if whole and random.random() < 0.5:
            wrong = taken_back(random, lines, random.choice(whole))
        else:
            wrong = random.choice(DAMAGES)(random, lines)
        if b"".join(wrong) != content:
            entries[path] = made.blob(b"".join(wrong), entry.mode)
            pairs = enumerate(zip(lines, wrong, strict=False))
            right[path] = next((n for n, (one, two) in pairs if one != two), min(len(lines), len(wrong)))
    return entries, right


def is_told(made: Made, random: Random) -> None:
    entries, right = damaged(random, made)
    told = made.ledger(entries).unexplained
    assert {item.path for item in told} == entries.keys()
    for path, count in right.items():
        # Where lines occur twice, a hunk may as well begin before them.
        assert min(item.line for item in told if item.path == path) <= count + 1


@examples(12)
@given(randoms)
def test_any_change_to_a_result_is_told_with_its_path(random: Random) -> None:
    with shuffled(random) as made:
        is_told(made, random)


@examples(9)
@given(histories() | histories(bases=2), randoms)
def test_it_is_told_whatever_the_history_and_with_rules(history: Drawn, random: Random) -> None:
    with built(history, LOUD, QUIET) as made:
        is_told(made, random)


# -- where, and what


def two_sides(repo: Repo) -> tuple[str, str]:
    """Fork and upstream of a file of 40 lines: ours changed 5, theirs 20 and took out 30."""
    base = repo.commit({"f": numbered(40), "mine": "1\n", "yours": "1\n"})
    ours = repo.commit({"f": numbered(40, {5: "ours"}), "mine": "2\n"}, base)
    theirs = numbered(40, {20: "theirs"}).replace(b"line 30\n", b"")
    return ours, repo.commit({"f": theirs, "yours": (EXE, "2\n")}, base)


GOOD = numbered(40, {5: "ours", 20: "theirs"}).replace(b"line 30\n", b"")


@pytest.mark.parametrize(
    ("content", "line", "against", "words"),
    [
        (GOOD.replace(b"ours", b"line 5"), 5, "ours", "-ours\n+line 5"),
        (GOOD.replace(b"theirs", b"line 20"), 20, "theirs", "-theirs\n+line 20"),
        (GOOD.replace(b"line 31\n", b"line 30\nline 31\n"), 30, "theirs", "+line 30"),
        (GOOD.replace(b"line 12\n", b""), 12, "ours", "-line 12"),
        (GOOD.replace(b"line 12\n", b"line 12\nline 12\n"), 13, "ours", "+line 12"),
        (GOOD.replace(b"line 11\nline 12\n", b"line 12\nline 11\n"), 11, "ours", "-line 11"),
        (GOOD.replace(b"line 12\n", b"line 12\r\n"), 12, "ours", "-line 12\n+line 12"),
        (GOOD.removesuffix(b"\n"), 39, "ours", "-line 40\n+line 40"),
        (GOOD + b"line 41\n", 40, "ours", "+line 41"),
    ],
)
def test_the_place_and_the_side(repo: Repo, content: bytes, line: int, against: str, words: str) -> None:
    with merged(repo, *two_sides(repo)) as made:
        assert made.files()["f"][1] == GOOD
        [*items] = made.ledger({"f": made.blob(content)}).unexplained
        assert (items[0].path, items[0].line, items[0].against) == ("f", line, against)
        assert items[0].text == words


def test_whole_files(repo: Repo) -> None:
    with merged(repo, *two_sides(repo)) as made:
        good = made.ledger()
        assert not good.unexplained
        assert (good.from_theirs, good.from_ours) == ({"fork": 1}, {"upstream": 2})
        wrong: dict[str, Entry | None] = {
            "f": None,
            "new": made.blob(b"1\n"),
            "mine": made.blob(b"2\n", EXE),
            "yours": made.blob(b"\0binary"),
        }
        told = {item.path: item.text for item in made.ledger(wrong).unexplained}
        assert told == {
            "f": "this file is gone",
            "new": "this file is there, and neither side accounts for it",
            "mine": "its mode is 100755, not 100644",
            "yours": "its content is not what both sides' changes make",
        }


def test_a_line_that_both_sides_add_is_there_once(repo: Repo) -> None:
    base = repo.commit({"f": numbered(9)})
    ours = repo.commit({"f": numbered(9, {3: "both\nline 3", 8: "ours"})}, base)
    theirs = repo.commit({"f": numbered(9, {3: "both\nline 3", 6: "theirs"})}, base)
    with merged(repo, ours, theirs) as made:
        content = made.files()["f"][1]
        assert not made.ledger().unexplained
        again = made.ledger({"f": made.blob(content.replace(b"both\n", b"both\nboth\n"))})
        assert [item.text for item in again.unexplained] == ["+both"]


def test_a_merge_driver_of_the_repository_is_named(repo: Repo) -> None:
    attributes: dict[str | bytes, Change] = {".gitattributes": "log merge=union\n"}
    base = repo.commit({"log": "1\n", **attributes})
    ours = repo.commit({"log": "1\nours\n"}, base)
    theirs = repo.commit({"log": "1\ntheirs\n"}, base)
    repo.checkout("main", ours)
    with merged(repo, ours, theirs) as made:
        assert not made.merge.merged.conflicts
        ledger = made.ledger()
        assert not ledger.unexplained
        assert ledger.from_theirs == ledger.from_ours == {"resolution: merge=union": 1}


def test_what_people_commit_of_a_conflict_is_theirs_and_nothing_beyond_it(repo: Repo) -> None:
    base = repo.commit({"f": numbered(40)})
    ours = repo.commit({"f": numbered(40, {5: "ours", 30: "kept"})}, base)
    theirs = repo.commit({"f": numbered(40, {5: "theirs", 20: "new"})}, base)
    with merged(repo, ours, theirs) as made:
        assert made.merge.merged.conflicts

        def judged(changes: dict[int, str]) -> Ledger:
            tree = made.space.tree(made.merge.merged.tree, {"f": made.blob(numbered(40, changes))})
            return keep_ledger(made.space, made.merge, tree)

        for answer in ("ours", "theirs", "both", "ours\ntheirs"):
            assert not judged({5: answer, 20: "new", 30: "kept"}).unexplained
        good = judged({5: "ours", 20: "new", 30: "kept"})
        assert good.from_theirs == {"fork": 1, "resolution: by hand": 1}
        assert good.from_ours == {"upstream": 1}
        [lost] = judged({5: "both", 30: "kept"}).unexplained
        assert (lost.line, lost.against, lost.text) == (20, "theirs", "-new\n+line 20")
        [other] = judged({5: "both", 12: "x", 20: "new", 30: "kept"}).unexplained
        assert (other.line, other.text) == (12, "-line 12\n+x")


def test_a_merge_base_that_git_merges_itself(repo: Repo) -> None:
    root = repo.commit({"f": numbered(20)})
    left, right = (
        repo.commit({"f": numbered(20, {3: "left"})}, root),
        repo.commit({"f": numbered(20, {17: "right"})}, root),
    )
    both = {3: "left", 17: "right"}
    ours = repo.commit({"f": numbered(20, both | {17: "right of ours"})}, left, right)
    theirs = repo.commit({"f": numbered(20, both | {3: "left of theirs"})}, right, left)
    with merged(repo, ours, theirs) as made:
        assert len([side for side in made.merge.commits if side.startswith(BASE)]) > 1
        assert not made.merge.merged.conflicts
        assert not made.ledger().unexplained


def test_a_merge_base_that_git_leaves_as_its_own_bases_were(repo: Repo) -> None:
    # At one path a renamed text and a binary file meet in the merge of the merge bases.
    whole, less = numbered(9), numbered(9).replace(b"line 4\n", b"")
    root = repo.commit({"text": whole, "dash": b"\0one\n"})
    first, second = repo.commit({"dash": None}, root), repo.commit({"dash": b"\0two\n"}, root)
    left = repo.commit({"dash": (EXE, whole)}, first, second, whole=True)
    right = repo.commit({"text": less, "dash": b"\0two\n"}, second, first, whole=True)
    ours = repo.commit({"new": (EXE, whole)}, left, right, whole=True)
    theirs = repo.commit({"text": less, "dash": b"\0two\nthree\n"}, right, left, whole=True)
    with merged(repo, repo.commit({}, ours), repo.commit({"dash": None}, theirs)) as made:
        assert not made.merge.merged.conflicts
        tree = made.merge.merged.tree
        assert made.space.git.run("cat-file", "-p", f"{tree}:new") == less
        assert not made.ledger().unexplained


def test_a_merge_base_that_git_leaves_as_it_was_two_merges_deeper(repo: Repo) -> None:
    # One side changed the file and one deleted it, and each of them merged the other and stayed with it, twice.
    root = repo.commit({"old": "1\n", "keep": "1\n"})
    changed, gone = repo.commit({"old": "2\n"}, root), repo.commit({"old": None}, root)
    for _ in range(2):
        changed, gone = repo.commit({}, changed, gone), repo.commit({}, gone, changed)
    with merged(repo, repo.commit({"own": "1\n"}, changed), repo.commit({"new": "1\n"}, gone)) as made:
        assert made.space.git.run("cat-file", "-p", f"{made.merge.merged.tree}:new") == b"2\n"
        assert not made.ledger().unexplained


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(
    ("folder", "changed"), [("new/", ""), ("new/", "ours"), ("new/", "theirs"), ("", ""), ("", "theirs")]
)
def test_what_one_side_moves_into_a_folder_that_the_other_renamed(
    repo: Repo, swapped: bool, folder: str, changed: str
) -> None:
    one, two, there = numbered(12), numbered(15, {3: "c", 9: "cc"}), numbered(20, {5: "x", 15: "xx"})
    base = repo.commit({"old/one": one, "old/two": two, "there": there})
    renamed: Changes = {"old/one": None, "old/two": None, f"{folder}one": one, f"{folder}two": two}
    own: Changes = {"there": there.replace(b"line 1\n", b"mine\n")} if changed == "ours" else {}
    sides = [
        repo.commit({**renamed, **own}, base),
        repo.commit({"there": None, "old/there": there + (b"more\n" if changed == "theirs" else b"")}, base),
    ]
    with merged(repo, *(reversed(sides) if swapped else sides)) as made:
        [conflict] = made.merge.merged.conflicts.values()
        assert (conflict.path, conflict.kind) == (f"{folder}there", "directory rename suggested")
        assert not made.ledger().unexplained


@pytest.mark.parametrize("place", range(4))
def test_of_several_files_that_an_old_one_may_have_become_git_may_choose_another_than_diff(
    repo: Repo, place: int
) -> None:
    def environment(name: str, needs: str) -> str:
        return f"name: {name}\nchannels:\n  - forge\n  - bio\n  - defaults\ndependencies:\n  - bio::{needs}\n"

    needed = ("map=39.01", "sed=4.7", "list=0.48.0", "list=0.46.2")
    names = ["a/x", "b/y", "c/z", "d/w"]
    new = dict(zip(names[place:] + names[:place], needed, strict=True))
    files = {f"{name}/environment.yml": environment(name, needs) for name, needs in new.items()}
    base = repo.commit({"old/environment.yml": environment("old", "multi=1.19"), "keep": "x\n"})
    ours = repo.commit({"old/environment.yml": None}, base)
    theirs = repo.commit({"old/environment.yml": None, **files}, base)
    report = repo.merge(ours, theirs)
    assert [item.kind for item in report.conflicts] == ["rename/delete"]
    assert report.ledger.unexplained == ()

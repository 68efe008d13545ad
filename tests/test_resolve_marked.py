"""git's plain conflict markers, read back as the conflicts with their merge base: held against git on many files."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from git_fixtures import Repo

from syncfork.git.door import decode
from syncfork.git.objects import Entry
from syncfork.git.repository import Repository
from syncfork.merge.apart import merge_paths
from syncfork.merge.mergetree import readable
from syncfork.merge.resolving import read_disputes
from syncfork.merge.workspace import workspace
from syncfork.resolve.base import Clash, Disputed
from syncfork.resolve.lines import lines_of
from syncfork.resolve.marked import Marked, still_marked
from syncfork.resolve.markers import marker_left, with_markers

FILES = 250


def _edited(lines: list[str], by: str, dice: random.Random) -> list[str]:
    """A few lines changed, added or taken out; both sides write the same line now and then."""
    made = list(lines)
    for _ in range(dice.randint(1, 5)):
        at = dice.randrange(len(made) + 1)
        new = [
            dice.choice([f"{by} {dice.randint(1, 3)}\n", "same\n", "}\n", "\n"])
            for _ in range(dice.randint(0, 3))
        ]
        made[at : at + dice.randint(0, 2)] = new
    return made


@pytest.fixture
def merged(repo: Repo) -> Iterator[list[tuple[str, Disputed]]]:
    """Files in conflict: each as git leaves it in the worktree, and as the conflicts that it is."""
    dice = random.Random(20260301)
    repo.checkout("main", repo.commit({"a": "a\n"}))
    repository = Repository.open(repo.path)
    with workspace(repository) as space:
        paths = {}
        for number in range(FILES):
            base = [dice.choice([f"line {n}\n", "}\n", "\n"]) for n in range(dice.randint(3, 30))]
            sides = {
                "base": base,
                "ours": _edited(base, "ours", dice),
                "theirs": _edited(base, "theirs", dice),
            }
            paths[f"{number:03}"] = {
                side: Entry("100644", space.store.write("blob", "".join(lines).encode()))
                for side, lines in sides.items()
            }
        plain, ids = merge_paths(space, paths, space.attributes)
        files = read_disputes(space, plain.conflicts, space.attributes)
        texts = repository.blobs((f"{plain.tree}:{path}" for path in plain.conflicts), space.git)
        labels = {ids[0]: "main (ours)", ids[1]: "upstream/main (upstream)"}
        yield [
            (readable(decode(texts[f"{plain.tree}:{path}"] or b""), labels), files[path])
            for path in plain.conflicts
        ]


def test_every_conflict_is_recognised(merged: list[tuple[str, Disputed]]) -> None:
    assert len(merged) > FILES // 2
    for text, file in merged:
        parts = still_marked(text, file)
        assert tuple(part.clash if isinstance(part, Marked) else part for part in parts) == file.parts
        assert [part.number for part in parts if isinstance(part, Marked)] == list(range(len(file.clashes)))


def test_what_is_left_of_them_is_recognised_too(merged: list[tuple[str, Disputed]]) -> None:
    """A person took out the first marked region and wrote a line at the top; the rest is as it was."""
    known = unknown = 0
    for text, file in merged:
        start, end = text.index("<<<<<<<"), text.index("\n", text.index(">>>>>>>")) + 1
        edited = f"mine\n{text[:start]}resolved\n{text[end:]}"
        parts = still_marked(edited, file)
        found = [part for part in parts if isinstance(part, Marked)]
        # Whatever is made of it, no line is lost: with ours in every conflict, ours comes out.
        ours = "".join(part.clash.ours if isinstance(part, Marked) else part for part in parts)
        assert lines_of(ours) == lines_of(_with_ours(edited))
        for part in found:
            known += part.number is not None
            unknown += part.number is None
            assert part.number is None or part.clash == file.clashes[part.number]
    # Where git marks as several what is one conflict, its rest is none that is known.
    assert known > 10 * unknown


def _with_ours(text: str) -> str:
    made, keep = [], True
    for line in lines_of(text):
        if line.startswith(("<<<<<<< ", "=======", ">>>>>>> ")):
            keep = not line.startswith("=======")
        elif keep:
            made.append(line)
    return "".join(made)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_conflict_to_be_edited_holds_all_three_sides(end: str) -> None:
    clash = Clash(f"base{end}", f"ours{end}", "theirs")
    lines = ["<<<<<<< ours", "ours", "||||||| merge base", "base", "=======", "theirs", ">>>>>>> theirs"]
    assert with_markers(clash) == "".join(f"{line}{end}" for line in lines)


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("<<<<<<< ours", True),
        ("<<<<<<<", True),
        (">>>>>>>>", True),
        ("|||||||\r", True),
        ("=======", True),
        ("======= x", True),
        ("========", False),
        ("<<<<<< ours", False),
        ("<<<<<<<ours", False),
        ("a =======", False),
    ],
)
def test_every_sort_of_marker_that_is_left_in_is_seen(line: str, left: bool) -> None:
    assert marker_left(f"ours\n{line}\ntheirs\n", Clash("base\n", "ours\n", "theirs\n")) == left
    assert marker_left(f"ours\n{line}", Clash("base\n", "ours\n", "theirs\n")) == left
    for clash in (Clash("", f"{line}\n", "x\n"), Clash("", "x\n", f"{line}\r\n"), Clash(line, "x\n", "y\n")):
        assert line.endswith("\r") or not marker_left(f"ours\n{line}\n", clash)

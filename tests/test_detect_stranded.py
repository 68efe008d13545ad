"""Files of the fork's own in folders that upstream emptied."""

from __future__ import annotations

import pytest
from detecting import Scene, seen
from git_fixtures import Repo, numbered

from syncfork.detect.stranded import find

TEXT = numbered(30).decode()
BOARD = {"q0/rev1/rev1.c": f"one\n{TEXT}", "q0/rev1/keymaps/default/keymap.c": f"two\n{TEXT}", "q0/x": "1\n"}
OWN = {"q0/rev1/keymaps/vial/keymap.c": "own\n", "q0/rev1/keymaps/vial/rules.mk": "VIAL = yes\n"}
GONE: dict[str, str | None] = dict.fromkeys(["q0/rev1/rev1.c", "q0/rev1/keymaps/default/keymap.c"])
SOURCE, KEYMAP = BOARD["q0/rev1/rev1.c"], BOARD["q0/rev1/keymaps/default/keymap.c"]
MOVED = {**GONE, "q0/base/base.c": SOURCE, "q0/base/keymaps/default/keymap.c": KEYMAP}
TO_BASE = "upstream moved what was in q0/rev1 to q0/base"
NOTHING = "upstream has nothing in q0/rev1 any more"
ALONE = "2 files of the fork stay behind"


@pytest.mark.parametrize(
    ("ours", "theirs", "message", "fix"),
    [
        (OWN, MOVED, f"{TO_BASE}; {ALONE}", "git mv q0/rev1/keymaps/vial q0/base/keymaps/vial"),
        (
            {"q0/rev1/keymaps/my own/a b.c": "own\n"},
            MOVED,
            f"{TO_BASE}; this file stays behind",
            "git mv 'q0/rev1/keymaps/my own' 'q0/base/keymaps/my own'",
        ),
        (
            {**OWN, "q0/rev1/own/a.c": "own\n", "q0/rev1/keymaps/vial/x/y.c": "own\n"},
            MOVED,
            f"{TO_BASE}; 4 files of the fork stay behind",
            "git mv q0/rev1/keymaps/vial q0/base/keymaps/vial, git mv q0/rev1/own q0/base/own",
        ),
        (OWN, GONE, f"{NOTHING}; {ALONE}", "delete the rest"),
        # Each file went to another place: neither is where the folder is now.
        (
            OWN,
            {**GONE, "q0/base/base.c": SOURCE, "q0/maps/keymap.c": KEYMAP},
            f"{NOTHING}; {ALONE}",
            "delete the rest",
        ),
    ],
)
def test_what_stays_behind(
    repo: Repo, ours: dict[str, str | None], theirs: dict[str, str | None], message: str, fix: str
) -> None:
    [found] = seen(repo, Scene(BOARD, ours, theirs), find)
    assert (found.cls, found.path, found.message) == ("decision", min(ours), message)
    assert fix in found.fix and found.upstream


def test_the_topmost_folder_counts(repo: Repo) -> None:
    [found] = seen(repo, Scene(BOARD | {"y": "1\n"}, OWN, {**GONE, "q0/x": None}), find)
    assert found.message == f"upstream has nothing in q0 any more; {ALONE}"


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        # Something of upstream's is there still, or again.
        (OWN, {"q0/rev1/rev1.c": None}),
        (OWN, {**MOVED, "q0/rev1/keymaps/new/keymap.c": "new\n"}),
        # The fork had taken out what upstream had there, or put its own elsewhere.
        ({**OWN, **GONE}, GONE),
        ({"own/keymap.c": "own\n"}, MOVED),
        # What the fork has there is upstream's.
        ({"q0/rev1/rev1.c": f"one\n{TEXT}more\n"}, MOVED),
        # The two sides added the same.
        (OWN, {**MOVED, **OWN}),
        ({"q0/rev1/vendor/a.c": "own\n"}, MOVED),
    ],
)
def test_what_is_not_left_alone(
    repo: Repo, ours: dict[str, str | None], theirs: dict[str, str | None]
) -> None:
    assert not seen(repo, Scene(BOARD, ours, theirs), find)


def test_where_git_asks_about_it_this_does_not(repo: Repo) -> None:
    """A file right in a folder that upstream moved is a conflict of git's own."""
    for own in ({}, OWN):
        assert not seen(repo, Scene(BOARD, {**own, "q0/rev1/own.c": "own\n"}, MOVED), find)


UP = {"q0/rev1/rev1.c": None, "q0/rev1/keymaps/default/keymap.c": None, "q0/base/base.c": SOURCE}


@pytest.mark.parametrize(
    ("ours", "theirs", "fix"),
    [
        (OWN, UP, "mkdir -p q0/base/keymaps && git mv q0/rev1/keymaps/vial q0/base/keymaps/vial"),
        # Upstream has something of that name: moved there it would end in a folder of that.
        (OWN, {**MOVED, "q0/base/keymaps/vial/keymap.c": "upstream's\n"}, "move what is still wanted"),
        # What lay beside it went, and did not move: git asks nothing.
        (
            {"q0/rev1/keymaps/default/own.c": "own\n"},
            UP,
            "mkdir -p q0/base/keymaps/default && git mv q0/rev1/keymaps/default/own.c q0/base/keymaps/default/own.c",
        ),
    ],
)
def test_how_to_move_it_along(
    repo: Repo, ours: dict[str, str | None], theirs: dict[str, str | None], fix: str
) -> None:
    [found] = seen(
        repo,
        Scene(
            {**BOARD, "q0/rev1/y.c": f"y\n{TEXT}"},
            ours,
            theirs | {"q0/rev1/y.c": None, "q0/base/y.c": f"y\n{TEXT}"},
        ),
        find,
    )
    assert fix in found.fix


def test_each_folder_is_told_of(repo: Repo) -> None:
    base = {f"b{n}/rev/{m}.c": f"{n} {m}\n{TEXT}" for n in range(30) for m in range(3)}
    own = {f"b{n}/rev/own/keymap.c": f"{n}\n" for n in range(30)}
    found = seen(repo, Scene(base | {"x": "1"}, own, dict.fromkeys(base)), find)
    assert [item.key for item in found] == sorted(f"b{n}" for n in range(30))

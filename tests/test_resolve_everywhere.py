"""`syncfork resolve` decides on many paths at once: the files of a folder that the fork does without, for example."""

from __future__ import annotations

import sys

import pytest
from git_fixtures import Change, Repo, lines

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are not here", allow_module_level=True)

from terminals import Terminal

from syncfork.resolve.choosing import Typed, typed

WHY = "We take no screenshots of our own."
SHOTS = [f"shots/{n}.txt" for n in range(6)]


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("d", Typed("d")),
        ("d*", Typed("d", "", True)),
        ("d *", Typed("d", "", True)),
        ("d* all of them", Typed("d", "all of them", True)),
        ("d *all* of them", Typed("d", "*all* of them")),
        ("*", Typed("*")),
        ("dd", None),
        ("d**", None),
    ],
)
def test_a_star_behind_the_key_is_for_all(line: str, meant: Typed | None) -> None:
    assert typed(line) == meant


@pytest.fixture
def torn(repo: Repo) -> Repo:
    """A fork without upstream's six screenshots, and without two other files; upstream changed all of them."""
    others = ["shots/de/0.txt", "about.txt"]
    before: dict[str | bytes, Change] = {path: lines(path, "old") for path in (*SHOTS, *others)}
    after: dict[str | bytes, Change] = {path: lines(path, "new") for path in before}
    base = repo.commit({**before, "app": "1\n"})
    repo.branch("refs/remotes/upstream/main", repo.commit(after, base, message="New screenshots"))
    repo.checkout("main", repo.commit({**dict.fromkeys(before), "app": "2\n"}, base))
    done = repo.syncfork("merge")
    assert done.code == 1, done.err
    return repo


def test_what_is_decided_for_all_is_for_those_of_the_folder_that_are_like_it(torn: Repo) -> None:
    with Terminal(torn.path, "resolve") as terminal:
        shown = terminal.until("\n> ")
        assert "[1/8] about.txt" in shown and "like it" not in shown
        terminal.type("d*")
        assert "d* does nothing here" in terminal.until("\n> ")
        terminal.type("s")
        shown = terminal.until("\n> ")
        assert "[2/8] shots/0.txt" in shown and "so with all 6 like it in shots/" in shown
        terminal.type("s")
        assert "so with all 5 like it in shots/" in terminal.until("\n> ")
        terminal.type("a*")
        assert "a* does nothing here" in terminal.until("\n> ")
        terminal.type(f"d* {WHY}")
        shown = terminal.until("\n> ")
        assert "resolved: 5 files in shots/" in shown
        assert "[8/8] shots/de/0.txt" in shown
        terminal.type("t")
        assert terminal.ends()[0] == 1
    assert sorted(torn.stages()) == ["about.txt", "shots/0.txt"]
    assert not list(torn.path.glob("shots/[1-5].txt")) and (torn.path / "shots/de/0.txt").exists()
    with Terminal(torn.path, "resolve") as terminal:
        terminal.until("\n> ")
        terminal.type("d")
        terminal.until("\n> ")
        terminal.type("d")
        assert terminal.ends()[0] == 0
    done = torn.syncfork("continue")
    assert done.code == 0, done.out + done.err
    # Each is remembered by itself, those that were decided on at once with the reason.
    written = [path.read_text() for path in (torn.path / ".syncfork/resolutions").glob("*")]
    assert len(written) == 7 and sum(WHY in text for text in written) == 5


@pytest.mark.parametrize("key", ["s", "q", "n", "v"])
def test_a_star_behind_a_key_that_is_for_one_alone_does_nothing(torn: Repo, key: str) -> None:
    with Terminal(torn.path, "resolve") as terminal:
        terminal.until("\n> ")
        terminal.type(f"{key}*")
        assert f"{key}* does nothing here" in terminal.until("\n> ")
        terminal.type("q")
        assert "8 conflicts in 8 files left" in terminal.ends()[1]


def test_a_rule_for_all(torn: Repo) -> None:
    with Terminal(torn.path, "resolve") as terminal:
        terminal.until("\n> ")
        terminal.type("s")
        terminal.until("\n> ")
        terminal.type("r* d")
        assert "r has no star of its own" in terminal.until("\n> ")
        terminal.type("r d* now")
        assert "a rule wants a reason of 10 characters or more" in terminal.until("(q: no rule): ")
        terminal.type("q")
        terminal.until("\n> ")
        terminal.type(f"r d* {WHY}")
        shown = terminal.until("leaves it: ")
        assert "the 6 paths stay deleted" in shown and "- shots/5.txt" in shown and "about.txt" not in shown
        terminal.type("w")
        shown = terminal.until("\n> ")
        assert "rule written: .syncfork/rules/absent-shots-" in shown
        assert "resolved: 6 files in shots/" in shown
        terminal.type("d")
        assert terminal.ends()[0] == 1
    torn.git("rm", "-q", "about.txt")
    done = torn.syncfork("continue")
    assert done.code == 0, done.out + done.err
    torn.git("branch", "-f", "main", "HEAD")
    torn.git("checkout", "-q", "main")
    upstream = torn.git("rev-parse", "refs/remotes/upstream/main")
    torn.branch("refs/remotes/upstream/main", torn.commit({path: lines("newer") for path in SHOTS}, upstream))
    done = torn.syncfork("merge")
    assert done.code == 0, done.out + done.err
    assert "✓ absent-shots-" in done.out and not (torn.path / "shots").exists()

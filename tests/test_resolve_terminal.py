"""`syncfork resolve` at a real terminal: conflict, choice, remembered or made a rule; the next sync needs nobody."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from git_fixtures import Change, Repo, lines, numbered

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are not here", allow_module_level=True)

from terminals import Terminal

WHY = "Our port is open in the firewall."
HEAD, TAIL = [f"head {n}" for n in range(9)], [f"tail {n}" for n in range(9)]


def app(line: str) -> bytes:
    return lines(*HEAD, line, *TAIL)


@pytest.fixture
def torn(repo: Repo) -> Repo:
    """A fork with its port, and a line of its own in a story; upstream changed both lines."""
    base = repo.commit({"app.py": app("port = 8080"), "story.txt": numbered(20)})
    ours = repo.commit({"app.py": app("port = 9090"), "story.txt": numbered(20, {9: "ours"})}, base)
    theirs = repo.commit(
        {"app.py": app("port = 8080  # default"), "story.txt": numbered(20, {9: "theirs"})}, base,
        message="Say what it is (#12)",
    )  # fmt: skip
    repo.branch("refs/remotes/upstream/main", theirs)
    repo.checkout("main", ours)
    return repo


def begin(repo: Repo) -> None:
    done = repo.syncfork("merge")
    assert done.code == 1, done.err
    assert "next: syncfork resolve" in done.out


def next_sync(repo: Repo, **files: bytes) -> None:
    """The fork goes on from the merge, and upstream with these files."""
    repo.git("branch", "-f", "main", "HEAD")
    repo.git("checkout", "-q", "main")
    changes: dict[str | bytes, Change] = {name.replace("_", "."): content for name, content in files.items()}
    theirs = repo.commit(changes, repo.git("rev-parse", "refs/remotes/upstream/main"), message="Go on (#13)")
    repo.branch("refs/remotes/upstream/main", theirs)


def test_choose_and_remember(torn: Repo) -> None:
    begin(torn)
    with Terminal(torn.path, "resolve") as terminal:
        shown = terminal.until("\n> ")
        assert "[1/2] app.py:10" in shown
        assert "Say what it is (#12)  Una Upstream" in shown
        [row] = [row for row in shown.split("\n") if "port = 9090" in row and "port = 8080  # default" in row]
        assert row.index("port = 8080") < row.index("port = 9090") < row.index("# default")
        assert "words: " in shown and "+port = 9090  # default" in shown
        assert "\x1b[" in terminal.raw
        terminal.type(f"1 {WHY}")
        assert "[2/2] story.txt:9" in terminal.until("\n> ")
        terminal.press(b"\xff\xfe\n")
        assert "one key, then perhaps a reason" in terminal.until("\n> ")
        terminal.type("n")
        terminal.until("\n> ")
        terminal.type("b")
        code, end = terminal.ends()
    assert code == 0
    assert "No conflict is left." in end
    assert "next: syncfork continue" in end
    assert (torn.path / "app.py").read_bytes() == app("port = 9090  # default")
    assert (torn.path / "story.txt").read_bytes() == numbered(20, {9: "ours\ntheirs"})

    fork = torn.git("rev-parse", "main")
    done = torn.syncfork("continue")
    assert done.code == 0, done.out + done.err
    assert "remembered 1 resolution in .syncfork/resolutions" in done.out

    # Another line of the fork, which has what was remembered and not that merge, meets the same conflicts.
    folder: dict[str | bytes, Change] = {
        path: content for path, (_, content) in torn.files("HEAD").items() if path.startswith(".syncfork/")
    }
    torn.checkout("main", torn.commit(folder, fork))
    done = torn.syncfork("merge")
    told = " ".join(done.out.split())
    assert "app.py memory app.py-" in told
    assert "as Tess Ter did on" in told and WHY in told
    assert (torn.path / "app.py").read_bytes() == app("port = 9090  # default")
    # What was not to be remembered is a person's again.
    assert done.code == 1
    assert list(torn.stages()) == ["story.txt"]


def test_a_file_that_upstream_wrote_anew_under_another_name(repo: Repo) -> None:
    base = repo.commit({"app.gradle": app("port = 8080")})
    new: dict[str | bytes, Change] = {"app.gradle": None, "app.gradle.kts": b"port(8080)\n"}
    repo.branch("refs/remotes/upstream/main", repo.commit(new, base))
    repo.checkout("main", repo.commit({"app.gradle": app("port = 9090")}, base))
    begin(repo)
    with Terminal(repo.path, "resolve") as terminal:
        shown = " ".join(terminal.until("\n> ").split())
        assert (
            "has deleted it Upstream may have gone on in app.gradle.kts: what the fork changed may" in shown
        )
        terminal.type("q")
        terminal.ends()


def propose_a_rule(terminal: Terminal) -> str:
    """Ask for a rule that makes the first suggestion: what is shown up to the last question."""
    terminal.until("\n> ")
    terminal.type("r 1")
    terminal.until("(q: no rule): ")
    terminal.type(WHY)
    return terminal.until("leaves it: ")


def test_choose_and_make_it_a_rule(torn: Repo) -> None:
    begin(torn)
    with Terminal(torn.path, "resolve") as terminal:
        shown = propose_a_rule(terminal)
        assert "'8080' becomes '9090'" in shown
        assert "✓ its 2 cases hold; with it this merge comes to what you chose" in shown
        terminal.type("w")
        assert "rule written: .syncfork/rules/value-app-py-" in terminal.until("\n> ")
        terminal.type("o")
        assert terminal.ends()[0] == 0
    done = torn.syncfork("continue")
    assert done.code == 0, done.out + done.err
    message = " ".join(torn.git("log", "-1", "--format=%B").split())
    # The rule, and not a person, settled one of the two conflicts.
    assert f": {WHY} story.txt" in message and "done: rule value-app-py-" in message
    assert message.count("done: by hand") == 1
    assert "- app.py:" not in message and "- story.txt:9: dropped by hand" in message
    tested = torn.syncfork("rules", "test")
    assert tested.code == 0, tested.out

    next_sync(torn, app_py=app("port = 8080  # the new default"))
    done = torn.syncfork("merge")
    assert done.code == 0, done.out + done.err
    assert (torn.path / "app.py").read_bytes() == app("port = 9090  # the new default")
    assert "✓ value-app-py-" in done.out
    message = " ".join(torn.git("log", "-1", "--format=%B").split())
    assert WHY in message
    assert "value-app-py-" in message


def test_a_slip_at_the_last_question_does_not_lose_the_rule(torn: Repo) -> None:
    begin(torn)
    with Terminal(torn.path, "resolve") as terminal:
        propose_a_rule(terminal)
        terminal.type("y")
        assert "w, e, a or q alone: nothing was written yet" in terminal.until("leaves it: ")
        terminal.type("w")
        assert "rule written: .syncfork/rules/value-app-py-" in terminal.until("\n> ")
        terminal.type("q")
        terminal.ends()
    [rule] = (torn.path / ".syncfork" / "rules").iterdir()
    assert WHY in rule.read_text()


@pytest.mark.parametrize("name", ["GIT_EDITOR", "core.editor", "VISUAL", "EDITOR"])
def test_the_editor_is_the_one_that_git_starts(torn: Repo, tmp_path: Path, name: str) -> None:
    begin(torn)
    names = ["GIT_EDITOR", "core.editor", "VISUAL", "EDITOR"]
    for rank, other in enumerate(names):
        script = tmp_path / f"my editor {rank}"
        script.write_text(f'#!/bin/sh\nprintf "edited by {other} as $1 \\n" > "$2"\n')
        script.chmod(0o755)
    commands = {other: f'"{tmp_path}/my editor {rank}" --wait' for rank, other in enumerate(names)}
    # Those that come before it in git's order are not set.
    known = {other: command for other, command in commands.items() if names.index(other) >= names.index(name)}
    if "core.editor" in known:
        torn.git("config", "core.editor", known.pop("core.editor"))
    with Terminal(torn.path, "resolve", env=known) as terminal:
        terminal.until("\n> ")
        terminal.type("e")
        terminal.until("[2/2] story.txt")
        terminal.until("\n> ")
        terminal.press(b"\x04")
        code, end = terminal.ends()
    assert code == 1
    assert "1 conflict in 1 file left; what you decided is kept." in end
    assert "next: syncfork resolve" in end
    assert (torn.path / "app.py").read_bytes() == app(f"edited by {name} as --wait ")


def test_an_interrupt_keeps_what_was_decided(torn: Repo) -> None:
    begin(torn)
    with Terminal(torn.path, "resolve", env={"NO_COLOR": "1"}) as terminal:
        terminal.until("\n> ")
        terminal.type("t")
        terminal.until("\n> ")
        terminal.interrupt()
        assert terminal.ends()[0] == 130
        assert "\x1b[3" not in terminal.raw and "\x1b[9" not in terminal.raw
    assert list(torn.stages()) == ["story.txt"]
    with Terminal(torn.path, "resolve", columns=80) as terminal:
        assert "[1/1] story.txt:9" in terminal.until("\n> ")
        terminal.type("t")
        assert terminal.ends()[0] == 0
    done = torn.syncfork("continue")
    assert done.code == 0, done.out + done.err
    assert torn.read("HEAD", "story.txt") == numbered(20, {9: "theirs"})


def test_with_nothing_left_it_says_what_comes_next(torn: Repo) -> None:
    begin(torn)
    torn.git("checkout", "--ours", "app.py", "story.txt")
    torn.git("add", ".")
    with Terminal(torn.path, "resolve") as terminal:
        code, end = terminal.ends()
    assert code == 0
    assert "next: syncfork continue" in end


def test_conflicts_that_stand_close_together_are_remembered_as_they_were_decided(repo: Repo) -> None:
    """With a blank line between them, the text that was committed would not tell which lines are whose."""

    def story(one: str, other: str) -> bytes:
        return numbered(9) + lines("first", one, "", other, "last") + numbered(9, prefix="end")

    base = repo.commit({"story.txt": story("a", "b")})
    ours = repo.commit({"story.txt": story("ours a\n\nours too", "ours b")}, base)
    theirs = repo.commit({"story.txt": story("theirs a", "theirs b\n\ntheirs too")}, base)
    repo.branch("refs/remotes/upstream/main", theirs)
    repo.checkout("main", ours)
    begin(repo)
    with Terminal(repo.path, "resolve") as terminal:
        terminal.until("[1/2]")
        terminal.until("\n> ")
        terminal.type("o our own tale")
        terminal.until("\n> ")
        terminal.type("t")
        code, _ = terminal.ends()
    assert code == 0
    done = repo.syncfork("continue")
    assert "remembered 2 resolutions" in done.out and "surroundings" not in done.out + done.err
    kept = [
        content.decode() for path, (_, content) in repo.files("HEAD").items() if path.startswith(".syncfork/")
    ]
    assert sum("our own tale" in text for text in kept) == 1

"""Killed at any moment, a run leaves the repository as it was, or finished."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from git_fixtures import Repo, environment, numbered, rule_files

from syncfork.errors import SyncforkError
from syncfork.state import lock

# The default suite has to stay quick; SYNCFORK_EXAMPLES asks for all twenty points, as it does for examples.
POINTS = {True: 20, False: 20} if os.environ.get("SYNCFORK_EXAMPLES") else {True: 6, False: 4}
RULE = """
id: flag
files: [build.sh]
rewrite: [{insert: " --ours", after: {regex: "^make"}}]
"""


def history(path: Path, *, conflict: bool) -> Repo:
    """A fork on main with a merge to make, of enough files for the worktree to take a while."""
    repo = Repo.create(path)
    many = {f"folder-{n % 7}/file-{n}.txt": numbered(30, prefix=f"{n}") for n in range(60)}
    base = repo.commit({"build.sh": "make all\n", "story.txt": numbered(20)} | many)
    fork = {"build.sh": "make --ours all\n"} | rule_files(RULE)
    ours = repo.commit(fork | ({"story.txt": numbered(20, {9: "ours"})} if conflict else {}), base)
    moved = {name: numbered(30, {3: "upstream"}, prefix="x") for name in many}
    theirs = repo.commit({"build.sh": "make 'all'\n", "story.txt": numbered(20, {9: "theirs"})} | moved, base)
    repo.branch("upstream", theirs)
    repo.checkout("main", ours)
    return repo


def state(repo: Repo) -> dict[str, object]:
    """The repository as a person finds it; the index file's own bytes hold times."""
    return {key: value for key, value in repo.snapshot().items() if key != "index file"}


def start(repo: Repo, **variables: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "syncfork", "-C", str(repo.path), "merge", "upstream"]
    return subprocess.Popen(
        command, env=environment(**{"TMPDIR": str(repo.path.parent), **variables}), start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )  # fmt: skip


def settle(repo: Repo) -> None:
    """Wait for what outlives a killed run on purpose: the landing process, and git's own checkout."""
    end = time.monotonic() + 20
    previous: dict[str, object] = {}
    while time.monotonic() < end:
        try:
            with lock(repo.git_dir):
                quiet = not list(repo.git_dir.glob("*.lock"))
        except SyncforkError:
            quiet = False
        current = state(repo) if quiet else {}
        if quiet and current == previous:
            return
        previous = current
        time.sleep(0.1)
    pytest.fail("something of the killed run is still at work")


def go_on(repo: Repo, *, undo: bool) -> None:
    """Whatever the killed run left, the next one is not in its way."""
    done = repo.syncfork("abort") if undo else repo.syncfork("merge", "upstream", "--branch", "again")
    assert done.code in (0, 1), done.err


@pytest.mark.parametrize("conflict", [False, True], ids=["merged", "left to a person"])
def test_killed_at_many_points(tmp_path: Path, conflict: bool) -> None:
    repo = history(tmp_path / "original", conflict=conflict)
    before = state(repo)
    finished = Repo(tmp_path / "finished")
    shutil.copytree(repo.path, finished.path, symlinks=True)
    begin = time.monotonic()
    assert start(finished).wait() == int(conflict)
    length = time.monotonic() - begin
    after = state(finished)
    assert after != before
    seen = []
    for point in range(POINTS[conflict]):
        killed = Repo(tmp_path / f"killed-{point}")
        shutil.copytree(repo.path, killed.path, symlinks=True)
        process = start(killed)
        # The last points lie beyond the end of an average run: the landing is what matters most.
        time.sleep(length * (0.2 + 0.9 * point / (POINTS[conflict] - 1)))
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        settle(killed)
        found = state(killed)
        assert found in (before, after), f"killed at point {point}"
        seen.append(found == after)
        assert killed.call("fsck", "--no-dangling").returncode == 0
        if point % 5 == 0:
            go_on(killed, undo=conflict and found == after)
        shutil.rmtree(killed.path)
    assert not all(seen), "no kill came before the end: the test proves nothing"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_asked_to_end_it_clears_up_first_and_says_so(tmp_path: Path, number: signal.Signals) -> None:
    repo, scratch = history(tmp_path / "r", conflict=True), tmp_path / "scratch"
    scratch.mkdir()
    before = state(repo)
    command = [sys.executable, "-m", "syncfork", "-C", str(repo.path), "merge", "upstream"]
    process = subprocess.Popen(
        command,
        env=environment(TMPDIR=str(scratch)),
        start_new_session=True,
        stderr=subprocess.PIPE,
        # Whoever runs the tests may have it ignored, as nohup does.
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),
    )
    while not list(scratch.glob("syncfork-*")):
        assert process.poll() is None
        time.sleep(0.001)
    process.send_signal(number)
    _, said = process.communicate()
    assert process.returncode == 128 + number
    assert said == b"interrupted: `syncfork status` tells where the repository stands\n"
    assert list(scratch.iterdir()) == []
    assert state(repo) == before


def test_an_interrupt_does_not_stop_the_checkout_half_way(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "r")
    many = {f"folder-{n % 50}/file-{n}.txt": f"{n}\n" for n in range(4000)}
    base = repo.commit({"a": "a\n", **many})
    repo.branch("upstream", repo.commit({name: text + "upstream\n" for name, text in many.items()}, base))
    repo.checkout("main", repo.commit({"a": "ours\n"}, base))
    process = start(repo)
    index_lock = repo.git_dir / "index.lock"
    while not index_lock.exists():
        assert process.poll() is None, "the checkout was not seen"
        time.sleep(0.001)
    os.killpg(process.pid, signal.SIGINT)
    process.wait()
    settle(repo)
    assert not index_lock.exists()
    assert repo.git("branch", "--show-current").startswith("sync/")
    assert repo.git("status", "--porcelain") == ""

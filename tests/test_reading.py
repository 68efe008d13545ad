"""Objects read through processes that stay: what git has, in any order of misfortunes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from git_fixtures import Repo
from hypothesis import given, settings
from hypothesis import strategies as st

from syncfork.errors import GitError, SyncforkError
from syncfork.git import reading
from syncfork.git.door import Git
from syncfork.git.objects import ObjectStore
from syncfork.git.reading import contents, object_ids
from syncfork.parallel import shared_out

NOWHERE = "0" * 40


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo.create(tmp_path / "r")
    made.branch("main", made.commit({"a": b"one\n", "new\nline": b"odd\n", "empty": b""}))
    return made


def waiting() -> list[subprocess.Popen[bytes]]:
    return [process.running for _, process in reading._waiting]


def test_contents_and_ids_come_in_order_with_what_is_missing_between(repo: Repo) -> None:
    git, oid = Git(repo.path), repo.git("rev-parse", "main:a").strip()
    names = ["main:a", NOWHERE, "main:new\nline", "main:no\nsuch", "main:empty", oid, "main:gone"]
    assert contents(git, names) == dict(
        zip(names, [b"one\n", None, b"odd\n", None, b"", b"one\n", None], strict=True)
    )
    assert object_ids(git, ["main:gone", "main:a", NOWHERE]) == {
        "main:gone": None,
        "main:a": oid,
        NOWHERE: None,
    }


def test_one_process_answers_several_questions_and_sees_what_came_later(repo: Repo) -> None:
    git = Git(repo.path)
    assert contents(git, ["main:b"]) == {"main:b": None}
    first = waiting()[-1]
    later = repo.commit({"b": b"two\n"})
    repo.branch("main", later)
    assert contents(git, ["main:b", later]).keys() == {"main:b", later}
    assert contents(git, ["main:b"]) == {"main:b": b"two\n"}
    assert waiting()[-1] is first


def test_no_more_wait_than_are_of_use(tmp_path: Path) -> None:
    for number in range(6):
        assert contents(Git(Repo.create(tmp_path / str(number)).path), [NOWHERE]) == {NOWHERE: None}
    assert len(waiting()) == reading._MOST_WAITING


def test_one_that_ended_while_it_waited_says_nothing_of_the_object(repo: Repo) -> None:
    git = Git(repo.path)
    for _ in range(2):
        contents(git, ["main:a"])
        waiting()[-1].kill()
        assert contents(git, ["main:a"]) == {"main:a": b"one\n"}
        waiting()[-1].kill()
        waiting()[-1].wait()
        assert object_ids(git, ["main:a"])["main:a"]


def test_what_cannot_be_read_costs_only_itself(repo: Repo) -> None:
    oids = [repo.write("blob", os.urandom(3000)) for _ in range(5)]
    for oid in oids[1::2]:
        path = repo.object_path(oid)
        path.chmod(0o644)
        path.write_bytes(path.read_bytes()[:2000])
    found = contents(Git(repo.path), [*oids, "main:a"])
    assert [bool(content) for content in found.values()] == [True, False, True, False, True, True]


def test_what_git_says_meanwhile_is_in_nobodys_way(repo: Repo) -> None:
    repo.git("update-ref", "--create-reflog", "-m", "made", "refs/heads/logged", "main")
    # git warns, each time, that its log does not go back so far.
    names = [f"logged@{{2001-01-01 00:{number // 60:02}:{number % 60:02}}}:a" for number in range(2000)]
    assert set(contents(Git(repo.path), names).values()) == {b"one\n"}


def test_threads_and_forked_children_do_not_share_one(repo: Repo) -> None:
    git = Git(repo.path)
    oids = [repo.write("blob", b"%d\n" % number * 20_000) for number in range(40)]

    def read(number: int) -> int:
        found = contents(git, [oids[number], oids[-number]])[oids[number]]
        assert found == b"%d\n" % number * 20_000
        return number

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(read, range(40))) == list(range(40))
    assert shared_out(read, range(40)) == list(range(40))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_none_is_left_behind_by_a_run(repo: Repo) -> None:
    """Seen by who adopts the orphans: this process."""
    code = (
        "import ctypes, os, subprocess, sys\n"
        "ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)\n"  # PR_SET_CHILD_SUBREAPER
        "run = subprocess.run([sys.executable, '-m', 'syncfork', 'merge', '--dry-run', 'main'])\n"
        "try:\n    print('left', os.waitid(os.P_ALL, 0, os.WEXITED))\n"
        "except ChildProcessError:\n    print('none', run.returncode)\n"
    )
    base = repo.git("rev-parse", "main").strip()
    repo.checkout("fork", repo.commit({"b": "ours\n"}, base))
    repo.branch("main", repo.commit({"a": "theirs\n"}, base))
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=repo.path, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "none 0"


def test_a_child_does_not_keep_its_parents_alive(repo: Repo) -> None:
    contents(Git(repo.path), ["main:a"])
    parent, process = os.getpid(), waiting()[-1]

    def seconds(_: int) -> float:
        start = time.monotonic()
        if os.getpid() == parent:
            reading.end_all()
            return time.monotonic() - start
        time.sleep(3)
        return 0

    assert sum(shared_out(seconds, [1, 2])) < 2
    assert process.poll() is not None


def test_a_name_that_is_asked_twice_and_one_that_cannot_be_asked(repo: Repo) -> None:
    git, oid = Git(repo.path), repo.git("rev-parse", "main:a").strip()
    assert object_ids(git, ["main:a", "main:a", "main:a\0b"]) == {"main:a": oid, "main:a\0b": None}
    assert contents(git, ["main:a", "main:a\0b", "main:a"]) == {"main:a": b"one\n", "main:a\0b": None}


def test_many_corrupt_objects(repo: Repo) -> None:
    oids = [repo.write("blob", b"%d\n" % number) for number in range(600)]
    for oid in oids:
        repo.object_path(oid).chmod(0o644)
        repo.object_path(oid).write_bytes(b"no object")
    assert set(object_ids(Git(repo.path), oids).values()) == {None}


def test_a_git_that_is_too_old(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "bin" / "git"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho 'error: unknown switch' >&2\nexit 129\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(old.parent))
    for read in (object_ids, contents):
        with pytest.raises(SyncforkError, match="git is too old"):
            read(Git(repo.path), ["main:a"])


def test_a_failure_is_told(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="not a git repository"):
        object_ids(Git(tmp_path), ["HEAD"])


@settings(max_examples=20)
@given(
    blobs=st.sets(st.binary(max_size=300), min_size=1, max_size=30),
    algorithm=st.sampled_from(["sha1", "sha256"]),
)
def test_the_index_of_a_pack_is_the_one_that_git_makes(blobs: set[bytes], algorithm: str) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        store = ObjectStore(Path(folder), algorithm)
        for blob in blobs:
            store.write("blob", blob)
        store.pack()
        (pack,) = Path(folder, "pack").glob("*.pack")
        other = Path(folder, "other.idx")
        command = ["git", "index-pack", f"--object-format={algorithm}", "-o", str(other), str(pack)]
        subprocess.run(command, check=True, capture_output=True)
        assert other.read_bytes() == pack.with_suffix(".idx").read_bytes()

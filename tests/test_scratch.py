"""Folders for the time of a run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from syncfork import scratch as module
from syncfork.scratch import scratch


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for the one in memory, with room in it."""
    if sys.platform != "linux":
        pytest.skip("only Linux has such a folder")
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(module, "_SHARED_MEMORY", tmp_path)
    monkeypatch.setattr(module, "_ROOM", 1)
    return tmp_path


def test_it_is_gone_afterwards_also_after_a_failure(memory: Path) -> None:
    def fail() -> None:
        with scratch(many_files=True) as folder:
            (folder / "a").mkdir()
            (folder / "a" / "b").write_text("b")
            assert folder.parent == memory and folder.stat().st_mode & 0o77 == 0
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not list(memory.iterdir())


def test_few_files_another_place_or_no_room_are_not_in_memory(
    memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scratch() as folder:
        assert folder.parent != memory
    monkeypatch.setattr(module, "_ROOM", 1 << 60)
    with scratch(many_files=True) as folder:
        assert folder.parent != memory
    monkeypatch.setattr(module, "_ROOM", 1)
    monkeypatch.setenv("TMPDIR", "/tmp")
    with scratch(many_files=True) as folder:
        assert folder.parent != memory


def test_what_killed_runs_left_is_swept_away_a_day_later(memory: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", "pass"])
    ended.wait()
    names = {
        "old": f"syncfork-{ended.pid}-a", "new": f"syncfork-{ended.pid}-b", "alive": f"syncfork-{os.getpid()}-c",
        "other": "syncfork-docs-d",
    }  # fmt: skip
    for kind, name in names.items():
        (memory / name / "objects").mkdir(parents=True)
        if kind != "new":
            os.utime(memory / name, (0, 0))
    with scratch(many_files=True):
        pass
    assert {path.name for path in memory.iterdir()} == {names["new"], names["alive"], names["other"]}


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="the superuser may change any folder"
)
def test_folders_that_nobody_may_change_go_too(memory: Path) -> None:
    with scratch(many_files=True) as folder:
        (folder / "a" / "b").mkdir(parents=True)
        (folder / "a" / "b" / "c").write_text("c")
        (folder / "a" / "b").chmod(0o500)
        (folder / "a").chmod(0o500)
    assert not list(memory.iterdir())

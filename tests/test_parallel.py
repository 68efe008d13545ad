"""Work shared out between processes comes back as a loop would make it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from syncfork import parallel
from syncfork.parallel import shared_out


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine with two cores, whatever this one has, and for however little."""
    monkeypatch.setattr(parallel, "cores", lambda: 2)
    monkeypatch.setattr(parallel, "_WORTH_A_CHILD", 0)


def slowly(item: int) -> tuple[int, int]:
    """A result with the process that made it; slow enough for the other one to get a ticket too."""
    deadline = os.times().elapsed + 0.005
    while os.times().elapsed < deadline:
        pass
    return item * item, os.getpid()


@pytest.mark.parametrize("count", [0, 1, 2, 5, 1000])
def test_results_are_in_order(count: int) -> None:
    assert shared_out(lambda item: item * item, range(count)) == [item * item for item in range(count)]


@pytest.mark.skipif(not parallel._can_fork(), reason="this system is not forked on")
def test_two_processes_take_part() -> None:
    found = shared_out(slowly, range(60))
    assert [square for square, _ in found] == [item * item for item in range(60)]
    assert len({process for _, process in found}) == 2


def test_known_objects_are_the_very_same() -> None:
    known = [object(), object()]
    found = shared_out(lambda number: (slowly(number), known[number % 2]), range(60), known)
    assert all(thing is known[number % 2] for number, (_, thing) in enumerate(found))


def test_an_exception_is_raised_as_in_a_loop() -> None:
    def sometimes(item: int) -> int:
        if item == 31:
            raise ValueError("thirty-one")
        return slowly(item)[0]

    with pytest.raises(ValueError, match="thirty-one"):
        shared_out(sometimes, range(60))


def test_a_child_that_is_killed_costs_nothing_but_time() -> None:
    here = os.getpid()

    def dies_elsewhere(item: int) -> int:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return slowly(item)[0]

    assert shared_out(dies_elsewhere, range(60)) == [item * item for item in range(60)]


def test_what_cannot_be_sent_is_made_here() -> None:
    def unsendable(item: int) -> Callable[[], int]:
        slowly(item)
        return lambda: item

    assert [made() for made in shared_out(unsendable, range(40))] == list(range(40))

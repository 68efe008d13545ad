"""Pure work on several cores at once: forked children that send their results back, where the system has them.

Written by hand, where the standard library has pools, because those take longer to import than they would save here.
"""

from __future__ import annotations

import io
import os
import pickle
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from msgspec import Struct

from syncfork.git.reading import end_all

Item = TypeVar("Item")
Made = TypeVar("Made")

# More children than this cost more memory than they save time.
_MOST_CHILDREN = 3
# So many seconds of work are done here before any child is made: about twice what one costs.
_WORTH_A_CHILD = 0.02
# Tickets go through a pipe before anybody reads: it has to hold them all.
_MOST_TICKETS = 256

# Not empty while this process, or the one it was forked from, is at such work.
_at_work: list[bool] = []


class Task(Struct, frozen=True):
    """Work that takes no arguments; `effort` is how long it takes beside the others."""

    run: Callable[[], Any]
    effort: int = 1


def shared_out(
    make: Callable[[Item], Made],
    items: Sequence[Item],
    known: Sequence[object] = (),
    effort: Callable[[Item], int] = lambda _: 1,
) -> list[Made]:
    """`[make(item) for item in items]`, shared out between this process and forked children.

    `make` must not depend on the order, nor change anything that is seen outside. The objects in `known` are not sent
    back with a result, but are the very same ones in it. Where a child comes to nothing its share is done here, so
    that an exception of `make` is raised as it would be in a loop, be it of another item. What takes the most
    `effort` (in any unit) is begun first, so that nobody waits for it at the end. Only what is left after a while is
    shared out, of which the least has been done by then: most merges are so small that a child costs more than it does.
    """
    most = min(cores() - 1, _MOST_CHILDREN) if _can_fork() and not _at_work else 0
    found: dict[int, Made] = {}
    order = sorted(range(len(items)), key=lambda number: -effort(items[number]))
    begun = time.perf_counter()
    while order and (not most or time.perf_counter() < begun + _WORTH_A_CHILD):
        number = order.pop()
        found[number] = make(items[number])
    children = min(most, len(order) - 1)
    if children < 1:
        found |= {number: make(items[number]) for number in order}
        return [found[number] for number in range(len(items))]
    tickets = _tickets(len(order))
    # Work within the work is not shared out again: the cores are taken.
    _at_work.append(True)
    pipes = [_child(make, items, order, tickets, known) for _ in range(children)]
    try:
        for number in _taken(tickets, order):
            found[number] = make(items[number])
    finally:
        _at_work.pop()
        os.close(tickets)
        for process, pipe in pipes:
            found |= _received(process, pipe, known)
    return [found[number] if number in found else make(item) for number, item in enumerate(items)]


def results(tasks: Sequence[Task], known: Sequence[object] = ()) -> list[Any]:
    """What tasks come to, in order; `known` as for `shared_out`."""
    return shared_out(lambda task: task.run(), tasks, known, lambda task: task.effort)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _can_fork() -> bool:
    # Elsewhere a forked process may not use the system's own libraries safely, or there is no fork at all.
    return sys.platform == "linux"


def _tickets(count: int) -> int:
    """The reading end of a pipe with a byte for each chunk of work; whoever reads one has that chunk to do."""
    reading, writing = os.pipe()
    os.write(writing, bytes(range(min(count, _MOST_TICKETS))))
    os.close(writing)
    return reading


def _taken(tickets: int, order: Sequence[int]) -> Iterator[int]:
    """The numbers of the items to do here, as long as there are tickets."""
    while ticket := os.read(tickets, 1):
        yield from order[ticket[0] :: _MOST_TICKETS]


def _child(
    make: Callable[[Item], Any],
    items: Sequence[Item],
    order: Sequence[int],
    tickets: int,
    known: Sequence[object],
) -> tuple[int, int]:
    """Start a child; its process id, and the pipe that its results come through."""
    reading, writing = os.pipe()
    process = os.fork()
    if process:
        os.close(writing)
        return process, reading
    # Nothing of the parent's may run here: no handler at exit, no buffer written twice, no clean-up of its folders.
    try:
        os.close(reading)
        done = {number: make(items[number]) for number in _taken(tickets, order)}
        with os.fdopen(writing, "wb") as pipe:
            _Pickler(pipe, known).dump(done)
        end_all()
        os._exit(0)
    except BaseException:
        os._exit(1)


def _received(process: int, pipe: int, known: Sequence[object]) -> dict[int, Any]:
    """What a child has done; nothing where it failed."""
    with os.fdopen(pipe, "rb") as stream:
        content = stream.read()
    _, status = os.waitpid(process, 0)
    if status:
        return {}
    found: dict[int, Any] = _Unpickler(content, known).load()
    return found


class _Pickler(pickle.Pickler):
    """Leaves out what the reader has."""

    def __init__(self, stream: Any, known: Sequence[object]) -> None:
        super().__init__(stream, pickle.HIGHEST_PROTOCOL)
        self._numbers = {id(thing): number for number, thing in enumerate(known)}

    def persistent_id(self, thing: object) -> int | None:
        """See the base class."""
        return self._numbers.get(id(thing))


class _Unpickler(pickle.Unpickler):
    """Reads what a child of this very process wrote."""

    def __init__(self, content: bytes, known: Sequence[object]) -> None:
        super().__init__(io.BytesIO(content))
        self._known = known

    def persistent_load(self, number: Any) -> object:
        """See the base class."""
        return self._known[number]

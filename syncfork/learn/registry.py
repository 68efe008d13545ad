"""All learners. A new one is a file with a function `learn`, a line here, a row in `docs/learn.md`, and tests."""

from __future__ import annotations

from syncfork.learn import blocks, copies, deletions, locks, sides, unions, values
from syncfork.learn.base import Learner

LEARNERS: dict[str, Learner] = {
    "sides": sides.learn,
    "deletions": deletions.learn,
    "unions": unions.learn,
    "locks": locks.learn,
    "copies": copies.learn,
    "values": values.learn,
    "blocks": blocks.learn,
}

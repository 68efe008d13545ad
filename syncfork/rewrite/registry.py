"""All rewriting actions. A new action is a file of its own, its cases, and a line in `ACTIONS`."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Tag

from syncfork.rewrite.base import WrittenStep
from syncfork.rewrite.carry import Carry
from syncfork.rewrite.insert import Insert
from syncfork.rewrite.keep import Keep
from syncfork.rewrite.remove import Remove
from syncfork.rewrite.replace import Replace
from syncfork.rewrite.set import Set

ACTIONS: dict[str, type[WrittenStep]] = {
    "replace": Replace,
    "insert": Insert,
    "remove": Remove,
    "keep": Keep,
    "set": Set,
    "carry": Carry,
}


def verb_of(value: Any) -> str | None:
    """The action's name of a written step, raw or parsed."""
    if isinstance(value, dict):
        return next((key for key in ACTIONS if key in value), None)
    return next((key for key, action in ACTIONS.items() if type(value) is action), None)


AnyStep = Annotated[
    Annotated[Replace, Tag("replace")]
    | Annotated[Insert, Tag("insert")]
    | Annotated[Remove, Tag("remove")]
    | Annotated[Keep, Tag("keep")]
    | Annotated[Set, Tag("set")]
    | Annotated[Carry, Tag("carry")],
    Discriminator(
        verb_of,
        custom_error_type="step_kind",
        custom_error_message=f"expected a step: a mapping with one of the keys {', '.join(ACTIONS)}",
    ),
]

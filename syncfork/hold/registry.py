"""All kinds of invariants. A new kind is a file of its own, its cases, and a line in `HOLDS`."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Tag

from syncfork.hold.base import WrittenHold
from syncfork.hold.count import Forbid, Require
from syncfork.hold.parses import Parses
from syncfork.hold.relate import Relate
from syncfork.hold.watch import Watch

HOLDS: dict[str, type[WrittenHold]] = {
    "require": Require,
    "forbid": Forbid,
    "relate": Relate,
    "parses": Parses,
    "watch": Watch,
}


def _kind(value: Any) -> str | None:
    if isinstance(value, dict):
        return next((key for key in HOLDS if key in value), None)
    return next((key for key, hold in HOLDS.items() if type(value) is hold), None)


AnyHold = Annotated[
    Annotated[Require, Tag("require")]
    | Annotated[Forbid, Tag("forbid")]
    | Annotated[Relate, Tag("relate")]
    | Annotated[Parses, Tag("parses")]
    | Annotated[Watch, Tag("watch")],
    Discriminator(
        _kind,
        custom_error_type="hold_kind",
        custom_error_message=f"expected an invariant: a mapping with one of the keys {', '.join(HOLDS)}",
    ),
]

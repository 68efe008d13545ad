"""All selector kinds. A new kind is a file of its own, its cases, and a line in `KINDS`."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Tag

from syncfork.selectors.base import WrittenSelector
from syncfork.selectors.key import Key
from syncfork.selectors.literal import Literal
from syncfork.selectors.regex import RegexSelector
from syncfork.selectors.syntax import Syntax

KINDS: dict[str, type[WrittenSelector]] = {
    "literal": Literal,
    "regex": RegexSelector,
    "syntax": Syntax,
    "key": Key,
}


def _kind(value: Any) -> str | None:
    if isinstance(value, dict):
        return next((key for key in KINDS if key in value), None)
    return next((key for key, kind in KINDS.items() if type(value) is kind), None)


AnySelector = Annotated[
    Annotated[Literal, Tag("literal")]
    | Annotated[RegexSelector, Tag("regex")]
    | Annotated[Syntax, Tag("syntax")]
    | Annotated[Key, Tag("key")],
    Discriminator(
        _kind,
        custom_error_type="selector_kind",
        custom_error_message=f"expected a selector: a mapping with one of the keys {', '.join(KINDS)}",
    ),
]

for _written in KINDS.values():
    _written.model_rebuild(_types_namespace={"AnySelector": AnySelector})

"""All path-level intents, as written. A new one is a class with `place` and a line in `compile_own`."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from syncfork.own.base import Own
from syncfork.own.derived import Derived
from syncfork.own.sides import TakeSide
from syncfork.own.union import Regenerate, Union
from syncfork.selectors.base import Written


class DerivedFrom(Written, frozen=True):
    """The file began as a copy of this upstream file."""

    derived: Annotated[str, Meta(description="The upstream file's path.")]


class RegenerateWith(Written, frozen=True):
    """The file is made by a command, run in a checkout of the merged tree and only when asked for."""

    regenerate: Annotated[tuple[str, ...], Meta(min_length=1, description="Program and arguments.")]


AnyOwn = Literal["ours", "theirs", "absent", "union"] | DerivedFrom | RegenerateWith


def compile_own(written: AnyOwn) -> Own:
    """The intent ready for use."""
    if isinstance(written, DerivedFrom):
        return Derived(written.derived)
    if isinstance(written, RegenerateWith):
        return Regenerate(written.regenerate)
    return Union() if written == "union" else TakeSide(written)

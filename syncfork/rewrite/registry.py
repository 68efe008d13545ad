"""All rewriting actions. A new action is a file of its own, its cases, and its name in `AnyStep`."""

from __future__ import annotations

from syncfork.rewrite.carry import Carry
from syncfork.rewrite.insert import Insert
from syncfork.rewrite.keep import Keep
from syncfork.rewrite.reformat import Reformat
from syncfork.rewrite.remove import Remove
from syncfork.rewrite.replace import Replace
from syncfork.rewrite.set import Set

AnyStep = Replace | Insert | Remove | Keep | Set | Carry | Reformat


def verb_of(step: AnyStep) -> str:
    """The action's name of a written step: its first key."""
    return step.__struct_encode_fields__[0]

"""All kinds of invariants. A new kind is a file of its own, its cases, and its name in `AnyHold`."""

from __future__ import annotations

from syncfork.hold.count import Forbid, Require
from syncfork.hold.made_from import MadeFrom
from syncfork.hold.parses import Parses
from syncfork.hold.relate import Relate
from syncfork.hold.watch import Watch

AnyHold = Require | Forbid | Relate | Parses | Watch | MadeFrom

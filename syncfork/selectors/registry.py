"""All selector kinds. A new kind is a file of its own, its cases, and its name in `AnySelector`."""

from __future__ import annotations

from syncfork.selectors import base
from syncfork.selectors.key import Key
from syncfork.selectors.literal import Literal
from syncfork.selectors.regex import RegexSelector
from syncfork.selectors.syntax import Syntax

AnySelector = Literal | RegexSelector | Syntax | Key

# What `within` names, which every kind has.
vars(base)["AnySelector"] = AnySelector

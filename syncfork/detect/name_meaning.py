"""Whether a text means something of its own by a name that another text defines. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from syncfork.detect.name_forms import GENERAL, Language, language_of
from syncfork.detect.name_imports import may_be

# Stands in a line for the name that is asked about, so that one pattern does for all names: thousands may go at once.
STAND_IN = "the_name_asked_about"


def of_its_own(
    name: str, path: str, lines: Iterable[str], brought: Iterable[tuple[str, frozenset[str]]]
) -> bool:
    """Whether a text gives a `name`, which the file at `path` defines, a meaning of its own in one of the `lines` that
    have it, or has brought it in from elsewhere."""
    meant = _meaning(language_of(path))
    if any(meant.search(line.replace(name, STAND_IN)) for line in lines):
        return True
    modules = [module for module, names in brought if name in names]
    return bool(modules) and not any(may_be(module, path) for module in modules)


def makes(name: str, language: Language, lines: Iterable[str]) -> bool:
    """Whether one of the `lines` makes something by the `name`: a variable, a parameter, a key."""
    meant = _meaning(language)
    return any(
        name in line and meant.search(re.sub(rf"\b{re.escape(name)}\b", STAND_IN, line)) for line in lines
    )


@cache
def _meaning(language: Language | None) -> re.Pattern[str]:
    forms = (*GENERAL, *(language.declares if language else ()))
    return re.compile("|".join(form.replace("NAME", STAND_IN) for form in forms))

"""Whether a text means something of its own by a name that another text defines. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from syncfork.detect.name_forms import GENERAL, language_of
from syncfork.detect.name_imports import may_be


def of_its_own(
    name: str, path: str, lines: Iterable[str], brought: Iterable[tuple[str, frozenset[str]]]
) -> bool:
    """Whether a text gives a `name`, which the file at `path` defines, a meaning of its own in one of the `lines` that
    have it, or has brought it in from elsewhere."""
    if any(map(_meaning(name, path).search, lines)):
        return True
    modules = [module for module, names in brought if name in names]
    return bool(modules) and not any(may_be(module, path) for module in modules)


@lru_cache(maxsize=4096)
def _meaning(name: str, path: str) -> re.Pattern[str]:
    language = language_of(path)
    forms = (*GENERAL, *(language.declares if language else ()))
    return re.compile("|".join(form.replace("NAME", re.escape(name)) for form in forms))

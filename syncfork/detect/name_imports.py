"""Which names a source text brings in, and from which module. Pure."""

from __future__ import annotations

import re

# Where a text brings names in: the names, and the module that has them.
_IMPORTS = re.compile(
    r"\bimport\b(?P<a>[^;'\"=]{0,1500}?)\bfrom[ \t]*['\"](?P<A>[^'\"\n]{1,300})"
    r"|\{(?P<b>[^{}=]{0,600})\}[ \t]*=[ \t]*require\(['\"](?P<B>[^'\"\n]{1,300})"
    r"|^[ \t]*from[ \t]+(?P<C>[\w.]{1,300})[ \t]+import[ \t]+(?P<c>\([^)]{0,3000}|[^\n(]{0,1000})"
    r"|^[ \t]*import[ \t]+(?:static[ \t]+)?(?P<D>[\w.]{1,300}?)(?:\.|[ \t]+as[ \t]+)(?P<d>\w{1,300})[ \t]*;?$"
    r"|^[ \t]*(?:pub[ \t]+)?use[ \t]+(?P<E>\w{1,99}(?:::\w{1,99}){0,20})::(?P<e>\{[^}]{0,2000}|\w{1,99})",
    re.MULTILINE,
)
_WORD = re.compile(r"\w+")
# An ending, or a name that stands for its folder.
_UNTOLD = frozenset(
    ["js", "jsx", "ts", "tsx", "mjs", "cjs", "vue", "svelte", "py", "rs", "index", "mod", "__init__"]
)


def brought_in(text: str) -> list[tuple[str, frozenset[str]]]:
    """The modules that a text brings names in from, each with the names."""
    found = (match.groupdict(default="") for match in _IMPORTS.finditer(text))
    return [
        ("".join(m[k] for k in "ABCDE"), frozenset(_WORD.findall(" ".join(m[k] for k in "abcde"))))
        for m in found
    ]


def may_be(module: str, path: str) -> bool:
    """Whether a module, as a text names it, may be the file at `path`, or one of the folders that hold it."""
    last = _parts(module)[-1:]
    return not last or last[0] in _parts(path)


def _parts(path: str) -> list[str]:
    """What a path or the name of a module is made of, without an ending and the name that stands for its folder."""
    parts = re.split(r"\W+", path.replace("-", "_"))
    return [part for part in parts if part and part not in _UNTOLD]

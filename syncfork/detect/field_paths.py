"""Whether a path in a text in Rust leads to a struct that another file defines. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from msgspec import Struct

from syncfork.detect.name_imports import may_be
from syncfork.text import Document

_USE = re.compile(r"^[ \t]*+(?:pub(?:\([^)\n]*+\))?[ \t]++)?use[ \t\n]++([^;]{1,5000}+);", re.MULTILINE)
_REMARK = re.compile(r"//[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/")
_TOKEN = re.compile(r"\w+|[{},*]")
_MODULE = re.compile(r"\bmod[ \t]++(\w++)")
# A file that is called so is the module of its folder.
_OF_FOLDER = re.compile(r"/mod$|(?<=src)/(?:lib|main)$")
# Where the root of the crate is: each program in `bin` is a crate of its own.
_ROOT = re.compile(r"(?:.*/)?src(?=/(?!bin/))")
# By these a path begins in the crate that it stands in.
_HERE = frozenset(["crate", "self", "super"])
# What a crate has its sources in.
_SOURCES = re.compile(r"(?:^|/)(?:src|tests|examples|benches)/.*$")

NO, MAYBE, CERTAIN = range(3)


class Use(Struct, frozen=True):
    """What a text brings in by a `name`, `*` for all that is there, from a path that ends in it."""

    name: str
    path: tuple[str, ...]


@lru_cache(maxsize=512)
def _uses(document: Document) -> Sequence[Use]:
    text = without_remarks(document.text)
    return [use for statement in _USE.finditer(text) for use in brought(statement[1])]


def without_remarks(text: str) -> str:
    """A text in Rust without what is said in it."""
    return _REMARK.sub("", text)


def brought(tree: str) -> list[Use]:
    """What one `use` brings in, by what stands between that word and the semicolon, without remarks."""
    found: list[Use] = []
    outer: list[tuple[str, ...]] = []
    start: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    name = ""
    renamed = False
    for token in [*_TOKEN.findall(tree), ","]:
        if token == "{":
            outer.append(start)
            start, name = path, ""
        elif token in ",}":
            if name and path:
                found.append(Use(name, path))
            if token == "}" and outer:
                start = outer.pop()
            path, name = start, ""
        elif token == "as":
            renamed = True
        elif renamed:
            name, renamed = token, False
        elif token == "self" and path:
            name = path[-1]
        else:
            path, name = (*path, token), token
    return found


def leads(document: Document, path: tuple[str, ...], where: str) -> int:
    """How sure it is that a `path` in a text means what the file at `where` defines under its last name, where nothing
    else of the tree has that name: CERTAIN, MAYBE or NO."""
    uses = _uses(document)
    if named := [use.path for use in uses if use.name == path[0]]:
        return min(_judged(document, (*each, *path[1:]), where) for each in named)
    if len(path) > 1:
        return _judged(document, path, where)
    everything = [use.path[:-1] for use in uses if use.name == "*"]
    # The variants of an enum, of which one may have the name.
    if any(each and each[-1][:1].isupper() for each in everything):
        return NO
    if document.path == where:
        return CERTAIN
    judged = [_all_of(document, each, path[0], where) for each in everything]
    # One of several may have it, of which another one is another crate.
    return min(max(judged), CERTAIN if min(judged) else MAYBE) if judged else NO


def _all_of(document: Document, module: tuple[str, ...], name: str, where: str) -> int:
    """The same of a name that may come with all that a module has. What `super` and the like have, they may themselves have
    from another crate, but for what their own file defines."""
    sure = _judged(document, (*module, name), where)
    return sure if set(module) - _HERE or where in _files(document.path, module) else min(sure, MAYBE)


def _files(path: str, start: tuple[str, ...]) -> Sequence[str]:
    """The files that a path of `crate`, `self` and `super` alone, in the file at `path`, may mean."""
    module = _OF_FOLDER.sub("", path.removesuffix(".rs"))
    for step in start:
        if step == "super":
            module = module.rpartition("/")[0]
        elif step == "crate":
            module = found[0] if (found := _ROOT.match(path)) else ""
    names = ("/lib.rs", "/main.rs") if f"/{module}".endswith("/src") else (".rs", "/mod.rs")
    return [module + name for name in names]


@lru_cache(maxsize=512)
def _modules(document: Document) -> frozenset[str]:
    """What the modules are called that a text has."""
    return frozenset(_MODULE.findall(document.text))


def _judged(document: Document, path: tuple[str, ...], where: str) -> int:
    modules = tuple(each for each in path[:-1] if each not in _HERE)
    crate = _crate(where)
    if path[0] in _HERE or (modules and modules[0] in _modules(document)):
        return CERTAIN if same_crate(document.path, where) and may_be("::".join(modules), where) else MAYBE
    name = crate.rpartition("/")[2].replace("-", "_")
    if name and modules and f"_{modules[0]}".endswith(f"_{name}"):
        # A crate may be called by more than its folder is, and so may another one.
        return CERTAIN if modules[0] == name and may_be("::".join(modules[1:]), where) else MAYBE
    return MAYBE if modules and may_be(modules[-1], where) else NO


def same_crate(one: str, other: str) -> bool:
    """Whether two files belong to one crate."""
    return _crate(one) == _crate(other)


def _crate(path: str) -> str:
    """The folder of the crate that a file belongs to."""
    found = _SOURCES.search(path)
    return path[: found.start()] if found else path.rpartition("/")[0]

"""Which files the imports of a text may mean: modules beside it, by its name alone or with one of the usual endings. Pure.

What begins with none of `./` and `../` may be an alias of a folder, which only the repository itself can tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from posixpath import basename, dirname, join, normpath, splitext

from msgspec import Struct

from syncfork.detect.import_forms import SCRIPTS, STYLES, Import, code_lines, ending, imports, optional
from syncfork.text import Document

_MODULES = ("ts", "tsx", "d.ts", "js", "jsx", "mjs", "cjs", "mts", "cts", "vue", "svelte", "json")
_INDEX = ("ts", "tsx", "d.ts", "js", "jsx", "mjs", "cjs", "mts", "vue")
# What a source is called in an import that is compiled.
_COMPILED = {"js": ("ts", "tsx", "jsx", "d.ts"), "jsx": ("tsx",), "mjs": ("mts",), "cjs": ("cts",)}
# The tool that puts the program together takes one of these for the platform that it is for, or a module that is compiled.
_PLATFORMS = ("ios", "android", "native", "web", "windows", "macos")
_FROM = re.compile(r"^[ \t]*from[ \t]+([\w.]*)[ \t]+import[ \t]+\(?([^)#]*)")
_NAMED = re.compile(r"\s*+(\w++)(?:\s++as\s++\w++)?\s*+\\?\s*+")
# What goes on with the names of an import in brackets: no import begins so, and no line is read for two.
_GOES_ON = re.compile(r"[\w \t\r,]*+")
_MOD = re.compile(r"^[ \t]*(?:pub(?:\([^)]*\))?[ \t]+)?mod[ \t]+(\w+)[ \t]*;")


# How files end that import others by their places.
LED = frozenset((*SCRIPTS, *STYLES, "py", "rb", "rake", "rs"))


class FileImport(Struct, frozen=True):
    """What line `line` (from 1) imports, `written` as it stands there, and the `paths` of the repository that it may mean. Of an
    `alias` these are from a folder that is not known, and `near` come before them. `word` is the name that may as well be one of the package `home`'s."""

    line: int
    written: str
    paths: tuple[str, ...]
    alias: bool = False
    near: tuple[str, ...] = ()
    word: str = ""
    home: tuple[str, ...] = ()


def file_imports(document: Document) -> Iterator[FileImport]:
    """Every file that the text imports, as far as it has to be there."""
    end, home = ending(document.path), dirname(document.path)
    if end == "py":
        yield from _of_python(document, home)
    elif end == "rs":
        yield from _of_rust(document)
    elif end in ("rb", "rake"):
        for item in imports(document):
            path = _joined(home, item.what)
            yield FileImport(item.line, item.what, (path, f"{path}.rb"))
    elif end in SCRIPTS or end in STYLES:
        lines = code_lines(document)
        for item in imports(document):
            if not optional(document, lines, item.line):
                yield from _of_bundler(item, end, home)


def stand_ins(path: str) -> set[str]:
    """The files by other names that an import of the module `path` may mean as well."""
    stem, end = splitext(path)
    if end == ".py":
        return {f"{stem}.pyx"}
    alike = ("ts", "tsx", "js", "jsx") if end[1:] in SCRIPTS else (end[1:],)
    return {f"{stem}.{platform}.{each}" for platform in _PLATFORMS for each in alike}


def _of_bundler(item: Import, end: str, home: str) -> Iterator[FileImport]:
    forms = _style_forms if end in STYLES else _script_forms
    what = item.what.rstrip("/")
    if what.startswith("./") or what.startswith("../") or what in (".", ".."):
        if within(path := _joined(home, what)):
            yield FileImport(item.line, item.what, tuple(forms(path)))
    elif what and not what.startswith("/") and ":" not in what:
        beside = _joined(home, what)
        near = tuple(forms(beside)) if end in STYLES and within(beside) else ()
        if near:
            yield FileImport(item.line, item.what, near)
        if "/" in what:
            yield FileImport(item.line, item.what, tuple(forms(what)), alias=True, near=near)


def _script_forms(path: str) -> Iterator[str]:
    stem, end = splitext(path)
    yield path
    yield from (f"{path}.{each}" for each in _MODULES)
    yield from (f"{stem}.{each}" for each in _COMPILED.get(end[1:], ()))
    yield from (f"{path}/index.{each}" for each in _INDEX)
    yield f"{path}/package.json"


def _style_forms(path: str) -> Iterator[str]:
    folder, name = dirname(path), basename(path)
    yield path
    for each in STYLES:
        yield from (
            f"{path}.{each}",
            join(folder, f"_{name}.{each}"),
            f"{path}/index.{each}",
            f"{path}/_index.{each}",
        )
    yield join(folder, f"_{name}")


def _of_python(document: Document, home: str) -> Iterator[FileImport]:
    lines = code_lines(document)
    for number, line in enumerate(lines, start=1):
        found = _FROM.match(line)
        if not found or line[:1].isspace() or optional(document, lines, number):
            continue
        module = found[1].lstrip(".")
        levels = len(found[1]) - len(module)
        inner = module.replace(".", "/")
        if levels:
            up = home.split("/") if home else []
            if levels - 1 > len(up):
                continue
            roots: Sequence[str] = ["/".join(up[: len(up) - levels + 1])]
        else:
            roots = ["", "src", home]
        stems = list(dict.fromkeys(normpath(join(root, inner)) for root in roots))
        stems = ["" if stem == "." else stem for stem in stems]
        if module and levels:
            yield FileImport(number, found[1], tuple(path for stem in stems for path in _python_forms(stem)))
        names = found[2]
        if "(" in line and ")" not in line:
            names += " ".join(_rest(lines, number))
        for word in (named[1] for part in names.split(",") if (named := _NAMED.fullmatch(part))):
            paths = tuple(path for stem in stems for path in _python_forms(join(stem, word)))
            own = tuple(path for stem in stems for path in _python_forms(stem))
            yield FileImport(number, f"{found[1]} import {word}", paths, word=word, home=own)


def _rest(lines: Sequence[str], number: int) -> Iterator[str]:
    """The lines behind line `number` up to the bracket that closes, or to one that cannot be among the names."""
    for at in range(number, len(lines)):
        line, closing, _ = lines[at].partition("#")[0].partition(")")
        if not _GOES_ON.fullmatch(line):
            return
        yield line
        if closing:
            return


def _python_forms(stem: str) -> Iterator[str]:
    if stem:
        yield f"{stem}.py"
        yield f"{stem}.pyi"
    yield join(stem, "__init__.py")


def _of_rust(document: Document) -> Iterator[FileImport]:
    home, name = dirname(document.path), basename(document.path)
    folder = home if name in ("mod.rs", "lib.rs", "main.rs", "build.rs") else join(home, splitext(name)[0])
    lines = code_lines(document)
    for number, line in enumerate(lines, start=1):
        if (found := _MOD.match(line)) and not line[:1].isspace() and not _attributed(lines, number):
            paths = (join(folder, f"{found[1]}.rs"), join(folder, found[1], "mod.rs"))
            # What is put together at the top of a crate may be a program or a test of its own.
            beside = (join(home, f"{found[1]}.rs"), join(home, found[1], "mod.rs"))
            yield FileImport(number, f"mod {found[1]}", tuple(dict.fromkeys((*paths, *beside))))


def _attributed(lines: Sequence[str], number: int) -> bool:
    """Whether the line before says where the module is, or when it is one."""
    return number > 1 and bool(re.match(r"[ \t]*#\[(?:path|cfg)\b", lines[number - 2]))


def within(path: str) -> bool:
    """Whether a normal path stays in the repository: git dies of one that leads out."""
    return not path.startswith(("../", "/")) and path != ".."


def _joined(home: str, what: str) -> str:
    return normpath(join(home, what))

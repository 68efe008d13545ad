"""The command-line options that a source text declares: clap, argparse, click, typer, and shells' own loops.

Only what is written out is read; an option whose name is computed is not seen, and so never missed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import PurePosixPath

from syncfork.detect import declaring_clap, declaring_python
from syncfork.detect.declaring import Declared, Option
from syncfork.detect.searching import anchored, line_numbers
from syncfork.text import Document

__all__ = ["Declared", "Option", "declared", "language_of", "may_choose", "may_have_lost"]

_MARKS = {
    "rust": declaring_clap.MARKS,
    "python": declaring_python.MARKS,
    "shell": re.compile(
        r"""\bgetopts?\b|(?:^|[ \t|(;"'])-{1,2}[A-Za-z][\w-]*["']?(?:=?\*|[ \t]*[|)])|=[ \t]*["']?-""",
        re.MULTILINE,
    ),
}


_ENDINGS = {"rs": "rust", "py": "python", "pyi": "python", "sh": "shell", "bash": "shell"}
_SHEBANG = re.compile(r"#!.*\b(python|(?:ba|da|z)?sh)")


@lru_cache(maxsize=1024)
def kind_of(document: Document) -> str:
    """The language of a text, as far as it is one of those that are read, by its name and first line."""
    _, dot, ending = document.path.rpartition(".")
    name = _ENDINGS.get(ending, "") if dot else ""
    if not name and (shebang := _SHEBANG.match(document.text)):
        name = "python" if shebang[1] == "python" else "shell"
    return name


@lru_cache(maxsize=1024)
def language_of(document: Document) -> str:
    """The language that `document` declares options in, empty where it declares none: a quick look."""
    name = kind_of(document)
    return name if name and _MARKS[name].search(document.text) else ""


@lru_cache(maxsize=256)
def declared(document: Document) -> Declared:
    """Everything that `document` declares."""
    readers = {"rust": declaring_clap.clap, "python": declaring_python.python, "shell": _shell}
    language = language_of(document)
    return readers[language](document) if language else Declared()


_SAYING = ("long", "new", "with_name", "add_parser", "command", "group", "name")
_NAMES = re.compile(
    r'"(-{1,2}[A-Za-z][\w/-]*)"|' + anchored(r"\b", *(rf'{word}\(?\s*=?\s*"([\w.-]+)"' for word in _SAYING))
)
# In these forms names need not be written out: those of functions, parameters, fields and variants count.
_IMPLICIT = re.compile(anchored(r"\b", r"typer\b", r"derive\b") + r"|\.(?:command|group)\b")
_IDENTIFIERS = (
    re.compile(anchored(r"\b", r"def\s+(\w+)", r"pub\s+(\w+)", r"long\b.{0,80}?\s+(\w+)")),
    re.compile(r"^\s*+(\w++)\s*+[:(,{]", re.MULTILINE),
)


def may_have_lost(before: Document, after: Document | None) -> bool:
    """Whether `after` may declare less than `before`: by the words alone, which spares most files the reading."""
    if after is None or language_of(before) == "shell":
        return True
    # Of two commands that have an option of one name, one may lose it.
    if _names(before) - _names(after):
        return True
    return bool(_IMPLICIT.search(before.text)) and any(
        set(form.findall(before.text)) - set(form.findall(after.text)) for form in _IDENTIFIERS
    )


@lru_cache(maxsize=256)
def _names(document: Document) -> Counter[tuple[str, str]]:
    """The options that a text writes out, and the words that may be names of options or commands."""
    found = _NAMES.findall(document.text.replace("'", '"'))
    return Counter((option, "".join(words)) for option, *words in found)


def may_choose(document: Document) -> bool:
    """Whether the text may declare an option with fixed choices; reading it whole is dear."""
    chosen = kind_of(document) in ("rust", "python") and _CHOICES.search(document.text)
    return bool(chosen and language_of(document))


_CHOICES = re.compile(r"choices\s*=\s*[\[({]|Choice\(\s*[\[({]|value_parser|possible_values")


# Shell: getopts, getopt(1), and what the arguments are compared with

_GETOPTS = re.compile(r"""\bgetopts\s+["']?(:?[A-Za-z0-9:]+)["']?\s+\w+""")
_GETOPT = re.compile(r"\bgetopt\s((?:[^\n\\]|\\.)*)", re.DOTALL)
_SHORT = re.compile(r"""(?:-o|--options)[\s=]*["']?([A-Za-z0-9:+]+)""")
_LONG = re.compile(r"""(?:-l|--long\w*)[\s=]*["']?([\w:,-]+)""")
_ITEM = r"""["']?[\w=*?.-]{1,80}+["']?\*?"""
_OR = r"(?:[ \t]|\\\n)*\|(?:[ \t]|\\\n)*"
_CASE = re.compile(
    rf"(?:^|\bin|;;)[ \t]*(?:\([ \t]*)?({_ITEM}(?:{_OR}{_ITEM}){{0,40}})[ \t]*\)", re.MULTILINE
)
_TEST = re.compile(r"""=(?<=[^=!]=)=?[ \t]*["']?(-{1,2}[A-Za-z][\w-]*)["']?[ \t]*\]""")
_PASSED = re.compile(r"^(?![ \t]*#).*\$(?:@|\*|\{@|\{\*).*$|^[ \t]*(?:\.|source)\s.*$", re.MULTILINE)
_KEPT = re.compile(r"\s*(?:set\s+--|for\s|while\s|until\s|case\s|echo\s|printf\s|eval set)|.*\bgetopts?\b")


def _shell(document: Document) -> Declared:
    script = PurePosixPath(document.path).name
    passed = (line.strip() for line in _PASSED.findall(document.text))
    unread = frozenset(line[:200] for line in passed if not _KEPT.match(line))
    return Declared(tuple(_shell_options(document, script)), (), script, unread)


def _shell_options(document: Document, script: str) -> Iterator[Option]:
    line_of = line_numbers(document.text)
    for name, at in _shell_names(document.text):
        yield Option(script, name, line_of(at), script=True)


def _shell_names(text: str) -> Iterator[tuple[str, int]]:
    for found in _GETOPTS.finditer(text) if "getopt" in text else ():
        yield from ((f"-{letter}", found.start()) for letter in found[1].replace(":", ""))
    for found in _GETOPT.finditer(text) if "getopt" in text else ():
        for short in _SHORT.findall(found[1]):
            yield from ((f"-{letter}", found.start()) for letter in re.sub(r"[:+]", "", short))
        for long in _LONG.findall(found[1]):
            yield from ((f"--{name.rstrip(':')}", found.start()) for name in long.split(",") if name)
    for found in _CASE.finditer(text) if "case" in text else ():
        for part in re.finditer(
            r"""(?<![\w=*?.-])["']?(-{1,2}[A-Za-z][\w-]*)(?:=?\*)?["']?=?\*?""", found[1]
        ):
            yield part[1], found.start(1) + part.start(1)
    for found in _TEST.finditer(text):
        yield found[1], found.start(1)

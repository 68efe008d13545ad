"""Where a source text defines names that other files use: functions, types, constants, by language. Pure.

Lines are read, not programs: what is defined in another form is not seen, and so never missed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from msgspec import Struct

from syncfork.detect.remarks import BLOCKS, DOCSTRINGS, Remark
from syncfork.text import Document


class Language(Struct, frozen=True):
    """`forms` finds definitions, each name in one of its groups; names are used in files that end in one of `endings`,
    where `remark` finds what is no code in a line, and `block` what is none over several. `declares` are the forms, with
    NAME for the name, in which a line makes something of its own of that name."""

    forms: re.Pattern[str]
    endings: tuple[str, ...]
    remark: re.Pattern[str]
    block: Remark | None = None
    declares: tuple[str, ...] = ()

    def code(self, line: str) -> str:
        """A line without its remark."""
        return self.remark.sub("", line)

    def lines(self, text: str) -> list[str]:
        """The lines of a text without remarks and quoted texts; those too long to be written by a person are empty."""
        if self.block:
            text = self.block.cleared(text)
        return [
            _QUOTED.sub('""', self.code(line)) if len(line) <= LONGEST else "" for line in text.split("\n")
        ]


# Longer lines are data.
LONGEST = 1000
_QUOTED = re.compile(r""""[^"\\]*+(?:\\.[^"\\]*+)*+"|'[^'\\]*+(?:\\.[^'\\]*+)*+'""")
_HASH = re.compile(r"(?:^|\s)-?#(?![{\[]).*$")
_SLASHES = re.compile(r"(?:^|\s)//.*$|^\s*/?\*(?:\s.*)?$")
# Whether a macro is defined may well be asked of one that is not.
_ASKS = re.compile(rf"{_SLASHES.pattern}|^\s*#\s*(?:if|ifdef|ifndef|elif|undef)\b.*$")


# What makes a name one of the text's own, in many languages: a variable, a parameter, a key, a part of something that is
# taken apart. Each is asked about a line that has the name.
GENERAL = (
    r"\bNAME[ \t]*(?::?=(?![=~])|:(?!:)|[ \t]in\b)",
    r"\|[^|]*\bNAME\b[^|]*\|",
    r"\b(?:def|function|func|fn|fun)\b[^(]*\([^)]*\bNAME\b",
    r"\b(?:let|const|var|val|final|my)\b[^=]*\bNAME\b[^=]*=(?!=)",
    r"^[ \t]*(?:\w+,[ \t]*)*NAME,[ \t]*[\w, \t]*=(?!=)",
    r"(?:^|[(,=])[ \t]*\(?[\w, \t]*\bNAME\b[\w, \t]*\)?[ \t]*=>",
    r"\.NAME[ \t]*=(?!=)",
)
# `uint8_t name)`, `const auto& name =`, `int name(void);`; but not `return name;`
_TYPED = (
    r"(?<!\w)(?!(?:return|else|case|throw|new|goto|delete)\b)[A-Za-z_][\w>\]]*[ \t]*[ \t*&][*&]*NAME[ \t]*(?:[,;=)\[]|\([^;]*\);)",
)
# `name func(int)`, `name *Type`
_GO_TYPED = (r"\bNAME,?[ \t]+[\w*\[]",)
# A method: `name(x) {`
_METHOD = (
    r"^[ \t]*(?:(?:async|static|get|set|public|private|protected|override)[ \t]+)*NAME[ \t]*\([^()]*\)[^()]*\{[ \t]*$",
)
_RUBY_MADE = (
    r"\b(?:attr_\w+|alias_method|alias|delegate|define_method|has_\w+|belongs_to|let!?|subject)\b.*:NAME\b",
)


def _language(
    endings: str,
    remark: re.Pattern[str],
    *forms: str,
    block: Remark | None = None,
    declares: tuple[str, ...] = (),
) -> Language:
    whole = re.compile("|".join(f"(?:{form})" for form in forms), re.MULTILINE)
    return Language(whole, tuple(endings.split()), remark, block, declares)


_AT = r"^[ \t]*+"
_JAVA = r"(?:(?:public|protected|private|static|final|abstract|synchronized|default)[ \t]++)++"

_PYTHON = _language(
    "py pyi pyx", _HASH, rf"{_AT}(?:async[ \t]++)?def[ \t]++(\w++)", rf"{_AT}class[ \t]++(\w++)", r"^([A-Z][A-Z0-9_]++)[ \t]*+(?::[^=\n]++)?=",
    rf"{_AT}self\.(\w++)[ \t]*+(?::[^=\n]++)?=(?!=)", block=DOCSTRINGS,
)  # fmt: skip
_RUBY = _language(
    "rb rake erb haml slim jbuilder",
    _HASH,
    rf"{_AT}def[ \t]++(?:self\.)?(\w++)",
    rf"{_AT}(?:class|module)[ \t]++(?:\w++::)*+(\w++)",
    rf"{_AT}([A-Z][A-Z0-9_]++)[ \t]*+=",
    rf"{_AT}scope[ \t(]++:(\w++)",
    declares=_RUBY_MADE,
)
_SCRIPT = _language(
    "js jsx ts tsx mjs cjs mts cts vue svelte",
    _SLASHES,
    rf"{_AT}(?:export[ \t]++)?(?:default[ \t]++)?(?:async[ \t]++)?function\b[ \t*]*+(\w++)",
    rf"{_AT}(?:export[ \t]++)?(?:default[ \t]++)?(?:abstract[ \t]++)?class[ \t]++(\w++)",
    r"^(?:export[ \t]++)?(?:const|let|var|type|interface|enum)[ \t]++(\w++)",
    rf"{_AT}this\.(\w++)[ \t]*+=(?!=)",
    block=BLOCKS,
    declares=_METHOD,
)
_GO = _language(
    "go",
    _SLASHES,
    r"^func[ \t]++(?:\([^)\n]*+\)[ \t]*+)?(\w++)",
    r"^(?:type|var|const)[ \t]++(\w++)",
    block=BLOCKS,
    declares=_GO_TYPED,
)
_RUST = _language(
    "rs", _SLASHES, rf"{_AT}(?:pub(?:\([^)\n]*+\))?[ \t]++)?(?:(?:async|unsafe|const|extern|\"C\")[ \t]++)*(?:fn|struct|enum|trait|type|const|static|union)[ \t]++(?:mut[ \t]++)?(\w++)",
    rf"{_AT}macro_rules![ \t]++(\w++)", block=BLOCKS,
)  # fmt: skip
_C = _language(
    "c h cc cpp cxx hpp hh hxx inl m mm", _ASKS, r"^#[ \t]*+define[ \t]++(\w++)", r"^(?:typedef[ \t]++)?(?:struct|class|enum|union)[ \t]++(?:class[ \t]++)?(\w++)[^;\n]*+$",
    r"^(?!return\b|else\b|typedef\b)[A-Za-z_][\w \t*&:<>,~]*?\b(\w++)[ \t]*\([^;{}\n]*+(?:\{.*+)?$", block=BLOCKS, declares=_TYPED,
)  # fmt: skip
_JVM = _language(
    "java kt kts scala groovy gradle nf",
    _SLASHES,
    rf"{_AT}(?:\w++[ \t]++)*?(?:class|interface|enum|object|trait|record)[ \t]++(\w++)",
    rf"{_AT}(?:\w++[ \t]++)*?(?:fun|def)[ \t]++(?:<[^>\n]*+>[ \t]*+)?(?:[\w<>,? ]+\.)?(\w++)",
    rf"{_AT}{_JAVA}[\w<>\[\], ?.]*[ \t](\w++)[ \t]*+\(",
    rf"{_AT}(?:process|workflow)[ \t]++(\w++)",
    block=BLOCKS,
    declares=_TYPED,
)
_PHP = _language(
    "php phtml", _SLASHES, rf"{_AT}(?:(?:public|protected|private|static|final|abstract)[ \t]++)*+function[ \t&]++(\w++)",
    rf"{_AT}(?:(?:abstract|final)[ \t]++)*+(?:class|interface|trait|enum)[ \t]++(\w++)", block=BLOCKS,
)  # fmt: skip
_SHELL = _language("sh bash", _HASH, rf"{_AT}(?:function[ \t]++)?(\w++)[ \t]*+\(\)")
_BY_ENDING: Mapping[str, Language] = {
    ending: language
    for language in (_PYTHON, _RUBY, _SCRIPT, _GO, _RUST, _C, _JVM, _PHP, _SHELL)
    for ending in language.endings
}


def language_of(path: str) -> Language | None:
    """The language of a file, by its ending; None where it is none of those that are read."""
    return _BY_ENDING.get(path.rpartition("/")[2].rpartition(".")[2])


@lru_cache(maxsize=4096)
def defined(document: Document | None) -> frozenset[str]:
    """The names that a text defines."""
    language = language_of(document.path) if document else None
    if document is None or language is None:
        return frozenset()
    return frozenset(found[found.lastindex or 0] for found in language.forms.finditer(document.text))

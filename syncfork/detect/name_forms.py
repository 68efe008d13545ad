"""Where a source text defines names that other files use: functions, types, constants, by language. Pure.

Lines are read, not programs: what is defined in another form is not seen, and so never missed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from msgspec import Struct

from syncfork.detect.remarks import BLOCKS, DOCSTRINGS, Remark
from syncfork.text import Document


class Language(Struct, frozen=True):
    """`forms` finds definitions, each name in one of its groups, and `members` what is only used behind a dot; names are
    used in files that end in one of `endings`, where `remark` finds what is no code in a line, and `block` what is none over
    several. `declares` are the forms, with NAME for the name, in which a line makes something of its own of that name.
    `loose` where an object has whatever member a line sets."""

    forms: re.Pattern[str]
    endings: tuple[str, ...]
    remark: re.Pattern[str]
    block: Remark | None = None
    declares: tuple[str, ...] = ()
    members: re.Pattern[str] | None = None
    loose: bool = False

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
    r"(?:^|[(,=\w])[ \t]*\(?[ \t]*\bNAME\b[\w, \t]*+\)?[ \t]*+=>",
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
    members: tuple[str, ...] = (),
    loose: bool = False,
) -> Language:
    inner = _any_of(members) if members else None
    return Language(_any_of(forms), tuple(endings.split()), remark, block, declares, inner, loose)


def _any_of(forms: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{form})" for form in forms), re.MULTILINE)


_AT = r"^[ \t]*+"
# Words that stand before what no class has as a member.
_NO_MEMBER = r"(?!(?:if|for|while|switch|catch|return|else|case|throw|new|goto|delete|typedef|using|package|import|export)\b)"
_MODIFIED = r"(?:(?:public|private|protected|static|readonly|override|async|declare|abstract|get|set)[ \t]++)"
_JAVA = r"(?:(?:public|protected|private|static|final|abstract|synchronized|default)[ \t]++)++"

_PYTHON = _language(
    "py pyi pyx", _HASH, rf"{_AT}(?:async[ \t]++)?def[ \t]++(\w++)", rf"{_AT}class[ \t]++(\w++)", r"^([A-Z][A-Z0-9_]++)[ \t]*+(?::[^=\n]++)?=",
    rf"{_AT}self\.(\w++)[ \t]*+(?::[^=\n]++)?=(?!=)", block=DOCSTRINGS,
    members=(r"^[ \t]++(\w++)[ \t]*+:[ \t]*+[A-Za-z\"'][^=\n]*+(?:=[^\n]*+)?$",),
    loose=True,
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
    members=(
        rf"^[ \t]++{_MODIFIED}++(\w++)[?!]?[ \t]*+[(:=<;]",
        rf"^[ \t]++{_NO_MEMBER}{_MODIFIED}*+(\w++)[ \t]*+\([^()\n]*+\)[^()\n]*+\{{[ \t]*$",
        r"^[ \t]++(?:readonly[ \t]++)?(\w++)\??:[ \t]",
    ),
    loose=True,
)
_GO = _language(
    "go",
    _SLASHES,
    r"^func[ \t]++(?:\([^)\n]*+\)[ \t]*+)?(\w++)",
    r"^(?:type|var|const)[ \t]++(\w++)",
    block=BLOCKS,
    declares=_GO_TYPED,
    members=(rf"^\t++{_NO_MEMBER}(\w++)[ \t]++[\w*\[\].]++(?:[ \t]++`[^`\n]*+`)?[ \t]*$",),
)
_RUST = _language(
    "rs", _SLASHES, rf"{_AT}(?:pub(?:\([^)\n]*+\))?[ \t]++)?(?:(?:async|unsafe|const|extern|\"C\")[ \t]++)*(?:fn|struct|enum|trait|type|const|static|union)[ \t]++(?:mut[ \t]++)?(\w++)",
    rf"{_AT}macro_rules![ \t]++(\w++)", block=BLOCKS,
    members=(r"^[ \t]++(?:pub(?:\([^)\n]*+\))?[ \t]++)?(\w++):[ \t]*+[\w&<'(\[][^={}\n]*,[ \t]*$",),
)  # fmt: skip
_C = _language(
    "c h cc cpp cxx hpp hh hxx inl m mm", _ASKS, r"^#[ \t]*+define[ \t]++(\w++)", r"^(?:typedef[ \t]++)?(?:struct|class|enum|union)[ \t]++(?:class[ \t]++)?(\w++)[^;\n]*+$",
    r"^(?!return\b|else\b|typedef\b)[A-Za-z_][\w \t*&:<>,~]*?\b(\w++)[ \t]*\([^;{}\n]*+(?:\{.*+)?$", block=BLOCKS, declares=_TYPED,
    members=(rf"^[ \t]++{_NO_MEMBER}(?:const[ \t]++)?[A-Za-z_][\w:<>, \t*&]*?[ \t*&](\w++)(?:\[[^\]\n]*+\])?[ \t]*+(?:=[^;\n]*+)?;",),
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
    members=(
        rf"{_AT}(?:@\w++[ \t]++)*+(?:\w++[ \t]++)*?(?:val|var)[ \t]++(?:\w++\.)?(\w++)[ \t]*+[:=]",
        rf"^[ \t]++{_JAVA}[\w<>\[\], ?.]*[ \t](\w++)[ \t]*+[=;]",
        r"^[ \t]++([A-Z][A-Z0-9_]++)[ \t]*+(?:\([^\n]*)?[,;]?[ \t]*$",
    ),
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


@lru_cache(maxsize=4096)
def members(document: Document | None) -> frozenset[str]:
    """The names of a text's methods, fields and the like that are only used behind a dot."""
    language = language_of(document.path) if document else None
    if document is None or language is None or language.members is None:
        return frozenset()
    return frozenset(found[found.lastindex or 0] for found in language.members.finditer(document.text))

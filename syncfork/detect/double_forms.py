"""The lines of source texts that a block has once: definitions, fields, members of an enumeration, cases. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from msgspec import Struct


@lru_cache(maxsize=4096)
def stands_in(form: re.Pattern[str], header: str) -> bool:
    """Whether a header is of a form; asked for each line under it, and long ones take long."""
    return form.search(header) is not None


class Form(Struct, frozen=True):
    """Lines of one kind, without what is around them. `inside` finds the header of the block that they stand in (None: the
    text itself, or a type or namespace); each of the pattern's groups that matched is what is there once, all of the match
    where it has none. `certain` where the second one is an error."""

    kind: str
    line: re.Pattern[str]
    inside: re.Pattern[str] | None = None
    certain: bool = True

    def names(self, line: str, header: str) -> Iterator[str]:
        """What a line under a header (empty: it is under no other) has that is there once."""
        if self.inside is None:
            here = not header or stands_in(_TYPE, header)
        else:
            here = stands_in(self.inside, header)
        if here and (found := self.line.match(line)):
            for group in [group for group in found.groups() if group] or [found[0]]:
                yield " ".join(group.split()).rstrip(" {")


def _form(kind: str, line: str, inside: str | None = None, *, certain: bool = True) -> Form:
    return Form(kind, re.compile(line), re.compile(inside) if inside else None, certain)


# What a block of is not a function's: its parts have names that all of it sees.
_TYPE = re.compile(
    r"^<script\b|^(?:(?:[\w\[\]#\",.@&*<> \t]|pub\([^)]*\))+[ \t])?(?:(?:class|interface|trait|impl|namespace|mod|module|object|extern|protocol)\b(?!.*;$)|(?:struct|union)\b[^()=;]*$)"
)
_WORDS = r"(?!(?:if|else|for|foreach|while|switch|do|return|catch|throw|new|delete|using|typedef|friend|goto|case|default|template|synchronized|try|with|when|assert|static_assert|await|yield|super|this)\b)"
_SWITCH = r"\b(?:switch|when)\b"
_CASE = r"case\b[ \t]*((?:[^:\"']|::|\"[^\"]*\"|'[^']*')+):(?!:)"
_ENUM = r"^(?:[\w() ]+ )?enum\b[^()=;]*$"

_C = (
    _form("case", _CASE, _SWITCH),
    _form("function", rf"({_WORDS}[A-Za-z_][\w:<>,*&~ \t]*[ \t*&:](?=[\w~:]*[a-z])[\w~:]+\([^;{{}}]*\)[\w \t]*)\{{?$"),
    _form("member", rf"({_WORDS}[A-Za-z_][\w:<>,*&\[\] \t]*[ \t*&>]\w+(?:[ \t]*=[^;]*|\{{[^;]*\}}|\([^;{{}}]*\)[\w \t=]*)?);$", r"^(?:[\w ]+ )?(?:class|struct|union)\b[^()=;]*$"),
    _form("enumerator", r"(\w+)[ \t]*(?:=[^,;]*)?,?$", _ENUM),
)  # fmt: skip
_GO = (
    _form("function", r"func (?!init\(|_\()((?:\([^)]*\)[ \t]*)?\w+)", r"^$"),
    _form("definition", r"(?:type|var|const) (?!_\b)(\w+)\b", r"^$"),
    _form("field", r"(?!_\b)(\w+)[ \t]+[\w*\[(]", r"\bstruct\b[ \t]*\{$"),
    _form("definition", r"(?!_\b)(\w+)\b", r"^(?:const|var|type) \($"),
    _form("import", r"(?![_.][ \t])(?:\w+[ \t]+)?\"[^\"]+\"", r"^import \($"),
    _form("case", r"case ([\w\".', \t]+):$", r"\bswitch\b(?![ \t]*\{$)"),
)
_VISIBLE = r"(?:pub(?:\([^)]*\))?[ \t]+)?"
_RUST = (
    _form("function", rf"{_VISIBLE}(?:(?:async|unsafe|const|default|extern(?: \"\w*\")?)[ \t]+)*fn (\w+)"),
    _form("type", rf"{_VISIBLE}(?:struct|enum|trait|type|union|mod) (\w+)"),
    _form("constant", rf"{_VISIBLE}(?:const|static)(?: mut)? (?!_\b|fn\b|unsafe\b|async\b)(\w+)"),
    _form("import", rf"({_VISIBLE}use [\w:{{}}, ]+);$", r"^$|^(?:pub )?mod\b"),
    _form("field", rf"{_VISIBLE}(\w+):[^:]", r"\bstruct\b"),
    _form("variant", r"(\w+)[ \t]*(?:[({,=]|$)", _ENUM),
)
_EXPORTED = r"(?:export[ \t]+)?(?:default[ \t]+)?"


def _script(*, typed: bool) -> tuple[Form, ...]:
    return (
        _form("definition", rf"{_EXPORTED}(?:async[ \t]+)?function\b[ \t*]*(\w+).*\{{$", r"^$|^<script"),
        _form("definition", rf"{_EXPORTED}(?:(?:abstract[ \t]+)?class|const|let)[ \t]+(?!enum\b)(\w+)", r"^$|^<script"),
        _form("type", rf"{_EXPORTED}type[ \t]+(\w+)[^=]*=", r"^$|^<script"),
        _form("import", r"import[ \t]+(?:type[ \t]+)?(\w+)(?=,|[ \t]+from\b)", r"^$|^<script"),
        _form("method", rf"({_WORDS}(?:[a-z]+[ \t]+)*[*#]?\w+)\(.*\{{$", r"^(?:[\w ]+ )?class\b", certain=typed),
        _form("field", r"(?:readonly[ \t]+)?(\w+)\??:", r"\binterface\b|\btype[ \t]+\w+.*=[ \t]*\{$"),
        _form("member", r"(\w+)[ \t]*(?:=[^,;]*)?,?$", _ENUM),
        _form("key", r"(\w+|'[^']+'|\"[^\"]+\"):[ \t]", r"(?:^|[=(:]|\breturn|\bdefault)[ \t]*\{$", certain=typed),
        _form("case", _CASE, _SWITCH, certain=False),
    )  # fmt: skip


_JVM = (
    _form("case", r"case\b[ \t]*+([^\s:>][^:>]*?)[ \t]*(?::(?!:)|->)", _SWITCH),
    _form("method", rf"({_WORDS}(?:[\w<>\[\],.?@]+[ \t]+)+[\w<>.]+\([^;{{}}]*\)[^;={{}}]*)\{{$"),
    _form("field", rf"({_WORDS}(?:(?:private|public|protected|internal|static|final|const|lateinit|override|val|var)[ \t]+)+[\w<>\[\],.? \t]+)(?:[=:].*|;)$"),
    _form("constant", r"(\w+)(?:\(.*\))?[,;]?$", _ENUM),
)  # fmt: skip
_PHP = (
    _form("function", r"(?:(?:public|protected|private|static|final|abstract)[ \t]+)*function[ \t&]+(\w+)"),
    _form("case", _CASE, _SWITCH, certain=False),
)
_PYTHON = (
    _form("function", r"(?:async[ \t]+)?def[ \t]+(\w+)", certain=False),
    _form("class", r"class[ \t]+(\w+)", certain=False),
    _form("key", r"('[\w.\- /]+'|\"[\w.\- /]+\"):[ \t]", r"[{(=]$", certain=False),
)
_RUBY = (_form("method", r"def[ \t]+((?:self\.)?\w+[?!=]?)", certain=False),)
_SHELL = (_form("function", r"(?:function[ \t]+)?([\w-]+)[ \t]*\(\)", r"^$", certain=False),)

_BY_ENDING: Mapping[str, Sequence[Form]] = {
    ending: forms
    for endings, forms in (
        ("c h cc cpp cxx hpp hh hxx inl m mm", _C),
        ("go", _GO),
        ("rs", _RUST),
        ("ts tsx mts cts", _script(typed=True)),
        ("js jsx mjs cjs vue svelte", _script(typed=False)),
        ("java kt scala", _JVM),
        ("php", _PHP),
        ("py pyi", _PYTHON),
        ("rb rake", _RUBY),
        ("sh bash", _SHELL),
    )
    for ending in endings.split()
}


def forms_of(path: str) -> Sequence[Form]:
    """What is told of a file by the end of its name; nothing where its language is not known."""
    return _BY_ENDING.get(path.rpartition("/")[2].rpartition(".")[2], ())

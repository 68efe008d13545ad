"""What source texts import, line by line: packages, and files of the repository. Pure.

Lines are read, not programs: an import that is written in another form is not seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from syncfork.detect.base import vendored
from syncfork.detect.import_rust import crates_alone
from syncfork.detect.name_forms import LONGEST, language_of
from syncfork.detect.remarks import BLOCKS, MARKUP, templates_cleared
from syncfork.text import Document

SCRIPTS = ("js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "vue", "svelte", "astro")
STYLES = ("css", "scss", "sass", "less")

_SCRIPT = re.compile(
    # Whole, or the last line of one that goes over several
    r"^[ \t]*(?:import|export)\b(?:[^'\"`]*\bfrom)?[ \t]*['\"](?P<a>[^'\"\n]+)['\"]"
    r"|^[^'\"`]*[}\w*][ \t]*\bfrom[ \t]*['\"](?P<b>[^'\"\n]+)['\"][ \t]*(?:(?:with|assert)\b.*)?;?[ \t]*$"
    r"|(?<![\w.$])(?:require(?:\.resolve)?|import)\([ \t]*['\"](?P<c>[^'\"\n]+)['\"]"
    r"|\bnew URL\([ \t]*['\"](?P<d>\.[^'\"\n]+)['\"],[ \t]*import\.meta\.url"
)
# What the template of a component shows
_SHOWN = re.compile(r"(?<![:\w-])src=\"(?P<a>(?:@|~|\.{1,2})/[^\"{}]+)\"")
_STYLE = re.compile(
    r"^[ \t]*@(?:import|use|forward)[ \t]+(?:\(\w+\)[ \t]*)?(?:url\()?['\"](?P<a>[^'\"\n]+)['\"]"
    r"|\burl\([ \t]*['\"]?(?P<b>(?:\.{1,2}|@|~)/[^'\")\s]+)"
)
_PYTHON = re.compile(r"^[ \t]*(?:from[ \t]+(?P<a>[\w.]*)[ \t]+import\b|import[ \t]+(?P<b>\w[\w.]*))")
_RUBY = re.compile(r"^[ \t]*require_relative[ (]+['\"](?P<a>[^'\"#\n]+)['\"]")
_RUST = re.compile(
    r"^[ \t]*(?:pub(?:\([^)]*\))?[ \t]+)?(?:use[ \t]+(?:::)?|extern[ \t]+crate[ \t]+)(?P<a>[a-z_]\w*)|(?<![\w:$])(?P<b>[a-z_]\w*)::"
)
# A line of its own in a list of imports: no other text of Go's stands so.
_GO = re.compile(r"^[ \t]*(?:import[ \t]+)?(?:[\w.]+[ \t]+)?\"(?P<a>[\w.~-]+\.[\w.~-]+/[^\"\s]+)\"[ \t]*$")
# What finds imports in a line, by the ending of the file.
_FORMS: Mapping[str, tuple[re.Pattern[str], ...]] = {
    **dict.fromkeys(SCRIPTS, (_SCRIPT,)),
    "vue": (_SCRIPT, _SHOWN, _STYLE),
    "svelte": (_SCRIPT, _STYLE),
    **dict.fromkeys(STYLES, (_STYLE,)),
    "py": (_PYTHON,),
    "rb": (_RUBY,),
    "rake": (_RUBY,),
    "rs": (_RUST,),
    "go": (_GO,),
}
_SHOWING = ("vue", "svelte", "astro")
_FIXTURES = frozenset(("fixtures", "__fixtures__", "testdata", "test-data", "__mocks__"))


class Import(Struct, frozen=True):
    """What the line `line` (from 1) imports, as it is written there, without what a bundler is told besides."""

    line: int
    what: str


def beside(path: str) -> bool:
    """Whether a file is there to be looked at by tests, or a package manager's: what it imports is not asked for."""
    return vendored(path) or not _FIXTURES.isdisjoint(path.split("/")[:-1])


def ending(path: str) -> str:
    """How the name of a file ends, without the dot; empty where it has none."""
    return path.rpartition("/")[2].rpartition(".")[2] if "." in path.rpartition("/")[2] else ""


def code_lines(document: Document) -> list[str]:
    """The lines of a text without remarks and what else imports nothing; those too long to be written by a person are empty."""
    language, text = language_of(document.path), document.text
    block = BLOCKS if ending(document.path) in STYLES else language.block if language else None
    text = block.cleared(text) if block else text
    text = MARKUP.cleared(text) if ending(document.path) in _SHOWING else text
    lines = (line if len(line) <= LONGEST else "" for line in text.split("\n"))
    code = [language.code(line) if language else line for line in lines]
    end = ending(document.path)
    if end == "rs":
        return crates_alone("\n".join(code)).split("\n")
    return without_templates("\n".join(code), end).split("\n") if "`" in text else code


def without_templates(text: str, end: str) -> str:
    """The text of a file that ends in `end`, without what stands between its backticks where these quote lines."""
    return templates_cleared(text, raw=end == "go") if end in SCRIPTS or end == "go" else text


def imports(document: Document) -> list[Import]:
    """Everything that the text imports, packages and files."""
    forms = _FORMS.get(ending(document.path))
    if not forms:
        return []
    return [
        Import(number, what)
        for number, line in enumerate(code_lines(document), start=1)
        for what in _in_line(line, forms)
    ]


def imported(line: str, end: str) -> list[str]:
    """What a single line of a file that ends in `end` imports."""
    lines = code_lines(Document(f"line.{end}", line))
    return [what for each in lines for what in _in_line(each, _FORMS[end])]


def _in_line(line: str, forms: tuple[re.Pattern[str], ...]) -> Iterator[str]:
    for form in forms:
        for found in form.finditer(line):
            what = found[found.lastindex or 0]
            # `!!raw-loader!./x`, `./x.svg?react`
            yield what.rpartition("!")[2].partition("?")[0]


def optional(document: Document, lines: list[str], number: int) -> bool:
    """Whether line `number` (from 1) may fail, or counts for a checker of types alone."""
    line = lines[number - 1]
    if document.path.endswith(".py"):
        return any(
            re.match(r"try\b|if\b.*\bTYPE_CHECKING\b", opening) for opening in _openings(lines, number)
        )
    if ending(document.path) in SCRIPTS:
        before = "\n".join(lines[max(0, number - 4) : number])
        after = "\n".join(lines[number - 1 : number + 2])
        return not re.match(r"[ \t]*(?:import|export)\b[^(]*$", line) and bool(
            re.search(r"\btry\b", before) or re.search(r"\.catch\(", after)
        )
    if document.path.endswith(".rs"):
        return number > 1 and bool(re.match(r"\s*#!?\[cfg\(", lines[number - 2]))
    return False


def _openings(lines: list[str], number: int) -> Iterator[str]:
    """The lines that open the blocks of Python in which a line stands, from within."""
    depth = _depth(lines[number - 1])
    for line in reversed(lines[: number - 1]):
        if not depth:
            return
        if line.strip() and _depth(line) < depth:
            depth = _depth(line)
            yield line.strip()


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())

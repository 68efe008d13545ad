"""More forms in which a line makes a name, by language, and the code of a text in which names are looked for. Pure."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from pathlib import PurePosixPath

from syncfork.detect.remarks import DOCSTRINGS, MARKUP, Remark, templates_cleared

# Texts with prose between the code: there a name has to stand as code does.
TEMPLATES = (".vue", ".svelte", ".jsx", ".tsx", ".erb", ".haml", ".slim", ".php", ".phtml", ".jbuilder")
_ELEMENT = re.compile(r"</[\w.]*>|/>")
_WORD = re.compile(r"[A-Za-z_]\w*")

_PYTHON = (".py", ".pyi", ".pyx")
_RUBY = (".rb", ".rake", ".erb", ".haml", ".slim", ".jbuilder")
_SCRIPTS = (".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".mts", ".cts", ".vue", ".svelte")
_JVM = (".java", ".kt", ".kts", ".scala", ".groovy", ".gradle", ".nf")
_C = (".c", ".h", ".cc", ".cpp", ".cxx", ".hpp", ".hh", ".hxx", ".inl", ".m", ".mm")

# What takes apart: `a, *b = x`, `(a, b), c = x`, `[a, b] = x`.
_APART = r"^[ \t]*+[(\[{]*+\*?+[\w.]++(?:[ \t]*+[)\]}]*+[ \t]*+,[ \t]*+[(\[{]*+\*?+[\w.]++)++[ \t]*+[)\]}]*+[ \t]*+=(?![=~>])"
# What runs through: `for a, (b, c) in x`, `for (const [a, b] of x)`, `for (auto& [a, b] : x)`.
_THROUGH = r"\bfor\b[^=;]{0,200}?(?:\b(?:in|of)\b|(?<!:):(?!:)|<-)"
# Parameters in lines of their own.
_LISTED = r"^[ \t]*+\*{0,2}+\w++(?:,[ \t]*+\*{0,2}+\w++)*+,?[ \t]*+$"
_FORMS: dict[tuple[str, ...], tuple[str, ...]] = {
    _PYTHON: (r"\blambda\b[^:]{0,200}+:", r"^[ \t]*+case\b.*:", r"\bcp?def\b[^=]*+"),
    _RUBY: (
        r"\brescue\b.*=>[ \t]*\w+",
        r"\b\w++[ \t]*+(?:\|\||&&)=",
        r"->[ \t]*+\(?[\w, \t*&:]*+",
        r"\bdef\b.*",
        r"\w*[ \t]*=>[ \t]*\w+$",
    ),
    _SCRIPTS: (
        r"\bcatch[ \t]*+\([^()]*+\)",
        r"\([^()]*+\)[ \t]*+(?::[^=()]*+)?=>",
        r"\b(?:let|var)\b[^=;]*+",
        r"^[ \t]*+(?!(?:if|for|while|switch|with)\b)\w++[ \t]*+\([^()]*+\)[ \t]*+\{",
    ),
    _JVM: (
        r"[\w,:?<>. \t()]*->",
        r"^[ \t{]*+[A-Za-z][\w<>\[\].]*+[ \t]++\w++(?:[ \t]*+,[ \t]*+\w++)++[ \t]*+;",
    ),
    (".nf",): (r"\b(?:val|path|env|file|each)\b[ \t]*+\(?[ \t]*+\w++",),
    (".rs", ".scala"): (r"^.*?=>",),
    _C: (r"\bauto\b[ \t&]*+\[[^\]]*+\]", r"\([ \t]*+\*[ \t]*+\w++\)[ \t]*+\("),
}
_BY_ENDING = {
    ending: re.compile(
        "|".join(
            form
            for forms in (*(forms for endings, forms in _FORMS.items() if ending in endings), (_LISTED,))
            for form in (*forms,)
        )
    )
    for ending in {ending for endings in _FORMS for ending in endings}
}
# Asked of each line by themselves: they begin where others do.
_ALWAYS = (re.compile(_APART), re.compile(_THROUGH))


def bound(path: str, lines: Iterable[str], names: Collection[str]) -> frozenset[str]:
    """Those of the names that one of the lines makes in a form of its language."""
    asked, forms = frozenset(names), _BY_ENDING.get(PurePosixPath(path).suffix)
    found: set[str] = set()
    for line in lines:
        if asked.isdisjoint(_WORD.findall(line)):
            continue
        for form in (*_ALWAYS, forms) if forms else _ALWAYS:
            for match in form.finditer(line):
                found |= asked.intersection(_WORD.findall(match[0]))
    return frozenset(found)


_TRIPLE = Remark(re.compile(r"'''(?:[^']|'(?!''))*+'''"), "'''")
_STYLE = Remark(re.compile(r"<style\b(?:[^<]|<(?!/style>))*+</style>"), "</style>")
_RAW = Remark(re.compile(r'R"\((?:[^)]|\)(?!"))*+\)"'), ')"')
# A text of Rust's may go over lines; a remark or a letter may hold the sign that opens one.
_RUST = re.compile(r"//[^\n]*+|'(?:\\[^\n]|[^'\\\n])'|\"(?:[^\"\\]|\\[\s\S])*+\"")
_HERE = re.compile(r"<<(?:<[ \t]*['\"]?(\w+)|[~-]['\"`]?(\w+)|['\"]?([A-Z]\w*))")
_WORDS = re.compile(r"%[wi](?:\[[^\]]*+\]|\([^)]*+\)|\{[^}]*+\})")


def is_mixed(path: str, text: str) -> bool:
    """Whether prose may stand between the code."""
    return path.endswith(TEMPLATES) or (path.endswith((".js", ".mjs")) and bool(_ELEMENT.search(text)))


def only_code(path: str, text: str) -> str:
    """A text without quoted texts over several lines and the like: what may take code with it, where a sign that opens one
    means something else. So it is for uses; what makes a name is looked for in all of the text."""
    if path.endswith((".vue", ".svelte", ".php", ".phtml", ".erb")):
        text = MARKUP.cleared(_STYLE.cleared(text))
    if path.endswith(_PYTHON) or path.endswith((".groovy", ".gradle", ".nf")):
        text = _TRIPLE.cleared(text)
    if path.endswith(_JVM):
        text = DOCSTRINGS.cleared(text)
    if path.endswith(_SCRIPTS) or path.endswith(".go"):
        text = templates_cleared(text, raw=path.endswith(".go"))
    if path.endswith(_C):
        text = _RAW.cleared(text)
    if path.endswith(".rs"):
        text = _RUST.sub(lambda found: "\n" * found[0].count("\n") if "\n" in found[0] else found[0], text)
    if path.endswith(_RUBY):
        text = _WORDS.sub(lambda found: "\n" * found[0].count("\n"), text)
    if path.endswith((*_RUBY, ".php", ".phtml")):
        text = "\n".join(_without_here_texts(text.split("\n")))
    return text


def _without_here_texts(lines: Sequence[str]) -> list[str]:
    ends: dict[str, list[int]] = defaultdict(list)
    for number, line in enumerate(lines):
        ends[line.strip().rstrip(";,)")].append(number)
    left, inside = list(lines), -1
    for number, line in enumerate(lines):
        if number <= inside:
            left[number] = ""
        elif found := _HERE.search(line):
            after = ends.get(found[found.lastindex or 0], [])
            place = bisect_right(after, number)
            inside = after[place] if place < len(after) else inside
    return left

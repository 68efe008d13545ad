"""Which lines above a place are its comments: told by the file's type, for `*` and `#` mean much else elsewhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import PurePosixPath

from msgspec import Struct

from syncfork.errors import CannotReadError
from syncfork.parsing.grammars import language_of
from syncfork.parsing.structured import documents, format_of
from syncfork.parsing.values import Value
from syncfork.text import Document, Match


class Style(Struct, frozen=True):
    """How a language writes comments: what a comment line begins with, and what encloses a block of them; `part` is
    what one begins with that is a part of what stands below it."""

    line: re.Pattern[str] | None
    block: tuple[str, str] | None = None
    part: re.Pattern[str] | None = None


_C = ("/*", "*/")
_DOC = re.compile(r"///(?!/)|//!|/\*(?:\*(?![*/])|!)")
# `#!` tells who runs the file.
_HASH = Style(re.compile(r"#(?!!)"))
_SLASHES = Style(re.compile("//"), _C, _DOC)
# An attribute of Rust's belongs to what stands below it, and would go over to the next thing.
_RUST = Style(re.compile(r"//|#\[.*\]\s*$"), _C, re.compile(rf"{_DOC.pattern}|#\["))
_BOTH = Style(re.compile(r"//|#(?![!\[])"), _C, _DOC)
_NIX = Style(_HASH.line, _C, _DOC)
_BLOCK = Style(None, _C)
_MARKUP = Style(None, ("<!--", "-->"))
_DASHES = Style(re.compile("--"), _C)
_SEMICOLON = Style(re.compile(";"))
_INI = Style(re.compile("[#;]"))
_PERCENT = Style(re.compile("%"))
_BATCH = Style(re.compile(r"::|rem\b", re.IGNORECASE))
# In a file of a type that is not known a `#` with a word behind it may be anything.
_UNKNOWN = Style(re.compile(r"//|#(?=\s|\Z)"), _C, _DOC)

_BY_LANGUAGE = {
    **dict.fromkeys(["bash", "python", "ruby", "yaml"], _HASH),
    **dict.fromkeys(["css"], _BLOCK),
    **dict.fromkeys(["html"], _MARKUP),
    **dict.fromkeys(["lua"], _DASHES),
    **dict.fromkeys(["php"], _BOTH),
    **dict.fromkeys(["rust"], _RUST),
}
_BY_ENDING = {
    ending: style
    for endings, style in (
        (".toml .lock .cfg .conf .cmake .mk .mak .bzl .bazel .pl .pm .r .jl .ex .exs .cr .tcl .fish .zsh .ksh", _HASH),
        (".awk .sed .ps1 .psm1 .gd .nim .service .env .dockerfile .containerfile .just .gemspec .rake", _HASH),
        (".tf .hcl .tfvars", _BOTH),
        (".nix", _NIX),
        (".groovy .gradle .dart .zig .proto .scss .less .m .mm .jsonc .json5 .v .sv .glsl .hh .hxx .inl", _SLASHES),
        (".sql .hs .lua .adb .ads .elm .vhd .vhdl", _DASHES),
        (".md .markdown .htm .xml .svg .vue .xsl .csproj .props .targets .plist", _MARKUP),
        (".el .lisp .clj .cljs .scm .rkt .asm", _SEMICOLON),
        (".ini .editorconfig .gitconfig", _INI),
        (".tex .sty .erl", _PERCENT),
        (".bat .cmd", _BATCH),
    )
    for ending in endings.split()
}  # fmt: skip
_BY_NAME = {
    name: style
    for names, style in (
        ("makefile gnumakefile dockerfile containerfile justfile cmakelists.txt gemfile rakefile vagrantfile", _HASH),
        ("build workspace pipfile codeowners requirements.txt constraints.txt .env .bashrc .profile", _HASH),
        (".gitignore .gitattributes .dockerignore .npmignore .helmignore .prettierignore .eslintignore", _HASH),
        (".editorconfig .gitconfig .gitmodules .npmrc", _INI),
        ("jenkinsfile go.mod", _SLASHES),
    )
    for name in names.split()
}  # fmt: skip


def style_of(document: Document) -> Style:
    """How the document's type writes comments: by its name, its ending, or its first line."""
    path = PurePosixPath(document.path.lower())
    known = _BY_NAME.get(path.name) or _BY_ENDING.get(path.suffix)
    if known:
        return known
    try:
        return _BY_LANGUAGE.get(language_of(document), _SLASHES)
    except CannotReadError:
        return _HASH if document.text.startswith("#!") else _UNKNOWN


def commented_out(document: Document, matches: Sequence[Match]) -> int:
    """How many of the matches begin in a line that is a comment as a whole."""
    style = style_of(document) if matches else _UNKNOWN
    starts = [document.line_start(match.start) for match in matches]
    return sum(
        _is_comment(document.text[start : document.line_end(start)].strip(), style) for start in starts
    )


def _is_comment(line: str, style: Style) -> bool:
    enclosed = style.block and line.startswith(style.block[0]) and line.endswith(style.block[1])
    return bool(enclosed or (style.line and style.line.match(line)))


def trailing(document: Document) -> str:
    """The regular expression for what may stand behind a line's code in the document's type: a comment, or nothing."""
    style = style_of(document)
    line = [rf"(?:{style.line.pattern})[^\n]*"] if style.line else []
    opening, closing = map(re.escape, style.block) if style.block else ("", "")
    block = [rf"{opening}(?:(?!{closing})[^\n])*(?:{closing}[ \t]*)?"] if style.block else []
    return rf"(?:[ \t]+(?:{'|'.join(block + line)}))?[ \t\r]*"


def with_comments(document: Document, span: Match) -> Match:
    """`span`, which begins at a line's start, widened upwards over the comment lines directly above it."""
    style, start = style_of(document), span.start
    earliest = None
    while start > 0:
        above = _comment_above(document, start, style)
        if above is None:
            break
        earliest = _beginning(document, span.start) if earliest is None else earliest
        if above < earliest:
            break
        start = above
    return Match(start, span.end, span.groups)


def without_new_comments(document: Document, span: Match, base: Document | None) -> list[Match]:
    """The lines that go with `span`, which begins at a line's start, in order and `span` last: its comments as they
    are in `base`, edited maybe. An ordinary comment that was added to them since, which nobody wanted to be without,
    stays. Without a `base` all comments are known. A comment itself has none of its own."""
    if _is_all_comment(document, span):
        return [span]
    whole = with_comments(document, span)
    known = _known(base, span.text(document)) if base is not None else None
    if known is None or whole.start == span.start:
        return [whole]
    there = _units(document, whole.start, span.start)
    held = {unit.text(document) for unit in there}
    # Where known ones are gone, another is what became of them.
    if any(known) and not any(units and units <= held for units in known):
        return [whole]
    style, old = style_of(document), frozenset().union(*known)
    gone = [unit for unit in there if _belongs(unit.text(document), style) or unit.text(document) in old]
    pieces: list[Match] = []
    for unit in [*gone, span]:
        start = pieces.pop().start if pieces and pieces[-1].end == unit.start else unit.start
        pieces.append(Match(start, unit.end, span.groups))
    return pieces


def _is_all_comment(document: Document, span: Match) -> bool:
    """Whether `span`, which begins at a line's start, holds comment lines and nothing else."""
    text = span.text(document).rstrip()
    end = document.line_end(span.start + len(text))
    return bool(text) and with_comments(document, Match(end, end)).start <= span.start


@lru_cache(maxsize=256)
def _known(base: Document, text: str) -> tuple[frozenset[str], ...] | None:
    """The ordinary comments above each of the places where lines of `base` are `text`; None where there is none."""
    style = style_of(base)
    places = [found.start() for found in re.finditer(rf"(?m)^{re.escape(text)}", base.text)] if text else []
    above = [_units(base, with_comments(base, Match(place, place)).start, place) for place in places]
    found = [[unit.text(base) for unit in units] for units in above]
    return tuple(frozenset(unit for unit in units if not _belongs(unit, style)) for units in found) or None


def _belongs(comment: str, style: Style) -> bool:
    """Whether a comment is a part of what stands below it: documentation, or an attribute."""
    return bool(style.part and style.part.match(comment.lstrip()))


def _units(document: Document, start: int, end: int) -> list[Match]:
    """The comments between two places, as `with_comments` found them: a line each, or all the lines of a block."""
    style, units, place = style_of(document), list[Match](), end
    while place > start and (above := _comment_above(document, place, style)) is not None:
        units.append(Match(above, place))
        place = above
    return units[::-1]


def _comment_above(document: Document, place: int, style: Style) -> int | None:
    """Where the comment begins that ends right above the line at `place`; None where none does."""
    text = document.text
    start = document.line_start(place - 1)
    line = text[start:place].strip()
    if style.line and style.line.match(line):
        return start
    if style.block is None or not line.endswith(style.block[1]):
        return None
    opening, closing = style.block
    end = start + text[start:place].rindex(closing)
    begin = text.rfind(opening, 0, end)
    # What stands before it on its first line, or behind an earlier end, is no comment.
    if begin < 0 or closing in text[begin + len(opening) : end]:
        return None
    first = document.line_start(begin)
    return None if text[first:begin].strip() else first


def _beginning(document: Document, place: int) -> int:
    """Where the comments above `place` can begin at the earliest: behind the text of several lines before it, in which
    a `#` is none, or within the one that it is in itself. `place` where that cannot be read."""
    try:
        form = format_of(document)
    except CannotReadError:
        return 0
    try:
        # No text of JSON's has several lines.
        roots = [] if form == "json" else documents(document.text, form)
    except CannotReadError:
        return place
    values = (value for root in roots for value in _scalars(root) if value.start < place)
    ends = [
        value.end if value.end <= place else value.start
        for value in values
        if "\n" in document.text[value.start : value.end]
    ]
    return max(ends, default=0)


def _scalars(value: Value) -> list[Value]:
    if value.kind == "scalar":
        return [value]
    return [scalar for entry in value.entries if not value.alias for scalar in _scalars(entry.value)]

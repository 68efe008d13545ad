"""Strings that the fork's own lines take out or replace, and that nothing holds any more."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from syncfork.detect.base import File, Found, View, vendored
from syncfork.detect.lines import short
from syncfork.detect.searching import anchored, lines_with, longest_word, words_of
from syncfork.report import Place
from syncfork.words import listed

# Each form gives the operand; the shell's and sed's are only literals where they hold no special characters.
_FORMS = tuple(
    re.compile(form)
    for form in (
        r"\bsed\b(?=[^|;\n]{0,200} -\w*i)[^|;\n]{0,80}?\bs(?P<q>[/|#,@])(?P<sed>(?:(?!(?P=q))[^\n\\]|\\.){1,200})(?P=q)",
        r"\$\{\w+//?[#%]?(?P<shell>(?:[^}/\\\n]|\\.){1,200})(?:/[^}\n]*)?\}",
        r"""\.(?:replace|replaceAll|removeprefix|removesuffix|strip_prefix|strip_suffix|trim_start_matches|trim_end_matches)\(\s*(?P<q>["'])(?P<text>[^"'\n]{1,200})(?P=q)""",
        r"""\bstrings\.(?:Replace|ReplaceAll|TrimPrefix|TrimSuffix)\([^,\n]{1,80},\s*"(?P<go>[^"\n]{1,200})\"""",
    )
)
_SPECIAL = re.compile(r"(?<!\\)[\[\]*?^$+(){}|]|(?<!\\)\.(?=[*+?])|\$\w")
_QUICK = re.compile(
    anchored(r"\b", r"sed\b") + r"|\$\{\w+/|\.re(?:place|move)|\.strip_|\.trim_|strings\.(?:Re|Trim)"
)


class _Strip(Struct, frozen=True):
    """A line of the fork's that replaces `operand` in something."""

    file: File
    line: int
    operand: str


def stripped(view: View) -> Iterator[Found]:
    """Operands that upstream's texts held in the merge base, and none holds any more."""
    strips: dict[str, _Strip] = {}
    for strip in _strips(view):
        strips.setdefault(strip.operand, strip)
    speaking = _speaking(view, {longest_word(operand) for operand in strips}) if strips else {}
    for operand, strip in strips.items():
        yield from _gone(view, strip, speaking.get(longest_word(operand), ()))


def _speaking(view: View, words: set[str]) -> Mapping[str, Sequence[File]]:
    """By word the files that have it, or had it in the merge base: each text is looked through once, whatever the number of
    operands."""
    found: dict[str, list[File]] = defaultdict(list)
    for file in view.files:
        texts = [*_after(file), *([file.base.text] if file.base else [])]
        for word in {word for text in texts for word in words & words_of(text)}:
            found[word].append(file)
    return found


def _strips(view: View) -> Iterator[_Strip]:
    for file in view.files:
        if not (file.changed_by_ours and file.merged) or vendored(file.path):
            continue
        numbers = lines_with(_QUICK, file.merged.text)
        lines = file.merged.text.split("\n") if numbers else []
        for number in numbers:
            line = lines[number - 1]
            if number not in file.fork_lines or len(line) > 500 or line.lstrip().startswith(("#", "//")):
                continue
            for operand in _operands(line):
                yield _Strip(file, number, operand)


def _operands(line: str) -> Iterator[str]:
    for form in _FORMS:
        for found in form.finditer(line):
            ((kind, operand),) = ((k, v) for k, v in found.groupdict().items() if k != "q")
            if kind in ("sed", "shell"):
                if _SPECIAL.search(operand):
                    continue
                operand = re.sub(r"\\(.)", r"\1", operand)
            operand = operand.strip()
            if len(operand) > 3 and re.search(r"[A-Za-z]{3}", operand):
                yield operand


def _gone(view: View, strip: _Strip, speaking: Sequence[File]) -> Iterator[Found]:
    """Upstream took the operand out of the file that the line names; or out of all it changed, where none is
    named, and no file that differs has it."""
    named = _named(view, strip)
    looked = [named] if named else speaking
    if any(_input(text, strip.operand) for file in looked for text in _after(file) if strip.operand in text):
        return
    had = [
        (file, line)
        for file in looked
        if file.base and file.theirs and file.changed_by_theirs and strip.operand in file.base.text
        for line in _input(file.base.text, strip.operand)[:1]
    ]
    if not had:
        return
    file, line = had[0]
    assert file.base
    lines = file.base.text.split("\n")
    files = listed([file.path for file, _ in had], 1)
    yield Found(
        "decision",
        strip.file.path,
        strip.line,
        f"the fork replaces `{short(strip.operand)}` here, but upstream removed it from {files}: "
        f"{'nothing there' if named else 'no changed file'} contains it any more",
        fix="find what upstream writes in its place and replace that, or drop this line if nothing is left to do",
        upstream=Place(file.base.path, line, "base"),
        removed=tuple(lines[n - 1] for n in _input(file.base.text, strip.operand)),
        key=strip.operand,
    )


def _after(file: File) -> Iterator[str]:
    """What a file may hold when all is merged."""
    for document in (file.theirs, file.ours) if file.conflicted else (file.merged,):
        if document:
            yield document.text


def _named(view: View, strip: _Strip) -> File | None:
    """The file that the line itself names, of those that differ."""
    assert strip.file.merged
    words = re.findall(r"[\w./-]+", strip.file.merged.line(strip.line))
    known = view.by_path
    return next((known[w.removeprefix("./")] for w in words if w.removeprefix("./") in known), None)


def _input(text: str, operand: str) -> list[int]:
    """The lines (from 1) that hold the operand and do not themselves take it out, nor only speak of it."""
    edge = re.compile(
        (r"(?<![\w-])" if re.match(r"[\w-]", operand) else "")
        + re.escape(operand)
        + (r"(?![\w-])" if re.match(r"\w", operand[-1]) else "")
    )
    return [
        n
        for n, line in enumerate(text.split("\n"), 1)
        if operand in line
        and edge.search(line[:2000])
        and not line.lstrip().startswith(("#", "//"))
        and operand not in set(_operands(line[:500]))
    ]

"""Environment variables that upstream's programs read no more, and the fork's own text still sets for them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from msgspec import Struct

from syncfork.detect.base import File, Found, View
from syncfork.detect.calls import Call, assignments, calls
from syncfork.detect.declarations import kind_of
from syncfork.detect.lines import beyond, hunks
from syncfork.detect.programs import programs
from syncfork.detect.workflows import steps
from syncfork.report import Place
from syncfork.text import Document

_NAME = r"([A-Z_][A-Z0-9_]{2,})"
_READS = {
    "python": re.compile(
        rf"""\benviron(?:b?\.(?:get|pop|setdefault)\(|\[)\s*["']{_NAME}["']|\bgetenv\(\s*["']{_NAME}["']"""
        rf"""|["']{_NAME}["']\s+(?:not\s+)?in\s+(?:os\.)?environ\b"""
    ),
    "rust": re.compile(rf'\benv::vars?(?:_os)?\(\s*"{_NAME}"|\b(?:option_)?env!\(\s*"{_NAME}"'),
    "script": re.compile(rf"""\bprocess\.env(?:\.{_NAME}\b|\[["']{_NAME}["'])"""),
    "shell": re.compile(rf"\$(?:\{{[#!]?{_NAME}|{_NAME})"),
}
_SCRIPTS = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts")

# What the system, a CI service, or a tool that a script calls reads or sets by itself.
_COMMON = re.compile(
    r"(?:GITHUB|RUNNER|ACTIONS|INPUT|AGENT|SYSTEM|BUILD|CI|CIRCLE|TRAVIS|GITLAB|BUILDKITE|JENKINS|LC|XDG|SSH|GPG|GIT|GH|AWS|AZURE"
    r"|DOCKER|CARGO|RUST|RUSTC|PYTHON|PIP|UV|NODE|NPM|YARN|JAVA|MAVEN|GRADLE|GO|CMAKE|MAKE|PKG|LD|DYLD|DEBIAN|HOMEBREW)_.*"
    r"|CI|PATH|HOME|USER|LOGNAME|SHELL|PWD|OLDPWD|LANG|LANGUAGE|TERM|TZ|TMP|TEMP|TMPDIR|IFS|UID|EUID|PPID|RANDOM|SECONDS"
    r"|LINENO|HOSTNAME|EDITOR|DISPLAY|OSTYPE|MACHTYPE|BASH\w*|ZSH\w*|FUNCNAME|OPTARG|OPTIND|REPLY|COLUMNS|LINES|DEBUG|VERBOSE"
    r"|CC|CXX|CPP|AR|AS|LD|NM|RANLIB|STRIP|CFLAGS|CXXFLAGS|CPPFLAGS|LDFLAGS|LIBS|MAKEFLAGS|PYTHON\w*|RUST\w*|GO\w+"
    r"|(?:HTTPS?|NO|ALL|FTP)_PROXY|NO_COLOR|FORCE_COLOR|PREFIX|DESTDIR|SOURCE_DATE_EPOCH"
)


class Lost(Struct, frozen=True):
    """A variable that a text read in the merge base and no merged text reads any more; `now` is the one that
    upstream reads in its place, empty where none is."""

    name: str
    now: str
    source: Document
    line: int


def reads(document: Document, names: Collection[str] | None = None) -> Mapping[str, int]:
    """The variables (of `names`, where given) that a text takes from its environment, each with the line of the
    first place."""
    kind = _kind(document)
    found: dict[str, int] = {}
    skipped: set[str] = set()
    for place in _READS[kind].finditer(document.text) if kind else ():
        name = place[place.lastindex or 1]
        if name in found or name in skipped or (names is not None and name not in names):
            continue
        if kind != "shell" or _from_outside(document.text, name, place.start()):
            found[name] = document.line_of(place.start())
        elif kind == "shell" and not _in_comment(document.text, place.start()):
            skipped.add(name)
    return found


def _kind(document: Document) -> str:
    return kind_of(document) or ("script" if document.path.endswith(_SCRIPTS) else "")


def _in_comment(text: str, at: int) -> bool:
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return "#" in line and bool(re.search(r"(?:^|\s)#", line))


def _from_outside(text: str, name: str, at: int) -> bool:
    """Whether a shell script's first use of a variable takes it from the environment: nothing before sets it."""
    if _in_comment(text, at):
        return False
    line = text[text.rfind("\n", 0, at) + 1 : at]
    set_by = rf"(?:^|[\s;&|(]){name}\+?=|\b(?:read|for|local|declare|typeset|mapfile|readarray)\b[^\n;]{{0,200}}\b{name}\b"
    own = rf"(?:^|.*[\s;])(?:export\s+)?{name}=[\"']?$"
    before = text[:at] if not re.fullmatch(own, line[-200:]) else text[: text.rfind("\n", 0, at) + 1]
    return not re.search(set_by, before, re.MULTILINE)


def find(view: View) -> Iterator[Found]:
    """Every setting, in text of the fork's own, that the program it is made for reads no more."""
    lost = list(_lost(view))
    if not lost:
        return
    names: dict[str, frozenset[str]] = {}
    for file in view.files:
        text = file.merged.text if file.merged else ""
        here = [item for item in lost if item.name in text and file.path != item.source.path]
        for item in here if file.fork_lines else ():
            # What upstream's version of the file says too is upstream's.
            if file.theirs and _says(file.theirs.text, item.name):
                continue
            path = item.source.path
            if path not in names:
                names[path] = programs(view, item.source)
            line = _set_for(file, item, names[path])
            if line and not _read_elsewhere(view, file, item):
                yield _found(file, item, line)


def _lost(view: View) -> Iterator[Lost]:
    own = "\n".join(file.merged.text for file in view.files if file.merged and file.changed_by_ours)
    for file in view.files:
        now = file.merged or file.theirs
        if not (file.base and file.theirs and now and file.changed_by_theirs and _kind(file.base)):
            continue
        lines = "\n".join(beyond(file.base.text, now.text).values())
        said = {name for name in set(_WORD.findall(lines)) if not _COMMON.fullmatch(name)}
        said = {name for name in said.difference(_WORD.findall(now.text) if said else ()) if name in own}
        for name, line in reads(file.base, said).items() if said else ():
            yield Lost(name, _renamed(file.base, file.theirs, name), file.base, line)


# A capital first, for a quick search; `_NAME` with nothing before and after it.
_WORD = re.compile(r"([A-Z_](?<![A-Za-z0-9_][A-Z_])[A-Z0-9_]{2,})(?![A-Za-z0-9_])")


def _says(text: str, name: str) -> bool:
    return bool(re.search(rf"(?<![A-Za-z0-9_]){name}(?![A-Za-z0-9_])", text))


def _renamed(base: Document, theirs: Document, name: str) -> str:
    """The variable that upstream reads where it read `name`: the same line but for the name, or else the one new
    variable of the same change."""
    new = list(reads(theirs, set(_WORD.findall(theirs.text)) - set(_WORD.findall(base.text))))
    old_lines, new_lines = base.text.split("\n"), theirs.text.split("\n")
    known = set(new_lines)
    places = [line for line in old_lines if _says(line, name)]
    for other in new:
        if any(line.replace(name, other) in known for line in places):
            return other
    for hunk in hunks(base.text, theirs.text):
        if any(_says(line, name) for line in old_lines[hunk.old_start : hunk.old_end]):
            text = "\n".join(new_lines[hunk.new_start : hunk.new_end])
            here = [other for other in new if _says(text, other)]
            if len(here) == 1:
                return here[0]
    return ""


def _set_for(file: File, lost: Lost, names: frozenset[str]) -> int:
    """The line where the fork sets the variable for a call of the program; 0 where it does not, or sets the new one."""
    assert file.merged is not None  # find asks for no others
    context = steps(file.merged)
    for call in calls(file.merged):
        if call.block.documented or not _runs(call, names):
            continue
        asked = (lost.name, lost.now)
        given = {
            name: line for name, _, line in assignments(call.block) if name in asked and line <= call.last
        }
        step = context.get(call.block.line)
        given = {**(step.env_lines if step else {}), **_exported(call, given)}
        line = given.get(lost.name, 0)
        ours = {line, *range(call.line, call.last + 1)}
        if line and lost.now not in given and not file.fork_lines.isdisjoint(ours):
            return line
    return 0


def _runs(call: Call, names: frozenset[str]) -> bool:
    if call.names("", script=True, programs=names) >= 0:
        # A name among the arguments of a tool that only looks at the file is no run of it.
        return call.words[0] not in _LOOKS
    return False


_LOOKS = frozenset(
    [
        "cat",
        "cp",
        "mv",
        "rm",
        "chmod",
        "ls",
        "grep",
        "sed",
        "shellcheck",
        "diff",
        "test",
        "[",
        "[[",
        "echo",
        "git",
    ]
)


def _exported(call: Call, given: Mapping[str, int]) -> dict[str, int]:
    """Those of a block's assignments that a call sees: made before it in the same command, or exported."""
    text = call.block.text
    return {
        name: line
        for name, line in given.items()
        if any(word.startswith(f"{name}=") for word in call.words)
        or re.search(rf"\bexport\b[^\n;&|]{{0,200}}\b{name}\b|\bset\s+-(?:a|o\s+allexport)\b", text)
    }


def _read_elsewhere(view: View, file: File, lost: Lost) -> bool:
    """Whether anything else in the merged tree, documents left out, still says the name."""
    others = [f.path for f in view.files if f.merged and f.ours_alone and _says(f.merged.text, lost.name)]
    left_out = [f":(exclude,literal){path}" for path in {*others, file.path}]
    prose = [f":(exclude,glob)**/*.{ending}" for ending in ("md", "rst", "txt", "adoc")]
    return bool(view.trees.holding("merged", [lost.name], [".", *left_out, *prose]))


def _found(file: File, lost: Lost, line: int) -> Found:
    assert file.merged is not None  # find asks for no others
    program = lost.source.path
    used = re.search(rf"\$\{{?{lost.name}\b|\benv\.{lost.name}\b", file.merged.text)
    message = f"this sets `{lost.name}` for {program}, which upstream's {program} reads no more"
    if lost.now:
        message = f"this sets `{lost.name}` for {program}, which upstream renamed to `{lost.now}`"
    return Found(
        "breakage" if lost.now and not used else "decision",
        file.path,
        line,
        message,
        fix=f"set `{lost.now}` here"
        if lost.now
        else f"see in upstream's commit what decides now what `{lost.name}` did, and set that",
        upstream=Place(program, lost.line),
        removed=(lost.source.line(lost.line),),
        key=lost.name,
    )

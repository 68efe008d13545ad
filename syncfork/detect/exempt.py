"""Exemptions that the fork wrote as data: entries of a list, conditions of a step, patterns of an ignore file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from syncfork.detect.base import File, Found, View
from syncfork.detect.lines import counterpart, grown, new_lines, short, telling
from syncfork.detect.pipelines import root_of
from syncfork.detect.wiring import keyed
from syncfork.errors import CannotReadError
from syncfork.parsing.structured import format_of, read
from syncfork.parsing.values import Entry, Value
from syncfork.report import Place
from syncfork.words import listed

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

FIX = "decide whether what is exempt should pass the new checks: narrow the exemption, or accept this finding with the reason"

# -- conditions and excluded paths in YAML, TOML and JSON

_KEYS = re.compile(
    r"""(?:if|condition|continue-on-error|allow_failure|allow-failure|exclude|excludes|extend-exclude"""
    r"""|paths-ignore|exclude_paths|exclude-paths|exclude_dirs|exclude-dirs|ignorePatterns|ignore_paths|ignorePaths|omit)["']?\s*[:=]"""
)
_CONDITIONS = frozenset(["if", "condition"])
_LENIENT = frozenset(["continue-on-error", "allow_failure", "allow-failure"])
# What lists the checks from which paths are excluded.
_CHECKS = frozenset(
    ["select", "extend-select", "extendSelect", "rules", "enable", "checks", "hooks", "repos", "plugins"]
)
_NEVER = re.compile(
    r"^(?:\$\{\{)?\s*(?:false|never\(\))\s*(?:\}\})?$|!=|!\s*\w|\b(?:not|ne)\s*\(", re.IGNORECASE
)


def of_keys(file: File) -> Iterator[Found]:
    """Keys of the fork's that leave something out, where upstream has since added to what is left out."""
    assert file.merged and file.theirs and file.ours
    try:
        form = format_of(file.merged)
        if not _KEYS.search(file.merged.text):
            return
        # The fork may have added to the list under a key of upstream's.
        fork = new_lines(file.theirs.text, file.merged.text)
        added = grown(file.ours.text, file.merged.text) - fork
        if not fork or not added:
            return
        root = read(file.merged.text, form)
    except CannotReadError:
        return
    yield from _of_map(file, root, fork, added)


# Nothing that people write is nested deeper.
DEEPEST = 30


def _of_map(
    file: File, value: Value, fork: frozenset[int], added: frozenset[int], depth: int = 0
) -> Iterator[Found]:
    if value.alias or depth > DEEPEST:
        return
    if value.kind == "map":
        for entry in value.entries:
            lines = _span(file, entry) if _KEYS.match(f"{entry.key}:") else frozenset()
            if lines & fork:
                yield from _widened(file, value, entry, min(lines & fork), added - lines)
    for entry in value.entries:
        yield from _of_map(file, entry.value, fork, added, depth + 1)


def _widened(file: File, around: Value, entry: Entry, line: int, added: frozenset[int]) -> Iterator[Found]:
    assert file.merged and file.theirs and file.base
    if entry.key in _CONDITIONS:
        value = str(entry.value.scalar).strip()
        if entry.value.kind != "scalar" or not _NEVER.search(value):
            return
        hidden, what = _span(file, around) & added, "leaves out"
    elif entry.key in _LENIENT:
        if entry.value.scalar is not True:
            return
        hidden, what = _span(file, around) & added, "lets fail"
    elif entry.key == "paths-ignore":
        hidden, what = _jobs(file) & added, "keeps some changes from"
    else:
        hidden, what = _checks(file, around) & added, "exempts from"
    if not hidden:
        return
    lines = file.merged.text.split("\n")
    first = telling(hidden, lines)
    number = len(hidden)
    yield Found(
        "decision",
        file.path,
        line,
        f"the fork's `{short(lines[line - 1])}` now also {what} {number} line{'s' if number > 1 else ''} "
        f"that upstream added{_name(around)}: `{short(lines[first - 1])}`",
        fix=FIX,
        upstream=Place(file.theirs.path, counterpart(file.theirs.text, file.merged.text, first)),
        added=tuple(lines[n - 1] for n in sorted(hidden)),
        key=f"{entry.key} {lines[line - 1].strip()} {lines[first - 1].strip()}",
    )


def _jobs(file: File) -> frozenset[int]:
    """The lines of all jobs of a workflow."""
    assert file.merged
    root = root_of(file.merged)
    return frozenset[int]().union(*(_span(file, e) for e in keyed(root) if e.key == "jobs"))


def _name(around: Value) -> str:
    names = (e.value.scalar for e in around.entries if e.key in ("name", "id", "job", "displayName"))
    name = next((str(name) for name in names if name), "")
    return f" to `{short(name)}`" if name else ""


def _checks(file: File, around: Value, depth: int = 0) -> frozenset[int]:
    """The lines of all lists of checks somewhere in a mapping."""
    found: frozenset[int] = frozenset()
    for entry in around.entries:
        if entry.value.kind != "scalar" and not entry.value.alias and depth < DEEPEST:
            found |= _span(file, entry) if entry.key in _CHECKS else _checks(file, entry.value, depth + 1)
    return found


def _span(file: File, item: Entry | Value) -> frozenset[int]:
    assert file.merged
    return frozenset(
        range(file.merged.line_of(item.start), file.merged.line_of(max(item.start, item.end - 1)) + 1)
    )


# -- entries of a list that checks consult

_ENTRY = re.compile(r"""\s*\(?["']([^"'\n]+)["']""")
_LIST = re.compile(
    r"\b(\w*(?i:skip|ignor|exclud|exempt|allow|suppress|known|omit|whitelist|except)\w*)\b[^=\n]*=(?!=)"
)
_FAR = 200


def of_lists(view: View) -> Iterator[Found]:
    """Entries that the fork added to a list of exemptions which upstream's new code consults too."""
    for file in view.files:
        if not (file.changed_by_ours and file.merged and file.theirs and file.base):
            continue
        lines = file.merged.text.split("\n")
        told: set[str] = set()
        for line in sorted(file.fork_lines):
            entry = _ENTRY.match(lines[line - 1])
            name = _list_around(lines, line) if entry else None
            if entry and name and name not in told and _has(name, file.base.text):
                told.add(name)
                yield from _consulted(view, file, line, entry[1], name)


def _list_around(lines: list[str], line: int) -> str | None:
    """The name of the list in whose brackets `line` stands."""
    depth = 0
    for text in reversed(lines[max(0, line - 1 - _FAR) : line - 1]):
        bare = re.sub(r"""(["']).*?\1""", "", text[:500])
        depth += sum(bare.count(bracket) for bracket in "])}") - sum(bare.count(b) for b in "[({")
        if depth < 0:
            found = _LIST.search(bare)
            return found[1] if found else None
    return None


def _consulted(view: View, at: File, line: int, entry: str, name: str) -> Iterator[Found]:
    uses: list[tuple[File, int]] = []
    for file in view.files:
        if (
            not (file.changed_by_theirs and file.base and file.merged and file.theirs)
            or name not in file.theirs.text
        ):
            continue
        if len(_uses(name, file.theirs.text)) <= len(_uses(name, file.base.text)):
            continue
        known = {text.strip() for text in file.base.text.split("\n")}
        texts = file.theirs.text.split("\n")
        uses += [(file, n) for n in _uses(name, file.theirs.text) if texts[n - 1].strip() not in known]
    if not uses:
        return
    file, first = uses[0]
    assert file.theirs
    added = [used.theirs.line(n) for used, n in uses if used.theirs and used is file]
    yield Found(
        "decision",
        at.path,
        line,
        f"the fork's entry `{short(entry)}` of `{name}` now also exempts from what upstream added: `{short(added[0])}`",
        fix=FIX,
        upstream=Place(file.theirs.path, first),
        added=tuple(added),
        key=name,
    )


def _has(name: str, text: str) -> bool:
    return bool(re.search(rf"\b{re.escape(name)}\b", text))


def _uses(name: str, text: str) -> list[int]:
    """The lines that name a list and do not define it."""
    form = re.compile(rf"\b{re.escape(name)}\b(?![^=\n]*[^=!<>\n]=[^=])")
    skip = ("//", "#", "*", "use ", "from ", "import ")
    return [
        n
        for n, line in enumerate(text.split("\n"), 1)
        if form.search(line[:1000]) and not line.lstrip().startswith(skip)
    ]


# -- ignore files


def of_ignore_files(view: View) -> Iterator[Found]:
    """Patterns that the fork added to an ignore file, which hide files that upstream has added since.

    Not git's own: what is tracked stays tracked.
    """
    new = [f for f in view.files if f.base is None and f.ours is None and f.theirs and f.merged]
    for file in view.files:
        name = PurePosixPath(file.path).name
        if not (name.startswith(".") and name.endswith("ignore")) or name in (".gitignore", ".hgignore"):
            continue
        if not (file.merged and file.changed_by_ours):
            continue
        yield from _ignored(file, name, [f.path for f in new])


def _ignored(file: File, name: str, paths: list[str]) -> Iterator[Found]:
    assert file.merged
    folder = PurePosixPath(file.path).parent
    here = [path for path in paths if PurePosixPath(path).is_relative_to(folder)]
    lines = file.merged.text.split("\n")
    whole = _spec(_rooted(lines, name))
    for line in sorted(file.fork_lines):
        text = lines[line - 1].strip()
        if text.startswith(("#", "!")):
            continue
        one = _spec(_rooted([text], name))
        inside = [p for p in here if _matches(one, p, folder) and _matches(whole, p, folder)]
        if inside:
            yield Found(
                "decision",
                file.path,
                line,
                f"the fork's `{short(text)}` now also hides upstream's new {listed(inside, 1)}",
                fix="narrow the pattern where the new files are needed, or accept this finding with the reason",
                upstream=Place(inside[0], 1),
                key=text,
            )


def _spec(lines: list[str]) -> GitIgnoreSpec:
    """What the lines match, without those that are no patterns of gitignore's: some tools have other ones."""
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError:
        return GitIgnoreSpec.from_lines(line for line in lines if _is_pattern(line))


def _is_pattern(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True


def _rooted(lines: list[str], name: str) -> list[str]:
    """A .dockerignore's patterns begin at its root, others match at any depth."""
    if name != ".dockerignore":
        return lines
    return [
        f"/{line.strip().removeprefix('/')}" if line.strip() and line[0] not in "#!" else line
        for line in lines
    ]


def _matches(spec: GitIgnoreSpec, path: str, folder: PurePosixPath) -> bool:
    return spec.match_file(str(PurePosixPath(path).relative_to(folder)))

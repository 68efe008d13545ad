"""What the fork builds on, and upstream moved: versions of the things its files are about, and strings that it
takes out of a text which no longer holds them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import PurePosixPath

from msgspec import Struct

from syncfork.detect.base import DOCUMENTS, File, Found, View, vendored
from syncfork.detect.lines import short
from syncfork.detect.strips import stripped
from syncfork.report import Place
from syncfork.text import Document
from syncfork.words import listed

# What programs write: nobody's decision.
_WRITTEN = (
    ".lock",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "go.sum",
    "pnpm-lock.yaml",
    ".svg",
    ".patch",
    ".diff",
)


def find(view: View) -> Iterator[Found]:
    """Pins that moved under files of the fork's, and strings the fork strips that are gone."""
    yield from _moves(view)
    yield from stripped(view)


# -- versions


class _Pin(Struct, frozen=True):
    """The version that a text gives to `name`, and the line (from 1) it stands on."""

    name: str
    version: str
    line: int
    image: bool = False


_VERSION = r"v?\d[\w.+~-]*\d[\w.+~-]*|v?\d+"
_FIELD = re.compile(
    rf"""^\s*(?:-\s+)?["']?(version|tag|rev|ref|url)["']?\s*(?::|=|=>)\s*["']?(?:({_VERSION})["']?,?\s*(?:\#.*)?$|(\S+))"""
)
_NAMED = re.compile(
    rf"""^\s*(?:export\s+|ENV\s+|ARG\s+|-\s+|const\s+|set\s+)?["']?([A-Za-z]\w*?)_?(?:VERSION|version)["']?\s*(?::=|:|=)\s*["']?({_VERSION})["']?[,;]?\s*(?:\#.*)?$"""
)
_FROM = re.compile(
    r"^\s*FROM\s+(?:--platform=\S+\s+)?(\S+?)(?::([\w.-]+))?(?:@sha256:\w+)?(?:\s+(?:AS|as)\s+\S+)?\s*$"
)
# Some word of any of these forms.
_QUICK = re.compile(r"version|VERSION|tag|rev|ref|url|FROM")
_OWNER = re.compile(
    r"""^(\s*)(?:-\s+(?:name|id|package)\s*:\s*)?["']?([A-Za-z][\w.+-]*)["']?\s*[:=]\s*[\[{(]?\s*$|^(\s*)\[([\w.+"-]+)\]\s*$"""
)
_URL_VERSION = re.compile(r"[-_/v](\d+(?:\.\d+)+[\w+~-]*?)(?=\.tar|\.zip|\.t[gbx]z|\.whl|\.deb|/|$)")

_COMMON = frozenset(
    "build test tests main linux macos windows image docker package project version release python node name tool"  # noqa: SIM905
    " action actions workflow script scripts config install base default source url core lib dev common ci template"
    " templates meta metadata info general settings options defaults dependencies packages repository repo github job"
    " jobs step steps service services app application server client cli api web docs data model schema format output"
    " input params email service".split()
)


def _moves(view: View) -> Iterator[Found]:
    ties = _Ties(view)
    if not ties.files:
        return
    told: set[str] = set()
    for file in view.files:
        if not (file.changed_by_theirs and file.base and file.theirs and file.merged):
            continue
        if file.path.endswith(_WRITTEN + DOCUMENTS):
            continue
        for old, new in _moved(file.base, file.theirs):
            tied = ties.to(new.name, file, new.image)
            if tied and new.name.lower() not in told and _stands(file.merged, new):
                told.add(new.name.lower())
                yield _found(file, old, new, tied)


def _stands(merged: Document, pin: _Pin) -> bool:
    """Whether the merge took upstream's version."""
    return pin.version in merged.text


def _moved(base: Document, theirs: Document) -> list[tuple[_Pin, _Pin]]:
    """Pins that both texts have, once each, with other versions."""
    known = set(base.text.split("\n"))
    news = [n for n, line in enumerate(theirs.text.split("\n")) if line not in known and _is_pin(line)]
    if not news:
        return []
    after = _pins(theirs, news)
    kept = set(theirs.text.split("\n"))
    olds = [n for n, line in enumerate(base.text.split("\n")) if line not in kept and _is_pin(line)]
    before = _pins(base, olds)
    return [
        (before[name], pin)
        for name, pin in after.items()
        if name in before and before[name].version != pin.version
    ]


def _is_pin(line: str) -> bool:
    return bool(
        len(line) < 500
        and _QUICK.search(line)
        and (_FIELD.match(line) or _NAMED.match(line) or _FROM.match(line))
    )


def _pins(document: Document, numbers: Iterable[int]) -> dict[str, _Pin]:
    """The pins on these lines (from 0); a field `version` counts before a `url`."""
    lines = document.text.split("\n")
    found: dict[str, _Pin] = {}
    weak: set[str] = set()
    for number in numbers:
        line = lines[number]
        if image := _FROM.match(line):
            if image[2] and re.search(r"\d", image[2]):
                found.setdefault(image[1], _Pin(image[1], image[2], number + 1, image=True))
            continue
        if field := _FIELD.match(line):
            url = None if field[2] else _URL_VERSION.findall(field[3])
            version = field[2] or (url[-1] if url else "")
            name = _owner(lines, number)
            if name and version and (name not in found or (name in weak and field[1] == "version")):
                found[name] = _Pin(name, version, number + 1)
                (weak.discard if field[1] == "version" else weak.add)(name)
        elif (named := _NAMED.match(line)) and named[1]:
            found.setdefault(named[1], _Pin(named[1], named[2], number + 1))
    return found


def _owner(lines: list[str], number: int) -> str | None:
    """The key under which a field stands: the nearest line above that is indented less and opens something."""
    depth = len(lines[number]) - len(lines[number].lstrip())
    for line in reversed(lines[max(0, number - 40) : number]):
        if table := _OWNER.match(line):
            if table[4]:
                return table[4].strip('"').split(".")[-1]
            if len(table[1]) < depth:
                return table[2]
        if line.strip() and len(line) - len(line.lstrip()) < depth:
            return None
    return None


class _Ties:
    """The files of the fork that are about a thing: by their name, or by what the fork wrote in them."""

    def __init__(self, view: View) -> None:
        changed = [f for f in view.files if f.ours and f.changed_by_ours and (f.merged or f.conflicted)]
        self.files = [
            f for f in changed if not f.path.endswith(DOCUMENTS + _WRITTEN) and not vendored(f.path)
        ]

    def to(self, name: str, at: File, image: bool) -> list[str]:
        """The fork's files that build on `name`, as the pins of `at` have it."""
        if image or "/" in name or ":" in name:
            return [at.path] if _is_dockerfile(at.path) and _is_changed(at) else []
        if name.lower() in _COMMON or len(name) < 3:
            return []
        return [f.path for f in self.files if self._is_about(f, name) or self._says(f, name)]

    def _is_about(self, file: File, name: str) -> bool:
        """Whether the file is called so."""
        called = PurePosixPath(file.path).name
        return name.lower() in called.lower() and bool(_word(name).search(called))

    def _says(self, file: File, name: str) -> bool:
        """Whether the fork's own lines name it; only a name with a number or a dash is surely that thing."""
        if not file.merged or name not in file.merged.text or not re.search(r"\d|-", name):
            return False
        lines = file.merged.text.split("\n")
        return any(
            _word(name).search(lines[n - 1]) and not lines[n - 1].lstrip().startswith(("#", "//", "*"))
            for n in file.fork_lines
        )


@lru_cache(maxsize=64)
def _word(name: str) -> re.Pattern[str]:
    """`name`, however its letters are written, and not as part of another name."""
    return re.compile(rf"(?<![A-Za-z0-9.]){re.escape(name)}(?![A-Za-z0-9]|[._-]\d)", re.IGNORECASE)


def _is_changed(file: File) -> bool:
    """Whether anything that the fork changed in it is still there: upstream may have done the same, or more."""
    if not file.changed_by_ours:
        return False
    return file.merged is None or _said(file.merged) != _said(file.theirs)


def _said(document: Document | None) -> list[str]:
    return [line.strip() for line in document.text.split("\n") if line.strip()] if document else []


def _is_dockerfile(path: str) -> bool:
    name = PurePosixPath(path).name.lower()
    return "dockerfile" in name or name == "containerfile"


def _found(file: File, old: _Pin, new: _Pin, tied: list[str]) -> Found:
    assert file.theirs and file.merged
    after = file.theirs.line(new.line)
    lines = file.merged.text.split("\n")
    line = next((n for n, text in enumerate(lines, 1) if text == after), 1)
    return Found(
        "decision",
        file.path,
        line,
        f"`{short(new.name)}` moves from {short(old.version)} to {short(new.version)}; what the fork changed in {listed(tied)} builds on it",
        fix=f"check what the fork does there against {short(new.version)} (build it, run its tests), or accept this finding",
        upstream=Place(file.theirs.path, new.line),
        # The commit that made this version counts, not the one that left the old version.
        added=(after,),
        key=f"{new.name} {new.version}",
    )

"""Lines that the fork added to every script of a family, and a new script of upstream's goes without."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from syncfork.detect.base import File, Found, View
from syncfork.detect.lines import beyond
from syncfork.detect.pipelines import flavour_of
from syncfork.report import Place
from syncfork.words import count

Family = tuple[str, ...]
_SCRIPTS = frozenset([".sh", ".bash", ".ps1", ".bat", ".cmd", ".dockerfile"])
# Shorter lines, and those without a word, are alike by chance.
_TELLING = re.compile(r"(?!\s*(?:#|//|REM\b)).*\w{3}.{4}")


def find_scripts(view: View, files: Sequence[File]) -> Iterator[Found]:
    """New scripts without the lines that the fork added to all of the family."""
    new = [file for file in files if _is_new(file) and not view.governed(file.path)]
    if not new:
        return
    counts: dict[Family, Counter[str]] = defaultdict(Counter)
    members: dict[Family, list[File]] = defaultdict(list)
    for file in files:
        if file.base and file.ours and (families := _families(file.path)):
            lines = _added(file)
            for family in families:
                counts[family].update(lines)
                members[family].append(file)
    for file in new:
        for family in _families(file.path):
            all_of = members[family]
            shared = [line for line, count in counts[family].items() if count == len(all_of) > 1]
            if shared and _closest(all_of, len(family)):
                yield from _without(file, shared, all_of)
                break


def _is_new(file: File) -> bool:
    return file.base is None and file.ours is None and file.theirs is not None and file.merged is not None


def _families(path: str) -> list[Family]:
    """The families of a script by its folder, ending and the words of its name, the closest first."""
    found = PurePosixPath(path)
    if found.suffix.lower() not in _SCRIPTS:
        return []
    words = [word for word in re.split(r"[-_.]", found.stem) if word]
    at = (str(found.parent), found.suffix)
    return [(*at, *words[:length]) for length in range(len(words) - 1, 0, -1)]


def _closest(members: Sequence[File], length: int) -> bool:
    """Whether the members have no more of their names in common than the family says."""
    longer = [{family for family in _families(file.path) if len(family) > length} for file in members]
    return not set.intersection(*longer)


def _added(file: File) -> set[str]:
    if not file.changed_by_ours or file.base is None or file.ours is None or flavour_of(file.ours):
        return set()
    lines = (line.strip() for line in beyond(file.ours.text, file.base.text).values())
    return {line for line in lines if _TELLING.match(line)}


def _without(file: File, lines: Sequence[str], family: Sequence[File]) -> Iterator[Found]:
    assert file.merged is not None and file.theirs is not None  # it is upstream's
    has = {line.strip() for line in file.merged.text.split("\n")}
    if any(line in has for line in lines):
        return
    names = sorted(PurePosixPath(one.path).name for one in family)
    members = " and ".join(names[:2]) if len(names) == 2 else f"{names[0]} and {len(names) - 1} more"
    first = file.theirs.line(1)
    rest = f" and {count(len(lines) - 1, 'more line')}" if len(lines) > 1 else ""
    yield Found(
        "decision",
        file.path,
        1,
        f"the fork added `{lines[0][:60]}`{rest} to {members}; the new one goes without",
        "do the same here, or say why this one needs it not",
        Place(file.theirs.path, 1),
        added=(first,),
        key="script",
    )

"""Secrets and variables that live in a repository's or organisation's settings, which no file declares.

That upstream renamed one shows only in its uses: where it wrote the old name it writes a new one, and nowhere the old.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator

from syncfork.detect.base import File, Found, View
from syncfork.detect.pipelines import flavour_of
from syncfork.detect.replaced import replacement
from syncfork.detect.searching import anchored
from syncfork.report import Place, Site
from syncfork.text import Document
from syncfork.words import also

_USES = {
    "github": re.compile("(" + anchored(r"(?<![\w.-])", r"secrets\.", r"vars\.") + r")(\w+)"),
    "azure": re.compile(r"(\$\()([A-Za-z_]\w*)(?=\))"),
}


def renamed_settings(view: View, declared: Collection[str]) -> Iterator[Found]:
    """Uses by the fork of what upstream renamed, but those names that some file declares (in lower case)."""
    files = [file for file in view.files if _kind(file)]
    changed = [file for file in files if file.changed_by_theirs and file.base]
    before = {use for file in changed for use in _uses(file.base)}
    gone = before - {use for file in files for use in _uses(file.theirs)}
    asked = [(context, name) for context, name in sorted(gone) if name.casefold() not in declared]
    found = {use: new for use in asked if (new := replacement(changed, use[1]))}
    # What stands for two names now is the new name of neither.
    taken = Counter((context, new) for (context, _), new in found.items())
    for (context, name), new in found.items():
        if taken[context, new] == 1:
            yield from _told(files, changed, context, name, new)


def _kind(file: File) -> str | None:
    document = file.merged or file.theirs or file.base
    kind = flavour_of(document) if document else None
    return kind if kind in _USES else None


def _uses(document: Document | None) -> set[tuple[str, str]]:
    kind = flavour_of(document) if document else None
    if document is None or kind not in _USES:
        return set()
    return {(found[1], found[2]) for found in _USES[kind].finditer(document.text)}


def _told(files: list[File], changed: list[File], context: str, name: str, new: str) -> Iterator[Found]:
    written = context + name
    after = {use for file in files for use in _uses(file.theirs)}
    places = [Site(file.merged.path, line) for file in files if file.merged for line in _lines(file, written)]
    if (context, new) not in after or not places:
        return
    source = next(file.base for file in changed if file.base and (context, name) in _uses(file.base))
    at, text = next((n, text) for n, text in enumerate(source.text.split("\n"), 1) if written in text)
    first, *others = places
    more = also(site.told for site in others)
    close = ")" if context == "$(" else ""
    yield Found(
        "decision",
        first.path,
        first.line,
        f"the fork uses `{written}{close}`, for which upstream now writes `{context}{new}{close}`{more}",
        "see which of the two the fork's settings hold, and name that one everywhere it is meant",
        Place(source.path, at, "base"),
        removed=(text,),
        key=f"setting {written}",
        also=tuple(others),
    )


def _lines(file: File, written: str) -> list[int]:
    assert file.merged  # asked of such only
    if written not in file.merged.text or (file.ours and written not in file.ours.text):
        return []
    form = re.compile(re.escape(written) + r"(?![\w.-])")
    lines = file.merged.text.split("\n")
    return [number for number in sorted(file.fork_lines) if form.search(lines[number - 1])]

"""All path-level intents, as written. A new one is a class with `place` and a line in `compile_own`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import Meta

from syncfork.copied import within
from syncfork.globs import from_root
from syncfork.own.base import Own
from syncfork.own.derived import Derived
from syncfork.own.derived_folder import BELOW, DerivedFolder
from syncfork.own.sides import TakeSide
from syncfork.own.union import Regenerate, Union
from syncfork.selectors.base import Written

# A name may have a bracket in it, as that of a file for a route has.
_ESCAPED, _UNESCAPED = re.compile(r"\\(.)"), re.compile(r"(?<!\\)[*?\[]")
_GLOB = re.compile(r"[*?]|\{[^{}]*,[^{}]*\}")


def _path_or_folder(source: str) -> str:
    if not source.strip("/") or source.strip("/") == BELOW.strip("/"):
        raise ValueError("expected the path of a file of upstream's, or a folder as FOLDER/**")
    if from_root(source) != source.strip("/"):
        raise ValueError(
            f"{source!r} is no path of upstream's: write it from the root, as {from_root(source)!r}"
        )
    if _GLOB.search(source.removesuffix(BELOW)) or source.endswith("/"):
        folder = _GLOB.split(source)[0].rpartition("/")[0] or "FOLDER"
        raise ValueError(
            f"expected one path without a glob, or a whole folder as `{folder}{BELOW}` (and `files` with the fork's own, "
            f"FOLDER{BELOW}), not {source!r}"
        )
    return source


class DerivedFrom(Written, frozen=True):
    """The file began as a copy of this upstream file; each one of a folder as a copy of the one of that name."""

    derived: Annotated[
        str,
        _path_or_folder,
        Meta(description="The upstream file's path; FOLDER/** where `files` is a folder, too."),
    ]


class RegenerateWith(Written, frozen=True):
    """The file is made by a command, run in a checkout of the merged tree and only when asked for."""

    regenerate: Annotated[tuple[str, ...], Meta(min_length=1, description="Program and arguments.")]


AnyOwn = Literal["ours", "theirs", "absent", "union"] | DerivedFrom | RegenerateWith


def folders_of(written: DerivedFrom, files: Sequence[str]) -> tuple[str, str] | None:
    """The fork's folder and upstream's of a rule with these `files`; None where it is about single files. Raises
    ValueError where only one of the two is a folder, or one of them is in the other."""
    if not written.derived.endswith(BELOW):
        return None
    source = written.derived.removesuffix(BELOW).strip("/")
    patterns = [pattern for pattern in files if not pattern.startswith("!")]
    copy = patterns[0].removesuffix(BELOW).strip("/")
    globbed, copy = _UNESCAPED.search(copy), _ESCAPED.sub(r"\1", copy)
    if len(patterns) != 1 or not patterns[0].endswith(BELOW) or not copy or globbed:
        raise ValueError(
            f"follows a folder, {written.derived}, so `files` has to name one folder of the fork's as FOLDER{BELOW} "
            "(exceptions with `!` may follow): each file below it then follows the one of the same name"
        )
    if within(copy, source) or within(source, copy):
        raise ValueError(
            f"{source} and {copy} are one folder, or one is in the other: none can follow the other"
        )
    return copy, source


def compile_own(written: AnyOwn, files: Sequence[str]) -> Own:
    """The intent ready for use, in a rule with these `files`."""
    if isinstance(written, DerivedFrom) and (folders := folders_of(written, files)):
        return DerivedFolder(folders[1], copy=folders[0])
    if isinstance(written, DerivedFrom):
        return Derived(written.derived)
    if isinstance(written, RegenerateWith):
        return Regenerate(written.regenerate)
    return Union() if written == "union" else TakeSide(written)

"""What is shared by the kinds of lock files: what of one does not go with its manifest. Pure.

What the tools refuse that read both, as their documentation has it: Go's vendoring and module references, npm's
package-lock.json, The Cargo Book, uv's docs on locking. Each says nothing of what it cannot be sure of, such as a
version range of an unusual form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct


class Pair(Struct, frozen=True):
    """A manifest and a lock file, as they were read; `top` is the manifest beside the lock file, None where there is none to
    be read, `folder` where the other one is from there (empty: beside it, too). `parts` are the manifests that count with
    it, by their folders from there."""

    manifest: Any
    lock: Any
    top: Any
    folder: str
    parts: Mapping[str, Any] = {}


class Gap(Struct, frozen=True):
    """Something of the manifest, by name, and in words what the lock file has instead. `lost` is true for what somebody
    wrote into the manifest by hand, of which the lock file alone tells still."""

    name: str
    words: str
    lost: bool = False


class Kind(Struct, frozen=True):
    """A manifest's name, the lock file's path from its folder, the command that writes it, how either is read, and what
    does not go together. `member` tells whether the lock file is made from the manifest, where that of a folder above
    may be. Of a manifest that only names others, `parts` are the folders of these, from its own, `part` is their file name
    and `read_part` how they are read. What reads raises ValueError or RecursionError for a text that is none of its
    form."""

    manifest: str
    lock: str
    command: str
    read: Callable[[str], Any]
    read_lock: Callable[[str], Any]
    gaps: Callable[[Pair], Iterator[Gap]]
    member: Callable[[Pair], bool] | None = None
    parts: Callable[[Any], Sequence[str]] | None = None
    part: str = ""
    read_part: Callable[[str], Any] | None = None


_RANGE = re.compile(r"([\^~=]?)\s*v?(\d+(?:\.\d+){0,2})")


def satisfied(version: str, wanted: str, bare: str) -> bool | None:
    """Whether a semantic version is in a range: `^1.2`, `~1.2`, `=1.2.3`, or without a sign as `bare` says ("caret" or
    "exact"). None where either is of another form."""
    found, release = _RANGE.fullmatch(wanted.strip()), re.fullmatch(r"(\d+)\.(\d+)\.(\d+)(?:\+.*)?", version)
    if not found or not release:
        return None
    sign = found[1] or {"caret": "^", "exact": "="}[bare]
    asked, had = [int(n) for n in found[2].split(".")], [int(n) for n in release.groups()]
    if sign == "=":
        return had[: len(asked)] == asked
    if had < asked + [0] * (3 - len(asked)):
        return False
    if sign == "~":
        kept = min(2, len(asked))
    else:
        # Up to the first number that is not zero.
        kept = next((at for at, number in enumerate(asked, start=1) if number), len(asked))
    return had[:kept] == asked[:kept]

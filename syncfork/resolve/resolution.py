"""A conflict that a person resolved, as a value that can be kept: keyed by its content, sealed against edits. Pure.

The key is made of the conflict's lines in the merge base, in ours and in theirs, with line ends made alike. Neither
line numbers nor what stands around it count.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Literal, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from syncfork.resolve.base import Clash
from syncfork.resolve.markers import marker_left

# A clash of lines, or a path that the fork deleted and upstream goes on changing.
Kind = Literal["clash", "path"]

# How the name of a file that holds one ends, and how the file begins.
ENDING = ".yml"
HEAD = (
    "# How a conflict was resolved, as `syncfork continue` recorded it. Where the same conflict returns it is\n"
    "# resolved the same way. After a change by hand, once it is reviewed: syncfork resolutions seal FILE\n"
)


class Joined(NamedTuple):
    """The commits that a merge joined."""

    fork: str
    upstream: str


class Resolution(Struct, frozen=True):
    """How a person resolved a conflict, in which merge, and why.

    For the kind "clash" `base`, `ours`, `theirs` and `result` are texts. The kind "path" has none of them: the fork
    had deleted `path`, upstream had changed it, and it stayed deleted.
    """

    path: str
    kind: Kind
    base: str | None
    ours: str | None
    theirs: str | None
    result: str | None
    key: str
    merge: Joined
    author: str
    date: date
    reason: str = ""
    seal: str = ""

    @property
    def sealed(self) -> bool:
        """True where nothing was changed by hand since the seal was set."""
        return self.seal == seal_of(self) and self.key == _key(self)

    def answers_like(self, other: Resolution) -> bool:
        """Whether the other one comes to the same result."""
        return _plain(self.result) == _plain(other.result)


def alike(text: str) -> str:
    """`text` with line feeds for line ends, so that a file with others is the same file."""
    return text.replace("\r\n", "\n")


def _plain(text: str | None) -> str | None:
    return None if text is None else alike(text)


def key_of(clash: Clash) -> str:
    """The key under which a clash is remembered: SHA-256 over its three texts with line ends made alike."""
    return _digest("clash", alike(clash.base), alike(clash.ours), alike(clash.theirs))


def keys_of(clashes: Iterable[Clash]) -> list[str]:
    """A key for each of the clashes of a path: the same conflict may be there twice."""
    seen: Counter[str] = Counter()
    found: list[str] = []
    for key in map(key_of, clashes):
        found.append(f"{key}-{seen[key]}")
        seen[key] += 1
    return found


def path_key(path: str) -> str:
    """The key of a path that the fork deleted and upstream changed."""
    return _digest("path", path, "deleted by ours", "changed by theirs")


def _key(resolution: Resolution) -> str:
    if resolution.kind == "path":
        return path_key(resolution.path)
    return key_of(Clash(resolution.base or "", resolution.ours or "", resolution.theirs or ""))


def seal_of(resolution: Resolution) -> str:
    """What shows that a resolution was changed by hand: SHA-256 over all that it says."""
    r = resolution
    texts = (r.path, r.kind, r.base, r.ours, r.theirs, r.result, r.key)
    return _digest(*texts, *r.merge, r.author, r.date.isoformat(), r.reason)


def _digest(*texts: str | None) -> str:
    return hashlib.sha256(json.dumps(texts).encode("ascii")).hexdigest()


def record(
    path: str,
    clash: Clash | None,
    result: str | None,
    merge: Joined,
    author: str,
    day: date,
    reason: str = "",
) -> Resolution | None:
    """A sealed resolution of `clash`, or (None) of a path that stays deleted.

    None where it cannot be remembered: texts with NUL are binary, and conflict markers left in are no answer.
    """
    texts = [clash.base, clash.ours, clash.theirs, result or ""] if clash else []
    if any("\0" in text for text in texts) or (clash and marker_left(result or "", clash)):
        return None
    if ends_of("".join(texts)) == "\r\n":
        texts = [alike(text) for text in texts]
    base, ours, theirs, made = texts or (None, None, None, None)
    kind: Kind = "clash" if clash else "path"
    return seal(
        Resolution(path, kind, base, ours, theirs, made, "", merge, _shown(author), day, _shown(reason))
    )


def _shown(text: str) -> str:
    """A name or a sentence, in which bytes that are not UTF-8 are marks."""
    return " ".join(text.encode("utf-8", "replace").decode().split())


def seal(resolution: Resolution) -> Resolution:
    """The resolution with the key and the seal of what it says now."""
    keyed = replace(resolution, key=_key(resolution))
    return replace(keyed, seal=seal_of(keyed))


def ends_of(text: str) -> Literal["\n", "\r\n", "mixed"]:
    """The line ends of a text; line feeds where it has none."""
    with_return = text.count("\r\n")
    if not with_return:
        return "\n"
    return "\r\n" if with_return == text.count("\n") else "mixed"

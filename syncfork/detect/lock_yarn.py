"""Yarn: package.json and yarn.lock, of its first version and of those since. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from syncfork.detect.lock_base import Gap, Kind, Pair
from syncfork.detect.lock_npm import asked, recorded

_CLASSIC, _SINCE = "# yarn lockfile v1", "__metadata:"
_RESOLVED = re.compile(r"^  resolution: \"?[^\n]*@workspace:([^\"\n]+)", re.MULTILINE)
# A version or a range; what names a place, a tag or another package is another matter.
_PLAIN = re.compile(r"[\^~<>=]*\s*v?\d[\w.+-]*")


class _Lock(Struct, frozen=True):
    """Of the first version the `ranges` that are locked, by package; since then the requirements of each `workspace`, by
    folder, and None."""

    ranges: Mapping[str, set[str]] | None
    workspaces: Mapping[str, Mapping[str, str]]


def _read(text: str) -> _Lock:
    if _CLASSIC in text[:500]:
        return _Lock(_ranges(text), {})
    if not re.search(f"^{_SINCE}", text, re.MULTILINE):
        raise ValueError("no yarn.lock")
    import yaml

    found: dict[str, Mapping[str, str]] = {}
    for block in text.replace("\r\n", "\n").split("\n\n"):
        if at := _RESOLVED.search(block):
            try:
                # Every value as it is written.
                [entry] = yaml.load(block, yaml.BaseLoader).values()
            except (yaml.YAMLError, ValueError) as error:
                raise ValueError("no yarn.lock") from error
            found[at[1]] = entry.get("dependencies", {})
    return _Lock(None, found)


def _ranges(text: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for line in text.splitlines():
        if line.endswith(":") and not line.startswith((" ", "#")):
            for descriptor in line[:-1].replace('"', "").split(", "):
                name, _, wanted = descriptor[1:].partition("@")
                found.setdefault(descriptor[:1] + name, set()).add(wanted)
    return found


def _member(pair: Pair) -> bool:
    if pair.lock.ranges is None:
        return (pair.folder or ".") in pair.lock.workspaces
    told = (pair.top or {}).get("workspaces", [])
    globs = told.get("packages", []) if isinstance(told, dict) else told
    return not pair.folder or any(_covers(each, pair.folder) for each in globs)


def _covers(glob: str, folder: str) -> bool:
    """Whether a workspace's glob is of a folder; of `**` and of several stars within a name one cannot tell in short, and it
    is taken to be."""
    wanted, parts = glob.removeprefix("./").rstrip("/").split("/"), folder.split("/")
    if "**" in wanted:
        return True
    return len(wanted) == len(parts) and all(map(_fits, parts, wanted))


def _fits(name: str, glob: str) -> bool:
    before, star, after = glob.partition("*")
    if not star:
        return name == glob
    fits = name.startswith(before) and name.endswith(after.rpartition("*")[2])
    return fits and len(name) >= len(glob.replace("*", ""))


def _gaps(pair: Pair) -> Iterator[Gap]:
    """What `yarn install --frozen-lockfile` refuses, or, since the second version, `--immutable`: a requirement that the
    lock file was not made with."""
    wanted = asked(pair.manifest)
    if pair.lock.ranges is None:
        yield from recorded(wanted, pair.lock.workspaces[pair.folder or "."], form=_bare)
        return
    forced = {each.rpartition("/")[2] for each in (pair.top or {}).get("resolutions", {})}
    for name, spec in wanted.items():
        locked = pair.lock.ranges.get(name)
        if not _PLAIN.fullmatch(spec) or name.rpartition("/")[2] in forced:
            continue
        if locked is None:
            yield Gap(name, f"is required at {spec} and not locked")
        elif spec not in locked and "" not in locked:  # as Yarn once wrote it, whatever the range
            yield Gap(name, f"is required at {spec}, locked for {' and '.join(sorted(locked))}")


def _bare(spec: str) -> str:
    return spec.removeprefix("npm:").strip()


YARN = Kind("package.json", "yarn.lock", "yarn install", json.loads, _read, _gaps, _member)

"""Bundler: Gemfile and Gemfile.lock. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from syncfork.detect.lock_base import Gap, Kind, Pair

# A Gemfile is a program; what is read are lines that name a gem, with the versions that follow.
_GEM = re.compile(r"""^[ \t]*gem[ \t(]+(['"])([\w.-]+)\1((?:\s*,\s*(['"])[^'"]*\4)*)(.*)$""", re.MULTILINE)
_STRING = re.compile(r"""['"]([^'"]*)['"]""")
_LOCKED = re.compile(r"^  ([\w.-]+)(?: \(([^)]*)\))?(!?)$", re.MULTILINE)
_DEPENDENCIES = re.compile(r"^DEPENDENCIES\n((?:  .*\n?)*)", re.MULTILINE)

_Versions = frozenset[str] | None


def _read(text: str) -> Mapping[str, _Versions]:
    """The gems, each with the versions that are asked for; None where that is not certain."""
    found: dict[str, _Versions] = {}
    for gem in _GEM.finditer(text.replace("\r\n", "\n")):
        name, rest = gem[2], gem[5].partition("#")[0]
        if re.search(r"\b(?:if|unless)\b", rest):
            continue  # not for every machine
        plain = not rest.strip(" )") or re.match(r"\s*,\s*(?:\w+:|:\w+ *=>)", rest)
        versions = frozenset(map(_normal, _STRING.findall(gem[3])))
        # Of a gem that is named twice one cannot tell which counts.
        found[name] = versions if plain and found.get(name, versions) == versions else None
    return found


def _read_lock(text: str) -> Mapping[str, _Versions]:
    part = _DEPENDENCIES.search(text.replace("\r\n", "\n"))
    if part is None:
        raise ValueError("no Gemfile.lock")
    return {m[1]: frozenset(map(_normal, (m[2] or "").split(","))) - {""} for m in _LOCKED.finditer(part[1])}


def _normal(version: str) -> str:
    """`= 1.0` for `1.0`, `~> 1.0` for `~>1.0`."""
    found = re.fullmatch(r"([<>=~!]*+)\s*+(\S*+)", version.strip())
    return f"{found[1] or '='} {found[2]}" if found and found[2] else ""


def _gaps(pair: Pair) -> Iterator[Gap]:
    """What Bundler refuses where it is frozen: gems that the lock file was not made with."""
    for name, versions in pair.manifest.items():
        if name not in pair.lock:
            yield Gap(name, "is required and not locked")
        elif versions is not None and versions - {"", ">= 0"} != pair.lock[name] - {">= 0"}:
            yield Gap(name, f"is required {_told(versions)}, locked for {_told(pair.lock[name])}")


def _told(versions: frozenset[str]) -> str:
    return " and ".join(sorted(versions)) or "in any version"


BUNDLER = Kind("Gemfile", "Gemfile.lock", "bundle lock", _read, _read_lock, _gaps)

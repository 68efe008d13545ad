"""A list of forks: what its file may say, and where a fork's report stands in a table, worst first."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Literal

from msgspec import Meta, Struct

from syncfork.report import Report
from syncfork.trend import hunks_of

# A repository's address; git's own `ext::` and options are none, and nothing of it means anything to a shell.
ADDRESS = re.compile(r"(?:(?:https?|ssh|git|file)://|[\w.-]+@[\w.-]+:)[\w.~:/@%+-]+", re.ASCII)
_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
_PACK = re.compile(r"(?!-)[A-Za-z0-9._/-]+")
_REVISION = r"^([A-Za-z0-9._][A-Za-z0-9._-]*/[A-Za-z0-9._][A-Za-z0-9._/-]*)?$"

State = Literal["missing", "unreadable", "inconclusive", "needs a person", "clear"]


def _address(value: str) -> str:
    if not ADDRESS.fullmatch(value):
        raise ValueError("expected an address such as https://example.org/owner/name")
    if has_secret(value):
        raise ValueError("expected an address without a password or token in it")
    return value


def _plain_pack(value: str) -> str:
    if value and not _PACK.fullmatch(value):
        raise ValueError("expected the name of a pack, or a folder as ./FOLDER, without spaces")
    return value


Pack = Annotated[str, _plain_pack]


class Fork(Struct, frozen=True):
    """One `[[fork]]`: its name, where it and its upstream are fetched from, and the rules to try on it."""

    name: Annotated[
        str, Meta(pattern=_NAME, description="How the fork is called in the table and in file names.")
    ]
    url: Annotated[str, _address, Meta(description="Where the fork is cloned from.")]
    upstream: Annotated[str, _address, Meta(description="Where its upstream is fetched from.")]
    revision: Annotated[
        str, Meta(pattern=_REVISION, description="Upstream's revision, REMOTE/BRANCH; as in syncfork.toml.")
    ] = ""
    pack: Annotated[Pack, Meta(description="A rule pack to use besides those of the fork.")] = ""
    packs: Annotated[tuple[Pack, ...], Meta(description="Several of them.")] = ()
    rules: Annotated[Pack, Meta(description="A folder of rules, beside the list.")] = ""

    @property
    def remote(self) -> str:
        """What upstream's remote is called in a clone, so that `revision` is found."""
        return self.revision.partition("/")[0] or "upstream"

    def all_packs(self, folder: str) -> tuple[str, ...]:
        """Every `--pack`; `folder` is the list's own, below which `rules` lies."""
        rules = (_below(folder, self.rules),) if self.rules else ()
        named = ((self.pack,) if self.pack else ()) + self.packs
        return tuple(dict.fromkeys((*named, *rules)))


class Fleet(Struct, frozen=True):
    """The file."""

    fork: Annotated[tuple[Fork, ...], Meta(min_length=1, description="The forks.")]


class Row(Struct, frozen=True):
    """A fork in the table: its state, why it is so where that is no clean run, and its report where it has one.

    `page` is the address of its own page, relative to where the reports lie; empty where there is none.
    """

    name: str
    state: State
    detail: str = ""
    report: Report | None = None
    page: str = ""

    @property
    def unknown(self) -> bool:
        """True where nothing is proven, good or bad."""
        return self.state in ("missing", "unreadable", "inconclusive")


class Counts(Struct, frozen=True):
    """A report's numbers; `days` is None where it does not tell."""

    conflicts: int
    alone: int
    breakages: int
    decisions: int
    behind: int
    days: int | None
    date: str


def counts(report: Report) -> Counts:
    """The numbers of the table."""
    drift = report.drift
    return Counts(
        conflicts=hunks_of(report.conflicts),
        alone=hunks_of(report.git_alone),
        breakages=len(report.breakages()),
        decisions=len(report.decisions()),
        behind=report.behind,
        days=drift.days if drift else None,
        date=drift.date[:10] if drift else "",
    )


def worst_first(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Unknown ones first, then by conflicts, breakages, decisions, and days behind; forks that are level by name."""
    return tuple(sorted(rows, key=_badness))


def _badness(row: Row) -> tuple[bool, bool, int, int, int, int, str]:
    found = counts(row.report) if row.report else None
    numbers = (found.conflicts, found.breakages, found.decisions, found.days or 0) if found else (0, 0, 0, 0)
    a, b, c, d = numbers
    # Of the unknown ones those of which nothing at all is known come first.
    return not row.unknown, found is not None, -a, -b, -c, -d, row.name


def has_secret(address: str) -> bool:
    """Whether an address names a user with a password, or anyone at all where the web needs nobody."""
    found = re.match(r"(\w+)://([^/@]*)@", address)
    return found is not None and (":" in found[2] or found[1].startswith("http"))


def _below(folder: str, name: str) -> str:
    """`name` below `folder`, with a slash in it, which is how a folder differs from a pack's name."""
    path = "/".join(part for part in (folder, name.removeprefix("./").strip("/")) if part not in ("", "."))
    return path if path.startswith("/") else f"./{path}"

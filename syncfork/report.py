"""The report: one frozen value that every command makes and every renderer turns into text.

Its JSON is a contract: keys are only ever added within a `schema_version`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any, Literal

from msgspec import Struct, ValidationError, convert, field, to_builtins
from msgspec.structs import replace

SCHEMA_VERSION = 1

FindingClass = Literal["breakage", "decision", "note"]


class Ref(Struct, frozen=True):
    """A revision as it was named, and the commit it stands for."""

    ref: str
    commit: str

    @property
    def named(self) -> str:
        """Both, where they are not the same: `upstream/main (0123abcde)`."""
        return f"{self.ref} ({self.short})" if self.short else self.ref

    @property
    def short(self) -> str:
        """The commit's short id; empty where the revision was named by its id."""
        return "" if self.commit.startswith(self.ref) else self.commit[:9]


class Culprit(Struct, frozen=True):
    """A commit that caused something; `url` leads to its pull request where one is known."""

    commit: str
    subject: str
    author: str
    date: str
    pr: int | None = None
    url: str | None = None


class ConflictText(Struct, frozen=True):
    """What the three sides have in one conflict, and who in upstream caused it. `line` (from 1) is where it begins in
    the fork's own file; where the fork has nothing there, the line that follows, or the last."""

    line: int
    base: str
    ours: str
    theirs: str
    culprits: tuple[Culprit, ...] = ()


class MovedTo(Struct, frozen=True):
    """Where lines that were moved stand in the merged tree: the first one's line (from 1), and how many of them."""

    path: str
    line: int
    lines: int


class MovedLines(Struct, frozen=True):
    """Lines that side `by` moved while the other one changed them where they stood, or most of a file that it deleted.
    `clash` numbers the path's conflicts (from 0), None for the path as a whole; `line` is where the conflict begins in
    the fork's own file, 0 for a path as a whole. `to` has the place first that is nearest to the other side's change;
    `touched` is false where that is beside the lines."""

    by: Literal["ours", "theirs"]
    clash: int | None
    line: int
    to: tuple[MovedTo, ...]
    touched: bool

    def told(self, path: str) -> str:
        """Who moved what of a conflict in `path` where, and what is to be done."""
        who, other = ("upstream", "the fork") if self.by == "theirs" else ("the fork", "upstream")
        what = "most of its lines" if self.clash is None else "these lines"
        here = all(place.path == path for place in self.to)
        where = (f"{'line ' if here else f'{place.path}:'}{place.line}" for place in self.to)
        file = " of this file" if here else ""
        beside = f"{other}'s change beside them may belong there"
        advice = f"put {other}'s change there" if self.touched else beside
        return f"{who} moved {what} to {' and '.join(where)}{file}: {advice}"


class ConflictItem(Struct, frozen=True):
    """A path that is left for a person (or, under `git_alone`, would have been). Only drift fills in `texts`. Where upstream
    deleted the path, `successor` is the new file in which it may have gone on, empty where there is none. `moved` tells of
    lines that stand elsewhere now."""

    path: str
    kind: str
    hunks: int
    culprits: tuple[Culprit, ...] = ()
    texts: tuple[ConflictText, ...] = ()
    successor: str = ""
    moved: tuple[MovedLines, ...] = ()

    @property
    def told(self) -> str:
        """Its kind, and where upstream may have gone on, where that is not known from the lines."""
        known = not self.successor or any(item.clash is None for item in self.moved)
        return self.kind if known else f"{self.kind}, upstream may have gone on in {self.successor}"

    @property
    def elsewhere(self) -> list[str]:
        """A sentence for each conflict whose lines stand elsewhere now, with its line in the fork's own file."""
        return [
            f"line {item.line}: {item.told(self.path)}" if item.line else item.told(self.path)
            for item in self.moved
        ]

    @property
    def line(self) -> int:
        """The line of the fork's own file at which the first conflict begins; 0 where it is not known."""
        return self.texts[0].line if self.texts else 0


class RuleItem(Struct, frozen=True):
    """What one rule did to one path. `sites` were changed on `side`. `not_in_base` is true where it could not be applied
    to the merge base, so that git met what the rule explains on both sides, and may have made a conflict of it."""

    id: str
    path: str
    outcome: str
    sites: int
    side: str
    why: str
    detail: str
    dropped: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    retirable: bool = False
    source: str = ""
    not_in_base: bool = False


class ResolutionItem(Struct, frozen=True):
    """What a remembered resolution or a resolver (`by`) did to `path`, and `why` it may. `clashes` were answered, of
    those that git and the rules left in the file; `whole` is true where nothing of it is left for a person."""

    path: str
    by: str
    why: str
    clashes: int
    whole: bool


class Place(Struct, frozen=True):
    """A path with a line, counted from 1 (0 where the line is not known), in upstream's tree or, for what upstream
    took out, in the merge base's."""

    path: str
    line: int
    tree: Literal["theirs", "base"] = "theirs"


class Site(Struct, frozen=True):
    """A path with a line in the merged tree, counted from 1; 0 where it is about the file."""

    path: str
    line: int

    @property
    def told(self) -> str:
        """`path:line`, as messages name it."""
        return f"{self.path}:{self.line}" if self.line else self.path


class Excerpt(Struct, frozen=True):
    """Lines of a file around a place; `first` is the first one's number, `marked` the one it is about."""

    title: str
    path: str
    first: int
    marked: int
    lines: tuple[str, ...]


class Finding(Struct, frozen=True):
    """Something a person should know of. `new` is false where the fork had it before the merge; `accepted` is
    the reason why people live with it, empty where they have not said so. `fix` says what to do, in one line of prose
    that is complete on its own; `code` are the lines, of upstream's mostly, that are to be ported. `also` are the other
    places that it is about, of which the message names the first few. Where it is about several `files` that changed,
    `path` are the globs of its rule. `excerpts` are filled in by drift, and by a rule that keeps a copy in step."""

    id: str
    # `class` is a word of Python's own.
    cls: FindingClass = field(name="class")
    detector: str
    rule: str | None
    path: str
    line: int
    message: str
    new: bool = True
    upstream: Place | None = None
    culprits: tuple[Culprit, ...] = ()
    fix: str = ""
    accepted: str = ""
    excerpts: tuple[Excerpt, ...] = ()
    code: str = ""
    files: tuple[str, ...] = ()
    also: tuple[Site, ...] = ()

    @property
    def open(self) -> bool:
        """True where somebody still has to act on it, if its class asks for that."""
        return self.new and not self.accepted

    @property
    def old_debt(self) -> bool:
        """True where it was broken or to be decided before, and nobody has said yet why that may be."""
        return not self.new and not self.accepted and self.cls != "note"


class Unexplained(Struct, frozen=True):
    """A hunk of the result that nothing accounts for. `against` is the side it departs from."""

    path: str
    line: int
    against: Literal["ours", "theirs"]
    text: str


class Ledger(Struct, frozen=True):
    """How the result's departures from both sides are accounted for, in hunks."""

    from_theirs: Mapping[str, int] = field(default_factory=dict)
    from_ours: Mapping[str, int] = field(default_factory=dict)
    unexplained: tuple[Unexplained, ...] = ()


class Result(Struct, frozen=True):
    """What was made: null where it was not."""

    tree: str | None = None
    commit: str | None = None
    branch: str | None = None


class Reach(Struct, frozen=True):
    """How far one can go alone, along upstream's first parents.

    `clean` is the newest upstream commit that merges without a conflict and with every rule kept (what detectors find
    stops no merge, and is not looked at), and `commits` how many commits it brings (0 where the very first one needs
    somebody); `first` the oldest that does, and `needs` what for. Both are None where there is no such commit.
    """

    clean: Culprit | None = None
    commits: int = 0
    first: Culprit | None = None
    needs: tuple[str, ...] = ()


class OwnChange(Struct, frozen=True):
    """A hunk of the fork's own that no rule explains: where it stands in the fork, how many lines it takes out
    and puts in, and the fork's commit that made it, where that is known."""

    path: str
    line: int
    removed: int
    added: int
    text: str
    commit: Culprit | None = None


class Coverage(Struct, frozen=True):
    """How much of what the fork changed its rules explain: hunks in all, those explained, and the others, oldest
    first. Hunks in vendored and generated files are counted `apart`."""

    hunks: int = 0
    explained: int = 0
    unexplained: tuple[OwnChange, ...] = ()
    apart: int = 0


class RuleHealth(Struct, frozen=True):
    """How a rule fares: acted, satisfied, asks (a person decides), withheld, lost, lapsed, retirable, review due, or idle (no file of its own)."""

    id: str
    state: str
    detail: str = ""


class Point(Struct, frozen=True):
    """One earlier run: when, between which commits, and its counts."""

    date: str
    fork: str
    upstream: str
    ahead: int
    behind: int
    days: int
    conflicts_alone: int
    conflicts: int
    breakages: int
    decisions: int
    findings: tuple[str, ...] = ()


class Trend(Struct, frozen=True):
    """The last runs, oldest first, and the findings that came and went since the one before this."""

    points: tuple[Point, ...] = ()
    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()


class Budget(Struct, frozen=True):
    """A limit that the fork set itself, and where it stands: `over` is true beyond it."""

    name: str
    limit: int
    value: int
    over: bool


class Drift(Struct, frozen=True):
    """What the scheduled report adds to a trial merge. `days` is the merge base's age; `reach` is with the rules,
    `reach_alone` git's own; `inconclusive` names what could not be found out, and is never green."""

    date: str
    base_date: str
    days: int
    upstream_date: str
    reach: Reach = Reach()
    reach_alone: Reach = Reach()
    coverage: Coverage = Coverage()
    health: tuple[RuleHealth, ...] = ()
    trend: Trend = Trend()
    budgets: tuple[Budget, ...] = ()
    inconclusive: tuple[str, ...] = ()


class Report(Struct, frozen=True):
    """Everything a run has to say. `satisfied` counts by rule the files that were as it wants them, of which `rules` names
    the first, and those of which there is more to say. `remembered` are the files in which `continue` wrote down resolutions.
    `switched_off` are the detectors that did not look, because syncfork.toml says so."""

    tool_version: str
    verb: str
    exit_code: int = 0
    state: str = ""
    fork: Ref | None = None
    upstream: Ref | None = None
    merge_base: str | None = None
    ahead: int = 0
    behind: int = 0
    git_alone: tuple[ConflictItem, ...] = ()
    result: Result = Result()
    conflicts: tuple[ConflictItem, ...] = ()
    rules: tuple[RuleItem, ...] = ()
    satisfied: Mapping[str, int] = field(default_factory=dict)
    resolutions: tuple[ResolutionItem, ...] = ()
    remembered: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    ledger: Ledger = Ledger()
    warnings: tuple[str, ...] = ()
    switched_off: tuple[str, ...] = ()
    next: tuple[str, ...] = ()
    drift: Drift | None = None

    def breakages(self) -> list[Finding]:
        """The new findings that keep a merge from being finished."""
        return [finding for finding in self.findings if finding.cls == "breakage" and finding.open]

    def old_debts(self) -> list[Finding]:
        """What was broken or to be decided before, and nobody has accepted."""
        return [finding for finding in self.findings if finding.old_debt]

    def as_wanted(self) -> int:
        """In how many files rules had nothing to do, and there is no more to say."""
        return sum(self.satisfied.values()) - sum(item.outcome == "satisfied" for item in self.acted())

    def acted(self) -> list[RuleItem]:
        """What rules did that is worth a line each: changes, and where a conflict may come of one."""
        conflicts = {item.path for item in self.conflicts}
        return [
            item
            for item in self.rules
            if item.outcome == "applied" or (item.not_in_base and item.path in conflicts)
        ]

    def decisions(self) -> list[Finding]:
        """The new findings on which a person chooses."""
        return [finding for finding in self.findings if finding.cls == "decision" and finding.open]


# Of the files that are as a rule wants them so many are named: a rule may govern all that is vendored.
_MOST_SATISFIED = 3


def summed_up(report: Report, telling: Collection[str] = ()) -> Report:
    """The report with the files that are as rules want them counted, and few of them named: those in conflict, for git
    alone too, and those at paths that are `telling`."""
    paths = {*telling, *(item.path for item in (*report.git_alone, *report.conflicts))}
    counts: Counter[str] = Counter()
    quiet: Counter[str] = Counter()
    kept = []
    for item in report.rules:
        if item.outcome == "satisfied":
            counts[item.id] += 1
            if not (item.retirable or item.not_in_base or item.path in paths):
                quiet[item.id] += 1
                if quiet[item.id] > _MOST_SATISFIED:
                    continue
        kept.append(item)
    return replace(report, rules=tuple(kept), satisfied=dict(counts))


def to_json(report: Report) -> dict[str, Any]:
    """The report as plain data, in the shape of the published schema."""
    data = to_builtins(report)
    data["git_alone"] = {"conflicts": [_without_culprits(item) for item in data["git_alone"]]}
    return {"schema_version": SCHEMA_VERSION, **data}


def from_json(data: Mapping[str, Any]) -> Report:
    """The report that `to_json` made `data` from. Raises ValueError where it is not one of this version."""
    if data.get("schema_version") != SCHEMA_VERSION:
        raise ValueError(f"schema_version is {data.get('schema_version')!r}, not {SCHEMA_VERSION}")
    try:
        return convert({**data, "git_alone": data["git_alone"]["conflicts"]}, Report)
    except (KeyError, TypeError, ValidationError) as error:
        raise ValueError(f"not a report: {error}") from error


def _without_culprits(item: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if value or key not in ("culprits", "texts", "moved")}

"""Who did it: the commits behind a conflict, found by the lines they removed and added.

`git log -p` over the few paths in question; a commit answers for a hunk where it added lines that
upstream has there, or removed some that ours still has.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence, Set
from functools import cache, cached_property, partial

from msgspec import Struct, field
from msgspec.structs import replace

from syncfork.git.door import decode, together
from syncfork.git.patches import PLAIN, PatchHunk, UnreadablePatchError, parse_patch
from syncfork.git.pathspecs import literal
from syncfork.git.rangelog import RangeLog
from syncfork.git.repository import Repository
from syncfork.merge.mergetree import Hunk
from syncfork.report import Culprit, Finding

# A command line has an end; beyond this many paths the rest go without names.
_MOST_PATHS = 500
_FEW_PATHS = 8
# From so many commits on, two git processes draw their patches.
_FEW_COMMITS = 16

# No word, or none but these: such a line stands in any commit.
_ANYWHERE = re.compile(
    r"\W*+(?:(?:begin|break|continue|default|do|done|else|end|endif|esac|false|finally|fi|nil|none|null|pass|return|super"
    r"|then|true|try)\b\W*+)*+",
    re.IGNORECASE,
)
# As `_says` has it, a name is one where no more of such characters stand beside it.
_WORD = re.compile(r"[\w-]+")
_PR = re.compile(r"\(#(\d+)\)\s*$|^Merge pull request #(\d+)\b")


class Trace(Struct, frozen=True, dict=True):
    """A commit with the lines it removed ("-") and added ("+") in one path; none where that is binary, or a mode."""

    culprit: Culprit
    lines: frozenset[tuple[str, str]]

    def signs(self, name: str) -> set[str]:
        """What it did to lines with that name: "+" where it added one, "-" where it took one out."""
        if _WORD.fullmatch(name):
            return {sign for sign, words in self._words.items() if name in words}
        return {sign for sign, line in self.lines if _says(line, name)}

    @cached_property
    def _words(self) -> dict[str, set[str]]:
        """The words of each sign's lines: a hundred names are asked of every commit."""
        found: dict[str, set[str]] = {"+": set(), "-": set()}
        for sign, line in self.lines:
            found[sign].update(_WORD.findall(line))
        return found


class History(Struct, frozen=True):
    """The commits of a range that touched the asked-for paths, newest first."""

    by_path: dict[str, list[Trace]] = field(default_factory=dict)

    def of(self, path: str) -> tuple[Culprit, ...]:
        """All commits that touched `path`."""
        return tuple(trace.culprit for trace in self.by_path.get(path, ()))

    def of_hunks(self, path: str, hunks: Iterable[Hunk]) -> tuple[Culprit, ...]:
        """The commits whose lines stand in the hunks, or that took out lines which ours still has there; all that touched
        the path where none is found so."""
        sides = [(_telling(hunk.ours.split("\n")), _telling(hunk.theirs.split("\n"))) for hunk in hunks]
        everywhere = set[str]().union(*(ours for ours, _ in sides))
        added = set[str]().union(*(theirs for _, theirs in sides)) - everywhere
        removed = set[str]().union(*(ours - theirs for ours, theirs in sides))
        return self.of_lines(path, added, removed) or self.of(path)

    def of_change(self, path: str, base: str, theirs: str) -> tuple[Culprit, ...]:
        """The commits that made `theirs` of the lines `base`; none where that is not known."""
        before, after = _telling(base.split("\n")), _telling(theirs.split("\n"))
        return self.of_lines(path, after - before, before - after)

    def of_lines(
        self,
        path: str,
        added: Set[str] = frozenset(),
        removed: Set[str] = frozenset(),
        names: Collection[str] = (),
    ) -> tuple[Culprit, ...]:
        """The fewest commits that together account for these lines, the one with the most lines first.

        A line such as `));` stands in many commits; what counts is who accounts for the most of the hunk. Of what the
        added lines say, `names` are what matters: a commit that changed a line with such a name, as one that moves a
        version does, gives way to the one that brought the name. Of lines that were only taken out, it is the one that took
        the names out, whoever changed the lines before.
        """
        if names and not added:
            traces = self.by_path.get(path, ())
            last = [next((trace for trace in traces if trace.signs(name) == {"-"}), None) for name in names]
            found = {trace.culprit.commit: trace.culprit for trace in last if trace}
            if found:
                return tuple(found.values())
        owed = {("+", line) for line in added} | {("-", line) for line in removed}
        chosen: dict[str, Culprit] = {}
        while owed:
            best = max(self.by_path.get(path, ()), key=lambda trace: len(trace.lines & owed), default=None)
            if best is None or not best.lines & owed:
                break
            said = Trace(best.culprit, best.lines & owed)
            for trace in self._origins(path, best, {name for name in names if said.signs(name)}):
                chosen.setdefault(trace.culprit.commit, trace.culprit)
            owed -= best.lines
        return tuple(chosen.values())

    def _origins(self, path: str, trace: Trace, names: Collection[str]) -> Iterator[Trace]:
        """For each of the names that `trace` says, the commit up to it that brought the name to the path; the trace
        itself where it brings the name, or is about none."""
        traces = self.by_path[path]
        older = traces[traces.index(trace) + 1 :]
        for name in sorted(names):
            yield _origin(name, trace, older)
        if not names:
            yield trace


def _origin(name: str, trace: Trace, older: Iterable[Trace]) -> Trace:
    """The commit that brought a name: `trace`, unless it took a line with it out, too; else the first one since the name
    was last taken out alone."""
    brought = trace
    if trace.signs(name) != {"+"}:
        for found in older:
            signs = found.signs(name)
            if signs == {"-"}:
                break
            brought = found if signs == {"+"} else brought
    return brought


def _says(line: str, name: str) -> bool:
    return name in line and _pattern(name).search(line) is not None


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")


def _telling(lines: Iterable[str]) -> set[str]:
    """Lines that say something: a lone brace, a `return;` or a blank line stands in any commit."""
    return {line.strip() for line in lines if not _ANYWHERE.fullmatch(line)}


class Patches(Struct, frozen=True):
    """What git's log tells of the commits that touch `paths`, patches included."""

    paths: frozenset[str] = frozenset()
    out: str = ""


def read_patches(
    repository: Repository, since: str, until: str, paths: Sequence[str], log: RangeLog | None = None
) -> Patches:
    """The commits of `until` that `since` lacks and that touch `paths`; `log` is of the same range, where it is read
    anyway."""
    if not paths:
        return Patches()
    if repository.promisors:
        # git would fetch what a partial clone lacks commit by commit.
        log = log or RangeLog(repository, since, until)
        repository.bring(log.blobs(frozenset(paths)))
    # A missing object ends the log early; the commits before it are still worth their names.
    if len(paths) <= _FEW_PATHS and not (log and log.begun):
        # All of it: what is left out for one path depends on the others, else, and on how many there are.
        return Patches(
            frozenset(paths), _log(repository, paths, ["--full-history", f"{since}..{until}"], b"")
        )
    touching = (log or RangeLog(repository, since, until)).touching(frozenset(paths))
    half = len(touching) // 2 if len(touching) >= _FEW_COMMITS else 0
    parts = [part for part in (touching[:half], touching[half:]) if part]
    out = together(*(partial(_log_of, repository, paths, part) for part in parts)) if parts else []
    return Patches(frozenset(paths), "".join(out))


def history(
    repository: Repository,
    since: str,
    until: str,
    paths: Sequence[str],
    web: str | None,
    log: RangeLog | None = None,
    read: Patches | None = None,
    names_of: Callable[[str], Sequence[str]] = lambda path: (path,),
) -> History:
    """The commits of `until` that `since` lacks and that touch `paths`; what `read` has of them is not asked for again.
    `web` is the address for links; `log` as for `read_patches`; `names_of` a path are those that upstream has or had it
    under, the newest first."""
    names = {path: names_of(path) for path in paths}
    # What has several is read as a whole, in the log's order.
    known = {path for path, found in names.items() if read and list(found) == [path] and path in read.paths}
    asked = dict.fromkeys(name for path, found in names.items() if path not in known for name in found)
    paths_of: dict[str, list[str]] = {}
    for path, found in names.items():
        for name in found if path not in known else ():
            paths_of.setdefault(name, []).append(path)
    sources = (
        (read if read and known else Patches(), {path: [path] for path in known}),
        (read_patches(repository, since, until, list(asked), log), paths_of),
    )
    told: dict[str, dict[Culprit, list[Trace]]] = {}
    for patches, meant in sources:
        for name, trace in _traces(patches, web):
            for path in meant.get(name, ()):
                told.setdefault(path, {}).setdefault(trace.culprit, []).append(trace)
    return History({path: [_as_one(of) for of in told[path].values()] for path in paths if path in told})


def _as_one(traces: Sequence[Trace]) -> Trace:
    """What one commit did to a file under several names: lines that it only took from one to the other, it did not touch."""
    lines = (
        Counter(line for trace in traces for _, line in trace.lines) if len(traces) > 1 else Counter[str]()
    )
    kept = frozenset(item for trace in traces for item in trace.lines if lines[item[1]] < 2)
    return replace(traces[0], lines=kept)


def _traces(patches: Patches, web: str | None) -> Iterator[tuple[str, Trace]]:
    fields = patches.out.split("\0")
    for position in range(1, len(fields) - 4, 5):
        oid, author, date, subject, patch = fields[position : position + 5]
        culprit = make_culprit(oid, subject, author, date, web)
        for path, hunks in _patch(patch).items():
            # The pathspec of a file that was a folder before lets through what that held.
            if path not in patches.paths:
                continue
            removed = {("-", line) for line in _telling(line for hunk in hunks for line in hunk.removed)}
            added = {("+", line) for line in _telling(line for hunk in hunks for line in hunk.added)}
            yield path, Trace(culprit, frozenset(removed | added))


def _log_of(repository: Repository, paths: Sequence[str], commits: Sequence[str]) -> str:
    return _log(repository, paths, ["--no-walk=unsorted", "--stdin"], "\n".join([*commits, ""]).encode())


def _log(repository: Repository, paths: Sequence[str], commits: Sequence[str], stdin: bytes) -> str:
    pathspecs = map(literal, paths[:_MOST_PATHS])
    form = "--format=%x00%H%x00%an%x00%cI%x00%s%x00"
    return decode(repository.git.call("log", "-p", *PLAIN, form, *commits, "--", *pathspecs, stdin=stdin).out)


def _patch(patch: str) -> dict[str, tuple[PatchHunk, ...]]:
    try:
        return parse_patch(patch)
    except UnreadablePatchError:
        return {}  # costs this commit its place among the culprits, not the report


def make_culprit(oid: str, subject: str, author: str, date: str, web: str | None) -> Culprit:
    """A commit as the report names it."""
    number = _PR.search(subject)
    pr = int(number[1] or number[2]) if number else None
    url = None if web is None else (f"{web}/pull/{pr}" if pr else f"{web}/commit/{oid}")
    return Culprit(oid, subject, author, date, pr, url)


def first_failure(commits: Sequence[Culprit], fails: Callable[[str], bool | None]) -> Culprit | None:
    """Of commits, newest first, the one from which on `fails` stays true up to the newest.

    `fails` is asked of commit ids and answers None where it cannot be told there.
    """
    guilty: Culprit | None = None
    for culprit in commits:
        verdict = fails(culprit.commit)
        if verdict is False:
            break
        guilty = culprit if verdict else guilty
    return guilty


def touching(log: RangeLog, paths: Iterable[str], web: str | None) -> tuple[Culprit, ...]:
    """The commits of `log` that changed any of `paths`, newest first, by their names alone."""
    commits = set(log.touching(frozenset(paths)))
    return tuple(
        make_culprit(one.commit, one.subject, one.author, one.date, web)
        for one in log.commits
        if one.commit in commits
    )


def blamed(findings: Iterable[Finding], log: RangeLog, web: str | None) -> list[Finding]:
    """The findings, those about several files with the commits of `log` behind them, where they have none yet."""
    return [
        replace(finding, culprits=touching(log, finding.files, web))
        if finding.files and finding.new and not finding.culprits
        else finding
        for finding in findings
    ]

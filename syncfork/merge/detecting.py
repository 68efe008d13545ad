"""Run the detectors over a merge: the view they get, and what they find with its culprits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache, partial

from msgspec import Struct
from msgspec.structs import replace

from syncfork.detect.base import File, Found, View
from syncfork.detect.registry import DETECTORS, detector
from syncfork.git.ahead import ReadAhead
from syncfork.git.changes import Change
from syncfork.git.door import Git, together
from syncfork.git.objects import Entry
from syncfork.git.pathspecs import literal
from syncfork.git.repository import Repository
from syncfork.merge.culprits import History, history
from syncfork.merge.findings import finding_id
from syncfork.merge.trees import WholeTrees, document_of
from syncfork.own.base import BASE, OURS, THEIRS
from syncfork.own.derived_folder import DerivedFolder
from syncfork.own.union import Regenerate
from syncfork.parallel import Task, results
from syncfork.report import Culprit, Finding, Place, Site
from syncfork.resolve.resolution import ENDING, HEAD
from syncfork.rules.model import Rule
from syncfork.text import Document
from syncfork.words import count, listed, one_line

MERGED = "merged"

# So many commits are listed with the files that they touched.
_MOST_COMMITS = 20

# The detectors that take longest, as measured on real merges, in units of what the others take.
_EFFORT = {
    "options": 5,
    "values": 5,
    "documents": 4,
    "identities": 3,
    "names": 3,
    "signatures": 3,
    "fields": 2,
    "pipelines": 2,
    "suppressions": 2,
}


class Subject(Struct, frozen=True):
    """What is examined: trees or commits by side, the changes from the merge base, and paths in conflict."""

    trees: Mapping[str, str]
    by_ours: Sequence[Change]
    by_theirs: Sequence[Change]
    conflicts: Collection[str] = ()


class Detected(Struct, frozen=True):
    """What one detector found."""

    detector: str
    found: Found


def looks(
    repository: Repository,
    git: Git,
    subject: Subject,
    rules: Sequence[Rule],
    off: Collection[str] = (),
    ahead: ReadAhead | None = None,
) -> list[Task]:
    """For each detector but those named in `off`, what finds all that it has to say, as a list of `Detected`. `git`
    sees the merged tree; `ahead` has read some of it."""
    chosen = [name for name in DETECTORS if name not in off]
    view = make_view(repository, git, subject, rules, ahead) if chosen else None
    return [Task(partial(_run, name, view), _EFFORT.get(name, 1)) for name in chosen if view]


def detect_in(
    repository: Repository,
    commits: tuple[str, str],
    merged: str,
    rules: Sequence[Rule],
    off: Collection[str],
    web: str | None,
) -> list[Finding]:
    """What the detectors find where `merged` (a tree or commit) is the merge of `commits`, ours and theirs.

    Nothing where the two have no merge base.
    """
    ours, theirs = commits
    bases = repository.merge_bases(ours, theirs)
    if not bases:
        return []
    # Of several the first one counts, as in the merge itself.
    base = bases[0]
    trees = {BASE: base, OURS: ours, THEIRS: theirs, MERGED: merged}
    by_ours, by_theirs = together(
        lambda: repository.changes(base, ours), lambda: repository.changes(base, theirs)
    )
    # What a command is to make anew is looked at as it is: whoever made this tree may have forgotten it.
    settled = [rule for rule in rules if not isinstance(rule.own, Regenerate)]
    asked = looks(repository, repository.git, Subject(trees, by_ours, by_theirs), settled, off)
    found = [item for items in results(asked) for item in items]
    upstream = history(repository, base, theirs, list(dict.fromkeys(culprit_paths(found))), web)
    return as_findings(found, upstream)


def blocks_commit(finding: Finding) -> bool:
    """Whether a merge with this finding is not to be committed: an intent is lost, or markers were left in.

    What a detector found is mended on the sync branch, before it is merged.
    """
    return finding.cls == "breakage" and finding.open and finding.detector not in DETECTORS


def _run(name: str, view: View) -> list[Detected]:
    """What one detector finds; if it fails, what it had found until then, and that it failed: what was not checked
    is never green."""
    found: dict[Found, None] = {}
    try:
        for item in detector(name)(view):
            found[item] = None
    except Exception as error:
        message = f"the detector `{name}` failed ({type(error).__name__}: {error}): not all that it looks for was checked"
        # It is in no file: line 0 is no place to link to.
        found[Found("decision", "syncfork", 0, message, fix="report this as a bug of syncfork")] = None
    return [Detected(name, item) for item in found]


def make_view(
    repository: Repository,
    git: Git,
    subject: Subject,
    rules: Sequence[Rule],
    ahead: ReadAhead | None = None,
) -> View:
    """Read what differs between the trees; each blob once, what `ahead` has not read in one process."""
    lineages = _lineages(repository, git, subject)
    oids = {entry.oid for line in lineages for _, entry in line.values() if entry.is_file}
    blobs = (ahead or ReadAhead(repository)).blobs(oids, git)
    documents: dict[tuple[str, str], Document | None] = {}

    def read(path: str, entry: Entry) -> Document | None:
        key = path, entry.oid
        if key not in documents:
            documents[key] = document_of(path, blobs[entry.oid] if entry.is_file else None)
        return documents[key]

    def file(line: Mapping[str, tuple[str, Entry]]) -> File:
        path = next(line[side][0] for side in (MERGED, THEIRS, OURS, BASE) if side in line)
        conflicted = path in subject.conflicts
        sides = {side: read(*line[side]) for side in line}
        merged = None if conflicted else sides.get(MERGED)
        return File(path, sides.get(BASE), sides.get(OURS), sides.get(THEIRS), merged, conflicted)

    whole = WholeTrees(repository, git, subject.trees)
    governed, owned = _under(rules), _owned([rule for rule in rules if rule.own], whole)
    # Rule files, resolutions and the table of resolvers speak of other files' texts: they are no use of them.
    ours = {"syncfork.toml", *(rule.source for rule in rules)}
    files = sorted((file(line) for line in lineages), key=lambda file: file.path)
    files = [file for file in files if file.path not in ours and not _remembers(file)]
    return View(files, whole, governed, owned)


def _remembers(file: File) -> bool:
    """Whether the fork's file is a remembered resolution or the table of resolvers, which have no other use."""
    path, text = (file.ours.path, file.ours.text) if file.ours else ("", "")
    if path.endswith(".toml"):
        from syncfork.resolve.table import HEAD as TABLE

        return text.startswith(TABLE)
    if not path.endswith(ENDING) or not text.startswith(HEAD):
        return False
    from syncfork.resolve.written import read_resolution

    return not isinstance(read_resolution(path, text.encode()), list)


def _under(rules: Sequence[Rule]) -> Callable[[str], bool]:
    return lambda path: any(rule.files.match(path) for rule in rules)


def _owned(rules: Sequence[Rule], trees: WholeTrees) -> Callable[[str], bool]:
    """Whether a path is under one of `rules`; of a folder that follows another, what is a copy."""

    @cache
    def known(source: str) -> frozenset[str]:
        return frozenset(path for side in (BASE, THEIRS) for path in trees.matching(side, [literal(source)]))

    def owns(rule: Rule, path: str) -> bool:
        own = rule.own
        if not rule.files.match(path):
            return False
        return not isinstance(own, DerivedFolder) or own.source_of(path) in known(own.source)

    return lambda path: any(owns(rule, path) for rule in rules)


def _lineages(repository: Repository, git: Git, subject: Subject) -> list[dict[str, tuple[str, Entry]]]:
    """Every file that differs somewhere, with its name and entry on each side that has it."""
    trees = subject.trees
    listed = replace(repository, git=git).changes(trees[THEIRS], trees[MERGED], renames=False)
    departs = {change.new_path: change.new for change in listed}
    by_side = {OURS: subject.by_ours, THEIRS: subject.by_theirs}
    changed = {side: {c.old_path: c for c in changes if c.old} for side, changes in by_side.items()}
    lines: list[dict[str, tuple[str, Entry]]] = []
    for path in changed[OURS].keys() | changed[THEIRS].keys():
        before = (changed[OURS].get(path) or changed[THEIRS][path]).old
        assert before is not None  # only such were taken
        line = {BASE: (path, before)}
        for side, changes in changed.items():
            if path not in changes:
                line[side] = (path, before)
            elif entry := changes[path].new:
                line[side] = (changes[path].new_path, entry)
        lines.append(line)
    added: dict[str, dict[str, tuple[str, Entry]]] = {}
    for side, listing in by_side.items():
        for change in listing:
            if change.old is None and change.new:
                added.setdefault(change.new_path, {})[side] = (change.new_path, change.new)
    lines += added.values()
    for line in lines:
        _add_merged(line, departs)
    known = {name for line in lines for name, _ in line.values()}
    for change in listed:
        # No side changed it: a rule did.
        if change.new_path not in known and change.new:
            old = dict.fromkeys((BASE, OURS, THEIRS), (change.new_path, change.old)) if change.old else {}
            lines.append({**old, MERGED: (change.new_path, change.new)})
    return lines


def _add_merged(line: dict[str, tuple[str, Entry]], departs: Mapping[str, Entry | None]) -> None:
    """The merged entry: theirs where the merged tree does not depart from it, under any name of the file."""
    names = dict.fromkeys(line[side][0] for side in (THEIRS, OURS, BASE) if side in line)
    for name in names:
        entry = departs.get(name)
        if entry is not None:
            line[MERGED] = (name, entry)
            return
    if THEIRS in line and line[THEIRS][0] not in departs:
        line[MERGED] = line[THEIRS]


def culprit_paths(detected: Iterable[Detected]) -> list[str]:
    """The paths whose upstream history names the culprits."""
    shown = [item.found for item in detected if item.found.upstream and item.found.new]
    first = [found.upstream.path for found in shown if found.upstream]
    # Only so many paths are asked about: the first of each finding come first.
    return [*first, *(path for found in shown for path in found.beside)]


def as_findings(detected: Iterable[Detected], upstream: History) -> list[Finding]:
    """What was found, with the upstream commits behind it."""
    return [
        Finding(
            id=finding_id(
                item.detector, item.found.rule or "", item.found.path, item.found.key or item.found.message
            ),
            cls=item.found.cls,
            detector=item.detector,
            rule=item.found.rule,
            path=item.found.path,
            line=item.found.line,
            message=item.found.message,
            new=item.found.new,
            upstream=_place(item.found),
            culprits=_culprits(item.found, upstream),
            # What it quotes may be of several lines.
            fix=" ".join(item.found.fix.split()),
            code="\n".join(filter(None, (*_by_commit(item.found, upstream), item.found.code))),
            also=_elsewhere(item.found),
        )
        for item in detected
    ]


def _elsewhere(found: Found) -> tuple[Site, ...]:
    """The other places that a finding is about, each once: a line may have two of the uses that it tells of."""
    return tuple(site for site in dict.fromkeys(found.also) if site != Site(found.path, found.line))


def _by_commit(found: Found, upstream: History) -> Iterator[str]:
    """What a finding is about in its folder, commit by commit, the oldest first."""
    touched: dict[Culprit, list[str]] = {}
    for path in found.beside if found.by_commit else ():
        for culprit in upstream.of(path):
            touched.setdefault(culprit, []).append(path.removeprefix(f"{found.by_commit}/"))
    commits = sorted(touched, key=lambda culprit: datetime.fromisoformat(culprit.date))
    for culprit in commits[:_MOST_COMMITS]:
        subject = one_line(culprit.subject, 80)
        yield f"{culprit.commit[:9]} {subject}: {listed(touched[culprit], 2)}"
    if len(commits) > _MOST_COMMITS:
        yield f"... and {count(len(commits) - _MOST_COMMITS, 'later commit')}"


def _place(found: Found) -> Place | None:
    """Where in upstream: what was only taken out stands in the merge base."""
    if found.upstream and found.removed and not found.added:
        return replace(found.upstream, tree="base")
    return found.upstream


def _culprits(found: Found, upstream: History) -> tuple[Culprit, ...]:
    if found.upstream is None or not found.new:
        return ()
    here = _culprits_here(found, found.upstream.path, upstream)
    touching = Counter(culprit for path in found.beside for culprit in upstream.of(path))
    return tuple(dict.fromkeys([*here, *(culprit for culprit, _ in touching.most_common())]))


def _culprits_here(found: Found, path: str, upstream: History) -> tuple[Culprit, ...]:
    removed, added = _telling(found.removed), _telling(found.added)
    if known := upstream.of_lines(path, added, removed, found.names):
        return known
    # Of several commits one cannot tell, and whoever made the merge may have done it.
    touching = upstream.of(path)
    return touching if len(touching) == 1 else ()


def _telling(lines: Iterable[str]) -> frozenset[str]:
    return frozenset(line.strip() for line in lines if line.strip())

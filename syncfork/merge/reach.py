"""How far one can go alone: the newest upstream commit that merges without a conflict and with every rule kept.

Whether a merge needs somebody is decided file by file. So instead of one merge for each of upstream's commits, each
version that a file in question had is merged once: all in one merge of git's, in which every version is a file of its
own. The commit that comes out is then merged for real, and the answer stands only if that merge is clean too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from msgspec import Struct, field

from syncfork.git.objects import Entry
from syncfork.git.rangelog import RangeLog
from syncfork.merge.apart import Entries, merge_paths
from syncfork.merge.culprits import make_culprit
from syncfork.merge.engine import LiftedMerge
from syncfork.merge.lift import Governed, lift
from syncfork.merge.timeline import Moment, Timeline, moments, timeline
from syncfork.merge.workspace import Workspace
from syncfork.own.base import BASE, OURS, THEIRS, Side
from syncfork.report import Culprit, Reach
from syncfork.rewrite.reformat import made_ready
from syncfork.text import decode_document
from syncfork.words import place


class Track(Struct, frozen=True):
    """A file whose merge may need somebody: its names in upstream (an older one first), our two sides of it,
    and the rules it is under on all sides."""

    path: str
    names: tuple[str, ...]
    base: Entry | None
    ours: Entry | None
    governed: Governed | None = None


class Search(Struct):
    """Looks for the newest state that needs nobody; `verdicts` are remembered by track and version.

    `tracks` are those that may need somebody. Few of them do at upstream's tip, and most of the others never did: so
    only those few, the suspects, are followed back, and the state that suits them all is then looked at whole.
    """

    space: Workspace
    tracks: Sequence[Track]
    line: Timeline
    verdicts: dict[tuple[str, Entry | None], str] = field(default_factory=dict)

    def know(self, state: int, told: Mapping[str, str]) -> None:
        """Take over what is known of a state: by path what is wrong with it, nothing where it is fine."""
        for track in self.tracks:
            self.verdicts[track.path, self._version(track, state)[1]] = told.get(track.path, "")

    def newest_clean(self, state: int, suspects: Sequence[Track]) -> int:
        """The newest state, from `state` back, that needs nobody for the suspects; -1 where none does."""
        ahead = 1
        while state >= 0 and (bad := self._bad(state, suspects, ahead)):
            # Every state back to the one where a bad version began is as bad.
            state = min(self._version(track, state)[0] for track in bad) - 1
            ahead *= 4
        return state

    def bad(self, state: int) -> list[Track]:
        """All tracks that need somebody in a state."""
        return self._bad(state, self.tracks)

    def needs(self, state: int) -> tuple[str, ...]:
        """What a state needs somebody for, where the one before it needs nobody."""
        # What is wrong is in a path that changed there.
        tracks = [track for track in self.tracks if self._version(track, state)[0] == state]
        return tuple(
            sorted(f"{self._verdict(t, state)} in {place(t.path)}" for t in self._bad(state, tracks))
        )

    def _version(self, track: Track, state: int) -> tuple[int, Entry | None]:
        """When the version in a state began, and what it is: under the newest name that exists there."""
        found = [self.line.at(name, state) for name in track.names]
        entry = next((version.entry for version in reversed(found) if version.entry), None)
        return max(version.first for version in found), entry

    def _verdict(self, track: Track, state: int) -> str:
        return self.verdicts[track.path, self._version(track, state)[1]]

    def _bad(self, state: int, tracks: Sequence[Track], ahead: int = 0) -> list[Track]:
        """Those of the tracks that need somebody in a state. `ahead` is how many older versions of each are looked at
        besides, where any has to be: git is started once for all of them."""
        wanted = [(track, self._version(track, state)[1]) for track in tracks]
        open_still = {
            (track.path, entry): track for track, entry in wanted if (track.path, entry) not in self.verdicts
        }
        for track in list(open_still.values()) if ahead else ():
            at = state
            for _ in range(ahead):
                at = self._version(track, at)[0] - 1
                if at < 0:
                    break
                open_still.setdefault((track.path, self._version(track, at)[1]), track)
        self._decide(
            [
                (track, entry)
                for (path, entry), track in open_still.items()
                if (path, entry) not in self.verdicts
            ]
        )
        return [track for track, entry in wanted if self.verdicts[track.path, entry]]

    def _decide(self, items: Sequence[tuple[Track, Entry | None]]) -> None:
        """Fill in verdicts: rules first, then git's merge of all that the rules leave, in one go."""
        sides: list[tuple[Track, Entry | None, Entries]] = []
        self._make_ready(items)
        for track, entry in items:
            lifted = self._lifted(track, entry)
            if isinstance(lifted, str):
                self.verdicts[track.path, entry] = lifted
            else:
                sides.append((track, entry, lifted))
        conflicts = merge_apart(self.space, [(track.path, entries) for track, _, entries in sides])
        for number, (track, entry, _) in enumerate(sides):
            self.verdicts[track.path, entry] = "conflict" if number in conflicts else ""

    def _make_ready(self, items: Sequence[tuple[Track, Entry | None]]) -> None:
        """Have all texts at once that rules hand to programs."""
        asked = [
            (t, e) for t, e in items if e and t.governed and any(rule.reforms for rule in t.governed.rules)
        ]
        blobs = self.space.repository.blobs([entry.oid for _, entry in asked])
        made_ready(
            (step, read[0])
            for track, entry in asked
            if track.governed and (read := decode_document(track.path, blobs[entry.oid] or b""))
            for rule in track.governed.rules
            for step in rule.steps
        )

    def _lifted(self, track: Track, theirs: Entry | None) -> Entries | str:
        """The three entries after the rules, or which rule is withheld."""
        plain = {BASE: track.base, OURS: track.ours, THEIRS: theirs}
        if track.governed is None or theirs is None or not theirs.is_file:
            return plain
        content = self.space.repository.blobs([theirs.oid])[theirs.oid]
        read = decode_document(track.path, content) if content is not None else None
        if read is None:
            return plain
        file = track.governed
        documents = {**file.documents, THEIRS: read[0]}
        result = lift(
            Governed(documents, file.rules, file.forks, {}, file.names, {**file.encodings, THEIRS: read[1]})
        )
        if withheld := [effect.rule.id for effect in result.effects if effect.problem]:
            return f"rule {withheld[0]} cannot be applied"
        encodings = {**file.encodings, THEIRS: read[1]}
        entries: dict[Side, Entry | None] = dict(plain)
        for side, text in result.texts.items():
            old = plain[side]
            if side in plain and old and text != documents[side].text:
                entries[side] = Entry(old.mode, self.space.store.write("blob", encodings[side].encode(text)))
        return entries


def merge_apart(space: Workspace, merges: Iterable[tuple[str, Entries]]) -> set[int]:
    """The numbers (from 0) of the merges that leave a conflict. Each is of one path, given as its three entries.

    They are merged as one, each in a folder of its own.
    """
    left = {
        f"{number}/{path}": entries
        for number, (path, entries) in enumerate(merges)
        if entries[OURS] != entries[THEIRS] and entries[BASE] not in (entries[OURS], entries[THEIRS])
    }
    if not left:
        return set()
    merged, _ = merge_paths(space, left)
    return {int(path.partition("/")[0]) for path in merged.conflicts}


def tracks_of(merge: LiftedMerge, *, rules: bool) -> list[Track]:
    """The files of a merge that may need somebody at some upstream commit: those that the fork changed or a rule
    rewrites, but for those a path-level rule settles. Without `rules` as git alone sees it."""
    sides, owned = merge.sides, {item.placement.path for item in merge.owned if rules}
    renamed = sides.renames
    found: dict[str, Track] = {}
    for change in sides.by_ours:
        names = (change.old_path, *([renamed[change.old_path]] if change.old_path in renamed else ()))
        if not owned & {change.new_path, *names}:
            found[change.old_path] = Track(change.new_path, names, change.old, change.new)
    for file in merge.files if rules else ():
        base, ours, theirs = (file.names.get(side) for side in (BASE, OURS, THEIRS))
        names = tuple(dict.fromkeys(name for name in (base, theirs) if name))
        if not names or owned & {*names, ours}:
            continue
        entries = {
            side: sides.entries[side].get(name) if name else None
            for side, name in ((BASE, base), (OURS, ours))
        }
        found[base or names[0]] = Track(file.path, names, entries[BASE], entries[OURS], file)
    return list(found.values())


class Way(Struct, frozen=True, dict=True):
    """The way from the merge base to upstream's tip. `moments` are asked for once, where they are needed."""

    space: Workspace
    merge: LiftedMerge
    web: str | None
    log: RangeLog

    @cached_property
    def moments(self) -> list[Moment]:
        """The commits that changed what the fork changed, or what a rule rewrites."""
        paths = {
            name
            for rules in (True, False)
            for track in tracks_of(self.merge, rules=rules)
            for name in track.names
        }
        paths |= {change.new_path for change in self.merge.sides.by_ours}
        return moments(self.log, paths, self.web)

    @property
    def tip(self) -> str:
        """Upstream's newest commit."""
        return self.merge.commits[THEIRS]


def reach(
    way: Way,
    needs: Callable[[str], tuple[str, ...]],
    at_tip: tuple[str, ...],
    *,
    rules: bool,
    lapsed: bool = False,
) -> Reach:
    """How far the merge could go by itself along upstream's first parents, with the rules or as git alone does it.

    `needs` merges one upstream commit for real and says what that needs a person for; `at_tip` is its answer for
    upstream's newest commit. Where rules have `lapsed` there, earlier commits have others: only real merges tell.
    """
    space, tip = way.space, way.tip
    if not at_tip:
        return Reach(_named(way, tip), _count(way, tip))
    if lapsed:
        return _halved(way, tip, needs, at_tip)
    tracks = tracks_of(way.merge, rules=rules)
    names = {name for track in tracks for name in track.names}
    line = timeline(way.moments, names, way.merge.sides.entries[THEIRS])
    search = Search(space, tracks, line)
    state = len(line.moments)
    search.know(state, _at_tip(way.merge, tracks, rules=rules))
    commit, more = tip, at_tip
    while suspects := search.bad(state):
        state = search.newest_clean(state, suspects)
        first = line.moments[max(state, 0)]
        if state < 0 or not _beyond(way, first.parent):
            # That it cannot go anywhere is believed only where the oldest commit, merged for real, needs somebody.
            # What that needs is what counts: the merge base need not be on upstream's main line, and nothing told there.
            oldest = _commits(way, tip)[0]
            if more := needs(oldest):
                return Reach(None, 0, _named(way, oldest), more)
            return _halved(way, tip, needs, at_tip)
        commit, more = first.parent, needs(first.parent)
        if not more:
            told = search.needs(state + 1)
            return Reach(_named(way, commit), _count(way, commit), first.culprit, told)
    # What is needed is not in one file's text: look for it by real merges, halving.
    return _halved(way, commit, needs, more)


def _at_tip(merge: LiftedMerge, tracks: Sequence[Track], *, rules: bool) -> dict[str, str]:
    """What upstream's newest state needs a person for, in which track: the merge with it has told."""
    conflicts = (merge.merged if rules else merge.plain).conflicts
    found = {track.path: "conflict" for track in tracks if conflicts.keys() & {track.path, *track.names}}
    withheld = [effect for effect in merge.effects if rules and effect.problem]
    return found | {item.path: f"rule {item.rule.id} cannot be applied" for item in reversed(withheld)}


def _halved(way: Way, tip: str, needs: Callable[[str], tuple[str, ...]], at_tip: tuple[str, ...]) -> Reach:
    """The same by real merges, on the assumption that what is broken once stays so."""
    commits = _commits(way, tip)
    low, high, wanted = -1, len(commits) - 1, at_tip
    while high - low > 1:
        middle = (low + high) // 2
        found = needs(commits[middle])
        low, high, wanted = (low, middle, found) if found else (middle, high, wanted)
    first = _named(way, commits[high])
    if low < 0:
        return Reach(None, 0, first, wanted)
    return Reach(_named(way, commits[low]), _count(way, commits[low]), first, wanted)


def _commits(way: Way, tip: str) -> list[str]:
    """Upstream's first parents up to `tip`, the oldest first."""
    git = way.space.repository.git
    return git.text("rev-list", "--first-parent", "--reverse", f"{way.log.since}..{tip}").split()


def _named(way: Way, commit: str) -> Culprit:
    if one := way.log.by_id.get(commit):
        return make_culprit(one.commit, one.subject, one.author, one.date, way.web)
    out = way.space.repository.git.text("log", "--no-walk", "--format=%H%x00%an%x00%cI%x00%s", commit)
    oid, author, date, subject = out.split("\0")
    return make_culprit(oid, subject, author, date, way.web)


def _count(way: Way, commit: str) -> int:
    """How many commits a merge of `commit` would bring."""
    if way.log.whole:
        return way.log.count(commit)
    return way.space.repository.count(commit, [way.log.since])


def _beyond(way: Way, commit: str) -> bool:
    """Whether `commit` has anything that the fork has not."""
    return _count(way, commit) > 0

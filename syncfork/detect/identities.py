"""Identities: names outside of the repository that upstream brings into the fork.

A name that upstream uses for the first time, one that the fork replaced by its own and that comes back in a
new line, and one that upstream renamed or gave up while the fork's own text still uses it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import PurePosixPath

from syncfork.detect.base import File, Found, View
from syncfork.detect.identity_names import Mention, mentions
from syncfork.detect.identity_pairs import Pair, renamed_pairs
from syncfork.detect.identity_yaml import hosted
from syncfork.detect.pipelines import flavour_of, matters, root_of
from syncfork.detect.words import listed
from syncfork.render.text import count
from syncfork.report import FindingClass, Place
from syncfork.text import Document

Identity = tuple[str, str]
Spot = tuple[File, Mention]
Group = list[tuple[Identity, list[Spot]]]

# What somebody has to set up before it works, and which nobody else's repository can offer.
_SET_UP = ("secret", "environment", "variable group", "service connection")
# Of a new name in these kinds the fork hears.
_OWNED = (*_SET_UP, "configuration variable", "context", "feed", "signing name")
_NEWS = frozenset([*_OWNED, "runner", "host", "registry", "repository", "action"])
# From the most telling kind to the least: a line is reported once.
_ORDER = ("repository", "registry", "image", "action", *_SET_UP, "runner")


def find(view: View) -> Iterator[Found]:
    """Names that bypass what the fork replaced, names that only the fork still uses, and newcomers."""
    world = _World(tuple(file for file in view.files if any(map(_of, _sides(file)))))
    if not any(file.changed_by_theirs for file in world.files):
        return
    told: set[Identity] = set()
    for identities, found in (*_bypasses(world), *_left_behind(world)):
        told |= identities
        yield found
    yield from _newcomers(view, world, told)


def _sides(file: File) -> tuple[Document | None, ...]:
    return file.base, file.ours, file.theirs, file.merged


def _of(document: Document | None) -> tuple[Mention, ...]:
    return mentions(document) if document else ()


def _fold(kind: str, name: str) -> Identity:
    """Two names that differ in case, or in the version of a machine or an address, are one identity."""
    name = name.casefold()
    if kind == "host":
        name = ".".join(name.split(".")[-2:])
    return kind, re.sub(r"\d+(?:[._-]\d+)*", "#", name) if kind in ("runner", "host", "registry") else name


@dataclass(frozen=True)
class _World:
    """The files that name anything."""

    files: tuple[File, ...]

    @cached_property
    def known(self) -> frozenset[Identity]:
        """What either the merge base or the fork names. An organisation is known from any place."""
        return self._identities(lambda file: (*_of(file.base), *_of(file.ours)))

    @cached_property
    def in_base(self) -> frozenset[Identity]:
        return self._identities(lambda file: _of(file.base))

    @cached_property
    def in_theirs(self) -> frozenset[Identity]:
        return self._identities(lambda file: _of(file.theirs))

    def _identities(self, named: Callable[[File], Iterable[Mention]]) -> frozenset[Identity]:
        return frozenset(_fold(item.kind, item.name) for file in self.files for item in named(file))

    @cached_property
    def brought(self) -> list[Spot]:
        """Upstream's mentions in merged lines that the fork did not have in that file."""
        return [
            (file, mention)
            for file in self.files
            if file.merged and file.changed_by_theirs and file.theirs and matters(file.path)
            for mention in _brought(file, file.merged)
        ]

    @cached_property
    def renamed_by_theirs(self) -> dict[Identity, set[str]]:
        """By identity of the merge base: what upstream put in its place."""
        found: dict[Identity, set[str]] = defaultdict(set)
        for file in self.files:
            if file.changed_by_theirs and file.base and file.theirs:
                for pair in renamed_pairs(file.base, file.theirs):
                    found[pair.kind, pair.old].add(pair.new)
        return found


def _brought(file: File, merged: Document) -> Iterator[Mention]:
    for mention in _of(merged):
        if mention.line in file.new_lines and mention.line not in file.fork_lines:
            yield mention


# A name that the fork replaced


def _bypasses(world: _World) -> Iterator[tuple[set[Identity], Found]]:
    replaced: dict[tuple[str, str, str], list[Pair]] = defaultdict(list)
    for file in world.files:
        if file.changed_by_ours and file.base and file.ours:
            for pair in renamed_pairs(file.base, file.ours):
                replaced[pair.kind, pair.place, pair.old].append(pair)
    taken: set[tuple[str, int]] = set()
    for (kind, place, old), pairs in sorted(replaced.items(), key=lambda item: _rank(item[0][0])):
        spots = [
            (file, mention)
            for file, mention in world.brought
            if (mention.kind, mention.place, mention.name) == (kind, place, old)
            and (file.path, mention.line) not in taken
            and _count(file.merged, mention) > _count(file.ours, mention)
        ]
        left = sum(_count(file.ours, Mention(kind, old, 0, place)) for file in world.files)
        if spots and left <= len(pairs):
            lines = {(file.path, mention.line) for file, mention in spots}
            taken |= lines
            there = _at(world, lines)
            whole = sorted(name for _, name in there if kind == "organisation" and name.startswith(f"{old}/"))
            yield there, _bypass(spots, pairs, left, f" (`{whole[0]}`)" if whole else "")


def _at(world: _World, lines: Collection[tuple[str, int]]) -> set[Identity]:
    """Whose owner stands in a line is reported with the owner."""
    named = (mention for file, mention in world.brought if (file.path, mention.line) in lines)
    return {(item.kind, item.name) for item in named if item.kind not in _OWNED}


def _rank(kind: str) -> int:
    return _ORDER.index(kind) if kind in _ORDER else len(_ORDER)


def _count(document: Document | None, like: Mention) -> int:
    return sum(
        (mention.kind, mention.place, mention.name) == (like.kind, like.place, like.name)
        for mention in _of(document)
    )


def _bypass(spots: Sequence[Spot], pairs: Sequence[Pair], left: int, whole: str) -> Found:
    mention = spots[0][1]
    new = Counter(pair.new for pair in pairs).most_common(1)[0][0]
    agreed = all(pair.new == new for pair in pairs)
    sure = agreed and not left and len(pairs) > 1 and not all(_by_hand(file) for file, _ in spots)
    # A machine that the service has for everybody works; whether it may be used is a choice.
    sure = sure and not (mention.kind == "runner" and hosted(mention.name))
    # An organisation that was replaced in the address of one repository: another may have no copy.
    if mention.kind == "organisation" and mention.place != "option":
        sure = sure and len(frozenset().union(*(pair.others for pair in pairs))) > 1
    still = f" and kept it in {left}" if left else ""
    where = f"{pairs[0].path}:{pairs[0].line}"
    message = (
        f"{_new_lines(spots)} upstream's {mention.kind} `{mention.name}`{whole}; the fork replaced it by `{new}` "
        f"in {_places(len(pairs))} ({where}){still}"
    )
    fix = f"use `{new}` here too, or say why this place needs `{mention.name}`"
    return _found("breakage" if sure else "decision", spots, message, fix)


def _new_lines(spots: Sequence[Spot]) -> str:
    return "a new line of upstream uses" if len(spots) == 1 else f"{len(spots)} new lines of upstream use"


def _by_hand(file: File) -> bool:
    """Whether it is a workflow that the fork runs by hand only, while upstream runs it by itself."""
    if file.merged is None or file.theirs is None or flavour_of(file.merged) != "github":
        return False
    return _triggers(file.merged) == {"workflow_dispatch"} != _triggers(file.theirs)


def _triggers(document: Document) -> set[str]:
    root = root_of(document)
    on = next((entry.value for entry in root.entries if entry.key == "on"), None) if root else None
    if on is None:
        return set()
    if on.kind == "map":
        return {entry.key for entry in on.entries}
    return {str(item.value.scalar) for item in on.entries} if on.kind == "seq" else {str(on.scalar)}


# A name that only the fork still uses


def _left_behind(world: _World) -> Iterator[tuple[set[Identity], Found]]:
    own: dict[Identity, list[Spot]] = defaultdict(list)
    for file in world.files:
        for mention in _of(file.merged):
            if mention.kind in _SET_UP and (file.ours_alone or mention.line in file.fork_lines):
                own[mention.kind, mention.name].append((file, mention))
    for (kind, name), spots in sorted(own.items(), key=lambda item: item[0]):
        gone = _fold(kind, name) in world.in_base and _fold(kind, name) not in world.in_theirs
        if not gone:
            continue
        there = next(
            (file, mention)
            for file in world.files
            for mention in _of(file.base)
            if _fold(mention.kind, mention.name) == _fold(kind, name)
        )
        was = f"{there[0].path}:{there[1].line}"
        news = {new for new in world.renamed_by_theirs[kind, name] if _fold(kind, new) not in world.in_base}
        if len(news) == 1:
            (new,) = news
            message = f"upstream renamed the {kind} `{name}` to `{new}` ({was}); the fork's own text still uses `{name}`{_also(spots)}"
            fix = (
                f"use `{new}` here as well and set it up in the fork, or keep `{name}` in upstream's text too"
            )
            yield {(kind, new)}, _left("breakage", spots, there, message, fix)
        else:
            message = f"upstream took the {kind} `{name}` out ({was}); the fork's own text still uses it{_also(spots)}"
            fix = f"look at what upstream does instead; keep `{name}` where the fork looks after it itself"
            yield {(kind, name)}, _left("decision", spots, there, message, fix)


def _also(spots: Sequence[Spot]) -> str:
    return f" in {_places(len(spots))}" if len(spots) > 1 else ""


def _left(cls: FindingClass, spots: Sequence[Spot], there: Spot, message: str, fix: str) -> Found:
    (file, mention), (was, old) = spots[0], there
    assert was.base is not None  # it was found there
    line = was.base.text.split("\n")[old.line - 1]
    place = Place(was.base.path, old.line)
    return Found(
        cls,
        file.path,
        mention.line,
        message,
        fix,
        place,
        removed=(line,),
        key=f"left:{mention.kind}:{mention.name}",
    )


# A name that nobody used before

# Where a name may stand already in files that nobody changed.
_PATHSPECS = tuple(
    f":(glob,icase,top)**/{name}"
    for name in ("*.yml", "*.yaml", "*.sh", "*.ps1", "*.mk", "*.just", "justfile", "makefile", "*dockerfile*")
)
# Names of one kind this many lines apart in a file came together.
_NEAR = 10
# More newcomers than these in one file are one finding.
_FEW = 2


def _newcomers(view: View, world: _World, told: set[Identity]) -> Iterator[Found]:
    owners = {name for kind, name in world.known if kind == "organisation"}
    groups: dict[Identity, list[Spot]] = defaultdict(list)
    for file, mention in world.brought:
        identity = mention.kind, mention.name
        if identity in told or mention.kind not in _NEWS or not mention.used:
            continue
        if _fold(*identity) not in world.known and _is_news(mention, owners):
            groups[identity].append((file, mention))
    asked = {bare for identity in groups if _TELLING.search(bare := _bare(*identity))}
    elsewhere = view.trees.holding("ours", asked, _PATHSPECS)
    news = [(identity, spots) for identity, spots in groups.items() if _bare(*identity) not in elsewhere]
    files: dict[str, list[Group]] = defaultdict(list)
    for together in _neighbours(news):
        files[together[0][1][0][0].path].append(together)
    for groups_here in files.values():
        if len(groups_here) > _FEW:
            yield _all_of_a_file(groups_here)
        else:
            yield from (_newcomer(world, together) for together in groups_here)


def _newcomer(world: _World, together: Group) -> Found:
    (kind, name), spots = together[0]
    was = sorted(
        old
        for (what, old), renamed in world.renamed_by_theirs.items()
        if what == kind and name in renamed and _fold(what, old) not in world.in_theirs
    )
    before = f" in the place of `{was[0]}`" if was else ""
    places = "" if len(spots) == 1 or len(together) > 1 else f" in {_places(len(spots))}"
    names = [name for (_, name), _ in together]
    message = f"upstream uses {_what(kind, names)}{before}{places}, which the fork has not used so far"
    return _found("decision", spots, message, _FIXES.get(kind, _FIX))


def _all_of_a_file(groups: Sequence[Group]) -> Found:
    """What one file brings, in one finding: it is one decision whether the fork wants what the file does."""
    kinds: dict[str, list[str]] = defaultdict(list)
    here = sorted((item for group in groups for item in group), key=lambda item: item[1][0][1].line)
    for (kind, name), _ in here:
        kinds[kind].append(name)
    told = ", ".join(_what(kind, names) for kind, names in kinds.items())
    file = here[0][1][0][0]
    message = f"upstream's {PurePosixPath(file.path).name} uses for the first time: {told}"
    fix = _SET_IT_UP if set(kinds) <= set(_OWNED) else _FIX_ALL
    # The file itself first: the line of the finding is there.
    spots = [spot for _, found in here for spot in found if spot[0] is file]
    found = _found("decision", spots, message, fix)
    assert file.merged is not None
    lines = file.merged.text.split("\n")
    added = tuple(dict.fromkeys(lines[mention.line - 1] for _, mention in spots))
    return replace(found, added=added, key=f"news:{' '.join(sorted(kinds))}")


def _what(kind: str, names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"the {kind} `{names[0]}`"
    many = f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"
    return f"{count(len(names), kind, many)} ({listed([f'`{name}`' for name in names], 4)})"


# A plain word such as `release` stands in many files, and is no name there.
_TELLING = re.compile(r"[A-Z\d_./-]")


def _bare(kind: str, name: str) -> str:
    """The part of a name by which it is looked for in other files."""
    return ".".join(name.split(".")[-2:]) if kind == "host" else name


def _neighbours(news: Iterable[tuple[Identity, list[Spot]]]) -> list[Group]:
    """Names that one step needs together are one finding: secrets, and whatever else has to be set up."""
    found: list[Group] = []
    for identity, spots in sorted(
        news, key=lambda item: (item[1][0][0].path, item[0][0], item[1][0][1].line)
    ):
        last = found[-1][-1] if found else None
        if last and identity[0] in _OWNED and last[0][0] == identity[0]:
            (file, mention), (before, earlier) = spots[0], last[1][0]
            if file is before and 0 <= mention.line - earlier.line <= _NEAR:
                found[-1].append((identity, spots))
                continue
        found.append([(identity, spots)])
    return found


def _is_news(mention: Mention, owners: set[str]) -> bool:
    """An action of somebody whose actions are used already is no news, nor a machine that everybody has."""
    if mention.kind == "action":
        return mention.name.partition("/")[0].casefold() not in owners
    return not (mention.kind == "runner" and hosted(mention.name))


_FIX = "decide whether the fork may use it; if not, put the fork's own in its place or leave the step out"
_FIX_ALL = (
    "decide what of it the fork may use, and set that up; put the fork's own in the place of the rest, or leave "
    "those steps out"
)
_SET_IT_UP = "set it up in the fork, or leave out what needs it: without it that step fails or does nothing"
_FIXES = dict.fromkeys(
    (*_SET_UP, "configuration variable", "context", "feed", "signing name"), _SET_IT_UP
) | {
    "runner": "make such a runner available to the fork, or use one it has: a job without a runner waits forever"
}


def _places(number: int) -> str:
    return "one place" if number == 1 else f"{number} places"


def _found(cls: FindingClass, spots: Sequence[Spot], message: str, fix: str) -> Found:
    """A finding at the first of upstream's lines."""
    file, mention = spots[0]
    assert file.merged is not None and file.theirs is not None  # only such are looked at
    text = file.merged.text.split("\n")[mention.line - 1]
    theirs = [line.strip() for line in file.theirs.text.split("\n")]
    place = Place(file.theirs.path, theirs.index(text.strip()) + 1)
    return Found(
        cls, file.path, mention.line, message, fix, place, added=(text,), key=f"{mention.kind}:{mention.name}"
    )

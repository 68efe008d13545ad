"""Identities: names outside of the repository that upstream brings into the fork.

A name that upstream uses for the first time, one that the fork replaced by its own and that comes back in a
new line, and one that upstream renamed or gave up while the fork's own text still uses it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence

from syncfork.detect.base import File, Found, View
from syncfork.detect.identity_names import Mention
from syncfork.detect.identity_news import newcomers
from syncfork.detect.identity_pairs import Pair, renamed_pairs
from syncfork.detect.identity_world import (
    OWNED,
    SET_UP,
    Identity,
    Spot,
    World,
    folded,
    found_at,
    named,
    places,
)
from syncfork.detect.identity_yaml import hosted
from syncfork.detect.pipelines import flavour_of, root_of
from syncfork.report import FindingClass, Place, Site
from syncfork.text import Document

# From the most telling kind to the least: a line is reported once.
_ORDER = ("repository", "registry", "image", "action", *SET_UP, "runner")


def find(view: View) -> Iterator[Found]:
    """Names that bypass what the fork replaced, names that only the fork still uses, and newcomers."""
    world = World(tuple(file for file in view.files if any(map(named, _sides(file)))))
    if not any(file.changed_by_theirs for file in world.files):
        return
    told: set[Identity] = set()
    for identities, found in (*_bypasses(world), *_left_behind(world)):
        told |= identities
        yield found
    yield from newcomers(view, world, told)


def _sides(file: File) -> tuple[Document | None, ...]:
    return file.base, file.ours, file.theirs, file.merged


# A name that the fork replaced


def _bypasses(world: World) -> Iterator[tuple[set[Identity], Found]]:
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


def _at(world: World, lines: Collection[tuple[str, int]]) -> set[Identity]:
    """Whose owner stands in a line is reported with the owner."""
    named = (mention for file, mention in world.brought if (file.path, mention.line) in lines)
    return {(item.kind, item.name) for item in named if item.kind not in OWNED}


def _rank(kind: str) -> int:
    return _ORDER.index(kind) if kind in _ORDER else len(_ORDER)


def _count(document: Document | None, like: Mention) -> int:
    return sum(
        (mention.kind, mention.place, mention.name) == (like.kind, like.place, like.name)
        for mention in named(document)
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
        f"in {places(len(pairs))} ({where}){still}"
    )
    fix = f"use `{new}` here too, or say why this place needs `{mention.name}`"
    return found_at("breakage" if sure else "decision", spots, message, fix)


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


def _left_behind(world: World) -> Iterator[tuple[set[Identity], Found]]:
    own: dict[Identity, list[Spot]] = defaultdict(list)
    for file in world.files:
        for mention in named(file.merged):
            if mention.kind in SET_UP and (file.ours_alone or mention.line in file.fork_lines):
                own[mention.kind, mention.name].append((file, mention))
    for (kind, name), spots in sorted(own.items(), key=lambda item: item[0]):
        gone = folded(kind, name) in world.in_base and folded(kind, name) not in world.in_theirs
        if not gone:
            continue
        there = next(
            (file, mention)
            for file in world.files
            for mention in named(file.base)
            if folded(mention.kind, mention.name) == folded(kind, name)
        )
        was = f"{there[0].path}:{there[1].line}"
        news = {new for new in world.renamed_by_theirs[kind, name] if folded(kind, new) not in world.in_base}
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
    return f" in {places(len(spots))}" if len(spots) > 1 else ""


def _left(cls: FindingClass, spots: Sequence[Spot], there: Spot, message: str, fix: str) -> Found:
    (file, mention), (was, old) = spots[0], there
    assert was.base is not None  # it was found there
    line = was.base.line(old.line)
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
        also=tuple(Site(file.path, mention.line) for file, mention in spots[1:]),
    )

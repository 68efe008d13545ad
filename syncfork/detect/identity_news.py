"""Newcomers: names outside of the repository that upstream uses and that nobody used before."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from msgspec.structs import replace

from syncfork.detect.base import Found, View
from syncfork.detect.identity_names import Mention
from syncfork.detect.identity_world import OWNED, Identity, Spot, World, folded, found_at, places
from syncfork.detect.identity_yaml import hosted
from syncfork.words import count, listed

Group = list[tuple[Identity, list[Spot]]]

# Of a new name in these kinds the fork hears.
_NEWS = frozenset([*OWNED, "runner", "host", "registry", "repository", "action"])
# Where a name may stand already in files that nobody changed.
_PATHSPECS = tuple(
    f":(glob,icase,top)**/{name}"
    for name in ("*.yml", "*.yaml", "*.sh", "*.ps1", "*.mk", "*.just", "justfile", "makefile", "*dockerfile*")
)
# Names of one kind this many lines apart in a file came together.
_NEAR = 10
# More newcomers than these in one file are one finding.
_FEW = 2


def newcomers(view: View, world: World, told: set[Identity]) -> Iterator[Found]:
    """The names that are news, but those in `told`."""
    owners = {name for kind, name in world.known if kind == "organisation"}
    groups: dict[Identity, list[Spot]] = defaultdict(list)
    for file, mention in world.brought:
        identity = mention.kind, mention.name
        if identity in told or mention.kind not in _NEWS or not mention.used:
            continue
        if folded(*identity) not in world.known and _is_news(mention, owners):
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


def _newcomer(world: World, together: Group) -> Found:
    (kind, name), spots = together[0]
    was = sorted(
        old
        for (what, old), renamed in world.renamed_by_theirs.items()
        if what == kind and name in renamed and folded(what, old) not in world.in_theirs
    )
    before = f" (in the place of `{was[0]}`)" if was else ""
    where = "" if len(spots) == 1 or len(together) > 1 else f" in {places(len(spots))}"
    names = [name for (_, name), _ in together]
    message = f"upstream uses {_what(kind, names)}{where}, which the fork has not used so far{before}"
    fix = _SET_THEM_UP if kind in OWNED and len(names) > 1 else _FIXES.get(kind, _FIX)
    return found_at("decision", spots, message, fix)


def _all_of_a_file(groups: Sequence[Group]) -> Found:
    """What one file brings, in one finding: it is one decision whether the fork wants what the file does."""
    kinds: dict[str, list[str]] = defaultdict(list)
    here = sorted((item for group in groups for item in group), key=lambda item: item[1][0][1].line)
    for (kind, name), _ in here:
        kinds[kind].append(name)
    told = ", ".join(_what(kind, names) for kind, names in kinds.items())
    file = here[0][1][0][0]
    message = f"upstream's {PurePosixPath(file.path).name} uses for the first time: {told}"
    fix = _SET_THEM_UP if set(kinds) <= set(OWNED) else _FIX_ALL
    # The file itself first: the line of the finding is there.
    spots = [spot for _, found in here for spot in found if spot[0] is file]
    found = found_at("decision", spots, message, fix)
    assert file.merged is not None
    lines = file.merged.text.split("\n")
    added = tuple(dict.fromkeys(lines[mention.line - 1] for _, mention in spots))
    names = tuple(name for (_, name), _ in here)
    return replace(found, added=added, names=names, key=f"news:{' '.join(sorted(kinds))}")


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
        if last and identity[0] in OWNED and last[0][0] == identity[0]:
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
_SET_THEM_UP = (
    "set them up in the fork, or leave out what needs them: without them those steps fail or do nothing"
)
_FIXES = dict.fromkeys(OWNED, _SET_IT_UP) | {
    "runner": "make such a runner available to the fork, or use one it has: a job without a runner waits forever"
}

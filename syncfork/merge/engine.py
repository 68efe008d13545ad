"""The lifted merge itself: rules on all sides, git's merge on the lifted trees, the result examined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from syncfork.errors import SyncforkError
from syncfork.git.ahead import ReadAhead
from syncfork.git.objects import Entry
from syncfork.git.repository import Repository
from syncfork.merge.beforehand import Beforehand
from syncfork.merge.governed import Reader
from syncfork.merge.graph import Graph, mirror
from syncfork.merge.lift import Effect, Governed, lift, unheld
from syncfork.merge.mergetree import Hunk, Merged, merge_tree
from syncfork.merge.overwritten import AllOverwritten, kept_apart
from syncfork.merge.placing import Owned, place_owned
from syncfork.merge.resolving import Sources, answered, no_sources
from syncfork.merge.settle import Unported, settle
from syncfork.merge.sides import Sides, load
from syncfork.merge.workspace import Workspace
from syncfork.own.base import BASE, OURS, THEIRS, Side
from syncfork.parallel import shared_out
from syncfork.resolve.base import Resolved
from syncfork.rewrite.reformat import made_ready
from syncfork.rules.model import Rule
from syncfork.text import Document, decode_document


class Unheld(Struct, frozen=True):
    """A rewriting rule whose intent the merged text does not carry, though it was applied to all sides."""

    rule: Rule
    path: str
    detail: str


class LiftedMerge(Struct, frozen=True):
    """All that a merge of `commits` came to. `plain` is what git alone makes of it; `files` are those that
    rewriting rules govern, as they were before; `resolved` those that sources had answers for; `ids` the commits that git merged, lifted ones in the workspace."""

    commits: Mapping[Side, str]
    sides: Sides
    plain: Merged
    plain_hunks: Mapping[str, tuple[Hunk, ...]]
    merged: Merged
    hunks: Mapping[str, tuple[Hunk, ...]]
    effects: tuple[Effect, ...] = ()
    overwritten: AllOverwritten = field(default_factory=dict)
    owned: tuple[Owned, ...] = ()
    unported: tuple[Unported, ...] = ()
    unheld: tuple[Unheld, ...] = ()
    resolved: tuple[Resolved, ...] = ()
    lifted: Mapping[Side, Mapping[str, Entry | None]] = field(default_factory=dict)
    trees: Mapping[Side, str] = field(default_factory=dict)
    files: tuple[Governed, ...] = ()
    ids: tuple[str, str] = ("", "")


def lifted_merge(
    space: Workspace,
    ours: str,
    theirs: str,
    bases: Sequence[str],
    rules: Sequence[Rule],
    names: Mapping[Side, str],
    sources: Sources = no_sources,
    beforehand: Beforehand | None = None,
) -> LiftedMerge:
    """Merge commit `theirs` into commit `ours` with `rules`; `sources` are asked about what is then in conflict.
    `names` are for conflict markers; `beforehand` has asked git, for the same merge in the same space."""
    repository = space.repository
    graph = mirror(ours, theirs, bases, repository.merge_bases)
    commits = _named(ours, theirs, bases, graph)
    attributes = space.markers(bases)
    beforehand = beforehand or Beforehand(space, ours, theirs, lambda: bases)
    sides = load(repository, commits, rules, beforehand)
    owned = place_owned(sides, rules)
    lifting = _lift_all(space, sides, rules, owned, beforehand.ahead)
    plain = beforehand.plain
    overlay = {side: _difference(sides.entries[side], lifting.placed[side]) for side in commits}
    merged, ids, trees = plain, (ours, theirs), {}
    if any(overlay.values()):
        made = space.trees([(commit, overlay[side]) for side, commit in commits.items()])
        trees = dict(zip(commits, made, strict=True))
        ids = _throwaway(space, graph, commits, trees)
        merged = merge_tree(space.git, *ids, attributes)
    owners = {item.placement.path: item.rule for item in owned}
    settled = settle(space, merged, ids, owners, names)
    alone = settled if merged is plain and not owners else settle(space, plain, (ours, theirs), {}, names)
    told = answered(space, settled.merged, settled.hunks, names, attributes, sources)
    result = LiftedMerge(
        commits=commits,
        sides=sides,
        plain=alone.merged,
        plain_hunks=alone.hunks,
        merged=told.merged,
        hunks=told.hunks,
        resolved=told.resolved,
        effects=lifting.effects,
        overwritten=lifting.overwritten,
        owned=tuple(owned),
        unported=settled.unported,
        lifted=overlay,
        trees=trees,
        files=tuple(lifting.files),
        ids=ids,
    )
    return _examine(space, result, lifting.proven)


# Rules by id, each with a path and a blob that it was found to leave as it is.
Proven = frozenset[tuple[str, str, str]]


class _Lifting(Struct, frozen=True):
    """The entries of every side after all rules, path-level ones first, and what each rewriting rule did, and missed."""

    placed: Mapping[Side, Mapping[str, Entry]]
    files: Sequence[Governed]
    effects: tuple[Effect, ...]
    overwritten: AllOverwritten
    proven: Proven


def _lift_all(
    space: Workspace, sides: Sides, rules: Sequence[Rule], owned: Sequence[Owned], ahead: ReadAhead
) -> _Lifting:
    placed = {side: dict(tree) for side, tree in sides.entries.items()}
    for item in owned:
        for side, entry in item.placement.entries.items():
            _assign(placed[side], item.placement.path, entry)
    reader = Reader(space, replace(sides, entries=placed), ahead)
    files = reader.governed(rules)
    made_ready(
        (step, document)
        for file in files
        for rule in file.rules
        for step in rule.steps
        for document in file.documents.values()
    )
    known = [*rules, *(fork for file in files for fork in file.forks.values())]
    made = zip(files, shared_out(lift, files, known, _effort), strict=True)
    apart = [kept_apart(file, texts) for file, texts in made]
    lifted = [texts for texts, _ in apart]
    overwritten = {key: places for _, found in apart for key, places in found.items()}
    for file, texts in zip(files, lifted, strict=True):
        reader.store(file, texts, placed)
    proven = frozenset(
        (effect.rule.id, document.path, placed[side][document.path].oid)
        for file, texts in zip(files, lifted, strict=True)
        for effect in texts.effects
        for side in effect.applied
        # Of a merge base some lines may stand as they were.
        if side != BASE or (effect.rule.id, effect.path) not in overwritten
        if (document := file.documents[side]) and _reads_back(file, side, texts.texts[side])
    )
    effects = tuple(effect for texts in lifted for effect in texts.effects)
    return _Lifting(placed, files, effects, overwritten, proven)


def _effort(file: Governed) -> int:
    return len(file.rules) * sum(len(document.text) for document in file.documents.values())


def _reads_back(file: Governed, side: Side, text: str) -> bool:
    """Whether what is written for `text` is read as that again: it may have become UTF-8 by the rule."""
    document, encoding = file.documents[side], file.encodings[side]
    if encoding.codec == "utf-8" and not encoding.crlf:
        return True
    read = decode_document(document.path, encoding.encode(text))
    return read is not None and read[0].text == text


def _named(ours: str, theirs: str, bases: Sequence[str], graph: Graph) -> dict[Side, str]:
    """Sides by name; where git recurses, the deeper bases are sides too."""
    deeper = [commit for commit in graph.commits if commit not in (*bases, ours, theirs)]
    named = {OURS: ours, THEIRS: theirs}
    for number, commit in enumerate([*bases, *deeper], start=1):
        named[BASE if number == 1 else f"{BASE}-{number}"] = commit
    return named


def _difference(old: Mapping[str, Entry], new: Mapping[str, Entry]) -> dict[str, Entry | None]:
    return {path: new.get(path) for path in old.keys() | new.keys() if old.get(path) != new.get(path)}


def _throwaway(
    space: Workspace, graph: Graph, commits: Mapping[Side, str], trees: Mapping[Side, str]
) -> tuple[str, str]:
    """Commits with the lifted trees, linked as the real ones are; the ids of ours and theirs."""
    side_of = {commit: side for side, commit in commits.items()}
    dates = {}
    if len(graph.parents) > 3:
        # git takes several merge bases in the order of their dates.
        out = space.git.text("log", "--no-walk", "--format=%H %cd", "--date=raw", *graph.commits)
        dates = dict(line.split(" ", 1) for line in out.splitlines())
    made: dict[str, str] = {}
    for number, (commit, parents) in enumerate(graph.parents.items()):
        date = dates.get(commit, f"{number} +0000")
        made[commit] = space.commit(trees[side_of[commit]], tuple(made[parent] for parent in parents), date)
    return made[commits[OURS]], made[commits[THEIRS]]


def _examine(space: Workspace, result: LiftedMerge, proven: Proven) -> LiftedMerge:
    """Check on the merged files that every applied rule's intent is there."""
    conflicts, owned = result.merged.conflicts, {item.placement.path for item in result.owned}
    wanted = [e for e in result.effects if e.problem is None and e.applied and e.path not in conflicts]
    files = space.files(result.merged.tree, [effect.path for effect in wanted])
    homes = {effect.rule.id for effect in wanted if effect.path in files}
    texts: dict[str, Document | None] = {}
    for path, (_, content) in files.items():
        read = decode_document(path, content) if content is not None else None
        texts[path] = read[0] if read else None
    asked = [
        effect
        for effect in wanted
        if effect.path not in files or (effect.rule.id, effect.path, files[effect.path][0].oid) not in proven
    ]
    made_ready((step, text) for e in asked if (text := texts.get(e.path)) for step in e.rule.steps)
    found = []
    for effect in asked:
        text = texts.get(effect.path)
        if text:
            why = unheld(effect, text)
        elif effect.path in files and files[effect.path][1] is not None:
            why = "it is no longer a text file"
        elif (
            effect.rule.reforms
            or OURS not in effect.applied
            or effect.path in owned
            or effect.rule.id in homes
        ):
            # What is not there has no form; the fork has no such file either, a path-level rule says so, or the intent
            # lives on in another.
            why = ""
        else:
            why = "the file is gone from the result, and no other file carries it"
        if why:
            found.append(Unheld(effect.rule, effect.path, why))
    return replace(result, unheld=tuple(found))


def _assign(tree: dict[str, Entry], path: str, entry: Entry | None) -> None:
    if entry is None:
        tree.pop(path, None)
    else:
        tree[path] = entry


def open_bases(repository: Repository, ours: str, theirs: str) -> list[str]:
    """The merge bases, or a SyncforkError that says why there is none."""
    return expect_related(repository.merge_bases(ours, theirs))


def expect_related(bases: Sequence[str]) -> list[str]:
    """The merge bases as they are, where there is any; else a SyncforkError."""
    if not bases:
        raise SyncforkError(
            "the fork and upstream have no commit in common",
            "check the upstream revision; where upstream's files were imported without their history, join the two: "
            "git replace --graft IMPORT $(git rev-parse IMPORT^@) UPSTREAM    (IMPORT: the fork's commit that brought the "
            "files; UPSTREAM: upstream's that has the same ones; docs/configuration.md tells how to find them)",
        )
    return list(bases)

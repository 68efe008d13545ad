"""Names within and between pipelines that were whole on one side, and that the merged tree no longer declares.

The same question is asked of each tree: is everything that is used declared? What is undeclared in the merge and
was declared where it came from, the merge broke.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct

from syncfork.detect.base import File, Found, View
from syncfork.detect.pipeline_debts import debts, owed
from syncfork.detect.pipeline_settings import renamed_settings
from syncfork.detect.pipeline_sides import Key, Side, State, read_side, says, with_unchanged
from syncfork.detect.pipelines import Flavour, flavour_of
from syncfork.detect.replaced import line_in_place, replacement, votes
from syncfork.detect.wiring import Name, Use
from syncfork.report import FindingClass, Place
from syncfork.text import Document
from syncfork.words import also

_SIDES = ("ours", "theirs", "merged")


class _Broken(Struct, frozen=True):
    """A use that nothing declares in the merged tree, in the pipelines of the roots `lost`; `before` is the side it
    comes from, where it was whole."""

    key: Key
    state: State
    before: str
    lost: frozenset[str]
    perhaps: frozenset[str]


def find(view: View) -> Iterator[Found]:
    """See the module."""
    if not any(_changed(file) for file in view.files):
        return
    sides = {side: read_side(view, side) for side in _SIDES}
    declared = {name.name.casefold() for facts in sides["ours"].files.values() for name in facts.declared}
    yield from renamed_settings(view, declared)
    broken = any(_before(sides, key, state) for key, state in sides["merged"].states.items())
    if not broken and not any(owed(sides)):
        return
    # Only now is it worth to read what the pipelines share with none of the changes.
    sides = {side: with_unchanged(view, side, known) for side, known in sides.items()}
    sides["base"] = read_side(view, "base")
    yield from debts(view, sides)
    causes: dict[tuple[Name, str, str], list[_Broken]] = {}
    for item in _without_followers(list(_broken(view, sides))):
        where = item.key[0] if item.state.use.reach == "file" else ""
        causes.setdefault((item.key[1], item.key[2], where), []).append(item)
    for items in causes.values():
        yield _found(view, sides, items)


def _changed(file: File) -> bool:
    """Whether the merge made a difference to a pipeline of the fork's, or brought one."""
    if not file.merged or (file.ours and file.ours.text == file.merged.text):
        return bool(file.ours and not file.merged and flavour_of(file.ours))
    return flavour_of(file.merged) is not None


def _before(sides: Mapping[str, Side], key: Key, state: State) -> tuple[str, frozenset[str]] | None:
    """The side that a broken use comes from, if it was whole there, and the pipelines that lack its name now but did
    not before, nor do at upstream's."""
    known = {side: sides[side].states.get(key) for side in ("ours", "theirs")}
    lost = state.lacking.difference(*(each.lacking for each in known.values() if each))
    if not lost:
        return None
    if key[1].kind.startswith("required "):
        return "theirs", lost
    before = next((side for side, each in known.items() if each), None)
    was = known[before] if before else None
    return (before, lost) if before and was and was.roots > was.lacking else None


def _broken(view: View, sides: Mapping[str, Side]) -> Iterator[_Broken]:
    conflicted = {file.path for file in view.files if file.conflicted}
    for key, state in sides["merged"].states.items():
        found = _before(sides, key, state)
        if found is None:
            continue
        before, lost = found
        perhaps = sides["merged"].unknown(state.path, state.use, lost)
        if not key[1].kind.startswith("required "):
            was = sides[before].states[key]
            side = sides[before]
            if _undecided(side, was, lost, conflicted):
                continue
            if perhaps - side.unknown(was.path, was.use, lost) - _known(sides["ours"], key[0], was.use, lost):
                continue
        yield _Broken(key, state, before, lost, frozenset(perhaps))


def _known(ours: Side, merged_name: str, use: Use, lost: Collection[str]) -> set[str]:
    """Whence the fork's own pipelines may have had a name already, which nothing new brings then."""
    paths = [path for path, name in ours.names.items() if name == merged_name]
    return {whence for path in paths for whence in ours.unknown(path, use, lost)}


def _undecided(side: Side, was: State, lost: Collection[str], conflicted: Collection[str]) -> bool:
    """Whether a file that declares the name, or that links the two, is in conflict: the merged tree lacks it."""
    declared = _declaration(side, was, lost)
    paths = [declared[0]] if declared else []
    if was.use.reach == "pipeline":
        paths = side.within(was.path, was.use, lost)
    return any(side.names.get(path, path) in conflicted for path in paths)


def _without_followers(broken: Sequence[_Broken]) -> Iterator[_Broken]:
    """Without what follows from a job, stage or step that is gone itself."""
    lost = {(item.key[0], item.key[1].kind, item.key[1].name) for item in broken}
    names = {(kind, name) for _, kind, name in lost}
    for item in broken:
        path, name, _ = item.key
        scope = name.scope.rpartition("/")[2]
        if name.kind == "needed job" and (path, "job", name.name) in lost:
            continue
        if name.kind == "job output" and (path, "job", scope) in lost:
            continue
        if name.kind == "step output" and (path, "step", scope) in lost:
            continue
        if name.kind == "stage or job" and {("job", name.name), ("stage", name.name)} & names:
            continue
        yield item


def _declaration(side: Side, state: State, roots: Collection[str]) -> tuple[str, int] | None:
    """Where a tree declares the name of a use, first of all in the pipelines at `roots`."""
    for path in side.within(state.path, state.use, roots):
        line = side.files[path].declared.get(state.use.name)
        if line:
            return path, line
    return None


def _line(side: Side, path: str, line: int) -> str:
    return side.files[path].document.text.split("\n")[line - 1]


# What is told


def _found(view: View, sides: Mapping[str, Side], items: Sequence[_Broken]) -> Found:
    first = items[0]
    use, path = first.state.use, first.state.path
    shown = use.written
    cls: FindingClass = "breakage" if use.certain and not first.perhaps else "decision"
    places = [f"{item.state.path}:{line}" for item in items for line in item.state.lines]
    tail = also(place for place in places if place != f"{path}:{use.line}")
    key = f"{use.name.kind} {use.name.scope} {use.name.name} {use.called}"
    if use.name.kind.startswith("required "):
        kind = use.name.kind.removeprefix("required ")
        place, added = _place(sides["theirs"], use.called, sides["theirs"].files.get(use.called), use.name)
        message = f"this call of `{use.called}` lacks the {kind} `{shown}`, which it now requires{tail}"
        fix = f"pass `{shown}`, as upstream's own calls do"
        return Found(cls, path, use.line, message, fix, place, added=added, key=key)
    if first.before == "theirs":
        if _put_elsewhere(sides, first):
            return _lacking(sides, first, cls, shown, tail, key, "upstream's new text")
        return _made_by_merge(sides, first, cls, shown, tail, key)
    if _put_elsewhere(sides, first):
        return _lacking(sides, first, cls, shown, tail, key, _whose(view, first))
    place, removed = _taken_out(sides, first)
    new = _successor(view, sides, first, shown)
    did = ("" if new.sure else "perhaps ") + f"renamed to `{new.name}`" if new else "took out"
    message = f"{_whose(view, first)} {says(use)} `{shown}`, which upstream {did}{_unless(first)}{tail}"
    return Found(
        cls, path, use.line, message, _fix(sides, first, shown, new), place, removed=removed, key=key
    )


def _unless(item: _Broken) -> str:
    return f", unless {' or '.join(sorted(item.perhaps)[:2])} has it" if item.perhaps else ""


def _whose(view: View, item: _Broken) -> str:
    file = view.by_path.get(item.key[0])
    return "the fork's file" if file and file.ours_alone else "the fork's text"


def _made_by_merge(
    sides: Mapping[str, Side], item: _Broken, cls: FindingClass, shown: str, tail: str, key: str
) -> Found:
    """Upstream's new text, and a declaration that the fork took away."""
    use = item.state.use
    was = sides["theirs"].states[item.key]
    added = (_line(sides["theirs"], was.path, was.use.line),)
    message = f"upstream's new text {says(use)} `{shown}`, which the fork does not have{_unless(item)}{tail}"
    fix = f"name what the fork has in place of `{shown}`, or take over upstream's"
    place = Place(was.path, was.use.line)
    return Found(cls, item.state.path, use.line, message, fix, place, added=added, key=key)


def _put_elsewhere(sides: Mapping[str, Side], item: _Broken) -> bool:
    """Whether the use came into a pipeline in which the side that it is from does not have it."""
    was = sides[item.before].states[item.key]
    return not item.lost & was.roots and item.key[0] not in item.lost


def _lacking(
    sides: Mapping[str, Side], item: _Broken, cls: FindingClass, shown: str, tail: str, key: str, whose: str
) -> Found:
    """A pipeline that now has a use of a name, which only others declare."""
    use, side, root = item.state.use, sides[item.before], min(item.lost)
    was = side.states[item.key]
    path, _ = _declaration(side, was, ()) or (was.path, 0)
    message = f"{whose} {says(use)} `{shown}`, which the pipeline `{root}` does not have{_unless(item)}{tail}"
    fix = f"declare `{shown}` for `{root}` too, as in `{path}`"
    # The use is what came; where upstream has none of it, the pipeline is.
    there = was if item.before == "theirs" else sides["theirs"].states.get(item.key)
    place = Place(there.path, there.use.line) if there else None
    added = (_line(sides["theirs"], there.path, there.use.line),) if there else ()
    return Found(cls, item.state.path, use.line, message, fix, place, added=added, key=f"{key} {root}")


def _place(side: Side, path: str, there: object, name: Name) -> tuple[Place | None, tuple[str, ...]]:
    line = side.files[path].declared.get(name) if there else None
    return (Place(path, line), (_line(side, path, line),)) if line else (None, ())


def _taken_out(sides: Mapping[str, Side], item: _Broken) -> tuple[Place | None, tuple[str, ...]]:
    """The line of the merge base that declared what the fork's side declares still."""
    was = sides["ours"].states[item.key]
    declared = _declaration(sides["ours"], was, item.lost)
    base = sides["base"]
    if declared is None:
        return None, ()
    merged_name = sides["ours"].names.get(declared[0], declared[0])
    paths = [path for path, name in base.names.items() if name == merged_name]
    for path in [*paths, *base.files]:
        line = base.files[path].declared.get(was.use.name)
        if line:
            return Place(path, line, "base"), (_line(base, path, line),)
    # A name that each job has anew is not known of the fork's own job there: its line is.
    text = _line(sides["ours"], *declared)
    for path in paths:
        for number, line_text in enumerate(base.files[path].document.text.split("\n"), start=1):
            if line_text.strip() == text.strip():
                return Place(path, number, "base"), (line_text,)
    return None, ()


class _Successor(Struct, frozen=True):
    """The name that took the place of one; not `sure` where hardly anything says so."""

    name: str
    sure: bool


def _successor(view: View, sides: Mapping[str, Side], item: _Broken, shown: str) -> _Successor | None:
    """What upstream declares where it declared this name; or else what it writes where it wrote it, if it declares
    that as the same kind and wrote it for no other name."""
    flavour, name = _flavour(sides, item), item.key[1]
    changed = [file for file in view.files if file.changed_by_theirs and _is(file.base, flavour)]
    found = votes(changed, shown)
    there = _in_its_place(sides, item)
    if there and found:
        return _Successor(there, there in found)
    if len(found) != 1:
        return None
    [(new, count)] = found.items()
    before, after = (_written(sides[side], name.kind, flavour) for side in ("base", "theirs"))
    others = [written for each, written in before.items() if each not in after and written != shown]
    if new.casefold() not in after or any(replacement(changed, other) == new for other in others):
        return None
    return _Successor(new, count > 1)


def _written(side: Side, kind: str, flavour: Flavour | None) -> dict[str, str]:
    """All names of a kind that one tree declares, without regard to case, with how they are written."""
    return {
        name.name.casefold(): facts.written(name)
        for facts in side.files.values()
        if _is(facts.document, flavour)
        for name in facts.declared
        if name.kind == kind
    }


def _in_its_place(sides: Mapping[str, Side], item: _Broken) -> str | None:
    """The one new name of that kind that upstream declares in the line in which it declared this one."""
    base, theirs, name = sides["base"], sides["theirs"], item.key[1]
    place, _ = _taken_out(sides, item)
    if place is None or place.line is None:
        return None
    merged_name = base.names.get(place.path)
    path = next((path for path, merged in theirs.names.items() if merged == merged_name), None)
    if path is None:
        return None
    before, after = base.files[place.path], theirs.files[path]
    line = line_in_place(before.document.text, after.document.text, place.line)
    # What every job has anew is declared for each of them.
    found = {
        after.written(other)
        for other, number in after.declared.items()
        if number == line and other.kind == name.kind and other not in before.declared
    }
    return found.pop() if len(found) == 1 else None


def _is(document: Document | None, flavour: Flavour | None) -> bool:
    """Whether it is a pipeline of that kind: what another kind declares takes the place of nothing here."""
    return document is not None and flavour_of(document) == flavour


def _flavour(sides: Mapping[str, Side], item: _Broken) -> Flavour | None:
    return flavour_of(sides["merged"].files[item.state.path].document)


def _fix(sides: Mapping[str, Side], item: _Broken, shown: str, new: _Successor | None) -> str:
    if new and not new.sure:
        return f"see what upstream's `{new.name}` does, and name that here if it does what `{shown}` did"
    now = [new.name] if new else sorted(_now(sides, item))
    flavour = _flavour(sides, item)
    if len(now) == 1 and "*" in now[0]:
        by = f"`pattern: {now[0]}`, as `name:` takes no star" if flavour == "github" else "its whole name"
        return f"upstream publishes `{now[0]}` in the place of `{shown}`: download that by {by}"
    if len(now) == 1:
        return f"upstream declares `{now[0]}` in its place: name that here, if it does what `{shown}` did"
    named = f" (new there: {', '.join(f'`{name}`' for name in now[:6])})" if now else ""
    return f"see how upstream does without `{shown}`{named}, and do the same here, or declare it again"


def _now(sides: Mapping[str, Side], item: _Broken) -> set[str]:
    """What upstream newly declares of that kind, in the files that could declare the name."""
    name, flavour = item.key[1], _flavour(sides, item)

    def declared(side: Side) -> dict[Name, str]:
        within = (path for path, merged in side.names.items() if merged in (item.key[0], item.key[2]))
        paths = within if item.state.use.reach in ("file", "called") else side.files
        return {
            other: side.files[path].written(other)
            for path in paths
            for other in side.files[path].declared
            if other.kind == name.kind
            and other.scope == name.scope
            and _is(side.files[path].document, flavour)
        }

    before = declared(sides["base"])
    return {written for other, written in declared(sides["theirs"]).items() if other not in before}

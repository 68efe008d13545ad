"""Names within and between pipelines that were whole on one side, and that the merged tree no longer declares.

The same question is asked of each tree: is everything that is used declared? What is undeclared in the merge and
was declared where it came from, the merge broke.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from syncfork.detect.base import File, Found, View
from syncfork.detect.pipeline_broken import Broken, broken, lacking
from syncfork.detect.pipeline_debts import debts, owed
from syncfork.detect.pipeline_jobs import spelled
from syncfork.detect.pipeline_losses import fewer, in_some
from syncfork.detect.pipeline_pools import moved_pools
from syncfork.detect.pipeline_settings import renamed_settings
from syncfork.detect.pipeline_sides import Side, read_side, says
from syncfork.detect.pipeline_successors import Successor, flavour_at, newly_declared, successor, taken_out
from syncfork.detect.pipeline_unchanged import with_unchanged
from syncfork.detect.pipelines import flavour_of
from syncfork.detect.wiring import Name
from syncfork.report import Place, Site
from syncfork.words import also

_SIDES = ("ours", "theirs", "merged")


def find(view: View) -> Iterator[Found]:
    """See the module."""
    if not any(_changed(file) for file in view.files):
        return
    sides = {side: read_side(view, side) for side in _SIDES}
    declared = {name.name.casefold() for facts in sides["ours"].files.values() for name in facts.declared}
    yield from renamed_settings(view, declared)
    if not any(lacking(sides)) and not any(owed(sides)) and not fewer(sides["ours"], sides["merged"]):
        return
    # Only now is it worth to read what the pipelines share with none of the changes.
    sides = {side: with_unchanged(view, side, known) for side, known in sides.items()}
    sides["base"] = with_unchanged(view, "base", read_side(view, "base"))
    yield from debts(view, sides)
    yield from moved_pools(sides)
    causes: dict[tuple[Name, str, str], list[Broken]] = {}
    for item in broken(view, sides):
        where = item.key.path if item.state.use.reach == "file" else ""
        causes.setdefault((item.key.name, item.key.called, where), []).append(item)
    for items in causes.values():
        yield _together(view, sides, items)


def _changed(file: File) -> bool:
    """Whether the merge made a difference to a pipeline of the fork's, or brought one."""
    if not file.merged or (file.ours and file.ours.text == file.merged.text):
        return bool(file.ours and not file.merged and flavour_of(file.ours))
    return flavour_of(file.merged) is not None


def _together(view: View, sides: Mapping[str, Side], items: Sequence[Broken]) -> Found:
    """The first one of a cause, with the places of the others."""
    first = _told(view, sides, items[0])
    sites = dict.fromkeys(Site(item.state.path, line) for item in items for line in item.state.lines)
    others = tuple(site for site in sites if site != Site(first.path, first.line))
    return replace(first, message=first.message + also(site.told for site in others), also=others)


def _told(view: View, sides: Mapping[str, Side], item: Broken) -> Found:
    if item.key.name.required:
        return _not_passed(sides, item)
    file = view.by_path.get(item.key.path)
    whose = "the fork's file" if file and file.ours_alone else "the fork's text"
    if _put_elsewhere(sides, item):
        return _in_another(sides, item, "upstream's new text" if item.before == "theirs" else whose)
    return _made_by_merge(sides, item) if item.before == "theirs" else _gone(view, sides, item, whose)


def _put_elsewhere(sides: Mapping[str, Side], item: Broken) -> bool:
    """Whether the use came into a pipeline in which the side that it is from does not have it."""
    was = sides[item.before].states[item.key]
    return not item.lost & was.roots and item.key.path not in item.lost


def _not_passed(sides: Mapping[str, Side], item: Broken) -> Found:
    """A call without something that the called file now asks for."""
    use, declared = item.state.use, sides["theirs"].declaration(item.state)
    message = (
        f"this call of `{use.called}` lacks the {use.name.required} `{use.written}`, which it now requires"
    )
    fix = f"pass `{use.written}`, as upstream's own calls do"
    added = (sides["theirs"].line(*declared),) if declared else ()
    return _found(item, message, fix, Place(*declared) if declared else None, added=added)


def _made_by_merge(sides: Mapping[str, Side], item: Broken) -> Found:
    """Upstream's new text, and a declaration that the fork took away."""
    use = item.state.use
    was = sides["theirs"].states[item.key]
    message = f"upstream's new text {says(use)} `{use.written}`, which the fork does not have{_unless(item)}"
    fix = f"name what the fork has in place of `{use.written}`, or take over upstream's"
    added = (sides["theirs"].line(was.path, was.use.line),)
    return _found(item, message, fix, Place(was.path, was.use.line), added=added)


def _in_another(sides: Mapping[str, Side], item: Broken, whose: str) -> Found:
    """A pipeline that now has a use of a name, which only others declare."""
    use, side, root = item.state.use, sides[item.before], min(item.lost)
    was = side.states[item.key]
    path, _ = side.declaration(was) or (was.path, 0)
    message = f"{whose} {says(use)} `{use.written}`, which {spelled(root)} does not have{_unless(item)}"
    fix = f"declare `{use.written}` for {spelled(root)} too, as in `{path}`"
    # The use is what came; where upstream has none of it, the pipeline is.
    there = was if item.before == "theirs" else sides["theirs"].states.get(item.key)
    place = Place(there.path, there.use.line) if there else None
    added = (sides["theirs"].line(there.path, there.use.line),) if there else ()
    found = _found(item, message, fix, place, added=added)
    return replace(found, key=f"{found.key} {root}")


def _gone(view: View, sides: Mapping[str, Side], item: Broken, whose: str) -> Found:
    """A text of the fork's, and a declaration that upstream took away or renamed."""
    place, line = taken_out(sides, item) or (None, None)
    new = successor(view, sides, item, place)
    did = ("" if new.sure else "perhaps ") + f"renamed to `{new.name}`" if new else "took out"
    use = item.state.use
    message = f"{whose} {says(use)} `{use.written}`, which upstream {did}{in_some(item.state, item.lost)}{_unless(item)}"
    removed = () if line is None else (line,)
    return _found(item, message, _fix(sides, item, new), place, removed=removed)


def _found(
    item: Broken,
    message: str,
    fix: str,
    place: Place | None,
    *,
    added: tuple[str, ...] = (),
    removed: tuple[str, ...] = (),
) -> Found:
    use = item.state.use
    return Found(
        "breakage" if use.certain and not item.perhaps else "decision",
        item.state.path,
        use.line,
        message,
        fix,
        place,
        added=added,
        removed=removed,
        key=use.key,
    )


def _unless(item: Broken) -> str:
    return f", unless {' or '.join(sorted(item.perhaps)[:2])} has it" if item.perhaps else ""


def _fix(sides: Mapping[str, Side], item: Broken, new: Successor | None) -> str:
    written = item.state.use.written
    if new and not new.sure:
        return f"see what upstream's `{new.name}` does, and name that here if it does what `{written}` did"
    now = [new.name] if new else sorted(newly_declared(sides, item))
    if len(now) == 1 and "*" in now[0]:
        github = flavour_at(sides, item) == "github"
        by = f"`pattern: {now[0]}`, as `name:` takes no star" if github else "its whole name"
        return f"upstream publishes `{now[0]}` in the place of `{written}`: download that by {by}"
    if len(now) == 1:
        return f"upstream declares `{now[0]}` in its place: name that here, if it does what `{written}` did"
    named = f" (new there: {', '.join(f'`{name}`' for name in now[:6])})" if now else ""
    return f"see how upstream does without `{written}`{named}, and do the same here, or declare it again"

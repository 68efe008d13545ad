"""What upstream took out of its pipelines, and what it put in the place."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from syncfork.detect.base import View
from syncfork.detect.pipeline_broken import Broken
from syncfork.detect.pipeline_sides import Side
from syncfork.detect.pipelines import Flavour, flavour_of
from syncfork.detect.replaced import line_in_place, replacement, votes
from syncfork.detect.wiring import Name
from syncfork.report import Place
from syncfork.text import Document


class Successor(Struct, frozen=True):
    """The name that took the place of one; not `sure` where hardly anything says so."""

    name: str
    sure: bool


def taken_out(sides: Mapping[str, Side], item: Broken) -> tuple[Place, str] | None:
    """The line of the merge base that declared what the fork's side declares still."""
    was = sides["ours"].states[item.key]
    declared = sides["ours"].declaration(was, item.lost)
    base = sides["base"]
    if declared is None:
        return None
    there = base.declaration(was, item.lost) if item.lost & base.jobs.keys() else None
    if there:
        return Place(*there, "base"), base.line(*there)
    merged_name = sides["ours"].names.get(declared[0], declared[0])
    paths = [path for path, name in base.names.items() if name == merged_name]
    for path in [*paths, *base.files]:
        line = base.files[path].declared.get(was.use.name)
        if line:
            return Place(path, line, "base"), base.line(path, line)
    # A name that each job has anew is not known of the fork's own job there: its line is.
    text = sides["ours"].line(*declared)
    for path in paths:
        for number, line_text in enumerate(base.files[path].document.text.split("\n"), start=1):
            if line_text.strip() == text.strip():
                return Place(path, number, "base"), line_text
    return None


def successor(view: View, sides: Mapping[str, Side], item: Broken, place: Place | None) -> Successor | None:
    """What upstream declares where it declared this name, at `place` of the merge base; or else what it writes where it
    wrote it, if it declares that as the same kind and wrote it for no other name."""
    flavour, kind, written = flavour_at(sides, item), item.key.name.kind, item.state.use.written
    changed = [file for file in view.files if file.changed_by_theirs and _is(file.base, flavour)]
    found = votes(changed, written)
    there = _in_its_place(sides, item, place) if place else None
    if there and found:
        return Successor(there, there in found)
    if len(found) != 1:
        return None
    [(new, count)] = found.items()
    before, after = (_declared(sides[side], kind, flavour) for side in ("base", "theirs"))
    others = [other for each, other in before.items() if each not in after and other != written]
    if new.casefold() not in after or any(replacement(changed, other) == new for other in others):
        return None
    return Successor(new, count > 1)


def _declared(side: Side, kind: str, flavour: Flavour | None) -> dict[str, str]:
    """All names of a kind that one tree declares, without regard to case, with how they are written."""
    return {
        name.name.casefold(): facts.written(name)
        for facts in side.files.values()
        if _is(facts.document, flavour)
        for name in facts.declared
        if name.kind == kind
    }


def _in_its_place(sides: Mapping[str, Side], item: Broken, place: Place) -> str | None:
    """The one new name of that kind that upstream declares in the line in which it declared this one."""
    base, theirs = sides["base"], sides["theirs"]
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
        if number == line and other.kind == item.key.name.kind and other not in before.declared
    }
    return found.pop() if len(found) == 1 else None


def newly_declared(sides: Mapping[str, Side], item: Broken) -> set[str]:
    """What upstream newly declares of the kind of a name, in the files that could declare it."""
    name, flavour = item.key.name, flavour_at(sides, item)

    def declared(side: Side) -> dict[Name, str]:
        within = (path for path, merged in side.names.items() if merged in (item.key.path, item.key.called))
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


def flavour_at(sides: Mapping[str, Side], item: Broken) -> Flavour | None:
    """The kind of pipeline that has the use."""
    return flavour_of(sides["merged"].files[item.state.path].document)


def _is(document: Document | None, flavour: Flavour | None) -> bool:
    """Whether it is a pipeline of that kind: what another kind declares takes the place of nothing here."""
    return document is not None and flavour_of(document) == flavour

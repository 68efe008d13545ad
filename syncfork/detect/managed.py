"""Managed patterns: what the fork did alike to several siblings, and a new sibling of upstream's goes without."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from msgspec import Struct, field

from syncfork.detect.base import File, Found, View
from syncfork.detect.managed_commands import find_commands
from syncfork.detect.managed_folders import find_folders
from syncfork.detect.managed_instances import Instance, Settings, instances
from syncfork.detect.managed_scripts import find_scripts
from syncfork.detect.managed_texts import find_texts
from syncfork.detect.pipelines import matters
from syncfork.report import FindingClass, Place
from syncfork.text import Document


def find(view: View) -> Iterator[Found]:
    """New files, jobs, stages, templates, commands and scripts without the fork's change to their siblings."""
    yield from find_folders(view)
    yield from find_texts(view)
    if not any(file.changed_by_ours and file.base for file in view.files):
        return
    files = [file for file in view.files if matters(file.path)]
    yield from _find_instances(view, files)
    yield from find_commands(view, files)
    yield from find_scripts(view, files)


class _Sibling(Struct, frozen=True):
    """An instance of upstream's, before and after the fork's changes."""

    file: File
    before: Instance
    after: Instance


class _Change(Struct):
    """What the fork did at one key path of siblings. `value` is None where it took the key out."""

    path: str
    value: str | None
    done: list[_Sibling] = field(default_factory=list)
    olds: set[str] = field(default_factory=set)


class _Newcomer(Struct, frozen=True):
    file: File
    instance: Instance


# What names things outside of the repository: where one replaces another, `identities` has more to say.
_NAMES = re.compile(
    r"(?:^|[.\]])(?:runs-on|pool|vmImage|name|image|container|uses|environment|group)(?:\[\]|$)"
)
# What keeps a signature or a release behind somebody's consent or credentials.
_GUARD = re.compile(r"(?:group|environment|context|approvals?)(?:\[\]|\.name)?$", re.IGNORECASE)


def _find_instances(view: View, files: Sequence[File]) -> Iterator[Found]:
    # What the fork left alone differs in nothing: it is read only where there is something to compare.
    own = _families(file for file in files if file.changed_by_ours)
    changes = {family: found for family, group in own.items() if (found := _changes(group))}
    if not changes:
        return
    siblings = _families(files)
    groups: dict[tuple[str, str, FindingClass, bool], list[tuple[_Newcomer, _Change]]] = defaultdict(list)
    for file in files:
        if view.governed(file.path):
            continue
        for newcomer in _newcomers(file):
            family = _family(file.path, newcomer.instance)
            for change in changes.get(family, ()):
                verdict = _lacks(newcomer, change, siblings[family], files)
                if verdict:
                    taken = change.value is None
                    groups[file.path, family, verdict, taken].append((newcomer, change))
    for (_, _, verdict, _), hits in groups.items():
        yield _told(verdict, hits)


def _families(files: Iterable[File]) -> dict[str, list[_Sibling]]:
    found: dict[str, list[_Sibling]] = defaultdict(list)
    for file in files:
        for sibling in _siblings(file):
            found[_family(file.path, sibling.after)].append(sibling)
    return found


def _family(path: str, instance: Instance) -> str:
    """Files of one folder are siblings; jobs and stages are, wherever they stand."""
    return f"file {PurePosixPath(path).parent}" if instance.kind == "file" else instance.kind


def _of(document: Document | None) -> dict[tuple[str, str, int], Instance]:
    return {instance.key: instance for instance in instances(document)} if document else {}


def _siblings(file: File) -> Iterator[_Sibling]:
    if file.base and file.ours:
        before, after = _of(file.base), _of(file.ours)
        for key in sorted(before.keys() & after.keys()):
            yield _Sibling(file, before[key], after[key])


def _newcomers(file: File) -> Iterator[_Newcomer]:
    """What upstream brought: none of it was in the merge base or in the fork."""
    if not file.changed_by_theirs or file.merged is None or file.theirs is None:
        return
    known = _of(file.base).keys() | _of(file.ours).keys()
    theirs = _of(file.theirs)
    for key, instance in _of(file.merged).items():
        if key in theirs and key not in known:
            yield _Newcomer(file, instance)


def _changes(group: Iterable[_Sibling]) -> list[_Change]:
    """What the fork did to two siblings or more."""
    found: dict[tuple[str, str | None], _Change] = {}
    for sibling in group:
        before, after = sibling.before.settings, sibling.after.settings
        if before == after:
            continue
        for path in sorted(_topmost(before.keys() - after.keys())):
            found.setdefault((path, None), _Change(path, None)).done.append(sibling)
        for path in sorted(_set(before, after)):
            old = before.get(path, frozenset())
            for value in sorted(after[path] - old):
                change = found.setdefault((path, value), _Change(path, value))
                change.done.append(sibling)
                change.olds |= old
    return [change for change in found.values() if len(change.done) > 1]


def _set(before: Settings, after: Settings) -> set[str]:
    """The key paths that were added or got another value, each change once."""
    gained = {path for path in after if after[path] - before.get(path, frozenset())}
    taken = _topmost(before.keys() - after.keys())
    new = _topmost(gained - before.keys())
    # Of a guard the name counts, however much was added around it.
    guards = {path for path in gained if _GUARD.search(path)} - {_parent(path) for path in gained}
    new = {path for path in new if not any(guard.startswith(path) for guard in guards - {path})} | guards
    # A map differs because of what is in it, and a key beside one that went is its successor.
    changed = (gained & before.keys()) - {_parent(path) for path in new | taken | gained}
    beside = {_parent(path) for path in taken} - {""}
    return changed | {path for path in new if _parent(path) not in beside or path in guards}


def _parent(path: str) -> str:
    return path.removesuffix("[]") if path.endswith("[]") else path.rpartition(".")[0]


def _topmost(paths: Iterable[str]) -> set[str]:
    among = set(paths)
    return {path for path in among if _parent(path) not in among}


def _lacks(
    newcomer: _Newcomer, change: _Change, group: Sequence[_Sibling], files: Sequence[File]
) -> FindingClass | None:
    """Whether the newcomer goes without the change, and how bad that is; None where it does not."""
    instance, others = newcomer.instance, [sibling.after for sibling in group]
    has = instance.settings.get(change.path, frozenset())
    if change.value is None:
        still = sum(change.path in other.settings for other in others)
        return "decision" if has and still <= (len(change.done) if instance.kind == "file" else 0) else None
    value = change.value
    if _in_force(instance, change.path, value) or (has & change.olds and _NAMES.search(change.path)):
        return None
    if _GUARD.search(change.path) and instance.delivers:
        like = [sibling for sibling in group if sibling.after.delivers]
        done = [sibling for sibling in change.done if sibling.after.delivers]
        if len(done) > 1 and all(_in_force(one.after, change.path, value) for one in like):
            return None if _given_from_above(newcomer, value, files) else "breakage"
    if (
        _GUARD.search(change.path)
        and not instance.delivers
        and all(one.after.delivers for one in change.done)
    ):
        # What only guards what leaves the pipeline is not missing where nothing does.
        return None
    if change.olds:
        left = sum(bool(other.settings.get(change.path, frozenset()) & change.olds) for other in others)
        return "decision" if has and has <= change.olds and not left else None
    # Where the fork added a key, every sibling has to have it: else it is not what makes them alike.
    return None if has or not all(change.path in other.settings for other in others) else "decision"


def _in_force(instance: Instance, path: str, value: str) -> bool:
    return instance.has(path, value) or any(
        value in values
        for one in (instance, *instance.above)
        for at, values in one.settings.items()
        if _GUARD.search(path) and _GUARD.search(at)
    )


def _given_from_above(newcomer: _Newcomer, value: str, files: Sequence[File]) -> bool:
    """Whether a file that includes the newcomer's sets the value: it may reach into it."""
    name = PurePosixPath(newcomer.file.path).name
    word = str(json.loads(value)) if value[:1] == '"' else value
    texts = (file.merged.text for file in files if file.merged and file is not newcomer.file)
    return any(name in text and word in text for text in texts)


def _told(cls: FindingClass, hits: Sequence[tuple[_Newcomer, _Change]]) -> Found:
    """One finding for a file, a kind and a way to go without."""
    newcomer, change = hits[0]
    changes = list({id(one): one for _, one in hits}.values())
    number = len(change.done)
    where = _join(sorted({PurePosixPath(sibling.file.path).name for sibling in change.done}))
    what, more = _what(newcomer, hits)
    kind = newcomer.instance.kind
    kind = f"uses of {kind}" if " " in kind else _KINDS.get(kind, kind + "s")
    if change.value is None:
        paths = _join([f"`{one.path}`" for one in changes])
        message = f"the fork took {paths} out of {number} {kind} ({where}); the new {what} has {_them(changes)}{more}"
        fix = f"take {_them(changes)} out here too, or say why the new one may keep {_them(changes)}"
    else:
        told = _join([f"`{one.path}: {_short(one.value)}`" for one in changes])
        delivering = "that sign or publish " if cls == "breakage" else ""
        message = (
            f"the fork set {told} in {number} {kind} {delivering}({where}); the new {what} goes without{more}"
        )
        fix = "set it here too, before this runs" if cls == "breakage" else "set it here too, or say why not"
    return _found(cls, newcomer, message, fix, changes[0].path)


_KINDS = {"file": "files of this folder"}


def _what(newcomer: _Newcomer, hits: Sequence[tuple[_Newcomer, _Change]]) -> tuple[str, str]:
    instance = newcomer.instance
    if instance.kind == "file":
        return "one", ""
    others = len({hit.instance.key for hit, _ in hits}) - 1
    name = instance.kind if instance.kind.startswith("template") else f"{instance.kind} `{instance.name}`"
    return name, f", and {others} more here" if others else ""


def _them(changes: Sequence[_Change]) -> str:
    return "it" if len(changes) == 1 else "them"


def _short(value: str | None) -> str:
    text = str(json.loads(value)) if value and value[:1] == '"' else str(value)
    return text if len(text) < 60 else text[:57] + "..."


def _join(words: Sequence[str]) -> str:
    kept = [*words[:3], f"{len(words) - 3} more"] if len(words) > 4 else list(words)
    return kept[0] if len(kept) == 1 else ", ".join(kept[:-1]) + " and " + kept[-1]


def _found(cls: FindingClass, newcomer: _Newcomer, message: str, fix: str, path: str) -> Found:
    file, instance = newcomer.file, newcomer.instance
    assert file.theirs is not None and file.merged is not None  # it is upstream's
    line, there = instance.line, _of(file.theirs)[instance.key].line
    if instance.kind == "file":
        line, there = (_line_of_key(document, path) for document in (file.merged, file.theirs))
    text = file.theirs.line(there)
    place = Place(file.theirs.path, there)
    return Found(cls, file.path, line, message, fix, place, added=(text,), key=f"{instance.kind}:{path}")


def _line_of_key(document: Document, path: str) -> int:
    """Where the first key of a path stands at the root of a file; its first line if it is not there."""
    found = re.search(rf"^['\"]?{re.escape(path.partition('.')[0])}['\"]?\s*:", document.text, re.MULTILINE)
    return document.line_of(found.start()) if found else 1

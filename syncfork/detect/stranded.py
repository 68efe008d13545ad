"""Stranded: files of the fork's own in a folder out of which upstream moved all that was there.

The fork put them beside upstream's files, which they go with. Git leaves them where they are, and nothing is in conflict.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from posixpath import dirname

from syncfork.detect.base import File, Found, View, vendored
from syncfork.globs import folders_above
from syncfork.report import Place
from syncfork.words import listed, shell_words


def find(view: View) -> Iterator[Found]:
    """One finding for each folder in which nothing but the fork's own files is left."""
    own = [file for file in view.files if file.ours_alone and file.merged and not vendored(file.path)]
    gone = _gone(view, {folder for file in own for folder in folders_above(file.path)}) if own else set()
    left: dict[str, list[File]] = defaultdict(list)
    for file in own:
        if folder := next((each for each in reversed([*folders_above(file.path)]) if each in gone), None):
            left[folder].append(file)
    went = _went(view.files, left.keys())
    for folder, files in sorted(left.items()):
        if went[folder] and (told := _told(view, folder, sorted(file.path for file in files), went[folder])):
            yield told


def _gone(view: View, folders: set[str]) -> set[str]:
    """Those of `folders` that upstream had, and has no more."""
    there = view.trees.exists("base", folders)
    return there - view.trees.exists("theirs", there)


def _went(files: Iterable[File], folders: Iterable[str]) -> Mapping[str, list[File]]:
    """By folder, the files that upstream took out of it and that the fork had left there."""
    asked = set(folders)
    found: dict[str, list[File]] = defaultdict(list)
    for file in files:
        for folder in folders_above(file.base.path) if file.base and file.ours else ():
            if folder in asked:
                found[folder].append(file)
    return found


def _told(view: View, folder: str, own: Sequence[str], went: Sequence[File]) -> Found | None:
    homes = Counter(home for file in went if (home := _home(folder, file)))
    (home, times), (_, next_best), *_ = [*homes.most_common(2), ("", 0), ("", 0)]
    what = f"upstream has nothing in {folder} any more"
    fix = "move what is still wanted to where that is which it goes with, and delete the rest"
    # Much of it, and far more than to any other place.
    if 3 * times > len(went) and times > 2 * next_best:
        # Of a file right in a folder whose files moved git itself asks whether it goes along.
        asked = {dirname(file.base.path) for file in went if file.base and _home(folder, file)}
        own = [path for path in own if dirname(path) not in asked]
        what = f"upstream moved what was in {folder} to {home}"
        fix = _fix(view, {part: home + part.removeprefix(folder) for part in _parts(view, own)}) or fix
    if not own:
        return None
    cause = next((file for file in went if _home(folder, file) == home), went[0])
    assert cause.base
    who, verb = ("this file", "stays") if len(own) == 1 else (f"{len(own)} files of the fork", "stay")
    return Found(
        "decision",
        own[0],
        1,
        f"{what}; {who} {verb} behind",
        fix=fix,
        upstream=Place(cause.theirs.path if cause.theirs else cause.base.path, 1),
        key=folder,
    )


def _fix(view: View, moves: Mapping[str, str]) -> str:
    """The commands that move the fork's own along; empty where something lies there already."""
    parents = {new: dirname(new) for new in moves.values()}
    there = view.trees.exists("merged", {*parents, *parents.values()})
    if there & parents.keys():
        return ""
    commands = [
        f"git mv {shell_words([old, new])}"
        if parents[new] in there
        else f"mkdir -p {shell_words([parents[new]])} && git mv {shell_words([old, new])}"
        for old, new in moves.items()
    ]
    return f"move along what goes with upstream's: {listed(commands, 3)}"


def _home(folder: str, file: File) -> str:
    """The folder that took the place of `folder` for a file; empty where it is not elsewhere now."""
    if not (file.base and file.theirs) or file.theirs.path.startswith(f"{folder}/"):
        return ""
    below = file.base.path.removeprefix(folder)
    # A file that is named after its folder has another name there: `rev1/rev1.c` is `base/base.c`.
    return (
        file.theirs.path.removesuffix(below)
        if file.theirs.path.endswith(below)
        else dirname(file.theirs.path)
    )


def _parts(view: View, own: Sequence[str]) -> list[str]:
    """The files and the topmost folders that are the fork's own."""
    shared = view.trees.exists("base", {folder for path in own for folder in folders_above(path)})
    tops = (
        next((each for each in reversed([*folders_above(path)]) if each not in shared), path) for path in own
    )
    return list(dict.fromkeys(tops))

"""Files of upstream's that the fork took out: upstream goes on changing them, and the fork goes on without them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from posixpath import basename, dirname

from syncfork.globs import exactly
from syncfork.learn.base import Ledger, Past, Proposal, below
from syncfork.rules.naming import identifier
from syncfork.siblings import Siblings
from syncfork.words import listed

# A folder is the fork's to leave out as a whole where so many merges left out what upstream had added there.
_NEWS = 3
# People take out later what a merge let in: what counts then is what they had before the next one, so many times in a row.
_LATELY = 2


def learn(past: Past) -> Iterator[Proposal]:
    """`own: absent`: one rule for all folders beside each other but some, or for a folder that the fork leaves out with
    whatever comes there, else one for what was taken out of a folder."""
    wholes: list[str] = []
    for parent in past.siblings:
        if together := _together(parent, past):
            wholes += sorted(parent.emptied)
            yield together
    for folder in sorted(past.emptied):
        if folder not in wholes and not below(folder, wholes) and (news := _news(folder, past)):
            wholes.append(folder)
            yield from _whole(folder, past, news)
    yield from _listed(past, wholes)


def _together(parent: Siblings, past: Past) -> Proposal | None:
    """A rule for all folders in one but those that the fork keeps, where it had none of the others before the next merge,
    after three in which upstream added files there and the last two of them, and of the folders that upstream made since
    the first merge it kept none."""
    news = [frozenset(filter(parent.holds, merge.let_in | merge.left_out)) for merge in past.merges]
    stayed = [frozenset(filter(parent.holds, merge.had)) for merge in past.merges[1:]]
    # The last merge's are what the tip has: none.
    stayed = [*stayed, frozenset()][: len(news)]
    clean = [number for number, paths in enumerate(news) if paths and not stayed[number]]
    lately = [number for number, paths in enumerate(news) if paths or stayed[number]][-_LATELY:]
    if len(clean) < _NEWS or clean[-_LATELY:] != lately or not _makes_no_more(parent, past):
        return None
    ledger = Ledger(past.merges)
    # Before the fork emptied the folders, what came there was welcome.
    for number in range(clean[0], len(news)):
        for path in sorted(news[number]):
            ledger.add(number, path, path not in stayed[number])
    gone = {path for path, change in past.own.items() if change.ours is None and parent.holds(path)}
    kept = f" but {listed(parent.kept)}" if parent.kept else ""
    rule = {
        "id": identifier("absent", parent.path, "but", *parent.kept),
        "why": f"The fork does without upstream's folders in {parent.path}{kept}, and leaves out what comes there.",
        "files": parent.patterns,
        "own": "absent",
    }
    paths = gone | {path for _, path in ledger.bearing}
    return Proposal("deletions", rule, tuple(sorted(paths)), ledger.evidence())


def _makes_no_more(parent: Siblings, past: Past) -> bool:
    """Whether the fork has none of the folders that upstream made there since the first merge, and there is one: a folder
    that comes may be one that all others need."""
    came = {path for merge in past.merges for path in merge.let_in | merge.left_out}
    old = {parent.child(path) for path in past.upstream - came}
    made = {child for path in came if (child := parent.child(path)) and child not in old}
    return bool(made) and not any(basename(child) in parent.kept for child in made)


def _news(folder: str, past: Past) -> Ledger | None:
    """What became of the files that upstream added below a folder, if merge after merge left them out."""
    ledger = Ledger(past.merges)
    for number, merge in enumerate(past.merges):
        for path in sorted(merge.let_in | merge.left_out):
            if below(path, [folder]):
                ledger.add(number, path, path in merge.left_out)
    merges = {number for number, _ in ledger.bearing}
    # Before the fork emptied the folder, what came there was welcome.
    if len(merges) < _NEWS or any(number >= min(merges) for number, _ in ledger.against):
        return None
    ledger.against.clear()
    return ledger


def _whole(folder: str, past: Past, ledger: Ledger) -> Iterator[Proposal]:
    gone = {path for path in past.own if below(path, [folder])} | {path for _, path in ledger.bearing}
    _weigh(sorted(gone), past, ledger)
    if not ledger.withdrawn:
        rule = {
            "id": identifier("absent", folder, "whole"),
            "why": f"The fork does without upstream's {folder}, and leaves out what comes there.",
            "files": [exactly(folder)],
            "own": "absent",
        }
        yield Proposal("deletions", rule, tuple(sorted(gone)), ledger.evidence())


def _listed(past: Past, wholes: Sequence[str]) -> Iterator[Proposal]:
    """Files that stayed out when upstream changed them. That the fork took one out says less: measured on 36 forks, of
    those with no such conflict yet 22 stayed out at the next one, and 37 came back. What came back to their folder
    speaks against them, too."""
    folders: dict[str, list[str]] = defaultdict(list)
    back: dict[str, list[str]] = defaultdict(list)
    moved = {change.was for change in past.own.values() if change.was}
    for path, passages in past.passages.items():
        change = past.own.get(path)
        taken_out = change is not None and change.ours is None
        kept_out = any(passage.gone and passage.took == "ours" for passage in passages)
        if taken_out and kept_out and path in past.upstream and path not in moved and not below(path, wholes):
            folders[dirname(path)].append(path)
        elif not taken_out and any(passage.gone for passage in passages):
            back[dirname(path)].append(path)
    for folder, paths in sorted(folders.items()):
        ledger = Ledger(past.merges)
        _weigh([*paths, *back[folder]], past, ledger)
        if ledger.withdrawn:
            continue
        rule = {
            "id": identifier("absent", folder or "top", *sorted(paths)),
            "why": f"The fork took {_files(len(paths))} of upstream's out of {folder or 'the top folder'}, and does without.",
            "files": [exactly(path) for path in sorted(paths)],
            "own": "absent",
        }
        yield Proposal("deletions", rule, tuple(sorted(paths)), ledger.evidence())


def _weigh(paths: Sequence[str], past: Past, ledger: Ledger) -> None:
    """Add what people decided where upstream had changed one of the files."""
    for path in paths:
        for passage in past.passages.get(path, ()):
            if passage.gone:
                ledger.add(passage.merge, path, passage.took == "ours")


def _files(number: int) -> str:
    return "this file" if number == 1 else f"these {number} files"

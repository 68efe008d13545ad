"""Words that the fork added to every command of a kind, and a new command of upstream's goes without."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct

from syncfork.detect.base import File, Found, View
from syncfork.detect.blocks import Command, blocks, commands
from syncfork.report import Place
from syncfork.text import Document

Head = tuple[str, ...]


class _Added(Struct, frozen=True):
    """The words that the fork added to a command, and where it stands now."""

    words: tuple[str, ...]
    command: Command
    path: str


Kinds = Mapping[tuple[Head, tuple[str, ...]], list[_Added]]


def find_commands(view: View, files: Sequence[File]) -> Iterator[Found]:
    """New commands of upstream's without what the fork added to all of their like."""
    added = [one for file in files for one in _added(file)]
    all_kinds: dict[tuple[Head, tuple[str, ...]], list[_Added]] = defaultdict(list)
    for one in added:
        for head in _heads(one.command):
            all_kinds[head, one.words].append(one)
    kinds: Kinds = {kind: done for kind, done in all_kinds.items() if len(done) > 1}
    if not kinds:
        return
    found = [
        (file, command) for file in files if not view.governed(file.path) for command in _new(file, kinds)
    ]
    if not found:
        return
    ours = [command for file in files if file.base for command in _commands(file.ours, kinds)]
    kinds = {
        (head, words): done
        for (head, words), done in kinds.items()
        if all(words[0] in command.words for command in ours if head in _heads(command))
    }
    for file, command in found:
        yield from _without(file, command, kinds)


def _new(file: File, kinds: Kinds) -> list[Command]:
    if not (file.changed_by_theirs and file.theirs):
        return []
    return [
        command
        for command in _commands(file.merged, kinds)
        if command.line in file.new_lines and command.line not in file.fork_lines
    ]


def _without(file: File, command: Command, kinds: Kinds) -> Iterator[Found]:
    """The finding for the most special kind of command, all of which have words that this one has not."""
    assert file.merged is not None and file.theirs is not None  # it is upstream's
    for head in _heads(command):
        done = next(
            (d for (h, words), d in kinds.items() if h == head and words[0] not in command.words), None
        )
        if done is None:
            continue
        words, first = " ".join(done[0].words), done[0]
        text = file.merged.line(command.line)
        there = [line.strip() for line in file.theirs.text.split("\n")].index(text.strip()) + 1
        yield Found(
            "decision",
            file.path,
            command.line,
            f"the fork added `{words}` to {len(done)} commands `{' '.join(head)}` ({first.path}:"
            f"{first.command.line}); the new one here goes without",
            f"add `{words}` here too, if the command takes it, or say why it needs none",
            Place(file.theirs.path, there),
            added=(text,),
            key=f"command:{text.strip()}",
        )
        return


def _commands(document: Document | None, kinds: Kinds | None = None) -> list[Command]:
    """The commands of a text; none where it has no word of `kinds` anyway."""
    if document is None or (kinds and not any(head[0] in document.text for head, _ in kinds)):
        return []
    return [command for block in blocks(document) if not block.documented for command in commands(block)]


def _heads(command: Command) -> list[Head]:
    """What kind of command it is, from the most special to the most general."""
    plain: list[str] = []
    for word in command.words:
        if word[0] in ";|&()<>" or "=" in word or any(hole in word for hole in ("$", "{", "'", '"', "`")):
            break
        if not word.startswith("-") and word.strip("@"):
            plain.append(word)
        if len(plain) == 3:
            break
    return [tuple(plain[:length]) for length in range(len(plain), 0, -1)]


def _added(file: File) -> Iterator[_Added]:
    """The commands of upstream's to which the fork added words, and nothing else."""
    if not (file.changed_by_ours and file.base and file.ours):
        return
    then, now = _commands(file.base), _commands(file.ours)
    before, after = {command.text for command in then}, {command.text for command in now}
    # Those that are gone, by their words: their places, first ones last.
    gone: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number in range(len(then) - 1, -1, -1):
        if then[number].text not in after:
            gone[then[number].words].append(number)
    lengths = {len(words) for words in gone}
    for command in now:
        if command.text in before:
            continue
        olds = [(gone[old][-1], old) for old in _without_option(command.words, lengths) if gone.get(old)]
        if olds:
            _, old = min(olds)
            gone[old].pop()
            yield _Added(_inserted(old, command.words), command, file.path)


def _without_option(words: tuple[str, ...], lengths: Collection[int]) -> Iterator[tuple[str, ...]]:
    """The commands of one of `lengths` to which an option, and what follows it, was added to make `words`."""
    options = [at for at, word in enumerate(words) if word.startswith("-")]
    for length in lengths if options else ():
        for at in options if length < len(words) else ():
            old = words[:at] + words[at + len(words) - length :]
            if len(old) == length and _inserted(old, words)[0].startswith("-"):
                yield old


def _inserted(old: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    """The words in one place of `new` without which it would be `old`."""
    head = 0
    while head < len(old) and head < len(new) and old[head] == new[head]:
        head += 1
    more = len(new) - len(old)
    return tuple(new[head : head + more]) if more > 0 and list(new[head + more :]) == list(old[head:]) else ()

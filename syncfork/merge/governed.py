"""The files that rewriting rules govern: read on every side of a merge, and written as the rules make them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from syncfork.git.ahead import ReadAhead
from syncfork.git.objects import Entry
from syncfork.merge.lift import Governed, Lifted, governed_rules
from syncfork.merge.sides import Sides
from syncfork.merge.workspace import Workspace
from syncfork.own.base import BASE, OURS, THEIRS, Side
from syncfork.rewrite.base import Fork
from syncfork.rules.model import Rule
from syncfork.text import Document, Encoding, decode_document


class Reader:
    """Reads governed files' texts and writes lifted ones; the blobs of all sides come in one batch."""

    def __init__(self, space: Workspace, sides: Sides, ahead: ReadAhead) -> None:
        self.space, self.sides, self.ahead = space, sides, ahead
        self.encodings: dict[tuple[Side, str], Encoding] = {}

    def governed(self, rules: Sequence[Rule]) -> list[Governed]:
        """The files that rewriting rules govern, read on every side."""
        rewriting = [rule for rule in rules if rule.steps]
        lineages = self.sides.lineages(lambda path: any(rule.files.match(path) for rule in rewriting))
        oids = {self.sides.entries[side][path].oid for line in lineages for side, path in line.items()}
        blobs = self.ahead.blobs(oids, self.space.git)
        read = [self._read(line, blobs) for line in lineages]
        governing = [
            # What is no text has no form.
            tuple(rule for rule in self._governing(rewriting, line) if not (unreadable and rule.reforms))
            for line, (_, unreadable) in zip(lineages, read, strict=True)
        ]
        siblings = {
            rule.id: tuple(
                texts[OURS]
                for (texts, _), rs in zip(read, governing, strict=True)
                if rule in rs and OURS in texts
            )
            for rule in rewriting
        }
        return [
            Governed(
                texts,
                ruling,
                {rule.id: Fork(texts.get(OURS), siblings[rule.id], texts.get(BASE)) for rule in ruling},
                unreadable,
                line,
                {side: self.encodings[side, text.path] for side, text in texts.items()},
            )
            for line, (texts, unreadable), ruling in zip(lineages, read, governing, strict=True)
        ]

    def _governing(self, rewriting: Sequence[Rule], line: Mapping[Side, str]) -> tuple[Rule, ...]:
        """The rules that a file is under; none that only gives it a form, where upstream has not changed it: then there is
        nothing of upstream's to give it to, and what form the fork's own has is no matter of a merge."""
        ruling = governed_rules(rewriting, list(line.values()))
        oids = {side: self.sides.entries[side][path].oid for side, path in line.items()}
        before = {oid for side, oid in oids.items() if side not in (OURS, THEIRS)}
        changed = before != {oids[THEIRS]} if THEIRS in oids else bool(before)
        return ruling if changed else tuple(rule for rule in ruling if not rule.reforms)

    def _read(
        self, line: Mapping[Side, str], blobs: Mapping[str, bytes | None]
    ) -> tuple[dict[Side, Document], dict[Side, str]]:
        texts: dict[Side, Document] = {}
        unreadable: dict[Side, str] = {}
        for side, path in line.items():
            entry = self.sides.entries[side][path]
            content = blobs[entry.oid] if entry.is_file else None
            if content is None:
                unreadable[side] = "its content cannot be read" if entry.is_file else "not a regular file"
            elif (read := decode_document(path, content)) is None:
                unreadable[side] = "binary content"
            else:
                texts[side], self.encodings[side, path] = read
        return texts, unreadable

    def store(self, file: Governed, lifted: Lifted, placed: dict[Side, dict[str, Entry]]) -> None:
        """Write the lifted texts that differ into the workspace and point `placed` at them."""
        for side, text in lifted.texts.items():
            document = file.documents[side]
            if text == document.text:
                continue
            content = self.encodings[side, document.path].encode(text)
            oid = self.space.store.write("blob", content)
            placed[side][document.path] = Entry(placed[side][document.path].mode, oid)

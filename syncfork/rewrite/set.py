"""`set:` gives a key in YAML, TOML or JSON a value; nothing but that value's span changes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, time
from typing import Annotated, Any

from msgspec import Meta, Struct
from msgspec.structs import replace

from syncfork.errors import CannotReadError
from syncfork.parsing.structured import format_of, read, same
from syncfork.parsing.values import Entry, Format, Value
from syncfork.rewrite.base import Action, Fork, Plan, Problem, WrittenStep, editable
from syncfork.rewrite.comments import with_comments
from syncfork.rewrite.layout import layout_of, yaml_line
from syncfork.rewrite.others import refuse_others
from syncfork.selectors.conditions import below_condition, put_in
from syncfork.selectors.key import KeyPath, Step, entries_at, parse_path, spell
from syncfork.text import Document, Edit, Match


class Set(WrittenStep, frozen=True):
    """Each entry at the path gets the value `to`; a key that its mapping lacks is added at the end.

    Comments beside a value that is equal already stay: then nothing is written.
    """

    set: KeyPath
    to: Annotated[Any, Meta(description="The value, as YAML.")]
    format: Annotated[
        Format | None, Meta(description="Where the file's name does not tell: yaml, toml or json.")
    ] = None

    def action(self) -> Action:
        """See the base class."""
        return SetAction(parse_path(self.set), self.to, self.format)


class SetAction(Struct, frozen=True):
    """The compiled form of `Set`."""

    steps: tuple[Step, ...]
    value: Any
    form: Format | None

    def plan(self, document: Document, fork: Fork) -> Plan | Problem:  # noqa: ARG002 - nothing is carried
        """See `Action`."""
        form = self.form or format_of(document)
        root = read(document.text, form)
        writer = _Writer(document, form, root)
        edits: list[Edit] = []
        done = 0
        found = entries_at(root, self.steps)
        own = {(entry.value.start, entry.value.end) for entry in found if not entry.aliased}
        for entry in found:
            if entry.aliased and (entry.value.start, entry.value.end) in own:
                continue
            edit = None if same(entry.value.plain(), self.value) else writer.assign(entry, self.value)
            # A date in JSON is a text, and as such it may be there already.
            if edit is None or document.text[edit.start : edit.end] == edit.text:
                done += 1
            else:
                editable(document, Match(entry.value.start, entry.value.end, aliased=entry.aliased))
                edits.append(edit)
        lacking = self._parents_without(root)
        edits += [writer.add(parent, str(self.steps[-1].name), self.value) for parent in lacking]
        refuse_others(document, edits, form, found, lacking)
        nowhere = "" if found or lacking else self._nowhere(root)
        return Plan(tuple(edits), todo=len(edits), done=done, nowhere=nowhere)

    def _nowhere(self, root: Value) -> str:
        """Up to where the path leads to nothing."""
        ways = (self.steps[:end] for end in range(1, len(self.steps) + 1))
        return f"nothing is at `{spell(next(way for way in ways if not entries_at(root, way)))}`"

    def _parents_without(self, root: Value) -> list[Entry]:
        """The mappings above the last step that lack its key; only a plain name can be added."""
        if self.steps[-1].name is None:
            return []
        parents = (parent for above in entries_at(root, self.steps[:-1]) for parent in _items(above))
        return [p for p in parents if p.value.kind == "map" and not list(self.steps[-1].choose(p))]


def _items(above: Entry) -> Iterator[Entry]:
    """An entry, or what conditions put in its place: a key is added to each of these."""
    if not put_in(above):
        yield above
        return
    for entry in above.value.entries:
        yield from (parent for item in below_condition(entry) for parent in _items(item))


# A key of a block mapping up to its colon: in quotes, or plain up to a colon that ends a word.
_KEY = re.compile(r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\n]*?)\s*:(?=\s|\Z)""")
_LIST_ITEM = re.compile(r"-(?=\s|\Z)")
_REST = re.compile(r"[ \t]*(?:#[^\r\n]*)?(?=\r?\n|\Z)")


# A block scalar that keeps the blank lines behind it; and these, but for the last one's newline or the file's end.
_KEEPING = re.compile(r"(?:[&!]\S*[ \t]+)*[|>]\d?\+")
_BLANK_LINES = re.compile(r"(?:\n[ \t]*(?=\n))*(?:\n\Z)?")


class _Writer(Struct, frozen=True):
    """Writes values into a structured text in the style of their surroundings."""

    document: Document
    form: Format
    root: Value

    def assign(self, entry: Entry, value: Any) -> Edit:
        """The edit that gives an existing entry another value."""
        text, old = self.document.text, entry.value
        self._refuse_anchor(old)
        in_line = Edit(
            old.start,
            old.end,
            ("" if text[old.start - 1 : old.start].isspace() else " ") + self.inline(value),
        )
        if self.form != "yaml" or self._in_flow(self.root, entry):
            glued = old.start < old.end or text[old.start - 1 : old.start] != ":"
            return replace(in_line, text=in_line.text.lstrip(" ")) if glued else in_line
        if _LIST_ITEM.match(text, entry.start):
            return in_line
        colon = self._after_key(entry)
        if isinstance(value, dict | list) and value and not old.flow:
            return Edit(
                colon, max(old.end, colon), "\n" + self.block(value, self._indent(entry.start), entry)
            )
        if "\n" in text[colon : old.start]:
            # A block value gives way to one that belongs on the key's own line.
            return Edit(colon, old.end, " " + self.inline(value))
        return in_line

    def add(self, parent: Entry, key: str, value: Any) -> Edit:
        """The edit that adds a key at the end of a mapping."""
        if parent.value.alias or parent.aliased:
            raise CannotReadError(
                f"{parent.key} is an alias of another value, or in one: {key} cannot be added to it alone"
            )
        if self.form == "toml" and not parent.value.flow:
            return self._add_toml(parent, f"{_toml_key(key)} = {self.inline(value)}")
        if parent.value.flow:
            return self._add_in_flow(parent.value, key, value)
        entries = parent.value.entries
        place = self._end(parent.value) if entries else len(self.document.text)
        indent = self._indent(entries[-1].start) if entries else 0
        lines = layout_of(self.document, self.root).lines({key: value})
        return self._new_line(place, "\n".join(" " * indent + line for line in lines))

    def inline(self, value: Any) -> str:
        """A value on one line."""
        if self.form == "toml":
            return _toml(value)
        return yaml_line(value) if self.form == "yaml" else json.dumps(value, ensure_ascii=False, default=str)

    def block(self, value: Any, key: int, old: Entry) -> str:
        """A YAML value in block style, for `old` whose key stands at the column `key`; no newline at the end."""
        layout = layout_of(self.document, self.root, old)
        indent = " " * (key + layout.behind(value))
        return "\n".join(indent + line for line in layout.lines(value))

    def _add_in_flow(self, parent: Value, key: str, value: Any) -> Edit:
        name = _toml_key(key) if self.form == "toml" else json.dumps(key)
        name = yaml_line(key) if self.form == "yaml" else name
        pair = f"{name}{' =' if self.form == 'toml' else ':'} {self.inline(value)}"
        if not parent.entries:
            return Edit(parent.start, parent.end, "{" + pair + "}")
        last = parent.entries[-1]
        between = self.document.text[parent.start + 1 : parent.entries[0].start]
        return Edit(last.end, last.end, "," + (between if between.strip() == "" and between else " ") + pair)

    def _add_toml(self, parent: Entry, line: str) -> Edit:
        """After the table's own last pair: what follows a table's header further down belongs to that one."""
        text, body = self.document.text, parent.value
        pairs = [entry for entry in body.entries if text[entry.start] != "["]
        if body is not self.root and (parent.start == body.start or (not pairs and body.start < body.end)):
            raise CannotReadError(f"{parent.key} has no table of its own to add a key to")
        if pairs:
            return self._new_line(self._line_end(pairs[-1].end), line)
        if body is not self.root:
            return self._new_line(self._line_end(body.end), line)
        if not body.entries:
            return self._new_line(len(text), line)
        first = with_comments(self.document, Match(body.entries[0].start, body.entries[0].end))
        return Edit(first.start, first.start, f"{line}\n\n")

    def _new_line(self, place: int, line: str) -> Edit:
        """Insert a line of its own at `place`, which is the end of a line's text, of the file, or its start."""
        if place == len(self.document.text) and (not place or self.document.text.endswith("\n")):
            return Edit(place, place, line + "\n")
        return Edit(place, place, "\n" + line)

    def _after_key(self, entry: Entry) -> int:
        found = _KEY.match(self.document.text, entry.start)
        if not found:
            line = self.document.line_of(entry.start)
            raise CannotReadError(f"line {line}: a key of this form cannot be given a value")
        return found.end()

    def _refuse_anchor(self, old: Value) -> None:
        anchor = re.compile(r"&([^\s,\[\]{}]+)").match(self.document.text, old.start)
        if (
            self.form == "yaml"
            and anchor
            and re.search(rf"\*{re.escape(anchor[1])}(?![^\s,\]}}])", self.document.text)
        ):
            line = self.document.line_of(old.start)
            raise CannotReadError(
                f"line {line}: this value is the anchor {anchor[0]}, which other places use"
            )

    def _line_end(self, offset: int) -> int:
        """The end of the line's text where only blanks and a comment follow; else `offset` itself."""
        found = _REST.match(self.document.text, offset)
        return found.end() if found else offset

    def _end(self, value: Value) -> int:
        """Where a block collection's last line ends. The blank lines behind a `|+` are its text."""
        last = value
        while last.entries and not last.alias:
            last = last.entries[-1].value
        place = self._line_end(value.end)
        if last.alias or not _KEEPING.match(self.document.text, last.start):
            return place
        blank = _BLANK_LINES.match(self.document.text, place)
        return blank.end() if blank else place

    def _indent(self, offset: int) -> int:
        start = self.document.line_start(offset)
        return offset - start - (self.document.text[start : start + 1] == "\ufeff")

    def _in_flow(self, value: Value, entry: Entry) -> bool:
        """True for an entry inside a `{...}` or `[...]`."""
        if not (value.start <= entry.start and entry.end <= value.end) or value.alias:
            return False
        return (value.flow and value is not entry.value) or any(
            self._in_flow(e.value, entry) for e in value.entries
        )


def _toml(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    if isinstance(value, date | time):
        return value.isoformat()
    if value is None or isinstance(value, dict):
        raise CannotReadError("`set` writes scalars and lists into TOML, not tables")
    return json.dumps(value, ensure_ascii=False)


def _toml_key(key: str) -> str:
    return key if key.replace("-", "").replace("_", "").isalnum() and key.isascii() else json.dumps(key)

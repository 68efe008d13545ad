"""`set:` gives a key in YAML, TOML or JSON a value; nothing but that value's span changes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from syncfork.rewrite.base import Action, Fork, Plan, Problem, WrittenStep
from syncfork.selectors.base import CannotReadError
from syncfork.selectors.key import KeyPath, Step, entries_at, parse_path
from syncfork.structured import Entry, Format, Value, format_of, read
from syncfork.text import Document, Edit


class Set(WrittenStep):
    """Each entry at the path gets the value `to`; a key that its mapping lacks is added at the end.

    Comments beside a value that is equal already stay: then nothing is written.
    """

    set: KeyPath
    to: Any = Field(description="The value, as YAML.")
    format: Format | None = Field(None, description="Where the file's name does not tell: yaml, toml or json.")

    def action(self) -> Action:
        """See the base class."""
        return SetAction(parse_path(self.set), self.to, self.format)


@dataclass(frozen=True)
class SetAction:
    """The compiled form of `Set`."""

    steps: tuple[Step, ...]
    value: Any
    form: Format | None

    def plan(self, document: Document, fork: Fork) -> Plan | Problem:  # noqa: ARG002 - nothing is carried
        """See `Action`."""
        form = self.form or format_of(document)
        root = read(document.text, form)
        writer = _Writer(document, form)
        edits, done = [], 0
        for entry in entries_at(root, self.steps):
            if entry.value.plain() == self.value:
                done += 1
            else:
                edits.append(writer.assign(entry, self.value))
        for parent in self._parents_without(root):
            edits.append(writer.add(parent, str(self.steps[-1].name), self.value))
        return Plan(tuple(edits), todo=len(edits), done=done)

    def _parents_without(self, root: Value) -> list[Value]:
        """The mappings above the last step that lack its key; only a plain name can be added."""
        if self.steps[-1].name is None:
            return []
        parents = [entry.value for entry in entries_at(root, self.steps[:-1])]
        return [p for p in parents if p.kind == "map" and not list(self.steps[-1].choose(p))]


@dataclass(frozen=True)
class _Writer:
    """Writes values into a structured text in the style of their surroundings."""

    document: Document
    form: Format

    def assign(self, entry: Entry, value: Any) -> Edit:
        """The edit that gives an existing entry another value."""
        old = entry.value
        if self.form != "yaml" or old.flow or not isinstance(value, dict | list) or self._in_flow(entry):
            text = self.inline(value)
            gap = " " if old.start == old.end and self.document.text[old.start - 1 : old.start] == ":" else ""
            head = self.document.text[entry.start : old.start]
            if self.form == "yaml" and "\n" in head and not isinstance(value, dict | list):
                # A block value gives way to a scalar: that belongs on the key's own line.
                colon = entry.start + head.index(":") + 1
                return Edit(colon, old.end, " " + text)
            return Edit(old.start, old.end, gap + text)
        start = entry.start + self.document.text[entry.start : old.start + 1].index(":") + 1
        indent = self._indent(entry.start) + 2
        body = "\n" + self.block(value, indent)
        return Edit(start, max(old.end, start), body)

    def add(self, parent: Value, key: str, value: Any) -> Edit:
        """The edit that adds a key at the end of a mapping."""
        if self.form == "toml" or parent.flow or not parent.entries:
            return self._add_inline(parent, key, value)
        indent = self._indent(parent.entries[-1].start)
        lead = "" if self.document.text[: parent.end].endswith("\n") else "\n"
        return Edit(parent.end, parent.end, lead + self.block({key: value}, indent))

    def inline(self, value: Any) -> str:
        """A value on one line. JSON is YAML's flow style; TOML shares its scalars and lists."""
        if self.form == "toml" and (value is None or isinstance(value, dict)):
            raise CannotReadError("`set` writes scalars and lists into TOML, not tables")
        if self.form == "yaml":
            return _yaml(value, flow=True)
        return json.dumps(value, ensure_ascii=False)

    def block(self, value: Any, indent: int) -> str:
        """A YAML value in block style, each line indented, no newline at the end."""
        return "\n".join(" " * indent + line for line in _yaml(value, flow=False).splitlines())

    def _add_inline(self, parent: Value, key: str, value: Any) -> Edit:
        if self.form == "toml" and not parent.flow:
            line = f"{_toml_key(key)} = {self.inline(value)}"
            return Edit(parent.end, parent.end, f"\n{line}" if parent.end else f"{line}\n")
        name = json.dumps(key) if self.form == "json" else key
        pair = f"{name} = {self.inline(value)}" if self.form == "toml" else f"{name}: {self.inline(value)}"
        if not parent.entries:
            return Edit(parent.start, parent.end, "{" + pair + "}") if parent.flow else Edit(parent.end, parent.end, pair + "\n")
        last = parent.entries[-1]
        between = self.document.text[parent.start + 1 : parent.entries[0].start]
        return Edit(last.end, last.end, "," + (between if between.strip() == "" and between else " ") + pair)

    def _indent(self, offset: int) -> int:
        return offset - self.document.line_start(offset)

    def _in_flow(self, entry: Entry) -> bool:
        """True for an entry of a `{...}`: what follows it on its line is not the line's end or a comment."""
        rest = self.document.text[entry.end : self.document.line_end(entry.end)].strip()
        return bool(rest) and rest[0] in ",}]"


def _yaml(value: Any, *, flow: bool) -> str:
    import yaml

    text = yaml.safe_dump(value, default_flow_style=flow, sort_keys=False, allow_unicode=True, width=10**6)
    lines = text.removesuffix("...\n").rstrip("\n")
    # A key without a value reads better than `key: null`, and it is how workflow files write it.
    return lines.replace(": null", ":") if not flow else lines


def _toml_key(key: str) -> str:
    return key if key.replace("-", "").replace("_", "").isalnum() and key.isascii() else json.dumps(key)

"""The structs and struct-like variants that a text in Rust defines, and where it builds them or takes them apart. Pure."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import accumulate, islice, pairwise
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from syncfork.detect.called_forms import nodes_of
from syncfork.detect.field_paths import brought, without_remarks
from syncfork.detect.lines import new_lines
from syncfork.text import Document

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_WORD = re.compile(r"\w+")
# Each begins with a text as it is, which is looked for far more quickly.
_HEADS = (
    re.compile(r"struct\s++(\w++)[^;{}]{0,500}+\{"),
    re.compile(r"enum\s++(\w++)[^;{}]{0,500}+\{"),
)
# So far before it a remark is looked for.
_BACK = 200
# More of one name are not looked at, as several are not told apart, and a longer one is data.
_MOST, _LONGEST = 20, 50_000
_BRACE = re.compile(r"[{}]")
_TYPES = re.compile(r"<.*>", re.DOTALL)
_KINDS = ("struct_expression", "struct_pattern")
_AROUND = ("impl_item", "trait_item", "mod_item")
_DEFINED = frozenset(["struct_item", "enum_item"])
_NAMED = frozenset(["field_initializer", "shorthand_field_initializer", "field_pattern"])
_NAMES = frozenset(["field_identifier", "shorthand_field_identifier", "identifier"])
# What is nested deeper no one wrote: to look through it takes as long as it is deep.
_DEEPEST = 200


class Field(Struct, frozen=True):
    """A field with the text of its type, declared in line `line` (from 1). `always` where no `cfg` may take it out."""

    name: str
    type: str
    line: int
    always: bool = True


class Fields(Struct, frozen=True):
    """A struct by its name, or a variant as `Enum::Variant`, with its fields."""

    name: str
    fields: tuple[Field, ...]

    @property
    def names(self) -> frozenset[str]:
        """What its fields are called."""
        return frozenset(field.name for field in self.fields)


class Built(Struct, frozen=True):
    """A struct or variant that a text builds from line `line` (from 1) on, or takes apart by a `pattern`: the path
    that it is named by, without `Self`, and the fields that are named, each with its text. `rest` where `..` stands for
    others, `shut` where an inner `mod` is around it that does not tell where it has the name from."""

    path: tuple[str, ...]
    line: int
    given: Mapping[str, str]
    rest: bool
    pattern: bool
    shut: bool = False

    @property
    def owner(self) -> tuple[str, ...]:
        """The path of the struct, or of the enum whose variant it is."""
        return self.path[:-1] if self._is_variant else self.path

    @property
    def name(self) -> str:
        """As `Fields` has it."""
        return "::".join(self.path[-2:] if self._is_variant else self.path[-1:])

    @property
    def _is_variant(self) -> bool:
        # Modules are written small.
        return len(self.path) > 1 and self.path[-2][:1].isupper()

    def strange(self, known: Fields) -> list[str]:
        """The fields that it names, and that are none."""
        return [name for name in self.given if name not in known.names]

    def lacking(self, known: Fields) -> list[str]:
        """The fields that it has to name, and does not."""
        return [] if self.rest else [f.name for f in known.fields if f.always and f.name not in self.given]

    def fits(self, known: Fields) -> bool:
        """Whether it is one of that struct."""
        return not self.strange(known) and not self.lacking(known)


def changed_owners(before: str, after: str) -> set[str]:
    """The structs and enums of one text that may have other fields in another: between their braces a line differs. Seen
    letter by letter, so that only few texts have to be parsed."""
    known = {head.name for head in _heads(before)}
    if not known:
        return known
    touched = _touched(before, new_lines(after, before)) | _touched(after, new_lines(before, after))
    return touched & known


def _touched(text: str, lines: frozenset[int]) -> set[str]:
    heads = _heads(text) if lines else ()
    if not heads:
        return set()
    changed, ends = sorted(lines), _ends(text)
    spans = [(head, ends.get(head.opens, len(text))) for head in heads]
    # Lines are counted once, from one place to the next.
    places = sorted({0, *(place for head, end in spans for place in (head.start, end))})
    number = {0: 1}
    for one, other in pairwise(places):
        number[other] = number[one] + text.count("\n", one, other)
    found = set()
    for head, end in spans:
        nearest = bisect_left(changed, number[head.start])
        if nearest < len(changed) and changed[nearest] <= number[end]:
            found.add(head.name)
    return found


class _Head(Struct, frozen=True):
    """Where a struct or an enum of that name begins, and where its brace `opens`, counted in characters."""

    name: str
    start: int
    opens: int


@lru_cache(maxsize=2048)
def _heads(text: str) -> Sequence[_Head]:
    found = (match for form in _HEADS for match in form.finditer(text))
    return [
        _Head(match[1], match.start(), match.end() - 1)
        for match in found
        if not (match.start() and text[match.start() - 1].isalnum())
        and "//" not in text[max(0, match.start() - _BACK) : match.start()].rpartition("\n")[2]
    ]


@lru_cache(maxsize=64)
def _ends(text: str) -> Mapping[int, int]:
    """Where each brace is closed that is."""
    opened: list[int] = []
    found = {}
    for brace in _BRACE.finditer(text):
        if brace[0] == "{":
            opened.append(brace.start())
        elif opened:
            found[opened.pop()] = brace.start()
    return found


@lru_cache(maxsize=2048)
def structs(document: Document, owner: str) -> Sequence[Fields]:
    """The struct of that name which a text defines, if with named fields, or the variants of that enum which have such; of
    each one that it defines. Only these are parsed: a text is mostly something else."""
    text = document.text
    found: list[Fields] = []
    heads = (head for head in _heads(text) if head.name == owner)
    for head in islice(heads, _MOST):
        end = _ends(text).get(head.opens, 0)
        if head.opens < end < head.opens + _LONGEST:
            line = text.count("\n", 0, head.start)
            block = Document(document.path, text[head.start : end + 1])
            made = (_fields(node, line) for node in nodes_of(block, "rust", ("field_declaration_list",)))
            found += filter(None, made)
    return found


class _Around(Struct, frozen=True):
    """An `impl`, a `trait` or an inner `mod`, which ends at `end`: the path of the type whose `impl` it is; the names that
    the `mod` itself defines or brings in, and whether it has all `above` it, too."""

    kind: str
    end: int
    of: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()
    above: bool = False


@lru_cache(maxsize=256)
def built(document: Document) -> Mapping[str, Sequence[Built]]:
    """What a text builds and takes apart, by name."""
    found: dict[str, list[Built]] = defaultdict(list)
    deep = _depth(document.text) > _DEEPEST
    nodes = () if deep else nodes_of(document, "rust", (*_KINDS, *_AROUND))
    spans = [(node.range(), node) for node in nodes]
    around: list[_Around] = []
    # What is around a place is kept on the way: to ask for it at each one takes as long as it is deep.
    for span, node in sorted(spans, key=lambda each: (each[0].start.index, -each[0].end.index)):
        while around and around[-1].end <= span.start.index:
            around.pop()
        if node.kind() in _AROUND:
            around.append(_around(node, span.end.index))
        elif each := _built(node, around):
            found[each.name].append(each)
    return dict(found)


def _depth(text: str) -> int:
    """How many braces are open at once, at most."""
    return max(accumulate((1 if brace == "{" else -1 for brace in _BRACE.findall(text)), _open), default=0)


def _open(before: int, more: int) -> int:
    # One that closes nothing, as in a remark, does not make room for more.
    return max(0, before) + more


def _around(node: SgNode, end: int) -> _Around:
    kind = node.kind()
    if kind != "mod_item":
        return _Around(kind, end, _words(node.field("type")) if kind == "impl_item" else ())
    names, above = set[str](), False
    body = node.field("body")
    for child in body.children() if body else ():
        if child.kind() in _DEFINED:
            names.add(_text(child.field("name")))
        elif child.kind() == "use_declaration":
            named = child.field("argument")
            uses = brought(without_remarks(named.text() if named else ""))
            names |= {use.name for use in uses}
            above = above or any(use.path[0] == "super" and use.name == "*" for use in uses)
    return _Around(kind, end, names=frozenset(names), above=above)


def _is_shut(name: str, around: Sequence[_Around]) -> bool:
    """Whether a name stands in an inner `mod` that may have it from anywhere, as from a macro."""
    for each in reversed(around):
        if each.kind == "mod_item" and (name in each.names or not each.above):
            return name not in each.names
    return False


def _fields(listed: SgNode, above_it: int) -> Fields | None:
    """The struct or variant that has a list of fields, in a text of which so many lines stand above."""
    above = listed.parent()
    # A union has fields, too, of which one is given.
    if above is None or above.kind() not in ("struct_item", "enum_variant"):
        return None
    names = [_text(above.field("name"))]
    if above.kind() == "enum_variant":
        enum = next((node for node in above.ancestors() if node.kind() == "enum_item"), None)
        names = [_text(enum.field("name") if enum else None), *names]
    found, attributes = [], ""
    for child in listed.children():
        if child.kind() == "attribute_item":
            attributes += "".join(child.text().split())
        elif child.kind() == "field_declaration":
            line, always = above_it + child.range().start.line + 1, "#[cfg(" not in attributes
            found.append(Field(_text(child.field("name")), _text(child.field("type")), line, always))
            attributes = ""
        elif child.kind() == "ERROR":
            return None
    return Fields("::".join(names), tuple(found)) if all(names) else None


def _text(node: SgNode | None) -> str:
    return " ".join(node.text().split()) if node else ""


def _built(whole: SgNode, around: Sequence[_Around]) -> Built | None:
    pattern = whole.kind() == "struct_pattern"
    parts = whole.children()
    listed = parts if pattern else parts[-1].children()
    path = _path(whole, around)
    given, rest = {}, False
    for child in listed if path else ():
        if child.kind() in _NAMED:
            inner = child.children()
            name = next((part.text() for part in inner if part.kind() in _NAMES), "")
            # What a `cfg` may take out one cannot tell; numbers are a tuple's.
            if not name or any(part.kind() == "attribute_item" for part in inner):
                return None
            given[name] = child.text()
        elif child.kind() in ("base_field_initializer", "remaining_field_pattern"):
            rest = True
        elif child.kind() in ("attribute_item", "ERROR"):
            return None
    if not path:
        return None
    made = Built(path, whole.range().start.line + 1, given, rest, pattern)
    return replace(made, shut=True) if len(made.owner) == 1 and _is_shut(made.owner[0], around) else made


def _path(whole: SgNode, around: Sequence[_Around]) -> tuple[str, ...]:
    """The path by which something is built or taken apart, with the type's for `Self`; empty where it cannot be told."""
    named = whole.field("name") or whole.field("type") or next(iter(whole.children()), None)
    path = _words(named)
    if path[:1] != ("Self",):
        return path
    of = next((each.of for each in reversed(around) if each.kind != "mod_item"), ())
    return (*of, *path[1:]) if of else ()


def _words(node: SgNode | None) -> tuple[str, ...]:
    text = _TYPES.sub("", node.text()).strip() if node else ""
    # A raw name (`r#type`), a reference or a tuple is no path that is read here.
    return (
        tuple(_WORD.findall(text)) if re.fullmatch(r"(?:::)?\s*\w+(?:\s*::\s*\w+)*(?:\s*::)?", text) else ()
    )

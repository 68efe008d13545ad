"""Options that Rust declares with clap's derive macros (https://docs.rs/clap/latest/clap/_derive)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from msgspec import Struct

from syncfork.detect.declaring import STRING, Declared, Option, kebab
from syncfork.text import Document

_NOISE = re.compile(
    r"""'(?:\\.[^']{0,8}|[^'\\\n])'|//[^\n]*|/\*.*?(?:\*/|\Z)|r(#*)".*?(?:"\1|\Z)|"(?:[^"\\]|\\.)*(?:"|\Z)""",
    re.DOTALL,
)
_DERIVE = re.compile(r"#\[\s*derive\s*\(([^()\]]{0,200})\)\s*\]")
_KINDS = re.compile(r"\b(Parser|Args|Subcommand|StructOpt|Clap)\b")
_HEAD = re.compile(r"\s*(?:pub(?:\s*\([^)]*\))?\s+)?(struct|enum)\s+(\w+)[^{};(]*\{")
_FIELD = re.compile(r"\s*(?:pub(?:\s*\([^)]*\))?\s+)?(?:r#)?([a-z_]\w*)\s*:(?!:)\s*(.*)", re.DOTALL)
_VARIANT = re.compile(r"\s*([A-Z]\w*)\s*(\(|\{|=|$)")
_NEXT = re.compile(r"[,(\[{]")
_CASES: Mapping[str, Callable[[str], str]] = {
    "kebab-case": kebab,
    "snake_case": str,
    "verbatim": str,
    "lower": str.lower,
}

# Far more than any program has: a hostile text is not to cost much.
_MOST_ITEMS = 200
_MOST_WALKS = 2000
_MOST_PARTS = 500
_LONGEST = 50_000


class _Part(Struct, frozen=True):
    """A field or a variant: its attributes and its own text, each as it is and with strings blanked, and where."""

    attributes: tuple[tuple[str, str], ...]
    text: str
    bare: str
    start: int

    def setting(self, name: str) -> list[str] | None:
        """The strings that the attributes give to `name`; empty where it stands alone, None where it does not."""
        found: list[str] | None = None
        for text, bare in self.attributes:
            for place in re.finditer(rf"\b{name}\b", bare):
                given = re.match(r"\s*[=(]\s*&?\[?((?:\s*\"(?:[^\"\\]|\\.)*\"\s*,?)*)", text[place.end() :])
                found = [*(found or ()), *(STRING.findall(given[1]) if given else ())]
        return found


class _Item(Struct, frozen=True):
    """A struct or enum of clap's."""

    kind: str
    root: bool
    own: _Part
    parts: tuple[_Part, ...]


def derived(document: Document) -> Declared:
    """What a Rust text declares with macros."""
    if "derive" not in document.text:
        return Declared()
    walker = _Walker(document, _items(document.text))
    walker.run()
    return Declared(
        tuple(dict.fromkeys(walker.options)),
        tuple(dict.fromkeys(walker.commands)),
        walker.program,
        frozenset(walker.unread),
    )


def _items(source: str) -> dict[str, _Item]:
    text = _NOISE.sub(lambda m: m[0] if m[0][0] == '"' else _blank(m[0]), source)
    bare = _NOISE.sub(lambda m: f'"{_blank(m[0][1:-1])}"' if m[0][:1] == '"' < m[0] else _blank(m[0]), source)
    found: dict[str, _Item] = {}
    for derive in islice(_DERIVE.finditer(bare), _MOST_ITEMS):
        if not (kinds := _KINDS.findall(derive[1])):
            continue
        attributes, at = _attributes(text, bare, derive.end(), len(bare))
        head = _HEAD.match(bare, at)
        if head:
            end = _closing(bare, head.end() - 1)
            own = _Part(attributes, "", "", derive.start())
            root = bool({"Parser", "StructOpt", "Clap"} & set(kinds))
            found[head[2]] = _Item(
                head[1], root, own, tuple(islice(_parts(text, bare, head.end(), end), _MOST_PARTS))
            )
    return found


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def _closing(bare: str, start: int) -> int:
    """The position of the bracket that closes the one at `start`, or the end of the text."""
    depth = 0
    for found in re.compile(r"[(\[{]|[)\]}]").finditer(bare, start, start + _LONGEST):
        depth += 1 if found[0] in "([{" else -1
        if depth == 0:
            return found.start()
    return min(len(bare), start + _LONGEST)


def _attributes(text: str, bare: str, at: int, end: int) -> tuple[tuple[tuple[str, str], ...], int]:
    """The attributes of clap's that begin at `at`, and where they end."""
    found: list[tuple[str, str]] = []
    while start := re.compile(r"\s*#(?=\[)").match(bare, at, end):
        close = _closing(bare, start.end())
        if re.compile(r"\[\s*(?:arg|command|clap|structopt|group)\b").match(bare, start.end()):
            stop = min(close, start.end() + 2000)
            found.append((text[start.end() : stop], bare[start.end() : stop]))
        at = min(close + 1, end)
    return tuple(found), at


def _parts(text: str, bare: str, at: int, end: int) -> Iterator[_Part]:
    """The fields or variants between two braces."""
    while at < end:
        attributes, start = _attributes(text, bare, at, end)
        stop = start
        while (found := _NEXT.search(bare, stop, end)) and found[0] != ",":
            stop = _closing(bare, found.start()) + 1
        stop = found.start() if found else end
        yield _Part(attributes, text[start:stop], bare[start:stop], start)
        at = stop + 1


class _Walker:
    """Goes from the root down, so that each option is found under the command that it belongs to."""

    def __init__(self, document: Document, items: dict[str, _Item]) -> None:
        self.document = document
        self.items = items
        self.options: list[Option] = []
        self.commands: list[tuple[str, int]] = []
        self.program = ""
        self.unread: set[str] = set()
        self.walked: set[str] = set()
        self.walks = 0

    def run(self) -> None:
        """Walk every item: those that nothing refers to are roots."""
        inside = "\n".join(part.bare for item in self.items.values() for part in item.parts)
        used = set(re.findall(r"\w+", inside))
        for name, item in self.items.items():
            if item.root and name not in used:
                self.program = (item.own.setting("name") or [""])[0] or self.program
                self._walk(name, (self.program,), script=True, depth=0)
        for name in self.items:
            if name not in self.walked:
                self._walk(name, ("",), script=False, depth=0)

    def _walk(self, name: str, owners: tuple[str, ...], *, script: bool, depth: int) -> None:
        item = self.items.get(name)
        self.walks += 1
        if item is None or depth > 8 or self.walks > _MOST_WALKS:
            self.unread.add(name)
            return
        self.walked.add(name)
        for part in item.parts:
            if item.kind == "enum":
                self._variant(item, part, depth)
            else:
                self._field(item, part, owners, script=script, depth=depth)

    def _field(self, item: _Item, part: _Part, owners: tuple[str, ...], *, script: bool, depth: int) -> None:
        found = _FIELD.match(part.bare)
        if not found:
            return
        held = re.findall(r"\w+", found[2])
        if part.setting("flatten") is not None or part.setting("subcommand") is not None:
            self._walk(held[-1] if held else "", owners, script=script, depth=depth + 1)
            return
        given = part.setting("long")
        if given is None:
            return
        line = self.document.line_of(part.start + found.start(1))
        more = [name for key in ("alias", "visible_alias", "aliases") for name in part.setting(key) or ()]
        for name in (*(given or [self._renamed(item, found[1])]), *more):
            self.options += (Option(owner, f"--{name}", line, script) for owner in owners if name)

    def _variant(self, item: _Item, part: _Part, depth: int) -> None:
        found = _VARIANT.match(part.bare)
        if not found or part.setting("external_subcommand") is not None:
            return
        line = self.document.line_of(part.start + found.start(1))
        given = part.setting("name") or [self._renamed(item, found[1])]
        more = [name for key in ("alias", "visible_alias", "aliases") for name in part.setting(key) or ()]
        names = tuple(name for name in (*given, *more) if name)
        inner = part.bare[found.end() :]
        held = re.findall(r"\w+", inner)
        if part.setting("flatten") is not None:
            self._walk(held[-1] if held else "", (), script=False, depth=depth + 1)
            return
        self.commands += ((name, line) for name in names)
        if found[2] == "(" and held:
            self._walk(held[-1], names, script=False, depth=depth + 1)
        elif found[2] == "{":
            own = _Item("struct", False, part, tuple(self._inside(part, found.end())))
            for one in own.parts:
                self._field(own, one, names, script=False, depth=depth)

    def _inside(self, part: _Part, at: int) -> Iterator[_Part]:
        for one in _parts(part.text, part.bare, at, _closing(part.bare, at - 1)):
            yield _Part(one.attributes, one.text, one.bare, part.start + one.start)

    def _renamed(self, item: _Item, name: str) -> str:
        case = (item.own.setting("rename_all") or ["kebab-case"])[0]
        if case not in _CASES:
            self.unread.add(f"rename_all {case}")
            return ""
        return _CASES[case](name)

"""Options that Rust declares with clap: its builder (https://docs.rs/clap) and its derive macros
(https://docs.rs/clap/latest/clap/_derive).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from msgspec import Struct, field

from syncfork.detect.declaring import Declared, Option, kebab
from syncfork.detect.searching import anchored
from syncfork.text import Document

MARKS = re.compile(
    anchored(r"\b", r"Arg::(?:new|with_name)\(", r"Command::new\(")
    + r"|#\[\s*(?:arg|command|clap|structopt)\b"
)

_BUILDER = re.compile(
    r'\b(?:Command|App|SubCommand)::(?:new|with_name)\(\s*"(?P<command>[\w. -]+)"'
    r'|\bArg::(?:new|with_name)\(\s*(?:"(?P<arg>[\w.-]+)"|(?P<computed>[A-Za-z_]))'
    r'|\.long\(\s*(?:"(?P<long>[\w.-]+)"|(?P<named>[A-Za-z_][\w:]*))'
    r'|\.(?:visible_)?alias\(\s*"(?P<alias>[\w.-]+)"'
    r"|\.(?:visible_)?aliases\(\s*&?\[(?P<aliases>[^\]]{0,300})\]"
    r"|\.(?:value_parser|possible_values)\(\s*(?:\[|&\[|PossibleValuesParser::new\(\s*&?\[)(?P<values>[^\]]{0,1000})\]"
)
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ROOT = re.compile(r"\bget_matches|\bfn\s+main\b")
_UNREAD = re.compile(
    r"\.args\([^)\n]*|\.arg\(\s*[a-z_]\w*[^)\n]*|"
    + anchored(r"\b", "clap_app!", "load_yaml!", r"augment_\w+")
    + "|"
    + anchored(r"\b", *(rf"{name}\b" for name in ("Bpaf", "FromArgs", "argh", "lexopt", "pico_args")))
)


def clap(document: Document) -> Declared:
    """Everything that a Rust text declares with clap."""
    built, derived = _built(document), _derived(document)
    return Declared(
        (*built.options, *derived.options),
        (*built.commands, *derived.commands),
        built.program or derived.program,
        built.unread | derived.unread | frozenset(_UNREAD.findall(document.text)),
    )


def _built(document: Document) -> Declared:
    reader = _Builder(document, root=bool(_ROOT.search(document.text)))
    for found in _BUILDER.finditer(document.text):
        reader.take(found)
    return Declared(tuple(reader.options), tuple(reader.commands), reader.program, frozenset(reader.unread))


class _Builder(Struct):
    """Follows the calls of clap's builder in the order of the text."""

    document: Document
    root: bool
    program: str = ""
    owners: tuple[str, ...] = ()
    script: bool = False
    of_argument: bool = False
    options: list[Option] = field(default_factory=list)
    commands: list[tuple[str, int]] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)

    def take(self, found: re.Match[str]) -> None:
        """One call."""
        line = self.document.line_of(found.start())
        if found["command"]:
            self._command(found["command"], line)
        elif found["arg"] or found["computed"]:
            self.of_argument = True
        elif found["long"]:
            self._option(found["long"], line)
        elif found["named"]:
            self._named(found["named"], line)
        elif found["alias"]:
            self._alias([found["alias"]], line)
        elif found["aliases"]:
            self._alias(_STRING.findall(found["aliases"]), line)
        elif found["values"] and self.options and self.of_argument:
            choices = tuple(_STRING.findall(found["values"]))
            last = self.options[-1]
            self.options[-1] = Option(last.command, last.name, last.line, last.script, choices)

    def _command(self, name: str, line: int) -> None:
        # The first one of a program is the program itself.
        self.script = self.root and not self.owners
        self.owners, self.of_argument = (name,), False
        if self.script:
            self.program = name
        else:
            self.commands.append((name, line))

    def _option(self, name: str, line: int) -> None:
        self.options += (Option(owner, f"--{name}", line, self.script) for owner in self.owners)

    def _named(self, name: str, line: int) -> None:
        """An option whose name is a constant's."""
        form = rf'\b(?:const|static)\s+{name}\s*:[^=;\n]{{0,80}}=\s*"([\w.-]+)"'
        if value := re.search(form, self.document.text):
            self._option(value[1], line)
        else:
            self.unread.add(f".long({name})")

    def _alias(self, names: list[str], line: int) -> None:
        for name in names:
            if self.of_argument:
                self._option(name, line)
            elif not self.script:
                self.owners = (*self.owners, name)
                self.commands.append((name, line))


# The derive macros

_NOISE = re.compile(
    r"""'(?:\\.[^']{0,8}|[^'\\\n])'|//[^\n]*|/\*.*?(?:\*/|\Z)|r(#*)".*?(?:"\1|\Z)|"(?:[^"\\]|\\.)*(?:"|\Z)""",
    re.DOTALL,
)
_DERIVE = re.compile(r"#\[\s*derive\s*\(([^()\]]{0,200})\)\s*\]")
_KINDS = re.compile(r"\b(Parser|Args|Subcommand|StructOpt|Clap)\b")
_HEAD = re.compile(r"\s*(?:pub(?:\s*\([^)]*\))?\s+)?(struct|enum)\s+(\w+)[^{};(]*\{")
_FIELD = re.compile(r"\s*(?:pub(?:\s*\([^)]*\))?\s+)?(?:r#)?([a-z_]\w*)\s*:(?!:)\s*(.*)", re.DOTALL)
_VARIANT = re.compile(r"\s*([A-Z]\w*)\s*(\(|\{|=|$)")
_CASES: Mapping[str, Callable[[str], str]] = {
    "kebab-case": kebab,
    "snake_case": str,
    "verbatim": str,
    "lower": str.lower,
}


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
                found = [*(found or ()), *(_STRING.findall(given[1]) if given else ())]
        return found


class _Item(Struct, frozen=True):
    """A struct or enum of clap's."""

    kind: str
    root: bool
    own: _Part
    parts: tuple[_Part, ...]


def _derived(document: Document) -> Declared:
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


# Far more than any program has: a hostile text is not to cost much.
_MOST_ITEMS = 200
_MOST_WALKS = 2000
_MOST_PARTS = 500
_LONGEST = 50_000


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


_NEXT = re.compile(r"[,(\[{]")


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

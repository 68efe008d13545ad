"""Options that Rust declares with clap: with its builder (https://docs.rs/clap), or its derive macros."""

from __future__ import annotations

import re

from msgspec import Struct, field

from syncfork.detect.declaring import STRING, Declared, Option
from syncfork.detect.declaring_clap_derive import derived
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
_ROOT = re.compile(r"\bget_matches|\bfn\s+main\b")
_UNREAD = re.compile(
    r"\.args\([^)\n]*|\.arg\(\s*[a-z_]\w*[^)\n]*|"
    + anchored(r"\b", "clap_app!", "load_yaml!", r"augment_\w+")
    + "|"
    + anchored(r"\b", *(rf"{name}\b" for name in ("Bpaf", "FromArgs", "argh", "lexopt", "pico_args")))
)


def clap(document: Document) -> Declared:
    """Everything that a Rust text declares with clap."""
    built, macros = _built(document), derived(document)
    return Declared(
        (*built.options, *macros.options),
        (*built.commands, *macros.commands),
        built.program or macros.program,
        built.unread | macros.unread | frozenset(_UNREAD.findall(document.text)),
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
            self._alias(STRING.findall(found["aliases"]), line)
        elif found["values"] and self.options and self.of_argument:
            choices = tuple(STRING.findall(found["values"]))
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

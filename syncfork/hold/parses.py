"""`parses:` wants each governed file to be without syntax errors."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct

from syncfork.errors import CannotReadError
from syncfork.globs import Globs
from syncfork.hold.base import Trees, Violation, WrittenHold, each_document
from syncfork.parsing.grammars import LANGUAGES, language_of, syntax_errors
from syncfork.parsing.structured import format_of, read
from syncfork.parsing.values import SeveralDocumentsError
from syncfork.text import Document


class Parses(WrittenHold, frozen=True):
    """Each governed file parses, as the language its name tells (`auto`) or as the named one."""

    parses: Annotated[
        str, Meta(description="`auto`, or a language: yaml, toml, json, rust, bash, python, ...")
    ]

    def __post_init__(self) -> None:
        if self.parses not in ("auto", "toml", *LANGUAGES):
            raise ValueError(f"unknown language {self.parses!r}; known: auto, toml, {', '.join(LANGUAGES)}")

    def compile(self) -> ParsesHold:
        """See the base class."""
        return ParsesHold(self.parses)


class ParsesHold(Struct, frozen=True):
    """The compiled form of `Parses`."""

    settles: ClassVar[bool] = False
    by_entry: ClassVar[bool] = False

    language: str
    reads: tuple[Globs, ...] = ()

    def check(self, files: Globs, trees: Trees) -> list[Violation]:
        """See `Hold`."""
        return each_document(files, trees.subject, self._check)

    def _check(self, document: Document) -> list[Violation]:
        try:
            form = self._structured(document)
            if form:
                read(document.text, form)
                return []
            language = language_of(document) if self.language == "auto" else self.language
            broken = syntax_errors(document, language)
        except SeveralDocumentsError:
            return []
        except CannotReadError as error:
            return [Violation(document.path, 1, str(error))]
        if not broken:
            return []
        return [
            Violation(
                document.path,
                document.line_of(broken[0].start),
                f"does not parse as {language}",
                about=tuple(error.groups["0"] for error in broken),
            )
        ]

    def _structured(self, document: Document) -> Literal["yaml", "json", "toml"] | None:
        if self.language in ("yaml", "json", "toml"):
            return self.language  # type: ignore[return-value]
        try:
            return format_of(document) if self.language == "auto" else None
        except CannotReadError:
            return None

"""Structs that are built or taken apart by the fields they had before: one side changed which these are, the other one's
lines name them as ever.

Git merges both, and Rust compiles neither. Said of a struct only if its name stands for one thing in the whole tree, and all
that a side builds of it goes with what it is there.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from syncfork.detect.base import Found, View, vendored
from syncfork.detect.called_forms import family
from syncfork.detect.field_forms import Built, Field, Fields, built, changed_owners, structs
from syncfork.detect.field_paths import CERTAIN, NO, leads, same_crate
from syncfork.detect.name_forms import LONGEST, language_of
from syncfork.detect.signature_changes import Lines, Side, having, seen_by
from syncfork.report import Place, Site
from syncfork.text import Document
from syncfork.words import also, listed

_WORD = re.compile(r"\w+")
# So many lines are shown of how the other side gives the fields.
_SHOWN = 12


class _Changed(Struct, frozen=True):
    """A struct or variant, or what defines it, as it was for the lines that name its fields (`old`), in the merged tree
    (`new`), and as the other side has it (`theirs`, in `path`) and had it (`before`, in `was_in`)."""

    name: str
    old: Fields
    new: Fields
    theirs: Fields
    before: Fields
    path: str
    was_in: Document

    @property
    def owner(self) -> str:
        """The struct's name, or the enum's."""
        return self.name.partition("::")[0]


class _Use(Struct, frozen=True):
    """Where fields are named as they were; `certain` where it is surely that struct."""

    path: str
    built: Built
    certain: bool


def find(view: View) -> Iterator[Found]:
    """One finding for each struct, at the first place that names its fields as before."""
    files = [file for file in view.files if family(file.path) == "rust" and not vendored(file.path)]
    sides: tuple[Side, ...] = ("ours", "theirs")
    for side in sides:
        lines = [seen_by(file, side) for file in files]
        changed = [one for owner in sorted(_suspects(lines)) for one in _changes(owner, lines)]
        used = [(one, uses) for one in changed if (uses := _uses(one, lines)) and _one_thing(one, lines)]
        defined = _definitions(view, {one.owner for one, _ in used}) if used else {}
        for one, uses in used:
            if defined[one.owner] == 1:
                yield _found(one, uses, side, lines)


def _suspects(files: Sequence[Lines]) -> set[str]:
    """The structs and enums that the other side may have changed, and that texts of the side's own name."""
    changed = set[str]()
    for file in files:
        after = file.other.text if file.other else ""
        if file.base and file.base.text != after:
            changed |= changed_owners(file.base.text, after)
    found = set[str]()
    for file in files if changed else ():
        if file.merged and file.side and (file.other is None or file.merged.text != file.other.text):
            found |= changed.intersection(_WORD.findall(file.merged.text))
    return found


def _changes(owner: str, files: Iterable[Lines]) -> Iterator[_Changed]:
    """What became of a struct, or of the variants of an enum; nothing where that cannot be told: there are several, or it is
    in conflict."""
    sides: tuple[dict[str, list[tuple[Fields, Document]]], ...] = ({}, {}, {}, {})
    for file in having(owner, "rust", files):
        texts = (file.side, file.merged, file.other, file.base)
        for known, document in zip(sides, texts, strict=True):
            if document and (defined := structs(document, owner)):
                if file.conflicted:
                    return
                for each in defined:
                    known.setdefault(each.name, []).append((each, document))
    for name in sides[0]:
        each_side = [known.get(name, []) for known in sides]
        if any(len(found) != 1 for found in each_side):
            continue
        old, new, theirs, before = (found[0][0] for found in each_side)
        path, was_in = each_side[2][0][1].path, each_side[3][0][1]
        distinct = all(len(one.names) == len(one.fields) for one in (old, new))
        if distinct and _asked(old) != _asked(new) and same_crate(path, was_in.path):
            yield _Changed(name, old, new, theirs, before, path, was_in)


def _asked(known: Fields) -> frozenset[tuple[str, bool]]:
    return frozenset((field.name, field.always) for field in known.fields)


def _uses(changed: _Changed, files: Iterable[Lines]) -> list[_Use]:
    """Where the fields are named as they were, the most certain ones first: what fits what the side has, and not what is
    merged. No line of the other side's does: it would not go with what it has itself."""
    found = []
    for file in having(changed.owner, "rust", files):
        if file.merged and file.side and (file.other is None or file.merged.text != file.other.text):
            for each in _built_in(file.merged, changed, changed.path):
                if each.fits(changed.old) and not each.fits(changed.new):
                    sure = not each.shut and leads(file.merged, each.owner, changed.path) == CERTAIN
                    found.append(_Use(file.path, each, sure))
    return sorted(found, key=lambda use: (not use.certain, use.path, use.built.line))


def _built_in(document: Document | None, changed: _Changed, where: str) -> list[Built]:
    """What a text builds and takes apart that may be the struct."""
    found = built(document).get(changed.name, ()) if document and changed.owner in document.text else ()
    return [each for each in found if document and leads(document, each.owner, where) != NO]


def _one_thing(changed: _Changed, files: Iterable[Lines]) -> bool:
    """Whether all that is built and taken apart on each side goes with what the struct is there: else the name stands for
    several things."""
    for file in having(changed.owner, "rust", files):
        for document, known, where in (
            (file.side, changed.old, changed.was_in.path),
            (file.other, changed.theirs, changed.path),
        ):
            if not all(each.fits(known) for each in _built_in(document, changed, where)):
                return False
    return True


def _definitions(view: View, owners: Collection[str]) -> Mapping[str, int]:
    """How many definitions the merged tree has of each of these names, and other things that are brought in by it."""
    language = language_of("a.rs")
    lines = view.trees.lines_with("merged", sorted(owners), ["*.rs"])
    code = "\n".join(language.code(line) for line in lines if len(line) <= LONGEST) if language else ""
    return {
        owner: len(re.findall(rf"\b(?:struct|enum|union|type|trait|as)\s+{owner}\b", code))
        for owner in owners
    }


def _found(changed: _Changed, uses: Sequence[_Use], side: Side, files: Sequence[Lines]) -> Found:
    first, by_theirs = uses[0], side == "ours"
    whose = "upstream" if by_theirs else "the fork"
    strange, lacking = first.built.strange(changed.new), first.built.lacking(changed.new)
    gone = [field for field in changed.before.fields if field.name in strange]
    come = [field for field in changed.theirs.fields if field.name in lacking]
    _, *sites = dict.fromkeys(Site(use.path, use.built.line) for use in uses)
    places = also(site.told for site in sites)
    done = "taken apart" if first.built.pattern else "built"
    instead = _instead(gone, come) if strange else ""
    told = _words(strange, lacking, instead, whose, changed.path)
    given = _given(changed, lacking or [instead], first, files)
    where = f", as {whose} does in {given[0]}" if given else ""
    text = _line(first, files)
    return Found(
        "breakage" if first.certain else "decision",
        first.path,
        first.built.line,
        f"`{changed.name}` is {done} here{places} {told}",
        fix=_fix(first.built, strange, lacking, instead, where),
        # Who changed the fields, or else who brought the line that names them.
        upstream=_cause(changed, gone, come) if by_theirs else Place(first.path, first.built.line),
        added=_texts(_document(changed.path, files), come) if by_theirs else (text,),
        removed=_texts(changed.was_in, gone) if by_theirs and not come else (),
        names=tuple(field.name for field in come or gone) if by_theirs else (),
        key=changed.name,
        code=given[1] if given else "",
        also=tuple(sites),
    )


def _words(strange: Sequence[str], lacking: Sequence[str], instead: str, whose: str, path: str) -> str:
    if not strange:
        return f"without {_names(lacking)}, which {whose} added in {path}"
    told = f"with {_names(strange)}, which {whose} took out in {path}"
    if instead:
        return f"{told}; in its place it has `{instead}`"
    return f"{told}, and without {_names(lacking)}, which it added" if lacking else told


def _fix(first: Built, strange: Sequence[str], lacking: Sequence[str], instead: str, where: str) -> str:
    if instead:
        return f"name `{instead}` in its place, if that is the same{where}"
    out = f"leave {_names(strange)} out" if strange else ""
    more = f"{'name' if first.pattern else 'give'} {_names(lacking)} as well{where}" if lacking else ""
    if lacking and first.pattern:
        more += ", or end it with `..`"
    return ", and ".join(part for part in (out, more) if part)


def _names(names: Sequence[str]) -> str:
    return listed([f"`{name}`" for name in names])


def _instead(gone: Sequence[Field], come: Sequence[Field]) -> str:
    """The one field that came for the one that went: it is of the same type."""
    return come[0].name if len(gone) == len(come) == 1 and gone[0].type == come[0].type else ""


def _cause(changed: _Changed, gone: Sequence[Field], come: Sequence[Field]) -> Place | None:
    if come:
        return Place(changed.path, come[0].line)
    return Place(changed.was_in.path, gone[0].line) if gone else None


def _texts(document: Document | None, fields: Iterable[Field]) -> tuple[str, ...]:
    lines = document.text.split("\n") if document else []
    return tuple(lines[field.line - 1] for field in fields if field.line <= len(lines))


def _document(path: str, files: Iterable[Lines]) -> Document | None:
    return next((file.other for file in files if file.other and file.other.path == path), None)


def _line(use: _Use, files: Iterable[Lines]) -> str:
    merged = next(file.merged for file in files if file.path == use.path)
    return merged.line(use.built.line) if merged else ""


def _given(
    changed: _Changed, names: Sequence[str], use: _Use, files: Iterable[Lines]
) -> tuple[str, str] | None:
    """Where the other side builds it, or takes it apart, with these fields, the file of the use before others, and how it
    gives them."""
    for file in sorted(having(changed.owner, "rust", files), key=lambda file: file.path != use.path):
        for each in _built_in(file.other, changed, changed.path):
            if each.pattern == use.built.pattern and all(name in each.given for name in names):
                texts = "\n".join(f"{each.given[name]}," for name in names).split("\n")
                return f"{file.path}:{each.line}", textwrap.dedent("\n".join(texts[:_SHOWN]))
    return None

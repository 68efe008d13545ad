"""What stands twice in one block after the merge: both sides added it, each at a place of its own.

git has no conflict there, and most compilers refuse it; where none does, the first of the two is dead. Lines are read, and
blocks are told by how far they are indented: only what stands more often in one block than on either side is told.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from syncfork.detect.base import File, Found, View, vendored
from syncfork.detect.double_forms import Form, forms_of
from syncfork.detect.import_forms import ending, without_templates
from syncfork.detect.name_forms import LONGEST, Language, language_of
from syncfork.report import Place
from syncfork.text import Document
from syncfork.words import listed

_ALONE = re.compile(
    r"@[\w.:]+[ \t]*(?:\(.*\))?|#!?\[.*\]|\[\[.*\]\]|template\b.*>|requires\b.*[\w)>]|__attribute__[ \t]*\(.*\)"
)
_PAIRS = (("(", ")"), ("[", "]"), ("<", ">"))
_PYTHON = (".py", ".pyi")
# Quoted texts over several lines, by how they begin: `hashes` and a quote end one, or the same `long` quote, or a line that
# begins with the `word`.
_QUOTED = (
    (("rs",), re.compile(r'\b[bc]?r(?P<hashes>#*)"')),
    (("java", "kt", "scala"), re.compile(r'(?P<long>""")')),
    (("py", "pyi"), re.compile(r"(?P<long>\'\'\'|\"\"\")")),
    (("rb", "rake", "sh", "bash", "php"), re.compile(r"<<<?[-~]?[\"']?(?P<word>[A-Za-z_]\w*)")),
)
_MOST_QUOTED = 2000
# Namespaces, and parts of a page.
_OUTER = re.compile(r"^(?:inline[ \t]+)?namespace\b|^<script\b")
_OUTER_END = re.compile(r"^</script\b|^\}[;)]*$")
# Conditions within conditions.
_DEEPEST = 64
# Larger ones are data, or were made.
_LARGEST = 1_000_000
_SECTION = re.compile(r"^(?:public|private|protected|signals|Q_SIGNALS)\b[\w \t]*:$")
_CONDITION = re.compile(r"^[ \t]*#[ \t]*(if|ifdef|ifndef|elif|else|endif)\b")
_CHOICE = re.compile(r"\b(?:switch|when)\b")
_LABEL = re.compile(r"^case\b")
# What may be said of one of two that are both meant to be there.
_ATTRIBUTE = re.compile(r"^(?:@(?!interface\b)|#!?\[|\[\[|(?:template|requires|__attribute__)\b)")
_TELLS_APART = re.compile(
    r"^template|^requires|^__attribute__|cfg|overload|setter|deleter|regist|available|dispatch|target|enabled|disabled"
)


class _Place(Struct, frozen=True):
    """A thing that is once in a block: the block by the headers above it, what the thing is, and `above` what is said of
    it in the lines before, and the conditions that it is compiled under. `certain` where a second one is an error."""

    headers: tuple[str, ...]
    kind: str
    name: str
    above: tuple[str, ...]
    certain: bool


# By where a block begins (a number from 1) and what is once in it, the numbers of the lines that have it.
_Once = Mapping[tuple[int, _Place], Sequence[int]]


class _Double(Struct, frozen=True):
    """What stands in one block at `lines` of the merged text, and at `upstreams` of upstream's."""

    place: _Place
    lines: Sequence[int]
    upstreams: Sequence[int]
    by_both: bool


def find(view: View) -> Iterator[Found]:
    """One finding for all that stands twice in a file, and is an error; one for the rest."""
    for file in view.files:
        if _is_of_both(file) and (forms := forms_of(file.path)):
            found = list(_doubles(file, forms))
            for certain in (True, False):
                if alike := [item for item in found if item.place.certain is certain]:
                    yield _told(file, alike)


def _is_of_both(file: File) -> bool:
    """Whether git put the file together from both sides' changes."""
    sides = file.ours, file.theirs
    if file.merged is None or None in sides or vendored(file.path) or len(file.merged.text) > _LARGEST:
        return False
    return all(side and side.text != file.merged.text for side in sides)


def _doubles(file: File, forms: Sequence[Form]) -> Iterator[_Double]:
    twice = {at: lines for at, lines in _once(file.merged, forms).items() if len(lines) > 1}
    if not twice:
        return
    ours, theirs = _fullest(_once(file.ours, forms)), _fullest(_once(file.theirs, forms))
    told: set[int] = set()
    for (_, place), lines in twice.items():
        mine, yours = ours.get(place, ()), theirs.get(place, ())
        if len(lines) > max(len(mine), len(yours)) and not told.intersection(lines):
            # A line may be of two kinds.
            told.update(lines)
            yield _Double(place, lines, yours, bool(mine and yours))


def _fullest(once: _Once) -> dict[_Place, Sequence[int]]:
    """The lines that have a thing, in the block with most of them out of all that have the same headers."""
    found: dict[_Place, Sequence[int]] = {}
    for (_, place), lines in once.items():
        found[place] = max(found.get(place, ()), lines, key=len)
    return found


def _told(file: File, found: Sequence[_Double]) -> Found:
    first, one = found[0], len(found) == 1
    names = [f"`{item.place.name}`" for item in found]
    what = f"the {first.place.kind} {names[0]} stands" if one else f"{listed(names)} stand"
    again = listed([f"line {number}" for item in found for number in item.lines[1:]])
    it = "it" if one else "them"
    why = (
        f"both sides have {it}, each at a place of its own"
        if first.by_both
        else "git put both sides' lines together"
    )
    cause = next((item for item in found if item.upstreams), None)
    assert file.theirs is not None  # else it would not be of both
    texts = file.theirs.text.split("\n")
    return Found(
        "breakage" if first.place.certain else "decision",
        file.path,
        first.lines[0],
        f"{what} here twice (again in {again}): {why}{'' if first.place.certain else ', and one does nothing any more'}",
        fix=f"keep one of {'the two' if one else 'each two'}, with what both sides have in it",
        upstream=Place(file.theirs.path, cause.upstreams[0]) if cause else None,
        added=tuple(texts[number - 1] for item in found for number in item.upstreams),
        key=" ".join(sorted(names)),
    )


def _once(document: Document | None, forms: Sequence[Form]) -> _Once:
    found: dict[tuple[int, _Place], list[int]] = defaultdict(list)
    for line, over in _placed(document) if document else ():
        headers, start = tuple(one.text for one in over), over[-1].number if over else 0
        for form in forms:
            for name in form.names(line.text, headers[-1] if headers else ""):
                found[start, _Place(headers, form.kind, name, line.above, form.certain)].append(line.number)
    return found


class _Line(Struct, frozen=True):
    """A line of code by its number (from 1), `depth` columns in, and what stands `above` it: attributes, and the conditions
    that it is compiled under."""

    number: int
    text: str
    depth: int
    above: tuple[str, ...]


def _lines(document: Document) -> Iterator[_Line]:
    """The lines of code that are neither conditions nor attributes."""
    language = language_of(document.path)
    assert language is not None  # all that has forms has one
    # In Python a decorator may do anything with what is under it.
    any_attribute = document.path.endswith(_PYTHON)
    conditions, attributes, attribute = list[str](), list[str](), ""
    for number, whole in enumerate(_code(document, language).split("\n"), start=1):
        line = language.code(whole).strip() if len(whole) <= LONGEST else ""
        if condition := _CONDITION.match(whole) if language.block else None:
            _under(conditions, condition[1], whole.strip())
        if len(conditions) > _DEEPEST:
            return  # no person wrote that
        if condition or not line or _SECTION.match(line):
            continue
        if attribute or _ATTRIBUTE.match(line):
            attribute += line
            if not _is_closed(attribute) and len(attribute) <= LONGEST:
                continue
            said, attribute = attribute, ""
            if _ALONE.fullmatch(said):
                attributes += [said] if any_attribute or _TELLS_APART.search(said) else []
                continue
        yield _Line(number, line, _depth(whole), (*attributes, *conditions))
        # A bracket alone belongs to the header above it, which takes the attributes with it.
        attributes.clear()


def _placed(document: Document) -> Iterator[tuple[_Line, tuple[_Line, ...]]]:
    """Each line of code with the headers that it is under, the nearest last."""
    section: tuple[_Line, ...] = ()
    above: list[_Line] = []
    choices: list[_Line] = []
    for line in _lines(document):
        # Unless it stands further in.
        if line.text in ("{", "(", "[") and above and above[-1].depth == line.depth:
            continue
        while above and above[-1].depth >= line.depth:
            above.pop()
        chooses, label = _CHOICE.search(line.text), _LABEL.match(line.text)
        # What is as far in as the choice itself may be its end, or that of one of its cases.
        opens = chooses or (line.text.endswith("{") and not label)
        while choices and (choices[-1].depth > line.depth or (choices[-1].depth == line.depth and opens)):
            choices.pop()
        chosen = label and choices and (not above or choices[-1].number > above[-1].number)
        yield line, (*section, *above, *(choices[-1:] if chosen else ()))
        # What is in a namespace, or a part of a page, is often no further in than that.
        if line.depth == 0 and _OUTER.match(line.text):
            section = (line,)
        elif not (line.depth == 0 and _OUTER_END.match(line.text)):
            above.append(line)
        if chooses and not label:
            choices.append(line)


def _code(document: Document, language: Language) -> str:
    """The text without remarks and quoted texts over several lines: tests hold programs in them."""
    end = ending(document.path)
    text = language.block.cleared(document.text) if language.block else document.text
    text = without_templates(text, end)
    opening = next((form for endings, form in _QUOTED if end in endings), None)
    return _unquoted(text, opening) if opening else text


def _unquoted(text: str, opening: re.Pattern[str]) -> str:
    """The text without what stands between quotes that go over lines; of each the ends of its lines are left."""
    parts, position, missing = list[str](), 0, set[str]()
    for _ in range(_MOST_QUOTED):
        found = opening.search(text, position)
        if not found:
            break
        given = found.groupdict()
        if word := given.get("word"):
            ends = re.compile(rf"^[ \t]*{word}\b", re.MULTILINE).search(text, found.end())
            stop, behind = ends.span() if ends else (-1, -1)
        else:
            closing = given.get("long") or f'"{given["hashes"]}'
            stop = -1 if closing in missing else text.find(closing, found.end())
            behind = stop + len(closing)
            missing |= {closing} if stop < 0 else set()
        if stop < 0:
            stop = behind = found.end()
        parts += [text[position : found.end()], "\n" * text.count("\n", found.end(), stop), text[stop:behind]]
        position = behind
    return "".join([*parts, text[position:]])


def _is_closed(attribute: str) -> bool:
    pairs = _PAIRS if attribute.startswith("template") else _PAIRS[:2]
    return all(attribute.count(opening) <= attribute.count(closing) for opening, closing in pairs)


def _under(conditions: list[str], word: str, line: str) -> None:
    """Go on to the conditions behind a line that begins, changes or ends one."""
    before = conditions.pop() if word in ("endif", "elif", "else") and conditions else ""
    if word != "endif":
        conditions.append(f"{before[:LONGEST]} {line}".strip())


def _depth(line: str) -> int:
    return len(line[: len(line) - len(line.lstrip())].expandtabs(8))

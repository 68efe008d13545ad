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
from syncfork.detect.name_forms import LONGEST, Language, language_of
from syncfork.detect.remarks import templates_cleared
from syncfork.report import Place
from syncfork.text import Document
from syncfork.words import listed

_ALONE = re.compile(
    r"@[\w.:]+[ \t]*(?:\(.*\))?|#!?\[.*\]|\[\[.*\]\]|template\b.*>|requires\b.*[\w)>]|__attribute__[ \t]*\(.*\)"
)
_PAIRS = (("(", ")"), ("[", "]"), ("<", ">"))
_PYTHON = (".py", ".pyi")
_SCRIPTS = frozenset(["js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "vue", "svelte"])
# Quoted texts over several lines, by how they begin: `hashes` and a quote end one, or the same `long` quote, or a line that
# begins with the `word`.
_QUOTED = (
    (("rs",), re.compile(r'\br(?P<hashes>#*)"')),
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
    for number, line, headers, start, above in _lines(document) if document else ():
        for form in forms:
            for name in form.names(line, headers[-1] if headers else ""):
                found[start, _Place(headers, form.kind, name, above, form.certain)].append(number)
    return found


def _lines(document: Document) -> Iterator[tuple[int, str, tuple[str, ...], int, tuple[str, ...]]]:
    """Each line of code, by its number (from 1): what it says, the headers that it is under, the number of the last of
    these, and what stands above it: attributes, and the conditions that it is compiled under."""
    language = language_of(document.path)
    assert language is not None  # all that has forms has one
    # In Python a decorator may do anything with what is under it.
    any_attribute = document.path.endswith(_PYTHON)
    section: list[tuple[int, int, str]] = []
    above: list[tuple[int, int, str]] = []
    choices: list[tuple[int, int, str]] = []
    conditions: list[str] = []
    attributes: list[str] = []
    attribute = ""
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
        depth = _depth(whole)
        # A bracket alone belongs to the header above it, unless it stands further in.
        if line in ("{", "(", "[") and above and above[-1][0] == depth:
            continue
        while above and above[-1][0] >= depth:
            above.pop()
        chooses, label = _CHOICE.search(line), _LABEL.match(line)
        # What is as far in as the choice itself may be its end, or that of one of its cases.
        opens = chooses or (line.endswith("{") and not label)
        while choices and (choices[-1][0] > depth or (choices[-1][0] == depth and opens)):
            choices.pop()
        over = [*section, *above]
        if label and choices and (not above or choices[-1][1] > above[-1][1]):
            over.append(choices[-1])
        start = over[-1][1] if over else 0
        yield number, line, tuple(t for _, _, t in over), start, (*attributes, *conditions)
        attributes.clear()
        # What is in a namespace, or a part of a page, is often no further in than that.
        if depth == 0 and _OUTER.match(line):
            section = [(depth, number, line)]
        elif not (depth == 0 and _OUTER_END.match(line)):
            above.append((depth, number, line))
        if chooses and not label:
            choices.append((depth, number, line))


def _code(document: Document, language: Language) -> str:
    """The text without remarks and quoted texts over several lines: tests hold programs in them."""
    text = language.block.cleared(document.text) if language.block else document.text
    ending = document.path.rpartition(".")[2]
    if ending == "go" or ending in _SCRIPTS:
        return templates_cleared(text, raw=ending == "go")
    opening = next((form for endings, form in _QUOTED if ending in endings), None)
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
            end = ends.start() if ends else -1
        else:
            closing = given.get("long") or f'"{given["hashes"]}'
            end = -1 if closing in missing else text.find(closing, found.end())
            missing |= {closing} if end < 0 else set()
        stop = found.end() if end < 0 else end
        parts += [text[position : found.end()], "\n" * text.count("\n", found.end(), stop)]
        position = stop
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

"""Recipes (just) and targets (make) that upstream removed or gave other parameters, and the fork still calls.

The Justfile's grammar is read here rather than by `just --dump`: what is found must not depend on which
programs a machine has, and upstream's text is handed to none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from syncfork.detect.base import File, Found, View
from syncfork.detect.calls import Call, calls, unquoted
from syncfork.detect.upstream_use import lacking
from syncfork.report import Place
from syncfork.text import Document


class Recipe(Struct, frozen=True):
    """A recipe with its parameters: how many arguments it takes at least and at most (None: any number)."""

    tool: str
    name: str
    parameters: tuple[str, ...]
    least: int
    most: int | None
    source: Document
    line: int

    @property
    def header(self) -> str:
        """The line that declares it."""
        return self.source.line(self.line)

    @property
    def signature(self) -> str:
        """The recipe as one calls it."""
        return " ".join((self.tool, self.name, *(name.upper() for name in self.parameters)))

    def takes(self, count: int) -> bool:
        """Whether `count` arguments are right."""
        return self.least <= count and (self.most is None or count <= self.most)


def tool_of(path: str) -> str:
    """`just` or `make` for a file of theirs, else empty."""
    name = path.rpartition("/")[2].lower()
    if name in ("justfile", ".justfile") or name.endswith(".just"):
        return "just"
    return "make" if name in ("makefile", "gnumakefile") or name.endswith(".mk") else ""


_JUST = re.compile(
    r"^@?([A-Za-z_][\w-]*)((?:[ \t]+[^:\n]*?(?:\"[^\"\n]*\"|'[^'\n]*'|[^:\n])*)?)[ \t]*:(?!=)", re.MULTILINE
)
_ALIAS = re.compile(r"^alias[ \t]+([\w-]+)[ \t]*:=[ \t]*([\w-]+)", re.MULTILINE)
_PARAMETER = re.compile(
    r"([+*$]*)([A-Za-z_][\w-]*)([ \t]*=[ \t]*(?:\"[^\"]*\"|'[^']*'|\([^)]*\)|`[^`]*`|[^\s\"']+))?"
)
_MAKE = re.compile(r"^([\w./-]+(?:[ \t]+[\w./-]+)*)[ \t]*::?(?![=:])", re.MULTILINE)


def recipes(document: Document) -> dict[str, Recipe]:
    """The recipes that a Justfile or Makefile declares, by name."""
    tool = tool_of(document.path)
    if tool == "make":
        return {
            name: Recipe("make", name, (), 0, None, document, document.line_of(found.start()))
            for found in _MAKE.finditer(document.text)
            for name in found[1].split()
            if not name.startswith(".")
        }
    if tool != "just":
        return {}
    known = {found[1]: _recipe(document, found) for found in _JUST.finditer(document.text)}
    for found in _ALIAS.finditer(document.text):
        if found[2] in known:
            known[found[1]] = known[found[2]]
    return known


def _recipe(document: Document, found: re.Match[str]) -> Recipe:
    parameters = _PARAMETER.findall(found[2])
    least = sum(1 for sign, _, default in parameters if not default and "*" not in sign)
    most = None if any(set(sign) & set("+*") for sign, _, _ in parameters) else len(parameters)
    names = tuple(name for _, name, _ in parameters)
    return Recipe("just", found[1], names, least, most, document, document.line_of(found.start()))


_COMPUTED = re.compile(r"(?:-?include|sinclude)\b|[^:=#]*\$[({][^=#]*:(?!=)|.*\$\(eval\b")
_LONGEST = 500


def _may_make(text: Document, before: Document, name: str) -> bool:
    """Whether a Makefile has another way to a target that it declares by name no more: a pattern that matches, or
    rules whose targets come from a variable, from `eval`, or from a file that it includes."""
    said = re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", re.sub(r"#.*", "", text.text))
    old = set(before.text.split("\n"))
    for line in text.text.split("\n"):
        if line[:1].strip("# \t") and _COMPUTED.match(line[:_LONGEST]) and (said or line not in old):
            return True
        if "%" in line and line[:1].strip("# \t") and _matches(line[:_LONGEST].partition(":")[0], name):
            return True
    return False


def _matches(patterns: str, name: str) -> bool:
    for pattern in patterns.split():
        start, percent, end = pattern.partition("%")
        # A stem is never empty, and `%` alone is for files.
        long_enough = percent and start + end and len(name) > len(start + end)
        if long_enough and name.startswith(start) and name.endswith(end):
            return True
    return False


class Changed(Struct, frozen=True):
    """A recipe of the merge base, and what it is after the merge: None where it is gone. `text` is the file that had it, as it is
    now."""

    old: Recipe
    new: Recipe | None
    text: Document | None


def changed_recipes(view: View) -> Iterator[Changed]:
    """The recipes that upstream removed, or gave other parameters."""
    now: dict[tuple[str, str], Recipe] = {}
    for file in view.files:
        text = file.merged or file.theirs
        for name, recipe in (recipes(text) if text and tool_of(file.path) else {}).items():
            now[recipe.tool, name] = recipe
    for file in view.files:
        if not (file.base and file.changed_by_theirs and tool_of(file.path)):
            continue
        for name, old in recipes(file.base).items():
            new = now.get((old.tool, name))
            if new is None or (new.parameters, new.least, new.most) != (old.parameters, old.least, old.most):
                yield Changed(old, new, file.merged or file.theirs)


def find(view: View) -> Iterator[Found]:
    """Every call, in text of the fork's own, that was right before the merge and is not any more."""
    changed = {(item.old.tool, item.old.name): item for item in changed_recipes(view)}
    if not changed:
        return
    for file in view.files:
        text = file.merged.text if file.merged else ""
        if not any(tool in text and name in text for tool, name in changed):
            continue
        if file.merged and file.fork_lines:
            for call in calls(file.merged):
                if any(number in file.fork_lines for number in range(call.line, call.last + 1)):
                    yield from _judge(view, file, call, changed)


def _judge(view: View, file: File, call: Call, changed: Mapping[tuple[str, str], Changed]) -> Iterator[Found]:
    called = _called(call)
    item = changed.get(called[:2]) if called else None
    if called is None or item is None:
        return
    count, old, new = called[2], item.old, item.new
    words = " ".join(call.words)
    if new is None:
        if item.text and old.tool == "make" and _may_make(item.text, old.source, old.name):
            return
        message, cls = f"this calls `{old.tool} {old.name}`, which upstream removed", "breakage"
        fix = "see in upstream's commit what does its work now, and call that"
    elif count is None or not old.takes(count):
        return
    elif not new.takes(count):
        message = f"`{words}` gives {_arguments(count)}, but upstream's recipe is now `{new.signature}`"
        cls, fix = "breakage", f"call it as upstream does: {_upstream_call(view, file, call, new)}"
    elif new.parameters[:count] != old.parameters[:count]:
        message = f"upstream renamed the parameters: `{old.signature}` is now `{new.signature}`"
        cls, fix = "decision", f"see that `{words}` still gives the right thing at each place"
    else:
        return
    yield Found(
        "decision" if call.block.documented else cls,  # type: ignore[arg-type]
        file.path,
        call.line,
        message,
        fix=fix,
        upstream=Place(new.source.path, new.line) if new else Place(old.source.path, old.line),
        added=(new.header,) if new else (),
        removed=(old.header,),
        key=f"{old.tool} {old.name} {count}",
    )


def _arguments(count: int) -> str:
    return "1 argument" if count == 1 else f"{count} arguments"


def _called(call: Call) -> tuple[str, str, int | None] | None:
    """The tool, the recipe, and the number of arguments (None where that cannot be told) of a call."""
    words = [unquoted(word) for word in call.words]
    tool = next((word for word in ("just", "make") if word in words), "")
    if not tool:
        return None
    rest = call.words[words.index(tool) + 1 :]
    # Options before the recipe's name; those of make and just that take a value take it as the next word.
    while rest and unquoted(rest[0]).startswith("-"):
        rest = (
            rest[2:]
            if unquoted(rest[0]) in ("-f", "--justfile", "-d", "--working-directory", "-C", "-j")
            else rest[1:]
        )
    rest = tuple(word for word in rest if not re.match(r"[A-Za-z_]\w*=", word)) if tool == "make" else rest
    if not rest:
        return None
    arguments = (
        re.sub(r"(?:^|\0)\d*[<>]+&?\0?[^\0]*", "", "\0".join(rest[1:])).split("\0") if rest[1:] else []
    )
    arguments = [word for word in arguments if word]
    open_ended = any(
        re.search(r"\$[@*]|\{\{|\$\(|`", word) and not word.startswith('"') for word in arguments
    )
    return tool, unquoted(rest[0]), None if open_ended or tool == "make" else len(arguments)


def _upstream_call(view: View, file: File, ours: Call, recipe: Recipe) -> str:
    """How upstream's own text calls the recipe now, with its place and the variables that the fork's step lacks."""
    for other in view.files:
        if other.theirs and other.changed_by_theirs:
            for call in calls(other.theirs):
                called = _called(call)
                if called and called[:2] == (recipe.tool, recipe.name) and not call.block.documented:
                    words = " ".join(call.words)
                    lacks = lacking(file.merged, ours.block, other.theirs, call.block, words)
                    return f"`{words}` ({other.path}:{call.line}){lacks}"
    return f"`{recipe.signature}`"

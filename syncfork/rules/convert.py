"""Plain data made into the classes that were written for it, or all that is wrong with it.

A class says everything by its annotations. What is in a mapping, a list or a union is gone through here, so that no
mistake hides another; texts, numbers, dates and the like are converted by msgspec. Of a union of classes the one is
meant whose first key is there. A function beside a type, `Annotated[str, checked]`, gets each value of it and returns
what stands for it; like `__post_init__`, it raises ValueError where a value will not do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import FieldInfo, fields

UNIONS = (Union, UnionType)
_WORDS = {
    bool: "true or false",
    date: "a date such as 2030-12-31",
    dict: "a mapping",
    float: "a number",
    int: "a whole number",
    str: "a text",
    tuple: "a list",
}


class Mistake(NamedTuple):
    """What was expected where these keys lead. `given` is what is there instead, where that is worth telling."""

    keys: tuple[str, ...]
    said: str
    given: str = ""


class AtKeysError(ValueError):
    """What a class says against a value of itself, of what stands at these `keys` below it."""

    def __init__(self, keys: tuple[str, ...], said: str) -> None:
        super().__init__(said)
        self.keys = keys


class MistakesError(ValueError):
    """Data is not of the form that it should have; `found` is every mistake."""

    def __init__(self, found: list[Mistake]) -> None:
        super().__init__("; ".join(f"{'.'.join(keys)}: {said}{given}" for keys, said, given in found))
        self.found = found


def convert(data: Any, kind: Any) -> Any:
    """Plain data as a value of `kind`, a class or another annotation. Raises MistakesError with every mistake."""
    found: list[Mistake] = []
    made = _made(data, kind, (), found)
    if found:
        raise MistakesError(found)
    return made


@cache
def classes(kind: Any) -> Mapping[str, type[Struct]]:
    """The classes among the forms of `kind`, each by its first key, which tells it from the others."""
    if get_origin(kind) in (Annotated, *UNIONS):
        parts = get_args(kind)[:1] if get_origin(kind) is Annotated else get_args(kind)
        return {key: found for part in parts for key, found in classes(part).items()}
    return {kind.__struct_encode_fields__[0]: kind} if _is_class(kind) else {}


def _is_class(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Struct)


def _made(given: Any, kind: Any, keys: tuple[str, ...], found: list[Mistake]) -> Any:
    """`given` as a value of `kind`; what is wrong with it is added to `found`, and then the value means nothing."""
    origin = get_origin(kind)
    if origin is Annotated:
        return _checked(given, kind, keys, found)
    known = classes(kind)
    if known and isinstance(given, dict):
        alone = len(known) == 1
        tag = next((key for key in known if alone or key in given), None)
        if tag:
            return _instance(given, known[tag], keys, keys if alone else (*keys, tag), found)
    if origin in UNIONS:
        return _one_of(given, kind, keys, found)
    if origin is tuple and isinstance(given, list):
        item = get_args(kind)[0]
        return tuple(_made(part, item, (*keys, str(n)), found) for n, part in enumerate(given))
    if kind is Any:
        return given
    if origin is not tuple and not known:
        try:
            return msgspec.convert(given, kind)
        except msgspec.ValidationError:
            pass
    found.append(_unlike(given, _named(kind), keys))
    return None


def _instance(
    given: Mapping[str, Any],
    kind: type[Struct],
    keys: tuple[str, ...],
    place: tuple[str, ...],
    found: list[Mistake],
) -> Any:
    """A mapping as a `kind`; what the class itself says against it is said of `place`."""
    before, values = len(found), {}
    known = _fields(kind)
    found += [Mistake((*keys, key), _stranger(str(key), known)) for key in given if key not in known]
    for key, field in known.items():
        if key in given:
            values[field.name] = _made(given[key], field.type, (*keys, key), found)
        elif field.required:
            found.append(Mistake((*keys, key), "this key is missing"))
    try:
        return kind(**values) if len(found) == before else None
    except AtKeysError as error:
        found.append(Mistake((*place, *error.keys), str(error)))
        return None
    except ValueError as error:
        found.append(Mistake(place, str(error)))
        return None


@cache
def _fields(kind: type[Struct]) -> Mapping[str, FieldInfo]:
    return {field.encode_name: field for field in fields(kind)}


def _one_of(given: Any, kind: Any, keys: tuple[str, ...], found: list[Mistake]) -> Any:
    """As the first of a union's forms that fits; where none does, the mistake names them all."""
    forms = [form for form in get_args(kind) if form is not NoneType]
    if given is None and len(forms) < len(get_args(kind)):
        return None
    known = classes(kind)
    plain = [form for form in forms if not _is_class(form)]
    if len(plain) == 1 and not known:
        return _made(given, plain[0], keys, found)
    missed: list[Mistake] = []
    for form in plain:
        before = len(missed)
        made = _made(given, form, keys, missed)
        if len(missed) == before:
            return made
    said = [mistake.said.removeprefix("expected ") for mistake in missed]
    wrong = _unlike(given, ", or ".join([*said, *([_named(kind)] if known else [])]), keys)
    near = [near for key in given if (near := _near(str(key), known))] if isinstance(given, dict) else []
    found.append(wrong._replace(said=f"{wrong.said}; did you mean {near[0]}?") if near else wrong)
    return None


def _checked(given: Any, kind: Any, keys: tuple[str, ...], found: list[Mistake]) -> Any:
    """As the annotated type, within its limits, and through its functions."""
    inner, limits, functions = _annotated(kind)
    before = len(found)
    made = _made(given, inner, keys, found)
    if len(found) > before:
        return None
    for limit in limits:
        if wanted := _beyond(limit, given):
            found.append(_unlike(given, wanted, keys))
            return None
    try:
        for function in functions:
            made = function(made)
    except ValueError as error:
        found.append(Mistake(keys, str(error)))
    return made


@cache
def _annotated(kind: Any) -> tuple[Any, tuple[Meta, ...], tuple[Callable[[Any], Any], ...]]:
    """An annotated type's parts: the type, what limits it, and its functions."""
    inner, *beside = get_args(kind)
    limits = tuple(part for part in beside if isinstance(part, Meta))
    for meta in limits:
        known = {name: getattr(meta, name) for name in ("description", "ge", "min_length", "pattern")}
        if meta != Meta(**known):
            raise TypeError(f"a limit that nothing here looks at: {meta}")
    return inner, limits, tuple(part for part in beside if callable(part))


def _beyond(limit: Meta, given: Any) -> str:
    """What a limit wants that `given` does not keep; empty where it does. A pattern is to match all of a text."""
    if limit.min_length and len(given) < limit.min_length:
        some = f"a text of at least {limit.min_length} characters"
        return some if isinstance(given, str) else "at least one item"
    if limit.pattern and not re.fullmatch(limit.pattern, given):
        return f"a text of the form {limit.pattern}"
    return f"{limit.ge} or more" if limit.ge is not None and given < limit.ge else ""


def _unlike(given: Any, expected: str, keys: tuple[str, ...]) -> Mistake:
    hidden = isinstance(given, dict | list)
    shown = "" if hidden else f", not {json.dumps(given, default=str, ensure_ascii=False)}"
    return Mistake(keys, f"expected {expected}", shown)


def _named(kind: Any) -> str:
    """What a value of `kind` is called."""
    if known := classes(kind):
        called: str = getattr(next(iter(known.values())), "called", "a mapping")
        return f"{called} with one of the keys {', '.join(known)}" if len(known) > 1 else called
    if get_origin(kind) is Literal:
        *most, last = (repr(value) for value in get_args(kind))
        return f"{', '.join(most)} or {last}" if most else last
    return _WORDS[get_origin(kind) or kind]


def _stranger(key: str, known: Iterable[str]) -> str:
    near = _near(key, known)
    return f"this key is not known here; did you mean {near}?" if near else "this key is not known here"


def _near(key: str, known: Iterable[str]) -> str:
    """The known key that was likely meant; empty where none is like it."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(key, list(known), 1)), "")

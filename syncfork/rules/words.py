"""A written rule in words. Works on the written form's own names, so that a new kind needs nothing here."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from msgspec.structs import fields

from syncfork.rules.written import WrittenRule

_LONGEST = 100


def steps_in_words(rule: WrittenRule) -> tuple[str, ...]:
    """Each step, the path-level intent and each invariant of a rule, as its file says it."""
    rewrite = tuple(_model(step) for step in rule.rewrite)
    own = () if rule.own is None else (f"own: {rule.own if isinstance(rule.own, str) else _model(rule.own)}",)
    return (*rewrite, *own, *(f"hold: {_model(hold)}" for hold in rule.hold))


def families(rule: WrittenRule) -> tuple[str, ...]:
    """Which of the families rewrite, own and hold a rule belongs to."""
    return tuple(name for name in ("rewrite", "own", "hold") if getattr(rule, name))


def _model(model: Struct) -> str:
    """`replace the regex ... with ..., expect 2`: what differs from the default, in its order."""
    given = {field.encode_name: getattr(model, field.name) for field in fields(model)}
    defaults = {field.encode_name: field.default for field in fields(model)}
    told = (name for name, value in given.items() if value != defaults[name])
    return ", ".join(f"{name.replace('-', ' ')} {_value(given[name])}" for name in told)


def _value(value: Any) -> str:
    if isinstance(value, Struct):
        return f"({_model(value)})"
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "nothing"}[value]
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_value(item)}" for key, item in value.items()) + "}"
    text = str(value)
    if isinstance(value, str) and (not text or text != text.strip() or "\n" in text or "," in text):
        text = repr(text)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"

"""The JSON Schema of what is written by hand, for editors; and what a class says about each of its keys."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import getdoc
from typing import Annotated, Any, get_args, get_origin

import msgspec
from msgspec import UNSET, Meta, Struct
from msgspec.structs import fields

from syncfork.rules.convert import UNIONS
from syncfork.rules.written import WrittenRule


def schema() -> dict[str, Any]:
    """The JSON Schema of a rule file (draft 2020-12)."""
    classes: dict[str, dict[str, Any]] = {}
    _schema(WrittenRule, classes)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A rule of syncfork"}
    return head | classes.pop(WrittenRule.__name__) | {"$defs": classes}


def descriptions(kind: type[Struct]) -> Mapping[str, str]:
    """What the class says about each of its keys."""
    return {field.encode_name: _description(field.type) for field in fields(kind)}


def _description(kind: Any) -> str:
    said = [part.description for part in get_args(kind)[1:] if isinstance(part, Meta)]
    return next((text for text in said if text), "")


def _schema(kind: Any, classes: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The schema of an annotation. msgspec has one for all but classes, whose own are added to `classes`."""
    if not _names_class(kind):
        found: dict[str, Any] = msgspec.json.schema(kind)
        return found
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Annotated:
        beside = msgspec.json.schema(Annotated[(list if get_origin(parts[0]) is tuple else Any, *parts[1:])])
        return _schema(parts[0], classes) | beside
    if origin in UNIONS:
        return {"anyOf": [_schema(part, classes) for part in parts]}
    if origin is tuple:
        return {"type": "array", "items": _schema(parts[0], classes)}
    if kind.__name__ not in classes:
        classes[kind.__name__] = {}  # it may be part of itself
        classes[kind.__name__] = _class(kind, classes)
    return {"$ref": f"#/$defs/{kind.__name__}"}


def _names_class(kind: Any) -> bool:
    if isinstance(kind, type) and issubclass(kind, Struct):
        return True
    return any(_names_class(part) for part in get_args(kind))


def _class(kind: type[Struct], classes: dict[str, dict[str, Any]]) -> dict[str, Any]:
    known = fields(kind)
    properties = {field.encode_name: _schema(field.type, classes) for field in known}
    for field in known:
        if not field.required and field.default is not UNSET:
            properties[field.encode_name]["default"] = msgspec.to_builtins(field.default)
    return {
        "description": getdoc(kind),
        "type": "object",
        "properties": properties,
        "required": [field.encode_name for field in known if field.required],
        "additionalProperties": False,
    }

"""The report as JSON: the contract with CI and other tools."""

from __future__ import annotations

import json
from typing import Any

from syncfork.report import Report, to_json


def render(report: Report) -> str:
    """One JSON object, ASCII only, so that no byte of a hostile name reaches a terminal, nor a command CI."""
    return as_text(to_json(report))


def as_text(data: Any) -> str:
    """Plain data as JSON text that no terminal and no CI system obeys any part of."""
    text = json.dumps(data, indent=2, ensure_ascii=True)
    return text.replace("##[", "#\\u0023[").replace("##vso[", "#\\u0023vso[")


def schema() -> dict[str, Any]:
    """The JSON Schema of a report."""
    import msgspec

    definitions = msgspec.json.schema(Report)["$defs"]
    found = definitions.pop("Report")
    items = found["properties"]["git_alone"]
    found["properties"]["git_alone"] = {
        "type": "object",
        "properties": {"conflicts": {key: value for key, value in items.items() if key != "default"}},
        "required": ["conflicts"],
    }
    found["properties"]["schema_version"] = {"const": 1}
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "syncfork report"}
    return {
        **head,
        **found,
        "$defs": definitions,
        "required": [*found["required"], "schema_version", "exit_code"],
    }

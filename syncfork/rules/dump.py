"""A rule's plain data as the text of a rule file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

_WIDTH = 110
# No line is broken.
_ONE_LINE = 1_000_000


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as blocks, lists indented below their key."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def rule_text(data: Mapping[str, Any]) -> str:
    """The YAML of a rule, its keys in the order of `data`."""
    return yaml.dump(dict(data), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH)


def quoted(text: str) -> str:
    """A text in quotes, as YAML reads it anywhere."""
    return yaml.safe_dump(text, default_style='"', allow_unicode=True, width=_ONE_LINE).strip()


def in_flow(text: str) -> str:
    """The same with no more quotes than it needs within brackets."""
    return yaml.safe_dump([text], default_flow_style=True, allow_unicode=True, width=_ONE_LINE).strip()[1:-1]

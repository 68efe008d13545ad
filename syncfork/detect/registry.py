"""Every detector by its name: a new one is its module, which has a function `find`, and a line here."""

from __future__ import annotations

from importlib import import_module

from syncfork.detect.base import Detector

# By name, in the order they report; the module is imported at the first need.
DETECTORS = {
    "options": "options",
    "paths": "paths",
    "pipelines": "pipeline_names",
    "recipes": "recipes",
    "copies": "copies",
    "moved": "moved",
    "stranded": "stranded",
    "successors": "successors",
    "values": "values",
    "environment": "environment",
    "dispatches": "dispatches",
    "suppressions": "suppressions",
    "pins": "pins",
    "identities": "identities",
    "managed": "managed",
    "keys": "keys",
    "documents": "documents",
    "locks": "locks",
    "names": "names",
    "syntax": "syntax",
}


def detector(name: str) -> Detector:
    """The detector of that name."""
    found: Detector = import_module(f"syncfork.detect.{DETECTORS[name]}").find
    return found

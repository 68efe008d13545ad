"""Every detector by its name: a new one is its module, which has a function `find`, and a line here."""

from __future__ import annotations

from importlib import import_module

from syncfork.detect.base import Detector

# By name, in the order they report: what does not work any more, what the fork lost, what is left to port. The module is
# imported at the first need.
DETECTORS = {
    "options": "options",
    "paths": "paths",
    "pipelines": "pipeline_names",
    "recipes": "recipes",
    "imports": "imports",
    "names": "names",
    "bindings": "bindings",
    "resources": "resources",
    "signatures": "signatures",
    "fields": "fields",
    "syntax": "syntax",
    "doubles": "doubles",
    "values": "values",
    "environment": "environment",
    "dispatches": "dispatches",
    "locks": "locks",
    "keys": "keys",
    "stranded": "stranded",
    "suppressions": "suppressions",
    "successors": "successors",
    "identities": "identities",
    "managed": "managed",
    "moved": "moved",
    "pins": "pins",
    "copies": "copies",
    "documents": "documents",
}


def detector(name: str) -> Detector:
    """The detector of that name."""
    found: Detector = import_module(f"syncfork.detect.{DETECTORS[name]}").find
    return found

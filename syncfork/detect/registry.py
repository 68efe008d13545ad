"""Every detector by its name: a new one is its module, and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from syncfork.detect.base import Detector


def detectors() -> Mapping[str, Detector]:
    """The detectors by name, in the order they report. Imported at the first need."""
    from syncfork.detect import (
        copies,
        dispatches,
        documents,
        environment,
        identities,
        keys,
        managed,
        options,
        paths,
        pins,
        pipeline_names,
        recipes,
        suppressions,
        values,
    )

    return {
        "options": options.find,
        "paths": paths.find,
        "pipelines": pipeline_names.find,
        "recipes": recipes.find,
        "copies": copies.find,
        "values": values.find,
        "environment": environment.find,
        "dispatches": dispatches.find,
        "suppressions": suppressions.find,
        "pins": pins.find,
        "identities": identities.find,
        "managed": managed.find,
        "keys": keys.find,
        "documents": documents.find,
    }

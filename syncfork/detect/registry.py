"""Every detector by its name: a new one is its module, and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from syncfork.detect.base import Detector


def detectors() -> Mapping[str, Detector]:
    """The detectors by name, in the order they report. Imported at the first need."""
    from syncfork.detect import (
        identities,
        options,
        paths,
        pins,
        recipes,
        suppressions,
        values,
    )

    return {
        "options": options.find,
        "paths": paths.find,
        "recipes": recipes.find,
        "values": values.find,
        "suppressions": suppressions.find,
        "pins": pins.find,
        "identities": identities.find,
    }

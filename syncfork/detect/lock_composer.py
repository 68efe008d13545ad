"""Composer: composer.json and composer.lock. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from syncfork.detect.lock_base import Gap, Kind, Pair, satisfied


def _read_lock(text: str) -> Mapping[str, str]:
    """The version of each package, empty of one that another one stands in for."""
    found: dict[str, str] = {}
    lock = json.loads(text)
    packages = [*lock["packages"], *(lock.get("packages-dev") or [])]
    for package in packages:
        found |= dict.fromkeys(map(str.lower, (*package.get("replace", {}), *package.get("provide", {}))), "")
    return found | {each["name"].lower(): each["version"].removeprefix("v") for each in packages}


def _gaps(pair: Pair) -> Iterator[Gap]:
    """What `composer install` refuses: packages that the lock file lacks, or has in a version that is not asked for."""
    for table in ("require", "require-dev"):
        for name, wanted in pair.manifest.get(table, {}).items():
            locked = pair.lock.get(name.lower())
            if "/" not in name:
                continue  # the language and its extensions
            if locked is None:
                yield Gap(name, f"is required at {wanted} and not locked")
            # Here `~1.2` is another range than elsewhere.
            elif not wanted.startswith("~") and satisfied(locked, wanted, bare="exact") is False:
                yield Gap(name, f"is required at {wanted}, locked at {locked}")


COMPOSER = Kind("composer.json", "composer.lock", "composer update --lock", json.loads, _read_lock, _gaps)

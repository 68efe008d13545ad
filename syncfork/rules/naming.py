"""Names for learned rules."""

from __future__ import annotations

import hashlib
import re

_LONGEST = 40


def identifier(kind: str, about: str, *mark: str) -> str:
    """A rule's id: its kind, what can be read of what it is `about`, and a `mark` that keeps two of them apart."""
    words = re.findall(r"[a-z0-9]+", about.lower())
    readable = "-".join([kind, *words])[:_LONGEST].rstrip("-")
    whole = "\0".join((about, *mark))
    return f"{readable}-{hashlib.sha256(whole.encode('utf-8', 'surrogateescape')).hexdigest()[:6]}"

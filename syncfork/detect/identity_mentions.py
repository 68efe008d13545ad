"""Whom and what a file names outside of its repository, whatever its form."""

from __future__ import annotations

from functools import lru_cache

from syncfork.detect.blocks import SHEBANG
from syncfork.detect.identity_names import Mention, in_shell
from syncfork.detect.identity_yaml import in_yaml
from syncfork.detect.pipelines import flavour_of
from syncfork.text import Document


@lru_cache(maxsize=1024)
def mentions(document: Document) -> tuple[Mention, ...]:
    """What a file names, in the order of its lines; nothing for a kind of file that is not read."""
    if flavour := flavour_of(document):
        found = in_yaml(document, flavour)
    elif _is_shell(document):
        found = in_shell(document)
    else:
        return ()
    try:
        return tuple(dict.fromkeys(sorted(found, key=lambda mention: mention.line)))
    except RecursionError:
        # Nested as no pipeline is.
        return ()


_SHELL_SUFFIXES = (".sh", ".bash", ".zsh", ".ps1", ".bat", ".cmd", ".just", ".mk", ".dockerfile")
_SHELL_NAMES = ("justfile", ".justfile", "makefile", "gnumakefile", "containerfile")


def _is_shell(document: Document) -> bool:
    name = document.path.rpartition("/")[2].lower()
    return bool(
        name.endswith(_SHELL_SUFFIXES)
        or name in _SHELL_NAMES
        or name.startswith("dockerfile")
        or SHEBANG.match(document.text)
    )

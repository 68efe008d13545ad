"""What `syncfork init` and `syncfork demo` say on a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from syncfork.render.styled import styled
from syncfork.words import count, plain

if TYPE_CHECKING:
    from rich.text import Text

    from syncfork.commands.demo import Demonstration
    from syncfork.commands.init import Started


def started(found: Started) -> Iterable[Text]:
    """What was written and what comes next."""
    for path in found.written:
        yield styled(("wrote ", "green"), plain(path))
    yield styled(("upstream   ", "dim"), plain(found.upstream))
    if found.tags:
        last = (
            f"the newest tag of the form {plain(found.tags)}: the fork's last three merges each brought one"
        )
        yield styled(("follows    ", "dim"), last)
    unknown = 'not known: `syncfork pr` needs it, as repository = "OWNER/NAME" in syncfork.toml'
    yield styled(("repository ", "dim"), plain(found.repository) or unknown)
    if found.pack:
        yield styled(
            ("pack       ", "dim"), f"{found.pack} fits this fork: `packs` in syncfork.toml adopts it"
        )
    for warning in found.warnings:
        yield styled(("warning: ", "yellow"), plain(warning))
    yield styled()
    yield from _steps("next: ", found.next)


def before_demo(found: Demonstration) -> Iterable[Text]:
    """Where the demo is, and what plain git makes of it."""
    demo = found.demo
    yield styled(("A small upstream and its fork, made for this: ", "bold"), plain(str(demo.fork.parent)))
    yield styled(("$ git merge upstream/main", "bold"), ("    (tried without touching anything)", "dim"))
    for line in found.conflicts:
        yield styled((plain(line), "red"))
    yield styled(
        f"Plain git stops here: {count(len(found.conflicts), 'file')} for a person to merge by hand."
    )
    yield styled()
    yield styled(("$ syncfork merge --pack python-build-standalone", "bold"))


def after_demo(found: Demonstration) -> Iterable[Text]:
    """Where everything is left, and what to look at."""
    yield styled()
    yield styled(("The fork is left for you to explore: ", "bold"), plain(str(found.demo.fork)))
    yield from _steps("try: ", found.tour)


def _steps(lead: str, steps: Iterable[str]) -> Iterable[Text]:
    for number, step in enumerate(steps):
        yield styled((lead if number == 0 else " " * len(lead), "dim"), plain(step))

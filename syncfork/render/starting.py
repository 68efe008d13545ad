"""What `syncfork init` and `syncfork demo` say on a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from syncfork.render.text import count, plain

if TYPE_CHECKING:
    from rich.text import Text

    from syncfork.commands.demo import Demonstration
    from syncfork.commands.init import Started


def started(found: Started) -> Iterable[Text]:
    """What was written and what comes next."""
    for path in found.written:
        yield _text(("wrote ", "green"), plain(path))
    yield _text(("upstream   ", "dim"), plain(found.upstream))
    yield _text(("repository ", "dim"), plain(found.repository) or "not known: set it for `syncfork pr`")
    if found.pack:
        yield _text(
            ("pack       ", "dim"), f"{found.pack} fits this fork: `packs` in syncfork.toml adopts it"
        )
    for warning in found.warnings:
        yield _text(("warning: ", "yellow"), plain(warning))
    yield _text()
    yield from _steps("next: ", found.next)


def before_demo(found: Demonstration) -> Iterable[Text]:
    """Where the demo is, and what plain git makes of it."""
    demo = found.demo
    yield _text(("A small upstream and its fork, made for this: ", "bold"), plain(str(demo.fork.parent)))
    yield _text(("$ git merge upstream/main", "bold"), ("    (tried without touching anything)", "dim"))
    for line in found.conflicts:
        yield _text((plain(line), "red"))
    yield _text(f"Plain git stops here: {count(len(found.conflicts), 'file')} for a person to merge by hand.")
    yield _text()
    yield _text(("$ syncfork merge --pack python-build-standalone", "bold"))


def after_demo(found: Demonstration) -> Iterable[Text]:
    """Where everything is left, and what to look at."""
    yield _text()
    yield _text(("The fork is left for you to explore: ", "bold"), plain(str(found.demo.fork)))
    yield from _steps("try: ", found.tour)


def _steps(lead: str, steps: Iterable[str]) -> Iterable[Text]:
    for number, step in enumerate(steps):
        yield _text((lead if number == 0 else " " * len(lead), "dim"), plain(step))


def _text(*parts: str | tuple[str, str]) -> Text:
    from rich.text import Text

    return Text.assemble(*parts)

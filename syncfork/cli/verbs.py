"""The verbs, each with the module that has it. A run needs one of them, and to set up all takes as long as most work."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

# In the order of the help.
MODULES = {
    "drift": "drifting",
    "learn": "learning",
    "merge": "merging",
    "continue": "merging",
    "abort": "merging",
    "status": "merging",
    "explain": "merging",
    "check": "merging",
    "pr": "publishing",
    "replay": "replaying",
    "report": "reporting",
    "resolve": "resolving",
    "init": "starting",
    "demo": "starting",
    "rules": "rules",
    "resolvers": "calibrating",
    "fleet": "fleeting",
    "ci": "publishing_ci",
    "resolutions": "remembering",
}


def load(arguments: Sequence[str] = ()) -> None:
    """Register the verb that the command line `arguments` name; all of them where it is not plain which."""
    for module in _wanted(arguments):
        import_module(f"syncfork.cli.{module}")


def _wanted(arguments: Sequence[str]) -> Sequence[str]:
    waiting = list(arguments)
    while waiting:
        argument = waiting.pop(0)
        if argument in MODULES:
            return (MODULES[argument],)
        if argument == "--version":
            return ()
        if argument == "-C" and waiting:
            waiting.pop(0)
        elif not argument.startswith("-C"):
            break
    return tuple(dict.fromkeys(MODULES.values()))

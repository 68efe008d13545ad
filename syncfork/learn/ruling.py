"""Rules that come to what a person chose: proposals, each with a case that its conflict is. Pure.

A proposal is only made where the rule, applied to the whole texts of both sides, comes to the chosen text in the
conflict's place and changes nothing else there (a value that is rewritten wherever upstream uses it may), and where
it bears out its own case. That the merge is then the one wanted is for git to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import yaml
from msgspec import Struct

from syncfork.errors import RuleError
from syncfork.globs import exactly
from syncfork.learn.ruling_steps import Steps, added, kept, literals, removed, values
from syncfork.merge.cases import run_cases
from syncfork.resolve.ground import Ground
from syncfork.resolve.walk import Take
from syncfork.rewrite.base import Fork, Problem
from syncfork.rules.dump import rule_text
from syncfork.rules.load import load_rules
from syncfork.rules.model import Rule
from syncfork.rules.naming import identifier
from syncfork.text import Document

# So many lines around the conflict are in the rule's case; where they hold more than the rule's one place, fewer.
_AROUND = (4, 2, 1, 0)


class Proposed(Struct, frozen=True):
    """A rule as the text of its file, and ready for use. `about` says what it does; `elsewhere` counts the lines of
    upstream's file that it changes besides the conflict."""

    text: str
    rule: Rule
    about: str
    elsewhere: int = 0

    @property
    def id(self) -> str:
        """The rule's name."""
        return self.rule.id


def whole_rule(paths: Sequence[str], take: Take, why: str) -> Proposed | None:
    """The rule by which the paths are a side's, or absent, from now on; None where it cannot be written. Several are of
    one folder."""
    if take not in ("ours", "theirs", "absent"):
        return None
    one = len(paths) == 1
    name = paths[0] if one else paths[0].rpartition("/")[0] or "files"
    identity = identifier(take, name, "" if one else "\0".join(paths))
    data = {"id": identity, "why": why, "files": [exactly(path) for path in paths], "own": take}
    stays, them = ("stays", "the path") if one else ("stay", f"the {len(paths)} paths")
    about = {
        "ours": f"{them} {stays} ours",
        "theirs": f"{them} {'is' if one else 'are'} upstream's",
        "absent": f"{them} {stays} deleted",
    }
    found = read(data)
    return Proposed(*found, about[take]) if found and all(map(found[1].files.match, paths)) else None


def clash_rules(ground: Ground, why: str, merge: str) -> Iterator[Proposed]:
    """Rules that come to `ground.chosen`, one or two of each kind that fits, the most telling kind first. `merge` names the
    merge that the conflict is of."""
    for kind, propose in _KINDS.items():
        found = (_fitting(ground, kind, steps, why, merge) for steps in propose(ground))
        yield from islice(filter(None, found), _MOST[kind])


# Of most kinds the first that fits is as good as any; whether more than the new lines has to go, the merge tells.
_MOST = {"value": 1, "carry": 1, "without": 2, "keep": 1, "replace": 1}
_KINDS = {"value": values, "carry": added, "without": removed, "keep": kept, "replace": literals}


def _fitting(ground: Ground, kind: str, steps: Steps, why: str, merge: str) -> Proposed | None:
    """The proposal with as much around its case as it bears; None where the rule does not do what it is for."""
    mark = "\0".join((ground.clash.theirs, ground.chosen, repr(steps.steps)))
    head = {
        "id": identifier(kind, f"{ground.path} {_title(ground)}", mark),
        "why": why,
        "files": [exactly(ground.path)],
        "rewrite": list(steps.steps),
    }
    plain = read(head)
    elsewhere = _fits(plain[1], ground, exact=not steps.everywhere) if plain else None
    if elsewhere is None:
        return None
    for around in _AROUND:
        found = read({**head, "cases": _cases(ground, around, merge, fork=steps.carries)})
        if found and not any(result.failure for result in run_cases([found[1]])):
            return Proposed(*found, steps.about, elsewhere)
    return None


def _cases(ground: Ground, around: int, merge: str, *, fork: bool) -> list[dict[str, str]]:
    after = ground.excerpt("theirs", around, ground.chosen)
    common = {"path": ground.path}
    if fork:
        common["fork"] = ground.excerpt("ours", around, ground.clash.ours)
    before = ground.excerpt("theirs", around, ground.clash.theirs)
    return [
        {"name": f"as it was resolved in {merge}", **common, "before": before, "after": after},
        {"name": "the fork's own form", **common, "unchanged": after},
    ]


def _fits(rule: Rule, ground: Ground, *, exact: bool) -> int | None:
    """How many lines of upstream's the rule changes beside the conflict; None where it does not come to what was
    chosen, changes the fork's own text to something else, or is not done after one time."""
    fork = Fork(Document(ground.path, ground.text("ours")))
    made: dict[str, str] = {}
    for side in ("ours", "theirs"):
        once = _applied(rule, ground, ground.text(side), fork)
        if once is None or _applied(rule, ground, once, fork) != once:
            return None
        made[side] = once
    if made["ours"] not in (ground.text("ours"), ground.made("ours")):
        return None
    wanted = ground.made("theirs")
    if exact:
        return 0 if made["theirs"] == wanted else None
    # Where the rule leaves nothing to do in what was chosen, the conflict's place is as it was chosen.
    if _applied(rule, ground, wanted, fork) != made["theirs"]:
        return None
    before, after = wanted.split("\n"), made["theirs"].split("\n")
    return (
        sum(one != two for one, two in zip(before, after, strict=True)) if len(before) == len(after) else None
    )


def _applied(rule: Rule, ground: Ground, text: str, fork: Fork) -> str | None:
    made = rule.apply(Document(ground.path, text), fork)
    return None if isinstance(made, Problem) else made.text


def read(data: Mapping[str, Any]) -> tuple[str, Rule] | None:
    """The text of a rule file and the rule that is read from it; None where it cannot be written, or is no rule."""
    try:
        text = rule_text(data)
        [rule] = load_rules([(f"{data['id']}.yml", text.encode())])
    except (RuleError, UnicodeEncodeError, yaml.YAMLError):
        return None
    return text, rule


def _title(ground: Ground) -> str:
    """The first line of what was chosen that says something."""
    lines: Sequence[str] = [line.strip() for line in ground.chosen.split("\n") if re.search(r"\w", line)]
    return lines[0][:40] if lines else ""

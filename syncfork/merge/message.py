"""The merge commit's message: per conflict that git alone would have had, what upstream did and what was done."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from syncfork.alike import alike
from syncfork.report import ConflictItem, Culprit, Finding, Report, RuleItem
from syncfork.words import count, harmless, one_line, place

_TITLES = (
    "Broken by this merge, to be mended on its branch:",
    "Left for a person to decide:",
    "Accepted:",
)
# So many of the paths of which the same is told are named: git lists what a commit changed.
_MOST_NAMED = 20
# So many findings of a kind are told: a message that nobody reads to its end tells nobody.
_MOST_FINDINGS = 20
# The detectors whose findings are about what a person did.
BY_HAND = ("dropped", "by-hand")


def merge_message(report: Report) -> str:
    """The message for the merge that `report` describes."""
    fork, upstream = report.fork, report.upstream
    if fork is None or upstream is None:
        raise ValueError("a merge has a fork and an upstream")
    lines = [f"Merge {upstream.named} into {fork.ref}", ""]
    lines.append(_count(report))
    for group in _grouped(report.git_alone, report):
        lines += ["", *_block(group, report)]
    for title in _TITLES:
        found = _listed(title, report)
        lines += ["", *found] if found else []
    return "\n".join(harmless(line) for line in lines) + "\n"


def _listed(title: str, report: Report) -> list[str]:
    """The findings under one of `_TITLES`; what was done by hand is told apart. Empty where there is none."""
    lived_with = [finding for finding in report.findings if finding.accepted]
    groups = dict(zip(_TITLES, (report.breakages(), report.decisions(), lived_with), strict=True))
    lines = []
    for finding in groups[title]:
        if finding.detector not in BY_HAND:
            why = f" (accepted: {finding.accepted})" if finding.accepted else _blame(finding.culprits)
            lines.append(_wrap(f"{place(finding.path)}: {finding.message}{why}", "- "))
    if len(lines) > _MOST_FINDINGS:
        more = f"- and {len(lines) - _MOST_FINDINGS} more: `syncfork report` has them, until the next merge"
        lines = [*lines[:_MOST_FINDINGS], more]
    return [title, *lines] if lines else []


def accepted_note(accepted: Sequence[Finding], why: str) -> str:
    """What a person accepted when finishing a merge, and why, where it does not say so itself: lines to add to its
    message."""
    lines = [
        one_line(f"- {place(item.path, item.line)}: {item.message}: {item.accepted or why}", 1000)
        for item in accepted
    ]
    return "\nAccepted by hand:\n" + "\n".join(lines) + "\n"


def retold(message: str, was: Report, now: Report) -> str:
    """The message of `was` with what `now` tells of each conflict and what it found; what a person wrote in the place
    of that stays."""
    blocks = [(_block(group, was), _blocks(group, now)) for group in _grouped(was.git_alone, was)]
    blocks += [(_listed(title, was), _listed(title, now)) for title in _TITLES]
    for old, new in blocks:
        before, after = ("".join(f"\n{harmless(line)}" for line in ("", *lines)) for lines in (old, new))
        if old:
            message = message.replace(f"{before}\n", f"{after if new else ''}\n", 1)
        elif new:
            message = f"{message.rstrip()}{after}\n"
    return message


def _count(report: Report) -> str:
    base = (report.merge_base or "")[:9]
    hunks = sum(item.hunks for item in report.git_alone)
    alone = (
        f"git alone leaves {count(hunks, 'conflict')} in {count(len(report.git_alone), 'file')}."
        if hunks
        else "git alone has no conflict."
    )
    return f"{count(report.behind, 'upstream commit')} since {base}; {alone}"


def _grouped(items: Sequence[ConflictItem], report: Report) -> list[tuple[ConflictItem, ...]]:
    """The conflicts of which the same is to be told together."""
    return alike(items, lambda item: tuple(_conflict(item, report)))


def _blocks(items: Sequence[ConflictItem], report: Report) -> list[str]:
    """The blocks of all of the conflicts, with an empty line between two."""
    lines = [line for group in _grouped(items, report) for line in ("", *_block(group, report))]
    return lines[1:]


def _block(group: Sequence[ConflictItem], report: Report) -> list[str]:
    """What is told of conflicts of which the same is to be told, below their paths."""
    names = [place(item.path) for item in group[:_MOST_NAMED]]
    more = [f"and {len(group) - _MOST_NAMED} more"] if len(group) > _MOST_NAMED else []
    return [*names, *more, *_conflict(group[0], report)]


def _conflict(item: ConflictItem, report: Report) -> list[str]:
    """What upstream did, and what was done about it."""
    left = next((conflict for conflict in report.conflicts if conflict.path == item.path), None)
    # What is left in conflict is about something else than a rule that found all as it wants it.
    telling = ("applied",) if left else ("applied", "satisfied")
    acted = [rule for rule in report.rules if rule.path == item.path and rule.outcome in telling]
    broken = [rule.id for rule in report.rules if rule.path == item.path and rule.outcome == "broken"]
    subjects = [culprit.subject for culprit in item.culprits[:3]]
    more = f" and {len(item.culprits) - 3} more" if len(item.culprits) > 3 else ""
    lines = [_wrap("; ".join(subjects) + more or "unknown", "  upstream: ")]
    if acted and not left:
        lines.append(_wrap(" ".join(dict.fromkeys(rule.why for rule in acted)), "  ours: "))
    lines += [_wrap(_done(rule), "  done: ") for rule in acted]
    lines += [_wrap(f"{r.by}: {r.why}", "  done: ") for r in report.resolutions if r.path == item.path]
    if left or broken:
        kind = f" ({left.kind})" if left and left.kind != "contents" else ""
        against = f", against {_named(broken)}" if broken else ""
        lines.append(_wrap(f"by hand{kind}{against}", "  done: "))
    return lines


def _named(rules: Sequence[str]) -> str:
    return f"rule{'s' if len(rules) > 1 else ''} {', '.join(rules)}"


def _done(rule: RuleItem) -> str:
    words = [f"rule {rule.id}"]
    if rule.kept:
        words.append(f"kept {', '.join(rule.kept)}")
    if rule.dropped:
        words.append(f"dropped {', '.join(rule.dropped)}")
    if not rule.dropped:
        words.append(
            f"{count(rule.sites, 'place')} changed" if rule.outcome == "applied" else "nothing to change"
        )
    return "; ".join(words)


def _blame(culprits: Sequence[Culprit]) -> str:
    return f" (upstream: {culprits[0].subject})" if culprits else ""


def _wrap(text: str, lead: str) -> str:
    body = textwrap.wrap(" ".join(text.split()), 100, initial_indent=lead, subsequent_indent=" " * len(lead))
    return "\n".join(body)

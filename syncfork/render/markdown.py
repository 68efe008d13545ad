"""The report as Markdown: a job summary, the body of an issue or pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from syncfork.alike import (
    all_culprits,
    answered_by,
    by_folder,
    folder_of,
    left_alike,
    name_of,
    resolved_alike,
    ruled_alike,
)
from syncfork.render import markdown_drift
from syncfork.render.headline import not_looked_for, nothing_to_merge
from syncfork.render.markdown_drift import commit
from syncfork.render.spans import code, escaped, sentence, span
from syncfork.report import ConflictItem, Culprit, Finding, Report, RuleItem
from syncfork.words import count, listed, place, plain

# A forge refuses an issue or pull request of more than 65,536 characters; some are for those who add a line.
_LONGEST = 60_000
# Of what one rule did, so many folders have a line of their own.
_MOST_FOLDERS = 20
_FOLD_END = "\n</details>"


def render(report: Report) -> str:
    """The whole report. Foreign text stands in code spans, where nothing of it is obeyed."""
    return "\n".join(_fitting(_lines(report))) + "\n"


def _fitting(chunks: Iterable[str]) -> Iterable[str]:
    """As many of the chunks as an issue takes; each is whole in itself but for the ends of a fold."""
    used, folded, cut = 0, False, 0
    for chunk in chunks:
        used += len(chunk) + 1
        if used > _LONGEST:
            cut += 1
            continue
        folded = chunk.startswith("\n<details>") or (folded and chunk != _FOLD_END)
        yield chunk
    if folded:
        yield _FOLD_END
    if cut:
        yield f"\n… and {count(cut, 'more entry', 'more entries')}: the page or the JSON report holds them all."


def _lines(report: Report) -> Iterable[str]:
    yield from _head(report)
    if report.drift:
        yield from markdown_drift.headlines(report, report.drift)
    yield from _left(report)
    if report.drift:
        yield from markdown_drift.details(report, report.drift)
    yield from _rules(report)
    yield from _resolutions(report)
    yield from _alone(report)
    yield from _notes(report)


def _head(report: Report) -> Iterable[str]:
    fork, upstream = report.fork, report.upstream
    if fork and upstream:
        verb = "Drift of" if report.drift else "Sync"
        names = (fork.ref, upstream.ref, "from") if report.drift else (upstream.ref, fork.ref, "into")
        check = report.verb == "check"
        yield (
            f"## Check of {code(fork.ref)}"
            if check
            else f"## {verb} {code(names[0])} {names[2]} {code(names[1])}"
        )
        yield ""
        base = f", merge base {code(report.merge_base[:9])}" if report.merge_base else ""
        told = f"Upstream {code(upstream.commit[:9])}, fork {code(fork.commit[:9])}{base}"
        yield (
            f"{told}." if report.drift or check else f"{told}:\n{report.behind} behind, {report.ahead} ahead."
        )
    elif fork:
        yield f"## {code(fork.ref)}{f' {code(fork.short)}' if fork.short else ''}"
    if report.state == "up to date":
        yield f"\nNothing to merge: {escaped(nothing_to_merge(report))}."
    for warning in report.warnings:
        yield f"\n**Warning:** {escaped(warning)}"
    if report.switched_off:
        yield f"\n_{escaped(not_looked_for(report))}._"
    if report.verb in ("merge", "drift") and report.state != "up to date":
        alone, left = sum(c.hunks for c in report.git_alone), sum(c.hunks for c in report.conflicts)
        yield ""
        yield f"git alone: **{_hunks(alone, len(report.git_alone))}**; with syncfork: **{_hunks(left, len(report.conflicts))}**."


def _hunks(hunks: int, files: int) -> str:
    return f"{count(hunks, 'conflict')} in {count(files, 'file')}" if files else "no conflict"


def _left(report: Report) -> Iterable[str]:
    breakages, decisions = report.breakages(), report.decisions()
    if report.conflicts or breakages or report.ledger.unexplained:
        yield "\n### Left for a person\n"
    yield from _conflicts(report.conflicts, "- [ ]")
    for finding in breakages:
        yield _finding(finding)
    for item in report.ledger.unexplained:
        yield f"- [ ] {span(place(item.path, item.line))}: nothing explains this departure from {item.against}: {code(item.text)}"
    if decisions:
        yield "\n### Decide\n"
    for finding in decisions:
        yield _finding(finding)


def _conflicts(items: Sequence[ConflictItem], mark: str) -> Iterable[str]:
    for group in left_alike(items):
        item = group[0]
        if len(group) == 1:
            yield f"{mark} {span(place(item.path))}: {_conflict(item)}{_each(item)}{_elsewhere(item)}"
            continue
        files = f"{count(len(group), 'file')}, {escaped(item.kind)}"
        yield f"{mark} {span(place(folder_of(item.path)))}: {files}{_blame(all_culprits(group))}"
        yield from (f"  - {span(place(name_of(each.path)))}" for each in group)


def _conflict(item: ConflictItem) -> str:
    hunks = count(item.hunks, "conflict")
    if item.kind == "contents":
        return hunks
    return f"{hunks} ({escaped(item.told)})" if item.hunks else escaped(item.told)


def _each(item: ConflictItem) -> str:
    """Who caused it: each conflict's own commits below it where they are known, else the path's."""
    if not any(text.culprits for text in item.texts):
        return _blame(item.culprits)
    lines = [
        f"\n  - line {text.line} of the fork's file: {_named(text.culprits) or 'not known'}"
        for text in item.texts
    ]
    return "".join(lines)


def _elsewhere(item: ConflictItem) -> str:
    return "".join(f"\n  - {escaped(told, 500)}" for told in item.elsewhere)


def _finding(finding: Finding) -> str:
    known = code(finding.id) + (f", rule {code(finding.rule)}" if finding.rule else "")
    where = span(place(finding.path, finding.line))
    told = (
        f"- [ ] {where}: {sentence(finding.message, 500)} ({known}){_blame(finding.culprits)}{_fix(finding)}"
    )
    return told + "".join(f"\n  - {line}" for line in _folders(finding.files))


def _fix(finding: Finding) -> str:
    """What to do; the code that is to be ported stands below it as a block."""
    lead = f"<br>fix: {sentence(finding.fix, 500)}" if finding.fix else ""
    if not finding.code.strip():
        return lead
    lines = fenced(plain(finding.code)[:3000].strip("\n"))
    return lead + "\n\n" + "\n".join(f"  {line}".rstrip() for line in lines)


def fenced(text: str) -> list[str]:
    """The lines of a code block, which nothing in the text ends."""
    fence = "`" * max(3, max((len(run) + 1 for run in re.findall("`+", text)), default=3))
    return [fence, *text.split("\n"), fence]


def _blame(culprits: Sequence[Culprit]) -> str:
    named = _named(culprits)
    return f"<br>upstream: {named}" if named else ""


def _named(culprits: Sequence[Culprit]) -> str:
    more = f" and {len(culprits) - 3} more" if len(culprits) > 3 else ""
    return "; ".join(commit(culprit) for culprit in culprits[:3]) + more


def _rules(report: Report) -> Iterable[str]:
    acted = report.acted()
    if acted:
        yield "\n### What the rules did\n"
    for group in ruled_alike(acted):
        item, paths = group[0], list(dict.fromkeys(each.path for each in group))
        where = span(place(item.path)) if len(paths) == 1 else count(len(paths), "file")
        yield f"- {code(item.id)} in {where}: {_did(group)}<br>{escaped(item.why, 400)}"
        if len(paths) > 1:
            yield from (f"  - {line}" for line in _folders(paths))


def _folders(paths: Iterable[str]) -> Iterable[str]:
    """A line for each folder, the fullest first; of many folders the others are counted."""
    folders = by_folder(paths)
    for folder, held in folders[:_MOST_FOLDERS]:
        yield _in_folder(folder, held)
    if others := folders[_MOST_FOLDERS:]:
        files = count(sum(len(held) for _, held in others), "more file")
        yield f"{files} in {count(len(others), 'folder')}: the JSON report names them"


def _in_folder(folder: str, paths: Sequence[str]) -> str:
    """The files of one folder in a line; only the first ones are named where they are many."""
    if len(paths) == 1:
        return span(place(paths[0]))
    names = listed([span(place(name_of(path))) for path in paths])
    return f"{span(place(folder))}: {count(len(paths), 'file')}, {names}"


def _did(group: Sequence[RuleItem]) -> str:
    item, parts = group[0], []
    if item.kept:
        parts.append(f"kept {', '.join(code(name) for name in item.kept)}")
    if item.dropped:
        parts.append(f"dropped {', '.join(code(name) for name in item.dropped)}")
    if item.detail:
        parts.append(escaped(item.detail))
    return "; ".join(parts) or count(sum(each.sites for each in group), "place")


def _resolutions(report: Report) -> Iterable[str]:
    if report.resolutions:
        yield "\n### Resolved without a person, not by a rule\n"
    for group in resolved_alike(report.resolutions):
        item = group[0]
        clashes = sum(each.clashes for each in group)
        part = "" if item.whole else f", {count(clashes, 'conflict')} of several"
        paths = dict.fromkeys(each.path for each in group)
        where = span(place(item.path)) if len(paths) == 1 else count(len(paths), "file")
        yield f"- {where}: {escaped(answered_by(group))}{part}<br>{escaped(item.why, 400)}"
        if len(paths) > 1:
            yield from (f"  - {span(place(path))}" for path in paths)
    if report.remembered:
        folder = code(report.remembered[0].rpartition("/")[0])
        yield f"\nRemembered {count(len(report.remembered), 'resolution')} in {folder}."


def _alone(report: Report) -> Iterable[str]:
    if report.git_alone:
        yield "\n<details><summary>What git alone would have left</summary>\n"
        yield from _conflicts(report.git_alone, "-")
        yield _FOLD_END


def _notes(report: Report) -> Iterable[str]:
    accepted = [f for f in report.findings if f.accepted]
    if accepted:
        yield "\n<details><summary>Accepted</summary>\n"
        for finding in accepted:
            where = span(place(finding.path, finding.line))
            yield f"- {where}: {sentence(finding.message)}<br>because: {escaped(finding.accepted)}"
        yield _FOLD_END
    for title, told in (
        ("Older debts, here before", report.old_debts()),
        ("Notes", [f for f in report.findings if f.cls == "note" and not f.accepted]),
    ):
        if told:
            yield f"\n<details><summary>{title}</summary>\n"
            for finding in told:
                yield f"- {span(place(finding.path, finding.line))}: {sentence(finding.message)}"
            yield _FOLD_END

"""Do the intents hold on one given tree? For `check`, and for a merge that a person finished."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from syncfork.git.objects import Entry
from syncfork.git.repository import Repository
from syncfork.hold.base import Origin, Trees
from syncfork.merge.culprits import History
from syncfork.merge.findings import hold_finding, make_finding, to_apply, to_hold, weight_of
from syncfork.merge.holds import judge, load_trees, looked_at
from syncfork.merge.lift import otherwise
from syncfork.report import Finding, RuleItem
from syncfork.rewrite.base import Fork, Problem
from syncfork.rewrite.reformat import made_ready
from syncfork.rules.model import Rule
from syncfork.text import Document, decode_document


class Verdict(Struct, frozen=True):
    """What rules and invariants say of a tree."""

    rules: tuple[RuleItem, ...]
    findings: tuple[Finding, ...]


def verify(
    repository: Repository,
    rules: Sequence[Rule],
    tree: Mapping[str, Entry],
    fork: Mapping[str, Entry],
    former: Mapping[str, str],
    base: Mapping[str, Entry] | None = None,
    before: Mapping[str, Entry] | None = None,
    origin: Origin | None = None,
) -> Verdict:
    """Judge `tree` by `rules`. `fork` holds the files that carried text comes from; `former` maps a path of
    the tree to the name that the fork has for it, where that differs; `base` is what a merge began with. An invariant
    that was violated in the tree `before` already is not new. `origin` is what the tree was made from, where that is known."""
    items: list[RuleItem] = []
    findings: list[Finding] = _lost(rules, tree, fork, former)
    for rule, documents, unreadable in _governed(repository, rules, tree, fork, former):
        for path in unreadable:
            message = "this intent could not be checked: not a text file"
            findings.append(_broken(rule, path, message, to_hold(path, rule)))
        if rule.reforms:
            # What form the fork's own has is no matter of a merge.
            documents = [
                (d, source) for d, source in documents if not source.own or source.own.text != d.text
            ]
        made_ready((step, document) for step in rule.steps for document, _ in documents)
        for document, source in documents:
            result = rule.apply(document, source)
            problem = result.detail if isinstance(result, Problem) else ""
            if not isinstance(result, Problem) and result.text != document.text:
                problem = otherwise(rule, result)
            outcome = (
                result.outcome if isinstance(result, Problem) else ("broken" if problem else "satisfied")
            )
            items.append(
                RuleItem(rule.id, document.path, outcome, 0, "ours", rule.why, problem, source=rule.source)
            )
            if problem:
                message = f"this intent does not hold: {problem}"
                fix = (to_hold if isinstance(result, Problem) else to_apply)(document.path, rule)
                finding = _broken(rule, document.path, message, fix)
                findings.append(finding)
    holding = [rule for rule in rules if rule.holds]
    trees = {"tree": tree, "base": base, "before": before}
    given = {name: entries for name, entries in trees.items() if entries is not None}
    loaded = load_trees(repository.blobs, given, looked_at(holding), former)
    earlier = Trees(loaded["before"]) if before is not None else None
    judged = judge(holding, Trees(loaded["tree"], loaded.get("base"), origin=origin), earlier, former)
    findings += [hold_finding(item, History()) for item in judged]
    return Verdict(tuple(items), tuple(findings))


def _governed(
    repository: Repository,
    rules: Sequence[Rule],
    tree: Mapping[str, Entry],
    fork: Mapping[str, Entry],
    former: Mapping[str, str],
) -> list[tuple[Rule, list[tuple[Document, Fork]], list[str]]]:
    """Each rewriting rule with the texts it governs, where it carries from, and the paths that hold no text."""
    rewriting = [rule for rule in rules if rule.steps]

    def governed(rule: Rule) -> list[str]:
        names = {path: former.get(path, path) for path in tree}
        return [path for path, name in names.items() if rule.files.match(path) or rule.files.match(name)]

    paths = {rule.id: governed(rule) for rule in rewriting}
    mine = {rule.id: [path for path in fork if rule.files.match(path)] for rule in rewriting}
    oids = [tree[path].oid for found in paths.values() for path in found]
    oids += [fork[path].oid for found in mine.values() for path in found]
    blobs = repository.blobs(oids)

    def read(path: str, entry: Entry | None) -> Document | None:
        content = blobs.get(entry.oid) if entry and entry.is_file else None
        found = decode_document(path, content) if content is not None else None
        return found[0] if found else None

    result = []
    for rule in rewriting:
        siblings = tuple(d for path in sorted(mine[rule.id]) if (d := read(path, fork[path])))
        documents = []
        for path in sorted(paths[rule.id]):
            if document := read(path, tree[path]):
                name = former.get(path, path)
                documents.append((document, Fork(read(name, fork.get(name)), siblings)))
        found = {document.path for document, _ in documents}
        result.append((rule, documents, [path for path in paths[rule.id] if path not in found]))
    return result


def _broken(rule: Rule, path: str, message: str, fix: str) -> Finding:
    return make_finding(weight_of(rule), "intent", rule, path, 1, message, fix=fix)


def _lost(
    rules: Sequence[Rule], tree: Mapping[str, Entry], fork: Mapping[str, Entry], former: Mapping[str, str]
) -> list[Finding]:
    """Intents without a file to live in, and files that an intent wants absent."""
    found = []
    names = {*tree, *(former[path] for path in tree if path in former)}
    for rule in rules:
        here = sorted(path for path in names if rule.files.match(path))
        if rule.own and rule.own.name == "absent":
            message = "this path is back, which the rule wants absent"
            found += [
                _broken(rule, path, message, f"git rm {shlex.quote(path)}: {rule.why}") for path in here
            ]
        elif rule.steps and not here:
            gone = sorted({path for path in fork if rule.files.match(path)} | rule.files.literal)
            message = "the file is gone, and no other one carries this intent"
            fix = f"bring it back, or correct {rule.source}: {rule.why}"
            found += [_broken(rule, path, message, fix) for path in gone[:1]]
    return found


def aged(findings: Sequence[Finding], before: Sequence[Finding]) -> list[Finding]:
    """`findings`, those that were there `before` marked as not new."""
    old = {finding.id for finding in before}
    return [replace(finding, new=finding.new and finding.id not in old) for finding in findings]

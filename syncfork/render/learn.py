"""What `syncfork learn` says: on a terminal, as JSON, and as the rule files."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from msgspec import to_builtins
from msgspec.structs import replace

from syncfork.config import FILE
from syncfork.learn.base import Evidence, Proposal, Reference, Score
from syncfork.learn.written import as_yaml as rule_file
from syncfork.render.json import as_text
from syncfork.render.replay import not_counted
from syncfork.render.styled import styled
from syncfork.words import count, listed, one_line, plain

if TYPE_CHECKING:
    from rich.text import Text

    from syncfork.commands.learn import Learned

_MOST_FILES = 5
_MOST_NAMED = 3


def as_json(found: Learned) -> str:
    """One JSON object; each proposal has its rule file's text besides."""
    data = to_builtins(replace(found, proposals=(), refused=()))
    data["proposals"] = [_data(proposal) | {"file": rule_file(proposal)} for proposal in found.proposals]
    data["refused"] = [_data(proposal) for proposal in found.refused]
    return as_text(data)


def as_yaml(found: Learned) -> str:
    """The rule files, one YAML document each."""
    return "---\n".join(rule_file(proposal) for proposal in found.proposals)


def _data(proposal: Proposal) -> dict[str, Any]:
    evidence = proposal.evidence
    return {
        "learner": proposal.learner,
        "rule": dict(proposal.rule),
        "evidence": {
            "bearing": _references(evidence.bearing),
            "against": _references(evidence.against),
            "last": str(evidence.last),
            "until": str(evidence.until),
        },
        "score": to_builtins(proposal.score) if proposal.score else None,
        "refused": proposal.refused,
    }


def _references(references: Iterable[Reference]) -> list[str]:
    return [f"{reference.commit}:{reference.path}" for reference in references]


def shown(found: Learned, *, everything: bool) -> Iterable[Text]:
    """The lines for a terminal: each proposal with its evidence, what is out of date, the sums."""
    upstream = plain(found.upstream.ref) if found.upstream else "upstream not known"
    yield styled(
        (upstream, "bold"), " → ", (plain(found.fork.ref), "bold"), f"   {count(found.merges, 'merge')}"
    )
    for warning in found.warnings:
        yield styled(("warning: ", "yellow"), one_line(warning, 500))
    for proposal in found.proposals:
        yield from _proposal(proposal)
    if not found.proposals:
        yield from _nothing(found, everything)
    if everything and (found.refused or found.proposals):
        yield from _refused(found.refused)
    yield from _withdrawn(found)
    yield from _renewed(found)
    if found.conflicted and found.proposals:
        yield from _sums(found)
    if found.markers:
        yield styled((not_counted(found.markers), "dim"))
    moved = {rule.file for rule in found.renewed}.intersection(found.written)
    if new := len(found.written) - len(moved):
        where = f"{count(new, 'rule file')} written: read them, then commit them"
        tested = any("cases" in proposal.rule for proposal in found.proposals)
        yield styled((where, "bold"), " (`syncfork rules test` runs their cases)" if tested else "")
        if found.todo:
            yield styled(f"to be read, they need this at the top of {FILE}: ", (found.todo, "bold"))
    if moved:
        yield styled((f"the days in {count(len(moved), 'rule file')} moved on: commit that", "bold"))
    for path in found.kept:
        yield styled((f"{one_line(path)} is there already, and was left alone", "dim"))
    if found.proposals and not (found.written or found.kept):
        rest = "" if everything else "; what is not proposed: --all"
        yield styled((f"rule files: --write FOLDER{rest}", "dim"))


def _sums(found: Learned) -> Iterable[Text]:
    """How the conflicts come out with all proposals together."""
    yield styled()
    yield styled(
        f"all together, in {count(found.conflicted, 'conflicting path')}: as people committed it ",
        (str(found.score.same), "green"), ", different ",
        (str(found.score.different), "bold red" if found.score.different else ""),
        f", left to a person {found.score.left}",
    )  # fmt: skip


def _nothing(found: Learned, everything: bool) -> Iterable[Text]:
    """Why there is no proposal, and what to do instead."""
    merges = count(found.merges, "merge")
    if found.refused:
        yield styled(
            "nothing new is borne out well enough to propose it" + ("" if everything else ": see --all")
        )
    elif not found.merges:
        yield styled("no merge of upstream that could be read: nothing to learn from")
    elif not found.conflicted + found.markers:
        yield styled(f"{merges}, none with a conflict: nothing to learn from")
    else:
        yield styled(
            f"{merges}: nothing in their {count(found.conflicted, 'conflicting path')} was decided alike often enough for a rule"
        )
    step = "write a rule by hand, see docs/rules.md; or make a choice one in a merge: r in `syncfork resolve`"
    yield styled(("next: ", "dim"), step)


def _proposal(proposal: Proposal) -> Iterable[Text]:
    yield styled()
    yield styled((proposal.id, "bold"), (f"  {proposal.learner}", "dim"))
    yield styled(f"  {one_line(str(proposal.rule['why']))}")
    yield styled(f"  {_does(proposal)}  ", (one_line(_files(proposal.files)), "dim"))
    yield from _evidence(proposal.evidence)
    if proposal.score:
        yield styled(f"  replayed: {_score(proposal.score)}")


def _does(proposal: Proposal) -> str:
    own = proposal.rule.get("own")
    if own is None:
        return "rewrites"
    word = own if isinstance(own, str) else " ".join(f"{kind} {about}" for kind, about in own.items())
    return f"own: {one_line(word)}"


def _files(files: tuple[str, ...]) -> str:
    more = f" and {len(files) - _MOST_FILES} more" if len(files) > _MOST_FILES else ""
    return ", ".join(files[:_MOST_FILES]) + more


def _evidence(evidence: Evidence) -> Iterable[Text]:
    merges = list(dict.fromkeys(reference.commit[:9] for reference in evidence.bearing))
    times = count(len(evidence.bearing), "time")
    times += f" in {count(len(merges), 'merge')}" if len(merges) < len(evidence.bearing) else ""
    yield styled(
        f"  borne out {times}, last on {evidence.last}, holds until {evidence.until}  ",
        (listed(merges, _MOST_NAMED), "dim"),
    )
    for reference in evidence.against[:_MOST_NAMED]:
        yield styled(("  but not in ", "yellow"), one_line(str(reference)))


def _score(score: Score) -> str:
    more = f", {count(score.added, 'path')} need a person only because of it" if score.added else ""
    return f"as committed {score.same}, different {score.different}, left {score.left}{more}"


def _refused(refused: tuple[Proposal, ...]) -> Iterable[Text]:
    yield styled()
    yield styled(("Not proposed", "bold"), "" if refused else ": nothing else that merges bear out")
    for proposal in refused:
        yield styled(f"  {proposal.id}  ", (one_line(_files(proposal.files)), "dim"))
        yield styled(f"    {one_line(proposal.refused, 160)}")


def _renewed(found: Learned) -> Iterable[Text]:
    """The fork's rules that hold for longer than their files say."""
    if not found.renewed:
        return
    yield styled()
    yield styled(("borne out again", "bold"), " since their files were written")
    for rule in found.renewed:
        yield styled(f"  {rule.id}  holds until {rule.until}  ", (one_line(rule.file), "dim"))
    left = [rule for rule in found.renewed if rule.file not in found.written]
    if left:
        folder = left[0].file.rpartition("/")[0] or "."
        step = f"  to write that into the files: syncfork learn --write {shlex.quote(one_line(folder))}"
        yield styled((step, "dim"))


def _withdrawn(found: Learned) -> Iterable[Text]:
    if found.withdrawn:
        yield styled()
        yield styled(("Learned once, and no longer borne out: look at these again", "bold yellow"))
    for name in found.withdrawn:
        yield styled(f"  {one_line(name)}")

"""Which proposals stand: those that load, bear out their own cases, say something new, and made no past conflict
into something that people did not commit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from syncfork.git.repository import Repository
from syncfork.globs import exactly
from syncfork.learn.base import Dispute, Past, Proposal, Score
from syncfork.learn.clean import Clean, where_clean
from syncfork.learn.trial import Case, try_rules
from syncfork.learn.written import compiled
from syncfork.merge.cases import run_cases
from syncfork.rewrite.base import Fork
from syncfork.rules.model import Applied, Rule
from syncfork.text import Document

# A rewriting rule may be wrong in one of so many paths that it resolves.
_ONE_WRONG_IN = 100
# By itself it resolves at least so many past conflicts; one is an accident.
_LEAST = 2


class Candidate(Struct, frozen=True):
    """A proposal with its rule as it is read from a file."""

    proposal: Proposal
    rule: Rule


def candidates(
    proposals: Iterable[Proposal], known: Sequence[Rule]
) -> tuple[list[Candidate], list[Proposal]]:
    """Those that load, bear out their own cases and that no `known` rule makes needless; and the others, each with the
    reason. Paths that one proposal owns as a whole are taken out of those that would rewrite them."""
    good: list[Candidate] = []
    refused: list[Proposal] = []
    owned: set[str] = set()
    for proposal in sorted(proposals, key=lambda p: (p.rewrites, p.id)):
        mine = _left_over(proposal, known, owned)
        rule = compiled(mine) if mine.paths else None
        why = ""
        if not mine.paths:
            why = "a rule for these paths is there already"
        elif rule is None:
            why = "a text of it cannot be written into a rule file"
        elif failed := next((result for result in run_cases([rule]) if result.failure), None):
            why = f"its own case fails: {failed.failure}"
        elif mine.rewrites and _explained(mine, known):
            why = "the rules that are there already do the same"
        if why or rule is None:
            refused.append(replace(proposal, refused=why))
            continue
        good.append(Candidate(mine, rule))
        owned |= set() if mine.rewrites else set(mine.paths)
    return good, refused


def _left_over(proposal: Proposal, known: Sequence[Rule], owned: set[str]) -> Proposal:
    """The proposal for the paths that no other rule owns; for none where its rule speaks of a whole folder."""

    def free(path: str) -> bool:
        return path not in owned and not any(rule.own and rule.files.match(path) for rule in known)

    paths = tuple(path for path in proposal.paths if free(path))
    if paths == proposal.paths:
        return proposal
    if proposal.files != tuple(map(exactly, proposal.paths)):
        return replace(proposal, paths=())
    return replace(proposal, paths=paths, rule={**proposal.rule, "files": [exactly(path) for path in paths]})


def _explained(proposal: Proposal, known: Sequence[Rule]) -> bool:
    """Whether the known rules lead from what its first case begins with to what that ends with."""
    case = next((case for case in proposal.rule.get("cases", ()) if "before" in case), None)
    if case is None:
        return False
    text = case["before"]
    fork = Document(case["path"], case.get("fork", case["after"]))
    for rule in known:
        if rule.steps and rule.files.match(case["path"]):
            made = rule.apply(Document(case["path"], text), Fork(fork, (fork,)))
            text = made.text if isinstance(made, Applied) else text
    return bool(text == case["after"])


def tried(
    repository: Repository, found: Sequence[Candidate], past: Past
) -> tuple[list[Candidate], list[Proposal]]:
    """Rewriting candidates that past conflicts bear out, each with its score by itself; and those that do not.

    Some conflicts need several rules: a candidate that resolves none by itself stands where it is one of those that do
    together.
    """
    kept = [candidate for candidate in found if not candidate.proposal.rewrites]
    rewriting = [candidate for candidate in found if candidate.proposal.rewrites]
    scores = _scores(repository, [((c,), c.proposal.paths) for c in rewriting], past)
    clean = where_clean(repository, past, [(c.proposal, c.rule) for c in rewriting])
    scored = [_scored(c, scores[(c.rule.id,)], clean[c.rule.id]) for c in rewriting]
    right = [c for c in scored if not _harm(_score(c), clean[c.rule.id].merges)]
    best = _best(right)
    groups = [(tuple(group), (path,)) for path, group in by_path(best).items() if len(group) > 1]
    together = _scores(repository, groups, past)
    useful = {
        rule
        for ids, score in together.items()
        if score.same > max(scores[(one,)].same for one in ids)
        for rule in ids
    }
    at_odds = {rule for ids, score in together.items() if too_often_wrong(score) for rule in ids}
    chosen = {candidate.rule.id for candidate in best}
    refused = []
    for candidate in scored:
        why = _harm(_score(candidate), clean[candidate.rule.id].merges)
        if why:
            pass
        elif candidate.rule.id not in chosen:
            why = "another place for the same lines is borne out better"
        elif _score(candidate).same < _LEAST and candidate.rule.id not in useful:
            why = f"it would have resolved fewer than {_LEAST} past conflicts, and no other proposal resolves more with it"
        elif candidate.rule.id in at_odds:
            why = "with the others of the file it made something that people did not commit"
        if why:
            refused.append(replace(candidate.proposal, refused=why))
        else:
            kept.append(candidate)
    return kept, refused


def _scores(
    repository: Repository, groups: Sequence[tuple[tuple[Candidate, ...], Sequence[str]]], past: Past
) -> dict[tuple[str, ...], Score]:
    """By the ids of each group of rules, how the disputes of its paths come out with them; all in one go."""
    asked = [
        (tuple(c.rule for c in group), dispute)
        for group, paths in groups
        for path in paths
        for dispute in past.disputes.get(path, ())
        if dispute.file.clashes
    ]
    made = try_rules(repository, [Case(dispute.file, rules) for rules, dispute in asked])
    scores = {tuple(c.rule.id for c in group): Score() for group, _ in groups}
    for (rules, dispute), result in zip(asked, made, strict=True):
        ids = tuple(rule.id for rule in rules)
        scores[ids] = _counted(scores[ids], dispute, result)
    return scores


def _scored(candidate: Candidate, score: Score, clean: Clean) -> Candidate:
    whole = replace(score, added=clean.withheld, spoiled=clean.spoiled)
    return replace(candidate, proposal=replace(candidate.proposal, score=whole))


def _harm(score: Score, clean: int) -> str:
    """Why a rule would do more harm than good; empty where it would not. `clean` merges were no conflict.

    Measured on the histories of four forks: rules that carry a block to the line beside it, borne out by one conflict
    each, later resolved 6 paths as people did and 2 otherwise, and asked for a person in 281 that git merges cleanly,
    since the line was gone.
    """
    if too_often_wrong(score):
        return wrong(score)
    if score.spoiled * _ONE_WRONG_IN > clean:
        return (
            f"in {score.spoiled} of {clean} merges without a conflict it would change what people committed"
        )
    if score.added:
        return f"it would ask for a person in {score.added} of {clean} merges that have no conflict"
    return ""


def _score(candidate: Candidate) -> Score:
    return candidate.proposal.score or Score()


def _best(found: Sequence[Candidate]) -> list[Candidate]:
    """Of candidates with the same choice the one that resolves most."""
    chosen: dict[str, Candidate] = {}
    for candidate in found:
        choice = candidate.proposal.choice or candidate.rule.id
        if choice not in chosen or _score(candidate).same > _score(chosen[choice]).same:
            chosen[choice] = candidate
    return list(chosen.values())


def _counted(score: Score, dispute: Dispute, result: str | None) -> Score:
    if result is None:
        return replace(score, left=score.left + 1)
    if result == dispute.committed:
        return replace(score, same=score.same + 1)
    return replace(score, different=score.different + 1)


def too_often_wrong(score: Score) -> bool:
    """Whether more of the resolved paths are wrong than a rule may have."""
    return score.different * _ONE_WRONG_IN > score.resolved


def wrong(score: Score) -> str:
    """The words for it."""
    return f"of {score.resolved} past conflicts that it resolves {score.different} came out otherwise than committed"


def by_path(found: Iterable[Candidate]) -> Mapping[str, list[Candidate]]:
    """The candidates that govern each path."""
    governing: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in found:
        for path in candidate.proposal.paths:
            governing[path].append(candidate)
    return governing

"""`syncfork check`: do the fork's intents hold on a commit? For every pull request in CI."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from syncfork import __version__
from syncfork.commands.dropped import Again, dropped_in, made_again
from syncfork.commands.session import refuse_shallow
from syncfork.commands.upstream import Wanted, find_upstream, release_in, web_of
from syncfork.commands.waiting import COMMITTED, begun_here
from syncfork.config import Config, held, load_setup
from syncfork.errors import ExitCode, UsageError
from syncfork.git.pathspecs import literal
from syncfork.git.rangelog import RangeLog
from syncfork.git.repository import Repository
from syncfork.hold.base import Origin
from syncfork.hold.made_from import MadeFromHold
from syncfork.merge.culprits import blamed
from syncfork.merge.detecting import detect_in
from syncfork.merge.holds import origin_of
from syncfork.merge.sides import pathspecs_of
from syncfork.merge.verify import Verdict, aged, verify
from syncfork.report import Finding, Ref, Report, summed_up, to_json
from syncfork.rules.accepting import accepted
from syncfork.rules.model import Rule
from syncfork.state import keep_findings


class CheckOptions(Struct, frozen=True):
    """What the command line asks of a check."""

    directory: Path
    today: date
    revision: str = "HEAD"
    packs: tuple[str, ...] = ()
    base: str | None = None


def run_check(options: CheckOptions) -> Report:
    """Judge a commit by the rules it holds. With a base, what was violated there already is not new, and
    rules that the commit drops are named: a change must not get rid of its judge in silence.

    Where the commit brings a merge of upstream, the detectors look at that merge as well.
    """
    repository = Repository.open(options.directory)
    refuse_shallow(repository)
    commit, base = _commits(repository, options)
    read = load_setup(repository, commit, options.packs)
    tips, unknown = _tips(repository, read.config, commit)
    found = (find_sync(repository, commit, base, tip) for tip in tips)
    sync = next((one for one in found if one), None)
    if not read.rules and sync is None:
        raise UsageError(
            f"this commit has no rules to check, and brings no merge of upstream{unknown and f' ({unknown})'}",
            "name a pack with --pack, or write rules and commit them (`syncfork init` starts)",
        )
    bases = repository.merge_bases(*sync) if sync else []
    setup = held(repository, read, *sync, bases) if sync else read
    # Who proposes a change may propose a rule that runs a program: nothing that is only judged is run.
    judged = tuple(rule for rule in setup.rules if not rule.reforms)
    began = next(iter(bases), None)
    with ExitStack() as stack:
        again = stack.enter_context(made_again(repository, judged))
        origin = _origin(repository, judged, sync, (commit, base), again)
        verdict = _verdict(repository, commit, base or commit, judged, began, origin)
        findings = list(verdict.findings)
        if base:
            before = load_setup(repository, base, options.packs).rules
            findings = aged(findings, _verdict(repository, base, base, judged).findings)
            findings += _dropped(read.rules, before, options)
        if sync:
            web = web_of(repository, setup.config.upstream)
            findings = blamed(findings, RangeLog(repository, *sync), web)
            findings += detect_in(repository, sync, commit, setup.rules, setup.config.detectors_off, web)
            findings += dropped_in(repository, setup, sync, (base, commit), again, findings)
    report = Report(
        tool_version=__version__,
        verb="check",
        fork=Ref(options.revision if options.revision != "HEAD" else repository.branch, commit),
        upstream=Ref(sync[1][:9], sync[1]) if sync else None,
        merge_base=began,
        rules=verdict.rules,
        findings=tuple(accepted(findings, setup.acceptances, options.today)),
        warnings=(*setup.warnings, *_waiting(repository, options), *_unseen(unknown)),
        switched_off=setup.config.detectors_off if sync else (),
    )
    broken = bool(report.breakages())
    code = ExitCode.NEEDS_HUMAN if broken or report.decisions() else ExitCode.OK
    fine = ("as before" if report.old_debts() else "checked") if read.rules else "no rules"
    state = "broken" if broken else "to decide" if report.decisions() else fine
    steps = tuple(f"syncfork explain {f.id}" for f in (*report.breakages(), *report.decisions())[:1])
    report = replace(summed_up(report), state=state, exit_code=int(code), next=steps)
    keep_findings(repository.git_dir, to_json(report))
    return report


def _commits(repository: Repository, options: CheckOptions) -> tuple[str, str | None]:
    """The commit to judge, and the base. Raises UsageError where one is not known."""
    names = [options.revision, *([options.base] if options.base else [])]
    commits = repository.resolve(f"{name}^{{commit}}" for name in names)
    found = [commits[f"{name}^{{commit}}"] for name in names]
    for name, commit in zip(names, found, strict=True):
        if commit is None:
            raise UsageError(f"{name!r} is not a revision this repository knows")
    return found[0] or "", found[1] if options.base else None


def _waiting(repository: Repository, options: CheckOptions) -> tuple[str, ...]:
    stands = begun_here(repository) if options.revision == "HEAD" else None
    if stands == "committed":
        return (f"{COMMITTED}: `syncfork continue` does that",)
    if stands == "waiting":
        return ("a merge waits here; this judges HEAD without it: `syncfork continue` judges the merge",)
    return ()


# So far back the last sync is looked for where no base is given.
_MOST_COMMITS = 500


def _tips(repository: Repository, config: Config, commit: str) -> tuple[list[str | None], str]:
    """Where upstream's commits in a commit's history may come from, the likeliest first: the newest release that it has,
    where the fork follows those, and upstream's branch. None for what is not known and, where the fork's configuration
    names one, why."""
    wanted = Wanted.of(None, config)
    release = release_in(repository, wanted, commit) if config.tags else None
    tips: list[str | None] = [release] if release else []
    try:
        return [*tips, find_upstream(repository, replace(wanted, tags="")).commit], ""
    except UsageError as error:
        return (tips, "") if tips else ([None], error.problem if config.upstream else "")


def _unseen(unknown: str) -> tuple[str, ...]:
    if not unknown:
        return ()
    return (
        f"{unknown}: only a merge commit itself was taken for a merge of upstream; fetch upstream's remote first",
    )


def find_sync(
    repository: Repository, commit: str, base: str | None, tip: str | None
) -> tuple[str, str] | None:
    """The merge that brought `commit`'s newest upstream commit, if it is beyond `base` (without one: in any case), as
    the two commits it merged, ours and upstream's; None where there is none. Upstream's may have come with commits
    on top: on a branch that was made from it. `tip` is upstream's newest commit that is known.

    Where none is known, a commit that is a merge itself is taken for one.
    """
    beyond = (f"^{base}",) if base else ("--first-parent", f"--max-count={_MOST_COMMITS}")
    listed = repository.git.text("rev-list", "--parents", "--topo-order", commit, *beyond).splitlines()
    merges = [words[1:] for line in listed if len(words := line.split()) == 3]
    if not base and merges and listed[0].split()[1:] == merges[0]:
        # A pull request's merge: what it merged may hold the merge of upstream.
        inner = repository.git.text(
            "rev-list", "--merges", "--parents", "--topo-order", commit, f"^{merges[0][0]}"
        )
        merges = [words[1:] for line in inner.splitlines() if len(words := line.split()) == 3] + merges[1:]
    if tip is None:
        head = repository.git.text("rev-list", "--parents", "-n1", commit).split()[1:]
        return (head[0], head[1]) if len(head) == 2 else None
    for reached in repository.merge_bases(commit, tip):
        if base and repository.merge_bases(base, reached) == [reached]:
            continue
        later = repository.git.text("rev-list", "--ancestry-path", f"{reached}..{commit}").split()
        having = {reached, *later}
        brought = [(ours, theirs) for ours, theirs in merges if theirs in having and ours not in having]
        # Of a pull request's own merge and the one in it, the latter merged upstream itself.
        brought.sort(key=lambda pair: pair[1] != reached)
        if brought:
            return brought[0][0], reached
    return None


def _verdict(
    repository: Repository,
    commit: str,
    home: str,
    rules: Sequence[Rule],
    began: str | None = None,
    origin: Origin | None = None,
) -> Verdict:
    """Judge `commit`; `home` is the commit that governed files and carried texts are looked for in, `began` the
    merge base of the sync that it brings, `origin` what it was made from."""
    renamed = (
        [change for change in repository.changes(home, commit) if change.renamed] if home != commit else []
    )
    former = {change.new_path: change.old_path for change in renamed}
    where = pathspecs_of(rules)
    entries = repository.entries(commit, [*where, *(literal(path) for path in former)])
    mine = entries if home == commit else repository.entries(home, [*where, *map(literal, former.values())])
    before = repository.entries(began, where) if began else None
    earlier = mine if home != commit else None
    return verify(repository, rules, entries, mine, former, before, earlier, origin)


def _origin(
    repository: Repository,
    rules: Sequence[Rule],
    sync: tuple[str, str] | None,
    proposed: tuple[str, str | None],
    again: Again,
) -> Origin | None:
    """The fork's tree before the sync that a commit brings, upstream's, and what `again` makes of them; without one, that
    from which the commit left its base (`proposed` are the two). None where neither is known, or no rule asks for it."""
    asking = [rule for rule in rules if any(isinstance(hold, MadeFromHold) for hold in rule.holds)]
    if not asking or (sync is None and proposed[1] is None):
        return None
    where = pathspecs_of(asking)
    if sync:
        ours, theirs = sync
        mine, others = (repository.entries(side, where) for side in (ours, theirs))
        made = again(ours, theirs)
        merged = made[0].entries(made[1].merged.tree, where) if made else None
        return origin_of(mine, others, left=merged)
    left = repository.merge_bases(proposed[0], proposed[1] or "")[:1]
    return origin_of(repository.entries(left[0], where), None) if left else None


def _dropped(now: Sequence[Rule], before: Sequence[Rule], options: CheckOptions) -> list[Finding]:
    kept = {rule.id for rule in now}
    return [
        Finding(
            id=f"rule-dropped-{rule.id}",
            cls="decision",
            detector="rule-dropped",
            rule=rule.id,
            path=rule.source,
            line=1,
            message=f"{options.revision} drops this rule, which {options.base} has: {rule.why}",
        )
        for rule in before
        if rule.id not in kept
    ]

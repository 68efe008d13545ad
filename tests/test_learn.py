"""`syncfork learn`: on real histories each learner proposes what people did, keeps silent otherwise, and withdraws what
the last merge contradicts; what is written loads, and the next merge obeys it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from git_fixtures import LINK, SUBMODULE, Repo, lines, numbered, rule_files
from msgspec.structs import replace

from syncfork.commands.learn import Learned, LearnOptions, run_learn
from syncfork.commands.replay import ReplayOptions, run_replay
from syncfork.errors import SyncforkError, UsageError
from syncfork.learn.base import Proposal
from syncfork.learn.blocks import _added
from syncfork.learn.copies import possible_sources
from syncfork.learn.pairs import pairs_of, patterns
from syncfork.learn.withdraw import withdrawn
from syncfork.merge.cases import run_cases
from syncfork.resolve.base import Clash
from syncfork.rules.convert import convert
from syncfork.rules.load import load_rules
from syncfork.rules.written import Learned as Evidence
from syncfork.rules.written import WrittenRule

UPSTREAM = "refs/remotes/upstream/main"


class Fork:
    """A fork and its upstream, grown merge by merge; `main` and `up` are their tips."""

    def __init__(self, repo: Repo, files: Mapping[Any, Any]) -> None:
        self.repo, self.merges = repo, list[str]()
        self.up = repo.commit(files, message="base")
        self.main = repo.commit({"own.txt": "the fork's\n"}, self.up, message="the fork begins")

    def sync(
        self,
        theirs: Mapping[Any, Any],
        committed: Mapping[Any, Any],
        ours: Mapping[Any, Any] | None = None,
    ) -> str:
        """Both sides change, and a merge commits the fork's files with `committed`; it always takes something."""
        taken = {"taken.txt": f"{len(self.merges)}\n"}
        theirs, committed = {**theirs, **taken}, {**committed, **taken}
        if ours is not None:
            self.main = self.repo.commit(ours, self.main, message="the fork's")
        self.up = self.repo.commit(theirs, self.up, message="upstream's")
        self.main = self.repo.commit(committed, self.main, self.up, message="Merge upstream")
        self.merges.append(self.main)
        return self.main

    def commit(self, changes: Mapping[Any, Any]) -> None:
        self.main = self.repo.commit(changes, self.main, message="the fork's")

    def learn(self, **options: Any) -> Learned:
        self.repo.checkout("main", self.main)
        self.repo.branch(UPSTREAM, self.up)
        return run_learn(LearnOptions(self.repo.path, **options))

    def write(self, folder: str = "rules") -> Learned:
        """Learn, write the rules into the fork and commit them."""
        found = self.learn(folder=self.repo.path / folder)
        files: dict[str | bytes, Any] = {
            f"{folder}/{Path(name).name}": Path(name).read_bytes() for name in found.written
        }
        self.commit({**files, "syncfork.toml": f'rules = "{folder}"\n'})
        return found


def of(found: Learned, learner: str) -> list[Proposal]:
    return [proposal for proposal in found.proposals if proposal.learner == learner]


def settled(repo: Repo, times: int) -> Fork:
    """A file whose conflicts the fork always decides for itself."""
    fork = Fork(repo, {"a.txt": numbered(9), "b.txt": numbered(9)})
    for number in range(times):
        mine = {"a.txt": numbered(9, {5: own_line(number)})}
        fork.sync({"a.txt": numbered(9, {5: f"theirs {number}"})}, mine, mine)
    return fork


def own_line(number: int) -> str:
    """A line that has nothing to do with upstream's."""
    return f"the fork's {number * 7919 % 1000} is another one"


# -- sides


def test_a_path_that_people_always_keep_becomes_the_forks(repo: Repo) -> None:
    fork = settled(repo, 9)
    found = fork.learn()
    [proposal] = found.proposals
    assert (proposal.rule["own"], proposal.files) == ("ours", ("a.txt",))
    assert [reference.commit for reference in proposal.evidence.bearing] == fork.merges[::-1]
    assert proposal.evidence.against == ()
    assert proposal.evidence.last and proposal.evidence.until
    assert (proposal.evidence.until - proposal.evidence.last).days == 365
    assert proposal.score and (proposal.score.same, proposal.score.different) == (9, 0)
    assert (found.merges, found.conflicted, found.score.same, found.score.left) == (9, 9, 9, 0)


def test_a_few_times_are_no_decision(repo: Repo) -> None:
    assert settled(repo, 7).learn().proposals == ()


def test_it_is_withdrawn_when_the_last_merge_says_otherwise(repo: Repo) -> None:
    fork = settled(repo, 8)
    assert of(fork.learn(), "sides")
    fork.sync(
        {"a.txt": numbered(9, {5: "theirs at last"})},
        {"a.txt": numbered(9, {5: "theirs at last"})},
        {"a.txt": numbered(9, {5: "ours for now"})},
    )
    assert fork.learn().proposals == ()


def test_an_exception_makes_more_conflicts_necessary(repo: Repo) -> None:
    fork = settled(repo, 8)
    fork.sync({"a.txt": numbered(9, {5: "theirs"})}, {"a.txt": numbered(9, {5: "both"})})
    for number in range(12):
        if number == 11:
            assert fork.learn().proposals == ()
        mine = {"a.txt": numbered(9, {5: own_line(number + 20)})}
        fork.sync({"a.txt": numbered(9, {5: f"yours {number}"})}, mine, mine)
    [proposal] = of(fork.learn(), "sides")
    assert [reference.commit for reference in proposal.evidence.against] == [fork.merges[8]]


def test_upstreams_changes_that_were_taken_without_a_conflict_count_against_it(repo: Repo) -> None:
    fork = settled(repo, 8)
    fork.sync(
        {"a.txt": numbered(9, {5: "theirs 6", 9: "new"})},
        {"a.txt": numbered(9, {5: own_line(6), 9: "new"})},
    )
    assert fork.learn().proposals == ()


def test_a_path_that_people_always_take_is_upstreams(repo: Repo) -> None:
    fork = Fork(repo, {"a.txt": numbered(9)})
    for number in range(9):
        theirs = {"a.txt": numbered(9, {5: f"theirs {number}"})}
        fork.sync(theirs, theirs, {"a.txt": numbered(9, {5: f"ours {number}"})})
    [proposal] = fork.learn().proposals
    assert (proposal.learner, proposal.rule["own"]) == ("sides", "theirs")


# -- deletions


def test_what_the_fork_took_out_stays_out(repo: Repo) -> None:
    fork = Fork(repo, {"ci/a.yml": numbered(9), "ci/b.yml": numbered(9), "main.c": numbered(9)})
    fork.commit({"ci/a.yml": None, "ci/b.yml": None})
    commit = fork.sync({"ci/a.yml": numbered(9, {5: "new"})}, {})
    for number in (1, 2, 3):
        changes = {"main.c": numbered(9, {number: "new"})}
        fork.sync(changes, changes)
    # That it was taken out is no decision yet on what upstream makes of it: of the other file nobody has made one.
    [proposal] = fork.learn().proposals
    assert (proposal.rule["own"], proposal.files) == ("absent", ("ci/a.yml",))
    assert [str(reference) for reference in proposal.evidence.bearing] == [f"{commit[:12]}:ci/a.yml"]


def test_a_file_that_the_fork_moved_is_not_taken_out(repo: Repo) -> None:
    fork = Fork(repo, {"old.c": numbered(30), "main.c": numbered(9)})
    fork.commit({"old.c": None, "new.c": numbered(30, {2: "ours"})})
    fork.sync({"main.c": numbered(9, {5: "new"})}, {"main.c": numbered(9, {5: "new"})})
    assert fork.learn().proposals == ()


def test_a_deletion_that_people_took_back_is_none(repo: Repo) -> None:
    fork = Fork(repo, {"ci/a.yml": numbered(9), "ci/b.yml": numbered(9)})
    fork.commit({"ci/a.yml": None})
    fork.sync({"ci/a.yml": numbered(9, {5: "new"})}, {})
    assert fork.learn().proposals
    back = {"ci/a.yml": numbered(9, {5: "newer"})}
    fork.sync(back, back)
    assert fork.learn().proposals == ()


def shots(*numbers: int, text: str = "") -> dict[str, bytes]:
    return {f"shots/de/{number}.txt": lines(f"shot {number}", text) for number in numbers}


def without(files: Mapping[str, Any]) -> dict[str, None]:
    return dict.fromkeys(files)


@pytest.fixture
def bare(repo: Repo) -> Fork:
    """A fork that took upstream's screenshots out, and left the new ones out of two merges."""
    fork = Fork(repo, {**shots(1, 2), "shots/README": "shots\n", "main.c": numbered(9)})
    fork.sync(shots(3), shots(3))
    fork.commit(without(shots(1, 2, 3)))
    for number in (4, 5):
        fork.sync(shots(number), {})
    return fork


def test_a_folder_that_stays_empty_whatever_comes_is_left_out_as_a_whole(bare: Fork) -> None:
    assert bare.learn().proposals == ()
    bare.sync(
        {**shots(6), **shots(1, text="newer"), "main.c": numbered(9, {5: "new"})},
        {"main.c": numbered(9, {5: "new"})},
    )
    found = bare.write()
    [proposal] = found.proposals
    assert (proposal.files, proposal.rule["own"]) == (("shots/de",), "absent")
    assert [reference.path for reference in proposal.evidence.bearing] == [
        "shots/de/6.txt", "shots/de/1.txt", "shots/de/5.txt", "shots/de/4.txt",
    ]  # fmt: skip
    assert proposal.score and (proposal.score.same, proposal.score.different) == (1, 0)
    # What upstream adds next is left out without a word of anybody's; what it adds beside it comes.
    bare.up = bare.repo.commit({**shots(7), "shots/en.txt": "new\n"}, bare.up)
    bare.repo.checkout("main", bare.main)
    bare.repo.branch(UPSTREAM, bare.up)
    done = bare.repo.syncfork("merge", "--pack", "./rules")
    assert done.code == 0, done.out
    names = bare.repo.git("ls-tree", "-r", "--name-only", "HEAD").split("\n")
    assert "shots/en.txt" in names and not [name for name in names if name.startswith("shots/de")]
    assert not bare.learn().withdrawn


def test_a_folder_into_which_people_let_one_again_is_no_whole(bare: Fork) -> None:
    bare.sync(shots(6), shots(6))
    bare.commit(without(shots(6)))
    bare.sync(shots(7), {})
    assert all("shots/de" not in proposal.files for proposal in bare.learn().proposals)


def test_a_folder_in_which_the_fork_has_a_file_is_no_whole(bare: Fork) -> None:
    bare.sync(shots(6), {})
    bare.commit({"shots/de/ours/1.txt": "ours\n"})
    assert all("shots/de" not in proposal.files for proposal in bare.learn().proposals)


@pytest.mark.parametrize("kept", [(LINK, b"../../main.c"), (SUBMODULE, "1" * 40)])
@pytest.mark.parametrize("where", ["upstream's", "shots/de/kept", "shots/de"])
def test_a_folder_in_which_the_fork_has_a_link_or_a_submodule_is_no_whole(
    repo: Repo, kept: tuple[str, Any], where: str
) -> None:
    upstreams = {"shots/de/kept": kept} if where == "upstream's" else {}
    fork = Fork(repo, {**shots(1, 2), **upstreams, "main.c": numbered(9)})
    fork.commit({**without(shots(1, 2)), **({} if upstreams else {where: kept})})
    for number in (3, 4, 5):
        fork.sync(shots(number), {})
    assert all("shots/de" not in proposal.files for proposal in fork.learn().proposals)


def test_what_upstream_moves_into_a_folder_that_is_left_out_is_not_lost_in_silence(bare: Fork) -> None:
    bare.sync(shots(6), {})
    assert [proposal.files for proposal in bare.write().proposals] == [("shots/de",)]
    bare.up = bare.repo.commit({"main.c": None, "shots/de/main.c": numbered(9)}, bare.up)
    bare.repo.checkout("main", bare.main)
    bare.repo.branch(UPSTREAM, bare.up)
    done = bare.repo.syncfork("merge")
    assert done.code == 1, done.out
    assert "shots/de/main.c:1  upstream moved main.c here, which the fork has" in done.out


def test_a_rule_that_lists_files_stands_where_their_folder_is_proposed(repo: Repo) -> None:
    bare = Fork(repo, {**shots(1, 2), "main.c": numbered(9)})
    bare.commit(without(shots(1, 2)))
    bare.sync(shots(4), {})
    bare.sync({**shots(1, text="newer"), **shots(5)}, {})
    [listed] = bare.write().proposals
    assert listed.files == tuple(shots(1))
    bare.sync(shots(6), {})
    found = bare.learn()
    assert not found.withdrawn
    assert [proposal.refused for proposal in found.refused] == ["a rule for these paths is there already"]


def meta(number: int, *names: str) -> dict[str, bytes]:
    """A text in each of these languages, in a folder of each."""
    return {f"meta/{name}/{number}.txt": lines(f"text {number}", name) for name in names}


OTHERS = ("cs", "de", "fr")


def english(repo: Repo, more: Mapping[str, Any] | None = None) -> Fork:
    """A fork that keeps the English texts alone; upstream has just begun one more language, and merges let in what comes,
    which the fork takes out after it."""
    fork = Fork(repo, {**meta(1, "en", *OTHERS), **(more or {})})
    fork.commit(without(meta(1, *OTHERS)))
    comes(fork, 2, "en", "it", *OTHERS)
    return fork


def comes(fork: Fork, number: int, *names: str, stays: tuple[str, ...] = ("en",)) -> None:
    fork.sync(meta(number, *names), meta(number, *names))
    fork.commit(without(meta(number, *(name for name in names if name not in stays))))


def files_of(found: Learned) -> list[tuple[str, ...]]:
    return [proposal.files for proposal in of(found, "deletions")]


def test_folders_that_are_emptied_again_and_again_are_one_rule(repo: Repo) -> None:
    fork = english(repo)
    comes(fork, 3, "en", "de")
    assert ("meta/**", "!meta/en/**") not in files_of(fork.learn())
    fork.sync({**meta(1, "cs"), **meta(4, "fr")}, {**meta(1, "cs"), **meta(4, "fr")})
    fork.commit(without({**meta(1, "cs"), **meta(4, "fr")}))
    fork.sync({"meta/de/1.txt": b"changed\n", **meta(5, "de")}, {})
    found = fork.write()
    [proposal] = found.proposals
    assert (proposal.files, proposal.rule["own"]) == (("meta/**", "!meta/en/**"), "absent")
    assert not found.refused
    assert [reference.path for reference in proposal.evidence.bearing] == [
        "meta/de/5.txt", "meta/fr/4.txt", "meta/de/3.txt", *(f"meta/{name}/2.txt" for name in ("it", "fr", "de", "cs")),
    ]  # fmt: skip
    # What comes next stays out, in a language that is new as well; what comes for the kept one is there.
    fork.up = repo.commit({**meta(6, "en", "pl", "de"), "meta/cs/1.txt": b"newer\n"}, fork.up)
    assert not fork.learn().withdrawn
    done = repo.syncfork("merge")
    assert done.code == 0, done.out
    names = repo.git("ls-tree", "-r", "--name-only", "HEAD", "meta").split("\n")
    assert names == [f"meta/en/{number}.txt" for number in (1, 2, 3, 6)]


@pytest.mark.parametrize(
    ("stays", "makes"),
    [
        pytest.param(("en", "it"), ("it",), id="the fork keeps a folder that upstream made"),
        pytest.param(("en", "de"), ("de",), id="it has one of them again"),
    ],
)
def test_folders_of_which_the_fork_wants_some_are_no_one_rule(
    repo: Repo, stays: tuple[str, ...], makes: tuple[str, ...]
) -> None:
    fork = Fork(repo, meta(1, "en", "nl", "pl", "sv", *OTHERS))
    fork.commit(without(meta(1, "nl", "pl", "sv", *OTHERS)))
    comes(fork, 2, "pt", *makes, stays=stays)
    for number in (3, 4, 5):
        comes(fork, number, "pl", "sv", "fr")
    assert not any("meta/**" in files for files in files_of(fork.learn()))


def test_folders_that_were_not_emptied_between_the_last_merges_are_no_one_rule(repo: Repo) -> None:
    fork = english(repo)
    for number in (3, 4, 5):
        comes(fork, number, "de")
    fork.sync(meta(6, "fr"), meta(6, "fr"))
    fork.sync(meta(7, "fr"), {})
    fork.commit(without(meta(6, "fr")))
    assert not any("meta/**" in files for files in files_of(fork.learn()))
    comes(fork, 8, "fr")
    assert ("meta/**", "!meta/en/**") in files_of(fork.learn())


def test_folders_to_which_upstream_added_none_are_no_one_rule(repo: Repo) -> None:
    fork = Fork(repo, meta(1, "en", *OTHERS))
    fork.commit(without(meta(1, *OTHERS)))
    for number in (2, 3, 4):
        comes(fork, number, "en", *OTHERS)
    assert not any("meta/**" in files for files in files_of(fork.learn()))


@pytest.mark.parametrize("kept", ["upstream's", "the fork's own"])
def test_folders_beside_others_that_the_fork_has_are_no_one_rule(repo: Repo, kept: str) -> None:
    fork = english(repo, meta(1, "sv") if kept == "upstream's" else None)
    if kept == "the fork's own":
        fork.commit(meta(1, "sv"))
    fork.commit({"meta/it/1.txt": b"ours\n"})
    for number in (3, 4, 5):
        comes(fork, number, *OTHERS)
    assert not any("meta/**" in files for files in files_of(fork.learn()))


def test_folders_at_the_top_are_no_one_rule(repo: Repo) -> None:
    def at_the_top(number: int, *names: str) -> dict[str, bytes]:
        return {path.removeprefix("meta/"): text for path, text in meta(number, *names).items()}

    fork = Fork(repo, at_the_top(1, "en", *OTHERS))
    fork.commit(without(at_the_top(1, *OTHERS)))
    for number in (2, 3, 4):
        fork.sync(at_the_top(number, "it", *OTHERS), {})
    assert not any(name.startswith("!") for files in files_of(fork.learn()) for name in files)


def test_one_rule_for_folders_is_not_about_files_beside_them(repo: Repo) -> None:
    fork = english(repo, {"meta/title": "a title\n"})
    for number in (3, 4):
        comes(fork, number, *OTHERS)
    assert ("meta/*/**", "!meta/en/**") in files_of(fork.learn())


def test_one_rule_for_folders_falls_silent_when_the_fork_has_a_file_again(repo: Repo) -> None:
    fork = english(repo)
    for number in (3, 4):
        comes(fork, number, *OTHERS)
    assert files_of(fork.write()) == [("meta/**", "!meta/en/**")]
    fork.commit(meta(1, "de"))
    fork.up = repo.commit(meta(5, "de", "fr"), fork.up)
    assert fork.learn().withdrawn
    done = repo.syncfork("merge", "--dry-run", "--format", "json")
    [finding] = [f for f in done.report["findings"] if f["detector"] == "lapsed-rule"]
    assert "meta/de/1.txt" in finding["message"]
    assert not [rule for rule in done.report["rules"] if rule["id"].startswith("absent")]


@pytest.mark.parametrize(
    "name", ["app/[id]/page.tsx", "a*b?.txt", "!a.txt", "back\\slash", "r{a,b}.txt", "#a"]
)
def test_a_learned_rule_governs_the_very_path_whatever_its_name(repo: Repo, name: str) -> None:
    fork = Fork(repo, {name: numbered(9), "app/i/page.tsx": numbered(9)})
    fork.commit({name: None})
    fork.sync({name: numbered(9, {5: "new"})}, {})
    [proposal] = fork.write().proposals
    assert proposal.paths == (name,)
    [rule] = load_rules([("rule.yml", (repo.path / "rules" / f"{proposal.id}.yml").read_bytes())])
    assert rule.files.match(name) and not rule.files.match("app/i/page.tsx")
    fork.up = repo.commit({name: numbered(9, {5: "newer"})}, fork.up)
    repo.checkout("main", fork.main)
    repo.branch(UPSTREAM, fork.up)
    done = repo.syncfork("merge")
    assert done.code == 0, done.out


# -- values


def images(owner: str, *versions: int) -> bytes:
    """A pipeline with an image of `owner` for each version, far enough apart for git."""
    jobs = [
        line
        for number, version in enumerate(versions)
        for line in (f"job {number}:", "  steps:", f"  image: {owner}/tool-{number}:{version}", "  end", "")
    ]
    return lines("name: CI", *jobs)


def valued(repo: Repo, times: int = 3) -> Fork:
    """The fork has another owner everywhere; upstream goes on to change the lines with its own."""
    fork = Fork(repo, {"ci.yml": images("upstream", 0, 0)})
    fork.commit({"ci.yml": images("acme", 0, 0)})
    for number in range(1, times + 1):
        fork.sync({"ci.yml": images("upstream", number, 0)}, {"ci.yml": images("acme", number, 0)})
    return fork


def test_a_value_of_the_forks_becomes_a_rewrite(repo: Repo) -> None:
    found = valued(repo).learn()
    [proposal] = found.proposals
    [step] = proposal.rule["rewrite"]
    assert re.sub(step["replace"]["regex"], step["with"], "image: upstream/x") == "image: acme/x"
    assert proposal.score and (proposal.score.same, proposal.score.different, proposal.score.added) == (
        3,
        0,
        0,
    )
    assert found.score.same == found.conflicted == 3


def test_the_next_merge_obeys_a_learned_value(repo: Repo) -> None:
    fork = valued(repo)
    assert len(fork.write().written) == 1
    theirs = repo.commit({"ci.yml": images("upstream", 9, 9, 9)}, fork.up)
    report = repo.merge(fork.main, theirs)
    assert (report.exit_code, report.conflicts) == (0, ())
    assert report.result and repo.read(report.result.tree or "", "ci.yml") == images("acme", 9, 9, 9)


def test_words_that_the_fork_takes_out_are_no_value(repo: Repo) -> None:
    fork = Fork(repo, {"ci.yml": images("upstream", 0, 0)})
    bare = {n: images("upstream", n, 0).replace(b"upstream/", b"") for n in range(4)}
    fork.commit({"ci.yml": bare[0]})
    for number in (1, 2, 3):
        fork.sync({"ci.yml": images("upstream", number, 0)}, {"ci.yml": bare[number]})
    assert of(fork.learn(), "values") == []


def test_one_conflict_is_no_habit(repo: Repo) -> None:
    assert valued(repo, 1).learn().proposals == ()


def test_a_value_is_withdrawn_when_the_last_merge_left_upstreams(repo: Repo) -> None:
    fork = valued(repo, 4)
    fork.sync({"ci.yml": images("upstream", 5, 0)}, {"ci.yml": images("upstream", 5, 0)})
    assert fork.learn().proposals == ()


def test_a_value_that_only_some_lines_have_is_none(repo: Repo) -> None:
    fork = valued(repo)
    mixed = images("acme", 3, 0) + b"image: upstream/other:1\n"
    fork.sync({"ci.yml": images("upstream", 4, 0) + b"image: upstream/other:1\n"}, {"ci.yml": mixed})
    assert of(fork.learn(), "values") == []


def test_a_rule_that_would_undo_clean_merges_is_refused(repo: Repo) -> None:
    fork = valued(repo, 3)
    more = images("upstream", 3, 0) + lines("", "far away", "image: upstream/new:1")
    fork.sync(
        {"ci.yml": more}, {"ci.yml": images("acme", 3, 0) + lines("", "far away", "image: upstream/new:1")}
    )
    fork.commit({"ci.yml": images("acme", 3, 0) + lines("", "far away", "image: acme/new:1")})
    for number in (4, 5, 6):
        tail = lines("", "far away", "image: upstream/new:1")
        own = lines("", "far away", "image: acme/new:1")
        fork.sync(
            {"ci.yml": images("upstream", number, 0) + tail}, {"ci.yml": images("acme", number, 0) + own}
        )
    found = fork.learn()
    assert of(found, "values") == []
    [refused] = [proposal for proposal in found.refused if proposal.learner == "values"]
    assert "1 of 1 merges without a conflict" in refused.refused


def test_pairs_leave_open_what_differs() -> None:
    base = "skip(1, reason='a')\nother\nskip(2, reason='b')\n"
    ours = "fail(1, reason='a', run=no)\nother\nfail(2, reason='b', run=no)\n"
    found = list(pairs_of(base, ours))
    assert [[(edit.old, edit.new) for edit in pair.edits] for pair in found] == [
        [("skip", "fail"), ("", ", run=no")]
    ] * 2
    made = [re.sub(pattern.regex, pattern.template, "skip(3, reason='c')") for pattern in patterns(found)]
    assert "fail(3, reason='c', run=no)" in made


def test_a_replacement_that_would_read_as_a_reference_is_left_out() -> None:
    [pair] = pairs_of("say hello there\n", "say \\1 there\n")
    assert list(patterns([pair])) == []
    [pair] = pairs_of("say hello there\n", "say $1 there\n")
    assert [pattern.template for pattern in patterns([pair])][:1] == ["$1"]


# -- unions, locks, copies, blocks


def test_a_list_in_which_both_sides_lines_stay(repo: Repo) -> None:
    fork = Fork(repo, {"names.txt": lines("a")})
    ours, theirs = ["a"], ["a"]
    merged: list[str] = ["a"]
    for number in range(8):
        assert of(fork.learn(), "unions") == []
        ours = [*merged, f"ours {number}"]
        theirs = [*theirs, f"theirs {number}"]
        merged = [*ours, f"theirs {number}"]
        fork.sync({"names.txt": lines(*theirs)}, {"names.txt": lines(*merged)}, {"names.txt": lines(*ours)})
        theirs = merged
        fork.up = repo.commit({"names.txt": lines(*merged)}, fork.up)
    [proposal] = of(fork.learn(), "unions")
    assert (proposal.rule["own"], proposal.files) == ("union", ("names.txt",))
    fork.sync(
        {"names.txt": lines(*theirs, "t")},
        {"names.txt": lines(*merged, "o")},
        {"names.txt": lines(*merged, "o")},
    )
    assert of(fork.learn(), "unions") == []


def test_a_lock_file_is_made_anew(repo: Repo) -> None:
    fork = Fork(repo, {"uv.lock": numbered(9), "sub/uv.lock": numbered(9)})
    for number in range(2):
        names = ("uv.lock", "sub/uv.lock")
        fork.sync(
            {name: numbered(9, {5: f"theirs {number}"}) for name in names},
            {name: numbered(9, {5: f"made {number}"}) for name in names},
            {name: numbered(9, {5: f"ours {number}"}) for name in names},
        )
    [proposal] = fork.learn().proposals
    assert (proposal.files, proposal.rule["own"]) == (("uv.lock",), {"regenerate": ["uv", "lock"]})
    fork.write()
    assert fork.learn().withdrawn == ()


def test_a_copy_that_merges_keep_in_step(repo: Repo) -> None:
    base = {n: f"run step number {n}" for n in range(1, 31)}
    fork = Fork(repo, {"ci/linux.yml": numbered(30, base)})
    fork.commit({"ci/vlinux.yml": numbered(30, {**base, 1: "name: ours"})})
    for number in range(2):
        now = {**base, 20: f"run the new step {number}"}
        both = {"ci/linux.yml": numbered(30, now), "ci/vlinux.yml": numbered(30, {**now, 1: "name: ours"})}
        fork.sync({"ci/linux.yml": numbered(30, now)}, both)
    [proposal] = fork.learn().proposals
    assert (proposal.files, proposal.rule["own"]) == (("ci/vlinux.yml",), {"derived": "ci/linux.yml"})
    alone = {"ci/linux.yml": numbered(30, {**base, 20: "run it alone"})}
    fork.sync(alone, alone)
    assert fork.learn().proposals == ()


def folder_of_copies(repo: Repo, own: int) -> Fork:
    """A fork with three copies of files in one folder, that two merges brought in step, and `own` other files there."""

    def texts(folder: str, first: str, step: str = "") -> dict[str, bytes]:
        steps = {n: f"run step number {n}" for n in range(2, 31)} | ({20: step} if step else {})
        return {f"{folder}/{name}.yml": numbered(30, {1: f"{first} {name}", **steps}) for name in "abc"}

    fork = Fork(repo, texts("up", "name"))
    fork.commit({**texts("own/copy", "ours"), **{f"own/copy/{n}.yml": b"own\n" for n in range(own)}})
    for number in range(2):
        now = texts("up", "name", f"run the new step {number}")
        fork.sync(now, {**now, **texts("own/copy", "ours", f"run the new step {number}")})
    return fork


def test_copies_that_map_alike_are_one_rule_for_their_folder(repo: Repo) -> None:
    fork = folder_of_copies(repo, 3)
    [proposal] = fork.learn().proposals
    assert (proposal.files, proposal.rule["own"]) == (("own/copy/**",), {"derived": "up/**"})
    assert proposal.paths == ("own/copy/a.yml", "own/copy/b.yml", "own/copy/c.yml")
    assert len(proposal.evidence.bearing) == 6
    fork.write()
    assert fork.learn().withdrawn == () and fork.learn().proposals == ()


def test_a_learned_rule_for_one_file_stands_where_its_folder_is_proposed_now(repo: Repo) -> None:
    fork = folder_of_copies(repo, 0)
    [proposal] = fork.learn().proposals
    one = {"derived": "up/a.yml"}, {"derived": "up/b.yml"}
    rules = [
        convert(
            {"id": "one", "why": "It is a copy of that.", "files": ["own/copy/a.yml"], "own": own},
            WrittenRule,
        )
        for own in one
    ]
    learned = [replace(rule, learned=Evidence("copies", 2)) for rule in rules]
    assert withdrawn(learned, [proposal]) == [learned[1]]


def test_a_folder_that_is_mostly_the_fork_s_own_is_no_copy(repo: Repo) -> None:
    proposals = folder_of_copies(repo, 4).learn().proposals
    assert sorted(proposal.files for proposal in proposals) == [(f"own/copy/{n}.yml",) for n in "abc"]


@pytest.mark.parametrize(
    ("copy", "source", "may"),
    [
        ("ci/vlinux.yml", "ci/linux.yml", True),
        ("own/linux.yml", "ci/linux.yml", True),
        ("ci/vlinux.yml", "ci/macos.yml", False),
        ("ci/linux.sh", "ci/linux.yml", False),
        ("own/vlinux.yml", "ci/linux.yml", False),
    ],
)
def test_what_may_be_a_copy(copy: str, source: str, may: bool) -> None:
    assert possible_sources([copy], [source]) == {copy: (source,) if may else ()}


def test_possible_sources_are_near_or_of_one_name_each_once() -> None:
    paths = ["top.yml", *(f"ci/{n}/{name}.yml" for n in range(100) for name in ("linux", "macos"))]
    found = possible_sources(["ci/7/vlinux.yml", "vtop.yml", "own/top.yml", "ci/7/linux.yml"], paths)
    assert found["ci/7/vlinux.yml"] == ("ci/7/linux.yml",)
    assert found["vtop.yml"] == found["own/top.yml"] == ("top.yml",)
    assert sorted(found["ci/7/linux.yml"]) == sorted(f"ci/{n}/linux.yml" for n in range(100))


def test_a_stretch_that_the_fork_keeps(repo: Repo) -> None:
    def text(version: int, flags: str) -> bytes:
        return lines(
            "# top",
            "VERSION = 1",
            f"FLAGS = {flags}",
            f"MORE = {flags}",
            "NEXT = 1",
            "x",
            "y",
            f"END = {version}",
        )

    fork = Fork(repo, {"Makefile": text(0, "0")})
    fork.commit({"Makefile": text(0, "ours and ours")})
    for number in (1, 2, 3):
        fork.sync({"Makefile": text(number, str(number))}, {"Makefile": text(number, "ours and ours")})
    found = fork.write()
    assert [proposal.rule["rewrite"][0]["with"] for proposal in of(found, "blocks")]
    theirs = repo.commit({"Makefile": text(8, "8")}, fork.up)
    report = repo.merge(fork.main, theirs)
    assert (report.exit_code, report.conflicts) == (0, ())
    assert report.result and repo.read(report.result.tree or "", "Makefile") == text(8, "ours and ours")
    # Nobody has decided anything of lines that upstream never had there.
    new = text(8, "8").replace(b"MORE = 8\n", b"MORE = 8\nCHECK = 1\n")
    report = repo.merge(fork.main, repo.commit({"Makefile": new}, fork.up))
    assert report.exit_code == 1
    assert [finding.detector for finding in report.breakages()] == ["withheld-rule"]


@pytest.mark.parametrize(("line", "proposed"), [("    0,", False), ("    fork_option=True,", True)])
def test_a_line_that_has_its_place_by_counting_is_not_carried(repo: Repo, line: str, proposed: bool) -> None:
    def call(version: int, *more: str) -> bytes:
        return lines("make(", "    tree,", "    name,", *more, f"    depth_{version},", ")", "end")

    fork = Fork(repo, {"call.py": call(0)})
    fork.commit({"call.py": call(0, line)})
    for number in (1, 2, 3):
        fork.sync({"call.py": call(number)}, {"call.py": call(number, line)})
    assert bool(of(fork.learn(), "blocks")) is proposed


@pytest.mark.parametrize(
    ("base", "ours", "added"),
    [
        ("a\nb\n", "a\nnew\nb\n", "new\n"),
        ("", "new\n", "new\n"),
        ("a\n", "a\nx\ny\n", "x\ny\n"),
        ("a\nb\n", "a\nnew\nc\n", ""),
        ("a\nb\n", "a\n", ""),
    ],
)
def test_what_a_side_added(base: str, ours: str, added: str) -> None:
    assert _added(Clash(base, ours, "")) == added


# -- the command


def test_written_rules_load_and_bear_out_their_cases(repo: Repo) -> None:
    fork = valued(repo)
    fork.commit({"own.txt": None})
    found = fork.learn(folder=repo.path / "new" / "rules")
    files = [(name, Path(name).read_bytes()) for name in found.written]
    rules = load_rules(files)
    assert len(rules) == len(found.proposals) == 1
    results = list(run_cases(rules))
    assert results and not any(result.failure for result in results)
    told = yaml.safe_load(files[0][1])
    assert told["learned"]["bearing"] == 3 and told["learned"]["replay"]["same"] == 3
    assert told["learned"]["cases"] == [f"{commit[:12]}:ci.yml" for commit in fork.merges[::-1]]
    assert told["review"] == found.proposals[0].evidence.until
    ran = repo.syncfork("rules", "test", *found.written)
    assert ran.code == 0, ran.out + ran.err


def test_a_file_that_is_there_is_left_alone(repo: Repo) -> None:
    fork = settled(repo, 9)
    [name] = fork.learn(folder=repo.path / "rules").written
    Path(name).write_text("somebody's\n")
    again = fork.learn(folder=repo.path / "rules")
    assert (again.written, again.kept) == ((), (name,))
    assert Path(name).read_text() == "somebody's\n"


def test_what_rules_do_already_is_not_proposed_again(repo: Repo) -> None:
    for fork in (settled(Repo.create(repo.path / "one"), 9), valued(Repo.create(repo.path / "two"))):
        fork.write()
        found = fork.learn()
        assert found.proposals == ()
        assert len(found.refused) >= 1 and all("already" in proposal.refused for proposal in found.refused)
        assert found.withdrawn == ()


def test_a_learned_rule_that_is_contradicted_is_named(repo: Repo) -> None:
    fork = settled(repo, 9)
    [proposal] = fork.write().proposals
    fork.sync({"a.txt": numbered(9, {5: "theirs"})}, {"a.txt": numbered(9, {5: "theirs"})})
    assert fork.learn().withdrawn == (proposal.id,)


def test_a_rule_that_people_wrote_is_never_withdrawn(repo: Repo) -> None:
    fork = settled(repo, 2)
    fork.commit(rule_files('id: mine\nfiles: ["a.txt"]\nown: ours\n'))
    assert fork.learn().withdrawn == ()


def test_until_looks_at_the_fork_as_it_was(repo: Repo) -> None:
    fork = settled(repo, 9)
    then = fork.main
    fork.sync({"a.txt": numbered(9, {5: "t"})}, {"a.txt": numbered(9, {5: "t"})})
    assert fork.learn().proposals == ()
    assert [p.learner for p in fork.learn(until=then).proposals] == ["sides"]
    assert fork.learn(until=fork.merges[2]).merges == 3
    assert fork.learn(until="2026-01-01").merges == 10
    assert fork.learn(last=2).merges == 2


@pytest.mark.parametrize(
    "options", [{"last": 0}, {"until": "2001-01-01"}, {"until": "a..b"}, {"until": "nowhere"}]
)
def test_what_cannot_be_asked_is_said(repo: Repo, options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        settled(repo, 1).learn(**options)


def test_a_folder_that_cannot_be_made_is_said(repo: Repo) -> None:
    fork = settled(repo, 9)
    (repo.path / "taken").write_text("a file\n")
    with pytest.raises(SyncforkError, match="taken"):
        fork.learn(folder=repo.path / "taken" / "rules")


def test_each_merge_is_named_once(repo: Repo) -> None:
    fork = Fork(repo, {"keep": "1\n", "d/a.txt": numbered(9), "d/b.txt": numbered(9)})
    fork.commit({"d/a.txt": None, "d/b.txt": None})
    for number in (1, 2):
        fork.sync({name: numbered(9, {number: "new"}) for name in ("d/a.txt", "d/b.txt")}, {})
    fork.learn()
    told = repo.syncfork("learn", "--until", "HEAD").out
    assert "borne out 4 times in 2 merges, last on" in told
    assert told.count(f"  {', '.join(merge[:9] for merge in fork.merges[::-1])}\n") == 1


def test_the_command_line(repo: Repo) -> None:
    fork = settled(repo, 9)
    fork.commit({"b.txt": None})
    for number in (1, 2):
        fork.sync({"b.txt": numbered(9, {number: "new"})}, {})
    fork.learn()
    before = repo.snapshot()
    ran = repo.syncfork("learn", "--format", "json", "--until", "HEAD")
    assert (ran.code, ran.err) == (0, "")
    assert ran.report["verb"] == "learn" and ran.report["merges"] == 11
    assert {proposal["learner"] for proposal in ran.report["proposals"]} == {"sides", "deletions"}
    documents = list(yaml.safe_load_all(repo.syncfork("learn", "--format", "yaml", "--until", "HEAD").out))
    assert [document["own"] for document in documents] == ["ours", "absent"]
    text = repo.syncfork("learn", "--all", "--until", "HEAD")
    assert "Not proposed: nothing else that merges bear out" in text.out
    assert "own: ours" in text.out and "borne out 9 times" in text.out and "a.txt" in text.out
    wrong = repo.syncfork("learn", "--last", "0")
    assert wrong.code == 2 and "Traceback" not in wrong.err
    assert repo.snapshot() == before
    wrote = repo.syncfork("learn", "--until", "HEAD", "--write", str(repo.path / "rules"))
    assert wrote.code == 0 and len(list((repo.path / "rules").iterdir())) == 2
    assert 'they need this at the top of syncfork.toml: rules = "rules"' in wrote.out
    # These rules have no cases of their own to be run.
    assert "syncfork rules test" not in wrote.out
    (repo.path / "syncfork.toml").write_text('rules = "rules/"\n')
    for file in (repo.path / "rules").iterdir():
        file.unlink()
    wrote = repo.syncfork("learn", "--until", "HEAD", "--write", str(repo.path / "rules"))
    assert "2 rule files written" in wrote.out and "they need" not in wrote.out
    (repo.path / "syncfork.toml").unlink()
    # What is too old, upstream's day tells and not today's.
    told = repo.syncfork("learn", "--format", "json").report
    assert [proposal["learner"] for proposal in told["proposals"]] == ["sides", "deletions"]
    repo.branch(UPSTREAM, repo.commit({"d.txt": "1"}, fork.up, day=date(2026, 1, 1)))
    late = repo.syncfork("learn", "--format", "json").report
    assert not late["proposals"]
    assert any("its evidence held until 2024-" in one["refused"] for one in late["refused"])


def test_hostile_names_and_texts_are_harmless(repo: Repo) -> None:
    name = "a\x1b[31m::error::x.txt"
    fork = Fork(repo, {name: numbered(9), b"\xff.txt": numbered(9)})
    for number in range(9):
        mine = {path: numbered(9, {5: f"ours {number}"}) for path in (name, b"\xff.txt")}
        fork.sync({path: numbered(9, {5: f"theirs {number}"}) for path in (name, b"\xff.txt")}, mine, mine)
    found = fork.learn()
    # A name that is not UTF-8 cannot be written into a rule file.
    assert [proposal.paths for proposal in found.proposals] == [(name,)]
    assert "cannot be written" in found.refused[0].refused
    for ran in (repo.syncfork("learn", "--all"), repo.syncfork("learn", "--format", "json")):
        assert ran.code == 0 and "\x1b" not in ran.out and "Traceback" not in ran.err
    assert not re.search(r"^\s*::error", repo.syncfork("learn", "--all").out, re.MULTILINE)


def test_a_merge_whose_texts_are_missing_is_told(repo: Repo) -> None:
    fork = settled(repo, 4)
    assert fork.learn().warnings == ()
    # Upstream's text of the second merge, which is the third one's merge base.
    repo.object_path(repo.git("rev-parse", f"{fork.merges[1]}^2:a.txt")).unlink()
    [told] = fork.learn().warnings
    assert told.startswith("2 merges could not be made again, and tell nothing of conflicts: ")
    assert all(merge[:9] in told for merge in fork.merges[1:3])


def test_the_past_is_counted_as_replay_counts_it(repo: Repo) -> None:
    fork = settled(repo, 3)
    marked = "<<<<<<< ours\n1\n=======\n2\n>>>>>>> theirs\n"
    # One committed with markers, and one that cannot be made again.
    fork.sync({"a.txt": numbered(9, {5: "x"})}, {"a.txt": marked}, {"a.txt": numbered(9, {5: "y"})})
    alone = repo.commit({"z.txt": "1\n"})
    fork.main = repo.commit({"z.txt": "1\n"}, fork.main, alone, message="Merge something else")
    fork.up = repo.commit({"z.txt": "1\n"}, fork.up, alone, message="upstream merges it, too")
    found = fork.learn()
    redone = run_replay(ReplayOptions(repo.path))
    assert found.merges == redone.totals.merges == 4
    assert found.conflicted == redone.totals.conflicted == 3
    assert found.markers == redone.totals.markers == 1
    assert redone.apart.unrelated == 1
    [warning] = found.warnings
    assert warning.startswith("1 merge could not be made again, and tells nothing of conflicts: ")
    told = "not counted: 1 path committed with conflict markers"
    assert told in repo.syncfork("learn").out
    again = f"{told}; merges that could not be made again: unrelated histories 1"
    assert again in " ".join(repo.syncfork("replay").out.split())


@pytest.mark.parametrize("everything", [(), ("--all",)])
def test_says_why_there_is_nothing_to_propose(repo: Repo, everything: tuple[str, ...]) -> None:
    def said() -> str:
        fork.learn()
        told = " ".join(repo.syncfork("learn", *everything).out.split())
        assert "next: write a rule by hand, see docs/rules.md" in told
        assert "see --all" not in told
        return told

    fork = Fork(repo, {"a.txt": numbered(9), "b.txt": "1\n"})
    assert "no merge of upstream that could be read: nothing to learn from" in said()
    fork.sync({"a.txt": numbered(9, {1: "theirs"})}, {"a.txt": numbered(9, {1: "theirs"})})
    told = said()
    assert "1 merge, none with a conflict: nothing to learn from" in told
    assert "all together" not in told
    fork.sync({"b.txt": "2\n"}, {"b.txt": "mine\n"}, {"b.txt": "3\n"})
    assert "2 merges: nothing in their 1 conflicting path was decided alike often enough" in said()


def test_a_fork_without_merges_has_nothing_to_teach(repo: Repo) -> None:
    fork = Fork(repo, {"a.txt": numbered(9)})
    found = fork.learn()
    assert (found.proposals, found.refused, found.merges, found.conflicted) == ((), (), 0, 0)


def test_a_merge_that_nobody_has_reviewed_is_no_evidence(repo: Repo) -> None:
    fork = settled(repo, 3)
    fork.up = repo.commit({"new.txt": "1\n"}, fork.up, message="upstream's")
    before = fork.learn()
    assert before.merges == 3
    assert repo.syncfork("merge", UPSTREAM).code == 0
    made = repo.git("rev-parse", "HEAD")
    found = run_learn(LearnOptions(repo.path))
    assert found.merges == 3
    assert (
        found.warnings[-1]
        == f"the merge {made[:9]} on this branch is not counted: it is evidence once it is in main"
    )
    told = repo.syncfork("resolvers", "calibrate", "--dry-run")
    assert f"the merge {made[:9]} on this branch is not counted" in told.out + told.err
    repo.git("checkout", "-q", "main")
    repo.git("merge", "-q", "--ff-only", made)
    found = run_learn(LearnOptions(repo.path))
    assert found.merges == 4 and not [word for word in found.warnings if made[:9] in word]

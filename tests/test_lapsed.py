"""What rests on people's past decisions holds for a year: after that it asks, says so, and is renewed by what people do."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
import yaml
from git_fixtures import START, Repo, numbered, rule_files
from msgspec.structs import replace
from test_learn import Fork, settled

from syncfork.commands.replay import ReplayOptions, run_replay
from syncfork.evidence import HOLDS, holds
from syncfork.learn.withdraw import Renewed, again
from syncfork.resolve.base import Answer, Clash, Disputed
from syncfork.resolve.calibrate import calibrate, enabled
from syncfork.resolve.memory import Filed, Memory
from syncfork.resolve.resolution import Joined, record
from syncfork.resolve.table import from_text, to_text
from syncfork.rules.load import load_rules

UNTIL = date(2025, 3, 1)
WITHIN, AFTER = UNTIL, UNTIL + timedelta(days=1)
LEARNED = f"learned: {{by: deletions, bearing: 9}}\nreview: {UNTIL}\n"
ABSENT = "id: gone\nfiles: [ci.yml]\nown: absent\n"
VALUE = "id: value\nfiles: [a]\nrewrite: [{replace: {literal: Up}, with: Acme, expect: any}]\n"


def torn(repo: Repo, day: date, *rules: str, ours_on: date = WITHIN) -> str:
    """Upstream changes, on `day`, a file that the fork deleted and one in which it has its own value; upstream's commit."""
    base = repo.commit({"ci.yml": "a\nb\nc\n", "a": numbered(9, {5: "Up"})})
    mine = {"ci.yml": None, "a": numbered(9, {5: "Acme"}), **rule_files(*rules)}
    repo.checkout("main", repo.commit(mine, base, day=ours_on))
    theirs = repo.commit({"ci.yml": "a\nB\nc\n", "a": numbered(9, {5: "Up 2"})}, base, day=day)
    repo.branch("upstream", theirs)
    return theirs


@pytest.mark.parametrize("day", [WITHIN, AFTER])
def test_a_learned_rule_asks_after_its_day_and_leaves_the_conflict_as_git_has_it(
    repo: Repo, day: date
) -> None:
    torn(repo, day, ABSENT + LEARNED, VALUE + LEARNED)
    ran = repo.syncfork("merge", "upstream", "--dry-run", "--format", "json")
    left = [item["path"] for item in ran.report["conflicts"]]
    asked = [f for f in ran.report["findings"] if f["detector"] == "lapsed-rule"]
    assert (ran.code, left) == ((0, []) if day == WITHIN else (1, ["a", "ci.yml"]))
    assert [(f["rule"], f["class"], f["path"]) for f in asked] == (
        []
        if day == WITHIN
        else [("gone", "decision", ".syncfork/rule-1.yml"), ("value", "decision", ".syncfork/rule-2.yml")]
    )
    for finding, path in zip(asked, ("ci.yml", "a"), strict=bool(asked)):
        assert f"not applied to {path}: its evidence held until {UNTIL}" in finding["message"]
        assert finding["message"].endswith(f"of {day}")
        assert f"`review` in {finding['path']}" in finding["fix"]


def test_a_rule_that_people_wrote_goes_on_after_its_day(repo: Repo) -> None:
    torn(repo, AFTER, f"{ABSENT}review: {UNTIL}\n", VALUE)
    assert repo.syncfork("merge", "upstream", "--dry-run").code == 0


def test_the_day_is_upstreams_and_not_that_of_the_fork_or_of_today(repo: Repo) -> None:
    torn(repo, WITHIN, ABSENT + LEARNED, VALUE, ours_on=date(2026, 9, 1))
    assert repo.syncfork("merge", "upstream", "--dry-run").code == 0


def test_what_upstream_leaves_alone_is_not_asked_about(repo: Repo) -> None:
    torn(repo, AFTER, "id: other\nfiles: [b, c/**]\nown: absent\n" + LEARNED, ABSENT, VALUE)
    ran = repo.syncfork("merge", "upstream", "--dry-run", "--format", "json")
    assert ran.code == 0 and "lapsed-rule" not in {f["detector"] for f in ran.report["findings"]}


@pytest.mark.parametrize("rule", ["files: [ci.yml, cd.yml]", "files: ['c*.yml']"])
@pytest.mark.parametrize(
    ("back", "days", "times"), [(False, 300, 4), (False, 300, 3), (False, 400, 4), (True, 300, 4)]
)
def test_what_was_merged_and_done_without_since_bears_it_out_again_file_by_file(
    repo: Repo, rule: str, back: bool, days: int, times: int
) -> None:
    """cd.yml was changed so often, so many days before, and the fork merged that without it, or took the file back."""
    day = AFTER + timedelta(days=500)
    began = repo.commit({"ci.yml": "a\nb\nc\n", "cd.yml": "a\nb\nc\n", "x": "1"})
    before = began
    for number in range(times):
        before = repo.commit({"cd.yml": f"a\nb\nC{number}\n"}, before, day=day - timedelta(days=days))
    gone = {"ci.yml": None, "cd.yml": None, **rule_files(f"id: gone\n{rule}\nown: absent\n{LEARNED}")}
    fork = repo.commit(gone, began)
    repo.checkout("main", repo.commit({"cd.yml": "mine\n" if back else None}, fork, before))
    both = {"ci.yml": "a\nB\nc\n", "cd.yml": "a\nB\nC\n"}
    repo.branch("upstream", repo.commit(both, before, day=day))
    ran = repo.syncfork("merge", "upstream", "--dry-run", "--format", "json")
    left = ["cd.yml", "ci.yml"] if back or days > 365 or times < 4 else ["ci.yml"]
    assert [item["path"] for item in ran.report["conflicts"]] == left
    [finding] = [f for f in ran.report["findings"] if f["detector"] == "lapsed-rule"]
    assert f"not applied to {', '.join(left)}: " in finding["message"]


def test_continue_and_check_do_not_hold_a_person_to_it(repo: Repo) -> None:
    torn(repo, AFTER, ABSENT + LEARNED, VALUE)
    assert repo.syncfork("merge", "upstream").code == 1
    repo.git("add", "ci.yml")
    done = repo.syncfork("continue")
    assert "back, which the rule wants absent" not in done.out, done.out
    # Committed, with what the merge asked.
    assert (done.code, "Merged on branch" in done.out) == (1, True), done.out
    assert repo.read("HEAD", "ci.yml") == b"a\nB\nc\n"
    checked = repo.syncfork("check", "--format", "json")
    assert checked.code == 0, checked.out
    assert checked.report["findings"] == []


@pytest.mark.parametrize(
    ("rule", "path", "chosen"),
    [(ABSENT, "ci.yml", b"a\nB\nc\n"), (VALUE, "a", numbered(9, {5: "Up 2"})), ("id: t\nfiles: [a]\nown: theirs\n", "a", numbered(9, {5: "Acme"}))],
)  # fmt: skip
def test_what_a_person_decided_stays_in_the_merges_after(
    repo: Repo, rule: str, path: str, chosen: bytes
) -> None:
    theirs = torn(repo, AFTER, rule + LEARNED, VALUE if rule == ABSENT else ABSENT)
    assert repo.syncfork("merge", "upstream").code == 1
    (repo.path / path).write_bytes(chosen)
    repo.git("add", path)
    repo.syncfork("continue")
    assert repo.read("HEAD", path) == chosen
    repo.branch("upstream", repo.commit({"x": "1\n"}, theirs, day=AFTER))
    ran = repo.syncfork("merge", "upstream")
    assert (ran.code, repo.read("HEAD", path), repo.read("HEAD", "x")) == (0, chosen, b"1\n"), ran.out
    assert repo.syncfork("check").code == 0


def test_what_the_fork_had_until_lately_was_not_done_without(repo: Repo) -> None:
    day = AFTER + timedelta(days=500)
    before = repo.commit({"ci.yml": "a\nb\nc\n"})
    for number in range(4):
        before = repo.commit({"ci.yml": f"a\nb\nC{number}\n"}, before, day=day - timedelta(days=300))
    mine = repo.commit({"own": "1", **rule_files(ABSENT + LEARNED)}, before, day=day - timedelta(days=200))
    repo.checkout("main", repo.commit({"ci.yml": None}, mine, day=day - timedelta(days=5)))
    repo.branch("upstream", repo.commit({"ci.yml": "a\nB\nC\n"}, before, day=day))
    assert repo.syncfork("merge", "upstream", "--dry-run").code == 1


@pytest.mark.parametrize("now", [None, "as ours\n"])
def test_what_upstream_makes_the_same_as_ours_needs_no_decision(repo: Repo, now: str | None) -> None:
    base = repo.commit({"f": "1\n", "g": "1\n"})
    rule = "id: f\nfiles: [f]\nown: " + ("ours" if now else "absent") + "\n"
    repo.checkout("main", repo.commit({"f": now, **rule_files(rule + LEARNED)}, base))
    repo.branch("upstream", repo.commit({"f": now, "g": "2\n"}, base, day=AFTER))
    assert repo.syncfork("merge", "upstream", "--dry-run").code == 0


def test_moving_the_day_renews_it(repo: Repo) -> None:
    torn(repo, AFTER, ABSENT + LEARNED.replace("2025", "2026"), VALUE)
    assert repo.syncfork("merge", "upstream", "--dry-run").code == 0


def test_the_drift_report_says_how_it_fares(repo: Repo) -> None:
    torn(repo, AFTER, ABSENT + LEARNED, VALUE)
    told = repo.syncfork("drift", "upstream", "--format", "json").report
    assert [(h["id"], h["state"]) for h in told["drift"]["health"]][-1] == ("gone", "lapsed")
    assert "lapsed" in repo.syncfork("drift", "upstream").out
    [rule] = load_rules([("r.yml", (ABSENT + "why: it is not wanted\n" + LEARNED).encode())])
    assert rule.learned and (rule.in_force(WITHIN), rule.in_force(AFTER)) == (True, False)


def test_replay_takes_each_merge_by_its_own_day(repo: Repo) -> None:
    base = repo.commit({"ci.yml": "a\nb\nc\n"})
    up, main = base, repo.commit({"ci.yml": None, **rule_files(ABSENT + LEARNED)}, base)
    for number, day in enumerate((WITHIN, AFTER, AFTER + HOLDS + timedelta(days=1))):
        up = repo.commit({"ci.yml": f"a\n{number}\nc\n"}, up, day=day)
        main = repo.commit({}, main, up, day=day, message="Merge upstream")
    repo.checkout("main", main)
    repo.branch("refs/remotes/upstream/main", up)
    for as_of in (False, True):
        found = run_replay(ReplayOptions(repo.path, as_of=as_of))
        assert [[path.outcome for path in merge.paths] for merge in found.merges] == [
            ["left"],
            ["left"],
            ["same"],
        ]


# -- resolutions and resolvers


GONE = Disputed("ci.yml", "modify/delete", "a\nb\n", None, "a\nc\n")
CLASH = Clash("old\n", "ours\n", "theirs\n")


def resolution(number: int, day: date, clash: Clash | None, result: str | None) -> Filed:
    merge = Joined(f"{number:040x}", f"{number + 100:040x}")
    made = record("a.txt" if clash else "ci.yml", clash, result, merge, "Ann", day, "")
    assert made is not None
    return Filed(f"r/{number}.yml", made)


@pytest.mark.parametrize("day", [WITHIN, AFTER])
def test_what_follows_from_a_decision_is_too_old_after_a_year_and_the_same_conflict_never(day: date) -> None:
    then = UNTIL - HOLDS
    memory = Memory((resolution(3, then, None, None), resolution(1, then, CLASH, "ours\n")), day=day)
    assert (memory.whole(GONE) is not None) == (day == WITHIN)
    for known in (CLASH, replace(CLASH, base="older\n")):
        answer = memory.clash(Disputed("a.txt", "contents", "", "", "", ("", known, "")), 0)
        assert isinstance(answer, Answer) and answer.text == "ours\n"
    # To suggest something nothing is too old.
    assert replace(memory, day=None).whole(GONE)


@pytest.mark.parametrize("day", [WITHIN, AFTER])
def test_a_class_of_answers_is_silent_a_year_after_its_last_case(day: date) -> None:
    first = UNTIL - HOLDS - timedelta(days=9)
    past = [
        (f"{n:040x}", first + timedelta(days=n), replace(GONE, path=f"c{n}.yml"), None) for n in range(10)
    ]
    table = calibrate(iter(past), "0" * 40, UNTIL)
    assert any(row.on and row.last == UNTIL - HOLDS for row in table.rows)
    assert any(source.whole(GONE) for source in enabled(table, day)) == (day == WITHIN)


def test_what_is_too_old_is_told_where_it_would_have_answered(repo: Repo) -> None:
    theirs = torn(repo, AFTER, VALUE)
    assert repo.syncfork("merge", "upstream").code == 1
    repo.git("rm", "-q", "ci.yml")
    assert repo.syncfork("continue").code == 0
    sync = repo.git("branch", "--show-current").strip()
    repo.git("checkout", "-q", "main")
    repo.git("checkout", "-q", sync, "--", ".syncfork")
    repo.git("commit", "-qm", "Remember")
    told = "warning: decided more than a year before upstream's commit, so it is only suggested: ci.yml"
    for day, code in ((AFTER, 0), (date(2030, 1, 1), 1)):
        repo.branch("upstream", repo.commit({"ci.yml": "a\nC\nc\n"}, theirs, day=day))
        ran = repo.syncfork("merge", "upstream", "--dry-run")
        assert (ran.code, told in ran.out) == (code, code == 1), ran.out
    # Another conflict is none that it would have answered.
    repo.branch("upstream", repo.commit({"ci.yml": "a\nb\nc\n", "a": "else\n"}, theirs, day=date(2030, 1, 1)))
    assert "only suggested" not in repo.syncfork("merge", "upstream", "--dry-run").out


def test_a_table_that_is_too_old_is_told_where_its_classes_might_have_answered(repo: Repo) -> None:
    first = UNTIL - HOLDS - timedelta(days=9)
    past = [
        (f"{n:040x}", first + timedelta(days=n), replace(GONE, path=f"c{n}.yml"), None) for n in range(10)
    ]
    table = calibrate(iter(past), "0" * 40, UNTIL)
    for day, code in ((WITHIN, 0), (AFTER, 1)):
        one = Repo.create(repo.path / f"{code}")
        torn(one, day, VALUE)
        (one.path / ".syncfork" / "resolvers.toml").write_text(to_text(table))
        one.git("add", ".")
        one.git("commit", "-qm", "Calibrate")
        ran = one.syncfork("merge", "upstream", "--dry-run")
        assert (ran.code, "of resolvers not used" in ran.out) == (code, code == 1), ran.out
    # A table without the days was measured on one.
    old = replace(table, rows=tuple(replace(row, last=None) for row in table.rows), measured=UNTIL - HOLDS)
    assert from_text("t.toml", to_text(old).encode()) == old
    assert enabled(old, WITHIN) and not enabled(old, AFTER)


def test_all_verbs_take_a_commit_by_the_rules_of_its_own_day(repo: Repo) -> None:
    base = repo.commit({"ci/a": "1\n", "x": "1\n"})
    rules = rule_files("id: gone\nfiles: [ci/**]\nown: absent\n" + LEARNED)
    repo.checkout("main", repo.commit({"ci/a": None, "x": "mine\n", **rules}, base))
    one = repo.commit({"ci/b": "1\n"}, base, day=WITHIN)
    repo.branch("upstream", repo.commit({"x": "theirs\n"}, one, day=AFTER))
    told = repo.syncfork("drift", "upstream", "--format", "json").report["drift"]["reach"]
    assert told["clean"]["commit"] == one
    assert repo.syncfork("merge", "upstream", "--as-far-as-clean").code == 0
    assert repo.git("ls-tree", "-r", "--name-only", "HEAD", "--", "ci") == ""
    checked = repo.syncfork("check")
    assert checked.code == 0, checked.out


def test_as_far_as_clean_goes_as_far_as_merges_go(repo: Repo) -> None:
    base = repo.commit({"ci.yml": "a\nb\nc\n"})
    repo.checkout("main", repo.commit({"ci.yml": None, **rule_files(ABSENT + LEARNED)}, base))
    ups = [base]
    for number in range(5):
        ups.append(
            repo.commit({"ci.yml": f"{number}\nb\nc\n"}, ups[-1], day=WITHIN + timedelta(days=number - 2))
        )
    repo.branch("upstream", ups[-1])
    told = repo.syncfork("drift", "upstream", "--format", "json").report["drift"]["reach"]
    assert told["clean"]["commit"] == ups[3]
    assert repo.syncfork("merge", ups[3], "--dry-run").code == 0


def test_an_id_of_a_lapsed_rule_is_taken(repo: Repo) -> None:
    torn(repo, AFTER, ABSENT + LEARNED, VALUE)
    assert repo.syncfork("merge", "upstream").code == 1
    (repo.path / ".syncfork" / "mine.yml").write_text(f"{ABSENT}why: It is not wanted here.\n")
    repo.git("rm", "-q", "ci.yml")
    repo.git("add", ".syncfork")
    refused = repo.syncfork("continue")
    assert refused.code == 3 and "'gone' is taken by .syncfork/rule-1.yml" in refused.err


@pytest.mark.parametrize("lapsed", [True, False])
def test_calibrate_counts_the_same_whether_the_rule_that_settles_it_has_lapsed(
    repo: Repo, lapsed: bool
) -> None:
    files = {f"c{n}.yml": "a\nb\nc\n" for n in range(6)}
    up = repo.commit(files)
    rule = "id: gone\nfiles: ['c*.yml']\nown: absent\n" + LEARNED
    main = repo.commit({**dict.fromkeys(files), **rule_files(rule)}, up)
    for number, name in enumerate(files):
        up = repo.commit({name: f"a\n{number}\nc\n"}, up, day=AFTER if lapsed else WITHIN)
        main = repo.commit({}, main, up, message="Merge upstream")
    repo.checkout("main", main)
    repo.branch("refs/remotes/upstream/main", up)
    done = repo.syncfork("resolvers", "calibrate", "--dry-run", "--format", "json")
    rows = {row["by"]: (row["cases"], row["right"]) for row in done.report["table"]["rows"]}
    assert rows["deletions: a file that ours deleted stays deleted"] == (6, 6), done.out


@pytest.mark.parametrize("when", ["-9", "253402300800", "99999999999999999", "x"])
def test_any_date_of_a_commit_is_lived_with(repo: Repo, when: str) -> None:
    theirs = torn(repo, WITHIN, ABSENT + LEARNED, VALUE)
    raw = repo.git("cat-file", "commit", theirs)
    odd = re.sub(r"(?m)^(author|committer) (.*>).*$", rf"\1 \2 {when} +0000", raw)
    repo.branch("upstream", repo.write("commit", odd.encode()))
    repo.branch("refs/remotes/upstream/main", "upstream")
    for verb in (
        ["merge", "upstream", "--no-checkout"],
        ["check"],
        ["replay"],
        ["learn"],
        ["resolvers", "calibrate", "--dry-run"],
    ):
        ran = repo.syncfork(*verb)
        assert ran.code in (0, 1, 2) and "bug" not in ran.err, (verb, ran.err)


# -- what people do renews it


def test_learn_moves_the_day_of_what_was_borne_out_again(repo: Repo) -> None:
    fork = settled(repo, 9)
    [proposal] = fork.write().proposals
    file = f"rules/{proposal.id}.yml"
    text = repo.read(fork.main, file).decode()
    began = date.fromtimestamp(START)
    assert yaml.safe_load(text)["review"] == began + HOLDS
    later = began + timedelta(days=300)
    fork.commit({"a.txt": numbered(9, {5: "ours again"})})
    fork.up = repo.commit({"a.txt": numbered(9, {5: "theirs again"})}, fork.up, day=later)
    fork.main = repo.commit({}, fork.main, fork.up, day=later, message="Merge upstream")
    found = fork.learn()
    assert [(r.id, r.file, r.last, r.until) for r in found.renewed] == [
        (proposal.id, file, later, later + HOLDS)
    ]
    shown = repo.syncfork("learn", "--until", "HEAD")
    assert "borne out again" in shown.out and str(later + HOLDS) in shown.out
    assert not fork.learn(folder=repo.path / "elsewhere").written
    assert fork.learn(folder=repo.path / "rules").written == (file,)
    made = (repo.path / file).read_text()
    told = yaml.safe_load(made)
    assert (told["review"], told["learned"]["last"]) == (later + HOLDS, later)
    # Nothing else in it is touched.
    differing = [pair for pair in zip(text.split("\n"), made.split("\n"), strict=True) if len(set(pair)) == 2]
    assert [old.strip().partition(":")[0] for old, _ in differing] == ["last", "review"]
    fork.commit({file: made})
    assert fork.learn().renewed == ()


def test_what_people_did_otherwise_with_is_not_renewed(repo: Repo) -> None:
    fork: Fork = settled(repo, 9)
    fork.write()
    theirs = numbered(9, {5: "theirs again"})
    fork.sync({"a.txt": theirs}, {"a.txt": theirs})
    assert fork.learn().renewed == ()


def test_a_rule_file_is_renewed_where_it_says_its_days() -> None:
    """And not at all where it is another's rule by now, or says them otherwise."""
    text = (
        "# last: never\nid: a\nwhy: The tests want it so.\nfiles: [a]\nown: ours\nlink: |\n  last: 7.1\n"
        "learned:\n  by: x\n  bearing: 2\n  last: 2024-01-01\nreview: 2024-12-31  # soon\n"
    )
    rule = Renewed("a", "a.yml", date(2025, 2, 2), date(2026, 2, 2))
    wanted = text.replace("2024-01-01", "2025-02-02").replace("2024-12-31", "2026-02-02")
    assert again(text, rule) == wanted
    assert again(text.replace("\n", "\r\n"), rule) == wanted.replace("\n", "\r\n")
    for other in (
        text.replace("id: a", "id: b"),
        text.replace("  last: 2024-01-01\n", ""),
        text.replace("review: 2024-12-31", "'review': 2024-12-31"),
        text.replace("learned:\n  by: x\n  bearing: 2\n  last: 2024-01-01\n", ""),
        text.replace("own: ours\n", ""),
    ):
        assert again(other, rule) is None


def test_a_year_is_a_year() -> None:
    assert holds(date(2024, 1, 1), date(2024, 1, 1) + HOLDS) and not holds(date(2024, 1, 1), date(2025, 1, 1))

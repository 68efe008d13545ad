"""`syncfork explain`, and the detectors within merge, check and continue."""

from __future__ import annotations

import json
import re

import pytest
from git_fixtures import Repo, numbered, rule_files

from syncfork.commands.check import find_sync
from syncfork.git.repository import Repository

OLD = "release tag:\n  gh {{tag}}\n"
NEW = "release tag commit:\n  gh {{tag}} {{commit}}\n"


@pytest.fixture
def fork(repo: Repo) -> Repo:
    """A fork whose own script calls a recipe that upstream gave another parameter; and a conflict on demand."""
    base = repo.commit({"Justfile": OLD, "story": numbered(9)})
    ours = repo.commit({"go.sh": "just release $TAG\n", "story": numbered(9, {2: "ours"})}, base)
    clean = repo.commit({"Justfile": NEW}, base, message="Releases need a commit (#7)")
    torn = repo.commit({"story": numbered(9, {2: "theirs"})}, clean)
    repo.checkout("main", ours)
    repo.branch("up", clean)
    repo.branch("torn", torn)
    repo.branch("refs/remotes/upstream/main", torn)
    return repo


def test_a_breakage_of_a_clean_merge_is_committed_on_its_branch_and_told(fork: Repo) -> None:
    done = fork.syncfork("merge", "up", "--no-checkout", "--branch", "s", "--format", "json")
    assert done.code == 1
    report = done.report
    assert report["state"] == "merged"
    [finding] = report["findings"]
    assert (finding["class"], finding["path"], finding["culprits"][0]["pr"]) == ("breakage", "go.sh", 7)
    assert fork.git("rev-list", "--parents", "-n1", "s").split()[1:] == [
        fork.git("rev-parse", "main"),
        fork.git("rev-parse", "up"),
    ]
    assert report["next"][0] == f"syncfork explain {finding['id']}"


def test_status_tells_what_a_merge_left_open(fork: Repo) -> None:
    assert not fork.syncfork("status", "--format", "json").report["warnings"]
    fork.syncfork("merge", "up", "--branch", "s")
    landed = fork.syncfork("status", "--format", "json").report
    assert landed["warnings"] == ["this merge was committed with 1 breakage open"]
    # On its branch there is nothing to merge, which is not all there is to say.
    drift = fork.syncfork("drift", "up", "--format", "json").report
    assert drift["state"] == "up to date"
    assert "this merge was committed with 1 breakage open: syncfork report" in drift["warnings"]
    fork.checkout("main", fork.git("rev-parse", "main"))
    assert not fork.syncfork("status", "--format", "json").report["warnings"]
    assert not fork.syncfork("drift", "torn", "--format", "json").report["warnings"]
    fork.syncfork("merge", "torn")
    waiting = fork.syncfork("status", "--format", "json").report
    assert waiting["state"] == "in progress"
    assert waiting["warnings"] == [
        "the merge began with 1 breakage beside its conflicts: `syncfork report` tells them"
    ]


def test_status_does_not_call_a_merge_committed_that_was_given_up(fork: Repo) -> None:
    assert fork.syncfork("merge", "torn").code == 1
    assert fork.syncfork("abort").code == 0
    told = fork.syncfork("status", "--format", "json").report
    assert (told["state"], told["warnings"], told["next"]) == ("behind", [], ["syncfork merge"])


def test_explain_names_every_commit_behind_many_emptied_folders(repo: Repo) -> None:
    base = repo.commit({f"meta/{name}/{n}": f"{n}\n" for name in ("cs", "de", "en", "fr") for n in (1, 2)})
    ours = repo.commit({f"meta/{name}/{n}": None for name in ("cs", "de", "fr") for n in (1, 2)}, base)
    made = base
    for name in ("cs", "de", "fr"):
        made = repo.commit({f"meta/{name}/3": "3\n"}, made, message=f"Translated {name}")
    repo.checkout("main", ours)
    repo.branch("up", made)
    report = repo.syncfork("merge", "up", "--dry-run", "--format", "json").report
    [finding] = report["findings"]
    assert [culprit["subject"][-2:] for culprit in finding["culprits"]] == ["cs", "de", "fr"]
    told = repo.syncfork("explain", finding["id"]).out
    assert all(text in told for text in ("Translated cs", "Translated fr", '["meta/**", "!meta/en/**"]'))


def test_explain_shows_both_texts_the_commit_and_the_way_out(fork: Repo) -> None:
    fork.syncfork("merge", "up", "--dry-run")
    done = fork.syncfork("explain", "recipes")
    assert done.code == 0
    for text in (
        "just release $TAG",
        "release tag commit:",
        "Releases need a commit",
        "[[accept]]",
        "-release tag:",
    ):
        assert text in done.out
    told = fork.syncfork("explain", "recipes", "--format", "json").report
    assert [excerpt["path"] for excerpt in told["finding"]["excerpts"]] == ["go.sh", "Justfile"]
    run = f"merge of up ({fork.git('rev-parse', '--short=9', 'up')}) into main"
    assert f"found by syncfork {run}\n" in done.out and told["run"] == run


def test_of_a_long_hunk_explain_shows_what_is_near_the_line(repo: Repo) -> None:
    head, tail = (
        "".join(f"r{n} it:\n\techo {n}\n" for n in numbers) for numbers in (range(30), range(30, 60))
    )
    base = repo.commit({"Justfile": OLD})
    ours = repo.commit({"go.sh": "just release $TAG\n"}, base)
    made = repo.commit({"Justfile": head + NEW + tail}, base, message="Rewrite it")
    repo.checkout("main", ours)
    repo.branch("up", made)
    repo.syncfork("merge", "up", "--dry-run")
    diff = repo.syncfork("explain", "recipes", "--format", "json").report["diff"]
    assert len(diff) < 30 and "..." in diff
    assert "+release tag commit:" in diff


def test_explain_from_a_saved_report_and_its_mistakes(fork: Repo) -> None:
    assert "there is no run here to explain" in fork.syncfork("explain", "x").err
    saved = fork.path.parent / "report.json"
    saved.write_text(fork.syncfork("merge", "up", "--dry-run", "--format", "json").out)
    assert fork.syncfork("explain", "recipes", "--report", str(saved)).code == 0
    unknown = fork.syncfork("explain", "nothing")
    assert unknown.code == 2
    assert "no finding 'nothing' in the last run" in unknown.err
    saved.write_text(json.dumps({"schema_version": 99}))
    assert fork.syncfork("explain", "recipes", "--report", str(saved)).code == 2
    assert fork.syncfork("explain", "x", "--report", "missing.json").code == 2


def test_who_asks_for_a_conflict_is_told_what_shows_it(fork: Repo) -> None:
    # Without the caller of the recipe there is no finding, only the conflict.
    fork.checkout("main", fork.commit({"go.sh": "true\n"}, fork.git("rev-parse", "main")))
    fork.syncfork("merge", "torn", "--dry-run")
    before = fork.syncfork("explain", "story")
    assert before.code == 2
    run = f"the merge of torn ({fork.git('rev-parse', '--short=9', 'torn')}) into main"
    assert f"story is no finding, but a conflict in {run}\n" in before.err
    assert before.err.endswith("try: to see it: `syncfork merge`, then `syncfork resolve`\n")
    other = fork.syncfork("explain", "another").err
    assert "try: it had conflicts, which are no findings, in story: `syncfork merge`, then" in other
    assert "found nothing" not in other
    # A check since then hides no conflict.
    fork.syncfork("merge", "torn", "--branch", "s")
    fork.syncfork("abort")
    fork.syncfork("check", "s")
    assert "story is no finding, but a conflict in" in fork.syncfork("explain", "story").err
    assert fork.syncfork("merge", "torn").code == 1
    fork.syncfork("check")
    told = fork.syncfork("explain", "story").err
    assert told.endswith("try: `syncfork resolve` shows it\n")
    assert "in story: `syncfork resolve` shows them" in fork.syncfork("explain", "another").err
    (fork.path / "story").write_bytes(numbered(9, {2: "ours\ntheirs"}))
    fork.git("add", "story")
    assert fork.syncfork("continue").code == 0
    told = fork.syncfork("explain", "story").err
    assert "a conflict in" not in told and "which are no findings" not in told


def test_a_name_that_no_finding_has_lists_few_of_the_newest_run(fork: Repo) -> None:
    [found] = fork.syncfork("merge", "up", "--dry-run", "--format", "json").report["findings"]
    [kept] = fork.git_dir.rglob("findings.json")
    [merge] = json.loads(kept.read_text())["reports"]
    check = {**merge, "verb": "check", "upstream": None, "findings": []}
    kept.write_text(json.dumps({"reports": [check, merge]}))
    run = f"merge of up ({fork.git('rev-parse', '--short=9', 'up')}) into main"
    assert fork.syncfork("explain", "x").err == (
        "error: no finding 'x' in the last run\n"
        f"  try: that run (check) found nothing; of the {run} before it, one of:\n  {found['id']}  go.sh:1\n"
    )
    many = [{**found, "id": f"f-{number}"} for number in range(12)]
    kept.write_text(json.dumps({"reports": [{**check, "findings": many}, merge]}))
    told = fork.syncfork("explain", "x").err
    assert told.count("go.sh:1") == 10 and told.endswith("f-9  go.sh:1\n  and 2 more\n")
    assert found["id"] not in told
    assert "'f' stands for 12 findings of the check\n" in fork.syncfork("explain", "f").err


def test_check_looks_at_the_merge_that_a_branch_brings(fork: Repo) -> None:
    fork.syncfork("merge", "up", "--no-checkout", "--branch", "s")
    done = fork.syncfork("check", "s", "--format", "json")
    assert done.code == 1
    assert [finding["detector"] for finding in done.report["findings"]] == ["recipes"]
    mended = fork.commit(
        {"Justfile": NEW, "go.sh": "just release $TAG $SHA\n"}, fork.git("rev-parse", "s"), whole=True
    )
    assert fork.syncfork("check", mended, "--base", "main").code == 0
    assert "brings no merge of upstream" in fork.syncfork("check", "main").err


def test_check_of_a_commit_that_is_older_than_the_configuration_says_so(fork: Repo) -> None:
    fork.syncfork("merge", "up", "--no-checkout", "--branch", "s")
    old = fork.git("rev-parse", "s")
    (fork.path / "syncfork.toml").write_text('upstream = "torn"\n')
    assert "syncfork.toml is not committed yet" in fork.syncfork("check", old).out
    fork.git("add", "syncfork.toml")
    fork.git("commit", "-qm", "Set up syncfork")
    told = fork.syncfork("check", old[:9], "--base", f"{old[:9]}^1").out.splitlines()
    # A commit that is named by its id is named once.
    assert told[0] == f"{fork.git('rev-parse', 'up')[:9]} → {old[:9]}"
    assert told[1] == f"warning: commit {old[:9]} has no syncfork.toml, so none of the fork's rules was read"
    assert fork.syncfork("check", "s").out.startswith(f"{fork.git('rev-parse', 'up')[:9]} → s {old[:9]}\n")


def test_continue_looks_at_what_the_person_made(fork: Repo) -> None:
    began = fork.syncfork("merge", "torn", "--format", "json")
    assert [finding["detector"] for finding in began.report["findings"]] == ["recipes"]
    (fork.path / "story").write_bytes(numbered(9, {2: "both"}))
    (fork.path / "go.sh").write_text("just release $TAG $SHA\n")
    fork.git("add", "story", "go.sh")
    done = fork.syncfork("continue", "--format", "json")
    # The mended line was the fork's own: that it is another now is told, and asks for nothing.
    assert done.code == 0
    assert [(f["class"], f["detector"], f["path"]) for f in done.report["findings"]] == [
        ("note", "dropped", "go.sh")
    ]


def test_a_breakage_that_is_left_is_told_at_continue_and_committed(fork: Repo) -> None:
    fork.syncfork("merge", "torn")
    (fork.path / "story").write_bytes(numbered(9, {2: "both"}))
    fork.git("add", "story")
    done = fork.syncfork("continue", "--format", "json")
    assert (done.code, done.report["state"]) == (1, "merged")
    assert [finding["detector"] for finding in done.report["findings"]] == ["recipes"]


def test_what_is_accepted_at_continue_is_for_that_merge_only_and_it_says_so(fork: Repo) -> None:
    fork.syncfork("merge", "torn")
    (fork.path / "story").write_bytes(numbered(9, {2: "both"}))
    fork.git("add", "story")
    done = fork.syncfork("continue", "--accept", "go.sh", "--reason", "later", "--format", "json")
    assert (done.code, done.report["state"]) == (0, "merged")
    assert any("accept it in syncfork.toml, too" in warning for warning in done.report["warnings"])
    [found] = done.report["findings"]
    explained = fork.syncfork("explain", found["id"])
    assert explained.code == 0 and "accepted: later" in explained.out
    assert fork.syncfork("check").code == 1


def test_a_detector_can_be_switched_off(fork: Repo) -> None:
    config = fork.commit({"syncfork.toml": 'detectors_off = ["recipes"]\n'}, fork.git("rev-parse", "main"))
    fork.checkout("main", config)
    ran = fork.syncfork("merge", "up", "--dry-run")
    assert ran.code == 0 and "Switched off in syncfork.toml: recipes\n" in ran.out
    # Every report of a run in which it did not look says so; no other one does.
    for form in ("markdown", "html", "json"):
        assert "recipes" in fork.syncfork("report", "--format", form).out
    assert fork.syncfork("merge", "up", "--format", "json").report["switched_off"] == ["recipes"]
    assert "Switched off" in fork.syncfork("check", "--base", config).out
    fork.checkout("other", fork.git("rev-parse", "main~1"))
    assert "Switched off" not in fork.syncfork("merge", "up", "--dry-run").out


def test_an_unknown_detector_is_a_mistake(fork: Repo) -> None:
    config = fork.commit({"syncfork.toml": 'detectors_off = ["recipe"]\n'}, fork.git("rev-parse", "main"))
    fork.checkout("main", config)
    done = fork.syncfork("merge", "up", "--dry-run")
    assert done.code == 3
    assert "no detector is called recipe" in done.err


def test_every_finding_that_was_told_can_be_explained(fork: Repo) -> None:
    told = [
        finding["id"]
        for command in (("merge", "up", "--dry-run"), ("merge", "torn"), ("continue",), ("check", "main"))
        for finding in told_by(fork, *command)
    ]
    assert len({name.partition("-")[0] for name in told}) > 1
    assert [fork.syncfork("explain", name).code for name in told] == [0] * len(told)


def told_by(fork: Repo, *command: str) -> list[dict[str, str]]:
    if command[0] == "continue":
        # The conflict's markers are left in.
        fork.git("add", "-A")
    found: list[dict[str, str]] = fork.syncfork(*command, "--format", "json").report.get("findings", [])
    return found


def test_markers_that_were_left_in_are_not_to_be_accepted_lightly(fork: Repo) -> None:
    fork.syncfork("merge", "torn")
    fork.git("add", "-A")
    assert not any(
        "--accept" in step for step in fork.syncfork("continue", "--format", "json").report["next"]
    )
    refused = fork.syncfork("continue", "--accept", "story", "--reason", "it is fine")
    assert (
        refused.code != 0
        and fork.git("rev-parse", "HEAD") == fork.git("rev-parse", "ORIG_HEAD", "HEAD").split()[-1]
    )
    assert fork.syncfork("continue", "--accept", "marker-story", "--reason", "a text about markers").code == 1
    assert len(fork.git("rev-list", "--parents", "-n1", "HEAD").split()) == 3


def test_a_line_between_two_sides_that_was_left_in_is_a_marker(fork: Repo) -> None:
    fork.syncfork("merge", "torn")
    story = fork.path / "story"
    lines = story.read_text().splitlines(keepends=True)
    story.write_text("".join(line for line in lines if not line.startswith(("<<<<<<< ", ">>>>>>> "))))
    assert "=======\n" in story.read_text()
    fork.git("add", "-A")
    left = fork.syncfork("continue", "--format", "json").report["findings"]
    assert "marker-story" in {item["id"] for item in left}
    story.write_text(story.read_text().replace("=======\n", ""))
    fork.git("add", "-A")
    assert not any(
        item["id"].startswith("marker")
        for item in fork.syncfork("continue", "--format", "json").report["findings"]
    )


def test_check_refuses_a_history_that_is_cut_off(fork: Repo) -> None:
    shallow = fork.path.parent / "shallow"
    fork.git("clone", "-q", "--depth", "1", f"file://{fork.path}", str(shallow))
    done = Repo(shallow).syncfork("check")
    assert done.code == 3 and "shallow clone" in done.err and "fetch-depth" in done.err


def test_check_judges_the_merge_that_brought_the_newest_of_upstream(repo: Repo) -> None:
    base = repo.commit({"a": "1", "b": "1"})
    first = repo.commit({"a": "2"}, base)
    newest = repo.commit({"a": "3"}, first)
    direct = repo.commit({}, repo.commit({"own": "1"}, base), first)
    # A branch made from upstream, with a commit on top, that came by a pull request; and one that brings nothing.
    ours = repo.commit({"own": "2"}, direct)
    merged = repo.commit({"a": "3", "b": "2"}, ours, repo.commit({"b": "2"}, newest))
    later = repo.commit({"own": "3"}, merged, repo.commit({"own": "3"}, ours))
    repo.checkout("main", later)
    repo.branch("refs/remotes/upstream/main", repo.commit({"c": "1"}, newest))
    found = repo.syncfork("check", "--format", "json").report
    assert (found["upstream"]["commit"], found["merge_base"]) == (newest, first)
    assert repo.syncfork("check", "--base", merged, "--format", "json").code == 2


def test_the_last_report_can_be_seen_whole(fork: Repo) -> None:
    assert "no run is on record" in fork.syncfork("report").err
    told = fork.syncfork("merge", "up", "--dry-run", "--format", "json").report
    assert fork.syncfork("report", "--format", "json").report == told
    assert told["findings"][0]["message"].replace("`", "") in fork.syncfork(
        "report", "--format", "markdown"
    ).out.replace("`", "")


@pytest.mark.parametrize("taken", ["upstream took a commit of the fork's", "the fork took half of it before"])
def test_check_finds_the_merge_where_there_are_several_merge_bases(repo: Repo, taken: str) -> None:
    root = repo.commit({"a": "1"})
    newest = repo.commit({"b": "2"}, root)
    if taken.startswith("upstream"):
        ours = repo.commit({"own": "1"}, root)
        tip = repo.commit({"own": "1"}, newest, ours)
    else:
        half = repo.commit({"a": "2"}, root)
        tip = repo.commit({"b": "2"}, half, newest)
        ours = repo.commit({}, repo.commit({"own": "1"}, root), half)
    brought = repo.commit({"b": "2"}, ours, newest)
    assert find_sync(Repository.open(repo.path), brought, ours, tip) == (ours, newest)


def test_a_report_of_another_version_is_in_nobodys_way(fork: Repo) -> None:
    [told] = fork.syncfork("merge", "up", "--dry-run", "--format", "json").report["findings"]
    [kept] = fork.git_dir.rglob("findings.json")
    data = json.loads(kept.read_text())
    kept.write_text(json.dumps({"reports": [{"verb": "check", "schema_version": 0}, *data["reports"]]}))
    assert fork.syncfork("explain", told["id"]).code == 0
    assert fork.syncfork("report", "--format", "json").report["findings"] == [told]


def test_what_continue_said_can_be_seen_again(fork: Repo) -> None:
    fork.syncfork("merge", "torn")
    fork.git("add", "-A")
    told = fork.syncfork("continue", "--format", "json").report
    assert told["state"] == "in progress"
    assert fork.syncfork("report", "--format", "json").report == told


def test_the_id_of_a_rule_stands_for_its_finding(fork: Repo) -> None:
    rule = "id: no-story\nwhy: It is told elsewhere.\nfiles: [story]\nown: absent\n"
    fork.checkout("ruled", fork.commit(rule_files(rule), fork.git("rev-parse", "main")))
    done = fork.syncfork("check")
    assert (
        re.search(r"\[intent-\w{8}, rule no-story\]", done.out)
        and "git rm story: It is told elsewhere." in done.out
    )
    told = fork.syncfork("explain", "no-story")
    assert told.code == 0 and "this path is back" in told.out

"""What rules do in a merge, case by case: small histories made by hand, `syncfork merge` on them."""

from __future__ import annotations

import pytest
from git_fixtures import EXE, LINK, Changes, Repo, lines, numbered, rule_files

from syncfork.render.html import render as html
from syncfork.render.terminal import render
from syncfork.report import Report

OFF = """
id: off
files: ["jobs/*"]
rewrite: [{replace: {regex: "^on: .*$"}, with: "on: demand"}]
"""
JOB = numbered(12, {3: "on: push"})
JOB_OFF = numbered(12, {3: "on: demand"})


def merged(repo: Repo, report: Report) -> dict[str, tuple[str, bytes]]:
    """The files of the result, without the fork's rules."""
    found = repo.files(report.result.tree or "")
    return {path: file for path, file in found.items() if not path.startswith((".syncfork", "syncfork.toml"))}


def sync(repo: Repo, base: Changes, ours: Changes, theirs: Changes, *rules: str, **options: object) -> Report:
    """Merge two changes of `base`; the rules are part of the fork."""
    root = repo.commit(base)
    return repo.merge(repo.commit({**ours, **rule_files(*rules)}, root), repo.commit(theirs, root), **options)


def problems(report: Report) -> list[tuple[str | None, str, str]]:
    """Rule, path and detector of what keeps the report from being green."""
    return [(f.rule, f.path, f.detector) for f in report.breakages()]


# -- 3: new files


def test_a_new_upstream_file_is_lifted(repo: Repo) -> None:
    report = sync(repo, {"jobs/a": JOB}, {"jobs/a": JOB_OFF}, {"jobs/new": JOB}, OFF)
    assert merged(repo, report)["jobs/new"][1] == JOB_OFF
    assert (report.exit_code, report.state) == (0, "merged")


def test_a_file_that_upstream_moves_under_the_glob_is_lifted(repo: Repo) -> None:
    report = sync(repo, {"old": JOB}, {}, {"old": None, "jobs/new": JOB}, OFF)
    assert merged(repo, report) == {"jobs/new": ("100644", JOB_OFF)}


def test_where_git_conflicts_the_rule_does_not(repo: Repo) -> None:
    upstream = numbered(12, {2: "name: better", 3: "on: [push, pull]"})
    report = sync(repo, {"jobs/a": JOB}, {"jobs/a": JOB_OFF}, {"jobs/a": upstream}, OFF)
    assert [c.path for c in report.git_alone] == ["jobs/a"]
    assert not report.conflicts
    assert merged(repo, report)["jobs/a"][1] == numbered(12, {2: "name: better", 3: "on: demand"})


# -- 4: withheld rules


@pytest.mark.parametrize(
    ("upstream", "outcome"),
    [
        (numbered(12, {3: "triggers elsewhere", 9: "new"}), "absent"),
        (numbered(12, {3: "on: push", 9: "on: pull"}), "ambiguous"),
        (b"\0" + JOB, "refused"),
    ],
)
def test_a_rule_that_cannot_apply_to_upstream_is_withheld_and_never_green(
    repo: Repo, upstream: bytes, outcome: str
) -> None:
    root = repo.commit({"jobs/a": JOB, "jobs/b": JOB})
    ours = repo.commit({"jobs/b": JOB_OFF, **rule_files(OFF)}, root)
    theirs = repo.commit({"jobs/a": upstream}, root)
    report = repo.merge(ours, theirs)
    assert [(item.outcome, item.path) for item in report.rules if item.outcome == outcome] == [
        (outcome, "jobs/a")
    ]
    assert problems(report) == [("off", "jobs/a", "withheld-rule")]
    assert (report.exit_code, report.result.commit) == (1, None)
    assert repo.lift(ours, theirs).merged.conflicts == {}
    assert merged(repo, report)["jobs/a"][1] == upstream, "git merges it cleanly"
    assert merged(repo, report)["jobs/b"][1] == JOB_OFF, "withheld for one file only"


def test_a_withheld_rule_leaves_the_conflict_that_git_has(repo: Repo) -> None:
    upstream = numbered(12, {3: "on: push", 4: "on: pull"})
    report = sync(repo, {"jobs/a": JOB}, {"jobs/a": JOB_OFF}, {"jobs/a": upstream}, OFF)
    assert [(c.path, c.hunks) for c in report.conflicts] == [(c.path, c.hunks) for c in report.git_alone]
    assert report.conflicts and problems(report) == [("off", "jobs/a", "withheld-rule")]


def test_a_rule_for_syntax_that_upstream_broke_is_withheld(repo: Repo) -> None:
    rule = 'id: yaml\nfiles: [a.yml]\nrewrite: [{set: "on", to: {dispatch: null}}]\n'
    report = sync(
        repo, {"a.yml": "on: push\n"}, {"a.yml": "on:\n  dispatch:\n"}, {"a.yml": "on: [push\nx: }\n"}, rule
    )
    assert problems(report) == [("yaml", "a.yml", "withheld-rule")]


def test_the_culprit_of_a_withheld_rule_is_the_commit_that_broke_it(repo: Repo) -> None:
    root = repo.commit({"jobs/a": JOB})
    ours = repo.commit(rule_files(OFF), root)
    before = repo.commit({"jobs/a": JOB + b"more\n"}, root, message="harmless (#7)")
    broke = repo.commit({"jobs/a": numbered(12)}, before, message="drop triggers (#8)")
    after = repo.commit({"jobs/a": numbered(12) + b"end\n"}, broke, message="harmless too (#9)")
    [finding] = repo.merge(ours, after).breakages()
    assert [(c.commit, c.pr) for c in finding.culprits] == [(broke, 8)]


# -- 5: idempotence


def test_a_rule_that_is_not_idempotent_is_withheld_and_named(repo: Repo) -> None:
    rule = 'id: grow\nfiles: [a]\nrewrite: [{replace: {regex: "^x(.*)$"}, with: "xx\\\\1"}]\n'
    report = sync(repo, {"a": b"x\n"}, {}, {"a": b"x1\n"}, rule)
    assert problems(report) == [("grow", "a", "withheld-rule")]
    assert "not idempotent" in report.breakages()[0].message
    assert merged(repo, report)["a"][1] == b"x1\n"


def test_of_two_rules_that_undo_each_other_one_is_withheld_and_named(repo: Repo) -> None:
    rule = "id: {0}{1}\nfiles: [a]\nrewrite: [{{replace: {{literal: {0}}}, with: {1}, expect: any}}]\n"
    report = sync(
        repo, {"a": b"one\n"}, {}, {"a": b"one\nnew\n"}, rule.format("one", "two"), rule.format("two", "one")
    )
    [(name, path, detector)] = problems(report)
    assert (path, detector) == ("a", "withheld-rule") and name in ("onetwo", "twoone")
    other = ({"onetwo", "twoone"} - {name}).pop()
    assert other in report.breakages()[0].message, "it says which rule it quarrels with"
    assert report.exit_code == 1


# -- 6: renames


@pytest.mark.parametrize("changed", [{}, {7: "changed upstream"}])
def test_a_file_that_upstream_renames_takes_its_rules_along(repo: Repo, changed: dict[int, str]) -> None:
    upstream = numbered(12, {3: "on: push", **changed})
    theirs = {"jobs/a": None, "elsewhere/b": upstream}
    report = sync(repo, {"jobs/a": JOB}, {"jobs/a": JOB_OFF}, theirs, OFF)
    wanted = numbered(12, {3: "on: demand", **changed})
    assert merged(repo, report) == {"elsewhere/b": ("100644", wanted)}
    [finding] = report.decisions()
    assert (finding.rule, finding.path, finding.detector) == ("off", "elsewhere/b", "renamed")
    assert finding.message.startswith("upstream renamed jobs/a to elsewhere/b, ")
    assert "add elsewhere/b to `files`" in finding.fix and report.exit_code == 1
    named = OFF.replace('"jobs/*"', '"jobs/*", elsewhere/b')
    again = sync(repo, {"jobs/a": JOB}, {"jobs/a": JOB_OFF}, theirs, named)
    assert (merged(repo, again), again.exit_code) == (merged(repo, report), 0)


@pytest.mark.parametrize(
    ("hold", "found"), [("watch: {regex: '^on.*'}", 1), ("require: {regex: '^on.*'}", 1), (None, 0)]
)
def test_a_renamed_file_leaves_invariants_behind_but_not_a_rule_that_has_nothing_there(
    repo: Repo, hold: str | None, found: int
) -> None:
    rule = (
        f"id: off\nfiles: ['jobs/*']\nhold: [{{{hold}}}]\n" if hold else OFF.replace("}]", ", expect: any}]")
    )
    base = {"jobs/a": JOB if hold else numbered(12), "jobs/b": JOB_OFF}
    report = sync(repo, base, {"o": b""}, {"jobs/a": None, "elsewhere/a": base["jobs/a"]}, rule)
    assert sum(finding.detector == "renamed" for finding in report.decisions()) == found


@pytest.mark.parametrize(
    ("files", "others", "new", "asked"),
    [
        ("['jobs/*', '!jobs/b']", "jobs/c", "jobs/b", False),
        ("[jobs/a, '!jobs/[bc]']", "jobs/c", "jobs/b", False),
        ("['jobs/*', '!jobs/b']", "jobs/c", "elsewhere/b", True),
        ("[jobs/a]", "elsewhere/b", "elsewhere/b", False),
    ],
)
@pytest.mark.parametrize(
    "intent",
    [
        "rewrite: [{replace: {regex: '^on: push$'}, with: 'on: demand', expect: any}]",
        "hold: [{require: {regex: '^on: '}}]",
    ],
)
def test_a_new_name_that_is_an_exception_or_has_the_same_rule_is_no_loss(
    repo: Repo, files: str, others: str, new: str, asked: bool, intent: str
) -> None:
    rules = [f"id: off\nfiles: {files}\n{intent}\n", f"id: same\nfiles: [{others}]\n{intent}\n"]
    base = {"jobs/a": JOB, "jobs/c": JOB_OFF}
    report = sync(repo, base, {"o": b""}, {"jobs/a": None, new: JOB}, *rules)
    assert [f.rule for f in report.findings if f.detector == "renamed"] == ["off"] * asked


def test_of_a_renamed_folder_each_rule_is_told_once(repo: Repo) -> None:
    jobs = {name: numbered(12, {3: "on: push"}, name) for name in "abcde"}
    base = {f"jobs/{name}": content for name, content in jobs.items()}
    theirs = {**dict.fromkeys(base), **{f"new/{name}": content for name, content in jobs.items()}}
    report = sync(repo, base, {"o": b""}, theirs, OFF)
    [finding] = report.decisions()
    assert "jobs/a to new/a" in finding.message and "more" in finding.message


def test_a_file_that_the_fork_renames_keeps_its_rules(repo: Repo) -> None:
    upstream = numbered(12, {3: "on: [push, pull]"})
    report = sync(repo, {"jobs/a": JOB}, {"jobs/a": None, "mine/a": JOB_OFF}, {"jobs/a": upstream}, OFF)
    assert merged(repo, report) == {"mine/a": ("100644", JOB_OFF)}
    assert report.exit_code == 0


def test_a_new_upstream_file_under_the_old_name_of_a_renamed_one_is_lifted(repo: Repo) -> None:
    new = lines("on: timer", "wholly", "different")
    theirs = {"jobs/b": JOB, "jobs/a": new}
    report = sync(repo, {"jobs/a": JOB}, {"jobs/a": JOB_OFF}, theirs, OFF)
    assert b"on: timer" not in b"".join(content for _, content in merged(repo, report).values())


def test_two_files_that_upstream_swaps_are_both_lifted(repo: Repo) -> None:
    other = numbered(12, {1: "on: timer"}, "other")
    base = {"jobs/a": JOB, "jobs/b": other}
    ours = {"jobs/a": JOB_OFF, "jobs/b": numbered(12, {1: "on: demand"}, "other")}
    report = sync(repo, base, ours, {"jobs/a": other, "jobs/b": JOB}, OFF)
    found = merged(repo, report)
    assert all(b"on: demand" in content for _, content in found.values()), found


def test_a_fix_that_the_fork_has_already_in_a_file_that_upstream_renames(repo: Repo) -> None:
    fixed = numbered(12, {5: "fixed"})
    report = sync(repo, {"a": numbered(12)}, {"a": fixed}, {"a": None, "b": fixed}, OFF)
    assert merged(repo, report) == {"b": ("100644", fixed)}
    assert report.exit_code == 0, report.ledger


def test_both_sides_rename_a_file_differently(repo: Repo) -> None:
    report = sync(
        repo, {"jobs/a": JOB}, {"jobs/a": None, "jobs/o": JOB_OFF}, {"jobs/a": None, "jobs/t": JOB}, OFF
    )
    assert report.exit_code == 1
    assert {c.kind for c in report.conflicts} == {"rename/rename"}


# -- 8: carry

CARRY = """
id: block
files: ["*.sh"]
rewrite:
  - carry: {regex: "^if fips\\n.*\\nfi$"}
    after: {regex: "^configure.*$"}
"""
BLOCK = ["if fips", "  copy it", "fi"]


def script(*changes: str) -> bytes:
    return lines("start", "prepare", "configure", *changes, "build", "install")


def test_carry_brings_the_forks_own_text_along(repo: Repo) -> None:
    upstream = lines("start", "prepare well", "configure --all", "compile", "install")
    report = sync(repo, {"a.sh": script()}, {"a.sh": script(*BLOCK)}, {"a.sh": upstream}, CARRY)
    wanted = lines("start", "prepare well", "configure --all", *BLOCK, "compile", "install")
    assert merged(repo, report)["a.sh"][1] == wanted
    assert report.exit_code == 0


def test_carry_from_a_sibling_serves_a_new_file(repo: Repo) -> None:
    report = sync(repo, {"a.sh": script()}, {"a.sh": script(*BLOCK)}, {"b.sh": script("new line")}, CARRY)
    assert merged(repo, report)["b.sh"][1] == script(*BLOCK, "new line")
    assert report.exit_code == 0


def test_siblings_that_differ_are_not_chosen_from(repo: Repo) -> None:
    base = {"a.sh": script(), "c.sh": script()}
    ours = {"a.sh": script(*BLOCK), "c.sh": script("if fips", "  copy that", "fi")}
    report = sync(repo, base, ours, {"b.sh": script()}, CARRY)
    assert problems(report) == [("block", "b.sh", "withheld-rule")]
    assert merged(repo, report)["b.sh"][1] == script()


# -- 9: rules come from the fork's commit


@pytest.mark.parametrize("theirs", [{"syncfork.toml": 'rules = "evil"\n'}, {"syncfork.toml": None}, {}])
def test_rules_of_upstreams_tree_mean_nothing(repo: Repo, theirs: Changes) -> None:
    evil = "id: off\nwhy: An upstream that wants our workflows.\nfiles: ['**']\nown: absent\n"
    root = repo.commit({"jobs/a": JOB, **rule_files(OFF)})
    ours = repo.commit({"jobs/a": JOB_OFF}, root)
    other = {"jobs/a": JOB + b"more\n", "evil/rule.yml": evil, ".syncfork/evil.yml": evil, **theirs}
    report = repo.merge(ours, repo.commit(other, root), dry_run=True)
    assert {item.source for item in report.rules} == {".syncfork/rule-1.yml"}
    assert merged(repo, report)["jobs/a"][1] == JOB_OFF + b"more\n"


def test_rules_in_the_worktree_only_are_not_read(repo: Repo) -> None:
    root = repo.commit({"jobs/a": JOB})
    ours = repo.commit({"x": b"1"}, root)
    repo.checkout("main", ours)
    for name, content in rule_files(OFF).items():
        (repo.path / str(name)).parent.mkdir(exist_ok=True)
        (repo.path / str(name)).write_text(str(content))
    repo.branch("up", repo.commit({"jobs/a": JOB + b"more\n"}, root))
    ran = repo.syncfork("merge", "up", "--no-checkout", "--format", "json")
    assert (ran.code, ran.report["rules"]) == (0, [])
    assert "not committed" in " ".join(ran.report["warnings"])


# -- 10: a fork that is not as its rules want it


def test_what_the_fork_lost_is_mended_and_told(repo: Repo) -> None:
    report = sync(
        repo, {"jobs/a": JOB}, {"jobs/a": numbered(12, {3: "on: push", 11: "ours"})}, {"b": b"1\n"}, OFF
    )
    assert merged(repo, report)["jobs/a"][1] == numbered(12, {3: "on: demand", 11: "ours"})
    [note] = [f for f in report.findings if f.detector == "mended"]
    assert (note.rule, note.path, note.cls, note.new) == ("off", "jobs/a", "note", False)
    assert "the fork's own text was not so" in next(
        item.detail for item in report.rules if item.path == "jobs/a"
    )
    assert report.exit_code == 0 and not report.ledger.unexplained


def test_a_rule_that_the_fork_itself_defeats_is_withheld(repo: Repo) -> None:
    twice = numbered(12, {3: "on: push", 4: "on: pull"})
    report = sync(repo, {"jobs/a": JOB}, {"jobs/a": twice}, {"jobs/a": JOB + b"more\n"}, OFF)
    assert problems(report) == [("off", "jobs/a", "withheld-rule")]
    assert merged(repo, report)["jobs/a"][1] == twice + b"more\n"


# -- what git's own merge undoes


def test_an_intent_that_the_merge_itself_loses_is_found(repo: Repo) -> None:
    rule = 'id: top\nfiles: [a]\nrewrite: [{insert: "first\\n", before: {regex: "\\\\Aline"}, expect: any}]\n'
    once = 'id: once\nfiles: [a]\nrewrite: [{replace: {literal: "word"}, with: "token"}]\n'
    ours = numbered(12, {1: "word"})
    theirs = numbered(12, {12: "word"})
    report = sync(repo, {"a": numbered(12, {6: "word"})}, {"a": ours}, {"a": theirs}, rule, once)
    assert ("once", "a") in [(rule, path) for rule, path, _ in problems(report)]


# -- what no rule may touch


def test_a_link_at_a_governed_path_is_refused(repo: Repo) -> None:
    report = sync(repo, {"jobs/a": JOB}, {"jobs/a": JOB_OFF}, {"jobs/l": (LINK, "a")}, OFF)
    assert problems(report) == [("off", "jobs/l", "withheld-rule")]
    assert merged(repo, report)["jobs/l"] == ("120000", b"a")


def test_a_governed_file_that_upstream_makes_a_link(repo: Repo) -> None:
    report = sync(repo, {"jobs/a": JOB}, {"jobs/a": JOB_OFF}, {"jobs/a": (LINK, "b")}, OFF)
    assert report.exit_code == 1
    assert problems(report) == [("off", report.conflicts[0].path.split("~")[0], "withheld-rule")]


def test_a_submodule_at_a_governed_path_is_refused(repo: Repo) -> None:
    report = sync(repo, {"jobs/a": JOB}, {}, {"jobs/s": ("160000", "1" * 40)}, OFF)
    assert problems(report) == [("off", "jobs/s", "withheld-rule")]
    assert merged(repo, report)["jobs/s"] == ("160000", b"1" * 40)


def test_submodules_beside_governed_files_merge_as_ever(repo: Repo) -> None:
    base = {"jobs/a": JOB, "sub": ("160000", "1" * 40)}
    report = sync(repo, base, {"jobs/a": JOB_OFF}, {"jobs/a": JOB + b"x\n", "sub": ("160000", "2" * 40)}, OFF)
    assert merged(repo, report) == {"jobs/a": ("100644", JOB_OFF + b"x\n"), "sub": ("160000", b"2" * 40)}


def test_modes_change_as_git_merges_them(repo: Repo) -> None:
    upstream = (EXE, numbered(12, {3: "on: [push, pull]"}))
    report = sync(repo, {"jobs/a": JOB}, {"jobs/a": JOB_OFF}, {"jobs/a": upstream}, OFF)
    assert merged(repo, report) == {"jobs/a": ("100755", JOB_OFF)}


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (b"on: push\r\nb\r\n", b"on: demand\r\nb\r\n"),
        (b"b\non: push", b"b\non: demand"),
        (b"on: push\ncaf\xe9 \xff\n", b"on: demand\ncaf\xe9 \xff\n"),
        (b"\xef\xbb\xbfx\non: push\r\nb\n", b"\xef\xbb\xbfx\non: demand\r\nb\n"),
    ],
)
def test_bytes_that_no_rule_wants_come_through(repo: Repo, content: bytes, wanted: bytes) -> None:
    report = sync(repo, {"jobs/a": JOB}, {"jobs/a": JOB_OFF}, {"jobs/new": content}, OFF)
    assert merged(repo, report)["jobs/new"][1] == wanted


def test_a_text_that_the_files_encoding_cannot_hold_is_refused(repo: Repo) -> None:
    rule = 'id: dash\nfiles: [a]\nrewrite: [{replace: {literal: "--"}, with: "—"}]\n'
    report = sync(repo, {"a": b"-- x\n"}, {}, {"a": b"caf\xe9 -- x\n"}, rule)
    assert problems(report) == [("dash", "a", "withheld-rule")]
    assert "Latin-1" in report.breakages()[0].message
    assert merged(repo, report)["a"][1] == b"caf\xe9 -- x\n"


@pytest.mark.parametrize(
    "name", ["jobs/a b", 'jobs/q"', "jobs/new\nline", b"jobs/\xff", "jobs/ü", "jobs/[x]*?"]
)
def test_odd_names_are_governed_as_well(repo: Repo, name: str | bytes) -> None:
    root = repo.commit({"jobs/a": JOB, name: JOB})
    ours = repo.commit({name: JOB_OFF, "jobs/a": JOB_OFF, **rule_files(OFF)}, root)
    theirs = repo.commit({name: numbered(12, {3: "on: [push, pull]"}) + b"more\n"}, root)
    report = repo.merge(ours, theirs)
    assert (report.exit_code, report.state) == (0, "merged")
    wanted = name.decode("utf-8", "surrogateescape") if isinstance(name, bytes) else name
    assert merged(repo, report)[wanted][1] == JOB_OFF + b"more\n"
    assert [c.path for c in report.git_alone] == [wanted]


def test_an_intent_is_looked_for_again_where_the_result_is_another_sides_text_under_a_new_name(
    repo: Repo,
) -> None:
    rule = 'id: r\nfiles: ["conf.*"]\nrewrite: [{set: env.RETRIES, to: 3}]'
    text = '{"env": {"RETRIES": 1},\n "a": 1,\n "b": 2,\n "c": 3,\n "d": 4,\n "e": 5,\n "f": 6}\n'
    base = repo.commit({"conf.yml": text})
    ours = repo.commit({"conf.yml": text.replace("1}", "3}").replace('"f"', "f")}, base)
    theirs = repo.commit({"conf.yml": None, "conf.json": text}, base)
    [lost] = repo.lift(ours, theirs, rule).unheld
    assert "not JSON" in lost.detail


def test_an_intent_is_looked_for_again_where_the_bytes_read_otherwise_than_they_were_written(
    repo: Repo,
) -> None:
    rule = "id: r\nfiles: [f]\nrewrite: [{replace: {regex: '(?<==).*'}, with: 'Ã©'}]"
    base = repo.commit({"f": b"greeting=\xe9\n"})
    ours = repo.commit({"g": "x\n"}, base)
    theirs = repo.commit({"h": "x\n"}, base)
    merge = repo.lift(ours, theirs, rule)
    assert repo.read(merge.merged.tree, "f") == b"greeting=\xc3\xa9\n"
    assert merge.unheld


# -- an intent of which upstream has less


CALL = numbered(30, {5: "start()", 25: "start()"})
REWORDED = numbered(30, {5: "start()", 25: "begin()"})
TAKEN_OUT = (
    "id: out\nfiles: [a]\nrewrite: [{{remove: {{literal: start(), lines: true}}, expect: {expect}}}]\n{hold}"
)


@pytest.mark.parametrize(
    ("hold", "told"),
    [
        ("", True),
        ("hold: [{parses: bash}]\n", True),
        ("hold: [{watch: {literal: line 9}}]\n", True),
        ("hold: [{forbid: {literal: start()}}]\n", False),
    ],
)
def test_what_upstream_words_otherwise_in_part_is_not_taken_out_unseen(
    repo: Repo, hold: str, told: bool
) -> None:
    ours = numbered(30).replace(b"line 5\n", b"").replace(b"line 25\n", b"")
    report = sync(repo, {"a": CALL}, {"a": ours}, {"a": REWORDED}, TAKEN_OUT.format(expect=2, hold=hold))
    assert "withheld-rule" not in {detector for _, _, detector in problems(report)}
    assert b"start()" not in merged(repo, report)["a"][1]
    found = [f.message for f in report.decisions() if f.detector == "doubtful-site"]
    assert len(found) == told and all("1 of the 2 places" in f and "`expect: 1`" in f for f in found)


def test_where_upstream_took_one_of_two_places_out_the_other_goes_too(repo: Repo) -> None:
    ours, theirs = (CALL.replace(b"start()\n", b"", n) for n in (2, 1))
    report = sync(repo, {"a": CALL}, {"a": ours}, {"a": theirs}, TAKEN_OUT.format(expect=2, hold=""))
    assert (merged(repo, report)["a"][1], report.conflicts) == (ours, ())
    assert [f.detector for f in report.decisions()] == ["doubtful-site"] and not report.breakages()
    again = sync(repo, {"a": CALL}, {"a": ours}, {"a": theirs}, TAKEN_OUT.format(expect=1, hold=""))
    assert (merged(repo, again)["a"][1], again.exit_code) == (ours, 0)


def test_where_upstream_has_none_of_the_places_the_rule_is_withheld(repo: Repo) -> None:
    ours, theirs = CALL.replace(b"start()\n", b""), CALL.replace(b"start()", b"begin()")
    report = sync(repo, {"a": CALL}, {"a": ours}, {"a": theirs}, TAKEN_OUT.format(expect=2, hold=""))
    assert problems(report) == [("out", "a", "withheld-rule")]


@pytest.mark.parametrize("expect", ["any", "some"])
def test_fewer_places_of_any_number_are_noted(repo: Repo, expect: str) -> None:
    ours = numbered(30).replace(b"line 5\n", b"").replace(b"line 25\n", b"")
    rule = TAKEN_OUT.format(expect=expect, hold="")
    report = sync(repo, {"a": CALL}, {"a": ours}, {"a": CALL.replace(b"start()", b"begin()", 1)}, rule)
    [note] = [f for f in report.findings if f.detector == "idle-step"]
    assert (note.cls, report.exit_code) == ("note", 0 if not report.conflicts else 1)
    assert note.message.endswith("fewer of the places that this rule changes there: 1 of 2 for remove")


def test_the_new_text_elsewhere_is_no_place_that_upstream_has_changed_itself(repo: Repo) -> None:
    rule = "id: t\nfiles: [a]\nrewrite: [{replace: {literal: 't: 10'}, with: 't: 60', expect: 2}]\n"
    base, ours = (numbered(30, dict.fromkeys((5, 25), word)) for word in ("t: 10", "t: 60"))
    theirs = numbered(30, {5: "t: 10", 12: "t: 60", 25: "t: 15"})
    report = sync(repo, {"a": base}, {"a": ours}, {"a": theirs}, rule)
    assert [f.detector for f in report.decisions()] == ["doubtful-site"]


@pytest.mark.parametrize(
    "step",
    ["{replace: {literal: \"run('b')\"}, with: \"run('b', safe=1)\"}", "{remove: {literal: \"run('b')\"}}"],
)
@pytest.mark.parametrize("commented", [True, False])
def test_what_stands_in_a_comment_now_is_no_place_as_before(repo: Repo, step: str, commented: bool) -> None:
    base = "def m():\n    run('b')\n    done()\n    more()\n    more()\n"
    now = "    # instead of run('b')\n    fast()\n" if commented else "    # as ever\n    run('b')\n"
    theirs = base.replace("    run('b')\n", now)
    report = sync(repo, {"m.py": base}, {}, {"m.py": theirs}, f"id: safe\nfiles: [m.py]\nrewrite: [{step}]\n")
    found = [f.message for f in report.decisions() if f.detector == "doubtful-site"]
    verb = step[1:8].rstrip(":")
    assert found == ([f"{verb}: upstream has what this changes in a comment now"] if commented else [])


@pytest.mark.parametrize("changed", [True, False])
def test_what_upstream_does_to_a_text_that_the_fork_s_takes_the_place_of_is_a_question(
    repo: Repo, changed: bool
) -> None:
    base = "fn a() {\n    one();\n}\n\nfn z() {\n    zed();\n}\n"
    ours = base.replace("fn a() {\n    one();", "fn a_fork() {\n    mine();")
    theirs = base.replace("zed();", "zed(1);")
    if changed:
        theirs = theirs.replace("one();", "one();\n    security_fix();")
    rule = (
        "id: own\nfiles: [m.rs]\nrewrite: "
        "[{carry: {syntax: 'fn a_fork() { $$$ }'}, instead-of: {syntax: 'fn a() { $$$ }'}}]\n"
    )
    report = sync(repo, {"m.rs": base}, {"m.rs": ours}, {"m.rs": theirs}, rule)
    assert [f.message.partition(": ")[2] for f in report.decisions()] == [
        "upstream changed what this puts the fork's own text in the place of"
    ] * changed
    assert not report.conflicts and b"zed(1)" in merged(repo, report)["m.rs"][1]


# -- a text of the fork's in the place of one that upstream changes


SIGN = "id: s\nfiles: [a]\nrewrite: [{replace: {literal: UpSign}, with: AcmeSign, expect: any}]\n"
SIGNED = numbered(30, {5: "group: UpSign", 15: "UpSign", 25: "group: UpSign"})


@pytest.mark.parametrize(
    ("theirs", "gone"),
    [
        (SIGNED.replace(b": UpSign", b": NewSign"), ["the fork has `group: AcmeSign`, upstream `group: NewSign`"]),
        (SIGNED.replace(b"UpSign", b"NewSign"), ["the fork has `group: AcmeSign`, upstream `group: NewSign`", "the fork has `AcmeSign`, upstream `NewSign`"]),
        (SIGNED.replace(b"UpSign", b"NewSign", 1), ["the fork has `group: AcmeSign`, upstream `group: NewSign`"]),
        (SIGNED.replace(b"line 4\ngroup: UpSign", b"a line\nmore\ngroup: NewSign"), ["the fork has `group: AcmeSign`, upstream `group: NewSign`"]),
        # Taken out, all or in part, also with something else in the place; moved; adopted.
        (SIGNED.replace(b"group: UpSign\n", b""), []),
        (SIGNED.replace(b"UpSign\n", b"something else\nand more of it\n", 2).replace(b"group: ", b""), []),
        (numbered(30, {15: "UpSign", 25: "group: UpSign"}), []),
        (SIGNED.replace(b"UpSign", b"AcmeSign"), []),
        (SIGNED.replace(b": UpSign", b":"), []),
        (SIGNED + b"new\n", []),
    ],
)  # fmt: skip
def test_the_forks_text_that_upstream_overwrites_is_a_question(
    repo: Repo, theirs: bytes, gone: list[str]
) -> None:
    ours = SIGNED.replace(b"UpSign", b"AcmeSign")
    report = sync(repo, {"a": SIGNED}, {"a": ours}, {"a": theirs}, SIGN)
    found = [f for f in report.findings if f.detector == "overwritten"]
    assert len(found) == bool(gone) and all(part in f.message for f in found for part in gone)
    assert all(f.message.count("the fork has") == len(gone) and f.culprits for f in found)
    # git has those conflicts that it has without the rule, and only those.
    assert [(item.path, item.hunks) for item in report.conflicts] == (
        [("a", theirs.count(b"NewSign"))] if gone else []
    )
    assert {f.cls for f in found} <= {"note"}
    assert not (found and any(f.detector == "idle-step" for f in report.findings))


def test_it_is_one_where_the_forks_text_stands_elsewhere_too(repo: Repo) -> None:
    base = numbered(30, {5: "group: UpSign", 25: "AcmeSign"})
    ours, theirs = base.replace(b"UpSign", b"AcmeSign"), base.replace(b"UpSign", b"NewSign")
    report = sync(repo, {"a": base}, {"a": ours}, {"a": theirs}, SIGN)
    [found] = [f for f in report.findings if f.detector == "overwritten"]
    assert "the fork has `group: AcmeSign`, upstream `group: NewSign`" in found.message
    assert [(item.path, item.hunks) for item in report.conflicts] == [("a", 1)]


def test_what_was_not_the_forks_or_is_again_by_another_rule_is_not_lost(repo: Repo) -> None:
    theirs = SIGNED.replace(b"UpSign", b"NewSign")
    report = sync(repo, {"a": SIGNED}, {"o": b""}, {"a": theirs}, SIGN)
    assert [f.detector for f in report.decisions()] == []
    ours = SIGNED.replace(b"UpSign", b"AcmeSign")
    again = SIGN.replace("id: s", "id: t").replace("UpSign", "NewSign", 1)
    report = sync(repo, {"a": SIGNED}, {"a": ours}, {"a": theirs}, SIGN, again)
    assert merged(repo, report)["a"][1] == ours and not report.decisions()


@pytest.mark.parametrize("clash", [True, False])
@pytest.mark.parametrize("done", [True, False])
def test_a_rule_that_the_merge_base_does_not_take_is_no_green_line(
    repo: Repo, clash: bool, done: bool
) -> None:
    base = {"jobs/a": numbered(20, {3: "on: a", 9: "on: b"})}
    ours = {"jobs/a": numbered(20, {3: "on: demand", 15: "ours"})}
    theirs = {
        "jobs/a": numbered(20, {3: "on: demand" if done else "on: push", **({15: "theirs"} if clash else {})})
    }
    report = sync(repo, base, ours, theirs, OFF)
    assert len(report.conflicts) == clash
    [item] = report.rules
    assert (item.outcome, item.not_in_base) == ("satisfied" if done else "applied", True)
    assert item.detail.startswith("not applied to the merge base: replace: found 2 sites")
    assert ("; conflicts here may come from this" in item.detail) == clash
    shown = render(report)
    assert "✓ off" not in shown and ("! off" in shown) == (clash or not done)
    assert ("1 file as the rules want them already" in shown) == (done and not clash)
    assert ('class="item warn"' in html(report)) == (clash or not done)

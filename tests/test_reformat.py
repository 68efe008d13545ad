"""`reformat:` with a real formatter: a fork that formats its code merges an upstream that does not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from git_fixtures import LINK, Change, Repo, compile_rules, environment, rule_files

from syncfork.errors import RuleError, SyncforkError
from syncfork.programs import FailedError, allow, rewritten

FORMATTER = [sys.executable, "-m", "ruff", "format", "--quiet", "--no-cache"]
RULE = f"""
id: form
why: The fork formats its Python code.
files: ["*.py"]
rewrite:
  - reformat: {json.dumps(FORMATTER)}
    reads: [ruff.toml]
"""
CONFIG = "line-length = 60\n"
# As upstream writes: in a form of its own.
BASE = "def first( a,b ):\n  x = {'a':a,'b':b}\n  return x\n\ndef second( a ):\n  return first(a,'b')\n"
THEIRS = BASE.replace("'b':b}", "'b':b,'c':None}")
MANY = 6


def formatted(text: str, folder: Path) -> str:
    """What the formatter itself makes of a text."""
    (folder / "ruff.toml").write_text(CONFIG)
    (folder / "t.py").write_text(text)
    subprocess.run([*FORMATTER, "t.py"], cwd=folder, check=True)
    return (folder / "t.py").read_text()


@pytest.fixture
def fork(repo: Repo, tmp_path: Path) -> Repo:
    """A fork that has formatted all code and changed some of it, with a rule that says so; branch `up` is upstream."""
    base = repo.commit({f"m{n}.py": BASE for n in range(MANY)} | {"other.txt": "x\n"})
    own = formatted(BASE.replace("return first(a,'b')", "return first(a,'mine')"), tmp_path)
    files: dict[str | bytes, Change] = {f"m{n}.py": own for n in range(MANY)}
    ours = repo.commit({**files, "ruff.toml": CONFIG, **rule_files(RULE)}, base)
    changed: dict[str | bytes, Change] = {f"m{n}.py": THEIRS for n in range(MANY)}
    theirs = repo.commit({**changed, "new.py": "def third( ):\n  return 'new'\n"}, base)
    repo.checkout("main", ours)
    repo.git("branch", "up", theirs)
    return repo


def tip(fork: Repo, branch: str = "HEAD") -> str:
    return fork.git("rev-parse", branch)


def allowed(fork: Repo) -> Repo:
    fork.git("config", "syncfork.runPrograms", "true")
    return fork


def test_what_only_the_form_sets_apart_is_no_conflict(fork: Repo, tmp_path: Path) -> None:
    report = allowed(fork).syncfork("merge", "up", "--format", "json").report
    assert (report["state"], report["exit_code"]) == ("merged", 0), report["findings"]
    assert len(report["git_alone"]["conflicts"]) == MANY
    assert not report["conflicts"]
    wanted = formatted(THEIRS.replace("return first(a,'b')", "return first(a,'mine')"), tmp_path)
    assert {fork.read("HEAD", f"m{n}.py").decode() for n in range(MANY)} == {wanted}
    # A file that is new in upstream comes in that form, too.
    assert fork.read("HEAD", "new.py").decode() == formatted("def third( ):\n  return 'new'\n", tmp_path)
    # All of it is put down to the rule, or to what a side did.
    assert not report["ledger"]["unexplained"]


def test_nothing_is_run_that_was_not_allowed(fork: Repo) -> None:
    done = fork.syncfork("merge", "up")
    assert (done.code, done.out) == (3, "")
    assert "this clone does not allow that" in done.err
    assert "git config syncfork.runPrograms true" in done.err
    # No file of the fork's can say so.
    fork.checkout("main", fork.commit({".gitconfig": "[syncfork]\n  runPrograms = true\n"}, tip(fork)))
    assert fork.syncfork("merge", "up").code == 3


def test_a_program_that_is_not_there(fork: Repo) -> None:
    text = RULE.replace(json.dumps(FORMATTER), "[no-such-formatter]")
    fork.checkout("main", fork.commit(rule_files(text), tip(fork)))
    done = allowed(fork).syncfork("merge", "up")
    assert done.code == 3
    assert "there is no program `no-such-formatter`" in done.err


def test_a_configuration_that_is_not_there(fork: Repo) -> None:
    fork.checkout("main", fork.commit({"ruff.toml": None}, tip(fork)))
    done = allowed(fork).syncfork("merge", "up")
    assert done.code == 3
    assert "reads ruff.toml, and the fork has no such file" in done.err


def test_a_text_that_it_cannot_read_is_left_to_a_person_alone(fork: Repo) -> None:
    fork.git("branch", "-f", "up", fork.commit({"m1.py": "print 'two'\n" + THEIRS}, tip(fork, "up")))
    report = allowed(fork).syncfork("merge", "up", "--dry-run", "--format", "json").report
    assert [conflict["path"] for conflict in report["conflicts"]] == ["m1.py"]
    [withheld] = [item for item in report["rules"] if item["outcome"] not in ("applied", "satisfied")]
    assert (withheld["path"], withheld["outcome"]) == ("m1.py", "refused")
    assert "ended with 2" in withheld["detail"]


def test_what_upstream_left_alone_keeps_its_form(repo: Repo) -> None:
    base = repo.commit({"a.py": BASE, "b.py": BASE})
    ours = repo.commit(
        {"b.py": BASE + "x = { }\n", "own.py": "y = { }\n", "ruff.toml": CONFIG, **rule_files(RULE)}, base
    )
    repo.checkout("main", ours)
    repo.git("branch", "up", repo.commit({"a.py": THEIRS}, base))
    report = allowed(repo).syncfork("merge", "up", "--format", "json").report
    assert (report["state"], report["exit_code"]) == ("merged", 0)
    assert repo.read("HEAD", "b.py").decode() == BASE + "x = { }\n"
    assert repo.read("HEAD", "own.py").decode() == "y = { }\n"
    assert {item["path"] for item in report["rules"]} == {"a.py"}
    assert repo.syncfork("check", "HEAD", "--base", ours).code == 0


def test_a_resolution_by_hand_in_another_form_is_a_decision_and_says_what_to_run(
    fork: Repo, tmp_path: Path
) -> None:
    clash = THEIRS.replace("return first(a,'b')", "return first(a,'theirs')")
    fork.git("branch", "-f", "up", fork.commit({"m1.py": clash}, tip(fork, "up")))
    assert allowed(fork).syncfork("merge", "up").code == 1
    (fork.path / "m1.py").write_text(clash.replace("'theirs'", "'both'"))
    fork.git("add", "m1.py")
    report = fork.syncfork("continue", "--format", "json").report
    [finding] = [f for f in report["findings"] if f["rule"] == "form" and f["class"] != "note"]
    assert (finding["class"], finding["path"]) == ("decision", "m1.py")
    assert "it has another form" in finding["message"]
    assert "run `syncfork rules apply --rule form m1.py`" in finding["fix"]
    assert fork.syncfork("rules", "apply", "--rule", "form", "m1.py").code == 0
    wanted = formatted(clash.replace("'theirs'", "'both'"), tmp_path)
    assert (fork.path / "m1.py").read_text() == wanted


def test_lines_of_the_forks_that_get_another_form_are_one_note(fork: Repo) -> None:
    odd: dict[str | bytes, Change] = {
        f"m{n}.py": fork.read("HEAD", f"m{n}.py") + b"x = { }\n" for n in range(MANY)
    }
    fork.checkout("main", fork.commit(odd, tip(fork)))
    report = allowed(fork).syncfork("merge", "up", "--format", "json").report
    [note] = report["findings"]
    assert (note["class"], note["detector"], note["path"]) == ("note", "mended", "m0.py")
    assert "(also m1.py, m2.py, m3.py and 2 more)" in note["message"]
    assert fork.read("HEAD", "m0.py").endswith(b"x = {}\n")


def test_cases_and_lint_run_it(fork: Repo) -> None:
    case = (
        RULE + 'cases:\n  - path: a.py\n    before: "x = { \'a\':1 }\\n"\n    after: "x = {\\"a\\": 1}\\n"\n'
    )
    (fork.path / ".syncfork" / "rule-1.yml").write_text(case.lstrip())
    assert fork.syncfork("rules", "test").code == 3
    done = allowed(fork).syncfork("rules", "test")
    assert done.code == 0, done.out + done.err
    lint = fork.syncfork("rules", "lint")
    assert lint.code == 0, lint.out + lint.err
    (fork.path / ".syncfork" / "rule-1.yml").write_text(case.lstrip().replace('{\\"a\\": 1}', "1"))
    assert fork.syncfork("rules", "test").code == 1


@pytest.fixture
def _allowed_here() -> None:
    allow(allowed=True)


PYTHON = "import sys,pathlib\nfor name in sys.argv[1:]:\n    p = pathlib.Path(name)\n    "


def program(body: str) -> list[str]:
    return [sys.executable, "-c", PYTHON + body]


@pytest.mark.usefixtures("_allowed_here")
def test_only_those_that_it_fails_on_are_not_made() -> None:
    failing = program(
        "t = p.read_text()\n    if 'bad' in t: sys.exit(f'{name}: bad')\n    p.write_text(t.upper())"
    )
    texts = [(f"{n}.txt", "bad" if n in (3, 7) else f"t{n}") for n in range(10)]
    made = rewritten(failing, {}, texts)
    assert [m for m in made if isinstance(m, str)] == [f"T{n}" for n in range(10) if n not in (3, 7)]
    assert all(str(m).endswith("the file: bad") for m in (made[3], made[7]))


@pytest.mark.usefixtures("_allowed_here")
def test_upstreams_files_are_no_configuration() -> None:
    """Whatever a text is called, it lies there under a name of ours, beside what the fork says."""
    asked = program("p.write_text(' '.join(sorted(x.name for x in pathlib.Path().rglob('*'))))")
    paths = ["../up.py", "/etc/passwd", ".prettierrc.js", "-rf", "a\nb.c", "conf.py"]
    made = rewritten(asked, {"conf.py": b"ours", "d/e.toml": b""}, [(path, "x") for path in paths])
    assert set(made) == {"conf.py d e.toml syncfork-texts text0.py text1 text2.js text3 text4.c text5.py"}


@pytest.mark.usefixtures("_allowed_here")
def test_a_program_that_only_prints_is_told() -> None:
    with pytest.raises(SyncforkError, match="prints what it makes"):
        rewritten(program("print(' '.join(p.read_text().split()))"), {}, [("a", "some\n\ntext\n")])


@pytest.mark.usefixtures("_allowed_here")
def test_a_file_that_is_taken_away_or_made_a_link() -> None:
    gone, link = program("p.unlink()"), program("p.unlink(); p.symlink_to('/etc/hostname')")
    for command in (gone, link):
        with pytest.raises(SyncforkError, match="took the file away"):
            rewritten(command, {}, [("a", "x")])


@pytest.mark.usefixtures("_allowed_here")
def test_bytes_that_are_no_text_stay() -> None:
    text = "a\udcff\r\nb"
    assert rewritten(program("p.write_bytes(p.read_bytes())"), {}, [("a", text)]) == [text]


def test_a_rule_that_is_only_judged_runs_nothing(fork: Repo, tmp_path: Path) -> None:
    """Who proposes a change may not have a program run by those who look at it."""
    base, mark = tip(fork), tmp_path / "mark"
    evil = RULE.replace(json.dumps(FORMATTER), json.dumps(["sh", "-c", f"touch {mark}"]))
    fork.branch("pr", fork.commit({**rule_files(evil), "m0.py": "x = { }\n"}, base))
    done = allowed(fork).syncfork("check", "pr", "--base", base)
    assert not mark.exists(), done.out


def test_a_broken_configuration_is_told_once(fork: Repo) -> None:
    fork.checkout("main", fork.commit({"ruff.toml": "line-length = oops\n"}, tip(fork)))
    done = allowed(fork).syncfork("merge", "up")
    assert done.code == 3
    assert "fails on an empty file, too" in done.err
    assert "ruff.toml" in done.err


def test_what_others_put_into_the_temporary_folder_is_no_configuration(fork: Repo, tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    (tmp_path / "tmp" / "ruff.toml").write_text('format.quote-style = "single"\n')
    text = RULE.replace("    reads: [ruff.toml]\n", "").replace(
        '"--quiet"', '"--quiet", "--line-length", "60"'
    )
    fork.checkout("main", fork.commit({"ruff.toml": None, **rule_files(text)}, tip(fork)))
    done = allowed(fork).syncfork("merge", "up", env=environment(TMPDIR=str(tmp_path / "tmp")))
    assert done.code == 0, done.out + done.err
    assert fork.read("HEAD", "new.py") == b'def third():\n    return "new"\n'


def test_what_is_no_text_or_not_there_any_more_has_no_form(repo: Repo, tmp_path: Path) -> None:
    base = repo.commit({"gone.py": BASE, "a.py": BASE, "bin.py": b"\0a"})
    ours = {
        "gone.py": formatted(BASE, tmp_path),
        "a.py": formatted(BASE, tmp_path),
        "ruff.toml": CONFIG,
        **rule_files(RULE),
    }
    repo.checkout("main", repo.commit(ours, base))
    theirs = {"gone.py": None, "a.py": THEIRS, "bin.py": b"\0b", "link.py": (LINK, b"a.py")}
    repo.git("branch", "up", repo.commit(theirs, base))
    report = allowed(repo).syncfork("merge", "up", "--format", "json").report
    assert (report["state"], report["exit_code"], report["findings"]) == ("merged", 0, [])
    assert not repo.exists("HEAD", "gone.py")
    assert repo.read("HEAD", "bin.py") == b"\0b"


def test_the_ends_of_lines_stay_as_they_are(repo: Repo, tmp_path: Path) -> None:
    config = 'line-ending = "cr-lf"\n'
    base = repo.commit({"a.py": BASE})
    own = formatted(BASE, tmp_path)
    rule = RULE.replace("ruff.toml", "form.toml").replace('"--quiet"', '"--quiet", "--config", "form.toml"')
    ours = repo.commit({"a.py": own, "form.toml": f"format.{config}", **rule_files(rule)}, base)
    repo.checkout("main", ours)
    repo.git("branch", "up", repo.commit({"a.py": THEIRS}, base))
    report = allowed(repo).syncfork("merge", "up", "--format", "json").report
    assert (report["state"], report["exit_code"], report["findings"]) == ("merged", 0, [])
    assert b"\r" not in repo.read("HEAD", "a.py")
    assert b'"c": None' in repo.read("HEAD", "a.py")


def test_the_form_is_a_rule_of_its_own_and_comes_first(fork: Repo, tmp_path: Path) -> None:
    mixed = RULE.replace("  - reformat", "  - replace: {literal: mine}\n    with: ours\n  - reformat")
    fork.branch("mixed", fork.commit(rule_files(mixed), tip(fork)))
    done = allowed(fork).syncfork("check", "mixed")
    assert (done.code, "a rule of its own" in done.err) == (3, True), done.err
    # Its anchor is in the form that the fork has.
    other = 'id: a-none\nfiles: ["*.py"]\nrewrite: [{replace: {literal: \'"c": None\'}, with: \'"c": 0\', expect: any}]\n'
    fork.checkout("main", fork.commit(rule_files(other, RULE), tip(fork)))
    report = fork.syncfork("merge", "up", "--format", "json").report
    assert (report["state"], report["exit_code"]) == ("merged", 0), report["findings"]
    wanted = formatted(THEIRS.replace("return first(a,'b')", "return first(a,'mine')"), tmp_path)
    assert fork.read("HEAD", "m0.py").decode() == wanted.replace('"c": None', '"c": 0')


@pytest.mark.usefixtures("_allowed_here")
def test_a_word_about_what_was_done_is_no_text(tmp_path: Path) -> None:
    loud = [word for word in FORMATTER if word != "--quiet"]
    assert rewritten(loud, {}, [("a.py", "x = 1\n"), ("b.py", '"""Doc."""\n')]) == ["x = 1\n", '"""Doc."""\n']
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("path", ["/etc/passwd", "../up", "a/../../b"])
def test_what_it_reads_is_in_the_repository(path: str) -> None:
    with pytest.raises(RuleError, match="from the repository's root"):
        compile_rules(RULE.replace("ruff.toml", path))


@pytest.mark.usefixtures("_allowed_here")
def test_so_many_processes_as_there_is_need_of(tmp_path: Path) -> None:
    """One for all; where one text fails, those that it takes to find it."""
    log = tmp_path / "log"
    body = f"pathlib.Path({str(log)!r}).open('a').write('x') if name == sys.argv[1] else 0; 'bad' in p.read_text() and sys.exit(1)"
    made = rewritten(program(body), {}, [(f"{n}.txt", "bad" if n == 5 else f"{n}") for n in range(64)])
    assert sum(isinstance(each, FailedError) for each in made) == 1
    assert len(log.read_text()) <= 2 * 7 + 1

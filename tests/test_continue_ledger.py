"""`syncfork continue` tells what a person dropped and changed by hand, and asks to confirm what no conflict was about."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from git_fixtures import EXE, LINK, Changes, Repo, lines, numbered, rule_files

from syncfork.git.patches import Edit
from syncfork.merge.by_hand_texts import Texts, _pieces, _touching, _Whole
from syncfork.merge.to_confirm import hand_findings, hand_note
from syncfork.merge.touch import Touch


@pytest.fixture
def torn(repo: Repo) -> Repo:
    """A merge in progress. In story.txt both sides changed line 9, ours 30, upstream 20, and took out 35; in other.txt
    ours changed 3 and upstream 7; upstream made new.txt and changed theirs.txt, ours changed mine.txt."""
    plain: Changes = {
        "story.txt": numbered(40),
        "other.txt": numbered(9),
        "theirs.txt": "1\n",
        "mine.txt": "1\n",
    }
    base = repo.commit(plain)
    ours: Changes = {
        "story.txt": numbered(40, {9: "ours", 30: "kept"}),
        "other.txt": numbered(9, {3: "ours"}),
    }
    story = numbered(40, {9: "theirs", 20: "new"}).replace(b"line 35\n", b"")
    theirs: Changes = {
        "story.txt": story,
        "other.txt": numbered(9, {7: "theirs"}),
        "theirs.txt": "2\n",
        "new.txt": "n\n",
    }
    repo.branch("upstream", repo.commit(theirs, base, message="Change much (#9)"))
    repo.checkout("main", repo.commit({**ours, "mine.txt": "2\n"}, base))
    assert repo.syncfork("merge", "upstream").code == 1
    return repo


GOOD = numbered(40, {9: "both", 20: "new", 30: "kept"}).replace(b"line 35\n", b"")


def finish(repo: Repo, files: dict[str, bytes | None], *options: str) -> tuple[int, dict[str, Any]]:
    for name, content in files.items():
        path = Path(repo.path) / name
        path.unlink() if content is None else path.write_bytes(content)
    repo.git("add", "-A")
    done = repo.syncfork("continue", "--format", "json", *options)
    return done.code, done.report


def told(report: dict[str, Any]) -> list[tuple[str, str, str, int]]:
    return [
        (f["class"], f["detector"], f["path"], f["line"])
        for f in report["findings"]
        if f["detector"] in ("dropped", "by-hand")
    ]


def message(repo: Repo) -> str:
    return repo.git("log", "-1", "--format=%B")


def test_a_conflict_answered_with_both_sides_is_nobodys_business(torn: Repo) -> None:
    code, report = finish(torn, {"story.txt": GOOD})
    assert (code, told(report)) == (0, [])
    assert "By hand" not in message(torn)


@pytest.mark.parametrize("kept", [True, False])
def test_a_deletion_that_stays_is_not_dropped(repo: Repo, kept: bool) -> None:
    base = repo.commit({"test.py": lines("# first", "import shutil", "# last")})
    theirs = lines("# first", "import os", "import shutil", "import time", "# last")
    repo.branch("upstream", repo.commit({"test.py": theirs}, base))
    repo.checkout("main", repo.commit({"test.py": lines("# first", "# last")}, base))
    assert repo.syncfork("merge", "upstream").code == 1
    made = lines("# first", "import os", "import time", "# last") if kept else theirs
    code, report = finish(repo, {"test.py": made})
    assert (code, told(report)) == (0, [] if kept else [("note", "dropped", "test.py", 2)])


@pytest.mark.parametrize(
    ("left", "dropped"),
    [
        ((), []),
        (("  def old", "    1", "  end"), ["f"]),
        (("  def old", "  end"), ["f"]),
        (("    1",), ["f"]),
    ],
)
def test_lines_that_a_side_took_out_are_gone_though_the_other_sides_end_like_them(
    repo: Repo, left: tuple[str, ...], dropped: list[str]
) -> None:
    old, new = ("  def old", "    1", "  end"), ("  def new", "    2", "  end")
    base = repo.commit({"f": lines("class", *old, "  # rest")})
    repo.branch("upstream", repo.commit({"f": lines("class", "  # rest")}, base))
    repo.checkout("main", repo.commit({"f": lines("class", *new, *old, "  # rest")}, base))
    assert repo.syncfork("merge", "upstream").code == 1
    _, report = finish(repo, {"f": lines("class", *new, *left, "  # rest")})
    assert [path for _, _, path, _ in told(report)] == dropped


def test_a_line_that_joins_the_words_of_both_sides_drops_neither(repo: Repo) -> None:
    def call(*words: str) -> bytes:
        return lines("before", f"make({', '.join(words)})", "after")

    base = repo.commit({"build": call("all")})
    repo.branch("upstream", repo.commit({"build": call("all", "upstream")}, base))
    repo.checkout("main", repo.commit({"build": call("ours", "all")}, base))
    assert repo.syncfork("merge", "upstream").code == 1
    code, report = finish(repo, {"build": call("ours", "all", "upstream")})
    assert (code, told(report)) == (0, [])


@pytest.mark.parametrize(("kept", "lost"), [("ours", "upstream's"), ("theirs", "the fork's")])
def test_the_side_that_was_not_taken_is_listed_and_needs_no_confirmation(
    torn: Repo, kept: str, lost: str
) -> None:
    code, report = finish(torn, {"story.txt": GOOD.replace(b"both", kept.encode())})
    assert (code, told(report)) == (0, [("note", "dropped", "story.txt", 9)])
    other = "theirs" if kept == "ours" else "ours"
    words = f"- story.txt:9: dropped by hand: {lost} side in 1 conflict (line 9), `{other}`"
    assert words in message(torn)


def test_where_markers_join_conflicts_and_each_is_decided_otherwise_both_losses_are_listed(
    repo: Repo,
) -> None:
    def settings(**changed: object) -> bytes:
        return lines(
            "# settings",
            *(f"{k}: {v}" for k, v in {"port": 80, "workers": 4, "log": "warn", **changed}.items()),
            "# end",
        )

    base = repo.commit({"f": settings()})
    repo.branch("upstream", repo.commit({"f": settings(port=8081, workers=6, log="error")}, base))
    repo.checkout("main", repo.commit({"f": settings(port=9090, workers=8)}, base))
    assert repo.syncfork("merge", "upstream").code == 1
    code, report = finish(repo, {"f": settings(port=9090, workers=6, log="error")})
    assert (code, [each[0] for each in told(report)]) == (0, ["note", "note"])
    assert "- f:2: dropped by hand: the fork's side in 1 conflict (line 2), in part, `workers: 8`" in message(
        repo
    )
    assert "- f:2: dropped by hand: upstream's side in 1 conflict (line 2), in part, `port: 8081`" in message(
        repo
    )


def blocks(**changed: list[str]) -> bytes:
    """Blocks that are apart, each a line where it is not `changed`."""
    names = ("one", "two", "three")
    around = ([f"before {name} {n}" for n in range(6)] for name in names)
    return lines(
        *(
            line
            for name, lead in zip(names, around, strict=True)
            for line in (*lead, *changed.get(name, [name]))
        )
    )


BLOCK = ["}", "", "// remark", "#[derive(Debug)]", "pub struct Own {", "  a: u8,", "}"]


def dropped_words(repo: Repo, ours: bytes, theirs: bytes, made: bytes) -> list[str]:
    """What is told of the conflicts between two sides of `blocks` that became `made`."""
    base = repo.commit({"f": blocks()})
    repo.branch("upstream", repo.commit({"f": theirs}, base))
    repo.checkout("main", repo.commit({"f": ours}, base))
    assert repo.syncfork("merge", "upstream").code == 1
    _, report = finish(repo, {"f": made})
    found = [f["message"] for f in report["findings"] if f["detector"] == "dropped"]
    return [words.removeprefix("dropped by hand: ") for words in found]


def test_the_lines_of_all_conflicts_of_a_file_are_counted_and_one_that_says_something_is_named(
    repo: Repo,
) -> None:
    ours = blocks(one=["own", *BLOCK], two=["own 2"], three=["own 3", "", "}"])
    theirs = blocks(one=["1"], two=["2"], three=["3"])
    words = "the fork's side in 3 conflicts (line 7, 14, 21), `pub struct Own {` and 9 lines more"
    assert dropped_words(repo, ours, theirs, theirs) == [words]


THEIRS = ["if let style {", "  style", "  guess()", "  unit()", "};", "take()"]


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (["own()", "guess()", "unit()", "take()"], "in part, `if let style {` and 1 line more"),
        (["own()", "other()", "unit()"], "in part, `if let style {` and 4 lines more"),
        (["own()", "unit()"], "`if let style {` and 4 lines more"),
    ],
)
def test_only_what_the_result_does_not_have_is_lost_with_a_side(
    repo: Repo, made: list[str], words: str
) -> None:
    """Ours has `unit()` as well. The answer is put together by hand, or ours as it is."""
    ours, theirs = blocks(two=["own()", "unit()"]), blocks(two=THEIRS)
    told = dropped_words(repo, ours, theirs, blocks(two=made))
    assert told[-1:] == [f"upstream's side in 1 conflict (line 14), {words}"]


@pytest.mark.parametrize(
    ("moved", "words"),
    [
        (["own()", "more()"], []),
        (["own()", "more()", "}"], []),
        (["own()"], ["the fork's side in 1 conflict (line 14), in part, `more()` and 1 line more"]),
    ],
)
def test_lines_that_stand_elsewhere_now_are_not_lost(repo: Repo, moved: list[str], words: list[str]) -> None:
    ours, theirs = blocks(two=["own()", "more()", "}"]), blocks(two=["2"])
    assert dropped_words(repo, ours, theirs, blocks(two=["2"]) + lines("# new", *moved)) == words


@pytest.mark.parametrize(
    ("two", "words"),
    [
        (["}"], "the fork's side in 1 conflict (line 14), `}`"),
        (["two", "two"], "the fork's side in 1 conflict (line 14), `two`"),
        ([], "the fork's side in 1 conflict (line 14), which is without `2`"),
    ],
)
def test_a_side_that_says_little_is_dropped_as_well(repo: Repo, two: list[str], words: str) -> None:
    theirs = blocks(two=["2"])
    assert dropped_words(repo, blocks(two=two), theirs, theirs) == [words]


def test_a_side_that_had_the_same_lines_in_another_order_lost_none(repo: Repo) -> None:
    ours, theirs = blocks(two=["a()", "b()"]), blocks(two=["b()", "a()"])
    words = "the fork's side in 1 conflict (line 14), which has its lines in another order, or other blanks"
    assert dropped_words(repo, ours, theirs, theirs) == [words]


OPTIONS = ['p.add_argument("--host")', "# which port", 'p.add_argument("--port", default=80)']
OURS = ['p.add_argument("--host", default="fork")', "# our port", 'p.add_argument("--port", default=80)']


@pytest.mark.parametrize(
    ("theirs", "words"),
    [
        ([*OPTIONS[:2], OPTIONS[2].replace("80", "81")], '`p.add_argument("--port", default=81)`'),
        (OPTIONS[:2], 'which is without `p.add_argument("--port", default=80)`'),
        (["# about", *OPTIONS[:2], "# more"], "`# about` and 1 line more"),
    ],
)
def test_what_is_quoted_of_a_side_is_what_it_changed_from_the_merge_base(
    repo: Repo, theirs: list[str], words: str
) -> None:
    base = repo.commit({"cli.py": lines("begin", *OPTIONS, "end")})
    repo.branch("upstream", repo.commit({"cli.py": lines("begin", *theirs, "end")}, base))
    repo.checkout("main", repo.commit({"cli.py": lines("begin", *OURS, "end")}, base))
    assert repo.syncfork("merge", "upstream").code == 1
    _, report = finish(repo, {"cli.py": lines("begin", *OURS, "end")})
    [found] = [f for f in report["findings"] if f["detector"] == "dropped"]
    assert found["message"].endswith(f", {words}")


@pytest.mark.parametrize(("kept", "dropped"), [([], []), (["two"], ["upstream's"])])
def test_what_upstream_moved_away_and_the_answer_is_without_is_taken(
    repo: Repo, kept: list[str], dropped: list[str]
) -> None:
    """Upstream moves the lines in conflict up, the fork adds one of its own to them, and the answer is that one."""
    rest = [f"line {n}" for n in range(9)]
    base = repo.commit({"f": lines("begin", *rest, "one", "two", "end")})
    repo.branch("upstream", repo.commit({"f": lines("begin", "one", "two", *rest, "end")}, base))
    repo.checkout("main", repo.commit({"f": lines("begin", *rest, "one", "ours", "two", "end")}, base))
    assert repo.syncfork("merge", "upstream").code == 1
    _, report = finish(repo, {"f": lines("begin", "one", "two", *rest, "ours", *kept, "end")})
    found = [f["message"] for f in report["findings"] if f["detector"] == "dropped"]
    assert [words.split(": ")[1].split(" side")[0] for words in found] == dropped


@pytest.mark.parametrize(
    ("files", "path", "line", "words"),
    [
        ({"story.txt": GOOD.replace(b"new", b"line 20")}, "story.txt", 20, "upstream's change, `new`"),
        ({"story.txt": GOOD.replace(b"kept\n", b"")}, "story.txt", 30, "the fork's change, `kept`"),
        (
            {"story.txt": GOOD.replace(b"line 36\n", b"line 35\nline 36\n")},
            "story.txt",
            35,
            "upstream's change, `line 35`",
        ),
        (
            {"story.txt": GOOD, "other.txt": numbered(9, {3: "ours"})},
            "other.txt",
            7,
            "upstream's change, `theirs`",
        ),
        ({"story.txt": GOOD, "new.txt": None}, "new.txt", 0, "upstream's change, the file is gone"),
        ({"story.txt": GOOD, "mine.txt": b"1\n"}, "mine.txt", 1, "the fork's change, `2`"),
    ],
)
def test_what_is_gone_though_no_conflict_was_there_has_to_be_confirmed(
    torn: Repo, files: dict[str, bytes | None], path: str, line: int, words: str
) -> None:
    code, report = finish(torn, files)
    assert (code, report["state"]) == (1, "in progress")
    assert told(report) == [("breakage", "dropped", path, line)]
    [found] = [f for f in report["findings"] if f["detector"] == "dropped"]
    assert found["message"].endswith(words)
    assert f"--accept {found['id']}" in report["next"][-1]
    quoted = words.split("`")[1:2]
    assert all(word in found["code"] for word in quoted) and bool(found["code"]) is bool(quoted)
    shown = torn.syncfork("explain", found["id"]).out
    assert found["code"] in "\n".join(line.removeprefix("  ") for line in shown.split("\n"))
    code, report = finish(torn, {}, "--accept", path, "--reason", "not for us")
    assert (code, report["state"]) == (0, "merged")
    place = f"{path}:{line}" if line else path
    assert f"- {place}: {found['message']}" in message(torn)
    assert message(torn).count(found["message"]) == 1 and "not for us" in message(torn)


TOLD = "Acme is made by people who love it, and Acme takes your privacy very seriously indeed.\n"
OURS_TOLD = TOLD.replace("takes", "and Ours take")
ADDED = "if ready != done then call(retries, of, all, that, we, had, at, hand, today, here)\n"


@pytest.mark.parametrize(
    ("line", "by_hand", "expected"),
    [
        (OURS_TOLD, OURS_TOLD.replace("Acme is", "Ours is"), ("decision", "by-hand")),
        (OURS_TOLD, TOLD.replace("Acme is", "Ours is"), ("breakage", "dropped")),
        (OURS_TOLD, "", ("breakage", "dropped")),
        (OURS_TOLD, "Something else is told by now.\n", ("breakage", "dropped")),
        (ADDED, ADDED.replace("retries", "tries"), ("breakage", "dropped")),
        (ADDED, f"# {ADDED}", ("breakage", "dropped")),
        (ADDED, ADDED, None),
    ],
    ids=["words of the rest", "taken back", "gone", "another text", "a word of it", "commented", "as it was"],
)
def test_a_change_that_was_only_worked_on_is_not_dropped(
    repo: Repo, line: str, by_hand: str, expected: tuple[str, str] | None
) -> None:
    def text(of: str) -> bytes:
        return numbered(6) + of.encode() + numbered(6)

    base = repo.commit({"story.txt": numbered(9), "told.txt": text(TOLD)})
    ours = repo.commit({"story.txt": numbered(9, {3: "ours"}), "told.txt": text(line)}, base)
    repo.branch("upstream", repo.commit({"story.txt": numbered(9, {3: "theirs"})}, base))
    repo.checkout("main", ours)
    assert repo.syncfork("merge", "upstream").code == 1
    _, report = finish(repo, {"story.txt": numbered(9, {3: "both"}), "told.txt": text(by_hand)})
    assert [item[:2] for item in told(report) if item[2] == "told.txt"] == ([expected] if expected else [])


def test_of_what_is_dropped_a_line_that_was_changed_is_quoted(repo: Repo) -> None:
    """And not one of the merge base's that went with it."""
    base = repo.commit({"story.txt": numbered(9), "told.txt": numbered(20)})
    told_of: Changes = {"told.txt": numbered(20, {9: "ours"}), "story.txt": numbered(9, {3: "ours"})}
    repo.branch("upstream", repo.commit({"story.txt": numbered(9, {3: "theirs"})}, base))
    repo.checkout("main", repo.commit(told_of, base))
    assert repo.syncfork("merge", "upstream").code == 1
    made = numbered(20).replace(b"line 7\nline 8\nline 9\n", b"")
    _, report = finish(repo, {"story.txt": numbered(9, {3: "both"}), "told.txt": made})
    [found] = [f for f in report["findings"] if f["path"] == "told.txt"]
    assert found["message"].endswith("the fork's change, `ours`")
    assert found["code"] == "-line 7\n-line 8\n-ours"


def test_much_that_is_dropped_is_shown_in_part_and_that_is_said(repo: Repo) -> None:
    new = numbered(9) + b"".join(b"new %d\n" % n for n in range(50))
    base = repo.commit({"story.txt": numbered(9), "told.txt": numbered(9)})
    repo.branch("upstream", repo.commit({"story.txt": numbered(9, {3: "theirs"}), "told.txt": new}, base))
    repo.checkout("main", repo.commit({"story.txt": numbered(9, {3: "ours"})}, base))
    assert repo.syncfork("merge", "upstream").code == 1
    _, report = finish(repo, {"story.txt": numbered(9, {3: "both"}), "told.txt": numbered(9)})
    [found] = [f for f in report["findings"] if f["path"] == "told.txt"]
    assert found["code"].split("\n")[-2:] == ["-new 29", "... 20 more lines"]


def test_an_edit_that_nothing_asked_for_is_committed_but_never_green(torn: Repo) -> None:
    other = numbered(9, {3: "ours", 7: "theirs"})
    files: dict[str, bytes | None] = {
        "story.txt": GOOD,
        "other.txt": other.replace(b"line 5", b"edited"),
        "own.txt": b"mine\n",
    }
    code, report = finish(torn, files)
    assert (code, report["state"]) == (1, "merged")
    assert sorted(told(report)) == [
        ("decision", "by-hand", "other.txt", 5),
        ("decision", "by-hand", "own.txt", 0),
    ]
    assert "- other.txt:5: changed by hand, and nothing in the merge asked for it: `edited`" in message(torn)


def test_the_same_where_the_person_commits_with_git(torn: Repo) -> None:
    (torn.path / "story.txt").write_bytes(GOOD)
    (torn.path / "other.txt").write_bytes(numbered(9, {3: "ours"}))
    torn.git("add", "-A")
    torn.git("commit", "-qm", "by myself")
    code, report = finish(torn, {})
    assert (code, told(report)) == (1, [("breakage", "dropped", "other.txt", 7)])


def test_an_edit_beside_a_clash_in_the_file_that_was_in_conflict_is_told_in_one_note(torn: Repo) -> None:
    made = GOOD.replace(b"line 2\n", b"line two\n")
    code, report = finish(torn, {"story.txt": made})
    assert (code, told(report)) == (0, [("note", "by-hand", "story.txt", 2)])
    assert "story.txt:2: changed by hand outside the file's conflicts: `line two`" in message(torn)


def test_what_was_accepted_is_in_the_next_step_where_something_else_is_left(torn: Repo) -> None:
    """What upstream changed beside the conflict is left out in two files; one of them is accepted."""
    files = {"story.txt": GOOD, "theirs.txt": b"1\n", "other.txt": numbered(9, {3: "ours"})}
    _, report = finish(torn, files)
    one, other = (f["id"] for f in report["findings"] if f["detector"] == "dropped")
    code, report = finish(torn, {}, "--accept", one, "--reason", "not for us")
    assert code == 1
    assert report["next"][0].endswith(f"syncfork continue --accept {one} --reason 'not for us'")
    command = f"syncfork continue --accept {one} --accept {other} --reason 'not for us'"
    assert report["next"][1].startswith(command)
    code, report = finish(torn, {}, "--accept", one, "--accept", other, "--reason", "not for us")
    assert code == 0, report


def test_many_edits_beside_the_clashes_of_a_file_are_one_note(torn: Repo) -> None:
    made = GOOD
    for number in (2, 4, 6, 13, 15, 17):
        made = made.replace(b"line %d\n" % number, b"mine %d\n" % number)
    code, report = finish(torn, {"story.txt": made})
    assert (code, told(report)) == (0, [("note", "by-hand", "story.txt", 2)])
    told_ = "in 6 places (lines 2, 4, 6, 13, 15 and on), first `mine 2`"
    assert any(told_ in f["message"] for f in report["findings"])


def test_a_side_that_says_nothing_where_the_other_only_adds_is_not_dropped(repo: Repo) -> None:
    """Both sides add a line, and upstream a section below it, whose headings are in the file already."""
    old = lines("# Changes", "", "## 1.0", "### Added", "- one", "### Fixed", "- two")
    ours = lines("# Changes", "- a fix", "", "## 1.0", "### Added", "- one", "### Fixed", "- two")
    section = lines("- a fix", "## 1.1", "### Added", "- three", "### Fixed", "- four")
    theirs = old.replace(b"# Changes\n", b"# Changes\n" + section, 1)
    base = repo.commit({"c.md": old})
    repo.branch("upstream", repo.commit({"c.md": theirs}, base))
    repo.checkout("main", repo.commit({"c.md": ours}, base))
    assert repo.syncfork("merge", "upstream").code == 1
    code, report = finish(repo, {"c.md": theirs})
    assert (code, told(report)) == (0, [])


@pytest.mark.parametrize("deletes", ["ours", "theirs"])
def test_a_line_that_one_side_took_out_and_the_other_changed_is_told_if_it_stays(
    repo: Repo, deletes: str
) -> None:
    changed, out = numbered(20, {9: "timeout = 2"}), numbered(20).replace(b"line 9\n", b"")
    ours, theirs = (out, changed) if deletes == "ours" else (changed, out)
    base = repo.commit({"f": numbered(20)})
    repo.branch("upstream", repo.commit({"f": theirs}, base))
    repo.checkout("main", repo.commit({"f": ours}, base))
    assert repo.syncfork("merge", "upstream").code == 1
    code, report = finish(repo, {"f": changed})
    assert (code, told(report)) == (0, [("note", "dropped", "f", 9)])
    assert f"{'the fork' if deletes == 'ours' else 'upstream'}'s side" in message(repo)


def test_a_line_that_upstream_took_out_is_out_within_the_forks_block_too(repo: Repo) -> None:
    old = lines(
        "def call", "  first", "  push", "  last", "end", "", "def other", "  if x", "    y", "  end", "end"
    )
    fork = lines("def call", "  first", "  unless local", "    push", "    last", "  end", "end")
    rest = old.split(b"end\n", 1)[1]
    base = repo.commit({"s.rb": old})
    repo.branch("upstream", repo.commit({"s.rb": old.replace(b"  push\n", b"")}, base))
    repo.checkout("main", repo.commit({"s.rb": fork + rest}, base))
    assert repo.syncfork("merge", "upstream").code == 1
    code, report = finish(repo, {"s.rb": fork.replace(b"    push\n", b"") + rest})
    assert (code, told(report)) == (0, [])


def test_a_file_that_upstream_deleted(repo: Repo) -> None:
    base = repo.commit({"f": numbered(9), "g": "1\n"})
    repo.branch("upstream", repo.commit({"f": None}, base))
    repo.checkout("main", repo.commit({"f": numbered(9, {3: "ours"})}, base))
    assert repo.syncfork("merge", "upstream").code == 1
    code, report = finish(repo, {"f": None})
    assert (code, told(report)) == (0, [("note", "dropped", "f", 0)])
    assert "- f: dropped by hand: the fork's side in conflict, the file is gone" in message(repo)


@pytest.mark.parametrize("kept", ["ours", "theirs"])
def test_the_side_that_was_not_taken_is_listed_where_no_markers_can_stand(repo: Repo, kept: str) -> None:
    base = repo.commit({"bin.dat": b"\0base", "link": (LINK, "base")})
    repo.branch("upstream", repo.commit({"bin.dat": b"\0theirs", "link": (LINK, "theirs")}, base))
    repo.checkout("main", repo.commit({"bin.dat": b"\0ours", "link": (LINK, "ours")}, base))
    assert repo.syncfork("merge", "upstream").code == 1
    repo.git("checkout", f"--{kept}", "bin.dat", "link")
    code, report = finish(repo, {})
    assert (code, told(report)) == (0, [("note", "dropped", path, 0) for path in ("bin.dat", "link")])
    lost = "upstream's" if kept == "ours" else "the fork's"
    words = f"dropped by hand: {lost} side in conflict, another version of the file"
    assert f"- bin.dat: {words}\n- link: {words}\n" in message(repo)
    assert report["warnings"] == ["not remembered: bin.dat, decided as a whole; link, decided as a whole"]


def test_a_deletion_that_was_not_taken_is_listed(repo: Repo) -> None:
    base = repo.commit({"mine": numbered(9), "theirs": numbered(9, prefix="row")})
    changed: Changes = {"mine": None, "theirs": numbered(9, {3: "theirs"}, "row")}
    repo.branch("upstream", repo.commit(changed, base))
    repo.checkout("main", repo.commit({"mine": numbered(9, {3: "ours"}), "theirs": None}, base))
    assert repo.syncfork("merge", "upstream").code == 1
    _, report = finish(repo, {})
    words = "side in conflict, which is without the file"
    assert f"- mine: dropped by hand: upstream's {words}\n" in message(repo)
    assert f"- theirs: dropped by hand: the fork's {words}\n" in message(repo)
    assert report["warnings"] == ["not remembered: mine, decided as a whole; theirs, decided as a whole"]


@pytest.mark.parametrize(
    ("base", "lost"),
    [
        # The fork's version is in upstream's side, too, right behind the conflict: git leaves it out of that.
        (["jetty 22"], []),
        # Here the fork took a line out as well, of which upstream made something else.
        (["// why it is 22", "jetty 22"], ["the fork's side in 1 conflict"]),
    ],
)
def test_a_side_that_git_left_empty_beside_what_both_wrote_has_nothing_to_lose(
    repo: Repo, base: list[str], lost: list[str]
) -> None:
    around = [f"line {n}" for n in range(9)]
    theirs = lines(*around, "// why it is not 30", "jetty 25", *around)
    first = repo.commit({"f": lines(*around, *base, *around)})
    repo.branch("upstream", repo.commit({"f": theirs}, first))
    repo.checkout("main", repo.commit({"f": lines(*around, "jetty 25", *around)}, first))
    assert repo.syncfork("merge", "upstream").code == 1
    assert "<<<<<<< main (ours)\n=======\n" in (repo.path / "f").read_text()
    _, report = finish(repo, {"f": theirs})
    said = [f["message"] for f in report["findings"]]
    assert len(said) == len(lost) and all(words in one for words, one in zip(lost, said, strict=True))


def test_what_a_side_adds_is_found_in_a_long_file_with_many_changes_in_time() -> None:
    base = [f"line {number}\n" for number in range(40_000)]
    ours = [line for number, line in enumerate(base) if number % 3]
    theirs = [f"{line}more {number}\n" if number % 2 else line for number, line in enumerate(base)]
    whole = _Whole(Texts("f", "", "", "".join(base), "".join(ours), "".join(theirs)), Counter())
    began = time.process_time()
    # Beside a line that the fork took out upstream's is in the place of something.
    assert set(whole.added) == {"ours", "theirs"} and not whole.adds("theirs", ["more 3\n"])
    assert time.process_time() - began < 8


def test_spans_that_touch_are_found_as_one_by_one() -> None:
    chance = random.Random(7)
    for _ in range(500):
        spans = [(n, n + chance.randrange(6)) for n in chance.choices(range(30), k=chance.randrange(6))]
        first = chance.randrange(30)
        last = first + chance.randrange(4)
        assert _touching(spans)(first, last) == any(a <= last and first <= b for a, b in spans)


def test_a_long_file_with_many_changes_of_both_sides_is_laid_out_in_time() -> None:
    left = "".join(f"line {number}\n" for number in range(100_000))
    upstream, fork = ([Edit(n, n + 1, n, n + 1) for n in range(at, 100_000, 10)] for at in (2, 7))
    began = time.process_time()
    made = _pieces(Texts("f", left, left, left, left, left), None, upstream, fork)
    assert Counter(piece.owner for piece in made) == {"theirs": 10_000, "ours": 10_000, "same": 20_001}
    assert time.process_time() - began < 5


def test_where_both_names_of_a_renamed_file_stay_neither_side_is_dropped(repo: Repo) -> None:
    base = repo.commit({"old": numbered(30)})
    repo.branch("upstream", repo.commit({"old": None, "two": numbered(30)}, base))
    repo.checkout("main", repo.commit({"old": None, "one": numbered(30)}, base))
    assert repo.syncfork("merge", "upstream").code == 1
    code, report = finish(repo, {})
    assert (code, told(report)) == (0, [])
    assert report["warnings"] == ["not remembered: one, decided as a whole; two, decided as a whole"]


def test_much_is_cut_short_and_nothing_gets_out_of_its_line() -> None:
    found = [Touch(f"a\nb{n}", 1, "`\x1b[31m`", "theirs") for n in range(40)]
    note = hand_note(hand_findings(found, (), ()))
    assert "- and 10 more" in note
    assert len(note.splitlines()) == 33
    assert "\x1b" not in note
    assert hand_note([]) == ""


RULE = "id: flag\nwhy: ours builds with it\nfiles: [build]\nrewrite: [{insert: ' --ours', after: {literal: make}}]\n"


@pytest.mark.parametrize(("answer", "code"), [("make --ours 'all'\n", 0), ("make 'all'\n", 1)])
def test_a_rule_that_came_with_the_resolution_is_checked_too(repo: Repo, answer: str, code: int) -> None:
    base = repo.commit({"build": "make all\n", **rule_files(RULE.replace("[build]", "[other]"))})
    evil = RULE.replace("flag", "theirs").replace("--ours", "--evil")
    repo.branch("upstream", repo.commit({"build": "make 'all'\n", ".syncfork/evil.yml": evil}, base))
    repo.checkout("main", repo.commit({"build": "make  all\n"}, base))
    assert repo.syncfork("merge", "upstream").code == 1
    (repo.path / ".syncfork" / "new.yml").write_text(RULE.replace("flag", "new"))
    done, report = finish(repo, {"build": answer.encode(), ".syncfork/evil.yml": None})
    assert done == code
    broken = [(f["rule"], f["new"]) for f in report["findings"] if f["detector"] == "intent"]
    assert broken == [("flag", False), *([("new", True)] if code else [])]
    assert report["warnings"] == []


def resolving(repo: Repo, ours: Changes, theirs: Changes) -> None:
    """A merge in progress with a conflict in `build`, in a fork that has a folder of rules."""
    base = repo.commit({"build": "make all\n", "ci/one": numbered(30), "ci/two": numbered(40)})
    repo.branch("upstream", repo.commit({"build": "make 'all'\n", **theirs}, base))
    rules = rule_files(RULE.replace("[build]", "[other]"))
    repo.checkout("main", repo.commit({"build": "make  all\n", **rules, **ours}, base))
    assert repo.syncfork("merge", "upstream").code == 1


def test_what_git_puts_among_the_rules_is_no_rule(repo: Repo) -> None:
    moved = {"ci/one": None, "ci/two": None, ".syncfork/one": numbered(30), ".syncfork/two": numbered(40)}
    resolving(repo, moved, {"ci/evil.yml": RULE.replace("flag", "theirs").replace("--ours", "--evil")})
    _, report = finish(repo, {"build": b"make 'all'\n"})
    assert {f["rule"] for f in report["findings"] if f["detector"] == "intent"} == {"flag"}


def test_a_rule_that_came_with_the_resolution_needs_an_id_of_its_own(repo: Repo) -> None:
    resolving(repo, {}, {})
    (repo.path / ".syncfork" / "new.yml").write_text(RULE)
    (repo.path / "build").write_text("make --ours 'all'\n")
    repo.git("add", "-A")
    done = repo.syncfork("continue")
    assert done.code == 3 and "id: 'flag' is taken by .syncfork/rule-1.yml" in done.err


def test_a_rule_that_is_not_added_is_not_read_and_that_is_said(repo: Repo) -> None:
    resolving(repo, {}, {})
    (repo.path / ".syncfork" / "new.yml").write_text(RULE.replace("flag", "new"))
    (repo.path / "build").write_text("make --ours 'all'\n")
    repo.git("add", "-A")
    (repo.path / ".syncfork" / "later.yml").write_text(RULE.replace("flag", "later"))
    assert repo.syncfork("continue", "--format", "json").report["warnings"] == [
        "not committed yet, so not read: later.yml in .syncfork"
    ]


@pytest.mark.parametrize(("ours", "theirs", "lost"), [("x, x", "x, y", "ours"), ("x, y", "x, x", "theirs")])
def test_a_word_that_both_sides_have_keeps_neither(repo: Repo, ours: str, theirs: str, lost: str) -> None:
    base = repo.commit({"build": "f(x)\n"})
    repo.branch("upstream", repo.commit({"build": f"f({theirs})\n"}, base))
    repo.checkout("main", repo.commit({"build": f"f({ours})\n"}, base))
    assert repo.syncfork("merge", "upstream").code == 1
    _, report = finish(repo, {"build": b"f(x, y)\n"})
    [found] = [f for f in report["findings"] if f["detector"] == "dropped"]
    assert ("the fork's side" if lost == "ours" else "upstream's side") in found["message"]


ACCEPT = '[[accept]]\nfinding = "{}"\nreason = "not for our builds"\n'


def test_what_is_accepted_in_the_configuration_that_is_added_counts_at_once(torn: Repo) -> None:
    """What upstream changed beside the conflict is left out in two files, which has to be accepted."""
    dropped = {"story.txt": GOOD, "theirs.txt": b"1\n", "other.txt": numbered(9, {3: "ours"})}
    code, report = finish(torn, dropped)
    found = {f["path"]: f["id"] for f in report["findings"] if f["detector"] == "dropped"}
    assert code == 1 and set(found) == {"theirs.txt", "other.txt"}
    assert all(f"--accept {name}" in report["next"][-1] for name in found.values())
    status = torn.syncfork("status", "--format", "json").report
    assert any(told.startswith("2 findings stopped `syncfork continue`") for told in status["warnings"])
    code, report = finish(torn, {"syncfork.toml": ACCEPT.format(found["theirs.txt"]).encode()})
    assert code == 1
    assert {f["path"]: f.get("accepted") for f in report["findings"] if f["detector"] == "dropped"} == {
        "theirs.txt": "not for our builds",
        "other.txt": "",
    }
    text = "".join(map(ACCEPT.format, found.values()))
    code, report = finish(torn, {"syncfork.toml": text.encode()})
    assert code == 0, report
    message = " ".join(torn.git("log", "-1", "--format=%B").split())
    assert message.count("not for our builds") == 2 and "Accepted by hand:" in message
    assert "By hand" not in message or "theirs.txt" not in message.split("By hand")[1].split("Accepted")[0]


def test_what_upstream_accepts_is_not_accepted_here(repo: Repo) -> None:
    base = repo.commit({"story.txt": numbered(40), "theirs.txt": "1\n"})
    ours = repo.commit({"story.txt": numbered(40, {9: "ours"})}, base)
    changed: Changes = {"story.txt": numbered(40, {9: "theirs"}), "theirs.txt": "2\n"}

    def dropped(theirs: Changes) -> list[dict[str, Any]]:
        repo.git("checkout", "-q", "-f", "--detach", ours)
        repo.branch("upstream", repo.commit({**changed, **theirs}, base))
        repo.checkout("main", ours)
        assert repo.syncfork("merge", "upstream").code == 1
        code, report = finish(repo, {"story.txt": numbered(40, {9: "both"}), "theirs.txt": b"1\n"})
        assert code == 1
        assert repo.syncfork("abort").code == 0
        return [f for f in report["findings"] if f["detector"] == "dropped"]

    [found] = dropped({})
    [again] = dropped({"syncfork.toml": ACCEPT.format(found["id"])})
    assert again["id"] == found["id"] and not again.get("accepted")


@pytest.mark.parametrize("kept", ["ours", "theirs"])
def test_a_text_that_is_not_to_be_merged_has_no_markers_and_is_a_conflict_still(
    repo: Repo, kept: str
) -> None:
    base = repo.commit({".gitattributes": "notes -merge\n", "notes": numbered(4)})
    repo.branch("upstream", repo.commit({"notes": numbered(4, {2: "theirs"})}, base))
    repo.checkout("main", repo.commit({"notes": numbered(4, {2: "ours"})}, base))
    assert repo.syncfork("merge", "upstream").code == 1
    code, report = finish(repo, {"notes": numbered(4, {2: kept})})
    assert (code, told(report)) == (0, [("note", "dropped", "notes", 0)])


def taken_along(repo: Repo) -> Path:
    """A waiting merge in which git takes a file of the fork's along, since upstream has renamed its folder."""
    old = {f"old/{number}": numbered(20, prefix=f"{number}") for number in range(3)}
    new = {f"new/{number}": content for number, content in enumerate(old.values())}
    base = repo.commit(dict(old))
    repo.branch("upstream", repo.commit({**dict.fromkeys(old), **new}, base))
    repo.checkout("main", repo.commit({"old/mine": "precious\n"}, base))
    assert repo.syncfork("merge", "upstream").code == 1
    return repo.path / "new" / "mine"


def test_a_file_that_git_took_along_with_its_folder_is_told_where_it_is_gone(repo: Repo) -> None:
    taken_along(repo)
    code, report = finish(repo, {"new/mine": None})
    assert (code, told(report)) == (0, [("note", "dropped", "new/mine", 0)])
    assert "- new/mine: dropped by hand: the fork's side in conflict, the file is gone" in message(repo)


def test_a_file_that_git_took_along_may_be_put_back(repo: Repo) -> None:
    taken = taken_along(repo)
    (repo.path / "old").mkdir()
    taken.rename(repo.path / "old" / "mine")
    code, report = finish(repo, {})
    assert (code, told(report)) == (0, [])


@pytest.mark.parametrize(("kept", "code", "expected"), [("100755", 0, []), ("100644", 1, ["breakage"])])
def test_a_mode_that_is_gone_is_told(repo: Repo, kept: str, code: int, expected: list[str]) -> None:
    base = repo.commit({"tool": "1\n", "torn": "1\n"})
    repo.branch("upstream", repo.commit({"tool": (EXE, "1\n"), "torn": "2\n"}, base))
    repo.checkout("main", repo.commit({"torn": "3\n"}, base))
    assert repo.syncfork("merge", "upstream").code == 1
    (repo.path / "torn").write_text("3\n")
    (repo.path / "tool").chmod(int(kept[3:], 8))
    done, report = finish(repo, {})
    found = [f for f in report["findings"] if f["path"] == "tool"]
    assert (done, [f["class"] for f in found]) == (code, expected)
    assert all("upstream's change, mode 100755 becomes 100644" in f["message"] for f in found)


def test_many_places_of_a_file_are_told_together_and_accepted_by_one_name(repo: Repo) -> None:
    base = repo.commit({"story": numbered(90)})
    changed = dict.fromkeys(range(10, 80, 10), "theirs")
    repo.branch("upstream", repo.commit({"story": numbered(90, {**changed, 85: "theirs"})}, base))
    repo.checkout("main", repo.commit({"story": numbered(90, {85: "ours"})}, base))
    assert repo.syncfork("merge", "upstream").code == 1
    ours = {"story": numbered(90, {85: "ours"})}
    code, report = finish(repo, {**ours})
    [found] = [f for f in report["findings"] if f["class"] == "breakage"]
    words = "upstream's changes in 7 places (lines 10, 20, 30, 40, 50 and on), first `theirs`"
    assert code == 1 and words in found["message"]
    code, _ = finish(repo, {}, "--accept", found["id"], "--reason", "we keep our own story")
    assert code == 0 and words in message(repo).replace("\n  ", " ")


@pytest.mark.parametrize(("places", "cls"), [(3, "note"), (7, "breakage")])
def test_a_rule_that_asks_for_a_file_asks_not_for_all_of_it_to_go(repo: Repo, places: int, cls: str) -> None:
    """The merge wants somebody to see to the file: an edit or some are meant, not that a side was put in its place."""
    watch = "id: w\nwhy: Somebody has to look at this.\nfiles: [story]\nhold: [{watch: file}]\n"
    base = repo.commit({"story": numbered(90)})
    changed = dict.fromkeys(range(10, 10 + 10 * places, 10), "theirs")
    repo.branch("upstream", repo.commit({"story": numbered(90, {**changed, 85: "theirs"})}, base))
    repo.checkout("main", repo.commit({"story": numbered(90, {85: "ours"}), **rule_files(watch)}, base))
    assert repo.syncfork("merge", "upstream").code == 1
    _, report = finish(repo, {"story": numbered(90, {85: "ours"})})
    found = [f for f in report["findings"] if "where no conflict was" in f["message"]]
    assert {f["class"] for f in found} == {cls}


def test_what_is_dropped_in_a_file_is_not_accepted_with_what_a_rule_says_of_it(repo: Repo) -> None:
    rule = "id: mine\nwhy: The fork says so.\nfiles: [story]\nrewrite: [{replace: {regex: '^line 5$'}, with: own 5}]\n"
    base = repo.commit({"story": numbered(90)})
    repo.branch("upstream", repo.commit({"story": numbered(90, {40: "theirs", 85: "theirs"})}, base))
    ours = numbered(90, {5: "own 5", 60: "ours", 85: "ours"})
    repo.checkout("main", repo.commit({"story": ours, **rule_files(rule)}, base))
    assert repo.syncfork("merge", "upstream").code == 1
    upstreams = numbered(90, {40: "theirs", 85: "theirs"})
    code, report = finish(repo, {"story": upstreams}, "--accept", "mine", "--reason", "given up")
    left = [f["message"] for f in report["findings"] if f["class"] == "breakage" and not f["accepted"]]
    assert code == 1 and any("where no conflict was: the fork's change, `ours`" in words for words in left)


def test_a_sample_of_a_conflict_that_a_side_has_is_no_marker_left_in(repo: Repo) -> None:
    sample = lines("<<<<<<< HEAD", "a", "=======", "b", ">>>>>>> x", "1", "2", "3")
    base = repo.commit({"doc": sample + b"0\n"})
    repo.branch("upstream", repo.commit({"doc": sample + b"theirs\n"}, base))
    repo.checkout("main", repo.commit({"doc": sample + b"ours\n"}, base))
    assert repo.syncfork("merge", "upstream").code == 1
    for text, code in ((sample + b"<<<<<<< HEAD\nours\n", 1), (sample + b"ours\n", 0)):
        done, report = finish(repo, {"doc": text})
        assert (done, [f["line"] for f in report["findings"] if f["detector"] == "marker"]) == (
            code,
            [1] if code else [],
        )


def test_the_message_tells_what_is_broken_when_it_is_committed(repo: Repo) -> None:
    """Upstream takes `--old` away, which two of the fork's scripts use. One is mended; a third comes with the conflict."""
    program = "import argparse\np = argparse.ArgumentParser()\n{}p.parse_args()\n"
    old, new = 'p.add_argument("--old")\n', 'p.add_argument("--new")\n'
    base = repo.commit({"tool.py": program.format(old + new), "torn": "1\n"})
    repo.branch("upstream", repo.commit({"tool.py": program.format(new), "torn": "2\n"}, base))
    call = "#!/bin/sh\npython tool.py --old\n"
    repo.checkout("main", repo.commit({"one.sh": call, "two.sh": call, "torn": "3\n"}, base))
    assert repo.syncfork("merge", "upstream").code == 1
    assert "- one.sh: this passes `--old`" in (repo.git_dir / "MERGE_MSG").read_text()
    mended = call.replace("--old", "--new").encode()
    code, _ = finish(repo, {"one.sh": mended, "torn": b"3\n", "three.sh": call.encode()})
    told = message(repo)
    assert code == 1 and told.count("Broken by this merge") == 1
    listed = told.partition("Broken by this merge")[2].partition("By hand")[0]
    assert ["one.sh" in listed, "two.sh" in listed, "three.sh" in listed] == [False, True, True]


def test_a_file_with_markers_left_in_it_is_told_once(repo: Repo) -> None:
    """That it cannot be parsed follows from the markers, and no commit of upstream's did it."""
    base = repo.commit({"a.json": lines("{", '"a": 1', "}")})
    repo.branch("upstream", repo.commit({"a.json": lines("{", '"a": 2', "}")}, base))
    repo.checkout("main", repo.commit({"a.json": lines("{", '"a": 3', "}")}, base))
    assert repo.syncfork("merge", "upstream").code == 1
    code, report = finish(repo, {})
    assert code == 1
    assert [(f["detector"], f["path"]) for f in report["findings"]] == [("marker", "a.json")]
    # Who wants them there hears of what they break.
    code, report = finish(repo, {}, "--accept", "marker-a.json", "--reason", "a fixture")
    assert report["state"] == "merged" and code == 1
    told = [(f["detector"], f["class"], f["accepted"]) for f in report["findings"]]
    assert told == [("keys", "breakage", ""), ("marker", "breakage", "a fixture")]


def test_a_reason_is_in_the_next_step_and_is_none_for_what_it_was_not_given_for(torn: Repo) -> None:
    files = {"story.txt": GOOD, "theirs.txt": b"1\n"}
    code, report = finish(torn, files, "--reason", "the tale wants both", "--no-remember")
    assert code == 1
    assert report["next"][0].endswith("syncfork continue --reason 'the tale wants both' --no-remember")
    [found] = [f for f in report["findings"] if f["detector"] == "dropped"]
    assert report["next"][1].startswith(
        f"syncfork continue --accept {found['id']} --reason WHY --no-remember "
    )


def test_a_reason_to_accept_what_the_merge_began_with_is_told_with_that(repo: Repo) -> None:
    base = repo.commit({"f": numbered(20)})
    upstreams = {"f": numbered(20, {9: "theirs"}), **rule_files("id: x\nfiles: [f]\nown: ours\n")}
    repo.branch("upstream", repo.commit({k: v for k, v in upstreams.items() if k != "syncfork.toml"}, base))
    own = rule_files("id: y\nfiles: [zzz]\nown: ours\n")
    repo.checkout(
        "main",
        repo.commit(
            {
                "f": numbered(20, {9: "ours"}),
                "syncfork.toml": own["syncfork.toml"],
                **{k.replace("rule-1", "rule-2"): v for k, v in own.items() if k != "syncfork.toml"},
            },
            base,
        ),
    )
    done = repo.syncfork("merge", "upstream", "--format", "json")
    began = next(f for f in done.report["findings"] if f["class"] == "decision")
    finish(repo, {"f": numbered(20, {9: "both"})}, "--accept", began["id"], "--reason", "we reviewed it")
    told_ = message(repo)
    assert "  done: by hand\n" in told_ and told_.count("we reviewed it") == 1
    assert "we reviewed it" in told_.partition("Accepted by hand:")[2]
    explained = repo.syncfork("explain", began["id"])
    assert explained.code == 0 and "accepted: we reviewed it" in explained.out


@pytest.mark.parametrize(
    ("name", "expected"), [("a.py", "note"), ("b.py", "note"), ("not_named.py", "note"), ("c.py", "breakage")]
)
def test_each_place_that_a_finding_is_about_is_one_that_it_asked_about(
    repo: Repo, name: str, expected: str
) -> None:
    """What a person makes there of a call that no longer fits is their answer; elsewhere it is a change that is gone."""
    lib = "def build(a, b):\n    pass\n"
    call = "import lib\nlib.build(3, 4)\n"
    calls: Changes = {"a.py": call, "b.py": call, "e.py": call, "f.py": call, "not_named.py": call}
    base = repo.commit({"story.txt": numbered(9), "lib.py": lib})
    theirs: Changes = {"story.txt": numbered(9, {3: "theirs"}), "lib.py": lib.replace("a, b", "a, b, c")}
    ours: Changes = {"story.txt": numbered(9, {3: "ours"}), **calls, "c.py": "import lib\nlib.other(5, 6)\n"}
    repo.branch("upstream", repo.commit(theirs, base))
    repo.checkout("main", repo.commit(ours, base))
    begun = repo.syncfork("merge", "upstream", "--format", "json").report
    [asked] = [f for f in begun["findings"] if f["detector"] == "signatures"]
    assert "a.py:2" in f"{asked['path']}:{asked['line']}"
    assert "also b.py:2, e.py:2, f.py:2 and 1 more" in asked["message"]
    assert [f"{site['path']}:{site['line']}" for site in asked["also"]] == [
        "b.py:2",
        "e.py:2",
        "f.py:2",
        "not_named.py:2",
    ]
    assert "  not_named.py:2\n" in repo.syncfork("explain", asked["id"]).out
    sarif = json.loads(repo.syncfork("report", "--format", "sarif").out)
    [result] = [each for each in sarif["runs"][0]["results"] if each["ruleId"] == "signatures"]
    related = [each["physicalLocation"]["artifactLocation"]["uri"] for each in result["relatedLocations"]]
    assert related == ["lib.py", "b.py", "e.py", "f.py", "not_named.py"]
    assert [each["id"] for each in result["relatedLocations"]] == [1, 2, 3, 4, 5]
    files: dict[str, bytes | None] = {
        "story.txt": numbered(9, {3: "both"}),
        name: b"import lib\nlib.made()\n",
    }
    _, report = finish(repo, files)
    assert {item[0] for item in told(report) if item[2] == name} == {expected}

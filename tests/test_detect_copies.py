"""Copies of upstream's files under names of the fork's own, without any rule."""

from __future__ import annotations

import re
import time
from collections.abc import Collection

import pytest
from detecting import Scene, seen, told
from git_fixtures import Repo, compile_rules

from syncfork.detect.base import File, View
from syncfork.detect.copies import find
from syncfork.detect.copy_sources import copies
from syncfork.git.repository import Repository
from syncfork.merge.trees import WholeTrees
from syncfork.own.derived import Derived
from syncfork.text import Document

SOURCE = "".join(f"line of the workflow number {n}\n" for n in range(1, 31))
COPY = SOURCE.replace("number 3\n", "number three, ours\n") + "a line of our own at the end\n"


def changed(*numbers: int, text: str = SOURCE) -> str:
    for number in numbers:
        text = text.replace(f"number {number}\n", f"number {number}, improved\n")
    return text


def merge(repo: Repo, theirs: str, copy: str = COPY, path: str = "ci/vlinux.yml", *rules: str) -> list[str]:
    scene = Scene({"ci/linux.yml": SOURCE}, {path: copy}, {"ci/linux.yml": theirs}, rules)
    return told(seen(repo, scene, find))


INTRO = "decision ci/vlinux.yml:{} this is a copy of ci/linux.yml, where upstream changed {}: {}"
SCAN = "a step of upstream's\nthat scans for secrets\n"


def inserted(text: str, after: int, new: str = SCAN) -> str:
    return text.replace(f"number {after}\n", f"number {after}\n{new}")


@pytest.mark.parametrize(
    ("theirs", "copy", "line", "changed_lines", "rest"),
    [
        (changed(7), COPY, 7, "1 line", "1 left to port in 1 place"),
        (changed(7, 8, 20), COPY, 7, "3 lines", "3 left to port in 2 places"),
        # Ported in part; and where the fork has a line of its own.
        (changed(7, 20), changed(7, text=COPY), 20, "2 lines", "1 left to port in 1 place, 1 ported"),
        (changed(3, 20), COPY, 20, "2 lines", "1 left to port in 1 place, 1 where the copy has its own text"),
        # Inserted between lines that the copy has, too, and at the end.
        (inserted(SOURCE, 9), COPY, 9, "2 lines", "2 left to port in 1 place"),
        (SOURCE + SCAN, SOURCE.replace("number 3\n", "ours\n"), 30, "2 lines", "2 left to port in 1 place"),
        # Half of the old lines are there, and the other half is adapted.
        (changed(2, 3), COPY, 2, "2 lines", "2 left to port in 1 place"),
        # Taken out.
        (
            SOURCE.replace("line of the workflow number 7\n", ""),
            COPY,
            7,
            "1 line",
            "1 left to port in 1 place",
        ),
    ],
)
def test_what_is_left_to_port(
    repo: Repo, theirs: str, copy: str, line: int, changed_lines: str, rest: str
) -> None:
    assert merge(repo, theirs, copy) == [INTRO.format(line, changed_lines, rest)]


def test_the_rule_that_it_proposes_is_one_whatever_the_name_is(repo: Repo) -> None:
    source = "ci/[os], {a} #1/linux.yml"
    [found] = seen(repo, Scene({source: SOURCE}, {"ci/vlinux.yml": COPY}, {source: changed(7)}), find)
    said = re.search(r"`(own: .*)`", found.fix)
    assert said
    [rule] = compile_rules(f"id: own\nfiles: [ci/vlinux.yml]\n{said[1]}\n")
    assert isinstance(rule.own, Derived) and rule.own.source == source


@pytest.mark.parametrize(
    ("theirs", "copy", "path"),
    [
        # Ported already; only in lines the fork adapted; only blanks.
        (changed(7), changed(7, text=COPY), "ci/vlinux.yml"),
        (changed(3), COPY, "ci/vlinux.yml"),
        (SOURCE.replace("line of", "line  of"), COPY, "ci/vlinux.yml"),
        (SOURCE, COPY, "ci/vlinux.yml"),
        # Inserted where the copy has it already, or has text of its own.
        (inserted(SOURCE, 9), inserted(COPY, 9), "ci/vlinux.yml"),
        (inserted(SOURCE, 3), COPY, "ci/vlinux.yml"),
        # No copy: too little in common, another kind of file, a file somewhere else altogether.
        (changed(7), "line of the workflow number 7\n" + "something of our own\n" * 30, "ci/vlinux.yml"),
        (changed(7), COPY, "ci/vlinux.sh"),
        (changed(7), COPY, "other/thing.yml"),
    ],
)
def test_nothing_to_port(repo: Repo, theirs: str, copy: str, path: str) -> None:
    assert not merge(repo, theirs, copy, path)


def test_an_old_line_in_its_place_is_left_though_the_new_one_stands_elsewhere_too(repo: Repo) -> None:
    source, copy = ("check: all of the lines\n" + text for text in (SOURCE, COPY))
    theirs = source.replace("line of the workflow number 20\n", "check: all of the lines\n")

    def left(theirs: str, copy: str) -> list[str]:
        scene = Scene({"ci/linux.yml": source}, {"ci/vlinux.yml": copy}, {"ci/linux.yml": theirs})
        return told(seen(repo, scene, find))

    assert left(theirs, copy) == [INTRO.format(21, "1 line", "1 left to port in 1 place")]
    # Ported already; adapted in that place.
    assert not left(theirs, copy.replace("line of the workflow number 20\n", "check: all of the lines\n"))
    assert not left(theirs, copy.replace("number 20\n", "number twenty\n"))
    # An end that becomes another end says nothing.
    ends = source.replace("number 9\n", "number 9\n};\n").replace("number 20\n", "number 20\n}\n")
    scene = Scene(
        {"ci/linux.yml": ends},
        {"ci/vlinux.yml": ends + "ours\n"},
        {"ci/linux.yml": ends.replace("};\n", "}\n")},
    )
    assert not seen(repo, scene, find)


@pytest.mark.parametrize(("size", "own", "found"), [(5, "", True), (4, "", False), (5, "ours = 1\n", False)])
def test_a_short_file_that_is_the_source_word_for_word_is_a_copy(
    repo: Repo, size: int, own: str, found: bool
) -> None:
    source = "".join(SOURCE.splitlines(keepends=True)[:size])
    theirs = source.replace("number 2\n", "number 2, improved\n")
    scene = Scene({"ci/linux.yml": source}, {"own/linux.yml": source + own}, {"ci/linux.yml": theirs})
    assert bool(seen(repo, scene, find)) is found


def test_changes_of_comments_alone_are_a_note(repo: Repo) -> None:
    source, copy = ("# it skips what is unmaintaned\n" + text for text in (SOURCE, COPY))
    for theirs, cls in (
        (source, "note"),
        (source.replace("number 20\n", "number 20, improved\n"), "decision"),
    ):
        scene = Scene(
            {"ci/linux.yml": source},
            {"ci/vlinux.yml": copy},
            {"ci/linux.yml": theirs.replace("maintaned", "maintained")},
        )
        assert [found.cls for found in seen(repo, scene, find)] == [cls]


INCLUDES = '#include "a.h"\n#include "b.h"\n'


@pytest.mark.parametrize(
    ("old", "new", "rest"),
    [
        # An include comes, or goes, with a change of what the copy has its own text for; and for itself.
        ("number 3\n", "number three\n", ""),
        ("", "", "1 left to port in 1 place"),
    ],
)
@pytest.mark.parametrize(
    "includes", ['#include "a.h"\n#include "log.h"\n#include "b.h"\n', '#include "a.h"\n']
)
def test_includes_go_with_what_uses_them(repo: Repo, old: str, new: str, rest: str, includes: str) -> None:
    source, copy = INCLUDES + SOURCE, INCLUDES + COPY
    scene = Scene({"a.cpp": source}, {"own.cpp": copy}, {"a.cpp": includes + SOURCE.replace(old, new, 1)})
    found = told(seen(repo, scene, find))
    assert [line.partition("changed 1 line: ")[2] for line in found] == ([rest] if rest else [])


def test_what_upstream_took_out_of_lines_it_wrote_anew(repo: Repo) -> None:
    # The fork's number three may need what number 5 made; far away from it, a line that goes is a change for itself.
    for gone, number in ((5, 0), (20, 1)):
        theirs = SOURCE.replace("number 3\n", "number three, upstream's\n")
        theirs = theirs.replace(f"line of the workflow number {gone}\n", "")
        assert len(merge(repo, theirs)) == number


def test_a_whole_block_that_upstream_took_out_beside_them_is_told(repo: Repo) -> None:
    theirs = "".join(line for n, line in enumerate(SOURCE.splitlines(keepends=True), 1) if not 5 <= n <= 12)
    (found,) = merge(repo, theirs.replace("number 3\n", "number three, upstream's\n"))
    assert found.endswith(": 8 left to port in 1 place, 1 where the copy has its own text")


def test_an_excerpt_is_no_copy(repo: Repo) -> None:
    source = SOURCE + "".join(f"what the excerpt has not, {n}\n" for n in range(300))
    scene = Scene(
        {"ci/linux.yml": source}, {"ci/vlinux.yml": COPY}, {"ci/linux.yml": changed(7, text=source)}
    )
    assert not seen(repo, scene, find)


def test_a_derived_rule_ports_it_itself(repo: Repo) -> None:
    rule = "id: r\nfiles: [ci/vlinux.yml]\nown: { derived: ci/linux.yml }"
    assert not merge(repo, changed(7), COPY, "ci/vlinux.yml", rule)


def test_the_fix_holds_what_to_port_and_the_culprits_lines(repo: Repo) -> None:
    scene = Scene({"ci/linux.yml": SOURCE}, {"ci/vlinux.yml": COPY}, {"ci/linux.yml": changed(7)})
    [found] = seen(repo, scene, find)
    assert "@@ line 7\n-line of the workflow number 7\n+line of the workflow number 7, improved" in found.code
    assert found.added == ("line of the workflow number 7, improved",)


def test_the_fix_shows_the_largest_changes(repo: Repo) -> None:
    theirs = inserted(changed(*range(1, 30, 3)), 21, SCAN * 6)
    scene = Scene({"ci/linux.yml": SOURCE}, {"ci/vlinux.yml": SOURCE}, {"ci/linux.yml": theirs})
    [found] = seen(repo, scene, find)
    assert found.code.count("@@ line") == 6
    assert "+... 5 more lines" in found.code and found.code.endswith("... and 4 smaller places")
    assert found.message.endswith("changed 22 lines: 22 left to port in 10 places")


def test_many_copies_of_one_source_are_told_as_one(repo: Repo) -> None:
    copies = {f"ci/linux-{name}.yml": COPY for name in "abcdef"}
    scene = Scene({"ci/linux.yml": SOURCE}, dict(copies), {"ci/linux.yml": changed(7)})
    [found] = seen(repo, scene, find)
    assert told([found]) == [
        "decision ci/linux-a.yml:7 this and 5 more files are copies of ci/linux.yml, where upstream changed 1 line: "
        "1 left to port in 1 place; the others are ci/linux-b.yml, ci/linux-c.yml, ci/linux-d.yml, ci/linux-e.yml and 1 more"
    ]
    assert found.fix.endswith("and merges port it; the same is left in the others")
    assert found.code.endswith("@@ the same in ci/linux-e.yml\n@@ the same in ci/linux-f.yml")


def test_only_copies_of_which_the_same_is_to_be_said_are_told_as_one(repo: Repo) -> None:
    copies = {f"ci/linux-{name}.yml": COPY for name in "bcde"}
    ported = {"ci/linux-a.yml": changed(9, text=COPY)}
    scene = Scene({"ci/linux.yml": SOURCE}, {**ported, **copies}, {"ci/linux.yml": changed(7, 9)})
    alone, together = sorted(seen(repo, scene, find), key=lambda found: found.path)
    assert (
        alone.message.endswith("1 left to port in 1 place, 1 ported") and "3 more files" in together.message
    )
    # An acceptance of one copy, as it was told alone, is none of them all.
    scene = Scene(scene.base, {"ci/linux-b.yml": COPY}, scene.theirs)
    [was] = seen(repo, scene, find)
    assert was.path == together.path and was.key != together.key


@pytest.mark.parametrize(("path", "found"), [("ci/vlinux.yml", True), ("other/linux.yml", False)])
def test_files_of_one_name_elsewhere_have_to_share_more(repo: Repo, path: str, found: bool) -> None:
    """A common form makes no copy; that of the same folder, half of which is the source's, is one."""
    half = SOURCE.splitlines(keepends=True)[:15] + [f"what only this one does {n}\n" for n in range(15)]
    assert bool(merge(repo, changed(7), "".join(half), path)) is found
    most = SOURCE.splitlines(keepends=True)[:22] + [f"what only this one does {n}\n" for n in range(8)]
    assert merge(repo, changed(7), "".join(most), path)


@pytest.mark.parametrize(("others", "found"), [(5, 1), (20, 0)])
@pytest.mark.parametrize("name", ["config.h", "con[f]ig *.h"])
def test_where_many_files_have_one_name_they_are_of_one_form(
    repo: Repo, name: str, others: int, found: int
) -> None:
    boards = {f"board{n}/{name}": f"{n}\n" for n in range(others)}
    scene = Scene({f"ci/{name}": SOURCE, **boards}, {f"own/{name}": COPY}, {f"ci/{name}": changed(7)})
    assert len(seen(repo, scene, find)) == found


@pytest.mark.parametrize(
    ("new", "found"),
    [
        (SOURCE.replace("number 7\n", "number 7, improved\n"), 1),
        # Git takes the one for the other: more than half of it is the same.
        ("".join(f"line of the workflow number {n}\n" for n in (*range(1, 19), *range(101, 113))), 0),
    ],
)
def test_a_source_is_what_upstream_went_on_with(repo: Repo, new: str, found: int) -> None:
    base, theirs = {"ci/linux.yml": SOURCE}, {"ci/linux.yml": None, "ci/new/linux.yml": new}
    [change] = Repository.open(repo.path).changes(repo.commit(base), repo.commit({"ci/new/linux.yml": new}))
    assert change.renamed
    assert len(seen(repo, Scene(base, {"ci/vlinux.yml": COPY}, theirs), find)) == found


@pytest.mark.parametrize(
    ("other", "told_of"), [(changed(9), True), (COPY.replace("number 4\n", "4\n"), False)]
)
def test_a_copy_of_a_file_that_upstream_has_not_changed_is_no_copy_of_its_neighbour(
    repo: Repo, other: str, told_of: bool
) -> None:
    base = {"ci/linux.yml": SOURCE, "ci/macos.yml": other, "ci/deep/x.yml": COPY, "ci/macos.txt": COPY}
    scene = Scene(base, {"ci/vlinux.yml": COPY}, {"ci/linux.yml": changed(7)})
    assert bool(seen(repo, scene, find)) == told_of


@pytest.mark.parametrize(("copy", "times"), [(COPY, 1), (SOURCE, 0)])
def test_a_folder_is_read_once_for_all_its_copies_if_at_all(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, copy: str, times: int
) -> None:
    asked: list[str] = []
    beside = WholeTrees.beside

    def counting(trees: WholeTrees, side: str, paths: Collection[str]) -> dict[str, Document]:
        asked.extend(paths)
        return beside(trees, side, paths)

    monkeypatch.setattr(WholeTrees, "beside", counting)
    copies: dict[str, str | None] = {f"ci/linux-{name}.yml": copy for name in "abc"}
    scene = Scene({"ci/linux.yml": SOURCE, "ci/macos.yml": changed(9)}, copies, {"ci/linux.yml": changed(7)})
    assert len(seen(repo, scene, find)) == 3
    assert len(asked) == times


def test_thousands_of_own_files_beside_thousands_of_upstream_s(repo: Repo) -> None:
    def file(name: str, lines: str, own: bool) -> File:
        ours = Document(f"src/{name}.py", lines)
        base, theirs = (None, None) if own else (ours, Document(ours.path, ""))
        return File(ours.path, base, ours, theirs, ours)

    texts = ["".join(f"{line} of text number {n}\n" for line in range(30)) for n in range(1000)]
    files = [
        file(f"{kind}{n}", text, kind == "own") for n, text in enumerate(texts) for kind in ("own", "up")
    ]
    repository = Repository.open(repo.path)
    view = View(files, WholeTrees(repository, repository.git, {}), lambda _: False, lambda _: False)
    start = time.process_time()
    found = list(copies(view))
    assert time.process_time() - start < 8
    assert [(copy.path, source.path) for copy, source in found] == [
        (f"src/own{n}.py", f"src/up{n}.py") for n in range(1000)
    ]


def blocks(*names: str) -> str:
    return "".join(
        f"fun {name}() {{\n    // says what it is\n    return {name}.value\n}}\n\n" for name in names
    )


@pytest.mark.parametrize(
    ("kept", "found"),
    [
        # The bracket before the new block closes another one in the copy, which lacks the whole of it.
        (blocks("ours"), False),
        # One that the fork adapted is still that block.
        (blocks("last").replace("last.value", "last.ours"), True),
    ],
)
def test_a_bracket_alone_does_not_tell_after_which_block_upstream_put_another(
    repo: Repo, kept: str, found: bool
) -> None:
    start, end = blocks("one", "two", "three", "four", "five"), "setUpWhatThisDependsOn()\n"
    source, copy = (
        start + blocks("last").replace("// says what it is", "last.start()") + end,
        start + kept + end,
    )
    theirs = source.replace(end, blocks("another") + end)
    scene = Scene({"app/build.kts": source}, {"own/build.kts": copy}, {"app/build.kts": theirs})
    assert bool(seen(repo, scene, find)) == found


@pytest.mark.parametrize(
    ("path", "asked"),
    [("pkg/lib/linux.yml", True), ("vendor/lib/linux.yml", False), ("web/node_modules/a/linux.yml", False)],
)
def test_what_a_package_manager_wrote_is_not_ported_by_hand(repo: Repo, path: str, asked: bool) -> None:
    assert bool(merge(repo, changed(7), path=path)) == asked

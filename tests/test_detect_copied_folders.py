"""Folders of the fork's that are copies of one of upstream's, without any rule."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping

import pytest
from detecting import Scene, seen, told
from git_fixtures import Repo, compile_rules
from test_merge_rules import sync

from syncfork.detect.base import Found
from syncfork.detect.copies import find
from syncfork.own.derived_folder import DerivedFolder
from syncfork.rules.accepting import Accept

NAMES = [f"{folder}{name}.js" for folder in ("", "deep/") for name in "abcdef"]


def text(name: str, *improved: int) -> str:
    ends = dict.fromkeys(improved, ", improved")
    return "".join(f"{name} does its step number {n}{ends.get(n, '')}\n" for n in range(1, 16))


def below(folder: str, files: Mapping[str, str | None]) -> dict[str, str | None]:
    return {f"{folder}/{name}": content for name, content in files.items()}


BASE = {name: text(name) for name in NAMES}
OURS: dict[str, str | None] = {name: text(name).replace("number 3\n", "number 3, ours\n") for name in NAMES}
# More than the fewest that prove a folder.
CHANGED: dict[str, str | None] = {name: text(name, 7, 8) for name in NAMES[:5]}


def look(
    repo: Repo,
    theirs: Mapping[str, str | None],
    ours: Mapping[str, str | None] = OURS,
    base: Mapping[str, str] = BASE,
    *rules: str,
) -> list[Found]:
    had = {f"web/main/{name}": content for name, content in base.items()}
    scene = Scene(had, below("web/own/main2", ours), below("web/main", theirs), rules)
    return seen(repo, scene, find)


FOLLOWS = "decision web/own/main2:0 this folder follows web/main: "


def test_many_copies_in_one_folder_are_one_finding(repo: Repo) -> None:
    [found] = look(repo, CHANGED)
    assert told([found]) == [f"{FOLLOWS}5 files to port (10 lines)"]
    assert 'files: ["web/own/main2/**"]' in found.fix and 'derived: "web/main/**"' in found.fix
    assert "-a.js does its step number 7\n" in found.code
    assert set(found.beside) == {f"web/main/{name}" for name in NAMES[:5]}


@pytest.mark.parametrize(
    ("copy", "source"),
    [("own/[lang]/x", "web/[lang]"), ('it\'s "our" {a,b}', "web/{main}: #1"), ("!own", "web/main")],
)
def test_the_rule_that_it_proposes_is_one_whatever_the_names_are(repo: Repo, copy: str, source: str) -> None:
    base = {f"{source}/{name}": content for name, content in BASE.items()}
    [found] = seen(repo, Scene(base, below(copy, OURS), below(source, CHANGED)), find)
    said = re.fullmatch(
        r"make it a rule \(`(files: .*)` and `(own: .*)`\), and merges port it; or .*", found.fix
    )
    assert said
    [rule] = compile_rules(f"id: own\n{said[1]}\n{said[2]}\n")
    assert rule.files.match(f"{copy}/deep/a.js") and not rule.files.match("web/own/deep/a.js")
    assert isinstance(rule.own, DerivedFolder) and (rule.own.copy, rule.own.source) == (copy, source)


def test_of_a_proven_folder_the_name_is_proof_enough(repo: Repo) -> None:
    """A short one, one that has little in common with its source any more, and one that lost a line of the change."""
    ours = {
        **OURS,
        "deep/e.js": "deep/e.js does its step number 7\n" + "something of our own, altogether\n" * 30,
        "one.js": "export one\nexport two\n",
    }
    base = {**BASE, "one.js": "export one\nexport two\n"}
    theirs = {**CHANGED, "deep/e.js": text("deep/e.js", 7), "one.js": "export one\nexport zwei\n"}
    assert told(look(repo, theirs, ours, base)) == [f"{FOLLOWS}7 files to port (12 lines)"]


def test_what_upstream_adds_deletes_and_renames_is_asked_of_the_copy(repo: Repo) -> None:
    theirs = {
        **CHANGED,
        "deep/new.js": text("new"),
        "deep/below/new.js": text("newer"),
        "deep/a.js": None,
        "deep/b.js": None,
        "deep/other.js": BASE["deep/b.js"],
    }
    [found] = look(repo, theirs)
    assert told([found]) == [
        f"{FOLLOWS}5 files to port (10 lines), 2 new files there, 1 file renamed there, "
        "1 file deleted there that is still here"
    ]
    for line in (
        "@@ new there: deep/below/new.js, deep/new.js",
        "@@ renamed there: deep/b.js to deep/other.js",
        "@@ deleted there: deep/a.js",
    ):
        assert line in found.code.split("\n")


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        # People did all of it already.
        ({"deep/new.js": text("new")}, {"deep/new.js": text("new, ours")}),
        ({"deep/a.js": None}, {"deep/a.js": None}),
        (
            {"deep/b.js": None, "other.js": BASE["deep/b.js"]},
            {"deep/b.js": None, "other.js": OURS["deep/b.js"]},
        ),
        # The fork never took over what is there.
        ({"tests/new.js": text("new")}, {}),
    ],
)
def test_what_the_copy_has_done_or_never_had_is_not_asked(
    repo: Repo, theirs: dict[str, str | None], ours: dict[str, str | None]
) -> None:
    mine = {name: content for name, content in {**OURS, **ours}.items() if content is not None}
    base = {**BASE, "tests/one.js": text("one"), "tests/two.js": text("two")}
    assert told(look(repo, {**CHANGED, **theirs}, mine, base)) == [f"{FOLLOWS}5 files to port (10 lines)"]


def test_many_new_files_in_a_large_folder_take_no_longer(repo: Repo) -> None:
    """To look for each one's neighbours among all files took a time that grew with both."""
    many = {f"many/{n % 50}/{n}": "" for n in range(8_000)}
    new: dict[str, str | None] = {f"many/{n % 50}/new{n}": "" for n in range(5_000)}
    began = time.monotonic()
    [found] = look(repo, {**CHANGED, **new}, {**OURS, **many}, {**BASE, **many})
    assert "5000 new files there" in found.message
    assert time.monotonic() - began < 8


def test_folders_that_only_have_names_in_common_are_none_that_follow(repo: Repo) -> None:
    """Most of what has the same name is something else: then each copy is told by itself."""
    ours = {**OURS, **{name: f"{name}, all our own\n" * 20 for name in NAMES[3:]}}
    theirs = {name: text(name, 7, 8) for name in NAMES}
    found = look(repo, theirs, ours)
    assert [item.path for item in found] == [f"web/own/main2/{name}" for name in ("a.js", "b.js", "c.js")]
    # A folder of the fork's own that borrowed a few files.
    borrowed = {**{name: OURS[name] for name in NAMES[:4]}, **{f"own{n}.js": f"{n}\n" for n in range(9)}}
    assert len(look(repo, theirs, borrowed)) == 4


def test_the_report_lists_upstream_s_commits_and_takes_the_folder_s_acceptance(repo: Repo) -> None:
    base = {f"web/main/{name}": content.encode() for name, content in BASE.items()}
    ours = {f"web/own/main2/{name}": (content or "").encode() for name, content in OURS.items()}
    theirs = {f"web/main/{name}": (content or "").encode() for name, content in CHANGED.items()}
    report = sync(repo, base, ours, theirs, "id: other\nfiles: [other]\nown: ours\n")
    [finding] = [item for item in report.findings if item.detector == "copies"]
    commits, places = finding.code.split("\n@@ ", 1)
    assert len(finding.culprits) == len(commits.split("\n")) == 1
    assert finding.culprits[0].commit[:9] in commits and commits.endswith(": a.js, b.js and 3 more")
    assert places.startswith("web/own/main2/a.js: 2 lines\n")
    for files, covered in (
        (("web/own/main2/**",), True),
        (("web/own/main2",), True),
        (("web/*",), True),
        (("web/own/**", "!web/own/deep/**", "!*.md"), True),
        (("!web/own/main2/a.js", "web/own/**"), True),
        (("web/own/main/**",), False),
        (("web/own/main2/?",), False),
        (("web/own/main2/*/**",), False),
        (("web/own/main2/**", "!web/own/main2/deep/**"), False),
        (("web/own/main2", "!web/own/main2/a.js"), False),
        (("web/**", "!web/**/*.md"), False),
        (("web/**", "!web/own"), False),
    ):
        accept = Accept(detector="copies", files=files, reason="We port these when we come to it.")
        assert accept.covers(finding) == covered, files


def test_a_rule_for_the_folder_leaves_nothing_to_tell(repo: Repo) -> None:
    rule = "id: own\nfiles: ['web/own/main2/**']\nown: {derived: 'web/main/**'}\n"
    assert not look(repo, {**CHANGED, "deep/new.js": text("new")}, OURS, BASE, rule)

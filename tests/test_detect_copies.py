"""Copies of upstream's files under names of the fork's own, without any rule."""

from __future__ import annotations

import pytest
from detecting import Scene, seen, told
from git_fixtures import Repo

from syncfork.detect.copies import find

SOURCE = "".join(f"line of the workflow number {n}\n" for n in range(1, 31))
COPY = SOURCE.replace("number 3\n", "number three, ours\n") + "a line of our own at the end\n"


def changed(*numbers: int, text: str = SOURCE) -> str:
    for number in numbers:
        text = text.replace(f"number {number}\n", f"number {number}, improved\n")
    return text


def merge(repo: Repo, theirs: str, copy: str = COPY, path: str = "ci/vlinux.yml", *rules: str) -> list[str]:
    scene = Scene({"ci/linux.yml": SOURCE}, {path: copy}, {"ci/linux.yml": theirs}, rules)
    return told(seen(repo, scene, find))


def test_a_change_that_the_copy_has_not(repo: Repo) -> None:
    assert merge(repo, changed(7, 8, 20)) == [
        "decision ci/vlinux.yml:7 this is a copy of ci/linux.yml, where upstream changed 6 lines that the copy "
        "still has as they were, in 2 places; 2 lines of the copy are the fork's own"
    ]


@pytest.mark.parametrize(
    ("theirs", "copy", "path"),
    [
        # Ported already; only in lines the fork adapted; only blanks; added far from anything of the copy's.
        (changed(7), changed(7, text=COPY), "ci/vlinux.yml"),
        (changed(3), COPY, "ci/vlinux.yml"),
        (SOURCE.replace("line of", "line  of"), COPY, "ci/vlinux.yml"),
        (SOURCE, COPY, "ci/vlinux.yml"),
        # No copy: too little in common, another kind of file, a file somewhere else altogether.
        (changed(7), "line of the workflow number 7\n" + "something of our own\n" * 30, "ci/vlinux.yml"),
        (changed(7), COPY, "ci/vlinux.sh"),
        (changed(7), COPY, "other/thing.yml"),
    ],
)
def test_nothing_to_port(repo: Repo, theirs: str, copy: str, path: str) -> None:
    assert not merge(repo, theirs, copy, path)


def test_a_derived_rule_ports_it_itself(repo: Repo) -> None:
    rule = "id: r\nfiles: [ci/vlinux.yml]\nown: { derived: ci/linux.yml }"
    assert not merge(repo, changed(7), COPY, "ci/vlinux.yml", rule)


def test_the_fix_holds_what_to_port_and_the_culprits_lines(repo: Repo) -> None:
    scene = Scene({"ci/linux.yml": SOURCE}, {"ci/vlinux.yml": COPY}, {"ci/linux.yml": changed(7)})
    [found] = seen(repo, scene, find)
    assert "@@ line 7\n-line of the workflow number 7\n+line of the workflow number 7, improved" in found.fix
    assert found.added == ("line of the workflow number 7, improved",)

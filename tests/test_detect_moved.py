"""Files that the fork moved and rewrote, in which upstream works on under the old name."""

from __future__ import annotations

import pytest
from detecting import told
from git_fixtures import Repo, compile_rules, numbered

from syncfork.detect.base import Found
from syncfork.detect.moved import find
from syncfork.git.repository import Repository
from syncfork.merge.detecting import MERGED, Subject, make_view
from syncfork.merge.engine import lifted_merge
from syncfork.merge.workspace import workspace
from syncfork.own.base import BASE, OURS, THEIRS

OLD = numbered(30)
NEW = numbered(30, {4: "improved", 20: "better"})
REWRITTEN = numbered(40, prefix="quite another line") + b"line 4\n"


def merged(
    repo: Repo, *ours: dict[str | bytes, bytes | None], theirs: bytes | None, rule: str = ""
) -> list[Found]:
    """What is found where the fork made the commits `ours` one after the other, and upstream one."""
    base = repo.commit({"src/engine.c": OLD, "other": "1"})
    tip = base
    for changes in ours:
        tip = repo.commit(changes, tip)
    upstream = repo.commit({"src/engine.c": theirs}, base)
    repository = Repository.open(repo.path)
    rules = compile_rules(rule) if rule else ()
    with workspace(repository) as space:
        merge = lifted_merge(space, tip, upstream, [base], rules, {OURS: "ours", THEIRS: "theirs"})
        trees = {BASE: base, OURS: tip, THEIRS: upstream, MERGED: merge.merged.tree}
        subject = Subject(trees, merge.sides.by_ours, merge.sides.by_theirs, merge.merged.conflicts)
        return list(find(make_view(repository, space.git, subject, rules)))


MOVE: dict[str | bytes, bytes | None] = {"src/engine.c": None, "src/engine/main.c": OLD}
SAYS = "decision {}:1 the fork moved src/engine.c here, and upstream changed 2 lines of it that are not here"


@pytest.mark.parametrize("rule", ["", "id: gone\nfiles: [src/engine.c]\nown: absent"])
def test_what_upstream_changed_under_the_old_name(repo: Repo, rule: str) -> None:
    found = merged(repo, MOVE, {"src/engine/main.c": REWRITTEN}, theirs=NEW, rule=rule)
    assert told(found) == [SAYS.format("src/engine/main.c")]
    assert "-line 20\n+better" in found[0].code
    assert "improved" in found[0].added and found[0].upstream and found[0].upstream.path == "src/engine.c"


def test_it_is_followed_through_several_moves(repo: Repo) -> None:
    again: dict[str | bytes, bytes | None] = {"src/engine/main.c": None, "core/start.c": REWRITTEN}
    found = merged(repo, MOVE, {"src/engine/main.c": REWRITTEN}, again, theirs=NEW)
    assert told(found) == [SAYS.format("core/start.c")]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        # Ported by the fork already; deleted for good; moved, and then deleted; followed by git itself.
        ((MOVE, {"src/engine/main.c": REWRITTEN.replace(b"line 4\n", b"improved\nbetter\n")}), NEW),
        (({"src/engine.c": None},), NEW),
        # Deleted, and in the same commit came a file of the same form.
        (
            ({"src/engine.c": None, "src/pump.c": numbered(18) + REWRITTEN[:90]}, {"src/pump.c": REWRITTEN}),
            NEW,
        ),
        ((MOVE, {"src/engine/main.c": None}), NEW),
        ((MOVE,), NEW),
        # Upstream did nothing to it.
        ((MOVE, {"src/engine/main.c": REWRITTEN}), OLD),
    ],
)
def test_nothing_to_port(
    repo: Repo, ours: tuple[dict[str | bytes, bytes | None], ...], theirs: bytes
) -> None:
    assert not merged(repo, *ours, theirs=theirs)


def test_a_file_that_upstream_deleted_as_well(repo: Repo) -> None:
    assert not merged(repo, MOVE, {"src/engine/main.c": REWRITTEN}, theirs=None)


def test_upstream_renamed_it_too(repo: Repo) -> None:
    base = repo.commit({"src/engine.c": OLD, "other": "1"})
    ours = repo.commit({"src/engine/main.c": REWRITTEN}, repo.commit(MOVE, base))
    repo.branch("up", repo.commit({"src/engine.c": None, "src/motor.c": NEW}, base))
    repo.checkout("main", ours)
    found = repo.syncfork("merge", "up", "--dry-run", "--format", "json").report["findings"]
    assert [f["message"] for f in found if f["detector"] == "moved"] == [SAYS.format("x").partition(":1 ")[2]]


def test_a_move_of_upstreams_is_not_the_forks(repo: Repo) -> None:
    root = repo.commit({"src/engine.c": OLD, "other": "1"})
    moved = repo.commit({"src/engine.c": None, "src/motor.c": OLD}, root)
    own = repo.commit({"own": "1"}, root)
    # Both merged each other; then upstream made the old file anew and the fork rewrote the new one.
    ours = repo.commit(
        {"src/motor.c": REWRITTEN}, repo.commit({"src/engine.c": None, "src/motor.c": OLD}, own, moved)
    )
    crossed = repo.commit({"own": "1"}, moved, own)
    repo.branch("up", repo.commit({"src/engine.c": NEW}, crossed))
    repo.checkout("main", ours)
    found = repo.syncfork("merge", "up", "--dry-run", "--format", "json").report["findings"]
    assert not [f for f in found if f["detector"] == "moved"]

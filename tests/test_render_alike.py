"""What a merge says of many files in the same words is said once, in every form that people read."""

from __future__ import annotations

import pytest
from git_fixtures import Repo, lines
from msgspec.structs import replace
from rendering import life

from syncfork.alike import alike, in_folders, left_alike
from syncfork.merge.message import merge_message, retold
from syncfork.render import markdown, terminal
from syncfork.report import ConflictItem, Culprit, Report, ResolutionItem, RuleItem

SYNCED = Culprit("a" * 40, "Sync strings", "Una", "2026-01-01")
UPDATED = Culprit("b" * 40, "Update screenshots", "Una", "2026-01-02")


def shot(path: str, *culprits: Culprit) -> ConflictItem:
    return ConflictItem(path, "modify/delete", 1, culprits or (SYNCED,))


def report_of(*left: ConflictItem, resolved: tuple[ResolutionItem, ...] = ()) -> Report:
    whole = replace(life(), verb="merge", drift=None, findings=(), rules=(), warnings=())
    return replace(whole, git_alone=left, conflicts=left, resolutions=resolved)


SHOTS = tuple(shot(f"shots/de/{n}.png", UPDATED if n == 2 else SYNCED) for n in range(30))


def test_few_are_told_one_by_one() -> None:
    assert left_alike(SHOTS[:3]) == [(item,) for item in SHOTS[:3]]


def test_a_group_stands_where_its_first_item_stood_and_what_is_like_nothing_stays_alone() -> None:
    text = tuple(ConflictItem(f"shots/de/{n}.txt", "contents", 1) for n in range(5))
    other = shot("shots/other.png")
    groups = left_alike((text[0], *SHOTS[:2], other, *SHOTS[2:4], *text[1:]))
    assert groups == [(text[0],), SHOTS[:4], (other,), *((item,) for item in text[1:])]
    assert alike([1, 2, 3, 4, 5, 6, 7, 8], lambda n: n % 2) == [(1, 3, 5, 7), (2, 4, 6, 8)]


@pytest.mark.parametrize(
    ("paths", "told"),
    [
        (["a", "b"], "2 files in ./"),
        (["x/a", "x/b", "x/y/c"], "3 files: 2 in x/, 1 in x/y/"),
        (["1/a", "2/a", "3/a", "4/a", "4/b"], "5 files: 2 in 4/, 1 in 1/, 1 in 2/ and 1 more"),
    ],
)
def test_where_files_are(paths: list[str], told: str) -> None:
    assert in_folders(paths) == told


def test_a_terminal_tells_a_folder_of_them_in_three_lines() -> None:
    text = terminal.render(report_of(*SHOTS))
    assert "✗ shots/de/  30 files, modify/delete\n      0.png, 1.png, 2.png and 27 more\n" in text
    assert "Sync strings  Una, 2026-01-01  and 1 more" in text
    assert text.count(".png") == 3


def test_markdown_names_each() -> None:
    text = markdown.render(report_of(*SHOTS))
    assert "- [ ] `shots/de/`: 30 files, modify/delete<br>upstream: " in text
    assert text.count("\n  - `29.png`") == 2  # left, and what git alone would have left
    assert text.count("Sync strings") == 2


def test_what_one_resolver_did_is_told_once() -> None:
    done = [
        ResolutionItem(f"{'ab'[n % 2]}/{n}", "resolver deletions", "stays deleted", 1, True) for n in range(9)
    ]
    other = ResolutionItem("c", "resolver deletions", "another reason", 1, True)
    report = report_of(resolved=(*done, other))
    text = terminal.render(report)
    assert "✓ 9 files: 5 in a/, 4 in b/  resolver deletions\n      stays deleted\n" in text
    assert "✓ c  resolver deletions\n      another reason\n" in text
    shown = markdown.render(report)
    assert "- 9 files: resolver deletions<br>stays deleted\n  - `a/0`\n" in shown and "  - `b/7`\n" in shown


def kept_out(path: str, detail: str = "kept out") -> RuleItem:
    return RuleItem("no-shots", path, "applied", 1, "theirs", "We have our own.", detail)


def test_markdown_tells_once_what_one_rule_did_and_where() -> None:
    done = [kept_out(f"{'ab'[n % 3 > 1]}/{n}") for n in range(12)]
    others = [kept_out(f"a/other{n}", "though upstream goes on changing it") for n in range(3)]
    text = markdown.render(replace(report_of(), rules=(*done, kept_out("top"), *others)))
    assert (
        "- `no-shots` in 13 files: kept out<br>We have our own.\n"
        "  - `a/`: 8 files, `0`, `1`, `3` and 5 more\n"
        "  - `b/`: 4 files, `2`, `5`, `8` and 1 more\n"
        "  - `top`\n"
    ) in text
    # Few are told one by one.
    assert text.count("in `a/other") == 3
    replaced = [replace(item, detail="", sites=2) for item in done]
    assert "in 12 files: 24 places<br>" in markdown.render(replace(report_of(), rules=tuple(replaced)))


def test_markdown_does_not_name_every_folder_of_thousands_of_files() -> None:
    done = tuple(kept_out(f"shots/{n % 97}/{n}.png") for n in range(3000))
    text = markdown.render(replace(report_of(), rules=done))
    assert text.count("31 files, ") == 20
    assert f"\n  - {3000 - 20 * 31} more files in 77 folders: the JSON report names them\n" in text


def test_what_was_remembered_of_one_merge_is_told_once() -> None:
    told = [ResolutionItem(f"a/{n}", f"memory {n}{n}", "as Ann did", 1, True) for n in range(5)]
    one = [ResolutionItem("b", f"memory b{n}", "as Bob did", 1, True) for n in range(4)]
    report = report_of(resolved=(*told, *one))
    text = terminal.render(report)
    assert "✓ 5 files in a/  memory 00, 11, 22 and 2 more\n      as Ann did\n" in text
    assert "✓ b  memory b0, b1, b2 and 1 more\n      as Bob did\n" in text
    shown = markdown.render(report)
    assert "- 5 files: memory 00, 11, 22 and 2 more<br>as Ann did\n  - `a/0`\n" in shown
    assert shown.count("`b`") == 1


def test_a_message_tells_once_what_is_the_same_and_is_told_anew_where_it_no_longer_is() -> None:
    was = report_of(*SHOTS)
    message = merge_message(was)
    assert "\n\nshots/de/0.png\nshots/de/1.png\nshots/de/3.png\n" in message
    assert "\nand 9 more\n  upstream: Sync strings\n  done: by hand (modify/delete)\n" in message
    assert "\n\nshots/de/2.png\n  upstream: Update screenshots\n" in message
    gone = tuple(
        ResolutionItem(item.path, "remembered", "it goes", 1, True)
        for item in SHOTS
        if item.path < "shots/de/2"
    )
    now = replace(was, conflicts=tuple(i for i in SHOTS if i.path >= "shots/de/2"), resolutions=gone)
    written = message.replace("in 30 files", "in 30 files, as ever")
    # What a person wrote stays, and the parts of a group stand where it stood.
    blocks = retold(written, was, now).rstrip("\n").split("\n\n")
    assert blocks[1].endswith("in 30 files, as ever.")
    assert sorted(blocks[2:]) == sorted(merge_message(now).rstrip("\n").split("\n\n")[2:])
    assert len(blocks) == 5


def test_a_folder_that_the_fork_deleted_and_upstream_changed(repo: Repo) -> None:
    files = {f"shots/{n}.txt": lines(f"shot {n}", "old") for n in range(12)}
    base = repo.commit({**files, "app": lines("1", "2", "3")})
    repo.branch(
        "upstream",
        repo.commit({path: lines(path, "new") for path in files} | {"app": lines("1", "b", "3")}, base),
    )
    repo.checkout("main", repo.commit(dict.fromkeys(files) | {"app": lines("1", "a", "3")}, base))
    done = repo.syncfork("merge", "upstream")
    assert done.code == 1
    assert "✗ app  1 conflict\n" in done.out
    assert "✗ shots/  12 files, modify/delete\n" in done.out and done.out.count("shots/") == 1
    repo.git("rm", "-rq", "shots")
    (repo.path / "app").write_bytes(lines("1", "both", "3"))
    repo.git("add", "app")
    done = repo.syncfork("continue")
    assert done.code == 0, done.out + done.err
    message = repo.git("log", "-1", "--format=%B")
    assert "shots/9.txt\n  upstream:" in message and message.count("modify/delete") == 1

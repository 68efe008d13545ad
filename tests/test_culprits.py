"""Who did it: the upstream commits that a finding names."""

from __future__ import annotations

import pytest
from git_fixtures import Repo

from syncfork.git.repository import Repository
from syncfork.merge.culprits import History, history
from syncfork.merge.mergetree import Hunk

USES = "steps:\n- uses: acme/{}@{}\n  with: {{token: x}}\n"


def upstream(repo: Repo, *texts: str | None, path: str = "ci.yml") -> tuple[History, list[str]]:
    """A history of one file, of which the first text is the merge base's; and its commits."""
    made = [repo.commit({path: texts[0], "other": "x\n"})]
    for text in texts[1:]:
        made.append(repo.commit({path: text}, made[-1], message=f"step {len(made)}"))
    return history(Repository.open(repo.path), made[0], made[-1], [path], None), made


def culprits(found: History, line: str, *names: str) -> list[str]:
    return [item.commit for item in found.of_lines("ci.yml", added={line.strip()}, names=names)]


def test_who_brought_a_name_and_not_who_moved_its_version(repo: Repo) -> None:
    found, made = upstream(repo, "steps:\n", *(USES.format("tool", f"v{n}") for n in (1, 2, 3)))
    line = "- uses: acme/tool@v3"
    assert culprits(found, line, "acme/tool") == [made[1]]
    assert culprits(found, line) == [made[3]]
    assert culprits(found, line, "acme/to") == [made[3]]


def test_a_name_that_went_and_came_again_is_the_later_ones(repo: Repo) -> None:
    texts = [USES.format("tool", "v1"), "steps:\n", USES.format("tool", "v2"), USES.format("tool", "v3")]
    found, made = upstream(repo, "steps:\n", *texts)
    assert culprits(found, "- uses: acme/tool@v3", "acme/tool") == [made[3]]


def test_a_later_mention_did_not_bring_the_name(repo: Repo) -> None:
    uses, more = "steps:\n- uses: acme/tool@{}\nend: 1\n", "# acme/tool is fine\n"
    texts = [uses.format("v1"), uses.format("v1") + more, uses.format("v2") + more]
    found, made = upstream(repo, "steps:\nend: 1\n", *texts)
    assert culprits(found, "- uses: acme/tool@v2", "acme/tool") == [made[1]]
    assert culprits(found, more, "acme/tool") == [made[2]]


def test_a_name_in_the_place_of_another_is_brought_by_that(repo: Repo) -> None:
    found, made = upstream(repo, USES.format("old", "v1"), USES.format("new", "v1"), USES.format("new", "v2"))
    assert culprits(found, "- uses: acme/new@v2", "acme/new") == [made[1]]


def test_a_name_that_was_there_before_is_the_lines(repo: Repo) -> None:
    found, made = upstream(repo, USES.format("tool", "v1"), USES.format("tool", "v2"))
    assert culprits(found, "- uses: acme/tool@v2", "acme/tool") == [made[1]]


def test_a_line_that_stands_anywhere_convicts_nobody(repo: Repo) -> None:
    """Upstream takes a `return;` out at another place; the fork's side of the conflict has one of its own."""
    text = "a();\nreturn;\nb();\n"
    found, made = upstream(repo, text, text.replace("return;\n", ""), "a();\nb(1, 2);\n")
    hunk = Hunk(3, "if (mine) {\nreturn;\n}\nkeep(mine);\n", "")
    assert [item.commit for item in found.of_hunks("ci.yml", [hunk])] == [made[2], made[1]]
    assert [item.commit for item in found.of_hunks("ci.yml", [Hunk(2, "return;\n", "")])] == [
        made[2],
        made[1],
    ]


def test_a_line_of_one_word_convicts_whoever_added_it(repo: Repo) -> None:
    found, made = upstream(repo, "a\nb\n", "a\nrequests\nb\n", "a\nrequests\nnumpy==1.2\nb\n")
    theirs = found.of_hunks("ci.yml", [Hunk(1, "mine==3\n", "requests\nnumpy==1.2\n")])
    assert {item.commit for item in theirs} == set(made[1:])


def test_who_changed_a_line_of_one_word_in_a_block_that_the_fork_took_out(repo: Repo) -> None:
    block, head = "def a thing:\nfoo,\nmore of it\n", "head 0\nhead 1\nhead 2\nhead 3\n"
    now = block.replace("foo,", "bar,")
    found, made = upstream(repo, head + block, head + now, head.replace("0", "zero") + now)
    assert [item.commit for item in found.of_hunks("ci.yml", [Hunk(5, "", now)])] == [made[1]]


@pytest.mark.parametrize("sign", ["\f", "\u2028", "\x1c"])
def test_a_line_ends_where_git_ends_it(repo: Repo, sign: str) -> None:
    line = f'say("one thing{sign}and another");'
    found, made = upstream(repo, "a\n", f"a\n{line}\n", f"unrelated = 1\na\n{line}\n")
    assert [item.commit for item in found.of_hunks("ci.yml", [Hunk(2, "", f"{line}\n")])] == [made[1]]
    change = found.of_change("ci.yml", "a\n", f"a\n{line}\n")
    assert [item.commit for item in change] == [made[1]]


def test_of_two_conflicts_each_has_its_own(repo: Repo) -> None:
    """In one upstream only took a line out, in the other it brought some."""
    text = "first of it\nnever said\nmiddle of it\nlast of it\n"
    less = text.replace("never said\n", "")
    more = less.replace("last", "very last")
    found, made = upstream(repo, text, less, more, "head of it\n" + more)
    hunks = [Hunk(1, "first of ours\nnever said\n", "first of it\n"), Hunk(3, "ours\n", "very last of it\n")]
    assert [item.commit for item in found.of_hunks("ci.yml", hunks)] == [made[2], made[1]]


def test_two_names_of_one_line_have_a_culprit_each(repo: Repo) -> None:
    texts = ["a: acme/one\n", "a: acme/one and acme/two\n"]
    found, made = upstream(repo, "a: b\n", *texts)
    assert culprits(found, texts[-1], "acme/one", "acme/two") == [made[1], made[2]]


def test_who_took_lines_out_is_named_where_another_brought_some(repo: Repo) -> None:
    """A block of which the fork has most goes in one commit; another one changes the line that is left."""
    block = "one of it\ntwo of it\nthree of it\nfour of it\n"
    found, made = upstream(repo, f"head\n{block}tail\n", "head\ntail\n", "head\nlonger tail\n")
    hunk = Hunk(2, f"{block.replace('four', 'our four')}tail\n", "longer tail\n")
    assert [item.commit for item in found.of_hunks("ci.yml", [hunk])] == [made[1], made[2]]


def test_what_upstream_made_of_lines_that_the_fork_has_no_more(repo: Repo) -> None:
    block = "one of it\ntwo of it\n"
    found, made = upstream(repo, f"head\n{block}tail\n", "head\ntail\n", "new head\ntail\n")
    assert [item.commit for item in found.of_change("ci.yml", block, "")] == [made[1]]
    assert found.of_change("ci.yml", "never there\n", "") == ()

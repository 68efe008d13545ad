"""What sources answer goes into the merge, and nothing else does."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from git_fixtures import Repo
from msgspec.structs import replace

from syncfork.merge.disputes import split
from syncfork.merge.engine import LiftedMerge
from syncfork.parsing.sources import unparsed
from syncfork.resolve.base import Answer, Clash, Disputed, resolve
from syncfork.resolve.suggest import suggestions
from syncfork.text import Document

LINES = [f"line {number}\n" for number in range(30)]


@dataclass(frozen=True)
class Asked:
    """A source made of two functions."""

    of_clash: Callable[[Clash], str | None] = lambda _: None
    of_path: Callable[[Disputed], Answer | None] = lambda _: None

    def whole(self, file: Disputed) -> Answer | None:
        return self.of_path(file)

    def clash(self, file: Disputed, number: int) -> Answer | None:
        text = self.of_clash(file.clashes[number])
        return None if text is None else Answer(text, "a source", "for a reason")


def with_lines(changed: dict[int, str]) -> str:
    return "".join(changed.get(number, line) for number, line in enumerate(LINES))


def sides(repo: Repo, ours: dict[int, str], theirs: dict[int, str]) -> tuple[str, str]:
    base = repo.commit({"f": "".join(LINES), "g": "g\n"})
    return repo.commit({"f": with_lines(ours)}, base), repo.commit({"f": with_lines(theirs)}, base)


def ask(repo: Repo, pair: tuple[str, str], source: Asked) -> LiftedMerge:
    return repo.lift(*pair, sources=lambda: (source,))


def both(clash: Clash) -> str:
    return clash.ours + clash.theirs


def test_a_path_that_is_answered_as_a_whole_is_merged(repo: Repo) -> None:
    pair = sides(repo, {3: "ours\n", 20: "also\n"}, {3: "theirs\n", 25: "too\n"})
    merge = ask(repo, pair, Asked(both))
    assert not merge.merged.conflicts and not merge.hunks
    assert list(merge.plain.conflicts) == ["f"]
    assert repo.read(merge.merged.tree, "f").decode() == with_lines(
        {3: "ours\ntheirs\n", 20: "also\n", 25: "too\n"}
    )
    assert [item.file.path for item in merge.resolved] == ["f"]


def test_where_only_some_clashes_are_answered_the_others_keep_their_markers(repo: Repo) -> None:
    pair = sides(repo, {3: "ours\n", 20: "mine\n"}, {3: "theirs\n", 20: "yours\n"})
    merge = ask(repo, pair, Asked(lambda clash: both(clash) if clash.ours == "ours\n" else None))
    text = repo.read(merge.merged.tree, "f").decode()
    expected = "<<<<<<< fork (ours)\nmine\n=======\nyours\n>>>>>>> up (upstream)\n"
    assert text == with_lines({3: "ours\ntheirs\n", 20: expected})
    [hunk] = merge.hunks["f"]
    assert text.split("\n")[hunk.line - 1] == "<<<<<<< fork (ours)"
    assert list(merge.merged.conflicts) == ["f"]


def test_a_source_that_says_nothing_changes_nothing(repo: Repo) -> None:
    pair = sides(repo, {3: "ours\n"}, {3: "theirs\n"})
    assert ask(repo, pair, Asked()).merged == repo.lift(*pair).merged


def test_a_source_is_not_asked_where_there_is_no_conflict(repo: Repo) -> None:
    def never() -> tuple[Asked, ...]:
        raise AssertionError("asked")

    assert not repo.lift(*sides(repo, {3: "ours\n"}, {20: "theirs\n"}), sources=never).merged.conflicts


@pytest.mark.parametrize("text", [None, "as upstream has it\n"])
def test_a_deleted_path_is_answered_as_a_whole(repo: Repo, text: str | None) -> None:
    base = repo.commit({"f": "".join(LINES), "g": "g\n"})
    ours = repo.commit({"f": None}, base)
    theirs = repo.commit({"f": with_lines({3: "theirs\n"})}, base)
    merge = ask(repo, (ours, theirs), Asked(of_path=lambda _: Answer(text, "a source", "for a reason")))
    assert not merge.merged.conflicts
    assert repo.exists(merge.merged.tree, "f") is (text is not None)


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_the_end_of_a_file_is_the_side_s_own(repo: Repo, end: str) -> None:
    base = repo.commit({"f": "one\r\ntwo\r\n"})
    ours = repo.commit({"f": "one\r\nours" + end}, base)
    theirs = repo.commit({"f": "one\r\ntheirs\r\n"}, base)
    merge = ask(repo, (ours, theirs), Asked(lambda clash: clash.ours))
    assert repo.read(merge.merged.tree, "f").decode() == "one\r\nours" + end


def test_bytes_that_are_not_utf8_come_through(repo: Repo) -> None:
    base = repo.commit({"f": b"\xff\n1\n"})
    ours, theirs = repo.commit({"f": b"\xff\n\xfe ours\n"}, base), repo.commit({"f": b"\xff\n\xfd\n"}, base)
    merge = ask(repo, (ours, theirs), Asked(both))
    assert repo.git("cat-file", "-s", f"{merge.merged.tree}:f").strip() == str(
        len(b"\xff\n\xfe ours\n\xfd\n")
    )


def test_lines_of_the_file_that_look_like_markers_are_not_mistaken() -> None:
    long = "9" * 40
    head, tail = f"{'<' * 12} {long}\n", f"{'>' * 12} {long}\n"
    text = f"a\n{head}=======\nours\n{'|' * 12} base\nbase\n{'=' * 12}\ntheirs\n=======\n{tail}z\n"
    assert split(text, long, long) == ["a\n", Clash("base\n", "=======\nours\n", "theirs\n=======\n"), "z\n"]


IF = "      if (id == R.id.play) {\n        play();\n"
ADDED = {
    "ours": "      } else if (id == R.id.skip) {\n        skip();\n",
    "theirs": "        stop();\n        break;\n",
}


def of_java(ours: str, theirs: str) -> Disputed:
    def whole(middle: str) -> str:
        return f"{head}{middle}{tail}"

    head = "class Menu {\n  void on(int id) {\n    while (true) {\n" + IF
    tail = "      }\n    }\n  }\n}\n"
    parts = (head, Clash("", ours, theirs), tail)
    return Disputed("Menu.java", "contents", whole(""), whole(ours), whole(theirs), parts)


@pytest.mark.parametrize(
    ("path", "answer", "taken"),
    [
        ("Menu.java", ADDED["ours"] + ADDED["theirs"], True),
        # Halves of two changes, as of a `switch` that one side made an `if`.
        ("Menu.java", ADDED["ours"] + "        case R.id.stop:\n        break;\n", False),
        # Nothing reads it.
        ("Menu.txt", ADDED["ours"] + "        case R.id.stop:\n        break;\n", True),
    ],
)
def test_what_does_not_parse_though_both_sides_do_is_no_answer_and_no_suggestion(
    path: str, answer: str, taken: bool
) -> None:
    file = replace(of_java(**ADDED), path=path)
    source = Asked(lambda _: answer)
    assert resolve(file, (source,)).complete is taken
    assert [item.text for item in suggestions(file, 0, [(source, "")])].count(answer) == taken


def test_where_a_side_does_not_parse_either_nothing_can_be_said(repo: Repo) -> None:
    file = of_java(ADDED["ours"], "        case R.id.stop:\n")
    assert resolve(file, (Asked(lambda _: "        case R.id.skip:\n"),)).complete


@pytest.mark.parametrize(("answer", "taken"), [("// \udcff\n", True), ("case 1: // \udcff\n", False)])
def test_of_bytes_that_are_no_text_the_rest_is_parsed(answer: str, taken: bool) -> None:
    assert resolve(of_java(**ADDED), (Asked(lambda _: answer),)).complete is taken


@pytest.mark.parametrize("head", ["\ufeff", "# \udce4\n"])
def test_python_with_a_mark_at_its_beginning_or_in_another_encoding_is_parsed(head: str) -> None:
    file = Disputed(
        "a.py", "contents", head, f"{head}a = 1\n", f"{head}a = 2\n", (head, Clash("", "a = 1\n", "a = 2\n"))
    )
    assert resolve(file, (Asked(lambda _: "a = 3\n"),)).complete
    assert not resolve(file, (Asked(lambda _: "a = (\n"),)).complete


def test_a_text_too_long_to_be_written_by_a_person_is_not_parsed() -> None:
    start = time.process_time()
    assert unparsed(Document("a.py", "x = (" * 200_000)) is None
    assert time.process_time() - start < 1

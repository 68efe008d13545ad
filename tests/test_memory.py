"""Remembered resolutions as values: what is used again, what is not, and the files they are written to."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from syncfork.resolve.base import Clash, Disputed
from syncfork.resolve.memory import Filed, Memory, expired, judge
from syncfork.resolve.resolution import Joined, Resolution, key_of, record, seal
from syncfork.resolve.written import read_resolution, write_resolution

DAY = date(2026, 3, 1)
CLASH = Clash("old\n", "ours\n", "theirs\n")


def made(
    clash: Clash | None = CLASH,
    result: str | None = "both\n",
    path: str = "a.txt",
    merge: int = 1,
    reason: str = "",
) -> Resolution:
    """What was recorded in the merge of that number."""
    joined = Joined(f"{merge:040x}", f"{merge + 100:040x}")
    found = record(path, clash, result if clash else None, joined, "Ann", DAY.replace(day=merge), reason)
    assert found is not None
    return found


def filed(*resolutions: Resolution) -> tuple[Filed, ...]:
    return tuple(Filed(f"r/{number}.yml", item) for number, item in enumerate(resolutions, start=1))


def file_with(clash: Clash, path: str = "a.txt", around: str = "line\n") -> Disputed:
    base, ours, theirs = (around + text + around for text in (clash.base, clash.ours, clash.theirs))
    return Disputed(path, "contents", base, ours, theirs, (around, clash, around))


def answer(
    resolutions: tuple[Filed, ...], clash: Clash, path: str = "a.txt", around: str = "line\n"
) -> str | None:
    found = Memory(resolutions).clash(file_with(clash, path, around), 0)
    return found.text if found else None


# What is used again


TWO = Clash("old\nolder\n", "ours\nolder\n", "theirs\nolder\n")


def test_the_same_conflict_is_resolved_the_same_way_wherever_it_stands() -> None:
    known = filed(made(TWO, reason="Both are needed."))
    found = Memory(known).clash(file_with(TWO, "other.txt", "something else\n"), 0)
    assert found is not None
    assert (found.text, found.by) == ("both\n", "memory 1")
    assert found.why == "as Ann did on 2026-03-01 in the merge of 000000000 into 000000000: Both are needed."


@pytest.mark.parametrize(
    "other",
    [replace(CLASH, ours="Ours\n"), replace(CLASH, theirs="theirs \n")],
)
def test_a_conflict_that_differs_in_a_character_is_another_one(other: Clash) -> None:
    assert answer(filed(made()), other) is None


def crlf(clash: Clash) -> Clash:
    return Clash(*(text.replace("\n", "\r\n") for text in (clash.base, clash.ours, clash.theirs)))


def test_the_answer_has_the_line_ends_of_the_file() -> None:
    assert key_of(CLASH) == key_of(crlf(CLASH))
    assert answer(filed(made()), crlf(CLASH), around="line\r\n") == "both\r\n"
    assert answer(filed(made(crlf(CLASH), "both\r\n")), CLASH) == "both\n"


def test_a_file_of_several_kinds_of_line_ends_is_left_alone() -> None:
    assert answer(filed(made()), crlf(CLASH), around="line\n") is None
    mixed = Clash("old\r\n", "ours\n", "theirs\r\n")
    assert answer(filed(made(mixed, "both\r\n")), mixed) == "both\r\n"


def test_the_same_two_texts_over_another_merge_base_are_resolved_as_they_were() -> None:
    found = Memory(filed(made())).clash(file_with(replace(CLASH, base="older\n")), 0)
    assert found is not None
    assert (found.text, found.by) == ("both\n", "memory 1")
    assert found.why.endswith("; over another text in the merge base")
    assert answer(filed(made()), crlf(replace(CLASH, base="older\n")), around="line\r\n") == "both\r\n"


@pytest.mark.parametrize(
    ("known", "clash", "path"),
    [
        pytest.param([made()], replace(CLASH, base="older\n"), "b.txt", id="in another file"),
        pytest.param(
            [made(), made(replace(CLASH, base="old as well\n"), "ours\n", merge=2)],
            replace(CLASH, base="older\n"), "a.txt", id="resolved in two ways",
        ),
        pytest.param(
            [made(replace(CLASH, ours="\n"))], Clash("older\n", "\n", "theirs\n"), "a.txt", id="ours is blank",
        ),
        pytest.param(
            [made(replace(CLASH, theirs="}\n"))], Clash("older\n", "ours\n", "}\n"), "a.txt", id="a sign",
        ),
    ],
)  # fmt: skip
def test_over_another_merge_base_nothing_is_concluded_from_less(
    known: list[Resolution], clash: Clash, path: str
) -> None:
    assert answer(filed(*known), clash, path) is None


def test_ours_that_was_kept_before_is_not_kept_from_a_newer_upstream() -> None:
    kept = [made(Clash(f"v{n}\n", "ours\n", f"v{n + 1}\n"), "ours\n", merge=n) for n in (1, 2, 3)]
    assert answer(filed(*kept), Clash("v4\n", "ours\n", "v5\n")) is None


def test_a_deleted_path_stays_deleted_whatever_upstream_changes() -> None:
    memory = Memory(filed(made(None)))
    found = memory.whole(Disputed("a.txt", "modify/delete", "v7\n", None, "v8\n"))
    assert found is not None
    assert (found.text, found.by) == (None, "memory 1")
    assert memory.whole(Disputed("b.txt", "modify/delete", "v7\n", None, "v8\n")) is None
    # Upstream deleted it, and the fork changed it: something else was decided.
    assert memory.whole(Disputed("a.txt", "modify/delete", "v7\n", "v8\n", None)) is None


def test_what_is_binary_or_no_answer_is_not_recorded() -> None:
    joined = Joined("a" * 40, "b" * 40)
    assert record("a", Clash("a\0\n", "b\n", "c\n"), "b\n", joined, "Ann", DAY) is None
    for marker in ("<<<<<<< ours", "<<<<<<<", "||||||| base", "=======", ">>>>>>>> theirs"):
        assert record("a", CLASH, f"ours\n{marker}\ntheirs\n", joined, "Ann", DAY) is None


def test_a_line_like_a_marker_that_a_side_has_is_part_of_an_answer() -> None:
    clash = Clash("old\n", "<<<<<<< an example\n", "Title\n=======\n")
    assert made(clash, clash.ours).result == clash.ours
    assert made(clash, clash.theirs).result == clash.theirs


# What is not used


def states(known: tuple[Filed, ...], **texts: str | None) -> list[str]:
    named = {f"{name}.txt": text for name, text in texts.items()}
    return [item.state for item in judge(known, named)]


@pytest.mark.parametrize(
    "change",
    [
        {"result": "mine\n"}, {"base": "x\n"}, {"reason": "another"}, {"author": "Bob"}, {"path": "b.txt"},
        {"key": "0" * 64}, {"seal": "0" * 64}, {"date": date(2020, 1, 1)}, {"merge": Joined("a", "b")},
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_every_edit_by_hand_shows(change: dict[str, object]) -> None:
    edited = replace(made(), **change)  # type: ignore[arg-type]
    assert states(filed(edited), a="ours\n", b="ours\n") == ["altered"]
    assert seal(edited).sealed


def test_two_that_contradict_each_other_are_both_named() -> None:
    known = filed(made(), made(result="other\n", merge=2), made(Clash("x\n", "y\n", "z\n"), "y\n"))
    found = judge(known, {"a.txt": "ours\ny\n"})
    assert [item.state for item in found] == ["contradicting", "contradicting", "valid"]
    assert [item.others for item in found] == [("r/2.yml",), ("r/1.yml",), ()]


def test_the_same_result_twice_is_no_contradiction() -> None:
    known = filed(made(), made(merge=2))
    assert states(known, a="ours\n") == ["valid", "valid"]
    assert answer(known, CLASH) == "both\n"


@pytest.mark.parametrize(
    ("resolution", "text", "gone"),
    [
        (made(), "a\nours\nb\n", False),
        (made(), "a\nboth\nb", False),
        (made(), "a\r\nboth\r\nb\r\n", False),
        (made(), "a\nyours\nb\n", True),
        (made(), None, True),
        # Taken out, by the fork or by the person: that stands until the merge base's lines are back.
        (made(replace(CLASH, ours=""), ""), "a\nb\n", False),
        (made(replace(CLASH, ours=""), ""), "a\nold\nb\n", True),
        (made(result=""), "a\nb\n", False),
        (made(result=""), "a\nold\nb\n", True),
        (made(None), None, False),
        (made(None), "it is back\n", True),
    ],
)
def test_a_resolution_expires_with_its_region(resolution: Resolution, text: str | None, gone: bool) -> None:
    assert expired(resolution, text) is gone
    assert states(filed(resolution), a=text) == ["expired" if gone else "valid"]


# Files

# All that YAML treats in a way of its own, and bytes that are not UTF-8.
_ODD = st.sampled_from(
    list(
        "ab \t\n\r\"\\'#:-|{}[]%&*!>@`,?~\x00\x01\x7f\x85\xa0\u00e9\u2028\u2029\ufeff\udc80\udcff\U0001f600\ufffe"
    )
)
_TEXTS = st.one_of(
    st.text(_ODD, max_size=40),
    st.binary(max_size=30).map(lambda raw: raw.decode("utf-8", "surrogateescape")),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
)


@given(_TEXTS, _TEXTS, _TEXTS, _TEXTS, _TEXTS.filter(bool), st.text(st.characters(exclude_categories=["Cs"])))
def test_every_text_comes_back(
    base: str, ours: str, theirs: str, result: str, path: str, reason: str
) -> None:
    merge = Joined("a" * 40, "b" * 64)
    known = seal(Resolution(path, "clash", base, ours, theirs, result, "", merge, "Ann", DAY, reason))
    content = write_resolution(known).encode()
    assert read_resolution("f.yml", content) == known
    # A checkout with other line ends changes no seal.
    assert read_resolution("f.yml", content.replace(b"\n", b"\r\n")) == known


def test_a_file_reads_like_the_conflict() -> None:
    clash = Clash("\tif old:\n\n\t\tgo()\n", "  # ours \n", "é\r\n")
    text = write_resolution(made(clash, "no end", path="dir/a.c", reason='He said: "no"'))
    assert 'path: "dir/a.c"\n' in text
    assert 'reason: "He said: \\"no\\""\n' in text
    assert "base: |2\n  \tif old:\n\n  \t\tgo()\n" in text
    assert "ours: |2\n    # ours \n" in text
    assert 'theirs: "é\\r\\n"\n' in text
    assert "result: |-\n  no end\n" in text


def test_bytes_that_are_not_utf_8_are_shown_as_latin_1() -> None:
    text = write_resolution(made(replace(CLASH, ours="caf\udce9\n")))
    assert "encoding: latin-1\n" in text
    assert "ours: |\n  café\n" in text


def test_all_mistakes_of_a_file_are_told_with_their_lines() -> None:
    lines = write_resolution(made()).splitlines()
    text = "\n".join(line for line in lines if not line.startswith("author")) + "\n"
    text = text.replace("kind: clash", "kind: crash").replace("date: 2026-03-01", "date: soon\nodd: 1")
    found = read_resolution("f.yml", text.encode())
    assert isinstance(found, list)
    told = "\n".join(found)
    for words in (
        "f.yml:4: kind: ",
        "author: this key is missing",
        "date: expected a date",
        "odd: this key is not",
    ):
        assert words in told
    assert len(found) == 4


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xff", "f.yml:1: not UTF-8"),
        (b"a: [", "f.yml:2: not YAML"),
        (b"", "f.yml:1: expected a mapping"),
        (b"- a\n", "f.yml:1: expected a mapping"),
        (write_resolution(made()).replace("result:", "encoding:").encode(), "encoding"),
        (write_resolution(made()).encode() + b"base: x\n", "base: this key is repeated"),
        (write_resolution(made(None)).encode() + b"base: x\n", "has no texts; given: base"),
        (write_resolution(made()).replace('key: "', 'key: "x').encode(), "key: expected a text of the form"),
        (write_resolution(made()).encode() + b"encoding: latin-1\n", None),
        (write_resolution(made()).replace("both", "\u20ac").encode() + b"encoding: latin-1\n", "Latin-1"),
    ],
)
def test_a_file_that_is_none_is_told(content: bytes, told: str | None) -> None:
    found = read_resolution("f.yml", content)
    if told is None:
        assert isinstance(found, Resolution)
    else:
        assert isinstance(found, list)
        assert told in found[0]


# What is no longer the same


def test_a_single_line_in_another_file_is_not_the_same_conflict() -> None:
    known = filed(made())
    assert answer(known, CLASH) == "both\n"
    assert answer(known, CLASH, around="something else\n") == "both\n"
    assert answer(known, CLASH, "other.txt") is None


@pytest.mark.parametrize(("theirs", "same"), [(9, True), (2, False)])
def test_another_file_under_a_deleted_name_was_not_decided_on(theirs: int, same: bool) -> None:
    base = "".join(f"line {number}\n" for number in range(12))
    now = "".join(base.splitlines(keepends=True)[:theirs]) + "".join(
        f"other {n}\n" for n in range(12 - theirs)
    )
    file = Disputed("a.txt", "modify/delete", base, None, now)
    assert (Memory(filed(made(None))).whole(file) is not None) == same


def test_a_result_from_the_end_of_a_file_gets_a_line_end_where_more_follows() -> None:
    assert answer(filed(made(result="both")), CLASH) == "both\n"

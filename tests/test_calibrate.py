"""What resolvers earn in past merges, the file that keeps it, and who may answer since."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from syncfork.errors import RuleError
from syncfork.render.resolvers import shown
from syncfork.resolve.base import Answer, Clash, Disputed, resolve
from syncfork.resolve.calibrate import Past, calibrate, enabled, scopes_of
from syncfork.resolve.table import Row, Table, from_text, to_text

HEAD = "a" * 40
DAY = date(2026, 3, 1)
JANUARY = date(2026, 1, 1)
TOP, END = "one line\ntwo lines\nthree lines\n", "four lines\nfive lines\nsix lines\n"
PIN = Clash("pin = 1.0\n", "pin = 1.1\n", "pin = 1.2\n")
HIGHER, LOWER = "pin = 1.2\n", "pin = 1.1\n"
PINS = "pins: the higher of values like 1.2"


def disputed(clash: Clash, path: str = "conf/app.toml") -> Disputed:
    base, ours, theirs = (TOP + text + END for text in (clash.base, clash.ours, clash.theirs))
    return Disputed(path, "contents", base, ours, theirs, (TOP, clash, END))


def history(outcomes: str, path: str = "conf/app.toml", first: int = 1) -> Iterator[Past]:
    """One merge for each letter: people took the higher version (h), the lower (l), or edited all around it (e)."""
    for number, letter in enumerate(outcomes, start=first):
        made = {
            "h": TOP + HIGHER + END,
            "l": TOP + LOWER + END,
            "e": TOP.replace("three", "3") + LOWER + END,
        }
        yield f"{number:040x}", JANUARY + timedelta(number - 1), disputed(PIN, path), made[letter]


def row_of(table: Table, by: str = PINS, scope: str = "") -> Row:
    """The class's row for `scope`; without one that for the files' ending, where it says more than that for all."""
    rows = {row.scope: row for row in table.rows if row.by == by}
    return rows[scope] if scope else rows.get("*.toml", rows["*"])


def measured(past: Iterator[Past]) -> Table:
    return calibrate(past, HEAD, DAY)


def answer_of(table: Table, file: Disputed) -> Answer | None:
    return resolve(file, enabled(table, DAY)).answers.get(0)


def test_on_after_enough_merges_without_a_wrong_case() -> None:
    assert not row_of(measured(history("h" * 7))).on
    row = row_of(measured(history("h" * 8)))
    assert (row.on, row.cases, row.right, row.run, row.wrong) == (True, 8, 8, 8, ())


def test_a_wrong_case_in_the_last_merge_switches_off_whatever_was_before() -> None:
    row = row_of(measured(history("h" * 20 + "l")))
    assert (row.on, row.right, row.cases, row.run) == (False, 20, 21, 0)
    assert row.wrong == (f"{21:040x} conf/app.toml",)


def test_a_higher_version_takes_fewer_merges_in_files_of_one_ending_and_is_never_on_for_all() -> None:
    version = Clash("pin = 1.0.0\n", "pin = 1.1.0\n", "pin = 1.2.0\n")
    past = [
        (
            f"{number // 2:040x}",
            JANUARY,
            disputed(version, f"conf/{number}.toml"),
            TOP + "pin = 1.2.0\n" + END,
        )
        for number in range(8)
    ]
    by = "pins: the higher version"
    rows = {row.scope: row for row in measured(iter(past)).rows if row.by == by}
    assert (rows["*"].on, rows["*.toml"].on, rows["*.toml"].run) == (False, True, 4)
    assert not any(row.on for row in measured(iter(past[:6])).rows if row.by == by)


def test_after_a_wrong_case_it_takes_more() -> None:
    assert not row_of(measured(history("l" + "h" * 9))).on
    assert row_of(measured(history("l" + "h" * 10))).on
    assert row_of(measured(history("h" * 10 + "l"))).run == 0


def test_edited_surroundings_are_no_evidence_either_way() -> None:
    row = row_of(measured(history("hhhheeeehhhh")))
    assert (row.cases, row.right, row.run) == (8, 8, 8)


def test_many_cases_of_one_merge_are_one_merge() -> None:
    past = [
        (f"{1:040x}", JANUARY, disputed(PIN, f"p{number}.toml"), TOP + HIGHER + END) for number in range(30)
    ]
    row = row_of(measured(iter(past)))
    assert (row.cases, row.run, row.on) == (30, 1, False)


def test_a_merge_with_one_wrong_case_among_right_ones_is_wrong() -> None:
    past = [*history("h" * 9), *history("l", "conf/b.toml", first=9)]
    assert row_of(measured(iter(past))).run == 0


def test_on_where_it_is_always_right_and_off_where_it_is_not() -> None:
    past = sorted([*history("h" * 12, "a/x.toml"), *history("l" * 12, "b/x.lock")], key=lambda each: each[0])
    table = measured(iter(past))
    assert not row_of(table, scope="*").on
    assert row_of(table, scope="a/").on
    # Nothing narrower says the same once more.
    assert not [row for row in table.rows if row.scope in ("a/x.toml", "b/x.lock")]
    texts = {
        path: getattr(answer_of(table, disputed(PIN, path)), "text", None)
        for path in ("a/y.toml", "c/y.toml", "b/y.lock", "c/y.json")
    }
    assert texts == {"a/y.toml": HIGHER, "c/y.toml": HIGHER, "b/y.lock": LOWER, "c/y.json": None}


def test_a_habit_that_is_unlike_the_rest_is_told_though_it_is_off() -> None:
    past = sorted([*history("h" * 12, "a/x.toml"), *history("hhlllll", "b/y.toml")], key=lambda each: each[0])
    rows = {row.scope: row for row in measured(iter(past)).rows if row.by == PINS and not row.on}
    assert (rows["b/"].right, rows["b/"].cases) == (2, 7)
    # These say no more than what stands for all files, and for the folder.
    assert not rows.keys() & {"*.toml", "b/y.toml"}
    assert rows["*"].wrong and not rows["b/"].wrong


def test_a_folder_in_which_it_is_wrong_is_held_against_one_that_says_no_more_than_the_one_around_it() -> None:
    past = [
        *(each for number in range(11) for each in history("l", f"x/{number}.toml")),
        *(each for number in range(6) for each in history("hl"[number % 2], f"x/a/b/{number}.toml", first=2)),
        *history("h" * 26, "x/a/y.toml", first=3),
    ]
    table = measured(iter(past))
    rows = {row.scope: row for row in table.rows if row.by == PINS}
    assert rows["x/"].on and "x/a/" not in rows
    assert not rows["x/a/b/"].on
    assert answer_of(table, disputed(PIN, "x/a/z.toml")) is not None
    assert answer_of(table, disputed(PIN, "x/a/b/0.toml")) is None


def test_what_was_right_in_one_kind_of_file_answers_in_no_other() -> None:
    table = measured(history("h" * 40))
    assert answer_of(table, disputed(PIN, "new/place.toml")) is not None
    assert answer_of(table, disputed(PIN, "other/app.py")) is None


def test_a_narrower_scope_that_is_off_keeps_a_class_silent() -> None:
    table = measured(history("h" * 8))
    classes = {row.by for row in table.rows}
    off = (
        Row(by=by, scope="src/", cases=5, right=0, run=0, last=DAY, on=False, why="by hand") for by in classes
    )
    table = replace(table, rows=(*table.rows, *off))
    assert answer_of(table, disputed(PIN, "src/app.toml")) is None
    assert answer_of(table, disputed(PIN, "doc/app.toml")) is not None


def test_an_answer_says_by_whom_and_on_what_evidence() -> None:
    answer = answer_of(measured(history("h" * 8)), disputed(PIN))
    assert answer == Answer(
        HIGHER,
        "resolver pins",
        "the higher of values like 1.2: right in 8 of 8 past cases on this fork in *.toml",
    )


def test_classes_that_are_on_and_differ_say_nothing() -> None:
    rows = [
        Row(by=f"pins: {sort}", scope="*", cases=9, right=9, run=9, last=DAY, on=True, why="so")
        for sort in ("our version", "their version")
    ]
    table = Table(measured=DAY, head=HEAD, syncfork="0.1.0", merges=9, rows=tuple(rows))
    assert answer_of(table, disputed(PIN)) is None
    one = replace(table, rows=(rows[0],))
    assert answer_of(one, disputed(PIN)) is not None


def test_deleted_files_count_as_a_whole() -> None:
    gone = Disputed(".github/x.yml", "modify/delete", "a\n", None, "b\n")
    table = measured((f"{number:040x}", JANUARY, gone, None) for number in range(8))
    found = resolve(gone, enabled(table, DAY))
    assert found.complete and found.text is None
    assert found.answers[None].by == "resolver deletions"


def gone_in(merges: int, files: int = 1) -> list[Past]:
    return [
        (f"{number:040x}", JANUARY, Disputed(f"ci/{at}.yml", "modify/delete", "a\n", None, "b\n"), None)
        for number in range(merges)
        for at in range(files)
    ]


def test_a_deleted_file_takes_fewer_merges_than_what_forks_differ_in() -> None:
    by = "deletions: a file that ours deleted stays deleted"
    assert not row_of(measured(iter(gone_in(3, 9))), by).on
    assert not row_of(measured(iter(gone_in(4))), by).on  # five cases at the least
    assert row_of(measured(iter(gone_in(4, 2))), by).on
    assert row_of(measured(iter(gone_in(5))), by).on


def test_a_folder_that_is_on_is_told_where_the_kind_of_file_in_it_is_off() -> None:
    by = "deletions: a file that ours deleted stays deleted"

    def gone(path: str) -> Disputed:
        return Disputed(path, "modify/delete", "a\n", None, "b\n")

    cases = [("b/x.yml", "b\n")] * 6 + [("a/x.yml", None)] * 5 + [("c/x.json", None)] * 20
    table = measured((f"{n:040x}", JANUARY, gone(path), made) for n, (path, made) in enumerate(cases))
    told = {row.scope: row.on for row in table.rows if row.by == by}
    assert told == {"*": True, "*.yml": False, "a/": True, "b/": False, "c/": True}
    assert resolve(gone("a/new.yml"), enabled(table, DAY)).complete
    assert not resolve(gone("d/new.yml"), enabled(table, DAY)).complete


def test_what_a_wider_scope_says_already_is_not_told_again() -> None:
    by = "deletions: a file that ours deleted stays deleted"
    assert [row.scope for row in measured(iter(gone_in(9, 9))).rows if row.by == by] == ["*"]


def test_deleted_lines_are_a_habit_that_takes_many_merges() -> None:
    out = Clash("old\n", "", "new\n")
    by = "deletions: lines that ours deleted stay deleted"
    past = [(f"{number:040x}", JANUARY, disputed(out), TOP + END) for number in range(20)]
    assert not row_of(measured(iter(past[:-1])), by, "*").on
    table = measured(iter(past))
    # And then for the one file.
    assert [row.scope for row in table.rows if row.by == by and row.on] == ["conf/app.toml"]


def test_a_path_that_people_deleted_says_nothing_of_its_clashes() -> None:
    past = ((f"{number:040x}", JANUARY, disputed(PIN), None) for number in range(8))
    assert not [row for row in calibrate(past, HEAD, DAY).rows if row.by.startswith("pins")]


def test_nothing_is_on_without_a_past_and_after_another_version_measured() -> None:
    assert enabled(measured(iter(())), DAY) == ()
    table = measured(history("h" * 8))
    assert enabled(table, DAY) and not table.outdated
    other = replace(table, syncfork="0.0.1")
    assert enabled(other, DAY) == () and other.outdated


def test_the_scopes_of_a_path_the_widest_first() -> None:
    assert scopes_of("a/b/c.py") == ("*", "*.py", "a/", "a/b/", "a/b/c.py")
    assert scopes_of("Makefile") == ("*", "Makefile")
    assert scopes_of("bad\udcff.c") == ("*", "*.c")


def test_the_table_comes_back_from_its_text() -> None:
    table = measured(history("h" * 9 + "l" + "h" * 20, 'odd "name"\\ä.toml/x'))
    assert row_of(table, scope='odd "name"\\ä.toml/').on
    assert from_text("t.toml", to_text(table).encode()) == table


def test_a_user_may_keep_a_class_silent() -> None:
    text = to_text(measured(history("h" * 8))).replace("on = true", "on = false")
    assert enabled(from_text("t.toml", text.encode()), DAY) == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("right = 8", "right = -1", "t.toml:12: rows.0.right: expected 0 or more"),
        ("cases = 8", 'cases = "8x"', "expected a whole number"),
        ("[[rows]]", "[[rows]]\nodd = 1", "this key is not known here"),
        ("head =", "head", "t.toml:"),
    ],
)
def test_mistakes_in_the_file_are_told_with_their_line(old: str, new: str, said: str) -> None:
    table = measured(history("h" * 8))
    one = replace(table, rows=(row_of(table),))
    with pytest.raises(RuleError) as raised:
        from_text("t.toml", to_text(one).replace(old, new, 1).encode())
    assert said in raised.value.problem


def test_what_is_shown_names_what_is_on_what_is_off_and_what_was_wrong() -> None:
    past = sorted(
        [*history("h" * 12, "a/x.toml"), *history("l" * 12, "b/x\x1b[31m.lock")], key=lambda each: each[0]
    )
    lines = [line.plain for line in shown(measured(iter(past)))]
    text = "\n".join(lines)
    assert "in 12 merges" in lines[0]
    assert (
        lines.index("on") < next(at for at, line in enumerate(lines) if " a/ " in line) < lines.index("off")
    )
    assert "12 of 12 right" in text and "\x1b" not in text
    assert "more, less often right: see --format json" in lines[-1]


def test_what_is_off_begins_with_what_is_nearest_to_being_on() -> None:
    rows = [
        Row(
            by=f"r{n}",
            scope="*\x1b",
            cases=20,
            right=n,
            run=0,
            last=DAY,
            on=False,
            why="why",
            wrong=(f"{n:040x} a\x1b.txt",),
        )
        for n in range(20)
    ]
    lines = [line.plain for line in shown(Table(DAY, HEAD, "1", 9, tuple(rows)))]
    assert [line.split()[0] for line in lines if " right  why" in line] == [
        f"r{n}" for n in range(19, 11, -1)
    ]
    assert r'      wrong: 000000000 "a\033.txt"' in lines
    assert not any("\x1b" in line for line in lines)


def test_what_is_wrong_all_the_time_is_not_told_as_nearly_there() -> None:
    assert row_of(measured(history("hhhh"))).why == "right in 4 of the 8 merges in a row that it takes"
    assert row_of(measured(history("lllhl"))).why == "wrong in 4 of 5 merges"


def test_what_is_shown_where_nothing_is_on() -> None:
    table = replace(measured(iter(())), syncfork="0.0.1")
    text = "\n".join(line.plain for line in shown(table))
    assert "on: none" in text and "until it is measured again" in text

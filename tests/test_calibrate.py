"""What resolvers earn in past merges, the file that keeps it, and who may answer since."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from syncfork.errors import RuleError
from syncfork.render.resolvers import shown
from syncfork.resolve.base import Answer, Clash, Disputed, resolve
from syncfork.resolve.calibrate import Past, calibrate, enabled
from syncfork.resolve.likely import likely, usual
from syncfork.resolve.scopes import is_path, scopes_of
from syncfork.resolve.table import FORM, Row, Table, from_text, to_text

HEAD = "a" * 40
DAY = date(2026, 3, 1)
JANUARY = date(2026, 1, 1)
TOP, END = "one line\ntwo lines\nthree lines\n", "four lines\nfive lines\nsix lines\n"
PIN = Clash("pin = 1.0\n", "pin = 1.1\n", "pin = 1.2\n")
HIGHER, LOWER = "pin = 1.2\n", "pin = 1.1\n"
PINS = "pins: the higher of values like 1.2"
# A class of which nothing is known beforehand is likely right enough after so many right merges in a row.
ENOUGH = 13


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
    """The class's row for `scope`; without one that for the folder, where it says more than that for all."""
    rows = {row.scope: row for row in table.rows if row.by == by}
    return rows[scope] if scope else rows.get("conf/*.toml", rows["*"])


def measured(past: Iterator[Past]) -> Table:
    return calibrate(past, HEAD, DAY)


def answer_of(table: Table, file: Disputed) -> Answer | None:
    return resolve(file, enabled(table, DAY)).answers.get(0)


def test_on_after_enough_merges_without_a_wrong_case() -> None:
    before = row_of(measured(history("h" * (ENOUGH - 1))))
    assert (before.on, before.why) == (False, "likely right: 83 %, and it takes 84 %")
    row = row_of(measured(history("h" * ENOUGH)))
    assert (row.on, row.cases, row.right, row.run, row.wrong) == (True, ENOUGH, ENOUGH, ENOUGH, ())
    assert row.why == "likely right: 84 %"


def test_a_wrong_case_in_the_last_merge_switches_off_whatever_was_before() -> None:
    row = row_of(measured(history("h" * 20 + "l")))
    assert (row.on, row.right, row.cases, row.run) == (False, 20, 21, 0)
    assert row.wrong == (f"{21:040x} conf/app.toml",)


def test_a_higher_version_takes_fewer_merges_in_a_folder_and_is_never_on_for_all() -> None:
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
    assert (rows["*"].on, rows["conf/*.toml"].on, rows["conf/*.toml"].run) == (False, True, 4)
    assert "*.toml" not in rows
    assert not any(row.on for row in measured(iter(past[:6])).rows if row.by == by)


def test_where_it_was_ever_wrong_it_is_off_and_on_in_a_file_in_which_it_was_not() -> None:
    past = [*history("l", "conf/other.toml"), *history("h" * 40, first=2)]
    table = measured(iter(past))
    rows = {row.scope: row for row in table.rows if row.by == PINS}
    assert rows["conf/app.toml"].on
    assert not rows["*"].on and rows["*"].why == (
        "likely right: 91 %, but in 1 of 41 merges it was wrong, or people changed more in the file"
    )
    assert resolve(disputed(PIN), enabled(table, DAY)).complete
    assert not resolve(disputed(PIN, "conf/new.toml"), enabled(table, DAY)).complete


def test_what_is_right_beside_other_edits_in_the_file_is_not_enough() -> None:
    """An answer to the conflict alone would have kept the person from the rest."""
    end = "".join(f"line {number}\n" for number in range(20))
    file = Disputed("a.toml", "contents", "", "", "", (TOP, PIN, end))
    past = [
        (f"{n:040x}", JANUARY, file, TOP + HIGHER + (end.replace("line 15", "other") if n == 3 else end))
        for n in range(40)
    ]
    row = row_of(measured(iter(past)))
    assert (row.right, row.cases, row.run, row.on, len(row.wrong)) == (40, 40, 36, False, 1)


def test_how_likely_a_class_is_right_is_drawn_towards_what_is_around() -> None:
    assert likely([], 0.4) == 0.4
    assert likely([(0, 0)], 0.5) == 0.5
    assert likely([(3, 0)], 0.0) == 0.5
    # The same merges in a narrower scope say nothing more.
    assert likely([(3, 0), (3, 0), (3, 0)], 0.0) == 0.5
    # Others do, and what was wrong elsewhere weighs less than what was right here.
    assert likely([(6, 0), (3, 0)], 0.0) == 0.75
    assert likely([(5, 20), (5, 0)], 0.0) > 0.6 > likely([(5, 20)], 0.0)


def test_a_class_that_is_mostly_right_anywhere_takes_fewer_merges_but_five_cases_in_four() -> None:
    version = Clash("pin = 1.0.0\n", "pin = 1.1.0\n", "pin = 1.2.0\n")

    def on_after(merges: int, cases: int) -> bool:
        past = [
            (f"{n % merges:040x}", JANUARY, disputed(version, f"conf/{n}.toml"), f"{TOP}pin = 1.2.0\n{END}")
            for n in range(cases)
        ]
        rows = measured(iter(sorted(past, key=lambda each: each[0]))).rows
        return any(row.on for row in rows if row.by == "pins: the higher version")

    assert usual("pins: the higher version") > usual(PINS)
    assert on_after(4, 5) and not on_after(4, 4) and not on_after(3, 9)


def test_edited_surroundings_are_no_evidence_either_way() -> None:
    row = row_of(measured(history("hhhheeeehhhh")))
    assert (row.cases, row.right, row.run, row.wrong) == (8, 8, 8, ())


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
    past = sorted([*history("h" * 20, "a/x.toml"), *history("l" * 20, "b/x.lock")], key=lambda each: each[0])
    table = measured(iter(past))
    assert not row_of(table, scope="*").on
    assert row_of(table, scope="a/*.toml").on
    # Nothing narrower says the same once more.
    assert not [row for row in table.rows if row.scope in ("a/x.toml", "b/x.lock") and not row.path]
    texts = {
        path: getattr(answer_of(table, disputed(PIN, path)), "text", None)
        for path in ("a/y.toml", "c/y.toml", "b/y.lock", "c/y.json")
    }
    # A folder that never had such a conflict says nothing, though no file of the ending was ever wrong.
    assert texts == {"a/y.toml": HIGHER, "c/y.toml": None, "b/y.lock": LOWER, "c/y.json": None}


def test_what_is_right_in_a_folder_is_off_where_it_was_wrong_too_often_around_it() -> None:
    def told(wrong: int) -> Row:
        around = history("h" * (80 - wrong) + "l" * wrong, "conf/b.toml")
        return row_of(
            measured(iter([*around, *history("h" * 40, "conf/a/c.toml", 81)])), scope="conf/a/*.toml"
        )

    assert told(36).on
    assert (told(37).on, told(37).why) == (
        False,
        "likely right: 96 %, but right in 83 of 120 merges around it, and it takes 70 %",
    )


def test_a_habit_that_is_unlike_the_rest_is_told_though_it_is_off() -> None:
    past = sorted([*history("h" * 12, "a/x.toml"), *history("hhlllll", "b/y.toml")], key=lambda each: each[0])
    rows = {row.scope: row for row in measured(iter(past)).rows if row.by == PINS and not row.on}
    assert (rows["b/*.toml"].right, rows["b/*.toml"].cases) == (2, 7)
    # These say no more than what stands for all files, and for the folder.
    assert not rows.keys() & {"*.toml", "b/y.toml"}
    assert rows["*"].wrong and not rows["b/*.toml"].wrong


def test_a_file_that_was_wrong_keeps_its_folder_silent_and_not_the_files_that_never_were() -> None:
    past = [
        *(
            each
            for at in range(60)
            for each in history("h", "x/a/b/y.toml" if at % 2 else "x/z.toml", at + 1)
        ),
        *history("l", "x/a/b/wrong.toml", 61),
        *(each for at in range(61, 90) for each in history("h", "x/z.toml", at + 1)),
    ]
    table = measured(iter(past))
    rows = {row.scope: row.on for row in table.rows if row.by == PINS}
    assert not rows["*"] and rows["x/z.toml"] and rows["x/a/b/y.toml"]
    answering = enabled(table, DAY)
    paths = ("x/z.toml", "x/a/b/y.toml", "x/a/b/wrong.toml", "x/a/b/new.toml")
    assert [resolve(disputed(PIN, path), answering).complete for path in paths] == [True, True, False, False]


def test_what_is_unlikely_in_a_folder_is_held_against_one_around_it_that_is_on() -> None:
    table = measured(history("h" * 40, "x/y.toml"))
    on = [row for row in table.rows if row.on and not row.path]
    assert {row.scope for row in on} == {"x/*.toml"}
    held = replace(table, rows=(*table.rows, *(replace(row, scope="x/a/*.toml", on=False) for row in on)))
    assert answer_of(held, disputed(PIN, "x/new.toml")) is not None
    assert answer_of(held, disputed(PIN, "x/a/new.toml")) is None


def test_what_was_right_in_one_kind_of_file_answers_in_no_other() -> None:
    table = measured(history("h" * 40))
    assert answer_of(table, disputed(PIN, "conf/new/place.toml")) is not None
    assert answer_of(table, disputed(PIN, "conf/app.py")) is None


def test_a_narrower_scope_that_is_off_keeps_a_class_silent() -> None:
    table = measured(history("h" * ENOUGH))
    classes = {row.by for row in table.rows}
    off = (
        Row(by=by, scope="conf/src/*.toml", cases=5, right=0, run=0, last=DAY, on=False, why="by hand")
        for by in classes
    )
    table = replace(table, rows=(*table.rows, *off))
    assert answer_of(table, disputed(PIN, "conf/src/app.toml")) is None
    assert answer_of(table, disputed(PIN, "conf/doc/app.toml")) is not None


def test_an_answer_says_by_whom_and_on_what_evidence() -> None:
    answer = answer_of(measured(history("h" * ENOUGH)), disputed(PIN))
    assert answer == Answer(
        HIGHER,
        "resolver pins",
        "the higher of values like 1.2: right in 13 of 13 past cases on this fork in conf/*.toml",
    )


def test_classes_that_are_on_and_differ_say_nothing() -> None:
    rows = [
        Row(by=f"pins: {sort}", scope="*", cases=9, right=9, run=9, last=DAY, on=True, why="so")
        for sort in ("our version", "their version")
    ]
    table = Table(measured=DAY, head=HEAD, syncfork="0.1.0", merges=9, rows=tuple(rows), form=FORM)
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
    assert told == {"*": True, "*.yml": False, "a/*.yml": True, "b/*.yml": False}
    assert resolve(gone("a/new.yml"), enabled(table, DAY)).complete
    assert not resolve(gone("d/new.yml"), enabled(table, DAY)).complete


def test_what_a_wider_scope_says_already_is_not_told_again() -> None:
    by = "deletions: a file that ours deleted stays deleted"
    assert [row.scope for row in measured(iter(gone_in(9, 9))).rows if row.by == by] == ["*"]


def test_a_whole_file_of_one_side_is_a_habit_that_takes_many_merges_and_is_one_of_that_file() -> None:
    by = "sides: the file of ours, and nothing of the other's"
    clean = Disputed("conf/app.toml", "contents", "", f"{TOP}{LOWER}", f"{TOP}{HIGHER}{END}", (TOP, PIN, END))
    past = [(f"{number:040x}", JANUARY, clean, clean.ours) for number in range(20)]
    assert not any(row.on for row in measured(iter(past[:-1])).rows if row.by == by)
    rows = [row for row in measured(iter(past)).rows if row.by == by]
    assert [row.scope for row in rows if row.on] == ["conf/app.toml"] and all(row.path for row in rows)


def test_a_path_that_people_deleted_says_nothing_of_its_clashes() -> None:
    past = ((f"{number:040x}", JANUARY, disputed(PIN), None) for number in range(8))
    assert not [row for row in calibrate(past, HEAD, DAY).rows if row.by.startswith("pins")]


def test_nothing_is_on_without_a_past_and_after_another_version_measured() -> None:
    assert enabled(measured(iter(())), DAY) == ()
    table = measured(history("h" * ENOUGH))
    assert enabled(table, DAY) and not table.outdated
    other = replace(table, syncfork="0.0.1")
    assert enabled(other, DAY) == () and other.outdated
    text = to_text(table).replace(f"form = {FORM}\n", "")
    assert from_text("t.toml", text.encode()).outdated, "its rows do not tell what is about paths"


def test_the_scopes_of_a_path_the_widest_first() -> None:
    assert scopes_of("a/b/c.py") == ("*", "*.py", "a/*.py", "a/b/*.py", "a/b/c.py")
    assert scopes_of("a/Makefile") == ("*", "a/", "a/Makefile")
    assert scopes_of("Makefile") == ("*", "Makefile")
    assert scopes_of("bad\udcff.c") == ("*", "*.c")


@pytest.mark.parametrize(
    "path", ["a/b/c.py", "a/b/Makefile", "Makefile", "c.py", ".github/x.yml", ".gitignore"]
)
def test_the_scopes_of_a_scope_are_those_around_it_and_itself(path: str) -> None:
    nested = scopes_of(path)
    assert [scopes_of(scope) for scope in nested] == [nested[: at + 1] for at in range(len(nested))]
    assert [is_path(scope) for scope in nested] == [scope == path for scope in nested]


def test_the_table_comes_back_from_its_text() -> None:
    table = measured(history("h" * 30, 'odd "name"\\ä.toml/x'))
    assert row_of(table, scope='odd "name"\\ä.toml/').on
    assert from_text("t.toml", to_text(table).encode()) == table


def test_a_user_may_keep_a_class_silent() -> None:
    text = to_text(measured(history("h" * ENOUGH))).replace("on = true", "on = false")
    assert enabled(from_text("t.toml", text.encode()), DAY) == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("right = 13", "right = -1", "t.toml:13: rows.0.right: expected 0 or more"),
        ("cases = 13", 'cases = "8x"', "expected a whole number"),
        ("[[rows]]", "[[rows]]\nodd = 1", "this key is not known here"),
        ("head =", "head", "t.toml:"),
    ],
)
def test_mistakes_in_the_file_are_told_with_their_line(old: str, new: str, said: str) -> None:
    table = measured(history("h" * ENOUGH))
    one = replace(table, rows=(row_of(table),))
    with pytest.raises(RuleError) as raised:
        from_text("t.toml", to_text(one).replace(old, new, 1).encode())
    assert said in raised.value.problem


def test_what_is_shown_names_what_is_on_what_is_off_and_what_was_wrong() -> None:
    past = sorted(
        [*history("h" * 20, "a/x.toml"), *history("l" * 20, "b/x\x1b[31m.lock")], key=lambda each: each[0]
    )
    lines = [line.plain for line in shown(measured(iter(past)))]
    text = "\n".join(lines)
    assert "in 20 merges" in lines[0]
    on = next(at for at, line in enumerate(lines) if " a/*.toml " in line)
    assert lines.index("on") < on < lines.index("off")
    assert "20 of 20 right" in text and "\x1b" not in text
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
    assert r'      not so, or people changed more: 000000000 "a\033.txt"' in lines
    assert not any("\x1b" in line for line in lines)


def test_what_is_wrong_all_the_time_is_not_told_as_nearly_there() -> None:
    by = "deletions: a file that ours deleted stays deleted"
    assert row_of(measured(iter(gone_in(3))), by).why == "right in 3 of the 4 merges in a row that it takes"
    assert row_of(measured(history("hhhh"))).why == "likely right: 63 %, and it takes 84 %"
    assert row_of(measured(history("lllhl"))).why == "likely right: 18 %, and it takes 84 %"


def test_what_is_shown_where_nothing_is_on() -> None:
    table = replace(measured(iter(())), syncfork="0.0.1")
    text = "\n".join(line.plain for line in shown(table))
    assert "on: none" in text and "until it is measured again" in text

"""Structs that are built or taken apart by the fields they had, once the other side's change of these is merged."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from detecting import Files, Scene, seen, told
from git_fixtures import Repo

from syncfork.detect.field_forms import built, changed_owners, structs
from syncfork.detect.field_paths import CERTAIN, MAYBE, NO, leads
from syncfork.detect.fields import find
from syncfork.text import Document

BAR = "pub struct Bar {\n    pub left: u8,\n    pub right: u8,\n}\n"
BAR_NOW = BAR.replace("    pub right", "    pub middle: u8,\n    pub right")
BAR_LESS = BAR.replace("    pub right: u8,\n", "")
BAR_NAMED = BAR.replace("right", "end")
IMPL = "\nimpl Default for Bar {\n    fn default() -> Self {\n        Self { left: 1, right: 2 }\n    }\n}\n"
IMPL_NOW = IMPL.replace("right: 2", "middle: 3, right: 2")
OWN = "use crate::bar::Bar;\n\nfn own() -> Bar {\n    Bar { left: 1, right: 2 }\n}\n"
TAKEN = OWN.replace("Bar { left: 1, right: 2 }", "let Bar { left, right } = x;")
KEY = "pub enum Event {\n    Key { code: u8 },\n    Other(u8),\n}\n"
KEY_NOW = KEY.replace("code: u8", "code: u8, held: bool")
LIB, MINE = "app/src/bar.rs", "app/src/own.rs"
ADDED = "without `middle`, which upstream added in app/src/bar.rs"

FOUND: dict[str, tuple[Files, Files, Files, list[str]]] = {
    "upstream added a field, in the same file, by Self": (
        {LIB: BAR + IMPL}, {LIB: BAR + IMPL + "\nimpl Bar {\n    fn own() -> Self {\n        Self { left: 5, right: 6 }\n    }\n}\n"}, {LIB: BAR_NOW + IMPL_NOW},
        [f"breakage {LIB}:15 `Bar` is built here {ADDED}"],
    ),
    "in a file of the fork's own": ({LIB: BAR}, {MINE: OWN}, {LIB: BAR_NOW}, [f"breakage {MINE}:4 `Bar` is built here {ADDED}"]),
    "a line of the fork's in a file of upstream's": (
        {LIB: BAR, MINE: "use crate::bar::Bar;\n\n//\n"}, {MINE: OWN + "//\n"}, {LIB: BAR_NOW},
        [f"breakage {MINE}:4 `Bar` is built here {ADDED}"],
    ),
    "the fork added it": ({LIB: BAR}, {LIB: BAR_NOW}, {MINE: OWN}, [f"breakage {MINE}:4 `Bar` is built here {ADDED.replace('upstream', 'the fork')}"]),
    "both added one": (
        {LIB: BAR}, {LIB: "pub struct Bar {\n    pub mine: u8,\n    pub left: u8,\n    pub right: u8,\n}\n", MINE: OWN.replace("left", "mine: 0, left")}, {LIB: BAR.replace("}", "    pub more: u8,\n}")},
        [f"breakage {MINE}:4 `Bar` is built here without `more`, which upstream added in {LIB}"],
    ),
    "taken apart": ({LIB: BAR}, {MINE: TAKEN}, {LIB: BAR_NOW}, [f"breakage {MINE}:4 `Bar` is taken apart here {ADDED}"]),
    "upstream took one out, though others are left to a base": (
        {LIB: BAR}, {MINE: OWN.replace("left: 1", "..x").replace("..x, right: 2", "right: 2, ..x")}, {LIB: BAR_LESS},
        [f"breakage {MINE}:4 `Bar` is built here with `right`, which upstream took out in {LIB}"],
    ),
    "renamed": (
        {LIB: BAR}, {MINE: OWN + TAKEN.replace("own()", "own_too()")}, {LIB: BAR_NAMED},
        [f"breakage {MINE}:4 `Bar` is built here (also {MINE}:9) with `right`, which upstream took out in {LIB}; in its place it has `end`"],
    ),
    "one for one of another type": (
        {LIB: BAR}, {MINE: OWN}, {LIB: BAR_NAMED.replace("end: u8", "end: u16")},
        [f"breakage {MINE}:4 `Bar` is built here with `right`, which upstream took out in {LIB}, and without `end`, which it added"],
    ),
    "a variant": (
        {LIB: KEY}, {MINE: "use super::bar::*;\n\nfn own() -> Event {\n    Event::Key { code: 1 }\n}\n"}, {LIB: KEY_NOW},
        [f"breakage {MINE}:4 `Event::Key` is built here without `held`, which upstream added in {LIB}"],
    ),
    "by its path, with types": (
        {LIB: BAR.replace("Bar {", "Bar<T> {")}, {MINE: "fn own() {\n    x(crate::bar::Bar::<u8> { left: 1, right: 2 });\n}\n"}, {LIB: BAR_NOW.replace("Bar {", "Bar<T> {")},
        [f"breakage {MINE}:2 `Bar` is built here {ADDED}"],
    ),
    "by its module": (
        {LIB: BAR}, {MINE: "use crate::bar;\n\nfn own() {\n    x(bar::Bar { left: 1, right: 2 });\n}\n"}, {LIB: BAR_NOW},
        [f"breakage {MINE}:4 `Bar` is built here {ADDED}"],
    ),
    "in another crate, in a test": (
        {LIB: BAR}, {"other/tests/it.rs": OWN.replace("crate::bar", "app::bar")}, {LIB: BAR_NOW},
        [f"breakage other/tests/it.rs:4 `Bar` is built here {ADDED}"],
    ),
    "a struct that moved": (
        {LIB: BAR, "app/src/x.rs": "// x\n"}, {MINE: OWN.replace("bar::", "")}, {LIB: None, "app/src/y.rs": "// y\n" + BAR_NOW},  # type: ignore[dict-item]
        [f"breakage {MINE}:4 `Bar` is built here without `middle`, which upstream added in app/src/y.rs"],
    ),
}  # fmt: skip

DOUBTFUL: dict[str, tuple[Files, Files, Files]] = {
    "brought in under another module": ({LIB: BAR}, {MINE: OWN.replace("crate::bar", "crate::prelude")}, {LIB: BAR_NOW}),
    "all of another crate as well": ({LIB: BAR}, {MINE: OWN.replace("Bar;", "*;\nuse other::*;", 1)}, {LIB: BAR_NOW}),
    "of a crate whose name ends as the folder's": ({LIB: BAR}, {"other/src/own.rs": OWN.replace("crate::bar", "other_app")}, {LIB: BAR_NOW}),
    "all of a module that may have another one": (
        {LIB: BAR, "app/src/net/mod.rs": "use ext::Bar;\n"}, {"app/src/net/own.rs": OWN.replace("crate::bar::Bar", "super::*")}, {LIB: BAR_NOW},
    ),
    "in an inner module that has it from a macro": (
        {LIB: BAR + "// 1\n// 2\n"}, {LIB: BAR + "// 1\n// 2\nmod wire {\n    wire_types! { Bar }\n    fn own() -> Bar {\n        Bar { left: 1, right: 2 }\n    }\n}\n"}, {LIB: BAR_NOW + "// 1\n// 2\n"},
    ),
    "of a crate that has another name than its folder": ({LIB: BAR}, {MINE: OWN.replace("crate::bar", "core::bar")}, {LIB: BAR_NOW}),
}  # fmt: skip

SILENT: dict[str, tuple[Files, Files, Files]] = {
    "the rest is left to a base": ({LIB: BAR}, {MINE: OWN.replace("right: 2", "right: 2, ..Default::default()")}, {LIB: BAR_NOW}),
    "the rest is left out of a pattern": ({LIB: BAR}, {MINE: TAKEN.replace("right }", "right, .. }")}, {LIB: BAR_NOW}),
    "the fork gives it already": ({LIB: BAR}, {MINE: OWN.replace("right: 2", "middle: 3, right: 2")}, {LIB: BAR_NOW}),
    "another type": ({LIB: BAR}, {MINE: OWN}, {LIB: BAR.replace("left: u8", "left: u16")}),
    "another order": ({LIB: BAR}, {MINE: OWN}, {LIB: "pub struct Bar {\n    pub right: u8,\n    pub left: u8,\n}\n"}),
    "a field that may not be there": ({LIB: BAR}, {MINE: OWN}, {LIB: BAR.replace("    pub right", '    #[cfg(feature = "x")]\n    pub middle: u8,\n    pub right')}),
    "a field that is given where it is there": ({LIB: BAR}, {MINE: OWN.replace("right: 2", "#[cfg(x)] right: 2")}, {LIB: BAR_LESS}),
    "in a macro": ({LIB: BAR}, {MINE: OWN.replace("Bar { left: 1, right: 2 }", "vec![Bar { left: 1, right: 2 }]")}, {LIB: BAR_NOW}),
    "defined twice": ({LIB: BAR, "app/src/b.rs": BAR}, {MINE: OWN}, {LIB: BAR_NOW}),
    "a type of that name elsewhere": ({LIB: BAR, "app/src/b.rs": "type Bar = u8;\n"}, {MINE: OWN}, {LIB: BAR_NOW}),
    "another one brought in by that name": ({LIB: BAR, "app/src/b.rs": "use lsp::Beer as Bar;\n"}, {MINE: OWN}, {LIB: BAR_NOW}),
    "the fork's own": ({LIB: BAR}, {MINE: BAR + OWN.partition("\n")[2]}, {LIB: BAR_NOW}),
    "brought in from another crate": ({LIB: BAR}, {MINE: OWN.replace("crate::bar", "lsp_types")}, {LIB: BAR_NOW}),
    "of another crate by its path": ({LIB: BAR}, {MINE: OWN.replace("    Bar {", "    lsp::Bar {")}, {LIB: BAR_NOW}),
    "not brought in at all": ({LIB: BAR}, {MINE: OWN.partition("\n")[2]}, {LIB: BAR_NOW}),
    "a variant of an enum that is brought in whole": ({LIB: BAR}, {MINE: OWN.replace("Bar;", "*;\nuse Drink::*;", 1)}, {LIB: BAR_NOW}),
    "built with something else where upstream changes": (
        {LIB: BAR}, {MINE: OWN}, {LIB: BAR_NOW, "app/src/b.rs": "use crate::bar::Bar;\n\nfn f() -> Bar {\n    Bar { height: 3 }\n}\n"},
    ),
    "a struct of another crate": ({"one/src/bar.rs": BAR}, {MINE: OWN}, {"one/src/bar.rs": "", LIB: BAR_NOW}),
    "in conflict": ({LIB: BAR}, {LIB: BAR.replace("right", "mine"), MINE: OWN.replace("right", "mine")}, {LIB: BAR.replace("right", "theirs")}),
    "built in a conflict": (
        {LIB: BAR, "app/src/b.rs": "use crate::bar::Bar;\n\nfn f() -> Bar {\n    Bar { left: 1, right: 2 }\n}\n"}, {"app/src/b.rs": "use crate::bar::Bar;\n\nfn f() -> Bar {\n    Bar { left: 8, right: 9 }\n}\n"},
        {LIB: BAR_NOW, "app/src/b.rs": "use crate::bar::Bar;\n\nfn f() -> Bar {\n    Bar { left: 1, middle: 1, right: 2 }\n}\n"},
    ),
    "now a tuple": ({LIB: BAR}, {MINE: OWN}, {LIB: "pub struct Bar(u8, u8);\n"}),
    "taken out": ({LIB: BAR}, {MINE: OWN}, {LIB: "// nothing\n"}),
    "a union": ({LIB: BAR.replace("struct", "union")}, {MINE: OWN.replace(", right: 2", "")}, {LIB: BAR_NOW.replace("struct", "union")}),
    "a remark, and a text": ({LIB: BAR}, {MINE: "use crate::bar::Bar;\n// Bar { left: 1, right: 2 }\nconst X: &str = \"Bar { left: 1, right: 2 }\";\n"}, {LIB: BAR_NOW}),
    "a line of upstream's": ({LIB: BAR, MINE: OWN}, {"app/src/b.rs": "// b\n"}, {LIB: BAR_NOW, MINE: OWN.replace("right: 2", "middle: 3, right: 2")}),
    "vendored": ({"vendor/app/src/bar.rs": BAR}, {MINE: OWN}, {"vendor/app/src/bar.rs": BAR_NOW}),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_found(tmp_path: Path, name: str) -> None:
    base, ours, theirs, expected = FOUND[name]
    assert told(seen(Repo.create(tmp_path / "r"), Scene(base, ours, theirs), find)) == expected


@pytest.mark.parametrize("name", DOUBTFUL)
def test_doubtful(tmp_path: Path, name: str) -> None:
    base, ours, theirs = DOUBTFUL[name]
    found = seen(Repo.create(tmp_path / "r"), Scene(base, ours, theirs), find)
    assert [item.cls for item in found] == ["decision"]


@pytest.mark.parametrize("name", SILENT)
def test_silent(tmp_path: Path, name: str) -> None:
    base, ours, theirs = SILENT[name]
    assert told(seen(Repo.create(tmp_path / "r"), Scene(base, ours, theirs), find)) == []


@pytest.mark.parametrize(
    ("own", "now", "fix", "code"),
    [
        (OWN, BAR_NOW + IMPL_NOW, "give `middle` as well, as upstream does in app/src/bar.rs:9", "middle: 3,"),
        (TAKEN, BAR_NOW + IMPL_NOW, "name `middle` as well, or end it with `..`", ""),
        (OWN, BAR_LESS, "leave `right` out", ""),
        (OWN, BAR_NAMED + IMPL.replace("right", "end"), "name `end` in its place, if that is the same, as upstream does in app/src/bar.rs:8", "end: 2,"),
    ],
)  # fmt: skip
def test_it_says_what_to_do(tmp_path: Path, own: str, now: str, fix: str, code: str) -> None:
    [found] = seen(Repo.create(tmp_path / "r"), Scene({LIB: BAR}, {MINE: own}, {LIB: now}), find)
    assert (found.fix, found.code) == (fix, code)


@pytest.mark.parametrize("now", [BAR_NOW, BAR_LESS, BAR_NAMED])
def test_the_culprit_changed_the_fields(repo: Repo, now: str) -> None:
    base = repo.commit({LIB: BAR, "x": "1"})
    repo.checkout("main", repo.commit({MINE: OWN}, base))
    before = repo.commit({LIB: BAR + "// more\n"}, base, message="A remark")
    guilty = repo.commit({LIB: now + "// more\n"}, before, message="Other fields")
    repo.git("branch", "up", repo.commit({"x": "2"}, guilty))
    done = repo.syncfork("merge", "up", "--dry-run", "--format", "json")
    [finding] = json.loads(done.out)["findings"]
    assert (finding["detector"], finding["class"], done.code) == ("fields", "breakage", 1)
    assert [culprit["commit"] for culprit in finding["culprits"]] == [guilty]


def test_what_a_text_defines() -> None:
    text = (
        "// struct A { x: u8 }\n#[derive(Debug)]\npub struct A<T>\nwhere\n    T: X,\n{\n    /// One.\n    #[cfg(x)]\n    a: u8,\n"
        "    #[cfg_attr(x, y)] pub(crate) b: Vec<T>,\n}\nenum E {\n    V { r#type: u8 },\n    W(u8),\n    X,\n}\nstruct T(u8);\nstruct U;\nunion N { a: u8 }\n"
    )
    document = Document("a.rs", text)
    found = [each for name in ("A", "E", "T", "U", "N") for each in structs(document, name)]
    assert [(each.name, [(f.name, f.type, f.line, f.always) for f in each.fields]) for each in found] == [
        ("A", [("a", "u8", 9, False), ("b", "Vec<T>", 10, True)]),
        ("E::V", [("r#type", "u8", 13, True)]),
    ]


BUILT = {
    "A { a: 1, b }": ["A a,b"],
    "m::A::<Vec<u8>> { a: 1, /* c */ ..x }": ["m::A a.."],
    "Self { a: 1 }": ["S a"],
    "Self::V { a }": ["S::V a"],
    "let A { a, b: mut q, ref c, .. } = x": ["A a,b,c.. pattern"],
    "if let Some(E::V { a }) = x { b }": ["E::V a pattern"],
    "x(A { a: B { b: 1 } })": ["A a", "B b"],
    "let T { 0: x } = y": [],
    "A { #[cfg(x)] a: 1 }": [],
    "if a == B { c }": [],
    "vec![A { a: 1 }]": [],
}


@pytest.mark.parametrize("code", BUILT)
def test_what_a_text_builds(code: str) -> None:
    text = f"impl<T> Trait for S<T> {{\n    fn f() {{\n        {code};\n    }}\n}}\n"
    found = [
        f"{'::'.join(b.path)} {','.join(b.given)}{'..' * b.rest}{' pattern' * b.pattern}"
        for each in built(Document("a.rs", text)).values()
        for b in each
    ]
    assert sorted(found) == BUILT[code]


@pytest.mark.parametrize(
    ("inner", "shut"),
    [
        ("", True),
        ("use std::fmt;", True),
        ("use ext::*;", True),
        ("use super::*;", False),
        ("use super::{/* , */ B, // b\nA};", False),
        ("use as A;", True),
        ("use crate::a::A;", False),
        ("struct A { a: u8 }", False),
        ("mod n { use super::*;", True),
        ("use super::*; mod n { use super::*;", False),
        ("use super::A; mod n { use super::*;", False),
        ("struct A { a: u8 } mod n {", True),
        ("} mod n { use super::A;", False),
        ("} impl A {", False),
    ],
)
def test_an_inner_module_has_the_name_from_somewhere(inner: str, shut: bool) -> None:
    text = f"mod m {{ {inner} fn f() {{ A {{ a: 1 }}; m::A {{ a: 1 }} }} {'}' * (inner.count('{') - inner.count('}'))} }}\n"
    found = built(Document("a.rs", text))["A"]
    assert [(each.path, each.shut) for each in found] == [(("A",), shut), (("m", "A"), False)]


@pytest.mark.parametrize(
    ("module", "path", "where", "expected"),
    [
        ("super", "app/src/net/own.rs", "app/src/net/mod.rs", CERTAIN),
        ("super", "app/src/net/own.rs", "app/src/net.rs", CERTAIN),
        ("super", "app/src/net/own.rs", "app/src/net/bar.rs", MAYBE),
        ("super", "app/src/net/own.rs", "app/src/lib.rs", MAYBE),
        ("super::super", "app/src/net/own.rs", "app/src/lib.rs", CERTAIN),
        ("super", "app/src/net/mod.rs", "app/src/lib.rs", CERTAIN),
        ("super", "src/own.rs", "src/main.rs", CERTAIN),
        ("super", "app/src/main.rs", "app/src/lib.rs", MAYBE),
        ("crate", "app/src/net/own.rs", "app/src/lib.rs", CERTAIN),
        ("crate", "app/src/net/own.rs", "app/src/net.rs", MAYBE),
        ("crate", "app/src/bin/own.rs", "app/src/lib.rs", MAYBE),
        ("self", "app/src/net/own.rs", "app/src/net.rs", MAYBE),
    ],
)
def test_all_of_a_module_is_what_its_file_defines(module: str, path: str, where: str, expected: int) -> None:
    assert leads(Document(path, f"use {module}::*;"), ("Bar",), where) == expected


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("use crate::{a::{B}, bar::{self, Bar}};", "Bar", CERTAIN),
        ("use super::Bar;", "Bar", CERTAIN),
        ("use crate::bar::*;", "Bar", CERTAIN),
        ("pub(crate) use app::Bar;", "Bar", CERTAIN),
        ("use app::bar::Bar;", "Bar", CERTAIN),
        ("use my_app::bar::Bar;", "Bar", MAYBE),
        ("use super::*;", "Bar", MAYBE),
        ("use crate::bar as b;", "b::Bar", CERTAIN),
        ("mod bar;", "bar::Bar", CERTAIN),
        ("", "super::Bar", CERTAIN),
        ("use crate::ui::Bar;", "Bar", MAYBE),
        ("use super::*;\nuse lsp::*;", "Bar", MAYBE),
        ("use lsp::bar::Bar;", "Bar", MAYBE),
        ("use lsp::Bar;\nuse super::*;", "Bar", NO),
        ("use lsp::Bar;\nuse super::Bar;", "Bar", NO),
        ("use lsp::*;", "Bar", NO),
        ("", "lsp::Bar", NO),
        ("// use super::*;", "Bar", NO),
        ("use as Bar;", "Bar", NO),
    ],
)
def test_where_a_path_leads(text: str, path: str, expected: int) -> None:
    assert leads(Document(MINE, text), tuple(path.split("::")), LIB) == expected


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        (BAR, BAR_NOW, {"Bar"}),
        (BAR, BAR_LESS, {"Bar"}),
        (BAR + IMPL, BAR + IMPL_NOW, set()),
        (KEY, KEY_NOW, {"Event"}),
        (BAR, "", {"Bar"}),
        ("", BAR, set()),
        (BAR + KEY, BAR + KEY_NOW, {"Event"}),
    ],
)
def test_what_may_have_changed(before: str, after: str, changed: set[str]) -> None:
    assert changed_owners(before, after) == changed


@pytest.mark.parametrize("text", ["struct f{" * 50_000, "struct f{\na:u8}" * 30_000, "struct f " * 50_000, "struct f{\n" * 20_000 + "}\n" * 20_000, "use " + "{a," * 50_000, "use a::{\n" * 600 + ";", "f{\na:" * 20_000, "impl A {\n" + "Self{\na:" * 3_000 + "1" + "}\n" * 3_001, "impl A {\n" + "(Self{a:1},\n" * 4_000 + ")" * 4_000 + "}", "impl A { fn f() {" + "Self{a:1}+\n" * 8_000 + "1}}", "// " + "}" * 3_001 + "\n" + "Self{\na:" * 3_000 + "1" + "}\n" * 3_000])  # fmt: skip
def test_hostile_texts_are_looked_through_in_time(text: str) -> None:
    begun = time.process_time()
    document = Document("a.rs", text)
    changed_owners(text, text[1:])
    structs(document, "f")
    built(document)
    leads(document, ("f",), LIB)
    assert time.process_time() - begun < 5


def test_many_paths_in_a_long_text_are_followed_in_time() -> None:
    document = Document(MINE, "".join(f"x{number}::Bar {{a: 1}}\n" for number in range(15_000)))
    begun = time.process_time()
    assert {leads(document, (f"x{number}", "Bar"), LIB) for number in range(8_000)} == {NO}
    assert time.process_time() - begun < 5

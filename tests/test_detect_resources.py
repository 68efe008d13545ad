"""Android's texts and colours that one side took out and the other side's lines use."""

from __future__ import annotations

from pathlib import Path

import pytest
from detecting import Files, Scene, seen, told
from git_fixtures import Repo

from syncfork.detect.resources import find


def values(*names: str, kind: str = "string") -> str:
    return (
        "<resources>\n"
        + "".join(f'    <{kind} name="{name}">x</{kind}>\n' for name in names)
        + "</resources>\n"
    )


LIGHT = "lib/res/values/texts.xml"
BOTH, ONE = values("light", "title"), values("title")
GONE = "and no file of values has it any more: upstream took it out of lib/res/values/texts.xml"
USING = "fun own() = text(R.string.light)\n"

FOUND: dict[str, tuple[Files, Files, Files, list[str]]] = {
    "code of the fork's own": ({LIGHT: BOTH}, {"own/A.kt": USING}, {LIGHT: ONE}, [f"breakage own/A.kt:1 `R.string.light` is used here, {GONE}"]),
    "named by its package, in several places": (
        {LIGHT: BOTH}, {"A.java": "a\ntext(com.acme.strings.R.string.light);\n", "res/layout/b.xml": '<a\n android:text="@string/light" />\n'}, {LIGHT: ONE},
        [f"breakage A.java:2 `R.string.light` is used here (also res/layout/b.xml:2), {GONE}"],
    ),
    "a line of the fork's in a file of upstream's": (
        {LIGHT: BOTH, "A.kt": "a\nb\nc\nd\n"}, {"A.kt": f"a\n{USING}b\nc\nd\n"}, {LIGHT: ONE, "A.kt": "a\nb\nc\nd\ne\n"},
        [f"breakage A.kt:2 `R.string.light` is used here, {GONE}"],
    ),
    "several, in all languages, with the file": (
        {LIGHT: BOTH, "lib/res/values-de/texts.xml": BOTH}, {"A.kt": "R.string.light\nR.string.title\n"}, {LIGHT: None, "lib/res/values-de/texts.xml": None},
        ["breakage A.kt:1 `R.string.light`, `R.string.title` are used here (also A.kt:2), and no file of values has them any more: upstream took them out of lib/res/values/texts.xml"],
    ),
    "what the fork took out and a new line of upstream's uses": (
        {LIGHT: BOTH}, {LIGHT: ONE}, {"A.kt": USING},
        ["breakage A.kt:1 `R.string.light` is used here, and no file of values has it any more: the fork took it out of lib/res/values/texts.xml"],
    ),
    "a style, whose dots are none in code": (
        {LIGHT: values("Theme.Own", kind="style")}, {"A.kt": "R.style.Theme_Own\n", "b.xml": '<a style="@style/Theme.Own" />\n'}, {LIGHT: ONE},
        [f"breakage A.kt:1 `R.style.Theme_Own` is used here (also b.xml:1), {GONE}"],
    ),
    "a list of texts": (
        {LIGHT: values("days", kind="string-array")}, {"A.kt": "R.array.days\n"}, {LIGHT: ONE},
        [f"breakage A.kt:1 `R.array.days` is used here, {GONE}"],
    ),
}  # fmt: skip

SILENT: dict[str, tuple[Files, Files, Files]] = {
    "it has moved": ({LIGHT: BOTH}, {"A.kt": USING}, {LIGHT: ONE, "app/res/values/more.xml": values("light")}),
    "the fork has one of its own, which it did not change": ({LIGHT: BOTH, "own/res/values/o.xml": values("light")}, {"A.kt": USING}, {LIGHT: ONE}),
    "a line that both have": ({LIGHT: BOTH, "A.kt": USING}, {"A.kt": USING + "x\n"}, {LIGHT: ONE}),
    "Gradle makes it": ({LIGHT: BOTH}, {"A.kt": USING}, {LIGHT: ONE, "app/build.gradle.kts": 'resValue("string", "light", "x")\n'}),
    "a style of that name in another file": ({LIGHT: values("Theme.Own", kind="style"), "o/res/values/o.xml": values("Theme.Own", kind="style")}, {"A.kt": "R.style.Theme_Own\n"}, {LIGHT: ONE}),
    "a list in another file": ({LIGHT: values("days", kind="string-array"), "o/res/values/o.xml": values("days", kind="string-array")}, {"A.kt": "R.array.days\n"}, {LIGHT: ONE}),
    "both took it out": ({LIGHT: BOTH}, {LIGHT: values("title", "more"), "A.kt": USING}, {LIGHT: ONE}),
    "another kind of that name": ({LIGHT: BOTH}, {"A.kt": "R.color.light\n"}, {LIGHT: ONE}),
    "Android's own": ({LIGHT: BOTH}, {"A.kt": "android.R.string.light\n", "b.xml": '<a text="@android:string/light" />\n'}, {LIGHT: ONE}),
    "Android's own, brought in": ({LIGHT: BOTH}, {"A.java": "import android.R;\nR.string.light\n"}, {LIGHT: ONE}),
    "what an editor shows": ({LIGHT: BOTH}, {"b.xml": '<a tools:text="@string/light" />\n'}, {LIGHT: ONE}),
    "a remark": ({LIGHT: BOTH}, {"A.kt": "// R.string.light\n", "b.xml": "<!-- @string/light -->\n"}, {LIGHT: ONE}),
    "longer names": ({LIGHT: BOTH}, {"A.kt": "R.string.light_on, BR.string.light\n"}, {LIGHT: ONE}),
    "no file of values": ({"lib/res/xml/texts.xml": BOTH}, {"A.kt": USING}, {"lib/res/xml/texts.xml": ONE}),
    "another language": ({LIGHT: BOTH}, {"a.py": "R.string.light\n"}, {LIGHT: ONE}),
    "the file in conflict": ({LIGHT: BOTH}, {LIGHT: values("lights", "title"), "A.kt": USING}, {LIGHT: values("lit", "title")}),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_found(tmp_path: Path, name: str) -> None:
    base, ours, theirs, expected = FOUND[name]
    assert told(seen(Repo.create(tmp_path / "r"), Scene(base, ours, theirs), find)) == expected


@pytest.mark.parametrize("name", SILENT)
def test_silent(tmp_path: Path, name: str) -> None:
    base, ours, theirs = SILENT[name]
    assert told(seen(Repo.create(tmp_path / "r"), Scene(base, ours, theirs), find)) == []


def test_the_culprit_took_it_out(repo: Repo) -> None:
    base = repo.commit({LIGHT: BOTH, "x": "1"})
    repo.checkout("main", repo.commit({"A.kt": USING}, base))
    gone = repo.commit({LIGHT: ONE}, base, message="Drop the light theme")
    repo.branch("upstream", repo.commit({LIGHT: values("title", "more")}, gone, message="More"))
    ran = repo.syncfork("merge", "upstream", "--dry-run", "--format", "json")
    [found] = [f for f in ran.report["findings"] if f["detector"] == "resources"]
    assert [culprit["subject"] for culprit in found["culprits"]] == ["Drop the light theme"]
    assert found["upstream"] == {"path": LIGHT, "line": 2, "tree": "base"}

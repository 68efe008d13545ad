"""Files that upstream wrote anew under another name, with the values that the fork had replaced in the old one."""

from __future__ import annotations

import time

import pytest
from detecting import Scene, seen, told
from git_fixtures import Repo
from msgspec.structs import replace

from syncfork.detect.kin import successors
from syncfork.detect.replaced_values import replaced_values
from syncfork.detect.successors import find
from syncfork.git.changes import Change
from syncfork.git.objects import Entry
from syncfork.text import Document

JAVA = """class Report {
    String MAIL = "crash@upstream.example.org";
    String URL =
            "https://forge.example/upstream/app/issues";
    String HELP = "https://upstream.example.org/help";
}
"""
OURS_JAVA = JAVA.replace("crash@upstream.example.org", "us@fork.example").replace("upstream/app", "fork/app")
KOTLIN = """object Report {
    const val HELP_ADDRESS = "https://upstream.example.org/help"
    const val MAIL = "crash@upstream.example.org"
    const val ISSUES = "https://forge.example/upstream/app/issues"
    fun other() = 1
}
"""
GRADLE = """android {
    namespace 'org.upstream.app'
    applicationId "org.upstream.app"
    resValue "string", "app_name", "Upstream"
    implementation 'org.upstream.libs:reader:v1.2'
}
"""
OURS_GRADLE = (
    GRADLE.replace('Id "org.upstream.app"', 'Id "org.fork.app"')
    .replace('"Upstream"', '"Forked"')
    .replace("org.upstream.libs:reader:v1.2", "org.fork.libs:reader:0123456789abcdef")
)
KTS = """android {
    namespace = "org.upstream.app"
    applicationId = "org.upstream.app"
    resValue("string", "app_name", "Upstream")
}
"""
TOML = 'reader = { module = "org.upstream.libs:reader", version = "1.3" }\nname = "Upstream"\n'
# git takes it for no rename.
OTHER = "".join(f"something = other({n})\n" for n in range(20))
GONE = "upstream deleted {}, and has `{}` of it in this new file; the fork had put `{}` in its place there (line {})"


def scene(old: str, base: str, ours: str, theirs: dict[str, str], **more: str) -> Scene:
    """The fork changed the file `old`, and upstream has `theirs` in its place."""
    others = {f"other/{name}": text for name, text in more.items()}
    return Scene({old: base, **others}, {old: ours}, {old: None, **theirs})


@pytest.mark.parametrize(("version", "told"), [("1.4", True), ("1.2", False)])
def test_what_else_the_forks_line_says_is_shown(repo: Repo, version: str, told: bool) -> None:
    """A version of its own, which the new file may have in another place."""
    base = "libs {\n  use 'com.github.Upstream:Reader:1.2'\n}\n"
    ours = base.replace("Upstream:Reader:1.2", f"fork:OurReader:{version}")
    new = f'{OTHER}reader = {{ module = "com.github.Upstream:Reader", version.ref = "reader" }}\n'
    [found] = seen(repo, scene("app/build.gradle", base, ours, {"gradle/libs.toml": new}), find)
    assert '\n+reader = { module = "com.github.fork:OurReader"' in found.code
    own = f"@@ the fork's own line, in app/build.gradle (line 2 of the merge base)\n   use 'com.github.fork:OurReader:{version}'"
    assert found.code.endswith(own) is told


def test_explain_shows_the_line_as_its_commit_had_it(repo: Repo) -> None:
    """A later commit of upstream's changed a word of it."""
    base = repo.commit({"app/build.gradle": "use 'com.github.Upstream:Reader:1.2'\n"})
    ours = repo.commit({"app/build.gradle": "use 'com.github.fork:OurReader:1.2'\n"}, base)
    line = 'reader = { module = "com.github.Upstream:Reader", version.ref = "reader" }\n'
    new = {"app/build.gradle": None, "gradle/libs.toml": OTHER + line + OTHER}
    made = repo.commit(new, base, message="Write it anew")
    made = repo.commit({"gradle/libs.toml": OTHER + line.replace('"reader"', '"readers"') + OTHER}, made)
    repo.checkout("main", ours)
    repo.branch("up", made)
    repo.syncfork("merge", "up", "--dry-run")
    told = repo.syncfork("explain", "successors", "--format", "json").report
    assert told["finding"]["culprits"][0]["subject"] == "Write it anew"
    assert f"+{line.strip()}" in told["diff"] and len(told["diff"]) < 20


def test_a_file_rewritten_in_another_language(repo: Repo) -> None:
    [found] = seen(repo, scene("src/Report.java", JAVA, OURS_JAVA, {"src/Report.kt": KOTLIN}), find)
    said = GONE.format("src/Report.java", "crash@upstream.example.org", "us@fork.example", 2)
    assert told([found]) == [f"decision src/Report.kt:3 {said}, and so with 1 more value"]
    assert '-    const val ISSUES = "https://forge.example/upstream/app/issues"\n+' in found.code
    assert found.code.endswith('+    const val ISSUES = "https://forge.example/fork/app/issues"')
    assert found.upstream and (found.upstream.path, found.upstream.line) == ("src/Report.kt", 3)


def test_a_build_file_becomes_two(repo: Repo) -> None:
    settings = "// substitute 'org.upstream.libs:reader'\n"
    new = {"app/build.gradle.kts": KTS, "gradle/libs.toml": TOML, "settings.gradle.kts": OTHER + settings}
    made = scene("app/build.gradle", GRADLE, OURS_GRADLE, new)
    # Another file that was written anew had the value all along.
    base, theirs = {**made.base, "settings.gradle": settings}, {**made.theirs, "settings.gradle": None}
    assert told(seen(repo, Scene(base, made.ours, theirs), find)) == [
        "decision app/build.gradle.kts:3 "
        + GONE.format("app/build.gradle", "org.upstream.app", "org.fork.app", 3)
        + ", and so with 1 more value",
        "decision gradle/libs.toml:1 "
        + GONE.format("app/build.gradle", "org.upstream.libs:reader", "org.fork.libs:reader", 5),
    ]


def test_a_folder_named_after_the_language(repo: Repo) -> None:
    new = {"src/main/kotlin/org/app/Report.kt": KOTLIN}
    [found] = seen(repo, scene("src/main/java/org/app/Report.java", JAVA, OURS_JAVA, new), find)
    assert found.path == "src/main/kotlin/org/app/Report.kt"


def test_values_of_data_without_quotes(repo: Repo) -> None:
    base, new = "group=org.upstream.app\nport=80\n", "app:\n  group: org.upstream.app\n  port: 80\n"
    made = scene("app.properties", base, base.replace("upstream", "fork"), {"app.yaml": new})
    [found] = seen(repo, made, find)
    assert (found.path, found.line) == ("app.yaml", 2)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        # Ported already, or not there; what the fork let stand; a plain word, or a version alone, in another file.
        (OURS_JAVA, {"src/Report.kt": "object Report\n"}),
        (OURS_JAVA, {"src/Report.kt": OURS_JAVA}),
        (JAVA + "// more\n", {"src/Report.kt": KOTLIN}),
        (JAVA.replace("/help", "/us"), {"src/Report.kt": KOTLIN.replace("/help", "/helpful")}),
        (OURS_JAVA, {"vendor/Report.kt": KOTLIN}),
    ],
)
def test_silent(repo: Repo, ours: str, theirs: dict[str, str]) -> None:
    assert seen(repo, scene("src/Report.java", JAVA, ours, theirs), find) == []


@pytest.mark.parametrize(
    ("base", "ours", "theirs"),
    [
        ('name = "upstream"\n', 'name = "forked"\n', 'title = "upstream"\n'),
        ('x = "org.app.libs:reader:1.2"\n', 'x = "org.app.libs:reader:1.3"\n', 'x = "org.app.libs:reader:1.2"\n'),
        ('url = "https://x.example/a"\n', 'url = "https://x.example/b"\n', 'url = "https://x.example/a/c"\n'),
    ],
)  # fmt: skip
def test_silent_in_a_file_of_another_name(repo: Repo, base: str, ours: str, theirs: str) -> None:
    assert seen(repo, scene("src/old.py", base, ours, {"lib/new.py": OTHER + theirs}), find) == []


@pytest.mark.parametrize(
    ("base", "ours", "expected"),
    [
        ('a = "one.two.three"\n', 'a = "four"\n', [("one.two.three", "four")]),
        ("    'one two',\n", "    'three',\n", [("one two", "three")]),
        # Of values that stand alone nobody can tell which one it became where there are more of them.
        ("'one two',\n", "'three',\n'four',\n", []),
        ('"one/a",\n"one/b",\n', '"two/b",\n"two/a",\n', []),
        ("- conda::tool=1.19\n", "- conda::tool=1.20\n", []),
        ("a: out.yml:md5,0123456789abcdef0123\n", "a: other\n", []),
        ('<a x:focus="true two" />\n', '<a x:height="true two" />\n', []),
        ("url: https://x.example/a # it\n", "url: here # it\n", [("https://x.example/a", "here")]),
        ("a: " + "x" * 2000 + "\n", "a: b\n", []),
    ],
)  # fmt: skip
def test_values_that_were_replaced(base: str, ours: str, expected: list[tuple[str, str]]) -> None:
    found = replaced_values(Document("a.yml", base), Document("a.yml", ours))
    assert [(value.theirs, value.ours) for value in found] == expected


def test_what_the_fork_has_elsewhere_is_no_value_that_it_replaces(repo: Repo) -> None:
    base, ours = 'u = "https://x.example/a"\n', 'u = "https://y.example/a"\n'
    new = {"lib/new.py": OTHER + base}
    assert seen(repo, scene("src/old.py", base, ours, new, kept=base), find) == []
    [found] = seen(repo, scene("src/old.py", base, ours, new), find)
    assert found.path == "lib/new.py"
    several = {**new, "lib/newer.py": OTHER + OTHER + base}
    assert seen(repo, scene("src/old.py", base, ours, several), find) == []


def test_what_a_rule_ports_is_done(repo: Repo) -> None:
    rule = (
        "id: ours\nfiles: ['**/Report.kt']\nrewrite:\n  - replace: {literal: crash@upstream.example.org}\n    with: us@fork.example\n"
        "  - replace: {literal: forge.example/upstream}\n    with: forge.example/fork\n"
    )
    made = scene("src/Report.java", JAVA, OURS_JAVA, {"src/Report.kt": KOTLIN})
    assert seen(repo, Scene(made.base, made.ours, made.theirs, (rule,)), find) == []


def test_who_deletes_the_old_file_is_told(repo: Repo) -> None:
    base = repo.commit({"Report.java": JAVA, "x": "1"})
    repo.checkout("main", repo.commit({"Report.java": OURS_JAVA}, base))
    new = {"Report.java": None, "Report.kt": KOTLIN}
    repo.branch("upstream", repo.commit(new, base, message="Write it in Kotlin"))
    begun = repo.syncfork("merge", "upstream", "--format", "json")
    [conflict] = begun.report["conflicts"]
    assert (begun.code, conflict["path"], conflict["successor"]) == (1, "Report.java", "Report.kt")
    status = repo.syncfork("status").out
    assert "modify/delete, upstream may have gone on in Report.kt" in status
    assert begun.report["next"][0].endswith("then: git add FILE..., or git rm FILE that is to go)")
    assert "or git rm FILE that is to go" in status
    repo.git("rm", "-q", "Report.java")
    ran = repo.syncfork("continue", "--format", "json")
    [found] = [f for f in ran.report["findings"] if f["detector"] == "successors"]
    assert (found["path"], found["class"]) == ("Report.kt", "decision")
    assert [culprit["subject"] for culprit in found["culprits"]] == ["Write it in Kotlin"]


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        (["app/x.kts", "lib/x.kts", "app/x.toml.txt"], "app/x.kts"),
        (["main/kotlin/app/x.kt"], ""),
        (["app/y.kts", "x.kts", "app/.gradle"], ""),
        (["lib/app/x.gradle.kts", "app/x.gradle.kts"], "app/x.gradle.kts"),
        (["lib/app/x.gradle.kts"], ""),
        # Another one of its kind, which has an ending of its own before that.
        (["app/x.de.gradle", "app/x.spec.ts"], ""),
        ([], ""),
    ],
)
def test_the_nearest_new_file_of_that_name(added: list[str], expected: str) -> None:
    entry = Entry("100644", "1" * 40)
    gone = Change("app/x.gradle", "app/x.gradle", entry, None)
    others = [Change(path, path, None, entry) for path in added]
    assert successors([gone, *others], ["app/x.gradle"]).get("app/x.gradle", "") == expected
    moved = Change("app/x.gradle", "app/z.gradle", entry, entry)
    assert successors([moved, *others], ["app/x.gradle"]) == {}
    # A submodule goes on nowhere.
    assert successors([replace(gone, old=Entry("160000", "1" * 40)), *others], ["app/x.gradle"]) == {}


def test_of_many_of_one_name_each_is_found_at_once() -> None:
    entry = Entry("100644", "1" * 40)
    gone = [Change(f"a/{n}/index.js", f"a/{n}/index.js", entry, None) for n in range(20_000)]
    new = [Change(f"a/{n}/index.ts", f"a/{n}/index.ts", None, entry) for n in range(20_000)]
    start = time.process_time()
    found = successors([*gone, *new], [change.old_path for change in gone])
    assert found["a/7/index.js"] == "a/7/index.ts" and len(found) == 20_000
    assert time.process_time() - start < 5


def test_a_value_that_the_fork_shortened(repo: Repo) -> None:
    ours = JAVA.replace("https://upstream.example.org/help", "https://upstream.example.org")
    [found] = seen(repo, scene("src/Report.java", JAVA, ours, {"src/Report.kt": KOTLIN}), find)
    assert (found.path, found.line) == ("src/Report.kt", 2)


def test_many_files_that_went_and_many_new_ones_take_no_time() -> None:
    base = Document(
        "a.properties", "".join(f"key{n} = https://upstream.example/{n}/page\n" for n in range(150))
    )
    ours = Document("a.properties", base.text.replace("upstream.example", "fork.example"))
    values = list(replaced_values(base, ours))
    assert len(values) == 150 and len({value.form for value in values}) == 150
    start = time.process_time()
    assert not list(replaced_values(base, Document("a.properties", ("x" * 990 + "\n") * 2000)))
    assert time.process_time() - start < 5

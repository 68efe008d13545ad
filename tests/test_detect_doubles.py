"""What both sides added to one block, each at a place of its own."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from detecting import Scene, seen, told
from git_fixtures import Repo

from syncfork.detect.doubles import find

BOTH = "both sides have it, each at a place of its own"
DEAD = f"{BOTH}, and one does nothing any more"


def filler(indent: str, name: str, comment: str) -> str:
    """Lines that keep two places apart for git."""
    return "".join(f"{indent}{comment} {name} {n}\n" for n in range(6))


def scene(
    path: str, head: str, tail: str, mine: str, yours: str, indent: str = "    ", comment: str = "//"
) -> Scene:
    """The fork adds `mine` behind `head`, upstream adds `yours` before `tail`."""
    between = filler(indent, "between", comment)
    base = head + between + tail
    return Scene({path: base}, {path: head + mine + between + tail}, {path: head + between + yours + tail})


# By what it is: the file, its head, its tail, what either side adds, and what is told.
FOUND: dict[str, tuple[str, str, str, str, str, str]] = {
    "a case": (
        "a.cpp", "int f(int x)\n{\n    switch (x) {\n    case A::One: {\n        one();\n    }\n    break;\n", "    default:\n        break;\n    }\n}\n",
        "    case A::New: {\n        mine();\n    }\n    break;\n", "    case A::New:\n        yours();\n        break;\n",
        f"breakage a.cpp:8 the case `A::New` stands here twice (again in line 18): {BOTH}",
    ),
    "a case further in": (
        "a.java", "class A {\n    int f(int x) {\n        switch (x) {\n", "        }\n    }\n}\n",
        "            case NEW:\n                return 1;\n", "            case NEW:\n                return 2;\n",
        f"breakage a.java:4 the case `NEW` stands here twice (again in line 12): {BOTH}",
    ),
    "a function of C": ("a.c", "int a;\n", "int z;\n", "static int on(int x) {\n    return x;\n}\n", "static int on(int x)\n{\n    return 1;\n}\n", f"breakage a.c:2 the function `static int on(int x)` stands here twice (again in line 11): {BOTH}"),
    "a member of a class": ("a.hpp", "class A : public B\n{\npublic:\n    int a;\n", "\nprivate:\n    int z;\n};\n", "    QString name() const;\n", "    QString name() const;\n", f"breakage a.hpp:5 the member `QString name() const` stands here twice (again in line 12): {BOTH}"),
    "an enumerator": ("a.h", "enum class Kind {\n    One,\n", "    Last,\n};\n", "    New,\n", "    New = 7,\n", f"breakage a.h:3 the enumerator `New` stands here twice (again in line 10): {BOTH}"),
    "a field of Rust": ("a.rs", "pub struct A {\n    a: u8,\n", "    z: u8,\n}\n", "    pub new: u8,\n", "    new: Option<u8>,\n", f"breakage a.rs:3 the field `new` stands here twice (again in line 10): {BOTH}"),
    "a variant of Rust": ("a.rs", "pub(crate) enum A {\n    One,\n", "    Z,\n}\n", "    New(u8),\n", "    New { a: u8 },\n", f"breakage a.rs:3 the variant `New` stands here twice (again in line 10): {BOTH}"),
    "a function of Rust": ("a.rs", "impl A {\n    fn a() {}\n", "    fn z() {}\n}\n", "    pub fn new() -> Self {\n        A\n    }\n", "    pub(crate) fn new(x: u8) -> Self {\n        A\n    }\n", f"breakage a.rs:3 the function `new` stands here twice (again in line 12): {BOTH}"),
    "a method of Go": ("a.go", "package a\n", "var z = 1\n", "func (t *T) Run() {\n}\n", "func (t *T) Run(x int) {\n}\n", f"breakage a.go:2 the function `(t *T) Run` stands here twice (again in line 10): {BOTH}"),
    "a field of Go": ("a.go", "package a\n\ntype A struct {\n\tOne int\n", "\tZ int\n}\n", "\tNew int `json:\"new\"`\n", "\tNew  string\n", f"breakage a.go:5 the field `New` stands here twice (again in line 12): {BOTH}"),
    "an import of Go": ("a.go", "package a\n\nimport (\n\t\"a\"\n", "\t\"z\"\n)\n", "\t\"m\"\n", "\t\"m\"\n", f'breakage a.go:5 the import `"m"` stands here twice (again in line 12): {BOTH}'),
    "a constant of TypeScript": ("a.ts", "const a = 1;\n", "const z = 1;\n", "export const made = 1;\n", "const made = () => 2;\n", f"breakage a.ts:2 the definition `made` stands here twice (again in line 9): {BOTH}"),
    "a field of an interface": ("a.ts", "export interface A {\n    a: string;\n", "    z: string;\n}\n", "    made?: string;\n", "    made: number;\n", f"breakage a.ts:3 the field `made` stands here twice (again in line 10): {BOTH}"),
    "a key of TypeScript": ("a.ts", "const roles = {\n    a: 1,\n", "    z: 1,\n};\n", "    limit: 1,\n", "    limit: 2,\n", f"breakage a.ts:3 the key `limit` stands here twice (again in line 10): {BOTH}"),
    "a key of JavaScript": ("a.js", "export default {\n    a: 1,\n", "    z: 1,\n};\n", "    'limit': 1,\n", "    'limit': 2,\n", f"decision a.js:3 the key `'limit'` stands here twice (again in line 10): {DEAD}"),
    "a parameter of Kotlin": ("a.kt", "class A(\n    val a: B,\n", "    val z: B,\n) : C()\n", "    private val client: Client, // ours\n", "    private val client: Client,\n", f"breakage a.kt:3 the field `private val client` stands here twice (again in line 10): {BOTH}"),
    "between quoted texts of Kotlin": ("a.kt", "val t = \"\"\"\n    text\n\"\"\"\nclass A(\n    val a: B,\n", "    val z: B,\n)\nval u = \"\"\"\n\"\"\"\n", "    private val client: Client,\n", "    private val client: Client,\n", f"breakage a.kt:6 the field `private val client` stands here twice (again in line 13): {BOTH}"),
    "a function of PHP": ("a.php", "<?php\nclass A {\n", "}\n", "    public function made() {\n    }\n", "    public static function made($a) {\n    }\n", f"breakage a.php:3 the function `made` stands here twice (again in line 11): {BOTH}"),
    "a function of Python": ("a.py", "class A:\n    a = 1\n", "    z = 1\n", "    def made(self):\n        pass\n", "    async def made(self, x):\n        pass\n", f"decision a.py:3 the function `made` stands here twice (again in line 11): {DEAD}"),
    "a method of Ruby": ("a.rb", "class A\n  def a\n  end\n", "end\n", "  def made?\n  end\n", "  def made?(x)\n  end\n", f"decision a.rb:4 the method `made?` stands here twice (again in line 12): {DEAD}"),
    "a function of a shell": ("a.sh", "a=1\n", "z=1\n", "made() {\n  :\n}\n", "function made() {\n  :\n}\n", f"decision a.sh:2 the function `made` stands here twice (again in line 11): {DEAD}"),
}  # fmt: skip


def comment_of(path: str) -> str:
    return "#" if path.endswith((".py", ".rb", ".sh")) else "//"


@pytest.mark.parametrize("name", FOUND)
def test_found(name: str, tmp_path: Path) -> None:
    path, head, tail, mine, yours, expected = FOUND[name]
    repo = Repo.create(tmp_path / "r")
    found = seen(repo, scene(path, head, tail, mine, yours, comment=comment_of(path)), find)
    assert told(found) == [expected]


# What may well stand twice.
SILENT: dict[str, tuple[str, str, str, str, str]] = {
    "in two classes": ("a.py", "class A:\n    a = 1\n", "class B:\n    z = 1\n    def made(self): pass\n", "    def made(self):\n        pass\n", ""),
    "with other parameters, where that makes another": ("a.cpp", "int a;\n", "int z;\n", "int on(int x) {\n}\n", "int on(long x) {\n}\n"),
    "under other conditions": ("a.c", "int a;\n", "int z;\n", "#ifdef A\nint on(int x) {\n}\n#endif\n", "#ifdef B\nint on(int x) {\n}\n#endif\n"),
    "the other branch of a condition": ("a.c", "int a;\n", "int z;\n", "#ifdef A\nint on(int x) {\n}\n#else\n#endif\n", "#ifdef A\n#else\nint on(int x) {\n}\n#endif\n"),
    "for other systems": ("a.rs", "fn a() {}\n", "fn z() {}\n", "#[cfg(unix)]\nfn made() {}\n", "#[cfg(windows)]\nfn made() {}\n"),
    "a setter": ("a.py", "class A:\n    a = 1\n", "    z = 1\n", "    @property\n    def made(self):\n        pass\n", "    @made.setter\n    def made(self, x):\n        pass\n"),
    "statements": ("a.c", "int f(void) {\n    int a;\n", "    return a;\n}\n", "    on(a);\n", "    on(a);\n"),
    "statements behind a header over two lines": ("a.c", "struct b *f(int a,\n    int b)\n{\n", "    return a;\n}\n", "    struct c d;\n", "    struct c d;\n"),
    "cases of two choices": ("a.c", "int f(int x) {\n    switch (x) {\n", "    switch (y) {\n    case 1:\n        break;\n    }\n}\n", "    case 1:\n        break;\n    }\n", ""),
    "functions that begin a module": ("a.go", "package a\n", "var z = 1\n", "func init() {\n}\n", "func init() {\n}\n"),
    "imports for what they do": ("a.go", "package a\n\nimport (\n\t\"a\"\n", "\t\"z\"\n)\n", "\t_ \"m\"\n", "\t_ \"m\"\n"),
    "objects in a list": ("a.js", "const a = [\n    {\n        id: 1,\n    },\n", "];\n", "    {\n        name: 1,\n    },\n", "    {\n        name: 2,\n    },\n"),
    "arguments in a list": ("a.py", "a(\n    {\n        'id': 1,\n    },\n", ")\n", "    {\n        'name': 1,\n    },\n", "    {\n        'name': 2,\n    },\n"),
    "a remark": ("a.ts", "interface A {\n    a: string;\n", "    z: string;\n}\n", "    made: string;\n", "    // made: string;\n"),
    "overloads": ("a.java", "class A {\n", "}\n", "    void on(int a) {\n    }\n", "    void on(long a) {\n    }\n"),
    "assignments in a function that gives an enumeration": ("a.c", "static enum state tick(int t)\n{\n\tint ret = 0;\n", "\treturn ret;\n}\n", "\tret = mine(t);\n", "\tret = yours(t);\n"),
    "programs in quotes of Go": ("a.go", "package a\n", "var z = 1\n", "var b = run(`\nfunc main() {\n}\n`)\n", "var c = run(`\nfunc main() {\n}\n`)\n"),
    "programs in quotes of Rust": ("a.rs", "fn a() {}\n", "fn z() {}\n", "fn b() {\n    run(r#\"\nfn main() {}\n\"#);\n}\n", "fn c() {\n    run(r#\"\nfn main() {}\n\"#);\n}\n"),
    "programs in quoted bytes of Rust": ("a.rs", "fn a() {}\n", "fn z() {}\n", "fn b() {\n    run(br#\"\nfn main() {}\n\"#);\n}\n", "fn c() {\n    run(br#\"\nfn main() {}\n\"#);\n}\n"),
    "macros that are called": ("a.c", "int a;\n", "int z;\n", "static REGISTER_OP(Foo)\n", "static REGISTER_OP(Foo)\n"),
    "programs in quotes of TypeScript": ("a.ts", "const a = 1;\n", "const z = 1;\n", "run(`\nconst x = 1;\n`);\n", "walk(`\nconst x = 1;\n`);\n"),
    "programs in a document of Ruby": ("a.rb", "a\n", "z\n", "b <<~EOS\n  def x\n  end\nEOS\n", "c <<~EOS\n  def x\n  end\nEOS\n"),
    "attributes over several lines": ("a.rs", "fn a() {}\n", "fn z() {}\n", "#[cfg(any(\n    unix,\n    macos,\n))]\nfn made() {}\n", "#[cfg(not(any(\n    unix,\n)))]\nfn made() {}\n"),
    "templates": ("a.hpp", "int a;\n", "int z;\n", "template <std::integral T>\nvoid put(T x) {\n}\n", "template <std::floating_point T>\nvoid put(T x) {\n}\n"),
    "what a template of a class does": ("a.hpp", "class A {\n    template <class T> void f(T x) {\n        int a = 1;\n", "    }\n};\n", "        int b = on(x);\n    }\n    template <class T> void g(T x) {\n", "        int b = on(x);\n"),
    "namespaces": ("a.cpp", "namespace a {\nint b;\n", "}\nnamespace c {\nvoid init() {\n}\n}\n", "void init() {\n}\n", ""),
    "two parts of a page": ("a.vue", "<script>\nconst a = 1\n", "</script>\n<script setup>\nconst limit = 2\n</script>\n", "const limit = 1\n", ""),
    "choices in choices, with tabs of eight": ("a.c", "int f(int a) {\n  switch (a)\n    {\n    case 1:\n      switch (b)\n\t{\n", "\t}\n    case 2:\n      switch (b)\n\t{\n\tcase X:\n\t  on ();\n\t}\n    }\n}\n", "\tcase X:\n\t  off ();\n", ""),
    "statements of a method with a parameter module": ("T.java", "class T {\n    void setUp(Module module) {\n        a();\n", "    }\n}\n", "        foo on(A.class, () -> {\n        });\n", "        foo on(A.class, () -> {\n        });\n"),
    "blocks of a test": ("T.kt", "class T : Spec() {\n    a()\n", "}\n", "    beforeEach() {\n    }\n", "    beforeEach() {\n    }\n"),
    "steps that a decorator registers": ("a.py", "a = 1\n", "z = 1\n", "@given('a')\ndef step(context):\n    pass\n", "@then('b')\ndef step(context):\n    pass\n"),
    "the other branches of two conditions": ("a.c", "int a;\n", "int z;\n", "#ifdef A\n#else\nint get(void) {\n}\n#endif\n", "#ifndef A\n#else\nint get(void) {\n}\n#endif\n"),
    "conditions in a choice of nothing": ("a.go", "package a\n\nfunc f() {\n\tswitch {\n", "\t}\n}\n", "\tcase ok:\n\t\ta()\n", "\tcase ok:\n\t\tb()\n"),
    "no language": ("a.txt", "a {\n", "}\n", "    case 1:\n", "    case 1:\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", SILENT)
def test_silent(name: str, tmp_path: Path) -> None:
    path, head, tail, mine, yours = SILENT[name]
    repo = Repo.create(tmp_path / "r")
    assert not seen(repo, scene(path, head, tail, mine, yours, comment=comment_of(path)), find)


def test_what_a_side_has_twice_of_its_own_is_its_own(tmp_path: Path) -> None:
    head, tail = "class A:\n    def made(self):\n        pass\n", "    z = 1\n"
    twice = "    def made(self, x):\n        pass\n"
    assert not seen(
        Repo.create(tmp_path / "r"), scene("a.py", head, tail, "    b = 1\n", twice, comment="#"), find
    )


def test_of_a_file_it_is_told_once_with_all_lines(tmp_path: Path) -> None:
    mine = "inline void on(void) {\n}\n\ninline void off(void) {\n}\n"
    found = seen(Repo.create(tmp_path / "r"), scene("a.c", "int a;\n", "int z;\n", mine, mine), find)
    assert told(found) == [
        "breakage a.c:2 `inline void on(void)`, `inline void off(void)` stand here twice (again in line 13, line 16): "
        "both sides have them, each at a place of its own"
    ]


def test_upstream_s_line_is_the_cause(tmp_path: Path) -> None:
    path, head, tail, mine, yours, _ = FOUND["an enumerator"]
    [found] = seen(Repo.create(tmp_path / "r"), scene(path, head, tail, mine, yours), find)
    assert found.upstream is not None
    assert (found.upstream.path, found.upstream.line, found.added) == ("a.h", 9, ("    New = 7,",))


def test_a_file_in_conflict_or_of_one_side_is_not_looked_at(tmp_path: Path) -> None:
    twice = "enum A {\n    One,\n    New,\n    New,\n};\n"
    one, other = twice.replace("One", "Mine"), twice.replace("One", "Theirs")
    assert not seen(Repo.create(tmp_path / "a"), Scene({"a.h": twice}, {"a.h": one}, {"a.h": other}), find)
    assert not seen(Repo.create(tmp_path / "b"), Scene({"a.h": "enum A {\n};\n"}, {}, {"a.h": twice}), find)


def test_headers_and_conditions_without_end_are_read_in_time(tmp_path: Path) -> None:
    header = "class " * 160 + "x {\n"
    texts = {
        "a.kt": header + "    val a: B,\n" * 10_000,
        "b.java": "class A {\n    void f(int x) {\n        switch (x) {\n"
        + f"        case{' ' * 900}x\n" * 50,
        "c.c": "".join(f"#if a\nint f{n}(void) {{\n}}\n" for n in range(8_000)),
        "d.rs": 'r#"\n' * 20_000,
        "e.rb": "".join(f"a <<~W{n}\n" for n in range(20_000)),
    }
    begun = time.perf_counter()
    ours, theirs = ({path: f"{n}\n{text}{n}\n" for path, text in texts.items()} for n in (1, 2))
    base = {path: f"1\n{text}2\n" for path, text in texts.items()}
    seen(Repo.create(tmp_path / "r"), Scene(base, ours, theirs), find)
    assert time.perf_counter() - begun < 20


@pytest.mark.parametrize("path", ["a.cpp", "a.rs", "a.go", "a.ts", "a.kt", "a.py", "a.rb", "a.php"])
def test_hostile_text_is_read_in_time(path: str, tmp_path: Path) -> None:
    shapes = (
        "a " * 480,
        "(" * 900,
        "case " * 190,
        "::" * 480,
        "a<" * 480,
        "pub(" * 220,
        "x\t*" * 300,
        "'" * 999,
        "func (" * 160,
    )
    lines = "".join(f"{' ' * (n % 40)}{shapes[n % len(shapes)]}\n" for n in range(2_000))
    begun = time.perf_counter()
    seen(
        Repo.create(tmp_path / "r"),
        scene(path, "", "", "1\n" + lines, lines + "2\n", comment=comment_of(path)),
        find,
    )
    assert time.perf_counter() - begun < 20

"""Variables, parameters and imports of a file that one side took out there and the other side's lines use."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from detecting import Files, Scene, seen, told
from git_fixtures import Repo

from syncfork.detect.bindings import find

ANY_MORE = "and nothing in the file makes it any more: upstream took"
PY = "import os\nimport sys\n\n\ndef build(target):\n    tries = 3\n    run(tries)\n    print(target)\n    return 1\n"
PY_OURS = PY.replace("    print(target)\n", "    print(target)\n    log(tries)\n")
KT = "class Presenter @Inject constructor(\n    private val appScope: Scope,\n    private val other: Other,\n) : Base {\n    fun run() {\n        appScope.launch()\n        a()\n        b()\n        c()\n    }\n}\n"

FOUND: dict[str, tuple[Files, Files, Files, list[str]]] = {
    "a variable that upstream renamed": (
        {"a.py": PY}, {"a.py": PY_OURS}, {"a.py": PY.replace("tries", "attempts")},
        [f"breakage a.py:9 `tries` is used here, {ANY_MORE} what made it out (`tries = 3`); in its place it has `attempts`"],
    ),
    "an import that upstream needs no more": (
        {"a.py": PY.replace("    return 1", "    return os.sep")}, {"a.py": PY.replace("    return 1", "    return os.sep").replace("    run(tries)\n", "    run(tries)\n    log(os.getcwd())\n")},
        {"a.py": PY.replace("import os\n", "")}, [f"breakage a.py:7 `os` is used here, {ANY_MORE} the import out (`import os`)"],
    ),
    "a module's name, in several lines": (
        {"a.vue": "<script>\nimport { defaultStore } from '@/store.js';\nimport { b } from 'b';\n\nx(defaultStore);\nb();\nc();\n"},
        {"a.vue": "<script>\nimport { defaultStore } from '@/store.js';\nimport { b } from 'b';\n\nx(defaultStore);\nb();\nown(defaultStore.x);\nown(defaultStore.y);\nc();\n"},
        {"a.vue": "<script>\nimport { prefer } from '@/prefer.js';\nimport { b } from 'b';\n\nx(prefer);\nb();\nc();\n"},
        [f"breakage a.vue:7 `defaultStore` is used here (also a.vue:8), {ANY_MORE} the import out (`import {{ defaultStore }} from '@/store.js';`); in its place it has `prefer`"],
    ),
    "what a class is made with": (
        {"A.kt": KT}, {"A.kt": KT.replace("        b()\n", "        b()\n        own(appScope)\n")}, {"A.kt": KT.replace("appScope", "sessionScope")},
        [f"breakage A.kt:9 `appScope` is used here, {ANY_MORE} what made it out (`private val appScope: Scope,`); in its place it has `sessionScope`"],
    ),
    "a package in Go": (
        {"a.go": 'package a\n\nimport (\n\t"fmt"\n\t"net/http"\n)\n\nfunc f() {\n\thttp.Get()\n\tfmt.Print()\n\tx()\n}\n'},
        {"a.go": 'package a\n\nimport (\n\t"fmt"\n\t"net/http"\n)\n\nfunc f() {\n\thttp.Get()\n\tfmt.Print()\n\tx()\n}\n\nfunc own() {\n\thttp.Post()\n}\n'},
        {"a.go": 'package a\n\nimport (\n\t"fmt"\n)\n\nfunc f() {\n\tfmt.Print()\n\tx()\n}\n'},
        ['breakage a.go:13 `http` is used here, and nothing in the file makes it any more: upstream took the import out (`"net/http"`)'],
    ),
    "several, of which one has another in its place": (
        {"a.py": PY + "\n\nos.sep\n"}, {"a.py": PY_OURS.replace("log(tries)", "log(tries, os.sep)") + "\n\nos.sep\n"}, {"a.py": PY.replace("tries", "attempts").replace("import os\n", "") + "\n\nx\n"},
        ["breakage a.py:8 `tries`, `os` are used here, and nothing in the file makes them any more: upstream took what made them out (`tries = 3`, `import os`); in their place it has `attempts`"],
    ),
    "a variable at the top, which no other file makes": (
        {"a.go": "package a\n\nvar tries = 3\n\nfunc f() {\n\tx()\n\ty()\n}\n"}, {"a.go": "package a\n\nvar tries = 3\n\nfunc f() {\n\tx()\n\ty()\n\tlog(tries)\n}\n"},
        {"a.go": "package a\n\nfunc f() {\n\tx()\n\ty()\n}\n", "b.go": "package a\n\nfunc g() {\n\ttries := 3\n}\n"},
        [f"breakage a.go:6 `tries` is used here, {ANY_MORE} what made it out (`var tries = 3`)"],
    ),
    "code in a template": (
        {"a.tsx": "const tries = 3\nuse(tries)\nb\nc\nd\n"}, {"a.tsx": "const tries = 3\nuse(tries)\nb\nc\n<p>{tries}</p>\nd\n"}, {"a.tsx": "b\nc\nd\n"},
        [f"breakage a.tsx:3 `tries` is used here, {ANY_MORE} what made it out (`const tries = 3`)"],
    ),
    "what the fork took out and a new line of upstream's uses": (
        {"a.py": PY}, {"a.py": PY.replace("tries", "attempts")}, {"a.py": PY_OURS},
        ["breakage a.py:9 `tries` is used here, and nothing in the file makes it any more: the fork took what made it out (`tries = 3`); in its place it has `attempts`"],
    ),
    "a parameter": (
        {"a.c": "int f(int tries)\n{\n  x();\n  y();\n}\n"}, {"a.c": "int f(int tries)\n{\n  x();\n  log(tries);\n  y();\n}\n"}, {"a.c": "int f(int attempts)\n{\n  x();\n  y();\n}\n"},
        ["breakage a.c:4 `tries` is used here, and nothing in the file makes it any more: upstream took what made it out (`int f(int tries)`); in its place it has `attempts`"],
    ),
}  # fmt: skip

SILENT: dict[str, tuple[Files, Files, Files]] = {
    "made anew by the fork's line": ({"a.py": PY}, {"a.py": PY.replace("    print(target)\n", "    print(target)\n    tries = 5\n    log(tries)\n")}, {"a.py": PY.replace("tries", "attempts")}),
    "upstream has it elsewhere in the file": ({"a.py": PY}, {"a.py": PY_OURS}, {"a.py": PY.replace("tries", "attempts") + "# tries\n"}),
    "in another function": ({"a.py": PY}, {"a.py": PY + "\n\ndef own():\n    return tries()\n"}, {"a.py": PY.replace("tries", "attempts")}),
    "behind a dot": ({"a.py": PY}, {"a.py": PY_OURS.replace("log(tries)", "log(x.tries)")}, {"a.py": PY.replace("tries", "attempts")}),
    "the name of an argument": ({"a.py": PY}, {"a.py": PY_OURS.replace("log(tries)", "log(tries=1)")}, {"a.py": PY.replace("tries", "attempts")}),
    "in a text and a remark": ({"a.py": PY}, {"a.py": PY_OURS.replace("log(tries)", "log('tries')  # tries")}, {"a.py": PY.replace("tries", "attempts")}),
    "brought in another way": ({"a.py": "from m import build_all\n\nbuild_all()\nb\nc\n"}, {"a.py": "from m import build_all\n\nbuild_all()\nb\nc\nbuild_all(1)\n"}, {"a.py": "from n import *\n\nb\nc\n"}),
    "a line that upstream has as well": ({"a.py": PY}, {"a.py": PY.replace("return 1", "return 2")}, {"a.py": PY.replace("import os\n", "")}),
    "never made in the file": ({"a.py": "use(tries)\nb\nc\nd\n"}, {"a.py": "use(tries)\nb\nc\nuse(tries, 2)\nd\n"}, {"a.py": "b\nc\nd\n"}),
    "the file in conflict": ({"a.py": PY}, {"a.py": PY_OURS.replace("tries = 3", "tries = 4")}, {"a.py": PY.replace("tries", "attempts")}),
    "built in by now": ({"a.py": "from six.moves import range\n\nrange(1)\nb\nc\n"}, {"a.py": "from six.moves import range\n\nrange(1)\nb\nc\nrange(3)\n"}, {"a.py": "b\nc\n"}),
    "at the top of another file of the package": ({"a.go": "package a\n\nvar tries = 3\n\nfunc f() {\n\tx()\n\ty()\n}\n"}, {"a.go": "package a\n\nvar tries = 3\n\nfunc f() {\n\tx()\n\ty()\n\tlog(tries)\n}\n"}, {"a.go": "package a\n\nfunc f() {\n\tx()\n\ty()\n}\n", "b.go": "package a\n\nvar tries = 3\n"}),
    "in a header": ({"a.c": "int tries = 3;\n\nint f(void)\n{\n  x();\n  y();\n}\n"}, {"a.c": "int tries = 3;\n\nint f(void)\n{\n  x();\n  y();\n  log(tries);\n}\n"}, {"a.c": "#include \"a.h\"\n\nint f(void)\n{\n  x();\n  y();\n}\n", "a.h": "extern int tries;\n"}),
    "set around a script": ({"a.sh": "TRIES=3\na $TRIES\nb\nc\n"}, {"a.sh": 'TRIES=3\na $TRIES\nb\nc\nd "${TRIES}"\ne ${TRIES}\n'}, {"a.sh": "b\nc\n"}),
    "prose of a template": ({"a.tsx": "const tries = 3\nuse(tries)\nb\nc\nd\n"}, {"a.tsx": "const tries = 3\nuse(tries)\nb\nc\n<p>\n  All tries are left.\n</p>\nd\n"}, {"a.tsx": "b\nc\nd\n"}),
    "a parameter of the fork's own": ({"a.js": "const tries = 3\nuse(tries)\nb()\n"}, {"a.js": "const tries = 3\nuse(tries)\nb()\nclass A {\n  own(a, tries) {\n    log(tries)\n  }\n}\n"}, {"a.js": "b()\n"}),
    "parameters in lines of their own": ({"a.py": "tries = 3\nuse(tries)\nb()\n"}, {"a.py": "tries = 3\nuse(tries)\nb()\n\n\ndef own(\n    tries,\n):\n    log(tries)\n"}, {"a.py": "b()\n"}),
    "a member of the class it is built on": ({'A.java': 'class A extends B\n    protected int tries = 3;\n    f() {\n        z();\n        a();\n        b();\n    }\n}\n'}, {'A.java': 'class A extends B\n    protected int tries = 3;\n    f() {\n        z();\n        a();\n        log(tries);\n        b();\n    }\n}\n'}, {'A.java': 'class A extends B\n    f() {\n        z();\n        a();\n        b();\n    }\n}\n', 'B.java': 'class B\n    protected int tries = 3;\n'}),
    "a member in a header": ({'a.h': 'class A extends B\n    int tries;\n    f() {\n        z();\n        a();\n        b();\n    }\n}\n'}, {'a.h': 'class A extends B\n    int tries;\n    f() {\n        z();\n        a();\n        log(tries);\n        b();\n    }\n}\n'}, {'a.h': 'class A extends B\n    f() {\n        z();\n        a();\n        b();\n    }\n}\n', 'b.h': 'class B\n    int tries;\n'}),
    "a reader that another class has": ({'a.rb': 'class A extends B\n    attr_reader :tries\n    f() {\n        z();\n        a();\n        b();\n    }\n}\n'}, {'a.rb': 'class A extends B\n    attr_reader :tries\n    f() {\n        z();\n        a();\n        log(tries);\n        b();\n    }\n}\n'}, {'a.rb': 'class A extends B\n    f() {\n        z();\n        a();\n        b();\n    }\n}\n', 'b.rb': 'class B\n    attr_reader :tries\n'}),
    "at the top of a module of which all comes in": ({"a.py": "from base import *\nTRIES = 3\nx()\ny()\nz()\n"}, {"a.py": "from base import *\nTRIES = 3\nx()\ny()\nlog(TRIES)\nz()\n"}, {"a.py": "from base import *\nx()\ny()\nz()\n", "base.py": "TRIES = 3\n"}),
    "a parameter of a function further up": ({"a.c": "int f(int tries)\n{\n  use(tries);\n}\n\nint g(void)\n{\n  x();\n  y();\n}\n"}, {"a.c": "int f(int tries)\n{\n  use(tries);\n}\n\nint g(void)\n{\n  x();\n  log(tries);\n  y();\n}\n"}, {"a.c": "int g(void)\n{\n  x();\n  y();\n}\n"}),
    "both took it out": ({"a.py": PY}, {"a.py": PY.replace("tries", "attempts") + "tries()\n"}, {"a.py": PY.replace("tries", "attempts").replace("os", "io")}),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_found(tmp_path: Path, name: str) -> None:
    base, ours, theirs, expected = FOUND[name]
    assert told(seen(Repo.create(tmp_path / "r"), Scene(base, ours, theirs), find)) == expected


# What the fork adds in the block that had `tries`, by file: it makes the name itself, or is no code.
OWN: dict[str, tuple[str, str, str]] = {
    "a.py": ("def f(x):\n", "    tries = 3\n", "    end()\n"),
    "a.pyx": ("def f(x):\n", "    tries = 3\n", "    end()\n"),
    "a.js": ("function f(x) {\n", "    const tries = 3;\n", "    end();\n}\n"),
    "a.svelte": ("function f(x) {\n", "    const tries = 3;\n", "    end();\n}\n"),
    "a.jsx": ("function f(x) {\n", "    const tries = 3;\n", "    end();\n}\n"),
    "a.vue": ("<script>\n", "const tries = 3;\n", "end();\n</script>\n"),
    "a.cpp": ("void f(X x) {\n", "    int tries = 3;\n", "    end();\n}\n"),
    "A.java": ("class A {\n  void f(X x) {\n", "    int tries = 3;\n", "    end();\n  }\n}\n"),
    "A.kt": ("fun f(x: X) {\n", "    val tries = 3\n", "    end()\n}\n"),
    "a.scala": ("def f(x: X) {\n", "    val tries = 3\n", "    end()\n}\n"),
    "a.nf": ("workflow W {\n", "    def tries = 3\n", "    end()\n}\n"),
    "a.rb": ("def f(x)\n", "    tries = 3\n", "    end1\nend\n"),
    "a.rs": ("fn f(x: X) {\n", "    let tries = 3;\n", "    end();\n}\n"),
    "a.php": ("<p>\n", "    The tries in the box\n", "    end\n"),
}
OWN_LINES = {
    "a.py": [
        "for tries, y in x:\n        log(tries)", "for i, (tries, y) in x:\n        log(tries)", "log([tries for tries, y in x])",
        "log(lambda tries, y: tries)", "(tries, y) = x\n    log(tries)", "tries, *y = x\n    log(tries)",
        "tries, x.y = x\n    log(tries)", "match x:\n        case Foo(tries):\n            log(tries)",
        "log('''\n    all tries are left\n    ''')",
    ],
    "a.pyx": ["cpdef int own(int a, int tries):\n        log(tries)"],
    "a.js": [
        "for (const tries of x) {\n        log(tries);\n    }", "for (const [tries, y] of x) log(tries);",
        "try {\n        a();\n    } catch (tries) {\n        log(tries);\n    }", "x.map(({ tries, y }) => log(tries));",
        "x.map(([tries, y]) => log(tries));", "const own = ({ tries, y }) => {\n        log(tries);\n    };",
        "let tries;\n    [tries] = x;\n    log(tries);", "function own(\n        a, tries\n    ) {\n        log(tries);\n    }",
        "log({\n        get(tries) { return tries; },\n    });", "return (\n        <p>\n        All tries are left.\n        </p>\n    );",
        "log(`\n        all tries are left\n    `);",
    ],
    "a.svelte": ["export let tries;\n    log(tries);"],
    "a.jsx": ["return (\n        <p>\n        All (tries left) of time.\n        </p>\n    );"],
    "a.vue": ["</script>\n<style>\n    a { transform: tries(1.1) }\n</style>\n<!--\n    {{ tries }} -->\n<script>"],
    "a.cpp": ["for (auto& [k, tries] : x)\n        log(tries);", "int (*tries)(int);\n    log(tries);", 'log(R"(\n    all tries left\n    )");'],
    "A.java": ["x.each(tries -> log(tries));", "x.each((tries, b) -> log(tries));", "int b, tries;\n    log(tries);", 'log("""\n    all tries left\n    """);'],
    "A.kt": ["x.each { tries ->\n        log(tries)\n    }", "x.each { (a, tries), b -> log(tries) }", "for ((tries, b) in x) {\n        log(tries)\n    }", 'log("""\n    all tries left\n    """)'],
    "a.scala": ["for { tries <- x } log(tries)"],
    "a.nf": ["ch.map { tries, y -> [ tries, y ] }", "input:\n    tuple val(tries), path(y)\n    log(tries)", '"""\n    sort tries > x\n    """', "'''\n    sort tries > x\n    '''"],
    "a.rb": [
        "begin\n      a\n    rescue E => tries\n      log(tries)\n    end", "tries ||= 3\n    log(tries)", "log(->(tries) { tries })",
        "def own a, tries\n      log(tries)\n    end", "(tries, a), b = x\n    log(tries)", "log(%w[a tries b])", "log(<<~X)\n      all tries left\n    X",
    ],
    "a.rs": ["for (i, tries) in x {\n        log(tries);\n    }", "match x {\n        A { tries, .. } => log(tries),\n    }", "match x {\n        Ok((a, tries)) => log(tries),\n    }", 'log("\n    all tries left\n    ");'],
    "a.php": ["<p>A tries is here</p>"],
}  # fmt: skip
OWN_CASES = [(path, line) for path, lines in OWN_LINES.items() for line in lines]


def _own_scene(path: str, line: str) -> Scene:
    head, made, tail = OWN[path]
    between = "".join(f"    step{n}();\n" for n in range(4))
    base, ours = head + made + between + tail, f"{head}{made}{between}    {line}\n{tail}"
    return Scene({path: base}, {path: ours}, {path: base.replace(made, made.replace("tries", "attempts"))})


@pytest.mark.parametrize(("path", "line"), OWN_CASES)
def test_silent_where_the_line_makes_it_or_is_no_code(tmp_path: Path, path: str, line: str) -> None:
    assert told(seen(Repo.create(tmp_path / "r"), _own_scene(path, line), find)) == []


@pytest.mark.parametrize("path", sorted(OWN.keys() - {"a.php", "a.jsx"}))
def test_found_where_the_line_only_uses_it(tmp_path: Path, path: str) -> None:
    assert len(seen(Repo.create(tmp_path / "r"), _own_scene(path, "log(tries);"), find)) == 1


@pytest.mark.parametrize("name", SILENT)
def test_silent(tmp_path: Path, name: str) -> None:
    base, ours, theirs = SILENT[name]
    assert told(seen(Repo.create(tmp_path / "r"), Scene(base, ours, theirs), find)) == []


def test_the_culprit_took_it_out(repo: Repo) -> None:
    base = repo.commit({"a.py": PY})
    repo.checkout("main", repo.commit({"a.py": PY_OURS}, base))
    renamed = repo.commit({"a.py": PY.replace("tries", "attempts")}, base, message="Say attempts")
    repo.branch("upstream", repo.commit({"b.py": "more\n"}, renamed, message="More"))
    ran = repo.syncfork("merge", "upstream", "--dry-run", "--format", "json")
    [found] = [f for f in ran.report["findings"] if f["detector"] == "bindings"]
    assert [culprit["subject"] for culprit in found["culprits"]] == ["Say attempts"]
    assert found["upstream"] == {"path": "a.py", "line": 6, "tree": "base"}


def test_long_texts_are_looked_through_in_time(tmp_path: Path) -> None:
    many = "".join(f"    v{n} = {n}\n    use(v{n})\n" for n in range(3000))
    own = "".join(f"    own(v{n})\n" for n in range(3000))
    base, ours = f"def f():\n{many}    a\n    b\n    c\n", f"def f():\n{many}    a\n    b\n{own}    c\n"
    scene = Scene({"a.py": base}, {"a.py": ours}, {"a.py": "def f():\n    a\n    b\n    c\n"})
    begun = time.process_time()
    [found] = seen(Repo.create(tmp_path / "r"), scene, find)
    assert len(found.names) == 100 and time.process_time() - begun < 10


def test_a_line_that_repeats_a_name_is_looked_through_in_time(tmp_path: Path) -> None:
    data = "".join(f"f({n}, {'a, ' * 300})\n" for n in range(300))
    rest = data.replace("a", "b") + "x\ny\n"
    scene = Scene(
        {"a.js": f"a = 1\n{data}{rest}"}, {"a.js": f"a = 1\n{data}{rest[:-2]}use(a)\ny\n"}, {"a.js": rest}
    )
    begun = time.process_time()
    assert len(seen(Repo.create(tmp_path / "r"), scene, find)) == 1
    assert time.process_time() - begun < 10

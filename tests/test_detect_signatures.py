"""Calls that go by what a function took before, once the other side's change of it is merged."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from detecting import Files, Scene, seen, told
from git_fixtures import Repo

from syncfork.detect.called import Call, Parameter, Signature
from syncfork.detect.called_forms import calls, definitions
from syncfork.detect.called_heads import changed_heads
from syncfork.detect.signatures import find
from syncfork.text import Document

PY = "def build(a, b):\n    pass\n\n\ndef other():\n    build(1, 2)\n"
PY_NOW = PY.replace("a, b", "a, b, target").replace("1, 2", "1, 2, 3")
PY_TOLD = "in this call: upstream changed it in lib.py, from `build(a, b)` to `build(a, b, target)`"
GO = "package m\n\nfunc (t *T) Run(a int) error {\n\treturn nil\n}\n"
GO_NOW = GO.replace("a int", "ctx Context, a int")
GO_TOLD = "upstream changed it in m.go, from `Run(a int)` to `Run(ctx Context, a int)`"


def many(more: tuple[str, ...] = (), without: int = 0) -> str:
    names = [f"c{number}" for number in range(1, 60) if number != without]
    taken = "".join(
        f"    /** The colour of {name} :) */\n    val {name}: Color,\n"
        for name in (*names[:30], *more, *names[30:])
    )
    return f"package lib\n\n@Immutable\ndata class Colours(\n{taken})\n\nfun dark(a: Int) = a\n"


def given() -> str:
    return "".join(f"    c{number} = red,\n" for number in range(1, 60))


FOUND: dict[str, tuple[Files, Files, Files, list[str]]] = {
    "upstream wants one more": (
        {"lib.py": PY}, {"own.py": "from lib import build\nbuild(3, 4)\nbuild(5, b=6)\n"}, {"lib.py": PY_NOW},
        [f"breakage own.py:2 `build` takes 3 arguments and is given 2 in this call (also own.py:3){PY_TOLD[12:]}"],
    ),
    "the fork wants one more": (
        {"lib.py": PY}, {"lib.py": PY_NOW}, {"own.py": "import lib\nlib.build(3, 4)\n"},
        ["breakage own.py:2 `build` takes 3 arguments and is given 2 " + PY_TOLD.replace("upstream", "the fork")],
    ),
    "both want one more": (
        {"lib.py": "def build(\n    a,\n    b,\n    c,\n    d,\n):\n    pass\n"},
        {"lib.py": "def build(\n    mine,\n    a,\n    b,\n    c,\n    d,\n):\n    pass\n", "own.py": "from lib import build\nbuild(0, 1, 2, 3, 4)\n"},
        {"lib.py": "def build(\n    a,\n    b,\n    c,\n    d,\n    theirs,\n):\n    pass\n"},
        ["breakage own.py:2 `build` takes 6 arguments and is given 5 in this call: both sides changed it in lib.py, from `build(mine, a, b, c, d)` to `build(mine, a, b, c, d, theirs)`"],
    ),
    "a line of the fork's in a file of upstream's": (
        {"lib.py": PY, "a.py": "import lib\n1\n2\n3\n"}, {"a.py": "import lib\nlib.build(1, 2)\n1\n2\n3\n"}, {"lib.py": PY_NOW, "a.py": "import lib\n1\n2\n3\n4\n"},
        [f"breakage a.py:2 `build` takes 3 arguments and is given 2 {PY_TOLD}"],
    ),
    "an argument that is known no more": (
        {"lib.py": "def build(a, *, fast=False):\n    pass\n"}, {"own.py": "from lib import build\nbuild(1, fast=True)\n"}, {"lib.py": "def build(a, *, quick=False):\n    pass\n"},
        ["breakage own.py:2 `build` takes no `fast` in this call: upstream changed it in lib.py, from `build(a, *, fast=False)` to `build(a, *, quick=False)`"],
    ),
    "an argument that has to be named": (
        {"lib.py": "def build(a):\n    pass\n"}, {"own.py": "from lib import build\nbuild(1)\n"}, {"lib.py": "def build(a, *, target):\n    pass\n"},
        ["breakage own.py:2 `build` wants `target` as well in this call: upstream changed it in lib.py, from `build(a)` to `build(a, *, target)`"],
    ),
    "a class": (
        {"lib.py": "class Box:\n    def __init__(self, a):\n        pass\n"}, {"own.py": "from lib import Box\nBox(1)\n\n\nclass Own(Box):\n    def __init__(self):\n        super().__init__(1)\n"},
        {"lib.py": "class Box:\n    def __init__(self, a, b):\n        pass\n"},
        ["breakage own.py:2 `Box` takes 2 arguments and is given 1 in this call (also own.py:7): upstream changed it in lib.py, from `Box(self, a)` to `Box(self, a, b)`"],
    ),
    "a method of something that one cannot tell": (
        {"m.go": GO}, {"own.go": "package m\n\nfunc x() {\n\tz.Run(1)\n}\n"}, {"m.go": GO_NOW},
        [f"decision own.go:4 `Run` takes 2 arguments and is given 1 in this call: {GO_TOLD}"],
    ),
    "a method of the fork's own that stands for the same": (
        {"m.go": GO}, {"own.go": "package m\n\nfunc (u *Own) Run(a int) error {\n\tt.Run(1)\n}\n"}, {"m.go": GO_NOW},
        [f"decision own.go:3 `Run` is defined here as it was: {GO_TOLD}"],
    ),
    "over several lines": (
        {"h.c": "int\nquery(int a)\n{\n}\n"}, {"own.c": "int x(void)\n{\n  return query(\n    1);\n}\n"}, {"h.c": "int\nquery(int a,\n      int flags)\n{\n}\n"},
        ["breakage own.c:3 `query` takes 2 arguments and is given 1 in this call: upstream changed it in h.c, from `query(int a)` to `query(int a, int flags)`"],
    ),
    "a class that takes as much as nobody writes in a line": (
        {"lib/C.kt": many()}, {"own/O.kt": f"package own\n\nval own = Colours(\n{given()})\n"}, {"lib/C.kt": many(("deep", "dim"), without=7)},
        ["breakage own/O.kt:3 `Colours` takes no `c7` and wants `deep`, `dim` as well in this call: upstream changed it in lib/C.kt, where it takes `deep`, `dim` now and takes no more `c7`"],
    ),
    "with types between": (
        {"a.ts": "export function load<T>(a: T) {\n}\n"}, {"own.tsx": "import { load } from './a'\nload<X>(1)\n"}, {"a.ts": "export function load<T>(a: T, b: number, c?: X) {\n}\n"},
        ["breakage own.tsx:2 `load` takes at least 2 arguments and is given 1 in this call: upstream changed it in a.ts, from `load(a: T)` to `load(a: T, b: number, c?: X)`"],
    ),
    "Kotlin's calls of what is Java": (
        {"A.java": "class A {\n  static void fill(int a, int b) {\n  }\n}\n"}, {"Own.kt": "fun own() {\n  A.fill(1, 2)\n}\n"}, {"A.java": "class A {\n  static void fill(int a) {\n  }\n}\n"},
        ["breakage Own.kt:2 `fill` takes 1 argument and is given 2 in this call: upstream changed it in A.java, from `fill(int a, int b)` to `fill(int a)`"],
    ),
    "Ruby's without brackets": (
        {"h.rb": "def render_all(x)\nend\n"}, {"own.rb": "render_all 1\n"}, {"h.rb": "def render_all(x, y, z: 1)\nend\n"},
        ["breakage own.rb:1 `render_all` takes 2 arguments and is given 1 in this call: upstream changed it in h.rb, from `render_all(x)` to `render_all(x, y, z: 1)`"],
    ),
}  # fmt: skip

DOUBTFUL: dict[str, tuple[Files, Files, Files]] = {
    "on an object whose class one cannot tell": ({"lib.py": "class A:\n    def load(self, a):\n        pass\n"}, {"own.py": "from lib import A\nclass B(Other):\n    def x(self):\n        self.load(1)\n"}, {"lib.py": "class A:\n    def load(self, a, b):\n        pass\n"}),
    "a module of that name, which is not brought in": ({"lib/client.py": "def send(a):\n    pass\n"}, {"own.py": "client = socket.socket()\nclient.send(1)\n"}, {"lib/client.py": "def send(a, b):\n    pass\n"}),
    "decorated": ({"lib.py": PY}, {"own.py": "from lib import build\nbuild(3, 4)\n"}, {"lib.py": "@click.pass_context\n" + PY_NOW}),
    "all of another module": ({"lib.py": PY}, {"own.py": "from other import *\nbuild(3, 4)\n"}, {"lib.py": PY_NOW}),
    "a base class of a module": (
        {"lib.py": "class Form:\n    def __init__(self, a):\n        pass\n"}, {"own.py": "from django import forms\nclass Own(forms.Form):\n    def __init__(self):\n        super().__init__(1)\n"},
        {"lib.py": "class Form:\n    def __init__(self, a, b):\n        pass\n"},
    ),
}  # fmt: skip

SILENT: dict[str, tuple[Files, Files, Files]] = {
    "it may be left out": ({"lib.py": PY}, {"own.py": "from lib import build\nbuild(3, 4)\n"}, {"lib.py": PY.replace("a, b", "a, b, c=1")}),
    "another name of the same": ({"lib.py": PY}, {"own.py": "from lib import build\nbuild(3, 4)\n"}, {"lib.py": PY.replace("a, b", "a, c")}),
    "the fork calls it as it is now": ({"lib.py": PY}, {"own.py": "from lib import build\nbuild(3, 4, 5)\n"}, {"lib.py": PY_NOW}),
    "unpacked": ({"lib.py": PY}, {"own.py": "from lib import build\nbuild(*x)\nbuild(**x)\n"}, {"lib.py": PY_NOW}),
    "brought in from elsewhere": ({"lib.py": PY}, {"own.py": "from setuptools import build\nbuild(3, 4)\n"}, {"lib.py": PY_NOW}),
    "the fork's own": ({"lib.py": PY}, {"own.py": "def build(a, b):\n    pass\nbuild(3, 4)\n"}, {"lib.py": PY_NOW}),
    "a copy of the fork's own, in another file": ({"lib.py": PY}, {"copy.py": "def build(a, b):\n    pass\n", "own.py": "import x\nx.build(1, 2)\n"}, {"lib.py": PY_NOW}),
    "of its own, with something else": ({"lib.py": PY}, {"own.py": "def build(x):\n    pass\n", "b.py": "from lib import build\nbuild(1, 2)\n"}, {"lib.py": PY_NOW}),
    "a parameter": ({"lib.py": PY}, {"own.py": "def run(build):\n    build(3, 4)\n"}, {"lib.py": PY_NOW}),
    "a parameter on a line of its own": ({"lib.py": PY}, {"own.py": "def go(\n    x,\n    build,\n):\n    build(1, 2)\n"}, {"lib.py": PY_NOW}),
    "taken apart over several lines": ({"a.ts": "export function loadIt(a) {\n}\n"}, {"own.ts": "const {\n  x,\n  loadIt,\n} = useX()\nloadIt(1)\n"}, {"a.ts": "export function loadIt(a, b) {\n}\n"}),
    "a pointer to a function": ({"h.c": "int query(int a)\n{\n}\n"}, {"own.c": "int x(\n  int (*query)(int))\n{\n  return query(1);\n}\n"}, {"h.c": "int query(int a, int b)\n{\n}\n"}),
    "a default in a declaration": (
        {"a.h": "int load_it(int a, int b);\n", "a.cpp": "int load_it(int a, int b) {\n}\n"}, {"own.cpp": "int x() {\n  return load_it(1, 2);\n}\n"},
        {"a.h": "int load_it(int a, int b, int c = 3);\n", "a.cpp": "int load_it(int a, int b, int c) {\n}\n"},
    ),
    "static, in another file": ({"h.c": "static int query(int a)\n{\n}\n"}, {"own.c": "int x() {\n  return query(1);\n}\n"}, {"h.c": "static int query(int a, int b)\n{\n}\n"}),
    "what it is called on, in Rust": (
        {"a.rs": "impl T {\n  fn load_it(&self, a: u8) {\n  }\n}\n"}, {"own.rs": "fn x() {\n  t.load_it(1);\n}\n"}, {"a.rs": "impl T {\n  fn load_it(self: Arc<Self>, a: u8) {\n  }\n}\n"},
    ),
    "what it is called on, in TypeScript": ({"a.ts": "export function loadIt(a) {\n}\n"}, {"own.ts": "import { loadIt } from './a'\nloadIt(1)\n"}, {"a.ts": "export function loadIt(this: X, a) {\n}\n"}),
    "defined twice": ({"lib.py": PY, "b.py": "def build(a, b):\n    pass\n"}, {"own.py": "from lib import build\nbuild(3, 4)\n"}, {"lib.py": PY_NOW}),
    "called with something else elsewhere": ({"lib.py": PY, "b.py": "x.build(1, 2)\n"}, {"own.py": "from lib import build\nbuild(3, 4)\n"}, {"lib.py": PY_NOW}),
    "called with something else where upstream changes": ({"lib.py": PY, "b.py": "x.build(1)\n"}, {"own.py": "from lib import build\nbuild(3, 4)\n"}, {"lib.py": PY_NOW, "b.py": "x.build(1)\n2\n"}),
    "a method, called alone": ({"lib.py": "class A:\n    def load(self, a):\n        pass\n"}, {"own.py": "load(1)\n"}, {"lib.py": "class A:\n    def load(self, a, b):\n        pass\n"}),
    "a function of a module, on the object itself": ({"lib.py": PY}, {"own.py": "class A(B):\n    def x(self):\n        self.build(1, 2)\n"}, {"lib.py": PY_NOW}),
    "in conflict": ({"lib.py": PY}, {"lib.py": PY.replace("a, b", "a, b, mine=1"), "own.py": "from lib import build\nbuild(3, 4)\n"}, {"lib.py": PY_NOW}),
    "taken out": ({"lib.py": PY}, {"own.py": "from lib import build\nbuild(3, 4)\n"}, {"lib.py": "x = 1\n"}),
    "a remark, and a text": ({"lib.py": PY}, {"own.py": "# build(3, 4)\nx = 'build(3, 4)'\n"}, {"lib.py": PY_NOW}),
    "another language": ({"lib.py": PY}, {"own.rb": "build(3, 4)\n"}, {"lib.py": PY_NOW}),
    "a line that upstream has as well": ({"lib.py": PY, "a.py": "x\n"}, {"a.py": "x\ny\n"}, {"lib.py": PY_NOW, "a.py": "from lib import build\nbuild(1, 2, 3)\nx\n"}),
    "vendored": ({"vendor/lib.py": PY}, {"own.py": "from lib import build\nbuild(3, 4)\n"}, {"vendor/lib.py": PY_NOW}),
    "in JavaScript, all may be left out": ({"a.js": "function load(a) {\n}\n"}, {"own.js": "load(1)\n"}, {"a.js": "function load(a, b) {\n}\n"}),
    "what one call returns, in Go": ({"m.go": GO}, {"own.go": "package m\n\nfunc x() {\n\tt.Run(both())\n}\n"}, {"m.go": GO_NOW}),
    "too many, in PHP": ({"a.php": "<?php\nfunction load_all($a, $b) {\n}\n"}, {"own.php": "<?php\nload_all(1, 2);\n"}, {"a.php": "<?php\nfunction load_all($a) {\n}\n"}),
    "what a function without parameters takes, in C": ({"a.c": "int load(int a)\n{\n}\n"}, {"own.c": "int x(void) { return load(1); }\n"}, {"a.c": "int load()\n{\n}\n"}),
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


def test_it_says_how_upstream_calls_it_now(tmp_path: Path) -> None:
    own = {"own.py": "from lib import build\nbuild(3, 4)\n"}
    [found] = seen(Repo.create(tmp_path / "r"), Scene({"lib.py": PY}, own, {"lib.py": PY_NOW}), find)
    assert (found.fix, found.code) == ("call it as upstream now does in lib.py:6", "build(1, 2, 3)")


def test_a_line_with_two_calls_is_one_place(repo: Repo) -> None:
    own = "from lib import build\nbuild(3, 4); build(4, 5)\nbuild(5, 6); build(6, 7)\n"
    base = repo.commit({"lib.py": PY})
    repo.branch("upstream", repo.commit({"lib.py": PY_NOW}, base))
    repo.checkout("main", repo.commit({"own.py": own}, base))
    [found] = repo.syncfork("merge", "upstream", "--format", "json").report["findings"]
    assert (found["path"], found["line"]) == ("own.py", 2)
    assert "in this call (also own.py:3): " in found["message"]
    assert found["also"] == [{"path": "own.py", "line": 3}]


def test_the_culprit_changed_what_it_takes(repo: Repo) -> None:
    base = repo.commit({"lib.py": PY, "x": "1"})
    repo.checkout("main", repo.commit({"own.py": "from lib import build\nbuild(3, 4)\n"}, base))
    before = repo.commit({"lib.py": PY + "# more\n"}, base, message="A remark")
    guilty = repo.commit({"lib.py": PY_NOW + "# more\n"}, before, message="Build for a target")
    repo.git("branch", "up", repo.commit({"x": "2"}, guilty))
    done = repo.syncfork("merge", "up", "--dry-run", "--format", "json")
    [finding] = json.loads(done.out)["findings"]
    assert (finding["detector"], finding["class"], done.code) == ("signatures", "breakage", 1)
    assert [culprit["commit"] for culprit in finding["culprits"]] == [guilty]


DEFINED = {
    "a.py": (
        "class A(B):\n  def __init__(self, a, b: int, c=1, *, d, e: int = 2, **kw): pass\n"
        "  @staticmethod\n  def f(a, /, *args): pass\n",
        {"A": "a b c? +d +e? **", "f": "a *"},
    ),
    "a.go": ("func (t *T) F(a, b int, c ...string) (int, error) {}\nfunc G[T any](int, string) {}\n", {"F": "a b *", "G": "_ _"}),
    "a.rs": ("impl T { fn f(&self, a: u8) {} }\nfn g<T>(a: u8) {}\ntrait Q { fn h(&self, x: u8); }\n", {"f": "a", "g": "a", "h": "x"}),
    "a.c": (
        "int f(int a, char *b, ...) {}\nstatic void\nh(void) {}\nchar *k(int (*cb)(int, int), int n[]) {}\n"
        "#define M(x, y) (x)\nint proto(int a);\n",
        {"f": "a b *", "h": "", "k": "int n", "M": "x y"},
    ),
    "a.cpp": ("int A::f(int a, int b = 2, std::map<int, int> c) {}\ntemplate<typename... T> void v(T... t) {}\n", {"f": "a b? c", "v": "*"}),
    "a.ts": (
        "class A { constructor(private a: string, b?: number) {}\n f(a, b = 1, ...c: any[]) {} }\n"
        "function g(a, {b}: X) {}\nconst h = (a: string) => 1;\ninterface I { m(a: string): void }\n",
        {"A": "a b?", "f": "a b? *", "g": "a _", "h": "a", "m": "a"},
    ),
    "a.java": ("class A { A(int a) {}\n static int f(int a, String... b) {} }\n", {"A": "a", "f": "a *"}),
    "a.kt": ('class A(val a: Int, b: String = "") {\n fun f(a: Int, b: Int = 1, vararg c: Int, cb: () -> Unit) {} }\nfun String.g(a: Int) = 1\n', {"A": "a b?", "f": "a b? +cb *", "g": "a"}),
    "a.rb": ("class A\n def initialize(a, b = 1, *c, d:, e: 2, **f, &g)\n end\n def self.h a, b\n end\n def k\n end\nend\n", {"A": "a b? +d +e? * **", "h": "a b", "k": ""}),
    "a.php": ("<?php class A { function __construct(private $a, $b = 1) {} static function f(A $a, ...$b) {} }\n", {"A": "a b? *", "f": "a *"}),
    "a.txt": ("def f(a): pass\n", {}),
}  # fmt: skip


def shown(signature: Signature) -> str:
    words = [f"{'+' * p.by_name}{p.name or '_'}{'' if p.required else '?'}" for p in signature.parameters]
    return " ".join([*words, *["*"] * signature.rest, *["**"] * signature.any_name])


@pytest.mark.parametrize("path", DEFINED)
def test_what_functions_take(path: str) -> None:
    text, expected = DEFINED[path]
    found = definitions(Document(path, text))
    assert {name: shown(each[0].signature) for name, each in found.items()} == expected


CALLED = {
    "a.py": ("x.f(1, *y, k=2)\nf(1)\nA(1, **z)\nf(i for i in x)\nf(\n  1,  # one\n  k=2)\n", ["f 2 open k", "f 1", "A 2 open", "f 1", "f 1 k"]),
    "a.go": ("var x = p.F(1, 2, xs...)\nvar y = F(1)\nvar z = F(g())\n", ["F 3 open", "F 1", "F 1 open"]),
    "a.rs": ("fn main() { x.f(1, 2); f::<u8>(1); T::f(&x, 1); }\n", ["f 2", "f 1", "f 2"]),
    "a.c": ("int x = f(1, 2);\nint y = p->f();\n", ["f 2", "f 0"]),
    "a.ts": ("new A<X>(1, 2);\nx.f?.(1, ...y);\nf<T>(1)\n", ["A 2", "f 2 open", "f 1"]),
    "a.java": ("class B extends A { B() { super(1, 2); this.f(1); new A(1); } }\n", ["A 2", "f 1", "A 1"]),
    "a.kt": ("class B : A(1) { fun x() { f(1, b = 2) { }\n x?.f(*y) } }\n", ["A 1", "f 1 block b", "f 1 open"]),
    "a.rb": ("A.new(1, d: 2)\nx.f(1, *y, &blk)\nf 1, 2 do |x| end\nf(1, 'a' => 2)\n", ["A 1 d", "f 2 open", "f 2", "f 1 open"]),
    "a.php": ("<?php $this->f(1); self::f(1, ...$x); new A(1); f(a: 1);\n", ["f 1", "f 2 open", "A 1", "f 0 a"]),
}  # fmt: skip


@pytest.mark.parametrize("path", CALLED)
def test_what_calls_give(path: str) -> None:
    text, expected = CALLED[path]
    found = sorted(
        [c for n in ("f", "F", "A") for c in calls(Document(path, text), n)], key=lambda call: call.line
    )
    words = [
        f"{c.name} {c.values}{' open' * c.open}{' block' * c.block}{''.join(f' {n}' for n in c.names if n)}"
        for c in found
    ]
    assert sorted(words) == sorted(expected)


PADDED = "val other: Other,\n    " * 40
TAKES_TWO = Signature((Parameter("a"), Parameter("b", required=False)))


@pytest.mark.parametrize(
    ("signature", "call", "expected"),
    [
        (TAKES_TWO, Call("f", 1, 1, 1), ""),
        (TAKES_TWO, Call("f", 1, 1, 3), "takes at most 2 arguments and is given 3"),
        (TAKES_TWO, Call("f", 1, 1, 0), "takes at least 1 argument and is given 0"),
        (TAKES_TWO, Call("f", 1, 1, 0, ("a",)), ""),
        (TAKES_TWO, Call("f", 1, 1, 1, ("c",)), "takes no `c`"),
        (TAKES_TWO, Call("f", 1, 1, 0, open=True), ""),
        (Signature((Parameter("a"),), bound=True), Call("f", 1, 1, 2, of="T", of_type=True), ""),
        (
            Signature((Parameter("a"),)),
            Call("f", 1, 1, 2, of="T", of_type=True),
            "takes 1 argument and is given 2",
        ),
        (Signature((Parameter("a"), Parameter("cb"))), Call("f", 1, 1, 1, block=True), ""),
        (Signature((Parameter("a"), Parameter("o")), hashes=True), Call("f", 1, 1, 1, ("k",)), ""),
        (
            Signature((Parameter("a"), Parameter("b"), Parameter("c", required=False))),
            Call("f", 1, 1, 1, ("c",)),
            "wants `b` as well",
        ),
        (Signature((Parameter("a"),), rest=True), Call("f", 1, 1, 9), ""),
        (Signature((Parameter("a", by_name=True),)), Call("f", 1, 1), "wants `a` as well"),
        (
            Signature((Parameter("a"), Parameter("b"), Parameter("c", by_name=True))),
            Call("f", 1, 1, 1, ("d", "e")),
            "takes no `d`, `e` and wants `b`, `c` as well",
        ),
    ],
)
def test_why_a_call_does_not_fit(signature: Signature, call: Call, expected: str) -> None:
    assert signature.misfit(call) == expected


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        ("def f(a):\n", "def f(a, b):\n", {"f"}),
        ("def f(\n    a,\n    b,\n):\n", "def f(\n    a,\n    b,\n    b,\n):\n", {"f"}),
        ("int\nf(int a)\n{\n", "int\nf(int a, int b)\n{\n", {"f"}),
        ("const f = async (a) => {\n", "const f = async (a, b) => {\n", {"f"}),
        ("class f:\n    def __init__(self):\n", "class f:\n    def __init__(self, a):\n", {"f"}),
        ("  def f\n", "  def f a\n", {"f"}),
        (f"class f({PADDED}a)\n", f"class f({PADDED}b)\n", {"f"}),
        (f"def __init__(self, {PADDED}a):\n", f"def __init__(self, {PADDED}b):\n", set()),
        (f"class f(\n    {PADDED})\n\na\n", f"class f(\n    {PADDED})\n\nb\n", set()),
        ("x = f(1)\n", "x = f(1, 2)\n", set()),
        ("  x.f(1);\n", "  x.f(1, 2);\n", set()),
        ("def f(a):\n    return 1\n", "def f(a):\n    return 2\n", set()),
        ("def g(a):\n", "def g(a, b):\n", set()),
    ],
)
def test_what_may_have_changed(before: str, after: str, changed: set[str]) -> None:
    assert changed_heads(before, after, {"f"}) == changed


@pytest.mark.parametrize("text", ["f(" * 50_000, "class f(" * 20_000, "f<" * 50_000, "def f" * 30_000, "f[" * 50_000 + "f (" * 20_000, "func f(" * 20_000 + "\n" * 20_000, "a=f();" * 10_000, "let f=function " * 10_000, "f" + " " * 5_000 + "/*c*/(1)", "f" + ".f()" * 3_000, "f('" + "A" * 20_000 + "'.f())"])  # fmt: skip
def test_hostile_texts_are_looked_through_in_time(text: str) -> None:
    begun = time.process_time()
    changed_heads(text, text[1:], {"f"})
    for path in ("a.py", "a.ts", "a.c"):
        definitions(Document(path, text))
        calls(Document(path, text), "f")
    assert time.process_time() - begun < 5

"""Names that one side's lines use, and that nothing defines any more once the other side's work is merged."""

from __future__ import annotations

from pathlib import Path

import pytest
from detecting import Files, Scene, seen, told
from git_fixtures import Repo

from syncfork.detect.name_forms import defined, language_of
from syncfork.detect.names import find
from syncfork.text import Document

NOWHERE = "and defined nowhere any more: "
HELPERS = "def cache_all(x)\n  x\nend\n\ndef other_one\nend\n"
RENAMED = HELPERS.replace("cache_all", "preload_all")
USING = "class Own\n  def show\n    cache_all(items)\n  end\nend\n"

FOUND: dict[str, tuple[Files, Files, Files, list[str]]] = {
    "upstream renames what the fork's own file calls": (
        {"lib/h.rb": HELPERS, "app/a.rb": "# a\nrender(cache_all(list))\n"}, {"app/own.rb": USING},
        {"lib/h.rb": RENAMED, "app/a.rb": "# a\nrender(preload_all(list))\n"},
        [f"breakage app/own.rb:3 `cache_all` is used here, {NOWHERE}upstream took it out of lib/h.rb; in its place it has `preload_all`"],
    ),
    "in a line of the fork's in a file of upstream's, and in a template": (
        {"h.rb": HELPERS, "a.rb": "one\ntwo\nthree\n"}, {"a.rb": "one\ntwo\nthree\nx = cache_all(y)\n", "v.haml": "= cache_all(z)\n"},
        {"h.rb": "def other_one\nend\n", "b.md": "cache_all is gone\n", "b.rb": "# cache_all is gone\nb # Call cache_all no more\n"},
        [f"breakage a.rb:4 `cache_all` is used here (also v.haml:1), {NOWHERE}upstream took it out of h.rb"],
    ),
    "several names of one file": (
        {"m.py": "def first_one():\n    pass\n\nclass SecondOne:\n    pass\n\nTHIRD_ONE = 3\n"}, {"own.py": "first_one(SecondOne, THIRD_ONE)\n"}, {"m.py": "x = 1\n"},
        [f"breakage own.py:1 `SecondOne`, `THIRD_ONE`, `first_one` are used here, {NOWHERE}upstream took them out of m.py"],
    ),
    "several names that upstream renamed, one of them in a call for something else": (
        {"t.ts": "export function pollFactory() {}\nexport function statusFactory() {}\n", "s.ts": "a = pollFactory(1)\nb = statusFactory(1)\nc = statusFactory(2)\nd = statusFactory(3)\n"},
        {"own.ts": "x = pollFactory(statusFactory(2))\n"},
        {"t.ts": "export function pollFactoryAPI() {}\nexport function statusFactoryAPI() {}\n", "s.ts": "a = pollFactoryAPI(1)\nb = statusFactoryAPI(1)\nc = other(2)\nd = other(3)\n"},
        [f"breakage own.ts:1 `pollFactory`, `statusFactory` are used here, {NOWHERE}upstream took them out of t.ts; in their place it has `pollFactoryAPI`, `statusFactoryAPI`"],
    ),
    "the fork took out what upstream's new lines use": (
        {"m.go": "package m\n\nfunc NewMeter() {}\n\nfunc Other() {}\n"}, {"m.go": "package m\n\nfunc Other() {}\n"},
        {"n.go": "package n\n\nfunc init() {\n\tm.NewMeter()\n}\n"},
        [f"breakage n.go:4 `NewMeter` is used here, {NOWHERE}the fork took it out of m.go"],
    ),
    "a method of something that one cannot tell": (
        {"m.go": "package m\n\nfunc (t *Tx) AsMessage() {}\n\nfunc Other() {}\n"}, {"own.go": "package m\n\nvar x = tx.AsMessage()\n"},
        {"m.go": "package m\n\nfunc Other() {}\n"},
        [f"decision own.go:3 `AsMessage` is used here, {NOWHERE}upstream took it out of m.go"],
    ),
    "one of the same object": (
        {"m.py": "class A:\n    def load_all(self):\n        pass\n"}, {"own.py": "class B(A):\n    x = lambda self: self.load_all()\n"}, {"m.py": "class A:\n    pass\n"},
        [f"breakage own.py:2 `load_all` is used here, {NOWHERE}upstream took it out of m.py"],
    ),
    "a function of another package, perhaps": (
        {"m/m.go": "package m\n\nfunc NewMeter() {}\n"}, {"a.go": "package a\n\nvar x = lib.NewMeter()\n", "b.php": "x\n"}, {"m/m.go": "package m\n"},
        [f"decision a.go:3 `NewMeter` is used here, {NOWHERE}upstream took it out of m/m.go"],
    ),
    "a macro that a statement returns": (
        {"m.h": "#define QUERY_MAX 1\nint y;\n"}, {"own.c": "int f() {\n  return QUERY_MAX;\n}\n"}, {"m.h": "int y;\n"},
        [f"breakage own.c:2 `QUERY_MAX` is used here, {NOWHERE}upstream took it out of m.h"],
    ),
    "brought in from where it was": (
        {"src/page-data.ts": "export const useData = 1\n"}, {"own.vue": "import {\n  useData,\n} from '@/page-data.js'\n"}, {"src/page-data.ts": "x()\n"},
        [f"breakage own.vue:2 `useData` is used here, {NOWHERE}upstream took it out of src/page-data.ts"],
    ),
    "brought in from the same folder": (
        {"p/m.py": "def load_all():\n    pass\n"}, {"p/own.py": "from . import load_all\n"}, {"p/m.py": "x = 1\n"},
        [f"breakage p/own.py:1 `load_all` is used here, {NOWHERE}upstream took it out of p/m.py"],
    ),
    "an attribute that upstream sets no more": (
        {"m.py": "class A:\n    def __init__(self):\n        self.cycle_time = 1\n        x\n\n    def b(self):\n        y\n"},
        {"m.py": "class A:\n    def __init__(self):\n        self.cycle_time = 1\n        x\n\n    def b(self):\n        y\n        use(self.cycle_time)\n"},
        {"m.py": "class A:\n    def __init__(self):\n        x\n\n    def b(self):\n        y\n"},
        [f"breakage m.py:7 `cycle_time` is used here, {NOWHERE}upstream took it out of m.py"],
    ),
    "in JavaScript": (
        {"m.js": "class A {\n  constructor() {\n    this.cycleTime = 1;\n  }\n}\n"}, {"own.js": "class B extends A {\n  go() {\n    use(this.cycleTime);\n  }\n}\n"},
        {"m.js": "class A {\n  constructor() {\n  }\n}\n"},
        [f"breakage own.js:3 `cycleTime` is used here, {NOWHERE}upstream took it out of m.js"],
    ),
    "a method of a class, behind a dot": (
        {"q.ts": "export class Queries {\n\tpublic muteUsers(q: Q): void {\n\t}\n}\n"}, {"own.ts": "queries.muteUsers(q)\n"}, {"q.ts": "export class Queries {\n\tpublic muteUsersOfNotes(q: Q): void {\n\t}\n}\n"},
        [f"decision own.ts:1 `muteUsers` is used here, {NOWHERE}upstream took it out of q.ts; in its place it has `muteUsersOfNotes`"],
    ),
    "a component that all templates may use": (
        {"i.ts": "export const components = {\n\tMkSpacer: MkSpacer,\n\tMkTime: MkTime,\n};\n"}, {"own.vue": "<template>\n<MkSpacer>\n</MkSpacer>\n</template>\n"}, {"i.ts": "export const components = {\n\tMkTime: MkTime,\n};\n"},
        [f"decision own.vue:2 `MkSpacer` is used here (also own.vue:3), {NOWHERE}upstream took it out of i.ts"],
    ),
    "a field": (
        {"p.h": "struct params {\n    int n_parts;\n    int n_ctx;\n};\n"}, {"own.cpp": "void f(void) {\n    params.n_parts = -1;\n    use(p->n_parts);\n}\n", "use.cpp": "use(p->n_parts);\n"}, {"p.h": "struct params {\n    int n_ctx;\n};\n"},
        [f"decision own.cpp:2 `n_parts` is used here (also own.cpp:3, use.cpp:1), {NOWHERE}upstream took it out of p.h"],
    ),
    "properties and values of an enum": (
        {"S.kt": "data class State(\n    val lastMessage: String,\n    val other: Int,\n)\nenum class Kind {\n    SPACE_CHILD,\n    OTHER,\n}\n"}, {"Own.kt": "val x = state.lastMessage ?: Kind.SPACE_CHILD\n"}, {"S.kt": "data class State(\n    val other: Int,\n)\nenum class Kind {\n    OTHER,\n}\n"},
        [f"decision Own.kt:1 `SPACE_CHILD`, `lastMessage` are used here, {NOWHERE}upstream took them out of S.kt"],
    ),
    "fields in Go, Rust and Python": (
        {"m.go": "type T struct {\n\tMaxSize int `json:\"x\"`\n}\n", "m.rs": "pub struct T {\n    pub max_count: usize,\n}\n", "m.py": "class T:\n    max_width: int = 3\n"},
        {"o.go": "var x = t.MaxSize\n", "o.rs": "let x = t.max_count;\n", "o.py": "x = t.max_width\n"},
        {"m.go": "type T struct {\n}\n", "m.rs": "pub struct T {\n}\n", "m.py": "class T:\n    pass\n"},
        [f"decision o.go:1 `MaxSize` is used here, {NOWHERE}upstream took it out of m.go", f"decision o.py:1 `max_width` is used here, {NOWHERE}upstream took it out of m.py", f"decision o.rs:1 `max_count` is used here, {NOWHERE}upstream took it out of m.rs"],
    ),
    "a file that went": (
        {"icons.js": "export function openIcon() {}\n", "x": "1\n"}, {"own.tsx": "import { openIcon } from './icons'\n"}, {"icons.js": ""},
        [f"breakage own.tsx:1 `openIcon` is used here, {NOWHERE}upstream took it out of icons.js"],
    ),
}  # fmt: skip

SILENT: dict[str, tuple[Files, Files, Files]] = {
    "a member's name that is used by itself": ({"q.ts": "class Q {\n\tpublic muteUsers(): void {\n\t}\n}\n"}, {"own.ts": "muteUsers(q)\n"}, {"q.ts": "class Q {\n}\n"}),
    "a component that is brought in": ({"i.ts": "const c = {\n\tMkSpacer: MkSpacer,\n};\n"}, {"own.vue": "<MkSpacer>\n<script>\nimport MkSpacer from 'other-lib'\n"}, {"i.ts": "const c = {\n};\n"}),
    "a member that the fork has, too": ({"q.ts": "class Q {\n\tpublic muteUsers(): void {\n\t}\n}\n"}, {"own.ts": "class O {\n\tpublic muteUsers(): void {\n\t}\n}\n", "b.ts": "o.muteUsers()\n"}, {"q.ts": "class Q {\n}\n"}),
    "both sides do without": ({"h.rb": HELPERS}, {"h.rb": "def other_one\nend\n", "own.rb": USING}, {"h.rb": "def other_one\nend\n"}),
    "it has moved": ({"h.rb": HELPERS}, {"own.rb": USING}, {"h.rb": "def other_one\nend\n", "i.rb": "def cache_all(x)\nend\n"}),
    "upstream has it elsewhere": ({"h.rb": HELPERS, "i.rb": "cache_all 1\n"}, {"own.rb": USING}, {"h.rb": RENAMED}),
    "upstream makes it from data": (
        {"l.h": "#define LAYOUT_split 1\n"}, {"own.c": "int x = LAYOUT_split;\n"}, {"l.h": "int y;\n", "info.json": '{"LAYOUT_split": {}}\n'},
    ),
    "the fork defines it, too": ({"h.rb": HELPERS}, {"own.rb": USING + "def cache_all\nend\n"}, {"h.rb": RENAMED}),
    "a variable of its own": ({"h.py": "def user_names():\n    pass\n"}, {"own.py": "user_names = 1\nprint(user_names)\n"}, {"h.py": "x = 1\n"}),
    "a parameter": ({"h.c": "int query(void)\n{\n}\n"}, {"own.c": "void f(uint8_t *query) {\n  g(query);\n}\n"}, {"h.c": "int y;\n"}),
    "a parameter, in Go": (
        {"h.go": "package h\n\nfunc fetchAll() {}\n"}, {"own.go": "package h\n\nfunc f(\n\tfetchAll func(int) int,\n) {\n\tfetchAll(1)\n}\n"}, {"h.go": "package h\n"},
    ),
    "a remark": ({"h.rb": HELPERS}, {"own.rb": "# as cache_all did\n"}, {"h.rb": RENAMED}),
    "another language": ({"h.rb": HELPERS}, {"own.py": "cache_all(1)\n"}, {"h.rb": RENAMED}),
    "a part of another name": ({"h.rb": HELPERS}, {"own.rb": "cache_all_of(1)\n"}, {"h.rb": RENAMED}),
    "a line that upstream has as well": ({"h.rb": HELPERS, "a.rb": "x\n"}, {"a.rb": "x\ny\n"}, {"h.rb": RENAMED, "a.rb": "cache_all\nx\n"}),
    "an attribute that another class sets": (
        {"m.py": "class A:\n    def a(self):\n        self.cycle_time = 1\n", "b.py": "self.cycle_time = 2\n"}, {"own.py": "use(self.cycle_time)\n"}, {"m.py": "class A:\n    pass\n"},
    ),
    "an attribute that is asked for": ({"m.py": "if self.cycle_time == 1:\n    pass\n"}, {"own.py": "use(self.cycle_time)\n"}, {"m.py": "pass\n"}),
    "a short name": ({"h.rb": "def all\nend\n"}, {"own.rb": "all\n"}, {"h.rb": "x\n"}),
    "the file in conflict": ({"h.rb": HELPERS}, {"h.rb": HELPERS.replace("(x)", "(x, y)"), "own.rb": USING}, {"h.rb": RENAMED}),
    "the using file in conflict": ({"h.rb": HELPERS, "a.rb": "x\n"}, {"a.rb": "cache_all\n"}, {"h.rb": RENAMED, "a.rb": "z\n"}),
    "brought in from elsewhere": ({"h.py": "def user_names():\n    pass\n"}, {"own.py": "from lib.other import (\n    a,\n    user_names,\n)\nuser_names()\n"}, {"h.py": "x = 1\n"}),
    "brought in from a package": ({"h.js": "export function openModal() {}\n"}, {"own.js": "import { openModal } from 'modal-lib'\nopenModal()\n"}, {"h.js": "x()\n"}),
    "a class of another library": ({"org/acme/StringUtil.java": "class StringUtil {\n"}, {"Own.java": "import org.apache.StringUtil;\nStringUtil.trim(x);\n"}, {"org/acme/StringUtil.java": "x\n"}),
    "a method of the same file": ({"h.js": "function openModal() {}\n"}, {"own.vue": "methods: {\n  openModal() {\n  },\n}\nopenModal()\n"}, {"h.js": "x()\n"}),
    "taken out of something": ({"h.js": "function openModal() {}\n"}, {"own.js": "const { openModal } = useModal()\nopenModal()\n"}, {"h.js": "x()\n"}),
    "a function's own": ({"h.js": "function openModal() {}\n"}, {"own.js": "x(openModal => openModal())\n"}, {"h.js": "x()\n"}),
    "made by Ruby": ({"h.rb": HELPERS}, {"own.rb": "delegate :cache_all, to: :x\n", "b.rb": "cache_all(1)\n"}, {"h.rb": RENAMED}),
    "declared in a header": ({"h.c": "int query_all(void)\n{\n}\n"}, {"own.h": "extern int query_all(void);\n", "own.c": "x = query_all();\n"}, {"h.c": "int y;\n"}),
    "quoted": ({"h.py": "def user_names():\n    pass\n"}, {"own.py": 'd["user_names"]\n"""as\nuser_names did\n"""\n'}, {"h.py": "x = 1\n"}),
    "a variable of PHP": ({"h.php": "function items_all() {\n"}, {"own.php": "foreach ($x as $items_all) {\n"}, {"h.php": "x\n"}),
    "asked whether it is there": ({"h.h": "#define USE_THING 1\n"}, {"own.c": "#ifdef USE_THING\n#endif\n"}, {"h.h": "int y;\n"}),
    "defined by what builds it": ({"h.h": "#define USE_THING 1\n"}, {"own.c": "x = USE_THING;\n"}, {"h.h": "int y;\n", "CMakeLists.txt": "add_definitions(-D USE_THING)\n"}),
    "defined in what the fork vendors": ({"h.rb": HELPERS}, {"own.rb": USING, "vendor/x.rb": "def cache_all\nend\n"}, {"h.rb": RENAMED}),
    "data now": ({"h.rb": HELPERS}, {"own.rb": USING}, {"h.rb": "\0data"}),
    "vendored": ({"vendor/h.rb": HELPERS}, {"own.rb": USING}, {"vendor/h.rb": RENAMED}),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_found(tmp_path: Path, name: str) -> None:
    base, ours, theirs, expected = FOUND[name]
    assert told(seen(Repo.create(tmp_path / "r"), Scene(base, ours, theirs), find)) == expected


@pytest.mark.parametrize("name", SILENT)
def test_silent(tmp_path: Path, name: str) -> None:
    base, ours, theirs = SILENT[name]
    assert told(seen(Repo.create(tmp_path / "r"), Scene(base, ours, theirs), find)) == []


def test_what_a_rule_keeps_out_is_told_where_upstream_uses_it(tmp_path: Path) -> None:
    """A file that is the fork's own goes without the function that upstream's new line calls."""
    base = {"h.py": "def first_one():\n    pass\n", "a.py": "x = 1\n"}
    theirs = {"h.py": base["h.py"] + "\ndef second_one():\n    pass\n", "a.py": "x = 1\nsecond_one()\n"}
    rule = "id: own\nfiles: [h.py]\nown: ours\n"
    scene = Scene(base, {"h.py": base["h.py"] + "# ours\n"}, theirs, (rule,))
    [found] = seen(Repo.create(tmp_path / "r"), scene, find)
    assert told([found]) == [
        f"breakage a.py:2 `second_one` is used here, {NOWHERE}upstream defines it in h.py, and the merged tree goes without"
    ]
    # Who is to blame brought the line that uses it.
    assert found.upstream and (found.upstream.path, found.upstream.line) == ("a.py", 2)
    assert (found.added, found.names) == (("second_one()",), ("second_one",))


def test_the_culprit_took_it_out(repo: Repo) -> None:
    base = repo.commit({"h.rb": HELPERS, "x": "1"})
    repo.checkout("main", repo.commit({"own.rb": USING}, base))
    changed = HELPERS.replace("(x)", "(x, y)")
    more = repo.commit({"h.rb": changed}, base, message="One parameter more")
    renamed = repo.commit(
        {"h.rb": changed.replace("cache", "preload")}, more, message="Rename to preload_all"
    )
    repo.branch("upstream", repo.commit({"h.rb": RENAMED + "# more\n"}, renamed, message="More"))
    ran = repo.syncfork("merge", "upstream", "--dry-run", "--format", "json")
    [found] = [f for f in ran.report["findings"] if f["detector"] == "names"]
    assert [culprit["subject"] for culprit in found["culprits"]] == ["Rename to preload_all"]
    assert found["upstream"] == {"path": "h.rb", "line": 1, "tree": "base"}


def test_what_a_person_dropped_in_a_conflict_is_told_when_they_go_on(repo: Repo) -> None:
    base = repo.commit({"h.rb": "a\nb\nc\n", "page.haml": "= one\n"})
    repo.checkout("main", repo.commit({"h.rb": "a\nours\nc\n"}, base))
    theirs = {"h.rb": "a\ndef icon_path\nend\nc\n", "page.haml": "= one\n= icon_path\n"}
    repo.branch("upstream", repo.commit(theirs, base))
    assert repo.syncfork("merge", "upstream").code == 1
    repo.git("checkout", "--ours", "--", "h.rb")
    repo.git("add", "h.rb")
    ran = repo.syncfork("continue", "--format", "json")
    [found] = [f for f in ran.report["findings"] if f["detector"] == "names"]
    assert found["path"] == "page.haml" and "upstream defines it in h.rb" in found["message"]


@pytest.mark.parametrize(
    ("path", "text", "names"),
    [
        ("a.py", "async def one():\n  def two(): pass\nclass Three(X):\nFOUR: int = 4\nFIVE = 5\nsix = 6\nx.SEVEN = 7\n", "one two Three FOUR FIVE"),
        ("a.rake", "def self.one?\nclass A::Two < X\nmodule Three\nFOUR = 4\n  scope :five, -> {}\n", "one Two Three FOUR five"),
        ("a.vue", "export default async function one() {}\nfunction* two() {}\nexport const three = 1\nlet four\n  const five = 1\nexport interface Six {}\nabstract class Seven {}\n",
         "one two three four Six Seven"),
        ("a.go", "func one() {}\nfunc (x *T) two() {}\ntype Three struct\nconst four = 1\n\tfive := 1\n", "one two Three four"),
        ("a.rs", "pub(crate) async fn one() {}\nstruct Two;\nmacro_rules! three {\npub const FOUR: u8 = 4;\nlet five = 5;\n", "one Two three FOUR"),
        ("a.cpp", "#define ONE 1\nstatic int two(int x) {\nstruct Three\n{\nvoid A::four(\n    int x)\n  five(1);\nreturn six(1);\nenum class Seven : int {\n", "ONE two Three four Seven"),
        ("A.java", "public class One {\n  private static List<Map<A, B>> two(int x) {\n  return three(1);\n@interface Four\n", "One two"),
        ("a.kt", "data class One(val x: Int)\nfun <T> List<T>.two() = 1\n  override suspend fun three() {}\nobject Four\n", "One two three Four"),
        ("a.nf", "process ONE {\nworkflow TWO {\ndef three(x) {\n", "ONE TWO three"),
        ("a.php", "abstract class One {\n  public static function two() {\ninterface Three\n", "One two Three"),
        ("a.sh", "one() {\nfunction two () {\nthree 1\n", "one two"),
        ("a.txt", "def one\n", ""),
    ],
)  # fmt: skip
def test_definitions(path: str, text: str, names: str) -> None:
    assert defined(Document(path, text)) == frozenset(names.split())


def test_long_lines_are_read_in_time_that_grows_with_them() -> None:
    for path in ("a.py", "a.rb", "a.js", "a.go", "a.rs", "a.cpp", "A.java", "a.php", "a.sh"):
        for line in ("a " * 50_000, "x" * 100_000, "public " * 20_000, "f<" * 50_000, "pub(" * 20_000):
            assert defined(Document(path, line)) <= frozenset(["x" * 100_000])
    assert language_of("Makefile") is None


def test_what_a_hostile_text_holds_is_looked_through_in_time(tmp_path: Path) -> None:
    long, names = "q" * 140_000, "".join(f"def name_{n:05}\nend\n" for n in range(3_000))
    shapes = (
        "func (",
        "def f(cache_all ",
        "func ",
        "| cache_all ",
        "const cache_all ",
        "import cache_all ",
        "cache_all, ",
    )
    own = {f"own{n}.rb": f"cache_all(1)\n{shape * 20_000}\n{shape * 80}\n" for n, shape in enumerate(shapes)}
    theirs = {"h.rb": RENAMED + f"def {long}\nend\n", "a.rb": f"{long}(1)\n", "names.rb": "x\n"}
    uses = {"use.rb": names.replace("def ", "call ").replace("end\n", "")}
    scene = Scene({"h.rb": HELPERS, "names.rb": names}, {**own, **uses}, theirs)
    found = seen(Repo.create(tmp_path / "r"), scene, find)
    assert [item.path for item in found if item.path.startswith("use")] == ["use.rb"]


def test_of_a_file_that_went_the_import_is_told_alone(tmp_path: Path) -> None:
    """The detector `paths` does; of one that imports nothing, the name is."""
    using = {"own.ts": "import { openIcon } from './icons'\nopenIcon()\n", "other.ts": "openIcon()\n"}
    for ours, expected in ({"own.ts": using["own.ts"]}, []), (using, ["other.ts:1"]):
        scene = Scene({"icons.ts": "export function openIcon() {}\n", "x": "1\n"}, ours, {"icons.ts": None})
        found = seen(Repo.create(tmp_path / f"r{len(ours)}"), scene, find)
        assert [f"{item.path}:{item.line}" for item in found] == expected

"""The kinds of packages: which manifest asks for them, and what files of the repository import of them. Pure."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from posixpath import basename
from typing import Any

from msgspec import Struct

from syncfork.detect.import_forms import SCRIPTS, STYLES, imported
from syncfork.detect.lock_go import directives
from syncfork.text import Document


def _nothing(_: str) -> Iterable[str]:
    return ()


class Kind(Struct, frozen=True):
    """A kind of packages. `asked` reads a manifest, and raises what a parser does for a text that is none; `bringing` says
    which of some packages brings what is imported, empty where none does. `word` is what of a package's name stands where it is
    imported. Files that end in one of `endings` import them, in whose single lines `imported` finds what.

    Of the manifests above a file only the nearest counts where it is `nearest`, else all do; where it counts `everywhere`, what is
    below it may have others of its own. In files like the first of `own` a package of the repository's own gives its name (NAME) in
    the form of the second. A lock file among `locks` whose line has the form `locked` has a package that others
    bring along, which can then be imported all the same. `named` tells of a manifest what it calls its own package where that is
    imported.
    """

    manifests: re.Pattern[str]
    asked: Callable[[str], Iterable[str]]
    bringing: Callable[[str, Collection[str]], str]
    word: Callable[[str], str]
    endings: tuple[str, ...]
    imported: Callable[[str, str], list[str]] = imported
    nearest: bool = False
    everywhere: bool = False
    own: tuple[str, str] = ("", "")
    locks: tuple[str, ...] = ()
    locked: str = ""
    named: Callable[[str], Iterable[str]] = _nothing
    verb: str = "import"

    def packages(self, document: Document | None) -> frozenset[str] | None:
        """What a manifest asks for; None where there is none, or it cannot be read."""
        return _packages(self, document) if document else None

    def itself(self, document: Document) -> set[str]:
        """How what a manifest that can be read is the manifest of is imported, among its own files."""
        return {name for name in self.named(document.text) if isinstance(name, str)}

    def provided(self, what: str, line: str, packages: Collection[str]) -> bool:
        """Whether one of the packages brings what the line imports: types alone only what is used as such."""
        name = self.bringing(what, packages)
        return bool(name) and (not name.startswith("@types/") or bool(re.search(r"\btype\b", line)))

    def imports(self, path: str) -> bool:
        """Whether a file is of those that import such packages."""
        return basename(path) in self.endings or basename(path).rpartition(".")[2] in self.endings


@lru_cache(maxsize=256)
def _packages(kind: Kind, document: Document) -> frozenset[str] | None:
    try:
        # A list where a table belongs may hold anything.
        return frozenset(name for name in kind.asked(document.text) if name and isinstance(name, str))
    except (ValueError, RecursionError, AttributeError, TypeError):
        return None


def _same(name: str) -> str:
    return name


# npm

_NPM_TABLES = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
_NODE = frozenset([
    "assert", "async_hooks", "buffer", "child_process", "cluster", "console", "constants", "crypto",
    "dgram", "diagnostics_channel", "dns", "domain", "events", "fs", "http", "http2", "https",
    "inspector", "module", "net", "os", "path", "perf_hooks", "process", "punycode", "querystring",
    "readline", "repl", "stream", "string_decoder", "sys", "timers", "tls", "trace_events", "tty",
    "url", "util", "v8", "vm", "wasi", "worker_threads", "zlib",
])  # fmt: skip


def _npm_asked(text: str) -> Iterator[str]:
    manifest = json.loads(text)
    return (name for table in _NPM_TABLES for name in manifest.get(table, {}))


def _npm_bringing(what: str, packages: Collection[str]) -> str:
    # A style sheet says by `~` that it means a package.
    what = what[1:] if what.startswith("~") and not what.startswith("~/") else what
    parts = what.split("/")
    if what.startswith((".", "/", "#", "~")) or ":" in what or parts[0] in _NODE or not all(parts[:2]):
        return ""
    name = "/".join(parts[: 2 if what.startswith("@") else 1])
    types = f"@types/{name.removeprefix('@').replace('/', '__')}"
    return next((each for each in (name, types) if each in packages), "")


def _npm_word(name: str) -> str:
    """Without what is not written where a package of types is imported."""
    if not name.startswith("@types/"):
        return name
    scope, _, rest = name.removeprefix("@types/").rpartition("__")
    return f"@{scope}/{rest}" if scope else rest


_NPM = Kind(
    re.compile(r"package\.json"), _npm_asked, _npm_bringing, _npm_word, (*SCRIPTS, *STYLES),
    own=("package.json", r'"name"[ \t]*:[ \t]*"NAME"'),
    locks=("yarn.lock", "package-lock.json", "npm-shrinkwrap.json"),
    locked=r'^[ \t]*"?NAME@|"node_modules/NAME"',
)  # fmt: skip

# Go


def _go_asked(text: str) -> Iterator[str]:
    return (rest[0] for what, rest in directives(text) if what == "require" and rest)


def _go_bringing(what: str, packages: Collection[str]) -> str:
    while what:
        if what in packages:
            return what
        what = what.rpartition("/")[0]
    return ""


_GO = Kind(
    re.compile(r"go\.mod"), _go_asked, _go_bringing, _same, ("go",), nearest=True, own=("go.mod", r"^module[ \t]+NAME[ \t]*$")
)  # fmt: skip

# Cargo


def _cargo_asked(text: str) -> Iterator[str]:
    manifest = tomllib.loads(text)
    if "package" not in manifest:
        raise ValueError("of a workspace alone")
    for table in (manifest, *manifest.get("target", {}).values()):
        for name in ("dependencies", "dev-dependencies", "build-dependencies"):
            yield from table.get(name, {})


def _cargo_named(text: str) -> Iterator[str]:
    manifest = tomllib.loads(text)
    tables = (table for table in (manifest["package"], manifest.get("lib", {})) if isinstance(table, dict))
    return (_cargo_word(table["name"]) for table in tables if isinstance(table.get("name"), str))


def _cargo_bringing(what: str, packages: Collection[str]) -> str:
    return next((name for name in (what, what.replace("_", "-")) if name in packages), "")


def _cargo_word(name: str) -> str:
    return name.replace("-", "_")


_CARGO = Kind(
    re.compile(r"Cargo\.toml"), _cargo_asked, _cargo_bringing, _cargo_word, ("rs",), nearest=True,
    own=("*.rs", r"\bmod[ \t]+NAME\b|\bas[ \t]+NAME\b"), named=_cargo_named,
)  # fmt: skip

_INHERITED = re.compile(
    r"^[ \t]*([\w-]+)(?:\.workspace[ \t]*=[ \t]*true|[ \t]*=[ \t]*\{[^}]*\bworkspace[ \t]*=[ \t]*true)"
)


def _workspace_asked(text: str) -> Collection[str]:
    found: Mapping[str, Any] = tomllib.loads(text).get("workspace", {}).get("dependencies", {})
    return found


def _inherited(line: str, _: str) -> list[str]:
    return [found[1] for found in _INHERITED.finditer(line)]


def _workspace_bringing(what: str, packages: Collection[str]) -> str:
    return what if what in packages else ""


_WORKSPACE = Kind(
    re.compile(r"Cargo\.toml"), _workspace_asked, _workspace_bringing, _same, ("Cargo.toml",), _inherited, everywhere=True, verb="inherit"
)  # fmt: skip

# Python

# Where what is imported is called otherwise than what is installed.
_MODULES: Mapping[str, str] = {
    "pyyaml": "yaml", "pillow": "PIL", "opencv-python": "cv2", "opencv-python-headless": "cv2", "beautifulsoup4": "bs4",
    "scikit-learn": "sklearn", "scikit-image": "skimage", "python-dateutil": "dateutil", "python-dotenv": "dotenv",
    "pyjwt": "jwt", "gitpython": "git", "pyserial": "serial", "python-magic": "magic", "python-docx": "docx",
    "pyopenssl": "OpenSSL", "pycryptodome": "Crypto", "pyzmq": "zmq", "psycopg2-binary": "psycopg2", "attrs": "attr",
    "mysqlclient": "MySQLdb", "protobuf": "google.protobuf", "biopython": "Bio", "python-multipart": "multipart",
}  # fmt: skip
_REQUIREMENT = re.compile(r"[ \t]*([A-Za-z0-9][\w.-]*)")
_POETRY = ("dependencies", "dev-dependencies")


def _python_asked(text: str) -> Iterator[str]:
    try:
        manifest = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        if re.search(r"^\[", text, re.MULTILINE):
            raise
        yield from _requirements(text.split("\n"))
        return
    project, poetry = manifest.get("project", {}), manifest.get("tool", {}).get("poetry", {})
    yield from _requirements(project.get("dependencies", []))
    for listing in (
        *project.get("optional-dependencies", {}).values(),
        *manifest.get("dependency-groups", {}).values(),
    ):
        yield from _requirements([each for each in listing if isinstance(each, str)])
    for table in (poetry, *poetry.get("group", {}).values()):
        yield from _requirements([name for part in _POETRY for name in table.get(part, {})])


def _requirements(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        if found := _REQUIREMENT.match(line):
            yield re.sub(r"[-_.]+", "-", found[1]).lower()


def _python_word(name: str) -> str:
    return _MODULES.get(name, name.replace("-", "_"))


def _python_bringing(what: str, packages: Collection[str]) -> str:
    if what.partition(".")[0] in sys.stdlib_module_names:
        return ""
    words = {_python_word(name).lower(): name for name in packages}
    parts = what.lower().split(".")
    return words.get(parts[0]) or words.get(".".join(parts[:2]), "")


_PYTHON = Kind(
    re.compile(r"pyproject\.toml|[\w.-]*requirements[\w.-]*\.(?:txt|in)"), _python_asked, _python_bringing, _python_word, ("py",),
    everywhere=True, locks=("uv.lock", "poetry.lock", "pdm.lock"), locked=r'^name = "NAME"',
)  # fmt: skip

KINDS = (_NPM, _GO, _CARGO, _WORKSPACE, _PYTHON)
PYTHON = _PYTHON

"""Strategies for histories: files of a few lines, edited, renamed, deleted, made executable, replaced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from git_fixtures import EXE, FILE, LINK, SUBMODULE, Repo
from hypothesis import strategies as st

Files = dict[bytes, tuple[str, bytes]]

_PLAIN = [b"a", b"b.txt", b"dir/a", b"dir/b", b"dir/sub/c"]
_ODD = [
    b"with space",
    b'quo"te\\',
    b"new\nline",
    "ünïcode/ñ".encode(),
    b"\xff\xfe",
    b"-dash",
    b":(top)x",
    b"dir",
]
_SUBMODULE = [digit * 40 for digit in (b"1", b"2", b"3")]

_words = st.sampled_from([b"alpha", b"beta", b"gamma", b"delta", b"", b"}"])
_odd_words = st.sampled_from(
    [b"alpha", b"beta", b"caf\xc3\xa9", b"caf\xe9", b"\xff\xfe", b"<<<<<<< x", b"=======", b"\r"]
)


@st.composite
def texts(draw: st.DrawFn, odd: bool) -> bytes:
    """A text; if odd, with CRLF, no newline at the end, or bytes that are not UTF-8."""
    words = draw(st.lists(_odd_words if odd and draw(st.booleans()) else _words, min_size=4, max_size=12))
    end = b"\r\n" if odd and draw(st.integers(0, 3)) == 0 else b"\n"
    last = b"" if odd and draw(st.integers(0, 3)) == 0 else end
    return end.join(words) + last


@st.composite
def _entries(draw: st.DrawFn, odd: bool) -> tuple[str, bytes]:
    kind = draw(st.integers(0, 11)) if odd else 0
    if kind == 11:
        return SUBMODULE, draw(st.sampled_from(_SUBMODULE))
    if kind == 10:
        return LINK, draw(st.sampled_from([b"a", b"dir/b", b"gone"]))
    if kind == 9:
        return FILE, draw(st.sampled_from([b"\0one", b"\0two\n\n", b"PNG\0" * 20]))
    return (EXE if kind == 8 else FILE), draw(texts(odd))


def put(files: Files, name: bytes, entry: tuple[str, bytes]) -> None:
    """Put an entry at `name`; whatever is in its way as a directory or file goes."""
    for other in list(files):
        if other.startswith(name + b"/") or name.startswith(other + b"/"):
            del files[other]
    files[name] = entry


@st.composite
def _edited(draw: st.DrawFn, before: Mapping[bytes, tuple[str, bytes]], odd: bool) -> Files:
    files = dict(before)
    names = st.sampled_from(_PLAIN + (_ODD if odd else []))
    for _ in range(draw(st.integers(1, 3))):
        action = draw(st.sampled_from("llllllrdaxt" if odd else "lllllrda"))
        if action == "a" or not files:
            put(files, draw(names), draw(_entries(odd)))
            continue
        name = draw(st.sampled_from(sorted(files)))
        mode, content = files[name]
        if action == "r":
            del files[name]
            put(files, draw(names), (mode, content))
        elif action == "d":
            del files[name]
        elif action == "x" and mode in (FILE, EXE):
            files[name] = (EXE if mode == FILE else FILE, content)
        elif action == "t":
            files[name] = draw(_entries(odd))
        elif mode in (FILE, EXE):
            files[name] = (mode, draw(_line_edit(content, odd)))
    return files


@st.composite
def _line_edit(draw: st.DrawFn, content: bytes, odd: bool) -> bytes:
    found = content.split(b"\n")
    at = draw(st.integers(0, len(found) - 1))
    end = b"\r" if found[0].endswith(b"\r") else b""
    new = [word + end for word in draw(st.lists(_odd_words if odd else _words, max_size=2))]
    return b"\n".join([*found[:at], *new, *found[at + draw(st.integers(0, 2)) :]])


@dataclass(frozen=True)
class Node:
    """One commit of a generated history: its files, and its parents by number."""

    files: Files
    parents: tuple[int, ...]


@dataclass(frozen=True)
class Drawn:
    """A history, parents first; the last two commits are the ones to merge."""

    nodes: tuple[Node, ...]

    def build(self, repo: Repo, rewrite: object = None) -> tuple[str, str]:
        """Write the commits and return the ids of the last two."""
        made: list[str] = []
        for node in self.nodes:
            files = node.files if rewrite is None else rewrite(node.files)  # type: ignore[operator]
            made.append(repo.commit(dict(files), *(made[parent] for parent in node.parents), whole=True))
        return made[-2], made[-1]


@st.composite
def histories(draw: st.DrawFn, odd: bool = True, bases: int = 1) -> Drawn:
    """A root, and two sides with an edit or two; with two bases they merge each other on the way."""
    root: Files = {}
    for name in draw(
        st.lists(st.sampled_from(_PLAIN + (_ODD if odd else [])), min_size=1, max_size=5, unique=True)
    ):
        put(root, name, draw(_entries(odd)))
    nodes = [Node(root, ())]

    def edit(number: int, *others: int) -> int:
        nodes.append(Node(draw(_edited(nodes[number].files, odd)), (number, *others)))
        return len(nodes) - 1

    left, right = edit(0), edit(0)
    for _ in range(bases - 1):
        left, right = edit(left, right), edit(right, left)
    if draw(st.booleans()):
        left = edit(left)
    nodes += [Node(nodes[left].files, (left,)), Node(draw(_edited(nodes[right].files, odd)), (right,))]
    return Drawn(tuple(nodes))

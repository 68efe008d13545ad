"""Builds the demo's two repositories from the commits described under `history`.

A folder there is one commit: `commit.toml` (subject, author, date, edits, ...) next to the files that the
commit adds or replaces. Everything is pinned, so the commit ids are the same on every machine.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from syncfork.errors import UsageError
from syncfork.git.door import Git

# The upstream commit that the fork was made from: the last one that both have.
FORK_POINT = "03-windows"

_ORIGIN = "https://github.com/example-corp/python-builds"
_DESCRIPTION = "commit.toml"

# Ids must not depend on the user's defaults, nor files on a template with hooks of theirs.
_INIT = ("init", "-q", "-b", "main", "--object-format=sha1", "--template=")


class Demo(Struct, frozen=True):
    """The two repositories, and the ids of the commits to talk about.

    `base` is the commit where the fork began, `fork_head` and `upstream_head` are the tips of both `main`s.
    """

    upstream: Path
    fork: Path
    base: str
    fork_head: str
    upstream_head: str


class _Edit(Struct, frozen=True):
    """Replace a text in a file; it must be there exactly `count` times."""

    path: str
    find: str
    replace: str
    count: int = 1

    def of(self, content: bytes) -> bytes:
        find = self.find.encode()
        if content.count(find) != self.count:
            raise ValueError(f"{self.path}: {content.count(find)} times, not {self.count}: {self.find!r}")
        return content.replace(find, self.replace.encode())


class _Description(Struct, frozen=True):
    """What `commit.toml` says about a commit."""

    subject: str
    author: str
    email: str
    date: datetime
    body: str = ""
    delete: tuple[str, ...] = ()
    executable: tuple[str, ...] = ()
    edit: tuple[_Edit, ...] = ()

    @classmethod
    def parse(cls, text: str) -> _Description:
        table: dict[str, Any] = tomllib.loads(text)
        table["edit"] = (_Edit(**edit) for edit in table.get("edit", ()))
        lists = {key: tuple(table.get(key, ())) for key in ("delete", "executable", "edit")}
        return cls(**{**table, **lists})


class _Tree(Struct):
    """The files of a branch while its commits are written one after the other."""

    content: dict[str, bytes] = field(default_factory=dict)
    executable: set[str] = field(default_factory=set)

    def copy(self) -> _Tree:
        return _Tree(dict(self.content), set(self.executable))

    def apply(self, description: _Description, added: Mapping[str, bytes]) -> list[str]:
        """Do what a commit does, and return the paths that it wrote."""
        self.content.update(added)
        for edit in description.edit:
            self.content[edit.path] = edit.of(self.content[edit.path])
        for path in description.delete:
            del self.content[path]
        self.executable.update(description.executable)
        return sorted({*added, *(edit.path for edit in description.edit)})


def build(root: Path) -> Demo:
    """Make the repositories `upstream` and `fork` in the folder `root` and say where everything is.

    Both stand on `main` with their files checked out. The fork has upstream as a remote, already fetched.
    Raises UsageError where one of the folders exists.
    """
    root = root.resolve()
    for name in ("upstream", "fork"):
        if (root / name).exists():
            raise UsageError(f"{root / name} is already there", "name an empty folder for the demo")
    upstream = _repository(root / "upstream", "Upstream Labs", "demo@upstream-labs.example")
    stream, at_fork_point, number = _upstream_stream()
    base, upstream_head = _import(upstream, stream, number)
    fork = _repository(root / "fork", "Example Corp", "demo@example-corp.example")
    fork.run("remote", "add", "origin", _ORIGIN)
    fork.run("remote", "add", "upstream", str(upstream.directory))
    fork.run("fetch", "-q", "--no-tags", "upstream")
    _, fork_head = _import(fork, _fork_stream(at_fork_point, base), 1)
    return Demo(upstream.directory, fork.directory, base, fork_head, upstream_head)


def _repository(directory: Path, name: str, email: str) -> Git:
    """Return the door to a new, empty repository in which `git commit` and `git merge` know who acts."""
    directory.mkdir(parents=True)
    git = Git(directory)
    git.run(*_INIT)
    git.run("config", "user.name", name)
    git.run("config", "user.email", email)
    return git


def _import(git: Git, stream: bytes, number: int) -> tuple[str, str]:
    """Write commits to `main` and check it out; return the ids of commit `number` and of the last."""
    wanted = git.text("fast-import", "--quiet", stdin=stream + b"get-mark :%d\n" % number)
    git.run("reset", "-q", "--hard")
    return wanted, git.text("rev-parse", "main")


def _upstream_stream() -> tuple[bytes, _Tree, int]:
    """Return upstream's commits, the files at the fork point, and the number of that commit."""
    tree, stream = _Tree(), b""
    at_fork_point, fork_point = tree, 0
    for number, folder in enumerate(_commits("upstream"), start=1):
        stream += _commit(folder, tree, number, "")
        if folder.name == FORK_POINT:
            at_fork_point, fork_point = tree.copy(), number
    return stream, at_fork_point, fork_point


def _fork_stream(tree: _Tree, base: str) -> bytes:
    """Return the fork's own commits, on top of the commit `base` that has the files of `tree`."""
    stream = b""
    for number, folder in enumerate(_commits("fork"), start=1):
        stream += _commit(folder, tree, number, base if number == 1 else "")
    return stream


def _commit(folder: Traversable, tree: _Tree, number: int, parent: str) -> bytes:
    """Return one commit as git fast-import reads it, and leave its files in `tree`.

    Without a `parent`, it follows the commit before it in the stream.
    """
    description = _Description.parse((folder / _DESCRIPTION).read_text(encoding="utf-8"))
    written = tree.apply(description, dict(_files(folder)))
    person = f"{description.author} <{description.email}> {_seconds(description.date)}"
    message = f"{description.subject}\n" + (f"\n{description.body.strip()}\n" if description.body else "")
    lines = [
        f"commit refs/heads/main\nmark :{number}\nauthor {person}\ncommitter {person}\n".encode(),
        _data(message.encode()),
        f"from {parent}\n".encode() if parent else b"",
    ]
    lines += [f"D {path}\n".encode() for path in description.delete]
    for path in written:
        mode = "100755" if path in tree.executable else "100644"
        lines += [f"M {mode} inline {path}\n".encode(), _data(tree.content[path])]
    return b"".join(lines)


def _data(content: bytes) -> bytes:
    return b"data %d\n%b\n" % (len(content), content)


def _seconds(date: datetime) -> str:
    """Return a date as git stores it: seconds since 1970 and the author's time zone."""
    return f"{int(date.timestamp())} {date:%z}"


def _commits(side: str) -> list[Traversable]:
    """Return the commit folders of `upstream` or `fork`, oldest first."""
    folders = (files("syncfork.demo") / "history" / side).iterdir()
    return sorted((folder for folder in folders if folder.is_dir()), key=lambda folder: folder.name)


def _files(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, bytes]]:
    """Yield path and content of every file that a commit folder brings along."""
    for entry in folder.iterdir():
        path = prefix + _name(entry.name)
        if entry.is_dir():
            yield from _files(entry, f"{path}/")
        elif path != _DESCRIPTION:
            yield path, entry.read_bytes()


def _name(stored: str) -> str:
    """Return the name in the repository of a file or folder that is stored under another one.

    Packaging tools skip names with a leading dot, and linters and installers take hold of a `.py`.
    """
    name = f".{stored.removeprefix('dot-')}" if stored.startswith("dot-") else stored
    return name.removesuffix(".data")

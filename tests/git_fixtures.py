"""Real repositories for tests, built without a process per commit: objects are written straight into .git.

    repo = Repo.create(tmp_path / "fork")
    base = repo.commit({"a.txt": b"1\n"})
    ours = repo.commit({"a.txt": b"2\n"}, base)                     # changes over the first parent
    theirs = repo.commit({"a.txt": None, "run": (EXE, b"#!/bin/sh\n")}, base)
    repo.checkout("main", ours)
    repo.git("merge", theirs)

Dates, identities and configuration are pinned, so ids are the same on every machine.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import forked

from syncfork.commands.merge import MergeOptions, run_merge
from syncfork.git.objects import Entry
from syncfork.git.repository import Repository
from syncfork.merge.engine import LiftedMerge, lifted_merge, open_bases
from syncfork.merge.resolving import Sources, no_sources
from syncfork.merge.workspace import workspace
from syncfork.report import Report
from syncfork.rules.load import load_rules
from syncfork.rules.model import Rule

FILE, EXE, LINK, SUBMODULE = "100644", "100755", "120000", "160000"
TODAY = date(2026, 3, 1)
START = 1_700_000_000

Content = bytes | str
Change = Content | tuple[str, Content] | None
Changes = Mapping[str | bytes, Change]

# What every git in a test sees: nothing of this machine's user.
ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Tess Ter",
    "GIT_AUTHOR_EMAIL": "tess@example.org",
    "GIT_AUTHOR_DATE": f"{START + 10_000_000} +0000",
    "GIT_COMMITTER_NAME": "Tess Ter",
    "GIT_COMMITTER_EMAIL": "tess@example.org",
    "GIT_COMMITTER_DATE": f"{START + 10_000_000} +0000",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C.UTF-8",
}


def environment(**more: str) -> dict[str, str]:
    """This process's environment without its GIT_ variables, with the pinned ones and `more`."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**inherited, **ENVIRONMENT, **more}


@dataclass
class Repo:
    """A repository in a temporary folder. `trees` remembers each made commit's files."""

    path: Path
    algorithm: str = "sha1"
    bare: bool = False
    trees: dict[str, dict[bytes, tuple[str, str]]] = field(default_factory=dict)

    @classmethod
    def create(cls, path: Path, *, bare: bool = False, algorithm: str = "sha1") -> Repo:
        """A new, empty repository at `path`, on branch main."""
        repo = cls(path, algorithm, bare)
        for name in ("objects/info", "objects/pack", "refs/heads", "refs/tags", "info"):
            (repo.git_dir / name).mkdir(parents=True)
        (repo.git_dir / "HEAD").write_text("ref: refs/heads/main\n")
        version, extension = (
            (1, "[extensions]\n\tobjectFormat = sha256\n") if algorithm == "sha256" else (0, "")
        )
        (repo.git_dir / "config").write_text(
            f"[core]\n\trepositoryformatversion = {version}\n\tfilemode = true\n"
            f"\tbare = {str(bare).lower()}\n\tlogallrefupdates = true\n{extension}"
        )
        return repo

    @property
    def git_dir(self) -> Path:
        return self.path if self.bare else self.path / ".git"

    # -- making history

    def write(self, kind: str, content: bytes) -> str:
        """Store a loose object and return its id."""
        raw = b"%s %d\0%s" % (kind.encode(), len(content), content)
        oid = hashlib.new(self.algorithm, raw).hexdigest()
        path = self.object_path(oid)
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(zlib.compress(raw, 1))
        return oid

    def object_path(self, oid: str) -> Path:
        """Where the loose object `oid` lies; unlink it to make it unreadable."""
        return self.git_dir / "objects" / oid[:2] / oid[2:]

    def commit(
        self,
        changes: Changes,
        *parents: str,
        message: str = "a change",
        author: str = "Una Upstream <una@example.org>",
        whole: bool = False,
        branch: str = "",
        day: date | None = None,
    ) -> str:
        """A commit with `changes` over its first parent's files (None deletes a path), or as the `whole` tree.

        A file is bytes or text, or (mode, content); a submodule's content is the commit id. Each commit is a
        minute younger than the one made before it, or of that `day`.
        """
        files = {} if whole or not parents else dict(self.trees[parents[0]])
        for name, change in changes.items():
            path = _bytes(name)
            if change is None:
                files.pop(path, None)
                continue
            mode, content = change if isinstance(change, tuple) else (FILE, change)
            files[path] = (mode, _text(content) if mode == SUBMODULE else self.write("blob", _bytes(content)))
        seconds = int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()) if day else 0
        when = f"{seconds or START + 60 * len(self.trees)} +0000"
        lines = [f"tree {self._tree(files)}", *(f"parent {parent}" for parent in parents)]
        lines += [f"author {author} {when}", f"committer {author} {when}", "", message, ""]
        oid = self.write("commit", "\n".join(lines).encode("utf-8", "surrogateescape"))
        self.trees[oid] = files
        if branch:
            self.branch(branch, oid)
        return oid

    def _tree(self, files: Mapping[bytes, tuple[str, str]]) -> str:
        here: dict[bytes, tuple[str, str]] = {}
        below: dict[bytes, dict[bytes, tuple[str, str]]] = {}
        for path, entry in files.items():
            head, slash, rest = path.partition(b"/")
            if slash:
                below.setdefault(head, {})[rest] = entry
            else:
                here[head] = entry
        here |= {name: ("40000", self._tree(inner)) for name, inner in below.items()}
        ordered = sorted(here.items(), key=lambda item: item[0] + (b"/" if item[1][0] == "40000" else b""))
        return self.write(
            "tree", b"".join(b"%s %s\0%s" % (m.encode(), n, bytes.fromhex(o)) for n, (m, o) in ordered)
        )

    def branch(self, name: str, commit: str) -> None:
        """Point a branch (or any ref that begins with refs/) at `commit`."""
        ref = self.git_dir / (name if name.startswith("refs/") else f"refs/heads/{name}")
        ref.parent.mkdir(parents=True, exist_ok=True)
        ref.write_text(f"{commit}\n")

    def checkout(self, branch: str, commit: str) -> None:
        """Put `branch` at `commit` and fill index and worktree with it."""
        self.branch(branch, commit)
        (self.git_dir / "HEAD").write_text(f"ref: refs/heads/{branch}\n")
        self.git("read-tree", "--reset", "-u", "HEAD")

    # -- looking at it

    def call(self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Any:
        """Run git here, whatever its exit code."""
        return subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            input=stdin,
            env=env or environment(),
            capture_output=True,
            check=False,
        )

    def git(self, *arguments: str, stdin: bytes = b"") -> str:
        """Run git here and return what it prints, without the last newline; fails the test where git fails."""
        done = self.call(*arguments, stdin=stdin)
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
        text: str = done.stdout.decode("utf-8", "surrogateescape")
        return text.removesuffix("\n")

    def files(self, revision: str) -> dict[str, tuple[str, bytes]]:
        """Every file of a commit or tree: mode and content (a submodule's content is its commit id)."""
        records = [r for r in self.git("ls-tree", "-r", "-z", "--full-tree", revision).split("\0") if r]
        found: dict[str, tuple[str, bytes]] = {}
        heads = [(*record.partition("\t")[0].split(" "), record.partition("\t")[2]) for record in records]
        out = self.call("cat-file", "--batch", stdin="".join(f"{h[2]}\n" for h in heads).encode()).stdout
        position = 0
        for mode, kind, oid, path in heads:
            end = out.index(b"\n", position)
            words = out[position:end].split(b" ")
            position = end + 1
            if kind == "commit" or len(words) != 3:
                found[path] = (mode, oid.encode())
                continue
            size = int(words[2])
            found[path] = (mode, out[position : position + size])
            position += size + 1
        return found

    def read(self, revision: str, path: str) -> bytes:
        """A file's content in a commit or tree."""
        done = self.call("cat-file", "blob", f"{revision}:{path}")
        assert done.returncode == 0, (path, done.stderr)
        content: bytes = done.stdout
        return content

    def object(self, oid: str) -> bytes:
        """A blob's content."""
        done = self.call("cat-file", "blob", oid)
        assert done.returncode == 0, (oid, done.stderr)
        content: bytes = done.stdout
        return content

    def exists(self, revision: str, path: str) -> bool:
        """True where a commit or tree has `path`."""
        found: bool = self.call("cat-file", "-e", f"{revision}:{path}").returncode == 0
        return found

    def stages(self) -> dict[str, dict[int, Entry]]:
        """The unmerged entries of the index, by path and stage."""
        found: dict[str, dict[int, Entry]] = {}
        for record in self.git("ls-files", "-u", "-z").split("\0"):
            head, tab, path = record.partition("\t")
            if tab:
                mode, oid, stage = head.split(" ")
                found.setdefault(path, {})[int(stage)] = Entry(mode, oid)
        return found

    def snapshot(self) -> dict[str, object]:
        """HEAD, refs, index entries and worktree, to tell whether anything changed. What keeps a waiting merge's
        objects is syncfork's own record of it."""
        inside = [] if self.bare else [p for p in self.path.rglob("*") if self.git_dir not in (p, *p.parents)]
        return {
            "HEAD": (self.git_dir / "HEAD").read_text(),
            "refs": [line for line in self.git("for-each-ref").split("\n") if "refs/worktree/syncfork/" not in line],
            "index": "" if self.bare else self.git("ls-files", "-s", "-z"),
            "index file": (self.git_dir / "index").read_bytes() if not self.bare else b"",
            "worktree": {
                os.fsencode(p.relative_to(self.path)): (
                    str(p.readlink()) if p.is_symlink() else p.read_bytes(), p.lstat().st_mode
                )
                for p in inside
                if p.is_symlink() or p.is_file()
            },
            "operation": sorted(name for name in (p.name for p in self.git_dir.iterdir()) if name.endswith(("_HEAD", "_MSG", "lock"))),
        }  # fmt: skip

    # -- syncfork on it

    def lift(self, ours: str, theirs: str, *rules: str | Rule, sources: Sources = no_sources) -> LiftedMerge:
        """The engine's merge, in this process; the result's tree is kept in the repository."""
        repository = Repository.open(self.path)
        written = [rule for rule in rules if isinstance(rule, str)]
        compiled = [rule for rule in rules if isinstance(rule, Rule)] + list(compile_rules(*written))
        with workspace(repository) as space:
            called = {"ours": "fork", "theirs": "up"}
            bases = open_bases(repository, ours, theirs)
            merge = lifted_merge(space, ours, theirs, bases, compiled, called, sources)
            for oid in (
                merge.merged.tree,
                *(e.oid for c in merge.merged.conflicts.values() for e in c.stages.values()),
            ):
                space.keep(oid)
        return merge

    def merge(self, ours: str, theirs: str, **options: Any) -> Report:
        """`syncfork merge` in this process, with main at `ours` and upstream at `theirs`; by default no checkout."""
        if not self.bare:
            self.checkout("main", ours)
        self.branch("main", ours)
        self.branch("refs/remotes/upstream/main", theirs)
        settings: dict[str, Any] = {"today": TODAY, "checkout": False, **options}
        return run_merge(Repository.open(self.path), MergeOptions(**settings))

    def syncfork(self, *arguments: str, env: Mapping[str, str] | None = None) -> Ran:
        """Run `python -m syncfork -C HERE ARGUMENTS` as a process of its own; one with an `env` is started anew."""
        given = ["-C", str(self.path), *arguments]
        if env is None:
            code, out, err = forked.run(given, environment())
        else:
            command = [sys.executable, "-m", "syncfork", *given]
            done = subprocess.run(
                command, env=env, capture_output=True, check=False, stdin=subprocess.DEVNULL
            )
            code, out, err = done.returncode, done.stdout, done.stderr
        return Ran(code, out.decode(), err.decode())


@dataclass(frozen=True)
class Ran:
    """What a syncfork process did."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        """Its JSON: the whole of standard output must be one object."""
        assert "Traceback" not in self.err, self.err
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


def compile_rules(*written: str) -> tuple[Rule, ...]:
    """Rules from their YAML; `why` is filled in where it is missing."""
    return load_rules((f"rule-{n}.yml", _with_why(text).encode()) for n, text in enumerate(written, start=1))


def rule_files(*written: str, folder: str = ".syncfork") -> dict[str | bytes, Change]:
    """What a fork commits to have these rules: syncfork.toml and one file for each."""
    files: dict[str | bytes, Change] = {"syncfork.toml": f'rules = "{folder}"\n'}
    return files | {f"{folder}/rule-{n}.yml": _with_why(text) for n, text in enumerate(written, start=1)}


def _with_why(text: str) -> str:
    return text if "why:" in text else f"why: The tests want it to be so.\n{text}"


def lines(*names: str) -> bytes:
    """A file of these lines."""
    return "".join(f"{name}\n" for name in names).encode()


def numbered(count: int, changes: Mapping[int, str] | None = None, prefix: str = "line") -> bytes:
    """`line 1` to `line COUNT`, with some lines different."""
    return lines(*((changes or {}).get(n, f"{prefix} {n}") for n in range(1, count + 1)))


def unmarked(content: bytes) -> bytes:
    """A conflicted file with the labels of its markers taken off."""
    out = []
    for line in content.split(b"\n"):
        marker = next(
            (m for m in (b"<<<<<<<", b">>>>>>>", b"|||||||") if re.match(re.escape(m) + b"+ ", line)), None
        )
        out.append(marker + (b"\r" if line.endswith(b"\r") else b"") if marker else line)
    return b"\n".join(out)


def names(items: Sequence[Mapping[str, Any]], key: str = "path") -> set[str]:
    """The values under `key` of a report's list."""
    return {item[key] for item in items}


def _bytes(text: Content) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")


def _text(content: Content) -> str:
    return content if isinstance(content, str) else content.decode()

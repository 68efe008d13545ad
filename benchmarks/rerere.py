"""What git's own rerere makes of past conflicts: the real one, in a scratch repository that borrows the fork's objects."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from syncfork.git.door import encode
from syncfork.resolve.base import Clash, Disputed


class Rerere:
    """A repository with rerere switched on. Conflicts go in as git leaves them: index stages and marked files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._git("init", "-q")
        for setting in ("rerere.enabled=true", "rerere.autoUpdate=false", "core.autocrlf=false", "gc.auto=0"):
            self._git("config", *setting.split("="))
        self._git("commit", "-q", "--allow-empty", "-m", "scratch")
        (folder / ".git" / "rr-cache").mkdir(exist_ok=True)

    def train(self, files: Mapping[str, Disputed], committed: Mapping[str, str | None]) -> None:
        """Let it see a merge's conflicts, and what people made of them."""
        paths = self._begin(files)
        for path in paths:
            text = committed.get(path)
            if text is not None:
                (self.folder / path).write_bytes(encode(text))
                self._git("add", "--", f":(literal){path}")
        self._git("rerere")
        self._end(paths)

    def answers(self, files: Mapping[str, Disputed]) -> dict[str, bytes]:
        """The files that it resolves by itself, with what it makes of them."""
        paths = self._begin(files)
        left = set(self._git("rerere", "remaining").decode("utf-8", "surrogateescape").splitlines())
        found = {path: (self.folder / path).read_bytes() for path in paths if path not in left}
        self._end(paths)
        return found

    def _begin(self, files: Mapping[str, Disputed]) -> list[str]:
        paths = [path for path, file in files.items() if file.clashes and "\n" not in path]
        lines = []
        for path in paths:
            file = files[path]
            target = self.folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(encode("".join(map(_marked, file.parts))))
            for stage, text in ((1, file.base), (2, file.ours), (3, file.theirs)):
                if text is not None:
                    oid = self._git("hash-object", "-w", "--stdin", stdin=encode(text)).decode().strip()
                    lines.append(f"100644 {oid} {stage}\t{path}\0")
        self._git("update-index", "-z", "--index-info", stdin=encode("".join(lines)))
        self._git("rerere")
        return paths

    def _end(self, paths: list[str]) -> None:
        self._git("read-tree", "--empty")
        (self.folder / ".git" / "MERGE_RR").unlink(missing_ok=True)
        for path in paths:
            (self.folder / path).unlink(missing_ok=True)

    def _git(self, *arguments: str, stdin: bytes = b"") -> bytes:
        settings = ("-c", "user.name=bench", "-c", "user.email=bench@localhost")
        environment = {**os.environ, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
        done = subprocess.run(
            ["git", *settings, *arguments],
            cwd=self.folder, env=environment, input=stdin, capture_output=True, check=True,
        )  # fmt: skip
        return done.stdout


def _marked(part: str | Clash) -> str:
    """git's markers around a clash."""
    if isinstance(part, str):
        return part
    sides = [text if not text or text.endswith("\n") else f"{text}\n" for text in (part.ours, part.theirs)]
    return f"<<<<<<< ours\n{sides[0]}=======\n{sides[1]}>>>>>>> theirs\n"

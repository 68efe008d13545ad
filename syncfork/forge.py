"""Repositories on a forge: their names in addresses, and GitHub's `gh`, which opens pull requests."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from syncfork.errors import SyncforkError

_GITHUB = "github.com"


class ForgeRepository(Struct, frozen=True):
    """A repository on a forge; written as `gh` wants it: OWNER/NAME, with the host in front where it is not
    GitHub's own."""

    host: str
    owner: str
    name: str

    def __str__(self) -> str:
        return (
            f"{self.owner}/{self.name}" if self.host == _GITHUB else f"{self.host}/{self.owner}/{self.name}"
        )

    def same_as(self, other: ForgeRepository) -> bool:
        """Whether both are one repository: forges do not tell upper from lower case."""
        return str(self).casefold() == str(other).casefold()


def web_address(url: str) -> str | None:
    """The https address of a repository on a forge, from its remote's url; None for a local path."""
    found = re.match(
        r"(?:https?://(?:[^@/]+@)?|ssh://(?:[^@/]+@)?|git@|git://)([\w.-]+)(?::\d+/|[:/])(.+?)(?:\.git)?/?$",
        url,
    )
    return f"https://{found[1]}/{found[2]}" if found and "." in found[1] else None


def repository_of(url: str) -> ForgeRepository | None:
    """The repository that a remote's address leads to; None where that is no forge."""
    address = web_address(url) if url else None
    return parse_name(address.removeprefix("https://")) if address else None


def parse_name(name: str) -> ForgeRepository | None:
    """`OWNER/NAME` or `HOST/OWNER/NAME`; None for anything else."""
    parts = name.strip().removesuffix(".git").split("/")
    if len(parts) not in (2, 3) or not all(parts) or any(part.startswith("-") for part in parts):
        return None
    host, owner, last = parts if len(parts) == 3 else (_GITHUB, *parts)
    return ForgeRepository(host.casefold(), owner, last)


def run_gh(arguments: Sequence[str], directory: Path) -> str:
    """Run `gh ARGUMENTS` as the user and return what it printed. Raises SyncforkError."""
    program = shutil.which("gh")
    if program is None:
        raise SyncforkError(
            "gh is not installed", "see https://cli.github.com, or open the pull request by hand"
        )
    done = subprocess.run(
        [program, *arguments], cwd=directory, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    if done.returncode:
        message = done.stderr.decode("utf-8", "replace").strip() or f"exit code {done.returncode}"
        raise SyncforkError(f"gh failed: {message}", "`gh auth status` tells whether you are signed in")
    return done.stdout.decode("utf-8", "replace").strip()

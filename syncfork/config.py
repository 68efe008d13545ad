"""`syncfork.toml`, and the rules it names: read from the fork's commit, never from a tree being merged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from syncfork.git.repository import Repository
from syncfork.rules.load import is_rule_file, load_rules, pack_files, parse_toml
from syncfork.rules.model import Rule

FILE = "syncfork.toml"


class Config(BaseModel):
    """What a fork says about itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    upstream: str = Field(default="", description="The upstream revision, usually REMOTE/BRANCH.")
    rules: str = Field(default="", description="The folder of the fork's own rule files.")
    packs: tuple[str, ...] = Field(default=(), description="Rule packs that ship with syncfork.")
    branch: str = Field(default="sync/{date}-{upstream}", description="Name of the branch a merge makes.")
    repository: str = Field(default="", description="OWNER/NAME of the fork, where pull requests go.")


@dataclass(frozen=True)
class Setup:
    """A fork's configuration and compiled rules. `warnings` are worth a line in the report."""

    config: Config
    rules: tuple[Rule, ...]
    warnings: tuple[str, ...] = ()


def load_setup(repository: Repository, commit: str, packs: Sequence[str] = ()) -> Setup:
    """Read `syncfork.toml` and all rules as they are in `commit`; `packs` are tried in addition.

    Raises RuleError that lists every mistake.
    """
    name = f"{commit}:{FILE}"
    content = repository.blobs([name])[name]
    config = parse_toml(FILE, content, Config) if content is not None else Config()
    files: list[tuple[str, bytes]] = []
    for pack in dict.fromkeys([*config.packs, *packs]):
        files += pack_files(pack)
    own = _own_files(repository, commit, config.rules) if config.rules else []
    return Setup(config, load_rules([*files, *own]), _warnings(repository, content, config, own))


def _own_files(repository: Repository, commit: str, folder: str) -> list[tuple[str, bytes]]:
    found = repository.entries(commit, [folder.strip("/")])
    entries = {path: entry for path, entry in found.items() if entry.is_file and is_rule_file(path)}
    blobs = repository.blobs(entry.oid for entry in entries.values())
    return [(path, blobs[entry.oid] or b"") for path, entry in sorted(entries.items())]


def _warnings(
    repository: Repository, committed: bytes | None, config: Config, own: Sequence[tuple[str, bytes]]
) -> tuple[str, ...]:
    if config.rules and not own:
        return (
            f"{FILE} names the rules folder {config.rules!r}, but the fork's commit has no rule file there",
        )
    local = (repository.work_tree or Path()) / FILE
    if committed is None and repository.work_tree and local.is_file():
        return (f"{FILE} is not committed yet, so it was not read: commit it first",)
    return ()

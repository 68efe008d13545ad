"""What is known for each past merge: today's rules and sources for all, or those that each had at its time."""

from __future__ import annotations

from collections.abc import Sequence

from syncfork.commands.answering import DEFAULT_PLACES, Answering
from syncfork.commands.shipped import upstream_commits
from syncfork.config import FILE, Config, committed_config, load_setup
from syncfork.errors import RuleError
from syncfork.git.repository import Repository
from syncfork.merge.syncs import Sync
from syncfork.resolve.base import Source
from syncfork.resolve.resolution import Joined
from syncfork.rules.load import parse_toml
from syncfork.rules.model import Rule


class Today:
    """The same rules and sources for every merge."""

    def __init__(self, rules: tuple[Rule, ...], answering: Answering) -> None:
        self.rules, self.answering = rules, answering
        self.unreadable: dict[str, str] = {}

    def of(self, syncs: Sequence[Sync]) -> dict[str, tuple[Rule, ...] | None]:
        """The rules, by merge."""
        return {sync.commit: self.rules for sync in syncs}

    def sources(self, sync: Sync) -> Sequence[Source]:
        """What may answer the conflicts that are left of a merge. A resolution is no answer for the merge that it
        was made in."""
        made_there = Joined(sync.ours, sync.theirs)
        return self.answering.sources(sync.theirs, lambda resolution: resolution.merge != made_there)


class AsOf:
    """For each merge the rules and sources that the fork's commit before it had, each state of them read once."""

    def __init__(self, repository: Repository, packs: tuple[str, ...], syncs: Sequence[Sync]) -> None:
        self.repository, self.packs = repository, packs
        # Where a commit has neither of these, nothing has to be read.
        names = {f"{sync.ours}:{name}": sync.ours for sync in syncs for name in (FILE, *DEFAULT_PLACES)}
        found = repository.resolve(names)
        self.with_sources = {ours for name, ours in names.items() if found[name]}
        self.known: dict[tuple[str | None, ...], tuple[Rule, ...] | None] = {}
        self.unreadable: dict[str, str] = {}

    def of(self, syncs: Sequence[Sync]) -> dict[str, tuple[Rule, ...] | None]:
        """The rules, by merge; None where they cannot be read, which is noted."""
        return {sync.commit: self._rules(sync, key) for sync, key in self._keys(syncs)}

    def sources(self, sync: Sync) -> Sequence[Source]:
        """What might have answered the conflicts that were left of a merge."""
        if sync.ours not in self.with_sources:
            return ()
        try:
            config = committed_config(self.repository, sync.ours)
        except RuleError:
            return ()
        upstream = upstream_commits(self.repository, sync.ours, sync.theirs)
        return Answering(self.repository, sync.ours, config, upstream).sources(sync.theirs)

    def _keys(self, syncs: Sequence[Sync]) -> list[tuple[Sync, tuple[str | None, ...]]]:
        """What the rules depend on: the configuration's id and, where it names a folder, the folder's."""
        files = self.repository.resolve(f"{sync.ours}:{FILE}" for sync in syncs)
        folders: dict[str, str] = {}
        for sync in syncs:
            oid = files[f"{sync.ours}:{FILE}"]
            if oid:
                folders[sync.commit] = f"{sync.ours}:{self._folder(oid)}"
        trees = self.repository.resolve(folders.values()) if folders else {}
        return [
            (sync, (files[f"{sync.ours}:{FILE}"], trees.get(folders.get(sync.commit, "")))) for sync in syncs
        ]

    def _folder(self, oid: str) -> str:
        content = self.repository.blobs([oid])[oid]
        try:
            return parse_toml(FILE, content, Config).rules.strip("/") if content is not None else ""
        except RuleError:
            return ""

    def _rules(self, sync: Sync, key: tuple[str | None, ...]) -> tuple[Rule, ...] | None:
        if key[0] is None and not self.packs:
            return ()
        if key not in self.known:
            try:
                self.known[key] = load_setup(self.repository, sync.ours, self.packs).rules
            except RuleError as error:
                self.known[key] = None
                self.unreadable[sync.commit] = error.problem
        return self.known[key]

"""The pipelines of one tree: which names that they use are declared, and which are not."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from syncfork.detect.base import File, View
from syncfork.detect.pipeline_jobs import Job, jobs_of, root_of_job
from syncfork.detect.pipelines import flavour_of, root_of
from syncfork.detect.wiring import Facts, Name, Use
from syncfork.detect.wiring_azure import azure
from syncfork.detect.wiring_github import github
from syncfork.detect.wiring_gitlab import gitlab
from syncfork.text import Document

_READERS = {"github": github, "azure": azure, "gitlab": gitlab}
# What is looked up in each pipeline, or in each job of one.
_WITHIN = ("pipeline", "job")


class Key(NamedTuple):
    """A use, told apart from others across the trees: the file's `path` in the merged tree, and the one called."""

    path: str
    name: Name
    called: str


class State(Struct, frozen=True):
    """A use of a name in one tree: by which file, at which lines, in which pipelines, and which of these lack it.

    A pipeline is named by its root, as that is called in the merged tree; what is not looked up in pipelines is
    looked up in one without a name, and what a job uses is looked up in that job, by its label. `asked` are all the
    uses, in their order, with where each is looked up.
    """

    path: str
    use: Use
    roots: frozenset[str]
    lacking: frozenset[str]
    asked: tuple[tuple[Use, frozenset[str]], ...]

    @property
    def lines(self) -> tuple[int, ...]:
        """The lines of all uses."""
        return tuple(use.line for use, _ in self.asked)

    def within(self, roots: Collection[str]) -> State:
        """The same with those uses only that are looked up in one of `roots`."""
        asked = tuple(each for each in self.asked if each[1] & set(roots)) or self.asked
        return replace(self, use=asked[0][0], asked=asked)

    @property
    def whole(self) -> bool:
        """Whether the name is declared wherever it is used."""
        return not self.lacking


class Side(Struct, frozen=True, dict=True):
    """The pipelines of one tree. `names` maps each path there to the file's name in the merged tree."""

    files: Mapping[str, Facts]
    names: Mapping[str, str]

    @cached_property
    def states(self) -> Mapping[Key, State]:
        """Every use of which it can be told whether its name is declared; the first one for each key."""
        found: dict[Key, tuple[str, dict[str, bool], list[tuple[Use, frozenset[str]]]]] = {}
        for path, facts in self.files.items():
            for use, asked in (*self._uses(path, facts), *self._required(facts)):
                key = Key(self.names.get(path, path), use.name, self.names.get(use.called, use.called))
                _, known, uses = found.setdefault(key, (path, {}, []))
                known |= {root: whole for root, whole in asked.items() if root not in known}
                uses.append((use, frozenset(asked)))
        return {
            key: State(
                path,
                uses[0][0],
                frozenset(known),
                frozenset(root for root, whole in known.items() if not whole),
                tuple(uses),
            )
            for key, (path, known, uses) in found.items()
        }

    @cached_property
    def bare(self) -> Mapping[Name, frozenset[str]]:
        """Where each name is used without a declaration, by any file."""
        found: dict[Name, frozenset[str]] = {}
        for (_, name, _), state in self.states.items():
            found[name] = found.get(name, frozenset()) | state.lacking
        return found

    @cached_property
    def jobs(self) -> Mapping[str, Job]:
        """The jobs of Azure's pipelines by their labels."""
        azure = {path: facts for path, facts in self.files.items() if flavour_of(facts.document) == "azure"}
        linked = {link for path, facts in azure.items() for link in facts.links if link != path}
        return jobs_of(azure, {path: self.names.get(path, path) for path in azure.keys() - linked})

    @cached_property
    def _in_jobs(self) -> Mapping[tuple[str, Use], Sequence[str]]:
        """For each use by a job the labels of the jobs that it is in."""
        found: dict[tuple[str, Use], list[str]] = {}
        for label, job in self.jobs.items():
            for path, use in job.uses:
                found.setdefault((path, use), []).append(label)
        return found

    def _uses(self, path: str, facts: Facts) -> Iterator[tuple[Use, dict[str, bool]]]:
        for use in facts.uses:
            labels = self._in_jobs.get((path, use), ())
            done = {self.jobs[label].root for label in labels}
            parts = self.pipelines(path) if use.reach in _WITHIN else {"": self.within(path, use)}
            asked = {
                root: any(self.files[each].declares(use.name) for each in within)
                for root, within in parts.items()
                if within and root not in done
            }
            asked |= {label: self.jobs[label].declares(use.name) for label in labels}
            if asked:
                yield use, asked

    def _required(self, facts: Facts) -> Iterator[tuple[Use, dict[str, bool]]]:
        """What a called file requires, as a use at the place of the call."""
        for call in facts.calls:
            called = self.files.get(call.called)
            for name in called.declared if called else ():
                if name.required:
                    there = not {f"{name.kind} {name.name}", f"{name.kind} *"}.isdisjoint(call.passed)
                    written = called.written(name) if called else name.name
                    yield Use(name, call.line, written, "called", call.called, call.certain), {"": there}

    def declaration(self, state: State, roots: Collection[str] = ()) -> tuple[str, int] | None:
        """The file and line where the name of a use is declared, first of all in the pipelines at `roots`."""
        for facts in self.facts(state.path, state.use, roots):
            line = facts.declared.get(state.use.name)
            if line:
                return facts.document.path, line
        return None

    def line(self, path: str, number: int) -> str:
        """One line (from 1) of a file."""
        return self.files[path].document.line(number)

    def within(self, path: str, use: Use, roots: Collection[str] = ()) -> list[str]:
        """The files that may declare a name; of the pipelines at `roots` only, where it is used in any of these."""
        if use.reach == "called":
            return [use.called] if use.called in self.files else []
        if use.reach == "everywhere":
            return list(self.files)
        if use.reach not in _WITHIN:
            return [path]
        parts = self.pipelines(path)
        asked = {root_of_job(root) for root in roots}
        chosen = [parts[root] for root in parts if root in asked] or list(parts.values())
        return list(dict.fromkeys(each for part in chosen for each in part))

    def facts(self, path: str, use: Use, roots: Collection[str] = ()) -> Sequence[Facts]:
        """What may declare a name: of the jobs among `roots` what holds for these, else the files that may."""
        labels = sorted(self.jobs.keys() & set(roots)) if use.reach == "job" else []
        if labels:
            return [facts for label in labels for facts in self.jobs[label].facts]
        return [self.files[each] for each in self.within(path, use, roots)]

    def pipelines(self, path: str) -> Mapping[str, Sequence[str]]:
        """The files of each pipeline that `path` is part of, by the name of its root."""
        return self._parts.get(path) or {self.names.get(path, path): self._below(path)}

    @cached_property
    def _parts(self) -> Mapping[str, Mapping[str, Sequence[str]]]:
        """For each file the pipelines it is part of. What no file puts in is a root."""
        linked = {link for path, facts in self.files.items() for link in facts.links if link != path}
        found: dict[str, dict[str, Sequence[str]]] = {}
        for root in self.files.keys() - linked:
            below = self._below(root)
            for path in below:
                found.setdefault(path, {})[self.names.get(root, root)] = below
        return {path: dict(sorted(parts.items())) for path, parts in found.items()}

    def _below(self, path: str) -> Sequence[str]:
        """A file and those that it puts in, and they put in."""
        found = {path: None}
        left = [path]
        while left:
            for link in sorted(self.files[left.pop()].links & self.files.keys() - found.keys()):
                found[link] = None
                left.append(link)
        return list(found)

    def unknown(self, path: str, use: Use, roots: Collection[str] = ()) -> set[str]:
        """Whence the name may come without any text that shows it: in the pipelines at `roots`, or in all."""
        within = self.facts(path, use, roots)
        found = {whence for each in within for kind, whence in each.unknown if kind == use.name.kind}
        missing = {link for each in within for link in each.links - self.files.keys()}
        return found | ({f"the file {link}" for link in missing} if use.reach in _WITHIN else set())


def read_side(view: View, side: str) -> Side:
    """The pipelines of one tree among the files of the view."""
    files: dict[str, Facts] = {}
    names: dict[str, str] = {}
    for file in view.files:
        document = on_side(file, side)
        facts = facts_of(document) if document else None
        if facts:
            files[facts.document.path] = facts
            names[facts.document.path] = file.path
    return Side(files, names)


def on_side(file: File, side: str) -> Document | None:
    """The text of a file in one of the trees."""
    sides = {"base": file.base, "ours": file.ours, "theirs": file.theirs, "merged": file.merged}
    return sides[side]


@lru_cache(maxsize=512)
def facts_of(document: Document) -> Facts | None:
    """What a pipeline file declares and uses; None where it is none, or cannot be read."""
    flavour = flavour_of(document)
    reader = _READERS.get(flavour) if flavour else None
    root = root_of(document) if reader else None
    if reader is None or root is None:
        return None
    facts = Facts(document)
    reader(facts, root)
    return facts


_SAYS: Mapping[str, str] = {
    "job": "names the job",
    "stage": "depends on the stage",
    "call input": "passes the input",
    "secret": "passes the secret",
    "parameter": "passes the parameter",
    "artifact": "downloads the artifact",
    "workflow": "waits for the workflow",
    "needed job": "reads results of the job",
    "stage or job": "reads results of the stage or job",
}


def says(use: Use) -> str:
    """What a text does with the name that it uses."""
    kind = use.name.kind
    if kind in ("parameter", "secret") and use.reach == "file":
        return f"uses the {kind}"
    return _SAYS.get(kind, f"uses the {kind}")

"""`made-from:` asks a person to make files anew where what they are made from changed in a merge, and they did not."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from syncfork.globs import Glob, Globs
from syncfork.hold.base import MADE_FROM, Origin, Tree, Trees, Violation, WrittenHold
from syncfork.words import listed

# So many of the files that changed are named.
_MOST_NAMED = 2


class MadeFrom(WrittenHold, frozen=True):
    """The governed files are made from others by a command: where these change, a person has to run it."""

    made_from: Annotated[
        tuple[Glob, ...],
        Meta(min_length=1, description="Globs of what they are made from; governed files are left out."),
    ]
    by: Annotated[
        str, Meta(min_length=1, description="The command that makes them; syncfork does not run it.")
    ]

    def compile(self) -> MadeFromHold:
        """See the base class."""
        return MadeFromHold(Globs(self.made_from), " ".join(self.by.split()))


class MadeFromHold(Struct, frozen=True):
    """The compiled form of `MadeFrom`; says nothing where it is not known what the tree was made from."""

    settles: ClassVar[bool] = False
    by_entry: ClassVar[bool] = True

    sources: Globs
    by: str

    @property
    def reads(self) -> tuple[Globs, ...]:
        """See `Hold`."""
        return (self.sources,)

    def check(self, files: Globs, trees: Trees) -> list[Violation]:
        """See `Hold`. It is one decision, whatever number of files it is about."""
        if trees.origin is None:
            return []
        here, origin = trees.subject, trees.origin
        changed = self.changed(files, here, origin)
        if blind := self._blind(files, here, origin.ours, bool(changed)):
            return [Violation(str(files), 0, blind, "decision", detector=MADE_FROM)]
        if not changed or made_anew(files, here, origin):
            return []
        message = f"made before {listed(changed, _MOST_NAMED)} changed: run `{self.by}`"
        about = tuple(_told(path, origin.theirs or here) for path in changed)
        return [Violation(str(files), 0, message, "decision", about, tuple(changed), MADE_FROM)]

    def changed(self, files: Globs, here: Tree, origin: Origin) -> list[str]:
        """What the files are made from and is not as the fork had it, by path."""
        return [path for path in here.differing(origin.ours, self.sources) if not files.match(path)]

    def _blind(self, files: Globs, here: Tree, ours: Tree, changed: bool) -> str:
        """Why nothing can be told; empty where something can."""
        if not changed and not any(tree.entries(self.sources) for tree in (here, ours)):
            return f"could not be checked: no file matches {self.sources}, from which this is made"
        if changed and not any(tree.entries(files) for tree in (here, ours)):
            return "could not be checked: no file matches, of what is to be made"
        return ""


def made_anew(files: Globs, here: Tree, origin: Origin) -> bool:
    """Whether the files that `files` matches are others than before: somebody made them, or upstream did, all of them. What
    git put together from both sides' lines, or a rule wrote, nobody made."""
    made = [path for path in here.differing(origin.ours, files) if path not in origin.conflicts]
    if not made or origin.theirs is None:
        return bool(made)
    theirs = origin.theirs
    if not here.differing(theirs, files):
        return True
    by_hand = set(made if origin.left is None else here.differing(origin.left, files))
    return any(path in by_hand and here.listed.get(path) != theirs.listed.get(path) for path in made)


def _told(path: str, tree: Tree) -> str:
    """What a tree has at a path, as far as it tells it from what is there another time."""
    entry = tree.listed.get(path)
    return f"{path} {entry.mode} {entry.oid}" if entry else path

"""Which two folders a copy and its source lie in, if the one folder is a copy of the other."""

from __future__ import annotations


def roots_of(copy: str, source: str) -> tuple[str, str] | None:
    """The folders of two paths from which on these are the same, and of which neither is in the other; None where there
    are no such."""
    one, other = copy.split("/"), source.split("/")
    same = 0
    while same < min(len(one), len(other)) and one[-1 - same] == other[-1 - same]:
        same += 1
    for end in range(same, 0, -1):
        copied, followed = "/".join(one[:-end]), "/".join(other[:-end])
        if copied and followed and not within(copied, followed) and not within(followed, copied):
            return copied, followed
    return None


def within(path: str, folder: str) -> bool:
    """Whether a path is a folder, or below it."""
    return f"{path}/".startswith(f"{folder}/")

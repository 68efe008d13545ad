"""Time `syncfork drift` against git: on the real pair, and on a generated history. See README.md here.

The generated upstream has 10,000 commits that touch 2,000 of 50,000 files; the fork changed 60 of those files,
some of them in the lines that upstream changes too. git's part is `git merge-tree` and `git log --raw` over
the same commits.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from run import clone_real, compare, git, show, syncfork

COMMITS, TOUCHED, FILES, OWN = 10_000, 2_000, 50_000, 60


def generated(folder: Path) -> None:
    paths = [f"area-{n % 97}/part-{n % 13}/file-{n}.txt" for n in range(FILES)]

    def text(n: int, top: int, bottom: str) -> str:
        return f"file {n}\nrevision {top}\n\n\n\nnever changed\n\n\n\nend {bottom}\n"

    stream: list[str] = []

    def blob(content: str) -> str:
        return f"data {len(content)}\n{content}\n"

    who = "bench <bench@localhost>"
    clock = 1_700_000_000

    def commit(ref: str, mark: int, parent: str, files: list[tuple[str, str]], subject: str) -> None:
        stream.append(f"commit refs/heads/{ref}\nmark :{mark}\ncommitter {who} {clock + mark} +0000\n")
        stream.append(f"data {len(subject)}\n{subject}\n{parent}")
        stream.extend(f"M 100644 inline {path}\n{blob(content)}" for path, content in files)
        stream.append("\n")

    commit("main", 1, "", [(path, text(n, 0, "base")) for n, path in enumerate(paths)], "base")
    mine = range(0, TOUCHED, TOUCHED // OWN)
    # Half of the fork's changes are where upstream works too.
    ours = [(paths[n], text(n, 0, "ours") if k % 2 else text(n, 999, "base")) for k, n in enumerate(mine)]
    commit("fork", 2, "from :1\n", ours, "ours")
    for number in range(COMMITS):
        # The files that conflict come late, so that there is a way to go.
        n = (number * 7) % TOUCHED if number > COMMITS // 2 else 1 + (number * 7) % (TOUCHED - 2)
        n = n + 1 if n % (TOUCHED // OWN) == 0 and number <= COMMITS // 2 else n
        commit(
            "upstream", 3 + number, "from :1\n" if number == 0 else "",
            [(paths[n], text(n, number + 1, "base"))], f"Change {number} (#{number})",
        )  # fmt: skip
    git(folder, "init", "-q", "--bare", "-b", "fork")
    git(folder, "fast-import", "--quiet", stdin="".join(stream).encode())
    measure(f"generated: {COMMITS:,} upstream commits, {TOUCHED:,} of {FILES:,} files", folder, "upstream")


def real(folder: Path) -> None:
    if clone_real(folder):
        measure("the real pair, no pack", folder, "upstream/main")
        measure("the real pair, with the pack", folder, "upstream/main", "--pack", "python-build-standalone")


def measure(title: str, folder: Path, upstream: str, *options: str) -> None:
    script = f"git merge-tree --write-tree HEAD {upstream}; git log --raw --no-renames HEAD..{upstream}"
    commands = {
        "git merge-tree; git log": ["sh", "-c", f"{script}; true"],
        "syncfork drift": syncfork("drift", upstream, "--format", "json", *options),
    }
    show(title, compare(commands, folder), "git merge-tree; git log")


def main() -> None:
    for part in (real, generated):
        with tempfile.TemporaryDirectory() as folder:
            part(Path(folder))


if __name__ == "__main__":
    main()

"""What the fork builds on and upstream moved: versions, and strings that the fork replaces."""

from __future__ import annotations

from pathlib import Path

import pytest
from detecting import Files, Scene, seen, told
from git_fixtures import Repo

from syncfork.detect.pins import find

PY = """\
DOWNLOADS = {
    "libfoo-2": {
        "url": "https://example.org/libfoo-2.1.4.tar.gz",
        "sha256": "aa",
        "version": "2.1.4",
        "licenses": ["MIT"],
    },
    "libbar": {
        "url": "https://example.org/libbar-1.0.tar.gz",
        "version": "1.0",
    },
}
"""
MOVED = PY.replace("2.1.4", "2.1.7").replace('"aa"', '"bb"')
OTHER = PY.replace('"1.0"', '"1.1"').replace("libbar-1.0", "libbar-1.1")
URLS = PY.replace('        "version": "2.1.4",\n', "")
YAML = "libs:\n  libfoo-2:\n    version: 2.1.4\n  libbar:\n    version: 1.0.1\n"
TOML = '[libs.libfoo-2]\nversion = "2.1.4"\n'
ENV = "LIBBAR_VERSION=1.0\nmake\n"
SCRIPT = "#!/bin/sh\n./configure\nmake\n"
OURS = SCRIPT.replace("./configure", "./configure --with-ours")
DOCKER = "FROM debian:11\nRUN make\n"

MESSAGE = "`libfoo-2` moves from 2.1.4 to 2.1.7; what the fork changed in build-libfoo-2.sh builds on it"

FOUND: dict[str, tuple[Files, Files, Files, list[str]]] = {
    "a table in Python": (
        {"d.py": PY, "build-libfoo-2.sh": SCRIPT}, {"build-libfoo-2.sh": OURS}, {"d.py": MOVED},
        [f"decision d.py:5 {MESSAGE}"],
    ),
    "a url alone": (
        {"d.py": URLS, "build-libfoo-2.sh": SCRIPT}, {"build-libfoo-2.sh": OURS}, {"d.py": URLS.replace("2.1.4", "2.1.7")},
        [f"decision d.py:3 {MESSAGE}"],
    ),
    "YAML": (
        {"d.yml": YAML, "build-libfoo-2.sh": SCRIPT}, {"build-libfoo-2.sh": OURS}, {"d.yml": YAML.replace("2.1.4", "2.1.7")},
        [f"decision d.yml:3 {MESSAGE}"],
    ),
    "TOML": (
        {"d.toml": TOML, "build-libfoo-2.sh": SCRIPT}, {"build-libfoo-2.sh": OURS}, {"d.toml": TOML.replace("2.1.4", "2.1.7")},
        [f"decision d.toml:2 {MESSAGE}"],
    ),
    "a variable": (
        {"env.sh": ENV, "patch-libbar.sh": SCRIPT}, {"patch-libbar.sh": OURS}, {"env.sh": ENV.replace("1.0", "2.0")},
        ["decision env.sh:1 `LIBBAR` moves from 1.0 to 2.0; what the fork changed in patch-libbar.sh builds on it"],
    ),
    "named by the fork's own line": (
        {"d.py": PY, "all.sh": SCRIPT}, {"all.sh": SCRIPT + "strip out/libfoo-2/lib.so\n"}, {"d.py": MOVED},
        ["decision d.py:5 `libfoo-2` moves from 2.1.4 to 2.1.7; what the fork changed in all.sh builds on it"],
    ),
    "the image of a file that the fork changed": (
        {"Dockerfile": DOCKER + "\n\n\nRUN true\n"}, {"Dockerfile": DOCKER + "\n\n\nRUN ours\n"},
        {"Dockerfile": DOCKER.replace("11", "12") + "\n\n\nRUN true\n"},
        ["decision Dockerfile:1 `debian` moves from 11 to 12; what the fork changed in Dockerfile builds on it"],
    ),
    "an argument of a Dockerfile, and a script": (
        {"Dockerfile": DOCKER + "ARG LIBBAR_VERSION=1.0\n", "build-libbar.sh": SCRIPT}, {"build-libbar.sh": OURS},
        {"Dockerfile": DOCKER + "ARG LIBBAR_VERSION=2.0\n"},
        ["decision Dockerfile:3 `LIBBAR` moves from 1.0 to 2.0; what the fork changed in build-libbar.sh builds on it"],
    ),
    "a file in conflict is the fork's too": (
        {"d.py": PY, "build-libfoo-2.sh": SCRIPT}, {"build-libfoo-2.sh": OURS},
        {"d.py": MOVED, "build-libfoo-2.sh": SCRIPT.replace("./configure", "./configure --fast")},
        [f"decision d.py:5 {MESSAGE}"],
    ),
    "a variable's text is gone": (
        {"flags.yml": "flags: [-O2, -fno-plt]\n", "b.sh": SCRIPT},
        {"b.sh": SCRIPT.replace("./configure", "FLAGS=${FLAGS//-fno-plt/}\n./configure")},
        {"flags.yml": "flags: [-O2]\n"},
        ["decision b.sh:2 the fork replaces `-fno-plt` here, but upstream removed it from flags.yml: no changed file "
         "contains it any more"],
    ),
    "a named file's text is gone": (
        {"a.cfg": "host = upstream.example\n", "b.cfg": "host = upstream.example\n", "b.sh": SCRIPT},
        {"b.sh": SCRIPT + "sed -i 's/upstream.example/ours.example/' a.cfg\n"},
        {"a.cfg": "host = mirror.example\n", "b.cfg": "host = upstream.example\nport = 1\n"},
        ["decision b.sh:4 the fork replaces `upstream.example` here, but upstream removed it from a.cfg: nothing there "
         "contains it any more"],
    ),
}  # fmt: skip

SILENT: dict[str, tuple[Files, Files, Files]] = {
    "upstream did the same as the fork": (
        {"Dockerfile": DOCKER + "\n\n\nRUN true\n"}, {"Dockerfile": DOCKER + "\n\n\nRUN ours\n"},
        {"Dockerfile": DOCKER.replace("11", "12") + "\n\n\nRUN ours\n"},
    ),
    "what the fork vendors strips it, which is no feature of its own": (
        {"flags.yml": "flags: [-O2, -fno-plt]\n", "vendor/x/b.sh": SCRIPT},
        {"vendor/x/b.sh": SCRIPT.replace("./configure", "FLAGS=${FLAGS//-fno-plt/}\n./configure")},
        {"flags.yml": "flags: [-O2]\n"},
    ),
    "nothing of the fork's is about it": ({"d.py": PY, "build-libfoo-2.sh": SCRIPT}, {"own.sh": OURS}, {"d.py": MOVED}),
    "another thing moved": ({"d.py": PY, "build-libfoo-2.sh": SCRIPT}, {"build-libfoo-2.sh": OURS}, {"d.py": OTHER}),
    "a longer name is another thing": (
        {"d.py": PY, "build-libfoo-2.5.sh": SCRIPT}, {"build-libfoo-2.5.sh": OURS}, {"d.py": MOVED},
    ),
    "a document only speaks of it": ({"d.py": PY, "libfoo-2.md": "x\n"}, {"libfoo-2.md": "libfoo-2\n"}, {"d.py": MOVED}),
    "a plain word in a line is not surely that thing": (
        {"d.py": PY, "all.sh": SCRIPT}, {"all.sh": SCRIPT + "tar c libbar\n"}, {"d.py": OTHER},
    ),
    "what the fork vendors": (
        {"d.py": PY, "vendor/libfoo-2/build-libfoo-2.sh": SCRIPT}, {"vendor/libfoo-2/build-libfoo-2.sh": OURS}, {"d.py": MOVED},
    ),
    "a lock file": (
        {"x.lock": TOML, "build-libfoo-2.sh": SCRIPT}, {"build-libfoo-2.sh": OURS}, {"x.lock": TOML.replace("2.1.4", "2.1.7")},
    ),
    "a Dockerfile that the fork left alone": (
        {"Dockerfile": DOCKER, "a.sh": SCRIPT}, {"a.sh": OURS}, {"Dockerfile": DOCKER.replace("11", "12")},
    ),
    "the fork moved it itself": ({"d.py": PY, "build-libfoo-2.sh": SCRIPT}, {"d.py": MOVED, "build-libfoo-2.sh": OURS}, {"z": "z\n"}),
    "the text stands elsewhere": (
        {"flags.yml": "flags: [-O2, -fno-plt]\n", "more.yml": "flags: []\n", "b.sh": SCRIPT},
        {"b.sh": SCRIPT.replace("./configure", "FLAGS=${FLAGS//-fno-plt/}\n./configure")},
        {"flags.yml": "flags: [-O2]\n", "more.yml": "flags: [-fno-plt]\n"},
    ),
    "what a program prints": (
        {"v.py": "FORM = 'Tool v'\n", "b.sh": SCRIPT}, {"b.sh": SCRIPT + "tool --version | sed 's/Tool v//'\n"},
        {"v.py": "FORM = ''\n"},
    ),
    "a pattern, no text": (
        {"a.cfg": "name = one\n", "b.sh": SCRIPT}, {"b.sh": SCRIPT + "sed -i 's/name = .*/name = ours/' a.cfg\n"},
        {"a.cfg": "title = one\n"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_found(tmp_path: Path, name: str) -> None:
    base, ours, theirs, expected = FOUND[name]
    assert told(seen(Repo.create(tmp_path / "r"), Scene(base, ours, theirs), find)) == expected


@pytest.mark.parametrize("name", SILENT)
def test_silent(tmp_path: Path, name: str) -> None:
    base, ours, theirs = SILENT[name]
    assert told(seen(Repo.create(tmp_path / "r"), Scene(base, ours, theirs), find)) == []


def test_the_new_line_leads_to_the_culprit(tmp_path: Path) -> None:
    base, ours, theirs, _ = FOUND["a table in Python"]
    (found,) = seen(Repo.create(tmp_path / "r"), Scene(base, ours, theirs), find)
    assert (found.removed, found.added) == ((), ('        "version": "2.1.7",',))
    assert found.upstream and (found.upstream.path, found.upstream.line) == ("d.py", 5)

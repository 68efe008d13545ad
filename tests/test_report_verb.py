"""`syncfork report`, formats by name and by ending, and files that are written whole or not at all."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import jsonschema
import pytest
from git_fixtures import environment
from rendering import hostile, life

from syncfork.cli.app import ReportFormat
from syncfork.errors import SyncforkError, UsageError
from syncfork.render import json as our_json
from syncfork.render.outputs import parse_outputs
from syncfork.render.registry import FORMATS, Output, parse_output, renderer
from syncfork.writing import write_atomically


def run(*arguments: str, given: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "syncfork", *arguments]
    return subprocess.run(command, env=environment(), input=given, capture_output=True, check=False)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "report.json"
    path.write_text(our_json.render(hostile()), "utf-8")
    return path


def test_a_saved_report_is_rendered_as_it_was(saved: Path) -> None:
    for form in FORMATS:
        done = run("report", str(saved), "--format", form)
        assert (done.returncode, done.stderr) == (0, b""), form
        expected = renderer(form)(hostile()).encode().rstrip()
        assert done.stdout.rstrip() == expected, form


def test_several_formats_in_one_run(saved: Path, tmp_path: Path) -> None:
    names = ("a.md", "a.html", "a.sarif", "badge:a.badge", "json:a.txt", "terminal:b.txt", "b.sarif.json")
    outputs = [option for name in names for option in ("--output", _in(tmp_path, name))]
    done = run("report", "-", "--format", "github", *outputs, given=saved.read_bytes())
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"::error ")
    assert (tmp_path / "a.html").read_text("utf-8").startswith("<!doctype html>")
    assert (tmp_path / "a.md").read_text("utf-8").startswith("## Drift")
    assert json.loads((tmp_path / "a.txt").read_text("utf-8"))["verb"] == "drift"
    assert (tmp_path / "a.sarif").read_text() == (tmp_path / "b.sarif.json").read_text()
    assert not list(tmp_path.glob(".syncfork*"))


def _in(folder: Path, name: str) -> str:
    form, colon, file = name.rpartition(":")
    return f"{form}{colon}{folder / file}"


def test_the_schema_is_published(saved: Path) -> None:
    done = run("report", "--schema")
    assert done.returncode == 0
    jsonschema.Draft202012Validator(json.loads(done.stdout)).validate(json.loads(saved.read_text("utf-8")))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is not JSON"),
        ("[]", "holds no JSON object"),
        ("{}", "schema_version"),
        ('{"schema_version": 1}', "is not a report"),
        ('{"schema_version": 1, "error": {"problem": "no such remote", "hint": ""}}', "no such remote"),
        ("[" * 100_000, "is not JSON"),
        ('{"schema_version": 1, "findings": 7, "git_alone": {"conflicts": []}}', "is not a report"),
        ('"\\ud800', "is not JSON"),
    ],
)
def test_what_is_no_report(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(content)
    done = run("report", str(path))
    assert done.returncode == 2, done.stderr
    assert words in done.stderr.decode() and "try: " in done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_no_file_and_a_missing_file(tmp_path: Path) -> None:
    assert run("report").returncode == 2
    done = run("report", str(tmp_path / "none.json"))
    assert (done.returncode, b"cannot be read" in done.stderr) == (2, True)
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
    assert run("report", str(tmp_path / "bytes.json")).returncode == 2


def test_a_bad_output_is_told_before_anything_is_written(saved: Path, tmp_path: Path) -> None:
    for name in ("none/x.md", "x", "json:", "yaml:x.txt"):
        first = tmp_path / "first.md"
        done = run(
            "report",
            str(saved),
            "--output",
            str(first),
            "--output",
            _in(tmp_path, name) if name != "json:" else name,
        )
        assert (done.returncode, done.stdout) == (2, b""), name
        assert not first.exists()


def test_formats_are_the_same_everywhere() -> None:
    assert tuple(form.value for form in ReportFormat) == FORMATS
    assert all(renderer(form)(life()) for form in FORMATS)
    with pytest.raises(UsageError, match="'pdf'"):
        renderer("pdf")


@pytest.mark.parametrize(
    ("text", "form", "path"),
    [
        ("a.json", "json", "a.json"), ("A.MD", "markdown", "A.MD"), ("x/b.html", "html", "x/b.html"),
        ("c.sarif", "sarif", "c.sarif"), ("c.sarif.json", "sarif", "c.sarif.json"), ("badge:d.json", "badge", "d.json"),
        ("json:a:b", "json", "a:b"), ("c:e.md", "markdown", "c:e.md"), ("github:-x", "github", "-x"),
    ],
)  # fmt: skip
def test_the_format_of_a_file(text: str, form: str, path: str) -> None:
    assert parse_output(text) == Output(form, Path(path))


def test_outputs_that_cannot_be(tmp_path: Path) -> None:
    for texts in (("a.txt",), ("html:",), (f"{tmp_path}/a.md", f"json:{tmp_path}/a.md"), (f"json:{tmp_path}",),
                  (f"{tmp_path}/no/a.md",)):  # fmt: skip
        with pytest.raises(UsageError):
            parse_outputs(texts)


# -- write_atomically


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_reader_never_sees_a_part(tmp_path: Path) -> None:
    path = tmp_path / "x"
    texts = {character * 3_000_000 for character in "ab"}
    write_atomically(path, "a" * 3_000_000)
    seen: set[bool] = set()
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            seen.add(path.read_text() in texts)

    reader = threading.Thread(target=read)
    reader.start()
    for text in sorted(texts) * 10:
        write_atomically(path, text)
    stop.set()
    reader.join()
    assert seen == {True}
    assert names(tmp_path) == ["x"]


def test_modes_links_and_other_files(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "new", "ä\udc80")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640
    assert (tmp_path / "new").read_bytes() == "ä?".encode()
    (tmp_path / "new").chmod(0o604)
    (tmp_path / "link").symlink_to("new")
    write_atomically(tmp_path / "link", "b")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "new").read_text() == "b"
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o604
    write_atomically(Path(os.devnull), "c")
    assert not Path(os.devnull).is_file()
    write_atomically(tmp_path / ("n" * 255), "the longest name there is")


@pytest.mark.parametrize(
    ("name", "words"), [("", "directory"), ("no/x", "no such folder"), ("file/x", "directory")]
)
def test_what_cannot_be_written(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "file").write_text("old")
    with pytest.raises(SyncforkError) as caught:
        write_atomically(tmp_path / name, "new")
    assert words in caught.value.problem and caught.value.hint
    assert (tmp_path / "file").read_text() == "old"
    assert names(tmp_path) == ["file"]


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("old")
    code = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from syncfork.writing import write_atomically\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try: write_atomically(Path(sys.argv[1]), 'x' * 5000)\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("SyncforkError"), done.stdout
    assert (path.read_text(), names(tmp_path)) == ("old", ["x"])

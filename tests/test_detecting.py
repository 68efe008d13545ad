"""Detectors as the merge runs them: one that fails is told of, and what it had found is kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from git_fixtures import Repo

from syncfork.detect.base import Found, View
from syncfork.merge import detecting


def failing(view: View) -> Iterator[Found]:
    yield Found("decision", view.files[0].path, 1, "found in time")
    raise IndexError("tuple index out of range")


def test_a_detector_that_fails_is_a_finding_beside_what_it_found(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(detecting, "DETECTORS", {"odd": "odd"})
    monkeypatch.setattr(detecting, "detector", lambda _: failing)
    base = repo.commit({"a": "a\n"})
    done = repo.merge(repo.commit({"b": "b\n"}, base), repo.commit({"c": "c\n"}, base), dry_run=True)
    odd = {item.message: (item.path, item.line) for item in done.findings if item.detector == "odd"}
    assert list(odd) == [
        "found in time",
        "the detector `odd` failed (IndexError: tuple index out of range): not all that it looks for was checked",
    ]
    assert list(odd.values())[1] == ("syncfork", 0)
    assert done.exit_code == 1

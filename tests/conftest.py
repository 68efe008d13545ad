"""What all tests share: a pinned environment for git, profiles for hypothesis, a repository to build on."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

sys.path.insert(0, str(Path(__file__).parent))

from git_fixtures import ENVIRONMENT, Repo

_SLOW_IS_FINE = (HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large)
# Without the shrinking of failures, which takes minutes: HYPOTHESIS_PROFILE=search does it, and looks further.
_QUICK = (Phase.explicit, Phase.generate)
settings.register_profile(
    "default",
    deadline=None,
    derandomize=True,
    database=None,
    phases=_QUICK,
    suppress_health_check=_SLOW_IS_FINE,
)
settings.register_profile("search", deadline=None, suppress_health_check=_SLOW_IS_FINE)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(autouse=True, scope="session")
def _pinned_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """In this process too, git sees nothing of the machine's user."""
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith(("GIT_", "SYNCFORK_TEST"))]:
        del os.environ[name]
    # Hundreds of processes are started, and each would compile what it loads.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ.update(ENVIRONMENT, HOME=str(tmp_path_factory.mktemp("home")))
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """An empty repository."""
    return Repo.create(tmp_path / "repo")

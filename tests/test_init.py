"""`syncfork init`: what it makes of remotes, and that it overwrites nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from git_fixtures import Change, Repo

from syncfork.commands.init import Started, run_init
from syncfork.config import RULES, Config, load_setup
from syncfork.demo.world import build
from syncfork.errors import SyncforkError, UsageError
from syncfork.git.repository import Repository
from syncfork.rules.load import parse_toml
from syncfork.rules.schema import descriptions

ORIGIN = "git@github.com:acme/fork.git"


@pytest.fixture
def fork(repo: Repo) -> Repo:
    """A fork with nothing but an origin, one commit ahead of where upstream is."""
    base = repo.commit({"a.txt": "1\n"})
    repo.checkout("main", repo.commit({"b.txt": "2\n"}, base))
    repo.git("remote", "add", "origin", ORIGIN)
    return repo


def add(fork: Repo, remote: str, *branches: str, url: str = "https://github.com/up/stream") -> None:
    fork.git("remote", "add", remote, url)
    for branch in branches:
        fork.git("update-ref", f"refs/remotes/{remote}/{branch}", "HEAD~")


def written(fork: Repo) -> Config:
    return parse_toml("syncfork.toml", (fork.path / "syncfork.toml").read_bytes(), Config)


def test_writes_what_it_found(fork: Repo) -> None:
    add(fork, "upstream", "main", "other")
    started = run_init(fork.path)
    assert written(fork) == Config(upstream="upstream/main", rules=RULES, repository="acme/fork")
    assert started.written == ("syncfork.toml", f"{RULES}/README.md")
    assert not started.warnings
    assert any(step.startswith("syncfork learn") for step in started.next)


@pytest.mark.parametrize("mine", [False, True])
def test_no_file_is_written_into_an_open_merge(repo: Repo, mine: bool) -> None:
    base = repo.commit({"a.txt": "1\n"})
    repo.branch("up", repo.commit({"a.txt": "2\n"}, base))
    repo.checkout("main", repo.commit({"a.txt": "3\n"}, base))
    if mine:
        assert repo.syncfork("merge", "up").code == 1
    else:
        assert repo.call("merge", "up").returncode == 1
    before = repo.snapshot()
    for more in ((), ("--force",)):
        done = repo.syncfork("init", "--upstream", "up", *more)
        assert done.code == 3
        assert ("`syncfork continue`" if mine else "`git merge --abort`") in done.err
    assert repo.snapshot() == before
    if mine:
        assert repo.syncfork("abort").code == 0
    else:
        repo.git("merge", "--abort")
    assert repo.syncfork("init", "--upstream", "up").code == 0


def test_what_it_writes_can_be_committed_and_read(fork: Repo) -> None:
    add(fork, "upstream", "main")
    run_init(fork.path)
    fork.git("add", *run_init(fork.path, force=True).written, f"{RULES}/README.md")
    fork.git("commit", "-qm", "set up")
    setup = load_setup(Repository.open(fork.path), "HEAD")
    assert setup.config.upstream == "upstream/main"
    assert setup.rules == ()


def test_every_key_is_there_with_a_comment(fork: Repo) -> None:
    add(fork, "upstream", "main")
    run_init(fork.path)
    text = (fork.path / "syncfork.toml").read_text()
    for name, about in descriptions(Config).items():
        assert f"# {about}\n" in text
        assert f"\n{name} = " in text or f"\n# {name} = " in text


@pytest.mark.parametrize(
    ("branches", "head", "found"),
    [
        (("main",), None, "upstream/main"),
        (("master", "topic"), None, "upstream/master"),
        (("1.x",), None, "upstream/1.x"),
        (("main", "next/major"), "next/major", "upstream/next/major"),
        (("main",), "gone", "upstream/main"),
    ],
)
def test_upstream_s_main_branch(fork: Repo, branches: tuple[str, ...], head: str | None, found: str) -> None:
    add(fork, "upstream", *branches)
    if head:
        fork.git("symbolic-ref", "refs/remotes/upstream/HEAD", f"refs/remotes/upstream/{head}")
    assert run_init(fork.path).upstream == found


def test_the_remote_that_is_not_origin(fork: Repo) -> None:
    add(fork, "astral", "main")
    assert run_init(fork.path).upstream == "astral/main"


@pytest.mark.parametrize(
    ("remotes", "hint"),
    [
        ({}, "git remote add upstream URL && git fetch upstream"),
        ({"one": ("main",), "two": ("main",)}, "--upstream REMOTE/BRANCH"),
        ({"upstream": ()}, "git fetch upstream"),
        ({"upstream": ("x", "y")}, "--upstream upstream/BRANCH"),
    ],
)
def test_says_what_to_do_where_it_is_not_clear(
    fork: Repo, remotes: dict[str, tuple[str, ...]], hint: str
) -> None:
    for name, branches in remotes.items():
        add(fork, name, *branches)
    with pytest.raises(UsageError) as caught:
        run_init(fork.path)
    assert hint in caught.value.hint
    assert not (fork.path / "syncfork.toml").exists()


def test_upstream_given(fork: Repo) -> None:
    add(fork, "one", "main")
    add(fork, "two", "main")
    assert run_init(fork.path, "two/main").upstream == "two/main"
    with pytest.raises(UsageError, match="not a revision"):
        run_init(fork.path, "three/main", force=True)


def test_refuses_to_overwrite(fork: Repo) -> None:
    add(fork, "upstream", "main")
    (fork.path / "syncfork.toml").write_text("# mine\n")
    with pytest.raises(SyncforkError, match="there already"):
        run_init(fork.path)
    assert (fork.path / "syncfork.toml").read_text() == "# mine\n"
    run_init(fork.path, force=True)
    assert written(fork).upstream == "upstream/main"


def test_leaves_existing_rules_alone(fork: Repo) -> None:
    add(fork, "upstream", "main")
    (fork.path / RULES).mkdir(parents=True)
    (fork.path / RULES / "a.yml").write_text("id: a\n")
    assert run_init(fork.path).written == ("syncfork.toml",)
    assert [path.name for path in (fork.path / RULES).iterdir()] == ["a.yml"]


def test_a_fork_in_a_subdirectory_writes_at_the_top(fork: Repo) -> None:
    add(fork, "upstream", "main")
    (fork.path / "deep").mkdir()
    run_init(fork.path / "deep")
    assert (fork.path / "syncfork.toml").exists()


def test_origin_that_is_upstream_s_is_no_fork(fork: Repo) -> None:
    add(fork, "upstream", "main", url="https://github.com/Acme/Fork/")
    started = run_init(fork.path)
    assert started.repository == ""
    assert "origin is upstream's own" in started.warnings[0]


def test_warns_of_unrelated_histories(fork: Repo) -> None:
    fork.git("remote", "add", "upstream", "https://github.com/up/stream")
    fork.branch("x", fork.commit({"z": "1\n"}))
    fork.git("update-ref", "refs/remotes/upstream/main", "x")
    started = run_init(fork.path)
    assert started.warnings == ("the fork and upstream have no commit in common",)
    at = [step.startswith("syncfork merge") for step in started.next].index(True)
    assert "git replace --graft" in started.next[at - 1]


def test_a_shallow_clone_is_told_as_one(fork: Repo, tmp_path: Path) -> None:
    fork.branch("up", fork.git("rev-parse", "HEAD~"))
    clone = Repo(tmp_path / "shallow")
    address = f"file://{fork.path}"
    fork.git("clone", "-q", "--depth=1", "--no-single-branch", address, str(clone.path))
    started = run_init(clone.path, "origin/up")
    assert started.warnings == ("this is a shallow clone: the merge base may be cut off",)
    at = [step.startswith("syncfork merge") for step in started.next].index(True)
    assert "git fetch --unshallow" in started.next[at - 1]
    clone.git("fetch", "-q", "--unshallow")
    assert run_init(clone.path, "origin/up", force=True).warnings == ()


def test_says_where_the_repository_is_set(repo: Repo) -> None:
    repo.checkout("main", repo.commit({"a.txt": "1\n"}))
    repo.branch("up", repo.git("rev-parse", "HEAD"))
    done = repo.syncfork("init", "--upstream", "up")
    assert 'repository = "OWNER/NAME" in syncfork.toml' in " ".join(done.out.split())


def test_no_pack_is_proposed_for_a_stranger(fork: Repo) -> None:
    add(fork, "upstream", "main")
    assert run_init(fork.path).pack == ""


def test_the_pack_of_the_demo_is_proposed(tmp_path_factory: pytest.TempPathFactory) -> None:
    demo = build(tmp_path_factory.mktemp("demo"))
    started: Started = run_init(demo.fork)
    assert started.pack == "python-build-standalone"
    assert started.repository == "example-corp/python-builds"
    assert '# packs = ["python-build-standalone"]' in (demo.fork / "syncfork.toml").read_text()


def test_what_is_shown_as_an_example_is_valid(fork: Repo) -> None:
    add(fork, "upstream", "main")
    run_init(fork.path)
    text = (fork.path / "syncfork.toml").read_text()
    shown = [line.removeprefix("# ") for line in text.splitlines() if line.startswith("# ") and " = " in line]
    assert len(shown) >= 5
    for line in shown:
        parse_toml("syncfork.toml", line.encode(), Config)


def test_an_upstream_that_is_named_but_not_known_is_a_mistake_everywhere(repo: Repo) -> None:
    base = repo.commit({"a": "1"})
    repo.branch("mainline", repo.commit({"a": "2"}, base))
    repo.checkout("main", repo.commit({"b": "1"}, base))
    (repo.path / "syncfork.toml").write_text('upstream = "mainline"\n')
    for verb in ("status", "drift", "merge"):
        done = repo.syncfork(verb)
        assert done.code == 2 and "syncfork.toml is not committed yet" in done.err
    repo.git("add", "-A")
    repo.git("commit", "-qm", "configure")
    assert repo.syncfork("status").code == 0
    (repo.path / "syncfork.toml").write_text('upstream = "mainlin"\n')
    repo.git("commit", "-qam", "mistype")
    for verb in ("status", "drift", "merge", "replay", "learn", "check"):
        done = repo.syncfork(verb)
        assert done.code == 2 and "mainlin" in done.err, (verb, done)


@pytest.mark.parametrize(
    ("fork_has", "upstream_has", "told"),
    [
        ({"pyproject.toml": "[project]\n\n[tool.black]\n"}, {"pyproject.toml": "[project]\n"}, "[black, --quiet]"),
        ({".clang-format": "x"}, {}, "[clang-format, -i]"),
        ({".prettierrc": "{}", ".prettierrc.json": "{}"}, {}, "[prettier, --write]"),
        ({".clang-format": "x"}, {".clang-format": "y"}, ""),
        ({"pyproject.toml": "x = '[tool.black]'\n"}, {}, ""),
        ({}, {"rustfmt.toml": ""}, ""),
    ],
)  # fmt: skip
def test_a_formatter_that_upstream_has_not(
    repo: Repo, fork_has: dict[str | bytes, Change], upstream_has: dict[str | bytes, Change], told: str
) -> None:
    base = repo.commit({"a.txt": "1\n"})
    repo.checkout("main", repo.commit({"b.txt": "2\n", **fork_has}, base))
    repo.git("remote", "add", "upstream", "https://github.com/up/stream")
    repo.git("update-ref", "refs/remotes/upstream/main", repo.commit({"c.txt": "3\n", **upstream_has}, base))
    steps = [step for step in run_init(repo.path).next if "reformat" in step]
    assert len(steps) == bool(told)
    assert all(told in step for step in steps)

"""Recipes and targets: how they are read, and which calls of the fork's no longer fit them."""

from __future__ import annotations

import pytest
from detecting import Scene, seen, told
from git_fixtures import Repo

from syncfork.detect.recipes import find, recipes
from syncfork.text import Document


@pytest.mark.parametrize(
    ("text", "signatures"),
    [
        ("build:\n  cargo build\n", {"build": (0, 0)}),
        ("@quiet a b='x': build\n  echo\n", {"quiet": (1, 2)}),
        ("send +files:\n  x\nrest *args='':\n  y\n", {"send": (1, None), "rest": (0, None)}),
        ("with $name default=`date` other=(a + b):\n  x\n", {"with": (1, 3)}),
        (
            "version := '1'\nset shell := ['sh']\nalias b := build\nbuild tag:\n",
            {"build": (1, 1), "b": (1, 1)},
        ),
        ("# build x:\n  indented y:\n", {}),
        ("one a: two (three a)\n", {"one": (1, 1)}),
    ],
)
def test_a_justfile(text: str, signatures: dict[str, tuple[int, int | None]]) -> None:
    found = recipes(Document("Justfile", text))
    assert {name: (recipe.least, recipe.most) for name, recipe in found.items()} == signatures


def test_a_makefile() -> None:
    text = "CC := gcc\nall: build test\n\t$(CC)\nbuild test: x.c\n.PHONY: all\n%.o: %.c\n"
    assert set(recipes(Document("Makefile", text))) == {"all", "build", "test"}


OLD = "release tag:\n  gh {{tag}}\n\nother a b:\n  x\n\nspare:\n  x\n"
NEW = "release tag commit:\n  gh {{tag}} {{commit}}\n\nother b a:\n  x\n"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("just release $TAG", ["breakage go.sh:1 `just release $TAG` gives 1 argument, but upstream's recipe is now `just release TAG COMMIT`"]),
        ("just -f Justfile release '1 0' # x", ["breakage go.sh:1 `just -f Justfile release '1 0' # x` gives"]),
        ("if x; then just spare; fi", ["breakage go.sh:1 this calls `just spare`, which upstream removed"]),
        ("just other 1 2 > log", ["decision go.sh:1 upstream renamed the parameters: `just other A B` is now `just other B A`"]),
        # Right already, wrong before, not to be told, not a call.
        ("just release $TAG $SHA", []),
        ("just release", []),
        ("just release $@", []),
        ("just release $(cat x)", []),
        ("echo just; release x", []),
        ("make release x", []),
    ],
)  # fmt: skip
def test_calls_of_changed_recipes(repo: Repo, call: str, expected: list[str]) -> None:
    if "#" in call:
        call, expected = call.replace(" # x", ""), [expected[0].replace(" # x", "")]
        expected = [f"{expected[0]} 1 argument, but upstream's recipe is now `just release TAG COMMIT`"]
    scene = Scene({"Justfile": OLD}, {"go.sh": f"{call}\n"}, {"Justfile": NEW})
    assert told(seen(repo, scene, find)) == expected


def test_the_fix_is_upstreams_own_call(repo: Repo) -> None:
    step = "on: push\njobs:\n  a:\n    steps:\n      - run: just release {}\n"
    scene = Scene(
        {"Justfile": OLD, "up.yml": step.format("$TAG")},
        {"ours.yml": step.format("$TAG")},
        {"Justfile": NEW, "up.yml": step.format("$TAG $SHA")},
    )
    [found] = seen(repo, scene, find)
    assert found.fix == "call it as upstream does: `just release $TAG $SHA` (up.yml:5)"
    assert (found.path, found.added) == ("ours.yml", ("release tag commit:",))


def test_a_target_that_is_gone(repo: Repo) -> None:
    scene = Scene(
        {"Makefile": "all: x\n\tcc\nold-docs:\n\tcc\n"},
        {"go.sh": "make -j 4 V=1 old-docs && make all\n"},
        {"Makefile": "all: x\n\tcc\n"},
    )
    assert told(seen(repo, scene, find)) == [
        "breakage go.sh:1 this calls `make old-docs`, which upstream removed"
    ]


@pytest.mark.parametrize(
    "now",
    [
        "all: x\n\tcc\nold-%:\n\tcc\n",
        "all: x\n\tcc\nnew-% old-%: x\n\tcc\n",
        "all: x\n\tcc\nDOCS = old-docs new-docs\n$(DOCS):\n\tcc\n",
        "all: x\n\tcc\n$(addprefix old-,$(KINDS)):\n\tcc\n",
        "all: x\n\tcc\ninclude docs.mk\n",
        "all: x\n\tcc\n$(eval $(call more,docs))\n",
    ],
)
def test_a_target_that_is_made_another_way(repo: Repo, now: str) -> None:
    before = "all: x\n\tcc\nold-docs:\n\tcc\n"
    scene = Scene({"Makefile": before}, {"go.sh": "make old-docs\n"}, {"Makefile": now})
    assert not seen(repo, scene, find)


@pytest.mark.parametrize(
    "now", ["%.o: %.c\n\tcc\n", "old-docs%:\n\tcc\n", "%-doc:\n\tcc\n", "x: $(ALL)\n\tcc\n"]
)
def test_a_pattern_for_other_targets(repo: Repo, now: str) -> None:
    scene = Scene({"Makefile": "old-docs:\n\tcc\n"}, {"go.sh": "make old-docs\n"}, {"Makefile": now})
    assert len(seen(repo, scene, find)) == 1


def test_rules_from_a_variable_that_were_there_before_make_no_difference(repo: Repo) -> None:
    rules = "$(OBJECTS): x.h\n\tcc\n"
    scene = Scene(
        {"Makefile": f"{rules}old-docs:\n\tcc\n"}, {"go.sh": "make old-docs\n"}, {"Makefile": rules}
    )
    assert len(seen(repo, scene, find)) == 1


def test_the_fix_names_what_the_step_lacks(repo: Repo) -> None:
    step = "on: push\njobs:\n  a:\n    steps:\n      - run: just release {}\n        env:\n          TAG: ${{{{ inputs.tag }}}}\n"
    now = step.format("$TAG $SHA") + "          SHA: ${{ inputs.sha }}\n          OTHER: x\n"
    scene = Scene(
        {"Justfile": OLD, "up.yml": step.format("$TAG")},
        {"ours.yml": step.format("$TAG")},
        {"Justfile": NEW, "up.yml": now},
    )
    [found] = seen(repo, scene, find)
    assert found.fix == (
        "call it as upstream does: `just release $TAG $SHA` (up.yml:5), "
        "and give the step upstream's `SHA: ${{ inputs.sha }}`"
    )

"""Options with fixed choices, and what an expression in the merged workflow comes to."""

from __future__ import annotations

import pytest
from detecting import Scene, seen, told
from git_fixtures import Repo

from syncfork.detect.values import find

OLD = "import argparse\np = argparse.ArgumentParser()\np.add_argument('--all')\n"
NEW = OLD + "p.add_argument('--event', choices=['push', 'pull_request'])\n"


def flow(on: str, call: str, matrix: str = "", env: str = "") -> str:
    strategy = f"    strategy:\n      matrix: {matrix}\n" if matrix else ""
    return (
        f"name: x\n\non: {on}\n\npermissions: {{}}\n\njobs:\n  a:\n{strategy}    runs-on: x\n"
        f"    steps:\n      - run: |\n          {call}\n{f'        env: {env}' if env else ''}\n"
    )


EVENT = "./ci.py --event ${{ github.event_name }}"


@pytest.mark.parametrize(
    ("ours", "call", "expected"),
    [
        ({"on": "workflow_dispatch"}, EVENT, ["breakage ci.yml:12 `--event ${{ github.event_name }}` comes to `workflow_dispatch` in the merged workflow, but ci.py takes only push, pull_request"]),
        ({"on": "[push, schedule]"}, EVENT, ["breakage ci.yml:12 `--event ${{ github.event_name }}` comes to `schedule` in the merged workflow, but ci.py takes only push, pull_request"]),
        ({"on": "{ push: , merge_group: }"}, "./ci.py \\\n            --event=${{github.event_name}}", ["breakage ci.yml:12 `--event ${{github.event_name}}` comes to `merge_group` in the merged workflow, but ci.py takes only push, pull_request"]),
        ({"on": "[pull_request]"}, EVENT, []),
        ({"on": "workflow_call"}, EVENT, []),
        ({"on": "workflow_dispatch"}, "./ci.py --event push", []),
        ({"on": "workflow_dispatch"}, "./ci.py --event ${{ inputs.event }}", []),
        ({"on": "workflow_dispatch"}, "./other.py --event ${{ github.event_name }}", []),
        ({"on": "workflow_dispatch"}, "./ci.py --all x", []),
    ],
)  # fmt: skip
def test_the_forks_trigger_meets_upstreams_choices(
    repo: Repo, ours: dict[str, str], call: str, expected: list[str]
) -> None:
    base = flow("[push, pull_request]", "./ci.py --all x")
    scene = Scene(
        {"ci.py": OLD, "ci.yml": base},
        {"ci.yml": flow(ours["on"], "./ci.py --all x")},
        {"ci.py": NEW, "ci.yml": flow("[push, pull_request]", call)},
    )
    assert told(seen(repo, scene, find)) == expected


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (flow("push", "./ci.py --event ${{ matrix.e }}", "{ e: [push, nightly] }"), "`nightly`"),
        (flow("push", "./ci.py --event ${E}", "", "{ E: nightly }"), "`nightly`"),
        (
            flow("push", './ci.py --event "$E"', "{ e: [push, nightly] }", "{ E: '${{ matrix.e }}' }"),
            "`nightly`",
        ),
        (flow("push", "./ci.py --event nightly"), ""),
        (flow("push", "./ci.py --event ${{ matrix.e }}", "{ e: '${{ fromJson(x) }}' }"), None),
        (flow("push", "./ci.py --event ${UNKNOWN}"), None),
        (flow("push", "./ci.py --event $(date)"), None),
    ],
)
def test_what_the_forks_own_workflow_passes(repo: Repo, text: str, values: str | None) -> None:
    narrower = NEW.replace("'push', 'pull_request'", "'push'")
    wider = NEW.replace("'push', 'pull_request'", "'push', 'nightly'")
    scene = Scene({"ci.py": wider}, {"ours.yml": text}, {"ci.py": narrower})
    found = seen(repo, scene, find)
    assert len(found) == (values is not None)
    assert all("ci.py takes only push" in item.message for item in found)
    assert all((values or "") in item.message for item in found)


def test_workflows_with_the_same_cause_are_one_finding(repo: Repo) -> None:
    before, ours = flow("push", "./ci.py --all x"), flow("workflow_dispatch", "./ci.py --all x")
    files = ("a.yml", "b.yml")
    scene = Scene(
        {"ci.py": OLD} | dict.fromkeys(files, before),
        dict.fromkeys(files, ours),
        {"ci.py": NEW} | dict.fromkeys(files, flow("push", EVENT)),
    )
    [found] = seen(repo, scene, find)
    assert found.message.endswith("; so in b.yml:12")
    assert "p.add_argument('--event', choices=['push', 'pull_request'])" in found.added


def test_what_is_wrong_in_upstream_itself_is_upstreams(repo: Repo) -> None:
    scene = Scene(
        {"ci.py": OLD, "ci.yml": flow("workflow_dispatch", "./ci.py --all x"), "x": "x"},
        {"x": "y"},
        {"ci.py": NEW, "ci.yml": flow("workflow_dispatch", EVENT)},
    )
    assert not seen(repo, scene, find)

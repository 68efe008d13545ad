"""Options with fixed choices, and what an expression in the merged workflow comes to."""

from __future__ import annotations

import pytest
from detecting import Scene, seen, told
from git_fixtures import Repo

from syncfork.detect.values import find
from syncfork.report import Site

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
    assert found.message.endswith("; so in b.yml:12") and found.also == (Site("b.yml", 12),)
    assert "p.add_argument('--event', choices=['push', 'pull_request'])" in found.added


def test_what_is_wrong_in_upstream_itself_is_upstreams(repo: Repo) -> None:
    scene = Scene(
        {"ci.py": OLD, "ci.yml": flow("workflow_dispatch", "./ci.py --all x"), "x": "x"},
        {"x": "y"},
        {"ci.py": NEW, "ci.yml": flow("workflow_dispatch", EVENT)},
    )
    assert not seen(repo, scene, find)


def guarded(job: str = "", step: str = "", run: str = EVENT, more: str = "") -> str:
    return (
        f"on: [push, schedule]\njobs:\n{more}  a:\n{job}    runs-on: x\n    steps:\n"
        f"      - name: x\n{step}        run: |\n          {run}\n"
    )


ONLY = "if: github.event_name == 'push'\n"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (guarded(), 1),
        (guarded(step="        if: always()\n"), 1),
        (guarded(job=f"    {ONLY}"), 0),
        (guarded(step=f"        {ONLY}"), 0),
        (guarded(step="        if: ${{ !github.event.schedule }}\n"), 0),
        # A job is skipped where one that it needs was.
        (guarded(job="    needs: b\n", more=f"  b:\n    {ONLY}    runs-on: x\n"), 0),
        (guarded(job="    needs: [c]\n", more=f"  b:\n    {ONLY}  c:\n    needs: b\n    runs-on: x\n"), 0),
        (guarded(job="    needs: [a]\n"), 1),
        (
            guarded(
                run=f'if [ "${{{{ github.event_name }}}}" = push ]; then\n          {EVENT}\n          fi'
            ),
            0,
        ),
        (guarded(run=f"if [ -f x ]; then\n          {EVENT}\n          fi"), 1),
        (guarded(run=f"if {EVENT}; then echo; fi"), 1),
    ],
)
def test_a_condition_may_leave_out_an_event(repo: Repo, text: str, count: int) -> None:
    wider = NEW.replace("'push', 'pull_request'", "'push', 'schedule'")
    scene = Scene({"ci.py": wider}, {"ours.yml": text}, {"ci.py": NEW})
    assert len(seen(repo, scene, find)) == count


@pytest.mark.parametrize(
    ("matrix", "step", "count"),
    [
        ("{ e: [push, nightly] }", "", 1),
        ("{ e: [push, nightly], exclude: [{ e: nightly }] }", "", 0),
        ("{ e: [push, nightly] }", "        if: matrix.e != 'nightly'\n", 0),
    ],
)
def test_what_a_matrix_leaves_out(repo: Repo, matrix: str, step: str, count: int) -> None:
    text = guarded(
        job=f"    strategy:\n      matrix: {matrix}\n", step=step, run="./ci.py --event ${{ matrix.e }}"
    )
    wider = NEW.replace("'push', 'pull_request'", "'push', 'nightly'")
    assert len(seen(repo, Scene({"ci.py": wider}, {"ours.yml": text}, {"ci.py": NEW}), find)) == count

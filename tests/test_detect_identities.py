"""Names outside of the repository: newcomers, what bypasses the fork's own, and what only the fork still uses."""

from __future__ import annotations

import time

import pytest
from detecting import Scene, seen, told
from git_fixtures import Repo

from syncfork.detect.identities import find

FLOW = ".github/workflows/"


def workflow(*jobs: str, on: str = "[push]") -> str:
    return f"name: w\non: {on}\njobs:\n" + "".join(jobs)


def job(name: str, *lines: str, runner: str = "ubuntu-latest") -> str:
    """A job with its steps, four lines each at the least, so that git keeps hunks apart."""
    steps = "".join(f"      - {line}\n" for line in lines)
    return f"  {name}:\n    runs-on: {runner}\n    timeout-minutes: 5\n    steps:\n      - run: make {name}\n{steps}"


def stage(name: str, group: str, *steps: str, pool: str = "windows-2022") -> str:
    told = "".join(f"          - {step}\n" for step in steps)
    return (
        f"  - stage: {name}\n    variables:\n      - group: {group}\n    jobs:\n      - job: {name}\n"
        f"        pool:\n          vmImage: {pool}\n        steps:\n          - script: build {name}\n{told}"
    )


A, B, C = job("a"), job("b"), job("c")
OWN = "fork-runner-8"

CASES: dict[str, tuple[Scene, list[str]]] = {
    "a new secret, in two places": (
        Scene(
            {FLOW + "ci.yml": workflow(A)},
            {},
            {
                FLOW + "ci.yml": workflow(
                    A, job("up", "run: a ${{ secrets.MIRROR_KEY }}", "run: b ${{ secrets['MIRROR_KEY'] }}")
                )
            },
        ),
        [
            f"decision {FLOW}ci.yml:14 upstream uses the secret `MIRROR_KEY` in 2 places, which the fork has not used so far"
        ],
    ),
    "the token that every workflow has, and a declared input": (
        Scene(
            {FLOW + "ci.yml": workflow(A)},
            {},
            {
                FLOW + "called.yml": workflow(
                    job("c", "run: ${{ secrets.GITHUB_TOKEN }} ${{ secrets.given }}"),
                    on="\n  workflow_call:\n    secrets:\n      given:\n        required: true",
                )
            },
        ),
        [],
    ),
    "a new environment, a host and a repository": (
        Scene(
            {FLOW + "ci.yml": workflow(A)},
            {},
            {
                FLOW + "rel.yml": workflow(
                    "  r:\n    environment:\n      name: release\n      url: https://example.com\n"
                    "    runs-on: ubuntu-latest\n    steps:\n"
                    "      - run: |\n          # see https://elsewhere.org\n          curl https://get.acme.io/x\n"
                    "          git clone https://${{ github.actor }}@github.com/upstream/versions.git\n"
                )
            },
        ),
        [
            f"decision {FLOW}rel.yml:6 upstream's rel.yml uses for the first time: the environment `release`, the host "
            "`get.acme.io`, the repository `upstream/versions`"
        ],
    ),
    "another pin of an action, and another action of one whose actions are used": (
        Scene(
            {FLOW + "ci.yml": workflow(job("a", "uses: actions/checkout@v4"))},
            {},
            {FLOW + "ci.yml": workflow(job("a", "uses: actions/checkout@v5", "uses: actions/cache@v4"))},
        ),
        [],
    ),
    "an action of somebody new": (
        Scene(
            {FLOW + "ci.yml": workflow(job("a", "uses: actions/checkout@v4"))},
            {},
            {FLOW + "ci.yml": workflow(job("a", "uses: actions/checkout@v4", "uses: someone/publish@v1"))},
        ),
        [
            f"decision {FLOW}ci.yml:10 upstream uses the action `someone/publish`, which the fork has not used so far"
        ],
    ),
    "a new runner label, and one that everybody has": (
        Scene(
            {FLOW + "ci.yml": workflow(A)},
            {},
            {
                FLOW + "ci.yml": workflow(
                    A, job("big", runner="up-ubuntu-64"), job("win", runner="windows-2025")
                )
            },
        ),
        [
            f"decision {FLOW}ci.yml:10 upstream uses the runner `up-ubuntu-64`, which the fork has not used so far"
        ],
    ),
    "a later version of a runner": (
        Scene(
            {FLOW + "ci.yml": workflow(job("a", runner="big-ubuntu-22.04-8"))},
            {},
            {FLOW + "ci.yml": workflow(job("a", runner="big-ubuntu-24.04-16"))},
        ),
        [],
    ),
    "runners chosen by an expression or a matrix": (
        Scene(
            {FLOW + "ci.yml": workflow(A)},
            {},
            {
                FLOW + "m.yml": workflow(
                    "  m:\n    strategy:\n      matrix:\n        box: [ubuntu-latest, up-arm-8]\n    runs-on: ${{ matrix.box }}\n",
                    "  e:\n    runs-on: ${{ github.ref == 'refs/heads/x' && 'up-big' || 'ubuntu-latest' }}\n",
                )
            },
        ),
        [
            f"decision {FLOW}m.yml:7 upstream uses the runner `up-arm-8`, which the fork has not used so far",
            f"decision {FLOW}m.yml:10 upstream uses the runner `up-big`, which the fork has not used so far",
        ],
    ),
    "what an expression asks about is no runner": (
        Scene(
            {FLOW + "ci.yml": workflow(A)},
            {},
            {
                FLOW + "m.yml": workflow(
                    "  m:\n    strategy:\n      matrix:\n        platform: [linux/amd64, linux/arm64]\n"
                    "    runs-on: ${{ startsWith(matrix.platform, 'linux/arm') && 'up-arm-8' || 'ubuntu-latest' }}\n",
                    "  e:\n    strategy:\n      matrix:\n        kind: [fast, slow]\n"
                    "    runs-on: ${{ matrix.kind == 'fast' && 'up-big' || 'ubuntu-latest' }}\n",
                )
            },
        ),
        [
            f"decision {FLOW}m.yml:8 upstream uses the runner `up-arm-8`, which the fork has not used so far",
            f"decision {FLOW}m.yml:13 upstream uses the runner `up-big`, which the fork has not used so far",
        ],
    ),
    "nor what it asks in another way": (
        Scene(
            {FLOW + "ci.yml": workflow(A)},
            {},
            {
                FLOW + "m.yml": workflow(
                    "".join(
                        f"  j{number}:\n    runs-on: ${{{{ {asked} && 'up-{number}' || 'ubuntu-latest' }}}}\n"
                        for number, asked in enumerate(
                            [
                                "'fast' == inputs.kind",
                                """contains(fromJSON('["fast"]'), inputs.kind)""",
                                "startsWith(format('{0}', inputs.kind), 'fast')",
                                "contains(inputs.kind, ') fast')",
                                "inputs['kind'] == 'fast'",
                            ]
                        )
                    )
                )
            },
        ),
        [
            f"decision {FLOW}m.yml:5 upstream's m.yml uses for the first time: 5 runners (`up-0`, `up-1`, `up-2`, `up-3` and 1 more)"
        ],
    ),
    "tests, documents and the fork's own files are no news": (
        Scene(
            {"Makefile": "all:\n\tmake\n"},
            {FLOW + "own.yml": workflow(job("a", "run: ${{ secrets.OWN }}"))},
            {
                "tests/get.sh": "curl https://new.acme.io/x\n",
                "docs/Makefile": "all:\n\tcurl https://new.acme.io/x\n",
                "README.md": "curl https://new.acme.io/x\n",
            },
        ),
        [],
    ),
    "the fork's runner is bypassed": (
        Scene(
            {FLOW + "ci.yml": workflow(job("a", runner="up-8"), job("b", runner="up-8"))},
            {FLOW + "ci.yml": workflow(job("a", runner=OWN), job("b", runner=OWN))},
            {FLOW + "new.yml": workflow(job("c", runner="up-8"))},
        ),
        [
            f"breakage {FLOW}new.yml:5 a new line of upstream uses upstream's runner `up-8`; the fork replaced "
            f"it by `{OWN}` in 2 places ({FLOW}ci.yml:5)"
        ],
    ),
    "a new job of a file in which the fork replaced all machines of the service": (
        Scene(
            {FLOW + "ci.yml": workflow(A, B)},
            {FLOW + "ci.yml": workflow(job("a", runner=OWN), job("b", runner=OWN))},
            {FLOW + "ci.yml": workflow(A, B, C)},
        ),
        [
            f"decision {FLOW}ci.yml:15 a new line of upstream uses upstream's runner `ubuntu-latest`; the fork replaced "
            f"it by `{OWN}` in 2 places ({FLOW}ci.yml:5)"
        ],
    ),
    "a runner that the fork also keeps": (
        Scene(
            {FLOW + "ci.yml": workflow(A, B, job("d"))},
            {FLOW + "ci.yml": workflow(job("a", runner=OWN), job("b", runner=OWN), job("d"))},
            {FLOW + "new.yml": workflow(C)},
        ),
        [
            f"decision {FLOW}new.yml:5 a new line of upstream uses upstream's runner `ubuntu-latest`; the fork replaced "
            f"it by `{OWN}` in 2 places ({FLOW}ci.yml:5) and kept it in 1"
        ],
    ),
    "a runner that the fork mostly keeps": (
        Scene(
            {FLOW + "ci.yml": workflow(A, B, job("d"))},
            {FLOW + "ci.yml": workflow(job("a", runner=OWN), B, job("d"))},
            {FLOW + "new.yml": workflow(C)},
        ),
        [],
    ),
    "a new recipe that talks to upstream's organisation": (
        Scene(
            {"Justfile": "get token:\n  tool fetch --org up-org\n\nput token:\n  tool send --org up-org\n"},
            {"Justfile": "get token:\n  tool fetch --org our-org\n\nput token:\n  tool send --org our-org\n"},
            {"new.just": "mirror token:\n  tool copy --org up-org\n"},
        ),
        [
            "breakage new.just:2 a new line of upstream uses upstream's organisation `up-org`; the fork replaced it by "
            "`our-org` in 2 places (Justfile:2)"
        ],
    ),
    "another repository of an organisation replaced once": (
        Scene(
            {
                "Justfile": "get:\n  curl https://github.com/up/tool/releases/x\n  curl https://github.com/up/tool/releases/y\n"
            },
            {
                "Justfile": "get:\n  curl https://github.com/us/tool/releases/x\n  curl https://github.com/us/tool/releases/y\n"
            },
            {"new.sh": "git clone https://github.com/up/versions\n"},
        ),
        [
            "decision new.sh:1 a new line of upstream uses upstream's organisation `up` (`up/versions`); the fork replaced it by `us` "
            "in 2 places (Justfile:2)"
        ],
    ),
    "the very repository that was replaced": (
        Scene(
            {
                "Justfile": "get:\n  curl https://github.com/up/tool/releases/x\n  curl https://github.com/up/tool/releases/y\n"
            },
            {
                "Justfile": "get:\n  curl https://github.com/us/tool/releases/x\n  curl https://github.com/us/tool/releases/y\n"
            },
            {"new.sh": "# https://github.com/up/tool\ngit clone https://github.com/up/tool\n"},
        ),
        [
            "breakage new.sh:2 a new line of upstream uses upstream's repository `up/tool`; the fork replaced it by "
            "`us/tool` in 2 places (Justfile:2)"
        ],
    ),
    "images of upstream's registry": (
        Scene(
            {"a.Dockerfile": "FROM ghcr.io/up/base:1\n", "b.Dockerfile": "FROM ghcr.io/up/base:1 AS b\n"},
            {"a.Dockerfile": "FROM ghcr.io/us/base:2\n", "b.Dockerfile": "FROM ghcr.io/us/base:1 AS b\n"},
            {"c.Dockerfile": "FROM ghcr.io/up/base:1\nRUN make\n"},
        ),
        [
            "breakage c.Dockerfile:1 a new line of upstream uses upstream's registry `ghcr.io/up`; the fork replaced it by "
            "`ghcr.io/us` in 2 places (a.Dockerfile:1)"
        ],
    ),
    "a secret renamed by upstream that the fork's own workflow reads": (
        Scene(
            {FLOW + "ci.yml": workflow(job("a", "run: push ${{ secrets.PYPI }}"))},
            {FLOW + "own.yml": workflow(job("o", "run: push ${{ secrets.PYPI }}"))},
            {FLOW + "ci.yml": workflow(job("a", "run: push ${{ secrets.PYPI_TOKEN }}"))},
        ),
        [
            f"breakage {FLOW}own.yml:9 upstream renamed the secret `PYPI` to `PYPI_TOKEN` ({FLOW}ci.yml:9); the fork's own text still uses `PYPI`"
        ],
    ),
    "a renamed secret that the fork's own text does not read": (
        Scene(
            {FLOW + "ci.yml": workflow(job("a", "run: push ${{ secrets.PYPI }}"))},
            {},
            {FLOW + "ci.yml": workflow(job("a", "run: push ${{ secrets.PYPI_TOKEN }}"))},
        ),
        [
            f"decision {FLOW}ci.yml:9 upstream uses the secret `PYPI_TOKEN`, which the fork has not used so far (in the place of `PYPI`)"
        ],
    ),
    "an environment that upstream gave up": (
        Scene(
            {FLOW + "ci.yml": workflow("  r:\n    environment: prod\n    runs-on: ubuntu-latest\n", A)},
            {FLOW + "own.yml": workflow("  o:\n    environment: prod\n    runs-on: ubuntu-latest\n")},
            {FLOW + "ci.yml": workflow("  r:\n    runs-on: ubuntu-latest\n", A)},
        ),
        [
            f"decision {FLOW}own.yml:5 upstream took the environment `prod` out ({FLOW}ci.yml:5); the fork's own text still uses it"
        ],
    ),
}

AZURE = {"azure-pipelines.yml": "trigger: none\nstages:\n" + stage("x", "UpSign") + stage("y", "UpSign")}
OURS = {"azure-pipelines.yml": "trigger: none\nstages:\n" + stage("x", "OurSign") + stage("y", "OurSign")}
NEW = "parameters:\n  - name: deep\n    default: true\nstages:\n"
IF = "  - ${{ if parameters.deep }}:\n"


def deeper(text: str) -> str:
    return IF + "".join(f"  {line}\n" for line in text.splitlines())


CASES |= {
    "a template under a condition, with the group that the fork replaced": (
        Scene(AZURE, OURS, {"templates/z.yml": NEW + deeper(stage("z", "UpSign"))}),
        [
            "breakage templates/z.yml:8 a new line of upstream uses upstream's variable group `UpSign`; the fork replaced "
            "it by `OurSign` in 2 places (azure-pipelines.yml:5)"
        ],
    ),
    "the same with the fork's group": (
        Scene(AZURE, OURS, {"templates/z.yml": NEW + deeper(stage("z", "OurSign"))}),
        [],
    ),
    "pools, connections, feeds, environments and secrets of a pipeline": (
        Scene(
            AZURE,
            OURS,
            {
                "templates/z.yml": "jobs:\n  - deployment: d\n    pool: UpPool\n    environment: up-prod.vm1\n    steps:\n"
                "      - task: AzureCLI@2\n        inputs:\n          azureSubscription: up-arm\n"
                "          script: push $(Signing.Token) $(Build.SourceToken) $(SomePath)\n"
                "      - task: NuGetCommand@2\n        inputs:\n          vstsFeed: up-feed\n"
                "          certificateName: ${{ parameters.cert }}\n          container: own\n"
                "        ${{ if a }}:\n          env: {X: $(OTHER_PAT)}\n"
                "        ${{ else }}:\n          env: {X: $(Third.Password)}\n"
            },
        ),
        [
            "decision templates/z.yml:3 upstream's z.yml uses for the first time: the runner `UpPool`, the environment "
            "`up-prod`, the service connection `up-arm`, 3 secrets (`Signing.Token`, `OTHER_PAT`, `Third.Password`), "
            "the feed `up-feed`"
        ],
    ),
    "a variable group renamed by upstream, which a template of the fork's still names": (
        Scene(
            AZURE,
            {"templates/own.yml": "stages:\n" + stage("own", "UpSign")},
            {"azure-pipelines.yml": AZURE["azure-pipelines.yml"].replace("UpSign", "UpSign2026")},
        ),
        [
            "breakage templates/own.yml:4 upstream renamed the variable group `UpSign` to `UpSign2026` (azure-pipelines.yml:5); the fork's own "
            "text still uses `UpSign`"
        ],
    ),
    "a secret of a pipeline renamed under a condition, which a template of the fork's still reads": (
        Scene(
            AZURE | {"templates/s.yml": NEW + deeper(stage("s", "G", "script: push $(OldToken)"))},
            {"templates/own.yml": "steps:\n  - script: push $(OldToken)\n"},
            {"templates/s.yml": NEW + deeper(stage("s", "G", "script: push $(NewToken)"))},
        ),
        [
            "breakage templates/own.yml:2 upstream renamed the secret `OldToken` to `NewToken` (templates/s.yml:15); the "
            "fork's own text still uses `OldToken`"
        ],
    ),
    "files that do not parse are left alone": (
        Scene({FLOW + "x.yml": "a: [\n"}, {FLOW + "x.yml": "a: [\nb"}, {FLOW + "y.yml": "jobs: {a: [\n"}),
        [],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_finds(repo: Repo, name: str) -> None:
    scene, expected = CASES[name]
    assert told(seen(repo, scene, find)) == expected


@pytest.mark.parametrize("name", CASES)
def test_is_quiet_without_upstream(repo: Repo, name: str) -> None:
    scene, _ = CASES[name]
    assert not seen(repo, Scene(scene.base, scene.ours, {}), find)


def test_names_the_upstream_lines(repo: Repo) -> None:
    found = seen(repo, CASES["the fork's runner is bypassed"][0], find)[0]
    assert (found.upstream and found.upstream.path, found.added) == (
        FLOW + "new.yml",
        ("    runs-on: up-8",),
    )
    found = seen(repo, CASES["an environment that upstream gave up"][0], find)[0]
    assert (found.upstream and found.upstream.line, found.removed) == (5, ("    environment: prod",))


REPLACED = ["ghcr.io/up", "docker.io/library", "docker.io/up", "quay.io/up"]


@pytest.mark.parametrize(
    "new", ["harbor.own.example/lib", "own.azurecr.io/lib", "ghcr.io/own", "own.example:5000/up"]
)
@pytest.mark.parametrize("old", REPLACED)
@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("{}/Dockerfile", "FROM {}/{}:12\nRUN make\n"),
        (
            FLOW + "{}.yml",
            workflow("  a:\n    runs-on: x\n    container:\n      image: {}/{}:12\n    steps: []\n"),
        ),
    ],
)
def test_a_registry_that_the_fork_replaced(repo: Repo, path: str, text: str, old: str, new: str) -> None:
    def files(registry: str) -> dict[str, str]:
        return {path.format(name): text.format(registry, "base") for name in ("one", "two")}

    newcomer = {path.format("three"): text.format(old, "other")}
    [found] = seen(repo, Scene(files(old), files(new), newcomer), find)
    own = new if new.startswith("ghcr") else new.partition("/")[0]
    assert found.cls == "breakage"
    assert f"upstream's registry `{old}`; the fork replaced it by `{own}` in 2 places" in found.message
    assert not seen(
        repo, Scene(files(old), files(new), {path.format("three"): text.format(new, "other")}), find
    )


def test_what_one_file_brings_is_one_finding(repo: Repo) -> None:
    steps = [f"run: a ${{{{ secrets.KEY_{n} }}}}" for n in range(6)]
    steps += ["run: curl https://get.acme.io/x", "uses: acme/up@v1"]
    new = workflow(A, job("b", *steps).replace("    timeout", "    environment: release\n    timeout"))
    scene = Scene({FLOW + "ci.yml": workflow(A)}, {}, {FLOW + "ci.yml": new})
    [found] = seen(repo, scene, find)
    assert told([found]) == [
        f"decision {FLOW}ci.yml:11 upstream's ci.yml uses for the first time: the environment `release`, 6 secrets "
        "(`KEY_0`, `KEY_1`, `KEY_2`, `KEY_3` and 2 more), the host `get.acme.io`, the action `acme/up`"
    ]
    assert len(found.added) == 9 and found.key == "news:action environment host secret"


@pytest.mark.parametrize(
    "text",
    [
        "x: " + "task:" * 30_000,
        "x: " + "${{" * 30_000,
        "runs-on: " + "a." * 50_000,
        "runs-on: ${{ " + "contains('" * 10_000,
        "x: " + " " * 30_000 + "http://a.b",
        "stages: " + "[" * 900 + "]" * 900,
        "z: &a0 [x, x]\n" + "".join(f"z{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 30)),
        "on: [push]\njobs: &j {a: *j}",
    ],
)
def test_survives_hostile_text(repo: Repo, text: str) -> None:
    files = {FLOW + "x.yml": f"on: push\njobs:\n  a:\n    {text}", "x.yml": f"steps:\n  {text}", "x.sh": text}
    start = time.process_time()
    assert not [
        item for item in seen(repo, Scene({"a": "a"}, {"b": "b"}, files), find) if item.cls == "breakage"
    ]
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    "host", ["api.github.com", "github.com", "dev.azure.com", "gitlab.com", "raw.githubusercontent.com"]
)
@pytest.mark.parametrize("path", ["", "/", "/x", "?a", "#b", "//"])
def test_an_address_of_a_forge_that_names_nobody_stops_nothing(repo: Repo, host: str, path: str) -> None:
    scene = Scene(
        {"a": "a"}, {"b": "b"}, {"x.sh": f"curl https://{host}{path}\ncurl https://new.example.net/y\n"}
    )
    found = seen(repo, Scene(scene.base, {"own.sh": "echo\n"}, scene.theirs), find)
    assert all("repository" not in item.message for item in found)


@pytest.mark.parametrize(
    "text", ["- a\n", "a\n", "version https://git-lfs.github.com/spec/v1\n", "[]\n", "'x'\n"]
)
def test_a_workflow_that_is_no_mapping(repo: Repo, text: str) -> None:
    files = {FLOW + "x.yml": text, FLOW + "z.yml": workflow(job("a", "run: ${{ secrets.NEW_KEY }}"))}
    found = seen(repo, Scene({"a": "a"}, {"b": "b"}, files), find)
    assert [item.path for item in found] == [FLOW + "z.yml"]


def test_a_name_in_a_file_that_nobody_changed_is_no_newcomer(repo: Repo) -> None:
    step = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: make\n"
    used = step + "        env: { K: '${{ secrets.SIGN_KEY }}' }\n"
    other = {".github/workflows/old.yml": used}
    changed = {".github/workflows/ci.yml": used}
    base = {".github/workflows/ci.yml": step}
    assert seen(repo, Scene(base, {"x": "x"}, changed), find)
    assert not seen(repo, Scene(base | other, {"x": "x"}, changed), find)


@pytest.mark.parametrize(("secrets", "fix"), [("A_KEY", "set it up"), ("A_KEY B_KEY", "set them up")])
def test_what_to_do_with_one_secret_and_with_several(repo: Repo, secrets: str, fix: str) -> None:
    flow = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    env:\n      X: 1\n"
    more = "".join(f"      Y{n}: ${{{{ secrets.{name} }}}}\n" for n, name in enumerate(secrets.split()))
    path = ".github/workflows/a.yml"
    (found,) = seen(repo, Scene({path: flow}, {"own": "1\n"}, {path: flow + more}), find)
    assert found.fix.startswith(fix)

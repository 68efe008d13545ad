"""What the fork did alike to several siblings, and new siblings of upstream's with and without it."""

from __future__ import annotations

import time

import pytest
from detecting import Scene, seen, told
from git_fixtures import Repo

from syncfork.detect.base import File, View
from syncfork.detect.managed import find
from syncfork.git.repository import Repository
from syncfork.merge.trees import WholeTrees
from syncfork.text import Document

FLOW = ".github/workflows/"
ON = "on:\n  push:\n    branches: [main]\n  pull_request:\n"
BY_HAND = "on:\n  # - push\n  workflow_dispatch:\n"


def flow(on: str, *jobs: str) -> str:
    return f"name: w\n{on}\npermissions: {{}}\n\njobs:\n" + "".join(jobs or (job("a"),))


def job(name: str, *settings: str, run: str = "make") -> str:
    told = "".join(f"    {line}\n" for line in settings)
    return f"  {name}:\n    runs-on: ubuntu-latest\n{told}    timeout-minutes: 5\n    steps:\n      - run: {run} {name}\n"


def azure(*stages: str) -> str:
    return "trigger: none\nstages:\n" + "".join(stages)


def stage(name: str, *group: str, does: str = "script: build") -> str:
    variables = "".join(f"      - group: {one}\n" for one in group)
    listed = f"    variables:\n      - name: kind\n        value: {name}\n{variables}"
    return f"  - stage: {name}\n{listed}    jobs:\n      - job: {name}_job\n        steps:\n          - {does} {name}\n"


def bare(*names: str, more: str = "") -> str:
    does = "        steps:\n          - task: EsrpCodeSigning@5\n"
    return azure(
        *(f"  - stage: {n}\n    dependsOn: []\n{more}    jobs:\n      - job: {n}\n{does}" for n in names)
    )


SIGN = "script: signtool sign /a"
JUST = "get token:\n  tool --release -- fetch {{token}}\n\nput token:\n  tool --release -- send {{token}} --all\n"
JUST_OURS = JUST.replace("fetch", "fetch --org us").replace("send", "send --org us")
TWO = {FLOW + "a.yml": flow(ON), FLOW + "b.yml": flow(ON)}
TWO_BY_HAND = {FLOW + "a.yml": flow(BY_HAND), FLOW + "b.yml": flow(BY_HAND)}
SIGNERS = {"ci/p.yml": azure(stage("x", does=SIGN), stage("y", does=SIGN), stage("z"))}
GUARDED = {"ci/p.yml": azure(stage("x", "Ours", does=SIGN), stage("y", "Ours", does=SIGN), stage("z"))}
SHOTS = {f"shots/{name}.txt": f"a shot of {name}\n" for name in "abc"}
NO_SHOTS = dict.fromkeys(SHOTS)
TEXTS = ("open", "leave", "restart")


def texts(app: str, *names: str) -> str:
    return (
        "<resources>\n"
        + "".join(f'  <string name="{name}">{name} the {app}</string>\n' for name in names)
        + "</resources>\n"
    )


APP = {f"res/values-{name}/texts.xml": texts("Big Tool", *TEXTS[:2]) for name in ("de", "fr", "nl")}
OUR_APP = {path: text.replace("Big Tool", "Own App") for path, text in APP.items()}
LOCALES = {f"meta/{name}/{n}.txt": f"{n} in {name}\n" for name in ("cs", "de", "en", "fr") for n in (1, 2)}
ONLY_EN = {path: None for path in LOCALES if "/en/" not in path}
RULE = f"id: r\nwhy: upstream's workflows are ours to start\nfiles: ['{FLOW}*.yml']\nhold:\n  - require: {{ literal: jobs }}\n    expect: some\n"

CASES: dict[str, tuple[Scene, list[str]]] = {
    "a new workflow with the triggers that the fork took out": (
        Scene(TWO, TWO_BY_HAND, {FLOW + "new.yml": flow(ON)}),
        [
            f"decision {FLOW}new.yml:2 the fork took `on.pull_request` and `on.push` out of 2 files of this folder "
            "(a.yml and b.yml); the new one has them"
        ],
    ),
    "triggers as a list": (
        Scene(TWO, TWO_BY_HAND, {FLOW + "new.yml": flow("on: [push, issues]\n")}),
        [
            f"decision {FLOW}new.yml:2 the fork took `on.push` out of 2 files of this folder (a.yml and b.yml); the new "
            "one has it"
        ],
    ),
    "a new workflow that runs by hand": (Scene(TWO, TWO_BY_HAND, {FLOW + "new.yml": flow(BY_HAND)}), []),
    "a rule covers the new workflow": (Scene(TWO, TWO_BY_HAND, {FLOW + "new.yml": flow(ON)}, (RULE,)), []),
    "one workflow is no pattern": (
        Scene(TWO, {FLOW + "a.yml": flow(BY_HAND)}, {FLOW + "new.yml": flow(ON)}),
        [],
    ),
    "most workflows kept their triggers": (
        Scene(
            TWO | {FLOW + f"{name}.yml": flow(ON) for name in "cde"},
            TWO_BY_HAND | {FLOW + f"{name}.yml": flow(ON, job("ours")) for name in "cde"},
            {FLOW + "new.yml": flow(ON)},
        ),
        [],
    ),
    "a new workflow elsewhere": (Scene(TWO, TWO_BY_HAND, {"tpl/.github/workflows/new.yml": flow(ON)}), []),
    "a condition on every job": (
        Scene(
            {FLOW + "a.yml": flow(ON, job("a"), job("b"))},
            {FLOW + "a.yml": flow(ON, job("a", "if: github.actor != 'x'"), job("b", "if: github.actor != 'x'"))},
            {FLOW + "c.yml": flow(ON, job("c"), job("d"))},
        ),
        [
            f"decision {FLOW}c.yml:10 the fork set `if: github.actor != 'x'` in 2 jobs (a.yml); the new job `c` goes "
            "without, and 1 more here"
        ],
    ),
    "a condition on two of three jobs": (
        Scene(
            {FLOW + "a.yml": flow(ON, job("a"), job("b"), job("e"))},
            {FLOW + "a.yml": flow(ON, job("a", "if: x"), job("b", "if: x"), job("e"))},
            {FLOW + "c.yml": flow(ON, job("c"))},
        ),
        [],
    ),
    "a time limit that the fork raised everywhere": (
        Scene(
            TWO,
            {name: text.replace("minutes: 5", "minutes: 50") for name, text in TWO.items()},
            {FLOW + "c.yml": flow(ON, job("c"))},
        ),
        [
            f"decision {FLOW}c.yml:10 the fork set `timeout-minutes: 50` in 2 jobs (a.yml and b.yml); the new job `c` "
            "goes without"
        ],
    ),
    "a new stage that signs without the fork's group": (
        Scene(SIGNERS, GUARDED, {"ci/q.yml": azure(stage("w"), stage("v", does=SIGN))}),
        [
            "breakage ci/q.yml:11 the fork set `variables[].group: Ours` in 2 stages that sign or publish (p.yml); the "
            "new stage `v` goes without"
        ],
    ),
    "a group where there were no variables, and an environment": (
        Scene(
            {"ci/p.yml": bare("x", "y")},
            {"ci/p.yml": bare("x", "y", more="    variables:\n      - group: Ours\n")},
            {"ci/q.yml": bare("v")},
        ),
        [
            "breakage ci/q.yml:3 the fork set `variables[].group: Ours` in 2 stages that sign or publish (p.yml); the "
            "new stage `v` goes without"
        ],
    ),
    "an environment for every job that publishes": (
        Scene(
            {FLOW + "a.yml": flow(ON, job("a", run="npm publish"), job("b", run="twine upload"), job("t"))},
            {
                FLOW + "a.yml": flow(
                    ON,
                    job("a", "environment:", "  name: ok", run="npm publish"),
                    job("b", "environment:", "  name: ok", run="twine upload"),
                    job("t"),
                )
            },
            {FLOW + "c.yml": flow(ON, job("c", run="docker push"), job("d"), job("e", "environment: ok", run="docker push"))},
        ),
        [
            f"breakage {FLOW}c.yml:10 the fork set `environment.name: ok` in 2 jobs that sign or publish (a.yml); the "
            "new job `c` goes without"
        ],
    ),
    "the same, with the group": (
        Scene(SIGNERS, GUARDED, {"ci/q.yml": azure(stage("v", "Ours", does=SIGN))}),
        [],
    ),
    "the same, with the group for the whole file, under a condition": (
        Scene(
            SIGNERS,
            GUARDED,
            {"ci/q.yml": "variables:\n  - ${{ if a }}:\n      - group: Ours\n" + azure(stage("v", does=SIGN))},
        ),
        [],
    ),
    "the same, included by a file that has the group": (
        Scene(
            SIGNERS | {"ci/r.yml": azure(stage("r"))},
            GUARDED,
            {
                "ci/q.yml": azure(stage("v", does=SIGN)),
                "ci/r.yml": azure(stage("r")) + "  - template: q.yml\n    parameters: {group: Ours}\n",
            },
        ),
        [],
    ),
    "a new stage that only builds, and one that only hands on": (
        Scene(
            SIGNERS,
            GUARDED,
            {"ci/q.yml": azure(stage("w"), stage("u", does="task: PublishPipelineArtifact@1 #"))},
        ),
        [],
    ),
    "a new stage that only tests, where every one that was there signs": (
        Scene(
            {"ci/p.yml": azure(stage("x", does=SIGN), stage("y", does=SIGN))},
            {"ci/p.yml": azure(stage("x", "Ours", does=SIGN), stage("y", "Ours", does=SIGN))},
            {"ci/q.yml": azure("  - stage: t\n    jobs:\n      - job: t\n        steps:\n          - script: test\n")},
        ),
        [],
    ),
    "a stage that signs in O without the group": (
        Scene(
            {"ci/p.yml": SIGNERS["ci/p.yml"] + stage("k", does=SIGN)},
            {"ci/p.yml": GUARDED["ci/p.yml"] + stage("k", does=SIGN)},
            {"ci/q.yml": azure(stage("v", does=SIGN))},
        ),
        [],
    ),
    "in the branches of a condition": (
        Scene(
            SIGNERS,
            GUARDED,
            {
                "ci/q.yml": "parameters:\n  - name: real\n    default: true\nstages:\n  - ${{ if parameters.real }}:\n"
                + "".join(f"  {line}\n" for line in stage("v", does=SIGN).splitlines())
                + "  - ${{ else }}:\n"
                + "".join(f"  {line}\n" for line in stage("v", "Ours", does=SIGN).splitlines())
            },
        ),
        [
            "breakage ci/q.yml:6 the fork set `variables[].group: Ours` in 2 stages that sign or publish (p.yml); the "
            "new stage `v` goes without"
        ],
    ),
    "a template that is handed the group": (
        Scene(
            {"ci/p.yml": azure("  - template: sign.yml\n    parameters:\n      what: a\n", "  - template: sign.yml\n    parameters:\n      what: b\n")},
            {"ci/p.yml": azure("  - template: sign.yml\n    parameters:\n      what: a\n      group: Ours\n", "  - template: sign.yml\n    parameters:\n      what: b\n      group: Ours\n")},
            {"ci/q.yml": azure("  - template: ../ci/sign.yml\n    parameters:\n      what: c\n")},
        ),
        [
            "breakage ci/q.yml:3 the fork set `parameters.group: Ours` in 2 uses of template sign.yml that sign or publish "
            "(p.yml); the new template sign.yml goes without"
        ],
    ),
    "a new recipe without the fork's option": (
        Scene(
            {"Justfile": JUST, "more.just": "x:\n  ls\n"},
            {"Justfile": JUST_OURS},
            {"more.just": "x:\n  ls\n\nmirror token:\n  tool --release -- copy {{token}}\n"},
        ),
        [
            "decision more.just:5 the fork added `--org us` to 2 commands `tool` (Justfile:2); the new one here goes "
            "without"
        ],
    ),
    "a new recipe with it, and one of another program": (
        Scene(
            {"Justfile": JUST, "more.just": "x:\n  ls\n"},
            {"Justfile": JUST_OURS},
            {"more.just": "x:\n  ls\n\nmirror token:\n  tool copy --org us {{token}}\n  other copy\n"},
        ),
        [],
    ),
    "an option that not every command got": (
        Scene(
            {"Justfile": JUST + "\nlist:\n  tool list\n", "more.just": "x:\n  ls\n"},
            {"Justfile": JUST_OURS + "\nlist:\n  tool list\n"},
            {"more.just": "x:\n  ls\n\nmirror token:\n  tool copy\n"},
        ),
        [],
    ),
    "a new script of a family": (
        Scene(
            {f"ci/build-lib-{n}.sh": f"#!/bin/sh\nset -e\n./configure --v{n}\nmake\n" for n in (1, 2)},
            {f"ci/build-lib-{n}.sh": f"#!/bin/sh\nset -e\n./configure --v{n}\nmake\nmake install_fips\n" for n in (1, 2)},
            {"ci/build-lib-3.sh": "#!/bin/sh\n./configure --v3\nmake all\n", "ci/build-zip.sh": "#!/bin/sh\nzip\n", "ci/build-lib-4.sh": "make\nmake install_fips\n"},
        ),
        [
            "decision ci/build-lib-3.sh:1 the fork added `make install_fips` to build-lib-1.sh and "
            "build-lib-2.sh; the new one goes without",
        ],
    ),
    "new files in a folder that the fork emptied": (
        Scene(SHOTS | {"shots/old.txt": "an old one\n"}, {**NO_SHOTS, "shots/old.txt": None}, {"shots/de/d.txt": "d\n", "shots/e.txt": "e\n", "shots/old.txt": None}),
        [
            "decision shots/de/d.txt:1 the fork emptied shots, where upstream still has 3 of the files; 2 new files of "
            "upstream's arrive in it",
        ],
    ),
    "a new file in a folder of which the fork kept something": (
        Scene(SHOTS, {**NO_SHOTS, "shots/c.txt": "ours\n"}, {"shots/d.txt": "d\n"}),
        [],
    ),
    "a folder that upstream emptied as well shows nothing": (Scene(SHOTS, NO_SHOTS, {**NO_SHOTS, "shots/d.txt": "d\n"}), []),
    "one file that went is no pattern": (
        Scene({"shots/a.txt": "a shot\n"}, {"shots/a.txt": None}, {"shots/d.txt": "d\n"}),
        [],
    ),
    "a rule says what is to be in the emptied folder": (
        Scene(SHOTS, NO_SHOTS, {"shots/d.txt": "d\n"}, (RULE.replace(FLOW + "*.yml", "shots/**"),)),
        [],
    ),
    "new files in one of many emptied folders beside each other": (
        Scene(LOCALES, ONLY_EN, {"meta/de/3.txt": "3\n", "meta/en/3.txt": "3\n"}),
        [
            "decision meta/de/3.txt:1 the fork emptied 3 folders in meta and keeps en; a new file of upstream's arrives in de",
        ],
    ),
    "new files in many emptied folders, and a new folder beside them": (
        Scene(LOCALES, ONLY_EN, {"meta/cs/3.txt": "3\n", "meta/de/3.txt": "3\n", "meta/fr/3.txt": "3\n", "meta/fr/x/4.txt": "4\n", "meta/it/1.txt": "1\n"}),
        [
            "decision meta/cs/3.txt:1 the fork emptied 3 folders in meta and keeps en; 5 new files of upstream's arrive in cs, "
            "de, fr and 1 more",
        ],
    ),
    "two emptied folders beside each other": (
        Scene(LOCALES, {path: None for path in ONLY_EN if "/fr/" not in path}, {"meta/cs/3.txt": "3\n", "meta/de/3.txt": "3\n"}),
        [
            "decision meta/cs/3.txt:1 the fork emptied meta/cs, where upstream still has 2 of the files; a new file of "
            "upstream's arrives in it",
            "decision meta/de/3.txt:1 the fork emptied meta/de, where upstream still has 2 of the files; a new file of "
            "upstream's arrives in it",
        ],
    ),
    "emptied folders beside two that the fork keeps": (
        Scene(LOCALES, {**ONLY_EN, "meta/own/1.txt": "ours\n"}, {"meta/de/3.txt": "3\n"}),
        [
            "decision meta/de/3.txt:1 the fork emptied meta/de, where upstream still has 2 of the files; a new file of "
            "upstream's arrives in it",
        ],
    ),
    "emptied folders at the top": (
        Scene({path[5:]: text for path, text in LOCALES.items()}, {path[5:]: None for path in ONLY_EN}, {"de/3.txt": "3\n"}),
        [
            "decision de/3.txt:1 the fork emptied de, where upstream still has 2 of the files; a new file of upstream's "
            "arrives in it",
        ],
    ),
    "a rule for all emptied folders but the kept one": (
        Scene(LOCALES, ONLY_EN, {"meta/de/3.txt": "3\n"}, ("id: r\nwhy: in English only\nfiles: ['meta/**', '!meta/en/**']\nown: absent\n",)),
        [],
    ),
    "new texts with the words that the fork replaced in all files beside them": (
        Scene(APP, OUR_APP, {"res/values-pt/texts.xml": texts("Big Tool", *TEXTS), "res/values-sv/texts.xml": texts("Big Tool", "open")}),
        [
            "decision res/values-pt/texts.xml:2 the fork put `Own App` in the place of `Big Tool` in 3 files beside this "
            "one, and left it nowhere there; upstream has it in 4 new lines (also res/values-sv/texts.xml:2)",
        ],
    ),
    "a new text in a file that the fork changed": (
        Scene(
            {path: text.replace("  <", "  <!-- -->\n  <") for path, text in APP.items()},
            {path: text.replace("  <", "  <!-- -->\n  <") for path, text in OUR_APP.items()},
            {"res/values-fr/texts.xml": "<!-- help for Big Tool -->\n" + APP["res/values-fr/texts.xml"].replace("  <", "  <!-- -->\n  <")},
        ),
        [
            "decision res/values-fr/texts.xml:1 the fork put `Own App` in the place of `Big Tool` in 3 files beside this "
            "one, and left it nowhere there; upstream has it in a new line",
        ],
    ),
    "new texts that speak of a longer word, or of the fork's": (
        Scene(APP, OUR_APP, {"res/values-pt/texts.xml": texts("Big Toolbox", *TEXTS), "res/values-sv/texts.xml": texts("Own App", *TEXTS)}),
        [],
    ),
    "new texts with words that the fork left somewhere": (
        Scene(APP | {"res/values/texts.xml": texts("Big Tool", "about")}, OUR_APP, {"res/values-pt/texts.xml": texts("Big Tool", *TEXTS)}),
        [],
    ),
    "new texts with words that the fork left within longer ones, which it replaced elsewhere": (
        Scene(
            {path: text + "<!-- for Big Tool Desktop -->\n" for path, text in APP.items()} | {"res/values/texts.xml": texts("Big Tool Desktop", "about")},
            {path: text + "<!-- for Own Desk -->\n" for path, text in OUR_APP.items()},
            {"res/values-pt/texts.xml": texts("Big Tool", *TEXTS) + "<!-- on Big Tool Desktop -->\n"},
        ),
        [],
    ),
    "words that the fork replaced in two files are no pattern": (
        Scene(APP, dict([*OUR_APP.items()][:2]) | {"res/values-nl/texts.xml": None}, {"res/values-pt/texts.xml": texts("Big Tool", *TEXTS)}),
        [],
    ),
    "words that the fork's hold": (
        Scene(APP, {path: text.replace("Big Tool", "Own Big Tool") for path, text in APP.items()}, {"res/values-pt/texts.xml": texts("Big Tool", *TEXTS)}),
        [],
    ),
    "words that the fork replaced in files with other names": (
        Scene(APP, OUR_APP, {"res/values-pt/more.xml": texts("Big Tool", *TEXTS)}),
        [],
    ),
    "a rule covers the new texts": (
        Scene(APP, OUR_APP, {"res/values-pt/texts.xml": texts("Big Tool", *TEXTS)}, (RULE.replace(FLOW + "*.yml", "res/**").replace("jobs", "resources"),)),
        [],
    ),
    "files that do not parse are left alone": (
        Scene(TWO, TWO_BY_HAND, {FLOW + "new.yml": "on: [push\n"}),
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_finds(repo: Repo, name: str) -> None:
    scene, expected = CASES[name]
    assert told(seen(repo, scene, find)) == expected


@pytest.mark.parametrize("name", CASES)
def test_is_quiet_without_the_fork_s_change(repo: Repo, name: str) -> None:
    scene, _ = CASES[name]
    assert not seen(repo, Scene(scene.base, {}, scene.theirs), find)


def test_names_the_upstream_line(repo: Repo) -> None:
    found = seen(repo, CASES["a new stage that signs without the fork's group"][0], find)[0]
    assert found.upstream and (found.upstream.path, found.added) == ("ci/q.yml", ("  - stage: v",))


def test_a_new_text_that_a_person_indented_anew_is_found_in_upstreams_file(repo: Repo) -> None:
    repository = Repository.open(repo.path)
    trees = {side: repo.commit(dict(files)) for side, files in (("base", APP), ("ours", OUR_APP))}
    sides = {path: [Document(path, text) for text in (APP[path], OUR_APP[path])] for path in APP}
    files = [File(path, base, ours, base, ours) for path, (base, ours) in sides.items()]
    path = "res/values-pt/texts.xml"
    upstreams = Document(path, texts("Big Tool", "open"))
    files.append(File(path, None, None, upstreams, Document(path, upstreams.text.replace("  <", "\t<"))))
    trees |= {"theirs": trees["base"], "merged": trees["ours"]}
    view = View(files, WholeTrees(repository, repository.git, trees), lambda _: False, lambda _: False)
    [found] = find(view)
    assert found.upstream and (found.line, found.upstream.line) == (2, 2)
    assert found.added == ('  <string name="open">open the Big Tool</string>',)


def test_new_files_in_an_emptied_folder_need_not_be_text(repo: Repo) -> None:
    base = {f"shots/{name}.png": f"\0{name}" for name in "ab"}
    scene = Scene(base, dict.fromkeys(base), {"shots/c.png": "\0c"})
    assert told(seen(repo, scene, find)) == [
        "decision shots/c.png:1 the fork emptied shots, where upstream still has 2 of the files; a new file of upstream's "
        "arrives in it"
    ]


def test_many_emptied_folders_are_one_rule(repo: Repo) -> None:
    [found] = seen(repo, Scene(LOCALES, ONLY_EN, {"meta/de/3.txt": "3\n", "meta/fr/3.txt": "3\n"}), find)
    assert '`own: absent` for `files: ["meta/**", "!meta/en/**"]`' in found.fix
    assert found.beside == ("meta/fr/3.txt",)


@pytest.mark.parametrize("content", ["{}", "\0{}"])
def test_the_rule_for_emptied_folders_leaves_out_what_the_fork_moved(repo: Repo, content: str) -> None:
    moved = {f"meta/sv/{n}.txt": content.format(f"a longer text {n}\n") for n in (1, 2)}
    more = {f"meta/{name}/1.txt": f"{name}\n" for name in ("it", "nl", "pl")}
    ours = {
        **ONLY_EN,
        **dict.fromkeys([*more, *moved]),
        **{f"own/{path}": text for path, text in moved.items()},
    }
    [found] = seen(repo, Scene({**LOCALES, **more, **moved}, ours, {"meta/de/3.txt": "3\n"}), find)
    assert '`files: ["meta/**", "!meta/en/**", "!meta/sv/**"]`' in found.fix


@pytest.mark.parametrize(
    ("arriving", "expected"),
    [
        (["meta/sv/3.txt"], ["the fork emptied meta/sv, where"]),
        (
            ["meta/de/3.txt", "meta/sv/3.txt"],
            ["the fork emptied 6 folders in meta and keeps en;", "the fork emptied meta/sv, where"],
        ),
    ],
)
def test_an_emptied_folder_of_which_the_fork_moved_a_part_is_told_by_itself(
    repo: Repo, arriving: list[str], expected: list[str]
) -> None:
    # To two folders: else git takes what comes along.
    moved = {f"meta/sv/{n}.txt": f"a longer text {n}\n" * 5 for n in (1, 5)}
    more = {f"meta/{name}/1.txt": f"{name}\n" for name in ("it", "nl", "pl")}
    went = {"meta/sv/2.txt": "two\n", "meta/sv/4.txt": "four\n"}
    more |= {f"meta/{name}/2.txt": f"{name} {name}\n" for name in ("it", "nl", "pl")}
    ours = {
        **ONLY_EN,
        **dict.fromkeys([*more, *moved, *went]),
        **{f"{path[-5]}/own.txt": text for path, text in moved.items()},
    }
    found = seen(
        repo, Scene({**LOCALES, **more, **moved, **went}, ours, dict.fromkeys(arriving, "3\n")), find
    )
    assert [item.message[: len(words)] for item, words in zip(found, expected, strict=True)] == expected


def test_the_rule_for_emptied_folders_is_not_about_files_beside_them(repo: Repo) -> None:
    base = LOCALES | {"meta/title": "a title\n"}
    [found] = seen(repo, Scene(base, ONLY_EN, {"meta/de/3.txt": "3\n"}), find)
    assert '`files: ["meta/*/**", "!meta/en/**"]`' in found.fix


@pytest.mark.parametrize("text", ["task:" * 30_000, "gpg " * 30_000, "[" * 900 + "]" * 900, "&j {a: *j}"])
def test_survives_hostile_text(repo: Repo, text: str) -> None:
    start = time.process_time()
    assert not seen(repo, Scene(SIGNERS, GUARDED, {"ci/q.yml": f"steps:\n  - x: {text}"}), find)
    assert time.process_time() - start < 5

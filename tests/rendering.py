"""Reports with everything in them: one as it is in life, one in which every foreign word is hostile."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import fields, replace

from syncfork.report import (
    Budget,
    ConflictItem,
    ConflictText,
    Coverage,
    Culprit,
    Drift,
    Excerpt,
    Finding,
    Ledger,
    MovedLines,
    MovedTo,
    OwnChange,
    Place,
    Point,
    Reach,
    Ref,
    Report,
    Result,
    RuleHealth,
    RuleItem,
    Trend,
    Unexplained,
)  # fmt: skip

HOSTILE = (
    "\x1b[31mred\x1b]8;;http://evil.example\x07 [bold]rich[/bold] **md** _it_ `tick [link](http://evil.example) "
    "![img](http://evil.example/i.png) <http://evil.example> @everyone #1 | pipe | <script>alert(1)</script> "
    "<img src=x onerror=alert(1)> </style></title></summary></details> \" ' onclick=x &lt; {0} ${{ x }} "
    "##vso[task.complete]done ##[error]no %0A::error::y ;] \u202egnp.exe\u2066 \udc80\udcff"
)
LINES = f"::error::at a line's start\n  ::warning::x\n##vso[task.setvariable variable=a]b\n```\n~~~\n# title\n{HOSTILE}\n"
URL = "https://x.example/a)[b](javascript:x)\"onclick='<script>`|*_"
LONG = "x" * 10_000


def life() -> Report:
    """A report of drift with everything in it, in plain words."""
    first = Culprit(
        "9f8a7c6b5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f00", "Move release targets to ci-targets.yaml (#812)",
        "Jonas Petrov", "2025-09-02T10:12:00+02:00", 812, "https://github.com/example/upstream/pull/812",
    )  # fmt: skip
    other = replace(
        first, commit="1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e", pr=None, subject="Drop --run from the validator",
        url="https://github.com/example/upstream/commit/1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e",
    )  # fmt: skip
    mine = Culprit("77aa88bb99cc00dd11ee22ff33445566778899aa", "Publish to our registry", "Mira Okafor",
                   "2024-11-20T08:00:00+00:00")  # fmt: skip
    texts = (
        ConflictText(
            41,
            "targets: [linux, macos]\n",
            "targets: [linux]\n",
            "targets:\n  - linux\n  - macos\n  - windows\n",
            (other,),
        ),
        ConflictText(97, "", "\n# ours alone\n", "timeout: 60\n"),
    )
    lines = tuple(f"      line {number} of the workflow" for number in range(47, 56))
    findings = (
        Finding("options-3f2a", "breakage", "options", None, ".github/workflows/vlinux.yml", 51,
                "this passes `--run` of `validate-distribution`, which upstream removed", True,
                Place("src/validation.rs", 88, "base"), (other,),
                "take `--run` out here and keep what it did", "",
                (Excerpt("after the merge", ".github/workflows/vlinux.yml", 47, 51, lines),
                 Excerpt("upstream, before it changed this", "src/validation.rs", 88, 88, ("if args.run {",))),
                "-  run: validate --run\n+  run: validate\n"),
        Finding("paths-77c1", "breakage", "paths", None, "docs/building.md", 14,
                "the fork's file names `build-linux.py`, which upstream deleted", True, None, (first, other),
                "name `build.py` instead"),
        Finding("managed-0012", "decision", "managed", "our-targets", "ci-targets.yaml", 203,
                "upstream added the target `riscv64-unknown-linux-musl`: release it too?", True,
                Place("ci-targets.yaml", 203), (first,), "add it to the rule's list, or accept it"),
        Finding("values-9a11", "decision", "values", None, "cpython-unix/build-openssl-3.5.sh", 7,
                "both sides changed the version of OpenSSL", True, Place("pythonbuild/downloads.py", 0), (other,)),
        Finding("identities-4d4d", "note", "identities", None, ".github/workflows/release.yml", 30,
                "a new secret is used: `ATTEST_TOKEN`"),
        Finding("documents-1111", "breakage", "documents", None, "README.md", 3, "an older debt: no such recipe",
                False),
        Finding("pins-5e5e", "breakage", "pins", None, ".github/workflows/linux.yml", 9,
                "an action is pinned by tag", True, None, (), "", "the runner is ours, see the wiki"),
    )  # fmt: skip
    points = tuple(
        Point(f"2025-{7 + week // 4:02}-{1 + 7 * (week % 4):02}", "f" * 40, "e" * 40, 84, 40 + 9 * week,
              7 + 7 * week, 4 + week // 2, week // 4, min(2, week // 3), 1 + week % 3, ())
        for week in range(11)
    )  # fmt: skip
    drift = Drift(
        date="2025-09-21T06:00:00+00:00", base_date="2025-07-01T09:00:00+00:00", days=82,
        upstream_date="2025-09-20T21:14:00+00:00",
        reach=Reach(first, 120, other, ("2 conflicts in ci-targets.yaml", "rule `our-targets` cannot be applied")),
        reach_alone=Reach(None, 0, first, ("1 conflict in .github/workflows/linux.yml",)),
        coverage=Coverage(120, 84, (*(
            OwnChange(path, line, 2, 3, "-make all\n-make test\n+make ours\n+make test\n+make publish\n", mine)
            for path, line in (("Justfile", 12), ("src/release.rs", 230), (".github/workflows/vmacos.yml", 1))
        ), OwnChange("cpython-unix/build-cpython.sh", 301, 0, 1, "+echo fips\n"))),
        health=(RuleHealth("our-targets", "withheld", "the anchor `targets:` is gone in upstream"),
                RuleHealth("fips-openssl", "acted"), RuleHealth("manual-workflows", "acted"),
                RuleHealth("quote-variables", "retirable", "upstream has it since 9f8a7c6b5"),
                RuleHealth("old-runner", "review due", "review was due on 2025-08-01"),
                RuleHealth("no-freebsd", "satisfied"), RuleHealth("windows-arm", "idle")),
        trend=Trend(points, ("options-3f2a", "managed-0012"), ("paths-0001",)),
        budgets=(Budget("days behind", 60, 82, True), Budget("conflicts", 5, 2, False),
                 Budget("open decisions", 10, 2, False)),
    )  # fmt: skip
    return Report(
        tool_version="0.1.0", verb="drift", exit_code=1, state="",
        fork=Ref("main", "f0" * 20), upstream=Ref("upstream/main", "e1" * 20), merge_base="b2" * 20,
        ahead=84, behind=149,
        git_alone=(ConflictItem("ci-targets.yaml", "contents", 4, (first,), texts),
                   ConflictItem(".github/workflows/linux.yml", "contents", 5, (first, other)),
                   ConflictItem("README.rst", "modify/delete", 1)),
        result=Result("c3" * 20),
        conflicts=(ConflictItem("ci-targets.yaml", "contents", 2, (first, other), texts, moved=(
                       MovedLines("theirs", 0, 41, (MovedTo("targets/linux.yaml", 12, 9),), touched=True),)),
                   ConflictItem("README.rst", "modify/delete", 0)),
        rules=(RuleItem("manual-workflows", ".github/workflows/linux.yml", "applied", 2, "theirs",
                        "upstream's workflows run only by hand", "", ("push", "pull_request"),
                        ("workflow_dispatch",), False, "rules/manual.yaml"),
               RuleItem("fips-openssl", "cpython-unix/build-openssl-3.5.sh", "applied", 1, "theirs",
                        "OpenSSL is built with FIPS", "one line carried"),
               RuleItem("no-freebsd", "ci-targets.yaml", "satisfied", 0, "ours", "we do not ship it", "")),
        findings=findings,
        ledger=Ledger({"rule": 12, "fork": 80}, {"upstream": 311, "rule": 12},
                      (Unexplained("src/github.rs", 77, "theirs", "let token = env::var(\"OURS\");"),)),
        warnings=("the last sync was squashed: the merge base is older than it looks",),
        next=("syncfork merge --as-far-as-clean", "syncfork explain options-3f2a"),
        drift=drift,
    )  # fmt: skip


def hostile() -> Report:
    """The same report, every foreign text of which is an attack, and with a very long line."""
    report = _poisoned(life(), HOSTILE)
    change = replace(report.drift.coverage.unexplained[0], text=LINES)
    long = replace(report.findings[1], message=LONG, path=LONG, id=LONG)
    lines = replace(report.findings[0], message=LINES, path=LINES, fix=LINES, code=f"{LINES}{LINES}")
    drift = replace(
        report.drift,
        coverage=Coverage(120, 84, (change, *report.drift.coverage.unexplained[1:])),
        inconclusive=(HOSTILE, LONG),
    )
    return replace(report, findings=(lines, long, *report.findings[2:]), drift=drift)


# What is chosen from a few words of ours, or read by machines: a report with another one is no report.
_OWN = {"cls", "tree", "against", "verb", "by"}


def _poisoned(value: object, poison: str) -> object:
    if isinstance(value, str):
        return f"{poison}{value}" if value else ""
    if isinstance(value, tuple):
        return tuple(_poisoned(item, poison) for item in value)
    if not isinstance(value, Struct):
        return value
    changed = {}
    for field in fields(value):
        found = getattr(value, field.name)
        if field.name in _OWN and not isinstance(value, Result):
            continue
        if field.name == "url":
            changed[field.name] = f"javascript:alert(1)//{poison}" if found and "pull" in found else URL
        else:
            changed[field.name] = _poisoned(found, poison)
    return replace(value, **changed)

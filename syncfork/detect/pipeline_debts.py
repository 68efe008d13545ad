"""Older debts between pipelines: names that the fork's own text lacked before the merge, and lacks still."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from syncfork.detect.base import Found, View
from syncfork.detect.pipeline_sides import Side, State, says

# What a file must declare; variables and secrets may be in a pipeline's settings, and tools hand over artifacts.
_MUST = frozenset(
    ["stage", "job", "parameter", "call input", "required parameter", "required input", "required secret"]
)


def owed(sides: Mapping[str, Side]) -> Iterator[tuple[State, frozenset[str]]]:
    """The uses of the fork's own that lacked their name before the merge and lack it still, in which pipelines."""
    ours = sides["ours"].states
    for key, state in sides["merged"].states.items():
        if key not in ours or key in sides["theirs"].states:
            continue
        roots = state.lacking & ours[key].lacking
        if roots and state.use.certain and key.name.kind in _MUST:
            yield state, roots


def debts(view: View, sides: Mapping[str, Side]) -> Iterator[Found]:
    """Older debts: what an earlier merge broke, say, and nobody mended."""
    merged = sides["merged"]
    found = [
        (state, roots) for state, roots in owed(sides) if not merged.unknown(state.path, state.use, roots)
    ]
    roots = {posixpath.basename(root) for state, roots in found for root in roots if root}
    # What another file may put in, one that no side has changed, has there what it lacks here.
    named = view.trees.holding("merged", roots, ["*.yml", "*.yaml"]) if roots else set()
    for state, lacking in found:
        use = state.use
        if named & {posixpath.basename(root) for root in lacking}:
            continue
        where = f"`{use.called}`" if use.called else "its pipeline" if use.reach == "pipeline" else "its file"
        yield Found(
            "breakage",
            state.path,
            use.line,
            f"this call of {where} lacks the {use.name.required} `{use.written}`, which it requires"
            if use.name.required
            else f"the fork's text {says(use)} `{use.written}`, which {where} does not have",
            f"pass `{use.written}`"
            if use.name.required
            else f"name what there is in the place of `{use.written}`",
            new=False,
            key=use.key,
        )

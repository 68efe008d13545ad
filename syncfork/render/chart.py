"""The trend drawn: small charts as SVG that hold shapes only, with their numbers as text beside them."""

from __future__ import annotations

from collections.abc import Sequence

from syncfork.render.markup import Markup, element
from syncfork.report import Point

_WIDTH, _HEIGHT, _MARGIN = 320, 96, 6
_MOST = 90


def chart(title: str, runs: Sequence[Point], values: Sequence[int], css: str) -> Markup:
    """A figure of one count over the runs, oldest on the left; each run is one step."""
    shown, when = values[-_MOST:], runs[-_MOST:]
    told = f"{title}: {shown[0]} on {when[0].date[:10]}, {shown[-1]} on {when[-1].date[:10]}, at most {max(shown)}"
    return element(
        "figure",
        element(
            "figcaption", element("b", title), element("span", f"{shown[0]} → ", element("b", str(shown[-1])))
        ),
        _drawing(shown, told, css),
        element(
            "div",
            element("span", when[0].date[:10]),
            element("span", f"most {max(shown)}"),
            element("span", when[-1].date[:10]),
            class_="axis",
        ),
    )


def _drawing(values: Sequence[int], told: str, css: str) -> Markup:
    spots = _spots(values)
    line = "M" + " L".join(f"{x} {y}" for x, y in spots)
    floor = _HEIGHT - _MARGIN
    area = f"{line} L{spots[-1][0]} {floor} L{spots[0][0]} {floor} Z"
    # A line of no length with round ends is a dot, whatever the drawing is stretched to.
    dots = " ".join(f"M{x} {y}h0" for x, y in (spots if len(spots) <= 30 else spots[-1:]))
    return element(
        "svg",
        element("path", d=f"M0 {floor}H{_WIDTH}", class_="floor"),
        element("path", d=area, class_="area"),
        element("path", d=line, class_="line"),
        element("path", d=dots, class_="dots"),
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        preserveAspectRatio="none",
        role="img",
        aria_label=told,
        class_=f"chart {css}",
    )


def _spots(values: Sequence[int]) -> list[tuple[float, float]]:
    top = max(max(values), 1)
    room = _HEIGHT - 2 * _MARGIN
    step = (_WIDTH - 2 * _MARGIN) / max(1, len(values) - 1)
    left = _MARGIN if len(values) > 1 else _WIDTH / 2
    return [
        (round(left + number * step, 1), round(_MARGIN + room * (1 - max(0, value) / top), 1))
        for number, value in enumerate(values)
    ]

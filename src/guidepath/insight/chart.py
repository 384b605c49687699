"""The share that reached a milestone, over time, as SVG. Needs the extra `insight`.

The drawing holds no script, no style attribute and no address of anything outside, so it can stand
in a page of the strictest policy. Its colours are CSS variables with a fallback (`stylesheet.py`).
"""

import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import NamedTuple

from guidepath.clock import DAY
from guidepath.errors import ConfigurationError
from guidepath.insight import wording
from guidepath.insight.corners import Corner, corners
from guidepath.insight.report import Numbers, Outcome, Report

Spec = dict[str, object]

MOST_GROUPS = 6  # more lines than this nobody can tell apart; the table has them all

_TAG = re.compile(r"<[^<>]+>")
_SPOKEN = re.compile(r' (?:role|aria-[a-z]+)="[^"]*"')
_TOPS = (0.1, 0.2, 0.4, 0.6)

_INK = "var(--guidepath-ink, #1d2733)"
_SOFT = "var(--guidepath-soft, #5b6675)"
_LINE = "var(--guidepath-line, #d9dee5)"
_CURVE = "var(--guidepath-curve, #1a62c4)"
# Told apart by their dashes too, for those who see no colours (after Okabe and Ito).
_GROUPS = (
    ("var(--guidepath-group-1, #0067a8)", [1, 0]),
    ("var(--guidepath-group-2, #c04f00)", [7, 3]),
    ("var(--guidepath-group-3, #007a5a)", [2, 2]),
    ("var(--guidepath-group-4, #a2357a)", [10, 3, 2, 3]),
    ("var(--guidepath-group-5, #8a6a00)", [4, 2]),
    ("var(--guidepath-group-6, #5c5c5c)", [12, 4]),
)


def figure(report: Report, milestone: str, *, width: int = 680, height: int = 280) -> str:
    """The curve of one milestone with its 95 % band, as an SVG element of that many pixels.

    Raises:
        KeyError: the report has no milestone of this id.
        ConfigurationError: the extra `insight` is not installed.
    """
    outcome = report.outcome(milestone)
    title = f"Reached {outcome.milestone.title}, by time since the start"
    seen = corners(outcome.numbers.curve, report.longest, width)
    plane = _Plane(report.longest, _top(corner["high"] for corner in seen), width, _ticks(report))
    layers = [*_curve(plane, seen), *_marks(plane, outcome.numbers)]
    chart = _chart(layers, width, height)
    return _svg(chart, f"{_name(report, outcome)}-all", title, describe(report, outcome.numbers))


def group_figure(report: Report, milestone: str, *, width: int = 680, height: int = 280) -> str:
    """The curves of the groups of one milestone; empty where no group has enough subjects.

    Of more groups than can be told apart, the largest roles and the newest cohorts are drawn.

    Raises:
        KeyError: the report has no milestone of this id.
        ConfigurationError: the extra `insight` is not installed.
    """
    outcome = report.outcome(milestone)
    groups = drawn(report, outcome)
    if not groups:
        return ""
    title = f"Reached {outcome.milestone.title}, by {report.by} and time since the start"
    return compared(report, f"{_name(report, outcome)}-by", title, groups, width, height)


def compared(
    report: Report, name: str, title: str, groups: Mapping[str, Numbers], width: int, height: int
) -> str:
    """The curves of some groups, under the marks of a report; `name` is the drawing's on its page.

    Raises:
        ConfigurationError: the extra `insight` is not installed.
    """
    told = " ".join(f"{group}: {describe(report, one)}" for group, one in groups.items())
    seen = {group: corners(one.curve, report.longest, width) for group, one in groups.items()}
    top = _top(lines[-1]["share"] for lines in seen.values())
    plane = _Plane(report.longest, top, width, _ticks(report))
    chart = _chart([_lines(plane, seen)], width, height)
    return _svg(chart, name, title, told)


def drawn(report: Report, outcome: Outcome) -> dict[str, Numbers]:
    """The groups of an outcome that its figure shows."""
    enough = {name: one for name, one in outcome.groups.items() if one.enough}
    if report.by == "cohort":
        chosen = sorted(enough)[-MOST_GROUPS:]
    else:
        chosen = sorted(enough, key=lambda name: (-enough[name].subjects, name))[:MOST_GROUPS]
    return {name: enough[name] for name in chosen}


def describe(report: Report, numbers: Numbers) -> str:
    """The curve in words, for those who do not see it."""
    if not numbers.enough:
        return f"{numbers.reached} of {numbers.subjects} reached it: {wording.NOT_ENOUGH}."
    marks = (f"{wording.share(numbers, time)} in {wording.span(time)}" for time in report.within)
    return f"Half within: {wording.median(numbers)}. Reached: {', '.join(marks)}."


class _Plane(NamedTuple):
    """Where the curves lie: up to `end` microseconds, up to the share `top`."""

    end: int
    top: float
    width: int
    ticks: tuple[float, ...]

    def place(self, share: str = "share") -> Spec:
        """Where a value lies, by its days and its share."""
        return {
            "x": {
                "field": "days",
                "type": "quantitative",
                "scale": {"domain": [0, self.end / DAY], "nice": False},
                "axis": {
                    "values": self.ticks,
                    "title": "days since the start",
                    "labelOverlap": True,
                },
            },
            "y": {
                "field": share,
                "type": "quantitative",
                "scale": {"domain": [0, self.top]},
                "axis": {
                    "labelExpr": "format(datum.value * 100, '~r') + ' %'",
                    "values": [self.top * part / 4 for part in range(5)],
                    "title": None,
                },
            },
        }


def _ticks(report: Report) -> tuple[float, ...]:
    return tuple(sorted({0.0, *(time / DAY for time in (*report.within, report.horizon))}))


def _top(shares: Iterable[float]) -> float:
    """A low curve is drawn on a lower scale, so that its course is seen."""
    highest = max(shares)
    return next((top for top in _TOPS if highest <= top), 1.0)


def _curve(plane: _Plane, seen: list[Corner]) -> list[Spec]:
    data = {"values": seen}
    step = {"interpolate": "step-after"}
    return [
        {
            "data": data,
            "mark": {"type": "area", "color": _CURVE, "opacity": 0.16, **step},
            "encoding": {**plane.place("low"), "y2": {"field": "high"}},
        },
        {
            "data": data,
            "mark": {"type": "line", "color": _CURVE, "strokeWidth": 2.5, **step},
            "encoding": plane.place(),
        },
    ]


def _marks(plane: _Plane, numbers: Numbers) -> list[Spec]:
    """The shares at the marked times, and the median, written at the curve."""
    if not numbers.enough:
        return []
    shares = [
        _mark(plane, time, found.value)
        for time, found in numbers.within.items()
        if found is not None and found.known
    ]
    point = {"type": "point", "filled": True, "size": 60, "opacity": 1, "color": _CURVE}
    written = {name: {"expr": f"datum.{name}"} for name in ("align", "dx", "dy")}
    words = {"type": "text", "fontSize": 13, "fontWeight": 600, "color": _INK, **written}
    return [
        *_median(plane, numbers),
        {"data": {"values": shares}, "mark": point, "encoding": plane.place()},
        {
            "data": {"values": _news(shares)},
            "mark": words,
            "encoding": {**plane.place(), "text": {"field": "text"}},
        },
    ]


def _news(shares: list[Spec]) -> list[Spec]:
    """The shares whose words are not those of the one before."""
    before = [None, *(share["text"] for share in shares)]
    return [share for share, old in zip(shares, before, strict=False) if share["text"] != old]


def _mark(plane: _Plane, time: int, share: float) -> Spec:
    """A share at its point: above to the left, or wherever there is room for the words."""
    edge = time * plane.width < 40 * plane.end
    below = share > plane.top * 0.85 or (edge and share > plane.top * 0.2)
    left = edge or (below and time < plane.end * 0.9)
    return {
        "days": time / DAY,
        "share": share,
        "text": wording.percent(share),
        "align": "left" if left else "right",
        "dx": 5 if left else -5,
        "dy": 15 if below else -11,
    }


def _median(plane: _Plane, numbers: Numbers) -> list[Spec]:
    if numbers.median is None or numbers.median > plane.end:
        return []
    days = numbers.median / DAY
    right = numbers.median > plane.end * 0.7  # the words stand on the side that has room
    line = [{"days": 0, "share": 0.5}, {"days": days, "share": 0.5}, {"days": days, "share": 0}]
    words = {"days": days, "share": 0.06, "text": f"half: {wording.median(numbers)}"}
    written = {"align": "right" if right else "left", "dx": -6 if right else 6, "color": _SOFT}
    dashed = {"color": _SOFT, "strokeDash": [3, 3], "strokeWidth": 1.2}
    return [
        {
            "data": {"values": line},
            "mark": {"type": "line", **dashed},
            "encoding": {**plane.place(), "order": {"value": 0}},
        },
        {
            "data": {"values": [words]},
            "mark": {"type": "text", "fontSize": 12, **written},
            "encoding": {**plane.place(), "text": {"field": "text"}},
        },
    ]


def _lines(plane: _Plane, groups: Mapping[str, list[Corner]]) -> Spec:
    values = [{"group": name, **corner} for name, seen in groups.items() for corner in seen]
    looks = _GROUPS[: len(groups)]
    colours = {"domain": list(groups), "range": [colour for colour, _ in looks]}
    dashes = {"domain": list(groups), "range": [dash for _, dash in looks]}
    legend = {"title": None, "orient": "top", "symbolType": "stroke", "symbolSize": 900}
    named = {"field": "group", "type": "nominal", "legend": legend}
    return {
        "data": {"values": values},
        "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2.2},
        "encoding": {
            **plane.place(),
            "color": {**named, "scale": colours},
            "strokeDash": {**named, "scale": dashes},
        },
    }


def _chart(layers: list[Spec], width: int, height: int) -> Spec:
    axis = {
        "domain": False,
        "ticks": False,
        "gridColor": _LINE,
        "labelColor": _SOFT,
        "titleColor": _SOFT,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelPadding": 6,
    }
    return {
        "width": width,
        "height": height,
        "autosize": {"type": "fit", "contains": "padding"},
        "background": None,
        "padding": {"left": 4, "right": 14, "top": 14, "bottom": 4},
        "layer": layers,
        "config": {
            "aria": False,
            "font": "system-ui, sans-serif",
            "view": {"stroke": None},
            "axis": axis,
            "legend": {"labelColor": _INK, "labelFontSize": 12, "labelLimit": 200},
        },
    }


def _name(report: Report, outcome: Outcome) -> str:
    return f"guidepath-curve-{report.outcomes.index(outcome)}"


def _svg(chart: Spec, name: str, title: str, description: str) -> str:
    try:
        import vl_convert
    except ImportError as missing:
        raise ConfigurationError(
            "drawing curves needs vl-convert-python; install it with: "
            "pip install 'guidepath[insight]'"
        ) from missing
    drawing: str = vl_convert.vegalite_to_svg(chart)
    _, _, content = drawing.partition("<svg ")
    head, _, rest = content.partition(">")
    return (
        f'<svg role="img" aria-labelledby="{name}-title {name}-text" {head}>'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-text">{escape(description)}</desc>{_TAG.sub(_mute, rest)}'
    )


def _mute(tag: re.Match[str]) -> str:
    """A tag without what a screen reader would say of it: the title says it for the whole."""
    return _SPOKEN.sub("", tag[0])

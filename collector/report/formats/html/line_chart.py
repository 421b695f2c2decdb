"""Values over time as SVG that is as wide as the page: what is drawn is stretched, texts and strokes keep their size.

The area of the lines is an inner <svg> of 1000 by 1000 that is stretched without its strokes; marks are placed in percent.
Under the pointer, or with the arrow keys, the script reads out what the `data_block` says.
"""

import math
from collections.abc import Sequence
from datetime import datetime

from collector.report.formats.html.markup import Markup, data_block, decimal, joined, tag, visible
from collector.report.formats.html.scale import Axis, TimeMark, axis, thinned, time_marks
from collector.report.language import Language
from collector.report.model import Cone, Limit, Line, LineChart
from collector.report.say import say

HEIGHT = 240
COLORS = 6
"""how many lines the style sheet tells apart"""

_COLUMNS = 480
_READOUTS = 160
_FAR = 4.0
"""a limit this many times above everything else would press the lines to the ground: it is told, not drawn"""
_FORECAST_SHARE = 1.5
"""how far above all that is known a forecast is drawn; beyond, it leaves the chart"""
_CONE_SHARE = 1.25
"""how far above that its upper end is drawn"""


def line_chart(chart: LineChart, language: Language) -> Markup:
    """The chart with its legend."""
    times = [
        time
        for line in chart.lines
        for time, value in zip(line.times_ns, line.values, strict=False)
        if value is not None and math.isfinite(value)
    ]
    cone = chart.cone if chart.cone and chart.cone.times_ns else None
    if not times:
        return tag("p", language.text(say("No data.")), class_="empty")
    first, last = min(times), max(*times, *(cone.times_ns if cone else (0,)))
    if first == last:
        first, last = first - 43_200 * 10**9, last + 43_200 * 10**9
    amounts = _axis(chart, cone)
    limits = [limit for limit in chart.limits if limit.value <= amounts.high]
    area = tag(
        "svg",
        _cone(cone, amounts, first, last) if cone else None,
        *(_line(line, index, amounts, first, last, len(chart.lines)) for index, line in enumerate(chart.lines)),
        class_="area",
        viewBox="0 0 1000 1000",
        preserveAspectRatio="none",
        width="100%",
        height=HEIGHT,
    )
    plot = tag(
        "svg",
        joined(_rule(amounts, mark, "grid") for mark in amounts.marks),
        _times(first, last, language),
        area,
        joined(_rule(amounts, limit.value, "limit") for limit in limits),
        _limit_labels(limits, amounts, language),
        _now(cone.times_ns[0], first, last) if cone else None,
        tag("line", class_="cross", x1="0", x2="0", y1="0", y2=HEIGHT),
        class_="plot",
        height=HEIGHT + 28,
        role="img",
        tabindex="0",
        aria_label=language.text(chart.title),
    )
    marks = tag(
        "svg",
        joined(tag("text", language.number(mark, chart.unit), x=68, y=_y(amounts, mark) + 4) for mark in amounts.marks),
        class_="amounts",
        width=72,
        height=HEIGHT + 28,
        aria_hidden="true",
    )
    return tag(
        "div",
        _legend(chart, limits, language),
        tag("div", marks, plot, tag("output", class_="readout", hidden=True), class_="plot-box"),
        _readouts(chart, first, last, language),
        class_="chart",
    )


def _axis(chart: LineChart, cone: Cone | None) -> Axis:
    """For the lines and what is near them; not for a limit that is far away, nor for all of a forecast."""
    values = [value for line in chart.lines for value in line.values if value is not None and math.isfinite(value)]
    top = max(values)
    values += [limit.value for limit in chart.limits if top <= 0 or limit.value <= top * _FAR]
    if cone:
        known = max(values)
        values += [min(value, known * _FORECAST_SHARE) for value in cone.middle]
        top, bottom = max(values), min(values)
        values += [min(max(cone.high), top * _CONE_SHARE), max(min(cone.low), min(bottom, 0.0))]
    return axis(values, chart.unit)


def _y(amounts: Axis, value: float) -> float:
    return HEIGHT * (1 - amounts.share(value))


def _x(time_ns: float, first: int, last: int) -> str:
    return f"{(time_ns - first) / (last - first) * 100:.2f}%"


def _rule(amounts: Axis, value: float, class_: str) -> Markup:
    y = _y(amounts, value)
    ground = " ground" if class_ == "grid" and value == 0 else ""
    return tag("line", class_=class_ + ground, x1="0", x2="100%", y1=y, y2=y)


def _times(first: int, last: int, language: Language) -> Markup:
    """Marks of time under the plot; every second is left out on narrow screens."""
    marks = time_marks(first, last, language.zone)
    drawn = []
    for index, mark in enumerate(marks):
        x = _x(mark.time_ns, first, last)
        share = (mark.time_ns - first) / (last - first)
        anchor = "start" if share < 0.03 else "end" if share > 0.97 else "middle"
        drawn.append(
            tag(
                "g",
                tag("line", class_="tick", x1=x, x2=x, y1=HEIGHT, y2=HEIGHT + 5),
                tag("text", _time_label(mark, marks, language), x=x, y=HEIGHT + 20, text_anchor=anchor),
                class_="odd" if index % 2 else None,
            )
        )
    return joined(drawn)


def _time_label(mark: TimeMark, marks: Sequence[TimeMark], language: Language) -> str:
    """As much of the time as is needed: "14:00", "12 Mar", "Mar 2026", "2026"."""
    from babel.dates import format_skeleton

    moment = datetime.fromtimestamp(mark.time_ns // 10**9, language.zone)
    if mark.begins == "minute":
        return f"{moment:%H:%M}"
    finest = {other.begins for other in marks}
    if finest <= {"year"}:
        return str(moment.year)
    if finest <= {"month", "year"}:
        return format_skeleton("yMMM", moment, locale=language.code)
    return format_skeleton("MMMd", moment, locale=language.code)


def _line(line: Line, index: int, amounts: Axis, first: int, last: int, count: int) -> Markup:
    """The line, and where there are not many, a shade below it."""
    runs = thinned(list(zip(line.times_ns, line.values, strict=False)), _COLUMNS, first, last)
    color = f"series-{index % COLORS}"
    drawn, shade = [], []
    ground = decimal(1000 * (1 - amounts.share(max(0.0, amounts.low))))
    for run in runs:
        points = [_point(x, y, amounts, first, last) for x, y in run]
        # a point alone is a line of no length: its round end shows it
        drawn.append("M" + "L".join(points) + ("h0" if len(points) == 1 else ""))
        shade.append(f"M{points[0].split()[0]} {ground}L{'L'.join(points)}V{ground}z")
    return joined(
        [
            tag("path", class_=f"shade {color}", d="".join(shade)) if count <= 2 and amounts.low <= 0 else Markup(""),
            tag("path", class_=f"line {color}", d="".join(drawn)),
        ]
    )


def _point(time_ns: float, value: float, amounts: Axis, first: int, last: int) -> str:
    return f"{decimal((time_ns - first) / (last - first) * 1000)} {decimal(1000 * (1 - amounts.share(value)))}"


def _cone(cone: Cone, amounts: Axis, first: int, last: int) -> Markup:
    def path(values: Sequence[float]) -> list[str]:
        return [_point(time, value, amounts, first, last) for time, value in zip(cone.times_ns, values, strict=True)]

    around = "L".join([*path(cone.high), *reversed(path(cone.low))])
    return joined(
        [
            tag("path", class_="cone", d=f"M{around}z"),
            tag("path", class_="forecast", d="M" + "L".join(path(cone.middle))),
        ]
    )


def _now(time_ns: int, first: int, last: int) -> Markup:
    x = _x(time_ns, first, last)
    return tag("line", class_="now", x1=x, x2=x, y1="0", y2=HEIGHT)


def _limit_labels(limits: Sequence[Limit], amounts: Axis, language: Language) -> Markup:
    """At the right end, above their lines, or below where another label is close above."""
    drawn, taken = [], -100.0
    for limit in sorted(limits, key=lambda limit: -limit.value):
        y = _y(amounts, limit.value) - 5
        if y < 12 or abs(y - taken) < 15:
            y += 18
        taken = y
        drawn.append(tag("text", language.text(limit.label), class_="limit", x="100%", dx="-4", y=y))
    return joined(drawn)


def _legend(chart: LineChart, drawn: Sequence[Limit], language: Language) -> Markup:
    entries = [
        key(f"line series-{index % COLORS}", language.text(line.label)) for index, line in enumerate(chart.lines)
    ]
    if chart.cone and chart.cone.times_ns:
        entries.append(key("forecast", language.text(say("forecast, with its 95% interval"))))
    for limit in chart.limits:
        words = say("{label}: {value}", label=limit.label, value=language.number(limit.value, chart.unit))
        if limit not in drawn:
            words = say("{limit}, above what is drawn", limit=words)
        entries.append(key("limit", language.text(words)))
    return tag("p", *entries, class_="legend")


def key(class_: str, label: str) -> Markup:
    """An entry of a legend: a piece of the line, and what it is."""
    sign = tag("svg", tag("path", class_=class_, d="M1 6H23"), width="24", height="12", aria_hidden="true")
    return tag("span", sign, label, class_="key")


def _readouts(chart: LineChart, first: int, last: int, language: Language) -> Markup:
    """What is read out at each place where there is something: its time and, a line, its value or the range of its values."""
    width = (last - first) / _READOUTS
    ranges: dict[int, dict[int, tuple[float, float]]] = {}
    for index, line in enumerate(chart.lines):
        for time, value in zip(line.times_ns, line.values, strict=False):
            if value is None or not math.isfinite(value):
                continue
            here = ranges.setdefault(min(int((time - first) / width), _READOUTS - 1), {})
            low, high = here.get(index, (value, value))
            here[index] = min(low, value), max(high, value)
    places = sorted(ranges)

    def written(place: int, index: int) -> str:
        if index not in ranges[place]:
            return "–"
        low, high = (language.number(value, chart.unit) for value in ranges[place][index])
        return low if low == high else f"{low} – {high}"

    return data_block(
        {
            "labels": [visible(language.text(line.label)) for line in chart.lines],
            "at": [round((place + 0.5) / _READOUTS, 4) for place in places],
            "times": [language.time(int(first + (place + 0.5) * width)) for place in places],
            "values": [[written(place, index) for index in range(len(chart.lines))] for place in places],
        }
    )

"""What is in the drawings: gaps, limits, forecasts, sums, shades."""

import json
import math
import re

import msgspec
import pytest

from collector.report.formats.html.bar_chart import bar_chart
from collector.report.formats.html.heat_map import heat_map
from collector.report.formats.html.line_chart import line_chart
from collector.report.formats.html.spark import bar_svg, spark_svg
from collector.report.language import Language
from collector.report.model import BarChart, BarPart, HeatMap, Level, Limit, Line, LineChart, Spark
from collector.report.say import say
from collector.report.unit import Unit
from tests.report.formats.html import sample
from tests.report.formats.html.test_markup import Reader

ENGLISH = Language("en", sample.ZONE)
HOUR_NS = 3_600 * 10**9


def chart(*values: float | None, limits: tuple[Limit, ...] = ()) -> LineChart:
    times = tuple(sample.SINCE_NS + index * HOUR_NS for index in range(len(values)))
    line = Line("Gi0/1 <&>", times, values)
    return LineChart(key="c", title=say("Load"), unit=Unit.BPS, lines=(line,), limits=limits)


def paths(drawn: str, class_: str) -> list[str]:
    """The `d` of the paths of a class."""
    return re.findall(rf'<path class="{class_}" d="([^"]*)"', drawn)


def readout(drawn: str) -> dict[str, list[object]]:
    found = re.search(r'<script type="application/json">(.*?)</script>', drawn)
    assert found
    return dict(json.loads(found[1]))


def test_gaps_are_not_drawn_over() -> None:
    (line,) = paths(
        line_chart(chart(1.0, 2.0, None, 3.0, None, 4.0, 5.0), ENGLISH).partition("</svg><svg")[2], "line series-0"
    )
    runs = line.split("M")[1:]
    assert [run.count("L") for run in runs] == [1, 0, 1]
    assert runs[1].endswith("h0")  # a point alone shows by its round end


def test_lines_stand_where_their_values_are() -> None:
    drawn = line_chart(chart(0.0, 5e6, 10e6), ENGLISH)
    assert paths(drawn, "line series-0")[-1] == "M0 1000L500 500L1000 0"


def test_a_limit_is_drawn_and_told() -> None:
    drawn = line_chart(chart(1e6, 2e6, limits=(Limit(say("contract"), 4e6),)), ENGLISH)
    assert 'class="limit"' in drawn
    assert "contract: 4 Mbps" in Reader(drawn).text


def test_a_limit_far_away_is_told_only() -> None:
    drawn = line_chart(chart(1e6, 2e6, limits=(Limit(say("contract"), 1e9),)), ENGLISH)
    assert '<line class="limit"' not in drawn
    assert "contract: 1 Gbps, above what is drawn" in Reader(drawn).text


def test_a_wide_forecast_does_not_press_the_lines_to_the_ground() -> None:
    whole = sample.load_chart()
    assert whole.cone
    wide = msgspec.structs.replace(whole.cone, high=tuple(1e12 for _ in whole.cone.high))
    steep = msgspec.structs.replace(wide, middle=tuple(day * 1e9 for day in range(21)))
    for cone in (wide, steep):
        text = Reader(line_chart(msgspec.structs.replace(whole, cone=cone), ENGLISH)).text
        assert "30 Mbps" in text
        assert "Gbps" not in text


def test_the_forecast_is_behind_its_middle() -> None:
    drawn = line_chart(sample.load_chart(), ENGLISH)
    assert len(paths(drawn, "cone")) == 1
    assert paths(drawn, "forecast")[-1].count("L") == 20
    assert "forecast, with its 95% interval" in drawn


def test_what_is_read_out_are_the_values() -> None:
    data = readout(line_chart(chart(1e6, None, 3e6), ENGLISH))
    assert data["labels"] == ["Gi0/1 <&>"]
    assert data["values"] == [["1 Mbps"], ["3 Mbps"]]
    assert data["at"] == [pytest.approx(0, abs=0.01), pytest.approx(1, abs=0.01)]


def test_many_values_are_read_out_as_ranges() -> None:
    data = readout(line_chart(sample.load_chart(), ENGLISH))
    assert len(data["at"]) <= 160
    assert any("–" in str(value) for value in data["values"])


@pytest.mark.parametrize("values", [(), (None, None), (math.nan,)])
def test_nothing_to_draw(values: tuple[float | None, ...]) -> None:
    assert Reader(line_chart(chart(*values), ENGLISH)).text == "No data."


@pytest.mark.parametrize("values", [(5.0,), (0.0, 0.0), (-3.0, -1.0), (1e-9, 2e-9)])
def test_lines_that_are_hard_to_scale(values: tuple[float, ...]) -> None:
    drawn = line_chart(chart(*values), ENGLISH)
    assert "nan" not in drawn
    numbers = [float(each) for path in paths(drawn, "line series-0") for each in re.findall(r"-?[\d.]+", path)]
    assert all(0 <= number <= 1000 for number in numbers)


def test_bars_are_as_long_as_their_values() -> None:
    parts = (
        BarPart(say("down"), Level.CRITICAL, (1.0, 0.0)),
        BarPart(say("up"), Level.OK, (3.0, 2.0)),
        BarPart(say("up, weak"), Level.OK, (0.0, 0.0)),
    )
    drawn = bar_chart(BarChart(key="b", title=say("t"), unit=Unit.COUNT, categories=("<a>", "b"), parts=parts), ENGLISH)
    assert re.findall(r'<rect x="([\d.]+)%" width="([\d.]+)%"', drawn) == [
        *(("0.00", "25.00"), ("25.00", "75.00"), ("0.00", "50.00"))
    ]
    assert "level-ok shade-0" in drawn
    assert "level-ok shade-1" in drawn
    text = Reader(drawn).text
    assert "<a>" in text
    assert "down 1" in text


def test_bars_of_nothing() -> None:
    empty = BarChart(key="b", title=say("t"), unit=Unit.COUNT, categories=(), parts=())
    zeros = BarChart(
        key="b", title=say("t"), unit=Unit.COUNT, categories=("a",), parts=(BarPart(say("up"), Level.OK, (0.0,)),)
    )
    assert Reader(bar_chart(empty, ENGLISH)).text == "No data."
    assert "<rect" not in bar_chart(zeros, ENGLISH)
    part = BarPart(say("up"), Level.OK, (math.nan,))
    assert "nan" not in bar_chart(msgspec.structs.replace(zeros, parts=(part,)), ENGLISH)


def test_the_heat_map_is_a_table_with_its_numbers() -> None:
    drawn = heat_map(sample.busy_hours(), ENGLISH)
    seen = Reader(drawn)
    assert seen.tags.count("tr") == 8
    assert drawn.count('class="none"') == 3
    assert drawn.count(' over"') == 5 * 4
    assert "Mon" in seen.text
    assert "Th 2" in heat_map(sample.busy_hours(), Language("vi", sample.ZONE))


def test_heat_without_values_or_without_differences() -> None:
    nothing = HeatMap(key="h", title=say("t"), unit=Unit.PERCENT, values=((None,) * 24,) * 7)
    assert Reader(heat_map(nothing, ENGLISH)).text == "No data."
    assert "heat-0" in heat_map(msgspec.structs.replace(nothing, values=((0.0,) * 24,) * 7), ENGLISH)


def test_sparks() -> None:
    drawn = spark_svg(Spark((0.0, None, 2.0, 4.0), 4.0))
    assert '<path d="M10 90h0M317 50l153-40"/>' in drawn
    assert 'class="limit" d="M0 10H480"' in drawn
    assert 'd="M10 10l460 80"' in spark_svg(Spark((1.0, -1.0)))
    assert spark_svg(Spark((None, None))) == ""
    assert spark_svg(Spark(())) == ""
    assert len(spark_svg(Spark(tuple(float(value % 7) for value in range(10_000))))) < 4000


def test_small_bars_end_at_their_ends() -> None:
    assert 'H40"' in bar_svg(40.0)
    assert 'H100"/></svg>' in bar_svg(250.0)

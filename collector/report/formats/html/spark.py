"""Small drawings in the cells of tables. There are thousands of them: their paths are steps in whole numbers, which are short."""

import math

from collector.report.formats.html.markup import Markup, decimal
from collector.report.formats.html.scale import Point, thinned
from collector.report.model import Spark

WIDTH, HEIGHT = 480, 100
"""user units; the style sheet shows five of them as one pixel"""

_COLUMNS = 96
_EDGE = 10


def spark_svg(spark: Spark) -> Markup:
    """A line from 0 (or the least value) to the greatest, with a dot at its end; gaps stay gaps. Nothing for nothing."""
    last = max(len(spark.values) - 1, 1)
    runs = _runs(spark.values)
    if not runs:
        return Markup("")
    amounts = [y for run in runs for _, y in run]
    if spark.limit is not None:
        amounts.append(spark.limit)
    low, high = min(0.0, *amounts), max(amounts)
    wide, tall = (WIDTH - 2 * _EDGE) / last, (HEIGHT - 2 * _EDGE) / ((high - low) or 1.0)
    ground = HEIGHT - _EDGE + low * tall
    drawn: list[str] = []
    x = y = 0
    for run in runs:
        x, y = round(_EDGE + run[0][0] * wide), round(ground - run[0][1] * tall)
        drawn.append(f"M{x} {y}" if len(run) > 1 else f"M{x} {y}h0")
        for at, amount in run[1:]:
            to_x, to_y = round(_EDGE + at * wide), round(ground - amount * tall)
            drawn.append(f"l{to_x - x} {to_y - y}" if to_y >= y else f"l{to_x - x}{to_y - y}")
            x, y = to_x, to_y
    limit = ""
    if spark.limit is not None:
        limit = f'<path class="limit" d="M0 {round(ground - spark.limit * tall)}H{WIDTH}"/>'
    return Markup(
        f'<svg class="spark" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true">{limit}<path d="{"".join(drawn)}"/>'
        f'<path class="end" d="M{x} {y}h0"/></svg>'
    )


def _runs(values: tuple[float | None, ...]) -> list[list[Point]]:
    """As `thinned`, which is not needed for what is short."""
    if len(values) > 2 * _COLUMNS:
        return thinned(list(enumerate(values)), _COLUMNS, 0, len(values))
    runs: list[list[Point]] = []
    before: float | None = None
    for x, y in enumerate(values):
        here = y if y is not None and math.isfinite(y) else None
        if here is not None:
            if before is None:
                runs.append([])
            runs[-1].append((x, here))
        before = here
    return runs


def bar_svg(percent: float) -> Markup:
    """A bar for a share of 100; beyond that it is full."""
    width = decimal(max(0.0, min(percent, 100.0)))
    return Markup(
        f'<svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">'
        f'<path class="rest" d="M0 2H100"/><path d="M0 2H{width}"/></svg>'
    )

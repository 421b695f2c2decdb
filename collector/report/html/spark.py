"""Small drawings in the cells of tables."""

from collector.report.html.markup import Markup, decimal
from collector.report.html.scale import thinned
from collector.report.model import Spark

WIDTH, HEIGHT = 96, 20

_COLUMNS = 48


def spark_svg(spark: Spark) -> Markup:
    """A line from 0 (or the least value) to the greatest, with a dot at its end; gaps stay gaps. Nothing for nothing."""
    points = list(enumerate(spark.values))
    last = max(len(points) - 1, 1)
    runs = thinned(points, _COLUMNS, 0, last)
    if not runs:
        return Markup("")
    amounts = [y for run in runs for _, y in run]
    if spark.limit is not None:
        amounts.append(spark.limit)
    low, high = min(0.0, *amounts), max(amounts)
    span = (high - low) or 1.0

    def place(x: float, y: float) -> str:
        return f"{decimal(2 + x / last * (WIDTH - 4))} {decimal(HEIGHT - 2 - (y - low) / span * (HEIGHT - 4))}"

    drawn = "".join("M" + "L".join(place(x, y) for x, y in run) + ("h0" if len(run) == 1 else "") for run in runs)
    limit = ""
    if spark.limit is not None:
        height = place(0, spark.limit).split()[1]
        limit = f'<path class="limit" d="M0 {height}H{WIDTH}"/>'
    end = f'<path class="end" d="M{place(*runs[-1][-1])}h0"/>'
    return Markup(
        f'<svg class="spark" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true">{limit}<path d="{drawn}"/>{end}</svg>'
    )


def bar_svg(percent: float) -> Markup:
    """A bar for a share of 100; beyond that it is full."""
    width = decimal(max(0.0, min(percent, 100.0)))
    return Markup(
        f'<svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">'
        f'<path class="rest" d="M0 2H100"/><path d="M0 2H{width}"/></svg>'
    )

"""Charts of one line: its load against the contract with the forecast, and its hours of the week."""

import numpy as np

from collector.report.capacity.link_figures import LineFigures
from collector.report.capacity.reach import cone
from collector.report.context import DAY_NS, Context
from collector.report.model import HeatMap, Limit, Line, LineChart, Section
from collector.report.say import say
from collector.report.statistics.samples import known_or_none, week_rows
from collector.report.statistics.trend import first_day_ns
from collector.report.unit import Unit


def charts(context: Context, figures: LineFigures, rank: int) -> list[Section]:
    """The sections "load_N" and "week_N"."""
    sections: list[Section] = [_load(context, figures, rank)]
    if figures.week is not None:
        sections.append(
            HeatMap(
                key=f"week_{rank}",
                title=say("{line}: hours of the week", line=figures.line.where),
                unit=Unit.PERCENT,
                values=week_rows(figures.week),
                limit=100.0,
                notes=(say("Mean share of the contract, of the direction that uses more of it, by local time."),),
            )
        )
    return sections


def _load(context: Context, figures: LineFigures, rank: int) -> LineChart:
    first_ns = first_day_ns(context.until_ns)
    directions = (figures.received, figures.sent)
    known = np.flatnonzero(~np.isnan([direction.daily for direction in directions]).all(axis=0))
    start = int(known[0]) if len(known) else 0
    count = len(figures.received.daily)
    times = tuple(range(first_ns + start * DAY_NS, first_ns + count * DAY_NS, DAY_NS))
    labels = (say("received"), say("sent"))
    contracts = [direction.contract_bps for direction in directions]
    if contracts[0] == contracts[1]:
        limits = [Limit(say("contract"), float(contracts[0] or 0))]
    else:
        names = (say("contract, received"), say("contract, sent"))
        limits = [Limit(name, float(contract)) for name, contract in zip(names, contracts, strict=True) if contract]
    trend = figures.critical.trend
    return LineChart(
        key=f"load_{rank}",
        title=say("{line}: daily 95th percentile and forecast", line=figures.line.where),
        unit=Unit.BPS,
        lines=tuple(
            Line(label, times, tuple(known_or_none(direction.daily[start:])))
            for label, direction in zip(labels, directions, strict=True)
        ),
        limits=tuple(limits),
        cone=cone(trend, context.until_ns) if trend else None,
    )

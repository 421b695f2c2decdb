"""`capacity links`: each contracted line against its contract, the most urgent first."""

from collections import Counter
from collections.abc import Sequence

from collector.report.capacity.link_charts import charts
from collector.report.capacity.link_figures import TIGHT_SHARE, LineFigures, measure_lines
from collector.report.capacity.link_findings import findings_of
from collector.report.capacity.link_verdict import VERDICTS, State, judge, speed_to_order_bps, urgency_order
from collector.report.capacity.reach import date_cell, growth_cell, hour_cell
from collector.report.context import DAY_NS, Context
from collector.report.lines import lines_without_contract
from collector.report.model import (
    BarChart,
    BarPart,
    Cell,
    Column,
    Figure,
    Level,
    Report,
    Section,
    Spark,
    Table,
)
from collector.report.say import Text, say, say_many
from collector.report.statistics.samples import WINDOW_S, known_or_none, window_s
from collector.report.unit import Unit

CHARTED = 10
"""lines with charts of their own: the most urgent ones"""

_SPARK_DAYS = 30

_Judged = tuple[LineFigures, State]


def capacity_links(context: Context) -> Report:
    """The report.

    Raises:
        collector.store.contract.StoreError: the store cannot be read.
    """
    judged = [(figures, judge(figures)) for figures in measure_lines(context)]
    judged.sort(key=lambda line: urgency_order(*line))
    sections: list[Section] = [_table(context, judged), *_by_district(judged)]
    for rank, (figures, _) in enumerate(_charted(judged), start=1):
        sections += charts(context, figures, rank)
    findings = [finding for figures, state in judged for finding in findings_of(context, figures, state)]
    return context.report(
        name="capacity links",
        title=say("Capacity of lines"),
        figures=_figures(judged),
        sections=tuple(sections),
        findings=tuple(findings),
        notes=_notes(context, judged),
    )


def _charted(judged: Sequence[_Judged]) -> list[_Judged]:
    """The first ones of which anything is known."""
    return [line for line in judged if line[0].share is not None][:CHARTED]


_HIGHER = say("of the direction whose contract is used more")

_COLUMNS = (
    Column("host", say("Host")),
    Column("interface", say("Interface")),
    Column("site", say("Site"), wide_only=True),
    Column("district", say("District"), wide_only=True, filterable=True),
    Column("provider", say("Provider"), wide_only=True, filterable=True),
    Column("kind", say("Kind"), wide_only=True, filterable=True),
    Column("contract_in_bps", say("Contract in"), Unit.BPS, say("contracted speed towards the host")),
    Column("contract_out_bps", say("Contract out"), Unit.BPS, say("contracted speed from the host"), wide_only=True),
    Column("verdict", say("Verdict"), filterable=True),
    Column(
        "p95_percent",
        say("p95"),
        Unit.PERCENT,
        say("95th percentile of the 5-minute means, of the direction that uses more of its contract"),
    ),
    Column("p95_in_bps", say("p95 in"), Unit.BPS, say("95th percentile of the 5-minute means received")),
    Column("p95_out_bps", say("p95 out"), Unit.BPS, say("95th percentile of the 5-minute means sent")),
    Column("p95_bps", say("p95, higher"), Unit.BPS, say("the higher of both, which is what is billed"), wide_only=True),
    Column("mean_in_bps", say("Mean in"), Unit.BPS, wide_only=True),
    Column("mean_out_bps", say("Mean out"), Unit.BPS, wide_only=True),
    Column("peak_in_bps", say("Peak in"), Unit.BPS, say("highest 5-minute mean"), wide_only=True),
    Column("peak_out_bps", say("Peak out"), Unit.BPS, say("highest 5-minute mean"), wide_only=True),
    Column("busy_hour", say("Busy hour"), help=say("local hour with the highest mean load"), wide_only=True),
    Column("hours_over_80", say("Over 80%"), Unit.HOURS, say("time above 80% of the contract")),
    Column("growth_bps_per_day", say("Growth"), Unit.BPS_PER_DAY, _HIGHER, wide_only=True),
    Column("date_80_percent", say("80% on"), Unit.DATE, wide_only=True),
    Column("date_100_percent", say("100% on"), Unit.DATE),
    Column(
        "order_bps", say("Order"), Unit.BPS, say("the usual speed at which the 95th percentile is at 70% in a year")
    ),
    Column("errors_per_s", say("Errors"), Unit.PER_SECOND, say("packets in error, both directions"), wide_only=True),
    Column("error_percent", say("Errors, share"), Unit.PERCENT, say("of all packets"), wide_only=True),
    Column("errors", say("Errors, number"), Unit.COUNT, say("over the period"), wide_only=True),
    Column("discards_per_s", say("Discards"), Unit.PER_SECOND, say("packets dropped, both directions"), wide_only=True),
    Column("discard_percent", say("Discards, share"), Unit.PERCENT, say("of all packets"), wide_only=True),
    Column("discards", say("Discards, number"), Unit.COUNT, say("over the period"), wide_only=True),
    Column("measured_percent", say("Measured"), Unit.PERCENT, say("share of the period with data"), wide_only=True),
    Column(
        "daily", say("Last 30 days"), Unit.PERCENT, say("daily 95th percentile against the contract"), wide_only=True
    ),
)


def _table(context: Context, judged: Sequence[_Judged]) -> Table:
    ranks = {figures.line.key: rank for rank, (figures, _) in enumerate(_charted(judged), start=1)}
    return Table(
        key="lines",
        title=say("Lines, the most urgent first"),
        columns=_COLUMNS,
        rows=tuple(_row(context, *line) for line in judged),
        empty=say("No line has a contracted speed in the inventory."),
        links=tuple(f"load_{ranks[figures.line.key]}" if figures.line.key in ranks else "" for figures, _ in judged),
        notes=(
            say(
                "p95 is the 95th percentile as lines are billed: of the means of 5 minutes, the highest 5% are dropped. "
                "Where the store has only hourly means left, these stand for their hours and hide short peaks."
            ),
            say(
                "Growth and dates come from the daily 95th percentiles of the last 180 days: the median of all slopes between "
                "equal weekdays (Theil-Sen), on busy weekdays, with its 95% interval, since the last jump."
            ),
            say("A line that stands by for another one looks oversized; look before you order less."),
        ),
    )


def _row(context: Context, figures: LineFigures, state: State) -> tuple[Cell, ...]:
    line, direction, now_ns = figures.line, figures.critical, context.until_ns
    site, contract = line.host.site, direction.contract_bps or 0
    errors, discards = figures.errors, figures.discards
    known = figures.share is not None
    share = None if figures.share is None else 100 * figures.share
    return (
        line.host.name,
        line.link.interface,
        site.label if site else None,
        (site.district or None) if site else None,
        line.link.provider or None,
        line.link.kind or None,
        line.contract_in_bps,
        line.contract_out_bps,
        VERDICTS[state],
        share,
        figures.received.p95_bps,
        figures.sent.p95_bps,
        figures.billed_bps,
        figures.received.mean_bps,
        figures.sent.mean_bps,
        figures.received.peak_bps,
        figures.sent.peak_bps,
        hour_cell(figures.busy_hour),
        figures.hours_tight if known else None,
        growth_cell(direction.trend) if known else None,
        date_cell(direction.trend, TIGHT_SHARE * contract, now_ns, reached=(figures.share or 0.0) >= TIGHT_SHARE)
        if known
        else None,
        date_cell(direction.trend, contract, now_ns, reached=state is State.FULL) if known else None,
        speed_to_order_bps(figures, state),
        errors.per_s if errors else None,
        100 * errors.share if errors and errors.share is not None else None,
        round(errors.count) if errors else None,
        discards.per_s if discards else None,
        100 * discards.share if discards and discards.share is not None else None,
        round(discards.count) if discards else None,
        min(100.0, 100 * figures.measured_s / ((context.until_ns - context.since_ns) / 1e9)),
        Spark(tuple(known_or_none(100 * direction.daily[-_SPARK_DAYS:] / contract)), 100.0) if known else None,
    )


def _figures(judged: Sequence[_Judged]) -> tuple[Figure, ...]:
    count = Counter(state for _, state in judged)
    unknown = count[State.NO_DATA] + count[State.YOUNG]

    def level(number: int, bad: Level) -> Level:
        return bad if number else Level.OK

    return (
        Figure("lines", say("Lines with a contract"), len(judged), Unit.COUNT),
        Figure("full", say("Full"), count[State.FULL], Unit.COUNT, level(count[State.FULL], Level.CRITICAL)),
        Figure("tight", say("Tight"), count[State.TIGHT], Unit.COUNT, level(count[State.TIGHT], Level.WARNING)),
        Figure("down", say("Down"), count[State.DOWN], Unit.COUNT, level(count[State.DOWN], Level.CRITICAL)),
        Figure("oversized", say("Oversized"), count[State.OVERSIZED], Unit.COUNT),
        Figure("unknown", say("Not enough data"), unknown, Unit.COUNT, level(unknown, Level.UNKNOWN)),
    )


def _by_district(judged: Sequence[_Judged]) -> list[Section]:
    """How lines fare by district, where there are several."""
    sites = {figures.line.key: figures.line.host.site for figures, _ in judged}
    counts = Counter(
        (site.district, state) for figures, state in judged if (site := sites[figures.line.key]) and site.district
    )
    districts = sorted({district for district, _ in counts})
    states = [state for state in State if any(counts[district, state] for district in districts)]
    if len(districts) < 2:
        return []
    return [
        BarChart(
            key="districts",
            title=say("Lines by district"),
            unit=Unit.COUNT,
            categories=tuple(districts),
            parts=tuple(
                BarPart(
                    VERDICTS[state].text,
                    VERDICTS[state].level,
                    tuple(float(counts[district, state]) for district in districts),
                )
                for state in states
            ),
        )
    ]


def _notes(context: Context, judged: Sequence[_Judged]) -> tuple[Text, ...]:
    notes = []
    if without := lines_without_contract(context):
        notes.append(
            say_many(
                "{count} line has no contracted speed in the inventory and is left out.",
                "{count} lines have no contracted speed in the inventory and are left out.",
                without,
            )
        )
    states = context.states()
    unnamed = sum(state is State.NO_DATA and states[line.line.host.name].up is True for line, state in judged)
    if unnamed:
        notes.append(
            say_many(
                "{count} line has no data though its host answers: look whether the interface is written as the device "
                "names it.",
                "{count} lines have no data though their hosts answer: look whether the interfaces are written as the "
                "devices name them.",
                unnamed,
            )
        )
    if judged and window_s(context.since_ns, context.until_ns) > WINDOW_S:
        notes.append(
            say("The period is longer than two months: its percentiles are of hourly means, which hide short peaks.")
        )
    if judged and context.until_ns - context.since_ns < 7 * DAY_NS:
        notes.append(say("The period is shorter than a week: its percentiles do not stand for all weekdays."))
    return tuple(notes)

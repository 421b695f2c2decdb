"""`summary`: one page for a director. The ten most urgent things of all reports, and how the numbers moved."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from collector.report.context import Context
from collector.report.model import Column, Figure, Finding, Level, Report, Table, Verdict
from collector.report.movement import movement
from collector.report.registry import REPORTS
from collector.report.say import Text, say, say_many
from collector.report.unit import Unit

SOURCES = (
    "coverage offices",
    "coverage mobile",
    "capacity links",
    "capacity rings",
    "capacity power",
    "capacity servers",
    "capacity ports",
    "availability",
    "coverage monitoring",
    "inventory",
)
"""the reports whose findings are collected; of two that find the same, the earlier one tells it"""

SHOWN = 10
OF_ONE_KIND = 3
"""so that twenty full lines do not hide an open ring; the others of the kind are counted"""

_LEVELS = {
    Level.CRITICAL: Verdict(Level.CRITICAL, say("now")),
    Level.WARNING: Verdict(Level.WARNING, say("soon")),
    Level.UNKNOWN: Verdict(Level.UNKNOWN, say("unknown")),
    Level.INFO: Verdict(Level.INFO, say("worth knowing")),
    Level.OK: Verdict(Level.OK, say("good")),
}


class Ranked(msgspec.Struct, frozen=True):
    """A finding, the title of the report that tells more of it, and how many others of its kind are not shown."""

    finding: Finding
    report: Text
    others: int = 0


def summary(context: Context) -> Report:
    """The report: makes all others of `SOURCES` from the same context."""
    reports = [REPORTS[name].make(context) for name in SOURCES]
    found = [(finding, report.title) for report in reports for finding in report.findings]
    shown = most_urgent(found)
    return Report(
        name="summary",
        title=say("Summary"),
        since_ns=context.since_ns,
        until_ns=context.until_ns,
        selection=context.selection,
        figures=_figures(context, [finding for finding, _ in found]),
        sections=(_urgent(shown), movement(context)),
        findings=tuple(each.finding for each in shown),
        notes=tuple(_rest(len({(f.key, f.where) for f, _ in found}), shown)),
    )


def most_urgent(found: Iterable[tuple[Finding, Text]]) -> list[Ranked]:
    """The first `SHOWN` findings by urgency, each told once, at most `OF_ONE_KIND` of a kind."""
    once: dict[tuple[str, str], tuple[Finding, Text]] = {}
    for finding, report in found:
        once.setdefault((finding.key, finding.where), (finding, report))
    ranked = sorted(once.values(), key=lambda pair: -pair[0].urgency)
    in_all = Counter(finding.key for finding, _ in ranked)
    taken: Counter[str] = Counter()
    shown: list[Ranked] = []
    for finding, report in ranked:
        if taken[finding.key] < OF_ONE_KIND and len(shown) < SHOWN:
            taken[finding.key] += 1
            shown.append(Ranked(finding, report))
    last = {each.finding.key: place for place, each in enumerate(shown)}
    for key, place in last.items():
        shown[place] = msgspec.structs.replace(shown[place], others=in_all[key] - taken[key])
    return shown


def _figures(context: Context, found: Sequence[Finding]) -> tuple[Figure, ...]:
    states = context.states().values()
    up, down = sum(state.up is True for state in states), sum(state.up is False for state in states)
    silent = len(states) - up - down
    urgent = sum(finding.level is Level.CRITICAL for finding in found)
    return (
        Figure("hosts", say("Hosts"), len(states), Unit.COUNT),
        Figure("up", say("Up"), up, Unit.COUNT, Level.OK),
        Figure("down", say("Down"), down, Unit.COUNT, Level.CRITICAL if down else Level.OK),
        Figure("unknown", say("No data"), silent, Unit.COUNT, Level.UNKNOWN if silent else Level.OK),
        Figure("urgent", say("To be done now"), urgent, Unit.COUNT, Level.CRITICAL if urgent else Level.OK),
    )


def _urgent(shown: Sequence[Ranked]) -> Table:
    return Table(
        key="urgent",
        title=say("The most urgent"),
        columns=(
            Column("rank", say("No."), Unit.COUNT),
            Column("when", say("When"), filterable=True),
            Column("what", say("What")),
            Column("more", say("More of this kind"), Unit.COUNT, wide_only=True),
            Column("report", say("Report")),
        ),
        rows=tuple(
            (rank, _LEVELS[each.finding.level], each.finding.sentence, each.others or None, each.report)
            for rank, each in enumerate(shown, 1)
        ),
        empty=say("Nothing needs anybody's attention."),
    )


def _rest(in_all: int, shown: Sequence[Ranked]) -> Iterator[Text]:
    if in_all > len(shown):
        yield say_many(
            "{count} further finding stands in the reports themselves.",
            "{count} further findings stand in the reports themselves.",
            in_all - len(shown),
        )

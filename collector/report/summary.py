"""`summary`: one page for a director. The ten most urgent things of all reports, and how the numbers moved."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from collector.report.context import Context
from collector.report.model import Column, Figure, Finding, Level, Place, Report, Section, SiteMap, Table, Verdict
from collector.report.movement import Moved, moved, movement
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

_LONGEST = "capacity links"
_THREADS = 3

SHOWN = 10
OF_ONE_KIND = 3
"""so that twenty full lines do not hide an open ring"""


def summary(context: Context) -> Report:
    """The report: makes all others of `SOURCES` from the same context. Its findings are the most urgent of theirs."""
    reports, numbers = _made(context)
    found = once(finding for report in reports for finding in report.findings)
    shown = most_urgent(found)
    sections: list[Section] = [movement(numbers)]
    if places := tuple(_places(context)):
        sections.append(SiteMap(key="sites_map", title=say("Sites"), places=places))
    sections.append(_by_report(reports))
    return context.report(
        name="summary",
        title=say("Summary"),
        figures=(*_figures(context, found), *_moved_figures(numbers)),
        sections=tuple(sections),
        findings=tuple(shown),
        notes=tuple(_rest(len(found) - len(shown))),
    )


def _made(context: Context) -> tuple[list[Report], Sequence[Moved]]:
    """The reports in the order of `SOURCES`, and the numbers that moved. Several threads, the longest first: numpy and stores
    let others run."""
    with ThreadPoolExecutor(_THREADS) as pool:
        waiting = {name: pool.submit(REPORTS[name].make, context) for name in sorted(SOURCES, key=_LONGEST.__ne__)}
        numbers = pool.submit(moved, context)
        return [waiting[name].result() for name in SOURCES], numbers.result()


def once(found: Iterable[Finding]) -> list[Finding]:
    """Each finding once, as the first report tells it."""
    by_place: dict[tuple[str, str], Finding] = {}
    for finding in found:
        by_place.setdefault((finding.key, finding.where), finding)
    return list(by_place.values())


def most_urgent(found: Iterable[Finding]) -> list[Finding]:
    """The first `SHOWN` by urgency, at most `OF_ONE_KIND` of a kind."""
    taken: Counter[str] = Counter()
    shown: list[Finding] = []
    for finding in sorted(found, key=lambda finding: -finding.urgency):
        if taken[finding.key] < OF_ONE_KIND and len(shown) < SHOWN:
            taken[finding.key] += 1
            shown.append(finding)
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


def _moved_figures(numbers: Iterable[Moved]) -> Iterator[Figure]:
    """Two of them are told large, with what they were before."""
    labels = {"answered": say("Polls answered"), "tight": say("Lines over 80%")}
    for number in numbers:
        if number.key in labels and number.pair.now is not None:
            yield Figure(number.key, labels[number.key], number.pair.now, number.unit, before=number.pair.before)


def _places(context: Context) -> Iterator[Place]:
    """Every site with hosts, by how many of them are up."""
    states = context.states()
    hosts: dict[str, list[str]] = defaultdict(list)
    for host in context.hosts.values():
        if host.site:
            hosts[host.site.id].append(host.name)
    for id_, names in hosts.items():
        site = context.inventory.sites[id_]
        if site.lat is None or site.lon is None:
            continue
        up, down = (sum(states[name].up is wanted for name in names) for wanted in (True, False))
        detail = say_many("{up} of {count} host up", "{up} of {count} hosts up", len(names), up=up)
        yield Place(site.lat, site.lon, site.label, _site_verdict(up, down), detail)


def _site_verdict(up: int, down: int) -> Verdict:
    if up and down:
        return Verdict(Level.WARNING, say("partly down"))
    if down:
        return Verdict(Level.CRITICAL, say("down"))
    return Verdict(Level.OK, say("up")) if up else Verdict(Level.UNKNOWN, say("no data"))


def _by_report(reports: Sequence[Report]) -> Table:
    """How much each report has to say, so that a reader knows where to go on."""
    rows = []
    for report in reports:
        levels = Counter(finding.level for finding in report.findings)
        told = (levels[Level.CRITICAL], levels[Level.WARNING], levels[Level.UNKNOWN] + levels[Level.INFO])
        rows.append((report.title, f"collector report {report.name}", *told))
    return Table(
        key="reports",
        title=say("All findings"),
        columns=(
            Column("report", say("Report")),
            Column("command", say("Command"), wide_only=True),
            Column("critical", say("To be done now"), Unit.COUNT),
            Column("warning", say("Soon"), Unit.COUNT),
            Column("other", say("Worth knowing"), Unit.COUNT),
        ),
        rows=tuple(rows),
        empty=say("There are no reports."),
    )


def _rest(further: int) -> Iterator[Text]:
    if further:
        yield say_many(
            "{count} further finding stands in the reports themselves.",
            "{count} further findings stand in the reports themselves.",
            further,
        )

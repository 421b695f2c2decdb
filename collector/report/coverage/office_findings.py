"""What `coverage offices` finds to be done."""

from collections.abc import Iterator, Sequence

from collector.report.availability.findings import sites_down
from collector.report.availability.fleet import Fleet
from collector.report.context import Context
from collector.report.coverage.office_facts import Life, Office
from collector.report.model import Finding, Level
from collector.report.say import Quantity, say, say_many
from collector.report.unit import Unit
from collector.report.urgency import WITHIN_MONTHS, WORTH_KNOWING, by_people
from collector.report.words import place_of


def findings(context: Context, found: Fleet, offices: Sequence[Office]) -> Iterator[Finding]:
    """What has to be done."""
    yield from (finding for finding in sites_down(context, found) if finding.key == "office-down")
    if not (found.gaps and found.gaps[-1][1] == context.until_ns):  # else it is the collector, and it says so itself
        yield from (_no_data(office, found) for office in offices if office.life is Life.NO_DATA)
    if unmonitored := [office for office in offices if office.life is Life.NO_HOST]:
        yield Finding(
            key="office-not-monitored",
            level=Level.UNKNOWN,
            urgency=WORTH_KNOWING + 5,
            sentence=say_many(
                "{count} office has no device in the inventory, so nobody knows whether it is connected: {offices}.",
                "{count} offices have no device in the inventory, so nobody knows whether they are connected: {offices}.",
                len(unmonitored),
                offices=_named(unmonitored),
            ),
            where="",
        )
    if without := [office for office in offices if office.hosts and not office.lines]:
        yield Finding(
            key="office-without-line",
            level=Level.INFO,
            urgency=WORTH_KNOWING,
            sentence=say_many(
                "{count} office has no line in the inventory: enter its provider, kind and contract: {offices}.",
                "{count} offices have no line in the inventory: enter their providers, kinds and contracts: {offices}.",
                len(without),
                offices=_named(without),
            ),
            where="",
        )


def _no_data(office: Office, found: Fleet) -> Finding:
    hosts = ", ".join(found.gates[office.site.id][:3])
    sentence = (
        say("Nothing is known of office {office}: {hosts} was never asked. See `collector probe`.",
            office=place_of(office.site), hosts=hosts)
        if office.since_ns is None
        else say(
            "Nothing is known of office {office} since {since}: {hosts} is not asked any more. See that it is polled.",
            office=place_of(office.site),
            since=Quantity(office.since_ns, Unit.TIME),
            hosts=hosts,
        )
    )  # fmt: skip
    return Finding(
        key="office-no-data",
        level=Level.UNKNOWN,
        urgency=by_people(WITHIN_MONTHS + 5, office.site.population),
        sentence=sentence,
        where=office.name,
    )


def _named(offices: Sequence[Office]) -> str:
    names = [office.name for office in offices]
    return ", ".join(names) if len(names) <= 5 else ", ".join((*names[:5], "…"))

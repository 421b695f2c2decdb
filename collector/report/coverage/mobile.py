"""`coverage mobile`: BTS positions and stations by technology, operator and place; communes and people without any."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from collector.report.context import Context
from collector.report.coverage import mobile_tables as tables
from collector.report.coverage.mobile_tables import LIVES, lives_of, masts_of
from collector.report.coverage.position_changes import changes
from collector.report.coverage.positions import (
    VERDICTS,
    Life,
    Position,
    Served,
    communes,
    population,
    positions,
)
from collector.report.model import (
    BarChart,
    BarPart,
    Figure,
    Finding,
    Level,
    Place,
    Report,
    Section,
    SiteMap,
)
from collector.report.say import Text, say, say_many
from collector.report.unit import Unit
from collector.report.urgency import CUT_OFF, IMPAIRED, WITHIN_MONTHS, WORTH_KNOWING, by_people


def coverage_mobile(context: Context) -> Report:
    """The report. Coverage is presence: a commune is covered by a technology that lives at a position in it."""
    found = positions(context)
    served = communes(context, found)
    sections: list[Section] = [
        tables.technologies(found, served),
        tables.spots(served),
        tables.troubled(context, found),
        tables.by_district(found, served),
        tables.by_operator(found),
        tables.change_table(changes(context, found)),
    ]
    if found:
        sections.insert(1, _chart(found))
    if places := tuple(_places(found)):
        sections.insert(2, SiteMap(key="positions_map", title=say("BTS positions"), places=places))
    return context.report(
        name="coverage mobile",
        title=say("Mobile coverage"),
        figures=_figures(found, served),
        sections=tuple(sections),
        findings=(*_commune_findings(served), *_position_findings(found, served)),
        notes=(
            say(
                "A commune counts as covered by a technology while at least one of its stations there works. "
                "How far a station reaches is not measured."
            ),
        ),
    )


def _figures(found: Sequence[Position], served: Sequence[Served]) -> tuple[Figure, ...]:
    up, degraded, down, unknown = lives_of(position.life for position in found)
    white = [each for each in served if each.live_sites == 0]
    single = [each for each in served if each.live_sites == 1]
    return (
        Figure("positions", say("BTS positions"), len(found), Unit.COUNT),
        Figure("stations", say("Stations"), len(masts_of(found)), Unit.COUNT),
        Figure("up", say("Positions up"), up, Unit.COUNT, Level.OK),
        Figure("degraded", say("Degraded"), degraded, Unit.COUNT, Level.WARNING if degraded else Level.OK),
        Figure("down", say("Down"), down, Unit.COUNT, Level.CRITICAL if down else Level.OK),
        Figure("unknown", say("No data"), unknown, Unit.COUNT, Level.UNKNOWN if unknown else Level.OK),
        Figure(
            "communes_without", say("Communes without a live position"), len(white), Unit.COUNT,
            Level.CRITICAL if white else Level.OK, note=_people(white),
        ),
        Figure(
            "communes_single", say("Communes with a single live position"), len(single), Unit.COUNT,
            Level.WARNING if single else Level.OK, note=_people(single),
        ),
    )  # fmt: skip


def _people(served: Sequence[Served]) -> Text | None:
    people = population(served)
    return say_many("{count} inhabitant", "{count} inhabitants", people) if people else None


def _chart(found: Sequence[Position]) -> BarChart:
    districts = sorted({position.site.district for position in found})
    lives = {name: Counter(each.life for each in found if each.site.district == name) for name in districts}
    return BarChart(
        key="districts_chart",
        title=say("Positions by district"),
        unit=Unit.COUNT,
        categories=tuple(name or say("no district") for name in districts),
        parts=tuple(
            BarPart(VERDICTS[life].text, VERDICTS[life].level, tuple(float(lives[name][life]) for name in districts))
            for life in LIVES
        ),
    )


def _places(found: Iterable[Position]) -> Iterator[Place]:
    for position in found:
        site = position.site
        if site.lat is not None and site.lon is not None:
            technologies = sorted({mast.station.technology for mast in position.masts})
            yield Place(site.lat, site.lon, site.label, VERDICTS[position.life], " ".join(technologies))


def _commune_findings(served: Iterable[Served]) -> Iterator[Finding]:
    for each in served:
        commune, sites = _named(each), each.sites
        if each.is_cut_off:
            sentence = say_many(
                "{commune} has no live BTS position: the only one is down or unknown.",
                "{commune} has no live BTS position: all {count} are down or unknown.",
                sites,
                commune=commune,
            )
            yield _about(each, "commune-cut-off", Level.CRITICAL, CUT_OFF - 5, sentence)
        elif sites > 1 and each.live_sites == 1:
            sentence = say(
                "{commune} hangs on a single live BTS position of {sites}: repair the others first.",
                commune=commune,
                sites=sites,
            )
            yield _about(each, "commune-single-site", Level.WARNING, IMPAIRED, sentence)
        elif sites == 0:
            sentence = say("{commune} has no BTS position at all.", commune=commune)
            yield _about(each, "white-spot", Level.WARNING, WITHIN_MONTHS, sentence)


def _named(served: Served) -> Text:
    """A commune as sentences name it."""
    commune = served.commune
    if not commune.population:
        return say("{commune} ({district})", commune=commune.name, district=commune.district)
    return say_many(
        "{commune} ({district}, {count} inhabitant)",
        "{commune} ({district}, {count} inhabitants)",
        commune.population,
        commune=commune.name,
        district=commune.district,
    )


def _about(served: Served, key: str, level: Level, urgency: float, sentence: Text) -> Finding:
    commune = served.commune
    where = f"{commune.name}, {commune.district}"
    return Finding(key=key, level=level, urgency=by_people(urgency, commune.population), sentence=sentence, where=where)


def _position_findings(found: Iterable[Position], served: Iterable[Served]) -> Iterator[Finding]:
    """Positions down where others of the commune still live: those of communes that are cut off are told with these."""
    cut_off = {(each.commune.district, each.commune.name) for each in served if each.is_cut_off}
    for position in found:
        site = position.site
        if position.life is Life.DOWN and (site.district, site.commune) not in cut_off:
            yield Finding(
                key="bts-down",
                level=Level.CRITICAL,
                urgency=by_people(IMPAIRED - 10, site.population),
                sentence=say_many(
                    "BTS position {site} ({district}) is down with {count} station: {uplink} does not answer.",
                    "BTS position {site} ({district}) is down with {count} stations: {uplink} does not answer.",
                    len(position.masts),
                    site=site.label,
                    district=site.district,
                    uplink=", ".join(position.uplinks),
                ),
                where=site.label,
            )
    unknown = [position for position in found if not position.uplinks]
    if unknown:
        yield Finding(
            key="bts-without-uplink",
            level=Level.UNKNOWN,
            urgency=WORTH_KNOWING,
            sentence=say_many(
                "{count} BTS position has no uplink in the inventory, so nobody knows whether it works.",
                "{count} BTS positions have no uplink in the inventory, so nobody knows whether they work.",
                len(unknown),
            ),
            where="",
        )

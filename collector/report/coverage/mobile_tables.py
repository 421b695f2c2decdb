"""The tables of `coverage mobile`."""

from collections import Counter
from collections.abc import Iterable, Sequence

from collector.report.context import Context
from collector.report.coverage.position_changes import Change
from collector.report.coverage.positions import TECHNOLOGIES, VERDICTS, Life, Mast, Position, Served, population
from collector.report.model import Cell, Column, Level, Table, Verdict
from collector.report.say import say
from collector.report.unit import Unit
from inventory.model import Technology

_WHITE = Verdict(Level.CRITICAL, say("none live"))
_WEAK = Verdict(Level.WARNING, say("a single one"))
_LIFE_COLUMNS = (
    Column("up", say("Up"), Unit.COUNT),
    Column("degraded", say("Degraded"), Unit.COUNT, say("Works, but with errors on its uplink or on battery")),
    Column("down", say("Down"), Unit.COUNT),
    Column("unknown", say("No data"), Unit.COUNT),
)
LIVES = (Life.UP, Life.DEGRADED, Life.DOWN, Life.UNKNOWN)


def masts_of(found: Iterable[Position]) -> list[Mast]:
    return [mast for position in found for mast in position.masts]


def lives_of(lives: Iterable[Life]) -> tuple[int, ...]:
    count = Counter(lives)
    return tuple(count[life] for life in LIVES)


def technologies(found: Sequence[Position], served: Sequence[Served]) -> Table:
    people = population(served)
    rows: list[tuple[Cell, ...]] = []
    for technology in TECHNOLOGIES:
        masts = [mast for mast in masts_of(found) if mast.station.technology == technology]
        covered = population(each for each in served if each.live[technology])
        rows.append(
            (
                technology,
                sum(any(mast.station.technology == technology for mast in position.masts) for position in found),
                len(masts),
                *lives_of(mast.life for mast in masts),
                sum(each.live[technology] > 1 for each in served),
                sum(each.live[technology] == 1 for each in served),
                sum(each.live[technology] == 0 for each in served),
                covered if people else None,
                covered / people * 100 if people else None,
            )
        )
    return Table(
        key="technologies",
        title=say("By technology"),
        columns=(
            Column("technology", say("Technology")),
            Column("positions", say("Positions"), Unit.COUNT),
            Column("stations", say("Stations"), Unit.COUNT),
            *_LIFE_COLUMNS,
            Column("communes_with_more", say("Communes with several"), Unit.COUNT, say("Two or more live positions")),
            Column("communes_with_one", say("With a single one"), Unit.COUNT, say("One live position: a weak spot")),
            Column("communes_without", say("Without"), Unit.COUNT, say("No live position: a white spot")),
            Column("population_covered", say("Population covered"), Unit.COUNT),
            Column("population_percent", say("Share of the population"), Unit.PERCENT),
        ),
        rows=tuple(rows),
        empty=say("The inventory has no stations."),
    )


def spots(served: Sequence[Served]) -> Table:
    """Communes with no or a single live position of some technology that is in use there, or of any at all."""
    weak = [each for each in served if each.live_sites < 2 or any(_weak(each, tech) for tech in TECHNOLOGIES)]
    weak.sort(
        key=lambda each: (each.live_sites, -(each.commune.population or 0), each.commune.district, each.commune.name)
    )
    return Table(
        key="spots",
        title=say("White and weak spots"),
        columns=(
            Column("commune", say("Commune")),
            Column("district", say("District"), filterable=True),
            Column("population", say("Population"), Unit.COUNT),
            Column("positions", say("Positions"), Unit.COUNT),
            Column("live_positions", say("Live"), Unit.COUNT),
            Column("verdict", say("Verdict"), filterable=True),
            *(
                Column(
                    f"live_{technology.lower()}",
                    say("{technology} live", technology=technology),
                    Unit.COUNT,
                    say("Live positions of this technology; empty where none was built"),
                )
                for technology in TECHNOLOGIES
            ),
        ),
        rows=tuple(
            (
                each.commune.name,
                each.commune.district,
                each.commune.population,
                each.sites,
                each.live_sites,
                _WHITE if each.live_sites == 0 else _WEAK if each.live_sites == 1 else _technology_verdict(each),
                *(each.live[tech] if each.positions[tech] else None for tech in TECHNOLOGIES),
            )
            for each in weak
        ),
        empty=say("Every commune has several live positions of each technology."),
    )


def _weak(served: Served, technology: Technology) -> bool:
    return served.positions[technology] > 0 and served.live[technology] < 2


def _technology_verdict(served: Served) -> Verdict:
    """The worst technology of a commune that has several live positions."""
    lost = any(served.positions[tech] and not served.live[tech] for tech in TECHNOLOGIES)
    return (
        Verdict(Level.WARNING, say("a technology is lost"))
        if lost
        else Verdict(Level.INFO, say("a technology is single"))
    )


def troubled(context: Context, found: Sequence[Position]) -> Table:
    worst = {Life.DOWN: 0, Life.DEGRADED: 1, Life.UNKNOWN: 2}
    troubled = sorted((each for each in found if each.life in worst), key=lambda each: worst[each.life])
    return Table(
        key="positions",
        title=say("Positions that are down, degraded or unknown"),
        columns=(
            Column("position", say("Position")),
            Column("state", say("State"), filterable=True),
            Column("district", say("District"), filterable=True),
            Column("commune", say("Commune")),
            Column("stations", say("Stations")),
            Column("uplink", say("Uplink")),
            Column("last_seen", say("Last asked"), Unit.TIME, wide_only=True),
            Column("why", say("Why"), wide_only=True),
        ),
        rows=tuple(_position_row(context, position) for position in troubled),
        empty=say("All positions are up."),
    )


def _position_row(context: Context, position: Position) -> tuple[Cell, ...]:
    states = [context.states()[uplink] for uplink in position.uplinks if uplink in context.states()]
    no_uplink = say("no uplink is known for it: name one in the inventory")
    errors = "; ".join(state.error for state in states if state.error)
    return (
        position.site.label,
        VERDICTS[position.life],
        position.site.district,
        position.site.commune,
        ", ".join(sorted({f"{mast.station.technology} {mast.station.operator}".strip() for mast in position.masts})),
        ", ".join(position.uplinks),
        max((state.time_ns for state in states), default=0) or None,
        errors if position.uplinks else no_uplink,
    )


def by_district(found: Sequence[Position], served: Sequence[Served]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for district in sorted({position.site.district for position in found} | {each.commune.district for each in served}):
        here = [position for position in found if position.site.district == district]
        having = [each for each in served if each.commune.district == district]
        people = population(having)
        stations = Counter(mast.station.technology for mast in masts_of(here))
        rows.append(
            (
                district,
                len(here),
                *lives_of(position.life for position in here),
                *(stations[technology] for technology in TECHNOLOGIES),
                len(having),
                sum(each.live_sites == 0 for each in having),
                sum(each.live_sites == 1 for each in having),
                population(each for each in having if each.live_sites == 0) if people else None,
            )
        )
    return Table(
        key="districts",
        title=say("By district"),
        columns=(
            Column("district", say("District")),
            Column("positions", say("Positions"), Unit.COUNT),
            *_LIFE_COLUMNS,
            *(
                Column(
                    f"stations_{tech.lower()}",
                    say("{technology} stations", technology=tech),
                    Unit.COUNT,
                    wide_only=True,
                )
                for tech in TECHNOLOGIES
            ),
            Column("communes", say("Communes"), Unit.COUNT),
            Column("communes_without", say("Without a live position"), Unit.COUNT),
            Column("communes_single", say("With a single one"), Unit.COUNT),
            Column("population_without", say("People without"), Unit.COUNT),
        ),
        rows=tuple(rows),
        empty=say("The inventory has no stations."),
    )


def by_operator(found: Sequence[Position]) -> Table:
    masts = masts_of(found)
    kinds = sorted({(mast.station.operator, mast.station.technology) for mast in masts})
    return Table(
        key="operators",
        title=say("By operator"),
        columns=(
            Column("operator", say("Operator"), filterable=True),
            Column("technology", say("Technology"), filterable=True),
            Column("stations", say("Stations"), Unit.COUNT),
            *_LIFE_COLUMNS,
        ),
        rows=tuple(
            (operator or say("not said"), technology, len(theirs), *lives_of(mast.life for mast in theirs))
            for operator, technology in kinds
            for theirs in [[m for m in masts if (m.station.operator, m.station.technology) == (operator, technology)]]
        ),
        empty=say("The inventory has no stations."),
    )


def change_table(found: Sequence[Change]) -> Table:
    return Table(
        key="changes",
        title=say("What changed"),
        columns=(
            Column("position", say("Position")),
            Column("change", say("Change"), filterable=True),
            Column("district", say("District"), filterable=True),
            Column("commune", say("Commune")),
            Column("uplink", say("Uplink")),
            Column("station", say("Station")),
            Column("day", say("Day"), Unit.DATE),
        ),
        rows=tuple(
            (
                each.position.site.label,
                each.verdict,
                each.position.site.district,
                each.position.site.commune,
                each.uplink,
                each.station or None,
                each.time_ns,
            )
            for each in found
        ),
        empty=say("No position or station came, and none went or changed its state for good."),
        notes=(say("Compared with the day on which the period begins."),),
    )

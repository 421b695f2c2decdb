"""How supplies of power are judged, and what has to be done about them, in sentences."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from collector.report.capacity.power_supply import Load, Supply
from collector.report.context import DAY_NS, Context
from collector.report.model import Finding, Level, Verdict
from collector.report.say import Quantity, Text, say, say_many
from collector.report.unit import Unit
from collector.report.urgency import CUT_OFF, IMPAIRED, WITHIN_MONTHS, WORTH_KNOWING

HEAVY_PERCENT, FULL_PERCENT = 80.0, 100.0
SHORT_S = 600.0
"""a full battery that lasts less at today's load is too weak to bridge anything"""

LOW_PERCENT = 80.0
"""below this a battery that has been on mains for a day should not be"""

UNEVEN_PERCENT = 25.0

_SOON = ((900.0, CUT_OFF), (3_600.0, CUT_OFF - 3), (4 * 3_600.0, CUT_OFF - 8))
"""urgency of running on battery by the runtime that is left"""
_LATER, _NOBODY_KNOWS = CUT_OFF - 14, CUT_OFF - 8

ON_BATTERY = Verdict(Level.CRITICAL, say("on battery"))
LAST_ON_BATTERY = Verdict(Level.CRITICAL, say("silent, was on battery"))
OVERLOADED = Verdict(Level.CRITICAL, say("overloaded"))
HEAVY = Verdict(Level.WARNING, say("heavily loaded"))
WEAK = Verdict(Level.WARNING, say("battery weak"))
UNEVEN = Verdict(Level.WARNING, say("phases uneven"))
FINE = Verdict(Level.OK, say("fine"))
NO_DATA = Verdict(Level.UNKNOWN, say("no data"))


def verdict(supply: Supply, until_ns: int) -> Verdict:
    """The worst that is true of it."""
    if supply.on_battery:
        return LAST_ON_BATTERY if supply.is_silent else ON_BATTERY
    if supply.is_silent or not (supply.seen_ns or supply.battery):
        return NO_DATA
    if supply.load and supply.load.worst >= FULL_PERCENT:
        return OVERLOADED
    if supply.load and supply.load.worst >= HEAVY_PERCENT:
        return HEAVY
    if weakness(supply, until_ns):
        return WEAK
    if is_uneven(supply):
        return UNEVEN
    return FINE


def is_uneven(supply: Supply) -> bool:
    """Whether one phase carries much more or less than the others."""
    return supply.imbalance is not None and (supply.imbalance.imbalance_percent or 0.0) > UNEVEN_PERCENT


def weakness(supply: Supply, until_ns: int) -> Text | None:
    """Why its battery would not help, None where nothing speaks for that; not judged while it is in use."""
    if supply.on_battery:
        return None
    if supply.battery and supply.battery.ailing:
        name, text = supply.battery.ailing[0]
        return say("it says {name}: {text}", name=name, text=text)
    charge, runtime = supply.charge_percent, supply.runtime_s
    if runtime is not None and runtime < SHORT_S and (charge is None or charge >= 95):
        return say("full, it lasts only {runtime}", runtime=Quantity(runtime, Unit.SECONDS))
    spells = supply.battery.spells if supply.battery else ()
    rested = not spells or spells[-1][1] < until_ns - DAY_NS
    if charge is not None and charge < LOW_PERCENT and supply.on_battery is False and rested:
        return say("a day on mains has not charged it beyond {charge}", charge=Quantity(charge, Unit.PERCENT))
    return None


def findings(context: Context, supplies: Sequence[Supply]) -> list[Finding]:
    """What has to be done, of all supplies."""
    at_site = Counter(host.site.id for host in context.inventory.hosts.values() if host.site)
    found = [finding for supply in supplies for finding in _of_supply(context, supply, at_site)]
    return sorted(found, key=lambda finding: (-finding.urgency, finding.where))


def _of_supply(context: Context, supply: Supply, at_site: Mapping[str, int]) -> Iterable[Finding]:
    name = supply.host.name
    if supply.on_battery:
        yield Finding(
            key="ups-on-battery",
            level=Level.CRITICAL,
            urgency=_urgency(supply.runtime_s),
            sentence=_on_battery(context, supply, at_site),
            where=name,
        )
    load = supply.load
    if load and load.worst >= HEAVY_PERCENT and not supply.is_silent:
        is_over = load.worst >= FULL_PERCENT
        yield Finding(
            key="ups-overload",
            level=Level.CRITICAL if is_over else Level.WARNING,
            urgency=IMPAIRED - 5 if is_over else WITHIN_MONTHS + 5,
            sentence=_overload(supply, load),
            where=name,
        )
    if weak := weakness(supply, context.until_ns):
        yield Finding(
            key="battery-weak",
            level=Level.WARNING,
            urgency=WITHIN_MONTHS + 2,
            sentence=say(
                "The battery of {host} at {place} would not help when the mains fail, {why}: test or replace it.",
                host=name,
                place=place(supply),
                why=weak,
            ),
            where=name,
        )
    uneven = supply.imbalance
    if uneven and is_uneven(supply):
        yield Finding(
            key="phase-imbalance",
            level=Level.WARNING,
            urgency=WORTH_KNOWING,
            sentence=say(
                "The phases of {host} at {place} are loaded unevenly, by up to {percent} of their mean: move loads from one "
                "to another.",
                host=name,
                place=place(supply),
                percent=Quantity(uneven.imbalance_percent or 0.0, Unit.PERCENT),
            ),
            where=name,
        )


def place(supply: Supply) -> Text | str:
    """Where it stands."""
    site = supply.host.site
    return site.label if site else say("an unknown place")


def _urgency(runtime_s: float | None) -> float:
    if runtime_s is None:
        return _NOBODY_KNOWS
    return next((urgency for limit, urgency in _SOON if runtime_s < limit), _LATER)


def _on_battery(context: Context, supply: Supply, at_site: Mapping[str, int]) -> Text:
    since = supply.since_ns(context)
    values: dict[str, Text | str | Quantity] = {
        "host": supply.host.name,
        "place": place(supply),
        "since": say("since {time}", time=Quantity(since, Unit.TIME)) if since else say("since before the period"),
    }
    if supply.is_silent and supply.battery:
        heard = Quantity(supply.battery.seen_ns, Unit.TIME)
        return say(
            "{host} at {place} was on battery when it was last heard, {heard}: its battery may be empty. Go there.",
            heard=heard,
            **values,
        )
    others = at_site.get(supply.host.site.id, 1) - 1 if supply.host.site else 0
    if supply.runtime_s is None:
        return say_many(
            "{host} at {place} runs on battery {since}, nobody knows for how much longer; {count} other host is there. "
            "Restore the mains or bring a generator.",
            "{host} at {place} runs on battery {since}, nobody knows for how much longer; {count} other hosts are there. "
            "Restore the mains or bring a generator.",
            others,
            **values,
        )
    return say_many(
        "{host} at {place} runs on battery {since} and lasts {left} more; {count} other host is there. "
        "Restore the mains or bring a generator.",
        "{host} at {place} runs on battery {since} and lasts {left} more; {count} other hosts are there. "
        "Restore the mains or bring a generator.",
        others,
        left=Quantity(supply.runtime_s, Unit.SECONDS),
        **values,
    )


def _overload(supply: Supply, load: Load) -> Text:
    percent = Quantity(load.worst, Unit.PERCENT)
    if load.worst >= FULL_PERCENT:
        return say(
            "{host} at {place} is loaded with up to {percent} of what it is made for: take loads off it before it trips.",
            host=supply.host.name,
            place=place(supply),
            percent=percent,
        )
    return say(
        "{host} at {place} is loaded with up to {percent} of what it is made for: connect nothing more, plan a larger one.",
        host=supply.host.name,
        place=place(supply),
        percent=percent,
    )

"""`coverage monitoring`: what of the inventory is really measured, by which protocol, how safely; and what is not."""

from collections.abc import Iterator, Sequence
from statistics import median

from collector.report.availability.fleet import fleet
from collector.report.context import Context
from collector.report.coverage import monitoring_tables as tables
from collector.report.coverage import monitoring_ways as ways
from collector.report.coverage.monitoring_facts import Trouble, Watch, unseen_lines, watches
from collector.report.coverage.monitoring_security import Safety, asks_legacy_ssh, ip_version, safety
from collector.report.coverage.positions import positions
from collector.report.model import Figure, Finding, Level, Report
from collector.report.say import Text, say, say_many
from collector.report.unit import Unit
from collector.report.urgency import WITHIN_MONTHS, WORTH_KNOWING
from inventory.model import Host

_NAMED = 5


def coverage_monitoring(context: Context) -> Report:
    """The report.

    Raises:
        collector.store.contract.StoreError: the store cannot be read.
    """
    found = watches(context)
    # a selection is of enabled hosts, so nothing is known of the others of its kind
    disabled = [host for host in context.inventory.hosts.values() if not host.enabled] if context.is_whole else []
    measured = {watch.host.name for watch in found if watch.is_measured}
    unseen = [(host, name) for host, name in unseen_lines(context) if host.name in measured]
    used = {host.site.id for host in context.hosts.values() if host.site}
    bare = [site for id, site in context.inventory.sites.items() if id not in used] if context.is_whole else []
    stations = [mast.station for position in positions(context) for mast in position.masts if not mast.uplink]
    return context.report(
        name="coverage monitoring",
        title=say("Coverage of monitoring"),
        figures=_figures(context, found),
        sections=(
            tables.by_role(found, disabled),
            *([tables.chart(found, disabled)] if found or disabled else []),
            tables.by_district(found),
            tables.troubles(found),
            ways.security(context),
            ways.weak_hosts(context),
            tables.lines(unseen),
            tables.bare_places(bare, stations, context.inventory.sites),
            tables.slow_polls(found),
        ),
        findings=tuple(_findings(context, found, unseen)),
    )


def _figures(context: Context, found: Sequence[Watch]) -> tuple[Figure, ...]:
    measured = sum(watch.is_measured for watch in found)
    partial = sum(watch.is_measured and watch.outcome == "partial" for watch in found)
    ways = [way for host in context.hosts.values() if (way := safety(host)) is not None]
    weak = sum(way.is_weak for way in ways)
    addressed = [version for watch in found if (version := ip_version(watch.host))]
    polls = [watch.poll_p95_s for watch in found if watch.poll_p95_s is not None]
    silent = len(found) - measured
    return (
        Figure("hosts", say("Hosts"), len(found), Unit.COUNT),
        Figure("measured_percent", say("Measured"), 100 * measured / len(found) if found else None, Unit.PERCENT),
        Figure("silent", say("Not measured"), silent, Unit.COUNT, Level.CRITICAL if silent else Level.OK),
        Figure("partial", say("Partial"), partial, Unit.COUNT, Level.WARNING if partial else Level.OK),
        Figure(
            "weak_percent", say("Weak SNMP"), 100 * weak / len(ways) if ways else None, Unit.PERCENT,
            Level.WARNING if weak else Level.OK,
        ),
        Figure(
            "ipv6_percent", say("Asked over IPv6"),
            100 * addressed.count(6) / len(addressed) if addressed else None, Unit.PERCENT,
        ),
        Figure(
            "poll_p95_s", say("Usual time of a poll"), median(polls) if polls else None, Unit.SECONDS,
            note=say("95% of a day's polls of the median host are faster"),
        ),
    )  # fmt: skip


def _findings(context: Context, found: Sequence[Watch], unseen: Sequence[tuple[Host, str]]) -> Iterator[Finding]:
    gaps = fleet(context).gaps
    collector_is_away = bool(gaps) and gaps[-1][1] == context.until_ns
    silent = [w.host.name for w in found if not w.is_measured]
    if silent and not collector_is_away:  # else all are, and the availability report says so
        yield _finding(
            "monitoring-silent", Level.WARNING, WITHIN_MONTHS + 5,
            say_many(
                "{count} host of the inventory was not asked within the last day: {names}. See that the collector covers it.",
                "{count} hosts of the inventory were not asked within the last day: {names}. See that the collector covers "
                "them.",
                len(silent),
                names=_named(silent),
            ),
        )  # fmt: skip
    mute = [w.host.name for w in found if {Trouble.NO_SNMP, Trouble.NO_SSH} & set(w.troubles())]
    if mute:
        yield _finding(
            "monitoring-refused", Level.WARNING, WITHIN_MONTHS - 5,
            say_many(
                "{count} host is up but answers no SNMP or SSH: {names}. Check its credentials and access lists.",
                "{count} hosts are up but answer no SNMP or SSH: {names}. Check their credentials and access lists.",
                len(mute),
                names=_named(mute),
            ),
        )  # fmt: skip
    if unseen:
        yield _finding(
            "monitoring-line-unseen", Level.WARNING, WITHIN_MONTHS - 5,
            say_many(
                "{count} line of the inventory has no figures, as its interface is not seen: {names}. Compare the names.",
                "{count} lines of the inventory have no figures, as their interfaces are not seen: {names}. Compare the names.",
                len(unseen),
                names=_named([f"{host.name} {interface}" for host, interface in unseen]),
            ),
        )  # fmt: skip
    yield from _weak(context)


def _weak(context: Context) -> Iterator[Finding]:
    ways = [way for host in context.hosts.values() if (way := safety(host)) is not None]
    weak = sum(way.is_weak for way in ways)
    if weak:
        yield _finding(
            "monitoring-weak-snmp", Level.WARNING, WORTH_KNOWING + 5,
            say_many(
                "{count} of {hosts} hosts can be asked by SNMP without encryption or with broken ciphers ({plain} of them by "
                "v1 or v2c). Move it to SNMPv3 with SHA and AES.",
                "{count} of {hosts} hosts can be asked by SNMP without encryption or with broken ciphers ({plain} of them by "
                "v1 or v2c). Move them to SNMPv3 with SHA and AES.",
                weak,
                hosts=len(ways),
                plain=sum(way <= Safety.V2C for way in ways),
            ),
        )  # fmt: skip
    if legacy := [name for name, host in context.hosts.items() if asks_legacy_ssh(host)]:
        yield _finding(
            "monitoring-legacy-ssh", Level.WARNING, WORTH_KNOWING,
            say_many(
                "{count} host is asked over SSH with algorithms that SSH has given up: {names}. Upgrade it.",
                "{count} hosts are asked over SSH with algorithms that SSH has given up: {names}. Upgrade them.",
                len(legacy),
                names=_named(legacy),
            ),
        )  # fmt: skip


def _finding(key: str, level: Level, urgency: float, sentence: Text) -> Finding:
    return Finding(key=key, level=level, urgency=urgency, sentence=sentence, where="")


def _named(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= _NAMED else ", ".join((*names[:_NAMED], "…"))

"""The tables of `coverage monitoring` about the ways in which hosts are asked."""

from collections import Counter

from collector.report.context import Context
from collector.report.coverage.monitoring_security import SAFETY, TO_DO, Safety, asks_legacy_ssh, safety
from collector.report.model import Cell, Column, Level, Table, Verdict
from collector.report.say import say
from collector.report.unit import Unit
from collector.report.words import ROLES


def security(context: Context) -> Table:
    """Ways to ask by SNMP, the weakest first, and how many hosts allow no better."""
    counts = Counter(found for host in context.hosts.values() if (found := safety(host)) is not None)
    rows: list[tuple[Cell, ...]] = [
        (SAFETY[each], counts[each], 100 * counts[each] / counts.total(), TO_DO[each])
        for each in Safety
        if counts[each]
    ]
    if legacy := sum(asks_legacy_ssh(host) for host in context.hosts.values()):
        able = sum(bool(host.ssh_credentials) for host in context.hosts.values())
        rows.append(
            (
                Verdict(Level.WARNING, say("SSH with algorithms that SSH has given up")),
                legacy,
                100 * legacy / able,
                say("Upgrade the device or its SSH server, then take out `legacy_ssh`."),
            )
        )
    return Table(
        key="security",
        title=say("How safely hosts are asked"),
        columns=(
            Column("way", say("Way")),
            Column("hosts", say("Hosts"), Unit.COUNT),
            Column("share_percent", say("Share"), Unit.PERCENT, say("of the hosts asked by that protocol")),
            Column("to_do", say("What to do")),
        ),
        rows=tuple(rows),
        empty=say("No host is asked by SNMP."),
        notes=(
            say(
                "As configured: a host counts with the weakest of its credentials, since that is what it has to accept. "
                "Which of several is in use is not known here."
            ),
        ),
    )


def weak_hosts(context: Context) -> Table:
    """The hosts that allow a weak way, the weakest first."""
    found = [
        (-1 if (way := safety(host)) is None or not way.is_weak else int(way), name, host)
        for name, host in context.hosts.items()
        if ((kind := safety(host)) is not None and kind.is_weak) or asks_legacy_ssh(host)
    ]
    found.sort(key=lambda each: (each[0] < 0, each[0], each[1]))
    return Table(
        key="weak_hosts",
        title=say("Hosts that are asked in a weak way"),
        columns=(
            Column("host", say("Host")),
            Column("role", say("Role"), filterable=True),
            Column("site", say("Site"), wide_only=True),
            Column("district", say("District"), wide_only=True, filterable=True),
            Column("snmp", say("SNMP"), filterable=True),
            Column("legacy_ssh", say("Legacy SSH"), filterable=True),
        ),
        rows=tuple(
            (
                name,
                ROLES[host.role],
                host.site.label if host.site else None,
                (host.site.district or None) if host.site else None,
                SAFETY[Safety(way)] if way >= 0 else None,
                say("yes") if asks_legacy_ssh(host) else say("no"),
            )
            for way, name, host in found
        ),
        empty=say("No host is asked in a weak way."),
    )

"""What a family yields where a device has it all: for `collector families` and docs/families.md. Pure."""

from collections.abc import Iterator

import msgspec

from collector.metrics.catalogue import MEASUREMENTS
from collector.plugin.cli.model import CliFamily
from collector.plugin.profile import Family, Table

_ACCOMPANYING = frozenset({"device", "device_info", "interface_info"})
"""measurements that every family has, or that come with another one"""
_CLASSED = ("sensor", "state")
_NOT_OF_DEVICES = frozenset({"ping", "poll", "link", "station", "forecast"})
"""measurements that no device tells"""


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """Attributes:
    measurements: in the order of the family's tables, without those that say nothing of it.
    sensors: classes of its readings.
    states: classes of its states.
    facts: what of a device's identity it finds out: vendor, model, os, os_version, serial.
    sys_object_ids: prefixes that it matches.
    """

    measurements: list[str]
    sensors: list[str]
    states: list[str]
    facts: list[str]
    sys_object_ids: list[str]


IDENTITY = ("vendor", "model", "os", "os_version", "serial")


def coverage(family: Family) -> Coverage:
    """What `family` yields."""
    tables = list(family.tables.values())
    told = {group for expression in family.descriptions for group in expression.groupindex} | set(family.facts)
    classes = {
        measurement: sorted({name for table in tables if table.measurement == measurement for name in _classes(table)})
        for measurement in _CLASSED
    }
    return Coverage(
        measurements=list(dict.fromkeys(t.measurement for t in tables if t.measurement not in _ACCOMPANYING)),
        sensors=classes["sensor"],
        states=classes["state"],
        facts=[fact for fact in IDENTITY if fact in told],
        sys_object_ids=sorted({prefix for rule in family.matches for prefix in rule.prefixes}),
    )


class CliCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """Attributes:
    commands: in their order, each with the texts that are tried until a device knows one; none where a script is run.
    script: whether a shell is handed one script instead.
    measurements: in the catalogue's order, without those that say nothing of the family.
    sensors: classes of its readings, as far as they are not the device's own words.
    wins: measurements that are taken from here although SNMP has them.
    """

    commands: list[list[str]]
    script: bool
    measurements: list[str]
    sensors: list[str]
    wins: list[str]


def cli_coverage(family: CliFamily) -> CliCoverage:
    """What a family's command line yields; the script of servers has something of all."""
    tables = [table for command in family.commands for table in command.tables]
    told = MEASUREMENTS.keys() - _NOT_OF_DEVICES if family.script else {table.measurement for table in tables}
    classes = (template for table in tables for template in table.tags.get("class", ()))
    return CliCoverage(
        commands=[list(command.texts) for command in family.commands],
        script=family.script,
        measurements=[name for name in MEASUREMENTS if name in told - _ACCOMPANYING],
        sensors=sorted({template.text for template in classes if not template.names}),
        wins=sorted(family.wins),
    )


def _classes(table: Table) -> Iterator[str]:
    """The classes that a table's rows can have: a text, or what a column's enumeration says."""
    for template in table.tags.get("class", ()):
        if not template.names:
            yield template.text
            continue
        column = table.columns[template.names[0]]
        yield from map(str, column.meanings)
        for source in column.sources:
            yield from map(str, (source.spec.enum or {}).values())

"""Outputs of commands as rows of the catalogue. Pure; nothing that a device says makes it raise."""

import socket
from collections.abc import Collection, Iterator

import msgspec

from collector.metrics.model import FieldValue
from collector.plugin.cli.model import CliTable, Command
from collector.plugin.cli.records import Output, OutputError
from collector.plugin.cli.values import Lookup
from collector.plugin.model import Row
from collector.plugin.template import first_filled

NUMBER = "number"
"""the place in a tag for a record's number"""


class Parsed(msgspec.Struct):
    """What an output said.

    Attributes:
        rows: of all its tables, in their order.
        problems: tables that could not be read, and why.
    """

    rows: list[Row]
    problems: list[str]


def parse(command: Command, text: str, wanted: Collection[str] | None = None) -> Parsed:
    """The rows of all tables of `command` (or of those whose measurements are `wanted`) in `text`, an output which is
    neither a refusal nor cut off."""
    parsed = Parsed([], [])
    if any(pattern.search(text) for pattern in command.empty):
        return parsed
    output = Output(text, command.format)
    for table in command.tables:
        if wanted is not None and table.measurement not in wanted:
            continue
        try:
            parsed.rows += _rows(output, table)
        except OutputError as error:
            problem = f"{command.texts[0]}: {error}"
            if problem not in parsed.problems:
                parsed.problems.append(problem)
    return parsed


def _rows(output: Output, table: CliTable) -> Iterator[Row]:
    number = 0
    for lookup in output.records(table):
        if not all(pattern.fullmatch(str(lookup(name) or "")) for name, pattern in table.where.items()):
            continue
        number += 1
        counted = _counted(lookup, number)
        tags = {name: first_filled(templates, counted) for name, templates in table.tags.items()}
        if not all(tags.values()):
            continue
        if fields := _fields(table, lookup):
            named = {name: _shortened(tag, table) for name, tag in tags.items() if tag}
            yield Row(table.measurement, named, fields, _narrow(fields) if table.bits == 32 else {})


def _narrow(fields: dict[str, FieldValue]) -> dict[str, int]:
    """The counters that wrap at 2^32; one that is beyond it does not, whatever its family says."""
    return {name: 32 for name, value in fields.items() if isinstance(value, int) and value < 1 << 32}


def _counted(lookup: Lookup, number: int) -> Lookup:
    """A record's values, and its number from 1 on where none of them is called so."""

    def look(name: str) -> FieldValue | None:
        found = lookup(name)
        return number if found is None and name == NUMBER else found

    return look


def _shortened(tag: str, table: CliTable) -> str:
    """A tag as SNMP has it: interfaces by their short names, IPv6 addresses in lower case and without zeros."""
    address, space, rest = tag.partition(" ")
    if address.count(":") > 1 and table.measurement == "routing_peer":
        try:
            return socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, address)) + space + rest
        except OSError:  # another kind of name with colons
            return tag
    for long, short in table.shorten.items():
        if tag.startswith(long) and tag[len(long) : len(long) + 1].isdigit():
            return short + tag[len(long) :]
    return tag


def _fields(table: CliTable, lookup: Lookup) -> dict[str, FieldValue]:
    fields = {name: value for name, reading in table.fields.items() if (value := reading.read(lookup)) is not None}
    if table.ok is not None and "text" in fields:
        fields["ok"] = str(fields["text"]).lower() in table.ok
    # constants alone say nothing of the device
    return fields if any(table.fields[name].constant is None for name in fields if name in table.fields) else {}

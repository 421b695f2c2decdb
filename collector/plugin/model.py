"""What the machinery for plugins hands to the rest: a family, what was learnt of a device with it, and rows.

The trip is one-way: `Family` (compiled from TOML, the same for all its devices) says which columns to walk;
`learn` turns a walk into a `Plan` (of one device, kept in the state directory); a poll GETs exactly `TablePlan.oids`;
`decode` turns the answer into `Row`s. All of it is pure.
"""

from collections.abc import Mapping

import msgspec

from collector.metrics.model import FieldValue
from collector.smi.oid import Oid
from collector.smi.value import VarBind


class Row(msgspec.Struct, gc=False):
    """What one row of a device's table says, in the vocabulary of the catalogue, before any arithmetic over time.

    Attributes:
        measurement: a measurement of the catalogue.
        tags: the measurement's own tags, `{"name": "Gi0/3"}`; unique within a device and measurement.
        fields: decoded and scaled; counters still as the device counts.
        bits: width of this row's counters where it is not 64: `{"in_octets": 32}`.
        cell: position in `TablePlan.oids` of the row's first polled value: tells which response it came in.
        discontinuity: ifCounterDiscontinuityTime where the table has it (1/100 s, as the device says it).
    """

    measurement: str
    tags: dict[str, str]
    fields: dict[str, FieldValue]
    bits: Mapping[str, int] = {}
    cell: int = 0
    discontinuity: int | None = None


class Walked(msgspec.Struct):
    """What discovery fetched of one device.

    Attributes:
        columns: for each root of `Family.roots()` that was walked, the varbinds below it in the device's order.
        failed: roots whose walk broke off, with the reason; what came until then is in `columns`.
    """

    columns: dict[Oid, list[VarBind]]
    failed: dict[Oid, str] = {}


class RowPlan(msgspec.Struct, array_like=True, gc=False):
    """One row as learnt: what does not change until the rows are learnt again.

    Attributes:
        index: the octets behind the column in the row's OIDs.
        tags: as in `Row`.
        shape: which of `TablePlan.shapes` its cells have.
        fixed: fields that are known from learning.
        bits: as in `Row`.
        factors: for polled columns whose scale is the row's own (ENTITY-SENSOR-MIB), that scale.
        check: what the checked cell held when the row was learnt: the name that its index bears (bytes, str, int, float
            or None; a union of bytes and str is nothing that MessagePack's decoder takes).
    """

    index: bytes
    tags: dict[str, str]
    shape: int
    fixed: dict[str, FieldValue] = {}
    bits: dict[str, int] = {}
    factors: dict[str, float] = {}
    check: object = None


class TablePlan(msgspec.Struct, array_like=True, gc=False):
    """A table of one device as learnt.

    Attributes:
        table: its name in the family.
        shapes: the few sets of cells that its rows have: (number of a polled column in the family's order, which of its
            candidates). Rows differ where one has 64-bit counters and another has not.
        rows: the rows to poll.
        oids: all cells of all rows, in order: what a poll GETs.
        widths: for each of `oids`, octets that its value took when it was learnt (encoded, without tag and length).
    """

    table: str
    shapes: list[list[tuple[int, int]]]
    rows: list[RowPlan]
    oids: list[Oid]
    widths: list[int]


class Plan(msgspec.Struct):
    """All that a device's family made of its walk.

    Attributes:
        family: the family's name.
        fingerprint: the family's files when it was learnt; a plan of another fingerprint is to be learnt again.
        tables: those that the device has; the others are remembered as absent by not being here.
        facts: vendor, model, os, os_version, serial, sys_name, ... (fields of `device_info`).
        problems: what was cut short or made no sense, for `probe` and `discover`: (table, reason).
    """

    family: str
    fingerprint: str
    tables: list[TablePlan]
    facts: dict[str, str]
    problems: list[tuple[str, str]] = []


class Decoded(msgspec.Struct):
    """What a poll of one table says.

    Attributes:
        rows: those whose index still bears its name.
        renumbered: numbers (in `TablePlan.rows`) of those whose index bears another name now or has gone. They gave no
            row, as it would be another's; the table is to be learnt again.
    """

    rows: list[Row]
    renumbered: list[int]

"""A simulated device as the collector learns and reads it, at any time and without a network."""

from collections.abc import Callable, Collection, Iterable

from collector.normalise.normalise import Stamp
from collector.plugin.decode import decode
from collector.plugin.learn import learn
from collector.plugin.model import Plan, Row, TablePlan, Walked
from collector.plugin.profile import SYS_DESCR, SYS_OBJECT_ID, Family
from collector.plugin.registry import Registry
from collector.simulator.agent import Device
from collector.simulator.tree import Moment, Tree
from collector.smi.oid import Oid
from collector.smi.value import Missing, Value, VarBind

EPOCH_S = 0.0
"""of the province's farm"""

_Read = Callable[[Moment], Value]


class LearntDevice:
    """A device of the province, its family, and what to read of it.

    Attributes:
        family: as a registry finds it.
        plan: all its rows.
    """

    def __init__(self, device: Device, registry: Registry, now_s: float) -> None:
        moment = device.moment(now_s, EPOCH_S)
        self._device = device
        self.family = _family_of(device.tree, registry, moment)
        self.plan = _plan_of(device.tree, self.family, moment)

    def uptime_ticks(self, now_s: float) -> int:
        """sysUpTime.0"""
        return self._device.moment(now_s, EPOCH_S).ticks % (1 << 32)

    def part(self, measurements: Collection[str], names: Collection[str] | None = None) -> "Part":
        """What there is of some measurements: of the rows of these names, else of all."""
        tables = [table for table in self.plan.tables if self.family.table(table.table).measurement in measurements]
        return Part(self._device, self.family, [part for table in tables if (part := _rows_of(table, names)).rows])


class Part:
    """Some tables of a device, to be read again and again."""

    def __init__(self, device: Device, family: Family, tables: Iterable[TablePlan]) -> None:
        self._device = device
        self._family = family
        at_start = device.moment(EPOCH_S, EPOCH_S)
        self._tables = [
            (table, [_reader(device.tree, oid) for oid in table.oids], _still(device.tree, table, at_start))
            for table in tables
        ]

    def read(self, now_s: float) -> tuple[list[Row], list[Stamp]]:
        """The rows at `now_s`, with their stamps."""
        moment = self._device.moment(now_s, EPOCH_S)
        rows: list[Row] = []
        for table, readers, still in self._tables:
            values = [read(moment) if read else value for read, value in zip(readers, still, strict=True)]
            rows += decode(self._family, table, values).rows
        return rows, [Stamp(now_s, moment.ticks % (1 << 32))] * len(rows)


def _family_of(tree: Tree, registry: Registry, moment: Moment) -> Family:
    object_id, descr = (_text(_get(tree, oid, moment)) for oid in (SYS_OBJECT_ID, SYS_DESCR))
    probes = {oid: _get(tree, oid, moment) for oid in registry.probe_oids(object_id, descr)}
    return registry.family(registry.match(object_id, descr, probes)[0].family, object_id)


def _plan_of(tree: Tree, family: Family, moment: Moment) -> Plan:
    columns = {root: column for root in family.roots() if (column := _column(tree, root, moment))}
    return learn(family, Walked(columns), {oid: _get(tree, oid, moment) for oid in family.scalars()})


def _column(tree: Tree, root: Oid, moment: Moment) -> list[VarBind]:
    found: list[VarBind] = []
    for cell in tree.cells[tree.place_after(root) :]:
        if not cell.oid.startswith(root):
            break
        found.append((cell.oid, cell.tag, cell.value(moment)))
    return found


def _get(tree: Tree, oid: Oid, moment: Moment) -> Value:
    cell = tree.get(oid)
    return cell.value(moment) if cell else Missing.NO_SUCH_INSTANCE


def _text(value: Value) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _rows_of(table: TablePlan, names: Collection[str] | None) -> TablePlan:
    """The plan of the rows of these names alone."""
    part = TablePlan(table.table, table.shapes, [], [], [])
    at = 0
    for row in table.rows:
        start, at = at, at + len(table.shapes[row.shape])
        if names is None or row.tags.get("name") in names:
            part.rows.append(row)
            part.oids += table.oids[start:at]
            part.widths += table.widths[start:at]
    return part


def _reader(tree: Tree, oid: Oid) -> _Read | None:
    """How to read a value that moves."""
    cell = tree.get(oid)
    return None if cell is None or cell.still else cell.value


def _still(tree: Tree, table: TablePlan, moment: Moment) -> list[Value]:
    return [Missing.NO_SUCH_INSTANCE if _reader(tree, oid) else _get(tree, oid, moment) for oid in table.oids]

"""What discovery fetched of a device, read by column and index, with all of a family's candidates and joins."""

from collections.abc import Mapping
from typing import TypeAlias

from collector.metrics.model import FieldValue
from collector.plugin.convert import clean_text
from collector.plugin.model import Walked
from collector.plugin.profile import Column, Source
from collector.plugin.template import first_filled, index_part, is_builtin
from collector.smi import oid as oids
from collector.smi.oid import Oid
from collector.smi.value import Missing, Value

Cell: TypeAlias = tuple[int, Value]
"""tag and value"""


class Cells:
    """What is known of a device, by column and index."""

    def __init__(self, walked: Walked, scalars: Mapping[Oid, Value]) -> None:
        self._walked = walked
        self._columns: dict[Oid, dict[bytes, Cell]] = {}
        self._rows_holding: dict[Oid, dict[str, bytes]] = {}
        self.scalars = scalars

    def column(self, oid: Oid) -> dict[bytes, Cell]:
        """index -> cell, in the device's order."""
        found = self._columns.get(oid)
        if found is None:
            found = self._columns[oid] = self._gather(oid)
        return found

    def _gather(self, oid: Oid) -> dict[bytes, Cell]:
        for root, varbinds in self._walked.columns.items():
            if oid.startswith(root):
                length = len(oid)
                return {
                    name[length:]: (tag, value)
                    for name, tag, value in varbinds
                    if name.startswith(oid)
                    and len(name) > length
                    and name[-1] < 0x80
                    and not isinstance(value, Missing)
                }
        return {}

    def at(self, source: Source, index: bytes | None) -> Cell | None:
        """The cell of a candidate at an index; None where the device has none."""
        if source.instance:
            value = self.scalars.get(source.oid)
            return None if value is None or isinstance(value, Missing) else (0, value)
        return None if index is None else self.column(source.oid).get(index)

    def index_of(self, column: Oid, value: str) -> bytes | None:
        """The index of the first row where `column` holds `value`."""
        rows = self._rows_holding.get(column)
        if rows is None:
            rows = self._rows_holding[column] = {}
            for index, (_, held) in self.column(column).items():
                rows.setdefault(clean_text(held) if isinstance(held, bytes) else str(held), index)
        return rows.get(value)


class RowReader:
    """A row being learnt: columns are read when they are asked for, each once."""

    def __init__(self, family: str, columns: Mapping[str, Column], cells: Cells, index: bytes, number: int = 1) -> None:
        self._family = family
        self._columns = columns
        self._cells = cells
        self._values: dict[str, FieldValue | None] = {}
        self._number = number
        self.index = index
        self.arcs = oids.decode_index(index)

    def value(self, name: str) -> FieldValue | None:
        """The decoded value of a column, None where it has none; {index}, {number} and {family} too."""
        if name in self._values:
            return self._values[name]
        self._values[name] = None  # columns that lean on each other in a circle have no value
        found = self._built_in(name) if is_builtin(name) else self.read(self._columns[name])
        self._values[name] = found
        return found

    def _built_in(self, name: str) -> str | None:
        if name == "family":
            return self._family
        return str(self._number) if name == "number" else index_part(name, self.arcs)

    def read(self, column: Column) -> FieldValue | None:
        """The decoded value of a column; `value` is for names in templates, where "index" is the row's index."""
        if column.constant is not None:
            return column.constant
        if column.texts:
            return first_filled(column.texts, self.value)
        if column.from_index is not None:
            return column.from_index(self._own_part(column), 1.0)
        chosen = self.choose(column)
        if chosen is None:
            return None
        number, _, (_, value) = chosen
        found = column.sources[number].convert(value, self.factor(column))
        if column.states is not None and found is not None:
            state = column.states.get(found.lower() if isinstance(found, str) else found)
            return None if state is None else state["text"]
        return found

    def _own_part(self, column: Column) -> Value:
        index = _joined_arcs(column, self.arcs)
        if index is None:
            return Missing.NO_SUCH_INSTANCE
        # one arc is a number, several are the octets of a text or an address
        return index[0] if len(index) == 1 else bytes(arc & 0xFF for arc in index)

    def factor(self, column: Column) -> float:
        """The product of the columns that scale this one; 1.0 where they hold no number."""
        product = 1.0
        for name in column.scale_by:
            value = self.value(name)
            if isinstance(value, int | float):
                product *= value
        return product

    def choose(self, column: Column) -> tuple[int, Oid, Cell] | None:
        """The candidate for this row: its number, the OID of its cell, and the cell.

        The first that has a usable value, else the last that has a value at all. A counter that stands at 0 gives way
        to a later candidate that does not: some agents have 64-bit counters that never move.
        """
        index = self._index_for(column)
        usable: tuple[int, Oid, Cell] | None = None
        present: tuple[int, Oid, Cell] | None = None
        for number, source in enumerate(column.sources):
            cell = self._cells.at(source, index)
            if cell is None:
                continue
            oid = source.oid if source.instance else source.oid + (index or b"")
            present = (number, oid, cell)
            if source.convert(cell[1], self.factor(column)) is None:
                continue
            if usable is None or (usable[2][1] == 0 and cell[1] != 0):
                usable = present
            if not column.counter or cell[1] != 0:
                break
        return usable or present

    def _index_for(self, column: Column) -> bytes | None:
        join = column.join
        if join is None:
            return self.index
        if join.by is None:
            arcs = _joined_arcs(column, self.arcs)
            return None if arcs is None else oids.encode_index(arcs)
        value = self.value(join.by)
        if value is None:
            return None
        if join.find is not None:
            return self._cells.index_of(join.find, str(value))
        text = str(value).removeprefix(join.strip + ".") if join.strip else str(value)
        if not text or not all(arc.isascii() and arc.isdigit() for arc in text.split(".")) or len(text) > 500:
            return None
        return oids.encode_index(map(int, text.split(".")))


def _joined_arcs(column: Column, arcs: tuple[int, ...]) -> tuple[int, ...] | None:
    join = column.join
    if join is None:
        return arcs or None
    if join.span is not None:
        return arcs[slice(*join.span)] or None
    try:
        return tuple(arcs[position] for position in join.positions or ())
    except IndexError:
        return None

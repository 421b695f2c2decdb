"""One reading of a device by its plan: the tables that are due, in as few requests as they fit, as rows."""

from bisect import bisect_right
from collections.abc import Sequence

import msgspec

from collector.normalise.normalise import Stamp
from collector.plugin.decode import decode
from collector.plugin.errors import HookError
from collector.plugin.model import Row, TablePlan
from collector.plugin.profile import Family
from collector.smi.oid import Oid
from collector.smi.value import Missing, Value
from collector.transport.contract import SnmpSession


class Rows(msgspec.Struct, kw_only=True):
    """Decoded rows with the moment each came in, and what went wrong with the rest.

    Attributes:
        rows, stamps: aligned.
        watch: values of the watched scalars, None where there was none.
        renumbered: tables in which rows have moved; those rows are left out.
        broken: what else could not be done, in words: a family's function that failed, rows that could not be relearnt.
        gone: values that the plan wants and the device no longer has.
        lost: values that got no answer or a broken one.
        uptime_ticks: sysUpTime of the first response.
    """

    rows: list[Row] = []
    stamps: list[Stamp] = []
    watch: dict[Oid, int] = {}
    renumbered: list[str] = []
    broken: list[str] = []
    gone: int = 0
    lost: int = 0
    uptime_ticks: int | None = None


def apart_from_device(rows: Rows) -> tuple[list[Row], list[Stamp], float | None]:
    """All rows but those of `device`, their stamps, and the uptime: it goes into the host's own `device` point. What a row
    says of it comes before sysUpTime."""
    kept: list[Row] = []
    stamps: list[Stamp] = []
    uptime_s = None if rows.uptime_ticks is None else rows.uptime_ticks / 100
    for row, stamp in zip(rows.rows, rows.stamps, strict=True):
        if row.measurement == "device":
            told = row.fields.get("uptime_s")
            if isinstance(told, (int, float)):
                uptime_s = float(told)
        else:
            kept.append(row)
            stamps.append(stamp)
    return kept, stamps, uptime_s


async def read(
    session: SnmpSession,
    family: Family,
    tables: Sequence[TablePlan],
    watch: Sequence[Oid],
    now_s: float,
    *,
    with_oids: bool = False,
) -> Rows:
    """GET all cells of `tables` and the `watch` scalars; decode what came. Rows that need no GET are stamped `now_s`.

    Raises:
        TransportError: the device answered nothing, or refused.
    """
    oids = list(watch)
    widths = [5] * len(watch)
    for table in tables:
        oids += table.oids
        widths += table.widths
    reading = await session.get(oids, widths)
    values, batches = reading.values, reading.batches
    stops = [batch.stop for batch in batches]
    stamps = [Stamp(batch.arrived_s, batch.uptime_ticks) for batch in batches] or [Stamp(now_s, None)]

    result = Rows(uptime_ticks=batches[0].uptime_ticks if batches else None)
    for oid, value in zip(watch, values, strict=False):
        if isinstance(value, int):
            result.watch[oid] = value
    offset = len(watch)
    for table in tables:
        end = offset + len(table.oids)
        cells = values[offset:end]
        if Missing in map(type, cells):
            _count_missing(cells, result)
        try:
            decoded = decode(family, table, cells, with_oids=with_oids)
        except HookError as error:
            result.broken.append(str(error))
            offset = end
            continue
        if decoded.renumbered:
            result.renumbered.append(table.table)
        result.rows += decoded.rows
        last = len(stamps) - 1
        result.stamps += [stamps[min(bisect_right(stops, offset + row.cell), last)] for row in decoded.rows]
        offset = end
    return result


def _count_missing(values: Sequence[Value], result: Rows) -> None:
    for value in values:
        if value is Missing.NO_SUCH_INSTANCE or value is Missing.NO_SUCH_OBJECT:
            result.gone += 1
        elif isinstance(value, Missing):
            result.lost += 1

"""When texts were first and last seen, over InfluxQL."""

# Names in statements are quoted, values too: see influx_read.
# ruff: noqa: S608

from collections.abc import Mapping, Sequence

from collector.metrics.model import Field, Measurement
from collector.store.contract import Sighting
from collector.store.influx_cells import Key, key_of, source
from collector.store.influx_read import Ask, quoted, where_clause
from collector.store.reading import DAY_NS, DAY_S
from collector.store.segments import RAW, Kept, segments


def sightings(
    ask: Ask,
    there: Kept,
    measurement: Measurement,
    fields: Sequence[Field],
    where: Mapping[str, str],
    since_ns: int,
    until_ns: int,
) -> list[Sighting]:
    """As `Store.sightings`: to the day, by the first and last text of each day, the last one where it is rolled up."""
    seen: dict[tuple[Key, str, str], tuple[int, int]] = {}
    for part in segments(there, max(0, since_ns), until_ns, DAY_NS):
        conditions = where_clause(where, part.start_ns, part.stop_ns)
        # Two selectors of one field are quick, and so are all fields as they are; selectors of several fields are not.
        for asked in [(field, field) for field in fields] if part.grain == RAW else [tuple(fields)]:
            names = [quoted(field.name) for field in asked]
            columns = f"first({names[0]}), last({names[0]})" if part.grain == RAW else ", ".join(names)
            grouped = f"time({DAY_S}s), * fill(none)" if part.grain == RAW else "*"
            points = source(measurement, part.grain)
            for table in ask(f"SELECT {columns} FROM {points}{conditions} GROUP BY {grouped}", measurement.name):
                key = key_of(table)
                for start_s, *texts in table.values:
                    time_ns = max(start_s * 10**9, part.start_ns)
                    for field, text in zip(asked, texts, strict=True):
                        if text is not None:
                            first_ns, _ = seen.get((key, field.name, text), (time_ns, 0))
                            seen[key, field.name, text] = (first_ns, time_ns)
    return [
        Sighting(dict(key), field, text, first_ns, last_ns) for (key, field, text), (first_ns, last_ns) in seen.items()
    ]

"""Points for tests, ready-made and by hypothesis."""

from collections.abc import Sequence

from hypothesis import strategies as st

from collector.metrics.catalogue import HOST_TAGS, MEASUREMENTS
from collector.metrics.model import FieldValue, Measurement, Point
from collector.store.storable import NOT_STORED

MINUTE_NS = 60 * 10**9
START_NS = 1_750_032_000 * 10**9
"""2025-06-16T00:00:00Z"""

TAGS = {"host": "r1", "role": "wan-router", "site": "s1"}


def cpu(value: float, minute: int = 0, name: str = "0", host: str = "r1") -> Point:
    return Point("cpu", {**TAGS, "host": host, "name": name}, {"usage_percent": value}, START_NS + minute * MINUTE_NS)


def interface(minute: int = 0, name: str = "Gi0/1", host: str = "r1", **fields: FieldValue) -> Point:
    values = {"in_octets": 1000 * minute, "in_bps": 8000.5, "oper_status": "up", "reset": False, **fields}
    return Point("interface", {**TAGS, "host": host, "name": name}, values, START_NS + minute * MINUTE_NS)


def points(
    text: st.SearchStrategy[str] | None = None, measurements: Sequence[str] = ("device", "memory", "state", "component")
) -> st.SearchStrategy[Point]:
    """Points as the catalogue has them, with text of every kind."""
    return st.one_of(*(_points_of(MEASUREMENTS[name], texts() if text is None else text) for name in measurements))


def texts() -> st.SearchStrategy[str]:
    awkward = st.text(alphabet="ab,= \"\\\n\r\t'%{}é台\x00", max_size=12)
    return awkward | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def _points_of(measurement: Measurement, text: st.SearchStrategy[str]) -> st.SearchStrategy[Point]:
    values: dict[type, st.SearchStrategy[FieldValue]] = {
        int: st.integers(-(2**63), 2**63 - 1),
        float: st.floats(allow_nan=False, allow_infinity=False),
        str: text,
        bool: st.booleans(),
    }
    fields = {f.name: values[f.type] for f in measurement.fields if f.name not in NOT_STORED}
    return st.builds(
        Point,
        st.just(measurement.name),
        st.fixed_dictionaries({"host": text}, optional=dict.fromkeys((*HOST_TAGS[1:], *measurement.tags), text)),
        st.fixed_dictionaries({}, optional=fields).filter(bool),
        st.integers(0, 2**61),
    )

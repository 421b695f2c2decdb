"""Whatever a device says, learning and decoding come to an end without an exception."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from collector.metrics.catalogue import MEASUREMENTS
from collector.plugin.decode import decode
from collector.plugin.learn import learn
from collector.plugin.model import Walked
from collector.plugin.registry import Registry
from collector.smi.value import Missing

FAMILIES = [Registry.open().family(name) for name in ("generic", "cisco/ios", "huawei/vrp", "mikrotik/routeros")]
VALUES = st.one_of(
    st.integers(-(2**63), 2**64 - 1),
    st.integers(-2, 12),
    st.floats(),
    st.binary(max_size=20),
    st.sampled_from(["1.3.6.1.2.1.25.2.1.2", "1.3.6.1.2.1.25.2.1.4", "10.0.0.1", "0.0"]),
    st.sampled_from(Missing),
)
INDEXES = st.sampled_from([b"\x01", b"\x02", b"\x01\x02", b"\x03\x01\x02\x85\x06", b"\x01\x81", b""])
TAGS = st.sampled_from([0x02, 0x04, 0x41, 0x42, 0x46])


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(FAMILIES), st.data())
def test_no_device_makes_it_raise(family, data) -> None:
    some = data.draw(st.lists(st.sampled_from(family.roots()), max_size=25, unique=True))
    rows = st.lists(st.tuples(INDEXES, TAGS, VALUES), max_size=4)
    walked = {root: [(root + index, tag, value) for index, tag, value in data.draw(rows)] for root in some}
    scalars = {oid: data.draw(VALUES) for oid in data.draw(st.lists(st.sampled_from(family.scalars()), max_size=15))}
    plan = learn(family, Walked(walked, {family.roots()[0]: "timeout"}), scalars)
    for table in plan.tables:
        answers = [data.draw(VALUES) for _ in table.oids]
        for row in decode(family, table, answers, with_oids=True).rows:
            measurement = MEASUREMENTS[row.measurement]
            assert set(row.tags) == set(measurement.tags)
            for name, value in row.fields.items():
                assert type(value) is measurement.field(name).type
                assert not isinstance(value, float) or math.isfinite(value)

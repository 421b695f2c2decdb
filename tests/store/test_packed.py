"""Points packed on their way to a store come out as they went in."""

from hypothesis import given
from hypothesis import strategies as st

from collector.metrics.model import Point
from collector.store.packed import PackedPoints

VALUES = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(max_size=20) | st.booleans()
POINTS = st.builds(
    Point,
    st.sampled_from(["cpu", "interface"]),
    st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=3),
    st.dictionaries(st.text(max_size=8), VALUES, max_size=4),
    st.integers(0, 2**62),
)


@given(st.lists(st.lists(POINTS, max_size=5), max_size=5))
def test_they_come_out_as_they_went_in(hosts: list[list[Point]]) -> None:
    packed = PackedPoints()
    for points in hosts:
        packed.add(points)
    flat = [point for points in hosts for point in points]
    assert list(packed) == flat
    assert [[type(value) for value in p.fields.values()] for p in packed] == [
        [type(value) for value in p.fields.values()] for p in flat
    ]
    assert len(packed) == len(flat)
    assert packed[1:3] == flat[1:3]


def test_what_cannot_be_encoded_is_not_lost() -> None:
    odd = [Point("cpu", {"host": "r1", "name": "\ud800"}, {"usage_percent": 2**70}, 1)]
    packed = PackedPoints()
    packed.add(odd)
    assert list(packed) == odd

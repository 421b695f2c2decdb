"""Which part of a span is read from samples and which from rollups."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from collector.store.segments import DAILY, HOUR_NS, HOURLY, RAW, Kept, Segment, segments

DAY_NS = 24 * HOUR_NS
MINUTE_NS = HOUR_NS // 60

DAY = 20_000
"""days in these tests are counted from here"""

KEPT = Kept(frozenset(range(DAY, DAY + 10)), raw_from=DAY + 6, hourly_from=DAY + 3)
"""ten days rolled up, samples of the last four of them and of all later days, hours of the last seven"""


def at(day: int, hour: int = 0, minute: int = 0) -> int:
    return (DAY + day) * DAY_NS + hour * HOUR_NS + minute * MINUTE_NS


def test_days_are_read_as_coarse_as_the_windows_allow() -> None:
    span = at(0), at(12)
    days = [Segment(DAILY, at(0), at(10)), Segment(RAW, at(10), at(12))]
    hours = [Segment(DAILY, at(0), at(3)), Segment(HOURLY, at(3), at(10)), Segment(RAW, at(10), at(12))]
    minutes = [Segment(DAILY, at(0), at(3)), Segment(HOURLY, at(3), at(6)), Segment(RAW, at(6), at(12))]
    assert segments(KEPT, *span, 2 * DAY_NS) == days
    assert segments(KEPT, *span, 6 * HOUR_NS) == hours
    assert segments(KEPT, *span, 5 * MINUTE_NS) == segments(KEPT, *span, 90 * MINUTE_NS) == minutes


def test_hours_that_the_span_cuts_are_read_from_samples() -> None:
    assert segments(KEPT, at(7, 1, 30), at(8, 2, 10), HOUR_NS) == [
        Segment(RAW, at(7, 1, 30), at(7, 2)), Segment(HOURLY, at(7, 2), at(8, 2)), Segment(RAW, at(8, 2), at(8, 2, 10)),
    ]  # fmt: skip
    assert segments(KEPT, at(4, 1, 30), at(4, 5, 10), HOUR_NS) == [Segment(HOURLY, at(4, 1, 30), at(4, 5, 10))]
    assert segments(KEPT, at(7, 1, 10), at(7, 1, 50), HOUR_NS) == [Segment(RAW, at(7, 1, 10), at(7, 1, 50))]


def test_nothing_is_rolled_up_yet() -> None:
    assert segments(Kept(), at(0, 5), at(100), DAY_NS) == [Segment(RAW, at(0, 5), at(100))]
    assert segments(Kept(), at(1), at(1), DAY_NS) == []


moments = st.integers(at(-3), at(15))


@given(
    rolled=st.frozensets(st.integers(DAY - 2, DAY + 14)),
    raw_from=st.integers(DAY - 2, DAY + 15),
    hourly_from=st.integers(DAY - 2, DAY + 15),
    span=st.tuples(moments, moments),
    every_ns=st.sampled_from([MINUTE_NS, HOUR_NS, 90 * MINUTE_NS, 6 * HOUR_NS, DAY_NS, 7 * DAY_NS]),
)
def test_the_parts_cover_the_span_once(
    rolled: frozenset[int], raw_from: int, hourly_from: int, span: tuple[int, int], every_ns: int
) -> None:
    since_ns, until_ns = min(span), max(span)
    found = segments(Kept(rolled, raw_from, hourly_from), since_ns, until_ns, every_ns)
    edges = [since_ns, *(part.stop_ns for part in found)]
    assert [part.start_ns for part in found] == edges[:-1]
    assert edges[-1] == until_ns or since_ns == until_ns
    assert all(part.start_ns < part.stop_ns for part in found)
    assert all(one.grain != other.grain for one, other in itertools.pairwise(found))
    for part in found:
        days = set(range(part.start_ns // DAY_NS, -(-part.stop_ns // DAY_NS)))
        if part.grain != RAW:
            assert days <= rolled
        if part.grain == HOURLY:
            assert min(days) >= hourly_from

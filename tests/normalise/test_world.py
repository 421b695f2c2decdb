"""Whatever happens to a device, its lines and the collector's clock: a rate is the truth, or there is none."""

from hypothesis import given, settings
from hypothesis import strategies as st

from collector.normalise.normalise import Samples, normalise
from tests.normalise.world import Collector, Device

SPEEDS_BPS = (2_000_000, 100_000_000, 1_000_000_000, 10_000_000_000, 100_000_000_000, 400_000_000_000)
SAMPLES = settings(max_examples=300, deadline=None)

load = st.floats(0, 1)
gap_s = st.floats(20, 4_000)
travel_s = st.floats(0, 0.1)
events = st.sampled_from(("nothing", "nothing", "nothing", "reboot", "clear", "clock", "absent", "width"))


@SAMPLES
@given(
    st.sampled_from((32, 64)),
    st.sampled_from(SPEEDS_BPS),
    st.floats(0, 42_900_000),
    st.integers(0, 2**64 - 1),
    st.booleans(),
    st.lists(
        st.tuples(gap_s, load, load, events, st.floats(0.05, 0.95), st.floats(-5_000, 5_000), travel_s), max_size=12
    ),
)
def test_a_rate_is_the_truth_or_null_through_reboots_clears_clock_steps_gaps_and_changes_of_width(
    bits: int,
    speed_bps: int,
    uptime_s: float,
    octets: int,
    packets: bool,
    story: list[tuple[float, float, float, str, float, float, float]],
) -> None:
    device = Device(bits=bits, speed_bps=speed_bps, uptime_s=uptime_s, octets=octets)
    collector = Collector()
    assert collector.poll(device, packets=packets).in_bps is None
    was_set = False
    for seconds, load_before, load_after, event, share, step_s, late_s in story:
        if event == "clock" and was_set:
            event = "nothing"  # set by the same amount twice running, a clock looks like an uptime of another pace
        was_set = event == "clock"
        device.pass_time(seconds * share, speed_bps * load_before)
        if event == "reboot":
            device.reboot()
        elif event == "clear":
            device.clear()
        elif event == "width":
            device.bits = 96 - device.bits
        elif event == "clock":
            collector.clock_offset_s += step_s
        device.pass_time(seconds * (1 - share), speed_bps * load_after)
        if event == "width" and collector.last:
            collector.last = (*collector.last[:2], -1)
        polled = collector.poll(device, present=event != "absent", packets=packets, travel_s=late_s)
        assert polled.never_wrong(), (polled, event)


@SAMPLES
@given(
    st.sampled_from((None, 0.0, 0.01, 0.5, 1.5, 10.0)),
    st.floats(3_600_000, 4_000_000),
    st.lists(st.tuples(gap_s, load), min_size=3, max_size=12),
)
def test_an_uptime_that_is_missing_stands_still_or_runs_at_a_pace_of_its_own_makes_no_wrong_rate(
    pace: float | None, uptime_s: float, story: list[tuple[float, float]]
) -> None:
    device = Device(pace=pace, uptime_s=uptime_s)
    collector = Collector()
    collector.poll(device)
    rates = []
    for seconds, share in story:
        device.pass_time(seconds, 1e9 * share)
        polled = collector.poll(device)
        assert polled.never_wrong()
        rates.append(polled.in_bps)
    assert rates[-1] is not None, "once its pace is known there are rates"


@SAMPLES
@given(st.floats(0.5, 100), st.floats(0, 1), st.floats(1, 300))
def test_uptime_that_wraps_after_497_days_is_no_reboot(before_s: float, share: float, after_s: float) -> None:
    device = Device(bits=32, speed_bps=10_000_000, uptime_s=2**32 / 100 - before_s, octets=2**32 - 1000)
    collector = Collector()
    collector.poll(device)
    device.pass_time(before_s + after_s, 1e7 * share)
    polled = collector.poll(device)
    assert polled.right()
    assert polled.verdict in ("ok", "wrapped")


@SAMPLES
@given(st.floats(1, 42_000_000), st.floats(1, 100), st.floats(0.02, 1), load)
def test_a_reboot_is_told_from_a_wrap_of_the_uptime_by_the_clock(
    uptime_s: float, seconds: float, share: float, busy: float
) -> None:
    device = Device(bits=32, speed_bps=100_000_000, uptime_s=uptime_s, octets=4_000_000_000)
    collector = Collector()
    collector.poll(device)
    device.pass_time(seconds * (1 - share), 1e8 * busy)
    device.reboot()
    device.pass_time(seconds * share, 1e8 * busy)
    polled = collector.poll(device)
    assert polled.in_bps is None
    assert polled.point.fields["reset"] is True


@SAMPLES
@given(
    st.sampled_from((1_000_000_000, 10_000_000_000)),
    st.floats(5, 600),
    st.integers(0, 2**32 - 1),
    st.floats(0.0001, 1),
)
def test_32_bits_on_a_fast_port_have_a_rate_only_where_no_wrap_can_be_unseen(
    speed_bps: int, seconds: float, octets: int, share: float
) -> None:
    device = Device(bits=32, speed_bps=speed_bps, octets=octets)
    for packets in (False, True):
        collector = Collector()
        collector.poll(device, packets=packets)
        device.pass_time(seconds, speed_bps * share)
        polled = collector.poll(device, packets=packets)
        assert polled.never_wrong()
        assert polled.verdict in ("ok", "wrapped", "ambiguous", "reset")
        if speed_bps * 1.1 / 8 * seconds < 2**32:
            assert polled.right()


@SAMPLES
@given(st.lists(st.tuples(st.floats(1.5, 90_000), load), min_size=2, max_size=8))
def test_irregular_intervals_give_the_mean_of_each(story: list[tuple[float, float]]) -> None:
    device = Device(speed_bps=400_000_000_000)
    collector = Collector()
    collector.poll(device)
    for seconds, share in story:
        device.pass_time(seconds, 4e11 * share)
        polled = collector.poll(device)
        assert polled.right()
        assert abs(polled.point.fields["interval_s"] - seconds) <= 0.02


@SAMPLES
@given(st.integers(1, 6), st.floats(30, 600), load)
def test_a_counter_that_was_missing_has_its_rate_over_the_longer_interval(
    missed: int, seconds: float, share: float
) -> None:
    device = Device(octets=2**40)
    collector = Collector()
    collector.poll(device)
    for _ in range(missed):
        device.pass_time(seconds, 1e9 * share)
        assert collector.poll(device, present=False).in_bps is None
    device.pass_time(seconds, 1e9 * share / 2)
    assert collector.poll(device).right()


@SAMPLES
@given(st.integers(1, 6), st.floats(30, 600), load, st.booleans())
def test_missed_polls_and_an_absent_row_keep_the_baseline(
    missed: int, seconds: float, share: float, rebooted: bool
) -> None:
    device = Device(octets=2**40)
    collector = Collector()
    collector.poll(device)
    for _ in range(missed):
        device.pass_time(seconds, 1e9 * share)
        collector.samples = without_rows(collector)
    if rebooted:
        device.reboot()
    device.pass_time(seconds, 1e9 * share)
    polled = collector.poll(device)
    assert polled.never_wrong()
    assert polled.right() != rebooted


def without_rows(collector: Collector) -> Samples:
    return normalise([], [], collector.context, collector.samples).samples


@SAMPLES
@given(st.floats(-86_400, 86_400), load, st.floats(30, 600))
def test_a_step_of_the_clock_does_not_distort(step_s: float, share: float, seconds: float) -> None:
    device = Device(bits=32, speed_bps=10_000_000)
    collector = Collector()
    collector.poll(device)
    for step in (0.0, step_s, 0.0):
        collector.clock_offset_s += step
        device.pass_time(seconds, 1e7 * share)
        assert collector.poll(device).right()

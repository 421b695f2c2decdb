"""The single decisions, each by an example that a reader can check by hand."""

import msgspec
import pytest

from collector.normalise.counters import MIN_INTERVAL_S, Verdict, judge, measure_interval
from collector.normalise.normalise import Context, Samples, Stamp, normalise
from collector.normalise.samples import Sample
from collector.plugin.model import Row
from inventory.model import Link
from tests.normalise.world import EPOCH_S, Collector, Device

NO_LIMIT = float("inf")


def sample(arrived_s: float, uptime_ticks: int | None, pace: float | None = None) -> Sample:
    return Sample(0, arrived_s, uptime_ticks, None, pace, 0, [])


@pytest.mark.parametrize(
    ("before", "now", "pace", "verdict", "seconds"),
    [
        ((0, 100_000), (60, 106_000), None, "ok", 60.0),
        ((0, 100_000), (61.5, 106_000), None, "ok", 60.0),
        ((0, 100_000), (60, 3_000), None, "rebooted", 0.0),
        ((0, 1_000), (3600, 4_000), None, "rebooted", 0.0),
        ((0, 2**32 - 3_000), (60, 3_000), None, "ok", 60.0),
        ((0, 2**32 - 3_000), (600, 3_000), None, "rebooted", 0.0),
        ((0, 10_000_000), (3660, 10_006_000), 1.0, "ok", 60.0),
        ((0, 10_000_000), (-3540, 10_006_000), 1.0, "ok", 60.0),
        ((0, 10_000_000), (3660, 10_006_000), None, "clock", 0.0),
        ((0, 10_000_000), (60, 10_000_060), 0.01, "ok", 60.0),
        ((0, 10_000_000), (60, 10_000_060), 0.5, "clock", 0.0),
        ((0, 10_000_000), (60, 10_000_000), 0.0, "ok", 60.0),
        ((0, 10_000_000), (60, 10_000_000), 1.0, "clock", 0.0),
        ((0, 10_000_000), (0.5, 10_000_050), None, "too-close", 0.0),
        ((0, 10_000_000), (0, 10_000_000), None, "too-close", 0.0),
        ((0, None), (60, None), None, "ok", 60.0),
        ((0, 0), (60, 0), None, "ok", 60.0),
        ((0, None), (-60, None), None, "clock", 0.0),
        ((0, None), (0.5, None), None, "too-close", 0.0),
        ((0, 10_000_000), (60, None), None, "clock", 0.0),
        ((0, None), (60, 10_000_000), None, "clock", 0.0),
    ],
)
def test_interval(
    before: tuple[float, int | None], now: tuple[float, int | None], pace: float | None, verdict: str, seconds: float
) -> None:
    interval = measure_interval(sample(EPOCH_S + before[0], before[1], pace), Stamp(EPOCH_S + now[0], now[1]))
    assert (interval.verdict.value, interval.seconds) == (verdict, pytest.approx(seconds))


def test_only_an_uptime_that_went_on_proves_that_a_counter_wrapped() -> None:
    assert measure_interval(sample(0, 100_000), Stamp(60, 106_000)).proven
    assert measure_interval(sample(0, 10_000_000, 0.01), Stamp(60, 10_000_060)).proven
    assert not measure_interval(sample(0, None), Stamp(60, None)).proven
    assert not measure_interval(sample(0, 10_000_000, 0.0), Stamp(60, 10_000_000)).proven


@pytest.mark.parametrize(
    ("before", "now", "options", "verdict", "amount"),
    [
        (5, 9, {"narrow": False}, "ok", 4),
        (9, 5, {"narrow": False}, "reset", 0),
        (2**64 - 1, 5, {"narrow": False}, "reset", 0),
        (0, 1001, {"narrow": False, "absurd": 1000}, "impossible-rate", 0),
        (2**32 - 1, 5, {"line_max": 100}, "wrapped", 6),
        (2**32 - 1, 5, {"line_max": 5}, "reset", 0),
        (2**32 - 1, 5, {"line_max": 100, "proven": False}, "reset", 0),
        (2**32 - 1, 5, {"line_max": None}, "reset", 0),
        (5, 9, {"line_max": None}, "ok", 4),
        (5, 9, {"line_max": 2**32 + 4}, "ambiguous", 0),
        (5, 9, {"line_max": 2**32 + 3}, "ok", 4),
        (5, 9, {"line_max": 2**32 + 4, "many_wraps": False}, "ok", 4),
        (0, 2000, {"line_max": None, "absurd": 1000}, "impossible-rate", 0),
    ],
)
def test_judge(before: int, now: int, options: dict[str, object], verdict: str, amount: int) -> None:
    defaults = {"narrow": True, "proven": True, "line_max": None, "absurd": NO_LIMIT, "many_wraps": True}
    growth = judge(before, now, **{**defaults, **options})
    assert (growth.verdict.value, growth.amount) == (verdict, amount)


def test_every_verdict_is_explained() -> None:
    assert all(verdict.explanation.endswith(".") for verdict in Verdict)


def fields(row: Row, at_s: float, uptime_ticks: int | None, previous: Samples, links: dict[str, Link] | None = None):
    context = Context(tags={"host": "h"}, time_ns=int((EPOCH_S + at_s) * 1e9), links=links or {})
    made = normalise([row], [Stamp(EPOCH_S + at_s, uptime_ticks)], context, previous)
    return made.points[0].fields, made


def interface(bits: dict[str, int] | None = None, discontinuity: int | None = None, **values: int) -> Row:
    return Row("interface", {"name": "Gi0/1"}, {"index": 1, **values}, bits or {}, 0, discontinuity)


def test_the_first_sample_has_no_rates_and_no_reset() -> None:
    first, made = fields(interface(in_octets=1000, out_octets=5), 0, 10_000_000, {})
    assert first == {"index": 1, "in_octets": 1000, "out_octets": 5, "counter_bits": 64}
    assert made.verdicts[0].verdict is Verdict.FIRST


def test_rates_beside_raw_counters() -> None:
    _, made = fields(interface(in_octets=1000, in_errors=0, speed_bps=1_000_000), 0, 10_000_000, {})
    second, _ = fields(interface(in_octets=751_000, in_errors=6, speed_bps=1_000_000), 60, 10_006_000, made.samples)
    assert second == {
        "index": 1,
        "speed_bps": 1_000_000,
        "in_octets": 751_000,
        "in_errors": 6,
        "in_bps": 100_000.0,
        "in_errors_per_s": 0.1,
        "in_util_percent": 10.0,
        "interval_s": 60.0,
        "counter_bits": 64,
        "reset": False,
    }


def test_a_reset_of_64_bits_takes_the_whole_row() -> None:
    _, made = fields(interface(in_octets=2**40, out_octets=10, in_errors=3), 0, 10_000_000, {})
    second, made = fields(interface(in_octets=500, out_octets=20, in_errors=4), 60, 10_006_000, made.samples)
    assert second == {"index": 1, "in_octets": 500, "out_octets": 20, "in_errors": 4, "counter_bits": 64, "reset": True}
    third, _ = fields(interface(in_octets=1250, out_octets=20, in_errors=4), 120, 10_012_000, made.samples)
    assert third["in_bps"] == 100.0


def test_counters_cleared_by_hand_are_no_wrap_although_the_rate_would_be_possible() -> None:
    bits = {"in_octets": 32, "in_unicast_pkts": 32}
    before = interface(bits, in_octets=4_200_000_000, in_unicast_pkts=9_000_000, speed_bps=100_000_000)
    _, made = fields(before, 0, 10_000_000, {})
    after = interface(bits, in_octets=3_000_000, in_unicast_pkts=5_000, speed_bps=100_000_000)
    second, made = fields(after, 60, 10_006_000, made.samples)
    assert "in_bps" not in second
    assert second["reset"] is True
    assert made.verdicts[0].verdict is Verdict.RESET


def test_a_moved_discontinuity_time_is_no_wrap() -> None:
    bits = {"in_octets": 32}
    before = interface(bits, 0, in_octets=4_200_000_000, speed_bps=100_000_000)
    _, made = fields(before, 0, 10_000_000, {})
    after = interface(bits, 10_003_000, in_octets=3_000_000, speed_bps=100_000_000)
    second, made = fields(after, 60, 10_006_000, made.samples)
    assert "in_bps" not in second
    assert made.verdicts[0].verdict is Verdict.DISCONTINUITY


def test_a_wrap_of_32_bits() -> None:
    bits = {"in_octets": 32}
    _, made = fields(interface(bits, 7, in_octets=2**32 - 1000, speed_bps=100_000_000), 0, 10_000_000, {})
    second, made = fields(interface(bits, 7, in_octets=6500, speed_bps=100_000_000), 60, 10_006_000, made.samples)
    assert second["in_bps"] == 1000.0
    assert second["counter_bits"] == 32
    assert second["reset"] is False
    assert made.verdicts[0].exceptions == {"in_octets": Verdict.WRAPPED}


def test_a_change_of_width_begins_anew_in_its_direction_only() -> None:
    bits = {"in_octets": 32, "out_octets": 32}
    _, made = fields(interface(bits, in_octets=1000, out_octets=1000, speed_bps=10_000_000), 0, 10_000_000, {})
    wide = interface({"out_octets": 32}, in_octets=2**33, out_octets=1750, speed_bps=10_000_000)
    second, made = fields(wide, 60, 10_006_000, made.samples)
    assert "in_bps" not in second
    assert second["out_bps"] == 100.0
    assert second["reset"] is True
    assert made.verdicts[0].exceptions == {"in_octets": Verdict.WIDTH_CHANGED}


def test_an_agent_that_repeats_its_answer_keeps_the_baseline() -> None:
    device, collector = Device(octets=2**40), Collector()
    collector.poll(device)
    device.pass_time(60, 1e6)
    collector.poll(device)
    cached, uptime_ticks = device.row(), device.ticks
    device.pass_time(30, 8e6)
    made = normalise([cached], [Stamp(device.now_s + EPOCH_S, uptime_ticks)], collector.context, collector.samples)
    assert made.verdicts[0].verdict is Verdict.STALE
    assert "in_bps" not in made.points[0].fields
    collector.samples = made.samples
    device.pass_time(30, 8e6)
    assert collector.poll(device).right()


def test_two_polls_too_close_keep_the_older_baseline() -> None:
    device, collector = Device(octets=2**40), Collector()
    collector.poll(device)
    for _ in range(5):
        device.pass_time(MIN_INTERVAL_S / 2.5, 1e6)
        polled = collector.poll(device)
    assert polled.verdict in ("ok", "too-close")
    assert any("\x1f" in key for key in collector.samples)
    device.pass_time(10, 1e6)
    polled = collector.poll(device)
    assert polled.in_bps == pytest.approx(1e6, rel=0.01)


def test_a_bundle_that_gains_a_member_is_no_traffic() -> None:
    _, made = fields(interface(in_octets=2**40, speed_bps=20_000_000_000), 0, 10_000_000, {})
    grown = interface(in_octets=2**40 + 10**13, speed_bps=20_000_000_000)
    second, made = fields(grown, 60, 10_006_000, made.samples)
    assert "in_bps" not in second
    assert made.verdicts[0].exceptions == {"in_octets": Verdict.IMPOSSIBLE}


def test_utilisation_is_of_the_contract_of_each_direction_else_of_the_port() -> None:
    link = Link(interface="Gi0/1", contract_in_bps=2_000_000)
    before = interface(in_octets=0, out_octets=0, speed_bps=1_000_000_000)
    _, made = fields(before, 0, 10_000_000, {})
    after = interface(in_octets=18_750_000, out_octets=18_750_000, speed_bps=1_000_000_000)
    second, _ = fields(after, 60, 10_006_000, made.samples, {"Gi0/1": link})
    assert second["in_bps"] == second["out_bps"] == 2_500_000.0
    assert second["in_util_percent"] == 125.0
    assert second["out_util_percent"] == 0.25


@pytest.mark.parametrize("speed_bps", [0, 4_294_967_295, 4_294_000_000, -1])
def test_a_speed_that_is_none_is_left_out(speed_bps: int) -> None:
    _, made = fields(interface(in_octets=0, speed_bps=speed_bps), 0, 10_000_000, {})
    second, _ = fields(interface(in_octets=7_500, speed_bps=speed_bps), 60, 10_006_000, made.samples)
    assert second["in_bps"] == 1000.0
    assert "speed_bps" not in second
    assert "in_util_percent" not in second


def test_a_renumbered_interface_keeps_its_series() -> None:
    _, made = fields(interface(in_octets=0), 0, 10_000_000, {})
    row = interface(in_octets=7_500)
    row.fields["index"] = 99
    second, _ = fields(row, 60, 10_006_000, made.samples)
    assert second["in_bps"] == 1000.0


def test_samples_survive_their_encoding() -> None:
    device, collector = Device(octets=2**64 - 10), Collector()
    collector.poll(device)
    device.pass_time(60, 0)
    collector.poll(device, present=False)
    encoded = msgspec.msgpack.encode(collector.samples)
    assert msgspec.msgpack.decode(encoded, type=Samples) == collector.samples
    assert any(one.held for one in collector.samples.values())


def test_a_sample_of_another_layout_is_no_baseline() -> None:
    _, made = fields(interface(in_octets=0), 0, 10_000_000, {})
    (old,) = made.samples.values()
    old.layout += 1
    _, made = fields(interface(in_octets=7_500), 60, 10_006_000, made.samples)
    assert made.verdicts[0].verdict is Verdict.FIRST


def test_a_baseline_is_forgotten_after_a_day() -> None:
    _, made = fields(interface(in_octets=0), 0, 10_000_000, {})
    late = Context(tags={"host": "h"}, time_ns=int((EPOCH_S + 90_000) * 1e9))
    assert normalise([], [], late, made.samples).samples == {}


def test_counters_beyond_63_bits_have_a_rate_and_no_place_in_a_store() -> None:
    _, made = fields(interface(in_octets=2**64 - 10_000), 0, 10_000_000, {})
    second, _ = fields(interface(in_octets=2**64 - 2_500), 60, 10_006_000, made.samples)
    assert second["in_bps"] == 1000.0
    assert "in_octets" not in second


def test_disk_counters_have_rates_too() -> None:
    def disk(read_bytes: int) -> Row:
        return Row("disk_io", {"name": "sda"}, {"read_bytes": read_bytes})

    _, made = fields(disk(0), 0, 10_000_000, {})
    second, _ = fields(disk(6_000), 60, 10_006_000, made.samples)
    assert second == {"read_bytes": 6_000, "read_bytes_per_s": 100.0, "interval_s": 60.0}

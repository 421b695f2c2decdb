"""From a row's fields to a point's: types, what follows, names, filters, the budget."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.metrics.catalogue import MEASUREMENTS
from collector.metrics.model import FieldValue, Point
from collector.normalise.budget import over_budget
from collector.normalise.clean import INT64_MAX, MAX_TAG, MAX_TEXT, coerce, text
from collector.normalise.filters import name_filter
from collector.normalise.normalise import Context, Normalised, Stamp, normalise
from collector.plugin.model import Row
from inventory.model import InterfaceFilter, Link

CONTEXT = Context(tags={"host": "h", "role": "switch"}, time_ns=60_000_000_000)
KEEP_ALL = InterfaceFilter(default=False)


def made(*rows: Row, context: Context = CONTEXT) -> Normalised:
    return normalise(rows, [Stamp(60.0, 1_000_000)] * len(rows), context, {})


def fields(measurement: str, tags: dict[str, str], **values: FieldValue) -> dict[str, FieldValue] | None:
    points = made(Row(measurement, tags, values)).points
    return points[0].fields if points else None


# ---------------------------------------------------------------- types


@pytest.mark.parametrize(
    ("value", "wanted", "expected"),
    [
        (7, float, 7.0),
        (7.6, int, 8),
        ("23.5", float, 23.5),
        ("n/a", float, None),
        ("", str, None),
        (5, str, "5"),
        (1, bool, True),
        (2, bool, None),
        (True, int, None),
        (True, float, None),
        (math.nan, float, None),
        (math.inf, int, None),
        ("nan", float, None),
        (2**64, int, None),
        ("a\x00b\nc", str, "a b c"),
    ],
)
def test_coerce(value: object, wanted: type[FieldValue], expected: FieldValue | None) -> None:
    got = coerce(value, wanted)
    assert got == expected
    assert got is None or type(got) is wanted


@given(st.text())
def test_text_is_printable_bounded_and_stays_as_it_is_the_second_time(raw: str) -> None:
    once = text(raw, 20)
    assert len(once) <= 20
    assert once.isprintable()
    assert text(once, 20) == once


anything = st.one_of(
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=8),
    st.booleans(),
    st.just("x" * 5000),
    st.just(" \x07 "),
)


@given(
    st.sampled_from(sorted(MEASUREMENTS)).flatmap(
        lambda name: st.tuples(
            st.just(name),
            st.dictionaries(st.sampled_from(MEASUREMENTS[name].tags or ("name",)), st.text(max_size=300)),
            st.dictionaries(st.sampled_from([field.name for field in MEASUREMENTS[name].fields]), anything),
        )
    )
)
def test_whatever_a_family_sends_the_points_are_of_the_catalogue(
    row: tuple[str, dict[str, str], dict[str, FieldValue]],
) -> None:
    context = Context(tags={"host": "h"}, time_ns=1, interfaces=KEEP_ALL)
    result = made(Row(*row), Row(*row), context=context)
    for point in result.points:
        measurement = MEASUREMENTS[point.measurement]
        assert point.tags.keys() - {"host"} <= set(measurement.tags)
        assert all(0 < len(tag) <= MAX_TAG and tag.isprintable() and tag == tag.strip() for tag in point.tags.values())
        assert point.fields
        for name, value in point.fields.items():
            assert type(value) is measurement.field(name).type
            if isinstance(value, float):
                assert math.isfinite(value)
            elif isinstance(value, int):
                assert abs(value) <= INT64_MAX
            else:
                assert value == value.strip()
                assert 0 < len(value) <= MAX_TEXT
    keys = [(point.measurement, *point.tags.items()) for point in result.points]
    assert len(set(keys)) == len(keys)


def test_what_the_catalogue_does_not_know_is_told() -> None:
    result = made(Row("cpu", {"name": "1"}, {"usage_percent": 5.0, "colour": "red"}), Row("weather", {}, {"rain": 1}))
    assert result.notes == ["there is no measurement 'weather'", "cpu has no field 'colour'"]
    assert [point.measurement for point in result.points] == ["cpu"]


def test_rows_and_stamps_must_be_aligned() -> None:
    with pytest.raises(ValueError, match="shorter"):
        normalise([Row("cpu", {"name": "1"}, {"usage_percent": 5.0})], [], CONTEXT, {})


def test_rows_are_not_changed() -> None:
    row = Row("memory", {"name": " ram ", "kind": "physical"}, {"total_bytes": 10, "free_bytes": 4})
    made(row)
    assert row == Row("memory", {"name": " ram ", "kind": "physical"}, {"total_bytes": 10, "free_bytes": 4})


# ---------------------------------------------------------------- what follows from what


WHOLE = {"total_bytes": 1000, "used_bytes": 250, "free_bytes": 750, "used_percent": 25.0}


@pytest.mark.parametrize("measurement", ["memory", "storage"])
@pytest.mark.parametrize(
    "known",
    [
        ("total_bytes", "used_bytes"),
        ("total_bytes", "free_bytes"),
        ("total_bytes", "used_percent"),
        ("used_bytes", "free_bytes"),
        ("used_bytes", "used_percent"),
        ("free_bytes", "used_percent"),
    ],
)
def test_any_two_of_total_used_free_and_percent_tell_the_rest(measurement: str, known: tuple[str, str]) -> None:
    values = {name: WHOLE[name] for name in known}
    assert fields(measurement, {"name": "m", "kind": "physical"}, **values) == WHOLE


@given(st.integers(1, 2**50), st.floats(0, 1))
def test_the_rest_that_is_told_adds_up(total: int, share: float) -> None:
    used = int(total * share)
    whole = fields("memory", {"name": "m", "kind": "physical"}, total_bytes=total, used_bytes=used)
    assert whole is not None
    assert whole["free_bytes"] == total - used
    assert whole["used_percent"] == pytest.approx(100 * used / total)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"used_percent": 40.0}, {"used_percent": 40.0}),
        ({"used_percent": 104.0}, {"used_percent": 100.0}),
        ({"used_percent": 255.0}, None),
        ({"used_percent": -1.0}, None),
        ({"total_bytes": 0, "used_bytes": 0}, None),
        ({"total_bytes": 100}, None),
        ({"total_bytes": 100, "used_bytes": -1}, None),
        ({"total_bytes": 100, "free_bytes": 200}, None),
        ({"total_bytes": 100, "used_bytes": 111}, None),
        ({"total_bytes": 100, "used_bytes": 110}, {"total_bytes": 100, "used_bytes": 110, "used_percent": 100.0}),
    ],
)
def test_pools_that_tell_little_or_nonsense(
    values: dict[str, FieldValue], expected: dict[str, FieldValue] | None
) -> None:
    assert fields("storage", {"name": "m", "kind": "disk"}, **values) == expected


@pytest.mark.parametrize(
    ("percent", "expected"), [(0.0, 0.0), (100.0, 100.0), (101.0, 100.0), (-1.0, None), (65_535.0, None)]
)
def test_a_processor_is_busy_between_0_and_100_percent(percent: float, expected: float | None) -> None:
    got = fields("cpu", {"name": "1"}, usage_percent=percent)
    assert got == (None if expected is None else {"usage_percent": expected})


@pytest.mark.parametrize(
    ("sensor_class", "value", "kept"),
    [
        ("temperature", -40.0, True),
        ("temperature", -300.0, False),
        ("voltage", -48.0, True),
        ("current", -12.0, True),
        ("dbm", -40.0, True),
        ("fan", -1.0, False),
        ("humidity", -1.0, False),
        ("fan", 0.0, True),
        ("load", 130.0, True),
    ],
)
def test_a_negative_reading_is_kept_where_there_can_be_one(sensor_class: str, value: float, kept: bool) -> None:
    assert (fields("sensor", {"name": "s", "class": sensor_class}, value=value) is not None) is kept


def test_a_point_without_what_it_is_about_is_none() -> None:
    assert fields("sensor", {"name": "s", "class": "fan"}, oid="1.3.6") is None
    assert fields("state", {"name": "s", "class": "fan"}, text="ok") == {"text": "ok"}


# ---------------------------------------------------------------- names


def names(*rows: Row) -> list[str]:
    return [point.tags["name"] for point in made(*rows).points]


def port(name: str, index: int, **values: FieldValue) -> Row:
    return Row("interface", {"name": name}, {"index": index, "admin_status": "up", **values})


def test_names_are_trimmed_bounded_and_never_empty() -> None:
    assert names(port("  Gi0/1\x00 ", 1), port("", 7), port("x" * 500, 3)) == ["Gi0/1", "7", "x" * MAX_TAG]


def test_doubles_are_told_apart_by_index_all_of_them() -> None:
    rows = (port("eth0", 3), port("eth0", 9), port("eth1", 4))
    assert set(names(*rows)) == {"eth0 [3]", "eth0 [9]", "eth1"}
    assert set(names(*reversed(rows))) == {"eth0 [3]", "eth0 [9]", "eth1"}


def test_when_a_double_goes_the_other_takes_over_nobodys_series() -> None:
    together = set(names(port("eth0", 3), port("eth0", 9)))
    assert not together & set(names(port("eth0", 9)))


def test_doubles_without_an_index_are_ranked() -> None:
    rows = [Row("sensor", {"name": "fan", "class": "fan"}, {"value": value}) for value in (1.0, 2.0, 3.0)]
    assert names(*rows) == ["fan #1", "fan #2", "fan #3"]


def test_doubles_do_not_take_a_name_that_is_in_use() -> None:
    rows = (port("eth0", 3), port("eth0", 9), port("eth0 [3]", 5))
    assert len(set(names(*rows))) == 3


def test_parts_of_one_interface_from_two_tables_are_one_point() -> None:
    rows = (
        port("eth0", 3, in_octets=5),
        Row("interface", {"name": "eth0"}, {"in_fcs_errors": 2}, {"in_fcs_errors": 32}),
    )
    (point,) = made(*rows).points
    assert point.tags["name"] == "eth0"
    assert point.fields["in_octets"] == 5
    assert point.fields["in_fcs_errors"] == 2


# ---------------------------------------------------------------- filters


@pytest.mark.parametrize(
    "name",
    [
        "lo", "lo0", "Loopback0", "InLoopBack0", "Software Loopback Interface 1", "veth12ab34c", "docker0",
        "br-0123456789ab", "tap0", "vnet3", "virbr0", "virbr0-nic", "cali0123456789a", "flannel.1", "tun0", "ifb0", "sit0",
        "Null0", "Nu0", "NULL0", "dsc", "lsi", "WAN Miniport (IPv6)", "Ethernet-WFP Native MAC Layer LightWeight Filter-0000",
        "isatap.localdomain",
    ],
)  # fmt: skip
def test_virtual_interfaces_are_left_out_by_default(name: str) -> None:
    kept, reason = name_filter(InterfaceFilter()).decide(name)
    assert not kept
    assert reason.startswith("default filter: ")
    assert name_filter(KEEP_ALL).decide(name) == (True, "")


@pytest.mark.parametrize(
    "name",
    [
        "eth0", "ens3f0", "Vlan1", "Vlanif100", "br0", "bridge1", "bond0", "Gi1/0/24", "ae0", "Tunnel10", "tunnel-te5", "Port-channel1",
        "ge-0/0/0.0", "lan1", "local", "LoRa0", "wan-0100", "ether1", "pppoe-out1", "GigabitEthernet0/0/1", "Nurse-ward", "ppp0", "wg0",
    ],
)  # fmt: skip
def test_real_interfaces_are_kept(name: str) -> None:
    assert name_filter(InterfaceFilter()).decide(name) == (True, "")


def test_include_wins_over_exclude_which_wins_over_the_default() -> None:
    rules = name_filter(InterfaceFilter(include=("tun0", "Gi0/1"), exclude=("Gi0/*",)))
    assert rules.decide("tun0") == (True, "included by 'tun0'")
    assert rules.decide("Gi0/1") == (True, "included by 'Gi0/1'")
    assert rules.decide("Gi0/2") == (False, "excluded by 'Gi0/*'")
    assert rules.decide("tun1")[0] is False


def test_a_loopback_by_any_name_is_left_out_by_its_type() -> None:
    info = Row("interface_info", {"name": "system"}, {"index": 1, "type": "softwareLoopback"})
    result = made(info, port("system", 1))
    assert result.points == []
    assert result.filtered == {"system": "default filter: loopback (ifType softwareLoopback)"}


def unused(name: str = "Gi0/9") -> Row:
    return port(name, 9, admin_status="down", in_octets=0, out_octets=0)


def test_an_interface_that_was_never_used_is_left_out_until_it_is() -> None:
    assert made(unused()).filtered == {"Gi0/9": "default filter: never used (admin down, and no octet counted)"}
    assert names(port("Gi0/9", 9, admin_status="down", in_octets=1, out_octets=0)) == ["Gi0/9"]
    assert names(port("Gi0/9", 9, admin_status="up", in_octets=0, out_octets=0)) == ["Gi0/9"]


@pytest.mark.parametrize(
    "context",
    [
        Context(tags={"host": "h"}, time_ns=1, interfaces=KEEP_ALL),
        Context(tags={"host": "h"}, time_ns=1, interfaces=InterfaceFilter(include=("*",))),
        Context(tags={"host": "h"}, time_ns=1, links={"tun0": Link(interface="tun0")}),
    ],
)
def test_the_default_filter_gives_way_to_the_inventory(context: Context) -> None:
    assert len(made(unused("tun0"), context=context).points) == 1


# ---------------------------------------------------------------- budget


def test_the_budget_names_the_culprit() -> None:
    points = [Point("interface", {"host": "h", "name": f"veth{number:04x}"}, {"index": 1}, 0) for number in range(30)]
    points += [Point("cpu", {"host": "h", "name": str(number)}, {"usage_percent": 1.0}, 0) for number in range(5)]
    assert over_budget(points, 35) is None
    assert over_budget(points, 34) == ("35 series, more than the 34 of max_series: 30 of interface (30 like 'veth*')")
    assert over_budget(points * 2, 35) is None, "the same series twice are one"

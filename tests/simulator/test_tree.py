import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.simulator.tree import Level, Total, Tree, make_tree, moment_at, rate_of, renumber, value_at
from collector.smi import ber
from collector.smi import oid as oids
from collector.smi.value import Tag, Value, VarBind

IN_OCTETS = "1.3.6.1.2.1.2.2.1.10.3"
HC_IN_OCTETS = "1.3.6.1.2.1.31.1.1.1.6.3"
UPTIME = "1.3.6.1.2.1.1.3.0"


def varbind(oid: str, tag: int, value: Value) -> VarBind:
    return oids.encode(oid), tag, value


def read(tree: Tree, oid: str, now_s: float, *, device: int = 0, start_s: float = 0.0, rebooted: bool = False) -> Value:
    cell = tree.get(oids.encode(oid))
    assert cell
    encoded = cell.still or cell.encode(moment_at(now_s, device, start_s, rebooted=rebooted))
    start, stop = ber.enter(encoded, 0, 0x30)
    _, name_stop = ber.enter(encoded, start, 0x06)
    tag, at, value_stop = ber.read_tlv(encoded, name_stop)
    assert value_stop == stop == len(encoded)
    assert tag == cell.tag
    return ber.decode_value(tag, encoded, at, stop)


def test_rates_follow_from_the_checksum_of_name_and_device() -> None:
    def crc(oid: str, device: int) -> int:
        return zlib.crc32(oid.encode() + device.to_bytes(4, "little"))

    assert rate_of(IN_OCTETS, 5) == 1_000 + crc(IN_OCTETS, 5) % 1_000_000
    packets = "1.3.6.1.2.1.2.2.1.11.3"
    assert rate_of(packets, 5) == 1 + crc(packets, 5) % 1_000
    errors = "1.3.6.1.2.1.2.2.1.14.3"
    rates = {rate_of(errors, device): crc(errors, device) % 64 == 0 for device in range(200)}
    assert rates == {0: False, 2: True}


def test_a_counter_grows_by_its_rate() -> None:
    tree = make_tree([varbind(IN_OCTETS, Tag.COUNTER32, 1_000)])
    assert read(tree, IN_OCTETS, 60.0, device=7) == 1_000 + rate_of(IN_OCTETS, 7) * 60


@given(
    recorded=st.integers(0, (1 << 64) - 1),
    wide=st.booleans(),
    device=st.integers(0, (1 << 32) - 1),
    elapsed=st.floats(0, 1e9),
    rebooted=st.booleans(),
)
def test_answers_are_the_published_formula(
    recorded: int, wide: bool, device: int, elapsed: float, rebooted: bool
) -> None:
    oid, tag = (HC_IN_OCTETS, Tag.COUNTER64) if wide else (IN_OCTETS, Tag.COUNTER32)
    recorded %= 1 << (64 if wide else 32)
    tree = make_tree([varbind(oid, tag, recorded)])
    moment = moment_at(elapsed, device, 0.0, rebooted=rebooted)
    assert read(tree, oid, elapsed, device=device, rebooted=rebooted) == value_at(oid, tag, recorded, moment)


def test_uptime_counts_ticks_and_wraps() -> None:
    tree = make_tree([varbind(UPTIME, Tag.TIMETICKS, (1 << 32) - 100)])
    assert read(tree, UPTIME, 0.5) == (1 << 32) - 50
    assert read(tree, UPTIME, 2.0) == 100
    assert read(tree, UPTIME, 2.0, rebooted=True) == 200


def test_other_timeticks_and_gauges_stay() -> None:
    last_change, speed = "1.3.6.1.2.1.2.2.1.9.1", "1.3.6.1.2.1.2.2.1.5.1"
    tree = make_tree([varbind(last_change, Tag.TIMETICKS, 500), varbind(speed, Tag.GAUGE32, 10**9)])
    assert (read(tree, last_change, 1e6), read(tree, speed, 1e6)) == (500, 10**9)


def test_levels_and_totals_replace_the_formula() -> None:
    charge = "1.3.6.1.2.1.33.1.2.4.0"
    tree = make_tree(
        [varbind(charge, Tag.INTEGER, 100), varbind(IN_OCTETS, Tag.COUNTER32, 5)],
        {
            oids.encode(charge): Level(lambda now_s: 100 - int(now_s)),
            oids.encode(IN_OCTETS): Total(lambda now_s: 3 * now_s),
        },
    )
    assert read(tree, charge, 40.0) == 60
    assert read(tree, IN_OCTETS, 110.0, start_s=100.0) == 35
    assert read(tree, IN_OCTETS, 110.0, start_s=100.0, rebooted=True) == 30


def test_a_level_is_kept_within_its_type() -> None:
    speed = "1.3.6.1.2.1.2.2.1.5.1"
    tree = make_tree([varbind(speed, Tag.GAUGE32, 0)], {oids.encode(speed): Level(lambda now_s: int(now_s))})
    assert read(tree, speed, -5.0) == 0
    assert read(tree, speed, 1e12) == (1 << 32) - 1


def test_a_motion_needs_its_varbind() -> None:
    with pytest.raises(KeyError, match=r"1\.3\.6\.1\.2"):
        make_tree([], {oids.encode("1.3.6.1.2"): Level(int)})


def test_order_is_by_arc_and_the_first_of_equals_counts() -> None:
    names = ["1.3.6.16384.1", "1.3.6.127.1", "1.3.6.128.1", "1.3.6.16383.1"]
    tree = make_tree([varbind(name, Tag.INTEGER, 1) for name in names] + [varbind(names[0], Tag.INTEGER, 2)])
    assert [oids.decode(cell.oid) for cell in tree.cells] == [names[1], names[2], names[3], names[0]]
    assert read(tree, names[0], 0.0) == 1


@given(st.sets(st.lists(st.integers(0, 1 << 21), min_size=1, max_size=3).map(tuple), min_size=1), st.data())
def test_what_follows_a_name_is_the_least_greater_one(indexes: set[tuple[int, ...]], data: st.DataObject) -> None:
    whole = sorted((1, 3, 6, *index) for index in indexes)
    tree = make_tree([varbind(".".join(map(str, arcs)), Tag.INTEGER, 1) for arcs in whole])
    asked = data.draw(
        st.sampled_from(whole) | st.lists(st.integers(0, 1 << 21), max_size=4).map(lambda t: (1, 3, 6, *t))
    )
    expected = next((place for place, arcs in enumerate(whole) if arcs > asked), len(whole))
    assert tree.place_after(oids.encode(".".join(map(str, asked)))) == expected


def test_renumbered_interfaces_keep_their_counters() -> None:
    varbinds = [
        *(varbind(f"1.3.6.1.2.1.2.2.1.1.{index}", Tag.INTEGER, index) for index in (1, 2, 3)),
        *(varbind(f"1.3.6.1.2.1.31.1.1.1.1.{index}", Tag.OCTET_STRING, b"Gi%d" % index) for index in (1, 2, 3)),
        *(varbind(f"1.3.6.1.2.1.31.1.1.1.6.{index}", Tag.COUNTER64, index) for index in (1, 2, 3)),
    ]
    before, after = make_tree(varbinds), renumber(varbinds, {1: 2, 2: 1})
    for old, new in ((1, 2), (2, 1), (3, 3)):
        assert read(after, f"1.3.6.1.2.1.2.2.1.1.{new}", 0.0) == new
        assert read(after, f"1.3.6.1.2.1.31.1.1.1.1.{new}", 0.0) == b"Gi%d" % old
        column = "1.3.6.1.2.1.31.1.1.1.6"
        assert read(after, f"{column}.{new}", 99.0) == read(before, f"{column}.{old}", 99.0)

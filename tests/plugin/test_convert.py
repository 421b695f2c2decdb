"""One value at a time: types, sentinels, numbers, scales, and whatever bytes a device may send."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.plugin.convert import MAX_TEXT, TYPES, ValueSpec, build, clean_text, parse_number
from collector.smi.value import Missing, Value

VALUES = st.one_of(
    st.integers(-(2**63), 2**64 - 1),
    st.floats(),
    st.binary(max_size=64),
    st.from_regex(r"[0-2]\.[0-9]{1,2}(\.[0-9]{1,5}){0,6}", fullmatch=True),
    st.sampled_from(Missing),
)


@pytest.mark.parametrize(
    ("spec", "kind", "value", "expected"),
    [
        (ValueSpec(), int, b"12 rpm", 12),
        (ValueSpec(), int, 12.6, 13),
        (ValueSpec(), float, b"Temp: -7.25 C", -7.25),
        (ValueSpec(), float, b"none", None),
        (ValueSpec(), str, b"  Gi0/1\x00\x00", "Gi0/1"),
        (ValueSpec(), str, b"a\r\nb", "a b"),
        (ValueSpec(), str, b"\xff", "�"),
        (ValueSpec(), str, b"", None),
        (ValueSpec(), str, "1.3.6.1", "1.3.6.1"),
        (ValueSpec(type="mac"), str, b"\x00\x25\x90\x8e\x6d\x1c", "00:25:90:8e:6d:1c"),
        (ValueSpec(type="mac"), str, b"0:25-908E6D1C", None),
        (ValueSpec(type="mac"), str, b"00-25-90-8E-6D-1C", "00:25:90:8e:6d:1c"),
        (ValueSpec(type="mac"), str, b"", None),
        (ValueSpec(type="mac"), str, bytes(6), None),
        (ValueSpec(type="ip"), str, b"\x0a\x00\x00\x01", "10.0.0.1"),
        (ValueSpec(type="ip"), str, bytes(15) + b"\x01", "::1"),
        (ValueSpec(type="ip"), str, "10.0.0.2", "10.0.0.2"),
        (ValueSpec(type="hex"), str, b"\x01\xff", "01ff"),
        (ValueSpec(type="id"), str, b"\x00\x25\x90\x8e\x6d\x1c", "00:25:90:8e:6d:1c"),
        (ValueSpec(type="id"), str, b"ge-0/0/1", "ge-0/0/1"),
        (ValueSpec(type="id"), str, "cổng số 24, tầng 2".encode(), "cổng số 24, tầng 2"),
        (ValueSpec(type="id"), str, b"\xe2\x80\x9cGigabitEther\n65 74", "“GigabitEther 65 74"),
        (ValueSpec(type="id"), str, b"\x02" + bytes(15) + b"\x01", "02" + "00" * 15 + "01"),
        (ValueSpec(type="date"), str, bytes.fromhex("07e40b0c0d0e0f00"), "2020-11-12T13:14:15"),
        (ValueSpec(type="date"), str, bytes.fromhex("07e40b0c0d0e0f002b0700"), "2020-11-12T13:14:15+07:00"),
        (ValueSpec(type="date"), str, b"never", None),
        (ValueSpec(type="signed32"), float, 2**32 - 5, -5.0),
        (ValueSpec(type="unsigned32"), int, -1, 2**32 - 1),
        (ValueSpec(type="signed16"), float, 65526, -10.0),
        (ValueSpec(type="float32"), float, bytes.fromhex("41bc0000"), 23.5),
        (ValueSpec(type="float32"), float, 0x41BC0000, 23.5),
        (ValueSpec(type="octets"), int, b"\x01\x00", 256),
        (ValueSpec(sentinels=frozenset({-1, 65535})), float, 65535, None),
        (ValueSpec(sentinels=frozenset({"N/A"})), str, b"N/A", None),
        (ValueSpec(sentinels=frozenset({-99.9})), float, b"-99.9 C", None),
        (ValueSpec(scale=0.1), float, 235, 23.5),
        (ValueSpec(scale=0.1), float, b"235", 23.5),
        (ValueSpec(scale=-1, offset=100), float, 93, 7.0),
        (ValueSpec(scale=1024), int, 3, 3072),
        (ValueSpec(convert="fahrenheit_to_celsius"), float, 77, 25.0),
        (ValueSpec(scale=0.001, convert="milliwatt_to_dbm"), float, 1000, 0.0),
        (ValueSpec(scale=0.001, convert="milliwatt_to_dbm"), float, 0, None),
        (ValueSpec(convert="ten_to_the"), None, -3, 0.001),
        (ValueSpec(convert="ten_to_the"), None, 10**9, None),
        (ValueSpec(minimum=0, maximum=100), float, 101, None),
        (ValueSpec(enum={1: "up"}), str, 1, "up"),
        (ValueSpec(enum={1: "up"}), str, 9, "9"),
        (ValueSpec(enum={1: "up"}), None, 9, None),
        (ValueSpec(enum={1: "up"}, default="odd"), str, 9, "odd"),
        (ValueSpec(enum={"on line": 1.5}), float, b"On Line", 1.5),
        (ValueSpec(enum={1: 0, 2: 1}), bool, 2, True),
        (ValueSpec(), float, Missing.NO_ANSWER, None),
        (ValueSpec(), float, math.nan, None),
        (ValueSpec(), float, math.inf, None),
        (ValueSpec(), int, math.inf, None),
    ],
)
def test_values(spec: ValueSpec, kind: type | None, value: Value, expected: object) -> None:
    found = build(spec, kind)(value, 1.0)
    assert found == expected
    assert type(found) is type(expected)


def test_a_row_with_a_scale_of_its_own() -> None:
    assert build(ValueSpec(offset=-1), float)(1234, 0.001) == 0.234
    assert build(ValueSpec(), float)(63219, 10**-3) == 63.219


SPECS = st.builds(
    ValueSpec,
    type=st.sampled_from(sorted(TYPES)),
    sentinels=st.sampled_from([frozenset(), frozenset({0, -1, "N/A"})]),
    enum=st.sampled_from([None, {1: "one", "two": 2}]),
    scale=st.sampled_from([1.0, 0.1, -1.0, 1e9]),
    offset=st.sampled_from([0.0, 32.0]),
    convert=st.sampled_from([None, "milliwatt_to_dbm", "ten_to_the"]),
    minimum=st.sampled_from([None, 0.0]),
)


@given(SPECS, st.sampled_from([int, float, str, bool, None]), VALUES, st.sampled_from([1.0, 0.001, 1e24]))
def test_no_value_raises_and_the_type_is_the_field_s(
    spec: ValueSpec, kind: type | None, value: Value, factor: float
) -> None:
    found = build(spec, kind)(value, factor)
    if found is None:
        return
    if kind is not None:
        assert type(found) is kind
    if isinstance(found, float) and kind is float:
        assert math.isfinite(found)
    if isinstance(found, str):
        assert found
        assert len(found) <= MAX_TEXT


@given(st.binary(max_size=6000))
def test_texts_are_bounded_and_printable(octets: bytes) -> None:
    text = clean_text(octets)
    assert len(text) <= MAX_TEXT
    assert not any(ord(char) < 0x20 or ord(char) == 0x7F for char in text)


@given(st.integers(-(2**64), 2**64))
def test_a_number_in_a_text_is_found(number: int) -> None:
    assert parse_number(f"value {number} units") == number


@given(st.integers(0, 2**31), st.sampled_from([0.1, 0.01, 0.001, 0.5, 1.0]))
def test_the_short_way_of_plain_gauges_is_the_long_way(number: int, scale: float) -> None:
    convert = build(ValueSpec(scale=scale), float)
    assert convert(number, 1.0) == convert(str(number).encode(), 1.0)

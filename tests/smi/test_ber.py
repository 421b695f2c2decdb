"""BER: round trips, what sloppy agents send, and that of arbitrary octets only BerError comes."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from collector.smi.ber import (
    BerError,
    decode_value,
    encode_integer,
    encode_value,
    enter,
    read_integer,
    read_octets,
    read_tlv,
    tlv,
)
from collector.smi.value import Missing, Tag, Value

UNSIGNED_32 = [Tag.COUNTER32, Tag.GAUGE32, Tag.TIMETICKS]


def read_value(data: bytes) -> Value:
    tag, start, stop = read_tlv(data, 0)
    assert stop == len(data)
    return decode_value(tag, data, start, stop)


@pytest.mark.parametrize(
    ("tag", "value", "encoded"),
    [
        (Tag.INTEGER, 0, "020100"),
        (Tag.INTEGER, -1, "0201ff"),
        (Tag.INTEGER, 127, "02017f"),
        (Tag.INTEGER, 128, "02020080"),
        (Tag.INTEGER, -129, "0202ff7f"),
        (Tag.INTEGER, -(2**31), "020480000000"),
        (Tag.COUNTER32, 2**32 - 1, "410500ffffffff"),
        (Tag.GAUGE32, 1, "420101"),
        (Tag.TIMETICKS, 256, "43020100"),
        (Tag.COUNTER64, 2**64 - 1, "460900ffffffffffffffff"),
        (Tag.OCTET_STRING, b"ab", "04026162"),
        (Tag.OBJECT_IDENTIFIER, "1.3.6.1.4.1.8072", "06072b06010401bf08"),
        (Tag.IP_ADDRESS, "192.0.2.1", "4004c0000201"),
        (Tag.OPAQUE, b"\x01", "440101"),
        (Tag.OPAQUE, 1.5, "44079f78043fc00000"),
        (Tag.NO_SUCH_OBJECT, Missing.NO_SUCH_OBJECT, "8000"),
        (Tag.NO_SUCH_INSTANCE, Missing.NO_SUCH_INSTANCE, "8100"),
        (Tag.END_OF_MIB_VIEW, Missing.END_OF_MIB_VIEW, "8200"),
    ],
)
def test_values_have_their_one_encoding(tag: Tag, value: Value, encoded: str) -> None:
    assert encode_value(tag, value).hex() == encoded
    assert read_value(bytes.fromhex(encoded)) == value


@given(st.integers(-(2**63), 2**63 - 1))
def test_integers_round_trip_in_the_fewest_octets(value: int) -> None:
    encoded = encode_value(Tag.INTEGER, value)
    assert encoded == encode_integer(value)
    assert read_integer(encoded, 0) == (value, len(encoded))
    content = encoded[2:]
    assert len(content) == 1 or content[:1] + bytes((content[1] & 0x80,)) not in (b"\x00\x00", b"\xff\x80")


@given(st.sampled_from(UNSIGNED_32), st.integers(0, 2**32 - 1))
def test_unsigned_round_trip(tag: Tag, value: int) -> None:
    assert read_value(encode_value(tag, value)) == value


@given(st.integers(0, 2**64 - 1))
def test_counter64_round_trip(value: int) -> None:
    assert read_value(encode_value(Tag.COUNTER64, value)) == value


@given(st.binary(max_size=70_000))
@example(bytes(127))
@example(bytes(128))
@example(bytes(65_536))
def test_octets_round_trip(value: bytes) -> None:
    assert read_octets(encode_value(Tag.OCTET_STRING, value), 0)[0] == value


@given(st.lists(st.integers(0, 2**32 - 1), max_size=126))
def test_oids_round_trip(arcs: list[int]) -> None:
    text = ".".join(map(str, [1, 3, *arcs]))
    assert read_value(encode_value(Tag.OBJECT_IDENTIFIER, text)) == text


@given(st.floats(), st.sampled_from([Tag.OPAQUE, Tag.OPAQUE_DOUBLE]))
def test_floats_round_trip(value: float, tag: Tag) -> None:
    found = read_value(encode_value(tag, value))
    assert found == value or (math.isnan(value) and isinstance(found, float) and math.isnan(found))


@given(st.integers(-(2**63), 2**64 - 1))
def test_numbers_in_an_opaque_round_trip(value: int) -> None:
    assert read_value(encode_value(Tag.OPAQUE, value)) == value


@given(st.binary(max_size=300), st.integers(1, 4))
def test_lengths_in_needlessly_long_form_are_read(content: bytes, octets: int) -> None:
    octets = max(octets, 2)
    data = bytes((4, 0x80 | octets)) + len(content).to_bytes(octets, "big") + content
    assert read_octets(data, 0) == (content, len(data))


@pytest.mark.parametrize(
    ("encoded", "value"),
    [
        ("0203000005", 5),  # needless octets
        ("0204ffffffff", -1),
        ("4201ff", 255),  # the leading zero left out
        ("4204ffffffff", 2**32 - 1),
        ("41048ccccccc", 0x8CCCCCCC),
        ("4208ffffffffffffffff", 2**32 - 1),  # a sign extended
        ("4205ffffffffff", 2**32 - 1),
        ("420502540be400", 10_000_000_000),  # ifSpeed of 10 Gbit/s by an agent that knows no bounds
        ("4608ffffffffffffffff", 2**64 - 1),
        ("460900ffffffffffffffff", 2**64 - 1),
        ("4609ffffffffffffffffff", 2**64 - 1),
        ("46020001", 1),
        ("0600", "0.0"),
        ("4010" + "20010db8" + "00" * 11 + "01", "2001:db8::1"),
        ("0500", Missing.NO_SUCH_INSTANCE),
        ("44079f78047f800000", math.inf),
        ("44049f780101", b"\x9f\x78\x01\x01"),
        ("4400", b""),
    ],
)
def test_sloppy_values_are_understood(encoded: str, value: Value) -> None:
    assert read_value(bytes.fromhex(encoded)) == value


@pytest.mark.parametrize(
    "encoded",
    [
        "0200",
        "4100",
        "4600",
        "020a" + "00" * 10,
        "460a" + "00" * 10,
        "460901" + "00" * 8,
        "060180",
        "06022b80",
        "0682" + "0300" + "01" * 0x300,
        "4003010203",
        "4000",
        "a000",
        "1000",
    ],
)
def test_nonsense_is_refused(encoded: str) -> None:
    with pytest.raises(BerError):
        read_value(bytes.fromhex(encoded))


@pytest.mark.parametrize("encoded", ["", "04", "0405", "048101", "0480", "0484ffffffff00", "1f0100", "04ff"])
def test_what_is_cut_short_or_indefinite_is_refused(encoded: str) -> None:
    with pytest.raises(BerError):
        read_tlv(bytes.fromhex(encoded), 0)


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        (Tag.COUNTER32, -1),
        (Tag.COUNTER32, 2**32),
        (Tag.COUNTER64, 2**64),
        (Tag.INTEGER, 2**63),
        (Tag.INTEGER, b"x"),
        (Tag.OCTET_STRING, 1),
        (Tag.OCTET_STRING, 1.0),
        (Tag.OCTET_STRING, "x"),
        (Tag.IP_ADDRESS, "x"),
        (Tag.OBJECT_IDENTIFIER, "x"),
        (Tag.OPAQUE_FLOAT, 1e300),
        (Tag.INTEGER, Missing.NO_SUCH_OBJECT),
        (Tag.NO_SUCH_OBJECT, 1),
    ],
)
def test_a_value_of_another_tag_is_not_encoded(tag: Tag, value: Value) -> None:
    with pytest.raises(BerError):
        encode_value(tag, value)


def test_another_tag_than_belongs_there_is_told() -> None:
    with pytest.raises(BerError, match="tag 0x02 at octet 0 where 0x30 belongs"):
        enter(encode_integer(1), 0, 0x30)
    with pytest.raises(BerError, match="where 0x04 belongs"):
        read_octets(encode_integer(1), 0)
    with pytest.raises(BerError, match="where 0x02 belongs"):
        read_integer(tlv(4, b"1"), 0)


@given(st.binary(max_size=80), st.integers(0, 90))
def test_of_arbitrary_octets_only_ber_errors_come(data: bytes, at: int) -> None:
    try:
        tag, start, stop = read_tlv(data, at)
        assert at < start <= stop <= len(data)
        decode_value(tag, data, start, stop)
    except BerError:
        return


@given(st.integers(0, 255), st.binary(max_size=20))
def test_of_arbitrary_values_only_ber_errors_come(tag: int, content: bytes) -> None:
    try:
        value = decode_value(tag, content, 0, len(content))
    except BerError:
        return
    assert isinstance(value, int | float | bytes | str | Missing)
    if tag in (Tag.COUNTER32, Tag.GAUGE32, Tag.TIMETICKS, Tag.COUNTER64):
        assert isinstance(value, int)
        assert 0 <= value < 1 << 64

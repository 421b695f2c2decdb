"""SNMP messages: what is encoded decodes, and of arbitrary octets come values or BerError."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from collector.smi.ber import BerError, encode_integer, encode_value, tlv
from collector.smi.oid import encode, encode_index
from collector.smi.value import Missing, Tag, VarBind
from collector.transport.contract import PduKind
from collector.transport.snmp.message import (
    encode_community_message,
    encode_pdu,
    read_community_message,
    read_varbinds,
)
from collector.transport.snmp.v3_message import (
    encode_scoped_pdu,
    encode_v3_message,
    read_scoped_pdu,
    read_v3_message,
)

oids = st.builds(lambda arcs: encode("1.3") + encode_index(arcs), st.lists(st.integers(0, 2**32 - 1), max_size=126))
values = st.one_of(
    st.tuples(st.just(Tag.INTEGER), st.integers(-(2**31), 2**31 - 1)),
    st.tuples(st.sampled_from([Tag.COUNTER32, Tag.GAUGE32, Tag.TIMETICKS]), st.integers(0, 2**32 - 1)),
    st.tuples(st.just(Tag.COUNTER64), st.integers(0, 2**64 - 1)),
    st.tuples(st.just(Tag.OCTET_STRING), st.binary(max_size=300)),
    st.tuples(st.just(Tag.NO_SUCH_INSTANCE), st.just(Missing.NO_SUCH_INSTANCE)),
    st.tuples(st.just(Tag.END_OF_MIB_VIEW), st.just(Missing.END_OF_MIB_VIEW)),
)
varbinds = st.lists(st.builds(lambda oid, value: (oid, *value), oids, values), max_size=20)


def encode_varbinds(items: list[VarBind]) -> bytes:
    return b"".join(tlv(0x30, tlv(6, oid) + encode_value(tag, value)) for oid, tag, value in items)


@given(varbinds)
def test_varbinds_read_the_same_whether_expected_or_not(items: list[VarBind]) -> None:
    body = encode_varbinds(items)
    data = b"\xff\xff" + body + b"\xff"
    expected = [oid for oid, _, _ in items]
    assert read_varbinds(data, 2, 2 + len(body)) == items
    assert read_varbinds(data, 2, 2 + len(body), expected) == items
    assert read_varbinds(data, 2, 2 + len(body), expected[::-1]) == items
    assert read_varbinds(data, 2, 2 + len(body), [*expected, b"+"]) == items


def test_an_expected_oid_is_not_taken_for_a_longer_one() -> None:
    items: list[VarBind] = [(encode("1.3.6.1.1"), Tag.INTEGER, 5)]
    body = encode_varbinds(items)
    assert read_varbinds(body, 0, len(body), [encode("1.3.6.1")]) == items


@given(st.binary(max_size=200), st.lists(oids, max_size=3))
@example(b"\x30\x05\x06\x01\x2b\x41\x80", [b"+"])
@example(b"\x30\x05\x06\x01\x2b", [b"+"])
@example(b"\x30\x80\x06\x01\x2b\x41\x01\x01", [b"+"])
def test_of_arbitrary_varbinds_only_ber_errors_come(body: bytes, expected: list[bytes]) -> None:
    try:
        found = read_varbinds(body, 0, len(body), expected)
    except BerError:
        return
    assert all(isinstance(oid, bytes) and oid for oid, _, _ in found)


@given(varbinds, st.data())
def test_of_damaged_varbinds_only_ber_errors_come(items: list[VarBind], data: st.DataObject) -> None:
    body = bytearray(encode_varbinds(items))
    for _ in range(3):
        if body:
            body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        read_varbinds(bytes(body), 0, len(body), [oid for oid, _, _ in items])
    except BerError:
        return


@given(st.binary(max_size=100))
def test_of_arbitrary_messages_only_ber_errors_come(data: bytes) -> None:
    for read in (lambda: read_community_message(data, 1), lambda: read_v3_message(data)):
        with pytest.raises(BerError):
            read()


@given(
    st.sampled_from([PduKind.GET, PduKind.GETNEXT, PduKind.GETBULK]),
    st.integers(0, 2**31 - 1),
    st.lists(oids, max_size=80),
    st.binary(max_size=40),
    st.integers(0, 1),
)
def test_a_community_message_reads_back(
    kind: PduKind, request_id: int, asked: list[bytes], community: bytes, version: int
) -> None:
    message = encode_community_message(version, community, encode_pdu(kind, request_id, asked, 1, 25))
    pdu = read_community_message(message, version)
    assert (pdu.kind, pdu.request_id, pdu.error_status, pdu.error_index) == (kind, request_id, 1, 25)
    assert [oid for oid, _, _ in read_varbinds(message, pdu.start, pdu.stop)] == asked
    with pytest.raises(BerError, match="version"):
        read_community_message(message, 1 - version)


@given(
    st.integers(0, 2**31 - 1),
    st.integers(0, 2**31 - 1),
    st.binary(min_size=5, max_size=32),
    st.binary(max_size=32),
    st.sampled_from([0, 12, 48]),
)
def test_a_v3_message_reads_back(msg_id: int, time_s: int, engine_id: bytes, user: bytes, octets: int) -> None:
    scoped = encode_scoped_pdu(engine_id, b"context", encode_pdu(PduKind.GET, msg_id, [encode("1.3.6")]))
    message, at = encode_v3_message(msg_id, 5, engine_id, 3, time_s, user, octets, b"saltsalt", scoped)
    head = read_v3_message(message)
    assert (head.msg_id, head.flags, head.engine_id, head.boots, head.time_s) == (msg_id, 5, engine_id, 3, time_s)
    assert (head.user, head.salt) == (user, b"saltsalt")
    assert (head.auth_start, head.auth_stop) == (at, at + octets)
    assert message[head.data_start : head.data_stop] == scoped
    assert read_scoped_pdu(message, head.data_start).request_id == msg_id


def test_a_trap_of_snmpv1_is_no_answer() -> None:
    trap = tlv(0xA4, tlv(6, encode("1.3.6.1.4.1.1")) + tlv(0x40, bytes(4)) + encode_integer(6))
    with pytest.raises(BerError):
        read_community_message(encode_community_message(0, b"public", trap), 0)

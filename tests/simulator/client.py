"""A tiny SNMP manager: requests as octets, answers as values."""

from dataclasses import dataclass

from collector.smi import ber
from collector.smi import oid as oids
from collector.smi.value import VarBind

V1, V2C = 0, 1
GET, GETNEXT, SET, GETBULK = 0xA0, 0xA1, 0xA3, 0xA5


@dataclass(frozen=True)
class Reply:
    version: int
    community: bytes
    request_id: int
    status: int
    index: int
    varbinds: list[VarBind]

    @property
    def values(self) -> list[object]:
        return [value for _, _, value in self.varbinds]

    @property
    def names(self) -> list[str]:
        return [oids.decode(oid) for oid, _, _ in self.varbinds]


def request(
    kind: int,
    names: list[str],
    *,
    version: int = V2C,
    community: bytes = b"public",
    request_id: int = 77,
    first: int = 0,
    second: int = 0,
) -> bytes:
    """`first` and `second` are error-status and error-index, in a GETBULK non-repeaters and max-repetitions."""
    null = b"\x05\x00"
    varbinds = b"".join(ber.tlv(0x30, ber.tlv(0x06, oids.encode(name)) + null) for name in names)
    pdu = b"".join(map(ber.encode_integer, (request_id, first, second))) + ber.tlv(0x30, varbinds)
    return ber.tlv(0x30, ber.encode_integer(version) + ber.tlv(0x04, community) + ber.tlv(kind, pdu))


def parse(data: bytes) -> Reply:
    at, stop = ber.enter(data, 0, 0x30)
    assert stop == len(data)
    version, at = ber.read_integer(data, at)
    community, at = ber.read_octets(data, at)
    at, stop = ber.enter(data, at, 0xA2)
    assert stop == len(data)
    request_id, at = ber.read_integer(data, at)
    status, at = ber.read_integer(data, at)
    index, at = ber.read_integer(data, at)
    at, stop = ber.enter(data, at, 0x30)
    assert stop == len(data)
    varbinds: list[VarBind] = []
    while at < stop:
        start, at = ber.enter(data, at, 0x30)
        name, name_stop = ber.enter(data, start, 0x06)
        tag, value, value_stop = ber.read_tlv(data, name_stop)
        assert value_stop == at
        varbinds.append((data[name:name_stop], tag, ber.decode_value(tag, data, value, value_stop)))
    return Reply(version, community, request_id, status, index, varbinds)

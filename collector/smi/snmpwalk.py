"""The text that net-snmp's `snmpwalk -On` and `-Onx` print, turned back into varbinds.

    .1.3.6.1.2.1.1.3.0 = Timeticks: (4711) 0:00:47.11
    .1.3.6.1.2.1.2.2.1.6.2 = Hex-STRING: 00 1B 21 3A 4F 02
    .1.3.6.1.2.1.2.2.1.8.2 = INTEGER: up(1)

A text in quotes and a Hex-STRING may go on over several lines.
"""

import ipaddress
import re
import struct
from collections import Counter
from collections.abc import Callable, Iterator

from collector.smi import oid as oids
from collector.smi.ber import decode_value
from collector.smi.oid import Oid
from collector.smi.value import Missing, Tag, Value, VarBind

_START = re.compile(r"\.?(?:iso|[0-2])(?:\.\d+)+ =(?: |$)")
_WRONG_TYPE = re.compile(r"Wrong Type \(should be [^)]*\): ")
_FIRST_NUMBER = re.compile(r"-?\d+")
_IN_PARENTHESES = re.compile(r"\((-?\d+)\)")
_ABSENT = ("No Such ", "No more variables", "NULL")


def _number(text: str) -> int:
    """`5`, `up(1)`, `(4711) 0:00:47.11`, `20 milli-seconds`."""
    found = _IN_PARENTHESES.search(text) or _FIRST_NUMBER.match(text)
    if not found:
        raise ValueError(text)
    return int(found[found.re.groups])


def _unsigned(text: str) -> int:
    number = _number(text)
    if not 0 <= number < 1 << 64:
        raise ValueError(text)
    return number


def _text(text: str) -> bytes:
    if len(text) >= 2 and text[0] == text[-1] == '"':
        text = re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)
    return text.encode("utf-8", "surrogateescape")


def _hex(text: str) -> bytes:
    """Pairs of hexadecimal digits; -Onx may repeat them as text in brackets."""
    return bytes.fromhex(text.strip('"').partition("[")[0])


def _bits(text: str) -> bytes:
    """`C0 00 first(0) second(1)`."""
    return bytes.fromhex("".join(re.findall(r"(?:^|(?<= ))[0-9A-Fa-f]{2}(?= |$)", text.strip('"'))))


def _oid(text: str) -> str:
    octets = oids.encode(text.replace("iso", "1", 1))
    return str(decode_value(Tag.OBJECT_IDENTIFIER, octets, 0, len(octets)))


def _address(text: str) -> str:
    return str(ipaddress.ip_address(text))


def _network_address(text: str) -> str:
    return str(ipaddress.IPv4Address(bytes.fromhex(text.replace(":", ""))))


def _float(text: str) -> float:
    return float(text)


def _single(text: str) -> float:
    return float(struct.unpack(">f", struct.pack(">f", float(text)))[0])


_TYPES: dict[str, tuple[Tag, Callable[[str], Value]]] = {
    "STRING": (Tag.OCTET_STRING, _text),
    "Hex-STRING": (Tag.OCTET_STRING, _hex),
    "BITS": (Tag.OCTET_STRING, _bits),
    "INTEGER": (Tag.INTEGER, _number),
    "Counter32": (Tag.COUNTER32, _unsigned),
    "Gauge32": (Tag.GAUGE32, _unsigned),
    "UInteger32": (Tag.GAUGE32, _unsigned),
    "Unsigned32": (Tag.GAUGE32, _unsigned),
    "Counter64": (Tag.COUNTER64, _unsigned),
    "Timeticks": (Tag.TIMETICKS, _unsigned),
    "OID": (Tag.OBJECT_IDENTIFIER, _oid),
    "IpAddress": (Tag.IP_ADDRESS, _address),
    "Network Address": (Tag.IP_ADDRESS, _network_address),
    "Opaque: Float": (Tag.OPAQUE, _single),
    "Opaque: Double": (Tag.OPAQUE, _float),
    "Opaque: Int64": (Tag.OPAQUE, _number),
    "Opaque: UInt64": (Tag.OPAQUE, _unsigned),
    "OPAQUE": (Tag.OPAQUE, _hex),
}


def _statements(lines: list[str]) -> Iterator[str]:
    """The text with lines joined that belong to one varbind."""
    pending = ""
    for raw in lines:
        line = raw.removesuffix("\r")
        if _START.match(line):
            if pending:
                yield pending
            pending = line
        elif pending:
            pending += "\n" + line
    if pending:
        yield pending


def parse_walk(lines: list[str], problems: Counter[str]) -> list[VarBind]:
    """The varbinds of a walk's text in its order; what makes no sense is counted in `problems`."""
    varbinds: list[VarBind] = []
    for statement in _statements(lines):
        name, _, rest = statement.partition(" =")
        try:
            oid: Oid = oids.encode(name.replace("iso", "1", 1))
        except ValueError:
            problems["not an OID in numeric form"] += 1
            continue
        varbind = _varbind(oid, _WRONG_TYPE.sub("", rest.strip(), count=1), problems)
        if varbind and not isinstance(varbind[2], Missing):
            varbinds.append(varbind)
    return varbinds


def _varbind(oid: Oid, rest: str, problems: Counter[str]) -> VarBind | None:
    if rest.startswith(_ABSENT):
        return None
    if rest.startswith('"') or not rest:
        return oid, Tag.OCTET_STRING, _text(rest)  # an empty string has no type before it
    kind, colon, text = rest.partition(":")
    if kind == "Opaque":
        inner, colon, text = text.partition(":")
        kind = f"Opaque:{inner}"
    known = _TYPES.get(kind) if colon else None
    if known is None:
        problems[f"type {kind[:20]!r} is not known"] += 1
        return None
    tag, decode = known
    try:
        return (
            oid,
            tag,
            decode(text.strip() if tag != Tag.OCTET_STRING or decode is not _text else text.removeprefix(" ")),
        )
    except (ValueError, OverflowError):
        problems[f"a value that is none of type {kind!r}"] += 1
        return None

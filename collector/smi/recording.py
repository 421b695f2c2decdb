"""Recordings: what a device said, in a file. Read in every form that people have them in, written as .snmprec.

`.snmprec` is a line a varbind, `OID|type|value`: the type is the BER tag as a decimal number, then `x` where the value
is hexadecimal or `e` where it has backslash escapes. The other form is what `snmpwalk -On` or `-Onx` prints. Both may
be packed (.bz2, .gz), have CRLF, comments, duplicates, or be out of order.
"""

import bz2
import gzip
import ipaddress
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from collector.smi import oid as oids
from collector.smi.ber import decode_value, encode_value, read_tlv
from collector.smi.oid import Oid
from collector.smi.snmpwalk import parse_walk
from collector.smi.value import Missing, Tag, Value, VarBind

MAX_BYTES = 256 << 20  # unpacked; a small .bz2 may hide gigabytes

Arcs = tuple[int, ...]

_NUMBERS: frozenset[int] = frozenset((Tag.INTEGER, Tag.COUNTER32, Tag.GAUGE32, Tag.TIMETICKS, Tag.COUNTER64))
_RAW: frozenset[int] = frozenset((Tag.OCTET_STRING, Tag.IP_ADDRESS, Tag.OPAQUE))
_EXCEPTIONS: frozenset[int] = frozenset((Tag.NULL, Tag.NO_SUCH_OBJECT, Tag.NO_SUCH_INSTANCE, Tag.END_OF_MIB_VIEW))
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


@dataclass(frozen=True, slots=True)
class Recording:
    """What a file held.

    Attributes:
        varbinds: in the order of their OIDs (by arc), each OID once: of equals the first in the file stays.
        problems: what was left out and why, in sentences for people.
    """

    varbinds: list[VarBind]
    problems: list[str]


def read(path: str | Path) -> Recording:
    """The recording in the file at `path`.

    Raises:
        OSError: the file cannot be read, or is damaged.
        ValueError: it is larger than MAX_BYTES when unpacked, or holds nothing that looks like a recording.
    """
    recording = parse(_unpack(Path(path)))
    if not recording.varbinds and recording.problems:
        raise ValueError(f"{path}: no varbind in it; {recording.problems[0]}")
    return recording


def _unpack(path: Path) -> str:
    try:
        if path.suffix == ".bz2":
            with bz2.open(path) as file:
                data = file.read(MAX_BYTES + 1)
        elif path.suffix == ".gz":
            with gzip.open(path) as file:
                data = file.read(MAX_BYTES + 1)
        else:
            with path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
    except (EOFError, zlib.error) as error:
        raise OSError(f"{path}: damaged: {error}") from None
    if len(data) > MAX_BYTES:
        raise ValueError(f"{path}: more than {MAX_BYTES} bytes")
    return data.decode("utf-8", "surrogateescape")


def parse(text: str) -> Recording:
    """The recording in `text`; which of the two forms it has is told by its first line that is no comment."""
    lines = text.split("\n")
    for line in lines:
        if line.strip() and not line.startswith("#"):
            break
    else:
        return Recording([], [])
    head = line.split("|", 1)[0]
    is_walk = " = " in line and not head.strip().lstrip(".").replace(".", "").isdigit()
    problems: Counter[str] = Counter()
    rows = parse_walk(lines, problems) if is_walk else _parse_snmprec(lines, problems)
    varbinds = _in_order(rows, problems)
    return Recording(varbinds, [f"{what}: {count} x" if count > 1 else what for what, count in problems.items()])


def _in_order(rows: list[tuple[Arcs, VarBind]], problems: Counter[str]) -> list[VarBind]:
    rows.sort(key=lambda row: row[0])
    varbinds: list[VarBind] = []
    previous: Oid = b""
    for _, varbind in rows:
        if varbind[0] == previous:
            problems["an OID that the file has already"] += 1
            continue
        previous = varbind[0]
        varbinds.append(varbind)
    return varbinds


class Prefixes:
    """Encodes OIDs of which most differ from another one in their last arc only."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Arcs, Oid]] = {}

    def encode(self, text: str) -> tuple[Arcs, Oid]:
        """Arcs and octets of an OID in numeric form.

        Raises:
            ValueError: it is none.
        """
        prefix, _, last = text.rpartition(".")
        known = self._known.get(prefix)
        if known is None:
            octets = oids.encode(prefix)
            known = self._known[prefix] = (oids.arcs(octets), octets)
        if not (last.isascii() and last.isdigit()):
            raise ValueError(f"not an OID in numeric form: {text!r}")
        arc = int(last)
        return (*known[0], arc), known[1] + oids.encode_index((arc,))


def _parse_snmprec(lines: list[str], problems: Counter[str]) -> list[tuple[Arcs, VarBind]]:
    rows: list[tuple[Arcs, VarBind]] = []
    prefixes = Prefixes()
    for line in lines:
        if not line or line[0] == "#" or line == "\r":
            continue
        name, bar, rest = line.partition("|")
        kind, bar_too, value = rest.partition("|")
        if not (bar and bar_too):
            problems["a line that is not OID|type|value"] += 1
            continue
        try:
            arcs, oid = prefixes.encode(name.strip())
        except ValueError:
            problems["not an OID in numeric form"] += 1
            continue
        try:
            tag, decoded = _snmprec_value(kind, value.removesuffix("\r"))
        except LookupError:
            problems[f"type {kind!r} is not known"] += 1
        except ValueError:
            problems[f"a value that is none of type {kind!r}"] += 1
        else:
            rows.append((arcs, (oid, tag, decoded)))
    return rows


def _snmprec_value(kind: str, text: str) -> tuple[int, Value]:
    """Tag and value.

    Raises:
        LookupError: the type is unknown.
        ValueError: the value is none of the type's.
    """
    if kind == "4":
        return 4, text.encode("utf-8", "surrogateescape")
    tag = int(digits) if (digits := kind.rstrip("xe")).isdigit() and len(digits) < 4 else 0
    if tag in _NUMBERS and digits == kind:
        number = int(text)
        if not (-(1 << 63) if tag == Tag.INTEGER else 0) <= number < 1 << 64:
            raise ValueError(text)
        return tag, number
    if tag in _EXCEPTIONS:
        return tag, decode_value(tag, b"", 0, 0)
    if tag == Tag.OBJECT_IDENTIFIER:
        octets = oids.encode(text.strip())
        return tag, decode_value(tag, octets, 0, len(octets))
    if tag not in _RAW:
        raise LookupError(kind)
    if kind.endswith("x"):
        octets = bytes.fromhex(text.removeprefix("0x"))
    elif kind.endswith("e"):
        octets = _unescape(text)
    elif tag == Tag.IP_ADDRESS and text.isascii() and text.count(".") == 3:
        octets = bytes(map(int, text.split(".")))
    elif tag == Tag.IP_ADDRESS and ":" in text:
        octets = ipaddress.IPv6Address(text).packed
    else:
        octets = text.encode("utf-8", "surrogateescape")
    return tag, decode_value(tag, octets, 0, len(octets))


def _unescape(text: str) -> bytes:
    out = bytearray()
    at = 0
    while at < len(text):
        char = text[at]
        at += 1
        if char != "\\" or at == len(text):
            out += char.encode("utf-8", "surrogateescape")
            continue
        char = text[at]
        at += 1
        if char == "x":
            out.append(int(text[at : at + 2], 16))
            at += 2
        else:
            out += _ESCAPES.get(char, char).encode("utf-8", "surrogateescape")
    return bytes(out)


def write(path: str | Path, varbinds: Iterable[VarBind], header: Iterable[str] = ()) -> None:
    """Write `varbinds` as .snmprec, in the order of their OIDs; `header` are lines of comment before them.

    A value that is Missing has no line, as an OID without a value is one that the file lacks.

    Raises:
        OSError: the file cannot be written.
    """
    lines = [f"# {line}" for text in header for line in text.splitlines()]
    for oid, tag, value in sorted(varbinds, key=lambda varbind: oids.arcs(varbind[0])):
        if not isinstance(value, Missing):
            lines.append(f"{oids.decode(oid)}|{_snmprec_text(tag, value)}")
    Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _snmprec_text(tag: int, value: Value) -> str:
    if isinstance(value, bytes):
        text = value.decode("ascii", errors="replace")
        if tag == Tag.OCTET_STRING and text.isprintable() and "\ufffd" not in text:
            return f"4|{text}"
        return f"{tag}x|{value.hex()}"
    if isinstance(value, float) or tag == Tag.OPAQUE:
        whole = encode_value(Tag.OPAQUE, value)
        _, start, _ = read_tlv(whole, 0)
        return f"{Tag.OPAQUE}x|{whole[start:].hex()}"
    return f"{tag}|{value}"

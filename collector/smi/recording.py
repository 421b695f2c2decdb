"""Recordings: what a device said, in a file. Read in every form that people have them in, written as .snmprec.

`.snmprec` is a line a varbind, `OID|type|value`: the type is the BER tag as a decimal number, then `x` where the value
is hexadecimal or `e` where it has backslash escapes. The other form is what `snmpwalk -On` or `-Onx` prints. Both may
be packed (.bz2, .gz), have CRLF, comments, duplicates, or be out of order.
"""

import ipaddress
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from collector.smi import oid as oids
from collector.smi.ber import decode_value, encode_value, read_tlv
from collector.smi.oid import Oid
from collector.smi.sift import MAX_BYTES, MAX_BYTES_SIFTED, blocks, sift
from collector.smi.snmpwalk import parse_walk
from collector.smi.value import Missing, Tag, Value, VarBind

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


def read(path: str | Path, below: Collection[Oid] | None = None) -> Recording:
    """The recording in the file at `path`; of a .snmprec only what is one of `below` or under it, where they are given.

    Raises:
        OSError: the file cannot be read, or is damaged.
        ValueError: it is larger than sift allows when unpacked, or holds nothing that looks like a recording.
    """
    if below is not None and not _is_walk(_first_line(_text(_head(path)))):
        content = sift(blocks(Path(path), MAX_BYTES_SIFTED), below)
    else:
        content = blocks(Path(path), MAX_BYTES)
    recording = parse(_text(b"".join(content)))
    if not recording.varbinds and recording.problems:
        raise ValueError(f"{path}: no varbind in it; {recording.problems[0]}")
    return recording


def read_head(path: str | Path) -> Recording:
    """What the first part of the file holds, where in nearly all the system group is: without reading all of it.

    Raises:
        OSError: the file cannot be read, or is damaged.
    """
    return parse(_text(_head(path)))


def _head(path: str | Path) -> bytes:
    return next(blocks(Path(path), MAX_BYTES_SIFTED), b"")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def parse(text: str) -> Recording:
    """The recording in `text`; which of the two forms it has is told by its first line that is no comment."""
    lines = text.split("\n")
    problems: Counter[str] = Counter()
    if _is_walk(_first_line(text)):
        varbinds = _in_order([], parse_walk(lines, problems))
    else:
        varbinds = _parse_snmprec(lines, problems)
    varbinds = _without_duplicates(varbinds, problems)
    return Recording(varbinds, [f"{what}: {count} x" if count > 1 else what for what, count in problems.items()])


def _first_line(text: str) -> str:
    """The first that is no comment."""
    start = 0
    while start < len(text):
        line, _, _ = text[start : start + 2000].partition("\n")
        if line.strip() and not line.startswith("#"):
            return line
        start = stop + 1 if (stop := text.find("\n", start)) >= 0 else len(text)
    return ""


def _is_walk(line: str) -> bool:
    """Whether a file that begins with this line is what snmpwalk prints."""
    return " = " in line and not line.partition("|")[0].strip().lstrip(".").replace(".", "").isdigit()


def _arcs(varbind: VarBind) -> tuple[int, ...]:
    return oids.arcs(varbind[0])


def _in_order(varbinds: list[VarBind], late: list[VarBind]) -> list[VarBind]:
    """`varbinds`, which are in order, with those of `late`, which are not, in their places."""
    merged: list[VarBind] = []
    start = 0
    for varbind in sorted(late, key=_arcs):
        stop = bisect_right(varbinds, _arcs(varbind), lo=start, key=_arcs)
        merged += varbinds[start:stop]
        merged.append(varbind)
        start = stop
    return merged + varbinds[start:] if merged else varbinds


def _without_duplicates(varbinds: list[VarBind], problems: Counter[str]) -> list[VarBind]:
    single: list[VarBind] = []
    previous: Oid = b""
    for varbind in varbinds:
        if varbind[0] == previous:
            problems["an OID that the file has already"] += 1
            continue
        previous = varbind[0]
        single.append(varbind)
    return single


class _Octets(dict[str, bytes]):
    """Arc in decimal -> its octets: the same few thousand arcs come again and again."""

    def __missing__(self, arc: str) -> bytes:
        if not (arc.isascii() and arc.isdigit()):
            raise ValueError(f"not an arc: {arc!r}")
        octets = self[arc] = oids.encode_index((int(arc),))
        return octets


class _Names:
    """Encodes the OIDs of a file, most of which differ from the one before in their last arc only.

    Attributes:
        late: whether the latest should have stood before one of those before it. Files have millions of lines, nearly
            all of them in order, and to sort them all takes as long as to read them.
    """

    def __init__(self) -> None:
        self.late = False
        self._prefix = ""
        self._octets: Oid = b""
        self._arcs: tuple[int, ...] = ()
        self._last = 0
        self._octets_of = _Octets()

    def encode(self, text: str) -> Oid:
        """The octets of an OID in numeric form.

        Raises:
            ValueError: it is none.
        """
        prefix, _, last = text.rpartition(".")
        if not (last.isascii() and last.isdigit()):
            raise ValueError(f"not an OID in numeric form: {text!r}")
        arc = int(last)
        octets = self._octets
        if prefix == self._prefix:
            self.late = arc < self._last
        else:
            first, second, *rest = prefix.removeprefix(".").split(".")
            octets = oids.encode(f"{first}.{second}") + b"".join(map(self._octets_of.__getitem__, rest))
            arcs = tuple(map(int, (first, second, *rest)))
            self.late = (*arcs, arc) < (*self._arcs, self._last)
            if not self.late:
                self._prefix, self._octets, self._arcs = prefix, octets, arcs
        if not self.late:
            self._last = arc
        return octets + oids.encode_index((arc,))


def _parse_snmprec(lines: list[str], problems: Counter[str]) -> list[VarBind]:
    varbinds: list[VarBind] = []
    late: list[VarBind] = []
    names = _Names()
    for line in lines:
        if not line or line[0] == "#" or line == "\r":
            continue
        name, bar, rest = line.partition("|")
        kind, bar_too, text = rest.partition("|")
        if not (bar and bar_too):
            problems["a line that is not OID|type|value"] += 1
            continue
        try:
            oid = names.encode(name.strip())
        except ValueError:
            problems["not an OID in numeric form"] += 1
            continue
        known = _KINDS.get(kind)
        if known is None:
            problems[f"type {kind[:20]!r} is not known"] += 1
            continue
        tag, decode = known
        try:
            varbind: VarBind = (oid, tag, decode(text.removesuffix("\r")))
        except ValueError:
            problems[f"a value that is none of type {kind!r}"] += 1
            continue
        (late if names.late else varbinds).append(varbind)
    return _in_order(varbinds, late)


def _signed(text: str) -> int:
    number = int(text)
    if not -(1 << 63) <= number < 1 << 64:
        raise ValueError(text)
    return number


def _unsigned(text: str) -> int:
    number = int(text)
    if not 0 <= number < 1 << 64:
        raise ValueError(text)
    return number


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _from_hex(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


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


def _object_identifier(text: str) -> Value:
    octets = oids.encode(text.strip().removesuffix("."))
    return decode_value(Tag.OBJECT_IDENTIFIER, octets, 0, len(octets))


def _address(text: str) -> bytes:
    if text.isascii() and text.count(".") == 3:
        return bytes(map(int, text.split(".")))
    return ipaddress.IPv6Address(text).packed if ":" in text else _octets(text)


def _decoded(tag: Tag, read: Callable[[str], bytes]) -> Callable[[str], Value]:
    def decode(text: str) -> Value:
        octets = read(text)
        return decode_value(tag, octets, 0, len(octets))

    return decode


def _kinds() -> dict[str, tuple[Tag, Callable[[str], Value]]]:
    """What may stand between the bars: the tag of a value, and how its text is read."""
    kinds: dict[str, tuple[Tag, Callable[[str], Value]]] = {
        "2": (Tag.INTEGER, _signed),
        "4": (Tag.OCTET_STRING, _octets),
        "4x": (Tag.OCTET_STRING, _from_hex),
        "4e": (Tag.OCTET_STRING, _unescape),
        "6": (Tag.OBJECT_IDENTIFIER, _object_identifier),
    }
    for tag in (Tag.COUNTER32, Tag.GAUGE32, Tag.TIMETICKS, Tag.COUNTER64):
        kinds[str(int(tag))] = (tag, _unsigned)
    for tag, plain in ((Tag.IP_ADDRESS, _address), (Tag.OPAQUE, _octets)):
        for ending, read in (("", plain), ("x", _from_hex), ("e", _unescape)):
            kinds[f"{int(tag)}{ending}"] = (tag, _decoded(tag, read))
    for tag in (Tag.NULL, Tag.NO_SUCH_OBJECT, Tag.NO_SUCH_INSTANCE, Tag.END_OF_MIB_VIEW):
        kinds[str(int(tag))] = (tag, _decoded(tag, lambda _text: b""))
    return kinds


_KINDS = _kinds()


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

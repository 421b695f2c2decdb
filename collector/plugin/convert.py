"""Makes of a device's value what the catalogue wants: converters, built once a column.

A value passes these stations, each of them optional: its type (text, mac, signed 32 bits ...), sentinels (-> None), a
regular expression, an enumeration, scale and offset, a conversion that is not linear, the range it has to be in, and the
field's own type. None means that there is no value.
"""

import math
import re
import struct
from collections.abc import Callable, Mapping
from typing import TypeAlias

import msgspec

from collector.metrics.model import FieldValue
from collector.smi.value import Missing, Value

Converted: TypeAlias = FieldValue | None
Convert: TypeAlias = Callable[[Value, float], Converted]
"""value and the row's factor (1.0 where the column has none) -> field value"""

MAX_TEXT = 1000
"""characters of a text that are kept: a device is no place to store books"""

_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")
_LONGEST_ADDRESS = 17
"""octets of an IPv6 address with its family before it; a longer identifier of UTF-8 is a text, whatever is in it"""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_MAX_INT = 2**64 - 1


def clean_text(octets: bytes) -> str:
    """OCTET STRING as text: UTF-8 with replacement, control characters as spaces, trimmed."""
    return _CONTROL.sub(" ", octets[: 4 * MAX_TEXT].decode(errors="replace")).strip()[:MAX_TEXT]


def _text(value: Value) -> FieldValue:
    return clean_text(value) if isinstance(value, bytes) else _natural(value)


def _natural(value: Value) -> FieldValue:
    if isinstance(value, bytes):
        return clean_text(value)
    if isinstance(value, Missing):
        raise TypeError("a missing value has no natural form")
    return value


def _octets(value: Value) -> bytes | None:
    return value if isinstance(value, bytes) else None


def _mac(value: Value) -> Converted:
    octets = _octets(value)
    if octets is None:
        return None
    if len(octets) == 6:
        return octets.hex(":") if any(octets) else None
    digits = re.sub(r"[^0-9a-fA-F]", "", octets.decode(errors="replace"))
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2)).lower() if len(digits) == 12 else None


def _hex(value: Value) -> Converted:
    octets = _octets(value)
    return octets.hex() if octets is not None else _natural(value)


def _ip(value: Value) -> Converted:
    octets = _octets(value)
    if octets is None:
        return value if isinstance(value, str) else None
    if len(octets) == 4:
        return ".".join(map(str, octets))
    if len(octets) == 16:
        import ipaddress  # not needed by most polls

        return str(ipaddress.IPv6Address(octets))
    return clean_text(octets) or None


def _id(value: Value) -> Converted:
    """An identifier that is a text with some agents and an address with others (LLDP's chassis and port ids)."""
    octets = _octets(value)
    if octets is None:
        return _natural(value)
    printable = all(0x20 <= octet < 0x7F for octet in octets.rstrip(b"\x00"))
    if printable and octets.rstrip(b"\x00"):
        return clean_text(octets)
    if len(octets) > _LONGEST_ADDRESS and _is_text(octets):
        return clean_text(octets)
    return octets.hex(":") if len(octets) == 6 else octets.hex()


def _is_text(octets: bytes) -> bool:
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        return False
    return all(char.isprintable() or char.isspace() for char in text)


def _date(value: Value) -> Converted:
    """DateAndTime (RFC 2579) as ISO 8601."""
    octets = _octets(value)
    if octets is None or len(octets) not in (8, 11):
        return None
    year, month, day, hour, minute, second, tenth = struct.unpack(">HBBBBBB", octets[:8])
    if not (1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and second <= 60 and tenth < 10):
        return None
    zone = ""
    if len(octets) == 11 and octets[8:9] in (b"+", b"-"):
        zone = f"{octets[8:9].decode()}{octets[9]:02d}:{octets[10]:02d}"
    return f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}{zone}"


def _signed32(value: Value) -> Converted:
    return value - 2**32 if type(value) is int and 2**31 <= value < 2**32 else _natural(value)


def _unsigned32(value: Value) -> Converted:
    return value + 2**32 if type(value) is int and -(2**31) <= value < 0 else _natural(value)


def _signed16(value: Value) -> Converted:
    return value - 2**16 if type(value) is int and 2**15 <= value < 2**16 else _natural(value)


def _float32(value: Value) -> Converted:
    """An IEEE 754 single in an OCTET STRING of four octets or in an Unsigned32."""
    octets = _octets(value)
    if type(value) is int and 0 <= value < 2**32:
        octets = value.to_bytes(4, "big")
    if octets is None or len(octets) != 4:
        return _natural(value)
    (number,) = struct.unpack(">f", octets)
    return float(f"{number:.7g}")


def _integer(value: Value) -> Converted:
    """A whole number in an OCTET STRING, most significant octet first."""
    octets = _octets(value)
    return int.from_bytes(octets, "big") if octets is not None and 0 < len(octets) <= 8 else _natural(value)


TYPES: dict[str, Callable[[Value], Converted]] = {
    "auto": _natural,
    "text": _text,
    "mac": _mac,
    "hex": _hex,
    "ip": _ip,
    "id": _id,
    "date": _date,
    "signed32": _signed32,
    "unsigned32": _unsigned32,
    "signed16": _signed16,
    "float32": _float32,
    "octets": _integer,
}
"""what `type` may be in a family file"""


def _milliwatt_to_dbm(milliwatt: float) -> float:
    return 10 * math.log10(milliwatt) if milliwatt > 0 else math.nan


CONVERSIONS: dict[str, Callable[[float], float]] = {
    "fahrenheit_to_celsius": lambda degrees: (degrees - 32) / 1.8,
    "milliwatt_to_dbm": _milliwatt_to_dbm,
    "watt_to_dbm": lambda watt: _milliwatt_to_dbm(1000 * watt),
    "ten_to_the": lambda exponent: 10.0**exponent if -30 <= exponent <= 30 else math.nan,
}
"""what `convert` may be in a family file; they come after scale and offset"""


class ValueSpec(msgspec.Struct, frozen=True, kw_only=True):
    """How a column's values are to be read: the keys of a column in a family file, checked.

    Attributes:
        enum: code or lower-cased text -> what it stands for.
        default: what an unlisted code stands for; None: nothing, but a text field shows the code itself.
        minimum, maximum: in the field's unit.
    """

    type: str = "auto"
    sentinels: frozenset[int | float | str] = frozenset()
    regex: re.Pattern[str] | None = None
    enum: Mapping[FieldValue, str | int | float] | None = None
    default: str | int | float | None = None
    scale: float = 1.0
    offset: float = 0.0
    convert: str | None = None
    minimum: float | None = None
    maximum: float | None = None


_PLAIN = ValueSpec()


def parse_number(value: FieldValue) -> int | float | None:
    """The number that a value is, or that its text begins with or holds ("23.5 C", "Load: 4")."""
    if isinstance(value, str):
        found = _NUMBER.search(value)
        if found is None:
            return None
        text = found.group()
        if len(text) > 40:
            return None
        return int(text) if text.lstrip("+-").isdigit() else float(text)
    return value


def is_plain(spec: ValueSpec, kind: type | None) -> bool:
    """Whether an int needs nothing at all to become a field of that type."""
    return kind is int and spec == _PLAIN


def _scaler(scale: float) -> Callable[[float], float]:
    # 235 / 10 is 23.5 where 235 * 0.1 is 23.500000000000004
    inverse = round(1 / scale) if scale else 0
    if 0 < scale < 1 and inverse > 1 and math.isclose(1 / scale, inverse, rel_tol=1e-12):
        return lambda number: number / inverse
    return lambda number: number * scale


def build(spec: ValueSpec, kind: type | None) -> Convert:
    """The converter of a column for a field of type int, float, str or bool, or for a helper column (None)."""
    read = TYPES[spec.type]
    scale = _scaler(spec.scale)
    linear = spec.scale != 1 or spec.offset != 0
    further = CONVERSIONS[spec.convert] if spec.convert else None
    numeric = (
        kind in (int, float) or linear or further is not None or spec.minimum is not None or spec.maximum is not None
    )
    low = -math.inf if spec.minimum is None else spec.minimum
    high = math.inf if spec.maximum is None else spec.maximum

    def text_stage(value: Value) -> Converted:
        if isinstance(value, Missing):
            return None
        found = read(value)
        if found is None or found in spec.sentinels:
            return None
        if spec.regex is not None:
            match = spec.regex.search(str(found))
            if match is None:
                return None
            found = match.group(1) if spec.regex.groups else match.group()
            if found is None:
                return None
        if spec.enum is None:
            return found
        return _listed(spec.enum, spec.default, found, kind)

    def number_stage(found: FieldValue, factor: float) -> int | float | None:
        number = parse_number(found)
        if number is None or (isinstance(found, str) and number in spec.sentinels):
            return None
        if linear:
            number = scale(number) * factor + spec.offset
        elif factor != 1.0:
            number = number * factor
        if further is not None:
            number = further(number)
        if not low <= number <= high or not math.isfinite(number):
            return None
        return number

    def convert(value: Value, factor: float) -> Converted:
        found = text_stage(value)
        if found is None:
            return None
        if numeric:
            number = number_stage(found, factor)
            if number is None:
                return None
            found = number
        return _final(found, kind, factor)

    fast = _fast_int(spec, kind)
    if fast is None:
        return convert

    def convert_fast(value: Value, factor: float) -> Converted:
        if type(value) is int and factor == 1.0:
            return fast(value)
        return convert(value, factor)

    return convert_fast


def _listed(
    enum: Mapping[FieldValue, str | int | float], default: Converted, found: FieldValue, kind: type | None
) -> Converted:
    key = found.lower() if isinstance(found, str) else found
    listed = enum.get(key)
    if listed is None and isinstance(key, str) and key.isascii() and key.lstrip("-").isdigit():
        listed = enum.get(int(key))
    if listed is not None:
        return listed
    return str(found) if default is None and kind is str else default


def _final(found: FieldValue, kind: type | None, factor: float) -> Converted:
    if kind is str:
        text = str(found).strip()[:MAX_TEXT]
        return text or None
    if kind is int:
        number = round(float(found)) if isinstance(found, float) else int(found)
        return number if -_MAX_INT <= number <= _MAX_INT else None
    if kind is float:
        return round(float(found), 9) if factor != 1.0 else float(found)
    if kind is bool:
        return bool(found) if not isinstance(found, str) else None
    return found


def _fast_int(spec: ValueSpec, kind: type | None) -> Callable[[int], Converted] | None:
    """A shorter way for the two kinds of column that make up most polls: integers to gauges, codes to texts."""
    simple = spec.type in ("auto", "text") and spec.regex is None and spec.convert is None
    if not simple or spec.minimum is not None or spec.maximum is not None:
        return None
    sentinels = spec.sentinels
    if kind is str and spec.enum is not None and spec.default is None and not sentinels:
        texts = {code: str(text) for code, text in spec.enum.items()}
        return lambda code: texts.get(code) or str(code)
    if kind is float and spec.enum is None:
        scale, offset = _scaler(spec.scale), spec.offset
        if spec.scale == 1 and offset == 0:
            return lambda number: float(number) if number not in sentinels else None
        return lambda number: float(scale(number) + offset) if number not in sentinels else None
    return None

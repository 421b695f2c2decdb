"""What an object of a MIB may measure, guessed from its name, units, enumeration and description. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from collector.smi.mib import MibObject
from collector.smi.value import Value

GOOD = re.compile(
    r"^(ok|normal|good|up|on|online|active|running|ready|present|enabled?|operational|healthy|connected|closed|"
    r"nominal|idle|no-?alarm|no-?fault|none|inactive-alarm|on-?line|in-?service|powered-?on|working)$"
)
_STATUS = re.compile(r"(?i)stat(e|us)|alarm|fault|health|condition|mode$|role|presen|link")
_SETTING = ("read-write", "read-create", "write-only")

_BY_UNITS: tuple[tuple[str, str, float, str], ...] = (
    (r"\bmilli ?volts?|\bmv(?:dc|ac)?\b", "voltage", 1e-3, ""),
    (r"\bvolts?\b|\bv(?:dc|ac)?\b", "voltage", 1, ""),
    (r"\bvolt-?amp|\bva\b", "power_apparent", 1, ""),
    (r"\bmilli ?amp|\bma\b", "current", 1e-3, ""),
    (r"\bmicro ?amp|\bua\b", "current", 1e-6, ""),
    (r"\bamp(?:ere)?s?\b|\ba(?:dc|ac)?\b", "current", 1, ""),
    (r"kilo ?watt.?hours?|\bkwh\b", "energy", 1, ""),
    (r"watt.?hours?|\bwh\b", "energy", 1e-3, ""),
    (r"\bmilli ?watts?|\bmw\b", "power", 1e-3, ""),
    (r"\bkilo ?watts?|\bkw\b", "power", 1e3, ""),
    (r"\bwatts?\b|\bw\b", "power", 1, ""),
    (r"\bdbm\b", "dbm", 1, ""),
    (r"\bdb\b|decibel", "snr", 1, ""),
    (r"\brpm\b|revolutions", "fan", 1, ""),
    (r"\bghz\b", "frequency", 1e9, ""),
    (r"\bmhz\b", "frequency", 1e6, ""),
    (r"\bkhz\b", "frequency", 1e3, ""),
    (r"\bhz\b|hertz", "frequency", 1, ""),
    (r"fahrenheit|degrees? ?f\b", "temperature", 1, "fahrenheit_to_celsius"),
    (r"celsius|centigrade|degrees? ?c\b|°c|\bdegc?\b", "temperature", 1, ""),
    (r"relative humidity|% ?rh", "humidity", 1, ""),
    (r"\bmbps\b|megabits?", "bitrate", 1e6, ""),
    (r"\bkbps\b|kilobits?", "bitrate", 1e3, ""),
    (r"\bbps\b|bits?(?: per |/)s", "bitrate", 1, ""),
    (r"\bminutes?\b", "runtime", 60, ""),
    (r"percent|%", "percent", 1, ""),
)
"""expression over the units in lower case, class, scale, conversion: the first that is found counts"""

_BY_NAME: tuple[tuple[str, str], ...] = (
    (r"temp(?!late|orary)", "temperature"),
    (r"volt", "voltage"),
    (r"humid", "humidity"),
    (r"fan.*(speed|rpm)|rpm$", "fan"),
    (r"rssi|(rx|tx|receive|transmit).*(power|level)|dbm", "dbm"),
    (r"snr|cinr|sinr|mse$", "snr"),
    (r"(current|amps)$|amperage", "current"),
    (r"(power|watts)$", "power"),
    (r"freq", "frequency"),
    (r"(load|util|usage|percent)", "percent"),
)
_TENTHS: tuple[tuple[str, float], ...] = (
    (r"\b0?\.001\b|1/1000|thousandth|milli-?(?!v|a|w|s)", 1e-3),
    (r"\b0?\.01\b|1/100\b|hundredth|centi-(?!g)", 1e-2),
    (r"\b0?\.1\b|1/10\b|tenth|deci-|\bx ?10\b|\* ?10\b", 1e-1),
)
_NO_READING = frozenset(
    [
        "threshold",
        "thresh",
        "limit",
        "limits",
        "alarm",
        "trap",
        "config",
        "admin",
        "max",
        "min",
        "maximum",
        "minimum",
        "default",
        "nominal",
        "rated",
        "high",
        "low",
        "upper",
        "lower",
        "count",
        "index",
        "warning",
        "critical",
    ]
)
"""words in a name that make its number a setting or a bookkeeper's"""
_CPU = re.compile(r"(?i)(cpu|processor).*(util|load|usage|percent|busy)|(util|load|usage).*cpu")

_FACTS: Mapping[str, str] = {
    "model": r"(model|product|device|unit|system|ident).*(name|type|model|number|descr)?$",
    "os_version": r"(software|firmware|sw|fw|app|system|agent).*(ver|rev|release)",
    "serial": r"serial",
}


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What an object seems to be: a short form of family files with its keys."""

    form: str
    sensor_class: str = ""
    scale: float = 1
    convert: str = ""
    enum: Mapping[int, str] = {}
    ok: Sequence[str] = ()


def reading_of(known: MibObject, values: Sequence[Value]) -> Reading | None:
    """What an object measures; None where it is a setting, a name, or nothing that can be told."""
    if known.enum:
        told = _STATUS.search(known.name) and known.access not in _SETTING and known.syntax != "RowStatus"
        return _state(known) if told else None
    if not all(isinstance(value, int | float) or _holds_number(value) for value in values):
        return None
    if _NO_READING.intersection(words(known.name).lower().split()):
        return None
    units = known.units.lower()
    for pattern, sensor_class, scale, convert in _BY_UNITS:
        if units and re.search(pattern, units):
            return _number(known, sensor_class, scale * _tenths(known), convert)
    for pattern, sensor_class in _BY_NAME:
        if re.search(pattern, known.name, re.IGNORECASE):
            return _number(known, sensor_class, _tenths(known), "")
    return None


def _number(known: MibObject, sensor_class: str, scale: float, convert: str) -> Reading:
    if sensor_class == "percent":
        if _CPU.search(known.name):
            return Reading(form="cpu", scale=scale)
        if re.search(r"(?i)humid", known.name):
            sensor_class = "humidity"
        elif re.search(r"(?i)batt|charge|capacity", known.name):
            sensor_class = "charge"
    return Reading(form="sensor", sensor_class=sensor_class, scale=scale, convert=convert)


def _state(known: MibObject) -> Reading:
    enum = {number: hyphened(text) for number, text in known.enum.items()}
    part = next(
        (
            word
            for word in ("fan", "power", "battery", "temperature", "link", "door", "alarm")
            if word in known.name.lower()
        ),
        "status",
    )
    good = [text for text in dict.fromkeys(enum.values()) if GOOD.match(text)]
    return Reading(form="state", sensor_class=part, enum=enum, ok=good)


def _holds_number(value: Value) -> bool:
    return isinstance(value, bytes) and re.fullmatch(rb"\s*[-+]?\d+(\.\d+)?\s*\S{0,6}\s*", value) is not None


def _tenths(known: MibObject) -> float:
    if hint := re.fullmatch(r"d-(\d)", known.hint):
        return 10.0 ** -int(hint.group(1))
    for text in (known.units, known.description):
        for pattern, factor in _TENTHS:
            if re.search(pattern, text, re.IGNORECASE):
                return factor
    return 1.0


def is_name(known: MibObject, rows: Sequence[tuple[str, Value]]) -> bool:
    """Whether a column names its rows: texts, each another."""
    texts = [value for _, value in rows if isinstance(value, bytes) and value.strip(b"\x00 ")]
    return (
        re.search(r"(?i)name|descr|label|title|ident", known.name) is not None
        and len(texts) == len(rows)
        and len(set(texts)) == len(texts)
    )


def facts_of(names: Iterable[str]) -> dict[str, list[str]]:
    """For each fact the scalars that may hold it."""
    found: dict[str, list[str]] = {}
    for fact, pattern in _FACTS.items():
        fitting = [name for name in names if name and re.search(pattern, name, re.IGNORECASE)]
        if fitting:
            found[fact] = fitting[:3]
    return found


def words(name: str) -> str:
    """`rbSysTemperature` as "Rb sys temperature"."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[-_]+", " ", name).lower()
    return spaced[:1].upper() + spaced[1:]


def hyphened(text: str) -> str:
    """`notPresent` as "not-present"."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[_ ]+", "-", text).lower()

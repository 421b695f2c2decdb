"""InfluxDB's line protocol: `measurement,tag=value field=1i,other=2.5 1700000000000000000`.

Source: the line protocol reference of InfluxDB 1.x, 2.x and 3.x, which agree on all that is written here. Some tag
values cannot be written in it: line breaks become spaces, backslashes at the end are cut, empty values are left out.
"""

import re
from collections.abc import Callable
from operator import itemgetter

import msgspec

from collector.metrics.catalogue import MEASUREMENTS
from collector.metrics.model import FieldValue, Point
from collector.store.storable import ShapeKey, Verdict, judge, shape_key, storable_fields

_MAX_REMEMBERED = 50_000


class LineError(ValueError):
    """Not a line of the protocol; the text says what was found where."""


class _Layout(msgspec.Struct, frozen=True):
    """How the points of one shape are written: what has no quotes first, then the strings.

    Attributes:
        verdict: whether stores take such points at all.
        frame: the line's parts; at the odd places go the tags' values, the plain values, the strings and the time.
        tags: names of the tags, sorted, as servers like them.
        plain: picks numbers and booleans; None where there are none.
        texts: names of the strings.
    """

    verdict: Verdict
    frame: tuple[str, ...]
    tags: tuple[str, ...]
    plain: Callable[[dict[str, FieldValue]], tuple[FieldValue, ...]] | None
    texts: tuple[str, ...]


_layouts: dict[ShapeKey, _Layout] = {}
_tag_values: dict[str, str] = {}
"""escaped values of tags: the same few thousand come again in every cycle"""
_encode_json = msgspec.json.Encoder().encode


def encode(point: Point) -> str:
    """The point's line, without a line break at its end (a string field may hold some within).

    Raises:
        NotStorableError: the catalogue does not know the point, or no field is left to write.
    """
    key = shape_key(point)
    layout = _layouts.get(key) or _remember_layout(key)
    fields = storable_fields(point, layout.verdict)
    if fields is not point.fields:
        return encode(Point(point.measurement, point.tags, fields, point.time_ns))
    tags = point.tags
    try:
        parts = [_tag_values[tags[name]] for name in layout.tags]
    except KeyError:
        parts = [_remember_tag_value(tags[name]) for name in layout.tags]
    if "" in parts:
        tags = {name: value for name, value in tags.items() if escape_name(value)}
        return encode(Point(point.measurement, tags, fields, point.time_ns))
    if layout.plain:
        # JSON spells numbers and booleans as the line protocol does, and one call for all is thrice as fast as repr.
        parts += _encode_json(layout.plain(fields)).decode()[1:-1].split(",")
    for name in layout.texts:
        parts.append(_escape_text(fields[name]))  # type: ignore[arg-type]
    parts.append(str(point.time_ns))
    line = list(layout.frame)
    line[1::2] = parts
    return "".join(line)


def _remember_layout(key: ShapeKey) -> _Layout:
    measurement, tags, fields, types = key
    in_order = tuple(sorted(tags))
    floats = _float_fields(measurement)
    kinds = dict(zip(fields, types, strict=True))
    plain = [name for name in fields if kinds[name] is not str]
    texts = [name for name in fields if kinds[name] is str]
    # Between two values: what ends the one (a type's suffix, a quote) and what begins the other.
    frame = [measurement]
    for tag in in_order:
        frame[-1] += f",{tag}="
        frame += ["", ""]
    for at, name in enumerate(plain + texts):
        frame[-1] += f"{',' if at else ' '}{name}=" + ('"' if kinds[name] is str else "")
        end = "i" if kinds[name] is int and name not in floats else '"' if kinds[name] is str else ""
        frame += ["", end]
    frame[-1] += " "
    layout = _Layout(
        verdict=judge(key),
        frame=(*frame, ""),
        tags=in_order,
        plain=_picker(plain),
        texts=tuple(texts),
    )
    if len(_layouts) >= _MAX_REMEMBERED:
        _layouts.clear()
    _layouts[key] = layout
    return layout


def _picker(names: list[str]) -> Callable[[dict[str, FieldValue]], tuple[FieldValue, ...]] | None:
    if len(names) == 1:
        only = names[0]
        return lambda fields: (fields[only],)
    return itemgetter(*names) if names else None


def _float_fields(measurement: str) -> frozenset[str]:
    known = MEASUREMENTS.get(measurement)
    return frozenset(field.name for field in known.fields if field.type is float) if known else frozenset()


def _remember_tag_value(value: str) -> str:
    if len(_tag_values) >= _MAX_REMEMBERED:
        _tag_values.clear()
    escaped = _tag_values[value] = escape_name(value)
    return escaped


def escape_name(text: str) -> str:
    """A tag's key or value, or a field's key."""
    text = text.replace("\r\n", " ").replace("\n", " ").replace("\r", " ").rstrip("\\")
    return text.replace(",", "\\,").replace("=", "\\=").replace(" ", "\\ ")


def _escape_text(text: str) -> str:
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    return text.replace('"', '\\"') if '"' in text else text


# As servers read it, a comma, blank or equals sign right behind a backslash belongs to the name.
_HEAD = re.compile(r"(?:[^ \n]|(?<=\\) )+")
_COMMA = re.compile(r"(?<!\\),")
_EQUALS = re.compile(r"(?<!\\)=")
_FIELD = re.compile(r'[ ,]((?:[^=, \n]|(?<=\\)[=, ])+)=("(?:[^"\\]|\\.)*"|[^, "\n]+)', re.DOTALL)
_TIME = re.compile(r" (-?\d{1,19})\s*\Z")
_ESCAPED_IN_NAME = re.compile(r"\\([,= ])")
_ESCAPED_IN_TEXT = re.compile(r'\\(["\\])')
_FLAGS = {flag: flag[0] in "tT" for flag in ("t", "T", "true", "True", "TRUE", "f", "F", "false", "False", "FALSE")}


def decode(line: str) -> Point:
    """The point of one line; a field that the catalogue has as float is one, however it is written.

    Raises:
        LineError: the line has no measurement, no field or no time, or a value is none.
    """
    head = _HEAD.match(line)
    if head is None:
        raise LineError(f"no measurement in {line[:200]!r}")
    measurement, *pairs = _COMMA.split(head[0])
    name = _unescape_name(measurement)
    floats = _float_fields(name)
    tags = {}
    for pair in pairs:
        key, *rest = _EQUALS.split(pair)
        if len(rest) != 1 or not key or not rest[0]:
            raise LineError(f"tag {pair!r} is not key=value in {line[:200]!r}")
        tags[_unescape_name(key)] = _unescape_name(rest[0])
    fields: dict[str, FieldValue] = {}
    at = head.end()
    while found := _FIELD.match(line, at):
        if (line[at] == " ") == bool(fields):
            break
        key = _unescape_name(found[1])
        value = _value(found[2], line)
        fields[key] = float(value) if key in floats and not isinstance(value, str) else value
        at = found.end()
    time = _TIME.match(line, at)
    if not fields or time is None:
        raise LineError(f"expected {'a time' if fields else 'a field'} at character {at} of {line[:200]!r}")
    return Point(name, tags, fields, int(time[1]))


def _unescape_name(text: str) -> str:
    return _ESCAPED_IN_NAME.sub(r"\1", text) if "\\" in text else text


def _value(text: str, line: str) -> FieldValue:
    if text[0] == '"':
        return _ESCAPED_IN_TEXT.sub(r"\1", text[1:-1])
    if text in _FLAGS:
        return _FLAGS[text]
    try:
        return int(text[:-1]) if text[-1] in "iu" else float(text)
    except ValueError:
        raise LineError(f"value {text[:50]!r} is no number, string or boolean in {line[:200]!r}") from None

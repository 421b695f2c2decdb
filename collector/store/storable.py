"""What of a point a store can hold: the catalogue's names and types, finite numbers, 64-bit integers.

Checked here, once for all stores, so that no server has to refuse a batch for it. Points of one kind come by the
thousand with the same names and types, so the verdict on a shape is remembered and each point costs little.
"""

from collections.abc import Callable
from operator import itemgetter

import msgspec

from collector.metrics.catalogue import HOST_TAGS, MEASUREMENTS
from collector.metrics.model import FieldValue, Point

NOT_STORED = frozenset({"oid"})
"""fields that only replay and JSON output show"""

INT_MIN, INT_MAX = -(2**63), 2**63 - 1
"""what InfluxDB and BIGINT hold: the upper half of a Counter64 (which only broken agents reach) is left out"""

_MAX_SHAPES = 10_000

ShapeKey = tuple[str, tuple[str, ...], tuple[str, ...], tuple[type, ...]]
"""measurement, names of the tags, names of the fields, types of the fields"""

Pick = Callable[[dict[str, FieldValue]], tuple[float, ...]]


class NotStorableError(ValueError):
    """No store will ever take this point; the text says why."""


class Verdict(msgspec.Struct, frozen=True):
    """What follows from a point's names and types alone.

    Attributes:
        reason: why no store takes such points, else empty.
        whole: whether every field is stored if its number is good.
        integers, floats: pick the numbers whose values have to be looked at; None where there are none.
    """

    reason: str
    whole: bool
    integers: Pick | None
    floats: Pick | None


_verdicts: dict[ShapeKey, Verdict] = {}


def shape_key(point: Point) -> ShapeKey:
    """What decides how a point is written, but for its values."""
    fields = point.fields
    return (point.measurement, tuple(point.tags), tuple(fields), tuple(map(type, fields.values())))


def judge(key: ShapeKey) -> Verdict:
    """The verdict on a shape, remembered."""
    verdict = _verdicts.get(key)
    if verdict is None:
        if len(_verdicts) >= _MAX_SHAPES:
            _verdicts.clear()
        verdict = _verdicts[key] = _judge(key)
    return verdict


def storable_fields(point: Point, verdict: Verdict | None = None) -> dict[str, FieldValue]:
    """The fields that a store holds, `point.fields` itself where that is all of them.

    Numbers that no store can hold (NaN, infinite, beyond 64 bits) are left out. `verdict` is that of the point's shape.

    Raises:
        NotStorableError: the catalogue has no such measurement, tag, field or type, or nothing is left to store.
    """
    if verdict is None:
        verdict = judge(shape_key(point))
    if verdict.reason:
        raise NotStorableError(verdict.reason)
    fields = point.fields
    if (
        verdict.whole
        and (verdict.floats is None or _finite(sum(verdict.floats(fields))))
        and (verdict.integers is None or _all_fit(verdict.integers(fields)))
    ):
        return fields
    kept = {name: value for name, value in fields.items() if name not in NOT_STORED and _holds(value)}
    if not kept:
        raise NotStorableError("no field with a value that can be stored")
    return kept if len(kept) < len(fields) else fields  # good numbers may have a sum that is none


def _finite(number: float) -> bool:
    return number - number == 0.0


def _all_fit(numbers: tuple[float, ...]) -> bool:
    return max(numbers) <= INT_MAX and min(numbers) >= INT_MIN


def _holds(value: FieldValue) -> bool:
    if type(value) is float:
        return _finite(value)
    return type(value) is not int or INT_MIN <= value <= INT_MAX


def _judge(key: ShapeKey) -> Verdict:
    _, _, names, types = key
    return Verdict(
        reason=_reason(key),
        whole=bool(names) and NOT_STORED.isdisjoint(names),
        integers=_picker([name for name, found in zip(names, types, strict=True) if found is int]),
        floats=_picker([name for name, found in zip(names, types, strict=True) if found is float]),
    )


def _picker(names: list[str]) -> Pick | None:
    # Twice the same name where there is one: itemgetter then still gives a tuple.
    return itemgetter(*names, names[0]) if names else None


def _reason(key: ShapeKey) -> str:
    measurement_name, tags, fields, types = key
    measurement = MEASUREMENTS.get(measurement_name)
    if measurement is None:
        return f"unknown measurement {measurement_name!r}"
    for tag in tags:
        if tag not in HOST_TAGS and tag not in measurement.tags:
            return f"{measurement_name} has no tag {tag!r}"
    known = {field.name: field.type for field in measurement.fields}
    for name, found in zip(fields, types, strict=True):
        wanted = known.get(name)
        if wanted is None:
            return f"{measurement_name} has no field {name!r}"
        if found is not wanted and not (wanted is float and found is int):
            return f"field {name!r} of {measurement_name} is {wanted.__name__}, not {found.__name__}"
    return ""

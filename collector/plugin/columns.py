"""Reads a column of a family file: where its value stands and how it is to be read."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from collector.metrics.catalogue import MEASUREMENTS
from collector.metrics.model import Field, FieldValue, Kind
from collector.plugin.convert import CONVERSIONS, TYPES, ValueSpec, build, is_plain
from collector.plugin.errors import unknown
from collector.plugin.profile import Column, Condition, Join, Source
from collector.plugin.reader import NO_OID, Reader
from collector.plugin.template import Template, is_builtin, parse

STATE_CODE = MEASUREMENTS["state"].field("code")
_ANY_CODE = msgspec.structs.replace(STATE_CODE, name="")
"""a state's code is read as it is, number or text, before its meaning is looked up"""


class Place(msgspec.Struct, frozen=True):
    """What a table gives its columns.

    Attributes:
        entry: OID that OIDs with a leading dot continue.
        scale: multiplies every number (short forms of memory and storage).
    """

    entry: str = ""
    scale: float = 1.0


def read_helpers(columns: Reader, place: Place) -> dict[str, Column]:
    """All columns of a `columns` table."""
    refuse_builtins(columns)
    return {name: read_column(columns, name, found, place, None) for name, found in columns.items()}


def refuse_builtins(columns: Reader) -> None:
    """A column must not be called like a place that is filled without one: it would never be asked."""
    for name in dict(columns.items()):
        if is_builtin(name):
            columns.problem(name, f"{{{name}}} is filled without a column: call the column something else")


def read_column(holder: Reader, key: str, found: object, place: Place, field: Field | None) -> Column:
    """The column `found`, which stands at `key`: an OID, a list of candidates, or a table. A helper has no `field`."""
    if isinstance(found, Mapping):
        inner = holder.at(key, found)
        column = read_cell(inner, key, place, field)
        inner.finish()
        return column
    if field is STATE_CODE:
        holder.problem(key, "a state's code is a table with oid, enum and ok")
    sources = _candidates(holder, key, found, ValueSpec(scale=place.scale), place, field, instance=False)
    return Column(name=key, sources=sources, polled=field is not None, counter=_is_counter(field))


def read_cell(cell: Reader, name: str, place: Place, field: Field | None) -> Column:
    """A column from the keys of `cell`, which the caller finishes."""
    spec = read_spec(cell, ValueSpec(scale=place.scale))
    states = None
    if field is STATE_CODE:
        states = _read_states(cell, spec)
        spec, field = msgspec.structs.replace(spec, enum=None), _ANY_CODE
    kind = None if field is None else field.type
    instance = cell.value("instance", bool) or False
    bits = cell.value("bits", int)
    fixed = cell.value("fixed", bool)
    polled = cell.value("polled", bool)
    constant = cell.raw("value")
    texts = read_templates(cell, "text")
    oid = cell.raw("oid")
    join = _read_join(cell, place)
    scale_by = _scale_columns(cell)
    sources: tuple[Source, ...] = ()
    from_index = None
    ways = [key for key in ("oid", "value", "text") if key in cell]
    if len(ways) > 1:
        cell.problem("", f"{' and '.join(ways)} exclude each other")
    elif oid is not None:
        sources = _candidates(cell, "oid", oid, spec, place, field, instance=instance, bits=bits)
    elif constant is not None:
        if not isinstance(constant, str | int | float):
            cell.problem("value", f"{constant!r} is neither a text nor a number")
            constant = None
    elif not texts:
        if join is None or join.by is not None or join.find is not None:
            cell.problem("", "one of oid, index, value and text is missing")
        from_index = build(spec, kind)
    # a field is asked for in every poll, a helper is learnt once, unless the family says otherwise
    is_polled = bool(polled) if field is None else bool(sources) and not fixed
    if polled and not sources:
        cell.problem("polled", "only what has an oid can be polled")
    return Column(
        name=name,
        sources=sources,
        join=join,
        from_index=from_index,
        meanings=tuple(spec.enum.values()) if from_index and spec.enum else (),
        texts=texts,
        constant=constant,
        polled=is_polled,
        counter=_is_counter(field),
        scale_by=scale_by,
        states=states,
    )


def _read_states(cell: Reader, spec: ValueSpec) -> dict[FieldValue, dict[str, FieldValue]]:
    """For each code of a state, the fields it gives."""
    good = cell.texts("ok")
    if "ok" not in cell:
        cell.problem("", "'ok' is missing: the list of the states that are well")
    if not spec.enum:
        cell.problem("", "'enum' is missing: what the codes mean")
    texts = {code: str(text) for code, text in (spec.enum or {}).items()}
    for text in good:
        if text not in texts.values():
            cell.problem("ok", unknown("state", text, texts.values()))
    return {
        code: {"code": code if isinstance(code, int) else number, "text": text, "ok": text in good}
        for number, (code, text) in enumerate(texts.items(), 1)
    }


def _is_counter(field: Field | None) -> bool:
    return field is not None and field.kind is Kind.COUNTER


def read_spec(cell: Reader, base: ValueSpec) -> ValueSpec:
    """The keys that say how a value is to be read, over those of `base`."""
    changes: dict[str, Any] = {}
    if "type" in cell:
        changes["type"] = cell.choice("type", TYPES, "auto")
    else:
        cell.raw("type")
    sentinels = cell.raw("sentinels")
    if sentinels is not None:
        items = sentinels if isinstance(sentinels, list) else [sentinels]
        if not all(isinstance(item, str | int | float) for item in items):
            cell.problem("sentinels", f"{sentinels!r} is not a list of numbers and texts")
        else:
            changes["sentinels"] = frozenset(items)
    if (regex := cell.regex("regex")) is not None:
        changes["regex"] = regex
    enum = _read_enum(cell.table("enum"))
    if enum:
        changes["enum"] = enum
    if (default := cell.raw("default")) is not None:
        if isinstance(default, str | int | float):
            changes["default"] = default
        else:
            cell.problem("default", f"{default!r} is neither a text nor a number")
    for item in _listed(cell.raw("scale")):
        if isinstance(item, int | float) and not isinstance(item, bool):
            changes["scale"] = changes.get("scale", base.scale) * float(item)
        elif not isinstance(item, str):
            cell.problem("scale", f"{item!r} is neither a number nor a column's name")
    if (offset := cell.value("offset", float)) is not None:
        changes["offset"] = offset
    if "convert" in cell:
        changes["convert"] = cell.choice("convert", CONVERSIONS, "") or None
    else:
        cell.raw("convert")
    for key, attribute in (("min", "minimum"), ("max", "maximum")):
        if (bound := cell.value(key, float)) is not None:
            changes[attribute] = bound
    return msgspec.structs.replace(base, **changes)


def _listed(found: object) -> list[Any]:
    return [] if found is None else found if isinstance(found, list) else [found]


def _scale_columns(cell: Reader) -> tuple[str, ...]:
    return tuple(item for item in _listed(cell.raw("scale")) if isinstance(item, str))


def _read_enum(enum: Reader) -> dict[FieldValue, str | int | float]:
    """Codes and what they stand for; a code that is no number is compared with the device's text in lower case."""
    found: dict[FieldValue, str | int | float] = {}
    for code, meaning in enum.items():
        if isinstance(meaning, bool) or not isinstance(meaning, str | int | float):
            enum.problem(code, f"{meaning!r} is neither a text nor a number")
            continue
        is_number = code.removeprefix("-").isdigit()
        found[int(code) if is_number else code.lower()] = meaning
    return found


def _candidates(
    holder: Reader,
    key: str,
    found: object,
    spec: ValueSpec,
    place: Place,
    field: Field | None,
    *,
    instance: bool,
    bits: int | None = None,
) -> tuple[Source, ...]:
    sources = []
    for number, item in enumerate(_listed(found), 1):
        where = key if not isinstance(found, list) else f"{key}[{number}]"
        if isinstance(item, Mapping):
            inner = holder.at(where, item)
            own_spec = read_spec(inner, spec)
            own_bits = inner.value("bits", int) or bits
            own_instance = inner.value("instance", bool) or instance
            oid = inner.required("oid", str, "")
            source = _source(inner, "oid", oid, own_spec, place, field, own_instance, own_bits) if oid else None
            inner.finish()
        else:
            source = _source(holder, where, item, spec, place, field, instance, bits)
        if source is not None:
            sources.append(source)
    if not sources and found == []:
        holder.problem(key, "the list of candidates is empty")
    return tuple(sources)


def _source(
    holder: Reader,
    key: str,
    found: object,
    spec: ValueSpec,
    place: Place,
    field: Field | None,
    instance: bool,
    bits: int | None,
) -> Source | None:
    kind = None if field is None or field is _ANY_CODE else field.type
    oid = holder.oid(key, found, place.entry)
    if oid == NO_OID:
        return None
    if bits not in (None, 32, 64):
        holder.problem("bits", f"{bits} is neither 32 nor 64")
    if kind is bool:
        spec = msgspec.structs.replace(spec, enum=spec.enum or {1: 1, 2: 0})
    return Source(
        oid=oid,
        instance=instance or str(found).endswith(".0"),
        bits=bits,
        spec=spec,
        convert=build(spec, kind),
        plain=is_plain(spec, kind),
    )


def _read_join(cell: Reader, place: Place) -> Join | None:
    index = cell.raw("index")
    by = cell.value("by", str)
    find = cell.raw("find")
    strip = cell.value("strip", str) or ""
    if strip and not cell.oid("strip", strip, place.entry):
        strip = ""
    if strip.startswith("."):
        strip = place.entry + strip
    if index is None and by is None and find is None:
        if strip:
            cell.problem("strip", "needs `by`")
        return None
    if by is not None and index is not None:
        cell.problem("", "index and by exclude each other")
    if find is not None and by is None:
        cell.problem("find", "needs `by`, the column whose value is searched for")
    positions: tuple[int, ...] | None = None
    span: tuple[int | None, int | None] | None = None
    if isinstance(index, list) and index and all(type(arc) is int and arc for arc in index):
        positions = tuple(arc - 1 if arc > 0 else arc for arc in index)
    elif isinstance(index, Mapping):
        part = cell.at("index", index)
        first, last = part.value("from", int), part.value("to", int)
        part.finish()
        span = (None if first is None else first - 1 if first > 0 else first, _slice_end(last))
    elif index is not None:
        cell.problem(
            "index", f"{index!r} is neither a list of positions, [1] the first arc, nor {{ from = 2, to = -1 }}"
        )
    found = None if find is None else cell.oid("find", find, place.entry)
    return Join(positions=positions, span=span, by=by, strip=strip, find=found)


def _slice_end(last: int | None) -> int | None:
    if last is None or last == -1:
        return None
    return last if last > 0 else last + 1


def read_templates(holder: Reader, key: str) -> tuple[Template, ...]:
    """The template or list of templates at `key`."""
    return tuple(template for text in holder.texts(key) if (template := _template(holder, key, text)) is not None)


def _template(holder: Reader, key: str, text: str) -> Template | None:
    try:
        return parse(text)
    except ValueError as error:
        holder.problem(key, str(error))
        return None


def read_conditions(where: Reader, columns: Mapping[str, object]) -> tuple[Condition, ...]:
    """The `where` of a table: all have to hold. `columns` are the names that may stand there."""
    found = []
    for name, wanted in where.items():
        if name not in columns:
            where.problem(name, unknown("column", name, columns))
            continue
        test = _read_test(where, name, wanted)
        if test is not None:
            found.append(Condition(name, test))
    return tuple(found)


def _read_test(where: Reader, name: str, wanted: object) -> Callable[[FieldValue | None], bool] | None:
    if not isinstance(wanted, Mapping):
        allowed = frozenset(map(str, _listed(wanted)))
        return lambda value: value is not None and str(value) in allowed
    inner = where.at(name, wanted)
    tests: list[Callable[[FieldValue], bool]] = []
    if (regex := inner.regex("regex")) is not None:
        tests.append(lambda value, regex=regex: regex.search(str(value)) is not None)  # type: ignore[misc]
    if (no_regex := inner.regex("not_regex")) is not None:
        tests.append(lambda value, regex=no_regex: regex.search(str(value)) is None)  # type: ignore[misc]
    if (unwanted := inner.raw("not")) is not None:
        refused = frozenset(map(str, _listed(unwanted)))
        tests.append(lambda value: str(value) not in refused)
    low, high = inner.value("min", float), inner.value("max", float)
    if low is not None:
        tests.append(lambda value: isinstance(value, int | float) and value >= low)
    if high is not None:
        tests.append(lambda value: isinstance(value, int | float) and value <= high)
    exists = inner.value("exists", bool)
    inner.finish()
    if not tests and exists is None:
        where.problem(name, "says nothing: regex, not_regex, not, min, max or exists is wanted")
    # what only excludes lets a row pass that has no such value
    lenient = exists is None and regex is None and low is None and high is None

    def test(value: FieldValue | None) -> bool:
        if value is None:
            return exists is False or (lenient and exists is not True)
        return exists is not False and all(each(value) for each in tests)

    return test

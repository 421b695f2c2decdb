"""From what a file says to the structs of `inventory.grammar`: msgspec where all is well, a diagnosis where not."""

import re
import types
import unicodedata
from collections.abc import Mapping
from datetime import date, time
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin

import msgspec
from msgspec.structs import FieldInfo, fields

from inventory.model import Secret
from inventory.problem import Problems, Spot, visible
from inventory.units import (
    ALLOWED,
    Bps,
    Bytes,
    Day,
    DayEnd,
    Moment,
    Seconds,
    parse_day,
    parse_day_end,
    parse_duration,
    parse_moment,
    parse_size,
    parse_speed,
)

T = TypeVar("T", bound=msgspec.Struct)

Raw = dict[str, Any]
"""a table as read: strings, numbers, lists and tables; secrets are wrapped already"""

_PARSERS = {
    Seconds: parse_duration,
    Bps: parse_speed,
    Bytes: parse_size,
    Moment: parse_moment,
    DayEnd: parse_day_end,
    Day: parse_day,
}

_MOVED = {
    "timeout_s": "limits.timeout_s",
    "retries": "limits.retries",
    "sessions": "limits.sessions",
    "packets_per_s": "limits.packets_per_s",
    "max_pdu_bytes": "limits.max_pdu_bytes",
    "port": "snmp_port or ssh_port",
    "username": "user",
    "private_key": "key",
    "key_file": "key",
    "bastion": "jump",
    "proxy": "jump",
    "contract_bps": "contract_in_bps and contract_out_bps",
    "latitude": "lat",
    "longitude": "lon",
    "a_host": "a",
    "b_host": "b",
    "from": "start",
    "to": "end",
}
"""keys that people expect elsewhere or under another name"""


def convert(raw: Raw, kind: type[T], spot: Spot, problems: Problems, *, text: bool = False) -> T | None:
    """`raw` as a `kind`. What is wrong goes to `problems` and out of the table; None where nothing useful is left.

    `text`: all values are strings (CSV), so numbers and truth values are read from them.
    """
    try:
        return msgspec.convert(raw, kind, strict=not text, dec_hook=_parse)
    except msgspec.ValidationError as error:
        before = len(problems)
        _diagnose_table(raw, kind, spot, problems, text)
        if len(problems) == before:
            problems.add(spot, str(error))
    try:  # the rest can still be checked against other tables
        return msgspec.convert(_good_part(raw, kind, text), kind, strict=not text, dec_hook=_parse)
    except msgspec.ValidationError:
        return None


def tidy(raw: Raw, spot: Spot, problems: Problems) -> Raw:
    """`raw` with all text in Unicode's composed form, so that one name is one name however it was typed.

    Control characters are problems: names become tags, file names and lines of a terminal.
    """
    tidied: Raw = {}
    for key, value in raw.items():
        if not (key.isascii() and key.isprintable()):
            key = _tidy_text(key, spot, problems)
            if key in tidied:
                problems.add(spot / key, "is there twice, in two spellings of Unicode")
        if type(value) is str and value.isascii() and value.isprintable():
            tidied[key] = value
        else:
            tidied[key] = tidy_value(value, spot / key, problems)
    return tidied


def tidy_value(value: Any, spot: Spot, problems: Problems) -> Any:
    """See `tidy`."""
    if isinstance(value, str):
        return _tidy_text(value, spot, problems)
    if isinstance(value, list):
        return [tidy_value(item, spot / number, problems) for number, item in enumerate(value)]
    return tidy(value, spot, problems) if isinstance(value, dict) else value


def _tidy_text(text: str, spot: Spot, problems: Problems) -> str:
    """No-break spaces, which spreadsheets like to leave, become spaces."""
    text = unicodedata.normalize("NFC", text).replace("\xa0", " ")
    if not text.isprintable():
        problems.add(spot, f"found {found(text)}, allowed: text without control characters")
    return text


def found(value: object, *, hide: bool = False) -> str:
    """What a file says, for a message; only its type where it might be a secret (`hide`)."""
    match value:
        case Secret():
            return "a string"
        case str():
            return "a string" if hide else f'"{visible(value)}"'
        case bool():
            return "a truth value" if hide else str(value).lower()
        case int() | float():
            return "a number" if hide else visible(str(value), 30)
        case date() | time():
            return "a time" if hide else str(value)
        case list():
            return "a list"
        case dict():
            return "a table"
        case _:
            return f"a {type(value).__name__}"


def did_you_mean(word: str, known: Mapping[str, object]) -> str:
    """`, did you mean X?`, or nothing where no known word is near."""
    from difflib import get_close_matches

    lowered = {name.lower(): name for name in known}
    near = get_close_matches(word.lower(), list(lowered), n=1, cutoff=0.6)
    return f', did you mean "{lowered[near[0]]}"?' if near else ""


def unknown_key(key: str, value: object, kind: type[msgspec.Struct], spot: Spot, problems: Problems) -> None:
    """Adds the problem of a key that `kind` does not have."""
    known = {field.encode_name: field for field in fields(kind)}
    moved = _MOVED.get(key, "")
    hint = f', did you mean "{moved}"?' if re.split(r"\W", moved)[0] in known else did_you_mean(key, known)
    if isinstance(value, dict) and not hint:
        hint = f'; a name with a dot needs quotes: "{spot.key[-1]}.{key}"' if spot.key else ""
    problems.add(spot / key, f"unknown key{hint or ', allowed: ' + ', '.join(known)}")


def hidden(spot: Spot) -> bool:
    """Whether a value there may be a secret, or a secret written to the wrong key."""
    return spot.key[:1] == ("credentials",) or spot.key[:2] in (("store", "token"), ("store", "password"))


def _parse(kind: type, written: Any) -> Any:
    if kind is Secret:
        if isinstance(written, Secret):
            return written
        raise ValueError("a string: env:NAME, file:PATH or keyring:SERVICE/USER")
    return written if isinstance(written, kind) else _PARSERS[kind](written)


def _good_part(value: Any, kind: Any, text: bool) -> Any:
    """`value` without what does not fit `kind`; UNSET where nothing is left."""
    kind = _without_none(kind)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and isinstance(value, dict):
        parts = {f.encode_name: _good_part(value[f.encode_name], f.type, text) for f in fields(kind) if f.name in value}
        return {key: part for key, part in parts.items() if part is not msgspec.UNSET}
    if get_origin(kind) is dict and isinstance(value, dict):
        parts = {key: _good_part(item, get_args(kind)[1], text) for key, item in value.items()}
        return {key: part for key, part in parts.items() if part is not msgspec.UNSET}
    if get_origin(kind) is tuple and isinstance(value, list):
        return [part for part in (_good_part(v, get_args(kind)[0], text) for v in value) if part is not msgspec.UNSET]
    try:
        msgspec.convert(value, kind, strict=not text, dec_hook=_parse)
    except msgspec.ValidationError:
        return msgspec.UNSET
    return value


def _diagnose_table(raw: Raw, kind: type[msgspec.Struct], spot: Spot, problems: Problems, text: bool) -> None:
    known: dict[str, FieldInfo] = {field.encode_name: field for field in fields(kind)}
    for key, value in raw.items():
        if key in known:
            _diagnose_value(value, _without_none(known[key].type), spot / key, problems, text)
        else:
            unknown_key(key, value, kind, spot, problems)
    for name, field in known.items():
        if field.required and name not in raw:
            problems.add(spot / name, f"is missing, allowed: {_allowed(_without_none(field.type))}")


def _diagnose_value(value: object, kind: Any, spot: Spot, problems: Problems, text: bool) -> None:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        if isinstance(value, dict):
            _diagnose_table(value, kind, spot, problems, text)
        else:
            problems.add(spot, f"found {found(value, hide=hidden(spot))}, allowed: a table")
    elif get_origin(kind) is dict and isinstance(value, dict):
        for key, item in value.items():
            _diagnose_value(item, get_args(kind)[1], spot / key, problems, text)
    elif get_origin(kind) is tuple and isinstance(value, list):
        for number, item in enumerate(value):
            _diagnose_value(item, get_args(kind)[0], spot / number, problems, text)
    else:
        try:
            msgspec.convert(value, kind, strict=not text, dec_hook=_parse)
        except msgspec.ValidationError as error:
            allowed = str(error.__cause__) if error.__cause__ else _allowed(kind, quoted=not isinstance(value, str))
            hint = ""
            if isinstance(value, str) and get_origin(kind) is Literal:
                hint = did_you_mean(value, dict.fromkeys(get_args(kind)))
            problems.add(spot, f"found {found(value, hide=hidden(spot))}, allowed: {allowed}{hint}")


def _without_none(kind: Any) -> Any:
    if get_origin(kind) in (types.UnionType, Union):
        return next(part for part in get_args(kind) if part is not type(None))
    return kind


def _allowed(kind: Any, *, quoted: bool = False) -> str:
    """What a value of that type may be, in words; `quoted` reminds those who wrote no string."""
    if kind in ALLOWED:
        return ALLOWED[kind]
    origin = get_origin(kind)
    if origin is Literal:
        return ", ".join(f'"{choice}"' for choice in get_args(kind)) if quoted else ", ".join(get_args(kind))
    if origin is tuple:
        inner = get_args(kind)[0]
        return f"a list of {'tables' if isinstance(inner, type) and issubclass(inner, msgspec.Struct) else 'strings'}"
    if origin is dict:
        return "a table"
    if origin is Annotated:
        number, meta = get_args(kind)
        name = "a whole number" if number is int else "a number"
        low = f"above {meta.gt}" if meta.gt is not None else f"{meta.ge}"
        return f"{name} {low}{' and up to ' if meta.gt is not None else '..'}{meta.le}"
    names = {str: "a string", bool: "true or false", Secret: "env:NAME, file:PATH or keyring:SERVICE/USER"}
    return names.get(cast("type", kind), "a table")

"""Reads a family's cli.toml, and notes every mistake in it."""

import hashlib
import importlib.util
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from collector.metrics.catalogue import MEASUREMENTS, SENSOR_UNITS
from collector.metrics.model import FieldValue, Measurement
from collector.plugin.cli.model import CliFamily, CliRule, CliTable, Command, Format
from collector.plugin.cli.records import template_values
from collector.plugin.cli.values import CONVERTERS, TEXT_CONVERTERS, Reading
from collector.plugin.errors import FamilyError, Problem, unknown
from collector.plugin.reader import Reader
from collector.plugin.template import Template
from collector.plugin.template import parse as parse_template

FILE = "cli.toml"
"""in the folder named as the family"""
NTC = "ntc:"
"""before the name of a template of the package ntc-templates"""

_READ_ONLY = re.compile(
    r"""
    (?:sudo\ global\ )?  # FortiOS with VDOMs
    (?:
        (?:show|display|get)\b
        | uname\ -s$
        | diagnose\ (?:hardware\ (?:deviceinfo|sysinfo)|netlink\ interface\ list|lldprx\ neighbor)\b
        | diagnose\ sys\ (?:top|session\ stat|session\ full-stat|ha\ status|sdwan\ health-check|link-monitor\ status)\b
        | execute\ sensor\ list$
    )
    # RouterOS: of one menu, or of each of its items
    | (?:/[\w/ -]+\ )?(?:print|monitor)\b
    | :put\ \[/[\w/ -]+\ (?:get|print)\b[^][{}$]*\]$
    | :foreach\ (\w+)\ in=\[/[\w/ -]+\ print\ as-value(?:\ stats)?\]\ do=\{:put\ \$\1\}$
    | :foreach\ (\w+)\ in=\[/[\w/ -]+\ find\]\ do=\{:put\ \[/[\w/ -]+\ monitor\ \$\2\ once\ as-value\]\}$
    """,
    re.ASCII | re.VERBOSE,
)
_NEVER = re.compile(
    r"[^ -~]|[;`>]|\$\(|&&|\|\s*(redirect|save|append|tee|file|sh|bash|python\d?)\b"
    r"|\b(set|add|remove|delete|clear|reset|reload|reboot|restart|shutdown|kill|erase|write|copy|import|configure)\b",
    re.IGNORECASE,
)
"""what may stand in no command, however harmless its first word: it would write, or be a second command"""
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def compile_cli(name: str, path: Path, find: Callable[[str], CliFamily | None]) -> CliFamily:
    """The command-line side that the file at `path` describes; `find` gives the one that it says to be the same as.

    Raises:
        FamilyError: with all its mistakes.
    """
    problems: list[Problem] = []
    try:
        text = path.read_bytes()
        data = tomllib.loads(text.decode())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FamilyError([Problem(str(path), "", str(error))]) from error
    reader = Reader(data, str(path), "", problems)
    if (same := reader.value("same_as", str)) is not None:
        other = find(same)
        if other is None:
            reader.problem("same_as", f"there is no command-line side of {same!r}")
        reader.finish()
        if problems or other is None:
            raise FamilyError(problems)
        return msgspec.structs.replace(other, name=name, matches=())  # the other is who it is, where only SSH tells
    family = _family(reader, name, path, text)
    reader.finish()
    if problems:
        raise FamilyError(problems)
    return family


def _family(reader: Reader, name: str, path: Path, text: bytes) -> CliFamily:
    script = reader.value("script", bool) or False
    shorten = _texts_of(reader.table("interface_names"))
    commands = tuple(_command(inner, path.parent, shorten) for inner in reader.tables("command"))
    facts = {}
    for key, value in reader.table("facts").items():
        facts[key] = _constant(reader, f"facts.{key}", value, MEASUREMENTS["device_info"], key)
    wins = reader.texts("wins")
    for measurement in wins:
        if measurement not in MEASUREMENTS:
            reader.problem("wins", unknown("measurement", measurement, MEASUREMENTS))
    if script and commands:
        reader.problem("command", "a family with `script` has no commands")
    if not script and not commands:
        reader.problem("", "neither `script` nor a [[command]]")
    return CliFamily(
        name=name,
        description=reader.required("description", str, ""),
        fingerprint=_fingerprint(text, commands),
        script=script,
        platform="" if script else reader.required("platform", str, ""),
        setup=reader.texts("setup"),
        errors=_patterns(reader, "errors"),
        prompt=_prompt(reader),
        pager=reader.value("pager", str) or "",
        login_suffix=reader.value("login_suffix", str) or "",
        logout=reader.value("logout", str) or "exit",
        enable=reader.value("enable", bool) or False,
        wins=frozenset(wins),
        matches=tuple(_rule(inner) for inner in reader.tables("match")),
        commands=commands,
        facts=facts,
    )


def _fingerprint(text: bytes, commands: tuple[Command, ...]) -> str:
    digest = hashlib.sha256(text)
    for template in sorted({table.template for command in commands for table in command.tables if table.template}):
        if template.is_file():
            digest.update(template.read_bytes())
    return digest.hexdigest()[:16]


def _patterns(reader: Reader, key: str) -> tuple[re.Pattern[str], ...]:
    found = (reader.regex(key, text) for text in reader.texts(key))
    return tuple(pattern for pattern in found if pattern)


def _prompt(reader: Reader) -> str:
    text = reader.value("prompt", str) or ""
    if text:
        if "{base}" not in text:
            reader.problem("prompt", f"{text!r} lacks {{base}}, which stands for the device's own name")
        reader.regex("prompt", text.replace("{base}", "base"))
    return text


def _rule(reader: Reader) -> CliRule:
    rule = CliRule(
        banner=reader.regex("banner"), command=reader.value("command", str) or "", output=reader.regex("output")
    )
    if rule.banner is None and rule.output is None:
        reader.problem("", "neither `banner` nor `output`")
    if bool(rule.command) != (rule.output is not None):
        reader.problem("", "`command` and `output` go together")
    if rule.command:
        _check_read_only(reader, "command", rule.command)
    reader.finish()
    return rule


def _check_read_only(reader: Reader, key: str, text: str) -> None:
    if not _READ_ONLY.match(text) or _NEVER.search(text):
        reader.problem(
            key, f"{text!r} is not plainly read-only: show, display, get, diagnose, print, without redirection"
        )


def _texts_of(reader: Reader) -> dict[str, str]:
    texts = {key: reader.value(key, str) for key, _ in reader.items()}
    return {key: text for key, text in texts.items() if text}


def _command(reader: Reader, folder: Path, shorten: Mapping[str, str]) -> Command:
    texts = reader.texts("run")
    if not texts:
        reader.problem("", "'run' is missing")
    for text in texts:
        _check_read_only(reader, "run", text)
    format_ = Format(reader.choice("format", [each.value for each in Format], Format.TEXT.value))
    tables = tuple(_table(inner, format_, folder, shorten) for inner in reader.tables("table"))
    if not tables:
        reader.problem("", "without a [[command.table]] it says nothing")
    every = reader.value("every", str)
    command = Command(
        texts=texts,
        format=format_,
        interval_s=_seconds(reader, every)
        if every
        else min((MEASUREMENTS[t.measurement].interval_s for t in tables if t.measurement in MEASUREMENTS), default=60),
        tables=tables,
        empty=_patterns(reader, "empty"),
    )
    reader.finish()
    return command


def _seconds(reader: Reader, text: str) -> int:
    match = re.fullmatch(r"(\d+)([smhd])", text)
    if not match:
        reader.problem("every", f'{text!r} is no duration such as "60s", "5m", "1h"')
        return 60
    return int(match[1]) * _SECONDS[match[2]]


def _table(reader: Reader, format_: Format, folder: Path, shorten: Mapping[str, str]) -> CliTable:
    name = reader.required("measurement", str, "")
    measurement = MEASUREMENTS.get(name)
    if measurement is None:
        if name:
            reader.problem("measurement", unknown("measurement", name, MEASUREMENTS))
        measurement = Measurement(name="", help="", fields=())
    template, known = _template(reader, folder) if format_ is Format.TEXT else (None, None)
    rows = () if format_ is Format.TEXT else tuple(filter(None, reader.required("rows", str, "").split(".")))
    tags = {key: _templates(reader, f"tags.{key}", value, known) for key, value in reader.table("tags").items()}
    for tag in measurement.tags:
        if tag not in tags:
            reader.problem(f"tags.{tag}", "is missing")
    for tag in tags:
        if tag not in measurement.tags:
            reader.problem(f"tags.{tag}", unknown("tag", tag, measurement.tags))
    if name == "sensor" and (classes := tags.get("class")):
        for each in classes:
            if not each.names and each.text not in SENSOR_UNITS:
                reader.problem("tags.class", unknown("class", each.text, SENSOR_UNITS))
    table = CliTable(
        measurement=name,
        template=template,
        rows=rows,
        tags=tags,
        fields=_fields(reader, measurement, known),
        where=_where(reader, known),
        bits=_bits(reader),
        shorten=shorten,
        ok=frozenset(text.lower() for text in reader.texts("ok")) if "ok" in reader else None,
    )
    if "ok" in reader and name != "state":
        reader.problem("ok", "belongs to the measurement state")
    reader.finish()
    return table


def _bits(reader: Reader) -> int:
    bits = reader.value("bits", int) or 64
    if bits not in (32, 64):
        reader.problem("bits", f"{bits} is neither 32 nor 64")
    return bits


def _template(reader: Reader, folder: Path) -> tuple[Path | None, list[str] | None]:
    name = reader.required("template", str, "")
    if not name:
        return None, None
    path = _ntc_folder() / name.removeprefix(NTC) if name.startswith(NTC) else folder / name
    if not path.is_file():
        reader.problem("template", f"there is no {path}")
        return None, None
    return path, template_values(path)


def _ntc_folder() -> Path:
    spec = importlib.util.find_spec("ntc_templates")
    if spec is None or not spec.submodule_search_locations:
        return Path("ntc_templates (not installed)")
    return Path(spec.submodule_search_locations[0]) / "templates"


def _check_names(reader: Reader, key: str, names: tuple[str, ...], known: list[str] | None) -> None:
    for name in names:
        if known is not None and name not in known:
            reader.problem(key, unknown("value of the template", name, known))


def _templates(reader: Reader, key: str, found: object, known: list[str] | None) -> tuple[Template, ...]:
    texts = [found] if isinstance(found, str) else found
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        reader.problem(key, f"{found!r} is neither a text nor a list of texts")
        return ()
    templates = []
    for text in texts:
        try:
            template = parse_template(text)
        except ValueError as error:
            reader.problem(key, str(error))
            continue
        _check_names(reader, key, template.names, known)
        templates.append(template)
    return tuple(templates)


def _where(reader: Reader, known: list[str] | None) -> dict[str, re.Pattern[str]]:
    conditions = {}
    inner = reader.table("where")
    for name, found in inner.items():
        _check_names(inner, name, (name,), known)
        if pattern := inner.regex(name, f"(?i:{found})" if isinstance(found, str) else found):
            conditions[name] = pattern
    return conditions


def _fields(reader: Reader, measurement: Measurement, known: list[str] | None) -> dict[str, Reading]:
    types = {field.name: field.type for field in measurement.fields}
    # a template that speaks the catalogue's language needs no translation
    fields = {name: Reading(sources=(name,), kind=types[name]) for name in known or () if name in types}
    inner = reader.table("fields")
    for name, found in inner.items():
        if name not in types:
            if measurement.name:
                inner.problem(name, unknown("field", name, types))
            continue
        fields[name] = _reading(inner, name, found, measurement, known)
    if not fields:
        reader.problem("", "'fields' is missing, and no value of the template is named as a field")
    return fields


def _reading(reader: Reader, name: str, found: object, measurement: Measurement, known: list[str] | None) -> Reading:
    kind = measurement.field(name).type
    if isinstance(found, str):
        _check_names(reader, name, (found,), known)
        return Reading(sources=(found,), kind=kind)
    inner = reader.inner(name, found)
    if inner is None:
        return Reading()
    ways = [key for key in ("from", "text", "value") if key in inner]
    if len(ways) != 1 and name not in (known or ()):
        inner.problem("", 'one of "from", "text" and "value" is needed')
    sources = inner.texts("from") or ((name,) if not ways else ())
    _check_names(inner, "from", sources, known)
    reading = Reading(
        sources=sources,
        texts=_templates(inner, "text", inner.raw("text"), known) if "text" in inner else (),
        constant=_constant(inner, "value", inner.raw("value"), measurement, name) if "value" in inner else None,
        kind=kind,
        convert=inner.choice("convert", TEXT_CONVERTERS if kind is str else CONVERTERS, "number"),
        scale=inner.value("scale", float) or 1.0,
        enum=_enum(inner, measurement, name),
        others=inner.value("others", bool) or False,
        regex=inner.regex("regex"),
        sentinels=frozenset(text.lower() for text in inner.texts("sentinels")),
    )
    inner.finish()
    return reading


def _enum(reader: Reader, measurement: Measurement, field: str) -> Mapping[str, FieldValue] | None:
    if "enum" not in reader:
        return None
    inner = reader.table("enum")
    return {key.lower(): _constant(inner, key, value, measurement, field) for key, value in inner.items()}


def _constant(reader: Reader, key: str, found: Any, measurement: Measurement, name: str) -> FieldValue:
    types = {field.name: field.type for field in measurement.fields}
    if name not in types:
        reader.problem(key, unknown("field", name, types))
    elif types[name] is float and type(found) is int:
        return float(found)
    elif type(found) is not types[name]:
        reader.problem(key, f"{found!r} is not of the field's type, {types[name].__name__}")
    return found if isinstance(found, str | int | float | bool) else ""

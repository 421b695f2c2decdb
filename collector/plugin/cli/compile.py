"""Reads a family's cli.toml, and notes every mistake in it."""

import hashlib
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from collector.metrics.catalogue import MEASUREMENTS
from collector.plugin.cli.model import CliFamily, CliRule, Command, Format
from collector.plugin.cli.tables import constant, read_table
from collector.plugin.errors import FamilyError, Problem, unknown
from collector.plugin.reader import Reader

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
        facts[key] = constant(reader, f"facts.{key}", value, MEASUREMENTS["device_info"], key)
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
    tables = tuple(read_table(inner, format_, folder, shorten) for inner in reader.tables("table"))
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

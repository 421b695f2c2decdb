"""A family's command-line side, compiled: what its cli.toml says, checked and ready for a device's outputs."""

import re
from collections.abc import Mapping
from enum import Enum
from pathlib import Path

import msgspec

from collector.metrics.model import FieldValue
from collector.plugin.cli.values import Reading
from collector.plugin.template import Template


class Format(Enum):
    """What a command's output is."""

    TEXT = "text"
    """read by a TextFSM template"""
    JSON = "json"
    XML = "xml"


class CliTable(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of one measurement that a command's output holds.

    Attributes:
        template: the TextFSM template; None where the output is JSON or XML.
        rows: for JSON and XML, the path of the records: names, and "*" for every item of a list or a table.
        tags: the measurement's own tags, each with fallbacks.
        fields: how each field is read.
        where: a record counts only if each of these values matches (in full, whatever the case).
        ok: for `state`: the texts, in lower case, that are good; None where nothing is said.
        bits: width of its counters.
        shorten: how the command line spells an interface's type -> how SNMP's ifName does, so that both are one series.
    """

    measurement: str
    template: Path | None = None
    rows: tuple[str, ...] = ()
    tags: Mapping[str, tuple[Template, ...]]
    fields: Mapping[str, Reading]
    where: Mapping[str, re.Pattern[str]] = {}
    ok: frozenset[str] | None = None
    bits: int = 64
    shorten: Mapping[str, str] = {}


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """One command, read-only by its first word.

    Attributes:
        texts: what is sent; the later ones are tried, once, where the device does not know the earlier.
        interval_s: how often.
        empty: outputs that these find hold no rows, and rightly so.
    """

    texts: tuple[str, ...]
    format: Format = Format.TEXT
    interval_s: int
    tables: tuple[CliTable, ...]
    empty: tuple[re.Pattern[str], ...] = ()

    @property
    def measurements(self) -> frozenset[str]:
        """What its rows are of."""
        return frozenset(table.measurement for table in self.tables)


class CliRule(msgspec.Struct, frozen=True, kw_only=True):
    """How a device is known where nobody says what it is: all that is given must be found.

    Attributes:
        banner: in SSH's identification string (RFC 4253, section 4.2).
        command, output: in what the device answers to that command.
    """

    banner: re.Pattern[str] | None = None
    command: str = ""
    output: re.Pattern[str] | None = None


class CliFamily(msgspec.Struct, frozen=True, kw_only=True):
    """The command-line side of one family.

    Attributes:
        name: the family's, "cisco/ios".
        fingerprint: changes whenever one of its files does.
        script: it is a server: one batch script in place of commands.
        platform: netmiko's name for the login, the paging and the prompt.
        setup: what netmiko sends before the first command; nothing else may leave.
        errors: how the command line says that it does not take a command.
        prompt: the device's prompt as an expression with {base} for its name; "" where the usual one fits.
        pager: what stands at the end of a page, where paging cannot be turned off for a session.
        login_suffix: stands behind the user's name (RouterOS takes terminal options there).
        logout: what ends a session.
        enable: whether its commands need the privileged mode.
        wins: measurements that are taken from here although SNMP has them.
        facts: constants of `device_info`.
    """

    name: str
    description: str
    fingerprint: str
    script: bool = False
    platform: str = ""
    setup: tuple[str, ...] = ()
    errors: tuple[re.Pattern[str], ...] = ()
    prompt: str = ""
    pager: str = ""
    login_suffix: str = ""
    logout: str = "exit"
    enable: bool = False
    wins: frozenset[str] = frozenset()
    matches: tuple[CliRule, ...] = ()
    commands: tuple[Command, ...] = ()
    facts: Mapping[str, FieldValue] = {}

    @property
    def allowed(self) -> frozenset[str]:
        """All commands that may be sent to a device of this family."""
        asked = {text for command in self.commands for text in command.texts}
        return frozenset(asked | {rule.command for rule in self.matches if rule.command})

    def refusal(self, output: str) -> str | None:
        """What the command line said in place of an output: the line that one of `errors` finds near its beginning.

        Looked for before anything is parsed, as a refusal can look like an empty success.
        """
        for line in output.strip().splitlines()[:6]:
            if any(error.search(line) for error in self.errors):
                return line.strip()
        return None

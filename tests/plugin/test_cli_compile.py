"""What is said of a cli.toml with mistakes: exact texts, all at once; and that no command which writes passes for one that reads."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from collector.plugin.cli.compile import compile_cli
from collector.plugin.cli.model import CliFamily, Format
from collector.plugin.errors import FamilyError

TEMPLATE = """\
Value NAME (\\S+)
Value Required,Filldown LINK (up|down)
Value IN_OCTETS (\\d+)

Start
  ^${NAME} ${LINK} ${IN_OCTETS} -> Record
"""
HEAD = 'description = "a device"\nplatform = "cisco_ios"\n'
COMMAND = '[[command]]\nrun = "show interfaces"\n'
TABLE = '[[command.table]]\nmeasurement = "interface"\ntemplate = "t.textfsm"\ntags.name = "{name}"\n'
STATE = '[[command.table]]\nmeasurement = "state"\ntemplate = "t.textfsm"\ntags.name = "{name}"\ntags.class = "link"\n'
ALL = HEAD + COMMAND + TABLE


def compiled(folder: Path, text: str, find: CliFamily | None = None) -> CliFamily:
    (folder / "t.textfsm").write_text(TEMPLATE, encoding="utf-8")
    path = folder / "cli.toml"
    path.write_text(text, encoding="utf-8")
    return compile_cli("a/b", path, lambda _: find)


def problems_of(folder: Path, text: str) -> list[str]:
    with pytest.raises(FamilyError) as error:
        compiled(folder, text)
    return [str(problem).removeprefix(f"{folder}/cli.toml: ") for problem in error.value.problems]


CASES: dict[str, tuple[str, list[str]]] = {
    "not TOML": (
        "description = ",
        ["Invalid value (at end of document)"],
    ),
    "nothing at all": (
        "",
        ["neither `script` nor a [[command]]", "'description' is missing", "'platform' is missing"],
    ),
    "no platform": (
        ALL.replace('platform = "cisco_ios"\n', ""),
        ["'platform' is missing"],
    ),
    "no description": (
        ALL.replace('description = "a device"\n', ""),
        ["'description' is missing"],
    ),
    "unknown key": (
        'plattform = "x"\n' + ALL,
        ["plattform: unknown key 'plattform'; did you mean 'platform'?"],
    ),
    "unknown key of a command": (
        HEAD + COMMAND + 'evry = "5m"\n' + TABLE,
        ["command[1].evry: unknown key 'evry'; did you mean 'every'?"],
    ),
    "unknown key of a table": (
        ALL + 'field.duplex = "link"\n',
        ["command[1].table[1].field: unknown key 'field'; did you mean 'fields'?"],
    ),
    "unknown key of a field": (
        ALL + 'fields.in_errors = { from = "in_octets", scal = 8 }\n',
        ["command[1].table[1].fields.in_errors.scal: unknown key 'scal'; did you mean 'scale'?"],
    ),
    "unknown key of a rule": (
        ALL + '[[match]]\nbaner = "x"\n',
        ["match[1]: neither `banner` nor `output`", "match[1].baner: unknown key 'baner'; did you mean 'banner'?"],
    ),
    "no command": (
        HEAD,
        ["neither `script` nor a [[command]]"],
    ),
    "command that is no array": (
        HEAD + '[command]\nrun = "show version"\n',
        ["command: write [[command]], an array of tables", "neither `script` nor a [[command]]"],
    ),
    "command that is a text": (
        HEAD + 'command = ["show version"]\n',
        ["command[1]: 'show version' is not a table of keys and values", "neither `script` nor a [[command]]"],
    ),
    "no run": (
        HEAD + COMMAND.replace('run = "show interfaces"\n', "") + TABLE,
        ["command[1]: 'run' is missing"],
    ),
    "run that is no text": (
        HEAD + COMMAND.replace('"show interfaces"', "1") + TABLE,
        ["command[1].run: 1 is neither a text nor a list of texts", "command[1]: 'run' is missing"],
    ),
    "command that writes": (
        HEAD + COMMAND.replace("show interfaces", "configure terminal") + TABLE,
        [
            "command[1].run: 'configure terminal' is not plainly read-only: show, display, get, diagnose, print, without redirection"
        ],
    ),
    "one of several commands writes": (
        HEAD + COMMAND.replace('"show interfaces"', '["show version", "reload"]') + TABLE,
        ["command[1].run: 'reload' is not plainly read-only: show, display, get, diagnose, print, without redirection"],
    ),
    "rule whose command writes": (
        ALL + '[[match]]\ncommand = "show x ; reload"\noutput = "x"\n',
        [
            "match[1].command: 'show x ; reload' is not plainly read-only: show, display, get, diagnose, print, without redirection"
        ],
    ),
    "rule without anything": (
        ALL + "[[match]]\n",
        ["match[1]: neither `banner` nor `output`"],
    ),
    "rule with a command alone": (
        ALL + '[[match]]\ncommand = "show version"\n',
        ["match[1]: neither `banner` nor `output`", "match[1]: `command` and `output` go together"],
    ),
    "rule with an output alone": (
        ALL + '[[match]]\noutput = "IOS"\n',
        ["match[1]: `command` and `output` go together"],
    ),
    "rule with a bad expression": (
        ALL + '[[match]]\nbanner = "("\n',
        [
            "match[1].banner: bad regular expression '(': missing ), unterminated subpattern at position 0",
            "match[1]: neither `banner` nor `output`",
        ],
    ),
    "no table": (
        HEAD + COMMAND,
        ["command[1]: without a [[command.table]] it says nothing"],
    ),
    "every that is no duration": (
        HEAD + COMMAND + 'every = "soon"\n' + TABLE,
        ['command[1].every: \'soon\' is no duration such as "60s", "5m", "1h"'],
    ),
    "unknown format": (
        HEAD + COMMAND + 'format = "jsn"\n' + TABLE,
        ["command[1].format: unknown value 'jsn'; did you mean 'json'?"],
    ),
    "JSON without rows": (
        HEAD
        + COMMAND
        + 'format = "json"\n'
        + '[[command.table]]\nmeasurement = "interface"\ntags.name = "{@1}"\nfields.in_octets = "a.b"\n',
        ["command[1].table[1]: 'rows' is missing"],
    ),
    "JSON with a template": (
        HEAD + COMMAND + 'format = "json"\n' + TABLE + 'rows = "a.*"\nfields.in_octets = "a"\n',
        [
            "command[1].table[1].template: unknown key 'template'; allowed are bits, fields, measurement, rows, tags, where"
        ],
    ),
    "text with rows": (
        ALL + 'rows = "a.*"\n',
        ["command[1].table[1].rows: unknown key 'rows'; allowed are bits, fields, measurement, tags, template, where"],
    ),
    "bad expression for errors": (
        'errors = ["("]\n' + ALL,
        ["errors: bad regular expression '(': missing ), unterminated subpattern at position 0"],
    ),
    "errors that are no texts": (
        "errors = [1]\n" + ALL,
        ["errors: [1] is neither a text nor a list of texts"],
    ),
    "bad expression for empty": (
        HEAD + COMMAND + 'empty = "["\n' + TABLE,
        ["command[1].empty: bad regular expression '[': unterminated character set at position 0"],
    ),
    "prompt without base": (
        'prompt = "#$"\n' + ALL,
        ["prompt: '#$' lacks {base}, which stands for the device's own name"],
    ),
    "prompt that is no expression": (
        'prompt = "{base}("\n' + ALL,
        ["prompt: bad regular expression 'base(': missing ), unterminated subpattern at position 4"],
    ),
    "pager that is no text": (
        "pager = true\n" + ALL,
        ["pager: True is not a text"],
    ),
    "enable that is no truth": (
        'enable = "yes"\n' + ALL,
        ["enable: 'yes' is not true or false"],
    ),
    "setup that is no text": (
        "setup = [1]\n" + ALL,
        ["setup: [1] is neither a text nor a list of texts"],
    ),
    "unknown measurement that wins": (
        'wins = ["interfaces"]\n' + ALL,
        ["wins: unknown measurement 'interfaces'; did you mean 'interface'?"],
    ),
    "unknown fact": (
        ALL + '[facts]\nvendr = "x"\n',
        ["facts.vendr: unknown field 'vendr'; did you mean 'vendor'?"],
    ),
    "fact of another type": (
        ALL + "[facts]\nvendor = 1\n",
        ["facts.vendor: 1 is not of the field's type, str"],
    ),
    "facts that are no table": (
        'facts = "Cisco"\n' + ALL,
        ["facts: 'Cisco' is not a table of keys and values"],
    ),
    "short name that is no text": (
        ALL + "[interface_names]\nGigabitEthernet = 1\n",
        ["interface_names.GigabitEthernet: 1 is not a text"],
    ),
    "unknown measurement": (
        ALL.replace('"interface"', '"interfac"').replace('tags.name = "{name}"\n', ""),
        [
            "command[1].table[1].measurement: unknown measurement 'interfac'; did you mean 'interface'?",
            "command[1].table[1]: 'fields' is missing, and no value of the template is named as a field",
        ],
    ),
    "no measurement": (
        ALL.replace('measurement = "interface"\n', "").replace('tags.name = "{name}"\n', ""),
        [
            "command[1].table[1]: 'measurement' is missing",
            "command[1].table[1]: 'fields' is missing, and no value of the template is named as a field",
        ],
    ),
    "no template": (
        ALL.replace('template = "t.textfsm"\n', 'fields.in_octets = "x"\n'),
        ["command[1].table[1]: 'template' is missing"],
    ),
    "template that is not there": (
        ALL.replace("t.textfsm", "u.textfsm") + 'fields.in_octets = "x"\n',
        ["command[1].table[1].template: there is no {folder}/u.textfsm"],
    ),
    "no tag": (
        ALL.replace('tags.name = "{name}"\n', ""),
        ["command[1].table[1].tags.name: is missing"],
    ),
    "unknown tag": (
        ALL + 'tags.port = "{name}"\n',
        ["command[1].table[1].tags.port: unknown tag 'port'; allowed are name"],
    ),
    "tag of an unknown value": (
        ALL.replace("{name}", "{nam}"),
        ["command[1].table[1].tags.name: unknown value of the template 'nam'; did you mean 'name'?"],
    ),
    "tag whose braces do not pair": (
        ALL.replace("{name}", "{name"),
        ["command[1].table[1].tags.name: braces do not pair in '{name'"],
    ),
    "tag that is a number": (
        ALL.replace('"{name}"', "1"),
        ["command[1].table[1].tags.name: 1 is neither a text nor a list of texts"],
    ),
    "unknown class of a sensor": (
        ALL.replace('"interface"', '"sensor"') + 'tags.class = "temperatur"\nfields.value = "in_octets"\n',
        ["command[1].table[1].tags.class: unknown class 'temperatur'; did you mean 'temperature'?"],
    ),
    "unknown value to be matched": (
        ALL + 'where.lnk = "up"\n',
        ["command[1].table[1].where.lnk: unknown value of the template 'lnk'; did you mean 'link'?"],
    ),
    "bad expression to be matched": (
        ALL + 'where.link = "("\n',
        [
            "command[1].table[1].where.link: bad regular expression '(?i:()': missing ), unterminated subpattern at position 0"
        ],
    ),
    "number to be matched": (
        ALL + "where.link = 1\n",
        ["command[1].table[1].where.link: 1 is not a regular expression"],
    ),
    "ok of what is no state": (
        ALL + 'ok = "up"\n',
        ["command[1].table[1].ok: belongs to the measurement state"],
    ),
    "ok that is no text": (
        HEAD + COMMAND + STATE + 'fields.text = "link"\nok = [1]\n',
        ["command[1].table[1].ok: [1] is neither a text nor a list of texts"],
    ),
    "unknown field": (
        ALL + 'fields.in_octet = "in_octets"\n',
        ["command[1].table[1].fields.in_octet: unknown field 'in_octet'; did you mean 'in_octets'?"],
    ),
    "field of an unknown value": (
        ALL + 'fields.in_errors = "errors"\n',
        [
            "command[1].table[1].fields.in_errors: unknown value of the template 'errors'; allowed are in_octets, link, name"
        ],
    ),
    "field that is a number": (
        ALL + "fields.in_errors = 1\n",
        ["command[1].table[1].fields.in_errors: 1 is not a table of keys and values"],
    ),
    "field without a source": (
        ALL + "fields.in_errors = { scale = 8 }\n",
        [
            'command[1].table[1].fields.in_errors: one of "from", "text" and "value" is needed',
            "command[1].table[1].fields.in_errors.from: unknown value of the template 'in_errors'; allowed are in_octets, link, name",
        ],
    ),
    "field with two sources": (
        ALL + 'fields.in_errors = { from = "in_octets", value = 1 }\n',
        ['command[1].table[1].fields.in_errors: one of "from", "text" and "value" is needed'],
    ),
    "unknown value among sources": (
        ALL + 'fields.in_errors = { from = ["in_octets", "x"] }\n',
        [
            "command[1].table[1].fields.in_errors.from: unknown value of the template 'x'; allowed are in_octets, link, name"
        ],
    ),
    "text of an unknown value": (
        ALL + 'fields.duplex = { text = "{duplx}" }\n',
        [
            "command[1].table[1].fields.duplex.text: unknown value of the template 'duplx'; allowed are in_octets, link, name"
        ],
    ),
    "constant of another type": (
        ALL + "fields.duplex = { value = 1 }\n",
        ["command[1].table[1].fields.duplex.value: 1 is not of the field's type, str"],
    ),
    "unknown conversion": (
        ALL + 'fields.in_errors = { from = "in_octets", convert = "sped" }\n',
        ["command[1].table[1].fields.in_errors.convert: unknown value 'sped'; did you mean 'speed'?"],
    ),
    "scale that is a text": (
        ALL + 'fields.in_errors = { from = "in_octets", scale = "8" }\n',
        ["command[1].table[1].fields.in_errors.scale: '8' is not a number"],
    ),
    "bad expression of a field": (
        ALL + 'fields.duplex = { from = "link", regex = "(" }\n',
        [
            "command[1].table[1].fields.duplex.regex: bad regular expression '(': missing ), unterminated subpattern at position 0"
        ],
    ),
    "enum of another type": (
        ALL + 'fields.duplex = { from = "link", enum = { up = 1 } }\n',
        ["command[1].table[1].fields.duplex.enum.up: 1 is not of the field's type, str"],
    ),
    "enum that is no table": (
        ALL + 'fields.duplex = { from = "link", enum = "full" }\n',
        ["command[1].table[1].fields.duplex.enum: 'full' is not a table of keys and values"],
    ),
    "no field at all": (
        HEAD + COMMAND + STATE,
        ["command[1].table[1]: 'fields' is missing, and no value of the template is named as a field"],
    ),
    "script with commands": (
        "script = true\n" + ALL,
        [
            "command: a family with `script` has no commands",
            "platform: unknown key 'platform'; allowed are command, description, enable, errors, facts, interface_names, login_suffix, logout, match, pager, prompt, same_as, script, setup, wins",
        ],
    ),
    "same as one that is not there": (
        'same_as = "x/y"\n',
        ["same_as: there is no command-line side of 'x/y'"],
    ),
    "same as another, and more": (
        'same_as = "x/y"\nplatform = "cisco_ios"\n',
        ["same_as: there is no command-line side of 'x/y'", "platform: unknown key 'platform'; allowed are same_as"],
    ),
    "several at once": (
        'plattform = "x"\n' + ALL.replace("{name}", "{nam}") + 'fields.in_octet = "in_octets"\nwhere.link = "("\n',
        [
            "command[1].table[1].tags.name: unknown value of the template 'nam'; did you mean 'name'?",
            "command[1].table[1].fields.in_octet: unknown field 'in_octet'; did you mean 'in_octets'?",
            "command[1].table[1].where.link: bad regular expression '(?i:()': missing ), unterminated subpattern at position 0",
            "plattform: unknown key 'plattform'; did you mean 'platform'?",
        ],
    ),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_each_mistake_is_told_with_key_and_reason(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert problems_of(tmp_path, text) == [
        reason.format(folder=tmp_path) if "{folder}" in reason else reason for reason in expected
    ]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FamilyError, match="No such file or directory"):
        compile_cli("a/b", tmp_path / "cli.toml", lambda _: None)


def test_what_a_file_says_is_taken_as_it_stands(tmp_path: Path) -> None:
    family = compiled(
        tmp_path,
        """
        description = "a device"
        platform = "cisco_ios"
        setup = ["terminal length 0"]
        errors = '^% Invalid'
        prompt = '{base}[>#]'
        pager = "--More--"
        login_suffix = "+ct"
        enable = true
        wins = ["routing_peer"]
        facts = { vendor = "Maker" }
        interface_names = { Ethernet = "Eth" }

        [[match]]
        banner = "Maker"
        command = "show version"
        output = "Maker OS"

        [[command]]
        run = ["show interfaces", "show ports"]
        empty = "nothing"

        [[command.table]]
        measurement = "interface"
        template = "t.textfsm"
        tags.name = ["{name}", "port"]
        where.link = "up|down"
        fields.oper_status = { from = "link", enum = { UP = "up" } }

        [[command]]
        run = "show inventory"
        every = "1h"
        format = "json"

        [[command.table]]
        measurement = "state"
        rows = "parts.*"
        tags.name = "{@1}"
        tags.class = "part"
        fields.text = "state.now"
        ok = "GOOD"
        """,
    )
    assert (family.name, family.platform, family.setup, family.pager) == (
        "a/b",
        "cisco_ios",
        ("terminal length 0",),
        "--More--",
    )
    assert (family.prompt, family.login_suffix, family.enable) == ("{base}[>#]", "+ct", True)
    assert (set(family.wins), dict(family.facts)) == ({"routing_peer"}, {"vendor": "Maker"})
    assert family.allowed == {"show version", "show interfaces", "show ports", "show inventory"}
    assert family.refusal("x\n% Invalid input\n") == "% Invalid input"
    assert family.refusal("1\n2\n3\n4\n5\n6\n% Invalid input\n") is None
    interfaces, inventory = family.commands
    assert (interfaces.format, interfaces.interval_s, interfaces.measurements) == (
        Format.TEXT,
        60,
        frozenset(("interface",)),
    )
    assert set(interfaces.tables[0].fields) == {"in_octets", "oper_status"}  # the first as its value is called so
    assert interfaces.tables[0].shorten == {"Ethernet": "Eth"}
    assert (inventory.format, inventory.interval_s, inventory.tables[0].rows) == (Format.JSON, 3600, ("parts", "*"))
    assert inventory.tables[0].ok == frozenset(("good",))


def test_a_family_that_is_the_same_as_another_keeps_its_own_name(tmp_path: Path) -> None:
    other = compiled(tmp_path, ALL)
    same = compiled(tmp_path, 'same_as = "x/y"\n', other)
    assert same.name == "a/b"
    assert same.commands == other.commands


def test_the_fingerprint_is_of_the_file_and_its_templates(tmp_path: Path) -> None:
    first = compiled(tmp_path, ALL).fingerprint
    assert compiled(tmp_path, ALL).fingerprint == first
    assert compiled(tmp_path, ALL + "# x\n").fingerprint != first
    (tmp_path / "t.textfsm").write_text(TEMPLATE + "# x\n", encoding="utf-8")
    assert compile_cli("a/b", tmp_path / "cli.toml", lambda _: None).fingerprint != first


READING = (
    "show interfaces",
    "show ip bgp vpnv4 all summary | include Established",
    "show interfaces | display xml | no-more",
    "display interface",
    "get system performance status",
    "sudo global get system interface physical",
    "sudo global execute sensor list",
    "execute sensor list",
    "diagnose hardware sysinfo memory",
    "diagnose netlink interface list",
    "diagnose sys session stat",
    "/interface print stats-detail without-paging",
    "/interface ethernet monitor ether1 once",
    "print",
    ":put [/system resource get]",
    ":put [/interface print as-value stats]",
    ":foreach i in=[/interface print as-value stats] do={:put $i}",
    ":foreach i in=[/interface ethernet find] do={:put [/interface ethernet monitor $i once as-value]}",
)
WRITING = (
    "configure terminal",
    "write memory",
    "copy running-config startup-config",
    "reload",
    "clear counters",
    "no shutdown",
    "Show interfaces",
    " show interfaces",
    "showx",
    "show interfaces; reload",
    "show interfaces\nreload",
    "show interfaces\rreload",
    "show interfaces\x03reload",
    "show interfaces\u2028reload",
    "show interfaces && reload",
    "show interfaces > flash:x",
    "show interfaces | redirect tftp://192.0.2.1/x",
    "show interfaces | append flash:x",
    "show interfaces | tee flash:x",
    "show interfaces | save /var/tmp/x",
    "show interfaces | bash -c id",
    "show `id`",
    "show $(id)",
    "show clear",
    "get CLEAR",
    "diagnose sys kill 9 1",
    "diagnose sys ha reset-uptime",
    "diagnose hardware test suite all",
    "diagnose debug enable",
    "execute reboot",
    "execute sensor list x",
    "sudo root get system status",
    "sudo global config system console",
    "config system console",
    "/system reboot",
    "/system shutdown",
    "/interface set ether1 disabled=yes",
    "/interface remove [find]",
    "/ip address add address=192.0.2.1/24 interface=ether1",
    "/interface print; /system reboot",
    ":put [/system shutdown]",
    ":put [/system reboot]",
    ":put [/interface get ether1] ]",
    ":put [/interface print as-value where [/system shutdown]]",
    ":put [/interface disable ether1]",
    ":foreach i in=[/interface find] do={/interface disable $i}",
    ":foreach i in=[/interface find] do={:put [/interface remove $i]}",
    ":foreach i in=[/interface print as-value] do={:put $j}",
    ":foreach i in=[/interface print as-value] do={:put $i} /system reboot",
    ":foreach i in=[/system shutdown] do={:put $i}",
    ":execute script",
)
VERBS = ("set", "add", "remove", "delete", "clear", "reset", "reload", "reboot", "restart", "shutdown", "kill", "erase", "write", "copy", "import", "configure")  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cli")


def is_taken(folder: Path, command: str) -> bool:
    """Whether a family may have a command; TOML takes any text escaped as JSON does, but for DEL."""
    text = json.dumps(command, ensure_ascii=False).replace("\x7f", "\\u007f")
    try:
        family = compiled(folder, HEAD + f"[[command]]\nrun = {text}\n" + TABLE)
    except FamilyError as error:
        return not all(problem.key == "command[1].run" for problem in error.problems)
    return family.allowed == frozenset((command,))


@pytest.mark.parametrize("command", READING)
def test_a_command_that_only_reads_is_taken(folder: Path, command: str) -> None:
    assert is_taken(folder, command)


@pytest.mark.parametrize("command", WRITING)
def test_a_command_that_writes_is_refused(folder: Path, command: str) -> None:
    assert not is_taken(folder, command)


@given(
    command=st.sampled_from(READING),
    at=st.integers(0, 100),
    what=st.sampled_from("\n\r;`>\x00\x03\x1b\x7f\t\u2028\x85é"),
)
def test_a_second_command_can_nowhere_begin(folder: Path, command: str, at: int, what: str) -> None:
    assert not is_taken(folder, command[:at] + what + command[at:])


@given(command=st.sampled_from(READING), verb=st.sampled_from(VERBS), upper=st.booleans(), behind=st.booleans())
def test_a_verb_that_writes_can_stand_nowhere(folder: Path, command: str, verb: str, upper: bool, behind: bool) -> None:
    word = verb.upper() if upper else verb
    assert not is_taken(folder, f"{command} {word}" if behind else f"{word} {command}")


@given(command=st.text(st.characters(codec="utf-8"), min_size=1, max_size=60))
@example(command="show \x00")
@example(command="print ")
def test_what_is_taken_is_one_line_of_plain_characters(folder: Path, command: str) -> None:
    if is_taken(folder, command):
        assert re.fullmatch(r"[ -:<=?-_a-~]+", command)  # neither ; nor > nor `
        assert not re.search(rf"\b({'|'.join(VERBS)})\b", command, re.IGNORECASE)

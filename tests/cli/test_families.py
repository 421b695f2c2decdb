"""`collector families`, `families check` and `families scaffold`."""

import asyncio
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from collector.cli.main import cli
from collector.plugin.registry import Registry
from collector.transport import local
from collector.transport.linux.batch import Wanted
from tests.cli.farm import COMMUNITY, DEAD, SWITCH
from tests.cli.place import Place


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLLECTOR_CONFIG", raising=False)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["families", *arguments])


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What `--json` says of each family."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("listed"))
        result = run("--json")
    assert result.exit_code == 0
    return {line["family"]: line for line in map(json.loads, result.output.splitlines())}


def test_the_list_names_every_family_and_what_it_yields(listed: dict[str, dict[str, Any]]) -> None:
    result = run("--all")
    assert result.exit_code == 0
    for name in ("apc/ups", "cisco/ios", "generic", "linux/net_snmp", "standard/if_mib"):
        assert name in result.output
    assert "cisco/ios" in listed
    assert "standard/if_mib" not in listed


def test_the_list_in_json(listed: dict[str, dict[str, Any]]) -> None:
    assert listed.keys() >= {"generic", "huawei/vrp"}
    routeros = listed["mikrotik/routeros"]
    assert routeros["sys_object_ids"] == ["1.3.6.1.4.1.14988.1"]
    assert {"interface", "cpu", "memory", "sensor"} <= set(routeros["measurements"])
    assert {"temperature", "voltage"} <= set(routeros["sensors"])
    assert routeros["facts"] == ["vendor", "model", "os", "os_version", "serial"]


def test_the_list_names_command_lines(listed: dict[str, dict[str, Any]]) -> None:
    assert {name for name, line in listed.items() if line["ssh"]} == set(Registry.open().cli_names())
    ios = listed["cisco/ios"]["ssh"]
    assert {"interface", "cpu", "neighbour"} <= set(ios["measurements"])
    assert "show interfaces" in {text for texts in ios["commands"] for text in texts}
    assert not ios["script"]
    server = listed["linux/server"]
    assert "measurements" not in server, "it has no other side"
    assert (server["ssh"]["script"], server["ssh"]["commands"]) == (True, [])
    assert listed["apc/ups"]["ssh"] is None


def test_the_script_of_servers_tells_what_the_list_says(listed: dict[str, dict[str, Any]]) -> None:
    server = listed["linux/server"]
    snapshot = asyncio.run(local.read({}, Wanted(info=True, neighbours=True), timeout_s=20))
    told = {row.measurement for row in snapshot.rows} - {"device", "device_info", "interface_info"}
    assert told
    assert told <= set(server["ssh"]["measurements"])


def test_mistakes_cost_neither_other_families_nor_the_rest_of_their_own(tmp_path: Path) -> None:
    folder = tmp_path / "mine" / "turbo"
    folder.mkdir(parents=True)
    (tmp_path / "mine" / "turbo.toml").write_text(
        'description = "x"\nextends = ["standard/host"]\n[[match]]\nsys_object_id = "1.3.6.1.4.1.99999.1"\n'
    )
    (folder / "cli.toml").write_text('description = "x"\nplatform = "cisco_ios"\n')
    (tmp_path / "mine" / "bad.toml").write_text('description = "x"\nextend = []\n')
    (tmp_path / "hosts.toml").write_text(
        '[collector]\nplugin_folders = ["mine"]\n[store]\nkind = "stdout"\n[hosts.me]\ntransport = "local"\n'
    )
    result = run("--json")
    assert result.exit_code == 1
    assert set(result.stderr.splitlines()) == {
        f"collector: {folder}/cli.toml: neither `script` nor a [[command]]",
        f"collector: {tmp_path}/mine/bad.toml: extend: unknown key 'extend'; did you mean 'extends'?",
    }
    lines = {line["family"]: line for line in map(json.loads, result.stdout.splitlines())}
    assert lines["turbo"]["ssh"] is None
    assert "interface" in lines["turbo"]["measurements"]
    assert "cisco/ios" in lines


def test_a_file_that_is_right() -> None:
    registry = Registry.open()
    result = run("check", str(registry.path("cisco/ios")), str(registry.path("standard/ups")))
    assert (result.exit_code, result.output) == (0, "2 files are right\n")


def test_a_file_with_mistakes_and_a_mixin_beside_it(tmp_path: Path) -> None:
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "base.toml").write_text('description = "mix-in"\n[columns]\nlabel = "1.3.6.1.4.1.99.1"\n')
    file = tmp_path / "acme" / "turbo.toml"
    file.write_text(
        'description = "x"\nextends = ["acme/base"]\n'
        '[[sensor]]\noid = "1.3.6.1.4.1.99.2"\nname = "{label}"\nclass = "temp"\nscal = 1\n'
    )
    result = run("check", str(file))
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        f"{file}: sensor[1].scal: unknown key 'scal'; did you mean 'scale'?",
        f"{file}: sensor[1].class: unknown sensor class 'temp'; did you mean 'temperature'?",
    ]


CLI = """
description = "Turbos"
platform = "cisco_ios"
[[command]]
run = "{command}"
[[command.table]]
measurement = "{measurement}"
template = "version.textfsm"
"""


def test_the_command_line_side_of_a_family(tmp_path: Path) -> None:
    folder = tmp_path / "acme" / "turbo"
    folder.mkdir(parents=True)
    (folder / "version.textfsm").write_text("Value os_version (\\S+)\n\nStart\n  ^Turbo ${os_version} -> Record\n")
    (folder / "cli.toml").write_text(CLI.format(command="show version", measurement="device_info"))
    beside = tmp_path / "acme" / "turbo2"
    beside.mkdir()
    (beside / "cli.toml").write_text('same_as = "acme/turbo"\n')
    result = run("check", str(folder / "cli.toml"), str(beside / "cli.toml"))
    assert (result.exit_code, result.output) == (0, "2 files are right\n")
    (folder / "cli.toml").write_text(CLI.format(command="reload", measurement="device_inf"))
    result = run("check", str(folder / "cli.toml"))
    assert result.exit_code == 1
    told = [line.removeprefix(f"{folder}/cli.toml: ") for line in result.output.splitlines()]
    assert told[0].startswith("command[1].run: 'reload' is not plainly read-only")
    assert told[1].startswith("command[1].table[1].measurement: unknown measurement 'device_inf'; did you mean")
    (beside / "cli.toml").write_text('same_as = "acme/turbine"\n')
    result = run("check", str(beside / "cli.toml"))
    assert result.output == f"{beside}/cli.toml: same_as: there is no command-line side of 'acme/turbine'\n"


MIB = Path(__file__).parent.parent / "smi" / "mibs" / "ACME-POWER-MIB.txt"
CAPTURE = """\
1.3.6.1.2.1.1.1.0|4|Acme Power
1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.99999.2.7
1.3.6.1.4.1.99999.2.2.0|2|17
"""


def test_a_draft_of_a_recording_passes_the_check(tmp_path: Path) -> None:
    (tmp_path / "acme.snmprec").write_text(CAPTURE)
    result = run("scaffold", "acme.snmprec", "--mib", str(MIB), "-o", "plugins/acme/power.toml")
    assert result.exit_code == 0
    assert result.stdout == "plugins/acme/power.toml: read it, then: collector families check plugins/acme/power.toml\n"
    assert "hang from nowhere" in result.stderr
    assert run("check", "plugins/acme/power.toml").output == "1 file is right\n"
    again = run("scaffold", "acme.snmprec", "-o", "plugins/acme/power.toml")
    assert (again.exit_code, again.stderr) == (1, "collector: plugins/acme/power.toml: File exists\n")


def test_a_draft_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "hosts.toml").write_text('[collector]\nstate_dir = "state"\n')
    (tmp_path / "nothing.snmprec").write_text("1.3.6.1.4.1.5.0|2|1\n")
    (tmp_path / "letter.txt").write_text("Dear sir\n")
    said = {
        ("nosuch",): "nosuch: neither a recording nor a host of the inventory",
        ("nothing.snmprec",): "nothing.snmprec: neither sysObjectID nor sysDescr in it",
        ("letter.txt",): "letter.txt: no varbind in it",
        ("nothing.snmprec", "--mib", "letter.txt"): "no object is defined in the MIB files",
    }
    for arguments, expected in said.items():
        result = run("scaffold", *arguments)
        assert result.exit_code in (1, 2)
        assert expected in result.stderr


def test_a_draft_of_a_host_that_is_walked(place: Place) -> None:
    place.write({"sw1": SWITCH})
    result = place.run("families", "scaffold", "sw1")
    assert (result.exit_code, result.stderr) == (0, "")
    drafted = tomllib.loads(result.stdout)
    assert drafted["extends"] == ["standard/host"]
    assert drafted["match"] == [{"sys_object_id": "1.3.6.1.4.1.32473.1"}]
    assert COMMUNITY not in result.stdout
    place.write({"gone": DEAD})
    silent = place.run("families", "scaffold", "gone")
    assert silent.exit_code == 1
    assert "collector: gone: " in silent.stderr

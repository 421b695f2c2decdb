"""`collector probe` on devices that work, and on all that keep one from working."""

import json
import socket

import pytest

from collector.runtime.probe import run as probe_run
from collector.runtime.probe.evidence import Cause
from collector.simulator.faults import Faults
from tests.cli.farm import BROKEN, COMMUNITY, DEAD, OTHER, SWITCH
from tests.cli.place import Place
from tests.cli.test_poll import snapshot
from tests.runtime.test_lease import HOLD_LEASE, another_process
from tests.servers import free_port
from tests.transport.snmpd import AUTH_PASSPHRASE, PRIV_PASSPHRASE

PARTS = {
    "host", "address", "cause", "verdict", "remedy", "reach", "credentials", "family", "ladder", "tables", "interfaces",
    "rates", "points", "store", "captured", "problems", "cost", "walk_command", "ssh",
}  # fmt: skip


def evidence(place: Place, *arguments: str, **more: object) -> dict:  # type: ignore[type-arg]
    result = place.run("probe", "--json", "--pause", "0", *arguments, **more)
    found = json.loads(result.stdout)
    assert found["cause"] == result.exit_code
    assert found.keys() == PARTS
    assert found["verdict"]
    assert result.exit_code == 0 or found["remedy"]
    return found  # type: ignore[no-any-return]


def test_a_device_of_the_inventory(place: Place) -> None:
    place.write({"sw1": SWITCH})
    before = snapshot(place.folder)
    result = place.run("probe", "sw1", "--pause", "1")
    assert (result.exit_code, result.stderr) == (0, "")
    verdict = result.stdout.splitlines()[0]
    assert "sw1" in verdict
    assert "generic" in result.stdout
    for name in ("Gi0/1", "Gi0/4", "interface", "snmpbulkwalk"):
        assert name in result.stdout
    assert COMMUNITY not in result.stdout
    new = snapshot(place.folder).keys() - before.keys()
    assert all(name.startswith("state/") and not (place.folder / name).read_bytes() for name in new), new


def test_all_evidence_as_json(place: Place) -> None:
    place.write({"sw1": f'{{ address = "{place.farm.at(SWITCH)}", links."Gi0/1" = {{ contract_in_bps = "2 Mbps" }} }}'})
    found = evidence(place, "sw1", "--pause", "1")
    assert found["family"]["chosen"] == "generic"
    assert found["credentials"] == [
        {**found["credentials"][0], "name": "lan", "kind": "v2c", "works": True, "verdict": "works"}
    ]
    assert found["ladder"]["steps"]
    assert {table["measurement"] for table in found["tables"] if table["rows"]} >= {"interface", "sensor"}
    by_name = {interface["name"]: interface for interface in found["interfaces"]}
    assert set(by_name) == {f"Gi0/{number}" for number in range(1, 5)}
    assert by_name["Gi0/1"]["contract_bps"][0] == 2_000_000
    assert by_name["Gi0/1"]["counter_bits"] == 64
    assert all(rate["verdict"] == "ok" for rate in found["rates"] if rate["counter"] == "all")
    assert {point["measurement"] for point in found["points"]} >= {"interface", "sensor", "device_info"}
    assert found["cost"]["fits"] is True
    assert found["cost"]["line_bps"] == 2_000_000
    assert found["reach"]["addresses"] == [SWITCH]
    assert found["reach"]["source"].startswith("127.")
    assert not (place.state / "collector.duckdb").exists()


def test_a_device_that_no_family_knows(place: Place) -> None:
    place.write({"sw1": SWITCH})
    found = evidence(place, "sw1", "--pause", "0")
    assert {"IF-MIB", "IF-MIB (64-bit counters)", "ENTITY-SENSOR-MIB"} <= set(found["family"]["modules"])
    assert "UPS-MIB" not in found["family"]["modules"]
    assert found["remedy"].endswith("collector probe sw1 --capture FILE; collector families scaffold FILE --mib MIB")
    fixed = evidence(place, "sw1", "--pause", "0", "--family", "generic")
    assert (fixed["family"]["modules"], fixed["remedy"]) == ([], "")


def test_an_address_that_no_inventory_knows(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place.folder)
    address = place.farm.at(OTHER)
    result = place.run_bare("probe", address, "--pause", "0")
    assert result.exit_code == 2
    assert "no credentials to try" in result.stderr
    env = {"COLLECTOR_COMMUNITY": "another-community"}
    result = place.run_bare("probe", address, "--community", "--pause", "0", env=env)
    assert result.exit_code == 0
    assert "another-community" not in result.output
    result = place.run_bare("probe", address, "--community", "--pause", "0", input="another-community\n")
    assert result.exit_code == 0
    assert "another-community" not in result.output, "what is typed is not shown"
    assert list(place.folder.iterdir()) == []


def test_an_address_of_the_inventory_is_its_host(place: Place) -> None:
    place.write({"sw1": SWITCH})
    assert evidence(place, SWITCH)["host"] == "sw1"


def test_the_credentials_of_the_inventory_are_tried_on_a_stranger(place: Place) -> None:
    place.write({"sw1": DEAD})
    found = evidence(place, place.farm.at(SWITCH))
    assert found["credentials"][0]["name"] == "lan"
    assert found["family"]["chosen"] == "generic"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["not an address"], "neither a host of the inventory nor an address"),
        (["sw1", "--v3-user", "u", "--community"], "--v3-user excludes --community"),
        (["sw1", "--auth", "sha1"], "go with --v3-user"),
        (["sw1", "--v3-user", "u", "--priv", "aes128"], "--priv needs --auth"),
        (["me"], "there is nothing to probe"),
        (["sw1", "--port", "0"], "--port"),
    ],
)
def test_wrong_usage(place: Place, arguments: list[str], said: str) -> None:
    place.write({"sw1": SWITCH, "me": '{ transport = "local" }'})
    result = place.run("probe", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_a_name_without_an_address(place: Place) -> None:
    place.write({"lost": '{ address = "no-such-host.invalid" }'})
    found = evidence(place, "lost")
    assert found["cause"] == Cause.NO_ADDRESS


def test_a_closed_port(place: Place) -> None:
    port = free_port(socket.SOCK_DGRAM)
    place.write({"closed": f'{{ address = "127.0.0.1:{port}" }}'})
    found = evidence(place, "closed")
    if found["reach"]["ping"] or found["reach"]["ssh_port_open"]:
        assert found["cause"] == Cause.SNMP_CLOSED
    else:
        assert found["cause"] == Cause.UNREACHABLE
    assert found["credentials"][0]["verdict"] == "port closed"


@pytest.mark.parametrize("silent", [DEAD, OTHER])
def test_silence(place: Place, silent: str) -> None:
    place.write({"silent": silent})
    found = evidence(place, "silent")
    assert found["cause"] == Cause.SNMP_SILENT, "loopback is always up"
    assert "community" in found["remedy"] or "echo" in found["remedy"]
    assert found["credentials"][0]["works"] is False


def test_something_that_is_no_snmp(place: Place) -> None:
    device = place.farm.devices[DEAD]
    before, device.faults = device.faults, Faults(garbage=True)
    try:
        place.write({"odd": DEAD})
        found = evidence(place, "odd")
    finally:
        device.faults = before
    assert found["cause"] in (Cause.NOT_SNMP, Cause.SNMP_SILENT)
    assert found["credentials"][0]["works"] is False


def test_a_bad_table_is_named(place: Place) -> None:
    place.write({"broken": BROKEN})
    found = evidence(place, "broken")
    assert found["cause"] == Cause.PARTIAL
    stopped = [table["name"] for table in found["tables"] if table["stopped"]]
    assert "interface" in stopped
    assert found["family"]["facts"]["sys_name"]


def v3(**keys: str) -> str:
    settings = ", ".join(f'{key} = "{value}"' for key, value in keys.items())
    return f'[credentials.v3]\nsnmp = {{ version = "3", {settings} }}\n'


RIGHT = {
    "user": "sha1-aes128",
    "auth": "sha1",
    "auth_key": AUTH_PASSPHRASE,
    "priv": "aes128",
    "priv_key": PRIV_PASSPHRASE,
}


@pytest.mark.server
@pytest.mark.parametrize(
    ("changed", "cause", "verdict"),
    [
        ({}, Cause.OK, "works"),
        ({"user": "stranger"}, Cause.SNMP_REFUSED, "unknown user"),
        ({"auth_key": "a wrong passphrase"}, Cause.SNMP_REFUSED, "wrong authentication key or algorithm"),
        ({"auth": "sha256"}, Cause.SNMP_REFUSED, "wrong authentication key or algorithm"),
        ({"priv_key": "a wrong passphrase"}, Cause.SNMP_REFUSED, "wrong privacy key or algorithm"),
    ],
)
def test_snmpv3_against_net_snmp(place: Place, snmpd: int, changed: dict[str, str], cause: Cause, verdict: str) -> None:
    place.write(
        {"server": f'{{ address = "127.0.0.1:{snmpd}", credentials = ["v3"], limits = {{ timeout_s = 1 }} }}'},
        more="",
    )
    text = place.config.read_text().replace("[defaults]", v3(**(RIGHT | changed)) + "[defaults]")
    place.config.write_text(text)
    result = place.run("probe", "server", "--json", "--pause", "0")
    found = json.loads(result.stdout)
    assert found["credentials"][0]["verdict"] == verdict
    assert (found["cause"] == cause) or (cause is Cause.OK and found["cause"] == Cause.PARTIAL)
    if changed.get("user") or not changed:
        assert found["credentials"][0]["engine_id"]
    for secret in (AUTH_PASSPHRASE, PRIV_PASSPHRASE, "a wrong passphrase"):
        assert secret not in result.output


@pytest.mark.server
def test_snmpv3_given_on_the_command_line(place: Place, snmpd: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place.folder)
    env = {"COLLECTOR_AUTH_KEY": AUTH_PASSPHRASE, "COLLECTOR_PRIV_KEY": PRIV_PASSPHRASE}
    options = ["--v3-user", "sha1-aes128", "--auth", "sha1", "--priv", "aes128", "--pause", "0", "--json"]
    result = place.run_bare("probe", f"127.0.0.1:{snmpd}", *options, env=env)
    found = json.loads(result.stdout)
    assert found["credentials"][0]["works"] is True
    assert "sha1-aes128" in found["walk_command"]
    assert AUTH_PASSPHRASE not in result.output
    assert PRIV_PASSPHRASE not in result.output


def test_a_capture_replays_without_its_secrets(place: Place) -> None:
    place.write({"sw1": SWITCH})
    capture = place.folder / "sw1.snmprec"
    assert evidence(place, "sw1", "--capture", str(capture))["captured"] == str(capture)
    assert COMMUNITY not in capture.read_text()
    result = place.run_bare("replay", str(capture), "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    points = [json.loads(line) for line in result.stdout.splitlines()]
    assert {point["tags"]["host"] for point in points} == {"sw1"}
    assert {point["tags"].get("name") for point in points if point["measurement"] == "interface"} == {
        f"Gi0/{number}" for number in range(1, 5)
    }


def test_a_capture_that_cannot_be_written_is_told(place: Place) -> None:
    place.write({"sw1": SWITCH})
    result = place.run("probe", "sw1", "--pause", "0", "--capture", str(place.folder / "nowhere" / "x.snmprec"))
    assert result.exit_code == 2
    assert "nowhere" in result.stderr
    assert "Traceback" not in result.output


def test_points_are_written_only_when_wanted(place: Place) -> None:
    place.write({"sw1": SWITCH})
    evidence(place, "sw1")
    assert not (place.state / "collector.duckdb").exists()
    found = evidence(place, "sw1", "--write")
    assert f"{len(found['points'])} points written" in found["store"]
    counts = json.loads(place.run("store", "info", "--json").stdout)["measurements"]
    assert counts["interface"] == 4
    again = evidence(place, "sw1")
    assert again["store"].startswith("0 of ")
    assert not any(point["new"] for point in again["points"])


def test_a_probe_does_not_disturb_what_polls_remember(place: Place) -> None:
    place.write({"sw1": SWITCH})
    place.run("poll")
    before = snapshot(place.state)
    evidence(place, "sw1")
    after = snapshot(place.state)
    assert {name: after[name] for name in before} == before


def test_a_probe_waits_for_its_turn(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe_run, "LEASE_WAIT_S", 0.1)
    place.write({"sw1": SWITCH})
    place.run("poll")
    with another_process(HOLD_LEASE, str(place.state / "leases"), "sw1"):
        result = place.run("probe", "sw1", "--pause", "0")
    assert result.exit_code == 2
    assert "sw1 is being polled or probed by another process" in result.stderr

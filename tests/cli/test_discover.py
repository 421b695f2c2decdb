"""`collector discover`: what is there, what is new, what has changed."""

import json
import tomllib

import pytest

from collector.runtime import discover as discover_module
from collector.simulator.devices.models import plain_switch_varbinds
from collector.simulator.tree import Tree, make_tree
from inventory.model import Limits
from tests.cli.farm import BROKEN, COMMUNITY, DEAD, NASTY, OTHER, SPARE, SWITCH
from tests.cli.place import Place

NETWORK = "127.4.0.0/29"


def discover(place: Place, *arguments: str, code: int = 0) -> dict[str, dict]:  # type: ignore[type-arg]
    """What was found, by address."""
    result = place.run("discover", *arguments, "--json")
    assert result.exit_code == code, result.output
    return {item["address"]: item for item in map(json.loads, result.stdout.splitlines())}


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discover_module, "SWEEP_LIMITS", Limits(timeout_s=0.3, retries=0))


@pytest.fixture
def port(place: Place) -> list[str]:
    return ["--port", str(place.farm.port)]


def test_a_network(place: Place, port: list[str]) -> None:
    place.write({"sw1": SWITCH})
    before = place.config.read_bytes()
    found = discover(place, NETWORK, *port)
    assert {address: item["status"] for address, item in found.items()} == {
        SWITCH: "known", NASTY: "new", BROKEN: "new", SPARE: "new",
    }  # fmt: skip
    assert found[SWITCH]["name"] == "sw1"
    assert found[SPARE]["credential"] == "lan"
    assert found[SPARE]["family"] == "generic"
    assert found[SPARE]["reason"]
    assert found[SPARE]["facts"]["serial"] == "S1"
    assert found[SPARE]["rows"]["interface"] == 2
    assert len({item["name"] for item in found.values()}) == len(found), "each has a name of its own"
    assert place.config.read_bytes() == before
    shown = place.run("discover", NETWORK, *port)
    assert "4 of 6 addresses speak SNMP, 3 of them new" in shown.stdout
    assert DEAD not in shown.stdout


def test_new_devices_are_added_and_everything_else_is_kept(place: Place, port: list[str]) -> None:
    place.write({"sw1": SWITCH}, more='[sites.hq]\nname = "x"')
    before = place.config.read_text()
    result = place.run("discover", NETWORK, *port, "--add", "--site", "hq", "--role", "switch")
    assert result.exit_code == 0, result.output
    after = place.config.read_text()
    assert "# the province's inventory" in after
    assert all(line in after.splitlines() for line in before.splitlines() if line.strip())
    added = tomllib.loads(after)["hosts"]
    assert len(added) == 4
    spare = next(host for host in added.values() if host["address"] == SPARE)
    assert spare == {
        "address": SPARE, "credentials": ["lan"], "snmp_port": place.farm.port, "site": "hq", "role": "switch",
    }  # fmt: skip
    again = discover(place, NETWORK, *port)
    assert {item["status"] for item in again.values()} == {"known"}
    assert discover(place, NETWORK, *port, "--add").keys() == again.keys()
    assert place.config.read_text() == after
    assert place.run("check", "--files-only").exit_code == 0
    assert place.run("poll", "role=switch").exit_code in (0, 1)


def test_what_was_added_may_not_break_the_inventory(place: Place, port: list[str]) -> None:
    place.write({"sw1": SWITCH})
    before = place.config.read_bytes()
    result = place.run("discover", NETWORK, *port, "--add", "--site", "nowhere")
    assert result.exit_code == 2
    assert "nowhere" in result.stderr
    assert place.config.read_bytes() == before


def test_a_change_is_shown(place: Place) -> None:
    place.write({"sw2": SPARE})
    assert discover(place, "sw2")[SPARE]["status"] == "known"
    device = place.farm.devices[SPARE]
    tree, device.tree = device.tree, plain_switch_with_serial("S2")
    try:
        found = discover(place, "sw2")[SPARE]
        assert found["status"] == "changed"
        assert found["changes"] == [["serial", "S1", "S2"]]
        assert discover(place, "sw2")[SPARE]["status"] == "known", "it is remembered"
        device.tree = tree
        shown = place.run("discover")
        assert "sw2: serial was S2, is S1" in shown.stdout
    finally:
        device.tree = tree


def plain_switch_with_serial(serial: str) -> Tree:
    return make_tree(
        (oid, tag, serial.encode() if value == b"S1" else value) for oid, tag, value in plain_switch_varbinds(2)
    )


def test_hosts_that_do_not_answer(place: Place) -> None:
    place.write({"dead": DEAD, "sw1": SWITCH})
    found = discover(place, code=1)
    assert {address: item["status"] for address, item in found.items()} == {DEAD: "silent", SWITCH: "known"}


def test_what_discovery_learnt_saves_the_poll_a_walk(place: Place) -> None:
    place.write({"sw1": SWITCH})
    discover(place, "sw1")
    place.run("poll", "--stats", str(place.folder / "stats.json"))
    stats = json.loads((place.folder / "stats.json").read_text())
    assert stats["pdus"] <= stats["varbinds"] / 50 + 3


def test_credentials_are_tried_in_order(place: Place, port: list[str]) -> None:
    place.write({"dead": DEAD})
    other = '[credentials.other]\nsnmp = { version = "2c", community = "another-community" }\n[defaults]'
    place.config.write_text(place.config.read_text().replace("[defaults]", other))
    found = discover(place, NETWORK, *port, code=1)
    assert found[OTHER]["credential"] == "other"
    assert found[SWITCH]["credential"] == "lan"
    only = discover(place, NETWORK, *port, "--credential", "other", code=1)
    assert {address for address, item in only.items() if item["status"] == "new"} == {OTHER}
    assert COMMUNITY not in place.run("discover", NETWORK, *port).output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["10.0.0.0/8"], "16777216 addresses, at most 65536"),
        (["10.0.0.0/33"], "10.0.0.0/33"),
        (["nobody"], '"nobody" matches no host'),
        (["10.0.0.0/30", "--credential", "x"], "found x, allowed: lan"),
    ],
)
def test_wrong_usage(place: Place, arguments: list[str], said: str) -> None:
    place.write({"sw1": SWITCH})
    result = place.run("discover", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr

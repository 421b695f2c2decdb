"""`collector discover` of hosts that only SSH reaches."""

import fcntl
import json
import zlib
from pathlib import Path

import pytest

from collector.runtime import discover as discover_module
from collector.runtime.engine import SshPools
from collector.runtime.facts import HostSsh
from collector.runtime.lease import Leases
from collector.runtime.state import StateDir
from inventory.model import Limits
from tests.cli.farm import COMMUNITY, DEAD, SPARE
from tests.cli.gear import gear, router
from tests.cli.place import Place
from tests.cli.test_discover import discover
from tests.runtime.ssh_world import FAMILY, write_family
from tests.transport.ssh.sshd import USER, Sshd

ANSWERS = {
    "show version": "AcmeOS 1.2\n",
    "show interfaces": "eth0 is up, in 1, out 2\neth1 is down, in 0, out 0\n",
    "show platform": "serial X-77\n",
}
DARK = "127.4.0.77"
"""where nobody is"""
FAMILIES = 'plugin_folders = ["plugins"]'


@pytest.fixture(autouse=True)
def _families(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_family(tmp_path)
    monkeypatch.setattr(discover_module, "SWEEP_LIMITS", Limits(timeout_s=0.3, retries=0))


def test_hosts_that_only_ssh_reaches(place: Place) -> None:
    devices = {"r1": router(1, answers=ANSWERS), "r2": router(2, answers=ANSWERS, password="another")}
    with gear(place, devices, collector=FAMILIES) as it:
        found = discover(place, "r1", code=1)["127.44.0.1"]
        assert (found["status"], found["by"]) == ("failed", "SSH")
        assert found["error"].startswith("its host key is not pinned: ssh-ed25519 SHA256:")
        assert found["error"].endswith("collector trust r1")
        assert devices["r1"].logins == 0
        it.pin()
        all_found = discover(place, code=1)
        found = all_found["127.44.0.1"]
        assert (found["status"], found["by"], found["credential"]) == ("known", "SSH", "cli")
        assert (found["family"], found["reason"]) == (FAMILY, "'show version' says so")
        assert found["facts"] == {"vendor": "Acme", "os_version": "1.2"}
        assert found["rows"]["interface"] == 2
        assert all_found["127.44.0.2"]["status"] == "failed"
        assert "login of user admin refused" in all_found["127.44.0.2"]["error"]
        learnt = StateDir(place.state).load(HostSsh, "r1")
        assert learnt
        assert (learnt.family, learnt.texts["show interfaces"]) == (FAMILY, "show interfaces")
        shown = place.run("discover", "r1")
        assert shown.exit_code == 0
        assert "0 of 1 addresses speak SNMP, 0 of them new; 1 answer by SSH" in shown.stdout


def test_another_family_than_before_is_a_change(place: Place) -> None:
    with gear(place, {"r1": router(1, answers=ANSWERS)}, collector=FAMILIES) as it:
        it.pin()
        discover(place, "r1")
        state = StateDir(place.state)
        learnt = state.load(HostSsh, "r1")
        assert learnt
        learnt.family = "acme/other"
        state.save("r1", learnt)
        found = discover(place, "r1")["127.44.0.1"]
        assert (found["status"], found["changes"]) == ("changed", [["family", "acme/other", FAMILY]])


def test_ssh_where_snmp_does_not_get_through(place: Place) -> None:
    devices = {"r1": router(1, answers=ANSWERS), "r2": router(2, dark=True)}
    with gear(place, devices, collector=FAMILIES) as it:
        it.pin()
        text = place.config.read_text().replace(
            'transport = "ssh", credentials = ["cli"]', f'snmp_port = {place.farm.port}, credentials = ["lan", "cli"]'
        )
        place.config.write_text(text)
        found = discover(place, code=1)
        assert (found["127.44.0.1"]["status"], found["127.44.0.1"]["by"]) == ("known", "SSH")
        dark = found["127.44.0.2"]
        assert dark["status"] in ("silent", "failed")
        assert "SNMP: " in dark["error"]
        assert "; SSH: no answer from port" in dark["error"]


def test_nobody_logs_in_at_addresses_that_are_only_swept(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    both = '[credentials.both]\nssh = { user = "admin", password = "admin" }\n'
    snmp = f'snmp = {{ version = "2c", community = "{COMMUNITY}" }}\n'
    place.write({SPARE: DEAD}, more=f"{both}{snmp}", collector=FAMILIES)  # a name that looks like the swept address
    monkeypatch.setattr(SshPools, "pool", lambda _: pytest.fail("nobody may log in here"))
    for address, status in ((SPARE, "new"), (DARK, None)):
        found = discover(place, f"{address}/32", "--port", str(place.farm.port), "--credential", "both")
        assert found.get(address, {}).get("status") == status
    result = place.run("discover", f"{SPARE}/32", "--port", str(place.farm.port), "--credential", "both")
    assert "1 of 1 addresses speak SNMP, 1 of them new" in result.stdout


def test_a_swept_host_of_the_inventory_is_asked_by_its_own_means(place: Place) -> None:
    with gear(place, {"r1": router(1, answers=ANSWERS)}, collector=FAMILIES) as it:
        it.pin()
        found = discover(place, "127.44.0.1/32")["127.44.0.1"]
        assert (found["name"], found["status"], found["by"]) == ("r1", "known", "SSH")


def test_credentials_of_ssh_are_not_tried_on_networks(place: Place) -> None:
    with gear(place, {"r1": router(1)}):
        result = place.run("discover", "10.0.0.0/30", "--credential", "cli")
        assert (result.exit_code, result.stdout) == (2, "")
        assert "--credential: found cli, allowed: lan" in result.stderr


def test_a_host_that_is_polled_just_now_is_waited_for(place: Place) -> None:
    with gear(place, {"r1": router(1, answers=ANSWERS)}, collector=f"{FAMILIES}\nhost_deadline_s = 1") as it:
        it.pin()
        with (place.state / "leases").open("w") as file:
            fcntl.lockf(file, fcntl.LOCK_EX, 1, zlib.crc32(b"r1") * 97 % Leases.RANGE)
            result = place.child("discover", "r1", "--json", "--config", str(place.config))
        assert result.returncode == 1
        found = json.loads(result.stdout)
        assert found["error"] == "r1 is being polled or probed by another process"
        assert it.devices["r1"].logins == 0


def test_a_server_without_an_agent(place: Place, sshd: Sshd) -> None:
    key = sshd.folder.parent / "key"
    login = f'[credentials.shell]\nssh = {{ user = "{USER}", key = "file:{key}" }}'
    table = f'{{ address = "127.0.0.1", ssh_port = {sshd.port}, transport = "ssh", credentials = ["shell"] }}'
    place.write({"server": table}, more=login)
    place.state.mkdir()
    (place.state / "known_hosts").write_text(sshd.known_hosts())
    found = discover(place, "server")["127.0.0.1"]
    assert (found["status"], found["by"], found["family"]) == ("known", "SSH", "linux/server")
    assert found["facts"]["os"]
    assert found["rows"]["interface"] >= 1

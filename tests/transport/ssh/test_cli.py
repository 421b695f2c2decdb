"""Command lines of every platform: they open, say where they are, give whole answers, and nothing else leaves."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.simulator.ssh.device import CliDevice
from collector.simulator.ssh.farm import SshFarm, serve_cli
from collector.simulator.ssh.faults import CliFaults
from collector.simulator.ssh.style import STYLES
from collector.transport.contract import BoundsError
from collector.transport.ssh import cli
from collector.transport.ssh.errors import ForbiddenError, PrivilegeError, PromptError
from collector.transport.ssh.known_hosts import KnownHosts
from tests.transport.ssh.world import SETUP, fails, family, opened, pinned, until, within

LONG = "".join(f"  port {number} to R1# behind <R1> is up\n" for number in range(60))
WITH_USER_MODE = sorted(platform for platform, style in STYLES.items() if style.user_prompt)
ONE_MODE = ("cisco_nxos", "aruba_aoscx", "dell_os10")
"""their fake devices begin in the privileged mode"""
ENABLE = {"ericsson_ipos": "enable 15"}


@pytest.fixture(scope="module")
def devices() -> dict[str, CliDevice]:
    return {
        platform: CliDevice(name="R1", platform=platform, answers={"show long": LONG, "show none": ""})
        for platform in STYLES
    }


@pytest.fixture(scope="module")
def farm(devices: dict[str, CliDevice]) -> Iterator[SshFarm]:
    with serve_cli(devices.values(), share_keys=True) as farm:
        yield farm


@pytest.fixture
def known(farm: SshFarm, tmp_path: Path) -> KnownHosts:
    return pinned(tmp_path, farm.known_hosts())


@pytest.fixture
def device(devices: dict[str, CliDevice], request: pytest.FixtureRequest) -> Iterator[CliDevice]:
    """A fresh device of the test's platform."""
    device = devices[request.param]
    device.received.clear()
    yield device
    device.faults, device.enable, device.privileged, device.motd = CliFaults(), "", frozenset(), ""


every_platform = pytest.mark.parametrize("device", STYLES, indirect=True)


@every_platform
def test_a_session(farm: SshFarm, device: CliDevice, known: KnownHosts) -> None:
    how = family(device.platform, "show long", "show none", "show wrong", logout="quit")
    with opened(farm, device, known, how) as session:
        assert "R1" in session.prompt
        assert session.privileged is (True if device.platform in (*WITH_USER_MODE, *ONE_MODE) else None)
        assert session.alive
        output = session.run("show long")
        text = output.text.partition("UTC\n")[2] if device.style.stamped else output.text
        assert text == LONG
        assert output.bytes_in > len(LONG)
        assert 0 < output.duration_s < 5
        wrong = session.run("show wrong").text
        assert "port" not in wrong
        assert wrong.strip()
        assert session.run("show long").text.endswith(LONG)
        with fails(ForbiddenError, "'reload'", host="R1"):
            session.run("reload")
    assert not session.alive
    asked = [*SETUP[device.platform], "show long", "show wrong", "show long", "quit"]
    assert until(lambda: device.received == asked), device.received


@every_platform
def test_pages_are_turned_where_paging_stays_on(farm: SshFarm, device: CliDevice, known: KnownHosts) -> None:
    device.faults = CliFaults(always_pages=True, chunk_bytes=97, chunk_pause_s=0.001)
    with opened(farm, device, known, family(device.platform, "show long")) as session:
        for _ in range(2):
            text = session.run("show long").text
            assert (text.partition("UTC\n")[2] if device.style.stamped else text) == LONG
    assert [line.strip() for line in device.received if line.strip() not in SETUP[device.platform]][:2] == [
        "show long"
    ] * 2


@pytest.mark.parametrize("device", WITH_USER_MODE, indirect=True)
def test_the_privileged_mode(
    farm: SshFarm, device: CliDevice, known: KnownHosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "ENABLE_S", 0.5)
    monkeypatch.setattr(cli, "PREPARE_S", 1.0)
    device.enable, device.privileged = "s3cret-Enable", frozenset({"show long"})
    how = family(device.platform, "show long", enable=True)
    with opened(farm, device, known, how, "s3cret-Enable") as session:
        assert session.privileged is True
        assert session.run("show long").text == LONG
    enable = ENABLE.get(device.platform, "enable")
    assert set(device.received) <= {*SETUP[device.platform], enable, "show long", "exit"}
    for secret in ("wrong", ""):
        with (
            fails(PrivilegeError, "privileged mode", "enable", host="R1", within_s=5),
            opened(farm, device, known, how, secret),
        ):
            pass


@pytest.mark.parametrize("device", ["cisco_ios", "zte_zxros"], indirect=True)
def test_without_the_privileged_mode(farm: SshFarm, device: CliDevice, known: KnownHosts) -> None:
    device.enable, device.privileged = "s3cret-Enable", frozenset({"show long"})
    with opened(farm, device, known, family(device.platform, "show long"), "s3cret-Enable") as session:
        assert session.privileged is False
        assert "port" not in session.run("show long").text
    assert "enable" not in device.received


@pytest.mark.parametrize("device", ["fortinet"], indirect=True)
@pytest.mark.parametrize("greeting", ["", "Keep out\n(Press 'a' to accept): "])
def test_a_fortigate_is_only_read(farm: SshFarm, device: CliDevice, known: KnownHosts, greeting: str) -> None:
    device.faults = CliFaults(press_key=greeting)
    how = family("fortinet", "show long", setup=("a",))
    with opened(farm, device, known, how) as session:
        assert session.run("show long").text == LONG
    assert until(lambda: device.received[-1:] == ["exit"])
    assert set(device.received) <= {"show long", "exit"}


@pytest.mark.parametrize("device", ["cisco_ios", "huawei", "nokia_sros"], indirect=True)
def test_what_the_family_does_not_name_does_not_leave(farm: SshFarm, device: CliDevice, known: KnownHosts) -> None:
    how = family(device.platform, "show long", setup=("terminal width 80",))
    with fails(ForbiddenError, "was about to be sent", "setup", host="R1"), opened(farm, device, known, how):
        pass
    assert device.received == []


@pytest.mark.parametrize("device", ["cisco_ios"], indirect=True)
def test_a_command_line_of_another_family(
    farm: SshFarm, device: CliDevice, known: KnownHosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "PREPARE_S", 0.5)
    how = family("cisco_ios", "show long", prompt=r"\n<{base}>\Z")
    with (
        fails(PromptError, "'R1#' is none of test/cisco_ios", "set `family`", host="R1"),
        opened(farm, device, known, how),
    ):
        pass
    how = family("huawei", "show long")
    with fails(PromptError, "set `family`", host="R1"), opened(farm, device, known, how):
        pass


@pytest.mark.parametrize("device", ["cisco_ios", "vyos"], indirect=True)
def test_the_deadline_ends_the_preparation(farm: SshFarm, device: CliDevice, known: KnownHosts) -> None:
    how = family(device.platform, "show long")
    with (
        fails(BoundsError, "time is used up", "probe", host="edge-1"),
        opened(farm, device, known, how, deadline=within(0.05)),
    ):
        pass

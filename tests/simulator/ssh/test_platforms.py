"""Every platform's device, logged in to by netmiko without any help."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from netmiko.exceptions import ReadTimeout

from collector.simulator.ssh.device import CliDevice
from collector.simulator.ssh.farm import serve_cli
from collector.simulator.ssh.faults import CliFaults
from collector.simulator.ssh.style import STYLES
from tests.simulator.ssh.clients import connected, until

LONG = "".join(f"port {number} is up\n" for number in range(100))
WITH_USER_MODE = sorted(platform for platform, style in STYLES.items() if style.user_prompt)
PREPARED_BY = {
    "cisco_ios": ["terminal width 511", "terminal length 0"],
    "cisco_xr": ["terminal width 511", "terminal length 0"],
    "cisco_nxos": ["terminal width 511", "terminal length 0"],
    "arista_eos": ["terminal width 511", "terminal length 0"],
    "huawei": ["screen-length 0 temporary"],
    "hp_comware": ["screen-length disable"],
    "zte_zxros": ["terminal length 0"],
    "juniper_junos": ["set cli screen-width 511", "set cli complete-on-space off", "set cli screen-length 0"],
    "nokia_sros": ["//environment more false", "environment no more"],
    "nokia_sros_md": [
        "environment command-completion space false",
        "environment console width 512",
        "environment more false",
        "//environment no more",
    ],
    "mikrotik_routeros": [],
    "aruba_aoscx": ["no page"],
    "hp_procurve": ["terminal width 511", "no page"],
    "fortinet": [
        "get system status | grep Virtual",
        "get system status | grep Version",
        "get system console",
        "config system console",
        "set output standard",
        "end",
    ],
    "dell_os10": ["terminal length 0"],
    "ericsson_ipos": ["terminal width 512", "terminal length 0"],
    "vyos": ["set terminal width 512", "set terminal length 0"],
}


def look_around(platform: str) -> list[str]:
    """What a device of the platform received while netmiko did all that is expected of it."""
    device = CliDevice(name="edge-1", platform=platform, answers={"show ports": LONG})
    with serve_cli([device]) as farm, connected(farm, device) as connection:
        assert "edge-1" in connection.base_prompt, platform
        output = connection.send_command("show ports")
        assert [line for line in output.splitlines() if line.startswith("port")] == LONG.splitlines(), platform
        assert "more" not in output.lower(), f"{platform}: something of the pager is left"
        complaint = connection.send_command("show nothing")
        assert complaint, platform
        assert "port" not in complaint, platform
    return device.received


def test_netmiko_logs_in_to_every_platform_turns_the_pager_off_and_reads() -> None:
    with ThreadPoolExecutor(len(STYLES)) as threads:  # netmiko mostly sleeps
        received = dict(zip(STYLES, threads.map(look_around, STYLES), strict=True))
    assert received == {
        platform: [*commands, "show ports", "show nothing"] for platform, commands in PREPARED_BY.items()
    }


@pytest.mark.parametrize("platform", WITH_USER_MODE)
def test_netmiko_enters_the_privileged_mode(platform: str) -> None:
    device = CliDevice(
        platform=platform, enable="s3cret", answers={"show secrets": "none\n"}, privileged=frozenset({"show secrets"})
    )
    with serve_cli([device]) as farm, connected(farm, device) as connection:
        if platform != "hp_procurve":  # there netmiko needs it to turn the pager off
            assert not connection.check_enable_mode()
            assert connection.send_command("show secrets").strip() != "none"
            connection.enable()
        assert connection.check_enable_mode()
        assert connection.send_command("show secrets").strip() == "none"
    assert not any("s3cret" in line for line in device.received)


def test_a_wrong_secret_is_asked_for_again() -> None:
    device = CliDevice(enable="s3cret")
    with serve_cli([device]) as farm, connected(farm, device, secret="other", read_timeout_override=1) as connection:
        with pytest.raises(ReadTimeout):  # netmiko answers once and then waits for the prompt
            connection.enable()
        connection.clear_buffer()
        connection.write_channel("other\nother\n")
        assert "% Bad secrets" in connection.read_until_pattern("R1>")


@pytest.mark.parametrize("platform", ["cisco_ios", "hp_procurve"])
def test_netmiko_leaves_in_order(platform: str) -> None:
    device = CliDevice(platform=platform)
    with serve_cli([device]) as farm, connected(farm, device) as connection:
        connection.disconnect()
        assert until(lambda: farm.stats.open == 0)
    assert device.received[-1] in ("exit", "logout")


@pytest.mark.parametrize(
    ("platform", "command", "complaint"),
    [
        ("cisco_ios", "show vesrion", "        ^\n% Invalid input detected at '^' marker."),
        ("huawei", "display vesrion", "            ^\nError: Unrecognized command found at '^' position."),
        ("arista_eos", "show vesrion", "% Invalid input (at token 1: 'vesrion')"),
        ("mikrotik_routeros", "shwo version", "bad command name shwo (line 1 column 1)"),
    ],
)
def test_complaints_point_at_the_word(platform: str, command: str, complaint: str) -> None:
    device = CliDevice(platform=platform, answers={"show version": "", "display version": ""})
    with serve_cli([device]) as farm, connected(farm, device) as connection:
        assert connection.send_command(command).rstrip() == complaint


@pytest.mark.parametrize(
    ("platform", "question"),
    [
        ("hp_comware", "Press Y or ENTER to continue, N to exit."),
        (
            "huawei",
            "Warning: The initial password poses security risks.\nThe password needs to be changed. Change now? [Y/N]:",
        ),
        ("fortinet", "Authorised use only.\n(Press 'a' to accept):"),
        ("mikrotik_routeros", 'Please press "Enter" to continue!'),
    ],
)
def test_netmiko_answers_what_is_asked_after_the_login(platform: str, question: str) -> None:
    device = CliDevice(platform=platform, answers={"show ports": LONG}, faults=CliFaults(press_key=question))
    with serve_cli([device]) as farm, connected(farm, device) as connection:
        assert "port 99 is up" in connection.send_command("show ports")


def test_routeros_takes_options_from_the_login_name() -> None:
    device = CliDevice(platform="mikrotik_routeros", user="monitor")
    with serve_cli([device]) as farm, connected(farm, device) as connection:
        assert connection.base_prompt == "[monitor@R1]"
    assert device.failed_logins == 0

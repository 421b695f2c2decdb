"""Every family's command line as a whole: logged in to a device that gives its recorded outputs, all of its commands asked.

What such a device has received is what the family may send and nothing else, and what comes of the answers are the reviewed rows.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import paramiko
import pytest
import yaml

from collector.plugin.cli.model import CliFamily
from collector.plugin.cli.rows import parse
from collector.plugin.registry import Registry
from collector.simulator.ssh.device import CliDevice
from collector.simulator.ssh.farm import SshFarm, serve_cli
from collector.simulator.ssh.style import STYLES
from collector.transport.ssh.cli import CliSession
from collector.transport.ssh.dial import Deadline, connect
from collector.transport.ssh.handshake import handshake
from collector.transport.ssh.known_hosts import KnownHosts
from collector.transport.ssh.login import authenticate
from collector.transport.ssh.platforms import device as netmiko_device
from collector.transport.ssh.platforms import enable_command
from inventory.model import Host, Secret, SshLogin
from tests.plugins.outputs import command_of, file_name, outputs, text_of, told

REGISTRY = Registry.open()
ENABLE = "s3cret-Enable"
MANNERS = {"nokia_sros": ("nokia_sros", "nokia_sros_md")}
"""platforms with two command lines"""


def families() -> Iterator[tuple[CliFamily, str]]:
    """Each family that has a command line of its own, with each platform of a fake device that is like it."""
    seen = set()
    for name in REGISTRY.cli_names():
        family = REGISTRY.cli(name)
        if family and not family.script and outputs(name) and family.fingerprint not in seen:
            seen.add(family.fingerprint)
            for manners in MANNERS.get(family.platform, (family.platform,)):
                yield family, manners


CASES = list(families())


def variants(family: CliFamily) -> list[dict[str, Path]]:
    """The recorded outputs as devices that give each of them once: of every command the first output, the second..."""
    by_command: dict[str, list[Path]] = {}
    for raw in outputs(family.name):
        texts = {file_name(text): text for text in command_of(family, raw).texts}
        by_command.setdefault(texts[raw.stem.partition("@")[0]], []).append(raw)
    count = max(map(len, by_command.values()))
    return [{text: raws[at] for text, raws in by_command.items() if at < len(raws)} for at in range(count)]


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshFarm]:
    with serve_cli([device for _, device in DEVICES], share_keys=True) as farm:
        yield farm


def fake(family: CliFamily, manners: str) -> CliDevice:
    style = STYLES[manners]
    enable = ENABLE if style.user_prompt else ""
    device = CliDevice(name="edge-1", platform=manners, enable=enable, page_lines=10)
    if family.enable and enable:
        device.privileged = frozenset(family.allowed)
    return device


DEVICES = [(manners, fake(family, manners)) for family, manners in CASES]


def open_session(
    farm: SshFarm, device: CliDevice, family: CliFamily, folder: Path
) -> tuple[paramiko.Transport, CliSession]:
    host = Host(name="edge-1", address=device.address, ssh_port=farm.port_of(device))
    login = SshLogin(user=device.user, password=Secret(device.password), enable=Secret(ENABLE))
    deadline = Deadline(time.monotonic() + 60)
    (folder / "known_hosts").write_text(farm.known_hosts())
    answered = asyncio.run(connect(host, deadline))
    transport = handshake(host, answered.sock, KnownHosts(folder / "known_hosts"), deadline, lambda _: None).transport
    authenticate(transport, login, "edge-1", suffix=family.login_suffix)
    session = CliSession(transport, family, "edge-1", login.enable)
    session.open(deadline)
    return transport, session


def allowed_lines(family: CliFamily) -> set[str]:
    lines = {*family.setup, *family.allowed, family.logout}
    if family.enable:
        lines.add(enable_command(netmiko_device(family.platform, "edge-1", "", "", 1.0)))
    return lines


@pytest.mark.parametrize("at", range(len(CASES)), ids=[f"{family.name}-{manners}" for family, manners in CASES])
def test_a_family_asks_what_it_may_and_reads_what_it_is_told(farm: SshFarm, tmp_path: Path, at: int) -> None:
    family, device = CASES[at][0], DEVICES[at][1]
    wrong: dict[str, object] = {}
    transport, session = open_session(farm, device, family, tmp_path)
    try:
        for answers in variants(family):
            device.answers = {text: text_of(raw) for text, raw in answers.items()}
            for text, raw in answers.items():
                if problem := asked(session, family, text, raw):
                    wrong[str(raw.name)] = problem
        device.answers = {}
        for text in family.allowed:
            if family.refusal(session.run(text).text) is None:
                wrong[f"{text}, unknown"] = "is not told as a refusal by `errors`"
        session.close()
    finally:
        transport.close()
    ends = time.monotonic() + 5
    while device.received[-1:] != [family.logout] and time.monotonic() < ends:
        time.sleep(0.01)
    assert wrong == {}
    received = [line.strip() for line in device.received if line.strip()]
    assert {line for line in received if line not in allowed_lines(family)} == set()
    assert set(family.allowed) <= set(received)
    assert received[-1] == family.logout
    assert not any(ENABLE in line for line in received)


def asked(session: CliSession, family: CliFamily, text: str, raw: Path) -> object:
    """What is wrong with the answer to a command."""
    output = session.run(text).text
    if family.refusal(output) is not None:
        return f"taken for a refusal: {family.refusal(output)}"
    parsed = parse(command_of(family, raw), output)
    expected = yaml.safe_load(raw.with_suffix(".yml").read_text(encoding="utf-8"))
    if parsed.problems:
        return parsed.problems
    return first_difference(told(parsed), expected)


def first_difference(told_now: list[dict[str, object]], expected: list[Mapping[str, object]]) -> object:
    if told_now == expected:
        return None
    for one, other in zip(told_now, expected, strict=False):
        if one != other:
            return {"now": one, "reviewed": other}
    return f"{len(told_now)} rows in place of {len(expected)}"


def test_all_families_with_commands_are_here() -> None:
    named = {family.name for family, _ in CASES}
    for name in REGISTRY.cli_names():
        family = REGISTRY.cli(name)
        assert family is not None
        if family.commands and not family.script:
            same = {other.name for other, _ in CASES if other.fingerprint == family.fingerprint}
            assert name in named or same, f"{name} has no recorded output"

"""No command tells what opens devices by SSH: passwords, keys, their passphrases, the secrets of the privileged mode."""

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from collector.transport.ssh import cli
from tests.cli.farm import OTHER
from tests.cli.lines import BOX, ENABLE, PASSWORD, PRIVILEGED, Lines, box, lines, router
from tests.cli.place import Place
from tests.cli.test_secrets import assert_nothing_told, told, written
from tests.transport.ssh.sshd import make_key

VRP = 'family = "huawei/vrp"'
PLAIN = {
    "password": PASSWORD,
    "wrong_password": "a-pass-of-nobody",
    "enable": ENABLE,
    "wrong_enable": "an-enable-of-nobody",
    "passphrase": "a phrase that opens the key",
    "wrong_passphrase": "a phrase that opens nothing",
}
CREDENTIALS = """
[credentials.right.ssh]
user = "admin"
password = "{password}"
[credentials.wrong.ssh]
user = "admin"
password = "{wrong_password}"
[credentials.key.ssh]
user = "admin"
key = "{key}"
passphrase = "{passphrase}"
[credentials.closed.ssh]
user = "admin"
key = "{key}"
passphrase = "{wrong_passphrase}"
[credentials.may.ssh]
user = "admin"
password = "{password}"
enable = "{enable}"
[credentials.may-not.ssh]
user = "admin"
password = "{password}"
enable = "{wrong_enable}"
"""
HOSTS = {
    "right": ("right", VRP),
    "wrong": ("wrong", VRP),
    "key": ("key", VRP),
    "closed": ("closed", VRP),
    "may": ("may", BOX),
    "may-not": ("may-not", BOX),
    "behind": ("right", f'{VRP}, jump = "right"'),
}
"""by the names of their credentials, and what else hosts.toml says"""
WORKING = {"right", "key", "may", "behind"}
COMMANDS = [
    "trust * --yes -vv",
    "poll -vv",
    "poll !may-not --output json --all -vv --log-json",
    *(f"probe {host} --pause 0 --json -vv --write" for host in HOSTS),
    "show right -vv",
    "check -vv",
]
MORE = [
    "poll !may-not --output line --all -vv",
    "poll !may-not --dry-run --all -vv",
    *(f"probe {host} --pause 0 --all -vv" for host in HOSTS if host != "may-not"),
    "trust * --show -vv --json",
    "discover !may-not -vv",
    "hosts -vv",
    "hosts --json -vv",
    "store info -vv",
    "spool status -vv",
]
"""may-not takes its time: devices ask again and again"""


@contextmanager
def many(place: Place, form: str, collector: str = "") -> Iterator[tuple[Lines, dict[str, str]]]:
    """Hosts whose logins work and fail, with secrets in that form; gives these too."""
    keys = place.folder / "secrets-of-the-test"
    keys.mkdir()
    text = make_key(keys / "key", passphrase=PLAIN["passphrase"])
    public = ((keys / "key.pub").read_text(),)
    for file in keys.iterdir():
        file.unlink()
    secrets = PLAIN | {"key": text.strip()}
    devices = {
        "right": router(1, forwards=("127.45.0.7:*",)),
        "wrong": router(2),
        "key": router(3, authorized_keys=public),
        "closed": router(4, authorized_keys=public),
        "may": box(place, 5),
        "may-not": box(place, 6),
        "behind": router(7),
    }
    with lines(place, **devices) as it:
        tables = {
            name: it.table(name, f", {more}", credentials=f'"{credential}"')
            for name, (credential, more) in HOSTS.items()
        }
        tables["both"] = (
            it.table("right", f", {VRP}", transport="auto", credentials='"lan", "right"')
            .replace('"127.45.0.1"', f'"{place.farm.at(OTHER)}"')
            .replace(f"ssh_port = {it.served.port}", "ssh_port = 1")
        )
        more = CREDENTIALS.format(**written(place, form, secrets))
        it.write(tables, collector=f"{PRIVILEGED}\n{collector}", more=more)
        yield it, secrets | {f"line {number} of key": line for number, line in enumerate(text.splitlines()[1:-1])}


@pytest.mark.parametrize("form", ["literal", "file"])  # those below take them from the environment
def test_no_command_tells_what_opens_command_lines(place: Place, form: str, caplog: pytest.LogCaptureFixture) -> None:
    for library in ("", "netmiko", "paramiko", "paramiko.transport"):
        caplog.set_level(logging.DEBUG, library)
    with many(place, form) as (it, secrets):
        commands = (
            COMMANDS if form == "literal" else [each for each in COMMANDS if not each.startswith("probe key")][:14]
        )
        for command in commands:
            result = place.run(*command.split())
            assert result.exit_code != 2 or command.startswith("probe"), result.output
            assert told(result.output.encode(), secrets) == [], f"{command}\n{result.output}"
        assert told(caplog.text.encode(), secrets) == []
        assert_nothing_told(place, secrets)
        assert {name for name in HOSTS if it.devices[name].logins} == WORKING | {"may-not"}
        assert it.devices["wrong"].failed_logins


def test_the_commands_above_do_what_they_are_for(place: Place) -> None:
    """Otherwise there would be nothing to tell."""
    with many(place, "env") as (it, secrets):
        result = place.run("poll", "--stats", str(place.folder / "stats.json"))
        assert result.exit_code == 1
        said = result.stderr
        assert all(f"{name}: " in said for name in ("wrong", "closed", "may-not", "both")), said
        assert not any(f"; {name}: " in said for name in WORKING), said
        assert ENABLE not in [line for device in it.devices.values() for line in device.received]
    assert len(secrets) > 10


def test_the_resident_poller_tells_nothing(place: Place) -> None:
    with many(place, "env", "interval_s = 1\nssh_keep = true") as (_, secrets):
        with place.background("run", "-vv") as running:
            running.wait_for("cycle: ", 2, within_s=40)
            command_line = Path(f"/proc/{running.process.pid}/cmdline").read_bytes()
            running.signal(signal.SIGTERM)
            assert running.process.wait(20) == 0
        assert told(running.log().encode() + command_line, secrets) == []
        assert_nothing_told(place, secrets)


def test_a_traceback_tells_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: cli.CliSession, command: str) -> object:
        raise RuntimeError(f"a defect of {self!r} at {command}")

    monkeypatch.setattr(cli.CliSession, "run", broken)
    with many(place, "literal") as (_, secrets):
        for options in (["-vv"], ["-vv", "--log-json"]):
            result = place.run("poll", "may", "right", *options)
            assert "Traceback" in result.stderr
            assert "a defect of" in result.stderr
            assert told(result.output.encode(), secrets) == []
        assert_nothing_told(place, secrets)


@pytest.mark.parametrize("key", ["pasword", "user2", "keyfile", "enabled"])
def test_a_mistake_beside_a_secret_is_told_without_it(place: Place, key: str) -> None:
    with lines(place, r1=router(1)) as it:
        it.write(more=f'[credentials.cli.ssh]\nuser = "admin"\npassword = "{PASSWORD}"\n{key} = "{ENABLE}"\n')
        for command in ("check", "poll", "hosts", "probe r1", "trust r1 --yes"):
            result = place.run(*command.split())
            assert result.exit_code == 2
            assert f"credentials.cli.ssh.{key}" in result.stderr
            assert ENABLE not in result.output
            assert PASSWORD not in result.output

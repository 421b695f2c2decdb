"""What a device says over SSH never reaches a terminal or a log as it is, and is never taken in without a bound."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from collector.simulator.ssh.device import Executed
from collector.simulator.ssh.faults import CliFaults
from tests.cli.farm import EVIL
from tests.cli.lines import LOGIN, Lines, lines, router
from tests.cli.place import Place
from tests.cli.test_hostile_text import LOG_LINE, assert_harmless

VRP = 'family = "huawei/vrp"'
VERSION, INTERFACES = "display version", "display interface"
EVIL_LINE = EVIL.replace("\r\n", "") + "[bold red]fat[/] [link=file:///etc/passwd]x[/link] %s {} \\"
EVIL_NAME = "edge\x1b[41m\u202e\x1b[0m1"
MARKS = "\x1b[2J\x1b]0;owned\x07\u202e"
COMMANDS = [
    "poll -vv",
    "poll -vv --log-json",
    "poll --output json --all",
    "poll --output line",
    "show r1",
    "probe r1 --pause 0 --all",
    "probe r1 --pause 0 --json",
    "discover r1 --json",
    "trust r1 --show --json",
]
FEW = ["poll -vv --all", "probe r1 --pause 0 --all", "probe r1 --pause 0 --json"]


def evil_answers() -> dict[str, str]:
    """A device's outputs with what nobody should see as it is."""
    answers = dict(router(1).answers)
    answers[INTERFACES] = answers[INTERFACES].replace(
        "HUAWEI, AR Series, GigabitEthernet0/0/4 Interface", f"uplink {EVIL_LINE}"
    )
    assert EVIL_LINE in answers[INTERFACES]
    answers[VERSION] = answers[VERSION].replace("AR617VW-LTE4EA", f"AR{MARKS}617")
    answers["display fan"] = f"Error: Unrecognized command {EVIL_LINE}\n"
    return answers


@contextmanager
def one(place: Place, more: str = VRP, collector: str = "", **settings: Any) -> Iterator[Lines]:
    with lines(place, r1=router(1, **settings)) as it:
        it.write({"r1": it.table("r1", f", {more}")}, collector=collector)
        yield it


def assert_all_is_harmless(place: Place, commands: Sequence[str] = COMMANDS) -> None:
    for command in commands:
        result = place.run(*command.split())
        for_machines = "json" in command or "--output line" in command
        assert_harmless(result.stdout, for_machines=for_machines)
        assert_harmless(result.stderr, for_machines="--log-json" in command)
        assert "Traceback" not in result.output
        if "--log-json" in command:
            assert [json.loads(line) for line in result.stderr.splitlines()] or not result.stderr
        elif command.startswith("poll -vv"):
            assert all(LOG_LINE.match(line) for line in result.stderr.splitlines())
        if "json" in command and command.startswith(("poll --output", "show", "discover", "trust")):
            assert all(json.loads(line) for line in result.stdout.splitlines())


def test_texts_of_a_command_line(place: Place) -> None:
    with one(place, name=EVIL_NAME, answers=evil_answers(), banner=EVIL * 3, motd=f"{EVIL}\n{MARKS}\n"):
        assert_all_is_harmless(place)
        found = json.loads(place.run("probe", "r1", "--pause", "0", "--json").stdout)
        assert found["ssh"]["failure"] == ""
        assert any("[bold red]fat[/]" in str(each["fields"]) for each in found["points"]), "it is data"
        text = place.run("probe", "r1", "--pause", "0", "--all").stdout
        assert "[bold red]fat[/]" in text, "markup is shown, not obeyed"


@pytest.mark.parametrize(
    "answers",
    [
        {VERSION: f"{EVIL_LINE}\n"},
        {
            VERSION: f"Error: Unrecognized command {EVIL_LINE}\n",
            INTERFACES: f"Error: Unrecognized command {EVIL_LINE}\n",
        },
    ],
)
@pytest.mark.parametrize("more", [VRP, "tags = []"])
def test_texts_of_a_device_that_fails(place: Place, more: str, answers: dict[str, str]) -> None:
    with one(place, more, name=EVIL_NAME, answers=answers, banner=EVIL):
        assert place.run("poll", "--log-json").exit_code == 1
        assert_all_is_harmless(place, FEW)


@pytest.mark.parametrize("stderr", [True, False])
def test_texts_of_a_server_without_a_shell(place: Place, stderr: bool) -> None:
    def execute(command: str, stdin: bytes | None) -> Executed:
        evil = EVIL.encode() + b"\xff\xfe\n" + EVIL_LINE.encode()
        return Executed(b"" if stderr else evil, evil if stderr else b"", 1)

    with one(place, 'family = "linux/server"', execute=execute, version="OpenSSH_9.2"):
        assert place.run("poll").exit_code == 1
        assert_all_is_harmless(place, FEW)


@contextmanager
def speaking(script: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port on which everybody is told the same."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        stopped = threading.Event()

        def serve() -> None:
            while not stopped.is_set():
                with suppress(OSError):
                    connection, _ = server.accept()
                    with connection:
                        script(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            stopped.set()
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            thread.join(5)


def _for_ever(data: bytes) -> Callable[[socket.socket], None]:
    def script(connection: socket.socket) -> None:
        ends = time.monotonic() + 60
        while time.monotonic() < ends:
            connection.sendall(data * (1 << 16 // len(data)))

    return script


def _once(data: bytes) -> Callable[[socket.socket], None]:
    def script(connection: socket.socket) -> None:
        connection.sendall(data)
        connection.settimeout(20)
        while connection.recv(4096):
            pass

    return script


@pytest.mark.parametrize(
    "script",
    [
        _for_ever(b"\x1b[2Jowned\r\n"),
        _once(f"{EVIL}\r\n".encode() * 10_000 + b"SSH-2.0-x\r\n"),
        _once(f"SSH-2.0-{EVIL_LINE}\r\n".encode()),
        _once(b"SSH-1.5-old\x1b[2J\r\n"),
        _once(b"SSH-2.0-x\r\n" + bytes.fromhex("7fffffff") + b"\x00" * 100_000),
    ],
    ids=["flood", "banner", "identification", "version 1", "packet"],
)
def test_what_comes_before_ssh_is_bounded(place: Place, script: Callable[[socket.socket], None]) -> None:
    with speaking(script) as port:
        table = f'{{ address = "127.0.0.1", ssh_port = {port}, transport = "ssh", credentials = ["cli"] }}'
        place.write({"r1": table}, more=LOGIN, collector="deadline_s = 3\nhost_deadline_s = 2")
        began = time.monotonic()
        done = place.child("poll", "--stats", "stats.json")
        assert done.returncode == 1
        assert time.monotonic() - began < 30, "a minute is how long it would speak"
        assert json.loads((place.folder / "stats.json").read_text())["max_rss_mb"] < 200
        assert_harmless(done.stderr)
        result = place.run("probe", "r1", "--pause", "0")
        assert result.exit_code == 21
        assert_harmless(result.output)


def test_outputs_without_end_are_cut_off(place: Place) -> None:
    huge = "x" * 79 + "\n"
    with one(place, collector="host_deadline_s = 20") as it:
        device = it.devices["r1"]
        device.answers = {**device.answers, INTERFACES: huge * 200_000}
        done = place.child("poll", "--stats", "stats.json")
        assert done.returncode == 1
        assert "display interface: 'display interface': no end after 8" in done.stderr
        assert json.loads((place.folder / "stats.json").read_text())["max_rss_mb"] < 250


def test_a_script_whose_output_has_no_end_is_cut_off(place: Place) -> None:
    def execute(command: str, stdin: bytes | None) -> Executed:
        return Executed(b"x" * (20 << 20))

    with one(place, 'family = "linux/server"', execute=execute, version="OpenSSH_9.2"):
        done = place.child("poll", "--stats", "stats.json")
        assert done.returncode == 1
        assert "more than 16 MB of output" in done.stderr
        assert json.loads((place.folder / "stats.json").read_text())["max_rss_mb"] < 250


def test_the_same_line_for_ever_ends_with_the_time(place: Place) -> None:
    faults = CliFaults(breaks="endless", breaks_at=INTERFACES, breaks_after_bytes=200)
    with one(place, collector="deadline_s = 6\nhost_deadline_s = 3", faults=faults):
        began = time.monotonic()
        result = place.run("poll")
        assert time.monotonic() - began < 14
        assert result.exit_code == 1
        assert "r1: display interface: " in result.stderr


def test_a_greeting_of_ten_thousand_lines(place: Place) -> None:
    long = f"{MARKS}no entry for strangers <edge-1>\n" * 10_000
    with one(place, banner=long[:30_000], motd=long):
        assert_harmless(place.run("probe", "r1", "--pause", "0").output)
        assert_harmless(place.run("poll").stderr)
        assert place.run("poll").exit_code == 0

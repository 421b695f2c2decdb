"""One script through a shell: OpenSSH's server and a real sh, and servers that give none or too much."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import paramiko
import pytest

from collector.simulator.ssh.device import CliDevice, Executed
from collector.simulator.ssh.farm import serve_cli
from collector.simulator.ssh.faults import CliFaults
from collector.transport.contract import BoundsError, TransportError
from collector.transport.ssh import shell
from collector.transport.ssh.errors import ClosedError, PromptError
from collector.transport.ssh.shell import run_script
from tests.transport.ssh.sshd import USER, Sshd, running_sshd
from tests.transport.ssh.world import fails, host_at, host_of, logged_in, login, pinned, until, within


@pytest.fixture
def transport(sshd: Sshd, tmp_path: Path) -> Iterator[paramiko.Transport]:
    key = (sshd.folder.parent / "key").read_text()
    with logged_in(host_at(sshd.port), pinned(tmp_path, sshd.known_hosts()), login(USER, key=key)) as (transport, _):
        yield transport


def test_a_script(transport: paramiko.Transport) -> None:
    before = time.time()
    ran = run_script(transport, b"printf 'a\\0b\\377'; echo oops >&2; exit 7\n", "edge-1", within())
    assert (ran.output, ran.error, ran.exit_status) == (b"a\0b\xff", "oops", 7)
    assert before <= ran.arrived_s <= time.time()
    assert 0 < ran.duration_s < 5
    assert run_script(transport, b"echo again", "edge-1", within()).output == b"again\n"


def test_a_script_without_a_word(transport: paramiko.Transport) -> None:
    ran = run_script(transport, b"", "edge-1", within())
    assert (ran.output, ran.error, ran.exit_status) == (b"", "", 0)


def test_a_long_script_and_a_long_answer(transport: paramiko.Transport) -> None:
    script = b"# " + b"x" * 300_000 + b"\nhead -c 3000000 /dev/zero\n"
    assert run_script(transport, script, "edge-1", within()).output == bytes(3_000_000)


def test_an_answer_that_is_too_long(transport: paramiko.Transport, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell, "MAX_OUTPUT_BYTES", 1 << 20)
    with fails(BoundsError, "more than 1 MB", within_s=5):
        run_script(transport, b"cat /dev/zero\n", "edge-1", within())


def test_errors_are_kept_short(transport: paramiko.Transport) -> None:
    script = b"head -c 3000000 /dev/zero | tr '\\0' e >&2; echo done\n"
    ran = run_script(transport, script, "edge-1", within())
    assert ran.output == b"done\n"
    assert ran.error == "e" * shell.MAX_ERROR_BYTES


def test_a_script_that_never_ends(transport: paramiko.Transport) -> None:
    threads = threading.active_count()
    began = time.monotonic()
    try:
        ran = run_script(transport, b"echo begun; sleep 600\n", "edge-1", within(0.5))
    except TransportError as error:
        assert type(error) is BoundsError  # noqa: PT017 (what came before may be given, too)
    else:
        assert ran.output == b"begun\n"
    assert time.monotonic() - began < 1.5
    assert threading.active_count() == threads
    assert run_script(transport, b"echo again", "edge-1", within()).output == b"again\n"


def test_a_server_that_runs_only_its_own_command(sshd: Sshd, tmp_path: Path) -> None:
    key, public = (sshd.folder.parent / "key").read_text(), (sshd.folder.parent / "key.pub").read_text()
    forced = f'command="echo only this" {public}'
    with running_sshd(tmp_path / "server", forced) as server:
        how = login(USER, key=key)
        with logged_in(host_at(server.port), pinned(tmp_path, server.known_hosts()), how) as (transport, _):
            assert run_script(transport, b"uname\n", "edge-1", within()).output == b"only this\n"


def test_sessions_that_are_used_up(sshd: Sshd, tmp_path: Path) -> None:
    key, public = (sshd.folder.parent / "key").read_text(), (sshd.folder.parent / "key.pub").read_text()
    with running_sshd(tmp_path / "server", public, "MaxSessions 0") as server:
        how = login(USER, key=key)
        with (
            logged_in(host_at(server.port), pinned(tmp_path, server.known_hosts()), how) as (transport, _),
            fails(ClosedError, "no session", "MaxSessions"),
        ):
            run_script(transport, b"uname\n", "edge-1", within())


@pytest.mark.parametrize("why", ["no exec", "no session", "gone"])
def test_a_device_without_a_shell(tmp_path: Path, why: str) -> None:
    device = CliDevice(execute=lambda _, stdin: Executed(b"") if stdin else None)
    device.faults = CliFaults(no_exec=why == "no exec", no_shell=why == "no session")
    with serve_cli([device]) as farm:
        known = pinned(tmp_path, farm.known_hosts())
        with logged_in(host_of(farm, device, name="edge-1"), known, login(password="admin")) as (transport, _):
            if why == "gone":
                farm.call(farm.take_down(device))
                assert until(lambda: not transport.is_active())
            with fails(PromptError if why == "no exec" else ClosedError, host="edge-1"):
                run_script(transport, b"uname\n", "edge-1", within())

"""The way to a device: what goes wrong before a login, and that nothing of a login leaves before the host key is checked."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from collector.simulator.ssh.device import CliDevice
from collector.simulator.ssh.farm import serve_cli
from collector.simulator.ssh.faults import CliFaults
from collector.transport.contract import (
    BoundsError,
    NoAnswerError,
    ProtocolError,
    ResolutionError,
    TransportError,
    UnreachableError,
)
from collector.transport.ssh import dial, handshake
from collector.transport.ssh.dial import connect
from collector.transport.ssh.errors import AlgorithmError, ChangedHostKeyError, ClosedError, UnknownHostKeyError
from collector.transport.ssh.handshake import check_host_key
from collector.transport.ssh.known_hosts import Trust
from tests.servers import free_port
from tests.transport.ssh.sshd import USER, Sshd, running_sshd
from tests.transport.ssh.world import fails, host_at, host_of, logged_in, login, no_thread_stays, pinned, shaken, within


@contextmanager
def answering(*sayings: bytes, stays: bool = True, address: str = "127.0.0.1") -> Iterator[int]:
    """A port that says something to whoever connects, and stays silent or closes."""
    with socket.create_server((address, 0), family=socket.AF_INET6 if ":" in address else socket.AF_INET) as server:
        held: list[socket.socket] = []

        def serve() -> None:
            while True:
                try:
                    sock, _ = server.accept()
                except OSError:
                    return
                for saying in sayings:
                    sock.sendall(saying)
                held.append(sock) if stays else sock.close()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()
            for sock in held:
                sock.close()


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dial, "CONNECT_S", 0.5)
    for module in (dial, handshake):
        monkeypatch.setattr(module, "BANNER_S", 0.5)
    monkeypatch.setattr(handshake, "HANDSHAKE_S", 1.0)


def test_a_name_without_address() -> None:
    with fails(ResolutionError, "nowhere.invalid has no address", within_s=5):
        asyncio.run(connect(host_at(22, "nowhere.invalid"), within()))
    with fails(ResolutionError, "has no address"):
        asyncio.run(connect(host_at(22, f"{'x' * 70}.invalid"), within()))


def test_a_closed_port() -> None:
    with fails(UnreachableError, "port", "refused", "ssh_port"):
        asyncio.run(connect(host_at(free_port()), within()))


def test_a_silent_port() -> None:
    with answering() as port, fails(NoAnswerError, f"port {port} is open and says nothing", "ACL"):
        asyncio.run(connect(host_at(port), within()))


def test_an_address_where_nothing_answers() -> None:
    dark = CliDevice(address="127.83.0.9", dark=True)
    with serve_cli([dark]) as farm, fails(NoAnswerError, "no answer from port", host="R1"):
        asyncio.run(connect(host_of(farm, dark), within()))


@pytest.mark.parametrize("at_connect", ["close", "reset"])
def test_a_device_that_closes_at_once(at_connect: str, tmp_path: Path) -> None:
    device = CliDevice(faults=CliFaults(at_connect=at_connect))  # type: ignore[arg-type]
    with serve_cli([device]) as farm, fails(ClosedError, "closes the connection at once", "ACL", host="R1"):
        asyncio.run(connect(host_of(farm, device), within()))


def test_an_identification_and_nothing_more(tmp_path: Path) -> None:
    with answering(b"SSH-2.0-x\r\n") as port, no_thread_stays(), fails(NoAnswerError, "key exchange"):
        shaken(host_at(port), pinned(tmp_path)).__enter__()


def test_an_identification_and_the_end(tmp_path: Path) -> None:
    with (
        answering(b"SSH-2.0-x\r\n", stays=False) as port,
        no_thread_stays(),
        fails(ClosedError, "during the key exchange"),
    ):
        shaken(host_at(port), pinned(tmp_path)).__enter__()


@pytest.mark.parametrize(
    "rubbish",
    [b"220 mail.example ESMTP\r\n" * 120, bytes(range(256)) * 4 + b"\n", b"HTTP/1.1 400 Bad Request\r\n\r\n" * 99],
)
def test_what_is_no_ssh(rubbish: bytes, tmp_path: Path) -> None:
    with answering(rubbish) as port, no_thread_stays(), fails(ProtocolError, "no SSH", "ssh_port"):
        shaken(host_at(port), pinned(tmp_path)).__enter__()


def test_ssh_version_1(tmp_path: Path) -> None:
    with answering(b"SSH-1.5-old\n") as port, fails(AlgorithmError, "version 1", "ip ssh version 2"):
        shaken(host_at(port), pinned(tmp_path)).__enter__()


def test_rubbish_without_a_line_end_is_bounded_in_time(tmp_path: Path) -> None:
    with answering(b"x" * 100_000) as port, no_thread_stays(), fails(NoAnswerError, within_s=2.5):
        shaken(host_at(port), pinned(tmp_path)).__enter__()


@pytest.mark.parametrize("seconds", [0.0, 0.3])
def test_the_deadline_comes_first(seconds: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (dial, handshake):
        monkeypatch.setattr(module, "BANNER_S", 30.0)
    monkeypatch.setattr(handshake, "HANDSHAKE_S", 30.0)
    with answering() as port, fails(BoundsError if not seconds else NoAnswerError, within_s=seconds + 1):
        asyncio.run(connect(host_at(port), within(seconds)))
    with (
        answering(b"SSH-2.0-x\r\n") as port,
        no_thread_stays(),
        fails(BoundsError, "time is used up", "probe", within_s=seconds + 1),
    ):
        shaken(host_at(port), pinned(tmp_path), within(seconds)).__enter__()


def test_ipv6(sshd: Sshd, tmp_path: Path) -> None:
    key = (sshd.folder.parent / "key").read_text()
    public = (sshd.folder.parent / "key.pub").read_text()
    with running_sshd(tmp_path / "server", public, address="::1") as server:
        known = pinned(tmp_path, server.known_hosts(address="::1"))
        with logged_in(host_at(server.port, "::1"), known, login(USER, key=key)) as (_, way):
            assert way == "key"


def test_the_next_address_of_a_name_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(b"SSH-2.0-x\r\n") as port:

        async def both() -> None:
            loop = asyncio.get_running_loop()

            async def two(*_: object, **__: object) -> list[tuple[object, ...]]:
                return [
                    (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", port, 0, 0)),
                    (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)),
                ]

            monkeypatch.setattr(loop, "getaddrinfo", two)
            (await connect(host_at(port, "two.example"), within())).sock.close()

        asyncio.run(both())


def test_old_algorithms_are_refused_with_a_hint_and_taken_where_the_host_says_so(tmp_path: Path) -> None:
    device = CliDevice(legacy=True)
    with serve_cli([device]) as farm:
        known = pinned(tmp_path, farm.known_hosts())
        with fails(AlgorithmError, "only old algorithms", "legacy_ssh = true", host="R1"):
            shaken(host_of(farm, device), known).__enter__()
        assert (device.logins, device.failed_logins) == (0, 0)
        with logged_in(host_of(farm, device, legacy_ssh=True), known, login(password="admin")) as (transport, _):
            assert transport.host_key_type == "ssh-rsa"
            assert transport.local_cipher == "aes128-cbc"
    assert device.logins == 1


@pytest.mark.parametrize("what", ["unknown", "changed", "revoked"])
def test_without_a_trusted_host_key_nothing_of_a_login_leaves(what: str, tmp_path: Path) -> None:
    device = CliDevice()
    with serve_cli([device]) as farm:
        text = {"unknown": "", "changed": farm.known_hosts(), "revoked": farm.known_hosts()}[what]
        if what == "changed":
            farm.call(change(farm, device))
        if what == "revoked":
            text += f"@revoked * {farm.known_hosts().split(None, 1)[1]}"
        known = pinned(tmp_path, text)
        kind = UnknownHostKeyError if what == "unknown" else ChangedHostKeyError
        with (
            fails(kind, "SHA256:", "collector trust", host="R1"),
            logged_in(host_of(farm, device), known, login(password="admin")),
        ):
            pass
        shown = farm.key_of(device).get_fingerprint()
        with shaken(host_of(farm, device), known) as done:
            assert done.key.fingerprint == shown
            assert done.trust is Trust[what.upper()]
            with pytest.raises(kind) as caught:
                check_host_key(host_of(farm, device), done)
            assert caught.value.fingerprint == shown
    assert (device.logins, device.failed_logins, device.refused_keys, device.received) == (0, 0, 0, [])


async def change(farm: object, device: CliDevice) -> None:
    farm.change_key(device)  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ssh-rsa"])
def test_the_pinned_type_of_key_is_asked_for(sshd: Sshd, tmp_path: Path, kind: str) -> None:
    known = pinned(tmp_path, sshd.known_hosts(kind))
    with shaken(host_at(sshd.port), known) as done:
        assert (done.key.type, done.trust) == (kind, Trust.PINNED)
        assert done.banner.startswith("SSH-2.0-OpenSSH")


def test_a_cancelled_connection_leaves_no_socket() -> None:
    async def cancelled(port: int) -> None:
        task = asyncio.create_task(connect(host_at(port), within()))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with answering() as port:
        asyncio.run(cancelled(port))  # a socket left behind would be a ResourceWarning, and that an error


def test_an_error_of_the_transport_says_what_it_is_of() -> None:
    began = time.monotonic()
    with pytest.raises(TransportError) as caught:
        within(-1).left()
    assert (caught.value.host, time.monotonic() - began < 1) == ("edge-1", True)

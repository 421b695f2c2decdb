"""Echoes against this machine's own stack, and against replies made up to mislead."""

import asyncio
import os
import socket
import subprocess
import sys
import textwrap
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.transport import icmp
from collector.transport.contract import ResolutionError
from collector.transport.icmp import Pinger, PingResult, checksum
from tests.servers import require_binary


async def opened() -> Pinger:
    pinger = await Pinger.open()
    if pinger is None:
        pytest.skip("the kernel gives this user no ICMP socket")
    return pinger


def ping(*addresses: str, count: int = 3, interval_s: float = 0.01, timeout_s: float = 1.0) -> list[PingResult]:
    async def run() -> list[PingResult]:
        pinger = await opened()
        try:
            return await asyncio.gather(*(pinger.ping(one, count, interval_s, timeout_s) for one in addresses))
        finally:
            pinger.close()
            pinger.close()

    return asyncio.run(run())


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "localhost"])
def test_this_machine_answers(address: str) -> None:
    if address == "::1" and not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    (result,) = ping(address)
    assert (result.sent, result.received, result.loss_percent) == (3, 3, 0.0)
    assert 0 < result.rtt_min_ms <= result.rtt_avg_ms <= result.rtt_max_ms < 1000


def test_many_at_once_do_not_mix() -> None:
    results = ping(*(f"127.0.{number // 250}.{number % 250 + 1}" for number in range(500)))
    assert {(result.sent, result.received) for result in results} == {(3, 3)}


def test_the_time_of_arrival_is_the_kernels_not_that_of_a_busy_loop() -> None:
    async def run() -> PingResult:
        pinger = await opened()
        try:
            asyncio.get_running_loop().call_soon(time.sleep, 0.2)
            return await pinger.ping("127.0.0.1", 1)
        finally:
            pinger.close()

    result = asyncio.run(run())
    assert result.received == 1
    if sys.platform == "linux":
        assert result.rtt_max_ms < 100


def test_a_name_without_an_address() -> None:
    with pytest.raises(ResolutionError, match="has no address"):
        ping("no.such.host.invalid")


ALONE = textwrap.dedent(
    """
    import asyncio, pathlib
    from collector.transport.icmp import Pinger
    ignore = pathlib.Path("/proc/sys/net/ipv4/icmp_echo_ignore_all")
    async def run():
        pinger = await Pinger.open()
        ignore.write_text("1")
        silent = await pinger.ping("127.0.0.1", 3, 0.01, 0.1)
        ignore.write_text("0")
        alive = await pinger.ping("127.0.0.1", 3, 0.01, 1.0)
        nowhere = await pinger.ping("192.0.2.7", 3, 0.01, 0.1)
        pinger.close()
        for result in (silent, alive, nowhere):
            print(result.sent, result.received, result.loss_percent)
    asyncio.run(run())
    """
)


def test_silence_and_a_missing_route_are_loss_and_end_in_time() -> None:
    unshare, ip = require_binary("unshare"), require_binary("ip")
    if os.geteuid() != 0:
        pytest.skip("a network of its own, with nothing but a loopback, is made by root only")
    own_network = [unshare, "--net", "sh", "-c", f'{ip} link set lo up && exec "$0" "$@"']
    if subprocess.run([*own_network, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this kernel makes no networks")
    done = subprocess.run(
        [*own_network, sys.executable, "-c", ALONE], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout.splitlines() == ["3 0 100.0", "3 3 0.0", "3 0 100.0"]


def test_neither_kind_of_socket_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> socket.socket:
        raise PermissionError("not for you")

    async def run() -> Pinger | None:
        monkeypatch.setattr(icmp.socket, "socket", refuse)
        try:
            return await Pinger.open()
        finally:
            monkeypatch.undo()

    assert asyncio.run(run()) is None


TOKEN = b"12345678"


def reply(family: socket.AddressFamily, identifier: int, number: int, token: bytes = TOKEN) -> bytes:
    request = bytearray(icmp._packet(family, identifier, number, token))
    request[0] = icmp._REPLY[family]
    return bytes(request)


def test_only_replies_to_our_own_echoes_count() -> None:
    good = reply(socket.AF_INET, 7, 0x10005)
    read = icmp._number
    assert read(good, False, 0, 7, TOKEN) == 0x10005
    assert read(good, False, 0, None, TOKEN) == 0x10005
    assert read(b"\x46" + bytes(23) + good, True, 0, 7, TOKEN) == 0x10005, "a header of 24 octets"
    assert read(good, False, 0, 8, TOKEN) is None, "another process's identifier"
    assert read(good, False, 0, 7, b"another_") is None, "another token"
    assert read(icmp._packet(socket.AF_INET, 7, 5, TOKEN), False, 0, 7, TOKEN) is None, "a request"
    assert read(good[:6] + b"\0\6" + good[8:], False, 0, 7, TOKEN) is None, "a sequence that is not the number's"
    assert read(good[:15], False, 0, 7, TOKEN) is None, "cut short"


def test_a_reply_from_elsewhere_does_not_count_nor_a_second_one() -> None:
    async def run() -> None:
        pinger = await opened()
        try:
            visit = icmp._Visit("192.0.2.1", 1, asyncio.get_running_loop().create_future())
            pinger._sent[1] = icmp._Sent(visit, 0, 0)
            pinger._take(1, "192.0.2.2", [])
            assert visit.rtts_ms == []
            pinger._take(1, "192.0.2.1", [])
            assert len(visit.rtts_ms) == 1
            pinger._take(1, "192.0.2.1", [])
            assert len(visit.rtts_ms) == 1, "a duplicate"
        finally:
            pinger.close()

    asyncio.run(run())


@given(st.binary(max_size=80), st.booleans())
def test_garbage_is_no_reply(data: bytes, with_header: bool) -> None:
    assert icmp._number(data, with_header, 0, None, TOKEN) is None


@given(st.binary(max_size=64).filter(lambda octets: len(octets) % 2 == 0))
def test_a_packet_with_its_checksum_sums_up_to_nothing(octets: bytes) -> None:
    assert checksum(octets + checksum(octets).to_bytes(2, "big")) == 0

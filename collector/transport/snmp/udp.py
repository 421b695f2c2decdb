"""One connected UDP socket to one agent, and who waits for which answer.

A socket of its own for each agent, as the kernel then drops what others send, tells of a closed port (ICMP) at once,
chooses an unpredictable source port, and above all gives each agent its own receive buffer: the answers of a hundred
agents fill the buffer of one socket for all, at the size that most systems allow, and what comes while the event loop
is busy is lost. The price is 2 us of processor time a request, and an open file an agent: only while there is a
session, so that the agents polled at once count (see `socket_capacity`), not those known.
"""

import asyncio
import errno
import os
import socket
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from collector.smi.ber import BerError
from collector.transport.contract import NoAnswerError, ProtocolError, Traffic, TransportError
from collector.transport.snmp.errors import SILENCE_HINT, unreachable
from collector.transport.snmp.message import MAX_DATAGRAM_BYTES

Answer = TypeVar("Answer")

SocketAddress = tuple[str, int] | tuple[str, int, int, int]

_OTHER_FILES = 128


class Endpoint(Generic[Answer]):
    """Sends datagrams and hands each answer to the one who waits for it.

    `open_answer` reads an answer's id and makes of it what `ask` returns; it raises BerError for what is none.
    Ids begin at random, so that who does not see the questions cannot guess which answer is awaited.
    """

    def __init__(
        self, address: SocketAddress, traffic: Traffic, open_answer: Callable[[bytes], tuple[int, Answer]]
    ) -> None:
        self._address = address
        self._traffic = traffic
        self._open_answer = open_answer
        self._socket: socket.socket | None = None
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[int, asyncio.Future[tuple[Answer, float] | None]] = {}
        self._deadlines: dict[int, float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._rejected = ""
        # above 2^28, so that all ids have four octets
        self._first_id = self._last_id = (int.from_bytes(os.urandom(4), "big") >> 2) | 1 << 28

    def new_id(self) -> int:
        """An id for the next question, 2^28 to 2^31 - 1."""
        self._last_id += 1
        return self._last_id

    async def ask(self, request_id: int, datagram: bytes, timeout_s: float) -> tuple[Answer, float]:
        """Send a datagram; the answer to it and when that came, seconds since the epoch.

        Raises:
            UnreachableError: the network or the host said so.
            ProtocolError: what came within `timeout_s` was no answer to it.
            NoAnswerError: nothing came.
        """
        waiting: asyncio.Future[tuple[Answer, float] | None] = self._loop.create_future()
        self._waiting[request_id] = waiting
        self._expect_by(request_id, self._loop.time() + timeout_s)
        self._rejected = ""
        try:
            if not self._send(datagram):
                await self._send_later(datagram)
            answer = await waiting
        finally:
            del self._waiting[request_id], self._deadlines[request_id]
        if answer is not None:
            return answer
        if self._rejected:
            raise ProtocolError(f"what it answers is not an answer: {self._rejected}", host=self._address[0])
        raise NoAnswerError(f"no answer within {timeout_s:.3g} s", host=self._address[0], hint=SILENCE_HINT)

    def _expect_by(self, request_id: int, deadline: float) -> None:
        """Set the one timer of this endpoint, unless it goes off early enough: most answers come long before."""
        self._deadlines[request_id] = deadline
        if self._timer is None or deadline < self._timer.when():
            if self._timer:
                self._timer.cancel()
            self._timer = self._loop.call_at(deadline, self._expire)

    def _expire(self) -> None:
        now = self._loop.time()
        self._timer = None
        for request_id, deadline in self._deadlines.items():
            if deadline <= now:
                _give_up(self._waiting[request_id])
        later = [deadline for deadline in self._deadlines.values() if deadline > now]
        if later:
            self._timer = self._loop.call_at(min(later), self._expire)

    def _send(self, datagram: bytes) -> bool:
        """Whether it could be sent at once."""
        sock = self._socket or self._open()
        self._traffic.pdus += 1
        self._traffic.bytes_out += len(datagram)
        try:
            try:
                sock.send(datagram)
            except ConnectionRefusedError:
                sock.send(datagram)  # what was reported belongs to an earlier datagram; this one has not left yet
        except BlockingIOError:
            return False
        except OSError as error:
            raise unreachable(error, self._address[0]) from None
        return True

    async def _send_later(self, datagram: bytes) -> None:
        """Wait until there is room in the socket's buffer."""
        assert self._socket is not None  # noqa: S101
        try:
            await self._loop.sock_sendall(self._socket, datagram)
        except OSError as error:
            raise unreachable(error, self._address[0]) from None

    def _open(self) -> socket.socket:
        sock = open_socket(self._address)
        self._loop.add_reader(sock.fileno(), self._readable)
        self._socket = sock
        return sock

    def _readable(self) -> None:
        assert self._socket is not None  # the reader goes before the socket does  # noqa: S101
        try:
            datagram = self._socket.recv(MAX_DATAGRAM_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_exception(unreachable(error, self._address[0]))
            return
        arrived_s = time.time()
        self._traffic.bytes_in += len(datagram)
        try:
            request_id, answer = self._open_answer(datagram)
        except BerError as error:
            self._rejected = str(error)
            return
        asked = self._waiting.get(request_id)
        if asked is None:
            if not self._first_id < request_id <= self._last_id:  # else it comes late or twice
                self._rejected = f"it bears the id {request_id}, which was never sent"
        elif not asked.done():
            asked.set_result((answer, arrived_s))

    def close(self) -> None:
        """Give the socket back; those who wait get nothing more. Idempotent."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._socket:
            self._loop.remove_reader(self._socket.fileno())
            self._socket.close()
            self._socket = None
        for waiting in self._waiting.values():
            _give_up(waiting)


def _give_up(waiting: asyncio.Future[tuple[Answer, float] | None]) -> None:
    if not waiting.done():
        waiting.set_result(None)


def open_socket(address: SocketAddress) -> socket.socket:
    """A UDP socket that is connected to `address` and does not block.

    Raises:
        TransportError: there are no more sockets, or the network has no way there.
    """
    try:
        sock = _new_socket(socket.AF_INET6 if len(address) == 4 else socket.AF_INET)
    except OSError as error:
        raise TransportError(
            f"no socket: {error.strerror}", host=address[0], hint="raise the limit of open files (ulimit -n)"
        ) from None
    try:
        sock.setblocking(False)
        sock.connect(address)
    except OSError as error:
        sock.close()
        raise unreachable(error, address[0]) from None
    return sock


def _new_socket(family: socket.AddressFamily) -> socket.socket:
    try:
        return socket.socket(family, socket.SOCK_DGRAM)
    except OSError as error:
        if error.errno != errno.EMFILE or not _raise_limit():
            raise
        return socket.socket(family, socket.SOCK_DGRAM)


def socket_capacity() -> int:
    """How many agents can be talked to at once: the hard limit of open files, less what the rest of a process needs."""
    import resource

    _raise_limit()
    return max(1, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - _OTHER_FILES)


def _raise_limit() -> bool:
    """Lift the soft limit of open files to the hard one; whether that changed anything."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == hard:
        return False
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return True

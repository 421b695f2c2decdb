"""Who may talk over SSH at once: a bounded number of threads, one session a device, one shared connection a jump host.

Work on a device is a plain function that blocks; it runs in a thread under a deadline. When that passes, or the caller is
cancelled, its connection is closed under it, so that no thread ever hangs.
"""

import asyncio
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import paramiko

from collector.transport.contract import BoundsError, TransportError
from collector.transport.ssh.dial import Answered, Deadline, connect, through
from collector.transport.ssh.errors import ClosedError, LoginRefusedError
from collector.transport.ssh.handshake import Handshake, check_host_key, handshake
from collector.transport.ssh.jump import JumpHost
from collector.transport.ssh.known_hosts import KnownHosts
from collector.transport.ssh.login import authenticate
from inventory.model import Credential, Host

if TYPE_CHECKING:
    from collector.transport.ssh.cli import CliSession

T = TypeVar("T")

GRACE_S = 2.0
"""for a thread to come back by itself at its deadline, before its connection is closed under it"""


class Logins(Protocol):
    """Who may log in where: refused logins are not repeated, across processes. Called from threads."""

    def check(self, host: str, credential: str) -> None:
        """Raises LoginHeldError where this login was refused a short while ago."""

    def refused(self, host: str, credential: str) -> None:
        """Note that it was refused."""

    def worked(self, host: str, credential: str) -> None:
        """Note that it worked."""


class Connection:
    """One authenticated connection to a device, and the command line on it where there is one."""

    def __init__(self, handshake_: Handshake, credential: Credential, way: str, suffix: str) -> None:
        self.handshake = handshake_
        self.credential = credential
        self.way = way
        self.suffix = suffix
        self.session: CliSession | None = None

    @property
    def transport(self) -> paramiko.Transport:
        """What channels are opened on."""
        return self.handshake.transport

    @property
    def alive(self) -> bool:
        """Whether it can be used again, as far as is known."""
        return bool(self.transport.is_active()) and (self.session is None or self.session.alive)

    def close(self) -> None:
        """Idempotent."""
        if self.session is not None:
            self.session.close()
        self.transport.close()


class Work:
    """What a function in a thread has of the pool: its host, its deadline, and ways to a connection."""

    def __init__(self, pool: "SshPool", host: Host, deadline: Deadline, answered: Answered | None) -> None:
        self.host = host
        self.deadline = deadline
        self._pool = pool
        self._answered = answered
        self._open: list[Any] = [answered.sock] if answered else []
        self._jumping: Work | None = None
        self._ended = False

    @property
    def unused(self) -> bool:
        """Whether the connection that was made before is still nobody's."""
        return self._answered is not None

    def kept(self) -> Connection | None:
        """The session kept of an earlier cycle, where there still is one."""
        connection = self._pool.take_kept(self.host.name)
        if connection is not None:
            self._watch(connection)
        return connection

    def keep(self, connection: Connection) -> None:
        """Leave a connection open for the next cycle, or close it where none are kept."""
        self._pool.keep(self.host.name, connection)
        self._open.clear()

    def shake_hands(self) -> Handshake:
        """Exchange keys over a fresh connection; nothing is checked yet.

        Raises:
            TransportError: see `dial`.
        """
        answered, self._answered = self._answered, None
        if answered is not None:
            way: Any = answered.sock
        elif self.host.jump:
            way = self._through_jump_host()
        else:
            way = self._pool.connect_again(self.host, self.deadline).sock
        self._watch(way)
        return handshake(self.host, way, self._pool.known_hosts, self.deadline, self._watch)

    def log_in(self, credential: Credential, *, suffix_for: Callable[[str], str] = lambda _banner: "") -> Connection:
        """A fresh connection, authenticated. What `suffix_for` makes of the device's banner stands behind the user's name.

        Raises:
            LoginHeldError, LoginRefusedError, HostKeyError and all others of `dial` and `login`.
        """
        login = credential.ssh
        if login is None:
            raise TransportError(f"credential {credential.name!r} has no SSH login", host=self.host.name)
        self._pool.logins.check(self.host.name, credential.name)
        shaken = self.shake_hands()
        try:
            check_host_key(self.host, shaken)
            suffix = suffix_for(shaken.banner)
            try:
                way = authenticate(shaken.transport, login, self.host.name, suffix=suffix)
            except LoginRefusedError as error:
                if self._ended:  # it was us who hung up
                    raise BoundsError("it was called off during the login", host=self.host.name) from error
                self._pool.logins.refused(self.host.name, credential.name)
                raise
        except BaseException:
            shaken.transport.close()
            raise
        self._pool.logins.worked(self.host.name, credential.name)
        shaken.transport.settle()
        return Connection(shaken, credential, way, suffix)

    def hold(self, credential: Credential) -> None:
        """Let nobody log in with a credential for a while: its privileged mode was refused, which devices may count as well."""
        self._pool.logins.refused(self.host.name, credential.name)

    def abort(self) -> None:
        """Close under the thread whatever it waits for."""
        self._ended = True
        if self._jumping is not None:
            self._jumping.abort()
        self.finish()

    def finish(self) -> None:
        """Close all that it opened and did not leave to the pool."""
        for each in [*reversed(self._open)]:  # a transport before its socket: it has to wake its thread by it
            each.close()

    def through(self, jump: Host) -> Connection:
        """Log in on a jump host, as part of this work; the connection is not this work's own.

        Raises:
            TransportError: see `log_in`.
        """
        credentials = jump.ssh_credentials
        if not credentials:
            raise TransportError("it has no SSH credentials", host=jump.name, hint="name some under `credentials`")
        self._jumping = Work(self._pool, jump, Deadline(self.deadline.ends, jump.name), None)
        try:
            if self._ended:
                self._jumping.abort()
            return self._jumping.log_in(credentials[0])
        except TransportError:
            if self._ended:
                raise BoundsError("it was called off", host=jump.name, hint="others try again") from None
            self.deadline.left()  # it was this work's time that was short, not the jump host's fault
            raise
        finally:
            self._jumping = None

    def _through_jump_host(self) -> paramiko.Channel:
        try:
            return through(self._pool.jump(self), self.host, self.deadline)
        except ClosedError:  # it was lost since it was last used, and only now is that seen
            return through(self._pool.jump(self), self.host, self.deadline)

    def _watch(self, closable: Any) -> None:
        self._open.append(closable)
        if self._ended:
            closable.close()


def shown_key(work: Work) -> Handshake:
    """A job for the pool: exchange keys and hang up; nobody logs in, but to jump hosts on the way."""
    shaken = work.shake_hands()
    shaken.transport.close()
    return shaken


def _finished(work: Work, job: Callable[[Work], T]) -> T:
    try:
        return job(work)
    finally:
        work.finish()


class SshPool:
    """One for all visits of a process; `close` when they are over."""

    def __init__(
        self, hosts: Mapping[str, Host], known_hosts: Path, logins: Logins, *, threads: int, keep_sessions: bool = False
    ) -> None:
        """`hosts` of the inventory are where jump hosts are looked up.

        Raises:
            TransportError: the file of pinned keys cannot be read.
        """
        self.logins = logins
        self.known_hosts = KnownHosts(known_hosts)
        self._hosts = hosts
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="ssh")
        self._places = asyncio.Semaphore(threads)
        self._keep_sessions = keep_sessions
        self._kept: dict[str, Connection] = {}
        self._jumps: dict[str, JumpHost] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        self._lock = threading.Lock()

    async def work(self, host: Host, job: Callable[[Work], T], ends: float) -> T:
        """Run `job` in a thread; `ends` is on the clock of `time.monotonic()`. A direct connection is made before.

        Raises:
            TransportError: the device cannot be reached; and whatever `job` raises.
        """
        deadline = Deadline(ends, host.name)
        try:
            async with asyncio.timeout(deadline.left() + GRACE_S), self._turns.setdefault(host.name, asyncio.Lock()):
                return await self._work(host, job, deadline)
        except TimeoutError:
            raise BoundsError(
                "its SSH session was not over in time", host=host.name, hint="collector probe tells what takes how long"
            ) from None

    async def _work(self, host: Host, job: Callable[[Work], T], deadline: Deadline) -> T:
        kept = self._kept.get(host.name)
        fresh = not host.jump and (kept is None or not kept.alive)
        answered = await connect(host, deadline) if fresh else None
        work = Work(self, host, deadline, answered)
        try:
            async with self._places:
                return await self._in_thread(work, job)
        finally:
            if answered is not None and work.unused:  # no thread took it
                answered.sock.close()

    async def _in_thread(self, work: Work, job: Callable[[Work], T]) -> T:
        running = asyncio.get_running_loop().run_in_executor(self._threads, _finished, work, job)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            work.abort()
            # its place is free only when its thread is; a defect in there is told by whoever looks at the future
            await asyncio.wait([running], timeout=GRACE_S)
            if running.done() and not running.cancelled():
                running.exception()
            raise

    def connect_again(self, host: Host, deadline: Deadline) -> Answered:
        """A further connection, made from a thread."""
        return asyncio.run(connect(host, deadline))

    def jump(self, work: Work) -> paramiko.Transport:
        """The shared connection to the jump host of a work's host. Called from threads.

        Raises:
            TransportError: as for any host; the message names the jump host.
        """
        jump = self._hosts[work.host.jump]
        with self._lock:
            shared = self._jumps.setdefault(jump.name, JumpHost(jump.name))
        return shared.transport(work.host.name, work.deadline, lambda: work.through(jump))

    def take_kept(self, name: str) -> Connection | None:
        """The kept connection of a host, which belongs to the caller from now on."""
        connection = self._kept.pop(name, None)
        if connection is not None and not connection.alive:
            connection.close()
            return None
        return connection

    def keep(self, name: str, connection: Connection) -> None:
        """Keep a connection, or close it."""
        if self._keep_sessions and connection.alive:
            self._kept[name] = connection
        else:
            connection.close()

    def close(self) -> None:
        """End all kept sessions and threads."""
        kept = [*self._kept.values()]
        self._kept.clear()
        list(self._threads.map(Connection.close, kept))
        list(self._threads.map(JumpHost.close, self._jumps.values()))
        self._threads.shutdown(wait=True, cancel_futures=True)

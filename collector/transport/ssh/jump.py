"""A jump host: one connection for all who are behind it, made by whoever needs it first."""

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import paramiko

from collector.transport.contract import BoundsError, TransportError
from collector.transport.ssh.dial import Deadline

if TYPE_CHECKING:
    from collector.transport.ssh.pool import Connection

REST_S = 30.0
"""a jump host that failed is not tried again before: all who are behind it would wait for it, one after the other"""


class JumpHost:
    """The shared connection to one jump host. Called from threads."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._failure: TransportError | None = None
        self._retry_s = 0.0

    def transport(self, behind: str, deadline: Deadline, log_in: "Callable[[], Connection]") -> paramiko.Transport:
        """What channels to the device called `behind` are opened on; `log_in` makes it where there is none.

        Raises:
            TransportError: of the class that `log_in` raised; the message names both.
        """
        if not self._lock.acquire(timeout=deadline.left()):
            raise BoundsError(
                f"jump host {self._name}: no connection in time", host=behind, hint="poll the jump host itself"
            )
        try:
            if self._connection is not None and self._connection.alive:
                return self._connection.transport
            if self._failure is None or time.monotonic() >= self._retry_s:
                self._connection = None
                self._try(log_in)
            if self._connection is None:
                raise self._told(behind)
            return self._connection.transport
        finally:
            self._lock.release()

    def close(self) -> None:
        """Idempotent."""
        if self._connection is not None:
            self._connection.close()

    def _try(self, log_in: "Callable[[], Connection]") -> None:
        try:
            self._connection = log_in()
            self._failure = None
        except BoundsError:  # of the time of the one who is behind it, or he was called off
            raise
        except TransportError as error:
            self._failure, self._retry_s = error, time.monotonic() + REST_S

    def _told(self, behind: str) -> TransportError:
        """A new one each time: one exception raised in many threads would gather their frames."""
        failure = self._failure or TransportError("no connection")
        return type(failure)(f"jump host {self._name}: {failure.args[0]}", host=behind, hint=failure.hint)

"""One script through a server's shell: a channel without a terminal, `sh -s`, the script on its standard input."""

import time

import msgspec
import paramiko
from paramiko.ssh_exception import ChannelException, SSHException

from collector.transport.contract import BoundsError
from collector.transport.ssh.dial import Deadline
from collector.transport.ssh.errors import ClosedError, PromptError

MAX_OUTPUT_BYTES = 16 << 20
MAX_ERROR_BYTES = 4096
SHELL = "sh -s"
_LOOK_S = 0.25
"""how often the standard error is looked at while nothing comes on the standard output"""
_NO_SERVER = "is it a server with a POSIX shell? If not: set `family`"
_BUSY = "is it busy, or a file system of it hanging? collector probe tells what takes how long"
_AGAIN = "is the line bad, or was the device restarted?"


class Ran(msgspec.Struct, frozen=True):
    """What a script came to; `error` is the beginning of its standard error, `cut` why it did not come to its end."""

    output: bytes
    error: str
    exit_status: int
    arrived_s: float
    duration_s: float
    cut: str = ""


def run_script(transport: paramiko.Transport, script: bytes, host: str, deadline: Deadline) -> Ran:
    """Run a script to its end.

    Raises:
        PromptError: the server gives no shell.
        ClosedError, BoundsError
    """
    began = time.monotonic()
    try:
        channel = transport.open_session(timeout=deadline.left(10.0))
    except ChannelException as error:
        raise ClosedError(
            f"no session: {error.text}", host=host, hint="its sessions may be used up (MaxSessions)"
        ) from None
    except (SSHException, EOFError, OSError) as error:
        raise ClosedError(f"no session: {str(error) or 'connection lost'}", host=host, hint=_AGAIN) from None
    try:
        channel.exec_command(SHELL)
        channel.settimeout(deadline.left(10.0))
        _feed(channel, script)
        return _ran(channel, host, deadline, began)
    except TimeoutError:
        deadline.left()
        raise BoundsError("its shell does not take the script", host=host, hint=_NO_SERVER) from None
    except SSHException as error:
        raise PromptError(f"it runs no {SHELL!r}: {error}", host=host, hint=_NO_SERVER) from None
    except (EOFError, OSError) as error:
        raise ClosedError(f"the device closed the session: {error}", host=host, hint=_AGAIN) from None
    finally:
        channel.close()


def _feed(channel: paramiko.Channel, script: bytes) -> None:
    """What is no shell may be gone before it has all: what it said tells more than that."""
    try:
        channel.sendall(script)
        channel.shutdown_write()
    except TimeoutError:
        raise
    except OSError:
        if not channel.get_transport().is_active():
            raise


def _ran(channel: paramiko.Channel, host: str, deadline: Deadline, began: float) -> Ran:
    output: list[bytes] = []
    errors = b""
    count, arrived_s, cut = 0, 0.0, ""
    while not cut:
        try:
            channel.settimeout(deadline.left(_LOOK_S))
            chunk = channel.recv(1 << 16)
        except BoundsError:
            if not output:
                raise BoundsError("its script did not end in time", host=host, hint=_BUSY) from None
            cut = "it did not end in time"  # what came until then may be most of it
            break
        except TimeoutError:
            errors += _complaints(channel, len(errors))
            continue
        errors += _complaints(channel, len(errors))
        if not chunk:
            break
        arrived_s = arrived_s or time.time()
        count += len(chunk)
        if count > MAX_OUTPUT_BYTES:
            raise BoundsError(f"more than {MAX_OUTPUT_BYTES >> 20} MB of output", host=host, hint=_NO_SERVER)
        output.append(chunk)
    ended = not cut and channel.status_event.wait(deadline.left(5.0))
    status = channel.recv_exit_status() if ended else -1
    said = errors.decode("utf-8", "replace").strip()
    return Ran(b"".join(output), said, status, arrived_s, time.monotonic() - began, cut)


def _complaints(channel: paramiko.Channel, have: int) -> bytes:
    """What came on the standard error, as far as it is kept; all of it is read, as nothing moves once its window is full."""
    said = b""
    while channel.recv_stderr_ready():
        said += channel.recv_stderr(1 << 16)[: MAX_ERROR_BYTES - have - len(said)]
    return said

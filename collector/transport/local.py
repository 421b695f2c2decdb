"""The machine that the collector runs on: the script of the servers behind SSH, run by its own shell."""

import asyncio
import os
import secrets
import signal
from collections.abc import Mapping
from contextlib import suppress

from collector.transport.linux import batch
from collector.transport.linux.batch import Snapshot, Wanted

SHELL = ("/bin/sh", "-s")
_STDIN, _STDOUT = 0, 1
_REAP_S = 1.0
"""a killed shell is waited for as long as this"""


async def read(
    previous: Mapping[str, list[int]],
    wanted: Wanted,
    *,
    timeout_s: float,
    command: tuple[str, ...] = SHELL,
    root: str = "",
) -> Snapshot:
    """What this machine says, within `timeout_s` seconds: after that the shell and all it runs are killed, and what came
    whole until then counts. `command` is a shell that takes the script, `root` the folder of a made-up machine.

    Raises:
        ValueError: what came is too little to be of use, or too much.
        OSError: the shell cannot be run.
    """
    nonce = secrets.token_hex(16)
    output, in_time = await _run(command, batch.script(nonce, wanted, root=root), timeout_s)
    try:
        return batch.read(output, nonce, wanted, previous)
    except ValueError as error:
        if in_time:
            raise
        raise ValueError(f"not read within {timeout_s:g} s: {error}") from error


async def _run(command: tuple[str, ...], script: bytes, timeout_s: float) -> tuple[bytes, bool]:
    """All that the shell prints until it ends or until the time is over, and whether it ended in time."""
    # secrets of the collector's own environment are nothing for the programs of a script
    environment = {"PATH": os.environ.get("PATH", os.defpath)}
    transport, output = await asyncio.get_running_loop().subprocess_exec(
        _Output, *command, stderr=asyncio.subprocess.DEVNULL, env=environment, start_new_session=True
    )
    try:
        stdin = transport.get_pipe_transport(_STDIN)
        if isinstance(stdin, asyncio.WriteTransport):
            stdin.write(script)
            stdin.write_eof()
        async with asyncio.timeout(timeout_s):
            await output.ended
    except TimeoutError:
        return bytes(output.received), False
    finally:
        if transport.get_returncode() is None:
            with suppress(ProcessLookupError):
                os.killpg(transport.get_pid(), signal.SIGKILL)
        with suppress(TimeoutError):
            async with asyncio.timeout(_REAP_S):
                await output.exited
        transport.close()
    return bytes(output.received), True


class _Output(asyncio.SubprocessProtocol):
    """Keeps what a process prints, within bounds.

    Attributes:
        received: its standard output.
        ended: done when there will be no more of it, failed when there is too much.
        exited: done when the process has ended.
    """

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.received = bytearray()
        self.ended: asyncio.Future[None] = loop.create_future()
        self.exited: asyncio.Future[None] = loop.create_future()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self.received += data
        if len(self.received) > batch.MAX_OUTPUT_BYTES and not self.ended.done():
            self.ended.set_exception(ValueError(f"it printed more than {batch.MAX_OUTPUT_BYTES} bytes"))

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        if fd == _STDOUT and not self.ended.done():
            self.ended.set_result(None)

    def process_exited(self) -> None:
        if not self.exited.done():
            self.exited.set_result(None)

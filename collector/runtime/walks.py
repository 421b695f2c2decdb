"""The walks of learning one device: what is broken in it is not paid for column by column."""

import asyncio
from collections.abc import Iterable

from collector.plugin.model import Walked
from collector.smi.oid import Oid
from collector.transport.contract import NoAnswerError, SnmpSession, TransportError

MAX_ROWS = 10_000
"""of one column; more is a table without an end, or of no use as series"""
SILENT_WALKS = 3
"""walks in a row without any answer after which a device counts as silent"""


class Walks:
    """Walks columns of one device and gathers what they give.

    After a few walks without an answer the device is not asked on. Of a table that has no end nothing is kept, and its
    other columns are not walked.

    Attributes:
        walked: what came until now.
    """

    def __init__(self, session: SnmpSession) -> None:
        self.walked = Walked(columns={}, failed={})
        self._session = session
        self._silent = 0
        self._endless: set[Oid] = set()

    async def walk_all(self, roots: Iterable[Oid], at_once: int) -> None:
        """Walk all of `roots`, `at_once` at a time."""
        turn = asyncio.Semaphore(at_once)

        async def one(root: Oid) -> None:
            async with turn:
                await self.walk(root)

        await asyncio.gather(*map(one, roots))

    async def walk(self, root: Oid) -> None:
        """Walk one column; where that fails, `walked.failed` says why."""
        failed = self.walked.failed
        table = root[:-1]
        if self._silent >= SILENT_WALKS:
            failed[root] = "not asked: the device fell silent"
            return
        if table in self._endless:
            failed[root] = "not asked: a column beside it has no end"
            return
        try:
            walk = await self._session.walk(root, MAX_ROWS)
        except TransportError as error:
            self._silent += isinstance(error, NoAnswerError)
            failed[root] = str(error.args[0])
            return
        self._silent = 0
        if walk.stopped:
            failed[root] = walk.stopped
        if len(walk.varbinds) >= MAX_ROWS:
            self._endless.add(table)
        elif walk.varbinds:
            self.walked.columns[root] = walk.varbinds

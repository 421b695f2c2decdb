"""An SNMPv2c agent of a few lines, to answer as no sound agent would."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

from collector.smi.ber import encode_integer, encode_value, tlv
from collector.smi.oid import Oid, arcs, encode
from collector.smi.value import Missing, Tag, VarBind
from collector.transport.contract import PduKind
from collector.transport.snmp.message import encode_community_message, read_community_message, read_varbinds

SYS_UPTIME = encode("1.3.6.1.2.1.1.3.0")
COLUMN = encode("1.3.6.1.2.1.2.2.1.10")


@dataclass(frozen=True)
class Question:
    """A PDU that arrived. For a GETBULK, `second` is max-repetitions."""

    kind: int
    request_id: int
    second: int
    oids: list[Oid]
    version: int

    def reply(
        self, varbinds: Sequence[VarBind], status: int = 0, index: int = 0, request_id: int | None = None
    ) -> bytes:
        """A response to it."""
        body = b"".join(tlv(0x30, tlv(6, oid) + encode_value(tag, value)) for oid, tag, value in varbinds)
        return self.reply_raw(body, status, index, request_id)

    def reply_raw(self, body: bytes, status: int = 0, index: int = 0, request_id: int | None = None) -> bytes:
        """A response with these octets where the varbinds belong."""
        head = encode_integer(self.request_id if request_id is None else request_id)
        pdu = tlv(PduKind.RESPONSE, head + encode_integer(status) + encode_integer(index) + tlv(0x30, body))
        return encode_community_message(self.version, b"public", pdu)

    def refuse(self, status: int, index: int = 0) -> bytes:
        """A response that echoes the question."""
        return self.reply([(oid, Tag.NULL, Missing.NO_SUCH_INSTANCE) for oid in self.oids], status, index)

    def answered(self) -> list[VarBind]:
        """What a sound agent says to a GET: the uptime, and of any other OID its last arc as a Counter32."""
        return [
            (oid, Tag.TIMETICKS, 4711) if oid == SYS_UPTIME else (oid, Tag.COUNTER32, arcs(oid)[-1])
            for oid in self.oids
        ]

    def rows(self, last: int) -> list[VarBind]:
        """What a sound agent says to a GETNEXT or GETBULK of one OID in or before a column of `last` rows."""
        (after,) = self.oids
        first = arcs(after)[-1] + 1 if after != COLUMN else 1
        repetitions = self.second if self.kind == PduKind.GETBULK else 1
        rows: list[VarBind] = [
            (COLUMN + encode_row(row), Tag.COUNTER32, row) for row in range(first, min(first + repetitions, last + 1))
        ]
        if len(rows) < repetitions:
            rows.append((encode("1.3.6.1.2.1.2.2.1.11.1"), Tag.COUNTER32, 0))
        return rows


def encode_row(row: int) -> bytes:
    """The octets of a row's index."""
    return encode(f"1.3.{row}")[1:]


Answer = Callable[[Question], Sequence[bytes]]


@dataclass
class FakeAgent(asyncio.DatagramProtocol):
    """Answers each question with the datagrams that `answer` makes of it.

    Attributes:
        questions: all that were asked.
        send: sends a datagram to the last who asked; for answers that come late.
    """

    answer: Answer
    version: int = 1
    questions: list[Question] = field(default_factory=list)
    send: Callable[[bytes], None] = field(default=print, init=False)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        pdu = read_community_message(data, self.version)
        oids = [oid for oid, _, _ in read_varbinds(data, pdu.start, pdu.stop)]
        question = Question(pdu.kind, pdu.request_id, pdu.error_index, oids, self.version)
        self.questions.append(question)
        self.asker = addr
        self.send = lambda datagram: self._transport.sendto(datagram, addr)
        for datagram in self.answer(question):
            self.send(datagram)


@asynccontextmanager
async def running(agent: asyncio.DatagramProtocol) -> AsyncIterator[int]:
    """The port on 127.0.0.1 where the agent listens until the block ends."""
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: agent, ("127.0.0.1", 0))
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        transport.close()
        await asyncio.sleep(0)


def run_with(agent: asyncio.DatagramProtocol, use: Callable[[int], Awaitable[None]]) -> None:
    """Run `use` with the agent's port."""

    async def inside() -> None:
        async with running(agent) as port:
            await use(port)

    asyncio.run(inside())

"""The native engine for SNMPv1 and v2c. usm_engine.py has the one for v3."""

from collections.abc import Sequence

from collector.smi.ber import BerError
from collector.smi.oid import Oid
from collector.transport.contract import PduKind, ProtocolError, Response, Traffic
from collector.transport.snmp.message import (
    Pdu,
    encode_community_message,
    encode_pdu,
    read_community_message,
    read_varbinds,
)
from collector.transport.snmp.udp import Endpoint, SocketAddress


class CommunityEngine:
    """Exchanges PDUs with one agent under a community; `collector.transport.contract.SnmpEngine` says how.

    Args:
        address: of the agent, as the socket module has it.
        version: 0 is SNMPv1, 1 is v2c.
    """

    def __init__(self, address: SocketAddress, version: int, community: bytes) -> None:
        self.traffic = Traffic()
        self._host = address[0]
        self._version = version
        self._community = community
        self._endpoint = Endpoint(address, self.traffic, self._open_answer)

    def _open_answer(self, datagram: bytes) -> tuple[int, tuple[Pdu, bytes]]:
        pdu = read_community_message(datagram, self._version)
        if pdu.kind != PduKind.RESPONSE:
            raise BerError(f"a PDU {pdu.kind:#04x} where a response belongs")
        return pdu.request_id, (pdu, datagram)

    async def exchange(
        self, kind: PduKind, oids: Sequence[Oid], timeout_s: float, *, non_repeaters: int = 0, max_repetitions: int = 0
    ) -> Response:
        """Send one PDU and wait for its answer.

        Raises:
            TransportError: as `SnmpEngine.exchange` says.
        """
        request_id = self._endpoint.new_id()
        question = encode_pdu(kind, request_id, oids, non_repeaters, max_repetitions)
        datagram = encode_community_message(self._version, self._community, question)
        (pdu, answer), arrived_s = await self._endpoint.ask(request_id, datagram, timeout_s)
        return read_response(pdu, answer, arrived_s, oids if kind == PduKind.GET else (), self._host, self.traffic)

    async def close(self) -> None:
        """Give the socket back. Idempotent."""
        self._endpoint.close()


def read_response(
    pdu: Pdu, message: bytes, arrived_s: float, expected: Sequence[Oid], host: str, traffic: Traffic
) -> Response:
    """The response of which `pdu` is the head.

    Raises:
        ProtocolError: its varbinds make no sense.
    """
    try:
        varbinds = read_varbinds(message, pdu.start, pdu.stop, expected)
    except BerError as error:
        raise ProtocolError(f"its answer does not decode: {error}", host=host) from None
    traffic.varbinds += len(varbinds)
    return Response(pdu.error_status, pdu.error_index, varbinds, arrived_s)

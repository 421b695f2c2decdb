"""What is worth remembering of an agent from one session to the next; it goes to the state directory."""

import msgspec


class EngineState(msgspec.Struct, frozen=True, array_like=True):
    """An SNMPv3 engine as last heard of (RFC 3414, section 2.2).

    Attributes:
        engine_id: snmpEngineID.
        boots: snmpEngineBoots.
        time_s: snmpEngineTime at `noted_s`.
        noted_s: when that was, seconds since the epoch.
    """

    engine_id: bytes
    boots: int
    time_s: int
    noted_s: float


class Learnt(msgspec.Struct, frozen=True):
    """How an agent wants to be asked.

    Attributes:
        max_varbinds: the most varbinds in one answer that it gave or is trusted to give.
        pdu_bytes: the largest answer (UDP payload) likewise; None is what the host's limits allow.
        bulk: whether it answers GETBULK.
        engine: its SNMPv3 engine, once heard of.
    """

    max_varbinds: int = 64
    pdu_bytes: int | None = None
    bulk: bool = True
    engine: EngineState | None = None

"""What sessions learn goes to the state directory and back."""

import msgspec

from collector.transport.snmp.learnt import EngineState, Learnt


def test_survives_the_state_directory() -> None:
    learnt = Learnt(max_varbinds=20, pdu_bytes=484, bulk=False, engine=EngineState(b"\x80\x00", 3, 4711, 1.5))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(learnt), type=Learnt) == learnt
    assert msgspec.msgpack.decode(msgspec.msgpack.encode({}), type=Learnt) == Learnt()

"""Sessions on recordings."""

import asyncio

from collector.smi.oid import encode
from collector.smi.recording import parse
from collector.smi.value import Missing, Tag
from collector.transport.contract import Batch
from collector.transport.snmp.recording import RecordedSession

TEXT = """\
1.3.6.1.2.1.1.3.0|67|4711
1.3.6.1.2.1.2.2.1.1.1|2|1
1.3.6.1.2.1.2.2.1.1.2|2|2
1.3.6.1.2.1.2.2.1.1.16383|2|16383
1.3.6.1.2.1.2.2.1.1.16384|2|16384
1.3.6.1.2.1.2.2.1.10.1|65|5
"""
INDEX = encode("1.3.6.1.2.1.2.2.1.1")


def session(text: str = TEXT) -> RecordedSession:
    return RecordedSession(parse(text), 1.5)


def test_get_gives_what_was_recorded_in_one_batch() -> None:
    oids = [encode("1.3.6.1.2.1.2.2.1.10.1"), encode("1.3.6.1.2.1.2.2.1.10.2")]
    reading = asyncio.run(session().get(oids))
    assert reading.values == [5, Missing.NO_SUCH_INSTANCE]
    assert reading.batches == [Batch(0, 2, 1.5, 4711)]


def test_get_without_a_recorded_uptime() -> None:
    reading = asyncio.run(session("1.3.6.1|2|1\n").get([encode("1.3.6.1")]))
    assert reading.batches == [Batch(0, 1, 1.5, None)]


def test_walk_gives_the_column_in_order() -> None:
    walk = asyncio.run(session().walk(INDEX))
    assert [value for _, _, value in walk.varbinds] == [1, 2, 16383, 16384]
    assert all(tag == Tag.INTEGER for _, tag, _ in walk.varbinds)
    assert walk.stopped is None


def test_walk_of_what_is_not_there_is_empty() -> None:
    for root in ("1.3.6.1.2.1.2.2.1.2", "2.5", "0.0"):
        assert asyncio.run(session().walk(encode(root))).varbinds == []


def test_walk_says_when_there_were_more_rows() -> None:
    walk = asyncio.run(session().walk(INDEX, max_rows=3))
    assert ([value for _, _, value in walk.varbinds], walk.stopped) == ([1, 2, 16383], "more than 3 rows")
    assert asyncio.run(session().walk(INDEX, max_rows=4)).stopped is None


def test_walk_of_an_instance_is_empty() -> None:
    assert asyncio.run(session().walk(encode("1.3.6.1.2.1.1.3.0"))).varbinds == []

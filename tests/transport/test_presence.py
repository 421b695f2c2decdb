"""Finding out what an agent has before it is walked, and walking no further than needed."""

import asyncio
from collections.abc import Sequence

from collector.smi.oid import encode
from collector.smi.recording import parse
from collector.smi.value import Tag
from collector.transport.contract import PduKind
from collector.transport.snmp.recording import RecordedSession
from collector.transport.snmp.session import Session
from tests.transport.fake_agent import COLUMN, FakeAgent, Question
from tests.transport.test_snmp_faults import run, sound

ROOTS = [COLUMN, encode("1.3.6.1.2.1.99.1"), encode("1.3.6.1.2.1.2.2.1.16")]


def test_silence_says_nothing_about_presence() -> None:
    def silent_to_many(question: Question) -> Sequence[bytes]:
        return [] if len(question.oids) > 1 else sound(question)

    async def use(session: Session, agent: FakeAgent) -> None:
        assert await session.present(ROOTS) == [True, True, True]
        assert len(agent.questions) == 1

    run(silent_to_many, use)


def test_an_error_is_narrowed_down_to_the_root_that_ends_the_mib() -> None:
    def ends_there(question: Question) -> Sequence[bytes]:
        if ROOTS[1] in question.oids:
            return [question.refuse(2, 1)]
        return [question.reply([(oid + b"\x01", Tag.INTEGER, 1) for oid in question.oids])]

    async def use(session: Session, agent: FakeAgent) -> None:
        assert await session.present(ROOTS) == [True, False, True]

    run(ends_there, use, version=0)


def test_the_column_beside_tells_how_many_rows_to_ask_for() -> None:
    async def use(session: Session, agent: FakeAgent) -> None:
        await session.walk(COLUMN)
        agent.questions.clear()
        await session.walk(COLUMN)
        bulks = [question for question in agent.questions if question.kind == PduKind.GETBULK]
        assert [question.second for question in bulks] == [41]

    run(sound, use)


def test_a_recording_tells_exactly() -> None:
    session = RecordedSession(parse("1.3.6.1.2.1.2.2.1.10.1|65|5\n1.3.6.1.2.1.2.2.1.16.7|65|5\n"), 0.0)
    assert asyncio.run(session.present(ROOTS)) == [True, False, True]
    assert asyncio.run(session.present([encode("1.3.6.1.2.1.2.2.1.10.1"), encode("1.3.7")])) == [False, False]

"""What a session makes of agents that are broken, slow or hostile."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import pytest

from collector.smi.ber import encode_value, tlv
from collector.smi.oid import encode
from collector.smi.value import Missing, Tag, VarBind
from collector.transport.contract import BoundsError, NoAnswerError, PduKind, ProtocolError
from collector.transport.snmp.learnt import Learnt
from collector.transport.snmp.open import open_session
from collector.transport.snmp.session import Session
from collector.transport.snmp.walk import WalkBounds
from inventory.model import Community, Credential, Host, Limits, Secret
from tests.transport.fake_agent import COLUMN, SYS_UPTIME, Answer, FakeAgent, Question, encode_row, run_with

OIDS = [COLUMN + encode_row(row) for row in range(1, 41)]
VALUES = list(range(1, 41))
QUICK = Limits(timeout_s=0.1, retries=1)


def run(
    answer: Answer,
    use: Callable[[Session, FakeAgent], Awaitable[None]],
    *,
    version: int = 1,
    limits: Limits = QUICK,
    learnt: Learnt | None = None,
    bounds: WalkBounds | None = None,
) -> None:
    agent = FakeAgent(answer, version)

    async def inside(port: int) -> None:
        host = Host(name="fake", address="127.0.0.1", snmp_port=port, limits=limits)
        community = Community(version="2c" if version else "1", community=Secret("public"))
        credential = Credential(name="fake", snmp=community)
        session = await open_session(host, credential, learnt=learnt, walk_bounds=bounds, jitter=lambda: 0.5)
        try:
            await use(session, agent)
        finally:
            await session.close()

    run_with(agent, inside)


async def get_all(session: Session, agent: FakeAgent) -> None:
    assert (await session.get(OIDS)).values == VALUES


def sound(question: Question) -> Sequence[bytes]:
    return [question.reply(question.answered() if question.kind == PduKind.GET else question.rows(40))]


def test_a_sound_agent() -> None:
    async def use(session: Session, agent: FakeAgent) -> None:
        await get_all(session, agent)
        walk = await session.walk(COLUMN)
        assert ([value for _, _, value in walk.varbinds], walk.stopped) == (VALUES, None)

    run(sound, use)


@pytest.mark.parametrize("junk", [b"", b"\x00", b"garbage", b"\x30\x84\xff\xff\xff\xff", bytes(1400)])
def test_garbage_before_the_answer_does_no_harm(junk: bytes) -> None:
    run(lambda question: [junk, *sound(question)], get_all)


def test_only_garbage_is_a_protocol_error() -> None:
    async def use(session: Session, agent: FakeAgent) -> None:
        with pytest.raises(ProtocolError):
            await session.get(OIDS)
        with pytest.raises(ProtocolError):
            await session.walk(COLUMN)

    run(lambda _: [b"garbage"], use)


def test_a_wrong_request_id_is_no_answer() -> None:
    async def use(session: Session, agent: FakeAgent) -> None:
        with pytest.raises(ProtocolError, match="never sent"):
            await session.get(OIDS)

    run(lambda question: [question.reply(question.answered(), request_id=question.request_id ^ 0x40000000)], use)


def test_a_wrong_request_id_before_the_right_one_does_no_harm() -> None:
    lie = [(oid, Tag.COUNTER32, 999) for oid in OIDS]
    run(lambda question: [question.reply(lie, request_id=question.request_id - 5), *sound(question)], get_all)


@pytest.mark.parametrize("octets", [1, 20, 40])
def test_a_truncated_answer_is_not_believed(octets: int) -> None:
    async def use(session: Session, agent: FakeAgent) -> None:
        with pytest.raises(ProtocolError):
            await session.get(OIDS)

    run(lambda question: [question.reply(question.answered())[:-octets]], use)


def test_a_list_of_varbinds_that_lies_about_its_length_is_not_believed() -> None:
    body = tlv(0x30, tlv(6, OIDS[0]) + encode_value(Tag.COUNTER32, 1))

    async def use(session: Session, agent: FakeAgent) -> None:
        with pytest.raises(ProtocolError):
            await session.get(OIDS)

    run(lambda question: [question.reply_raw(body[:-1])], use)


def test_duplicates_do_no_harm() -> None:
    async def use(session: Session, agent: FakeAgent) -> None:
        for _ in range(3):
            await get_all(session, agent)
        assert session.traffic.retries == 0

    run(lambda question: [*sound(question), *sound(question)], use)


def test_a_late_answer_is_not_taken_for_the_next_one() -> None:
    late: list[bytes] = []

    def answer(question: Question) -> Sequence[bytes]:
        if not late:
            late.append(question.reply([(oid, Tag.COUNTER32, 999) for oid in question.oids]))
            return []
        return [late[0], *sound(question)]

    async def use(session: Session, agent: FakeAgent) -> None:
        await get_all(session, agent)
        assert (session.traffic.timeouts, session.traffic.retries) == (1, 1)

    run(answer, use, limits=Limits(timeout_s=0.1, retries=2))


def test_after_late_answers_silence_is_still_silence() -> None:
    seen: list[Question] = []

    def answer(question: Question) -> Sequence[bytes]:
        seen.append(question)
        return [seen[0].reply(seen[0].answered())] if len(seen) > 1 else []

    async def use(session: Session, agent: FakeAgent) -> None:
        with pytest.raises(NoAnswerError):
            await session.get(OIDS)

    run(answer, use)


def test_an_answer_from_another_port_is_ignored() -> None:
    async def use(session: Session, agent: FakeAgent) -> None:
        with pytest.raises(NoAnswerError):
            await session.get(OIDS)

    def answer(question: Question) -> Sequence[bytes]:
        import socket

        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.sendto(question.reply(question.answered()), agent_of[0].asker)
        return []

    agent_of: list[FakeAgent] = []

    async def remember(session: Session, agent: FakeAgent) -> None:
        agent_of.append(agent)
        await use(session, agent)

    run(answer, remember)


def test_lost_packets_are_repeated() -> None:
    count = 0

    def answer(question: Question) -> Sequence[bytes]:
        nonlocal count
        count += 1
        return [] if count % 2 else sound(question)

    async def use(session: Session, agent: FakeAgent) -> None:
        await get_all(session, agent)
        assert session.learnt.max_varbinds == Learnt().max_varbinds

    run(answer, use, limits=Limits(timeout_s=0.1, retries=2))


def test_waits_grow_with_each_repeat() -> None:
    times: list[float] = []

    def answer(question: Question) -> Sequence[bytes]:
        times.append(time.monotonic())
        return []

    async def use(session: Session, agent: FakeAgent) -> None:
        with pytest.raises(NoAnswerError):
            await session.get(OIDS[:1])

    run(answer, use, limits=Limits(timeout_s=0.1, retries=2))
    first, second = times[1] - times[0], times[2] - times[1]
    assert 0.1 <= first < 0.2 <= second < 0.35


def test_an_agent_that_is_silent_on_large_pdus_gets_small_ones() -> None:
    def answer(question: Question) -> Sequence[bytes]:
        return sound(question) if len(question.oids) <= 12 else []

    async def use(session: Session, agent: FakeAgent) -> None:
        await get_all(session, agent)
        assert session.learnt.max_varbinds <= 11
        before = session.traffic.timeouts
        await get_all(session, agent)
        assert session.traffic.timeouts == before

    run(answer, use)


def test_what_was_learnt_spares_the_next_session_the_trouble() -> None:
    def answer(question: Question) -> Sequence[bytes]:
        return sound(question) if len(question.oids) <= 12 else []

    async def use(session: Session, agent: FakeAgent) -> None:
        await get_all(session, agent)
        assert session.traffic.timeouts == 0

    run(answer, use, learnt=Learnt(max_varbinds=11))


def test_an_oid_that_is_never_answered_costs_only_itself() -> None:
    def answer(question: Question) -> Sequence[bytes]:
        return [] if OIDS[17] in question.oids else sound(question)

    async def use(session: Session, agent: FakeAgent) -> None:
        reading = await session.get(OIDS)
        assert reading.values == [*VALUES[:17], Missing.NO_ANSWER, *VALUES[18:]]
        covered = {cell for batch in reading.batches for cell in range(batch.start, batch.stop)}
        assert covered == set(range(40)) - {17}
        assert session.learnt.max_varbinds == Learnt().max_varbinds
        assert session.trouble is not None

    run(answer, use)


def test_an_agent_that_dies_in_the_middle_keeps_what_it_gave() -> None:
    count = 0

    def answer(question: Question) -> Sequence[bytes]:
        nonlocal count
        count += 1
        return sound(question) if count == 1 else []

    async def use(session: Session, agent: FakeAgent) -> None:
        reading = await session.get(OIDS)
        assert reading.values == [*VALUES[:10], *[Missing.NO_ANSWER] * 30]
        assert isinstance(session.trouble, NoAnswerError)
        assert len(agent.questions) <= 6

    run(answer, use, learnt=Learnt(max_varbinds=10))


@pytest.mark.parametrize("status", [5, 6, 13, 99])
@pytest.mark.parametrize("index", [0, 19, 77, -1, "right"])
def test_an_error_costs_one_oid_whatever_index_it_names(status: int, index: int | str) -> None:
    def answer(question: Question) -> Sequence[bytes]:
        if OIDS[17] in question.oids:
            right = question.oids.index(OIDS[17]) + 1
            return [question.refuse(status, right if isinstance(index, str) else index)]
        return sound(question)

    async def use(session: Session, agent: FakeAgent) -> None:
        assert (await session.get(OIDS)).values == [*VALUES[:17], Missing.ERROR, *VALUES[18:]]

    run(answer, use)


def test_many_missing_oids_of_v1_cost_a_pdu_each() -> None:
    missing = set(OIDS[5:25:4])

    def answer(question: Question) -> Sequence[bytes]:
        for position, oid in enumerate(question.oids, 1):
            if oid in missing:
                return [question.refuse(2, position)]
        return sound(question)

    async def use(session: Session, agent: FakeAgent) -> None:
        reading = await session.get(OIDS)
        assert reading.values == [
            Missing.NO_SUCH_INSTANCE if oid in missing else value for oid, value in zip(OIDS, VALUES, strict=True)
        ]
        assert len(agent.questions) == len(missing) + 2  # one that fails for each, one to test the index, one whole

    run(answer, use, version=0)


@pytest.mark.parametrize("index", [0, 1])
def test_an_agent_without_uptime_is_asked_without(index: int) -> None:
    def answer(question: Question) -> Sequence[bytes]:
        return [question.refuse(2, index)] if SYS_UPTIME in question.oids else sound(question)

    async def use(session: Session, agent: FakeAgent) -> None:
        reading = await session.get(OIDS)
        assert reading.values == VALUES
        assert {batch.uptime_ticks for batch in reading.batches} == {None}
        assert len(agent.questions) <= 3

    run(answer, use, version=0)


def test_too_big_makes_smaller_pdus_and_is_remembered() -> None:
    def answer(question: Question) -> Sequence[bytes]:
        whole = sound(question)
        return whole if len(whole[0]) <= 400 else [question.refuse(1)]

    async def use(session: Session, agent: FakeAgent) -> None:
        await get_all(session, agent)
        asked = len(agent.questions)
        await get_all(session, agent)
        assert session.learnt.pdu_bytes is not None
        assert not any(len(question.oids) > 30 for question in agent.questions[asked:])

    run(answer, use)


def test_an_agent_to_which_everything_is_too_big() -> None:
    async def use(session: Session, agent: FakeAgent) -> None:
        assert (await session.get(OIDS[:8])).values == [Missing.ERROR] * 8

    run(lambda question: [question.refuse(1)], use)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda varbinds: varbinds[::-1],
        lambda varbinds: varbinds[: len(varbinds) // 2 + 1],
        lambda varbinds: varbinds[1::2] or varbinds,
        lambda varbinds: [*varbinds, (encode("1.3.9"), Tag.COUNTER32, 1)],
        lambda varbinds: [varbind for varbind in varbinds for _ in range(2)],
    ],
    ids=["reordered", "half of them", "every other", "one more", "each twice"],
)
def test_other_varbinds_than_were_asked_for(spoil: Callable[[list[VarBind]], list[VarBind]]) -> None:
    run(lambda question: [question.reply(spoil(question.answered()))], get_all)


def test_only_foreign_varbinds() -> None:
    async def use(session: Session, agent: FakeAgent) -> None:
        assert (await session.get(OIDS[:4])).values == [Missing.ERROR] * 4
        assert isinstance(session.trouble, ProtocolError)

    run(lambda question: [question.reply([(encode("1.3.9"), Tag.COUNTER32, 1)])], use)


def test_a_value_that_does_not_decode_costs_itself() -> None:
    def answer(question: Question) -> Sequence[bytes]:
        bodies = [tlv(0x30, tlv(6, oid) + encode_value(tag, value)) for oid, tag, value in question.answered()]
        bodies[3] = tlv(0x30, tlv(6, question.oids[3]) + b"\x41\x00")
        bodies[4] = tlv(0x30, tlv(6, question.oids[4]) + b"\x5a\x01\x00")
        return [question.reply_raw(b"".join(bodies))]

    async def use(session: Session, agent: FakeAgent) -> None:
        values = (await session.get(OIDS)).values
        assert values == [*VALUES[:2], Missing.ERROR, Missing.ERROR, *VALUES[4:]]

    run(answer, use)


def test_a_walk_that_loops_is_cut_off() -> None:
    def answer(question: Question) -> Sequence[bytes]:
        rows = question.rows(1000)
        return [question.reply([*rows[:5], rows[0]])]

    async def use(session: Session, agent: FakeAgent) -> None:
        walk = await session.walk(COLUMN)
        assert [value for _, _, value in walk.varbinds] == [1, 2, 3, 4, 5]
        assert walk.stopped == "OIDs do not increase: 1.3.6.1.2.1.2.2.1.10.1 after 1.3.6.1.2.1.2.2.1.10.5"

    run(answer, use)


@pytest.mark.parametrize(
    ("bounds", "why"),
    [
        (WalkBounds(rows=500), "more than 500 rows"),
        (WalkBounds(varbind_bytes=5000), "more than 5000 bytes"),
        (WalkBounds(seconds=0.2), "more than 0.2 s"),
    ],
)
def test_an_endless_walk_is_cut_off(bounds: WalkBounds, why: str) -> None:
    async def use(session: Session, agent: FakeAgent) -> None:
        walk = await session.walk(COLUMN)
        assert walk.stopped == why
        assert walk.varbinds
        assert [value for _, _, value in walk.varbinds] == list(range(1, len(walk.varbinds) + 1))

    run(lambda question: [question.reply(question.rows(1 << 31))], use, bounds=bounds)


def test_a_walk_of_few_rows_asks_for_few() -> None:
    async def use(session: Session, agent: FakeAgent) -> None:
        walk = await session.walk(COLUMN, max_rows=3)
        assert ([value for _, _, value in walk.varbinds], walk.stopped) == ([1, 2, 3], "more than 3 rows")
        assert [question.second for question in agent.questions] == [4]

    run(sound, use)


def test_a_walk_of_exactly_as_many_rows_is_whole() -> None:
    async def use(session: Session, agent: FakeAgent) -> None:
        walk = await session.walk(COLUMN, max_rows=40)
        assert (len(walk.varbinds), walk.stopped) == (40, None)

    run(sound, use)


@pytest.mark.parametrize("how", ["silent", "garbage", "tooBig", "genErr", "empty"])
def test_an_agent_that_cannot_do_getbulk_is_walked_by_getnext(how: str) -> None:
    def answer(question: Question) -> Sequence[bytes]:
        if question.kind == PduKind.GETBULK:
            bad: dict[str, Sequence[bytes]] = {
                "silent": [],
                "garbage": [b"garbage"],
                "tooBig": [question.refuse(1)],
                "genErr": [question.refuse(5)],
                "empty": [question.reply([])],
            }
            return bad[how]
        return sound(question)

    async def use(session: Session, agent: FakeAgent) -> None:
        walk = await session.walk(COLUMN)
        assert ([value for _, _, value in walk.varbinds], walk.stopped) == (VALUES, None)
        assert session.learnt.bulk is False
        assert sum(question.kind == PduKind.GETBULK for question in agent.questions) <= 3

    run(answer, use)


def test_an_agent_that_can_do_only_small_getbulks() -> None:
    def answer(question: Question) -> Sequence[bytes]:
        if question.second > 8:
            return [question.refuse(1)]
        return sound(question)

    async def use(session: Session, agent: FakeAgent) -> None:
        walk = await session.walk(COLUMN)
        assert ([value for _, _, value in walk.varbinds], walk.stopped) == (VALUES, None)
        assert session.learnt.bulk is True

    run(answer, use)


def test_repetitions_grow_to_what_fits() -> None:
    async def use(session: Session, agent: FakeAgent) -> None:
        walk = await session.walk(COLUMN)
        assert len(walk.varbinds) == 600
        repetitions = [question.second for question in agent.questions]
        assert repetitions[:3] == [20, 40, 64]
        assert all(len(agent.answer(question)[0]) <= 1400 for question in agent.questions)

    run(lambda question: [question.reply(question.rows(600))], use)


def test_a_walk_that_falls_silent_keeps_what_it_has() -> None:
    def answer(question: Question) -> Sequence[bytes]:
        return [] if question.oids[0] >= OIDS[19] else sound(question)

    async def use(session: Session, agent: FakeAgent) -> None:
        walk = await session.walk(COLUMN)
        assert [value for _, _, value in walk.varbinds] == VALUES[:20]
        assert walk.stopped is not None
        assert walk.stopped.startswith("no answer")

    run(answer, use)


def test_the_deadline_ends_everything() -> None:
    async def use(session: Session, agent: FakeAgent) -> None:
        loop = asyncio.get_running_loop()
        session.deadline = loop.time() + 0.2
        began = loop.time()
        with pytest.raises((NoAnswerError, BoundsError)):
            await session.get(OIDS)
        assert loop.time() - began < 0.5
        with pytest.raises(BoundsError):
            await session.walk(COLUMN)

    run(lambda _: [], use, limits=Limits(timeout_s=5.0, retries=3))


def test_the_deadline_keeps_what_came_before_it() -> None:
    count = 0

    def answer(question: Question) -> Sequence[bytes]:
        nonlocal count
        count += 1
        return sound(question) if count == 1 else []

    async def use(session: Session, agent: FakeAgent) -> None:
        session.deadline = asyncio.get_running_loop().time() + 0.2
        reading = await session.get(OIDS)
        assert reading.values == [*VALUES[:10], *[Missing.NO_ANSWER] * 30]

    run(answer, use, limits=Limits(timeout_s=5.0), learnt=Learnt(max_varbinds=10))


def test_no_more_requests_at_once_than_allowed() -> None:
    under_way = most = 0

    def answer(question: Question) -> Sequence[bytes]:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)

        def later() -> None:
            nonlocal under_way
            under_way -= 1
            agents[0].send(question.reply(question.answered()))

        asyncio.get_running_loop().call_later(0.02, later)
        return []

    agents: list[FakeAgent] = []

    async def use(session: Session, agent: FakeAgent) -> None:
        agents.append(agent)
        await asyncio.gather(get_all(session, agent), get_all(session, agent))
        assert most == 3

    run(answer, use, limits=Limits(sessions=3), learnt=Learnt(max_varbinds=5))


def test_no_more_packets_a_second_than_allowed() -> None:
    async def use(session: Session, agent: FakeAgent) -> None:
        began = time.monotonic()
        await get_all(session, agent)
        assert len(agent.questions) == 8
        assert 7 / 40 <= time.monotonic() - began < 1.0

    run(sound, use, limits=Limits(packets_per_s=40), learnt=Learnt(max_varbinds=5))


def test_traffic_is_exact() -> None:
    seen = {"in": 0, "out": 0}

    def answer(question: Question) -> Sequence[bytes]:
        datagrams = sound(question)
        seen["in"] += sum(map(len, datagrams))
        return datagrams

    async def use(session: Session, agent: FakeAgent) -> None:
        await get_all(session, agent)
        traffic = session.traffic
        assert (traffic.pdus, traffic.varbinds) == (len(agent.questions), 40 + len(agent.questions))
        assert traffic.bytes_in == seen["in"]
        assert (traffic.retries, traffic.timeouts) == (0, 0)

    run(answer, use)


def test_nothing_is_asked_for_nothing() -> None:
    async def use(session: Session, agent: FakeAgent) -> None:
        reading = await session.get([])
        assert (reading.values, reading.batches, agent.questions) == ([], [], [])

    run(sound, use)

"""What the native engine makes of SNMPv3 agents that reboot, are replaced, or lie."""

import time
from collections.abc import Awaitable, Callable

import pytest

from collector.smi.oid import encode
from collector.transport.contract import (
    DecryptionError,
    NoAnswerError,
    NotInTimeWindowError,
    PduKind,
    ProtocolError,
    SecurityError,
    TransportError,
    UnknownEngineError,
    WrongDigestError,
)
from collector.transport.snmp.learnt import EngineState
from collector.transport.snmp.open import discover_engine
from collector.transport.snmp.reports import NOT_IN_TIME_WINDOWS, UNKNOWN_ENGINE_IDS
from collector.transport.snmp.usm import User
from collector.transport.snmp.usm_engine import UsmEngine
from tests.transport.fake_agent import run_with
from tests.transport.fake_v3_agent import WRONG_DIGESTS, FakeV3Agent

OID = encode("1.3.6.1.2.1.1.7.0")
WAIT_S = 0.3

AUTH = User("u", auth="sha256", auth_passphrase="correct horse")
AUTH_PRIV = User("u", auth="sha1", auth_passphrase="correct horse", priv="aes128", priv_passphrase="battery staple")
NO_AUTH = User("u")


def run(
    agent: FakeV3Agent, use: Callable[[UsmEngine], Awaitable[None]], user: User = AUTH, state: EngineState | None = None
) -> None:
    async def inside(port: int) -> None:
        engine = UsmEngine(("127.0.0.1", port), user, state=state)
        try:
            await use(engine)
        finally:
            await engine.close()

    run_with(agent, inside)


async def ask(engine: UsmEngine, timeout_s: float = WAIT_S) -> int:
    response = await engine.exchange(PduKind.GET, [OID], timeout_s)
    ((oid, _, boots),) = response.varbinds
    assert oid == OID
    assert isinstance(boots, int)
    return boots


@pytest.mark.parametrize("user", [NO_AUTH, AUTH, AUTH_PRIV], ids=["noAuth", "auth", "authPriv"])
def test_discovers_once(user: User) -> None:
    agent = FakeV3Agent(user)

    async def use(engine: UsmEngine) -> None:
        assert [await ask(engine) for _ in range(3)] == [7, 7, 7]
        assert agent.log == ["engine", "response", "response", "response"]
        state = engine.state
        assert state is not None
        assert (state.engine_id, state.boots) == (agent.engine_id, 7)
        assert abs(state.time_s - 1000) <= 2

    run(agent, use, user)


def test_what_was_remembered_spares_the_discovery() -> None:
    agent = FakeV3Agent(AUTH)

    async def use(engine: UsmEngine) -> None:
        assert await ask(engine) == 7
        assert agent.log == ["response"]

    run(agent, use, state=EngineState(agent.engine_id, 7, 400, time.time() - 600))


@pytest.mark.parametrize("boots", [6, 8], ids=["rebooted since", "counter lost"])
def test_what_was_remembered_wrongly_is_cured_in_the_same_exchange(boots: int) -> None:
    agent = FakeV3Agent(AUTH_PRIV)

    async def use(engine: UsmEngine) -> None:
        assert await ask(engine) == 7
        assert agent.log == ["time", "response"]

    run(agent, use, AUTH_PRIV, EngineState(agent.engine_id, boots, 100, time.time()))


def test_a_reboot_between_requests_is_cured_in_the_same_exchange() -> None:
    agent = FakeV3Agent(AUTH)

    async def use(engine: UsmEngine) -> None:
        assert await ask(engine) == 7
        agent.reboot()
        assert await ask(engine) == 8
        assert agent.log == ["engine", "response", "time", "response"]
        assert engine.state is not None
        assert engine.state.boots == 8

    run(agent, use)


@pytest.mark.parametrize("user", [NO_AUTH, AUTH, AUTH_PRIV], ids=["noAuth", "auth", "authPriv"])
def test_another_engine_id_is_cured_in_the_same_exchange(user: User) -> None:
    agent = FakeV3Agent(user)

    async def use(engine: UsmEngine) -> None:
        assert await ask(engine) == 7
        agent.engine_id, agent.boots = b"\x80\x00\x00\x00\x01second", 1
        assert await ask(engine) == 1
        assert agent.log == ["engine", "response", "engine", "response"]
        assert engine.state is not None
        assert engine.state.engine_id == agent.engine_id

    run(agent, use, user)


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        (NOT_IN_TIME_WINDOWS, NotInTimeWindowError),
        (UNKNOWN_ENGINE_IDS, UnknownEngineError),
        (WRONG_DIGESTS, WrongDigestError),
        (encode("1.3.6.1.6.3.12.1.5.0"), SecurityError),
        (encode("1.3.6.1.4.1.1"), SecurityError),
    ],
)
def test_reports_without_end_are_an_error(reason: bytes, error: type[TransportError]) -> None:
    agent = FakeV3Agent(AUTH, reports=reason)

    async def use(engine: UsmEngine) -> None:
        with pytest.raises(error):
            await ask(engine)
        assert len(agent.log) <= 3
        agent.reports = None
        assert await ask(engine) == 7

    run(agent, use)


@pytest.mark.parametrize("user", [AUTH, AUTH_PRIV], ids=["auth", "authPriv"])
def test_an_answer_with_less_security_is_not_believed(user: User) -> None:
    async def use(engine: UsmEngine) -> None:
        with pytest.raises(ProtocolError, match="less security"):
            await ask(engine)

    run(FakeV3Agent(user, strip=True), use, user)


@pytest.mark.parametrize("user", [AUTH, AUTH_PRIV], ids=["auth", "authPriv"])
def test_a_changed_answer_is_not_believed(user: User) -> None:
    async def use(engine: UsmEngine) -> None:
        with pytest.raises(ProtocolError, match="wrong digest"):
            await ask(engine)

    run(FakeV3Agent(user, flip=True), use, user)


def test_an_old_answer_is_not_believed() -> None:
    agent = FakeV3Agent(AUTH)

    async def use(engine: UsmEngine) -> None:
        assert await ask(engine) == 7
        agent.age_s = 140
        assert await ask(engine) == 7
        agent.age_s = 200
        with pytest.raises(ProtocolError, match="old"):
            await ask(engine)

    run(agent, use)


def test_silence_to_what_is_encrypted_hints_at_the_privacy_key() -> None:
    async def use(engine: UsmEngine) -> None:
        with pytest.raises(DecryptionError) as raised:
            await ask(engine)
        assert "privacy" in raised.value.hint

    run(FakeV3Agent(AUTH_PRIV, silent=True), use, AUTH_PRIV)


def test_silence_after_discovery_hints_at_the_user() -> None:
    async def use(engine: UsmEngine) -> None:
        with pytest.raises(NoAnswerError) as raised:
            await ask(engine)
        assert "discovery" in raised.value.hint

    run(FakeV3Agent(AUTH, silent=True), use)


def test_silence_to_a_remembered_engine_discovers_anew() -> None:
    agent = FakeV3Agent(AUTH_PRIV, silent=True)

    async def use(engine: UsmEngine) -> None:
        with pytest.raises(NoAnswerError):
            await ask(engine, 0.1)
        agent.silent = False
        assert await ask(engine) == 7
        assert agent.log == ["engine", "response"]

    run(agent, use, AUTH_PRIV, EngineState(agent.engine_id, 7, 1000, time.time()))


def test_an_agent_that_was_heard_and_falls_silent_is_just_silent() -> None:
    agent = FakeV3Agent(AUTH_PRIV)

    async def use(engine: UsmEngine) -> None:
        assert await ask(engine) == 7
        agent.silent = True
        with pytest.raises(NoAnswerError) as raised:
            await ask(engine, 0.1)
        assert type(raised.value) is NoAnswerError

    run(agent, use, AUTH_PRIV)


def test_anybody_can_learn_the_engine() -> None:
    agent = FakeV3Agent(AUTH)

    async def use(port: int) -> None:
        state = await discover_engine("127.0.0.1", port)
        assert (state.engine_id, state.boots) == (agent.engine_id, 7)

    run_with(agent, use)


def test_traffic_counts_discoveries_too() -> None:
    agent = FakeV3Agent(AUTH)

    async def use(engine: UsmEngine) -> None:
        await ask(engine)
        assert engine.traffic.pdus == 2
        assert engine.traffic.varbinds == 1

    run(agent, use)

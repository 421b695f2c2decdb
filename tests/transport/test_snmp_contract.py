"""What every SNMP engine and the session on it do against a real agent: net-snmp's snmpd."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from collector.smi.oid import decode, encode
from collector.smi.value import Missing, Tag
from collector.transport.contract import (
    DecryptionError,
    ErrorStatus,
    NoAnswerError,
    PduKind,
    ResolutionError,
    SecurityError,
    TransportError,
    UnknownUserError,
    UnreachableError,
    UnsupportedLevelError,
    WrongDigestError,
)
from collector.transport.snmp.open import EngineName, open_session
from collector.transport.snmp.session import Session
from inventory.model import Community, Credential, Host, Limits, Secret, UsmUser
from tests.transport.snmpd import (
    AUTH_PASSPHRASE,
    AUTH_USERS,
    COMMUNITY,
    CONTEXT,
    LONG_CONTACT,
    PRIV_PASSPHRASE,
    PRIV_USERS,
    free_port,
)

pytestmark = [pytest.mark.server, pytest.mark.parametrize("engine", ["native", "pysnmp"])]

SYSTEM = encode("1.3.6.1.2.1.1")
SYS_CONTACT = encode("1.3.6.1.2.1.1.4.0")
SYS_NAME = encode("1.3.6.1.2.1.1.5.0")
SYS_UPTIME = encode("1.3.6.1.2.1.1.3.0")
ABSENT = encode("1.3.6.1.2.1.1.99.0")
SYS_OR_TABLE = encode("1.3.6.1.2.1.1.9.1")

V1 = Community(version="1", community=Secret(COMMUNITY))
V2C = Community(version="2c", community=Secret(COMMUNITY))

PATIENT = Limits(timeout_s=1.0, retries=1)

T = TypeVar("T")


def usm(
    user: str,
    auth: str | None = None,
    priv: str | None = None,
    context: str = "",
    auth_passphrase: str = AUTH_PASSPHRASE,
    priv_passphrase: str = PRIV_PASSPHRASE,
) -> UsmUser:
    return UsmUser(
        user=user,
        auth=auth,  # type: ignore[arg-type]
        auth_key=Secret(auth_passphrase) if auth else None,
        priv=priv,  # type: ignore[arg-type]
        priv_key=Secret(priv_passphrase) if priv else None,
        context=context,
    )


def run(
    engine: EngineName,
    port: int,
    snmp: Community | UsmUser,
    use: Callable[[Session], Awaitable[T]],
    address: str = "127.0.0.1",
    limits: Limits = PATIENT,
) -> T:
    async def inside() -> T:
        host = Host(name="tested", address=address, snmp_port=port, limits=limits)
        session = await open_session(host, Credential(name="tested", snmp=snmp), engine=engine)
        try:
            return await use(session)
        finally:
            await session.close()

    return asyncio.run(inside())


async def read_system(session: Session) -> None:
    """GET and walk, and that they say the same."""
    walk = await session.walk(SYSTEM)
    assert walk.stopped is None
    assert len(walk.varbinds) > 20
    assert (SYS_NAME, Tag.OCTET_STRING, b"tested") in walk.varbinds
    steady = [(oid, value) for oid, tag, value in walk.varbinds if tag != Tag.TIMETICKS]
    reading = await session.get([oid for oid, _ in steady])
    assert reading.values == [value for _, value in steady]
    assert reading.batches[0].start == 0
    assert all(batch.uptime_ticks is not None and abs(batch.arrived_s - time.time()) < 5 for batch in reading.batches)


@pytest.mark.parametrize("snmp", [V1, V2C], ids=["v1", "v2c"])
@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "localhost"])
def test_reads_with_a_community(engine: EngineName, snmpd: int, snmp: Community, address: str) -> None:
    run(engine, snmpd, snmp, read_system, address)


def test_reads_without_authentication(engine: EngineName, snmpd: int) -> None:
    run(engine, snmpd, usm("nobody"), read_system)


@pytest.mark.parametrize("auth", AUTH_USERS)
def test_reads_authenticated(engine: EngineName, snmpd: int, auth: str) -> None:
    run(engine, snmpd, usm(auth, auth), read_system)


@pytest.mark.parametrize(("auth", "priv"), PRIV_USERS)
def test_reads_encrypted(engine: EngineName, snmpd: int, auth: str, priv: str) -> None:
    run(engine, snmpd, usm(f"{auth}-{priv}", auth, priv), read_system, "::1" if priv == "des" else "127.0.0.1")


def test_reads_a_context(engine: EngineName, snmpd: int) -> None:
    async def use(session: Session) -> None:
        assert (await session.get([SYS_NAME])).values == [b"tested"]

    run(engine, snmpd, usm("inside", "sha1", context=CONTEXT), use)


def test_a_wrong_context_is_refused(engine: EngineName, snmpd: int) -> None:
    async def use(session: Session) -> None:
        with pytest.raises(SecurityError):
            await session.get([SYS_NAME])

    run(engine, snmpd, usm("inside", "sha1"), use)


def test_many_oids_take_few_pdus_each_with_its_uptime(engine: EngineName, snmpd: int) -> None:
    async def use(session: Session) -> None:
        oids = [SYS_NAME, ABSENT, SYS_UPTIME] * 100
        reading = await session.get(oids, [6, 0, 4] * 100)
        assert reading.values[::3] == [b"tested"] * 100
        assert reading.values[1::3] == [Missing.NO_SUCH_OBJECT] * 100
        for batch in reading.batches:
            uptimes = {value for value in reading.values[batch.start : batch.stop] if isinstance(value, int)}
            assert uptimes == {batch.uptime_ticks}
        assert [batch.stop for batch in reading.batches[:-1]] == [batch.start for batch in reading.batches[1:]]
        assert reading.batches[-1].stop == 300
        assert session.traffic.pdus == len(reading.batches) <= 7
        assert session.traffic.varbinds == 300 + len(reading.batches)

    run(engine, snmpd, V2C, use)


def test_v1_costs_one_oid_for_a_missing_one(engine: EngineName, snmpd: int) -> None:
    async def use(session: Session) -> None:
        oids = [SYS_NAME] * 10 + [ABSENT] + [SYS_CONTACT] + [ABSENT] + [SYS_NAME] * 10
        reading = await session.get(oids)
        contact = LONG_CONTACT.encode()
        absent = Missing.NO_SUCH_INSTANCE
        assert reading.values == [b"tested"] * 10 + [absent, contact, absent] + [b"tested"] * 10
        assert session.traffic.pdus <= 4

    run(engine, snmpd, V1, use)


def test_the_error_index_of_v1_names_the_culprit(engine: EngineName, snmpd: int) -> None:
    async def use(session: Session) -> None:
        response = await session._engine.exchange(PduKind.GET, [SYS_NAME, ABSENT, SYS_CONTACT], 2.0)
        assert (response.error_status, response.error_index) == (ErrorStatus.NO_SUCH_NAME, 2)

    run(engine, snmpd, V1, use)


def test_the_end_of_the_mib(engine: EngineName, snmpd: int) -> None:
    async def use(session: Session) -> None:
        beyond = encode("1.3.6.1.6.3.99")
        response = await session._engine.exchange(PduKind.GETNEXT, [beyond], 2.0)
        assert response.varbinds == [(beyond, Tag.END_OF_MIB_VIEW, Missing.END_OF_MIB_VIEW)]
        walk = await session.walk(beyond)
        assert (walk.varbinds, walk.stopped) == ([], None)

    run(engine, snmpd, V2C, use)


@pytest.mark.parametrize("snmp", [V1, V2C], ids=["v1", "v2c"])
def test_the_end_of_the_mib_ends_a_walk(engine: EngineName, snmpd: int, snmp: Community) -> None:
    async def use(session: Session) -> None:
        walk = await session.walk(encode("1.3.6.1.6"))
        assert walk.stopped is None
        assert walk.varbinds

    run(engine, snmpd, snmp, use)


def test_getbulk_repeats(engine: EngineName, snmpd: int) -> None:
    async def use(session: Session) -> None:
        response = await session._engine.exchange(
            PduKind.GETBULK, [encode("1.3.6.1.2.1.1.5"), SYS_OR_TABLE], 2.0, non_repeaters=1, max_repetitions=4
        )
        assert [decode(oid) for oid, _, _ in response.varbinds] == [
            "1.3.6.1.2.1.1.5.0",
            *(f"1.3.6.1.2.1.1.9.1.2.{row}" for row in range(1, 5)),
        ]

    run(engine, snmpd, V2C, use)


def test_too_big_is_told_and_cured(engine: EngineName, snmpd: int) -> None:
    async def use(session: Session) -> None:
        oids = [SYS_CONTACT] * 60
        response = await session._engine.exchange(PduKind.GET, oids, 2.0)
        assert response.error_status == ErrorStatus.TOO_BIG
        reading = await session.get(oids, [1] * 60)  # the widths lie, so that all go into one PDU
        assert reading.values == [LONG_CONTACT.encode()] * 60
        assert session.learnt.pdu_bytes is not None

    run(engine, snmpd, V2C, use, limits=Limits(timeout_s=2.0, max_pdu_bytes=10_000))


def expect(error: type[TransportError], hint: str = "") -> Callable[[Session], Awaitable[TransportError]]:
    async def use(session: Session) -> TransportError:
        with pytest.raises(error) as raised:
            await session.get([SYS_NAME, SYS_CONTACT])
        assert type(raised.value) is error
        assert raised.value.host in ("127.0.0.1", "::1")
        assert raised.value.operation
        assert hint in raised.value.hint
        return raised.value

    return use


def test_a_wrong_community_is_silence(engine: EngineName, snmpd: int) -> None:
    async def use(session: Session) -> None:
        await expect(NoAnswerError, "community")(session)
        assert session.traffic.pdus == 3
        assert (session.traffic.timeouts, session.traffic.retries) == (3, 1)
        assert session.traffic.bytes_in == 0 < session.traffic.bytes_out

    wrong = Community(version="2c", community=Secret("wrong"))
    run(engine, snmpd, wrong, use, limits=Limits(timeout_s=0.1, retries=2))


def test_silence_lasts_as_long_as_the_timeouts(engine: EngineName, snmpd: int) -> None:
    wrong = Community(version="2c", community=Secret("wrong"))
    began = time.monotonic()
    run(engine, snmpd, wrong, expect(NoAnswerError), limits=Limits(timeout_s=0.1, retries=2))
    assert 0.4 <= time.monotonic() - began < 2.0  # 0.1 and 0.2 s for both OIDs, 0.1 s for sysUpTime alone


def test_an_unknown_user(engine: EngineName, snmpd: int) -> None:
    run(engine, snmpd, usm("who", "sha1"), expect(UnknownUserError, "user"))


def test_a_wrong_auth_key(engine: EngineName, snmpd: int) -> None:
    wrong = usm("sha256", "sha256", auth_passphrase="not the passphrase")
    run(engine, snmpd, wrong, expect(WrongDigestError, "auth"))


def test_a_wrong_auth_protocol(engine: EngineName, snmpd: int) -> None:
    run(engine, snmpd, usm("sha256", "sha1"), expect(WrongDigestError))


@pytest.mark.parametrize("priv", ["des", "aes128"])
def test_a_wrong_priv_key(engine: EngineName, snmpd: int, priv: str) -> None:
    wrong = usm(f"sha1-{priv}", "sha1", priv, priv_passphrase="not the passphrase")
    run(engine, snmpd, wrong, expect(DecryptionError, "privacy"), limits=Limits(timeout_s=0.3, retries=1))


def test_more_security_than_the_user_has(engine: EngineName, snmpd: int) -> None:
    run(engine, snmpd, usm("sha1", "sha1", "aes128"), expect(UnsupportedLevelError, "priv"))


def test_less_security_than_the_agent_wants(engine: EngineName, snmpd: int) -> None:
    async def use(session: Session) -> None:
        with pytest.raises(SecurityError):
            await session.get([SYS_NAME])
        with pytest.raises(SecurityError):
            await session.walk(SYSTEM)

    run(engine, snmpd, usm("sha1-aes128", "sha1"), use)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_a_closed_port(engine: EngineName, address: str) -> None:
    began = time.monotonic()
    run(engine, free_port(), V2C, expect(UnreachableError, "port"), address)
    assert time.monotonic() - began < 1.0


def test_a_name_without_address(engine: EngineName) -> None:
    with pytest.raises(ResolutionError, match=r"no-such-host\.invalid"):
        run(engine, 161, V2C, read_system, "no-such-host.invalid")


def test_closing_twice_is_closing_once(engine: EngineName, snmpd: int) -> None:
    async def use(session: Session) -> None:
        await session.get([SYS_NAME])
        await session.close()

    run(engine, snmpd, V2C, use)


def test_the_ladder_ends_where_the_oids_do(engine: EngineName, snmpd: int) -> None:
    async def use(session: Session) -> None:
        walk = await session.walk(SYSTEM)
        rungs = await session.climb([oid for oid, _, _ in walk.varbinds], (1, 10, 20, 1000))
        assert [rung.varbinds for rung in rungs] == [1, 10, 20, len(walk.varbinds)]
        assert all(rung.answer_bytes and not rung.problem for rung in rungs)
        assert rungs == sorted(rungs, key=lambda rung: rung.answer_bytes)

    run(engine, snmpd, V2C, use)


def test_presence_is_told_for_many_roots_at_once(engine: EngineName, snmpd: int) -> None:
    roots = [SYSTEM, ABSENT[:-1], SYS_OR_TABLE, encode("1.3.6.1.7")]  # the last lies behind all that the agent has
    for snmp in (V1, V2C):

        async def use(session: Session) -> list[bool]:
            return await session.present(roots * 20)

        assert run(engine, snmpd, snmp, use) == [True, False, True, False] * 20

"""Open a session to a host with one of its credentials."""

from collections.abc import Awaitable, Callable

import msgspec
from msgspec.structs import replace

from collector.smi import oid
from collector.transport.contract import NoAnswerError, SecurityError, TransportError
from collector.transport.snmp.learnt import Learnt
from collector.transport.snmp.session import Session
from inventory.model import Credential, Host
from inventory.secrets import SecretError

SYS_UPTIME = oid.encode("1.3.6.1.2.1.1.3.0")

MAX_TRIES = 4
"""credentials tried on one host at the most: a list that grew must not look like an attack, nor lock a user out"""

OpenSession = Callable[[Host, Credential, Learnt], Awaitable[Session]]
"""how the transport opens a session; `collector.transport.snmp.open` has it"""


class Verdict(msgspec.Struct, frozen=True):
    """What became of one credential: `error` is None where it works; `learnt` of the agent on the way."""

    credential: str
    error: TransportError | None
    learnt: Learnt


class Access:
    """Opens sessions; `open_session` is the transport's."""

    def __init__(self, open_session: OpenSession) -> None:
        self._open = open_session

    async def open(self, host: Host, credential: str, learnt: Learnt, *, hurry: bool = False) -> Session:
        """A session under the credential of that name; `hurry` is one try per request, for a host that is likely dead.

        Raises:
            TransportError: the host has no such credential, or its name no address.
            SecretError: the credential's secret cannot be had.
        """
        for candidate in host.snmp_credentials:
            if candidate.name == credential:
                return await self._open(_in_a_hurry(host) if hurry else host, candidate, learnt)
        raise TransportError(f"no credential {credential!r}", host=host.name)

    async def verdicts(self, host: Host) -> list[Verdict]:
        """Try each credential with one small GET: what each came to, in the host's order, at most `MAX_TRIES`.

        A request is repeated once at the most: somebody is waiting.
        """
        brief = replace(host, limits=replace(host.limits, retries=min(host.limits.retries, 1)))
        result = []
        for credential in host.snmp_credentials[:MAX_TRIES]:
            try:
                session = await self.open(brief, credential.name, Learnt())
            except SecretError as error:
                unusable = TransportError(str(error), host=host.name, hint="see docs/configuration.md, secrets")
                result.append(Verdict(credential.name, unusable, Learnt()))
                continue
            try:
                await session.get([SYS_UPTIME])
                result.append(Verdict(credential.name, None, session.learnt))
            except TransportError as error:
                result.append(Verdict(credential.name, error, session.learnt))
            finally:
                await session.close()
        return result

    async def first_working(
        self, host: Host, *, turn: int | None = None, ends: float | None = None
    ) -> tuple[str, Session]:
        """The first credential that works, and a session under it.

        With `turn` only one credential is tried, another each turn: the way to ask a host that has been silent for long.

        Raises:
            SecurityError: SNMPv3 refused one and no other worked: that says most about the cause.
            NoAnswerError: silence to all.
            TransportError: no credentials, name not resolved, ...
        """
        names = _names(host)
        if not names:
            raise TransportError("no SNMP credentials: name some under `credentials`", host=host.name)
        failures: list[TransportError] = []
        for name in names if turn is None else [credential_of_turn(host, turn)]:
            session = await self.open(host, name, Learnt(), hurry=turn is not None)
            session.deadline = ends
            try:
                await session.get([SYS_UPTIME])
            except (NoAnswerError, SecurityError) as error:
                failures.append(error)
                await session.close()
            except BaseException:
                await session.close()
                raise
            else:
                return name, session
        raise next((failure for failure in failures if isinstance(failure, SecurityError)), failures[0])


def credential_of_turn(host: Host, turn: int) -> str:
    """The one credential to try in a turn; the host has some."""
    names = _names(host)
    return names[turn % len(names)]


def _names(host: Host) -> list[str]:
    return [credential.name for credential in host.snmp_credentials[:MAX_TRIES]]


def _in_a_hurry(host: Host) -> Host:
    return replace(host, limits=replace(host.limits, retries=0))

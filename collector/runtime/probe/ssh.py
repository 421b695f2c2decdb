"""The SSH part of a probe: the port, the host key, each login, the prompt, each command."""

import asyncio
import time
from collections.abc import Collection

from collector.metrics.model import Point
from collector.normalise.normalise import Context, Normalised, Samples, normalise
from collector.plugin.cli.model import Command
from collector.plugin.errors import FamilyError
from collector.plugin.registry import Registry
from collector.runtime.engine import SshPools
from collector.runtime.probe.evidence import CredentialVerdict, SshEvidence
from collector.runtime.read import Rows, apart_from_device
from collector.runtime.ssh_job import SshJob
from collector.runtime.ssh_read import SshRead
from collector.transport.contract import TransportError
from collector.transport.linux.batch import Wanted
from collector.transport.ssh.errors import LoginRefusedError
from collector.transport.ssh.handshake import check_host_key
from collector.transport.ssh.pool import shown_key
from inventory.model import Credential, Host
from inventory.secrets import SecretError

MAX_CREDENTIALS = 3
"""that are tried: each refused one may count towards locking an account"""
_FAILURES = (TransportError, SecretError, FamilyError)


class SshProber:
    """Probes one host over SSH.

    Attributes:
        evidence: filled as far as it came.
        error: what stopped it.
        rows: of the first reading; `normalised` of the second, with rates.
        wins: measurements that polls take from here although SNMP has them.
        problems: what a second reading was lacking.
    """

    def __init__(self, host: Host, pools: SshPools, registry: Registry, deadline_s: float) -> None:
        self.evidence = SshEvidence(address=host.address, port=host.ssh_port, jump=host.jump)
        self.error: Exception | None = None
        self.rows = Rows()
        self.normalised: Normalised | None = None
        self.wins: frozenset[str] = frozenset()
        self.problems: list[str] = []
        self._host = host
        self._pools = pools
        self._registry = registry
        self._deadline_s = deadline_s

    @property
    def points(self) -> list[Point]:
        """What would be written."""
        return self.normalised.points if self.normalised else []

    async def probe(self, snmp_family: str, given: Collection[str], pause_s: float) -> None:
        """All of it; `given` are the measurements that come by SNMP, `snmp_family` is what SNMP says it is."""
        try:
            await self._greet()
            read, credential = await self._log_in(snmp_family, frozenset(given))
        except _FAILURES as error:
            self.error = error
            self.evidence.failure = self._said(error)
            self.evidence.remedy = _remedy(error)
            return
        once = self._normalise(read.rows, {})
        self.rows, self.normalised = read.rows, once
        self.wins = read.family.wins & {row.measurement for row in read.rows.rows}
        if pause_s > 0 and (once.samples or read.cpu_ticks):
            await asyncio.sleep(pause_s)
            try:
                again = await self._read(self._job(credential, read, read.family.name, frozenset(given)))
            except _FAILURES as error:
                self.problems.append(f"second reading: {self._said(error)}")
            else:
                self.problems += [f"second reading: {problem}" for problem in again.problems]
                self.normalised = _merged(once, self._normalise(again.rows, once.samples))
        self.evidence.points = len(self.points)

    def _said(self, error: Exception) -> str:
        """What failed, and on which host where it is a jump host."""
        other = error.host if isinstance(error, TransportError) else ""
        return f"jump host {other}: {error.args[0]}" if other not in ("", self._host.name) else str(error.args[0])

    async def _greet(self) -> None:
        """Port, banner and host key, by a connection of its own that nobody logs in on."""
        began = time.perf_counter()
        shaken = await self._pools.pool().work(self._host, shown_key, self._ends())
        self.evidence.connect_ms = round((time.perf_counter() - began) * 1e3, 1)
        self.evidence.banner = shaken.banner
        self.evidence.key_type, self.evidence.fingerprint = shaken.key.type, shaken.key.fingerprint
        self.evidence.trust = shaken.trust.value
        check_host_key(self._host, shaken)

    async def _log_in(self, snmp_family: str, given: frozenset[str]) -> tuple[SshRead, Credential]:
        refused: LoginRefusedError | None = None
        for credential in self._host.ssh_credentials[:MAX_CREDENTIALS]:
            verdict = CredentialVerdict(name=credential.name, kind=_kind(credential), works=False, verdict="")
            self.evidence.credentials.append(verdict)
            job = self._job(credential, None, snmp_family, given)
            try:
                return await self._read(job), credential
            except LoginRefusedError as error:
                verdict.verdict, verdict.remedy = str(error.args[0]), error.hint
                refused = refused or error
            except _FAILURES as error:
                verdict.verdict, verdict.remedy = f"not decided: {self._said(error)}", _remedy(error)
                raise
            finally:
                if job.connection:
                    verdict.works, verdict.verdict, verdict.remedy = True, f"works by {job.connection.way}", ""
                if job.read:
                    self._tell(job.read)
        raise refused or TransportError("no SSH credentials", host=self._host.name)

    async def _read(self, job: SshJob) -> SshRead:
        return await self._pools.pool().work(self._host, job, self._ends())

    def _job(self, credential: Credential, before: SshRead | None, family: str, given: frozenset[str]) -> SshJob:
        known = self._registry.cli(self._host.family or "") or self._registry.cli(family)
        wanted = Wanted(info=before is None, neighbours=before is None, tools=self._host.ssh_tools)
        return SshJob(
            self._registry,
            [credential],
            before.facts if before else None,
            before.family if before else known,
            _counting,
            wanted,
            before.cpu_ticks if before else {},
            time.time(),
            given,
        )

    def _ends(self) -> float:
        return time.monotonic() + self._deadline_s

    def _tell(self, read: SshRead) -> None:
        evidence = self.evidence
        evidence.family, evidence.reason = read.facts.family, read.facts.reason
        evidence.prompt, evidence.privileged = read.facts.prompt, read.privileged
        evidence.uptime_s = apart_from_device(read.rows)[2]
        evidence.commands = read.asked
        evidence.duration_s = sum(asked.duration_s for asked in read.asked)

    def _normalise(self, rows: Rows, previous: Samples) -> Normalised:
        context = Context.of(self._host, int(time.time()) * 1_000_000_000)
        others, stamps, _ = apart_from_device(rows)
        return normalise(others, stamps, context, previous)


def _merged(once: Normalised, twice: Normalised) -> Normalised:
    """The second reading, with what is asked only once of the first."""
    seen = {(point.measurement, frozenset(point.tags.items())) for point in twice.points}
    missing = [p for p in once.points if (p.measurement, frozenset(p.tags.items())) not in seen]
    twice.points = missing + twice.points
    return twice


def _counting(command: Command) -> frozenset[str]:
    """Of what a second reading makes rates."""
    return command.measurements & {"interface", "disk_io"}


def _kind(credential: Credential) -> str:
    login = credential.ssh
    if login is None:
        return ""
    ways = (("key", login.key), ("agent", login.agent), ("password", login.password))
    return f"SSH user {login.user}, " + " or ".join(name for name, given in ways if given)


def _remedy(error: Exception) -> str:
    if isinstance(error, TransportError):
        return error.hint
    if isinstance(error, FamilyError):
        return "correct the family file: collector families check FILE"
    return "see docs/configuration.md, secrets"

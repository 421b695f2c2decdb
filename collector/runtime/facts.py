"""What is remembered of a host: facts that discovery learnt, and the state that every cycle moves on."""

from typing import Self

import msgspec

from collector.normalise.samples import Samples
from collector.plugin.model import Plan
from collector.runtime.learn import LearntDevice
from collector.smi.oid import Oid
from collector.transport.snmp.learnt import Learnt
from inventory.model import Host


def host_address(host: Host) -> str:
    """Where a host is asked; facts learnt elsewhere are of another device."""
    return f"{host.address} {host.snmp_port}"


def host_ssh_address(host: Host) -> str:
    """Where a host is asked by SSH."""
    return f"{host.address} {host.ssh_port} {host.jump}".rstrip()


class HostFacts(msgspec.Struct, kw_only=True):
    """What discovery learnt; written when learnt, read every cycle.

    Attributes:
        address: the address and port that was asked; another one in the inventory means another device.
        credential: name of the credential that worked.
        plan: family, rows to poll, identity.
        reason: why that family.
        learnt_s: when, seconds since the epoch.
        watch: values, when learnt, of the scalars whose change means that rows must be learnt again.
        session: what the transport found out (PDU size, SNMPv3 engine).
    """

    address: str
    credential: str
    plan: Plan
    reason: str
    sys_object_id: str
    sys_descr: str
    learnt_s: float
    watch: dict[Oid, int] = {}
    session: Learnt = Learnt()

    @classmethod
    def of(cls, host: Host, credential: str, learnt: LearntDevice, session: Learnt, now_s: float) -> Self:
        """The facts of a device that was just learnt."""
        return cls(
            address=host_address(host),
            credential=credential,
            plan=learnt.plan,
            reason=learnt.reason,
            sys_object_id=learnt.identity.sys_object_id,
            sys_descr=learnt.identity.sys_descr,
            learnt_s=now_s,
            watch=learnt.watch,
            session=session,
        )


class HostSsh(msgspec.Struct, kw_only=True):
    """What was learnt of a host's command line or shell.

    Attributes:
        address: as in HostFacts: host_ssh_address().
        credential: name of the credential that worked.
        family: the family whose command line it is, and `reason` why.
        fingerprint: that family's files when this was learnt.
        learnt_s: when, seconds since the epoch.
        texts: for each command that was asked (by its first text), the text that the device takes, "" where it takes none.
        measurements: those that gave rows.
        broken: commands (by their first text) that broke the session when they were asked the first time.
        prompt, banner: as the device shows them.
    """

    address: str
    credential: str
    family: str
    reason: str
    fingerprint: str
    learnt_s: float
    texts: dict[str, str] = {}
    measurements: set[str] = set()
    broken: list[str] = []
    prompt: str = ""
    banner: str = ""


class Refusal(msgspec.Struct):
    """A login that was refused: how often in a row, and when last."""

    times: int
    last_s: float


class HostLogins(msgspec.Struct, kw_only=True):
    """Refused logins of a host by the credential's name; in a file of its own, as a jump host's is shared by many."""

    refused: dict[str, Refusal] = {}


class SshState(msgspec.Struct, kw_only=True):
    """What the last cycle left of SSH.

    Attributes:
        samples: counters read by SSH: the same series read by SNMP is another counter.
        silent_cycles: how many cycles in a row nothing came.
        retry_s: the host is not asked before this, because of `trouble`.
        cpu_ticks: of each processor of a server, busy and all.
    """

    samples: Samples = {}
    silent_cycles: int = 0
    retry_s: float = 0.0
    trouble: str = ""
    cpu_ticks: dict[str, list[int]] = {}


class HostState(msgspec.Struct, kw_only=True):
    """What the last cycle left for the next.

    Attributes:
        samples: the counters of every series, for the next rate.
        polled_s: when each table was polled last (cycle time).
        silent_cycles: how many cycles in a row the host did not answer SNMP.
        refused_s: when a credential was last refused (SNMPv3), 0 if the last was not: it is not tried again soon.
        uptime_ticks, uptime_seen_s: last sysUpTime and when it was seen, to tell a reboot.
        ssh: what is left of SSH, or of the script that reads this machine.
    """

    samples: Samples = {}
    polled_s: dict[str, int] = {}
    silent_cycles: int = 0
    refused_s: float = 0.0
    uptime_ticks: int | None = None
    uptime_seen_s: float = 0.0
    ssh: SshState = msgspec.field(default_factory=SshState)

"""What `collector probe` finds out, as data: rendered on a terminal or written as JSON.

Every part can be missing: a probe goes as far as the device lets it, and says where it stopped and why.
"""

from enum import IntEnum

import msgspec

from collector.metrics.model import FieldValue
from collector.runtime.ssh_read import Asked
from collector.transport.contract import Traffic
from collector.transport.snmp.ladder import Rung


class Cause(IntEnum):
    """Why a probe ended as it did: the exit code of `collector probe`."""

    OK = 0
    PARTIAL = 1
    CONFIGURATION = 2
    NO_ADDRESS = 10
    UNREACHABLE = 11
    HOST_DOWN = 12
    SNMP_SILENT = 13
    SNMP_CLOSED = 14
    SNMP_REFUSED = 15
    NOT_SNMP = 16
    FAMILY_FILE = 17
    STORE = 18
    SSH_HOST_KEY = 19
    SSH_REFUSED = 20
    SSH_FAILED = 21


class Reach(msgspec.Struct, kw_only=True):
    """The way to the device.

    Attributes:
        addresses: what the name resolves to, the one that is used first.
        source: own address on that way.
        ping: echoes sent, received, loss_percent, rtt_avg_ms ...; None where none could be sent.
        ssh_port_open: whether SSH's port accepts a connection; None behind a jump host.
    """

    addresses: list[str] = []
    source: str = ""
    ping: dict[str, float | None] | None = None
    ssh_port_open: bool | None = None


class CredentialVerdict(msgspec.Struct, kw_only=True):
    """What one credential came to; `same_engine` names other hosts that claim this SNMPv3 engine id."""

    name: str
    kind: str
    works: bool
    verdict: str
    remedy: str = ""
    engine_id: str = ""
    engine_boots: int | None = None
    engine_time_s: int | None = None
    same_engine: list[str] = []


class SshEvidence(msgspec.Struct, kw_only=True):
    """What the device says over SSH, as far as it lets us.

    Attributes:
        banner: its identification string.
        trust: what the pinned keys say of its host key: pinned, unknown, changed, revoked.
        credentials: what each login came to; the way (key, agent, password) is its kind.
        family, reason: whose command line it is, and why.
        privileged: whether the login is in the privileged mode, where there is one and the prompt tells.
        uptime_s: what it says of itself.
        commands: all that were asked, with bytes, time, template and rows, or the command line's refusal.
        failure, remedy: why it did not come further.
    """

    address: str
    port: int
    jump: str = ""
    connect_ms: float | None = None
    banner: str = ""
    key_type: str = ""
    fingerprint: str = ""
    trust: str = ""
    credentials: list[CredentialVerdict] = []
    family: str = ""
    reason: str = ""
    prompt: str = ""
    privileged: bool | None = None
    uptime_s: float | None = None
    commands: list[Asked] = []
    points: int = 0
    duration_s: float | None = None
    failure: str = ""
    remedy: str = ""


class FamilyChoice(msgspec.Struct, kw_only=True):
    """Who the device says it is, the family chosen, and the runners-up with their reasons.

    Attributes:
        modules: MIB modules it answers, where no family knows it.
    """

    sys_object_id: str
    sys_descr: str
    sys_name: str
    uptime_s: float | None
    chosen: str
    reason: str
    runners_up: list[tuple[str, str]] = []
    facts: dict[str, str] = {}
    modules: list[str] = []


class Ladder(msgspec.Struct, kw_only=True):
    """How large an answer may be: the rungs tried, and what polls will use."""

    steps: list[Rung]
    largest_bytes: int
    advice: str


class AbsentColumn(msgspec.Struct, kw_only=True):
    """A column the family knows and the device did not give."""

    name: str
    oid: str
    reason: str


class TableEvidence(msgspec.Struct, kw_only=True):
    """One table of the family on this device."""

    name: str
    measurement: str
    rows: int
    values: int
    absent: list[AbsentColumn]
    stopped: str
    traffic: Traffic
    duration_ms: float


class InterfaceEvidence(msgspec.Struct, kw_only=True):
    """One interface: what it is, whether it is kept, by which rule not."""

    name: str
    index: int | None
    alias: str
    oper_status: str
    speed_bps: int | None
    contract_bps: tuple[int | None, int | None]
    counter_bits: int | None
    kept: bool
    rule: str


class RateEvidence(msgspec.Struct, kw_only=True):
    """A row's counters between the two readings of a probe, or one of them whose verdict is another.

    `in_bps` and `out_bps` for interfaces; for disks what was read and written, in bit/s too.
    """

    series: str
    counter: str
    verdict: str
    in_bps: float | None = None
    out_bps: float | None = None


class Cost(msgspec.Struct, kw_only=True):
    """What one cycle of this device costs.

    Attributes:
        line_bps: the slowest contracted line of the host, None where none is known.
        line_share_percent: what polling takes of that line, both directions together.
        fits: whether it ends within the host's deadline.
    """

    traffic: Traffic
    duration_s: float
    interval_s: int
    line_bps: int | None
    line_share_percent: float | None
    deadline_s: float
    fits: bool


class PointEvidence(msgspec.Struct, kw_only=True):
    """A point that would be written; `new` where the store has no such series yet, None where that is not known."""

    measurement: str
    tags: dict[str, str]
    fields: dict[str, FieldValue]
    time_ns: int
    new: bool | None = None


class Evidence(msgspec.Struct, kw_only=True):
    """All of a probe. `verdict` is one sentence, `remedy` what to do; the rest is why."""

    host: str
    address: str
    cause: Cause = Cause.OK
    verdict: str = ""
    remedy: str = ""
    reach: Reach = msgspec.field(default_factory=Reach)
    credentials: list[CredentialVerdict] = []
    ssh: SshEvidence | None = None
    family: FamilyChoice | None = None
    ladder: Ladder | None = None
    tables: list[TableEvidence] = []
    interfaces: list[InterfaceEvidence] = []
    rates: list[RateEvidence] = []
    points: list[PointEvidence] = []
    store: str = ""
    captured: str = ""
    problems: list[str] = []
    cost: Cost | None = None
    walk_command: str = ""

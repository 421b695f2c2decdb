"""Who is polled: hosts, the sites they stand at, the lines they end, the credentials they take. No protocol in here.

Every class is frozen; `inventory.load` makes them from hosts.toml and the files it includes.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NoReturn

import msgspec
from msgspec.structs import force_setattr

Role = Literal["server", "switch", "wan-router", "bts-uplink", "firewall", "power", "camera", "other"]
Technology = Literal["2G", "3G", "4G", "5G"]
Transport = Literal["auto", "snmp", "ssh", "local"]
SiteKind = Literal["office", "bts", "data-centre", "other"]
Repeat = Literal["once", "daily", "weekly"]
Indicator = Literal[
    "offices",
    "offices_with_lan",
    "offices_on_wan",
    "offices_with_ipv6",
    "servers",
    "servers_in_data_centre",
    "data_centre_availability_percent",
    "bts_positions",
    "bts_stations",
    "population",
    "population_covered_2g",
    "population_covered_3g",
    "population_covered_4g",
    "population_covered_5g",
]
"""infrastructure indicators that provinces report; what cannot be measured is declared"""
SshTool = Literal["smartctl", "ipmitool", "dmidecode"]

SECRET_SCHEMES = ("env:", "file:", "keyring:")


class Secret:
    """A reference to a secret (`env:NAME`, `file:PATH`, `keyring:SERVICE/USER`), or the secret itself.

    It prints as <secret>, and is neither encoded nor pickled; only `inventory.secrets.reveal` opens it, at the moment
    of use. No msgspec.Struct, as those are encoded with all they hold.
    """

    __slots__ = ("_written",)

    def __init__(self, written: str) -> None:
        self._written = written

    @property
    def literal(self) -> bool:
        """Whether the secret itself stands in the file."""
        return not self._written.startswith(SECRET_SCHEMES)

    @property
    def reference(self) -> str:
        """Where the secret is, for messages; "<secret>" where it is a literal."""
        return "<secret>" if self.literal else self._written

    def mistake(self, shortest: int = 1) -> str | None:
        """What is wrong with how it is written, without saying what it is; a literal has at least `shortest` octets."""
        scheme, colon, rest = self._written.partition(":")
        if self.literal:
            if colon and f"{scheme.strip().lower()}:" in SECRET_SCHEMES:
                return f"starts nearly like a reference, allowed: {', '.join(SECRET_SCHEMES)}, or the secret itself"
            if not self._written:
                return "is empty"
            return None if len(self._written.encode()) >= shortest else f"is shorter than {shortest} octets"
        if not rest or (scheme == "keyring" and not all(rest.partition("/"))):
            return "is half a reference, allowed: env:NAME, file:PATH, keyring:SERVICE/USER"
        return None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._written == other._written

    def __hash__(self) -> int:
        return hash(self._written)

    def __repr__(self) -> str:
        return "<secret>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not pickled")


class Community(msgspec.Struct, frozen=True, kw_only=True):
    """SNMPv1 or v2c."""

    version: Literal["1", "2c"]
    community: Secret


class UsmUser(msgspec.Struct, frozen=True, kw_only=True):
    """SNMPv3's user-based security model (RFC 3414, 3826, 7860).

    `aes192c` and `aes256c` lengthen short keys as Cisco does (draft-reeder-snmpv3-usm-3desede), the others as
    draft-blumenthal-aes-usm-04 says.
    """

    user: str
    auth: Literal["md5", "sha1", "sha224", "sha256", "sha384", "sha512"] | None = None
    auth_key: Secret | None = None
    priv: Literal["des", "aes128", "aes192", "aes256", "aes192c", "aes256c"] | None = None
    priv_key: Secret | None = None
    context: str = ""


class SshLogin(msgspec.Struct, frozen=True, kw_only=True):
    """A login of SSH, with at least one of `agent`, `key` and `password`.

    Attributes:
        key: the private key's text (OpenSSH or PEM).
        passphrase: that of the key.
        agent: whether the SSH agent of $SSH_AUTH_SOCK is asked.
        enable: secret of the privileged mode of a CLI.
    """

    user: str
    password: Secret | None = None
    key: Secret | None = None
    passphrase: Secret | None = None
    agent: bool = False
    enable: Secret | None = None


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """`[credentials.NAME]`: how to get in by SNMP, by SSH, or by either."""

    name: str
    snmp: Community | UsmUser | None = None
    ssh: SshLogin | None = None


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """`[sites.ID]`: a place.

    Attributes:
        kind: what it is; "bts" where none is written and stations stand at it, "other" where none do.
        lat, lon: degrees, WGS 84.
        population: people served.
    """

    id: str
    name: str = ""
    kind: SiteKind = "other"
    commune: str = ""
    district: str = ""
    province: str = ""
    lat: float | None = None
    lon: float | None = None
    population: int | None = None

    @property
    def label(self) -> str:
        """What people call it: its name, else its id."""
        return self.name or self.id


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider promised for the line behind one interface of a host."""

    interface: str
    contract_in_bps: int | None = None
    contract_out_bps: int | None = None
    provider: str = ""
    kind: str = ""
    circuit_id: str = ""


class Station(msgspec.Struct, frozen=True, kw_only=True):
    """One radio station of a BTS position."""

    id: str
    site: str
    technology: Technology
    operator: str = ""
    uplink: str | None = None
    """host that carries its traffic"""


class Commune(msgspec.Struct, frozen=True, kw_only=True):
    """One of `[[communes]]`: whom coverage is for, also where no site stands. A commune is known by name and district."""

    name: str
    district: str
    province: str = ""
    population: int | None = None
    lat: float | None = None
    lon: float | None = None


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A cable of a ring between two hosts. An interface that is not written ("") is found by the neighbours seen."""

    a_host: str
    b_host: str
    a_interface: str = ""
    b_interface: str = ""


class Ring(msgspec.Struct, frozen=True, kw_only=True):
    """`[rings.NAME]`: spans in the order of the ring; the last one leads back to the first host."""

    name: str
    spans: tuple[Span, ...]


class Maintenance(msgspec.Struct, frozen=True, kw_only=True):
    """One of `[[maintenance]]`: a time in which these hosts are expected to be down.

    Attributes:
        hosts: names, resolved from the terms written.
        start_ns, end_ns: of the first time, since the epoch; `repeat` says whether it comes again at the same local time.
        until_ns: repetitions start before this; None is for ever.
    """

    hosts: frozenset[str]
    start_ns: int
    end_ns: int
    repeat: Repeat = "once"
    until_ns: int | None = None
    reason: str = ""


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """One of `[[declared]]`: an indicator that somebody states because it cannot be measured.

    Attributes:
        district: "" is the whole province.
        source: who says so, or which document.
        as_of: ISO date.
    """

    indicator: Indicator
    value: float
    district: str = ""
    source: str = ""
    as_of: str = ""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How hard one host may be asked.

    Attributes:
        sessions: requests under way at once.
        packets_per_s: requests a second; None is unlimited.
        max_pdu_bytes: the largest answer to provoke (UDP payload).
        timeout_s: wait for one answer.
        retries: repeats of a lost request, each waiting longer.
    """

    sessions: int = 2
    packets_per_s: float | None = None
    max_pdu_bytes: int = 1400
    timeout_s: float = 2.0
    retries: int = 2


class InterfaceFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which interfaces are kept: globs on the name, `include` wins over `exclude`, which wins over the default filter."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    default: bool = True
    """whether the built-in filter of virtual and never-used interfaces applies"""


class Host(msgspec.Struct, frozen=True, kw_only=True):
    """`[hosts.NAME]`, with `[defaults]` filled in.

    Attributes:
        address: IPv4, IPv6 or a name to resolve.
        transport: "snmp" or "ssh" for this protocol only, "auto" for each that the credentials have, "local" for the
            machine that the collector runs on.
        legacy_ssh: whether algorithms are accepted that SSH has given up (SHA-1 signatures, CBC ciphers).
        jump: name of the host through which SSH goes; "" is directly.
        ssh_tools: what may be run of the slow tools that only root may use.
        credentials: in the order to try.
        family: fixed by the operator; None lets discovery choose.
        ping: whether echo requests are sent.
        rated_power_w, rated_current_a: of a UPS, rectifier or PDU (current: of each phase), where its load is to be judged.
    """

    name: str
    address: str
    transport: Transport = "auto"
    snmp_port: int = 161
    ssh_port: int = 22
    legacy_ssh: bool = False
    jump: str = ""
    ssh_tools: tuple[SshTool, ...] = ()
    site: Site | None = None
    role: Role = "other"
    credentials: tuple[Credential, ...] = ()
    family: str | None = None
    tags: tuple[str, ...] = ()
    enabled: bool = True
    ping: bool = True
    limits: Limits = Limits()
    links: tuple[Link, ...] = ()
    interfaces: InterfaceFilter = InterfaceFilter()
    rated_power_w: float | None = None
    rated_current_a: float | None = None

    @property
    def is_local(self) -> bool:
        """Whether it is the machine that the collector runs on."""
        return self.transport == "local"

    @property
    def snmp_credentials(self) -> tuple[Credential, ...]:
        """Those with an SNMP side; none where the transport excludes SNMP."""
        allowed = self.transport in ("auto", "snmp")
        return tuple(credential for credential in self.credentials if credential.snmp) if allowed else ()

    @property
    def ssh_credentials(self) -> tuple[Credential, ...]:
        """Those with an SSH side; none where the transport excludes SSH."""
        allowed = self.transport in ("auto", "ssh")
        return tuple(credential for credential in self.credentials if credential.ssh) if allowed else ()

    def point_tags(self) -> dict[str, str]:
        """The tags that every point of this host carries."""
        tags = {"host": self.name, "role": self.role}
        if self.site:
            tags["site"] = self.site.id
            if self.site.province:
                tags["province"] = self.site.province
            if self.site.district:
                tags["district"] = self.site.district
        return tags


class DuckdbStore(msgspec.Struct, frozen=True, kw_only=True):
    """`[store]` with `kind = "duckdb"`: one file; `raw_days` of samples, then hourly and daily rollups."""

    path: str
    raw_days: int = 14
    hourly_days: int = 400
    daily_days: int = 3660


class InfluxStore(msgspec.Struct, frozen=True, kw_only=True):
    """`[store]` with `kind = "influxdb"`: the v2 API with `token`, `org`, `bucket`; the v1 API with `database`.

    Where `raw_days` is set, `collector store setup` makes the server keep samples that long and hourly and daily rollups
    for longer, and reports read the rollups; where it is None, samples are taken to be kept for ever.
    """

    url: str
    org: str = ""
    bucket: str = ""
    token: Secret | None = None
    database: str = ""
    user: str = ""
    password: Secret | None = None
    retention_policy: str = ""
    raw_days: int | None = None
    hourly_days: int = 400
    daily_days: int = 3660
    timeout_s: float = 10.0
    verify_tls: bool = True
    batch_points: int = 5000


class StdoutStore(msgspec.Struct, frozen=True, kw_only=True):
    """`[store]` with `kind = "stdout"`."""

    format: Literal["line", "json"] = "line"


StoreConfig = DuckdbStore | InfluxStore | StdoutStore


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """`[collector]`.

    Attributes:
        state_dir: where learnt facts, previous samples, locks and the spool live.
        deadline_s: a cycle ends by then, whatever is unfinished.
        host_deadline_s: one host's share of it at the most.
        concurrency: hosts polled at once.
        intervals: seconds by measurement, over the catalogue's.
        relearn_s: rows are learnt again at least this often.
        plugin_folders: the user's own families.
        spool_max_bytes, spool_max_age_s: what an unreachable store may pile up on disk.
        max_series: new series per host that are accepted before a warning names the culprit.
        engine: SNMP engine, "native" or "pysnmp".
        ssh_sessions: devices talked to over SSH at once.
        ssh_keep: whether `collector run` keeps sessions open between cycles.
        known_hosts: file of the pinned host keys (OpenSSH's format), an absolute path; "" becomes the one in `state_dir`.
    """

    state_dir: str
    deadline_s: float = 50.0
    host_deadline_s: float = 30.0
    concurrency: int = 200
    interval_s: int = 60
    intervals: Mapping[str, int] = {}
    relearn_s: int = 86_400
    plugin_folders: tuple[str, ...] = ()
    spool_max_bytes: int = 1 << 30
    spool_max_age_s: int = 7 * 86_400
    max_series: int = 2_000
    engine: Literal["native", "pysnmp"] = "native"
    log_format: Literal["text", "json"] = "text"
    ssh_sessions: int = 100
    ssh_keep: bool = False
    known_hosts: str = ""

    def __post_init__(self) -> None:
        if not self.known_hosts:
            force_setattr(self, "known_hosts", str(Path(self.state_dir) / "known_hosts"))


class Inventory(msgspec.Struct, frozen=True, kw_only=True):
    """All of hosts.toml and its included files."""

    settings: Settings
    store: StoreConfig
    hosts: Mapping[str, Host]
    sites: Mapping[str, Site] = {}
    credentials: Mapping[str, Credential] = {}
    stations: tuple[Station, ...] = ()
    communes: tuple[Commune, ...] = ()
    rings: Mapping[str, Ring] = {}
    maintenance: tuple[Maintenance, ...] = ()
    declared: tuple[Declared, ...] = ()
    warnings: tuple[str, ...] = ()
    """what `collector check` says beside errors; each names file and key"""
    files: tuple[str, ...] = ()
    """all that was read, the main file first"""

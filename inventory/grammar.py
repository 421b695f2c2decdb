"""What may be written in hosts.toml and the files it includes: one struct a table, one field a key.

`inventory.convert` fills them from TOML and CSV and says what is wrong; `inventory.resolve` makes the model of them.
A default of None means "not written".
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from inventory.model import Indicator, Repeat, Role, Secret, SiteKind, SshTool, Technology, Transport
from inventory.units import Bps, Bytes, Day, DayEnd, Moment, Seconds

Count = Annotated[int, Meta(ge=1, le=1_000_000_000)]
Port = Annotated[int, Meta(ge=1, le=65_535)]
Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]
People = Annotated[int, Meta(ge=0, le=2_000_000_000)]
Rating = Annotated[float, Meta(gt=0, le=1_000_000_000)]


class Table(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all tables: a key that is none of the fields is a mistake."""


class CollectorTable(Table, frozen=True):
    """`[collector]`"""

    state_dir: str = ""
    deadline_s: Seconds | None = None
    host_deadline_s: Seconds | None = None
    concurrency: Annotated[int, Meta(ge=1, le=100_000)] | None = None
    interval_s: Seconds | None = None
    intervals: dict[str, Seconds] = {}
    relearn_s: Seconds | None = None
    plugin_folders: tuple[str, ...] = ()
    spool_max_bytes: Bytes | None = None
    spool_max_age_s: Seconds | None = None
    max_series: Count | None = None
    engine: Literal["native", "pysnmp"] | None = None
    log_format: Literal["text", "json"] | None = None
    ssh_sessions: Annotated[int, Meta(ge=1, le=1_000)] | None = None
    ssh_keep: bool | None = None
    known_hosts: str = ""


class DuckdbTable(Table, frozen=True):
    """`[store]` with `kind = "duckdb"`"""

    path: str = ""
    raw_days: Count | None = None
    hourly_days: Count | None = None
    daily_days: Count | None = None


class InfluxTable(Table, frozen=True):
    """`[store]` with `kind = "influxdb"`"""

    url: str = ""
    org: str = ""
    bucket: str = ""
    token: Secret | None = None
    database: str = ""
    user: str = ""
    password: Secret | None = None
    retention_policy: str = ""
    raw_days: Count | None = None
    hourly_days: Count | None = None
    daily_days: Count | None = None
    timeout_s: Seconds | None = None
    verify_tls: bool | None = None
    batch_points: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None


class StdoutTable(Table, frozen=True):
    """`[store]` with `kind = "stdout"`"""

    format: Literal["line", "json"] | None = None


class SnmpTable(Table, frozen=True):
    """`[credentials.NAME.snmp]`: a community (versions 1 and 2c) or a user (version 3)"""

    version: Literal["1", "2c", "3"]
    community: Secret | None = None
    user: str = ""
    auth: Literal["md5", "sha1", "sha224", "sha256", "sha384", "sha512"] | None = None
    auth_key: Secret | None = None
    priv: Literal["des", "aes128", "aes192", "aes256", "aes192c", "aes256c"] | None = None
    priv_key: Secret | None = None
    context: str = ""


class SshTable(Table, frozen=True):
    """`[credentials.NAME.ssh]`"""

    user: str
    password: Secret | None = None
    key: Secret | None = None
    passphrase: Secret | None = None
    agent: bool = False
    enable: Secret | None = None


class CredentialTable(Table, frozen=True):
    """`[credentials.NAME]`"""

    snmp: SnmpTable | None = None
    ssh: SshTable | None = None


class SiteTable(Table, frozen=True):
    """`[sites.ID]`, or a row of a CSV file with the column `id`"""

    name: str = ""
    kind: SiteKind | None = None
    commune: str = ""
    district: str = ""
    province: str = ""
    lat: Latitude | None = None
    lon: Longitude | None = None
    population: People | None = None


class LinkTable(Table, frozen=True):
    """`links."INTERFACE"` of a host, or a row of a CSV file with the columns `host` and `interface`"""

    contract_in_bps: Bps | None = None
    contract_out_bps: Bps | None = None
    provider: str = ""
    kind: str = ""
    circuit_id: str = ""


class LimitsTable(Table, frozen=True):
    """`limits` of a host"""

    sessions: Annotated[int, Meta(ge=1, le=64)] | None = None
    packets_per_s: Annotated[float, Meta(gt=0, le=1_000_000)] | None = None
    max_pdu_bytes: Annotated[int, Meta(ge=484, le=65_507)] | None = None
    timeout_s: Seconds | None = None
    retries: Annotated[int, Meta(ge=0, le=20)] | None = None


class InterfacesTable(Table, frozen=True):
    """`interfaces` of a host"""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    default: bool = True


class HostTable(Table, frozen=True):
    """`[hosts.NAME]`, `[defaults]`, or a row of a CSV file with the column `address`"""

    address: str = ""
    transport: Transport = "auto"
    snmp_port: Port | None = None
    ssh_port: Port | None = None
    legacy_ssh: bool = False
    jump: str = ""
    ssh_tools: tuple[SshTool, ...] = ()
    site: str = ""
    role: Role = "other"
    credentials: tuple[str, ...] = ()
    family: str = ""
    tags: tuple[str, ...] = ()
    enabled: bool = True
    ping: bool = True
    limits: LimitsTable = LimitsTable()
    links: dict[str, LinkTable] = {}
    interfaces: InterfacesTable = InterfacesTable()
    rated_power_w: Rating | None = None
    rated_current_a: Rating | None = None


class StationTable(Table, frozen=True):
    """One of `[[stations]]`, or a row of a CSV file with the column `technology`"""

    id: str
    site: str
    technology: Technology
    operator: str = ""
    uplink: str = ""


class CommuneTable(Table, frozen=True):
    """One of `[[communes]]`, or a row of a CSV file with the columns `commune` (the name) and `district`, without `id`"""

    name: str
    district: str
    province: str = ""
    population: People | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None


class SpanTable(Table, frozen=True):
    """One of `spans` of a ring"""

    a: str
    b: str
    a_interface: str = ""
    b_interface: str = ""


class RingTable(Table, frozen=True):
    """`[rings.NAME]`"""

    hosts: tuple[str, ...] = ()
    spans: tuple[SpanTable, ...] = ()


class MaintenanceTable(Table, frozen=True):
    """One of `[[maintenance]]`"""

    hosts: tuple[str, ...]
    start: Moment
    end: Moment
    repeat: Repeat = "once"
    until: DayEnd | None = None
    reason: str = ""


class DeclaredTable(Table, frozen=True):
    """One of `[[declared]]`, or a row of a CSV file with the column `indicator`"""

    indicator: Indicator
    value: Annotated[float, Meta(ge=0, le=2_000_000_000)]
    district: str = ""
    source: str = ""
    as_of: Day | None = None

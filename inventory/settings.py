"""`[collector]`, `[store]` and `[credentials]`: what is set once, as the model has it."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inventory.convert import convert, did_you_mean, found
from inventory.grammar import (
    CollectorTable,
    CredentialTable,
    DuckdbTable,
    InfluxTable,
    SnmpTable,
    SshTable,
    StdoutTable,
)
from inventory.model import (
    Community,
    Credential,
    DuckdbStore,
    InfluxStore,
    Secret,
    Settings,
    SshLogin,
    StdoutStore,
    StoreConfig,
    UsmUser,
)
from inventory.problem import Problems, Spot
from inventory.read import Entry, Sources, expanded
from inventory.resolve import written
from inventory.secrets import reveal

_STORES: dict[str, type[DuckdbTable | InfluxTable | StdoutTable]] = {
    "duckdb": DuckdbTable,
    "influxdb": InfluxTable,
    "stdout": StdoutTable,
}

_URL = r"https?://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?(/[^\s?#]*)?"
_SHORTEST_KEY = 8
"""octets of a password (RFC 3414, section 11.2)"""


def resolve_settings(sources: Sources, folder: Path, problems: Problems) -> Settings:
    """`[collector]`; relative paths are relative to `folder`, that of the main file."""
    entry = sources.main.get("collector", Entry(spot=Spot(sources.files[0], ("collector",)), raw={}))
    table = convert(entry.raw, CollectorTable, entry.spot, problems) or CollectorTable()
    given = written(table)
    for key in ("deadline_s", "host_deadline_s", "spool_max_bytes"):
        if key in given:
            given[key] = _positive(given[key], entry.spot / key, problems)
    for key in ("interval_s", "relearn_s", "spool_max_age_s"):
        if key in given:
            given[key] = _whole_seconds(given[key], entry.spot / key, problems)
    given["intervals"] = {
        name: _whole_seconds(every, entry.spot / "intervals" / name, problems)
        for name, every in table.intervals.items()
    }
    given["plugin_folders"] = tuple(_path(plugins, folder) for plugins in table.plugin_folders)
    given["known_hosts"] = _path(table.known_hosts, folder) if table.known_hosts else ""
    given["state_dir"] = _path(table.state_dir, folder) if table.state_dir else default_state_dir()
    settings = Settings(**given)
    if settings.host_deadline_s > settings.deadline_s:
        if "host_deadline_s" in given:
            problems.add(
                entry.spot / "host_deadline_s",
                f"found {settings.host_deadline_s:g}, allowed: up to deadline_s, which is {settings.deadline_s:g}",
            )
        settings = Settings(**(given | {"host_deadline_s": settings.deadline_s}))
    return settings


def default_state_dir() -> str:
    """/var/lib/collector where we may write there, else the user's own state folder."""
    system = Path("/var/lib/collector")
    if os.access(system if system.exists() else system.parent, os.W_OK | os.X_OK):
        return str(system)
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return str(Path(home) / "collector")


def resolve_store(sources: Sources, settings: Settings, folder: Path, problems: Problems) -> StoreConfig:
    """`[store]`; a DuckDB file in the state directory where nothing else is asked for."""
    entry = sources.main.get("store", Entry(spot=Spot(sources.files[0], ("store",)), raw={}))
    raw = dict(entry.raw)
    kind = raw.pop("kind", "duckdb")
    default = DuckdbStore(path=str(Path(settings.state_dir) / "collector.duckdb"))
    if not isinstance(kind, str) or kind not in _STORES:
        hint = did_you_mean(str(kind), _STORES)
        problems.add(entry.spot / "kind", f"found {found(kind)}, allowed: {', '.join(_STORES)}{hint}")
        return default
    if "kind" not in entry.raw and ("url" in raw or "bucket" in raw):
        problems.add(entry.spot / "kind", 'is missing, allowed: "influxdb" where there is a url')
        return default
    table: DuckdbTable | InfluxTable | StdoutTable | None = convert(raw, _STORES[kind], entry.spot, problems)
    given = written(table) if table else {}
    match table:
        case DuckdbTable():
            return DuckdbStore(**(given | {"path": _path(table.path, folder) if table.path else default.path}))
        case InfluxTable():
            _check_influx(table, entry.spot, problems)
            if "timeout_s" in given:
                given["timeout_s"] = _positive(given["timeout_s"], entry.spot / "timeout_s", problems)
            return InfluxStore(**given)
        case StdoutTable():
            return StdoutStore(**given)
        case _:
            return default


def _check_influx(table: InfluxTable, spot: Spot, problems: Problems) -> None:
    if not table.url:
        problems.add(spot / "url", 'is missing, allowed: "http://HOST:PORT" or "https://HOST:PORT"')
    elif "@" in table.url:
        problems.add(spot / "url", "holds a user or a password: write them to user and password")
    elif not re.fullmatch(_URL, table.url, re.ASCII):
        problems.add(spot / "url", f'found {found(table.url)}, allowed: "http://HOST:PORT" or "https://HOST:PORT"')
    if bool(table.bucket) == bool(table.database):
        problems.add(spot, "either bucket (the v2 API) or database (the v1 API) is needed")
    elif table.database and (table.token or table.org):
        problems.add(spot, "token and org belong to the v2 API (bucket); the v1 API (database) takes user and password")
    elif table.bucket and (table.user or table.password or table.retention_policy):
        problems.add(
            spot, "user, password and retention_policy belong to the v1 API (database); the v2 API takes token"
        )
    if table.password and not table.user:
        problems.add(spot / "user", "is missing, as there is a password")
    for key in ("token", "password"):
        _check_secret(getattr(table, key), spot / key, problems)


def resolve_credentials(sources: Sources, problems: Problems) -> dict[str, Credential]:
    """`[credentials.NAME]` of all files. No message has a value of them, as it might be a secret on a wrong key."""
    credentials = {}
    for name, entry in sources.credentials.items():
        before = len(problems)
        table = convert(entry.raw, CredentialTable, entry.spot, problems)
        if table is None or len(problems) > before:
            continue
        snmp = _snmp(table.snmp, entry.spot / "snmp", problems) if table.snmp else None
        ssh = _ssh(table.ssh, entry.spot / "ssh", problems) if table.ssh else None
        if not (table.snmp or table.ssh):
            problems.add(entry.spot, "has neither snmp nor ssh, allowed: one of them, or both")
        if len(problems) == before:
            credentials[name] = Credential(name=name, snmp=snmp, ssh=ssh)
    return credentials


def _snmp(table: SnmpTable, spot: Spot, problems: Problems) -> Community | UsmUser | None:
    given = written(table)
    version = given.pop("version")
    is_set = {key for key, value in given.items() if value}
    belong = {"community"} if version != "3" else {"user", "auth", "auth_key", "priv", "priv_key", "context"}
    for key in sorted(is_set - belong):
        problems.add(spot / key, f'does not go with version "{version}", allowed: {", ".join(sorted(belong))}')
    needed = {"community": not table.community} if version != "3" else _needed(table)
    for key, missing in needed.items():
        if missing:
            problems.add(spot / key, "is missing")
    for key in ("community", "auth_key", "priv_key"):
        _check_secret(given.get(key), spot / key, problems, 1 if key == "community" else _SHORTEST_KEY)
    if len(table.user.encode()) > 32 or len(table.context.encode()) > 255:
        problems.add(spot, "user or context is too long, allowed: 32 and 255 octets")
    if table.priv and not table.auth:
        problems.add(spot / "priv", "needs auth: SNMPv3 does not encrypt without authentication")
    if version == "3":
        return UsmUser(**{key: value for key, value in given.items() if key in belong})
    return Community(version=version, community=table.community) if table.community else None


def _needed(table: SnmpTable) -> Mapping[str, bool]:
    """By key of an SNMPv3 user: whether it is needed and not there."""
    return {
        "user": not table.user,
        "auth": bool(table.auth_key and not table.auth),
        "auth_key": bool(table.auth and not table.auth_key),
        "priv": bool(table.priv_key and not table.priv),
        "priv_key": bool(table.priv and not table.priv_key),
    }


def _ssh(table: SshTable, spot: Spot, problems: Problems) -> SshLogin:
    if not table.user:
        problems.add(spot / "user", "is empty")
    if not (table.password or table.key or table.agent):
        problems.add(spot, "has nothing to log in with, allowed: password, key, agent = true, or several of them")
    if table.passphrase and not table.key:
        problems.add(spot / "passphrase", "needs key: it opens the key")
    for name in ("password", "key", "passphrase", "enable"):
        _check_secret(getattr(table, name), spot / name, problems)
    if table.key and table.key.literal and not table.key.mistake() and "PRIVATE KEY-----" not in reveal(table.key):
        problems.add(spot / "key", "is no private key, allowed: file:PATH, env:NAME, keyring:SERVICE/USER, or its text")
    return SshLogin(**written(table))


def _check_secret(secret: Secret | None, spot: Spot, problems: Problems, shortest: int = 1) -> None:
    if secret is not None and (mistake := secret.mistake(shortest)):
        problems.add(spot, mistake)


def _positive(value: Any, spot: Spot, problems: Problems) -> Any:
    if value <= 0:
        problems.add(spot, "found 0, allowed: more")
    return float(value) if isinstance(value, float) else int(value)


def _whole_seconds(value: float, spot: Spot, problems: Problems) -> int:
    if value < 1 or value != int(value):
        problems.add(spot, f"found {value:g}, allowed: whole seconds from 1")
    return max(1, int(value))


def _path(text: str, folder: Path) -> str:
    return str((folder / expanded(text)).absolute())

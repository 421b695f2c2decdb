"""What an inventory may say but should not: warnings, each with file and key."""

from collections.abc import Callable
from pathlib import Path

from inventory.model import Community, Host, InfluxStore, Inventory, Secret, UsmUser
from inventory.problem import Spot
from inventory.read import Sources

_WELL_KNOWN = {Secret("public"), Secret("private")}
_NAMES_SHOWN = 5
_LEAST_PLAUSIBLE_BPS = 1_000


def warnings_of(inventory: Inventory, sources: Sources) -> tuple[str, ...]:
    """All warnings of a loaded inventory; those of many hosts are one a file."""
    return (
        *_literal_secrets(inventory, sources),
        *_weak_credentials(inventory, sources),
        *_store(inventory),
        *_hosts(inventory, sources, "without site", lambda host: host.site is None),
        *_hosts(
            inventory,
            sources,
            "without credentials, so only pinged",
            lambda host: not (host.is_local or host.snmp_credentials or host.ssh_credentials),
        ),
        *_slow_links(inventory, sources),
    )


def _literal_secrets(inventory: Inventory, sources: Sources) -> list[str]:
    spots = []
    for name, credential in inventory.credentials.items():
        at = sources.credentials[name].spot / "snmp"
        match credential.snmp:
            case Community(community=secret):
                spots += [at / "community"] if secret.literal else []
            case UsmUser() as user:
                pairs = (("auth_key", user.auth_key), ("priv_key", user.priv_key))
                spots += [at / key for key, secret in pairs if secret and secret.literal]
    if isinstance(inventory.store, InfluxStore):
        pairs = (("token", inventory.store.token), ("password", inventory.store.password))
        spots += [sources.main["store"].spot / key for key, secret in pairs if secret and secret.literal]
    warnings = [
        f"{spot}: the secret itself is in the file, better: env:NAME, file:PATH or keyring:SERVICE/USER"
        for spot in spots
    ]
    for file in dict.fromkeys(spot.file for spot in spots):
        mode = Path(file).stat().st_mode & 0o777
        if mode & 0o044:
            warnings.append(
                f"{file}: has secrets and can be read by others (mode {mode:04o}), better: chmod 600 {file}"
            )
    return warnings


def _weak_credentials(inventory: Inventory, sources: Sources) -> list[str]:
    warnings = []
    for name, credential in inventory.credentials.items():
        at = sources.credentials[name].spot / "snmp"
        match credential.snmp:
            case Community(version=version, community=secret) if secret in _WELL_KNOWN:
                warnings.append(f"{at}: a community of SNMPv{version} that everybody knows (public, private)")
            case UsmUser(auth=None):
                warnings.append(f"{at}: SNMPv3 without authentication is no safer than a community")
            case _:
                pass
    return warnings


def _store(inventory: Inventory) -> list[str]:
    store = inventory.store
    at = Spot(inventory.files[0], ("store",))
    if not isinstance(store, InfluxStore):
        return []
    warnings = []
    if not store.verify_tls:
        warnings.append(f"{at / 'verify_tls'}: whoever can pretend to be the server gets the token and the data")
    local = ("http://127.", "http://localhost", "http://[::1]")
    if (store.token or store.password) and store.url.startswith("http://") and not store.url.startswith(local):
        warnings.append(f"{at / 'url'}: token or password cross the network unencrypted, better: https")
    return warnings


def _hosts(inventory: Inventory, sources: Sources, what: str, concerns: Callable[[Host], bool]) -> list[str]:
    by_file: dict[str, list[str]] = {}
    for host in inventory.hosts.values():
        if concerns(host):
            by_file.setdefault(sources.hosts[host.name].spot.file, []).append(host.name)
    warnings = []
    for file, names in by_file.items():
        shown = ", ".join(names[:_NAMES_SHOWN]) + (", ..." if len(names) > _NAMES_SHOWN else "")
        warnings.append(f"{file}: hosts: {len(names)} {what}: {shown}")
    return warnings


def _slow_links(inventory: Inventory, sources: Sources) -> list[str]:
    warnings = []
    for host in inventory.hosts.values():
        for link in host.links:
            for key, speed in (("contract_in_bps", link.contract_in_bps), ("contract_out_bps", link.contract_out_bps)):
                if speed is not None and speed < _LEAST_PLAUSIBLE_BPS:
                    entry = sources.links.get((host.name, link.interface))
                    at = entry.spot if entry else sources.hosts[host.name].spot / "links" / link.interface
                    warnings.append(f'{at / key}: {speed} bit/s; are Mbit/s meant, "{speed}M"?')
    return warnings

"""What an inventory may say but should not: warnings, each with file and key."""

from collections.abc import Callable
from pathlib import Path

from msgspec.structs import asdict

from inventory.convert import did_you_mean, found
from inventory.model import Community, Host, InfluxStore, Inventory, Secret, SshLogin, UsmUser
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
            lambda host: not (host.is_local or host.credentials),
        ),
        *_hosts(
            inventory,
            sources,
            "with legacy_ssh, so with algorithms that can be broken",
            lambda host: bool(host.legacy_ssh and host.ssh_credentials),
        ),
        *_hosts(
            inventory,
            sources,
            "with ssh_tools but without SSH credentials",
            lambda host: (
                "ssh_tools" in sources.hosts[host.name].raw
                and not (host.is_local or not host.ssh_tools or host.ssh_credentials)
            ),
        ),
        *_slow_links(inventory, sources),
        *_unknown_communes(inventory, sources),
    )


def _literal_secrets(inventory: Inventory, sources: Sources) -> list[str]:
    spots = []
    for name, credential in inventory.credentials.items():
        for protocol, login in (("snmp", credential.snmp), ("ssh", credential.ssh)):
            spots += _literals(login, sources.credentials[name].spot / protocol)
    if isinstance(inventory.store, InfluxStore):
        spots += _literals(inventory.store, sources.main["store"].spot)
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


def _literals(of: Community | UsmUser | SshLogin | InfluxStore | None, at: Spot) -> list[Spot]:
    """Where a struct has a secret that stands in the file itself."""
    values = asdict(of) if of else {}
    return [at / key for key, value in values.items() if isinstance(value, Secret) and value.literal]


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


def _unknown_communes(inventory: Inventory, sources: Sources) -> list[str]:
    """Where the communes of a district are declared, its sites are expected in these; one warning a commune."""
    known: dict[str, dict[str, None]] = {}
    for commune in inventory.communes:
        known.setdefault(commune.district, {})[commune.name] = None
    sites: dict[tuple[str, str], list[str]] = {}
    for site in inventory.sites.values():
        if site.commune and site.district in known and site.commune not in known[site.district]:
            sites.setdefault((site.district, site.commune), []).append(site.id)
    warnings = []
    for (district, name), ids in sites.items():
        at = sources.sites[ids[0]].spot / "commune"
        more = f" (and {len(ids) - 1} more)" if len(ids) > 1 else ""
        hint = did_you_mean(name, known[district])
        warnings.append(f"{at}{more}: found {found(name)}, which is none of the communes of {district}{hint}")
    return warnings

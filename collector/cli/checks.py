"""What `collector check` looks at beyond the files: secrets, folders, families, and what was learnt of devices.

Each function gives messages, and asks no device.
"""

import os
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from msgspec.structs import asdict

from collector.metrics.catalogue import MEASUREMENTS
from collector.plugin.registry import Registry
from inventory.model import DuckdbStore, Host, InfluxStore, Inventory, Secret
from inventory.secrets import SecretError, reveal

SeenInterfaces = Callable[[Host], Collection[str] | None]
"""the names of a host's interfaces as last learnt; None where nothing was learnt yet"""

NAMES_SHOWN = 8


def unknown_measurements(inventory: Inventory) -> list[str]:
    """Intervals of measurements that do not exist."""
    allowed = ", ".join(MEASUREMENTS)
    return [
        f"{inventory.files[0]}: collector.intervals.{name}: there is no such measurement, allowed: {allowed}"
        for name in inventory.settings.intervals
        if name not in MEASUREMENTS
    ]


def family_problems(inventory: Inventory, registry: Registry) -> list[str]:
    """Plugin folders that are not there, mistakes in their files, and hosts of families that do not exist."""
    messages = []
    for folder in map(Path, inventory.settings.plugin_folders):
        if not folder.is_dir():
            messages.append(f"{inventory.files[0]}: collector.plugin_folders: {folder} is no folder")
        for path in sorted(folder.rglob("*.toml")):
            messages += map(str, registry.check_file(path))
    known = {*registry.names(), *registry.cli_names()}
    messages += [
        f'hosts.{host.name}.family: found "{host.family}", but there is no such family (collector families lists them)'
        for host in inventory.hosts.values()
        if host.family and host.family not in known
    ]
    return messages


def unreadable_secrets(inventory: Inventory) -> list[str]:
    """References that the user who runs this cannot open."""
    messages = []
    for key, secret in _secrets(inventory):
        try:
            reveal(secret)
        except SecretError as error:
            messages.append(f"{key}: {error}")
    return messages


def _secrets(inventory: Inventory) -> Iterator[tuple[str, Secret]]:
    for name, credential in inventory.credentials.items():
        for side, login in (("snmp", credential.snmp), ("ssh", credential.ssh)):
            for key, secret in asdict(login).items() if login else ():
                if isinstance(secret, Secret):
                    yield f"credentials.{name}.{side}.{key}", secret
    if isinstance(inventory.store, InfluxStore):
        for key, secret in (("token", inventory.store.token), ("password", inventory.store.password)):
            if secret:
                yield f"store.{key}", secret


def host_keys(inventory: Inventory) -> list[str]:
    """Enabled hosts with SSH of which no host key is pinned, and damaged lines of the file that has the pinned ones.

    Raises:
        TransportError: that file cannot be read.
    """
    hosts = [host for host in inventory.hosts.values() if host.enabled and host.ssh_credentials]
    if not hosts:
        return []
    from collector.transport.ssh.known_hosts import KnownHosts

    known_hosts = KnownHosts(Path(inventory.settings.known_hosts))
    told = known_hosts.problems[:NAMES_SHOWN]
    if more := len(known_hosts.problems) - len(told):
        told.append(f"{known_hosts.path}: {more:,} more such lines")
    if unpinned := [host.name for host in hosts if not known_hosts.of(host.address, host.ssh_port)]:
        names = " ".join(unpinned[:NAMES_SHOWN]) + (" ..." if len(unpinned) > NAMES_SHOWN else "")
        have = "host has" if len(unpinned) == 1 else "hosts have"
        told.append(
            f"{len(unpinned):,} {have} no pinned host key, without which SSH asks nobody: collector trust {names}"
        )
    return told


def unwritable_folders(inventory: Inventory) -> list[str]:
    """The state directory and the store's file, where the user who runs this cannot write them."""
    wanted = {"collector.state_dir": Path(inventory.settings.state_dir)}
    if isinstance(inventory.store, DuckdbStore):
        path = Path(inventory.store.path)
        if path.is_dir():
            return [f"store.path: {path} is a folder, allowed: a file"]
        if path.exists() and not os.access(path, os.W_OK):
            return [f"store.path: {path} cannot be written by user {os.getuid()}"]
        wanted["store.path"] = path.parent
    messages = []
    for key, folder in wanted.items():
        existing = next(part for part in (folder, *folder.parents) if part.exists())
        if not existing.is_dir():
            messages.append(f"{key}: {existing} is no folder")
        elif not os.access(existing, os.W_OK | os.X_OK):
            messages.append(f"{key}: {existing} cannot be written by user {os.getuid()}")
    return messages


def unseen_links(inventory: Inventory, seen: SeenInterfaces) -> list[str]:
    """Links whose interface the device does not have, as far as it was learnt."""
    warnings = []
    for host in inventory.hosts.values():
        names = seen(host) if host.links else None
        if names is None:
            continue
        for link in host.links:
            if link.interface not in names:
                shown = ", ".join(sorted(names)[:NAMES_SHOWN]) + (", ..." if len(names) > NAMES_SHOWN else "")
                warnings.append(
                    f'hosts.{host.name}.links."{link.interface}": the device has no such interface; it has: {shown or "none"}'
                )
    return warnings


def learnt_interfaces(state_dir: Path) -> SeenInterfaces:
    """Interfaces as the state directory remembers them."""
    from collector.runtime.facts import HostFacts, host_address
    from collector.runtime.state import StateDir, StateError

    try:
        state = StateDir(state_dir, read_only=True) if state_dir.is_dir() else None
    except StateError:  # whoever may not look there has been told by `unwritable_folders`
        state = None

    def seen(host: Host) -> Collection[str] | None:
        facts = state.load(HostFacts, host.name) if state else None
        if facts is None or facts.address != host_address(host):
            return None
        tables = [table for table in facts.plan.tables if table.table == "interface"]
        return {row.tags["name"] for table in tables for row in table.rows if "name" in row.tags}

    return seen

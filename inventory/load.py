"""hosts.toml and the files it includes, as an `Inventory`: the way in.

The trip: `read` (TOML, CSV: raw tables with their spots) -> `convert` (each table against its struct in `grammar`) ->
`settings` and `resolve` (the model, one thing checked against another) -> `audit` (what is allowed but unwise).
"""

from pathlib import Path

from msgspec.structs import replace

from inventory.audit import warnings_of
from inventory.model import Inventory
from inventory.problem import InventoryError, Problem, Problems
from inventory.read import read
from inventory.resolve import resolve_hosts, resolve_sites, resolve_stations
from inventory.resolve_area import resolve_communes, resolve_declared
from inventory.resolve_maintenance import resolve_maintenance
from inventory.resolve_rings import resolve_rings
from inventory.settings import resolve_credentials, resolve_settings, resolve_store

__all__ = ["InventoryError", "Problem", "load"]


def load(path: Path) -> Inventory:
    """The inventory that the main file `path` and its includes describe.

    Raises:
        InventoryError: with all that is wrong, not only the first.
    """
    problems = Problems()
    inventory = _assembled(path, problems)
    if inventory is None:
        raise problems.error()
    return inventory


def _assembled(path: Path, problems: Problems) -> Inventory | None:
    """Apart from `load`, so that no frame that raises holds raw tables: a secret may stand on a wrong key there."""
    sources = read(path, problems)
    settings = resolve_settings(sources, path.parent, problems)
    store = resolve_store(sources, settings, path.parent, problems)
    credentials = resolve_credentials(sources, problems)
    sites = resolve_sites(sources, problems)
    hosts = resolve_hosts(sources, sites, credentials, problems)
    stations = resolve_stations(sources, problems)
    communes = resolve_communes(sources, problems)
    rings = resolve_rings(sources, problems)
    maintenance = resolve_maintenance(sources, hosts, problems)
    declared = resolve_declared(sources, problems)
    if problems:
        return None
    inventory = Inventory(
        settings=settings,
        store=store,
        hosts=hosts,
        sites=sites,
        credentials=credentials,
        stations=stations,
        communes=communes,
        rings=rings,
        maintenance=maintenance,
        declared=declared,
        files=tuple(sources.files),
    )
    return replace(inventory, warnings=warnings_of(inventory, sources))

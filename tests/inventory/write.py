"""Writes small inventories for tests."""

from pathlib import Path

from inventory.load import InventoryError, load
from inventory.model import Inventory


def inventory(folder: Path, main: str, **files: str | bytes) -> Inventory:
    """Loads `main` as hosts.toml beside `files`, whose last `_` is the dot of their name (`sites_csv`)."""
    (folder / "hosts.toml").write_text(main, encoding="utf-8")
    for name, content in files.items():
        path = folder / ".".join(name.rsplit("_", 1))
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return load(folder / "hosts.toml")


def problems(folder: Path, main: str, **files: str | bytes) -> list[str]:
    """What is said of a broken one, without the folder."""
    try:
        inventory(folder, main, **files)
    except InventoryError as error:
        return str(error).replace(f"{folder}/", "").splitlines()
    return []

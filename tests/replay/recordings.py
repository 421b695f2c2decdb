"""Where the recordings of real devices are: the package snmpsim-data."""

import importlib.util
from pathlib import Path


def folder() -> Path:
    """Of all recordings."""
    spec = importlib.util.find_spec("snmpsim_data")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "data"


def wanted() -> list[Path]:
    """The recordings to replay, the largest first so that no core waits for the last one."""
    sizes = {path: path.stat().st_size for path in folder().rglob("*.snmprec*") if path.is_file()}
    return sorted(sizes, key=lambda path: (-sizes[path], path))

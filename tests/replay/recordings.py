"""Where the recordings of real devices are: the package snmpsim-data."""

import importlib.util
import os
from pathlib import Path

ALL = "COLLECTOR_REPLAY_ALL"
"""the environment variable that has the large recordings replayed too"""
SMALL_BYTES = 120_000
"""as they are in the package, most of them packed: a recording of this size takes half a second"""


def folder() -> Path:
    """Of all recordings."""
    spec = importlib.util.find_spec("snmpsim_data")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "data"


def wanted() -> list[Path]:
    """The recordings to replay, the largest first so that no core waits for the last one."""
    sizes = {path: path.stat().st_size for path in folder().rglob("*.snmprec*") if path.is_file()}
    largest = float("inf") if os.environ.get(ALL) else SMALL_BYTES
    return sorted((path for path in sizes if sizes[path] <= largest), key=lambda path: (-sizes[path], path))

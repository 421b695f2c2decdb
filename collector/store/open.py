"""The one place that knows which configuration means which store. Each is imported only when it is asked for."""

from typing import BinaryIO

from collector.store.contract import Store
from inventory.model import DuckdbStore, InfluxStore, StdoutStore, StoreConfig


def open_store(config: StoreConfig, *, wait_s: float = 30.0, stream: BinaryIO | None = None) -> Store:
    """The store of a configuration; nothing is contacted yet.

    Args:
        wait_s: how long to wait for other processes that use the same DuckDB file.
        stream: where `kind = "stdout"` prints, standard output by default.

    Raises:
        inventory.secrets.SecretError: a token or password cannot be had.
    """
    match config:
        case DuckdbStore():
            from collector.store.duck import DuckStore

            return DuckStore(config, wait_s=wait_s)
        case InfluxStore():
            from collector.store.influx import InfluxdbStore

            return InfluxdbStore(config)
        case StdoutStore():
            from collector.store.stdout import PrintStore

            return PrintStore(config, stream)

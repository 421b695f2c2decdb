"""The generated year that reports are measured on: it can be made, and is what a store would have made of it."""

import time
from itertools import islice
from pathlib import Path

import pytest

from benchmarks import year
from collector.store.duck import DuckStore
from inventory.load import load
from inventory.model import DuckdbStore

DAY_NS = 86_400 * 10**9


def test_a_small_year(tmp_path: Path) -> None:
    until_s = time.time()
    year.run(tmp_path, hosts=30, days=8, raw_days=2, until_s=until_s)
    inventory = load(tmp_path / "hosts.toml")
    store = DuckStore(DuckdbStore(path=str(tmp_path / "year.duckdb")))
    today_ns = int(until_s) // 86_400 * DAY_NS
    week = {"since_ns": today_ns - 7 * DAY_NS, "until_ns": today_ns + DAY_NS, "every_s": 86_400}
    for measurement, field in (("device", "up"), ("interface", "in_bps"), ("link", "contract_in_bps")):
        found = list(store.histories(measurement, [field], **week))
        assert {history.tags["host"] for history in found} <= set(inventory.hosts)
        assert max(len(history.times_ns) for history in found) == 8
    yesterday = {"since_ns": today_ns - DAY_NS, "until_ns": today_ns}
    for five_minutes in islice(store.histories("interface", ["in_bps"], **yesterday, every_s=300), 10):
        only = {key: [value] for key, value in five_minutes.tags.items() if key in ("host", "name")}
        (day,) = store.histories("interface", ["in_bps"], **yesterday, every_s=86_400, only=only)
        assert day.values["in_bps"][0] == pytest.approx(five_minutes.values["in_bps"].mean(), rel=1e-4)
    store.close()

"""Every report, made of the simulated province's past in DuckDB and in InfluxDB: the same on both, in every format and language.

The province tells a story: one saturated line, one ring open, one UPS on battery, one commune with a single live site, one
disk filling. Each is found by its report and named in the summary.
"""

import json
import math
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from collector.report.context import DAY_NS, Context
from collector.report.formats import csv_format, json_format, xlsx_format
from collector.report.formats.html.page import render
from collector.report.language import CODES, Language
from collector.report.model import Finding, Report
from collector.report.registry import REPORTS
from collector.simulator.province.files import load_province, write_province
from collector.simulator.province.history import past_points
from collector.simulator.province.places import OPEN_SPAN, WEAK_COMMUNE
from collector.store.contract import Store
from collector.store.open import open_store
from inventory.load import load
from inventory.model import DuckdbStore, InfluxStore, Inventory
from tests.servers import influxd
from tests.store.conftest import influxql

pytestmark = pytest.mark.server

NOW_S = 1_780_000_000.0
DAYS = 24

STORY = {
    "line-full": ("capacity links", "wan-binh-gia ether1"),
    "ring-open": ("capacity rings", "lang-son"),
    "ups-on-battery": ("capacity power", "ups-dc-1"),
    "commune-single-site": ("coverage mobile", WEAK_COMMUNE),
    "disk-filling": ("capacity servers", "srv-backup-1 /srv/backup"),
}
"""by the finding's key: the report that finds it, and what it is about"""


@pytest.fixture(scope="module")
def inventory(tmp_path_factory: pytest.TempPathFactory) -> Inventory:
    return load(write_province(tmp_path_factory.mktemp("province"), 1161, NOW_S))


@pytest.fixture(scope="module")
def stores(inventory: Inventory, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Store]]:
    """Both with the same points."""
    with influxd(tmp_path_factory.mktemp("influxd")) as url:
        influxql(url, 'CREATE DATABASE "network"')
        duck = open_store(DuckdbStore(path=str(tmp_path_factory.mktemp("duck") / "network.duckdb"), raw_days=400))
        influx = open_store(InfluxStore(url=url, database="network", timeout_s=60))
        province, now_s = load_province(Path(inventory.files[0]).parent)
        for points in past_points(inventory, province, now_s, days=DAYS):
            for store in (duck, influx):
                assert not store.write(points).rejected
        yield {"duckdb": duck, "influxdb": influx}
        influx.close()


@pytest.fixture(scope="module")
def made(inventory: Inventory, stores: dict[str, Store]) -> dict[str, dict[str, Report]]:
    """By store and name."""
    return {
        name: {kind.name: kind.make(context) for kind in REPORTS.values()}
        for name, store in stores.items()
        for context in [_context(inventory, store)]
    }


def _context(inventory: Inventory, store: Store) -> Context:
    until_ns = int(NOW_S * 1e9)
    return Context(inventory, store, since_ns=until_ns - (DAYS - 1) * DAY_NS, until_ns=until_ns, zone=UTC)


def _found(report: Report, key: str) -> list[Finding]:
    return [finding for finding in report.findings if finding.key == key]


@pytest.mark.parametrize("key", STORY)
@pytest.mark.parametrize("store", ["duckdb", "influxdb"])
def test_the_story_is_found_by_its_report_and_named_in_the_summary(
    made: dict[str, dict[str, Report]], store: str, key: str
) -> None:
    name, where = STORY[key]
    (found,) = _found(made[store][name], key)
    assert where in found.where
    assert where in {finding.where for finding in _found(made[store]["summary"], key)} | {
        finding.where.split(",")[0] for finding in _found(made[store]["summary"], key)
    }


def test_the_open_span_is_named(made: dict[str, dict[str, Report]]) -> None:
    from collector.simulator.province.cabling import slug

    (found,) = _found(made["duckdb"]["summary"], "ring-open")
    assert " – ".join(f"ring-{slug(district)}" for district in OPEN_SPAN) in str(found.sentence)


@pytest.mark.parametrize("name", REPORTS)
def test_both_stores_tell_the_same(made: dict[str, dict[str, Report]], name: str) -> None:
    language = Language("en", UTC)
    duck, influx = (json.loads(json_format.encode(made[store][name], language)) for store in ("duckdb", "influxdb"))
    for document in (duck, influx):
        _forget_trends(document)
    assert _difference(duck, influx) is None


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("name", REPORTS)
def test_every_format_takes_it_in_every_language(made: dict[str, dict[str, Report]], name: str, code: str) -> None:
    report, language = made["duckdb"][name], Language(code, UTC)  # type: ignore[arg-type]
    title = language.text(report.title)
    page = render(report, language, made_ns=int(NOW_S * 1e9))
    assert title in page
    assert f'lang="{code}"' in page
    assert json.loads(json_format.encode(report, language))["title"] == title
    assert xlsx_format.encode(report, language).startswith(b"PK")
    for section in report.sections:
        if hasattr(section, "columns"):
            header = csv_format.encode(section, language, mark=False).split(b"\r\n")[0].decode().split(",")
            assert header[: len(section.columns)] == [column.key for column in section.columns]


def _forget_trends(document: dict[str, Any]) -> None:
    """Leave out what is made of daily percentiles, and the order and choice of charts that follow from it.

    The past of the province has twelve samples a day of most lines, and InfluxDB rounds the rank of a percentile to the
    nearest where DuckDB rounds it up.
    """
    for table in document["tables"]:
        for row in table["rows"]:
            for key in [key for key in row if key.startswith(("growth", "date_", "daily", "order", "trend"))]:
                del row[key]
        table["rows"].sort(key=lambda row: json.dumps(list(row.values()))[:60])
    if document["report"] == "capacity links":
        document["charts"] = []


def _difference(a: Any, b: Any, at: str = "") -> str | None:
    """Where two documents differ by more than rounding; None where they do not."""
    if isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys():
        return next((found for key in a if (found := _difference(a[key], b[key], f"{at}.{key}"))), None)
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        pairs = enumerate(zip(a, b, strict=True))
        return next((found for n, (x, y) in pairs if (found := _difference(x, y, f"{at}[{n}]"))), None)
    if isinstance(a, float | int) and isinstance(b, float | int) and math.isclose(a, b, rel_tol=1e-4, abs_tol=1e-3):
        return None
    return None if a == b else f"{at}: {a!r} != {b!r}"

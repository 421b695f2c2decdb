"""The exported files, taken apart."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import yaml

from collector.grafana.provisioning import files
from inventory.model import InfluxStore, Settings, Site

Json = dict[str, Any]

STORE = InfluxStore(url="http://127.0.0.1:8086", database="collector", raw_days=45)
SETTINGS = Settings(state_dir="state")
SITES = [
    Site(id="LS-TP", name='UBND "TP", Lạng Sơn', lat=21.853, lon=106.761),
    Site(id="LS-BS", name="UBND Bắc Sơn", lat=21.903, lon=106.318),
    Site(id="nowhere"),
]


class Asked(NamedTuple):
    """A query of a panel."""

    board: Json
    panel: Json
    target: Json

    @property
    def name(self) -> str:
        """For messages."""
        return f"{self.board['title']} / {self.panel['title']} / {self.target['refId']}"


@cache
def exported() -> dict[str, str]:
    """All files of a usual inventory."""
    return files(STORE, SETTINGS, "/srv/dashboards", SITES)


def boards(found: dict[str, str] | None = None) -> list[Json]:
    """The dashboards among them."""
    found = exported() if found is None else found
    return [json.loads(text) for path, text in found.items() if path.startswith("dashboards/")]


def rules(found: dict[str, str] | None = None) -> list[Json]:
    """The alert rules among them."""
    found = exported() if found is None else found
    groups = yaml.safe_load(found["provisioning/alerting/collector.yaml"])["groups"]
    return [rule for group in groups for rule in group["rules"]]


def asked(found: list[Json]) -> Iterator[Asked]:
    """All queries of all panels that go to InfluxDB."""
    for board in found:
        for panel in board["panels"]:
            for target in panel.get("targets", []):
                if target["datasource"]["type"] == "influxdb":
                    yield Asked(board, panel, target)

"""The folder that Grafana is pointed at: data source, dashboards, alert rules; the same inventory always makes the same files.

No secret is in any of them: they name environment variables of Grafana's process, $COLLECTOR_INFLUX_PASSWORD or
$COLLECTOR_INFLUX_TOKEN.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from collector.grafana.alert_file import FOLDER
from collector.grafana.alert_file import provisioning as alert_rules
from collector.grafana.boards.all import BOARDS
from collector.grafana.influxql import Place, Source
from collector.grafana.query import DATASOURCE_UID, PLUGIN, SITES_PLUGIN, SITES_UID
from collector.metrics.catalogue import CATALOGUE
from inventory.model import InfluxStore, Settings, Site

PASSWORD_VARIABLE = "COLLECTOR_INFLUX_PASSWORD"  # noqa: S105 - the name of one
TOKEN_VARIABLE = "COLLECTOR_INFLUX_TOKEN"  # noqa: S105

_HEADING = "# written by `collector dashboards export`; changes are lost\n"


def files(store: InfluxStore, settings: Settings, dashboards_path: str, sites: Iterable[Site] = ()) -> dict[str, str]:
    """What is to be written, by path below the folder.

    Args:
        dashboards_path: where Grafana's process will find the folder's `dashboards`.
        sites: for the map.
    """
    source = source_of(store, settings, sites)
    boards = [json.loads(_json(make(source).build())) for make in BOARDS]
    ids = {(board["uid"], panel["title"]): panel["id"] for board in boards for panel in board["panels"]}
    provisioned = {
        "alerting": alert_rules(source, ids),
        "dashboards": _providers(dashboards_path),
        "datasources": _datasources(store, settings),
    }
    written = {f"provisioning/{kind}/collector.yaml": _HEADING + yaml(content) for kind, content in provisioned.items()}
    return written | {f"dashboards/{board['uid']}.json": _json(board) for board in boards}


def source_of(store: InfluxStore, settings: Settings, sites: Iterable[Site] = ()) -> Source:
    """Where the points of this inventory are, and how often they come."""
    intervals = {each.name: max(each.interval_s, settings.interval_s) for each in CATALOGUE}
    places = tuple(
        Place(site.id, site.name, site.lat, site.lon)
        for site in sorted(sites, key=lambda site: site.id)
        if site.lat is not None and site.lon is not None
    )
    intervals |= settings.intervals
    return Source(
        retention_policy=store.retention_policy,
        intervals=intervals,
        places=places,
        rolled_up=store.raw_days is not None,
    )


def _datasources(store: InfluxStore, settings: Settings) -> dict[str, Any]:
    """InfluxQL on all versions: 2.x and 3.x answer it for a bucket under the bucket's name, authorised by a header."""
    options: dict[str, Any] = {
        "dbName": _literal(store.database or store.bucket),
        "httpMode": "POST",
        "timeInterval": f"{settings.interval_s}s",
        "version": "InfluxQL",
    }
    if not store.verify_tls:
        options["tlsSkipVerify"] = True
    datasource: dict[str, Any] = {
        "name": "Collector",
        "uid": DATASOURCE_UID,
        "type": PLUGIN,
        "access": "proxy",
        "url": _literal(store.url),
        "editable": False,
        "jsonData": options,
    }
    if store.token:
        options["httpHeaderName1"] = "Authorization"
        datasource["secureJsonData"] = {"httpHeaderValue1": f"Token ${TOKEN_VARIABLE}"}
    elif store.user:
        datasource["user"] = _literal(store.user)
        datasource["secureJsonData"] = {"password": f"${PASSWORD_VARIABLE}"}
    sites = {"name": "Collector's sites", "uid": SITES_UID, "type": SITES_PLUGIN, "access": "proxy", "editable": False}
    return {"apiVersion": 1, "datasources": [datasource, sites]}


def _providers(dashboards_path: str) -> dict[str, Any]:
    provider = {
        "name": "collector",
        "orgId": 1,
        "folder": FOLDER,
        "type": "file",
        "disableDeletion": False,
        "allowUiUpdates": False,
        "updateIntervalSeconds": 60,
        "options": {"path": _literal(dashboards_path)},
    }
    return {"apiVersion": 1, "providers": [provider]}


def _literal(value: str) -> str:
    """Grafana would take what follows a $ for an environment variable's name."""
    return value.replace("$", "$$")


def _json(content: object) -> str:
    from grafana_foundation_sdk.cog.encoder import JSONEncoder

    return json.dumps(content, cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def yaml(content: Mapping[str, Any]) -> str:
    """YAML in block style; a string is written as JSON writes it, which YAML reads as well."""
    return "\n".join(_mapping(content, "")) + "\n"


def _mapping(content: Mapping[str, Any], margin: str) -> Iterator[str]:
    for key, value in content.items():
        if isinstance(value, Mapping) and value:
            yield f"{margin}{key}:"
            yield from _mapping(value, f"{margin}  ")
        elif isinstance(value, list) and value:
            yield f"{margin}{key}:"
            yield from _sequence(value, f"{margin}  ")
        else:
            yield f"{margin}{key}: {json.dumps(value, ensure_ascii=False)}"


def _sequence(content: list[Any], margin: str) -> Iterator[str]:
    for value in content:
        if isinstance(value, Mapping) and value:
            first, *others = _mapping(value, f"{margin}  ")
            yield f"{margin}- {first.lstrip()}"
            yield from others
        else:
            yield f"{margin}- {json.dumps(value, ensure_ascii=False)}"

"""A query as Grafana's InfluxDB data source keeps it: the SDK has no model of one."""

from typing import Any, Literal, Self

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.common import DataSourceRef

PLUGIN = "influxdb"
DATASOURCE_UID = "collector"
SITES_PLUGIN = "grafana-testdata-datasource"
SITES_UID = "collector-sites"
"""gives back what a query holds: where sites stand"""

Format = Literal["time_series", "table"]


class InfluxQuery(Dataquery):
    """An InfluxQL query in raw mode.

    `alias` names the series: $tag_NAME is a tag's value, $col the column. A table has a column for each tag and field.
    """

    def __init__(
        self, query: str = "", ref_id: str = "A", result_format: Format = "time_series", alias: str = ""
    ) -> None:
        self.query = query
        self.ref_id = ref_id
        self.result_format: Format = result_format
        self.alias = alias

    def to_json(self) -> dict[str, object]:
        """As it stands in a dashboard and in an alert rule."""
        written: dict[str, object] = {
            "datasource": datasource().to_json(),
            "query": self.query,
            "rawQuery": True,
            "refId": self.ref_id,
            "resultFormat": self.result_format,
        }
        return written | ({"alias": self.alias} if self.alias else {})

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The query that was written so."""
        return cls(data["query"], data["refId"], data["resultFormat"], data.get("alias", ""))


class Target(Builder[InfluxQuery]):
    """What the SDK's panels take."""

    def __init__(self, query: InfluxQuery) -> None:
        self.query = query

    def build(self) -> InfluxQuery:
        return self.query


def datasource() -> DataSourceRef:
    """The data source that is provisioned with the dashboards."""
    return DataSourceRef(type_val=PLUGIN, uid=DATASOURCE_UID)

"""A map of the sites, coloured by how many of their hosts are down.

Where sites stand is in the inventory and not in the store, so it stands in the panel itself, as CSV that Grafana's own test data source
gives back; the panel joins it to what InfluxDB says, by site.
"""

import csv
import io
from collections.abc import Sequence

from grafana_foundation_sdk.builders import common, dashboard, geomap, testdata
from grafana_foundation_sdk.models import common as common_models
from grafana_foundation_sdk.models import dashboard as models

from collector.grafana import cells, panels
from collector.grafana.influxql import Source, count_newest, is_false
from collector.grafana.links import of_row, to_site
from collector.grafana.panels import asked, link
from collector.grafana.query import SITES_PLUGIN, SITES_UID

_MIXED = common_models.DataSourceRef(type_val="mixed", uid="-- Mixed --")


def site_map(source: Source, where: Sequence[str]) -> geomap.Panel:
    """Green where all hosts answer, red where any does not; a click leads to the site."""
    every = count_newest(source, "device", ["up"], "", where, each=["host"], by=["site"], name="hosts")
    down = count_newest(source, "device", ["up"], is_false("up"), where, each=["host"], by=["site"], name="down")
    none = models.ValueMappingResult(text="0", color=cells.GOOD)
    special = models.DashboardSpecialValueMapOptions(match=models.SpecialValueMatch.NULL_AND_NAN, result=none)
    steps = [models.Threshold(None, cells.GOOD), models.Threshold(1, cells.BAD)]
    minutes = panels.recent_minutes(source, "device")
    return (
        geomap.Panel()
        .title("Map")
        .description("Sites that have coordinates in the inventory, red where a host does not answer.")
        .datasource(_MIXED)
        .time_from(f"{minutes}m")
        .hide_time_override(True)
        .with_target(asked(every, "A", result_format="table"))
        .with_target(asked(down, "B", result_format="table"))
        .with_target(
            testdata.Dataquery()
            .ref_id("C")
            .datasource(common_models.DataSourceRef(type_val=SITES_PLUGIN, uid=SITES_UID))
            .scenario_id("csv_content")
            .csv_content(_csv(source))
        )
        .with_transformation(panels.without_time())
        .with_transformation(models.DataTransformerConfig("joinByField", options={"byField": "site", "mode": "outer"}))
        .with_transformation(panels.only_with("lat"))
        .thresholds(dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(steps))
        .override_by_name("down", [cells.prop("mappings", [models.SpecialValueMap(special)])])
        .data_links([link("Site", to_site(of_row("site")))])
        .view(geomap.MapViewConfig().id("fit").all_layers(True))
        .basemap(common.MapLayerOptions().type("default").name("Map"))
        .layers([_markers()])
    )


def _markers() -> common.MapLayerOptions:
    place = common.FrameGeometrySource().mode(common_models.FrameGeometrySourceMode.COORDS)
    style = {
        "color": {"field": "down", "fixed": cells.GOOD},
        "opacity": 0.8,
        "size": {"fixed": 6, "max": 15, "min": 2},
        "symbol": {"fixed": "img/icons/marker/circle.svg", "mode": "fixed"},
    }
    return (
        common.MapLayerOptions()
        .type("markers")
        .name("Sites")
        .config({"showLegend": False, "style": style})
        .location(place.latitude("lat").longitude("lon"))
        .tooltip(True)
    )


def _csv(source: Source) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("site", "place", "lat", "lon"))
    writer.writerows((place.site, place.name, place.lat, place.lon) for place in source.places)
    return text.getvalue()

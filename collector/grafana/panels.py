"""Panels as these dashboards have them: units, limits and help texts come from the catalogue, gaps stay gaps."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias, TypeVar

from grafana_foundation_sdk.builders import bargauge, common, dashboard, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.models import common as common_models
from grafana_foundation_sdk.models import dashboard as models

from collector.grafana.cells import BAD, GOOD, Properties, thresholds
from collector.grafana.influxql import Source
from collector.grafana.limits import limits_of, unit_of
from collector.grafana.query import Format, InfluxQuery, Target, datasource
from collector.metrics.catalogue import MEASUREMENTS

Table: TypeAlias = table.Panel
Lines: TypeAlias = timeseries.Panel
SomePanel = TypeVar("SomePanel", bound=table.Panel | timeseries.Panel | stat.Panel | bargauge.Panel)


def asked(query: str, ref_id: str = "A", *, alias: str = "", result_format: Format = "time_series") -> Target:
    """A query of a panel."""
    return Target(InfluxQuery(query, ref_id, result_format, alias))


def explained(measurement: str, *fields: str, more: str = "") -> str:
    """A help text: what the catalogue says of these fields."""
    known = MEASUREMENTS[measurement]
    lines = [more] if more else []
    lines += [known.help] + [f"- `{name}`: {known.field(name).help}" for name in fields]
    return "\n".join(lines)


def link(title: str, url: str) -> dashboard.DashboardLink:
    """What a click on a series or a cell offers."""
    return dashboard.DashboardLink(title).url(url)


def lines(
    title: str,
    source: Source,
    measurement: str,
    field: str,
    targets: Sequence[Target],
    *,
    sensor_class: str = "",
    help: str = "",
    url: str = "",
    to: str = "Device",
) -> Lines:
    """Values over time, in the unit of a field, with its limits dashed. A window is never shorter than the time between two
    samples, so that each has one; where one has none, the line ends."""
    limits = limits_of(measurement, field, sensor_class)
    panel = (
        timeseries.Panel()
        .title(title)
        .description(help or explained(measurement, field))
        .datasource(datasource())
        .interval(f"{source.interval_s(measurement)}s")
        .unit(unit_of(measurement, field, sensor_class))
        .line_width(1)
        .fill_opacity(10)
        .show_points(common_models.VisibilityMode.AUTO)
        .span_nulls(False)
        .thresholds(thresholds(limits))
        .legend(_legend())
        .tooltip(
            common.VizTooltipOptions()
            .mode(common_models.TooltipDisplayMode.MULTI)
            .sort(common_models.SortOrder.DESCENDING)
        )
    )
    if limits:
        style = common.GraphThresholdsStyleConfig().mode(common_models.GraphThresholdsStyleMode.DASHED)
        panel.thresholds_style(style)
    if unit_of(measurement, field, sensor_class) == "percent":
        panel.min(0).axis_soft_max(100)
    if url:
        panel.data_links([link(to, url)])
    for target in targets:
        panel.with_target(target)
    return panel


def years(panel: Lines) -> Lines:
    """A panel of the last year, whatever the dashboard's range, day by day."""
    return panel.interval("1d").time_from("1y")


def bars(title: str, source: Source, measurement: str, targets: Sequence[Target], help: str) -> Lines:
    """Counts over time: stacked bars, as between two counts there is nothing."""
    panel = (
        timeseries.Panel()
        .title(title)
        .description(help)
        .datasource(datasource())
        .interval(f"{source.interval_s(measurement)}s")
        .unit("short")
        .decimals(0)
        .min(0)
        .draw_style(common_models.GraphDrawStyle.BARS)
        .line_width(0)
        .fill_opacity(80)
        .stacking(common.StackingConfig().mode(common_models.StackingMode.NORMAL))
        .legend(_legend())
        .tooltip(common.VizTooltipOptions().mode(common_models.TooltipDisplayMode.MULTI))
    )
    for target in targets:
        panel.with_target(target)
    return panel


def number(title: str, target: Target, help: str, *, good: bool = False, url: str = "", to: str = "") -> stat.Panel:
    """One count; of bad things from the first on red, unless it counts `good` ones. None counted is 0."""
    steps = [models.Threshold(None, GOOD), *([] if good else [models.Threshold(1, BAD)])]
    panel = (
        stat.Panel()
        .title(title)
        .description(help)
        .datasource(datasource())
        .with_target(target)
        .unit("short")
        .decimals(0)
        .no_value("0")
        .thresholds(dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(steps))
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .graph_mode(common_models.BigValueGraphMode.NONE)
        .color_mode(common_models.BigValueColorMode.VALUE)
    )
    return panel.data_links([link(to, url)]) if url else panel


def reading(
    title: str, measurement: str, field: str, targets: Sequence[Target], *, sensor_class: str = "", help: str = ""
) -> stat.Panel:
    """The newest value of each series."""
    panel = (
        stat.Panel()
        .title(title)
        .description(help or explained(measurement, field))
        .datasource(datasource())
        .unit(unit_of(measurement, field, sensor_class))
        .thresholds(thresholds(limits_of(measurement, field, sensor_class)))
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .graph_mode(common_models.BigValueGraphMode.NONE)
        .color_mode(common_models.BigValueColorMode.VALUE)
    )
    for target in targets:
        panel.with_target(target)
    return panel


def gauges(
    title: str, measurement: str, field: str, target: Target, *, sensor_class: str = "", help: str = "", url: str = ""
) -> bargauge.Panel:
    """The newest value of each series as a bar, coloured by the limits."""
    panel = (
        bargauge.Panel()
        .title(title)
        .description(help or explained(measurement, field))
        .datasource(datasource())
        .with_target(target)
        .unit(unit_of(measurement, field, sensor_class))
        .thresholds(thresholds(limits_of(measurement, field, sensor_class)))
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .orientation(common_models.VizOrientation.HORIZONTAL)
        .display_mode(common_models.BarGaugeDisplayMode.BASIC)
    )
    if unit_of(measurement, field, sensor_class) == "percent":
        panel.min(0).max(100)
    return panel.data_links([link("Device", url)]) if url else panel


def states(
    title: str, source: Source, measurement: str, target: Target, mapping: models.ValueMap, help: str, *, url: str = ""
) -> statetimeline.Panel:
    """States over time, one row per series; nothing is drawn where nothing was measured."""
    panel = (
        statetimeline.Panel()
        .title(title)
        .description(help)
        .datasource(datasource())
        .interval(f"{source.interval_s(measurement)}s")
        .with_target(target)
        .mappings([mapping])
        .merge_values(True)
        .show_value(common_models.VisibilityMode.NEVER)
        .fill_opacity(70)
        .line_width(0)
        .span_nulls(False)
        .per_page(20)
        .legend(_legend())
    )
    return panel.data_links([link("Device", url)]) if url else panel


def rows(
    title: str,
    targets: Sequence[str],
    help: str,
    *,
    order: Sequence[str],
    columns: Mapping[str, Properties],
    worst: str = "",
    ascending: bool = False,
    filters: Sequence[models.DataTransformerConfig] = (),
) -> Table:
    """A table: one row for what has equal tags in all queries. The time goes, as it differs from query to query.

    Args:
        order: the columns, from the left.
        columns: settings by column.
        worst: the column to sort by, the highest first unless `ascending`.
        filters: which rows stay.
    """
    panel = (
        table.Panel()
        .title(title)
        .description(help)
        .datasource(datasource())
        .filterable(True)
        .with_transformation(without_time())
    )
    for position, query in enumerate(targets):
        panel.with_target(asked(query, "ABCDEFGH"[position], result_format="table"))
    if len(targets) > 1:
        panel.with_transformation(models.DataTransformerConfig("merge", options={}))
    for rule in filters:
        panel.with_transformation(rule)
    by_position = {name: index for index, name in enumerate(order)}
    panel.with_transformation(models.DataTransformerConfig("organize", options={"indexByName": by_position}))
    for name, properties in columns.items():
        panel.override_by_name(name, properties)
    if worst:
        panel.sort_by([common.TableSortByFieldState().display_name(worst).desc(not ascending)])
    return panel


def now(panel: SomePanel, source: Source, measurement: str) -> SomePanel:
    """The panel for the last moments, whatever the dashboard's range."""
    panel.time_from(f"{recent_minutes(source, measurement)}m")
    panel.hide_time_override(True)
    return panel


def recent_minutes(source: Source, measurement: str) -> int:
    """Long enough for three polls, a quarter of an hour at least."""
    return max(15, -(-3 * source.interval_s(measurement) // 60))


def without_time() -> models.DataTransformerConfig:
    """Answers without their times, which differ from query to query, so that they can be joined."""
    return models.DataTransformerConfig("filterFieldsByName", options={"exclude": {"names": ["Time"]}})


def only_with(column: str) -> models.DataTransformerConfig:
    """Of a table only the rows that have something in that column."""
    rule = {"fieldName": column, "config": {"id": "isNotNull", "options": {}}}
    return models.DataTransformerConfig("filterByValue", options={"filters": [rule], "type": "include", "match": "all"})


def _legend() -> common.VizLegendOptions:
    return (
        common.VizLegendOptions()
        .display_mode(common_models.LegendDisplayMode.LIST)
        .placement(common_models.LegendPlacement.BOTTOM)
        .show_legend(True)
    )

"""Whether the dashboards are what Grafana takes, as far as that can be told without it: the SDK knows the schema, the catalogue the names."""

import csv
import io
import re
from collections import Counter
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from grafana_foundation_sdk.cog import runtime
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models import units
from grafana_foundation_sdk.models.dashboard import Dashboard, Panel, RowPanel

from collector.grafana import limits, links
from collector.grafana.provisioning import files
from collector.grafana.query import DATASOURCE_UID, PLUGIN, InfluxQuery
from collector.metrics.catalogue import CATALOGUE, HOST_TAGS, MEASUREMENTS, SENSOR_UNITS
from tests.grafana.boards import SETTINGS, STORE, Asked, Json, asked, boards
from tests.grafana.filling import variables_in

BOARDS = boards()
PANELS = [(board, panel) for board in BOARDS for panel in board["panels"]]
QUERIES = list(asked(BOARDS))
KNOWN_UNITS = {value for name, value in vars(units).items() if not name.startswith("_") and isinstance(value, str)}


def walked(value: Any, key: str) -> list[Any]:
    """Everything that stands under that key, at any depth."""
    if isinstance(value, dict):
        here = [value[key]] if key in value else []
        return here + [found for each in value.values() for found in walked(each, key)]
    return [found for each in value for found in walked(each, key)] if isinstance(value, list) else []


def test_the_dashboards_that_were_asked_for_are_there() -> None:
    wanted = {value for name, value in vars(links).items() if name.isupper() and not name.startswith("_")}
    assert Counter(board["uid"] for board in BOARDS) == Counter(wanted)
    assert len({board["title"] for board in BOARDS}) == len(BOARDS) == 9
    assert all(board["timezone"] == "browser" and len(board["uid"]) <= 40 for board in BOARDS)


@pytest.mark.parametrize("board", BOARDS, ids=[board["uid"] for board in BOARDS])
def test_the_sdk_reads_what_is_written_and_would_write_it_so(board: Json) -> None:
    """A key that the schema does not have would be lost on the way."""
    from json import loads

    from grafana_foundation_sdk.cog.encoder import JSONEncoder

    register_default_plugins()
    runtime.register_dataquery_variant(runtime.DataqueryConfig(PLUGIN, InfluxQuery.from_json))
    read = Dashboard.from_json(board)
    assert all(isinstance(panel, Panel | RowPanel) for panel in read.panels or [])
    assert loads(JSONEncoder().encode(read)) == board


@pytest.mark.parametrize("board", BOARDS, ids=[board["uid"] for board in BOARDS])
def test_panels_do_not_overlap_and_bear_numbers_of_their_own(board: Json) -> None:
    cells: Counter[tuple[int, int]] = Counter()
    for panel in board["panels"]:
        place = panel["gridPos"]
        assert place["x"] >= 0
        assert place["x"] + place["w"] <= 24
        cells.update(
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        )
    assert max(cells.values()) == 1
    ids = [panel["id"] for panel in board["panels"]]
    assert len(set(ids)) == len(ids)
    assert min(ids) > 0


@pytest.mark.parametrize("query", QUERIES, ids=[query.name for query in QUERIES])
def test_queries_speak_of_what_the_catalogue_has(query: Asked) -> None:
    target, text = query.target, query.target["query"]
    assert target["rawQuery"] is True
    assert target["datasource"] == {"type": "influxdb", "uid": DATASOURCE_UID}
    assert query.panel["datasource"] in (target["datasource"], {"type": "mixed", "uid": "-- Mixed --"})
    ((policy, measurement),) = set(re.findall(r'FROM (?:"(daily)"\.)?"(\w+)"', text))
    known = MEASUREMENTS[measurement]
    tags, fields = {*HOST_TAGS, *known.tags}, {field.name for field in known.fields}
    if policy:
        fields = {policy, *(f"{field}_{what}" for field in fields for what in ("avg", "max", "min", "p95"))}
    named = set(re.findall(r'AS "([^"]+)"', text))
    literals = set(re.findall(r"'[^']*'", text))
    assert set(re.findall(r'"([^"]+)"', re.sub(r"'[^']*'", "", text))) <= {measurement} | tags | fields | named
    assert all(
        literal[1:-1] in {*SENSOR_UNITS, "ok", "down", "power", "server", "link", "storage"} for literal in literals
    )
    for grouped in re.findall(r"GROUP BY ([^)]*?)(?: fill|\)|$)", text.replace("time($__interval)", "time")):
        assert {name.strip('" ') for name in grouped.split(",")} <= tags | {"time"}
    assert set(variables_in(text)) <= {each["name"] for each in query.board["templating"]["list"]}


@pytest.mark.parametrize("query", QUERIES, ids=[query.name for query in QUERIES])
def test_gaps_stay_gaps(query: Asked) -> None:
    """Windows without a sample are nulls that no line crosses; a window is long enough for a sample."""
    panel, text = query.panel, query.target["query"]
    if "$__interval" not in text:
        assert "fill(" not in text
        return
    assert re.fullmatch(r"\d+[sd]", panel["interval"])
    custom = panel["fieldConfig"]["defaults"]["custom"]
    if custom.get("drawStyle") == "bars":
        assert text.count("fill(none)") == 2
    else:
        assert text.endswith("fill(null)")
        assert custom["spanNulls"] is False


def test_aliases_take_tags_and_columns_that_are_there() -> None:
    for query in QUERIES:
        text, alias = query.target["query"], query.target.get("alias", "")
        grouped = set(re.findall(r'"(\w+)"', text.rpartition(" GROUP BY ")[2]))
        assert set(re.findall(r"\$tag_(\w+)", alias)) <= grouped, query.name
        assert (
            len(re.findall(r'AS "', text.partition(" FROM ")[0])) == 1
            or "$col" in alias
            or query.target["resultFormat"] == "table"
        )


def columns_of(panel: Json) -> set[str]:
    """The columns of a table: the tags and the names in its queries."""
    found: set[str] = set()
    for target in panel["targets"]:
        text = target["query"]
        found |= set(re.findall(r'AS "([^"]+)"', text.partition(" FROM ")[0]))
        found |= set(re.findall(r'"(\w+)"', text.rpartition(" GROUP BY ")[2]))
    return found


@pytest.mark.parametrize(
    ("board", "panel"),
    [(board, panel) for board, panel in PANELS if panel["type"] == "table"],
    ids=lambda each: each["title"],
)
def test_tables_arrange_columns_that_are_there(board: Json, panel: Json) -> None:
    columns = columns_of(panel)
    transformations = {each["id"]: each["options"] for each in panel["transformations"]}
    assert next(iter(transformations)) == "filterFieldsByName", "the times of several queries differ"
    assert set(transformations["organize"]["indexByName"]) == columns
    for override in panel["fieldConfig"].get("overrides", []):
        assert override["matcher"]["options"] in columns
    for rule in transformations.get("filterByValue", {}).get("filters", []):
        assert rule["fieldName"] in columns
    assert {each["displayName"] for each in panel["options"].get("sortBy", [])} <= columns
    for url in walked(panel, "url"):
        assert set(re.findall(r"__data\.fields\.(\w+)", url)) <= columns


def test_links_lead_to_dashboards_and_variables_that_are_there() -> None:
    variables = {board["uid"]: {each["name"] for each in board["templating"]["list"]} for board in BOARDS}
    urls = [(board, panel, url) for board, panel in PANELS for url in walked(panel, "url")]
    targets = set()
    for board, panel, url in urls:
        parts = urlsplit(url)
        uid = parts.path.removeprefix("/d/")
        targets.add((board["uid"], uid))
        names = {name for name, _ in parse_qsl(parts.query) if name.startswith("var-")}
        assert {name.removeprefix("var-") for name in names} <= variables[uid], (panel["title"], url)
        assert parts.query.endswith("${__url_time_range}")
        grouped = {
            tag
            for target in panel["targets"]
            for tag in re.findall(r'"(\w+)"', target.get("query", "").rpartition(" GROUP BY ")[2])
        }
        assert set(re.findall(r"__field\.labels\.(\w+)", url)) <= grouped, (panel["title"], url)
    for step in (
        (links.OVERVIEW, links.SITE),
        (links.SITE, links.DEVICE),
        (links.DEVICE, links.INTERFACE),
        (links.OVERVIEW, links.DEVICE),
        (links.OVERVIEW, links.INTERFACE),
        (links.CAPACITY, links.INTERFACE),
        (links.MOBILE, links.SITE),
    ):
        assert step in targets


def test_units_are_grafanas_and_every_unit_of_the_catalogue_has_one() -> None:
    used = {unit for _, panel in PANELS for unit in walked(panel.get("fieldConfig", {}), "unit")}
    used |= {each["value"] for _, panel in PANELS for each in _properties(panel) if each["id"] == "unit"}
    assert used <= KNOWN_UNITS
    assert {*limits.UNITS.values(), *limits.SENSOR_GRAFANA_UNITS.values()} <= KNOWN_UNITS
    numbers = {
        field.unit for each in CATALOGUE for field in each.fields if field.type in (int, float) and not field.rate
    }
    shown = {field.unit for each in CATALOGUE for field in each.fields if (each.name, field.name) in limits.LIMITS}
    assert shown <= set(limits.UNITS)
    assert numbers - set(limits.UNITS) <= {"class"}
    assert set(SENSOR_UNITS.values()) <= set(limits.SENSOR_GRAFANA_UNITS)


def _properties(panel: Json) -> list[Json]:
    overrides = panel.get("fieldConfig", {}).get("overrides", [])
    return [each for override in overrides for each in override["properties"]]


def test_limits_are_of_fields_that_are_there_and_the_worse_comes_later() -> None:
    assert all(MEASUREMENTS[measurement].field(field) for measurement, field in limits.LIMITS)
    assert set(limits.SENSOR_LIMITS) <= set(SENSOR_UNITS)
    for each in (*limits.LIMITS.values(), *limits.SENSOR_LIMITS.values()):
        assert (each.warning < each.critical) == (each.worse == "above")


def test_panels_say_what_they_show() -> None:
    for board, panel in PANELS:
        if panel["type"] != "row":
            assert len(panel["description"]) > 20, panel["title"]
            assert panel["targets"]
            refs = [target["refId"] for target in panel["targets"]]
            assert len(set(refs)) == len(refs)
        titles = Counter((each["title"], each["type"]) for each in board["panels"])
        assert titles[panel["title"], "row"] <= 1


def test_variables_depend_on_those_before_them_and_can_hold_several_values() -> None:
    for board in BOARDS:
        before: set[str] = set()
        for variable in board["templating"]["list"]:
            assert variable["query"].startswith("SHOW TAG VALUES FROM ")
            assert set(variables_in(variable["query"])) == before
            assert variable["multi"] is True
            assert variable["includeAll"] is (variable.get("allValue") == ".*")
            assert variable["datasource"]["uid"] == DATASOURCE_UID
            before.add(variable["name"])


def test_the_map_joins_coordinates_of_the_inventory_by_site() -> None:
    overview = next(board for board in BOARDS if board["uid"] == links.OVERVIEW)
    (panel,) = (panel for panel in overview["panels"] if panel["type"] == "geomap")
    *influx, coordinates = panel["targets"]
    assert all('GROUP BY "site"' in target["query"] for target in influx)
    assert coordinates["datasource"] == {"type": "grafana-testdata-datasource", "uid": "collector-sites"}
    assert coordinates["scenarioId"] == "csv_content"
    read = list(csv.DictReader(io.StringIO(coordinates["csvContent"])))
    assert read == [
        {"site": "LS-BS", "place": "UBND Bắc Sơn", "lat": "21.903", "lon": "106.318"},
        {"site": "LS-TP", "place": 'UBND "TP", Lạng Sơn', "lat": "21.853", "lon": "106.761"},
    ]
    (layer,) = panel["options"]["layers"]
    assert (layer["location"]["latitude"], layer["location"]["longitude"]) == ("lat", "lon")
    assert layer["config"]["style"]["color"]["field"] == "down"


def test_without_coordinates_there_is_no_map() -> None:
    found = boards(files(STORE, SETTINGS, "/srv"))
    assert not any(panel["type"] == "geomap" for board in found for panel in board["panels"])

"""The alert rules as a file."""

import re
from collections import Counter

import pytest
from grafana_foundation_sdk.models import expr
from grafana_foundation_sdk.models.expr import TypeMath, TypeReduce, TypeThreshold

from collector.grafana.query import DATASOURCE_UID, InfluxQuery
from collector.metrics.catalogue import HOST_TAGS, MEASUREMENTS
from tests.grafana.boards import Json, boards, exported, rules

RULES = rules()
BOARDS = {board["uid"]: board for board in boards()}
each_rule = pytest.mark.parametrize("rule", RULES, ids=[rule["uid"] for rule in RULES])


def test_what_somebody_should_be_told_is_there() -> None:
    assert {rule["uid"].removeprefix("collector-") for rule in RULES} == {
        *("host-down", "temperature", "bad-state", "line-warning", "line-critical", "line-full-soon"),
        *("storage-full", "storage-full-soon", "power", "power-runtime", "station-down", "station-degraded"),
        *("silent", "partial", "slow"),
    }
    assert max(Counter(rule["title"] for rule in RULES).values()) == 1
    assert all(len(rule["uid"]) <= 40 for rule in RULES)


@each_rule
def test_a_rule_has_what_provisioning_asks_for(rule: Json) -> None:
    assert re.fullmatch(r"\d+[smh]", rule["for"])
    assert rule["noDataState"] in ("OK", "Alerting")
    assert rule["execErrState"] == "Error"
    assert rule["labels"]["severity"] in ("warning", "critical")
    assert rule["annotations"].keys() == {"summary", "description", "link"}
    refs = [query["refId"] for query in rule["data"]]
    assert len(set(refs)) == len(refs)
    assert rule["condition"] == refs[-1]


@each_rule
def test_expressions_are_those_of_the_schema(rule: Json) -> None:
    models = {"reduce": TypeReduce, "threshold": TypeThreshold, "math": TypeMath}
    earlier: set[str] = set()
    for query in rule["data"]:
        model = query["model"]
        assert model["refId"] == query["refId"]
        if query["datasourceUid"] == DATASOURCE_UID:
            span = query["relativeTimeRange"]
            assert span["from"] >= 300 > span["to"] == 0
            assert InfluxQuery.from_json(model).query == model["query"]
        else:
            assert query["datasourceUid"] == "__expr__"
            kind = models[model["type"]]
            read = kind.from_json(model).to_json()
            assert {key: read[key] for key in model if key not in ("datasource", "conditions")} == {
                key: value for key, value in model.items() if key not in ("datasource", "conditions")
            }
            assert set(re.findall(r"\$\{(\w+)\}", model["expression"]) or [model["expression"]]) <= earlier
        earlier.add(query["refId"])
    assert expr


@each_rule
def test_queries_span_three_samples_and_group_by_what_the_texts_name(rule: Json) -> None:
    texts = "".join(rule["annotations"].values())
    for query in rule["data"]:
        if query["datasourceUid"] != DATASOURCE_UID:
            continue
        text = query["model"]["query"]
        (measurement,) = set(re.findall(r'FROM "(\w+)"', text))
        known = MEASUREMENTS[measurement]
        assert query["relativeTimeRange"]["from"] >= min(3 * known.interval_s, 3 * 86_400)
        grouped = set(re.findall(r'"(\w+)"', text.rpartition(" GROUP BY ")[2])) if " GROUP BY " in text else set()
        assert grouped <= {*HOST_TAGS, *known.tags}
        assert set(re.findall(r"\.Labels\.(\w+)", texts)) <= grouped
        assert "$__interval" not in text, "one number a series"
    numbers = {query["refId"] for query in rule["data"] if query["model"].get("type") == "reduce"}
    assert set(re.findall(r"\.Values\.(\w+)\.Value", texts)) <= numbers


@each_rule
def test_links_lead_where_the_trouble_is_seen(rule: Json) -> None:
    board = BOARDS[rule["dashboardUid"]]
    (panel,) = (panel for panel in board["panels"] if panel["id"] == rule["panelId"])
    assert sum(1 for each in board["panels"] if each["title"] == panel["title"]) == 1
    link = rule["annotations"]["link"]
    assert f"/d/{board['uid']}?" in link
    variables = {each["name"] for each in board["templating"]["list"]}
    assert set(re.findall(r"var-(\w+)=", link)) <= variables


def test_nothing_is_taken_for_an_environment_variable_but_in_queries() -> None:
    """Provisioning reads $NAME everywhere but in a query's model."""
    for rule in RULES:
        rest = {key: value for key, value in rule.items() if key != "data"}
        assert "$" not in str(rest), rule["uid"]
    assert "$labels" not in exported()["provisioning/alerting/collector.yaml"]

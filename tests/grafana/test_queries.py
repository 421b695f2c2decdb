"""Every query of every panel, variable and alert rule, against InfluxDB with what the collector wrote of a simulated province."""

import re
from typing import Any

import pytest

from collector.grafana.provisioning import files
from collector.metrics.model import Point
from inventory.model import InfluxStore
from tests.grafana.boards import Asked, Json, asked, boards, rules
from tests.grafana.filling import Chosen, filled, variables_in
from tests.grafana.world import Province

pytestmark = pytest.mark.server

RANGE_S, DAY_S = 3600, 86_400
TAG_OF = {"interface": "name"}
"""variables that are not called as their tags"""


def of(province: Province) -> dict[str, str]:
    """The files that are exported for the province."""
    inventory = province.inventory
    assert isinstance(inventory.store, InfluxStore)
    return files(inventory.store, inventory.settings, "/srv/dashboards", inventory.sites.values())


def says_something(series: list[dict[str, Any]]) -> bool:
    return any(value is not None for each in series for row in each["values"] for value in row[1:])


class Board:
    """A dashboard, and what its variables offer."""

    def __init__(self, province: Province, board: Json) -> None:
        self.province, self.json = province, board
        self.everything: dict[str, list[str] | None] = {}
        self.offered: dict[str, list[str]] = {}
        for variable in board["templating"]["list"]:
            query = variable["query"]
            self.offered[variable["name"]] = self._values(query, self.everything)
            for name in variables_in(query):
                for count in (1, 2):
                    narrowed = {**self.everything, name: self.offered[name][:count]}
                    assert self._values(query, narrowed), (board["title"], query, narrowed)
            self.everything[variable["name"]] = None if variable["includeAll"] else self.offered[variable["name"]]

    def _values(self, query: str, chosen: Chosen) -> list[str]:
        answer = self.province.ask(filled(query, chosen, 0, 0))
        values = [row[1] for each in answer for row in each["values"]]
        assert values, (self.json["title"], query)
        return values

    def ask(self, query: Asked, chosen: Chosen) -> list[dict[str, Any]]:
        """What the panel gets with these values chosen."""
        until_s = self.province.now_s + 5
        span_s, window_s = (2 * DAY_S, DAY_S) if query.panel.get("interval") == "1d" else (RANGE_S, 60)
        statement = filled(query.target["query"], chosen, until_s - span_s, until_s, window_s)
        return self.province.ask(statement)


def test_every_panel_has_something_to_show(province: Province) -> None:
    silent = []
    for json in boards(of(province)):
        board = Board(province, json)
        for query in asked([json]):
            answer = board.ask(query, board.everything)
            if not says_something(answer):
                silent.append(query.name)
                continue
            names = variables_in(query.target["query"])
            silent += [f"{query.name}, by {name}" for name in names if not narrowed(board, query, name, answer)]
    assert silent == []


def narrowed(board: Board, query: Asked, name: str, answer: list[dict[str, Any]]) -> bool:
    """Whether the panel shows something for one value of the variable and for two, and only what was chosen."""
    tag = TAG_OF.get(name, name)
    shown = [value for each in answer if (value := each.get("tags", {}).get(tag))]
    for value in dict.fromkeys((*shown, *board.offered[name])):
        found = board.ask(query, {**board.everything, name: [value]})
        if says_something(found):
            assert {each["tags"][tag] for each in found if tag in each.get("tags", {})} <= {value}
            other = next((each for each in board.offered[name] if each != value), value)
            return says_something(board.ask(query, {**board.everything, name: [value, other]}))
    return False


def test_names_that_regular_expressions_take_for_theirs_are_found_as_they_are(province: Province) -> None:
    name = r"ge-0/0/0.1 (a|b) [x]* \ end$"
    province.write(province.point("interface", "wan-binh-gia", {"name": name}, in_bps=1.0, out_bps=2.0))
    board = next(each for each in boards(of(province)) if each["uid"] == "collector-interface")
    traffic = next(query for query in asked([board]) if query.panel["title"] == "Traffic")
    until_s = province.now_s + 5
    chosen = {"host": ["wan-binh-gia"], "interface": [name]}
    found = province.ask(filled(traffic.target["query"], chosen, until_s - 60, until_s))
    assert [each["tags"]["name"] for each in found] == [name]


def alerts(province: Province, rule: Json, now_s: float) -> list[dict[str, str]]:
    """The labels of the series for which the rule's condition holds, as Grafana finds them out."""
    numbers: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for query in rule["data"]:
        model, ref_id = query["model"], query["refId"]
        if query["datasourceUid"] != "__expr__":
            span = query["relativeTimeRange"]
            statement = filled(model["query"], {}, now_s - span["from"], now_s - span["to"])
            series = province.ask(statement)
            numbers[ref_id] = {tuple(sorted(each.get("tags", {}).items())): each["values"][-1][1] for each in series}
        elif model["type"] == "reduce":
            assert model["reducer"] == "last"
            numbers[ref_id] = numbers[model["expression"]]
        elif model["type"] == "threshold":
            (condition,) = model["conditions"]
            (limit,) = condition["evaluator"]["params"]
            sign = {"gt": 1, "lt": -1}[condition["evaluator"]["type"]]
            numbers[ref_id] = {key: sign * value > sign * limit for key, value in numbers[model["expression"]].items()}
        else:
            assert model["type"] == "math"
            terms = [re.fullmatch(r"\$\{(\w+)\} > ([\d.]+)", term) for term in model["expression"].split(" || ")]
            numbers[ref_id] = {
                key: any(term and numbers[term[1]][key] > float(term[2]) for term in terms)
                for key in numbers[terms[0][1] if terms[0] else ""]
            }
    return [dict(key) for key, holds in numbers[rule["condition"]].items() if holds]


def troubles(province: Province) -> list[Point]:
    """What did not happen in the province."""
    return [
        province.point("sensor", "dc-core-1", {"name": "fan tray", "class": "temperature"}, value=91.0),
        province.point("state", "dc-core-1", {"name": "fan 1", "class": "fan"}, code=2, text="failed", ok=False),
        province.point("sensor", "ups-dc-1", {"name": "Battery", "class": "runtime"}, value=100.0),
        province.point("poll", "dc-core-1", {}, outcome="partial", duration_s=2.0),
        province.point("poll", "dc-core-2", {}, outcome="ok", duration_s=3000.0),
    ]


def test_alert_rules_fire_where_there_is_trouble_and_nowhere_else(province: Province) -> None:
    now_s = province.now_s + 5
    fired = {rule["uid"]: alerts(province, rule, now_s) for rule in rules(of(province))}
    who = {uid: {each["host"] for each in found} for uid, found in fired.items() if found}
    assert who == {
        "collector-host-down": {"bts-huu-kien-1"},
        "collector-line-warning": {"wan-binh-gia"},
        "collector-line-critical": {"wan-binh-gia"},
        "collector-line-full-soon": {"wan-binh-gia"},
        "collector-power": {"ups-dc-1"},
        "collector-station-degraded": {"bts-dao-vien-1"},
        "collector-station-down": {"bts-huu-kien-1"},
        "collector-storage-full": {"srv-backup-1"},
        "collector-storage-full-soon": {"srv-backup-1"},
    }
    province.write(*troubles(province))
    still_quiet = []
    for rule in rules(of(province)):
        found = alerts(province, rule, now_s)
        if not found:
            still_quiet.append(rule["uid"])
        texts = "".join(rule["annotations"].values())
        for labels in found:
            assert set(re.findall(r"\.Labels\.(\w+)", texts)) <= {name for name, value in labels.items() if value}
    assert still_quiet == ["collector-silent"]
    (silent,) = (rule for rule in rules(of(province)) if rule["uid"] == "collector-silent")
    assert alerts(province, silent, now_s + 86_400) == []
    assert silent["noDataState"] == "Alerting", "no answer at all is its trouble"

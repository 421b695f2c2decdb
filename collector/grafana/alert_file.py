"""Alert rules in the file format of Grafana's unified alerting: queries, each reduced to one number, and a condition on them."""

from collections.abc import Mapping, Sequence
from typing import Any

from collector.grafana.alerts import rules
from collector.grafana.influxql import Source
from collector.grafana.query import DATASOURCE_UID, InfluxQuery
from collector.grafana.rule import Rule

FOLDER = "Collector"
_EXPRESSIONS = "__expr__"


def provisioning(source: Source, panel_ids: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    """The rules as Grafana provisions them, in a group for each interval; `panel_ids` by dashboard and panel's title."""
    grouped: dict[str, list[dict[str, Any]]] = {}
    for rule in rules(source):
        grouped.setdefault(rule.every, []).append(_written(rule, panel_ids[rule.board, rule.panel]))
    return {
        "apiVersion": 1,
        "groups": [
            {"orgId": 1, "name": f"collector every {every}", "folder": FOLDER, "interval": every, "rules": group}
            for every, group in grouped.items()
        ],
    }


def _written(rule: Rule, panel_id: int) -> dict[str, Any]:
    asked = [
        {
            "refId": ref_id,
            "datasourceUid": DATASOURCE_UID,
            "relativeTimeRange": {"from": rule.span_s, "to": 0},
            "model": InfluxQuery(query, ref_id).to_json() | {"intervalMs": 60_000, "maxDataPoints": 43_200},
        }
        for ref_id, query in zip("AB", rule.queries, strict=False)
    ]
    reduced = [_expression(f"R{each['refId']}", "reduce", str(each["refId"]), reducer="last") for each in asked]
    return {
        "uid": rule.uid,
        "title": rule.title,
        "condition": "C",
        "data": [*asked, *reduced, _condition(rule, [str(each["refId"]) for each in reduced])],
        "dashboardUid": rule.board,
        "panelId": panel_id,
        "noDataState": rule.silence,
        "execErrState": "Error",
        "for": rule.lasting,
        "labels": {"severity": rule.severity, "source": "collector"},
        "annotations": {"summary": rule.summary, "description": rule.help, "link": _link(rule)},
        "isPaused": False,
    }


def _condition(rule: Rule, refs: Sequence[str]) -> dict[str, Any]:
    sign, kind = (">", "gt") if rule.worse == "above" else ("<", "lt")
    if len(refs) == 1:
        evaluator = {"type": kind, "params": [rule.limit]}
        return _expression("C", "threshold", refs[0], conditions=[{"type": "query", "evaluator": evaluator}])
    return _expression("C", "math", " || ".join(f"${{{ref}}} {sign} {rule.limit:g}" for ref in refs))


def _expression(ref_id: str, kind: str, expression: str, **more: Any) -> dict[str, Any]:
    datasource = {"type": _EXPRESSIONS, "uid": _EXPRESSIONS}
    model = {"refId": ref_id, "type": kind, "expression": expression, "datasource": datasource, **more}
    return {"refId": ref_id, "datasourceUid": _EXPRESSIONS, "model": model}


def _link(rule: Rule) -> str:
    values = "".join(f"&var-{name}={{{{ urlquery .Labels.{label} }}}}" for name, label in rule.variables.items())
    return f'{{{{ reReplaceAll "/+\\\\z" "" externalURL }}}}/d/{rule.board}?orgId=1{values}'

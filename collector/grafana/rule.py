"""What an alert rule is."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from collector.grafana.influxql import Source

Severity = Literal["warning", "critical"]

PLACE = ("district", "site", "role")
HOST = ("host", *PLACE)


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule: an alert for each series of which any of the queries has a value beyond the limit.

    Attributes:
        queries: each answers with one value per series.
        limit, worse: beyond which value it is one.
        span_s: how far back the queries look.
        lasting: for how long it has to be so, as Grafana writes times.
        summary: of one alert, a template.
        board, panel: where to look; `variables` of the dashboard by label.
        silence: what no answer at all means.
    """

    uid: str
    title: str
    severity: Severity
    queries: tuple[str, ...]
    limit: float = 0.0
    worse: Literal["above", "below"] = "above"
    span_s: int
    lasting: str
    summary: str
    help: str
    board: str
    panel: str
    variables: Mapping[str, str] = {}
    silence: Literal["OK", "Alerting"] = "OK"
    every: Literal["1m", "1h"] = "1m"


def span_s(source: Source, measurement: str) -> int:
    """Long enough for three samples."""
    return max(300, 3 * source.interval_s(measurement))

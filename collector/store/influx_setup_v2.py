"""Making an InfluxDB 2.x keep samples for a time and rollups for longer: buckets, and tasks in Flux that fill them.

The rollups are those of `influx_rollup`, in buckets BUCKET/hourly and BUCKET/daily: InfluxQL finds them as retention
policies of a database BUCKET (from 2.4 on without a mapping of one's own). Done again, tasks and retentions are brought
to what the configuration says.
"""

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from collector.metrics.catalogue import CATALOGUE
from collector.metrics.model import Measurement
from collector.store.contract import StoreRefusedError
from collector.store.influx_http import HttpClient, failure
from collector.store.influx_rollup import EVERY, GRAINS, LATE, counted_field, has_percentile, kept_fields
from collector.store.influx_setup import Say, Step
from collector.store.segments import DAILY, HOURLY
from inventory.model import InfluxStore

_DAY_S = 86_400

_NUMBERS = (("min", "min"), ("mean", "avg"), ("max", "max"))


def steps(config: InfluxStore) -> list[Step]:
    """What will be done, as a person would write it."""
    days = {f"/{HOURLY}": config.hourly_days, f"/{DAILY}": config.daily_days}
    made = [
        Step(f"{name[1:]} rollups: {days[name]} days", f"bucket {config.bucket}{name}, retention {days[name]}d")
        for name in days
    ]
    return made + [
        Step(task_name(config, measurement, grain), flux(config, measurement, grain))
        for measurement in CATALOGUE
        for grain in GRAINS
    ]


def retention(config: InfluxStore) -> Step:
    """The last step."""
    return Step(f"samples: {config.raw_days} days", f"bucket {config.bucket}, retention {config.raw_days}d")


def task_name(config: InfluxStore, measurement: Measurement, grain: str) -> str:
    return f"collector {config.bucket} {measurement.name} {grain}"


def flux(config: InfluxStore, measurement: Measurement, grain: str, since: str = "") -> str:
    """The task that makes a rollup; with `since`, a script that makes it from then on."""
    every, bucket = GRAINS[grain], config.bucket
    fields = kept_fields(measurement)
    numbers = [field.name for field in fields if field.type in (int, float)]
    lines = ['import "date"', ""]
    if not since:
        task = f"{{name: {_text(task_name(config, measurement, grain))}, every: {EVERY}, offset: 20m}}"
        lines += [f"option task = {task}", ""]
    start = since or f"date.truncate(t: -{LATE}, unit: 1d)"
    lines += [
        f"samples = from(bucket: {_text(bucket)})",
        f"    |> range(start: {start})",
        f"    |> filter(fn: (r) => r._measurement == {_text(measurement.name)})",
    ]

    def put(names: list[str], how: str, suffix: str, condition: str = "", name: str = "") -> None:
        if not names:
            return
        renamed = _text(name) if name else f"r._field + {_text(suffix)}"
        lines.extend(
            (
                "",
                "samples",
                f"    |> filter(fn: (r) => contains(value: r._field, set: {json.dumps(names)}){condition})",
                f'    |> aggregateWindow(every: {every}, fn: {how}, createEmpty: false, timeSrc: "_start")',
                f"    |> map(fn: (r) => ({{r with _field: {renamed}}}))",
                f"    |> to(bucket: {_text(f'{bucket}/{grain}')})",
                f"    |> yield(name: {_text(name or f'{how if how.isalpha() else suffix} {suffix}'.strip())})",
            )
        )

    for how, suffix in _NUMBERS:
        put(numbers, how, f"_{suffix}")
    if grain == DAILY:
        exact = '(column, tables=<-) => tables |> quantile(q: 0.95, column: column, method: "exact_selector")'
        put([field.name for field in fields if has_percentile(field)], exact, "_p95")
    put([field.name for field in fields if field.type is str], "last", "")
    flags = [field.name for field in fields if field.type is bool]
    put(flags, "count", "_count")
    put(flags, "count", "_true", " and r._value == true")
    put([counted_field(measurement).name], "count", "", name="samples")
    return "\n".join(lines) + "\n"


def set_up(config: InfluxStore, client: HttpClient, say: Say) -> None:
    """Do all that `steps` says.

    Raises:
        StoreUnavailableError, StoreRefusedError: the server does not answer, or the token may not do this.
    """
    found = _call(client, "GET", "/api/v2/orgs", {"org": config.org}).get("orgs") or []
    if not found:
        raise StoreRefusedError(f"there is no organization {config.org!r}", operation="setup", target=client.target)
    org = str(found[0]["id"])
    if _bucket(config, client, config.bucket) is None:
        _put_bucket(config, client, org, config.bucket, config.raw_days or 0)
    written = iter(steps(config))
    for grain, days in ((HOURLY, config.hourly_days), (DAILY, config.daily_days)):
        say(next(written))
        _put_bucket(config, client, org, f"{config.bucket}/{grain}", days)
    for step in written:
        say(step)
        _put_task(client, org, step)


def roll_up(config: InfluxStore, client: HttpClient, say: Say) -> None:
    """Make the rollups of all samples that there are."""
    for measurement in CATALOGUE:
        for grain in GRAINS:
            script = flux(config, measurement, grain, "0")
            say(Step(f"{measurement.name} {grain}", script))
            body = {"query": script, "type": "flux"}
            _call(client, "POST", "/api/v2/query", {"org": config.org}, body)


def forget(config: InfluxStore, client: HttpClient, say: Say) -> None:
    """Let the server drop old samples from now on."""
    say(retention(config))
    _put_bucket(config, client, "", config.bucket, config.raw_days or 0)


def _bucket(config: InfluxStore, client: HttpClient, name: str) -> str | None:
    found = _call(client, "GET", "/api/v2/buckets", {"org": config.org, "name": name}, missing_ok=True)
    return next((str(bucket["id"]) for bucket in found.get("buckets") or ()), None)


def _put_bucket(config: InfluxStore, client: HttpClient, org: str, name: str, days: int) -> None:
    rules = [{"type": "expire", "everySeconds": days * _DAY_S}]
    known = _bucket(config, client, name)
    if known:
        _call(client, "PATCH", f"/api/v2/buckets/{known}", {}, {"retentionRules": rules})
    else:
        _call(client, "POST", "/api/v2/buckets", {}, {"orgID": org, "name": name, "retentionRules": rules})


def _put_task(client: HttpClient, org: str, step: Step) -> None:
    known = _call(client, "GET", "/api/v2/tasks", {"orgID": org, "name": step.purpose}).get("tasks") or []
    if known:
        _call(client, "PATCH", f"/api/v2/tasks/{known[0]['id']}", {}, {"flux": step.statement, "status": "active"})
    else:
        _call(client, "POST", "/api/v2/tasks", {}, {"orgID": org, "flux": step.statement, "status": "active"})


def _call(
    client: HttpClient,
    method: str,
    path: str,
    parameters: Mapping[str, str],
    body: Mapping[str, object] | None = None,
    *,
    missing_ok: bool = False,
) -> dict[str, Any]:
    content = None if body is None else msgspec.json.encode(body)
    answer = client.request(method, path, parameters, content, {"Content-Type": "application/json"}, operation="setup")
    if missing_ok and answer.status == 404:
        return {}
    if not 200 <= answer.status < 300:
        raise failure(answer, "setup", client.target)
    try:
        found = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}  # a query answers in CSV, a deletion with nothing
    return found if isinstance(found, dict) else {}


def _text(text: str) -> str:
    """A text as Flux takes it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("${", "\\${") + '"'

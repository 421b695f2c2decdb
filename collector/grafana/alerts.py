"""Alert rules: what somebody should be told without looking.

A rule asks for the series that are in trouble; those it gets are its alerts, one each, with the series' tags as labels.
No answer means that all is well, but for the collector's own silence. Texts take values by `.Labels` and `.Values`, not by
the usual `$labels`: provisioning reads a $ as the beginning of an environment variable's name.
"""

from collections.abc import Iterator, Mapping

from collector.grafana.boards.overview import LINE_ROLES
from collector.grafana.boards.power import of_class
from collector.grafana.influxql import (
    Pick,
    Source,
    among,
    count_newest,
    equals,
    is_false,
    is_true,
    newest,
    not_among,
)
from collector.grafana.limits import LIMITS, SENSOR_LIMITS, Limits
from collector.grafana.links import CAPACITY, DATA_CENTRE, DEVICE, HEALTH, INTERFACE, MOBILE, POWER
from collector.grafana.rule import HOST, PLACE, Rule, Severity, span_s

DAY_S = 86_400


def rules(source: Source) -> Iterator[Rule]:
    """All of them."""
    yield from _of_hosts(source)
    yield from _of_lines(source)
    yield from _of_storage(source)
    yield from _of_power(source)
    yield from _of_stations(source)
    yield from _of_the_collector(source)


def _of_hosts(source: Source) -> Iterator[Rule]:
    yield Rule(
        uid="collector-host-down",
        title="Host down",
        severity="critical",
        queries=(count_newest(source, "device", ["up"], is_false("up"), each=["host"], by=HOST),),
        span_s=span_s(source, "device"),
        lasting="3m",
        summary="{{ .Labels.host }} does not answer.",
        help="Neither SNMP nor SSH nor ICMP got an answer in the last poll, and for three minutes.",
        board=DEVICE,
        panel="Answering",
        variables={"host": "host"},
    )
    hot = SENSOR_LIMITS["temperature"]
    temperature = newest(source, "sensor", [Pick("value", "mean")], [equals("class", "temperature")], (*HOST, "name"))
    yield Rule(
        uid="collector-temperature",
        title="Too hot",
        severity="critical",
        queries=(temperature,),
        limit=hot.critical,
        span_s=600,
        lasting="5m",
        summary="{{ .Labels.name }} of {{ .Labels.host }} has {{ humanize .Values.RA.Value }} °C.",
        help=f"A temperature is above {hot.critical:g} °C in the mean of ten minutes.",
        board=DEVICE,
        panel="Temperature",
        variables={"host": "host"},
    )
    yield Rule(
        uid="collector-bad-state",
        title="Bad state",
        severity="warning",
        queries=(
            count_newest(
                source,
                "state",
                ["ok"],
                is_false("ok"),
                [not_among("role", ["power"])],
                each=["host"],
                by=(*HOST, "name", "class"),
            ),
        ),
        span_s=span_s(source, "state"),
        lasting="5m",
        summary="{{ .Labels.host }} says that the {{ .Labels.class }} of {{ .Labels.name }} is not good.",
        help="A device itself reports a state that is not good: a fan, a power supply, a temperature, a disk.",
        board=DEVICE,
        panel="States",
        variables={"host": "host"},
    )


def _of_lines(source: Source) -> Iterator[Rule]:
    usual = LIMITS["interface", "in_util_percent"]
    by = (*HOST, "name")
    lines = [among("role", LINE_ROLES)]
    used = tuple(
        newest(source, "interface", [Pick(f"{way}_util_percent", "mean", "used")], lines, by) for way in ("in", "out")
    )
    for uid, title, severity, limit, lasting in _two_levels("collector-line", "Line above {} %", usual, "30m", "10m"):
        yield Rule(
            uid=uid,
            title=title,
            severity=severity,
            queries=used,
            limit=limit,
            span_s=900,
            lasting=lasting,
            summary="{{ .Labels.name }} of {{ .Labels.host }} carries {{ humanize .Values.RA.Value }} % in and "
            "{{ humanize .Values.RB.Value }} % out of what is contracted.",
            help=f"Of a router or a BTS uplink, in either direction, in the mean of a quarter of an hour, for {lasting}.",
            board=INTERFACE,
            panel="Share of the contract, else of the port's speed",
            variables={"host": "host", "interface": "name"},
        )
    yield _full_soon(
        source,
        kind="link",
        uid="collector-line-full-soon",
        title="Line full within 60 days",
        limit=LIMITS["forecast", "days_to_full"].warning,
        severity="warning",
        what="The line behind {{ .Labels.name }} of {{ .Labels.host }}",
        board=CAPACITY,
        panel="When they are full",
        variables={"host": "host", "interface": "name"},
    )


def _of_storage(source: Source) -> Iterator[Rule]:
    usual = LIMITS["storage", "used_percent"]
    used = newest(source, "storage", [Pick("used_percent", "last")], by=(*HOST, "name"))
    yield Rule(
        uid="collector-storage-full",
        title="Storage full",
        severity="critical",
        queries=(used,),
        limit=usual.critical,
        span_s=span_s(source, "storage"),
        lasting="10m",
        summary="{{ .Labels.name }} of {{ .Labels.host }} is full to {{ humanize .Values.RA.Value }} %.",
        help=f"A file system is used to more than {usual.critical:g} %.",
        board=DEVICE,
        panel="Storage",
        variables={"host": "host"},
    )
    yield _full_soon(
        source,
        kind="storage",
        uid="collector-storage-full-soon",
        title="Storage full within 14 days",
        limit=LIMITS["forecast", "days_to_full"].critical,
        severity="warning",
        what="{{ .Labels.name }} of {{ .Labels.host }}",
        board=DATA_CENTRE,
        panel="Storage, and when it is full",
        variables={"host": "host"},
    )


def _of_power(source: Source) -> Iterator[Rule]:
    power = equals("role", "power")
    bad = count_newest(source, "state", ["ok"], is_false("ok"), [power], each=["host"], by=(*HOST, "name", "class"))
    yield Rule(
        uid="collector-power",
        title="Power on battery or in trouble",
        severity="critical",
        queries=(bad,),
        span_s=span_s(source, "state"),
        lasting="1m",
        summary="{{ .Labels.host }}: {{ .Labels.name }} ({{ .Labels.class }}) is not good.",
        help="A UPS, rectifier or PDU reports a state that is not good: output from the battery, overload, a bad battery.",
        board=POWER,
        panel="What devices complain of",
        variables={"host": "host"},
    )
    short = SENSOR_LIMITS["runtime"]
    left = newest(source, "sensor", [Pick("value", "last")], [power, *of_class("runtime")], (*HOST, "name"))
    yield Rule(
        uid="collector-power-runtime",
        title="Battery nearly empty",
        severity="critical",
        queries=(left,),
        limit=short.critical,
        worse="below",
        span_s=span_s(source, "sensor"),
        lasting="0s",
        summary="{{ .Labels.host }} lasts {{ humanizeDuration .Values.RA.Value }} more.",
        help=f"The battery lasts less than {short.critical / 60:g} minutes.",
        board=POWER,
        panel="Runtime left",
        variables={"host": "host"},
    )


def _of_stations(source: Source) -> Iterator[Rule]:
    by = ("name", "technology", "operator", "host", *PLACE)
    for uid, title, field, holds, severity, lasting, help in (
        (
            *("collector-station-down", "Radio station down", "up", is_false("up"), "critical", "5m"),
            "The host that carries its traffic does not answer.",
        ),
        (
            *(
                "collector-station-degraded",
                "Radio station degraded",
                "degraded",
                is_true("degraded"),
                "warning",
                "15m",
            ),
            "Its uplink has errors, or its position runs on battery.",
        ),
    ):
        yield Rule(
            uid=uid,
            title=title,
            severity="critical" if severity == "critical" else "warning",
            queries=(count_newest(source, "station", [field], holds, each=["name"], by=by),),
            span_s=span_s(source, "station"),
            lasting=lasting,
            summary=f"{{{{ .Labels.name }}}} ({{{{ .Labels.technology }}}}, {{{{ .Labels.operator }}}}): {title.lower()}.",
            help=help,
            board=MOBILE,
            panel="Stations",
        )


def _of_the_collector(source: Source) -> Iterator[Rule]:
    yield Rule(
        uid="collector-silent",
        title="The collector is silent",
        severity="critical",
        queries=(newest(source, "poll", [Pick("duration_s", "count", "polls")]),),
        limit=1,
        worse="below",
        span_s=span_s(source, "poll"),
        lasting="2m",
        summary="No poll has arrived in the store for a while.",
        help="Cron or the service stands still, or the store takes nothing: then points wait in the spool "
        "(`collector spool`), and nothing else here is to be believed.",
        board=HEALTH,
        panel="Polls that were not whole",
        silence="Alerting",
    )
    yield Rule(
        uid="collector-partial",
        title="Host not read whole",
        severity="warning",
        queries=(count_newest(source, "poll", ["outcome"], "\"outcome\" = 'partial'", each=["host"], by=HOST),),
        span_s=span_s(source, "poll"),
        lasting="30m",
        summary="{{ .Labels.host }} is polled in part only.",
        help="Tables or commands failed, or time ran out; `collector probe` tells which.",
        board=HEALTH,
        panel="Hosts not read whole",
        variables={"host": "host"},
    )
    slow = LIMITS["poll", "duration_s"]
    yield Rule(
        uid="collector-slow",
        title="Host polled slowly",
        severity="warning",
        queries=(newest(source, "poll", [Pick("duration_s", "mean")], by=HOST),),
        limit=slow.critical,
        span_s=900,
        lasting="30m",
        summary="{{ .Labels.host }} takes {{ humanizeDuration .Values.RA.Value }}.",
        help=f"A poll takes more than {slow.critical:g} s in the mean of a quarter of an hour.",
        board=HEALTH,
        panel="Slowest polls, by district",
        variables={"host": "host"},
    )


def _full_soon(
    source: Source,
    *,
    kind: str,
    uid: str,
    title: str,
    limit: float,
    severity: Severity,
    what: str,
    board: str,
    panel: str,
    variables: Mapping[str, str],
) -> Rule:
    query = newest(source, "forecast", [Pick("days_to_full", "last")], [equals("kind", kind)], (*HOST, "name"))
    return Rule(
        uid=uid,
        title=title,
        severity=severity,
        queries=(query,),
        limit=limit,
        worse="below",
        span_s=3 * DAY_S,
        lasting="0s",
        summary=f'{what} is full in {{{{ printf "%.0f" .Values.RA.Value }}}} days.',
        help="By the trend that `collector report capacity --store` found last.",
        board=board,
        panel=panel,
        variables=variables,
        every="1h",
    )


def _two_levels(
    uid: str, title: str, limits: Limits, long: str, short: str
) -> Iterator[tuple[str, str, Severity, float, str]]:
    yield f"{uid}-warning", title.format(f"{limits.warning:g}"), "warning", limits.warning, long
    yield f"{uid}-critical", title.format(f"{limits.critical:g}"), "critical", limits.critical, short

"""Points about the host as a whole and about the collector's work on it: `device`, `ping`, `poll`."""

import msgspec

from collector.metrics.model import FieldValue, Point
from collector.plugin.model import Plan
from collector.transport.contract import Traffic
from collector.transport.icmp import PingResult
from inventory.model import Host


class Health(msgspec.Struct, kw_only=True):
    """What one cycle found out about a host, beside its rows.

    Attributes:
        family: "" where it was never learnt.
        snmp_up, ssh_up, local_up: None where that was not tried.
        outcome: "ok", "partial" (something of it was lost) or "down" (nothing came).
        error: the last trouble in a few words, "" where there was none.
    """

    family: str = ""
    snmp_up: bool | None = None
    ssh_up: bool | None = None
    local_up: bool | None = None
    ping: PingResult | None = None
    uptime_s: float | None = None
    outcome: str = "ok"
    error: str = ""
    duration_s: float = 0.0
    traffic: Traffic = msgspec.field(default_factory=Traffic)

    @property
    def icmp_up(self) -> bool | None:
        """Whether it answered an echo request; None where none was sent."""
        return self.ping.received > 0 if self.ping else None

    @property
    def up(self) -> bool | None:
        """Whether it answered at all; None where nobody asked it."""
        answers = (self.snmp_up, self.ssh_up, self.local_up, self.icmp_up)
        return None if all(answer is None for answer in answers) else any(answers)


def points(host: Host, health: Health, time_ns: int) -> list[Point]:
    """The `device`, `ping` and `poll` points of one cycle."""
    tags = host.point_tags()
    answers = {"up": health.up, "snmp_up": health.snmp_up, "ssh_up": health.ssh_up, "icmp_up": health.icmp_up}
    device: dict[str, FieldValue] = {name: answer for name, answer in answers.items() if answer is not None}
    if health.uptime_s is not None:
        device["uptime_s"] = health.uptime_s
    if health.error:
        device["error"] = health.error
    made = [Point("device", {**tags, "family": health.family} if health.family else tags, device, time_ns)]
    if health.ping:
        made.append(Point("ping", tags, _ping_fields(health.ping), time_ns))
    traffic = health.traffic
    poll: dict[str, FieldValue] = {
        "duration_s": round(health.duration_s, 6),
        "pdus": traffic.pdus,
        "varbinds": traffic.varbinds,
        "retries": traffic.retries,
        "timeouts": traffic.timeouts,
        "bytes_in": traffic.bytes_in,
        "bytes_out": traffic.bytes_out,
        "outcome": health.outcome,
    }
    if traffic.commands:
        poll["commands"] = traffic.commands
    if health.error:
        poll["error"] = health.error
    made.append(Point("poll", tags, poll, time_ns))
    return made


def info_points(host: Host, plan: Plan, time_ns: int) -> list[Point]:
    """The `device_info` point of a learnt device; none where nothing is known of it."""
    fields: dict[str, FieldValue] = {name: text for name, text in plan.facts.items() if text}
    return [Point("device_info", host.point_tags(), fields, time_ns)] if fields else []


def _ping_fields(ping: PingResult) -> dict[str, FieldValue]:
    fields: dict[str, FieldValue] = {"loss_percent": ping.loss_percent}
    if ping.received:
        fields |= {"rtt_min_ms": ping.rtt_min_ms, "rtt_avg_ms": ping.rtt_avg_ms, "rtt_max_ms": ping.rtt_max_ms}
    return fields

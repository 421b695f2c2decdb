"""Since when a device is up."""

from collector.plugin.model import Row

_WRAP_S = 2**32 / 100
"""sysUpTime and hrSystemUptime count hundredths of a second in 32 bits: 497 days"""
_TOLERANCE_S = 900.0
"""the clocks of an agent start within minutes of each other"""


def uptime(rows: list[Row]) -> list[Row]:
    """Put the clocks of a device together: sysUpTime, snmpEngineTime (seconds) and hrSystemUptime.

    snmpEngineTime (RFC 3414, 2.2) does not wrap, but some agents keep nonsense in it: it only counts where it is
    sysUpTime and whole wraps. hrSystemUptime (RFC 2790) is the host's own, and a host cannot be younger than its agent:
    where it is, it has wrapped.
    """
    for row in rows:
        agent_s = row.fields.get("uptime_s")
        engine_s, host_ticks = row.fields.get("engine_s"), row.fields.get("host_ticks")
        if not isinstance(agent_s, int | float):
            continue
        if isinstance(engine_s, int):
            wraps = round((engine_s - agent_s) / _WRAP_S)
            if wraps > 0 and abs(engine_s - agent_s - wraps * _WRAP_S) < _TOLERANCE_S:
                agent_s += wraps * _WRAP_S
        if isinstance(host_ticks, int) and host_ticks > 0:
            host_s = host_ticks / 100
            wraps = max(0, round((agent_s - host_s) / _WRAP_S))
            if host_s + wraps * _WRAP_S > agent_s - _TOLERANCE_S:
                agent_s = host_s + wraps * _WRAP_S
        row.fields["uptime_s"] = agent_s
    return rows

"""What became of BTS positions since the period began: new ones, lost ones, those whose state changed for good; new stations."""

from collections.abc import Iterator, Sequence
from enum import Enum

import msgspec
import numpy as np

from collector.report.context import DAY_NS, Context
from collector.report.coverage.positions import Position
from collector.report.model import Level, Verdict
from collector.report.say import say

_DAY_S = 86_400
_MOSTLY = 0.5
"""share of a day from which it counts as up"""


class Kind(Enum):
    """What happened; the value sorts them."""

    WENT_DOWN = 0
    WENT_SILENT = 1
    CAME_BACK = 2
    NEW = 3
    NEW_STATION = 4
    """at a position that was there before"""


_VERDICTS = {
    Kind.WENT_DOWN: Verdict(Level.CRITICAL, say("went down")),
    Kind.WENT_SILENT: Verdict(Level.UNKNOWN, say("no longer measured")),
    Kind.CAME_BACK: Verdict(Level.OK, say("came back")),
    Kind.NEW: Verdict(Level.INFO, say("newly measured")),
    Kind.NEW_STATION: Verdict(Level.INFO, say("new station")),
}


class Change(msgspec.Struct, frozen=True):
    """One change of an uplink's state, or a new station of its ("" where it is about all of them), and the day since when."""

    position: Position
    uplink: str
    kind: Kind
    time_ns: int
    station: str = ""

    @property
    def verdict(self) -> Verdict:
        return _VERDICTS[self.kind]


class _Days(msgspec.Struct, frozen=True):
    """An uplink's days with data (ns, ascending), and whether it was mostly up in each."""

    times_ns: tuple[int, ...]
    up: tuple[bool, ...]


def changes(context: Context, found: Sequence[Position]) -> list[Change]:
    """Changes between the period's first day and its last, the worst first."""
    hosts = {uplink for position in found for uplink in position.uplinks}
    days = _days(context, hosts)
    if not days:
        return []
    begins_ns = min(each.times_ns[0] for each in days.values())
    told = [
        Change(position, uplink, kind, time_ns)
        for position in found
        for uplink in position.uplinks
        if uplink in days
        for kind, time_ns in _change(days[uplink], begins_ns, context.until_ns)
    ]
    told += _new_stations(context, found, {each.uplink for each in told if each.kind is Kind.NEW})
    return sorted(told, key=lambda each: (each.kind.value, -each.time_ns, each.uplink, each.station))


def _new_stations(context: Context, found: Sequence[Position], new_uplinks: set[str]) -> Iterator[Change]:
    """Stations of which there was nothing in the period's first day, of uplinks of which there was."""
    first_ns = {
        history.tags["name"]: int(history.times_ns[0])
        for history in context.store.histories(
            "station", ["up"], since_ns=context.since_ns // DAY_NS * DAY_NS, until_ns=context.until_ns, every_s=_DAY_S,
            only=context.only(),
        )
    }  # fmt: skip
    begins_ns = min(first_ns.values(), default=context.until_ns)
    for position in found:
        for mast in position.masts:
            seen_ns = first_ns.get(mast.station.id, begins_ns)
            if seen_ns > begins_ns + DAY_NS and mast.uplink not in new_uplinks:
                yield Change(position, mast.uplink, Kind.NEW_STATION, seen_ns, mast.station.id)


def _days(context: Context, hosts: set[str]) -> dict[str, _Days]:
    found: dict[str, list[tuple[int, bool]]] = {}
    for history in context.store.histories(
        "device", ["up"], since_ns=context.since_ns // DAY_NS * DAY_NS, until_ns=context.until_ns, every_s=_DAY_S,
        only={"host": hosts},
    ):  # fmt: skip
        # a host whose family was found out within the period has two series
        mine = found.setdefault(history.tags["host"], [])
        known = ~np.isnan(history.values["up"])
        mine += zip(history.times_ns[known].tolist(), (history.values["up"][known] >= _MOSTLY).tolist(), strict=True)
    days = {host: dict(sorted(pairs)) for host, pairs in found.items() if pairs}
    return {host: _Days(tuple(each), tuple(each.values())) for host, each in days.items()}


def _change(days: _Days, begins_ns: int, until_ns: int) -> Iterator[tuple[Kind, int]]:
    """At most one change of an uplink. `begins_ns` is the first day that any of them has."""
    last_ns = days.times_ns[-1]
    if last_ns < until_ns - 2 * DAY_NS:
        yield Kind.WENT_SILENT, last_ns + DAY_NS
    elif days.up[0] and not days.up[-1]:
        yield Kind.WENT_DOWN, _since(days)
    elif not days.up[0] and days.up[-1]:
        yield Kind.CAME_BACK, _since(days)
    elif days.times_ns[0] > begins_ns + DAY_NS:
        yield Kind.NEW, days.times_ns[0]


def _since(days: _Days) -> int:
    """The first of the last days that are all as the last one is."""
    first = len(days.up) - 1
    while first and days.up[first - 1] == days.up[-1]:
        first -= 1
    return days.times_ns[first]

"""How the numbers moved: this period beside the one before it, of equal length. All of it from daily values."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from collector.report.context import DAY_NS, Context
from collector.report.lines import contracted_lines
from collector.report.model import Column, Level, Table, Verdict
from collector.report.say import Text, say
from collector.report.unit import Unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DAY_S = 86_400
_LEAST_DAYS = 3
"""days with data that a period needs to be compared"""
_TIGHT = 0.8
_NOISE = 0.01
"""relative change up to which a number is called unchanged"""


class Pair(msgspec.Struct, frozen=True):
    """A number in the period before and in this one; None where there is too little data."""

    before: float | None
    now: float | None


class Moved(msgspec.Struct, frozen=True):
    """A number of both periods. `more_is_better` is None where it is neither."""

    key: str
    what: Text
    unit: Unit
    pair: Pair
    more_is_better: bool | None


def moved(context: Context) -> tuple[Moved, ...]:
    """The numbers of this period and of the one before it."""
    answered = _answered(context)
    traffic, tight = _lines(context)
    return (
        Moved("answered", say("Polls answered, all hosts"), Unit.PERCENT, answered[""], True),
        Moved("wan_answered", say("Polls answered, WAN routers"), Unit.PERCENT, answered["wan-router"], True),
        Moved("bts_answered", say("Polls answered, BTS uplinks"), Unit.PERCENT, answered["bts-uplink"], True),
        Moved("tight", say("Lines whose usual daily peak is over 80% of the contract"), Unit.COUNT, tight, False),
        Moved("traffic", say("Mean traffic of all contracted lines"), Unit.BPS, traffic, None),
        Moved("storage", say("Space used on servers"), Unit.PERCENT, _storage(context), False),
    )


def movement(numbers: Iterable[Moved]) -> Table:
    """A row a number: before, now, and whether that is better or worse."""
    return Table(
        key="movement",
        title=say("Compared with the period before"),
        columns=(
            Column("what", say("Number")),
            Column("unit", say("Unit")),
            Column("before", say("Before"), Unit.NUMBER),
            Column("now", say("Now"), Unit.NUMBER),
            Column("change", say("Change"), Unit.NUMBER),
            Column("verdict", say("Trend")),
        ),
        rows=tuple(_row(number) for number in numbers),
        empty=say("There is nothing to compare."),
    )


def _row(number: Moved) -> tuple[Text, str, float | None, float | None, float | None, Verdict]:
    unit, scale = ("Mbit/s", 1e-6) if number.unit is Unit.BPS else (number.unit.symbol, 1.0)
    before, now = (None if value is None else value * scale for value in (number.pair.before, number.pair.now))
    if before is None or now is None:
        return (number.what, unit, before, now, None, Verdict(Level.UNKNOWN, say("not enough data")))
    return (number.what, unit, before, now, now - before, _verdict(before, now, number.more_is_better))


def _verdict(before: float, now: float, more_is_better: bool | None) -> Verdict:
    change = now - before
    if abs(change) <= _NOISE * max(abs(before), abs(now)):
        return Verdict(Level.INFO, say("unchanged"))
    if more_is_better is None:
        return Verdict(Level.INFO, say("more") if change > 0 else say("less"))
    if (change > 0) == more_is_better:
        return Verdict(Level.OK, say("better"))
    return Verdict(Level.WARNING, say("worse"))


def _answered(context: Context) -> Mapping[str, Pair]:
    """The share of polls that hosts answered, in percent, by role; "" is all of them."""
    polls: dict[str, NDArray[np.float64]] = defaultdict(lambda: np.zeros((2, 2)))
    days: set[int] = set()
    for history in context.store.histories(
        "device", ["up"], since_ns=_begin(context), until_ns=context.until_ns, every_s=_DAY_S, only=context.only()
    ):
        host = context.hosts.get(history.tags["host"])
        known = ~np.isnan(history.values["up"])
        if host is None or not known.any():
            continue
        days.update(history.times_ns[known].tolist())
        samples, up = history.samples[known], history.values["up"][known]
        late = history.times_ns[known] >= context.since_ns
        counted = np.array([[samples[part].sum(), (samples * up)[part].sum()] for part in (~late, late)])
        for role in ("", host.role):
            polls[role] += counted
    enough = [sum(day < context.since_ns for day in days), sum(day >= context.since_ns for day in days)]
    return defaultdict(lambda: Pair(None, None)) | {
        role: Pair(
            *(
                float(counted[part][1] / counted[part][0] * 100)
                if counted[part][0] and enough[part] >= _LEAST_DAYS
                else None
                for part in (0, 1)
            )
        )
        for role, counted in polls.items()
    }


def _lines(context: Context) -> tuple[Pair, Pair]:
    """Mean traffic (bit/s, both directions) and number of lines with a median daily p95 of 80 % of the contract or more."""
    lines = {line.key: line for line in contracted_lines(context)}
    since_ns, until_ns = _begin(context), context.until_ns
    carried, tight, compared = [0.0, 0.0], [0, 0], 0
    for history in context.store.histories(
        "interface", ["in_bps", "out_bps"], every_s=_DAY_S, only=lines.keys(), since_ns=since_ns, until_ns=until_ns
    ):
        means = [
            [_middle(values[part], np.nanmean) for values in history.values.values()]
            for part in _parts(context, history.times_ns)
        ]
        if all(mean is not None for part in means for mean in part):
            compared += 1
            for part in (0, 1):
                carried[part] += sum(mean for mean in means[part] if mean is not None)
    measured = 0
    for history in context.store.daily_percentiles(
        "interface", ["in_bps", "out_bps"], 95.0, only=lines.keys(), since_ns=since_ns, until_ns=until_ns
    ):
        line = lines[history.tags["host"], history.tags["name"]]
        contracts = (line.contract_in_bps, line.contract_out_bps)
        usual = [
            [_middle(values[part], np.nanmedian) for values in history.values.values()]
            for part in _parts(context, history.times_ns)
        ]
        if any(value is None for part in usual for value in part):
            continue
        measured += 1
        for part in (0, 1):
            pairs = zip(usual[part], contracts, strict=True)
            tight[part] += any(value and contract and value >= _TIGHT * contract for value, contract in pairs)
    nothing = Pair(None, None)
    return (
        Pair(carried[0], carried[1]) if compared else nothing,
        Pair(float(tight[0]), float(tight[1])) if measured else nothing,
    )


def _storage(context: Context) -> Pair:
    """Percent of all space of servers' disks that was in use on the last day of each period."""
    used, total = [0.0, 0.0], [0.0, 0.0]
    servers = [name for name, host in context.hosts.items() if host.role == "server"]
    for history in context.store.histories(
        "storage", ["used_bytes", "total_bytes"], since_ns=_begin(context), until_ns=context.until_ns, every_s=_DAY_S,
        only=context.only(servers),
    ):  # fmt: skip
        if history.tags.get("kind") not in ("disk", "pool", "flash", "", None):
            continue
        known = ~(np.isnan(history.values["used_bytes"]) | np.isnan(history.values["total_bytes"]))
        parts = [part & known for part in _parts(context, history.times_ns)]
        if all(part.any() for part in parts):
            for place, part in enumerate(parts):
                used[place] += float(history.values["used_bytes"][part][-1])
                total[place] += float(history.values["total_bytes"][part][-1])
    return Pair(*(used[part] / total[part] * 100 if total[part] else None for part in (0, 1)))


def _begin(context: Context) -> int:
    """Where the period before begins, on a UTC day."""
    return (2 * context.since_ns - context.until_ns) // DAY_NS * DAY_NS


def _parts(context: Context, times_ns: "NDArray[np.int64]") -> tuple["NDArray[np.bool_]", "NDArray[np.bool_]"]:
    return times_ns < context.since_ns, times_ns >= context.since_ns


def _middle(values: "NDArray[np.float64]", middle: "Callable[[NDArray[np.float64]], np.floating]") -> float | None:
    known = values[~np.isnan(values)]
    return float(middle(known)) if len(known) >= _LEAST_DAYS else None

"""When devices ran on their batteries: now, and how often within a period."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec
import numpy as np

from collector.metrics.battery import ALARM_KINDS, Said, decisive, on_battery, says_battery, says_mains
from collector.metrics.model import Point
from collector.report.context import Context
from collector.report.statistics.samples import window_lengths_s, window_s
from collector.report.statistics.spans import Spans, merged

STATE_FIELDS = ("text", "ok")

_GAP_WINDOWS = 3
"""states that were not read for longer than this are not known to have lasted"""

_BAD_SHARE = 0.5
"""a window counts as not good in which no more than this share of the samples was good"""


class Battery(msgspec.Struct, frozen=True):
    """What a device's states say of its battery.

    Attributes:
        on_now: None where they do not say.
        seen_ns: when that was.
        spells: when it ran on battery within the period, `[start, stop)` in ns.
        ailing: names and texts of states that call its batteries bad.
    """

    on_now: bool | None
    seen_ns: int
    spells: Spans
    ailing: tuple[tuple[str, str], ...] = ()


_Key = tuple[str, str, str]
"""host, name and class of a state"""


def batteries(context: Context, hosts: Iterable[str], states: Sequence[Point]) -> dict[str, Battery]:
    """Of every host of `hosts` whose states speak of batteries; `states` are the newest points."""
    by_host: dict[str, list[Point]] = defaultdict(list)
    wanted = set(hosts)
    for point in states:
        if point.tags["host"] in wanted:
            by_host[point.tags["host"]].append(point)
    said = {host: {_key(point): Said.of(point) for point in points} for host, points in by_host.items()}
    deciding = {
        key: state
        for host, found in said.items()
        for state in decisive(found.values())
        for key in ((host, state.name, state.kind),)
    }
    spells = _spells(context, deciding)
    found = {}
    for host, points in by_host.items():
        keys = [key for key in deciding if key[0] == host]
        seen = {_key(point): point.time_ns for point in points}
        found[host] = Battery(
            on_battery(said[host].values()),
            max((seen[key] for key in keys), default=0),
            merged(span for key in keys for span in spells.get(key, ())),
            tuple(sorted({(state.name, state.text) for state in said[host].values() if _ails(state)})),
        )
    return {host: battery for host, battery in found.items() if battery.on_now is not None or battery.ailing}


def _key(point: Point) -> _Key:
    return point.tags["host"], point.tags.get("name", ""), point.tags.get("class", "")


def _ails(state: Said) -> bool:
    """Whether it calls a battery worn, weak or faulty; that one is being used or empty is no fault of its own."""
    if state.ok is not False or says_battery(state) is not None:
        return False
    if state.kind not in ("battery", "battery-string", "battery-replacement"):
        return False
    return state.text.lower() not in ("unknown", "low", "depleted", "battery-low", "battery-depleted", "not-present")


def _spells(context: Context, deciding: Mapping[_Key, Said]) -> dict[_Key, list[tuple[int, int]]]:
    """By state. Of most the flag `ok` says it as well as the text, and flags of all are read at once."""
    texts = _texts(context, {key for key in deciding if key[2] not in ALARM_KINDS})
    affected = {
        key
        for key, seen in texts.items()
        if says_battery(deciding[key]) or any(says_battery(Said(*key[1:], text, None)) for text in seen)
    }
    by_flag = {key for key in affected if _flag_tells(deciding[key], texts[key])}
    by_flag |= {key for key in deciding if key[2] in ALARM_KINDS}
    found = _by_flag(context, by_flag)
    for key in sorted(affected - by_flag):
        found[key] = _by_text(context, key, deciding[key])
    return found


def _texts(context: Context, keys: Collection[_Key]) -> dict[_Key, set[str]]:
    """All that these states have been within the period."""
    found: dict[_Key, set[str]] = {key: set() for key in keys}
    for kind in sorted({kind for _, _, kind in keys}):
        for seen in context.store.sightings(
            "state", ["text"], since_ns=context.since_ns, until_ns=context.until_ns, where={"class": kind}
        ):
            key = (seen.tags["host"], seen.tags.get("name", ""), kind)
            if key in found:
                found[key].add(seen.text)
    return found


def _flag_tells(state: Said, texts: Collection[str]) -> bool:
    """Whether all that it was besides on battery was good."""
    others = [text for text in texts if not says_battery(Said(state.name, state.kind, text, None))]
    return state.ok is not None and all(says_mains(text) or (state.ok and text == state.text) for text in others)


def _by_flag(context: Context, keys: Collection[_Key]) -> dict[_Key, list[tuple[int, int]]]:
    found: dict[_Key, list[tuple[int, int]]] = {}
    if not keys:
        return found
    every_s = window_s(context.since_ns, context.until_ns)
    for history in context.store.histories(
        "state",
        ["ok"],
        since_ns=context.since_ns,
        until_ns=context.until_ns,
        every_s=every_s,
        only={"host": {host for host, _, _ in keys}, "class": {kind for _, _, kind in keys}},
    ):
        key = (history.tags["host"], history.tags.get("name", ""), history.tags.get("class", ""))
        if key in keys:
            bad = (history.values["ok"] <= _BAD_SHARE).tolist()
            spells = spells_of(zip(history.times_ns.tolist(), bad, strict=True), every_s, context.until_ns)
            found.setdefault(key, []).extend(spells)
    return found


def _by_text(context: Context, key: _Key, state: Said) -> list[tuple[int, int]]:
    host, name, kind = key
    every_s = window_s(context.since_ns, context.until_ns)
    samples = [
        (time_ns, says_battery(Said(name, kind, str(text), state.ok if text == state.text else None)) is True)
        for series in context.store.series(
            "state",
            "text",
            {"host": host, "name": name, "class": kind},
            since_ns=context.since_ns,
            until_ns=context.until_ns,
            every_s=every_s,
            aggregate="last",
        )
        for time_ns, text in zip(series.times_ns, series.values, strict=True)
    ]
    return spells_of(samples, every_s, context.until_ns)


def spells_of(samples: Iterable[tuple[int, bool]], every_s: int, until_ns: int) -> list[tuple[int, int]]:
    """The spans of time in which samples say yes, from the first window that does to the first that does not.

    Windows are `every_s` apart. Where none follows soon, a spell ends with its last window; the newest lasts until `until_ns`.
    """
    ordered = sorted(samples)
    lengths_s = window_lengths_s(np.array([time_ns for time_ns, _ in ordered], dtype=np.int64), every_s)
    found: list[tuple[int, int]] = []
    for place, (time_ns, is_on) in enumerate(ordered):
        if not is_on:
            continue
        length_ns = int(lengths_s[place]) * 10**9
        following = ordered[place + 1][0] if place + 1 < len(ordered) else until_ns
        stop = following if following - time_ns <= (1 + _GAP_WINDOWS) * length_ns else time_ns + length_ns
        if found and found[-1][1] >= time_ns:
            found[-1] = (found[-1][0], stop)
        else:
            found.append((time_ns, stop))
    return found

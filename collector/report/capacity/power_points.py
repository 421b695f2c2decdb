"""What the names of power sensors mean: which side of a supply they measure, and which phase. Pure.

Families name sensors as their devices do: "Output 1", "Output 1 phase 2", "UPS 1 output A", "PDU 2 phase 3", "Infeed L1",
"System output phase 1", "Output L2", "Total". A place is what is left of a name without the phase.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple, TypeVar

Measured = TypeVar("Measured")

_PHASE = re.compile(
    r"(?P<place>.*?)[ ,:-]*(?:(?:\b(?:phase|line)[ -]?(?P<word>[1-3ABC]|L[1-3]))|\b(?P<letter>L[1-3]|[A-C]|[RST])"
    r"|(?<=^output) (?P<number>[1-3])(?:\.[01])?)",
    re.IGNORECASE,
)
"""a UPS's "Output 2" is its second phase (RFC 1628, upsOutputLineIndex), a PDU's "Outlet 2" is none"""

_PART = re.compile(
    r"\b(bypass|batter(y|ies)|neutral|ground|residual|outlets?|receptacles?|banks?|branch(es)?|breakers?|sub ?feed"
    r"|rectifiers?|modules?|converters?|inverters?|solar|wind|generator|headroom|charger?s?|charging|discharging|budget"
    r"|capacity remaining|installed|string|shunt|poe|array|tracker|yield|alternative source|bias|groups?|quality"
    r"|power supply|pcus?|cable|ac (phase|total)|last|source)\b",
    re.IGNORECASE,
)
"""what is not the load of the whole supply: its parts, what hangs on single sockets, other ways around it"""

_INPUT = re.compile(r"\b(in|inputs?)\b", re.IGNORECASE)
"""what only a PDU's load is measured at; a UPS also charges its battery"""

_PARTS_THAT_TRIP = re.compile(r"\b(banks?|branch(es)?|breakers?|groups?|infeed|rectifiers)\b", re.IGNORECASE)
"""parts whose own load counts: they are switched off when it is too much, whatever the whole carries"""

_SOCKET = re.compile(r"output \d+", re.IGNORECASE)

_WHOLE = re.compile(r"(system )?output|total|system|parallel system|load|dc output", re.IGNORECASE)

_LEFT = re.compile(r"\b(ups|batter(y|ies)( .*)?|reserve)\b", re.IGNORECASE)
_NOT_LEFT = re.compile(r"\b(on battery|to full|to charge|generator|fuel)\b", re.IGNORECASE)

TIME_ON_BATTERY = re.compile(r"time on battery", re.IGNORECASE)


class Phase(NamedTuple):
    """Where something is measured; `phase` is "1", "2", "3", or "" where it is not of one phase."""

    place: str
    phase: str


@lru_cache(maxsize=16_384)
def phase_of(name: str) -> Phase:
    """The place and phase that a sensor's name says."""
    found = _PHASE.fullmatch(name.strip())
    if not found:
        return Phase(name.strip(), "")
    said = (found["word"] or found["letter"] or found["number"]).upper()[-1]
    return Phase(found["place"].strip(), {"A": "1", "B": "2", "C": "3", "R": "1", "S": "2", "T": "3"}.get(said, said))


def delivered(names: Iterable[str]) -> list[str]:
    """Those measured where a supply's whole load leaves it; where none is, those where it enters, as PDUs have it."""
    found = [name for name in names if not _PART.search(name)]
    return [name for name in found if not _INPUT.search(name)] or found


def loads(names: Iterable[str]) -> list[str]:
    """Those under which a load in percent can be too much."""
    names = list(names)
    return [*delivered(names), *(name for name in names if _PARTS_THAT_TRIP.search(name) and _PART.search(name))]


def is_left(name: str) -> bool:
    """Whether a runtime under that name is how long the battery lasts."""
    return _LEFT.search(name) is not None and _NOT_LEFT.search(name) is None


def is_battery(name: str) -> bool:
    """Whether it is measured at a battery."""
    return _LEFT.search(name) is not None


def whole(measured: Mapping[str, Measured]) -> list[Measured]:
    """Those whose sum is what a supply delivers: its total where it measures one, else its places, each by its own
    total or its phases."""
    places: dict[str, dict[str, Measured]] = defaultdict(dict)
    for name in delivered(measured):
        place, phase = phase_of(name)
        places[place][phase] = measured[name]
    for place in sorted(places, key=lambda place: (_total_first(place), place)):
        if _WHOLE.fullmatch(place):
            return _of_place(places[place])
    return [value for place in sorted(places) for value in _of_place(places[place])]


def phases(names: Iterable[str], *, is_ups: bool) -> dict[str, dict[str, str]]:
    """By place the names of sensors by phase, where there are at least two. What a PDU calls "Output 2" is a socket."""
    places: dict[str, dict[str, str]] = defaultdict(dict)
    for name in delivered(names):
        place, phase = phase_of(name)
        if phase and (is_ups or not _SOCKET.fullmatch(name)):
            places[place][phase] = name
    return {place: dict(sorted(found.items())) for place, found in sorted(places.items()) if len(found) >= 2}


def _of_place(values: Mapping[str, Measured]) -> list[Measured]:
    return [values[""]] if "" in values else [values[phase] for phase in sorted(values)]


def _total_first(place: str) -> int:
    order = ("total", "system output", "output", "parallel system", "system", "dc output", "load")
    return order.index(place.lower()) if place.lower() in order else len(order)

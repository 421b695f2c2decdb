"""Whether a device runs on its battery, by what it says in measurement `state`.

Families keep their makers' words. What is common to them is which kind of state says it, and few words within; all of
them are here. Three kinds of states speak, and the first kind that a device has decides:

1. where its output comes from (`output-source`, `power-source`): the plainest. UPSes, optical line terminals, radios.
2. what its battery does (`battery`, `charge` ...): rectifiers say that it discharges, and some UPSes say no more.
3. an alarm by name: a rectifier plant without mains lives on its batteries.

A battery test is not "on battery": the mains are there, and families call it good. What merely ails (bypass, a weak
battery, an overload) is none of this.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

_SOURCES = frozenset({"output-source", "power-source"})
_SOURCES_BY_WORD = frozenset({"input", "power", "module"})
"""classes that hold other things, too (contacts, supplies): only the words below make them a source"""

_FROM_BATTERY = frozenset(
    {
        "battery",
        "on-battery",
        "battery-eco",
        "battery-discharge-spot-mode",
        "on-standby-power",
    }
)
_FROM_BATTERY_UNLESS_OK = frozenset({"inverter", "on-utility-and-battery", "utility-and-battery"})
"""in some families normal (double conversion; the battery helps at a peak), in others what follows a mains failure"""

_FROM_MAINS = frozenset({"ac", "dc", "grid", "line", "mains", "online", "on-line", "on-main", "utility"})
_SAYS_NOTHING = frozenset({"", "unknown", "other", "none", "no-output", "inquiring"})

_BATTERIES = frozenset({"battery", "charge", "charger", "charging", "mode"})
_DISCHARGES = frozenset({"discharge", "discharging", "battery-discharging", "on-battery", "ac-fail"})
_KEPT = frozenset(
    {
        "battery-charging",
        "boost-charge",
        "boost-charging",
        "charge",
        "charging",
        "equalize",
        "fast-charging",
        "float",
        "float-charge",
        "float-charging",
        "floating",
        "full",
        "not-charging",
        "recharge",
        "resting",
    }
)

_ALARMS = frozenset({"alarm", "output", "status"})
_ALARM = re.compile(
    r"on battery|battery on discharge|(ac )?mains( failure| group \d+)?|ac (line )?failure|power fail|utility off",
    re.IGNORECASE,
)


class Said(NamedTuple):
    """One newest point of measurement `state`. `ok` is None where the family does not judge."""

    name: str
    kind: str
    """the tag `class`"""
    text: str
    ok: bool | None


def on_battery(states: Iterable[Said]) -> bool | None:
    """Whether a device runs on battery, from its states; None where they do not say."""
    heard: list[set[bool]] = [set(), set(), set()]
    for state in states:
        word = says_battery(state)
        if word is not None:
            heard[_rank(state.kind)].add(word)
    decisive = next((words for words in heard if words), None)
    return None if decisive is None else True in decisive


def says_battery(state: Said) -> bool | None:
    """What one state says of it; None where it speaks of something else, or does not know."""
    text = re.sub(r"[^a-z0-9]+", "-", state.text.lower()).strip("-")
    bad = state.ok is False
    if state.kind in _SOURCES or state.kind in _SOURCES_BY_WORD:
        if text in _FROM_BATTERY or (bad and text in _FROM_BATTERY_UNLESS_OK):
            return True
        known = text not in _SAYS_NOTHING if state.kind in _SOURCES else text in _FROM_MAINS
        return False if known else None
    if state.kind in _BATTERIES:
        if text in _DISCHARGES and state.ok is not True:
            return True
        return False if text in _KEPT else None
    if state.kind in _ALARMS and _ALARM.fullmatch(state.name) and state.ok is not None:
        return bad
    return None


def _rank(kind: str) -> int:
    if kind in _SOURCES or kind in _SOURCES_BY_WORD:
        return 0
    return 1 if kind in _BATTERIES else 2

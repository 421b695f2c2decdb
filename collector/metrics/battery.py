"""Whether a device runs on its battery, by what it says in measurement `state`.

Families keep their makers' words. What is common to them is which kind of state says it, and few words within; all of
them are here. Three kinds of states speak, and the first kind that a device has decides:

1. where its power comes from (`output-source`, `power-source` ...): the plainest. UPSes, optical line terminals, radios.
2. what its battery does (`battery`, `charge` ...): rectifiers say that it discharges, and some UPSes say no more.
3. an alarm by name: a rectifier plant without mains lives on its batteries.

A battery test is not "on battery": the mains are there, and families call it good. What merely ails (bypass, a weak
battery, an overload) is none of this.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from collector.metrics.model import Point

OUTPUT_SOURCE = "output-source"
"""the class of states that only what has a battery of its own has: all its words say where the power comes from"""

_SOURCES_BY_WORD = frozenset({"power-source", "input", "input-source", "power", "module"})
"""classes that hold other things, too (contacts, the first or second supply): only the words below tell of batteries"""

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

_FROM_MAINS = frozenset({"ac", "ac-adapter", "grid", "line", "mains", "online", "on-line", "on-main", "utility"})
_NORMAL = ("power-source", "normal")
"""a class and word of optical line terminals, whose other word is battery"""

_SAYS_NOTHING = frozenset(
    {"", "unknown", "other", "none", "no-output", "inquiring", "inverter", "on-inverter", "normal-mode", "flex-mode"}
)
"""an inverter makes the output of double conversion from mains and battery alike; the last two are as much as that"""

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

_ALARM = re.compile(
    r"on battery|battery on discharge|(ac )?mains( failure)?|ac (line )?failure|power fail|utility off", re.IGNORECASE
)
_ALARM_OF_STATUS = re.compile(r"mains failure", re.IGNORECASE)
"""other states of class `status` with such names are about voltages"""
_ALARMS = {"alarm": _ALARM, "output": _ALARM, "status": _ALARM_OF_STATUS}
"""names of alarms by class"""

ALARM_KINDS = frozenset(_ALARMS)
"""classes whose states tell by being good or not, whatever their words are"""

_RAISED = frozenset(
    {
        "acknowledged",
        "active",
        "alarm",
        "critical",
        "failed",
        "major",
        "major-alarm",
        "minor",
        "minor-alarm",
        "on",
        "warning",
        "yes",
    }
)
"""not raised, though not good: what is unavailable, disabled or not there"""


class Said(NamedTuple):
    """One newest point of measurement `state`. `ok` is None where the family does not judge."""

    name: str
    kind: str
    """the tag `class`"""
    text: str
    ok: bool | None

    @classmethod
    def of(cls, state: Point) -> "Said":
        """What a point says; one without a text says nothing."""
        ok = state.fields.get("ok")
        name, kind = (state.tags.get(tag, "") for tag in ("name", "class"))
        return cls(name, kind, str(state.fields.get("text", "")), None if ok is None else bool(ok))


def on_battery(states: Iterable[Said]) -> bool | None:
    """Whether a device runs on battery, from its states; None where they do not say."""
    words = [says_battery(state) for state in decisive(states)]
    return True in words if words else None


def decisive(states: Iterable[Said]) -> list[Said]:
    """Those of a device's states that decide whether it runs on battery; none where none says."""
    ranks: list[list[Said]] = [[], [], []]
    for state in states:
        if says_battery(state) is not None:
            ranks[_rank(state.kind)].append(state)
    return next((found for found in ranks if found), [])


def says_battery(state: Said) -> bool | None:
    """What one state says of it; None where it speaks of something else, or does not know."""
    text = _word(state.text)
    bad = state.ok is False
    if state.kind == OUTPUT_SOURCE or state.kind in _SOURCES_BY_WORD:
        if text in _FROM_BATTERY or (bad and text in _FROM_BATTERY_UNLESS_OK):
            return True
        if state.kind == OUTPUT_SOURCE:
            return None if text in _SAYS_NOTHING else False
        return False if text in _FROM_MAINS or (state.kind, text) == _NORMAL else None
    if state.kind in _BATTERIES:
        if text in _DISCHARGES and state.ok is not True:
            return True
        return False if text in _KEPT else None
    alarm = _ALARMS.get(state.kind)
    if alarm and alarm.fullmatch(state.name) and state.ok is not None:
        return text in _RAISED if bad else False
    return None


def says_mains(text: str) -> bool:
    """Whether a word of a source can only mean the mains, and nothing that families call bad."""
    word = _word(text)
    return word in _FROM_MAINS or word == "normal"


def _word(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _rank(kind: str) -> int:
    if kind == OUTPUT_SOURCE or kind in _SOURCES_BY_WORD:
        return 0
    return 1 if kind in _BATTERIES else 2

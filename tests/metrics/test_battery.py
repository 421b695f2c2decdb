"""Whether devices run on battery, in the words of all families."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.metrics.battery import OUTPUT_SOURCE, Said, decisive, on_battery, says_battery, says_mains

PLUGINS = Path(__file__).parents[2] / "plugins"


@pytest.mark.parametrize(
    ("states", "found"),
    [
        ([], None),
        ([Said("Output source", "output-source", "normal", True)], False),
        ([Said("Output source", "output-source", "battery", False)], True),
        ([Said("Output", "output-source", "on-battery", False)], True),
        ([Said("Output", "output-source", "On Battery", None)], True),
        ([Said("Output", "output-source", "on-battery-test", True)], False),
        ([Said("Output", "output-source", "bypass", False)], False),
        ([Said("Output", "output-source", "unknown", False)], None),
        ([Said("Output", "output-source", "inverter", True)], None),
        ([Said("Output", "output-source", "inverter", False)], True),
        ([Said("UPS 1 output", "output-source", "utility and battery", True)], False),
        ([Said("Power", "power-source", "normal", True)], False),
        ([Said("Power", "power-source", "internal-power", True)], None),
        ([Said("Door", "input", "normal", True)], None),
        ([Said("Battery", "battery", "normal", True)], None),
        ([Said("Battery", "battery", "low", False)], None),
        ([Said("Battery", "charge", "float", True)], False),
        ([Said("Battery", "charge", "discharge", False)], True),
        ([Said("Battery charging", "battery", "discharging", True)], None),
        ([Said("AC failure", "alarm", "inactive", True)], False),
        ([Said("AC failure", "alarm", "active", False)], True),
        ([Said("AC failure", "alarm", "active", None)], None),
        ([Said("Rectifier 3 AC fail", "alarm", "active", False)], None),
        ([Said("Mains", "alarm", "unavailable", False)], False),
        # what says where the output comes from is believed before what the battery or an alarm says
        ([Said("B", "battery", "discharging", False), Said("O", "output-source", "normal", True)], False),
        ([Said("B", "battery", "discharging", False), Said("O", "output-source", "on-inverter", True)], True),
        ([Said("B", "charge", "float", True), Said("AC failure", "alarm", "active", False)], False),
        # one of several on battery is enough
        ([Said("UPS 1", "output-source", "normal", True), Said("UPS 2", "output-source", "battery", False)], True),
    ],
)
def test_states_say_whether_it_runs_on_battery(states: list[Said], found: bool | None) -> None:
    assert on_battery(states) is found


def test_words_for_mains_are_words_for_nothing_else() -> None:
    assert [says_mains(word) for word in ("normal", "On Line", "AC")] == [True] * 3
    assert [says_mains(word) for word in ("bypass", "battery", "on-battery-test", "")] == [False] * 4


def test_the_plainest_kind_decides() -> None:
    source, battery = Said("O", "output-source", "normal", True), Said("B", "battery", "discharging", False)
    assert decisive([battery, source]) == [source]
    assert decisive([battery]) == [battery]


def test_every_family_that_tells_its_output_source_has_a_word_for_battery() -> None:
    told, silent = set(), set()
    for family, said in _enumerated():
        if says_battery(said):
            told.add(family)
        elif said.kind == OUTPUT_SOURCE:
            silent.add(family)
    # inverters of vehicles and sites, which only tell mains from inverter
    assert silent - told <= {"ict/inverter", "samlex/inverter"}
    assert len(told) > 40


def _enumerated() -> Iterator[tuple[str, Said]]:
    """Every word of every state of every family."""
    for path in PLUGINS.rglob("*.toml"):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        for state in content.get("state", ()):
            for reading in state.get("readings", [state]):
                words = reading.get("enum", state.get("enum", {}))
                good = reading.get("ok", state.get("ok"))
                good = [good] if isinstance(good, str) else good
                kind = reading.get("class", state.get("class"))
                name = str(reading.get("name") or state.get("name"))
                for word in words.values() if isinstance(words, dict) else ():
                    yield (
                        path.relative_to(PLUGINS).with_suffix("").as_posix(),
                        Said(name, kind, str(word), None if good is None else word in good),
                    )

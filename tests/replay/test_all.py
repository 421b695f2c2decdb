"""Recordings of real devices, each through the whole way of a poll: whatever they hold, the points are sound."""

from collections import Counter
from math import isfinite
from pathlib import Path

import pytest

from collector.metrics.catalogue import MEASUREMENTS, SENSOR_UNITS
from collector.metrics.model import Point
from collector.normalise.clean import INT64_MAX, MAX_TAG, MAX_TEXT
from collector.plugin.registry import Registry
from collector.runtime.replay import replay_file
from tests.replay.recordings import folder, wanted

REGISTRY = Registry.open()


@pytest.mark.parametrize("path", wanted(), ids=lambda path: str(path.relative_to(folder())).partition(".snmprec")[0])
def test_the_points_of_a_recorded_device_are_sound(path: Path) -> None:
    replayed = replay_file(path, REGISTRY)
    assert replayed.learnt.plan.problems == []
    assert [fault for point in replayed.points for fault in faults(point)] == []
    series = Counter((point.measurement, *sorted(point.tags.items())) for point in replayed.points)
    assert [key for key, count in series.items() if count > 1] == []


def faults(point: Point) -> list[str]:
    """What is wrong with a point, in words."""
    found = [f"tag {tag}={text!r}" for tag, text in point.tags.items() if not is_text(text, MAX_TAG)]
    if not point.fields:
        found.append("no fields")
    found += [f"{name}={value!r}" for name, value in point.fields.items() if not is_sound(point, name, value)]
    if point.measurement == "sensor" and point.tags["class"] not in SENSOR_UNITS:
        found.append("a class without a unit")
    if point.fields.get("used_bytes", 0) > 1.1 * point.fields.get("total_bytes", INT64_MAX):  # type: ignore[operator]
        found.append("more in use than there is")
    return [f"{point.measurement} {point.tags}: {fault}" for fault in found]


def is_text(value: object, longest: int) -> bool:
    """Whether a text is one line that a terminal can show."""
    return isinstance(value, str) and 0 < len(value) <= longest and value.isprintable()


def is_sound(point: Point, name: str, value: object) -> bool:
    """Whether a field is of the catalogue's type, and possible."""
    field = MEASUREMENTS[point.measurement].field(name)
    if type(value) is not field.type:
        return False
    if isinstance(value, str):
        return is_text(value, MAX_TEXT)
    if isinstance(value, bool):
        return True
    if field.unit == "%" and not 0 <= value <= 100:  # type: ignore[operator]
        return False
    return isfinite(value) and (not isinstance(value, int) or 0 <= value <= INT64_MAX or name == "code")  # type: ignore[arg-type]

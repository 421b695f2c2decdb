"""How values are shown: colours by limits, states as words, units, links; as panels' defaults and as overrides of columns."""

from collections.abc import Mapping
from typing import TypeAlias

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.models import dashboard as models

from collector.grafana.limits import Limits, limits_of, unit_of
from collector.metrics.catalogue import SENSOR_UNITS

GOOD, WATCH, BAD, QUIET = "green", "orange", "red", "text"

Properties: TypeAlias = list[models.DynamicConfigValue]


def thresholds(limits: Limits | None) -> dashboard.ThresholdsConfig:
    """Green, orange and red."""
    steps = [models.Threshold(None, GOOD)]
    if limits and limits.worse == "above":
        steps += [models.Threshold(limits.warning, WATCH), models.Threshold(limits.critical, BAD)]
    elif limits:
        steps = [
            models.Threshold(None, BAD),
            models.Threshold(limits.critical, WATCH),
            models.Threshold(limits.warning, GOOD),
        ]
    return dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(steps)


def words(meaning: Mapping[str, tuple[str, str]]) -> models.ValueMap:
    """Values shown as (text, colour)."""
    return models.ValueMap(
        {
            value: models.ValueMappingResult(text=text, color=color, index=index)
            for index, (value, (text, color)) in enumerate(meaning.items())
        }
    )


UP_OR_DOWN = words({"true": ("up", GOOD), "false": ("down", BAD)})
GOOD_OR_BAD = words({"true": ("good", GOOD), "false": ("bad", BAD)})
YES_OR_NO = words({"true": ("yes", WATCH), "false": ("no", GOOD)})
OUTCOMES = words({"ok": ("ok", GOOD), "partial": ("partial", WATCH), "down": ("down", BAD)})


CLASSES = words({name: (f"{name}, {unit}", QUIET) for name, unit in SENSOR_UNITS.items() if unit != "1"})
"""classes of sensors with their units"""


def prop(name: str, value: object) -> models.DynamicConfigValue:
    """One setting of an override."""
    return models.DynamicConfigValue(name, value)


def unit(measurement: str, field: str, sensor_class: str = "") -> Properties:
    """An override's unit and limits, from the catalogue."""
    properties = [prop("unit", unit_of(measurement, field, sensor_class))]
    if limits := limits_of(measurement, field, sensor_class):
        properties.append(prop("thresholds", thresholds(limits).build()))
    return properties


def coloured(measurement: str, field: str, sensor_class: str = "") -> Properties:
    """A table's column with a unit, its cells coloured by the limits."""
    cell = {"type": "color-background", "mode": "basic"}
    return [*unit(measurement, field, sensor_class), prop("custom.cellOptions", cell)]


def mapped(mapping: models.ValueMap) -> Properties:
    """A table's column of states."""
    return [prop("mappings", [mapping]), prop("custom.cellOptions", {"type": "color-text"})]


def linked(title: str, url: str) -> Properties:
    """A table's column that leads elsewhere."""
    return [prop("links", [{"title": title, "url": url}])]

"""Texts that a reader sees, kept as messages until it is known in which language they are read.

`say("{count} hosts are down", count=3)` is a message of the gettext catalogues (collector/report/locale) with the values
that go into it; only a renderer turns it into words. English is the catalogues' source, so it needs none itself.
"""

from collections.abc import Mapping
from typing import TypeAlias

import msgspec

from collector.report.unit import Unit


class Quantity(msgspec.Struct, frozen=True):
    """A number within a sentence, written by the locale and with its unit."""

    value: float
    unit: Unit


Value: TypeAlias = "str | int | float | Quantity | Text"
"""what may stand in a message; texts of devices and inventories are plain `str`, numbers are written by the locale"""


class Text(msgspec.Struct, frozen=True):
    """A message and its values. `plural` is its form for other counts than 1, chosen by `values["count"]`."""

    message: str
    values: Mapping[str, Value] = {}
    plural: str = ""

    def __str__(self) -> str:
        """English, for logs and tests; renderers translate by their locale."""
        singular = not self.plural or self.values.get("count") == 1
        return (self.message if singular else self.plural).format_map(
            {
                name: f"{value.value:g} {value.unit.symbol}" if isinstance(value, Quantity) else value
                for name, value in self.values.items()
            }
        )


def say(message: str, **values: Value) -> Text:
    """A message with `{name}` fields. The message is a literal: extraction for the catalogues reads the source."""
    return Text(message, values)


def say_many(singular: str, plural: str, count: int, **values: Value) -> Text:
    """A message whose form depends on `count`, which is also its field `{count}`."""
    return Text(singular, {"count": count, **values}, plural)

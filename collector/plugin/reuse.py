"""Tables that families have in common, read once: most of a family's tables come from mix-ins that hundreds extend."""

from collections.abc import Mapping
from typing import Any

import msgspec

from collector.plugin.profile import Table
from collector.plugin.reader import Reader
from collector.plugin.tables import SHORT_FORMS, Shared, read_short, read_table


class _Read(msgspec.Struct):
    """A table, and all that it was made of: what stands in the file, and the helpers of [columns] that it leans on."""

    data: Mapping[str, Any]
    helpers: dict[str, Any]
    table: Table


class Tables:
    """Reads tables, and remembers those without mistakes for the next family that has the same."""

    def __init__(self) -> None:
        self._read: dict[tuple[str, int], _Read] = {}

    def read(self, form: str, reader: Reader, name: str, shared: Shared) -> Table:
        """A table of one of `SHORT_FORMS`, or [table.NAME]."""
        key = (name, id(reader.data))
        known = self._read.get(key)
        if known is not None and known.data is reader.data and _has(shared, known.helpers):
            return known.table
        mistakes = len(reader.problems)
        shared.used = {}
        table = read_short(form, reader, name, shared) if form in SHORT_FORMS else read_table(reader, name, shared)
        if len(reader.problems) == mistakes:
            self._read[key] = _Read(reader.data, shared.used, table)
        return table


def _has(shared: Shared, helpers: Mapping[str, Any]) -> bool:
    """Whether the helpers of those names are the same here."""
    return all(name in shared.columns and shared.columns[name][1] == found for name, found in helpers.items())

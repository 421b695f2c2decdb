"""Names of rows: clean, bounded, and one of a kind within a device, so that no two rows ever share a series."""

from collections import Counter
from collections.abc import Sequence

from collector.metrics.model import FieldValue
from collector.normalise.clean import MAX_TAG, text
from collector.normalise.tables import TABLES, Table
from collector.plugin.model import Row

SEPARATOR = "\x1f"
"""no cleaned tag holds it"""
UNNAMED = "unnamed"


def series_key(table: Table, tags: dict[str, str]) -> str:
    """The key of a row in `Samples`: its measurement and its own tags in the catalogue's order."""
    own = table.tags
    if len(own) == 1:
        return f"{table.name}{SEPARATOR}{tags.get(own[0], '')}"
    return SEPARATOR.join((table.name, *(tags.get(tag, "") for tag in own)))


def identify(rows: Sequence[Row]) -> list[tuple[str, dict[str, str]]]:
    """For each row of a known measurement its series key and its cleaned tags; `("", {})` for any other.

    Rows that would share a series are told apart by their index ("eth0 [3]"), or where they have none by their rank
    ("eth0 #2"). All of them are, the first too: were it left bare, it would take over the other's history when the
    device renumbers or one of them goes.
    """
    named = [_name(row) for row in rows]
    keys = [key for key, _ in named]
    if len(set(keys)) == len(keys):
        return named
    copies = {key for key, count in Counter(keys).items() if count > 1 and key}
    taken = set(keys) - copies
    return [
        _tell_apart(TABLES[row.measurement], tags, row.fields.get("index"), taken) if key in copies else (key, tags)
        for row, (key, tags) in zip(rows, named, strict=True)
    ]


def _name(row: Row) -> tuple[str, dict[str, str]]:
    table = TABLES.get(row.measurement)
    if table is None:
        return "", {}
    tags = row.tags
    if not all(map(_is_clean, tags.values())) or tags.keys() != table.tag_set:
        cleaned = ((tag, text(tags.get(tag, ""), MAX_TAG)) for tag in table.tags)
        tags = {tag: value for tag, value in cleaned if value}
        if "name" in table.tag_set and "name" not in tags:
            tags["name"] = str(row.fields.get("index", UNNAMED))
    return series_key(table, tags), tags


def _is_clean(tag: str) -> bool:
    return 0 < len(tag) <= MAX_TAG and tag.isprintable() and tag[0] != " " != tag[-1] and "  " not in tag


def _tell_apart(
    table: Table, tags: dict[str, str], index: FieldValue | None, taken: set[str]
) -> tuple[str, dict[str, str]]:
    name = tags.get("name", "")
    suffixes = [f" [{index}]"] if index is not None else []
    rank = 0
    while True:
        if suffixes:
            suffix = suffixes.pop()
        else:
            rank += 1
            suffix = f" #{rank}"
        candidate = {**tags, "name": name[: MAX_TAG - len(suffix)] + suffix}
        key = series_key(table, candidate)
        if key not in taken:
            taken.add(key)
            return key, candidate

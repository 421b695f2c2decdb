"""Names of rows: clean, bounded, and one of a kind within a device, so that no two things ever share a series."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from collector.normalise.clean import MAX_TAG, text
from collector.normalise.samples import Stamp
from collector.normalise.tables import TABLES, Table
from collector.plugin.model import Row

SEPARATOR = "\x1f"
"""no cleaned tag holds it"""
UNNAMED = "unnamed"


class Identified(NamedTuple):
    """A row, its moment, its own tags (cleaned) and the key of its series in `Samples`."""

    row: Row
    stamp: Stamp
    tags: dict[str, str]
    key: str


def identify(rows: Sequence[Row], stamps: Sequence[Stamp]) -> list[Identified]:
    """Rows of known measurements, each with a series of its own.

    Rows that say different fields of the same thing (ifTable and EtherLike-MIB of one interface) become one, at the
    moment of the first. Different things of one name are told apart by their index ("eth0 [3]"), or where they have none
    by their rank ("eth0 #2"). All of them are, the first too: were it left bare, it would take over the other's history
    when the device renumbers or one of them goes.

    Raises:
        ValueError: rows and stamps are not aligned.
    """
    named = [
        Identified(row, stamp, tags := _tags(table, row), series_key(table, tags))
        for row, stamp in zip(rows, stamps, strict=True)
        if (table := TABLES.get(row.measurement))
    ]
    if len({one.key for one in named}) == len(named):
        return named
    groups: dict[str, list[Identified]] = {}
    for one in named:
        groups.setdefault(one.key, []).append(one)
    taken = set(groups)
    return [single for group in groups.values() for single in _resolve(group, taken)]


def series_key(table: Table, tags: dict[str, str]) -> str:
    """The key of a row in `Samples`: its measurement and its own tags in the catalogue's order."""
    own = table.tags
    if len(own) == 1:
        return f"{table.name}{SEPARATOR}{tags.get(own[0], '')}"
    return SEPARATOR.join((table.name, *(tags.get(tag, "") for tag in own)))


def _tags(table: Table, row: Row) -> dict[str, str]:
    tags = row.tags
    if all(map(_is_clean, tags.values())) and tags.keys() == table.tag_set:
        return tags
    cleaned = ((tag, text(tags.get(tag, ""), MAX_TAG)) for tag in table.tags)
    tags = {tag: value for tag, value in cleaned if value}
    if "name" in table.tag_set and "name" not in tags:
        index = _index(row)
        tags["name"] = UNNAMED if index is None else str(index)
    return tags


def _index(row: Row) -> int | None:
    index = row.fields.get("index")
    return index if isinstance(index, int) else None


@lru_cache(maxsize=1 << 16)
def _is_clean(tag: str) -> bool:
    return 0 < len(tag) <= MAX_TAG and tag.isprintable() and tag[0] != " " != tag[-1] and "  " not in tag


def _resolve(group: list[Identified], taken: set[str]) -> list[Identified]:
    """Rows of one key: joined where they are parts of one thing, else told apart; what has no name has one row only."""
    things = _join(group)
    if len(things) == 1 or "name" not in TABLES[group[0].row.measurement].tag_set:
        return things[:1]
    by_index: dict[int | None, list[Identified]] = {}
    for one in group:
        by_index.setdefault(_index(one.row), []).append(one)
    return [
        _rename(thing, f" [{index}]" if index is not None else " #1", taken)
        for index, parts in by_index.items()
        for thing in _join(parts)
    ]


def _join(parts: list[Identified]) -> list[Identified]:
    """`parts` as one row if they nowhere say different things of the same field, else as they are."""
    first = parts[0]
    if len(parts) == 1:
        return parts
    fields = dict(first.row.fields)
    bits = dict(first.row.bits)
    discontinuity = first.row.discontinuity
    for part in parts[1:]:
        for name, value in part.row.fields.items():
            if fields.setdefault(name, value) != value or (name in first.row.fields and name != "index"):
                return parts
        bits.update(part.row.bits)
        discontinuity = part.row.discontinuity if discontinuity is None else discontinuity
    row = Row(first.row.measurement, first.row.tags, fields, bits, first.row.cell, discontinuity)
    return [first._replace(row=row)]


def _rename(one: Identified, suffix: str, taken: set[str]) -> Identified:
    table = TABLES[one.row.measurement]
    name = one.tags.get("name", UNNAMED)
    rank = 1
    while True:
        tags = {**one.tags, "name": name[: MAX_TAG - len(suffix)] + suffix}
        key = series_key(table, tags)
        if key not in taken:
            taken.add(key)
            return one._replace(tags=tags, key=key)
        rank += 1
        suffix = f" #{rank}"

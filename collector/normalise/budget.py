"""A host's series, counted: one broken device must not fill a store with names."""

import re
from collections import Counter
from collections.abc import Sequence

from collector.metrics.model import Point

_DIGITS = re.compile(r"[0-9a-f]*\d[0-9a-f]*", re.IGNORECASE)


def over_budget(points: Sequence[Point], max_series: int) -> str | None:
    """A warning that names the culprit if one host's `points` of a cycle are of more than `max_series` series, else None.

    "2,940 series, more than the 2,000 of max_series: 2,800 of interface (1,990 like 'veth*')"
    """
    if len(points) <= max_series:
        return None
    series = {(point.measurement, *point.tags.items()) for point in points}
    if len(series) <= max_series:
        return None
    measurement, count = Counter(key[0] for key in series).most_common(1)[0]
    names = Counter(
        _shape(point.tags["name"]) for point in points if point.measurement == measurement and "name" in point.tags
    )
    alike = ""
    if names:
        shape, similar = names.most_common(1)[0]
        alike = f" ({similar:,} like {shape!r})"
    return f"{len(series):,} series, more than the {max_series:,} of max_series: {count:,} of {measurement}{alike}"


def _shape(name: str) -> str:
    return _DIGITS.sub("*", name)

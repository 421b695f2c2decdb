"""What Grafana does to a query before it sends it: variables as `:regex` writes them, the range, the window."""

import re
from collections.abc import Mapping, Sequence

_VARIABLE = re.compile(r"\$\{(\w+):regex\}")
_SPECIAL = re.compile(r"[\\^$*+?.()|\[\]{}/]")

Chosen = Mapping[str, Sequence[str] | None]
"""values by variable; None is "All" """


def as_regex(values: Sequence[str] | None) -> str:
    """Grafana's format `regex`: special characters are escaped, several values stand in brackets; the custom value of
    "All" is taken as it is."""
    if values is None:
        return ".*"
    escaped = [_SPECIAL.sub(r"\\\g<0>", value) for value in values]
    return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"


def filled(query: str, chosen: Chosen, since_s: float, until_s: float, window_s: int = 60) -> str:
    """The statement that goes to InfluxDB. Nothing of Grafana's is left in it."""
    span = f"time >= {int(since_s * 1000)}ms and time <= {int(until_s * 1000)}ms"
    statement = query.replace("$timeFilter", span).replace("$__interval", f"{window_s}s")
    assert "$" not in _VARIABLE.sub("", statement).replace("$/", ""), statement
    return _VARIABLE.sub(lambda match: as_regex(chosen[match[1]]), statement)


def variables_in(query: str) -> list[str]:
    """Names of the variables that the query depends on."""
    return _VARIABLE.findall(query)

"""Small provinces for the tests of reports: inventories, points over time, stores that hold them, contexts.

    place = site("s1", district="Mai Chau", kind="office")
    router = host("r1", place, links=[link("Gi0/1", 10e6)])
    points = over_time(router, "interface", {"name": "Gi0/1"}, since_ns=ago(days=30), in_bps=lambda t: 4e6 + 0 * t)
    report = capacity_links(context_of(inventory_of(router), store_with(points), days=30))

Now is `NOW_NS`, 2026-06-29T00:00:00Z, a Monday at midnight, so that the days and weeks before it are whole.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from collector.metrics.catalogue import MEASUREMENTS
from collector.metrics.model import FieldValue, Point
from collector.report.context import Context
from collector.store.contract import Store
from collector.store.open import open_store
from inventory.model import (
    Commune,
    Declared,
    DuckdbStore,
    Host,
    Inventory,
    Link,
    Maintenance,
    Ring,
    Settings,
    Site,
    Station,
)
from tests.report.memory_store import MemoryStore

NOW_NS = 1_782_691_200 * 10**9
MINUTE_NS = 60 * 10**9
HOUR_NS = 60 * MINUTE_NS
DAY_NS = 24 * HOUR_NS

Values: TypeAlias = "Callable[[NDArray[np.float64]], NDArray[np.float64]] | Sequence[Any] | NDArray[Any] | FieldValue"
"""of a field over time: one value for ever, a value a time, or a function of the days before now (-30.0 ... 0.0)"""


def ago(days: float = 0, hours: float = 0, minutes: float = 0) -> int:
    """The time that long before now, ns."""
    return NOW_NS - round(days * DAY_NS + hours * HOUR_NS + minutes * MINUTE_NS)


def site(id: str, **more: Any) -> Site:
    """A site; `province`, `district`, `commune`, `kind`, `lat`, `lon`, `population`, ... as wanted."""
    return Site(**{"id": id, "name": f"Site {id}", "province": "Hoa Binh", "district": "Mai Chau", **more})


def link(interface: str, in_bps: float | None = None, out_bps: float | None = None, **more: Any) -> Link:
    """A contracted line; the same speed in both directions where one is given."""
    contract_in = None if in_bps is None else int(in_bps)
    contract_out = contract_in if out_bps is None else int(out_bps)
    return Link(interface=interface, contract_in_bps=contract_in, contract_out_bps=contract_out, **more)


def host(
    name: str, site: Site | None = None, role: str = "wan-router", links: Sequence[Link] = (), **more: Any
) -> Host:
    return Host(**{"name": name, "address": "127.0.0.1", "site": site, "role": role, "links": tuple(links), **more})


def inventory_of(
    *parts: Host | Site | Station | Commune | Ring | Maintenance | Declared, settings: Settings | None = None
) -> Inventory:
    """An inventory of these, and of the sites of its hosts."""

    def of(kind: type) -> list[Any]:
        return [part for part in parts if isinstance(part, kind)]

    hosts: list[Host] = of(Host)
    sites = [*of(Site), *(each.site for each in hosts if each.site)]
    return Inventory(
        settings=settings or Settings(state_dir="state"),
        store=DuckdbStore(path="store.duckdb"),
        hosts={each.name: each for each in hosts},
        sites={each.id: each for each in sites},
        stations=tuple(of(Station)),
        communes=tuple(of(Commune)),
        rings={each.name: each for each in of(Ring)},
        maintenance=tuple(of(Maintenance)),
        declared=tuple(of(Declared)),
    )


def point(
    host: Host, measurement: str, tags: Mapping[str, str] = {}, time_ns: int = NOW_NS - MINUTE_NS, **fields: FieldValue
) -> Point:
    """One point of a host, a minute ago unless another time is given; numbers get the types of the catalogue."""
    return Point(
        measurement,
        {**host.point_tags(), **tags},
        {name: _typed(measurement, name, value) for name, value in fields.items()},
        time_ns,
    )


def over_time(
    host: Host,
    measurement: str,
    tags: Mapping[str, str] = {},
    *,
    since_ns: int,
    until_ns: int = NOW_NS,
    every_s: int = 3600,
    **fields: Values,
) -> list[Point]:
    """Points of one series in `[since_ns, until_ns)`; a NaN or None is a field that a point does not have."""
    times = np.arange(since_ns, until_ns, every_s * 10**9, dtype=np.int64)
    columns = {name: _column(values, times) for name, values in fields.items()}
    all_tags = {**host.point_tags(), **tags}
    points = []
    for place, time_ns in enumerate(times.tolist()):
        present = {
            name: _typed(measurement, name, column[place])
            for name, column in columns.items()
            if column[place] is not None and column[place] == column[place]
        }
        if present:
            points.append(Point(measurement, dict(all_tags), present, time_ns))
    return points


def store_with(points: Sequence[Point]) -> MemoryStore:
    """A fast store that holds them."""
    return MemoryStore(points)


def duck_with(path: Path, points: Sequence[Point]) -> Store:
    """A DuckDB file that holds them; the test closes it, or leaves it to the end of its temporary folder."""
    store = open_store(DuckdbStore(path=str(path)))
    result = store.write(points)
    assert not result.rejected, result.rejected[0]
    return store


def context_of(
    inventory: Inventory,
    store: Store,
    *,
    days: float = 30,
    until_ns: int = NOW_NS,
    zone: tzinfo = UTC,
    only: Sequence[str] | None = None,
) -> Context:
    """A context about the last `days`; of the hosts `only` where they are given."""
    hosts = None if only is None else [inventory.hosts[name] for name in only]
    return Context(
        inventory,
        store,
        since_ns=until_ns - round(days * DAY_NS),
        until_ns=until_ns,
        zone=zone,
        hosts=hosts,
        selection=tuple(only or ()),
    )


def _column(values: Values, times: "NDArray[np.int64]") -> Sequence[Any]:
    if callable(values):
        computed: Sequence[Any] = values((times - NOW_NS) / DAY_NS).tolist()
        return computed
    if isinstance(values, (str, int, float)):
        return [values] * len(times)
    listed = values.tolist() if isinstance(values, np.ndarray) else values
    assert len(listed) == len(times), f"{len(listed)} values for {len(times)} times"
    return listed


def _typed(measurement: str, name: str, value: Any) -> FieldValue:
    kind = MEASUREMENTS[measurement].field(name).type
    typed: FieldValue = kind(value)
    return typed

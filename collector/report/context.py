"""What every report is made from: the inventory, the part of it that was asked for, a period, and a store to read."""

from collections.abc import Collection, Sequence
from datetime import datetime, tzinfo

import msgspec

from collector.metrics.model import Point
from collector.report.model import Figure, Finding, Report, Section
from collector.report.once import Once
from collector.report.say import Text
from collector.store.contract import Store
from inventory.model import Host, Inventory

DAY_NS = 86_400 * 10**9
HOUR_NS = 3_600 * 10**9

RECENT_NS = DAY_NS
"""how old the newest point of a series may be to count as its present state, unless it is collected more seldom"""


class HostState(msgspec.Struct, frozen=True):
    """How a host was last seen within the period. `up` is None where it was not asked, or not lately."""

    up: bool | None
    time_ns: int = 0
    error: str = ""


class Context:
    """One run of one or more reports. Answers of the store that several of them need are kept.

    Attributes:
        hosts: the selected hosts that are enabled, by name.
        selection: the terms that selected them; empty where all are meant.
        since_ns, until_ns: the period, `[since, until)`; what is "now" is the end of it.
        zone: in which days, hours and weekdays are meant.
        once: what several reports share, kept by whoever makes it.
    """

    def __init__(
        self,
        inventory: Inventory,
        store: Store,
        *,
        since_ns: int,
        until_ns: int,
        zone: tzinfo,
        hosts: Collection[Host] | None = None,
        selection: tuple[str, ...] = (),
    ) -> None:
        self.inventory = inventory
        self.store = store
        self.since_ns = since_ns
        self.until_ns = until_ns
        self.zone = zone
        self.selection = selection
        chosen = inventory.hosts.values() if hosts is None else hosts
        self.hosts = {host.name: host for host in chosen if host.enabled}
        self.once = Once()

    @property
    def is_whole(self) -> bool:
        """Whether it is about the whole inventory, so that sites and communes without hosts belong to it."""
        return not self.selection

    def only(self, hosts: Collection[str] | None = None) -> dict[str, Collection[str]] | None:
        """The selected hosts (of `hosts`), as the store's `only`; None where that is all of them."""
        if hosts is None:
            return None if self.is_whole else {"host": self.hosts.keys()}
        return {"host": [name for name in hosts if name in self.hosts]}

    def latest(self, measurement: str, fields: Sequence[str] = (), *, within_ns: int = RECENT_NS) -> list[Point]:
        """The newest point of each series of the selected hosts, not older than `within_ns` before the period's end."""
        return self.once.get(
            ("latest", measurement, tuple(fields), within_ns), lambda: self._newest(measurement, fields, within_ns)
        )

    def states(self) -> dict[str, HostState]:
        """Of every selected host, whether it is up."""
        return self.once.get("states", self._states)

    def _newest(self, measurement: str, fields: Sequence[str], within_ns: int) -> list[Point]:
        points = self.store.latest(
            measurement, {}, self.until_ns - within_ns, self.until_ns, fields=list(fields) or None
        )
        return [point for point in points if point.tags.get("host") in self.hosts]

    def _states(self) -> dict[str, HostState]:
        newest: dict[str, Point] = {}
        for point in self.latest("device"):
            # a host whose family was not known yet, or was another, left older series
            known = newest.get(point.tags["host"])
            if "up" in point.fields and (known is None or known.time_ns < point.time_ns):
                newest[point.tags["host"]] = point
        return {name: _state(newest[name]) if name in newest else HostState(None) for name in self.hosts}

    def report(
        self,
        *,
        name: str,
        title: Text,
        figures: tuple[Figure, ...] = (),
        sections: tuple[Section, ...] = (),
        findings: tuple[Finding, ...] = (),
        notes: tuple[Text, ...] = (),
    ) -> Report:
        """A report about what was selected, of the period."""
        return Report(
            name=name,
            title=title,
            since_ns=self.since_ns,
            until_ns=self.until_ns,
            selection=self.selection,
            figures=figures,
            sections=sections,
            findings=findings,
            notes=notes,
        )

    def local(self, time_ns: int) -> datetime:
        """The local time of `time_ns`."""
        return datetime.fromtimestamp(time_ns / 1e9, self.zone)


def _state(device: Point) -> HostState:
    return HostState(bool(device.fields["up"]), device.time_ns, str(device.fields.get("error", "")))

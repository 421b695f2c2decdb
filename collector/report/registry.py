"""Every report, once: its name on the command line, what it answers, and the function that makes it."""

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collector.report.context import Context
    from collector.report.model import Report


class ReportKind(msgspec.Struct, frozen=True):
    """A report that can be asked for. `maker` is "module:function" below collector.report, loaded when it is needed."""

    name: str
    summary: str
    maker: str

    def make(self, context: "Context") -> "Report":
        """The report of `context`; made once for each context, as the summary is made of the others.

        Raises:
            collector.store.contract.StoreError: the store cannot be read.
        """
        module, function = self.maker.split(":")
        make: Callable[[Context], Report] = getattr(importlib.import_module(f"collector.report.{module}"), function)
        return context.once.get(("report", self.name), lambda: make(context))


_KINDS = (
    ReportKind("summary", "One page: the ten most urgent things, and the trend.", "summary:summary"),
    ReportKind(
        "capacity links", "Lines against their contracts: load, trend, what to order.", "capacity.links:capacity_links"
    ),
    ReportKind(
        "capacity servers", "Processors, memory, storage; days until full.", "capacity.servers:capacity_servers"
    ),
    ReportKind(
        "capacity power", "Load of UPSes, rectifiers and PDUs; battery runtime.", "capacity.power:capacity_power"
    ),
    ReportKind("capacity ports", "Free and used ports of switches and sites.", "capacity.ports:capacity_ports"),
    ReportKind(
        "capacity rings", "Fibre rings: closed, open where, enough if a span fails?", "capacity.rings:capacity_rings"
    ),
    ReportKind(
        "coverage offices", "Offices connected: by what, how well, which not.", "coverage.offices:coverage_offices"
    ),
    ReportKind(
        "coverage mobile", "BTS positions and stations; white and weak spots.", "coverage.mobile:coverage_mobile"
    ),
    ReportKind(
        "coverage monitoring",
        "What of the inventory is measured, and how safely.",
        "coverage.monitoring:coverage_monitoring",
    ),
    ReportKind("availability", "Time up and outages of hosts, sites, districts.", "availability.report:availability"),
    ReportKind("inventory", "Models, serials, versions, and what changed.", "device_inventory:device_inventory"),
    ReportKind("topology", "Neighbours as a graph.", "network.topology:topology"),
    ReportKind("ict-index", "The infrastructure indicators that provinces report.", "ict_index:ict_index"),
)

REPORTS: dict[str, ReportKind] = {kind.name: kind for kind in _KINDS}

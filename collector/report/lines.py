"""The contracted lines of a report's hosts."""

import msgspec

from collector.report.context import Context
from inventory.model import Host, Link


class Line(msgspec.Struct, frozen=True):
    """A line: one interface of a host for which a provider promised a speed in at least one direction.

    Its series are those with the host's name and, to the letter, the interface's name as the inventory writes it, as the
    poller matches them.
    """

    host: Host
    link: Link
    contract_in_bps: int | None
    contract_out_bps: int | None

    @property
    def key(self) -> tuple[str, str]:
        """The tags `host` and `name` of its series."""
        return (self.host.name, self.link.interface)

    @property
    def where(self) -> str:
        """What people call it: "r-12 Gi0/1"."""
        return f"{self.host.name} {self.link.interface}"


def contracted_lines(context: Context) -> list[Line]:
    """The lines of the selected hosts that have a contract, by host and interface."""
    return [
        Line(host, link, link.contract_in_bps or None, link.contract_out_bps or None)
        for _, host in sorted(context.hosts.items())
        for link in sorted(host.links, key=lambda link: link.interface)
        if link.contract_in_bps or link.contract_out_bps
    ]


def lines_without_contract(context: Context) -> int:
    """How many lines of the selected hosts name no speed, so that nothing can be said of them."""
    return sum(len(host.links) for host in context.hosts.values()) - len(contracted_lines(context))

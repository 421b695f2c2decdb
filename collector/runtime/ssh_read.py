"""What a visit by SSH brings: rows, and an account of every command. Light to import: no SSH library is needed."""

from collections.abc import Callable, Collection

import msgspec

from collector.plugin.cli.model import CliFamily, Command
from collector.runtime.facts import HostSsh
from collector.runtime.read import Rows
from collector.transport.contract import Traffic
from collector.transport.linux import batch


class Asked(msgspec.Struct, kw_only=True):
    """One command, or the script, and what became of it: for `probe`, and for the poll's problems.

    Attributes:
        refusal: the command line's own words where it does not know the command.
        templates: what read the output.
    """

    command: str
    bytes_in: int = 0
    duration_s: float = 0.0
    rows: int = 0
    refusal: str = ""
    templates: list[str] = []
    problems: list[str] = []


class SshRead(msgspec.Struct, kw_only=True):
    """What SSH gave.

    Attributes:
        learnt: whether `facts` say more than before.
        script: what the script was asked for, where the family has one.
        asked: all commands in their order.
        done: the measurements that had their turn, by the first text of their command.
    """

    facts: HostSsh
    learnt: bool
    family: CliFamily
    rows: Rows
    script: batch.Wanted
    asked: list[Asked]
    problems: list[str]
    cpu_ticks: dict[str, list[int]] = {}
    traffic: Traffic = msgspec.field(default_factory=Traffic)
    privileged: bool | None = None
    done: dict[str, frozenset[str]] = {}


def is_to_be_asked(
    command: Command,
    family: CliFamily,
    facts: HostSsh,
    others: Collection[str],
    due: Callable[[Command], frozenset[str]],
) -> bool:
    """Whether a command is sent in this cycle: it gives what does not come by SNMP (`others`), the device is not known to
    refuse it, and something of it is due (`due` says which measurements), or it was never tried."""
    if command.measurements <= frozenset(others) - family.wins:
        return False
    known = facts.texts.get(command.texts[0])
    return known is None or bool(known and due(command) - (frozenset(others) - family.wins))

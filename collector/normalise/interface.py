"""What interfaces have beside their counters: speeds that are none, utilisation, the state of their rates."""

from collector.metrics.model import FieldValue
from collector.normalise.counters import Verdict
from collector.normalise.rates import Comparison
from collector.normalise.tables import TABLES
from inventory.model import Link

NO_SPEEDS = frozenset((0, 4_294_967_295, 4_294_967_000, 4_294_000_000, 4_295_000_000))
"""ifSpeed's "look into ifHighSpeed" (RFC 2863), and what devices make of it that copy the one into the other"""

_OCTET_NAMES = frozenset(("in_octets", "out_octets"))
_OCTETS = sum(TABLES["interface"].columns[name].bit for name in _OCTET_NAMES)


def drop_no_speed(fields: dict[str, FieldValue]) -> int | None:
    """The speed, bit/s; None, and no field any more, where the device states none."""
    speed = fields.get("speed_bps")
    if not isinstance(speed, int):
        return None
    if speed in NO_SPEEDS or speed < 0:
        del fields["speed_bps"]
        return None
    return speed


def add_utilisation(fields: dict[str, FieldValue], speed_bps: int | None, link: Link | None) -> None:
    """Percent of what the line's contract says for each direction, else of the port's speed.

    More than 100 is kept: a contract is no physical limit.
    """
    capacity_in = (link and link.contract_in_bps) or speed_bps
    capacity_out = (link and link.contract_out_bps) or speed_bps
    in_bps, out_bps = fields.get("in_bps"), fields.get("out_bps")
    if capacity_in and isinstance(in_bps, float):
        fields["in_util_percent"] = 100.0 * in_bps / capacity_in
    if capacity_out and isinstance(out_bps, float):
        fields["out_util_percent"] = 100.0 * out_bps / capacity_out


def add_state(fields: dict[str, FieldValue], narrow: int, comparison: Comparison) -> None:
    """`counter_bits`, the lesser of both directions; `reset`, unless there was no earlier sample to continue from.

    `narrow` is as in `Sample`.
    """
    if "in_octets" in fields or "out_octets" in fields:
        fields["counter_bits"] = 32 if narrow & _OCTETS else 64
    exceptions = comparison.exceptions
    if comparison.interval_s and not exceptions:
        fields["reset"] = False
    elif comparison.verdict is not Verdict.FIRST:
        fields["reset"] = comparison.verdict.began_anew or any(
            exceptions[name].began_anew for name in exceptions.keys() & _OCTET_NAMES
        )

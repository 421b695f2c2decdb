"""The classes by which provinces count their lines."""

from collections.abc import Sequence

import msgspec

from collector.report.say import Text, say
from inventory.model import Link


class SpeedClass(msgspec.Struct, frozen=True):
    """Contracts up to `up_to_bps`, and over those of the class before."""

    key: str
    title: Text
    up_to_bps: float


CLASSES: Sequence[SpeedClass] = (
    SpeedClass("to_2m", say("up to 2 Mbit/s"), 2e6),
    SpeedClass("to_10m", say("2 to 10 Mbit/s"), 10e6),
    SpeedClass("to_50m", say("10 to 50 Mbit/s"), 50e6),
    SpeedClass("to_100m", say("50 to 100 Mbit/s"), 100e6),
    SpeedClass("to_1g", say("100 Mbit/s to 1 Gbit/s"), 1e9),
    SpeedClass("over_1g", say("over 1 Gbit/s"), float("inf")),
)


def speed_class(link: Link) -> SpeedClass | None:
    """The class of a line by its faster direction; None where no contract is named."""
    speed_bps = max(link.contract_in_bps or 0, link.contract_out_bps or 0)
    return next(each for each in CLASSES if speed_bps <= each.up_to_bps) if speed_bps else None

"""Uninterruptible power: UPS-MIB (RFC 1628), and the part of PowerNet-MIB that says the same."""

import math
from dataclasses import dataclass

from collector.simulator.devices.build import COUNTER, GAUGE, INT, TEXT, TICKS, Builder
from collector.simulator.tree import Level

_UPS = "1.3.6.1.2.1.33.1"
_POWERNET = "1.3.6.1.4.1.318.1.1.1"
_EMPTY_PERCENT = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Battery:
    """A battery that lasts `runtime_s` from `mains_lost_s` on; before that it is full."""

    runtime_s: float = 3_600.0
    mains_lost_s: float = math.inf

    def on_battery_s(self, now_s: float) -> int:
        """For how long there has been no mains."""
        return max(0, int(now_s - self.mains_lost_s)) if now_s >= self.mains_lost_s else 0

    def charge_percent(self, now_s: float) -> int:
        """From 100 down to nearly empty."""
        left = 1 - self.on_battery_s(now_s) / self.runtime_s
        return max(_EMPTY_PERCENT, round(100 * left))

    def left_s(self, now_s: float) -> int:
        """How long it lasts yet."""
        return round(self.runtime_s * self.charge_percent(now_s) / 100)

    def choose(self, on_mains: int, on_battery: int) -> Level:
        """A value that depends on where the power comes from."""
        return Level(lambda now_s: on_battery if now_s >= self.mains_lost_s else on_mains)


def ups(
    builder: Builder,
    *,
    maker: str,
    model: str,
    version: str,
    name: str,
    battery: Battery,
    load_percent: int,
    rated_w: int = 16_000,
) -> None:
    """UPS-MIB: identity, battery, one line in, one line out, alarms."""
    load_w = rated_w * load_percent // 100
    for column, text in ((1, maker), (2, model), (3, version), (4, version), (5, name), (6, "")):
        builder.put(f"{_UPS}.1.{column}.0", TEXT, text)
    low = Level(lambda now_s: 3 if battery.charge_percent(now_s) < 20 else 2)
    for column, value in (
        (1, low),
        (2, Level(battery.on_battery_s)),
        (3, Level(lambda now_s: battery.left_s(now_s) // 60)),
        (4, Level(battery.charge_percent)),
        (5, Level(lambda now_s: 2_100 + 6 * battery.charge_percent(now_s))),  # 0.1 V
        (6, battery.choose(0, 142)),  # 0.1 A
        (7, 27),
    ):
        builder.put(f"{_UPS}.2.{column}.0", INT, value)
    builder.put(f"{_UPS}.3.1.0", COUNTER, 3)
    builder.put(f"{_UPS}.3.2.0", INT, 1)
    builder.row(
        f"{_UPS}.3.3.1",
        1,
        {
            2: (INT, battery.choose(500, 0)),
            3: (INT, battery.choose(228, 0)),
            4: (INT, battery.choose(load_w * 104 // 2_280, 0)),  # 0.1 A
            5: (INT, battery.choose(load_w * 104 // 100, 0)),
        },
    )
    builder.put(f"{_UPS}.4.1.0", INT, battery.choose(3, 5))
    builder.put(f"{_UPS}.4.2.0", INT, 500)
    builder.put(f"{_UPS}.4.3.0", INT, 1)
    builder.row(f"{_UPS}.4.4.1", 1, {2: (INT, 230), 3: (INT, load_w // 23), 4: (INT, load_w), 5: (INT, load_percent)})
    builder.put(f"{_UPS}.6.1.0", GAUGE, battery.choose(0, 1))


def powernet(builder: Builder, *, model: str, serial: str, name: str, battery: Battery, load_percent: int) -> None:
    """PowerNet-MIB: upsIdent, upsBattery, upsInput, upsOutput."""
    ticks = Level(lambda now_s: battery.on_battery_s(now_s) * 100)
    for oid, tag, value in (
        ("1.1.1", TEXT, model),
        ("1.1.2", TEXT, name),
        ("1.2.1", TEXT, "UPS 09.3 (ID18)"),
        ("1.2.3", TEXT, serial),
        ("2.1.1", INT, Level(lambda now_s: 3 if battery.charge_percent(now_s) < 20 else 2)),
        ("2.1.2", TICKS, ticks),
        ("2.2.1", GAUGE, Level(battery.charge_percent)),
        ("2.2.2", GAUGE, 29),
        ("2.2.3", TICKS, Level(lambda now_s: battery.left_s(now_s) * 100)),
        ("2.2.4", INT, 1),
        ("2.2.8", INT, 54),
        ("3.2.1", GAUGE, battery.choose(226, 0)),
        ("3.2.4", GAUGE, battery.choose(50, 0)),
        ("4.1.1", INT, battery.choose(2, 3)),
        ("4.2.1", GAUGE, 230),
        ("4.2.2", GAUGE, 50),
        ("4.2.3", GAUGE, load_percent),
        ("4.2.4", GAUGE, 4),
    ):
        builder.put(f"{_POWERNET}.{oid}.0", tag, value)

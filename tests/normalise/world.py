"""A device whose traffic is known to the octet, and a collector that polls it: what the rates must be is computed here,
from the truth, and never from what the collector saw."""

from dataclasses import dataclass, field

from collector.metrics.model import Point
from collector.normalise.normalise import Context, Normalised, Samples, Stamp, normalise
from collector.plugin.model import Row

EPOCH_S = 1_790_000_000.0
MEAN_PACKET_OCTETS = 500


@dataclass
class Device:
    """True state; moved on by `pass_time`, `reboot` and the like."""

    bits: int = 64
    speed_bps: int | None = 1_000_000_000
    pace: float | None = 1.0
    """of its uptime against true time; None has no uptime"""
    uptime_s: float = 1_000_000.0
    discontinuity: int | None = 0
    octets: int = 0
    now_s: float = 0.0
    generation: int = 0
    """how often its counters began anew"""
    carried: int = 0
    """octets since the beginning of time, whatever became of the counter"""

    def pass_time(self, seconds: float, bps: float) -> None:
        carried = int(bps / 8 * seconds)
        self.octets += carried
        self.carried += carried
        self.now_s += seconds
        self.uptime_s += seconds

    def reboot(self) -> None:
        self.octets = 0
        self.uptime_s = 0.0
        self.generation += 1

    def clear(self, *, announced: bool = True) -> None:
        self.octets = 0
        self.generation += 1
        if announced:
            self.discontinuity = int(self.uptime_s * 100)

    @property
    def ticks(self) -> int | None:
        return None if self.pace is None else int(self.uptime_s * 100 * self.pace) % (1 << 32)

    def row(self, *, name: str = "Gi0/1", present: bool = True, packets: bool = False) -> Row:
        fields: dict[str, int | float | str | bool] = {"index": 1, "admin_status": "up", "oper_status": "up"}
        if self.speed_bps is not None:
            fields["speed_bps"] = self.speed_bps
        bits = {}
        if present:
            fields["in_octets"] = self.octets % (1 << self.bits)
            bits["in_octets"] = self.bits
        fields["in_errors"] = self.octets // 1_000_000 % (1 << 32)
        bits["in_errors"] = 32
        if packets:
            fields["in_unicast_pkts"] = self.octets // MEAN_PACKET_OCTETS % (1 << 32)
            bits["in_unicast_pkts"] = 32
        return Row("interface", {"name": name}, fields, bits, 0, self.discontinuity)


@dataclass
class Collector:
    """Polls a device and keeps what the runtime would."""

    clock_offset_s: float = EPOCH_S
    samples: Samples = field(default_factory=dict)
    last: tuple[float, int, int] | None = None
    """true time, octets carried and generation at the last poll that saw the counter"""
    context: Context = field(default_factory=lambda: Context(tags={"host": "h"}, time_ns=int(EPOCH_S * 1e9)))

    def read(self, device: Device, row: Row, travel_s: float = 0.0) -> Normalised:
        stamp = Stamp(device.now_s + self.clock_offset_s + travel_s, device.ticks)
        made = normalise([row], [stamp], self.context, self.samples)
        self.samples = made.samples
        return made

    def poll(self, device: Device, *, present: bool = True, packets: bool = False, travel_s: float = 0.0) -> "Polled":
        made = self.read(device, device.row(present=present, packets=packets), travel_s)
        truth = None
        if present:
            if self.last is not None and self.last[2] == device.generation:
                since_s, carried, _ = self.last
                truth = (device.carried - carried) * 8 / (device.now_s - since_s)
            self.last = (device.now_s, device.carried, device.generation)
        (point,) = made.points
        return Polled(point, made, truth)


@dataclass
class Polled:
    """A poll: its point, and the true rate since the last poll that saw the counter (None if counters began anew)."""

    point: Point
    made: Normalised
    truth: float | None

    @property
    def in_bps(self) -> float | None:
        value = self.point.fields.get("in_bps")
        assert value is None or isinstance(value, float)
        return value

    @property
    def verdict(self) -> str:
        (row,) = self.made.verdicts
        return row.exceptions.get("in_octets", row.verdict).value

    def never_wrong(self, tolerance: float = 0.02) -> bool:
        """The rate is the truth, or there is none."""
        if self.in_bps is None:
            return True
        return self.truth is not None and abs(self.in_bps - self.truth) <= tolerance * self.truth + 1.0

    def right(self, tolerance: float = 0.02) -> bool:
        """There is a rate and it is the truth."""
        return self.in_bps is not None and self.never_wrong(tolerance)

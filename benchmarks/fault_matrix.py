"""Ill devices among healthy ones: does the cycle end in time, and do the healthy ones lose anything?"""

from pathlib import Path

from benchmarks.farm import FAULTS, Farm, Fault
from benchmarks.report import table
from benchmarks.runs import host_name, last_outcomes, steady, write_inventory

_COUNT = 500
_ILL = _COUNT // 10
_DEADLINE_S = 40.0
_COLUMNS = ("10% of the devices", "ok", "partial", "down", "healthy ok", "wall s", "CPU s", "MB", "in time")


def run(folder: Path, recording: Path, command: str) -> str:
    """Each fault on a tenth of the devices."""
    faults = [fault for fault in FAULTS if fault.mapped or not command]
    rows = [_row(folder, recording, command, None), *(_row(folder, recording, command, fault) for fault in faults)]
    note = (
        f"{_COUNT} switches of 24 ports, the cycle after the one that learns them, a deadline of {_DEADLINE_S:.0f} s."
    )
    return table("Faults", note, _COLUMNS, rows)


def _row(folder: Path, recording: Path, command: str, fault: Fault | None) -> tuple[object, ...]:
    place = folder / (fault.name.replace(" ", "-") if fault else "none")
    place.mkdir()
    farm = Farm(_COUNT, recording, command, ill=((0, _ILL, fault),) if fault else ())
    with farm.serving(place) as port:
        config = write_inventory(place, farm, port, deadline_s=_DEADLINE_S)
        _, cycle = steady(config, _COUNT - _ILL, cycles=1, learning=2)
    stats = cycle.stats
    outcomes = last_outcomes(config)
    healthy = [outcomes.get(host_name(index)) for index in range(_ILL if fault else 0, _COUNT)]
    return (
        fault.name if fault else "none is ill",
        stats["hosts_ok"],
        stats["hosts_partial"],
        stats["hosts_down"],
        f"{healthy.count('ok')} of {len(healthy)}",
        cycle.wall_s,
        cycle.cpu_s,
        stats["max_rss_mb"],
        "yes" if cycle.wall_s <= _DEADLINE_S + 5 else "NO",
    )

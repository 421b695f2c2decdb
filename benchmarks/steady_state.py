"""What a cycle costs once the devices are known: by their number, and with ill ones among them."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.farm import DEAD, SLOW, Farm
from benchmarks.report import table
from benchmarks.runs import steady, write_inventory

_COLUMNS = ("devices", "values", "CPU us a value", "PDUs a device", "at most", "MB", "wall s", "CPU s", "first cycle s")


def run(folder: Path, recording: Path, command: str, counts: Sequence[int]) -> str:
    """Growth with the number of devices, then the middle one with 5% dead and 5% late."""
    rows = [_row(f"{count:,}", folder / str(count), Farm(count, recording, command)) for count in counts]
    count = counts[len(counts) // 2]
    share = count // 20
    ill = Farm(count, recording, command, ill=((0, share, DEAD), (share, 2 * share, SLOW)))
    rows.append(_row(f"{count:,}, 5% dead, 5% 200 ms late", folder / "ill", ill))
    note = (
        "Switches of 24 ports in steady state, a process a cycle, stored in DuckDB. CPU is the whole process's, start-up and"
        " storing included. `at most` is values/50 + 3 a device."
    )
    return table("Steady state", note, _COLUMNS, rows)


def _row(label: str, folder: Path, farm: Farm) -> tuple[object, ...]:
    folder.mkdir()
    with farm.serving(folder) as port:
        first, cycle = steady(write_inventory(folder, farm, port), farm.healthy)
    varbinds_a_host = cycle.stats["varbinds"] / max(1, cycle.stats["hosts_ok"])
    return (
        label,
        cycle.stats["varbinds"],
        cycle.us_per_varbind,
        cycle.pdus_per_host,
        varbinds_a_host / 50 + 3,
        cycle.stats["max_rss_mb"],
        cycle.wall_s,
        cycle.cpu_s,
        first.wall_s,
    )

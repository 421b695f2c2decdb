"""How long the program takes before it does anything."""

import statistics
from pathlib import Path

from benchmarks.farm import Farm
from benchmarks.report import table
from benchmarks.runs import collector, poll, timed, write_inventory

_TIMES = 7


def run(folder: Path, recording: Path, command: str) -> str:
    """`collector --help`, and a whole poll of one host."""
    help_s = [timed(collector("--help"))[1:] for _ in range(_TIMES)]
    farm = Farm(1, recording, command)
    with farm.serving(folder) as port:
        config = write_inventory(folder, farm, port)
        poll(config)
        cycles = [poll(config) for _ in range(_TIMES)]
    rows = [
        ("`collector --help`", *_middle(help_s), 0.2),
        ("`collector poll`, one host of 24 ports, DuckDB", *_middle([(c.wall_s, c.cpu_s) for c in cycles]), 0.6),
    ]
    return table(
        "Start-up", f"Whole processes, the median of {_TIMES}.", ("command", "wall s", "CPU s", "at most"), rows
    )


def _middle(times: list[tuple[float, float]]) -> tuple[float, float]:
    walls, cpus = zip(*times, strict=True)
    return statistics.median(walls), statistics.median(cpus)

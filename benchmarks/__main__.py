"""`python -m benchmarks`: measure, and print tables in Markdown. `python -m benchmarks year DIR` makes a year to measure on."""

import os
import platform
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import click

from benchmarks import compare, fault_matrix, ssh, startup, steady_state, year
from benchmarks.ssh_farm import Fleet


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("which", nargs=-1, type=click.Choice(["startup", "steady", "compare", "faults", "ssh"]))
@click.option(
    "--devices",
    default="",
    help="Numbers of devices for `steady`, 200,2000,5000 unless given; the middle one is also measured with ill devices."
    " For `ssh` one number, 500 unless given.",
)
@click.option("--rtt-ms", type=click.FloatRange(0), default=60.0, show_default=True, help="Round trip, for `ssh`.")
@click.option(
    "--dead", type=click.FloatRange(0, 1), default=0.1, show_default=True, help="Share of dead ones, for `ssh`."
)
@click.option("--threads", type=click.IntRange(1), default=100, show_default=True, help="Devices at once, for `ssh`.")
@click.option(
    "--farm",
    "command",
    default="",
    metavar="COMMAND",
    help="Another agent farm: a command line with {port}, {count}, {base}, {recording} in it and, where devices are to be"
    " ill, {map}: a file of lines `ADDRESS - FAULT` (dead, delay=MS, drop=SHARE, loop, badid, garbage, huge, dup).",
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the tables there, too.")
def main(
    which: tuple[str, ...], devices: str, rtt_ms: float, dead: float, threads: int, command: str, out: Path | None
) -> None:
    """Measure what the collector costs: startup, steady, compare, faults, ssh; all of them where none is named."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that farms are ended, too
    counts = [int(count) for count in (devices or "200,2000,5000").split(",")]
    fleet = Fleet(counts[0] if devices else 500, dead, rtt_ms / 1e3)
    measures: dict[str, Callable[[Path, Path], str]] = {
        "startup": lambda folder, recording: startup.run(folder, recording, command),
        "steady": lambda folder, recording: steady_state.run(folder, recording, command, counts),
        "compare": lambda folder, recording: compare.run(folder, recording, command),
        "faults": lambda folder, recording: fault_matrix.run(folder, recording, command),
        "ssh": lambda folder, _: ssh.run(folder, fleet, threads),
    }
    sections = [_machine()]
    click.echo(sections[0])
    with tempfile.TemporaryDirectory(prefix="collector-bench-") as name:
        recording = Path(name) / "switch.snmprec"
        _write_recording(recording)
        for measure in which or measures:
            folder = Path(name) / measure
            folder.mkdir()
            sections.append(measures[measure](folder, recording))
            click.echo(sections[-1])
    if out:
        out.write_text("\n".join(sections), encoding="utf-8")


def _machine() -> str:
    models = [line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    model = models[0] if models else platform.machine()
    return f"{os.cpu_count()} cores, {model}; {platform.system()} {platform.release()}, Python {platform.python_version()}\n"


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _write_recording(path: Path) -> None:
    """The switch of 24 ports that all devices are."""
    from collector.simulator.devices.models import plain_switch_varbinds
    from collector.smi.recording import write

    write(path, plain_switch_varbinds())


if __name__ == "__main__":
    if sys.argv[1:2] == ["year"]:
        year.main(sys.argv[2:], prog_name="python -m benchmarks year")
    main()

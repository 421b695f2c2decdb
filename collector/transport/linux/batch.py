"""One script that reads a whole Linux or BSD server in one `sh -s`, and what its output says. Pure: others run it."""

import shlex
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec

from collector.plugin.model import Row
from collector.transport.linux import proc, sections, tools, unix

MAX_OUTPUT_BYTES = 16 << 20
"""of which whoever runs the script reads no more"""


class Wanted(msgspec.Struct, frozen=True):
    """What to read beside the figures of each cycle.

    Attributes:
        info: what seldom changes: `device_info`, `interface_info`, and what `tools` tell.
        neighbours: who is on the other end of the cables.
        tools: which slow programs may be run, as root where sudo lets us: smartctl, ipmitool, dmidecode.
    """

    info: bool
    neighbours: bool
    tools: tuple[str, ...] = ()


class Snapshot(msgspec.Struct):
    """What a server said.

    Attributes:
        rows: in the vocabulary of the catalogue.
        cpu_ticks: to be handed in as `previous` the next time: the load of processors takes two readings.
        uptime_ticks: as sysUpTime has it, 1/100 s modulo 2^32: it goes into the rows' `Stamp`.
        os: what `uname -s` says.
        problems: what should have been told and was not.
        notes: programs that were found, were not asked for by name, and told nothing: for `probe`.
    """

    rows: list[Row]
    cpu_ticks: dict[str, list[int]]
    uptime_ticks: int | None
    os: str
    problems: list[str]
    notes: list[str] = []


def script(nonce: str, wanted: Wanted, *, root: str = "") -> bytes:
    """The whole text to feed to `sh -s`. `root` is the folder of a made-up machine.

    Raises:
        ValueError: the nonce is not 16 to 64 letters and digits, or a tool is unknown.
    """
    if unknown := set(wanted.tools) - set(tools.TOOLS):
        raise ValueError(f"unknown tools {', '.join(sorted(unknown))}; there are {', '.join(tools.TOOLS)}")
    settings = {
        "N": sections.check_nonce(nonce),
        "FS": "|".join(proc.LOCAL_FILE_SYSTEMS),
        "INFO": "1" if wanted.info else "",
        "NEIGHBOURS": "1" if wanted.neighbours else "",
        "TOOLS": " ".join(name for name in _IN_ORDER if name in wanted.tools),
        "R": root,
    }
    head = "".join(f"{name}={shlex.quote(value)}\n" for name, value in settings.items())
    return head.encode() + _text()


_IN_ORDER = ("dmidecode", "ipmitool", "smartctl")
"""the slowest last: what the others told is not lost when the time is over"""


@cache
def _text() -> bytes:
    """The script without its comments, which take a third of it."""
    lines = Path(__file__).with_name("batch.sh").read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("#") and line.strip()).encode()


def read(output: bytes, nonce: str, wanted: Wanted, previous: Mapping[str, list[int]]) -> Snapshot:
    """Rows of what the script printed. Tools that were cut off by the end of the time are among the problems.

    Raises:
        ValueError: there is no marker, or what every machine tells did not come whole: the message says how much came.
    """
    found = sections.split(output, nonce)
    os = found.text("os").strip()[:64]
    if os in unix.BSDS:
        rows, ticks, uptime_s = unix.berkeley(found, os, info=wanted.info)
    else:
        rows, ticks, uptime_s = unix.linux(found, info=wanted.info)
    rows += proc.cpu_rows(previous, ticks)
    told = tools.read(found, wanted.tools if wanted.info else ())
    rows += told.rows
    for row in rows:
        if row.measurement == "device_info":
            row.fields = {**told.device, **row.fields}
    problems = found.problems + told.problems
    if os not in unix.BSDS | {"Linux"}:
        problems.append(f"{os or 'its system'} is neither Linux nor one of the BSDs")
    if uptime_s is None:
        problems.append("it does not tell its uptime")
    else:
        rows.append(Row("device", {}, {"uptime_s": uptime_s}))
    if not ticks:
        problems.append("it does not tell the work of its processors")
    uptime_ticks = None if uptime_s is None else int(uptime_s * 100) % (1 << 32)
    return Snapshot(rows, ticks, uptime_ticks, os, problems, told.notes)

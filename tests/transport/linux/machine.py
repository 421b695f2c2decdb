"""Machines made of files and of programs that say what is written here, and real shells to run the script on them."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from collector.transport.linux import batch
from collector.transport.linux.batch import Snapshot, Wanted
from tests.servers import require_binary
from tests.transport.linux.test_parsers import DISKSTATS, MEMINFO, MOUNTS, NET_DEV, STAT

NONCE = "0123456789abcdefXYZ"
SHELLS = {"dash": ("dash", "-s"), "bash": ("bash", "-s"), "busybox": ("busybox", "sh", "-s")}
CYCLE = Wanted(info=False, neighbours=False)
ALL = Wanted(info=True, neighbours=True)
FILES: Mapping[str, str | bytes] = {
    "proc/stat": STAT,
    "proc/meminfo": MEMINFO,
    "proc/uptime": "4513.39 8000.00\n",
    "proc/loadavg": "0.10 0.20 0.30 1/300 99\n",
    "proc/net/dev": NET_DEV.replace("eth0:1:", "eth0:"),
    "proc/diskstats": DISKSTATS,
    "proc/mounts": MOUNTS,
    "proc/1/comm": "init\n",
    "proc/22/comm": "sshd\n",
    "proc/sys/kernel/hostname": "box\n",
    "proc/sys/kernel/ostype": "Linux\n",
    "proc/sys/kernel/osrelease": "6.1.0\n",
    "etc/os-release": "NAME=Debian\nVERSION_ID=12\n",
    "sys/class/net/lo/ifindex": "1\n",
    "sys/class/net/lo/flags": "0x9\n",
    "sys/class/net/lo/type": "772\n",
    "sys/class/net/eth0/ifindex": "2\n",
    "sys/class/net/eth0/speed": "10000\n",
    "sys/class/net/eth0/ifalias": "to Hà Nội\n",
    "sys/class/net/bonding_masters": "\n",
    "sys/class/hwmon/hwmon0/name": "k10temp\n",
    "sys/class/hwmon/hwmon0/temp1_input": "50000\n",
    "sys/class/hwmon/hwmon0/uevent": "noise\n",
    "sys/class/thermal/thermal_zone0/type": "cpu-thermal\n",
    "sys/class/thermal/thermal_zone0/temp": "40000\n",
    "sys/class/thermal/cooling_device0/type": "fan\n",
    "proc/device-tree/model": b"Raspberry Pi 4\0",
}
DF = """shift 2
echo "Filesystem     1024-blocks     Used Available Capacity Mounted on"
for point; do printf '%s 4000 2400 1200 67%% %s\\n' /dev/x "$point"; done"""
"""df of file systems that are all alike"""


def write(root: Path, files: Mapping[str, str | bytes] = FILES) -> Path:
    """A machine whose / is `root`."""
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def programs(folder: Path, texts: Mapping[str, str]) -> Path:
    """A folder of programs, by name the shell script that each is."""
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    return folder


def say(text: str) -> str:
    """The script of a program that prints a text."""
    return f"cat <<'THE_END'\n{text.rstrip()}\nTHE_END"


def run(script: bytes, shell: str, folder: Path | None = None) -> bytes:
    """What a shell makes of the script, with the programs of `folder` before the system's own."""
    require_binary(SHELLS[shell][0])
    path = "/usr/sbin:/usr/bin:/sbin:/bin"
    environment = {"PATH": f"{folder}:{path}" if folder else path, "HOME": os.devnull}
    return subprocess.run(
        SHELLS[shell], input=script, capture_output=True, env=environment, timeout=60, check=False
    ).stdout


def read(
    root: Path, folder: Path, wanted: Wanted, shell: str = "dash", previous: Mapping[str, list[int]] | None = None
) -> Snapshot:
    """What the machine of `root` and the programs of `folder` say."""
    output = run(batch.script(NONCE, wanted, root=str(root)), shell, folder)
    return batch.read(output, NONCE, wanted, previous or {})


def fields(snapshot: Snapshot, measurement: str) -> dict[str, dict[str, object]]:
    """The rows of a measurement by name; where there are several of one name, with its other tag."""
    found: dict[str, dict[str, object]] = {}
    for row in snapshot.rows:
        if row.measurement == measurement:
            name = row.tags.get("name", "")
            found[name if name not in found else " ".join(row.tags.values())] = dict(row.fields)
    return found

"""Devices of many kinds and the points that a replay makes of them, as somebody reviewed them line by line.

`python -m tests.replay.golden [NAME ...]` writes the files under expected/ anew. Read what has changed: that is the test.
"""

import json
import sys
from collections import Counter, defaultdict
from pathlib import Path

from collector.metrics.model import Point
from collector.plugin.registry import Registry
from collector.runtime.replay import replay_file
from tests.replay.recordings import folder

CASES: dict[str, str] = {
    "linux-server": "os/linux/unknown-006.snmprec.bz2",
    "windows-server": "os/windows/server-2003-5-2.snmprec.bz2",
    "cisco-3560": "network/switch/cisco-c3560.snmprec.bz2",
    "cisco-3550": "network/router/cisco-unmarked-0.snmprec.bz2",
    "cisco-nexus-5548": "network/switch/cisco-n5000-uk9.snmprec.bz2",
    "huawei-s5720": "network/router/huawei-s5720.snmprec.bz2",
    "h3c-e528": "network/switch/h3c-e528-2.snmprec.bz2",
    "juniper-mx960": "network/router/juniper-mx960-13-3r9-13.snmprec.bz2",
    "zte-zxr10-9908": "network/switch/zte-zrx10.snmprec.bz2",
    "arista-7150s": "cloud/arista-dcs-7150s-52-cl.snmprec.bz2",
    "hp-procurve-6120xg": "network/switch/hpe-procurve-516733-b21.snmprec.bz2",
    "brocade-5100b": "network/switch/brocade-ds-5100b.snmprec.bz2",
    "paloalto-pa-5050": "network/firewall/paloalto-pa-5000.snmprec.bz2",
    "aruba-7210": "network/wifi/aruba-7210.snmprec.bz2",
    "ubiquiti-m5": "network/wifi/ubiquiti-m5.snmprec.bz2",
    "apc-ap8932": "UPS/apc-8932.snmprec",
    "eaton-93e": "UPS/eaton-93e-80.snmprec.bz2",
    "samsung-camera": "camera/samsung-ipolis.snmprec.bz2",
}
FIRST, LAST = 6, 2
"""points kept of a measurement of which a device has dozens of the same kind"""
TRIMMED = frozenset(("interface", "interface_info", "neighbour", "disk_io"))


def path_of(name: str) -> Path:
    """Where the expected points of a case are."""
    return Path(__file__).parent / "expected" / f"{name}.jsonl"


def lines_of(points: list[Point]) -> list[str]:
    """Points as JSON lines without what is the same in all of them, and how many there are of each measurement."""
    groups: dict[str, list[Point]] = defaultdict(list)
    for point in points:
        groups[point.measurement].append(point)
    lines = [
        {
            "measurement": name,
            "tags": {k: v for k, v in point.tags.items() if k not in ("host", "role")},
            "fields": point.fields,
        }
        for name, group in groups.items()
        for number, point in enumerate(group)
        if name not in TRIMMED or number < FIRST or number >= len(group) - LAST
    ]
    counted = {"points": dict(sorted(Counter(point.measurement for point in points).items()))}
    return [json.dumps(line, ensure_ascii=False) for line in (*lines, counted)]


def replay(name: str, registry: Registry) -> list[str]:
    """What a case comes to now."""
    return lines_of(replay_file(folder() / CASES[name], registry).points)


def main() -> None:
    """Write all files anew, or those of the cases named."""
    registry = Registry.open()
    for name in sys.argv[1:] or CASES:
        path_of(name).write_text("".join(f"{line}\n" for line in replay(name, registry)), encoding="utf-8")


if __name__ == "__main__":
    main()

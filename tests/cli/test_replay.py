"""`collector replay`: recordings in the formats that people have."""

import bz2
import gzip
import json
from pathlib import Path

import pytest

from tests.cli.place import Place

SNMPREC = """\
1.3.6.1.2.1.1.1.0|4|Simulated
1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.32473.1
1.3.6.1.2.1.1.3.0|67|123456
1.3.6.1.2.1.1.5.0|4|r1.example
1.3.6.1.2.1.2.1.0|2|1
1.3.6.1.2.1.2.2.1.1.7|2|7
1.3.6.1.2.1.2.2.1.2.7|4|eth0
1.3.6.1.2.1.2.2.1.3.7|2|6
1.3.6.1.2.1.2.2.1.5.7|66|1000000000
1.3.6.1.2.1.2.2.1.7.7|2|1
1.3.6.1.2.1.2.2.1.8.7|2|1
1.3.6.1.2.1.2.2.1.10.7|65|1000
1.3.6.1.2.1.2.2.1.16.7|65|2000
"""
WALK = """\
.1.3.6.1.2.1.1.1.0 = STRING: "Simulated"
.1.3.6.1.2.1.1.2.0 = OID: .1.3.6.1.4.1.32473.1
.1.3.6.1.2.1.1.3.0 = Timeticks: (123456) 0:20:34.56
.1.3.6.1.2.1.1.5.0 = STRING: "r1.example"
.1.3.6.1.2.1.2.1.0 = INTEGER: 1
.1.3.6.1.2.1.2.2.1.1.7 = INTEGER: 7
.1.3.6.1.2.1.2.2.1.2.7 = STRING: "eth0"
.1.3.6.1.2.1.2.2.1.3.7 = INTEGER: 6
.1.3.6.1.2.1.2.2.1.5.7 = Gauge32: 1000000000
.1.3.6.1.2.1.2.2.1.7.7 = INTEGER: 1
.1.3.6.1.2.1.2.2.1.8.7 = INTEGER: 1
.1.3.6.1.2.1.2.2.1.10.7 = Counter32: 1000
.1.3.6.1.2.1.2.2.1.16.7 = Counter32: 2000
"""
FILES = {
    "r1.snmprec": SNMPREC.encode(),
    "r1.walk": WALK.encode(),
    "r1.snmprec.bz2": bz2.compress(SNMPREC.encode()),
    "r1.snmprec.gz": gzip.compress(SNMPREC.encode()),
    "r1.walk.bz2": bz2.compress(WALK.encode()),
}


def recording(folder: Path, name: str) -> str:
    (folder / name).write_bytes(FILES[name])
    return str(folder / name)


@pytest.mark.parametrize("name", FILES)
def test_every_format_says_the_same(place: Place, name: str) -> None:
    result = place.run_bare("replay", recording(place.folder, name), "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    points = {point["measurement"]: point for point in map(json.loads, result.stdout.splitlines())}
    assert points.keys() == {"interface", "interface_info", "device", "device_info"}
    assert all(point["tags"]["host"] == "r1" and point["time_ns"] == 0 for point in points.values())
    interface = points["interface"]
    assert interface["tags"]["name"] == "eth0"
    assert interface["fields"] == interface["fields"] | {
        "index": 7, "oper_status": "up", "speed_bps": 1_000_000_000, "in_octets": 1000, "out_octets": 2000, "counter_bits": 32,
    }  # fmt: skip
    assert points["device"]["fields"]["uptime_s"] == 1234.56
    assert points["device_info"]["fields"]["sys_name"] == "r1.example"


def test_line_protocol_is_the_default(place: Place) -> None:
    result = place.run_bare("replay", recording(place.folder, "r1.walk"))
    assert "interface,host=r1,name=eth0,role=other " in result.stdout
    assert all(line.endswith(" 0") for line in result.stdout.splitlines())


def test_files_that_are_none_cost_themselves(place: Place) -> None:
    odd = place.folder / "odd.snmprec"
    odd.write_bytes(bytes(range(256)) * 10)
    torn = place.folder / "torn.snmprec.bz2"
    torn.write_bytes(FILES["r1.snmprec.bz2"][:100])
    good = recording(place.folder, "r1.snmprec")
    result = place.run_bare("replay", str(odd), str(torn), good, "--json")
    assert result.exit_code == 1
    assert "torn.snmprec.bz2" in result.stderr
    assert "Traceback" not in result.output
    assert "r1" in {json.loads(line)["tags"]["host"] for line in result.stdout.splitlines()}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["no-such-file"], 2, "does not exist"),
        ([], 2, "Missing argument"),
        (["r1.snmprec", "--family", "cisco/iso"], 1, "cisco/ios"),
    ],
)
def test_wrong_usage(place: Place, arguments: list[str], code: int, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place.folder)
    recording(place.folder, "r1.snmprec")
    result = place.run_bare("replay", *arguments)
    assert result.exit_code == code
    assert said in result.stderr
    assert result.stdout == ""


def test_a_family_may_be_forced(place: Place) -> None:
    file = recording(place.folder, "r1.snmprec")
    result = place.run_bare("replay", file, "--family", "cisco/ios", "--json")
    device = next(point for point in map(json.loads, result.stdout.splitlines()) if point["measurement"] == "device")
    assert device["tags"]["family"] == "cisco/ios"

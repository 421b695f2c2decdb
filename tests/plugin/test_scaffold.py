"""The first draft of a family: right in form, and of use on the device it was drafted from."""

from pathlib import Path

import pytest

from collector.plugin.profile import Family
from collector.plugin.registry import Registry
from collector.plugin.scaffold import draft
from collector.plugin.scaffold_guess import hyphened, reading_of, words
from collector.smi import mib
from collector.smi.mib import MibObject
from tests.plugin.families import Device, learn_from, rows_of, said, varbinds

MIBS = Path(__file__).parent.parent / "smi" / "mibs"
POWER = "1.3.6.1.4.1.99999.2"
DEVICE: Device = {
    "1.3.6.1.2.1.1.1.0": b'Acme "Power" \x1b[2J',
    "1.3.6.1.2.1.1.2.0": "1.3.6.1.4.1.99999.2.7",
    f"{POWER}.1.0": b"SN1",
    f"{POWER}.2.0": 17,
    f"{POWER}.3.0": 60,
    f"{POWER}.10.1.3.1.1": b"Left",
    f"{POWER}.10.1.3.1.2": b"Right",
    f"{POWER}.10.1.4.1.1": 534,
    f"{POWER}.10.1.4.1.2": 533,
    f"{POWER}.10.1.5.1.1": 1,
    f"{POWER}.10.1.5.1.2": 2,
    f"{POWER}.10.1.6.1.1": 80,
    f"{POWER}.10.1.6.1.2": 75,
    f"{POWER}.10.1.7.1.1": 1,
    "1.3.6.1.4.1.99999.3.1.0": b"hidden\x00secret",
}


@pytest.fixture(scope="module")
def objects() -> dict[str, MibObject]:
    return mib.read([MIBS / "ACME-POWER-MIB.txt"]).objects


def drafted(folder: Path, text: str) -> tuple[Registry, Family]:
    """The draft as a family of a user's folder, beside the built-in ones."""
    (folder / "acme").mkdir()
    path = folder / "acme" / "power.toml"
    path.write_text(text, encoding="utf-8")
    registry = Registry.open([folder])
    assert registry.check_file(path) == []
    return registry, registry.family("acme/power")


def test_a_draft_reads_the_device_it_was_made_from(tmp_path: Path, objects: dict[str, MibObject]) -> None:
    text = draft(varbinds(DEVICE), objects, "1.3.6.1.4.1.99999.2.7", 'Acme "Power" \x1b[2J')
    registry, family = drafted(tmp_path, text)
    assert registry.match("1.3.6.1.4.1.99999.2.7", "", {})[0].family == "acme/power"
    assert learn_from(family, DEVICE).facts["serial"] == "SN1"
    rows = rows_of(family, DEVICE)
    assert said([row for row in rows if row.measurement == "cpu"]) == {"Power cpu load": 17.0}
    assert said([row for row in rows if row.measurement == "sensor"]) == {
        "Left Rectifier output": 53.4,
        "Right Rectifier output": 53.3,
        "Left Rectifier current": 8.0,
        "Right Rectifier current": 7.5,
    }
    assert {row.tags["class"] for row in rows if row.measurement == "sensor"} == {"voltage", "current"}
    assert said([row for row in rows if row.measurement == "state"]) == {
        "Left Rectifier status": {"code": 1, "text": "ok", "ok": True},
        "Right Rectifier status": {"code": 2, "text": "comm-lost", "ok": False},
    }


def test_what_found_no_place_is_listed_without_its_texts(objects: dict[str, MibObject]) -> None:
    text = draft(varbinds(DEVICE), objects, "1.3.6.1.4.1.99999.2.7", "")
    assert f"# {POWER}.3.0 powerHighLimit (Integer32 in V): 1 x, 60" in text
    assert f"# {POWER}.10.1.7 rectifierMode (INTEGER): 1 x, 1" in text
    assert "# 1.3.6.1.4.1.99999.3.1.0: 1 x, text" in text
    assert "hidden" not in text
    assert all(char.isprintable() or char == "\n" for char in text)


def test_without_a_mib_a_draft_is_a_match_and_a_list(tmp_path: Path) -> None:
    text = draft(varbinds(DEVICE), {}, "1.3.6.1.4.1.99999.2.7", "")
    _, family = drafted(tmp_path, text)
    assert [row.measurement for row in rows_of(family, DEVICE)] == []
    assert f"# {POWER}.2.0: 1 x, 17" in text
    assert f"# {POWER}.10.1.4.1: 2 x, 534, 533" in text


def test_an_agent_of_everybody_is_told_by_an_object_of_the_maker(tmp_path: Path, objects: dict[str, MibObject]) -> None:
    text = draft(varbinds(DEVICE), objects, "1.3.6.1.4.1.8072.3.2.10", "Linux acme")
    registry, _ = drafted(tmp_path, text)
    (probed,) = set(registry.probe_oids("1.3.6.1.4.1.8072.3.2.10", "")) & {oid for oid, _, _ in varbinds(DEVICE)}
    assert registry.match("1.3.6.1.4.1.8072.3.2.10", "Linux acme", {probed: b"SN1"})[0].family == "acme/power"
    assert registry.match("1.3.6.1.4.1.8072.3.2.10", "Linux acme", {})[0].family != "acme/power"


@pytest.mark.parametrize(
    ("name", "units", "description", "expected"),
    [
        ("upsInputVoltage", "0.1 Volts", "", ("sensor", "voltage", 0.1)),
        ("psuOutput", "mA", "", ("sensor", "current", 0.001)),
        ("roomTemp", "", "Temperature in tenths of a degree", ("sensor", "temperature", 0.1)),
        ("radioFreq", "MHz", "", ("sensor", "frequency", 1e6)),
        ("battCharge", "%", "", ("sensor", "charge", 1.0)),
        ("sysCpuUsage", "%", "", ("cpu", "", 1.0)),
        ("airFlowTemplate", "", "", None),
        ("tempHighThreshold", "C", "", None),
        ("rowIndex", "", "", None),
    ],
)
def test_what_a_number_measures(
    name: str, units: str, description: str, expected: tuple[str, str, float] | None
) -> None:
    known = MibObject(
        oid="1.3", name=name, module="X", syntax="Integer32", units=units, access="read-only", description=description
    )
    found = reading_of(known, [1])
    assert (found and (found.form, found.sensor_class, found.scale)) == expected


def test_names_for_people() -> None:
    assert words("rbSysTemperature2") == "Rb sys temperature2"
    assert words("upsHTTPPort") == "Ups http port"
    assert hyphened("notPresent") == "not-present"
    assert hyphened("running-wait_accept") == "running-wait-accept"

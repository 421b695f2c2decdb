"""MIB modules as makers ship them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.smi import mib

MIBS = Path(__file__).parent / "mibs"
POWER = "1.3.6.1.4.1.99999.2"


@pytest.fixture(scope="module")
def acme() -> mib.Mibs:
    return mib.read([MIBS / "ACME-POWER-MIB.txt"])


def test_objects_have_the_oids_of_the_modules_beside_them(acme: mib.Mibs) -> None:
    assert {oid: found.name for oid, found in acme.objects.items()} == {
        f"{POWER}.1": "powerSerialNumber",
        f"{POWER}.2": "powerCpuLoad",
        f"{POWER}.3": "powerHighLimit",
        f"{POWER}.10": "rectifierTable",
        f"{POWER}.10.1": "rectifierEntry",
        f"{POWER}.10.1.3": "rectifierName",
        f"{POWER}.10.1.4": "rectifierOutput",
        f"{POWER}.10.1.5": "rectifierStatus",
        f"{POWER}.10.1.6": "rectifierCurrent",
        f"{POWER}.10.1.7": "rectifierMode",
    }


def test_an_object_has_what_a_family_needs(acme: mib.Mibs) -> None:
    output = acme.objects[f"{POWER}.10.1.4"]
    assert (output.syntax, output.units, output.hint, output.access) == ("AcmeTenths", "Volts", "d-1", "read-only")
    status = acme.objects[f"{POWER}.10.1.5"]
    assert (status.module, status.enum) == ("ACME-POWER-MIB", {0: "notPresent", 1: "ok", 2: "commLost"})
    assert acme.objects[f"{POWER}.10.1"].indexes == ("rectifierShelf", "rectifierIndex")
    assert acme.objects[f"{POWER}.1"].description == "Serial number."


def test_what_hangs_from_nothing_is_told(acme: mib.Mibs) -> None:
    assert acme.problems == ["ACME-POWER-MIB: 1 definitions hang from nowhere, which no file given defines"]


def test_a_missing_module_is_told_by_what_it_would_define(tmp_path: Path) -> None:
    alone = tmp_path / "power.mib"
    alone.write_text((MIBS / "ACME-POWER-MIB.txt").read_text())
    found = mib.read([alone])
    assert found.objects == {}
    assert "ACME-POWER-MIB: 1 definitions hang from acme, which no file given defines" in found.problems


def test_another_file_is_told(tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear sir")
    assert mib.read([letter]).problems == [f"{letter}: no MIB module: there is no DEFINITIONS ::= BEGIN in it"]


def test_definitions_in_a_circle_come_to_nothing(tmp_path: Path) -> None:
    circle = tmp_path / "CIRCLE-MIB"
    circle.write_text(
        "CIRCLE-MIB DEFINITIONS ::= BEGIN\na OBJECT IDENTIFIER ::= { b 1 }\nb OBJECT IDENTIFIER ::= { a 1 }\n"
        "A ::= B\nB ::= A\nc OBJECT-TYPE SYNTAX A ACCESS read-only STATUS mandatory ::= { enterprises 5 }\nEND"
    )
    assert [found.name for found in mib.read([circle]).objects.values()] == ["c"]


@given(st.text(alphabet='ab1 {}():=,;"-\n', max_size=200))
def test_garbage_raises_nothing(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("mib") / "X-MIB"
    path.write_text(
        f"X-MIB DEFINITIONS ::= BEGIN x OBJECT-TYPE {text} ::= {{ enterprises 1 }} y OBJECT IDENTIFIER ::= {{{text}"
    )
    mib.read([path])

"""What a family yields, as lists for people."""

from pathlib import Path

from collector.plugin.coverage import coverage
from tests.plugin.families import family_of


def test_the_classes_of_sensors_and_states_and_the_facts(tmp_path: Path) -> None:
    family = family_of(
        tmp_path,
        r"""
        [[match]]
        sys_object_id = "1.3.6.1.4.1.99"
        [facts]
        vendor = "Acme"
        location = { oid = "1.3.6.1.2.1.1.6.0" }
        sys_descr_regex = 'v(?P<os_version>\d+)'
        [[sensor]]
        name = "Fan {index}"
        oid = "1.3.6.1.4.1.99.1"
        class = "fan"
        [[sensor]]
        oid = "1.3.6.1.4.1.99.2"
        class = "{kind}"
        columns.kind = { oid = "1.3.6.1.4.1.99.3", enum = { 1 = "voltage", 2 = "current" } }
        [[state]]
        oid = "1.3.6.1.4.1.99.4.0"
        name = "Door"
        class = "door"
        enum = { 1 = "open", 2 = "closed" }
        ok = "closed"
        [table.names]
        measurement = "interface_info"
        tags.name = "{index}"
        fields.alias = "1.3.6.1.4.1.99.5"
        """,
    )
    found = coverage(family)
    assert found.measurements == ["sensor", "state"]
    assert found.sensors == ["current", "fan", "voltage"]
    assert found.states == ["door"]
    assert found.facts == ["vendor", "os_version"]
    assert found.sys_object_ids == ["1.3.6.1.4.1.99"]

"""`inventory`: identities, counts, and what changed since the period began."""

from typing import Any

from collector.metrics.model import Point
from collector.report.device_inventory import device_inventory
from collector.report.identity_changes import Kind, by_series, device_changes
from collector.report.model import Report, Table
from collector.store.contract import Sighting
from inventory.model import Host
from tests.report.world import DAY_NS, NOW_NS, ago, context_of, host, inventory_of, over_time, site, store_with

PLACE = site("s1")


def _info(of: Host, since_days: float, until_days: float = 0, **fields: Any) -> list[Point]:
    """Identities every 6 hours, from so many days ago until so many."""
    return over_time(
        of, "device_info", since_ns=ago(days=since_days), until_ns=ago(days=until_days), every_s=21_600, **fields
    )


def _table(report: Report, key: str) -> Table:
    return next(each for each in report.sections if isinstance(each, Table) and each.key == key)


def _told(report: Report) -> dict[str, tuple[str, Any, Any]]:
    return {str(row[0]): (str(row[1].text), row[3], row[4]) for row in _table(report, "changes").rows}  # type: ignore[union-attr]


def test_new_gone_replaced_and_upgraded_devices() -> None:
    steady, new, gone, swapped, upgraded = (
        host(name, PLACE) for name in ("steady", "new", "gone", "swapped", "upgraded")
    )
    removed = host("removed", PLACE)
    points = [
        *_info(steady, 90, vendor="Cisco", model="C1111", serial="A"),
        *_info(new, 5, vendor="Huawei", model="AR651", serial="B"),
        *_info(gone, 90, 10, vendor="ZTE", model="5950", serial="C"),
        *_info(removed, 90, 20, vendor="ZTE", model="5950", serial="D"),
        *_info(swapped, 90, 8, vendor="Cisco", model="C1111", serial="E1"),
        *_info(swapped, 8, vendor="Cisco", model="C1111", serial="E2"),
        *_info(upgraded, 90, 3, vendor="Cisco", model="C1111", serial="F", os_version="17.3"),
        *_info(upgraded, 3, vendor="Cisco", model="C1111", serial="F", os_version="17.9"),
    ]
    inventory = inventory_of(steady, new, gone, swapped, upgraded)
    report = device_inventory(context_of(inventory, store_with(points)))
    assert _told(report) == {
        "gone": ("gone", "ZTE 5950", None),
        "removed": ("gone", "ZTE 5950", None),
        "swapped": ("replaced", "E1", "E2"),
        "upgraded": ("other software", "17.3", "17.9"),
        "new": ("new", None, "Huawei AR651"),
    }
    figures = {each.key: each.value for each in report.figures}
    assert figures == {"hosts": 5, "known": 5, "unknown": 0, "new": 1, "gone": 2, "replaced": 1, "upgraded": 1}
    assert str(report.findings[0].sentence) == "2 devices no longer say what they are: gone, removed."


def test_models_and_versions_are_counted() -> None:
    hosts = [host(f"r{number}", PLACE) for number in range(3)]
    points = [
        *_info(hosts[0], 2, vendor="Cisco", model="C1111", os="IOS XE", os_version="17.3", serial="1"),
        *_info(hosts[1], 2, vendor="Cisco", model="C1111", os="IOS XE", os_version="17.9"),
        *_info(hosts[2], 2, vendor="Huawei", model="AR651"),
    ]
    report = device_inventory(context_of(inventory_of(*hosts), store_with(points)))
    assert [tuple(map(str, row)) for row in _table(report, "models").rows] == [
        ("Cisco", "C1111", "2", "2", "1"),
        ("Huawei", "AR651", "1", "0", "1"),
    ]
    assert [row[2:4] for row in _table(report, "versions").rows] == [("17.3", 1), ("17.9", 1)]


def test_a_young_store_calls_nothing_new_and_says_from_when_it_can_tell() -> None:
    device = host("r1", PLACE)
    report = device_inventory(context_of(inventory_of(device), store_with(_info(device, 3, serial="A"))))
    changes = _table(report, "changes")
    assert changes.rows == ()
    assert "no older data" in str(changes.notes[0])


def test_a_stack_that_tells_now_of_one_member_now_of_another_was_not_replaced() -> None:
    both = [
        Sighting({"host": "sw"}, "serial", text, ago(days=60 - n), NOW_NS - n * DAY_NS) for n, text in enumerate("AB")
    ]
    assert device_changes(by_series(both), ago(days=30), NOW_NS, 2 * DAY_NS, {"sw"}) == []


def test_a_device_that_changed_twice_is_told_by_its_last_change() -> None:
    texts = [
        Sighting({"host": "sw"}, "serial", text, ago(days=30 - 10 * n), ago(days=20 - 10 * n))
        for n, text in enumerate("ABC")
    ]
    (change,) = device_changes(by_series(texts), ago(days=25), NOW_NS, 2 * DAY_NS, {"sw"})
    assert (change.kind, change.before, change.after, change.time_ns) == (Kind.REPLACED, "B", "C", ago(days=10))


def test_a_replaced_part_is_told_with_its_name() -> None:
    device = host("sw", PLACE)
    tags = {"name": "PSU 1"}
    points = [
        *_info(device, 60, vendor="Cisco"),
        *over_time(device, "component", tags, since_ns=ago(days=60), until_ns=ago(days=9), every_s=43_200, serial="P1"),
        *over_time(device, "component", tags, since_ns=ago(days=9), every_s=43_200, serial="P2"),
    ]
    report = device_inventory(context_of(inventory_of(device), store_with(points)))
    (row,) = _table(report, "changes").rows
    assert (row[2], row[3], row[4]) == ("PSU 1", "P1", "P2")


def test_a_device_that_never_said_what_it_is_stands_in_the_list_without() -> None:
    report = device_inventory(context_of(inventory_of(host("dumb", PLACE)), store_with([])))
    (row,) = _table(report, "devices").rows
    assert row[0] == "dumb"
    assert row[5:] == (None, None, None, None, None)
    assert {each.key: each.value for each in report.figures}["unknown"] == 1

"""`ict-index`: where each indicator comes from, and what it is."""

from typing import Any

from collector.report.ict_index import ict_index
from collector.report.model import Report, Table
from inventory.model import Commune, Declared, Inventory, Station
from tests.report.world import ago, context_of, host, inventory_of, link, over_time, site, store_with

OFFICE, EMPTY, BTS = site("o1", kind="office"), site("o2", kind="office"), site("b1", kind="bts", commune="Tân Văn")
CENTRE = site("dc", kind="data-centre", district="Hoa Binh city")


def _province() -> Inventory:
    return inventory_of(
        EMPTY,
        host("wan-o1", OFFICE, links=[link("Gi0/1", 2e6), link("Gi0/2", 1e6, 30e6)], address="2001:db8::1"),
        host("sw-o1", OFFICE, role="switch"),
        host("web", CENTRE, role="server"),
        host("db", CENTRE, role="server"),
        host("alone", OFFICE, role="server"),
        host("up-b1", BTS, role="bts-uplink", links=[link("Gi0/0", 100e6)]),
        Station(id="2", site="b1", technology="2G"),
        Station(id="4", site="b1", technology="4G"),
        Commune(name="Tân Văn", district="Mai Chau", population=4_000),
        Commune(name="Đồng Bảng", district="Mai Chau", population=1_000),
        Declared(indicator="offices", value=180, source="Report 12", as_of="2026-01-01"),
        Declared(indicator="offices_on_wan", value=158),
        Declared(indicator="offices", value=17, district="Mai Chau"),
    )


def _report(inventory: Inventory, down: str = "db") -> Report:
    points = [
        point
        for name, each in inventory.hosts.items()
        for point in over_time(each, "device", since_ns=ago(days=4), up=(lambda t: t < -1) if name == down else True)
    ]
    return ict_index(context_of(inventory, store_with(points), days=4))


def _rows(report: Report, key: str = "indicators") -> list[dict[str, Any]]:
    table = next(each for each in report.sections if isinstance(each, Table) and each.key == key)
    return [{column.key: cell for column, cell in zip(table.columns, row, strict=True)} for row in table.rows]


def _told(report: Report) -> dict[str, tuple[Any, str]]:
    return {str(row["indicator"]): (row["value"], str(row["basis"].text)) for row in _rows(report)}


def test_what_devices_show_is_measured_and_what_nobody_can_measure_is_declared() -> None:
    told = _told(_report(_province()))
    assert told["Offices"] == (180, "declared")
    assert told["Offices on the WAN"] == (1, "measured")
    assert told["Offices with a LAN"] == (1, "measured")
    assert told["Offices with IPv6"] == (1, "measured")
    assert told["Servers"] == (2, "measured")
    assert told["Servers in the data centre"] == (1, "measured")
    assert told["WAN lines of up to 2 Mbit/s"] == (1, "counted in the inventory")
    assert told["WAN lines of 10 to 50 Mbit/s"] == (1, "counted in the inventory")
    assert told["BTS stations"] == (2, "measured")
    assert told["Population"] == (5_000, "counted in the inventory")
    assert told["Population covered by 4G"] == (4_000, "measured")
    assert told["Population covered by 5G"] == (0, "measured")


def test_the_availability_of_the_data_centre_is_that_of_its_hosts() -> None:
    value, basis = _told(_report(_province()))["Availability of the data centre"]
    assert basis == "measured"
    assert abs(value - (100 + 75) / 2) < 0.1


def test_a_declared_number_stands_beside_the_measured_one() -> None:
    row = next(row for row in _rows(_report(_province())) if str(row["indicator"]) == "Offices on the WAN")
    assert (row["measured"], row["counted"], row["declared"]) == (1, 1, 158)
    row = next(row for row in _rows(_report(_province())) if str(row["indicator"]) == "Offices")
    assert (row["source"], row["as_of"], row["counted"]) == ("Report 12", "2026-01-01", 2)


def test_districts_have_their_own_numbers_and_declarations() -> None:
    rows = {row["district"]: row for row in _rows(_report(_province()), "districts")}
    assert rows["Mai Chau"]["offices"] == 17
    assert rows["Mai Chau"]["servers"] == 1
    assert rows["Hoa Binh city"]["servers_in_data_centre"] == 1
    assert rows["Hoa Binh city"]["bts_positions"] == 0


def test_what_neither_stands_in_the_inventory_nor_is_declared_is_not_known() -> None:
    told = _told(_report(inventory_of()))
    assert told["Offices on the WAN"] == (0, "counted in the inventory")
    assert told["Availability of the data centre"] == (None, "not known")
    assert told["Population"] == (None, "not known")


def test_a_selection_is_about_its_own_sites() -> None:
    inventory = _province()
    points = over_time(inventory.hosts["web"], "device", since_ns=ago(days=4), up=True)
    report = ict_index(context_of(inventory, store_with(points), days=4, only=["web"]))
    assert _told(report)["Servers"] == (1, "measured")
    assert _told(report)["BTS stations"] == (0, "counted in the inventory")

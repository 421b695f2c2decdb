"""Points about what a host carries: contracted lines and radio stations."""

import msgspec
import pytest

from collector.metrics.catalogue import MEASUREMENTS
from collector.metrics.model import FieldValue, Point
from collector.normalise.carried import carried_by, link_points, station_points
from collector.transport.icmp import PingResult
from inventory.model import DuckdbStore, Host, Inventory, Link, Settings, Site, Station
from tests.runtime.world import World, named, tree_of

MAST = Site(id="mast", district="Chi Lăng", province="Lạng Sơn")
HILL = Site(id="hill", district="Bắc Sơn", province="Lạng Sơn")
UPLINK = Link(interface="Gi0/1", contract_in_bps=50_000_000, provider="Viettel", kind="fibre")
ROUTER = Host(name="bts-1", address="10.0.0.1", role="bts-uplink", site=MAST, links=(UPLINK,))
TIME_NS = 1_800_000_000_000_000_000


def inventory(*hosts: Host, stations: tuple[Station, ...]) -> Inventory:
    return Inventory(
        settings=Settings(state_dir="state"),
        store=DuckdbStore(path="x"),
        hosts={host.name: host for host in hosts},
        sites={"mast": MAST, "hill": HILL},
        stations=stations,
    )


def station(name: str = "4G-1", site: str = "mast", uplink: str | None = None) -> Station:
    return Station(id=name, site=site, technology="4G", operator="Viettel", uplink=uplink)


def told(up: bool, *points: Point) -> dict[str, FieldValue]:
    carried = carried_by(inventory(ROUTER, stations=(station(),)))["bts-1"]
    [point] = station_points(carried, ROUTER, up, points, TIME_NS)
    return point.fields


def interface(name: str = "Gi0/1", **fields: FieldValue) -> Point:
    return Point("interface", {"host": "bts-1", "name": name}, fields, TIME_NS)


def state(text: str, ok: bool) -> Point:
    tags = {"host": "bts-1", "name": "Output", "class": "output-source"}
    return Point("state", tags, {"text": text, "ok": ok}, TIME_NS)


def test_what_is_written_of_a_line() -> None:
    [point] = link_points(ROUTER, TIME_NS)
    assert point.tags == {**ROUTER.point_tags(), "name": "Gi0/1"}
    assert point.fields == {"contract_in_bps": 50_000_000, "provider": "Viettel", "kind": "fibre"}
    assert point.fields.keys() <= {field.name for field in MEASUREMENTS["link"].fields}


def test_a_line_of_which_nothing_is_written_gives_no_point() -> None:
    bare = Host(name="r", address="h", links=(Link(interface="Gi0/1"),))
    assert link_points(bare, TIME_NS) == []


def test_whose_stations_they_are() -> None:
    other = Host(name="bts-2", address="10.0.0.2", role="bts-uplink", site=HILL)
    third = Host(name="bts-3", address="10.0.0.3", role="bts-uplink", site=HILL)
    stations = (
        station("of the only router"),
        station("of two routers", site="hill"),
        station("of a named one", site="hill", uplink="bts-3"),
        station("of one elsewhere", site="hill", uplink="bts-1"),
    )
    carried = carried_by(inventory(ROUTER, other, third, stations=stations))
    assert {host: [each.station.id for each in some] for host, some in carried.items()} == {
        "bts-1": ["of the only router", "of one elsewhere"],
        "bts-3": ["of a named one"],
    }


def test_a_station_is_where_it_stands_not_where_its_router_is() -> None:
    carried = carried_by(inventory(ROUTER, stations=(station("a", site="hill", uplink="bts-1"),)))["bts-1"]
    assert carried[0].tags == {
        "host": "bts-1",
        "role": "bts-uplink",
        "site": "hill",
        "district": "Bắc Sơn",
        "province": "Lạng Sơn",
        "name": "a",
        "technology": "4G",
        "operator": "Viettel",
    }


@pytest.mark.parametrize(
    ("points", "degraded"),
    [
        ((), None),
        ((interface("Gi0/2", in_errors_per_s=9.0),), None),
        ((interface(oper_status="up"),), False),
        ((interface(oper_status="up", in_errors_per_s=0.01, out_discards_per_s=0.0),), False),
        ((interface(oper_status="up", in_errors_per_s=0.5),), True),
        ((interface(oper_status="up", out_discards_per_s=3.0),), True),
        ((interface(oper_status="down"),), True),
        ((interface(oper_status="up"), state("battery", False)), True),
        ((state("mains", True),), False),
    ],
)
def test_what_makes_a_station_degraded(points: tuple[Point, ...], degraded: bool | None) -> None:
    expected: dict[str, FieldValue] = {"up": True} | ({} if degraded is None else {"degraded": degraded})
    assert told(True, *points) == expected


def test_a_station_that_is_down_is_nothing_else() -> None:
    assert told(False, interface(oper_status="up", in_errors_per_s=5.0)) == {"up": False}


def test_they_come_at_their_own_intervals_and_with_what_was_polled(world: World) -> None:
    device = world.add(tree_of(["Gi0/1", "Gi0/2"]))
    host = world.host(device, name="bts-1", role="bts-uplink", site=MAST, links=(UPLINK,))
    world.carried = carried_by(inventory(host, stations=(station(),)))
    came = {"link": 0, "station": 0}
    for _ in range(61):
        polled = world.poll(host)
        for measurement in came:
            came[measurement] += len(named(polled, measurement))
        if stations := named(polled, "station"):
            assert stations == {"4G-1": {"up": True, "degraded": False}}
    assert came == {"link": 2, "station": 13}


def test_a_silent_host_takes_its_stations_with_it(world: World) -> None:
    device = world.add(tree_of(["Gi0/1"]), down=lambda _: True)
    host = world.host(device, name="bts-1", role="bts-uplink", site=MAST)
    world.carried = carried_by(inventory(host, stations=(station(),)))
    assert named(world.poll(host), "station") == {"4G-1": {"up": False}}


class Echo:
    """Answers for the network: `received` of one echo request."""

    def __init__(self, received: int) -> None:
        self._result = PingResult(1, received, 1.0, 1.0, 1.0)

    async def ping(self, address: str) -> PingResult:
        return self._result


@pytest.mark.parametrize(("received", "up"), [(1, True), (0, False), (None, None)])
def test_a_host_without_credentials_is_what_its_pings_say(world: World, received: int | None, up: bool | None) -> None:
    """Where not even pings are sent, nobody asked it, and nothing is said."""
    host = msgspec.structs.replace(ROUTER, ping=True)
    world.carried = carried_by(inventory(host, stations=(station(),)))
    world.poller._pinger = None if received is None else Echo(received)  # type: ignore[assignment]
    polled = world.poll(host)
    assert named(polled, "device")[""].get("up") is up
    assert named(polled, "station") == ({} if up is None else {"4G-1": {"up": up}})
    assert len(named(polled, "link")) == (up is not None)
    assert (polled.health.outcome, bool(polled.health.error)) == (("down", True) if up is False else ("ok", False))

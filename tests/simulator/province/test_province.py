"""The province as an inventory, as a farm, and as a story."""

import random
from collections import Counter
from datetime import UTC
from pathlib import Path

import asyncssh
import pytest

from collector.metrics.model import FieldValue
from collector.plugin.cli.model import CliFamily
from collector.plugin.cli.rows import parse as parse_output
from collector.plugin.registry import Registry
from collector.simulator.agent import Device, answer
from collector.simulator.curves import DAY_S, HOUR_S
from collector.simulator.province.cabling import slug
from collector.simulator.province.files import load_farm, write_province
from collector.simulator.province.make import make_province
from collector.simulator.province.model import COMMUNITY, Province, SimCli
from collector.simulator.province.places import OPEN_SPAN, RESTARTED_WEEKLY, WHITE_SPOTS
from collector.smi.value import Missing, Value
from collector.transport.ssh.known_hosts import HostKey, KnownHosts
from inventory.load import load
from inventory.maintenance import windows
from tests.simulator.client import GET, GETNEXT, parse, request

NOW_S = 1_780_000_000.0
IF_NAME, OPER_STATUS = "1.3.6.1.2.1.31.1.1.1.1", "1.3.6.1.2.1.2.2.1.8"
IN_OCTETS, OUT_OCTETS = "1.3.6.1.2.1.31.1.1.1.6", "1.3.6.1.2.1.31.1.1.1.10"
REMOTE_NAME = "1.0.8802.1.1.2.1.4.1.1.9"


@pytest.fixture(scope="module")
def province() -> Province:
    return make_province(NOW_S)


@pytest.fixture(scope="module")
def devices(province: Province) -> dict[str, Device]:
    return dict(zip((host.name for host in province.hosts), province.devices("127.40.0.1"), strict=True))


def ask(device: Device, kind: int, oid: str, now_s: float) -> tuple[str, Value] | None:
    for seed in range(5):  # the saturated line loses packets
        answers = answer(request(kind, [oid], community=COMMUNITY.encode()), device, now_s, 0.0, random.Random(seed))
        if answers:
            reply = parse(answers[0].datagram)
            return reply.names[0], reply.varbinds[0][2]
    return None


def get(device: Device, oid: str, now_s: float = NOW_S) -> Value:
    answered = ask(device, GET, oid, now_s)
    assert answered, f"{device.address} is silent"
    return answered[1]


def column(device: Device, root: str, now_s: float = NOW_S) -> dict[str, Value]:
    """Values of a column by index."""
    values: dict[str, Value] = {}
    at = root
    while (answered := ask(device, GETNEXT, at, now_s)) and answered[0].startswith(f"{root}."):
        at, value = answered
        if value is Missing.END_OF_MIB_VIEW:
            break
        values[at.removeprefix(f"{root}.")] = value
    return values


def rate_bps(device: Device, counter: str, now_s: float, over_s: float = 300.0) -> float:
    before, after = (get(device, counter, at) for at in (now_s - over_s, now_s))
    assert isinstance(before, int)
    assert isinstance(after, int)
    return (after - before) * 8 / over_s


def test_its_inventory_is_flawless(tmp_path: Path) -> None:
    inventory = load(write_province(tmp_path / "demo", 1161, NOW_S))
    assert inventory.warnings == ()
    roles = Counter(host.role for host in inventory.hosts.values())
    assert roles == {"bts-uplink": 21, "switch": 18, "wan-router": 13, "server": 7, "power": 2}
    assert {station.technology for station in inventory.stations} == {"2G", "3G", "4G", "5G"}
    assert all(host.site and host.site.lat and host.site.population for host in inventory.hosts.values())
    assert [name for name, host in inventory.hosts.items() if host.transport == "local"] == ["this-machine"]
    assert inventory.hosts["wan-binh-gia"].links[0].contract_in_bps == 2_000_000
    assert (tmp_path / "demo" / "community").stat().st_mode & 0o777 == 0o600


def test_its_inventory_says_what_the_network_cannot(tmp_path: Path) -> None:
    inventory = load(write_province(tmp_path, 1161, NOW_S))
    assert Counter(site.kind for site in inventory.sites.values()) == {"office": 11, "data-centre": 1, "bts": 62}
    served = {(site.commune, site.district) for site in inventory.sites.values()}
    white = {commune.name for commune in inventory.communes if (commune.name, commune.district) not in served}
    assert white == {commune.name for commune in WHITE_SPOTS}
    assert all(commune.population and commune.lat and commune.lon for commune in inventory.communes)
    assert inventory.hosts["ups-dc-1"].rated_power_w == 16_000
    declared = {each.indicator: each.value for each in inventory.declared if not each.district}
    assert declared["offices"] == 180
    assert declared["bts_stations"] > len(inventory.stations)


def test_its_ring_is_cabled_as_the_inventory_says(tmp_path: Path, devices: dict[str, Device]) -> None:
    [ring] = load(write_province(tmp_path, 1161, NOW_S)).rings.values()
    unheard = []
    for span in ring.spans:
        ports = {index: name for index, name in column(devices[span.a_host], IF_NAME).items() if name}
        index = next(index for index, name in ports.items() if name == span.a_interface.encode())
        heard = {
            key.split(".")[1]: name for key, name in column(devices[span.a_host], REMOTE_NAME).items()
        }  # timeMark, port, index
        if heard.get(index) != span.b_host.encode():
            unheard.append((span.a_host, span.b_host))
    assert unheard == [tuple(f"ring-{slug(district)}" for district in OPEN_SPAN)]


def test_a_server_is_down_within_its_maintenance_and_only_then(tmp_path: Path, province: Province) -> None:
    inventory = load(write_province(tmp_path, 1161, NOW_S))
    since_s = NOW_S - 21 * DAY_S
    planned = windows(inventory.maintenance, RESTARTED_WEEKLY, int(since_s) * 10**9, int(NOW_S) * 10**9, UTC)
    outages = next(host.outages for host in province.hosts if host.name == RESTARTED_WEEKLY)
    down = [at for at in range(int(since_s), int(NOW_S), 300) if outages.down(at)]
    assert len(down) == 15
    assert len(planned) == 3
    assert all(any(start <= at * 10**9 < end for start, end in planned) for at in down)
    assert all(outages.booted(at) <= at for at in down)


def test_its_farm_serves_its_hosts(tmp_path: Path, province: Province) -> None:
    inventory = load(write_province(tmp_path, 1161, NOW_S))
    farm, command_lines = load_farm(tmp_path)
    assert (farm.port, command_lines.port) == (1161, 2222)
    hosts = [host for host in inventory.hosts.values() if not host.is_local]
    assert {device.address for device in farm.devices} == {host.address for host in hosts if host.snmp_credentials}
    assert {device.address for device in command_lines.devices} == {
        host.address for host in hosts if host.ssh_credentials
    }


def test_the_keys_of_its_command_lines_are_pinned(tmp_path: Path) -> None:
    inventory = load(write_province(tmp_path, 1161, NOW_S))
    pinned = KnownHosts(Path(inventory.settings.known_hosts))
    for device in load_farm(tmp_path)[1].devices:
        public = asyncssh.import_private_key(device.host_key).public_data
        assert pinned.of(device.address, 2222) == {HostKey("ssh-ed25519", public)}
    for name in ("ssh_password", "host_keys.json"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


def test_command_lines_tell_what_the_families_read(province: Province) -> None:
    registry = Registry.open([])
    for host in province.command_lines:
        family = registry.cli({"cisco_ios": "cisco/ios", "huawei": "huawei/vrp"}[host.platform])
        assert family
        before, after = _rows(family, host, NOW_S - 600), _rows(family, host, NOW_S)
        assert {"interface", "interface_info", "cpu", "memory", "device", "device_info"} <= {key[0] for key in after}
        for line in host.lines:
            key = "interface", line.interface
            grown = max(_number(after[key], name) - _number(before[key], name) for name in ("in_octets", "out_octets"))
            assert 0 < grown * 8 / 600 <= line.mbps * 1e6
            assert after[key]["oper_status"] == "up"


def _number(fields: dict[str, FieldValue], name: str) -> int:
    value = fields[name]
    assert isinstance(value, int)
    return value


def _rows(family: CliFamily, host: SimCli, now_s: float) -> dict[tuple[str, str], dict[str, FieldValue]]:
    """What the family makes of a host's answers, by measurement and name."""
    found: dict[tuple[str, str], dict[str, FieldValue]] = {}
    for command in family.commands:
        output = next(filter(None, (host.answer(text, now_s) for text in command.texts)), None)
        if output:
            parsed = parse_output(command, output)
            assert parsed.problems == []
            for row in parsed.rows:
                found.setdefault((row.measurement, row.tags.get("name", "")), {}).update(row.fields)
    return found


def test_a_damaged_scenario_is_told(tmp_path: Path) -> None:
    (tmp_path / "province.json").write_text("{}")
    with pytest.raises(ValueError, match=r"province\.json.*now_s"):
        load_farm(tmp_path)


def test_contracted_lines_name_interfaces_that_are_there(province: Province, devices: dict[str, Device]) -> None:
    before_s = NOW_S - 400 * DAY_S  # all are up on one day or another
    for host in province.hosts:
        for line in host.lines:
            moment_s = next(
                before_s + hour * HOUR_S for hour in range(99) if not host.outages.down(before_s + hour * HOUR_S)
            )
            assert line.interface.encode() in column(devices[host.name], IF_NAME, moment_s).values(), host.name


def test_one_line_is_saturated_at_any_hour_and_no_other(province: Province, devices: dict[str, Device]) -> None:
    saturated = set()
    for host in province.hosts:
        for line in host.lines:
            for hour in range(0, 168, 7):
                if not host.outages.down(NOW_S - hour * HOUR_S - 300) and not host.outages.down(NOW_S - hour * HOUR_S):
                    rates = [
                        rate_bps(devices[host.name], f"{way}.1", NOW_S - hour * HOUR_S)
                        for way in (IN_OCTETS, OUT_OCTETS)
                    ]
                    assert 0 < max(rates) <= line.mbps * 1e6, host.name
                    if max(rates) > 0.9 * line.mbps * 1e6:
                        saturated.add((host.name, hour))
    assert saturated == {("wan-binh-gia", hour) for hour in range(0, 168, 7)}


def test_a_ups_is_on_battery(devices: dict[str, Device]) -> None:
    source = "1.3.6.1.2.1.33.1.4.1.0"
    assert (get(devices["ups-dc-1"], source), get(devices["ups-dc-1"], source, NOW_S - DAY_S)) == (5, 3)
    assert get(devices["ups-dc-1"], "1.3.6.1.2.1.33.1.2.4.0") == 75


def test_a_disk_is_nearly_full_and_was_not(devices: dict[str, Device]) -> None:
    def share(now_s: float) -> float:
        used, size = (get(devices["srv-backup-1"], f"1.3.6.1.2.1.25.2.3.1.{column}.32", now_s) for column in (6, 5))
        assert isinstance(used, int)
        assert isinstance(size, int)
        return used / size

    assert share(NOW_S) == pytest.approx(0.97, abs=0.001)
    assert share(NOW_S - 30 * DAY_S) == pytest.approx(0.745, abs=0.001)


def test_one_commune_has_a_single_live_position(province: Province) -> None:
    down = {host.name for host in province.hosts if host.outages.down(NOW_S)}
    assert "bts-huu-kien-1" in down
    assert "bts-huu-kien-2" not in down
    assert len(down) <= 3


def test_the_ring_is_cabled_both_ways_but_for_the_open_span(devices: dict[str, Device], province: Province) -> None:
    heard: set[tuple[str, str]] = set()
    for host in province.hosts:
        if "ring" in host.tags:
            names = column(devices[host.name], REMOTE_NAME).values()
            heard |= {(host.name, name.decode()) for name in names if isinstance(name, bytes)}
    ring = [
        "dc-core-1",
        *(f"ring-{name}" for name in ("cao-loc", "van-lang", "trang-dinh", "binh-gia", "van-quan")),
        "dc-core-2",
    ]
    spans = set(zip(ring, [*ring[1:], ring[0]], strict=True))
    found = {span for span in spans if span in heard and span[::-1] in heard}
    assert spans - found == {("ring-trang-dinh", "ring-binh-gia")}


def test_the_open_span_went_down_and_carries_nothing(devices: dict[str, Device]) -> None:
    device = devices["ring-trang-dinh"]
    status, counter = f"{OPER_STATUS}.2", f"{IN_OCTETS}.2"
    assert (get(device, status), get(device, status, NOW_S - 2 * DAY_S)) == (2, 1)
    assert rate_bps(device, counter, NOW_S) == 0 < rate_bps(device, counter, NOW_S - 2 * DAY_S)


def test_both_ends_of_a_cable_count_the_same(devices: dict[str, Device]) -> None:
    def grown(name: str, oid: str) -> int:
        before, after = (get(devices[name], oid, at) for at in (NOW_S - 600, NOW_S))
        assert isinstance(before, int)
        assert isinstance(after, int)
        return after - before

    sent = grown("ring-van-lang", f"{OUT_OCTETS}.2")
    received = grown("ring-trang-dinh", f"{IN_OCTETS}.1")
    assert sent == pytest.approx(received, rel=1e-6)


def test_it_is_the_same_in_every_process(province: Province) -> None:
    again = make_province(NOW_S)
    for one, other in zip(province.hosts, again.hosts, strict=True):
        assert [cell.still for cell in one.tree.cells] == [cell.still for cell in other.tree.cells]

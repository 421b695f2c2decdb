"""The inventory of a province of the size that reports are measured on: offices, base stations, switches, servers, power.

A smaller one keeps the proportions. Random, but always the same: everything follows from one seed.
"""

# ruff: noqa: S311 - nothing here is secret

import csv
import math
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from collector.simulator.province.places import DISTRICTS, OPERATORS, PROVINCE

MBPS = 10**6
_WHOLE = 3_700
"""hosts of the whole province"""

_HOSTS_TOML = """\
# A generated province with a year of figures. Its devices do not exist: it is for reports only.

include = ["sites.csv", "communes.csv", "hosts.csv", "links.csv", "stations.csv", "rings.toml"]

[collector]
state_dir = "state"

[store]
kind = "duckdb"
path = "year.duckdb"
raw_days = 45

[credentials]
v2c.snmp = { version = "2c", community = "file:community" }
v1.snmp = { version = "1", community = "file:community" }
v3.snmp = { version = "3", user = "reader", auth = "sha256", auth_key = "file:community", priv = "aes128", priv_key = "file:community" }
weak.snmp = { version = "3", user = "reader", auth = "md5", auth_key = "file:community" }

[[maintenance]]
hosts = ["role=server"]
start = 2025-01-05T01:00:00+07:00
end = 2025-01-05T03:00:00+07:00
repeat = "weekly"
reason = "updates"

[[declared]]
indicator = "offices_with_lan"
value = OFFICES
source = "inventory of the offices"
"""

_SYLLABLES = "An Bắc Chi Chiến Cường Đào Đoàn Gia Hải Hòa Hồng Hùng Khánh Kiên Lạc Lâm Mai Minh Nam Phong Phúc Quang Sơn Tân Thái Thành Thiện Tri Vân Yên"


class Place(NamedTuple):
    """A site."""

    id: str
    name: str
    kind: str
    commune: str
    district: str
    lat: float
    lon: float
    population: int


class Port(NamedTuple):
    """An interface; `level_bps` is its mean today, `growth` that of a year as a factor, `shape` the kind of its day."""

    host: str
    name: str
    speed_bps: int
    contract_bps: int
    level_in_bps: float
    level_out_bps: float
    growth: float
    shape: int
    errors_per_s: float
    status: str
    first_day: int
    """days before the end when it was first seen"""


class Machine(NamedTuple):
    """A host."""

    name: str
    role: str
    site: Place
    family: str
    credential: str


class Cable(NamedTuple):
    """What two hosts see of each other."""

    host: str
    port: str
    remote_host: str
    remote_port: str


class Antenna(NamedTuple):
    """A station."""

    id: str
    site: Place
    technology: str
    operator: str
    uplink: str


class Region(NamedTuple):
    """All of it."""

    places: list[Place]
    communes: list[tuple[str, str, int, float, float]]
    machines: list[Machine]
    ports: list[Port]
    antennas: list[Antenna]
    cables: list[Cable]
    rings: list[list[str]]


OFFICE, HOMES, SERVERS, IDLE = range(4)
"""shapes of a day"""

_LADDER = (2, 4, 6, 10, 20, 30, 50, 100, 200)


def region(hosts: int, seed: int = 5) -> Region:
    """A province of about so many hosts."""
    rng = random.Random(seed)
    share = hosts / _WHOLE
    offices = max(len(DISTRICTS), round(200 * share))
    positions, servers, power = (max(4, round(number * share)) for number in (1400, 64, 100))
    switches = max(12, hosts - offices - positions - servers - power)
    found = Region([], _communes(rng, offices), [], [], [], [], [])
    centre = Place("dc", "Trung tâm dữ liệu", "data-centre", "", DISTRICTS[0].name, 21.848, 106.757, 0)
    found.places.append(centre)
    office_places = [
        Place(f"of-{n:03}", f"UBND {name}", "office", name, district, lat, lon, population)
        for n, (name, district, population, lat, lon) in enumerate(found.communes, 1)
    ]
    found.places.extend(office_places)
    for number, place in enumerate(office_places, 1):
        _router(rng, found, f"wan-{number:03}", "wan-router", place, "cisco/ios")
    served = office_places[: -max(1, offices // 33)]  # the others are white spots
    antennas = round(3_294 * share)
    for number in range(1, positions + 1):
        near = rng.choice(served)
        place = near._replace(
            id=f"bts-{number:04}",
            name=f"Trạm {number}",
            kind="bts",
            lat=round(near.lat + rng.gauss(0, 0.02), 5),
            lon=round(near.lon + rng.gauss(0, 0.02), 5),
            population=0,
        )
        found.places.append(place)
        _router(rng, found, place.id, "bts-uplink", place, "mikrotik/routeros")
        for technology in rng.sample(
            ("2G", "3G", "4G", "5G"), antennas * number // positions - antennas * (number - 1) // positions
        ):
            found.antennas.append(
                Antenna(f"{technology}-{number:04}", place, technology, OPERATORS[number % len(OPERATORS)], place.id)
            )
    for number in range(1, servers + 1):
        _add(rng, found, f"srv-{number:02}", "server", centre, "linux/net_snmp")
        for nic in range(2):
            found.ports.append(_port(rng, f"srv-{number:02}", f"eth{nic}", 10**10, SERVERS))
    for number in range(1, power + 1):
        _add(rng, found, f"ups-{number:03}", "power", rng.choice(office_places), "apc/ups")
    _switches(rng, found, switches, office_places, centre)
    return found


def _communes(rng: random.Random, count: int) -> list[tuple[str, str, int, float, float]]:
    syllables, names = _SYLLABLES.split(), set()
    found = []
    while len(found) < count:
        district = DISTRICTS[len(found) % len(DISTRICTS)]
        name = f"{rng.choice(syllables)} {rng.choice(syllables)}"
        if (name, district.name) in names:
            continue
        names.add((name, district.name))
        lat, lon = round(district.lat + rng.gauss(0, 0.09), 5), round(district.lon + rng.gauss(0, 0.09), 5)
        found.append((name, district.name, rng.randint(900, 9_000), lat, lon))
    return found


def _add(rng: random.Random, found: Region, name: str, role: str, place: Place, family: str) -> None:
    credential = rng.choices(("v2c", "v3", "v1", "weak"), (70, 20, 5, 5))[0]
    found.machines.append(Machine(name, role, place, family, credential))


def _router(rng: random.Random, found: Region, name: str, role: str, place: Place, family: str) -> None:
    """One with its line at Gi0/0 and three more ports."""
    _add(rng, found, name, role, place, family)
    contract = rng.choice(_LADDER if role == "wan-router" else _LADDER[3:]) * MBPS
    busy = rng.choices((1.3, 0.85, 0.5, 0.1), (3, 7, 60, 30))[0] * rng.uniform(0.8, 1.1)
    shape = OFFICE if role == "wan-router" else HOMES
    first_day = rng.choices((10_000, 100, 20), (95, 3, 2))[0]
    errors = 0.4 if rng.random() < 0.02 else 0.0
    level = contract * busy / 1.9  # the busy hour is about so many times the mean
    growth = math.exp(rng.gauss(0.25, 0.3))
    found.ports.append(Port(name, "Gi0/0", 10**9, contract, level, level * 0.3, growth, shape, errors, "up", first_day))
    found.ports.append(Port(name, "Gi0/1", 10**9, 0, level * 0.3, level, growth, shape, 0.0, "up", first_day))
    found.ports.extend(_port(rng, name, f"Gi0/{port}", 10**9, shape) for port in (2, 3))


def _port(rng: random.Random, host: str, name: str, speed_bps: int, shape: int) -> Port:
    status = "up" if rng.random() < 0.7 else "down"
    level = speed_bps * rng.uniform(0.001, 0.05) if status == "up" else 0.0
    return Port(
        host, name, speed_bps, 0, level, level * 0.6, 1.2, shape if status == "up" else IDLE, 0.0, status, 10_000
    )


def _switches(rng: random.Random, found: Region, count: int, offices: Sequence[Place], centre: Place) -> None:
    """A switch at each office, behind its router; the rest behind those; rings through the first ones."""
    names = [f"sw-{number:04}" for number in range(1, count + 1)]
    per_ring = 6
    rings = max(1, count // 160)
    for number, name in enumerate(names):
        place = offices[number % len(offices)] if number >= rings * per_ring else offices[number * 7 % len(offices)]
        _add(rng, found, name, "switch", place, "cisco/ios")
        ports = 4 + (number % 8 < 3)
        found.ports.extend(_port(rng, name, f"Gi1/0/{port}", 10**9, OFFICE) for port in range(1, ports + 1))
        if number >= rings * per_ring:
            above = names[number - len(offices)] if number >= rings * per_ring + len(offices) else None
            if above:
                found.cables.extend(
                    (Cable(name, "Gi1/0/1", above, "Gi1/0/2"), Cable(above, "Gi1/0/2", name, "Gi1/0/1"))
                )
    cores = ("sw-core-1", "sw-core-2")
    for core in cores:
        _add(rng, found, core, "switch", centre, "cisco/ios")
    for ring in range(rings):
        members = [cores[0], *names[ring * per_ring : (ring + 1) * per_ring], cores[1]]
        found.rings.append(members)
        ends = list(zip(members, [*members[1:], members[0]], strict=True))
        for place_on, (one, other) in enumerate(ends):
            a, b = f"Te1/1/{2 * ring + 1}", f"Te1/1/{2 * ring + 2}"
            level = rng.uniform(0.2e9, 3e9)
            is_open = ring == 1 and place_on == 2
            for host, port in ((one, a), (other, b)):
                status = "down" if is_open else "up"
                found.ports.append(
                    Port(
                        host,
                        port,
                        10**10,
                        0,
                        0 if is_open else level,
                        0 if is_open else level * 0.7,
                        1.3,
                        HOMES,
                        0.0,
                        status,
                        10_000,
                    )
                )
            if not is_open:
                found.cables.extend((Cable(one, a, other, b), Cable(other, b, one, a)))


def write(directory: Path, found: Region) -> None:
    """hosts.toml and its files."""
    directory.mkdir(parents=True, exist_ok=True)
    _csv(
        directory / "sites.csv",
        ("id", "name", "kind", "commune", "district", "lat", "lon", "population", "province"),
        ((*p, PROVINCE) for p in found.places),
    )
    _csv(
        directory / "communes.csv",
        ("commune", "district", "population", "lat", "lon", "province"),
        ((*c, PROVINCE) for c in found.communes),
    )
    addresses = (f"10.{64 + n // 65536}.{n // 256 % 256}.{n % 256}" for n in range(256, 10**6))
    _csv(
        directory / "hosts.csv",
        ("name", "address", "site", "role", "family", "credentials", "rated_power_w"),
        (
            (m.name, address, m.site.id, m.role, m.family, m.credential, 3000 if m.role == "power" else "")
            for m, address in zip(found.machines, addresses, strict=False)
        ),
    )
    _csv(
        directory / "links.csv",
        ("host", "interface", "contract_in_bps", "contract_out_bps", "provider", "kind"),
        (
            (p.host, p.name, p.contract_bps, p.contract_bps, OPERATORS[len(p.host) % 2], "fibre")
            for p in found.ports
            if p.contract_bps
        ),
    )
    _csv(
        directory / "stations.csv",
        ("id", "site", "technology", "operator", "uplink"),
        ((a.id, a.site.id, a.technology, a.operator, a.uplink) for a in found.antennas),
    )
    rings = (
        f"[rings.ring-{n}]\nhosts = [{', '.join(repr(name) for name in ring)}]\n"
        for n, ring in enumerate(found.rings, 1)
    )
    (directory / "rings.toml").write_text("\n".join(rings).replace("'", '"'), encoding="utf-8")
    secret = directory / "community"
    secret.touch(mode=0o600)
    secret.write_text("not-a-secret\n", encoding="utf-8")
    offices = sum(place.kind == "office" for place in found.places)
    (directory / "hosts.toml").write_text(_HOSTS_TOML.replace("OFFICES", str(offices)), encoding="utf-8")


def _csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])

"""Communes, declared indicators, rings, maintenance: what comes of tables that are right."""

from datetime import datetime
from pathlib import Path

import pytest

from inventory.model import Commune, Declared, InfluxStore, Ring, Span
from tests.inventory.write import inventory

HOSTS = """
[hosts]
a = { address = "10.0.0.1", role = "server", rated_power_w = 3000, rated_current_a = 13.6 }
b = { address = "10.0.0.2", role = "switch" }
c = { address = "10.0.0.3", role = "switch", enabled = false }
d = { address = "10.0.0.4", role = "switch" }
"""


def ns(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 1_000_000_000


def test_kinds_of_sites(tmp_path: Path) -> None:
    sites = inventory(
        tmp_path,
        """
        include = ["s.csv"]
        [[stations]]
        id = "1"
        site = "position"
        technology = "4G"
        [[stations]]
        id = "2"
        site = "roof"
        technology = "4G"
        """,
        s_csv="id,kind\nposition,\nroof,office\nhall,data-centre\nshed,\n",
    ).sites
    assert {id_: site.kind for id_, site in sites.items()} == {
        "position": "bts",
        "roof": "office",
        "hall": "data-centre",
        "shed": "other",
    }


def test_communes_of_toml_and_csv(tmp_path: Path) -> None:
    loaded = inventory(
        tmp_path,
        'include = ["c.csv"]\n[[communes]]\nname = "Hữu Kiên"\ndistrict = "Chi Lăng"\n',
        c_csv="Commune;District;population;lat;lon\nHữu Kiên;Lộc Bình;3120;;\nVân Thủy;Chi Lăng;900;21,7;106,6\n",
    )
    assert loaded.communes == (
        Commune(name="Hữu Kiên", district="Chi Lăng"),
        Commune(name="Hữu Kiên", district="Lộc Bình", population=3120),
        Commune(name="Vân Thủy", district="Chi Lăng", population=900, lat=21.7, lon=106.6),
    )


def test_declared_of_toml_and_csv(tmp_path: Path) -> None:
    loaded = inventory(
        tmp_path,
        """
        include = ["d.csv"]
        [sites.s]
        district = "Chi Lăng"
        [[declared]]
        indicator = "data_centre_availability_percent"
        value = 99.98
        source = "report 12/BC"
        as_of = 2026-09-30
        """,
        d_csv="indicator,value,district,as_of\noffices,18,Chi Lăng,2026-06-30\noffices,180,,\n",
    )
    assert loaded.declared == (
        Declared(indicator="data_centre_availability_percent", value=99.98, source="report 12/BC", as_of="2026-09-30"),
        Declared(indicator="offices", value=18, district="Chi Lăng", as_of="2026-06-30"),
        Declared(indicator="offices", value=180),
    )


def test_a_ring_closes_whichever_way_it_is_written(tmp_path: Path) -> None:
    rings = inventory(
        tmp_path,
        f"""
        {HOSTS}
        [rings.hosts]
        hosts = ["a", "b", "d"]
        [rings]
        pair.spans = [{{ a = "a", a_interface = "x", b = "b", b_interface = "y" }}, {{ a = "b", b = "a" }}]
        """,
    ).rings
    assert rings == {
        "hosts": Ring(
            name="hosts",
            spans=(
                Span(a_host="a", b_host="b"),
                Span(a_host="b", b_host="d"),
                Span(a_host="d", b_host="a"),
            ),
        ),
        "pair": Ring(
            name="pair",
            spans=(
                Span(a_host="a", b_host="b", a_interface="x", b_interface="y"),
                Span(a_host="b", b_host="a"),
            ),
        ),
    }


@pytest.mark.parametrize(
    ("terms", "hosts"),
    [
        ('["*"]', {"a", "b", "d"}),
        ('["role=switch"]', {"b", "d"}),
        ('["a", "c"]', {"a", "c"}),
        ('["role=switch", "!d"]', {"b"}),
    ],
)
def test_whom_maintenance_concerns(tmp_path: Path, terms: str, hosts: set[str]) -> None:
    main = f"{HOSTS}[[maintenance]]\nhosts = {terms}\nstart = 2026-11-20T22:00:00Z\nend = 2026-11-21T02:00:00Z\n"
    assert inventory(tmp_path, main).maintenance[0].hosts == hosts


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-20T22:00:00+07:00", "2026-11-20T15:00:00+00:00"),
        ("2026-11-20T22:00:00", "2026-11-20T22:00:00"),
        ("2026-11-20 22:00:00", "2026-11-20T22:00:00"),
        ('"2026-11-20 22:00"', "2026-11-20T22:00:00"),
        ('"2026-11-20T22:00+07:00"', "2026-11-20T15:00:00+00:00"),
    ],
)
def test_when_maintenance_starts(tmp_path: Path, written: str, meant: str) -> None:
    main = f'{HOSTS}[[maintenance]]\nhosts = ["a"]\nstart = {written}\nend = 2026-12-20T00:00:00\nreason = "x"\n'
    planned = inventory(tmp_path, main).maintenance[0]
    assert (planned.start_ns, planned.repeat, planned.until_ns, planned.reason) == (ns(meant), "once", None, "x")


@pytest.mark.parametrize(
    ("until", "meant"),
    [("2026-12-31", "2027-01-01T00:00:00"), ("2026-12-31T12:00:00Z", "2026-12-31T12:00:00+00:00")],
)
def test_the_last_day_of_maintenance_counts(tmp_path: Path, until: str, meant: str) -> None:
    main = f"""
    {HOSTS}
    [[maintenance]]
    hosts = ["a"]
    start = 2026-11-20T22:00:00
    end = 2026-11-21T02:00:00
    repeat = "daily"
    until = {until}
    """
    planned = inventory(tmp_path, main).maintenance[0]
    assert (planned.repeat, planned.until_ns) == ("daily", ns(meant))


def test_included_files_have_these_too(tmp_path: Path) -> None:
    loaded = inventory(
        tmp_path,
        f'include = ["more.toml"]\n{HOSTS}',
        more_toml="""
        [[communes]]
        name = "Hữu Kiên"
        district = "Chi Lăng"
        [rings.r]
        hosts = ["a", "b", "d"]
        [[maintenance]]
        hosts = ["a"]
        start = 2026-11-20T22:00:00
        end = 2026-11-20T23:00:00
        [[declared]]
        indicator = "servers"
        value = 3
        district = "Chi Lăng"
        """,
    )
    found = (len(loaded.communes), list(loaded.rings), len(loaded.maintenance), loaded.declared[0].value)
    assert found == (1, ["r"], 1, 3)


def test_ratings_and_days_to_keep(tmp_path: Path) -> None:
    store = '[store]\nkind = "influxdb"\nurl = "http://h"\ndatabase = "d"\nraw_days = 45\ndaily_days = 900\n'
    loaded = inventory(tmp_path, store + HOSTS)
    rated = loaded.hosts["a"]
    assert (rated.rated_power_w, rated.rated_current_a) == (3000.0, 13.6)
    assert loaded.store == InfluxStore(url="http://h", database="d", raw_days=45, daily_days=900)

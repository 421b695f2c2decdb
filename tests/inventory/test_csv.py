from pathlib import Path

import pytest

from inventory.model import Limits, Link, Site, Station
from tests.inventory.write import inventory, problems


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_sites_as_spreadsheets_write_them(tmp_path: Path, separator: str, encoding: str, newline: str) -> None:
    rows = [
        ["ID", " Name", "district", "lat", "lon", "population"],
        ["ls-1", "Lạng Sơn", " Bắc Sơn ", "21.85", "-106", "12000"],
        ["ls-2", "", "", "", "", ""],
    ]
    content = newline.join(separator.join(row) for row in rows).encode(encoding)
    sites = inventory(tmp_path, 'include = ["sites.csv"]', sites_csv=content).sites
    assert sites["ls-1"] == Site(
        id="ls-1", name="Lạng Sơn", district="Bắc Sơn", lat=21.85, lon=-106.0, population=12_000
    )
    assert sites["ls-2"] == Site(id="ls-2")


def test_decimal_commas_and_the_separator_hint(tmp_path: Path) -> None:
    sites = inventory(tmp_path, 'include = ["s.csv"]', s_csv="sep=;\r\nid;lat;lon\r\na;21,853;106,76\r\n").sites
    assert (sites["a"].lat, sites["a"].lon) == (21.853, 106.76)


def test_lines_are_counted_behind_the_separator_hint(tmp_path: Path) -> None:
    said = problems(tmp_path, 'include = ["s.csv"]', s_csv="sep=;\nid;lat\na;1\nb;100\n")
    assert said == ['s.csv:4: sites.b.lat: found "100", allowed: a number -90..90']


def test_hosts_stations_and_links(tmp_path: Path) -> None:
    loaded = inventory(
        tmp_path,
        """
        include = ["*.csv"]
        [credentials]
        a.snmp = { version = "2c", community = "env:A" }
        b.snmp = { version = "2c", community = "env:B" }
        [defaults]
        role = "bts-uplink"
        limits = { sessions = 1, retries = 4 }
        """,
        sites_csv="id\nls-1\n",
        hosts_csv="name;address;snmp_port;site;role;credentials;tags;enabled;limits.sessions;interfaces.exclude\n"
        'r1;10.0.0.1;1161;ls-1;switch;"b; a";"x;y";true;3;"Vl*;Tu*"\n'
        "r2;10.0.0.2;;;;;;0;;\n",
        stations_csv="id,site,technology,operator,uplink\n4G-1,ls-1,4G,Viettel,r1\n5G-1,ls-1,5G,,\n",
        links_csv="host,interface,contract_in_bps,contract_out_bps,provider\nr1,Gi0/1,2M,2.5 Gbps,VNPT\nr1,Gi0/2,,,\n",
    )
    r1, r2 = loaded.hosts["r1"], loaded.hosts["r2"]
    assert (r1.snmp_port, r1.role, r1.tags, r1.enabled) == (1161, "switch", ("x", "y"), True)
    assert [credential.name for credential in r1.credentials] == ["b", "a"]
    assert r1.site == loaded.sites["ls-1"]
    assert r1.limits == Limits(sessions=3, retries=4)
    assert r1.interfaces.exclude == ("Vl*", "Tu*")
    assert r1.links == (
        Link(interface="Gi0/1", contract_in_bps=2_000_000, contract_out_bps=2_500_000_000, provider="VNPT"),
        Link(interface="Gi0/2"),
    )
    assert (r2.snmp_port, r2.role, r2.enabled, r2.limits.sessions) == (161, "bts-uplink", False, 1)
    assert loaded.stations == (
        Station(id="4G-1", site="ls-1", technology="4G", operator="Viettel", uplink="r1"),
        Station(id="5G-1", site="ls-1", technology="5G"),
    )


def test_empty_rows_and_comments_are_skipped(tmp_path: Path) -> None:
    sites = inventory(tmp_path, 'include = ["s.csv"]', s_csv="id,name\n\n# of the north\n,\na,b\n").sites
    assert list(sites) == ["a"]


def test_a_link_in_two_places(tmp_path: Path) -> None:
    said = problems(
        tmp_path,
        'include = ["l.csv"]\n[hosts.r1]\naddress = "h"\nlinks."Gi0/1" = {}\n',
        l_csv="host,interface\nr1,Gi0/1\nr1,Gi0/2\nr1,Gi0/2\n",
    )
    assert said == [
        'l.csv:4: links.r1."Gi0/2": is there twice, first in l.csv:3',
        'hosts.toml:4: hosts.r1.links."Gi0/1": is there twice: a file of links has it too',
    ]


def test_names_that_look_like_numbers_stay_names(tmp_path: Path) -> None:
    assert inventory(tmp_path, 'include = ["s.csv"]', s_csv="id,name\n007,null\n").sites["007"].name == "null"

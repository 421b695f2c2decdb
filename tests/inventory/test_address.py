import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.address import parse_address

PORTS = st.integers(1, 65_535)
V4 = st.ip_addresses(v=4).filter(lambda address: 0 < address.packed[0] < 224)
V6 = st.ip_addresses(v=6).filter(lambda address: any(address.packed) and address.packed[0] != 0xFF)


@pytest.mark.parametrize(
    ("written", "address", "port"),
    [
        ("10.0.0.1", "10.0.0.1", None),
        ("10.0.0.1:1161", "10.0.0.1", 1161),
        ("2001:DB8:0::1", "2001:db8::1", None),
        ("[2001:db8::1]", "2001:db8::1", None),
        ("[2001:db8::1]:161", "2001:db8::1", 161),
        ("fe80::1%eth0", "fe80::1%eth0", None),
        ("Router-1", "router-1", None),
        ("sw_1.example.vn:161", "sw_1.example.vn", 161),
        ("1e100.net", "1e100.net", None),
    ],
)
def test_what_people_write(written: str, address: str, port: int | None) -> None:
    assert parse_address(written) == (address, port)


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "10.0.0.256",
        "10.0.0",
        "10.0.0.1.2",
        "010.0.0.1",
        "1",
        "10.0.0.0/24",
        "0.0.0.0",
        "224.0.0.1",
        "::",
        "ff02::1",
        "[::1",
        "[::1]161",
        "[::1]:",
        "h:",
        "h:0",
        "h:65536",
        "h:+1",
        "h:١",
        "a b",
        "-a",
        "a-",
        "a..b",
        ".a",
        "máy.vn",
        "http://h",
        "h/path",
        "u@h",
        "a" * 64,
        ":161",
        "[]",
        "[10.0.0.1]",
        "1::2::3",
        "fe80::1%",
        "x\n",
        "::1\x00",
    ],
)
def test_nonsense_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"an IPv4 or IPv6 address|a port of|the address of one device"):
        parse_address(written)


@given(V4, PORTS)
def test_any_ipv4(address: ipaddress.IPv4Address, port: int) -> None:
    assert parse_address(f"{address}:{port}") == (str(address), port)
    assert parse_address(str(address)) == (str(address), None)


@given(V6, PORTS)
def test_any_ipv6_in_any_spelling(address: ipaddress.IPv6Address, port: int) -> None:
    for written in (str(address), address.exploded, address.exploded.upper()):
        for text, expected in ((written, None), (f"[{written}]:{port}", port)):
            parsed, parsed_port = parse_address(text)
            assert ipaddress.IPv6Address(parsed) == address
            assert parsed_port == expected
    assert parse_address(parse_address(str(address))[0]) == parse_address(str(address))


@given(st.text())
def test_any_text_is_an_address_or_a_value_error(text: str) -> None:
    try:
        address, port = parse_address(text)
    except ValueError:
        return
    assert address
    assert port is None or 1 <= port <= 65_535

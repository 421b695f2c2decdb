import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.units import parse_duration, parse_size, parse_speed


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        (60, 60),
        (0.5, 0.5),
        ("60", 60),
        ("60s", 60),
        ("5m", 300),
        ("5 min", 300),
        ("1h", 3600),
        ("1h30m", 5400),
        ("1h 30m 5s", 5405),
        ("2d", 172800),
        ("1w", 604800),
        ("250ms", 0.25),
        ("1.5h", 5400),
        ("1,5h", 5400),
    ],
)
def test_durations(written: object, seconds: float) -> None:
    assert parse_duration(written) == seconds


@pytest.mark.parametrize(
    ("written", "bps"),
    [
        (0, 0),
        (2000000, 2000000),
        ("2M", 2000000),
        ("2 Mbps", 2000000),
        ("2Mbit/s", 2000000),
        ("2mb", 2000000),
        ("512k", 512000),
        ("1G", 10**9),
        ("2.5 Gbps", 2500000000),
        ("2,5G", 2500000000),
        ("100 Mb/s", 10**8),
        ("9600", 9600),
        ("9600 bps", 9600),
        ("0.1T", 10**11),
    ],
)
def test_speeds(written: object, bps: int) -> None:
    assert parse_speed(written) == bps


@pytest.mark.parametrize(
    ("written", "octets"),
    [(1, 1), ("1", 1), ("500MB", 5 * 10**8), ("1GiB", 2**30), ("1 G", 10**9), ("1.5KiB", 1536), ("2k", 2000)],
)
def test_sizes(written: object, octets: int) -> None:
    assert parse_size(written) == octets


@pytest.mark.parametrize("parse", [parse_duration, parse_speed, parse_size])
@pytest.mark.parametrize(
    "written",
    [
        True,
        None,
        [],
        {},
        -1,
        "-1",
        "",
        " ",
        "x",
        "1x",
        "s",
        "1e9",
        "١",
        "1.2.3",
        "1,000s",
        math.inf,
        math.nan,
        10**30,
        "9" * 400,
        "0x10",
        "1 2",
        "m5",
    ],
)
def test_nonsense_is_refused_with_what_is_allowed(parse: object, written: object) -> None:
    with pytest.raises(ValueError, match=r"such as|in one way"):
        parse(written)  # type: ignore[operator]


@pytest.mark.parametrize("written", ["2MB", "2 MB/s", "2MBps", "10KiB/s", 1.5, "0.5"])
def test_a_speed_is_whole_bits(written: object) -> None:
    with pytest.raises(ValueError, match="bits a second"):
        parse_speed(written)


@given(st.integers(0, 10**15), st.sampled_from(["", "k", "M", "G", "T"]), st.sampled_from(["", "bps", " bit/s", "b"]))
def test_any_whole_speed_comes_back(number: int, prefix: str, suffix: str) -> None:
    factor = 1000 ** ["", "k", "M", "G", "T"].index(prefix)
    if number * factor <= 10**18:
        assert parse_speed(f"{number}{prefix}{suffix}") == pytest.approx(number * factor, rel=1e-12)


@given(st.integers(0, 999), st.integers(0, 59), st.integers(0, 59))
def test_parts_of_a_duration_add_up(hours: int, minutes: int, seconds: int) -> None:
    assert parse_duration(f"{hours}h{minutes}m{seconds}s") == hours * 3600 + minutes * 60 + seconds


@given(st.text())
def test_any_text_is_a_quantity_or_a_value_error(text: str) -> None:
    for parse in (parse_duration, parse_speed, parse_size):
        try:
            value = parse(text)
        except ValueError:
            continue
        assert 0 <= value <= 10**18

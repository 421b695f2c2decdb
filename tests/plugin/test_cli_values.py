"""Texts of a command line as values: what devices print, and whatever else they may."""

import math
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from collector.metrics.model import FieldValue
from collector.plugin.cli.values import (
    CONVERTERS,
    TEXT_CONVERTERS,
    Reading,
    busy,
    duration,
    identifier,
    mac,
    milliwatt_to_dbm,
    number,
    size,
    speed,
)

TEXTS = st.one_of(
    st.text(max_size=60),
    st.from_regex(r"[-+]?\d{1,400}[.,' ]?\d{0,400}(e\d{0,400})? ?[kmgtywdhs:/]{0,3}", fullmatch=True),
    st.from_regex(r"([0-9a-f]{2,6}[.:-]?){1,7}", fullmatch=True),
    st.integers(4000, 5000).map(lambda digits: "9" * digits + " days"),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,234,567", 1234567),
        ("2 836 141", 2836141),
        ("1'234", 1234),
        ("36.5 C", 36.5),
        ("-2.31 dBm", -2.31),
        (".5", 0.5),
        ("(45%)", 45),
        ("Avg: 12.5, Max: 99", 12.5),
        ("1e999", None),
        ("N/A", None),
        (" -- ", None),
        ("Unknown", None),
        ("off", None),
        ("", None),
    ],
)
def test_numbers(text: str, expected: float | None) -> None:
    assert number(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1000Mb/s", 1e9),
        ("100 Gb/s", 1e11),
        ("BW 100000 Kbit/sec", 1e8),
        ("1000000 Kbit", 1e9),
        ("10G", 1e10),
        ("2.5 Gbps", 2.5e9),
        ("a-1000", 1000),
        ("100GBASE-LR4", 1e11),
        ("64 kbps", 64000),
        ("10000 Mbits/sec", 1e10),
        ("auto", None),
        ("", None),
        ("...", None),
    ],
)
def test_speeds(text: str, expected: float | None) -> None:
    assert speed(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("512K", 2**19),
        ("1.5 GB", 1.5 * 2**30),
        ("16384 kB", 2**24),
        ("7.5GiB", 7.5 * 2**30),
        ("1,024 bytes", 1024),
        ("3735552K bytes", 3735552 * 1024),
        ("none", None),
    ],
)
def test_sizes(text: str, expected: float | None) -> None:
    assert size(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1w2d", 9 * 86400),
        ("1y2w", 379 * 86400),
        ("3d04h", 3 * 86400 + 4 * 3600),
        ("2 days, 4 hours, 1 minute", 2 * 86400 + 4 * 3600 + 60),
        ("2 years, 3 weeks, 1 day, 23 hours, 7 minutes", (730 + 21 + 1) * 86400 + 23 * 3600 + 7 * 60),
        ("00:12:33", 753),
        ("00:00:38.5", 38),
        ("1d02:03:04", 86400 + 7384),
        ("17 days, 01:02:03", 17 * 86400 + 3723),
        ("4w1d2h3m4s", 29 * 86400 + 7384),
        ("5:03", 5 * 3600 + 180),
        ("1 month", 30 * 86400),
        ("never", None),
        ("", None),
    ],
)
def test_durations(text: str, expected: float | None) -> None:
    assert duration(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0011.2233.44aB", "00:11:22:33:44:ab"),
        ("00-11-22-33-44-55", "00:11:22:33:44:55"),
        ("0011-2233-4455", "00:11:22:33:44:55"),
        ("0011:2233:4455", "00:11:22:33:44:55"),
        ("001122-334455", "00:11:22:33:44:55"),
        ("00:1A:2b:3C:4d:5E", "00:1a:2b:3c:4d:5e"),
        ("001A2B3C4D5E", "00:1a:2b:3c:4d:5e"),
        ("6c9c.ed8f.4a01 (bia 6c9c.ed8f.4a02)", "6c:9c:ed:8f:4a:01"),
        ("0000.0000.0000", None),
        ("0011.2233", None),
        ("00:11:22:33:44:55:66:77", None),
        ("0011.2233-4455", None),
        ("2001:db8:1122:3344:5566:7788:99aa:bbcc", None),
        ("not set", None),
    ],
)
def test_hardware_addresses(text: str, expected: str | None) -> None:
    assert mac(text) == expected


@pytest.mark.parametrize("text", ["Gi1/0/1", "001A2B3C4D5E", "port 0011.2233.4455", "0000.0000.0000", ""])
def test_identifiers_that_are_no_addresses_stay(text: str) -> None:
    assert identifier(text) == text


def test_light_in_milliwatts() -> None:
    assert milliwatt_to_dbm("0.5 mW") == pytest.approx(-3.0103)
    assert milliwatt_to_dbm("0.0000") is None


@given(st.integers(-(10**15), 10**15))
def test_a_number_is_the_same_however_it_is_grouped(found: int) -> None:
    assert number(f"{found:,}") == number(str(found)) == number(f"{found:,} bytes".replace(",", " ")) == found


@given(st.integers(0, 10**6), st.sampled_from(["", "K", "M", "G", "T"]), st.sampled_from(["b/s", "bps", "bit/sec"]))
def test_prefixes_of_speeds_are_decimal_those_of_sizes_binary(found: int, prefix: str, unit: str) -> None:
    power = " KMGT".index(prefix or " ")
    assert speed(f"{found} {prefix}{unit}") == found * 1000**power
    assert size(f"{found} {prefix}B") == size(f"{found}{prefix.lower()}") == found * 1024**power


@given(st.integers(0, 3000), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
def test_a_duration_is_the_same_however_it_is_written(days: int, hours: int, minutes: int, seconds: int) -> None:
    expected = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    weeks, rest = divmod(days, 7)
    assert duration(f"{days}d{hours:02}h{minutes:02}m{seconds:02}s") == expected
    assert duration(f"{days} days, {hours} hours, {minutes} minutes and {seconds} seconds") == expected
    assert duration(f"{days} days, {hours}:{minutes:02}:{seconds:02}") == expected
    assert duration(f"{weeks}w{rest}d {hours:02}:{minutes:02}:{seconds:02}") == expected


@given(st.binary(min_size=6, max_size=6), st.booleans())
def test_every_spelling_of_an_address_is_one(octets: bytes, upper: bool) -> None:
    assume(any(octets))
    for separator, width in ((":", 1), ("-", 1), (".", 2), ("-", 2), (":", 2), ("-", 3)):
        text = octets.hex(separator, width)
        spelled = text.upper() if upper else text
        assert mac(spelled) == identifier(spelled) == octets.hex(":")
    assert mac(octets.hex()) == octets.hex(":")


@given(TEXTS)
def test_no_text_raises_and_values_are_finite(text: str) -> None:
    for convert in CONVERTERS.values():
        value = convert(text)
        assert value is None or math.isfinite(value)
    address = mac(text)
    assert address is None or re.fullmatch(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}", address)


@given(
    TEXTS,
    st.sampled_from(
        [*((kind, name) for kind in (int, float, bool) for name in CONVERTERS), (str, "mac"), (str, "number")]
    ),
    st.sampled_from([1.0, 0.001, 1e300]),
    st.sampled_from([None, {"up": 1}]),
)
def test_a_field_has_its_type_or_no_value(
    text: str, kind: tuple[type[FieldValue], str], scale: float, enum: dict[str, int] | None
) -> None:
    reading = Reading(
        sources=("it",), kind=kind[0], convert=kind[1], scale=scale, enum=enum if kind[0] is int else None
    )
    value = reading.read({"it": text}.get)
    assert value is None or type(value) is kind[0]
    assert value != ""


@given(st.integers(0, 2**64 - 1))
def test_counters_keep_all_their_digits(found: int) -> None:
    reading = Reading(sources=("it",), kind=int)
    assert reading.read({"it": str(found)}.get) == reading.read({"it": f"{found:,}"}.get) == found


def test_a_text_field_may_be_an_address() -> None:
    assert set(TEXT_CONVERTERS) == {"mac", "id"}
    assert Reading(sources=("it",), convert="mac").read({"it": "0011.2233.4455"}.get) == "00:11:22:33:44:55"
    assert Reading(sources=("it",), convert="mac").read({"it": "none"}.get) is None


@pytest.mark.parametrize(
    ("text", "expected"), [("97", 3), ("0", 100), ("99.5 percent", 0.5), ("101", None), ("n/a", None)]
)
def test_what_is_not_idle_is_busy(text: str, expected: float | None) -> None:
    assert busy(text) == expected

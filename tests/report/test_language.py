"""Numbers, dates, amounts and messages as they are read."""

import math
from datetime import timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from babel.numbers import format_decimal
from hypothesis import example, given
from hypothesis import strategies as st

from collector.report.language import Language
from collector.report.model import Cell, Estimate, Level, Spark, Verdict
from collector.report.say import Quantity, Text, say, say_many
from collector.report.unit import Unit

HANOI = timezone(timedelta(hours=7))
EN = Language("en", HANOI)
VI = Language("vi", HANOI)
DAY_NS = 86_400 * 10**9
AT_NS = 1_795_331_700 * 10**9
"""2026-11-22 14:15 in Ha Noi"""


@pytest.mark.parametrize(
    ("value", "unit", "en", "vi"),
    [
        (1234567, Unit.COUNT, "1,234,567", "1.234.567"),
        (0, Unit.COUNT, "0", "0"),
        (1234, Unit.NUMBER, "1,234", "1.234"),
        (1.25, Unit.NUMBER, "1.25", "1,25"),
        (2026, Unit.TEXT, "2026", "2026"),
        (True, Unit.TEXT, "yes", "có"),
        (81.26, Unit.PERCENT, "81.3%", "81,3%"),
        (0, Unit.PERCENT, "0.0%", "0,0%"),
        (100, Unit.PERCENT, "100.0%", "100,0%"),
        (99.97, Unit.PERCENT, "99.97%", "99,97%"),
        (99.9997, Unit.PERCENT, ">99.999%", ">99,999%"),
        (0.004, Unit.PERCENT, "0.004%", "0,004%"),
        (0.0002, Unit.PERCENT, "<0.001%", "<0,001%"),
        (134.04, Unit.PERCENT, "134.0%", "134,0%"),
        (2e6, Unit.BPS, "2 Mbps", "2 Mbps"),
        (2.5e9, Unit.BPS, "2.5 Gbps", "2,5 Gbps"),
        (999_970, Unit.BPS, "1 Mbps", "1 Mbps"),
        (512, Unit.BPS, "512 bps", "512 bps"),
        (0, Unit.BPS, "0 bps", "0 bps"),
        (1.5 * 2**30, Unit.BYTES, "1.5 GiB", "1,5 GiB"),
        (1023, Unit.BYTES, "1,023 B", "1.023 B"),
        (34_500, Unit.BPS_PER_DAY, "+34.5 kbps a day", "+34,5 kbps mỗi ngày"),
        (-2048, Unit.BYTES_PER_DAY, "-2 KiB a day", "-2 KiB mỗi ngày"),
        (183_600, Unit.SECONDS, "2 d 3 h", "2 ngày 3 giờ"),
        (86_399, Unit.SECONDS, "1 d", "1 ngày"),
        (200, Unit.SECONDS, "3 min 20 s", "3 phút 20 giây"),
        (0.25, Unit.SECONDS, "0.25 s", "0,25 giây"),
        (400 * 86_400, Unit.SECONDS, "400 d", "400 ngày"),
        (12.5, Unit.HOURS, "12.5 h", "12,5 giờ"),
        (45.2, Unit.DAYS, "45.2 d", "45,2 ngày"),
        (21.46, Unit.CELSIUS, "21.5 °C", "21,5 °C"),
        (48.2, Unit.VOLT, "48.2 V", "48,2 V"),
        (1999.5, Unit.WATT, "2,000 W", "2.000 W"),
        (AT_NS, Unit.DATE, "22 Nov 2026", "22/11/2026"),
        (AT_NS, Unit.TIME, "22 Nov 2026 14:15", "22/11/2026 14:15"),
        (math.nan, Unit.BPS, "", ""),
        (math.inf, Unit.DAYS, "", ""),
        (2**63 * 100, Unit.DATE, "", ""),
    ],
)
def test_numbers(value: float, unit: Unit, en: str, vi: str) -> None:
    assert (EN.number(value, unit), VI.number(value, unit)) == (en, vi)


@given(value=st.integers(-(10**15), 10**15))
def test_whole_numbers_are_written_as_babel_writes_them(value: int) -> None:
    assert EN.number(value, Unit.COUNT) == format_decimal(value, locale="en")
    assert VI.number(value, Unit.COUNT) == format_decimal(value, locale="vi")


@given(value=st.floats(allow_nan=True, allow_infinity=True), unit=st.sampled_from(Unit))
def test_any_number_can_be_written(value: float, unit: Unit) -> None:
    for language in (EN, VI):
        assert isinstance(language.number(value, unit), str)


@example(value=10.5, unit=Unit.BPS)
@given(value=st.floats(0.01, 1e15), unit=st.sampled_from((Unit.BPS, Unit.NUMBER, Unit.WATT)))
def test_what_is_written_is_right_to_three_digits(value: float, unit: Unit) -> None:
    number, _, rest = EN.number(value, unit).partition(" ")
    factor = {"k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}.get(rest[:1], 1.0)
    assert float(number.replace(",", "")) * factor == pytest.approx(value, rel=0.006, abs=0.005)


@given(seconds=st.floats(0, 1e9))
def test_durations_are_right_to_their_second_part(seconds: float) -> None:
    lengths = {"d": 86_400, "h": 3_600, "min": 60, "s": 1}
    words = EN.number(seconds, Unit.SECONDS).replace(",", "").split()
    said = sum(float(number) * lengths[unit] for number, unit in zip(words[::2], words[1::2], strict=True))
    assert len(words) <= 4
    assert said == pytest.approx(seconds, rel=0.021, abs=0.006)


@pytest.mark.parametrize(
    ("cell", "unit", "text"),
    [
        (None, Unit.BPS, ""),
        (Spark((1.0, None)), Unit.BPS, ""),
        ("Gi0/1", Unit.TEXT, "Gi0/1"),
        ("12", Unit.COUNT, "12"),
        (Verdict(Level.OK, say("yes")), Unit.TEXT, "có"),
        (say("no"), Unit.DATE, "không"),
        (Estimate(45, 30, 80), Unit.DAYS, "45 ngày (30 ngày – 80 ngày)"),
        (Estimate(45, 44.99, 45.01), Unit.DAYS, "45 ngày"),
        (Estimate(45, 30, None), Unit.DAYS, "45 ngày (≥ 30 ngày)"),
        (Estimate(45, None, 80), Unit.DAYS, "45 ngày (≤ 80 ngày)"),
        (Estimate(2e6, -1e3, 4e6), Unit.BPS_PER_DAY, "+2 Mbps mỗi ngày (-1 kbps – 4 Mbps)"),
        (Estimate(float(AT_NS), None, None), Unit.DATE, "22/11/2026"),
    ],
)
def test_cells(cell: Cell, unit: Unit, text: str) -> None:
    assert VI.cell(cell, unit) == text


def test_periods() -> None:
    midnight = AT_NS - (14 * 60 + 15) * 60 * 10**9
    assert EN.period(midnight - 2 * DAY_NS, midnight) == "20 Nov 2026 – 21 Nov 2026"
    assert VI.period(midnight - DAY_NS, midnight) == "21/11/2026"
    assert VI.period(AT_NS - DAY_NS, AT_NS) == "21/11/2026 14:15 – 22/11/2026 14:15"


def test_days_are_those_of_the_zone() -> None:
    late = AT_NS - 10 * 3_600 * 10**9
    assert EN.date(late) == "22 Nov 2026"
    assert Language("en", ZoneInfo("UTC")).date(late) == "21 Nov 2026"
    assert Language("en", ZoneInfo("Europe/Berlin")).time(AT_NS) == "22 Nov 2026 08:15"


def test_messages_take_values_by_the_locale() -> None:
    message = say("{a} and {b} of {c}", a=Quantity(2e6, Unit.BPS), b=12345, c=say("no"))
    assert EN.text(message) == "2 Mbps and 12,345 of no"
    assert VI.text(message) == "2 Mbps and 12.345 of không"
    assert EN.text("as it is") == "as it is"


def test_messages_have_plural_forms() -> None:
    for language, one, many in ((EN, "1 thing", "2,000 things"), (VI, "1 thing", "2.000 things")):
        assert language.text(say_many("{count} thing", "{count} things", 1)) == one
        assert language.text(say_many("{count} thing", "{count} things", 2000)) == many


@pytest.mark.parametrize("name", ["{braces}", "{0}", "{", "}", "%s", "{number} d", "yes", "{a.__class__}", ""])
def test_names_are_neither_formatted_nor_translated(name: str) -> None:
    assert VI.text(name) == name
    assert VI.cell(name, Unit.TEXT) == name
    assert VI.text(say("{name}!", name=name)) == f"{name}!"
    assert VI.text(say("{name}!", name=Text("{name}?", {"name": name}))) == f"{name}?!"


def test_an_empty_message_is_not_the_catalogues_header() -> None:
    assert VI.text(say("")) == ""

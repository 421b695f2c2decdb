"""JSON, CSV and XLSX: read back, they are what the report says, and harmless."""

import csv
import io
import json
import unicodedata
import warnings
import zipfile
from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.report.formats import csv_format, json_format, xlsx_format
from collector.report.formats.flat import figures_table, findings_table, tables
from collector.report.formats.xlsx_values import SheetNames
from collector.report.language import Language
from collector.report.model import Column, Figure, Finding, Level, Report, Table
from collector.report.say import say
from collector.report.unit import Unit
from tests.report.formats.sample import CHART, EMPTY, HOSTILE, NOTHING, REPORT, SINCE_NS, TABLE, TIMES, UNTIL_NS

HANOI = timezone(timedelta(hours=7))
EN = Language("en", HANOI)
VI = Language("vi", HANOI)
SHOWN = HOSTILE.replace("\x1b", "\\x1b").replace("\r", "\\x0d")
ON_A_LINE = HOSTILE.replace("\x1b", "\\x1b").replace("\r\n", " ")


def document(report: Report = REPORT, language: Language = EN) -> dict[str, Any]:
    loaded = json.loads(json_format.encode(report, language))
    assert isinstance(loaded, dict)
    return loaded


def rows_of(text: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.decode(), newline=""), strict=True))


def workbook(report: Report = REPORT, language: Language = EN) -> Any:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sparkline Group extension")  # openpyxl knows none
        return openpyxl.load_workbook(io.BytesIO(xlsx_format.encode(report, language)), rich_text=False)


def test_json_has_all_of_a_report() -> None:
    read = document()
    assert (read["report"], read["language"], read["selection"]) == ("sample", "en", ["role=wan-router", SHOWN])
    assert (read["since"], read["until"]) == ("2026-10-23T14:15:00+07:00", "2026-11-22T14:15:00+07:00")
    assert [figure["value"] for figure in read["figures"]] == [
        1234,
        81.26,
        None,
        {"level": "critical", "text": "full"},
    ]
    assert read["figures"][1]["before"] == 70.0
    assert read["findings"] == [
        {
            "key": "line-full",
            "level": "critical",
            "urgency": 80.0,
            "where": SHOWN,
            "sentence": f"{SHOWN} is full: order 4 Mbps.",
        }
    ]
    assert [table["key"] for table in read["tables"]] == ["lines", "none"]
    assert [chart["key"] for chart in read["charts"]] == ["load", "states", "hours", "map", "graph", "graph_devices"]
    assert read["notes"] == ["Of all lines."]


def test_json_has_raw_values() -> None:
    lines = document()["tables"][0]
    assert [column["unit"] for column in lines["columns"]][:5] == ["", "", "bit/s", "%", "date"]
    first, hostile, *_ = lines["rows"]
    assert first == {
        "host": "r1",
        "verdict": {"level": "critical", "text": "full"},
        "p95_bps": 1.9e6,
        "util_percent": 95.0,
        "full_date": {"value": "2026-12-02", "low": "2026-11-27", "high": None},
        "trend_bps_per_day": -1500.0,
        "over_s": 5400,
        "last_time": "2026-11-22T14:15:00+07:00",
        "year": 2026,
        "history": {"values": [1.0, None, 2.0, 1.5], "limit": 2.0},
    }
    assert hostile["host"] == SHOWN
    assert hostile["full_date"] == {"text": "not enough data"}
    assert lines["rows"][3]["p95_bps"] is None


def test_csv_is_what_rfc_4180_says() -> None:
    text = csv_format.encode(TABLE, EN)
    assert text.startswith(b"host,verdict,p95_bps,util_percent,full_date,")
    assert text.endswith(b"\r\n")
    assert text.count(b"\r\n") == text.count(b"\n") == text.count(b"\r") == 1 + len(TABLE.rows)
    first, hostile, formula, vietnamese = rows_of(text)
    assert first["p95_bps"] == "1900000.0"
    assert first["history"] == "1 nan 2 1.5"
    assert (first["full_date"], first["full_date_low"], first["full_date_high"]) == ("2026-12-02", "2026-11-27", "")
    assert first["trend_bps_per_day"] == "-1500.0"
    assert first["last_time"] == "2026-11-22T14:15:00+07:00"
    assert hostile["host"] == "'" + ON_A_LINE
    assert hostile["p95_bps"] == ""
    assert (formula["host"], formula["year"]) == ("'-2+3", "'@SUM(A1)")
    assert vietnamese["host"] == "Phòng Nội vụ"
    assert vietnamese["year"] == " x"


def test_csv_has_its_heading_and_mark() -> None:
    assert (
        csv_format.encode(EMPTY, EN, mark=True).decode("utf-8-sig")
        == ",".join(column.key for column in EMPTY.columns) + "\r\n"
    )
    assert csv_format.encode(EMPTY, EN, mark=True)[:3] == b"\xef\xbb\xbf"
    assert csv_format.encode(EMPTY, EN)[:1] == b"h"


NASTY = st.text(st.characters(exclude_categories=()), max_size=20) | st.sampled_from(
    ("=", "+", "-", "@", "\t", "\r")
).flatmap(lambda sign: st.text(max_size=5).map(sign.__add__))


@settings(max_examples=30, deadline=None)
@given(texts=st.lists(NASTY, min_size=1, max_size=5))
def test_any_text_is_harmless_in_every_format(texts: list[str]) -> None:
    table = Table(
        key="t",
        title=say("{text}", text=texts[0]),
        columns=(Column("text", say("Text")), Column("number", say("Number"), Unit.COUNT)),
        rows=tuple((text, index) for index, text in enumerate(texts)),
        empty=say("none"),
    )
    report = msgspec.structs.replace(NOTHING, sections=(table,), selection=tuple(texts))
    read = rows_of(csv_format.encode(table, EN))
    assert [row["number"] for row in read] == [str(index) for index in range(len(texts))]
    for row, text in zip(read, texts, strict=True):
        assert row["text"][:1] not in ("=", "+", "-", "@", "\t", "\r", "\n")
        assert not any(unicodedata.category(sign) in ("Cc", "Cs") for sign in row["text"])
        if text.isprintable() and text[:1].isalpha():
            assert row["text"] == text
    assert len(document(report)["tables"][0]["rows"]) == len(texts)
    sheet = workbook(report).worksheets[1]
    for (cell, number), text in zip(sheet.iter_rows(min_row=2), texts, strict=True):
        assert cell.data_type in ("s", "n")  # openpyxl says n of what is empty
        assert isinstance(cell.value, str | None)
        assert isinstance(number.value, int)
        if text.isprintable() and text:
            assert cell.value == text


def test_workbook_has_a_sheet_for_everything() -> None:
    book = workbook()
    names = book.sheetnames
    assert names[:3] == ["Summary", "Lines", "Lines  of  none  a b"]
    assert names[3].startswith("Load of =HYPERLINK")
    assert names[4:] == ["States", "By hour", "Sites", "Neighbours", "Neighbours  devices", "Sparklines"]
    assert all(len(name) <= 31 for name in names)
    assert book["Sparklines"].sheet_state == "hidden"
    first = [cell.value for row in book["Summary"].iter_rows() for cell in row if cell.value is not None]
    assert first[:2] == ["A sample", "23 Oct 2026 14:15 – 22 Nov 2026 14:15"]
    assert f"{SHOWN} is full: order 4 Mbps." in first
    assert pytest.approx(0.8126) in first
    assert (book.properties.title, book.properties.creator) == ("A sample", None)


def test_workbook_has_real_numbers_and_dates() -> None:
    sheet = workbook()["Lines"]
    heading, first, hostile, *_ = list(sheet.iter_rows())
    assert [cell.value for cell in heading][:8] == [
        "Host",
        "Verdict",
        "95th percentile",
        "Of the contract",
        "Full on",
        "Full on, at least",
        "Full on, at most",
        "Trend",
    ]
    assert [cell.value for cell in first] == [
        "r1",
        "full",
        1.9e6,
        0.95,
        datetime(2026, 12, 2),  # noqa: DTZ001
        datetime(2026, 11, 27),  # noqa: DTZ001
        None,
        -1500.0,
        timedelta(hours=1, minutes=30),
        datetime(2026, 11, 22, 14, 15),  # noqa: DTZ001
        2026,
        None,
    ]
    assert first[3].number_format == "0.00%"
    assert first[4].number_format == "d mmm yyyy"
    assert first[8].number_format == "[h]:mm:ss"
    assert first[1].fill.fgColor.rgb == "FFFFC7CE"
    assert hostile[0].value == SHOWN
    assert hostile[0].hyperlink is None
    assert hostile[4].value == "not enough data"
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == "A1:L5"
    assert workbook(language=VI).worksheets[1]["E2"].number_format == "dd/mm/yyyy"


def test_workbook_says_what_has_no_rows() -> None:
    assert workbook()["Lines  of  none  a b"]["A2"].value == "no line"
    assert workbook(NOTHING).sheetnames == ["Summary"]


def test_workbook_has_charts_of_its_own() -> None:
    book = workbook()
    load, states, hours = book.worksheets[3:6]
    assert [len(sheet._charts) for sheet in (load, states)] == [1, 1]
    lines = load._charts[0]
    # four lines of which one has nothing to show, a limit, and the three of a forecast
    assert len(lines.series) == 3 + 1 + 3
    assert lines.display_blanks == "gap"
    data = list(load.iter_rows(min_row=2, max_row=6, max_col=3, values_only=True))
    assert [row[0] for row in data] == [
        datetime.fromtimestamp(time // 10**9, HANOI).replace(tzinfo=None) for time in TIMES
    ]
    assert [row[1] for row in data] == [1e6, 1.5e6, None, 2e6, 1.2e6]
    assert len(states._charts[0].series) == 2
    assert hours["B2"].value == 0
    assert hours["E2"].value is None
    assert len(hours.conditional_formatting) == 1


def test_workbook_has_nothing_of_where_it_was_made() -> None:
    written = xlsx_format.encode(REPORT, EN)
    assert written == xlsx_format.encode(REPORT, EN)
    with zipfile.ZipFile(io.BytesIO(written)) as parts:
        for name in parts.namelist():
            text = parts.read(name).decode()
            assert "<f>" not in text.replace("<c:f>", "").replace("<xm:f>", "")
            assert "hyperlink" not in name.lower()
            assert "TargetMode" not in text


@pytest.mark.parametrize("title", ["History", "a" * 60, "", "'", "[]:*?/\\", "Đường truyền", "x\x00\ud800y", "𐀀" * 40])
def test_names_of_sheets(title: str) -> None:
    names = SheetNames()
    given_names = [names.name(title) for _ in range(12)]
    assert len({name.casefold() for name in given_names}) == 12
    for name in given_names:
        assert 1 <= len(name.encode("utf-16-le")) // 2 <= 31
        assert not set(name) & set("[]:*?/\\")
        assert not name.startswith("'")
        assert not name.endswith("'")
        assert name.casefold() != "history"


@pytest.mark.parametrize("sign", ["é", "𐀀"])
def test_long_texts_are_cut_to_what_a_cell_holds(sign: str) -> None:
    table = Table(
        key="t", title=say("T"), columns=(Column("x", say("X")),), rows=((sign * 40_000,),), empty=say("none")
    )
    value = workbook(msgspec.structs.replace(NOTHING, sections=(table,))).worksheets[1]["A2"].value
    assert 32_766 <= len(value.encode("utf-16-le")) // 2 <= 32_767
    assert value.endswith("…")


def test_wrapped_texts_have_room_and_pages_can_be_read() -> None:
    words = say("{text}", text="full " * 60)
    columns = tuple(Column(f"c{n}", say("{text}", text="One heading of many"), Unit.COUNT) for n in range(60))
    wide = Table(key="t", title=say("T"), columns=columns, rows=((1,) * 60,), empty=say("none"))
    finding = Finding(key="f", level=Level.WARNING, urgency=1.0, sentence=words, where="x")
    endless = msgspec.structs.replace(finding, sentence=say("{text}", text="full " * 6000))
    book = workbook(msgspec.structs.replace(NOTHING, findings=(finding, endless), sections=(wide, CHART)))
    first, table, chart = book.worksheets
    heights = {row: first.row_dimensions[row].height for row in range(1, first.max_row + 1) if first.cell(row, 3).value}
    assert [*heights.values()][:2] == [45, pytest.approx(409, abs=1)]
    assert table.row_dimensions[1].height == 45  # "One / heading / of many"
    for sheet in book.worksheets:
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (first.page_setup.fitToWidth, table.page_setup.fitToWidth) == (None, 3)
    assert table.print_title_cols == "$A:$A"
    assert chart.print_area


def test_findings_are_shown_by_their_urgency_in_every_format() -> None:
    def finding(urgency: float) -> Finding:
        return Finding(
            key=f"f{urgency:g}", level=Level.INFO, urgency=urgency, sentence=say("x"), where=f"at {urgency:g}"
        )

    report = msgspec.structs.replace(NOTHING, findings=tuple(map(finding, (20.0, 90.0, 50.0))))
    shown = ["at 90", "at 50", "at 20"]
    assert [each["where"] for each in json.loads(json_format.encode(report, EN))["findings"]] == shown
    assert [row["where"] for row in rows_of(csv_format.encode(findings_table(report), EN))] == shown
    first = workbook(report).worksheets[0]
    assert [cell.value for cell in first["B"] if str(cell.value).startswith("at ")] == shown


def test_charts_are_tables_too() -> None:
    flat = {table.key: table for table in tables(REPORT.sections)}
    assert len(flat) == 8
    assert [column.key for column in flat["load"].columns] == ["series", "time", "value_bps"]
    assert len(flat["load"].rows) == 5 + 5 + 3 + 1 + 2
    assert len(flat["hours"].rows) == 7 * 24
    assert len(flat["states"].rows) == 4
    for table in flat.values():
        assert len(rows_of(csv_format.encode(table, EN))) == len(table.rows)


def test_times_that_no_calendar_has_are_left_out() -> None:
    table = Table(
        key="t",
        title=say("T"),
        columns=(Column("at", say("At"), Unit.TIME),),
        rows=((2**80,), (-(2**70),), (SINCE_NS,), (UNTIL_NS,)),
        empty=say("none"),
    )
    report = msgspec.structs.replace(NOTHING, sections=(table,))
    assert [row["at"] for row in rows_of(csv_format.encode(table, EN))] == [
        "",
        "",
        "2026-10-23T14:15:00+07:00",
        "2026-11-22T14:15:00+07:00",
    ]
    column = [row[0] for row in workbook(report).worksheets[1].iter_rows(min_row=2, values_only=True)]
    assert [value is None for value in column] == [True, True, False, False]


def test_titles_of_charts_are_cut_to_what_programs_bear() -> None:
    title = say("{text}", text="Đ" * 400)
    report = msgspec.structs.replace(NOTHING, title=title, sections=(msgspec.structs.replace(CHART, title=title),))
    book = workbook(report)
    assert len(book.properties.title) == 255
    [paragraph] = book.worksheets[1]._charts[0].title.tx.rich.p
    assert len("".join(run.t for run in paragraph.r)) == 255


@pytest.mark.parametrize("title", ["=cmd|calc!A0 is full", "Sheet!$B$2 is full", "=1+1"])
def test_titles_of_charts_are_no_formulas(title: str) -> None:
    chart = msgspec.structs.replace(CHART, title=say("{text}", text=title))
    with zipfile.ZipFile(
        io.BytesIO(xlsx_format.encode(msgspec.structs.replace(NOTHING, sections=(chart,)), EN))
    ) as archive:
        drawn = archive.read("xl/charts/chart1.xml").decode()
    assert f"<a:t>{title}</a:t>" in drawn.replace("\u2060", "")


def test_figures_and_findings_are_tables_too() -> None:
    when = Figure("when", say("When"), SINCE_NS, Unit.DATE)
    report = msgspec.structs.replace(REPORT, figures=(*REPORT.figures, when))
    figures = rows_of(csv_format.encode(figures_table(report), EN))
    assert [(row["key"], row["value"], row["unit"]) for row in figures] == [
        ("lines", "1234", "#"),
        ("load", "81.26", "%"),
        ("none", "", "bit/s"),
        ("state", "full", ""),
        ("when", "23 Oct 2026", "date"),
    ]
    [finding] = rows_of(csv_format.encode(findings_table(report), EN))
    assert (finding["key"], finding["level"], finding["where"][:2]) == ("line-full", "critical", "'=")

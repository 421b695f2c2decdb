"""The page as a file: well-formed, complete, without anything that leads out of it, and to be read by everybody."""

import re
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

import collector.report.formats.html
from collector.report.formats.html import render
from collector.report.formats.html.table import FIRST_ROWS
from collector.report.language import Language
from collector.report.model import Cell, Column, Estimate, Level, Network, Report, Table, Verdict
from collector.report.say import say
from collector.report.unit import Unit
from tests.report.formats.html import sample
from tests.report.formats.html.conftest import page_of
from tests.report.formats.html.test_markup import Reader

FOLDER = Path(collector.report.formats.html.__file__).parent
VOID = {"br", "col", "input", "meta"}


class Nesting(Reader):
    """Notes the elements that are not closed where they should be."""

    def __init__(self, markup: str) -> None:
        self.open: list[str] = []
        self.faults: list[str] = []
        super().__init__(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)


@pytest.fixture(scope="module")
def whole() -> str:
    return page_of(sample.report(rows=260, sites=200))


@pytest.fixture(scope="module")
def seen(whole: str) -> Nesting:
    return Nesting(whole)


def test_it_is_well_formed(seen: Nesting) -> None:
    assert (seen.open, seen.faults) == ([], [])


def test_nothing_leads_out_of_it(seen: Nesting, whole: str) -> None:
    leading = ("src", "srcset", "action", "formaction", "data", "poster", "background", "xlink:href")
    assert not [each for each in seen.attributes if any(name in each for name in leading)]
    assert {str(each["href"])[0] for each in seen.attributes if "href" in each} == {"#"}
    assert not {"link", "iframe", "object", "embed", "base", "form", "image", "use"} & set(seen.tags)
    # the namespace of SVG is a name, not an address
    assert not re.search(r"https?://|url\(|@import", whole.replace("http://www.w3.org/2000/svg", ""))


def test_nothing_runs_but_the_pages_own_script(seen: Nesting) -> None:
    scripts = [each for tag, each in zip(seen.tags, seen.attributes, strict=True) if tag == "script"]
    assert [each for each in scripts if each.get("type") != "application/json"] == [{}]
    assert not [name for each in seen.attributes for name in each if name.startswith("on") or name == "style"]
    policy = next(str(each["content"]) for each in seen.attributes if "http-equiv" in each)
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_every_address_within_it_is_there_once(seen: Nesting) -> None:
    ids = [each["id"] for each in seen.attributes if "id" in each]
    assert len(ids) == len(set(ids))
    assert {str(each["href"])[1:] for each in seen.attributes if "href" in each} <= set(ids)


def test_everything_is_said(seen: Nesting) -> None:
    report = sample.report()
    for text in (
        report.title,
        *(figure.label for figure in report.figures),
        *(section.title for section in report.sections),
        *(note for section in report.sections for note in section.notes),
        *report.notes,
    ):
        assert str(text) in seen.text
    assert "province=hoa-binh" in seen.text
    assert "30 May 2026 – 28 Jun 2026" in seen.text
    assert "No contract ends." in seen.text
    assert "▲ before: 4" in seen.text
    assert "▼ before: 35" in seen.text
    assert "as before" in seen.text  # to as many digits as are shown


def test_findings_are_in_the_order_of_urgency(seen: Nesting) -> None:
    first = [
        seen.text.index(words) for words in ("UPS of Đà Bắc", "UBND xã Bắc Sơn is full", "ring is open", "The disk of")
    ]
    assert first == sorted(first)
    assert "6 more" in seen.text


def test_a_report_of_nothing() -> None:
    nothing = Report(name="x", title=say("Nothing"), since_ns=sample.SINCE_NS, until_ns=sample.UNTIL_NS)
    seen = Nesting(page_of(nothing))
    assert (seen.open, seen.faults) == ([], [])
    assert "nav" not in seen.tags
    assert "The whole inventory" in seen.text


def test_sections_whose_keys_look_alike_have_places_of_their_own() -> None:
    tables = tuple(
        msgspec.structs.replace(sample.links_table(1, hostile=False), key=key)
        for key in ("a b", "a-b", "A/B", "!", "content")
    )
    report = msgspec.structs.replace(sample.report(), sections=tables)
    ids = [each["id"] for each in Reader(page_of(report)).attributes if "id" in each]
    assert {"a-b", "a-b-2", "a-b-3", "section", "content-2"} <= set(ids)
    assert len(ids) == len(set(ids))


def test_a_network_without_nodes() -> None:
    network = Network(key="n", title=say("Ring"), nodes=(), edges=(), positions={})
    report = msgspec.structs.replace(sample.report(), sections=(network,), figures=(), findings=())
    assert "No data." in Reader(page_of(report)).text


def cells(*given: tuple[Column, Cell]) -> list[dict[str, str | None]]:
    table = Table(
        key="t",
        title=say("t"),
        columns=tuple(column for column, _ in given),
        rows=(tuple(cell for _, cell in given),),
        empty=say("nothing"),
    )
    report = Report(name="x", title=say("x"), since_ns=0, until_ns=1, sections=(table,))
    seen = Reader(render(report, Language("en", sample.ZONE), made_ns=0))
    return [each for tag, each in zip(seen.tags, seen.attributes, strict=True) if tag == "td"]


def test_cells_are_sorted_by_raw_values() -> None:
    found = cells(
        (Column("a", say("a")), "10"),
        (Column("b", say("b"), Unit.BPS), 2_500_000.5),
        (Column("c", say("c"), Unit.DAYS), Estimate(12.5, 9.0, None)),
        (Column("d", say("d"), Unit.TIME), sample.UNTIL_NS),
        (Column("e", say("e")), Verdict(Level.WARNING, say("tight"))),
        (Column("f", say("f"), Unit.DAYS), say("not enough data")),
        (Column("g", say("g"), Unit.BPS), None),
    )
    assert [cell.get("data-v") for cell in found] == [
        *(None, "2500000.5", "12.5", str(sample.UNTIL_NS), "1", None, None)
    ]


def test_a_long_table_begins_with_its_first_rows() -> None:
    table = sample.links_table(3000, hostile=False)
    report = msgspec.structs.replace(sample.report(), sections=(table,), findings=())
    page = page_of(report)
    first, _, rest = page.partition("<template>")
    assert first.count("<tr>") == FIRST_ROWS + 1
    assert rest.partition("</template>")[0].count("<tr>") == 3000 - FIRST_ROWS
    assert len(page) / 3000 < 1200


def test_of_very_wide_tables_the_least_important_columns_wait() -> None:
    seen = Reader(page_of(sample.report_of(sample.wide_table())))
    waiting = [each for tag, each in zip(seen.tags, seen.attributes, strict=True) if tag == "td"]
    assert [number for number, each in enumerate(waiting) if "extra" in str(each.get("class"))] == list(range(11, 20))
    assert "Not printed: C11, C12, C13, C14, C15, C16, C17, C18, C19" in seen.text
    assert "Not printed" not in Reader(page_of(sample.report_of(sample.links_table(3)))).text


# contrast as WCAG 2.1 has it, 1.4.3 and 1.4.11


def luminance(color: str) -> float:
    channels = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def schemes() -> dict[str, dict[str, str]]:
    style = (FOLDER / "style.css").read_text()
    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    named = dict(zip(("light", "dark", "print"), blocks, strict=True))
    return {name: dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", block)) for name, block in named.items()}


@pytest.mark.parametrize("name", ["light", "dark", "print"])
def test_colours_can_be_told_from_what_is_behind_them(name: str) -> None:
    colors = schemes()[name]
    grounds = [colors["paper"], colors["raised"], colors["hover"]]
    levels = [level.name.lower() for level in Level]
    series = [f"series-{number}" for number in range(6)]
    for ink in ("ink", "muted", "accent", *levels, *series):
        assert min(contrast(colors[ink], ground) for ground in grounds) >= 4.5, ink
    for level in levels:
        assert contrast(colors[level], colors[f"{level}-soft"]) >= 4.5, level
    assert contrast(colors["ink"], colors["accent-soft"]) >= 4.5


def test_every_scheme_has_every_colour() -> None:
    light, dark, printed = (set(colors) for colors in schemes().values())
    assert light == dark == printed


def test_every_level_has_a_shape_of_its_own() -> None:
    shapes = re.findall(r"\.level-(\w+)[^{}]*\{ --shape: ([^}]+) \}", (FOLDER / "style.css").read_text())
    assert {name for name, _ in shapes} >= {"critical", "warning", "info", "ok"}
    assert len({shape for _, shape in shapes}) == 5


def test_headings_go_down_by_one(seen: Nesting) -> None:
    levels = [int(tag[1]) for tag in seen.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert {"header", "nav", "main"} <= set(seen.tags)

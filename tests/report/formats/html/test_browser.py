"""The page in a real browser: it is shown, sorted, filtered, read out, printed; it sends nothing and complains of nothing."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from collector.report.formats.html.table import FIRST_ROWS
from tests.report.formats.html import sample
from tests.report.formats.html.conftest import page_of

ROWS = 260 + len(sample.HOSTILE)
COLUMNS = ["host", "interface", "commune", "verdict", "contract", "p95", "used", "days", "full_on", "trend"]


@pytest.fixture
def quiet(browser: Chrome) -> Iterator[Chrome]:
    """The browser; whatever a test does with it, no error may be in its log."""
    yield browser
    assert log(browser, "browser") == []


@pytest.fixture
def tab(quiet: Chrome, page: Path) -> Chrome:
    """The page, just opened, wide and light."""
    show(quiet, page)
    return quiet


def log(browser: Chrome, kind: str) -> list[dict[str, Any]]:
    """What was logged since it was asked for last."""
    return list(browser.get_log(kind))  # type: ignore[no-untyped-call]


def show(browser: Chrome, path: Path, *, width: int = 1280, dark: bool = False) -> None:
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500},
    )
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    # without motion, so that what is clicked is where it was
    calm = {"name": "prefers-reduced-motion", "value": "reduce"}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": [scheme, calm]})
    browser.get(path.as_uri())


def until(holds: Callable[[], Any], seconds: float = 30) -> None:
    """Waits for what the page does in its own time."""
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.01)


def find(tab: Chrome, selector: str) -> WebElement:
    return tab.find_element(By.CSS_SELECTOR, selector)


def column(tab: Chrome, name: str) -> list[str]:
    """The cells of a column of the rows that are there, as they are read."""
    script = "return [...document.querySelectorAll('#lines tbody tr')].map(row => row.cells[arguments[0]].textContent)"
    return list(tab.execute_script(script, COLUMNS.index(name)))


def raw(tab: Chrome, name: str) -> list[float | None]:
    script = "return [...document.querySelectorAll('#lines tbody tr')].map(row => row.cells[arguments[0]].dataset.v)"
    found = tab.execute_script(script, COLUMNS.index(name))
    return [None if value is None else float(value) for value in found]


def heading(tab: Chrome, name: str) -> WebElement:
    return find(tab, f"#lines th:nth-child({COLUMNS.index(name) + 1})")


def count(tab: Chrome) -> str:
    return find(tab, "#lines .count").text


def search(tab: Chrome, words: str) -> None:
    box = find(tab, "#lines input")
    box.clear()
    box.send_keys(words)


def test_it_is_shown(tab: Chrome) -> None:
    assert tab.title == "Lines against their contracts"
    assert find(tab, "html").get_attribute("lang") == "en"
    assert len(tab.find_elements(By.CSS_SELECTOR, "main > section")) == len(sample.report().sections) + 1
    assert count(tab) == f"{ROWS} of {ROWS} rows"
    assert len(column(tab, "host")) == FIRST_ROWS
    # strokes and fills are those of the style sheet, which its policy lets in
    assert find(tab, "path.line").value_of_css_property("stroke") == "rgb(31, 95, 139)"


def test_nothing_is_sent(tab: Chrome, page: Path) -> None:
    entries = [json.loads(entry["message"])["message"] for entry in log(tab, "performance")]
    asked = {entry["params"]["request"]["url"] for entry in entries if entry["method"] == "Network.requestWillBeSent"}
    assert asked == {page.as_uri()}


def test_numbers_are_sorted_by_their_values(tab: Chrome) -> None:
    before = column(tab, "host")
    for turn, sign in (("descending", -1), ("ascending", 1)):
        heading(tab, "p95").find_element(By.TAG_NAME, "button").click()
        assert heading(tab, "p95").get_attribute("aria-sort") == turn
        values = [value for value in raw(tab, "p95") if value is not None]
        assert values == sorted(values, key=lambda value: sign * value)
        assert len(values) > 150
    # Mbps and Gbps among each other
    assert {cell.split()[1] for cell in column(tab, "p95") if " " in cell} == {"kbps", "Mbps", "Gbps"} or len(
        values
    ) == 200
    heading(tab, "p95").find_element(By.TAG_NAME, "button").click()
    assert heading(tab, "p95").get_attribute("aria-sort") == "none"
    assert column(tab, "host") == before


def test_what_is_missing_is_last_in_either_direction(tab: Chrome) -> None:
    search(tab, "mai chau")
    until(lambda: count(tab).startswith("13 "))
    for _ in range(2):
        heading(tab, "full_on").find_element(By.TAG_NAME, "button").click()
        values = raw(tab, "full_on")
        known = [value for value in values if value is not None]
        assert 0 < len(known) < len(values)
        assert values[: len(known)] == known


def test_texts_are_sorted_as_they_are_read_and_by_the_keyboard(tab: Chrome) -> None:
    button = heading(tab, "interface").find_element(By.TAG_NAME, "button")
    button.send_keys(Keys.ENTER)
    assert heading(tab, "interface").get_attribute("aria-sort") == "ascending"
    numbers = [int(cell.rpartition("/")[2]) for cell in column(tab, "interface")]
    assert [number for number in numbers if number != 1] == sorted(number for number in numbers if number != 1)
    button.send_keys(Keys.SPACE)
    assert heading(tab, "interface").get_attribute("aria-sort") == "descending"
    assert column(tab, "interface")[0] == "GigabitEthernet0/47"


def test_dates_and_verdicts_are_sorted(tab: Chrome) -> None:
    heading(tab, "full_on").find_element(By.TAG_NAME, "button").click()
    heading(tab, "full_on").find_element(By.TAG_NAME, "button").click()
    days = [value for value in raw(tab, "full_on") if value is not None]
    assert days == sorted(days)
    heading(tab, "verdict").find_element(By.TAG_NAME, "button").click()
    assert heading(tab, "full_on").get_attribute("aria-sort") == "none"
    verdicts = column(tab, "verdict")
    assert [verdict for index, verdict in enumerate(verdicts) if verdict not in verdicts[:index]][:2] == [
        "full",
        "tight",
    ]


def test_rows_are_found_without_marks_and_in_any_order(tab: Chrome) -> None:
    search(tab, "bac son")
    until(lambda: set(column(tab, "commune")) == {"Bắc Sơn"})
    search(tab, "SƠN ubnd-0020")
    until(lambda: column(tab, "host") == ["ubnd-0020.hb"])
    assert count(tab) == f"1 of {ROWS} rows"
    search(tab, "kim bôi")
    until(lambda: set(column(tab, "commune")) == {"Kim Bôi"})
    search(tab, "nowhere to be found")
    until(lambda: find(tab, "#lines [data-none]").is_displayed())
    assert column(tab, "host") == []


def test_rows_are_chosen_by_verdict_and_commune(tab: Chrome) -> None:
    choices = {each.get_attribute("aria-label"): each for each in tab.find_elements(By.CSS_SELECTOR, "#lines select")}
    assert set(choices) == {"Commune", "Verdict"}
    options = [option.text for option in choices["Verdict"].find_elements(By.TAG_NAME, "option")]
    assert options[0] == "Verdict: all"
    assert [option.partition(" (")[0] for option in options[1:]] == ["full", "tight", "no data", "fine"]
    choices["Verdict"].find_element(By.CSS_SELECTOR, "[value=tight]").click()
    assert set(column(tab, "verdict")) == {"tight"}
    assert options[2] == f"tight ({len(column(tab, 'verdict'))})"
    choices["Commune"].find_element(By.CSS_SELECTOR, "[value='Mai Châu']").click()
    assert set(zip(column(tab, "verdict"), column(tab, "commune"), strict=True)) == {("tight", "Mai Châu")}
    choices["Verdict"].find_element(By.CSS_SELECTOR, "[value='']").click()
    assert set(column(tab, "verdict")) > {"tight"}


def test_further_rows_are_shown_when_asked_for(tab: Chrome) -> None:
    assert find(tab, "#lines .more").text.startswith(f"The first {FIRST_ROWS} of {ROWS} rows.")
    tab.execute_script("document.querySelector('#lines [data-more]').click()")
    assert len(column(tab, "host")) == ROWS
    assert not find(tab, "#lines .more").is_displayed()


def test_hostile_names_are_texts(tab: Chrome) -> None:
    search(tab, "Gi0/1 bac son")
    until(lambda: sample.HOSTILE[0] in column(tab, "host"))
    names = column(tab, "host")
    assert {*sample.HOSTILE[:2], *sample.HOSTILE[3:]} <= set(names)
    assert "abc⟨202E⟩cba⟨200B⟩⟨0000⟩⟨001B⟩[31m" in names
    assert tab.title == "Lines against their contracts"
    assert tab.find_elements(By.CSS_SELECTOR, "img, [onmouseover], [onerror]") == []
    row = next(row for row in tab.find_elements(By.CSS_SELECTOR, "#lines tbody tr") if row.text.startswith("NNNN"))
    assert row.size["height"] < 120


def test_a_chart_is_read_out_by_pointer_and_keyboard(tab: Chrome) -> None:
    plot, readout = find(tab, ".plot"), find(tab, ".chart .readout")
    assert not readout.is_displayed()
    ActionChains(tab).scroll_to_element(plot).move_to_element_with_offset(plot, -200, 0).perform()
    until(readout.is_displayed)
    assert readout.text.splitlines()[0].endswith(tuple("0123456789"))
    assert [line.split(":")[0] for line in readout.text.splitlines()[1:]] == ["received", "sent"]
    before = readout.text
    plot.send_keys(Keys.ARROW_RIGHT)
    assert readout.text != before
    plot.send_keys(Keys.HOME)
    assert readout.text.startswith("30 May 2026")
    plot.send_keys(Keys.ESCAPE)
    assert not readout.is_displayed()


def test_the_map_is_enlarged_and_its_signs_keep_their_size(tab: Chrome) -> None:
    drawing = find(tab, "#sites svg.map-drawing")
    dot = "#sites .layer:not([display=none]) .sign"

    def width() -> float:
        script = "return document.querySelector(arguments[0] + ' path').getBoundingClientRect().width"
        return float(tab.execute_script(script, "#sites .layer.alone:not([display=none]) .sign"))

    def rings() -> int:
        return len(tab.find_elements(By.CSS_SELECTOR, f"{dot} circle.within"))

    size, ringed, viewed, scale = (
        width(),
        rings(),
        drawing.get_dom_attribute("viewBox"),
        find(tab, "#sites .scale").text,
    )
    assert ringed > 10
    for _ in range(3):
        tab.execute_script("document.querySelector('#sites [data-zoom=\"2\"]').click()")
    assert drawing.get_dom_attribute("viewBox") != viewed
    assert rings() < ringed
    assert width() == pytest.approx(size, rel=0.2)
    assert find(tab, "#sites .scale").text != scale
    tab.execute_script("document.querySelector('#sites [data-zoom=\"0\"]').click()")
    assert drawing.get_dom_attribute("viewBox") == viewed
    assert rings() == ringed


def test_a_site_tells_of_itself(tab: Chrome) -> None:
    readout = find(tab, "#sites .readout")
    script = "document.querySelector('#sites .layer.alone .sign path').dispatchEvent(new PointerEvent('pointerover', {bubbles: true}))"
    tab.execute_script(script)
    assert readout.is_displayed()
    assert " – " in readout.text


def test_a_row_leads_to_what_tells_more(tab: Chrome) -> None:
    find(tab, "#lines tbody a").click()
    assert tab.current_url.endswith("#load-ubnd-0000-hb")
    top = tab.execute_script("return document.querySelector('#load-ubnd-0000-hb').getBoundingClientRect().top")
    assert 0 <= top < 200


def test_it_fits_a_phone(quiet: Chrome, page: Path) -> None:
    for width in (360, 390):
        show(quiet, page, width=width)
        wide = "return [document.documentElement.scrollWidth, document.body.scrollWidth]"
        assert quiet.execute_script(wide) == [width, width]
    over = (
        "return [...document.querySelectorAll('main *')].filter(each => !each.closest('.table-box, .heat-box, svg, .readout')"
        " && each.getBoundingClientRect().right > innerWidth + 1).map(each => each.outerHTML.slice(0, 80))"
    )
    assert quiet.execute_script(over) == []


def test_endless_names_stay_within_bounds(quiet: Chrome, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(page_of(sample.endless()), encoding="utf-8")
    for width in (390, 1280):
        show(quiet, path, width=width)
        page = quiet.find_element(By.TAG_NAME, "html")
        wide, room, high = (page.get_property(each) for each in ("scrollWidth", "clientWidth", "scrollHeight"))
        assert wide == room
        assert isinstance(high, int)
        assert high < 6000


def test_it_is_dark_where_that_is_wanted(tab: Chrome, page: Path) -> None:
    def colors() -> list[str]:
        line = find(tab, "path.line").value_of_css_property("stroke")
        return [*(find(tab, "body").value_of_css_property(each) for each in ("background-color", "color")), line]

    light = colors()
    show(tab, page, dark=True)
    assert all(one != other for one, other in zip(light, colors(), strict=True))


def test_it_is_printed(quiet: Chrome, page: Path) -> None:
    show(quiet, page, dark=True)
    printed = quiet.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True})
    pdf = base64.b64decode(printed["data"])
    assert pdf.startswith(b"%PDF")
    assert pdf.count(b"/Type /Page\n") >= 5
    assert b"/MediaBox [0 0 594" in pdf or b"/MediaBox [0 0 595" in pdf
    quiet.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert not find(quiet, "#lines .tools").is_displayed()
    assert not find(quiet, "nav").is_displayed()
    assert "(255, 255, 255" in find(quiet, "body").value_of_css_property("background-color")
    # what was there only when asked for is on paper
    assert len(column(quiet, "host")) == ROWS
    assert find(quiet, "#findings details").get_dom_attribute("open") is not None


def test_all_columns_are_shown_when_asked_for(quiet: Chrome, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(page_of(sample.report_of(sample.wide_table())), encoding="utf-8")
    show(quiet, path)
    cells = quiet.find_elements(By.CSS_SELECTOR, "#wide td")
    assert [cell.is_displayed() for cell in cells] == [True] * 11 + [False] * 9 + [True]
    button = find(quiet, "#wide [data-all]")
    button.click()
    assert all(cell.is_displayed() for cell in cells)
    assert button.get_attribute("aria-pressed") == "true"
    button.click()
    assert not cells[12].is_displayed()


def test_it_speaks_vietnamese(quiet: Chrome, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(page_of(sample.report(rows=20, sites=20), "vi"), encoding="utf-8")
    show(quiet, path)
    assert find(quiet, "html").get_attribute("lang") == "vi"
    assert "30/05/2026" in find(quiet, "header").text
    assert "99,4%" in find(quiet, ".figures").text


def test_a_very_long_table_is_sorted_and_searched_as_a_whole(quiet: Chrome, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    table = sample.links_table(6000, hostile=False)
    path.write_text(page_of(sample.report_of(table)), encoding="utf-8")
    show(quiet, path)
    heading(quiet, "p95").find_element(By.TAG_NAME, "button").click()
    search(quiet, "hang kia")
    until(lambda: count(quiet) == "300 of 6,000 rows")
    # whatever is found, a browser has to lay out only so many
    assert len(column(quiet, "host")) == FIRST_ROWS
    assert quiet.execute_script("return document.querySelectorAll('*').length") < 6000

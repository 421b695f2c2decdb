"""Chromium, driven by Selenium: one for all tests of a worker, as its start is what takes time."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from collector.report.formats.html import render
from collector.report.language import Code, Language
from collector.report.model import Report
from tests.report.formats.html import sample
from tests.servers import require_binary


@pytest.fixture(scope="session")
def browser() -> Iterator[webdriver.Chrome]:
    """A browser without a window, with its log and that of its requests."""
    options = webdriver.ChromeOptions()
    options.binary_location = require_binary("chromium")
    for flag in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--window-size=1280,900",
    ):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(require_binary("chromedriver")))
    try:
        yield driver
    finally:
        driver.quit()


def page_of(report: Report, code: Code = "en") -> str:
    """The page of a report of the sample province."""
    return render(report, Language(code, sample.ZONE), made_ns=sample.UNTIL_NS, outlines=sample.outlines())


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with every kind of section; its table is longer than what is there at first."""
    path = tmp_path_factory.mktemp("report") / "page.html"
    path.write_text(page_of(sample.report(rows=260, sites=120)), encoding="utf-8")
    return path

"""docs/reports.md tells of every report, and of JSON as it is."""

import json
import re
from pathlib import Path

from collector.report.formats import json_format
from collector.report.registry import REPORTS
from tests.report.formats.sample import REPORT
from tests.report.test_language import EN

TEXT = (Path(__file__).parents[2] / "docs" / "reports.md").read_text()


def test_every_report_has_its_place() -> None:
    assert re.findall(r"^### (.+)$", TEXT.partition("## Formats")[0], re.MULTILINE) == list(REPORTS)


def test_json_is_as_it_says() -> None:
    shown = TEXT.partition("### JSON")[2].partition("| a cell is")[0].replace("...", "")
    document = json.loads(json_format.encode(REPORT, EN))
    keys = set(document) | {key for part in ("figures", "findings", "tables", "charts") for key in document[part][0]}
    keys |= set(document["tables"][0]["columns"][0])
    assert {key for key in keys if f'"{key}":' not in shown} == set()

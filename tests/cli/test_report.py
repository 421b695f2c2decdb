"""`collector report`: periods, formats, files, languages, and what is told where it cannot be done."""

import csv
import io
import json
import os
import stat
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from collector.metrics.model import Point
from collector.report.context import Context
from collector.report.model import Report
from collector.report.registry import REPORTS
from collector.store.contract import StoreUnavailableError
from collector.store.open import open_store
from inventory.load import load
from tests.cli.place import COLLECTOR, Place
from tests.cli.test_hostile_text import assert_harmless
from tests.report.formats.sample import EMPTY, NETWORK, NOTHING, REPORT

HOSTS = {"r1": '{ address = "127.0.0.1" }', "r2": '{ address = "127.0.0.2" }'}
DAY_NS = 86_400 * 10**9


class Made:
    """What reports were asked for; each is answered by the sample."""

    def __init__(self) -> None:
        self.contexts: list[Context] = []
        self.report = REPORT

    def __call__(self, context: Context) -> Report:
        self.contexts.append(context)
        return self.report


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Made:
    made = Made()
    monkeypatch.setattr("collector.report.registry.ReportKind.make", lambda _, context: made(context))
    monkeypatch.setattr("collector.cli.report_run._tell_where_nothing_is", lambda _: None)
    return made


@pytest.fixture
def here(place: Place) -> Place:
    place.write(HOSTS)
    return place


def test_a_report_is_about_the_last_thirty_days_and_all_hosts(here: Place, made: Made) -> None:
    result = here.run("report", "capacity", "links")
    assert (result.exit_code, result.stderr) == (0, "")
    [context] = made.contexts
    assert context.until_ns - context.since_ns == pytest.approx(30 * DAY_NS, abs=2e9)
    assert (context.is_whole, list(context.hosts)) == (True, ["r1", "r2"])
    here.run("report", "availability", "r2", "--since", "2026-01-01", "--until", "2026-02-01", env={"TZ": "UTC"})
    assert list(made.contexts[1].hosts) == ["r2"]
    assert made.contexts[1].selection == ("r2",)
    assert made.contexts[1].until_ns - made.contexts[1].since_ns == 31 * DAY_NS


def test_text_has_everything_on_a_line_and_no_colour_in_a_pipe(here: Place, made: Made) -> None:
    shown = here.run("report", "summary").stdout
    assert_harmless(shown)
    lines = shown.splitlines()
    assert lines[0] == "A sample"
    assert next(line for line in lines if line.startswith("Load ")).split() == [
        "Load",
        "81.3%",
        "before:",
        "70.0%;",
        "a",
        "note",
    ]
    assert any(line.startswith("critical  =HYPERLINK") and line.endswith("is full: order 4 Mbps.") for line in lines)
    heading = next(line for line in lines if line.startswith("Host  "))
    row = next(line for line in lines if line.startswith("r1  "))
    assert heading.index("95th percentile") + len("95th percentile") == row.index("1.9 Mbps") + len("1.9 Mbps")
    assert row.endswith("▅ █▆")
    assert "Phòng Nội vụ" in shown
    assert "no line" in lines
    assert "5 charts: --format html" in shown


@pytest.mark.parametrize(
    ("environment", "option", "word"),
    [
        ({"LANG": "vi_VN.UTF-8"}, [], "có"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "vi_VN"}, [], "có"),
        ({"LANG": "vi_VN", "LC_ALL": "C"}, [], "yes"),
        ({}, [], "yes"),
        ({"LANG": "vi_VN"}, ["--lang", "en"], "yes"),
        ({}, ["--lang", "vi"], "có"),
    ],
)
def test_language(here: Place, made: Made, environment: dict[str, str], option: list[str], word: str) -> None:
    from collector.report.model import Figure
    from collector.report.say import say
    from collector.report.unit import Unit

    made.report = Report(
        name="x", title=say("x"), since_ns=0, until_ns=1, figures=(Figure("f", say("is it"), say("yes"), Unit.TEXT),)
    )
    settings = {"LC_ALL": None, "LC_MESSAGES": None, "LANG": None, **environment}
    assert word in here.run("report", "summary", *option, env=settings).stdout.split()


def test_json(here: Place, made: Made) -> None:
    result = here.run("report", "summary", "--format", "json")
    assert_harmless(result.stdout, for_machines=True)
    assert json.loads(result.stdout)["findings"][0]["key"] == "line-full"


def test_csv_has_the_first_table_or_the_one_that_is_named(here: Place, made: Made) -> None:
    result = here.run("report", "summary", "--format", "csv")
    assert result.stdout.startswith("host,verdict,")
    assert_harmless(result.stdout.replace("\r\n", "\n"), for_machines=True)
    assert result.stderr == (
        "collector: this is the table lines; --table has none, load, states, hours, map, graph, graph_devices, findings, "
        "figures, -o FOLDER/ all\n"
    )
    result = here.run("report", "summary", "--format", "csv", "--table", "findings")
    [row] = csv.DictReader(io.StringIO(result.stdout, newline=""))
    assert (row["key"], row["level"], row["urgency"]) == ("line-full", "critical", "80.0")
    assert result.stderr == ""
    result = here.run("report", "summary", "--format", "csv", "--table", "nosuch")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--table nosuch: sample has lines, none, load" in result.stderr


def test_files_by_their_suffix(here: Place, made: Made) -> None:
    beginnings = {"r.json": b'{"report":', "r.csv": b"\xef\xbb\xbfhost,", "r.xlsx": b"PK", "r.HTML": b"<!doctype html>", "r.txt": b"A sample\n"}  # fmt: skip
    for name, beginning in beginnings.items():
        path = here.folder / name
        result = here.run("report", "summary", "-o", str(path))
        assert (result.exit_code, result.stdout) == (0, ""), result.stderr
        assert path.read_bytes().startswith(beginning)
        # a workbook is compressed
        assert name == "r.xlsx" or b"\x1b[" not in path.read_bytes()
    path = here.folder / "odd.name"
    assert here.run("report", "summary", "-o", str(path), "--format", "json").exit_code == 0
    assert json.loads(path.read_text())["report"] == "sample"
    assert not list(here.folder.glob(".*.new"))


def test_csv_into_a_folder_has_every_table(here: Place, made: Made) -> None:
    folder = here.folder / "tables"
    result = here.run("report", "summary", "--format", "csv", "-o", f"{folder}/")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    assert sorted(path.name for path in folder.iterdir()) == [
        f"sample-{key}.csv"
        for key in ("figures", "findings", "graph", "graph_devices", "hours", "lines", "load", "map", "none", "states")
    ]


def test_keys_of_tables_cannot_leave_the_folder(here: Place, made: Made) -> None:
    import msgspec

    keys = ("../../etc/x", "/etc/passwd", "..", "", "a" * 300, "a b", "a/b", "Đ")
    tables = tuple(msgspec.structs.replace(EMPTY, key=key) for key in keys)
    made.report = msgspec.structs.replace(REPORT, sections=tables)
    folder = here.folder / "tables"
    assert here.run("report", "summary", "--format", "csv", "-o", f"{folder}/").exit_code == 0
    assert len(list(folder.iterdir())) == len(keys) + 2
    assert sorted(path.name for path in here.folder.iterdir()) == ["hosts.toml", "tables"]


def test_topology_can_be_drawn(here: Place, made: Made) -> None:
    import msgspec

    for suffix in ("svg", "graphml"):
        path = here.folder / f"graph.{suffix}"
        assert here.run("report", "topology", "-o", str(path)).exit_code == 0
        assert ElementTree.fromstring(path.read_text()).tag.endswith(suffix)  # noqa: S314
    made.report = msgspec.structs.replace(REPORT, sections=(EMPTY,))
    result = here.run("report", "topology", "--format", "svg")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "nothing to draw" in result.stderr
    assert NETWORK in REPORT.sections


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["summary", "--since", "soon"], "--since 'soon' is no time that is understood"),
        (["summary", "--until", "2999-01-01"], "has not come yet"),
        (["summary", "--since", "2026-02-02", "--until", "2026-02-01"], "is not before"),
        (["summary", "nosuch"], '"nosuch" matches no host'),
        (["summary", "-o", "x.doc"], "x.doc: its suffix names no format; one of .txt .json .csv .xlsx .html"),
        (["summary", "-o", "x"], "x: its suffix names no format"),
        (["summary", "-o", "x.svg"], "only topology"),
        (["summary", "--format", "svg"], "'svg' is not one of"),
        (["summary", "--format", "pdf"], "'pdf' is not one of"),
        (["summary", "--format", "html", "-o", "."], "is a folder"),
        (["summary", "--format", "json", "-o", "new/"], "is a folder"),
        (["summary", "-o", "new/"], "is a folder"),
        (["summary", "-o", ""], "is a folder"),
        (["summary", "--format", "csv", "--table", "lines", "-o", "new/"], "takes every table"),
        (["summary", "--table", "x"], "only CSV has one table"),
        (["summary", "-o", "no/such/folder/x.json"], "cannot be written: No such file or directory"),
        (["summary", "--format", "csv", "-o", "no/such/folder/"], "cannot be made: No such file or directory"),
        (["summary", "--outlines", "no.geojson"], "no.geojson: No such file or directory"),
        (["summary", "--lang", "fr"], "'fr' is not one of"),
        (["all"], "Missing option '-o'"),
        (["all", "-o", "-"], "every report is a file of its own: name a folder"),
        (["all", "-o", "new/", "--since", "soon"], "--since 'soon'"),
        (["summary", "--since", "0001-01-01"], "--since 0001-01-01: nothing was measured before 1970"),
        (["summary", "-o", f"{'n' * 300}.html"], "cannot be written: File name too long"),
        (["all", "-o", "no/such/folder"], "cannot be made"),
        (["nosuch"], "No such command 'nosuch'"),
        (["capacity", "nosuch"], "No such command 'nosuch'"),
    ],
)
def test_what_cannot_be_is_told(
    here: Place, made: Made, arguments: list[str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(here.folder)
    result = here.run("report", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert [path.name for path in here.folder.iterdir() if path.name != "state"] == ["hosts.toml"]


def test_a_store_that_keeps_nothing_is_told(place: Place, made: Made) -> None:
    place.write(HOSTS, store='kind = "stdout"')
    result = place.run("report", "summary")
    assert (result.exit_code, result.stdout) == (2, "")
    assert 'kind = "stdout" keeps nothing' in result.stderr


def test_a_store_that_cannot_be_read_is_told(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(kind: object, context: Context) -> Report:
        raise StoreUnavailableError("locked", operation="read", target="store.duckdb", hint="wait")

    monkeypatch.setattr("collector.report.registry.ReportKind.make", fail)
    for arguments in (["summary"], ["all", "-o", str(here.folder / "all")]):
        result = here.run("report", *arguments, "--quiet")
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr == "collector: read: locked (store.duckdb)\nwait\n"


def test_a_file_has_all_of_a_report_or_is_as_it_was(here: Place, made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    path = here.folder / "r.json"
    path.write_text("before")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", full)
        result = here.run("report", "summary", "-o", str(path))
    assert result.exit_code == 2
    assert f"{path}: cannot be written: No space left on device" in result.stderr
    assert path.read_text() == "before"
    assert not list(here.folder.glob(".*"))
    link = here.folder / "link.json"
    link.symlink_to(path)
    assert here.run("report", "summary", "-o", str(link)).exit_code == 0
    assert link.is_symlink()
    assert json.loads(path.read_text())
    circle = here.folder / "circle.json"
    circle.symlink_to(circle)
    assert here.run("report", "summary", "-o", str(circle)).exit_code == 0
    assert json.loads(circle.read_text())


def test_a_full_disk_behind_standard_output_is_told(here: Place) -> None:
    with Path("/dev/full").open("w") as full:
        for format in ("table", "json"):
            done = subprocess.run(
                [*COLLECTOR, "report", "capacity", "rings", "--format", format, "--quiet"],
                cwd=here.folder,
                env={"PATH": os.environ["PATH"], **here.env},
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                timeout=60,
            )
            assert (done.returncode, done.stderr) == (
                2,
                "collector: standard output: cannot be written: No space left on device\n",
            )


def test_a_terminal_without_the_letters_gets_escapes(here: Place) -> None:
    done = here.child("report", "capacity", "rings", "--quiet", env={"PYTHONIOENCODING": "latin-1"})
    assert (done.returncode, done.stderr) == (0, "")
    # the dash between the ends of the period
    assert " \\u2013 " in done.stdout.splitlines()[1]


@pytest.mark.parametrize("zone", ["/etc/passwd", ":/etc/nowhere", "Nowhere/City"])
def test_a_time_zone_that_is_none_is_utc(here: Place, zone: str) -> None:
    arguments = (
        "report",
        "capacity",
        "rings",
        "--quiet",
        "--since",
        "2026-01-01",
        "--until",
        "2026-02-01",
        "--format",
        "json",
    )
    done = here.child(*arguments, env={"TZ": zone})
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["since"] == "2026-01-01T00:00:00+00:00"


def test_what_is_no_file_is_written_to_and_not_replaced(here: Place, made: Made) -> None:
    pipe = here.folder / "pipe.json"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        made.report = NOTHING
        assert here.run("report", "summary", "-o", str(pipe)).exit_code == 0
        assert json.loads(os.read(reader, 65_536))["report"] == "nothing"
        assert stat.S_ISFIFO(pipe.stat().st_mode)
    finally:
        os.close(reader)


def test_all_reports_into_a_folder(here: Place, made: Made) -> None:
    folder = here.folder / "all"
    result = here.run("report", "all", "-o", str(folder), "--lang", "vi")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    pages = {name.replace(" ", "-") + ".html" for name in REPORTS}
    assert {path.name for path in folder.iterdir()} == pages | {"index.html"}
    index = (folder / "index.html").read_text()
    assert index.startswith("<!doctype html>")
    assert all(f'href="{page}"' in index for page in pages)
    assert len({id(context) for context in made.contexts}) == 1
    again = here.run("report", "all", "-o", str(folder), "--format", "xlsx")
    assert again.exit_code == 0
    with zipfile.ZipFile(folder / "capacity-links.xlsx") as workbook:
        assert "xl/workbook.xml" in workbook.namelist()
    assert here.run("report", "all", "-o", str(here.folder / "csv"), "--format", "csv").exit_code == 0
    assert (here.folder / "csv" / "sample-lines.csv").is_file()


def on_a_terminal(place: Place, *arguments: str, columns: int = 80, **env: str) -> str:
    """What a terminal of that width gets, from a child process that thinks it has one."""
    script = (
        "import sys\nfrom collector.report.registry import ReportKind\nfrom tests.report.formats.sample import REPORT\n"
        "ReportKind.make = lambda kind, context: REPORT\nfrom collector.cli.main import main\nmain()\n"
    )
    reader, writer = os.openpty()
    environment = place._environment({"COLUMNS": str(columns), "TERM": "xterm", **env})
    command = [sys.executable, "-c", script, "report", *arguments, "--quiet", "--config", str(place.config)]
    child = subprocess.Popen(command, stdout=writer, stderr=writer, env=environment, cwd=Path(__file__).parents[2])
    os.close(writer)
    said = b"".join(_until_end(reader))
    assert child.wait() == (2 if "xlsx" in arguments else 0), said
    return said.decode().replace("\r\n", "\n")


def _until_end(reader: int) -> Iterator[bytes]:
    try:
        while data := os.read(reader, 65_536):
            yield data
    except OSError:  # how Linux says that nobody writes any more
        pass
    finally:
        os.close(reader)


def test_a_terminal_gets_colours_and_what_fits(here: Place) -> None:
    shown = on_a_terminal(here, "summary", columns=130)
    assert "\x1b[31m" in shown
    assert "Columns that have no room here: " in shown
    plain = on_a_terminal(here, "summary", "--rows", "2", columns=80, NO_COLOR="1")
    assert_harmless(plain)
    assert "2 more: --rows 0" in plain
    assert max(map(len, plain.splitlines())) <= 80


def test_no_workbook_on_a_terminal(here: Place) -> None:
    assert "a workbook is nothing for a terminal: name a file with -o" in on_a_terminal(
        here, "summary", "--format", "xlsx"
    )


def test_an_empty_store_is_reported_as_empty(here: Place) -> None:
    for format in ("table", "json", "csv", "html"):
        result = here.run("report", "inventory", "--format", format)
        assert result.exit_code == 0, result.stderr
        assert result.stdout
        # a path that is misspelt looks like a store that is empty
        assert f"WARNING {here.state / 'collector.duckdb'}: nothing is stored there yet" in result.stderr
        assert "Traceback" not in result.stderr


def test_what_is_stored_is_seen(here: Place) -> None:
    inventory = load(here.config)
    here.state.mkdir()
    store = open_store(inventory.store)
    tags: dict[str, Any] = inventory.hosts["r1"].point_tags()
    store.write([Point("device_info", tags, {"vendor": "V", "model": "=X\x1b[2J"}, time.time_ns() - 10**9)])
    store.close()
    result = here.run("report", "inventory")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "=X" in result.stdout
    assert_harmless(result.stdout)


@pytest.mark.parametrize("arguments", [["capacity", "links"], ["capacity", "servers"], ["all", "-o", "all"]])
def test_forecasts_are_stored_where_it_is_asked_for(
    here: Place, made: Made, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(here.folder)
    here.state.mkdir()
    stored = {"value": 1e6, "limit": 2e6}

    def points(context: Context) -> list[Point]:
        tags = {**context.hosts["r1"].point_tags(), "name": "Gi0/1", "kind": "link"}
        return [Point("forecast", tags, dict(stored), context.until_ns)]

    monkeypatch.setattr("collector.report.capacity.forecast.forecast_points", points)
    assert here.run("report", *arguments).exit_code == 0
    store = open_store(load(here.config).store)
    try:
        assert store.latest("forecast") == []
        result = here.run("report", *arguments, "--store")
        assert (result.exit_code, result.stderr) == (0, "")
        [point] = store.latest("forecast")
        assert {name: point.fields[name] for name in stored} == stored
        stored["nosuch"] = 1.0
        result = here.run("report", *arguments, "--store")
        assert result.exit_code == 1
        assert "1 points refused" in result.stderr
    finally:
        store.close()

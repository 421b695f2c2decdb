"""`collector poll` as cron runs it: exit codes, what it prints and what it leaves behind."""

import json
import re
from pathlib import Path

import pytest

from collector.runtime.lease import exclusive
from tests.cli.farm import BROKEN, DEAD, NASTY, SPARE, SWITCH
from tests.cli.place import Place
from tests.servers import free_port

STATS = {
    "hosts", "hosts_ok", "hosts_partial", "hosts_down", "points", "fields", "varbinds", "pdus",
    "bytes_in", "bytes_out", "wall_s", "cpu_s", "max_rss_mb",
}  # fmt: skip
TIME = r"\d\d:\d\d:\d\d "


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file below, with what is in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def stored(place: Place) -> dict[str, int]:
    """Points in the store by measurement."""
    result = place.run("store", "info", "--json")
    assert result.exit_code == 0, result.stderr
    counts: dict[str, int] = json.loads(result.stdout)["measurements"]
    return counts


def test_all_is_well_and_nothing_is_said(place: Place) -> None:
    place.write({"sw1": SWITCH, "sw2": SPARE})
    done = place.child("poll", "--stats", "stats.json")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    stats = json.loads((place.folder / "stats.json").read_text())
    assert stats.keys() >= STATS
    assert (stats["hosts"], stats["hosts_ok"], stats["hosts_partial"], stats["hosts_down"]) == (2, 2, 0, 0)
    assert stats["stored"] == stats["points"] > 10
    assert stats["fields"] > stats["points"]
    assert stats["varbinds"] > stats["pdus"] > 0
    assert 0 < stats["cpu_s"] <= stats["wall_s"] + 1
    assert 10 < stats["max_rss_mb"] < 300
    assert sum(stored(place).values()) == stats["points"]


def test_a_dead_host_is_exit_code_1_and_named_on_standard_error(place: Place) -> None:
    place.write({"sw1": SWITCH, "dead": DEAD})
    done = place.child("poll", "--stats", "stats.json")
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(TIME + r"WARNING 1 of 2 hosts down, 0 partial: dead: no answer .*\n", done.stderr)
    assert json.loads((place.folder / "stats.json").read_text())["hosts_down"] == 1
    assert stored(place)["poll"] == 2, "the dead one has its line too"


def test_a_partial_host_is_exit_code_1(place: Place) -> None:
    place.write({"sw1": SWITCH, "broken": BROKEN})
    result = place.run("poll", "--stats", str(place.folder / "stats.json"))
    assert result.exit_code == 1
    assert "0 of 2 hosts down, 1 partial: broken: " in result.stderr
    stats = json.loads((place.folder / "stats.json").read_text())
    assert (stats["hosts_ok"], stats["hosts_partial"], stats["hosts_down"]) == (1, 1, 0)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no-such-host"], '"no-such-host" matches no host'),
        (["--output", "xml"], "'xml' is not one of 'store', 'json', 'line'"),
        (["--no-such-option"], "No such option"),
        (["role=switch"], "no host"),
    ],
)
def test_wrong_usage_is_exit_code_2(place: Place, arguments: list[str], said: str) -> None:
    place.write({"sw1": SWITCH})
    result = place.run("poll", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert not place.state.exists()


def test_a_faulty_configuration_is_exit_code_2_with_every_mistake(place: Place) -> None:
    place.write({"sw1": '{ address = "10.0.0.1", rol = "switch", site = "nowhere" }'})
    done = place.child("poll")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("collector: ")
    assert "hosts.sw1.rol" in done.stderr
    assert "nowhere" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_state_directory_that_cannot_be_used_is_exit_code_2(place: Place) -> None:
    place.write({"sw1": SWITCH})
    place.state.write_text("a file")
    result = place.run("poll")
    assert result.exit_code == 2
    assert f"collector.state_dir: cannot make {place.state}" in result.stderr


def test_points_wait_for_an_unreachable_store_and_reach_it_once(place: Place) -> None:
    (place.folder / "db").write_text("in the way of a folder")
    place.write({"sw1": SWITCH, "sw2": SPARE}, store='kind = "duckdb"\npath = "db/store.duckdb"')
    first = place.child("poll", "--stats", "stats.json")
    assert first.returncode == 3
    assert "points are spooled" in first.stderr
    spooled = json.loads((place.folder / "stats.json").read_text())
    assert spooled["spooled"] == spooled["points"] > 0
    assert spooled["stored"] == 0
    status = place.run("spool", "status", "--json")
    assert status.exit_code == 3
    assert json.loads(status.stdout)["points"] == spooled["points"]

    (place.folder / "db").unlink()
    (place.folder / "db").mkdir()
    waiting = place.run("poll", "--stats", str(place.folder / "stats.json"))
    assert waiting.exit_code == 3, "the store is left alone for a while"
    spooled_too = json.loads((place.folder / "stats.json").read_text())["points"]
    (place.state / "spool" / "pause.json").unlink()  # the while is over
    result = place.run("poll", "--stats", str(place.folder / "stats.json"))
    assert result.exit_code == 0, result.stderr
    stats = json.loads((place.folder / "stats.json").read_text())
    assert stats["replayed"] == spooled["points"] + spooled_too
    assert place.run("spool", "status").exit_code == 0

    counts = stored(place)
    minutes = counts["poll"] // 2
    assert minutes in (1, 2)  # three cycles, most of them within a minute
    assert counts["interface"] == minutes * (4 + 2)
    assert place.run("spool", "flush").exit_code == 0
    assert stored(place) == counts


def test_another_poll_is_exit_code_4(place: Place) -> None:
    place.write({"sw1": SWITCH})
    place.state.mkdir()
    with exclusive(place.state / "poll.lock"):
        result = place.run("poll")
    assert (result.exit_code, result.stdout) == (4, "")
    assert result.stderr.startswith("collector: another poll is running: ")
    assert place.run("poll").exit_code == 0


def test_json_on_standard_output(place: Place) -> None:
    place.write({"sw1": SWITCH, "nasty": NASTY, "dead": DEAD})
    result = place.run("poll", "--output", "json", "--all")
    assert result.exit_code == 1
    points = [json.loads(line) for line in result.stdout.splitlines()]
    assert {"interface", "device", "poll", "sensor", "interface_info", "device_info"} <= {
        point["measurement"] for point in points
    }
    for point in points:
        assert point.keys() == {"measurement", "tags", "fields", "time_ns"}
        assert point["fields"]
        assert isinstance(point["time_ns"], int)
        assert point["time_ns"] % 60_000_000_000 == 0
        assert point["tags"]["host"] in ("sw1", "nasty", "dead")
    sensor = next(point for point in points if point["measurement"] == "sensor")
    assert re.fullmatch(r"[\d.]+", sensor["fields"]["oid"])
    assert not (place.state / "collector.duckdb").exists()


def test_line_protocol_on_standard_output(place: Place) -> None:
    place.write({"sw1": SWITCH, "nasty": NASTY})
    result = place.run("poll", "--output", "line")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert len(lines) > 6
    for line in lines:
        assert re.fullmatch(r"[a-z_]+(,[a-z]+=([^ ,]|\\ |\\,)+)+ [a-z0-9_]+=.* \d{19}", line), line


def test_a_second_poll_in_the_same_minute_asks_for_what_is_due(place: Place) -> None:
    place.write({"sw1": SWITCH})
    place.run("poll", "--output", "json")
    again = place.run("poll", "--output", "json")
    assert "interface_info" not in again.stdout
    assert "interface_info" in place.run("poll", "--output", "json", "--all").stdout


@pytest.mark.parametrize("polled_before", [False, True])
def test_a_dry_run_leaves_no_trace(place: Place, polled_before: bool) -> None:
    place.write({"sw1": SWITCH, "dead": DEAD})
    if polled_before:
        place.run("poll")
    before = snapshot(place.folder)
    result = place.run("poll", "--dry-run", "--all", "--stats", str(place.folder / "stats.json"))
    assert result.exit_code == 1
    stats = json.loads((place.folder / "stats.json").read_text())
    assert stats["points"] > 0
    assert (stats["stored"], stats["spooled"]) == (0, 0)
    (place.folder / "stats.json").unlink()
    after = snapshot(place.folder)
    for locks in ("state/poll.lock", "state/leases"):  # they hold nothing
        after.pop(locks)
        before.pop(locks, None)
    assert after == before


def test_a_dry_run_of_a_damaged_memory_leaves_it_as_it_is(place: Place) -> None:
    place.write({"sw1": SWITCH})
    place.run("poll")
    facts = place.state / "facts" / "sw1"
    facts.write_bytes(b"damaged")
    assert place.run("poll", "--dry-run").exit_code == 0
    assert facts.read_bytes() == b"damaged"
    assert place.run("poll").exit_code == 0
    assert (place.state / "facts" / "sw1@damaged").read_bytes() == b"damaged"


def test_selected_hosts_only(place: Place) -> None:
    place.write({"sw1": SWITCH, "sw2": SPARE, "dead": DEAD})
    result = place.run("poll", "sw*", "!sw2", "--output", "json")
    assert result.exit_code == 0
    assert {json.loads(line)["tags"]["host"] for line in result.stdout.splitlines()} == {"sw1"}


def test_logs_are_json_lines_when_wanted(place: Place) -> None:
    place.write({"sw1": SWITCH, "dead": DEAD, "nasty": NASTY})
    (place.state / "facts").mkdir(parents=True)
    (place.state / "facts" / "sw1").write_bytes(b"damaged")
    result = place.run("poll", "-vv", "--log-json")
    assert result.stdout == ""
    entries = [json.loads(line) for line in result.stderr.splitlines()]
    assert all(entry.keys() >= {"time", "level", "logger", "message"} for entry in entries)
    assert {entry["level"] for entry in entries} >= {"warning", "info"}
    assert {entry.get("host") for entry in entries} >= {"dead", "sw1"}


@pytest.mark.parametrize("arguments", [["-q"], ["-q", "-q"]])
def test_quiet(place: Place, arguments: list[str]) -> None:
    place.write({"dead": DEAD})
    result = place.run("poll", *arguments)
    assert (result.exit_code, result.output) == (1, "")


def test_an_unreachable_store_costs_the_cycle_one_try(place: Place) -> None:
    store = f'kind = "influxdb"\nurl = "http://127.0.0.1:{free_port()}"\ndatabase = "d"\ntimeout_s = 1'
    place.write({"sw1": SWITCH, "sw2": SPARE}, store=store)
    result = place.run("poll")
    assert result.exit_code == 3
    assert result.stderr.count("\n") == 1
    assert place.run("poll").stderr == "", "while the store is left alone nothing new is said"


def test_the_other_engine_says_the_same(place: Place) -> None:
    place.write({"sw1": SWITCH}, collector='engine = "pysnmp"')
    done = place.child("poll", "--output", "json")
    assert (done.returncode, done.stderr) == (0, "")
    points = [json.loads(line) for line in done.stdout.splitlines()]
    assert sum(point["measurement"] == "interface" for point in points) == 4

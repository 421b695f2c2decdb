"""`collector run` as systemd runs it: cycles, a new inventory on SIGHUP, a graceful end."""

import json
import re
import signal
from pathlib import Path

import pytest

from tests.cli.farm import DEAD, SPARE, SWITCH
from tests.cli.place import Place, wait_until

EVERY_SECOND = "interval_s = 1\ndeadline_s = 5"


def cycles(log: str) -> list[tuple[int, ...]]:
    """(hosts, down, partial, stored) of every cycle."""
    found = re.findall(r"cycle: (\d+) hosts, (\d+) down, (\d+) partial, (\d+) points stored", log)
    return [tuple(map(int, numbers)) for numbers in found]


def test_it_polls_until_it_is_told_to_stop(place: Place) -> None:
    place.write({"sw1": SWITCH, "sw2": SPARE}, collector=EVERY_SECOND)
    with place.background("run", "-v") as running:
        running.wait_for("cycle: ", 3)
        running.signal(signal.SIGTERM)
        assert running.process.wait(10) == 0
        log = running.log()
    assert all(hosts == 2 and not down and stored > 0 for hosts, down, _, stored in cycles(log))
    assert "Traceback" not in log
    counts = json.loads(place.run("store", "info", "--json").stdout)["measurements"]
    assert counts["poll"] == 2 * len(cycles(log)), "each cycle is in the store, and the last one whole"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_after_the_hosts_that_are_being_polled(place: Place, number: signal.Signals) -> None:
    slow = f'{{ address = "{place.farm.at(DEAD)}", limits = {{ timeout_s = 1.5, retries = 0 }} }}'
    place.write({"slow": slow}, collector="interval_s = 1\ndeadline_s = 5")
    with place.background("run", "-v") as running:
        wait_until(lambda: (place.state / "leases").exists())
        wait_until(lambda: (place.state / "state").exists() or bool(cycles(running.log())))
        running.signal(number)
        assert running.process.wait(10) == 0
        assert "Traceback" not in running.log()


def test_a_new_inventory_is_read_on_sighup_and_a_faulty_one_is_not_taken(place: Place) -> None:
    place.write({"sw1": SWITCH}, collector=EVERY_SECOND)
    with place.background("run", "-v") as running:
        running.wait_for("cycle: 1 hosts, 0 down")

        place.config.write_text(place.config.read_text() + "nonsense = 1\n")
        running.signal(signal.SIGHUP)
        running.wait_for("the inventory stays as it was: ")
        before = len(cycles(running.log()))
        wait_until(lambda: len(cycles(running.log())) > before)
        assert cycles(running.log())[-1][:2] == (1, 0)

        place.write({"sw1": SWITCH, "sw2": SPARE}, collector=EVERY_SECOND)
        running.signal(signal.SIGHUP)
        running.wait_for("inventory read again: 2 hosts")
        running.wait_for("cycle: 2 hosts, 0 down")

        place.config.unlink()
        running.signal(signal.SIGHUP)
        running.wait_for("the inventory stays as it was: ", 2)
        before = len(cycles(running.log()))
        wait_until(lambda: len(cycles(running.log())) > before)

        running.signal(signal.SIGTERM)
        assert running.process.wait(10) == 0
        assert "Traceback" not in running.log()


def test_a_poll_beside_it_finds_the_lock_held(place: Place) -> None:
    place.write({"sw1": SWITCH}, collector=EVERY_SECOND)
    with place.background("run", "-v") as running:
        running.wait_for("cycle: ")
        result = place.run("poll")
        assert result.exit_code == 4
        assert str(running.process.pid) in result.stderr
        assert place.child("run").returncode == 4
        running.process.kill()
        running.process.wait()
    assert place.run("poll").exit_code == 0, "a killed one leaves no lock behind"


def test_the_store_may_be_away_for_a_while(place: Place) -> None:
    in_the_way = place.folder / "db"
    in_the_way.write_text("no folder")
    store = 'kind = "duckdb"\npath = "db/store.duckdb"'
    place.write({"sw1": SWITCH}, collector=EVERY_SECOND, store=store)
    with place.background("run", "-v") as running:
        running.wait_for("points are spooled")
        wait_until(lambda: len(cycles(running.log())) >= 2)
        in_the_way.unlink()
        in_the_way.mkdir()
        (place.state / "spool" / "pause.json").unlink()
        running.signal(signal.SIGTERM)
        assert running.process.wait(10) == 0
        polled = len(cycles(running.log()))
    result = place.run("spool", "flush")
    assert result.exit_code == 0, result.output
    counts = json.loads(place.run("store", "info", "--json").stdout)["measurements"]
    assert counts["poll"] == polled


def test_logs_are_json_lines_when_wanted(place: Place) -> None:
    place.write({"dead": DEAD}, collector=EVERY_SECOND)
    with place.background("run", "-vv", "--log-json") as running:
        running.wait_for('"cycle: ')
        running.signal(signal.SIGTERM)
        running.process.wait(10)
        entries = [json.loads(line) for line in running.log().splitlines()]
    assert "warning" in {entry["level"] for entry in entries}


def test_a_folder_that_cannot_be_used_is_exit_code_2(place: Place) -> None:
    place.write({"sw1": SWITCH})
    place.state.write_text("a file")
    done = place.child("run")
    assert done.returncode == 2
    assert "state_dir" in done.stderr
    assert Path(place.state).read_text() == "a file"

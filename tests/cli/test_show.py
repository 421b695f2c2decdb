"""`collector show`: the latest of a host, from the store."""

import json

import pytest

from tests.cli.farm import DEAD, SPARE, SWITCH
from tests.cli.place import Place


def test_a_host_that_was_polled(place: Place) -> None:
    place.write({"sw1": SWITCH})
    place.run("poll")
    result = place.run("show", "sw1")
    assert (result.exit_code, result.stderr) == (0, "")
    first = result.stdout.splitlines()[0]
    assert first.startswith("sw1: up, up ")
    for text in ("Gi0/1", "Gi0/4", "desk 1", "1 Gbps", "SIM-24"):
        assert text in result.stdout


def test_as_json(place: Place) -> None:
    place.write({"sw1": SWITCH})
    place.run("poll")
    result = place.run("show", "sw1", "--json")
    points = [json.loads(line) for line in result.stdout.splitlines()]
    assert {point["measurement"] for point in points} >= {"device", "interface"}
    assert {point["tags"]["host"] for point in points} == {"sw1"}


def test_a_host_that_is_down(place: Place) -> None:
    place.write({"dead": DEAD})
    assert place.run("poll").exit_code == 1
    result = place.run("show", "dead")
    assert result.exit_code == 0
    assert result.stdout.startswith("dead: down")
    assert "no answer" in result.stdout


@pytest.mark.parametrize("polled", [True, False])
def test_a_host_without_figures(place: Place, polled: bool) -> None:
    place.write({"sw1": SWITCH, "sw2": SPARE})
    if polled:
        place.run("poll", "sw2")
    result = place.run("show", "sw1")
    assert result.exit_code == 1
    assert "sw1" in result.output
    assert "Traceback" not in result.output


def test_a_host_that_nobody_has(place: Place) -> None:
    place.write({"sw1": SWITCH})
    result = place.run("show", "sw9")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "sw9" in result.stderr

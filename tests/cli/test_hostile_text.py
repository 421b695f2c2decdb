"""What a device says never reaches a terminal or a log as it is."""

import json
import re
import unicodedata
from collections.abc import Sequence

import pytest

from tests.cli.farm import NASTY
from tests.cli.place import Place

LOG_LINE = re.compile(r"\d\d:\d\d:\d\d (DEBUG|INFO|WARNING|ERROR|CRITICAL) ")


def assert_harmless(text: str, *, for_machines: bool = False) -> None:
    """No control characters but the newlines that we print ourselves; on a terminal no marks that turn the direction
    of text either, which JSON and line protocol carry as what they are: data."""
    unwanted = ("Cc",) if for_machines else ("Cc", "Cf", "Cs", "Zl", "Zp")
    assert {char for char in text if char not in "\n\t" and unicodedata.category(char) in unwanted} == set()
    assert not re.search(r"^WARNING forged", text, re.MULTILINE)


@pytest.mark.parametrize(
    "command",
    [
        ["poll", "-vv"],
        ["poll", "--output", "json", "--all"],
        ["poll", "--output", "line", "--all"],
        ["show", "nasty"],
        ["show", "nasty", "--json"],
        ["probe", "nasty", "--pause", "0", "--all"],
        ["probe", "nasty", "--pause", "0", "--json"],
        ["discover", "nasty"],
        ["discover", "nasty", "--json"],
        ["discover", "127.4.0.3/32", "--port"],
        ["check"],
        ["hosts"],
    ],
    ids=" ".join,
)
def test_texts_of_devices(place: Place, command: Sequence[str]) -> None:
    place.write({"nasty": NASTY})
    assert place.run("poll").exit_code == 0
    arguments = [*command, str(place.farm.port)] if command[-1] == "--port" else command
    result = place.run(*arguments)
    assert result.exit_code in (0, 1), result.output
    as_json = "--json" in command or "json" in command
    assert_harmless(result.stdout, for_machines=as_json or "line" in command)
    assert_harmless(result.stderr)
    if as_json:
        text = result.stdout
        assert json.loads(text) if command[0] == "probe" else [json.loads(line) for line in text.splitlines()]


def test_no_line_of_the_log_is_the_devices(place: Place) -> None:
    name = "no\x1b[31m\nWARNING forged"
    place.write({"nasty": NASTY})
    result = place.run("poll", name)
    assert result.exit_code == 2
    assert "\x1b" not in result.output
    place.run("poll")
    (place.state / "facts" / "nasty").write_bytes(b"damaged")
    for line in place.run("poll", "-vv").stderr.splitlines():
        assert LOG_LINE.match(line), line


def test_a_recording_is_as_hostile_as_a_device(place: Place) -> None:
    capture = place.folder / "nasty.snmprec"
    place.write({"nasty": NASTY})
    assert place.run("probe", "nasty", "--pause", "0", "--capture", str(capture)).exit_code in (0, 1)
    for options in ([], ["--json"]):
        result = place.run("replay", str(capture), *options)
        assert result.exit_code == 0
        assert_harmless(result.stdout, for_machines=True)
        assert_harmless(result.stderr)
    capture.write_text("1.3.6.1.2.1.1.1.0|4|\x1b[2J\n\x1b]0;owned\x07|oops|\n")
    assert_harmless(place.run("replay", str(capture)).output)


def test_reports(place: Place) -> None:
    place.write({"nasty": NASTY})
    assert place.run("poll").exit_code == 0
    for name in ("inventory", "coverage monitoring"):
        result = place.run("report", *name.split(), "-vv")
        assert "nasty" in result.stdout
        assert_harmless(result.stdout)
        assert_harmless(result.stderr)
    assert place.run("report", "all", "-o", str(place.folder / "pages")).exit_code == 0
    for path in (place.folder / "pages").iterdir():
        assert_harmless(path.read_text(), for_machines=True)

"""Every command of every family against recorded outputs, and its rows as somebody reviewed them."""

from collections import Counter
from pathlib import Path

import pytest
import yaml

from collector.metrics.catalogue import MEASUREMENTS
from collector.plugin.cli.model import CliFamily
from collector.plugin.cli.rows import parse
from collector.plugin.registry import Registry
from tests.plugins.outputs import FOLDER, command_of, file_name, outputs, text_of, told

REGISTRY = Registry.open()
FAMILIES = REGISTRY.cli_names()
RAWS = [(name, raw) for name in FAMILIES for raw in outputs(name)]


def family_of(name: str) -> CliFamily:
    family = REGISTRY.cli(name)
    assert family is not None
    return family


@pytest.mark.parametrize(("name", "raw"), RAWS, ids=[str(raw.relative_to(FOLDER)) for _, raw in RAWS])
def test_the_output_gives_the_reviewed_rows(name: str, raw: Path) -> None:
    family = family_of(name)
    assert family.refusal(text_of(raw)) is None
    parsed = parse(command_of(family, raw), text_of(raw))
    assert parsed.problems == []
    assert told(parsed) == yaml.safe_load(raw.with_suffix(".yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", FAMILIES)
def test_each_table_of_each_command_has_an_output_that_gives_rows_of_it(name: str) -> None:
    family = family_of(name)
    for command in family.commands:
        given = [
            row
            for raw in outputs(name)
            if command_of(family, raw) is command
            for row in parse(command, text_of(raw)).rows
        ]
        assert given, f"no output of {command.texts}"
        for table in command.tables:
            rows = [row for row in given if row.measurement == table.measurement]
            assert rows, f"{command.texts}: no row of {table.measurement}"
            fields = {field for row in rows for field in row.fields}
            assert set(table.fields) <= fields, f"{command.texts}: nothing ever gives {set(table.fields) - fields}"


@pytest.mark.parametrize("name", FAMILIES)
def test_no_file_is_left_behind(name: str) -> None:
    family = family_of(name)
    folder = FOLDER / name
    templates = {table.template for command in family.commands for table in command.tables}
    assert {path for path in folder.glob("*.textfsm") if path not in templates} == set()
    assert {path for path in folder.glob("*.yml") if not path.with_suffix(".raw").exists()} == set()


@pytest.mark.parametrize("name", FAMILIES)
def test_rows_are_of_the_catalogue(name: str) -> None:
    family = family_of(name)
    for raw in outputs(name):
        for row in parse(command_of(family, raw), text_of(raw)).rows:
            measurement = MEASUREMENTS[row.measurement]
            assert set(row.tags) == set(measurement.tags)
            for field, value in row.fields.items():
                assert type(value) is measurement.field(field).type, (raw.name, row.tags, field, value)


@pytest.mark.parametrize(("name", "raw"), RAWS, ids=[str(raw.relative_to(FOLDER)) for _, raw in RAWS])
def test_no_value_of_a_series_is_told_twice_in_an_output(name: str, raw: Path) -> None:
    told_of = [
        (row.measurement, frozenset(row.tags.items()), field)
        for row in parse(command_of(family_of(name), raw), text_of(raw)).rows
        if row.measurement != "neighbour"  # a port may hear several
        for field in row.fields.keys() - {"index"}
    ]
    assert [value for value, times in Counter(told_of).items() if times > 1] == []


@pytest.mark.parametrize("name", FAMILIES)
def test_no_value_of_a_series_is_told_twice_in_a_poll(name: str) -> None:
    """Outputs without a model are of one device: rows of one series in them, whatever their commands, share no field.

    Else they would pass for different things of one name, or all but the first of them would be lost.
    """
    family = family_of(name)
    told_by: dict[tuple[str, frozenset[tuple[str, str]], str], str] = {}
    twice = []
    for command in family.commands:
        raws = (FOLDER / name / f"{file_name(text)}.raw" for text in command.texts)
        first = next((raw for raw in raws if raw.exists()), None)  # the other texts are tried in place of it
        for row in parse(command, text_of(first)).rows if first else []:
            if row.measurement == "neighbour":  # a port may hear several
                continue
            for field in row.fields.keys() - {"index"}:
                key = (row.measurement, frozenset(row.tags.items()), field)
                if key in told_by:
                    twice.append((*key, told_by[key], command.texts[0]))
                told_by[key] = command.texts[0]
    assert twice == []


@pytest.mark.parametrize("name", FAMILIES)
def test_no_two_commands_tell_the_same_of_the_device(name: str) -> None:
    family = family_of(name)
    told_by: dict[tuple[str, str], str] = {}
    for raw in outputs(name):
        command = command_of(family, raw)
        for row in parse(command, text_of(raw)).rows:
            if row.measurement in ("device", "device_info", "system"):
                for field in row.fields:
                    assert told_by.setdefault((row.measurement, field), command.texts[0]) == command.texts[0], field


def test_commands_are_told_apart_by_their_files() -> None:
    for name in FAMILIES:
        texts = [text for command in family_of(name).commands for text in command.texts]
        assert len({*map(file_name, texts)}) == len(texts), name

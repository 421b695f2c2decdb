"""The example at the top and the reference are right, and whole."""

import re
from pathlib import Path

import msgspec
import pytest

from inventory import grammar
from inventory.load import load
from tests.inventory.write import problems

ROOT = Path(__file__).parents[2]
REFERENCE = (ROOT / "docs" / "configuration.md").read_text()
TABLES = [
    table
    for table in vars(grammar).values()
    if isinstance(table, type) and issubclass(table, grammar.Table) and table is not grammar.Table
]


def test_the_example_loads_as_it_stands() -> None:
    inventory = load(ROOT / "hosts.toml")
    assert [host.transport for host in inventory.hosts.values()] == ["local"]


def test_the_example_loads_with_all_its_examples(tmp_path: Path) -> None:
    text = re.sub(r"(?m)^#(?=\S)", "", (ROOT / "hosts.toml").read_text())
    (tmp_path / "hosts.toml").write_text(text)
    inventory = load(tmp_path / "hosts.toml")
    assert len(inventory.hosts) == 4
    assert set(inventory.credentials) == {"lan", "core", "servers"}


@pytest.mark.parametrize("block", re.findall(r"```toml\n(.*?)```", REFERENCE, re.DOTALL))
def test_the_examples_of_the_reference_load(tmp_path: Path, block: str) -> None:
    """But for files and names that they point to and leave out."""
    told = problems(tmp_path, block)
    assert [line for line in told if "there is no such" not in line and "matches no file" not in line] == []


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_the_reference_has_every_key(table: type[msgspec.Struct]) -> None:
    keys = {field.encode_name for field in msgspec.structs.fields(table)}
    assert {key for key in keys if f"`{key}`" not in REFERENCE} == set()

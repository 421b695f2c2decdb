"""Tables of mix-ins are read once for all families that have them, unless a family changes what they lean on."""

from pathlib import Path

import pytest

from collector.plugin.errors import FamilyError
from collector.plugin.profile import Family, Table
from collector.plugin.registry import Registry
from collector.smi.oid import encode

BASE = """
description = "mix-in"
[columns]
label = "1.3.6.1.4.1.99999.1.1"
[[sensor]]
id = "heat"
oid = "1.3.6.1.4.1.99999.1.2"
name = "{label}"
class = "temperature"
[[sensor]]
id = "draught"
oid = "1.3.6.1.4.1.99999.1.3"
name = "fan {index}"
class = "fan"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "acme").mkdir()
    write(tmp_path, "base", BASE)
    return tmp_path


def write(folder: Path, name: str, text: str) -> None:
    (folder / "acme" / f"{name}.toml").write_text(text)


def extending(more: str = "") -> str:
    return f'description = "x"\nextends = ["acme/base"]\n{more}'


def label_oid(table: Table) -> bytes:
    return table.columns["label"].sources[0].oid


def compiled(folder: Path, *names: str) -> list[Family]:
    registry = Registry([folder])
    return [registry.family(f"acme/{name}") for name in names]


def test_families_with_the_same_mixin_share_its_tables(folder: Path) -> None:
    write(folder, "one", extending())
    write(folder, "two", extending())
    one, two = compiled(folder, "one", "two")
    assert one.tables["heat"].columns is two.tables["heat"].columns
    assert one.tables["draught"].columns is two.tables["draught"].columns


def test_another_helper_makes_another_table(folder: Path) -> None:
    write(folder, "one", extending())
    write(folder, "two", extending('[columns]\nlabel = "1.3.6.1.4.1.99999.7.7"\n'))
    write(folder, "three", extending())
    one, two, three = compiled(folder, "one", "two", "three")
    assert label_oid(one.tables["heat"]) == label_oid(three.tables["heat"]) == encode("1.3.6.1.4.1.99999.1.1")
    assert label_oid(two.tables["heat"]) == encode("1.3.6.1.4.1.99999.7.7")
    assert one.tables["draught"].columns is two.tables["draught"].columns, "it does not lean on that helper"


def test_another_root_makes_other_tables(folder: Path) -> None:
    rooted = BASE.replace('"1.3.6.1.4.1.99999.1.2"', '"maker.1.2"')
    write(folder, "base", rooted + '[roots]\nmaker = "1.3.6.1.4.1.99999"\n')
    write(folder, "one", extending())
    write(folder, "two", extending('[roots]\nmaker = "1.3.6.1.4.1.88888"\n'))
    one, two = compiled(folder, "one", "two")
    assert one.tables["heat"].columns["value"].sources[0].oid == encode("1.3.6.1.4.1.99999.1.2")
    assert two.tables["heat"].columns["value"].sources[0].oid == encode("1.3.6.1.4.1.88888.1.2")
    assert one.tables["draught"].columns is two.tables["draught"].columns, "it has no root"


def test_mistakes_are_told_of_every_family_that_has_them(folder: Path) -> None:
    write(folder, "base", BASE.replace('class = "fan"', 'class = "fam"'))
    write(folder, "one", extending())
    write(folder, "two", extending())
    registry = Registry([folder])
    for name in ("acme/one", "acme/two"):
        with pytest.raises(FamilyError, match="unknown sensor class 'fam'"):
            registry.family(name)

"""The worked example of docs/plugins.md does what it says."""

import re
from pathlib import Path

from collector.plugin.registry import Registry
from collector.smi import oid as oids
from collector.smi.value import Value
from tests.plugin.families import learn_from, rows_of, write

DOCS = Path(__file__).parents[2] / "docs" / "plugins.md"


def test_the_worked_example(tmp_path: Path) -> None:
    text = DOCS.read_text(encoding="utf-8")
    (example,) = re.findall(r'```toml\n(description = "Acme.*?)```', text, re.DOTALL)
    device: dict[str, Value] = {}
    for oid, kind, value in re.findall(r"^    \.([\d.]+) = (\w+): (\S.*?)(?:  .*)?$", text, re.MULTILINE):
        bare = value.strip('"')
        device[oid] = int(bare) if kind == "INTEGER" else bare.encode() if kind == "STRING" else bare.removeprefix(".")
    write(tmp_path, "acme/powerbox", example)
    registry = Registry([tmp_path, Registry.open().path("generic").parent])
    best, *_ = registry.match(str(device["1.3.6.1.2.1.1.2.0"]), "", {})
    assert best.family == "acme/powerbox"
    family = registry.family(best.family)
    assert learn_from(family, device).facts | {"sys_descr": ""} == {
        "vendor": "Acme",
        "model": "PowerBox 2000",
        "os_version": "3.1.7",
        "sys_descr": "",
        "sys_object_id": "1.3.6.1.4.1.99999.1.2",
    }
    assert [(row.tags["name"], row.tags["class"], row.fields) for row in rows_of(family, device)] == [
        ("Battery", "charge", {"value": 87.0}),
        ("Battery", "voltage", {"value": 27.4}),
        ("Rack A", "current", {"value": 1.2}),
        ("Output", "output-source", {"code": 2, "text": "on-battery", "ok": False}),
    ]
    assert oids.encode("1.3.6.1.4.1.99999.3.1.2") in family.roots()


def test_every_key_of_the_tables_of_columns_is_explained() -> None:
    text = DOCS.read_text(encoding="utf-8")
    from collector.plugin.convert import CONVERSIONS, TYPES

    for name in [*TYPES, *CONVERSIONS]:
        assert f"`{name}`" in text, name

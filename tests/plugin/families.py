"""Small families written by a test, and devices to try them on."""

from collections.abc import Mapping
from pathlib import Path

from collector.plugin.decode import decode
from collector.plugin.learn import learn
from collector.plugin.model import Decoded, Plan, Row, Walked
from collector.plugin.profile import Family
from collector.plugin.registry import Registry
from collector.smi import oid as oids
from collector.smi.value import Missing, Tag, Value, VarBind

Device = Mapping[str, Value | tuple[int, Value]]
"""dotted OID -> value, or (tag, value) where the tag counts"""


def family_of(folder: Path, text: str, *, name: str = "test", **files: str) -> Family:
    """The family `text`; `files` are written beside it (a dot in the name as __)."""
    for file, content in files.items():
        (folder / file.replace("__", ".")).write_text(content, encoding="utf-8")
    write(folder, name, text)
    return Registry([folder]).family(name)


def write(folder: Path, name: str, text: str) -> Path:
    """A family file; it gets a description where it has none."""
    path = folder / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text if "description" in text else f'description = "x"\n{text}', encoding="utf-8")
    return path


def problems_of(folder: Path, text: str) -> list[str]:
    """Key and reason of all that is wrong with a family file."""
    path = write(folder, "test", text)
    return [f"{problem.key}: {problem.reason}" for problem in Registry([folder]).check_file(path)]


def varbinds(device: Device) -> list[VarBind]:
    """What a device holds, in its order."""
    found = [
        (oids.encode(oid), *(value if isinstance(value, tuple) else (_tag(value), value)))
        for oid, value in device.items()
    ]
    return sorted(found, key=lambda varbind: oids.arcs(varbind[0]))


def _tag(value: Value) -> int:
    return Tag.OCTET_STRING if isinstance(value, bytes) else Tag.INTEGER


def learn_from(family: Family, device: Device) -> Plan:
    """The plan of a device."""
    held = varbinds(device)
    columns = {root: [varbind for varbind in held if varbind[0].startswith(root)] for root in family.roots()}
    values = {oid: value for oid, _, value in held}
    return learn(family, Walked(columns), {oid: values[oid] for oid in family.scalars() if oid in values})


def poll(family: Family, plan: Plan, device: Device, *, with_oids: bool = False) -> list[Decoded]:
    """One poll of every table, in the plan's order."""
    values = {oid: value for oid, _, value in varbinds(device)}
    return [
        decode(family, table, [values.get(oid, Missing.NO_SUCH_INSTANCE) for oid in table.oids], with_oids=with_oids)
        for table in plan.tables
    ]


def rows_of(family: Family, device: Device, *, with_oids: bool = False) -> list[Row]:
    """Learn a device and poll it once."""
    return [
        row for decoded in poll(family, learn_from(family, device), device, with_oids=with_oids) for row in decoded.rows
    ]


def said(rows: list[Row]) -> dict[str, object]:
    """Name -> fields, and the value alone where a row has no other field."""
    return {
        row.tags.get("name", ""): next(iter(row.fields.values())) if len(row.fields) == 1 else row.fields
        for row in rows
    }

"""The first draft of a family: TOML from what a device answered and what its maker's MIB says. Pure.

The draft is right in form and loads; what it means is for its reader to judge. What could be a reading is one, what
could not is listed at the end as comments, so that nothing the device said goes unseen.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from collector.plugin.scaffold_guess import Reading, facts_of, is_name, reading_of, words
from collector.smi import oid as oids
from collector.smi.mib import MibObject
from collector.smi.value import Missing, Tag, Value, VarBind

ENTERPRISES = "1.3.6.1.4.1."
_MIXINS = ("standard/host", "standard/ups")
_SAMPLES = 3
_AGENTS = ("1.3.6.1.4.1.8072.", "1.3.6.1.4.1.2021.", "1.3.6.1.4.1.311.")
"""net-snmp and Windows: what they say the mix-ins know, and their sysObjectID is not that of who made the device"""
_UPS_MIB = "1.3.6.1.2.1.33."


class Held(msgspec.Struct):
    """What a device holds of one object: `rows` are index and value."""

    oid: str
    tag: int
    rows: list[tuple[str, Value]]
    known: MibObject | None = None

    @property
    def is_scalar(self) -> bool:
        return [index for index, _ in self.rows] == ["0"]

    @property
    def name(self) -> str:
        return self.known.name if self.known else ""


def draft(varbinds: Sequence[VarBind], objects: Mapping[str, MibObject], sys_object_id: str, sys_descr: str) -> str:
    """A family file for the device that holds `varbinds`.

    `objects` are by OID; without them the file has a match, facts and a list of what there is.
    """
    sys_object_id = sys_object_id.removeprefix(".")
    held = [
        found
        for found in _group(varbinds, objects)
        if found.oid.startswith(ENTERPRISES) and not found.oid.startswith(_AGENTS)
    ]
    standard = [oids.decode(oid) for oid, _, _ in varbinds]
    mixins = [mixin for mixin in _MIXINS if "ups" not in mixin or any(oid.startswith(_UPS_MIB) for oid in standard)]
    lines = [
        "# A first draft: read it against the maker's MIB, correct names and classes, then try it:",
        "#   collector families check FILE; collector replay RECORDING; collector probe HOST",
        f"description = {_quoted(sys_descr[:60] or sys_object_id or 'a device')}",
        f"extends = [{', '.join(map(_quoted, mixins))}]",
        "",
        *_match(held, sys_object_id, sys_descr),
        *_facts(held),
    ]
    used: set[str] = set()
    for group in _groups(held).values():
        lines += _tables(group, used)
    lines += _unused([found for found in held if found.oid not in used])
    return "\n".join(lines) + "\n"


def _match(held: Sequence[Held], sys_object_id: str, sys_descr: str) -> list[str]:
    """What tells the device: its own sysObjectID; where that is the agent's or missing, an object of the maker's too."""
    if sys_object_id.startswith(ENTERPRISES) and not sys_object_id.startswith(_AGENTS):
        enterprise = ".".join(sys_object_id.split(".")[:7])
        wider = f"# all of this maker's devices: sys_object_id = {_quoted(enterprise)}"
        return [
            "[[match]]",
            f"sys_object_id = {_quoted(sys_object_id)}",
            *([wider] if enterprise != sys_object_id else []),
        ]
    told = (
        f"sys_object_id = {_quoted(sys_object_id)}"
        if sys_object_id
        else f"sys_descr = {_quoted('^' + re.escape(sys_descr[:20]))}"
    )
    probe = [f'probe = [{{ oid = "{held[0].oid}.{held[0].rows[0][0]}" }}]'] if held else []
    return ["[[match]]", told, *probe]


def _group(varbinds: Iterable[VarBind], objects: Mapping[str, MibObject]) -> list[Held]:
    """The objects of a device: those of the MIBs by their definitions, others by all arcs but the last."""
    found: dict[str, Held] = {}
    for encoded, tag, value in varbinds:
        if isinstance(value, Missing):
            continue
        oid = oids.decode(encoded)
        column = next((at for at in _prefixes(oid) if at in objects), oid.rpartition(".")[0])
        held = found.setdefault(column, Held(column, tag, [], objects.get(column)))
        held.rows.append((oid[len(column) + 1 :], value))
    return list(found.values())


def _prefixes(oid: str) -> Iterable[str]:
    while "." in oid:
        oid = oid.rpartition(".")[0]
        yield oid


def _groups(held: Iterable[Held]) -> dict[str, list[Held]]:
    """Scalars of one parent, and columns of one entry."""
    groups: dict[str, list[Held]] = {}
    for found in held:
        groups.setdefault(found.oid.rpartition(".")[0], []).append(found)
    return groups


def _facts(held: Sequence[Held]) -> list[str]:
    lines = ["", "[facts]", 'vendor = "?"']
    for fact, names in facts_of([found.name for found in held if found.is_scalar and _is_text(found)]).items():
        ways = [f'{{ oid = "{found.oid}.0" }}' for name in names for found in held if found.name == name]
        lines.append(f"{fact} = [{', '.join(ways)}] # {', '.join(names)}")
    return lines


def _is_text(found: Held) -> bool:
    return all(isinstance(value, bytes) for _, value in found.rows)


def _tables(group: Sequence[Held], used: set[str]) -> list[str]:
    """The tables of one entry, or of the scalars below one node."""
    lines: list[str] = []
    names = [found for found in group if found.known and not found.is_scalar and is_name(found.known, found.rows)]
    for found in group:
        if found.known is None or found.tag not in (Tag.INTEGER, Tag.GAUGE32, Tag.TIMETICKS, Tag.OCTET_STRING):
            continue
        reading = reading_of(found.known, [value for _, value in found.rows])
        if reading:
            used.add(found.oid)
            lines += _table(found, found.known, reading, names[:1])
    used.update(found.oid for found in names[:1] if lines)
    return lines


def _table(found: Held, known: MibObject, reading: Reading, names: Sequence[Held]) -> list[str]:
    about = f"# {known.module}, {known.name}: {len(found.rows)} x, {_sample(found)}"
    lines = ["", about, f"[[{reading.form}]]", f'oid = "{found.oid}{".0" if found.is_scalar else ""}"']
    label = words(known.name)
    if found.is_scalar:
        lines.append(f"name = {_quoted(label)}")
    elif names:
        lines.append(f'name = ["{{label}} {label}", "{label} {{index}}"]')
        lines.append(f'columns.label = "{names[0].oid}" # {names[0].name}')
    else:
        lines.append(f'name = "{label} {{index}}"')
    if reading.sensor_class:
        lines.append(f"class = {_quoted(reading.sensor_class)}")
    if reading.scale != 1:
        lines.append(f"scale = {reading.scale:g}")
    if reading.convert:
        lines.append(f"convert = {_quoted(reading.convert)}")
    if reading.enum:
        members = ", ".join(f"{number} = {_quoted(text)}" for number, text in reading.enum.items())
        lines.append(f"enum = {{ {members} }}")
        lines.append(f"ok = [{', '.join(map(_quoted, reading.ok))}]{'' if reading.ok else ' # which of them?'}")
    return lines


def _unused(held: Sequence[Held]) -> list[str]:
    if not held:
        return []
    lines = ["", "# Not used above:"]
    for found in held:
        known = found.known
        units = f" in {known.units}" if known and known.units else ""
        what = f" {known.name} ({known.syntax}{units})" if known else ""
        instance = ".0" if found.is_scalar else ""
        lines.append(_comment(f"{found.oid}{instance}{what}: {len(found.rows)} x, {_sample(found)}"))
    return lines


def _sample(found: Held) -> str:
    """Some of its numbers. A device's texts are left out: there may be secrets among them."""
    numbers = [str(value) for _, value in found.rows if isinstance(value, int | float)][:_SAMPLES]
    return ", ".join(numbers) if numbers else "text"


def _comment(text: str) -> str:
    return "# " + re.sub(r"[^\x20-\x7e]+", " ", text)


def _quoted(text: str) -> str:
    """A basic string of TOML, whose escapes are those of JSON."""
    return json.dumps(re.sub(r"[\x00-\x1f\x7f]+", " ", text).strip(), ensure_ascii=False)

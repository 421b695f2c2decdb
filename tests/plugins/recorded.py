"""A recorded device taken through a family: matching, learning, and one poll. `python -m tests.plugins.recorded` writes the golden files anew, for review."""

import importlib.util
import json
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from collector.plugin.decode import decode
from collector.plugin.learn import learn
from collector.plugin.model import Plan, Row, Walked
from collector.plugin.profile import SYS_DESCR, SYS_OBJECT_ID, Family
from collector.plugin.registry import Registry
from collector.smi import recording
from collector.smi.oid import Oid
from collector.smi.value import Missing, Value, VarBind

HERE = Path(__file__).parent
ROWS_KEPT = 12
"""of each measurement in a golden file"""

PACKAGED: dict[str, str] = {
    "generic": "camera/wds-ips-1022.snmprec.bz2",
    "linux/net_snmp": "os/linux/unknown-006.snmprec.bz2",
    "cisco/ios": "network/switch/cisco-c3750.snmprec.bz2",
    "huawei/vrp": "network/router/huawei-s5720.snmprec.bz2",
    "apc/pdu": "UPS/apc-8932.snmprec",
    "liebert/gp@pex": "UPS/vertiv-power.snmprec.bz2",
    "netagent/ups@kert": "UPS/phoenixtec-power.snmprec.bz2",
    "mge/ups@93e": "UPS/eaton-93e-80.snmprec.bz2",
    "ubiquiti/airos": "network/wifi/ubiquiti-m5.snmprec.bz2",
    "santak/ups": "UPS/ingrasys-power-switch.snmprec.bz2",
    "east/ups": "UPS/eastpower-istars-swv053.snmprec.bz2",
    "emerson/ups": "UPS/emerson-network-power.snmprec.bz2",
    "infosec/nsae": "network/appliance/infosec-nsae-6500.snmprec.bz2",
    "hanwha/camera": "camera/samsung-ipolis.snmprec.bz2",
}
"""case -> its recording in the data folder of the package snmpsim-data"""


def cases() -> dict[str, Path]:
    """Every recorded device: PACKAGED, and the files of recordings/ beside this one.

    A case is called like its family, `apc/ups` in recordings/apc/ups.snmprec; further ones of the same family have a
    word behind it, `apc/ups@symmetra`.
    """
    own = HERE / "recordings"
    found = {path.relative_to(own).with_suffix("").as_posix(): path for path in sorted(own.rglob("*.snmprec"))}
    return found | {case: _package_data() / path for case, path in PACKAGED.items()}


def family_of(case: str) -> str:
    """`apc/ups` of `apc/ups@symmetra`."""
    return case.partition("@")[0]


def _package_data() -> Path:
    spec = importlib.util.find_spec("snmpsim_data")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "data"


@dataclass(frozen=True)
class Replayed:
    """What a family made of a recording."""

    family: str
    plan: Plan
    rows: list[Row]


def fetch(family: Family, varbinds: list[VarBind]) -> tuple[Walked, dict[Oid, Value]]:
    """What discovery would fetch of a device that holds `varbinds`."""
    values = {oid: value for oid, _, value in varbinds}
    columns = {root: [varbind for varbind in varbinds if varbind[0].startswith(root)] for root in family.roots()}
    return Walked(columns), {oid: values.get(oid, Missing.NO_SUCH_OBJECT) for oid in family.scalars()}


def poll(family: Family, plan: Plan, values: Mapping[Oid, Value]) -> list[Row]:
    """The rows of all tables of a plan, with their OIDs."""
    rows: list[Row] = []
    for table in plan.tables:
        answers = [values.get(oid, Missing.NO_SUCH_INSTANCE) for oid in table.oids]
        decoded = decode(family, table, answers, with_oids=True)
        assert decoded.renumbered == []
        rows += decoded.rows
    return rows


def replay(registry: Registry, varbinds: list[VarBind]) -> Replayed:
    """The best family for a recorded device, and what it makes of it."""
    values = {oid: value for oid, _, value in varbinds}
    descr = values.get(SYS_DESCR, b"")
    text = descr.decode(errors="replace") if isinstance(descr, bytes) else str(descr)
    object_id = str(values.get(SYS_OBJECT_ID, ""))
    best = registry.match(object_id, text, values)[0]
    family = registry.family(best.family, object_id)
    plan = learn(family, *fetch(family, varbinds))
    return Replayed(best.family, plan, poll(family, plan, values))


def golden_text(replayed: Replayed) -> str:
    """A golden file: the facts, then the first rows of each measurement, a JSON object a line."""
    lines = [{"facts": dict(sorted(replayed.plan.facts.items()))}]
    seen: Counter[str] = Counter()
    for row in replayed.rows:
        seen[row.measurement] += 1
        if seen[row.measurement] <= ROWS_KEPT:
            bits = {"bits": row.bits} if row.bits else {}
            lines.append({"measurement": row.measurement, "tags": row.tags, "fields": row.fields, **bits})
    lines.append({"rows": dict(sorted(seen.items()))})
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def golden_path(case: str) -> Path:
    """Where the expected rows of a case are."""
    return HERE / "golden" / f"{case}.jsonl"


def main() -> None:
    """Write all golden files anew, or those of the families or cases named."""
    registry = Registry.open()
    for case, path in cases().items():
        if len(sys.argv) == 1 or {case, family_of(case)} & set(sys.argv[1:]):
            replayed = replay(registry, recording.read(path).varbinds)
            if replayed.family != family_of(case):
                sys.exit(f"{case}: matched {replayed.family}")
            golden_path(case).parent.mkdir(exist_ok=True)
            golden_path(case).write_text(golden_text(replayed), encoding="utf-8")


if __name__ == "__main__":
    main()

"""Whatever stands in the files, it loads or the mistakes are told; nothing else is raised."""

import tempfile
from pathlib import Path
from typing import Any

import msgspec
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.grammar import (
    CollectorTable,
    CommuneTable,
    CredentialTable,
    DeclaredTable,
    DuckdbTable,
    HostTable,
    InfluxTable,
    InterfacesTable,
    LimitsTable,
    LinkTable,
    MaintenanceTable,
    RingTable,
    SiteTable,
    SnmpTable,
    SpanTable,
    SshTable,
    StationTable,
)
from inventory.load import InventoryError, load

PRINTABLE = st.characters(exclude_categories=("Cs",))
NAMES = st.sampled_from(["a", "b", "r1", "", "a/b", "Bắc Sơn", "line\nbreak"])
SCALARS = st.one_of(
    NAMES,
    st.sampled_from(
        ["2M", "5m", "10.0.0.1", "2c", "3", "local", "ssh", "env:X", "4G", "switch", "influxdb", "sha1", "http://h"]
    ),
    st.text(PRINTABLE, max_size=8),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.booleans(),
)
TIMES = st.datetimes() | st.dates() | st.times() | SCALARS
VALUES = st.recursive(SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner)))


def table(*kinds: type[msgspec.Struct], **inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Tables with some of the keys of `kinds`, with values that mostly do not fit."""
    keys = {field.encode_name: VALUES for kind in kinds for field in msgspec.structs.fields(kind)}
    return st.fixed_dictionaries({}, optional={**keys, "other": VALUES, **inner})


HOST = table(
    HostTable,
    limits=table(LimitsTable),
    interfaces=table(InterfacesTable),
    links=st.dictionaries(NAMES, table(LinkTable), max_size=2),
)
DOCUMENTS = table(
    collector=table(CollectorTable, intervals=st.dictionaries(NAMES, VALUES, max_size=2)),
    store=table(DuckdbTable, InfluxTable, kind=st.sampled_from(["duckdb", "influxdb", "stdout", "x"])),
    defaults=HOST,
    credentials=st.dictionaries(NAMES, table(CredentialTable, snmp=table(SnmpTable), ssh=table(SshTable)), max_size=2),
    sites=st.dictionaries(NAMES, table(SiteTable), max_size=2),
    hosts=st.dictionaries(NAMES, HOST, max_size=3),
    stations=st.lists(table(StationTable), max_size=2),
    communes=st.lists(table(CommuneTable), max_size=2),
    rings=st.dictionaries(NAMES, table(RingTable, spans=st.lists(table(SpanTable), max_size=3)), max_size=2),
    maintenance=st.lists(table(MaintenanceTable, start=TIMES, end=TIMES, hosts=st.lists(NAMES)), max_size=2),
    declared=st.lists(table(DeclaredTable, as_of=TIMES), max_size=2),
    include=st.lists(SCALARS, max_size=1),
)


def told(**files: bytes) -> list[str]:
    """What is said of files; anything but an InventoryError comes through."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            (Path(folder) / name.replace("_", ".")).write_bytes(content)
        try:
            load(Path(folder) / "hosts.toml")
        except InventoryError as error:
            return str(error).splitlines() or ["nothing"]
        return []


def loads_or_tells(**files: bytes) -> None:
    for line in told(**files):
        assert line.isprintable()
        assert line != "nothing"


@settings(deadline=None, max_examples=30)
@given(DOCUMENTS)
def test_any_values_under_known_keys(document: dict[str, Any]) -> None:
    loads_or_tells(hosts_toml=tomlkit.dumps(document).encode())


@given(st.binary(max_size=60))
def test_any_bytes_as_toml(data: bytes) -> None:
    loads_or_tells(hosts_toml=data)


@given(
    st.sampled_from(
        [b"id,name\n", b"name;address\n", b"id\tsite\ttechnology\n", b"host,interface\n", b"commune,district\n", b""]
    ),
    st.binary(),
)
def test_any_bytes_as_csv(header: bytes, data: bytes) -> None:
    loads_or_tells(hosts_toml=b'include = ["a.csv"]', a_csv=header + data)


CELLS = st.text(st.sampled_from('a1,;"\n.# é'), max_size=6)


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=4))
def test_any_cells(rows: list[list[str]]) -> None:
    text = "name,address,tags\n" + "".join(",".join(row) + "\n" for row in rows)
    loads_or_tells(hosts_toml=b'include = ["a.csv"]', a_csv=text.encode())

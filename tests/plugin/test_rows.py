"""From a device's values to rows: candidates, joins, conditions, scales, states, names, relearning."""

from pathlib import Path

import msgspec
import pytest

from collector.plugin.errors import HookError
from collector.plugin.model import Plan
from collector.plugin.registry import Registry
from collector.smi.value import Missing, Tag
from tests.plugin.families import family_of, learn_from, poll, problems_of, rows_of, said, write

INTERFACES = """
[table.interface]
measurement = "interface"
tags.name = ["{ifName}", "{ifDescr}", "{index}"]
check = ["ifName", "ifDescr"]
discontinuity = "1.3.6.1.2.1.31.1.1.1.19"
columns.ifName = "1.3.6.1.2.1.31.1.1.1.1"
columns.ifDescr = "1.3.6.1.2.1.2.2.1.2"
fields.index = { index = [1] }
fields.oper_status = { oid = "1.3.6.1.2.1.2.2.1.8", enum = { 1 = "up", 2 = "down" } }
fields.in_octets = ["1.3.6.1.2.1.31.1.1.1.6", "1.3.6.1.2.1.2.2.1.10"]
fields.out_octets = ["1.3.6.1.2.1.31.1.1.1.10", "1.3.6.1.2.1.2.2.1.16"]
"""
DEVICE = {
    "1.3.6.1.2.1.2.2.1.2.1": b"Port 1",
    "1.3.6.1.2.1.2.2.1.2.2": b"Port 2",
    "1.3.6.1.2.1.2.2.1.8.1": 1,
    "1.3.6.1.2.1.2.2.1.8.2": 7,
    "1.3.6.1.2.1.2.2.1.10.1": (Tag.COUNTER32, 10),
    "1.3.6.1.2.1.2.2.1.10.2": (Tag.COUNTER32, 20),
    "1.3.6.1.2.1.2.2.1.16.1": (Tag.COUNTER32, 30),
    "1.3.6.1.2.1.31.1.1.1.1.1": b"Gi1",
    "1.3.6.1.2.1.31.1.1.1.6.1": (Tag.COUNTER64, 2**40),
    "1.3.6.1.2.1.31.1.1.1.19.1": 99,
}


def test_the_64_bit_counter_is_chosen_per_row_and_column(tmp_path: Path) -> None:
    first, second = rows_of(family_of(tmp_path, INTERFACES), DEVICE)
    assert first.tags == {"name": "Gi1"}
    assert first.fields == {"index": 1, "oper_status": "up", "in_octets": 2**40, "out_octets": 30}
    assert first.bits == {"out_octets": 32}
    assert first.discontinuity == 99
    assert second.tags == {"name": "Port 2"}
    assert second.fields == {"index": 2, "oper_status": "7", "in_octets": 20}
    assert second.bits == {"in_octets": 32}
    assert second.discontinuity is None


def test_a_64_bit_counter_that_never_moves_gives_way(tmp_path: Path) -> None:
    row = rows_of(family_of(tmp_path, INTERFACES), {**DEVICE, "1.3.6.1.2.1.31.1.1.1.6.1": (Tag.COUNTER64, 0)})[0]
    assert row.fields["in_octets"] == 10
    assert row.bits == {"in_octets": 32, "out_octets": 32}


def test_the_cell_tells_which_response_a_row_came_in(tmp_path: Path) -> None:
    family = family_of(tmp_path, INTERFACES)
    (table,) = learn_from(family, DEVICE).tables
    cells = [row.cell for row in rows_of(family, DEVICE)]
    assert cells == [2, 6]  # behind the check and the discontinuity; behind the check
    assert len(table.oids) == len(table.widths) == 8


def test_an_index_that_bears_another_name_gives_no_row(tmp_path: Path) -> None:
    family = family_of(tmp_path, INTERFACES)
    plan = learn_from(family, DEVICE)
    (decoded,) = poll(family, plan, {**DEVICE, "1.3.6.1.2.1.31.1.1.1.1.1": b"Gi2"})
    assert decoded.renumbered == [0]
    assert said(decoded.rows).keys() == {"Port 2"}


def test_an_index_that_has_gone_is_to_be_learnt_again_and_silence_is_not(tmp_path: Path) -> None:
    family = family_of(tmp_path, INTERFACES)
    plan = learn_from(family, DEVICE)
    gone = {oid: value for oid, value in DEVICE.items() if not oid.endswith(".1")}
    assert poll(family, plan, gone)[0].renumbered == [0]
    silent = {oid: Missing.NO_ANSWER if oid.endswith(".1") else value for oid, value in DEVICE.items()}
    (decoded,) = poll(family, plan, silent)
    assert decoded.renumbered == []
    assert said(decoded.rows).keys() == {"Port 2"}


def test_a_plan_survives_msgpack(tmp_path: Path) -> None:
    family = family_of(tmp_path, INTERFACES)
    plan = learn_from(family, DEVICE)
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(plan), type=Plan)
    assert again == plan
    assert poll(family, again, DEVICE) == poll(family, plan, DEVICE)


def test_the_fingerprint_changes_with_the_file_and_with_its_python(tmp_path: Path) -> None:
    hooked = INTERFACES + 'python = "h.py:f"'
    seen = {family_of(tmp_path, INTERFACES).fingerprint}
    for code in ("def f(rows): return rows\n", "def f(rows): return rows[:1]\n"):
        family = family_of(tmp_path, hooked, h__py=code)
        seen.add(family.fingerprint)
    assert len(seen) == 3
    assert len(rows_of(family, DEVICE)) == 1


def test_a_hook_that_fails_names_its_table(tmp_path: Path) -> None:
    family = family_of(tmp_path, INTERFACES + 'python = "h.py:f"', h__py="def f(rows): return [rows[99]]\n")
    with pytest.raises(HookError, match="table interface: its function failed: IndexError"):
        rows_of(family, DEVICE)


SENSORS = """
[[sensor]]
entry = "1.3.6.1.4.1.99.1.1"
oid = ".4"
name = "{label}"
class = "{kind}"
scale = ["unit", "digits"]
sentinels = -999
columns.label = { oid = "1.3.6.1.4.1.99.2.1.1", by = "part" }
columns.part = ".1"
columns.kind = { oid = ".2", enum = { 3 = "voltage", 8 = "temperature" } }
columns.unit = { oid = ".5", enum = { 8 = -3, 9 = 0 }, convert = "ten_to_the" }
columns.digits = { oid = ".3", scale = -1, convert = "ten_to_the" }
"""


def test_scale_and_class_and_name_by_other_columns(tmp_path: Path) -> None:
    device = {
        f"1.3.6.1.4.1.99.1.1.{column}.{row}": value
        for row, values in {
            7: {1: 50, 2: 8, 3: 1, 4: 235, 5: 9},
            8: {1: 51, 2: 3, 3: 0, 4: 3300, 5: 8},
            9: {1: 51, 2: 99, 3: 0, 4: 1, 5: 9},  # no class: left out
            10: {1: 60, 2: 3, 3: 0, 4: 1, 5: 9},  # no name: left out
            11: {1: 50, 2: 3, 3: 0, 4: -999, 5: 9},  # nothing to say now
        }.items()
        for column, value in values.items()
    }
    device |= {"1.3.6.1.4.1.99.2.1.1.50": b"Board", "1.3.6.1.4.1.99.2.1.1.51": b"Supply"}
    rows = rows_of(family_of(tmp_path, SENSORS), device, with_oids=True)
    assert [(row.tags, row.fields) for row in rows] == [
        ({"name": "Board", "class": "temperature"}, {"value": 23.5, "oid": "1.3.6.1.4.1.99.1.1.4.7"}),
        ({"name": "Supply", "class": "voltage"}, {"value": 3.3, "oid": "1.3.6.1.4.1.99.1.1.4.8"}),
    ]


def test_a_class_that_the_index_tells(tmp_path: Path) -> None:
    text = """
    [[sensor]]
    oid = "1.3.6.1.4.1.99.1"
    class = "{kind}"
    name = "Inlet {index.1}"
    columns.kind = { index = [-1], enum = { 1 = "current", 4 = "voltage" } }
    where.kind.exists = true
    """
    device = {"1.3.6.1.4.1.99.1.1.1": 3, "1.3.6.1.4.1.99.1.1.4": 230, "1.3.6.1.4.1.99.1.1.9": 7}
    rows = rows_of(family_of(tmp_path, text), device)
    assert [(row.tags["name"], row.tags["class"], row.fields["value"]) for row in rows] == [
        ("Inlet 1", "current", 3),
        ("Inlet 1", "voltage", 230),
    ]


def test_joins(tmp_path: Path) -> None:
    family = family_of(
        tmp_path,
        """
        [[cpu]]
        oid = "1.3.6.1.4.1.99.1"
        name = "{first}/{last}/{pointed}/{found}/{text}/{index.2}"
        columns.first = { oid = "1.3.6.1.4.1.99.2", index = [1] }
        columns.last = { oid = "1.3.6.1.4.1.99.2", index = { from = -2 } }
        columns.pointer = { oid = "1.3.6.1.4.1.99.3" }
        columns.pointed = { oid = "1.3.6.1.4.1.99.2", by = "pointer", strip = "1.3.6.1.2.1.2.2.1.1" }
        columns.found = { oid = "1.3.6.1.4.1.99.2", by = "wanted", find = "1.3.6.1.4.1.99.4" }
        columns.wanted = "1.3.6.1.4.1.99.5"
        columns.text = { index = { from = 3, to = 4 }, type = "text" }
        """,
    )
    device = {
        "1.3.6.1.4.1.99.1.5.6.65.66": 10,
        "1.3.6.1.4.1.99.2.5": b"five",
        "1.3.6.1.4.1.99.2.65.66": b"pair",
        "1.3.6.1.4.1.99.2.7": b"seven",
        "1.3.6.1.4.1.99.2.8": b"eight",
        "1.3.6.1.4.1.99.3.5.6.65.66": "1.3.6.1.2.1.2.2.1.1.7",
        "1.3.6.1.4.1.99.4.8": b"this one",
        "1.3.6.1.4.1.99.5.5.6.65.66": b"this one",
    }
    assert said(rows_of(family, device)) == {"five/pair/seven/eight/AB/6": 10.0}


def test_columns_that_lean_on_each_other_in_a_circle_have_no_value(tmp_path: Path) -> None:
    family = family_of(
        tmp_path,
        """
        [[cpu]]
        oid = "1.3.6.1.4.1.99.1"
        name = ["{a}", "fallback"]
        columns.a = { oid = "1.3.6.1.4.1.99.2", by = "b" }
        columns.b = { oid = "1.3.6.1.4.1.99.3", by = "a" }
        """,
    )
    assert said(rows_of(family, {"1.3.6.1.4.1.99.1.1": 1})) == {"fallback": 1.0}


def test_conditions(tmp_path: Path) -> None:
    text = """
        [[cpu]]
        oid = "1.3.6.1.4.1.99.1"
        columns.kind = "1.3.6.1.4.1.99.2"
        where.kind = {}
        """
    device = {f"1.3.6.1.4.1.99.1.{row}": row for row in range(1, 5)} | {
        "1.3.6.1.4.1.99.2.1": b"fan 1",
        "1.3.6.1.4.1.99.2.2": b"psu",
        "1.3.6.1.4.1.99.2.3": 30,
    }
    for condition, expected in {
        '"psu"': "2",
        '["psu", 30]': "23",
        "{ regex = '^fan' }": "1",
        "{ not_regex = '^fan' }": "234",
        '{ not = ["psu"] }': "134",
        "{ min = 30 }": "3",
        "{ max = 29 }": "",
        "{ exists = true }": "123",
        "{ exists = false }": "4",
        "{ exists = true, not = 30 }": "12",
    }.items():
        family = family_of(tmp_path, text.replace("{}", condition))
        assert "".join(said(rows_of(family, device))) == expected, condition


def test_states(tmp_path: Path) -> None:
    family = family_of(
        tmp_path,
        """
        [[state]]
        oid = "1.3.6.1.4.1.99.1"
        class = "fan"
        enum = { 1 = "fine", 2 = "broken", "In Order" = "fine" }
        ok = "fine"
        sentinels = 0
        """,
    )
    device = {f"1.3.6.1.4.1.99.1.{row}": value for row, value in enumerate([1, 2, 9, 0, b"in order", b"2", b"odd"], 1)}
    assert said(rows_of(family, device)) == {
        "1": {"code": 1, "text": "fine", "ok": True},
        "2": {"code": 2, "text": "broken", "ok": False},
        "3": {"code": 9, "text": "9"},
        "5": {"code": 3, "text": "fine", "ok": True},
        "6": {"code": 2, "text": "broken", "ok": False},
        "7": "odd",
    }


def test_all_rows_of_one_name_get_their_index_behind_it(tmp_path: Path) -> None:
    family = family_of(
        tmp_path,
        """
        [[sensor]]
        oid = "1.3.6.1.4.1.99.1"
        class = "fan"
        name = "{label}"
        columns.label = "1.3.6.1.4.1.99.2"
        [[sensor]]
        oid = "1.3.6.1.4.1.99.3.0"
        class = "fan"
        name = "Solo"
        """,
    )
    device = {
        **{f"1.3.6.1.4.1.99.1.{row}": row * 100 for row in (1, 2, 3)},
        "1.3.6.1.4.1.99.2.1": b"Fan",
        "1.3.6.1.4.1.99.2.2": b"Fan",
        "1.3.6.1.4.1.99.2.3": b"Solo",
        "1.3.6.1.4.1.99.3.0": 900,
    }
    assert said(rows_of(family, device)) == {"Fan 1": 100.0, "Fan 2": 200.0, "Solo": 300.0, "Solo (2)": 900.0}


@pytest.mark.parametrize(
    ("indexes", "names"),
    [(("7.1.4", "9.1.5"), {"Fan 4", "Fan 5"}), (("1.1", "1.2", "2.1"), {"Fan 1.1", "Fan 1.2", "Fan 2.1"})],
)
def test_the_last_number_of_the_index_is_put_behind_a_name_where_it_is_enough(
    tmp_path: Path, indexes: tuple[str, ...], names: set[str]
) -> None:
    family = family_of(tmp_path, '[[sensor]]\noid = "1.3.6.1.4.1.99.1"\nclass = "fan"\nname = "Fan"')
    assert said(rows_of(family, {f"1.3.6.1.4.1.99.1.{index}": 100 for index in indexes})).keys() == names


def test_replaces_and_unless_and_drop_and_amend(tmp_path: Path) -> None:
    (tmp_path / "mix.toml").write_text(
        """
        description = "mix-in"
        [[cpu]]
        id = "old"
        oid = "1.3.6.1.4.1.99.1"
        [[cpu]]
        id = "dropped"
        oid = "1.3.6.1.4.1.99.1"
        [table.pool]
        measurement = "memory"
        tags.name = "RAM"
        tags.kind = "physical"
        fields.used_bytes = { oid = "1.3.6.1.4.1.99.5.0" }
        """
    )
    family = family_of(
        tmp_path,
        """
        extends = ["mix"]
        drop = "dropped"
        [[cpu]]
        id = "new"
        replaces = "old"
        oid = "1.3.6.1.4.1.99.2"
        [[cpu]]
        unless = ["new", "old"]
        oid = "1.3.6.1.4.1.99.3.0"
        name = "Only"
        [table.pool]
        amend = true
        tags.name = "Memory"
        fields.total_bytes = { oid = "1.3.6.1.4.1.99.6.0", scale = 1024 }
        """,
    )
    old = {"1.3.6.1.4.1.99.1.1": 1, "1.3.6.1.4.1.99.3.0": 3, "1.3.6.1.4.1.99.5.0": 500, "1.3.6.1.4.1.99.6.0": 1}
    assert said(rows_of(family, old)) == {"1": 1.0, "Memory": {"used_bytes": 500, "total_bytes": 1024}}
    assert said(rows_of(family, {**old, "1.3.6.1.4.1.99.2.7": 2})).keys() == {"7", "Memory"}
    assert said(rows_of(family, {"1.3.6.1.4.1.99.3.0": 3})) == {"Only": 3.0}


def test_the_id_of_a_short_form_stands_for_its_readings(tmp_path: Path) -> None:
    (tmp_path / "mix.toml").write_text(
        """
        description = "mix-in"
        [[sensor]]
        id = "line"
        entry = "1.3.6.1.4.1.99.1.1"
        name = "Line {index}"
        readings = [{ oid = ".2", class = "voltage" }, { oid = ".3", class = "current" }]
        [[sensor]]
        id = "rail"
        class = "voltage"
        readings = [{ oid = "1.3.6.1.4.1.99.2.0", name = "A" }, { oid = "1.3.6.1.4.1.99.3.0", name = "B" }]
        """
    )
    family = family_of(
        tmp_path,
        """
        extends = ["mix"]
        drop = "rail"
        [table.line]
        amend = true
        scale = 0.1
        columns.state = ".4"
        where.state = 1
        """,
    )
    device = {
        f"1.3.6.1.4.1.99.1.1.{column}.{row}": value
        for column, values in {2: (120, 230), 3: (10, 20), 4: (1, 2)}.items()
        for row, value in enumerate(values, 1)
    }
    rows = rows_of(family, {**device, "1.3.6.1.4.1.99.2.0": 5, "1.3.6.1.4.1.99.3.0": 12})
    assert [(row.tags["name"], row.tags["class"], row.fields["value"]) for row in rows] == [
        ("Line 1", "voltage", 12.0),
        ("Line 1", "current", 1.0),
    ]


def test_readings_share_what_stands_above_them(tmp_path: Path) -> None:
    family = family_of(
        tmp_path,
        """
        [[sensor]]
        id = "line"
        entry = "1.3.6.1.4.1.99.1.1"
        name = "Line {index}"
        sentinels = -1
        readings = [
          { oid = ".2", class = "voltage" },
          { oid = ".3", class = "current", scale = 0.1 },
        ]
        """,
    )
    assert list(family.tables) == ["line.1", "line.2"]
    device = {"1.3.6.1.4.1.99.1.1.2.1": 230, "1.3.6.1.4.1.99.1.1.3.1": 15, "1.3.6.1.4.1.99.1.1.2.2": -1}
    assert [(row.tags["class"], row.fields["value"]) for row in rows_of(family, device)] == [
        ("voltage", 230.0),
        ("current", 1.5),
    ]


def test_what_is_fixed_is_learnt_once_and_not_asked_for(tmp_path: Path) -> None:
    family = family_of(
        tmp_path,
        """
        [table.component]
        measurement = "component"
        tags.name = "{index}"
        fields.model = { oid = "1.3.6.1.4.1.99.1", fixed = true }
        """,
    )
    (table,) = learn_from(family, {"1.3.6.1.4.1.99.1.4": b"X-1"}).tables
    assert table.oids == []
    assert family.interval_s("component") == 3600
    assert said(rows_of(family, {"1.3.6.1.4.1.99.1.4": b"X-1"})) == {"4": "X-1"}


def test_roots_cover_each_other_and_scalars_are_not_walked(tmp_path: Path) -> None:
    family = family_of(
        tmp_path,
        """
        changed = "1.3.6.1.4.1.99.9.0"
        [[cpu]]
        oid = "1.3.6.1.4.1.99.1"
        columns.a = "1.3.6.1.4.1.99.1.1"
        columns.b = { oid = "1.3.6.1.4.1.99.2", by = "a", find = "1.3.6.1.4.1.99.3" }
        name = "{b}"
        [facts]
        model = { oid = "1.3.6.1.4.1.99.4.0" }
        """,
    )
    assert [oid.hex() for oid in family.roots()] == ["2b06010401" + end for end in ("6302", "6301", "6303")]
    assert len(family.scalars()) == 4  # sysDescr, sysObjectID, the signal, the model
    assert family.changed() == family.scalars()[2:3]


def test_facts(tmp_path: Path) -> None:
    family = family_of(
        tmp_path,
        r"""
        [facts]
        vendor = "Acme"
        os = [{ sys_descr = "Turbo", value = "TurboOS" }, "PlainOS"]
        model = [
          { sys_object_id = { "1.3.6.1.4.1.99.1" = "Series 1", "1.3.6.1.4.1.99.1.7" = "Seven" } },
          { oid = "1.3.6.1.4.1.99.5", columns.class = "1.3.6.1.4.1.99.6", where.class = 3 },
        ]
        sys_descr_regex = 'v(?P<os_version>[\d.]+)(?: s/n (?P<serial>\w+))?'
        """,
    )
    device = {
        "1.3.6.1.2.1.1.1.0": b"Acme Turbo v1.2 s/n A7",
        "1.3.6.1.2.1.1.2.0": "1.3.6.1.4.1.99.1.7.1",
        "1.3.6.1.4.1.99.5.1": b"card",
        "1.3.6.1.4.1.99.5.2": b"box",
        "1.3.6.1.4.1.99.6.1": 9,
        "1.3.6.1.4.1.99.6.2": 3,
    }
    facts = {"vendor": "Acme", "os": "TurboOS", "model": "Seven", "os_version": "1.2", "serial": "A7"}
    assert learn_from(family, device).facts == facts
    other = device | {"1.3.6.1.2.1.1.2.0": "1.3.6.1.4.1.99.10", "1.3.6.1.2.1.1.1.0": b"v2"}
    assert learn_from(family, other).facts == {"vendor": "Acme", "os": "PlainOS", "model": "box", "os_version": "2"}


def test_a_fact_is_put_together_of_columns(tmp_path: Path) -> None:
    family = family_of(
        tmp_path,
        r"""
        [facts]
        os_version = { text = "{major}.{minor}", columns.major = "1.3.6.1.4.1.99.1.0", columns.minor = "1.3.6.1.4.1.99.2.0" }
        model = { text = ["{name} {size}", "{name}"], where.name.regex = '^S', columns.name = "1.3.6.1.4.1.99.3", columns.size = "1.3.6.1.4.1.99.4" }
        """,
    )
    device = {
        "1.3.6.1.4.1.99.1.0": 4,
        "1.3.6.1.4.1.99.2.0": 10,
        "1.3.6.1.4.1.99.3.1": b"T",
        "1.3.6.1.4.1.99.3.2": b"S",
        "1.3.6.1.4.1.99.4.2": 24,
    }
    assert learn_from(family, device).facts == {"os_version": "4.10", "model": "S 24"}


def test_a_family_says_where_the_root_of_a_mix_in_is(tmp_path: Path) -> None:
    mixin = """
    [roots]
    maker = "1.3.6.1.4.1.100"
    [columns]
    label = "maker.2.1"
    [[sensor]]
    entry = "maker.2"
    oid = ".2"
    class = "temperature"
    name = "{label}"
    [[sensor]]
    oid = "maker.3.0"
    class = "voltage"
    name = "maker"
    """
    write(tmp_path, "mixin", mixin)
    device: dict[str, int | bytes] = {}
    for number, root in enumerate(("1.3.6.1.4.1.100", "1.3.6.1.4.1.200"), 1):
        device |= {f"{root}.2.1.7": f"T{number}".encode(), f"{root}.2.2.7": number, f"{root}.3.0": 10 * number}
    assert said(rows_of(family_of(tmp_path, mixin, name="alone"), device)) == {"T1": 1.0, "maker": 10.0}
    moved = family_of(tmp_path, 'extends = "mixin"\n[roots]\nmaker = "1.3.6.1.4.1.200"')
    assert said(rows_of(moved, device)) == {"T2": 2.0, "maker": 20.0}


def test_a_root_that_lies_elsewhere_on_each_model(tmp_path: Path) -> None:
    text = r"""
    [roots]
    model = { oid = "1.3.6.1.4.1.99.7.1", sys_object_id = '^1\.3\.6\.1\.4\.1\.99\.7\.\d+' }
    other = { oid = "1.3.6.1.4.1.99.11.1", sys_object_id = '^1\.3\.6\.1\.4\.1\.99\.7\.(\d+)', below = "1.3.6.1.4.1.99.11" }
    [[sensor]]
    oid = "model.3.0"
    class = "voltage"
    name = "A"
    [[sensor]]
    oid = "other.3.0"
    class = "voltage"
    name = "B"
    """
    family_of(tmp_path, text)
    registry = Registry([tmp_path])
    device: dict[str, int] = {}
    for model in (1, 2, 3):
        device |= {f"1.3.6.1.4.1.99.7.{model}.3.0": model, f"1.3.6.1.4.1.99.11.{model}.3.0": 10 * model}
    for sys_object_id, model in (
        ("1.3.6.1.4.1.99.7.2", 2),
        ("1.3.6.1.4.1.99.7.3.5", 3),
        ("1.3.6.1.4.1.98", 1),
        ("", 1),
    ):
        assert said(rows_of(registry.family("test", sys_object_id), device)) == {"A": model, "B": 10 * model}
    assert registry.family("test", "1.3.6.1.4.1.99.7.2") is registry.family("test", "1.3.6.1.4.1.99.7.2.9")


def test_tables_that_a_device_lacks_cost_no_poll_anything(tmp_path: Path) -> None:
    own = '[[sensor]]\noid = "1.3.6.1.4.1.99.1"\nclass = "fan"\nname = "Fan {index}"\n'
    lacking = "".join(
        f'[[sensor]]\noid = "1.3.6.1.4.1.99.{number}"\nclass = "fan"\nname = "Other {number} {{index}}"\n'
        f'[[cpu]]\noid = "1.3.6.1.4.1.99.{number}.0"\nname = "Processor {number}"\n'
        for number in range(2, 60)
    )
    device = {"1.3.6.1.4.1.99.1.1": 3000, "1.3.6.1.4.1.99.1.2": 3100}
    few = learn_from(family_of(tmp_path, own, name="few"), device)
    many = learn_from(family_of(tmp_path, own + lacking, name="many"), device)
    assert [table.oids for table in many.tables] == [table.oids for table in few.tables]
    assert sum(len(table.oids) for table in many.tables) == 2


def test_a_row_of_nothing_but_a_name_counts_and_one_of_nothing_at_all_does_not(tmp_path: Path) -> None:
    family = family_of(
        tmp_path,
        """
        [table.ports]
        measurement = "interface"
        rows = "descr"
        columns.descr = ["1.3.6.1.4.1.99.2", "1.3.6.1.4.1.99.3"]
        columns.name = "1.3.6.1.4.1.99.2"
        tags.name = ["{name}", "{index}"]
        check = "name"
        fields.index = { index = [1] }
        fields.oper_status = { oid = "1.3.6.1.4.1.99.4", enum = { 1 = "up" } }
        """,
    )
    device = {"1.3.6.1.4.1.99.2.7": b"ge-0/0/7", "1.3.6.1.4.1.99.3.8": b"?"}
    assert said(rows_of(family, device)) == {"ge-0/0/7": 7}


def test_a_makers_products_are_a_file_beside_the_family(tmp_path: Path) -> None:
    (tmp_path / "products.csv").write_text("# products\n1.3.6.1.4.1.99.1,Series 1\n1.3.6.1.4.1.99.1.7,Seven, black\n")
    family = family_of(tmp_path, '[facts]\nmodel = { sys_object_id = "products.csv" }')
    for object_id, model in {"1.3.6.1.4.1.99.1.7": "Seven, black", "1.3.6.1.4.1.99.1.70": "Series 1"}.items():
        assert learn_from(family, {"1.3.6.1.2.1.1.2.0": object_id}).facts == {"model": model}
    assert learn_from(family, {"1.3.6.1.2.1.1.2.0": "1.3.6.1.4.1.99.10"}).facts == {}


def test_a_bad_list_of_products_is_told(tmp_path: Path) -> None:
    assert problems_of(tmp_path, '[facts]\nmodel = { sys_object_id = "none.csv" }') == [
        "facts.model.sys_object_id: there is no file none.csv beside the family"
    ]
    (tmp_path / "bad.csv").write_text("1.3.6,a\nCisco 7\n\n1.3.x,b\n")
    assert problems_of(tmp_path, '[facts]\nmodel = { sys_object_id = "bad.csv" }') == [
        "line 2: 'Cisco 7' is not an OID, a comma and a text",
        "line 4: '1.3.x,b' is not an OID, a comma and a text",
    ]


def test_rows_can_be_numbered(tmp_path: Path) -> None:
    family = family_of(
        tmp_path, '[[cpu]]\noid = "1.3.6.1.4.1.99.1"\nname = "Processor {number}"\nwhere.usage_percent.max = 100'
    )
    device = {"1.3.6.1.4.1.99.1.196608": 5, "1.3.6.1.4.1.99.1.196609": 255, "1.3.6.1.4.1.99.1.196610": 6}
    assert said(rows_of(family, device)) == {"Processor 1": 5.0, "Processor 2": 6.0}

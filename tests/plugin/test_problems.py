"""What is said of a family file with mistakes: exact texts, all at once."""

from pathlib import Path

import pytest

from collector.plugin.errors import FamilyError
from collector.plugin.registry import Registry
from tests.plugin.families import problems_of, write

SENSOR = '[[sensor]]\noid = "1.3.6.1.4.1.9.1"\nclass = "temperature"\n'

CASES = {
    "unknown top-level key": ('extend = ["x"]', ["extend: unknown key 'extend'; did you mean 'extends'?"]),
    "unknown key of a sensor": (
        SENSOR + "scal = 0.1",
        ["sensor[1].scal: unknown key 'scal'; did you mean 'scale'?"],
    ),
    "unknown sensor class": (
        '[[sensor]]\noid = "1.3.6.1.4.1.9.1"\nclass = "temperatur"',
        ["sensor[1].class: unknown sensor class 'temperatur'; did you mean 'temperature'?"],
    ),
    "class from a column without enum": (
        SENSOR.replace('"temperature"', '"{kind}"') + 'columns.kind = "1.3.6.1.4.1.9.2"',
        ["sensor[1].class: the column 'kind' has no enum, so its classes are unknown"],
    ),
    "class from an enum with a wrong one": (
        SENSOR.replace('"temperature"', '"{kind}"')
        + 'columns.kind = { oid = "1.3.6.1.4.1.9.2", enum = { 1 = "voltage", 2 = "volts" } }',
        ["sensor[1].class: unknown sensor class 'volts'; did you mean 'voltage'?"],
    ),
    "no class": ('[[sensor]]\noid = "1.3.6.1.4.1.9.1"', ["sensor[1]: 'class' is missing"]),
    "no name of a scalar": (
        '[[cpu]]\noid = "1.3.6.1.4.1.9.1.0"',
        ["cpu[1]: 'name' is missing"],
    ),
    "bad OID": (
        SENSOR.replace("1.3.6.1.4.1.9.1", "1.3.six"),
        ["sensor[1].oid: not an OID in numeric form: '1.3.six'"],
    ),
    "root that is no OID": ('[roots]\nmaker = "1.3.x"', ["roots.maker: not an OID in numeric form: '1.3.x'"]),
    "moving root without its usual place": (
        "[roots]\nmodel = { sys_object_id = '^1', beside = 'x' }",
        [
            "roots.model: 'oid' is missing",
            "roots.model.beside: unknown key 'beside'; allowed are below, oid, sys_object_id",
        ],
    ),
    "root that does not exist": (
        SENSOR.replace("1.3.6.1.4.1.9.1", "maker.1"),
        ["sensor[1].oid: not an OID in numeric form: 'maker.1'"],
    ),
    "relative OID without entry": (
        SENSOR.replace("1.3.6.1.4.1.9.1", ".4"),
        ["sensor[1].oid: '.4' continues `entry`, which the table has not"],
    ),
    "bad regular expression": (
        SENSOR + 'regex = "(\\\\d"',
        ["sensor[1].regex: bad regular expression '(\\\\d': missing ), unterminated subpattern at position 0"],
    ),
    "column that does not exist": (
        SENSOR + 'name = "{ifNam}"\n[columns]\nifName = "1.3.6.1.2.1.31.1.1.1.1"',
        ["sensor[1].name: unknown column 'ifNam'; did you mean 'ifName'?"],
    ),
    "condition on a column that does not exist": (
        SENSOR + "where.present = 1",
        ["sensor[1].where.present: unknown column 'present'; allowed are value"],
    ),
    "condition that says nothing": (
        SENSOR + "where.value = {}",
        ["sensor[1].where.value: says nothing: regex, not_regex, not, min, max or exists is wanted"],
    ),
    "braces": (SENSOR + 'name = "{a"', ["sensor[1].name: braces do not pair in '{a'"]),
    "state without what is well": (
        '[[state]]\noid = "1.3.6.1.4.1.9.1"\nclass = "fan"\nenum = { 1 = "good" }',
        ["state[1]: 'ok' is missing: the list of the states that are well"],
    ),
    "state that is not in the enumeration": (
        '[[state]]\noid = "1.3.6.1.4.1.9.1"\nclass = "fan"\nenum = { 1 = "good" }\nok = "god"',
        ["state[1].ok: unknown state 'god'; did you mean 'good'?"],
    ),
    "memory of one number": (
        '[[memory]]\nused = "1.3.6.1.4.1.9.1"',
        ["memory[1]: two of total, used and free, or percent, are wanted"],
    ),
    "unknown measurement": (
        '[table.a]\nmeasurement = "interfaces"\nfields.x = "1.3.6.1.4.1.9.1"',
        ["table.a.measurement: unknown measurement 'interfaces'; did you mean 'interface'?"],
    ),
    "unknown field and tag": (
        '[table.a]\nmeasurement = "cpu"\ntags.nam = "x"\nfields.usage = "1.3.6.1.4.1.9.1"',
        [
            "table.a.fields.usage: unknown field 'usage'; did you mean 'usage_percent'?",
            "table.a.tags.nam: unknown tag 'nam'; did you mean 'name'?",
            "table.a: cpu needs tags.name",
        ],
    ),
    "no fields": ('[table.a]\nmeasurement = "system"', ["table.a: 'fields' is missing"]),
    "two ways at once": (
        '[table.a]\nmeasurement = "system"\nfields.users = { oid = "1.3.6.1.4.1.9.1.0", value = 1 }',
        ["table.a.fields.users: oid and value exclude each other"],
    ),
    "helper with a field's name": (
        '[table.a]\nmeasurement = "system"\nfields.users = "1.3.6.1.4.1.9.1.0"\ncolumns.users = "1.3.6.1.4.1.9.2.0"',
        ["table.a.columns.users: is a field of this table too: give the helper another name"],
    ),
    "bits": (
        '[table.a]\nmeasurement = "disk_io"\ntags.name = "x"\nfields.reads = { oid = "1.3.6.1.4.1.9.1.0", bits = 16 }',
        ["table.a.fields.reads.bits: 16 is neither 32 nor 64"],
    ),
    "find without by": (
        SENSOR + 'columns.a = { oid = "1.3.6.1.4.1.9.2", find = "1.3.6.1.4.1.9.3" }',
        ["sensor[1].columns.a.find: needs `by`, the column whose value is searched for"],
    ),
    "join on a column that does not exist": (
        SENSOR + 'columns.a = { oid = "1.3.6.1.4.1.9.2", by = "b" }',
        ["sensor[1].columns.a: unknown column 'b'; allowed are a, value"],
    ),
    "rows without an index": (
        '[table.a]\nmeasurement = "component"\ntags.name = "{n}"\ncolumns.n = "1.3.6.1.4.1.9.1"\nfields.model = { text = "{n}" }',
        ["table.a: no field has the rows' index: name a column that has it with `rows`"],
    ),
    "replaces what is not there": (
        '[[cpu]]\noid = "1.3.6.1.4.1.9.1"\nreplaces = "hr_cpu"',
        ["cpu[1].replaces: unknown table 'hr_cpu'; allowed are test cpu 1"],
    ),
    "drops what is not there": ('drop = "hr_cpu"', ["drop: unknown table 'hr_cpu'; allowed are none"]),
    "amends what is not there": (
        '[table.a]\namend = true\nmeasurement = "system"\nfields.users = "1.3.6.1.4.1.9.1.0"',
        ["table.a.amend: unknown table 'a'; allowed are none"],
    ),
    "mix-in that does not exist": (
        'extends = ["standard/if_mip"]',
        ["extends: unknown family 'standard/if_mip'; allowed are test"],
    ),
    "extends itself": ('extends = ["test"]', ["extends: 'test' extends itself: test -> test"]),
    "match of nothing": (
        '[[match]]\nnot_sys_descr = "x"',
        ["match[1]: a match needs at least one of sys_object_id, sys_descr and probe"],
    ),
    "match by a bad prefix": (
        '[[match]]\nsys_object_id = "enterprises.9"',
        ["match[1].sys_object_id: not an OID in numeric form: 'enterprises.9'"],
    ),
    "unknown fact": ('[facts]\nmodell = "x"', ["facts.modell: unknown fact 'modell'; did you mean 'model'?"]),
    "fact by a group of another name": (
        "[facts]\nsys_descr_regex = '(?P<version>\\d+)'",
        ["facts.sys_descr_regex: unknown fact 'version'; did you mean 'os_version'?"],
    ),
    "hook that is not there": (
        SENSOR + 'python = "x.py:f"',
        ["sensor[1].python: there is no {folder}/x.py"],
    ),
    "hook elsewhere": (
        SENSOR + 'python = "../x.py:f"',
        ["sensor[1].python: '../x.py:f' is not \"file.py:function\" in the family's own folder"],
    ),
    "two mistakes": (
        SENSOR + "scale = true\ninterval_s = 0",
        [
            "sensor[1].scale: True is neither a number nor a column's name",
            "sensor[1].interval_s: 0 is less than a second",
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_is_told(case: str, tmp_path: Path) -> None:
    text, expected = CASES[case]
    assert problems_of(tmp_path, text) == [
        line.format(folder=tmp_path) if "{folder}" in line else line for line in expected
    ]


def test_no_toml_at_all(tmp_path: Path) -> None:
    path = write(tmp_path, "bad", "description = ")
    (problem,) = Registry([tmp_path]).check_file(path)
    assert str(problem) == f"{path}: Invalid value (at end of document)"


def test_a_hook_that_does_not_load_is_told(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("1 / 0\n")
    assert problems_of(tmp_path, SENSOR + 'python = "bad.py:f"') == [
        f"sensor[1].python: {tmp_path}/bad.py cannot be loaded: ZeroDivisionError: division by zero"
    ]


def test_a_mistake_in_a_mixin_names_the_mixin(tmp_path: Path) -> None:
    write(tmp_path, "mix", SENSOR + "scal = 1")
    write(tmp_path, "own", 'extends = ["mix"]')
    with pytest.raises(FamilyError, match=f"^{tmp_path}/mix.toml: sensor\\[1\\].scal: unknown key"):
        Registry([tmp_path]).family("own")


def test_a_family_that_does_not_exist(tmp_path: Path) -> None:
    write(tmp_path, "cisco/ios", SENSOR)
    with pytest.raises(FamilyError, match=r"^unknown family 'cisco/iso'; did you mean 'cisco/ios'\?$"):
        Registry([tmp_path]).family("cisco/iso")


@pytest.mark.parametrize("name", ["index", "number", "family"])
def test_a_column_cannot_be_called_like_a_place_of_its_own(tmp_path: Path, name: str) -> None:
    said = f"{{{name}}} is filled without a column: call the column something else"
    sensor = '[[sensor]]\noid = "1.3.6.1.4.1.9.1"\nclass = "fan"\n'
    column = f'{name} = "1.3.6.1.4.1.9.2"'
    assert problems_of(tmp_path, f"{sensor}columns.{column}") == [f"sensor[1].columns.{name}: {said}"]
    assert problems_of(tmp_path, f"[columns]\n{column}\n{sensor}") == [f"columns.{name}: {said}"]

"""Which family a device is of, and what finding it costs."""

from pathlib import Path

import pytest

from collector.plugin.errors import FamilyError
from collector.plugin.registry import Registry
from collector.smi import oid as oids
from collector.smi.value import Missing
from tests.plugin.families import write

PROBED = oids.encode("1.3.6.1.4.1.5.1.0")


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    write(tmp_path, "generic", "")
    write(tmp_path, "vendor", '[[match]]\nsys_object_id = "1.3.6.1.4.1.5"')
    write(tmp_path, "vendor/new", "[[match]]\nsys_object_id = \"1.3.6.1.4.1.5\"\nsys_descr = 'v[2-9]'")
    write(tmp_path, "vendor/exact", '[[match]]\nsys_object_id = ["1.3.6.1.4.1.5.7", "1.3.6.1.4.1.5.8"]')
    write(
        tmp_path, "nas", '[[match]]\nsys_object_id = "1.3.6.1.4.1.8072.3.2.10"\nprobe = [{ oid = "1.3.6.1.4.1.5.1.0" }]'
    )
    write(tmp_path, "linux", '[[match]]\nsys_object_id = "1.3.6.1.4.1.8072.3.2.10"')
    write(tmp_path, "text", "[[match]]\nsys_descr = '^Turbo'\nnot_sys_descr = 'Pro'")
    write(tmp_path, "probed", f'[[match]]\nprobe = [{{ oid = "{oids.decode(PROBED)}", equals = 3 }}]')
    return Registry([tmp_path])


@pytest.mark.parametrize(
    ("object_id", "descr", "probed", "expected"),
    [
        ("1.3.6.1.4.1.5.1", "v1", None, ["vendor", "generic"]),
        ("1.3.6.1.4.1.5.1", "v2", None, ["vendor/new", "vendor", "generic"]),
        ("1.3.6.1.4.1.5.7.1", "v2", None, ["vendor/exact", "vendor/new", "vendor", "generic"]),
        ("1.3.6.1.4.1.5.70", "", None, ["vendor", "generic"]),
        (".1.3.6.1.4.1.5.70", "", None, ["vendor", "generic"]),
        ("1.3.6.1.4.1.50.7", "", None, ["generic"]),
        ("1.3.6.1.4.1.8072.3.2.10", "", b"x", ["nas", "linux", "generic"]),
        ("1.3.6.1.4.1.8072.3.2.10", "", Missing.NO_SUCH_OBJECT, ["linux", "generic"]),
        ("", "Turbo 9", None, ["text", "generic"]),
        ("", "Turbo Pro", None, ["generic"]),
        ("", "", 3, ["probed", "generic"]),
        ("", "", 4, ["generic"]),
    ],
)
def test_the_best_comes_first(
    registry: Registry, object_id: str, descr: str, probed: int | bytes | Missing | None, expected: list[str]
) -> None:
    probes = {} if probed is None else {PROBED: probed}
    assert [match.family for match in registry.match(object_id, descr, probes)] == expected


def test_the_reasons_are_for_people(registry: Registry) -> None:
    best, *_ = registry.match("1.3.6.1.4.1.5.1", "v2", {})
    assert best.reason == "sysObjectID 1.3.6.1.4.1.5.1 begins with 1.3.6.1.4.1.5, sysDescr matches /v[2-9]/"
    best, *_ = registry.match("", "", {PROBED: 3})
    assert best.reason == "1.3.6.1.4.1.5.1.0 is '3'"


def test_what_to_ask_before_matching(registry: Registry) -> None:
    assert registry.probe_oids("1.3.6.1.4.1.77", "") == [PROBED]


def test_nothing_is_asked_for_families_that_cannot_fit(tmp_path: Path) -> None:
    for number, rule in enumerate(
        ('sys_object_id = "1.3.6.1.4.1.8072"', "sys_descr = '^Turbo'", "sys_descr = 'o'\nnot_sys_descr = 'Pro'"), 1
    ):
        write(tmp_path, f"f{number}", f'[[match]]\n{rule}\nprobe = [{{ oid = "1.3.6.1.4.1.5.{number}.0" }}]')
    registry = Registry([tmp_path])
    assert list(map(oids.decode, registry.probe_oids("1.3.6.1.4.1.8072.1", "Turbo Pro"))) == [
        "1.3.6.1.4.1.5.1.0",
        "1.3.6.1.4.1.5.2.0",
    ]
    assert list(map(oids.decode, registry.probe_oids("1.3.6.1.4.1.80721", "other"))) == ["1.3.6.1.4.1.5.3.0"]


def test_no_more_of_a_file_is_read_for_a_match_than_needed(tmp_path: Path) -> None:
    write(tmp_path, "odd", '[[match]]\nsys_object_id = "1.3.6.1.4.1.5"\n[[sensor]]\nthis is no TOML')
    write(tmp_path, "late", '[facts]\nvendor = "x"\n[[match]]\nsys_object_id = "1.3.6.1.4.1.5"')
    registry = Registry([tmp_path])
    assert [match.family for match in registry.match("1.3.6.1.4.1.5.1", "", {})] == ["late", "odd", "generic"]
    with pytest.raises(FamilyError):
        registry.family("odd")


def test_a_user_s_family_hides_the_built_in_one(tmp_path: Path) -> None:
    write(tmp_path, "cisco/ios", '[facts]\nvendor = "mine"')
    registry = Registry.open([tmp_path])
    assert registry.path("cisco/ios") == tmp_path / "cisco" / "ios.toml"
    assert registry.path("huawei/vrp").parent.parent.name == "plugins"


def test_a_known_family_costs_its_own_files_only(tmp_path: Path) -> None:
    write(tmp_path, "broken", "this is no TOML")
    assert Registry.open([tmp_path]).family("apc/pdu").name == "apc/pdu"


def test_one_bad_file_costs_its_own_family_only(tmp_path: Path) -> None:
    write(tmp_path, "good", '[[match]]\nsys_object_id = "1.3.6.1.4.1.5"')
    write(tmp_path, "bad", "[[match]]\nsys_object_id = \"1.3.6.1.4.1.5.1\"\nsys_descr = '('")
    write(tmp_path, "worse", "[[match]]\nsys_object_id = ")
    registry = Registry([tmp_path])
    assert [match.family for match in registry.match("1.3.6.1.4.1.5.1", "", {})] == ["good", "generic"]
    assert sorted(Path(problem.file).stem for problem in registry.problems) == ["bad", "worse"]

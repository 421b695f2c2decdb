"""Every family against a recorded device, and its rows as somebody reviewed them."""

from pathlib import Path

import pytest

from collector.plugin.registry import Registry
from collector.smi import recording
from tests.plugins.recorded import cases, family_of, golden_path, golden_text, replay

REGISTRY = Registry.open()


@pytest.mark.parametrize(("case", "path"), cases().items(), ids=cases())
def test_the_recorded_device_gives_the_reviewed_rows(case: str, path: Path) -> None:
    replayed = replay(REGISTRY, recording.read(path).varbinds)
    assert replayed.family == family_of(case)
    assert replayed.plan.problems == []
    assert golden_text(replayed) == golden_path(case).read_text(encoding="utf-8")


def test_every_family_that_devices_match_has_a_recording() -> None:
    families = {name for name in REGISTRY.names() if REGISTRY.family(name).matches} | {"generic"}
    assert {family_of(case) for case in cases()} == families


def test_no_golden_file_is_left_behind() -> None:
    folder = golden_path("x").parent
    assert {path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.jsonl")} == set(cases())


def test_every_built_in_file_is_free_of_mistakes() -> None:
    assert {name: REGISTRY.check_file(REGISTRY.path(name)) for name in REGISTRY.names()} == {
        name: [] for name in REGISTRY.names()
    }

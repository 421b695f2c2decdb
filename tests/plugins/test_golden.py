"""Every family against a recorded device, and its rows as somebody reviewed them."""

import pytest

from collector.plugin.registry import Registry
from collector.smi import recording
from tests.plugins.recorded import CASES, golden_path, golden_text, path_of, replay

REGISTRY = Registry.open()


@pytest.mark.parametrize("family", CASES)
def test_the_recorded_device_gives_the_reviewed_rows(family: str) -> None:
    replayed = replay(REGISTRY, recording.read(path_of(CASES[family])).varbinds)
    assert replayed.family == family
    assert replayed.plan.problems == []
    assert golden_text(replayed) == golden_path(family).read_text(encoding="utf-8")


def test_every_family_that_devices_match_has_a_recording() -> None:
    families = {name for name in REGISTRY.names() if REGISTRY.family(name).matches} | {"generic"}
    assert families == set(CASES)


def test_every_built_in_file_is_free_of_mistakes() -> None:
    assert {name: REGISTRY.check_file(REGISTRY.path(name)) for name in REGISTRY.names()} == {
        name: [] for name in REGISTRY.names()
    }

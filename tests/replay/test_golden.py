"""Recorded devices taken all the way to points, as somebody reviewed them."""

from difflib import unified_diff

import pytest

from collector.plugin.registry import Registry
from tests.replay.golden import CASES, path_of, replay

REGISTRY = Registry.open()


@pytest.mark.parametrize("name", CASES)
def test_the_recorded_device_gives_the_reviewed_points(name: str) -> None:
    expected = path_of(name).read_text(encoding="utf-8").splitlines()
    diff = "\n".join(unified_diff(expected, replay(name, REGISTRY), "reviewed", "now", lineterm="", n=0))
    if diff:
        pytest.fail(f"{diff}\nIf this is right: python -m tests.replay.golden {name}", pytrace=False)

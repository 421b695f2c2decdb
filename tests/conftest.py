"""A worker that has compiled hundreds of families holds millions of objects: looking for garbage among all of them would stop
tests of timing for a second, again and again."""

import gc
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import Scheduling

gc.set_threshold(100_000, 50, 1000)

TOGETHER = (
    "tests/cli/test_families.py",
    "tests/grafana/test_queries.py",
    "tests/report/formats/html/test_browser.py",
    "tests/report/test_every_report.py",
    "tests/simulator/province/test_history.py",
)
"""files whose tests share what takes long to set up: one worker does it, and all of them"""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: "Producer") -> "Scheduling":
    """Every test for itself, but those of `TOGETHER`."""
    from xdist.scheduler import LoadScopeScheduling

    class ByTest(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return file if file in TOGETHER else nodeid

    return ByTest(config, log)

"""What reports share is made once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from collector.report.once import Once


def test_threads_that_ask_at_once_get_the_same_thing_made_once() -> None:
    once, together, made = Once(), Barrier(8), []

    def ask() -> object:
        together.wait()
        return once.get("key", lambda: made.append(object()) or made[-1])  # type: ignore[func-returns-value]

    with ThreadPoolExecutor(8) as pool:
        got = [future.result() for future in [pool.submit(ask) for _ in range(8)]]
    assert len(made) == 1
    assert all(each is made[0] for each in got)


def test_keys_are_apart() -> None:
    once = Once()
    assert (once.get("a", lambda: 1), once.get("b", lambda: 2), once.get("a", lambda: 3)) == (1, 2, 1)


def test_who_asks_for_what_failed_gets_the_error() -> None:
    once = Once()
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            once.get("key", lambda: 1 / 0)

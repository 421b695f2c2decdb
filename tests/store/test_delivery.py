"""A store that comes and goes, and what becomes of the points meanwhile."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from collector.metrics.model import Point
from collector.store import delivery as delivery_module
from collector.store.contract import Rejected, StoreError, StoreRefusedError, StoreUnavailableError, WriteResult
from collector.store.delivery import Counts, Delivery
from collector.store.spool import Spool
from tests.store.samples import cpu


class Moody:
    """A store that does what `mood` says."""

    def __init__(self) -> None:
        self.mood: StoreError | None = None
        self.points: list[Point] = []
        self.asked = 0
        self.hates: Point | None = None
        self.closed = False

    def write(self, points: Sequence[Point]) -> WriteResult:
        self.asked += 1
        if self.mood:
            raise self.mood
        taken = [point for point in points if point != self.hates]
        self.points += taken
        rejected = tuple(Rejected(point, "too ugly") for point in points if point == self.hates)
        return WriteResult(len(taken), rejected)

    def close(self) -> None:
        self.closed = True

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"delivery only writes, it does not call {name}")


class Clock:
    def __init__(self) -> None:
        self.now_s = 1_750_000_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_s += seconds


@pytest.fixture
def store() -> Moody:
    return Moody()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool", max_bytes=1 << 30, max_age_s=1e9)


@pytest.fixture
def delivery(store: Moody, spool: Spool, clock: Clock) -> Delivery:
    return Delivery(store, spool, clock=clock, sleep=clock.sleep)


AWAY = StoreUnavailableError("away", operation="write", target="http://db")


def test_a_good_day(delivery: Delivery, store: Moody, spool: Spool) -> None:
    delivery.deliver([cpu(1.0)])
    delivery.deliver([])
    assert store.points == [cpu(1.0)]
    assert delivery.counts == Counts(written=1)
    assert not spool.path.exists()
    delivery.close()
    assert store.closed


def test_a_store_that_is_away_is_asked_once_and_all_is_spooled(delivery: Delivery, store: Moody, spool: Spool) -> None:
    store.mood = AWAY
    for minute in range(5):
        delivery.deliver([cpu(1.0, minute)])
    assert store.asked == 1
    assert delivery.counts == Counts(spooled=5)
    assert spool.status().points == 5
    assert delivery.trouble is AWAY


def test_the_next_process_leaves_it_alone_too_and_then_makes_good(store: Moody, spool: Spool, clock: Clock) -> None:
    store.mood = AWAY
    Delivery(store, spool, clock=clock).deliver([cpu(1.0, 0)])
    store.mood = None
    clock.now_s += 10
    Delivery(store, spool, clock=clock).deliver([cpu(1.0, 1)])
    assert store.points == []
    clock.now_s += 10
    last = Delivery(store, spool, clock=clock)
    last.deliver([cpu(1.0, 2)])
    assert store.points == [cpu(1.0, 2), cpu(1.0, 0), cpu(1.0, 1)]
    assert last.counts == Counts(written=1, replayed=2)
    assert spool.empty()


def test_the_longer_it_is_away_the_less_it_is_asked(store: Moody, spool: Spool, clock: Clock) -> None:
    store.mood = AWAY
    for minute in range(60):
        Delivery(store, spool, clock=clock).deliver([cpu(1.0, minute)])
        clock.now_s += 60
    assert store.asked < 20
    store.mood = None
    clock.now_s += delivery_module.LONGEST_PAUSE_S
    Delivery(store, spool, clock=clock).deliver([cpu(1.0, 60)])
    assert len(store.points) == 61


def test_what_the_server_asks_for_is_honoured(delivery: Delivery, store: Moody, clock: Clock) -> None:
    store.mood = StoreUnavailableError("busy")
    store.mood.retry_after_s = 100
    delivery.deliver([cpu(1.0, 0)])
    clock.now_s += 99
    delivery.deliver([cpu(1.0, 1)])
    assert store.asked == 1
    clock.now_s += 2
    delivery.deliver([cpu(1.0, 2)])
    assert store.asked == 2


def test_a_clock_set_back_does_not_stop_deliveries(store: Moody, spool: Spool, clock: Clock) -> None:
    store.mood = AWAY
    Delivery(store, spool, clock=clock).deliver([cpu(1.0, 0)])
    store.mood = None
    clock.now_s -= 86_400
    Delivery(store, spool, clock=clock).deliver([cpu(1.0, 1)])
    assert len(store.points) == 2


def test_a_store_that_refuses_loses_nothing_either(
    delivery: Delivery, store: Moody, spool: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    store.mood = StoreRefusedError("wrong token", operation="write", target="http://db", hint="check token")
    delivery.deliver([cpu(1.0)])
    assert spool.status().points == 1
    assert "write: wrong token (http://db); check token" in caplog.text


def test_rejected_points_are_set_aside_and_named(
    delivery: Delivery, store: Moody, spool: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    store.hates = cpu(1.0, 1)
    delivery.deliver([cpu(1.0, minute) for minute in range(3)])
    assert delivery.counts == Counts(written=2, rejected=1)
    assert spool.status().dead_letters == 1
    assert "1 points were rejected, the first a cpu of r1: too ugly" in caplog.text


def test_points_that_are_rejected_on_replay_do_not_block_the_rest(
    delivery: Delivery, store: Moody, spool: Spool
) -> None:
    spool.append([cpu(1.0, minute) for minute in range(3)])
    store.hates = cpu(1.0, 1)
    assert delivery.flush()
    assert delivery.counts == Counts(replayed=2, rejected=1)
    assert spool.empty()


def test_a_long_outage_is_made_good_over_several_cycles(
    delivery: Delivery, store: Moody, spool: Spool, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collector.store.spool.SEGMENT_BYTES", 1)
    for minute in range(10):
        spool.append([cpu(1.0, minute)])
    write = store.write

    def slow(points: Sequence[Point]) -> WriteResult:
        clock.now_s += 4
        return write(points)

    monkeypatch.setattr(store, "write", slow)
    delivery.deliver([cpu(2.0, 100)])
    delivery.deliver([cpu(2.0, 101)])
    assert delivery.counts.replayed == 4
    delivery.begin()
    delivery.deliver([cpu(2.0, 102)])
    assert delivery.counts == Counts(written=1, replayed=4)


def test_what_the_caps_cost_is_counted(store: Moody, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collector.store.spool.SEGMENT_BYTES", 1)
    small = Spool(tmp_path / "small", max_bytes=400, max_age_s=1e9)
    delivery = Delivery(store, small)
    store.mood = AWAY
    for minute in range(10):
        delivery.deliver([cpu(1.0, minute)])
    assert delivery.counts.spooled == 10
    assert delivery.counts.dropped == 10 - small.status().points > 0


def test_flushing_waits_for_the_store_with_patience(
    delivery: Delivery, store: Moody, spool: Spool, clock: Clock
) -> None:
    spool.append([cpu(1.0)])
    store.mood = AWAY
    with pytest.raises(StoreUnavailableError):
        delivery.flush(patience_s=10)
    assert clock.slept == [1.0, 2.0, 4.0]
    with pytest.raises(StoreUnavailableError):
        delivery.flush()
    assert spool.status().points == 1
    store.mood = StoreRefusedError("wrong token")
    with pytest.raises(StoreRefusedError):
        delivery.flush(patience_s=10)
    store.mood = None
    assert delivery.flush()
    assert store.points == [cpu(1.0)]


def test_without_a_spool_trouble_is_raised(store: Moody) -> None:
    delivery = Delivery(store, None)
    store.mood = AWAY
    with pytest.raises(StoreUnavailableError):
        delivery.deliver([cpu(1.0)])
    store.mood, store.hates = None, cpu(1.0)
    delivery.deliver([cpu(1.0), cpu(2.0, 1)])
    assert delivery.counts == Counts(written=1, rejected=1)
    assert delivery.flush()


def test_neither_store_nor_spool(store: Moody, tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file")
    store.mood = AWAY
    with pytest.raises(StoreUnavailableError, match="spool"):
        Delivery(store, Spool(tmp_path / "spool", max_bytes=1, max_age_s=1)).deliver([cpu(1.0)])

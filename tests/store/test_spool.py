"""Points wait on disk through crashes, damage, full disks and crowds."""

import errno
import fcntl
import json
import multiprocessing
import os
import random
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.metrics.model import Point
from collector.store import dead_letter, segment
from collector.store import spool as spool_module
from collector.store.contract import Rejected, StoreError, StoreUnavailableError
from collector.store.spool import Spool
from tests.store.samples import START_NS, TAGS, cpu, points

_spawn = multiprocessing.get_context("spawn")


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return opened(tmp_path)


def opened(folder: Path, *, max_bytes: int = 1 << 30, max_age_s: float = 1e9) -> Spool:
    return Spool(folder / "spool", max_bytes=max_bytes, max_age_s=max_age_s)


def replayed(spool: Spool) -> list[Point]:
    found: list[Point] = []
    assert spool.replay(found.extend).finished
    return found


def segments(spool: Spool) -> list[Path]:
    return sorted(spool.path.glob("*.segment"))


def batch(start: int, size: int = 10) -> list[Point]:
    return [cpu(float(number), number) for number in range(start, start + size)]


def test_points_come_back_in_order_and_once(spool: Spool) -> None:
    assert spool.empty()
    for start in range(0, 2000, 100):
        assert spool.append(batch(start, 100)) == 0
    assert not spool.empty()
    assert spool.status().points == 2000
    assert replayed(spool) == batch(0, 2000)
    assert spool.empty()
    assert replayed(spool) == []


@given(many=st.lists(points(), max_size=5))
def test_any_point_survives(tmp_path_factory: pytest.TempPathFactory, many: list[Point]) -> None:
    spool = opened(tmp_path_factory.mktemp("any"))
    spool.append(many)
    assert replayed(spool) == many


def test_a_new_process_goes_on(tmp_path: Path) -> None:
    opened(tmp_path).append(batch(0))
    opened(tmp_path).append(batch(10))
    assert replayed(opened(tmp_path)) == batch(0, 20)


def test_status_of_nothing_makes_nothing(spool: Spool) -> None:
    assert spool.status().points == 0
    assert replayed(spool) == []
    assert not spool.path.exists()


def test_only_the_owner_can_read_it(spool: Spool) -> None:
    spool.append(batch(0))
    assert spool.path.stat().st_mode & 0o077 == 0


def test_a_segment_stays_until_all_of_it_is_stored(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_module, "SEGMENT_BYTES", 1)
    monkeypatch.setattr(spool_module, "REPLAY_POINTS", 10)
    monkeypatch.setattr(segment, "RECORD_POINTS", 10)
    for start in (0, 100, 200):
        spool.append(batch(start, 30))
    stored: list[Point] = []

    def failing(points: Sequence[Point]) -> None:
        if len(stored) >= 50:
            raise StoreUnavailableError("gone")
        stored.extend(points)

    with pytest.raises(StoreUnavailableError):
        spool.replay(failing)
    assert len(segments(spool)) == 2
    assert stored[:30] == batch(0, 30)
    assert replayed(spool) == batch(100, 30) + batch(200, 30)


def test_a_replay_stops_when_it_is_told_to(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_module, "SEGMENT_BYTES", 1)
    for start in (0, 100, 200):
        spool.append(batch(start))
    stored: list[Point] = []
    outcome = spool.replay(stored.extend, lambda: len(stored) < 20)
    assert (outcome.points, outcome.finished) == (20, False)
    assert replayed(spool) == batch(200)


# --- damage -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("torn", [1, 4, 15, 16, 17, 40])
def test_a_torn_tail_costs_only_itself(spool: Spool, torn: int) -> None:
    spool.append(batch(0))
    whole = segments(spool)[0].stat().st_size
    spool.append(batch(10))
    os.truncate(segments(spool)[0], whole + torn)
    spool.append(batch(20))
    assert replayed(spool) == batch(0) + batch(20)
    assert spool.status().damaged == torn


@given(seed=st.integers(0, 2**32), flips=st.integers(1, 5))
def test_damage_costs_at_most_the_records_it_hits(
    tmp_path_factory: pytest.TempPathFactory, seed: int, flips: int
) -> None:
    spool = opened(tmp_path_factory.mktemp("damage"))
    for start in range(0, 100, 10):
        spool.append(batch(start))
    file = segments(spool)[0]
    data, chance = bytearray(file.read_bytes()), random.Random(seed)
    for _ in range(flips):
        data[chance.randrange(len(data))] ^= chance.randrange(1, 256)
    file.write_bytes(data)
    found = replayed(spool)
    lost = 100 - len(found)
    assert lost <= 10 * flips
    assert found == [point for point in batch(0, 100) if point in found]
    assert (spool.status().damaged > 0) == (lost > 0)
    assert spool.empty()


@given(st.binary(max_size=2000))
def test_a_segment_of_anything_is_read_to_its_end(junk: bytes) -> None:
    (record,) = segment.records_of(batch(0))
    data = junk + record + junk
    found = [item for item in segment.scan(data) if isinstance(item, segment.Record)]
    assert batch(0) in [segment.points_of(data, item) for item in found]


def test_a_record_of_another_version_is_counted(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment, "_encode", lambda _: b"\x93\x01\x02\x03")
    spool.append(batch(0))
    monkeypatch.undo()
    spool.append(batch(10))
    assert replayed(spool) == batch(10)
    assert spool.status().damaged > 0


# --- caps -------------------------------------------------------------------------------------------------------------


def test_the_cap_by_size_drops_the_oldest_and_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_module, "SEGMENT_BYTES", 1)
    spool = opened(tmp_path, max_bytes=1000)
    dropped = sum(spool.append(batch(start)) for start in range(0, 100, 10))
    status = spool.status()
    assert status.bytes <= 1000
    assert dropped == status.dropped > 0
    found = replayed(spool)
    assert found == batch(dropped, 100 - dropped)


def test_a_batch_that_can_never_fit_is_dropped_and_counted(tmp_path: Path) -> None:
    spool = opened(tmp_path, max_bytes=600)
    spool.append(batch(0))
    assert spool.append([cpu(random.Random(n).random(), n) for n in range(400)]) == 400
    assert replayed(spool) == batch(0)
    assert spool.status().dropped == 400


def test_the_cap_by_age(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_module, "SEGMENT_BYTES", 1)
    spool = opened(tmp_path, max_age_s=100)
    spool.append(batch(0))
    spool.append(batch(10))
    long_ago = time.time() - 1000
    os.utime(segments(spool)[0], (long_ago, long_ago))
    assert spool.append(batch(20)) == 10
    assert replayed(spool) == batch(10, 20)


def test_a_full_disk_is_an_error_and_leaves_whole_records(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    spool.append(batch(0))

    def full(handle: int, data: memoryview) -> int:
        if len(data) < 100:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(handle, data[:50])

    real = os.write
    monkeypatch.setattr(os, "write", full)
    with pytest.raises(StoreUnavailableError, match="No space left") as caught:
        spool.append(batch(10))
    assert "state_dir" in caught.value.hint
    monkeypatch.undo()
    spool.append(batch(20))
    assert replayed(spool) == batch(0) + batch(20)
    assert spool.status().damaged == 0


# --- dead letters -----------------------------------------------------------------------------------------------------


def test_rejected_points_are_kept_with_the_reason(spool: Spool) -> None:
    point = Point("cpu", {"host": "\ud800"}, {"usage_percent": float("nan"), "big": 2**70}, START_NS)
    spool.set_aside([Rejected(point, "field type conflict"), Rejected(cpu(1.0), "too old")])
    (file,) = (spool.path / "dead-letter").iterdir()
    letters = [json.loads(line) for line in file.read_text().splitlines()]
    assert [letter["reason"] for letter in letters] == ["field type conflict", "too old"]
    assert letters[1]["tags"] == {**TAGS, "name": "0"}
    assert spool.status().dead_letters == 2
    assert spool.empty()


def test_dead_letters_do_not_fill_the_disk(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dead_letter, "MAX_BYTES", 1000)
    spool.set_aside([Rejected(cpu(1.0), "bad")])
    today = next((spool.path / "dead-letter").iterdir())
    for day in range(1, 9):
        (today.parent / f"2000-01-0{day}.jsonl").write_bytes(b"x" * 300)
    spool.set_aside([Rejected(cpu(1.0), "bad")])
    left = sorted(file.name for file in today.parent.iterdir())
    assert left == ["2000-01-07.jsonl", "2000-01-08.jsonl", today.name]


def test_a_point_that_cannot_be_spooled_is_set_aside(spool: Spool) -> None:
    bad = [Point("cpu", {"host": "r"}, {"usage_percent": 2**70}, 1), Point("cpu", {"host": "\ud800"}, {}, 1)]
    spool.append([*batch(0), *bad, *batch(10)])
    assert replayed(spool) == batch(0, 20)
    assert spool.status().dead_letters == 2


# --- crowds and crashes -----------------------------------------------------------------------------------------------


def test_only_one_replays_and_others_may_add(spool: Spool, tmp_path: Path) -> None:
    spool.append(batch(0))
    other = opened(tmp_path)
    found: list[Point] = []

    def meanwhile(points: Sequence[Point]) -> None:
        found.extend(points)
        assert other.replay(found.extend).finished is False
        if len(found) == 10:
            other.append(batch(10))

    assert spool.replay(meanwhile).finished
    assert found == batch(0, 20)
    assert spool.empty()


def _crowd(folder: str, number: int) -> None:
    spool = opened(Path(folder))
    for start in range(0, 200, 10):
        spool.append([cpu(float(start + at), start + at, host=f"r{number}") for at in range(10)])


def test_many_writers_and_a_reader_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_module, "SEGMENT_BYTES", 2000)
    processes = [_spawn.Process(target=_crowd, args=(str(tmp_path), number)) for number in range(3)]
    for process in processes:
        process.start()
    spool, found = opened(tmp_path), list[Point]()
    while any(process.is_alive() for process in processes):
        spool.replay(found.extend)
    for process in processes:
        process.join()
        assert process.exitcode == 0
    spool.replay(found.extend)
    assert len(found) == 600
    for number in range(3):
        values = [point.fields["usage_percent"] for point in found if point.tags["host"] == f"r{number}"]
        assert values == [float(value) for value in range(200)]


def _append_for_ever(folder: str, acknowledged: str) -> None:
    """Says which points are on disk: a line a batch, written after `append` returned."""
    spool_module.SEGMENT_BYTES = 20_000
    spool = opened(Path(folder))
    with Path(acknowledged).open("a") as said:
        first = int(Path(acknowledged).read_text().splitlines()[-1]) + 1 if Path(acknowledged).stat().st_size else 0
        for number in range(first, 10**9):
            spool.append([cpu(float(number), number, name=str(at)) for at in range(100)])
            said.write(f"{number}\n")
            said.flush()


def _replay_for_ever(folder: str, stored: str) -> None:
    """The store is a file; a point counts as stored when its line is in it."""
    spool = opened(Path(folder))
    with Path(stored).open("a") as file:

        def store(points: Sequence[Point]) -> None:
            file.writelines(f"{point.time_ns} {point.tags['name']}\n" for point in points)
            file.flush()

        while True:
            spool.replay(store)


def test_kill_at_any_moment_loses_no_acknowledged_point(tmp_path: Path) -> None:
    acknowledged, stored = tmp_path / "acknowledged", tmp_path / "stored"
    chance = random.Random(7)
    for _ in range(6):
        writer = _spawn.Process(target=_append_for_ever, args=(str(tmp_path), str(acknowledged)))
        reader = _spawn.Process(target=_replay_for_ever, args=(str(tmp_path), str(stored)))
        for process in (writer, reader):
            process.start()
        before = acknowledged.stat().st_size if acknowledged.exists() else 0
        while not acknowledged.exists() or acknowledged.stat().st_size == before:
            assert writer.is_alive()
            time.sleep(0.005)
        time.sleep(chance.random() * 0.15)
        for process in chance.sample([writer, reader], 2):
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
            process.join()
    left = replayed(opened(tmp_path))
    arrived = {tuple(line.split()) for line in stored.read_text().splitlines()} if stored.exists() else set()
    arrived |= {(str(point.time_ns), point.tags["name"]) for point in left}
    numbers = [int(line) for line in acknowledged.read_text().splitlines()]
    assert len(numbers) > 20
    missing = {(str(cpu(0.0, number).time_ns), str(at)) for number in numbers for at in range(100)} - arrived
    assert not missing


def test_a_lock_that_another_holds_is_waited_for(spool: Spool) -> None:
    spool.append(batch(0))
    process = _spawn.Process(target=_hold_lock, args=(str(spool.path), 0.3))
    process.start()
    while not (spool.path / "held").exists():
        time.sleep(0.01)
    spool.append(batch(10))
    process.join()
    assert replayed(spool) == batch(0, 20)


def _hold_lock(path: str, seconds: float) -> None:
    with (Path(path) / "lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        (Path(path) / "held").touch()
        time.sleep(seconds)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file")
    with pytest.raises(StoreError):
        opened(tmp_path).append(batch(0))

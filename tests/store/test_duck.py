"""What is DuckDB's alone: taking turns, crashes, migrations, rollups, backups."""

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from collector.metrics.model import Point
from collector.store import duck_file, duck_history, duck_reader, duck_rollup, duck_schema
from collector.store.contract import History, StoreRefusedError, StoreUnavailableError
from collector.store.duck import DuckStore
from collector.store.duck_memory import Memory
from collector.store.reading import Aggregate
from collector.store.segments import HOUR_NS
from inventory.model import DuckdbStore
from tests.store.samples import MINUTE_NS, START_NS, TAGS, cpu, interface

DAY_NS = 1440 * MINUTE_NS
END_NS = START_NS + 1000 * DAY_NS

# A fresh interpreter for each child: the test's own may have threads.
_spawn = multiprocessing.get_context("spawn")


@pytest.fixture
def store(duck_path: Path) -> DuckStore:
    return DuckStore(DuckdbStore(path=str(duck_path)), wait_s=20)


def rows(path: Path, statement: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(statement).fetchall()


def count(path: Path, table: str = "cpu") -> int:
    return int(str(rows(path, f'SELECT count(*) FROM "{table}"')[0][0]))  # noqa: S608


def test_a_table_is_plain_to_read(store: DuckStore) -> None:
    store.write([cpu(5.0)])
    found = rows(store.path, "SELECT time::VARCHAR, host, site, district, name, usage_percent FROM cpu")
    assert found == [("2025-06-16 00:00:00", "r1", "s1", "", "0", 5.0)]


def test_a_batch_with_a_hostile_text(store: DuckStore) -> None:
    text = '"}\n{"time":1,"host":"x"}\x00\u2028\\u0000'
    store.write([Point("device_info", {"host": text}, {"sys_descr": text}, START_NS)])
    (found,) = store.latest("device_info")
    assert (found.tags, found.fields) == ({"host": text}, {"sys_descr": text})


def test_nothing_is_made_by_reading(store: DuckStore) -> None:
    assert store.latest("cpu") == []
    assert store.series("cpu", "usage_percent", since_ns=0, until_ns=END_NS) == []
    assert store.info().measurements == {}
    assert not store.path.exists()


def test_a_path_that_cannot_be(tmp_path: Path) -> None:
    store = DuckStore(DuckdbStore(path=str(tmp_path / "nowhere" / "x.duckdb")))
    with pytest.raises(StoreRefusedError, match="No such file or directory"):
        store.write([cpu(1.0)])


def test_a_file_that_is_no_database(store: DuckStore) -> None:
    store.path.write_bytes(b"no database " * 1000)
    with pytest.raises(StoreRefusedError) as caught:
        store.write([cpu(1.0)])
    assert str(store.path) in str(caught.value)
    assert "restore" in caught.value.hint


# --- taking turns -----------------------------------------------------------------------------------------------------


@contextmanager
def child(target: object, *arguments: object) -> Iterator[multiprocessing.process.BaseProcess]:
    process = _spawn.Process(target=target, args=arguments)  # type: ignore[arg-type]
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


def _write_minutes(path: str, host: str, minutes: range) -> None:
    store = DuckStore(DuckdbStore(path=path), wait_s=60)
    for minute in minutes:
        store.write([cpu(1.0, minute, host=host)])


def test_writers_and_readers_wait_for_each_other(store: DuckStore) -> None:
    store.write([cpu(0.0, host="r0")])
    path, minutes, reads = str(store.path), range(8), 0
    with child(_write_minutes, path, "r1", minutes) as one, child(_write_minutes, path, "r2", minutes) as other:
        while one.is_alive() or other.is_alive():
            assert store.latest("cpu")
            reads += 1
        assert (one.exitcode, other.exitcode) == (0, 0)
    assert count(store.path) == 17
    assert reads > 0


def _hold(path: str, ready: str) -> None:
    with duckdb.connect(path):  # as a DuckDB shell does, which knows nothing of our locks
        Path(ready).touch()
        time.sleep(60)


def test_a_stranger_with_the_file_open_is_waited_for_and_then_named(store: DuckStore, tmp_path: Path) -> None:
    store.write([cpu(0.0)])
    ready = tmp_path / "ready"
    with child(_hold, str(store.path), str(ready)) as process:
        while not ready.exists():
            time.sleep(0.02)
        impatient = DuckStore(store.config, wait_s=0.2)
        for operation in (lambda: impatient.write([cpu(1.0, 1)]), lambda: impatient.latest("cpu")):
            with pytest.raises(StoreUnavailableError, match=r"in use by others for 0\.2 s"):
                operation()
        process.kill()
        process.join()
        store.write([cpu(1.0, 1)])
    assert count(store.path) == 2


def test_a_waiting_writer_goes_before_later_readers(store: DuckStore) -> None:
    store.write([cpu(0.0)])
    reading = duck_file.turn(store.path, write=False, deadline=time.monotonic() + 5)
    with reading, child(_write_minutes, str(store.path), "r2", range(1)) as writer:
        while not _gate_is_held(store.path):
            assert writer.is_alive()
            time.sleep(0.02)
        with pytest.raises(TimeoutError), duck_file.turn(store.path, write=False, deadline=time.monotonic() + 0.1):
            pass
        assert writer.is_alive()


def test_threads_read_at_once_while_another_writes(store: DuckStore) -> None:
    """Whether each finds what was there, and the file is free for others between and after."""
    hosts = ["r0", "r1", "r2"]
    store.write([cpu(float(minute), minute, host=host) for host in hosts for minute in range(60)])

    def read(host: str) -> list[float]:
        found = []
        for _ in range(5):
            (history,) = store.histories(
                "cpu", ["usage_percent"], since_ns=START_NS, until_ns=END_NS, every_s=60, only={"host": [host]}
            )
            found.append(float(history.values["usage_percent"][:60].sum()))
            assert len(store.latest("cpu", {"host": host})) == 1
        return found

    with ThreadPoolExecutor(3) as pool:
        answers = pool.map(read, hosts)
        for minute in range(60, 63):
            store.write([cpu(1.0, minute, host="r0")])
        assert list(answers) == [[float(sum(range(60)))] * 5] * 3
    assert count(store.path) == 183
    store.close()
    assert len(store.latest("cpu")) == 3


def test_a_writer_need_not_wait_for_a_reader_that_has_done(store: DuckStore) -> None:
    store.write([cpu(0.0)])
    assert store.latest("cpu")
    with duck_file.turn(store.path, write=True, deadline=time.monotonic() + 20):  # the file is let go by itself
        impatient = DuckStore(store.config, wait_s=0.1)
        with pytest.raises(StoreUnavailableError):
            impatient.latest("cpu")
    assert store.latest("cpu")


def test_a_turn_that_ends_while_a_writer_waits_lets_the_file_go_at_once(
    store: DuckStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duck_reader, "_LINGER_S", 60)
    store.write([cpu(0.0)])
    reader = duck_reader.DuckReader(store.path, wait_s=5)
    with child(_write_minutes, str(store.path), "r2", range(1)) as writer:
        with reader.turn() as connection:
            while not _gate_is_held(store.path):
                assert writer.is_alive()
                time.sleep(0.02)
            assert connection.execute("SELECT count(*) FROM cpu").fetchall() == [(1,)]
        with duck_file.turn(store.path, write=False, deadline=time.monotonic() + 20):
            assert count(store.path) == 2


def test_what_was_found_out_about_a_file_is_forgotten_when_it_changes(tmp_path: Path) -> None:
    path, asked = tmp_path / "x.duckdb", list[str]()
    memory = Memory(path)

    def ask(question: str) -> int:
        return memory.get(question, lambda: asked.append(question) or len(asked))  # type: ignore[func-returns-value]

    assert [ask("a"), ask("b"), ask("a")] == [1, 2, 1]
    path.write_bytes(b"1")
    assert [ask("a"), ask("a")] == [3, 3]
    path.with_name("x.duckdb.wal").write_bytes(b"1")
    assert [ask("b"), ask("b"), ask("a")] == [4, 4, 5]
    path.unlink()
    assert ask("a") == 6


def test_which_series_there_are_is_known_of_the_span_that_is_asked_for(store: DuckStore) -> None:
    store.write([*day_of_samples(0, hosts=1), *day_of_samples(3, hosts=2)])

    def hosts(since: int, until: int) -> list[str]:
        span = {"since_ns": START_NS + since * DAY_NS, "until_ns": START_NS + until * DAY_NS}
        return sorted({h.tags["host"] for h in store.histories("interface", ["in_bps"], every_s=3_600, **span)})

    both = hosts(0, 4)
    assert len(both) == 2
    assert hosts(0, 1) == both[:1]  # of the longer span that is known, only the one with windows
    again = DuckStore(DuckdbStore(path=str(store.path)))
    span = {"since_ns": START_NS, "until_ns": START_NS + DAY_NS}
    assert len(list(again.histories("interface", ["in_bps"], every_s=3_600, **span))) == 1
    span["until_ns"] += 3 * DAY_NS
    assert len(list(again.histories("interface", ["in_bps"], every_s=3_600, **span))) == 2
    again.close()


def _gate_is_held(path: Path) -> bool:
    import fcntl

    with path.with_name(path.name + ".gate").open("ab") as gate:
        try:
            fcntl.flock(gate, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


# --- crashes ----------------------------------------------------------------------------------------------------------


def _write_batches(path: str, size: int) -> None:
    store = DuckStore(DuckdbStore(path=path))
    for minute in range(10_000):
        store.write([cpu(1.0, minute, name=str(name)) for name in range(size)])
        sys.stdout.write(f"{minute}\n")


def _read_after(path: Path, size: int) -> int:
    found = DuckStore(DuckdbStore(path=str(path))).series("cpu", "usage_percent", since_ns=0, until_ns=END_NS)
    lengths = {len(series.times_ns) for series in found}
    assert len(lengths) <= 1, "some series of a batch are there and others are not"
    assert len(found) in (0, size)
    return lengths.pop() if lengths else 0


def written(path: Path) -> list[int]:
    """Changes with everything that is written to the file."""
    return [part.stat().st_mtime_ns for part in (path, path.with_name(path.name + ".wal")) if part.exists()]


def test_kill_in_the_middle_of_a_write_leaves_all_or_nothing_of_a_batch(duck_path: Path) -> None:
    size, batches = 400, 0
    for delay_ms in (5, 20, 45, 80):
        before = written(duck_path)
        process = _spawn.Process(target=_write_batches, args=(str(duck_path), size))
        process.start()
        while written(duck_path) == before:
            time.sleep(0.01)
        time.sleep(0.3 + delay_ms / 1000)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        batches = max(batches, _read_after(duck_path, size))
    assert batches > 0
    DuckStore(DuckdbStore(path=str(duck_path))).write([cpu(2.0, 0, name=str(name)) for name in range(size)])
    assert _read_after(duck_path, size) == batches


# --- the layout -------------------------------------------------------------------------------------------------------


def test_a_new_field_becomes_a_column_and_old_rows_stay(store: DuckStore, monkeypatch: pytest.MonkeyPatch) -> None:
    complete = duck_schema.tables()
    without = {
        name: [column for column in columns if column[0] != "used_percent"]
        for name, columns in complete.items()
        if name != "ping"
    }
    monkeypatch.setattr(duck_schema, "tables", lambda: without)
    store.write([cpu(1.0)])
    monkeypatch.undo()
    assert "ping" not in {name for (name,) in rows(store.path, "SELECT table_name FROM duckdb_tables()")}
    store.write(
        [Point("memory", TAGS, {"used_percent": 5.0}, START_NS), Point("ping", TAGS, {"loss_percent": 0.0}, START_NS)]
    )
    assert store.latest("cpu") == [cpu(1.0)]
    assert store.latest("memory")[0].fields == {"used_percent": 5.0}
    assert store.latest("ping")[0].fields == {"loss_percent": 0.0}


def test_a_file_of_an_older_collector_is_read_before_anybody_writes(
    store: DuckStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    complete = duck_schema.tables()
    monkeypatch.setattr(
        duck_schema, "tables", lambda: {name: columns for name, columns in complete.items() if "ping" not in name}
    )
    store.write([cpu(1.0)])
    monkeypatch.undo()
    assert store.latest("ping") == []
    assert store.latest("cpu") == [cpu(1.0)]
    assert store.info().measurements["cpu"] == 1


def test_a_file_that_was_only_just_begun_holds_nothing(store: DuckStore) -> None:
    with duck_file.opened(store.path, wait_s=1.0):
        pass
    assert store.latest("cpu") == []
    assert store.series("cpu", "usage_percent", since_ns=0, until_ns=END_NS) == []
    assert store.info().details == (("state", "nothing stored yet"),)


def test_a_file_of_a_newer_collector_is_refused(store: DuckStore) -> None:
    store.write([cpu(1.0)])
    with duckdb.connect(str(store.path)) as connection:
        connection.execute("INSERT INTO schema_version VALUES (99, 'x', NULL)")
    with pytest.raises(StoreRefusedError, match="layout 99") as caught:
        store.write([cpu(2.0, 1)])
    assert caught.value.hint == "upgrade the collector"


def test_every_column_has_a_name_of_its_own() -> None:
    for table, columns in duck_schema.tables().items():
        names = [name for name, _ in columns]
        assert len(names) == len(set(names)), table


# --- rollups ----------------------------------------------------------------------------------------------------------


def day_of_samples(day: int, *, hosts: int = 3, every: int = 10) -> list[Point]:
    return [
        interface(day * 1440 + minute, host=f"h{host}", in_bps=float(minute), in_octets=minute, speed_bps=1000)
        for host in range(hosts)
        for minute in range(0, 1440, every)
    ]


Plain = list[tuple[dict[str, str], list[int], dict[str, list[float | str]], list[float]]]


def plain(found: Iterable[History]) -> Plain:
    """Histories that can be compared: rollups keep seven digits."""
    return [
        (
            h.tags,
            h.times_ns.tolist(),
            {name: ["nan" if x != x else float(f"{x:.5g}") for x in v.tolist()] for name, v in h.values.items()},
            h.samples.tolist(),
        )
        for h in found
    ]


@pytest.fixture
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duck_rollup, "SORT_ROWS", 100)
    monkeypatch.setattr(duck_rollup, "ROLLUP_ROWS", 200)


@pytest.mark.usefixtures("small_slices")
def test_finished_days_are_rolled_up_once(store: DuckStore) -> None:
    store.write(day_of_samples(0) + day_of_samples(1))
    now = START_NS + DAY_NS + 5 * MINUTE_NS
    assert store.compact(now) == duck_rollup.Compacted(days=1, dropped=0)
    assert store.compact(now) == duck_rollup.Compacted(days=0, dropped=0)
    assert count(store.path, "interface") == 864
    hourly = rows(
        store.path,
        "SELECT time::VARCHAR, samples, in_bps_min, in_bps_avg, in_bps_max, oper_status, reset_avg, speed_bps_max "
        "FROM interface_hourly WHERE host = 'h1' ORDER BY time",
    )
    assert len(hourly) == 24
    assert hourly[1] == ("2025-06-16 01:00:00", 6, 60.0, 85.0, 110.0, "up", 0.0, 1000.0)
    daily = rows(
        store.path,
        "SELECT host, samples, in_bps_min, in_bps_avg, in_bps_max, in_bps_p95 FROM interface_daily ORDER BY host",
    )
    assert daily == [(f"h{host}", 144, 0.0, 715.0, 1430.0, 1360.0) for host in range(3)]


@pytest.mark.usefixtures("small_slices")
def test_late_samples_are_rolled_up_too(store: DuckStore) -> None:
    store.write(day_of_samples(0, hosts=1, every=20))
    store.compact(START_NS + DAY_NS)
    store.write(day_of_samples(0, hosts=1, every=10))
    assert store.compact(START_NS + DAY_NS).days == 1
    assert rows(store.path, "SELECT samples FROM interface_daily") == [(144,)]
    (found,) = hourly(store, "in_bps")
    assert found.samples.tolist() == [6.0] * 24


@pytest.mark.usefixtures("small_slices")
def test_old_samples_go_and_reading_goes_on_from_the_rollups(store: DuckStore) -> None:
    for day in range(3):
        store.write(day_of_samples(day))
    until = START_NS + 3 * DAY_NS
    asked = {"since_ns": START_NS, "until_ns": until}
    store.compact(until)
    series = store.series("interface", "in_bps", **asked, every_s=86400, aggregate="max")
    means = store.series("interface", "in_bps", {"host": "h2"}, **asked, every_s=3600)
    percentiles = plain(store.daily_percentiles("interface", ["in_bps"], 95, **asked))
    assert [len(means[0].values), len(percentiles)] == [72, 3]

    kept = DuckdbStore(path=str(store.path), raw_days=1, hourly_days=2, daily_days=400)
    assert DuckStore(kept).compact(until).dropped == 2 * 432 + 72
    assert store.series("interface", "in_bps", **asked, every_s=86400, aggregate="max") == series
    assert plain(store.daily_percentiles("interface", ["in_bps"], 95, **asked)) == percentiles
    (fewer,) = store.series("interface", "in_bps", {"host": "h2"}, **asked, every_s=3600)
    assert len(fewer.values) == 1 + 24 + 24  # a day, a day's hours, a day's samples
    assert fewer.values[0] == 715.0
    assert fewer.values[1:] == means[0].values[24:]
    medians = plain(store.daily_percentiles("interface", ["in_bps"], 50, **asked))
    assert [times for _, times, _, _ in medians] == [[START_NS + 2 * DAY_NS]] * 3


@pytest.mark.usefixtures("small_slices")
def test_histories_are_the_same_from_samples_and_from_rollups(
    store: DuckStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(every_s: int, aggregate: Aggregate = "mean", first_day: int = 0) -> Plain:
        span = {"since_ns": START_NS + first_day * DAY_NS, "until_ns": START_NS + 3 * DAY_NS + 90 * MINUTE_NS}
        fields = ["in_bps", "speed_bps", "reset"]
        return plain(store.histories("interface", fields, **span, every_s=every_s, aggregate=aggregate))

    kinds: tuple[tuple[int, Aggregate], ...] = ((1, "mean"), (6, "max"), (24, "min"), (48, "mean"))
    for day in range(3):
        store.write(day_of_samples(day))
    store.write(
        [interface(3 * 1440 + 5, host="h1", in_bps=5.0, speed_bps=1000), interface(3 * 1440 + 70, host="young")]
    )
    before = {(every, kind): asked(every * 3600, kind) for every, kind in kinds}
    fine, counters = asked(600), plain(hourly(store, "in_octets"))
    store.compact(START_NS + 3 * DAY_NS + 2 * HOUR_NS)
    assert {(every, kind): asked(every * 3600, kind) for every, kind in before} == before
    assert (asked(600), plain(hourly(store, "in_octets"))) == (fine, counters)

    monkeypatch.setattr(duck_history, "_CELLS", 60)  # a series a slice
    DuckStore(DuckdbStore(path=str(store.path), raw_days=1)).compact(START_NS + 3 * DAY_NS + 2 * HOUR_NS)
    store.write(day_of_samples(0, hosts=1)[:1])  # a latecomer of a day that is gone
    assert {(every, kind): asked(every * 3600, kind) for every, kind in before} == before
    assert asked(600, first_day=2) == [
        (tags, times[-count:], {name: v[-count:] for name, v in values.items()}, samples[-count:])
        for (tags, times, values, samples), count in zip(fine, (144, 145, 144, 1), strict=True)
    ]
    (coarser, *_) = asked(600)
    assert [len(coarser[1]), coarser[3][:2]] == [2 * 24 + 144, [6.0, 6.0]]
    assert [len(times) for _, times, _, _ in plain(hourly(store, "in_octets"))] == [25, 25, 24, 1]


def hourly(store: DuckStore, field: str) -> Iterator[History]:
    return store.histories("interface", [field], since_ns=START_NS, until_ns=START_NS + 4 * DAY_NS, every_s=3600)


@pytest.mark.usefixtures("small_slices")
def test_a_latecomer_does_not_replace_the_rollup_of_a_day_that_is_gone(store: DuckStore) -> None:
    store.write(day_of_samples(0, hosts=1))
    month_later = START_NS + 100 * DAY_NS
    store.compact(month_later)
    assert count(store.path, "interface") == 0
    store.write(day_of_samples(0, hosts=1)[:1])
    store.compact(month_later)
    assert rows(store.path, "SELECT samples FROM interface_daily") == [(144,)]
    assert count(store.path, "interface") == 0


@pytest.mark.usefixtures("small_slices")
@pytest.mark.parametrize("step", range(1, 12, 2))
def test_compacting_that_breaks_off_is_made_good(store: DuckStore, monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    store.write(day_of_samples(0))
    turns = 0

    @contextmanager
    def failing(*arguments: object, **options: object) -> Iterator[object]:
        nonlocal turns
        turns += 1
        with duck_file.opened(*arguments, **options) as connection:  # type: ignore[arg-type]
            yield connection
            if turns == step:
                raise KeyboardInterrupt

    monkeypatch.setattr("collector.store.duck.opened", failing)
    with pytest.raises(KeyboardInterrupt):
        store.compact(START_NS + DAY_NS)
    monkeypatch.undo()
    monkeypatch.setattr(duck_rollup, "ROLLUP_ROWS", 200)
    store.compact(START_NS + DAY_NS)
    assert count(store.path, "interface") == 432
    assert rows(store.path, "SELECT count(*), sum(samples) FROM interface_daily") == [(3, 432)]
    assert rows(store.path, "SELECT count(*), sum(samples) FROM interface_hourly") == [(72, 432)]


# --- backups ----------------------------------------------------------------------------------------------------------


def test_a_backup_is_whole_while_pollers_run_and_can_be_restored(store: DuckStore, tmp_path: Path) -> None:
    store.write([cpu(0.0)])
    copy = tmp_path / "copy.duckdb"
    with child(_write_minutes, str(store.path), "r2", range(12)) as writer:
        while count_or_none(store) < 3:
            assert writer.is_alive()
        store.backup(copy)
        writer.join()
    kept = count(copy)
    assert 3 <= kept <= 13
    assert count(store.path) == 13
    store.restore(copy)
    assert count(store.path) == kept
    assert count(store.path.with_name("collector.duckdb.before-restore")) == 13
    store.write([cpu(0.0, 100)])
    assert count(store.path) == kept + 1
    assert {path.name for path in tmp_path.iterdir()} == {
        "collector.duckdb", "collector.duckdb.gate", "collector.duckdb.lock", "collector.duckdb.before-restore", "copy.duckdb"
    }  # fmt: skip


def count_or_none(store: DuckStore) -> int:
    (series, *_) = store.series("cpu", "usage_percent", {"host": "r2"}, since_ns=0, until_ns=END_NS) or [None]
    return len(series.times_ns) if series else 0


def test_a_backup_overwrites_nothing(store: DuckStore, tmp_path: Path) -> None:
    store.write([cpu(0.0)])
    precious = tmp_path / "precious"
    precious.write_text("mine")
    with pytest.raises(StoreRefusedError, match="exists already"):
        store.backup(precious)
    assert precious.read_text() == "mine"


@pytest.mark.parametrize("kind", ["missing", "garbage", "other"])
def test_only_a_store_is_restored(store: DuckStore, tmp_path: Path, kind: str) -> None:
    store.write([cpu(0.0)])
    copy = tmp_path / "copy"
    if kind == "garbage":
        copy.write_bytes(b"garbage" * 1000)
    elif kind == "other":
        with duckdb.connect(str(copy)) as connection:
            connection.execute("CREATE TABLE mine (x INTEGER)")
    before = {path.name for path in tmp_path.iterdir()}
    with pytest.raises(StoreRefusedError):
        store.restore(copy)
    assert count(store.path) == 1
    assert {path.name for path in tmp_path.iterdir()} == before

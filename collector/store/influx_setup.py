"""Making an InfluxDB 1.x keep samples for a time and rollups for longer: retention policies and continuous queries.

Done again, it leaves things as they are. Old samples go only when the rollups are there: that is the last step.
"""

import time
from collections.abc import Callable, Collection, Iterator

import msgspec

from collector.store.contract import StoreUnavailableError
from collector.store.influx_http import HttpClient, failure
from collector.store.influx_read import Table, answered, quoted
from collector.store.influx_rollup import EVERY, LATE, rollups
from collector.store.reading import DAY_NS, DAY_S
from collector.store.segments import DAILY, HOURLY
from inventory.model import InfluxStore

DEFAULT_POLICY = "autogen"
"""what InfluxDB makes with a database"""

STATEMENT_S = 600.0
"""how long a statement may take that rolls up a day"""

BACKFILL_S = 12 * 3600.0
"""how long all of them may take together"""

Say = Callable[["Step"], None]
"""is told of each step before it is taken"""


class Step(msgspec.Struct, frozen=True):
    """Something to do: what it is for, and the statement that does it."""

    purpose: str
    statement: str


def set_up(config: InfluxStore, client: HttpClient, say: Say) -> None:
    """Do all that `steps` says, but for what is there already, and without `retention`.

    Raises:
        StoreUnavailableError, StoreRefusedError: the server does not answer, or the user may not do this.
    """
    _do(client, database(config), say)
    policies = _ask(client, f"SHOW RETENTION POLICIES ON {quoted(config.database)}")
    queries = _ask(client, "SHOW CONTINUOUS QUERIES")
    there = [row[0] for table in policies for row in table.values]
    running = [row[0] for table in queries if table.name == config.database for row in table.values]
    if _raw(config) not in there:
        _do(client, retention(config, there), say)
    for step in steps(config, there, running):
        _do(client, step, say)


def roll_up(
    config: InfluxStore,
    client: HttpClient,
    now_ns: int,
    say: Say,
    *,
    statement_s: float = STATEMENT_S,
    all_s: float = BACKFILL_S,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Make the rollups of all samples that there are; each statement has more time than others, but not for ever.

    Raises:
        StoreUnavailableError: the server did not manage in time, and which rollup it was.
    """
    ends = clock() + all_s
    times = [
        row[0]
        for measurement, field in (("device", "up"), ("interface", "oper_status"))
        for table in _ask(client, oldest_statement(config, measurement, field), config.database, statement_s)
        for row in table.values
    ]
    for step in backfill(config, min(times, default=now_ns), now_ns):
        left_s = ends - clock()
        if left_s <= 0:
            raise _unfinished(step, f"{all_s:g} s are over", client.target)
        try:
            _do(client, step, say, min(statement_s, left_s))
        except StoreUnavailableError as error:
            raise _unfinished(step, str(error.args[0]), client.target) from None


def forget(config: InfluxStore, client: HttpClient, say: Say) -> None:
    """Let the server drop old samples from now on."""
    _do(client, retention(config, [_raw(config)]), say)


def _unfinished(step: Step, reason: str, target: str) -> StoreUnavailableError:
    hint = "The days before it are rolled up. Run it again when the server is less busy: what is done twice is the same"
    return StoreUnavailableError(f"{step.purpose}: {reason}", operation="backfill", target=target, hint=hint)


def _do(client: HttpClient, step: Step, say: Say, timeout_s: float | None = None) -> None:
    say(step)
    _ask(client, step.statement, timeout_s=timeout_s)


def _ask(client: HttpClient, statement: str, database: str = "", timeout_s: float | None = None) -> list[Table]:
    parameters = {"q": statement, "epoch": "ns", **({"db": database} if database else {})}
    answer = client.request("POST", "/query", parameters, b"", operation="setup", timeout_s=timeout_s)
    if not 200 <= answer.status < 300:
        raise failure(answer, "setup", client.target)
    return answered(answer.body, client.target)


def database(config: InfluxStore) -> Step:
    """The first step."""
    return Step("the database", f"CREATE DATABASE {quoted(config.database)}")


def steps(
    config: InfluxStore, policies: Collection[str] = (DEFAULT_POLICY,), queries: Collection[str] = ()
) -> list[Step]:
    """Everything after `database`, where these policies and continuous queries are there already."""
    found = [
        _policy(config, HOURLY, config.hourly_days, policies, "hours"),
        _policy(config, DAILY, config.daily_days, policies, "days"),
    ]
    for rollup in rollups():
        on = f"{quoted(rollup.name)} ON {quoted(config.database)}"
        if rollup.name in queries:
            found.append(Step(f"{rollup.measurement} {rollup.grain}: the one before", f"DROP CONTINUOUS QUERY {on}"))
        select = rollup.select(_place(config, _raw(config)), _place(config, rollup.grain))
        found.append(
            Step(
                f"{rollup.measurement} {rollup.grain}",
                f"CREATE CONTINUOUS QUERY {on} RESAMPLE EVERY {EVERY} FOR {LATE} BEGIN {select} END",
            )
        )
    return found


def retention(config: InfluxStore, policies: Collection[str] = (DEFAULT_POLICY,)) -> Step:
    """The last step: from now on the server drops old samples."""
    return _policy(config, _raw(config), config.raw_days or 0, policies, "samples", " SHARD DURATION 1d DEFAULT")


def backfill(config: InfluxStore, oldest_ns: int, until_ns: int) -> Iterator[Step]:
    """The rollups of the samples that are there already, day by day; the server refuses days older than it keeps."""
    kept_days = {HOURLY: config.hourly_days, DAILY: config.daily_days}
    for day in range(oldest_ns // DAY_NS, -(-until_ns // DAY_NS)):
        span = f"time >= {day * DAY_NS} AND time < {(day + 1) * DAY_NS}"
        date = time.strftime("%Y-%m-%d", time.gmtime(day * DAY_S))
        for rollup in rollups():
            if day <= until_ns // DAY_NS - kept_days[rollup.grain]:
                continue
            select = rollup.select(_place(config, _raw(config)), _place(config, rollup.grain), span)
            yield Step(f"{rollup.measurement} {rollup.grain}, day {date}", select)


def oldest_statement(config: InfluxStore, measurement: str, field: str) -> str:
    """InfluxQL for the first point of a measurement."""
    return f"SELECT first({quoted(field)}) FROM {quoted(_raw(config))}.{quoted(measurement)}"  # noqa: S608


def _policy(config: InfluxStore, name: str, days: int, policies: Collection[str], what: str, more: str = "") -> Step:
    verb = "ALTER" if name in policies else "CREATE"
    replication = "" if verb == "ALTER" else " REPLICATION 1"
    return Step(
        f"{what}: {days} days",
        f"{verb} RETENTION POLICY {quoted(name)} ON {quoted(config.database)} DURATION {days}d{replication}{more}",
    )


def _raw(config: InfluxStore) -> str:
    return config.retention_policy or DEFAULT_POLICY


def _place(config: InfluxStore, policy: str) -> str:
    return f"{quoted(config.database)}.{quoted(policy)}"

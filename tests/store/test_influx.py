"""InfluxDB's ways to fail, and what we make of each; on both APIs."""

import base64
import json
import math
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from pathlib import Path

import pytest

from collector.metrics.model import Point
from collector.store import influx_write
from collector.store.contract import StoreError, StoreRefusedError, StoreUnavailableError
from collector.store.influx import InfluxdbStore
from collector.store.line_protocol import encode
from inventory.model import InfluxStore, Secret
from tests import servers
from tests.store.conftest import influxql
from tests.store.faults import CUT, CUT_BODY, GARBAGE, FaultServer, Reply, Request
from tests.store.samples import START_NS, TAGS, cpu, interface

TOKEN = "t0ken-of-the-province"
PASSWORD = "pa55word-of-the-province"

Faulty = Callable[..., FaultServer]


def v1(url: str, **options: object) -> InfluxdbStore:
    return _opened(InfluxStore(url=url, database="collector", user="writer", password=Secret(PASSWORD)), options)


def v2(url: str, **options: object) -> InfluxdbStore:
    return _opened(InfluxStore(url=url, bucket="collector", org="province", token=Secret(TOKEN)), options)


_stores: list[InfluxdbStore] = []


def _opened(config: InfluxStore, options: dict[str, object]) -> InfluxdbStore:
    values = {name: getattr(config, name) for name in config.__struct_fields__}
    _stores.append(InfluxdbStore(InfluxStore(**{**values, "timeout_s": 0.5, **options})))
    return _stores[-1]


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    while _stores:
        _stores.pop().close()


both = pytest.mark.parametrize("api", [v1, v2])


def test_what_is_sent_on_the_v1_api(faulty: Faulty) -> None:
    server = faulty()
    v1(f"{server.url}/", retention_policy="year").write([cpu(1.0), cpu(2.0, 1)])
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/write")
    assert request.parameters == {"db": "collector", "precision": "ns", "rp": "year"}
    assert request.headers["authorization"] == "Basic " + base64.b64encode(f"writer:{PASSWORD}".encode()).decode()
    assert request.headers["content-encoding"] == "gzip"
    assert request.lines == [encode(cpu(1.0)), encode(cpu(2.0, 1))]


def test_what_is_sent_on_the_v2_api(faulty: Faulty) -> None:
    server = faulty()
    v2(f"{server.url}/influx").write([cpu(1.0), cpu(2.0, 1)])
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/influx/api/v2/write")
    assert request.parameters == {"org": "province", "bucket": "collector", "precision": "ns"}
    assert request.headers["authorization"] == f"Token {TOKEN}"
    assert request.headers["content-encoding"] == "gzip"
    assert request.lines == [encode(cpu(1.0)), encode(cpu(2.0, 1))]


@both
def test_batches_are_no_larger_than_configured(faulty: Faulty, api: Callable[..., InfluxdbStore]) -> None:
    server = faulty()
    assert api(server.url, batch_points=10).write([cpu(1.0, minute) for minute in range(25)]).written == 25
    assert [len(request.lines) for request in server.requests] == [10, 10, 5]


@both
@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_server_in_trouble_is_unavailable(faulty: Faulty, api: Callable[..., InfluxdbStore], status: int) -> None:
    server = faulty(Reply(status, '{"error":"too busy"}', {"Retry-After": "17"}))
    store = api(server.url)
    with pytest.raises(StoreUnavailableError, match=rf"write: too busy \(status {status}\)") as caught:
        store.write([cpu(1.0)])
    assert caught.value.retry_after_s == 17
    assert store.write([cpu(1.0)]).written == 1  # 503, then fine


@both
def test_a_date_to_try_again_after(faulty: Faulty, api: Callable[..., InfluxdbStore]) -> None:
    later = formatdate(time.time() + 100, usegmt=True)
    for header, least, most in ((later, 90, 101), ("yesterday", None, None)):
        with pytest.raises(StoreUnavailableError) as caught:
            api(faulty(Reply(503, "", {"Retry-After": header})).url).write([cpu(1.0)])
        found = caught.value.retry_after_s
        assert found is None if least is None or most is None else least < (found or 0) < most


@both
@pytest.mark.parametrize("fault", [CUT, GARBAGE, Reply(204, slow_s=0.8), Reply(503, b"\xff\xfe")])
def test_no_usable_answer_is_unavailable(faulty: Faulty, api: Callable[..., InfluxdbStore], fault: object) -> None:
    store = api(faulty(fault).url)
    with pytest.raises(StoreUnavailableError):
        store.write([cpu(1.0)])
    assert store.write([cpu(1.0)]).written == 1


@both
def test_nobody_listens(api: Callable[..., InfluxdbStore]) -> None:
    with pytest.raises(StoreUnavailableError, match="refused"):
        api(f"http://127.0.0.1:{servers.free_port()}").write([cpu(1.0)])


@both
@pytest.mark.parametrize(
    ("status", "hint"), [(401, "check token"), (403, "right to read and write"), (404, "create the database or bucket"), (405, "check url")]
)  # fmt: skip
def test_a_refusal_is_for_good_and_says_what_to_do(
    faulty: Faulty, api: Callable[..., InfluxdbStore], status: int, hint: str
) -> None:
    server = faulty(Reply(status, '{"code":"x","message":"not like that"}'))
    with pytest.raises(StoreRefusedError, match="not like that") as caught:
        api(server.url).write([cpu(1.0), cpu(2.0, 1)])
    assert hint in caught.value.hint
    assert caught.value.target == server.url
    assert len(server.requests) == 1


# --- redirects --------------------------------------------------------------------------------------------------------


@both
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_on_the_same_host_is_followed(
    faulty: Faulty, api: Callable[..., InfluxdbStore], status: int
) -> None:
    real = faulty()
    front = faulty(
        lambda request: Reply(status, "", {"Location": f"{real.url}/influx{request.path}?{_query(request)}"})
    )
    store = api(front.url)
    assert store.write([cpu(1.0)]).written == 1
    assert store.write([cpu(2.0, 1)]).written == 1
    assert [request.path.startswith("/influx/") for request in real.requests] == [True, True]
    assert real.requests[0].lines == [encode(cpu(1.0))]
    assert len(front.requests) == 1  # from now on it goes straight there


def _query(request: Request) -> str:
    return urllib.parse.urlencode(request.parameters)


@both
def test_credentials_never_follow_a_redirect_to_another_host(faulty: Faulty, api: Callable[..., InfluxdbStore]) -> None:
    other = faulty()
    front = faulty(lambda request: Reply(307, "", {"Location": f"http://localhost:{other.port}{request.path}"}))
    with pytest.raises(StoreRefusedError, match=f"redirects to http://localhost:{other.port}") as caught:
        api(front.url).write([cpu(1.0)])
    assert "set url" in caught.value.hint
    assert other.requests == []


@both
@pytest.mark.parametrize("location", ["", "/", "//", "http://[bad", "ftp://127.0.0.1/write", "/login?next=/write"])
def test_a_redirect_to_nowhere(faulty: Faulty, api: Callable[..., InfluxdbStore], location: str) -> None:
    with pytest.raises(StoreError):
        api(faulty(Reply(302, "", {"Location": location}), Reply(302, "", {"Location": location})).url).write(
            [cpu(1.0)]
        )


@both
def test_redirects_in_a_circle_end(faulty: Faulty, api: Callable[..., InfluxdbStore]) -> None:
    server = faulty(lambda request: Reply(307, "", {"Location": request.path}))
    with pytest.raises(StoreError):
        api(server.url).write([cpu(1.0)])
    assert len(server.requests) < 10


# --- bad lines --------------------------------------------------------------------------------------------------------


def picky(*bad: Point) -> Callable[[Request], Reply | None]:
    """Refuses any request that has a bad line in it, and takes nothing of it."""
    lines = {encode(point) for point in bad}

    def judge(request: Request) -> Reply | None:
        if found := lines.intersection(request.lines):
            return Reply(400, f'{{"error":"unable to parse: {len(found)} bad"}}')
        request.headers["taken"] = "yes"
        return None

    return judge


def taken(server: FaultServer) -> set[str]:
    return {line for request in server.requests if "taken" in request.headers for line in request.lines}


@both
def test_one_bad_line_of_many_costs_only_itself(faulty: Faulty, api: Callable[..., InfluxdbStore]) -> None:
    batch = [cpu(float(minute), minute) for minute in range(500)]
    server = faulty(picky(batch[123], batch[400]))
    result = api(server.url).write(batch)
    assert result.written == 498
    assert {(rejected.point.time_ns, rejected.reason) for rejected in result.rejected} == {
        (batch[at].time_ns, "unable to parse: 1 bad") for at in (123, 400)
    }
    assert taken(server) == {encode(point) for at, point in enumerate(batch) if at not in (123, 400)}
    assert len(server.requests) < 45


@both
def test_a_body_that_is_too_large_is_halved(faulty: Faulty, api: Callable[..., InfluxdbStore]) -> None:
    server = faulty(lambda request: Reply(413, "too large") if len(request.lines) > 30 else None)
    assert api(server.url).write([cpu(1.0, minute) for minute in range(100)]).written == 100
    assert sum(len(request.lines) for request in server.requests if len(request.lines) <= 30) == 100


@both
def test_a_server_that_refuses_everything_is_not_asked_for_ever(
    faulty: Faulty, api: Callable[..., InfluxdbStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(influx_write.deliver, "__defaults__", (20,))
    batch = [cpu(float(minute), minute) for minute in range(300)]
    server = faulty(picky(*batch))
    result = api(server.url).write(batch)
    assert result.written == 0
    assert {rejected.point.time_ns for rejected in result.rejected} == {point.time_ns for point in batch}
    assert "not told apart" in result.rejected[-1].reason
    assert len(server.requests) < 40


@both
def test_a_count_of_dropped_points_saves_asking(faulty: Faulty, api: Callable[..., InfluxdbStore]) -> None:
    batch = [interface(minute) for minute in range(50)] + [cpu(1.0, minute) for minute in range(50)]

    def judge(request: Request) -> Reply | None:
        bad = sum(line.startswith("interface") for line in request.lines)
        message = (
            'partial write: field type conflict: input field "in_bps" on measurement "interface" is type float, '
            f"already exists as type integer dropped={bad}"
        )
        return Reply(400, json.dumps({"error": message})) if bad else None

    server = faulty(judge)
    result = api(server.url).write(batch)
    assert result.written == 50
    assert {rejected.point.measurement for rejected in result.rejected} == {"interface"}
    assert len(server.requests) == 3


def test_a_field_type_conflict_of_a_real_server(influx_url: str, database: str) -> None:
    urllib.request.urlopen(  # noqa: S310
        f"{influx_url}/write?db={database}", f"interface,host=old in_bps=1i {START_NS}".encode()
    ).close()
    store = v1(influx_url, database=database, user="", password=None, timeout_s=10)
    bad = interface(name="bad")
    good = [Point("interface", {**TAGS, "name": "good"}, {"out_bps": 1.0}, START_NS), cpu(1.0)]
    result = store.write([bad, *good])
    assert result.written == 2
    ((rejected),) = result.rejected
    assert rejected.point == bad
    assert "field type conflict" in rejected.reason
    assert store.conflicts() == ["interface.in_bps is integer in the store, and float here"]
    assert store.latest("cpu") == [cpu(1.0)]
    assert store.latest("interface", {"name": "good"}) == good[:1]


# --- real servers -----------------------------------------------------------------------------------------------------


def test_a_database_that_is_not_there(influx_url: str) -> None:
    store = v1(influx_url, database="nowhere", user="", password=None, timeout_s=10)
    with pytest.raises(StoreRefusedError, match="database not found") as caught:
        store.write([cpu(1.0)])
    assert "create the database" in caught.value.hint
    with pytest.raises(StoreRefusedError, match="database not found") as caught:
        store.latest("cpu")
    assert "create the database" in caught.value.hint


def test_a_real_server_with_passwords(tmp_path: Path) -> None:
    with servers.influxd(tmp_path, auth=True) as url:
        influxql(url, f"CREATE USER writer WITH PASSWORD '{PASSWORD}' WITH ALL PRIVILEGES")
        influxql(url, "CREATE DATABASE collector", u="writer", p=PASSWORD)
        store = v1(url, timeout_s=10)
        store.write([cpu(1.0)])
        assert store.latest("cpu") == [cpu(1.0)]
        for wrong in ({"password": Secret("wrong")}, {"user": "nobody"}, {"user": ""}):
            with pytest.raises(StoreRefusedError) as caught:
                v1(url, timeout_s=10, **wrong).write([cpu(2.0, 1)])
            assert "check token, or user and password" in caught.value.hint


def test_info_of_a_real_server(influx_url: str, database: str) -> None:
    store = v1(influx_url, database=database, user="", password=None, timeout_s=10)
    now = time.time_ns()
    store.write([Point("cpu", TAGS, {"usage_percent": 1.0}, now - number) for number in range(1, 4)])
    info = store.info()
    assert dict(info.measurements) == {"cpu": 3}
    assert dict(info.details)["version"].startswith("1.")


def test_victoria_metrics_takes_points_and_says_that_it_cannot_be_read(victoria_url: str) -> None:
    store = v2(victoria_url, timeout_s=10)
    batch = [interface(minute, in_bps=float(minute)) for minute in range(3)]
    assert store.write([*batch, cpu(7.5)]).written == 4
    urllib.request.urlopen(f"{victoria_url}/internal/force_flush").close()  # noqa: S310
    asked = urllib.parse.urlencode({"match[]": '{host="r1"}'}).encode()
    with urllib.request.urlopen(f"{victoria_url}/api/v1/export", asked) as answer:  # noqa: S310
        series = {line["metric"]["__name__"]: line for line in map(json.loads, answer)}
    assert series["cpu_usage_percent"]["values"] == [7.5]
    assert series["interface_in_bps"]["values"] == [0, 1, 2]
    assert series["interface_in_bps"]["timestamps"] == [point.time_ns // 10**6 for point in batch]
    assert series["interface_in_bps"]["metric"]["name"] == "Gi0/1"
    with pytest.raises(StoreRefusedError, match="no InfluxQL result") as caught:
        store.latest("interface")
    assert "VictoriaMetrics" in caught.value.hint


# --- reading and secrets ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(200, "<html>hello"), StoreRefusedError),
        (Reply(200, '{"results":[{"series":[{"name":"cpu","columns":5}]}]}'), StoreRefusedError),
        (Reply(200, '{"results":[{"error":"database not found: x"}]}'), StoreRefusedError),
        (Reply(200, '{"results":[{"error":"query-timeout limit exceeded"}]}'), StoreUnavailableError),
        (Reply(200, '{"results":[{"series":[{"name":"cpu","columns":["time"],"values":[],"partial":true}]}]}'), StoreRefusedError),
        (Reply(200, b"\x1f\x8bbroken", {"Content-Encoding": "gzip"}), StoreUnavailableError),
        (Reply(401, '{"error":"authorization failed"}'), StoreRefusedError),
        (Reply(503), StoreUnavailableError),
        (CUT_BODY, StoreUnavailableError),
        (GARBAGE, StoreUnavailableError),
    ],
)  # fmt: skip
def test_answers_to_a_question_that_are_none(faulty: Faulty, reply: object, error: type[StoreError]) -> None:
    with pytest.raises(error):
        v1(faulty(reply).url).latest("cpu")


def test_rollups_that_are_not_set_up_say_how(faulty: Faulty) -> None:
    server = faulty(Reply(200, '{"results":[{"error":"retention policy not found: daily"}]}'))
    with pytest.raises(StoreRefusedError, match="retention policy not found: daily") as caught:
        v1(server.url).latest("cpu")
    assert "collector store setup" in caught.value.hint


def test_a_bucket_is_read_with_the_token(faulty: Faulty) -> None:
    server = faulty(Reply(200, '{"results":[{"statement_id":0}]}'))
    assert v2(server.url).latest("cpu") == []
    (request,) = server.requests
    assert request.headers["authorization"] == f"Token {TOKEN}"
    assert request.parameters["db"] == "collector"
    assert request.parameters["q"] == 'SELECT * FROM "cpu" GROUP BY * ORDER BY time DESC LIMIT 1'


@both
def test_an_idle_connection_that_the_server_closed_is_opened_again(
    faulty: Faulty, api: Callable[..., InfluxdbStore]
) -> None:
    server = faulty(Reply(204, "", {"Connection": "keep-alive"}), CUT)
    store = api(server.url)
    store.write([cpu(1.0)])
    try:
        store.write([cpu(2.0, 1)])
    except StoreUnavailableError:
        assert api is v2  # the package does not try again; the spool does
    assert store.write([cpu(3.0, 2)]).written == 1


@both
@pytest.mark.parametrize(
    "fault", [CUT, GARBAGE, Reply(401, "no"), Reply(503), Reply(307, "", {"Location": "http://localhost:1/"})]
)
def test_secrets_are_in_no_message(faulty: Faulty, api: Callable[..., InfluxdbStore], fault: object) -> None:
    store = api(faulty(fault).url)
    with pytest.raises(StoreError) as caught:
        store.write([cpu(1.0)])
    error = caught.value
    text = f"{error!s} {error!r} {error.hint} {error.target} {store!r} {store.__dict__!r} {error.__context__!r}"
    assert TOKEN not in text
    assert PASSWORD not in text


@both
def test_a_secret_that_cannot_be_had(api: Callable[..., InfluxdbStore], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOT_SET", raising=False)
    secret = {"token": Secret("env:NOT_SET")} if api is v2 else {"password": Secret("env:NOT_SET")}
    with pytest.raises(StoreRefusedError, match="env:NOT_SET"):
        api("http://127.0.0.1:1", **secret).write([cpu(1.0)])


@both
@pytest.mark.parametrize("url", ["", "influx:8086", "ftp://host", "http://", "http://[::1", "http://host:port"])
def test_a_url_that_is_none(api: Callable[..., InfluxdbStore], url: str) -> None:
    with pytest.raises(StoreRefusedError, match="url"):
        api(url).write([cpu(1.0)])


def test_credentials_in_a_url_are_not_kept(faulty: Faulty) -> None:
    server = faulty(Reply(503))
    with pytest.raises(StoreUnavailableError) as caught:
        v1(server.url.replace("http://", f"http://me:{PASSWORD}@"), user="", password=None).write([cpu(1.0)])
    assert PASSWORD not in str(caught.value)


def test_nothing_to_send_contacts_nobody() -> None:
    store = v1("http://127.0.0.1:1")
    assert store.write([]).written == 0
    assert store.write([Point("cpu", TAGS, {"usage_percent": math.inf}, 1)]).written == 0


# --- threads ----------------------------------------------------------------------------------------------------------


def test_two_threads_ask_at_the_same_time(faulty: Faulty) -> None:
    both_are_there = threading.Barrier(2, timeout=5)

    def answer(request: Request) -> Reply:
        both_are_there.wait()
        name = request.parameters["q"].split('"')[1]
        return Reply(200, json.dumps({"results": [{"series": [{"name": name, "columns": ["time"], "values": []}]}]}))

    store = v1(faulty(answer, answer, answer, answer).url, timeout_s=5.0)
    for _ in range(2):  # on new connections, then on the same ones
        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(store.latest, ("cpu", "memory"))) == [[], []]


def test_threads_read_what_one_reads(influx_url: str, database: str) -> None:
    store = InfluxdbStore(InfluxStore(url=influx_url, database=database))
    store.write([cpu(float(minute), minute) for minute in range(60)])
    store.write([interface()])
    until_ns = START_NS + 3600 * 10**9

    def read(_: int) -> tuple[list[int], list[float], Point]:
        (history,) = store.histories("cpu", ["usage_percent"], since_ns=START_NS, until_ns=until_ns, every_s=60)
        (point,) = store.latest("interface")
        return history.times_ns.tolist(), history.values["usage_percent"].tolist(), point

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(read, range(20)))
    assert len(found[0][0]) == 60
    assert all(each == found[0] for each in found)
    store.close()

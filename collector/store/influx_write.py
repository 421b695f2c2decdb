"""Getting lines to the server, and finding the bad ones in a batch that it refuses.

A server refuses a whole request for one bad line, or takes the good lines and says so only in a message. Either way
the batch is split until each bad line is known: by the field that the message names, by its count of dropped points,
else in halves. Good lines may be sent twice for that, which changes nothing: they are the same points.
"""

import re
from collections.abc import Sequence
from typing import Protocol
from urllib.parse import urlunsplit

import msgspec

from collector.metrics.model import Point
from collector.store.contract import Rejected, StoreUnavailableError
from collector.store.influx_http import (
    Answer,
    HttpClient,
    attempted,
    authorization,
    base_url,
    compressed,
    failure,
    redirected,
    scrubbed,
    untrusted,
)
from inventory.model import InfluxStore

MOST_REQUESTS = 400
"""for one batch with bad lines; what is not told apart by then is rejected together"""

_BAD_LINES = (400, 422)
_TOO_LARGE = 413
_DROPPED = re.compile(r"dropped=(\d+)")
_CONFLICT = re.compile(r'input field "([^"]+)" on measurement "([^"]+)"')


class Line(msgspec.Struct, frozen=True):
    """A point and how it is written."""

    point: Point
    text: str


class Writer(Protocol):
    """One way to send lines."""

    @property
    def target(self) -> str:
        """The server's URL, for messages."""
        ...

    def send(self, body: bytes) -> Answer:
        """The server's answer to a request with these lines.

        Raises:
            StoreUnavailableError, StoreRefusedError: no answer came, or none that can be used.
        """
        ...

    def close(self) -> None: ...


class V1Writer:
    """`/write` of InfluxDB 1.x."""

    def __init__(self, config: InfluxStore, client: HttpClient) -> None:
        self.target = client.target
        self._client = client
        self._parameters = {"db": config.database, "precision": "ns"}
        if config.retention_policy:
            self._parameters["rp"] = config.retention_policy

    def send(self, body: bytes) -> Answer:
        headers = {"Content-Encoding": "gzip", "Content-Type": "text/plain; charset=utf-8"}
        return self._client.request("POST", "/write", self._parameters, compressed(body), headers, operation="write")

    def close(self) -> None:
        """Nothing to do: the client belongs to the store."""


class V2Writer:
    """`/api/v2/write` of InfluxDB 1.8 and newer and of VictoriaMetrics, through `influxdb_client`.

    Importing the package takes 0.2 s, so that waits for the first write. Its own gzip runs at the slowest level, so
    lines are compressed here.
    """

    _PATH = "/api/v2/write"

    def __init__(self, config: InfluxStore) -> None:
        self._config = config
        self._base = base_url(config.url)
        self._connect()

    @property
    def target(self) -> str:
        return urlunsplit(self._base)

    def _connect(self) -> None:
        from influxdb_client import InfluxDBClient, WriteService

        self._client = InfluxDBClient(
            self.target,
            token=None,
            org=self._config.org,
            timeout=int(self._config.timeout_s * 1000),
            verify_ssl=self._config.verify_tls,
            retries=False,
        )
        header = authorization(self._config)
        if header:
            self._client.api_client.set_default_header("Authorization", header)
        self._service = WriteService(self._client.api_client)

    def send(self, body: bytes) -> Answer:
        packed = compressed(body)
        answer = attempted(lambda: self._exchange(packed), "write", self.target)
        if 300 <= answer.status < 400:
            self._base = redirected(self._base, self._PATH, answer, "write")
            self.close()
            self._connect()
            answer = attempted(lambda: self._exchange(packed), "write", self.target)
        return answer

    def _exchange(self, packed: bytes) -> Answer:
        from influxdb_client.rest import ApiException
        from urllib3.exceptions import HTTPError, SSLError

        try:
            self._service.post_write(
                org=self._config.org,
                bucket=self._config.bucket,
                body=packed,
                precision="ns",
                content_encoding="gzip",
            )
        except ApiException as error:
            if not error.status:
                raise untrusted(str(error.reason).replace("\n", ": "), "write", self.target) from None
            headers = {name.lower(): value for name, value in (error.headers or {}).items()}
            body = scrubbed((error.body or "").encode(), authorization(self._config))
            return Answer(error.status, headers, body)
        except SSLError as error:
            raise untrusted(str(error), "write", self.target) from None
        except HTTPError as error:
            raise StoreUnavailableError(_cause(error), operation="write", target=self.target) from None
        except ValueError:  # a body that is no text, a Location that is no URL
            raise StoreUnavailableError("the answer makes no sense", operation="write", target=self.target) from None
        return Answer(204, {}, b"")

    def close(self) -> None:
        self._client.close()


def _cause(error: Exception) -> str:
    if "Timeout" in type(error).__name__:
        return "no answer in time"
    # urllib3 puts its own object's repr before the reason
    return str(error).rpartition(">: ")[2] or type(error).__name__


def deliver(lines: Sequence[Line], writer: Writer, most_requests: int = MOST_REQUESTS) -> list[Rejected]:
    """Send the lines; give back those that the server will never take.

    Raises:
        StoreUnavailableError: the server is not there, or has no time.
        StoreRefusedError: the server takes nothing at all from us.
    """
    rejected: list[Rejected] = []
    pending = [list(lines)]
    requests = 0
    while pending:
        batch = pending.pop()
        answer = writer.send("\n".join(line.text for line in batch).encode())
        requests += 1
        if 200 <= answer.status < 300:
            continue
        if answer.status not in (*_BAD_LINES, _TOO_LARGE):
            raise failure(answer, "write", writer.target)
        reason = answer.reason()
        if len(batch) == 1 or _dropped_all(reason, len(batch)):
            rejected += [Rejected(line.point, reason) for line in batch]
        elif requests >= most_requests:
            note = f"{reason} (one of {len(batch)} lines, not told apart: too many bad ones)"
            rejected += [Rejected(line.point, note) for line in batch]
        else:
            pending += _parts(batch, reason)
    return rejected


def _dropped_all(reason: str, count: int) -> bool:
    found = _DROPPED.search(reason)
    return found is not None and int(found[1]) == count


def _parts(batch: list[Line], reason: str) -> tuple[list[Line], list[Line]]:
    conflict = _CONFLICT.search(reason)
    if conflict:
        field, measurement = conflict.groups()
        named = [line.point.measurement == measurement and field in line.point.fields for line in batch]
        if any(named) and not all(named):
            bad = [line for line, hit in zip(batch, named, strict=True) if hit]
            good = [line for line, hit in zip(batch, named, strict=True) if not hit]
            return bad, good
    middle = len(batch) // 2
    return batch[:middle], batch[middle:]

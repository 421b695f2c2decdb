"""HTTP to InfluxDB and its kin: one request, its answer, and which error of the store's contract an answer means.

Writing goes through `influxdb_client` on the v2 API and through the standard library on the v1 API; reading is InfluxQL
over `/query` on all of them (1.x, 2.x, 3.x). Redirects are followed on the same host only: a token or password is
never sent elsewhere, nor over plain HTTP after HTTPS.
"""

import base64
import http.client
import json
import time
import zlib
from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import SplitResult, quote, quote_plus, urlencode, urljoin, urlsplit, urlunsplit

import msgspec

from collector.store.contract import StoreError, StoreRefusedError, StoreUnavailableError
from inventory.model import InfluxStore
from inventory.secrets import SecretError, reveal

_LARGEST_ANSWER = 256 << 20
_MOST_REDIRECTS = 3
_REDIRECTS = (301, 302, 303, 307, 308)
_GZIP = 31
"""zlib's name for gzip's frame"""


class Answer(msgspec.Struct, frozen=True):
    """What a server said: its status, its headers by lower-case name, its body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def reason(self) -> str:
        """The server's own words, as short as a log line."""
        try:
            said = msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            said = None
        text = said.get("error") or said.get("message") if isinstance(said, dict) else None
        text = str(text) if text else self.body[:2000].decode(errors="replace").strip()
        return " ".join((text or f"status {self.status}").split())[:500]


def compressed(data: bytes) -> bytes:
    """The data as gzip; level 1 costs a sixth of the usual level's time and makes lines a tenth of their size."""
    packer = zlib.compressobj(1, zlib.DEFLATED, _GZIP)
    return packer.compress(data) + packer.flush()


def base_url(url: str) -> SplitResult:
    """The configured URL without what must not be in it: credentials, query, a slash at the end.

    Raises:
        StoreRefusedError: it is no http or https URL with a host.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise StoreRefusedError(f"url: {error}", operation="open") from None
    if parts.scheme not in ("http", "https") or not host:
        raise StoreRefusedError("url is not http://HOST:PORT or https://HOST:PORT", operation="open")
    place = f"[{host}]" if ":" in host else host
    return SplitResult(parts.scheme, f"{place}:{port}" if port else place, parts.path.rstrip("/"), "", "")


def authorization(config: InfluxStore) -> str | None:
    """The header's value, or None where the server asks for nothing.

    Raises:
        StoreRefusedError: a secret cannot be had.
    """
    try:
        if config.token:
            return f"Token {reveal(config.token)}"
        if config.user:
            pair = f"{config.user}:{reveal(config.password) if config.password else ''}"
            return f"Basic {base64.b64encode(pair.encode()).decode()}"
    except SecretError as error:
        raise StoreRefusedError(str(error), operation="open", target=config.url) from None
    return None


def scrubbed(body: bytes, header: str | None) -> bytes:
    """A refusal's body without the credentials of the `authorization` header: some servers and proxies repeat them."""
    scheme, _, credentials = (header or "").partition(" ")
    secrets = [credentials]
    if scheme == "Basic":
        pair = base64.b64decode(credentials).decode()
        secrets += [pair, pair.partition(":")[2]]
    for secret in filter(None, secrets):
        for form in (secret, json.dumps(secret)[1:-1], quote(secret, safe=""), quote_plus(secret)):
            body = body.replace(form.encode(), b"<secret>")
    return body


def failure(answer: Answer, operation: str, target: str, now_s: float | None = None) -> StoreError:
    """The error that an answer other than 2xx means."""
    reason = f"{answer.reason()} (status {answer.status})"
    if answer.status == 429 or answer.status >= 500 or answer.status == 408:
        later = StoreUnavailableError(reason, operation=operation, target=target)
        later.retry_after_s = _retry_after_s(answer.headers.get("retry-after"), time.time() if now_s is None else now_s)
        return later
    hint = {
        401: "check token, or user and password, under [store]",
        403: "the token or user may not do this: give it the right to read and write the database or bucket",
        404: "create the database or bucket, and check that url, org, bucket or database under [store] name it",
    }.get(answer.status, "check url under [store]: does it name an InfluxDB server?")
    return StoreRefusedError(reason, operation=operation, target=target, hint=hint)


def _retry_after_s(header: str | None, now_s: float) -> float | None:
    """Seconds to wait by a Retry-After header (RFC 9110, 10.2.3): a number or a date."""
    if not header:
        return None
    if header.strip().isdigit():
        return float(header)
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - now_s)
    except (ValueError, OverflowError):
        return None


def redirected(base: SplitResult, path: str, answer: Answer, operation: str) -> SplitResult:
    """The base URL to use from now on.

    Raises:
        StoreRefusedError: it leads to another host, from HTTPS to HTTP, to another path of the API, or nowhere.
    """
    try:
        there = base_url(urljoin(urlunsplit(base) + path, answer.headers.get("location", "")))
    except ValueError as error:
        reason = f"the server redirects to no URL: {error}"
        raise StoreRefusedError(reason, operation=operation, target=urlunsplit(base)) from None
    downgraded = base.scheme == "https" and there.scheme != "https"
    itself = there == base._replace(path=base.path + path)
    if there.hostname != base.hostname or downgraded or itself or not there.path.endswith(path):
        raise StoreRefusedError(
            f"the server redirects to {urlunsplit(there)}",
            operation=operation,
            target=urlunsplit(base),
            hint="set url under [store] to the server itself: credentials are not sent along redirects elsewhere",
        )
    return there._replace(path=there.path.removesuffix(path))


class HttpClient:
    """Requests to one server over connections that stay open between them, one for each thread that asks at a time."""

    def __init__(self, config: InfluxStore) -> None:
        self._config = config
        self._base = base_url(config.url)
        self._authorization = authorization(config)
        self._idle: list[http.client.HTTPConnection] = []

    @property
    def target(self) -> str:
        return urlunsplit(self._base)

    def request(
        self,
        method: str,
        path: str,
        parameters: Mapping[str, str],
        body: bytes | None = None,
        headers: Mapping[str, str] = {},
        *,
        operation: str,
        timeout_s: float | None = None,
    ) -> Answer:
        """The server's answer, whatever its status but for redirects, which are followed on the same host.

        Args:
            timeout_s: in place of the configured one.

        Raises:
            StoreUnavailableError: no whole answer came.
            StoreRefusedError: the server's certificate is not trusted, or it redirects elsewhere.
        """
        sent = {"User-Agent": "collector", "Accept-Encoding": "gzip", **headers}
        if self._authorization:
            sent["Authorization"] = self._authorization
        patience_s = self._config.timeout_s if timeout_s is None else timeout_s
        for _ in range(_MOST_REDIRECTS + 1):
            base = self._base
            url = f"{base.path}{path}?{urlencode(parameters)}"
            exchange = partial(self._exchange, base, patience_s, method, url, body, sent)
            answer = attempted(exchange, operation, urlunsplit(base))
            if answer.status not in _REDIRECTS:
                return answer
            self.close()
            self._base = redirected(base, path, answer, operation)
        raise StoreRefusedError("the server redirects in a circle", operation=operation, target=self.target)

    def close(self) -> None:
        """Close the connections that nobody uses right now."""
        while self._idle:
            self._idle.pop().close()

    def _exchange(
        self, base: SplitResult, timeout_s: float, method: str, url: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        try:
            kept_open = self._idle.pop()
        except IndexError:
            return self._once(self._connection(base, timeout_s), method, url, body, headers)
        kept_open.timeout = timeout_s
        if kept_open.sock:
            kept_open.sock.settimeout(timeout_s)
        try:
            return self._once(kept_open, method, url, body, headers)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            # A server may close a connection that was idle; on a fresh one this would be its answer.
            return self._once(self._connection(base, timeout_s), method, url, body, headers)

    def _once(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        url: str,
        body: bytes | None,
        headers: Mapping[str, str],
    ) -> Answer:
        """The answer; the connection stays open for others, or is closed."""
        try:
            connection.request(method, url, body, dict(headers))
            response = connection.getresponse()
            content = response.read(_LARGEST_ANSWER + 1)
            if len(content) > _LARGEST_ANSWER:
                raise OSError(f"the answer is larger than {_LARGEST_ANSWER >> 20} MB")
            if response.length:  # reading up to a limit does not tell
                raise http.client.IncompleteRead(content, response.length)
            found = {name.lower(): value for name, value in response.getheaders()}
            if found.get("content-encoding") == "gzip":
                content = _inflated(content)
        except BaseException:
            connection.close()
            raise
        if response.will_close or response.status in _REDIRECTS:
            connection.close()
        else:
            self._idle.append(connection)
        if response.status >= 300:
            content = scrubbed(content, self._authorization)
        return Answer(response.status, found, content)

    def _connection(self, base: SplitResult, timeout_s: float) -> http.client.HTTPConnection:
        host, port = base.hostname or "", base.port
        if base.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=timeout_s)
        import ssl

        context = ssl.create_default_context()
        if not self._config.verify_tls:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return http.client.HTTPSConnection(host, port, timeout=timeout_s, context=context)


def _inflated(data: bytes) -> bytes:
    unpacker = zlib.decompressobj(_GZIP)
    content = unpacker.decompress(data, _LARGEST_ANSWER)
    if unpacker.unconsumed_tail or not unpacker.eof:
        raise OSError("the answer is cut short or too large")
    return content


def attempted(exchange: Callable[[], Answer], operation: str, target: str) -> Answer:
    """The answer of `exchange`, its failures told in the contract's terms."""
    try:
        return exchange()
    except TimeoutError:
        raise StoreUnavailableError("no answer in time", operation=operation, target=target) from None
    except OSError as error:
        if type(error).__name__ == "SSLCertVerificationError":
            raise untrusted(str(error), operation, target) from None
        reason = error.strerror or str(error) or type(error).__name__
        raise StoreUnavailableError(reason, operation=operation, target=target) from None
    except (http.client.HTTPException, zlib.error) as error:
        reason = f"the answer broke off or is no HTTP ({type(error).__name__})"
        raise StoreUnavailableError(reason, operation=operation, target=target) from None


def untrusted(reason: str, operation: str, target: str) -> StoreRefusedError:
    """The error for a server whose certificate does not hold."""
    hint = "trust its certificate authority on this machine, or set verify_tls = false under [store]"
    return StoreRefusedError(reason, operation=operation, target=target, hint=hint)

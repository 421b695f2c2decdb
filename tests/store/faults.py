"""A server that misbehaves by script, and else takes everything or passes it on to a real one."""

# ruff: noqa: S310 - addresses are our own loopback servers

import gzip
import socket
import struct
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Reply:
    """An answer; `slow_s` comes before it."""

    status: int
    body: str | bytes = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    slow_s: float = 0.0


CUT = "the connection is cut before any answer"
CUT_BODY = "the connection is cut within the answer's body"
GARBAGE = "octets that are no HTTP"


@dataclass
class Request:
    method: str
    path: str
    parameters: dict[str, str]
    headers: dict[str, str]
    body: str

    @property
    def lines(self) -> list[str]:
        return self.body.split("\n")


Step = Reply | str | Callable[[Request], Reply | None]
"""a function may look at the request; None then means that it is taken"""


class FaultServer:
    """Answers each request by the next step of the script; when that is used up, takes everything (204).

    A last step that is a function stays. With `forward`, requests without a step go to the InfluxDB 1.x there, those to
    the v2 API as what they mean on the v1 API.
    """

    def __init__(self, *script: Any, forward: str = "") -> None:
        self.script = list(script)
        self.requests: list[Request] = []
        self.forward = forward
        faults = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._serve()

            def do_POST(self) -> None:
                self._serve()

            def do_PATCH(self) -> None:
                self._serve()

            def _serve(self) -> None:
                parts = urllib.parse.urlsplit(self.path)
                data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.headers.get("Content-Encoding") == "gzip":
                    data = gzip.decompress(data)
                request = Request(
                    self.command,
                    parts.path,
                    dict(urllib.parse.parse_qsl(parts.query)),
                    {name.lower(): value for name, value in self.headers.items()},
                    data.decode(),
                )
                faults.requests.append(request)
                step = faults.next_step(request)
                if isinstance(step, Reply):
                    time.sleep(step.slow_s)
                    self._reply(step)
                elif step == CUT:
                    self._reset()
                elif step == CUT_BODY:
                    self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
                    self._reset()
                else:
                    self.wfile.write(b"\x00\xff\x30\x03garbage\r\n\r\n")
                    self.close_connection = True

            def _reset(self) -> None:
                self.wfile.flush()
                # linger of zero: the peer gets a reset
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True

            def _reply(self, reply: Reply) -> None:
                body = reply.body.encode() if isinstance(reply.body, str) else reply.body
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                if reply.status != 204:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def next_step(self, request: Request) -> Reply | str:
        if self.script:
            last_stays = len(self.script) == 1 and callable(self.script[0])
            step = self.script[0] if last_stays else self.script.pop(0)
            found = step(request) if callable(step) else step
            if found is not None:
                return found
        return self._passed_on(request) if self.forward else Reply(204)

    def _passed_on(self, request: Request) -> Reply:
        path, parameters = request.path, dict(request.parameters)
        if path == "/api/v2/write":
            path, parameters = "/write", {"db": parameters["bucket"], "precision": parameters["precision"]}
        url = f"{self.forward}{path}?{urllib.parse.urlencode(parameters)}"
        body = request.body.encode() if request.method == "POST" else None
        try:
            with urllib.request.urlopen(url, body, timeout=10) as answer:
                return Reply(answer.status, answer.read(), {"X-Influxdb-Version": answer.headers["X-Influxdb-Version"]})
        except urllib.error.HTTPError as error:
            with error:
                return Reply(error.code, error.read())

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what the tests are about."""

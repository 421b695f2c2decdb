"""The guard: whatever is written, in whatever pieces, only whole allowed lines leave."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.transport.contract import BoundsError
from collector.transport.ssh.errors import ForbiddenError
from collector.transport.ssh.guard import Guard

LINES = ("show version", "show ip route", "terminal length 0", "exit")
SECRET = "s3cret-Enable"
NASTY = st.sampled_from(
    [
        *LINES,
        SECRET,
        "reload",
        "configure terminal",
        "show",
        "version",
        " ",
        ";",
        "|",
        "\t",
        "\x03",
        "\x1a",
        "\x00",
        "\xa0",
        "?",
        "\u2028",
    ]
)
ENDS = st.sampled_from(["", "\n", "\r", "\r\n", "\n\n"])
TEXTS = st.lists(st.tuples(NASTY | st.text(max_size=5), ENDS)).map(lambda parts: "".join(map("".join, parts)))


class Channel:
    """What the guard stands before: it takes some octets at a time."""

    def __init__(self, at_a_time: int) -> None:
        self.sent = b""
        self._at_a_time = at_a_time
        self.sendall: Callable[[bytes], None] = lambda _: None

    def send(self, data: bytes) -> int:
        self.sent += data[: self._at_a_time]
        return len(data[: self._at_a_time])

    def recv_ready(self) -> bool:
        return True


def watched(at_a_time: int = 1 << 20, in_time: Callable[[], object] = lambda: None) -> Any:
    return Guard(LINES, "R1", SECRET).watch(Channel(at_a_time), in_time)  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.integers(1, 8))
def test_all_of_it_or_nothing(text: str, at_a_time: int) -> None:
    allowed = all(line.strip() in ("", *LINES, SECRET) for line in re.split("[\r\n]+", text))
    for way in ("sendall", "send"):
        channel = watched(at_a_time if way == "sendall" else 1 << 20)
        if allowed:
            getattr(channel, way)(text.encode())
            assert channel.sent == text.encode()
        else:
            with pytest.raises(ForbiddenError):
                getattr(channel, way)(text.encode())
            assert channel.sent == b""


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, max_size=6))
def test_what_has_left_is_made_of_allowed_lines(texts: list[str]) -> None:
    channel = watched()
    for text in texts:
        try:
            channel.sendall(text.encode())
        except ForbiddenError as error:
            assert SECRET not in str(error)  # noqa: PT017 (raised is no must)
    for line in re.split("[\r\n]+", channel.sent.decode()):
        rest = line
        for allowed in (*LINES, SECRET):
            rest = rest.replace(allowed, "")
        assert not rest.strip()


def test_the_message_says_what_and_where() -> None:
    with pytest.raises(ForbiddenError, match="R1: 'reload' was about to be sent; nothing was") as caught:
        watched().sendall(b"reload\n")
    assert "setup" in caught.value.hint
    with pytest.raises(ForbiddenError):
        Guard(LINES, "R1").check(SECRET)


def test_nothing_is_read_when_it_is_too_late() -> None:
    def late() -> None:
        raise BoundsError("late")

    with pytest.raises(BoundsError):
        watched(in_time=late).recv_ready()
    assert watched().recv_ready()

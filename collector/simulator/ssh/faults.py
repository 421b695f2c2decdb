"""What can be wrong with a CLI device. Every fault was met in the field; they combine."""

import re
from collections.abc import Iterator
from enum import Enum
from typing import Literal, NamedTuple, TypeAlias

import msgspec

AtConnect: TypeAlias = Literal["", "close", "reset", "silent", "version_only", "garbage"]
Break: TypeAlias = Literal["", "hang", "reset", "close", "half_close", "endless"]

_GARBAGE = bytes(range(0x80, 0x100)) + b"\x00\x07\x1b[?\xff\xfe"
_GARBAGE_EVERY_BYTES = 200
_COLOUR, _PLAIN = b"\x1b[1;32m", b"\x1b[0m"


class CliFaults(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a device misbehaves. `device.faults` may be replaced while it runs: what begins later obeys the new ones.

    Attributes:
        at_connect: what becomes of a TCP connection in place of SSH: closed, reset, no word ever, the version line and no word
            more, or octets that are no SSH.
        login_s: time that checking a credential takes.
        locked: every login fails, the right one too.
        lock_after: as many failed logins lock the account for good; 0 is never.
        no_shell: the session channel is refused.
        no_exec: an exec request is refused, though the device could.
        command_s: time from a command to its output.
        echo: of a command.
        ansi: colours and cursor movements in output and prompts.
        garbage: octets that are no text in the output.
        always_pages: the command that turns the pager off is taken and does nothing.
        press_key: a text that waits for any key before the first prompt.
        chunk_bytes: output comes in pieces of so many octets; 0 is in one.
        chunk_pause_s: between two pieces.
        cut_behind_prompts: a piece ends right behind everything that looks like this device's prompt.
        breaks: what happens in the middle of an output: no word more, TCP reset, orderly end, the device's half of the connection closed,
            or the last line again and again without end.
        breaks_after_bytes: of that output.
        breaks_at: the command whose output it happens to; empty is any that has more octets than that.
        late_prompt_s: every prompt comes once more, so much later; 0 is never.
        idle_s: a session without input is closed after so long; 0 is never.
    """

    at_connect: AtConnect = ""
    login_s: float = 0.0
    locked: bool = False
    lock_after: int = 0
    no_shell: bool = False
    no_exec: bool = False
    command_s: float = 0.0
    echo: Literal["once", "twice", "none"] = "once"
    ansi: bool = False
    garbage: bool = False
    always_pages: bool = False
    press_key: str = ""
    chunk_bytes: int = 0
    chunk_pause_s: float = 0.01
    cut_behind_prompts: bool = False
    breaks: Break = ""
    breaks_after_bytes: int = 0
    breaks_at: str = ""
    late_prompt_s: float = 0.0
    idle_s: float = 0.0


NO_FAULTS = CliFaults()


class End(Enum):
    """What follows the octets of a step."""

    NOTHING = "the session goes on"
    LEAVE = "the device ends the session and the connection"
    HANG = "no word more"
    RESET = "TCP reset"
    HALF_CLOSE = "the device's half of the connection is closed"
    REPEAT = "the same octets again and again"


_ENDS = {"hang": End.HANG, "reset": End.RESET, "close": End.LEAVE, "half_close": End.HALF_CLOSE, "endless": End.REPEAT}


class Step(NamedTuple):
    """Octets that a session sends, `pause_s` after those before."""

    data: bytes
    pause_s: float = 0.0
    end: End = End.NOTHING


def coloured(data: bytes) -> bytes:
    """`data` as a terminal would get it in colours: the same text once escape sequences are taken out."""
    return re.sub(rb"[^\r\n]+", lambda line: _COLOUR + line[0] + _PLAIN + b"\x1b[K", data)


def littered(data: bytes) -> bytes:
    """`data` with octets in between that are neither ASCII nor UTF-8."""
    every = _GARBAGE_EVERY_BYTES
    return b"".join(data[at : at + every] + _GARBAGE for at in range(0, len(data), every))


def broken(data: bytes, faults: CliFaults, command: str) -> tuple[bytes, End]:
    """What comes of an output until it breaks off, and how it does; all of it and NOTHING where it does not."""
    after = faults.breaks_after_bytes
    if not faults.breaks or faults.breaks_at not in ("", command) or len(data) <= after:
        return data, End.NOTHING
    return data[:after], _ENDS[faults.breaks]


def pieces(data: bytes, faults: CliFaults, name: str) -> Iterator[Step]:
    """`data` as it leaves a device of this name: whole, or cut at the worst places with pauses between. The octets stay the same."""
    cuts: set[int] = set()
    if faults.chunk_bytes:
        cuts.update(range(faults.chunk_bytes, len(data), faults.chunk_bytes))
    if faults.cut_behind_prompts:
        prompt = re.compile(rb"%b[^\s#>\]]{0,40}[#>\]$] ?" % re.escape(name.encode()))
        cuts.update(found.end() for found in prompt.finditer(data))
    at = 0
    for cut in sorted(cuts - {len(data)}):
        yield Step(data[at:cut], faults.chunk_pause_s if at else 0.0)
        at = cut
    if at < len(data):
        yield Step(data[at:], faults.chunk_pause_s if at else 0.0)

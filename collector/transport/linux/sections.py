"""The output of batch.sh taken apart: by a marker that holds a nonce, so that no content can look like one."""

import re
from collections.abc import Iterator

import msgspec

MAX_SECTION_BYTES = 8 << 20
"""`ip -d -j link` takes a thousand for an interface"""
MAX_SECTIONS = 512
_NONCE = re.compile(r"[0-9A-Za-z]{16,64}")
_SHOWN = 100
"""characters of an output without markers that are shown"""


class Section(msgspec.Struct, gc=False):
    """What one question brought.

    Attributes:
        text: decoded; what is no UTF-8 is replaced.
        status: how it ended; None where the program is not there, or never ended.
        absent: whether the program is not there.
    """

    text: str
    status: int | None = None
    absent: bool = False


class Sections(msgspec.Struct):
    """All of an output.

    Attributes:
        by_name: the sections, in the order they came.
        parts: of "machine" and "tools" those that came whole.
        problems: what was too long.
    """

    by_name: dict[str, Section]
    parts: frozenset[str]
    problems: list[str] = []

    def text(self, name: str) -> str:
        """What a section says, "" where there is none."""
        section = self.by_name.get(name)
        return section.text if section else ""

    def starting(self, word: str) -> Iterator[tuple[str, Section]]:
        """The sections whose name is `word` and something more, with that."""
        for name, section in self.by_name.items():
            first, space, rest = name.partition(" ")
            if first == word and space:
                yield rest, section


def check_nonce(nonce: str) -> str:
    """The nonce itself.

    Raises:
        ValueError: it is not 16 to 64 letters and digits.
    """
    if not _NONCE.fullmatch(nonce):
        raise ValueError("a nonce has 16 to 64 letters and digits")
    return nonce


def split(output: bytes, nonce: str) -> Sections:
    """The sections of an output; what comes before the first and after the last marker (banners) is left out.

    Raises:
        ValueError: there is no marker, or the part "machine" did not come whole. The message says how much came.
    """
    lead, *pieces = (b"\n" + output).split(b"\n" + check_nonce(nonce).encode() + b" ")
    if not pieces:
        raise ValueError(f"no marker in {len(output)} bytes{_in_short(lead)}")
    found = Sections({}, frozenset(), [])
    for piece in pieces:
        head, _, body = piece.partition(b"\n")
        kind, _, name = head.decode(errors="replace").partition(" ")
        if kind == ">" and len(found.by_name) < MAX_SECTIONS:
            found.by_name[name] = Section(_bounded(name, body, found.problems))
        elif kind == "<" and found.by_name:
            last = found.by_name[next(reversed(found.by_name))]
            last.absent = name == "absent"
            last.status = int(name) if name.isascii() and name.isdigit() and len(name) < 6 else None
        elif kind == ".":
            found.parts |= {name}
    if "machine" not in found.parts:
        reached = next(reversed(found.by_name), "?")
        raise ValueError(f"cut off after {len(output)} bytes in section {reached!r}, number {len(found.by_name)}")
    return found


def _bounded(name: str, body: bytes, problems: list[str]) -> str:
    if len(body) > MAX_SECTION_BYTES:
        problems.append(f"{name}: {len(body)} bytes, of which the first {MAX_SECTION_BYTES} are read")
        body = body[: body.rfind(b"\n", 0, MAX_SECTION_BYTES) + 1]
    return body.decode(errors="replace")


def _in_short(lead: bytes) -> str:
    """What the server said instead: "This account is currently not available."."""
    text = " ".join(lead[: 4 * _SHOWN].decode(errors="replace").split())
    shown = "".join(letter if letter.isprintable() else "?" for letter in text)[:_SHOWN]
    return f": {shown!r}" if shown else ""


def files(text: str) -> dict[str, str]:
    """By path the content of the files that `grep -H ''` read: each line has the path and a colon before it."""
    lines: dict[str, list[str]] = {}
    for line in text.split("\n"):
        path, colon, rest = line.partition(":")
        if colon:
            lines.setdefault(path, []).append(rest)
    return {path: "\n".join(content) for path, content in lines.items()}
